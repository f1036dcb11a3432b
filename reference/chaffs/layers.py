"""Mistakes in the dense layer."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff(
    "Dense.get_input_gradients", costs={"1.2": 1.75, "1.5": 2, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25}
)
def transposed(self):
    """The Jacobian has one row for each input and one column for each output: it is a matrix of the
    shape of w.
    """
    return [self.w.T]


@chaff("Dense.get_weight_gradients", costs={"1.4": 1, "1.7": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def bias_gradient_forgotten(self):
    """The bias gradient is the bias itself, which is zero at the start: the bias would never learn."""
    (x,) = self.inputs
    return [x[:, :, np.newaxis], self.b]


@chaff("Dense.call", costs={"1.1": 2.5, "1.15": 0.5, "1.17": 0.25})
def forward_without_bias(self, x):
    """The output is that of a layer without a bias. Look again at what is added to the product."""
    return x @ self.w


@chaff("Dense.call", costs={"1.1": 2.5, "1.15": 0.5, "1.17": 0.25})
def bias_subtracted(self, x):
    """The bias enters the output with the wrong sign."""
    return x @ self.w - self.b


@chaff("Dense.call", costs={"1.1": 2.5, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25})
def weights_before_inputs(self, x):
    """The two factors of the matrix product stand in the wrong order: their inner axes do not meet
    unless in, out and the batch are alike.
    """
    return self.w @ x + self.b


@chaff(
    "Dense.call",
    costs={"1.3": 2.5, "1.4": 1, "1.6": 1, "1.7": 1, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25},
)
def inputs_overwritten(self, x):
    """The forward method overwrites self.inputs, which is a list that Diffable keeps for the gradients."""
    self.inputs = x
    return x @ self.w + self.b


@chaff(
    "Dense.get_input_gradients", costs={"1.2": 1.75, "1.5": 2, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25}
)
def input_gradient_is_the_product(self):
    """The derivative of x @ w by x does not depend on x: no input belongs in it."""
    (x,) = self.inputs
    return [x @ self.w]


@chaff(
    "Dense.get_input_gradients", costs={"1.2": 1.75, "1.5": 2, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25}
)
def input_gradient_is_summed_over_outputs(self):
    """The Jacobian keeps its axis of outputs: the sum over the outputs is taken later, with the
    upstream gradient.
    """
    return [np.sum(self.w, axis=1)]


@chaff("Dense.get_input_gradients", costs={"1.2": 1.75, "1.5": 2, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def input_gradient_of_ones(self):
    """The input gradient is all ones, as if the output were the plain sum of the inputs: how much does
    each input weigh?
    """
    return [np.ones_like(self.w)]


@chaff(
    "Dense._initialize_weight",
    costs={
        "1.1": 2.5,
        "1.2": 1.75,
        "1.5": 2,
        "1.7": 1,
        "1.8": 0.5,
        "1.9": 0.75,
        "1.10": 1,
        "1.11": 1,
        "1.12": 0.75,
        "1.13": 0.75,
        "1.14": 0.25,
        "1.15": 0.5,
        "1.16": 0.25,
        "1.17": 0.25,
        "1.18": 0.25,
    },
)
def weights_stored_the_other_way_round(initializer, input_size, output_size):
    """The weights are stored as (out, in); the handout's layer keeps them as (in, out)."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    return Variable(deviation * np.random.randn(output_size, input_size)), Variable(np.zeros((1, output_size)))


@chaff(
    "Dense.get_weight_gradients",
    costs={"1.3": 2.5, "1.6": 1, "1.7": 1, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25},
)
def inputs_not_expanded(self):
    """The weight gradient is x as it is, (B, in): it needs an axis for the outputs too."""
    (x,) = self.inputs
    return [x, np.ones_like(self.b)]


@chaff(
    "Dense.get_weight_gradients",
    costs={"1.3": 2.5, "1.6": 1, "1.7": 1, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25},
)
def inputs_transposed(self):
    """The weight gradient is x transposed: its first axis must be that of the samples, and it needs one
    for the outputs.
    """
    (x,) = self.inputs
    return [x.T, np.ones_like(self.b)]


