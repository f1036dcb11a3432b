"""The rows about a submission's files: which are there, which were read, which can be loaded."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace

from autograder.feedback import failures, messages, text
from autograder.grading.asker import Asker
from autograder.grading.deadline import NotReachedError
from autograder.guest.probes import modules
from autograder.intake.submission import Submission
from autograder.results.report import TestResult
from autograder.wall.request import Ending, Outcome, WorkerLimits

_NAMED = 3  # files of what seems to be another homework
#: The name of the row that says why a submission could not be read, or which files are missing.
REQUIRED = "Required files"


@dataclass(frozen=True)
class LoadedFiles:
    """The result of loading every file by itself.

    unloadable: files that end their process when they are loaded, and how.
    """

    row: TestResult
    unloadable: Mapping[str, str] = field(default_factory=dict)


def load_files(asker: Asker) -> LoadedFiles:
    """Load every file by itself and name those that fail."""
    problems: list[str] = []
    unloadable: dict[str, str] = {}
    try:
        _load_each(asker, problems, unloadable)
    except NotReachedError:  # the tests' rows say it, too
        problems.append("- The time for the whole run was over before every file was loaded.")
    output = "\n".join(problems) or "Every file that the assignment asks for can be loaded."
    return LoadedFiles(TestResult(name="Files that can be loaded", passed=not problems, output=output), unloadable)


def _load_each(asker: Asker, problems: list[str], unloadable: dict[str, str]) -> None:
    """Add what is wrong with the files, a line each, and those that end their process.

    Raises NotReachedError where no time is left; what was found until then is added.
    """
    run = asker.run
    limits, submission = run.assignment.limits, run.submission
    bounds = WorkerLimits(limits.test_seconds, limits.test_memory_mb * 2**20, 2**20)
    names = {
        path: path.removesuffix(".py").replace("/", ".")
        for path in run.assignment.edition.required
        if path in submission.files
    }
    # One worker for all, and only where that does not go well and fast one for each.
    together = asker.request(modules.load_all, {"names": list(names.values())}, notices=False)
    first = asker.ask(together, replace(bounds, seconds=limits.test_seconds / 4))
    # The one that takes long first: the others then need not run it.
    stuck = first.still.file if first.still is not None else ""
    waiting = [] if first.ending is Ending.ANSWERED else sorted(names, key=lambda path: path != stuck)
    for path in waiting:
        request = replace(asker.request(modules.load, {"name": names[path]}, public=True), unloadable=dict(unloadable))
        outcome = asker.ask(request, bounds)
        if outcome.ending is Ending.ANSWERED:
            continue
        why = failures.explain_load_failure(path, outcome, submission)
        problems.append(f"- {why}")
        if _is_costly(outcome, bounds):
            # Is it this file, or one that it imports? Alone, beside the handout's own, it shows.
            alone = replace(request, sources={path: submission.files[path]})
            if _is_costly(asker.ask(alone, bounds), bounds):
                unloadable[path] = why


def _is_costly(outcome: Outcome, bounds: WorkerLimits) -> bool:
    """Return whether importing this file again would be costly: it timed out, crashed, or ran out of memory."""
    if outcome.ending is Ending.RAISED:
        out_of_memory = outcome.failure is not None and outcome.failure.kind == "MemoryError"
        return out_of_memory or outcome.seconds > bounds.seconds / 4
    return outcome.ending is not Ending.ANSWERED


def _is_another(submission: Submission) -> str:
    found = sorted(submission.files)
    names = ", ".join(text.code(path) for path in found[:_NAMED])
    more = f" and {len(found) - _NAMED} more" if len(found) > _NAMED else ""
    return (
        f"- Not one of the files that the assignment asks for is there. There are {names}{more}. Is it another "
        "homework's? Then hand in this one's."
    )


def required_files_row(submission: Submission, required: Collection[str]) -> TestResult:
    """Say which of the files that the handout asks for are there, and what was unusual about the rest.

    required: the files that the edition asks for.
    """
    lines = [f"- {messages.missing(path, submission)}" for path in submission.missing]
    if submission.files and not set(required) - set(submission.missing):
        lines.insert(0, _is_another(submission))
    empty = [path for path, content in submission.files.items() if path.endswith(".py") and not content.strip()]
    lines += [f"- `{path}` is empty." for path in sorted(empty) if not path.endswith("__init__.py")]
    lines += [f"- {note}" for note in submission.notes]
    return TestResult(
        name=REQUIRED,
        passed=not submission.missing,
        output="\n".join(lines) or "All files that the assignment asks for are there.",
    )


def left_out_row(submission: Submission) -> TestResult | None:
    """Say which files were not read, and why; None where all were."""
    if not submission.left_out:
        return None
    return TestResult(name="Files that were not read", output="\n".join(f"- {line}" for line in submission.left_out))
