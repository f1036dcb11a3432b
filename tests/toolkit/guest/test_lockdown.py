"""What a locked-down worker can still do and what it cannot, tried on real processes.

Every payload is harmless where a wall falls: signals go to a decoy, files are canaries, networks loopbacks.
"""

from __future__ import annotations

import ctypes
import errno
import fcntl
import json
import mmap
import os
import re
import resource
import select
import shutil
import signal
import socket
import stat
import struct
import subprocess
import sys
import tempfile
import threading
import time
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from autograder.guest import landlock, lockdown, seccomp, syscalls
from autograder.guest.lockdown import Limits, Policy
from autograder.wall import docker_rules
from tests.toolkit.kernel_calls import KERNEL, number_of

if sys.platform != "linux":
    pytest.skip("the lock-down's layers are Linux's", allow_module_level=True)

ROOT = os.geteuid() == 0
NEW_USER, ORDINARY_USER = 54_321, 54_322  # nobody's
PR_SET_DUMPABLE, PR_SET_NO_NEW_PRIVS = 4, 38
PATIENCE = 60  # seconds, for a worker to answer

needs_root = pytest.mark.skipif(not ROOT, reason="only root can become another user")
needs_landlock = pytest.mark.skipif(landlock.why_absent() is not None, reason=f"no Landlock: {landlock.why_absent()}")
needs_seccomp = pytest.mark.skipif(seccomp.why_absent() is not None, reason=f"no seccomp: {seccomp.why_absent()}")

needs_proc = pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="no /proc here")


def needs_landlock_abi(abi):
    held = 0 if landlock.why_absent() else landlock.version()
    return pytest.mark.skipif(held < abi, reason=f"needs Landlock ABI {abi}, this kernel has {held}")


def roomy():
    """Limits that no test hits by accident, above what pytest and NumPy have mapped already."""
    pages = int(Path("/proc/self/statm").read_text().split()[0])
    return Limits(cpu_seconds=20, address_space=pages * mmap.PAGESIZE + 256 * 2**20)


def attempt(action, *arguments):
    """The name of the error that the action met, or "allowed"."""
    try:
        action(*arguments)
    except OSError as error:
        return errno.errorcode[error.errno]
    except Exception as error:  # noqa: BLE001  whatever stopped the action is the answer
        return type(error).__name__
    return "allowed"


def ask_prctl(option, argument):
    """What a prctl of the option gives, or the name of its error."""
    try:
        return syscalls.prctl(option, argument)
    except OSError as error:
        return errno.errorcode[error.errno]


def in_child(prepare, action):
    """Fork a child that calls `prepare(pipe)`, then `action()`: give what it answers and its wait status."""
    mine, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            prepare(its)
            answer = {"answer": action()}
        except BaseException as error:  # noqa: BLE001  the parent shows it
            answer = {"error": f"{type(error).__name__}: {error}"}
        try:
            os.write(its, json.dumps(answer).encode())
        finally:
            os._exit(0)
    os.close(its)
    text = b""
    while select.select([mine], [], [], PATIENCE)[0] and (piece := os.read(mine, 1 << 16)):
        text += piece
    os.close(mine)
    done, status = os.waitpid(pid, os.WNOHANG)
    if not done:
        time.sleep(0.2)  # the end of the pipe comes a little before the end of the process
        done, status = os.waitpid(pid, os.WNOHANG)
    if not done:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        pytest.fail("the child neither answered nor ended")
    return json.loads(text or "{}"), status


def landlocked(worker):
    """Prepare a child that Landlock alone holds, as on a machine where nothing else is to be had."""

    def prepare(_pipe):
        if ROOT:
            become_ordinary(worker.user)
        syscalls.prctl(PR_SET_NO_NEW_PRIVS, 1)
        landlock.restrict(landlock.make_ruleset(worker.readable))

    return prepare


def filtered(_pipe):
    """Prepare a child that the filter alone holds, as in a container whose kernel has no Landlock."""
    syscalls.prctl(PR_SET_NO_NEW_PRIVS, 1)
    seccomp.install()


def become_ordinary(uid):
    """Turn root into what a laptop's user is; dumpable again, as a process is that never was root."""
    os.setgroups([])
    os.setresgid(uid, uid, uid)
    os.setresuid(uid, uid, uid)
    syscalls.prctl(PR_SET_DUMPABLE, 1)


@dataclass(frozen=True)
class Worker:
    """How a test's workers start: from root to a fresh user, or as an ordinary user who stays."""

    readable: tuple[str, ...]
    uid: int | None
    starts_as: int | None

    def lock(self, pipe, limits=None, **options):
        if self.starts_as is not None:
            become_ordinary(self.starts_as)
        return lockdown.lock_down(Policy(limits or roomy(), self.readable, self.uid), [pipe], **options)

    def does(self, action, limits=None):
        """What the action returns in a locked-down worker."""
        answer, _ = in_child(lambda pipe: self.lock(pipe, limits), action)
        assert "answer" in answer, answer
        return answer["answer"]

    def dies(self, action, limits=None):
        """The signal that ends a worker which tries the action."""
        answer, status = in_child(lambda pipe: self.lock(pipe, limits), action)
        assert answer == {}
        return signal.Signals(os.WTERMSIG(status))

    @property
    def user(self):
        return self.uid or self.starts_as or os.geteuid()


