"""The images that training checks learn from: MNIST where it is at hand, else digits that come with us.

`digits.npz` beside this module holds the test set of E. Alpaydin and C. Kaynak, "Optical Recognition of
Handwritten Digits", UCI Machine Learning Repository, 1998, https://doi.org/10.24432/C50P49, licensed
CC BY 4.0: 1,797 images of 8x8 pixels, values 0 to 16, as scikit-learn ships them
(`scripts/make_digits.py`). What `load` makes of them is changed: enlarged, shifted, slanted, scaled, thinned and
stretched in contrast, until networks learn them neither more nor less easily than MNIST.
"""

from __future__ import annotations

import gzip
import hashlib
import os
import tempfile
import zlib
from contextlib import suppress
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from autograder.base.errors import AssignmentError, GraderError
from autograder.base.gradescope import HOME

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import BinaryIO

__all__ = [
    "CHECKSUMS",
    "MIRRORS",
    "UPLOADED_TO",
    "DataError",
    "Digits",
    "default_folder",
    "fetch",
    "files",
    "load",
]

Bytes = npt.NDArray[np.uint8]

MIRRORS = (
    "https://ossci-datasets.s3.amazonaws.com/mnist/",
    "https://storage.googleapis.com/cvdf-datasets/mnist/",
    "https://raw.githubusercontent.com/fgnt/mnist/master/",
)
CHECKSUMS = {  # MD5 of each file of MNIST
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}

EMBEDDED = Path(__file__).with_name("digits.npz")
CITATION = (
    "E. Alpaydin and C. Kaynak, Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, "
    "1998, https://doi.org/10.24432/C50P49, CC BY 4.0, enlarged, shifted, slanted, scaled and thinned"
)

UPLOADED_TO = "data/mnist"  # the folder of an upload that holds the files
SIDE = 28  # pixels
FEWEST_IMAGES = 10  # so that a split leaves something on both sides
LARGEST_ARRAY = 200_000_000  # bytes; MNIST's largest has 47 million
LARGEST_DOWNLOAD = 20_000_000  # bytes; MNIST's largest file has 10 million
PATIENCE = 20  # seconds without a byte from a mirror

TRAIN_PER_CLASS, TEST_PER_CLASS = 144, 30  # of UCI's originals: its rarest digit has 174
SPLIT = 200_001  # picks which: of ten splits tried, one on which usual solutions reach 98 %
COPIES = 25  # of each original, every one in another shape
TRAIN_SHAPES, TEST_SHAPES = 250, 250  # in all; those that share one are other originals
UNIT = 64  # to one of the 8x8 pixels: positions are integers, so that every machine makes the same images
# What a shape is drawn from, lowest and highest. By these networks do on the digits as they do on MNIST: measured in
# docs/explanation/training.md. Lengths are in UNIT, as they change from one of the 28x28 pixels to the next.
SHAPES = {
    "width": (22, 29),  # a digit is 23 to 18 pixels wide
    "height": (22, 27),
    "slant": (-5, 5),
    "turn": (-2, 2),
    "right": (-34, 34),  # of the whole digit: 1.3 pixels
    "down": (-34, 34),
    "paper": (40, 100),  # what is fainter than so many 256ths of full ink is blank: thick strokes to thin ones
    "edge": (16, 32),  # sixteenths of the contrast that just reaches white: soft strokes to hard ones
}
# Where MNIST's test images are all there is, right solutions do not learn enough from 8,000 in their few epochs: each
# is set where it is and one pixel to every side, as long as that makes no more than MNIST has.
PLACES = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
ALL_OF_MNIST = 60_000

WHAT_TO_DO = "Put MNIST's own file there, or name another folder with --data DIR."


class DataError(AssignmentError):
    """Images that cannot be read or fetched; whoever chose the folder can mend it."""


@dataclass(frozen=True, eq=False)
class Digits:
    """Images uint8 (n, 28, 28) from 0 to 255, labels uint8 (n,) from 0 to 9, all read-only; what they are."""

    train_images: Bytes
    train_labels: Bytes
    test_images: Bytes
    test_labels: Bytes
    name: str
    source: str


