"""No regular expression of the project takes more than its share of time, whatever a student writes.

A search never gives Python back before it has ended, so one bad expression hangs a grading. Where this fails for an
expression of yours: anchor its beginning, bound its repeats (`{0,40}`), or put between two repeats what neither takes.
Where its text is short whatever a student does, say so in `BOUNDED`.
"""

import json
import re
import subprocess
import sys
from dataclasses import replace

import pytest

from autograder.assignment import config
from autograder.base import searching
from autograder.feedback import messages
from autograder.written import answers, questions, shapes
from autograder.written.labels import Labels
from tests.toolkit.base import backtracking
from tests.toolkit.base.backtracking import Expression
from tests.toolkit.base.patterns import ROOT, Pattern, collect

LENGTH = 50_000  # characters that an expression may meet, where nothing bounds them
MOST = 1e9  # steps of `re`, reckoned too high where repeats are bounded; of a quadratic expression more
SECONDS = 2.0  # of processor time, for a text that takes milliseconds where an expression is linear

NAME = 255  # bytes of a file's name, on any disk
# Of a module, or of one constant or function in it: the longest text that its expressions meet, and who sees to that.
ANSWER = "a result has at most answers._LONGEST characters; a longer one goes to a person"
BOUNDED = {
    "autograder/written/answers.py": (answers._LONGEST, ANSWER),
    "autograder/written/phrasing.py": (answers._LONGEST, ANSWER),
    "autograder/written/expressions.py": (answers._LONGEST, ANSWER),
    "autograder/written/shapes.py": (shapes._LONGEST, "parse_shape refuses a longer text"),
    "autograder/written/markdown_latex.py:_FORMULA": (4000, "texts of the course's own written.toml"),
    "autograder/feedback/messages.py:inert_libraries": (searching.LONGEST_LINE, "the line comes from line_to_search"),
    "autograder/feedback/messages.py:_OF_A_DEBUGGER": (messages._LONGEST_LINE, "append_printed cuts every line"),
    **{
        f"autograder/classroom/sources/{platform}.py:{name}": (NAME, "names of files and folders on a disk")
        for platform, names in {
            "blackboard": ("_NAMED",),
            "brightspace": ("_NAMED", "_NUMBERLESS", "_LONGEST_NAME"),
            "canvas": ("_NAMED", "_SPLIT"),
            "moodle": ("_NAMED", "_FOLDER"),
            "sakai": ("_LOOSE",),
        }.items()
        for name in names
    },
}
# They are matched where a command of LaTeX ends, so no two begin within the same blanks.
BEHIND_A_COMMAND = {f"autograder/written/latex_source.py:{name}" for name in ("_NAME", "_COUNT", "_INCLUDED")}
# What only the running program knows, by its module, its function and what is written there.
BUILT = {
    ("autograder/assignment/variants.py", "_without_companions", "method"),  # of the reference
    ("autograder/assignment/signs.py", "parse", "pattern"),
    ("autograder/assignment/signs.py", "is_found", "pattern"),
    ("autograder/written/vocabulary.py", "_phrase_pattern", "before + joined + after"),  # a course's own phrases
}


def key(pattern):
    return f"{pattern.module}:{pattern.name}"


def bound(pattern):
    """The longest text that a pattern meets."""
    return BOUNDED.get(key(pattern), BOUNDED.get(pattern.module, (LENGTH, "")))[0]


@pytest.fixture(scope="module")
def collected():
    return collect()


@pytest.fixture(scope="module")
def patterns(collected):
    known = [one for one in collected if one.pattern is not None]
    return [replace(one, restarts=False) if key(one) in BEHIND_A_COMMAND else one for one in known] + built()


def built():
    """Expressions as the running program puts them together."""
    written = questions.load(ROOT)
    labels = [Labels(written, [], [], has_metadata=False, is_pdf=is_pdf) for is_pdf in (False, True)]
    return [
        *(
            Pattern("autograder/assignment/signs.py", 0, "is_found", "", one, 0, restarts=True, whole=False)
            for edition in config.load().editions.values()
            for sign in edition.signs.values()
            for one in (*sign.there, *sign.missing)
        ),
        *(
            Pattern(
                "autograder/written/labels.py", 0, "Labels", "", one.pattern, one.flags, restarts=False, whole=False
            )
            for each in labels
            for one in (each.end, each.answer, each.question, each.bare)
        ),
        Pattern(
            "autograder/written/expressions.py", 0, "with_spellings", "", r"d\s*_\s*[{(]\s*j\s*[)}]", 0, True, False
        ),
    ]


