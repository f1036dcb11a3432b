"""Whatever a submission's process says, what people read of it is bounded, harmless and free of its inputs."""

import csv
import io
import json
import math
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from rich.console import Console

from autograder.assignment.config import Rules
from autograder.base import text as base_text
from autograder.base.files import as_json
from autograder.classroom import grades as tables
from autograder.cli import outcome
from autograder.feedback import comparison, failures, messages, own_forward
from autograder.feedback.text import code
from autograder.grading import rules
from autograder.guest.wire import Text
from autograder.intake.submission import Submission
from autograder.results import report
from autograder.wall.request import Ending, Failure, Outcome
from homework import training_attempt, training_texts

SOURCE = b"class Odd(Exception):\n    pass\n\nclass Dense:\n    def call(self, x):\n        raise Odd\n"
SUBMISSION = Submission(files={"beras/layers.py": SOURCE})
INPUTS = {"x": np.ones((7, 5)), "w": np.ones((5, 3)), "list": [np.ones(3)]}

MARKUP = st.sampled_from(
    [
        "<script>alert(1)</script>", "<img src=http://127.0.0.1/x>", "![p](http://127.0.0.1/)", "[a](javascript:x)",
        "** 100 / 100 **", "`", "``` \n", "\n\n# All tests passed", "| a | b |", "\x1b[2J", "\x9b2J",
        "\u202eevil\u2066",
        "\u200b", "\ud800", "\0", "\r", "=cmd|x!A1", "a;=1+1", "a\t@x", "[red]", "x" * 5000, "0x7f00deadbeef",
    ]
)  # fmt: skip
TEXTS = st.lists(st.one_of(st.text(max_size=40), MARKUP), max_size=4).map("".join)
NAMES = st.one_of(
    TEXTS, st.sampled_from(["Odd", "ValueError", "call", "Dense.call", "beras/layers.py", "ModuleNotLoadedError"])
)
FLOATS = st.one_of(
    st.floats(), st.sampled_from([1e308, -1e308, 1.797e308, 5e-324, math.nan, math.inf, -math.inf, 0.0, -0.0])
)
LENGTHS = st.integers(-(2**63), 2**63 - 1)
FAILURES = st.builds(
    Failure,
    stage=st.one_of(st.sampled_from(["run", "load", "name"]), TEXTS),
    kind=NAMES,
    file=NAMES,
    line=LENGTHS,
    function=NAMES,
    text=TEXTS,
    not_implemented=st.booleans(),
)
ARRAYS = arrays.arrays(
    st.sampled_from([np.float64, np.float32, np.int64, np.bool_]), arrays.array_shapes(min_dims=0, max_side=4)
)
VALUES = st.recursive(
    st.one_of(st.none(), ARRAYS, TEXTS.map(Text)), lambda inner: st.lists(inner, max_size=3), max_leaves=5
)

# What stands inside of code is shown as it is. All else is what a renderer of Markdown would act upon.
CODE = re.compile(r"`[^`\n]*`")
ACTIVE = re.compile(r"<\w|\]\(|^#|\n#|^\s*\||!\[", re.MULTILINE)


def check_markdown(text):
    """What students read: quoted where it is a stranger's, one line a quotation, short, and nothing that deceives."""
    row = report.TestResult(name="row", output=text)
    assert not base_text._UNSAFE.search(row.output)
    assert len(text) < 4000
    assert text.count("`") % 2 == 0
    left = CODE.sub("", text)
    assert "`" not in left
    assert not ACTIVE.search(left)
    assert json.loads(as_json({"output": row.output}))["output"] == row.output


@given(FAILURES, TEXTS)
@settings(max_examples=400, deadline=None)
def test_an_exception_is_quoted_in_code_or_not_at_all(failure, subject):
    outcome = Outcome(Ending.RAISED, failure=failure)
    for name in ("", "Dense.call"):
        check_markdown(failures.no_answer(outcome, SUBMISSION, name, INPUTS))


@given(FAILURES)
@settings(max_examples=200, deadline=None)
def test_what_did_not_come_again_is_not_quoted(failure):
    failure = replace(failure, kind=failure.kind.replace("MemoryError", "Odd"))
    shown = failure.seen_again(replace(failure, kind=failure.kind + "x"))
    assert shown == failure.seen_again(None)
    told = failures.no_answer(Outcome(Ending.RAISED, failure=shown), SUBMISSION, "Dense.call", INPUTS)
    for other in (replace(failure, kind="Odd"), replace(failure, line=5, function="call", text="SECRET")):
        again = other.seen_again(None)
        assert failures.no_answer(Outcome(Ending.RAISED, failure=again), SUBMISSION, "Dense.call", INPUTS) == told


