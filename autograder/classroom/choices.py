"""What a class was graded with, kept in its folder: the next run makes the same choices, and reports a change.

DIR/options.json: by the name of an option of `batch`, what it was.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.files import as_json, replace_file
from autograder.base.text import list_some
from autograder.classroom import store
from autograder.classroom.store import Classroom
from autograder.results.finishing import Finisher

FILE_NAME: Final = "options.json"
#: The options that are kept, in the order in which they are listed.
KEPT: Final = (
    *("extensions", "late_days", "overrides", "roster", "written", "edition", "seed", "data", "deadline"),
    *("only", "skip"),
)
_TESTS: Final = ("only", "skip")  # which tests are run: one choice, a word a line
_FILES: Final = ("extensions", "late_days", "overrides", "roster", "written", "data")
_GRADING: Final = ("edition", "seed", "data", "deadline", *_TESTS)  # what a result is made with
#: What choices that change no score may change, where one grading has such a list and another has none.
_NO_SCORES: Final = {"roster": "who is listed", "written": "the written part"}
_SHOWN: Final = 12


@dataclass(frozen=True)
class Change:
    """A submission whose score is another one now."""

    title: str
    old: float
    new: float

    def __str__(self) -> str:
        """Return the change as a line for the terminal."""
        return f"{self.title} {self.old:g} → {self.new:g}"


def _option(name: str) -> str:
    """Return an option's name as it is typed."""
    return name.replace("_", "-")