@pytest.fixture
def place():
    """A world-writable folder outside pytest's private ones: only the lock-down keeps a worker out of it."""
    folder = Path(tempfile.mkdtemp(prefix="lockdown-canary-"))
    folder.chmod(0o777)
    (folder / "open").mkdir()
    (folder / "open" / "lesson").write_text("for everyone")
    (folder / "secret").write_text("for nobody")
    (folder / "canary").write_text("alive")
    for path in (folder / "open", folder / "open" / "lesson", folder / "secret", folder / "canary"):
        path.chmod(0o777)
    yield folder
    shutil.rmtree(folder)


@pytest.fixture(params=[pytest.param("new user", marks=needs_root), "same user"])
def worker(request, place):
    libraries = {str(Path(module.__file__).parent) for module in (os, json, np, lockdown)}
    readable = (str(place / "open"), "/no/such/path", *libraries)
    if request.param == "new user":
        return Worker(readable, uid=NEW_USER, starts_as=None)
    return Worker(readable, uid=None, starts_as=ORDINARY_USER if ROOT else None)


@pytest.fixture
def decoy(worker):
    """A process of the worker's own user, which ordinary rights would let it signal."""
    user = {"user": worker.user, "group": worker.user, "extra_groups": []} if ROOT else {}
    process = subprocess.Popen(["/bin/sleep", "120"], **user)
    yield process
    process.kill()
    process.wait()


@pytest.fixture
def waiting(worker):
    """The process number of a locked-down worker that does nothing but wait."""
    mine, its = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            worker.lock(its)
            os.write(its, b"locked")
            time.sleep(PATIENCE)
        finally:
            os._exit(0)
    os.close(its)
    assert os.read(mine, 6) == b"locked"
    yield pid
    os.kill(pid, signal.SIGKILL)
    os.waitpid(pid, 0)
    os.close(mine)


# Files


def test_a_worker_reads_what_the_policy_makes_readable(worker, place):
    assert worker.does((place / "open" / "lesson").read_text) == "for everyone"


@needs_landlock
def test_a_worker_cannot_read_a_world_readable_file_elsewhere(worker, place):
    assert worker.does(lambda: attempt((place / "secret").read_text)) == "EACCES"


@needs_landlock
def test_a_worker_cannot_read_around_the_wall_through_a_parent_folder(worker, place):
    assert worker.does(lambda: attempt((place / "open" / ".." / "secret").read_text)) == "EACCES"


@needs_landlock
@pytest.mark.parametrize("folder", ["/", "/tmp", "/proc", "/proc/self/fd"])
def test_a_worker_cannot_list_a_folder_elsewhere(worker, folder):
    assert worker.does(lambda: attempt(os.listdir, folder)) == "EACCES"


@needs_landlock
@pytest.mark.parametrize("name", ["maps", "environ", "mem", "cmdline"])
def test_a_worker_cannot_read_its_own_process_files(worker, name):
    assert worker.does(lambda: attempt(Path("/proc/self", name).read_bytes)) == "EACCES"


@needs_seccomp
@pytest.mark.parametrize("folder", ["/tmp", "/dev/shm", "place", "place/open"])
def test_a_worker_cannot_make_a_file_anywhere(worker, place, folder):
    path = Path(str(place.parent / folder.replace("place", place.name, 1)), f"canary-{os.getpid()}")
    refused = worker.does(lambda: attempt(path.write_text, "written"))
    made = path.exists()
    path.unlink(missing_ok=True)
    assert (refused, made) == ("EPERM", False)


@needs_seccomp
@pytest.mark.parametrize(
    "flags", [os.O_WRONLY, os.O_RDWR, os.O_TRUNC, os.O_APPEND, os.O_CREAT, os.O_PATH, os.O_WRONLY | os.O_RDWR]
)
def test_a_worker_cannot_open_a_readable_file_in_any_other_way(worker, place, flags):
    lesson = str(place / "open" / "lesson")
    assert worker.does(lambda: attempt(os.open, lesson, flags)) == "EPERM"
    assert Path(lesson).read_text() == "for everyone"


@needs_seccomp
def test_a_worker_cannot_make_a_nameless_file(worker):
    assert worker.does(lambda: attempt(os.open, "/tmp", os.O_TMPFILE | os.O_RDWR)) == "EPERM"


CHANGES = {
    "unlink": lambda place: (place / "canary").unlink(),
    "rename": lambda place: (place / "canary").rename(place / "renamed"),
    "link": lambda place: os.link(place / "canary", place / "linked"),
    "symlink": lambda place: (place / "pointer").symlink_to(place / "canary"),
    "mkdir": lambda place: (place / "folder").mkdir(),
    "mkfifo": lambda place: os.mkfifo(place / "fifo"),
    "rmdir": lambda place: (place / "open").rmdir(),
    "chmod": lambda place: (place / "canary").chmod(0o700),
    "chown": lambda place: os.chown(place / "canary", os.getuid(), -1),
    "utime": lambda place: os.utime(place / "canary", (1, 1)),
    "truncate": lambda place: os.truncate(place / "canary", 0),
    "setxattr": lambda place: os.setxattr(place / "canary", "user.mark", b"1"),
}


