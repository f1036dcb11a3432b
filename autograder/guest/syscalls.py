"""Linux's system-call numbers, those that a worker may use grouped by what for, and the C calls that reach them.

Each entry reads `name x86_64 aarch64`, with `-` where the architecture lacks the call. The numbers are those
of Linux's `asm/unistd_64.h` and `asm-generic/unistd.h`; from 424 on they are the same on both.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from typing import Final

#: A worker's calls that are allowed whatever their arguments: what Python, NumPy and BLAS need, and why.
ALLOWED: Final = {
    # `malloc`, NumPy and the loader of shared libraries.
    "memory": """
        brk 12 214   mmap 9 222   munmap 11 215   mprotect 10 226   mremap 25 216
    """,
    # Reading modules and libraries, and looking where they are: which of them, Landlock decides.
    "files": """
        read 0 63   readv 19 65   pread64 17 67   preadv 295 69   lseek 8 62   close 3 57   close_range 436 436
        dup 32 23   dup2 33 -   dup3 292 24   stat 4 -   lstat 6 -   fstat 5 80   newfstatat 262 79   statx 332 291
        access 21 -   faccessat 269 48   faccessat2 439 439   readlink 89 -   readlinkat 267 78   getdents 78 -
        getdents64 217 61   getcwd 79 17   chdir 80 49
    """,
    # Answers, and what a submission prints.
    "output": """
        write 1 64   writev 20 66
    """,
    # `time.sleep`, and what C libraries wait with.
    "waiting": """
        nanosleep 35 101   clock_nanosleep 230 115   select 23 -   pselect6 270 72   poll 7 -   ppoll 271 73
        sched_yield 24 124   restart_syscall 219 128
    """,
    # `time`, `datetime` and `random`, where the C library cannot ask the kernel's shared page.
    "clocks": """
        time 201 -   gettimeofday 96 169   clock_gettime 228 113   clock_getres 229 114   times 100 153
        getcpu 309 168
    """,
    # `os.urandom` and `default_rng`.
    "chance": """
        getrandom 318 278
    """,
    # Python's own handlers, `faulthandler`, `signal.alarm`.
    "signals to itself": """
        rt_sigaction 13 134   rt_sigprocmask 14 135   rt_sigreturn 15 139   rt_sigpending 127 136
        sigaltstack 131 132   alarm 37 -   setitimer 38 103   getitimer 36 102
    """,
    # `os.getpid`, `getpass`, `platform`, `resource`.
    "itself": """
        getpid 39 172   gettid 186 178   getppid 110 173   getpgrp 111 -   getuid 102 174   geteuid 107 175
        getgid 104 176   getegid 108 177   getresuid 118 148   getresgid 120 150   getgroups 115 158
        getrlimit 97 163   uname 63 160
    """,
    # `os._exit`.
    "the end": """
        exit 60 93   exit_group 231 94
    """,
}

#: These are allowed or refused by their arguments.
CHECKED: Final = """
    open 2 -   openat 257 56   fcntl 72 25   ioctl 16 29   prctl 157 167   prlimit64 302 261   futex 202 98
    madvise 28 233   sched_getaffinity 204 123   sched_setaffinity 203 122   getpgid 121 155   getsid 124 156
"""

#: These fail with ENOSYS, so that the C library falls back on an older call that the filter can judge: their
#: arguments lie in memory, which no filter can read.
UNKNOWN: Final = """
    clone3 435 435   openat2 437 437
