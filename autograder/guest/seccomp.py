"""The system-call filter of a worker: a BPF program built once, at import, and installed in microseconds.

It refuses by default and allows what `syscalls` lists; a foreign architecture or an x32 number kills.
"""

from __future__ import annotations

import ctypes
import errno
import struct
from itertools import groupby
from typing import TYPE_CHECKING, Final, NamedTuple

from . import syscalls

if TYPE_CHECKING:
    from collections.abc import Mapping


class Instruction(NamedTuple):
    """One classic BPF instruction, a `struct sock_filter` of linux/filter.h."""

    code: int
    jump_true: int
    jump_false: int
    operand: int


Block = tuple[Instruction, ...]  # ends in a return on every way through it

_LOAD, _EQUAL, _AT_LEAST, _ANY_BIT, _RETURN, _JUMP = 0x20, 0x15, 0x35, 0x45, 0x06, 0x05
_FARTHEST: Final = 255  # what a conditional jump reaches

# Offsets into struct seccomp_data. Both architectures are little-endian: an argument's low half comes first.
_NUMBER, _ARCHITECTURE, _ARGUMENTS = 0, 4, 16

_AUDIT_ARCHITECTURE: Final = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_X32_BIT: Final = 0x40000000

_PR_SET_SECCOMP: Final = 22
_MODE_FILTER: Final = 2


def _return(action: int) -> Block:
    return (Instruction(_RETURN, 0, 0, action),)


ALLOW = _return(0x7FFF0000)
_KILL = _return(0x80000000)
REFUSE = _return(0x00050000 | errno.EPERM)
NO_SUCH_CALL = _return(0x00050000 | errno.ENOSYS)


def _load(offset: int) -> Instruction:
    return Instruction(_LOAD, 0, 0, offset)


def refuse_bits(argument: int, mask: int) -> Block:
    """Refuse where the argument's low half has any bit of the mask."""
    test = Instruction(_ANY_BIT, 1, 0, mask)
    return (_load(_ARGUMENTS + 8 * argument), test, *ALLOW, *REFUSE)


