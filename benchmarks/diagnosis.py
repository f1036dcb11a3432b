"""How many mistakes are named, and whether one is ever named falsely.

Method: each chaff is graded by the real pipeline, training left out, as it stands and in other words (`_disguise.py`),
with the inputs of every seed. A chaff counts as named where a row that it costs quotes its own sentence; any other
chaff's sentence in one of its rows is false. Wheats are graded as they are: a right answer must lose nothing and be
told nothing. So are whole solutions with one mistake (--solutions): what may be said of one stands in its MISTAKE.toml,
as names of chaffs, `named = ["more_than_half"]`; with a MISTAKE.txt alone, what was said is printed beside it to be
read. Exit status 1 for a false sentence, for a wheat that was wronged, or below the goal, 80 % named.
"""

from __future__ import annotations

import multiprocessing
import os
import sys
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parent))

import _unwalled
from _disguise import disguised
from _table import parser

from autograder.assignment import config
from autograder.assignment.variants import Variant
from autograder.audit import audit, examination
from autograder.audit.verdicts import CHAFF, WHEAT, Verdict
from autograder.base.machine import usable_processors
from autograder.grading.setup import Setup

GOAL = 0.8
AS_WRITTEN, IN_OTHER_WORDS = "as written", "in other words"
QUICK = 40
_OFTEN = 50
Job = tuple[str, Variant, str]  # kind, variant, seed


def measured(*, seeds: int, quick: bool, jobs: int, folder: Path, walled: bool) -> dict[str, Any]:
    """Grade them, and count."""
    assignment = config.load()
    variants = audit.collect(assignment)
    if quick:
        variants = audit.sample_variants(variants, QUICK)
    chaffs = [variant for kind, variant in variants if kind == CHAFF]
    wheats = [variant for kind, variant in variants if kind == WHEAT]
    forms = {AS_WRITTEN: chaffs, IN_OTHER_WORDS: [replace(v, source=disguised(v.source)) for v in chaffs]}
    names = [f"seed {number}" for number in range(seeds)]
    work: list[Job] = [(CHAFF, v, seed) for form in forms.values() for v in form for seed in names]
    work += [(WHEAT, v, seed) for v in wheats for seed in names]
    verdicts = _graded(assignment, work, jobs, walled=walled)
    by_form = {form: [verdicts.pop(0) for _ in range(len(variants) * seeds)] for form, variants in forms.items()}
    return {
        "seeds": seeds,
        "forms": {form: _counted(found) for form, found in by_form.items()},
        "wheats": len(wheats),
        "wheats that lose or are told something": sorted(
            {v.variant.name for v in verdicts if v.lost or v.named or v.problem}
        ),
        "solutions": _solutions(assignment, folder, names, jobs, walled=walled),
    }


def _graded(assignment: config.Assignment, work: Sequence[Job], jobs: int, *, walled: bool) -> list[Verdict]:
    os.environ["OPENBLAS_NUM_THREADS"] = "1"
    survey = examination.survey(assignment)
    context = multiprocessing.get_context("spawn")
    begin, setup = examination.begin, Setup if walled else _unwalled.UnwalledSetup
    with ProcessPoolExecutor(jobs, context, initializer=begin, initargs=(assignment, survey, setup)) as pool:
        verdicts = []
        for verdict in pool.map(examination.variant, *zip(*work, strict=True), chunksize=4):
            verdicts.append(verdict)
            for number, sentence in verdict.misnamed.items():
                _note(f"{verdict.variant.name} in {number}: {sentence}")
            if len(verdicts) % _OFTEN == 0:
                _note(f"{len(verdicts)} of {len(work)}")
        return verdicts


