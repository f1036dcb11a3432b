"""The reference in another edition's form: one source, rendered by what the editions are declared to differ in.

`reference/` is written in one edition (`[assignment] reference`). For another,

- the names that the editions' tables give to the same thing change places, as `Homework.spell` says;
- a definition moves to the file where that edition has it, as `Homework.move` says, with `move` from here;
- a file of a folder `reference/editions/s26/` is that edition's own. It takes the place of the file that is rendered so
  far. A file is left out that `[assignment] required` names, and the edition's `required` does not;
- what stands in `reference/editions/`, under a comment line `# EDITION s25 f25`, takes the place of the definition of
  the same name in the same file. An assignment or a function is replaced as a whole, a class method by method, with its
  docstring and bases if it has any. Imports are added. A file that begins with `# EDITION s25 f25: the whole file` is
  that file;
- a region between `# BEGIN SOLUTION s25 f25` and `# END SOLUTION s25 f25` is a solution in those editions only. There,
  plain regions inside it are a part of it. In other editions the two lines are comments, which are left out;
- in `reference/README.md`, which becomes the students', lines between `<!-- ONLY s25 f25 -->` and `<!-- END -->` stand
  in those editions only.

Where an edition is named, those that are like it are meant too; `s25 -f24` leaves f24 out. What stands under an
`# EDITION` line is written in the names of the first edition on it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

from autograder.assignment import variants
from autograder.assignment.config import Assignment, Edition
from autograder.assignment.variants import Variant
from autograder.base.errors import AssignmentError

_EDITION = re.compile(r"# EDITION((?: -?\w+)+)(: the whole file)?")
_README = "README.md"
_ONLY = re.compile(r"<!-- (?:ONLY((?: -?\w+)+)|END) -->")
_SOLUTION = re.compile(r"\s*# (BEGIN|END) SOLUTION((?: -?\w+)+)?")


@dataclass(frozen=True)
class _Piece:
    """A definition under its `# EDITION` line: its text and, for messages, where it stands."""

    text: str
    where: str


def sources(assignment: Assignment) -> dict[str, str]:
    """Return the reference's files in the form of `assignment.edition`, by posix path, solution markers and all.

    Raises AssignmentError where a file is missing, or what is declared of the edition does not fit the reference.
    """
    base, edition = assignment.base, assignment.edition
    # Where an edition is like others, their files and definitions stand where the first of them has them.
    first = assignment.editions.get(edition.family[-1], edition)
    files: dict[str, str] = {}
    for pattern in assignment.homework.sources:
        paths = sorted(assignment.reference.glob(pattern))
        if not paths:
            raise AssignmentError(f"{assignment.reference}: there is no {pattern}, which every submission has")
        files |= {p.relative_to(assignment.reference).as_posix(): p.read_text(encoding="utf-8") for p in paths}
    if edition.names != base.names:
        files = {path: respell(text, assignment, base, edition) for path, text in files.items()}
        assignment.homework.move(files, base.names, first.names, edition.names)
    files |= {name: text for name, text in own_files(assignment).items() if is_source(name, assignment)}
    for path in set(base.required) - set(edition.required):
        files.pop(path, None)
    for path, text in files.items():
        for piece in _pieces(assignment.reference / "editions" / path, assignment):
            text = _put(text, piece)  # noqa: PLW2901  piece after piece
        files[path] = _choose_regions(text, path, assignment)
    if first.names != edition.names:
        before = set(files)
        assignment.homework.move(files, first.names, edition.names, edition.names)
        for path in files.keys() - before - set(edition.required):
            raise AssignmentError(
                f"[edition.{edition.name}] moves a class to {path}, which its `required` does not list: list it there"
            )
    for path in files:
        _check_rendered(files[path], f"{path}, edition {edition.name}")
    return files


def _check_rendered(text: str, where: str) -> None:
    """Raise AssignmentError where a rendered file is no Python, or has two classes of one name."""
    try:
        body = ast.parse(text).body
    except SyntaxError as error:
        raise AssignmentError(f"{where}: line {error.lineno}: {error.msg}") from error
    names = [node.name for node in body if isinstance(node, ast.ClassDef)]
    if twice := {name for name in names if names.count(name) > 1}:
        raise AssignmentError(f"{where}: two classes would be called {min(twice)}; its table needs another name")


def reference(assignment: Assignment) -> dict[str, bytes]:
    """Return as `sources`, encoded: what the grader runs."""
    return {path: text.encode() for path, text in sources(assignment).items()}


def readme(assignment: Assignment) -> dict[str, str]:
    """Return the README that students of `assignment.edition` get, by its name; nothing if the reference has none.

    Raises AssignmentError where lines for some editions only do not end, or name an edition that there is none of.
    """
    path = assignment.reference / _README
    if not path.is_file():
        return {}
    kept: list[str] = []
    wanted: bool | None = None  # whether the lines that are open are the edition's; None: no such lines are open
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(keepends=True), 1):
        found = _ONLY.fullmatch(line.rstrip())
        if found is None:
            kept += [line] if wanted is not False else []
            continue
        where, names = f"{path}, line {number}", (found[1] or "").split()
        if (wanted is None) is not bool(names):
            raise AssignmentError(f"{where}: {line.strip()!r} does not match the line before it that is like it")
        _check_editions(names, assignment, where)
        wanted = bool(assignment.edition.find_mark(names)) if names else None
    if wanted is not None:
        raise AssignmentError(f"{path}: the last lines that begin with <!-- ONLY … --> have no <!-- END -->")
    return {_README: respell("".join(kept), assignment, assignment.base, assignment.edition)}


def respell(text: str, assignment: Assignment, base: Edition, edition: Edition) -> str:
    """Return `text`, code or prose about code, with what `base` calls things replaced by what `edition` calls them."""
    return assignment.homework.spell(text, base.names, edition.names)


def own_files(assignment: Assignment) -> dict[str, str]:
    """Return the Python files of `reference/editions/NAME/` for the edition and what it is like.

    Files there that the reference lacks belong to the template: public tests that only this edition has.
    """
    files: dict[str, str] = {}
    for kin in reversed(assignment.edition.family):
        folder = assignment.reference / "editions" / kin
        for path in sorted(folder.rglob("*.py")):
            text = path.read_text(encoding="utf-8")
            files[path.relative_to(folder).as_posix()] = respell(
                text, assignment, assignment.editions[kin], assignment.edition
            )
    return files


def is_source(name: str, assignment: Assignment) -> bool:
    """Return whether a file of that name is one of the reference's, in some edition."""
    return any(PurePosixPath(name).match(pattern) for pattern in assignment.homework.sources)


