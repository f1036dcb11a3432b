"""The student template: the reference with its solution regions taken out. It is generated, never edited.

A region is what stands between the comment lines `# BEGIN SOLUTION` and `# END SOLUTION`. Inside a function
it becomes one line that raises NotImplementedError; whole methods and statements outside functions vanish.
"""

import ast
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from autograder.assignment import editions
from autograder.assignment.config import Assignment
from autograder.assignment.variants import Variant
from autograder.base.errors import AssignmentError

__all__ = ["EditionFiles", "TemplateError", "drift", "export", "generate", "handed_out", "handout", "paths", "write"]

_LITTER = {"__pycache__", ".pytest_cache", ".DS_Store"}

MARKER = re.compile(r"\s*# (BEGIN|END) SOLUTION")
MARKER_LIKE = re.compile(r"^[^#]*#.*\b(BEGIN|END)\s+SOLUTION", re.IGNORECASE)


_Definition = ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef


class TemplateError(AssignmentError):
    """The reference cannot become a template: a region is malformed, or leaves what is not valid Python."""


@dataclass(frozen=True)
class Region:
    """A solution region: the indices of its marker lines, from 0, and the name in its stub, if it has one."""

    begin: int
    end: int
    name: str | None


def generate(assignment: Assignment) -> dict[str, str]:
    """Return the template of `assignment.edition`, as a dict from POSIX path to text with LF line ends.

    Raises TemplateError where a region is malformed, AssignmentError where a file is missing.
    """
    return EditionFiles(assignment).template


def handout(assignment: Assignment) -> dict[str, bytes]:
    """Return `EditionFiles.handout` of the assignment's edition."""
    return EditionFiles(assignment).handout


class EditionFiles:
    """The Python files of `assignment.edition`, in the forms that a grading asks for, each made once.

    Raises AssignmentError where a form cannot be made, when it is first asked for.
    """

    def __init__(self, assignment: Assignment) -> None:
        self.assignment = assignment

    @cached_property
    def _sources(self) -> dict[str, str]:
        return editions.sources(self.assignment)

    @cached_property
    def chaffs(self) -> dict[str, Variant]:
        """The edition's chaffs, by name: a wrong answer is compared with theirs. They take a tenth of a second."""
        return editions.load_variants(self.assignment, "chaffs")

    @cached_property
    def reference(self) -> dict[str, bytes]:
        """The reference's files: what the grader runs."""
        return {path: text.encode() for path, text in self._sources.items()}

    @cached_property
    def template(self) -> dict[str, str]:
        """The files without solutions, with LF line ends."""
        return {path: strip_solutions(text, path) for path, text in self._sources.items()}

    @cached_property
    def handout(self) -> dict[str, bytes]:
        """The files that replace a missing or broken neighbour: the template, with a few files of the reference.

        This reveals nothing: another edition hands these few to every student.
        """
        whole = self.assignment.homework.given_whole(self.assignment.edition.names)
        files = self.template | {path: self._sources[path] for path in whole}
        return {path: text.encode() for path, text in files.items()}


def every_line(assignment: Assignment) -> list[bytes]:
    """Return the files of every edition's template: what they hold, nobody has written for this submission."""
    return [
        text.encode()
        for edition in assignment.editions.values()
        for text in generate(replace(assignment, edition=edition)).values()
    ]


def paths(assignment: Assignment) -> frozenset[str]:
    """Return the paths of all that students start from, files that are not generated among them."""
    folder = assignment.template
    return frozenset(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())


def write(assignment: Assignment, template: Path, more: Mapping[str, str] | None = None) -> list[str]:
    """Write the template of `assignment.edition`, and `more` texts by path, into `template`; return the changed paths.

    Files that are not generated, such as tests, are left as they are.
    """
    return _write_changed(template, _expected_files(assignment, more))


