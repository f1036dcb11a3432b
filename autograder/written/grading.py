"""Grade one written submission: read it, look for names, compute what can be computed, and write results.json."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from autograder import __version__
from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError, SubmissionError
from autograder.results.report import Report, TestResult
from autograder.results.results_file import ResultsFile
from autograder.results.staff_notes import StaffNotes
from autograder.results.watchdog import FAILED, Watchdog
from autograder.written import sentences
from autograder.written.anonymity import Person, person, redact
from autograder.written.computing import Computer
from autograder.written.documents import BELOW, Document, Section
from autograder.written.naming import Named, find_names
from autograder.written.questions import BONUS, Question, Written
from autograder.written.reader_process import read
from autograder.written.submission import OWN_NAME, WrittenSubmission, find_audiences

_NOT_REACHED: Final = "Not reached."
#: Seconds past its own deadline after which a grading that hangs is ended from outside.
_WATCHDOG_GRACE: Final = 20.0
_OUT_OF_TIME: Final = (
    "Checking the written part took longer than it may. What was checked until then is kept; a person reads the rest."
)
_NO_ANSWER: Final = (
    "No answer was found, and points for one without a name need one. If there is one, a person gives them."
)
ANONYMITY: Final = "No name appears anywhere"
#: The same row where nobody's name is known, so that nothing can be said of it.
UNSEARCHED: Final = "Names: not searched for"
DOCUMENTS: Final = "What was handed in"


@dataclass(frozen=True)
class Submitters:
    """Who handed in, as far as is known; `metadata` as Gradescope gives it; `audiences` that were named for them."""

    people: tuple[Person, ...] = ()
    metadata: Mapping[str, Any] | None = None
    audiences: frozenset[str] = frozenset()


def grade(
    source: Path,
    results: Path,
    assignment: Assignment,
    written: Written,
    submitters: Submitters | None = None,
    *,
    finish: Callable[[dict[str, Any]], dict[str, Any]] | None = None,
    hang_status: int = FAILED,
) -> Report:
    """Grade one submission; `results` is complete and valid on disk from the first moment on.

    finish: has the last word on the document (see `lateness`).
    hang_status: the exit status of this process where the run hangs, and the watchdog ends it.
    Raises AssignmentError or GraderError, each after a report for the staff is on disk.
    """
    begun = time.monotonic()
    seconds = assignment.limits.run_seconds + _WATCHDOG_GRACE
    with ResultsFile(results) as file:
        run = _Run(file, assignment, written, submitters or Submitters(), begun, finish)
        with Watchdog(file, seconds, _OUT_OF_TIME, _OUT_OF_TIME, status=hang_status):
            run.whole(source)
    return file.report


class _Run:
    def __init__(
        self,
        results: ResultsFile,
        assignment: Assignment,
        written: Written,
        submitters: Submitters,
        begun: float,
        finish: Callable[[dict[str, Any]], dict[str, Any]] | None,
    ) -> None:
        self.assignment, self.submitters, self.begun = assignment, submitters, begun
        self.deadline = begun + assignment.limits.run_seconds
        # What is left when everything is read is for running functions.
        seconds = min(written.limits.seconds, max(assignment.limits.run_seconds * 0.7, 1.0))
        self.written = written = written.within(replace(written.limits, seconds=seconds))
        unknown = submitters.audiences - set(written.audiences)
        if unknown:
            raise AssignmentError(
                f"written.toml knows no audience {', '.join(sorted(unknown))}; it knows {', '.join(written.audiences)}."
            )
        asked = written.asked(submitters.audiences)
        rows = [_row(question, written, 0.0, None, _NOT_REACHED) for question in asked]
        report = Report(
            tests=(self._anonymity_row(None), *rows),
            visibility=assignment.visibility,
            stdout_visibility=assignment.stdout_visibility,
            finish=finish,
            notes=StaffNotes(version=__version__, part="written"),
        )
        self.results = results
        results.begin(report)

    def whole(self, source: Path) -> None:
        """Read, then check question by question, each row on disk as soon as it is known."""
        try:
            submission = read(source, self.written)
        except SubmissionError as error:
            self._nothing_to_read(error)
            return
        metadata = self.submitters.metadata or {}
        belongs = find_audiences(submission, self.written, metadata, self.submitters.audiences)
        asked = self.written.asked(belongs)
        rows = [_row(question, self.written, 0.0, None, _NOT_REACHED) for question in asked]
        notes = replace(
            self.results.report.notes,
            submission=submission.digest,
            audiences=tuple(sorted(belongs)),
            documents=tuple(_describe_documents(submission)),
        )
        self.results.update(tests=(self._anonymity_row(None), *rows), notes=notes)
        named = find_names(submission, self.submitters.people, self.written)
        answered = any(section.answered for section, *_ in submission.sections.values())
        self.results.put(
            self._anonymity_row(named if answered or named.costly else None, "" if answered else _NO_ANSWER)
        )
        self.results.put(documents_row(submission))
        with Computer(self.assignment, self.written, self.results.file) as computer:
            for question in asked:
                if time.monotonic() > self.deadline:
                    self.results.update(output=_OUT_OF_TIME)
                    break
                self.results.put(self._question_row(question, submission, computer))
        if computer.problem:
            self.results.note(isolation=computer.problem)
        said = self.results.report.output, self._note_unasked(submission, belongs), self._note_open(asked)
        output = "\n\n".join(filter(None, said))
        self.results.update(output=output, execution_time=time.monotonic() - self.begun)

    def _nothing_to_read(self, error: SubmissionError) -> None:
        text = redact(str(error), self.submitters.people)
        row = TestResult(name=DOCUMENTS, passed=False, output=text)
        people = "Nothing could be read: see the first row. What was handed in is kept, and a person can look at it."
        asked = self.written.asked(self.submitters.audiences)
        tests = [_row(question, self.written, 0.0, None, people, question.computed_points) for question in asked]
        anonymity = self._anonymity_row(None, "There was nothing to search for a name.")
        self.results.update(tests=(row, anonymity, *tests))
        output = "\n\n".join(filter(None, (text, self._note_open(asked))))
        self.results.update(output=output, execution_time=time.monotonic() - self.begun)

    def _anonymity_row(self, named: Named | None, text: str = "") -> TestResult:
        points = self.written.policy.anonymity
        if not any(vars(one) != vars(Person()) for one in self.submitters.people):
            return _unsearched_row(points)
        worth: dict[str, Any] = {"score": 0.0, "max_score": points} if points else {}
        if named is None:
            return TestResult(name=ANONYMITY, output=text or _NOT_REACHED, passed=False, **worth)
        found = named.costly
        if points:
            worth["score"] = 0.0 if found else points
        if found:
            places = "\n".join(f"- {finding.where} ({finding.what})" for finding in found)
            text = (
                f"The written part is graded anonymously, and it names who handed it in:\n\n{places}\n\n"
                "Take it out and hand in again."
            )
        elif not text:
            text = "No name was found."
            hidden = sorted({finding.where for finding in named.unchosen if finding.where != OWN_NAME})
            if named.own_name:
                text = (
                    "No name was found in it. The name of the file itself has one; a platform or the staff may have "
                    "given that, and it costs nothing."
                )
            elif hidden:
                text = "No name was found in it."
            if hidden:
                text += (
                    f" A program put one where you do not see it, and that costs nothing: {'; '.join(hidden)}. Next "
                    "time, take it out if you can."
                )
        return TestResult(name=ANONYMITY, output=text, passed=not found, **worth)

    def _question_row(self, question: Question, submission: WrittenSubmission, computer: Computer) -> TestResult:
        if question.id not in submission.sections:
            text = (
                f"Not found. Write the answer below the label `Answer {question.number}`, or put that label above it. "
                "If it is there, a person will find it."
            )
            if any(document.problem for document in submission.documents):
                # It may stand in what could not be read.
                return _row(question, self.written, 0.0, None, text, question.computed_points)
            passed = None if question.audience == BONUS else False
            return _row(question, self.written, 0.0, passed, text)
        section, document, differs = submission.sections[question.id]
        if not section.answered:
            passed = None if question.audience == BONUS else False
            text = (
                f"Not answered: at question {question.number} stands what the template has there, and nothing of yours."
            )
            return _row(question, self.written, 0.0, passed, text)
        lines = [f"Answered, in {document.label}."]
        if section.is_drawn:
            lines = [f"Answered, in {document.label}, by a picture or by hand, which no program reads."]
        if differs:
            lines.append(f"Another document answers it differently; the answer in {document.label} was read.")
        apart = sorted({piece.apart for piece in section.pieces if piece.apart})
        if apart:
            lines.append(f"Some of it stands {' and '.join(apart)}. A person reads it as a part of the answer.")
        verdicts = computer.verdicts(question, section, document, submission.digest)
        right = [verdict.right for verdict in verdicts]
        fits, told = _length(question, section)
        lines += told
        inside = [picture for piece in section.pieces if piece.apart != BELOW for picture in piece.pictures]
        missing = sum(picture.is_missing for picture in inside)
        if missing:
            what = "picture that it shows was" if missing == 1 else "pictures that it shows were"
            lines.append(f"{missing} {what} not handed in: hand in the pictures with the document.")
        lines += [f"`{verdict.label}`: {verdict.text}" for verdict in verdicts]
        if question.points and not section.text and not section.pictures:
            lines.append("Nothing is explained: only results stand there.")
        if question.points or None in right:
            left = question.points + sum(verdict.points for verdict in verdicts if verdict.right is None)
            lines.append(f"A person reads the rest, for up to {left:g} {'point' if left == 1 else 'points'}.")
        earned = sum(verdict.earned for verdict in verdicts)
        open_points = sum(verdict.points for verdict in verdicts if verdict.right is None)
        # A length costs nothing by itself: a person sees it, and gives the points.
        fine = not missing and False not in right
        passed = None if fine and (None in right or not fits) else fine
        text = redact("\n".join(f"- {line}" for line in lines), self.submitters.people)
        return _row(question, self.written, earned, passed, text, open_points)

    def _note_open(self, asked: Iterable[Question]) -> str:
        """Return why the computed points are fewer than those of others, where a person has to give some of them."""
        if self.written.policy.people == "zero":
            return ""
        rows = {row.number: row.max_score or 0.0 for row in self.results.report.tests}
        left = {one.number: one.computed_points - rows.get(one.number, 0.0) for one in asked}
        left = {number: points for number, points in left.items() if points > 0}
        if not left:
            return ""
        which = ", ".join(f"{number} ({points:g})" for number, points in left.items())
        return (
            f"No program could decide about {sum(left.values()):g} of the computed points, and they are not counted "
            f"here: {which}. A person gives them."
        )

    def _note_unasked(self, submission: WrittenSubmission, belongs: frozenset[str]) -> str:
        """Return a word to those who answered what they were not asked: perhaps they were."""
        asked = {question.id for question in self.written.asked(belongs)}
        lines = []
        for name, audience in self.written.audiences.items():
            extra = [
                question.number
                for question in self.written.questions
                if question.audience == name
                and question.id not in asked
                and question.id in submission.sections
                and submission.sections[question.id][0].answered
            ]
            if extra:
                lines.append(
                    f"{', '.join(extra)}: {audience.title.lower()}; the answers were not looked at. If you are one of "
                    f"them, hand in an empty file named `{name}.txt` as well."
                )
        return "\n\n".join(lines)


def _unsearched_row(points: float) -> TestResult:
    """Return what stands in the place of the row on names where nobody's is known: no claim, and no points for one."""
    text = "Nobody's name is known here, so none was searched for, and a name may stand in it."
    if points:
        text += f" A person gives the {points:g} points for a work without one."
    return TestResult(name=UNSEARCHED, output=f"{text} The staff search with --people, and Gradescope knows the names.")


