"""The pages for graders, opened in a real browser: what is typed there comes back by `written-merge`."""

import csv
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograder.written import merging, questions
from autograder.written.typeset import formula, typeset

ROOT = Path(__file__).resolve().parents[3]
SOLUTION = ROOT / "reference" / "conceptual"
WRITTEN = questions.load(ROOT)
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
needs_browser = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """The pages of a class of four: two alike, one in a PDF, one with an answer outside of its place."""
    root = tmp_path_factory.mktemp("pages")
    (root / "in").mkdir()
    source = (SOLUTION / "solution.tex").read_text("utf-8")
    (root / "in" / "s1.tex").write_text(source, "utf-8")
    (root / "in" / "s2.tex").write_text(source.replace("Yes: the mean", "<img src=x onerror=alert(1)> Yes: the mean"))
    (root / "in" / "s3.tex").write_text(source.replace("\\maketitle", "\\maketitle\nWe took two late days."))
    shutil.copy(SOLUTION / "solution.pdf", root / "in" / "s4.pdf")
    command = [sys.executable, "-m", "autograder", "written-pages", str(root / "in"), "--out", str(root / "out")]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    return root / "out"


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield running
        running.close()


def opened(browser, file, **options):
    page = browser.new_context(accept_downloads=True, **options).new_page()
    page.problems = []
    page.on("console", lambda message: page.problems.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: page.problems.append(str(error)))
    page.on("dialog", lambda dialog: page.problems.append(dialog.message))
    page.goto(file.as_uri())
    return page


