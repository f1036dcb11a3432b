"""What may stand beside a result: honest phrasings are computed, hedged, negated and altered ones are a person's."""

from pathlib import Path

import pytest

from autograder.written import answers, questions

WRITTEN = questions.load(Path(__file__).resolve().parents[3])
RESULTS = {"gradient": "(P_j - y_j) x_i", "by hand": "-0.4"}

# Right answers as honest people write them.
HONEST = {
    ("update-rule", "gradient"): (
        "The answer is $(P_j - y_j) x_i$", r"So the final expression is $(P_j - y_j)\,x_i$.",
        "Combined: x_i (P_j - y_j)", "Both cases together give (P_j - y_j) x_i",
        r"We get $\frac{\partial L}{\partial w_{ij}} = x_i (P_j - y_j)$ for all weights $w_{ij}$",
        "$(P_j - y_j)x_i$ for every i and every j", "$(P_j - y_j)x_i$, for each weight $w_{ij}$.",
        "(P_j - y_j) x_i where P_j is the softmax output and y_j the label",
        "(P_j - y_j) x_i, where y_j is the one-hot label",
        "(P_j - y_j) x_i, with P_j the predicted probability and y_j the target",
        "(P_j - y_j) x_i where y_j is 1 when j = c and 0 otherwise",
        "(P_j - y_j) x_i, where y_j = 1 if j = c and y_j = 0 if j ≠ c", "(P_j - y_j) x_i with x_i the input",
        "$(P_j - y_j) x_i$ by the chain rule", "dL/dw_ij = (P_j - y_j) x_i, as asked",
        r"Therefore $\partial L/\partial w_{ij} = (P_j - y_j)x_i$", "$(P_j - y_j)x_i$ (as one expression)",
        r"\boxed{(P_j - y_j)\,x_i} \quad \text{for all } i, j", "(P_j - y_j) x_i for j = 1, ..., m",
        "$x_iP_j - x_iy_j = (P_j - y_j)x_i$", "it simplifies to: (P_j - y_j) x_i",
        "Putting both cases together: (P_j - y_j) x_i", "(P_j - y_j) x_i, which covers both cases",
        "(P_j − y_j) · x_i   (single expression for both cases)", "Hence, ∂L/∂w_ij = (P_j − y_j) x_i.",
        "(P_j - y_j)x_i where y is the one-hot encoding of c",
        "(P_j - y_j) x_i (y_j = 1 for the correct class, 0 otherwise)",
        "(P_j - y_j) x_i with y_j the indicator of j = c", "dL/dw_{ij} = x_i * (P_j - y_j), for all i and j",
        "x_i(P_j - y_j) for any weight", "(P_j - y_j) x_i as the single expression",
        r"$\nabla_{w_{ij}} L = x_i(P_j - y_j)$, where $P_j$ is the predicted probability of class $j$",
        "(P_j-y_j)*x_i, derived above", r"$(P_j - y_j)x_i$, since $\partial z_j / \partial w_{ij} = x_i$",
        "x_i (P_j - y_j), see the answer below", "(P_j - y_j) x_i. QED", "(P_j - y_j) x_i for all j ∈ {1, …, m}",
        r"$(P_j - y_j) \cdot x_i$", "The gradient of the loss is $(P_j - y_j)x_i$.", "(P_j - y_j)x_i for both cases",
        r"As a single expression: $(P_j - y_j)\,x_i$", "= x_i(P_j - y_j), where y_j ∈ {0, 1}",
        "P_j x_i - y_j x_i = x_i (P_j - y_j)", "(P_j - y_j) x_i with y_j = 1 for j = c, else 0",
        r"\[ (P_j - y_j) x_i \]", "(P_j - y_j) x_i -- the answer",
        "(P_j - y_j)·x_i, where y_j is the target and P_j is the prediction", "ANSWER: (P_j - y_j) x_i",
        "$(P_j - y_j)x_i$ (y is one-hot)", r"(P_j - y_j) x_i \tag{1}", r"(P_j - y_j) x_i \tag*{2.1}",
    ),
    ("update-step", "by hand"): (
        "The answer is -0.4.", "the gradient is then -0.4", "It comes to -0.4", "We get -0.4", "I get -0.4",
        "-0.4 (computed by hand)", "-0.4 (the code gives -0.4)", "Result: -0.4",
        "x_i (P_j - 1) = 0.5 * (-0.8) = -0.4", "-0.4, because (0.2 - 1) * 0.5 = -0.4", "-0.4 as j = c",
        "since j = c: (0.2 - 1) * 0.5 = -0.4", "With P_j = 0.2 and x_i = 0.5 the derivative is -0.4",
        r"$\frac{\partial L}{\partial w_{ij}} = (0.2 - 1) \cdot 0.5 = -0.4$", "dL/dw_ij = -0.4", "-0.4, or -2/5",
        "exactly -0.4", "-0.4 (which is negative)", "therefore -0.4", "overall, it is −0.4",
        "The value of the derivative: -0.4", "-0.4 (j = c, so y_j = 1)", "(0.2-1)*0.5 which is -0.4",
        "I computed -0.4", "-0.4, from (P_j - 1) x_i", "Plugging in: (0.2 - 1)(0.5) = -0.4",
        "substituting gives -0.4", "x_i(P_j - y_j) = 0.5(0.2 - 1) = -0.4 since j = c", "= 0.5 * -0.8 = -0.4",
        "-0.4 (negative, so the weight increases)", "-0.4 per sample", "My result is -0.4",
        "−0.4 — checked with NumPy", "Since j = c, y_j = 1, so the gradient is (0.2 − 1)(0.5) = −0.4",
        "The derivative equals −0.4.", "dL/dw = -0.4 for these values", "-0.4 for x_i = 0.5 and P_j = 0.2",
        "around -0.4", "with j = c we have (0.2 - 1) * 0.5 = -0.4", "-0.4", "ANSWER: -0.4", "My answer: −0.4",
        "the partial derivative is -0.4", "-0.4 [by the formula above]",
        r"$(P_j - y_j)\,x_i = (0.2 - 1) \cdot 0.5 = -0.4$", "(0.2-1)·0.5 = -0.8·0.5 = -0.4",
        "dL/dw_ij = (P_j - 1) x_i = -0.4", "it equals (0.2 - 1) * 0.5 = -0.4", "-0.4, as computed in the code",
        "-0.4 = (P_j - y_j) x_i", "- 0.40",
    ),
    ("descent", "from A"): (
        "It ends at 1.", "at point 1", "the local minimum 1", "1 (on the left)", "1, a local minimum",
        "it stops at 1", "it converges to 1", "A ends up in 1", "In the valley at 1", "1, the nearest minimum",
        "1 and stays there", "1, since every step goes downhill", "Point 1", "it goes down to 1",
        "the run from A ends at 1", "converges to 1 (local min)", "Minimum at 1", "1, the first valley",
        "A reaches 1", "At 1, its local minimum", "1 as it is the closest minimum", "A goes to 1", "gets stuck in 1",
        "1 (local)", "ends in point 1, since it only goes downhill", "1st minimum", "Local min. at 1",
        "ends at the local minimum 1", "1 (a local minimum on the left)", "at 1, since the slope leads there",
        "minimum no. 1", "It descends to 1",
    ),
    ("local-shapes", "get_input_gradients"): (
        "The answer is (n, m)", "it has the shape (n, m)", "a matrix with n rows and m columns",
        "(n, m), one row for each input", "(n, m), the same as W", "we get an n × m matrix",
        "the weights themselves, so (n, m)", "(n, m) for a single sample", "n×m matrix (the weights)",
        "It returns W itself which has shape (n, m)", "shape n by m",
        "(n, m), since each of the m outputs depends on each of the n inputs", "(n,m) because dy_j/dx_i = w_ij",
        "the Jacobian of shape (n, m)", "(1, n, m) for one input", "weight matrix, shape (n, m)",
        "(n, m), like the weight matrix", "n-by-m matrix", "n rows, m columns: (n, m)", "it's n × m",
        "shape = (n, m), because J_ij = dy_j/dx_i", "(n, m) as it is W", "n x m Jacobian", "'(n, m)'",
    ),
    ("composed-shapes", "compose_input_gradients"): (
        "The result is (n,)", "one value per input, so (n,)", "(n,) since the outputs are summed over",
        "a vector of length n, like x", "(n,), the same shape as the input x",
        "shape (n,): one derivative per input", "n-dimensional vector, same as x", "(n,) after multiplying with J",
        "(n,), because (n,m) times (m,) is (n,)", "(n,), like the inputs",
        "a vector with n entries, one for each input", "n numbers, i.e. (n,)",
    ),
    ("start", "layer"): (
        "It starts at the loss", "It is the loss function, which is the last layer.", "on the loss layer",
        "the loss, which is called last in the forward pass", "the loss function layer",
        "the last layer of the network, the loss", "Loss layer (MSE / CCE)", "on the loss", "the loss at the end",
        "loss (the last layer that was called)", "cross-entropy loss layer", "the output of the loss layer",
        "the loss at the very end of the network", "It starts with the loss", "the loss function (e.g. MSE)",
        "Cross-entropy loss, the last layer", "backpropagation begins at the last layer",
    ),
    ("start", "function"): (
        "The function is get_input_gradients()", "get_input_gradients() is called on the loss",
        "first get_input_gradients()", "compose_input_gradients(J=None)", "get_input_gradients() of the loss layer",
        "get_input_gradients (no upstream gradient is needed)", "compose_input_gradients() with J = None",
        "input gradients, get_input_gradients()", "We call get_input_gradients() first",
        "loss.get_input_gradients()", "`get_input_gradients()` is the first function that is called",
        "get_input_gradients — on the loss", "the loss's get_input_gradients()",
    ),
    ("local-shapes", "get_weight_gradients"): (
        "(n,) - just the input", "x, so shape (n,)", "(n, 1), the inputs as a column", "length n, the input itself",
    ),
    ("composed-shapes", "compose_weight_gradients"): (
        "(n, m), same as the weights", "n x m: outer product of x and J", "(n, m), the shape of W itself",
    ),
    ("descent", "from B"): ("3, the middle one", "3, not the leftmost", "3, not the global minimum 5"),
    ("descent", "from C"): (
        "5", "point 5", "at 5, the global minimum", "rightmost minimum, 5", "5 (on the right)",
    ),
}  # fmt: skip

