r"""A text as its reader sees it: without the marks of LaTeX, Markdown and HTML that stand inside of words.

`Wil{h}elmina`, `Wil\-helmina`, `Wil\kern0pt helmina`, `Wil**hel**mina` and `Wilhelm&#105;na` are one word on a page.
So are the cells `Wil&helmina` of a table and `%57ilhelmina` in an address of the web. A command that is not known shows
nothing, and its arguments are text.
"""

from __future__ import annotations

import html
import re
import urllib.parse
from typing import Final

from autograder.written.latex_letters import LETTERS, SYMBOLS
from autograder.written.lookalike_letters import without_invisible

_DIMENSION: Final = r"-?\d{0,9}\.?\d{0,9}[ \t]?(?:pt|pc|in|bp|cm|mm|dd|cc|sp|em|ex|mu)"
# What shows nothing itself; a blank behind a command of letters belongs to it.
_SILENT: Final = (
    r"\\(?:emph|text(?:bf|it|rm|sf|tt|sc|sl|up|md|normal|(?:sub|super)script)?|underline|uline|sout|mbox"
    r"|hbox|fbox|makebox|uppercase|lowercase|MakeUppercase|MakeLowercase|relax|protect|expandafter|bfseries|mdseries|itshape|slshape|scshape"
    r"|upshape|rmfamily|sffamily|ttfamily|normalfont|bf|it|rm|sf|tt|sc|sl|em|tiny|scriptsize|footnotesize|small"
    r"|normalsize|large|Large|LARGE|huge|Huge|strut|null|allowbreak|nobreak|noindent"
    r"|thinspace|negthinspace|leavevmode|ignorespaces|unskip)(?![A-Za-z])[ \t]?"
    r"|\\(?:text)?color(?![A-Za-z])(?:\[[^\]\n]{0,40}\])?\{[^{}\n]{0,40}\}"
    # What moves the next letter, however far, and what takes room and shows nothing.
    rf"|\\(?:m?kern|[hm]skip)(?![A-Za-z])[ \t]?{_DIMENSION}(?:[ \t]?(?:plus|minus)[ \t]?{_DIMENSION}){{0,2}}[ \t]?"
    r"|\\[hm]space\*?(?![A-Za-z])[ \t]?\{[^{}\n]{0,60}\}|\\[hv]?phantom(?![A-Za-z])[ \t]?\{[^{}\n]{0,200}\}"
    r"|\\discretionary[ \t]?\{[^{}\n]{0,60}\}[ \t]?\{[^{}\n]{0,60}\}[ \t]?(?=\{)"
)
_ONE_ARGUMENT: Final = (
    "raisebox|colorbox|index|glossary|cite[a-z]{0,10}|nocite|label|[a-z]{0,6}ref|footnote|marginpar|scalebox|rotatebox"
    "|parbox|vspace|special|message|hypertarget|href|stackrel|overset|underset|thispagestyle"
)
_TWO_ARGUMENTS: Final = (
    "rule|fcolorbox|resizebox|fontsize|setlength|addtolength|setcounter|addtocounter|definecolor|pdfbookmark"
)
# Commands whose arguments show nothing where they stand, by how many: a length, a colour, a key.
_UNSHOWN: Final = "|".join(
    rf"\\(?:{names})\*?(?![A-Za-z])(?:[ \t]?\[[^\[\]\n]{{0,60}}\])?(?:[ \t]?\{{[^{{}}\n]{{0,200}}\}}){{{count}}}"
    for count, names in enumerate((_ONE_ARGUMENT, _TWO_ARGUMENTS), 1)
)
_BLANK: Final = frozenset(
    ("quad", "qquad", "newline", "linebreak", "par", "hfill", "hfil", "newpage", "pagebreak", "and", "item", "space",
     "tab", "begin", "end", "medskip", "bigskip", "smallskip", "cr", "enspace", "enskip")
)  # fmt: skip
#: Commands that show a sign or a letter of another alphabet.
_SIGN_NAMES: Final = """
in ni notin to gets times cdot ast div le ge leq geq ne neq lt gt subset subseteq supset cup cap sim approx equiv mid pm
mp circ bullet star rightarrow leftarrow Rightarrow Leftarrow longrightarrow mapsto implies iff forall exists wedge vee
ll gg propto oplus otimes odot infty partial nabla sum prod int cdots vdots dotsc colon setminus perp parallel
alpha beta gamma delta epsilon varepsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau phi varphi chi psi
omega Gamma Delta Theta Lambda Xi Pi Sigma Phi Psi Omega
"""
_SIGNS: Final = frozenset(_SIGN_NAMES.split())
_MARK: Final = re.compile(
    rf"{_SILENT}|{_UNSHOWN}|\\(?:lower|raise|moveleft|moveright)(?![A-Za-z])[ \t]?{_DIMENSION}[ \t]?"
    r"|\\verb\*?(?P<delimiter>[^\sA-Za-z*])(?P<verbatim>[^\n]{0,200}?)(?P=delimiter)"
    r"|\\char[ \t]?(?P<decimal>\d{1,7})[ \t]?|\\char[ \t]?'(?P<octal>[0-7]{1,7})[ \t]?"
    r"|\\char[ \t]?\"(?P<hex>[\dA-F]{1,6})[ \t]?|\\symbol\{(?P<symbol>\d{1,7})\}|\^\^(?P<caret>[\da-f]{2})"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][\da-fA-F]{1,6}|[A-Za-z]{2,30}\d{0,2});)"
    r"|(?P<percent>(?:%[\dA-Fa-f]{2}){1,60})"
    r"|<!--[\s\S]{0,1000}?-->|!?\[(?=[^\[\]\n]{1,200}\]\()|(?<=[^\s\[\]])\]\([^()\n]{0,300}\)"
    r"|`{1,3}|(?<=[^\W\d_])\$(?=[^\W\d_])|[\^_]\{\}"
    r"|\\[-/,;:!>]|[{}]|(?<=[^\W\d_])&(?=[a-z])|\*{1,3}|~~"
    r"|</?(?:b|i|em|strong|span|u|s|sub|sup|font|mark|small|big|code|tt|wbr|bdi|ins)(?:\s[^<>\n]{0,200})?/?>"
    # Any other command shows nothing, and what stands in its braces is text.
    r"|\\(?P<command>[A-Za-z@]{1,40})\*?(?:\[(?:[lrcstb]{1,2}|[^\[\]\n]{0,20}\d[^\[\]\n]{0,20})\])?[ \t]?",
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
        return without_invisible(html.unescape(match["entity"]))
    if match["percent"]:
        return without_invisible(urllib.parse.unquote(match["percent"], errors="replace"))
    if match["verbatim"]:
        return match["verbatim"]
    if name := match["command"]:
        if name in _SIGNS:
            return "·"
        return " " if name in _BLANK else LETTERS.get(name, SYMBOLS.get(name, ""))
    for group, base in _BASES.items():
        if match[group]:
            code = int(match[group], base)
            return chr(code) if 32 <= code < 0x110000 and not 0xD800 <= code < 0xE000 else ""
    return ""
