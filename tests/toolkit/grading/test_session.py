"""pytest runs the hidden tests of a grading, in their order, and nothing else."""

from types import SimpleNamespace

import pytest

from autograder.grading.session import run_tests


def hidden(*numbers):
    return [SimpleNamespace(number=number, node=f"test_x.py::test_{number}", tags=()) for number in numbers]


def row(test, following):
    return SimpleNamespace(number=test.number, passed=test.number != "2", following=following)


def test_each_test_is_run_once_in_its_order_and_knows_the_next():
    seen = []
    run_tests(hidden("1", "2", "3"), row, lambda row: seen.append(row) or False)
    assert [one.number for one in seen] == ["1", "2", "3"]
    assert [one.following.number if one.following else None for one in seen] == ["2", "3", None]


def test_a_row_that_is_enough_is_the_last():
    seen = []
    run_tests(hidden("1", "2", "3"), row, lambda row: seen.append(row.number) or row.number == "2")
    assert seen == ["1", "2"]


@pytest.mark.parametrize("error", [KeyboardInterrupt(), OSError(28, "No space left on device"), SystemExit(1)])
def test_what_is_raised_beside_a_test_reaches_the_caller_and_ends_the_session(error):
    seen = []

    def fail(row):
        seen.append(row.number)
        raise error

    with pytest.raises(type(error)):
        run_tests(hidden("1", "2"), row, fail)
    assert seen == ["1"]


def test_nobody_elses_settings_plugins_or_conftest_are_obeyed(tmp_path, monkeypatch):
    (tmp_path / "conftest.py").write_text("raise SystemExit('this was run')")
    (tmp_path / "pytest.ini").write_text("[pytest]\naddopts = --no-such-option\n")
    (tmp_path / "test_extra.py").write_text("raise SystemExit('this was collected')")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PYTEST_ADDOPTS", "--no-such-option")
    monkeypatch.setenv("PYTEST_PLUGINS", "no_such_plugin")
    seen = []
    run_tests(hidden("1"), row, lambda row: seen.append(row.number) or False)
    assert seen == ["1"]