def allow_values(argument: int, *values: int) -> Block:
    """Refuse where the argument's low half, all that the kernel reads of an int, is none of the values."""
    tests = [Instruction(_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
    return (_load(_ARGUMENTS + 8 * argument), *tests, *REFUSE, *ALLOW)


def refuse_values(argument: int, *values: int) -> Block:
    """Refuse where the argument's low half is one of the values."""
    tests = [Instruction(_EQUAL, len(values) - at, 0, value) for at, value in enumerate(values)]
    return (_load(_ARGUMENTS + 8 * argument), *tests, *ALLOW, *REFUSE)


def require_bits(argument: int, mask: int) -> Block:
    """Refuse where the argument's low half has no bit of the mask."""
    test = Instruction(_ANY_BIT, 0, 1, mask)
    return (_load(_ARGUMENTS + 8 * argument), test, *ALLOW, *REFUSE)


def _allow_zeros(*words: int) -> Block:
    """Refuse unless each of these 32-bit words of the arguments is 0."""
    tests: list[Instruction] = []
    for left, word in reversed(list(enumerate(reversed(words)))):
        tests += [_load(_ARGUMENTS + 4 * word), Instruction(_EQUAL, 0, 2 * left + 1, 0)]
    return (*tests, *ALLOW, *REFUSE)


# O_WRONLY | O_RDWR, O_CREAT, O_TRUNC, O_APPEND, O_PATH and __O_TMPFILE, the same on both architectures.
_WRITING = 0o3 | 0o100 | 0o1000 | 0o2000 | 0o10000000 | 0o20000000

#: The verdict on each call of `syscalls.CHECKED`.
_CHECKS: Final = {
    "open": refuse_bits(1, _WRITING),
    "openat": refuse_bits(2, _WRITING),
    # F_DUPFD, F_GETFD, F_SETFD, F_GETFL, F_SETFL, F_DUPFD_CLOEXEC, F_GETPIPE_SZ. The others lock, and a lock tells
    # another worker 63 bits, or set owners and leases, by which a descriptor signals a process of the same user.
    "fcntl": allow_values(1, 0, 1, 2, 3, 4, 1030, 1032),
    # TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX, FIOCLEX, TCGETS2: what isatty() and Python's io ask.
    "ioctl": allow_values(1, 0x5401, 0x5413, 0x541B, 0x5421, 0x5450, 0x5451, 0x802C542A),
    # PR_GET_PDEATHSIG, PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ,
    # PR_GET_TIMERSLACK, PR_GET_NO_NEW_PRIVS, and PR_SET_VMA, by which the C library labels its memory.
    "prctl": allow_values(0, 2, 3, 15, 16, 21, 23, 30, 39, 0x53564D41),
    # The pid (this process) and both halves of the pointer to a new limit (none): reading one's own limits.
    "prlimit64": _allow_zeros(0, 4, 5),
    # FUTEX_PRIVATE_FLAG: a lock of this process alone. One on a mapped file would reach whoever maps it too.
    "futex": require_bits(1, 128),
    # MADV_DONTNEED, FREE, DONTDUMP, DODUMP, HUGEPAGE, NOHUGEPAGE, COLLAPSE: what malloc and NumPy ask of their own
    # memory. The others read a file ahead, or drop it, which shows others what was read.
    "madvise": allow_values(2, 4, 8, 14, 15, 16, 17, 25),
    # Of this process, and of no other.
    **dict.fromkeys(("sched_getaffinity", "sched_setaffinity", "getpgid", "getsid"), allow_values(0, 0)),
}


def build_program(machine: str) -> Block:
    """Build a worker's filter for "x86_64" or "aarch64"."""
    verdicts: dict[int, Block] = {}
    for family in syscalls.ALLOWED.values():
        verdicts |= dict.fromkeys(syscalls.numbers(family, machine).values(), ALLOW)
    verdicts |= dict.fromkeys(syscalls.numbers(syscalls.UNKNOWN, machine).values(), NO_SUCH_CALL)
    verdicts |= {number: _CHECKS[name] for name, number in syscalls.numbers(syscalls.CHECKED, machine).items()}
    return assemble(verdicts, syscalls.NEWEST, machine, REFUSE)


def assemble(verdicts: Mapping[int, Block], newest: int, machine: str, others: Block) -> Block:
    """Make a filter of verdicts by number; `others` up to `newest`; what came later does not exist.

    It is a binary search, so that a long list holds up no call.
    """
    whole = dict.fromkeys(range(newest + 1), others) | dict(verdicts) | {newest + 1: NO_SUCH_CALL}
    runs = [(next(numbers), block) for block, numbers in groupby(sorted(whole), whole.__getitem__)]
    right_architecture = Instruction(_EQUAL, 1, 0, _AUDIT_ARCHITECTURE[machine])
    ordinary_number = Instruction(_AT_LEAST, 0, 1, _X32_BIT)
    return (
        *(_load(_ARCHITECTURE), right_architecture, *_KILL),
        *(_load(_NUMBER), ordinary_number, *_KILL),
        *_search(runs),
    )


def _search(runs: list[tuple[int, Block]]) -> Block:
    """Find the verdict of the loaded number among runs of (first number, verdict), by halving."""
    if len(runs) == 1:
        return runs[0][1]
    half = len(runs) // 2
    below, above = _search(runs[:half]), _search(runs[half:])
    if len(below) > _FARTHEST:
        jump = Instruction(_JUMP, 0, 0, len(below))
        return (Instruction(_AT_LEAST, 0, 1, runs[half][0]), jump, *below, *above)
    return (Instruction(_AT_LEAST, len(below), 0, runs[half][0]), *below, *above)


class _Program(ctypes.Structure):
    """A `struct sock_fprog` of linux/filter.h."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def _pack(program: Block) -> _Program:
    return _Program(len(program), b"".join(struct.pack("=HBBI", *instruction) for instruction in program))


_PROGRAM: Final = _pack(build_program(syscalls.MACHINE)) if syscalls.MACHINE in syscalls.COLUMNS else None


def why_absent() -> str | None:
    """Say why this machine offers no filter; None where it does."""
    if _PROGRAM is None:
        return f"no table of system calls for {syscalls.MACHINE or 'this platform'}"
    try:
        # A null program is EFAULT where filters exist (seccomp(2), NOTES); nothing is changed by asking.
        syscalls.prctl(_PR_SET_SECCOMP, _MODE_FILTER, 0)
    except OSError as error:
        if error.errno != errno.EFAULT:
            return f"this kernel has no filters: {error.strerror}"
    return None


def install(program: Block | None = None) -> None:
    """Put a worker's filter, or `program`, on this thread, for good. It needs no_new_privs, or CAP_SYS_ADMIN.

    Raises OSError.
    """
    packed = _PROGRAM if program is None else _pack(program)
    if packed is None:
        raise OSError(errno.ENOSYS, f"no table of system calls for {syscalls.MACHINE or 'this platform'}")
    syscalls.prctl(_PR_SET_SECCOMP, _MODE_FILTER, ctypes.addressof(packed))
