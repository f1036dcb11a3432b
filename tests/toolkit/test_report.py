"""The report of a class: its figures, and what people do with it, in a real browser."""

import csv
import json
import math
import re
import shutil
import statistics

import pytest

from autograder import classroom, report, tables
from autograder.gradescope import Person
from autograder.sources import Handin, Source

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
)  # fmt: skip
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
SENTENCE = "The loss is a mean over the batch: `1 / B` is missing."
EVIL = "**Wrong** ![x](http://evil.example/x.png) <img src=x onerror=alert(1)> [a](javascript:alert(1))"
NAMES = ["Ada García", "李小龙", "Łucja <script>alert(1)</script>", "Grace", "Grace", "Zoë", "Joan", "محمد علي"]


def results(index):
    """One results.json; the further back in the class, the fewer points."""
    lost = index > 2
    curve = [[1.0 / (n + 1), 0.5 + 0.06 * n - 0.02 * index] for n in range(8)]
    tests = [
        {"name": "Required files", "output": "All there.", "status": "passed"},
        {"number": "1.1", "name": "Dense.call computes x @ w + b", "score": 3 - (index % 2), "max_score": 3,
         "status": "passed" if index % 2 == 0 else "failed", "output": "Called with `x (7, 5)`." if index % 2 else ""},
        {"number": "1.10", "name": "Dense, once more", "score": 4 if index < 6 else 0, "max_score": 4, "output": ""},
        {"number": "3.5", "name": "CategoricalCrossentropy", "score": 0 if lost else 3, "max_score": 3,
         "status": "failed" if lost else "passed",
         "output": f"{EVIL}\n\n{SENTENCE}" if lost else ""},
        {"number": "9.1", "name": "get_simple_model_components", "score": 6, "max_score": 6,
         "output": "| a |\n|---|\n| 1 |"},
    ]  # fmt: skip
    staff = {"1.1": {"seconds": 0.01 * (index + 1)}, "9.1": {"curves": [curve], "target": 0.9}}
    if lost:
        staff["3.5"] = {"diagnosis": SENTENCE}
    extra = {"submission": "d", "tests": staff, "key": "k"}
    score = sum(test.get("score", 0) for test in tests)
    return {"score": score, "tests": tests, "extra_data": extra, "output": "", "execution_time": 1.0 + index}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    folder = tmp_path_factory.mktemp("graded")
    people = [Person(name, f"s{n}@example.edu", f"14{n}") for n, name in enumerate(NAMES)]
    handins = [
        Handin(f"submission_{n}", folder, (person,), notes=("Odd.",) * (n == 3)) for n, person in enumerate(people)
    ]
    made = classroom.of_source(folder, Source("a folder", tuple(handins)))
    classroom.save(made)
    for index, entry in enumerate(made.entries):
        entry.folder.mkdir()
        (entry.folder / "results.json").write_text(json.dumps(results(index)))
    return classroom.load(folder)


@pytest.fixture(scope="module")
def page_file(room, assignment):
    target = room.folder / "report.html"
    report.write(room, target, assignment)
    return target


@pytest.fixture(scope="module")
def grades(room):
    tables.write(tables.read(room), room)
    return list(csv.DictReader((room.folder / "grades.csv").read_text("utf-8-sig").splitlines()))


def figures(text, name):
    return re.search(rf'data-figure="{name}">([^<]*)<', text).group(1)


def test_every_figure_is_the_one_that_the_table_gives(page_file, grades):
    text = page_file.read_text()
    scores = [float(row["score"]) for row in grades]
    assert figures(text, "graded") == str(len(scores))
    assert float(figures(text, "mean")) == pytest.approx(statistics.mean(scores), abs=0.0051)
    assert float(figures(text, "median")) == pytest.approx(statistics.median(scores), abs=0.0051)
    assert figures(text, "full") == str(scores.count(16.0))
    assert figures(text, "flagged") == str(sum(bool(row["flags"]) for row in grades))
    bins = [int(count) for _, count in re.findall(r'data-bin="(\d+)">(\d+)<', text)]
    assert bins == [sum(min(int(score / 16 * 20), 19) == index for score in scores) for index in range(20)]
    columns = {head.partition(" ")[0]: head for head in grades[0] if re.match(r"\d+\.\d+ .*\(", head)}
    lines = dict(re.findall(r'<tr data-test="([\d.]+)">(.*?)</tr>', text, re.DOTALL))
    assert list(lines) == list(columns) == ["1.1", "1.10", "3.5", "9.1"]
    for number, head in columns.items():
        points = [float(row[head]) for row in grades]
        most = float(re.search(r"\(([\d.]+)\)$", head).group(1))
        rest = [sum(float(row[h]) for h in columns.values()) - p for row, p in zip(grades, points, strict=True)]
        shown = [float(value) for value in re.findall(r'data-value="([^"]*)"', lines[number])]
        assert shown[2] == pytest.approx(sum(p == most for p in points) / len(points))
        assert shown[3] == pytest.approx(statistics.mean(points) / most)
        wanted = statistics.correlation(points, rest) if len(set(points)) > 1 else math.nan
        assert shown[4] == pytest.approx(wanted, nan_ok=True)
    made = sum(SENTENCE in line for line in (page_file.parent / "grades.jsonl").read_text().splitlines())
    assert re.search(r'class="count">(\d+)<', text).group(1) == str(made) == "5"


