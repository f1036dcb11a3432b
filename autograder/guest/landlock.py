"""Landlock: what of the file system a worker may read; it may write, run, connect and signal nothing."""

from __future__ import annotations

import errno
import os
import stat
import struct
from typing import TYPE_CHECKING, Final

from . import syscalls

if TYPE_CHECKING:
    from collections.abc import Iterable

# The bits are those of Linux's uapi/linux/landlock.h.
_READ_FILE: Final = 1 << 2
_READ_DIR: Final = 1 << 3
#: What each ABI can refuse beyond the one before it: how many rights over files, over networks, and how many scopes
#: it knows in all. A kind's bits have no gaps.
_KNOWN: Final = {
    1: (13, 0, 0),
    2: (14, 0, 0),  # moving between folders
    3: (15, 0, 0),  # truncating
    4: (15, 2, 0),  # TCP: bind, connect
    5: (16, 2, 0),  # ioctl on devices
    6: (16, 2, 2),  # abstract Unix sockets, signals
    9: (17, 2, 2),  # named Unix sockets
    10: (17, 4, 2),  # UDP: bind, connect and send
}
#: The newest ABI that is known here, without rights of its own; of a later one a ruleset handles this much.
NEWEST_ABI: Final = 11

_ASK_VERSION: Final = 1
_RULE_PATH_BENEATH: Final = 1

_WHY_ABSENT: Final = {
    errno.ENOSYS: "this kernel has none",
    errno.EOPNOTSUPP: "it is switched off in this kernel's list of security modules",
    errno.EPERM: "the container's own system-call filter refuses it",
}


def version() -> int:
    """Give the kernel's Landlock ABI, at least 1. Raises OSError where there is none."""
    return syscalls.syscall(syscalls.LANDLOCK_CREATE_RULESET, None, 0, _ASK_VERSION)


def why_absent() -> str | None:
    """Say why this kernel offers no Landlock; None where it does."""
    try:
        version()
    except OSError as error:
        return _WHY_ABSENT.get(error.errno or 0, str(error.strerror))
    return None


def known_rights(abi: int) -> tuple[int, int, int]:
    """Give, as bit masks, the rights over files, those over networks, and the scopes that kernels of the ABI know."""
    files, networks, scopes = _KNOWN[max(known for known in _KNOWN if known <= abi)]
    return (1 << files) - 1, (1 << networks) - 1, (1 << scopes) - 1


def make_ruleset(readable: Iterable[str], listed: Iterable[str] = ()) -> int:
    """Give the descriptor of a ruleset that handles every right of `known_rights` and grants reading alone.

    A path of `readable` is a file, or a folder with all beneath it; one that is missing or out of reach is
    skipped. A folder of `listed` can be listed, with all folders beneath it; that lets no file in it be read. Any
    number of forked children may restrict themselves with the descriptor. Libraries need no right beyond reading:
    Landlock's "execute" concerns execve alone, not mmap. Raises OSError.
    """
    # An older kernel, which knows fewer fields, takes those that it does not know as long as they are 0.
    attributes = struct.pack("=3Q", *known_rights(version()))
    ruleset = syscalls.syscall(syscalls.LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in readable:
            _grant(ruleset, path, _READ_FILE | _READ_DIR)
        for path in listed:
            _grant(ruleset, path, _READ_DIR)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def restrict(ruleset: int) -> None:
    """Hold this process to the ruleset from now on. It needs no_new_privs, or CAP_SYS_ADMIN."""
    syscalls.syscall(syscalls.LANDLOCK_RESTRICT_SELF, ruleset, 0)


def _grant(ruleset: int, path: str, wanted: int) -> None:
    """Add rights over one file, or one folder and all beneath it."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        # Rights over a folder, asked for a plain file, would be EINVAL.
        rights = wanted if stat.S_ISDIR(os.fstat(place).st_mode) else wanted & ~_READ_DIR
        rule = struct.pack("=Qi", rights, place)
        syscalls.syscall(syscalls.LANDLOCK_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
