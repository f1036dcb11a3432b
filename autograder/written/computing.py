"""What a program gives for an answer: its results checked, and its function run in the sandbox."""

from __future__ import annotations

from pathlib import Path

from autograder.assignment.config import Assignment
from autograder.base.errors import IsolationError
from autograder.base.seeds import derive_seed
from autograder.wall import verify
from autograder.wall.sandbox import Sandbox
from autograder.written import answers
from autograder.written.documents import Document, Section
from autograder.written.questions import Question, Written


class Computer:
    """A context manager: computes answers; the sandbox starts, and its wall is tried, when the first function runs.

    results: a file that no worker may read. problem: why no function can be run here; empty where one can.
    """

    def __init__(self, assignment: Assignment, written: Written, results: Path) -> None:
        self.assignment, self.written, self.results = assignment, written, results
        self.problem = ""
        self._sandbox: Sandbox | None = None

    def __enter__(self) -> Computer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._sandbox is not None:
            self._sandbox.close()

    def verdicts(self, question: Question, section: Section, document: Document, digest: str) -> list[answers.Verdict]:
        """Return a verdict for each result of the question, and for its function.

        digest: of what was handed in, from which the values derive that it is tried with.
        """
        seed = derive_seed(self.assignment.secret, "written", digest, question.id)
        verdicts = answers.check_fields(question, section.fields, seed, section.unsure)
        code = question.code
        if code is None:
            return verdicts
        text = answers.unrunnable(code, section, document)
        sandbox = self._start() if section.code.strip() and not text else None
        if self.problem and section.code.strip() and not text:
            text = "it could not be run here, through no fault of yours; a person reads it."
        if text:
            return [*verdicts, answers.Verdict(f"{code.function}()", None, code.points, text)]
        cells, homework = document.code_cells, self.assignment.homework
        return [
            *verdicts,
            answers.check_code(code, section.code, cells, self.written.limits, sandbox, seed, homework),
        ]

    def _start(self) -> Sandbox | None:
        """Return the running sandbox; None where its wall does not stand here, with the reason in `problem`."""
        if self._sandbox is None and not self.problem:
            self._sandbox = Sandbox(self.assignment.homework_folder)
            try:
                self._sandbox.launch()
                verify.verify(self._sandbox, self.assignment, self.results)
            except IsolationError as error:
                self.problem = str(error)
        return None if self.problem else self._sandbox
