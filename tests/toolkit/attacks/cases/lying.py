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