@needs_seccomp
@pytest.mark.parametrize("change", CHANGES)
def test_a_worker_cannot_change_the_file_system(worker, place, change):
    def look():
        return sorted(path.name for path in place.iterdir()), (place / "canary").stat()[:9]

    os.chown(place / "canary", worker.user, worker.user)
    before = look()
    assert worker.does(lambda: attempt(CHANGES[change], place)) == "EPERM"
    assert look() == before


@needs_landlock
def test_landlock_alone_keeps_a_process_from_writing(worker, place):
    answer, _ = in_child(landlocked(worker), lambda: attempt((place / "canary").write_text, "dead"))
    assert answer == {"answer": "EACCES"}
    assert (place / "canary").read_text() == "alive"


@needs_seccomp
def test_the_filter_alone_keeps_a_process_from_writing(place):
    answer, _ = in_child(filtered, lambda: attempt((place / "canary").write_text, "dead"))
    assert answer == {"answer": "EPERM"}
    assert (place / "canary").read_text() == "alive"


@needs_landlock
def test_a_ruleset_handles_every_right_that_the_kernel_knows():
    abi = landlock.version()
    if abi > landlock.NEWEST_ABI:
        pytest.skip(f"this kernel has Landlock ABI {abi}, which is newer than the table")
    known = landlock.known_rights(abi)
    for place in range(len(known)):
        one_more = [2 * rights + 1 if place == at else rights for at, rights in enumerate(known)]
        attributes = struct.pack("=3Q", *one_more)
        create = syscalls.LANDLOCK_CREATE_RULESET
        assert attempt(syscalls.syscall, create, attributes, len(attributes), 0) in {"EINVAL", "E2BIG"}


@needs_landlock
def test_one_ruleset_serves_many_workers(worker, place):
    ruleset = landlock.make_ruleset(worker.readable)
    lesson, secret = place / "open" / "lesson", place / "secret"
    for _ in range(3):
        answer, _ = in_child(
            lambda pipe: worker.lock(pipe, ruleset=ruleset),
            lambda: [attempt(lesson.read_text), attempt(secret.read_text), attempt(os.fstat, ruleset)],
        )
        assert answer == {"answer": ["allowed", "EACCES", "EBADF"]}
    os.close(ruleset)


# Descriptors


def test_a_worker_keeps_the_descriptors_asked_for_and_no_other(worker):
    extra = [os.open("/dev/zero", os.O_RDONLY) for _ in range(5)]
    os.dup2(extra[0], 777)
    opened = worker.does(lambda: [file for file in range(1024) if attempt(os.fstat, file) == "allowed"])
    for file in (*extra, 777):
        os.close(file)
    assert opened[:3] == [0, 1, 2]
    assert len(opened) == 4  # and the pipe that this answer came through


def test_a_workers_standard_streams_are_dev_null(worker):
    null = Path("/dev/null").stat().st_rdev
    assert worker.does(lambda: [os.fstat(file).st_rdev for file in (0, 1, 2)]) == [null] * 3


def test_keeping_a_descriptor_that_is_not_open_is_refused_with_its_number():
    answer, _ = in_child(lambda _pipe: lockdown.lock_down(Policy(roomy(), (), None), [999]), lambda: "locked down")
    assert "descriptor 999" in answer["error"]


# Processes, threads, signals


def fork_a_child_that_ends():
    if (pid := os.fork()) == 0:
        os._exit(0)
    os.waitpid(pid, 0)


@needs_seccomp
def test_a_worker_cannot_fork(worker):
    assert worker.does(lambda: attempt(fork_a_child_that_ends)) == "EPERM"


@needs_seccomp
def test_a_worker_cannot_start_a_thread(worker):
    assert worker.does(lambda: attempt(threading.Thread(target=int).start)) == "RuntimeError"


@needs_seccomp
def test_a_worker_cannot_run_a_program(worker):
    assert worker.does(lambda: attempt(os.execv, "/bin/true", ["true"])) == "EPERM"


def test_a_worker_without_the_filter_still_cannot_fork_more_than_its_limit_allows(worker, monkeypatch):
    if worker.user == 0:
        pytest.skip("the limit on processes does not bind root")
    monkeypatch.setattr(lockdown, "_filter_calls", lambda: "left out by this test")
    assert worker.does(lambda: attempt(fork_a_child_that_ends)) == "EAGAIN"


SIGNALS = {
    "kill": lambda pid: os.kill(pid, signal.SIGKILL),
    "killpg": lambda pid: os.killpg(pid, signal.SIGKILL),
    "tgkill": lambda pid: syscalls.syscall(number_of("tgkill"), pid, pid, 9),
    "pidfd_open": os.pidfd_open,
}


@needs_seccomp
@pytest.mark.parametrize("way", SIGNALS)
def test_a_worker_cannot_signal_another_process(worker, decoy, way):
    assert worker.does(lambda: attempt(SIGNALS[way], decoy.pid)) == "EPERM"
    assert decoy.poll() is None


def is_pipe(number):
    try:
        return stat.S_ISFIFO(os.fstat(number).st_mode)
    except OSError:
        return False


@needs_seccomp
def test_a_worker_cannot_have_a_pipe_signal_another_process(worker, decoy):
    f_setown, f_setsig = 8, 10

    def payload():
        end = next(number for number in range(3, 32) if is_pipe(number))
        return [attempt(fcntl.fcntl, end, which, decoy.pid) for which in (f_setown, f_setsig)]

    assert worker.does(payload) == ["EPERM", "EPERM"]


