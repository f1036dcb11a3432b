import numpy as np
from beras.core import Diffable



class Activation(Diffable):

    @property
    def weights(self):
        return []

    def get_weight_gradients(self):
        return []



class LeakyReLU(Activation):

    def __init__(self, alpha=0.3):
        self.alpha = alpha

    def forward(self, x):
        return np.where(x > 0, x, self.alpha * x)

    def get_input_gradients(self):
        return [np.where(self.inputs[0] > 0, 1.0, self.alpha)]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [self.get_input_gradients()[0] * upstream for upstream in J]



class ReLU(LeakyReLU):

    def __init__(self):
        super().__init__(alpha=0)



class Sigmoid(Activation):

    def forward(self, x):
        return np.exp(-np.logaddexp(0, -x))

    def get_input_gradients(self):
        return [(s := self.outputs[0]) * (1 - s)]

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        return [self.get_input_gradients()[0] * upstream for upstream in J]



class Softmax(Activation):

    def forward(self, x):
        return (e := np.exp(x - x.max(-1, keepdims=True))) / e.sum(-1, keepdims=True)

    def get_input_gradients(self):
        return [(p := self.outputs[0])[:, :, None] * (np.eye(p.shape[1]) - p[:, None, :])]
