"""The Markdown that students read: what was asked, what came back, where to look. Never what was expected.

A message quotes words of a submission's process (classes, lines, names, texts) only after a check against its files:
they could otherwise carry out a hidden test's inputs.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import numpy as np

from autograder.assignment.config import Rules
from autograder.base.searching import line_to_search
from autograder.feedback.comparison import Mismatch, shape_text
from autograder.feedback.definitions import explain_repeated, explain_unreached, where
from autograder.feedback.text import ADDRESS, code, paragraphs
from autograder.guest.stand_ins import PACKAGES
from autograder.intake.submission import Submission
from autograder.wall.request import Refused

_MOST_LIBRARIES: Final = 3
_MOST_SHAPES: Final = 6  # of a list that a test hands over
_MOST_LINES: Final = 8
_LONGEST_LINE: Final = 160
#: What a value is called up to what tells more of it: `gradients` of "gradients after the last call".
_HEAD: Final = re.compile(r".+?(?=,| (?:of|for|after|as|with)\b|$)")
_SINGULAR: Final = ("ss", "bias")
_TITLES: Final = {
    "tensorflow": "TensorFlow", "keras": "Keras", "matplotlib": "Matplotlib", "sklearn": "scikit-learn",
    "scipy": "SciPy", "torch": "PyTorch", "jax": "JAX", "PIL": "Pillow",
}  # fmt: skip
#: What a debugger prints when it stops: where that was, and its prompt.
_OF_A_DEBUGGER: Final = re.compile(r"\(Pdb\)|> \S+\(\d+\)\S*\(\)|-> ")


def append_printed(markdown: str, printed: str) -> str:
    """Return `markdown` with the last lines that the code printed, in a block that they cannot end."""
    lines = [line.rstrip()[:_LONGEST_LINE] for line in printed.splitlines() if line.strip()]
    lines = [line for line in lines if not _OF_A_DEBUGGER.match(line)]
    if not lines:
        return markdown
    block = "\n".join(lines[-_MOST_LINES:]).replace("`", "'")
    return f"{markdown}\n\nThe last that your code printed:\n\n```text\n{ADDRESS.sub('0x…', block)}\n```"


def describe_call(inputs: Mapping[str, Any]) -> str:
    """Return `Called with x (7, 5), w (5, 3).` for a probe's inputs; numbers and texts are settings and stay out."""
    shapes = [
        f"{name} {shape_text(value.shape)}"
        for name, value in inputs.items()
        if isinstance(value, np.ndarray) and value.ndim
    ]
    lists = [
        f"{name} {_list_shapes(value)}"
        for name, value in inputs.items()
        if isinstance(value, list) and value and all(isinstance(entry, np.ndarray) for entry in value)
    ]
    return f"Called with {' · '.join(shapes + lists)}." if shapes or lists else ""


def _list_shapes(arrays: list[np.ndarray]) -> str:
    shapes = [shape_text(array.shape) for array in arrays]
    more = len(shapes) - _MOST_SHAPES
    return f"{', '.join(shapes[:_MOST_SHAPES])} and {more} more" if more > 1 else ", ".join(shapes)


def inert_libraries(inert_uses: Iterable[Refused], submission: Submission, rules: Rules) -> str:
    """Return what a submission computed with and is not there while it is graded, in sentences; or nothing.

    A worker tells of it: the name is quoted as it stands in the line of the submission that the worker names.
    """
    told: dict[str, None] = {}
    for entry in inert_uses:
        library, _, _ = entry.name.partition(".")
        line = line_to_search(submission.files.get(entry.file, b""), entry.line)
        if library not in {*PACKAGES, *rules.inert, *rules.forbidden} or not line:
            continue
        last = entry.name.rpartition(".")[2]
        found = re.search(rf"\b(?:[A-Za-z_]\w*\.)*{re.escape(last)}\b", line)
        what = f"{code(found[0])} at " if found else "what is asked of it at "
        title, forbidden = _TITLES.get(library, library), library in rules.forbidden
        why = "is not allowed in this homework" if forbidden else "is not there when your code is graded"
        told[f"**{title} {why}**: {what}{code(entry.file)} line {entry.line} did nothing. Use NumPy."] = None
    return "\n\n".join([*told][:_MOST_LIBRARIES])


