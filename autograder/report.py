"""One page about a graded class, for people who would rather look than read: `report.html`, whole in itself.

Nothing in it is fetched, and a content security policy sees to that. Whatever students wrote goes through Jinja2's
escaping or through Markdown without HTML, links or images.
"""

from __future__ import annotations

import base64
import hashlib
import json
import math
import statistics
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, Final

from . import similarity, tables
from .assignment import Assignment
from .classroom import Classroom
from .errors import AssignmentError
from .gradescope import replace_file, strict
from .plugin import sort_key
from .similarity import Pair
from .tables import Book, Row, Test

TEMPLATES: Final = Path(__file__).with_name("templates")
BINS: Final = 20
_SLOWEST: Final = 10
_CHARTS: Final = 48  # at once; the rest is a click away
_MOST_MISTAKES: Final = 40
_WIDTH, _HEIGHT = 96, 40  # of a small chart, in its own units


@dataclass(frozen=True)
class Item:
    """How one test did over the class. passed, mean: fractions; discrimination: NaN where it says nothing."""

    test: Test
    passed: float
    mean: float
    discrimination: float
    seconds: float


@dataclass(frozen=True)
class Mistake:
    """A diagnosed mistake: who made it, by row, and in which tests it showed."""

    sentence: str
    people: tuple[Row, ...]
    tests: tuple[str, ...]


@dataclass(frozen=True)
class Figures:
    """Every figure of the page, from the rows that `grades.csv` holds too."""

    book: Book

    @cached_property
    def scores(self) -> list[float]:
        """One for each graded row, after lateness."""
        return [row.score for row in self.book.graded if row.score is not None]

    @property
    def mean(self) -> float:
        """Of the scores; NaN for none."""
        return statistics.fmean(self.scores) if self.scores else math.nan

    @property
    def median(self) -> float:
        """Of the scores; NaN for none."""
        return statistics.median(self.scores) if self.scores else math.nan

    @property
    def full(self) -> int:
        """How many have every point."""
        return sum(score >= self.book.points - 1e-9 for score in self.scores)

    @property
    def histogram(self) -> list[int]:
        """How many scores in each of BINS equal parts of the points; full points are in the last one."""
        counts = [0] * BINS
        for score in self.scores:
            counts[min(max(int(score / (self.book.points or 1) * BINS), 0), BINS - 1)] += 1
        return counts

    @property
    def items(self) -> list[Item]:
        """A line for each test."""
        rows = self.book.graded
        return [self._item(test, [row for row in rows if test.number in row.points]) for test in self.book.tests]

    @staticmethod
    def _item(test: Test, rows: Sequence[Row]) -> Item:
        points = [row.points[test.number] for row in rows]
        rest = [math.fsum(row.points.values()) - row.points[test.number] for row in rows]
        seconds = [row.staff[test.number]["seconds"] for row in rows if "seconds" in row.staff.get(test.number, {})]
        worth = test.points or 1.0
        return Item(
            test=test,
            passed=sum(p >= test.points - 1e-9 for p in points) / len(points) if points and test.points else math.nan,
            mean=statistics.fmean(points) / worth if points and test.points else math.nan,
            discrimination=correlation(points, rest),
            seconds=statistics.median(seconds) if seconds else math.nan,
        )

    @property
    def mistakes(self) -> list[Mistake]:
        """The diagnosed mistakes, the commonest first."""
        people: dict[str, dict[int, Row]] = defaultdict(dict)
        tests: dict[str, set[str]] = defaultdict(set)
        for index, row in enumerate(self.book.graded):
            for number, staff in row.staff.items():
                if sentence := staff.get("diagnosis"):
                    people[sentence][index] = row
                    tests[sentence].add(number)
        found = [
            Mistake(sentence, tuple(rows.values()), tuple(sorted(tests[sentence], key=sort_key)))
            for sentence, rows in people.items()
        ]
        return sorted(found, key=lambda mistake: (-len(mistake.people), mistake.sentence))


def correlation(one: Sequence[float], other: Sequence[float]) -> float:
    """Pearson's; NaN where either does not vary, or there are fewer than three."""
    if len(one) < 3:
        return math.nan
    try:
        return statistics.correlation(one, other)
    except statistics.StatisticsError:
        return math.nan


