"""The check of results.json takes what Gradescope takes, and names what it would not."""

import json

import pytest

from autograder.results.gradescope_contract import problems

WHOLE = {
    "score": 1.5,
    "execution_time": 2,
    "output": "é",
    "output_format": "md",
    "visibility": "after_due_date",
    "extra_data": {"any": [None, {}]},
    "tests": [{"name": "a", "score": 1, "max_score": 2, "status": "failed", "number": "1.10", "tags": ["x"]}, {}],
    "leaderboard": [{"name": "accuracy", "value": 0.9, "order": "asc"}, {"name": "who", "value": "me"}],
}


def packed(**changes):
    return json.dumps(WHOLE | changes).encode()


def test_a_whole_document_has_no_problem():
    assert problems(packed()) == []


@pytest.mark.parametrize("content", [b'{"score": 0}', b'{"tests": [{"score": 0}]}'])
def test_a_score_of_the_whole_or_of_one_test_is_enough(content):
    assert problems(content) == []


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "strict JSON"),
        (b"[]", "expected an object"),
        (b'{"tests": []}', "no score"),
        (b'{"score": NaN}', "NaN"),
        (b'{"score": 1e999}', "finite number"),
        (b'{"score": 1, "score": 2}', "twice"),
        (b'{"score": "1"}', "score"),
        (b'{"score": true}', "score"),
        (b'{"score": 1}\r\n', "\\r"),
        (b'{"score": 1, "output": "\xff"}', "utf-8"),
        (b'{"score": 1, "output": "\\ud800"}', "surrogate"),
        (b"[" * 10**6, "strict JSON"),
        (packed(output_format="markdown"), "output_format"),
        (packed(visibility="secret"), "visibility"),
        (packed(stdout="x"), "stdout is no key"),
        (packed(execution_time="2"), "execution_time"),
        (packed(tests=[{"status": "error"}]), "tests[0].status"),
        (packed(tests=[{"number": 1.1}]), "tests[0].number"),
        (packed(tests={}), "tests"),
        (packed(leaderboard=[{"name": "x"}]), "leaderboard[0].value is missing"),
    ],
)
def test_what_gradescope_would_not_take_is_named(content, said):
    assert any(said in problem for problem in problems(content))
