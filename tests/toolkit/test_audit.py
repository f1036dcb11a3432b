"""The audit, on the project's own variants and on declarations that are wrong."""

import dataclasses
import json
import shutil

import pytest

from autograder import assignment as assignments
from autograder.audit import CHAFF, WHEAT, AuditReport, Verdict, audit, collect, sampled
from autograder.errors import AssignmentError
from autograder.variants import Variant


def variant(name="v", target="Dense.call", **costs):
    return Variant(name, target, "def call(self, x):\n    return x\n", "A sentence.", "f.py", 1, costs)


@pytest.fixture
def project(copied_project):
    """A copy of the project whose only chaff is the given one."""

    def copy(chaff):
        root = copied_project()
        for kind in ("chaffs", "wheats"):
            shutil.rmtree(root / "reference" / kind)
            (root / "reference" / kind).mkdir()
        text = f"from autograder.variants import chaff\n\n\n{chaff}"
        (root / "reference" / "chaffs" / "only.py").write_text(text)
        return assignments.load(root)

    return copy


def declared(target="Dense.call", costs='{"1.1": 3}', sentence='"""A sentence."""', result="x"):
    return f'@chaff("{target}", costs={costs})\ndef only(self, x):\n    {sentence}\n    return {result}\n'


@pytest.mark.parametrize(
    ("chaff", "message"),
    [
        (declared(costs='{"1.99": 1}'), "1.99: there is no such test"),
        (declared(costs='{"1.1": 4}'), "at most its weight, 3"),
        (declared(costs="{}"), "costs nothing"),
        (declared(sentence="pass"), "no docstring"),
        (declared(target="Dense.cal"), "no Dense.cal"),
    ],
)
def test_a_wrong_declaration_is_named_before_anything_is_graded(project, chaff, message):
    with pytest.raises(AssignmentError, match=rf"only\.py:4.*{message}"):
        collect(project(chaff))


def test_a_mistake_that_no_test_catches_survives(project):
    report = audit(project(declared(result="x @ self.w + self.b")), jobs=1)
    assert [verdict.variant.name for verdict in report.survivors] == ["only"]
    assert not report.passed
    assert json.loads(json.dumps(report.as_json()))["survivors"] == ["only"]


def test_lost_points_are_compared_one_test_at_a_time():
    verdict = Verdict(variant(**{"1.1": 3, "1.2": 2}), CHAFF, {"1.1": 3.0, "1.3": 1.0})
    assert verdict.differences == {"1.2": (2, 0.0), "1.3": (0.0, 1.0)}
    assert not verdict.right


def test_a_wheat_may_lose_nothing():
    report = AuditReport((Verdict(variant(), WHEAT, {"1.1": 3.0}),), {"1.1": "Dense.call"})
    assert len(report.losses) == 1
    assert not report.passed


def test_a_test_is_redundant_where_others_catch_all_that_it_catches():
    verdicts = (
        Verdict(variant("a", **{"1.1": 3, "1.2": 2}), CHAFF, {"1.1": 3.0, "1.2": 2.0}),
        Verdict(variant("b", **{"1.1": 3}), CHAFF, {"1.1": 3.0}),
    )
    report = AuditReport(verdicts, {"1.1": "one", "1.2": "two"})
    assert report.matrix == {"1.1": ("a", "b"), "1.2": ("a",)}
    assert report.redundant == ("1.2",)
    assert report.passed


def test_a_sample_holds_every_class_and_is_the_same_each_time(assignment):
    everything = collect(assignment)
    sample = sampled(everything, 25)
    assert sample == sampled(everything, 25)
    owners = {variant.target.partition(".")[0] for kind, variant in everything if kind == CHAFF}
    assert {variant.target.partition(".")[0] for kind, variant in sample if kind == CHAFF} == owners
    assert any(kind == WHEAT for kind, _ in sample)
    assert len(sample) == 25


def test_a_sample_of_the_variants_gets_what_it_declares(assignment):
    report = audit(assignment, sample=20)
    assert {verdict.variant.name: verdict.differences for verdict in report.wrong} == {}


def test_a_verdict_is_a_value():
    verdict = Verdict(variant(), WHEAT, {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.told = 1
