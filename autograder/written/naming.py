"""Where a hand-in names those who handed it in, and what of that costs points."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from autograder.written.anonymity import Finding, Person, findings
from autograder.written.questions import Written
from autograder.written.submission import OWN_NAME, WrittenSubmission


@dataclass(frozen=True)
class Named:
    """The places of names: `costly` ones, and `own_name` where only the name of the file itself has one.

    A file that comes alone is often called by a platform or by the staff: its name costs nothing.
    """

    costly: tuple[Finding, ...]
    own_name: bool


def find_names(submission: WrittenSubmission, people: Iterable[Person], written: Written) -> Named:
    """Return where `submission` names any of `people`."""
    passages = [*submission.passages, *(one for document in submission.documents for one in document.passages)]
    people = list(people)
    own = [passage for passage in passages if passage.where == OWN_NAME]
    rest = [passage for passage in passages if passage.where != OWN_NAME]
    return Named(tuple(findings(people, rest, written.common)), own_name=bool(findings(people, own, written.common)))