@needs_landlock_abi(6)
def test_landlock_alone_keeps_a_process_from_signalling(worker, decoy):
    answer, _ = in_child(landlocked(worker), lambda: attempt(os.kill, decoy.pid, signal.SIGTERM))
    assert answer == {"answer": "EPERM"}


@needs_seccomp
def test_a_worker_cannot_trace_another_process_or_read_its_memory(worker, decoy):
    ptrace_attach = 16
    assert worker.does(
        lambda: [
            attempt(syscalls.syscall, number_of("ptrace"), ptrace_attach, decoy.pid, 0, 0),
            attempt(syscalls.syscall, number_of("process_vm_readv"), decoy.pid, None, 0, None, 0, 0),
        ]
    ) == ["EPERM", "EPERM"]


@needs_proc
def test_a_process_of_the_same_user_cannot_read_a_workers_memory(worker, waiting):
    answer, _ = in_child(
        lambda _pipe: become_ordinary(worker.user) if ROOT else None,
        lambda: [attempt(Path(f"/proc/{waiting}/{name}").read_bytes) for name in ("environ", "maps")],
    )
    assert answer == {"answer": ["EACCES", "EACCES"]}


@needs_proc
def test_a_worker_is_the_first_to_go_when_memory_runs_out(waiting):
    assert Path(f"/proc/{waiting}/oom_score_adj").read_text() == "1000\n"


def test_a_worker_has_a_session_of_its_own(waiting):
    assert os.getsid(waiting) == waiting


def test_a_worker_ends_with_its_parent(worker):
    mine, its = os.pipe()
    parent = os.fork()
    if parent == 0:
        if os.fork() == 0:
            try:
                worker.lock(its)
                os.write(its, b"locked")
                time.sleep(PATIENCE)
                os.write(its, b"outlived")
            finally:
                os._exit(0)
        time.sleep(PATIENCE)
        os._exit(0)
    os.close(its)
    assert os.read(mine, 100) == b"locked"
    os.kill(parent, signal.SIGKILL)
    os.waitpid(parent, 0)
    ended, _, _ = select.select([mine], [], [], PATIENCE / 2)
    left = os.read(mine, 100) if ended else b"still running"
    os.close(mine)
    assert left == b""


def test_a_worker_whose_parent_is_gone_already_is_not_locked_down(worker):
    nobody = os.getpid() + 1
    answer, _ = in_child(lambda pipe: worker.lock(pipe, parent=nobody), lambda: "locked down")
    assert f"process {nobody}, had ended already" in answer["error"]


def test_a_process_with_a_second_thread_is_not_locked_down(worker):
    def prepare(pipe):
        threading.Thread(target=time.sleep, args=(PATIENCE,), daemon=True).start()
        worker.lock(pipe)

    answer, _ = in_child(prepare, lambda: "locked down")
    assert "2 threads run here" in answer["error"]


# Networks


@needs_seccomp
@pytest.mark.parametrize("family", [socket.AF_INET, socket.AF_INET6, socket.AF_UNIX, socket.AF_NETLINK])
def test_a_worker_cannot_make_a_socket(worker, family):
    assert worker.does(lambda: attempt(socket.socket, family, socket.SOCK_DGRAM)) == "EPERM"


@needs_seccomp
def test_a_worker_cannot_make_a_pair_of_sockets(worker):
    assert worker.does(lambda: attempt(socket.socketpair)) == "EPERM"


@needs_landlock_abi(4)
def test_landlock_alone_keeps_a_process_from_connecting_over_tcp(worker):
    with socket.create_server(("127.0.0.1", 0)) as server:
        answer, _ = in_child(landlocked(worker), lambda: attempt(socket.create_connection, server.getsockname(), 5))
    assert answer == {"answer": "EACCES"}


@needs_landlock_abi(10)
def test_landlock_alone_keeps_a_process_from_sending_over_udp(worker):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        answer, _ = in_child(
            landlocked(worker),
            lambda: attempt(socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto, b"x", server.getsockname()),
        )
    assert answer == {"answer": "EACCES"}


@needs_landlock_abi(9)
def test_landlock_alone_keeps_a_process_from_a_named_socket(worker, place):
    path = str(place / "open" / "socket")
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(path)
        Path(path).chmod(0o777)
        server.listen()
        answer, _ = in_child(landlocked(worker), lambda: attempt(socket.socket(socket.AF_UNIX).connect, path))
    assert answer == {"answer": "EACCES"}


@needs_landlock_abi(6)
def test_landlock_alone_keeps_a_process_from_an_abstract_socket(worker):
    with socket.socket(socket.AF_UNIX) as server:
        server.bind("")  # the kernel chooses an abstract name
        server.listen()
        answer, _ = in_child(
            landlocked(worker), lambda: attempt(socket.socket(socket.AF_UNIX).connect, server.getsockname())
        )
    assert answer == {"answer": "EPERM"}


# Identity and limits


@needs_root
@pytest.mark.parametrize("worker", ["new user"], indirect=True)
def test_a_worker_is_another_user_in_no_group_with_no_capability(worker, monkeypatch):
    monkeypatch.setattr(lockdown, "_filter_calls", lambda: "left out by this test, which asks what it refuses")

    def prepare(pipe):
        os.setgroups([1, 2, 3])
        worker.lock(pipe)

    answer, _ = in_child(prepare, lambda: [[*os.getresuid(), *os.getresgid()], os.getgroups(), syscalls.capget()])
    assert answer == {"answer": [[NEW_USER] * 6, [], [0, 0, 0]]}


