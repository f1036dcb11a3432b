"""Computed answers of the written part: formulas, numbers, shapes, choices, functions, and counted sentences."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from autograder.assignment import config
from autograder.base.errors import AssignmentError
from autograder.base.seeds import PUBLIC_SEED
from autograder.wall.sandbox import Sandbox
from autograder.written import answers, expressions, questions, sentences, templates
from autograder.written.computing import Computer
from autograder.written.documents import BELOW, Document, Piece, Section
from homework import homework
from homework.written import finite_differences

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = questions.load(ROOT)
CODE = WRITTEN.question("update-step").code


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


def verdict(question, name, given):
    found = answers.check_fields(WRITTEN.question(question), {name: given}, seed=3)
    return next(one for one in found if one.label == name)


@pytest.mark.parametrize(
    "given",
    [
        "(P_j - y_j) * x_i",
        "x_i (P_{j} - y_{j})",
        "$\\left(P_j - y_j\\right)\\, x_i$",
        "\\frac{\\partial L}{\\partial w_{ij}} = (P_j - y_j)\\mathbf{x}_i",
        "∂L/∂w_ij = (P_j − y_j) x_i",
        "(Pj −yj)xi",
        "`x_i*p_j - y_j*x_i`",
        "**-(y_j - P_j) x_i**",
        "\\frac{P_j - y_j}{1} \\cdot x_i",
        "\\boxed{\\frac{\\partial L}{\\partial w_{ij}} = (P_j - y_j)x_i}",
        "\\begin{align*} \\nabla L &= (P_j - y_j)x_i \\tag{1} \\end{align*}",
        "$(P_j - y_j)~x_i \\quad \\forall i, j$ ∎",
        "the gradient is (P_j - y_j) x_i (both cases)",
        "x_i (P_j - \\mathbb{1}_{j=c})",
        "P_j x_i - \\delta_{jc} x_i",
        "P_j x_i if j ≠ c, x_i(P_j - 1) if j = c: (P_j - y_j) x_i",
    ],
)
def test_a_right_formula_is_right_however_it_is_written(given):
    assert verdict("update-rule", "gradient", given).right is True


@pytest.mark.parametrize(
    "given",
    [
        "P_j * x_i",
        "(y_j - P_j) x_i",
        "(P_j - 1) x_i",
        "P_j - y_j x_i",
        "1/0",
        "the gradient is P_j x_i",
        "(y_j - P_j) x_i for all j",
    ],
)
def test_a_wrong_formula_is_wrong(given):
    assert verdict("update-rule", "gradient", given).right is False


@pytest.mark.parametrize(
    "given",
    [
        "see above",
        "(P_j - y_j",
        "__import__('os')",
        "lambda: 0",
        "(" * 300,
        "x_i" * 200,
        "9" * 399,
        "P_j ;; x_i",
        "(x_i " * 100_000,
        " " * 400_000 + "x_i",
    ],
)
def test_what_cannot_be_read_as_a_formula_is_left_to_a_person(given):
    assert verdict("update-rule", "gradient", given).right in (None, False)
    assert verdict("update-rule", "gradient", "see above").right is None


def test_the_right_formula_agrees_with_finite_differences_in_both_cases():
    field = WRITTEN.question("update-rule").fields[0]
    rng = np.random.default_rng(1)
    w, x = rng.normal(size=(4, 3)), rng.normal(size=4)
    p = np.exp(x @ w) / np.exp(x @ w).sum()
    gradient = finite_differences(w, x, c=1)
    formula = expressions.parse(field.expect, field.symbols)
    for i, j in np.ndindex(4, 3):
        values = {"P_j": float(p[j]), "y_j": float(j == 1), "x_i": float(x[i])}
        assert formula.value(values) == pytest.approx(gradient[i, j], abs=1e-7)


@pytest.mark.parametrize(
    "given",
    [
        "(n, m)",
        "n x m",
        "$n \\times m$",
        "n by m",
        "[n,m]",
        "nxm",
        "(n, m), as W is",
        "(1,n,m)",
        "n-by-m",
        "(n; m)",
        "$(n,\\ m)$",
        "n rows and m columns",
        "(n, m), not (m, n)",
        "(n, m) or (1, n, m)",
        "n × m, like W",
        "(N, n, m) with N samples",
        "W^T is (m, n), so W is (n, m)",
    ],
)
def test_a_right_shape_is_right_however_it_is_written(given):
    assert verdict("local-shapes", "get_input_gradients", given).right is True


@pytest.mark.parametrize("given", ["(m, n)", "(n,)", "n", "(n, n)", "(n, m, 1)", "(n + m,)"])
def test_a_wrong_shape_is_wrong_and_told_for_some_sizes(given):
    found = verdict("local-shapes", "get_input_gradients", given)
    assert found.right is False
    assert "n = 7, m = 3" in found.text


@pytest.mark.parametrize(
    "given",
    [
        "the same as W",
        "(heads, n, m)",
        "(N, n, m)",
        "(n, m)^T",
        "(n, m) or (m, n)",
        "n/0",
        "not (n, m)",
        "m x n, unlike W which is n x m",
        "W^T, so (m, n)",
    ],
)
def test_a_shape_that_cannot_be_read_is_left_to_a_person(given):
    assert verdict("local-shapes", "get_input_gradients", given).right is None


@pytest.mark.parametrize(
    "given",
    [
        "-0.4",
        "−0.4",
        "$-0.4$",
        "-2/5",
        "(0.2 - 1) * 0.5 = -0.4",
        "-0,4",
        "it is -0.4",
        "-0.4, not 0.4",
        "for x_i = 0.5: -0.4",
        "minus 0.4",
        "$-0{,}4$",
        "\\boxed{-0.4}",
    ],
)
def test_a_right_number_is_right_however_it_is_written(given):
    assert verdict("update-step", "by hand", given).right is True


@pytest.mark.parametrize(
    "given", ["a vector with n entries", "an n-dimensional vector", "ℝⁿ", "J is (1, m), W.T is (m, n), so (1, n)"]
)
def test_a_shape_in_words_or_with_its_working_is_right(given):
    assert verdict("composed-shapes", "compose_input_gradients", given).right is True


def test_of_two_numbers_the_one_that_is_not_refused_counts():
    assert verdict("update-step", "by hand", "0.4, not -0.4").right is False


@pytest.mark.parametrize(
    ("question", "name", "given"),
    [
        ("update-rule", "gradient", r"$(P_j-y_j) x_i$ if j = c, and $P_j^2$ otherwise"),
        ("update-rule", "gradient", r"$(P_j-y_j) x_i = \sum_k w_{kj} P_k$"),
        ("update-rule", "gradient", r"$\sum_k P_k = (P_j-y_j) x_i$"),
        ("update-rule", "gradient", "(P_j-y_j) x_i with P_j x_i for the others"),
        ("update-rule", "gradient", "(P_j-y_j) x_i if y_j = 1 and 0 otherwise"),
        ("update-rule", "gradient", "(P_j-y_j) x_i where P_j = y_j"),
        ("update-rule", "gradient", "P_j^2 if j = c: (P_j-y_j) x_i"),
        ("update-rule", "gradient", "(P_j-y_j) x_i  # or P_j x_i"),
        ("update-rule", "gradient", "(P_j-y_j) x_i = w_{ij}"),
        ("update-rule", "gradient", "(P_j-y_j) x_i?"),
        ("update-step", "by hand", "-0.4 or = maybe 0.1"),
        ("update-step", "by hand", "-0.4, where +0.4 may be right as well"),
        ("update-step", "by hand", "-0.4 (0.1 otherwise)"),
        ("update-step", "by hand", "0.1 (-0.4 otherwise)"),
        ("update-step", "by hand", "0.1, while for j = c it is -0.4"),
        ("update-step", "by hand", "-0.4, sometimes 0.1"),
        ("update-step", "by hand", "-0.4 otherwise"),
        ("descent", "from A", "1 (maybe 2, 3, 4 and 5)"),
        ("descent", "from A", "1 = perhaps 2"),
        ("descent", "from A", "1, not sure, could be 2"),
        ("descent", "from A", "1 or the third"),
        ("descent", "from A", "1, not 3, 2"),
        ("descent", "from A", "1?"),
        ("descent", "from B", "3 if it goes right, 1 if it goes left"),
        ("descent", "from B", "3 1"),
        ("local-shapes", "get_input_gradients", "(n, m), maybe (m, n)"),
        ("local-shapes", "get_input_gradients", "(m, n) = (n, m)"),
        ("local-shapes", "get_input_gradients", "(n, m), like m x n"),
        ("local-shapes", "get_input_gradients", "(n, m) otherwise"),
        ("start", "layer", "the last (the first layer)"),
        ("start", "layer", "the last (maybe the first)"),
        ("start", "layer", "the last layer (layer 1)"),
        ("start", "function", "get_input_gradients?"),
    ],
)
def test_what_says_two_things_or_doubts_itself_is_left_to_a_person(question, name, given):
    assert verdict(question, name, given).right is None


@pytest.mark.parametrize("given", ["(P_j - y_j) abs(x_i)", r"(P_j - y_j)\sqrt{x_i^2}", "(P_j - y_j) x_i^2 / abs(x_i)"])
def test_a_formula_that_is_right_for_positive_inputs_alone_is_wrong(given):
    assert verdict("update-rule", "gradient", given).right is False


@pytest.mark.parametrize(
    ("question", "name", "given"),
    [
        ("update-rule", "gradient", "(P_j-y_j) x_i where P_j is the softmax and y_j is 1 if j = c and 0 otherwise"),
        ("update-rule", "gradient", r"$(P_j-y_j) x_i$, where $y_j = 1$ if $j = c$, else 0"),
        ("update-rule", "gradient", r"(P_j-y_j)x_i with P_j = e^{z_j}/\sum_k e^{z_k}"),
        ("update-rule", "gradient", r"(P_j-y_j)x_i for $j = 1, \dots, m$"),
        (
            "update-rule",
            "gradient",
            r"$\frac{\partial L}{\partial z_j}\frac{\partial z_j}{\partial w_{ij}} = (P_j-y_j)x_i$",
        ),
        ("update-rule", "gradient", "P_j*x_i - x_i when j=c, P_j*x_i otherwise: (P_j - y_j) * x_i"),
        ("update-step", "by hand", "-0.4 since (P_j - 1) x_i = (0.2 - 1) * 0.5"),
        ("update-step", "by hand", "-0.4, with P_j = 0.2, x_i = 0.5 and y_j = 1"),
        ("update-step", "by hand", "-0.4, i.e. -2/5"),
        ("descent", "from A", "1, not the global minimum 3"),
        ("local-shapes", "get_input_gradients", "y: (m,), x: (n,), so (n, m)"),
        ("start", "layer", "the last layer (loss), not the first"),
    ],
)
def test_what_only_explains_a_right_answer_takes_nothing_from_it(question, name, given):
    assert verdict(question, name, given).right is True


@pytest.mark.parametrize("given", ["-0.4x", "|-0.4|", "not 0.4 but -0.4", "-0.4%", "1 then -0.4"])
def test_a_number_that_may_mean_another_is_left_to_a_person(given):
    assert verdict("update-step", "by hand", given).right is None


def test_a_wrong_number_is_wrong_and_several_are_left_to_a_person():
    assert verdict("update-step", "by hand", "0.4").right is False
    assert verdict("update-step", "by hand", "0.4 or 0.5").right is None


@pytest.mark.parametrize(
    ("given", "right"),
    [
        ("get_input_gradients()", True),
        ("compose_input_gradients([None])", True),
        ("`get_weight_gradients`", False),
        ("get_input_gradients and get_weight_gradients", None),
        ("the third", None),
        ("get_input_gradients(), not get_weight_gradients()", True),
        ("get_weight_gradients(), not get_input_gradients()", False),
    ],
)
def test_a_choice_is_recognised_or_left_to_a_person(given, right):
    assert verdict("start", "function", given).right is right


@pytest.mark.parametrize(
    ("name", "given", "right"),
    [
        ("layer", "the last layer", True),
        ("layer", "the final layer (the loss)", True),
        ("layer", "CategoricalCrossEntropy", True),
        ("layer", "loss, i.e. the last layer", True),
        ("function", "loss.get_input_gradients()", True),
        ("layer", "first hidden layer", False),
        ("layer", "the second-to-last layer", None),
        ("layer", "the layer before the last", None),
        ("layer", "lastly, I do not know", None),
        ("layer", "lossless layer", None),
        ("layer", "maybe the last", None),
        ("layer", "it isn't the last layer", None),
        ("layer", "everything except the loss", None),
        ("function", "never get_input_gradients", None),
        ("function", "get_input_gradients or none of them", None),
        ("function", "never get_weight_gradients", None),
    ],
)
def test_only_a_choice_of_whole_known_words_is_decided(name, given, right):
    assert verdict("start", name, given).right is right


@pytest.mark.parametrize("name", ["gradient", "by hand", "get_input_gradients", "layer"])
def test_blanks_in_a_result_change_nothing(name):
    question = next(one for one in WRITTEN.questions if name in {field.name for field in one.fields})
    blanks = "x" + " " * 960 + "!"
    assert verdict(question.id, name, blanks).text == verdict(question.id, name, "x !").text


def test_an_empty_field_is_left_to_a_person():
    assert verdict("start", "layer", "").right is None


def run(sandbox, source, cells=()):
    return answers.check_code(CODE, source, cells, WRITTEN.limits, sandbox, 5, homework)


TELLS_ITS_INPUTS = """
def update(w, x, c, alpha):
    {what}
