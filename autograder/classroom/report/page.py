"""`report.html`: one page about a graded class, which needs no other file and no network.

Nothing in it is fetched, and a content security policy sees to that. Whatever students wrote goes through Jinja2's
escaping or through Markdown without HTML, links or images.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import json
import math
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final

from autograder.assignment.config import Assignment
from autograder.base.errors import AssignmentError
from autograder.base.files import replace_file
from autograder.base.people import Person
from autograder.base.text import strict
from autograder.classroom import grades, resubmissions, similarity
from autograder.classroom.grades import GradeBook, Row
from autograder.classroom.markdown import renderer
from autograder.classroom.report import charts, facets, progress
from autograder.classroom.report.progress import Progress
from autograder.classroom.report.statistics import BINS, Figures, one_each
from autograder.classroom.similarity import Group, Pair
from autograder.classroom.store import Classroom, Entry
from autograder.classroom.written_part import WrittenPart
from autograder.results import moments

TEMPLATES: Final = Path(__file__).with_name("templates")
_SLOWEST: Final = 10
_CHARTS: Final = 48  # at once; the rest is a click away
_AT_ONCE: Final = 24  # names of those who trained at once; more are folded
_MISTAKES: Final = 12  # likewise


def write(room: Classroom, target: Path, assignment: Assignment, written: WrittenPart | None = None) -> None:
    """Write the page of a class. written: the other part's points.

    Raises AssignmentError where nothing is graded, or a library is missing.
    """
    try:
        import jinja2
    except ModuleNotFoundError as error:
        raise AssignmentError(f"The report needs {error.name}: ./setup.sh --staff installs it.") from error
    book = grades.read(room, assignment.name, written)
    if not book.graded:
        raise AssignmentError(f"{room.folder} holds no results yet: `batch` makes them.")
    markdown = renderer()
    figures = Figures(book)
    mistakes = figures.mistakes
    alike = similarity.load(room.folder)
    again = progress.measure(book, resubmissions.of_room(room))
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["inline"] = lambda text: _trust(markdown.renderInline(text))
    environment.filters["breakable"] = _breakable
    environment.filters |= {"points": _points, "percent": _percent, "decimals": _decimals, "seconds": _seconds}
    script, style = ((TEMPLATES / f"report.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    text = environment.get_template("report.html").render(
        room=room,
        book=book,
        figures=figures,
        items=figures.items,
        histogram=figures.histogram,
        bins=[_bin(index, book.points) for index in range(BINS)],
        mistakes=mistakes,
        mistakes_shown=_MISTAKES,
        facets=facets.list_facets(book, mistakes, again.facets() if again is not None else {}),
        again=again,
        chips=facets.states(book),
        flag_chips=facets.flags(book),
        middle=_middle(book),
        late=any(row.days_late for row in book.graded),
        late_days=any(row.allowance.left is not None for row in book.rows),
        editions=sorted({row.edition for row in book.rows if row.edition}),
        files_of=_whole_files,
        trainings=charts.trainings(book, assignment.training.accuracy),
        charts_shown=_CHARTS,
        at_once_shown=_AT_ONCE,
        flagged=[row for row in book.rows if row.needs_a_look],
        slowest=sorted(one_each(book.graded), key=lambda row: -row.seconds)[:_SLOWEST],
        alike=alike,
        titles={entry.id: entry.title for entry in room.entries},
        similar=_similar(alike.groups),
        data=_embed(_students(room, book, alike.groups, again, markdown.render, assignment.zone)),
        script=_trust(script),
        style=_trust(style),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_hash(script)}'; img-src data:",
    )
    replace_file(target, text)


def _trust(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  our own script, style, and JSON that holds no <


def _hash(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _embed(document: Any) -> Any:
    """Return JSON that may stand in a <script>: it holds no <, and so no end of it."""
    text = json.dumps(strict(document), ensure_ascii=False, separators=(",", ":"))
    return _trust(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


class _Texts:
    """What students read, as HTML: a text that many read is there once."""

    def __init__(self, render: Callable[[str], str]) -> None:
        self.html: list[str] = []
        self._render = render
        self._numbers: dict[str, int] = {}

    def number(self, markdown: Any) -> int:
        """Return the number of a text, which is kept if it is new."""
        text = str(markdown or "")
        if text not in self._numbers:
            self._numbers[text] = len(self.html)
            self.html.append(self._render(text))
        return self._numbers[text]


def _students(
    room: Classroom,
    book: GradeBook,
    groups: Sequence[Group],
    again: Progress | None,
    render: Callable[[str], str],
    zone: dt.tzinfo | None,
) -> dict[str, Any]:
    """Return what every student saw, and what is known of each."""
    texts = _Texts(render)
    by_entry: dict[str, list[Row]] = defaultdict(list)
    for row in book.rows:
        by_entry[row.entry.id].append(row)
    alike = _list_alike(groups)
    students = {
        entry.id: {
            **_describe_entry(entry, by_entry[entry.id], book, zone),
            "tries": [one.score for one in again.tries.get(entry.id, ())] if again is not None else [],
            "alike": alike.get(entry.id, []),
            **_list_seen(entry.results or {}, texts),
        }
        for entry in room.entries
    }
    most = book.written_points
    return {"texts": texts.html, "students": students, "written": None if most is None or math.isnan(most) else most}


def _list_alike(groups: Sequence[Group]) -> dict[str, list[list[Any]]]:
    """Return by submission which others are like it, each with its share; None where that is not known of the two."""
    alike: dict[str, list[list[Any]]] = defaultdict(list)
    for group in groups:
        for pair in group.pairs:
            alike[pair.left].append([pair.right, pair.share])
            alike[pair.right].append([pair.left, pair.share])
        for name in group.members:
            if name not in alike:
                alike[name].append([group.members[0], None])
    return alike


def _describe_entry(entry: Entry, rows: Sequence[Row], book: GradeBook, zone: dt.tzinfo | None) -> dict[str, Any]:
    """Return what the staff know of a submission and its people. rows: one for each of them."""
    row = rows[0]
    return {
        "title": entry.title,
        "people": [_describe_person(person, alone=len(entry.people) == 1) for person in entry.people],
        "status": row.status,
        "created": moments.show_time(entry.created_at, zone),
        "score": row.score,
        "of": row.of or book.points,
        "written": [[one.person.title, one.written] for one in rows] if book.written_points is not None else [],
        "changed": list(row.changed),
        "allowed": [
            ["" if len(rows) == 1 else one.person.title, " ".join(allowed.sentences), allowed.is_used]
            for one in rows
            if (allowed := one.allowance).sentences
        ],
        "handed_in": len(entry.tries),
        "raw": row.raw,
        "days": row.days_late,
        "seconds": row.seconds,
        "flags": list(row.flags),
    }


def _list_seen(results: Mapping[str, Any], texts: _Texts) -> dict[str, Any]:
    """Return what a student read: the text above the rows, and the rows; each text by its number."""
    return {
        "output": texts.number(results.get("output")),
        "tests": [
            [
                test.get("number", ""),
                test.get("name", ""),
                test.get("score"),
                test.get("max_score"),
                test.get("status", ""),
                texts.number(test.get("output")),
                test.get("visibility", ""),
            ]
            for test in results.get("tests", ())
        ],
    }


def _middle(book: GradeBook) -> Row:
    """Return the row in the middle of the class, by its score."""
    rows = sorted(book.graded, key=lambda row: row.score or 0.0)
    return rows[(len(rows) - 1) // 2]


def _describe_person(person: Person, *, alone: bool) -> str:
    """Return what is known of a person; the name of one alone is the page's title already."""
    return " · ".join(filter(None, ("" if alone else person.name, person.sid, person.login, person.email)))


