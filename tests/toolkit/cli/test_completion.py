"""Completion, as a shell that reads keys does it."""

import fcntl
import os
import pty
import re
import shutil
import subprocess
import sys
import termios
import time
from pathlib import Path
from select import select

import pytest

ROOT = Path(__file__).resolve().parents[3]
SHELLS = {
    "bash": ["bash", "--norc", "--noprofile", "-i"],
    "zsh": ["zsh", "-f", "-i"],
    "fish": ["fish", "--no-config", "-i"],
}
READ = {"bash": "source {}", "zsh": "autoload -U compinit; compinit -u -D; source {}", "fish": "source {}"}
TO_THE_START, TO_THE_END = b"\x01", b"\x05"


def take_the_terminal():
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A shell at a pseudo-terminal."""

    def __init__(self, shell, home):
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "TERM": "dumb",
            "PS1": "$ ",
            "INPUTRC": os.devnull,
        }
        self.leader, follower = pty.openpty()
        self.process = subprocess.Popen(
            SHELLS[shell], stdin=follower, stdout=follower, stderr=follower, cwd=ROOT, env=environment,
            start_new_session=True, preexec_fn=take_the_terminal,  # noqa: PLW1509  one thread runs here
        )  # fmt: skip
        os.close(follower)
        self.said = ""

    def type(self, keys):
        os.write(self.leader, keys)

    def wait(self, pattern, seconds=30):
        """Read on until the pattern has been said."""
        until = time.monotonic() + seconds
        while not (found := re.search(pattern, self.said)):
            assert time.monotonic() < until, f"{pattern!r} was not said:\n{self.said}"
            if select([self.leader], [], [], 0.1)[0]:
                self.said += os.read(self.leader, 65536).decode("utf-8", "replace")
        self.said = ""
        return found

    def completed(self, keys):
        """The words of the line that `keys` and a tabulator make; a folder's without the slash that may follow it."""
        self.type(keys.encode() + b"\t" + TO_THE_START + b"printf '<%s>' " + TO_THE_END + b" end\n")
        return [word.rstrip("/") for word in re.findall("<([^>]*)>", self.wait("((?:<[^>%]+>)+)<end>")[1])]

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.leader)


@pytest.fixture(params=SHELLS)
def terminal(request, tmp_path):
    shell = request.param
    if shutil.which(shell) is None:
        pytest.skip(f"{shell} is not installed")
    command = [sys.executable, "-m", "autograder", "completion", shell]
    script = tmp_path / "completion script"
    script.write_bytes(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    opened = Terminal(shell, tmp_path)
    opened.type(f"{READ[shell].format(repr(str(script)))}; echo re''ady\n".encode())
    opened.wait("ready")
    yield opened
    opened.close()


@pytest.mark.parametrize(
    ("keys", "words"),
    [
        ("python -m autograder rehe", ["python", "-m", "autograder", "rehearse"]),
        ("python3 -m autograder package --wit", ["python3", "-m", "autograder", "package", "--with-data"]),
        (
            "python -m autograder package --part prog",
            ["python", "-m", "autograder", "package", "--part", "programming"],
        ),
        ("./run_autograder --see", ["./run_autograder", "--seed"]),
        ("python -m autograder grade student_temp", ["python", "-m", "autograder", "grade", "student_template"]),
        ("python run_te", ["python", "run_tests"]),
    ],
)
def test_a_tabulator_completes(terminal, keys, words):
    assert terminal.completed(keys) == words


def test_an_unknown_shell_is_told_which_there_are():
    command = [sys.executable, "-m", "autograder", "completion"]
    done = subprocess.run(
        command, cwd=ROOT, env={**os.environ, "SHELL": "/bin/dash"}, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "$SHELL is dash: name one of bash, zsh, fish." in done.stderr
