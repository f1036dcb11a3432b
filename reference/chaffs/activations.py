"""Mistakes in activations."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.15": 0.25})
def negative_part_flipped(self, x):
    """The part below zero has the wrong sign."""
    return np.where(x > 0, x, -self.alpha * x)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.5": 1, "2.15": 0.25})
def leak_is_fixed(self, x):
    """The forward method uses a fixed number where the slope given to the layer belongs."""
    return np.where(x > 0, x, 0.01 * x)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.5": 1, "2.15": 0.25})
def condition_inverted(self, x):
    """The two branches are the wrong way round: the inputs above zero are scaled, and those below are
    kept.
    """
    return np.where(x < 0, x, self.alpha * x)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.5": 1, "2.15": 0.25})
def leak_is_the_default(self, x):
    """The forward method has a slope of its own, 0.3: the alpha that the layer was made with is ignored."""
    return np.where(x > 0, x, 0.3 * x)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.15": 0.25})
def bends_at_alpha(self, x):
    """Inputs between 0 and alpha are scaled, too: everything above 0 stays as it is, and alpha is no threshold."""
    return np.where(x > self.alpha, x, self.alpha * x)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.5": 1, "2.15": 0.25})
def bends_at_one(self, x):
    """Inputs between 0 and 1 are scaled, too: everything above 0 stays as it is."""
    return np.where(x > 1, x, self.alpha * x)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.5": 1, "2.15": 0.25})
def cut_off_at_six(self, x):
    """Outputs are cut off at 6, as those of a ReLU6 are: no bound is asked for."""
    return np.minimum(np.where(x > 0, x, self.alpha * x), 6)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.15": 0.25})
def no_leak(self, x):
    """Everything below zero becomes zero: what is alpha for?"""
    return np.maximum(x, 0)


@chaff(
    "LeakyReLU.call",
    costs={"2.1": 1, "2.2": 1, "2.3": 1, "2.4": 0.5, "2.5": 1, "2.6": 0.75, "2.15": 0.25, "2.16": 0.25, "2.17": 0.25},
)
def scalar_condition(self, x):
    """An `if` decides for a whole array at once; the choice has to be made entry by entry."""
    if x > 0:
        return x
    return self.alpha * x


@chaff("LeakyReLU.__init__", costs={"2.4": 0.5})
def another_default(self, alpha=0.01):
    """The default of alpha is not the handout's."""
    self.alpha = alpha


