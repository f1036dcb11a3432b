"""The audit, on the project's own variants and on declarations that are wrong."""

import dataclasses
import json
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from rich.console import Console

from autograder.assignment import config
from autograder.assignment.files import read_sources
from autograder.assignment.variants import Variant, load
from autograder.audit import examination
from autograder.audit.audit import audit, collect, sample_variants
from autograder.audit.audit import test_weights as weights_of
from autograder.audit.findings import AuditReport
from autograder.audit.mutants import Mutant
from autograder.audit.verdicts import CHAFF, WHEAT, MutantVerdict, Verdict
from autograder.base.errors import AssignmentError
from autograder.cli.tables import audit_table, mutation_table
from autograder.grading import pipeline
from autograder.intake.submission import from_files


def variant(name="v", target="Dense.call", **costs):
    return Variant(name, target, "def call(self, x):\n    return x\n", "A sentence.", "f.py", 1, costs)


@pytest.fixture
def project(copied_project):
    """A copy of the project whose only module of chaffs is the given one."""

    def copy(chaff):
        root = copied_project()
        for kind in ("chaffs", "wheats"):
            shutil.rmtree(root / "reference" / kind)
            (root / "reference" / kind).mkdir()
        text = f"from autograder.authoring import chaff\n\n\n{chaff}"
        (root / "reference" / "chaffs" / "only.py").write_text(text)
        return config.load(root)

    return copy


def declared(target="Dense.call", costs='{"1.1": 2.5}', sentence='"""A sentence."""', result="x"):
    return f'@chaff("{target}", costs={costs})\ndef only(self, x):\n    {sentence}\n    return {result}\n'


@pytest.mark.parametrize(
    ("chaff", "message"),
    [
        (declared(costs='{"1.99": 1}'), "1.99: there is no such test"),
        (declared(costs='{"1.1": 4}'), 'at most its weight, 2.5. If it must lose the whole test, write "1.1": 2.5.'),
        (declared(costs="{}"), "costs nothing"),
        (declared(costs='{"1.1": 2.5}, costs_in={"s99": {"1.1": 1}}'), "there is no such edition, only .*s24"),
        (declared(sentence="pass"), "no docstring"),
        (declared(target="Dense.cal"), "no Dense.cal"),
        (declared(result="self.w @ weihgts"), "only uses weihgts, and beras/layers.py has no such name"),
        ("\n\n".join([declared()] * 2), "only is defined at line 5 already"),
        (
            "\n" + declared().replace("(self, x)", "(self, x, of=chaff)")[:-1],
            "beras/layers.py cannot be loaded: NameError",
        ),
    ],
)
def test_a_wrong_declaration_is_named_before_anything_is_graded(project, chaff, message):
    with pytest.raises(AssignmentError, match=rf"only\.py:\d+: .*{message}"):
        collect(project(chaff))


def test_all_that_is_wrong_with_declarations_is_named_at_once(project):
    wrong = declared(costs='{"1.1": 4}').replace("def only", "def first") + "\n\n" + declared(costs='{"1.99": 1}')
    with pytest.raises(AssignmentError) as refused:
        collect(project(wrong))
    first, second = str(refused.value).splitlines()
    assert "at most its weight, 2.5" in first
    assert "there is no such test" in second


def test_one_mistake_can_be_tried_while_the_costs_of_another_are_wrong(project):
    both = declared().replace("def only", "def mine") + "\n\n" + declared(costs='{"1.1": 4}')
    found = collect(project(both), ("mine",))
    assert {variant.name for _, variant in found} >= {"mine", "only"}


def test_an_edition_whose_tests_see_more_has_costs_of_its_own(project):
    own = project(declared(costs='{"1.1": 2.5}, costs_in={"s25": {"1.1": 1}}'))
    costs, weights = {}, {}
    for name in ("s24", "s25", "f24"):
        spoken = dataclasses.replace(own, edition=own.editions[name])
        costs[name] = {variant.name: variant.costs for _, variant in collect(spoken)}["only"]
        weights[name] = weights_of(spoken)
    assert costs["s24"] == {"1.1": 2.5}
    assert costs["s25"] == {"1.1": 1}
    # f24 is like s25: there it costs the same share of what its own tests are worth.
    assert costs["f24"] == pytest.approx({"1.1": weights["f24"]["1.1"] / weights["s25"]["1.1"]})


def test_a_hidden_test_that_another_of_its_name_replaces_is_named(project):
    own = project(declared())
    path = own.hidden_tests / "test_2_activations.py"
    with path.open("a") as file:
        file.write(
            '\n\n@number("2.99")\n@weight(0)\n@tags("softmax")\ndef test_softmax_forward(ask, draw):\n    pass\n'
        )
    with pytest.raises(AssignmentError, match=r"test_2_activations\.py:\d+: test_softmax_forward is defined at line"):
        collect(own)


