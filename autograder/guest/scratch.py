"""Files that a submission writes while it is graded: kept in the worker's own memory, bounded, and forgotten with it.

A worker may write no file, and this does not change that: `open`, `os.makedirs` and their like are replaced in the
worker's Python, as far as they would write. What was written can be read again in the same worker, and `tempfile` makes
its files and folders here. Other ways to write (`os.open`, a database, another program) reach the kernel, which refuses
them.

Not imitated: `os.scandir`, and what asks it (`os.walk`, `glob`, `pathlib`'s iteration, `shutil.rmtree` of a full
folder), sees no file or folder of these. They have no times, owners, links or permissions, and no descriptors
(`fileno`). A file may be written in a folder that nobody made; what has no room is lost without an exception.
"""

from __future__ import annotations

import builtins
import contextlib
import errno
import io
import os
import stat
import sys
from collections.abc import Callable, Iterable, Sequence
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import PurePosixPath
from types import ModuleType
from typing import Any, Final

from numpy.lib import _datasource

MOST_BYTES: Final = 32 * 2**20  # of all files together
MOST_FILES: Final = 256  # and folders
_BUFFER: Final = 2**16
_TEXT_OPTIONS: Final = ("encoding", "errors", "newline")
_CHANGING: Final = ("remove", "rmdir", "rename")
_MISSING: Final = "No such file or directory"
_TEMPORARY: Final = "/tmp"  # noqa: S108  a name in memory


class _Content:
    """What one file holds; `forgotten` once there was no room for it."""

    def __init__(self) -> None:
        self.bytes = bytearray()
        self.forgotten = False


class _Raw(io.RawIOBase):
    """An open file of a `Scratch`, unbuffered."""

    def __init__(self, scratch: Scratch, content: _Content, *, reads: bool, writes: bool, appends: bool) -> None:
        super().__init__()
        self._scratch, self._content, self._at = scratch, content, 0
        self._reads, self._writes, self._appends = reads, writes, appends

    def readable(self) -> bool:
        return self._reads

    def writable(self) -> bool:
        return self._writes

    def seekable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        if not self._reads:
            raise io.UnsupportedOperation("not readable")
        if self._content.forgotten:
            raise OSError(errno.ENOSPC, "It was too large to be kept while the submission is graded")
        view = memoryview(buffer).cast("B")
        piece = self._content.bytes[self._at : self._at + len(view)]
        view[: len(piece)] = piece
        self._at += len(piece)
        return len(piece)

    def write(self, data: Any) -> int:
        if not self._writes:
            raise io.UnsupportedOperation("not writable")
        view = memoryview(data).cast("B")
        kept = self._content.bytes
        if self._appends:
            self._at = len(kept)
        end = self._at + len(view)
        if not self._content.forgotten:
            if self._scratch.has_room(end - len(kept)):
                kept.extend(bytes(max(self._at - len(kept), 0)))
                kept[self._at : end] = view
            else:
                # A log, or a copy of the data, is no mistake of the homework: it is lost, and nothing is raised.
                kept.clear()
                self._content.forgotten = True
        self._at = end
        return len(view)

    def seek(self, offset: int, whence: int = os.SEEK_SET, /) -> int:
        start = {os.SEEK_SET: 0, os.SEEK_CUR: self._at, os.SEEK_END: len(self._content.bytes)}[whence]
        if start + offset < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self._at = start + offset
        return self._at

    def tell(self) -> int:
        return self._at

    def truncate(self, size: int | None = None, /) -> int:
        if not self._writes:
            raise io.UnsupportedOperation("truncate")
        size = self._at if size is None else size
        if size < 0:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        self.resize(size)
        return size

    def resize(self, size: int) -> None:
        """Cut the file, or fill it up with zeros; where these have no room, it is lost as in `write`."""
        kept = self._content.bytes
        del kept[size:]
        if not self._content.forgotten:
            if self._scratch.has_room(size - len(kept)):
                kept.extend(bytes(size - len(kept)))
            else:
                kept.clear()
                self._content.forgotten = True


