"""The report of a class: its figures, and what people do with it, in a real browser."""

import json
import re

import pytest

from autograder.base.people import Person
from autograder.classroom import feedback, grades, similarity, store
from autograder.classroom.report import page as report
from autograder.classroom.sources import ClassSubmission, Source
from benchmarks import report as browsing

SENTENCE = "The loss is a mean over the batch: `1 / B` is missing."
EVIL = "**Wrong** ![x](http://evil.example/x.png) <img src=x onerror=alert(1)> [a](javascript:alert(1))"
NAMES = ["Ada García", "李小龙", "Łucja <script>alert(1)</script>", "Grace", "Grace", "Zoë", "Joan", "محمد علي"]
LONG = "CategoricalCrossentropy.get_input_gradients stays finite where p is 0 or 1"


def results(index):
    """One results.json; the further back in the class, the fewer points."""
    lost = index > 2
    curve = [[1.0 / (n + 1), 0.5 + 0.06 * n - 0.02 * index] for n in range(8)]
    first = 3 - (index % 2)
    tests = [
        {"name": "Required files", "output": "All there.", "status": "passed"},
        {"number": "0.1", "name": "Tensor", "score": 0, "max_score": 0, "status": "failed" if index == 6 else "passed"},
        {"number": "1.1", "name": "Dense.call computes x @ w + b", "score": first, "max_score": 3,
         "status": "passed" if first == 3 else "failed", "output": "" if first == 3 else "Called with `x (7, 5)`."},
        {"number": "1.10", "name": "Dense, once more", "score": 4 if index < 6 else 0, "max_score": 4, "output": ""},
        {"number": "3.5", "name": LONG, "score": 0 if lost else 3, "max_score": 3,
         "status": "failed" if lost else "passed",
         "output": f"{EVIL}\n\n{SENTENCE}" if lost else ""},
        {"number": "9.1", "name": "get_simple_model_components", "score": 0 if index in (5, 7) else 6, "max_score": 6,
         "output": "| a |\n|---|\n| 1 |"},
    ]  # fmt: skip
    staff = {"1.1": {"seconds": 0.01 * (index + 1)}, "9.1": {"seconds": 2.5, "curves": [curve], "target": 0.9}}
    if index == 7:
        staff["9.1"]["curves"] = [[]]  # its code failed in the first epoch
    if index == 5:
        staff["9.1"]["curves"] = [[[None, 0.1]], curve[:2]]
    if lost:
        staff["3.5"] = {"diagnosis": SENTENCE}
    if index == 6:
        staff["1.10"] = {"diagnosis": "The factors are swapped."}
    extra = {"submission": "d", "tests": staff, "key": "k"}
    raw = sum(test.get("score", 0) for test in tests)
    if index == 4:
        extra["late"] = {"raw": raw, "days": 2}
    score = raw - 2.5 * (index == 4)
    return {"score": score, "tests": tests, "extra_data": extra, "output": "", "execution_time": 1.0 + 1.37 * index}


@pytest.fixture(scope="module")
def room(tmp_path_factory):
    """A class with two people of one name, a group of two, late work, and two who have no grade."""
    folder = tmp_path_factory.mktemp("graded")
    people = [Person(name, f"s{n}@example.edu", f"14{n}") for n, name in enumerate(NAMES)]
    submissions = [
        ClassSubmission(
            f"submission_{n}",
            folder,
            (person, Person("Partner")) if n == 0 else (person,),
            notes=("Odd.",) * (n == 3),
            created_at="2024-02-26T18:00:00-05:00",
        )
        for n, person in enumerate(people)
    ]
    submissions.append(ClassSubmission("submission_8", None, (Person("Anna"),), problem="There is no such folder."))
    submissions.append(ClassSubmission("submission_9", folder, (Person("Niels"),)))
    made = store.of_source(folder, Source("a folder", tuple(submissions)))
    store.save(made)
    for index, entry in enumerate(made.entries[:9]):
        if entry.problem:
            continue
        entry.folder.mkdir()
        (entry.folder / "results.json").write_text(json.dumps(results(index)))
    passage = {"left_file": "a.py", "left_line": 2, "left_text": "y = 2", "right_file": "b.py", "right_line": 1,
               "right_text": "y = 2"}  # fmt: skip
    whole = {"left": "a.py", "left_text": "x = '<b>'\ny = 2\nz = 3", "right": "b.py", "right_text": "y = 2"}
    pair = {"left": "submission_1", "right": "submission_2", "share": 0.75, "shared": 60, "passages": [passage],
            "files": [whole]}  # fmt: skip
    group = {"members": [pair["left"], pair["right"]], "pairs": [pair]}
    (folder / similarity.FILE_NAME).write_text(json.dumps({"key": "k", "groups": [group], "more": 0}))
    made = store.load(folder)
    grades.write(grades.read(made), made)
    return made


