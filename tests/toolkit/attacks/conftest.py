"""The modes in which attacks are tried, and, after them, how many of each class were tried and held."""

import os
from collections import Counter

import pytest

from autograder.guest import landlock
from autograder.wall import docker, docker_rules

from .case import KINDS
from .runner import MODES, OWN_PEAKS, TALLY, Site

IN_CONTAINERS: set[str] = set()  # the modes that were tried in a real one


def pytest_addoption(parser):
    parser.addoption(
        "--docker",
        action="store_true",
        help="try every attack under Docker's rules, not one of a class; in a real container where a daemon answers",
    )
    parser.addoption("--every", type=int, default=1, metavar="N", help="try every N-th attack of each mode and class")


@pytest.fixture(scope="session", params=MODES)
def site(request):
    if request.param == "root" and os.geteuid() != 0:
        pytest.skip("only root can drop to another user")
    # A daemon's kernel is this machine's: whether it has Landlock is not to be chosen.
    has_landlock = landlock.why_absent() is None
    real = request.config.getoption("--docker", default=False) and docker.why_absent() is None
    daemon = real and request.param == ("docker" if has_landlock else "docker without Landlock")
    if request.param.startswith("docker") and not daemon and (absent := docker_rules.why_absent()):
        pytest.skip(absent)
    place = Site(request.param, daemon=daemon)
    if daemon:
        IN_CONTAINERS.add(request.param)
    yield place
    place.close()


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config, items):
    """Under Docker's rules one attack of each class is tried, unless all were asked for; of others every N-th."""
    every, places = config.getoption("--every", default=1), Counter()
    left_out = []
    for item in items if every > 1 else ():
        parameters = getattr(item, "callspec", None)
        if parameters and "case" in parameters.params:
            group = parameters.params.get("site"), parameters.params["case"].kind
            if places[group] % every:
                left_out.append(item)
            places[group] += 1
    items[:] = [item for item in items if item not in left_out]
    if config.getoption("--docker", default=False):
        return
    seen = set()
    left_out = []
    for item in items:
        parameters = getattr(item, "callspec", None)
        mode = parameters.params.get("site") if parameters else None
        if mode not in ("docker", "docker without Landlock"):
            continue
        case = parameters.params["case"]
        if case.not_tried(mode) or (mode, case.kind) in seen:
            left_out.append(item)
        else:
            seen.add((mode, case.kind))
    items[:] = [item for item in items if item not in left_out]


def pytest_terminal_summary(terminalreporter):
    for mode in MODES:
        if not any(entry[0] == mode for entry in TALLY):
            continue
        terminalreporter.section(f"attacks, {mode}{', in a real container' if mode in IN_CONTAINERS else ''}")
        terminalreporter.write_line(f"{'class':<12}{'cases':>7}{'held':>7}{'skipped':>9}")
        for kind in (*KINDS, "all"):
            counts = [
                sum(TALLY[mode, each, column] for each in KINDS if kind in (each, "all"))
                for column in ("cases", "held", "skipped")
            ]
            terminalreporter.write_line(f"{kind:<12}{counts[0]:>7}{counts[1]:>7}{counts[2]:>9}")
    if any(OWN_PEAKS):
        terminalreporter.write_line(f"most memory of a grader itself: {max(OWN_PEAKS) / 2**20:.0f} MiB")
