"""Machine-made mistakes: the reference with one expression changed by mutmut's operators, for the audit alone.

`Homework.not_mutated` says what is not changed, and why;
`reference/mutants.toml` lists the changes that leave a right answer.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from autograder.assignment import editions
from autograder.assignment.config import Assignment
from autograder.assignment.files import read_sources
from autograder.assignment.homework import Homework
from autograder.base.errors import AssignmentError
from autograder.base.toml import open_toml

if TYPE_CHECKING:
    import libcst as cst

ACCEPTED: Final = "mutants.toml"

#: What is left alone wherever it stands.
_EVERYWHERE: Final = (
    "docstrings and annotations: they do nothing",
    "the texts of exceptions, and what is printed: they are for people",
    "strict=… of zip: nothing hands over lists of different lengths",
    "module constants, and what runs only as a script: grading imports",
    "what is made with which settings in functions whose models are trained: another choice is another model",
)


@dataclass(frozen=True)
class Mutant:
    """One change. `old`, `new`: the lines that differ, indentation apart. `source`: the whole file, changed.

    occurrence: 1 for the first change of these lines into those in this function, 2 for the second, …
    reason: why it is a right answer, for one that is listed as such.
    """

    file: str
    function: str
    line: int
    old: str
    new: str
    source: bytes
    occurrence: int = 1
    reason: str = ""

    @property
    def name(self) -> str:
        """File, line and the change, on one line."""
        return f"{self.file}:{self.line} {' '.join(self.old.split())} → {' '.join(self.new.split())}"

    @property
    def component(self) -> str:
        """The class or the function that was changed."""
        return self.function.partition(".")[0]

    @property
    def diff(self) -> str:
        """The lines that went and the lines that came."""
        return "\n".join(
            [*(f"- {line}" for line in self.old.splitlines()), *(f"+ {line}" for line in self.new.splitlines())]
        )


def are_made(assignment: Assignment) -> bool:
    """Return whether this edition's reference gets mutants: the assignment's own does, and one with a mutants.toml."""
    return assignment.edition == assignment.base or _list_path(assignment).is_file()


def _list_path(assignment: Assignment) -> Path:
    return assignment.reference / "editions" / assignment.edition.name / ACCEPTED


def make(assignment: Assignment) -> list[Mutant]:
    """Return every mutant of the reference in the assignment's edition, file by file, listed ones with their reason.

    Raises AssignmentError where mutmut is not installed, or an entry of the edition's own list fits no mutant.
    """
    is_base = assignment.edition == assignment.base
    sources = read_sources(assignment.reference) if is_base else editions.reference(assignment)
    found: list[Mutant] = []
    for path, content in sources.items():
        if path not in assignment.homework.not_mutated:
            found += _mutate_file(path, content.decode(), assignment.homework)
    shared = assignment.reference / ACCEPTED
    if is_base:
        return choose_explained(found, _entries(shared), str(shared))
    found = choose_explained(found, _entries(_list_path(assignment)), str(_list_path(assignment)))

    def respell_here(text: str) -> str:
        return editions.respell(text, assignment, assignment.base, assignment.edition)

    # Of what is listed for the reference's own edition, what is in this one too.
    for entry in _entries(shared):
        spoken = replace(entry, function=respell_here(entry.function), line=respell_here(entry.line))
        fitting = {respell_here(new) for new in entry.becomes}
        found = [
            replace(mutant, reason=entry.reason)
            if not mutant.reason and any(spoken.fits(mutant, new) for new in fitting)
            else mutant
            for mutant in found
        ]
    return found


def is_trained(function: str, homework: Homework) -> bool:
    """Return whether `function` returns what is trained: only training can tell its mutants."""
    return bool(homework.trained) and function.endswith(homework.trained)


def _mutate_file(path: str, text: str, homework: Homework) -> Iterator[Mutant]:
    seen: set[str] = set()
    counts: Counter[tuple[str, str, str]] = Counter()
    for function, changed in _changes(path, text, homework):
        if changed in seen or not _compiles(changed):
            continue
        seen.add(changed)
        line, old, new = _difference(text, changed)
        counts[function, old, new] += 1
        yield Mutant(path, function, line, old, new, changed.encode(), counts[function, old, new])


def _compiles(text: str) -> bool:
    try:
        ast.parse(text)
    except SyntaxError:
        return False
    return True


def _difference(before: str, after: str) -> tuple[int, str, str]:
    """Return the first line that differs, and all that do, in both texts."""
    old, new = ([line.strip() for line in text.splitlines()] for text in (before, after))
    start = next(index for index, (a, b) in enumerate(zip(old, new, strict=False)) if a != b)
    end = 0
    while old[-1 - end] == new[-1 - end] and end < min(len(old), len(new)) - start - 1:
        end += 1
    return start + 1, "\n".join(old[start : len(old) - end]), "\n".join(new[start : len(new) - end])


def _changes(path: str, text: str, homework: Homework) -> Iterator[tuple[str, str]]:
    """Yield the function (or class) and the changed text, for every node and every operator of mutmut that fits."""
    try:
        import libcst
        from mutmut.mutation.mutators import mutation_operators
    except ImportError as error:
        raise AssignmentError(
            f"Machine-made mutants need mutmut ({error}): run ./setup.sh --dev, or leave them out with --no-mutants."
        ) from error

    from libcst import metadata

    module = libcst.parse_module(text)
    places = metadata.MetadataWrapper(module, unsafe_skip_copy=True).resolve(
        metadata.WhitespaceInclusivePositionProvider
    )
    starts = [0, *accumulate(len(line) for line in text.splitlines(keepends=True))]
    for function, node in _nodes(libcst, path, module, homework.not_mutated):
        if _is_choice(libcst, function, node, homework):
            continue
        for kind, operator in mutation_operators:
            if isinstance(node, kind):
                # Only the node's own text is written anew: writing the whole module for each takes half a minute.
                place = places[node]
                first, last = (starts[end.line - 1] + end.column for end in (place.start, place.end))
                for changed in operator(node):
                    if _strictness(changed) is not _strictness(node):
                        continue
                    yield function, text[:first] + module.code_for_node(changed) + text[last:]


def _nodes(libcst: Any, path: str, module: cst.Module, left_out: Collection[str]) -> Iterator[tuple[str, cst.CSTNode]]:
    """Yield every node that may be changed, and the function that it stands in."""

    def walk(node: cst.CSTNode, function: str) -> Iterator[tuple[str, cst.CSTNode]]:
        if isinstance(node, (libcst.ClassDef, libcst.FunctionDef)):
            name = node.name.value
            function = f"{function}.{name}" if function else name
            if f"{path}:{function}" in left_out:
                return
        elif isinstance(node, (libcst.Annotation, libcst.Decorator, libcst.Raise)) or _is_for_people(libcst, node):
            return
        if function:
            yield function, node
        for child in node.children:
            if not (isinstance(child, libcst.Arg) and child.value is _strictness(node)):
                yield from walk(child, function)

    yield from walk(module, "")


def _is_for_people(libcst: Any, node: cst.CSTNode) -> bool:
    names = ("print", "print_stats")
    return isinstance(node, libcst.Call) and isinstance(node.func, libcst.Name) and node.func.value in names


def _strictness(node: Any) -> Any:
    """Return what a call of zip says of lists of different lengths: the node of that argument's value."""
    arguments = getattr(node, "args", ()) if getattr(getattr(node, "func", None), "value", "") == "zip" else ()
    named = (entry for entry in arguments if entry.keyword is not None and entry.keyword.value == "strict")
    return next((entry.value for entry in named), None)