@given(FAILURES)
@settings(max_examples=200, deadline=None)
def test_only_classes_lines_and_functions_that_are_there_are_named(failure):
    told = failures.no_answer(Outcome(Ending.RAISED, failure=failure), SUBMISSION, "Dense.call", INPUTS)
    told = told.replace(code(failure.text), "") if failure.text else told
    for line in re.findall(r"layers\.py` line (\d+)", told):
        assert 1 <= int(line) <= SOURCE.count(b"\n") + 1
    for name in re.findall(r", in `(.*?)`", told):
        assert name == "call"
    for name in re.findall(r"raised \*\*(.*?)\*\*", told):
        assert name in failures._KNOWN_ERRORS


@given(VALUES, st.sampled_from([(3,), (2, 3), ()]))
@settings(max_examples=400, deadline=None)
def test_a_mismatch_never_raises_and_says_little(value, shape):
    expected = np.arange(1.0, np.prod(shape, dtype=int) + 1).reshape(shape)
    assert len(comparison.describe(value)) < 200
    with np.errstate(all="ignore"):
        found = comparison.compare(value, expected, [shape], floating=True)
    if found is None:
        return
    assert found.factor is None or math.isfinite(found.factor)
    for mismatch in (found, found.without_inputs()):
        check_markdown(messages.mismatch(mismatch, "gradients[0]", SUBMISSION, "Dense.call", INPUTS))
    for number in re.findall(r"\d{5,}", messages.mismatch(found.without_inputs(), "x", SUBMISSION, "", {})):
        pytest.fail(f"a number that could be an input: {number}")


@given(st.lists(LENGTHS, max_size=20))
def test_no_shape_spells_a_number(shape):
    text = comparison.shape_text(shape)
    assert len(text) < 100
    assert "-" not in text
    assert all(int(number) <= 100_000 for number in re.findall(r"\d+", text))


@given(st.lists(FLOATS, max_size=12), st.lists(FLOATS, max_size=12))
@settings(max_examples=300)
def test_no_loss_that_is_reported_stops_the_grader(losses, accuracies):
    assert len(training_texts.spark(losses)) == len(losses)
    epochs = [
        training_attempt.Epoch(loss, abs(accuracy) % 1) for loss, accuracy in zip(losses, accuracies, strict=False)
    ]
    text = training_texts.curves(epochs)
    assert len(text) < 200 + 60 * len(epochs)
    json.loads(as_json({"curves": [(epoch.loss, epoch.accuracy) for epoch in epochs]}))


@given(st.lists(FLOATS, min_size=6, max_size=6), st.lists(FLOATS, min_size=6, max_size=6))
@settings(max_examples=300, deadline=None)
def test_no_gradient_stops_the_words_on_differences(given_values, quotients):
    one, other = (np.array(values).reshape(2, 3) for values in (given_values, quotients))
    with np.errstate(all="ignore"):
        text = own_forward.judge(one, other, np.ones((2, 3)), "Dense.call")
    check_markdown(text)
    assert not re.search(r"\d\.\d|\d{5,}", text)


@given(TEXTS)
@settings(max_examples=300)
def test_inline_code_holds_what_it_quotes(text):
    quoted = code(text)
    assert quoted == "" or (quoted[0] == quoted[-1] == "`" and "`" not in quoted[1:-1])
    assert "\n" not in quoted and len(quoted) < 400


@given(TEXTS, TEXTS, LENGTHS)
@settings(max_examples=200, deadline=None)
def test_a_terminal_shows_a_stranger_s_text_as_text(name, detail, line):
    screen = io.StringIO()
    flags = [rules.Flag("library", name, line, detail)]
    Console(file=screen, width=100, highlight=False, emoji=False, color_system=None).print(outcome._flags_table(flags))
    assert not base_text._UNSAFE.search(screen.getvalue())


@given(st.lists(TEXTS, min_size=1, max_size=5))
@settings(max_examples=300)
def test_no_cell_of_a_table_is_a_formula_whatever_parts_its_cells(cells):
    text = tables.as_csv([cells])
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(text.removeprefix("\ufeff")), delimiter=separator):
            for cell in row:
                harmless = re.fullmatch(r"-|[-+]?\d+([.,]\d+)?", cell.strip(), re.ASCII)  # a number, or nothing
                assert harmless or not cell.strip().startswith(("=", "+", "-", "@")), (separator, cell)


@given(st.recursive(st.one_of(TEXTS, FLOATS, LENGTHS, st.none()), lambda inner: st.lists(inner, max_size=3)))
@settings(max_examples=200)
def test_what_the_staff_read_is_strict_and_deceives_nobody(value):
    document = json.loads(as_json({"said": base_text.strict(value)}))
    assert not base_text._UNSAFE.search("".join(_texts(document)))


def _texts(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for entry in value.values():
            yield from _texts(entry)
    elif isinstance(value, list):
        for entry in value:
            yield from _texts(entry)


@given(NAMES, NAMES, LENGTHS, TEXTS)
@settings(max_examples=200, deadline=None)
def test_a_row_on_the_rules_quotes_where_in_code(rule, file, line, detail):
    policy = Rules(forbidden=(), penalties=dict.fromkeys(rules._TITLES, 1.0), module_kb=1)
    del rule, detail
    row = rules.row([rules.Flag("library", file, line, "It refers to torch.")], policy)
    check_markdown(row.output)
