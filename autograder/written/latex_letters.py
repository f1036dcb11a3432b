r"""LaTeX's accents, letters and signs, `Garc{\'\i}a`, as Unicode."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

ACCENTS: Final = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
LETTERS: Final = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "i", "j": "j",
}  # fmt: skip
_ACCENT: Final = re.compile(
    r"\\(?:(?P<sign>['`^\"~=.])|(?P<letter>[uvHckrdb])(?=[\s{]))\s*(?:\{\\?(?P<braced>[A-Za-z])\}|(?:\\(?=[ij](?![A-Za-z])))?(?P<bare>[A-Za-z]))"
)
_LETTER: Final = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|[oOlLij])(?![A-Za-z])(?:\{\}|\s)?")
SYMBOLS: Final = {
    "ldots": "…", "dots": "…", "textbackslash": "\\", "textasciitilde": "~", "textasciicircum": "^", "LaTeX": "LaTeX",
    "TeX": "TeX", "textless": "<", "textgreater": ">", "textbar": "|", "quad": " ", "qquad": " ", "S": "§",
    "textemdash": "—", "textendash": "–", "degree": "°", "checkmark": "✓", "euro": "€", "pounds": "£",
    "textquotesingle": "'", "textasciigrave": "`", "textunderscore": "_", "textdollar": "$", "textquotedbl": '"',
    "VerbBar": "|", "footnote": " ", "footnotetext": " ", "thanks": " ", "marginpar": " ", "todo": " ",
}  # fmt: skip


def compose(letter: str, sign: str) -> str:
    """Return the letter with the accent that `sign` stands for."""
    return unicodedata.normalize("NFC", letter + ACCENTS[sign])


def decode_accents(source: str) -> str:
    r"""Return `source` with LaTeX's accents and letters, `Garc{\'\i}a`, as Unicode, without their braces."""
    text = _ACCENT.sub(
        lambda match: compose(match["braced"] or match["bare"], match["sign"] or match["letter"]), source
    )
    text = _LETTER.sub(lambda match: LETTERS[match[1]], text)
    return re.sub(r"\{([^\x00-\x7f])\}", r"\1", text)
