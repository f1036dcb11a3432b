"""What may stand beside a result: honest phrasings are computed, hedged, negated and altered ones are a person's."""

from pathlib import Path

import pytest

from autograder.written import answers, questions

WRITTEN = questions.load(Path(__file__).resolve().parents[3])
RESULT = "(P_j - y_j) x_i"

# Right answers as honest people write them.
HONEST = {
    ("update-rule", "gradient"): (
        r"The answer is $(P_j - y_j) x_i$",
        r"So the final expression is $(P_j - y_j)\,x_i$.",
        r"Combined: x_i (P_j - y_j)",
        r"Both cases together give (P_j - y_j) x_i",
        r"We get $\frac{\partial L}{\partial w_{ij}} = x_i (P_j - y_j)$ for all weights $w_{ij}$",
        r"$(P_j - y_j)x_i$ for every i and every j",
        r"$(P_j - y_j)x_i$, for each weight $w_{ij}$.",
        r"(P_j - y_j) x_i where P_j is the softmax output and y_j the label",
        r"(P_j - y_j) x_i, where y_j is the one-hot label",
        r"(P_j - y_j) x_i, with P_j the predicted probability and y_j the target",
        r"(P_j - y_j) x_i where y_j is 1 when j = c and 0 otherwise",
        r"(P_j - y_j) x_i, where y_j = 1 if j = c and y_j = 0 if j ≠ c",
        r"(P_j - y_j) x_i with x_i the input",
        r"$(P_j - y_j) x_i$ by the chain rule",
        r"dL/dw_ij = (P_j - y_j) x_i, as asked",
        r"Therefore $\partial L/\partial w_{ij} = (P_j - y_j)x_i$",
        r"$(P_j - y_j)x_i$ (as one expression)",
        r"\boxed{(P_j - y_j)\,x_i} \quad \text{for all } i, j",
        r"(P_j - y_j) x_i for j = 1, ..., m",
        r"$x_iP_j - x_iy_j = (P_j - y_j)x_i$",
        r"it simplifies to: (P_j - y_j) x_i",
    ),
    ("update-step", "by hand"): (
        "The answer is -0.4.",
        "the gradient is then -0.4",
        "It comes to -0.4",
        "We get -0.4",
        "I get -0.4",
        "-0.4 (computed by hand)",
        "-0.4 (the code gives -0.4)",
        "Result: -0.4",
        "x_i (P_j - 1) = 0.5 * (-0.8) = -0.4",
        "-0.4, because (0.2 - 1) * 0.5 = -0.4",
        "-0.4 as j = c",
        "since j = c: (0.2 - 1) * 0.5 = -0.4",
        "With P_j = 0.2 and x_i = 0.5 the derivative is -0.4",
        "$\\frac{\\partial L}{\\partial w_{ij}} = (0.2 - 1) \\cdot 0.5 = -0.4$",
        "dL/dw_ij = -0.4",
        "-0.4, or -2/5",
        "exactly -0.4",
        "-0.4 (which is negative)",
        "therefore -0.4",
        "overall, it is −0.4",
        "The value of the derivative: -0.4",
    ),
    ("descent", "from A"): (
        "It ends at 1.",
        "at point 1",
        "the local minimum 1",
        "1 (on the left)",
        "1, a local minimum",
        "it stops at 1",
        "it converges to 1",
        "A ends up in 1",
        "In the valley at 1",
        "1, the nearest minimum",
        "1 and stays there",
        "1, since every step goes downhill",
    ),
    ("local-shapes", "get_input_gradients"): (
        "The answer is (n, m)",
        "it has the shape (n, m)",
        "a matrix with n rows and m columns",
        "(n, m), one row for each input",
        "(n, m), the same as W",
        "we get an n × m matrix",
        "the weights themselves, so (n, m)",
        "(n, m) for a single sample",
    ),
    ("composed-shapes", "compose_input_gradients"): (
        "The result is (n,)",
        "one value per input, so (n,)",
        "(n,) since the outputs are summed over",
        "a vector of length n, like x",
    ),
    ("start", "layer"): (
        "It starts at the loss",
        "It is the loss function, which is the last layer.",
        "on the loss layer",
        "the loss, which is called last in the forward pass",
    ),
    ("start", "function"): (
        "The function is get_input_gradients()",
        "get_input_gradients() is called on the loss",
        "first get_input_gradients()",
        "compose_input_gradients(J=None)",
    ),
}

