"""A class's scores are of the same tests: what would mix them is refused, and what is mixed already is in no table."""

import csv
import json

import pytest
from click.testing import CliRunner

from autograder.base.errors import AssignmentError
from autograder.base.people import Person
from autograder.classroom import choices, grades, regrade, same_tests, store
from autograder.classroom.sources import ClassSubmission, Source
from autograder.cli import app  # noqa: F401  it adds the commands
from autograder.cli.options import cli
from autograder.cli.tables import describe_difference

FULL = {"1.1": 3.0, "1.2": 4.0, "9.1": 6.0}


def graded(folder, **worths):
    """A graded class: for each student, the points of each test, all of them had."""
    room = store.of_source(folder, Source("a folder", tuple(ClassSubmission(n, folder, (Person(n),)) for n in worths)))
    for entry, worth in zip(room.entries, worths.values(), strict=True):
        entry.folder.mkdir(parents=True)
        tests = [{"number": n, "name": n, "score": p, "max_score": p, "status": "passed"} for n, p in worth.items()]
        document = {"score": sum(worth.values()), "tests": tests, "extra_data": {"submission": "x", "edition": "s24"}}
        (entry.folder / store.RESULTS_FILE).write_text(json.dumps(document))
    store.save(room)
    return room


@pytest.mark.parametrize(
    ("own", "difference"),
    [
        ({"1.1": 3.0}, "without 1.2, 9.1"),
        ({**FULL, "9.2": 5.0}, "with 9.2"),
        ({**FULL, "1.2": 2.0}, "with other points for 1.2"),
    ],
)
def test_a_score_of_other_tests_is_in_no_table_and_is_said(tmp_path, own, difference):
    room = graded(tmp_path, ann=own, bob=FULL, cy=FULL)
    book = grades.read(room, "Beras")
    assert (book.points, [test.number for test in book.tests]) == (13, list(FULL))
    (row,) = [row for row in book.rows if row.entry.id == "ann"]
    assert (row.status, row.score) == (grades.OTHER_TESTS, None)
    assert f"({difference}), {sum(own.values()):g} of {sum(own.values()):g} points" in row.flags[0]
    assert "ann" in book.notes[0]
    grades.write(book, room)
    canvas = list(csv.reader((tmp_path / "grades-canvas.csv").read_text("utf-8-sig").splitlines()))
    assert {line[0].strip(): line[-1] for line in canvas[1:]} == {
        "Points Possible": "13", "ann": "", "bob": "13", "cy": "13"
    }  # fmt: skip


def test_editions_have_tests_of_their_own(tmp_path):
    room = graded(tmp_path, ann={"1.1": 3.0}, bob=FULL)
    file = room.entries[0].folder / store.RESULTS_FILE
    file.write_text(file.read_text().replace("s24", "f25"))
    book = grades.read(room)
    assert (len(book.graded), book.notes) == (2, ())


def test_which_tests_are_run_is_one_choice_that_holds_for_the_next_run():
    before = {"skip": "training", "seed": "s"}
    assert choices.combine(before, {}) == before
    assert choices.combine(before, {"only": "1.1\n1.2"}) == {"seed": "s", "only": "1.1\n1.2"}
    assert choices.combine(before, {"all_tests": True}) == {"seed": "s"}
    assert choices.combine({**before, "overrides": "/gone.csv"}, {"without": ("overrides",)}) == before
    with pytest.raises(AssignmentError, match="--without nonsense: expected one of extensions, late-days"):
        choices.combine(before, {"without": ("nonsense",)})
    with pytest.raises(AssignmentError, match="all tests, or some"):
        choices.combine({}, {"all_tests": True, "skip": "training"})
    used = {"only": "1.1\n1.2"}
    assert choices.describe(used, used, {}) == [
        "As the last time: --only 1.1 --only 1.2. --without NAME leaves one out, --forget all."
    ]
    assert "--only 1.1 --only 1.2" in choices.describe_tests(used)[0]
    assert choices.describe_tests({"seed": "s"}) == []


def test_a_comparison_says_which_lists_one_side_alone_was_graded_with():
    old = {"extensions": "/a/extensions.csv", "seed": "s", "roster": "/a/r.csv"}
    assert choices.describe_differences(old, {"seed": "s"}) == [
        "OLD has --extensions /a/extensions.csv, NEW has no --extensions: scores may differ for that alone.",
        "OLD has --roster /a/r.csv, NEW has no --roster: who is listed may differ for that alone.",
    ]
    assert choices.describe_differences(old, {**old, "roster": "/b/r.csv"}) == []


def test_grades_without_rows_are_compared_by_their_whole_scores():
    old = {"ada": regrade.Grade("Ada", 17.0), "bob": regrade.Grade("Bob", 5.0, {"1.1": 5.0})}
    new = {"ada": regrade.Grade("Ada", 18.0, {"1.1": 18.0}), "bob": regrade.Grade("Bob", 5.0, {"1.1": 5.0})}
    for in_part in (False, True):
        found = regrade.compare(old, new, in_part=in_part)
        assert [(change.title, change.old, change.new) for change in found.scores] == [("Ada", 17, 18)]
        told = " ".join(part for part in describe_difference(found) if isinstance(part, str))
        assert "1 would gain" in told
        assert "1 of them have no rows in OLD or in NEW: whole scores are compared" in told
        assert ("may differ for that alone" in told) == in_part
    nobody = {name: regrade.Grade(name, 5.0) for name in new}
    found = regrade.compare(nobody, new, in_part=True)
    assert (found.count(up=True), found.rowless) == (1, 2)


def test_two_parts_without_a_common_test_are_not_said_to_agree():
    old, new = ({"ada": regrade.Grade("Ada", 5.0, {number: 5.0})} for number in ("1.1", "1.2"))
    told = list(describe_difference(regrade.compare(old, new, in_part=True)))
    assert "OLD and NEW have no test in common: nothing could be compared." in told


def test_what_one_student_was_graded_with_does_not_hold_for_the_class():
    before = {"only": "3.1", "roster": "/old.csv"}
    used = {"only": "3.1", "roster": "/new.csv", "edition": "s26", "seed": "other"}
    assert choices.of_class(before, used, for_some=True) == {"only": "3.1", "roster": "/new.csv"}
    assert choices.of_class(before, used, for_some=False) == used


def test_one_student_is_not_graded_with_other_tests_than_the_rest(tmp_path, assignment, reference_files):
    for name in ("ann", "bob"):
        for path, content in reference_files.items():
            file = tmp_path / "class" / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    out = tmp_path / "out"

    def batch(*options):
        return CliRunner().invoke(cli, ["batch", str(tmp_path / "class"), "--out", str(out), "--jobs", "1", *options])

    assert batch("--only", "3.1").exit_code == 0
    before = {file: file.read_bytes() for file in out.rglob("*.*") if file.is_file()}
    for options in (("--only", "1.1"), ("--all-tests",), ("--only", "3.1", "--forget", "--edition", "s24")):
        done = batch("--student", "ann", *options)
        if "--forget" in options:
            assert done.exit_code == 0  # the same tests in other words
            continue
        assert "other tests than 1 other" in str(done.exception)
        assert {file: file.read_bytes() for file in before} == before
    assert batch("--student", "ann").exit_code == 0
    assert choices.recall(out)["only"] == "3.1"
    room = store.load(out)
    assert same_tests.find_others({entry.id: entry.results for entry in room.entries}) == {}
