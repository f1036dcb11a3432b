"""Everyday slips that keep code from loading or running: what happened, and what to do about it.

They are read from the submission's own text, which nobody here parses: a line, a first byte, a word.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final

from autograder.base.searching import find_alike, line_to_search, lines_to_search, text_to_search
from autograder.intake.submission import Submission
from autograder.wall.request import Failure

_SYNTAX: Final = ("SyntaxError", "IndentationError", "TabError")
_RUNS: Final = sys.version_info[:2]  # workers run the grader's own interpreter
_NEWER: Final = (3, 12)  # takes any quotes and backslashes within an f-string's braces, `type X = …` and `f[T]`
#: In a sentence of this module that says where the slip is.
NAMES_A_LINE: Final = re.compile(r"\bline \d")
_LOADING: Final = 'put it under `if __name__ == "__main__":`'


@dataclass(frozen=True)
class _Case:
    """What is known of one exception: its class and text, whether a file was being loaded, and the line's own text."""

    kind: str
    text: str
    loading: bool
    number: int  # of the line; 0 where it is not known
    line: str
    content: bytes
    files: tuple[str, ...]


def explain(failure: Failure, submission: Submission, text: str) -> str:
    """Return what the slip is and how to fix it, a sentence or two that begin in lower case; or nothing.

    text: of the exception, from a run whose inputs are no secret.
    """
    content = submission.files.get(failure.file, b"")
    number = failure.line if 0 < failure.line <= len(lines_to_search(content)) else 0
    line = line_to_search(content, number)
    case = _Case(failure.kind, text, failure.stage == "load", number, line.strip(), content, tuple(submission.files))
    return next((said for slip in _SLIPS if (said := slip(case))), "")


def _at(case: _Case, number: int = 0) -> str:
    number = number or case.number
    return f" in line {number}" if number else ""


def _line(case: _Case) -> str:
    """Return the line that failed, as the subject of a sentence."""
    return f"line {case.number}" if case.number else "it"


def _first_line(case: _Case, pattern: re.Pattern[str]) -> int:
    """Return the number of the first line that matches, 0 where none does; the line that failed comes first."""
    if pattern.match(case.line):
        return case.number
    lines = enumerate(lines_to_search(case.content), 1)
    return next((number for number, line in lines if pattern.match(line.lstrip(" \t"))), 0)


def _encoding(case: _Case) -> str:
    if case.kind not in (*_SYNTAX, "ValueError", "UnicodeDecodeError"):
        return ""
    if case.content.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "it is saved as UTF-16, as PowerShell's `>` does it. Save it as UTF-8 in your editor."
    if b"\0" in case.content:
        return "it holds NUL bytes, which no Python file has: it is damaged or not a text. Save it anew as UTF-8."
    if case.kind == "UnicodeDecodeError" or "codec can't decode" in case.text or "Non-UTF-8" in case.text:
        return "it is not saved as UTF-8. Save it as UTF-8 in your editor."
    return ""


def _another_kind_of_file(case: _Case) -> str:
    if case.kind not in (*_SYNTAX, "NameError"):
        return ""
    start = case.content.lstrip()[:2000]
    if start.startswith(b"{\\rtf"):
        return "it is an RTF document, and no plain text. Write code in a code editor and save it as plain text."
    if start[:15].lower().startswith((b"<!doctype", b"<html")):
        return "it is a web page. Download the file itself (on GitHub: *Raw*) and hand in that."
    if start.startswith(b"{") and b'"cell' in start:
        return "it is a notebook under the name of a Python file. Export its code as a script and hand in that."
    return ""


def _merge(case: _Case) -> str:
    if case.kind not in _SYNTAX:
        return ""
    number = _first_line(case, re.compile(r"(?:<{7}|>{7}|={7})(?:[ \t\r]|$)"))
    if not number:
        return ""
    return (
        f"a merge is not finished{_at(case, number)}: Git's marks (`<<<<<<<`, `=======`, `>>>>>>>`) stand there. "
        "Keep one of the two versions and take the marks out."
    )


def _notebook(case: _Case) -> str:
    if (case.kind == "NameError" and "get_ipython" in case.text) or case.line.startswith("get_ipython("):
        return f"a command of notebooks, `get_ipython`, stands{_at(case)}. Take it out: there is no notebook here."
    if case.kind not in _SYNTAX or not re.match(r"[!%]{1,2}\w", case.line):
        return ""
    return f"a command of notebooks (`!…` or `%…`) stands{_at(case)}. It is no Python: take it out."


def _pasted_text(case: _Case) -> str:
    if case.kind not in _SYNTAX:
        return ""
    if case.line.startswith("```"):
        return f"a mark of Markdown (three back-ticks) stands{_at(case)}. It is no Python: take it out."
    if re.match(r">>>( |$)", case.line):
        return f"a prompt (`>>>`) stands{_at(case)}. Take out all prompts, and what was printed."
    if re.search("[\u2018\u2019\u201c\u201d\u2032\u2033]", case.line) and "invalid character" in case.text:
        return f"there are typographic quotes{_at(case)}. Type plain ones: ' or \"."
    if "non-printable character" in case.text:
        return f"there is an invisible character{_at(case)}, pasted from a document or a page. Type the line anew."
    return ""


