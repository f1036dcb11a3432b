"""Mistakes in optimizers."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75})
def climbs(self, trainable_params, grads):
    """The step goes up the gradient: the loss would grow."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter[...] += self.learning_rate * gradient


@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75, "4.31": 0.25})
def step_rebinds(self, trainable_params, grads):
    """The parameters are the same after the step as before: change the arrays themselves, in place."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter = parameter - self.learning_rate * gradient


# Where an optimizer has its parameters itself, no list is handed to a step: both give the same there.
@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75}, editions=("*", "-s26"))
def step_into_the_list(self, trainable_params, grads):
    """The new arrays are put into the list, and the layers keep the old ones: change the parameters in
    place.
    """
    for i, gradient in enumerate(grads):
        trainable_params[i] = trainable_params[i] - self.learning_rate * gradient


@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75})
def rate_forgotten(self, trainable_params, grads):
    """The learning rate is not used."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter[...] -= gradient


@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75})
def rate_divided_by(self, trainable_params, grads):
    """The gradient is divided by the learning rate."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter[...] -= gradient / self.learning_rate


@chaff("BasicOptimizer.apply_gradients", costs={"4.2": 0.75})
def step_of_the_first_parameter(self, trainable_params, grads):
    """Only the first parameter is changed: the loop ends too early."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter[...] -= self.learning_rate * gradient
        return


@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75, "4.11": 0.25, "4.31": 0.25})
def list_for_an_array(self, trainable_params, grads):
    """The lists of parameters and gradients are treated as one array: each parameter has its own shape."""
    trainable_params -= self.learning_rate * np.array(grads)


@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75})
def weight_for_gradient(self, trainable_params, grads):
    """The step is taken along the parameter and not along its gradient."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter[...] -= self.learning_rate * parameter


@chaff("BasicOptimizer.apply_gradients", costs={"4.1": 1, "4.2": 0.75})
def sign_of_the_gradient(self, trainable_params, grads):
    """Only the sign of the gradient is used."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter[...] -= self.learning_rate * np.sign(gradient)


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25})
def mean_square_without_root(self, trainable_params, grads):
    """The gradient is divided by the mean square itself: its root is missing."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient / (self.v[i] + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.4": 1.5, "4.14": 0.25})
def mean_square_forgotten(self, trainable_params, grads):
    """The mean square of the last steps is forgotten with every call."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25})
def mean_square_weights_swapped(self, trainable_params, grads):
    """beta and 1 - beta have changed places in the running mean."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = (1 - self.beta) * self.v[i] + self.beta * gradient**2
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.4": 1.5})
def mean_square_shared(self, trainable_params, grads):
    """All parameters share one mean square: each needs its own."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[0] = self.beta * self.v[0] + (1 - self.beta) * gradient**2
        parameter[...] -= (self.learning_rate * gradient / (np.sqrt(self.v[0]) + self.epsilon))[: len(parameter)]


@chaff("RMSProp.apply_gradients", costs={"4.4": 1.5, "4.14": 0.25})
def mean_square_never_decays(self, trainable_params, grads):
    """The old mean square is not multiplied by beta: it can only grow."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.v[i] + (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25})
def squares_summed_up(self, trainable_params, grads):
    """The squares are summed up instead of averaged, as AdaGrad does."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.v[i] + gradient**2
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25})
def gradient_not_squared(self, trainable_params, grads):
    """The running mean is that of the gradients: it should be that of their squares."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * np.abs(gradient)
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.4": 1.5})
def beta_of_its_own(self, trainable_params, grads):
    """RMSProp's step has a beta of its own, 0.9: the one that the optimizer was made with is ignored."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = 0.9 * self.v[i] + 0.1 * gradient**2
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.5": 0.5})
def epsilon_under_the_root(self, trainable_params, grads):
    """Epsilon is added under the root; the handout adds it to the root."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient / np.sqrt(self.v[i] + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.5": 1})
def epsilon_left_out_of_rmsprop(self, trainable_params, grads):
    """The `epsilon` that was given is not used: it is to be added to the root of the mean square."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient / np.sqrt(self.v[i])


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25})
def square_above_the_root(self, trainable_params, grads):
    """The numerator holds the square of the gradient, and so loses its sign."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient**2 / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25})
def rmsprop_climbs(self, trainable_params, grads):
    """The step goes up the gradient: the loss would grow."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
        parameter[...] += self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25, "4.32": 0.25})
