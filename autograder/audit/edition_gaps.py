"""Lists what an edition still lacks. Of all that it could grade, it grades the reference alone."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from autograder.assignment import editions, template
from autograder.assignment.config import Assignment
from autograder.assignment.recognition import recognise
from autograder.audit import audit, examination, solutions
from autograder.base.errors import AssignmentError
from autograder.guest.outline import outline

_RIGHT, _WRONG = 3, 12  # whole solutions that an edition should have
_MOST_LISTED: Final = 12
_LONGEST: Final = 300  # characters of a reason


def lacks(assignment: Assignment) -> Iterator[str]:
    """Yield what `assignment.edition` lacks, a sentence each; what the later ones build on comes first."""
    name = assignment.edition.name
    try:
        reference, handed_out = editions.reference(assignment), template.generate(assignment)
    except AssignmentError as error:
        yield f"The reference cannot be rendered: {error}."
        return
    yield from (f"`required` names {path}, which the reference lacks." for path in _missing(assignment, reference))
    made = {d.name for d in outline(reference.get("assignment.py", b""))}
    for function in assignment.edition.components:
        if function not in made:
            yield f"`components` names {function}, which assignment.py does not define."
    yield from _find_unrecognised(assignment, reference, {path: text.encode() for path, text in handed_out.items()})
    weights, summed = audit.count_weights(assignment), True
    if abs(sum(weights.values()) - assignment.points) > 1e-9:
        yield (
            f"The points of its hidden tests sum to {sum(weights.values()):g}, not {assignment.points:g}: mark those "
            f'that it asks with @editions(…, "{name}"), those that it does not with "-{name}", and weigh them.'
        )
        summed = False
    try:
        variants = audit.collect(assignment)
    except AssignmentError as error:
        yield from str(error).splitlines()
        variants = []
    held = {number for _, variant in variants for number in variant.costs}
    if unheld := [number for number in audit.weights_to_hold(assignment) if number not in held]:
        more = f" and {len(unheld) - _MOST_LISTED} more" if len(unheld) > _MOST_LISTED else ""
        yield f"No chaff fails {', '.join(unheld[:_MOST_LISTED])}{more}: nothing proves that it compares anything."
    if summed:
        yield from _lost_rows(assignment)
    yield from _solutions(assignment)


def _missing(assignment: Assignment, reference: dict[str, bytes]) -> list[str]:
    return [path for path in assignment.edition.required if path not in reference]


def _find_unrecognised(
    assignment: Assignment, reference: dict[str, bytes], handed_out: dict[str, bytes]
) -> Iterator[str]:
    name, asked = assignment.edition.name, replace(assignment, recognised=True)
    for other in assignment.editions.values():
        # By what it shows itself, whichever edition the course grades by where nothing shows.
        for what, files in (("reference", reference), ("template", handed_out)):
            found = recognise(files, replace(asked, edition=other))
            if found.edition.name != name or found.unsupported:
                remedy = f"remove the table [unsupported.{found.unsupported}]"
                if not found.unsupported:
                    remedy = f"give [edition.{name}.signs] what only its files hold"
                yield (
                    f"Its {what} is taken for {found.unsupported or found.edition.name} where [assignment] edition is "
                    f"{other.name}: {remedy}."
                )
                return


def _lost_rows(assignment: Assignment) -> Iterator[str]:
    """Grade the reference as a submission, without training: what it loses, right work would."""
    rows = examination.find_lost_rows(assignment)
    if not rows:
        return
    points = sum((row.max_score or 0) - (row.score or 0) for row in rows)
    yield f"Its own reference loses {points:g} points in {len(rows)} row{'s' * (len(rows) != 1)}:"
    reasons: dict[str, list[str]] = {}
    for row in rows:
        said = str(row.staff.get("grader_error") or row.output).strip().splitlines() or [""]
        # The last line of a traceback is its error; a row begins with what is wrong.
        reasons.setdefault(said[-1 if "grader_error" in row.staff else 0], []).append(row.number)
    for reason, numbers in list(reasons.items())[:_MOST_LISTED]:
        yield f"  {', '.join(numbers)}: {reason[:_LONGEST]}"
    if len(reasons) > _MOST_LISTED:
        yield f"  and {len(reasons) - _MOST_LISTED} more reasons"


def _solutions(assignment: Assignment) -> Iterator[str]:
    name, folder = assignment.edition.name, assignment.root / "tests" / "solutions"
    try:
        whole = [solution for solution in solutions.load(folder, assignment) if solution.edition == name]
    except AssignmentError as error:
        yield from str(error).splitlines()
        return
    for wanted, wrong in ((_RIGHT, False), (_WRONG, True)):
        there = sum((solution.mistake is not None) == wrong for solution in whole)
        if there < wanted:
            kind = "wrong" if wrong else "right"
            yield (
                f"tests/solutions/{name} holds {there} {kind} solutions; write {wanted} at least, from its template."
            )


__all__ = ["lacks"]
