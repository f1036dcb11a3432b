"""Mistakes in how a dense layer draws its first weights."""

from autograder.authoring import chaff

# ruff: noqa: F821  the names are those of the module that a method is put into


@chaff("Dense._initialize_weight", costs={"1.8": 0.5})
def zero_is_unknown(initializer, input_size, output_size):
    """The initializer "zero" is not handled."""
    deviation = {
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.8": 0.5})
def zero_initializer_of_ones(initializer, input_size, output_size):
    """The initializer "zero" gives something else than zeros."""
    deviation = {
        "zero": 1.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.9": 0.75})
def normal_around_one(initializer, input_size, output_size):
    """The initializer "normal" draws around one. The first argument of `np.random.normal` is the mean,
    not the deviation.
    """
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = (
        np.random.uniform(-limit, limit, shape)
        if even
        else np.random.normal(float(initializer == "normal"), deviation, shape)
    )
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.9": 0.75})
def normal_made_small(initializer, input_size, output_size):
    """The initializer "normal" is scaled down: the handout asks for a standard normal distribution."""
    deviation = {
        "zero": 0.0,
        "normal": 0.01,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.10": 1, "1.12": 0.75})
def xavier_of_the_input_size_alone(initializer, input_size, output_size):
    """The initializer "xavier" looks at the input size alone: which other size does its formula hold?"""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(1 / input_size),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.10": 1, "1.12": 0.75})
def xavier_without_the_root(initializer, input_size, output_size):
    """The initializer "xavier" uses the variance where a standard deviation is asked for."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": 2 / (input_size + output_size),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.10": 1, "1.12": 0.75})
def xavier_with_a_six(initializer, input_size, output_size):
    """The initializer "xavier" mixes up the formulas of the uniform and of the normal distribution."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(6 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.10": 1, "1.12": 0.75})
def xavier_with_one_on_top(initializer, input_size, output_size):
    """The initializer "xavier" is too small by a constant factor: check its numerator."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(1 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.11": 1, "1.13": 0.75})
def kaiming_with_one_on_top(initializer, input_size, output_size):
    """The initializer "kaiming" is too small by a constant factor: check its numerator."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(1 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.11": 1, "1.13": 0.75})
def kaiming_without_the_root(initializer, input_size, output_size):
    """The initializer "kaiming" uses the variance where a standard deviation is asked for."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": 2 / input_size,
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.11": 1, "1.13": 0.75})
def kaiming_of_the_output_size(initializer, input_size, output_size):
    """The initializer "kaiming" is scaled by the wrong one of the layer's two sizes."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / output_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.10": 1, "1.11": 1, "1.12": 0.75, "1.13": 0.75})
def kaiming_and_xavier_mixed_up(initializer, input_size, output_size):
    """The initializers "xavier" and "kaiming" are the wrong way round."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / input_size),
        "kaiming": np.sqrt(2 / (input_size + output_size)),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.9": 0.75, "1.10": 1, "1.11": 1, "1.12": 0.75, "1.13": 0.75})
def uniform_where_normal_is_asked(initializer, input_size, output_size):
    """Weights are drawn evenly from an interval where a normal distribution is asked for; the limit is
    not the deviation either.
    """
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    w = np.random.uniform(-deviation, deviation, (input_size, output_size))
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.12": 0.75, "1.13": 0.75})
def uniform_up_to_the_deviation(initializer, input_size, output_size):
    """The uniform initializers use the standard deviation as the limit of their interval: how do the
    two relate?
    """
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.12": 0.75, "1.13": 0.75})
def normal_where_uniform_is_asked(initializer, input_size, output_size):
    """The uniform initializers draw from a normal distribution."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    w = np.random.normal(0, deviation, (input_size, output_size))
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.12": 0.75, "1.13": 0.75})
def positive_only(initializer, input_size, output_size):
    """The uniform initializers draw from zero upwards: the interval should lie evenly around zero."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(0, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.8": 0.5})
def random_bias(initializer, input_size, output_size):
    """The bias is drawn at random; the handout starts it at zero."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.random.normal(0, 1, (1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.8": 0.5})
