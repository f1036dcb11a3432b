"""`assignment.toml`, read and checked: what this assignment is, its limits and its editions."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from .errors import AssignmentError

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).resolve().parent.parent
FILE_NAME = "assignment.toml"
PARTS = ("programming", "written")
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")

T = TypeVar("T", int, float, str)


@dataclass(frozen=True)
class Edition:
    """What one edition of the handout calls things."""

    name: str
    required: tuple[str, ...]
    names: Mapping[str, str]


@dataclass(frozen=True)
class Limits:
    """Bounds on one run and on one worker; seconds of wall clock, sizes in MiB."""

    run_seconds: float
    test_seconds: float
    test_memory_mb: int
    answer_mb: int
    submission_mb: int
    submission_files: int


@dataclass(frozen=True)
class Training:
    """The training check: the accuracy to pass (a fraction), seeds tried, seconds and MiB per model."""

    accuracy: float
    attempts: int
    seconds: float
    memory_mb: int
    most_epochs: int


@dataclass(frozen=True)
class Assignment:
    """All of `assignment.toml`, and where its parts lie."""

    root: Path
    name: str
    part: str
    secret: str
    points: float
    edition: Edition
    limits: Limits
    training: Training
    visibility: str
    stdout_visibility: str

    @property
    def reference(self) -> Path:
        """The folder of the reference solution."""
        return self.root / "reference"

    @property
    def template(self) -> Path:
        """The folder of the generated student template."""
        return self.root / "student_template"

    @property
    def hidden_tests(self) -> Path:
        """The folder of the hidden tests."""
        return self.root / "tests" / "hidden"


class Table:
    """One table of a TOML file; every question names the file and the key when the answer is unusable."""

    def __init__(self, file: Path, name: str, content: Any) -> None:
        self.file, self.name = file, name
        if not isinstance(content, dict):
            raise AssignmentError(f"{file}: [{name}] must be a table, and is {content!r}")
        self.content = content

    def where(self, key: str) -> str:
        """The key's place, for a message."""
        return f"{self.file}: [{self.name}] {key}"

    def get(self, key: str, kind: type[T], *, above: float | None = None, of: tuple[str, ...] = ()) -> T:
        """The value of `key`. Raises AssignmentError unless it is there, a `kind`, above `above` and one of `of`."""
        where = self.where(key)
        if key not in self.content:
            raise AssignmentError(f"{where} is missing; expected {_kind(kind)}")
        value = self.content[key]
        if kind is float and isinstance(value, int) and not isinstance(value, bool):
            value = float(value)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise AssignmentError(f"{where} must be {_kind(kind)}, and is {value!r}")
        if above is not None and not value > above:  # type: ignore[operator]
            raise AssignmentError(f"{where} must be above {above:g}, and is {value!r}")
        if of and value not in of:
            raise AssignmentError(f"{where} must be one of {', '.join(of)}, and is {value!r}")
        return value

    def texts(self, key: str) -> tuple[str, ...]:
        """The list of texts of `key`. Raises AssignmentError unless it is one."""
        value = self.content.get(key)
        if not isinstance(value, list) or not all(isinstance(entry, str) for entry in value):
            raise AssignmentError(f"{self.where(key)} must be a list of texts, and is {value!r}")
        return tuple(value)

    def table(self, key: str) -> Table:
        """The table `key`. Raises AssignmentError where there is none."""
        name = f"{self.name}.{key}" if self.name else key
        if key not in self.content:
            raise AssignmentError(f"{self.file}: the table [{name}] is missing")
        return Table(self.file, name, self.content[key])

    def tables(self, key: str) -> list[Table]:
        """The tables of `[[key]]`, none where it does not occur; named by their id or name, else counted from 1."""
        value = self.content.get(key, [])
        if not isinstance(value, list):
            raise AssignmentError(f"{self.where(key)} must be tables, [[{key}]], and is {value!r}")
        named = [entry.get("id", entry.get("name")) if isinstance(entry, dict) else None for entry in value]
        return [
            Table(self.file, f"{self.name} {key} {name or index}".strip(), entry)
            for index, (name, entry) in enumerate(zip(named, value, strict=True), start=1)
        ]


def _kind(kind: type) -> str:
    return {int: "a whole number", float: "a number", str: "a text"}[kind]


def read_toml(file: Path) -> dict[str, Any]:
    """The content of a TOML file. Raises AssignmentError where there is none, or it is no TOML."""
    try:
        return tomllib.loads(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise AssignmentError(f"{file} cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise AssignmentError(f"{file} is no valid TOML: {error}") from error


def load(root: Path = ROOT, *, edition: str | None = None) -> Assignment:
    """Read `root/assignment.toml` and make sure that what it speaks of is there.

    Raises AssignmentError, naming the file, the key and what was expected.
    """
    file = root / FILE_NAME
    top = Table(file, "", read_toml(file))
    main, limits, training, results = (top.table(key) for key in ("assignment", "limits", "training", "results"))
    name = edition or main.get("edition", str)
    assignment = Assignment(
        root=root,
        name=main.get("name", str),
        part=main.get("part", str, of=PARTS),
        secret=main.get("secret", str),
        points=main.get("points", float, above=0),
        edition=_edition(top.table("edition").table(name), name),
        limits=Limits(
            run_seconds=limits.get("run_seconds", float, above=0),
            test_seconds=limits.get("test_seconds", float, above=0),
            test_memory_mb=limits.get("test_memory_mb", int, above=255),
            answer_mb=limits.get("answer_mb", int, above=0),
            submission_mb=limits.get("submission_mb", int, above=0),
            submission_files=limits.get("submission_files", int, above=0),
        ),
        training=Training(
            accuracy=training.get("accuracy", float, above=0),
            attempts=training.get("attempts", int, above=0),
            seconds=training.get("seconds", float, above=0),
            memory_mb=training.get("memory_mb", int, above=255),
            most_epochs=training.get("most_epochs", int, above=0),
        ),
        visibility=results.get("visibility", str, of=VISIBILITIES),
        stdout_visibility=results.get("stdout_visibility", str, of=VISIBILITIES),
    )
    for folder, what in (
        (assignment.reference / "beras", "the reference solution"),
        (assignment.template / "beras", "the student template"),
        (assignment.hidden_tests, "the hidden tests"),
    ):
        if not folder.is_dir():
            raise AssignmentError(f"{folder} is missing: expected {what} there")
    return assignment


def _edition(table: Table, name: str) -> Edition:
    keys = ("forward", "cross_entropy", "sequential")
    return Edition(
        name=name,
        required=table.texts("required"),
        names={"name": name} | {key: table.get(key, str) for key in keys},
    )
