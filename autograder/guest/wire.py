"""What crosses the wall: framed messages of plain arrays, short texts, lists and mappings; never a pickle.

Both sides encode with it. The grader decodes what a submission's process sent, so `decode` believes nothing:
counts, ranks, sizes and depths are bounded before anything is allocated.
"""

from __future__ import annotations

import math
import struct
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import Any, Final

import numpy as np

MAGIC: Final = b"BRS1"
NONCE_BYTES: Final = 16
HEADER: Final = struct.Struct("<4s16sBQ")  # magic, nonce, kind, payload bytes

# The first word of every worker, said before anything of a submission can speak: the wall stands, or why not.
HELD: Final = b"HELD"
LOCK: Final = b"LOCK"

# The kinds of frame: more will follow; the final answer; an exception; what the submission asked for and did not get;
# what of the grader's own failed beside the submission, which went on without it; what ran and is still to be written;
# what it took from a stand-in and computed with; where it still is, which takes long; the end of what it printed.
PART, LAST, FAILURE, REFUSED, FAULT, UNFINISHED, INERT_USES, STILL, PRINTED = 1, 2, 3, 4, 5, 6, 7, 8, 9

#: How many handouts the zygote keeps, by number, for requests to name.
MOST_HANDOUTS: Final = 16

_NONE, _ARRAY, _LIST, _NAMED, _TEXT, _BYTES, _SHARED = range(7)
_DTYPES: Final = (np.dtype(np.bool_), np.dtype(np.int64), np.dtype(np.float32), np.dtype(np.float64))
_CODES: Final = {dtype: code for code, dtype in enumerate(_DTYPES)}
_NUMBERS: Final = {code: struct.Struct("<" + code) for code in "BHIQ"}
_SHARED_ALIGNMENT: Final = 64
_LONGEST_AXIS: Final = 2**31


class WireError(ValueError):
    """A message breaks the format or its limits: what is wrong, and at which byte."""


class TooManyNodesError(WireError):
    """The messages of one exchange hold more values than an `Allowance` has left."""


@dataclass
class Allowance:
    """How many values may still be decoded, in all messages that it is given for."""

    nodes: int


@dataclass(frozen=True)
class Bounds:
    """What a decoder accepts of one message at most."""

    message_bytes: int = 64 * 2**20
    nodes: int = 20_000
    depth: int = 6
    rank: int = 8
    text_bytes: int = 4_096


@dataclass(frozen=True, slots=True)
class Text:
    """A text, or in an answer the description of a value that is no array (`a dict`, `a str`)."""

    text: str


