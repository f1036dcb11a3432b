"""The wall, tried from inside: each forbidden action once, harmless where it succeeds."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
import socket
import sys
import threading
from collections.abc import Callable
from functools import partial
from importlib.machinery import ModuleSpec, PathFinder
from typing import Any

from .. import syscalls, worker

_MOST_NAMED = 20  # modules that cannot be imported


def layers(api: Any) -> dict[str, Any]:
    """Return what the lock-down says that it achieved, layer by layer."""
    del api
    return dict(worker.layers)


def forbidden(api: Any, secrets: list[str], folder: str, decoy: int) -> dict[str, Any]:
    """Try what no submission may do; True where it succeeded.

    secrets: files that must not be readable. folder: where nothing may be written. decoy: a process that the
    grader started to be signalled.
    """
    del api
    attempts: dict[str, Callable[[], Any]] = {
        "write a file": partial(_write, f"{folder}/written-by-a-worker"),
        "open a socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_STREAM).close(),
        "open a local socket": lambda: socket.socket(socket.AF_UNIX, socket.SOCK_STREAM).close(),
        "fork": _fork,
        "start a thread": lambda: threading.Thread(target=lambda: None).start(),
        "run a program": lambda: os.posix_spawn("/bin/true", ["true"], {}),
        "signal another process": lambda: os.kill(decoy, 0),
        "signal its parent": lambda: os.kill(os.getppid(), 0),
        "become root": lambda: os.setuid(0),
        "trace a process": lambda: _trace(decoy),
        "ask after another process": lambda: os.getpgid(decoy),
        "lock a file": lambda: fcntl.flock(0, fcntl.LOCK_SH | fcntl.LOCK_NB),
        "make a call that nothing needs": _try_overlooked_calls,
    }
    for number, secret in enumerate(secrets):
        attempts[f"read secret {number}"] = partial(_read, secret)
        attempts[f"see secret {number}"] = partial(os.stat, secret)
    return {name: _succeeds(attempt) for name, attempt in attempts.items()}


def unimportable(api: Any, names: list[str]) -> dict[str, Any]:
    """Return those of the modules `names` that no submission could import here, with why: the first few.

    What the zygote has loaded is there, wherever its file is. The rest has to be found, and its file be opened.
    """
    del api
    specs: dict[str, ModuleSpec | None] = {}
    found: dict[str, Any] = {}
    for name in names:
        if name not in sys.modules and (why := _why_unimportable(name, specs)):
            found[name] = why
            if len(found) == _MOST_NAMED:
                break
    return found


def _why_unimportable(name: str, specs: dict[str, ModuleSpec | None]) -> str:
    parent, dot, _ = name.rpartition(".")
    if parent in sys.modules:
        folders = list(sys.modules[parent].__path__)
    else:
        folders = list(getattr(specs.get(parent), "submodule_search_locations", None) or [])
    spec = specs[name] = PathFinder.find_spec(name, folders if dot else None)
    if spec is None:
        return "it is not found"
    if spec.has_location:
        try:
            _read(spec.origin or "")
        except OSError as error:
            return f"{spec.origin}: {error.strerror}"
    return ""


def _succeeds(attempt: Callable[[], Any]) -> bool:
    try:
        attempt()
    except (OSError, RuntimeError):
        return False
    return True


def _write(path: str) -> None:
    # The kernel's own answer: what Python's `open` writes in a worker stays in its memory.
    file = os.open(path, os.O_WRONLY | os.O_CREAT, 0o600)
    os.write(file, b"canary")


def _try_overlooked_calls() -> None:
    """Make each with arguments that do nothing. Raises PermissionError where the filter refuses every one."""
    for number in syscalls.numbers(syscalls.OVERLOOKED, syscalls.MACHINE).values():
        try:
            syscalls.syscall(number, 0, 0)
        except OSError as error:
            if error.errno != errno.EPERM:
                return
        else:
            return
    raise PermissionError


def _read(path: str) -> None:
    os.close(os.open(path, os.O_RDONLY))


def _fork() -> None:
    pid = os.fork()
    if pid == 0:
        os._exit(0)
    os.waitpid(pid, 0)


def _trace(pid: int) -> None:
    attach, detach = 16, 17
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.ptrace(attach, pid, None, None) != 0:
        raise PermissionError(ctypes.get_errno(), "ptrace")
    libc.ptrace(detach, pid, None, None)