class Scratch:
    """The files and folders that one worker has written, by absolute path.

    folders: those that are there from the beginning.
    """

    def __init__(self, folders: Iterable[str] = (), most_bytes: int = MOST_BYTES, most_files: int = MOST_FILES) -> None:
        self.most_bytes, self.most_files = most_bytes, most_files
        self._files: dict[str, _Content] = {}
        self._folders: set[str] = set()
        self._open: Callable[..., Any] = io.open
        self._stat: Callable[..., os.stat_result] = os.stat
        self._listdir: Callable[..., list[Any]] = os.listdir
        self.begin(folders)

    def begin(self, folders: Iterable[str]) -> None:
        """Have `folders` there from the beginning."""
        self._folders.update(map(_path, folders))

    def has_room(self, more: int) -> bool:
        """Return whether `more` bytes fit beside what is kept."""
        return more <= 0 or sum(len(content.bytes) for content in self._files.values()) + more <= self.most_bytes

    def install(self) -> None:
        """Take the place of `open` and of what makes, finds and removes files and folders, until the process ends.

        Call it in a worker, or in a zygote that opens nothing any more.
        """
        builtins.open = io.open = self.open
        with contextlib.suppress(AttributeError):  # a part of NumPy that another version may have elsewhere
            openers: Any = _datasource
            openers._file_openers._file_openers[None] = self.open  # noqa: SLF001
        os.mkdir = self.mkdir
        for name, ours in (
            *(("remove", self.remove), ("unlink", self.remove), ("rmdir", self.rmdir), ("listdir", self.listdir)),
            *(("rename", self.rename), ("replace", self.rename), ("stat", self.stat), ("lstat", self.stat)),
            ("chdir", self.chdir),
        ):
            setattr(os, name, _first(ours, getattr(os, name), self._stat))
        self.begin([_TEMPORARY])
        temporary_files = _TemporaryFiles(self)
        sys.meta_path.insert(0, temporary_files)
        if "tempfile" in sys.modules:  # a part of NumPy that is loaded before every submission may have asked for it
            temporary_files.prepare(sys.modules["tempfile"])

    def open(self, file: Any, mode: str = "r", buffering: int = -1, *options: Any, **named: Any) -> Any:
        """Return as the built-in function, in memory where the mode writes or the file was written before."""
        path = _path(file)
        writes = isinstance(mode, str) and not set("wax+").isdisjoint(mode)
        if not path or named.get("opener") is not None or not (writes or path in self._files):
            return self._open(file, mode, buffering, *options, **named)
        if path in self._folders:
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), file)
        if sum(mode.count(kind) for kind in "rwax") != 1 or not set(mode) <= set("rwax+bt"):
            raise ValueError(f"invalid mode: {mode!r}")
        if "r" in mode and path not in self._files:
            return self._open(file, mode, buffering, *options, **named)
        if "x" in mode and self._exists(path):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), file)
        content = self._files.get(path)
        if content is None:
            content = _Content()
            if len(self._files) + len(self._folders) < self.most_files:
                self._files[path] = content
            else:
                content.forgotten = True
        elif "w" in mode:
            content.bytes.clear()
            content.forgotten = False
        raw = _Raw(
            self,
            content,
            reads="r" in mode or "+" in mode,
            writes="r" not in mode or "+" in mode,
            appends="a" in mode,
        )
        raw.name, raw.mode = file, mode  # type: ignore[attr-defined]  # as a real one's
        if "b" in mode and buffering == 0:
            return raw
        size = buffering if buffering > 1 else _BUFFER
        binary = (
            io.BufferedRandom(raw, size)
            if "+" in mode
            else io.BufferedReader(raw, size)
            if "r" in mode
            else io.BufferedWriter(raw, size)
        )
        if "b" in mode:
            return binary
        chosen = dict(zip(_TEXT_OPTIONS, options, strict=False))
        chosen |= {name: value for name, value in named.items() if name in _TEXT_OPTIONS}
        text = io.TextIOWrapper(binary, **chosen, line_buffering=buffering == 1)
        text.mode = mode  # type: ignore[misc]
        return text

    def stat(self, path: Any) -> os.stat_result:
        """Return what `os.stat` says of a file or folder that was written here."""
        where = _path(path)
        if where in self._files:
            size, kind = len(self._files[where].bytes), stat.S_IFREG | 0o644
        elif where in self._folders:
            size, kind = 0, stat.S_IFDIR | 0o755
        else:
            raise FileNotFoundError(errno.ENOENT, _MISSING, path)
        return os.stat_result((kind, 0, 0, 1, 0, 0, size, 0, 0, 0))

    def listdir(self, path: Any = ".") -> list[str]:
        """Return the names in a folder, those that were written here among them."""
        where = _path(path)
        kept = [PurePosixPath(path) for path in (*self._files, *self._folders)]
        inside = {entry.name for entry in kept if str(entry.parent) == where}
        if not inside and where not in self._folders:
            raise FileNotFoundError(errno.ENOENT, _MISSING, path)
        try:
            real = self._listdir(path)
        except OSError:
            real = []
        return sorted({*real, *inside})

    def mkdir(self, path: Any, *_: Any, **__: Any) -> None:
        """Make a folder; the one that it is in need not be there."""
        where = _path(path)
        if not where:
            raise FileNotFoundError(errno.ENOENT, _MISSING, path)
        if self._exists(where):
            raise FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST), path)
        if len(self._files) + len(self._folders) < self.most_files:
            self._folders.add(where)

    def chdir(self, path: Any) -> None:
        """Go to a folder that was made here: there is nowhere to go, so relative paths stay where they were."""
        if _path(path) not in self._folders:
            raise FileNotFoundError(errno.ENOENT, _MISSING, path)

    def rmdir(self, path: Any) -> None:
        """Remove a folder that was made here."""
        where = _path(path)
        if where not in self._folders:
            raise FileNotFoundError(errno.ENOENT, _MISSING, path)
        if any(p.startswith(where + "/") for p in (*self._files, *self._folders)):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), path)
        self._folders.discard(where)

    def remove(self, path: Any) -> None:
        """Remove a file that was written here."""
        if self._files.pop(_path(path), None) is None:
            raise FileNotFoundError(errno.ENOENT, _MISSING, path)

    def rename(self, source: Any, target: Any) -> None:
        """Give a file that was written here, or a folder that was made here, another name."""
        old, new = _path(source), _path(target)
        if old in self._files:
            if new in self._folders:
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), source)
            self._files[new] = self._files.pop(old)
        elif old in self._folders:
            self._rename_folder(old, new, source)
        else:
            raise FileNotFoundError(errno.ENOENT, _MISSING, source)

    def _rename_folder(self, old: str, new: str, source: Any) -> None:
        """Move a folder with all that is in it. As on disk, nothing but an empty folder gives way."""
        if new == old:
            return
        if new in self._files:
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), source)
        if new.startswith(f"{old}/"):
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), source)
        if any(path.startswith(f"{new}/") for path in (*self._files, *self._folders)):
            raise OSError(errno.ENOTEMPTY, os.strerror(errno.ENOTEMPTY), source)

        def moved(path: str) -> str:
            return new + path[len(old) :] if path == old or path.startswith(f"{old}/") else path

        self._folders = set(map(moved, self._folders))
        self._files = {moved(path): content for path, content in self._files.items()}

    def _exists(self, path: str) -> bool:
        if path in self._files or path in self._folders:
            return True
        try:
            self._stat(path)
        except OSError:
            return False
        return True


