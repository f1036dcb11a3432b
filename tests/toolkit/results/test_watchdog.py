"""A run that hangs is ended whatever holds it, what was graded is kept, and no process is left."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from autograder.results import watchdog

ROOT = Path(__file__).resolve().parents[3]

RUN = """
import os, re, sys, time
sys.path.insert(0, sys.argv[1])
from pathlib import Path
from autograder.results import watchdog
from autograder.results.report import Report, TestResult
from autograder.results.results_file import ResultsFile
from autograder.results.watchdog import Watchdog

watchdog._TAKES_OVER_AFTER = 0.3
says = "It hangs.", "What was graded is kept."
with ResultsFile(Path(sys.argv[2])) as file, Watchdog(file, float(sys.argv[3]), *says):
    file.begin(Report((TestResult(name="t", number="1", score=0.0, max_score=1.0),)))
    file.put(TestResult(name="t", number="1", score=1.0, max_score=1.0))
    print("begun", flush=True)
    exec(sys.argv[4])
"""


def start(file, seconds, code):
    words = [sys.executable, "-c", RUN, str(ROOT), str(file), str(seconds), code]
    child = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert child.stdout is not None
    assert child.stdout.readline() == "begun\n"
    return child


def watchers(file):
    """Return the processes beside a run that writes `file`."""
    found = []
    for entry in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = entry.read_bytes().split(b"\0")
        except OSError:
            continue
        if str(file).encode() in words and b"-S" in words:
            found.append(int(entry.parent.name))
    return found


def wait_until(condition):
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("code", "status"),
    [
        pytest.param("time.sleep(60)", 3, id="python runs"),
        pytest.param("re.match('(a+)+b', 'a' * 60)", -signal.SIGKILL, id="a search holds it"),
    ],
)
def test_a_run_that_hangs_is_ended_and_what_was_graded_is_kept(tmp_path, code, status):
    file = tmp_path / "r.json"
    with start(file, 0.2, code) as child:
        _, said = child.communicate(timeout=50)
    document = json.loads(file.read_text())
    assert (child.returncode, said) == (status, "What was graded is kept.\n")
    assert document["score"] == 1
    assert (document["output"], document["extra_data"]["stopped"]) == ("What was graded is kept.", "It hangs.")
    wait_until(lambda: not watchers(file))


def test_a_run_that_ends_leaves_no_process_and_its_own_words(tmp_path):
    file = tmp_path / "r.json"
    with start(file, 60, "file.update(output='Done.')") as child:
        child.communicate(timeout=50)
    assert child.returncode == 0
    assert json.loads(file.read_text())["output"] == "Done."
    assert not watchers(file)


def test_a_run_that_is_killed_leaves_no_process(tmp_path):
    file = tmp_path / "r.json"
    with start(file, 60, "time.sleep(60)") as child:
        wait_until(lambda: watchers(file))
        child.kill()
    wait_until(lambda: not watchers(file))
    assert json.loads(file.read_text())["score"] == 1


def test_a_run_whose_process_beside_it_is_killed_goes_on(tmp_path):
    file = tmp_path / "r.json"
    with start(file, 60, "sys.stdin.readline(); file.update(output='Done.')") as child:
        wait_until(lambda: watchers(file))
        for process in watchers(file):
            os.kill(process, signal.SIGKILL)
        child.communicate("\n", timeout=50)
    assert child.returncode == 0
    assert json.loads(file.read_text())["output"] == "Done."


def test_time_in_which_the_machine_stands_still_does_not_count(monkeypatch):
    clock = [0.0]
    monkeypatch.setattr(watchdog.time, "monotonic", lambda: clock[0])

    def wait(most):
        waited.append(most)
        clock[0] += 3600 if len(waited) == 1 else most
        return False

    waited: list[float] = []
    assert watchdog.passes(3.0, wait)
    assert sum(waited[1:]) >= 1.9
