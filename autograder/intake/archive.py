"""Archives opened with bounds: a file that is never read in one gulp, and a tar's members one after another.

Nothing is extracted: the caller reads members into memory, as far as it needs them.
"""

from __future__ import annotations

import io
import lzma
import math
import os
import re
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

ENDINGS: Final = (".zip", ".tar", ".tar.gz", ".tgz", ".tar.xz")

_LONGEST_READ: Final = 16 * 2**20
_LONGEST_HEADER: Final = 2**18  # of a tar's member, its long names included
_LONGEST_NUMBER: Final = 64  # digits in a row, in a header
_MOST_PARTS: Final = 10_000  # that a gzip or xz file is put together from
_MOST_UNPACKED: Final = 256 * 2**20  # of a compressed tar, what is skipped included
_PIECE: Final = 2**16
_DICTIONARY: Final = 2**27  # bytes that unpacking xz may need; its highest level needs half of them
_TOO_LONG: Final = "one of its headers is too long"
_MOST_LISTED: Final = 100_000  # members of a zip; each takes half a kilobyte of memory, as zipfile lists them
_LIST_TOO_LONG: Final = "its list of members is too long"
_LONG_NUMBER: Final = re.compile(rb"\d{%d}" % _LONGEST_NUMBER)
_GZIP, _XZ, _ZIP = b"\x1f\x8b", b"\xfd7zXZ\x00", b"PK\x03\x04"
_LISTED: Final = b"PK\x01\x02"  # begins each member's entry in a zip's list
_FIELD: Final = struct.Struct("<HH")  # of a member's extra data: its kind, and its length
_UNICODE_PATH: Final = 0x7075
_ENTRY: Final = struct.Struct("<4s24xHHH12x")  # with the lengths of the name, the extra field and the comment behind it
# What reading raises where there is no archive, or a damaged one.
_DAMAGES: Final = (OSError, ValueError, EOFError, zlib.error, lzma.LZMAError, MemoryError)
_TAR_DAMAGES: Final = (*_DAMAGES, tarfile.TarError, OverflowError, RecursionError, IndexError)
_MAGIC_AT: Final = 257  # POSIX pax(1), "ustar"; GNU's differs in what follows


class ArchiveError(ValueError):
    """The archive is damaged, or more than a homework's; the text says which."""


class TooCostlyError(ArchiveError):
    """Nothing is wrong with the archive, but unpacking it takes more than a homework's may; the text says of what."""


class _Bounded:
    """A file that is never read in one gulp: an archive's list of a million members would fill the memory."""

    #: Bytes that may be read until this is set anew.
    left: float = math.inf
    #: Members that a zip may list, in what is read until this is set anew.
    listed: float = math.inf

    tell: Callable[[], int]

    def size(self) -> int:
        """Of the whole file, in bytes."""
        raise NotImplementedError

    def read(self, size: int | None = -1, /) -> bytes:
        """Like a file's. Raises ValueError where more is asked for than an honest archive needs."""
        left = self.size() - self.tell()
        if (left if size is None or size < 0 else size) > _LONGEST_READ:
            raise ValueError(_LIST_TOO_LONG)
        content: bytes = super().read(size)  # type: ignore[misc]
        if self.listed < math.inf and _lists_more(content, self.listed):
            raise ValueError(_LIST_TOO_LONG)
        self.left -= len(content)
        if self.left < 0:
            raise ArchiveError(_TOO_LONG)
        return content

    def go_back(self, content: bytes) -> None:
        """Have what was just read be read again."""
        super().seek(-len(content), os.SEEK_CUR)  # type: ignore[misc]
        self.left += len(content)


class BoundedFile(_Bounded, io.FileIO):
    """An archive on the disk, read with bounds."""

    def size(self) -> int:
        """Of the whole file, in bytes."""
        return os.fstat(self.fileno()).st_size


class BoundedBytes(_Bounded, io.BytesIO):
    """An archive that lies in memory already, since it was a member of another; read with bounds."""

    def size(self) -> int:
        """Of the whole archive, in bytes."""
        return len(self.getbuffer())


def open_bounded(source: Path | bytes) -> BoundedFile | BoundedBytes:
    """Return an archive, by its path or as what it holds, to be read with bounds."""
    return BoundedBytes(source) if isinstance(source, bytes) else BoundedFile(source)


@contextmanager
def open_zip(source: Path | bytes, most: int = _MOST_LISTED) -> Iterator[zipfile.ZipFile]:
    """Open a zip, by its path or as what it holds. Raises ValueError where it lists more than `most` members.

    What the zip says of their number is not believed: zipfile lists what is there.
    """
    with open_bounded(source) as file:
        file.listed = min(most, _MOST_LISTED)
        with zipfile.ZipFile(file) as zipped:
            file.listed = math.inf
            yield zipped


