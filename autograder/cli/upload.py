"""Commands for the upload: make it, and rehearse it."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.assignment import config
from autograder.cli.options import (
    FOUND,
    INPUT,
    Output,
    check_data,
    check_output,
    cli,
    load_assignment,
    refuse_useless,
    repeat_command,
)
from autograder.cli.terminal import Working, console, errors, escape_markup

if TYPE_CHECKING:
    from autograder.assignment.config import Assignment
    from autograder.upload.package import Problem


@cli.command("package", short_help="Check the assignment and make the zip for Gradescope.")
@click.option("--out", type=Output(), help="The zip to write.  [default: autograder.zip]")
@click.option("--edition", metavar="NAME", help="The handout's edition  [default: the assignment's]")
@click.option(
    "--part", type=click.Choice(config.PARTS), help="The part that the zip grades  [default: the assignment's]"
)
@click.option(
    "--with-data",
    "data_folder",
    type=INPUT,
    help="Put the training data of this folder into the zip.",
)
@click.option(
    "--allow", multiple=True, metavar="CHECK", help="Skip this check, which the refusal names; may be repeated."
)
@click.option("--check", "check_only", is_flag=True, help="Only check; write nothing.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of sentences.")
def package_upload(
    out: Path | None,
    edition: str | None,
    part: str | None,
    data_folder: Path | None,
    allow: tuple[str, ...],
    check_only: bool,
    as_json: bool,
) -> None:
    """Check the assignment, and make the zip to upload to Gradescope.

    Exit status 1 if a check fails; then it writes nothing.
    """
    from autograder.upload import package

    target = out or Path("autograder.zip")
    if not check_only:
        check_output(target)
    assignment = load_assignment(edition=edition)
    check_data(assignment, data_folder)
    if part is not None:
        assignment = replace(assignment, part=part)
    with Working("checking") as work:

        def tell(kind: str, done: int, total: int) -> None:
            work.at(f"checking {kind}", done, total)

        found = list(package.problems(assignment, allow=allow, progress=tell))
    made = None
    if not as_json:
        _say_what_was_found(assignment, found)
    if not found and not check_only:
        made = package.build(assignment, target, data_folder=data_folder)
    if as_json:
        written = {"path": str(made.path), "sha256": made.digest, "files": made.files} if made is not None else {}
        problems = [{"kind": one.kind, "text": one.text, "fatal": one.is_fatal} for one in found]
        console.print_json(data={"passed": not found, "problems": problems, **written})
    elif made is not None:
        size = made.path.stat().st_size / 1e6
        console.print(f"{escape_markup(made.path)}: {made.files} files, {size:.1f} MB, SHA-256 {made.digest}")
    elif not found:
        console.print("Nothing speaks against an upload.")
    if found:
        sys.exit(FOUND)


def _say_what_was_found(assignment: Assignment, found: Sequence[Problem]) -> None:
    """Say what speaks against an upload, and how to go on; where nothing does, what the dates do to work today."""
    import datetime as dt

    from autograder.results import lateness

    for problem in found:
        errors.print(f"[red]{problem.kind}[/]  {escape_markup(problem.text)}")
    if not found:
        policy = lateness.load_late_policy(assignment, assignment.part)
        penalty = policy.penalty_now(dt.datetime.now(dt.timezone.utc))
        if penalty is not None:
            console.print(escape_markup(penalty.text))
    elif any(problem.is_fatal for problem in found):
        errors.print("Nothing was written. Fix this first: an upload with it would grade nobody.")
    else:
        more = (word for kind in dict.fromkeys(one.kind for one in found) for word in ("--allow", kind))
        errors.print("Nothing was written. Fix this, or go on all the same:")
        errors.print(escape_markup(repeat_command(*more)), soft_wrap=True)


@cli.command(of_assignment=False, short_help="Try the zip in the same way as Gradescope.")
@click.argument("upload", type=INPUT)
@click.argument("submission", type=INPUT)
@click.option("--venv", type=INPUT, help="Use this virtual environment instead of a new one.")
@click.option("--offline", is_flag=True, help="Block the network.")
@click.option("--docker", "in_docker", is_flag=True, help="Use a real container.")
@click.option(
    "--image", default="", help="With --docker: the container's image; without it, this machine's own folders."
)
@click.option("--results", type=Output(), help="Save the results.json here.")
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of what people would see.")
def rehearse(
    upload: Path,
    submission: Path,
    venv: Path | None,
    offline: bool,
    in_docker: bool,
    image: str,
    results: Path | None,
    as_json: bool,
) -> None:
    """Grade SUBMISSION with the zip UPLOAD, in the same way as Gradescope.

    Exit status 1 if Gradescope would show no grade.
    """
    from autograder.upload import rehearsal

    if not in_docker:
        refuse_useless("image", why="it names what a container is made of. Add --docker.")
    with Working("rehearsing") as work:
        played = rehearsal.rehearse(
            upload,
            submission,
            venv=venv,
            offline=offline,
            image=image if in_docker else None,
            progress=work.at,
        )
    if as_json:
        console.print_json(data=played.as_json())
    else:
        _show_rehearsal(played)
    if results is not None and played.document:
        results.write_text(json.dumps(played.document, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    if not played.passed:
        sys.exit(FOUND)


def _show_rehearsal(played: Any) -> None:
    from autograder.upload import rehearsal

    for step in played.steps:
        console.print(f"{step.name}: status {step.status}, {step.seconds:.1f} s")
    console.print(f"memory: {played.peak_mb} MB at the peak")
    for title, lines in (
        ("A student sees", rehearsal.summary(played.document)),
        ("The staff see, too", rehearsal.seen_by_staff(played.document, played.steps)),
        ("Late work", filter(None, [played.policy])),
        ("Before you upload it", played.remarks),
        ("Other than on Gradescope", played.unlike),
        ("Gradescope would show no grade", played.problems),
    ):
        shown = list(lines)
        if shown:
            console.print(f"\n[bold]{title}[/]")
            for line in shown:
                console.print(escape_markup(line))