def _breakable(text: str) -> Any:
    """Return `text` with places to break a line after dots and underlines, as in names of code and addresses."""
    from markupsafe import escape

    return _trust(re.sub(r"(?<=[^\W_])([._@])(?=[^\W_])", r"\1<wbr>", str(escape(text))))


def _whole_files(pair: Pair) -> list[dict[str, Any]]:
    """Return the files of two that passages in common lie in, with these marked."""
    return [
        {
            "left": file.left,
            "right": file.right,
            "left_html": _highlight(
                file.left_text, [(p.left_line, p.left_text) for p in pair.passages if p.left_file == file.left]
            ),
            "right_html": _highlight(
                file.right_text, [(p.right_line, p.right_text) for p in pair.passages if p.right_file == file.right]
            ),
        }
        for file in pair.files
    ]


def _highlight(text: str, passages: Sequence[tuple[int, str]]) -> Any:
    from markupsafe import escape

    alike = {line for first, passage in passages for line in range(first, first + passage.count("\n") + 1)}
    lines = [str(escape(line)) for line in text.split("\n")]
    return _trust(
        "".join(f"<mark>{line or ' '}</mark>" if n in alike else f"{line}\n" for n, line in enumerate(lines, 1))
    )


def _bin(index: int, points: float) -> str:
    low, high = (points * edge / BINS for edge in (index, index + 1))
    return f"{low:g} to {'' if index == BINS - 1 else 'below '}{high:g}"


def _similar(groups: Sequence[Group]) -> Mapping[str, int]:
    return Counter(name for group in groups for name in group.members)


def _points(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{round(value, 2):g}"


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def _decimals(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _seconds(value: float) -> str:
    return "–" if math.isnan(value) else (f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s")
