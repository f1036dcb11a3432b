"""Describes an exception. The owner of the innermost line (student, handout, test) decides whom the message blames.

A function that a student's file still has as it was handed out is not the student's. The texts are compared, and never
parsed: Python's parser can be made to take more time and memory than there is.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from autograder.base.searching import lines_to_search
from autograder.feedback.text import code, paragraphs
from autograder.guest import blame
from autograder.intake.submission import Submission
from autograder.wall.request import Failure

_DEFINITION: Final = re.compile(r"([ \t]*)def[ \t]+(\w+)")
_LONGEST: Final = 400  # lines of a function
_OF_SHAPES: Final = re.compile(
    "mismatch in its core dimension|could not be broadcast|cannot broadcast|not aligned|cannot reshape|"
    "must match exactly|boolean index did not match|inhomogeneous shape"
)
_OF_LISTS: Final = re.compile("not iterable|not subscriptable|over a 0-d array|'list'|'tuple'|'generator'|has no len")
#: A sentence of a probe's, such as a submission could not use for anything else.
_OURS: Final = re.compile(r"`\w+` [\w ,:`]{1,300}")
IMPORTS: Final = ("ImportError", "ModuleNotFoundError")
_OF_ENTRIES: Final = re.compile("values to unpack|index out of range|is out of bounds|zip\\(\\) argument")


def explain_raised(origin: str, kind: str, place: str, said: str) -> str:
    """Describe an exception of the submission at `place`: "your code raised" needs it to be the innermost line.

    The process's word on the origin proves nothing. It only chooses among sentences that are all true of `place`.
    """
    if origin == blame.OWN:
        return f"Your code raised {kind} at {place}{said}"
    if origin == blame.HANDOUT:
        return f"{kind} in the handout's own code, which your code called at {place}{said}"
    if origin == blame.PROBE:
        return (
            f"{kind} in a part of this test (a layer, a loss or the like), which your code called at "
            f"{place}{said}\n\nLook at what that line hands over."
        )
    if origin == blame.STAND_IN:
        return (
            f"{kind} at {place}{said}\n\nYour code uses a library that is not there while it is graded: a stand-in "
            "takes its place and computes nothing. Use NumPy."
        )
    return f"The run ended with {kind} in what your code called at {place}{said}"


def explain_given(failure: Failure, kind: str, said: str) -> str:
    """Describe an exception in, or below, lines that the student got; see `is_handed_out`."""
    function = failure.function.rpartition(".")[2]
    given = f"the handout's own {code(function)}" if function else "a line of the handout's"
    line = f"{code(failure.file)} line {failure.line}"
    if failure.origin == blame.PROBE:
        return paragraphs(
            f"{kind} in a part of this test (a layer, a loss or the like), which {given} called at {line}{said}",
            "That line is as you got it: look at what your code hands over to the part.",
        )
    return paragraphs(
        f"{kind} in {given}, {line}{said}",
        "These lines are as you got them: look at what your code hands over to them, or returns there.",
    )


def explain_unusable(failure: Failure, kind: str, said: str) -> str:
    """Describe an exception that no line of the submission is in: nearly always it is about what was returned."""
    if failure.kind in IMPORTS:
        return f"An import failed: {kind}{said}."
    if failure.kind == blame.UnusableError.__name__ and _OURS.fullmatch(failure.text):
        return f"{failure.text}."
    return f"What your code returned could not be used: {kind}{said}. {_ask_about(failure.text)}".rstrip()


def _ask_about(text: str) -> str:
    """Return what to ask of a value that could not be used, by what Python or NumPy says of it."""
    if "'NoneType'" in text:
        return ""  # it is None: of what kind something is is not the question
    if _OF_SHAPES.search(text):
        return "Does its shape fit what it is computed with?"
    if _OF_ENTRIES.search(text):
        return "Does it have as many entries as the handout asks for?"
    lists = ", lists where it asks for lists" if _OF_LISTS.search(text) else ""
    return f"Is it the kind of value that the handout asks for{lists}?"


def is_handed_out(failure: Failure, submission: Submission, handout: Mapping[str, bytes]) -> bool:
    """Return whether the function that raised, or called what did, stands in the handout's file word for word.

    handout: its files.
    """
    own, given = submission.files.get(failure.file), handout.get(failure.file)
    if own is None or given is None or failure.origin not in (blame.OWN, blame.PROBE):
        return False
    if own == given:
        return True
    function = _find_function(list(lines_to_search(own)), failure.line, failure.function.rpartition(".")[2])
    if not function:
        return False
    lines = [text.rstrip() for text in lines_to_search(given)]
    starts = (number for number, text in enumerate(lines) if text == function[0])
    return any(lines[start : start + len(function)] == function for start in starts)


def _find_function(lines: list[str], line: int, function: str) -> list[str]:
    """Return the lines of the function of that name that holds a line; none where it is not there."""
    if not 0 < line <= len(lines):
        return []
    for number in range(line - 1, max(-1, line - 1 - _LONGEST), -1):
        found = _DEFINITION.match(lines[number])
        if found is None or found[2] != function:
            continue
        indent = len(found[1].expandtabs())
        end = number + 1
        while end < len(lines) and end - number < _LONGEST and _is_inside(lines[end], indent):
            end += 1
        body = [text.rstrip() for text in lines[number:end]]
        while body and not body[-1]:
            body.pop()
        return body if number < line <= number + len(body) else []
    return []


def _is_inside(text: str, indent: int) -> bool:
    plain = text.expandtabs()
    return not plain.strip() or len(plain) - len(plain.lstrip()) > indent