def test_nothing_is_fetched_and_nothing_of_a_student_is_markup(page_file):
    text = page_file.read_text()
    assert not re.search(r'(src|href)="(?!#|data:)', text)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "default-src &#39;none&#39;" in text


@pytest.fixture(scope="module")
def browser(tmp_path_factory):
    if CHROMIUM is None:
        pytest.skip("no Chromium here: apt-get install -y chromium")
    api = pytest.importorskip("playwright.sync_api", reason="pip install -r requirements-dev.txt")
    with api.sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            tmp_path_factory.mktemp("profile"), executable_path=CHROMIUM, args=list(FLAGS), headless=True
        )
        yield context
        context.close()


@pytest.fixture
def page(browser, page_file):
    page = browser.new_page()
    said = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    page.on(
        "request", lambda request: said.append(request.url) if not request.url.startswith(("file:", "data:")) else None
    )
    page.goto(page_file.as_uri())
    yield page
    page.close()
    assert said == []


def names(page):
    return page.locator("#people tbody tr:visible th").all_inner_texts()


def test_students_are_sorted_by_any_column(page):
    page.click("#people th button:has-text('score')")
    scores = [float(text.split()[-1]) for text in page.locator("#people tbody td:nth-child(2)").all_inner_texts()]
    assert scores == sorted(scores, reverse=True)
    page.click("#people th button:has-text('score')")
    assert page.locator("#people th[aria-sort=ascending]").inner_text().startswith("score")
    page.click("#items th button:has-text('passed')")
    assert page.locator("#items tbody tr").first.get_attribute("data-test") in ("9.1", "1.10")


@pytest.mark.parametrize(
    ("typed", "found"), [("garcia", 1), ("grace", 2), ("李小", 1), ("s6@", 1), ("submission_7", 1), ("zz", 0)]
)
def test_students_are_found_by_whatever_is_known_of_them(page, typed, found):
    page.fill("#search", typed)
    assert len(names(page)) == found
    assert page.inner_text("#shown") == f"{found} student{'s' * (found != 1)}"


def test_a_mistake_leads_to_those_who_made_it(page):
    page.click(".mistake")
    assert len(names(page)) == 5
    assert page.locator(".mistake code").inner_text() == "1 / B"
    page.click("#clear")
    assert len(names(page)) == len(NAMES)


def test_a_student_s_page_shows_what_that_student_saw_and_the_keyboard_is_enough(page):
    page.keyboard.press("/")
    page.keyboard.type("s3@")
    page.focus("#people tbody tr:visible a")
    page.keyboard.press("Enter")
    page.wait_for_selector("#student:not([hidden])")
    assert page.evaluate("document.activeElement.id") == "h-student"
    assert page.inner_text("#h-student") == "Grace"
    assert "1 / B" in page.inner_text("#seen")
    assert page.locator("#seen img, #seen a, #seen script").count() == 0
    assert page.locator("#seen .row").count() == 5
    assert page.locator("#seen td").first.inner_text() == "1"
    page.keyboard.press("Escape")
    page.wait_for_selector("#overview:not([hidden])")
    page.go_back()
    page.wait_for_selector("#student:not([hidden])")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_in_light_and_dark_and_fits_a_phone(page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="pip install -r requirements-dev.txt")
    page.emulate_media(color_scheme=scheme)
    for hash_ in ("", "#student=submission_4"):
        page.evaluate("hash => { location.hash = hash }", hash_)
        found = axe.Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1280, "height": 900})


def test_it_prints_without_its_controls(page):
    page.emulate_media(media="print")
    assert not page.locator("#search").is_visible()
    assert page.locator("#people tbody tr").first.is_visible()


def test_a_class_without_results_is_said(tmp_path, assignment):
    empty = classroom.of_source(tmp_path, Source("a folder", (Handin("x", tmp_path),)))
    with pytest.raises(ValueError, match="no results yet"):
        report.write(empty, tmp_path / "report.html", assignment)
