"""Commands for a class: grade it, look at it, compare two gradings."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.assignment import config
from autograder.base.errors import AssignmentError
from autograder.base.machine import usable_processors
from autograder.cli.options import (
    FAILED,
    FOUND,
    INPUT,
    INTERRUPTED,
    Moment,
    Output,
    check_data,
    check_output,
    check_there,
    cli,
    data_option,
    load_assignment,
    only_option,
    refuse_useless,
    say_example_secret,
    seed_option,
    skip_option,
)
from autograder.cli.terminal import (
    BatchView,
    Working,
    console,
    errors,
    escape_markup,
    say_first,
    say_last,
    say_lines,
)
from autograder.results.moments import read_moment

if TYPE_CHECKING:
    from autograder.classroom.store import Classroom


@cli.command("batch", short_help="Grade a whole class.")
@click.argument("source", type=INPUT)
@click.option("--out", type=Output(folder=True), required=True, help="The folder for the results; created if needed.")
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    metavar="N",
    help="Grade N submissions at once on this machine  [default: usable processors]",
)
@click.option(
    "--cluster",
    metavar="ADDRESS",
    help="Grade on a Dask cluster: its scheduler, tcp://host:port, or local:N for N processes here.",
)
@click.option("--force", is_flag=True, help="Grade again what has a result already.")
@click.option(
    "--student",
    "students",
    multiple=True,
    metavar="NAME",
    help="Grade only this student, again, with the tests of the others; may be repeated.",
)
@only_option
@skip_option
@click.option("--all-tests", is_flag=True, help="Run all tests, where the last run had --only or --skip.")
@seed_option
@data_option
@click.option(
    "--edition", metavar="NAME", help="The handout's edition; auto: the one that the files show.  [default: auto]"
)
@click.option(
    "--deadline",
    type=Moment(),
    help="Repositories only: grade the last commit before this time, 2024-02-26T18:00:00-05:00, or 2024-02-26 18:00 in "
    "[due] timezone. [due] decides what is late.",
)
@click.option("--extensions", type=INPUT, help="A CSV of extensions: student, due or days, reason.")
@click.option("--late-days", type=INPUT, help="A CSV of free late days: student, left.")
@click.option("--overrides", type=INPUT, help="A CSV of the staff's points: student, test, points or add, reason.")
@click.option("--roster", type=INPUT, help="A CSV of the class; those who handed in nothing get a row, too.")
@click.option("--written", type=INPUT, help="A CSV of the written part's points, for the tables and the report.")
@click.option("--forget", is_flag=True, help="Forget all options of the last run.")
@click.option(
    "--without",
    multiple=True,
    metavar="OPTION",
    help="Forget this option of the last run, overrides for instance; may be repeated.",
)
def grade_class(
    source: Path,
    out: Path,
    jobs: int | None,
    cluster: str | None,
    force: bool,
    students: tuple[str, ...],
    forget: bool,
    **given: Any,
) -> None:
    """Grade a whole class: an export of Gradescope, GitHub Classroom or a learning platform, or a folder.

    OUT gets each result as soon as it is there. After a crash or Ctrl-C, the same command goes on where it stopped.
    It uses the tests, extensions, roster, edition, seed and the like that OUT was graded with before, unless you give
    others.

    Exit status 3 if the grader, or a part of it, failed for a submission; 130 after Ctrl-C.
    """
    from autograder.classroom import (
        allowances,
        batch,
        choices,
        executors,
        late_day_bank,
        preflight,
        same_tests,
        similarity,
        sources,
        store,
    )
    from autograder.results import finishing

    _check_command(source, forget=forget, on_cluster=cluster is not None)
    given["data"] = given.pop("data_folder")
    given["skip"] = "\n".join(given["skip"])
    before = {} if forget else choices.recall(out)
    used = choices.combine(before, given)
    options = batch.Options(
        used.get("only"),
        tuple(used.get("skip", "").splitlines()),
        used.get("seed"),
        used.get("edition", config.AUTO),
        _path(used, "data"),
    )
    assignment = load_assignment(edition=options.edition)
    preflight.check(source, out, assignment, options.only, options.skip, _path(used, "late_days"))
    check_data(assignment, options.data_folder)
    say_example_secret(assignment, used.get("seed"))
    finisher = finishing.for_class(
        assignment, _path(used, "extensions"), _path(used, "late_days"), _path(used, "overrides")
    )
    deadline = _read_deadline(used.get("deadline"), finisher.late_policy.rules.zone)
    opening = sources.open_source(
        source,
        deadline=deadline,
        useful=(*sources.USEFUL, *assignment.kinds),
        people=_path(used, "roster"),
        zone=finisher.late_policy.rules.zone,
    )
    with Working("reading the class", piped_only=True), opening as opened:
        room = preflight.check_same_class(store.of_source(out, opened))
        people = ((entry.id, entry.people) for entry in room.entries)
        doubts = finisher.doubts(people, listed="roster" in used or opened.has_roster)
        finisher = finisher.settle((entry.id, entry.people) for entry in room.entries)
        say_first(
            room,
            [
                *doubts,
                *finisher.late_policy.warn_untimed(entry.created_at for entry in room.entries if not entry.problem),
            ],
        )
        say_lines([*preflight.describe_strangers(room), *choices.describe(before, used, given)])
        chosen = _chosen(room, students)
        same_tests.check(room, assignment, options.only, options.skip, chosen)
        old_scores, known = choices.scores(room), choices.recorded(out)
        say_lines(choices.warn(room, finisher))
        view = BatchView()
        work = batch.Batch(
            room,
            assignment,
            options,
            finish=lambda entry, document: finisher.finish(document, entry.id, entry.created_at, entry.people),
            progress=view.update,
            chosen=chosen,
        )

        def open_executor(key: str) -> Any:
            if cluster is not None:
                return executors.cluster(assignment.root, cluster, options.data(assignment.homework), key)
            return executors.local(assignment.root, jobs or usable_processors(), options.data(assignment.homework))

        with view:
            tally = work.run(open_executor, force=force)
        with batch.reporting_full_disk(out):
            for_some = chosen is not None and not known <= chosen
            choices.keep(out, choices.of_class(choices.recall(out), used, for_some=for_some))
        if tally.stopped:
            errors.print(
                f"Stopped. {tally.done + tally.kept} results are kept; the same command goes on with the rest."
            )
            sys.exit(INTERRUPTED)
        with batch.reporting_full_disk(out), Working("comparing submissions"):
            # The tables first: they do without the comparison.
            allowances.write(room, finisher.late_policy)
            files, remarks = _write_tables(room, assignment.name, used, finisher.late_policy.rules.zone)
            files += filter(None, [late_day_bank.write(room, finisher.late_policy)])
            compared = similarity.update(room, assignment)
        say_lines([*choices.tell(room, old_scores, known), *compared])
        say_lines(finisher.without_effect((entry.id, entry.people, entry.results) for entry in room.entries))
        say_lines([*allowances.describe_groups(room, finisher.late_policy), *remarks, *choices.describe_tests(used)])
    say_last(room, tally, files)
    if tally.failed or tally.faulty:
        sys.exit(FAILED)


def _check_command(source: Path, *, forget: bool, on_cluster: bool) -> None:
    check_there(source)
    if on_cluster:
        refuse_useless("jobs", why="on a cluster all its workers grade.")
    if forget:
        refuse_useless("without", why="--forget forgets all options of the last run.")


def _write_tables(
    room: Classroom, name: str, used: Mapping[str, str], zone: dt.tzinfo | None
) -> tuple[list[Path], list[str]]:
    """Write the class's tables; return the files, and what the staff should know of them."""
    from autograder.classroom import gradebook_columns, gradebooks, grades, written_part
    from autograder.classroom.sources import moodle_worksheet, roster

    part, listed = written_part.of_class(room, _path(used, "written")), _path(used, "roster")
    worksheet = moodle_worksheet.read_worksheet(listed) if listed is not None else None
    book = replace(grades.read(room, name, part), worksheet=worksheet, zone=zone)
    remark = ""
    # A worksheet of Moodle's is no grade book of another platform's, and may have no heading that a roster needs.
    if listed is not None and worksheet is None:
        columns = roster.read_columns(listed)
        column, remark = gradebook_columns.find_column(list(columns), name)
        most = gradebook_columns.find_maximum(column, columns)
        book = replace(book, column=column, platform_points=most)
    remarks = [*book.notes, *filter(None, [remark]), *gradebooks.describe(book, room.kind)]
    return grades.write(book, room), [*remarks, *(part.notes if part is not None else ())]


