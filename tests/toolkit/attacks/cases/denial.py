"""Denial of service: using up time, memory, disk or patience. All loops end by themselves."""

# ruff: noqa: E501  a payload is easier to read on one line

from ..case import Case
from .intake import zipped

CALL = "def call(self, x):\n    {}\nreplace('call', call)\n"
SOON = "time.monotonic() + 4"


def case(name, code, **more):
    return Case("denial", name, code, **more)


def in_call(name, statement):
    return case(name, CALL.format(statement))


CASES = [
    in_call("a loop", f"end = {SOON}\n    while time.monotonic() < end: pass"),
    case("a loop at import", f"end = {SOON}\nwhile time.monotonic() < end: pass\n", file="beras/metrics.py", only="6.5"),
    in_call("a sleep", "time.sleep(8)"),
    in_call("a loop that ignores signals", f"import signal\n    for s in (15, 24, 2): signal.signal(s, signal.SIG_IGN)\n    end = {SOON}\n"
            "    while time.monotonic() < end: pass"),
    case("a few forks", "for _ in range(10):\n    got(lambda: os.fork() or time.sleep(3) or os._exit(0))\n"),
    case("a few threads", "import threading\ngot(lambda: [threading.Thread(target=time.sleep, args=(3,)).start() for _ in range(10)])\n"),
    in_call("two gigabytes of memory", "return np.ones(2**28)"),
    in_call("a memory error caught in a loop", "kept = []\n    for _ in range(200):\n        try: kept.append(np.ones(2**23))\n"
            "        except MemoryError: pass\n    return kept[0]"),
    case("a megabyte on disk", "got(lambda: open(CANARY + '/big', 'wb').write(bytes(2**20)))\n"),
    case("a hundred files", "for n in range(100):\n    got(lambda: open(f'{CANARY}/{n}', 'w'))\n"),
    case("files in memory", "got(lambda: os.memfd_create('x'))\ngot(lambda: open('/dev/shm/beras-canary', 'w'))\n"),
    in_call("ten megabytes of output", "print('x' * 10**7); sys.stderr.write('x' * 10**7); return x"),
    case("stops the decoy", "got(lambda: os.kill(DECOY, 19))\n"),
    case("kills the decoy", "got(lambda: os.kill(DECOY, 9))\n"),
    case("kills the decoy by its number", "got(lambda: LIBC.syscall(CALL['pidfd_open'], DECOY, 0))\ngot(lambda: LIBC.syscall(CALL['tkill'], DECOY, 9))\n"),
    case("limits the decoy", "import resource\ngot(lambda: resource.prlimit(DECOY, resource.RLIMIT_NOFILE, (3, 3)))\n"),
    case("slows the decoy down", "got(lambda: os.setpriority(os.PRIO_PROCESS, DECOY, 19))\n"),
    case("moves the decoy to one processor", "got(lambda: os.sched_setaffinity(DECOY, {0}))\n"),
    case("signals the decoy through a pipe", "import fcntl\nfile = os.pipe()[0]\ngot(lambda: fcntl.fcntl(file, fcntl.F_SETOWN, DECOY))\n"),
    in_call("a crash", "ctypes.string_at(0)"),
    in_call("an abort", "os.abort()"),
    in_call("deep recursion", "sys.setrecursionlimit(10**6)\n    f = lambda n: f(n + 1) if n < 10**6 else 0\n    return f(0)"),
    case("an exit handler that waits", "import atexit\natexit.register(time.sleep, 8)\n"),
    case("a finaliser that waits", "class Slow:\n    def __del__(self): time.sleep(8)\nkept = Slow()\n"),
    in_call("a number of ten million digits", "return int('9' * 4000) ** 20000 % 7"),
    in_call("an expression that backtracks", "re.match('(a+)+$', 'a' * 40 + 'b')"),
    case("brackets that break the parser", "x = " + "(" * 20000, whole=True),
    case("a line of a megabyte", "x = '" + "a" * 10**6 + "'\n" + "y = " + "-" * 5000 + "1\n"),
    case("NUL in the source", "x = 1\0\n", whole=True),
    case("an unknown encoding", "# coding: nonsense\nx = 1\n", whole=True),
    case("a class of a million empty lines", "class Dense:\n" + "\n" * 10**6 + "    x = 1\n", whole=True),
    case("a hundred thousand definitions of one name", "def assign" + "\ndef assign" * 100_000 + "\n", file="beras/core.py", whole=True),
    case("a line of f-strings in one another", "x = = 1  # " + "f'" * 3000 + "{" * 3000 + "\n", whole=True),
    in_call("an answer of sixty megabytes of booleans", "return np.zeros(60 * 2**20, bool)"),
    in_call("an answer as large as may be", "return np.zeros(8 * 2**20 - 4096, bool)"),
    case("a failure on every call of a handler", "sys.excepthook = sys.unraisablehook = lambda *a: time.sleep(8)\nraise ValueError\n"),
]  # fmt: skip


