"""The images that training checks learn from: MNIST where it is at hand, else the digits that come with the toolkit."""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from autograder.base.gradescope import HOME

from . import embedded_digits
from .idx_files import find, read_pair
from .images import SIDE, Bytes, DataError, Digits, make_read_only, permute

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

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

UPLOADED_TO = "data/mnist"  # the folder of an upload that holds the files
LARGEST_DOWNLOAD = 20_000_000  # bytes; MNIST's largest file has 10 million
PATIENCE = 20  # seconds without a byte from a mirror

# Where MNIST's test images are all there is, right solutions do not learn enough from 8,000 in their few epochs: each
# is set where it is and one pixel to every side, as long as that makes no more than MNIST has.
PLACES = ((0, 0), (-1, 0), (1, 0), (0, -1), (0, 1))
ALL_OF_MNIST = 60_000


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

    The four IDX files may be gzipped or plain. With only t10k's two, those are split 4 to 1. Of each image to learn
    from five are made then, by a pixel's shift to every side. Raises DataError for a file that is missing, damaged or
    unfit, in the default folder too unless it lacks one of t10k's two.
    """
    if folder is not None:
        return _load_idx(folder)
    folder = default_folder()
    if find(folder, "t10k-images") and find(folder, "t10k-labels"):  # fetched last: else a fetch broke off
        return _load_idx(folder)
    return embedded_digits.load(seed)


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
    if find(folder, "train-images") or find(folder, "train-labels"):
        train, test = read_pair(folder, "train"), read_pair(folder, "t10k")
        return Digits(*train, *test, f"MNIST, {len(train[0]):,} + {len(test[0]):,} images", str(folder))
    images, labels = read_pair(folder, "t10k")
    order = permute(len(images))
    cut = len(images) * 4 // 5
    train, test = ((images[part], labels[part]) for part in (order[:cut], order[cut:]))
    if cut * len(PLACES) <= ALL_OF_MNIST:
        train = _at_every_place(*train)
    name = f"MNIST's test images alone, {len(train[0]):,} + {len(test[0]):,} images"
    name += f", {cut:,} of them shifted" if len(train[0]) > cut else ""
    return Digits(
        make_read_only(train[0]),
        make_read_only(train[1]),
        make_read_only(test[0]),
        make_read_only(test[1]),
        name,
        str(folder),
    )


def _at_every_place(images: Bytes, labels: Bytes) -> tuple[Bytes, Bytes]:
    """Shift each image to all PLACES, what leaves the frame lost, and shuffle."""
    margin = 1
    canvas = np.pad(images, ((0, 0), (margin, margin), (margin, margin)))
    frames = [canvas[:, margin - down :, margin - right :][:, :SIDE, :SIDE] for down, right in PLACES]
    order = permute(len(PLACES) * len(images))
    return np.concatenate(frames)[order], np.tile(labels, len(PLACES))[order]


def files(folder: Path) -> list[Path]:
    """Return the IDX files of `folder` that `load` reads, after reading them. Raises DataError as `load` does."""
    _load_idx(folder)
    found = (find(folder, f"{part}-{kind}") for part in ("train", "t10k") for kind in ("images", "labels"))
    return [path for path in found if path is not None]
