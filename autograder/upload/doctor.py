"""What this machine offers: each layer of the wall, tried by a dummy worker, and what grading needs besides."""

from __future__ import annotations

import datetime as dt
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib import metadata
from pathlib import Path

from autograder.assignment import template
from autograder.assignment.config import Assignment, spell_command
from autograder.base.errors import AutograderError
from autograder.base.machine import NO_LIMIT, allowed_memory, allowed_processors, group_files
from autograder.guest import lockdown
from autograder.results import lateness
from autograder.wall import verify
from autograder.wall.docker_rules import CAPABILITIES
from autograder.wall.sandbox import Sandbox

_LEAST_MEMORY_MB = 700  # Gradescope's smallest container has 768
_LEAST_DISK_MB = 50
_LEAST_CORES = 0.5  # Gradescope's smallest container
_PACKAGES = ("numpy", "pytest", "gradescope-utils")


@dataclass(frozen=True)
class Check:
    """One row: `wanted` is "must", "wanted" or "–"; `how` says how it was tried, `remedy` what to do about a lack."""

    layer: str
    wanted: str
    present: bool
    how: str
    remedy: str = ""

    @property
    def fails(self) -> bool:
        """Whether nothing can be graded before this is fixed."""
        return self.wanted == "must" and not self.present


def examine(assignment: Assignment, data_folder: Path | None = None) -> list[Check]:
    """Try everything; takes about a second. Never raises for what it finds: that is a row."""
    return [*_wall(assignment), *_environment(), *_material(assignment, data_folder), *_room(), *_container()]


def table(checks: list[Check]) -> list[tuple[str, str, str, str, str]]:
    """Return the rows to print: layer, wanted, present, how it was tried, remedy where there is a lack."""
    return [
        (check.layer, check.wanted, "yes" if check.present else "no", check.how, "" if check.present else check.remedy)
        for check in checks
    ]


def conclude(checks: list[Check]) -> list[str]:
    """Return what to do about each lack, and in the last line whether this machine can grade."""
    lines = [f"{check.layer}: {check.remedy}" for check in checks if not check.present and check.wanted != "–"]
    failing = [check.layer for check in checks if check.fails]
    if failing:
        return [*lines, f"This machine cannot grade safely. First put right: {', '.join(failing)}."]
    return [*lines, "This machine can grade safely."]


def as_json(checks: list[Check]) -> str:
    """Return the checks for a program: strict JSON, `ok` false where a layer that must be there is absent."""
    document = {"ok": not any(check.fails for check in checks), "checks": [asdict(check) for check in checks]}
    return json.dumps(document, indent=1, ensure_ascii=False, allow_nan=False)


def _wall(assignment: Assignment) -> Iterator[Check]:
    try:
        with Sandbox(assignment.homework_folder) as sandbox:
            offered = lockdown.available()
            required = set(sandbox.required_layers)
            layers = verify.layers(sandbox)
            for layer, state in layers.items():
                wanted = "must" if layer in required else "wanted"
                how = "a worker applied it" if state == "on" else state
                yield Check(layer, wanted, state == "on", how, _remedy(layer, offered))
            unreadable = verify.secrets(assignment, Path(os.devnull))
            for action, stopped in verify.attempts(sandbox, unreadable).items():
                remedy = "Run as root or on a kernel with Landlock, and close the grader's folders (chmod 700)."
                how = "a worker tried it in vain" if stopped else "a worker tried it, and could"
                must = "must" if layers.get("own root") == "on" or not action.startswith(verify.SEE) else "wanted"
                named = action.replace(f"{assignment.root}/", "")  # a row should be one line of a terminal
                yield Check(f"no worker can {named}", must, stopped, how, remedy)
            missing = verify.unimportable(sandbox)
            how = missing or "a worker looked for each module and opened its file"
            yield Check("a worker can import the library and NumPy", "must", not missing, how, verify.READABLE)
    except AutograderError as error:
        yield Check("a worker", "must", False, str(error), "Nothing of a submission is run before this is fixed.")


def _remedy(layer: str, offered: dict[str, str]) -> str:
    if layer in ("user", "bounding set"):
        return "Run as root: a worker then becomes a user of its own."
    if layer == "landlock":
        return f"Use Linux 5.13 or newer with Landlock in its list of security modules ({offered.get(layer, '')})."
    if layer == "seccomp":
        why = offered.get(layer, "")
        return f"Use x86_64 or aarch64 with system-call filters, and no image for another processor ({why})."
    if layer.startswith("own "):
        return "Run outside of a container, on a kernel that lets you have namespaces; elsewhere the wall does without."
    return "Grade on Linux, in the image that setup.sh makes."