@needs_root
@pytest.mark.parametrize("worker", ["new user"], indirect=True)
def test_no_program_could_give_a_worker_a_capability_back(worker):
    pr_capbset_read, past_the_last = 23, "EINVAL"
    answers = worker.does(lambda: [ask_prctl(pr_capbset_read, capability) for capability in range(64)])
    assert set(answers) - {past_the_last} == {0}


def test_a_worker_cannot_become_root(worker):
    assert worker.does(lambda: [attempt(os.setuid, 0), attempt(os.setgid, 0)]) == ["EPERM"] * 2


@needs_root
@pytest.mark.parametrize("worker", ["new user"], indirect=True)
def test_without_the_filter_a_worker_cannot_become_root_either(worker, monkeypatch):
    monkeypatch.setattr(lockdown, "_filter_calls", lambda: "left out by this test")
    assert worker.does(lambda: attempt(os.setresuid, 0, 0, 0)) == "EPERM"


@needs_root
def test_root_that_stays_root_has_no_capability_left(monkeypatch):
    monkeypatch.setattr(lockdown, "_filter_calls", lambda: "left out by this test, which asks what it refuses")
    left, _ = in_child(lambda pipe: lockdown.lock_down(Policy(roomy(), (), None), [pipe]), syscalls.capget)
    assert left == {"answer": [0, 0, 0]}


def test_becoming_another_user_without_root_is_refused(worker):
    if worker.user == 0:
        pytest.skip("this worker is root")

    def prepare(pipe):
        if ROOT:
            become_ordinary(worker.user)
        lockdown.lock_down(Policy(roomy(), (), NEW_USER + 7), [pipe])

    answer, _ = in_child(prepare, lambda: "locked down")
    assert f"becoming user {NEW_USER + 7} needs root" in answer["error"]
    assert "not the student's" in answer["error"]


def test_too_large_an_array_is_a_memory_error_and_the_worker_lives_on(worker):
    half_a_gigabyte = 2**26
    assert worker.does(lambda: [attempt(np.empty, half_a_gigabyte), float(np.ones(1000).sum())]) == [
        "MemoryError",
        1000.0,
    ]


def busy():
    while time.process_time() < 5:  # far more than the limit, and as much on a busy machine
        pass
    return "still running"


def test_a_busy_loop_ends_at_the_cpu_limit(worker):
    assert worker.dies(busy, Limits(1, roomy().address_space)) == signal.SIGXCPU


def test_a_busy_loop_that_ignores_the_signal_is_killed(worker):
    def stubborn():
        signal.signal(signal.SIGXCPU, signal.SIG_IGN)
        return busy()

    assert worker.dies(stubborn, Limits(1, roomy().address_space)) == signal.SIGKILL


@needs_seccomp
def test_a_worker_can_read_its_limits_and_not_set_them(worker):
    files = resource.RLIMIT_NOFILE
    refused, limits = worker.does(lambda: [attempt(resource.setrlimit, files, (16, 16)), resource.getrlimit(files)])
    assert refused == "ValueError"  # what Python makes of EPERM here
    assert limits == [32, 32]


def test_a_worker_leaves_no_core_and_writes_no_byte_to_files(worker):
    names = ("CORE", "FSIZE", "MEMLOCK", "MSGQUEUE")
    limits = worker.does(lambda: [resource.getrlimit(getattr(resource, f"RLIMIT_{name}")) for name in names])
    assert limits == [[0, 0]] * 4


def test_a_lower_limit_from_outside_is_kept(worker):
    def prepare(pipe):
        for entry in [*Path("/dev/fd").iterdir()]:  # there may be more than 20 open, by whoever runs the tests
            if int(entry.name) not in (0, 1, 2, pipe):
                with suppress(OSError):
                    os.close(int(entry.name))
        resource.setrlimit(resource.RLIMIT_NOFILE, (20, 20))
        worker.lock(pipe)

    answer, _ = in_child(prepare, lambda: resource.getrlimit(resource.RLIMIT_NOFILE))
    assert answer == {"answer": [20, 20]}


# The filter


def allowed_calls(machine):
    return {n for family in syscalls.ALLOWED.values() for n in syscalls.numbers(family, machine).values()}


@needs_seccomp
def test_every_call_that_is_not_listed_is_refused(worker):
    # Blind calls of these would do something if the filter were gone; each has its own test above, but for
    # msgget, which would leave a queue behind, pause, which never returns, and calls that need no argument.
    harmful = {"fork", "vfork", "clone", "execve", "kill", "msgget", "pause", "vhangup", "sync", "setsid"}
    unseen = {"uretprobe", "uprobe"}  # x86_64's, which no filter sees
    listed = (*syscalls.ALLOWED.values(), syscalls.CHECKED, syscalls.UNKNOWN)
    left_out = {n for table in listed for n in syscalls.numbers(table, syscalls.MACHINE).values()}
    kernel = syscalls.numbers(KERNEL, syscalls.MACHINE)
    left_out |= {kernel[name] for name in (harmful | unseen) & kernel.keys()}
    calls = sorted(set(range(syscalls.NEWEST + 1)) - left_out)
    nonsense = [-1] * 6  # as pointer, descriptor, process or flags
    results = worker.does(lambda: [attempt(syscalls.syscall, number, *nonsense) for number in calls])
    assert {number: result for number, result in zip(calls, results, strict=True) if result != "EPERM"} == {}
    assert len(results) > 250


