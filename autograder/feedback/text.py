"""Markdown that cannot be broken out of: inline code, plurals, paragraphs."""

from __future__ import annotations

import re
from typing import Final

from autograder.base.text import show_name

_LONGEST_QUOTE: Final = 300
_MARKUP: Final = re.compile(r"[\\`*_~\[\]<>&#!|$^{}]")
#: What some viewers make a link of by itself.
_AUTOMATIC: Final = re.compile(r"(?i)\b(https?|ftp|mailto|xmpp|www)([:.])")
#: Of an object in memory: it differs from run to run.
ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{4,}")


def code(text: str) -> str:
    """Return `text` as inline code, on one line, unable to end its own quoting."""
    flat = " ".join(text.split()).replace("`", "'")
    flat = ADDRESS.sub("0x…", flat)
    return f"`{flat[:_LONGEST_QUOTE]}{'…' if len(flat) > _LONGEST_QUOTE else ''}`" if flat else ""


def escape_markdown(text: str) -> str:
    """Return `text` on one line as Markdown that shows just that, in any viewer: no link, image, HTML or formula."""
    flat = " ".join(show_name(text).split())
    return _AUTOMATIC.sub(r"\1\\\2", _MARKUP.sub(r"\\\g<0>", flat))


def plural(count: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def paragraphs(*sentences: str) -> str:
    """Return those that say something, an empty line between them."""
    return "\n\n".join(text for text in sentences if text)