def default_folder() -> Path:
    """Return MNIST's place: $AUTOGRADER_DATA, else /autograder/data if there, else the project's data/mnist."""
    chosen = os.environ.get("AUTOGRADER_DATA")
    if chosen:
        return Path(chosen)
    mounted = HOME / "data"
    return mounted if mounted.is_dir() else Path(__file__).resolve().parents[1] / "data" / "mnist"


def load(folder: Path | None = None, seed: int = 1) -> Digits:
    """Read MNIST from `folder`; without one, from the default folder if there, else the embedded digits.

    seed: what the embedded digits are varied by. With a secret one nobody has seen the images before.

    The four IDX files may be gzipped or plain; with only t10k's two, those are split 4 to 1, and of each image to learn
    from five are made, by a pixel's shift to every side. Raises DataError for a file that is missing, damaged or
    unfit, in the default folder too unless it lacks one of t10k's two.
    """
    if folder is not None:
        return _load_idx(folder)
    folder = default_folder()
    if _find(folder, "t10k-images") and _find(folder, "t10k-labels"):  # fetched last: else a fetch broke off
        return _load_idx(folder)
    return _load_embedded(seed)


def fetch(
    folder: Path,
    progress: Callable[[str], None] = print,
    *,
    mirrors: Sequence[str] = MIRRORS,
    checksums: Mapping[str, str] = CHECKSUMS,
) -> None:
    """Download the files of `checksums` (name to MD5) that `folder` lacks, from the first mirror that has it.

    Raises DataError where no mirror has a file whole, or the folder cannot be written.
    """
    for name, expected in checksums.items():
        target = folder / name
        try:
            if target.is_file() and _md5(target.read_bytes()) == expected:
                progress(f"{name}: already there")
                continue
            content = _download(name, expected, mirrors, progress)
            folder.mkdir(parents=True, exist_ok=True)  # not before: a folder without files could not be graded with
            _write(target, content)
        except OSError as error:
            raise DataError(f"{target} cannot be written ({error}). Choose another folder.") from error
        progress(f"{name}: {len(content):,} bytes")


def _download(name: str, expected: str, mirrors: Sequence[str], progress: Callable[[str], None]) -> bytes:
    """Return the file whose MD5 is `expected`."""
    import http.client
    import urllib.request

    failures = []
    for mirror in mirrors:
        url = f"{mirror.rstrip('/')}/{name}"
        try:
            with urllib.request.urlopen(url, timeout=PATIENCE) as response:  # noqa: S310 - the staff's URL
                content: bytes = response.read(LARGEST_DOWNLOAD)
        except (OSError, http.client.HTTPException) as error:
            failures.append(f"{url}: {error or type(error).__name__}")
        else:
            found = _md5(content)
            if found == expected:
                return content
            failures.append(f"{url}: MD5 {found} of {len(content):,} bytes, expected {expected}")
        progress(failures[-1])
    raise DataError(
        "\n  ".join([f"{name} could not be fetched from any mirror:", *failures])
        + "\nFetch MNIST's four files elsewhere and name their folder with --data DIR, or go on without: "
        "grading then uses the digits that come with the toolkit."
    )


def _md5(content: bytes) -> str:
    """Return the MD5 in hexadecimal: what MNIST is published with, against damage, not forgery."""
    return hashlib.md5(content, usedforsecurity=False).hexdigest()


def _write(target: Path, content: bytes) -> None:
    """Put a complete file in place, or none."""
    descriptor, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
        temporary.chmod(0o644)  # mkstemp's 0600 would hide a shared folder's files from colleagues
        temporary.replace(target)
    except BaseException:
        with suppress(OSError):  # the first error is the one to tell
            temporary.unlink()
        raise


