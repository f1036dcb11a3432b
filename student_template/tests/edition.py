"""What your edition of the homework calls things and asks for, read from its files, without running them."""

import re
from pathlib import Path

_HOMEWORK = Path(__file__).resolve().parents[1]


def _text(file):
    """What one of the homework's files holds, if it is there."""
    path = _HOMEWORK / file
    return path.read_text("utf-8", errors="replace") if path.is_file() else ""


def _says(file, text):
    """Whether the text stands in one of the homework's files."""
    return text in _text(file)


def _class_in(file, pattern):
    """The name of the first class in the file that matches the pattern."""
    found = re.search(rf"^class ({pattern})\b", _text(file), re.MULTILINE)
    return found[1] if found else None


CALL = "call" if _says("beras/core.py", "def call(") else "forward"
CROSS_ENTROPY = _class_in("beras/losses.py", r"\w*[Ee]ntropy") or "CategoricalCrossentropy"
SEQUENTIAL = "beras.model" if _says("beras/model.py", "class SequentialModel") else "assignment"
ONE_MODEL = _says("assignment.py", "def get_model(")
ASSIGN = _says("beras/core.py", "def assign(")
INITIALIZERS = ["normal", "xavier", "kaiming"]
if _says("beras/layers.py", "xavier uniform"):
    INITIALIZERS += ["xavier uniform", "kaiming uniform"]


def cross_entropy():
    """Return a new categorical cross-entropy."""
    from beras import losses

    return getattr(losses, CROSS_ENTROPY)()


def sequential_model(layers):
    """Return a new SequentialModel of these layers."""
    import importlib

    return importlib.import_module(SEQUENTIAL).SequentialModel(layers)


def metrics_of(step):
    """Return the metrics in what `batch_step` returned: without training, some editions add the predictions."""
    return step[0] if isinstance(step, tuple) else step
