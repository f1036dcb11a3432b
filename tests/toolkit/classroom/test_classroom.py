"""What a graded class remembers: its entries, why a person should look at one, and its journal."""

import pytest

from autograder.base.errors import AssignmentError
from autograder.classroom import store
from autograder.classroom.journal import FILE_NAME, GRADED, Journal, Line, read_lines

FLAG = {"rule": "library", "detail": "It imports torch.", "file": "a.py", "line": 3}


def test_a_folder_without_a_class_says_what_makes_one(tmp_path):
    with pytest.raises(AssignmentError, match="batch SOURCE --out"):
        store.load(tmp_path)


@pytest.mark.parametrize("content", ["", "[]", '{"submissions": [{"id": 1}]}', '{"submissions": 3}'])
def test_a_damaged_class_says_so(tmp_path, content):
    (tmp_path / store.CLASS_FILE).write_text(content)
    with pytest.raises(AssignmentError, match=r"is damaged .*`batch` over the same source writes it anew"):
        store.load(tmp_path)


@pytest.mark.parametrize(
    ("extra", "told"),
    [
        ({"submission": "x"}, []),
        ({"problem": "no disk"}, ["Not graded, through the grader's fault: no disk"]),
        ({"submission": "x", "grader_errors": 2}, ["The grader failed in 2 of its tests."]),
        ({}, ["There was nothing to grade. It is empty."]),
        ({"submission": "x", "stopped": "No time."}, ["Not every test was reached. No time."]),
        ({"submission": "x", "flags": [FLAG]}, ["library: It imports torch. (a.py, line 3)"]),
        ({"submission": "x", "flags": ["odd"], "grader_errors": "many"}, []),
        ("odd", ["There was nothing to grade. It is empty."]),
    ],
)
def test_why_a_person_should_look_is_a_sentence_each(extra, told):
    document = {"output": "It is empty. Upload your files.\nMore.", "extra_data": extra}
    assert store.flags(document) == told


def test_a_journal_keeps_a_second_batch_out_and_passes_over_what_a_crash_tore(tmp_path):
    journal = Journal(tmp_path)
    journal.append(Line("a"))
    with pytest.raises(AssignmentError, match="Another batch is at work"):
        Journal(tmp_path)
    journal.close()
    with (tmp_path / FILE_NAME).open("a") as file:
        file.write('[1]\n{"id": "to')
    journal = Journal(tmp_path)
    last = Line("c", "k", GRADED, 2, "2024-02-27T10:00:00Z", 1.5, "here", digest="d", score=4.5, points={"1.1": 4.5})
    journal.append(last)
    assert journal.lines() == read_lines(tmp_path) == [Line("a"), last]
    journal.close()
