"""Downloads that hold every attempt under a name of its own: the last one of each person is graded."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from autograder.base.people import Person
from autograder.classroom.sources.model import UNUSABLE, ClassSubmission, printable, safe_file_name, safe_id
from autograder.feedback.text import plural


@dataclass(frozen=True)
class Attempt:
    """One file or folder of an attempt.

    path: None where the attempt has no file. who: what tells its person from others. moment: as the clock on the wall
    showed it. number: of the attempt, where its name has one. file: its name without what the platform put before it.
    """

    path: Path | None
    who: str
    person: Person
    moment: dt.datetime | None = None
    number: int = 0
    file: str = ""

    @property
    def rank(self) -> tuple[dt.datetime, int]:
        """What is greater for a later attempt."""
        return self.moment or dt.datetime.min, self.number  # noqa: DTZ901  none of these has a zone


def last_of_each(
    attempts: Iterable[Attempt], scratch: Path, zone: dt.tzinfo | None, platform: str
) -> tuple[ClassSubmission, ...]:
    """Return a submission for each person: the files of the last attempt.

    zone: of the moments; None: the times are not known.
    """
    people: dict[str, list[Attempt]] = {}
    for attempt in attempts:
        people.setdefault(attempt.who, []).append(attempt)
    return tuple(_read_submission(who, found, scratch, zone, platform) for who, found in people.items())


def describe_untimed(attempts: Iterable[Attempt], advice: str = "") -> list[str]:
    """Say whose names hold no time that can be read; nothing where all do."""
    unread = sorted(attempt.path.name for attempt in attempts if attempt.moment is None and attempt.path is not None)
    if not unread:
        return []
    said = (
        f"The time in {plural(len(unread), 'name')} cannot be read, {printable(unread[0])} for instance: attempts of "
        f"one person are graded together. {advice}"
    )
    return [said.strip()]


def _read_submission(
    who: str, found: list[Attempt], scratch: Path, zone: dt.tzinfo | None, platform: str
) -> ClassSubmission:
    latest = max(attempt.rank for attempt in found)
    last = sorted((attempt for attempt in found if attempt.rank == latest), key=lambda attempt: attempt.file)
    tries = len({attempt.rank for attempt in found})
    said = (f"{tries} attempts; the last one is graded.",) if tries > 1 else ()
    moment = latest[0] if latest[0] != dt.datetime.min else None  # noqa: DTZ901
    created_at = moment.replace(tzinfo=zone).isoformat() if moment is not None and zone is not None else ""
    ident, person = safe_id(who), last[0].person
    files = [(attempt.path, attempt.file) for attempt in last if attempt.path is not None]
    if not files:
        problem = f"{platform} has an attempt of this student, and no file in it."
        return ClassSubmission(ident, None, (person,), created_at, problem=problem, state=UNUSABLE, facts=said)
    path = files[0][0]
    if len(files) > 1 or (path.is_file() and path.suffix == ".py"):
        path = scratch / "attempts" / ident
        path.mkdir(parents=True, exist_ok=True)
        for file, name in files:
            if file.is_file():
                shutil.copyfile(file, path / safe_file_name(name or file.name))
            else:
                shutil.copytree(file, path, dirs_exist_ok=True, symlinks=True)
    return ClassSubmission(ident, path, (person,), created_at, facts=said)
