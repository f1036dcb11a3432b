"""Whole submissions in the audit: what MISTAKE.toml may say, and what is held against it, training included."""

import dataclasses
from pathlib import Path

import pytest

from autograder.assignment import config, editions
from autograder.assignment.variants import Variant
from autograder.audit import audit, examination, solutions
from autograder.audit.findings import AuditReport
from autograder.audit.solutions import Mistake, Solution
from autograder.audit.verdicts import CHAFF, WHEAT, SolutionVerdict, TrainingVerdict
from autograder.base.errors import AssignmentError
from autograder.intake.submission import from_files

MISTAKE = 'component = "mse"\nwhere = "beras/losses.py"\nwhat = "Half of it."\nconsequence = "Every loss is half."\n'
HALF = ("np.mean((y_pred - y_true) ** 2)", "0.5 * np.mean((y_pred - y_true) ** 2)")


def put(folder, files, mistake=None):
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    if mistake is not None:
        (folder / "MISTAKE.toml").write_text(mistake)


@pytest.fixture
def one(tmp_path, reference_files, assignment):
    """Load a single wrong solution with the given MISTAKE.toml."""

    def load(mistake, place="s24/wrong-half"):
        put(tmp_path / place, reference_files, mistake)
        (solution,) = solutions.load(tmp_path, assignment)
        return solution

    return load


def test_a_mistake_is_read_with_what_follows_from_it(one):
    more = 'trains = false\nalso = ["model"]\npublic_tests = "pass"\n'
    mistake = one(MISTAKE + more).mistake
    assert mistake.allowed == {"mse", "model", "training"}
    assert (mistake.trains, mistake.graded) == (False, True)


@pytest.mark.parametrize(
    ("mistake", "place", "message"),
    [
        (MISTAKE.replace('"mse"', '"loss"'), "s24/wrong-half", "no component 'loss'"),
        (MISTAKE.replace('what = "Half of it."', "what = 1"), "s24/wrong-half", "what is 1; expected a text"),
        (MISTAKE + 'name = ["x"]', "s24/wrong-half", r"name is not known; did you mean named\?"),
        (MISTAKE + 'also = "model"', "s24/wrong-half", "expected a list of components"),
        (MISTAKE + 'trains = "perhaps"', "s24/wrong-half", "expected true, false or 'unknown'"),
        (MISTAKE + "graded = false", "s24/wrong-half", "graded is false without a reason"),
        (MISTAKE + "a b", "s24/wrong-half", "is no valid TOML"),
        (None, "s24/wrong-half", "MISTAKE.toml cannot be read"),
        (MISTAKE, "s24/right-half", "a right solution has no mistake"),
        (None, "s99/right-half", "there is no edition s99"),
        (None, "s24/half", "begins with right- or wrong-"),
    ],
)
def test_what_is_wrong_with_a_declaration_is_named(one, mistake, place, message):
    with pytest.raises(AssignmentError, match=message):
        one(mistake, place)


def test_all_that_is_wrong_is_named_at_once(tmp_path, reference_files, assignment):
    put(tmp_path / "s24" / "wrong-a", reference_files)
    put(tmp_path / "s25" / "half", reference_files)
    with pytest.raises(AssignmentError) as refused:
        solutions.load(tmp_path, assignment)
    assert len(str(refused.value).splitlines()) == 2


def verdict(lost, mistake=None, **more):
    """A verdict of a solution that lost the given points, by test number, in the component of that number."""
    components = {"1.1": "dense", "3.1": "mse", "9.1": "training"}
    solution = Solution(
        "wrong-x" if mistake else "right-x",
        "s24",
        Path("/p/s24/x"),
        from_files({"assignment.py": b""}, EDITION),
        mistake,
    )
    return SolutionVerdict(solution, lost, {number: components[number] for number in lost}, **more)


EDITION = config.load().edition
WRONG = Mistake("mse", "where", "what", "consequence")


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        (verdict({}), ""),
        (verdict({"3.1": 2.0}), "loses points: 3.1: 2."),
        (verdict({}, WRONG), "loses nothing in mse, where its mistake is."),
        (verdict({"1.1": 1.0}, WRONG), "loses nothing in mse, where its mistake is."),
        (verdict({"3.1": 1.0}, WRONG), ""),
        (verdict({"3.1": 1.0, "9.1": 6.0}, WRONG), ""),
        (verdict({"3.1": 1.0, "1.1": 1.0}, WRONG), "loses points in dense, which it does not declare: 1.1: 1."),
        (verdict({"3.1": 1.0, "1.1": 1.0}, dataclasses.replace(WRONG, also=("dense",))), ""),
        (
            verdict({"3.1": 1.0, "9.1": 6.0}, dataclasses.replace(WRONG, trains=True)),
            "loses points in training, which it does not declare: 9.1: 6.",
        ),
        (verdict({"3.1": 1.0}, dataclasses.replace(WRONG, trains=False)), "trains, and is declared not to."),
        (verdict({}, dataclasses.replace(WRONG, graded=False, reason="so")), ""),
        (
            verdict({"3.1": 1.0}, dataclasses.replace(WRONG, graded=False, reason="so")),
            "loses points, and is declared not to be graded: 3.1: 1.",
        ),
        (verdict({}, problem="no grade"), "could not be graded: no grade"),
        (verdict({"3.1": 1.0}, dataclasses.replace(WRONG, named=("halved",)), told={"3.1": "halved"}), ""),
        (
            verdict({"3.1": 1.0}, dataclasses.replace(WRONG, named=("halved",)), told={"3.1": "summed"}),
            'is told of another mistake: summed in 3.1. If that is true of it, write named = ["halved", "summed"].',
        ),
        (verdict({"3.1": 2.0}, told={"3.1": "summed"}), "is right, and is told of a mistake: summed in 3.1."),
    ],
)
def test_a_solution_is_held_against_its_declaration(found, finding):
    assert found.finding == finding
    assert AuditReport((), {}, solutions=(found,)).passed == (not finding)


