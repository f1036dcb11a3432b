"""Commands for the course staff: the template, the training data, the audit, submissions to try it with."""

from __future__ import annotations

import difflib
import json
import sys
from collections.abc import Mapping
from pathlib import Path

import click

from autograder.assignment import config, template
from autograder.base.errors import AssignmentError
from autograder.base.files import check_new_folder
from autograder.cli.options import (
    FOUND,
    STANDARD_OUTPUT,
    Output,
    cli,
    load_assignment,
    refuse_useless,
)
from autograder.cli.tables import audit_table, mutation_table
from autograder.cli.terminal import (
    AuditView,
    console,
    escape_markup,
)
from autograder.feedback.text import plural


@cli.command("template", short_help="Make the student template from the reference.")
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if a file is not as generated.")
@click.option("--edition", metavar="NAME", help="The handout's edition  [default: the assignment's]")
@click.option("--to", "folder", type=Output(folder=True), help="Write everything to this folder instead.")
def make_template(check: bool, edition: str | None, folder: Path | None) -> None:
    """Make student_template/ from reference/ and written.toml, or another edition's template in another folder."""
    from autograder.written import questions, templates

    if check:
        refuse_useless("folder", why="--check writes nothing.")
    assignment = load_assignment(edition=edition, with_template=False)
    if folder is not None:
        check_new_folder(folder)
        count = plural(len(template.export(assignment, folder)), "file")
        console.print(f"{count} written to {escape_markup(folder)}, edition {assignment.edition.name}.")
        return
    if assignment.edition != assignment.template_edition:
        raise click.UsageError(f"student_template/ is not the template of {edition}: name a folder with --to.")
    more: Mapping[str, str] = {}
    problems: list[str] = []
    written_part = questions.find(assignment.root)
    if written_part is not None:
        more = templates.generate(written_part)
        problems = templates.figure_problems(written_part, assignment.reference, assignment.template)
        problems += templates.answer_problems(written_part, assignment.reference)
    if check:
        drift = template.drift(assignment, assignment.template, more)
        for line in drift + problems:
            console.print(escape_markup(line))
        if drift:
            remedy = config.spell_command(assignment.root, "template")
            console.print(f"The template has drifted from the reference. Run: {escape_markup(remedy)}")
        if drift or problems:
            sys.exit(FOUND)
        console.print("The template is what the reference makes of it.")
        return
    changed = template.write(assignment, assignment.template, more)
    for path in changed:
        console.print(f"wrote {escape_markup(path)}")
    for line in problems:
        console.print(escape_markup(line))
    console.print(f"{plural(len(changed), 'file')} changed in {escape_markup(assignment.template)}.")


@cli.command(short_help="Download the training data.")
@click.option("--to", "folder", type=Output(folder=True), help="The folder to fill  [default: where grading looks]")
def fetch(folder: Path | None) -> None:
    """Download the training data to the folder where the grader looks for it, and check its checksums."""
    homework = load_assignment().homework
    if homework.data is None:
        console.print("This homework trains on nothing: there is nothing to download.")
        return
    data = homework.data()
    target = folder or data.default_folder()
    data.fetch(target, lambda line: console.print(escape_markup(line)))
    console.print(f"The files are in {escape_markup(target)}.")