def load_variants(assignment: Assignment, kind: str) -> dict[str, Variant]:
    """Return the variants in the reference's folder `kind` that make sense in the edition, spelled as it does.

    Their costs are those of the edition's own tests.
    """
    base, edition = assignment.base, assignment.edition
    found = {
        name: replace(variant, costs=variant.costs_in.get(edition.find_mark(variant.costs_in), variant.costs))
        for name, variant in variants.load(assignment.reference / kind).items()
        if not variant.editions or edition.find_mark(variant.editions)
    }
    if edition.name == base.name:
        # Only those editions have what their pieces define. An unknown target is reported where it is used.
        other = _names_of_pieces(assignment)
        return {name: v for name, v in found.items() if v.target not in other}
    defined = set(_definitions(sources(assignment)))

    def respell_here(text: str) -> str:
        return respell(text, assignment, base, edition)

    spoken = {
        name: replace(
            v, target=respell_here(v.target), source=respell_here(v.source), sentence=respell_here(v.sentence)
        )
        for name, v in found.items()
    }
    return {name: variant for name, variant in spoken.items() if variant.target in defined}


def _definitions(files: Mapping[str, str]) -> Iterator[str]:
    """Yield `Class`, `Class.method`, `function`, … of all files."""
    for text in files.values():
        for node in ast.parse(text).body:
            if isinstance(node, ast.FunctionDef | ast.ClassDef):
                yield node.name
            if isinstance(node, ast.ClassDef):
                yield from (f"{node.name}.{child.name}" for child in node.body if isinstance(child, ast.FunctionDef))


def _names_of_pieces(assignment: Assignment) -> set[str]:
    """Return what is defined in reference/editions/ and not in the reference."""
    folder = assignment.reference / "editions"
    files = {path.as_posix(): path.read_text(encoding="utf-8") for path in folder.glob("**/*.py")}
    own = {
        path.as_posix(): path.read_text(encoding="utf-8")
        for p in assignment.homework.sources
        for path in assignment.reference.glob(p)
    }
    return set(_definitions(files)) - set(_definitions(own))


