"""What an archive says beside its files: a zip's comments, the accounts in a tar, the name that gzip kept."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Final

from autograder.intake import archive
from autograder.written.documents import Passage

_MOST_MEMBERS: Final = 5_000
_LONGEST_HEAD: Final = 2**17  # bytes of a gzip's header
_COMMENT: Final = "a comment in the zip"
_ACCOUNT: Final = "the account that the tar was packed with"
_GZIP_NAME: Final = "the name that gzip kept"


def passages(source: Path | bytes, label: str = "") -> list[Passage]:
    """Return the texts of an archive, by its path or as what it holds, in which a name may stand.

    label: what a document is called that is a zip itself. What cannot be read is left out: the intake tells of it.
    """
    found: list[Passage] = []
    with suppress(OSError, ValueError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, MemoryError):
        found += _zip(source, label)
    if not found and not label:
        with suppress(OSError, ValueError, EOFError, zlib.error, MemoryError):
            found += _gzip(source)
        with suppress(archive.ArchiveError, OSError):
            owners = {name for one in archive.tar_members(source, _MOST_MEMBERS) for name in one.owners if name}
            found += [Passage(_ACCOUNT, name, "author", unchosen=True) for name in sorted(owners)]
    return found


def _zip(source: Path | bytes, label: str) -> Iterator[Passage]:
    where = f"{_COMMENT} of {label}" if label else _COMMENT
    with archive.open_bounded(source) as file:
        if file.read(2) != b"PK":
            return
        with zipfile.ZipFile(file) as zipped:
            comments = dict.fromkeys([zipped.comment, *(one.comment for one in zipped.infolist()[:_MOST_MEMBERS])])
    for comment in comments:
        if comment.strip():
            yield Passage(where, comment.decode("utf-8", "replace"))


def _gzip(source: Path | bytes) -> Iterator[Passage]:
    """Yield the file's name and the comment in a gzip's header, which end in a zero each (RFC 1952)."""
    with archive.open_bounded(source) as file:
        head = file.read(_LONGEST_HEAD)
    if head[:2] != b"\x1f\x8b" or len(head) < 12:
        return
    flags, position = head[3], 10
    if flags & 4:
        position += 2 + int.from_bytes(head[10:12], "little")
    for flag, where in ((8, _GZIP_NAME), (16, "a comment that gzip kept")):
        if flags & flag:
            text, end, _ = head[position:].partition(b"\0")
            position += len(text) + len(end)
            yield Passage(where, text.decode("latin-1"), "path" if flag == 8 else "text", unchosen=flag == 8)
