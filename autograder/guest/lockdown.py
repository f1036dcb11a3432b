"""The lock-down of a worker: each layer that the kernel offers, applied by the process to itself, for good.

Workers are Linux's alone; `bound` holds a parser of ours on every system. It does not bound waiting: that only the
other side of the pipes can.
"""

from __future__ import annotations

import contextlib
import errno
import os
import signal
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from . import file_descriptors, landlock, seccomp, syscalls

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

try:
    import resource
except ImportError:  # Windows
    _HAS_LIMITS = False
else:
    _HAS_LIMITS = True

_LINUX: Final = sys.platform == "linux"

# prctl options, from Linux's uapi/linux/prctl.h.
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_CAPBSET_DROP: Final = 24
_PR_SET_SECUREBITS: Final = 28
_PR_SET_NO_NEW_PRIVS: Final = 38
_PR_GET_NO_NEW_PRIVS: Final = 39

# NOROOT and NO_CAP_AMBIENT_RAISE, locked, and locks on NO_SETUID_FIXUP and KEEP_CAPS, which stay off: being
# user 0 gives nothing any more, and the capabilities fall when the user is changed.
_SECUREBITS: Final = 0b11101011
_MOST_CAPABILITIES: Final = 64

# Of what no worker may have any. A zygote does well without them too; without NPROC it could make no worker.
_NEEDLESS_LIMITS: Final = "needless limits"  # no layer of its own: the rest of the limits follows in the child
_NEEDLESS: Final = ("CORE", "MEMLOCK", "MSGQUEUE", "NICE", "RTPRIO")
_look: Final = os.stat  # before a worker's own takes its place


class LockdownError(RuntimeError):
    """A layer that this platform has could not be applied: nothing of a submission may run here."""


@dataclass(frozen=True)
class Limits:
    """What a worker may use up: seconds of CPU, bytes of address space, descriptors, bytes of a file that it writes."""

    cpu_seconds: int
    address_space: int
    open_files: int = 32
    written_bytes: int = 0

    def __post_init__(self) -> None:
        """Refuse a limit that would end every worker at once."""
        for name, value in vars(self).items():
            if value < 0 or (value == 0 and name != "written_bytes"):
                raise ValueError(f"{name} must be positive, not {value}")


@dataclass(frozen=True)
class Policy:
    """What a worker may do: its limits, the files and folders it may read, and the user it becomes.

    Paths are absolute, and a folder means all beneath it. `uid` is also the group's number; it should belong
    to nobody and serve one worker at a time. None keeps the present user. `root` is a folder that becomes the
    process's root, with the readable paths in it; None keeps the present one.
    """

    limits: Limits
    readable: tuple[str, ...]
    uid: int | None
    root: str | None = None

    def __post_init__(self) -> None:
        """Refuse what would be no wall: paths that depend on the working directory, and root."""
        for path in self.readable:
            if not os.path.isabs(path):  # noqa: PTH117  plain os calls keep a worker's start short
                raise ValueError(f"a readable path must be absolute, not {path!r}")
        if self.uid is not None and self.uid <= 0:
            raise ValueError(f"uid must be an ordinary user's number or None, not {self.uid}")


def prepare() -> dict[str, str]:
    """Apply to this process the layers that its children inherit and that it can work with, and report them.

    A child that `lock_down` gets this report as `inherited` is spared doing them again. What fails here is left to the
    child, which then fails in its turn.
    """
    report = {}
    steps = (
        ("no new privileges", _renounce_privileges),
        ("bounding set", _empty_bounding_set),
        (_NEEDLESS_LIMITS, _give_up_needless),
    )
    for layer, apply in steps:
        with contextlib.suppress(OSError, LockdownError):
            absent = apply()
            report[layer] = "on" if absent is None else f"absent: {absent}"
    return report


