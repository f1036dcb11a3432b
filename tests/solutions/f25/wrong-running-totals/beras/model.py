from abc import abstractmethod
from collections import defaultdict
import numpy as np
from beras.core import Callable, Weighted
from beras.gradient_tape import GradientTape



class Model(Callable, Weighted):

    def __init__(self, layers):
        self.layers = layers

    @property
    def weights(self):
        return [w for layer in self.layers for w in layer.weights]

    def compile(self, optimizer, loss_fn, acc_fn):
        self.optimizer, self.loss_fn, self.acc_fn = (optimizer, loss_fn, acc_fn)

    @abstractmethod
    def batch_step(self, x, y, training=True):
        pass

    def fit(self, x, y, epochs, batch_size):
        history = defaultdict(list)
        stats = defaultdict(list)
        for epoch in range(1, epochs + 1):
            for i in range(0, len(x) - batch_size + 1, batch_size):
                for k, v in self.batch_step(x[i:i + batch_size], y[i:i + batch_size], training=True).items():
                    stats[k].append(v)
                print_stats(f'epoch {epoch}/{epochs}', stats)
            print()
            for k, v in stats.items():
                history[k].append(float(np.mean(v)))
        return dict(history)

    def evaluate(self, x, y, batch_size):
        sums = defaultdict(float)
        for i in range(0, len(x), batch_size):
            metrics, _ = self.batch_step((xb := x[i:i + batch_size]), y[i:i + batch_size], training=False)
            for k, v in metrics.items():
                sums[k] += float(v) * len(xb)
        return {k: v / len(x) for k, v in sums.items()}

def print_stats(where, metrics):
    means = ', '.join((f'{name} {sum(values) / len(values):.4f}' for name, values in metrics.items()))
    print(f'\r{where}: {means}', end='', flush=True)



class SequentialModel(Model):

    def forward(self, inputs):
        for layer in self.layers:
            inputs = layer(inputs)
        return inputs

    def batch_step(self, x, y, training=True):
        if not training:
            return ({'loss': float(self.loss_fn((p := self(x)), y)), 'acc': float(self.acc_fn(p, y))}, p)
        with GradientTape() as tape:
            loss = self.loss_fn((p := self(x)), y)
        stats = {'loss': float(loss), 'acc': float(self.acc_fn(p, y))}
        self.optimizer.apply_gradients((v := self.trainable_variables), tape.gradient(loss, v))
        return stats
