"""How what the reader found crosses to the grader: JSON and the bytes of pictures behind it. Nothing is pickled.

Texts cross as they are, with the characters that nobody sees: names are looked for in them, and whoever writes a text
for people takes these out then. Only what no file could hold, half of a surrogate pair, is replaced.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeVar

from autograder.written.documents import Document, Passage, Picture, Piece, Section
from autograder.written.submission import WrittenSubmission

LARGEST: Final = 160 * 2**20
_LONGEST_TEXT: Final = 40_000_000  # characters of all texts together
_SURROGATE: Final = re.compile(r"[\ud800-\udfff]")
T = TypeVar("T")


class _FormError(ValueError):
    """The reader wrote what it never would."""


def pack(submission: WrittenSubmission, *, with_originals: bool) -> bytes:
    """Return everything that was read, as bytes."""
    packer = _Packer()
    documents = [
        {
            "texts": [one.label, one.kind, one.problem, one.audience, one.note],
            "sections": {
                name: {
                    "pieces": [packer.piece(piece) for piece in section.pieces],
                    "fields": dict(section.fields),
                    "pages": list(section.pages),
                    "unsure": dict(section.unsure),
                }
                for name, section in one.sections.items()
            },
            "code cells": list(one.code_cells),
            "passages": [packer.passage(passage) for passage in one.passages],
            "outside": [packer.piece(piece) for piece in one.outside],
        }
        for one in submission.documents
    ]
    content = {
        "documents": documents,
        "passages": [packer.passage(passage) for passage in submission.passages],
        "notes": list(submission.notes),
        "names": list(submission.names),
        "digest": submission.digest,
        "originals": {label: packer.keep(content) for label, content in submission.originals.items() if with_originals},
    }
    return packer.whole(content)


def pack_refusal(text: str) -> bytes:
    """Return why nothing could be read, as bytes."""
    return _Packer().whole({"refused": text})


def pack_pictures(pictures: Sequence[bytes]) -> bytes:
    """Pictures, as bytes."""
    packer = _Packer()
    return packer.whole({"pictures": [packer.keep(picture) for picture in pictures]})


def unpack(output: bytes) -> WrittenSubmission | str | None:
    """Return what `pack` was given, or the text of a refusal; None where the output is of another form."""
    try:
        content, unpacker = _open(output)
        return content["refused"] if isinstance(content.get("refused"), str) else unpacker.submission(content)
    except (ValueError, KeyError, TypeError, IndexError, RecursionError):
        return None


def unpack_pictures(output: bytes) -> list[bytes]:
    """Return what `pack_pictures` was given; none where the output is of another form."""
    try:
        content, unpacker = _open(output)
        return [unpacker.read_kept(entry) for entry in _list(content["pictures"])]
    except (ValueError, KeyError, TypeError, RecursionError):
        return []


class _Packer:
    def __init__(self) -> None:
        self.blobs: list[bytes] = []
        self.places: dict[bytes, list[int]] = {}
        self.length = 0

    def keep(self, content: bytes) -> list[int]:
        if content not in self.places:
            self.places[content] = [self.length, len(content)]
            self.blobs.append(content)
            self.length += len(content)
        return self.places[content]

    def piece(self, piece: Piece) -> list[Any]:
        shown = [
            [None if one.content is None else self.keep(one.content), one.own, one.on_page] for one in piece.pictures
        ]
        return [piece.text, piece.place, piece.apart, piece.is_code, shown]

    def passage(self, passage: Passage) -> list[Any]:
        return [passage.where, passage.text, passage.kind, passage.numbered, passage.unchosen]

    def whole(self, content: Any) -> bytes:
        head = json.dumps(content).encode("ascii")
        return b"".join([len(head).to_bytes(8, "big"), head, *self.blobs])


def _open(output: bytes) -> tuple[Mapping[str, Any], _Unpacker]:
    length = int.from_bytes(output[:8], "big")
    content = json.loads(output[8 : 8 + length])
    if not isinstance(content, dict):
        raise _FormError
    return content, _Unpacker(output[8 + length :])


class _Unpacker:
    """Rebuilds values, each checked: a text is a text, a place of bytes lies within them."""

    def __init__(self, blob: bytes) -> None:
        self.blob = blob
        self.left = _LONGEST_TEXT

    def read_kept(self, entry: Any) -> bytes:
        start, length = (_check_type(one, int) for one in _list(entry))
        if not 0 <= start <= start + length <= len(self.blob):
            raise _FormError
        return self.blob[start : start + length]

    def text(self, value: Any) -> str:
        text = _check_type(value, str)
        self.left -= len(text)
        if self.left < 0:
            raise _FormError
        return _SURROGATE.sub("�", text)

    def texts(self, value: Any) -> tuple[str, ...]:
        return tuple(self.text(entry) for entry in _list(value))

    def piece(self, value: Any) -> Piece:
        text, place, apart, is_code, shown = _list(value)
        pictures = tuple(
            Picture(
                None if content is None else self.read_kept(content), _check_type(own, bool), _check_type(on_page, bool)
            )
            for content, own, on_page in _list(shown)
        )
        return Piece(self.text(text), self.text(place), self.text(apart), _check_type(is_code, bool), pictures)

    def passage(self, value: Any) -> Passage:
        where, text, kind, numbered, unchosen = _list(value)
        flags = _check_type(numbered, bool), _check_type(unchosen, bool)
        return Passage(self.text(where), self.text(text), self.text(kind), *flags)

    def document(self, value: Mapping[str, Any]) -> Document:
        label, kind, problem, audience, note = self.texts(value["texts"])
        cells = self.texts(value["code cells"])
        sections = {
            name: Section(
                tuple(self.piece(piece) for piece in _list(entry["pieces"])),
                {field: self.text(given) for field, given in entry["fields"].items()},
                tuple(_check_type(page, int) for page in _list(entry["pages"])),
                {field: self.text(why) for field, why in entry["unsure"].items()},
            )
            for name, entry in value["sections"].items()
        }
        passages = tuple(self.passage(passage) for passage in _list(value["passages"]))
        outside = tuple(self.piece(piece) for piece in _list(value["outside"]))
        return Document(label, kind, sections, passages, problem, audience, cells, outside, note)

    def submission(self, content: Mapping[str, Any]) -> WrittenSubmission:
        return WrittenSubmission(
            documents=tuple(self.document(document) for document in _list(content["documents"])),
            passages=tuple(self.passage(passage) for passage in _list(content["passages"])),
            notes=self.texts(content["notes"]),
            names=self.texts(content["names"]),
            digest=self.text(content["digest"]),
            originals={self.text(label): self.read_kept(entry) for label, entry in content["originals"].items()},
        )


def _check_type(value: Any, kind: type[T]) -> T:
    if type(value) is not kind:
        raise _FormError
    return value


def _list(value: Any) -> list[Any]:
    return _check_type(value, list)
