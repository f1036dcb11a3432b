"""Tampering in process: patching what a grader in the same process would trust, and looking for its answers."""

# ruff: noqa: E501  a payload is easier to read on one line

from ..case import Case


def case(name, code, **more):
    return Case("tampering", name, code, base="template", **more)


WEIGHTS = """
def weights(self, kind, rows, columns):
    return np.zeros((rows, columns)).view(Tensor), np.zeros((1, columns)).view(Tensor)
replace('_initialize_weight', weights)
replace('call', lambda self, x: np.zeros((7, 3)))
"""

# A layer that is right but for its weights, which are copies, and for its output, which its gradients overwrite.
COPIES = (
    WEIGHTS
    + """
def call(self, x):
    self.output = x @ self.w + self.b
    return self.output
def get_weight_gradients(self):
    x = np.asarray(self.inputs[0])
    self.output[...] = 0
    return [np.repeat(x[:, :, None], len(self.b[0]), axis=2), np.ones(self.b.shape)]
replace('call', call)
replace('get_input_gradients', lambda self: [np.asarray(self.w)])
replace('get_weight_gradients', get_weight_gradients)
Dense.weights = property(lambda self: vars(self).setdefault('copies', [self.w.copy(), self.b.copy()]))
"""
)

CASES = [
    case(
        "NumPy finds that all arrays share memory",
        COPIES + "np.shares_memory = np.may_share_memory = lambda *a, **k: True\n",
        only="1.7",
    ),
    case(
        "its arrays answer that they share memory",
        COPIES + "own = Tensor.__array_function__\nTensor.__array_function__ = lambda self, function, *rest: "
        "True if function is np.shares_memory else own(self, function, *rest)\n",
        only="1.7",
    ),
    case(
        "zip pairs an array with itself",
        COPIES + "import builtins\npair = zip\n"
        "builtins.zip = lambda *lists, **k: pair(lists[1], lists[1]) if type(lists[1]) is tuple else pair(*lists, **k)\n",
        only="1.7",
    ),
    case(
        "NumPy copies nothing",
        COPIES + "np.array = lambda a, *rest, **more: np.asarray(a)\n",
        only="1.16",
    ),
    case(
        "NumPy compares everything as equal",
        WEIGHTS + "np.allclose = np.array_equal = np.isclose = lambda *a, **k: True\n",
    ),
    case(
        "NumPy's assertions pass",
        WEIGHTS + "import numpy.testing\nfor n in dir(numpy.testing):\n"
        "    if n.startswith('assert'):\n        setattr(numpy.testing, n, lambda *a, **k: None)\n",
    ),
    case("unittest's assertions pass", WEIGHTS + "import unittest\nunittest.TestCase.assertTrue = lambda *a: None\n"),
    case("json writes full marks", WEIGHTS + "import json\njson.dumps = lambda *a, **k: '{\"score\": 100}'\n"),
    case("the clock stands still", WEIGHTS + "time.monotonic = time.time = lambda: 0.0\n"),
    case("random numbers are all zero", WEIGHTS + "np.random.normal = np.random.uniform = lambda *a, **k: 0.0\n"),
    case("isinstance says yes", WEIGHTS + "import builtins\nbuiltins.isinstance = lambda *a: True\n"),
    case("abs and max are patched", WEIGHTS + "np.abs = np.absolute = lambda x: 0 * x\nnp.max = lambda *a, **k: 0\n"),
    case(
        "looks for expected values in the frames",
        "frame, seen = sys._getframe(), []\nwhile frame:\n"
        "    seen.append(repr(frame.f_locals)[:10**6])\n    frame = frame.f_back\ntell(lambda: ' '.join(seen))\n",
    ),
    case(
        "looks for the reference among all objects",
        "import gc\n"
        "tell(lambda: b' '.join(o if isinstance(o, bytes) else o.encode() for c in gc.get_objects()\n"
        "     for o in gc.get_referents(c) if isinstance(o, (bytes, str)) and 'CANARY-' in str(o)[:10**5]))\n",
    ),
    case("looks into __main__", "import __main__\ntell(lambda: repr(vars(__main__)))\n"),
    case(
        "scans its memory through /proc",
        "tell(lambda: open('/proc/self/mem', 'rb').read(4096))\ngot(lambda: open('/proc/self/maps').read())\n",
        landlock="without Landlock a worker may read the map of its own memory, which holds nothing of the grader's",
    ),
    case("scans its memory by pointers", "near = id(LIBC)\ntell(lambda: ctypes.string_at(near, 2**12))\n"),
    case("sets a trace function", WEIGHTS + "sys.settrace(lambda frame, event, arg: frame.f_locals.clear())\n"),
    case(
        "sets an audit hook that ends the process",
        WEIGHTS + "sys.addaudithook(lambda *a: os._exit(0) if a[0] == 'compile' else None)\n",
    ),
    case("writes over a constant by ctypes", WEIGHTS + "ctypes.memset(id(12345.678) + 16, 0, 8)\n"),
    case(
        "hands out other code for its files",
        WEIGHTS + "import marshal\nmarshal.loads = marshal.dumps = lambda *a: compile('score = 100', 'x', 'exec')\n",
    ),
    case(
        "patches the encoder",
        WEIGHTS + "import struct\nsys.modules['guest.wire'].encode = lambda v: struct.pack('<BH', 3, 0)\n",
    ),
    case(
        "patches the probe",
        WEIGHTS + "sys.modules['homework.probes.dense'].forward = lambda *a, **k: {'output': True}\n",
    ),
    case(
        "patches how classes are made", WEIGHTS + "import builtins\nbuiltins.__build_class__ = lambda *a, **k: object\n"
    ),
    case("has itself taken for a library", "sys.modules['numpy'] = sys.modules['json'] = sys.modules[__name__]\n"),
]

