"""One variant or mutant of the reference, graded the whole way of a submission, in an interpreter of the audit's pool.

Two things make many of them cheap, and neither decides a score. All share one `Setup`, and are asked the
same inputs. And only tests whose probes load the changed file are run: no other could notice.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
import warnings
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, NoReturn

from autograder.assignment import editions, variants
from autograder.assignment.config import Assignment
from autograder.assignment.template import EditionFiles
from autograder.assignment.variants import Variant
from autograder.audit.mutants import Mutant, is_trained
from autograder.audit.solutions import TRAINING, Solution, find_chaff
from autograder.audit.verdicts import CLOSE, WHEAT, MutantVerdict, SolutionVerdict, TrainingVerdict, Verdict
from autograder.base.errors import AssignmentError, GraderError
from autograder.base.numbers import sort_key
from autograder.grading import pipeline
from autograder.grading.setup import Setup
from autograder.intake.submission import Submission, from_files
from autograder.results.report import Report, TestResult

MakeSetup = Callable[[Assignment], Setup]
#: In the place of a submission's own digest: everyone is asked the same.
_DIGEST: Final = "the audit"
#: A mutant that only training can tell is given one attempt of so many seconds.
_TRAINING_SECONDS: Final = 60.0
_READ: Final = 500  # characters of a row, for the reader of the findings


@dataclass(frozen=True)
class Survey:
    """The names of the hidden tests without training, and the reference's files that each loads."""

    names: Mapping[str, str]
    files: Mapping[str, frozenset[str]]

    def tests_concerned_by(self, changed: Sequence[str]) -> list[str]:
        """Return the tests that a change of these files may concern: those that load least come first."""
        numbers = [number for number, files in self.files.items() if not files.isdisjoint(changed)]
        return sorted(numbers, key=lambda number: (len(self.files[number]), sort_key(number)))


def survey(assignment: Assignment) -> Survey:
    """Grade the reference itself. Raises AssignmentError where it loses a point."""
    sources = editions.reference(assignment)
    # With answers that are remembered, a question that two tests ask alike would count for one of them.
    with contextlib.closing(Setup(assignment, remember=False)) as setup:
        report = _grade(assignment, sources, setup, skip=(TRAINING,))
        lost = [row.number for row in report.tests if row.number and not row.passed]
        if lost:
            raise AssignmentError(f"The reference itself fails {', '.join(lost)}: fix these tests, or the reference.")
        names = {row.number: row.name for row in report.tests if row.number}
        return Survey(names, {number: frozenset(setup.memory.files.get(number, ())) for number in names})


def find_lost_rows(assignment: Assignment) -> list[TestResult]:
    """Grade the reference without training, and return the rows in which it loses a point."""
    with contextlib.closing(Setup(assignment)) as setup:
        report = _grade(assignment, editions.reference(assignment), setup, skip=(TRAINING,))
        return [row for row in report.tests if row.number and not row.passed]