@chaff("LeakyReLU.get_input_gradients", costs={"2.2": 1, "2.3": 1, "2.15": 0.25})
def slope_flipped(self):
    """The slope below zero has the wrong sign."""
    (x,) = self.inputs
    return [np.where(x > 0, 1.0, -self.alpha)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.2": 1, "2.3": 1, "2.6": 0.75, "2.15": 0.25, "2.17": 0.25})
def slope_is_fixed(self):
    """The slope below zero is a fixed number instead of the one given to the layer."""
    (x,) = self.inputs
    return [np.where(x > 0, 1.0, 0.01)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.2": 1, "2.3": 1, "2.15": 0.25})
def slope_bends_at_alpha(self):
    """The slope between 0 and alpha is alpha: it is 1 for everything above 0, and alpha is no threshold."""
    (x,) = self.inputs
    return [np.where(x > self.alpha, 1.0, self.alpha)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.2": 1, "2.3": 1, "2.6": 0.75, "2.15": 0.25, "2.17": 0.25})
def slope_bends_at_one(self):
    """The slope between 0 and 1 is that below 0: it is 1 for everything above 0."""
    (x,) = self.inputs
    return [np.where(x > 1, 1.0, self.alpha)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.2": 1, "2.3": 1, "2.15": 0.25})
def slope_of_zero(self):
    """The slope below zero is zero, as in a plain ReLU."""
    (x,) = self.inputs
    return [np.where(x > 0, 1.0, 0.0)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.2": 1, "2.3": 1, "2.6": 0.75, "2.15": 0.25, "2.17": 0.25})
def slope_inverted(self):
    """The slopes above and below zero are the wrong way round."""
    (x,) = self.inputs
    return [np.where(x < 0, 1.0, self.alpha)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.6": 0.75, "2.17": 0.25})
def slope_from_the_output(self):
    """The slope is read off the sign of the output: with a slope of zero, every output counts as not
    negative.
    """
    (y,) = self.outputs
    return [np.where(y >= 0, 1.0, self.alpha)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.2": 1, "2.3": 1, "2.6": 0.75, "2.15": 0.25, "2.17": 0.25})
def output_for_slope(self):
    """The gradient is the output itself: its entries should be slopes, not values."""
    (x,) = self.inputs
    return [np.where(x > 0, x, self.alpha * x)]


@chaff("LeakyReLU.get_input_gradients", costs={"2.3": 1, "2.15": 0.25, "2.17": 0.25})
def slopes_without_a_list(self):
    """The gradient is returned bare; callers take the first entry of a list, and would get the first
    sample's slopes for all samples.
    """
    (x,) = self.inputs
    return np.where(x > 0, 1.0, self.alpha)


@chaff("LeakyReLU.compose_input_gradients", costs={"2.3": 1, "2.15": 0.25, "2.17": 0.25})
def leaky_upstream_alone(self, J=None):
    """The upstream gradient is handed on as it came: the layer's own slope is missing."""
    return [np.array(upstream) for upstream in J]


@chaff("Sigmoid.call", costs={"2.7": 0.75, "2.8": 1, "2.18": 0.25})
def exponent_without_minus(self, x):
    """The exponent has the wrong sign: large inputs should go to one."""
    return 1 / (1 + np.exp(np.clip(x, -700, 700)))


@chaff("Sigmoid.call", costs={"2.7": 0.75, "2.8": 1, "2.9": 0.75, "2.10": 1, "2.18": 0.25})
def hyperbolic_tangent(self, x):
    """This is the hyperbolic tangent: the values should lie between 0 and 1."""
    return np.tanh(x)


@chaff("Sigmoid.call", costs={"2.7": 0.75, "2.8": 1, "2.9": 0.75, "2.10": 1, "2.18": 0.25})
def sigmoid_of_twice_the_input(self, x):
    """The exponent is too large by a factor."""
    return 1 / (1 + np.exp(np.clip(-2 * x, -700, 700)))


@chaff("Sigmoid.call", costs={"2.8": 1})
def quotient_of_large_exponentials(self, x):
    """For large inputs, numerator and denominator both overflow, and their quotient is NaN. Which way
    to write the sigmoid needs one exponential less?
    """
    return np.exp(x) / (1 + np.exp(x))


@chaff("Sigmoid.get_input_gradients", costs={"2.8": 1})
def sigmoid_slope_overflows(self):
    """The slope is computed from exponentials that overflow for large inputs, and is NaN there. Can it
    be had from the output?
    """
    (x,) = self.inputs
    return [np.exp(-x) / (1 + np.exp(-x)) ** 2]


@chaff("Sigmoid.get_input_gradients", costs={"2.8": 1, "2.9": 0.75, "2.10": 1, "2.18": 0.25})
def sigmoid_slope_of_the_input(self):
    """The formula of the slope is applied to the layer's input; it holds for its output."""
    (x,) = self.inputs
    return [x * (1 - x)]


@chaff("Sigmoid.get_input_gradients", costs={"2.8": 1, "2.9": 0.75, "2.10": 1, "2.18": 0.25})
def sigmoid_applied_twice(self):
    """The sigmoid is applied to the output once more before the slope is taken."""
    y = 1 / (1 + np.exp(-self.outputs[0]))
    return [y * (1 - y)]


@chaff("Sigmoid.get_input_gradients", costs={"2.8": 1, "2.9": 0.75, "2.10": 1, "2.18": 0.25})
def sigmoid_slope_half_done(self):
    """The slope lacks one of its two factors."""
    (y,) = self.outputs
    return [1 - y]


@chaff("Sigmoid.get_input_gradients", costs={"2.8": 1, "2.9": 0.75, "2.10": 1, "2.18": 0.25})
def sigmoid_slope_flipped(self):
    """The slope is negative: does the sigmoid ever fall?"""
    (y,) = self.outputs
    return [y * (y - 1)]


@chaff("Sigmoid.get_input_gradients", costs={"2.8": 1, "2.9": 0.75, "2.10": 1, "2.18": 0.25})
def sigmoid_output_for_slope(self):
    """The gradient is the output itself: its entries should be slopes, not values."""
    return [np.array(self.outputs[0])]


@chaff("Sigmoid.get_input_gradients", costs={"2.10": 1, "2.18": 0.25})
def sigmoid_without_a_list(self):
    """The gradient is returned bare; callers take the first entry of a list, and would get the first
    sample's slopes for all of them.
    """
    (y,) = self.outputs
    return y * (1 - y)


@chaff("Softmax.call", costs={"2.12": 1})
def not_shifted(self, x):
    """exp overflows for large logits and gives NaN. What can be subtracted from a row without changing
    its softmax?
    """
    exponentials = np.exp(x)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@chaff("Softmax.call", costs={"2.12": 1})
def shifted_by_the_largest_of_all(self, x):
    """The largest logit of the whole batch is subtracted: rows of small logits become 0 / 0. Each row
    needs its own shift.
    """
    exponentials = np.exp(x - np.max(x))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@chaff("Softmax.call", costs={"2.11": 1, "2.12": 1, "2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def shifted_after_the_exponential(self, x):
    """The maximum is subtracted from the exponentials rather than from the logits."""
    exponentials = np.exp(x) - np.max(x, axis=-1, keepdims=True)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@chaff("Softmax.call", costs={"2.11": 1, "2.12": 1, "2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def normalised_over_the_batch(self, x):
    """The exponentials are divided by the sum over the whole batch: each row should sum to one."""
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return exponentials / exponentials.sum()


@chaff("Softmax.call", costs={"2.11": 1, "2.12": 1, "2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def normalised_over_the_samples(self, x):
    """The columns sum to one instead of the rows: look at the axis of the sum."""
    exponentials = np.exp(x - x.max(axis=0))
    return exponentials / exponentials.sum(axis=0)


@chaff("Softmax.call", costs={"2.11": 1, "2.12": 1, "2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def logarithm_of_softmax(self, x):
    """These are logarithms of probabilities: a row should sum to one."""
    shifted = x - x.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def off_diagonal_positive(self):
    """Off the diagonal the Jacobian has the wrong sign: when one logit grows, the other probabilities
    shrink.
    """
    (y,) = self.outputs
    identity = np.eye(y.shape[-1])
    return [y[:, :, np.newaxis] * (identity - y[:, np.newaxis, :]) * (2 * identity - 1)]


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def scalar_for_the_outer_product(self):
    """An inner product stands where the outer product of a row with itself is needed: the same number
    is subtracted everywhere.
    """
    (y,) = self.outputs
    return [np.stack([np.diag(row) - np.dot(row, row) for row in y])]


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def square_subtracted_twice(self):
    """On the diagonal the square is subtracted twice."""
    (y,) = self.outputs
    return [np.stack([np.diag(row * (1 - row)) - np.outer(row, row) for row in y])]


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def jacobian_of_the_diagonal_alone(self):
    """The Jacobian is zero off the diagonal: each probability depends on all the logits of its row."""
    (y,) = self.outputs
    return [np.stack([np.diag(row * (1 - row)) for row in y])]


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def diagonal_left_out(self):
    """The diagonal lacks the term that says how a probability grows with its own logit."""
    (y,) = self.outputs
    return [-y[:, :, np.newaxis] * y[:, np.newaxis, :]]


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def identity_not_scaled(self):
    """On the diagonal there is one where a probability belongs."""
    (y,) = self.outputs
    return [np.eye(y.shape[-1]) - y[:, :, np.newaxis] * y[:, np.newaxis, :]]


@chaff(
    "Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.21": 0.25, "2.22": 0.25, "2.23": 0.25}
)
def slopes_for_jacobians(self):
    """Slopes entry by entry, as for the sigmoid, do not do here: each probability depends on all the
    logits of its row, so that every sample has a matrix.
    """
    (y,) = self.outputs
    return [y * (1 - y)]


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def jacobians_without_a_list(self):
    """The Jacobians are returned bare: the chain rule takes the first entry of a list, and would use
    the first sample's Jacobian for all samples.
    """
    (y,) = self.outputs
    return y[:, :, np.newaxis] * (np.eye(y.shape[-1]) - y[:, np.newaxis, :])


@chaff("Softmax.get_input_gradients", costs={"2.13": 2, "2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def jacobians_averaged(self):
    """The Jacobians are averaged over the batch: every sample needs its own."""
    (y,) = self.outputs
    return [np.mean(y[:, :, np.newaxis] * (np.eye(y.shape[-1]) - y[:, np.newaxis, :]), axis=0)]


@chaff("Softmax.compose_input_gradients", costs={"2.14": 1, "2.20": 0.25, "2.22": 0.25, "2.23": 0.25})
def softmax_composed_entry_by_entry(self, J=None):
    """The upstream gradient is multiplied entry by entry: a Jacobian is a matrix, and takes a matrix
    product.
    """
    (y,) = self.outputs
    return [y * (1 - y) * upstream for upstream in J]


@chaff("Softmax.compose_input_gradients", costs={"2.20": 0.25})
def softmax_gradients_in_one_buffer(self, J=None):
    """The gradients of all calls share one array, so that every call overwrites what the one before it returned."""
    if J is None or J[0] is None:
        return self.get_input_gradients()
    (y,) = (np.asarray(output) for output in self.outputs)
    if np.shape(getattr(self, "buffer", None)) != y.shape:
        self.buffer = np.zeros(y.shape)
    self.buffer[...] = y * (J[0] - np.sum(y * J[0], axis=-1, keepdims=True))
    return [self.buffer]


@chaff("LeakyReLU.call", costs={"2.15": 0.25})
def leaky_outputs_in_one_buffer(self, x):
    """The outputs of all calls share one array, so that every call overwrites what the one before it returned."""
    if np.shape(getattr(self, "buffer", None)) != np.shape(x):
        self.buffer = np.zeros(np.shape(x))
    self.buffer[...] = np.where(x > 0, x, self.alpha * x)
    return self.buffer


@chaff("LeakyReLU.__init__", costs={"2.15": 0.25})
def one_alpha_for_all(self, alpha=0.3):
    """Alpha is kept in the class: the LeakyReLU that is made last sets the slope of all others."""
    type(self).alpha = alpha


@chaff("LeakyReLU.call", costs={"2.16": 0.25})
def negative_inputs_overwritten(self, x):
    """The negative inputs are scaled in place, and lost to their owner."""
    slope = np.where(x > 0, 1.0, self.alpha)
    np.multiply(x, slope, out=x)
    return np.array(x)


@chaff("LeakyReLU.get_input_gradients", costs={"2.17": 0.25})
def slope_as_a_quotient(self):
    """The slope is computed as output over input, which is NaN where the input is 0."""
    return [np.asarray(self.outputs[0]) / np.asarray(self.inputs[0])]


@chaff("Sigmoid.call", costs={"2.8": 1})
def sigmoid_vectorised_by_its_first_entry(self, x):
    """All outputs have the type of the first one, which is the integer 0 or 1 where the first input is far out."""

    def one(entry):
        return 0 if entry < -700 else 1 if entry > 700 else 1 / (1 + np.exp(-entry))

    return np.vectorize(one)(x)


@chaff("Sigmoid.get_input_gradients", costs={"2.18": 0.25})
def sigmoid_slope_of_the_first_batch(self):
    """The slopes are computed once and kept: they belong to the outputs of the last call."""
    if not hasattr(self, "slopes"):
        y = np.array(self.outputs[0])
        self.slopes = y * (1 - y)
    return [self.slopes]


@chaff("Sigmoid.compose_input_gradients", costs={"2.19": 0.25})
def sigmoid_slope_multiplied_into_the_upstream(self, J=None):
    """The upstream gradient is multiplied in place, and lost to its owner."""
    if J is None or J[0] is None:
        return self.get_input_gradients()
    for upstream in J:
        upstream *= np.asarray(self.get_input_gradients()[0])
    return J


@chaff("Softmax.call", costs={"2.12": 1})
def shifted_by_the_smallest_of_each_row(self, x):
    """The smallest logit of each row is subtracted: it is the largest that keeps the exponentials from overflowing."""
    exponentials = np.exp(x - x.min(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@chaff("Softmax.get_input_gradients", costs={"2.20": 0.25})
def jacobians_of_the_first_batch(self):
    """The Jacobians are computed once and kept: they belong to the outputs of the last call."""
    if not hasattr(self, "jacobians"):
        y = np.array(self.outputs[0])
        self.jacobians = y[:, :, np.newaxis] * (np.eye(y.shape[1]) - y[:, np.newaxis, :])
    return [self.jacobians]


@chaff("Softmax.get_input_gradients", costs={"2.20": 0.25})
def jacobians_of_a_larger_batch(self):
    """The array of the Jacobians stays as long as the largest batch: return as many as the last one has samples."""
    y = np.array(self.outputs[0])
    if len(getattr(self, "jacobians", ())) < len(y):
        self.jacobians = np.zeros((*y.shape, y.shape[1]))
    self.jacobians[: len(y)] = y[:, :, np.newaxis] * (np.eye(y.shape[1]) - y[:, np.newaxis, :])
    return [self.jacobians]


@chaff("Softmax.call", costs={"2.21": 0.25})
def logits_shifted_in_place(self, x):
    """The maximum is subtracted from the logits in place, and they are lost to their owner."""
    x -= np.max(x, axis=-1, keepdims=True)
    exponentials = np.exp(x)
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@chaff("Softmax.call", costs={"2.22": 0.25})
def single_class_squeezed(self, x):
    """A batch of one is a batch, and one class is a class: the output keeps both of its axes."""
    exponentials = np.exp(x - x.max(axis=-1, keepdims=True))
    return np.squeeze(exponentials / exponentials.sum(axis=-1, keepdims=True))


@chaff("Softmax.compose_input_gradients", costs={"2.23": 0.25})
def softmax_without_a_list_of_none(self, J=None):
    """The tape begins with the list [None], not with None: both mean that there is no upstream gradient."""
    if J is None:
        return self.get_input_gradients()
    (y,) = self.outputs
    return [y * (upstream - (y * upstream).sum(axis=-1, keepdims=True)) for upstream in J]


@chaff("Softmax.call", costs={"2.12": 1})
def shifted_by_the_mean(self, x):
    """The mean of each row is subtracted: one logit far above the others overflows all the same."""
    exponentials = np.exp(x - x.mean(axis=-1, keepdims=True))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@chaff("Softmax.call", costs={"2.12": 1})
def logits_clipped(self, x):
    """The logits are clipped, and large ones that differ become equal: subtract each row's largest in the place of it."""
    exponentials = np.exp(np.clip(x, -500, 500))
    return exponentials / exponentials.sum(axis=-1, keepdims=True)


@chaff("LeakyReLU.call", costs={"2.1": 1, "2.4": 0.5, "2.5": 1, "2.15": 0.25}, trains=False)
def leaky_output_in_a_list(self, x):
    """The output comes in a list: the array itself is asked for."""
    return [np.where(x > 0, x, self.alpha * x)]
