"""Training: the submission's own models on real digits (12 points)."""

from gradescope_utils.autograder_utils.decorators import number, tags, weight


@number("9.1")
@weight(6)
@tags("training", "simple")
def test_simple_model(train):
    """get_simple_model_components: more than 95 % test accuracy"""
    train("get_simple_model_components")


@number("9.2")
@weight(6)
@tags("training", "advanced")
def test_advanced_model(train):
    """get_advanced_model_components: more than 95 % test accuracy"""
    train("get_advanced_model_components")