def lock_down(
    policy: Policy,
    keep: Collection[int],
    parent: int | None = None,
    ruleset: int | None = None,
    *,
    inherited: Mapping[str, str] | None = None,
    uid: int | None = None,
) -> dict[str, str]:
    """Lock this process down and give, for each layer, "on" or "absent: " and why.

    Call it first thing in a forked, single-threaded child. The descriptors in `keep` stay open; standard
    input, output and error become /dev/null unless kept; every other one is closed. `parent` is the process
    whose end is to end this one too: pass what getpid() gave before the fork, so that a parent already gone
    is noticed (the default is getppid() now). `ruleset` is what `landlock.make_ruleset(policy.readable)` gave
    before the fork, to be spared making one; this process closes its copy. `inherited` is what `prepare()` gave
    before the fork. `uid` takes the place of the policy's, for a
    process whose user follows from its pid.

    Raises LockdownError where a layer exists and fails; the process must then exit and run nothing more.
    """
    parent = os.getppid() if parent is None else parent
    spared = inherited or {}
    report = {}
    user = policy.uid if uid is None else uid
    steps: dict[str, Callable[[], str | None]] = {
        "one thread": _check_one_thread,
        "session": _start_session,
        "descriptors": lambda: file_descriptors.close_all_but(keep, ruleset),
        "oom first": _volunteer_for_oom,
        "no new privileges": _renounce_privileges,
        **({} if policy.root is None else {"own root": lambda: _enter_root(policy.root)}),
        "landlock": lambda: _restrict_files(policy.readable, ruleset),
        "limits": lambda: _limit(policy.limits, spared=_NEEDLESS_LIMITS in spared),
        "memory limit": lambda: _limit_memory(policy.limits),
        "bounding set": _empty_bounding_set,
        "user": lambda: _become(user),
        "capabilities": _drop_capabilities,
        "not dumpable": _hide_memory,
        "ends with parent": lambda: _end_with(parent),
        "seccomp": _filter_calls,
    }
    for layer, apply in steps.items():
        if layer in spared:
            report[layer] = spared[layer]
            continue
        try:
            absent = apply()
        except (OSError, ValueError) as error:
            raise _failure(layer, str(error)) from error
        report[layer] = "on" if absent is None else f"absent: {absent}"
    return report


def bound(limits: Limits, readable: tuple[str, ...]) -> None:
    """Hold this process, a parser of ours that meets a stranger's bytes, to its limits and to reading `readable`.

    It keeps its user, who may own what is to be read, and its descriptors. A layer that the platform lacks is left
    out: what the parser answers is checked, and nothing of the stranger's is run. Raises OSError or ValueError.
    """
    if _LINUX:
        _renounce_privileges()
        _limit_memory(limits)  # macOS does not hold processes to it
    _restrict_files(readable, None)
    if _HAS_LIMITS:
        _limit(limits)
    _filter_calls()


def available() -> dict[str, str]:
    """Say what this machine's Linux offers, applying nothing; what it lacks reads "absent: " and why."""
    no_files, no_calls = landlock.why_absent(), seccomp.why_absent()
    user = "another user" if _is_root() else "absent: becoming another user needs root"
    return {
        "platform": f"{sys.platform} {syscalls.MACHINE}".strip(),
        "user": user,
        "limits": "on",
        "memory limit": "on",
        "no new privileges": "on",
        "ends with parent": "on",
        "landlock": f"ABI {landlock.version()}" if no_files is None else f"absent: {no_files}",
        "seccomp": syscalls.MACHINE if no_calls is None else f"absent: {no_calls}",
    }


def _failure(layer: str, why: str) -> LockdownError:
    return LockdownError(
        f"The worker could not be locked down, so nothing of the submission was run. Layer {layer!r}: {why}. "
        "This is the grader's or the machine's fault, not the student's."
    )


def _is_root() -> bool:
    return os.geteuid() == 0


def _check_one_thread() -> str | None:
    """Make sure that no thread is left outside: Landlock and the filter bind only the one that calls."""
    try:
        threads = _look("/proc/self/task").st_nlink - 2
    except FileNotFoundError:
        return "there is no /proc to count threads in"
    if threads != 1:
        raise _failure("one thread", f"{threads} threads run here; lock down right after a fork")
    return None


def _start_session() -> str | None:
    """Leave the parent's terminal and job; whatever this process starts can be ended with the session."""
    if os.getsid(0) != os.getpid():
        os.setsid()
    os.chdir("/")
    return None


def _volunteer_for_oom() -> str | None:
    """Be the first to go when memory runs out: not a wall, so a kernel that refuses is merely reported."""
    try:
        file = os.open("/proc/self/oom_score_adj", os.O_WRONLY)
    except OSError as error:
        return f"/proc/self/oom_score_adj: {error.strerror}"
    try:
        os.write(file, b"1000")
    except OSError as error:
        return f"/proc/self/oom_score_adj: {error.strerror}"
    finally:
        os.close(file)
    return None


