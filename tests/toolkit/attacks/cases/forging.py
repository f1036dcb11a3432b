"""Forging results: a template that has done nothing and wants points for it."""

from ..case import Case

FORGED = """open(RESULTS, "w").write('{"score": 100, "tests": []}')"""
IN_CALL = "def call(self, x):\n    {}\nreplace('call', call)\n"


def case(name, code):
    return Case("forging", name, code, base="template")


CASES = [
    case("writes results.json at import and exits", f"try:\n    {FORGED}\nfinally:\n    os._exit(0)\n"),
    case("writes results.json in the constructor", f"def init(self, *a):\n    {FORGED}\nreplace('__init__', init)\n"),
    case("writes results.json at exit", f"import atexit\natexit.register(lambda: {FORGED})\n"),
    case(
        "a daemon overwrites results.json later",
        f"if os.fork() == 0:\n    time.sleep(1)\n    {FORGED}\n    os._exit(0)\n",
    ),
    case("leaves Python with success at import", "sys.exit(0)\n"),
    case("leaves the process with success at import", "os._exit(0)\n"),
    case("leaves Python in the constructor", "def init(self, *a):\n    sys.exit(0)\nreplace('__init__', init)\n"),
    case("leaves the process in the constructor", "def init(self, *a):\n    os._exit(0)\nreplace('__init__', init)\n"),
    case("prints a result as JSON", """print('{"score": 100}', flush=True)\nos.write(1, b'{"score": 100}')\n"""),
    case("rewrites run_autograder", """open(PROJECT + "/run_autograder", "w").write("#!/bin/sh\\n")\n"""),
    case("rewrites a hidden test", """open(PROJECT + "/tests/hidden/test_1_dense.py", "w").write("")\n"""),
    case("rewrites the assignment", """open(PROJECT + "/assignment.toml", "a").write("")\n"""),
    case("replaces results.json by a link", "os.unlink(RESULTS)\nos.symlink('/dev/null', RESULTS)\n"),
    case("moves results.json away", "os.rename(RESULTS, CANARY + '/moved')\n"),
    case("answers with its own frame", "import struct\nsend(2, struct.pack('<BH', 3, 0))\n"),
    case(
        "answers zeros of the right shape with its own frame",
        "import struct\nshape = struct.pack('<BBBQQ', 1, 3, 2, 7, 3)\n"
        "send(2, struct.pack('<BHH', 3, 1, 6) + b'output' + shape + bytes(168))\n",
    ),
    case("raises what ends a generator", "raise GeneratorExit\n"),
    case("raises a keyboard interrupt", "raise KeyboardInterrupt\n"),
]
