"""Sakai's *Download All*: a folder `LAST, FIRST(LOGIN)` for each person, with the files in one of its own.

The names are those of `zipSubmissions` and `zipGroupSubmissions` in Sakai's `AssignmentServiceImpl`. Beside
`Submission attachment(s)` lies `timestamp.txt`, the time of submission in UTC. Who handed in nothing has a folder
without either. A group's folder is `TITLE (NUMBER)`, with its `members.txt`; where marking is anonymous all are called
`NUMBER Anonymous…`. Downloaded without folders, what the folders would be called stands before each file's name.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import html
import os
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.model import (
    BESIDE,
    NOTHING,
    UNUSABLE,
    ClassSubmission,
    Source,
    keep_apart,
    peek,
    safe_file_name,
    safe_id,
)
from autograder.intake import archive

FIXED: Final = "()timestamp.txt"
_FILES: Final = "Submission attachment(s)"
_TIME: Final = "timestamp.txt"
_MEMBERS: Final = "members.txt"
#: Sakai's own number: of a group or a submission, and of a person whose login is not of ASCII letters alone.
_NUMBER: Final = r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
_OWNER: Final = rf"(?:(?P<anonymous>{_NUMBER} [^()_]+)|(?P<name>.+?)\((?P<login>[^()]+)\))"
_NAMED: Final = re.compile(_OWNER, re.DOTALL)
_LOOSE: Final = re.compile(
    rf"(?P<owner>{_OWNER})_(?:{re.escape(_FILES)}_(?P<file>.+)"
    r"|_submissionText\.html|feedbackText\.html|comments\.txt|Feedback [Aa]ttachment\(s\).*)",
    re.DOTALL,
)
_MEMBER: Final = re.compile(r"(?P<name>[^;()]{1,200})\((?P<login>[^()]{1,200})\)(?:; |\s*\Z)")
_BESIDE: Final = re.compile(
    r"(comments|members|timestamp)\.txt|feedbackText\.html|.*_submissionText\.html"
    r"|(Submission|Feedback) [Aa]ttachment\(s\)"
)
_DIGITS: Final = len("20240226225503")
_LONGEST_TIME: Final = len("2024-02-26T22:55:03")
_MOST: Final = 2**16  # bytes of a list of members


def recognise(entries: Sequence[Path]) -> dict[Path, str]:
    """Return whose each entry is that Sakai can have named; of none unless most in use hold what it puts there."""
    ours = [entry for entry in entries if entry.is_dir() and _NAMED.fullmatch(entry.name)]
    used = [folder for folder in ours if _is_sakai(folder) or _has_own_files(folder)]
    if sum(map(_is_sakai, used)) * 2 > len(used):
        return {folder: folder.name for folder in ours} | {entry: BESIDE for entry in entries if not entry.is_dir()}
    loose = {entry: _LOOSE.fullmatch(entry.name) for entry in entries if entry.is_file()}
    named = {entry: matched for entry, matched in loose.items() if matched is not None}
    if not any(matched["file"] for matched in named.values()):
        return {}
    return {entry: matched["owner"] for entry, matched in named.items()} | {
        entry: BESIDE for entry in entries if entry.name.startswith("grades.")
    }


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:  # noqa: ARG001  as its likes
    """Read what each person or group handed in."""
    submissions, unnamed = [], []
    loose: dict[str, list[Path]] = {}
    for entry in entries:
        named = _NAMED.fullmatch(entry.name) if entry.is_dir() else None
        alone = _LOOSE.fullmatch(entry.name) if entry.is_file() else None
        if named is not None:
            submissions.append(_read_folder(entry, *_identify(named), _read_members(entry, named)))
        elif alone is None:
            unnamed.append(entry)
        elif entry.name.count(_FILES) > 1:
            submissions.append(keep_apart(entry, scratch))
        else:
            loose.setdefault(alone["owner"], []).append(entry)
    submissions += [_read_loose(files, scratch) for files in loose.values()]
    return Source("Sakai's download", tuple(submissions), (), tuple(unnamed))


def _identify(named: re.Match[str]) -> tuple[str, Person]:
    """Return an id, and whom the name of a folder, or what stands before that of a file, means."""
    if named["anonymous"]:
        return safe_id(named["anonymous"]), Person(named["anonymous"])
    login = named["login"]
    own = "" if re.fullmatch(_NUMBER, login) else login
    return safe_id(login), Person(" ".join(named["name"].split()), login=own)


def _read_members(folder: Path, named: re.Match[str]) -> tuple[Person, ...]:
    """Return the members of a group, whom Sakai lists in its folder; none of anybody else's."""
    if named["anonymous"] or not re.fullmatch(_NUMBER, named["login"]):
        return ()
    listed = folder / _MEMBERS
    with contextlib.suppress(OSError), listed.open("rb") as opened:
        text = html.unescape(opened.read(_MOST).decode("utf-8", "replace"))
        return tuple(Person(" ".join(found["name"].split()), login=found["login"]) for found in _MEMBER.finditer(text))
    return ()