def _read_deadline(text: str | None, zone: dt.tzinfo | None) -> dt.datetime | None:
    """Return the deadline. Raises AssignmentError where it has no offset, and the course no time zone."""
    deadline = read_moment(text, zone) if text is not None else None
    if text is not None and deadline is None:
        raise AssignmentError(
            f"--deadline {text}: whose clock is that? Write the offset, 2024-02-26T18:00:00-05:00, or set timezone in "
            "[due] of assignment.toml."
        )
    return deadline


def _path(options: Mapping[str, str], name: str) -> Path | None:
    return Path(options[name]) if name in options else None


def _chosen(room: Any, students: tuple[str, ...]) -> frozenset[str] | None:
    """Return the ids of the submissions of `students`. Raises AssignmentError where one of them has none."""
    if not students:
        return None
    found: set[str] = set()
    for name in students:
        ids = {
            entry.id
            for entry in room.entries
            if entry.id == name or any(person.is_called(name) for person in entry.people)
        }
        if not ids:
            raise AssignmentError(f"--student {name}: nobody in this class is called so; see grades.csv.")
        found |= ids
    return frozenset(found)


@cli.command("feedback", short_help="Write a page for each student.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=Output(folder=True), help="The folder to write into  [default: FOLDER/feedback]")
def write_feedback(folder: Path, out: Path | None) -> None:
    """Write an HTML page and a Markdown file for each student of a graded class.

    FOLDER is what `batch --out` made. A page needs no other file, names nobody else, and shows what Gradescope would
    show.
    """
    from autograder.classroom import batch, feedback, store

    target = out or folder / "feedback"
    check_output(target)
    with batch.reporting_full_disk(target, recorded=False), Working("writing"):
        count = feedback.write(store.load(folder), target, load_assignment())
    people = "1 person" if count == 1 else f"{count} people"
    console.print(
        f"{people}, in {escape_markup(target)}; whose file is whose is in {escape_markup(target / 'index.csv')}"
    )


@cli.command("report", short_help="Make a page about a graded class.")
@click.argument("folder", type=click.Path(path_type=Path, exists=True, file_okay=False))
@click.option("--out", type=Output(), help="The file to write  [default: FOLDER/report.html]")
def make_report(folder: Path, out: Path | None) -> None:
    """Write a page about a graded class: scores, tests, mistakes, training, and what every student saw.

    FOLDER is what `batch --out` made.
    """
    from autograder.classroom import batch, choices, store, written_part
    from autograder.classroom.report import page as report

    target = out or folder / "report.html"
    check_output(target)
    used = choices.recall(folder)
    with batch.reporting_full_disk(target.parent, recorded=False), Working("making the report"):
        room = store.load(folder)
        report.write(room, target, load_assignment(), written_part.of_class(room, _path(used, "written")))
    console.print(f"{escape_markup(target)} ({target.stat().st_size / 2**20:.1f} MB)")


@cli.command("diff", of_assignment=False, short_help="Show what changed between two gradings.")
@click.argument("old", type=click.Path(path_type=Path, exists=True))
@click.argument("new", type=click.Path(path_type=Path, exists=True))
@click.option("--json", "as_json", is_flag=True, help="Print JSON instead of tables.")
@click.option("--fail-on-change", is_flag=True, help="Exit with 1 if any score differs.")
def compare_runs(old: Path, new: Path, as_json: bool, fail_on_change: bool) -> None:
    """Show what changed from OLD to NEW: two graded classes, two results.json, or an export and a graded class.

    It publishes nothing.
    """
    from autograder.classroom import choices, regrade, store

    regrade.refuse_two_kinds(old, new)
    in_part = choices.has_part(old) or choices.has_part(new)
    found = regrade.compare(regrade.read(old), regrade.read(new), in_part=in_part)
    if as_json:
        console.print_json(data=found.as_json())
    else:
        for part in found.tables():
            console.print(part)
        if all((folder / store.CLASS_FILE).is_file() for folder in (old, new)):
            say_lines(choices.describe_differences(choices.recall(old), choices.recall(new)))
    if fail_on_change and found.changed:
        sys.exit(FOUND)


@cli.command(hidden=True)
@click.argument("root", type=INPUT)
def grading_process(root: Path) -> None:
    """Grade for the homework in ROOT what comes in on standard input, for `batch`; see `grading_process.py`."""
    from autograder.classroom.grading_process import serve

    serve(root)