"""

#: Every other call fails with EPERM. Of what that refuses, these are worth a name, for they are easily overlooked:
#: each lets one worker tell another something, or shows who else runs and what he reads. The kernel numbers all pipes
#: in one row, so that making them tells; `getrusage` counts the pages that had to be read from disk.
OVERLOOKED: Final = """
    flock 73 32   fadvise64 221 223   readahead 187 213   mincore 27 232   preadv2 327 286   pwritev2 328 287
    cachestat 451 451   msync 26 227   mlock 149 228   sysinfo 99 179   statfs 137 43   fstatfs 138 44
    getpriority 140 141   ioprio_get 252 31   sched_getscheduler 145 120   sched_getparam 143 121
    sched_getattr 315 275   sched_rr_get_interval 148 127   capget 125 90   get_robust_list 274 100
    kcmp 312 272   kill 62 129   tgkill 234 131   socket 41 198   memfd_create 319 279
    eventfd2 290 19   inotify_init1 294 26   futex_waitv 449 449   pipe 22 -   pipe2 293 59   getrusage 98 165
"""

#: The newest call known here (Linux 6.17's file_setattr): what came later fails with ENOSYS.
NEWEST: Final = 469

#: Calls that the lock-down makes itself; their numbers are the same on every architecture.
CLOSE_RANGE: Final = 436
LANDLOCK_CREATE_RULESET: Final = 444
LANDLOCK_ADD_RULE: Final = 445
LANDLOCK_RESTRICT_SELF: Final = 446

#: The columns of the tables. A 32-bit interpreter on a 64-bit kernel uses other numbers, so it has no column.
COLUMNS: Final = {"x86_64": 0, "aarch64": 1}
MACHINE: Final = platform.machine() if sys.platform == "linux" and sys.maxsize > 2**32 else ""

_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None
if _libc is not None:
    _libc.syscall.restype = ctypes.c_long
    _libc.prctl.argtypes = (ctypes.c_int, *[ctypes.c_ulong] * 4)

# What capget(2) and capset(2) take: the third version, this process; then three sets, in two halves. Made
# here because a forked child pays for everything that it makes first.
_HEADER: Final = (ctypes.c_uint32 * 2)(0x20080522, 0)
_NONE: Final = (ctypes.c_uint32 * 6)()
_FOUND: Final = (ctypes.c_uint32 * 6)()


def numbers(table: str, machine: str) -> dict[str, int]:
    """Give the calls of a table that `machine` ("x86_64" or "aarch64") has, as name -> number."""
    words = table.split()
    column = words[1 + COLUMNS[machine] :: 3]
    return {name: int(number) for name, number in zip(words[::3], column, strict=True) if number != "-"}


def syscall(number: int, *arguments: int | bytes | None) -> int:
    """Make one system call: integers go as longs, bytes as a pointer, None as a null pointer.

    Raises OSError with the kernel's errno (ENOSYS on another platform than Linux).
    """
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no Linux system calls")
    words = [ctypes.c_long(word) if isinstance(word, int) else ctypes.c_char_p(word) for word in arguments]
    return _check_result(_libc.syscall(ctypes.c_long(number), *words))


def prctl(option: int, *arguments: int) -> int:
    """Make the prctl of an option with up to four arguments, else 0. Raises OSError like `syscall`."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no prctl")
    return _check_result(_libc.prctl(option, *arguments, *[0] * (4 - len(arguments))))


def capget() -> tuple[int, int, int]:
    """Give this process's effective, permitted and inheritable capabilities as bit masks."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no capabilities")
    _check_result(_libc.capget(_HEADER, _FOUND))
    low, high = _FOUND[:3], _FOUND[3:]
    return low[0] | high[0] << 32, low[1] | high[1] << 32, low[2] | high[2] << 32


def clear_capabilities() -> None:
    """Empty this process's effective, permitted and inheritable capabilities, for good."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no capabilities")
    _check_result(_libc.capset(_HEADER, _NONE))


def keep_capabilities(mask: int) -> None:
    """Bring this process's effective and permitted capabilities down to those in `mask`, and inherit none."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no capabilities")
    low, high = mask & 0xFFFFFFFF, mask >> 32
    _check_result(_libc.capset(_HEADER, (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)))


def _check_result(result: int) -> int:
    """Give a C call's result, or raise its errno as an OSError."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