@pytest.fixture(scope="module")
def page_file(room, assignment):
    target = room.folder / "report.html"
    report.write(room, target, assignment)
    return target


def test_nothing_is_fetched_and_nothing_of_a_student_is_markup(page_file):
    text = page_file.read_text()
    assert not re.search(r'(src|href)="(?!#|data:)', text)
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "default-src &#39;none&#39;" in text


@pytest.mark.parametrize(
    "content",
    [
        *("{", "[]", "{}", '{"groups": [{}]}', '{"groups": 3}', '{"groups": [{"members": 3, "pairs": []}]}'),
        *('{"groups": [{"members": [], "pairs": [{"left": "a"}]}]}', '{"groups": [], "cut": [{"who": "a"}]}'),
        *('{"groups": [], "more": "many"}', '{"groups": [], "common": null}', '{"groups": ["a"]}'),
        '{"groups": [{"members": ["a"], "pairs": [{"left": "a", "right": "b", "share": 1, "shared": 1}]}]}',
    ],
)
def test_a_damaged_comparison_is_left_out_and_the_page_says_so(room, assignment, tmp_path, content):
    file = room.folder / similarity.FILE_NAME
    before = file.read_text()
    try:
        file.write_text(content)
        report.write(room, tmp_path / "report.html", assignment)
        assert "similar.json is damaged" in (tmp_path / "report.html").read_text()
        file.unlink()
        assert not similarity.load(room.folder).damaged
    finally:
        file.write_text(before)
    assert len(similarity.load(room.folder).groups) == 1


@pytest.fixture(scope="module")
def browser():
    if browsing.CHROMIUM is None:
        pytest.skip(f"no Chromium here: {browsing.INSTALL}")
    pytest.importorskip("playwright.sync_api", reason="./setup.sh --dev")
    with browsing.browser() as context:
        yield context


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


def differing(page, room):
    return {name for name, shown, wanted in browsing.compared(page, room.folder) if shown != wanted}


def test_every_figure_of_the_page_is_the_one_that_the_tables_give(page, room):
    found = browsing.compared(page, room.folder)
    assert [(name, shown, wanted) for name, shown, wanted in found if shown != wanted] == []
    assert len(found) > 40
    shown = {name: shown for name, shown, _ in found}
    assert (shown["graded"].text, shown["full"].text, shown["flagged"].text) == ("9", "3", "2")
    assert shown["mistakes"]["The loss is a mean over the batch: 1 / B is missing."] == (5, "3.5")
    assert shown["0.1, passed"].text == "88.9 %"
    assert shown["training 9.1, untrained"] == 1


@pytest.mark.parametrize(
    ("place", "figure"),
    [
        ("[data-figure=mean]", "mean"),
        (".histogram .column:last-child span", "bars of the histogram"),
        (".mistake .count", "mistakes"),
        ("tr[data-test='1.1'] td:nth-child(3)", "1.1, passed"),
        ("tr[data-test='1.1'] td:nth-child(5)", "1.1, discrimination"),
        (".multiples .best", "training 9.1, best"),
        (".slow .time", "slowest, 1"),
        ("#people tbody td:nth-child(2)", "students"),
    ],
)
def test_a_figure_that_is_wrong_by_its_last_digit_is_noticed(page, room, place, figure):
    page.evaluate(
        """place => { const node = document.querySelector(place);
        node.textContent = node.innerText.replace(/\\d(?=\\D*$)/, digit => (Number(digit) + 1) % 10); }""",
        place,
    )
    assert differing(page, room) == {figure}


