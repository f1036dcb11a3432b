"""Lets the tests find your files, whatever folder pytest is started from."""

import importlib.util
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