class SharedArrays:
    """Arrays laid out one after another in one file, which a worker maps instead of receiving a copy."""

    def __init__(self) -> None:
        self.size = 0

    def add(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> SharedArray:
        """Plan an array (any shape; bool, int64, float32 or float64) into the file; returns what to send."""
        offset = -(-self.size // _SHARED_ALIGNMENT) * _SHARED_ALIGNMENT
        self.size = offset + math.prod(shape) * dtype.itemsize
        return SharedArray(offset, dtype, shape)


@dataclass(frozen=True)
class SharedArray:
    """The place of an array in the shared file."""

    offset: int
    dtype: np.dtype[Any]
    shape: tuple[int, ...]


class Encoded(Mapping[str, Any]):
    """A mapping that is sent more than once within others, and encoded once: what is in it must not change."""

    def __init__(self, mapping: Mapping[str, Any]) -> None:
        self._mapping = dict(mapping)

    def __getitem__(self, name: str) -> Any:
        return self._mapping[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._mapping)

    def __len__(self) -> int:
        return len(self._mapping)

    @cached_property
    def encoded(self) -> bytes:
        """The mapping as it crosses."""
        parts: list[bytes] = []
        _encode_named(self._mapping, parts, 1)
        return b"".join(parts)


def frame(kind: int, nonce: bytes, payload: bytes) -> bytes:
    """Return one message, ready to be written."""
    return HEADER.pack(MAGIC, nonce, kind, len(payload)) + payload


def too_large_a_frame(nonce: bytes) -> bytes:
    """Return the beginning of a message that is longer than any that is read: what says that there is too much."""
    return HEADER.pack(MAGIC, nonce, LAST, 2**63)


def encode(value: object) -> bytes:
    """Return the payload for a tree of None, numbers, arrays, texts, bytes, lists, tuples and mappings.

    An array of a foreign dtype is brought to the nearest of the four that cross; anything else crosses
    as a `Text` that describes it, so that the other side can say what was returned.
    """
    parts: list[bytes] = []
    _encode(value, parts, 0)
    return b"".join(parts)


def _encode(value: object, parts: list[bytes], depth: int) -> None:
    if depth > Bounds.depth:
        _encode_text("a list nested too deeply", parts)
    elif value is None:
        parts.append(bytes([_NONE]))
    elif isinstance(value, SharedArray):
        parts.append(bytes([_SHARED, _CODES[value.dtype], len(value.shape)]))
        parts.append(struct.pack(f"<{len(value.shape) + 1}Q", *value.shape, value.offset))
    elif isinstance(value, Text):
        _encode_text(value.text, parts)
    elif isinstance(value, bytes):
        parts.append(struct.pack("<BI", _BYTES, len(value)) + value)
    elif isinstance(value, str):
        _encode_text(value, parts)
    elif isinstance(value, Mapping):
        _encode_named(value, parts, depth)
    elif isinstance(value, (list, tuple)):
        if len(value) > Bounds.nodes:
            _encode_text(f"a list of {len(value)} entries", parts)
            return
        parts.append(struct.pack("<BH", _LIST, len(value)))
        for child in value:
            _encode(child, parts, depth + 1)
    else:
        _encode_array(value, parts)


def _encode_named(value: Mapping[Any, Any], parts: list[bytes], depth: int) -> None:
    if isinstance(value, Encoded):
        parts.append(value.encoded)
        return
    parts.append(struct.pack("<BH", _NAMED, len(value)))
    for name, child in value.items():
        label = str(name).encode("utf-8", "replace")[: Bounds.text_bytes]
        parts.append(struct.pack("<H", len(label)) + label)
        _encode(child, parts, depth + 1)


def _encode_text(text: str, parts: list[bytes]) -> None:
    raw = text.encode("utf-8", "replace")[: Bounds.text_bytes]
    parts.append(struct.pack("<BH", _TEXT, len(raw)) + raw)


def _encode_array(value: object, parts: list[bytes]) -> None:
    if isinstance(value, (Fraction, Decimal)):
        with suppress(ValueError, OverflowError):
            value = float(value)
    if not isinstance(value, (np.ndarray, np.generic, bool, int, float)):
        _encode_text(f"{_article(type(value).__name__)}", parts)
        return
    try:
        array = np.array(value, copy=True, subok=False)  # a Tensor becomes the plain array under it
    except (TypeError, ValueError, OverflowError) as error:
        _encode_text(f"a value that NumPy cannot read ({type(error).__name__})", parts)
        return
    dtype = _nearest(array.dtype)
    if dtype is None and array.ndim == 0 and array.dtype == object and array.item() is None:
        parts.append(bytes([_NONE]))  # a Tensor made of what a function without `return` gives
        return
    if dtype is None:
        _encode_text(_describe_entries(array), parts)
        return
    array = np.ascontiguousarray(array, dtype=dtype).reshape(array.shape)
    parts.append(bytes([_ARRAY, _CODES[dtype], array.ndim]))
    parts.append(struct.pack(f"<{array.ndim}Q", *array.shape))
    parts.append(array.tobytes())


def _describe_entries(array: np.ndarray) -> str:
    """Return what an array is that holds no numbers; where `None` is in it, that is why."""
    if array.dtype == object and array.size:
        missing = sum(entry is None for entry in array.flat)
        if missing:
            return "an array that holds None alone" if missing == array.size else "an array that holds None"
    return f"an array of dtype {array.dtype}"


def _article(name: str) -> str:
    return f"{'an' if name[:1].lower() in 'aeiou' else 'a'} {name}"


def _nearest(dtype: np.dtype[Any]) -> np.dtype[Any] | None:
    if dtype in _CODES:
        return dtype
    if dtype.kind in "iu":
        return np.dtype(np.int64)
    if dtype.kind == "f":
        return np.dtype(np.float32) if dtype.itemsize < 4 else np.dtype(np.float64)
    return None


def decode(
    payload: bytes | memoryview, bounds: Bounds | None = None, shared: Any = None, allowance: Allowance | None = None
) -> Any:
    """Return the tree in `payload`: None, ndarrays (of their own memory), `Text`, bytes, lists and dicts.

    `shared` is the mapped file that `SharedArray`s point into; without it they are refused. allowance: of several
    messages together, reduced by this one.
    Raises WireError on anything malformed, oversized, or left over.
    """
    bounds = bounds or Bounds()
    reader = _Reader(memoryview(payload), bounds, shared, allowance or Allowance(bounds.nodes))
    value = reader.value(0)
    if reader.position != len(reader.data):
        raise WireError(f"{len(reader.data) - reader.position} bytes are left over")
    return value


class _Reader:
    def __init__(self, data: memoryview, bounds: Bounds, shared: Any, allowance: Allowance) -> None:
        if len(data) > bounds.message_bytes:
            raise WireError(f"{len(data)} bytes are more than the {bounds.message_bytes} allowed")
        self.data, self.bounds, self.shared, self.allowance = data, bounds, shared, allowance
        self.position = self.nodes = 0

    def take(self, count: int) -> memoryview:
        end = self.position + count
        if count < 0 or end > len(self.data):
            raise WireError(f"{count} bytes are announced at byte {self.position}, which are not there")
        piece = self.data[self.position : end]
        self.position = end
        return piece

    def number(self, code: str) -> int:
        layout = _NUMBERS[code]
        return int(layout.unpack(self.take(layout.size))[0])

    def text(self) -> str:
        length = self.number("H")
        if length > self.bounds.text_bytes:
            raise WireError(f"a text of {length} bytes at byte {self.position}")
        return bytes(self.take(length)).decode("utf-8", "replace")

    def value(self, depth: int) -> Any:
        self.nodes += 1
        self.allowance.nodes -= 1
        if self.allowance.nodes < 0:
            raise TooManyNodesError(f"more values than all messages together may hold, at byte {self.position}")
        if self.nodes > self.bounds.nodes or depth > self.bounds.depth + 1:
            raise WireError(f"too many values, or nested too deeply, at byte {self.position}")
        tag = self.number("B")
        if tag == _NONE:
            return None
        if tag in (_ARRAY, _SHARED):
            return self.array(in_file=tag == _SHARED)
        if tag == _LIST:
            return [self.value(depth + 1) for _ in range(self.number("H"))]
        if tag == _NAMED:
            # The name is read before its value: both sit in one expression so that order is the wire's.
            return {self.text(): self.value(depth + 1) for _ in range(self.number("H"))}
        if tag == _TEXT:
            return Text(self.text())
        if tag == _BYTES:
            return bytes(self.take(self.number("I")))
        raise WireError(f"an unknown tag {tag} at byte {self.position - 1}")

    def array(self, *, in_file: bool) -> np.ndarray:
        code, rank = self.number("B"), self.number("B")
        if code >= len(_DTYPES) or rank > self.bounds.rank:
            raise WireError(f"an array of dtype code {code} and rank {rank} at byte {self.position}")
        dtype = _DTYPES[code]
        shape = tuple(self.number("Q") for _ in range(rank))
        count = 1
        for length in shape:
            if length > _LONGEST_AXIS:
                raise WireError(f"an axis of length {length} at byte {self.position}")
            count *= length  # a Python integer: it cannot wrap around
        # An empty array may have axes of any length, and whoever stacks or broadcasts it would run into them.
        if count == 0 and math.prod(filter(None, shape)) > _LONGEST_AXIS:
            raise WireError(f"an empty array with absurd axes at byte {self.position}")
        if not in_file:
            flat = np.frombuffer(self.take(count * dtype.itemsize), dtype)
            try:
                return flat.reshape(shape).copy()
            except ValueError as error:  # an empty array whose other axes multiply beyond any address
                raise WireError(f"a shape that no array can have at byte {self.position}") from error
        offset = self.number("Q")
        if self.shared is None or offset + count * dtype.itemsize > len(self.shared):
            raise WireError("a shared array where nothing is shared, or beyond its end")
        return np.frombuffer(self.shared, dtype, count, offset).reshape(shape)
