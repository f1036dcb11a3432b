"""What your edition of the homework, s24, calls things and asks for. It came with the handout: leave it as it is."""

EDITION = "s24"
CALL = "call"  # the method that a layer computes its output with
CROSS_ENTROPY = "CategoricalCrossentropy"
SEQUENTIAL = "assignment"  # the module of SequentialModel
EVALUATED = "metrics"  # what batch_step returns without training
CORE_IS_GIVEN = True
# The functions of assignment.py that are to be written, and others like them.
MODELS = ["get_simplest_model_components", "get_simple_model_components", "get_advanced_model_components"]
ASSIGN = False  # whether a Variable has `assign`
LOSS_EPSILON = False  # whether the cross-entropy is made with an epsilon
INITIALIZERS = ["zero", "normal", "xavier", "xavier uniform", "kaiming", "kaiming uniform"]