def _renounce_privileges() -> str | None:
    syscalls.prctl(_PR_SET_NO_NEW_PRIVS, 1)
    if syscalls.prctl(_PR_GET_NO_NEW_PRIVS) != 1:
        raise _failure("no new privileges", "the kernel accepted the flag and does not show it")
    return None


def _enter_root(root: str | None) -> str | None:
    if root is not None:
        os.chroot(root)
        os.chdir("/")
    return None


def _restrict_files(readable: tuple[str, ...], ruleset: int | None) -> str | None:
    if ruleset is None:
        absent = landlock.why_absent()
        if absent is not None:
            return absent
        ruleset = landlock.make_ruleset(readable)
    landlock.restrict(ruleset)
    os.close(ruleset)
    return None


def _give_up_needless() -> str | None:
    """Set to nothing the limits on what neither a worker nor the process that makes it needs."""
    for name in _NEEDLESS:
        _lower(name, 0)
    return None


def _limit(limits: Limits, *, spared: bool = False) -> str | None:
    """Set every limit that belongs to the process; no other process of the same user feels any of them.

    That holds for NPROC too: the kernel compares the user's processes with the limit of the one that forks.
    """
    # Past the soft limit comes SIGXCPU, which can be caught; past the hard one SIGKILL.
    _lower("CPU", limits.cpu_seconds, limits.cpu_seconds + 1)
    _lower("NOFILE", limits.open_files)
    _lower("FSIZE", limits.written_bytes)
    _lower("NPROC", 0)
    if not spared:
        _give_up_needless()
    return None


def _limit_memory(limits: Limits) -> str | None:
    _lower("AS", limits.address_space)
    return None


def _lower(name: str, soft: int, hard: int | None = None) -> None:
    """Bring a limit down to `soft` and `hard` (the same when None); one that is lower already stays."""
    which = getattr(resource, f"RLIMIT_{name}", None)
    if which is None:  # Linux alone has MSGQUEUE, NICE and RTPRIO
        return
    present = resource.getrlimit(which)[1]
    ceiling = sys.maxsize if present == resource.RLIM_INFINITY else present
    hard = min(soft if hard is None else hard, ceiling)
    resource.setrlimit(which, (min(soft, hard), hard))


def _empty_bounding_set() -> str | None:
    """Give up, before the user is, what no program started later could get back anyway."""
    try:
        for capability in range(_MOST_CAPABILITIES):
            syscalls.prctl(_PR_CAPBSET_DROP, capability)
    except OSError as error:
        if error.errno == errno.EPERM:
            return "emptying it needs CAP_SETPCAP"
        if error.errno != errno.EINVAL:  # EINVAL: past the last capability that the kernel knows
            raise
    syscalls.prctl(_PR_SET_SECUREBITS, _SECUREBITS)
    return None


def _become(uid: int | None) -> str | None:
    if uid is None:
        return "the policy keeps the user"
    if not _is_root():
        raise _failure("user", f"becoming user {uid} needs root; run as root, or give a policy without uid")
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    became = {*os.getresuid(), *os.getresgid()}
    if became != {uid} or set(os.getgroups()) - {uid}:
        raise _failure("user", f"after becoming {uid} the ids are {sorted(became)}, groups {os.getgroups()}")
    try:
        os.setuid(0)
    except OSError:
        return None
    raise _failure("user", "the process could become root again")


def _drop_capabilities() -> str | None:
    syscalls.clear_capabilities()
    if any(syscalls.capget()):
        raise _failure("capabilities", f"some are left: {syscalls.capget()}")
    return None


def _hide_memory() -> str | None:
    """Give /proc/self to root and refuse ptrace: no process of the same user can read this one's memory."""
    syscalls.prctl(_PR_SET_DUMPABLE, 0)
    return None


def _end_with(parent: int) -> str | None:
    """Be killed when the parent's thread that forked ends; a change of user forgets it, so it comes after."""
    syscalls.prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:
        raise _failure("ends with parent", f"the parent, process {parent}, had ended already")
    return None


def _filter_calls() -> str | None:
    absent = seccomp.why_absent()
    if absent is None:
        seccomp.install()
    return absent
