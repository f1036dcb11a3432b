"""A class's report as a person meets it: how fast a browser opens it, and whether its figures are the tables'.

Every figure that the page shows is read from the rendered page, and computed again from grades.csv and grades.jsonl,
which a spreadsheet could do as well: nothing of the report's own code is used. Exit status 1 where one differs, or
where the browser complains. With `--pictures`, what it looks like: light, dark, on a phone, printed, a student's page.
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import shutil
import statistics
import sys
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
INSTALL = "apt-get install -y chromium"
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
BINS = 20
ABSENT = "nothing handed in"
_ENDS = ((False, True), (False, False), (True, False))  # whether a test was passed at the first try and at the last


@contextmanager
def browser() -> Iterator[Any]:
    """Start a headless Chromium with a profile of its own, which is deleted afterwards."""
    from playwright.sync_api import sync_playwright

    with tempfile.TemporaryDirectory(prefix="beras-browser-") as profile, sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            profile, executable_path=CHROMIUM, args=list(FLAGS), headless=True
        )
        yield context
        context.close()


@dataclass
class Class:
    """What grades.csv and grades.jsonl say."""

    folder: Path
    lines: list[dict[str, str]] = field(init=False)
    records: list[dict[str, Any]] = field(init=False)
    points: dict[str, list[float]] = field(default_factory=dict)
    most: dict[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Read them. Rows without a grade count for no figure."""
        text = (self.folder / "grades.csv").read_text("utf-8-sig")
        self.lines = list(csv.DictReader(text.splitlines()))
        self.records = [json.loads(line) for line in (self.folder / "grades.jsonl").read_text().splitlines()]
        self.graded = [line for line in self.lines if line["score"]]
        self.told = [record for record in self.records if record["score"] is not None]
        for head in self.lines[0]:
            if found := re.fullmatch(r"(\d+\.\d+) .*\(([\d.]+)\)", head):
                self.points[found[1]] = [float(line[head] or "nan") for line in self.graded]
                self.most[found[1]] = float(found[2])
        self.total = sum(self.most.values())
        self.submissions = {record["submission"]: record for record in self.told}

    def tiles(self) -> dict[str, float]:
        """Return the large figures at the top."""
        scores = [float(line["score"]) for line in self.graded]
        return {
            "graded": len(scores),
            "mean": statistics.mean(scores),
            "median": statistics.median(scores),
            "full": sum(score >= self.total for score in scores),
            "flagged": sum(bool(line["flags"]) and line["status"] != ABSENT for line in self.lines),
            "groups": self.groups(),
        }

    def groups(self) -> int:
        """Return how many groups of submissions are alike."""
        file = self.folder / "similar.json"
        document = json.loads(file.read_text()) if file.exists() else {"groups": [], "more": 0}
        return len(document["groups"]) + int(document["more"])

    def histogram(self) -> list[int]:
        """Return how many scores are in each twentieth of the points."""
        width = self.total / BINS
        scores = [float(line["score"]) for line in self.graded]
        last = [score >= self.total for score in scores]
        return [
            sum(
                i * width <= s < (i + 1) * width or (full and i == BINS - 1)
                for s, full in zip(scores, last, strict=True)
            )
            for i in range(BINS)
        ]

    def test(self, number: str) -> list[float]:
        """Points, passed and mean in percent, item-rest correlation, median seconds; NaN for what says nothing."""
        here, most = self.points[number], self.most[number]
        rest = [
            sum(column[i] for key, column in self.points.items() if key != number and not math.isnan(column[i]))
            for i in range(len(here))
        ]
        there = [i for i, value in enumerate(here) if not math.isnan(value)]
        passed = [here[i] >= most if most else number in self.told[i]["passed"] for i in there]
        seconds = [record["seconds"][number] for record in self.told if number in record["seconds"]]
        return [
            most,
            100 * statistics.mean(passed),
            100 * statistics.mean(here[i] for i in there) / most if most else math.nan,
            pearson([here[i] for i in there], [rest[i] for i in there]),
            statistics.median(seconds) if seconds else math.nan,
        ]

    def mistakes(self) -> dict[str, tuple[int, str]]:
        """By sentence: how many people made it, and the tests in which it showed."""
        people: Counter[str] = Counter()
        tests: dict[str, set[str]] = defaultdict(set)
        for record in self.told:
            people.update(set(record["mistakes"].values()))
            for number, sentence in record["mistakes"].items():
                tests[sentence].add(number)
        order = list(self.points)
        return {
            sentence.replace("`", ""): (count, ", ".join(sorted(tests[sentence], key=order.index)))
            for sentence, count in people.items()
        }

    def training(self, number: str) -> dict[str, Any]:
        """Of one training test: how many passed, everyone's best accuracy, and how it goes along with the score."""
        rows = [record for record in self.submissions.values() if number in record["points"]]
        trained = [record for record in rows if number in record["accuracies"]]
        return {
            "passed": sum(record["points"][number] >= self.most[number] for record in rows),
            "submissions": len(rows),
            "best": sorted(round(100 * record["accuracies"][number], 1) for record in trained),
            "untrained": len(rows) - len(trained),
            "correlation": pearson(
                [record["raw"] for record in trained], [record["accuracies"][number] for record in trained]
            ),
        }


