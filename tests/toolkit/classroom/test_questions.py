"""What a TA asks of a class, and in how many clicks the report answers: two at the most, in a real browser."""

import datetime as dt
import json
import re

import pytest

from autograder.assignment.policy import LateRules
from autograder.base.people import Person
from autograder.classroom import allowances, grades, similarity, store, written_part
from autograder.classroom.report import page as report
from autograder.classroom.sources import NOTHING, ClassSubmission, Source, Try
from autograder.results.extensions import Balance, Extension
from autograder.results.lateness import LatePolicy
from benchmarks import report as browsing

expect = pytest.importorskip("playwright.sync_api", reason="./setup.sh --dev").expect

NAMES = ("Ada", "Bob", "Cy", "Dan", "Eve", "Fay")
GREEK = "Παπαδόπουλος"
MISTAKE = "The factors are swapped."


def results(index):
    """One results.json: the further back in the class, the fewer points."""
    points = {"1.1": 4, "3.5": 3 if index < 4 else 0, "9.1": 3 if index < 2 else 0}
    worth = {"1.1": 4, "3.5": 3, "9.1": 3}
    tests = [
        {"number": number, "name": f"Test {number}", "score": score, "max_score": worth[number],
         "status": "passed" if score else "failed", "output": "" if score else f"Look at test {number}."}
        for number, score in points.items()
    ]  # fmt: skip
    staff = {"9.1": {"seconds": 1, "curves": [[[1.0, 0.6], [0.5, 0.97 if index < 2 else 0.8]]], "target": 0.95}}
    if index > 3:
        staff["3.5"] = {"diagnosis": MISTAKE}
    extra = {"submission": "x", "tests": staff}
    score = sum(points.values())
    if index in (1, 3):
        extra["late"] = {"raw": score, "days": index, "free": int(index == 1)}
    if index == 2:
        extra["flags"] = [{"rule": "library", "file": "a.py", "line": 3, "detail": "import torch"}]
    if index == 0:
        extra["overrides"] = {
            "score": score,
            "tests": {"3.5": 3},
            "told": ["3.5 Test 3.5: 1 instead of 3 points. Seen."],
        }
        tests[1] |= {"score": 1, "status": "passed"}
    return {"score": score, "tests": tests, "extra_data": extra, "output": "", "execution_time": 1.0 + index}


@pytest.fixture(scope="module")
def page(tmp_path_factory, assignment):
    folder = tmp_path_factory.mktemp("graded")
    tries = (Try("", 4, {"1.1": 4, "3.5": 0, "9.1": 0}), Try("", 7, {"1.1": 4, "3.5": 3, "9.1": 0}))
    submissions = [
        ClassSubmission(
            name.lower(),
            folder,
            (Person(name, f"{name.lower()}@example.edu"), *([Person(GREEK)] if name == "Fay" else [])),
            created_at="2024-02-28T12:00:00-05:00",
            tries=tries * (name == "Cy"),
        )
        for name in NAMES
    ]
    submissions.append(ClassSubmission("gus", None, (Person("Gus"),), problem="Nothing came.", state=NOTHING))
    room = store.of_source(folder, Source("a folder", tuple(submissions)))
    store.save(room)
    for index, entry in enumerate(room.entries[: len(NAMES)]):
        entry.folder.mkdir()
        (entry.folder / store.RESULTS_FILE).write_text(json.dumps(results(index)))
    passage = {"left_file": "a.py", "left_line": 1, "left_text": "y = 2", "right_file": "a.py", "right_line": 1,
               "right_text": "y = 2"}  # fmt: skip
    whole = {"left": "a.py", "left_text": "y = 2", "right": "a.py", "right_text": "y = 2"}
    pair = {"left": "eve", "right": "fay", "share": 0.75, "shared": 60, "passages": [passage], "files": [whole]}
    group = {"members": [pair["left"], pair["right"]], "pairs": [pair]}
    (folder / similarity.FILE_NAME).write_text(json.dumps({"key": "k", "groups": [group], "more": 0}))
    (folder / "written.csv").write_text("name,score,max points\nAda,12,20\nBob,20,20\nCy,5,20\nΠαπαδόπουλος,7,20\n")
    room = store.load(folder)
    due = dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")
    extensions = (Extension("eve", None, 3, "illness", 2), Extension("dan", None, 1, "a conference", 3))
    balances = (Balance("bob", 3, 2), Balance("dan", 0, 3))
    allowances.write(room, LatePolicy(LateRules(due=due, penalty_per_day=0.1), extensions, balances))
    part = written_part.of_class(room, folder / "written.csv")
    grades.write(grades.read(room, "Homework", part), room)
    report.write(room, folder / "report.html", assignment, part)
    if browsing.CHROMIUM is None:
        pytest.skip("no Chromium")
    with browsing.browser() as context:
        opened = context.new_page()
        opened.file = (folder / "report.html").as_uri()
        yield opened