def _row(
    question: Question, written: Written, earned: float, passed: bool | None, text: str, open_points: float = 0.0
) -> TestResult:
    """Return a question's row: computed points alone, and a person's at zero where the policy says so.

    open_points: those that no program could decide about; they are a person's to give, too.
    """
    most = question.computed_points - open_points
    if written.policy.people == "zero":
        most += question.points + open_points
    tags = (question.audience,)
    name = f"{question.title} (bonus)" if question.audience == BONUS else question.title
    if most:
        return TestResult(name, question.number, earned, most, passed, text, tags)
    return TestResult(name, question.number, passed=passed, output=text, tags=tags)


def _length(question: Question, section: Section) -> tuple[bool, list[str]]:
    """Return whether the answer has as many sentences as it may, where that is sure."""
    if question.sentences is None or not section.text:
        return True, []
    least, most = question.sentences
    # What follows the end of an answer may be no part of it.
    inside = "\n\n".join(piece.text for piece in section.pieces if not piece.is_code and piece.apart != BELOW)
    fewest_counted, most_counted = sentences.count(inside or section.text)
    counted = f"{fewest_counted}" if fewest_counted == most_counted else f"{fewest_counted} to {most_counted}"
    unit = "sentence" if counted == "1" else "sentences"
    if fewest_counted > most:
        return False, [f"Too long: {counted} {unit}, and {most} at most were asked for."]
    if most_counted < least:
        return False, [f"Too short: {counted} {unit}, and {least} at least were asked for."]
    return True, []