def recall(folder: Path) -> dict[str, str]:
    """Return the options of the last time; none where there was none, or its file is damaged."""
    try:
        document = json.loads((folder / FILE_NAME).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(document, dict):
        return {}
    return {name: value for name in KEPT if isinstance(value := document.get(name), str) and value}


def combine(before: Mapping[str, str], given: Mapping[str, Any]) -> dict[str, str]:
    """Return the options that hold now: what is given, else what was. Paths are absolute.

    given: by the option's name; with `all_tests`, or one of `only` and `skip`, the other one is not what it was.
    `without`: options, as they are spelled, that are not to be what they were.
    Raises AssignmentError where a file that was used before is gone, or `without` has another word.
    """
    options: dict[str, str] = {}
    if given.get("all_tests") and any(map(given.get, _TESTS)):
        raise AssignmentError("--all-tests, or --only and --skip: all tests, or some of them.")
    if any(given.get(name) for name in ("all_tests", *_TESTS)):
        before = {name: value for name, value in before.items() if name not in _TESTS}
    left_out = given.get("without", ())
    if unknown := set(left_out).difference(map(_option, KEPT)):
        raise AssignmentError(f"--without {min(unknown)}: expected one of {', '.join(map(_option, KEPT))}.")
    before = {name: value for name, value in before.items() if _option(name) not in left_out}
    for name in KEPT:
        value = given.get(name)
        if value:
            options[name] = str(Path(value).absolute()) if name in _FILES else str(value)
        elif name in before:
            options[name] = before[name]
            if name in _FILES and not Path(before[name]).exists():
                raise AssignmentError(
                    f"The last time --{_option(name)} was {before[name]}, which is gone. Name it again, or go on "
                    f"without it: --without {_option(name)}."
                )
    return options


def of_class(before: Mapping[str, str], used: Mapping[str, str], *, for_some: bool) -> dict[str, str]:
    """Return what holds for the next run: what was `used`; but what some students alone were graded with, as before."""
    if not for_some:
        return dict(used)
    kept = {name: value for name, value in used.items() if name not in _GRADING}
    return kept | {name: before[name] for name in _GRADING if name in before}


def keep(folder: Path, options: Mapping[str, str]) -> None:
    """Write the options for the next time."""
    replace_file(folder / FILE_NAME, as_json(dict(options)))


def describe(before: Mapping[str, str], now: Mapping[str, str], given: Mapping[str, Any]) -> list[str]:
    """Say which options are used again, and which are others than before."""
    again = [_spell(name, now[name]) for name in KEPT if name in now and not given.get(name)]
    lines = [f"As the last time: {' '.join(again)}. --without NAME leaves one out, --forget all."] if again else []
    for name in KEPT:
        old, new = before.get(name, ""), now.get(name, "")
        if old and old != new:
            lines.append(f"The last time with {_spell(name, old)}, now {_spell(name, new) if new else 'without'}.")
    return lines


def describe_differences(old: Mapping[str, str], new: Mapping[str, str]) -> list[str]:
    """Say which choices two gradings of one class were made with otherwise: these alone can change what is compared."""
    lines = []
    for name in KEPT:
        one, other = old.get(name, ""), new.get(name, "")
        what = _NO_SCORES.get(name, "scores")
        if one != other and (name not in _NO_SCORES or not one or not other):
            with_, without = (_spell(name, value) if value else f"no --{_option(name)}" for value in (one, other))
            lines.append(f"OLD has {with_}, NEW has {without}: {what} may differ for that alone.")
    return lines


def has_part(path: Path) -> bool:
    """Return whether a graded class, or a results.json of one, is of a part of the tests."""
    used = recall(path if path.is_dir() else path.parent.parent)
    return any(name in used for name in _TESTS)


def describe_tests(used: Mapping[str, str]) -> list[str]:
    """Say, where the scores are of some of the tests alone, which."""
    some = " ".join(_spell(name, used[name]) for name in _TESTS if name in used)
    return [f"These scores are of a part of the tests ({some}); --all-tests grades with all."] if some else []


def _spell(name: str, value: str) -> str:
    """Return an option as it is typed; a secret is not shown."""
    option = f"--{_option(name)}"
    values = value.splitlines() if name in _TESTS else ["…" if name == "seed" else value]
    return " ".join(f"{option} {one}" for one in values)


def scores(room: Classroom) -> dict[str, float]:
    """Return the score of each submission that has one on disk."""
    found = {}
    for entry in room.entries:
        results = entry.results
        if results is not None and isinstance(results.get("score"), (int, float)):
            found[entry.id] = float(results["score"])
    return found


def effects(room: Classroom, finisher: Finisher) -> list[Change]:
    """Return whose recorded score these dates, extensions and overrides change, before anything is graded again."""
    found = []
    for entry in room.entries:
        results = entry.results
        if results is None or entry.problem:
            continue
        try:
            new = finisher.finish(results, entry.id, entry.created_at, entry.people)
        except Exception:  # noqa: BLE001, S112  `Batch` says it, as this submission's
            continue
        if abs(float(new["score"]) - float(results.get("score", 0))) > 1e-6:
            found.append(Change(entry.title, float(results.get("score", 0)), float(new["score"])))
    return found


def compare_scores(
    room: Classroom, before: Mapping[str, float], known: Collection[str]
) -> tuple[list[Change], list[str]]:
    """Return whose score is another one than before, and who has one and was not `known`."""
    now = scores(room)
    titles = {entry.id: entry.title for entry in room.entries}
    changed = [
        Change(titles[name], before[name], score)
        for name, score in now.items()
        if name in before and abs(before[name] - score) > 1e-6
    ]
    return changed, [titles[name] for name in now if name not in before and name not in known]


def gone(folder: Path, room: Classroom) -> list[str]:
    """Return who is in the class as it was recorded, and not in this source."""
    try:
        recorded = store.load(folder)
    except AssignmentError:
        return []
    here = {entry.id for entry in room.entries}
    return [entry.title for entry in recorded.entries if entry.id not in here]


def warn(room: Classroom, finisher: Finisher) -> list[str]:
    """Say what this run does to recorded results, before it does: whose score changes, and who is left behind."""
    lines = []
    if changes := effects(room, finisher):
        lines.append(
            f"Scores change by these dates, extensions and overrides ({len(changes)}): {list_some(changes, _SHOWN)}."
        )
    if missing := gone(room.folder, room):
        lines.append(
            f"{len(missing)} graded before are not in this source: their results stay in {room.folder}, and the tables "
            f"are without them: {list_some(missing, _SHOWN)}."
        )
    return lines


def recorded(folder: Path) -> frozenset[str]:
    """Return the ids of the class that was graded into `folder` last, those that were not reached included."""
    try:
        return frozenset(entry.id for entry in store.load(folder).entries)
    except AssignmentError:
        return frozenset()


def tell(room: Classroom, before: Mapping[str, float], known: Collection[str]) -> list[str]:
    """Say what this run did: who is new, and whose score is another one. Nothing where all are new.

    known: the ids that the class had before; a run that was stopped has not graded all of them.
    """
    changed, new = compare_scores(room, before, known)
    if not before:
        return []
    lines = [f"New ({len(new)}): {list_some(new, _SHOWN)}."] if new else []
    return lines + ([f"Scores changed ({len(changed)}): {list_some(changed, _SHOWN)}."] if changed else [])
