"""Whether a submission's files can be loaded at all, and their code."""

from __future__ import annotations

from typing import Any

from ..compiled import compile_all


def load(api: Any, name: str) -> dict[str, Any]:
    """Load the module `name` (`package.layers`, `assignment`)."""
    api.load(name)
    return {}


def load_all(api: Any, names: list[str]) -> dict[str, Any]:
    """Load the modules `names`, one after the other; raises with the first that cannot be loaded."""
    for name in names:
        load(api, name)
    return {}


def compile_sources(api: Any, paths: list[str]) -> dict[str, Any]:
    """Compile the files at `paths`, and run none of them: marshalled code by path, for other workers alone to read."""
    return {"code": compile_all({path: api.sources[path] for path in paths})}
