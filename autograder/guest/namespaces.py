"""Namespaces, where the kernel lets us have them: a root folder in which nothing but what may be read is there at all.

Landlock refuses to open a file and lets it be looked at: whether it is there, how large it is, when it was written.
In a root of its own a worker finds no other file to look at. The zygote enters the namespaces once; each worker
then makes the new root its own. Neither is to be had in most containers, and a wall without them stands too.
"""

from __future__ import annotations

import ctypes
import os
import sys
from collections.abc import Callable, Iterable
from functools import partial
from pathlib import Path
from typing import Final

# From Linux's uapi/linux/sched.h and mount.h.
_NEW_MOUNTS, _NEW_NAMES, _NEW_IPC, _NEW_USER, _NEW_NETWORK = 0x20000, 0x4000000, 0x8000000, 0x10000000, 0x40000000
_READ_ONLY, _NO_SUID, _NO_DEVICES, _REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 1, 2, 4, 32, 4096, 16384, 1 << 18
#: Flags of a mount that whoever mounts it again may not drop, as statvfs(3) shows them and as mount(2) takes them.
_KEPT: Final = {os.ST_NODEV: 4, os.ST_NOEXEC: 8, os.ST_NOATIME: 1024, os.ST_NODIRATIME: 2048, os.ST_RELATIME: 1 << 21}
_LAYERS: Final = {"own network": _NEW_NETWORK, "own queues and shared memory": _NEW_IPC, "own host name": _NEW_NAMES}
_LONGEST_CHAIN: Final = 40  # of symbolic links

_libc = ctypes.CDLL(None, use_errno=True)


class Namespaces:
    """What this process and its children have of their own. `root`: the folder to make one's root, or None.

    layers: each layer with "on", or "absent: " and why. listed: folders of the new root, by the path that they have
    outside of it, that Python looks into for modules and of which only parts may be read, here all that they hold.
    """

    def __init__(self, readable: Iterable[str], place: str) -> None:
        """Enter them; `place`: a folder that nobody needs any more, over which the new root is mounted."""
        self.root: str | None = None
        self.listed: tuple[str, ...] = ()
        self.layers = {"own root": self._enter_mounts()}
        for layer, flag in _LAYERS.items():
            self.layers[layer] = _state(partial(_unshare, flag))
        if self.layers["own root"] == "on":
            self.layers["own root"] = _state(lambda: _furnish(place, readable))
        if self.layers["own root"] == "on":
            self.root = place
            self.listed = tuple(place + folder for folder in _partly_readable(tuple(readable)))

    @staticmethod
    def _enter_mounts() -> str:
        if os.geteuid() == 0:
            return _state(lambda: _unshare(_NEW_MOUNTS))
        user, group = os.geteuid(), os.getegid()
        state = _state(lambda: _unshare(_NEW_USER | _NEW_MOUNTS))
        if state != "on":
            return state
        # The same user inside as outside: with no right over anything but these namespaces.
        return _state(lambda: _map_ids(user, group))


def _partly_readable(readable: tuple[str, ...]) -> list[str]:
    """Return the folders of Python's path that are not readable themselves, while something in them is.

    Python lists such a folder before it finds a module there, and the one in the new root is one that it has not seen.
    """
    folders = dict.fromkeys(os.path.realpath(folder) for folder in sys.path)
    return [folder for folder in folders if any(os.path.dirname(path) == folder for path in readable)]  # noqa: PTH120


def _map_ids(user: int, group: int) -> None:
    for name, line in (("setgroups", "deny"), ("uid_map", f"{user} {user} 1"), ("gid_map", f"{group} {group} 1")):
        Path("/proc/self", name).write_text(line, encoding="ascii")


def _state(action: Callable[[], None]) -> str:
    try:
        action()
    except OSError as error:
        return f"absent: {error.strerror}"
    return "on"


def _furnish(root: str, readable: Iterable[str]) -> None:
    """Mount over `root` a folder in which each readable path lies under its own name, and nothing else does."""
    os.umask(0o022)  # workers are other users; this process writes no other file
    _mount(None, "/", None, _RECURSIVE | _PRIVATE)
    _mount("tmpfs", root, "tmpfs", _NO_SUID | _NO_DEVICES, "mode=755,size=4m")
    links = [f"/{name}" for name in os.listdir("/") if os.path.islink(f"/{name}")]  # noqa: PTH114, PTH208  zygote
    loaded = [path for module in ("numpy", "os") for path in [sys.modules[module].__file__] if path]
    for path in readable:
        _bind(path, root + path)
    for path in (*links, *sys.path, *loaded):
        _repeat_links(path, root)
    _mount(None, root, None, _REMOUNT | _READ_ONLY | _NO_SUID | _NO_DEVICES, "mode=755,size=4m")


def _bind(path: str, place: str) -> None:
    if os.path.isdir(path):  # noqa: PTH112
        os.makedirs(place, exist_ok=True)  # noqa: PTH103
    elif os.path.exists(path):  # noqa: PTH110
        os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
        if not os.path.exists(place):  # noqa: PTH110
            os.close(os.open(place, os.O_CREAT | os.O_WRONLY, 0o444))
    else:
        return
    _mount(path, place, None, _BIND | _RECURSIVE)
    kept = sum(flag for shown, flag in _KEPT.items() if os.statvfs(path).f_flag & shown)
    _mount(None, place, None, _REMOUNT | _BIND | _READ_ONLY | _NO_SUID | kept)


def _repeat_links(path: str, root: str) -> None:
    """Make the symbolic links on the way to `path` in the new root too: what was found through them is found again."""
    waiting, way, left = [part for part in path.split("/") if part], "", _LONGEST_CHAIN
    while waiting and left:
        way = f"{way}/{waiting.pop(0)}"
        if not os.path.islink(way):  # noqa: PTH114
            continue
        left -= 1
        target = os.readlink(way)  # noqa: PTH115
        place = root + way
        if not os.path.lexists(place):
            os.makedirs(os.path.dirname(place), exist_ok=True)  # noqa: PTH103, PTH120
            os.symlink(target, place)  # noqa: PTH211
        whole = os.path.normpath(os.path.join(os.path.dirname(way), target))  # noqa: PTH118, PTH120
        waiting, way = [part for part in whole.split("/") if part] + waiting, ""


def _unshare(flags: int) -> None:
    _check(_libc.unshare(flags))


def _mount(source: str | None, target: str, kind: str | None, flags: int, data: str | None = None) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    _check(_libc.mount(*words, ctypes.c_ulong(flags), None if data is None else data.encode()))


def _check(result: int) -> None:
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
