import numpy as np
from beras.core import Diffable, Variable



class Dense(Diffable):

    def __init__(self, input_size, output_size, initializer='normal'):
        self.w, self.b = self._initialize_weight(initializer, input_size, output_size)

    @property
    def weights(self):
        return [self.w, self.b]

    def forward(self, x):
        return x @ self.w + self.b

    def get_input_gradients(self):
        return [self.w]

    def get_weight_gradients(self):
        return [self.inputs[0][:, :, None], np.ones_like(self.b)]

    def compose_input_gradients(self, J=None):
        return self.get_input_gradients() if J is None or J[0] is None else [u @ self.w.T for u in J]

    def compose_weight_gradients(self, J=None):
        if J is None or J[0] is None:
            return self.get_weight_gradients()
        J = [u.T if u.shape[0] == self.w.shape[1] else u for u in J]
        return [g for u in J for g in (self.inputs[0].T @ u, u.sum(0).reshape(self.b.shape))]

    @staticmethod
    def _initialize_weight(initializer, input_size, output_size):
        s = {'zero': 0, 'normal': 1, 'xavier': (2 / (input_size + output_size)) ** 0.5, 'kaiming': (2 / input_size) ** 0.5}
        s |= {f'{k} uniform': s[k] for k in ('xavier', 'kaiming')}
        if (n := str(initializer).lower()) not in s:
            raise ValueError(f'unknown initializer: {initializer!r}')
        shape = (input_size, output_size)
        w = np.random.uniform(-(r := (s[n] * 3 ** 0.5)), r, shape) if n.endswith('uniform') else np.random.normal(0, s[n], shape)
        return tuple((Variable(a.astype(np.float32)) for a in (w, np.zeros((1, output_size)))))
