"""Where an upload is rehearsed: a new root on this machine, or a container of Docker's."""

from __future__ import annotations

import contextlib
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from autograder.wall import docker, docker_rules

_HOME: Final = "/autograder"
_MEMORY_MB: Final = 768
_CORES: Final = 0.5
RUN_SECONDS: Final = 600.0
SETUP_SECONDS: Final = 1200.0
_NOWHERE: Final = "http://127.0.0.1:9"  # the discard port: a proxy that refuses at once


# Makes a root to change to: this machine's folders, a private /tmp, and the rehearsal's /autograder. This machine need
# have no /autograder to mount on, and nothing is made outside the new root.
_NEW_ROOT: Final = r"""
set -eu
new=$1 home=$2 venv=$3; shift 3
mount -t tmpfs -o mode=755 tmpfs "$new"
for entry in /*; do
    case $entry in /autograder | /tmp | /lost+found) continue ;; esac
    if [ -L "$entry" ]; then cp -P "$entry" "$new$entry"
    elif [ -d "$entry" ]; then
        mkdir "$new$entry"
        mount --rbind "$entry" "$new$entry"
    fi
done
mkdir -m 1777 "$new/tmp"
mkdir "$new/autograder"
mount --bind "$home" "$new/autograder"
if [ -n "$venv" ]; then
    mkdir -p "$new/autograder/venv"
    mount --bind "$venv" "$new/autograder/venv"
fi
exec "$@"
"""


# Docker's rules where the machine allows them, the new root where there is one, Gradescope's working folder and mode
# of files, and then the step itself.
_ENTER: Final = """
import os, sys
project, root, home, confined, *command = sys.argv[1:]
sys.path[0:0] = [project]
if confined == "yes":
    from autograder.wall import docker_rules
    docker_rules.confine()
if root:
    os.chroot(root)
os.chdir(home)
os.umask(0o022)
os.execv(command[0], command)
"""


@dataclass(frozen=True)
class Step:
    """One of the two programs as it ran. `status` None: it was ended when its time was up."""

    name: str
    status: int | None
    seconds: float
    said: str

    @property
    def passed(self) -> bool:
        """Whether it ended by itself, with status 0."""
        return self.status == 0


def _network(*, offline: bool) -> dict[str, str]:
    """Return the variables by which programs find the network, or do not."""
    if offline:
        return dict.fromkeys(("http_proxy", "https_proxy"), _NOWHERE) | {"PIP_RETRIES": "0"}
    kept = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}


class DockerStage:
    """A real container, in which the steps run under Docker's own rules."""

    def __init__(self, home: Path, venv: Path | None, image: str, *, offline: bool) -> None:
        self.unlike: list[str] = [] if image else ["The container is made of this machine's folders, not of an image."]
        folders = {_HOME: home} | ({} if venv is None else {f"{_HOME}/venv": venv.absolute()})
        if not image:
            # An environment is of links to the interpreter that made it.
            folders |= {str(path): path for path in (Path(sys.base_prefix), Path(sys.base_exec_prefix))}
            folders = {place: path for place, path in folders.items() if not place.startswith(("/usr", "/opt"))}
        self.home = _HOME
        self._container = docker.Container(
            image,
            folders,
            {"HOME": "/root", "LANG": "C.UTF-8"} | _network(offline=offline),
            name=f"autograder-rehearsal-{uuid.uuid4().hex[:12]}",
            network="none" if offline else "host",
        )

    def play(self, name: str, program: str, seconds: float) -> Step:
        """Run one program to its end, or to the end of its time."""
        begun = time.monotonic()
        status, text = self._container.run(program, _HOME, seconds)
        return Step(name, status, time.monotonic() - begun, text)

    def peak_mb(self) -> int:
        """Return the most memory that was used at once."""
        return self._container.peak_mb()

    def close(self) -> None:
        """End the container."""
        self._container.close()


