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
#: The newest file-system right of each ABI; an ABI handles this one and every right below it.
_NEWEST_RIGHT: Final = {1: 12, 2: 13, 3: 14, 4: 14, 5: 15}
_TCP: Final = 0b11  # bind, connect
_SCOPES: Final = 0b11  # abstract Unix sockets, signals

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


def make_ruleset(readable: Iterable[str]) -> int:
    """Give the descriptor of a ruleset that handles every right the kernel knows and grants reading alone.

    A path of `readable` is a file, or a folder with all beneath it; one that is missing or out of reach is
    skipped. Any number of forked children may restrict themselves with the descriptor. Libraries need no
    right beyond reading: Landlock's "execute" concerns execve alone, not mmap. Raises OSError.
    """
    abi = version()
    rights = (1 << _NEWEST_RIGHT[min(abi, max(_NEWEST_RIGHT))] + 1) - 1
    fields = [rights]
    if abi >= 4:
        fields.append(_TCP)
    if abi >= 6:
        fields.append(_SCOPES)
    attributes = struct.pack(f"={len(fields)}Q", *fields)
    ruleset = syscalls.syscall(syscalls.LANDLOCK_CREATE_RULESET, attributes, len(attributes), 0)
    try:
        for path in readable:
            _grant_reading(ruleset, path)
    except BaseException:
        os.close(ruleset)
        raise
    return ruleset


def restrict(ruleset: int) -> None:
    """Hold this process to the ruleset from now on. It needs no_new_privs, or CAP_SYS_ADMIN."""
    syscalls.syscall(syscalls.LANDLOCK_RESTRICT_SELF, ruleset, 0)


def _grant_reading(ruleset: int, path: str) -> None:
    """Add the right to read one file, or one folder and all beneath it."""
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except (FileNotFoundError, NotADirectoryError, PermissionError):
        return
    try:
        # Rights over a folder, asked for a plain file, would be EINVAL.
        rights = _READ_FILE | _READ_DIR if stat.S_ISDIR(os.fstat(place).st_mode) else _READ_FILE
        rule = struct.pack("=Qi", rights, place)
        syscalls.syscall(syscalls.LANDLOCK_ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(place)