def _load_idx(folder: Path) -> Digits:
    """Read a folder's four IDX files, or split t10k's two."""
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder: expected the one with MNIST's files. Check --data DIR.")
    if _find(folder, "train-images") or _find(folder, "train-labels"):
        train, test = _read_pair(folder, "train"), _read_pair(folder, "t10k")
        return Digits(*train, *test, f"MNIST, {len(train[0]):,} + {len(test[0]):,} images", str(folder))
    images, labels = _read_pair(folder, "t10k")
    order = _permute(len(images))
    cut = len(images) * 4 // 5
    train, test = ((images[part], labels[part]) for part in (order[:cut], order[cut:]))
    if cut * len(PLACES) <= ALL_OF_MNIST:
        train = _at_every_place(*train)
    name = f"MNIST's test images alone, {len(train[0]):,} + {len(test[0]):,} images"
    name += f", {cut:,} of them shifted" if len(train[0]) > cut else ""
    return Digits(
        _make_read_only(train[0]),
        _make_read_only(train[1]),
        _make_read_only(test[0]),
        _make_read_only(test[1]),
        name,
        str(folder),
    )


def _at_every_place(images: Bytes, labels: Bytes) -> tuple[Bytes, Bytes]:
    """Shift each image to all PLACES, what leaves the frame lost, and shuffle."""
    margin = 1
    canvas = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    frames = [canvas[:, margin - down :, margin - right :][:, :SIDE, :SIDE] for down, right in PLACES]
    order = _permute(len(PLACES) * len(images))
    return np.concatenate(frames)[order], np.tile(labels, len(PLACES))[order]


def files(folder: Path) -> list[Path]:
    """Return the IDX files of `folder` that `load` reads, after reading them. Raises DataError as `load` does."""
    _load_idx(folder)
    found = (_find(folder, f"{part}-{kind}") for part in ("train", "t10k") for kind in ("images", "labels"))
    return [path for path in found if path is not None]


def _find(folder: Path, part: str) -> Path | None:
    """Return the file of, say, "train-images" under whichever of its usual names it has."""
    kind = "idx3" if part.endswith("images") else "idx1"
    names = [f"{part}{mark}{kind}-ubyte{suffix}" for mark in "-." for suffix in (".gz", "")]
    return next((folder / name for name in names if (folder / name).is_file()), None)


def _read_pair(folder: Path, prefix: str) -> tuple[Bytes, Bytes]:
    """Return the images (n, 28, 28) and labels (n,) of "train" or "t10k"."""
    paths = _find(folder, f"{prefix}-images"), _find(folder, f"{prefix}-labels")
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


def _load_embedded(seed: int) -> Digits:
    """Make 36,000 + 7,500 images of the embedded: each digit equally often, no original in both parts."""
    try:
        with np.load(EMBEDDED) as file:
            images, labels = file["images"], file["labels"]
    except OSError as error:
        raise GraderError(f"{EMBEDDED} cannot be read ({error}). Install the toolkit again.") from error
    order = _permute(len(labels), SPLIT)
    chosen = TEST_PER_CLASS + TRAIN_PER_CLASS
    by_class = np.array([order[labels[order] == digit][:chosen] for digit in range(10)])
    test, train = by_class[:, :TEST_PER_CLASS].ravel(), by_class[:, TEST_PER_CLASS:].ravel()
    parts = (
        *_multiply(images[train], labels[train], TRAIN_SHAPES, _Numbers(seed)),
        *_multiply(images[test], labels[test], TEST_SHAPES, _Numbers(seed + 2**63)),
    )
    count = f"{len(parts[0]):,} + {len(parts[2]):,}"
    name = f"UCI digits ({count} images, as hard as MNIST's, which are not installed here)"
    return Digits(*parts, name, CITATION)