class Stage:
    """Where the steps run, as like Gradescope as this machine allows."""

    def __init__(self, scratch: Path, home: Path, venv: Path | None, limits: Container, *, offline: bool) -> None:
        self.scratch, self.real_home, self.venv, self.limits = scratch, home, venv, limits
        self.unlike: list[str] = []
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(Path.home()),
            "LANG": "C.UTF-8",
        } | _network(offline=offline)
        self.own_root = self._may_make_a_root()
        self.home = _HOME if self.own_root else str(home)
        if not self.own_root:
            self.environment["AUTOGRADER_HOME"] = self.home
            if venv is not None:
                self.environment["AUTOGRADER_VENV"] = str(venv.absolute())
        absent = docker_rules.why_absent()
        self.confined = absent is None
        if absent is not None:
            self.unlike.append(f"Docker's rules are not applied: {absent}.")

    def _may_make_a_root(self) -> bool:
        if os.geteuid() != 0:
            self.unlike.append("The grader is not root.")
        tried = ["unshare", "--mount", "true"]
        if os.geteuid() == 0 and shutil.which("unshare") and subprocess.run(tried, check=False).returncode == 0:  # noqa: S603  two known words
            return True
        self.unlike.append(
            f"Gradescope's folder is {self.real_home}, not {_HOME}: no mount namespace can be made here."
        )
        return False

    def play(self, name: str, program: str, seconds: float) -> Step:
        """Run one program to its end, or to the end of its time."""
        project, new = Path(__file__).resolve().parents[2], self.scratch / f"root-of-{name}"
        root, confined = str(new) if self.own_root else "", "yes" if self.confined else "no"
        command = [sys.executable, "-I", "-B", "-c", _ENTER, str(project), root, self.home, confined, program]
        if self.own_root:
            new.mkdir()
            venv = "" if self.venv is None else str(self.venv.absolute())
            places = [str(new), str(self.real_home), venv]
            command = ["unshare", "--mount", "sh", "-c", _NEW_ROOT, "sh", *places, *command]
        begun = time.monotonic()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(  # noqa: S603  the staff's own upload, run as Gradescope runs it
                command,
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self.limits.join,  # noqa: PLW1509  one thread runs here
            )
            status: int | None
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
            with contextlib.suppress(ProcessLookupError):  # a daemon of the step's ends with it, as a container's does
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.limits.empty()
            said.seek(0)
            text = said.read(2**20).decode("utf-8", "replace")
        return Step(name, status, time.monotonic() - begun, text)


class Container:
    """A control group with Gradescope's memory and processor share, where one can be made; else the peak alone."""

    def __init__(self) -> None:
        self.groups: list[Path] = []
        self.unlike: list[str] = []
        self.memory: Path | None = None

    def __enter__(self) -> Container:
        name = f"autograder-{uuid.uuid4().hex[:12]}"
        root = Path("/sys/fs/cgroup")
        limit, quota = str(_MEMORY_MB * 2**20), int(_CORES * 100_000)
        if (root / "cgroup.controllers").is_file():
            memory = self._group(root / name, {"memory.max": limit, "memory.swap.max": "0"})
            cores = memory and self._set(root / name, {"cpu.max": f"{quota} 100000"})
        else:
            memory = self._group(root / "memory" / name, {"memory.limit_in_bytes": limit})
            period = {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": str(quota)}
            cores = self._group(root / "cpu" / name, period)
        if memory:
            self.memory = self.groups[0]
        else:
            self.unlike.append(f"Memory is not limited to {_MEMORY_MB} MB: no control group for it can be made here.")
        if not cores:
            self.unlike.append(f"The processor's share is not {_CORES:g}: no control group for it can be made here.")
        return self

    def _group(self, group: Path, settings: Mapping[str, str]) -> bool:
        try:
            group.mkdir()
        except OSError:
            return False
        self.groups.append(group)
        return self._set(group, settings)

    @staticmethod
    def _set(group: Path, settings: Mapping[str, str]) -> bool:
        try:
            for name, value in settings.items():
                if name != "memory.swap.max" or (group / name).exists():
                    (group / name).write_text(value, encoding="ascii")
        except OSError:
            return False
        return True

    def join(self) -> None:
        """Put a new process, and what it starts, into the group: called there."""
        for group in self.groups:
            (group / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")

    def empty(self) -> None:
        """End what is left in the group."""
        for _ in range(100):
            left = {int(pid) for group in self.groups for pid in (group / "cgroup.procs").read_text("ascii").split()}
            if not left:
                return
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def peak_mb(self) -> int:
        """Return the most memory that was used at once: by all together in a group, else by the largest process."""
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            if self.memory is not None and (self.memory / name).is_file():
                return int((self.memory / name).read_text(encoding="ascii")) // 2**20
        return resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 2**10

    def __exit__(self, *_: object) -> None:
        for group in self.groups:
            with contextlib.suppress(OSError):  # a process that cannot be killed just now keeps it
                group.rmdir()
