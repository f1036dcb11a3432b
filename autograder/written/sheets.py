"""The pages that people grade on, as HTML that needs no network: each question's answers, and what was handed in."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
import shutil
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final, Protocol

from autograder.base.errors import AssignmentError
from autograder.base.seeds import strengthen
from autograder.base.text import clean, strict
from autograder.written import images, latex, notebooks, similar_answers
from autograder.written.anonymity import Person, redact
from autograder.written.documents import Document, Piece, Section
from autograder.written.questions import Question, Written
from autograder.written.reader_process import page_pictures
from autograder.written.submission import WrittenSubmission
from autograder.written.templates import FIGURES, FOLDER, read_answers
from autograder.written.templates import Answer as Solution
from autograder.written.typeset import typeset

GRADES: Final = "grades.csv"
HANDED: Final = "handed"
_TEMPLATES: Final = Path(__file__).with_name("page_templates")
_LONGEST_SOURCE: Final = 20_000  # lines


@dataclass(frozen=True)
class Answer:
    """One answer on its page, under a name that tells nothing. most: the points that a person can give.

    section: None where none was found. handed: the page that shows what was handed in. is_empty: nobody need look.
    computed: what a program gave, of `computable`; verdicts: why, a line for each result.
    """

    ticket: str
    submission: str
    section: Section | None
    notes: tuple[str, ...] = ()
    handed: str = ""
    most: float = 0.0
    is_empty: bool = False
    computed: float = 0.0
    computable: float = 0.0
    verdicts: tuple[str, ...] = ()

    @property
    def sheets(self) -> tuple[str, ...]:
        """The pictures of the pages that it stands on, where it came in a PDF."""
        pages = self.section.pages if self.section is not None and self.handed else ()
        return tuple(f"{self.ticket}-{number}.png" for number in range(1, len(pages) + 1))


class Owner(Protocol):
    """Whose documents they are."""

    @property
    def id(self) -> str:
        """The submission's."""

    @property
    def people(self) -> tuple[Person, ...]:
        """Those who handed it in."""


class Originals:
    """Writes what was handed in, to look at: pictures of a PDF's pages, or the source with names blacked out."""

    def __init__(self, out: Path, written: Written) -> None:
        self.out, self.written = out, written
        self.pictures: dict[tuple[str, str], list[Path]] = {}
        self.environment = _environment()

    def copy(
        self, owner: Owner, submission: WrittenSubmission, document: Document, ticket: str, section: Section | None
    ) -> str:
        """Write the page of a document for one answer; its path from the pages' folder, or "" where that fails."""
        original = submission.originals.get(document.label)
        if original is None:
            return ""
        context: dict[str, Any] = {"title": f"{ticket}: as handed in", "sheets": [], "lines": []}
        if document.kind == "pdf":
            context["sheets"] = self._sheets(owner, document, original, ticket, section)
            if not context["sheets"]:
                return ""
        else:
            context["lines"] = _source_lines(document, original, section, owner.people)
        path = f"{HANDED}/{ticket}.html"
        (self.out / path).write_text(_render(self.environment, "handed.html.j2", context), encoding="utf-8")
        return f"{path}#here" if context["lines"] and section else path

    def _sheets(
        self, owner: Owner, document: Document, original: bytes, ticket: str, section: Section | None
    ) -> list[dict[str, Any]]:
        """Return the pictures of the pages that an answer stands on; of all where that is not known.

        Every answer has pictures of its own name: shared ones would tell which answers are one person's.
        """
        which = owner.id, document.label
        if which not in self.pictures:
            self.pictures[which] = []
            for picture in page_pictures(original, self.written.limits):
                name = hashlib.sha256(picture).hexdigest()[:12]
                self.pictures[which].append(self.out / HANDED / f".{name}.png")
                self.pictures[which][-1].write_bytes(picture)
        wanted = section.pages if section is not None and section.pages else range(1, len(self.pictures[which]) + 1)
        sheets = []
        for number, page in enumerate(wanted, start=1):
            if page <= len(self.pictures[which]):
                name = f"{ticket}-{number}.png"
                target = self.out / HANDED / name
                target.unlink(missing_ok=True)
                try:
                    os.link(self.pictures[which][page - 1], target)
                except OSError:
                    shutil.copyfile(self.pictures[which][page - 1], target)
                sheets.append({"source": name, "here": False})
        return sheets

    def close(self) -> None:
        """Take away the pictures under the names that several answers share."""
        for path in {path for paths in self.pictures.values() for path in paths}:
            path.unlink(missing_ok=True)


