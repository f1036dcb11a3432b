"""The command that grades a class: what it goes by, the class, its gradings, its tables."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from autograder.assignment import config
from autograder.base.errors import AssignmentError
from autograder.base.machine import usable_processors
from autograder.cli.options import (
    FAILED,
    INPUT,
    INTERRUPTED,
    Moment,
    Output,
    check_data,
    check_there,
    cli,
    data_option,
    find_path,
    load_assignment,
    only_option,
    refuse_useless,
    say_example_secret,
    seed_option,
    skip_option,
)
from autograder.cli.terminal import BatchView, Working, errors, say_first, say_last, say_lines
from autograder.results.moments import read_moment

if TYPE_CHECKING:
    from autograder.assignment.config import Assignment
    from autograder.classroom.batch import Options, Tally
    from autograder.classroom.executors import GradingExecutor
    from autograder.classroom.sources import Source
    from autograder.classroom.store import Classroom
    from autograder.results.finishing import Finisher


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
@click.option("--all-tests", is_flag=True, help="Run all tests, if the last run had --only or --skip.")
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
    from autograder.classroom import choices, preflight, same_tests, store

    _check_command(source, forget=forget, on_cluster=cluster is not None)
    choice = _choose(out, given, forget=forget)
    options = choice.options
    assignment = load_assignment(edition=options.edition)
    say_example_secret(assignment, options.seed)
    run = _prepare(choice, assignment)
    preflight.check(source, out, run.assignment, options.only, options.skip, find_path(run.used, "late_days"))
    check_data(run.assignment, options.data_folder)
    with Working("reading the class", piped_only=True), _open(source, run) as opened:
        room = preflight.check_same_class(store.of_source(out, opened))
        finisher = _say_what_is_unusual(room, run, listed="roster" in run.used or opened.has_roster)
        chosen = _find_chosen(room, students)
        same_tests.check(room, run.assignment, options.only, options.skip, chosen)
        old_scores, known = choices.scores(room), choices.recorded(out)
        say_lines(choices.warn(room, finisher))
        tally = _grade(room, run, finisher, chosen, _choose_machines(run, jobs, cluster), force=force)
        _keep_options(room, run, for_some=chosen is not None and not known <= chosen)
        if tally.stopped:
            kept = tally.done + tally.kept
            errors.print(f"Stopped. {kept} results are kept; the same command goes on with the rest.")
            sys.exit(INTERRUPTED)
        files, remarks = _write_all(room, run, finisher)
        say_lines([*choices.tell(room, old_scores, known), *remarks])
    say_last(room, tally, files)
    if tally.failed or tally.faulty:
        sys.exit(FAILED)


@dataclass(frozen=True)
class _Choice:
    """What is chosen. given: the options of the command; before: those of the last run; used: of both."""

    given: Mapping[str, Any]
    before: Mapping[str, str]
    used: Mapping[str, str]
    options: Options


@dataclass(frozen=True)
class _Run:
    """What a class is graded with."""

    choice: _Choice
    assignment: Assignment
    finisher: Finisher

    @property
    def used(self) -> Mapping[str, str]:
        """The options that hold."""
        return self.choice.used


def _check_command(source: Path, *, forget: bool, on_cluster: bool) -> None:
    check_there(source)
    if on_cluster:
        refuse_useless("jobs", why="on a cluster all its workers grade.")
    if forget:
        refuse_useless("without", why="--forget forgets all options of the last run.")


def _choose(out: Path, given: Mapping[str, Any], *, forget: bool) -> _Choice:
    """Return what is chosen for the class in `out`: the options of the last run, unless there are others now."""
    from autograder.classroom import batch, choices

    named = {name: value for name, value in given.items() if name not in ("data_folder", "skip")}
    given = {**named, "data": given["data_folder"], "skip": "\n".join(given["skip"])}
    before = {} if forget else choices.recall(out)
    used = choices.combine(before, given)
    options = batch.Options(
        used.get("only"),
        tuple(used.get("skip", "").splitlines()),
        used.get("seed"),
        used.get("edition", config.AUTO),
        find_path(used, "data"),
    )
    return _Choice(given, before, used, options)


def _prepare(choice: _Choice, assignment: Assignment) -> _Run:
    from autograder.results import finishing

    lists = [find_path(choice.used, name) for name in ("extensions", "late_days", "overrides")]
    return _Run(choice, assignment, finishing.for_class(assignment, *lists))


def _open(source: Path, run: _Run) -> AbstractContextManager[Source]:
    from autograder.classroom import sources

    zone = run.finisher.late_policy.rules.zone
    return sources.open_source(
        source,
        deadline=_read_deadline(run.used.get("deadline"), zone),
        useful=(*sources.USEFUL, *run.assignment.kinds),
        people=find_path(run.used, "roster"),
        zone=zone,
        work=run.assignment.top_names,
    )


def _say_what_is_unusual(room: Classroom, run: _Run, *, listed: bool) -> Finisher:
    """Say what is unusual about a class, before it is graded; return its finisher, whose lines mean these people.

    listed: whether a roster says what people are called.
    """
    from autograder.classroom import choices, preflight

    people = [(entry.id, entry.people) for entry in room.entries]
    doubts = run.finisher.doubts(people, listed=listed)
    finisher = run.finisher.settle(people)
    untimed = finisher.late_policy.warn_untimed(entry.created_at for entry in room.entries if not entry.problem)
    say_first(room, [*doubts, *untimed])
    say_lines([*preflight.describe_strangers(room), *choices.describe(run.choice.before, run.used, run.choice.given)])
    return finisher


def _find_chosen(room: Classroom, students: tuple[str, ...]) -> frozenset[str] | None:
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


def _choose_machines(
    run: _Run, jobs: int | None, cluster: str | None
) -> Callable[[str], AbstractContextManager[GradingExecutor]]:
    """Return what opens the executor for a toolkit: on a cluster, or in processes of this machine."""
    from autograder.classroom import executors

    root, data = run.assignment.root, run.choice.options.data(run.assignment.homework)
    if cluster is not None:
        return lambda key: executors.cluster(root, cluster, data, key)
    return lambda _: executors.local(root, jobs or usable_processors(), data)


def _grade(
    room: Classroom,
    run: _Run,
    finisher: Finisher,
    chosen: frozenset[str] | None,
    open_executor: Callable[[str], AbstractContextManager[GradingExecutor]],
    *,
    force: bool,
) -> Tally:
    from autograder.classroom import batch

    view = BatchView()
    work = batch.Batch(
        room,
        run.assignment,
        run.choice.options,
        finish=lambda entry, document: finisher.finish(document, entry.id, entry.created_at, entry.people),
        progress=view.update,
        chosen=chosen,
    )
    with view:
        return work.run(open_executor, force=force)


def _keep_options(room: Classroom, run: _Run, *, for_some: bool) -> None:
    from autograder.classroom import batch, choices

    with batch.reporting_full_disk(room.folder):
        choices.keep(room.folder, choices.of_class(choices.recall(room.folder), run.used, for_some=for_some))


def _write_all(room: Classroom, run: _Run, finisher: Finisher) -> tuple[list[Path], list[str]]:
    """Write the tables, then compare the submissions; return the files, and what the staff should know."""
    from autograder.classroom import allowances, batch, choices, late_day_bank, similarity

    policy = finisher.late_policy
    with batch.reporting_full_disk(room.folder), Working("comparing submissions") as working:
        allowances.write(room, policy)
        files, remarks = _write_tables(room, run.assignment.name, run.used, policy.rules.zone)
        files += filter(None, [late_day_bank.write(room, policy)])
        # Last: the tables do without it.
        compared = similarity.update(room, run.assignment, partial(working.at, "comparing submissions"))
    without_effect = finisher.without_effect((entry.id, entry.people, entry.results) for entry in room.entries)
    groups = allowances.describe_groups(room, policy)
    return files, [*compared, *without_effect, *groups, *remarks, *choices.describe_tests(run.used)]


def _write_tables(
    room: Classroom, name: str, used: Mapping[str, str], zone: dt.tzinfo | None
) -> tuple[list[Path], list[str]]:
    """Write the class's tables; return the files, and what the staff should know of them."""
    from autograder.classroom import gradebook_columns, gradebooks, grades, written_part
    from autograder.classroom.sources import moodle_worksheet, roster

    part, listed = written_part.of_class(room, find_path(used, "written")), find_path(used, "roster")
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
