"""Markdown that cannot be broken out of: inline code, plurals, paragraphs."""

from __future__ import annotations

import re
from typing import Final

_LONGEST_QUOTE: Final = 300
#: Of an object in memory: it differs from run to run.
ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{4,}")


def code(text: str) -> str:
    """Return `text` as inline code, on one line, unable to end its own quoting."""
    flat = " ".join(text.split()).replace("`", "'")
    flat = ADDRESS.sub("0x…", flat)
    return f"`{flat[:_LONGEST_QUOTE]}{'…' if len(flat) > _LONGEST_QUOTE else ''}`" if flat else ""


def plural(count: int, noun: str) -> str:
    """Return `1 file`, `2 files`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def paragraphs(*sentences: str) -> str:
    """Return those that say something, an empty line between them."""
    return "\n\n".join(text for text in sentences if text)
