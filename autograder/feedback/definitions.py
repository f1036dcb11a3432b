"""Finds where a submission's own text defines something, by searching it. Nothing here parses it."""

from __future__ import annotations

import re
from typing import Final

from autograder.base.searching import line_to_search, text_to_search
from autograder.intake.submission import Submission

ALIKE: Final = 0.75  # how alike two names are of which one may be the other, misspelt
_MOST_BASES: Final = 3  # a class, its base, and so on
_BASES: Final = re.compile(r"class[ \t]+\w+[ \t]*\(([^()]*)\)")


def where(submission: Submission, subject: str) -> tuple[str, int]:
    """File and line of `subject` (`Class.method`) in a submission; ("", 0) where it is not found.

    If the class inherits the method from another class of the submission, these are the lines there.
    """
    return _find_lines(submission, subject, _MOST_BASES)


def _find_lines(submission: Submission, subject: str, bases: int) -> tuple[str, int]:
    owner, _, method = subject.partition(".")
    for path, content in submission.files.items() if owner else ():
        text = text_to_search(content)
        start = re.search(rf"^class[ \t]+{re.escape(owner)}\b", text, re.MULTILINE)
        if start is None:
            if not method and (found := re.search(rf"^def[ \t]+{re.escape(owner)}\b", text, re.MULTILINE)):
                return path, text.count("\n", 0, found.start()) + 1
            continue
        end = re.compile(r"^class\s", re.MULTILINE).search(text, start.end())
        body = text[: end.start()] if end else text
        # A compose method that is inherited composes what the get method of its class gives.
        for name in dict.fromkeys((method, method.replace("compose_", "get_"))) if method else ():
            pattern = re.compile(rf"^[ \t]+def[ \t]+{re.escape(name)}\b", re.MULTILINE)
            if found := pattern.search(body, start.end()):
                return path, text.count("\n", 0, found.start()) + 1
        line = text.count("\n", 0, start.start()) + 1
        for base in find_bases(text, start.start()) if method and bases else ():
            inherited = _find_lines(submission, f"{base}.{method}", bases - 1)
            if _is_method(submission, inherited):
                return inherited
        return path, line
    return "", 0


def _is_method(submission: Submission, place: tuple[str, int]) -> bool:
    path, line = place
    return bool(path) and line_to_search(submission.files[path], line).lstrip().startswith("def")


def find_bases(text: str, start: int = 0) -> list[str]:
    """Return the base classes of the class that begins at `start` of a text, without their modules."""
    found = _BASES.match(text, start)
    return [base.strip().rpartition(".")[2] for base in found[1].split(",")] if found else []


def is_defined(keyword: str, name: str, submission: Submission) -> bool:
    """Return whether a file of the submission defines `name`; keyword: `class` or `def`."""
    return any(defines_name(keyword, name, content) for content in submission.files.values())


def defines_name(keyword: str, name: str, content: bytes) -> bool:
    """Return whether a file of this content defines `name`; keyword: `class` or `def`."""
    return re.search(rf"\b{keyword}[ \t]+{re.escape(name)}\b", text_to_search(content)) is not None


__all__ = ["ALIKE", "defines_name", "find_bases", "is_defined", "where"]