@needs_seccomp
def test_what_is_easily_overlooked_is_refused(worker):
    calls = syscalls.numbers(syscalls.OVERLOOKED, syscalls.MACHINE)
    assert set(worker.does(lambda: [attempt(syscalls.syscall, number, 0, 0) for number in calls.values()])) == {"EPERM"}


@needs_seccomp
def test_no_lock_on_a_file_tells_another_worker_anything(worker):
    def locks():
        file, ofd_getlk = 0, 36
        return [
            attempt(fcntl.flock, file, fcntl.LOCK_SH | fcntl.LOCK_NB),
            attempt(fcntl.lockf, file, fcntl.LOCK_SH | fcntl.LOCK_NB, 1, 12345),
            attempt(fcntl.fcntl, file, fcntl.F_GETLK, bytes(32)),
            attempt(fcntl.fcntl, file, ofd_getlk, bytes(32)),
            attempt(fcntl.fcntl, file, fcntl.F_GETLEASE),
        ]

    assert worker.does(locks) == ["EPERM"] * 5


@needs_seccomp
def test_no_page_of_a_file_is_asked_after_and_no_lock_lies_in_one(worker):
    futex, madvise = (syscalls.numbers(syscalls.CHECKED, syscalls.MACHINE)[name] for name in ("futex", "madvise"))

    def tries():
        page = mmap.mmap(-1, mmap.PAGESIZE)
        address = ctypes.addressof(ctypes.c_char.from_buffer(page))
        wake, private = 1, 128
        shared = [
            attempt(syscalls.syscall, futex, address, wake, 1),
            attempt(syscalls.syscall, madvise, address, 4096, 3),
        ]
        own = [attempt(syscalls.syscall, futex, address, wake | private, 1)]
        return shared + own + [attempt(syscalls.syscall, madvise, address, 4096, advice) for advice in (4, 14)]

    assert worker.does(tries)[:2] == ["EPERM"] * 2
    assert "EPERM" not in worker.does(tries)[2:]


@needs_seccomp
def test_nobody_else_can_be_asked_after(worker, decoy):
    calls = (os.getpgid, os.getsid, os.sched_getaffinity, os.sched_getscheduler, os.sched_getparam)
    asked = [*calls, lambda pid: os.getpriority(os.PRIO_PROCESS, pid)]
    assert worker.does(lambda: [attempt(call, decoy.pid) for call in asked]) == ["EPERM"] * 6
    assert worker.does(lambda: [attempt(call, 0) for call in calls[:3]]) == ["allowed"] * 3


@needs_seccomp
def test_calls_newer_than_the_table_do_not_exist(worker):
    later = (syscalls.NEWEST + 1, syscalls.NEWEST + 100, 0x3FFFFFFF)
    clone3, openat2 = 435, 437
    assert (
        worker.does(lambda: [attempt(syscalls.syscall, number, -1, -1) for number in (clone3, openat2, *later)])
        == ["ENOSYS"] * 5
    )


@needs_seccomp
@pytest.mark.skipif(syscalls.MACHINE != "x86_64", reason="x32 numbers are x86_64's")
def test_an_x32_number_kills(worker):
    getpid = 39
    assert worker.dies(lambda: syscalls.syscall(0x40000000 | getpid)) == signal.SIGSYS


def ask_the_32_bit_kernel_for_the_pid():
    getpid = b"\xb8\x14\x00\x00\x00\xcd\x80\xc3"  # mov eax, 20; int 0x80; ret
    page = mmap.mmap(-1, mmap.PAGESIZE, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC)
    page.write(getpid)
    address = ctypes.addressof(ctypes.c_char.from_buffer(page))
    return ctypes.CFUNCTYPE(ctypes.c_int)(address)() == os.getpid()


@needs_seccomp
@pytest.mark.skipif(syscalls.MACHINE != "x86_64", reason="int 0x80 is x86_64's")
def test_a_call_by_another_architectures_gate_kills(worker):
    without, _ = in_child(lambda _pipe: None, ask_the_32_bit_kernel_for_the_pid)
    if without != {"answer": True}:
        pytest.skip("this kernel has no 32-bit gate")
    assert worker.dies(ask_the_32_bit_kernel_for_the_pid) == signal.SIGSYS


@needs_seccomp
@pytest.mark.parametrize("option", [1, 4, 22, 24, 28, 31, 35, 47, 0x59616D61])
def test_a_worker_cannot_undo_its_lock_down_by_prctl(worker, option):
    assert worker.does(lambda: attempt(syscalls.prctl, option, 0)) == "EPERM"


@needs_seccomp
def test_a_worker_cannot_type_into_a_terminal(worker):
    tiocsti, tioclinux, tiocsctty = 0x5412, 0x541C, 0x540E

    tries = (tiocsti, tioclinux, tiocsctty)
    assert worker.does(lambda: [attempt(fcntl.ioctl, 0, which, b"x") for which in tries]) == ["EPERM"] * 3


