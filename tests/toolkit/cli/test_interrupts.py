"""Ctrl-C, and a reader who has had enough: real processes, signals and pipes."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
KMEANS = ROOT / "examples" / "kmeans"
COMMAND = (sys.executable, "-I", "-B", str(ROOT / "autograder"))


def interrupt(arguments, is_ready, to=os.killpg):
    """Start a command, send SIGINT when it is ready; return its status, what it said, and who is left of it."""
    process = subprocess.Popen(
        [*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        end = time.monotonic() + 60
        while not is_ready(process.pid):
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < end, "it does not begin"
            time.sleep(0.02)
        to(process.pid, signal.SIGINT)
        _, said = process.communicate(timeout=60)
    finally:
        process.kill()
    return process.returncode, said, is_ready(process.pid)


@pytest.fixture
def interpreters(family):
    """`interpreters(pid)`: the audit's interpreters that run."""

    def find(pid):
        lines = [Path(f"/proc/{one}/cmdline") for one in family(pid)]
        return [line for line in lines if line.exists() and b"spawn_main" in line.read_bytes()]

    return find


@pytest.mark.parametrize("to", [os.killpg, os.kill], ids=["a terminal's Ctrl-C", "a signal to the audit alone"])
def test_an_audit_that_is_interrupted_ends_with_its_interpreters(interpreters, to):
    command = ("audit", "--assignment", str(KMEANS), "--no-mutants", "--jobs", "1")
    status, said, left = interrupt(command, interpreters, to)
    assert (status, left) == (130, [])
    assert "Stopped." in said
    assert "Traceback" not in said


def test_a_grading_that_is_interrupted_leaves_results_that_blame_nobody(tmp_path):
    results = tmp_path / "r.json"
    command = ("grade", str(KMEANS / "reference"), "--assignment", str(KMEANS), "--results", str(results))
    status, said, _ = interrupt(command, lambda _: results.exists())
    assert status == 130
    assert "Traceback" not in said
    assert "it is not your fault" in results.read_text()


@pytest.mark.parametrize("arguments", [("make", "--list"), ("completion", "bash"), ("--help",), ("make", "--help")])
def test_a_reader_who_has_had_enough_is_no_finding(arguments):
    process = subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    process.stdout.close()
    assert process.stderr.read() == ""
    assert process.wait(60) == 0
