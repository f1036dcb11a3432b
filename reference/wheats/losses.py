"""Other right answers for the losses."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("MeanSquaredError.call")
def mean_of_means(self, y_pred, y_true):
    return np.mean(np.mean(np.square(y_true - y_pred), axis=-1), axis=0)


@wheat("MeanSquaredError.call")
def loss_with_axes(self, y_pred, y_true):
    return np.mean((y_pred - y_true) ** 2, keepdims=True)


@wheat("MeanSquaredError.get_input_gradients")
def squared_error_gradient_alone(self):
    y_pred, y_true = self.inputs
    batch_size, features = y_pred.shape
    return [(y_pred - y_true) * (2 / (batch_size * features))]


@wheat("MeanSquaredError.get_input_gradients")
def squared_error_gradients_of_both(self):
    y_pred, y_true = self.inputs
    gradient = np.asarray(2 * (y_pred - y_true) / np.prod(y_pred.shape))
    return [gradient, -gradient]


@wheat("CategoricalCrossentropy.call", editions=["s24", "s25"])
def entropy_with_a_small_summand(self, y_pred, y_true):
    return np.array([-np.sum(y_true * np.log(y_pred + 1e-12)) / y_pred.shape[0]])


@wheat("CategoricalCrossentropy.call", editions=["s24", "s25"])
def entropy_clipped_tightly(self, y_pred, y_true):
    return -np.mean(np.sum(y_true * np.log(np.clip(y_pred, 1e-15, 1.0)), axis=1))


@wheat("CategoricalCrossentropy.call", editions=["s24", "s25"])
def entropy_clipped_loosely(self, y_pred, y_true):
    return -np.mean(np.sum(y_true * np.log(np.clip(y_pred, 1e-7, 1 - 1e-7)), axis=1))


@wheat("CategoricalCrossentropy.call", editions=["f25", "s26"])
def entropy_with_its_epsilon_as_a_summand(self, y_pred, y_true):
    return np.array([-np.sum(y_true * np.log(y_pred + self.epsilon)) / y_pred.shape[0]])


@wheat("CategoricalCrossentropy.get_input_gradients")
def entropy_gradient_alone(self):
    y_pred, y_true = self.inputs
    return [np.negative(np.divide(y_true, np.maximum(y_pred, 1e-15))) / y_pred.shape[0]]


@wheat("CategoricalCrossentropy.get_input_gradients")
def entropy_gradients_of_both(self):
    p, y = (np.asarray(array) for array in self.inputs)
    p = np.clip(p, 1e-7, 1 - 1e-7)
    return [-y / (p * len(p)), -np.log(p) / len(p)]


@wheat("clip_0_1")
def clip_with_another_bound(x, eps=1e-10):
    return np.minimum(np.maximum(x, eps), 1 - eps)


@wheat("CategoricalCrossentropy.get_input_gradients")
def entropy_gradient_zero_where_it_is_clipped(self):
    p, y = (np.asarray(array) for array in self.inputs)
    inside = (p > 1e-8) & (p < 1 - 1e-8)
    return [np.where(inside, -y / np.maximum(p, 1e-8), 0.0) / len(p)]


@wheat("CategoricalCrossentropy.get_input_gradients")
def cross_entropy_gradient_in_single_precision(self):
    p, t = (np.asarray(entry, dtype=np.float32) for entry in self.inputs)
    return [(-t / np.maximum(p, np.float32(1e-7)) / np.float32(len(p))).astype(np.float64), np.zeros(t.shape)]
