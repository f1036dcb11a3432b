"""What the editions of the handout call things, and how a submission shows which of them it was written for."""

from __future__ import annotations

import keyword
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final

from autograder.assignment.homework import Clue, Names
from autograder.base.errors import AssignmentError
from autograder.base.searching import text_to_search
from autograder.base.toml import Table

#: Classes that the public gradient checker knows, beside the cross-entropy of each edition.
CHECKABLE: Final = (
    *("Dense", "Linear", "LeakyReLU", "ReLU", "Sigmoid", "Softmax", "MeanSquaredError"),
    # Those of new components stand below.
)
#: The public tests of those whose file has the tests of several.
_PUBLIC_TESTS: Final = {
    **dict.fromkeys(("LeakyReLU", "ReLU", "Sigmoid", "Softmax"), "test_activations.py"),
    "Dense": "test_dense.py",
    "Linear": "test_dense.py",
    "MeanSquaredError": "test_losses.py",
}
#: Files and functions of the reference that are not mutated, and why no test should notice if they were.
NOT_MUTATED: Final = {
    "visualize.py": "it plots, and nothing is graded by its pictures",
    "assignment.py:main": "it runs the assignment on a person's own machine",
    "assignment.py:get_simplest_model_components": "it is an example, and worth no points",
    "beras/model.py:print_stats": "it prints",
    "beras/model.py:describe_time": "it is for print_stats",
    "beras/core.py:Tensor.to": "it is given, and there is no other device",
    "beras/core.py:Tensor.no_grad": "it is given, and code that only looks at a model may do without it",
    "beras/core.py:Named": "it is given, and names are for people",
    "beras/model.py:Model.backward": "it is given, and a step may do without",
    "preprocess.py:load_mnist": "it is given, and where the data come from is the machine's business",
}
#: Modules of the package that a training runs.
TRAINED: Final = ("activations", "gradient_tape", "layers", "losses", "model", "optimizers")
#: An optimizer's method that is handed lists, and one that takes the same lists from the parameters that it has.
_STEP: Final = re.compile(r"(def \w+)\(self, trainable_params, grads\):\n( +)")
_STEP_OF_ITS_OWN: Final = (
    r"\1(self):\n"
    r"\2trainable_params = [parameter for parameter in self.{weights} if parameter.grad is not None]\n"
    r"\2grads = [parameter.grad for parameter in trainable_params]\n\2"
)
#: By file what an edition's names call a class or a method there; and what shows how it hands gradients over.
_NAMED: Final = {
    "beras/losses.py": ("class", "cross_entropy"),
    "beras/layers.py": ("class", "dense"),
    "beras/optimizers.py": ("def", "update"),
}
_GRADIENTS: Final = {
    "beras/gradient_tape.py": ("class", "GradientTape", "tape"),
    "beras/core.py": ("def", "backward", "backward"),
}
_LINE: Final = re.compile(r"^([ \t]*)(class|def)[ \t]+(\w+)", re.MULTILINE)
#: What has a second name at the top of a file: `Linear = Dense`.
_ASSIGNED: Final = re.compile(r"^(\w+)[ \t]*=(?!=)", re.MULTILINE)


def find_public_tests(owner: str) -> str:
    """Return the file of the public tests that check the gradients of a class, or nothing."""
    if owner.endswith(("Entropy", "entropy")):
        return "test_losses.py"
    if owner not in CHECKABLE:
        return ""
    return _PUBLIC_TESTS.get(owner) or f"test_{re.sub(r'(?<=[a-z0-9])(?=[A-Z])', '_', owner).lower()}.py"


#: What an edition's table calls things where it does not say so itself.
USUAL: Final = {
    "sequential_model": "SequentialModel",
    "dense": "Dense",
    "weights": "weights",
    "variable": "Variable",
    "trainable": "trainable",
    "update": "apply_gradients",
    "whole": "Model",
}


_USUAL_TRAINING: Final = {"epochs": 10, "batch_size": 100}


def read_names(table: Table, training: Table) -> dict[str, str]:
    """Read an edition's names for what probes need to know.

    Every edition gives:
    - `forward`, a method, and `cross_entropy`, a class; `sequential`, the module of SequentialModel;
    - `evaluated`, what batch_step returns without training; `core`, "given" or "to do".
    These have usual ones in their place:
    - `epochs` and `batch_size`, of `training`, for models that do not come with theirs;
    - `sequential_model`, `dense`, `variable`, and `whole`, the class of fit and evaluate;
    - `weights` and `trainable`, attributes; `update`, an optimizer's method;
    - `gradients`: "tape", where a GradientTape hands them over, or "backward", where each parameter holds its own.
    Raises AssignmentError for a name that is missing or not one of those that are known.
    """
    gradients = table.get("gradients", str, of=("tape", "backward")) if "gradients" in table else "tape"
    return {
        "core": table.get("core", str, of=("given", "to do")),
        "evaluated": table.get("evaluated", str, of=("metrics", "metrics and predictions")),
        # The probes' own layers go by both names.
        "forward": table.get("forward", str, of=("call", "forward")),
        "gradients": gradients,
        "cross_entropy": _read_name(table, "cross_entropy"),
        "sequential": _read_name(table, "sequential", ".", "a module, such as beras.model"),
        **{key: _read_name(table, key) if key in table else usual for key, usual in USUAL.items()},
        **{key: str(training.get(key, int, above=0) if key in training else n) for key, n in _USUAL_TRAINING.items()},
    }


