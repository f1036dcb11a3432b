"""The members of what was handed in, read one by one within limits."""

from __future__ import annotations

import io
import os
import re
import stat
import struct
import zipfile
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from autograder.base.errors import SubmissionError
from autograder.intake import archive
from autograder.intake.layout import PACKAGES, environments, is_required, is_within, name_document, rank

_DAMAGES_OF_A_ZIP = (
    *(zipfile.BadZipFile, zlib.error, struct.error),
    *(ValueError, EOFError, NotImplementedError, LookupError, OverflowError),
)
# Folders that operating systems and tools leave behind; nobody needs to read about them.
JUNK = {"__MACOSX", "__pycache__", ".git", ".idea", ".vscode", ".venv", "venv", ".ipynb_checkpoints", ".pytest_cache"}
_JUNK_FILES = {".DS_Store", "Thumbs.db", "desktop.ini"}
_ADVICE = "Hand in the homework's folder, or a zip of it."
_DEEPEST = 8
_LONGEST_NAME = 200
_MOST_MEMBERS = 50_000
_MOST_ARCHIVES = 16  # within what was handed in, at every depth, and in all of them together:
_ARCHIVE_MB = 64
_MOST_LISTED = 100_000  # members, each counted when it is listed
_DEEPEST_ARCHIVE = 3
_MOST_UNREAD = 5_000  # names of files of other kinds that are remembered
_PIECE = 2**18
_MOST_NOTES = 50
_MOST_KINDS = 8
_KIND = re.compile(r"\.\w{1,12}", re.ASCII)


def _fail(error: OSError) -> None:
    """Raise the error: a folder that may not be read is not an empty one."""
    raise error


def holds(files: Iterable[str], path: str) -> bool:
    """Return whether `path` is among `files`, wherever the homework lies."""
    return any(is_required(name, (path,)) for name in files)


def members(source: Path | bytes, name: str, intake: Intake) -> dict[str, bytes]:
    """Return what `intake` wants of a folder or an archive.

    Raises SubmissionError where it is neither, or is damaged.
    """
    mode = stat.S_IFREG if isinstance(source, bytes) else source.stat().st_mode
    if isinstance(source, Path) and stat.S_ISDIR(mode):
        return dict(intake.from_folder(source))
    # A tar first: one that ends in a zip looks like that zip.
    if stat.S_ISREG(mode) and archive.is_tar(source):
        return dict(intake.from_tar(source, name))
    if stat.S_ISREG(mode) and zipfile.is_zipfile(io.BytesIO(source) if isinstance(source, bytes) else source):
        files = dict(intake.from_zip(source, name))
        if not files and (document := name_document(name, intake.unread)):
            raise SubmissionError(f"{name} is {document}. {_ADVICE}")
        return files
    document = name_document(name) if stat.S_ISREG(mode) and archive.is_packed(source) else ""
    if document:
        raise SubmissionError(f"{name} is {document}. {_ADVICE}")
    why = archive.why_unreadable(source) if stat.S_ISREG(mode) else ""
    if stat.S_ISREG(mode) and not (len(source) if isinstance(source, bytes) else source.stat().st_size):
        raise SubmissionError(f"{name} is empty: it has 0 bytes, so nothing was uploaded. {_ADVICE}")
    raise SubmissionError(
        f"{name} cannot be opened: {why}. {_ADVICE}"
        if why
        else f"{name} is neither a folder nor a zip or tar file. {_ADVICE}"
    )


def read_nested(source: Path | bytes, name: str, intake: Intake) -> dict[str, bytes]:
    """Return what lies in the archives within `source`, by the archive's name and the member's.

    They have one bound together: each may hold others, and each is read twice.
    """
    inner = Intake(_ARCHIVE_MB, _MOST_ARCHIVES, archive.ENDINGS)
    return _read_nested(source, name, intake, inner, 1)


