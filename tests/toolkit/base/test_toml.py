"""A key that nobody reads is refused: a misspelt one must not count as one that was left out."""

from pathlib import Path

import pytest

from autograder.base.errors import AssignmentError
from autograder.base.toml import Table, open_toml

FILE = Path("course.toml")


def top(**content):
    return Table(FILE, "", content)


def refusal(table):
    with pytest.raises(AssignmentError) as caught:
        table.refuse_unknown()
    return str(caught.value)


def test_a_table_without_a_strange_key_is_accepted():
    table = top(name="K-means", part="written")
    table.get("name", str)
    assert "part" in table
    table.refuse_unknown()


def test_the_nearest_key_is_suggested_and_all_that_can_stand_there_are_listed():
    table = top(limits={"secnds": 5}).table("limits")
    assert "seconds" not in table
    assert "files" not in table
    assert refusal(table) == (
        "course.toml: [limits] secnds is not known; did you mean seconds? There can be files, seconds"
    )


def test_a_key_that_is_like_no_other_gets_no_suggestion():
    table = top(colour="red")
    assert "name" not in table
    assert refusal(table) == "course.toml: colour is not known; there can be name"


def test_one_call_looks_into_every_table_that_was_opened():
    table = top(question=[{"id": "first", "field": [{"nme": "x"}]}], limits={})
    for question in table.tables("question"):
        question.get("id", str)
        for field in question.tables("field"):
            assert "name" not in field
    table.table("limits")
    assert "[question first field 1] nme is not known; did you mean name?" in refusal(table)


def test_a_table_that_nobody_opened_is_named_as_one():
    table = top(lates={"days": 1})
    assert "late" not in table
    assert "the table [lates] is not known; did you mean late?" in refusal(table)


def test_all_strange_keys_are_named_at_once():
    assert refusal(top(one=1, two=2)).count("is not known; there can be nothing") == 2


def test_names_of_somebodys_choosing_are_all_known():
    table = top(signs={"a.py": "x", "b.py": "y"}).table("signs")
    assert list(table.names()) == ["a.py", "b.py"]
    table.refuse_unknown()


def test_a_key_is_asked_for_in_a_table_that_is_laid_over_another():
    tables = top(old={"call": "forward"}, new={"like": "old", "cal": "call"})
    assert "like" in tables.table("new")
    merged = tables.table("new").over(tables.table("old"))
    assert merged.get("call", str) == "forward"
    assert "[new] cal is not known; did you mean call?" in refusal(tables)


def test_a_missing_key_says_what_may_be_meant_for_it():
    with pytest.raises(
        AssignmentError, match=r"points is missing; expected a number\. There is pionts: is it points\?"
    ):
        top(pionts=3).get("points", float)


@pytest.mark.parametrize(("kind", "value"), [(bool, 1), (int, True), (float, True), (str, True)])
def test_true_is_no_number_and_one_is_not_true(kind, value):
    with pytest.raises(AssignmentError, match="must be"):
        top(key=value).get("key", kind)


def test_a_file_is_read_from_its_top(tmp_path):
    (tmp_path / "course.toml").write_text('name = "K-means"\n')
    assert open_toml(tmp_path / "course.toml").get("name", str) == "K-means"