def _pieces(path: Path, assignment: Assignment) -> Iterator[_Piece]:
    """Yield the pieces of a file of reference/editions/ that the assignment's edition asks for, in order."""
    if not path.is_file():
        return
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    marks = [(number, found) for number, line in enumerate(lines) if (found := _EDITION.fullmatch(line.rstrip()))]
    if not marks:
        raise AssignmentError(f"{path}: there is no line `# EDITION …`, so nothing in it is ever used")
    ends = [number for number, _ in marks[1:]] + [len(lines)]
    for (number, found), end in zip(marks, ends, strict=True):
        names = found[1].split()
        _check_editions(names, assignment, f"{path}, line {number + 1}")
        if assignment.edition.find_mark(names):
            author = assignment.editions[names[0].removeprefix("-")]
            text = respell("".join(lines[number + 1 : end]), assignment, author, assignment.edition)
            yield _Piece(
                text if found[2] else text.strip("\n") + "\n", "" if found[2] else f"{path}, line {number + 1}"
            )


def _check_editions(names: Iterable[str], assignment: Assignment, where: str) -> None:
    unknown = [name for name in names if name.removeprefix("-") not in assignment.editions]
    if unknown:
        raise AssignmentError(f"{where}: there is no edition {unknown[0]}, only {', '.join(assignment.editions)}")


def _put(text: str, piece: _Piece) -> str:
    """Return `text` with the piece's definitions in the place of those of the same names."""
    if not piece.where:
        return piece.text
    for node in ast.parse(piece.text).body:
        segment = _segment(piece.text, node)
        if isinstance(node, ast.Import | ast.ImportFrom):
            last = [n for n in ast.parse(text).body if isinstance(n, ast.Import | ast.ImportFrom)][-1]
            there = segment in text.splitlines(keepends=True)
            text = text if there else _splice(text, last.end_lineno or 0, last.end_lineno or 0, segment)
            continue
        if not isinstance(node, ast.FunctionDef | ast.ClassDef):
            raise AssignmentError(f"{piece.where}: expected imports, classes and functions, not {segment.strip()!r}")
        old = _find_definition(ast.parse(text).body, node.name)
        if old is None:
            text = f"{text}\n\n{segment}"
        elif isinstance(node, ast.ClassDef) and isinstance(old, ast.ClassDef):
            text = _merge_class(text, node, piece.text)
        else:
            text = _splice(text, *_span(text, old), segment)
    return text


def _merge_class(text: str, piece: ast.ClassDef, source: str) -> str:
    """Return `text` with the docstring, methods and attributes of the class `piece` put into its class of that name."""
    for child in piece.body:
        owner = _find_definition(ast.parse(text).body, piece.name)
        assert isinstance(owner, ast.ClassDef)
        segment, first = _segment(source, child), owner.body[0]
        documented = ast.get_docstring(owner) is not None
        if isinstance(child, ast.Expr) and documented:
            text = _splice(text, *_span(text, first), segment)
            continue
        assert isinstance(child, ast.FunctionDef), f"{piece.name}: a piece of a class holds methods and a docstring"
        old = _find_definition(owner.body, child.name)
        if old is not None:
            text = _splice(text, *_span(text, old), segment)
        elif child.name == "__init__":
            line = first.end_lineno if documented else first.lineno - 1
            text = _splice(text, line or 0, line or 0, f"\n{segment}" if documented else f"{segment}\n")
        else:
            end = _span(text, owner)[1]
            text = _splice(text, end, end, f"\n{segment}")
    return text


def _find_definition(body: Iterable[ast.stmt], name: str) -> ast.stmt | None:
    """Return the last statement that defines `name`: a class, a function or an assignment."""
    found = None
    for node in body:
        targets = node.targets if isinstance(node, ast.Assign) else [node]
        if any(getattr(target, "name", getattr(target, "id", None)) == name for target in targets):
            found = node
    return found


def _span(text: str, node: ast.stmt) -> tuple[int, int]:
    """Return the lines of a definition, from 0, the end exclusive, with its decorators and the comments at its end."""
    begin = min([node.lineno, *(d.lineno for d in getattr(node, "decorator_list", []))]) - 1
    end, lines = node.end_lineno or node.lineno, text.splitlines()
    for number in range(end, len(lines)):
        stripped = lines[number].lstrip()
        if stripped and not (stripped.startswith("#") and len(lines[number]) - len(stripped) > node.col_offset):
            break
        if stripped:
            end = number + 1
    return begin, end


