"""Training: the submission's own models on real digits (12 points; 6 to 8 where there is one model)."""

from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.authoring import editions


@number("9.1")
@weight(6)
@editions("s24")
@tags("training", "simple")
def test_simple_model(train):
    """get_simple_model_components: more than {accuracy} test accuracy"""
    train("get_simple_model_components")


@number("9.2")
@weight(6)
@editions("s24")
@tags("training", "advanced")
def test_advanced_model(train):
    """get_advanced_model_components: more than {accuracy} test accuracy"""
    train("get_advanced_model_components")


@number("9.3")
@weight(6)
@editions("f25", "-f24", s25=8, s26=7.5)
@tags("training")
def test_model(train):
    """get_model: more than {accuracy} test accuracy"""
    train("get_model")