@needs_seccomp
def test_a_worker_may_place_itself_on_a_processor_and_no_other(worker, decoy):
    assert worker.does(
        lambda: [attempt(os.sched_setaffinity, pid, os.sched_getaffinity(0)) for pid in (0, decoy.pid)]
    ) == ["allowed", "EPERM"]


def verdict(program, architecture, number, arguments=()):
    """Run a filter as the kernel would: the action it returns for a call."""
    data = struct.pack("=iIQ6Q", number, architecture, 0, *[*arguments, 0, 0, 0, 0, 0, 0][:6])
    accumulator, at = 0, 0
    while True:
        code, jump_true, jump_false, operand = program[at]
        if code == 0x20:
            (accumulator,) = struct.unpack_from("=I", data, operand)
            at += 1
        elif code == 0x06:
            return operand
        elif code == 0x05:
            at += 1 + operand
        else:
            holds = {
                0x15: accumulator == operand,
                0x35: accumulator >= operand,
                0x45: bool(accumulator & operand),
            }
            at += 1 + (jump_true if holds[code] else jump_false)


ALLOW, REFUSE, NO_SUCH_CALL, KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
MACHINES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_of_each_machine_allows_what_the_table_lists_and_refuses_the_rest(machine):
    program = seccomp.build_program(machine)
    allowed = allowed_calls(machine)
    unknown = set(syscalls.numbers(syscalls.UNKNOWN, machine).values())
    checked = set(syscalls.numbers(syscalls.CHECKED, machine).values())
    for number in set(range(syscalls.NEWEST + 40)) - checked:
        expected = ALLOW if number in allowed else REFUSE
        expected = NO_SUCH_CALL if number in unknown or number > syscalls.NEWEST else expected
        assert verdict(program, MACHINES[machine], number) == expected, number


@pytest.mark.parametrize("machine", MACHINES)
def test_the_filter_of_each_machine_judges_by_arguments(machine):
    calls = syscalls.numbers(syscalls.CHECKED, machine)
    program = seccomp.build_program(machine)

    def judge(name, *arguments):
        return verdict(program, MACHINES[machine], calls[name], arguments)

    high = 1 << 40
    assert judge("openat", 0, 0, os.O_RDONLY | os.O_CLOEXEC) == ALLOW
    assert judge("openat", 0, 0, os.O_RDWR) == REFUSE
    assert judge("openat", 0, 0, high | os.O_WRONLY) == REFUSE
    assert judge("prlimit64", 0, 7, 0) == ALLOW
    assert judge("prlimit64", 1, 7, 0) == REFUSE
    assert judge("prlimit64", 0, 7, 4096) == REFUSE
    assert judge("prlimit64", 0, 7, high) == REFUSE
    assert judge("prctl", 15) == ALLOW
    assert judge("prctl", 4) == REFUSE
    assert judge("ioctl", 0, 0x5401) == ALLOW
    assert judge("ioctl", 0, high | 0x5412) == REFUSE
    assert judge("fcntl", 3, 3) == ALLOW
    assert [judge("fcntl", 3, command) for command in (5, 6, 7, 8, 36, 37, 1024)] == [REFUSE] * 7
    assert judge("futex", 0, 128 | 9) == ALLOW
    assert [judge("futex", 0, command) for command in (0, 1, 9, 256, high | 1)] == [REFUSE] * 5
    assert [judge("madvise", 0, 0, advice) for advice in (4, 14)] == [ALLOW] * 2
    assert [judge("madvise", 0, 0, advice) for advice in (3, 20, 21, 22)] == [REFUSE] * 4
    assert [judge(name, 0) for name in ("getpgid", "getsid", "sched_getaffinity")] == [ALLOW] * 3
    assert [judge(name, 7) for name in ("getpgid", "getsid", "sched_getaffinity")] == [REFUSE] * 3
    assert judge("sched_setaffinity", 0) == ALLOW
    assert judge("sched_setaffinity", 1) == REFUSE


def test_the_filter_of_each_machine_kills_a_call_of_another_machine():
    for machine in MACHINES:
        program = seccomp.build_program(machine)
        foreign = [architecture for name, architecture in MACHINES.items() if name != machine]
        assert [verdict(program, architecture, 0) for architecture in (*foreign, 0x40000003)] == [KILL] * 2


def entries(*tables):
    """The entries of tables, each a name with its numbers."""
    words = " ".join(tables).split()
    return set(zip(words[::3], words[1::3], words[2::3], strict=True))


@pytest.mark.parametrize(
    "tables",
    [
        [*syscalls.ALLOWED.values(), syscalls.CHECKED, syscalls.UNKNOWN, syscalls.OVERLOOKED],
        [docker_rules._REFUSED, docker_rules._UNKNOWN, docker_rules._CHECKED, docker_rules._LANDLOCK],
    ],
    ids=["worker", "docker"],
)
def test_each_entry_of_our_tables_is_the_kernels_own_on_both_machines(tables):
    assert entries(*tables) - entries(KERNEL) == set()


HEADERS = {
    "x86_64": Path("/usr/include/x86_64-linux-gnu/asm/unistd_64.h"),
    "aarch64": Path("/usr/include/asm-generic/unistd.h"),
}


