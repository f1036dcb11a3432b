"""The handout's core, which is given: worth no points, but changes to it should be seen."""

from gradescope_utils.autograder_utils.decorators import number, tags, weight

from autograder.guest.probes import core


@number("0.1")
@weight(0)
@tags("core", "given")
def test_tensor(ask, draw):
    """Tensor is an array with a trainable flag"""
    answer = ask(core.tensor, values=draw(4, 3))
    for name in ("values", "is an array", "trainable"):
        answer[name].agrees()


@number("0.2")
@weight(0)
@tags("core", "given")
def test_registration(ask, draw):
    """Diffable.__call__ keeps inputs and outputs and tells the tape"""
    answer = ask(core.registers, values=draw(4, 3))
    for name in ("output", "keeps its input", "keeps its output", "registered"):
        answer[name].agrees()


@number("0.3")
@weight(0)
@tags("core", "given")
def test_composition_for_one_jacobian(ask, draw):
    """Diffable.compose_input_gradients with one Jacobian for all samples"""
    answer = ask(core.composed, x=draw(7, 5), w=draw(5, 3), local=draw(5, 3), upstream=draw(7, 3))
    answer["input gradients"][0].agrees((7, 5))
    answer["weight gradients"][0].agrees((5, 3))


@number("0.4")
@weight(0)
@tags("core", "given")
def test_composition_for_a_jacobian_each(ask, draw):
    """Diffable.compose_input_gradients with a Jacobian for every sample"""
    answer = ask(core.composed, x=draw(7, 5), w=draw(5, 3), local=draw(7, 5, 3), upstream=draw(7, 3))
    answer["input gradients"][0].agrees((7, 5))
    answer["weight gradients"][1].agrees((3,))
    answer["input gradients without upstream"][0].agrees((7, 5, 3))
    answer["weight gradients without upstream"][0].agrees((7, 5, 3))


@number("0.5")
@weight(0)
@tags("core", "given")
def test_trainable_flag(ask, draw):
    """Tensor hands its trainable flag on to views, and takes nested lists"""
    answer = ask(core.flags, values=draw(4, 3))
    for name in ("of a view", "of another Tensor", "from lists"):
        answer[name].agrees()


@number("0.6")
@weight(0)
@tags("core", "given")
def test_trainable_weights(ask):
    """Weighted.trainable_variables holds the weights that are trainable"""
    answer = ask(core.trainable_weights)
    for name in ("trainable", "frozen", "any", "none", "none left", "all again"):
        answer[name].agrees()


@number("0.7")
@weight(0)
@tags("core", "given")
def test_inputs_by_name(ask, draw):
    """Diffable.__call__ takes inputs by name, and gives several outputs in a list"""
    answer = ask(core.several, first=draw(4, 3), second=draw(4, 3))
    for name in ("inputs in order", "outputs kept", "registered", "by a Callable"):
        answer[name].agrees()
    for index in (0, 1):
        answer["outputs"][index].agrees((4, 3))


@number("0.8")
@weight(0)
@tags("core", "given")
def test_without_upstream(ask, draw):
    """Diffable.compose_input_gradients gives the local gradient where there is no upstream one"""
    layers = ask(core.local, x=draw(7, 5), w=draw(5, 3), b=draw(1, 3))
    for name in ("Dense", "Dense weight", "LeakyReLU", "Sigmoid", "Softmax"):
        if not layers[name].number:
            raise layers[name].fails(f"{name.split()[0]}: composing None should give the local gradients as they are.")
