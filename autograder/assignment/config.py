"""`assignment.toml`, read and checked: what this assignment is, its limits and its editions."""

from __future__ import annotations

import datetime as dt
import hashlib
import re
import shlex
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from autograder.assignment import policy
from autograder.assignment.homework import FOLDER as HOMEWORK
from autograder.assignment.homework import Homework, load_homework
from autograder.assignment.policy import ByPeople, LateRules
from autograder.assignment.signs import Sign
from autograder.base.errors import AssignmentError
from autograder.base.toml import Table, open_toml

ROOT = Path(__file__).resolve().parents[2]
FILE_NAME = "assignment.toml"
PARTS = policy.PARTS
AUTO = "auto"  # in the place of an edition's name: whichever a submission shows
MANIFEST = "manifest.json"  # lists an upload's files; a clone has none
VISIBILITIES = ("visible", "hidden", "after_due_date", "after_published")
#: What a rule forbids: a library that does the homework's job, one brought along, gradients by differences,
#: source code that cannot be inspected, and a test passed without the parts that students write.
RULES = ("library", "vendored", "differences", "uninspected", "bypassed")


#: What a table of assignment.toml holds where that leaves it out, or a key of it.
_DEFAULTS: Mapping[str, Mapping[str, Any]] = {
    "limits": {
        "run_seconds": 560,
        "test_seconds": 10,
        "test_memory_mb": 1024,
        "answer_mb": 8,
        "submission_mb": 8,
        "submission_files": 400,
    },
    "training": {"accuracy": 0.95, "attempts": 3, "seconds": 180, "memory_mb": 4096, "most_epochs": 30},
    "results": {"visibility": "visible", "stdout_visibility": "hidden"},
    "rules": {"forbidden": [], "module_kb": 100},
    "intake": {"kinds": [".py"]},
}


@dataclass(frozen=True)
class Edition:
    """What one edition of the handout calls things, and what tells its files from another's.

    names: what probes need to know, as `Homework.read_names` reads it.
    components: the functions that return what is trained. signs: by file, what only its like holds.
    package: what students hand in.
    family: its own name, and those of the editions that it is like: what is marked for one of them holds for it too.
    """

    name: str
    required: tuple[str, ...]
    names: Mapping[str, str]
    components: tuple[str, ...]
    signs: Mapping[str, Sign]
    family: tuple[str, ...]
    package: str = ""

    def find_mark(self, names: Iterable[str]) -> str:
        """Return the one of `names` that stands for this edition, the closest first; "" where none does.

        Of "s25 -f24", f24 and what is like it have nothing, though they are like s25. "*" stands for all others.
        """
        among = set(names)
        for name in self.family:
            if name in among or f"-{name}" in among:
                return name if name in among else ""
        return "*" if "*" in among else ""


@dataclass(frozen=True)
class UnsupportedEdition:
    """An edition that is not graded as itself. closest: the one that is graded instead. signs: as an edition's."""

    name: str
    closest: str
    signs: Mapping[str, Sign]


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
class Rules:
    """What the homework forbids. inert: libraries that it allows, and that do nothing while a submission is graded.

    penalties: points that a breach of each rule takes; 0 flags it for the staff alone.
    """

    forbidden: tuple[str, ...]
    module_kb: int
    penalties: Mapping[str, float]
    inert: tuple[str, ...] = ()


#: What stands in the example's assignment.toml: with it every hidden input can be computed at home.
EXAMPLE_SECRET: Final = "change-me-every-year"  # noqa: S105  what must not be kept
EXAMPLE_NOTE: Final = (
    "assignment.toml: the secret is still the example's, so students can compute every hidden input. "
    "Set it to a text of your own."
)