@pytest.mark.slow
def test_a_mistake_that_no_test_catches_survives(project):
    report = audit(project(declared(result="x @ self.w + self.b")), jobs=1, mutate=False)
    assert [verdict.variant.name for verdict in report.survivors] == ["only"]
    assert not report.passed
    assert json.loads(json.dumps(report.as_json()))["survivors"] == ["only"]


def test_a_module_of_chaffs_that_cannot_be_loaded_ends_the_audit_and_costs_a_submission_nothing(project, tmp_path):
    broken = project("import nothing_of_this_name\n")
    with pytest.raises(AssignmentError, match=r"only\.py cannot be loaded: ModuleNotFoundError"):
        audit(broken)
    files = read_sources(broken.reference)
    files["beras/losses.py"] = files["beras/losses.py"].replace(b" / batch_size", b"")
    submission = from_files(files, broken.edition)
    report = pipeline.grade(submission, tmp_path / "results.json", broken, only="cross_entropy")
    rows = {row.number: row for row in report.tests}
    assert [number for number, row in rows.items() if number and not row.passed] == ["3.5", "3.10"]
    assert "the batch size" in rows["3.5"].output
    assert "cannot be loaded" in rows["3.5"].staff["diagnosis_failed"]
    assert "grader_error" not in rows["3.5"].staff


def mutant(component="Dense", reason=""):
    return Mutant("beras/layers.py", f"{component}.call", 3, "x + 1", "x - 1", b"", 1, reason)


def test_mutants_that_survive_are_counted_by_component_and_those_that_are_right_are_not():
    tried = [MutantVerdict(mutant(), "1.1")] * 9 + [MutantVerdict(mutant()), MutantVerdict(mutant(reason="the same"))]
    report = AuditReport((), {}, mutants=(*tried, *[MutantVerdict(mutant("Softmax"), "2.11")] * 10))
    assert report.components == {"Dense": (9, 10), "Softmax": (10, 10)}
    assert report.mutation_score == 0.95
    assert report.passed
    assert report.as_json()["mutants"]["survivors"][0]["diff"] == "- x + 1\n+ x - 1"
    assert not dataclasses.replace(report, mutants=report.mutants[1:10]).passed


def test_a_mutant_that_is_listed_as_right_must_pass():
    report = AuditReport((), {}, mutants=(MutantVerdict(mutant(), "1.1"), MutantVerdict(mutant(reason="so"), "1.1")))
    assert not report.passed
    assert "mutants.toml" in report.shortfalls[0]


def shown(table):
    console = Console(width=120, no_color=True)
    with console.capture() as captured:
        console.print(table)
    return captured.get()


def test_the_table_of_mutants_names_each_survivor_s_place_and_change_and_what_is_too_little():
    tried = (*[MutantVerdict(mutant(), "1.1")] * 3, MutantVerdict(mutant()), MutantVerdict(mutant("Softmax"), "2.11"))
    text = shown(mutation_table(AuditReport((), {}, mutants=tried)))
    lines = [line.split() for line in text.splitlines()]
    assert ["Dense", "3", "4", "75%"] in lines
    assert ["Softmax", "1", "1", "100%"] in lines
    assert ["all", "4", "5", "80.0%"] in lines
    assert text.count("beras/layers.py:3") == 1
    assert "- x + 1" in text
    assert "80.0% of all mutants are caught; at least 95% should be." in text


@pytest.mark.parametrize(
    ("declared", "said"),
    [
        ({"elsewhere": {"5.21": 1.0}}, 'write costs={"1.1": 2, "5.21": 1}, or costs_in={EDITION: {…}} if'),
        ({"own_place": "s25"}, 'write costs_in={"s25": {"1.1": 2}}: other editions have costs of their own.'),
    ],
)
def test_the_advice_about_costs_keeps_those_of_other_editions(declared, said):
    verdict = Verdict(dataclasses.replace(variant("b", **{"1.1": 3}), **declared), CHAFF, {"1.1": 2.0})
    assert said in verdict.finding


def test_costs_belong_into_costs_in_where_an_edition_weighs_their_tests_in_another_way(assignment):
    def places(name):
        own = dataclasses.replace(assignment, edition=assignment.editions[name])
        return {variant.name: variant for _, variant in collect(own) if variant.costs}

    base, other = places("s24"), places("s26")
    assert {variant.own_place for variant in base.values()} <= {"", "s24"}
    assert other["not_averaged_over_the_batch"].own_place in ("", "s26")
    assert "s26" in {variant.own_place for variant in other.values()}
    assert any(variant.elsewhere for variant in base.values())


