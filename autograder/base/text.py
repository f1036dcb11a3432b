"""Text and values made safe to write: no control characters, no NaN."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

_LONGEST_TEXT: Final = 20_000


_CUT: Final = "\n… (cut)"


# What may not reach a browser or a terminal: controls, surrogates, and marks that reverse or hide text.
_UNSAFE: Final = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufff9-\ufffb]"
)


# What shows nothing of itself, and hides or turns what stands around it. Two joiners belong into names in some scripts.
_INVISIBLE: Final = re.compile(
    "[\u00ad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb\U000e0000-\U000e007f]"
)
_JOINERS: Final = re.compile("[\u200c\u200d]")
_CONTROLS: Final = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029]")


def show_name(name: str) -> str:
    """Return a name of somebody's choosing as everybody can read it: nothing hidden, no letters turned, on one line."""
    return _CONTROLS.sub(" ", _INVISIBLE.sub("", name)).encode("utf-8", "replace").decode("utf-8")


def drop_invisible(text: str) -> str:
    """Return what is left of a text to be compared: without anything that is not seen."""
    return _JOINERS.sub("", _INVISIBLE.sub("", text))


def clean(text: str) -> str:
    """Return `text` without characters that could deceive or break a reader, and not longer than a page."""
    text = _UNSAFE.sub("�", text)
    return text if len(text) <= _LONGEST_TEXT else text[: _LONGEST_TEXT - len(_CUT)] + _CUT


def strict(value: Any) -> Any:
    """Return `value` as JSON can hold it.

    There is no NaN, no infinity and nothing that deceives a reader; whatever JSON does not know becomes a text.
    """
    if value is None or isinstance(value, (bool, int)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Mapping):
        return {strict(str(key)): strict(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [strict(entry) for entry in value]
    return _UNSAFE.sub("�", str(value))


def list_some(words: Sequence[object], most: int, between: str = "; ") -> str:
    """Return the first `most` words in a row, and ` …` where there are more."""
    return between.join(map(str, words[:most])) + " …" * (len(words) > most)


def first_line(error: object) -> str:
    """Return what an error says, at most a line of it."""
    lines = str(error).strip().splitlines()
    return lines[0][:200] if lines else type(error).__name__


def with_plain_ends(code: bytes) -> bytes:
    r"""Return a file with `\n` at the end of each line: Python takes `\r` alone for one, too."""
    return code.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
