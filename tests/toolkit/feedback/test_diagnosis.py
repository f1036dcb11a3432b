"""What students with a known mistake read, over the real pipeline."""

import dataclasses
import shutil

import numpy as np
import pytest

from autograder.assignment import config, editions
from autograder.assignment.files import read_sources
from autograder.assignment.template import EditionFiles
from autograder.assignment.variants import Variant, load, render
from autograder.audit import examination
from autograder.audit.audit import collect
from autograder.audit.verdicts import CHAFF
from autograder.feedback.diagnosis import Diagnosis, Evidence, Question, observe
from autograder.grading import demonstration, pipeline
from autograder.intake.submission import from_files
from benchmarks._disguise import disguised


@pytest.fixture
def rows(assignment, tmp_path):
    """Grade the reference with a method replaced, or a submission; returns the rows by number."""

    def run(target, source=None, only=None):
        submission = target
        if source is not None:
            variant = Variant("disguised", target, source, "", "disguised.py", 1)
            submission = from_files(render(read_sources(assignment.reference), [variant]), assignment.edition)
        report = pipeline.grade(submission, tmp_path / "results.json", assignment, only=only, skip=("training",))
        return {test.number: test for test in report.tests}

    return run


def sentence(assignment, name):
    return load(assignment.reference / "chaffs")[name].sentence


def test_the_demonstration_shows_a_sentence_for_each_mistake(assignment, rows):
    told = "\n".join(row.output for row in rows(demonstration.submission(assignment)).values())
    for name in assignment.homework.demonstration:
        assert sentence(assignment, name) in told


DISGUISED = {
    "not_averaged_over_the_batch": (
        "CategoricalCrossentropy.get_input_gradients",
        (
            "def get_input_gradients(self):\n    p, t = self.inputs\n"
            "    return [np.negative(np.divide(t, np.maximum(p, 1e-12)))]\n"
        ),
        "3.5",
    ),
    "scalar_for_the_outer_product": (
        "Softmax.get_input_gradients",
        (
            "def get_input_gradients(self):\n    s = np.asarray(self.outputs[0])\n"
            "    return [np.array([np.diagflat(r) - (r.reshape(1, -1) @ r.reshape(-1, 1)) for r in s])]\n"
        ),
        "2.13",
    ),
    "squared_error_gradient_flipped": (
        "MeanSquaredError.get_input_gradients",
        "def get_input_gradients(self):\n    a, b = self.inputs\n    return [-2 / a.size * np.subtract(a, b)]\n",
        "3.2",
    ),
    "no_bias_correction": (
        "Adam.apply_gradients",
        (
            "def apply_gradients(self, ps, gs):\n    for k in range(len(ps)):\n"
            "        self.m[k] += (1 - self.beta_1) * (gs[k] - self.m[k])\n"
            "        self.v[k] += (1 - self.beta_2) * (gs[k] * gs[k] - self.v[k])\n"
            "        ps[k] -= self.learning_rate * self.m[k] / (self.v[k] ** 0.5 + self.epsilon)\n"
        ),
        "4.6",
    ),
    "scalar_condition": (
        "LeakyReLU.call",
        "def call(self, x):\n    result = self.alpha * x\n    if x > 0:\n        result = x\n    return result\n",
        "2.1",
    ),
}


@pytest.mark.cases
@pytest.mark.parametrize("name", DISGUISED)
def test_a_mistake_in_other_words_gets_the_same_sentence(assignment, rows, name):
    target, source, number = DISGUISED[name]
    assert sentence(assignment, name) in rows(target, source, only=target.split(".", maxsplit=1)[0])[number].output


ALIKE_IN_ONE_ROW = {
    "epsilon_left_out_of_rmsprop": (
        "RMSProp.apply_gradients",
        (
            "def apply_gradients(self, ps, gs):\n    for k in range(len(ps)):\n"
            "        self.v[k] = self.beta * self.v[k] + (1 - self.beta) * gs[k] ** 2\n"
            "        ps[k] -= self.learning_rate * gs[k] / (self.v[k] ** 0.5 + 1e-6)\n"
        ),
        "4.5",
        "The `epsilon` that was given is not used",  # another is: nothing divides by zero
    ),
    "fit_without_training": (
        "Model.fit",
        (
            "def fit(self, x, y, epochs, batch_size):\n    batch_size = 1000\n    for _ in range(epochs):\n"
            "        for start in range(0, len(x) - batch_size + 1, batch_size):\n"
            "            self.batch_step(x[start : start + batch_size], y[start : start + batch_size])\n"
        ),
        "7.21",
        "`batch_step` is never called, or never with training=True",
    ),
}