def name_in_header(member: zipfile.ZipInfo) -> str:
    """Return a member's name as its header spells it, which Python's zipfile does up to 3.11 alone."""
    return member.orig_filename.partition("\0")[0]


def other_name(member: zipfile.ZipInfo) -> str:
    """Return the name of another file that some tools unpack a member as; nothing where there is none.

    Info-ZIP's field 0x7075 spells in Unicode a name that the header cannot; `unzip`, and Python from 3.12 on, take it.
    Where both can spell a part of the path, they are the same file's only if they agree.
    """
    name, extra = name_in_header(member), member.extra
    while len(extra) >= _FIELD.size:
        kind, length = _FIELD.unpack_from(extra)
        field, extra = extra[_FIELD.size : _FIELD.size + length], extra[_FIELD.size + length :]
        if kind != _UNICODE_PATH:
            continue
        other = field[5:].decode("utf-8", "replace")
        parts, others = name.split("/"), other.split("/")
        if other and (
            len(parts) != len(others)
            or any(part != spelled and spelled.isascii() for part, spelled in zip(parts, others, strict=True))
        ):
            return other
    return ""


def _lists_more(content: bytes, most: float) -> bool:
    """Return whether `content` begins with more than `most` entries of a zip's list."""
    count = position = 0
    while count <= most and content.startswith(_LISTED, position) and len(content) >= position + _ENTRY.size:
        position += _ENTRY.size + sum(_ENTRY.unpack_from(content, position)[1:])
        count += 1
    return count > most


def why_unreadable(source: Path | bytes) -> str:
    """Return why a file opens as neither a tar nor a zip, in a few words; "" where that is unknown."""
    with open_bounded(source) as file:
        beginning = file.read(8)
        file.seek(0)
        try:
            _plain(file).read(1)
        except TooCostlyError as error:
            return str(error)
        except _DAMAGES:
            return ""
    if beginning.startswith(_ZIP):
        return "it is cut off: the upload ended too early"
    kinds = {b"Rar!": "RAR", b"7z\xbc\xaf": "7-Zip"}
    return next(
        (f"it is a {kind} archive; make a zip" for magic, kind in kinds.items() if beginning.startswith(magic)), ""
    )


def is_packed(source: Path | bytes) -> bool:
    """Return whether `source` begins as a zip or a tar does, whatever it is called."""
    with open_bounded(source) as file:
        beginning = file.read(len(_ZIP))
    return beginning == _ZIP or is_tar(source)


class _Unpacked(io.RawIOBase):
    """What a gzip or xz file unpacks to, forwards only, and not without end."""

    def __init__(self, file: BoundedFile | BoundedBytes, kind: bytes) -> None:
        super().__init__()
        self._file, self._kind = file, kind
        self._decoder = self._new_decoder()
        self._packed = self._ready = b""
        self._position = self._parts = 0
        #: Bytes that may be read until this is set anew; what is skipped does not count.
        self.left = math.inf

    def _new_decoder(self) -> Any:
        if self._kind == _GZIP:
            return zlib.decompressobj(16 + zlib.MAX_WBITS)
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, memlimit=_DICTIONARY)

    def read(self, size: int | None = -1, /) -> bytes:
        """At most `size` bytes, fewer at the end. Raises ArchiveError past what a homework can be."""
        if size is None or not 0 <= size <= _LONGEST_READ:
            raise ArchiveError(_TOO_LONG)
        content = self._take(size)
        self.left -= len(content)
        if self.left < 0:
            raise ArchiveError(_TOO_LONG)
        return content

    def _take(self, size: int) -> bytes:
        pieces = []
        while size:
            if not self._ready and not self._fill():
                break
            piece, self._ready = self._ready[:size], self._ready[size:]
            pieces.append(piece)
            size -= len(piece)
            self._position += len(piece)
        return b"".join(pieces)

    def _fill(self) -> bool:
        while not self._ready:
            if self._decoder.eof:
                self._packed = self._decoder.unused_data or self._file.read(_PIECE)
                if not self._packed.startswith(self._kind):
                    return False  # padding, or the end
                self._parts += 1
                if self._parts > _MOST_PARTS:
                    raise TooCostlyError(f"it is put together from more than {_MOST_PARTS} compressed parts")
                self._decoder = self._new_decoder()
            elif not self._packed and getattr(self._decoder, "needs_input", True):
                self._packed = self._file.read(_PIECE)
                if not self._packed:
                    raise ArchiveError("it ends too early")
            self._ready = self._decompress()
            self._packed = getattr(self._decoder, "unconsumed_tail", b"")
        if self._position > _MOST_UNPACKED:
            raise TooCostlyError("it unpacks to far more than a homework")
        return True

    def _decompress(self) -> bytes:
        try:
            content: bytes = self._decoder.decompress(self._packed, _PIECE)
        except lzma.LZMAError as error:
            if "emory" not in str(error):  # liblzma has a code for it, Python only a text
                raise
            most = _DICTIONARY // 2**20
            raise TooCostlyError(
                f"unpacking it takes more than {most} MB of memory, as its compression was set very high"
            ) from error
        return content

    def go_back(self, content: bytes) -> None:
        """Have what was just read be read again."""
        self._ready = content + self._ready
        self._position -= len(content)
        self.left += len(content)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        """Skip forwards; there is no way back but `go_back`."""
        if whence != os.SEEK_SET or offset < self._position:
            raise ArchiveError("its members overlap")
        while self._position < offset and self._take(min(_PIECE, offset - self._position)):
            pass
        return self._position

    def tell(self) -> int:
        """Bytes unpacked and read so far."""
        return self._position

    def readable(self) -> bool:
        """Return that it is."""
        return True

    def seekable(self) -> bool:
        """Return that it is: forwards alone."""
        return True


