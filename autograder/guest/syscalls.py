"""Linux's system-call numbers, grouped by what a worker may not do, and the C calls that reach them.

Each entry reads `name x86_64 aarch64`, with `-` where the architecture lacks the call. The numbers are those
of Linux's `asm/unistd_64.h` and `asm-generic/unistd.h`; from 424 on they are the same on both.
"""

from __future__ import annotations

import ctypes
import os
import platform
import sys
from typing import Final

#: A worker's call of any of these fails with EPERM, whatever its arguments.
REFUSED: Final = {
    "processes and threads": """
        fork 57 -   vfork 58 -   clone 56 220   execve 59 221   execveat 322 281   uselib 134 -
    """,
    "sockets": """
        socket 41 198   socketpair 53 199   bind 49 200   listen 50 201   accept 43 202   accept4 288 242
        connect 42 203   getsockname 51 204   getpeername 52 205   sendto 44 206   recvfrom 45 207
        setsockopt 54 208   getsockopt 55 209   shutdown 48 210   sendmsg 46 211   recvmsg 47 212
        sendmmsg 307 269   recvmmsg 299 243
    """,
    "signals to others": """
        kill 62 129   tkill 200 130   tgkill 234 131   rt_sigqueueinfo 129 138
        rt_tgsigqueueinfo 297 240   pidfd_send_signal 424 424   pidfd_open 434 434   pidfd_getfd 438 438
    """,
    "other processes": """
        ptrace 101 117   process_vm_readv 310 270   process_vm_writev 311 271   process_madvise 440 440
        process_mrelease 448 448   kcmp 312 272   get_robust_list 274 100   move_pages 279 239
        migrate_pages 256 238   perf_event_open 298 241
    """,
    "scheduling and sessions": """
        setpriority 141 140   sched_setparam 142 118   sched_setscheduler 144 119   sched_setattr 314 274
        ioprio_set 251 30   setsid 112 157   setpgid 109 154
    """,
    "identity and limits": """
        setuid 105 146   setgid 106 144   setreuid 113 145   setregid 114 143   setresuid 117 147
        setresgid 119 149   setfsuid 122 151   setfsgid 123 152   setgroups 116 159   capset 126 91
        setrlimit 160 164   personality 135 92
    """,
    "namespaces and mounts": """
        unshare 272 97   setns 308 268   mount 165 40   umount2 166 39   pivot_root 155 41
        chroot 161 51   open_tree 428 428   open_tree_attr 467 467   move_mount 429 429   fsopen 430 430
        fsconfig 431 431   fsmount 432 432   fspick 433 433   mount_setattr 442 442   statmount 457 457
        listmount 458 458
    """,
    "filters and policies": """
        seccomp 317 277   landlock_create_ruleset 444 444   landlock_add_rule 445 445
        landlock_restrict_self 446 446   lsm_set_self_attr 460 460
    """,
    "the kernel": """
        bpf 321 280   userfaultfd 323 282   io_uring_setup 425 425   io_uring_enter 426 426
        io_uring_register 427 427   io_setup 206 0   io_destroy 207 1   io_submit 209 2   io_cancel 210 3
        io_getevents 208 4   io_pgetevents 333 292   add_key 248 217   request_key 249 218
        keyctl 250 219   create_module 174 -   init_module 175 105   finit_module 313 273
        delete_module 176 106   get_kernel_syms 177 -   query_module 178 -   kexec_load 246 104
        kexec_file_load 320 294   reboot 169 142   swapon 167 224   swapoff 168 225   acct 163 89
        quotactl 179 60   quotactl_fd 443 443   syslog 103 116   _sysctl 156 -   sysfs 139 -
        ustat 136 -   nfsservctl 180 42   lookup_dcookie 212 18   vhangup 153 58
    """,
    "the machine": """
        settimeofday 164 170   clock_settime 227 112   clock_adjtime 305 266   adjtimex 159 171
        sethostname 170 161   setdomainname 171 162   iopl 172 -   ioperm 173 -   modify_ldt 154 -
    """,
    "shared memory and queues": """
        shmget 29 194   shmat 30 196   shmctl 31 195   shmdt 67 197   msgget 68 186   msgsnd 69 189
        msgrcv 70 188   msgctl 71 187   semget 64 190   semop 65 193   semtimedop 220 192   semctl 66 191
        mq_open 240 180   mq_unlink 241 181   mq_timedsend 242 182   mq_timedreceive 243 183
        mq_notify 244 184   mq_getsetattr 245 185   memfd_create 319 279   memfd_secret 447 447
    """,
    "names in the file system": """
        rename 82 -   renameat 264 38   renameat2 316 276   link 86 -   linkat 265 37   symlink 88 -
        symlinkat 266 36   unlink 87 -   unlinkat 263 35   mkdir 83 -   mkdirat 258 34   rmdir 84 -
        mknod 133 -   mknodat 259 33   creat 85 -   name_to_handle_at 303 264   open_by_handle_at 304 265
    """,
    "modes, owners, times": """
        chmod 90 -   fchmod 91 52   fchmodat 268 53   fchmodat2 452 452   chown 92 -   fchown 93 55
        lchown 94 -   fchownat 260 54   utime 132 -   utimes 235 -   futimesat 261 -   utimensat 280 88
        file_getattr 468 468   file_setattr 469 469
    """,
    "extended attributes": """
        setxattr 188 5   lsetxattr 189 6   fsetxattr 190 7   getxattr 191 8   lgetxattr 192 9
        fgetxattr 193 10   listxattr 194 11   llistxattr 195 12   flistxattr 196 13   removexattr 197 14
        lremovexattr 198 15   fremovexattr 199 16   setxattrat 463 463   getxattrat 464 464
        listxattrat 465 465   removexattrat 466 466
    """,
    "file contents": """
        truncate 76 45   ftruncate 77 46   fallocate 285 47   sendfile 40 71   copy_file_range 326 285
        splice 275 76   tee 276 77   vmsplice 278 75   sync 162 81   syncfs 306 267
        sync_file_range 277 84   cachestat 451 451
    """,
    "watching files": """
        inotify_init 253 -   inotify_init1 294 26   inotify_add_watch 254 27   inotify_rm_watch 255 28
        fanotify_init 300 262   fanotify_mark 301 263
    """,
}

