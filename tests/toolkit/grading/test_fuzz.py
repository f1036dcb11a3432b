"""The trusted side, given anything: it answers, or refuses with the error that it promises."""

import io
import json
import tarfile
import tracemalloc
import zipfile

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.base.errors import SubmissionError
from autograder.guest import wire
from autograder.intake.submission import read
from autograder.results.report import Report
from autograder.results.report import TestResult as Row
from autograder.results.results_file import write
from autograder.results.staff_notes import StaffNotes

BOUNDS = wire.Bounds(message_bytes=2**16)
OFTEN = settings(max_examples=400, deadline=None)
IN_A_FOLDER = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

VALID = wire.encode(
    {"output": np.arange(6.0).reshape(2, 3), "list": [np.ones(3, bool), None, wire.Text("a text")], "raw": b"bytes"}
)


@st.composite
def mutated(draw, valid):
    """`valid` with a few bytes replaced, taken out or put in."""
    content = bytearray(valid)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(content)))
        content[start : start + draw(st.integers(0, 3))] = draw(st.binary(max_size=4))
    return bytes(content)


def decoded(payload):
    """What is decoded and how many bytes that took; None where it is refused."""
    tracemalloc.start()
    try:
        value = wire.decode(payload, BOUNDS)
    except wire.WireError:
        value = None
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return value, peak


@OFTEN
@given(st.binary(max_size=2000))
def test_random_bytes_are_decoded_or_refused_in_little_memory(payload):
    assert decoded(payload)[1] < 2**23


@OFTEN
@given(mutated(VALID))
def test_damaged_messages_are_decoded_or_refused_in_little_memory(payload):
    assert decoded(payload)[1] < 2**23


def test_an_undamaged_message_is_decoded():
    value, _ = decoded(VALID)
    assert value["output"].tolist() == [[0, 1, 2], [3, 4, 5]]


def packed():
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w", zipfile.ZIP_DEFLATED) as archive:
        for name in ("assignment.py", "beras/layers.py", "beras/core.py", "notes.txt"):
            archive.writestr(name, f"# {name}\n" * 30)
    return content.getvalue()


PACKED = packed()


@IN_A_FOLDER
@given(mutated(PACKED))
def test_a_damaged_zip_is_taken_in_or_refused(assignment, tmp_path, content):
    check_is_taken_in_or_refused(assignment, tmp_path / "submission.zip", content)


def check_is_taken_in_or_refused(assignment, path, content):
    path.write_bytes(content)
    try:
        taken = read(path, assignment.edition, assignment.limits)
    except SubmissionError:
        return
    assert 0 < sum(map(len, taken.files.values())) <= assignment.limits.submission_mb * 2**20


def tarred(mode):
    content = io.BytesIO()
    with tarfile.open(fileobj=content, mode=mode) as archive:
        for name in ("assignment.py", "beras/layers.py", "beras/core.py", "notes.txt"):
            member = tarfile.TarInfo(name)
            member.size = 600
            archive.addfile(member, io.BytesIO(f"# {name}".encode().ljust(600)))
    return content.getvalue()


@IN_A_FOLDER
@given(st.one_of([mutated(tarred(mode)) for mode in ("w", "w:gz", "w:xz")]))
def test_a_damaged_tar_is_taken_in_or_refused(assignment, tmp_path, content):
    check_is_taken_in_or_refused(assignment, tmp_path / "submission.tar", content)


@IN_A_FOLDER
@given(st.integers(0, len(PACKED) - 1))
def test_a_zip_that_is_cut_off_is_taken_in_or_refused(assignment, tmp_path, length):
    path = tmp_path / "submission.zip"
    path.write_bytes(PACKED[:length])
    with pytest.raises(SubmissionError):
        read(path, assignment.edition, assignment.limits)


ANY_TEXT = st.text(st.characters(), max_size=200) | st.text(st.characters(categories=["Cs", "Cc", "Cf"]))
ANY_VALUE = st.recursive(
    ANY_TEXT | st.floats() | st.integers() | st.none() | st.binary(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(ANY_TEXT, inner, max_size=3),
    max_leaves=8,
)


@IN_A_FOLDER
@given(ANY_TEXT, ANY_TEXT, ANY_VALUE)
def test_any_text_and_any_staff_data_become_strict_json(tmp_path, name, output, staff):
    row = Row(name=name, output=output, score=1.0, max_score=2.0, staff={"any": staff})
    write(
        Report(tests=(row,), output=output, notes=StaffNotes(edition=output, isolation={"any": staff})),
        tmp_path / "results.json",
    )
    document = json.loads((tmp_path / "results.json").read_bytes().decode("utf-8"), parse_constant=pytest.fail)
    assert document["score"] == 1