@pytest.mark.cases
@pytest.mark.parametrize("name", ALIKE_IN_ONE_ROW)
def test_a_sentence_is_true_of_whatever_gives_the_same_answers(tmp_path, name):
    target, source, number, said = ALIKE_IN_ONE_ROW[name]
    assignment = config.load(edition="s25" if target == "Model.fit" else "s24")
    variant = Variant("alike", target, source, "", "alike.py", 1)
    submission = from_files(render(editions.reference(assignment), [variant]), assignment.edition)
    report = pipeline.grade(submission, tmp_path / "results.json", assignment, only=number, skip=("training",))
    (row,) = [test for test in report.tests if test.number == number]
    assert said in sentence(assignment, name)
    assert said in row.output


def test_a_cause_is_told_once_and_referred_to_later(assignment, rows):
    told = rows("Dense.get_input_gradients", "def get_input_gradients(self):\n    return [self.w.T]\n", only="Dense")
    assert sentence(assignment, "transposed") in told["1.2"].output
    assert sentence(assignment, "transposed") not in told["1.5"].output
    assert told["1.5"].score == 0


SAME = "Most likely the same cause as in"
IN_PLACE = "The parameters are the same after the step as before: change the arrays themselves, in place."


@pytest.mark.parametrize(
    ("base", "refers"),
    [("class RMSProp:", False), ("class RMSProp(BasicOptimizer):", True)],
    ids=["apart", "inherited"],
)
def test_a_row_refers_to_another_classes_only_where_it_has_its_method_from_there(
    assignment, reference_files, rows, base, refers
):
    source = reference_files["beras/optimizers.py"].decode()
    method = "    def apply_gradients(self, trainable_params, grads):\n"
    start, rmsprop, adam = (source.index(f"class {name}") for name in ("BasicOptimizer", "RMSProp", "Adam"))
    first, second = source[start:rmsprop], source[rmsprop:adam]
    nothing = f"{method}        for p, g in zip(trainable_params, grads):\n            p = p - g\n\n\n"
    first = first[: first.index(method)] + nothing
    second = second[: second.index(method)].replace("class RMSProp:", base) + ("" if refers else nothing)
    content = source[:start] + first + second + source[adam:]
    files = reference_files | {"beras/optimizers.py": content.encode()}
    told = {number: row.output for number, row in rows(from_files(files, assignment.edition)).items()}
    assert IN_PLACE in told["4.1"]
    assert f"{SAME} 4.1." in told["4.2"]
    assert (f"{SAME} 4.1." in told["4.3"]) == refers
    assert (IN_PLACE in told["4.3"]) != refers
    assert f"{SAME} {'4.1' if refers else '4.3'}." in told["4.4"]


def test_a_mistake_that_nobody_knows_gets_no_sentence(assignment, rows):
    source = "def call(self, x):\n    return x @ self.w * 3.7 + self.b\n"
    output = rows("Dense.call", source, only="1.1")["1.1"].output
    assert not [c.name for c in load(assignment.reference / "chaffs").values() if c.sentence in output]
    assert "differ" in output


X = np.array([[1.0, 2.0, 4.0], [8.0, 16.0, 32.0]])


@pytest.mark.parametrize(
    ("given", "words"),
    [
        (X.T, "transposed"),
        (X[:, np.newaxis], "axis of length 1 too many"),
        (X[::-1], "order of the samples"),
        (-X, ""),
        (X + 1, ""),
    ],
)
def test_what_is_plain_to_see_is_named(given, words):
    told = observe({"gradient": given}, {"gradient": X}, "gradient")
    assert words in told
    assert bool(told) is bool(words)


@pytest.mark.parametrize(
    ("given", "right", "words"),
    [
        (X, X[np.newaxis], "an axis of length 1 too few"),
        (X[:, np.newaxis], X[..., np.newaxis], "an axis of length 1 in the wrong place"),
        ([X], X, ""),
    ],
)
def test_an_axis_of_length_one_is_too_many_too_few_or_elsewhere(given, right, words):
    told = observe({"gradient": given}, {"gradient": right}, "gradient")
    assert words in told
    assert bool(told) is bool(words)


def test_two_values_that_changed_places_are_named():
    right = {"weight gradient": X, "bias gradient": X[:1]}
    told = observe({"weight gradient": X[:1], "bias gradient": X}, right, "weight gradient")
    assert "bias gradient" in told
    assert "in the right order?" in told


