"""A source's submissions joined to the people of a roster: whose each is, and who handed in nothing."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from autograder.base.people import Person
from autograder.base.text import list_some
from autograder.classroom.sources.claims import Grounds, Link, Owner, Weight, domains_of_most, has_lost_zeros, settle
from autograder.classroom.sources.class_list import Roster
from autograder.classroom.sources.model import (
    NOTHING,
    ClassSubmission,
    Source,
    printable,
    safe_id,
    strip_ending,
    without_zone,
)
from autograder.classroom.sources.wall_clock import read_wall_time
from autograder.feedback.text import plural

#: How the note ends on a submission of somebody whom a roster does not list.
NOT_LISTED: Final = "is not in the roster."
_MOST_NAMED: Final = 10
_NUMBER: Final = re.compile(r"\d{3,}")
_LAST_NUMBER: Final = re.compile(r"(?:^|_)(\d{3,})$")
_CUT_AT: Final = 80  # characters, from which on an id may not be whole
_FEW: Final = 3  # numbers; so many, and none of them in the roster, are another system's


def apply(source: Source, roster: Roster, zone: dt.tzinfo | None = None) -> Source:
    """Return `source` with the roster's people: who is known by more, who is not in it, and who handed in nothing.

    zone: of the times that a roster has.
    """
    told = (roster.columns,) if roster.columns else ()
    if not roster.members:
        return replace(source, notes=(*told, *source.notes, *roster.notes))
    grounds = _compare(source, roster)
    links = _link_all(source, roster, grounds)
    settled = settle([submission.id for submission in source.submissions], links)
    joined = [_join(submission, owners, roster) for submission, owners in zip(source.submissions, settled, strict=True)]
    seen = {owner.known for owners in settled for owner in owners if owner.known is not None}
    claimed = {link.known for every in links for link in every if link.weight > Weight.AGAINST}
    notes = [*told, *source.notes, *roster.notes, *_doubt_groups(source, links)]
    if not grounds.same_logins and claimed:
        notes.append(
            "The roster has no logins of GitHub: whose a repository is, its name alone says, and students choose it. "
            "Add a column 'GitHub username'."
        )
    notes += [*_describe_left(roster, seen), *_describe_zeros(owner for owners in settled for owner in owners)]
    if roster.complete:
        joined += _list_absent(roster, seen, claimed, _find_doubtful(source, settled, roster))
        notes += _describe_nobodys(source, settled, roster, is_any_known=bool(seen))
    return _with_times(replace(source, submissions=tuple(joined), notes=tuple(notes)), roster, zone)


def _join(submission: ClassSubmission, owners: Sequence[Owner], roster: Roster) -> ClassSubmission:
    """Return a submission with the people that it belongs to, and what is to be said of them."""
    alike = _find_namesakes(owners, roster)
    said = [
        owner.note or _describe_stranger(owner.person, alike[owner.person], submission.id)
        for owner in owners
        if owner.note or (owner.known is None and roster.complete)
    ]
    people = tuple(owner.person for owner in owners)
    return replace(submission, people=people, notes=(*submission.notes, *dict.fromkeys(said)))


def _find_namesakes(owners: Sequence[Owner], roster: Roster) -> dict[Person, tuple[Person, ...]]:
    """Return for each owner whom the roster does not know, and nothing is said of, the people who are called so."""
    return {owner.person: roster.namesakes(owner.person) for owner in owners if owner.known is None and not owner.note}


def _find_doubtful(source: Source, settled: Sequence[Sequence[Owner]], roster: Roster) -> dict[Person, list[str]]:
    """Return by person the submissions that may be theirs, or those of others of their name."""
    doubtful: dict[Person, list[str]] = {}
    for submission, owners in zip(source.submissions, settled, strict=True):
        for namesakes in _find_namesakes(owners, roster).values():
            for person in namesakes:
                doubtful.setdefault(person, []).append(submission.id)
    return doubtful


def _list_absent(
    roster: Roster,
    seen: Collection[Person | None],
    claimed: Collection[Person | None],
    doubtful: Mapping[Person, list[str]],
) -> Iterator[ClassSubmission]:
    """Yield what stands for each person of the roster whose no submission is for certain, with the reason."""
    for person in dict.fromkeys(member.person for member in roster.members if not member.has_left):
        if person in seen:
            continue
        name = safe_id(person.login or person.email or person.sid or person.name or person.lms_id)
        problem = "The roster has this person, and nothing was handed in."
        if person in claimed:
            problem = "Several submissions claim to be this person's, and none of them is for certain."
        elif person in doubtful:
            meant = ", ".join(doubtful[person])
            problem = f"Several people are called so, and the roster does not say whose {meant} is."
        yield ClassSubmission(name, None, (person,), problem=problem, state=NOTHING)


def _describe_nobodys(
    source: Source, settled: Sequence[Sequence[Owner]], roster: Roster, *, is_any_known: bool
) -> Iterator[str]:
    """Say of which submissions the roster lists nobody."""
    nobodys = [
        submission.id
        for submission, owners in zip(source.submissions, settled, strict=True)
        if owners and all(owner.known is None for owner in owners) and not any(_find_namesakes(owners, roster).values())
    ]
    if nobodys:
        named = list_some(list(map(printable, nobodys)), _MOST_NAMED)
        doubt = "" if is_any_known else " The roster knows no submission at all: is it this class's?"
        yield f"The roster lists nobody of {plural(len(nobodys), 'submission')}: {named}.{doubt}"


def _describe_left(roster: Roster, seen: Collection[Person | None]) -> Iterator[str]:
    left = list(dict.fromkeys(member.person for member in roster.members if member.has_left and member.person in seen))
    if left:
        named = list_some([person.title for person in left], _MOST_NAMED)
        yield f"Graded all the same, though the roster says that they left the course: {named}."


def _describe_zeros(owners: Iterable[Owner]) -> Iterator[str]:
    """Say where a roster's numbers are those of the source without the zeros before them."""
    lost = [
        (getattr(owner.known, key), getattr(owner.person, key))
        for owner in owners
        for key in ("sid", "login")
        if owner.known is not None and has_lost_zeros(getattr(owner.known, key), getattr(owner.person, key))
    ]
    if lost:
        short, whole = lost[0]
        verb = "number in the roster has lost its" if len(lost) == 1 else "numbers in the roster have lost their"
        yield (
            f"{len(lost)} {verb} leading zeros ({short}, which is {whole}), as spreadsheets do: the tables "
            "have the whole ones. Of people who handed in nothing they have the roster's: export it again."
        )


