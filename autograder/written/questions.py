"""`written.toml`, read and checked: the questions of the written part, of whom they are asked, and the rules."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.toml import Table, open_toml
from autograder.written import expressions, shapes
from autograder.written.markdown_latex import check_formulas

FILE_NAME: Final = "written.toml"
EVERYBODY: Final = "all"
BONUS: Final = "bonus"
_KINDS: Final = ("formula", "number", "shape", "choice")
_IDENTIFIER: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LIMITS: Final = {
    "files": 60, "megabytes": 40, "pages": 80, "seconds": 60, "memory_mb": 1024, "code_seconds": 10,
}  # fmt: skip
_NUMBER: Final = re.compile(r"[A-Z0-9]+(\.[0-9]+)*")
_PICTURE: Final = re.compile(r"\w[\w.-]*\.(?:png|jpg|jpeg)", re.IGNORECASE)
_ROUNDING: Final = 1e-9
_RUBRIC: Final = re.compile(r"\s*(?P<points>[-+]?\d+(?:\.\d+)?)\s*:\s*(?P<text>\S.*)", re.DOTALL)
_REPEATED: Final = re.compile(r"(?:for )?(?:each|every|per)\b", re.IGNORECASE)


@dataclass(frozen=True)
class Field:
    """One result that is given on a line of its own, `name: value`, and can be computed.

    kind: `formula` (agrees with `expect` for any value of `symbols`), `number`, `shape` (agrees with one of `accept`
    for any size), `choice` (names one of `accept` and none of `reject`). binary: symbols that are 0 or 1.
    positive: symbols that are never negative, as a probability; all others are tried with both signs.
    foreign: symbols with which a formula is wrong. batch: a dimension of samples may stand in front of a shape.
    also: symbols with their other spellings. harmless: words, and several together, that change no result where they
    stand beside it. means: what the symbols may be said to be, beside a formula.
    """

    name: str
    kind: str
    points: float
    symbols: tuple[str, ...] = ()
    expect: str = ""
    accept: tuple[str, ...] = ()
    reject: tuple[str, ...] = ()
    binary: tuple[str, ...] = ()
    positive: tuple[str, ...] = ()
    foreign: tuple[str, ...] = ()
    batch: bool = False
    also: tuple[tuple[str, tuple[str, ...]], ...] = ()
    harmless: tuple[str, ...] = ()
    means: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True)
class Code:
    """An answer that is a function: its name, the check in `written.answers` that runs it, what students start from."""

    function: str
    check: str
    points: float
    starter: str


@dataclass(frozen=True)
class Question:
    """One question. `points` are a person's to give; those of `fields` and `code` are computed.

    sentences: the fewest and the most that the answer may have. figures: file names of what the question shows.
    """

    id: str
    number: str
    title: str
    text: str
    audience: str
    points: float
    sentences: tuple[int, int] | None
    figures: tuple[str, ...]
    fields: tuple[Field, ...]
    code: Code | None
    rubric: tuple[str, ...] = ()  # for those who grade: what gives how many points

    @property
    def computed_points(self) -> float:
        """What a program can give."""
        return sum(field.points for field in self.fields) + (self.code.points if self.code else 0.0)


@dataclass(frozen=True)
class Audience:
    """Who is asked more than everybody, and by which fields of Gradescope's metadata they are known."""

    name: str
    title: str
    metadata: tuple[str, ...]


@dataclass(frozen=True)
class Policy:
    """What a person's part counts until then ("pending" or "zero"), and the points for not being named."""

    people: str
    anonymity: float


@dataclass(frozen=True)
class Limits:
    """Bounds on one submission. seconds, memory_mb: of the process that reads it; by the wall clock."""

    files: int
    megabytes: int
    pages: int
    seconds: float
    memory_mb: int
    code_seconds: float


