"""Lets staff run these tests with pytest: see docs/how-to/try-hidden-tests.md. Grading does not need it."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from autograder.cli.pytest_plugin import (  # noqa: F401  the path comes first; pytest looks for these names
    pytest_addoption,
    pytest_configure,
    pytest_pycollect_makemodule,
    pytest_report_header,
)
