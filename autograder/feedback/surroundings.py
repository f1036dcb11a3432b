"""Explains what a submission lacks only during grading (modules, files, threads, programs), and what to do about it."""

from __future__ import annotations

import re
import sys
from pathlib import PurePosixPath
from typing import Final

import numpy as np

from autograder.base.searching import line_to_search
from autograder.feedback.text import code
from autograder.intake.submission import Submission
from autograder.wall.request import Failure

_WRITES: Final = (
    "Files are kept in memory while your code is graded, and other programs and the network cannot be reached. "
    'Put this under `if __name__ == "__main__":`.'
)
_WHERE_USED: Final = 'where it is used, in a function or under `if __name__ == "__main__":`'
_NO_MODULE: Final = re.compile(r"No module named '([\w.]+)'(?:; '[\w.]+' is not a package)?")
_CIRCLE: Final = re.compile(r"partially initialized module '([\w.]+)'")
_NO_NAME: Final = re.compile(r"cannot import name '(\w+)' from '([\w.]+)'")
_NO_FILE: Final = re.compile(
    r"(?:No such file or directory: ?b?['\"]([^'\"`]{1,100})['\"]|([^'\"`]{1,100}) not found\.)$"
)
#: What nobody calls a file of their own.
_LIBRARIES: Final = (
    "IPython", "PIL", "cupy", "cv2", "datasets", "gradescope_utils", "h5py", "imageio", "ipywidgets", "jax", "keras",
    "matplotlib", "numba", "pandas", "plotly", "pytest", "requests", "scipy", "seaborn", "skimage", "sklearn", "sympy",
    "tensorboard", "tensorflow", "torch", "torchvision", "tqdm", "wandb",
)  # fmt: skip


def explain_missing_module(failure: Failure | None, submission: Submission) -> str:
    """Say that a module is missing which no line of the submission imports; or return "".

    It is not reported as the grader's fault: a submission can cause it by returning an object that imports by itself.
    """
    if failure is None or (failure.stage, failure.kind) != ("run", "ModuleNotFoundError"):
        return ""
    if failure.file in submission.files:
        return ""
    return (
        f"A module is missing here that no line of your code imports: {code(failure.text)}. Does an object that your "
        "code returns import it? If not, the machine is at fault: tell the course staff."
    )


def advise(failure: Failure, submission: Submission) -> str:
    """Return what to do about an exception that arises only while grading; nothing for any other.

    failure: its text is from a run whose inputs are no secret.
    """
    kind, text = failure.kind, failure.text
    if kind in ("ModuleNotFoundError", "ImportError"):
        return _missing_module(failure, submission)
    if kind == "FileNotFoundError" and (found := _NO_FILE.search(text)):
        return (
            f"No file {code(found[1] or found[2])} is there while your code is graded: of what you hand in, only the "
            "Python files are. Write the data that your code needs into the code."
        )
    if text == "can't start new thread":
        return "No thread can be started while your code is graded: do the same in a loop."
    refused = kind == "PermissionError" or "Operation not permitted" in text or "No usable temporary directory" in text
    return _WRITES if refused or (kind == "UnsupportedOperation" and text == "fileno") else ""


def _missing_module(failure: Failure, submission: Submission) -> str:
    if found := _CIRCLE.search(failure.text):
        path = f"{found[1].replace('.', '/')}.py"
        other = code(failure.file) if failure.file in submission.files and failure.file != path else ""
        return (
            f"{code(path)} and {other or 'what this line imports'} import each other, directly or through others: "
            "neither can be complete before the other. Take one of these imports out, or put it "
            "into the function that uses it."
        )
    if found := _NO_NAME.search(failure.text):
        return _missing_name(found[1], found[2], submission)
    found = _NO_MODULE.fullmatch(failure.text)
    if found is None:
        return ""
    name = found[1]
    line = line_to_search(submission.files.get(failure.file, b""), failure.line)
    if named := re.search(rf"(?<![\w.]){re.escape(name)}(?:\.\w+)*", line):
        name = named[0]  # of `tests.helpers.numbers` Python names `tests` alone
    first, dot, _ = name.partition(".")
    path = f"{name.replace('.', '/')}.py"
    if path in submission.files:
        return f"{code(path)} was handed in, and could not be loaded."
    if first in _own_folders(submission):
        return f"{code(path)} was not handed in. Hand it in as well, in the folder {code(path.rpartition('/')[0])}."
    if first == "numpy":
        return f"NumPy {np.__version__} is there, and has no {code(name)}."
    if first in _LIBRARIES or first in sys.stdlib_module_names:
        return f"{code(first)} is not there when your code is graded. Import it {_WHERE_USED}."
    own = f"Is {code(first)} {'a folder' if dot else 'a file'} of your own? Then {code(path)} was not handed in: "
    return (
        f"{own}hand it in as well. If {code(first)} is a library, it is not there when your code is graded: import "
        f"it {_WHERE_USED}."
    )


def _missing_name(name: str, module: str, submission: Submission) -> str:
    """Say that a folder has no module of a name; nothing where it is a file that lacks the name."""
    folder = module.replace(".", "/")
    if module.partition(".")[0] not in _own_folders(submission) or f"{folder}.py" in submission.files:
        return ""
    return (
        f"If {code(name)} is a file of your own, {code(f'{folder}/{name}.py')} was not handed in: hand it in as well. "
        f"Nothing else in the folder {code(folder)} is called so."
    )


def _own_folders(submission: Submission) -> frozenset[str]:
    """Return the top folders of the submission, those of files that are missing among them."""
    paths = map(PurePosixPath, (*submission.files, *submission.missing))
    return frozenset(path.parts[0] for path in paths if len(path.parts) > 1)
