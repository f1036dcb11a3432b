"""IDX files, the format that MNIST is published in: found, read within bounds, and checked."""

from __future__ import annotations

import gzip
import zlib
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from .images import SIDE, Bytes, DataError

if TYPE_CHECKING:
    from typing import BinaryIO

FEWEST_IMAGES = 10  # so that a split leaves something on both sides
LARGEST_ARRAY = 200_000_000  # bytes; MNIST's largest has 47 million
WHAT_TO_DO = "Put MNIST's own file there, or name another folder with --data DIR."


def find(folder: Path, part: str) -> Path | None:
    """Return the file of, say, "train-images" under whichever of its usual names it has."""
    kind = "idx3" if part.endswith("images") else "idx1"
    names = [f"{part}{mark}{kind}-ubyte{suffix}" for mark in "-." for suffix in (".gz", "")]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def read_pair(folder: Path, prefix: str) -> tuple[Bytes, Bytes]:
    """Return the images (n, 28, 28) and labels (n,) of "train" or "t10k"."""
    paths = find(folder, f"{prefix}-images"), find(folder, f"{prefix}-labels")
    if paths[0] is None or paths[1] is None:
        missing = f"{prefix}-images-idx3-ubyte" if paths[0] is None else f"{prefix}-labels-idx1-ubyte"
        raise DataError(f"{folder} holds no {missing}, plain or .gz. {WHAT_TO_DO}")
    images, labels = _read_idx(paths[0], (SIDE, SIDE)), _read_idx(paths[1], ())
    if len(images) != len(labels):
        raise DataError(
            f"{paths[1]} holds {len(labels):,} labels: expected {len(images):,}, one for each image in "
            f"{paths[0].name}. {WHAT_TO_DO}"
        )
    if len(images) < FEWEST_IMAGES:
        raise DataError(f"{paths[0]}: {len(images)} images, expected {FEWEST_IMAGES} or more. {WHAT_TO_DO}")
    if (largest := int(np.max(labels))) > 9:
        raise DataError(f"{paths[1]} holds the label {largest}: expected digits, 0 to 9. {WHAT_TO_DO}")
    return images, labels


def _read_idx(path: Path, item: tuple[int, ...]) -> Bytes:
    """Read an IDX file of bytes, shape (n, *item), gzipped or not, and no more than its header promises.

    The format, http://yann.lecun.com/exdb/mnist/: 0, 0, 8 for unsigned bytes, the rank, each dimension in
    four bytes with the highest first, the data.
    """
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"  # by content: some browsers unpack a .gz and keep its name
            raw.seek(0)
            with gzip.open(raw) if packed else raw as file:
                return _parse_idx(file, path, item)
    except (EOFError, OSError, zlib.error) as error:
        raise DataError(f"{path} cannot be read ({error}): damaged or cut short. {WHAT_TO_DO}") from error


def _parse_idx(file: BinaryIO | gzip.GzipFile, path: Path, item: tuple[int, ...]) -> Bytes:
    """Read an unpacked IDX file from its start to its end."""
    magic = bytes([0, 0, 8, 1 + len(item)])
    found = file.read(4)
    if found != magic:
        raise DataError(f"{path} starts with [{found.hex(' ')}]: expected [{magic.hex(' ')}]. {WHAT_TO_DO}")
    dimensions = file.read(4 * magic[3])
    if len(dimensions) < 4 * magic[3]:
        raise DataError(f"{path} is cut short within its header. {WHAT_TO_DO}")
    shape = tuple(int(size) for size in np.frombuffer(dimensions, dtype=">u4"))
    if shape[1:] != item:
        raise DataError(f"{path} holds items of shape {shape[1:]}: expected {item}. {WHAT_TO_DO}")
    size = prod(shape)
    if size > LARGEST_ARRAY:
        raise DataError(f"{path} promises {size:,} bytes: expected {LARGEST_ARRAY:,} at most. {WHAT_TO_DO}")
    data = file.read(size)
    if len(data) < size:
        raise DataError(f"{path} is cut short: {len(data):,} bytes, expected {size:,}. {WHAT_TO_DO}")
    if file.read(1):  # at the end of a .gz this is also what checks its checksum
        raise DataError(f"{path} goes on after the expected {size:,} bytes. {WHAT_TO_DO}")
    return np.frombuffer(data, dtype=np.uint8).reshape(shape)