# What a person has to read: doubts, negations, bounds, other signs, factors, functions and cases.
HEDGED = {
    ("update-rule", "gradient"): tuple(
        said.format(RESULT)
        for said in (
            "{} with the opposite sign", "{} up to a sign", "{} by a factor of two", "{} (times two)", "{} (halved)",
            "{}, where P_j is the label and y_j the probability", "{} as the numerator, over the batch size",
            "{} with y_j = 1 everywhere", "{} with y_j = 0", "{} where y_j is 0 if j = c and 1 otherwise",
            "{} for j = c", "for j = c: {}", "{} if j ≠ c", "{} for any j except c", "{} for all j but c",
            "{} for each j, summed over all i", "{} averaged", "{}, for the transposed weights",
            "{} by the step size",
            "{} because x_i stands for w_ij", r"{} \text{{ where the minus is a plus}}", "{} where - means +",
            "{} whereas it is zero for the other class", "{} since z_j is the loss", "{} (with the sign turned)",
            "{} only", "{} in one of the cases", "{} to some extent", "{} is false", "{} at most", "{} or so",
            "not quite {}", "the opposite of {}", "twice {}", "the logarithm of {}", "-dL/dw_ij = {}", "dL/db_j = {}",
            "2 dL/dw_ij = {}", "the negative gradient is {}", "the reciprocal: {}", "{} > 0", "L < {}", "{} ± 1",
            "± {}", "{} squared", "{} modulo the batch", "anything but {}", "{} is what I had first",
            "{} divided by N",
            "{} % times two", "{} # doubled",
        )
    ),
    ("update-step", "by hand"): tuple(
        said.format("-0.4")
        for said in (
            "everything except {}", "anything other than {}", "far from {}", "{} false", "{} squared",
            "{}, the reciprocal", "the absolute value of {}", "log {}", "exp({})", "{} percent", "{} %", "{} % of it",
            "{} and its negative", "{} per mille",
            "{} with the opposite sign", "{} up to a sign", "{} (positive)", "more than {}", "at least {}",
            "< {}", "> {}",
            "≤ {}", "≥ {}", "{} given the wrong input", "{} for the other class", "{} if j ≠ c",
            "{} for j = k", "{} or so",
            "{} or more", "{} is too small", "{} is not it", "{}, not", "{} is wrong", "never {}", "hardly {}",
            "{} off",
            "less {}", "{} short", "{} in one case", "{} above zero", "{} and its double", "{} inverted",
            "{} mirrored",
            "{} x_i", "{} w", "w_ij {}", "{} of x_i too many", "{} each time, repeated", "{} / batch",
            "half as much as {}",
            "~= {} or thereabouts", "{} before the sign is dropped", "{} unless it is rounded", "{} in the limit",
            "{} plus the bias", "|{}|", "¬ {}", "{}‰", "{} degrees", "the root of {}", "{} to be subtracted",
            r"\pm 0.4", "+/- 0.4", "−(−0.4)!?", "\u202e4.0-", "0.4 (with the sign turned)", "0.4 negated",
            "0.4 below zero",
        )
    ),
    ("descent", "from A"): (
        "left of 1", "right of 1", "past 1", "before 1", "near 1", "beyond point 1", "1 for B", "B: 1",
        "opposite of 1",
        "anywhere but 1", "1 at first", "1 in the end or none", "not the minimum 1", "1, not", "1 is avoided",
        "1 and on",
    ),
    ("local-shapes", "get_input_gradients"): (
        "anything other than (n, m)", "(n, m) reversed", "(n, m) flipped", "everything but (n, m)", "(n, m) swapped",
        "smaller than (n, m)", "> (n, m)", "half of (n, m)", "(n, m) backwards", "the opposite of (n, m)",
        "(n, m), not",
    ),
    ("start", "layer"): (
        "anything other than the loss", "all but the last", "the loss (said nobody)", "< loss", "the last, not",
        "far from the loss", "the layer behind the last", "no loss",
    ),
}  # fmt: skip


def cases(table):
    return [(*where, said) for where, every in table.items() for said in every]


def verdict(question, name, said):
    found = answers.check_fields(WRITTEN.question(question), {name: said}, seed=3)
    return next(one for one in found if one.label == name)


@pytest.mark.parametrize(("question", "name", "said"), cases(HONEST))
def test_an_honest_phrasing_of_a_right_result_is_right(question, name, said):
    found = verdict(question, name, said)
    assert found.right is True, found.text


@pytest.mark.parametrize(("question", "name", "said"), cases(HEDGED))
def test_what_is_hedged_negated_or_altered_is_left_to_a_person(question, name, said):
    assert verdict(question, name, said).right is None