@dataclass(frozen=True)
class Assignment:
    """All of `assignment.toml`, and where its parts lie.

    edition: the one to grade by. recognised: whether a submission's own edition takes its place where that shows.
    base: the edition that the reference is written in. template_edition: the one that student_template/ is of, which
    assignment.toml names; `edition` may be another, that was asked for. accepted: the names of those that the course
    takes; none: all.
    """

    root: Path
    homework: Homework
    name: str
    part: str
    secret: str
    points: float
    edition: Edition
    recognised: bool
    base: Edition
    template_edition: Edition
    editions: Mapping[str, Edition]
    limits: Limits
    training: Training
    kinds: tuple[str, ...]
    rules: Rules
    visibility: str
    stdout_visibility: str
    late: Mapping[str, LateRules] = field(default_factory=dict)
    people: ByPeople = field(default_factory=ByPeople)
    unsupported: tuple[UnsupportedEdition, ...] = ()
    accepted: tuple[str, ...] = ()

    @property
    def homework_folder(self) -> Path:
        """The folder of what makes the homework."""
        return self.root / HOMEWORK

    @property
    def reference(self) -> Path:
        """The folder of the reference solution."""
        return self.root / "reference"

    @property
    def zone(self) -> dt.tzinfo | None:
        """The course's clock, as [due] names it; None where it does not."""
        return next((rules.zone for rules in self.late.values() if rules.zone is not None), None)

    @property
    def top_names(self) -> frozenset[str]:
        """What stands at the top of a submission of any edition: files, and the folders of files, that are required."""
        required = (path for edition in self.editions.values() for path in edition.required)
        return frozenset((self.homework.package, *(PurePosixPath(path).parts[0] for path in required)))

    @property
    def template(self) -> Path:
        """The folder of the generated student template."""
        return self.root / "student_template"

    @property
    def hidden_tests(self) -> Path:
        """The folder of the hidden tests."""
        return self.root / "tests" / "hidden"

    @property
    def upload(self) -> str:
        """The first digits of the SHA-256 of the upload's manifest; empty in a clone."""
        try:
            return hashlib.sha256((self.root / MANIFEST).read_bytes()).hexdigest()[:12]
        except OSError:
            return ""


def spell_command(root: Path, *words: str) -> str:
    """Return a command of the toolkit for the homework in `root`, as a person types it in the project's folder."""
    if root != ROOT:
        here = Path.cwd()
        words = (*words, "--assignment", str(root.relative_to(here) if root.is_relative_to(here) else root))
    return shlex.join(("python", "-m", "autograder", *words))


def load(root: Path = ROOT, *, edition: str | None = None, with_template: bool = True) -> Assignment:
    """Read `root/assignment.toml` and make sure that what it speaks of is there.

    edition: the one to grade every submission by; by default the one that it is recognised as.
    with_template: whether the template must be there, which all but its maker wants.
    Raises AssignmentError, naming the file, the key and what was expected; also for a key that is not known.
    """
    file = root / FILE_NAME
    top = open_toml(file)
    homework = load_homework(root)
    main = top.table("assignment")
    limits, training, results, rules, intake = (top.fill(key, usual) for key, usual in _DEFAULTS.items())
    penalties = rules.fill("penalty", dict.fromkeys(RULES, 0))
    tables = top.table("edition")
    editions: dict[str, Edition] = {}
    for key in tables.names():
        editions[key] = _edition(key, tables, editions, (main, training), homework)
    forced = edition if edition != AUTO else None
    own, base = main.get("edition", str), main.get("reference", str)
    chosen = forced or own
    for name in (chosen, own, base):
        if name not in editions:
            raise AssignmentError(f"{file}: there is no table [edition.{name}], only {', '.join(editions)}")
    assignment = Assignment(
        root=root,
        homework=homework,
        name=_name(main),
        part=main.get("part", str, of=PARTS) if "part" in main else PARTS[0],
        secret=main.get("secret", str),
        points=main.get("points", float, above=0),
        edition=editions[chosen],
        recognised=forced is None,
        base=editions[base],
        template_edition=editions[own],
        editions=editions,
        limits=Limits(
            run_seconds=limits.get("run_seconds", float, above=0),
            test_seconds=limits.get("test_seconds", float, above=0),
            test_memory_mb=limits.get("test_memory_mb", int, above=255),
            answer_mb=limits.get("answer_mb", int, above=0),
            submission_mb=limits.get("submission_mb", int, above=0),
            submission_files=limits.get("submission_files", int, above=0),
        ),
        training=Training(
            accuracy=_accuracy(training),
            attempts=training.get("attempts", int, above=0),
            seconds=training.get("seconds", float, above=0),
            memory_mb=training.get("memory_mb", int, above=255),
            most_epochs=training.get("most_epochs", int, above=0),
        ),
        kinds=_kinds(intake),
        rules=Rules(
            forbidden=rules.texts("forbidden"),
            module_kb=rules.get("module_kb", int, above=0),
            inert=rules.texts("inert") if "inert" in rules else (),
            penalties={rule: penalties.get(rule, float, least=0) for rule in RULES},
        ),
        visibility=results.get("visibility", str, of=VISIBILITIES),
        stdout_visibility=results.get("stdout_visibility", str, of=VISIBILITIES),
        late=policy.read_rules(top),
        people=policy.read_people(top),
        unsupported=_unsupported_editions(top, editions),
        accepted=_accepted_editions(main, editions),
    )
    top.refuse_unknown()
    for folder, what in (
        (assignment.reference / homework.package, "the reference solution"),
        (assignment.template / homework.package, "the student template"),
        (assignment.hidden_tests, "the hidden tests"),
    ):
        if not folder.is_dir() and (with_template or folder.parent != assignment.template):
            raise AssignmentError(f"{folder} is missing: expected {what} there")
    for path in assignment.base.required:
        if not (assignment.reference / path).is_file():
            raise AssignmentError(
                f"{assignment.reference / path} is missing, and {FILE_NAME} requires {path} of every submission: "
                "write it, or take it out of required."
            )
    return assignment