@pytest.mark.parametrize("machine", MACHINES)
def test_the_kernels_table_agrees_with_the_header_that_is_installed(machine):
    if not HEADERS[machine].exists():
        pytest.skip(f"no {HEADERS[machine]} here")
    header = dict(re.findall(r"#define __NR(?:3264)?_(\w+)\s+(\d+)$", HEADERS[machine].read_text(), re.MULTILINE))
    kernel = {name: str(number) for name, number in syscalls.numbers(KERNEL, machine).items()}
    shared = header.keys() & kernel.keys()
    assert {name: (header[name], kernel[name]) for name in shared if header[name] != kernel[name]} == {}
    assert len(shared) > 290


# What still works


USUAL_WORK = """
import json, os, sys
import numpy as np
import numpy.random  # NumPy loads it when it is asked for, and a worker may not be able to read where it lies
sys.path.append({root!r})
from autograder.guest import lockdown

def work():
    import decimal, fractions, hashlib, lzma, re, time
    time.sleep(0.001)
    x = np.arange(60_000.0).reshape(200, 300) / 7
    return [
        float((x @ x.T).sum()),
        np.linalg.svd(x[:20, :30], compute_uv=False)[:2].tolist(),
        np.random.default_rng(5).normal(size=3).tolist(),
        str(decimal.Decimal(1) / 7), str(fractions.Fraction(6, 4)), hashlib.sha256(b"x").hexdigest(),
        re.sub("a+", "b", "caat"), lzma.decompress(lzma.compress(b"tape")).decode(), len(os.urandom(4)),
        sys.stdout.isatty(), float(np.einsum("bi,bo->io", x, x).sum()),
    ]

mine, its = os.pipe()
parent = os.getpid()
if os.fork() == 0:
    try:
        assert not {{"lzma", "_lzma", "decimal", "_decimal"}} & sys.modules.keys()
        policy = lockdown.Policy(lockdown.Limits(20, 2**31), {readable!r}, {uid!r})
        lockdown.lock_down(policy, [its], parent)
        os.write(its, json.dumps(work()).encode())
    except BaseException as error:
        os.write(its, repr(error).encode())
    finally:
        os._exit(0)
os.close(its)
print(os.read(mine, 1 << 16).decode())
print(json.dumps(work()))
"""


@pytest.mark.parametrize("uid", [pytest.param(NEW_USER, marks=needs_root), None])
def test_numpy_and_fresh_imports_give_the_same_answers_after_the_lock_down(uid):
    libraries = {os.path.realpath(path) for path in ("/lib", "/lib64", "/usr/lib", "/usr/lib64")}
    packages = {str(Path(os.__file__).parent), str(Path(np.__file__).parents[1])}
    root = str(Path(lockdown.__file__).parents[2])
    script = USUAL_WORK.format(root=root, readable=(*libraries, *packages), uid=uid)
    alone = {name: value for name, value in os.environ.items() if not name.startswith("COVERAGE")}
    alone["OPENBLAS_NUM_THREADS"] = "1"
    run = subprocess.run([sys.executable, "-I", "-c", script], capture_output=True, text=True, check=True, env=alone)
    locked, free = run.stdout.splitlines()
    assert json.loads(locked) == json.loads(free)


@needs_seccomp
def test_a_worker_may_duplicate_descriptors_and_wait(worker):
    def payload():
        copy = os.dup(0)  # /dev/null, which is always at its end
        ready, _, _ = select.select([copy], [], [], 1)
        signal.setitimer(signal.ITIMER_REAL, 100)
        return [ready == [copy], os.read(copy, 1).decode()]

    assert worker.does(payload) == [True, ""]


# The report


def test_the_report_says_of_every_layer_whether_it_holds(worker):
    report = {}
    answer, _ = in_child(lambda pipe: report.update(worker.lock(pipe)), lambda: report)
    layers = answer["answer"]
    assert [name for name, state in layers.items() if state != "on" and not state.startswith("absent: ")] == []
    assert layers["limits"] == layers["memory limit"] == layers["no new privileges"] == "on"
    assert (layers["user"] == "on") == (worker.uid is not None)


def test_what_is_said_to_be_available_is_what_gets_applied(worker):
    report = {}
    answer, _ = in_child(lambda pipe: report.update(worker.lock(pipe)), lambda: report)
    offered = lockdown.available()
    for layer in ("landlock", "seccomp", "limits", "memory limit", "no new privileges", "ends with parent"):
        assert (answer["answer"][layer] == "on") == (not offered[layer].startswith("absent"))


def test_a_layer_that_fails_stops_the_worker_and_names_itself(worker, monkeypatch):
    def fail():
        raise PermissionError(errno.EPERM, "not today")

    monkeypatch.setattr(lockdown, "_renounce_privileges", fail)
    answer, _ = in_child(lambda pipe: worker.lock(pipe), lambda: "locked down")
    assert answer["error"].startswith("LockdownError")
    assert "'no new privileges'" in answer["error"]
    assert "not today" in answer["error"]


@pytest.mark.parametrize(("field", "value"), [("cpu_seconds", 0), ("address_space", -1), ("open_files", 0)])
def test_a_limit_must_be_positive(field, value):
    with pytest.raises(ValueError, match=field):
        Limits(**{"cpu_seconds": 1, "address_space": 1, field: value})


def test_a_readable_path_must_be_absolute():
    with pytest.raises(ValueError, match="absolute"):
        Policy(Limits(1, 1), ("beras",), None)


def test_root_is_no_user_to_become():
    with pytest.raises(ValueError, match="ordinary user"):
        Policy(Limits(1, 1), (), 0)
