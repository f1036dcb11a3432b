"""Tampering in process: patching what a grader in the same process would trust, and looking for its answers."""

from ..case import Case


def case(name, code, **more):
    return Case("tampering", name, code, base="template", **more)


WEIGHTS = """
def weights(self, kind, rows, columns):
    return np.zeros((rows, columns)).view(Tensor), np.zeros((1, columns)).view(Tensor)
replace('_initialize_weight', weights)
replace('call', lambda self, x: np.zeros((7, 3)))
"""

CASES = [
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