def test_the_table_names_what_catches_nothing_alone_and_a_line_says_what_is_wrong_with_each_variant_and_where():
    elsewhere = dataclasses.replace(variant("d"), file="/project/reference/wheats/layers.py", line=7)
    verdicts = (
        Verdict(variant("a", **{"1.1": 3, "1.2": 2}), CHAFF, {"1.1": 3.0, "1.2": 2.0}),
        Verdict(variant("b", **{"1.1": 3}), CHAFF, {"1.1": 2.0}),
        Verdict(variant("c", **{"1.1": 3}), CHAFF, {}),
        Verdict(elsewhere, WHEAT, {"1.1": 3.0}, read="It has the wrong shape."),
        Verdict(variant("e"), WHEAT, {}, problem="no grade"),
    )
    report = AuditReport(verdicts, {"1.1": "Dense.call", "1.2": "Dense [b]"})
    assert "1.2 Dense [b] 1 catches nothing alone" in " ".join(shown(audit_table(report)).split())
    assert "a, b" in shown(audit_table(report, matrix=True))
    assert list(report.findings(Path("/project"))) == [
        (
            'f.py:1: b costs differ: 1.1: 3 declared, 2 lost. If what was lost is right, write costs={"1.1": 2}, or '
            "costs_in={EDITION: {…}} if this edition alone loses that."
        ),
        "f.py:1: c survives: no test catches it.",
        "reference/wheats/layers.py:7: d loses points: 1.1: 0 declared, 3 lost.",
        "  its author would read: It has the wrong shape.",
        "f.py:1: e could not be graded: no grade",
    ]
    assert report.summary == "3 chaffs, 2 wheats: 4 not as declared, in 0 s."


def test_a_test_with_points_that_no_chaff_fails_is_named_where_all_were_graded():
    caught = Verdict(variant("a", **{"1.1": 3}), CHAFF, {"1.1": 3.0})
    names = {"0.1": "given", "1.1": "one", "1.2": "two"}
    report = AuditReport((caught,), names, weights={"0.1": 0, "1.1": 3, "1.2": 1})
    assert list(report.findings(Path("/project"))) == [
        "1.2 two: worth 1, and no chaff fails it. Add one to reference/chaffs/."
    ]
    assert not report.passed
    assert dataclasses.replace(report, weights={}).passed


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
    sample = sample_variants(everything, 25)
    assert sample == sample_variants(everything, 25)
    owners = {variant.target.partition(".")[0] for kind, variant in everything if kind == CHAFF}
    assert {variant.target.partition(".")[0] for kind, variant in sample if kind == CHAFF} == owners
    assert any(kind == WHEAT for kind, _ in sample)
    assert len(sample) == 25


@pytest.mark.slow
def test_a_sample_of_the_variants_gets_what_it_declares(assignment):
    report = audit(assignment, sample=20)
    assert {verdict.variant.name: verdict.finding for verdict in report.wrong} == {}
    assert report.shortfalls == ()
    assert len(report.mutants) >= 15


def runs(pid):
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/task").is_dir(), reason="processes are found in /proc")
@pytest.mark.parametrize("blow", [signal.SIGTERM, signal.SIGKILL])
def test_an_audit_that_is_killed_leaves_no_process(blow, family, assignment):
    command = [sys.executable, "-m", "autograder", "audit", "--no-mutants", "--jobs", "2"]
    audit = subprocess.Popen(command, cwd=assignment.root, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    started = []
    # Until two interpreters are at work, each with a zygote of its own that has made workers.
    while sum(len(family(pid)) > 2 for pid in started) < 2 and time.monotonic() < deadline:
        time.sleep(0.05)
        started = family(audit.pid)[1:]
    audit.send_signal(blow)
    audit.wait()
    assert started
    while (left := [pid for pid in started if runs(pid)]) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert left == []


def test_a_test_that_does_not_load_the_changed_file_could_not_have_noticed(assignment):
    survey = examination.survey(assignment)
    sources = read_sources(assignment.reference)
    chosen = survey.tests_concerned_by(["beras/losses.py"])
    assert {"3.1", "3.5", "7.1"} <= set(chosen)
    assert not {"1.1", "4.1", "8.1"} & set(chosen)
    chaff = load(assignment.reference / "chaffs")["not_averaged_over_the_batch"]
    examiner = examination.Examiner(assignment, survey)
    everything = dataclasses.replace(survey, files=dict.fromkeys(survey.files, frozenset(sources)))
    thorough = examination.Examiner(assignment, everything)
    try:
        assert examiner.variant(CHAFF, chaff).lost == thorough.variant(CHAFF, chaff).lost == {"3.5": 2.5, "3.10": 0.25}
    finally:
        examiner.setup.close()
        thorough.setup.close()


def test_a_verdict_is_a_value():
    verdict = Verdict(variant(), WHEAT, {})
    with pytest.raises(dataclasses.FrozenInstanceError):
        verdict.told = 1
