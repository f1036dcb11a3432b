"""What fails after the tests, where the grader gives back what it held, changes no grade, and the staff read of it."""

import json
from types import SimpleNamespace

import pytest

from autograder.classroom import store
from autograder.grading import pipeline, rules
from autograder.grading.asker import Asker
from autograder.grading.fixtures import Fixtures
from autograder.grading.setup import Setup
from autograder.intake.submission import from_files
from autograder.results.report import Report, TestResult
from autograder.results.results_file import ResultsFile

FAILS = "this could not be given back"


@pytest.mark.parametrize("owner", [Setup, Asker, rules.Inspection, Fixtures], ids=lambda owner: owner.__name__)
@pytest.mark.parametrize("kind", [OSError, ValueError], ids=lambda kind: kind.__name__)
def test_what_cannot_be_closed_costs_no_point(owner, kind, monkeypatch, assignment, reference_files, tmp_path):
    complete, finish, close = [], pipeline._finish, owner.close

    def closes_and_fails(self):
        close(self)
        if complete:  # an asker is closed while it works, too
            raise kind(FAILS)

    monkeypatch.setattr(pipeline, "_finish", lambda *parts: complete.append(finish(*parts)))
    monkeypatch.setattr(owner, "close", closes_and_fails)
    file = tmp_path / "r.json"
    report = pipeline.grade(from_files(reference_files, assignment.edition), file, assignment, only="3.1")
    document = json.loads(file.read_text())
    assert (report.score, document["score"]) == (1.75, 1.75)
    assert "not your fault" not in document["output"]
    assert report.notes.clean_up == (f"{kind.__name__}: {FAILS}",)
    assert document["extra_data"]["clean_up"] == [f"{kind.__name__}: {FAILS}"]
    assert store.flags(document) == [
        f"It is graded, and the grader could not clean up after it: {kind.__name__}: {FAILS}"
    ]


def test_a_fixture_that_cannot_be_closed_keeps_no_other_open(tmp_path):
    closed = []

    class Made:
        def __init__(self, name):
            self.name = name

        def provide(self, ask):
            return ask

        def close(self):
            closed.append(self.name)
            if self.name != "good":
                raise OSError(self.name)

    known = {name: (lambda *_, name=name: Made(name)) for name in ("bad", "worse", "good")}
    asker = SimpleNamespace(run=SimpleNamespace(assignment=SimpleNamespace(homework=SimpleNamespace(fixtures=known))))
    with ResultsFile(tmp_path / "r.json") as file:
        file.begin(Report((TestResult(name="t", number="1", score=1.0, max_score=1.0),)))
        fixtures = Fixtures(asker, file)
        fixtures.provide(None, ("bad", "worse", "good"))
        fixtures.close()
    assert closed == ["bad", "worse", "good"]
    document = json.loads((tmp_path / "r.json").read_text())
    assert document["score"] == 1
    assert document["extra_data"]["clean_up"] == ["OSError: bad", "OSError: worse"]
