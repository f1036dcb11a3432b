"""What your edition of the homework, s24, calls things and asks for. It came with the handout: leave it as it is."""

EDITION = "s24"
CALL = "call"  # the method that a layer computes its output with
CROSS_ENTROPY = "CategoricalCrossentropy"
SEQUENTIAL = "assignment"  # the module of SequentialModel
SEQUENTIAL_MODEL = "SequentialModel"
DENSE = "Dense"
WEIGHTS = "weights"  # the attribute that lists them
TRAINABLE = "trainable"  # what a frozen weight has set to False
VARIABLE = "Variable"  # the class of weights
GRADIENTS = "tape"  # where gradients come from: a GradientTape, or `backward`, which fills `grad`
EVALUATED = "metrics"  # what batch_step returns without training
CORE_IS_GIVEN = True
# The functions of assignment.py that are to be written, and others like them.
MODELS = ["get_simplest_model_components", "get_simple_model_components", "get_advanced_model_components"]
ASSIGN = False  # whether a Variable has `assign`
SAME_TENSOR = False  # whether `Tensor(tensor)` is that tensor itself, not a new one
LOSS_EPSILON = False  # whether the cross-entropy is made with an epsilon
INITIALIZERS = ["zero", "normal", "xavier", "xavier uniform", "kaiming", "kaiming uniform"]
# What is handed in.
REQUIRED = [
    "assignment.py",
    "preprocess.py",
    "beras/activations.py",
    "beras/core.py",
    "beras/gradient_tape.py",
    "beras/layers.py",
    "beras/losses.py",
    "beras/metrics.py",
    "beras/model.py",
    "beras/onehot.py",
    "beras/optimizers.py",
]
# What is to be written, by file.
ASKED = {
    "beras/activations.py": [
        "LeakyReLU.call",
        "LeakyReLU.get_input_gradients",
        "Sigmoid.call",
        "Sigmoid.get_input_gradients",
        "Softmax.call",
        "Softmax.get_input_gradients",
    ],
    "beras/gradient_tape.py": [
        "GradientTape.gradient",
    ],
    "beras/layers.py": [
        "Dense.weights",
        "Dense.call",
        "Dense.get_input_gradients",
        "Dense.get_weight_gradients",
        "Dense._initialize_weight",
    ],
    "beras/losses.py": [
        "MeanSquaredError.call",
        "MeanSquaredError.get_input_gradients",
        "CategoricalCrossentropy.call",
        "CategoricalCrossentropy.get_input_gradients",
    ],
    "beras/metrics.py": [
        "CategoricalAccuracy.call",
    ],
    "beras/model.py": [
        "Model.evaluate",
    ],
    "beras/onehot.py": [
        "OneHotEncoder.fit",
        "OneHotEncoder.call",
        "OneHotEncoder.inverse",
    ],
    "beras/optimizers.py": [
        "BasicOptimizer.apply_gradients",
        "RMSProp.apply_gradients",
        "Adam.apply_gradients",
    ],
    "assignment.py": [
        "SequentialModel.call",
        "SequentialModel.batch_step",
        "get_simple_model_components",
        "get_advanced_model_components",
    ],
    "preprocess.py": [
        "load_and_preprocess_data",
    ],
}
# Libraries, and parts of libraries, that do the homework's job.
FORBIDDEN = [
    "torch",
    "jax",
    "jaxlib",
    "flax",
    "haiku",
    "autograd",
    "mxnet",
    "paddle",
    "chainer",
    "theano",
    "aesara",
    "pytensor",
    "tinygrad",
    "micrograd",
    "casadi",
    "numdifftools",
    "pytorch_lightning",
    "fastai",
    "mindspore",
    "tensorflow.GradientTape",
    "tensorflow.gradients",
    "tensorflow.autodiff",
    "tensorflow.nn",
    "tensorflow.estimator",
    "keras.layers",
    "keras.models",
    "keras.Sequential",
    "keras.Model",
    "keras.Layer",
    "keras.losses",
    "keras.optimizers",
    "keras.activations",
    "keras.ops",
    "keras.backend",
    "sklearn.neural_network",
    "sklearn.linear_model",
    "sklearn.svm",
    "sklearn.ensemble",
    "sklearn.neighbors",
    "sklearn.tree",
    "sklearn.naive_bayes",
    "sklearn.discriminant_analysis",
    "scipy.optimize.approx_fprime",
    "scipy.differentiate",
]
