"""Prints, after the attacks, how many of each class were tried and held."""

import os

import pytest

from .case import KINDS
from .runner import TALLY, Site


@pytest.fixture(scope="session", params=["root", "unprivileged"])
def site(request):
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("only root can drop to another user")
    place = Site(request.param)
    yield place
    place.close()


def pytest_terminal_summary(terminalreporter):
    for mode in ("root", "unprivileged"):
        if not any(entry[0] == mode for entry in TALLY):
            continue
        terminalreporter.section(f"attacks, {mode}")
        terminalreporter.write_line(f"{'class':<12}{'cases':>7}{'held':>7}{'skipped':>9}")
        for kind in KINDS:
            counts = [TALLY[mode, kind, column] for column in ("cases", "held", "skipped")]
            terminalreporter.write_line(f"{kind:<12}{counts[0]:>7}{counts[1]:>7}{counts[2]:>9}")
