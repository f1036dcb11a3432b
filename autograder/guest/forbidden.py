"""Note each import of a library that does the homework's job. The submission gets an inert stand-in for it."""

from __future__ import annotations

import re
import sys
from collections.abc import Collection
from importlib.machinery import ModuleSpec
from typing import Final

MOST_NOTED: Final = 20
# The names under which TensorFlow shows the same parts again.
_DETOURS: Final = re.compile(r"^(?:tensorflow\.(?:python|_api\.v2|compat\.v[12])\.(?=\w)|tf_keras(?=\.|$))")


def canonical(name: str) -> str:
    """Return `keras.layers` for `tensorflow.python.keras.layers`, and likewise for TensorFlow's other detours."""
    name = _DETOURS.sub(lambda found: "keras" if found.group() == "tf_keras" else "tensorflow.", name)
    return name.removeprefix("tensorflow.") if name.startswith("tensorflow.keras") else name


def entry_of(name: str, forbidden: Collection[str]) -> str:
    """Return the entry of `forbidden` that the dotted `name` is or lies in, or nothing."""
    name = canonical(name)
    parts = name.split(".")
    beginnings = {".".join(parts[:length]) for length in range(1, len(parts) + 1)}
    return next((entry for entry in sorted(forbidden) if entry in beginnings), "")


class Refusal:
    """Stands before every other finder but the submission's own. `noted`: the line by what was asked for and file."""

    def __init__(self, forbidden: Collection[str], files: Collection[str]) -> None:
        self.forbidden, self.files = frozenset(forbidden), files
        self.noted: dict[tuple[str, str], int] = {}

    def find_spec(self, name: str, _path: object = None, _target: object = None) -> ModuleSpec | None:
        """Find nothing: a stand-in is found after it."""
        self.note(name)
        return None

    def note(self, name: str) -> None:
        """Write `name` down if it is forbidden, with the line of the submission that asks for it."""
        if len(self.noted) >= MOST_NOTED or not entry_of(name, self.forbidden):
            return
        frame = sys._getframe(1)  # noqa: SLF001  there is no other way to the line that imports
        while frame is not None:
            if frame.f_code.co_filename in self.files:
                self.noted.setdefault((name, frame.f_code.co_filename), frame.f_lineno)
                return
            frame = frame.f_back  # type: ignore[assignment]