def documents_row(submission: WrittenSubmission) -> TestResult:
    """Return what was read, and what is wrong with it."""
    lines = [
        f"- {document.label[0].upper()}{document.label[1:]}: {_describe(document)}" for document in submission.documents
    ]
    kinds = [document.kind for document in submission.documents]
    if any(kinds.count(kind) > 1 for kind in kinds):
        lines.append(
            "- Of several documents, the one that answers most is read first, the others for what it leaves open."
        )
    lines += [f"- {note}" for note in submission.notes]
    fine = not submission.notes and any(document.sections for document in submission.documents)
    return TestResult(name=DOCUMENTS, passed=fine, output="\n".join(lines))


def _describe(document: Document) -> str:
    if document.problem:
        return document.problem
    count = document.answered
    lines = [f"{count} {'question' if count == 1 else 'questions'} answered."]
    if document.outside:
        lines.append("Something stands outside of every question; a person reads that, too.")
    return " ".join(filter(None, (*lines, document.note)))


def _describe_documents(submission: WrittenSubmission) -> list[dict[str, Any]]:
    return [
        {"document": document.label, "answered": document.answered, "problem": document.problem}
        for document in submission.documents
    ]


def known_submitters(
    details: Iterable[Mapping[str, str]], metadata: Mapping[str, Any] | None = None, chosen: Iterable[str] = ()
) -> Submitters:
    """Submitters from what a roster, or Gradescope's metadata, tells of each."""
    return Submitters(tuple(person(entry) for entry in details), metadata, frozenset(chosen))
