"""Finds methods, properties and attributes that a submission has in the wrong place or form.

It searches the submission's own text, and parses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Final

from autograder.base.searching import find_alike, line_to_search, lines_to_search, text_to_search
from autograder.feedback.definitions import ALIKE, is_defined
from autograder.feedback.text import code
from autograder.intake.submission import Submission
from autograder.wall.request import Failure

_ABSTRACT: Final = re.compile(
    r"Can't instantiate abstract class (\w+) with(?:out an implementation for)? abstract methods? ([\w', ]+)"
)
_DEFINITION: Final = re.compile(r"^([ \t]*)def[ \t]+(\w+)", re.MULTILINE)
_PROPERTY: Final = re.compile(r"^[ \t]*@property[ \t]*\n[ \t]*def[ \t]+(\w+)", re.MULTILINE)
_USED_METHOD: Final = re.compile(
    r"'(?:builtin_function_or_)?method' object|object of type 'method'|: '?method'? and |and 'method'"
)
_NO_ATTRIBUTE: Final = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def find_incomplete_class(text: str) -> str:
    """Return the class that Python could not make, as it lacks methods that its base class asks for; or nothing."""
    found = _ABSTRACT.search(text)
    return found[1] if found else ""


def explain_incomplete_class(text: str, submission: Submission) -> str:
    """Say what the submission's class lacks, and where that stands instead, or what is named like it; or nothing."""
    found = _ABSTRACT.search(text)
    if found is None:
        return ""
    lacking = code(found[2].replace("'", ""))
    if not is_defined("class", found[1], submission):
        return (
            f"Your base class demands more than the handout's: {lacking}. Keep its abstract methods as they were "
            "handed out."
        )
    seen = _find_instead(re.findall(r"\w+", found[2])[0], found[1], submission)
    return (
        f"{code(found[1])} lacks what every class of its kind must define: {lacking}. {seen}Write each method of the "
        "handout's stub, under its own name, and inside of the class."
    )


def _find_instead(method: str, owner: str, submission: Submission) -> str:
    """Return where a function of that name stands outside of any class, or in the class one of a like name."""
    for path, content in submission.files.items():
        text = text_to_search(content)
        start = re.search(rf"^class[ \t]+{owner}\b", text, re.MULTILINE)
        if start is None:
            continue
        end = re.compile(r"^class\s", re.MULTILINE).search(text, start.end())
        after = list(_DEFINITION.finditer(text, start.end(), end.start() if end else len(text)))
        names = {found[2]: found for found in after if found[1]}
        outside = next((found for found in after if not found[1] and found[2] == method), None)
        alike = names.get(find_alike(method, names, ALIKE))
        if outside is not None:
            line = text.count("\n", 0, outside.start()) + 1
            return f"{code(path)} line {line} defines it outside of the class: is it too far to the left? "
        if alike is not None:
            line = text.count("\n", 0, alike.start(2)) + 1
            return f"Is {code(alike[2])}, {code(path)} line {line}, meant for it? "
    return ""


def explain_lost_property(text: str, submission: Submission, handout: Mapping[str, bytes]) -> str:
    """Say which property of the handout's is a method here, where a method was used as a value; or nothing."""
    if not _USED_METHOD.search(text):
        return ""
    for path in sorted(handout.keys() & submission.files.keys()):
        for name in dict.fromkeys(_PROPERTY.findall(text_to_search(handout[path]))):
            for number in _find_bare_methods(name, submission.files[path]):
                return (
                    f"{code(name)} is a property in the handout: has {code(path)} line {number} lost its `@property`?"
                )
    return ""


def _find_bare_methods(name: str, content: bytes) -> Iterator[int]:
    """Yield the lines that define a method of that name under no decorator."""
    for number, line in enumerate(lines_to_search(content), 1):
        if re.match(rf"[ \t]+def[ \t]+{re.escape(name)}[ \t]*\(self[ \t]*\)", line):
            before = line_to_search(content, number - 1)
            if not before.lstrip().startswith("@"):
                yield number


def explain_lost_attribute(failure: Failure, submission: Submission) -> str:
    """Say where a method gives the attribute that is missing to a name of its own, which ends with it; or nothing."""
    found = _NO_ATTRIBUTE.search(failure.text)
    if failure.kind != "AttributeError" or found is None:
        return ""
    name = re.escape(found[2])
    kept = re.compile(rf"\.{name}[ \t]{{0,9}}(?::[^=\n]{{0,99}})?=(?!=)|[\"']{name}[\"']|\bdef[ \t]{{1,9}}{name}\b")
    content = submission.files.get(failure.file, b"")
    text = text_to_search(content)
    if kept.search(text) or not re.search(rf"^class[ \t]+{found[1]}\b", text, re.MULTILINE):
        return ""
    for number, line in enumerate(lines_to_search(content), 1):
        if re.match(rf"[ \t]+{name}[ \t]*=(?!=)", line):
            local, kept_as = code(found[2]), code(f"self.{found[2]} = …")
            return (
                f"{code(failure.file)} line {number} sets a local {local}, which is gone when the method ends: "
                f"{kept_as} keeps it."
            )
    return ""


__all__ = [
    "explain_incomplete_class",
    "explain_lost_attribute",
    "explain_lost_property",
    "find_incomplete_class",
]
