"""Slips that keep a file from being loaded: each is named, with what to do about it; nothing else is taken for one."""

import sys
import traceback

import pytest

from autograder.feedback import slips
from autograder.intake.submission import Submission
from autograder.wall.request import Failure

PATH = "beras/onehot.py"


def explain(source, *, stage="load", files=()):
    """Load the source with Python itself, and return what is said of the exception."""
    content = source if isinstance(source, bytes) else source.encode()
    submission = Submission(files={PATH: content, **dict.fromkeys(files, b"")}, missing=())
    try:
        exec(compile(content, PATH, "exec"), {"__name__": "beras.onehot"})
    except SyntaxError as error:
        kind, text, line = type(error).__name__, error.msg, error.lineno or 0
    except BaseException as error:  # noqa: BLE001
        kind, text = type(error).__name__, str(error)
        line = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == PATH][-1:]
        line = line[0] if line else 0
    else:
        pytest.fail("it can be loaded")
    failure = Failure(stage, kind, PATH, line, "", text, not_implemented=False)
    return slips.explain(failure, submission, text)


SLIPS = [
    ("import numpy\n!pip install numpy\n", "a command of notebooks (`!…` or `%…`) stands in line 2"),
    ("%cd /content\n", "a command of notebooks"),
    ("%%time\nx = 1\n", "a command of notebooks"),
    ("get_ipython().system('ls')\n", "a command of notebooks, `get_ipython`"),
    ("<<<<<<< HEAD\nx = 1\n=======\nx = 2\n>>>>>>> main\n", "a merge is not finished in line 1"),
    ("x = 1\n=======\nx = 2\n", "a merge is not finished in line 2"),
    ("x = 1\n".encode("utf-16"), "it is saved as UTF-16"),
    (b"x = 1\n\0\n", "it holds NUL bytes"),
    ("x = 'größer'\n".encode("latin-1"), "it is not saved as UTF-8"),
    ("```python\nx = 1\n```\n", "a mark of Markdown (three back-ticks) stands in line 1"),
    (">>> x = 1\n", "a prompt (`>>>`) stands in line 1"),
    ("print(\u201chello\u201d)\n", "there are typographic quotes in line 1"),
    ("x\u00a0= 1\n", "there is an invisible character in line 1"),
    ("def f():\n    x = 1\n\ty = 2\n", "line 3 is not under the lines above it"),
    ("def f():\n    # nothing yet\n\nx = 1\n", "a body is missing before line 4"),
    ("{\\rtf1 x = 1}\n", "it is an RTF document"),
    ("<!DOCTYPE html>\n<html></html>\n", "it is a web page"),
    ('{\n "cells": [],\n "metadata": null\n}\n', "it is a notebook under the name of a Python file"),
    ("import sys\nsys.exit(0)\n", "it ends the program while it is imported in line 2"),
    ("exit()\n", "it ends the program while it is imported"),
    ("open('no such file.txt')\n", "it opens a file that is not there while it is imported in line 1"),
    (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--epochs', required=True)\np.parse_args([])\n",
        "it reads the command line while it is imported in line 4",
    ),
    ("raise ConnectionError\n", "it asks for something on the network while it is imported"),
]


@pytest.mark.parametrize(("source", "said"), SLIPS)
def test_each_slip_is_named_with_its_place(source, said):
    assert explain(source).startswith(said)


@pytest.mark.parametrize("name", ["src.beras.layers", "beras.layer", "laayers"])
def test_a_module_that_is_spelled_wrong_is_named(name):
    told = explain(f"import {name}\n", files=["beras/layers.py", "beras/core.py"])
    assert f"there is no module `{name}` in line 1. Do you mean `beras.layers` (`beras/layers.py`)?" in told


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="this Python knows what the test needs it not to know")
@pytest.mark.parametrize("source", ['x = f"{"a" + "b"}"\n', "type X = int\n", "def f[T](x: T): return x\n"])
def test_a_newer_pythons_syntax_is_told_with_the_graders_version(source):
    version = ".".join(map(str, sys.version_info[:2]))
    told = explain(source)
    assert "needs Python 3.12" in told
    assert f"the grader runs {version}." in told or f"the grader runs {version} " in told


@pytest.mark.parametrize(
    "source",
    [
        "x = (1,\n",
        "def f(:\n    pass\n",
        "print 'hello'\n",
        "raise ValueError('f-string')\n",
        "1 / 0\n",
        "raise NameError('x')\n",
        "x = {}\nx['input(']\n",
        "x = f'{1 +}'\n",
        "import a_library_of_nobody\n",  # which has an advice of its own
        "x = ???\n",
    ],
)
def test_what_is_no_such_slip_is_left_to_pythons_own_words(source):
    assert explain(source) == ""


@pytest.mark.parametrize(
    ("path", "old", "new", "only", "said"),
    [
        (PATH, "import numpy", "breakpoint()\nimport numpy", "6.1",
         "`beras/onehot.py` could not be loaded: a breakpoint stops it in line 3, and nobody can type there."),
        (PATH, "import numpy", "import pdb; pdb.set_trace()\nimport numpy", "6.1", "a breakpoint stops it in line"),
        (PATH, "import numpy", "n = input('epochs? ')\nimport numpy", "6.1", "it asks for input in line 3"),
        ("beras/layers.py", "return x @ self.w", "input('go on? '); return x @ self.w", "1.1", "it asks for input"),
        (PATH, "import numpy", "!pip install numpy\nimport numpy", "6.1", "It is no Python: take it out."),
    ],
)  # fmt: skip
def test_the_row_of_a_test_names_the_slip(grade, reference_files, path, old, new, only, said):
    text = reference_files[path].decode().replace(old, new, 1)
    results, _ = grade({**reference_files, path: text.encode()}, "--only", only)
    row = next(test for test in results["tests"] if test.get("number") == only)
    assert said in row["output"]
