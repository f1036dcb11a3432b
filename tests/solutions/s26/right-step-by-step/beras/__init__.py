"""Beras: a small PyTorch in NumPy, with layers that know their own gradients."""

from beras.activations import LeakyReLU, ReLU, Sigmoid, Softmax
from beras.core import Callable, Diffable, Tensor
from beras.layers import Linear
from beras.losses import CategoricalCrossEntropy, MeanSquaredError
from beras.metrics import CategoricalAccuracy
from beras.model import Model, Sequential
from beras.onehot import OneHotEncoder
from beras.optimizers import Adam, BasicOptimizer, RMSProp
