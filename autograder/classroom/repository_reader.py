"""A program of its own: reads a handed-in `.git` and writes, as JSON, the commit that counts and what is in it.

A repository is a stranger's file. Its configuration names programs, its pointers lead to other folders, and its
objects unpack to any size. So no git runs here: dulwich reads objects and references alone, in a process that has
bounded itself. `repositories` starts it and checks what it writes.
    python -I repository_reader.py GIT_FOLDER DEADLINE ENDING…
DEADLINE is in seconds since the epoch, or "-" for the last commit of all. Of files with one of the
ENDINGs the content is read, of all others the name: an intake reads a folder so.
"""

from __future__ import annotations

import base64
import datetime as dt
import heapq
import json
import math
import os
import stat
import sys
import sysconfig
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

import dulwich
from dulwich import refs
from dulwich.object_store import DiskObjectStore
from dulwich.objects import Blob, Commit, Tree

from autograder.classroom.repositories import LARGEST_FILE, LARGEST_OUTPUT, MOST_FILES, UnfollowedError
from autograder.guest import lockdown
from autograder.intake import archive
from autograder.intake.layout import PACKAGES
from autograder.intake.members import JUNK

_LARGEST_SUM: Final = 32 * 2**20  # of the archives, and of all else that is read
_LARGEST_OBJECT: Final = 64 * 2**20
_MOST_COMMITS: Final = 100_000
_MOST_ENTRIES: Final = 200_000  # of a tree, and of the folder itself
_DEEPEST: Final = 32
_LONGEST_LINK: Final = 5  # symbolic references, one to the next
_LONGEST_HEAD: Final = 4096
_SHA: Final = 40  # hexadecimal digits
_LIMITS: Final = lockdown.Limits(cpu_seconds=60, address_space=2**30, open_files=256, written_bytes=LARGEST_OUTPUT)
#: What leads git out of the folder, or makes it a part of another repository.
_POINTERS: Final = ("commondir", "gitdir", "objects/info/alternates", "objects/info/http-alternates")
_READ: Final = ("HEAD", "packed-refs", "objects", "refs")


class UnreadableError(ValueError):
    """The repository is damaged, or has more in it than is read."""


class _Objects(DiskObjectStore):
    """The objects of one folder: what it says of other folders is not followed."""

    @property
    def alternates(self) -> list[Any]:
        """None, whatever `objects/info/alternates` says."""
        return []


def main() -> None:
    """Bound this process, then do what the arguments ask for."""
    git, deadline = Path(sys.argv[1]), math.inf if sys.argv[2] == "-" else float(sys.argv[2])
    endings = tuple(sys.argv[3:])
    paths = sysconfig.get_paths(vars={"base": sys.base_prefix, "installed_base": sys.base_prefix})
    lockdown.bound(_LIMITS, (str(git), paths["stdlib"], paths["platstdlib"], str(Path(dulwich.__file__).parent)))
    try:
        answer = _answer(git, deadline, endings)
    except UnfollowedError as error:
        answer = {"unfollowed": str(error)}
    except (UnreadableError, MemoryError, RecursionError) as error:
        answer = {"problem": str(error) or type(error).__name__}
    except Exception as error:  # noqa: BLE001  dulwich raises whatever a damaged file leads to
        answer = {"problem": f"it is damaged: {type(error).__name__}"}
    json.dump(answer, sys.stdout)


def _answer(git: Path, deadline: float, endings: tuple[str, ...]) -> dict[str, Any]:
    _check(git)
    store = _Objects(git / "objects", loose_object_size_limit=_LARGEST_OBJECT)
    head = _head(git)
    commit = _last_commit(store, head, deadline)
    if commit is None:
        return {"commit": ""}
    return {"commit": commit.id.decode(), "at": _time(commit), **_read_tree(store, commit.tree, endings)}


def _check(git: Path) -> None:
    """Raise UnfollowedError where any part of what is read lies, or points, outside the folder."""
    for name in _POINTERS:
        if os.path.lexists(git / name):
            raise UnfollowedError(f"it has {name}, which points to another folder")
    waiting, seen = [git / name for name in _READ], 0
    while waiting:
        path = waiting.pop()
        try:
            mode = path.lstat().st_mode
        except FileNotFoundError:
            continue
        seen += 1
        if seen > _MOST_ENTRIES:
            raise UnreadableError("it has too many files")
        if stat.S_ISDIR(mode):
            waiting.extend(path.iterdir())
        elif not stat.S_ISREG(mode):
            raise UnfollowedError(f"{path.relative_to(git).parts[0]} has a link or a device in it")


