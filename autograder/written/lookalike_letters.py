"""Characters that nobody sees, and letters of other scripts that look like Latin ones."""

from __future__ import annotations

import re
from typing import Final

#: Unicode's default ignorable code points: what shows nothing where it stands.
_IGNORABLE: Final = re.compile(
    "[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    "\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
_REORDERING: Final = re.compile("[\u202a-\u202e\u2066-\u2069]")
_PAIRS: Final = (
    # Cyrillic, Armenian, Greek; small capitals and other letters of phonetics.
    ("авсԁеһніјӏкмопԛрѕтуѵԝх", "abcdehhijlkmonqpstyvwx"),
    ("օսհոցզ", "ouhngq"),
    ("αβγεζηικμνορτυχω", "abyeznikmvoptuxw"),
    ("ᴀʙᴄᴅᴇꜰɢʜɪᴊᴋʟᴍɴᴏᴘʀꜱᴛᴜᴠᴡʏᴢɑɡɩʋ", "abcdefghijklmnoprstuvwyzagiv"),
)
# White letters in black circles and squares, and those that flags are made of: Unicode takes none of them apart.
_ENCLOSED: Final = {
    first + place: chr(ord("a") + place) for first in (0x1F150, 0x1F170, 0x1F1E6) for place in range(26)
}
_LATIN_OF: Final = _ENCLOSED | {
    ord(one): latin for ones, latins in _PAIRS for one, latin in zip(ones, latins, strict=True)
}
#: Capitals that look like another letter than the small ones do.
_CAPITALS: Final = dict(zip(map(ord, "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧϹϲ"), "abezhikmnoptyxcc", strict=True))
_MIXED: Final = re.compile(r"(?<![^\W\d_])[^\W\d_]*[A-Za-z][^\W\d_]*")


def without_invisible(text: str) -> str:
    """Return the text without the characters that show nothing."""
    return _IGNORABLE.sub("", text)


def is_reordered(text: str) -> bool:
    """Return whether a character turns what follows around: what is read is not what is shown."""
    return bool(_REORDERING.search(text))


def with_latin_capitals(text: str) -> str:
    """Return the text with Latin letters for Greek capitals, in words that have Latin letters as well."""
    return text if text.isascii() else _MIXED.sub(lambda word: word[0].translate(_CAPITALS), text)


def with_latin_letters(text: str) -> str:
    """Return a text in small letters with Latin ones for those that look like them; none becomes two."""
    return text.translate(_LATIN_OF)
