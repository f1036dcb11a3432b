"""A new edition's handout (its stencil) compared with every edition: the nearest one, and a draft of the new table.

A stencil is a foreign source like any submission: it is parsed in a locked-down worker, and never imported.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from autograder.assignment import template
from autograder.assignment.config import FILE_NAME, Assignment, Edition, spell_command
from autograder.base.errors import AssignmentError, SubmissionError
from autograder.base.toml import Table
from autograder.guest.outline import Definition, outline
from autograder.guest.probes import references
from autograder.guest.wire import Text
from autograder.intake.submission import read
from autograder.wall.probe_names import probe_name
from autograder.wall.request import Ending, Request, WorkerLimits
from autograder.wall.sandbox import Sandbox

_SECONDS: Final = 20.0
_MOST_ANSWERED: Final = 8 * 2**20
_MOST_LISTED: Final = 40
_LONGEST_LINE: Final = 110

_SPELL_OTHERWISE: Final = "have the handout call it so; no table can change that"

Outline = Mapping[str, Definition]  # of one file, by name


@dataclass(frozen=True)
class Stencil:
    """A folder of stencils. outlines: the definitions of each file. problems: unreadable files, and why."""

    outlines: Mapping[str, Outline]
    problems: Mapping[str, str]


def read_stencil(folder: Path, assignment: Assignment) -> Stencil:
    """Read a folder (or an archive) of stencils.

    Raises AssignmentError where there is no Python in it, or the reader did not answer.
    """
    try:
        submission = read(folder, assignment.edition, assignment.limits)
    except SubmissionError as error:
        raise AssignmentError(f"{folder}: {error}") from error
    package, by_hand = f"{assignment.homework.package}/", assignment.homework.by_hand
    # What lies deeper are tests and the like, which an edition's own folder holds.
    paths = [path for path in sorted(submission.files) if path.startswith(package) or "/" not in path]
    paths = [path for path in paths if path not in by_hand]
    names = assignment.edition.names
    request = Request(probe_name(references.outline_files), {"paths": paths}, submission.files, {}, names, 0)
    limits = WorkerLimits(_SECONDS, assignment.limits.test_memory_mb * 2**20, _MOST_ANSWERED)
    with Sandbox(assignment.homework_folder) as sandbox:
        outcome = sandbox.run(request, limits)
    if outcome.ending is not Ending.ANSWERED:
        raise AssignmentError(f"{folder} could not be read: the process that parses it {outcome.ending.value}.")
    parts = dict(zip(paths, outcome.parts, strict=False))
    return Stencil(
        {path: _outline(part) for path, part in parts.items()},
        {path: part["problem"].text for path, part in parts.items() if part["problem"].text},
    )


def _outline(part: Any) -> dict[str, Definition]:
    """Return what a worker sent, in the types that it should have."""
    rows = zip(part["names"], part["parameters"], part["to do"].tolist(), strict=True)
    return {
        name.text: Definition(name.text, parameters.text, bool(to_do))
        for name, parameters, to_do in rows
        if isinstance(name, Text) and isinstance(parameters, Text)
    }


def read_outlines(assignment: Assignment, edition: Edition) -> dict[str, Outline]:
    """Return what the template of an edition that is there defines, by file."""
    files = template.generate(replace(assignment, edition=edition))
    return {path: {d.name: d for d in outline(text.encode())} for path, text in files.items()}


@dataclass(frozen=True)
class Draft:
    """A draft of a table, like that of the nearest edition. shared, of_all: definitions, in both and in either."""

    name: str
    nearest: Edition
    shared: int
    of_all: int
    renamed: Mapping[str, tuple[str, str]]  # by key of the table: what it is called there, and most likely here
    refused: Mapping[str, str]  # by key: why a table cannot have the name of `renamed`
    differences: tuple[str, ...]
    required: tuple[str, ...]
    root: Path  # of the homework

    @property
    def text(self) -> str:
        """The table as TOML, and below it what is to do, in comments."""
        lines = [
            f"# A draft: {self.shared} of {self.of_all} definitions are as in {self.nearest.name}.",
            "# A line that ends with ? is a guess.",
            f"[edition.{self.name}]",
            f'like = "{self.nearest.name}"',
            *(
                f'{key} = "{here}"  # {self.nearest.name}: {there} ?'
                for key, (there, here) in self.renamed.items()
                if key not in self.refused
            ),
        ]
        if self.required != self.nearest.required:
            listed = "".join(f'    "{path}",\n' for path in self.required)
            lines += ["required = [  # ?", f"{listed}]"]
        lines += ["", "# What differs, and is to be written (docs/how-to/add-an-edition.md):"]
        lines += [f"# - {why}: {_SPELL_OTHERWISE}" for why in self.refused.values()]
        if not self.refused or self.differences:
            lines += [f"# - {line}" for line in self.differences] or ["# nothing: the names above are all"]
        lines.append(f"# Then: {spell_command(self.root, 'edition', 'check', self.name)}")
        return "\n".join(lines) + "\n"


def draft(name: str, stencil: Stencil, assignment: Assignment) -> Draft:
    """Compare a stencil with every edition, and draft a table like the nearest one's.

    Raises AssignmentError where the name is taken, or is none.
    """
    if name in assignment.editions or not name.isidentifier():
        raise AssignmentError(f"{name!r} cannot be the name of a new edition: it is taken, or no identifier.")
    known = {edition.name: read_outlines(assignment, edition) for edition in assignment.editions.values()}
    guesses = {key: _match_names(assignment.editions[key], theirs, stencil.outlines) for key, theirs in known.items()}
    here = _entries(stencil.outlines, {})
    likely = {key: _entries(theirs, guesses[key]) for key, theirs in known.items()}
    best = max(known, key=lambda key: len(here & likely[key]) / max(1, len(here | likely[key])))
    nearest, theirs, renamed = assignment.editions[best], known[best], guesses[best]
    shared, of_all = len(here & likely[best]), len(here | likely[best])
    files = set(stencil.outlines)
    required = [path for path in nearest.required if path in files]
    required += sorted(path for path in files - set(theirs) if path.startswith(f"{assignment.homework.package}/"))
    differences = tuple(_differences(nearest, theirs, stencil, renamed))
    refused = _find_refused(name, nearest, renamed, assignment)
    return Draft(name, nearest, shared, of_all, renamed, refused, differences, tuple(required), assignment.root)


def _find_refused(
    name: str, nearest: Edition, renamed: Mapping[str, tuple[str, str]], assignment: Assignment
) -> dict[str, str]:
    """Return why a table cannot give some of the names in `renamed`, by key."""
    refused = {}
    for key, (_, here) in renamed.items():
        table = Table(assignment.root / FILE_NAME, f"edition.{name}", {**nearest.names, key: here})
        try:
            assignment.homework.read_names(table, Table(table.file, "training", {}))
        except AssignmentError as error:
            refused[key] = str(error).removeprefix(f"{table.file}: ")
    return refused


def _respell(text: str, renamed: Mapping[str, tuple[str, str]]) -> str:
    words = dict(renamed.values())
    return re.sub(r"\w+", lambda word: words.get(word[0], word[0]), text)


def _entries(
    outlines: Mapping[str, Outline], renamed: Mapping[str, tuple[str, str]]
) -> set[tuple[str, str, str, bool]]:
    """File, name, parameters, and whether it is to do, of every definition, in the new edition's names."""
    return {
        (path, _respell(one.name, renamed), _respell(one.parameters, renamed), one.to_do)
        for path, found in outlines.items()
        for one in found.values()
    }