def _newer_python(case: _Case) -> str:
    if case.kind not in _SYNTAX or _RUNS >= _NEWER:
        return ""
    version = ".".join(map(str, _RUNS))
    is_formatted = re.search(r"""\b[rR]?[fF][rR]?["']""", case.line) is not None and "{" in case.line
    needs_newer = _has_nested_quotes(case.line) or "backslash" in case.text
    if needs_newer and (is_formatted or case.text.startswith("f-string")):
        return (
            f"the f-string{_at(case)} needs Python 3.12, and the grader runs {version}. Within its braces, use the "
            "other kind of quotes, and no backslash."
        )
    if re.match(r"type \w+(\[.*\])? *=", case.line) or re.match(r"(?:def|class) \w+\[", case.line):
        return f"line {case.number} needs Python 3.12 (`type …`, `[T]`), and the grader runs {version}. Do without it."
    return ""


def _has_nested_quotes(line: str) -> bool:
    """Return whether the kind of quotes that an f-string begins with stands in its braces, too."""
    for start in re.finditer(r"""[fF](["'])""", line):
        brace = line.find("{", start.end())
        inside, closed, _ = line[brace:].partition("}") if brace >= 0 else ("", "", "")
        if closed and start[1] in inside:  # with no brace to close them, that is what is wrong
            return True
    return False


def _indentation(case: _Case) -> str:
    if case.kind == "TabError" or "unindent does not match" in case.text:
        return f"line {case.number} is not under the lines above it, or tabs and spaces are mixed. Use spaces only."
    if case.text.startswith("expected an indented block"):
        return f"a body is missing before line {case.number}. Write it, or `pass`: a comment is no body."
    return ""


def _debugger(case: _Case) -> str:
    if case.kind != "BdbQuit" and not re.search(r"\b(?:breakpoint|set_trace)\(", case.line):
        return ""
    # A debugger stops at the line that comes after the call: the call is the last one above it.
    stops = [
        number
        for number, line in enumerate(lines_to_search(case.content), 1)
        if re.search(r"\b(?:breakpoint|set_trace)\(", line.partition("#")[0])
    ]
    above = [number for number in stops if number <= case.number]
    number = above[-1] if above else stops[0] if stops else _first_line(case, re.compile(r"(?:import|from) i?pdb\b"))
    return f"a breakpoint stops it{_at(case, number)}, and nobody can type there. Take it out (`breakpoint()`, `pdb`)."


def _question(case: _Case) -> str:
    if case.kind != "EOFError" or not re.search(r"\binput\(", case.line):
        return ""
    remedy = _LOADING if case.loading else "give it as an argument"
    return f"{_line(case)} asks for input, and nobody can answer: {remedy}."


def _exit(case: _Case) -> str:
    if case.kind != "SystemExit":
        return ""
    when = " while the file is imported" if case.loading else ""
    if "argparse" in text_to_search(case.content) and ("parse_args" in case.line or case.text == "2"):
        return f"{_line(case)} reads the command line{when}, and there is none: {_LOADING}."
    return f"{_line(case)} ends the program{when}: {_LOADING}." if case.loading else ""


def _library(case: _Case) -> str:
    found = re.match(r"No module named '([\w.]+)'", case.text)
    if case.kind not in ("ModuleNotFoundError", "ImportError") or found is None:
        return ""
    name = found[1]
    if named := re.search(rf"\b{re.escape(name)}(?:\.\w+)*", case.line):
        name = named[0]  # of `src.package.layers` Python names `src` alone
    own = {path.removesuffix(".py").removesuffix("/__init__").replace("/", "."): path for path in case.files}
    last = name.rpartition(".")[2]
    ends = {module.rpartition(".")[2]: module for module in own}
    if alike := find_alike(name, own, 0.8) or ends.get(find_alike(last, ends, 0.85), ""):
        return f"there is no module `{name}`{_at(case)}. Do you mean `{alike}` (`{own[alike]}`)?"
    return ""  # a library, or a file that was not handed in


def _outside(case: _Case) -> str:
    if not case.loading:
        return ""
    if case.kind in ("URLError", "HTTPError", "ConnectionError", "gaierror", "ConnectionRefusedError", "SSLError"):
        return f"{_line(case)} asks the network while the file is imported, and there is none: {_LOADING}."
    if case.kind in ("FileNotFoundError", "PermissionError") and re.search(r"\b(?:tempfile|mkstemp)\b", case.line):
        return f"{_line(case)} makes a temporary file, and there is no place for one while your code is graded."
    if case.kind == "FileNotFoundError":
        return f"{_line(case)} opens a file that is not there, while this one is imported: {_LOADING}."
    return ""


_SLIPS: Final[Iterable[Callable[[_Case], str]]] = (
    _encoding,
    _another_kind_of_file,
    _merge,
    _notebook,
    _pasted_text,
    _newer_python,
    _indentation,
    _debugger,
    _question,
    _exit,
    _library,
    _outside,
)
