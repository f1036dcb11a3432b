"""Slips that keep a file from being loaded: each is named, with what to do about it; nothing else is taken for one."""

import sys
import traceback

import pytest

from autograder.base.searching import find_alike
from autograder.feedback import failures, slips
from autograder.intake.submission import Submission
from autograder.wall.request import Ending, Failure, Outcome

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
    ("import sys\nsys.exit(0)\n", "line 2 ends the program while the file is imported"),
    ("exit()\n", "line 1 ends the program while the file is imported"),
    ("open('no such file.txt')\n", "line 1 opens a file that is not there, while this one is imported"),
    (
        "import tempfile\ntempfile.mkstemp(dir='/no such folder')\n",
        "line 2 makes a temporary file, and there is no place",
    ),
    (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--epochs', required=True)\np.parse_args([])\n",
        "line 4 reads the command line while the file is imported",
    ),
    ("raise ConnectionError\n", "line 1 asks the network while the file is imported"),
]


@pytest.mark.parametrize(("source", "said"), SLIPS)
def test_each_slip_is_named_with_its_place(source, said):
    assert explain(source).startswith(said)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (2, "a breakpoint stops it in line 5, and"),  # what breaks is not known: the first there is
        (5, "a breakpoint stops it in line 5, and"),
        (6, "a breakpoint stops it in line 5, and"),
        (10, "a breakpoint stops it in line 9, and"),
    ],
)
@pytest.mark.parametrize("call", ["pdb.set_trace()", "breakpoint()", "x = 1; set_trace()"])
def test_a_breakpoint_is_named_by_its_own_line_and_not_by_the_import_or_the_line_after_it(call, line, told):
    f, g = f"def f():\n    {call}\n    x = 2\n    return x\n", f"def g():\n    {call}\n    return 1\n"
    source = f"import os\nimport pdb\n# pdb.set_trace()\n{f}{g}"
    submission = Submission(files={PATH: source.encode()}, missing=())
    failure = Failure("run", "BdbQuit", PATH, line, "f", "", not_implemented=False)
    assert slips.explain(failure, submission, "").startswith(told)
    shown = failures.no_answer(Outcome(Ending.RAISED, failure=failure), submission, "", {})
    assert shown.startswith(f"`{PATH}`, in `f`: {told}")


@pytest.mark.parametrize("name", ["src.beras.layers", "beras.layer", "laayers"])
def test_a_module_that_is_spelled_wrong_is_named(name):
    told = explain(f"import {name}\n", files=["beras/layers.py", "beras/core.py"])
    assert f"there is no module `{name}` in line 1. Do you mean `beras.layers` (`beras/layers.py`)?" in told


def said_of(source, text, line=1):
    """Return what is said of a SyntaxError that another version of Python raises."""
    submission = Submission(files={PATH: source.encode()}, missing=())
    return slips.explain(Failure("load", "SyntaxError", PATH, line, "", text, not_implemented=False), submission, text)


#: What Python 3.12 takes, and what older ones say of it.
NEWER = [
    ('x = f"{"a" + "b"}"\n', "f-string: expecting '}'"),
    ("x = f'{d['a']}'\n", "f-string: unmatched '['"),
    ("x = f\"{'\\n'.join('a')}\"\n", "f-string expression part cannot include a backslash"),
    ("type X = int\n", "invalid syntax"),
    ("def f[T](x: T): return x\n", "invalid syntax"),
]


@pytest.mark.parametrize(("source", "text"), NEWER)
def test_a_newer_pythons_syntax_is_told_by_a_grader_that_refuses_it(source, text):
    if sys.version_info >= (3, 12):
        compile(source, PATH, "exec")  # so there is nothing to tell
        return
    version = ".".join(map(str, sys.version_info[:2]))
    told = explain(source)
    assert "needs Python 3.12" in told
    assert f"the grader runs {version}." in told or f"the grader runs {version} " in told
    assert told == said_of(source, text)


@pytest.mark.parametrize(
    ("source", "text"),
    [
        *NEWER,
        ('print(f"{d["a"]}"\n', "'(' was never closed"),
        ("def f[T](x:\n    pass\n", "'(' was never closed"),
        ("type X = (int\n", "'(' was never closed"),
    ],
)
@pytest.mark.parametrize("runs", [(3, 10), (3, 11), (3, 12), (3, 13), (4, 0)])
def test_no_grader_says_that_the_version_which_it_runs_is_needed(source, text, runs, monkeypatch):
    monkeypatch.setattr(slips, "_RUNS", runs)
    told = said_of(source, text)
    assert (told == "") == (runs >= (3, 12))
    assert f"the grader runs {'.'.join(map(str, runs))}" in told or not told


@pytest.mark.parametrize("source", ['print(f"{d["a"]}"\n', "def f[T](x:\n    pass\n", 'f(f"{x", "b")\n'])
def test_a_mistake_beside_newer_syntax_is_left_to_a_python_that_takes_the_syntax(source):
    assert sys.version_info < (3, 12) or explain(source) == ""