def _read_name(table: Table, key: str, dots: str = "", what: str = "a name as Python takes it") -> str:
    value = table.get(key, str)
    words = value.split(dots) if dots else [value]
    if not all(word.isidentifier() and not keyword.iskeyword(word) for word in words):
        raise AssignmentError(f"{table.where(key)} must be {what}, and is {value!r}")
    return value


def spell(text: str, old: Names, new: Names) -> str:
    """Return `text`, code or prose about code, with the names of another edition."""
    if old["gradients"] == "tape" and new["gradients"] == "backward":
        text = _STEP.sub(_STEP_OF_ITS_OWN.replace("{weights}", new["weights"]), text)
    text = re.sub(r"\bModel(?=\.(?:weights|fit|evaluate)\b)", new["whole"], text) if old["whole"] == "Model" else text
    # The words alone are English: only where they are a method's or an attribute's names are they replaced.
    for key in ("forward", "weights", "trainable"):
        if old[key] != new[key]:
            word = re.escape(old[key])
            places = rf"(?<=[\w)\]]\.){word}\b|(?<=def ){word}\b|(?<=@){word}(?=\.setter)|(?<=`){word}(?=`| =)"
            text = re.sub(places, new[key], text)
            text = re.sub(rf'(\b(?:get|has|set)attr\([\w.]+, "){word}(?=")', rf"\g<1>{new[key]}", text)
            text = re.sub(rf"(# WITH (?:\w+, )*){word}\b", rf"\g<1>{new[key]}", text)
    for key in ("cross_entropy", "sequential_model", "dense", "update"):
        text = re.sub(rf"\b{re.escape(old[key])}\b", new[key], text)
    text = re.sub(rf"\b{re.escape(old['variable'])}(?=s?\b)", new["variable"], text)
    sequential = new["sequential_model"]
    return text.replace(
        f"from {old['sequential']} import {sequential}", f"from {new['sequential']} import {sequential}"
    )


def move(files: dict[str, str], old: Names, new: Names, spelled: Names) -> None:
    """Bring SequentialModel from the module where `old` has it to that of `new`; `spelled`: what the files call it."""
    from autograder.assignment import editions

    before, after = (f"{names['sequential'].replace('.', '/')}.py" for names in (old, new))
    editions.move(files, spelled["sequential_model"], before, after)


def find_class(component: str, names: Names) -> str:
    """Return the class of a component whose gradients are watched, as the edition calls it."""
    walks_back = "Diffable" if names["gradients"] == "backward" else "GradientTape"
    named = {"cross-entropy": names["cross_entropy"], "Dense": names["dense"], "tape": walks_back}
    return named.get(component, component)


def find_given_whole(names: Mapping[str, str]) -> tuple[str, ...]:
    """Return the files that stand in for a broken neighbour whole: core.py, on which all else builds.

    Not where `backward` is to do in it: no other edition's students are given that.
    """
    return () if names["gradients"] == "backward" else ("beras/core.py",)


def find_clues(files: Mapping[str, bytes], editions: Sequence[Any]) -> Iterator[Clue]:
    """Find what of a submission's files shows its edition; of all lines that define something, none is parsed."""
    handed_out = {path for edition in editions for path in edition.required}
    yield from _clues_of_missing_files(handed_out - files.keys(), editions)
    for path in sorted(handed_out & files.keys()):
        text = text_to_search(files[path])
        lines = _LINE.findall(text)
        top = {name for indentation, _, name in lines if not indentation} | set(_ASSIGNED.findall(text))
        methods = [name for indentation, kind, name in lines if indentation and kind == "def"]
        counts = {name: methods.count(name) for name in {edition.names["forward"] for edition in editions}}
        most = max(counts, key=lambda name: (counts[name], name))
        if list(counts.values()).count(counts[most]) == 1:
            yield _clue(path, f"`def {most}`", [e for e in editions if e.names["forward"] == most])
        defined = {"class": top, "def": set(methods)}
        if path in _NAMED:
            kind, key = _NAMED[path]
            for name in sorted({e.names[key] for e in editions} & defined[kind]):
                yield _clue(path, f"`{kind} {name}`", [e for e in editions if e.names[key] == name])
        for name in sorted({e.names["weights"] for e in editions} & defined["def"]):
            yield _clue(path, f"`def {name}`", [e for e in editions if e.names["weights"] == name])
        if path in _GRADIENTS:
            kind, name, gradients = _GRADIENTS[path]
            if name in defined[kind]:
                yield _clue(path, f"`{kind} {name}`", [e for e in editions if e.names["gradients"] == gradients])
        for name in sorted({e.names["sequential_model"] for e in editions} & top):
            here = (name, path.removesuffix(".py").replace("/", "."))
            own = [e for e in editions if (e.names["sequential_model"], e.names["sequential"]) == here]
            yield _clue(path, f"`class {name}`", own)
        if path == "assignment.py":
            functions = sorted({name for e in editions for name in e.components} & top)
            for name in functions:
                yield _clue(path, f"`def {name}`", [e for e in editions if name in e.components])
            if not functions and files[path].strip():
                yield _clue(path, "no function that makes a model", [e for e in editions if not e.components])


def _clues_of_missing_files(missing: Collection[str], editions: Sequence[Any]) -> Iterator[Clue]:
    """Where every file of an edition is there, it shows that another edition has a file more."""
    complete = [edition for edition in editions if not set(edition.required) & set(missing)]
    for path in sorted(missing) if complete else ():
        yield _clue("", f"no `{path}`", [edition for edition in editions if path not in edition.required])


def _clue(path: str, what: str, editions: Sequence[Any]) -> Clue:
    return Clue(path, what, tuple(edition.name for edition in editions))