def _read_nested(source: Path | bytes, name: str, intake: Intake, inner: Intake, depth: int) -> dict[str, bytes]:
    """Return as `read_nested`; inner: takes in the archives."""
    inner.inside, inner.seen = intake.inside, {}
    archives = members(source, name, inner)
    if depth == 1:
        inner.listing = intake.listing = Listing(_MOST_LISTED)
    alone = len(archives) == 1 and not intake.seen
    files: dict[str, bytes] = {}
    for path, content in sorted(archives.items()):
        outside, intake.inside = intake.inside, intake.inside if alone else f"{path}/"
        intake.uncount(path)
        try:
            files |= members(content, PurePosixPath(path).name, intake)
            if depth < _DEEPEST_ARCHIVE:
                files |= _read_nested(content, PurePosixPath(path).name, intake, inner, depth + 1)
        except SubmissionError as error:
            if alone:
                raise
            intake.leave_out(path, str(error).partition(". ")[0])
            intake.unread.append(path)
        finally:
            intake.inside = outside
    return files


@dataclass
class Listing:
    """How many members may still be listed, of all archives that it is given for."""

    left: int


class Intake:
    """Reads members one by one and keeps the books: counts, bytes and what was left out.

    required: what is read before all else. inside: an archive's name and a slash, before the names of its members.
    """

    def __init__(self, megabytes: int, files: int, kinds: tuple[str, ...], required: tuple[str, ...] = ()) -> None:
        self.megabytes, self.files, self.kinds, self.required = megabytes, files, kinds, required
        self.inside = ""
        self.bytes_left = megabytes * 2**20
        self.files_left = files
        self.work_left = 3 * self.bytes_left  # what may be unpacked at all, what is then left out included
        self.listing: Listing | None = None  # of archives within others
        self.notes: list[str] = []
        self.more = 0  # notes that nobody would read
        self.other_kinds: Counter[str] = Counter()
        self.seen: dict[str, str] = {}
        self.unread: list[str] = []

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
        """Yield the wanted files below `root`, by posix path. Raises OSError where one cannot be read."""
        owner = root.stat().st_uid
        names: list[str] = []
        paths: dict[str, list[Path]] = {}
        for folder, folders, files in os.walk(root, onerror=_fail):
            here = Path(folder).relative_to(root)
            for file in map(here.joinpath, files):
                # What unpacks a zip made on Windows may leave its separators in a file's name.
                paths.setdefault(file.as_posix().replace("\\", "/"), []).append(root / file)
            # Nothing of an installed package is asked for, and there may be tens of thousands of them.
            names += [f"{(here / name).as_posix()}/" for name in folders if name in PACKAGES]
            folders[:] = sorted(name for name in folders if name not in JUNK and name not in PACKAGES)
            for name in (name for name in folders if (root / here / name).is_symlink()):
                self.leave_out((here / name).as_posix(), "it is a link, and links are not followed")
        chosen = [(name, path) for name in self._chosen([*paths, *names]) for path in paths[name]]
        for name, path in chosen:
            found = path.lstat()
            if not stat.S_ISREG(found.st_mode):
                self.leave_out(name, "it is not a regular file")
                continue
            if found.st_nlink > 1 and found.st_uid != owner:
                # Whoever grades as root may read what the submission's author may not.
                self.leave_out(name, "it is a hard link to somebody else's file")
                continue
            # O_NOFOLLOW and O_NONBLOCK: it may have become a link or a pipe since it was looked at.
            flags = os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0)
            with os.fdopen(os.open(path, flags), "rb") as opened:
                content = opened.read(self.bytes_left + 1)
            if self.accept(name, content):
                yield name, content

    def from_zip(self, source: Path | bytes, title: str = "") -> Iterator[tuple[str, bytes]]:
        """Yield the wanted members of a zip, by posix path. Raises SubmissionError where it is damaged.

        title: the zip's own name, for messages, where `source` is what it holds.
        """
        title = title or (source.name if isinstance(source, Path) else "A zip")
        try:
            with archive.open_zip(source, *([self.listing.left] if self.listing else [])) as zipped:
                self._count_listed(len(zipped.infolist()))
                members: dict[str, list[zipfile.ZipInfo]] = {}
                for member in zipped.infolist()[:_MOST_MEMBERS]:
                    # A folder by its name, not is_dir(): that needs a name, and a damaged zip may have members without.
                    name = archive.name_in_header(member).replace("\\", "/").removeprefix("./")
                    if name and not name.endswith("/"):
                        members.setdefault(self.inside + name, []).append(member)
                for name in self._chosen(members):
                    self._note_older(name, len(members[name]) - 1)
                    read = (self._content(zipped, member, name) for member in reversed(members[name]))
                    content = next((content for content in read if content is not None), None)
                    if content is not None and self.accept(name, content):
                        yield name, content
        except _DAMAGES_OF_A_ZIP as error:
            raise SubmissionError(f"{title} is a damaged zip file ({error}). Make it again and resubmit.") from error

    @property
    def _most_members(self) -> int:
        return _MOST_MEMBERS if self.listing is None else max(min(_MOST_MEMBERS, self.listing.left), 0)

    def _count_listed(self, count: int) -> None:
        if self.listing is not None:
            self.listing.left -= count

    def _content(self, zipped: zipfile.ZipFile, member: zipfile.ZipInfo, name: str) -> bytes | None:
        """Return what a member holds; None, and a note why, where it is not to be read."""
        if stat.S_IFMT(member.external_attr >> 16) not in (0, stat.S_IFREG):
            self.leave_out(name, "it is not a regular file")
        elif other := archive.other_name(member):
            self.leave_out(name, f"some tools unpack it as {quote_name(other)}, so a person may look at another file")
        elif member.flag_bits & 1:
            self.leave_out(name, "it is encrypted")
        elif member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            # zipfile unpacks bz2 and lzma without a bound: a kilobyte can become gigabytes.
            self.leave_out(name, "it is compressed in an unusual way; make the zip with the system's own tool")
        else:
            try:
                return self._read_member(zipped, member)
            except (zipfile.BadZipFile, NotImplementedError, EOFError, ValueError, OSError, RuntimeError) as error:
                self.leave_out(name, f"it cannot be unpacked ({error})")
            except Exception as error:  # noqa: BLE001  zlib, lzma and bz2 each raise their own
                self.leave_out(name, f"it cannot be unpacked ({type(error).__name__})")
        return None

    def from_tar(self, source: Path | bytes, title: str = "") -> Iterator[tuple[str, bytes]]:
        """Yield the wanted members of a tar, by posix path. Raises SubmissionError where it is damaged from the start.

        title: the tar's own name, for messages, where `source` is what it holds.
        """
        title = title or (source.name if isinstance(source, Path) else "A tar")
        chosen, problem = self._list_tar(source)
        before = len(self.seen)
        # A tar is read from its beginning to its end, so once for what comes first and once for the rest.
        for place in sorted({place for place, _ in chosen.values()}):
            wanted = {name: position for name, (own, position) in chosen.items() if own == place}
            try:
                for position, member in enumerate(archive.tar_members(source, self._most_members)):
                    self._count_listed(1)
                    name = self._full_name(member)
                    if position != wanted.get(name):
                        continue
                    if not member.is_regular:
                        self.leave_out(name, "it is not a regular file")
                        continue
                    content = member.read(self.bytes_left + 1)
                    if self.accept(name, content):
                        yield name, content
            except archive.ArchiveError as error:
                problem = problem or error
        if problem is not None:
            # What came before the damage is graded, as it would be if the rest had been forgotten.
            if len(self.seen) == before and isinstance(problem, archive.TooCostlyError):
                raise SubmissionError(f"{title} cannot be opened: {problem}. {_ADVICE}") from problem
            if len(self.seen) == before:
                raise SubmissionError(f"{title} is a damaged tar file ({problem}). Make it again.") from problem
            self.leave_out(title, f"the rest of it cannot be unpacked ({problem})")

    def _list_tar(self, source: Path | bytes) -> tuple[dict[str, tuple[int, int]], archive.ArchiveError | None]:
        """Return, by the wanted names, when to read it and which member counts, and what ended the list too early."""
        last: dict[str, int] = {}  # a regular one, where there is any
        regular: Counter[str] = Counter()
        problem: archive.ArchiveError | None = None
        try:
            # One by one: those before a damage are kept.
            for position, member in enumerate(archive.tar_members(source, self._most_members)):
                self._count_listed(1)
                name = self._full_name(member)
                if not member.is_folder and (member.is_regular or not regular[name]):
                    last[name] = position
                    regular[name] += member.is_regular
        except archive.ArchiveError as error:
            problem = error
        chosen = {name: (self.place(name)[0], last[name]) for name in self._chosen(last)}
        for name in chosen:
            self._note_older(name, regular[name] - 1)
        return chosen, problem

    def _full_name(self, member: archive.Member) -> str:
        return self.inside + member.name.replace("\\", "/").removeprefix("./")

    def _chosen(self, names: Collection[str]) -> list[str]:
        """Return those of `names` that are wanted, in the order in which to read them.

        All that one tool has written is one note.
        """
        filled = environments(names, self.required)
        for folder in filled:
            if not set(folder.split("/")) & JUNK:
                self.leave_out(folder, "it holds installed packages, not your own files")
        folders = set(filled)
        unfilled = [name for name in dict.fromkeys(names) if not is_within(name, folders) and not name.endswith("/")]
        return [name for name in sorted(unfilled, key=self.place) if self.is_wanted(name)]

    def place(self, name: str) -> tuple[int, int, str]:
        """Return where a member stands in the order in which they are read: what comes late may find no room."""
        return rank(name, self.required)

    def uncount(self, name: str) -> None:
        """Take back the count of an archive as a file of another kind: it is opened after all."""
        kind = PurePosixPath(name).suffix
        self.other_kinds[kind] -= 1
        self.other_kinds += Counter()  # drops what has come to nothing
        if name in self.unread:
            self.unread.remove(name)

    def _read_member(self, zipped: zipfile.ZipFile, member: zipfile.ZipInfo) -> bytes:
        """Return a member's content, up to one byte more than may be kept.

        The effort for all members together is bounded.
        """
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

    def is_wanted(self, name: str) -> bool:
        """Return whether a member is of a kind that is asked for, and has a sane name.

        A bad name gets a note; members of other kinds are counted.
        """
        parts = name.split("/")
        if set(parts) & JUNK or parts[-1] in _JUNK_FILES or parts[-1].startswith("._"):  # macOS's resource forks
            return False
        if not name.endswith(self.kinds):
            kind = PurePosixPath(parts[-1]).suffix
            if len(self.unread) < _MOST_UNREAD:
                self.unread.append(name)
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
        """Return whether there is room for it; what there is none for is noted."""
        folded = name.casefold()
        if folded in self.seen:
            self.leave_out(name, f"it collides with {quote_name(self.seen[folded])}")
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

    def _note_older(self, name: str, older: int) -> None:
        """Note that an archive holds a file more than once: as where it is unpacked, the last one counts.

        So it is where somebody has added to an archive what was changed since.
        """
        if older > 0:
            times = "twice" if older == 1 else f"{older + 1} times"
            self._note(f"{quote_name(name)} is in the archive {times}: the last one was read, and no older one.")

    def leave_out(self, name: str, reason: str) -> None:
        """Note that a member is not read, and why."""
        self._note(f"{quote_name(name)} was left out: {reason}.")

    def _note(self, line: str) -> None:
        if len(self.notes) < _MOST_NOTES:
            self.notes.append(line)
        else:
            self.more += 1


def quote_name(name: str) -> str:
    """Return a file's name as inline code, shortened, and unable to end its own quoting."""
    return "`" + "".join(c if c.isprintable() and c != "`" else "?" for c in name[:80]) + "`"
