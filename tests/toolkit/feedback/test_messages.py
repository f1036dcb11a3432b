"""What students read: whose fault, where, by how much; and nothing that a hidden test must keep."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from autograder.feedback import definitions, failures, messages
from autograder.grading.answer import Answer
from autograder.intake.submission import from_files
from autograder.wall.request import Ending, Failure, Outcome
from homework.probes import parts

LAYERS, LOSSES, ACTIVATIONS = "beras/layers.py", "beras/losses.py", "beras/activations.py"


def told(grade, files, path, old, new, only):
    text = files[path].decode()
    assert old in text
    results, _ = grade({**files, path: text.replace(old, new).encode()}, "--only", only)
    return next(test for test in results["tests"] if "number" in test)["output"]


@pytest.mark.cases
@pytest.mark.parametrize(
    ("path", "old", "new", "only", "said"),
    [
        (LOSSES, " / batch_size", "", "3.5", "5, the batch size"),
        (LOSSES, "2 * (y_pred", "-2 * (y_pred", "3.2", "the sign"),
        (LOSSES, "/ y_pred.size", "/ len(y_pred)", "3.2", "4, the size of the last axis"),
        (
            LOSSES,
            "return np.mean((y",
            "return 3 * np.mean((y",
            "3.1",
            "loss has the right shape; its value differs by the factor **3**.",
        ),
        (LAYERS, "return x @ self.w + self.b", "return (x @ self.w + self.b).T", "1.1", "(3, 7)"),
        (LAYERS, "np.ones_like(self.b)]", "np.ones(self.b.shape, dtype=int)]", "1.4", "floating-point"),
        (ACTIVATIONS, "x - x.max(axis=-1, keepdims=True)", "x", "2.12", "NaN"),
        (LAYERS, "return x @ self.w + self.b", "return dict()", "1.1", "dtype object"),
        (
            LAYERS,
            "return x @ self.w + self.b",
            "x @ self.w + self.b",
            "1.1",
            "Does every way through the method end in a `return`?",
        ),
        (LAYERS, "return [self.w]", "return self.w", "1.2", "a list of 1 array"),
    ],
)
def test_a_mistake_is_described(grade, reference_files, path, old, new, only, said):
    message = told(grade, reference_files, path, old, new, only)
    assert said in message
    assert "Called with" in message


def test_the_only_array_of_a_list_is_told_without_the_lists_axis(grade, reference_files):
    message = told(
        grade, reference_files, ACTIVATIONS, "np.where(x > 0, one, alpha)]", "np.where(x > 0, one, alpha)[None]]", "2.2"
    )
    assert "should have shape **(7, 4)**, and have shape **(1, 7, 4)**" in message
    assert "`self.inputs[0]`" in message


def test_a_list_that_is_taken_for_an_array_is_named(grade, reference_files):
    message = told(
        grade,
        reference_files,
        "beras/optimizers.py",
        "for parameter, gradient in zip",
        "trainable_params.assign(0)\n        for parameter, gradient in zip",
        "4.1",
    )
    assert "come as lists" in message


def test_a_missing_file_is_named(grade, reference_files):
    files = {path: content for path, content in reference_files.items() if path != LOSSES}
    results, _ = grade(files, "--only", "3.1")
    assert next(test for test in results["tests"] if "number" in test)["output"].startswith(
        "`beras/losses.py` is missing. This test needs it."
    )


def test_a_changed_signature_is_named(grade, reference_files):
    message = told(
        grade, reference_files, LOSSES, "def get_input_gradients(self)", "def get_input_gradients(self, scale)", "3.2"
    )
    assert "takes other arguments" in message
    assert "parameters that it has in the handout" in message


def test_a_class_that_lacks_a_method_is_named(grade, reference_files):
    message = told(grade, reference_files, ACTIVATIONS, "def get_input_gradients", "def input_gradients", "2.2")
    assert "lacks what every class of its kind must define: `get_input_gradients`" in message


def test_an_exception_is_quoted_for_public_inputs_with_its_line(grade, reference_files):
    message = told(grade, reference_files, LAYERS, "return x @ self.w + self.b", "return x.T @ self.w", "1.1")
    assert "ValueError" in message
    assert "line " in message
    assert "matmul" in message


def test_a_missing_class_is_named(grade, reference_files):
    message = told(grade, reference_files, ACTIVATIONS, "class Softmax", "class SoftMax", "2.11")
    assert "`beras/activations.py` defines no `Softmax`. Do you mean `SoftMax`?" in message


def test_the_text_of_an_exception_cannot_carry_a_hidden_tests_inputs_out(grade, reference_files, assignment):
    leak = "raise ValueError('LEAK' + repr(x.tolist()))"
    first = told(grade, reference_files, LAYERS, "return x @ self.w + self.b", leak, "1.1")
    assert "LEAK" in first
    # The inputs that are shown are the public ones: another secret draws others, and shows the same.
    text = reference_files[LAYERS].decode().replace("return x @ self.w + self.b", leak)
    results, _ = grade({**reference_files, LAYERS: text.encode()}, "--only", "1.1", "--seed", "another secret")
    assert next(test for test in results["tests"] if "number" in test)["output"] == first


def test_the_name_of_an_exception_cannot_carry_anything_out(grade, reference_files):
    leak = "raise type('Leak' + str(int(abs(x[0, 0]) * 1e6)), (Exception,), {})()"
    assert "Leak" not in told(grade, reference_files, LAYERS, "return x @ self.w + self.b", leak, "1.1")


def test_an_address_in_a_text_does_not_differ_from_run_to_run(grade, reference_files):
    leak = "raise ValueError(object())"
    assert "0x…" in told(grade, reference_files, LAYERS, "return x @ self.w + self.b", leak, "1.1")


def test_no_expected_value_appears(grade, reference_files):
    text = reference_files[LOSSES].decode().replace("return np.mean((", "return 3 + np.mean((")
    results, _ = grade({**reference_files, LOSSES: text.encode()}, "--only", "3.1")
    assert "expected" not in json.dumps(results["tests"]).lower()


def test_an_empty_file_is_called_empty(grade, reference_files):
    document, _ = grade({**reference_files, "beras/onehot.py": b"\n"}, "--only", "one_hot")
    assert next(test for test in document["tests"] if "number" in test)["output"].startswith(
        "`beras/onehot.py` is empty."
    )
    assert (
        "`beras/onehot.py` is empty." in next(r for r in document["tests"] if r["name"] == "Required files")["output"]
    )


def test_a_placeholder_of_the_handout_is_told_from_other_errors(grade, reference_files):
    reference_files["beras/onehot.py"] += b"\nresult = ???\n"
    document, _ = grade(reference_files, "--only", "one_hot")
    assert (
        "`???` stands for what is yet to be written"
        in next(test for test in document["tests"] if "number" in test)["output"]
    )


def test_what_was_called_by_no_name_stands_nowhere(reference_files, assignment):
    submission = from_files(reference_files, assignment.edition)
    assert definitions.where(submission, "") == ("", 0)
    assert messages.look_at(submission, "") == ""


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("operands could not be broadcast together with shapes (7,3) (5,)", "Does its shape fit"),
        ("not enough values to unpack (expected 2, got 1)", "as many entries"),
        ("list index out of range", "as many entries"),
        ("'float' object is not iterable", "lists where it asks for lists?"),
        ("'numpy.ndarray' object has no attribute 'trainable'", "Is it the kind of value that the handout asks for?"),
        ("'NoneType' object is not iterable", "`'NoneType' object is not iterable`.\n\nWhich value is `None` there?"),
    ],
)
def test_what_could_not_be_used_is_asked_about_by_what_was_said_of_it(assignment, text, asked):
    failure = Failure("run", "ValueError", "", 0, "", text, not_implemented=False, origin="probe")
    submission = from_files({"a.py": b""}, assignment.edition)
    said = failures.no_answer(Outcome(Ending.RAISED, failure=failure), submission, "Dense.call", {})
    assert asked in said


def test_nothing_was_returned_where_an_import_failed(assignment):
    text = "cannot import name 'Tape' from 'beras.tape' (unknown location)"
    failure = Failure("run", "ImportError", "", 0, "", text, not_implemented=False, origin="probe")
    submission = from_files({LAYERS: b"class Dense:\n    pass\n"}, assignment.edition)
    said = failures.no_answer(Outcome(Ending.RAISED, failure=failure), submission, "Dense", {})
    assert said == f"An import failed: **ImportError**: `{text}`."


@pytest.mark.parametrize(
    ("returned", "told"),
    [
        (None, "`evaluate` should return a dict of numbers, and returns nothing: every way through it should end in"),
        (np.float64(0.5), "`evaluate` should return a dict of numbers, and returns one number."),
        ([0.5, 0.25], "`evaluate` should return a dict of numbers, and returns a list of 2 entries."),
        ({}, "`evaluate` returns an empty dict for 12 samples in batches of 4: no batch counts in it."),
        (
            {"loss": 0.5, "a b": 1},
            "`evaluate` returns a dict without the accuracy, which goes by `acc`: it holds `loss`.",
        ),
        (({"acc": 0.5}, None), "`evaluate` returns a dict without the loss, which goes by `loss`: it holds `acc`."),
        ({"loss": None, "acc": 1}, "`evaluate` returns a dict whose loss is None."),
    ],
)
def test_what_came_is_said_where_evaluate_returns_no_metrics(assignment, returned, told):
    with pytest.raises(Exception, match="evaluate") as caught:
        parts.metrics_of(returned, 12, 4)
    text, kind = str(caught.value), type(caught.value).__name__
    failure = Failure("run", kind, "", 0, "", text, not_implemented=False, origin="probe")
    submission = from_files({"a.py": b""}, assignment.edition)
    assert failures.no_answer(Outcome(Ending.RAISED, failure=failure), submission, "", {}).startswith(told)


def test_what_a_probe_does_not_say_is_quoted(assignment):
    failure = Failure("run", "UnusableError", "", 0, "", "`x` is <b>", not_implemented=False, origin="probe")
    submission = from_files({"a.py": b""}, assignment.edition)
    said = failures.no_answer(Outcome(Ending.RAISED, failure=failure), submission, "", {})
    assert said.startswith("What your code returned could not be used: an exception: `")


@pytest.mark.parametrize(
    ("factor", "shape", "settings", "told"),
    [
        (3.0, (12, 5), {"batch_size": 4}, "3, number of samples / batch size"),
        (1 / 12, (12, 5), {"batch_size": 4}, "0.08333, 1 / number of samples"),
        (0.8, (5, 4), {}, "0.8, size of the last axis / batch size"),
        (1.25, (5, 4), {}, "1.25, batch size / size of the last axis"),
        (-0.25, (5, 4), {}, "-0.25, minus 1 / size of the last axis"),
        (3.7, (5, 4), {}, "3.7"),
        (3.7, (0, 4), {}, "3.7"),
    ],
)
def test_a_factor_is_told_by_the_sizes_that_give_it(factor, shape, settings, told):
    assert messages.factor_text(factor, {"x": np.zeros(shape), **settings}) == told


@pytest.mark.parametrize(
    ("given", "expected", "told"),
    [
        ((6.0, 1.5), (2.0, 0.5), 3.0),
        ((6.0, 2.5), (2.0, 0.5), None),
        ((0.75, 0.75), (0.25, 0.25), None),  # one answer twice: its factor may be chance
        ((6.0, 1.0), (2.0, 0.0), None),
    ],
)
def test_the_factor_of_a_single_number_is_told_only_where_two_answers_have_it(given, expected, told):
    public = SimpleNamespace(values=({"loss": np.array(given[1])}, {"loss": np.array(expected[1])}))
    answer = Answer(None, {"loss": np.array(given[0])}, {"loss": np.array(expected[0])}, None, public)
    assert answer["loss"]._factor() == pytest.approx(told) if told else answer["loss"]._factor() is None