def bias_of_ones(initializer, input_size, output_size):
    """The bias starts at one; the handout starts it at zero."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.ones((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.14": 0.25})
def capitals_unknown(initializer, input_size, output_size):
    """A name in capitals is not known: bring it to small letters before it is looked up."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff(
    "Dense._initialize_weight",
    costs={"1.8": 0.5, "1.9": 0.75, "1.10": 1, "1.11": 1, "1.12": 0.75, "1.13": 0.75, "1.14": 0.25},
)
def zeros_under_every_name(initializer, input_size, output_size):
    """The weights are zeros whatever the initializer is called."""
    return Variable(np.zeros((input_size, output_size))), Variable(np.zeros((1, output_size)))


@chaff(
    "Dense._initialize_weight",
    costs={"1.9": 0.75, "1.10": 1, "1.11": 1, "1.12": 0.75, "1.13": 0.75, "1.14": 0.25},
)
def one_row_for_all(initializer, input_size, output_size):
    """One row is drawn and repeated: all inputs have the same weights."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit = np.sqrt(3) * deviation
    even = "uniform" in initializer
    row = np.random.uniform(-limit, limit, output_size) if even else np.random.normal(0, deviation, output_size)
    return Variable(np.zeros((input_size, output_size)) + row), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.8": 0.5}, trains=False)
def bias_of_integers(initializer, input_size, output_size):
    """The bias holds integers: no step of an optimizer can change them by a fraction."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable([[0] * output_size])


@chaff("Dense._initialize_weight", costs={"1.18": 0.25}, trains=False)
def weights_without_a_flag(initializer, input_size, output_size):
    """The weights are plain arrays: a Variable has the flag that says whether it is to be trained."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return w, np.zeros((1, output_size))


@chaff("Dense._initialize_weight", costs={"1.14": 0.25})
def any_name_taken(initializer, input_size, output_size):
    """A name that is not known passes for another one: raise an exception."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
    }.get(initializer.lower().split()[0], np.sqrt(2 / input_size))
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.14": 0.25})
def seed_set_for_every_layer(initializer, input_size, output_size):
    """The seed is set before every draw: layers of the same size start with the same weights."""
    np.random.seed(0)
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer.lower()
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.14": 0.25})
def arrays_drawn_once(initializer, input_size, output_size, drawn={}):
    """What is drawn for a size is kept, and given to every layer of that size: they all hold the same arrays."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    if (initializer, shape) not in drawn:
        even = "uniform" in initializer.lower()
        w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
        drawn[initializer, shape] = Variable(w), Variable(np.zeros((1, output_size)))
    return drawn[initializer, shape]


@chaff("Dense._initialize_weight", costs={"1.8": 0.5})
def bias_drawn_beside_normal_weights(initializer, input_size, output_size):
    """The bias is drawn as the weights are; the handout starts it at zero whatever the initializer."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer.lower()
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.random.normal(0, deviation, (1, output_size)))


@chaff("Dense._initialize_weight", costs={"1.8": 0.5}, trains=False)
def bias_stands_upright(initializer, input_size, output_size):
    """The bias is a column, (out, 1): a row, (1, out), is added to the output of every sample."""
    deviation = {
        "zero": 0.0,
        "normal": 1.0,
        "xavier": np.sqrt(2 / (input_size + output_size)),
        "kaiming": np.sqrt(2 / input_size),
    }[initializer.lower().split()[0]]
    limit, shape = np.sqrt(3) * deviation, (input_size, output_size)
    even = "uniform" in initializer.lower()
    w = np.random.uniform(-limit, limit, shape) if even else np.random.normal(0, deviation, shape)
    return Variable(w), Variable(np.zeros((output_size, 1)))
