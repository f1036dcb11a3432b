"""Finds methods, properties and attributes that a submission has in the wrong place or form.

It searches the submission's own text, and parses nothing.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from autograder.base.searching import code_to_search, find_alike, lines_to_search, text_to_search
from autograder.feedback.definitions import ALIKE, find_body, find_classes, is_defined, line_of
from autograder.feedback.text import code
from autograder.intake.submission import Submission
from autograder.wall.request import Failure

_ABSTRACT: Final = re.compile(
    r"Can't instantiate abstract class (\w+) with(?:out an implementation for)? abstract methods? ([\w', ]+)"
)
_DEFINITION: Final = re.compile(r"^([ \t]*)def[ \t]+(\w+)", re.MULTILINE)
_PROPERTY: Final = re.compile(r"^[ \t]*@property[ \t]*\n[ \t]*def[ \t]+(\w+)", re.MULTILINE)
_CLASS: Final = re.compile(r"^class[ \t]+(\w+)", re.MULTILINE)
_NAMED: Final = 4  # places at most
_USED_METHOD: Final = re.compile(
    r"'(?:builtin_function_or_)?method' object|object of type 'method'|: '?method'? and |and 'method'"
)
#: What Python says of an attribute that is missing: the class, and the name.
NO_ATTRIBUTE: Final = re.compile(r"'(\w+)' object has no attribute '(\w+)'")


def find_incomplete_class(text: str) -> str:
    """Return the class that Python could not make, as it lacks methods that its base class asks for; or nothing."""
    found = _ABSTRACT.search(text)
    return found[1] if found else ""


def explain_incomplete_class(
    text: str, submission: Submission, handout: Mapping[str, bytes] = MappingProxyType({})
) -> str:
    """Say what the submission's class lacks, and where that stands instead, or what is named like it; or nothing.

    handout: the files that students got.
    """
    found = _ABSTRACT.search(text)
    if found is None:
        return ""
    lacking = code(found[2].replace("'", ""))
    if not is_defined("class", found[1], submission):
        return (
            f"Your base class demands more than the handout's: {lacking}. Keep its abstract methods as they were "
            "handed out."
        )
    given = {name for content in handout.values() for _, name in _DEFINITION.findall(code_to_search(content))}
    seen = _find_instead(re.findall(r"\w+", found[2])[0], found[1], submission, given)
    return (
        f"{code(found[1])} lacks what every class of its kind must define: {lacking}. {seen}Write each method of the "
        "handout's stub, under its own name, and inside of the class."
    )


def _find_instead(method: str, owner: str, submission: Submission, given: Collection[str]) -> str:
    """Return where a function of that name stands behind `#` or outside of any class, or in the class one named alike.

    given: names that the handout itself has. A method of such a name is not meant for another.
    """
    for path, content in submission.files.items():
        text = code_to_search(content)
        classes = find_classes(owner, text)
        if not classes:
            continue
        start = classes[0]
        first = line_of(text, start)
        end = first + find_body(text, start).count("\n")
        for number, line in enumerate(lines_to_search(content)[first : end + 1], first + 1):
            if re.match(rf"[ \t]*#[# \t]*def[ \t]+{method}\b", line):
                return f"{code(path)} line {number} has it behind a `#`, which makes it a comment. "
        after = list(_DEFINITION.finditer(text, start))
        outside = next((found for found in after if not found[1] and found[2] == method), None)
        if outside is not None:
            at = line_of(text, outside.start())
            return f"{code(path)} line {at} defines it outside of the class: is it too far to the left? "
        body = find_body(text, start)
        names = {found[2]: found for found in _DEFINITION.finditer(body) if found[1] and found[2] not in given}
        if alike := names.get(find_alike(method, names, ALIKE)):
            at = first + body.count("\n", 0, alike.start(2))
            return f"Is {code(alike[2])}, {code(path)} line {at}, meant for it? "
    return ""


def explain_lost_property(text: str, submission: Submission, handout: Mapping[str, bytes], subject: str = "") -> str:
    """Say which properties of the handout's are methods here, where a method was used as a value; or nothing.

    subject: of the test. Which of several was used nobody knows; that of the subject's class is named first.
    """
    if not _USED_METHOD.search(text):
        return ""
    lost = dict.fromkeys(
        (owner != subject.partition(".")[0], name, path, line)
        for path in sorted(handout.keys() & submission.files.keys())
        for owner, name in _find_properties(code_to_search(handout[path]))
        for line in _find_bare_methods(owner, name, submission.files[path])
    )
    if not lost:
        return ""
    name = min(lost)[1]
    places = [f"{code(path)} line {line}" for _, other, path, line in sorted(lost) if other == name][:_NAMED]
    have, their = ("has", "its") if len(places) == 1 else ("have", "their")
    return f"{code(name)} is a property in the handout: {have} {' and '.join(places)} lost {their} `@property`?"


def _find_properties(text: str) -> Iterator[tuple[str, str]]:
    """Yield the class and the name of each property in a handout's file."""
    for found in _PROPERTY.finditer(text):
        owners = _CLASS.findall(text, 0, found.start())
        if owners:
            yield owners[-1], found[1]


def _find_bare_methods(owner: str, name: str, content: bytes) -> Iterator[int]:
    """Yield the lines where that class defines a method of that name under no decorator."""
    text = code_to_search(content)
    for start in find_classes(owner, text):
        first = line_of(text, start)
        lines = find_body(text, start).split("\n")
        for before, (number, line) in zip(lines, enumerate(lines[1:], first + 1), strict=False):
            bare = re.match(rf"[ \t]+def[ \t]+{re.escape(name)}[ \t]*\(self[ \t]*\)", line)
            if bare and not before.lstrip().startswith("@"):
                yield number


def explain_lost_attribute(failure: Failure, submission: Submission) -> str:
    """Say where a method gives the attribute that is missing to a name of its own, which ends with it; or nothing."""
    found = NO_ATTRIBUTE.search(failure.text)
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
    "NO_ATTRIBUTE",
    "explain_incomplete_class",
    "explain_lost_attribute",
    "explain_lost_property",
    "find_incomplete_class",
]
