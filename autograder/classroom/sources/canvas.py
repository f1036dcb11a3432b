"""Canvas's *Download Submissions*: one file for each upload, named by who, late or not, and two numbers.

The names are those of `ContentZipper` in canvas-lms: `NAME[_LATE]_USER_UPLOAD_FILE`, with anonymous grading
`[LATE_]anon_ID_UPLOAD_FILE`, and `…_text.html` or `…_link.html` for what was typed in. NAME is the sortable name
(`Lovelace, Ada`) in small letters without anything but letters, digits and `_`; of a group it is the group's. NAME and
FILE are chosen by students: what can be read as two people's upload is joined to neither's.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
import tempfile
from collections import Counter
from collections.abc import Container, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.model import (
    UNUSABLE,
    ClassSubmission,
    Source,
    keep_apart,
    printable,
    safe_file_name,
    safe_id,
)
from autograder.intake import archive

FIXED: Final = "___"
_TYPED: Final = r"(?:(?P<number>\d+)_)?(?P<typed>text|link)\.html"
_UPLOADED: Final = r"(?P<upload>\d+)_(?P<file>.+)"
_NAMED: Final = re.compile(rf"(?P<name>.*?)_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?:{_TYPED}|{_UPLOADED})", re.DOTALL)
_ANONYMOUS: Final = re.compile(
    rf"(?:(?P<late>LATE)_)?(?P<name>anon)_(?P<user>[^\W_]+)_(?:{_TYPED}|{_UPLOADED})", re.DOTALL
)
_SPLIT: Final = re.compile(rf"(?=_(?:(?P<late>LATE)_)?(?P<user>\d+)_(?:{_TYPED}|{_UPLOADED})\Z)", re.DOTALL)
_LONGEST: Final = 20  # digits of a number that are in the name of a folder
_WORDS: Final = {"text": "a text entry", "link": "a link"}


@dataclass(frozen=True)
class Upload:
    """One file of the download, and what its name says. upload: Canvas's number of it; a later one is greater."""

    path: Path
    name: str
    user: str
    late: bool
    typed: str
    upload: int
    file: str


def parse(path: Path) -> Upload | None:
    """Take a name apart; None for one that Canvas does not give."""
    matched = _ANONYMOUS.fullmatch(path.name) or _NAMED.fullmatch(path.name)
    if matched is None:
        return None
    anonymous = matched.re is _ANONYMOUS
    name = f"anon_{matched['user']}" if anonymous else matched["name"]
    upload = int((matched["upload"] or "0")[:18])
    return Upload(
        path, name, matched["user"], bool(matched["late"]), matched["typed"] or "", upload, matched["file"] or ""
    )


def recognise(entries: Sequence[Path]) -> dict[Path, str]:
    """Return the name and number of each file that is named as Canvas names it."""
    uploads = {entry: parse(entry) for entry in entries if entry.is_file()}
    return {entry: f"{upload.name}_{upload.user}" for entry, upload in uploads.items() if upload is not None}


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None, known: Container[str] = ()) -> Source:  # noqa: ARG001
    """Put together what each person handed in.

    known: Canvas's numbers of the people of a roster; they decide where a name can be taken apart in two ways.
    """
    files = [entry for entry in entries if entry.is_file()]
    people = {entry: upload.name for entry in files if (upload := parse(entry)) is not None}
    nameless = {name for entry, name in people.items() if _ANONYMOUS.fullmatch(entry.name)}
    # Somebody may be called Anon, and hand in many files.
    anonymous = len(nameless) * 2 > len(set(people.values()))
    readings = {entry: _list_readings(entry, anonymous=anonymous) for entry in files}
    certain: dict[Path, Upload] = {}
    for entry, found in readings.items():
        listed = [upload for upload in found if upload.user in known]
        if len(found) == 1 or len(listed) == 1:
            certain[entry] = (listed or found)[0]
    times = Counter(upload.user for upload in certain.values())
    uploads: dict[tuple[str, str], list[Upload]] = {}
    apart: list[ClassSubmission] = []
    for entry, found in readings.items():
        if not found:
            continue
        upload = certain.get(entry) or found[0]
        if entry in certain:
            uploads.setdefault((upload.user, upload.name), []).append(upload)
        elif sum(one.user in known for one in found) > 1 or any(times[one.user] for one in found):
            apart.append(keep_apart(entry, scratch))
        else:
            alone = _read_submission([upload], scratch)
            said = f"{printable(entry.name)} can be read as another person's upload, too. Look who handed it in."
            apart.append(replace(alone, notes=(*alone.notes, said)))
    unnamed = tuple(entry for entry in entries if not readings.get(entry))
    everybody = (*(_read_submission(each, scratch) for each in uploads.values()), *apart)
    return Source("Canvas's download", everybody, unnamed=unnamed)


def _list_readings(path: Path, *, anonymous: bool) -> list[Upload]:
    """Return every way to take a name apart: NAME and FILE are of a student's choice, and may hold numbers as well."""
    if anonymous:
        upload = parse(path)
        return [upload] if upload is not None else []
    found: list[Upload] = []
    typed = ""
    for matched in _SPLIT.finditer(path.name):
        user = matched["user"]
        if matched.start() == 0 or user == typed or (found and user == found[-1].user):
            continue  # the number of a text, or the same one behind LATE
        typed = matched["number"] or ""
        number = int((matched["upload"] or "0")[:18])
        late = bool(matched["late"])
        found.append(
            Upload(
                path, path.name[: matched.start()], user, late, matched["typed"] or "", number, matched["file"] or ""
            )
        )
    return found


def _read_submission(uploads: list[Upload], scratch: Path) -> ClassSubmission:
    first = uploads[0]
    said = ["Canvas marks it as late."] if any(upload.late for upload in uploads) else []
    person = Person(first.name, lms_id=first.user)
    name = first.name if first.name.startswith("anon_") else f"{first.name}_{first.user}"
    files = sorted((upload for upload in uploads if not upload.typed), key=lambda upload: upload.upload)
    typed = sorted({_WORDS[upload.typed] for upload in uploads if upload.typed})
    if not files:
        problem = f"Canvas has {' and '.join(typed)} of this student, and no file."
        return ClassSubmission(safe_id(name), None, (person,), "", tuple(said), problem, None, UNUSABLE)
    said += [f"There is {word} beside the files." for word in typed]
    archives = [upload for upload in files if upload.file.lower().endswith(archive.ENDINGS)]
    if len(files) == 1 and archives:
        return ClassSubmission(safe_id(name), archives[0].path, (person,), notes=tuple(said))
    (scratch / "canvas").mkdir(exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{first.user[:_LONGEST]}-", dir=scratch / "canvas"))
    for upload in files:  # in the order of upload: of two files of one name the last counts
        # Canvas puts -1, -2 … behind the names of files that are handed in again.
        target = folder / safe_file_name(re.sub(r"-\d+(?=\.\w+$)", "", upload.file))
        if target.exists():
            said.append(f"{printable(target.name)} was handed in more than once; the last one is graded.")
        shutil.copyfile(upload.path, target)
    return ClassSubmission(safe_id(name), folder, (person,), notes=tuple(dict.fromkeys(said)))