class _Numbers:
    """The same random numbers under every NumPy, as many as are asked for, from one seed."""

    def __init__(self, seed: int) -> None:
        self._next = int(_split_mix(seed % 2**64, 1)[0])  # so that those of neighbouring seeds have nothing in common

    def shuffled(self, count: int) -> npt.NDArray[np.intp]:
        """Return a permutation of 0 ... count-1."""
        return np.argsort(self._words(count), kind="stable")

    def between(self, low: int, high: int, count: int) -> npt.NDArray[np.intp]:
        """Return integers from `low` to `high`, both included."""
        return low + (self._words(count) >> np.uint64(33)).astype(np.intp) % (high - low + 1)

    def _words(self, count: int) -> npt.NDArray[np.uint64]:
        words = _split_mix(self._next, count)
        self._next = (self._next + count) % 2**64
        return words


def _multiply(images: Bytes, labels: Bytes, shapes: int, numbers: _Numbers) -> tuple[Bytes, Bytes]:
    """Show each of the images (n, 8, 8) in COPIES of `shapes` shapes, 28x28 and white on black, all shuffled.

    An image in a shape is a matrix product: bilinear interpolation at the places that the shape puts its pixels. Its
    terms are integers below 2**24, so that float32 is exact in any order.
    """
    originals = images.reshape(len(images), -1).astype(np.float32)
    together = COPIES * len(images) // shapes  # images that share a shape
    drawn = {name: numbers.between(low, high, shapes) for name, (low, high) in SHAPES.items()}
    who = np.concatenate([numbers.shuffled(len(images)) for _ in range(COPIES)]).reshape(shapes, together)
    places = numbers.shuffled(COPIES * len(images)).reshape(shapes, together)
    made, repeated = np.empty((places.size, SIDE * SIDE), np.uint8), np.empty(places.size, np.uint8)
    for number in range(shapes):
        shape = {name: int(values[number]) for name, values in drawn.items()}
        ink = originals[who[number]] @ _interpolation(shape).T
        blank = np.float32(16 * UNIT**2 * shape["paper"] // 256)
        ink -= blank
        ink *= np.float32(255.5 * shape["edge"]) / (16 * np.maximum(ink.max(axis=1, keepdims=True), 1))
        made[places[number]] = np.clip(ink, 0, 255, out=ink)
        repeated[places[number]] = labels[who[number]]
    return _make_read_only(made.reshape(-1, SIDE, SIDE)), _make_read_only(repeated)


def _interpolation(shape: Mapping[str, int]) -> npt.NDArray[np.float32]:
    """Return the matrix (784, 64) of a shape: how much of each of the 8x8 pixels is in each of the 28x28."""
    half = SIDE - 1
    down, right = np.mgrid[-half : half + 1 : 2, -half : half + 1 : 2].reshape(2, -1)  # half pixels from the middle
    middle = 7 * UNIT // 2
    across = middle - shape["right"] + (right * shape["width"] + down * shape["slant"]) // 2
    along = middle - shape["down"] + (down * shape["height"] + right * shape["turn"]) // 2
    pixels = UNIT * np.arange(8)
    columns, rows = (np.maximum(UNIT - abs(place[:, None] - pixels), 0) for place in (across, along))
    matrix: npt.NDArray[np.float32] = (rows[:, :, None] * columns[:, None, :]).reshape(SIDE**2, -1).astype(np.float32)
    return matrix


def _permute(count: int, first: int = 1) -> npt.NDArray[np.intp]:
    """Return a permutation of 0 ... count-1, the same under every NumPy."""
    return np.argsort(_split_mix(first, count), kind="stable")


def _split_mix(first: int, count: int) -> npt.NDArray[np.uint64]:
    """Return `count` of SplitMix64's outputs, beginning with number `first`.

    G. Steele, D. Lea and C. Flood, "Fast Splittable Pseudorandom Number Generators", OOPSLA 2014.
    """
    key = (np.uint64(first) + np.arange(count, dtype=np.uint64)) * np.uint64(0x9E3779B97F4A7C15)
    key = (key ^ (key >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    key = (key ^ (key >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return key ^ (key >> np.uint64(31))


def _make_read_only(array: Bytes) -> Bytes:
    """Make read-only what everything that grades shares."""
    array.setflags(write=False)
    return array
