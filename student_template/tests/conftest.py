"""Lets the tests find your files, whatever folder pytest is started from."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))


def pytest_configure(config):
    """Show the failing lines and the error, unless the command line asks for something else."""
    if config.option.tbstyle == "auto":
        config.option.tbstyle = "short"