def rmsprop_computed_not_applied(self, trainable_params, grads):
    """The parameters are the same after the step as before: change the arrays themselves, in place."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
        parameter = parameter - self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def no_bias_correction(self, trainable_params, grads):
    """The means are used as they are: both start at zero and need their bias corrected."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i]
        v_hat = self.v[i]
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def first_mean_corrected_alone(self, trainable_params, grads):
    """Only the first of the two means has its bias corrected."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i]
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def second_mean_corrected_alone(self, trainable_params, grads):
    """Only the second of the two means has its bias corrected."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i]
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.9": 1})
def corrected_in_the_rate(self, trainable_params, grads):
    """Both corrections stand in the learning rate, so that epsilon is added to an uncorrected root: correct the means
    themselves first.
    """
    self.t += 1
    rate = self.learning_rate * np.sqrt(1 - self.beta_2**self.t) / (1 - self.beta_1**self.t)
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        parameter[...] -= rate * self.m[i] / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.8": 1, "4.33": 0.25})
def step_counted_for_every_parameter(self, trainable_params, grads):
    """The steps are counted once a parameter: they should be counted once a call."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.t += 1
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1, "4.15": 0.25})
def steps_not_counted(self, trainable_params, grads):
    """The number of the step stays at one: the correction should fade from step to step."""
    self.t = 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.13": 0.25, "4.15": 0.25})
def steps_counted_from_zero(self, trainable_params, grads):
    """The steps are counted from zero: the correction then divides by zero in the first."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        steps = self.t - 1
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**steps)
        v_hat = self.v[i] / (1 - self.beta_2**steps)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def first_mean_of_squares(self, trainable_params, grads):
    """The first mean is made of squares: it is the mean of the gradients themselves."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient**2
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def second_mean_of_gradients(self, trainable_params, grads):
    """The second mean is made of gradients that are not squared."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * np.abs(gradient)
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.8": 1, "4.33": 0.25})
def means_shared(self, trainable_params, grads):
    """All parameters share the same two means: each needs its own."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[0] = self.beta_1 * self.m[0] + (1 - self.beta_1) * gradient
        self.v[0] = self.beta_2 * self.v[0] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[0] / (1 - self.beta_1**self.t)
        v_hat = self.v[0] / (1 - self.beta_2**self.t)
        parameter[...] -= (self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon))[: len(parameter)]


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1, "4.15": 0.25})
def corrected_means_kept(self, trainable_params, grads):
    """The corrected means are stored: what is remembered is the means before the correction."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25, "4.33": 0.25})
def adam_computed_not_applied(self, trainable_params, grads):
    """The parameters are the same after the step as before: change the arrays themselves, in place."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter = parameter - self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def adam_climbs(self, trainable_params, grads):
    """The step goes up the gradient: the loss would grow."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] += self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5})
def betas_of_its_own(self, trainable_params, grads):
    """Adam's step has betas of its own, 0.9 and 0.999: those that the optimizer was made with are ignored."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = 0.9 * self.m[i] + 0.1 * gradient
        self.v[i] = 0.999 * self.v[i] + 0.001 * gradient**2
        m_hat = self.m[i] / (1 - 0.9**self.t)
        v_hat = self.v[i] / (1 - 0.999**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.9": 0.5})
def adam_epsilon_under_the_root(self, trainable_params, grads):
    """Epsilon is added under the root; the handout adds it to the root."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / np.sqrt(v_hat + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.9": 1})
def epsilon_left_out_of_adam(self, trainable_params, grads):
    """The `epsilon` that was given is not used: it is to be added to the root of the second mean."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / np.sqrt(v_hat)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1, "4.15": 0.25})
def betas_mixed_up(self, trainable_params, grads):
    """The two betas have changed places."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_2 * self.m[i] + (1 - self.beta_2) * gradient
        self.v[i] = self.beta_1 * self.v[i] + (1 - self.beta_1) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_2**self.t)
        v_hat = self.v[i] / (1 - self.beta_1**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1, "4.15": 0.25})