def write(room: Classroom, target: Path, assignment: Assignment) -> None:
    """Write the page of a class. Raises AssignmentError where nothing is graded, or a library is missing."""
    try:
        import jinja2
        from markdown_it import MarkdownIt
    except ModuleNotFoundError as error:
        raise AssignmentError(f"The report needs {error.name}: ./setup.sh --staff installs it.") from error
    book = tables.read(room, assignment.name)
    if not book.graded:
        raise AssignmentError(f"{room.folder} holds no results yet: `batch` makes them.")
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    markdown.disable(["link", "image", "autolink", "html_inline", "html_block", "reference"])
    figures = Figures(book)
    mistakes = figures.mistakes
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )  # fmt: skip
    environment.filters["inline"] = lambda text: _trusted(markdown.renderInline(text))
    environment.filters |= {"points": _points, "percent": _percent, "decimals": _decimals, "seconds": _seconds}
    script, style = ((TEMPLATES / f"report.{kind}").read_text(encoding="utf-8") for kind in ("js", "css"))
    text = environment.get_template("report.html").render(
        room=room,
        book=book,
        figures=figures,
        items=figures.items,
        histogram=figures.histogram,
        bins=[_bin(index, book.points) for index in range(BINS)],
        mistakes=mistakes[:_MOST_MISTAKES],
        more_mistakes=len(mistakes[_MOST_MISTAKES:]),
        mistakes_of=_mistakes_of(mistakes[:_MOST_MISTAKES]),
        trainings=[_training(book, test, assignment.training.accuracy) for test in book.tests if _trained(book, test)],
        charts_shown=_CHARTS,
        flagged=[row for row in book.rows if row.flags],
        slowest=sorted(_one_each(book.graded), key=lambda row: -row.seconds)[:_SLOWEST],
        pairs=similarity.load(room.folder),
        most_pairs=similarity.MOST_PAIRS,
        titles={entry.id: entry.title for entry in room.entries},
        similar=_similar(similarity.load(room.folder)),
        data=_embedded(_students(room, book, markdown.render)),
        script=_trusted(script),
        style=_trusted(style),
        policy=f"default-src 'none'; style-src 'unsafe-inline'; script-src '{_hash(script)}'; img-src data:",
    )
    replace_file(target, text)


def _trusted(text: str) -> Any:
    from markupsafe import Markup

    return Markup(text)  # noqa: S704  our own script, style, and JSON that holds no <


def _hash(script: str) -> str:
    return f"sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}"


