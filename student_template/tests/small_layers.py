"""Small layers whose gradients are right, to try the tape with: none of yours needs to work for that.

They keep what they are asked, so that `explain_walk` can say what is wrong with a walk back.
"""

import numpy as np

from beras.core import Diffable
from tests.causes import Verdict, describe_upstream
from tests.edition import BACKWARD, TRAINABLE, variable


class Watched(Diffable):
    """A layer that keeps the upstream gradients that its `compose_*` methods get."""

    weights = []
    parameters = weights
    asked = ()

    def __call__(self, *inputs, **keyword_inputs):
        """Forget what was asked about the call before."""
        self.asked = []
        return super().__call__(*inputs, **keyword_inputs)

    @property
    def trainable_variables(self):
        """The weights that are not frozen: the tape's tests need nothing of Weighted."""
        return [weight for weight in self.weights if getattr(weight, TRAINABLE)]

    def ask(self, method, J):
        """Keep J, which `method` gets, and return its array. Raise Verdict where it cannot be the right one."""
        upstream, output = None if J is None else J[0], np.shape(self.outputs[0])
        self.asked.append((method, upstream))
        name = type(self).__name__
        if upstream is None:
            raise Verdict(
                f"{method} of {name} got None for the upstream gradient, as a loss does. Does the target depend on this layer, "
                "and is the gradient by its output kept under that tensor?"
            )
        if np.shape(upstream) != output:
            if isinstance(J, np.ndarray) and J.shape == output:
                raise Verdict(
                    f"{method} takes a list with the upstream gradient in it, and got the array itself: [gradient]"
                )
            raise Verdict(describe_upstream(self, method, J))
        return np.asarray(upstream)

    def get_weight_gradients(self):
        """No weights, so no gradients by them: the empty list."""
        return []

    def compose_weight_gradients(self, J=None):
        """The same."""
        return []


class Loss(Watched):
    """What backpropagation starts at: it has no upstream gradient."""

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx]."""
        if J is not None and J[0] is not None:
            raise Verdict(
                f"compose_input_gradients of a loss got the upstream gradient {J[0]}: backpropagation starts there, with [None]"
            )
        return self.get_input_gradients()


def explain_walk(*layers):
    """Return what is wrong with how the walk back asked these layers, as the end of a sentence, or nothing."""
    for layer in layers:
        by_inputs = [upstream for method, upstream in layer.asked if method == "compose_input_gradients"]
        by_weights = [upstream for method, upstream in layer.asked if method == "compose_weight_gradients"]
        size = np.size(layer.weights[0]) if layer.weights else 0
        name = (
            f"the layer with the weight {np.ravel(layer.weights[0])[0]:g}" if size == 1 else "a layer" if size else ""
        )
        if by_inputs and by_weights and not _same(by_inputs[-1], by_weights[-1]):
            return (
                "; compose_weight_gradients of a layer gets another gradient than its compose_input_gradients. Both get the "
                "gradient by the layer's output: is that overwritten by the gradient by the layer's inputs too early?"
            )
        if name and len(by_inputs) > 1 and not BACKWARD:
            return (
                f"; {name} is asked {len(by_inputs)} times, and hands back its gradient each time. A layer is asked once, when "
                "the parts of its output's gradient are all in: walk through previous_layers in the reverse order of the calls"
            )
    return ""


def _same(one, other):
    return one is other or (one is not None and other is not None and np.array_equal(one, other))


class Affine(Watched):
    """y = x @ w + b, from (B, in) to (B, out)."""

    def __init__(self, inputs, outputs, rng):
        self.w = variable(rng.normal(size=(inputs, outputs)))
        self.b = variable(rng.normal(size=(1, outputs)))

    @property
    def weights(self):
        """The weight and the bias."""
        return [self.w, self.b]

    parameters = weights

    def call(self, x):
        """Return x @ w + b."""
        return x @ self.w + self.b

    forward = call

    def get_input_gradients(self):
        """Return [dy/dx]."""
        return [self.w]

    def get_weight_gradients(self):
        """Return [dy/dw, dy/db]."""
        return [self.inputs[0][:, :, np.newaxis], np.ones_like(self.b)]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx]."""
        return [self.ask("compose_input_gradients", J) @ np.asarray(self.w).T]

    def compose_weight_gradients(self, J=None):
        """Return [dLoss/dw, dLoss/db]."""
        upstream = self.ask("compose_weight_gradients", J)
        return [np.asarray(self.inputs[0]).T @ upstream, np.sum(upstream, axis=0, keepdims=True)]


class Scale(Watched):
    """y = w * x, entry by entry, with one weight."""

    def __init__(self, factor):
        self.w = variable(np.array([factor], dtype=float))

    @property
    def weights(self):
        """The weight."""
        return [self.w]

    parameters = weights

    def call(self, x):
        """Return w * x."""
        return self.w * x

    forward = call

    def get_input_gradients(self):
        """Return [dy/dx]."""
        return [self.w]

    def get_weight_gradients(self):
        """Return [dy/dw]."""
        return [self.inputs[0]]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx]."""
        return [self.w * self.ask("compose_input_gradients", J)]

    def compose_weight_gradients(self, J=None):
        """Return [dLoss/dw]."""
        return [np.sum(self.inputs[0] * self.ask("compose_weight_gradients", J)).reshape(1)]


class Sum(Loss):
    """The sum of all entries, a number."""

    def call(self, x):
        """Return the sum."""
        return np.sum(x)

    forward = call

    def get_input_gradients(self):
        """Return [dSum/dx]."""
        return [np.ones_like(self.inputs[0])]


class Total(Loss):
    """The sum of y + y^2 over all entries, a number."""

    def call(self, x):
        """Return the sum."""
        return np.sum(x + x**2)

    forward = call

    def get_input_gradients(self):
        """Return [dSum/dx]."""
        return [1 + 2 * np.asarray(self.inputs[0])]


class Times(Watched):
    """The product of two inputs, entry by entry."""

    def call(self, x, y):
        """Return x * y."""
        return x * y

    forward = call

    def get_input_gradients(self):
        """Return [dz/dx, dz/dy]."""
        x, y = self.inputs
        return [np.asarray(y), np.asarray(x)]

    def compose_input_gradients(self, J=None):
        """Return [dLoss/dx, dLoss/dy]."""
        upstream = self.ask("compose_input_gradients", J)
        return [gradient * upstream for gradient in self.get_input_gradients()]


__all__ = ["Affine", "Scale", "Sum", "Times", "Total", "explain_walk"]
