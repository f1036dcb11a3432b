"""Whole submissions that people wrote, right or with one mistake: `tests/solutions/EDITION/{right,wrong}-NAME/`.

Beside a wrong one lies MISTAKE.toml; with `base` only what differs from that right one lies there:

    base = "right-plain"            # the right one that it was made from
    component = "update"            # where it must lose points: the first tag of hidden tests
    where = "kmeans/clusters.py, update"
    what = "…"                      # the mistake
    consequence = "…"               # and what comes of it
    trains = true                   # whether training keeps all its points, or "unknown"
    also = ["model"]                # other components that may lose points, as a consequence
    named = ["squares_summed"]      # the chaffs whose sentence is true of it; no other's may stand in a row
    graded = false                  # for a mistake that the contract does not grade; then with
    reason = "…"                    # why not

`public_tests` (what the public tests say of it) is for people. Another key is refused.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autograder.assignment.config import Assignment, Edition
from autograder.assignment.variants import Variant
from autograder.base.errors import AssignmentError, SubmissionError
from autograder.base.toml import Table, open_toml
from autograder.intake.submission import Submission, from_files, read

MISTAKE: Final = "MISTAKE.toml"
UNKNOWN: Final = "unknown"
TRAINING: Final = "training"
_RIGHT, _WRONG = "right-", "wrong-"


@dataclass(frozen=True)
class Mistake:
    """What MISTAKE.toml declares. trains: None where it is unknown."""

    component: str
    where: str
    what: str
    consequence: str
    trains: bool | None = None
    also: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    graded: bool = True
    reason: str = ""
    base: str = ""

    @property
    def allowed(self) -> frozenset[str]:
        """The components that may lose points."""
        if not self.graded:
            return frozenset()
        return frozenset({self.component, *self.also} | ({TRAINING} if self.trains is not True else set()))


@dataclass(frozen=True)
class Solution:
    """One whole submission, written for `edition`. mistake: None for a right one."""

    name: str
    edition: str
    folder: Path
    submission: Submission
    mistake: Mistake | None = None

    @property
    def title(self) -> str:
        """`s24/right-plain`."""
        return f"{self.edition}/{self.name}"


def find_chaff(sentence: str, chaffs: Iterable[Variant], likely: Collection[str]) -> str:
    """Return the name of a chaff with that sentence, of those in `likely` where one is; the sentence where none is."""
    names = [chaff.name for chaff in chaffs if chaff.sentence == sentence]
    return next((name for name in names if name in likely), names[0] if names else sentence)


def load(folder: Path, assignment: Assignment) -> list[Solution]:
    """Return every solution in `folder`, by edition and name.

    Raises AssignmentError, naming all that is wrong. Wrong is a folder that is no edition, or is called neither right-…
    nor wrong-…. So is a wrong solution without MISTAKE.toml, or with keys that are not as they should be.
    """
    found: list[Solution] = []
    problems: list[str] = []
    for place in sorted(path for path in folder.glob("*/*") if path.is_dir() and path.name != "__pycache__"):
        try:
            found.append(_solution(place, assignment))
        except AssignmentError as error:
            problems.append(str(error))
    if problems:
        raise AssignmentError("\n".join(problems))
    return found


def _solution(place: Path, assignment: Assignment) -> Solution:
    edition = assignment.editions.get(place.parent.name)
    if edition is None:
        raise AssignmentError(
            f"{place}: there is no edition {place.parent.name}, only {', '.join(assignment.editions)}."
        )
    if not place.name.startswith((_RIGHT, _WRONG)):
        raise AssignmentError(f"{place}: a solution's name begins with {_RIGHT} or {_WRONG}.")
    file = place / MISTAKE
    if place.name.startswith(_RIGHT) and file.exists():
        raise AssignmentError(
            f"{file}: a right solution has no mistake; call its folder {_WRONG}…, or delete the file."
        )
    mistake = _mistake(open_toml(file), assignment) if place.name.startswith(_WRONG) else None
    try:
        submission = _read(place, mistake, edition, assignment)
    except SubmissionError as error:
        raise AssignmentError(f"{place}: {error}") from error
    return Solution(place.name, edition.name, place, submission, mistake)


def _read(place: Path, mistake: Mistake | None, edition: Edition, assignment: Assignment) -> Submission:
    """Return the submission in `place`, on top of the one that its mistake was made in."""
    if mistake is None or not mistake.base:
        return read(place, edition, assignment.limits)
    base = place.parent / mistake.base
    if not base.is_dir():
        raise AssignmentError(f"{place / MISTAKE}: base is {mistake.base!r}, and there is no {base}.")
    files = dict(read(base, edition, assignment.limits).files)
    own = {path.relative_to(place).as_posix(): path.read_bytes() for path in sorted(place.rglob("*.py"))}
    if not own.items() - files.items():
        raise AssignmentError(f"{place}: it differs from {mistake.base} in nothing.")
    return from_files(files | own, edition)


def _mistake(table: Table, assignment: Assignment) -> Mistake:
    file = table.file

    def text(key: str, default: str | None = None) -> str:
        value = table.raw(key, default)
        if not isinstance(value, str) or (default is None and not value.strip()):
            raise AssignmentError(f"{file}: {key} is {value!r}; expected a text.")
        return value

    def names(key: str, of: str) -> tuple[str, ...]:
        value = table.raw(key, [])
        if not isinstance(value, list) or not all(isinstance(name, str) for name in value):
            raise AssignmentError(f"{file}: {key} is {value!r}; expected a list of {of}.")
        return tuple(value)

    component, also = text("component"), names("also", "components")
    for name in (component, *also):
        if name not in assignment.homework.components:
            known = ", ".join(assignment.homework.components)
            raise AssignmentError(f"{file}: there is no component {name!r}, only {known}.")
    trains, graded = table.raw("trains", UNKNOWN), table.raw("graded", True)
    if trains not in (True, False, UNKNOWN):
        raise AssignmentError(f"{file}: trains is {trains!r}; expected true, false or {UNKNOWN!r}.")
    if not isinstance(graded, bool):
        raise AssignmentError(f"{file}: graded is {graded!r}; expected true or false.")
    reason = text("reason", "")
    if not graded and not reason:
        raise AssignmentError(f"{file}: graded is false without a reason; say why the contract does not grade it.")
    made = Mistake(
        component=component,
        where=text("where"),
        what=text("what"),
        consequence=text("consequence"),
        trains=None if trains == UNKNOWN else trains,
        also=also,
        named=names("named", "chaffs"),
        graded=graded,
        reason=reason,
        base=text("base", ""),
    )
    text("public_tests", "")
    table.refuse_unknown()
    return made
