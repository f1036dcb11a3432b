"""Makes the first files of a new homework, component or hidden test. They work at once, and say what to fill in.

The files are made of those in `scaffolds/`. A homework may have some of its own, in `homework/scaffolds/`, which take
their place: it knows best what one of its components looks like.
"""

from __future__ import annotations

import ast
import keyword
import re
import secrets
import string
import sys
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from autograder.assignment import editions, variants
from autograder.assignment.config import FILE_NAME, Assignment
from autograder.base.errors import AssignmentError
from autograder.base.files import check_new_folder
from autograder.base.toml import read_toml

KINDS: Final = ("test", "component", "homework")
#: What a file says where something is to be filled in, with what that is.
MARK: Final = "TO DO: "
_FOLDER: Final = "scaffolds"
_ENDING: Final = ".txt"  # of the files that others are made of, so that no tool takes them for code
_INSERTIONS: Final = "insertions.txt"  # three lines each: file, the line to follow, text
_TAKEN: Final = frozenset({"autograder", "guest", "homework", "numpy", "pytest", "reference", "tests"})
#: What a project keeps its own files in, where something may be left to fill in.
_SEARCHED: Final = ("assignment.toml", "homework", "reference", "tests/hidden", "student_template", "README.md")


@dataclass(frozen=True)
class Gap:
    """A place where something is to be filled in. path: from the project's folder."""

    path: str
    line: int
    text: str


@dataclass(frozen=True)
class Scaffold:
    """What was made. written: the new files. changed: those that were there, with what is new in them."""

    root: Path
    written: tuple[str, ...] = ()
    changed: Mapping[str, str] = field(default_factory=dict)

    @property
    def gaps(self) -> list[Gap]:
        """The places of its files where something is to be filled in."""
        return [gap for path in self.written for gap in _gaps_in(self.root, self.root / path)]


def gaps(root: Path) -> list[Gap]:
    """Return every place of a project where something that a scaffold left open is still to be filled in."""
    found = []
    for part in _SEARCHED:
        place = root / part
        paths = [place] if place.is_file() else sorted(place.rglob("*"))
        found += [gap for path in paths if path.suffix in (".py", ".md", ".toml") for gap in _gaps_in(root, path)]
    scaffolds = f"homework/{_FOLDER}/"
    return [gap for gap in found if not gap.path.startswith(scaffolds)]


def _gaps_in(root: Path, path: Path) -> Iterator[Gap]:
    lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    for number, line in enumerate(lines, 1):
        _, mark, text = line.partition(MARK)
        if mark:
            yield Gap(path.relative_to(root).as_posix(), number, text.rstrip('"').strip())


def new_homework(name: str, folder: Path) -> Scaffold:
    """Make a homework of one component, `first`, in `folder`, which must be empty or not there; it grades at once.

    Raises AssignmentError for a name that cannot be a package's or is another's, and for a folder with something in it.
    """
    _check_name(name)
    if name in sys.stdlib_module_names or name in _TAKEN:
        raise AssignmentError(f"{name} is the name of another package that grading needs: choose another name.")
    check_new_folder(folder)
    words = {"name": name, "title": name.replace("_", " ").capitalize(), "secret": secrets.token_urlsafe(24)}
    made = _fill(_sources("homework", None), words)
    _write(folder, made)
    first = _add_component("first", folder, package=name, number=1, own=None)
    return Scaffold(folder, (*made, *first.written))


def new_component(name: str, assignment: Assignment, numbers: Iterable[str]) -> Scaffold:
    """Add a component to an assignment: its part of the reference, a probe, hidden and public tests, chaff and wheat.

    name: of the class or function, such as `Dropout`. numbers: of the hidden tests that are there.
    Raises AssignmentError for a name that cannot be used, and where one of the new files is there already.
    """
    _check_name(name)
    word = _word(name)
    if word in assignment.homework.components:
        raise AssignmentError(f"There is a component {word} already, in homework/__init__.py: choose another name.")
    number = max((int(one.partition(".")[0]) for one in numbers if one.partition(".")[0].isdigit()), default=0) + 1
    root = assignment.root
    return _add_component(
        name, root, package=assignment.homework.package, number=number, own=assignment.homework_folder
    )