class _TemporaryFiles:
    """Finds `tempfile` where it is imported, and has it make its files in a `Scratch`: the kernel would refuse them."""

    def __init__(self, scratch: Scratch) -> None:
        self._scratch = scratch

    def find_spec(
        self, name: str, path: Sequence[str] | None = None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """Find `tempfile` alone."""
        found = PathFinder.find_spec(name, path) if name == "tempfile" else None
        loader: Any = found.loader if found is not None else None
        if loader is not None:
            execute = loader.exec_module

            def exec_module(module: Any) -> None:
                execute(module)
                self.prepare(module)

            loader.exec_module = exec_module
        return found

    def prepare(self, module: Any) -> None:
        """Have `module`, which is `tempfile`, make its files in the scratch."""
        module.tempdir = _TEMPORARY
        names = module._get_candidate_names()  # noqa: SLF001

        def make_file(
            mode: str = "w+b", buffering: int = -1, encoding: str | None = None, newline: str | None = None,
            suffix: str | None = None, prefix: str | None = None, dir: Any = None,  # noqa: A002
            *, errors: str | None = None, **_: Any,
        ) -> Any:  # fmt: skip
            """Return a file of the scratch under a name that is not taken."""
            path = os.path.join(dir or module.gettempdir(), f"{prefix or 'tmp'}{next(names)}{suffix or ''}")  # noqa: PTH118
            return self._scratch.open(path, mode, buffering, encoding, errors, newline)

        module.NamedTemporaryFile = module.TemporaryFile = make_file


def _first(ours: Callable[..., Any], real: Callable[..., Any], look: Callable[..., Any]) -> Callable[..., Any]:
    """Return `ours` for what was written here, and `real` for everything else; look: the real `os.stat`."""

    def either(*arguments: Any, **options: Any) -> Any:
        try:
            return ours(*arguments)
        except FileNotFoundError:
            if ours.__name__ in _CHANGING:
                look(arguments[0])  # raises where it is missing: the kernel would not look, and refuse
            return real(*arguments, **options)

    return either


def _path(file: Any) -> str:
    """Return the absolute path that `file` stands for, links not followed; "" for a descriptor and what is no path."""
    if isinstance(file, int):
        return ""
    try:
        return os.path.abspath(os.fsdecode(file))  # noqa: PTH100  pathlib keeps ".."
    except (TypeError, ValueError, OSError):
        return ""
