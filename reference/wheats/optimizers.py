"""Other right answers for the optimizers."""

from autograder.authoring import wheat

# ruff: noqa: F821  the names are those of the module that a method is put into


@wheat("BasicOptimizer.apply_gradients")
def step_written_into_the_list(self, trainable_params, grads):
    for i in range(len(grads)):
        trainable_params[i] -= self.learning_rate * grads[i]


@wheat("RMSProp.apply_gradients")
def mean_square_in_a_list(self, trainable_params, grads):
    if not self.v:
        self.v = [np.zeros_like(g) for g in grads]
    for p, g, v in zip(trainable_params, grads, self.v, strict=True):
        v *= self.beta
        v += (1 - self.beta) * np.square(g)
        np.subtract(p, self.learning_rate * np.asarray(g) / (v**0.5 + self.epsilon), out=p)


@wheat("Adam.apply_gradients")
def step_size_corrected_first(self, trainable_params, grads):
    self.t += 1
    for i, g in enumerate(grads):
        if not trainable_params[i].trainable:
            continue
        self.m[i] += (1 - self.beta_1) * (g - self.m[i])
        self.v[i] += (1 - self.beta_2) * (g * g - self.v[i])
        root = np.sqrt(self.v[i] / (1 - self.beta_2**self.t))
        trainable_params[i] -= self.learning_rate / (1 - self.beta_1**self.t) * self.m[i] / (root + self.epsilon)


@wheat("Adam.apply_gradients")
def adam_in_single_precision(self, trainable_params, grads):
    self.t += 1
    for i, (parameter, g) in enumerate(zip(trainable_params, grads)):
        g = np.asarray(g, dtype=np.float32)
        self.m[i] = np.asarray(self.beta_1 * self.m[i] + (1 - self.beta_1) * g, dtype=np.float32)
        self.v[i] = np.asarray(self.beta_2 * self.v[i] + (1 - self.beta_2) * g**2, dtype=np.float32)
        m, v = self.m[i] / (1 - self.beta_1**self.t), self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] = (parameter - self.learning_rate * m / (np.sqrt(v) + self.epsilon)).astype(np.float32)
