import numpy as np
from beras.core import Callable



class CategoricalAccuracy(Callable):

    def forward(self, probs, labels):
        return float(np.mean(np.argmax(probs, -1) == np.argmax(labels, -1)))
