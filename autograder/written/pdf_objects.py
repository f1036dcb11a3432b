"""The objects of a PDF, as far as names may stand in them: its properties, descriptions, layers, paths, XMP metadata.

PDFium shows a page and its notes. What it does not show is looked for in the file, and in its compressed objects.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from contextlib import suppress
from typing import Final

from autograder.written.documents import Passage

_MOST_TEXT: Final = 200_000  # characters of a stream of metadata
_MOST_STRINGS: Final = 4_000
_MOST_STREAMS: Final = 400
_MOST_UNPACKED: Final = 2**24  # bytes of all compressed objects
_XMP: Final = re.compile(
    rb"/Metadata\b[^\n]{0,300}?>>\s{0,4}stream\r?\n|/Type\s?/Metadata\b[^>]{0,300}>>\s{0,4}stream\r?\n"
)
_OBJECTS: Final = re.compile(rb"/ObjStm\b[^>]{0,300}>>\s{0,4}stream\r?\n")
_STRING: Final = (
    rb"(?:\((?P<plain>(?:[^()\\]|\\.|\((?:[^()\\]|\\.){0,200}\)){1,500})\)|<(?P<hex>[\dA-Fa-f\s]{2,2000})>)"
)
_KEYED: Final = re.compile(
    rb"/(?P<key>Author|Creator|T|TU|V|DV|RC|Name|Reason|Location|ContactInfo|Contents|Subject|Subj|Title|Keywords"
    rb"|Company|Manager|Alt|E|F|UF|JS|P|PTEX\.FileName)\s{0,4}" + _STRING
)
_OBJECT: Final = re.compile(rb"(?<!\d)(\d{1,10})\s{1,4}\d{1,5}\s{1,4}obj\b")
_INFO: Final = re.compile(rb"/Info\s{1,4}(\d{1,9})\s{1,4}\d{1,5}\s{1,4}R")
_ENTRY: Final = re.compile(rb"/(?P<key>[\w.#-]{1,60})\s{0,4}" + _STRING)
_SENTENCES: Final = frozenset((b"Alt", b"JS", b"RC"))
_ESCAPED: Final = re.compile(rb"\\(?:([0-7]{1,3})|\r?\n|(.))", re.DOTALL)
_ESCAPES: Final = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}
_OF_INCLUDED: Final = "the path of an included file"


def passages(content: bytes, label: str) -> Iterator[Passage]:
    """Yield what the objects of a PDF say beside its pages."""
    yield from _metadata(content, label)
    count = 0
    for objects in (content, *_compressed(content)):
        for match in (*_KEYED.finditer(objects), *_information(content, objects)):
            count += 1
            if count > _MOST_STRINGS:
                return
            text = _decode(match)
            if match["key"] == b"PTEX.FileName":
                # pdfTeX writes it, and no program shows it.
                yield Passage(f"{label}: {_OF_INCLUDED}", text, "path", unchosen=True)
            else:
                kind = "text" if match["key"] in _SENTENCES else "metadata"
                yield Passage(f"{label}: its objects", text, kind)


def _metadata(content: bytes, label: str) -> Iterator[Passage]:
    for count, match in enumerate(_XMP.finditer(content)):
        if count > 20:
            break
        stream = content[match.end() : match.end() + _MOST_TEXT]
        with suppress(zlib.error):
            stream = zlib.decompressobj().decompress(stream, _MOST_TEXT)
        stream = stream.partition(b"endstream")[0]
        if b"<" in stream:
            yield Passage(f"{label}: its XMP metadata", stream.decode("utf-8", "replace"), "metadata")


def _compressed(content: bytes) -> Iterator[bytes]:
    """Yield the compressed objects, some megabytes of them."""
    left = _MOST_UNPACKED
    for count, match in enumerate(_OBJECTS.finditer(content)):
        if count > _MOST_STREAMS or left <= 0:
            return
        with suppress(zlib.error):
            unpacked = zlib.decompressobj().decompress(content[match.end() : match.end() + left], left)
            left -= len(unpacked)
            yield unpacked


def _information(content: bytes, objects: bytes) -> Iterator[re.Match[bytes]]:
    """Yield all entries of the properties, whatever they are called, where these are an object of their own."""
    for number in dict.fromkeys(match[1] for match in _INFO.finditer(content)):
        start = next((match for match in _OBJECT.finditer(objects) if match[1] == number), None)
        if start:
            end = objects.find(b"endobj", start.end(), start.end() + _MOST_TEXT)
            yield from _ENTRY.finditer(objects, start.end(), end if end >= 0 else start.end())


def _decode(match: re.Match[bytes]) -> str:
    """Return a string of a PDF: UTF-16 with its mark, UTF-8, or one byte a character."""
    if match["hex"]:
        digits = re.sub(rb"\s", b"", match["hex"])
        raw = bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode("ascii"))
    else:
        raw = _ESCAPED.sub(_unescape, match["plain"])
    if raw.startswith(b"\xfe\xff"):
        return raw[2:].decode("utf-16-be", "replace")
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def _unescape(match: re.Match[bytes]) -> bytes:
    if match[1]:
        return bytes([int(match[1], 8) & 255])
    return _ESCAPES.get(match[2] or b"", match[2] or b"")
