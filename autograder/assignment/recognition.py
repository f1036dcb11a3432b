"""Which edition of the handout a submission was written for, by the names that its files define.

The files are read line by line and never parsed. Half of a partial submission is no valid Python, and nothing that a
file holds can make a search for lines fail.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from autograder.assignment.config import Assignment, Edition, UnsupportedEdition
from autograder.assignment.homework import Clue
from autograder.base.imports import read_imports
from autograder.base.searching import lines_to_search


@dataclass(frozen=True)
class Recognition:
    """The edition that fits best, the clues to it, and those that point to others.

    unsupported: the edition that it really is, where that is not graded as itself. course: the assignment's own.
    """

    edition: Edition
    agreeing: tuple[Clue, ...]
    others: tuple[Clue, ...]
    unsupported: str = ""
    not_accepted: str = ""  # the edition that fits better, which the course does not take
    course: str = ""

    @property
    def is_another(self) -> bool:
        """Whether it is graded as another edition than the course's own."""
        return bool(self.course) and self.edition.name != self.course

    @property
    def doubt(self) -> str:
        """A sentence for the staff about the edition; "" if it is the course's own and looks like it."""
        if self.unsupported:
            return f"It is of edition {self.unsupported}, graded as another: the grade is provisional."
        if self.not_accepted:
            return f"It looks like edition {self.not_accepted}, which is not accepted; graded as {self.edition.name}."
        if self.is_another:
            return f"It was graded as edition {self.edition.name}, and the course's own is {self.course}."
        return ""

    @property
    def remark(self) -> str:
        """A sentence for the author of a submission that mixes editions; "" if there is no doubt."""
        if self.unsupported:
            return (
                f"This looks like edition **{self.unsupported}** of the homework, which is not graded here. "
                f"It was graded as **{self.edition.name}**, the closest one. "
                "The grade is provisional: the course staff will look at it."
            )
        if self.not_accepted:
            return (
                f"Some of this is as in edition **{self.not_accepted}** of the homework, which this course does not "
                f"use. It was graded as **{self.edition.name}**, the course's own. "
                "If you followed this course's handout, ask the course staff to look at it."
            )
        if not self.others:
            return (
                f"Graded as edition **{self.edition.name}** of the homework; this course's own is **{self.course}**. "
                "The course staff can see that."
                if self.is_another
                else ""
            )
        lines = [f"Graded as edition **{self.edition.name}** of the homework. Some of it is as in another one:", ""]
        if self.is_another:
            lines[0] = f"{lines[0]} This course's own is **{self.course}**."
        lines += [f"- {clue.described}: {' or '.join(clue.editions)}" for clue in self.others]
        lines += [
            "",
            f"Of {self.edition.name}: " + "; ".join(clue.described for clue in self.agreeing),
        ]
        return "\n".join(lines if self.agreeing else lines[:-2])


def recognise(files: Mapping[str, bytes], assignment: Assignment) -> Recognition:
    """Find the edition whose names the files define most of; where several fit alike, the assignment's own.

    An assignment that was loaded for one edition (`recognised` is false) keeps it. One that says which editions it
    accepts grades every other as its own. files: by path from the root.
    """
    files = _with_what_they_import(files, assignment)
    clues = list(_clues(files, assignment))
    signs = _signs(files, assignment)
    chosen, unsupported = assignment.edition, _unsupported_edition(files, assignment) if assignment.recognised else None
    if unsupported is not None:
        chosen = assignment.editions[unsupported.closest]
    elif assignment.recognised and clues:

        def fit(edition: Edition) -> tuple[int, int, bool]:
            own = edition.name == assignment.edition.name
            return sum(edition.name in clue.editions for clue in clues), signs[edition.name], own

        chosen = max(assignment.editions.values(), key=fit)
    not_accepted, unsupported_name = "", unsupported.name if unsupported is not None else ""
    if assignment.recognised and assignment.accepted and chosen.name not in assignment.accepted:
        not_accepted, unsupported_name = unsupported_name or chosen.name, ""
        chosen = assignment.edition
    return Recognition(
        edition=chosen,
        agreeing=tuple(clue for clue in clues if chosen.name in clue.editions),
        others=tuple(clue for clue in clues if chosen.name not in clue.editions),
        unsupported=unsupported_name,
        not_accepted=not_accepted,
        course=assignment.edition.name,
    )


def _with_what_they_import(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, bytes]:
    """Return the handout's files, each followed by those of the author's own that it imports, one from another.

    A class may stand in a file that no handout has, and the handout's own file then only says where.
    """
    required = {path for edition in assignment.editions.values() for path in edition.required}
    own = {path: content for path, content in files.items() if path not in required}
    found = {}
    for path in sorted(required & files.keys()):
        read = waiting = [path]
        while waiting:
            imported = {other for one in waiting for other in _imports(one, files[one]) if other in own}
            waiting = sorted(imported.difference(read))
            read = [*read, *waiting]
        found[path] = b"\n".join(files[one] for one in read)
    return found


def _imports(path: str, content: bytes) -> Iterator[str]:
    """Yield where what a file imports may lie, as far as its text says so."""
    folders = path.split("/")[:-1]
    for found in read_imports(content):
        starts = [folders[: len(folders) + 1 - found.dots]] if found.dots else [folders, []]
        for start in starts:
            base = "/".join([*start, *filter(None, found.module.split("."))])
            for file in (f"{base}.py", f"{base}/__init__.py", *(f"{base}/{name}.py" for name in found.names)):
                yield file.lstrip("/")


def _unsupported_edition(files: Mapping[str, bytes], assignment: Assignment) -> UnsupportedEdition | None:
    """Return the edition that is not graded as itself and whose signs most files show; None where there is none."""
    for unsupported in assignment.unsupported:
        shown = [sign.is_in(lines_to_search(files[path])) for path, sign in unsupported.signs.items() if path in files]
        if shown and 2 * sum(shown) > len(shown):
            return unsupported
    return None


def _clues(files: Mapping[str, bytes], assignment: Assignment) -> list[Clue]:
    """Return what the homework finds, without what all editions share."""
    found = assignment.homework.clues(files, list(assignment.editions.values()))
    return [clue for clue in found if clue.editions and len(clue.editions) < len(assignment.editions)]


def _signs(files: Mapping[str, bytes], assignment: Assignment) -> dict[str, int]:
    """For each edition, in how many files it agrees with what is and what is not found of any edition's signs."""
    wanted = {sign for edition in assignment.editions.values() for sign in edition.signs.items()}
    found = {(path, sign): sign.is_in(lines_to_search(files[path])) for path, sign in wanted if path in files}
    return {
        name: sum((edition.signs.get(path) == sign) == there for (path, sign), there in found.items())
        for name, edition in assignment.editions.items()
    }


__all__ = ["Clue", "Recognition", "recognise"]