def names(page):
    return page.locator("#people tbody tr:visible th").all_inner_texts()


def test_students_are_sorted_by_any_column(page):
    page.click("#people th button:has-text('score')")
    shown = page.locator("#people tbody td:nth-child(2)").all_inner_texts()
    scores = [float(text) for text in shown[:9]]
    assert scores == sorted(scores, reverse=True)
    assert set(shown[9:]) == {"unreadable", "not graded yet"}
    page.click("#people th button:has-text('score')")
    assert page.locator("#people th[aria-sort=ascending]").inner_text().startswith("score")
    page.click("#items th button:has-text('passed')")
    passed = [float(text[:-2]) for text in page.locator("#items tbody td:nth-child(3)").all_inner_texts()]
    assert passed == sorted(passed, reverse=True)


@pytest.mark.parametrize(
    ("typed", "found"), [("garcia", 1), ("grace", 2), ("李小", 1), ("s6@", 1), ("submission_7", 1), ("zz", 0)]
)
def test_students_are_found_by_whatever_is_known_of_them(page, typed, found):
    page.fill("#search", typed)
    assert len(names(page)) == found
    assert page.inner_text("#shown") == f"{found} student{'s' * (found != 1)}"


@pytest.mark.parametrize("place", ["score", "passed"])
def test_a_click_anywhere_in_a_header_sorts(page, place):
    table = "#people" if place == "score" else "#items"
    head = page.locator(f"{table} thead th:has-text('{place}')")
    head.scroll_into_view_if_needed()
    head.click(position={"x": 3, "y": 3})
    assert head.get_attribute("aria-sort") == "descending"


def test_a_test_leads_to_those_who_lost_it_and_to_what_they_were_told(page):
    page.click("#items [data-test='3.5'] button")
    assert len(names(page)) == 5
    assert page.inner_text("#shown") == "5 students who lost points in 3.5"
    said = page.locator("#people tbody tr:visible td.told").all_inner_texts()
    assert all("The loss is a mean over the batch: 1 / B is missing." in text for text in said)
    page.click("#clear")
    assert not page.locator("#people td.told").first.is_visible()


@pytest.mark.parametrize(
    ("chip", "found"),
    [("graded", 9), ("late", 1), ("flagged", 2), ("unreadable", 1), ("not graded yet", 1)],
)
def test_a_state_leads_to_those_who_are_in_it(page, chip, found):
    button = page.locator(f".chips button[data-facet='state:{chip}']")
    assert button.locator("b").inner_text() == str(found)
    button.click()
    assert len(names(page)) == found


@pytest.mark.parametrize(
    ("typed", "found"),
    [("3.5", 5), ("late", 1), ("flagged", 2), ("mean over the batch", 5), ("such folder", 1), ("3.5 late", 1)],
)
def test_a_search_finds_tests_states_and_words_of_messages(page, typed, found):
    page.fill("#search", typed)
    assert len(names(page)) == found


def test_a_bar_of_a_mistake_is_as_long_as_its_share_of_the_class(page):
    width = page.evaluate(
        "() => { const bar = document.querySelector('.mistake .track'); "
        "return bar.firstElementChild.offsetWidth / bar.offsetWidth }"
    )
    assert width == pytest.approx(5 / 9, abs=0.02)


def test_the_median_leads_to_the_student_in_the_middle(page):
    median = page.inner_text("[data-figure=median]")
    page.click("[data-figure=median] a")
    page.wait_for_selector("#student:not([hidden])")
    assert page.inner_text("#about").startswith(f"{median} of ")


def test_means_before_and_after_lateness_are_told_apart(page):
    tiles = page.inner_text(".tiles")
    assert "mean, after lateness" in tiles
    assert "mean, before it" in tiles


def test_rows_without_points_are_folded_and_names_of_code_break_at_dots(page):
    page.evaluate("location.hash = '#student=submission_1'")
    page.wait_for_selector("#student:not([hidden])")
    page.uncheck("#lost-only")
    assert page.inner_text("#seen details.worthless summary") == "1 row without points"
    assert page.locator("#items th wbr").count() > 0
    assert page.locator("#h-student").inner_text() not in page.inner_text("#about")