def _compare(source: Source, roster: Roster) -> Grounds:
    """Return how this source's people can be compared with the roster's."""
    people = [person for submission in source.submissions for person in submission.people]
    listed = [member.person for member in roster.members]
    return Grounds(
        same_numbers=_has_numbers_of(source, roster),
        same_logins=not source.chosen_logins or any(member.github for member in roster.members),
        numbers_groups=source.numbers_groups,
        chosen_names=source.chosen_names,
        domains=domains_of_most(people) | domains_of_most(listed),
    )


def _link_all(source: Source, roster: Roster, grounds: Grounds) -> list[list[Link]]:
    """Return whom of the roster the people of each submission are taken for.

    The roster's own word goes first; a group's name stands for its members.
    """
    names = _names(source)
    listed = [roster.of_submission(names[submission.id]) for submission in source.submissions]

    def find_groups(grounds: Grounds) -> list[list[Link]]:
        return [
            roster.link_group(submission.people[0], grounds) if len(submission.people) == 1 and not people else []
            for submission, people in zip(source.submissions, listed, strict=True)
        ]

    groups = find_groups(replace(grounds, by_groups=True))
    each = [
        [Link(person, person, by_roster=True) for person in people]
        or by_number
        or [roster.link(person, grounds) for person in submission.people]
        for submission, people, by_number in zip(
            source.submissions, listed, _claims_by_number(source, roster, grounds), strict=True
        )
    ]
    alone = (
        link.known
        for links, group in zip(each, groups, strict=True)
        for link in links
        if not group and link.known is not None and link.weight > Weight.AGAINST
    )
    by_group = (
        link.known for group in groups for link in group if link.known is not None and link.weight == Weight.TEAM
    )
    if not roster.hands_in_by_groups(alone, by_group):
        groups = find_groups(grounds)
    return [group or links for links, group in zip(each, groups, strict=True)]


def _names(source: Source) -> dict[str, set[str]]:
    """Return what each submission can be called in a roster: its id, its file's name, or its platform's number."""
    numbers = _unique_numbers({one.id: _given_by_platform(source, one.id) for one in source.submissions})
    names: dict[str, set[str]] = {}
    for submission in source.submissions:
        whole = {submission.id} | ({submission.path.name} if submission.path is not None else set())
        names[submission.id] = whole | {strip_ending(name) for name in whole} | numbers[submission.id]
    return names


