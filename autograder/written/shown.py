r"""A text as its reader sees it: without the marks of LaTeX, Markdown and HTML that stand inside of words.

`Wil{h}elmina`, `Wil\-helmina`, `Wil**hel**mina` and `Wilhelm&#105;na` are one word on a page.
"""

from __future__ import annotations

import html
import re
from typing import Final

# What shows nothing itself; a blank behind a command of letters belongs to it.
_SILENT: Final = (
    r"\\(?:emph|text(?:bf|it|rm|sf|tt|sc|sl|up|md|normal)?|underline|uline|sout|mbox|hbox|fbox|makebox|uppercase"
    r"|lowercase|MakeUppercase|MakeLowercase|relax|protect|expandafter|bfseries|mdseries|itshape|slshape|scshape"
    r"|upshape|rmfamily|sffamily|ttfamily|normalfont|bf|it|rm|sf|tt|sc|sl|em|tiny|scriptsize|footnotesize|small"
    r"|normalsize|large|Large|LARGE|huge|Huge|strut|null|allowbreak|nobreak|noindent)(?![A-Za-z])[ \t]?"
    r"|\\(?:text)?color(?![A-Za-z])(?:\[[^\]\n]{0,40}\])?\{[^{}\n]{0,40}\}"
)
_MARK: Final = re.compile(
    rf"{_SILENT}"
    r"|\\char[ \t]?(?P<decimal>\d{1,7})[ \t]?|\\char[ \t]?'(?P<octal>[0-7]{1,7})[ \t]?"
    r"|\\char[ \t]?\"(?P<hex>[\dA-F]{1,6})[ \t]?|\\symbol\{(?P<symbol>\d{1,7})\}|\^\^(?P<caret>[\da-f]{2})"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]{2,30}\d{0,2});)"
    r"|\\[-/]|[{}]|\*{1,3}|~~"
    r"|</?(?:b|i|em|strong|span|u|s|sub|sup|font|mark|small|big|code|tt|wbr|bdi|ins)(?:\s[^<>\n]{0,200})?/?>",
)
_BASES: Final = {"decimal": 10, "octal": 8, "hex": 16, "symbol": 10, "caret": 16}


def as_shown(text: str) -> tuple[str, list[int]]:
    """Return `text` as it is shown, with the place of each character in `text`, and of the end."""
    shown: list[str] = []
    places: list[int] = []
    position = 0
    for match in _MARK.finditer(text):
        shown.append(text[position : match.start()])
        places += range(position, match.start())
        character = _character(match)
        shown.append(character)
        places += [match.start()] * len(character)
        position = match.end()
    shown.append(text[position:])
    places += range(position, len(text) + 1)
    return "".join(shown), places


def _character(match: re.Match[str]) -> str:
    """Return what a mark shows: nothing, but for those that stand for a character."""
    if match["entity"]:
        return html.unescape(match["entity"])
    for group, base in _BASES.items():
        if match[group]:
            code = int(match[group], base)
            return chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
    return ""