def trained(kind, trains, lost=None):
    variant = Variant("v", "Dense.call", "", "", "/p/f.py", 3, {}, trains)
    return TrainingVerdict(variant, kind, lost or {}, read="It does not train.")


@pytest.mark.parametrize(
    ("found", "finding"),
    [
        (trained(WHEAT, True), ""),
        (trained(WHEAT, True, {"9.1": 6.0}), "does not train: 9.1: 6 lost."),
        (trained(CHAFF, True, {"9.1": 6.0}), "does not train: 9.1: 6 lost."),
        (trained(CHAFF, False), "trains, and is declared not to."),
        (trained(CHAFF, False, {"9.1": 6.0}), ""),
        (trained(CHAFF, None, {"9.1": 6.0}), ""),
        (trained(CHAFF, None), ""),
    ],
)
def test_a_training_is_held_against_its_declaration(found, finding):
    assert found.finding == finding
    assert AuditReport((), {}, trainings=(found,)).passed == (not finding)


def test_findings_say_where_to_look_and_what_a_wronged_author_would_read():
    report = AuditReport(
        (), {}, solutions=(verdict({"3.1": 2.0}, read="It is half."),), trainings=(trained(WHEAT, True, {"9.1": 6.0}),)
    )
    assert list(report.findings(Path("/p"))) == [
        "f.py:3: v does not train: 9.1: 6 lost.",
        "  its author would read: It does not train.",
        "s24/x: s24/right-x loses points: 3.1: 2.",
        "  its author would read: It is half.",
    ]
    assert report.summary.startswith("1 training, 1 solution: 2 not as declared")
    assert report.as_json()["solutions"]["s24/right-x"]["lost"] == {"3.1": 2.0}


@pytest.fixture
def quick_assignment(copied_project):
    return config.load(copied_project({"most_epochs = 30": "most_epochs = 3"}))


@pytest.mark.slow
def test_solutions_are_graded_in_their_own_editions_training_included(tmp_path, quick_assignment, reference_files):
    folder = tmp_path / "solutions"
    s25 = editions.reference(dataclasses.replace(quick_assignment, edition=quick_assignment.editions["s25"]))
    assert HALF[0] in reference_files["beras/losses.py"].decode()
    half = {**reference_files, "beras/losses.py": reference_files["beras/losses.py"].replace(*map(str.encode, HALF))}
    idle = reference_files["beras/optimizers.py"].replace(
        b"def apply_gradients(self", b"def apply_gradients(self, *_):\n        return\n\n    def other(self"
    )
    put(folder / "s24" / "right-reference", reference_files)
    put(folder / "s25" / "right-reference", s25)
    put(folder / "s24" / "wrong-half", half, MISTAKE + 'trains = true\nnamed = ["squared_error_halved"]\n')
    declared = MISTAKE.replace('"mse"', '"adam"') + 'also = ["sgd", "rmsprop"]\ntrains = false\n'
    put(folder / "s24" / "wrong-idle", {**reference_files, "beras/optimizers.py": idle}, declared)
    seen = []
    report = audit.audit(
        quick_assignment,
        jobs=1,
        only=["right-reference", "wrong-half", "wrong-idle", "breadth_first"],
        mutate=False,
        train=True,
        whole=solutions.load(folder, quick_assignment),
        progress=lambda verdict, total: seen.append((verdict.title, total)),
    )
    assert {one.title: one.finding for one in report.astray} == {}
    assert report.wrong == ()
    lost = {one.solution.title: set(one.components.values()) for one in report.solutions}
    assert lost["s24/right-reference"] == lost["s25/right-reference"] == set()
    assert lost["s24/wrong-half"] == {"mse"}
    assert lost["s24/wrong-idle"] >= {"adam", "training"}
    assert [one.variant.name for one in report.trainings] == ["breadth_first"]
    assert ("training of wheat breadth_first", 6) in seen


@pytest.mark.slow
def test_a_wheat_that_cannot_train_is_found_though_no_other_test_notices(assignment):
    # Right on every small array of the hidden tests, and useless on a model of real size.
    source = """
def apply_gradients(self, trainable_params, grads):
    if sum(parameter.size for parameter in trainable_params) > 1000:
        return
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat, v_hat = self.m[i] / (1 - self.beta_1**self.t), self.v[i] / (1 - self.beta_2**self.t)
        parameter -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
"""
    variant = Variant("idle", "Adam.apply_gradients", source.strip(), "", "f.py", 1, {}, True)
    training = dataclasses.replace(assignment.training, attempts=1, most_epochs=1)
    examiner = examination.Examiner(dataclasses.replace(assignment, training=training), examination.survey(assignment))
    try:
        assert examiner.variant(WHEAT, variant).lost == {}
        assert examiner.training(WHEAT, variant).lost
    finally:
        examiner.close()