def test_an_order_is_asked_about_only_where_both_values_came_in_each_others_place():
    right = {"weight gradient": X, "bias gradient": X[:1]}
    told = observe({"weight gradient": X[:1], "bias gradient": X[:1]}, right, "weight gradient")
    assert told == "This is what should come as the bias gradient."
    counts = {"trained": np.array([4.0, 3.0]), "sizes": np.array([3.0, 4.0])}
    assert observe({"trained": counts["sizes"], "sizes": counts["trained"]}, counts, "trained") == ""


def test_a_value_that_is_right_is_no_other_that_is_expected_alike():
    right = {"output of a new layer": X, "output of the last call": X}
    assert observe(right, right, "output of a new layer") == ""


@pytest.mark.parametrize("value", [{"a": X}, [], [X, X], np.array([], dtype=np.float64), np.array([True, False]), None])
def test_whatever_comes_back_can_be_looked_at(value):
    assert observe({"gradient": value}, {"gradient": X, "loss": X[0, 0]}, "gradient") == ""


def test_a_dict_for_a_list_is_the_submissions_fault(rows):
    source = "def gradient(self, target, sources):\n    return {'w': sources[0]}\n"
    row = rows("GradientTape.gradient", source, only="5.1")["5.1"]
    assert "grader_error" not in row.staff
    assert "a list of 1 array" in row.output


@pytest.mark.slow
def test_mistakes_rewritten_by_a_machine_get_their_own_sentence(assignment):
    chosen = [variant for kind, variant in collect(assignment) if kind == CHAFF][::20]
    examiner = examination.Examiner(assignment, examination.survey(assignment))
    try:
        verdicts = [
            examiner.variant(CHAFF, dataclasses.replace(chaff, source=disguised(chaff.source))) for chaff in chosen
        ]
    finally:
        examiner.setup.close()
    assert [verdict.variant.name for verdict in verdicts if not verdict.right] == []
    assert sum(verdict.told > 0 for verdict in verdicts) >= 0.75 * len(verdicts)


def test_the_commonest_silent_mistake_trains_and_is_named(assignment, reference_files, tmp_path):
    losses = "beras/losses.py"
    reference_files[losses] = reference_files[losses].replace(b" / batch_size", b"")
    submission = from_files(reference_files, assignment.edition)

    def row(number):
        report = pipeline.grade(submission, tmp_path / "results.json", assignment, only=number)
        return next(test for test in report.tests if test.number == number)

    assert row("9.2").passed
    gradient = row("3.5")
    assert gradient.score == 0
    assert "**5, the batch size**" in gradient.output
    assert sentence(assignment, "not_averaged_over_the_batch") in gradient.output
    assert "finite differences of your loss give a fifth of what this method returns" in gradient.output


def test_a_gradient_of_ones_own_wrong_forward_points_at_the_forward(assignment, reference_files, tmp_path):
    reference_files["beras/losses.py"] = (
        reference_files["beras/losses.py"]
        .replace(b"np.mean((y_pred - y_true) ** 2)", b"np.sum((y_pred - y_true) ** 2)")
        .replace(b"2 * (y_pred - y_true) / y_pred.size", b"2 * (y_pred - y_true)")
    )
    submission = from_files(reference_files, assignment.edition)
    report = pipeline.grade(submission, tmp_path / "results.json", assignment, only="mse")
    output = next(test.output for test in report.tests if test.number == "3.2")
    assert "It does agree with your own forward" in output


TWO_TESTS = '''
from homework.probes import dense
from autograder.authoring import Unsatisfied
from gradescope_utils.autograder_utils.decorators import number, tags, weight


@number("1.1")
@weight(50)
@tags("dense")
def test_lenient(ask, draw):
    """Dense.call, where another try passes"""
    try:
        ask(dense.forward, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3))["output"].agrees()
    except Unsatisfied:
        pass


@number("1.2")
@weight(50)
@tags("dense")
def test_strict(ask, draw):
    """Dense.call, once and for all"""
    ask(dense.forward, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3))["output"].agrees()
'''