def _add_component(name: str, root: Path, *, package: str, number: int, own: Path | None) -> Scaffold:
    words = {"name": _word(name), "Name": name, "title": _title(name), "package": package, "number": str(number)}
    sources = _sources("component", own)
    made = _fill(sources, words)
    _refuse_present(root, made)
    points = sum(map(float, re.findall(r"^@weight\(([\d.]+)\)", "\n".join(made.values()), re.MULTILINE)))
    module = f"{package}/{words['name']}.py"
    changes = {
        f"homework/__init__.py\0component {words['name']}": _with_component(
            root / "homework" / "__init__.py", words["name"]
        ),
        f"{FILE_NAME}\0{points:g} points more, and `{module}` is required": _with_points(
            root / FILE_NAME, points, module if f"reference/{module}" in made else None
        ),
    }
    for path, after, text in _insertions(sources, words):
        changes[f"{path}\0{' '.join(text.split())}"] = _insert_after(root / path, after, text)
    _write(root, made)
    changed = {}
    for key, text in changes.items():
        path, _, what = key.partition("\0")
        (root / path).write_text(text, encoding="utf-8", newline="\n")
        changed[path] = what
    return Scaffold(root, tuple(made), changed)


def new_test(name: str, assignment: Assignment, *, of: str, component: str, numbers: Collection[str]) -> Scaffold:
    """Add a hidden test without points to an assignment, with a probe of its own, a chaff, a wheat and a public test.

    of: what it asks for, `Class.method` or a function of the reference. component: one of the homework's.
    numbers: of the hidden tests of that component. Raises AssignmentError as `new_component` does.
    """
    _check_name(name)
    source = _definition(assignment, of)
    major, last = max(((int(a), int(b)) for a, _, b in (one.partition(".") for one in numbers)), default=(1, 0))
    head, _, body = source.partition(":\n")
    words = {
        "name": _word(name),
        "package": assignment.homework.package,
        "title": _title(name),
        "of": of,
        "component": component,
        "number": f"{major}.{last + 1}",
        "parameters": re.sub(r"^def \w+", "", head),
        "body": body.rstrip(),
        "commented": "\n".join(f"# {line}".rstrip() for line in body.rstrip().splitlines()),
    }
    made = _fill(_sources("test", assignment.homework_folder), words)
    _refuse_present(assignment.root, made)
    _write(assignment.root, made)
    return Scaffold(assignment.root, tuple(made))


def _definition(assignment: Assignment, of: str) -> str:
    """Return the source of a method or function of the reference, not indented.

    Raises AssignmentError where it has none.
    """
    sources = editions.reference(assignment)
    path, node = variants.find({name: text.decode() for name, text in sources.items()}, of, "--of")
    lines = sources[path].decode().splitlines(keepends=True)[node.lineno - 1 : node.end_lineno]
    if ast.get_docstring(node) is not None:
        first = node.body[0]
        del lines[first.lineno - node.lineno : (first.end_lineno or first.lineno) - node.lineno + 1]
    kept = [line[node.col_offset :] for line in lines if not re.match(r"\s*# (BEGIN|END) SOLUTION", line)]
    return "".join(line if line.strip() else "\n" for line in kept)


def _check_name(name: str) -> None:
    if not name.isidentifier() or keyword.iskeyword(name) or not name.isascii():
        raise AssignmentError(
            f"{name!r} cannot name a module or a class of Python: use letters, digits and _, as in large_batch."
        )