def _note(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def _counted(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    named = Counter(verdict.variant.name for verdict in verdicts if verdict.told)
    graded = Counter(verdict.variant.name for verdict in verdicts)
    false = Counter(
        (v.variant.name, number, sentence) for v in verdicts for number, sentence in sorted(v.misnamed.items())
    )
    return {
        "gradings": len(verdicts),
        "named": sum(named.values()),
        "share": sum(named.values()) / len(verdicts),
        "not always named": {name: f"{named[name]} of {n}" for name, n in graded.items() if named[name] < n},
        "false": [[*place, count] for place, count in false.items()],
        "other costs than declared": {v.variant.name: v.finding for v in verdicts if not v.right},
    }


@dataclass(frozen=True)
class _Told:
    """One grading of a whole solution: whether it lost points, and the chaffs named, by test number."""

    loses: bool
    chaffs: Mapping[str, str]


_setups: list[tuple[config.Assignment, Setup]] = []  # of this process of the pool


def _begin(assignment: config.Assignment, make_setup: Callable[[config.Assignment], Setup]) -> None:
    _setups.append((assignment, make_setup(assignment)))


def _grade(solution: Any, seed: str) -> _Told:
    import _solutions

    assignment, setup = _setups[0]
    report = _solutions.graded(solution, seed, assignment, setup)
    own = replace(assignment, edition=assignment.editions[report.notes.edition])
    named = examination.find_named_chaffs(report, setup.edition_files(own), solution.named or ())
    return _Told(bool(_solutions.lost(report)), named)


def _solutions(
    assignment: config.Assignment, folder: Path, seeds: Sequence[str], jobs: int, *, walled: bool
) -> dict[str, Any]:
    import _solutions

    chosen = [solution for solution in _solutions.solutions(folder) if not solution.right]
    work = [(solution, seed) for solution in chosen for seed in seeds]
    told, lose, false, undeclared = Counter[str](), Counter[str](), [], []
    make_setup = Setup if walled else _unwalled.UnwalledSetup
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(jobs, context, initializer=_begin, initargs=(assignment, make_setup)) as pool:
        for done, ((solution, seed), found) in enumerate(
            zip(work, pool.map(_grade, *zip(*work, strict=True)), strict=True), 1
        ):
            lose[solution.name] += found.loses
            told[solution.name] += bool(found.chaffs)
            for number, chaff in found.chaffs.items():
                if solution.named is None:
                    undeclared.append([solution.name, number, chaff, seed])
                elif chaff not in solution.named:
                    false.append([solution.name, number, chaff, seed])
            if done % _OFTEN == 0:
                _note(f"{done} of {len(work)} whole solutions")
    return {
        "count": len(chosen),
        "lose points": sum(lose[solution.name] > 0 for solution in chosen),
        "told something": sum(told[solution.name] > 0 for solution in chosen),
        "false": false,
        "to be read": undeclared,
    }


def show(found: dict[str, Any]) -> None:
    """Print what was measured."""
    for form, counts in found["forms"].items():
        print(
            f"{form}: {counts['share']:.1%} of {counts['gradings']} gradings name the mistake ({found['seeds']} seeds)."
        )
        print(f"  false sentences: {len(counts['false'])}")
        for name, number, sentence, times in counts["false"]:
            print(f"    {name} in {number}, {times} times: {sentence}")
        print(f"  not always named: {', '.join(f'{n} ({s})' for n, s in counts['not always named'].items()) or 'none'}")
        print(f"  other costs than declared: {counts['other costs than declared'] or 'none'}")
    print(f"{found['wheats']} wheats; wronged: {', '.join(found['wheats that lose or are told something']) or 'none'}.")
    whole = found["solutions"]
    print(
        f"{whole['count']} wrong solutions: {whole['lose points']} lose points, {whole['told something']} are told a "
        f"mistake; false sentences: {len(whole['false'])}."
    )
    for kind in ("false", "to be read"):
        for name, number, sentence, seed in whole[kind]:
            print(f"  {kind}: {name} in {number} ({seed}): {sentence}")


def main() -> None:
    """Measure, and print a table or JSON."""
    import json

    import _solutions

    options_of = parser(__doc__, f"{QUICK} variants instead of all")
    options_of.add_argument("--seeds", type=int, default=10, help="how many seeds each is graded with")
    options_of.add_argument("--jobs", type=int, default=usable_processors(), help="processes at once")
    options_of.add_argument("--solutions", type=Path, default=_solutions.FOLDER, help="the folder of whole solutions")
    options_of.add_argument("--unwalled", action="store_true", help="each in its process: faster, for trusted code")
    options = options_of.parse_args()
    found = measured(
        seeds=options.seeds,
        quick=options.quick,
        jobs=options.jobs,
        folder=options.solutions,
        walled=not options.unwalled,
    )
    if options.json:
        print(json.dumps(found))
    else:
        show(found)
    forms = found["forms"].values()
    false = any(counts["false"] for counts in forms) or bool(found["solutions"]["false"])
    wronged = bool(found["wheats that lose or are told something"])
    sys.exit(false or wronged or min(counts["share"] for counts in forms) < GOAL)


if __name__ == "__main__":
    main()