class Examiner:
    """Grades variants in one interpreter of the pool, and keeps what all of them share."""

    def __init__(self, assignment: Assignment, found: Survey, make_setup: MakeSetup = Setup) -> None:
        self.assignment, self.survey = assignment, found
        self.sources = editions.reference(assignment)
        self.make_setup = make_setup
        self.setup = make_setup(assignment)
        self.others: dict[str, Setup] = {}  # by edition: each has answers of its own

    def close(self) -> None:
        """End its sandboxes."""
        for setup in (self.setup, *self.others.values()):
            setup.close()

    def solution(self, solution: Solution) -> SolutionVerdict:
        """Grade one whole submission, training included, as a student's."""
        begun, mistake = time.monotonic(), solution.mistake
        own = replace(self.assignment, edition=self.assignment.editions[solution.edition], recognised=True)
        if mistake is not None and mistake.trains is not True:
            own = replace(own, training=replace(own.training, attempts=1, seconds=_TRAINING_SECONDS))
        setup = self.setup if own.edition == self.assignment.edition else self._other(solution.edition)
        try:
            report = _report(own, replace(solution.submission, digest=_DIGEST), setup)
        except GraderError as error:
            self._renew(setup)
            return SolutionVerdict(solution, {}, {}, problem=str(error)[:300])
        lost, problem, read = _outcome(report)
        if not problem and report.notes.edition != solution.edition:
            problem = f"it was recognised as {report.notes.edition}"
        components = {row.number: row.tags[0] for row in report.tests if row.number in lost and row.tags}
        told = find_named_chaffs(report, setup.edition_files(own), mistake.named if mistake is not None else ())
        return SolutionVerdict(solution, lost, components, time.monotonic() - begun, problem, read, told)

    def training(self, kind: str, variant: Variant) -> TrainingVerdict:
        """Train with one wheat, or with one chaff; where nothing is declared of it, for an epoch."""
        begun, policy = time.monotonic(), self.assignment.training
        if kind != WHEAT and variant.trains is not True:
            policy = replace(policy, attempts=1, seconds=_TRAINING_SECONDS)
        if variant.trains is None:
            policy = replace(policy, most_epochs=1)
        own = replace(self.assignment, training=policy)
        try:
            report = self._grade(variants.render(self.sources, [variant]), own, only=TRAINING)
        except GraderError as error:
            return TrainingVerdict(variant, kind, {}, problem=str(error)[:300])
        lost, problem, read = _outcome(report)
        return TrainingVerdict(variant, kind, lost, time.monotonic() - begun, problem, read)

    def _other(self, edition: str) -> Setup:
        if edition not in self.others:
            self.others[edition] = self.make_setup(self.assignment)
        return self.others[edition]

    def _renew(self, setup: Setup) -> None:
        """Whatever became of the sandbox, what is graded next gets another."""
        setup.close()
        if setup is self.setup:
            self.setup = self.make_setup(self.assignment)
        else:
            self.others = {edition: other for edition, other in self.others.items() if other is not setup}

    def variant(self, kind: str, variant: Variant, seed: str | None = None) -> Verdict:
        """Grade one wheat or chaff. seed: in the place of the assignment's secret."""
        begun = time.monotonic()
        files = variants.render(self.sources, [variant])
        changed = [path for path in files if files[path] != self.sources[path]]
        try:
            report = self._grade(files, only=self.survey.tests_concerned_by(changed), seed=seed)
        except GraderError as error:
            return Verdict(variant, kind, {}, problem=str(error)[:300])
        lost, problem, read = _outcome(report)
        rows = [test for test in report.tests if test.score is not None]
        told = sum(bool(variant.sentence) and variant.sentence in test.output for test in rows if test.number in lost)
        return Verdict(variant, kind, lost, told, time.monotonic() - begun, problem, read, _named_mistakes(report))

    def mutant(self, mutant: Mutant) -> MutantVerdict:
        """Grade one mutant until a test notices; training is tried last, and not for one that is listed as right."""
        begun = time.monotonic()
        files = {**self.sources, mutant.file: mutant.source}
        caught: list[TestResult] = []

        def enough(row: TestResult) -> bool:
            if not row.passed:
                caught.append(row)
            return bool(caught)

        try:
            self._grade(files, only=self.survey.tests_concerned_by([mutant.file]), enough=enough)
            if not caught and not mutant.reason:
                policy = replace(self.assignment.training, attempts=1, seconds=_TRAINING_SECONDS)
                only = mutant.function if is_trained(mutant.function, self.assignment.homework) else TRAINING
                self._grade(files, only=only, enough=enough, assignment=replace(self.assignment, training=policy))
        except GraderError as error:
            return MutantVerdict(mutant, problem=str(error)[:300], seconds=time.monotonic() - begun)
        problem = "the grader failed" if any("grader_error" in row.staff for row in caught) else ""
        number = caught[0].number if caught else ""
        return MutantVerdict(mutant, number, time.monotonic() - begun, problem)

    def _grade(self, files: Mapping[str, bytes], assignment: Assignment | None = None, **options: Any) -> Report:
        try:
            return _grade(assignment or self.assignment, files, self.setup, **options)
        except GraderError:
            self._renew(self.setup)
            raise


