"""The last word on a results.json: what people changed, then lateness, then how much of it a student may read."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from autograder.assignment.config import Assignment
from autograder.base.gradescope import Metadata
from autograder.base.people import ADDRESS, CHOSEN, LOGIN, Person, find_way
from autograder.base.text import list_some
from autograder.results import detailed_attempts, lateness, overrides
from autograder.results.lateness import LatePolicy
from autograder.results.overrides import Override

_MOST_NAMED: Final = 10


@dataclass(frozen=True)
class Finisher:
    """Adds the course's lateness and points by people to the grader's results, for a whole class."""

    late_policy: LatePolicy
    overrides: tuple[Override, ...] = ()

    def finish(
        self, document: Mapping[str, Any], submission: str, created_at: str, people: Iterable[Person]
    ) -> dict[str, Any]:
        """Return a document with everything applied; one that has it already, with it applied anew."""
        group = tuple(people)
        raw = lateness.apply(document, None)
        changed = overrides.apply(raw, overrides.find_for(group, submission, self.overrides))
        return lateness.apply(changed, self.late_policy.lateness(created_at, group))

    def doubts(self, submissions: Iterable[tuple[str, Sequence[Person]]], *, listed: bool = True) -> list[str]:
        """Return a sentence for every line that means nobody or several people, or undoes another one.

        submissions: the id and the people of each. listed: whether a roster says what people are called.
        """
        every = list(submissions)
        people = [person for _, group in every for person in group]
        ids = [name for name, _ in every]
        settled = overrides.settle(self.overrides, people, ids)
        doubles = (line for name, group in every for line in overrides.describe_doubles(settled, group, name))
        return [
            *self.late_policy.doubts(people),
            *overrides.doubts(self.overrides, people, ids),
            *dict.fromkeys(doubles),
            *(() if listed else self._describe_chosen(people, ids)),
        ]

    def _describe_chosen(self, people: Sequence[Person], ids: Collection[str]) -> Iterator[str]:
        """Say which lines mean somebody by what students set themselves, though an address is known."""
        words = [one.student for one in self.late_policy.extensions]
        words += [one.student for one in self.late_policy.balances]
        words += [one.student for one in self.overrides]
        found = []
        for word in dict.fromkeys(words):
            way, meant = find_way(word, people)
            if way in CHOSEN and word not in ids and len(meant) == 1 and meant[0].email:
                found.append(f"{word!r} is {meant[0].title} ({meant[0].email})")
        if found:
            named = list_some(found, _MOST_NAMED)
            yield (
                "Extensions, late days and overrides count here by a name or number alone, which students set "
                f"themselves: {named}. Write addresses, or give --roster."
            )

    def settle(self, submissions: Iterable[tuple[str, Sequence[Person]]]) -> Finisher:
        """Return the finisher for one class. A line that can mean several people of it counts for none of them."""
        every = list(submissions)
        people = [person for _, group in every for person in group]
        settled = overrides.settle(self.overrides, people, [name for name, _ in every])
        return Finisher(self.late_policy.settle(people), settled)

    def without_effect(
        self, submissions: Iterable[tuple[str, Sequence[Person], Mapping[str, Any] | None]]
    ) -> list[str]:
        """Return a sentence for every override that changes nothing.

        submissions: the id, the people and the results of each.
        """
        return sorted(
            line
            for name, group, document in submissions
            for line in overrides.without_effect(self.overrides, group, name, document)
        )


def for_class(
    assignment: Assignment, extensions: Path | None, late_days: Path | None, by_hand: Path | None
) -> Finisher:
    """Read what a course adds; each file in the place of the one that assignment.toml names.

    Raises AssignmentError where one of them cannot be used.
    """
    own = assignment.people.overrides
    file = by_hand or (assignment.root / own if own else None)
    late_policy = lateness.load_late_policy(assignment, "programming", extensions, late_days)
    return Finisher(late_policy, overrides.read(file) if file is not None else ())


def on_gradescope(assignment: Assignment, metadata: Metadata) -> Callable[[dict[str, Any]], dict[str, Any]] | None:
    """Return what `pipeline.grade` does last to a document on Gradescope; None where there is nothing to do."""
    late_policy = lateness.load_late_policy(assignment, assignment.part)
    late = late_policy.lateness(metadata.created_at, metadata.people, metadata.due_dates)
    mine: tuple[Override, ...] = ()
    words = [entry.student for entry in late_policy.extensions] + [entry.student for entry in late_policy.balances]
    if assignment.people.overrides:
        every = overrides.read(assignment.root / assignment.people.overrides)
        mine = overrides.find_for(metadata.people, "", every)
        words += [entry.student for entry in every]
    flags = [*late_policy.disagreements(metadata), *_warn_names(words, metadata.people)]
    most = assignment.people.detailed_attempts
    count = detailed_attempts.count_today(metadata, late_policy.rules.zone) if most else 0
    hide = bool(most) and count > most
    if late is None and not mine and not flags and not hide:
        return None

    def finish(document: dict[str, Any]) -> dict[str, Any]:
        made = overrides.apply(lateness.apply(document, None), mine)
        if hide:
            made = detailed_attempts.without_details(made, count, most)
        made = lateness.apply(made, late)
        return lateness.add_flags(made, flags)

    return finish


def _warn_names(words: Iterable[str], people: Sequence[Person]) -> list[str]:
    """Return a sentence for each word of a staff's list that means one of `people` by what students set themselves."""
    return [
        f"A line for {word!r} counts for this student, who has that name or number on Gradescope. Students can change "
        "both there. Check that the line means this student, or write the address instead."
        for word in dict.fromkeys(words)
        if any(person.is_called(word) and not _is_known_by(person, word) for person in people)
    ]


def _is_known_by(person: Person, word: str) -> bool:
    return any(person.is_called(word, way) for way in (ADDRESS, LOGIN))