def work(pattern, length=0):
    expression = Expression(pattern.pattern, pattern.flags, restarts=pattern.restarts, whole=pattern.whole)
    return expression.work(length or bound(pattern))


def search_hard_texts(patterns):
    """Search hard texts for each in a process of its own; the one that ended it, or None."""
    listed = [
        [
            pattern.pattern.decode("latin-1") if isinstance(pattern.pattern, bytes) else pattern.pattern,
            pattern.flags,
            isinstance(pattern.pattern, bytes),
            pattern.restarts,
            pattern.whole,
            bound(pattern),
        ]
        for pattern in patterns
    ]
    ended = subprocess.run(
        [sys.executable, backtracking.__file__, str(SECONDS)],
        input=json.dumps(listed),
        capture_output=True,
        text=True,
        check=False,
    )
    assert not ended.stderr
    return patterns[int(ended.stdout.split()[-1])] if ended.returncode else None


def test_no_expression_takes_more_than_its_share(patterns):
    bad = {str(pattern): steps for pattern in patterns if (steps := work(pattern)) > MOST}
    assert not bad, "\n".join(f"about {steps:.0e} steps: {where}" for where, steps in bad.items())


def test_texts_made_to_be_hard_are_searched_in_a_moment(patterns):
    assert search_hard_texts(patterns) is None


def test_what_only_the_running_program_knows_is_listed(collected):
    assert {(one.module, one.name, one.source) for one in collected if one.pattern is None} == BUILT


def test_what_is_said_of_a_bounded_text_is_said_of_a_bad_expression(patterns):
    """A line here that nothing needs is one that hides the next bad expression."""
    needed = {where for one in patterns if one_needs_its_bound(one) for where in (one.module, key(one))}
    assert BOUNDED.keys() <= needed
    assert {key(one) for one in patterns} >= BEHIND_A_COMMAND


def one_needs_its_bound(pattern):
    return bound(pattern) < LENGTH and work(pattern, LENGTH) > MOST


def made(expression, flags=0, *, restarts=True, whole=False):
    return Pattern("", 0, "", "", expression, flags, restarts, whole)


BAD = [
    made(r"\s+$"),
    made(r'[^"]*x'),
    made(r".*foo"),
    made(r"\d+\b"),
    made(r"(?<=x)\w+y"),
    made(r"(?=.*x)a"),
    made(r"a(?:[ax]*y)?"),
    made(r"^\s*x", re.MULTILINE),
    made(rb"\s+\Z"),
    made(r"\s*,?\s*x", restarts=False),
    made(r"(?:,\s*\w*)+!"),
    made(r"(.*?)_(\d+)_(.+)", whole=True),
    made(r"\s{0,300}-?\s{0,300}x"),
    made(r"(a+)+b", restarts=False),
    made(r"(?:a*)*b", restarts=False),
    made(r"(?:\w+\s*)*x", restarts=False),
    made(r"(?:a|[ab]x?)*c", restarts=False),
    made(r"(?:[ \t]*(?:#[^\n]*)?\r?\n)*x", restarts=False),
]
GOOD = [
    made(r"\w+"),
    made(r"\b\w+\b"),
    made(r"(?<!\s)\s+$"),
    made(r"^\s*x"),
    made(r"^[ \t]*x", re.MULTILINE),
    made(r".*foo", restarts=False),
    made(r"x[^y]{0,300}y"),
    made(r"(?:\w+\s+)*x", restarts=False),
    made(r"(?:,\s*\w+)*"),
    made(r'"(?:\\.|[^"\\])*"', restarts=False),
    made(r"(?:[ \t]*(?:#[^\n]*|\r)?\n)*x", restarts=False),
]


@pytest.mark.parametrize("pattern", BAD, ids=lambda one: one.pattern)
def test_a_bad_expression_is_told(pattern):
    assert work(pattern) > MOST


@pytest.mark.parametrize("pattern", GOOD, ids=lambda one: one.pattern)
def test_an_expression_that_is_linear_is_not_called_bad(pattern):
    assert work(pattern) <= MOST


@pytest.mark.parametrize("pattern", [made(r"\d+\b"), made(r"(a+)+b", restarts=False)], ids=lambda one: one.pattern)
def test_hard_texts_show_a_bad_expression(pattern):
    assert search_hard_texts([*GOOD, pattern, *GOOD]) == pattern
