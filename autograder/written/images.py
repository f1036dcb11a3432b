"""What a picture says beside its pixels: text chunks, EXIF, XMP, comments; and the picture without them."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Iterator
from typing import Final

_MOST_TEXT: Final = 2**16
_ASCII: Final = re.compile(rb"[\x20-\x7e\xc2-\xf4][\x20-\x7e\x80-\xf4]{2,}")
_WIDE: Final = re.compile("[ -~\u00a0-\u1fff\u2010-\u2019\u3040-\u9fff\uac00-\ud7af]{3,}")
_EXIF: Final = b"Exif\0\0"
_KEPT: Final = {b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"sRGB", b"pHYs"}


def media_type(content: bytes) -> str:
    """Return `image/png`, `image/jpeg` or `image/gif` by the first bytes; nothing for what is none of them."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    return "image/gif" if content[:6] in (b"GIF87a", b"GIF89a") else ""


def png_texts(content: bytes) -> Iterator[tuple[str, str]]:
    """Yield key and text of every text chunk of a PNG (W3C Recommendation of 2003, 11.3.4); nothing of other bytes."""
    for kind, chunk in png_chunks(content):
        key, _, rest = chunk.partition(b"\0")
        label = key.decode("latin-1")
        if kind == b"tEXt":
            yield label, rest.decode("latin-1")
        elif kind == b"zTXt":
            yield label, _inflate(rest[1:]).decode("latin-1")
        elif kind == b"iTXt" and len(rest) > 2:
            _, _, body = rest[2:].partition(b"\0")
            _, _, body = body.partition(b"\0")
            yield label, (_inflate(body) if rest[0] else body).decode("utf-8", "replace")


def png_chunks(content: bytes) -> Iterator[tuple[bytes, bytes]]:
    """Yield the kind and the content of every whole chunk of a PNG; none of other bytes."""
    if not content.startswith(b"\x89PNG\r\n\x1a\n"):
        return
    position = 8
    while position + 8 <= len(content):
        length, kind = struct.unpack_from(">I4s", content, position)
        yield kind, content[position + 8 : position + 8 + length]
        position += 12 + length


def _inflate(packed: bytes, most: int = 2**18) -> bytes:
    try:
        return zlib.decompressobj().decompress(packed, most)
    except zlib.error:
        return b""


def texts(content: bytes) -> Iterator[str]:
    """Yield every text that the picture's metadata hold, of a PNG, JPEG, GIF, TIFF, WebP or SVG."""
    kind = media_type(content)
    if kind == "image/png":
        for key, text in png_texts(content):
            yield f"{key}\n{text}"[:_MOST_TEXT]
        for chunk_kind, chunk in png_chunks(content):
            if chunk_kind not in _KEPT and chunk_kind not in (b"tEXt", b"zTXt", b"iTXt"):
                yield from strings(chunk)
    elif kind == "image/jpeg":
        for marker, segment in _segments(content):
            if 0xE0 <= marker <= 0xEF or marker == 0xFE:
                yield from strings(segment)
    elif content[:4] in (b"II*\0", b"MM\0*") or content[:4] == b"RIFF" or kind == "image/gif":
        # Pixels of these come out as noise, and noise spells nobody's name.
        yield from strings(content[:_MOST_TEXT])
        yield from strings(content[-_MOST_TEXT:])
    elif b"<svg" in content[:2000]:
        yield content.decode("utf-8", "replace")[:_MOST_TEXT]


def strings(content: bytes) -> Iterator[str]:
    """Yield what reads as text in bytes of an unknown layout, in UTF-8 and UTF-16."""
    content = content[:_MOST_TEXT]
    for match in _ASCII.finditer(content):
        yield match[0].decode("utf-8", "replace")
    for start in (0, 1):
        yield from _WIDE.findall(content[start:].decode("utf-16-le", "replace"))


def _segments(content: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield a JPEG's markers and their segments, up to the pixels."""
    position = 2
    while position + 4 <= len(content) and content[position] == 0xFF:
        marker, length = struct.unpack_from(">xBH", content, position)
        if marker == 0xDA:
            return
        yield marker, content[position + 4 : position + 2 + length]
        position += 2 + length


def strip_metadata(content: bytes) -> bytes:
    """Return the picture without its metadata, save how a JPEG is to be shown; empty for what is no PNG or JPEG."""
    if media_type(content) == "image/png":
        chunks = [(kind, chunk) for kind, chunk in png_chunks(content) if kind in _KEPT]
        return b"\x89PNG\r\n\x1a\n" + b"".join(
            struct.pack(">I", len(chunk)) + kind + chunk + struct.pack(">I", zlib.crc32(kind + chunk))
            for kind, chunk in chunks
        )
    if media_type(content) == "image/jpeg":
        head, position = b"\xff\xd8", 2
        for marker, segment in _segments(content):
            kept = _needed(marker, segment) if 0xE0 <= marker <= 0xEF or marker == 0xFE else segment
            if kept or kept is segment:
                head += struct.pack(">BBH", 0xFF, marker, len(kept) + 2) + kept
            position += 4 + len(segment)
        return head + content[position:]
    return b""


def _needed(marker: int, segment: bytes) -> bytes:
    """Return what of a JPEG's metadata a browser needs: a photograph's orientation, and what its colours mean."""
    if marker == 0xEE and segment.startswith(b"Adobe"):
        return segment[:12]  # of fixed length, without a text
    if marker == 0xE1 and segment.startswith(_EXIF) and (turned := _orientation(segment[len(_EXIF) :])):
        # One entry, the orientation (tag 0x112, a short), in big-endian order, and no other directory.
        return _EXIF + struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, 0x112, 3, 1, turned, 0, 0)
    return b""


def _orientation(tiff: bytes) -> int:
    """Return the orientation (2 to 8) that EXIF gives; 0 where it is upright or says nothing."""
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2], "")
    if not order or len(tiff) < 8:
        return 0
    (start,) = struct.unpack_from(f"{order}I", tiff, 4)
    if start + 2 > len(tiff):
        return 0
    (count,) = struct.unpack_from(f"{order}H", tiff, start)
    for place in range(start + 2, min(start + 2 + 12 * count, len(tiff) - 11), 12):
        tag, kind, _, value = struct.unpack_from(f"{order}HHIH", tiff, place)
        if (tag, kind) == (0x112, 3):
            return value if 2 <= value <= 8 else 0
    return 0


def png(width: int, height: int, channels: int, pixels: bytes, stride: int) -> bytes:
    """Return the picture of these pixels, rows of `stride` bytes with `channels` (1, 3 or 4) bytes for each pixel."""
    colour = {1: 0, 3: 2, 4: 6}[channels]
    rows = b"".join(b"\0" + pixels[start : start + width * channels] for start in range(0, stride * height, stride))
    head = struct.pack(">IIBBBBB", width, height, 8, colour, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 6)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(chunk)) + kind + chunk + struct.pack(">I", zlib.crc32(kind + chunk))
        for kind, chunk in chunks
    )
