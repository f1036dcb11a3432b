"""Pages for grading by question: all answers to one question, anonymous, in random order, look-alikes side by side."""

from __future__ import annotations

import base64
import csv
import hashlib
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError, SubmissionError
from autograder.base.files import check_new_folder
from autograder.base.seeds import strengthen
from autograder.base.spreadsheet import guard_cell
from autograder.classroom import gradescope_yaml, sources
from autograder.classroom.sources.folders import NOBODYS
from autograder.written.anonymity import Person, findings, person, redact
from autograder.written.computing import Computer
from autograder.written.documents import Passage, Section
from autograder.written.naming import find_names, words_of
from autograder.written.questions import BONUS, Question, Written
from autograder.written.reader_process import read
from autograder.written.sheets import GRADES, HANDED, Answer, Originals, Sheets
from autograder.written.submission import USEFUL, WrittenSubmission, find_audiences

KEY: Final = "key.csv"
GRADE_COLUMNS: Final = ("question", "ticket", "points", "of", "comment")
#: What the key calls the points for naming nobody, in the place of a question's number.
ANONYMITY: Final = "anonymity"
KEY_COLUMNS: Final = ("question", "ticket", "submission", "points", "note")
COMPUTED_COLUMNS: Final = ("computed", "computable")
PEOPLE_COLUMNS: Final = ("name", "email", "sid")
#: Endings of files in a class's folder that are nobody's hand-in; whatever else lies there is somebody's.
_BESIDE: Final = frozenset((".csv", ".json", ".yml", ".yaml", ".toml", ".log", ".sh", ".py", ".md", ""))


_IDENTIFIERS: Final = ("submission", "sid", "login", "id")  # a roster's columns that may name a submission


@dataclass(frozen=True)
class Entry:
    """One submission: its id, those who handed it in, where it lies, and audiences that a roster gives them."""

    id: str
    people: tuple[Person, ...]
    path: Path
    audiences: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Made:
    """What was written, and what was unusual, one sentence each."""

    submissions: int
    answers: int
    pages: int
    notes: tuple[str, ...]


@dataclass
class _Class:
    """All submissions, read."""

    read: list[tuple[Entry, WrittenSubmission, frozenset[str]]] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


@contextmanager
def entries(source: Path, roster: Sequence[Mapping[str, str]]) -> Iterator[list[Entry]]:
    """Open a class: Gradescope's export with its people, as it comes or unpacked, or a folder of submissions.

    Raises AssignmentError where `source` is none of them.
    """
    if source.is_dir() and not (source / gradescope_yaml.FILE_NAME).exists():
        yield from_folder(source, roster)
        return
    with sources.open_source(source, useful=USEFUL) as opened:
        found = [
            Entry(
                one.id,
                tuple(person({"name": who.name, "email": who.email, "sid": who.sid}) for who in one.people),
                one.path,
                _find_audiences(one.id, roster),
            )
            for one in opened.submissions
            if one.path is not None
        ]
        yield found


def _find_audiences(identifier: str, roster: Sequence[Mapping[str, str]]) -> frozenset[str]:
    """Return the audiences that a roster gives a submission."""
    return frozenset(line["audience"] for line in _lines(identifier, roster) if line.get("audience"))