@needs_browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_a_page_fits_its_window_with_formulas_that_are_drawn(folder, browser, scheme, width):
    page = opened(browser, folder / "question-1.1.html", color_scheme=scheme, viewport={"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.locator("article math").count() > 10
    assert page.locator("article math").first.bounding_box()["height"] > 5
    assert page.problems == []


@needs_browser
def test_points_and_comments_that_are_typed_come_back_to_their_owners(folder, browser, tmp_path):
    page = opened(browser, folder / "question-2.html")
    articles = page.locator("article")
    for index in range(articles.count()):
        page.keyboard.press("j")
        page.keyboard.press(str(index))
    page.keyboard.press("9")  # more than the question is worth: not taken
    page.keyboard.press("c")
    page.keyboard.type('a "comment", with a comma')
    page.keyboard.press("Escape")
    page.reload()
    assert [articles.nth(index).locator("input").input_value() for index in range(4)] == ["0", "1", "2", "3"]
    with page.expect_download() as download:
        page.get_by_text("Download the points").click()
    download.value.save_as(tmp_path / "points.csv")
    merging.merge(folder, [tmp_path / "points.csv"], None, tmp_path / "merged.csv", WRITTEN)
    with (tmp_path / "merged.csv").open(newline="", encoding="utf-8-sig") as file:
        merged = list(csv.DictReader(file))
    assert sorted(line["2"] for line in merged) == ["0", "1", "2", "3"]
    assert [line["comments"] for line in merged if line["2"] == "3"] == ['2: a "comment", with a comma']
    assert page.problems == []


@needs_browser
def test_what_was_handed_in_is_one_click_away(folder, browser):
    page = opened(browser, folder / "question-2.html")
    targets = {
        page.locator("a.handed").nth(index).get_attribute("href") for index in range(page.locator("a.handed").count())
    }
    kinds = set()
    for target in targets:
        file, _, anchor = target.partition("#")
        shown = opened(browser, folder / file)
        if anchor:
            assert shown.locator(".here").count() > 0
            kinds.add("source")
        else:
            assert shown.locator("img.sheet").first.evaluate("image => image.complete && image.naturalWidth > 500")
            kinds.add("pages")
        assert shown.problems == []
    assert kinds == {"source", "pages"}


def test_a_page_has_the_question_its_figure_the_reference_answer_and_the_rubric(folder):
    page = (folder / "question-2.html").read_text("utf-8")
    for expected in (
        "Can a classifier be trained",
        "Reference answer",
        "negative log-likelihood",
        "Rubric",
        "data:image/png",
    ):
        assert expected in page
    assert "&lt;img src=x onerror" in page and "<img src=x" not in page


def test_what_stands_outside_of_every_question_has_a_page(folder):
    assert "We took two late days." in (folder / "outside.html").read_text("utf-8")
    assert "outside.html" in (folder / "index.html").read_text("utf-8")


def test_gradescopes_own_table_of_grades_is_taken(folder, tmp_path):
    table = "First Name,Last Name,SID,Email,Total Score,Submission ID,1.1: The update rule (10.0 pts),"
    table += "2: Mean squared error and cross-entropy (6.0 pts)\nA,B,1,a@b.c,9,s1,7.5,1\nC,D,2,c@d.e,,s2,,\n"
    (tmp_path / "scores.csv").write_text(table)
    merging.merge(folder, [tmp_path / "scores.csv"], None, tmp_path / "merged.csv", WRITTEN)
    with (tmp_path / "merged.csv").open(newline="", encoding="utf-8-sig") as file:
        merged = {line["submission"]: line for line in csv.DictReader(file)}
    assert (merged["s1"]["1.1"], merged["s1"]["2"]) == ("8.5", "1")  # with the point that is computed
    assert (merged["s2"]["1.1"], merged["s2"]["2"]) == ("1", "")


@pytest.mark.parametrize(
    "tex",
    ["\\text{<script>alert(1)</script>}", "\\href{javascript:alert(1)}{x}", "\\style{a}{b}", "{" * 3000, "\\frac"],
)
def test_a_formula_is_harmless_and_never_lost(tex):
    shown = formula(tex, display=False)
    assert "<script" not in shown
    # What was typed stands in the tooltip, or as code; elements and attributes are those of MathML alone.
    tags = re.findall(r"<(\w+)((?: [^<>]*?)?)>", re.sub(r"title='[^']*'", "", shown))
    assert not any("href" in attributes or "style" in attributes for _, attributes in tags)
    assert {"code", "math"} & {tag for tag, _ in tags}


def test_markdown_of_notebooks_is_set_as_jupyter_sets_it():
    shown = typeset(
        "It *saturates*:\n\n| loss | slope |\n|---|:-:|\n| MSE | $p$ |\n\n```python\nx = 2*y*z < 1\n```\nSo `p`."
    )
    assert "<em>saturates</em>" in shown and "<code>p</code>" in shown
    assert "<th>slope</th>" in shown and "<td>MSE</td><td><span title='p'><math" in shown
    assert "<pre>x = 2*y*z &lt; 1</pre>" in shown
    assert "|" not in shown and "```" not in shown


def test_a_line_that_was_broken_for_its_length_goes_on_and_a_short_one_is_a_line():
    assert typeset("word " * 14 + "end\nand more") == f"<p>{'word ' * 14}end and more</p>"
    assert typeset("one\ntwo") == "<p>one<br>two</p>"
    assert typeset("a | b\nc ``` d\n```\n| x") == "<p>a | b<br>c ``` d<br>```<br>| x</p>"


def test_text_around_formulas_is_kept_with_its_paragraphs():
    shown = typeset("First $x_1$ line.\n\nSecond, with a price of $5.\n\\[ y \\]\nend <b>")
    assert shown.startswith("<p>First <span") and "<p>Second, with a price of $5." in shown
    assert shown.count("<math") == 2
    assert "end &lt;b&gt;" in shown


def test_the_index_counts_every_line_of_the_table(tmp_path):
    (tmp_path / "in").mkdir()
    source = (SOLUTION / "solution.tex").read_text("utf-8")
    (tmp_path / "in" / "whole.tex").write_text(source, "utf-8")
    empty = re.sub(r"(\\begin\{answer\}\{[^}]*\}).*?(\\end\{answer\})", r"\1\n\2", source, flags=re.DOTALL)
    (tmp_path / "in" / "empty.tex").write_text(empty, "utf-8")
    (tmp_path / "in" / "broken.pdf").write_bytes(b"%PDF-1.4\nnothing\n")
    command = [
        sys.executable,
        "-m",
        "autograder",
        "written-pages",
        str(tmp_path / "in"),
        "--out",
        str(tmp_path / "out"),
    ]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True, timeout=300)
    index = " ".join((tmp_path / "out" / "index.html").read_text("utf-8").split())
    on_pages = sum(int(count) for count in re.findall(r"</a></td><td>(\d+)</td>", index))
    beside = re.search(r"on no page:(.*?)</p>", index)[1]
    with (tmp_path / "out" / "grades.csv").open(encoding="utf-8") as file:
        lines = list(csv.DictReader(file))
    assert on_pages + sum(int(count) for count in re.findall(r"(\d+) for ", beside)) == len(lines)
    assert "1 for a hand-in that could not be read" in beside