@cli.command("audit", short_help="Grade the grader with known mistakes and right answers.")
@click.option(
    "--jobs", type=click.IntRange(min=1), metavar="N", help="Run N processes at once  [default: usable processors]"
)
@click.option(
    "--sample",
    type=click.IntRange(min=1),
    metavar="N",
    help="Grade only N chaffs and wheats, and N mutants, from all components.",
)
@click.option("--edition", metavar="NAME", help="The handout's edition  [default: the assignment's]")
@click.option("--quick", is_flag=True, help="The same as --sample 25.")
@click.option(
    "--only",
    multiple=True,
    metavar="NAME",
    help="Grade this chaff, wheat or solution, or those of a test (1.1) or of Class.method; may be repeated.",
)
@click.option(
    "--component",
    "components",
    multiple=True,
    metavar="NAME",
    help="Grade the chaffs and wheats of a component's tests; may be repeated.",
)
@click.option(
    "--solutions",
    "solutions_folder",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder of whole submissions, EDITION/right-NAME and EDITION/wrong-NAME  [default: tests/solutions]",
)
@click.option(
    "--training/--no-training", default=True, show_default=True, help="Run the training check with wheats and chaffs."
)
@click.option("--mutants/--no-mutants", default=None, help="Grade mutants, too  [default: if mutmut is installed]")
@click.option("--matrix", is_flag=True, help="List the chaffs that each test catches.")
@click.option(
    "--json",
    "json_file",
    type=Output(dash=True),
    is_flag=False,
    flag_value=str(STANDARD_OUTPUT),
    metavar="[FILE]",
    help="Print the findings as JSON instead of tables; with FILE, write them there, and print the tables.",
)
def audit_grader(
    jobs: int | None,
    sample: int | None,
    edition: str | None,
    quick: bool,
    only: tuple[str, ...],
    components: tuple[str, ...],
    solutions_folder: Path | None,
    training: bool,
    mutants: bool | None,
    matrix: bool,
    json_file: Path | None,
) -> None:
    """Grade the grader: chaffs and wrong solutions must lose the right points, wheats and right solutions none.

    Exit status 1 if a mistake survives, or if a right answer loses points or does not train. Exit status 1, too, if no
    chaff fails a test that is worth points. Or if the tests catch fewer than 95 % of all mutants, or 90 % of a
    component's.
    """
    from autograder.audit import audit, solutions

    if sample is not None:
        refuse_useless("quick", why="--sample says how many.")
    in_part = bool(only or components)
    if in_part and mutants:
        refuse_useless("mutants", why=f"--{'only' if only else 'component'} leaves mutants out.")
    assignment = load_assignment(edition=edition)
    folder = solutions_folder or assignment.root / "tests" / "solutions"
    whole = [one for one in solutions.load(folder, assignment) if edition in (None, config.AUTO, one.edition)]
    view = AuditView()
    with view:
        report = audit.audit(
            assignment,
            jobs=jobs,
            sample=25 if quick and sample is None else sample,
            only=only,
            components=components,
            mutate=mutants,
            train=training,
            whole=whole,
            progress=view.update,
        )
    findings = list(report.findings(assignment.root))
    document = json.dumps({**report.as_json(), "findings": findings}, indent=1) + "\n"
    if json_file == STANDARD_OUTPUT:
        console.echo(document, nl=False)
    else:
        if not in_part or matrix:
            console.print(audit_table(report, matrix=matrix))
        if report.mutants:
            console.print()
            console.print(mutation_table(report))
        elif mutants is None and not in_part and not audit.can_mutate():
            console.print("Mutants were left out: mutmut is not installed (./setup.sh --dev).")
        for line in findings:
            console.print(f"[red]{escape_markup(line)}[/]")
        console.print(report.summary)
        if json_file is not None:
            json_file.write_text(document, encoding="utf-8")
    if not report.passed:
        sys.exit(FOUND)


@cli.command("make", short_help="Make a submission from a chaff or a wheat.")
@click.argument("names", nargs=-1, metavar="NAME…")
@click.option("--to", "folder", type=Output(folder=True), help="The folder to write; created if needed.")
@click.option("--list", "list_names", is_flag=True, help="Print every NAME with what it is, and write nothing.")
@click.option("--edition", metavar="NAME", help="The handout's edition  [default: the assignment's]")
def make_submission(names: tuple[str, ...], folder: Path | None, list_names: bool, edition: str | None) -> None:
    """Make a submission: NAME is a chaff (a known mistake), a wheat (another right way), or `solution`.

    With several names it has all of them. Use it to try the grader, or to show a mistake in office hours. `--list`
    prints the names.
    """
    from autograder.assignment import editions, variants
    from autograder.audit import audit

    assignment = load_assignment(edition=edition)
    chaffs, wheats = (editions.load_variants(assignment, kind) for kind in ("chaffs", "wheats"))
    if list_names:
        refuse_useless("names", "folder", why="--list writes nothing.")
        console.echo("solution: the reference itself")
        for kind, named in (("chaff", chaffs), ("wheat", wheats)):
            for variant in named.values():
                console.echo(f"{variant.name} ({kind}): {variant.sentence or variant.target}")
        return
    if not names or folder is None:
        raise click.UsageError("Give one NAME at least, and the folder to write with --to; --list prints all names.")
    known = {"solution": None, **chaffs, **wheats}
    for name in names:
        if name not in known:
            close = difflib.get_close_matches(name, known, 3) or ["solution"]
            raise AssignmentError(
                f"There is no chaff or wheat {name}; did you mean {' or '.join(close)}? --list prints all."
            )
    check_new_folder(folder)
    files = variants.render(editions.reference(assignment), [found for name in names if (found := known[name])])
    for path, content in files.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content)
    costs: dict[str, float] = {}
    for found in filter(None, map(known.get, names)):
        costs |= audit.costs_here(found, assignment)
    told = ", ".join(f"{number} ({points:g})" for number, points in costs.items())
    console.print(f"{len(files)} files in {escape_markup(folder)}; it must lose {told or 'nothing'}.")