def missing(path: str, submission: Submission) -> str:
    """Say that a file is missing, and which one it may be under another name."""
    other = submission.alike.get(path, "")
    if not other:
        return f"{code(path)} is missing."
    if other.endswith(".ipynb"):
        return f"{code(path)} is missing. Is it {code(other)}? A notebook is not graded: export it as Python."
    return f"{code(path)} is missing. Is it {code(other)}? Give it its name again and hand in once more."


def with_cause(markdown: str, *sentences: str) -> str:
    """Return `markdown` with sentences about the mistake under its first paragraph; none that it says already."""
    first, _, rest = markdown.partition("\n\n")
    return paragraphs(first, *(sentence for sentence in sentences if sentence not in first), rest)


def look_at(submission: Submission, subject: str) -> str:
    """Return where `subject` stands, and what of it Python does not use, in sentences; or nothing."""
    file, line = where(submission, subject)
    look = f"Look at {code(file)}, line {line}." if file else ""
    unused = (explain_repeated(submission, subject), explain_unreached(submission, subject)) if file else ()
    return " ".join(filter(None, (look, *unused)))


def sentence(text: str, submission: Submission, subject: str, inputs: Mapping[str, Any]) -> str:
    """Return a test's own finding, with what was called and where to look."""
    return paragraphs(text, describe_call(inputs), look_at(submission, subject))


def mismatch(
    found: Mismatch, name: str, submission: Submission, subject: str, inputs: Mapping[str, Any], at_home: str = ""
) -> str:
    """Return why an answer does not agree. at_home: the command that tries it there."""
    noun = _name_of(name)
    kind, _, number = noun.rpartition(" ")
    if number == "1" and isinstance(several := inputs.get(f"{kind}s"), list) and len(several) == 1:
        noun = kind  # there is no other
    what, head = f"The {noun}" if name else "It", _HEAD.match(noun)
    many = head is not None and head[0].endswith("s") and not head[0].endswith(_SINGULAR)
    has, be, holds = ("have", "are", "hold") if many else ("has", "is", "holds")
    it, its = ("they", "their") if many else ("it", "its")
    if found.aspect == "structure":
        returned = found.returned if found.quotable else "something else"
        finding = f"{what} should be {found.wanted}, and {be} {returned}."
        if returned == "None":
            finding += " Does every way through the method end in a `return`?"
    elif found.aspect == "shape":
        returned = f"{has} shape **{found.returned}**{found.remedy}" if found.quotable else f"{has} another one"
        finding = f"{what} should have shape **{found.wanted}**, and {returned}."
    elif found.aspect == "dtype":
        finding = f"{what} {has} the right shape and should hold {found.wanted}; {it} {holds} {found.returned}."
    elif found.aspect == "finiteness":
        finding = f"{what} {has} the right shape and {holds} {found.returned}{_at(found)}."
    else:
        finding = f"{what} {has} the right shape; {_values(found, inputs, its)}{_size(found)}."
        if found.precision:
            digits = np.finfo(found.precision).precision
            finding += (
                f" All of them are numbers of {code(found.precision)}, which keeps {digits} digits: its rounding alone "
                "can be as much. Compute in `float64`."
            )
    trial = f"Try it at home: {code(at_home)}." if at_home else ""
    return paragraphs(finding, describe_call(inputs), look_at(submission, subject), trial)