def _source_lines(
    document: Document, original: bytes, section: Section | None, people: Iterable[Person]
) -> list[dict[str, Any]]:
    """Return the lines of a source, those of the answer marked."""
    starts: Mapping[int, int] = {}
    if document.kind == "notebook":
        text, starts = notebooks.readable(latex.decode(original))
    elif document.kind == "word":  # a line for each paragraph, as the reader found them
        text = next((one.text for one in document.passages if one.where == document.label), "")
    else:
        text = latex.decode(original)
    lines = strict(redact(text, people)).splitlines()[:_LONGEST_SOURCE]
    here: set[int] = set()
    for piece in section.pieces if section else ():
        match = re.fullmatch(r"(line|cell|paragraph) (\d+)", piece.place)
        if match is None:
            continue
        number = starts.get(int(match[2]), 0) if match[1] == "cell" else int(match[2])
        while 0 < number <= len(lines) and (lines[number - 1].strip() or number not in here):
            here.add(number)
            number += 1
            if number <= len(lines) and not lines[number - 1].strip():
                break
    first = min(here, default=0)
    return [
        {"text": clean(line) or " ", "here": number in here, "first": number == first}
        for number, line in enumerate(lines, start=1)
    ]


class Sheets:
    """Writes the pages of a class."""

    def __init__(self, out: Path, written: Written, secret: str) -> None:
        self.out, self.written = out, written
        self.environment = _environment()
        # What a browser keeps of one class is not shown for another.
        self.set = hashlib.sha256(f"{strengthen(secret)}\0{written.title}".encode()).hexdigest()[:8] + "/"
        self.solutions = _solutions(written)

    def write(
        self, asked: Mapping[Question, Sequence[Answer]], outside: Sequence[Answer], count: int, unread: int
    ) -> None:
        """Write each question's page, what is outside of all, and the index.

        count: of submissions. unread: of those of which a person says whether they name anybody.
        """
        names = [page_name(question) for question in asked]
        rows = [
            _row(question, answer) for question, answers in asked.items() for answer in answers if not answer.is_empty
        ]
        for index, (question, answers) in enumerate(asked.items()):
            context = {
                **self._question(question),
                "groups": [[self._template_values(answer) for answer in group] for group in _group_alike(answers)],
                "summary": _summary(answers),
                "before": names[index - 1] if index else "",
                "after": names[index + 1] if index + 1 < len(names) else "",
            }
            self._write(
                names[index], "question.html.j2", context, [row for row in rows if row["question"] == question.number]
            )
        if outside:
            entries = [self._template_values(answer) for answer in outside]
            self._write(
                "outside.html", "outside.html.j2", {"title": "Outside of every question", "entries": entries}, None
            )
        pages = [
            {
                "file": page_name(question),
                "title": f"{question.number} {question.title}",
                "number": question.number,
                "count": sum(not answer.is_empty for answer in answers),
            }
            for question, answers in asked.items()
        ]
        context = {
            "title": self.written.title,
            "submissions": count,
            "pages": pages,
            "grades": GRADES,
            "outside": len(outside),
            "empty": sum(answer.is_empty for answers in asked.values() for answer in answers),
            "unread": unread,
        }
        self._write("index.html", "index.html.j2", context, rows)

    def _question(self, question: Question) -> dict[str, Any]:
        from markupsafe import Markup

        folder = self.written.root / "student_template" / FOLDER / FIGURES
        figures = [
            {"name": name, "source": _data(content)} for name in question.figures if (content := _bytes(folder / name))
        ]
        answer = self.solutions.get(question.id, Solution())
        results = "".join(f"\n\n`{name}`: {value}" for name, value in answer.fields.items())
        solution = typeset(f"{answer.text}{results}") if answer.text or results else ""
        if answer.code:
            solution += str(Markup("<pre>{}</pre>").format(answer.code.strip("\n")))
        return {
            "title": f"{question.number} {question.title}",
            "number": question.number,
            "question": Markup(typeset(question.text)),  # noqa: S704  escaped by typeset
            "figures": figures,
            "solution": Markup(solution),  # noqa: S704
            "rubric": [Markup(typeset(line).removeprefix("<p>").removesuffix("</p>")) for line in question.rubric],  # noqa: S704
        }

    def _write(self, name: str, template: str, context: Mapping[str, Any], rows: Sequence[Any] | None) -> None:
        more: dict[str, Any] = {}
        if rows is not None:
            more = _script({"set": self.set, "answers": rows})
        (self.out / name).write_text(_render(self.environment, template, {**context, **more}), encoding="utf-8")

    def _template_values(self, answer: Answer) -> dict[str, Any]:
        from markupsafe import Markup

        section = answer.section or Section()
        pages = f", page {', '.join(map(str, section.pages))}" if section.pages else ""
        sheets = [f"{HANDED}/{name}" for name in answer.sheets]
        values = [(name, Markup(typeset(value))) for name, value in section.fields.items()]  # noqa: S704  escaped by typeset
        return {
            "ticket": answer.ticket,
            "most": f"{answer.most:g}",
            "computed": f"{answer.computed:g} of {answer.computable:g} computed" if answer.computable else "",
            "verdicts": [Markup(typeset(line).removeprefix("<p>").removesuffix("</p>")) for line in answer.verdicts],  # noqa: S704
            "notes": [Markup(typeset(note).removeprefix("<p>").removesuffix("</p>")) for note in answer.notes],  # noqa: S704
            "handed": answer.handed,
            "where": pages,
            "sheets": sheets,
            "pieces": [self._piece(piece) for piece in section.pieces],
            "fields": values,
        }

    def _piece(self, piece: Piece) -> dict[str, Any]:
        from markupsafe import Markup

        return {
            "apart": piece.apart,
            "place": piece.place,
            "is_code": piece.is_code,
            "code": clean(piece.text),
            "html": Markup("" if piece.is_code else typeset(piece.text)),  # noqa: S704  escaped by typeset
            "pictures": [self._show(picture.content) for picture in piece.pictures if not picture.on_page],
        }

    def _show(self, content: bytes | None) -> str:
        """Return a picture as a page holds it, without its metadata; "" where it is missing or cannot be shown."""
        if content and content.startswith(b"%PDF"):  # a figure as LaTeX takes it
            content = next(iter(page_pictures(content, replace(self.written.limits, pages=1))), b"")
        shown = images.strip_metadata(content) if content else b""
        return _data(shown) if shown else ""


