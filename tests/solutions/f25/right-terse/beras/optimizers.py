from collections import defaultdict
import numpy as np



class BasicOptimizer:

    def __init__(self, learning_rate):
        self.learning_rate = learning_rate

    def apply_gradients(self, trainable_params, grads):
        for p, g in zip(trainable_params, grads):
            p -= self.learning_rate * g



class RMSProp:

    def __init__(self, learning_rate, beta=0.9, epsilon=1e-06):
        self.learning_rate = learning_rate
        self.beta = beta
        self.epsilon = epsilon
        self.v = defaultdict(float)

    def apply_gradients(self, trainable_params, grads):
        for i, (p, g) in enumerate(zip(trainable_params, grads)):
            self.v[i] = self.beta * self.v[i] + (1 - self.beta) * g ** 2
            p -= self.learning_rate * g / (np.sqrt(self.v[i]) + self.epsilon)



class Adam:

    def __init__(self, learning_rate, beta_1=0.9, beta_2=0.999, epsilon=1e-07, amsgrad=False):
        self.learning_rate = learning_rate
        self.beta_1 = beta_1
        self.beta_2 = beta_2
        self.epsilon = epsilon
        self.amsgrad = amsgrad
        self.m = defaultdict(float)
        self.v = defaultdict(float)
        self.v_max = defaultdict(float)
        self.t = 0

    def apply_gradients(self, trainable_params, grads):
        self.t += 1
        for i, (p, g) in enumerate(zip(trainable_params, grads)):
            self.m[i] = self.beta_1 * self.m[i] + (1 - self.beta_1) * g
            self.v[i] = v = self.beta_2 * self.v[i] + (1 - self.beta_2) * g ** 2
            if self.amsgrad:
                self.v_max[i] = v = np.maximum(self.v_max[i], v)
            p -= self.learning_rate * (self.m[i] / (1 - self.beta_1 ** self.t)) / (np.sqrt(v / (1 - self.beta_2 ** self.t)) + self.epsilon)