@dataclass(frozen=True)
class Member:
    """One member of a tar; `read` only before the next one is asked for."""

    name: str
    is_folder: bool
    is_regular: bool
    _tar: tarfile.TarFile
    _info: tarfile.TarInfo

    @property
    def owners(self) -> tuple[str, ...]:
        """Return the names of the account and the group that its packer kept; "" where it kept none."""
        return self._info.uname, self._info.gname

    def read(self, most: int) -> bytes:
        """Return its content, no more than `most` bytes of it. Raises ArchiveError where it is damaged or cut off."""
        size = self._info.size  # a header's word: of a sparse file it can be anything
        if size < 0:
            raise ArchiveError("one of its members has a negative size")
        if size == 0 or most <= 0:
            return b""
        with _reporting_damage():
            file = self._tar.extractfile(self._info)
            content = b"" if file is None else file.read(min(most, size))
        if len(content) < min(most, size):
            raise ArchiveError("it ends too early")
        return content


class _MemberInfo(tarfile.TarInfo):
    """A header whose text tarfile searches in linear time: some Pythons try each digit as the start of a number."""

    def _proc_pax(self, tar: tarfile.TarFile) -> tarfile.TarInfo:
        stream: Any = tar.fileobj
        if self.size > _LONGEST_HEADER:
            raise ArchiveError(_TOO_LONG)
        content = stream.read(self.size)
        if _LONG_NUMBER.search(content):
            raise ArchiveError("one of its headers is damaged")
        stream.go_back(content)
        return super()._proc_pax(tar)  # type: ignore[misc,no-any-return]


def is_tar(source: Path | bytes) -> bool:
    """Return whether `source` begins as a tar does, or as a gzip or xz file with one inside."""
    try:
        with open_bounded(source) as file:
            beginning = _plain(file).read(512)
            return not beginning.startswith(_ZIP) and beginning[_MAGIC_AT:].startswith(b"ustar")
    except _DAMAGES:
        return False


def tar_members(source: Path | bytes, most: int) -> Iterator[Member]:
    """Yield the members of a tar (plain, gzip or xz) in their order, `most` of them at most.

    Raises ArchiveError where it is damaged or unpacks to far more than a homework.
    """
    with _reporting_damage(), open_bounded(source) as file, _open_tar(stream := _plain(file)) as tar:
        for _ in range(most):
            stream.left = _LONGEST_HEADER
            info = tar.next()
            stream.left = math.inf
            if info is None:
                return
            yield Member(info.name, info.isdir(), info.isreg() and not info.issparse(), tar, info)
            vars(tar)["members"].clear()  # a list that only grows


@contextmanager
def _reporting_damage() -> Iterator[None]:
    """Turn whatever reading a damaged tar raises into an ArchiveError."""
    try:
        yield
    except ArchiveError:
        raise
    except _TAR_DAMAGES as error:
        raise ArchiveError(str(error) or type(error).__name__) from error


def _open_tar(stream: Any) -> tarfile.TarFile:
    stream.left = _LONGEST_HEADER  # the first header is read at once
    return tarfile.open(fileobj=stream, mode="r:", tarinfo=_MemberInfo)


def _plain(file: BoundedFile | BoundedBytes) -> Any:
    beginning = file.read(len(_XZ))
    file.seek(0)
    for kind in (_GZIP, _XZ):
        if beginning.startswith(kind):
            return _Unpacked(file, kind)
    return file
