"""results.json: strict, safe to show, and never half written."""

import json
import math
import time
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograder.base.errors import GraderError
from autograder.base.gradescope import read_metadata
from autograder.base.text import clean
from autograder.results.flags import Flag
from autograder.results.report import Report, TestResult
from autograder.results.results_file import ResultsFile, write
from autograder.results.staff_notes import StaffNotes

ROOT = Path(__file__).resolve().parents[3]


@given(st.text(), st.text())
def test_any_text_gives_strict_json(tmp_path_factory, name, output):
    file = tmp_path_factory.mktemp("results") / "results.json"
    write(Report((TestResult(name=name, output=output, score=1.0, max_score=2.0),)), file)
    document = json.loads(file.read_bytes().decode("utf-8"), parse_constant=pytest.fail)
    assert document["score"] == 1


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_a_score_that_is_no_number_is_refused(tmp_path, value):
    with pytest.raises(GraderError):
        write(Report((TestResult(name="a", score=value, max_score=1.0),)), tmp_path / "r.json")
    assert list(tmp_path.iterdir()) == []


def test_deceiving_characters_do_not_reach_a_reader():
    assert clean("a\x1b[31mb\u202ec\x00d\ud800") == "a�[31mb�c�d�"


def test_a_long_text_is_cut():
    assert len(clean("x" * 10**6)) < 30_000


def test_what_is_for_the_staff_stays_out_of_the_rows():
    report = Report((TestResult(name="a", number="1", staff={"secret": 1}),), notes=StaffNotes(edition="s24"))
    document = report.document()
    assert "secret" not in json.dumps(document["tests"])
    assert document["extra_data"] == {"edition": "s24", "tests": {"1": {"secret": 1}}}


def test_what_the_staff_see_of_a_run_is_read_as_it_was_written():
    flag = Flag("library", "beras/layers.py", 3, "It refers to torch.")
    notes = StaffNotes(submission="d", edition="s24", flags=(flag,), grader_errors=1, isolation={"landlock": "on"})
    document = json.loads(json.dumps(Report((), notes=notes).document()))
    assert StaffNotes.read(document) == notes


@pytest.mark.parametrize(
    "extra", [None, [], "text", {"flags": 3, "grader_errors": "many", "notes": [1], "problem": {}}]
)
def test_notes_that_were_changed_by_hand_are_read_as_far_as_they_go(extra):
    notes = StaffNotes.read({"extra_data": extra})
    assert (notes.flags, notes.grader_errors, notes.notes or (), notes.problem) == (None, None, (), None)


def test_no_row_is_hidden_so_that_students_see_their_total():
    assert "visibility" not in TestResult(name="a", score=1.0, max_score=1.0).row()


def test_a_row_that_may_wait_is_written_when_there_is_time_or_it_has_waited_for_a_moment(tmp_path):
    def scores():
        return [row["score"] for row in json.loads((tmp_path / "r.json").read_text())["tests"]]

    rows = [TestResult(name=f"t{n}", number=str(n), score=0.0, max_score=1.0) for n in range(3)]
    right = [replace(row, score=1.0) for row in rows]
    with ResultsFile(tmp_path / "r.json") as file:
        file.begin(Report(tuple(rows)))
        file.put(right[0], soon=True)
        file.put(right[1], soon=True)
        assert scores() == [0, 0, 0]
        file.keep()
        assert scores() == [1, 1, 0]
        file.put(right[2], soon=True)
        time.sleep(0.4)
        file.put(rows[0], soon=True)
        assert scores() == [0, 1, 1]
        file.put(right[0], soon=True)
    assert scores() == [1, 1, 1]


def test_a_row_replaces_its_own_and_keeps_the_others(tmp_path):
    tests = tuple(TestResult(name=f"t{n}", number=str(n), score=0.0, max_score=1.0) for n in range(3))
    with ResultsFile(tmp_path / "r.json") as file:
        file.begin(Report(tests))
        file.put(TestResult(name="t1", number="1", score=1.0, max_score=1.0))
    rows = json.loads((tmp_path / "r.json").read_text())["tests"]
    assert [row["score"] for row in rows] == [0, 1, 0]


def test_a_run_that_fails_leaves_a_report_for_the_staff(tmp_path):
    def run():
        with ResultsFile(tmp_path / "r.json") as file:
            file.begin(Report((TestResult(name="t", number="1", score=0.0, max_score=1.0),)))
            raise ValueError("broken")

    with pytest.raises(GraderError, match="ValueError: broken"):
        run()
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["extra_data"]["problem"] == "ValueError: broken"
    assert "not your fault" in document["output"]


@pytest.mark.parametrize("content", ["", "[]", "{", '{"users": 3}', '{"users": [1, {"name": null}]}'])
def test_malformed_metadata_is_read_as_far_as_it_goes(tmp_path, content):
    file = tmp_path / "metadata.json"
    file.write_text(content)
    assert read_metadata(file).id == ""


def test_metadata_of_a_group(tmp_path):
    file = tmp_path / "metadata.json"
    users = [{"id": 1, "name": "A", "email": "a@x"}, {"id": 2, "name": "B"}]
    file.write_text(json.dumps({"id": 7, "created_at": "2024-02-26T18:00:00-05:00", "users": users}))
    metadata = read_metadata(file)
    assert (metadata.id, [person.name for person in metadata.people]) == ("7", ["A", "B"])
