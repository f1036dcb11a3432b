"""Whether a submission's files can be loaded at all."""

from __future__ import annotations

from typing import Any


def load(beras: Any, name: str) -> dict[str, Any]:
    """Load the module `name` (`beras.layers`, `assignment`)."""
    getattr(beras, name.removeprefix("beras."))
    return {}


def load_all(beras: Any, names: list[str]) -> dict[str, Any]:
    """Load the modules `names`, one after the other; raises with the first that cannot be loaded."""
    for name in names:
        load(beras, name)
    return {}
