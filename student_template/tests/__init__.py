"""The public tests: run `pytest` in the folder above."""

import sys

# A file of yours may be called as a module of Python or NumPy is. Then those that they need are loaded before it is found.
_HOMEWORK = __file__.replace("\\", "/").rsplit("/", 2)[0]
_PATH = list(sys.path)
sys.path[:] = [place for place in sys.path if place.replace("\\", "/") not in ("", ".", _HOMEWORK)]
try:
    import argparse
    import difflib
    import importlib.util
    import json
    import tokenize
    import traceback
    import zipfile

    import numpy.random  # noqa: F401
except ImportError:  # conftest.py and gradient_check.py say what is missing
    pass
finally:
    sys.path[:] = _PATH
