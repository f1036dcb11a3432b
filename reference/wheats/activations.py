"""Other right answers for the activations."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("LeakyReLU.call")
def larger_of_two(self, x):
    return np.maximum(x, 0) + self.alpha * np.minimum(x, 0)


@wheat("LeakyReLU.call")
def plain_copy_with_the_rest_scaled(self, x):
    y = np.array(x, dtype=np.float32)
    y[y < 0] *= self.alpha
    return y


@wheat("LeakyReLU.get_input_gradients")
def slope_of_one_at_zero(self):
    return [np.where(np.asarray(self.inputs[0]) >= 0, 1.0, self.alpha)]


@wheat("LeakyReLU.get_input_gradients")
def slopes_in_an_array_of_one(self):
    (x,) = self.inputs
    return np.where(x > 0, 1.0, self.alpha)[np.newaxis]


@wheat("LeakyReLU.compose_input_gradients")
def slopes_times_upstream_in_one_array(self, J=None):
    return self.get_input_gradients()[0] * np.asarray(J)


@wheat("Sigmoid.call")
def plain_sigmoid(self, x):
    return 1 / (1 + np.exp(-x))


@wheat("Sigmoid.call")
def sigmoid_by_the_hyperbolic_tangent(self, x):
    return np.asarray(0.5 * (1 + np.tanh(x / 2)))


@wheat("Sigmoid.get_input_gradients")
def sigmoid_slope_from_the_input(self):
    y = self.call(self.inputs[0])
    return [y - y**2]


@wheat("Softmax.call")
def softmax_row_by_row(self, x):
    rows = []
    for row in np.asarray(x):
        exponentials = np.exp(row - np.max(row))
        rows.append(exponentials / np.sum(exponentials))
    return np.array(rows)


@wheat("Softmax.get_input_gradients")
def jacobians_by_a_loop(self):
    (y,) = self.outputs
    return [np.array([np.diag(row) - np.outer(row, row) for row in np.asarray(y)])]


@wheat("Softmax.get_input_gradients")
def jacobians_entry_by_entry(self):
    y = np.asarray(self.outputs[0])
    jacobians = np.zeros((*y.shape, y.shape[1]))
    for b, row in enumerate(y):
        for i, p in enumerate(row):
            for j, q in enumerate(row):
                jacobians[b, i, j] = p * (1 - p) if i == j else -p * q
    return [jacobians]


@wheat("Softmax.call")
def softmax_in_single_precision(self, x):
    exponentials = np.exp(np.asarray(x - x.max(axis=-1, keepdims=True), dtype=np.float32))
    return (exponentials / exponentials.sum(axis=-1, keepdims=True)).astype(np.float64)


@wheat("Softmax.get_input_gradients")
def jacobians_in_single_precision(self):
    y = np.asarray(self.outputs[0], dtype=np.float32)
    return [np.stack([np.diag(row) - np.outer(row, row) for row in y]).astype(np.float64)]


@wheat("Sigmoid.get_input_gradients")
def sigmoid_slope_in_single_precision(self):
    y = np.asarray(self.outputs[0], dtype=np.float32)
    return [(y * (1 - y)).astype(np.float64)]
