"""Finds where a submission's own text defines something, by searching it. Nothing here parses it."""

from __future__ import annotations

import re
from typing import Final

from autograder.base.searching import code_to_search, line_to_search, text_to_search
from autograder.feedback.text import code
from autograder.intake.submission import Submission

ALIKE: Final = 0.75  # how alike two names are of which one may be the other, misspelt
_MOST_BASES: Final = 3  # a class, its base, and so on
_LONGEST: Final = 400  # lines of a function
_ENDS: Final = re.compile(r"[ ]*(?:return|raise)\b")
#: Lines that nobody misses, or that belong to the one above.
_LEFT_OVER: Final = re.compile(r"[ ]*(?:(?:return|raise|pass)\b|[)\]}.])")
_NEXT_AT_THE_MARGIN: Final = re.compile(r"^(?:class|def|async[ \t]+def)\s", re.MULTILINE)
_METHOD: Final = re.compile(r"^([ \t]+)(?:async[ \t]+)?def[ \t]+(\w+)", re.MULTILINE)
_BASES: Final = re.compile(r"class[ \t]+\w+[ \t]*\(([^()]*)\)")


def where(submission: Submission, subject: str) -> tuple[str, int]:
    """File and line of `subject` (`Class.method`) in a submission; ("", 0) where it is not found.

    If the class inherits the method from another class of the submission, these are the lines there.
    """
    return _find_lines(submission, subject, _MOST_BASES)


def _find_lines(submission: Submission, subject: str, bases: int) -> tuple[str, int]:
    owner, _, method = subject.partition(".")
    for path, content in submission.files.items() if owner else ():
        text = code_to_search(content)
        classes = find_classes(owner, text)
        if not classes:
            functions = list(re.finditer(rf"^def[ \t]+{re.escape(owner)}\b", text, re.MULTILINE))
            if functions and not method:
                return path, line_of(text, functions[-1].start())
            continue
        # A compose method that is inherited composes what the get method of its class gives.
        for name in dict.fromkeys((method, method.replace("compose_", "get_"))) if method else ():
            for start in classes:
                if found := _find_methods(name, text, start):
                    return path, line_of(text, found[-1].start())
        for base in find_bases(text, classes[0]) if method and bases else ():
            inherited = _find_lines(submission, f"{base}.{method}", bases - 1)
            if _is_method(submission, inherited):
                return inherited
        return path, line_of(text, classes[0])
    return "", 0


def explain_repeated(submission: Submission, subject: str) -> str:
    """Say that the class of `subject`, or its method, stands twice in a file, and which one Python uses; or nothing."""
    owner, _, method = subject.partition(".")
    for path, content in submission.files.items() if owner else ():
        text = code_to_search(content)
        starts = _find_starts(owner, text)
        if not starts:
            continue
        if len(find_classes(owner, text)) == 1 < len(starts):
            return _say_repeated(owner, path, [line_of(text, start) for start in starts])
        found = _find_methods(method, text, starts[-1]) if method else []
        if len(found) > 1:
            return _say_repeated(subject, path, [line_of(text, one.start()) for one in found])
        return ""
    return ""


def _say_repeated(name: str, path: str, lines: list[int]) -> str:
    listed = f"{', '.join(map(str, lines[:-1]))} and {lines[-1]}"
    return f"{code(name)} is defined more than once in {code(path)}, in lines {listed}: Python uses the last one."


def explain_unreached(submission: Submission, subject: str) -> str:
    """Say that a function returns above other lines of its own, which are never run; or nothing.

    Only where that is plain: the line stands as deep as the function's body, and ends on the same line. What is left of
    a stub below it (`pass`, `return`, `raise`) is no matter.
    """
    path, first = where(submission, subject)
    lines = code_to_search(submission.files.get(path, b"")).split("\n")[max(first - 1, 0) : first + _LONGEST]
    start = next((number for number, line in enumerate(lines) if line.rstrip().endswith(":")), len(lines))
    if not lines or not re.match(r"[ \t]*def\b", lines[0]):
        return ""
    body = [(first + number, line.expandtabs()) for number, line in enumerate(lines) if number > start and line.strip()]
    depth, ends = _depth(body[0][1]) if body else 0, 0
    for number, line in body:
        if _depth(line) < depth or depth <= _depth(lines[0].expandtabs()):
            return ""
        if _depth(line) > depth or _LEFT_OVER.match(line):
            if not ends and _depth(line) == depth and _ENDS.match(line) and _is_whole(line):
                ends = number
        elif ends:
            return f"Line {ends} always ends the method: nothing of it below that line is run."
    return ""


def _depth(line: str) -> int:
    return len(line) - len(line.lstrip())


def _is_whole(line: str) -> bool:
    """Return whether a statement ends with its line, as far as its brackets say."""
    opened, closed = (sum(map(line.count, marks)) for marks in ("([{", ")]}"))
    return opened == closed and not line.rstrip().endswith("\\")


def find_classes(name: str, text: str) -> list[int]:
    """Return where the class that Python uses begins, then those of the same name that it is derived from.

    text: from `code_to_search`. Of two that share a name, Python uses the last.
    """
    starts = _find_starts(name, text)
    used = starts[-1:]
    for start in reversed(starts[:-1]):
        if name not in find_bases(text, used[-1]):
            break
        used.append(start)
    return used


def find_body(text: str, start: int) -> str:
    """Return the text of the class that begins at `start`, from there to what follows it at the left margin."""
    end = _NEXT_AT_THE_MARGIN.search(text, start + 1)
    return text[start : end.start() if end else len(text)]


def _find_methods(name: str, text: str, start: int) -> list[re.Match[str]]:
    """Return every place where the class that begins at `start` defines a method: Python uses the last.

    Setters and the like, which go with a method of their name, do not count; nor does what lies deeper, if anything
    else is there.
    """
    end = start + len(find_body(text, start))
    every = list(_METHOD.finditer(text, start, end))
    depth = min((len(found[1].expandtabs()) for found in every), default=0)
    named = [found for found in every if found[2] == name]
    own = [
        found
        for found in named
        if len(found[1].expandtabs()) == depth and not _goes_with_another(name, text, found.start())
    ]
    return own or named[:1]


def _goes_with_another(name: str, text: str, start: int) -> bool:
    """Return whether a decorator at the line above makes the method part of another of that name."""
    above = text[:start].rstrip("\n").rpartition("\n")[2].strip()
    return above.startswith(f"@{name}.") or above.partition("(")[0].endswith("overload")


def _find_starts(name: str, text: str) -> list[int]:
    """Return where each class of that name begins."""
    return [found.start() for found in re.finditer(rf"^class[ \t]+{re.escape(name)}\b", text, re.MULTILINE)]


def line_of(text: str, position: int) -> int:
    """Return the number of the line that holds a position of a text."""
    return text.count("\n", 0, position) + 1


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


__all__ = [
    "ALIKE",
    "defines_name",
    "explain_repeated",
    "explain_unreached",
    "find_bases",
    "find_body",
    "find_classes",
    "is_defined",
    "line_of",
    "where",
]
