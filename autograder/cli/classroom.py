"""Commands for a class: grade it, look at it, compare two gradings."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import Any

import click

from autograder.cli.options import (
    FAILED,
    FOUND,
    INTERRUPTED,
    check_data,
    cli,
    data_option,
    edition_option,
    load_assignment,
    only_option,
    say_example_secret,
    seed_option,
    skip_option,
)
from autograder.cli.terminal import (
    BatchView,
    console,
    errors,
    escaped,
    say_first,
    say_last,
)


@cli.command("batch")
@click.argument("source", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--out", type=click.Path(path_type=Path), required=True, help="The folder for the results; made if needed."
)
@click.option("--jobs", type=click.IntRange(min=1), help="Submissions at once on this machine  [default: cores]")
@click.option(
    "--cluster", metavar="ADDRESS", help="A Dask scheduler, tcp://host:port, or local:N for N processes here."
)
@click.option("--force", is_flag=True, help="Grade again what is recorded already.")
@only_option
@skip_option
@seed_option
@data_option
@edition_option
@click.option(
    "--deadline", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), help="Of repositories: the last commit before."
)
@click.option(
    "--extensions", type=click.Path(path_type=Path), help="A CSV of extensions: student, due or days, reason."
)
def grade_class(
    source: Path,
    out: Path,
    jobs: int | None,
    cluster: str | None,
    force: bool,
    only: str | None,
    skip: tuple[str, ...],
    seed: str | None,
    data_folder: Path | None,
    edition: str,
    deadline: Any,
    extensions: Path | None,
) -> None:
    """Grade a whole class: Gradescope's export, Classroom's repositories, Canvas's download, a folder of submissions.

    Results appear in OUT as they are made. Stopped or crashed, the same command goes on where it was. Exit status 3
    where the grader failed on a submission, or a part of it did beside one; 130 after Ctrl-C.
    """
    from autograder.classroom import batch, executors, similarity, sources, store
    from autograder.classroom import grades as tables
    from autograder.results import lateness

    assignment = load_assignment(edition=edition)
    check_data(assignment, data_folder)
    options = batch.Options(only, skip, seed, edition, data_folder)
    say_example_secret(assignment, seed)
    clerk = lateness.clerk(assignment, "programming", extensions)
    with sources.opened(source, deadline=deadline) as opened:
        room = store.of_source(out, opened)
        people = [person for entry in room.entries for person in entry.people]
        say_first(room, [*clerk.doubts(people), *clerk.untimed(entry.created_at for entry in room.entries)])
        view = BatchView()
        work = batch.Batch(
            room,
            assignment,
            options,
            finish=lambda entry, document: lateness.applied(document, clerk.lateness(entry.created_at, entry.people)),
            progress=view.update,
        )

        def crew_of(key: str) -> Any:
            if cluster is not None:
                return executors.cluster(assignment.root, cluster, options.data(assignment.homework), key)
            return executors.local(assignment.root, jobs or os.cpu_count() or 1, options.data(assignment.homework))

        with view:
            tally = work.run(crew_of, force=force)
        if tally.stopped:
            errors.print(
                f"Stopped. {tally.done + tally.kept} results are kept; the same command goes on with the rest."
            )
            sys.exit(INTERRUPTED)
        with batch.full_disk_said(out):
            similarity.update(room, assignment)
            written = tables.write(tables.read(room, assignment.name), room)
    say_last(room, tally, written)
    if tally.failed or tally.faulty:
        sys.exit(FAILED)


@cli.command("report")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=click.Path(path_type=Path), help="The file to write  [default: FOLDER/report.html]")
def make_report(folder: Path, out: Path | None) -> None:
    """One page about a graded class: scores, tests, mistakes, training, and what every student saw."""
    from autograder.classroom import batch, store
    from autograder.classroom.report import page as report

    target = out or folder / "report.html"
    with batch.full_disk_said(target.parent):
        report.write(store.load(folder), target, load_assignment())
    console.print(f"{escaped(target)} ({target.stat().st_size / 2**20:.1f} MB)")


@cli.command("diff")
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--fail-on-change", is_flag=True, help="Exit status 1 where any score differs.")
def compare_runs(old: Path, new: Path, as_json: bool, fail_on_change: bool) -> None:
    """What changed from OLD to NEW: two graded classes, two results.json, or what an export holds and a run.

    Nothing is published; this only tells what publishing would change.
    """
    from autograder.classroom import regrade

    found = regrade.between(regrade.read(old), regrade.read(new))
    if as_json:
        console.print_json(data=found.as_json())
    else:
        for part in found.tables():
            console.print(part)
    if fail_on_change and found.changed:
        sys.exit(FOUND)


@cli.command(hidden=True)
def station() -> None:
    """Grade what comes in on standard input, for `batch`; see `station.py`."""
    from autograder.classroom.station import serve

    serve()