@chaff("Dense.get_weight_gradients", costs={"1.3": 2.5, "1.6": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def summed_over_the_samples_too_early(self):
    """The local weight gradient is summed over the samples before the upstream gradient is there: each
    sample has its own upstream gradient, so each needs its own local one.
    """
    (x,) = self.inputs
    return [np.repeat(x.sum(axis=0)[:, np.newaxis], self.w.shape[1], axis=1), np.ones_like(self.b)]


@chaff("Dense.get_weight_gradients", costs={"1.3": 2.5, "1.6": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def weight_gradient_of_ones(self):
    """The weight gradient is all ones: then every input would matter alike. What is a weight multiplied
    by?
    """
    (x,) = self.inputs
    return [np.ones((len(x), *self.w.shape)), np.ones_like(self.b)]


@chaff("Dense.get_weight_gradients", costs={"1.3": 2.5, "1.6": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def local_gradient_averaged(self):
    """The local weight gradient is divided by the batch size. The mean over the batch belongs to the
    loss, and is in the upstream gradient already.
    """
    (x,) = self.inputs
    return [x[:, :, np.newaxis] / len(x), np.ones_like(self.b)]


@chaff("Dense.get_weight_gradients", costs={"1.3": 2.5, "1.6": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def weight_gradient_is_the_weight(self):
    """The weight gradient is made of the weights themselves, which belong to the gradient by the input."""
    (x,) = self.inputs
    return [np.repeat(self.w[np.newaxis], len(x), axis=0), np.ones_like(self.b)]


@chaff(
    "Dense.get_weight_gradients",
    costs={"1.3": 2.5, "1.4": 1, "1.6": 1, "1.7": 1, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25},
)
def gradients_swapped(self):
    """The gradients stand in the order bias, weights; they must stand in the order of `self.weights`."""
    (x,) = self.inputs
    return [np.ones_like(self.b), x[:, :, np.newaxis]]


@chaff(
    "Dense.get_weight_gradients",
    costs={"1.4": 1, "1.6": 1, "1.7": 1, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25},
)
def bias_gradient_for_every_sample(self):
    """The bias gradient has a row a sample but no axis for what the handout's chain rule indexes by
    sample: a 2-D gradient is taken to be the same for all samples.
    """
    (x,) = self.inputs
    return [x[:, :, np.newaxis], np.ones((len(x), self.b.size))]


@chaff("Dense.get_weight_gradients", costs={"1.4": 1})
def bias_gradient_of_integers(self):
    """The bias gradient is made of integers: whatever is stored in such an array later loses its
    fractions.
    """
    (x,) = self.inputs
    return [x[:, :, np.newaxis], np.ones(self.b.shape, dtype=int)]


@chaff(
    "Dense.get_weight_gradients",
    costs={"1.4": 1, "1.6": 1, "1.7": 1, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25},
)
def bias_gradient_with_an_axis_too_many(self):
    """The bias gradient is a square matrix for every sample: each entry of the bias reaches one output
    only, so it needs a single axis of outputs.
    """
    (x,) = self.inputs
    return [x[:, :, np.newaxis], np.repeat(np.eye(self.b.size)[np.newaxis], len(x), axis=0)]


@chaff("Dense.get_weight_gradients", costs={"1.4": 1, "1.7": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def bias_gradient_of_zeros(self):
    """The bias gradient is zero: the bias would never learn. How much does the output change when the
    bias does?
    """
    (x,) = self.inputs
    return [x[:, :, np.newaxis], np.zeros_like(self.b)]


@chaff("Dense.get_weight_gradients", costs={"1.4": 1, "1.7": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def bias_gradient_counts_the_samples(self):
    """The bias gradient counts the samples; the sum over the samples is taken later, with the upstream
    gradient, and would count them twice.
    """
    (x,) = self.inputs
    return [x[:, :, np.newaxis], np.full_like(self.b, len(x))]


@chaff("Dense.compose_weight_gradients", costs={"1.6": 1, "1.7": 1, "1.15": 0.5, "1.17": 0.25})
def composed_weights_averaged(self, J=None):
    """The composed weight gradients are divided by the batch size. The mean over the batch belongs to
    the loss, and is in the upstream gradient already.
    """
    if J is None or J[0] is None:
        return self.get_weight_gradients()
    (x,) = self.inputs
    return [x.T @ J[0] / len(x), J[0].mean(axis=0).reshape(self.b.shape)]


@chaff("Dense.compose_input_gradients", costs={"1.5": 2, "1.15": 0.5, "1.17": 0.25})
def composed_input_averaged(self, J=None):
    """The composed input gradient is divided by the batch size: each sample has a row of its own, and
    nothing is averaged.
    """
    if J is None or J[0] is None:
        return self.get_input_gradients()
    return [upstream @ self.w.T / len(upstream) for upstream in J]


@chaff("Dense.compose_weight_gradients", costs={"1.7": 1, "1.15": 0.5, "1.17": 0.25})
def bias_gradient_not_summed(self, J=None):
    """The composed bias gradient is that of the last sample alone: every sample reaches the loss
    through the bias, so all of them count.
    """
    if J is None or J[0] is None:
        return self.get_weight_gradients()
    (x,) = self.inputs
    return [x.T @ J[0], J[0][-1].reshape(self.b.shape)]


@chaff("Dense.weights", costs={"1.7": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25})
def bias_left_out_of_the_weights(self):
    """`weights` leaves the bias out: nothing that is not listed there is ever trained."""
    return [self.w]


@chaff("Dense.call", costs={"1.15": 0.5})
def outputs_in_one_buffer(self, x):
    """The outputs of all calls share one array, so that every call overwrites what the one before it returned."""
    output = x @ self.w + self.b
    if np.shape(getattr(self, "buffer", None)) != output.shape:
        self.buffer = np.zeros(output.shape)
    self.buffer[...] = output
    return self.buffer


@chaff("Dense.compose_weight_gradients", costs={"1.15": 0.5})
def weight_gradients_in_one_buffer(self, J=None):
    """The gradients by w of all calls share one array, so that every call overwrites what the one before it returned."""
    if J is None or J[0] is None:
        return self.get_weight_gradients()
    (x,) = self.inputs
    if not hasattr(self, "buffer"):
        self.buffer = np.zeros(np.shape(self.w))
    np.matmul(np.asarray(x).T, J[0], out=self.buffer)
    return [self.buffer, np.sum(J[0], axis=0).reshape(self.b.shape)]


@chaff("Dense.get_weight_gradients", costs={"1.15": 0.5})
def weight_gradient_of_the_first_batch(self):
    """The gradient by w is computed once and kept: it belongs to the inputs of the last call."""
    if not hasattr(self, "local"):
        self.local = np.array(self.inputs[0])[:, :, np.newaxis]
    return [self.local, np.ones_like(self.b)]


@chaff("Dense.get_input_gradients", costs={"1.15": 0.5})
def weights_as_they_were_at_first(self):
    """The gradient by the input is that of the weights at the first call: they change with every step."""
    if not hasattr(self, "first_weights"):
        self.first_weights = np.array(self.w)
    return [self.first_weights]


@chaff("Dense.compose_weight_gradients", costs={"1.16": 0.25})
def bias_gradient_summed_in_the_upstream(self, J=None):
    """The bias gradient is summed up in the upstream gradient itself, of which the caller needs every row."""
    if J is None or J[0] is None:
        return self.get_weight_gradients()
    (x,) = self.inputs
    by_weight, total = x.T @ J[0], J[0][0]
    for row in J[0][1:]:
        total += row
    return [by_weight, total.reshape(self.b.shape)]


@chaff("Dense.call", costs={"1.17": 0.25})
def axes_of_one_squeezed(self, x):
    """A batch of one is a batch: the output keeps both of its axes, even where one of them is 1 long."""
    return np.squeeze(x @ self.w + self.b)


@chaff("Dense.compose_weight_gradients", costs={"1.18": 0.25})
def list_of_none_not_expected(self, J=None):
    """The tape begins with the list [None], not with None: both mean that there is no upstream gradient."""
    if J is None:
        return self.get_weight_gradients()
    (x,) = self.inputs
    return [x.T @ J[0], J[0].sum(axis=0).reshape(self.b.shape)]


@chaff("Dense.compose_weight_gradients", costs={"1.18": 0.25})
def frozen_weights_left_out(self, J=None):
    """The list lacks the gradients of frozen weights, so that those after them go to the wrong weight."""
    if J is None or J[0] is None:
        return self.get_weight_gradients()
    (x,) = self.inputs
    composed = []
    for upstream in J:
        gradients = [x.T @ upstream, upstream.sum(axis=0).reshape(self.b.shape)]
        composed += [g for g, weight in zip(gradients, (self.w, self.b), strict=True) if weight.trainable]
    return composed


@chaff("Dense.weights", costs={"1.7": 1}, trains=False)
def weights_copied(self):
    """The list holds copies of the layer's arrays: an optimizer would change those, and not the layer."""
    return [self.w.copy(), self.b.copy()]


@chaff("Dense.call", costs={"1.17": 0.25})
def output_of_the_type_of_the_input(self, x):
    """The output is given the type of the input: of whole numbers, all decimals are cut off."""
    return (x @ self.w + self.b).astype(x.dtype)


@chaff("Dense.weights", costs={"1.6": 1, "1.7": 1, "1.15": 0.5, "1.16": 0.25, "1.17": 0.25, "1.18": 0.25})
def bias_listed_first(self):
    """`weights` lists the bias first, and their gradients come in the other order: the n-th gradient belongs to the
    n-th weight, and `weights` is [w, b].
    """
    return [self.b, self.w]


@chaff("Dense.get_weight_gradients", costs={"1.4": 1, "1.7": 1, "1.15": 0.5, "1.17": 0.25, "1.18": 0.25}, trains=False)
def no_gradient_by_the_bias(self):
    """The gradient by the bias is missing from the list: every weight has one."""
    (x,) = self.inputs
    return [x[:, :, np.newaxis]]