# What a person has to read: doubts, negations, bounds, other signs, factors, functions and cases. `{}` is the result.
HEDGED = {
    ("update-rule", "gradient"): (
        "{} with the opposite sign", "{} up to a sign", "{} by a factor of two", "{} (times two)", "{} (halved)",
        "{}, where P_j is the label and y_j the probability", "{} as the numerator, over the batch size",
        "{} with y_j = 1 everywhere", "{} with y_j = 0", "{} where y_j is 0 if j = c and 1 otherwise",
        "{} for j = c", "for j = c: {}", "{} if j ≠ c", "{} for any j except c", "{} for all j but c",
        "{} for each j, summed over all i", "{} averaged", "{}, for the transposed weights", "{} by the step size",
        "{} because x_i stands for w_ij", r"{} \text{ where the minus is a plus}", "{} where - means +",
        "{} whereas it is zero for the other class", "{} since z_j is the loss", "{} (with the sign turned)",
        "{} only", "{} in one of the cases", "{} to some extent", "{} is false", "{} at most", "{} or so",
        "not quite {}", "the opposite of {}", "twice {}", "the logarithm of {}", "-dL/dw_ij = {}", "dL/db_j = {}",
        "2 dL/dw_ij = {}", "the negative gradient is {}", "the reciprocal: {}", "{} > 0", "L < {}", "{} ± 1", "± {}",
        "{} squared", "{} modulo the batch", "anything but {}", "{} is what I had first", "{} divided by N",
        "{} % times two", "{} # doubled", "{} modulo 2", "{} in the worst case", "{} rather than P_j",
        "{} with sign error", "{} neglecting the bias", "{} assuming P_j = y_j", "{} for the wrong class",
        "{} apart from x_i", "{} to the power of two", "{} elementwise inverse", "{} (subtract it)",
        "the transpose of {}", "{} as a scalar multiple", "{} for half of them", "{} for some j", "{} if x_i > 0",
        "{} unless j = c", "{} summed", "mean of {}", "{} with P_j the label", "{} where y_j the probability",
        "{} where x_i is the output", "{} and P_j = x_i", "{} with i and j exchanged", "{} where j is i",
        "{} but with P_j squared", "{} or vice versa", "{} in absolute terms", "{} times a constant",
        "{} without x_i",
    ),
    ("update-step", "by hand"): (
        "everything except {}", "anything other than {}", "far from {}", "{} false", "{} squared",
        "{}, the reciprocal", "the absolute value of {}", "log {}", "exp({})", "{} percent", "{} %", "{} % of it",
        "{} and its negative", "{} per mille", "{} with the opposite sign", "{} up to a sign", "{} (positive)",
        "more than {}", "at least {}", "< {}", "> {}", "≤ {}", "≥ {}", "{} given the wrong input",
        "{} for the other class", "{} if j ≠ c", "{} for j = k", "{} or so", "{} or more", "{} is too small",
        "{} is not it", "{}, not", "{} is wrong", "never {}", "hardly {}", "{} off", "less {}", "{} short",
        "{} in one case", "{} above zero", "{} and its double", "{} inverted", "{} mirrored", "{} x_i", "{} w",
        "w_ij {}", "{} of x_i too many", "{} each time, repeated", "{} / batch", "half as much as {}",
        "~= {} or thereabouts", "{} before the sign is dropped", "{} unless it is rounded", "{} in the limit",
        "{} plus the bias", "|{}|", "¬ {}", "{}‰", "{} degrees", "the root of {}", "{} to be subtracted", r"\pm 0.4",
        "+/- 0.4", "−(−0.4)!?", "\u202e4.0-", "0.4 (with the sign turned)", "0.4 negated", "0.4 below zero",
        "{} in magnitude", "{} with x_i = 1", "{} with P_j = 0.3", "{} for j ≠ c", "{} without the sign",
        "{} with j = i", "the inverse of {}", "negated {}", "{} subtracted", "{} to the second", "{} per cent",
        "{} as an upper bound", "up to {}", "around zero, {}", "{} in the wrong direction", "{} w.r.t. the bias",
        "not {}", "{} is the opposite", "{} minus", "{} plus", "{} and more", "{} below", "above {}",
        "{} by mistake", "{} from below", "{} wrong", "{} if at all", "to {} from 0", "sum of all {}", "c {}",
        "{} times", "{} over", "{} to the i", "{} ^ j", "{} x", "the result is the negative of {}",
        "{}, take the other sign", "{} = P_j", "x_i < {}",
    ),
    ("descent", "from A"): (
        "left of 1", "right of 1", "past 1", "before 1", "near 1", "beyond point 1", "1 for B", "B: 1",
        "opposite of 1", "anywhere but 1", "1 at first", "1 in the end or none", "not the minimum 1", "1, not",
        "1 is avoided", "1 and on", "1 and beyond", "between 1 and 1", "just left of 1", "1 or further left",
        "close to 1", "1's neighbour", "the minimum after 1", "the one next to 1", "1 unlike A", "towards 1",
        "1, then further", "C: 1", "from B to 1", "not far from 1", "the valley of 1 is skipped",
    ),
    ("local-shapes", "get_input_gradients"): (
        "anything other than (n, m)", "(n, m) reversed", "(n, m) flipped", "everything but (n, m)", "(n, m) swapped",
        "smaller than (n, m)", "> (n, m)", "half of (n, m)", "(n, m) backwards", "the opposite of (n, m)",
        "(n, m), not", "(n, m) or similar", "roughly the inverse of (n, m)", "(n, m) minus one",
        "(n, m) with the axes exchanged", "(n, m) in reverse", "the reverse of (n, m)", "(n, m) but wrong",
        "(n, m) doubled", "not exactly (n, m)", "(n, m) < W", "(n, m) inverted",
    ),
    ("start", "layer"): (
        "anything other than the loss", "all but the last", "the loss (said nobody)", "< loss", "the last, not",
        "far from the loss", "the layer behind the last", "no loss", "the layer next to the loss", "after the loss",
        "before the loss", "the loss is wrong", "the opposite of the loss", "loss > last", "not exactly the loss",
        "the loss unless", "second to the last", "the loss is not it",
    ),
    ("start", "function"): (
        "the opposite of get_input_gradients", "get_input_gradients is wrong", "not get_input_gradients",
        "get_input_gradients, never", "after get_input_gradients", "get_input_gradients/get_weight",
        "get_input_gradients weight gradients", "compose_input_gradients_and_weight_gradients",
        "get_input_gradients of each weight",
    ),
    # What a page shows beside a result, and places that are not the result's.
    ("update-rule", "gradient "): (
        r"{} \tag{or P_j x_i}", r"{} \tag*{or $y_j x_i$ if j = c}", r"{}\tag{$P_j x_i$}",
    ),
    ("descent", "from A "): (
        r"1 \tag{or 5}", r"1 \tag{5}", "1, the rightmost", "1 and the right one", "1, right valley", "1 rightmost",
    ),
    ("descent", "from B"): (
        "3, leftmost", "3, the first valley", "3 and stays left minimum", "3, the right one", "3, global minimum",
    ),
    ("descent", "from C"): ("5, leftmost", "5, the first minimum", "5 and the left one"),
    ("start", "layer "): (
        "the last and each layer", "loss and all layers", "final layer, start of network", "loss/begin",
        "the end of the network, and the start", "the layer at the start, last", "last, starts at the start",
    ),
    ("local-shapes", "get_input_gradients "): (
        "(n, m) T", "(n, m)'", "m (n, m)", "(n, m), the vector of length m", "(n, m), length m", "n × m'",
        "(n, m) like m rows of n", r"(n, m) \tag{or (m, n)}",
    ),
    ("local-shapes", "get_weight_gradients "): ("(n, 1), length m",),
}  # fmt: skip