def test_a_cause_is_never_referred_to_in_a_row_that_passed(assignment, tmp_path):
    for name in ("homework", "reference", "student_template"):
        shutil.copytree(assignment.root / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(assignment.root / "assignment.toml", tmp_path)
    shutil.rmtree(tmp_path / "reference" / "chaffs")
    (tmp_path / "reference" / "chaffs").mkdir()
    (tmp_path / "reference" / "chaffs" / "only.py").write_text(
        'from autograder.authoring import chaff\n\n\n@chaff("Dense.call", costs={"1.2": 50})\n'
        'def without_bias(self, x):\n    """The bias is missing."""\n    return x @ self.w\n'
    )
    (tmp_path / "tests" / "hidden").mkdir(parents=True)
    (tmp_path / "tests" / "hidden" / "test_two.py").write_text(TWO_TESTS)
    project = config.load(tmp_path)
    files = read_sources(project.reference)
    files["beras/layers.py"] = files["beras/layers.py"].replace(b"x @ self.w + self.b", b"x @ self.w")
    report = pipeline.grade(from_files(files, project.edition), tmp_path / "results.json", project)
    rows = {test.number: test for test in report.tests}
    assert rows["1.1"].passed
    assert not rows["1.2"].passed
    assert "The bias is missing." in rows["1.2"].output
    assert "same cause" not in rows["1.2"].output


def test_without_time_to_spare_no_mistake_is_looked_for(assignment):
    inputs = {"x": np.ones((7, 5)), "w": np.ones((5, 3)), "b": np.ones((1, 3))}
    question = Question("1.1", "dense.forward", inputs, 1)
    given, expected = {"output": np.full((7, 3), 5.0)}, {"output": np.full((7, 3), 6.0)}
    at_leisure = Diagnosis(EditionFiles(assignment))
    in_a_hurry = Diagnosis(EditionFiles(assignment), goes_on=lambda: False)
    found = at_leisure.explain_answer(question, given, expected, "output", lambda _: (question, given))
    assert "forward_without_bias" in found.like
    assert in_a_hurry.explain_answer(question, given, expected, "output", lambda _: (question, given)) == Evidence()


def collected(assignment, *, passed=(), **lost):
    """A diagnosis after these rows: by number, as `t1_2`, what they say of the mistakes."""
    found = Diagnosis(EditionFiles(assignment))
    found.passed.update(passed)
    found.lost.update({name[1:].replace("_", "."): evidence for name, evidence in lost.items()})
    return found


def like(*names, unlike=()):
    return Evidence(dict.fromkeys(names, 1), frozenset(unlike))


def test_a_mistake_that_costs_a_test_which_was_passed_is_not_named(assignment):
    # `another_default` costs 2.4 alone, `leak_is_fixed` 2.1 and 2.5 too.
    both = like("leak_is_fixed", "another_default")
    assert collected(assignment, passed=["2.1", "2.5"], t2_4=both).cause("2.4") == sentence(
        assignment, "another_default"
    )
    assert collected(assignment, passed=["2.5"], t2_4=like("leak_is_fixed")).cause("2.4") == ""


def test_a_mistake_whose_other_test_was_lost_in_another_way_is_not_named(assignment):
    found = collected(assignment, t2_2=like("slope_flipped"), t2_3=like(unlike=["slope_flipped"]))
    assert found.cause("2.2") == ""


def test_the_mistake_that_explains_more_rows_is_named(assignment):
    rows = {"t6_2": like("rows_lie_flat"), "t6_4": like("columns_up_to_the_largest_label", "rows_lie_flat")}
    assert collected(assignment, **rows).cause("6.4") == sentence(assignment, "rows_lie_flat")


def test_of_two_mistakes_that_cannot_be_told_apart_none_is_named(assignment):
    assert collected(assignment, t5_1=like("weights_not_visited", "keyed_by_the_list")).cause("5.1") == ""


def test_an_answer_that_a_mistake_gives_by_chance_is_not_its(assignment):
    inputs = {"x": np.ones((7, 5)), "w": np.ones((5, 3)), "b": np.ones((1, 3))}
    others = Question("1.1", "dense.forward", inputs | {"x": np.full((7, 5), 2.0)}, 2)
    given, expected = {"output": np.full((7, 3), 5.0)}, {"output": np.full((7, 3), 6.0)}
    asked = Question("1.1", "dense.forward", inputs, 1)
    found = Diagnosis(EditionFiles(assignment)).explain_answer(
        asked, given, expected, "output", lambda _: (others, given)
    )
    assert found.like == {}
    assert "forward_without_bias" in found.unlike


def test_what_cannot_be_told_from_the_right_answer_refutes_no_mistake(assignment):
    inputs = {"x": np.ones((7, 5)), "w": np.ones((5, 3)), "b": np.ones((1, 3))}
    given, expected = np.full((7, 3), 5.0), np.full((7, 3), 6.0)
    given[0, 0] = expected[0, 0] = 2e11  # all others are rounding beside it
    asked = Question("1.1", "dense.forward", inputs, 1)
    found = Diagnosis(EditionFiles(assignment)).explain_answer(
        asked, {"output": given}, {"output": expected}, "output", lambda _: (asked, {"output": given})
    )
    assert found == Evidence()


def test_that_both_fail_for_other_inputs_neither_confirms_nor_refutes_a_mistake(assignment):
    inputs = {"x": np.ones((7, 5)), "w": np.ones((5, 3)), "b": np.ones((1, 3))}
    failing = Question("1.1", "dense.forward", inputs | {"x": np.ones((7, 4))}, 2)  # of no size that goes with w
    asked = Question("1.1", "dense.forward", inputs, 1)
    given, expected = {"output": np.full((7, 3), 5.0)}, {"output": np.full((7, 3), 6.0)}
    found = Diagnosis(EditionFiles(assignment)).explain_answer(
        asked, given, expected, "output", lambda _: (failing, None)
    )
    assert "forward_without_bias" not in {*found.like, *found.unlike}


NO_GRADIENT = ("weights_not_visited", "inputs_not_visited", "walked_forwards", "keyed_by_the_list", "never_recording")


@pytest.mark.cases
@pytest.mark.parametrize("name", NO_GRADIENT)
def test_mistakes_of_the_tape_that_all_end_in_none_are_told_apart(assignment, rows, name):
    chaffs = load(assignment.reference / "chaffs")
    said = {row.staff.get("diagnosis") for row in rows(chaffs[name].target, chaffs[name].source, only="tape").values()}
    assert said <= {None, chaffs[name].sentence}


ACCURACIES = {
    "half_or_more": "np.mean(np.sum((probs >= 0.5) * labels, axis=-1))",
    "of_the_batch": "np.mean(np.argmax(probs) == np.argmax(labels))",
}


@pytest.mark.parametrize("name", [pytest.param("half_or_more", marks=pytest.mark.slow), "of_the_batch"])
def test_a_wrong_accuracy_is_named_alike_with_every_seed(assignment, reference_files, tmp_path, name):
    truth = {"half_or_more": "more_than_half", "of_the_batch": "largest_of_the_whole_batch"}[name]
    source = f"def call(self, probs, labels):\n    return {ACCURACIES[name]}\n"
    variant = Variant("own", "CategoricalAccuracy.call", source, "", "own.py", 1)
    submission = from_files(render(reference_files, [variant]), assignment.edition)
    for seed in map(str, range(5)):
        report = pipeline.grade(submission, tmp_path / "results.json", assignment, only="6.5", seed=seed)
        (row,) = (test for test in report.tests if test.number == "6.5")
        assert row.staff["diagnosis"] == sentence(assignment, truth)


NOT_WRITTEN = {
    "BasicOptimizer.apply_gradients": ("(self, trainable_params, grads)", "4.1"),
    "SequentialModel.batch_step": ("(self, x, y, training=True)", "7.3"),
    "GradientTape.gradient": ("(self, target, sources)", "5.1"),
}


@pytest.mark.parametrize("target", NOT_WRITTEN)
def test_what_is_said_of_a_method_that_does_nothing_is_true_of_it(rows, target):
    signature, number = NOT_WRITTEN[target]
    row = rows(target, f"def {target.rpartition('.')[2]}{signature}:\n    return None\n", only=number)[number]
    said = row.staff.get("diagnosis", "")
    assert not row.passed
    assert not said or "the same after" in said  # the parameters, the weights: nothing has changed


def test_no_mistake_is_named_before_all_rows_are_known(assignment, reference_files, tmp_path):
    reference_files["beras/losses.py"] = reference_files["beras/losses.py"].replace(b" / batch_size", b"")
    told = sentence(assignment, "not_averaged_over_the_batch")
    results, seen = tmp_path / "results.json", []
    pipeline.grade(
        from_files(reference_files, assignment.edition),
        results,
        assignment,
        only="cross_entropy",
        progress=pipeline.Progress(result=lambda _: seen.append(told in results.read_text())),
    )
    assert seen
    assert not any(seen)
    assert told in results.read_text()


def test_training_that_follows_from_a_lost_row_says_so(assignment, reference_files, tmp_path):
    tape = "beras/gradient_tape.py"
    text = reference_files[tape].decode()
    reference_files[tape] = text.replace(
        "def gradient(self, target, sources):",
        "def gradient(self, target, sources):\n        return [None for _ in sources]\n",
        1,
    ).encode()
    report = pipeline.grade(
        from_files(reference_files, assignment.edition), tmp_path / "results.json", assignment, only=["5.1", "9.1"]
    )
    row = next(row for row in report.tests if row.number == "9.1")
    assert "Training builds on `GradientTape.gradient` (5.1), which lost points: fix this first." in row.output
