"""What crosses between a batch and its grading processes comes over whole."""

import json

import pytest

from autograder.base.errors import SubmissionError
from autograder.classroom.grading_messages import Reply, Task
from autograder.classroom.grading_process import GradingProcess, ProcessLostError
from autograder.intake.submission import Submission

SUBMISSION = Submission(
    files={"beras/core.py": b"\x00\xff"},
    others={"notes.txt": b"n"},
    notes=("moved",),
    left_out=("3 files",),
    missing=("beras/losses.py",),
    digest="d",
    alike={"beras/losses.py": "beras/loss.py"},
    copies=("old",),
)


def crossed(kind, value):
    return kind.from_json(json.loads(json.dumps(value.to_json())))


def task(source):
    return Task("7", source, "d", "k", 560, only="1.1", skip=("training",), seed=None, edition="auto")


def test_a_submission_comes_over_whole():
    sent = task(SUBMISSION)
    assert crossed(Task, sent) == sent
    assert crossed(Task, sent).source.digest == "d"


def test_why_a_submission_cannot_be_read_comes_over():
    got = crossed(Task, task(SubmissionError("It is no zip.")))
    assert isinstance(got.source, SubmissionError)
    assert str(got.source) == "It is no zip."


def test_a_reply_comes_over_whole_and_says_why_there_is_no_document():
    for sent in (Reply(document={"score": 1}, machine="m", seconds=1.5), Reply(lost="it was ended by signal 9")):
        assert crossed(Reply, sent) == sent
    assert Reply(failed="ValueError: x").reason == "ValueError: x"


def test_a_process_that_dies_at_its_start_is_reported_with_its_last_words(tmp_path):
    (tmp_path / "autograder").mkdir()
    (tmp_path / "autograder" / "__main__.py").write_text(
        "import sys\nprint('x' * 10**6, file=sys.stderr)\nsys.exit('numpy\\x1b[2J is broken')"
    )
    process = GradingProcess(tmp_path, "", toolkit=tmp_path)
    try:
        with pytest.raises(ProcessLostError, match=r"ended with status 1, and wrote: .*numpy\?\[2J is broken") as told:
            process.grade({}, 5)
    finally:
        process.close()
    assert "`doctor`" in str(told.value)
    assert len(str(told.value)) < 600
