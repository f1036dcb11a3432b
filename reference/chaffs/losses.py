"""Mistakes in losses."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def squared_error_per_sample(self, y_pred, y_true):
    """The loss is one number a sample; the mean over the samples is missing."""
    return np.mean((y_pred - y_true) ** 2, axis=-1)


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def squared_error_per_feature(self, y_pred, y_true):
    """The loss is one number a feature; the mean over the features is missing."""
    return np.mean((y_pred - y_true) ** 2, axis=0)


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def squared_error_summed(self, y_pred, y_true):
    """The squared errors are summed up: a mean is asked for, over features and samples."""
    return np.sum((y_pred - y_true) ** 2)


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def squared_error_summed_over_features(self, y_pred, y_true):
    """The squared errors are summed over the features: a mean over them is asked for as well."""
    return np.mean(np.sum((y_pred - y_true) ** 2, axis=-1))


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def squared_error_averaged_twice(self, y_pred, y_true):
    """The loss is divided by the batch size once more than it should be."""
    return np.mean((y_pred - y_true) ** 2) / len(y_pred)


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def squared_error_halved(self, y_pred, y_true):
    """The loss carries a factor of one half that the handout's does not have."""
    return np.mean((y_pred - y_true) ** 2) / 2


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def root_of_the_squared_error(self, y_pred, y_true):
    """The root of the loss is taken: the mean squared error has none."""
    return np.sqrt(np.mean((y_pred - y_true) ** 2))