def _is_choice(libcst: Any, function: str, node: cst.CSTNode, homework: Homework) -> bool:
    """Return whether `node` is a setting of what is trained, or something that is made with some."""
    if not is_trained(function, homework):
        return False
    if isinstance(node, libcst.Call):
        return isinstance(node.func, libcst.Name) and node.func.value not in homework.constructors
    return isinstance(node, (libcst.BaseNumber, libcst.BaseString))


@dataclass(frozen=True)
class Entry:
    """One table of mutants.toml: `becomes` are the changes of `line` in `function` of `file` that leave it right."""

    file: str
    function: str
    line: str
    becomes: tuple[str, ...]
    reason: str
    occurrence: int | None = None

    def fits(self, mutant: Mutant, new: str) -> bool:
        """Return whether `mutant` is the change into `new`."""
        return (
            (self.file, self.function) == (mutant.file, mutant.function)
            and (_flat(self.line), _flat(new)) == (_flat(mutant.old), _flat(mutant.new))
            and self.occurrence in (None, mutant.occurrence)
        )


def _flat(text: str) -> str:
    return "\n".join(line.strip() for line in text.strip().splitlines())


def _entries(file: Path) -> list[Entry]:
    """Return the tables [[accepted]], none without the file. Raises AssignmentError where one is not as it should be.

    occurrence: only where the same line is there more than once.
    """
    if not file.is_file():
        return []
    top = open_toml(file)
    entries = [
        Entry(
            **{key: table.get(key, str) for key in ("file", "function", "line", "reason")},
            becomes=table.texts("becomes"),
            occurrence=table.get("occurrence", int, above=0) if "occurrence" in table else None,
        )
        for table in top.tables("accepted")
    ]
    top.refuse_unknown()
    return entries


def choose_explained(mutants: Sequence[Mutant], entries: Iterable[Entry], file: str = ACCEPTED) -> list[Mutant]:
    """Return `mutants` in their order, those that an entry lists with its reason.

    Raises AssignmentError for an entry without a reason, or that fits no mutant: the reference has changed since.
    """
    reasons: dict[int, str] = {}
    for entry in entries:
        if not entry.reason.strip():
            raise AssignmentError(
                f"{file}: {entry.file}, {entry.function}, {entry.line!r}: say why it is a right answer."
            )
        for new in entry.becomes:
            fitting = [index for index, mutant in enumerate(mutants) if entry.fits(mutant, new)]
            if not fitting:
                raise AssignmentError(
                    f"{file}: nothing changes {entry.line!r} into {new!r} in {entry.function} of {entry.file}. "
                    "Take the entry out, or bring it up to date with the reference."
                )
            reasons |= dict.fromkeys(fitting, entry.reason)
    return [replace(mutant, reason=reasons.get(index, "")) for index, mutant in enumerate(mutants)]


def rules(homework: Homework) -> Mapping[str, str]:
    """Return what is left out, and why, for the reader of the findings."""
    return {**homework.not_mutated, **dict(rule.split(": ", 1) for rule in _EVERYWHERE)}
