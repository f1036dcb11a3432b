import inspect
from abc import ABC, abstractmethod
import numpy as np



class Tensor(np.ndarray):

    def __new__(cls, data):
        return data if isinstance(data, cls) else np.asanyarray(data).view(cls)

    def __array_finalize__(self, source):
        self.trainable = getattr(source, 'trainable', True)



class Variable(Tensor):

    def assign(self, value):
        self[...] = value



class Callable(ABC):

    @abstractmethod
    def forward(self, *inputs, **keyword_inputs):
        pass

    def __call__(self, *inputs, **keyword_inputs):
        return self.forward(*inputs, **keyword_inputs)



class Weighted(ABC):

    @property
    @abstractmethod
    def weights(self):
        pass

    @property
    def trainable_variables(self):
        return [w for w in self.weights if w.trainable]

    @property
    def non_trainable_variables(self):
        return [w for w in self.weights if not w.trainable]

    @property
    def trainable(self):
        return any((w.trainable for w in self.weights))

    @trainable.setter
    def trainable(self, trainable):
        for w in self.weights:
            w.trainable = trainable



class Diffable(Callable, Weighted):
    gradient_tape = None

    def __call__(self, *inputs, **keyword_inputs):
        declared = inspect.signature(self.forward).parameters if keyword_inputs else ()
        self.inputs = [*inputs, *(keyword_inputs[name] for name in declared if name in keyword_inputs)]
        result = self.forward(*inputs, **keyword_inputs)
        several = isinstance(result, (list, tuple))
        self.outputs = [Tensor(output).view() for output in (result if several else [result])]
        if Diffable.gradient_tape is not None:
            for output in self.outputs:
                Diffable.gradient_tape.previous_layers[id(output)] = self
        return self.outputs if several else self.outputs[0]

    @abstractmethod
    def get_input_gradients(self):
        pass

    @abstractmethod
    def get_weight_gradients(self):
        pass

    def compose_input_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_input_gradients()
        composed = []
        for upstream in J:
            for layer_input, local_gradient in zip(self.inputs, self.get_input_gradients(), strict=False):
                gradient = np.zeros(layer_input.shape, dtype=np.result_type(local_gradient, upstream))
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    gradient[sample] = sample_gradient @ upstream[sample]
                composed.append(gradient)
        return composed

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        composed = []
        for upstream in J:
            for weight, local_gradient in zip(self.weights, self.get_weight_gradients(), strict=False):
                gradient = np.zeros(weight.shape, dtype=np.result_type(local_gradient, upstream))
                for sample in range(len(upstream)):
                    sample_gradient = local_gradient[sample] if local_gradient.ndim == 3 else local_gradient
                    contribution = sample_gradient * upstream[sample]
                    gradient += contribution.reshape(weight.shape)
                composed.append(gradient)
        return composed