def _environment() -> Iterator[Check]:
    for package in _PACKAGES:
        try:
            how, present = f"{package} {metadata.version(package)}", True
        except metadata.PackageNotFoundError:
            how, present = "not installed for this interpreter", False
        yield Check(package, "must", present, how, "Run setup.sh.")


def _material(assignment: Assignment, data_folder: Path | None) -> Iterator[Check]:
    if assignment.homework.data is not None:
        try:
            found = assignment.homework.data().load(data_folder)
            how, present = f"{found.name}; {found.source}", True
        except AutograderError as error:
            how, present = str(error), False
        yield Check("data to train on", "must", present, how, f"Run: {spell_command(assignment.root, 'fetch')}")
    drift = template.drift(assignment, assignment.template)
    how = f"{len(drift)} differences: {drift[0]}" if drift else "made anew and compared"
    remedy = f"Run: {spell_command(assignment.root, 'template')}"
    yield Check("a template that the reference makes", "wanted", not drift, how, remedy)
    try:
        penalty = lateness.load_late_policy(assignment, assignment.part).penalty_now(dt.datetime.now(dt.timezone.utc))
    except AutograderError as error:
        yield Check("the rules of late work", "wanted", False, str(error), "Correct the list that is named.")
        return
    if penalty is not None:
        remedy = "Set the dates of [due] in assignment.toml: everybody who hands in now gets 0."
        yield Check("the rules of late work", "wanted", not penalty.is_nothing_left, penalty.text, remedy)


def _room() -> Iterator[Check]:
    free = _free_memory_mb()
    how = "this platform does not say" if free is None else f"{free} MB are free"
    remedy = f"Grading wants {_LEAST_MEMORY_MB} MB: choose a larger container."
    yield Check("memory", "wanted" if free is not None else "–", free is None or free >= _LEAST_MEMORY_MB, how, remedy)
    folder = tempfile.gettempdir()
    disk = shutil.disk_usage(folder).free // 2**20
    remedy = f"Make room in {folder}, or set TMPDIR to a folder with {_LEAST_DISK_MB} MB."
    yield Check("room for temporary files", "wanted", disk >= _LEAST_DISK_MB, f"{disk} MB are free in {folder}", remedy)


def _container() -> Iterator[Check]:
    """Yield what holds this process already: a container's rules and its allowance of memory and processors."""
    status = _status()
    mode, capabilities = status.get("Seccomp", "unknown"), int(status.get("CapBnd", "0"), 16)
    extra = [n for n in range(capabilities.bit_length()) if capabilities >> n & 1 and n not in CAPABILITIES.values()]
    how = f"/proc/self/status: Seccomp {mode}, {capabilities.bit_count()} capabilities" if status else "no /proc here"
    like_docker = mode == "2" and not extra
    remedy = "Nothing need be done: grading wants no container. `rehearse` tries it under Docker's rules."
    yield Check("a container's rules", "–", like_docker, how, remedy)
    most = min(allowed_memory(), default=None)
    how = "no control group limits it" if most is None else f"the control group allows {most / 2**20:.0f} MB"
    enough = most is None or most >= _LEAST_MEMORY_MB * 2**20
    remedy = f"Grading wants {_LEAST_MEMORY_MB} MB: choose a larger container."
    yield Check("a container's memory", "–" if most is None else "wanted", enough, how, remedy)
    cores = min(allowed_processors(), default=None)
    how = "no control group limits them" if cores is None else f"the control group allows {cores:g} of a processor"
    remedy = "Choose a larger container, or allow [training] more seconds: a slow processor costs students their time."
    enough = cores is None or cores >= _LEAST_CORES
    yield Check("a container's processors", "–" if cores is None else "wanted", enough, how, remedy)


def _status() -> dict[str, str]:
    try:
        lines = Path("/proc/self/status").read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return {}  # not Linux
    return {name: value.strip() for name, _, value in (line.partition(":") for line in lines)}


def _free_memory_mb() -> int | None:
    """Return what is free here, in MB: of a container's own allowance where it has one."""
    amounts = []
    try:
        lines = Path("/proc/meminfo").read_text(encoding="ascii").splitlines()
        amounts += [int(line.split()[1]) // 1024 for line in lines if line.startswith("MemAvailable:")]
        for most, used in (("memory.max", "memory.current"), ("memory.limit_in_bytes", "memory.usage_in_bytes")):
            for file in group_files(most, "memory", most):
                limit = file.read_text(encoding="ascii").strip() if file.is_file() else ""
                if limit.isdigit() and int(limit) < NO_LIMIT:
                    amounts.append((int(limit) - int((file.parent / used).read_text(encoding="ascii"))) // 2**20)
    except OSError:
        return min(amounts, default=None)  # no /proc, or a group that went while it was read
    return min(amounts, default=None)
