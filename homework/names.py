"""What the editions of the handout call things, and how a submission shows which of them it was written for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from autograder.assignment.homework import Clue, Names
from autograder.base.toml import Table

SEQUENTIAL: Final = "SequentialModel"
#: Classes that the public gradient checker knows, beside the cross-entropy of each edition.
CHECKABLE: Final = (
    *("Dense", "LeakyReLU", "ReLU", "Sigmoid", "Softmax", "MeanSquaredError"),
    # Those of new components stand below.
)
#: Files and functions of the reference that are not mutated, and why no test should notice if they were.
NOT_MUTATED: Final = {
    "visualize.py": "it plots, and nothing is graded by its pictures",
    "assignment.py:main": "it runs the assignment on a person's own machine",
    "assignment.py:get_simplest_model_components": "it is an example, and worth no points",
    "beras/model.py:print_stats": "it prints",
    "beras/model.py:describe_time": "it is for print_stats",
    "preprocess.py:load_mnist": "it is given, and where the data come from is the machine's business",
}
#: Modules of the package that a training runs.
TRAINED: Final = ("activations", "gradient_tape", "layers", "losses", "model", "optimizers")
_LINE: Final = re.compile(r"^([ \t]*)(class|def)[ \t]+(\w+)", re.MULTILINE)


def read_names(table: Table, training: Table) -> dict[str, str]:
    """Read an edition's names for what probes need to know.

    `forward` (the method), `cross_entropy` (the class), `sequential` (the module of SequentialModel), `evaluated` (what
    batch_step returns without training), `core` ("given" or "to do"), and, from `training`, `epochs` and `batch_size`
    for models that do not come with theirs.
    Raises AssignmentError for a name that is missing or not one of those that are known.
    """
    return {
        "core": table.get("core", str, of=("given", "to do")),
        "evaluated": table.get("evaluated", str, of=("metrics", "metrics and predictions")),
        # The probes' own layers go by both names.
        "forward": table.get("forward", str, of=("call", "forward")),
        **{key: table.get(key, str) for key in ("cross_entropy", "sequential")},
        **{key: str(training.get(key, int, above=0)) for key in ("epochs", "batch_size")},
    }


def spell(text: str, old: Names, new: Names) -> str:
    """Return `text`, code or prose about code, with the names of another edition."""
    if old["forward"] != new["forward"]:
        # The word alone is English: only where it is a method's name is it replaced.
        method = re.escape(old["forward"])
        text = re.sub(rf"(?<=\w\.){method}\b|(?<=def ){method}\b|(?<=`){method}(?=`)", new["forward"], text)
    text = re.sub(rf"\b{re.escape(old['cross_entropy'])}\b", new["cross_entropy"], text)
    return text.replace(
        f"from {old['sequential']} import {SEQUENTIAL}", f"from {new['sequential']} import {SEQUENTIAL}"
    )


def move(files: dict[str, str], old: Names, new: Names) -> None:
    """Bring SequentialModel to the module where the edition has it."""
    from autograder.assignment import editions

    before, after = (f"{names['sequential'].replace('.', '/')}.py" for names in (old, new))
    editions.move(files, SEQUENTIAL, before, after)


def class_of(component: str, names: Names) -> str:
    """Return the class of a component whose gradients are watched, as the edition calls it."""
    return {"cross-entropy": names["cross_entropy"], "tape": "GradientTape"}.get(component, component)


def find_clues(files: Mapping[str, bytes], editions: Sequence[Any]) -> Iterator[Clue]:
    """Find what of a submission's files shows its edition; of all lines that define something, none is parsed."""
    for path in sorted(path for path in files if path in {p for e in editions for p in e.required}):
        lines = _LINE.findall(files[path].decode("utf-8", "replace"))
        top = {name for indentation, _, name in lines if not indentation}
        methods = [name for indentation, kind, name in lines if indentation and kind == "def"]
        counts = {name: methods.count(name) for name in {edition.names["forward"] for edition in editions}}
        most = max(counts, key=lambda name: (counts[name], name))
        if list(counts.values()).count(counts[most]) == 1:
            yield _clue(path, f"`def {most}`", [e for e in editions if e.names["forward"] == most])
        if path == "beras/losses.py":
            for name in sorted({e.names["cross_entropy"] for e in editions} & top):
                yield _clue(path, f"`class {name}`", [e for e in editions if e.names["cross_entropy"] == name])
        if SEQUENTIAL in top:
            here = path.removesuffix(".py").replace("/", ".")
            yield _clue(path, f"`class {SEQUENTIAL}`", [e for e in editions if e.names["sequential"] == here])
        if path == "assignment.py":
            for name in sorted({name for e in editions for name in e.components} & top):
                yield _clue(path, f"`def {name}`", [e for e in editions if name in e.components])


def _clue(path: str, what: str, editions: Sequence[Any]) -> Clue:
    return Clue(path, what, tuple(edition.name for edition in editions))