@pytest.mark.parametrize("runs", [(3, 10), (3, 12)])
def test_a_brace_that_nobody_closes_needs_no_newer_python(runs, monkeypatch):
    monkeypatch.setattr(slips, "_RUNS", runs)
    assert said_of('f(f"{x", "b")\n', "f-string: expecting '}'") == ""


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


@pytest.mark.cases
@pytest.mark.parametrize(
    ("path", "old", "new", "only", "said"),
    [
        (PATH, "import numpy", "breakpoint()\nimport numpy", "6.1",
         "`beras/onehot.py` could not be loaded: a breakpoint stops it in line 3, and nobody can type there."),
        (PATH, "import numpy", "import pdb; pdb.set_trace()\nimport numpy", "6.1", "a breakpoint stops it in line"),
        (PATH, "import numpy", "n = input('epochs? ')\nimport numpy", "6.1", "line 3 asks for input"),
        ("beras/layers.py", "return x @ self.w", "input('go on? '); return x @ self.w", "1.1",
         "asks for input, and nobody can answer: give it as an argument"),
        (PATH, "import numpy", "!pip install numpy\nimport numpy", "6.1", "It is no Python: take it out."),
    ],
)  # fmt: skip
def test_the_row_of_a_test_names_the_slip(grade, reference_files, path, old, new, only, said):
    text = reference_files[path].decode().replace(old, new, 1)
    results, _ = grade({**reference_files, path: text.encode()}, "--only", only)
    row = next(test for test in results["tests"] if test.get("number") == only)
    assert said in row["output"]


@pytest.mark.cases
@pytest.mark.parametrize(
    ("path", "old", "new", "said"),
    [
        ("beras/layers.py", "def call(self, x):", "def call(self):",
         "`Dense.call` is defined at `beras/layers.py` line"),
        ("beras/layers.py", "def call(self, x):", "def call(x):", "A method's first parameter is `self`."),
        ("beras/layers.py", "def __init__(", "def _init_(", "`Dense` has no `__init__` that takes arguments."),
        ("beras/layers.py", "class Dense", "class dense",
         "`beras/layers.py` defines no `Dense`. Do you mean `dense`?"),
        ("beras/layers.py", "return x @ self.w + self.b", "x @ self.w + self.b",
         "and is None. Does every way through the method end in a `return`?"),
        ("beras/layers.py", "return x @ self.w + self.b", "return self(x)",
         "It calls itself without an end. To call a layer"),
        ("beras/layers.py", "return x @ self.w + self.b", "return None * x @ self.w",
         "Which value is `None` there? One that was never set, or what a function gives"),
    ],
)  # fmt: skip
def test_a_method_that_cannot_be_called_or_returns_nothing_is_named(grade, reference_files, path, old, new, said):
    assert old in reference_files[path].decode()
    text = reference_files[path].decode().replace(old, new, 1)
    results, _ = grade({**reference_files, path: text.encode()}, "--only", "dense")
    rows = {test["number"]: test for test in results["tests"] if "number" in test}
    assert said in rows["1.1"]["output"]
    assert "could not be used" not in "".join(row["output"] for row in rows.values())
    assert "Begin with **1.1**" in results["output"] or "is None" in said


@pytest.mark.parametrize(("name", "content"), [("beras/losses.py", b""), ("beras/Loss.py", None)])
def test_a_file_that_is_empty_or_misspelt_is_named_once(grade, reference_files, name, content):
    files = {path: text for path, text in reference_files.items() if path != "beras/losses.py"}
    files[name] = reference_files["beras/losses.py"] if content is None else content
    results, _ = grade(files, "--only", "cross_entropy")
    row = next(test for test in results["tests"] if test.get("number") == "3.3")
    said = "`beras/losses.py` is empty." if content == b"" else "Is it `beras/Loss.py`?"
    assert said in row["output"]
    assert "7 tests cost points. Begin with **3.3** (6 more most likely have the same cause)." in results["output"]


def test_a_debuggers_prompt_is_not_shown_as_what_the_code_printed(grade, reference_files):
    text = reference_files["beras/layers.py"].decode().replace("return x @ self.w", "breakpoint(); return x @ self.w")
    results, _ = grade({**reference_files, "beras/layers.py": text.encode()}, "--only", "1.1")
    row = next(test for test in results["tests"] if test.get("number") == "1.1")
    assert "a breakpoint stops it" in row["output"]
    assert "(Pdb)" not in row["output"]


def test_a_name_is_compared_with_as_many_as_people_write_and_no_longer_ones():
    assert find_alike("Dens", ["Sigmoid", "Dense"], 0.75) == "Dense"
    assert find_alike("Dens", ["Sigmoid"], 0.75) == ""
    assert find_alike("ab" * 100, ["ab" * 100], 0.75) == ""
    assert find_alike("Dens", [*(f"f{number}" for number in range(10_000)), "Dense"], 0.75) == ""
