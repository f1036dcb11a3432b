"""Lying values: a template whose layer answers with something that a careless comparison takes for right."""

# ruff: noqa: E501  a payload is easier to read on one line

from ..case import Case
from .tampering import WEIGHTS

EQUAL = """
class Equal(np.ndarray):
    __eq__ = __ge__ = __le__ = lambda self, other: np.ones(np.shape(other), bool)
    __ne__ = __gt__ = __lt__ = lambda self, other: np.zeros(np.shape(other), bool)
    __sub__ = __rsub__ = lambda self, other: np.zeros(np.shape(other))
    __hash__ = None
"""
CALLS = {
    "an empty array": "np.empty((0, 3))",
    "an empty array of the right length": "np.empty((7, 0))",
    "a scalar that broadcasts": "1.0",
    "a row that broadcasts": "np.zeros((1, 3))",
    "a column that broadcasts": "np.zeros((7, 1))",
    "NaN": "np.full((7, 3), np.nan)",
    "infinity": "np.full((7, 3), np.inf)",
    "the largest numbers": "np.full((7, 3), np.finfo(float).max)",
    "objects": "np.full((7, 3), object())",
    "texts": "np.full((7, 3), '1')",
    "complex numbers": "np.full((7, 3), 1j)",
    "booleans": "np.ones((7, 3), bool)",
    "a masked array": "np.ma.masked_all((7, 3))",
    "a structured array": "np.zeros((7, 3), [('a', float), ('b', float)])",
    "None": "None",
    "a generator": "(row for row in np.zeros((7, 3)))",
    "a list that holds itself": "loop",
    "an array that equals all": "np.zeros((7, 3)).view(Equal)",
    "an array with its own arithmetic": "np.zeros((7, 3)).view(Silent)",
    "a value that pickles into a call": "Pickled()",
    "a value that raises when read": "Raising()",
    "a value that exits when read": "Exiting()",
    "a view of strides zero": "np.lib.stride_tricks.as_strided(np.zeros(1), (7, 3), (0, 0))",
    "its input": "x",
    "the input after emptying it": "empty(x)",
}
CLASSES = (
    EQUAL
    + """
class Silent(np.ndarray):
    def __array_ufunc__(self, ufunc, method, *inputs, **options):
        return np.True_
class Pickled:
    def __reduce__(self):
        return (open, (CANARY + '/pickled', 'w'))
class Raising:
    def __array__(self, *a, **k):
        raise MemoryError
class Exiting:
    def __array__(self, *a, **k):
        os._exit(0)
loop = []
loop.append(loop)
def empty(x):
    x[...] = 0
    return np.zeros((7, 3))
"""
)

CASES = [
    Case("lying", f"answers with {name}", f"{WEIGHTS}{CLASSES}replace('call', lambda self, x: {code})\n", base="template")
    for name, code in CALLS.items()
] + [
    Case("lying", "answers differently when called again",
         f"{WEIGHTS}calls = []\ndef call(self, x):\n    calls.append(1)\n    return np.full((7, 3), len(calls))\nreplace('call', call)\n",
         base="template"),
]  # fmt: skip

# What NumPy and the wire meet seldom: objects that lie about what they are, and values far from any homework's.
CLASSES = """
class Interface:
    def __init__(self, shape, place):
        self.__array_interface__ = {'shape': shape, 'typestr': '<f8', 'data': (place, False), 'version': 3}
class Answering:
    def __array_function__(self, *a): return True
    def __array__(self, *a, **k): return np.zeros((7, 3))
class Fickle:
    n = 0
    def __array__(self, *a, **k):
        Fickle.n += 1
        return np.zeros((7, 3)) if Fickle.n % 2 else np.zeros((9, 9))
class Growing(list):
    def __iter__(self):
        while True: yield np.zeros((7, 3))
class Long(list):
    def __len__(self): return 10**9
class Finalized(np.ndarray):
    def __array_finalize__(self, other): os._exit(0)
def deep():
    nested = []
    for _ in range(900): nested = [nested]
    return nested
"""
CALLS = {
    "an array interface that points nowhere": "Interface((7, 3), 1)",
    "an array interface of a terabyte": "Interface((2**37,), id(x))",
    "a broadcast of a terabyte": "np.broadcast_to(0.0, (2**20, 2**20))",
    "sixty axes": "np.zeros((1,) * 60 + (7, 3))",
    "long doubles": "np.zeros((7, 3), np.longdouble)",
    "dates": "np.zeros((7, 3), 'datetime64[s]')",
    "an integer of fifty thousand digits": "10**50_000",
    "a text of a million rare letters": "chr(0x1F600) * 10**6",
    "a list whose length lies": "Long([np.zeros((7, 3))])",
    "a list that grows while it is read": "Growing()",
    "lists within lists": "deep()",
    "a dictionary with markup for names": "{'output': x, 'output\\n**100 / 100**': 1.0}",
    "a class": "np.ndarray",
    "what answers for NumPy's functions": "Answering()",
    "what converts anew each time": "Fickle()",
    "an array that ends its process when it is viewed": "np.zeros((7, 3)).view(Finalized)",
}
CASES += [
    Case(
        "lying", f"answers with {name}", f"{WEIGHTS}{CLASSES}replace('call', lambda self, x: {code})\n", base="template"
    )
    for name, code in CALLS.items()
]

LOSSES = """
def huge(self):
    return [np.full(np.shape(self.inputs[0]), -1.7e308)]
loss = globals().get("CategoricalCrossEntropy") or CategoricalCrossentropy
loss.call = loss.forward = lambda self, y_pred, y_true: np.float64(1e17)
loss.get_input_gradients = huge
"""
CASES += [
    Case("lying", "a loss of 1e17 for everything", LOSSES, file="beras/losses.py", base="template", only="3.4"),
    Case("lying", "gradients near the largest number", LOSSES, file="beras/losses.py", base="template", only="3.6"),
]

# Classes that say of everything that it is theirs.
AGREEING = """
class Agreeing(type):
    __instancecheck__ = __subclasscheck__ = __eq__ = lambda cls, other: True
    __hash__ = type.__hash__
import beras.core
beras.core.Tensor = Agreeing("Tensor", (np.ndarray,), {})
def load_and_preprocess_data():
    (images, labels), (others, more) = load_mnist()
    return images.reshape(len(images), -1) / 255, labels, others.reshape(len(others), -1) / 255, more
"""
CASES += [
    Case(
        "lying", "a class says that every array is its own", AGREEING, file="preprocess.py", base="template", only="8.4"
    ),
]