def means_forgotten(self, trainable_params, grads):
    """The means of the last steps are forgotten with every call."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = (1 - self.beta_1) * gradient
        self.v[i] = (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1, "4.15": 0.25})
def beta_times_step(self, trainable_params, grads):
    """The correction multiplies beta by the number of the step: a power is meant."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1 / self.t)
        v_hat = self.v[i] / (1 - self.beta_2 / self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def second_mean_without_root(self, trainable_params, grads):
    """The step is divided by the second mean itself: its root is missing."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (v_hat + self.epsilon)


@chaff("BasicOptimizer.apply_gradients", costs={"4.11": 0.25})
def gradients_scaled_in_place(self, trainable_params, grads):
    """The gradients are multiplied by the learning rate in place: they belong to the caller."""
    for parameter, gradient in zip(trainable_params, grads, strict=True):
        gradient *= self.learning_rate
        parameter[...] -= gradient


@chaff("RMSProp.apply_gradients", costs={"4.12": 0.25})
def rmsprop_step_computed_in_the_gradient(self, trainable_params, grads):
    """The step is computed in the arrays of the gradients: they belong to the caller."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads, strict=True)):
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * np.asarray(gradient) ** 2
        gradient *= self.learning_rate / (np.sqrt(self.v[i]) + self.epsilon)
        parameter[...] -= gradient


@chaff("Adam.apply_gradients", costs={"4.13": 0.25})
def adam_squares_in_the_gradient(self, trainable_params, grads):
    """The gradients are squared in place: they belong to the caller."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads, strict=True)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * np.array(gradient)
        np.square(gradient, out=gradient)
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * np.array(gradient)
        m_hat, v_hat = self.m[i] / (1 - self.beta_1**self.t), self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("RMSProp.__init__", costs={"4.14": 0.25}, editions=("*", "-s26"))
def rmsprop_memory_in_a_default(self, learning_rate, beta=0.9, epsilon=1e-6, memory={}):
    """All optimizers share one memory: a default is made once, when the method is defined."""
    self.learning_rate, self.beta, self.epsilon, self.v = learning_rate, beta, epsilon, memory


@chaff("Adam.__init__", costs={"4.15": 0.25}, editions=("*", "-s26"))
def adam_memory_in_the_class(self, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-7, amsgrad=False):
    """All optimizers share one memory, an attribute of the class: each needs its own."""
    self.learning_rate, self.beta_1, self.beta_2, self.epsilon = learning_rate, beta_1, beta_2, epsilon
    self.amsgrad, self.t = amsgrad, 0
    kind = type(self)
    if not hasattr(kind, "memory"):
        kind.memory = defaultdict(float), defaultdict(float), defaultdict(float)
    self.m, self.v, self.v_max = kind.memory


@chaff("BasicOptimizer.apply_gradients", costs={"4.2": 0.75, "4.31": 0.25})
def steps_of_two_parameters(self, trainable_params, grads):
    """Only the first two parameters are changed: a model may have any number of them."""
    for parameter, gradient in list(zip(trainable_params, grads))[:2]:
        parameter[...] -= self.learning_rate * gradient


@chaff("BasicOptimizer.apply_gradients", costs={"4.2": 0.75})
def gradients_clipped(self, trainable_params, grads):
    """Gradients are clipped to the interval from -5 to 5 before the step: no formula asks for that."""
    for parameter, gradient in zip(trainable_params, grads):
        parameter[...] -= self.learning_rate * np.clip(gradient, -5, 5)


@chaff("RMSProp.apply_gradients", costs={"4.4": 1.5})
def gradients_clipped_in_rmsprop(self, trainable_params, grads):
    """Gradients are clipped to the interval from -5 to 5 before RMSProp's step: no formula asks for that."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        gradient = np.clip(gradient, -5, 5)
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)


@chaff("RMSProp.apply_gradients", costs={"4.4": 1.5})
def mean_square_of_a_shape(self, trainable_params, grads):
    """Parameters of the same shape share one mean square: each needs its own."""
    for parameter, gradient in zip(trainable_params, grads):
        shape = np.shape(parameter)
        self.v[shape] = self.beta * self.v[shape] + (1 - self.beta) * gradient**2
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[shape]) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1})
def gradients_clipped_in_adam(self, trainable_params, grads):
    """Gradients are clipped to the interval from -5 to 5 before Adam's step: no formula asks for that."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        gradient = np.clip(gradient, -5, 5)
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.8": 1})
def means_of_a_shape(self, trainable_params, grads):
    """Parameters of the same shape share their means: each needs its own."""
    self.t += 1
    for parameter, gradient in zip(trainable_params, grads):
        shape = np.shape(parameter)
        self.m[shape] = self.beta_1 * self.m[shape] + (1 - self.beta_1) * gradient
        self.v[shape] = self.beta_2 * self.v[shape] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[shape] / (1 - self.beta_1**self.t)
        v_hat = self.v[shape] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1})
def steps_counted_up_to_three(self, trainable_params, grads):
    """The number of the step grows no further than three: the correction should fade for as long as it lasts."""
    self.t = min(self.t + 1, 3)
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m_hat = self.m[i] / (1 - self.beta_1**self.t)
        v_hat = self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m_hat / (np.sqrt(v_hat) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.6": 2, "4.7": 1.5, "4.8": 1, "4.9": 1, "4.15": 0.25})
def first_mean_corrected_by_the_second_beta(self, trainable_params, grads):
    """The mean of the gradients is corrected by beta_2, and beta_1 is its own."""
    self.t += 1
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m, v = self.m[i] / (1 - self.beta_2**self.t), self.v[i] / (1 - self.beta_2**self.t)
        parameter[...] -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)


@chaff("Adam.apply_gradients", costs={"4.7": 1.5, "4.8": 1, "4.15": 0.25})
def steps_counted_at_their_end(self, trainable_params, grads):
    """The step is counted at its end, so that the second is corrected as the first: count it at the beginning."""
    t = max(self.t, 1)
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * gradient
        self.v[i] = self.beta_2 * self.v[i] + (1 - self.beta_2) * gradient**2
        m, v = self.m[i] / (1 - self.beta_1**t), self.v[i] / (1 - self.beta_2**t)
        parameter[...] -= self.learning_rate * m / (np.sqrt(v) + self.epsilon)
    self.t += 1


@chaff("RMSProp.apply_gradients", costs={"4.3": 1, "4.4": 1.5, "4.5": 1, "4.14": 0.25})
def step_before_the_mean_square(self, trainable_params, grads):
    """The step uses the mean square from before this gradient: take the gradient into it first."""
    for i, (parameter, gradient) in enumerate(zip(trainable_params, grads)):
        parameter[...] -= self.learning_rate * gradient / (np.sqrt(self.v[i]) + self.epsilon)
        self.v[i] = self.beta * self.v[i] + (1 - self.beta) * gradient**2