def _lines(identifier: str, roster: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    return [line for line in roster if identifier in {line.get(key) for key in _IDENTIFIERS} - {None, ""}]


def from_folder(source: Path, roster: Sequence[Mapping[str, str]]) -> list[Entry]:
    """Return the entries of a folder with a folder or file for every submission; its name is the submission's id.

    roster: lines with a column `submission`; without one, a line belongs to the submission that its sid or login names.
    Raises AssignmentError where there is nothing.
    """
    if not source.is_dir():
        raise AssignmentError(f"{source} is no folder: expected one with a folder or file for every submission.")
    paths = sorted(path for path in source.iterdir() if not path.name.startswith((".", "__")) and not path.is_symlink())
    handed_in = [path for path in paths if not is_beside(path, roster)]
    stems = Counter(_stem(path) for path in handed_in)
    found = []
    for path in handed_in:
        stem = _stem(path)
        # Two hand-ins of one name stay two: each has its answers on the pages.
        identifier = stem if stems[stem] == 1 else path.name
        people = tuple(person(line) for line in _lines(stem, roster))
        found.append(Entry(identifier, people, path, _find_audiences(stem, roster)))
    if not found:
        raise AssignmentError(
            f"{source} holds no submission: expected folders, zips, notebooks, LaTeX sources or PDFs."
        )
    return found


def is_beside(path: Path, roster: Sequence[Mapping[str, str]]) -> bool:
    """Return whether a file in a class's folder is nobody's hand-in, by its ending or name; the roster's names are."""
    suffix = path.suffix.lower()
    is_the_course_s = suffix in _BESIDE or (suffix in (".txt", ".html") and NOBODYS.fullmatch(path.stem) is not None)
    return path.is_file() and is_the_course_s and not _lines(_stem(path), roster)


def _stem(path: Path) -> str:
    return path.stem if path.is_file() else path.name


def coverage(source: Path, found: Sequence[Entry], roster: Sequence[Mapping[str, str]]) -> list[str]:
    """Return who on the roster has nothing here, whose hand-ins are several, and which files are nobody's."""
    notes = []
    present = {one.id for one in found} | {_stem(one.path) for one in found}
    emails = {email.casefold() for one in found for who in one.people for email in who.emails}
    absent = [
        line.get("name") or line.get("email") or line.get("submission", "")
        for line in roster
        if not line.get("left")
        and not present & {line.get(key) for key in _IDENTIFIERS}
        and line.get("email", "").casefold() not in emails
    ]
    if absent:
        notes.append(f"On the roster, and handed in nothing here ({len(absent)}): {'; '.join(absent)}.")
    if source.is_dir() and not (source / gradescope_yaml.FILE_NAME).exists():
        several = sorted({_stem(one.path) for one in found if one.id != _stem(one.path)})
        notes += [f"{stem!r} handed in more than once; each is graded as a submission of its own." for stem in several]
        taken = {one.path for one in found}
        left = sorted(
            path.name for path in source.iterdir() if path.is_file() and path.suffix and path not in taken
            and not path.name.startswith((".", "__"))
        )  # fmt: skip
        if left:
            notes.append(f"Left aside, as no hand-in has such an ending or name ({len(left)}): {'; '.join(left)}.")
    return notes


def write(
    found: Sequence[Entry],
    out: Path,
    written: Written,
    assignment: Assignment,
    chosen: Iterable[str] = (),
    progress: Callable[[str, int, int], None] = lambda *_: None,
) -> Made:
    """Write the pages, grades.csv and key.csv into `out`; the same submissions and secret make the same files.

    progress: called with what is done, and how much of it is done of how much.
    Raises AssignmentError where `out` cannot be written, or holds a grades.csv that somebody may have filled in,
    or anything else that these pages are not.
    """
    if (out / GRADES).exists():
        raise AssignmentError(
            f"{out / GRADES} exists and may hold grades. Choose another folder with --out, or move it."
        )
    check_new_folder(out, own=(KEY, HANDED))
    everybody = _read(found, written, frozenset(chosen), progress)
    progress("writing pages", 0, 0)
    try:
        (out / HANDED).mkdir(parents=True, exist_ok=True)
        originals = Originals(out, written)
        with Computer(assignment, written, out / KEY) as computer:
            asked = {}
            for number, question in enumerate(written.questions):
                progress("writing pages", number, len(written.questions))
                if answers := _answers(question, everybody, originals, computer):
                    asked[question] = answers
        if computer.problem:
            everybody.notes.append(f"No function could be run here, and a person grades them: {computer.problem}")
        to_grade = {question: rest for question, all_ in asked.items() if (rest := [one for one in all_ if one.most])}
        outside = _outside(everybody, originals, assignment.secret)
        naming = list(_anonymity_lines(everybody, written, assignment.secret))
        unread = [(line[0], line[1], "", line[3], "") for line in naming if float(line[3])]
        Sheets(out, written, assignment.secret).write(to_grade, outside, len(everybody.read), len(unread))
        originals.close()
        lines = [(question, answer) for question, answers in to_grade.items() for answer in answers]
        given = [
            (question.number, one.ticket, "0" if one.is_empty else "", f"{one.most:g}", "") for question, one in lines
        ]
        _write_csv(out / GRADES, GRADE_COLUMNS, [*unread, *given])
        _write_csv(
            out / KEY,
            (*KEY_COLUMNS, *COMPUTED_COLUMNS, *PEOPLE_COLUMNS),
            [
                *naming,
                *(
                    (
                        question.number,
                        one.ticket,
                        _safe(one.submission),
                        f"{one.most:g}",
                        "; ".join(one.notes),
                        f"{one.computed:g}",
                        f"{one.computable:g}",
                        *_whose(everybody, one.submission),
                    )
                    for question, answers in asked.items()
                    for one in answers
                ),
            ],
        )
    except OSError as error:
        raise AssignmentError(f"{out} cannot be written: {error.strerror}. Name another folder with --out.") from error
    return Made(len(everybody.read), len(lines), len(to_grade), tuple(everybody.notes))


def _anonymity_lines(everybody: _Class, written: Written, secret: str) -> Iterator[tuple[str, ...]]:
    """Yield a line of the key for each submission: its points for naming nobody.

    Nothing earns them where no answer is found; where something could not be read, a person gives them.
    """
    most = written.policy.anonymity
    for entry, submission, _ in everybody.read if most else ():
        found = find_names(submission, entry.people, written).costly
        answered = any(section.answered for section, *_ in submission.sections.values())
        unread = not submission.documents or any(document.problem for document in submission.documents)
        if unread and not answered and not found:
            points, computed, computable = most, 0.0, 0.0
            note = "It could not be read: whoever opens it sees whether it names anybody."
        else:
            points, computed, computable = 0.0, 0.0 if found or not answered else most, most
            note = "; ".join(f"{one.where} ({one.what})" for one in found)
        name = ticket(secret, ANONYMITY, entry.id)
        figures = f"{points:g}", note, f"{computed:g}", f"{computable:g}"
        yield (ANONYMITY, name, _safe(entry.id), *figures, *_whose(everybody, entry.id))


def _whose(everybody: _Class, submission: str) -> tuple[str, ...]:
    """Return names, addresses and numbers of those who handed in a submission; semicolons part a group's."""
    people = next(entry.people for entry, _, _ in everybody.read if entry.id == submission)
    names = (one.name for one in people)
    emails, ids = (one.emails[0] for one in people if one.emails), (one.ids[0] for one in people if one.ids)
    return tuple(_safe("; ".join(filter(None, every))) for every in (names, emails, ids))


def _read(
    found: Sequence[Entry], written: Written, chosen: frozenset[str], progress: Callable[[str, int, int], None]
) -> _Class:
    everybody = _Class()
    for number, entry in enumerate(found):
        progress("reading hand-ins", number, len(found))
        try:
            submission = read(entry.path, written, originals=True)
        except SubmissionError as error:
            everybody.notes.append(f"{entry.id}: {error}")
            submission = WrittenSubmission((), (), (), (), "")
        belongs = find_audiences(submission, written, {}, chosen | (entry.audiences & set(written.audiences)))
        everybody.read.append((entry, submission, belongs))
        problems = [
            f"{entry.id}, {document.label}: {document.problem}" for document in submission.documents if document.problem
        ]
        everybody.notes += problems
    return everybody


def ticket(secret: str, question: str, submission: str) -> str:
    """Return the name of an answer on its page: it tells nothing, and differs from question to question."""
    message = f"{strengthen(secret)}\0written pages\0{question}\0{submission}".encode()
    return base64.b32encode(hashlib.sha256(message).digest()[:5]).decode().lower()


def _answers(question: Question, everybody: _Class, originals: Originals, computer: Computer) -> list[Answer]:
    secret, written = computer.assignment.secret, computer.written
    whole = question.points + question.computed_points
    answers = []
    for entry, submission, belongs in everybody.read:
        if question not in written.asked(belongs):
            continue
        name = ticket(secret, question.id, entry.id)
        section, document, differs = submission.sections.get(question.id, (None, None, False))
        if section is None or document is None or not section.answered:
            unread = [other for other in submission.documents if other.problem]
            # An answer may hide where the reading lost its way: in what could not be read, or belongs to no question.
            loose = unread or [other for other in submission.documents if other.outside]
            if not submission.documents:
                note = f"This hand-in could not be read: whoever holds {KEY} can open it and look for the answer."
                answers.append(Answer(name, entry.id, None, notes=(note,), most=whole))
            elif loose and (section is None or unread):
                note = f"Not found; {loose[0].label} has to be read as a whole."
                handed = originals.copy(entry, submission, loose[0], name, None)
                if not handed:
                    label = loose[0].label
                    note = f"Not found, and {label} cannot be shown: whoever holds {KEY} can open it and look there."
                answers.append(Answer(name, entry.id, None, notes=(note,), handed=handed, most=whole))
            elif question.audience != BONUS:
                answers.append(_make_unanswered(question, entry, submission, name, originals))
            continue
        verdicts = computer.verdicts(question, section, document, submission.digest)
        decided = [one for one in verdicts if one.right is not None]
        notes = tuple(f"`{one.label}` ({one.points:g}): {one.text}" for one in verdicts if one.right is None)
        if differs:
            notes += ("Another document of this submission answers it differently.",)
        if findings(entry.people, [Passage("", section.raw)], words_of(written)):
            notes += ("A name was blacked out.",)
        computable = math.fsum(one.points for one in decided)
        most = whole - computable
        answers.append(
            Answer(
                name,
                entry.id,
                _anonymous(section, entry),
                notes,
                originals.copy(entry, submission, document, name, section) if most else "",
                most,
                computed=math.fsum(one.earned for one in decided),
                computable=computable,
                verdicts=tuple(
                    redact(f"`{one.label}`: {one.earned:g} of {one.points:g}: {one.text}", entry.people)
                    for one in decided
                ),
            )
        )
    return sorted(answers, key=lambda answer: answer.ticket)


def _make_unanswered(
    question: Question, entry: Entry, submission: WrittenSubmission, name: str, originals: Originals
) -> Answer:
    """Return the entry of an answer that was not found; for a person where it may stand in another place."""
    if _is_empty(question, submission):
        return Answer(name, entry.id, None, most=question.points, is_empty=True, computable=question.computed_points)
    note = "Not found in its place. Something of this submission stands outside of the answers: it may be there."
    handed = originals.copy(entry, submission, submission.documents[0], name, None) if submission.documents else ""
    return Answer(name, entry.id, None, (note,), handed, question.points + question.computed_points)


def _is_empty(question: Question, submission: WrittenSubmission) -> bool:
    """Return whether a submission says nothing about a question: every word belongs to another question's answer."""
    return bool(submission.documents) and not any(
        document.problem
        or document.outside
        or any(piece.apart for section in document.sections.values() for piece in section.pieces)
        or (question.id not in document.sections and document.answered)
        for document in submission.documents
    )


def _anonymous(section: Section, entry: Entry) -> Section:
    """Return the section with every name in it blacked out."""
    pieces = tuple(replace(piece, text=redact(piece.text, entry.people)) for piece in section.pieces)
    fields = {name: redact(value, entry.people) for name, value in section.fields.items()}
    return Section(pieces, fields, section.pages)


def _outside(everybody: _Class, originals: Originals, secret: str) -> list[Answer]:
    """Return what stands outside of every question, one entry for each submission that has something there."""
    found = []
    for entry, submission, _ in everybody.read:
        pieces = [piece for document in submission.documents for piece in document.outside]
        if pieces:
            name = ticket(secret, "outside", entry.id)
            first = next(document for document in submission.documents if document.outside)
            section = _anonymous(Section(tuple(pieces)), entry)
            handed = originals.copy(entry, submission, first, name, section)
            found.append(Answer(name, entry.id, section, handed=handed))
    return sorted(found, key=lambda answer: answer.ticket)


def _safe(text: str) -> str:
    """Return a cell that no spreadsheet takes for a formula."""
    return guard_cell(text)


def _write_csv(file: Path, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
