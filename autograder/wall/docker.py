"""Real containers, where a Docker daemon can be reached: Docker's own rules, with Gradescope's smallest allowance.

A container is made of this machine's own folders where no image is named: nothing is fetched, and what runs in it is
what runs here. `container` imitates Docker's rules where there is no daemon.
"""

from __future__ import annotations

import contextlib
import functools
import io
import shutil
import subprocess
import tarfile
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

from autograder.base.errors import IsolationError

MEMORY_MB: Final = 768
CORES: Final = 0.5
_EMPTY: Final = "autograder-empty"
_PATIENCE: Final = 120.0  # seconds for an answer of the daemon's
#: What programs of this machine need of it.
_FOLDERS: Final = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt"),
    *("/etc/alternatives", "/etc/ld.so.cache", "/etc/ld.so.conf", "/etc/localtime", "/etc/ssl", "/etc/pip.conf"),
)


def why_absent() -> str | None:
    """Say why no container can be had here; None where one can."""
    if shutil.which("docker") is None:
        return "the command docker is not installed"
    try:
        _docker("version", "--format", "{{.Server.Version}}")
    except IsolationError as error:
        return str(error)
    return None


def version() -> tuple[int, ...]:
    """Return the daemon's version, as far as it is numbers. Raises IsolationError where none answers."""
    return tuple(int(part) for part in _docker("version", "--format", "{{.Server.Version}}").split(".")[:2])


def command_here(
    folders: Mapping[Path, bool], program: Sequence[str], environment: Mapping[str, str], *, name: str, folder: Path
) -> list[str]:
    """Return the command that runs `program` in a container of this machine's own folders, without a network.

    folders: what else it sees, under the same names, and whether it may write there. folder: where it starts.
    Raises IsolationError where the daemon does not answer.
    """
    mounts = {Path(path): False for path in _FOLDERS if Path(path).exists()} | dict(folders)
    return [
        *("docker", "run", "--rm", "--interactive", "--name", name, "--network", "none"),
        *allowance(),
        *("--tmpfs", "/tmp:mode=1777,exec", "--workdir", str(folder)),  # noqa: S108  the container's own
        *(word for path, writes in mounts.items() for word in ("--volume", f"{path}:{path}{'' if writes else ':ro'}")),
        *(word for variable, value in environment.items() for word in ("--env", f"{variable}={value}")),
        # A shell is the first process: it takes in what others leave behind, as a container's should.
        *(_empty_image(), "/bin/sh", "-c", '"$@"; exit $?', "sh", *program),
    ]


def allowance() -> tuple[str, ...]:
    """Return the options for Gradescope's smallest container: its memory, none on disk, and half a processor."""
    memory = f"{MEMORY_MB}m"
    return ("--memory", memory, "--memory-swap", memory, "--cpus", str(CORES))


class Container:
    """A container that waits for programs; closed, it is gone, with all that runs in it.

    image: what it is made of; empty: this machine's own folders. folders: what else it sees, by the name it has there.
    """

    def __init__(
        self, image: str, folders: Mapping[str, Path], environment: Mapping[str, str], *, name: str, network: str
    ) -> None:
        """Start it. Raises IsolationError where the daemon does not."""
        self.name = name
        here = {} if image else {path: Path(path) for path in _FOLDERS if Path(path).exists()}
        mounts = [f"{path}:{place}:ro" for place, path in here.items()]
        mounts += [f"{path}:{place}" for place, path in folders.items()]
        _docker(
            *("run", "--detach", "--name", name, "--network", network, *allowance()),
            *(() if image else ("--tmpfs", "/tmp:mode=1777,exec")),  # noqa: S108  the container's own
            *(word for mount in mounts for word in ("--volume", mount)),
            *(word for variable, value in environment.items() for word in ("--env", f"{variable}={value}")),
            *(image or _empty_image(), "/bin/sh", "-c", "while :; do sleep 1000 & wait; done"),
        )

    def run(self, program: str, folder: str, seconds: float) -> tuple[int | None, str]:
        """Run a program there: its status, None where its time was up, and what it printed."""
        command = ["docker", "exec", "--workdir", folder, self.name, program]
        with tempfile.TemporaryFile() as printed:
            try:
                status: int | None = subprocess.run(  # noqa: S603  the staff's own upload
                    command, stdin=subprocess.DEVNULL, stdout=printed, stderr=subprocess.STDOUT, timeout=seconds,
                    check=False,
                ).returncode  # fmt: skip
            except subprocess.TimeoutExpired:
                status = None
            printed.seek(0)
            return status, printed.read(2**20).decode("utf-8", "replace")

    def peak_mb(self) -> int:
        """Return the most memory that all of it used at once; 0 where the kernel does not count that."""
        for name in ("memory.peak", "memory/memory.max_usage_in_bytes"):
            with contextlib.suppress(IsolationError, ValueError):
                return int(_docker("exec", self.name, "cat", f"/sys/fs/cgroup/{name}")) // 2**20
        return 0

    def close(self) -> None:
        """End it."""
        remove(self.name)


def first_process(name: str) -> int:
    """Return the number, on this machine, of a container's first process. Raises IsolationError where there is none."""
    return int(_docker("inspect", "--format", "{{.State.Pid}}", name))


def remove(name: str) -> None:
    """End a container, if it is there."""
    subprocess.run(["docker", "rm", "--force", name], capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603, S607


@functools.cache
def _empty_image() -> str:
    """Return an image without a file in it: all that a container of this machine has is mounted."""
    empty = io.BytesIO()
    with tarfile.open(fileobj=empty, mode="w"):
        pass
    _docker("import", "-", _EMPTY, given=empty.getvalue())
    return _EMPTY


def _docker(*arguments: str, given: bytes = b"") -> str:
    """Return what the daemon answers. Raises IsolationError with what it says of a failure."""
    try:
        done = subprocess.run(["docker", *arguments], input=given, capture_output=True, timeout=_PATIENCE, check=False)  # noqa: S603, S607
    except (OSError, subprocess.TimeoutExpired) as error:
        raise IsolationError(f"Docker does not answer: {error}") from error
    if done.returncode:
        said = done.stderr.decode("utf-8", "replace").strip().splitlines()
        raise IsolationError(f"Docker refuses: {said[-1] if said else f'status {done.returncode}'}")
    return done.stdout.decode("utf-8", "replace").strip()
