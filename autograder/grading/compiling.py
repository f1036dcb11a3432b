"""Compile a submission's files once, in a worker that runs none of them, for all workers that come after it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from autograder.grading.asker import Asker
from autograder.guest import wire
from autograder.guest.probes import modules
from autograder.wall.request import Ending, WorkerLimits

_LIMITS: Final = WorkerLimits(seconds=5.0, memory_bytes=2**30, answer_bytes=4 * 2**20)


def compile_files(asker: Asker) -> Mapping[str, bytes]:
    """Return the marshalled code of the submission's files by path; of none where the worker that compiles them fails.

    To this side it is just bytes, and nobody may open them here. Workers of this very submission read them, and compile
    for themselves what is not there or cannot be read. The handout's own files the zygote has compiled.
    """
    files, handout = asker.run.submission.files, asker.run.handout
    paths = [path for path, text in files.items() if path.endswith(".py") and handout.get(path) != text]
    request = asker.request(modules.compile_sources, {"paths": paths}, 0, notices=False)
    outcome = asker.finish(asker.begin(request, _LIMITS))
    code = outcome.answer.get("code") if outcome.ending is Ending.ANSWERED else None
    if not isinstance(code, dict):
        return {}
    return wire.Encoded({path: piece for path, piece in code.items() if path in files and isinstance(piece, bytes)})
