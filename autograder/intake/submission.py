"""A submission taken in: from a folder or an archive to its files, in memory; nothing is ever unpacked to disk."""

from __future__ import annotations

import hashlib
import os
import re
import stat
import struct
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from autograder.assignment.config import Edition, Limits
from autograder.base.errors import SubmissionError
from autograder.intake import archive

PYTHON = (".py",)
# Folders that operating systems and tools leave behind; nobody needs to read about them.
_JUNK = {"__MACOSX", "__pycache__", ".git", ".idea", ".vscode", ".venv", "venv", ".ipynb_checkpoints", ".pytest_cache"}
_JUNK_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}
_DEEPEST = 8
_LONGEST_NAME = 200
_MOST_MEMBERS = 50_000
_PIECE = 2**18
_MOST_NOTES = 50
_MOST_KINDS = 8
_KIND = re.compile(r"\.\w{1,12}", re.ASCII)


@dataclass(frozen=True)
class Submission:
    """What was handed in, as the grader sees it.

    files: the Python files by posix path from the submission's root.
    others: files of the other kinds that were asked for, likewise.
    notes: what was moved or unusual, one sentence each. left_out: what was not read, and why.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    others: Mapping[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    digest: str = field(default="", compare=False)


@dataclass(frozen=True)
class Taken:
    """The files of some kinds, by path in the folder or archive that they were in, and what was left out and why."""

    files: Mapping[str, bytes]
    left_out: tuple[str, ...] = ()


def read(source: Path, edition: Edition, limits: Limits, kinds: tuple[str, ...] = PYTHON) -> Submission:
    """Take in a folder, a zip or a tar file, and put its Python files where the handout has them.

    kinds: the endings of what is read, ".py" among them.
    Raises SubmissionError where there is nothing to grade, saying what was found and what to hand in.
    """
    taken = take(source, limits, kinds)
    return _arrange(dict(taken.files), taken.left_out, edition)


def from_files(files: Mapping[str, bytes], edition: Edition) -> Submission:
    """A submission of files that are in memory already."""
    return _arrange(dict(sorted(files.items())), (), edition)


def _fail(error: OSError) -> None:
    """A folder that may not be read is no empty one."""
    raise error


def take(source: Path, limits: Limits, kinds: tuple[str, ...]) -> Taken:
    """The files of `kinds` (endings) in a folder, a zip or a tar file, as they lie there.

    A folder that holds none, and one archive, is taken for that archive. Raises SubmissionError where `source` is
    none of these or cannot be read.
    """
    try:
        mode = source.stat().st_mode
    except OSError as error:
        raise SubmissionError(f"{source} cannot be read: {error.strerror}.") from error
    intake = Intake(limits.submission_mb, limits.submission_files, kinds)
    if stat.S_ISDIR(mode):
        members = intake.from_folder(source)
    # A tar first: one that ends in a zip looks like that zip.
    elif stat.S_ISREG(mode) and archive.is_tar(source):
        members = intake.from_tar(source)
    elif stat.S_ISREG(mode) and zipfile.is_zipfile(source):
        members = intake.from_zip(source)
    else:
        raise SubmissionError(
            f"{source.name} is neither a folder nor a zip or tar file. Hand in the homework's folder, or a zip of it."
        )
    try:
        files = dict(sorted(members))
    except OSError as error:
        raise SubmissionError(f"{source.name} cannot be read: {error}.") from error
    if not files and stat.S_ISDIR(mode):
        inside = [path for path in sorted(source.iterdir()) if path.name.lower().endswith(archive.ENDINGS)]
        if len(inside) == 1 and inside[0].is_file() and not inside[0].is_symlink():
            return take(inside[0], limits, kinds)
    return Taken(files, intake.left_out)


class Intake:
    """Reads members one by one and keeps the books: counts, bytes and what was left out."""

    def __init__(self, megabytes: int, files: int, kinds: tuple[str, ...]) -> None:
        self.megabytes, self.files, self.kinds = megabytes, files, kinds
        self.bytes_left = megabytes * 2**20
        self.files_left = files
        self.work_left = 3 * self.bytes_left  # what may be unpacked at all, what is then left out included
        self.notes: list[str] = []
        self.more = 0  # notes that nobody would read
        self.other_kinds: Counter[str] = Counter()
        self.seen: dict[str, str] = {}

    @property
    def left_out(self) -> tuple[str, ...]:
        """What was not read and why, and the other kinds of file in one line."""
        lines = [*self.notes]
        if self.more:
            lines.append(f"{self.more} more files were left out.")
        if self.other_kinds:
            total = self.other_kinds.total()
            kinds = sorted(self.other_kinds.items(), key=lambda entry: (-entry[1], entry[0]))
            shown = ", ".join(f"{count} {kind}" for kind, count in kinds[:_MOST_KINDS])
            what = "1 file of another kind was" if total == 1 else f"{total} files of other kinds were"
            lines.append(f"{what} not read: {shown}{', and others' if len(kinds) > _MOST_KINDS else ''}.")
        return tuple(lines)

    def from_folder(self, root: Path) -> Iterator[tuple[str, bytes]]:
        """The wanted files below `root`, by posix path. Raises OSError where one cannot be read."""
        owner = root.stat().st_uid
        for folder, folders, names in os.walk(root, onerror=_fail):
            folders[:] = sorted(name for name in folders if name not in _JUNK)
            for name in sorted(names):
                path = Path(folder, name)
                relative = path.relative_to(root).as_posix()
                if not self.wanted(relative):
                    continue
                found = path.lstat()
                if not stat.S_ISREG(found.st_mode):
                    self.leave_out(relative, "it is not a regular file")
                    continue
                if found.st_nlink > 1 and found.st_uid != owner:
                    # Whoever grades as root may read what the submission's author may not.
                    self.leave_out(relative, "it is a hard link to somebody else's file")
                    continue
                # O_NOFOLLOW and O_NONBLOCK: it may have become a link or a pipe since it was looked at.
                flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
                with os.fdopen(os.open(path, flags), "rb") as file:
                    content = file.read(self.bytes_left + 1)
                if self.accept(relative, content):
                    yield relative, content

    def from_zip(self, path: Path) -> Iterator[tuple[str, bytes]]:
        """The wanted members of a zip, by posix path. Raises SubmissionError where it is damaged."""
        try:
            with archive.BoundedFile(path) as file, zipfile.ZipFile(file) as zipped:
                for member in zipped.infolist()[:_MOST_MEMBERS]:
                    name = member.filename.replace("\\", "/")
                    # Not is_dir(): it needs a name, and a damaged zip may have members without one.
                    if not name or name.endswith("/") or not self.wanted(name):
                        continue
                    kind = stat.S_IFMT(member.external_attr >> 16)
                    if kind not in (0, stat.S_IFREG):
                        self.leave_out(name, "it is not a regular file")
                        continue
                    if member.flag_bits & 1:
                        self.leave_out(name, "it is encrypted")
                        continue
                    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
                        # zipfile unpacks bz2 and lzma without a bound: a kilobyte can become gigabytes.
                        self.leave_out(
                            name, "it is compressed in an unusual way; make the zip with the system's own tool"
                        )
                        continue
                    try:
                        content = self._unpacked(zipped, member)
                    except (
                        zipfile.BadZipFile,
                        NotImplementedError,
                        EOFError,
                        ValueError,
                        OSError,
                        RuntimeError,
                    ) as error:
                        self.leave_out(name, f"it cannot be unpacked ({error})")
                        continue
                    except Exception as error:  # noqa: BLE001  zlib, lzma and bz2 each raise their own
                        self.leave_out(name, f"it cannot be unpacked ({type(error).__name__})")
                        continue
                    if self.accept(name, content):
                        yield name, content
        except (zipfile.BadZipFile, ValueError, NotImplementedError, LookupError, OverflowError, struct.error) as error:
            raise SubmissionError(
                f"{path.name} is a damaged zip file ({error}). Make it again and resubmit."
            ) from error

    def from_tar(self, path: Path) -> Iterator[tuple[str, bytes]]:
        """The wanted members of a tar, by posix path. Raises SubmissionError where it is damaged from the start."""
        try:
            for member in archive.tar_members(path, _MOST_MEMBERS):
                name = member.name.replace("\\", "/").removeprefix("./")
                if member.is_folder or not self.wanted(name):
                    continue
                if not member.is_regular:
                    self.leave_out(name, "it is not a regular file")
                    continue
                content = member.read(self.bytes_left + 1)
                if self.accept(name, content):
                    yield name, content
        except archive.ArchiveError as error:
            # What came before the damage is graded, as it would be if the rest had been forgotten.
            if not self.seen:
                raise SubmissionError(f"{path.name} is a damaged tar file ({error}). Make it again.") from error
            self.leave_out(path.name, f"the rest of it cannot be unpacked ({error})")

    def _unpacked(self, zipped: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
        """A member's content, up to one byte more than may be kept; all members together cost a bounded effort."""
        pieces, size = [], 0
        with zipped.open(member) as file:
            while size <= self.bytes_left:
                if self.work_left <= 0:
                    raise ValueError("the zip unpacks to far more than a homework")
                piece = file.read(min(_PIECE, self.bytes_left + 1 - size))
                if not piece:
                    break
                pieces.append(piece)
                size += len(piece)
                self.work_left -= len(piece)
        return b"".join(pieces)

    def wanted(self, name: str) -> bool:
        """Whether a member is of a kind that is asked for, and has a sane name; bad names are noted, others counted."""
        parts = name.split("/")
        if set(parts) & _JUNK or parts[-1] in _JUNK_FILES or parts[-1].startswith("._"):  # macOS's resource forks
            return False
        if not name.endswith(self.kinds):
            kind = PurePosixPath(parts[-1]).suffix
            self.other_kinds[kind if _KIND.fullmatch(kind) else "without an ending" if not kind else "odd"] += 1
        elif name.startswith("/") or ".." in parts or ":" in parts[0]:
            self.leave_out(name, "its path leads out of the submission")
        elif len(parts) > _DEEPEST or len(name) > _LONGEST_NAME or "" in parts:
            self.leave_out(name, "its path is too long or too deep")
        elif not name.isprintable():
            self.leave_out(name, "its name holds characters that cannot be seen")
        else:
            return True
        return False

    def accept(self, name: str, content: bytes) -> bool:
        """Whether there is room for it; what there is none for is noted."""
        folded = name.casefold()
        if folded in self.seen:
            self.leave_out(name, f"it collides with {_shown(self.seen[folded])}")
        elif len(content) > self.bytes_left:
            self.leave_out(name, f"the submission is larger than {self.megabytes} MB")
        elif self.files_left == 0:
            self.leave_out(name, f"there are more than {self.files} files")
        else:
            self.seen[folded] = name
            self.bytes_left -= len(content)
            self.files_left -= 1
            return True
        return False

    def leave_out(self, name: str, reason: str) -> None:
        """Note that a member is not read, and why."""
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(f"{_shown(name)} was left out: {reason}.")
        else:
            self.more += 1


