"""A process with NumPy and the probes loaded, and nothing secret in it, that forks a worker for every request.

Started by exec with the control socket as its first argument. It obeys one-line JSON commands of the grader: `begin`
(what holds for every worker), `keep` and `compile` (what of the handout all workers need, and never of a submission),
`spawn` (with the worker's pipe ends as descriptors) and `end` (kill, reap, sweep). It ends when the socket does, and
takes its workers with it.

A worker pays for all that it does first: a page of memory that it writes to, be it only to count a reference, is copied
for it alone. What workers have in common is therefore done here, once.
"""

from __future__ import annotations

import gc
import json
import os
import pkgutil
import signal
import socket
import sys
import time
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from . import lockdown, namespaces

MOST_AT_ONCE = 64 * 1024  # bytes of commands
# What most submissions import, and what a worker needs itself, loaded once here. The rest of the standard library can
# be read from within: what is rarely asked for would make every fork slower, and every start.
PRELOADED = (
    "numpy.linalg", "numpy.ma", "numpy.random", "abc", "collections.abc", "contextlib", "copy", "dataclasses",
    "datetime", "enum", "functools", "inspect", "itertools", "json", "math", "operator", "os", "pathlib", "pickle",
    "random", "re", "string", "struct", "time", "traceback", "types", "typing", "warnings", "weakref",
)  # fmt: skip
# So can the rest of NumPy, unless it is installed where a worker's user cannot go.
NUMPYS_REST = (
    "numpy.fft", "numpy.polynomial", "numpy.testing", "numpy.ctypeslib", "numpy.char", "numpy.rec",
    "numpy.lib.recfunctions", "numpy.typing",
)  # fmt: skip


def worker_user(pid: int, ids: tuple[int, int, int]) -> int:
    """Return a user id for the worker `pid` that belongs to nobody and, since pids differ, to no other worker.

    ids: the first line of this user namespace's map, see `user_ids`.
    """
    first, _, count = ids
    base = 1_000_000_000 if count > 2_000_000_000 else 20_000
    return first + base + pid % (count - base if count > base else 1)


def user_ids() -> tuple[int, int, int]:
    """Return the first line of this user namespace's map: first id inside, outside, and how many there are."""
    try:
        with Path("/proc/self/uid_map").open() as file:
            inside, outside, count = (int(field) for field in file.readline().split())
    except (OSError, ValueError):
        return 0, 0, 2**31
    return inside, outside, count