#: These fail with ENOSYS, so that the C library falls back on an older call that the filter can judge: their
#: arguments lie in memory, which no filter can read.
UNKNOWN: Final = """
    clone3 435 435   openat2 437 437
"""

#: These are allowed or refused by their arguments.
CHECKED: Final = """
    open 2 -   openat 257 56   fcntl 72 25   ioctl 16 29   prctl 157 167   prlimit64 302 261
    sched_setaffinity 203 122
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
    return _checked(_libc.syscall(ctypes.c_long(number), *words))


def prctl(option: int, *arguments: int) -> int:
    """Make the prctl of an option with up to four arguments, else 0. Raises OSError like `syscall`."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no prctl")
    return _checked(_libc.prctl(option, *arguments, *[0] * (4 - len(arguments))))


def capget() -> tuple[int, int, int]:
    """Give this process's effective, permitted and inheritable capabilities as bit masks."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no capabilities")
    _checked(_libc.capget(_HEADER, _FOUND))
    low, high = _FOUND[:3], _FOUND[3:]
    return low[0] | high[0] << 32, low[1] | high[1] << 32, low[2] | high[2] << 32


def clear_capabilities() -> None:
    """Empty this process's effective, permitted and inheritable capabilities, for good."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no capabilities")
    _checked(_libc.capset(_HEADER, _NONE))


def keep_capabilities(mask: int) -> None:
    """Bring this process's effective and permitted capabilities down to those in `mask`, and inherit none."""
    if _libc is None:
        raise OSError(38, f"{sys.platform} has no capabilities")
    low, high = mask & 0xFFFFFFFF, mask >> 32
    _checked(_libc.capset(_HEADER, (ctypes.c_uint32 * 6)(low, low, 0, high, high, 0)))


def _checked(result: int) -> int:
    """Give a C call's result, or raise its errno as an OSError."""
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result