def _shown(name: str) -> str:
    return "`" + "".join(c if c.isprintable() and c != "`" else "?" for c in name[:80]) + "`"


def _arrange(files: dict[str, bytes], left_out: tuple[str, ...], edition: Edition) -> Submission:
    """Find the root, bring what lies elsewhere to its place, and list what is missing."""
    notes: list[str] = []
    others = {path: content for path, content in files.items() if not path.endswith(PYTHON)}
    files = {path: content for path, content in files.items() if path.endswith(PYTHON)}
    if not files:
        told = (
            "There are no Python files in this submission. Hand in the homework's folder: "
            f"{', '.join(edition.required[:2])}, and the folder beras/."
        )
        raise SubmissionError("\n".join([told, *(f"- {line}" for line in left_out)]))
    # Some editions and file systems write Beras/: one name for one package.
    files = {
        "/".join(["beras" if part.lower() == "beras" else part for part in path.split("/")]): content
        for path, content in files.items()
    }
    root = _root(files, edition)
    if root:
        notes.append(f"The homework was found in the folder {_shown(root)}.")
    placed = {path.removeprefix(root): content for path, content in files.items() if path.startswith(root)}
    elsewhere = {path: content for path, content in files.items() if not path.startswith(root)}
    for wanted in edition.required:
        if wanted in placed:
            continue
        name = PurePosixPath(wanted).name
        found = [path for path in (*placed, *elsewhere) if PurePosixPath(path).name.lower() == name]
        found = [path for path in found if path not in edition.required]
        if len(found) == 1:
            placed[wanted] = placed.pop(found[0]) if found[0] in placed else elsewhere.pop(found[0])
            notes.append(f"{_shown(found[0])} was graded as `{wanted}`, where it belongs.")
    missing = tuple(path for path in edition.required if path not in placed)
    digest = hashlib.sha256()
    for path in sorted(placed):
        digest.update(f"{path}\0{len(placed[path])}\0".encode() + placed[path])
    return Submission(
        files=placed,
        notes=tuple(notes),
        missing=missing,
        others={path.removeprefix(root): content for path, content in others.items()},
        left_out=left_out,
        digest=digest.hexdigest(),
    )


def _root(files: Mapping[str, bytes], edition: Edition) -> str:
    """The folder under which most of the required files lie; the shallowest, then the first, of equals."""
    candidates = {""}
    for path in files:
        parts = path.split("/")
        candidates.update("/".join(parts[:depth]) + "/" for depth in range(1, len(parts)))
    return max(
        sorted(candidates, key=lambda folder: (folder.count("/"), folder)),
        key=lambda folder: sum(folder + wanted in files for wanted in edition.required),
    )
