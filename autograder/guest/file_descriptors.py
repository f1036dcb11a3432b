"""The descriptors of a worker: it keeps its pipes, and none of what its parent has open."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

from . import syscalls

if TYPE_CHECKING:
    from collections.abc import Collection


def close_all_but(keep: Collection[int], ruleset: int | None) -> None:
    """Close every descriptor that is not in `keep` and not `ruleset`; the standard ones become /dev/null unless kept.

    Raises ValueError where one that is to be kept is not open.
    """
    file = -1
    try:
        for file in keep:
            os.fstat(file)
    except OSError as error:
        raise ValueError(f"descriptor {file}, which was to be kept, is not open") from error
    null = os.open(os.devnull, os.O_RDWR)
    for standard in {0, 1, 2}.difference(keep):
        os.dup2(null, standard)
    first = 3
    for file in sorted({*keep, *(() if ruleset is None else (ruleset,))} - {0, 1, 2}):
        _close_range(first, file - 1)
        first = file + 1
    _close_range(first, 2**31 - 1)


def _close_range(first: int, last: int) -> None:
    """Close every descriptor from `first` to `last`, both included."""
    if first > last:
        return
    try:
        syscalls.syscall(syscalls.CLOSE_RANGE, first, last, 0)
    except OSError:  # a kernel before 5.9, a container's filter, or another platform
        # By the list of open ones: in a container the limit on descriptors can be 2**30.
        for name in os.listdir("/dev/fd"):  # noqa: PTH208  plain os calls keep a worker's start short
            if first <= int(name) <= last:
                with contextlib.suppress(OSError):  # the listing's own descriptor is gone already
                    os.close(int(name))