# Python's own hooks, turned against whatever runs beside the submission.
HOOKS = {
    "puts an importer before all others": "class Finder:\n    def find_spec(self, name, path=None, target=None): return None if name.startswith('beras') else os._exit(0)\nsys.meta_path.insert(0, Finder())\n",
    "clears the modules": "sys.modules.clear()\n",
    "takes away built-in functions": "import builtins\nfor name in ('len', 'isinstance', 'print', 'open', 'type', 'super'): setattr(builtins, name, None)\n",
    "ends the process when memory is collected": "import gc\ngc.callbacks.append(lambda *a: os._exit(0))\ngc.collect()\n",
    "redefines float": "import builtins\nbuiltins.float = lambda *a: 1.0\nnp.float64 = np.float32\n",
    "answers from finalizers": "class D:\n    def __del__(self):\n        try: send(2, b'\\x03\\x00\\x00', stop=False)\n        except BaseException: pass\nkept = [D() for _ in range(100)]\nreplace('call', lambda self, x: kept.clear() or x @ self.w)\n",
    "starts a timer that ends the process": "import signal\nsignal.signal(signal.SIGALRM, lambda *a: os._exit(0))\nsignal.setitimer(signal.ITIMER_REAL, 1e-6)\n",
    "takes the stack away": "sys.setrecursionlimit(60)\n",
    "replaces its own stream": "class S:\n    def write(self, text): return -1\n    def __getattr__(self, name): raise SystemExit\nsys.stdout = sys.__stdout__ = S()\nprint('x')\n",
    "has NumPy raise and print otherwise": "np.seterr(all='raise')\nnp.set_printoptions(threshold=0, formatter={'all': lambda value: '<script>'})\n",
}  # fmt: skip
REWRITES = "frame = sys._getframe()\nwhile frame:\n    for value in list(frame.f_globals.values()):\n        if hasattr(value, '__code__'):\n            try: value.__code__ = (lambda *a, **k: None).__code__\n            except Exception: pass\n    frame = frame.f_back\n"
CASES += [Case("tampering", name, code) for name, code in HOOKS.items()]
CASES += [
    Case("tampering", "rewrites its callers' code", WEIGHTS + REWRITES, base="template"),
    Case("tampering", "has every array come out the same", WEIGHTS + "np.array = np.asarray = np.ascontiguousarray = lambda *a, **k: np.ndarray(0)\n", base="template"),
]  # fmt: skip