def _given_by_platform(source: Source, ident: str) -> str:
    """Return the platform's own number in an id: the last thing there, behind the name, which its owner chose."""
    may_be_cut = len(ident) >= _CUT_AT or len(ident.encode()) >= 2 * _CUT_AT
    number = _LAST_NUMBER.search(ident)
    return number[1] if number and not (source.chosen_names or source.chosen_logins or may_be_cut) else ""


def _unique_numbers(texts: Mapping[str, str]) -> dict[str, set[str]]:
    """Return by submission the numbers in its text that no other one's text has."""
    found = {ident: set(_NUMBER.findall(text)) for ident, text in texts.items()}
    times = Counter(number for numbers in found.values() for number in numbers)
    return {ident: {number for number in numbers if times[number] == 1} for ident, numbers in found.items()}


def _claims_by_number(source: Source, roster: Roster, grounds: Grounds) -> list[list[Link]]:
    """Return whom the roster names by a number in what somebody called a file: whoever did may have meant anybody."""
    if not source.chosen_names:
        return [[] for _ in source.submissions]
    numbers = _unique_numbers({submission.id: submission.id for submission in source.submissions})
    return [
        [
            Link(given, person, grounds, by_number=True)
            for given in submission.people
            for person in roster.of_submission(numbers[submission.id])
        ]
        for submission in source.submissions
    ]


def _describe_stranger(person: Person, namesakes: Sequence[Person], ident: str) -> str:
    """Say why a submission is joined to nobody's: nobody of the roster is called so, or several are."""
    if not namesakes:
        return f"{person.title} {NOT_LISTED}"
    return (
        f"{len(namesakes)} people in the roster are called {person.title}: give it a column `submission`, and write "
        f"{ident} into the line of whose this is."
    )


def _doubt_groups(source: Source, links: Sequence[Sequence[Link]]) -> Iterator[str]:
    """Say where names beside Canvas's numbers are those of groups, which a roster without groups cannot know."""
    odd = [
        (link.given.name, link.known.title)
        for every in links
        for link in every
        if link.known is not None and not link.group and link.given.lms_id
        if link.given.lms_id == link.known.lms_id
        if not _may_be_called(link.given.name, link.known.name)
    ]
    if odd and source.kind.startswith("Canvas"):
        name, title = odd[0]
        verb = "name in the download is not that" if len(odd) == 1 else "names in the download are not those"
        yield (
            f"{len(odd)} {verb} of the person with this number in the roster ({printable(name)} has the number of "
            f"{title}). If these are groups, give the roster a column `group` with these names, and each member has "
            "the grade."
        )


def _may_be_called(written: str, name: str) -> bool:
    """Return whether a name as Canvas's files spell it holds a word of a person's name."""
    words = [word for word in re.split(r"[\W_]+", unicodedata.normalize("NFC", name).casefold()) if word]
    plain = unicodedata.normalize("NFC", written).casefold()
    return not words or plain.startswith("anon_") or any(word in plain for word in words)


def _with_times(source: Source, roster: Roster, zone: dt.tzinfo | None) -> Source:
    """Return Moodle's download with the times of its worksheet: of a group the last one."""
    if not roster.times or not source.kind.startswith("Moodle"):
        return source
    unread: list[str] = []
    submissions = []
    for submission in source.submissions:
        texts = [roster.times[person.lms_id] for person in submission.people if person.lms_id in roster.times]
        read = {text: read_wall_time(text) for text in texts}
        unread += [text for text, moment in read.items() if moment is None]
        moments = [moment for moment in read.values() if moment is not None]
        if moments and zone is not None and not submission.created_at and submission.state != NOTHING:
            at = max(moments).replace(tzinfo=zone).isoformat()
            submissions.append(replace(submission, created_at=at))
        else:
            submissions.append(submission)
    notes = list(source.notes)
    if zone is None:
        notes += without_zone("Moodle's worksheet")
    if unread:
        notes.append(
            f"The time in {plural(len(unread), 'line')} of the roster cannot be read, {printable(unread[0])!r} for "
            "instance: whether these are late is not judged."
        )
    return replace(source, submissions=tuple(submissions), notes=tuple(notes))


def _has_numbers_of(source: Source, roster: Roster) -> bool:
    """Return whether a roster's numbers can be the platform's: of enough of them some are in the source as well."""
    numbers = {person.lms_id for submission in source.submissions for person in submission.people if person.lms_id}
    return len(numbers) < _FEW or not numbers.isdisjoint(member.person.lms_id for member in roster.members)