def _name_of(name: str) -> str:
    """Return `gradient` for `gradients[0]`, `parameter 1` as it is."""
    base, _, index = name.partition("[")
    if not index:
        return base
    number, head = int(index.rstrip("]")) + 1, _HEAD.match(base)
    end = head.end() if head else len(base)
    singular = base[:end].removesuffix("s")
    return f"{singular}{f' number {number}' if number > 1 else ''}{base[end:]}"


def _values(found: Mismatch, inputs: Mapping[str, Any], its: str) -> str:
    if found.single:
        by = f" by the factor **{factor_text(found.factor, inputs)}**" if found.quotable and found.factor else ""
        return f"{its} value differs{by}"
    if not found.quotable:
        return f"{its} values differ"
    everywhere = found.share > 0.999
    share = "less than 1%" if found.share < 0.01 else f"{min(found.share, 0.99):.0%}"
    extent = "values differ everywhere" if everywhere else f"{share} of the values differ"
    if found.factor is not None:
        if not everywhere:
            extent = f"{its} values differ wherever they should not be zero,"
        return f"{extent} by the same factor: **{factor_text(found.factor, inputs)}**"
    return extent + (f", most at index {code(str(found.worst))}" if found.worst else "")


def _size(found: Mismatch) -> str:
    """Return how far the values are off, where that is little, in one digit, rounded up."""
    if found.near is None or found.factor is not None:
        return ""
    digit = 10.0 ** math.floor(math.log10(found.near))
    percent = np.format_float_positional(
        100 * digit * math.ceil(found.near / digit - 1e-9), 1, fractional=False, trim="-"
    )
    return f", by {'' if found.single else 'at most '}{percent}%{'' if found.single else ' of the largest'}"


def factor_text(factor: float, inputs: Mapping[str, Any]) -> str:
    """Return a constant factor, by name where the sizes of the inputs give it one."""
    names: list[tuple[float, str]] = [(-1.0, "the sign is the wrong way round"), (2.0, ""), (0.5, "")]
    names += _sizes(inputs)
    for value, name in names:
        for sign, prefix in ((1.0, ""), (-1.0, "minus ")):
            if abs(factor - sign * value) < 1e-3 * abs(value):
                shown = f"{factor:.4g}"
                return f"{shown}, {prefix}{name}" if name and not (prefix and value == -1.0) else shown
    return f"{factor:.4g}"


def _sizes(inputs: Mapping[str, Any]) -> list[tuple[float, str]]:
    """Return what a factor may be, and how it comes from the sizes of the first array that was handed over."""
    shape = next((value.shape for value in inputs.values() if isinstance(value, np.ndarray) and value.ndim), None)
    if shape is None or 0 in shape:
        return []
    batch, last, size = float(shape[0]), float(shape[-1]), inputs.get("batch_size")
    if isinstance(size, int | float) and size > 0 and size not in (1, batch):
        # Of several batches: what is called so elsewhere is the number of all samples here.
        batches = batch / size
        return [
            (batch, "the number of samples"),
            (1 / batch, "1 / number of samples"),
            (float(size), "the batch size"),
            (1 / size, "1 / batch size"),
            (batches, "number of samples / batch size"),
            (1 / batches, "batch size / number of samples"),
        ]
    names = [(batch, "the batch size"), (1 / batch, "1 / batch size")]
    if len(shape) > 1 and last != batch:
        names += [
            (last, "the size of the last axis"),
            (1 / last, "1 / size of the last axis"),
            (batch * last, "batch size × size of the last axis"),
            (1 / (batch * last), "1 / (batch size × size of the last axis)"),
            (batch * last / 2, "batch size × size of the last axis / 2"),
            (last / 2, "half the size of the last axis"),
            (batch / 2, "half the batch size"),
            (last * last, "the size of the last axis, squared"),
            (last / batch, "size of the last axis / batch size"),
            (batch / last, "batch size / size of the last axis"),
        ]
    return names


def _at(found: Mismatch) -> str:
    return f" (first at index {code(str(found.worst))})" if found.worst else ""
