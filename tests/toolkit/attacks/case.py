"""What one attack is: a submission, and the same submission without its attack."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from autograder.guest import syscalls
from tests.toolkit.kernel_calls import number_of

KINDS = (
    "forging", "tampering", "lying", "protocol", "denial", "disclosure", "escalation", "intake", "output", "shortcuts",
)  # fmt: skip

Files = dict[str, bytes]


@dataclass(frozen=True)
class Case:
    """One attack. `code` is appended to `file` of the `base`, after `PRELUDE`; an intake case packs files itself.

    only: the hidden test that is run. whole: `code` replaces the file. hides: what students see must not change with
    the hidden inputs. flagged: the rule that the staff must find broken; the answers may be right, so the score may be
    too. skip: why the case is not tried; such a case is never counted as held. landlock: why only Landlock stops it,
    for what anybody may read; without Landlock it is not tried. own_root: whether only a root of one's own stops it,
    which is tried where the machine lets a worker have one.
    """

    kind: str
    name: str
    code: str = ""
    file: str = "beras/layers.py"
    base: str = "reference"
    only: str = "1.1"
    whole: bool = False
    hides: bool = False
    flagged: str = ""
    skip: str = ""
    landlock: str = ""
    own_root: bool = False
    pack: Callable[[Path, Files], Path] | None = None

    def not_tried(self, mode: str) -> str:
        """Why it is not tried in that mode, or nothing."""
        return self.skip or (self.landlock if mode == "docker without Landlock" else "")

    def files(self, base: Files, places: str) -> Files:
        """The submission with its attack in it; `places` says where the canaries and the decoy are."""
        if not self.code:
            return dict(base)
        own = b"" if self.whole else base[self.file] + b"\n" + places.encode() + PRELUDE
        return {**base, self.file: own + self.code.encode()}


# What every payload may use. Signals go to the decoy alone; `got` tells of a success by an exception at import,
# whose text students see, so that the runner sees it too.
PRELUDE = b"""
import ctypes, os, re, sys, time
import numpy as np

# The kernel's own answers: a worker's `open` and `os` write to its memory, and what comes of that is no success.
from _io import open
from posix import mkdir, rename, unlink
os.mkdir, os.rename, os.unlink = mkdir, rename, unlink

LIBC = ctypes.CDLL(None, use_errno=True)

def got(action):
    try:
        result = action()
    except BaseException:
        return
    if not (isinstance(result, int) and result == -1):
        raise ValueError("GOT-" + "THROUGH")

def tell(action):
    try:
        data = action()
    except BaseException:
        return
    data = data if isinstance(data, bytes) else str(data).encode()
    raise ValueError(b" ".join(re.findall(b"CANARY-[0-9a-f]+", data)).decode())

def serving():
    frame = sys._getframe()
    while frame is not None and frame.f_code.co_name != "serve":
        frame = frame.f_back
    if frame is None:
        return None, None
    return frame.f_locals["answer_file"], frame.f_locals["nonce"]

def send(kind, payload, length=None, magic=b"BRS1", nonce=None, stop=True):
    import struct
    file, own = serving()
    size = len(payload) if length is None else length
    message = struct.pack("<4s16sBQ", magic, nonce or own, kind, size) + payload
    while message:
        message = message[os.write(file, message):]
    if stop:
        os._exit(0)

def replace(method, function):
    setattr(Dense, method, function)
"""

# What cases call past the C library. A number means another call on another machine, so a case names the call.
_NAMED = ("add_key", "bpf", "futex", "io_uring_setup", "keyctl", "memfd_create", "pidfd_open", "tkill", "userfaultfd")
_CALL = {name: number_of(name) for name in _NAMED} if syscalls.MACHINE in syscalls.COLUMNS else {}
PRELUDE += f"\nCALL = {_CALL}\n".encode()
