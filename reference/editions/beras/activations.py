"""What beras/activations.py has in other editions than the reference's own."""


# EDITION s26
class LeakyReLU(Activation):
    def __init__(self, alpha=0.3, **kwargs):
        super().__init__(**kwargs)
        self.alpha = alpha


class ReLU(LeakyReLU):
    def __init__(self, **kwargs):
        super().__init__(alpha=0, **kwargs)