def _segment(text: str, node: ast.stmt) -> str:
    begin, end = _span(text, node)
    return "".join(line + "\n" for line in text.splitlines()[begin:end])


def _splice(text: str, begin: int, end: int, new: str) -> str:
    lines = text.splitlines(keepends=True)
    return "".join([*lines[:begin], new, *lines[end:]])


def move(files: dict[str, str], name: str, old: str, new: str) -> None:
    """Take the class `name` out of the file `old` and put it at the end of the file `new`, which may be a new one.

    What makes the file run its `main` stays at the end. The class brings along the imports that it uses.
    """
    if old == new:
        return
    before, after = (ast.parse(files.get(path, "")).body for path in (old, new))
    node = _find_definition(before, name)
    if node is None and isinstance(_find_definition(after, name), ast.ClassDef):
        return  # a file of the edition's own has it
    if not isinstance(node, ast.ClassDef):
        raise AssignmentError(f"{old}: there is no {name}, which another edition has in {new}")
    segment, text = _segment(files[old], node), files.get(new, f'"""{name}."""\n')
    runs = next((one.lineno - 1 for one in after if isinstance(one, ast.If)), len(text.splitlines()))
    start, end = ("".join(text.splitlines(keepends=True)[part]) for part in (slice(runs), slice(runs, None)))
    text = "\n\n".join([f"{start.rstrip()}\n" if end else start, segment, *([end] if end else ())])
    files[new] = _import_for(node, text, new, files[old], old)
    files[old] = _splice(files[old], *_span(files[old], node), "")


def _import_for(node: ast.ClassDef, text: str, path: str, source: str, source_path: str) -> str:
    """Return `text`, of the file at `path`, with what the class `node` uses of the names that `source` has."""
    used = {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}
    here, there = (_module(one) for one in (path, source_path))
    text = re.sub(rf"^from {re.escape(here)} import {node.name}\n", "", text, flags=re.MULTILINE)
    known = _bound_at_top(text)
    for name, line in _bound_at_top(source).items():
        line = line or f"from {there} import {name}"  # noqa: PLW2901  what the file defines itself
        if name in used - known.keys() - {node.name}:
            imports = [n for n in ast.parse(text).body if isinstance(n, ast.Import | ast.ImportFrom | ast.Expr)]
            last = imports[-1].end_lineno or 0
            text = _splice(text, last, last, f"{line}\n")
    return text


def _module(path: str) -> str:
    return path.removesuffix(".py").replace("/", ".")


def _bound_at_top(text: str) -> dict[str, str]:
    """Return the names that a file has, each with the line that imports it alone; "" for what it defines."""
    bound: dict[str, str] = {}
    for node in ast.parse(text).body:
        if isinstance(node, ast.Import | ast.ImportFrom):
            for one in node.names:
                alone = ast.Import([one]) if isinstance(node, ast.Import) else ast.ImportFrom(node.module, [one], 0)
                bound[one.asname or one.name] = ast.unparse(alone)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            bound[node.name] = ""
        elif isinstance(node, ast.Assign):
            bound |= {target.id: "" for target in node.targets if isinstance(target, ast.Name)}
    return bound


def _choose_regions(text: str, path: str, assignment: Assignment) -> str:
    """Return `text` with the solution regions of its edition.

    Regions of other editions are left out; its own become ordinary regions.
    """
    kept: list[str] = []
    within: list[str] | None = None  # the editions of the region that is open
    active = False
    for number, line in enumerate(text.splitlines(keepends=True), 1):
        found = _SOLUTION.fullmatch(line.rstrip())
        names = found[2].split() if found is not None and found[2] else None
        if found is None:
            kept.append(line)
        elif names is None:
            kept += [] if active else [line]
        else:
            where = f"{path}, line {number}"
            _check_editions(names, assignment, where)
            if (within is not None) if found[1] == "BEGIN" else (within != names):
                raise AssignmentError(f"{where}: {line.strip()!r} does not match the line before it that is like it")
            within = names if found[1] == "BEGIN" else None
            if assignment.edition.find_mark(names):
                kept.append(line.replace(found[2], ""))
                active = found[1] == "BEGIN"
    if within is not None:
        raise AssignmentError(f"{path}: a region BEGIN SOLUTION {' '.join(within)} has no end")
    return "".join(kept)


__all__ = ["is_source", "load_variants", "move", "own_files", "readme", "reference", "respell", "sources"]