def _embedded(document: Any) -> Any:
    """JSON that may stand in a <script>: it holds no <, and so no end of it."""
    text = json.dumps(strict(document), ensure_ascii=False, separators=(",", ":"))
    return _trusted(text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029"))


def _students(room: Classroom, book: Book, render: Callable[[str], str]) -> dict[str, Any]:
    """What every student saw; a text that many saw is there once."""
    texts: dict[str, int] = {}
    html: list[str] = []

    def text(markdown: str) -> int:
        if markdown not in texts:
            texts[markdown] = len(html)
            html.append(render(markdown))
        return texts[markdown]

    by_entry: dict[str, list[Row]] = defaultdict(list)
    for row in book.rows:
        by_entry[row.entry.id].append(row)
    students = {}
    for entry in room.entries:
        results = entry.results or {}
        row = by_entry[entry.id][0]
        staff = results.get("extra_data", {})
        students[entry.id] = {
            "title": entry.title,
            "people": [" · ".join(filter(None, (p.name, p.sid, p.email))) for p in entry.people],
            "status": row.status,
            "created": entry.created_at,
            "score": row.score,
            "raw": row.raw,
            "days": row.days_late,
            "seconds": row.seconds,
            "flags": list(row.flags),
            "staff": {key: staff[key] for key in ("submission", "python", "numpy", "data") if key in staff},
            "output": text(str(results.get("output") or "")),
            "tests": [
                [
                    test.get("number", ""),
                    test.get("name", ""),
                    test.get("score"),
                    test.get("max_score"),
                    test.get("status", ""),
                    text(str(test.get("output") or "")),
                    test.get("visibility", ""),
                ]
                for test in results.get("tests", ())
            ],
        }
    return {"texts": html, "students": students, "points": book.points}


def _bin(index: int, points: float) -> str:
    low, high = (points * edge / BINS for edge in (index, index + 1))
    return f"{low:g} to {'' if index == BINS - 1 else 'below '}{high:g}"


def _mistakes_of(mistakes: Sequence[Mistake]) -> dict[str, str]:
    """By submission: the positions of its mistakes in the list, for the table's filter."""
    found: dict[str, list[str]] = defaultdict(list)
    for index, mistake in enumerate(mistakes):
        for row in _one_each(mistake.people):
            found[row.entry.id].append(str(index))
    return {name: " ".join(indices) for name, indices in found.items()}


def _one_each(rows: Iterable[Row]) -> list[Row]:
    """One row for each submission: a group is drawn once."""
    return list({row.entry.id: row for row in rows}.values())


def _trained(book: Book, test: Test) -> bool:
    return any(test.number in row.accuracies for row in book.rows)


def _training(book: Book, test: Test, target: float) -> dict[str, Any]:
    """One training test: a small chart for each submission, and a dot for each in accuracy against score."""
    charts: list[dict[str, Any]] = []
    dots: list[dict[str, Any]] = []
    graded = _one_each(book.graded)
    lowest = min([row.accuracies[test.number] for row in graded if test.number in row.accuracies] + [target, 0.9])
    for row in graded:
        staff = row.staff.get(test.number, {})
        attempts = [curve for curve in staff.get("curves") or () if curve]
        best = row.accuracies.get(test.number)
        if best is None:
            continue
        goal = float(staff.get("target", target))
        charts.append(
            {
                "row": row,
                "best": best,
                "passed": best > goal,
                "epochs": max(len(curve) for curve in attempts),
                "accuracy": [_line([point[1] for point in curve], 0.0, 1.0) for curve in attempts],
                "loss": [_line(losses, 0.0, max(losses)) for curve in attempts if (losses := _losses(curve))],
                "goal": round(_HEIGHT * (1 - goal), 2),
            }
        )
        dots.append(
            {
                "row": row,
                "x": round(100 * (row.raw or 0) / (book.points or 1), 2),
                "y": round(100 * (best - lowest) / ((1 - lowest) or 1), 2),
                "best": best,
                "passed": best > goal,
            }
        )
    charts.sort(key=lambda chart: chart["best"])
    scores, accuracies = [dot["row"].raw for dot in dots], [dot["best"] for dot in dots]
    return {
        "test": test,
        "target": target,
        "charts": charts,
        "dots": dots,
        "lowest": lowest,
        "goal": round(100 * (target - lowest) / ((1 - lowest) or 1), 2),
        "passed": sum(chart["passed"] for chart in charts),
        "correlation": correlation(scores, accuracies),
    }


def _losses(curve: Iterable[Sequence[Any]]) -> list[float]:
    return [float(point[0]) for point in curve if isinstance(point[0], (int, float))]


def _line(values: Sequence[float], low: float, high: float) -> str:
    """The points of a polyline, from the left edge to the right one."""
    span, last = (high - low) or 1.0, max(len(values) - 1, 1)
    places = [(_WIDTH * index / last, _HEIGHT * (1 - (value - low) / span)) for index, value in enumerate(values)]
    if len(places) == 1:
        places.append((_WIDTH, places[0][1]))
    return " ".join(f"{x:.1f},{min(max(y, 0), _HEIGHT):.1f}" for x, y in places)


def _similar(pairs: Sequence[Pair]) -> Mapping[str, int]:
    return Counter(name for pair in pairs for name in (pair.left, pair.right))


def _points(value: float | None) -> str:
    return "–" if value is None or math.isnan(value) else f"{round(value, 2):g}"


def _percent(value: float) -> str:
    return "–" if math.isnan(value) else f"{100 * value:.1f} %"


def _decimals(value: float) -> str:
    return "–" if math.isnan(value) else f"{value:.2f}"


def _seconds(value: float) -> str:
    return "–" if math.isnan(value) else (f"{1000 * value:.0f} ms" if value < 1 else f"{value:.1f} s")