def crowded(folder, files, count=220, names=3990, length=190):
    """Many files, each with as many names as are read of one: rare characters, so that each is long on its way."""
    rare = "".join(chr(0x20000 + at) for at in range(length))
    source = (f"import {rare} as b\n" + "".join(f"b.x{n}\n" for n in range(names))).encode()
    target = folder / "submission"
    for name, content in {**files, **{f"more/m{n}.py": source for n in range(count)}}.items():
        (target / name).parent.mkdir(parents=True, exist_ok=True)
        (target / name).write_bytes(content)
    return target


def few_and_crowded(folder, files):
    return crowded(folder, files, count=3)


CASES += [
    case("names that fill the grader's memory", "", pack=crowded),
    case("names that fill a worker's answer", "", pack=few_and_crowded),
    case("images that fill the grader's memory", "def load_and_preprocess_data():\n    raise ValueError\n", file="preprocess.py", only="preprocess"),
    case("images as large as MNIST", "given_load = load_and_preprocess_data\ndef load_and_preprocess_data():\n    data = given_load()\n"
         "    if len(data[0]) < 60000: raise ValueError('only whole')\n    return data\n", file="preprocess.py", only="preprocess"),
]  # fmt: skip

# Sources that are hard to read, and answers as large as they may be in every question of a component.
SOURCES = {
    "in UTF-7": b"# -*- coding: utf-7 -*-\nx = 1\n", "in an encoding that refuses": b"# -*- coding: undefined -*-\nx = 1\n",
    "of a hundred thousand decorators": b"@a\n" * 10**5 + b"def f(): pass\n", "of a hundred thousand attributes": b"x = a" + b".b" * 10**5 + b"\n",
    "of a hundred thousand sums": b"x = " + b"1+" * 10**5 + b"1\n", "of texts within texts": b"x = " + b"f'{" * 90 + b"1" + b"}'" * 90 + b"\n",
}  # fmt: skip
CASES += [
    Case("denial", f"a source {name}", pack=zipped(("beras/extra.py", source))) for name, source in SOURCES.items()
]
CASES += [
    Case("denial", "yields its processor without end", f"end = {SOON}\nreplace('call', lambda self, x: [os.sched_yield() for _ in iter(lambda: time.monotonic() < end, False)])\n"),
    Case("denial", "answers as large as they may be", "replace('call', lambda self, x: [np.zeros(2**19)] * 15)\n", only="1.3"),
    Case("denial", "reports that a part of the grader failed",
         "import struct\nfor number in range(50):\n    text = b'\\x1b[31m<script>' + str(number).encode()\n"
         "    send(5, struct.pack('<BHH', 3, 1, 4) + b'text' + struct.pack('<BH', 4, len(text)) + text, stop=False)\n"),
]  # fmt: skip

# What the trusted process counts, and what it compares with what a file defines.
SAMPLES = """
import struct
def sent(name, size):
    array = bytes([1, 0, 1]) + struct.pack("<Q", size) + bytes(size)
    return struct.pack("<H", len(name)) + name + struct.pack("<BH", 2, 1) + array
def fit(self, *a, **k):
    send(2, struct.pack("<BH", 3, 2) + sent(b"inputs of the batches", 3_900_000) + sent(b"labels of the batches", 3_900_000))
Model.fit = fit
"""
ALIKE = [f"{number:090b}".replace("0", "ab").replace("1", "ba") for number in range(0, 5_000 * 7919, 7919)]
MISSING = f"""
def call(self, x):
    import struct
    def named(k, v): return struct.pack('<H', len(k)) + k + struct.pack('<BH', 4, len(v)) + v
    text = b'beras/layers.py defines no {"ab" * 45 + "ba" * 45}'
    body = named(b'stage', b'name') + named(b'class', b'NameMissingError') + named(b'file', b'beras/layers.py') + named(b'text', text)
    send(3, struct.pack('<BH', 3, 4) + body)
replace('call', call)
"""
CASES += [
    Case("denial", "says that it has trained on millions of samples", SAMPLES, file="beras/model.py", only="7.7"),
    Case("denial", "lacks a name that is like five thousand others", MISSING + "".join(f"def {name}(): pass\n" for name in ALIKE)),
]  # fmt: skip
