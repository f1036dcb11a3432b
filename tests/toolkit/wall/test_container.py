"""Docker's rules as this project emulates them: what a container may do still works, what it may not is refused."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograder.guest import syscalls
from autograder.wall import docker_rules

ROOT = Path(__file__).resolve().parents[3]
pytestmark = pytest.mark.skipif(docker_rules.why_absent() is not None, reason=str(docker_rules.why_absent()))

# name -> the number and the arguments of a call that is harmless where it succeeds
CALLS = {
    "unshare(CLONE_NEWNS)": ("unshare 272 97", 0x20000),
    "unshare(CLONE_NEWUSER)": ("unshare 272 97", 0x10000000),
    "mount": ("mount 165 40", 0, 0, 0, 0, 0),
    "setns": ("setns 308 268", -1, 0),
    "keyctl": ("keyctl 250 219", 0, -3, 0),
    "add_key": ("add_key 248 217", 0, 0, 0, 0, 0),
    "bpf": ("bpf 321 280", 0, 0, 0),
    "userfaultfd": ("userfaultfd 323 282", 0),
    "io_uring_setup": ("io_uring_setup 425 425", 0, 0),
    "perf_event_open": ("perf_event_open 298 241", 0, 0, 0, 0, 0),
    "socket(AF_VSOCK)": ("socket 41 198", 40, 1, 0),
    "personality(ADDR_NO_RANDOMIZE)": ("personality 135 92", 0x40000),
    "clone(CLONE_NEWUSER)": ("clone 56 220", 0x10000000, 0, 0, 0, 0),
    "clone3": ("clone3 435 435", 0, 0),
    "a call of the future": ("future 1000 1000",),
    "personality(the present one)": ("personality 135 92", 0xFFFFFFFF),
    "chroot": ("chroot 161 51", b"/"),
    "setuid(0)": ("setuid 105 146", 0),
    "ptrace": ("ptrace 101 117", 99, 0, 0, 0),
    "landlock's version": ("landlock_create_ruleset 444 444", 0, 0, 1),
}
EPERM, ENOSYS = 1, 38


def tried(*, landlock):
    """The error number of each call, and the status of a process under the rules."""
    script = """
        import json, os, sys
        sys.path[0:0] = [sys.argv[1]]
        from autograder import container
        from autograder.guest import syscalls
        container.confine(landlock=sys.argv[2] == "True")
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
        name: [syscalls.numbers(entry, syscalls.MACHINE)[entry.split()[0]]]
        + [argument.decode() if isinstance(argument, bytes) else argument for argument in arguments]
        for name, (entry, *arguments) in CALLS.items()
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
