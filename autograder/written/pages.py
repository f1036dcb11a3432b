"""Pages for grading by question: all answers to one question, anonymous, in random order, look-alikes side by side."""

from __future__ import annotations

import base64
import csv
import hashlib
import html
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Final

from autograder.base.errors import AssignmentError, SubmissionError
from autograder.base.spreadsheet import guarded
from autograder.classroom import gradescope_yaml, sources
from autograder.written import handin, images, pdfs
from autograder.written.anonymity import Person, findings, person, redacted
from autograder.written.answers import left_open
from autograder.written.documents import Document, Passage, Section
from autograder.written.questions import BONUS, Question, Written

GRADES: Final = "grades.csv"
KEY: Final = "key.csv"
GRADE_COLUMNS: Final = ("question", "ticket", "points", "of", "comment")
KEY_COLUMNS: Final = ("question", "ticket", "submission", "points", "note")
_ALIKE: Final = 0.6  # of the runs of words that two answers have together
_RUN: Final = 4
_FEWEST_RUNS: Final = 8  # shorter answers are alike by necessity
_STYLE: Final = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 70rem; margin: 2rem auto; padding: 0 1rem; color: #1a1a1a; }
h1 { font-size: 1.4rem; } nav { margin-bottom: 1.5rem; } .question { background: #f3f4f6; padding: 0.2rem 1rem; }
.group { display: grid; grid-template-columns: repeat(auto-fit, minmax(20rem, 1fr)); gap: 1rem; margin: 1rem 0; }
.alike { border-left: 4px solid #b45309; padding-left: 0.8rem; } .alike > p { grid-column: 1 / -1; margin: 0; }
article { border: 1px solid #d1d5db; border-radius: 4px; padding: 0.2rem 1rem; overflow: auto; }
article h2 { font-size: 1rem; font-family: ui-monospace, monospace; } .note { color: #92400e; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; font: inherit; }
pre.code { font: 0.85rem/1.4 ui-monospace, monospace; }
img { max-width: 100%; }
"""
_POLICY: Final = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"


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


@dataclass(frozen=True)
class _Answer:
    ticket: str
    submission: str
    section: Section | None
    text: str
    notes: tuple[str, ...] = ()
    pdf: str = ""
    most: float = 0.0  # points that a person can give


@dataclass
class _Class:
    """All hand-ins, read."""

    read: list[tuple[Entry, handin.HandIn, frozenset[str]]] = field(default_factory=list)
    clean: dict[tuple[str, str], bytes] = field(default_factory=dict)  # PDFs by submission and label
    notes: list[str] = field(default_factory=list)


@contextmanager
def entries(source: Path, roster: Sequence[Mapping[str, str]]) -> Iterator[list[Entry]]:
    """The entries of a class: Gradescope's export with its people, as it comes or unpacked, or a folder of hand-ins.

    Raises AssignmentError where `source` is none of them.
    """
    if source.is_dir() and not (source / gradescope_yaml.FILE_NAME).exists():
        yield from_folder(source, roster)
        return
    with sources.opened(source, useful=(*handin.KINDS, ".yml", ".yaml")) as opened:
        found = [
            Entry(
                one.id,
                tuple(person({"name": who.name, "email": who.email, "sid": who.sid}) for who in one.people),
                one.path,
                _named(one.id, roster),
            )
            for one in opened.handins
            if one.path is not None
        ]
        yield found


def _named(identifier: str, roster: Sequence[Mapping[str, str]]) -> frozenset[str]:
    """The audiences that a roster gives a submission."""
    return frozenset(line["audience"] for line in _lines(identifier, roster) if line.get("audience"))


def _lines(identifier: str, roster: Sequence[Mapping[str, str]]) -> list[Mapping[str, str]]:
    keys = ("submission", "sid", "login", "id")
    return [line for line in roster if identifier in {line.get(key) for key in keys} - {None, ""}]


def from_folder(source: Path, roster: Sequence[Mapping[str, str]]) -> list[Entry]:
    """The entries of a folder with a folder or file for every submission; its name is the submission's id.

    roster: lines with a column `submission`; without one, a line belongs to the submission that its sid or login names.
    Raises AssignmentError where there is nothing.
    """
    if not source.is_dir():
        raise AssignmentError(f"{source} is no folder: expected one with a folder or file for every submission.")
    paths = sorted(path for path in source.iterdir() if not path.name.startswith((".", "__")) and not path.is_symlink())
    found = []
    for path in paths:
        if path.is_file() and not path.name.lower().endswith(handin.KINDS):
            continue
        identifier = path.stem if path.is_file() else path.name
        people = tuple(person(line) for line in _lines(identifier, roster))
        found.append(Entry(identifier, people, path, _named(identifier, roster)))
    if not found:
        raise AssignmentError(
            f"{source} holds no submission: expected folders, zips, notebooks, LaTeX sources or PDFs."
        )
    return found


def write(found: Iterable[Entry], out: Path, written: Written, secret: str, chosen: Iterable[str] = ()) -> Made:
    """Write the pages, grades.csv and key.csv into `out`; the same submissions and secret make the same files.

    Raises AssignmentError where `out` cannot be written, or holds a grades.csv that somebody may have filled in.
    """
    if (out / GRADES).exists():
        raise AssignmentError(
            f"{out / GRADES} exists and may hold grades. Choose another folder with --out, or move it."
        )
    everybody = _read(found, written, frozenset(chosen))
    made: list[Question] = []
    count = 0
    try:
        (out / "pdf").mkdir(parents=True, exist_ok=True)
        grades: list[tuple[str, ...]] = []
        key: list[tuple[str, ...]] = []
        for question in written.questions:
            answers = [one for one in _answers(question, everybody, out, written, secret) if one.most]
            if not answers:
                continue
            made.append(question)
            count += len(answers)
            (out / _page_name(question)).write_text(_page(question, answers), encoding="utf-8")
            for answer in answers:
                # What was not found must be looked for; what is not there needs nobody.
                blank = "0" if answer.section is None and not answer.notes else ""
                note, most = "; ".join(answer.notes), f"{answer.most:g}"
                grades.append((question.number, answer.ticket, blank, most, ""))
                key.append((question.number, answer.ticket, _safe(answer.submission), most, note))
        (out / "index.html").write_text(_index(written, made, everybody), encoding="utf-8")
        _write_csv(out / GRADES, GRADE_COLUMNS, grades)
        _write_csv(out / KEY, KEY_COLUMNS, key)
    except OSError as error:
        raise AssignmentError(f"{out} cannot be written: {error.strerror}. Name another folder with --out.") from error
    return Made(len(everybody.read), count, len(made), tuple(everybody.notes))


def _read(found: Iterable[Entry], written: Written, chosen: frozenset[str]) -> _Class:
    everybody = _Class()
    for entry in found:
        try:
            hand_in = handin.read(entry.path, written)
        except SubmissionError as error:
            everybody.notes.append(f"{entry.id}: {error}")
            hand_in = handin.HandIn((), (), (), (), "")
        belongs = handin.audiences(hand_in, written, {}, chosen | (entry.audiences & set(written.audiences)))
        everybody.read.append((entry, hand_in, belongs))
        problems = [
            f"{entry.id}, {document.label}: {document.problem}" for document in hand_in.documents if document.problem
        ]
        everybody.notes += problems
    return everybody


def ticket(secret: str, question: Question, submission: str) -> str:
    """The name of an answer on its page: it tells nothing, and differs from question to question."""
    message = f"{secret}\0written pages\0{question.id}\0{submission}".encode()
    return base64.b32encode(hashlib.sha256(message).digest()[:5]).decode().lower()


def _answers(question: Question, everybody: _Class, out: Path, written: Written, secret: str) -> list[_Answer]:
    answers = []
    for entry, hand_in, belongs in everybody.read:
        if question not in written.asked(belongs):
            continue
        name = ticket(secret, question, entry.id)
        section, document, differs = hand_in.sections.get(question.id, (None, None, False))
        if section is None or document is None or not section.answered:
            unfound = [other for other in hand_in.documents if other.problem]
            if section is None and unfound:
                note = f"Not found; {unfound[0].label} has to be read as a whole."
                pdf = _copy(entry, hand_in, unfound[0], name, everybody, out, written)
                whole = question.points + question.computed_points
                answers.append(_Answer(name, entry.id, None, "", (note,), pdf, whole))
            elif question.audience != BONUS:
                answers.append(_Answer(name, entry.id, None, "", most=question.points))
            continue
        undecided = left_open(question, section, document.kind)
        notes = tuple(f"`{verdict.label}` ({verdict.points:g}): {verdict.text}" for verdict in undecided)
        if differs:
            notes += ("Another document of this submission answers it differently.",)
        if findings(entry.people, [Passage("", section.raw)]):
            notes += ("A name was blacked out.",)
        pdf = _copy(entry, hand_in, document, name, everybody, out, written)
        most = question.points + sum(verdict.points for verdict in undecided)
        answers.append(_Answer(name, entry.id, section, redacted(section.raw, entry.people), notes, pdf, most))
    return sorted(answers, key=lambda answer: answer.ticket)


def _copy(
    entry: Entry, hand_in: handin.HandIn, document: Document, name: str, everybody: _Class, out: Path, written: Written
) -> str:
    """Write a PDF's pages without its properties, and return their path from the page; nothing for another document."""
    if document.kind != "pdf":
        return ""
    which = entry.id, document.label
    if which not in everybody.clean:
        everybody.clean[which] = pdfs.cleaned(hand_in.pdfs[document.label], written.limits)
    if not everybody.clean[which]:
        return ""
    # A ticket tells nothing, but one copy under several would: each question has its own.
    (out / "pdf" / f"{name}.pdf").write_bytes(everybody.clean[which])
    return f"pdf/{name}.pdf"


def groups(texts: Sequence[str]) -> list[list[int]]:
    """The indices of texts, those that are nearly identical together, in the order of each group's first."""
    runs = [_runs(text) for text in texts]
    leader = list(range(len(texts)))

    def root(index: int) -> int:
        while leader[index] != index:
            index = leader[index]
        return index

    for one, other in combinations(range(len(texts)), 2):
        if min(len(runs[one]), len(runs[other])) >= _FEWEST_RUNS:
            together = len(runs[one] & runs[other])
            if together >= _ALIKE * (len(runs[one]) + len(runs[other]) - together):
                first, second = sorted((root(one), root(other)))
                leader[second] = first
    found: dict[int, list[int]] = {}
    for index in range(len(texts)):
        found.setdefault(root(index), []).append(index)
    return list(found.values())


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))


def _page_name(question: Question) -> str:
    return f"question-{question.number}.html"


def _page(question: Question, answers: Sequence[_Answer]) -> str:
    given = [answer for answer in answers if answer.section is not None or answer.notes]
    texts = [f"{answer.text}\n{answer.section.code if answer.section else ''}" for answer in given]
    parts = [f"<nav><a href='index.html'>All questions</a></nav><h1>{_e(question.number)} {_e(question.title)}</h1>"]
    parts.append(f"<div class='question'><pre>{_e(question.text)}</pre></div>")
    absent = len(answers) - len(given)
    parts.append(f"<p>{len(given)} answers; {absent} left it unanswered.</p>")
    for group in groups(texts):
        alike = len(group) > 1
        parts.append(f"<section class='group{' alike' if alike else ''}'>")
        if alike:
            parts.append(f"<p class='note'>{len(group)} answers are nearly identical.</p>")
        parts += [_article(given[index]) for index in group]
        parts.append("</section>")
    return _document(f"{question.number} {question.title}", "".join(parts))


def _article(answer: _Answer) -> str:
    parts = [f"<article id='{answer.ticket}'><h2>{answer.ticket} <small>of {answer.most:g}</small></h2>"]
    parts += [f"<p class='note'>{_e(note)}</p>" for note in answer.notes]
    section = answer.section
    if section is not None:
        parts.append(f"<pre>{_e(answer.text)}</pre>")
        if section.code:
            parts.append(f"<pre class='code'>{_e(section.code)}</pre>")
        for picture in section.pictures:
            clean = images.stripped(picture.content) if picture.content else b""
            if clean:
                encoded = base64.b64encode(clean).decode()
                parts.append(f"<img alt='' src='data:{images.media_type(clean)};base64,{encoded}'>")
            else:
                parts.append("<p class='note'>A picture is missing, or of a kind that is not shown.</p>")
    if answer.pdf:
        where = f" (page {', '.join(map(str, section.pages))})" if section is not None else ""
        parts.append(f"<p><a href='{answer.pdf}'>The pages as they were handed in</a>{where}</p>")
    return "".join([*parts, "</article>"])


def _index(written: Written, asked: Sequence[Question], everybody: _Class) -> str:
    rows = "".join(
        f"<li><a href='{_page_name(question)}'>{_e(question.number)} {_e(question.title)}</a>, "
        f"up to {question.points:g} points, more where a note says so</li>"
        for question in asked
    )
    how = (
        f"<p>{len(everybody.read)} submissions. Open a question, and enter the points and a comment for each ticket in "
        f"<code>{GRADES}</code>; <code>written-merge</code> brings them back. Formulas stand as they were typed.</p>"
    )
    return _document(written.title, f"<h1>{_e(written.title)}</h1>{how}<ul>{rows}</ul>")


def _document(title: str, body: str) -> str:
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><title>{_e(title)}</title>"
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}"><meta name="referrer" content="no-referrer">'
        f"<style>{_STYLE}</style></head><body>{body}</body></html>\n"
    )


def _e(text: str) -> str:
    from autograder.base.text import clean

    return html.escape(clean(text))


def _safe(text: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return guarded(text)


def _write_csv(file: Path, columns: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as opened:
        writer = csv.writer(opened, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows(lines)