@dataclass(frozen=True)
class Written:
    """All of `written.toml`, from the folder `root`."""

    root: Path
    title: str
    intro: str
    policy: Policy
    limits: Limits
    audiences: Mapping[str, Audience]
    questions: tuple[Question, ...]
    common: frozenset[str] = frozenset()  # words that alone are nobody's name

    def asked(self, audiences: frozenset[str]) -> tuple[Question, ...]:
        """Return the questions that somebody who belongs to `audiences` has to answer, or may."""
        return tuple(question for question in self.questions if question.audience in {EVERYBODY, BONUS, *audiences})

    def within(self, limits: Limits) -> Written:
        """Return the same with other limits."""
        return replace(self, limits=limits)

    def question(self, identifier: str) -> Question:
        """Return the question of that id. Raises AssignmentError where there is none."""
        for question in self.questions:
            if question.id == identifier:
                return question
        raise AssignmentError(f"{FILE_NAME} has no question {identifier!r}")


def find(root: Path) -> Written | None:
    """Read `root/written.toml`, as `load` does; None where the homework has none, and no written part."""
    return load(root) if (root / FILE_NAME).exists() else None


def load(root: Path) -> Written:
    """Read `root/written.toml`.

    Raises AssignmentError, naming file, question and key, and what was expected; also for a key that is not known.
    """
    file = root / FILE_NAME
    if not file.exists():
        raise AssignmentError(f"{file} is missing: without it the homework has no written part")
    top = open_toml(file)
    main, policy, limits = top.table("written"), top.table("policy"), top.fill("limits", _LIMITS)
    listed = top.table("audience") if "audience" in top else Table(file, "audience", {})
    audiences = {name: _audience(listed.table(name), name) for name in listed.names()}
    questions = tuple(_question(entry, audiences) for entry in top.tables("question"))
    check_formulas(main.get("title", str), main.where("title"))
    check_formulas(main.get("intro", str), main.where("intro"))
    if not questions:
        raise AssignmentError(f"{file}: there is no [[question]]")
    for key in ("id", "number"):
        values = [getattr(question, key) for question in questions]
        twice = {value for value in values if values.count(value) > 1}
        if twice:
            raise AssignmentError(f"{file}: two questions have the {key} {', '.join(sorted(twice))}")
    made = Written(
        root=root.absolute(),
        title=main.get("title", str),
        intro=main.get("intro", str).strip(),
        policy=Policy(policy.get("people", str, of=("pending", "zero")), policy.get("anonymity", float, least=0)),
        limits=Limits(
            files=limits.get("files", int, above=0),
            megabytes=limits.get("megabytes", int, above=0),
            pages=limits.get("pages", int, above=0),
            seconds=limits.get("seconds", float, above=0),
            memory_mb=limits.get("memory_mb", int, above=127),
            code_seconds=limits.get("code_seconds", float, above=0),
        ),
        audiences=audiences,
        questions=questions,
        common=frozenset(word.casefold() for word in top.table("names").texts("common"))
        if "names" in top
        else frozenset(),
    )
    top.refuse_unknown()
    return made


def _audience(table: Table, name: str) -> Audience:
    metadata = table.texts("metadata") if "metadata" in table else ()
    return Audience(name, table.get("title", str), metadata)


