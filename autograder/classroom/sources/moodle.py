"""Moodle's *Download all submissions*: a folder, or files, for each person and kind of submission.

The names are those of the class `downloader` in mod_assign: `FULL NAME_ID_assignsubmission_PLUGIN`. That is a folder
since Moodle 3.1 (older ones end in `_`), else it stands before the file's own name. A team's is `TEAM_GROUPID_…`. Where
marking is blind, all are called `Participant_ID_…`, or that word in the language of whoever downloads.
"""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from autograder.base.people import Person
from autograder.classroom.sources.model import UNUSABLE, ClassSubmission, Source, keep_apart, safe_file_name, safe_id

FIXED: Final = "__assignsubmission_"
_BEGINNING: Final = r"(?P<name>.+?)(?:_(?P<user>\d+))?_assignsubmission_(?P<plugin>[a-z0-9]+)"
_NAMED: Final = re.compile(rf"{_BEGINNING}(?:_(?P<file>.*))?", re.DOTALL)
# The end of a folder's name is Moodle's, whatever somebody's name before it holds.
_FOLDER: Final = re.compile(rf"{_BEGINNING}(?:_(?P<file>(?:(?!_assignsubmission_).)*))?", re.DOTALL)
_FILES: Final = "file"
_BLIND: Final = "Participant"  # in the place of every name, where marking is blind
_ALIKE: Final = 3  # people and more have one name by no chance: it is that word in another language


def recognise(entries: Sequence[Path]) -> dict[Path, str]:
    """Return the name and number of each entry that is named as Moodle names it."""
    matches = {entry: _NAMED.fullmatch(entry.name) for entry in entries}
    return {
        entry: f"{matched['name']}_{matched['user'] or ''}" for entry, matched in matches.items() if matched is not None
    }


def read(entries: Sequence[Path], scratch: Path, zone: dt.tzinfo | None) -> Source:  # noqa: ARG001  as its likes
    """Put together what each person or team handed in."""
    people: dict[tuple[str, str], list[tuple[Path, re.Match[str]]]] = {}
    unnamed, apart = [], []
    for entry in entries:
        matched = (_FOLDER if entry.is_dir() else _NAMED).fullmatch(entry.name)
        if matched is None:
            unnamed.append(entry)
        elif not entry.is_dir() and entry.name.count("_assignsubmission_") > 1:
            apart.append(keep_apart(entry, scratch))
        else:
            people.setdefault((matched["user"] or "", matched["name"]), []).append((entry, matched))
    names = {name for _, name in people}
    alike = len(names) == 1 and len(people) >= _ALIKE
    everybody = [
        _read_submission(name, user, found, scratch, is_blind=alike or name == _BLIND)
        for (user, name), found in people.items()
    ]
    return Source(
        "Moodle's download",
        (*everybody, *apart),
        unnamed=tuple(unnamed),
        numbers_groups=True,
    )


def _read_submission(
    name: str, user: str, found: list[tuple[Path, re.Match[str]]], scratch: Path, *, is_blind: bool
) -> ClassSubmission:
    called = " ".join(name.split())
    person = Person(f"{called} {user}" if is_blind else called, lms_id=user)
    ident = safe_id("_".join(filter(None, (name, user))))
    files = [(path, matched) for path, matched in found if matched["plugin"] == _FILES]
    others = sorted({matched["plugin"] for _, matched in found if matched["plugin"] != _FILES})
    said = tuple(f"There is {_word(plugin)} beside the files." for plugin in others)
    if not files:
        problem = f"Moodle has {' and '.join(map(_word, others))} of this student, and no file."
        return ClassSubmission(ident, None, (person,), problem=problem, state=UNUSABLE)
    if len(files) == 1 and files[0][0].is_dir():
        return ClassSubmission(ident, files[0][0], (person,), notes=said)
    folder = scratch / "moodle" / ident
    folder.mkdir(parents=True, exist_ok=True)
    for path, matched in files:
        if path.is_file():
            shutil.copyfile(path, folder / safe_file_name(matched["file"] or path.name))
        else:
            shutil.copytree(path, folder, dirs_exist_ok=True, symlinks=True)
    return ClassSubmission(ident, folder, (person,), notes=said)


def _word(plugin: str) -> str:
    return "an online text" if plugin == "onlinetext" else f"a submission of the kind {plugin}"