def test_a_mistake_leads_to_those_who_made_it(page):
    page.click(".mistake")
    assert len(names(page)) == 5
    assert page.locator(".mistake code").inner_text() == "1 / B"
    page.click("#clear")
    assert len(names(page)) == len(NAMES) + 3


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
    assert page.locator("#seen .row").count() == 6
    assert page.is_checked("#lost-only"), "what cost points comes first where anything did"
    assert page.locator("#seen .row:visible h3").all_inner_texts() == [
        "1.1 Dense.call computes x @ w + b\n2 / 3",
        f"3.5 {LONG}\n0 / 3",
    ]
    page.uncheck("#lost-only")
    assert page.locator("#seen td").first.inner_text() == "1"
    page.keyboard.press("Escape")
    page.wait_for_selector("#overview:not([hidden])")
    page.go_back()
    page.wait_for_selector("#student:not([hidden])")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_it_is_accessible_in_light_and_dark_and_fits_a_phone(page, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="./setup.sh --dev")
    page.emulate_media(color_scheme=scheme)
    for hash_, seen in (("", "#overview"), ("#student=submission_4", "#student")):
        page.evaluate("hash => { location.hash = hash }", hash_)
        page.wait_for_selector(f"{seen}:not([hidden])")
        found = axe.Axe().run(page).response["violations"]
        assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
        page.set_viewport_size({"width": 390, "height": 844})
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
        page.set_viewport_size({"width": 1280, "height": 900})


def test_who_is_alike_leads_to_each_other(page):
    page.evaluate("location.hash = '#student=submission_1'")
    page.click("#about a")
    # Not wait_for_function: where it has to wait it asks the page to evaluate text, which the page's policy refuses.
    page.locator("#h-student", has_text="Łucja").wait_for()
    assert "75 % alike: 李小龙" in page.inner_text("#about")


def test_two_alike_are_read_side_by_side_with_what_they_share_marked(page):
    page.click(".pair summary")
    page.click(".whole summary")
    left, right = page.locator(".whole pre").all()
    assert left.inner_text().split() == ["x", "=", "'<b>'", "y", "=", "2", "z", "=", "3"]
    assert left.locator("mark").all_inner_texts() == right.locator("mark").all_inner_texts() == ["y = 2"]
    boxes = left.bounding_box(), right.bounding_box()
    assert boxes[0]["y"] == boxes[1]["y"]
    assert boxes[0]["x"] < boxes[1]["x"]


def test_someone_without_a_grade_is_there_with_the_reason(page):
    page.evaluate("location.hash = '#student=submission_8'")
    page.wait_for_selector("#student:not([hidden])")
    assert "unreadable" in page.inner_text("#about")
    assert "no such folder" in page.inner_text("#about")


def test_it_prints_without_its_controls(page):
    page.emulate_media(media="print")
    assert not page.locator("#search").is_visible()
    assert page.locator("#people tbody tr").first.is_visible()


def test_a_class_without_results_is_said(tmp_path, assignment):
    empty = store.of_source(tmp_path, Source("a folder", (ClassSubmission("x", tmp_path),)))
    with pytest.raises(ValueError, match="no results yet"):
        report.write(empty, tmp_path / "report.html", assignment)


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_student_s_page_is_accessible_and_its_points_can_be_read_on_a_phone(browser, room, assignment, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright", reason="./setup.sh --dev")
    feedback.write(room, room.folder / "feedback", assignment)
    page = browser.new_page()
    page.emulate_media(color_scheme=scheme)
    page.set_viewport_size({"width": 380, "height": 800})
    page.goto((room.folder / "feedback" / "s3@example.edu.html").as_uri())
    page.click("summary")
    assert page.evaluate("document.documentElement.scrollWidth") <= 380
    points = page.locator("h2 span:last-child").all()
    heights = {span.bounding_box()["height"] for span in points if "/" in span.inner_text()}
    assert len(heights) == 1, "each stands on one line"
    assert max(heights) < 30
    found = axe.Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found] == []
    assert page.locator("main").count() == 1
    page.close()