#: A question, where is clicked, and what can be read then: the people listed, or a text.
QUESTIONS = [
    ("Who lost 9.1?", ["#items [data-test='9.1'] .who"], ["Cy", "Dan", "Eve", "Fay", GREEK]),
    ("What were they told?", ["#items [data-test='9.1'] .who"], "#people: Look at test 9.1."),
    ("Who is late?", [".chips >> text=late"], ["Bob", "Dan"]),
    ("Who is the latest?", ["#people thead >> text=late"], "#people tbody tr >> nth=0: Dan"),
    ("What did the median student miss?", ["[data-figure=median] a"], "#seen: Test 9.1"),
    ("Which two are alike?", ["nav >> text=To look at"], ".pair > summary: Eve (handed in as eve) and Fay"),
    ("What do they share?", [".pair summary >> nth=0"], ".pair .sides >> nth=0: y = 2"),
    ("What do both files look like?", [".pair > summary", ".pair .whole summary"], ".whole .sides: Eve, a.py"),
    ("Who has no written part?", [".chips >> text=no written part"], ["Dan", "Eve", "Fay", "Gus"]),
    ("Who has the best written part?", ["#people thead >> text=written"], "#people tbody tr >> nth=0: Bob"),
    ("Who handed in nothing?", [".chips >> text=nothing handed in"], ["Gus"]),
    ("Which test is the hardest?", ["#items thead >> text=passed"] * 2, "#items tbody tr >> nth=0: Test 9.1"),
    ("Which test tells least?", ["#items thead >> text=discrimination"] * 2, "#items tbody tr >> nth=0: Test"),
    ("What is the commonest mistake, and who made it?", [".mistake >> nth=0"], ["Eve", "Fay", GREEK]),
    ("Who is flagged?", [".chips >> text=flagged"], ["Cy"]),
    ("Who brought a library along?", [".chips >> text=library"], ["Cy"]),
    ("Whose points were changed by hand?", [".chips >> text=changed by hand"], ["Ada"]),
    ("Why were they changed?", [".chips >> text=changed by hand"], "#people td.told >> nth=0: of 3 points. Seen."),
    ("Is that seen on her page?", ["#people >> text=Ada"], "#about .changed: 1 instead of 3 points. Seen."),
    ("Why did Ada lose 3.5?", ["#items [data-test='3.5'] .who"], "#people td.told >> nth=0: Seen."),
    ("Who has an extension?", [".chips >> text=/^extension/"], ["Dan", "Eve"]),
    ("And why?", [".chips >> text=/^extension/"], "#people tbody tr:not([hidden]) >> nth=1: illness"),
    ("Who is in time only by it?", [".chips >> text=in time by"], ["Eve"]),
    ("Who used late days?", [".chips >> text=late days used"], ["Bob"]),
    ("Who has most left?", ["#people thead >> text=late days left"], "#people tbody tr >> nth=0: 2 (1 used)"),
    ("What is said of Eve?", ["#people >> text=Eve"], "#about: illness. In time only by it."),
    ("What has each of a group in the written part?", ["#people >> text=Fay"], "#about: Παπαδόπουλος 7"),
    ("Who has most points?", ["#people thead >> text=score"], "#people tbody tr >> nth=0: Ada"),
    ("Who has fewest?", ["#people thead >> text=score"] * 2, "#people tbody tr >> nth=0: Gus"),
    ("Who handed in more than once?", ["#tries .chips button"], ["Cy"]),
    ("What does nobody fix?", ["nav >> text=Tries"], "#steps tbody tr >> nth=0: Test 9.1"),
    ("Who fixed 3.5?", ["#steps [data-test='3.5'] .who"], ["Cy"]),
    ("What did Cy lose, and at what did he improve?", ["#people >> text=Cy"], "#about: 4 → 7 points"),
    ("Whose training was weakest?", [".multiples a >> nth=0"], "#h-student: Cy"),
    ("Who took longest?", ["nav >> text=To look at"], ".slow li >> nth=0: Fay"),
]  # fmt: skip


@pytest.mark.parametrize(("clicks", "answer"), [q[1:] for q in QUESTIONS], ids=[q[0] for q in QUESTIONS])
def test_a_question_is_answered_in_two_clicks(page, clicks, answer):
    page.goto("about:blank")
    page.goto(page.file)
    assert len(clicks) <= 2
    for click in clicks:
        page.locator(click).first.click()
    # A link to a part of the page is followed after the click has returned: each reading waits for its answer.
    if isinstance(answer, list):
        expect(page.locator("#people tbody tr:not([hidden]) th")).to_have_text(answer, use_inner_text=True)
        expect(page.locator("#shown")).to_have_text(re.compile(f"^{len(answer)} student"))
    else:
        place, _, text = answer.partition(": ")
        expect(page.locator(place)).to_contain_text(text, use_inner_text=True)


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("παπαδοπουλοσ", [GREEK]),
        ("ΠΑΠΑΔΌΠΟΥΛΟΣ", [GREEK]),
        ("illness", ["Eve"]),
        ("extension", ["Dan", "Eve"]),
        ("seen.", ["Ada"]),
    ],
)
def test_what_people_wrote_and_names_in_any_letters_are_found(page, typed, found):
    page.goto("about:blank")
    page.goto(page.file)
    page.fill("#search", typed)
    expect(page.locator("#people tbody tr:not([hidden]) th")).to_have_text(found, use_inner_text=True)


def test_a_filter_and_a_search_together_say_that_both_hold(page):
    page.goto("about:blank")
    page.goto(page.file)
    shown = page.locator("#shown")
    page.click(".chips >> text=changed by hand")
    expect(shown).to_have_text("1 student who has points that were changed by hand")
    page.fill("#search", "bob")
    expect(shown).to_have_text("0 of 1 student who has points that were changed by hand match “bob”")
    page.click("#items [data-test='9.1'] .who")
    page.fill("#search", "cy")
    expect(shown).to_have_text("1 of 5 students who lost points in 9.1 matches “cy”")