def _match_names(
    nearest: Edition, theirs: Mapping[str, Outline], stencil: Mapping[str, Outline]
) -> dict[str, tuple[str, str]]:
    """Return what the nearest edition's table names and the stencil lacks, and what most likely takes its place."""
    found: dict[str, tuple[str, str]] = {}
    for key, value in nearest.names.items():
        for path in [path for path in theirs if path in stencil]:
            owners = [name for name in theirs[path] if name.rpartition(".")[2] == value]
            if not owners or any(name.rpartition(".")[2] == value for name in stencil[path]):
                continue
            new = {name for name in stencil[path] if name not in theirs[path]}
            likely = _most_alike(owners[0], theirs[path], stencil[path], new)
            if likely:
                found.setdefault(key, (value, likely.rpartition(".")[2]))
    return found


def _most_alike(name: str, theirs: Outline, stencil: Outline, new: set[str]) -> str:
    """Return the new definition most like `name`: a class with the most members in common, a method of its class."""
    owner, _, _ = name.rpartition(".")
    if owner:  # a method: of the same class, the first new one that is to do as it is, or has the same parameters
        same = [other for other in stencil if other in new and other.rpartition(".")[0] == owner]
        fitting = [o for o in same if (stencil[o].to_do, theirs[name].to_do) == (True, True)]
        return next(iter(fitting or [o for o in same if stencil[o].parameters == theirs[name].parameters]), "")

    def members(outline: Outline, of: str) -> set[str]:
        return {other.removeprefix(f"{of}.") for other in outline if other.startswith(f"{of}.")}

    mine = members(theirs, name)
    classes = [other for other in stencil if other in new and "." not in other and members(stencil, other)]
    best = max(classes, key=lambda other: len(members(stencil, other) & mine), default="")
    return best if best and members(stencil, best) & mine else ""


def _differences(
    nearest: Edition, theirs: Mapping[str, Outline], stencil: Stencil, renamed: Mapping[str, tuple[str, str]]
) -> Iterator[str]:
    """Yield a line for every difference: files, definitions, parameters, what is to do; guessed names come apart."""

    def here(name: str) -> str:
        return _respell(name, renamed)

    yield from (f"{path}: cannot be read, {why}" for path, why in stencil.problems.items())
    yield from (f"{path}: is not in the stencil" for path in theirs if path not in stencil.outlines)
    yield from (f"{path}: is new" for path in stencil.outlines if path not in theirs)
    for path, found in stencil.outlines.items():
        before = {here(name): definition for name, definition in theirs.get(path, {}).items()}
        lines = {
            "new": [name for name in found if name not in before],
            f"not there, and in {nearest.name}": [name for name in before if name not in found],
            "to do": [n for n in found if n in before and found[n].to_do and not before[n].to_do],
            "given": [n for n in found if n in before and before[n].to_do and not found[n].to_do],
            "with other parameters": [
                f"{n}({found[n].parameters})"
                for n in found
                if n in before and found[n].parameters != here(before[n].parameters)
            ],
        }
        if path in theirs:
            for what, names in lines.items():
                yield from _wrap_list(f"{path}, {what}: ", names)


def _wrap_list(start: str, names: list[str]) -> Iterator[str]:
    if not names:
        return
    line = start
    for name in names[:_MOST_LISTED]:
        if len(line) + len(name) > _LONGEST_LINE and line != start:
            yield line.rstrip(", ")
            line = start
        line += f"{name}, "
    yield line.rstrip(", ") + (f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else "")


__all__ = ["Draft", "Stencil", "draft", "read_outlines", "read_stencil"]
