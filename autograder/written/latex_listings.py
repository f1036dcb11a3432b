r"""Listings of a LaTeX source: where they begin, and the code that a page shows of them, whatever package sets it."""

from __future__ import annotations

import re
from typing import Final

from autograder.written.latex_letters import SYMBOLS

#: Environments whose text is shown as it was typed.
ENVIRONMENTS: Final = frozenset(
    ("verbatim", "verbatim*", "lstlisting", "lstlisting*", "minted", "minted*", "Verbatim", "Verbatim*", "BVerbatim",
     "LVerbatim", "SaveVerbatim", "python", "pyverbatim", "alltt", "tcblisting", "filecontents", "filecontents*")
)  # fmt: skip
#: Commands that define such an environment under another name.
DEFINING: Final = ("lstnewenvironment", "newminted", "DefineVerbatimEnvironment")
#: Commands that show a file as it is, and how many groups stand before its name.
OF_FILES: Final = {"lstinputlisting": 0, "verbatiminput": 0, "VerbatimInput": 0, "inputminted": 1, "inputpygments": 1}
#: Commands that show a piece of code within a line, and how many groups stand before it.
INLINE: Final = {"verb": 0, "lstinline": 0, "mintinline": 1, "Verb": 0}
_OPTIONS: Final = re.compile(r"(?:\[(?:[^\[\]{}]|\{[^{}]{0,300}\}){0,600}\]|\{[^{}\n]{0,300}\})*[ \t]*")
# What highlights code, as a notebook's export and pandoc write it: there, every brace is a mark.
_MARK: Final = re.compile(
    r"\\PY\{[^{}\n]{0,40}\}|\\PYZ(?P<sign>[a-z]{2})|\\(?P<name>[A-Za-z]{1,40})|\\(?P<escaped>[^A-Za-z\n])|[{}]"
)
_SIGNS: Final = {"bs": "\\", "us": "_", "ob": "{", "cb": "}", "ca": "^", "am": "&", "lt": "<", "gt": ">", "sh": "#",
    "pc": "%", "dl": "$", "hy": "-", "sq": "'", "dq": '"', "ti": "~", "at": "@", "lb": "[", "rb": "]"}  # fmt: skip
_DELIMITERS: Final = "|!+;~@/"


def environment(text: str, *, has_commands: bool = False) -> str:
    r"""Return what stands in a listing, its options first, as a `verbatim` environment of the code that it shows.

    has_commands: whether its definition says that commands in it are obeyed, as `commandchars` in its options does.
    """
    options = _OPTIONS.match(text)
    head = options[0] if options else ""
    code = text[len(head) :]
    if has_commands or "commandchars" in head:
        code = _MARK.sub(_shown, code)
    return as_environment(code.removeprefix("\n"))


def as_environment(code: str) -> str:
    """Return code as a `verbatim` environment that it cannot end."""
    return "\\begin{verbatim}\n" + code.replace("\\end{verbatim}", "\\end {verbatim}") + "\\end{verbatim}"


def inline(code: str) -> str:
    r"""Return a piece of code as a `\verb` that it cannot end; as text where no delimiter is left."""
    delimiter = next((sign for sign in _DELIMITERS if sign not in code), "")
    return f"\\verb{delimiter}{' '.join(code.split())}{delimiter}" if delimiter else code.replace("%", "\\%")


def _shown(match: re.Match[str]) -> str:
    """Return what a mark shows: a sign, an escaped character, or nothing."""
    if match["sign"]:
        return _SIGNS.get(match["sign"], " ")
    return match["escaped"] or SYMBOLS.get(match["name"] or "", "")