def find_named_chaffs(report: Report, files: EditionFiles, likely: Collection[str]) -> dict[str, str]:
    """Return the chaff that each row names, by test number: of several with one sentence, one in `likely`.

    files: of the edition that was graded.
    """
    sentences = _named_mistakes(report)
    chaffs = files.chaffs.values() if sentences else ()
    return {number: find_chaff(sentence, chaffs, likely) for number, sentence in sentences.items()}


def _named_mistakes(report: Report) -> dict[str, str]:
    """Return the sentence of the mistake that was found in each row, by test number."""
    return {row.number: str(row.staff["diagnosis"]) for row in report.tests if "diagnosis" in row.staff}


def _outcome(report: Report) -> tuple[dict[str, float], str, str]:
    """Return the points lost by test number, what of the grader's failed, and what the first lost row says."""
    rows = [test for test in report.tests if test.score is not None]
    points = {test.number or test.name: (test.max_score or 0) - (test.score or 0) for test in rows}
    lost = {number: gone for number, gone in points.items() if gone > CLOSE}
    marks = ("grader_error", "diagnosis_failed", "grader_faults")
    faults = [test.number for test in rows if any(mark in test.staff for mark in marks)]
    problem = f"the grader failed in {', '.join(faults)}" if faults else ""
    if not problem and report.notes.grader_faults:
        problem = f"the grader failed: {report.notes.grader_faults[0]}"
    problem = problem or report.notes.stopped or ""
    return lost, problem, next((" ".join(test.output.split())[:_READ] for test in rows if test.number in lost), "")


def _grade(assignment: Assignment, files: Mapping[str, bytes], setup: Setup, **options: Any) -> Report:
    assignment = replace(assignment, recognised=False)  # a mutant must not pass for another edition's submission
    submission = replace(from_files(files, assignment.edition), digest=_DIGEST)
    return _report(assignment, submission, setup, **options)


def _report(assignment: Assignment, submission: Submission, setup: Setup, **options: Any) -> Report:
    with tempfile.TemporaryDirectory(prefix="autograder-audit-") as folder:
        return pipeline.grade(submission, Path(folder, "results.json"), assignment, setup=setup, **options)


_examiner: Examiner | None = None
_stopped = threading.Event()


def begin(assignment: Assignment, found: Survey, make_setup: MakeSetup = Setup) -> None:
    """Prepare this interpreter."""
    global _examiner  # noqa: PLW0603  one for each interpreter of the pool
    _leave_interrupts_to_the_audit()
    threading.Thread(target=_end_with_the_audit, daemon=True).start()
    warnings.simplefilter("ignore", RuntimeWarning)  # NumPy's: divisions by zero are what mistakes do
    _examiner = Examiner(assignment, found, make_setup)


def _leave_interrupts_to_the_audit() -> None:
    """Go on at Ctrl-C, which every process of a terminal gets, and end in order when the audit asks for it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(signal, "pthread_sigmask"):  # the audit held it back until here
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT})
    signal.signal(signal.SIGTERM, _stop)


def _stop(*_: object) -> NoReturn:
    _stopped.set()
    sys.exit()


def _get_examiner() -> Examiner:
    if _stopped.is_set():
        sys.exit()  # what was handed out before the audit was stopped
    if _examiner is None:
        raise GraderError("This interpreter was not prepared for an audit: call begin first.")
    return _examiner


def _end_with_the_audit() -> None:
    """End, and the sandbox with it, where the audit was killed: it would be waited for for ever."""
    audit = multiprocessing.parent_process()
    if audit is not None:
        audit.join()
        os._exit(1)


def variant(kind: str, subject: Variant, seed: str | None = None) -> Verdict:
    """Grade one wheat or chaff in an interpreter that was prepared. seed: in the place of the assignment's secret."""
    return _get_examiner().variant(kind, subject, seed)


def mutant(subject: Mutant) -> MutantVerdict:
    """Grade one mutant in an interpreter that was prepared."""
    return _get_examiner().mutant(subject)


def solution(subject: Solution) -> SolutionVerdict:
    """Grade one whole submission in an interpreter that was prepared."""
    return _get_examiner().solution(subject)


def training(kind: str, subject: Variant) -> TrainingVerdict:
    """Train with one wheat or chaff in an interpreter that was prepared."""
    return _get_examiner().training(kind, subject)
