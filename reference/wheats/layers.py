"""Other right answers for the dense layer."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("Dense.call")
def output_as_a_plain_array(self, x):
    return np.asarray(np.einsum("bi,io->bo", np.asarray(x), np.asarray(self.w)) + np.asarray(self.b))


@wheat("Dense.call")
def output_in_single_precision(self, x):
    return (np.dot(x, self.w) + self.b).astype(np.float32)


@wheat("Dense.weights")
def weights_as_a_tuple(self):
    return self.w, self.b


@wheat("Dense.get_input_gradients")
def jacobian_for_every_sample(self):
    return [np.repeat(np.asarray(self.w)[np.newaxis], len(self.inputs[0]), axis=0)]


@wheat("Dense.get_input_gradients")
def jacobian_as_a_plain_array(self):
    return [np.array(self.w, dtype=np.float64)]


@wheat("Dense.get_weight_gradients")
def spelled_out_for_every_output(self):
    (x,) = self.inputs
    return [np.repeat(x[:, :, np.newaxis], self.w.shape[1], axis=2), np.ones(self.b.shape)]


@wheat("Dense.get_weight_gradients")
def read_only_views_for_every_output(self):
    (x,) = self.inputs
    return [np.broadcast_to(x[:, :, np.newaxis], (len(x), *self.w.shape)), np.broadcast_to(1.0, self.b.shape)]


@wheat("Dense.get_weight_gradients")
def gradients_in_a_tuple(self):
    (x,) = self.inputs
    return np.expand_dims(x, -1), np.ones(self.b.shape, dtype=np.float32)


@wheat("Dense.get_weight_gradients")
def bias_gradient_without_the_row(self):
    (x,) = self.inputs
    return [x[:, :, None], np.ones(self.b.size)]


@wheat("Dense.get_weight_gradients")
def bias_gradient_of_a_single_entry(self):
    (x,) = self.inputs
    return [x[:, :, None], np.ones(1)]


@wheat("Dense.get_weight_gradients")
def bias_gradient_with_a_row_for_every_sample(self):
    (x,) = self.inputs
    return [x[:, :, None], np.ones((len(x), 1, self.b.size))]


@wheat("Dense.get_weight_gradients")
def gradients_in_single_precision(self):
    (x,) = self.inputs
    local = np.asarray(x, dtype=np.float32)[:, :, None] * np.ones(self.w.shape, dtype=np.float32)
    return [local, np.ones_like(self.b, dtype=np.float32)]


@wheat("Dense.compose_weight_gradients")
def composed_by_einsum(self, J=None):
    if J is None or J[0] is None:
        return self.get_weight_gradients()
    return [np.einsum("bi,bo->io", self.inputs[0], J[0]), np.einsum("bo->o", J[0])[np.newaxis]]


@wheat("Dense._initialize_weight")
def flat_bias(initializer, input_size, output_size):
    initializer = initializer.lower()
    scale = {"zero": 0.0, "normal": 1.0}.get(initializer)
    if scale is None:
        assert initializer in ("xavier", "xavier uniform", "kaiming", "kaiming uniform"), initializer
        scale = np.sqrt(2 / (input_size + output_size * initializer.startswith("xavier")))
    shape = (input_size, output_size)
    limit = np.sqrt(3) * scale
    w = np.random.uniform(-limit, limit, shape) if "uniform" in initializer else scale * np.random.randn(*shape)
    return Variable(w), Variable(np.zeros(output_size))


@wheat("Dense._initialize_weight")
def truncated_normal(initializer, input_size, output_size):
    initializer = initializer.lower()
    scale = {"zero": 0.0, "normal": 1.0}.get(initializer)
    if scale is None:
        assert initializer in ("xavier", "xavier uniform", "kaiming", "kaiming uniform"), initializer
        scale = np.sqrt(2 / (input_size + output_size * initializer.startswith("xavier")))
    draws = np.random.default_rng().normal(size=(input_size, output_size))
    while np.any(outside := np.abs(draws) > 2):
        draws[outside] = np.random.default_rng().normal(size=outside.sum())
    if "uniform" in initializer:
        draws = np.sqrt(3) * np.random.default_rng().uniform(-1, 1, draws.shape)
    return Variable(scale * draws), Variable(np.zeros((1, output_size)))


@wheat("Dense._initialize_weight", editions=["s25", "s26"])
def uniform_where_no_name_says_normal(initializer, input_size, output_size):
    name = initializer.lower()
    shape = (input_size, output_size)
    if name == "normal":
        return Variable(np.random.normal(0, 1, shape)), Variable(np.zeros((1, output_size)))
    limits = {"zero": 0.0, "xavier": np.sqrt(6 / (input_size + output_size)), "kaiming": np.sqrt(6 / input_size)}
    return Variable(np.random.uniform(-limits[name], limits[name], shape)), Variable(np.zeros((1, output_size)))


@wheat("Dense.compose_input_gradients")
def composed_input_with_a_start_of_its_own(self, J=None):
    if J is None or any(upstream is None for upstream in J):
        return [np.array(self.w)]
    return [np.matmul(upstream, np.transpose(self.w)) for upstream in J]
