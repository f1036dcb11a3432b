"""Whether any seed takes points from a right answer.

Method: every whole solution that is right (--solutions) and every wheat, in every edition, answers the hidden tests,
training left out, with the inputs of every seed. Each must lose nothing. Wheats stand together in as few submissions
as there are wheats of one method; where some do not go together they are parted. A test whose probes load no file that
they change is not asked, for it cannot notice. All is trusted code, and runs in the grader's own process, so that the
reference answers each seed once for all. Only the rows are made: files, flags and results.json do not depend on a
seed. --walled asks behind the wall. A row shows how many seeds cost something, and in which tests. Exit status 1 where
any does.
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

from _table import parser

from autograder.base.machine import usable_processors

SEEDS, QUICK, CHUNK = 200, 5, 5
DIGEST = "any right answer"  # in the place of a submission's own: all are asked the same, and the reference once


@dataclass(frozen=True)
class Subject:
    """A right submission: the files, and the edition that it is for.

    changed: of the reference with wheats in it, the files that differ from the reference; empty for any other.
    """

    name: str
    edition: str
    files: Mapping[str, bytes]
    changed: frozenset[str] = frozenset()

    def concerns(self, files: Collection[str] | None) -> bool:
        """Return whether a test may notice what is changed. files: those that its probes load; None: unknown."""
        return not self.changed or files is None or not self.changed.isdisjoint(files)


@dataclass
class Losses:
    """What one subject lost: how many seeds cost points in each test, and all points."""

    seeds: int = 0
    tests: Counter[str] = field(default_factory=Counter)
    points: float = 0.0

    def add(self, other: Losses) -> None:
        """Count what was found with other seeds, too."""
        self.seeds += other.seeds
        self.tests.update(other.tests)
        self.points += other.points


class Grading:
    """What one process grades with."""

    def __init__(self, *, walled: bool) -> None:
        import _unwalled

        from autograder.assignment import config
        from autograder.grading.loading import choose, load_hidden_tests
        from autograder.grading.setup import Setup

        self.assignment = config.load()
        for name in [name for name in sys.modules if name.partition(".")[0] == "rich"]:
            del sys.modules[name]  # a submission that may import it would be looked after there in every question
        self.setup = (Setup if walled else _unwalled.UnwalledSetup)(self.assignment)
        self.tests = {}
        loaded = load_hidden_tests(self.assignment)
        for name, edition in self.assignment.editions.items():
            own = replace(self.assignment, edition=edition, recognised=False)
            self.tests[name] = choose(loaded, own, skip=("training",))

    def lost(self, subject: Subject, seed: str, memory: Any) -> Losses:
        """Return what `subject` loses with the inputs of `seed`."""
        from autograder.grading.asker import Asker
        from autograder.grading.deadline import NO_DEADLINE
        from autograder.grading.run import Run
        from autograder.grading.runner import Runner
        from autograder.intake.submission import from_files

        edition = self.assignment.editions[subject.edition]
        own = replace(self.assignment, edition=edition, recognised=True)
        files = self.setup.edition_files(own)
        run = Run(
            assignment=own,
            submission=replace(from_files(subject.files, edition), digest=DIGEST),
            handout=files.handout,
            secret=seed,
            deadline=NO_DEADLINE,
            memory=memory,
            edition_files=files,
        )
        losses = Losses(seeds=1)
        with contextlib.closing(Asker(run, self.setup.sandbox)) as asker:
            runner = Runner(asker, _NoFixtures())  # type: ignore[arg-type]
            for test in self.tests[subject.edition]:
                if not subject.concerns(memory.files.get(test.number)):
                    continue
                row = runner.row(test)
                gone = test.weight - (row.score or 0.0)
                if gone > 1e-9 or "grader_error" in row.staff:
                    losses.tests[test.number] += 1
                    losses.points += gone
        return losses


class _NoFixtures:
    """In the place of what only training asks for."""

    def provide(self, *_: object) -> dict[str, Any]:
        """Return none."""
        return {}


def subjects(folder: Path, only: str) -> Iterator[Subject]:
    """Yield every right solution below `folder`, and the wheats of every edition."""
    import _solutions

    from autograder.assignment import config, editions
    from autograder.feedback.diagnosis import Memory
    from autograder.grading.pipeline import recognise_submission
    from autograder.intake.submission import Submission

    assignment = config.load()
    for solution in _solutions.solutions(folder):
        if not solution.right or only not in solution.name:
            continue
        found = recognise_submission(solution.folder, assignment)
        if not isinstance(found.submission, Submission):
            raise SystemExit(f"{solution.folder} cannot be read: {found.submission}")
        yield Subject(solution.name, found.assignment.edition.name, found.submission.files)
    grading = Grading(walled=False)
    for name, edition in assignment.editions.items():
        own = replace(assignment, edition=edition)
        sources = editions.reference(own)
        wheats = [wheat for wheat in editions.load_variants(own, "wheats").values() if only in wheat.name]
        memory = Memory(shared=True)
        for together in _sorted_by_target(wheats):
            yield from _combined(together, name, sources, grading, memory)


def _sorted_by_target(wheats: list[Any]) -> list[list[Any]]:
    """Return the wheats in as few lists as none has two of the same method."""
    lists: list[list[Any]] = []
    for wheat in wheats:
        free = next((one for one in lists if all(wheat.target != other.target for other in one)), None)
        if free is None:
            lists.append([wheat])
        else:
            free.append(wheat)
    return lists


def _combined(
    wheats: list[Any], edition: str, sources: Mapping[str, bytes], grading: Grading, memory: Any
) -> Iterator[Subject]:
    """Yield one submission with all the wheats, or several where they do not go together."""
    from autograder.assignment import variants
    from autograder.base.errors import AssignmentError

    first, *others = (wheat.name for wheat in wheats)
    name = f"{edition}/wheat {first}" + (f" and {len(others)} more" if others else "")
    try:
        files = variants.render(sources, wheats)
        changed = frozenset(path for path, text in files.items() if text != sources.get(path))
        subject = Subject(name, edition, files, changed)
        if not others or not grading.lost(subject, "seed 0", memory).tests:
            yield subject
            return
    except AssignmentError:  # one of them does without the method that another is written for
        if not others:
            raise
    middle = len(wheats) // 2
    for part in (wheats[:middle], wheats[middle:]):
        yield from _combined(part, edition, sources, grading, memory)


_grading: Grading | None = None
_subjects: list[Subject] = []


def _begin(subjects_of: list[Subject], walled: bool) -> None:
    global _grading, _subjects
    _grading, _subjects = Grading(walled=walled), subjects_of


def _grade(seeds: list[str]) -> list[Losses]:
    """Return what each subject loses with these seeds."""
    from autograder.feedback.diagnosis import Memory

    assert _grading is not None
    found = [Losses() for _ in _subjects]
    for seed in seeds:
        memories = {subject.edition: Memory(shared=True) for subject in _subjects}
        for subject, losses in zip(_subjects, found, strict=True):
            losses.add(_grading.lost(subject, seed, memories[subject.edition]))
    return found


def measured(*, seeds: int, folder: Path, only: str, walled: bool, jobs: int) -> list[dict[str, Any]]:
    """Grade each with every seed, and say on standard error how far it is."""
    graded, begun = list(subjects(folder, only)), time.monotonic()
    if not graded:
        raise SystemExit(f"No right solution below {folder} and no wheat has {only!r} in its name.")
    names = [f"seed {number}" for number in range(seeds)]
    chunks = [names[start : start + CHUNK] for start in range(0, seeds, CHUNK)]
    total = [Losses() for _ in graded]
    with ProcessPoolExecutor(jobs, initializer=_begin, initargs=(graded, walled)) as pool:
        for done, future in enumerate(as_completed([pool.submit(_grade, chunk) for chunk in chunks]), 1):
            for losses, more in zip(total, future.result(), strict=True):
                losses.add(more)
            seconds = time.monotonic() - begun
            left = seconds / done * (len(chunks) - done)
            losing = sum(bool(losses.tests) for losses in total)
            print(
                f"{total[0].seeds} of {seeds} seeds, {len(graded)} right answers, {losing} of them lose points, "
                f"{seconds:.0f} s, {left:.0f} s left",
                file=sys.stderr,
                flush=True,
            )
    return [
        {"name": subject.name, "seeds": losses.seeds, "lost": dict(losses.tests), "points": round(losses.points, 3)}
        for subject, losses in zip(graded, total, strict=True)
    ]


def main() -> None:
    """Measure, and print a table or JSON."""
    import _solutions

    options_of = parser(__doc__, f"{QUICK} seeds")
    options_of.add_argument("--seeds", type=int, default=SEEDS, help="how many seeds each is graded with")
    options_of.add_argument("--solutions", type=Path, default=_solutions.FOLDER, help="the folder of whole solutions")
    options_of.add_argument("--only", default="", help="those whose name holds this")
    options_of.add_argument("--walled", action="store_true", help="behind the wall: slower")
    options_of.add_argument("--jobs", type=int, default=usable_processors(), help="how many processes grade")
    options = options_of.parse_args()
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    seeds = QUICK if options.quick else options.seeds
    rows = measured(seeds=seeds, folder=options.solutions, only=options.only, walled=options.walled, jobs=options.jobs)
    if options.json:
        print(json.dumps(rows))
    else:
        for row in rows:
            tests = ", ".join(f"{number} with {count} seeds" for number, count in row["lost"].items())
            print(f"{row['name']:60} {row['seeds']:4} seeds  {tests or 'nothing lost'}")
        losing = sum(bool(row["lost"]) for row in rows)
        print(f"{len(rows)} right answers, {losing} of them lose points with some seed.")
    sys.exit(any(row["lost"] for row in rows))


if __name__ == "__main__":
    main()
