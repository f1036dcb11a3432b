"""A submission in memory, from a folder or an archive: its files are never unpacked to disk."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path, PurePosixPath
from typing import Final

from autograder.assignment import template
from autograder.assignment.config import Assignment, Edition, Limits
from autograder.base.errors import SubmissionError
from autograder.intake import archive
from autograder.intake.companions import move_along
from autograder.intake.layout import copies, is_hardly_begun, lookalike, own_files
from autograder.intake.members import Intake, holds, members, quote_name, read_nested

PYTHON = (".py",)


@dataclass(frozen=True)
class Submission:
    """What was handed in, as the grader sees it.

    files: the Python files by posix path from the submission's root.
    others: files of the other kinds that were asked for, likewise.
    notes: what was moved or unusual, one sentence each. left_out: what was not read, and why.
    alike: by required file that is missing, the file that most likely is it under another name.
    copies: folders that hold the homework too, where another one was graded.
    unopened: files that were not read and may hold the homework, where what was read is hardly begun.
    """

    files: Mapping[str, bytes]
    notes: tuple[str, ...] = ()
    missing: tuple[str, ...] = ()
    others: Mapping[str, bytes] = field(default_factory=dict)
    left_out: tuple[str, ...] = ()
    digest: str = field(default="", compare=False)
    alike: Mapping[str, str] = field(default_factory=dict)
    copies: tuple[str, ...] = ()
    unopened: tuple[str, ...] = ()

    def for_edition(self, edition: Edition) -> Submission:
        """Return the same submission, with what it lacks of the files that `edition` asks for."""
        missing = tuple(path for path in edition.required if path not in self.files)
        return replace(self, missing=missing, alike={path: self.alike[path] for path in missing if path in self.alike})


@dataclass(frozen=True)
class CollectedFiles:
    """The files of some kinds, by path in the folder or archive that they were in, and what was left out and why.

    unread: the names of files of other kinds.
    """

    files: Mapping[str, bytes]
    left_out: tuple[str, ...] = ()
    unread: tuple[str, ...] = ()


_NAMED: Final = 3  # files that are named where nothing can be graded
# Where people put a homework that is not a folder of Python files, beside what is opened here.
_HOLDERS: Final = (*archive.ENDINGS, ".rar", ".7z", ".bz2", ".gz", ".ipynb", ".py.txt", ".docx", ".rtf")

_MOST_UNOPENED: Final = 8

Handouts = Callable[[], Iterable[bytes]]


def read(
    source: Path,
    edition: Edition,
    limits: Limits,
    kinds: tuple[str, ...] = PYTHON,
    handouts: Handouts = tuple,
    handed_out: Callable[[], Collection[str]] = tuple,
) -> Submission:
    """Take in a folder, a zip or a tar file, and put its Python files where the handout has them.

    kinds: the endings of what is read, ".py" among them. handouts: gives the handout's own files, which tell a copy
    that nobody has worked on from another. handed_out: gives the paths of all that the course hands out, other
    kinds of files among them.
    Raises SubmissionError where there is nothing to grade, saying what was found and what to hand in.
    """
    collected = collect_files(source, limits, kinds, edition.required, handouts)
    return _arrange(collected, edition, handouts, handed_out)


def read_for(assignment: Assignment, source: Path) -> Submission:
    """Take in what was handed in for `assignment`; see `read`."""
    return read(
        source,
        assignment.edition,
        assignment.limits,
        assignment.kinds,
        partial(template.every_line, assignment),
        partial(template.paths, assignment),
    )


def from_files(files: Mapping[str, bytes], edition: Edition) -> Submission:
    """Return a submission of files that are in memory already."""
    return _arrange(CollectedFiles(dict(sorted(files.items()))), edition, tuple)


def collect_files(
    source: Path,
    limits: Limits,
    kinds: tuple[str, ...],
    required: tuple[str, ...] = (),
    handouts: Handouts = tuple,
) -> CollectedFiles:
    """Return the files of `kinds` (endings) in a folder, a zip or a tar file, as they lie there.

    required: what is read first, whatever else there is. Where not all of it is found, or only as `handouts` give it,
    archives within are opened, and count as folders. A lone archive beside no file of these kinds counts as what was
    handed in. Raises SubmissionError where `source` is none of these or cannot be read.
    """
    intake = Intake(limits.submission_mb, limits.submission_files, kinds, required)
    try:
        files = members(source, source.name, intake)
    except OSError as error:
        raise SubmissionError(f"{source.name} cannot be read: {error.strerror or error}.") from error
    packed = any(name.endswith(archive.ENDINGS) for name in intake.unread)
    if (
        not files
        or not all(holds(files, path) for path in required)
        or (packed and is_hardly_begun(files, required, handouts))
    ):
        files |= read_nested(source, source.name, intake)
    return CollectedFiles(dict(sorted(files.items())), intake.left_out, tuple(intake.unread))


def _arrange(
    collected: CollectedFiles, edition: Edition, handouts: Handouts, handed_out: Callable[[], Collection[str]] = tuple
) -> Submission:
    """Find the root, bring what lies elsewhere to its place, and list what is missing."""
    others = {path: content for path, content in collected.files.items() if not path.endswith(PYTHON)}
    # Some editions and file systems write the package with capitals: one name for one package.
    files = {
        _with_package_case(path, edition.package): content
        for path, content in collected.files.items()
        if path.endswith(PYTHON)
    }
    if not files:
        raise SubmissionError(_describe_lack(collected, edition))
    root, *beside = [copy.folder for copy in copies(files, edition.required, handouts)]
    placed = {path.removeprefix(root): content for path, content in files.items() if path.startswith(root)}
    elsewhere = {path: content for path, content in files.items() if not path.startswith(root)}
    notes = [*_describe_root(root, beside), *_bring_required(placed, elsewhere, edition)]
    missing = tuple(path for path in edition.required if path not in placed)
    holders = _find_holders(collected.unread, root, handed_out)
    begun = len(missing) <= len(edition.required) / 2
    if begun and (holders or _same_names(edition, elsewhere | placed)):
        begun = not is_hardly_begun(placed, edition.required, handouts)
        if not begun:
            notes += _take_own(placed, elsewhere, edition, handouts)
    names = [name for name in (*placed, *elsewhere, *collected.unread) if name not in edition.required]
    return Submission(
        files=placed,
        notes=tuple(notes),
        missing=missing,
        others={path.removeprefix(root): content for path, content in others.items()},
        left_out=collected.left_out,
        digest=_make_digest(placed),
        alike={path: name for path in missing if (name := lookalike(path, names))},
        copies=tuple(beside),
        unopened=() if begun else tuple(holders[:_MOST_UNOPENED]),
    )


def _describe_lack(collected: CollectedFiles, edition: Edition) -> str:
    """Say what there is instead of Python files, and what to hand in."""
    unread = any(".py`" in line for line in collected.left_out)
    told = (
        f"There are no Python files{' that can be read' if unread else ''} in this submission: "
        f"{_describe_content(collected)}. Hand in the homework's folder: "
        f"{', '.join(edition.required[:2])}, and the folder {edition.package}/."
    )
    return "\n".join([told, *(f"- {line}" for line in collected.left_out)])


def _describe_root(root: str, beside: Sequence[str]) -> Iterator[str]:
    """Say where the homework was found, and where else it lies."""
    if root:
        yield f"The homework was found in the folder {quote_name(root)}."
    if beside:
        graded, *others = (quote_name(folder) if folder else "the top folder" for folder in (root, *beside))
        there = f"There is another copy of the homework in {', '.join(others)}"
        yield f"{there}; the one in {graded} was graded. Hand in one copy."


def _bring_required(placed: dict[str, bytes], elsewhere: dict[str, bytes], edition: Edition) -> Iterator[str]:
    """Bring required files that lie elsewhere to their places, and what they import along; yield a note for each."""
    moved: dict[str, str] = {}
    for wanted in edition.required:
        if wanted in placed:
            continue
        name = PurePosixPath(wanted).name
        same = [path for path in (*placed, *elsewhere) if PurePosixPath(path).name.lower() == name]
        same = [path for path in same if path not in edition.required]
        if len(same) == 1:
            placed[wanted] = placed.pop(same[0]) if same[0] in placed else elsewhere.pop(same[0])
            moved[wanted] = same[0]
            yield f"{quote_name(same[0])} was graded as `{wanted}`, where it belongs."
    for old, new in move_along(placed, elsewhere, moved, edition.required).items():
        yield f"{quote_name(old)} was graded as {quote_name(new)}, where an import looks for it."


def _find_holders(unread: Iterable[str], root: str, handed_out: Callable[[], Collection[str]]) -> list[str]:
    """Return the files that were not read, may hold a homework, and are none that the course hands out."""
    holders = [name for name in unread if name.lower().endswith(_HOLDERS)]
    known = handed_out() if holders else ()
    return [name for name in holders if name.removeprefix(root) not in known]


def _make_digest(files: Mapping[str, bytes]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(f"{path}\0{len(files[path])}\0".encode() + files[path])
    return digest.hexdigest()


def _same_names(edition: Edition, files: Iterable[str]) -> list[str]:
    """Return the files that are called as a required one is, and lie elsewhere."""
    names = {PurePosixPath(path).name for path in edition.required}
    return [path for path in files if path not in edition.required and PurePosixPath(path).name.lower() in names]


def _take_own(
    placed: dict[str, bytes], elsewhere: Mapping[str, bytes], edition: Edition, handouts: Handouts
) -> list[str]:
    """Put the one file that was written in the place of the handout's of that name; a note for each.

    So it is where somebody has uploaded files beside the handout instead of into it.
    """
    files = {**elsewhere, **placed}
    own = own_files(
        files, [*_same_names(edition, files), *(path for path in edition.required if path in placed)], handouts
    )
    notes = []
    for wanted in edition.required:
        name = PurePosixPath(wanted).name
        written = [path for path in own if PurePosixPath(path).name.lower() == name and own[path]]
        if len(written) == 1 and written[0] != wanted:
            placed[wanted] = files[written[0]]
            notes.append(
                f"{quote_name(written[0])} was graded as `{wanted}`, where only what was handed out lies. Hand in one."
            )
    return notes


def _describe_content(collected: CollectedFiles) -> str:
    """Return what was handed in instead of Python files."""
    names = sorted({*collected.unread, *collected.files})
    if not names:
        return "it is empty" if not collected.left_out else "nothing of it could be read"
    more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
    return f"it holds {', '.join(map(quote_name, names[:_NAMED]))}{more}"


def _with_package_case(path: str, package: str) -> str:
    return "/".join(package if part.lower() == package else part for part in path.split("/"))
