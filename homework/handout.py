"""What the student template has besides the stubs: what its edition calls things, and digits to train on offline."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

#: The templates' place for real digits; the same file as the grader's, see `mnist`.
DIGITS = "digits.npz"
CONSTANTS = "tests/handout.py"

_CONSTANTS = '''\
"""What your edition of the homework, {name}, calls things and asks for. It came with the handout: leave it as it is."""

EDITION = "{name}"
CALL = "{forward}"  # the method that a layer computes its output with
CROSS_ENTROPY = "{cross_entropy}"
SEQUENTIAL = "{sequential}"  # the module of {sequential_model}
SEQUENTIAL_MODEL = "{sequential_model}"
DENSE = "{dense}"
WEIGHTS = "{weights}"  # the attribute that lists them
TRAINABLE = "{trainable}"  # what a frozen weight has set to False
VARIABLE = "{variable}"  # the class of weights
GRADIENTS = "{gradients}"  # where gradients come from: a GradientTape, or `backward`, which fills `grad`
EVALUATED = "{evaluated}"  # what batch_step returns without training
CORE_IS_GIVEN = {core_is_given}
# The functions of assignment.py that are to be written, and others like them.
MODELS = {models}
ASSIGN = {assign}  # whether a Variable has `assign`
SAME_TENSOR = {same_tensor}  # whether `Tensor(tensor)` is that tensor itself, not a new one
LOSS_EPSILON = {loss_epsilon}  # whether the cross-entropy is made with an epsilon
INITIALIZERS = {initializers}
# What is handed in.
REQUIRED = {required}
# What is to be written, by file.
ASKED = {asked}
# Libraries, and parts of libraries, that do the homework's job.
FORBIDDEN = {forbidden}
'''


def files(template: Mapping[str, str], assignment: Any) -> dict[str, bytes]:
    """Return the constants of the edition and the digits, by path; `template` are the files that students fill in."""
    edition = assignment.edition
    constants = _CONSTANTS.format(
        **edition.names,
        core_is_given=edition.names["core"] == "given",
        models=_literal(edition.components),
        assign="def assign(" in template["beras/core.py"],
        same_tensor="`data` itself" in template["beras/core.py"],
        loss_epsilon="def __init__(self, epsilon" in template["beras/losses.py"],
        initializers=_literal(_initializers(template["beras/layers.py"])),
        required=_literal(edition.required),
        asked=_list_stubs(template),
        forbidden=_literal(assignment.rules.forbidden),
    )
    return {CONSTANTS: constants.encode(), DIGITS: Path(__file__).with_name("digits.npz").read_bytes()}


def _initializers(layers: str) -> list[str]:
    """Return the names that the docstring of `_initialize_weight` lists."""
    listed = re.findall(r'^ +("[a-z ]+"(?:, "[a-z ]+")*)  ', layers, re.MULTILINE)
    return [name for line in listed for name in re.findall(r'"([a-z ]+)"', line)]


def _list_stubs(template: Mapping[str, str]) -> str:
    """Return a literal of a dict from each file to the names of what is to be written in it."""
    lines = []
    for path, text in template.items():
        stubs = dict.fromkeys(re.findall(r'raise NotImplementedError\("([^"]+)"\)', text))
        if stubs:
            lines += [f'    "{path}": [', *(f'        "{name}",' for name in stubs), "    ],"]
    return "\n".join(["{", *lines, "}"])


def _literal(names: Any) -> str:
    """Return a list of texts as a formatter writes it: on one line, or where that is too long on one line each."""
    quoted = [f'"{name}"' for name in names]
    line = f"[{', '.join(quoted)}]"
    return line if len(line) < 100 else "[\n" + "".join(f"    {name},\n" for name in quoted) + "]"