def _word(name: str) -> str:
    """Return `MaxPool` as `max_pool`: what a module, a tag and a test are called."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name).lower()


def _title(name: str) -> str:
    return _word(name).replace("_", " ").capitalize()


def _sources(kind: str, own: Path | None) -> dict[str, str]:
    """Return the files that those of one kind are made of, by path; a homework's own take the default's place."""
    folders = [Path(__file__).parent / _FOLDER / kind, *([own / _FOLDER / kind] if own is not None else [])]
    return {
        path.relative_to(folder).as_posix(): path.read_text(encoding="utf-8")
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def _fill(sources: Mapping[str, str], words: Mapping[str, str]) -> dict[str, str]:
    """Return the new files by path: `$word` in texts and `__word__` in paths give way to the word."""
    made = {}
    for source, text in sources.items():
        if source == _INSERTIONS:
            continue
        path = re.sub(r"__([a-z]+)__", lambda found: words.get(found[1], found[0]), source)
        made[path.removesuffix(_ENDING)] = string.Template(text).substitute(words)
    return made


def _insertions(sources: Mapping[str, str], words: Mapping[str, str]) -> Iterator[tuple[str, str, str]]:
    """Yield what goes into files that are there: (path, the line that it follows, text)."""
    if _INSERTIONS not in sources:
        return
    lines = string.Template(sources[_INSERTIONS]).substitute(words).splitlines()
    yield from zip(lines[::3], lines[1::3], lines[2::3], strict=True)


def _insert_after(path: Path, after: str, text: str) -> str:
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    places = [number for number, line in enumerate(lines, 1) if line.rstrip("\n") == after]
    if len(places) != 1:
        raise AssignmentError(
            f"{path} has no line {after!r} of its own: the scaffold belongs to another version of it."
        )
    lines.insert(places[0], text + "\n")
    return "".join(lines)


def _refuse_present(root: Path, made: Iterable[str]) -> None:
    for path in made:
        if (root / path).exists():
            raise AssignmentError(f"{root / path} is there already: choose another name, so that nothing is lost.")


def _write(root: Path, made: Mapping[str, str]) -> None:
    for path, text in made.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8", newline="\n")


def _with_component(path: Path, name: str) -> str:
    """Return the homework's `__init__.py` with one more component. Raises AssignmentError where it lists none."""
    text = path.read_text(encoding="utf-8")
    lists = [
        argument.value
        for node in ast.walk(ast.parse(text))
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "Homework"
        for argument in node.keywords
        if argument.arg == "components" and isinstance(argument.value, ast.Tuple)
    ]
    if len(lists) != 1:
        raise AssignmentError(f'{path} has no `components=("…",)` in its Homework(…): put "{name}" there yourself.')
    node, lines = lists[0], text.splitlines(keepends=True)
    assert node.end_lineno is not None and node.end_col_offset is not None
    last = lines[node.end_lineno - 1].encode()
    end = len("".join(lines[: node.end_lineno - 1])) + len(last[: node.end_col_offset].decode())
    before = text[: end - 1].rstrip()
    gap = text[len(before) : end - 1]
    comma = "" if before.endswith((",", "(")) else ","
    indent = "    " + gap.rpartition("\n")[2] if "\n" in gap else ""
    lead = f"\n{indent}" if indent else ("" if before.endswith("(") else " ")
    return f'{before}{comma}{lead}"{name}",{gap}{text[end - 1 :]}'


def _with_points(path: Path, points: float, required: str | None) -> str:
    """Return `assignment.toml` with more points, and one more file in every list of required files.

    An edition with a list of its own needs the file there, too. Raises AssignmentError where the lines to change are
    not found.
    """
    text, main = path.read_text(encoding="utf-8"), read_toml(path)["assignment"]
    total = main["points"] + points
    text, found = re.subn(r"(?m)^(points\s*=\s*)[\d.]+", rf"\g<1>{total:g}", text, count=1)
    if not found:
        raise AssignmentError(f"{path} has no line `points = …`: add {points:g} points yourself, then try again.")
    if required is not None:
        text, found = re.subn(
            r"(?m)^(required\s*=\s*\[)([^\[\]]*)\]",
            lambda match: _append_item(match, required),
            text,
        )
        if not found:
            raise AssignmentError(f"{path} has no list `required = […]`: add {required} yourself, then try again.")
    return text


def _append_item(match: re.Match[str], item: str) -> str:
    head, listed = match.groups()
    items = listed.rstrip()
    gap, items = listed[len(items) :], items.removesuffix(",")
    if not items.strip():
        return f'{head}"{item}"]'
    if "\n" in items:
        return f'{head}{items},\n    "{item}",{gap}]'
    return f'{head}{items}, "{item}"{gap}]'


__all__ = ["KINDS", "MARK", "Gap", "Scaffold", "gaps", "new_component", "new_homework", "new_test"]