def pearson(one: list[float], other: list[float]) -> float:
    """Pearson's correlation, by its definition; NaN for fewer than three, and where one of them does not vary."""
    if len(one) < 3 or len(set(one)) == 1 or len(set(other)) == 1:
        return math.nan
    a, b = ([value - statistics.mean(values) for value in values] for values in (one, other))
    return sum(x * y for x, y in zip(a, b, strict=True)) / math.sqrt(sum(x * x for x in a) * sum(y * y for y in b))


def compared(page: Any, folder: Path) -> list[tuple[str, Any, Any]]:
    """Return every figure: its name, what the page shows, and what the tables give; the page is at its overview."""
    page.evaluate("for (const part of document.querySelectorAll('details')) part.open = true")
    book = Class(folder)
    found: list[tuple[str, Any, Any]] = [
        (name, Shown(page.inner_text(f'[data-figure="{name}"]')), value) for name, value in book.tiles().items()
    ]
    found.append(("histogram", [int(text) for text in page.locator("[data-bin]").all_inner_texts()], book.histogram()))
    bars = [int(text or 0) for text in page.locator(".histogram .column span").all_inner_texts()]
    found.append(("bars of the histogram", bars, book.histogram()))
    for row in page.locator("#items tbody tr").all():
        number, cells = row.get_attribute("data-test"), row.locator("td").all_inner_texts()
        found += [
            (f"{number}, {name}", Shown(text), value)
            for name, text, value in zip(
                ("points", "passed", "mean", "discrimination", "time"), cells, book.test(number), strict=True
            )
        ]
    found.append(("tests", page.locator("#items tbody tr").count(), len(book.points)))
    mistakes = {
        row.locator(".sentence").inner_text(): (
            int(row.locator(".count").inner_text()),
            row.locator(".tests").inner_text(),
        )
        for row in page.locator(".mistake").all()
    }
    found.append(("mistakes", mistakes, book.mistakes()))
    found += _trainings(page, book)
    slowest = sorted((record["graded_in"] for record in book.submissions.values()), reverse=True)[:10]
    times = page.locator(".slow .time").all_inner_texts()
    found += [
        (f"slowest, {place}", Shown(text), value)
        for place, (text, value) in enumerate(zip(times, slowest, strict=True), 1)
    ]
    flagged = sorted(" ".join(text.split()) for text in page.locator(".flags li").all_inner_texts())
    reasons = sorted(
        " ".join(f"{record['name']} {' '.join(record['flags'])}".split())
        for record in book.records
        if record["flags"] and record["status"] != ABSENT
    )
    found.append(("reasons", flagged, reasons))
    found += _tries(page, book)
    people = [row.locator("th, td").all_inner_texts() for row in page.locator("#people tbody tr").all()]
    both = page.locator("#people thead th", has_text="written").count()
    rows = [
        [
            record["name"] or record["email"].casefold() or record["sid"].casefold() or "(nobody)",
            record["status"] if record["score"] is None else f"{round(record['score'], 2):g}",
            str(record["days_late"] or ""),
            *(["–" if record["written"] is None else f"{round(record['written'], 2):g}"] * both),
            *(record[name] for name in ("sid", "email", "submission")),
        ]
        for record in book.records
    ]
    found.append(("students", [[cell.strip() for cell in row[: 6 + both]] for row in people], rows))
    return found


def _tries(page: Any, book: Class) -> Iterator[tuple[str, Any, Any]]:
    """Yield the first tries against the last, by test, of those who handed in more than once."""
    again = [record["tries"] for record in book.submissions.values() if record["tries"]]
    if not again:
        return
    for name, at in (("first-mean", 0), ("last-mean", -1)):
        mean = statistics.mean(tries[at]["score"] for tries in again)
        yield f"tries, {name}", Shown(page.locator(f"#tries [data-figure={name}]").inner_text()), mean
    for row in page.locator("#steps tbody tr").all():
        number = row.get_attribute("data-test")
        most = book.most[number]
        kept = [
            tuple(tries[at]["points"][number] >= most - 1e-9 for at in (0, -1))
            for tries in again
            if all(number in tries[at]["points"] for at in (0, -1))
        ]
        counts = [sum(not first for first, _ in kept)] + [kept.count(ends) for ends in _ENDS]
        yield f"tries, {number}", [int(text or 0) for text in row.locator("td").all_inner_texts()], counts


