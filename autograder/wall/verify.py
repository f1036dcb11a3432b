"""Whether the wall stands on this machine: tried by a dummy worker, before anything of a submission runs."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from autograder.assignment.config import Assignment
from autograder.base.errors import IsolationError
from autograder.base.gradescope import HOME
from autograder.guest.wire import Text
from autograder.wall.readable import importable_modules
from autograder.wall.request import Ending, Request, WorkerLimits
from autograder.wall.sandbox import Sandbox

#: How the attempts begin that only a root of one's own stops.
SEE = "see that there is "
#: What to do where a worker cannot import what every submission may.
READABLE = (
    "A worker runs as another user: install Python and its packages where every user can read them, outside of a "
    f"private folder such as /root (this is {sys.executable}), as setup.sh does."
)
_NAMED = 3  # modules
_LIMITS = WorkerLimits(seconds=20, memory_bytes=2**30, answer_bytes=2**20)


def verify(sandbox: Sandbox, assignment: Assignment, results: Path) -> dict[str, str]:
    """Have a worker without a submission try each forbidden action; returns the layers of its lock-down.

    Raises IsolationError if the worker could do a forbidden thing, or could not import the standard library or NumPy.
    The error says what to do about it.
    """
    achieved = layers(sandbox)
    unreadable = secrets(assignment, results)
    if achieved.get("landlock") == "on":
        # Without Landlock another user reads what the system shows to all; it holds nothing of the grader's.
        unreadable.append(Path("/etc/passwd"))
    held = attempts(sandbox, unreadable)
    # A worker without a root of its own sees that a file is there, and cannot read it.
    wanted = "" if achieved.get("own root") == "on" else SEE
    broken = [name for name, stopped in held.items() if not stopped and not (wanted and name.startswith(wanted))]
    if broken:
        raise IsolationError(
            f"The wall does not stand on this machine: a worker could {', '.join(broken)}. Nothing of the submission "
            "was run. Run as root or on a kernel with Landlock, and keep the grader's folders closed (chmod 700)."
        )
    if missing := unimportable(sandbox):
        raise IsolationError(f"{missing} Nothing of the submission was run. {READABLE}")
    return achieved


def unimportable(sandbox: Sandbox) -> str:
    """Return which modules of the standard library and of NumPy a worker cannot import, a sentence; "" where none.

    This process may read more than a worker, which is another user where the grader runs as root.
    """
    answer = _ask(sandbox, "isolation.unimportable", {"names": list(importable_modules())})
    missing = [f"{name} ({why.text})" for name, why in answer.items() if isinstance(why, Text)]
    if not missing:
        return ""
    more = " and others" if len(missing) > _NAMED else ""
    return f"Submissions cannot import what Python has on this machine: {', '.join(missing[:_NAMED])}{more}."


def layers(sandbox: Sandbox) -> dict[str, str]:
    """Return what a worker's lock-down says that it achieved: for each layer "on", or "absent: " and why."""
    answer = _ask(sandbox, "isolation.layers", {})
    return {name: value.text for name, value in answer.items() if isinstance(value, Text)}


def secrets(assignment: Assignment, results: Path) -> list[Path]:
    """Files that no worker may read: one of each kind that is there."""
    candidates = [
        *sorted(assignment.reference.glob(f"{assignment.homework.package}/*.py"))[:2],
        *sorted(assignment.hidden_tests.glob("test_*.py"))[:1],
        *(assignment.root / name for name in ("assignment.toml", "written.toml")),
        assignment.reference / "conceptual" / "answers.toml",
        results,
        HOME / "submission_metadata.json",
        *assignment.homework.data_files(str(assignment.homework.default_data() or ""))[-1:],
    ]
    return [path.absolute() for path in candidates if path.is_file()]


def attempts(sandbox: Sandbox, unreadable: list[Path]) -> dict[str, bool]:
    """Return each forbidden action, and whether the wall stopped it."""
    with _folder() as folder:
        # Python, and no /bin/sleep: a machine need not have one.
        decoy = subprocess.Popen([sys.executable, "-I", "-S", "-c", "import time; time.sleep(60)"])
        try:
            inputs = {"secrets": [str(path) for path in unreadable], "folder": folder, "decoy": np.array(decoy.pid)}
            answer = _ask(sandbox, "isolation.forbidden", inputs)
        finally:
            decoy.kill()
            decoy.wait()
    named = {f"read secret {number}": f"read {path}" for number, path in enumerate(unreadable)}
    named |= {f"see secret {number}": f"{SEE}{path}" for number, path in enumerate(unreadable)}
    return {named.get(name, name): not bool(value) for name, value in answer.items()}


@contextmanager
def _folder() -> Iterator[str]:
    """Make a folder open to all; where the machine has no room for one, give a name that is not there."""
    try:
        made = tempfile.TemporaryDirectory(prefix="autograder-")
    except OSError:
        yield "/nonexistent"
        return
    with made as folder:
        os.chmod(folder, 0o777)  # noqa: S103, PTH101  open on purpose: only the wall may stop the worker
        yield folder


def _ask(sandbox: Sandbox, probe: str, inputs: Mapping[str, Any]) -> dict[str, object]:
    request = Request(probe=probe, inputs=inputs, sources={}, given={}, edition={}, seed=0)
    outcome = sandbox.run(request, _LIMITS)
    if outcome.ending is not Ending.ANSWERED:
        raise IsolationError(
            f"The worker that tries the wall gave no answer: it {outcome.ending.value} {outcome.detail}."
        )
    return dict(outcome.answer)