def cases(table):
    return [(question, name.strip(), said) for (question, name), every in table.items() for said in every]


def verdict(question, name, said):
    found = answers.check_fields(WRITTEN.question(question), {name: said}, seed=3)
    return next(one for one in found if one.label == name)


@pytest.mark.parametrize(("question", "name", "said"), cases(HONEST))
def test_an_honest_phrasing_of_a_right_result_is_right(question, name, said):
    found = verdict(question, name, said)
    assert found.right is True, found.text


@pytest.mark.parametrize(("question", "name", "said"), cases(HEDGED))
def test_what_is_hedged_negated_or_altered_is_left_to_a_person(question, name, said):
    assert verdict(question, name, said.replace("{}", RESULTS.get(name, ""))).right is None


@pytest.mark.parametrize(
    ("question", "name", "said"),
    [
        ("update-rule", "gradient", "anything but (y_j - P_j) x_i"),
        ("update-rule", "gradient", "w_ij (P_j - y_j) (crossed out)"),
        ("update-rule", "gradient", "(y_j - P_j) x_i, with the sign turned"),
        ("update-step", "by hand", "0.4 with the sign turned"),
        ("update-step", "by hand", "the opposite of 0.4"),
        ("descent", "from A", "left of 3"),
        ("local-shapes", "get_input_gradients", "(m, n) with the axes exchanged"),
        ("start", "layer", "the layer before the first"),
    ],
)
def test_nor_is_such_an_answer_wrong(question, name, said):
    assert verdict(question, name, said).right is None
