"""Docker's rules as this project emulates them: what a container may do still works, what it may not is refused."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograder.guest import syscalls
from autograder.wall import docker, docker_rules
from tests.toolkit.kernel_calls import KERNEL, number_of

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(docker_rules.why_absent() is not None, reason=str(docker_rules.why_absent()))

# name -> a call that is harmless where it succeeds, by its name or number, and its arguments
CALLS = {
    "unshare(CLONE_NEWNS)": ("unshare", 0x20000),
    "unshare(CLONE_NEWUSER)": ("unshare", 0x10000000),
    "mount": ("mount", 0, 0, 0, 0, 0),
    "setns": ("setns", -1, 0),
    "keyctl": ("keyctl", 0, -3, 0),
    "add_key": ("add_key", 0, 0, 0, 0, 0),
    "bpf": ("bpf", 0, 0, 0),
    "userfaultfd": ("userfaultfd", 0),
    "io_uring_setup": ("io_uring_setup", 0, 0),
    "perf_event_open": ("perf_event_open", 0, 0, 0, 0, 0),
    "socket(AF_VSOCK)": ("socket", 40, 1, 0),
    "personality(ADDR_NO_RANDOMIZE)": ("personality", 0x40000),
    "clone(CLONE_NEWUSER)": ("clone", 0x10000000, 0, 0, 0, 0),
    "clone3": ("clone3", 0, 0),
    "a call of the future": (1000,),
    "personality(the present one)": ("personality", 0xFFFFFFFF),
    "chroot": ("chroot", b"/"),
    "setuid(0)": ("setuid", 0),
    "ptrace": ("ptrace", 99, 0, 0, 0),
    "landlock's version": ("landlock_create_ruleset", 0, 0, 1),
}
EPERM, ENOSYS = 1, 38


def tried(*, landlock):
    """The error number of each call, and the status of a process under the rules."""
    script = """
        import json, os, sys
        sys.path[0:0] = [sys.argv[1]]
        from autograder.wall import docker_rules
        from autograder.guest import syscalls
        docker_rules.confine(landlock=sys.argv[2] == "True")
        found = {}
        for name, (number, *arguments) in json.loads(sys.argv[3]).items():
            try:
                syscalls.syscall(number, *[a.encode() if isinstance(a, str) else a for a in arguments])
                found[name] = 0
            except OSError as error:
                found[name] = error.errno
        status = dict(line.split(":", 1) for line in open("/proc/self/status"))
        print(json.dumps([found, status["CapEff"].strip(), status["CapBnd"].strip(), status["NoNewPrivs"].strip()]))
    """
    calls = {
        name: [number_of(call) if isinstance(call, str) else call]
        + [argument.decode() if isinstance(argument, bytes) else argument for argument in arguments]
        for name, (call, *arguments) in CALLS.items()
    }
    command = [sys.executable, "-I", "-B", "-c", textwrap.dedent(script), str(ROOT), str(landlock), json.dumps(calls)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return json.loads(done.stdout)


def test_the_documented_calls_are_refused_and_the_documented_capabilities_left():
    errors, effective, bounding, no_new_privileges = tried(landlock=True)
    names = list(CALLS)
    refused = names[: names.index("clone3")]
    assert {name: errors[name] for name in refused} == dict.fromkeys(refused, EPERM)
    assert errors["clone3"] == errors["a call of the future"] == ENOSYS
    assert errors["personality(the present one)"] == errors["chroot"] == errors["setuid(0)"] == 0
    assert errors["ptrace"] not in (EPERM, ENOSYS)  # allowed since Linux 4.8, and this request is nonsense
    assert effective == bounding == "00000000a80425fb"  # what `docker run` shows
    assert no_new_privileges == "0"


def test_landlock_can_be_hidden_as_an_old_kernel_would():
    assert tried(landlock=False)[0]["landlock's version"] == ENOSYS


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_a_filter_is_made_for_both_architectures(machine):
    assert 50 < len(docker_rules.build_program(machine)) < 4096


# A blind call of these would end the process that makes it, or never return.
LEFT_OUT = """
    exit exit_group fork vfork clone rt_sigreturn pause rt_sigsuspend sync execve uretprobe uprobe
"""
EVERY_CALL = """
    import json, os, signal, sys
    sys.path[0:0] = [sys.argv[1]]
    from autograder.wall import docker_rules
    from autograder.guest import syscalls
    if sys.argv[2] == "imitated":
        docker_rules.confine()
    found = {}
    for number in json.loads(sys.argv[3]):
        mine, its = os.pipe()
        pid = os.fork()
        if pid == 0:
            signal.alarm(5)
            error = 0
            try:
                syscalls.syscall(number, *[-1] * 6)
            except OSError as raised:
                error = raised.errno
            os.write(its, str(error).encode())
            os._exit(0)
        os.close(its)
        found[number] = int(os.read(mine, 9) or -1)
        os.close(mine)
        os.waitpid(pid, 0)
    print(json.dumps(found))
"""


def every_call(how, numbers):
    """The error number of each call, with arguments that make no sense, by number."""
    program = [sys.executable, "-I", "-B", "-c", textwrap.dedent(EVERY_CALL), str(ROOT), how, json.dumps(numbers)]
    name = f"beras-calls-{os.getpid()}"
    if how == "real":
        prefixes = (Path(sys.prefix), Path(sys.prefix).resolve(), Path(sys.base_prefix), ROOT)
        program = docker.command_here(dict.fromkeys(prefixes, False), program, {}, name=name, folder=ROOT)
    try:
        done = subprocess.run(program, capture_output=True, text=True, timeout=300, check=True)
    finally:
        if how == "real":
            docker.remove(name)
    return {int(number): error for number, error in json.loads(done.stdout).items()}


@pytest.mark.skipif(docker.why_absent() is not None, reason=f"no Docker daemon: {docker.why_absent()}")
def test_the_table_of_refusals_is_what_dockers_own_profile_refuses():
    # What Docker's profile has decided differently since: io_uring was taken away in version 25, the others were
    # added before that. `personality` is judged by its argument, and has its own test above.
    decided_anew = """
        io_uring_setup io_uring_enter io_uring_register name_to_handle_at process_vm_readv process_vm_writev
        pkey_mprotect pkey_alloc pkey_free
    """
    skipped = f"{LEFT_OUT} personality {decided_anew if docker.version() < (25,) else ''}".split()
    kernel = syscalls.numbers(KERNEL, syscalls.MACHINE)
    numbers = sorted(n for name, n in kernel.items() if name not in skipped and n <= docker_rules._NEWEST)
    real, imitated = every_call("real", numbers), every_call("imitated", numbers)
    # An older daemon's profile does not know the newest calls, and answers ENOSYS.
    unlike = {
        number: (real[number], imitated[number])
        for number in numbers
        if (real[number] == EPERM) != (imitated[number] == EPERM) and real[number] != ENOSYS
    }
    assert unlike == {}
    assert sum(error == EPERM for error in real.values()) > 40
