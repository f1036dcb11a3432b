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
