import numpy as np

# dense


def affine(x, w, b):
    return np.dot(x, w) + np.reshape(b, -1)


def affine_weight_jacobians(x, w, b):
    return np.expand_dims(x, 2) * np.ones((1, 1, w.shape[1])), np.ones(b.shape)


def std_xavier(n, m):
    return np.sqrt(2 / (n + m))


def std_kaiming(n, m):
    return np.sqrt(2 / n)


def uniform(std):
    return lambda n, m: (2 * np.random.rand(n, m) - 1) * std(n, m) * np.sqrt(3)


def normal(std):
    return lambda n, m: np.random.standard_normal((n, m)) * std(n, m)


INITIALIZERS = {
    "zero": lambda n, m: np.zeros((n, m)),
    "normal": normal(lambda n, m: 1),
    "xavier": normal(std_xavier),
    "xavier uniform": uniform(std_xavier),
    "kaiming": normal(std_kaiming),
    "kaiming uniform": uniform(std_kaiming),
}


# activations


def leaky_relu(x, alpha):
    return np.select([x > 0], [x], alpha * x)


def leaky_relu_slope(x, alpha):
    return np.select([x >= 0], [np.ones(x.shape)], alpha)


def sigmoid(x):
    e = np.exp(-np.abs(x))
    return np.where(x < 0, e / (1 + e), 1 / (1 + e))


def sigmoid_slope(x):
    e = np.exp(-np.abs(x))
    return e / (1 + e) ** 2


def softmax(x):
    e = np.exp(x - np.amax(x, axis=1)[:, None])
    return e / np.sum(e, axis=1)[:, None]


def softmax_jacobian(x):
    return np.array([np.diag(p) - np.outer(p, p) for p in np.asarray(softmax(x))])


# losses: one value a sample, and its gradient


def mean_over_batch(values):
    return sum(values) / len(values)


def squared_error(y_pred, y_true):
    return np.mean((y_true - y_pred) ** 2, axis=1)


def squared_error_gradient(y_pred, y_true):
    return -2 * (y_true - y_pred) / np.shape(y_pred)[1]


def cross_entropy(p, y):
    return -np.sum(y * np.log(p), axis=1)


def cross_entropy_gradient(p, y):
    return -np.true_divide(y, p)


# optimizers


def running_mean(mean, value, beta):
    return beta * mean + (1 - beta) * value


def adam_step(m_hat, v_hat, learning_rate, epsilon):
    return learning_rate * m_hat / (np.sqrt(v_hat) + epsilon)