def _is_sakai(folder: Path) -> bool:
    return bool({_FILES, _TIME} & set(peek(folder)))


def _has_own_files(folder: Path) -> bool:
    """Return whether there is anything in a person's folder that is none of Sakai's own.

    A folder counts by what is in it: Sakai calls its own in the language of whoever downloads.
    """
    others = [path for name, path in peek(folder).items() if not _BESIDE.fullmatch(name)]
    return any(peek(path) if path.is_dir() else True for path in others)


def _read_folder(folder: Path, ident: str, person: Person, members: tuple[Person, ...]) -> ClassSubmission:
    people, created_at = members or (person,), _read_time(folder / _TIME)
    files = folder / _FILES
    if peek(files) or (_FILES in peek(folder) and not os.access(files, os.R_OK)):
        return ClassSubmission(ident, files, people, created_at)
    if _has_own_files(folder) or not os.access(folder, os.R_OK):
        return ClassSubmission(ident, folder, people, created_at)
    if created_at:
        problem = "Sakai has a text of this student, and no file."
        return ClassSubmission(ident, None, people, created_at, problem=problem, state=UNUSABLE)
    return ClassSubmission(ident, None, people, problem="Nothing was handed in.", state=NOTHING)


def _read_loose(found: list[Path], scratch: Path) -> ClassSubmission:
    """Read what one person handed in, of a download without folders."""
    matches = [(path, matched) for path in found if (matched := _LOOSE.fullmatch(path.name)) is not None]
    ident, person = _identify(matches[0][1])
    files = [(path, matched["file"]) for path, matched in matches if matched["file"]]
    if not files and any(path.name.endswith("__submissionText.html") for path in found):
        problem = "Sakai has a text of this student, and no file."
        return ClassSubmission(ident, None, (person,), problem=problem, state=UNUSABLE)
    if not files:
        return ClassSubmission(ident, None, (person,), problem="Nothing was handed in.", state=NOTHING)
    if len(files) == 1 and files[0][1].lower().endswith(archive.ENDINGS):
        return ClassSubmission(ident, files[0][0], (person,))
    folder = scratch / "sakai" / ident
    folder.mkdir(parents=True, exist_ok=True)
    for path, name in files:
        shutil.copyfile(path, folder / safe_file_name(name))
    return ClassSubmission(ident, folder, (person,))


def _read_time(file: Path) -> str:
    """Return the time in a file: `20240226225503000`, since Sakai 12 in ISO 8601, and in UTC in both."""
    with contextlib.suppress(OSError, ValueError):
        digits = re.sub("[-T:]", "", file.read_text(encoding="utf-8")[:_LONGEST_TIME])[:_DIGITS]
        return dt.datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=dt.timezone.utc).isoformat()
    return ""