def _name(main: Table) -> str:
    name = main.get("name", str)
    if not name.strip():
        raise AssignmentError(f"{main.where('name')} must not be empty: grade books call the homework's column so")
    return name


def _accuracy(training: Table) -> float:
    share = training.get("accuracy", float, above=0)
    if share > 1:
        raise AssignmentError(
            f"{training.where('accuracy')} must be a share, above 0 and at most 1, and is {share:g}; 0.95 means 95 %"
        )
    return share


def _kinds(table: Table) -> tuple[str, ...]:
    kinds = table.texts("kinds")
    if ".py" not in kinds or not all(kind.startswith(".") for kind in kinds):
        raise AssignmentError(
            f'{table.file}: [intake] kinds must list endings, ".py" among them, and is {list(kinds)!r}'
        )
    return kinds


def _accepted_editions(main: Table, editions: Collection[str]) -> tuple[str, ...]:
    """Return the editions that the course takes, its own among them; none where it names none."""
    if "accepted" not in main:
        return ()
    named, own = main.texts("accepted"), main.get("edition", str)
    for name in named:
        if name not in editions:
            raise AssignmentError(
                f"{main.file}: [assignment] accepted: there is no table [edition.{name}], only {', '.join(editions)}"
            )
    return tuple(dict.fromkeys((own, *named)))


def _unsupported_editions(top: Table, editions: Collection[str]) -> tuple[UnsupportedEdition, ...]:
    """Return the editions of [unsupported.…], which are recognised and not graded as themselves."""
    if "unsupported" not in top:
        return ()
    tables, found = top.table("unsupported"), []
    for name in tables.names():
        table = tables.table(name)
        closest = table.get("closest", str, of=tuple(editions))
        found.append(UnsupportedEdition(name, closest, _signs(table.table("signs"))))
    return tuple(found)


def _signs(table: Table) -> dict[str, Sign]:
    """Return what is looked for, by file. Raises AssignmentError where it is no regular expression."""
    signs = {}
    for path in table.names():
        texts = (table.get(path, str),) if isinstance(table.content[path], str) else table.texts(path)
        try:
            signs[path] = Sign.parse(texts)
        except re.error as error:
            raise AssignmentError(f"{table.file}: [{table.name}] {path} is no regular expression: {error}") from error
    return signs


def _edition(
    name: str, tables: Table, before: Mapping[str, Edition], shared: tuple[Table, Table], homework: Homework
) -> Edition:
    table, (main, training) = tables.table(name), shared
    family: tuple[str, ...] = (name,)
    if "like" in table:
        parent = table.get("like", str)
        if parent not in before:
            raise AssignmentError(f"{table.file}: [{table.name}] like: there is no edition {parent} above it")
        family += before[parent].family
        table = table.over(*(tables.table(kin) for kin in family[1:]))  # the closest gives a value first
    names = {"name": name} | homework.read_names(table, training)
    signs = table.table("signs") if "signs" in table else Table(table.file, f"{table.name}.signs", {})
    lists = [one for one in (table, main) if "required" in one] or [main]  # asked of both: it is known in both
    required = lists[0].texts("required")
    components = table.texts("components") if "components" in table else ()
    return Edition(name, required, names, components, _signs(signs), family, homework.package)