@chaff("MeanSquaredError.call", costs={"3.1": 1.75, "3.7": 0.25, "3.9": 0.25})
def absolute_error(self, y_pred, y_true):
    """The errors are not squared."""
    return np.mean(np.abs(y_pred - y_true))


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_averaged_twice(self):
    """The gradient is divided by the batch size once more than it should be."""
    y_pred, y_true = self.inputs
    return [2 * (y_pred - y_true) / y_pred.size / len(y_pred), np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_not_averaged_over_features(self):
    """The loss is a mean over the features as well, and its gradient lacks that."""
    y_pred, y_true = self.inputs
    return [2 * (y_pred - y_true) / len(y_pred), np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_not_averaged_over_samples(self):
    """The loss is a mean over the samples as well, and its gradient lacks that."""
    y_pred, y_true = self.inputs
    return [2 * (y_pred - y_true) / y_pred.shape[1], np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_is_the_difference(self):
    """The gradient is the bare difference: the derivative of the square and that of the mean are both
    missing.
    """
    y_pred, y_true = self.inputs
    return [y_pred - y_true, np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_not_averaged(self):
    """The derivative of the square is there, that of the mean over features and samples is not."""
    y_pred, y_true = self.inputs
    return [2 * (y_pred - y_true), np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_without_the_two(self):
    """A factor is missing that the square leaves behind when it is differentiated."""
    y_pred, y_true = self.inputs
    return [(y_pred - y_true) / y_pred.size, np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_multiplied_by_features(self):
    """`2 / B * n` multiplies by n: Python works from left to right, and a product in a denominator
    needs parentheses.
    """
    y_pred, y_true = self.inputs
    batch_size, features = y_pred.shape
    return [2 / batch_size * features * (y_pred - y_true), np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_flipped(self):
    """The gradient points the other way: the loss would grow. Which of the two is subtracted from which?"""
    y_pred, y_true = self.inputs
    return [2 * (y_true - y_pred) / y_pred.size, np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_summed_over_samples(self):
    """The gradient is summed over the samples: each prediction needs an entry of its own."""
    y_pred, y_true = self.inputs
    return [np.sum(2 * (y_pred - y_true) / y_pred.size, axis=0), np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradient_without_a_list(self):
    """The gradient is returned bare; callers take the first entry of a list, one entry for each input."""
    y_pred, y_true = self.inputs
    return 2 * (y_pred - y_true) / y_pred.size


@chaff("MeanSquaredError.get_input_gradients", costs={"3.2": 2.5, "3.7": 0.25, "3.9": 0.25})
def squared_error_gradients_swapped(self):
    """The list has the gradient by the truth first: it must stand in the order of the inputs."""
    y_pred, y_true = self.inputs
    return [np.zeros_like(y_true), 2 * (y_pred - y_true) / y_pred.size]


@chaff("CategoricalCrossentropy.call", costs={"3.3": 1.75, "3.10": 0.25, "3.13": 0.25})
def entropy_summed(self, y_pred, y_true):
    """The loss is summed over the samples: a mean over them is asked for."""
    return -np.sum(y_true * np.log(clip_0_1(y_pred, getattr(self, "epsilon", 1e-8))))


@chaff("CategoricalCrossentropy.call", costs={"3.3": 1.75, "3.10": 0.25, "3.12": 0.25, "3.13": 0.25})
def entropy_averaged_over_classes(self, y_pred, y_true):
    """The mean is taken over everything: over the classes of a sample, the terms are summed."""
    return -np.mean(y_true * np.log(clip_0_1(y_pred, getattr(self, "epsilon", 1e-8))))


@chaff("CategoricalCrossentropy.call", costs={"3.3": 1.75, "3.4": 1, "3.10": 0.25, "3.12": 0.25, "3.13": 0.25})
def entropy_per_sample(self, y_pred, y_true):
    """The loss is one number a sample; the mean over the samples is missing."""
    return -np.sum(y_true * np.log(clip_0_1(y_pred, getattr(self, "epsilon", 1e-8))), axis=-1)


@chaff("CategoricalCrossentropy.call", costs={"3.3": 1.75, "3.4": 1, "3.10": 0.25, "3.12": 0.25, "3.13": 0.25})
def entropy_negative(self, y_pred, y_true):
    """The loss has the wrong sign: the logarithm of a probability is negative, and a loss is not."""
    return np.mean(np.sum(y_true * np.log(clip_0_1(y_pred, getattr(self, "epsilon", 1e-8))), axis=-1))


@chaff("CategoricalCrossentropy.call", costs={"3.3": 1.75, "3.10": 0.25, "3.12": 0.25})
def entropy_of_the_truth(self, y_pred, y_true):
    """The logarithm is taken of the truth: prediction and truth have changed places."""
    return -np.mean(np.sum(y_pred * np.log(clip_0_1(y_true, getattr(self, "epsilon", 1e-8))), axis=-1))


@chaff("CategoricalCrossentropy.call", costs={"3.3": 1.75, "3.10": 0.25, "3.12": 0.25, "3.13": 0.25})
def entropy_of_two_classes(self, y_pred, y_true):
    """This is the loss for independent yes-or-no answers: with several classes, only the true one
    contributes.
    """
    p = clip_0_1(y_pred, getattr(self, "epsilon", 1e-8))
    return -np.mean(np.sum(y_true * np.log(p) + (1 - y_true) * np.log(1 - p), axis=-1))


@chaff("CategoricalCrossentropy.call", costs={"3.3": 1.75, "3.10": 0.25, "3.12": 0.25, "3.13": 0.25})
def entropy_in_bits(self, y_pred, y_true):
    """The logarithm has the wrong base: the natural one is meant."""
    return -np.mean(np.sum(y_true * np.log2(clip_0_1(y_pred, getattr(self, "epsilon", 1e-8))), axis=-1))


@chaff("CategoricalCrossentropy.call", costs={"3.4": 1, "3.13": 0.25})
def entropy_unclipped(self, y_pred, y_true):
    """A probability of zero gives the logarithm of zero: keep predictions away from it."""
    return -np.mean(np.sum(y_true * np.log(y_pred), axis=-1))


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.10": 0.25})
def not_averaged_over_the_batch(self):
    """The loss is a mean over the batch, so its gradient carries 1 / batch size too. Adam hides a
    constant factor.
    """
    y_pred, y_true = self.inputs
    return [-y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_averaged_over_classes(self):
    """The gradient is divided by the number of classes too: the loss is a mean over the samples only."""
    y_pred, y_true = self.inputs
    return [-y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)) / y_pred.size, np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_through_the_softmax(self):
    """This is the gradient by the logits, through the softmax. The softmax layer brings its own
    Jacobian: this loss is asked for the gradient by the probabilities.
    """
    y_pred, y_true = self.inputs
    return [y_pred - y_true, np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_through_the_softmax_averaged(self):
    """This is the gradient by the logits, through the softmax, averaged. The softmax layer brings its
    own Jacobian: this loss is asked for the gradient by the probabilities.
    """
    y_pred, y_true = self.inputs
    return [(y_pred - y_true) / len(y_pred), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_flipped(self):
    """The gradient points the other way: the loss falls as the true class's probability grows."""
    y_pred, y_true = self.inputs
    return [y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)) / len(y_pred), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_of_shares(self):
    """Each row of predictions is divided by its sum before the logarithm, as Keras does: this loss has no such step,
    and its gradient no such part.
    """
    y_pred, y_true = self.inputs
    clipped = clip_0_1(np.asarray(y_pred), getattr(self, "epsilon", 1e-8))
    return [(1 / np.sum(clipped, axis=-1, keepdims=True) - y_true / clipped) / len(y_pred), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.6": 1})
def entropy_gradient_unclipped(self):
    """The loss is clipped and its gradient is not: a probability of zero divides by zero."""
    y_pred, y_true = self.inputs
    return [-y_true / y_pred / len(y_pred), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_for_every_class(self):
    """Every class gets a gradient; the loss of a sample depends on the probability of its true class
    alone.
    """
    y_pred, y_true = self.inputs
    return [-1 / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)) / len(y_pred), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_of_the_logarithm(self):
    """The logarithm is still in the gradient: what is its derivative?"""
    y_pred, y_true = self.inputs
    return [-y_true * np.log(clip_0_1(y_pred, getattr(self, "epsilon", 1e-8))) / len(y_pred), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_without_a_list(self):
    """The gradient is returned bare; callers take the first entry of a list, one entry for each input."""
    y_pred, y_true = self.inputs
    return -y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)) / len(y_pred)


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.5": 2.5, "3.6": 1, "3.10": 0.25, "3.12": 0.25})
def entropy_gradient_summed_over_samples(self):
    """The gradient is averaged over the samples: each prediction needs an entry of its own."""
    y_pred, y_true = self.inputs
    return [np.mean(-y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)), axis=0), np.zeros_like(y_true)]


@chaff("MeanSquaredError.call", costs={"3.7": 0.25})
def squared_error_as_a_running_mean(self, y_pred, y_true):
    """The loss is a mean over all calls so far: every batch has a loss of its own."""
    self.errors = [*getattr(self, "errors", []), np.mean((y_pred - y_true) ** 2)]
    return np.mean(self.errors)


@chaff("MeanSquaredError.get_input_gradients", costs={"3.7": 0.25})
def squared_error_gradients_in_one_buffer(self):
    """The gradients of all calls share one array, so that every call overwrites what the one before it returned."""
    y_pred, y_true = self.inputs
    if np.shape(getattr(self, "buffer", None)) != np.shape(y_pred):
        self.buffer = np.zeros(np.shape(y_pred))
    self.buffer[...] = 2 * (y_pred - y_true) / np.size(y_pred)
    return [self.buffer, np.zeros(np.shape(y_true))]


@chaff("MeanSquaredError.call", costs={"3.8": 0.25})
def predictions_overwritten(self, y_pred, y_true):
    """The difference is computed in place of the predictions, and they are lost to their owner."""
    self.inputs = [np.array(y_pred), y_true]
    y_pred -= y_true
    return np.mean(np.asarray(y_pred) ** 2)


@chaff("MeanSquaredError.get_input_gradients", costs={"3.9": 0.25})
def squared_error_gradient_squeezed(self):
    """A batch of one is a batch: the gradient has the shape of the predictions, even where an axis is 1 long."""
    y_pred, y_true = self.inputs
    return [np.squeeze(2 * (y_pred - y_true) / y_pred.size), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.10": 0.25})
def entropy_gradient_of_the_first_batch(self):
    """The gradient is computed once and kept: it belongs to the predictions of the last call."""
    if not hasattr(self, "gradient"):
        y_pred, y_true = self.inputs
        self.gradient = np.array(-y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)) / len(y_pred))
    return [self.gradient, np.zeros_like(self.inputs[1])]


@chaff("CategoricalCrossentropy.call", costs={"3.11": 0.25, "3.13": 0.25})
def probabilities_clipped_in_place(self, y_pred, y_true):
    """The probabilities are clipped in place: they belong to the layer that has computed them."""
    np.clip(y_pred, 1e-7, 1 - 1e-7, out=y_pred)
    return -np.mean(np.sum(y_true * np.log(y_pred), axis=-1))


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.12": 0.25})
def entropy_gradient_squeezed(self):
    """A batch of one is a batch: the gradient has the shape of the predictions, even where an axis is 1 long."""
    y_pred, y_true = self.inputs
    return [np.squeeze(-y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)) / len(y_pred)), np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.call", costs={"3.13": 0.25}, editions=["f25", "s26"])
def epsilon_not_used(self, y_pred, y_true):
    """The loss clips with an epsilon of its own choice: the one that it was made with is ignored."""
    return -np.mean(np.sum(y_true * np.log(clip_0_1(y_pred)), axis=-1))


@chaff("CategoricalCrossentropy.call", costs={"3.4": 1, "3.12": 0.25}, editions=["s24", "s25"])
def clipped_far_from_zero(self, y_pred, y_true):
    """The probabilities are clipped at a hundredth: a certain mistake costs no more than an unsure one."""
    return -np.mean(np.sum(y_true * np.log(np.clip(y_pred, 0.01, 0.99)), axis=-1))


@chaff("CategoricalCrossentropy.get_input_gradients", costs={"3.12": 0.25})
def entropy_gradient_of_the_type_of_the_truth(self):
    """The gradient is put into an array of the type of y_true: of one-hot rows of whole numbers, all is cut off."""
    y_pred, y_true = self.inputs
    gradient = np.zeros_like(y_true)
    gradient[...] = -y_true / clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)) / len(y_pred)
    return [gradient, np.zeros_like(y_true)]


@chaff("MeanSquaredError.get_input_gradients", costs={"3.9": 0.25})
def squared_error_gradient_of_the_type_of_the_truth(self):
    """The gradient is put into an array of the type of y_true: of whole numbers, all decimals are cut off."""
    y_pred, y_true = self.inputs
    gradient = np.empty_like(y_true)
    gradient[:] = (y_pred - y_true) * 2 / y_pred.size
    return [gradient, np.zeros_like(y_true)]


@chaff("CategoricalCrossentropy.call", costs={"3.12": 0.25})
def entropy_of_floating_point_rows_alone(self, y_pred, y_true):
    """The logarithms are put into an array of the type of y_true: of whole numbers, all decimals are cut off."""
    logs = np.zeros_like(y_true)
    logs[...] = np.log(clip_0_1(y_pred, getattr(self, "epsilon", 1e-8)))
    return -np.mean(np.sum(y_true * logs, axis=-1))


@chaff("MeanSquaredError.call", costs={"3.2": 2.5, "3.7": 0.25, "3.8": 0.25, "3.9": 0.25})
def predictions_overwritten_for_the_gradient(self, y_pred, y_true):
    """The difference is computed in place of the predictions, and they are lost to the gradient and to their owner."""
    y_pred -= y_true
    return np.mean(np.asarray(y_pred) ** 2)