class Zygote:
    """The commands, and the workers that are alive."""

    def __init__(self, control: socket.socket) -> None:
        from . import compiled, landlock, lockdown, namespaces, wire, worker

        self.compiled, self.make_namespaces = compiled, namespaces.Namespaces
        self.control, self.landlock, self.lockdown = control, landlock, lockdown
        self.wire, self.worker = wire, worker
        self.workers: dict[int, int | None] = {}  # pid -> the uid that it runs as, where that is its own
        self.pid, self.ids = os.getpid(), user_ids()
        self.drop_user, self.must = False, frozenset[str]()
        self.readable: tuple[str, ...] = ()
        self.ruleset: int | None = None
        self.namespaces: namespaces.Namespaces | None = None
        self.inherited: dict[str, str] = {}  # the layers that workers have from here
        self.policies: dict[tuple[int, int], lockdown.Policy] = {}

    def run(self) -> None:
        """Obey until the grader closes the socket."""
        received, files = b"", []
        try:
            while True:
                piece, descriptors, _, _ = socket.recv_fds(self.control, MOST_AT_ONCE, 4)
                if not piece:
                    return
                # The grader need not wait for one reply before it asks for more: a piece may hold several lines, or
                # half a long one. Descriptors end a piece, and belong to the one `spawn` in it.
                files += descriptors
                *lines, received = (received + piece).split(b"\n")
                for line in lines:
                    command = json.loads(line)
                    if command["do"] == "spawn":
                        self._reply(self._spawn(command["cpu_seconds"], command["address_space"], files))
                        files = []
                    elif command["do"] == "end":
                        self._reply(self._end(command["pid"], command["grace"]))
                    else:
                        self._reply(self._prepare(command))
        finally:
            for pid in list(self.workers):
                self._end(pid, 0)

    def _reply(self, answer: dict[str, Any]) -> None:
        self.control.sendall(json.dumps(answer).encode() + b"\n")

    def _prepare(self, command: dict[str, Any]) -> dict[str, Any]:
        """Do once what every worker would do for itself."""
        if command["do"] == "begin":
            return self._begin(command)
        if command["do"] == "keep":
            self.worker.keep_handout(command["number"], command["handout"].encode("latin-1"))
        else:
            # Files of the handout, which the grader wrote: every worker that loads one as it is finds its code.
            for path, text in command["files"].items():
                self.compiled.compile_file(text.encode(), path)
        return {"done": command["do"]}

    def _begin(self, command: dict[str, Any]) -> dict[str, Any]:
        """Make the namespaces and the Landlock rules, and take the layers of the lock-down that a fork inherits."""
        self.drop_user, self.must, self.readable = command["drop_user"], command["must"], tuple(command["readable"])
        # All of this folder that is ever needed is loaded: the new root may lie over it.
        self.namespaces = self.make_namespaces(self.readable, str(Path(__file__).resolve().parent))
        listed = self.namespaces.listed
        self.ruleset = None if self.landlock.why_absent() else self.landlock.make_ruleset(self.readable, listed)
        self.inherited = self.lockdown.prepare()
        self.worker.scratch.install()  # nothing is opened here from now on
        return {"done": "begin"}

    def _policy(self, cpu_seconds: int, address_space: int) -> lockdown.Policy:
        bounds = cpu_seconds, address_space
        if bounds not in self.policies:
            root = self.namespaces.root if self.namespaces else None
            self.policies[bounds] = self.lockdown.Policy(self.lockdown.Limits(*bounds), self.readable, None, root)
        return self.policies[bounds]

    def _spawn(self, cpu_seconds: int, address_space: int, files: list[int]) -> dict[str, Any]:
        policy = self._policy(cpu_seconds, address_space)
        try:
            pid = os.fork()
        except OSError as error:
            _close(files)
            return {"error": f"fork: {error}"}
        if pid == 0:
            status = 70
            try:
                status = self._become_worker(policy, files)
            finally:
                os._exit(status)
        _close(files)
        self.workers[pid] = worker_user(pid, self.ids) if self.drop_user else None
        return {"pid": pid}

    def _become_worker(self, policy: lockdown.Policy, files: list[int]) -> int:
        uid = worker_user(os.getpid(), self.ids) if self.drop_user else None
        try:
            own = self.namespaces.layers if self.namespaces else {}
            layers = own | self.lockdown.lock_down(
                policy, files, self.pid, self.ruleset, inherited=self.inherited, uid=uid
            )
            absent = [f"{layer} ({layers.get(layer)})" for layer in self.must if layers.get(layer) != "on"]
        except self.lockdown.LockdownError as error:
            absent = [str(error)]
        if absent:
            os.write(files[1], self.wire.LOCK + "; ".join(absent).encode()[:500])
            return 71
        os.write(files[1], self.wire.HELD)
        self.control = None  # type: ignore[assignment]
        self.worker.serve(files[0], files[1], files[2] if len(files) > 2 else None, layers)
        return 0

    def _end(self, pid: int, grace: float) -> dict[str, Any]:
        """End a worker; one that has closed its pipe gets `grace` seconds to die by itself, and show of what."""
        if pid not in self.workers:
            return {"error": f"{pid} is no worker of this zygote"}
        uid = self.workers.pop(pid)
        # What it left as is tells how it died, so look before killing.
        patience = time.monotonic() + grace
        done, status, usage = os.wait4(pid, os.WNOHANG)
        while not done and time.monotonic() < patience:
            time.sleep(0.001)
            done, status, usage = os.wait4(pid, os.WNOHANG)
        if not done:
            for kill in (os.killpg, os.kill):
                try:
                    kill(pid, signal.SIGKILL)
                except (ProcessLookupError, PermissionError):
                    continue
            _, status, usage = os.wait4(pid, 0)
        if uid is not None:
            self._sweep(uid)
        return {
            "killed": not done,
            "exit": os.waitstatus_to_exitcode(status),
            "peak_kb": usage.ru_maxrss,
            "cpu": usage.ru_utime + usage.ru_stime,
        }

    @staticmethod
    def _sweep(uid: int) -> None:
        """Kill whatever else runs as `uid`, twice: a process may be forking while the first blow falls."""
        try:
            os.getpriority(os.PRIO_USER, uid)
        except ProcessLookupError:
            return  # nobody is left: a fork saved
        sweeper = os.fork()
        if sweeper == 0:
            try:
                os.setresgid(uid, uid, uid)
                os.setresuid(uid, uid, uid)
                for _ in range(2):
                    try:
                        os.kill(-1, signal.SIGKILL)
                    except ProcessLookupError:
                        break
            finally:
                os._exit(0)
        os.waitpid(sweeper, 0)


def _close(files: list[int]) -> None:
    for file in files:
        os.close(file)


def _anyone_may_read(folder: str) -> bool:
    """Return whether every user can reach `folder` by its own name, symbolic links included, and list it."""
    way = [Path(folder), *Path(folder).parents, *Path(folder).resolve().parents]
    return all(place.stat().st_mode & 0o001 for place in way) and bool(way[0].stat().st_mode & 0o004)


def main(control_file: int) -> None:
    """Load what workers share, say so, and obey."""
    from . import executed, own_names, probes, seam, worker

    for name in PRELOADED:
        import_module(name)
    for name in () if _anyone_may_read(sys.modules["numpy"].__path__[0]) else NUMPYS_REST:
        with suppress(ModuleNotFoundError):  # another version has it elsewhere
            import_module(name)
    seam.api()
    for package in (probes, import_module("homework.probes")):
        for entry in pkgutil.iter_modules(package.__path__):
            import_module(f"{package.__name__}.{entry.name}")
    worker.prepare_numpy()
    worker.prepare_resource()
    worker.prepare_login()
    executed.executed.install()
    # The standard library alone is found from here on: NumPy is loaded, and the rest of site-packages is not for
    # submissions, whose stand-ins and missing packages should not depend on what is installed here.
    sys.path[:] = [path for path in sys.path if path and "site-packages" not in path and "dist-packages" not in path]
    sys.argv[:] = ["submission"]
    os.chdir("/")
    control = socket.socket(fileno=control_file)
    zygote = Zygote(control)
    own_names.keep_numpy()
    worker.allow_copy_false()
    worker.rehearse()
    seam.hide()
    gc.collect()
    gc.freeze()
    control.sendall(b'{"ready": true}\n')
    zygote.run()
    os._exit(0)  # the grader waits for this end, and Python's own takes its time
