"""Whether a submission's files can be loaded at all."""

from __future__ import annotations

from typing import Any


def load(api: Any, name: str) -> dict[str, Any]:
    """Load the module `name` (`package.layers`, `assignment`)."""
    api.load(name)
    return {}


def load_all(api: Any, names: list[str]) -> dict[str, Any]:
    """Load the modules `names`, one after the other; raises with the first that cannot be loaded."""
    for name in names:
        load(api, name)
    return {}
