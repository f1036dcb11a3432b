"""What a submission's files refer to: read, never run."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from .. import source
from ..outline import outline


def read(api: Any, paths: list[str], main_runs: bool) -> Iterator[dict[str, Any]]:
    """For every file of `paths`, none of which is run: names and marks with their lines, and the first opaque line.

    main_runs: whether main blocks run, too, since a file of the submission opens them.
    """
    for path in paths:
        package = path.rpartition("/")[0].replace("/", ".")
        problem, facts = "", source.Facts()
        try:
            if len(api.sources[path]) > source.MOST_BYTES:
                problem = f"it is larger than {source.MOST_BYTES // 2**20} MiB"
            else:
                facts = source.inspect(api.sources[path], package, main_runs=main_runs)
        except (SyntaxError, ValueError):
            pass  # no Python: it cannot be loaded either, and the row that needs it says so
        except (RecursionError, MemoryError):
            problem = "it is too long or too deeply nested to be read"
        if facts.crowded:
            problem = "it refers to too many names"
        yield {
            "names": list(facts.names),
            "used": np.array([name in facts.used for name in facts.names], dtype=np.bool_),
            "binds": facts.binds,
            "defines": facts.defines,
            "name lines": np.array(list(facts.names.values()), dtype=np.int64),
            "marks": list(facts.marks),
            "mark lines": np.array(list(facts.marks.values()), dtype=np.int64),
            "opaque": facts.opaque,
            "opens main blocks": facts.opens_main_blocks,
            "problem": problem,
        }


def outline_files(api: Any, paths: list[str]) -> Iterator[dict[str, Any]]:
    """For every file of `paths`, none of which is run: what it defines, and what of that is still to be written."""
    for path in paths:
        problem, found = "", []
        try:
            if len(api.sources[path]) > source.MOST_BYTES:
                problem = f"it is larger than {source.MOST_BYTES // 2**20} MiB"
            else:
                found = outline(api.sources[path])
        except (SyntaxError, ValueError):
            problem = "it is no Python"
        except (RecursionError, MemoryError):
            problem = "it is too long or too deeply nested to be read"
        yield {
            "names": [definition.name for definition in found],
            "parameters": [definition.parameters for definition in found],
            "to do": np.array([definition.to_do for definition in found], dtype=np.bool_),
            "problem": problem,
        }