def _trainings(page: Any, book: Class) -> Iterator[tuple[str, Any, Any]]:
    for part in page.locator(".training").all():
        number = part.get_attribute("data-test")
        said = re.match(r"(\d+) of (\d+)", part.locator(".passed").inner_text())
        assert said is not None
        untrained = part.locator(".untrained summary")
        best = sorted(float(text.removesuffix(" %")) for text in part.locator(".best").all_inner_texts())
        label = part.locator(".scatter").get_attribute("aria-label")
        shown = {
            "passed": int(said[1]),
            "submissions": int(said[2]),
            "best": best,
            "untrained": int(untrained.inner_text().split()[0]) if untrained.count() else 0,
            "correlation": Shown(label.rpartition(" ")[2].rstrip(".")),
        }
        wanted = book.training(number)
        yield from ((f"training {number}, {name}", value, wanted[name]) for name, value in shown.items())
        yield f"training {number}, dots", part.locator(".scatter i").count(), len(wanted["best"])


class Shown:
    """A number as the page shows it: right, where the true one is rounded to it."""

    def __init__(self, text: str) -> None:
        self.text = text.strip()
        number, _, unit = self.text.partition(" ")
        scale = 0.001 if unit == "ms" else 1.0
        self.value = math.nan if number == "–" else float(number) * scale
        self.half = 0.5 * 10.0 ** -len(number.partition(".")[2]) * scale

    def __eq__(self, other: object) -> bool:
        """Whether `other` is rounded to this."""
        assert isinstance(other, (int, float))
        if math.isnan(self.value) or math.isnan(other):
            return math.isnan(self.value) and math.isnan(other)
        return abs(self.value - other) <= self.half * (1 + 1e-9)

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """As it is shown."""
        return self.text


def opened(page: Any, file: Path) -> float:
    """Return seconds until the page is loaded and drawn."""
    begun = time.perf_counter()
    page.goto(file.absolute().as_uri())
    page.evaluate("new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))")
    return time.perf_counter() - begun


def pictures(page: Any, target: Path) -> None:
    """Save pictures of the page."""
    target.mkdir(parents=True, exist_ok=True)
    wide, narrow = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
    student = page.locator("#people tbody a").first.get_attribute("href")
    for name, size, media, place in (
        ("light", wide, {"color_scheme": "light"}, ""),
        ("dark", wide, {"color_scheme": "dark"}, ""),
        ("phone", narrow, {"color_scheme": "light"}, ""),
        ("printed", wide, {"media": "print"}, ""),
        ("student", wide, {"media": "screen"}, student),
        ("student-phone", narrow, {"media": "screen"}, student),
    ):
        page.set_viewport_size(size)
        page.emulate_media(**media)
        page.evaluate("place => { location.hash = place }", place)
        page.wait_for_timeout(200)
        page.screenshot(path=target / f"{name}.png", full_page=True)


def main() -> None:
    """Measure, and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path, help="a graded class with its report.html")
    parser.add_argument("--times", type=int, default=5, help="how often it is opened")
    parser.add_argument("--pictures", type=Path, help="a folder for screenshots")
    options = parser.parse_args()
    if CHROMIUM is None:
        raise SystemExit(f"No Chromium here: {INSTALL}")
    said: list[str] = []
    with browser() as context:
        page = context.new_page()
        page.on("console", lambda message: said.append(message.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        seconds = [opened(page, options.folder / "report.html") for _ in range(options.times)]
        if options.pictures:
            pictures(page, options.pictures)
            opened(page, options.folder / "report.html")
        figures = compared(page, options.folder)
    different = [
        f"{name}: {shown} on the page, {wanted} in the tables" for name, shown, wanted in figures if shown != wanted
    ]
    print(
        json.dumps(
            {
                "bytes": (options.folder / "report.html").stat().st_size,
                "seconds to open": {"first": round(seconds[0], 3), "median": round(statistics.median(seconds), 3)},
                "figures compared": len(figures),
                "different": different,
                "console": said,
            },
            indent=1,
            ensure_ascii=False,
        )
    )
    if different or said:
        sys.exit(1)


if __name__ == "__main__":
    main()
