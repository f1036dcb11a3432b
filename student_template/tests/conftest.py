"""Lets the tests find your files, whatever folder pytest is started from, and says what is behind an exception."""

import importlib.util
import random
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def pytest_configure(config):
    """Show the failing lines and the error, unless the command line asks for something else."""
    if importlib.util.find_spec("numpy") is None:
        raise pytest.UsageError(f"NumPy is missing in this Python, {sys.executable}. Type: python -m pip install numpy")
    if config.option.tbstyle == "auto":
        config.option.tbstyle = "short"
    config.option.continue_on_collection_errors = True


@pytest.fixture(autouse=True)
def _start_from_the_same_seed():
    """Let whatever is drawn at random be the same in every run."""
    import numpy as np

    random.seed(0)
    np.random.seed(0)


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem):
    """Run a test. What your code raises is replaced by what is behind it, where that is known."""
    __tracebackhide__ = True
    from tests.causes import explain

    arguments = {name: pyfuncitem.funcargs[name] for name in pyfuncitem._fixtureinfo.argnames}
    try:
        pyfuncitem.obj(**arguments)
    except (Exception, SystemExit) as error:
        better = explain(error)
        if better is error:
            raise
        raise better from None
    finally:
        was_left = end_recording()
    assert not was_left, (
        "a GradientTape is still recording: your code entered one, and did not leave it. Every layer's call is recorded from then "
        "on, and no other tape can begin. `with GradientTape() as tape:` leaves it by itself."
    )
    return True


def end_recording():
    """Have no tape record any more; return whether one did, which would be in the way of every later test."""
    diffable = getattr(sys.modules.get("beras.core"), "Diffable", None)
    if getattr(diffable, "gradient_tape", None) is None:
        return False
    diffable.gradient_tape = None
    return True


def pytest_terminal_summary(terminalreporter):
    """Name the mistakes that can be read in your files, such as a missing `return`: what a test says follows from them."""
    from tests.causes import find_notes

    if terminalreporter.stats.get("failed") or terminalreporter.stats.get("error"):
        for sentence in find_notes():
            terminalreporter.write_line(f"note: {sentence}")
