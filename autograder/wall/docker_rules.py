"""Docker's default rules, applied to a process of this machine, to try grading under them without Docker.

The filter is Docker's default seccomp profile (moby's profiles/seccomp/default.json) and the capabilities are
Docker's default fourteen, as a container on Gradescope has them. It is no wall: nothing relies on it.
"""

from __future__ import annotations

import os
from typing import Final

from autograder.base.errors import IsolationError
from autograder.guest import seccomp, syscalls

_PR_CAPBSET_READ: Final = 23
_PR_CAPBSET_DROP: Final = 24
_CAP_SYS_ADMIN: Final = 21
_MOST_CAPABILITIES: Final = 64

#: Docker's default capabilities, with their numbers in Linux's uapi/linux/capability.h.
CAPABILITIES: Final = {
    "CHOWN": 0, "DAC_OVERRIDE": 1, "FOWNER": 3, "FSETID": 4, "KILL": 5, "SETGID": 6, "SETUID": 7, "SETPCAP": 8,
    "NET_BIND_SERVICE": 10, "NET_RAW": 13, "SYS_CHROOT": 18, "MKNOD": 27, "AUDIT_WRITE": 29, "SETFCAP": 31,
}  # fmt: skip

# The profile lists what is allowed and refuses the rest with EPERM. Here is the rest, as `syscalls` writes tables:
# first what needs a capability that a container has not, then what no container may.
_REFUSED: Final = """
    open_by_handle_at 304 265   bpf 321 280   fanotify_init 300 262   fsconfig 431 431   fsmount 432 432
    fsopen 430 430   fspick 433 433   lookup_dcookie 212 18   lsm_get_self_attr 459 459
    lsm_set_self_attr 460 460   lsm_list_modules 461 461   mount 165 40   mount_setattr 442 442
    move_mount 429 429   open_tree 428 428   perf_event_open 298 241   quotactl 179 60   quotactl_fd 443 443
    setdomainname 171 162   sethostname 170 161   setns 308 268   syslog 103 116   umount2 166 39
    unshare 272 97   statmount 457 457   listmount 458 458   reboot 169 142   delete_module 176 106
    init_module 175 105   finit_module 313 273   acct 163 89   kcmp 312 272   pidfd_getfd 438 438
    process_madvise 440 440   iopl 172 -   ioperm 173 -   settimeofday 164 170   clock_settime 227 112
    vhangup 153 58   get_mempolicy 239 236   mbind 237 235   set_mempolicy 238 237
    set_mempolicy_home_node 450 450

    add_key 248 217   request_key 249 218   keyctl 250 219   userfaultfd 323 282   io_uring_setup 425 425
    io_uring_enter 426 426   io_uring_register 427 427   kexec_load 246 104   kexec_file_load 320 294
    pivot_root 155 41   swapon 167 224   swapoff 168 225   move_pages 279 239   migrate_pages 256 238
    uselib 134 -   ustat 136 -   sysfs 139 -   _sysctl 156 -   create_module 174 -   get_kernel_syms 177 -
    query_module 178 -   nfsservctl 180 42   getpmsg 181 -   putpmsg 182 -   afs_syscall 183 -   tuxcall 184 -
    security 185 -   epoll_ctl_old 214 -   epoll_wait_old 215 -   vserver 236 -
"""
# ENOSYS, so that the C library falls back on clone, whose flags a filter can read.
_UNKNOWN: Final = "clone3 435 435"
_CHECKED: Final = "clone 56 220   personality 135 92   socket 41 198"
_LANDLOCK: Final = "landlock_create_ruleset 444 444   landlock_add_rule 445 445   landlock_restrict_self 446 446"
#: The newest call that the profile knows (mseal); runc answers ENOSYS for what came later.
_NEWEST: Final = 462

_CHECKS: Final = {
    # CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID and NEWNET.
    "clone": seccomp.refuse_bits(0, 0x7E020000),
    # PER_LINUX, PER_LINUX32, UNAME26, both, and the question what it is.
    "personality": seccomp.allow_values(0, 0x0, 0x8, 0x20000, 0x20008, 0xFFFFFFFF),
    # AF_ALG, AF_VSOCK.
    "socket": seccomp.refuse_values(0, 38, 40),
}


def build_program(machine: str, *, landlock: bool = True) -> seccomp.Block:
    """Build Docker's filter for "x86_64" or "aarch64"; without `landlock`, as on a kernel that has none."""
    verdicts = dict.fromkeys(syscalls.numbers(_REFUSED, machine).values(), seccomp.REFUSE)
    hidden = f"{_UNKNOWN} {'' if landlock else _LANDLOCK}"
    verdicts |= dict.fromkeys(syscalls.numbers(hidden, machine).values(), seccomp.NO_SUCH_CALL)
    verdicts |= {number: _CHECKS[name] for name, number in syscalls.numbers(_CHECKED, machine).items()}
    return seccomp.assemble(verdicts, _NEWEST, machine, seccomp.ALLOW)


def why_absent() -> str | None:
    """Say why a process of ours cannot be held to Docker's rules here; None where it can."""
    if not syscalls.MACHINE:
        return "it needs Linux on x86_64 or aarch64"
    if os.geteuid() != 0 or not syscalls.capget()[0] >> _CAP_SYS_ADMIN & 1:
        return "it needs root with CAP_SYS_ADMIN, since Docker's filter comes without no_new_privs"
    return seccomp.why_absent()


def confine(*, landlock: bool = True) -> None:
    """Hold this process, and whatever it starts, to Docker's default rules, for good.

    landlock: whether the kernel's Landlock is to be seen. Raises IsolationError where that cannot be had.
    """
    absent = why_absent()
    if absent is not None:
        raise IsolationError(f"Docker's rules cannot be put on a process here: {absent}.")
    # The filter first: without no_new_privs it takes a capability that goes right after.
    seccomp.install(build_program(syscalls.MACHINE, landlock=landlock))
    for capability in range(_MOST_CAPABILITIES):
        try:
            held = syscalls.prctl(_PR_CAPBSET_READ, capability)
        except OSError:  # past the last one that the kernel knows
            break
        if held and capability not in CAPABILITIES.values():
            syscalls.prctl(_PR_CAPBSET_DROP, capability)
    syscalls.keep_capabilities(sum(1 << number for number in CAPABILITIES.values()) & syscalls.capget()[1])