def _expected_files(assignment: Assignment, more: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """Return all files that are made: of the reference, of `more`, and of what the homework adds for the edition."""
    texts = generate(assignment)
    encoded = {name: text.encode() for name, text in {**texts, **editions.readme(assignment), **(more or {})}.items()}
    return {**encoded, **assignment.homework.handed_out(texts, assignment)}


def export(assignment: Assignment, folder: Path) -> list[str]:
    """Write all that students of `assignment.edition` start from into `folder`, and return the paths that changed."""
    return _write_changed(folder, handed_out(assignment))


def handed_out(assignment: Assignment) -> dict[str, bytes]:
    """Return all that students of `assignment.edition` start from, by POSIX path.

    That is the template, and what stands beside the committed one: tests and others, Markdown in the edition's words.
    A file of the edition's own takes such a file's place; an empty one takes it away.
    """
    generated = _expected_files(assignment)
    own = {name: text.encode() for name, text in editions.own_files(assignment).items() if name not in generated}
    files = generated | own
    for path in sorted(assignment.template.rglob("*")):
        name = path.relative_to(assignment.template)
        made = name.as_posix() in files or editions.is_source(name.as_posix(), assignment)
        if path.is_file() and not made and not any(part in _LITTER for part in name.parts):
            content = path.read_bytes()
            if path.suffix == ".md":
                content = editions.respell(content.decode(), assignment, assignment.base, assignment.edition).encode()
            files[name.as_posix()] = content
    return {name: content for name, content in files.items() if content or name not in own}


def _write_changed(folder: Path, files: Mapping[str, bytes]) -> list[str]:
    """Write the files that are not yet as they should be, and return their paths."""
    changed = []
    for name, content in files.items():
        path = folder / name
        if path.is_file() and path.read_bytes() == content:
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        changed.append(name)
    return changed


def drift(assignment: Assignment, template: Path, more: Mapping[str, str] | None = None) -> list[str]:
    """Return one sentence for each difference between the folder `template` and what `write` would put there.

    A Python file beside the generated ones that the reference does not have counts as a difference too.
    """
    expected = _expected_files(assignment, more)
    differences = []
    for name, content in expected.items():
        path = template / name
        if not path.is_file():
            differences.append(f"{name}: missing")
            continue
        # Not read as text, which would hide foreign line ends.
        committed = path.read_bytes()
        if committed != content:
            line = _first_difference(committed.decode(errors="replace"), content.decode(errors="replace"))
            differences.append(f"{name}: differs" + ("" if b"\0" in content else f" at line {line}"))
    for path in sorted({*template.glob("*.py"), *template.glob(f"{assignment.homework.package}/*.py")}):
        name = path.relative_to(template).as_posix()
        if name not in expected and name not in assignment.homework.by_hand:
            differences.append(f"{name}: unexpected, the reference has no such file")
    return differences


def strip_solutions(source: str, name: str) -> str:
    """Return the text of one template file, for the `source` of the reference's file `name`.

    Raises TemplateError, with `name` and the line, for a malformed region.
    """
    lines = source.splitlines()
    try:
        nodes = ast.walk(ast.parse(source))
        definitions = [n for n in nodes if isinstance(n, _Definition)]
        regions = _find_regions(lines, definitions, name)
    except SyntaxError as error:
        raise TemplateError(f"{name}, line {error.lineno}: not valid Python: {error.msg}") from error

    kept: list[str] = []
    position = 0
    for region in regions:
        kept += lines[position : region.begin]
        position = region.end + 1
        if region.name:
            marker = lines[region.begin]
            indentation = marker[: len(marker) - len(marker.lstrip())]
            kept.append(f'{indentation}raise NotImplementedError("{region.name}")')
        else:
            position += _close_gap(kept, lines[position:])
    kept += lines[position:]
    text = "\n".join(kept) + "\n"

    try:
        compile(text, name, "exec", dont_inherit=True)
    except SyntaxError as error:
        line = (error.text or "").strip()
        raise TemplateError(
            f"{name}: without its solution regions the file is not valid Python ({error.msg}: {line!r}): "
            "a region must hold whole statements, and leave something where Python needs a statement"
        ) from error
    return text


def _find_regions(lines: list[str], definitions: Sequence[_Definition], name: str) -> list[Region]:
    """Return the regions of a file, in order. Raises TemplateError where BEGIN and END do not alternate."""
    regions = []
    begin: int | None = None
    for index, line in enumerate(lines):
        match = MARKER.fullmatch(line.rstrip())
        if match is None:
            if MARKER_LIKE.search(line):
                raise TemplateError(
                    f"{name}, line {index + 1}: a marker must be a line of its own, "
                    "'# BEGIN SOLUTION' or '# END SOLUTION'"
                )
        elif match[1] == "BEGIN":
            if begin is not None:
                raise TemplateError(
                    f"{name}, line {index + 1}: BEGIN SOLUTION inside the region that line {begin + 1} begins"
                )
            begin = index
        elif begin is None:
            raise TemplateError(f"{name}, line {index + 1}: END SOLUTION without BEGIN SOLUTION before it")
        else:
            regions.append(Region(begin, index, _name_stub(lines, begin, index, definitions, name)))
            begin = None
    if begin is not None:
        raise TemplateError(f"{name}, line {begin + 1}: BEGIN SOLUTION without END SOLUTION after it")
    return regions


def _name_stub(lines: list[str], begin: int, end: int, definitions: Sequence[_Definition], name: str) -> str | None:
    """Return the qualified name of the function that a region is inside of, or None outside of functions."""
    numbered = enumerate(lines[begin + 1 : end], start=begin + 2)
    code = [number for number, line in numbered if line.strip() and not line.lstrip().startswith("#")]
    if not code:
        raise TemplateError(f"{name}, line {begin + 1}: the solution region holds no code")

    # The definitions around the region's first line, from the outside in. One that begins with that line
    # (with its first decorator, if it has any) is part of the region.
    enclosing = []
    for node in definitions:
        first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
        if first < code[0] <= (node.end_lineno or first):
            enclosing.append(node)
    for node in enclosing:
        if code[-1] > (node.end_lineno or 0):
            raise TemplateError(f"{name}, line {begin + 1}: the solution region reaches beyond {node.name}")

    if not enclosing or isinstance(enclosing[-1], ast.ClassDef):
        return None
    return ".".join(node.name for node in enclosing)


def _close_gap(before: list[str], after: list[str]) -> int:
    """Join what stands before and after a vanished region, by the larger of the two gaps of blank lines.

    Removes blank lines from the end of `before`, and returns how many of the lines `after` to leave out.
    """
    blank_after = 0
    while blank_after < len(after) and not after[blank_after].strip():
        blank_after += 1
    blank_before = 0
    while before and not before[-1].strip():
        before.pop()
        blank_before += 1
    nothing_follows = blank_after == len(after)
    before += [""] * (0 if nothing_follows or not before else max(blank_before, blank_after))
    return blank_after


def _first_difference(committed: str, expected: str) -> int:
    """Return the number of the first line, from 1, in which two different texts differ."""
    ours, theirs = committed.splitlines(keepends=True), expected.splitlines(keepends=True)
    for number, (our_line, their_line) in enumerate(zip(ours, theirs, strict=False), start=1):
        if our_line != their_line:
            return number
    return min(len(ours), len(theirs)) + 1