"""


@pytest.mark.parametrize(
    "what",
    [
        "raise ValueError(repr(float(w.ravel()[0])))",
        "return np.zeros((1, int(abs(w.ravel()[0]) * 1e5)))",
        "return None if abs(w.ravel()[0]) * 1e5 % 2 < 1 else w",
    ],
)
def test_what_a_row_says_of_a_function_tells_nothing_of_its_secret_inputs(sandbox, what):
    source = TELLS_ITS_INPUTS.format(what=what)
    told = {answers.check_code(CODE, source, (), WRITTEN.limits, sandbox, seed, homework).text for seed in (5, 6)}
    assert len(told) == 1


RIGHT = """
def update(w, x, c, alpha):
    z = x @ w
    p = np.exp(z - z.max()) / np.exp(z - z.max()).sum()
    {step}
"""


@pytest.mark.parametrize(
    "step",
    [
        "p[c] -= 1; return w - alpha * np.outer(x, p)",
        "p[c] -= 1; w -= alpha * np.outer(x, p)",
        "return [[w[i, j] - alpha * (p[j] - (j == c)) * x[i] for j in range(len(p))] for i in range(len(x))]",
        "g = x[:, None] * p; g[:, c] -= x; return (w - alpha * g).astype(np.float32)",
    ],
)
def test_a_right_function_is_right_whatever_its_style(sandbox, step):
    found = run(sandbox, RIGHT.format(step=step))
    assert (found.right, found.earned) == (True, 3)


def test_what_is_right_for_public_inputs_alone_is_wrong(sandbox):
    known = {float(w.ravel()[0]) for w in homework.written_checks[CODE.check].inputs(PUBLIC_SEED)["weights"]}
    step = f"p[c] -= 1; return w - alpha * np.outer(x, p) * (float(w.ravel()[0]) in {known!r})"
    found = run(sandbox, RIGHT.format(step=step))
    assert (found.right, found.text) == (False, "it is not right for all inputs that were tried.")


@pytest.mark.parametrize(
    ("step", "told"),
    [
        ("return w - alpha * np.outer(x, p)", "the case j = c differs"),
        ("p[c] -= 1; p[np.arange(len(p)) != c] *= 2; return w - alpha * np.outer(x, p)", "the case j ≠ c differs"),
        ("p[c] -= 1; return w + alpha * np.outer(x, p)", "goes up the gradient"),
        ("p[c] -= 1; return w - np.outer(x, p)", "leaves out the learning rate"),
        ("p[c] -= 1; return w - alpha * np.outer(p, x)", "it raised `ValueError` in line 4"),
        ("return 'weights'", "does not return an array"),
        ("return np.zeros(3)", "it returns an array of shape (3,)"),
        ("return None", "both cases differ"),
        ("raise NotImplementedError", "it raised `NotImplementedError` in line 4"),
    ],
)
def test_a_wrong_function_is_told_what_is_wrong(sandbox, step, told):
    found = run(sandbox, RIGHT.format(step=step))
    assert found.right is False
    assert told in found.text


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("def update(w, x, c, alpha):\n    while True: pass", "took too long"),
        ("import os\ndef update(w, x, c, alpha):\n    os._exit(0)", "ended its process"),
        ("def update(w, x, c, alpha:\n    return w", "`SyntaxError` in line 1"),
        ("upgrade = 1", "there is no function `update`"),
        ("", "has not been written"),
    ],
)
def test_code_that_misbehaves_costs_its_own_points_alone(sandbox, source, told):
    found = answers.check_code(CODE, source, (), LIMITS, sandbox, 5, homework)
    assert found.right is False
    assert told in found.text


LIMITS = questions.Limits(**{**vars(WRITTEN.limits), "code_seconds": 1})


def test_a_helper_from_another_cell_is_found_whatever_the_cells_beside_it_raise(sandbox):
    helper = "import numpy as np\ndef softmax(z):\n    e = np.exp(z - z.max())\n    return e / e.sum()"
    source = "def update(w, x, c, alpha):\n    p = softmax(x @ w); p[c] -= 1\n    return w - alpha * np.outer(x, p)"
    plots = "import nothing_here\nnothing_here.plot(open('losses.csv').read())"
    assert run(sandbox, source, ["print(", plots, helper, source, "exit()"]).right is True
    assert "NameError" in run(sandbox, source, [plots, source]).text


def test_code_in_a_pdf_in_a_picture_or_below_its_place_is_left_to_a_person(tmp_path):
    question = WRITTEN.question("update-step")
    code = Section((Piece("def update(): pass", is_code=True),), {"by hand": "-0.4"})
    picture = Section((Piece("see the picture"),), {"by hand": "-0.4"})
    below = Section((Piece("def update(): pass", apart=BELOW, is_code=True),), {"by hand": "-0.4"})
    with Computer(config.load(), WRITTEN, tmp_path / "results.json") as computer:
        empty = Section((), {"by hand": "-0.4"})
        elsewhere = ("import numpy as np\ndef update(): pass",)
        for section, kind, cells in (
            (code, "pdf", ()),
            (picture, "notebook", ()),
            (below, "latex", ()),
            (empty, "notebook", elsewhere),
        ):
            verdict = computer.verdicts(question, section, Document("it", kind, code_cells=cells), "digest")[-1]
            assert (verdict.right, verdict.points) == (None, 3)


@pytest.mark.parametrize(
    ("text", "fewest", "most"),
    [
        ("One. Two! Three?", 3, 3),
        ("It is 0.5, e.g. for a loss, i.e. small (see Fig. 3). Done.", 2, 2),
        ("The loss $L = 1. Yes.$ falls. It ends", 2, 2),
        ("First; second; third.", 1, 3),
        ("- one point\n- another point\n- and more", 1, 3),
        ("no stop at all", 1, 1),
        ("", 0, 0),
        ("$x = 1.$", 1, 1),
        ("No. It saturates.", 2, 2),
        ("1. It saturates.\n2. It is slow.", 2, 2),
        ("See Fig. 3, App. B and Tab. 2. It is slow.", 2, 2),
        ("Its gradient is $$P - y.$$ It is linear.", 2, 2),
        ("**It saturates.** It is slow.[3] It ends.¹ So.", 4, 4),
        ("它会饱和。为什么？ यह धीमा है। Ja, z.B. so.", 4, 4),
        ("It was made in the U.S. The loss falls.", 1, 2),
        ("J. S. Bach and R. A. Fisher agree.", 1, 1),
    ],
)
def test_sentences_are_counted_from_below_and_from_above(text, fewest, most):
    assert sentences.count(text) == (fewest, most)


def test_limits_with_a_single_key_change_nothing_else(tmp_path):
    text = (ROOT / "written.toml").read_text("utf-8")
    start, end = text.index("[limits]"), text.index("[[question]]")
    for limits, pages in (("", 80), ("[limits]\n", 80), ("[limits]\npages = 9\n", 9)):
        (tmp_path / "written.toml").write_text(f"{text[:start]}{limits}\n{text[end:]}", "utf-8")
        assert questions.load(tmp_path).limits == replace(WRITTEN.limits, pages=pages)


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ('kind = "formula"', 'kind = "guess"', "must be one of formula, number, shape, choice"),
        (
            'expect = "(P_j - y_j) * x_i"',
            'expect = "(P_j - y_j * x_i"',
            r"update-rule.*gradient.*expect cannot be read",
        ),
        ('id = "losses"', 'id = "update-rule"', "two questions have the id update-rule"),
        ('"softmax", "loss", ', '"softmax", "_", ', r"update-rule.*gradient.*harmless.*no word stands"),
        ("means.x_i", "means.z_i", "means has z_i, not one of `symbols`"),
        ('audience = "2470"', 'audience = "2471"', "must be one of all, 2470, bonus"),
        ('people = "pending"', 'people = "never"', "must be one of pending, zero"),
        ("sentences = [3, 5]", "sentences = [3]", "must be two whole numbers"),
        (
            "megabytes = 40",
            "megabytes = 40\nmegabyte = 4",
            r"\[limits\] megabyte is not known; did you mean megabytes\?",
        ),
        ("rubric = [", "rubrik = [", r"\[question update-rule\] rubrik is not known; did you mean rubric\?"),
        ('binary = ["y_j"]', 'binry = ["y_j"]', r"field gradient\] binry is not known; did you mean binary\?"),
        ('kind = "formula"', 'kind = "formula"\nbatch = 1', "batch must be true or false, and is 1"),
        ("[names]", "[name]", r"the table \[name\] is not known; did you mean names\?"),
    ],
)
def test_a_mistake_in_the_questions_is_named(tmp_path, old, new, told):
    text = (ROOT / "written.toml").read_text("utf-8")
    assert old in text
    (tmp_path / "written.toml").write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(AssignmentError, match=told):
        questions.load(tmp_path)


def test_a_misspelt_key_of_the_solution_is_named(tmp_path):
    (tmp_path / "answers.toml").write_text('[losses]\ntxt = "Yes."\n')
    with pytest.raises(AssignmentError, match=r"answers\.toml: \[losses\] txt is not known; did you mean text\?"):
        templates.read_answers(tmp_path / "answers.toml")
