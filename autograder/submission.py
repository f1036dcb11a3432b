"""A submission taken in: from a folder or a zip to its Python files, in memory; nothing is ever unpacked to disk."""

from __future__ import annotations

import hashlib
import io
import os
import stat
import zipfile
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from .assignment import Edition, Limits
from .errors import SubmissionError

# Folders that operating systems and tools leave behind; nobody needs to read about them.
_JUNK = {"__MACOSX", "__pycache__", ".git", ".idea", ".vscode", ".venv", "venv", ".ipynb_checkpoints", ".pytest_cache"}
_DEEPEST = 8
_LONGEST_NAME = 200
_MOST_MEMBERS = 50_000
_LONGEST_READ = 16 * 2**20
_PIECE = 2**18


@dataclass(frozen=True)
class Submission:
    """What was handed in, as the grader sees it.

    files: the Python files by posix path from the submission's root.
    notes: what was left out, moved or unusual, one sentence each.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    digest: str = field(default="", compare=False)


def read(source: Path, edition: Edition, limits: Limits) -> Submission:
    """Take in a folder or a zip file.

    Raises SubmissionError where there is nothing to grade, saying what was found and what to hand in.
    """
    try:
        mode = source.stat().st_mode
    except OSError as error:
        raise SubmissionError(f"{source} cannot be read: {error.strerror}.") from error
    taken = Intake(limits.submission_mb, limits.submission_files)
    if stat.S_ISDIR(mode):
        members: Iterable[tuple[str, bytes]] = taken.from_folder(source)
    elif stat.S_ISREG(mode) and zipfile.is_zipfile(source):
        members = taken.from_zip(source)
    else:
        raise SubmissionError(
            f"{source.name} is neither a folder nor a zip file. Hand in the homework's folder, or a zip of it."
        )
    try:
        files = dict(sorted(members))
    except OSError as error:
        raise SubmissionError(f"{source.name} cannot be read: {error}.") from error
    # A folder that holds nothing but one zip: graded as that zip.
    if not files and stat.S_ISDIR(mode):
        zips = sorted(source.glob("*.zip"))
        if len(zips) == 1 and zips[0].is_file() and not zips[0].is_symlink():
            return read(zips[0], edition, limits)
    return _arrange(files, taken.notes, edition)


def from_files(files: Mapping[str, bytes], edition: Edition) -> Submission:
    """A submission of files that are in memory already."""
    return _arrange(dict(sorted(files.items())), [], edition)


class _Bounded(io.FileIO):
    """A zip file that is never read in one gulp: a list of a million members would fill the memory."""

    def read(self, size: int | None = -1, /) -> bytes:
        """Like a file's. Raises ValueError where more is asked for than an honest zip needs."""
        left = os.fstat(self.fileno()).st_size - self.tell()
        if (left if size is None or size < 0 else size) > _LONGEST_READ:
            raise ValueError("its list of members is too long")
        return super().read(size)


class Intake:
    """Reads members one by one and keeps the books: counts, bytes and what was left out."""

    def __init__(self, megabytes: int, files: int, suffixes: tuple[str, ...] = (".py",), kind: str = "Python") -> None:
        self.megabytes, self.files, self.suffixes, self.kind = megabytes, files, suffixes, kind
        self.bytes_left = megabytes * 2**20
        self.files_left = files
        self.work_left = 3 * self.bytes_left  # what may be unpacked at all, what is then left out included
        self.notes: list[str] = []
        self.seen: dict[str, str] = {}

    def from_folder(self, root: Path) -> Iterator[tuple[str, bytes]]:
        """The wanted files below `root`, by posix path. Raises OSError where one cannot be read."""
        owner = root.stat().st_uid
        for folder, folders, names in os.walk(root):
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

    def from_zip(self, archive: Path) -> Iterator[tuple[str, bytes]]:
        """The wanted members of a zip, by posix path. Raises SubmissionError where it is damaged."""
        try:
            with _Bounded(archive) as file, zipfile.ZipFile(file) as zipped:
                for member in zipped.infolist()[:_MOST_MEMBERS]:
                    name = member.filename.replace("\\", "/")
                    if member.is_dir() or set(name.split("/")) & _JUNK or not self.wanted(name):
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
        except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
            raise SubmissionError(
                f"{archive.name} is a damaged zip file ({error}). Make it again and resubmit."
            ) from error

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
        """Whether a member is a file of a kind that is wanted, with a sane name; bad names are noted."""
        if not name.endswith(self.suffixes):
            return False
        parts = name.split("/")
        if name.startswith("/") or ".." in parts or ":" in parts[0]:
            self.leave_out(name, "its path leads out of the submission")
        elif len(parts) > _DEEPEST or len(name) > _LONGEST_NAME or "" in parts:
            self.leave_out(name, "its path is too long or too deep")
        elif not name.isprintable():
            self.leave_out(name, "its name holds characters that cannot be seen")
        else:
            return not parts[-1].startswith("._")  # macOS's resource forks
        return False

    def accept(self, name: str, content: bytes) -> bool:
        """Whether there is room for it; what there is none for is noted."""
        folded = name.casefold()
        if folded in self.seen:
            self.leave_out(name, f"it collides with {_shown(self.seen[folded])}")
        elif len(content) > self.bytes_left:
            self.leave_out(name, f"the submission is larger than {self.megabytes} MB")
        elif self.files_left == 0:
            self.leave_out(name, f"there are more than {self.files} {self.kind} files")
        else:
            self.seen[folded] = name
            self.bytes_left -= len(content)
            self.files_left -= 1
            return True
        return False

    def leave_out(self, name: str, reason: str) -> None:
        """Note that a member is not read, and why."""
        if len(self.notes) < 20:
            self.notes.append(f"{_shown(name)} was left out: {reason}.")
        elif len(self.notes) == 20:
            self.notes.append("More files were left out.")


def _shown(name: str) -> str:
    return "`" + "".join(c if c.isprintable() and c != "`" else "?" for c in name[:80]) + "`"


def _arrange(files: dict[str, bytes], notes: list[str], edition: Edition) -> Submission:
    """Find the root, bring what lies elsewhere to its place, and list what is missing."""
    if not files:
        raise SubmissionError(
            "There are no Python files in this submission. Hand in the homework's folder: "
            f"{', '.join(edition.required[:2])}, and the folder beras/."
        )
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
    return Submission(placed, tuple(notes), missing, digest.hexdigest())


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