def _head(git: Path) -> bytes:
    """Return the commit that HEAD names. Raises UnreadableError where it names none."""
    value = _line(git / "HEAD")
    packed: dict[bytes, bytes] | None = None
    for _ in range(_LONGEST_LINK):
        if not value.startswith(b"ref:"):
            break
        name = value.removeprefix(b"ref:").strip()
        if not name.startswith(b"refs/") or not refs.check_ref_format(refs.Ref(name)):
            raise UnreadableError("its HEAD names no branch")
        value = _line(git / os.fsdecode(name))
        if not value:
            packed = _read_packed_refs(git) if packed is None else packed
            value = packed.get(name, b"")
    if len(value) != _SHA or set(value) - set(b"0123456789abcdef"):
        raise UnreadableError("its HEAD names no commit")
    return value


def _line(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_LONGEST_HEAD).strip()
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError):
        return b""


def _read_packed_refs(git: Path) -> dict[bytes, bytes]:
    try:
        with (git / "packed-refs").open("rb") as file:
            return {name: sha for sha, name, *_ in refs.read_packed_refs_with_peeled(file)}
    except FileNotFoundError:
        return {}


def _last_commit(store: _Objects, head: bytes, deadline: float) -> Commit | None:
    """Return the newest commit until the deadline, among `head` and all before it, by their committers' clocks."""
    first = store[head]  # type: ignore[index]
    if not isinstance(first, Commit):
        raise UnreadableError("its HEAD names no commit")
    waiting, seen, order = [(-first.commit_time, 0, first)], {head}, 0
    while waiting:
        _, _, commit = heapq.heappop(waiting)
        if commit.commit_time <= deadline:
            return commit
        for parent in commit.parents:
            if parent in seen or len(seen) > _MOST_COMMITS:
                continue
            seen.add(parent)
            try:
                found = store[parent]
            except KeyError:  # a shallow clone ends here
                continue
            if isinstance(found, Commit):
                order += 1
                heapq.heappush(waiting, (-found.commit_time, order, found))
    return None


def _time(commit: Commit) -> str:
    """Return when a commit was made, in ISO 8601; what no calendar has as the number that it is."""
    try:
        zone = dt.timezone(dt.timedelta(seconds=commit.commit_timezone))
        return dt.datetime.fromtimestamp(commit.commit_time, zone).isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return f"{commit.commit_time} seconds after 1970"


def _read_tree(store: _Objects, tree: bytes, endings: tuple[str, ...]) -> dict[str, Any]:
    """Return what a tree holds, in `repositories`' words: the contents in base64, all else by name."""
    contents: dict[str, str] = {}
    links, large, named = list[str](), list[str](), list[str]()
    left = {True: _LARGEST_SUM, False: _LARGEST_SUM}
    # What lies near the top is the likelier to be asked for, should there be more than is read.
    entries = sorted(_list_entries(store, tree), key=lambda entry: (entry[0].count("/"), entry[0]))
    for name, sha, mode in entries:
        is_read = name.lower().endswith(endings)
        if stat.S_ISLNK(mode):
            links += [name] * is_read
        elif not is_read or not stat.S_ISREG(mode):
            named.append(name)
        elif len(contents) + len(large) >= MOST_FILES:
            raise UnreadableError("its commit has too many files")
        else:
            packed = name.lower().endswith(archive.ENDINGS)
            content = _read_blob(store, sha)
            if content is None or len(content) > min(LARGEST_FILE, left[packed]):
                large.append(name)
            else:
                left[packed] -= len(content)
                contents[name] = base64.b64encode(content).decode()
    return {"files": contents, "large": large, "links": links, "named": named[:MOST_FILES]}


def _list_entries(store: _Objects, tree: bytes) -> Iterator[tuple[str, bytes, int]]:
    """Yield path, object and mode of what a tree holds, without what an intake passes over in a folder, too.

    Of a folder of installed packages it is the name, with a slash.
    """
    waiting: list[tuple[str, bytes, int]] = [("", tree, 0)]
    seen = 0
    while waiting:
        above, sha, depth = waiting.pop()
        folder = store[sha]  # type: ignore[index]
        if not isinstance(folder, Tree):
            raise UnreadableError("a folder in it is none")
        for entry in folder.iteritems():
            seen += 1
            if seen > _MOST_ENTRIES:
                raise UnreadableError("its commit has too many files")
            last = os.fsdecode(entry.path)
            name = above + last
            if last in JUNK or last.casefold() == ".git":
                continue
            if not stat.S_ISDIR(entry.mode):
                yield name, entry.sha, entry.mode
            elif last in PACKAGES:
                yield f"{name}/", entry.sha, entry.mode
            elif depth < _DEEPEST:
                waiting.append((f"{name}/", entry.sha, depth + 1))


def _read_blob(store: _Objects, sha: bytes) -> bytes | None:
    """Return what a file holds; None where it is larger than any object that is read."""
    try:
        blob = store[sha]  # type: ignore[index]
    except MemoryError:
        return None
    except zlib.error as error:  # dulwich's word for a loose object above its limit, and zlib's for a damaged one
        if "exceeds maximum size" not in str(error):
            raise
        return None
    if not isinstance(blob, Blob):
        raise UnreadableError("a file in it is none")
    return blob.data


if __name__ == "__main__":
    main()