def _question(table: Table, audiences: Mapping[str, Audience]) -> Question:
    sentences = table.raw("sentences")
    if sentences is not None and not (
        isinstance(sentences, list) and len(sentences) == 2 and all(isinstance(bound, int) for bound in sentences)
    ):
        raise AssignmentError(f"{table.where('sentences')} must be two whole numbers, and is {sentences!r}")
    identifier, number = table.get("id", str), table.get("number", str)
    if not _IDENTIFIER.fullmatch(identifier):
        raise AssignmentError(f"{table.where('id')} must be lower-case words with hyphens, and is {identifier!r}")
    if not _NUMBER.fullmatch(number):
        raise AssignmentError(
            f"{table.where('number')} must be like 2, 1.2, B.3, Q1 or II, with capital letters and "
            f"digits alone before the first dot, and is {number!r}. Write 1.1 and 1.2 for 1a and 1b."
        )
    for key in ("title", "text"):
        check_formulas(table.get(key, str), table.where(key))
    figures = table.texts("figures") if "figures" in table else ()
    for name in figures:
        if not _PICTURE.fullmatch(name):
            raise AssignmentError(
                f"{table.where('figures')} must be names of PNG or JPEG files in student_template/conceptual/figures, "
                f"without a folder or blanks, and has {name!r}"
            )
    rubric = table.texts("rubric") if "rubric" in table else ()
    _check_rubric(rubric, table)
    audience = table.get("audience", str, of=(EVERYBODY, *audiences)) if "audience" in table else EVERYBODY
    return Question(
        id=identifier,
        number=number,
        title=table.get("title", str),
        text=table.get("text", str).strip(),
        audience=audience,
        points=table.get("points", float, least=0),
        sentences=(sentences[0], sentences[1]) if sentences else None,
        figures=figures,
        fields=tuple(_field(entry) for entry in table.tables("field")),
        code=_code(table.table("code")) if "code" in table else None,
        rubric=rubric,
    )


def _check_rubric(rubric: tuple[str, ...], table: Table) -> None:
    """Raise AssignmentError unless every line has points, which together are those that a person gives.

    A line may take points away (`-1: …`), and one for each of several (`1: each right row`) leaves the sum open.
    """
    where, given, is_open = table.where("rubric"), 0.0, False
    for line in rubric:
        match = _RUBRIC.fullmatch(line)
        if match is None:
            raise AssignmentError(f"{where} must begin each line with its points, as in '2: the chain rule': {line!r}")
        check_formulas(line, where)
        given += max(0.0, float(match["points"]))
        is_open = is_open or _REPEATED.match(match["text"]) is not None
    points = table.get("points", float, least=0)
    if rubric and not is_open and abs(given - points) > _ROUNDING:
        raise AssignmentError(f"{where} gives {given:g} points together, and a person gives {points:g} (`points`)")


def _field(table: Table) -> Field:
    def texts(key: str) -> tuple[str, ...]:
        return table.texts(key) if key in table else ()

    def by_symbol(key: str) -> tuple[tuple[str, tuple[str, ...]], ...]:
        if key not in table:
            return ()
        listed = table.table(key)
        return tuple((symbol, listed.texts(symbol)) for symbol in listed.names())

    kind = table.get("kind", str, of=_KINDS)
    key = "expect" if kind in ("formula", "number") else "accept"
    made = Field(
        name=table.get("name", str),
        kind=kind,
        points=table.get("points", float, least=0),
        symbols=texts("symbols"),
        expect=table.get("expect", str) if key == "expect" else "",
        accept=table.texts("accept") if key == "accept" else (),
        reject=texts("reject"),
        binary=texts("binary"),
        positive=texts("positive"),
        foreign=texts("foreign"),
        batch=table.get("batch", bool) if "batch" in table else False,
        also=by_symbol("also"),
        harmless=texts("harmless"),
        means=by_symbol("means"),
    )
    for phrase in (*made.harmless, *(one for _, ones in made.means for one in ones)):
        if not re.search(r"[^\W_]", phrase):
            raise AssignmentError(
                f"{table.where('harmless')}, or `means` there, has {phrase!r}, in which no word stands"
            )
    if unknown := {symbol for symbol, _ in made.means} - set(made.symbols):
        raise AssignmentError(f"{table.where('means')} has {', '.join(sorted(unknown))}, not one of `symbols`")
    try:
        if kind in ("formula", "number"):
            expressions.parse(made.expect, made.symbols)
        elif kind == "shape":
            for shape in made.accept:
                shapes.parse_shape(shape, made.symbols)
    except expressions.UnreadableError as error:
        raise AssignmentError(f"{table.where(key)} cannot be read: {error}") from error
    return made


def _code(table: Table) -> Code:
    values: dict[str, Any] = {key: table.get(key, str) for key in ("function", "check", "starter")}
    return Code(**{**values, "starter": values["starter"].strip() + "\n"}, points=table.get("points", float, least=0))