def page_name(question: Question) -> str:
    """Return the file name of a question's page."""
    return f"question-{question.number}.html"


def _row(question: Question, answer: Answer) -> dict[str, Any]:
    return {"question": question.number, "ticket": answer.ticket, "of": f"{answer.most:g}"}


def _group_alike(answers: Sequence[Answer]) -> list[list[Answer]]:
    """Return the answers that are shown, those that are nearly identical together."""
    shown = [answer for answer in answers if not answer.is_empty]
    texts = [f"{answer.section.raw}\n{answer.section.code}" if answer.section else "" for answer in shown]
    return [[shown[index] for index in group] for group in similar_answers.groups(texts)]


def _summary(answers: Sequence[Answer]) -> str:
    given = sum(answer.section is not None for answer in answers)
    empty = sum(answer.is_empty for answer in answers)
    missing = len(answers) - given - empty
    parts = [f"{given} {'answer' if given == 1 else 'answers'}"]
    if missing:
        parts.append(f"{missing} not found, to be looked for in what was handed in")
    if empty:
        parts.append(f"{empty} left it unanswered and have 0 points in {GRADES}")
    return "; ".join(parts) + "."


def _data(content: bytes) -> str:
    return f"data:{images.media_type(content)};base64,{base64.b64encode(content).decode()}"


def _bytes(path: Path) -> bytes:
    with suppress(OSError):
        return path.read_bytes()
    return b""


def _solutions(written: Written) -> Mapping[str, Solution]:
    """Return the reference answers by question id; none where there are none."""
    file = written.root / "reference" / "conceptual" / "answers.toml"
    return read_answers(file) if file.exists() else {}


def _environment() -> Any:
    try:
        import jinja2
    except ImportError as error:
        raise AssignmentError("The pages need Jinja2: run ./setup.sh --staff.") from error
    return jinja2.Environment(
        loader=jinja2.FileSystemLoader(_TEMPLATES),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
        finalize=lambda value: strict(value) if type(value) is str else value,  # not what is HTML already
    )


def _render(environment: Any, template: str, context: Mapping[str, Any]) -> str:
    from markupsafe import Markup

    style = Markup((_TEMPLATES / "style.css").read_text(encoding="utf-8"))  # noqa: S704  our own file
    defaults = {"script": "", "script_hash": "", "answers_json": ""}
    return f"{environment.get_template(template).render({**defaults, **context, 'style': style})}\n"


def _script(data: Any) -> dict[str, Any]:
    """Return the program of a page with its data, and the hash by which alone a browser runs it."""
    from markupsafe import Markup

    script = (_TEMPLATES / "grading.js").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    held = json.dumps(data).replace("<", "\\u003c")
    return {
        "script": Markup(script),  # noqa: S704  our own file
        "script_hash": f"sha256-{digest}",
        "answers_json": Markup(held),  # noqa: S704  no "<" is left in it
    }
