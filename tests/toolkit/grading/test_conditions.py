"""A machine that misbehaves: no room, no folder, a clock that jumps, a pause in the middle, a neighbour."""

import ast
import json
import os
import shutil
import signal
import subprocess
import sys
import textwrap
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from autograder.results import gradescope_contract
from autograder.wall.request import Ending, Request, WorkerLimits
from autograder.wall.sandbox import Sandbox

ROOT = Path(__file__).resolve().parents[3]
NAMES = {"forward": "call", "cross_entropy": "CategoricalCrossentropy", "sequential": "assignment"}
ON_LINUX = pytest.mark.skipif(sys.platform != "linux", reason="it needs Linux's /proc and prlimit")
MOUNTS = pytest.mark.skipif(
    subprocess.run(["unshare", "--mount", "true"], capture_output=True, check=False).returncode != 0
    if shutil.which("unshare")
    else True,
    reason="it needs a mount namespace of its own, which only root may make",
)


def command(source, results, *options):
    return [sys.executable, "-m", "autograder", "grade", str(source), "--results", str(results), *options]


def run(arguments, **options):
    return subprocess.run(arguments, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False, **options)


def in_namespace(script, arguments):
    """Run with file systems of its own, mounted by `script`; nobody else sees them."""
    whole = f'set -e\n{script}\nexec "$@"'
    return run(["unshare", "--mount", "sh", "-c", whole, "sh", *arguments])


def timeless(results):
    """A document without what differs from run to run."""
    document = json.loads(results.read_text())
    for part in (document, *document["extra_data"]["tests"].values()):
        for key in ("execution_time", "seconds"):
            part.pop(key, None)
    document["extra_data"].pop("peak_worker_mb")
    return document


def test_a_folder_for_results_that_is_missing_is_named_before_anything_is_graded(tmp_path):
    done = run(command("reference", tmp_path / "not" / "yet" / "there.json", "--only", "mse"))
    assert done.returncode == 2
    assert f"there is no folder {tmp_path / 'not' / 'yet'}. Make it, or name another place." in " ".join(
        done.stderr.split()
    )
    assert not (tmp_path / "not").exists()


@MOUNTS
@pytest.mark.parametrize(
    "kilobytes", [pytest.param(8, id="from the start", marks=pytest.mark.slow), pytest.param(36, id="in the middle")]
)
def test_a_full_disk_leaves_a_valid_result_and_blames_no_student(tmp_path, kilobytes):
    disk, kept = tmp_path / "disk", tmp_path / "kept.json"
    disk.mkdir()
    # What is graded needs about 60 KB, and two files at a time.
    mount = f"mount -t tmpfs -o size={kilobytes}k tmpfs {disk}; trap 'cp {disk}/r.json {kept}' EXIT\n\"$@\"; exit $?"
    done = in_namespace(mount, command("student_template", disk / "r.json", "--skip", "training"))
    assert done.returncode == 3, done.stderr
    assert "make room" in done.stderr or "No space left" in done.stderr
    assert "Traceback" not in done.stderr
    assert gradescope_contract.problems(kept.read_bytes()) == []
    assert "not your fault" in json.loads(kept.read_text())["output"]


@ON_LINUX
def test_a_limit_on_files_that_nothing_fits_in_is_said(tmp_path):
    results = tmp_path / "r.json"
    limited = ["sh", "-c", 'ulimit -f 0; trap "" XFSZ; exec "$@"', "sh"]
    done = run([*limited, *command("reference", results, "--only", "mse")])
    assert done.returncode == 2, done.stderr
    assert "cannot be written" in " ".join(done.stderr.split())
    assert not results.exists()


def test_grading_leaves_no_bytecode_that_a_full_disk_could_cut_off(grade, copied_project):
    root = copied_project()
    for compiled in [*root.rglob("__pycache__")]:
        shutil.rmtree(compiled)
    results, _ = grade("reference", "--only", "mse", root=root)
    assert results["score"] == 5
    assert not [*root.rglob("__pycache__")]


def test_a_temporary_folder_that_cannot_be_used_changes_nothing(tmp_path):
    environment = {**os.environ, "TMPDIR": "/proc"}
    done = run(command("reference", tmp_path / "r.json", "--only", "mse", "-q"), env=environment)
    assert done.stdout.split() == ["5", "/", "5"]


def test_a_grader_that_is_killed_leaves_word_that_it_is_nobodys_mistake(tmp_path):
    results = tmp_path / "r.json"
    with subprocess.Popen(command("reference", results, "-q"), cwd=ROOT, stdout=subprocess.DEVNULL) as running:
        while not results.exists() or len(json.loads(results.read_text())["tests"]) < 2:
            assert running.poll() is None
            time.sleep(0.01)
        running.kill()
    left = json.loads(results.read_text())
    assert left["output"].startswith("**The grading was stopped before its end, and it is not your fault.**")
    assert "The note above the rows says why" in left["tests"][-1]["output"]
    assert "killed" in left["extra_data"]["stopped"]
    done = run(command("reference", results, "--only", "mse", "-q"))
    whole = json.loads(results.read_text())
    assert (done.returncode, whole["extra_data"]["stopped"]) == (0, "")
    assert "stopped before its end" not in whole["output"]


@MOUNTS
def test_a_machine_without_any_temporary_folder_still_grades(tmp_path):
    results = tmp_path / "r.json"
    script = f"""
        mount --bind {tmp_path} /mnt
        for folder in /tmp /var/tmp /usr/tmp; do
            if [ -d $folder ]; then mount --bind $folder $folder; mount -o remount,ro,bind $folder; fi
        done
        cd /proc
    """
    arguments = [
        sys.executable,
        "-I",
        "-B",
        str(ROOT / "autograder"),
        "grade",
        str(ROOT / "reference"),
        "--only",
        "9.2",
    ]
    done = in_namespace(script, [*arguments, "--results", "/mnt/r.json"])
    assert done.returncode == 0, done.stderr
    assert json.loads(results.read_text())["extra_data"]["grader_errors"] == 0


def test_a_clock_that_jumps_changes_nothing(tmp_path):
    """The time of day runs backwards and forwards by days, at every look."""
    jumping = f"""
        import random, sys, time
        days, true = random.Random(1), time.time
        time.time = lambda: true() + days.randint(-9, 9) * 86400
        time.time_ns = lambda: int(time.time() * 1e9)
        sys.path.insert(0, {str(ROOT)!r})
        sys.argv[0] = "autograder"
        from autograder.cli.app import main
        main()
    """
    steady, jumped = tmp_path / "steady.json", tmp_path / "jumped.json"
    assert run(command("student_template", steady, "--only", "dense")).returncode == 0
    options = command("student_template", jumped, "--only", "dense")[3:]
    done = run([sys.executable, "-I", "-c", textwrap.dedent(jumping), *options])
    assert done.returncode == 0, done.stderr
    assert timeless(jumped) == timeless(steady)
    assert 0 < json.loads(jumped.read_text())["execution_time"] < 60


def test_no_module_that_grades_asks_for_the_time_of_day():
    asking = [
        f"{path.name}:{node.lineno}"
        for path in (ROOT / "autograder").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Attribute)
        and ast.unparse(node) in {"time.time", "time.time_ns", "datetime.now", "datetime.today", "date.today"}
    ]
    assert asking == []


@ON_LINUX
def test_a_machine_that_stands_still_for_a_while_costs_a_worker_none_of_its_time(family):
    """Everything is stopped for longer than the worker has, as a suspended machine is, and goes on."""
    waiter = """
        import os, signal, sys, time
        members = [int(pid) for pid in sys.argv[1:]]
        def send(pid, which):
            try: os.kill(pid, which)
            except ProcessLookupError: pass  # a worker that was about to end when it was listed
        time.sleep(0.5)
        for pid in members: send(pid, signal.SIGSTOP)
        time.sleep(2.5)
        for pid in reversed(members): send(pid, signal.SIGCONT)
    """
    with Sandbox() as sandbox:
        request = Request("modules.load", {"name": "beras.extra"}, {"beras/extra.py": b"x = 1"}, {}, NAMES, 1)
        assert sandbox.run(request, WorkerLimits(10, 2**30, 2**20)).ending is Ending.ANSWERED
        slow = Request(
            "modules.load", {"name": "beras.extra"}, {"beras/extra.py": b"import time; time.sleep(1.2)"}, {}, NAMES, 1
        )
        stopper = []

        def stop_all():
            members = [str(pid) for pid in family(os.getpid())]
            stopper.append(subprocess.Popen([sys.executable, "-c", textwrap.dedent(waiter), *members]))

        outcome = sandbox.run(slow, WorkerLimits(2, 2**30, 2**20), meanwhile=stop_all)
        stopper[0].wait()
    assert outcome.ending is Ending.ANSWERED
    assert outcome.seconds > 2.5


@ON_LINUX
def test_a_worker_that_never_ends_is_ended_after_a_standstill_too():
    with Sandbox() as sandbox:
        endless = Request(
            "modules.load", {"name": "beras.extra"}, {"beras/extra.py": b"import time; time.sleep(60)"}, {}, NAMES, 1
        )
        outcome = sandbox.run(endless, WorkerLimits(1, 2**30, 2**20), meanwhile=lambda: time.sleep(1.5))
    assert outcome.ending is Ending.TIMED_OUT
    assert outcome.seconds < 20


@ON_LINUX
@pytest.mark.slow
def test_a_grader_that_is_suspended_gives_the_result_it_always_gives(tmp_path, family):
    steady, paused = tmp_path / "steady.json", tmp_path / "paused.json"
    assert run(command("student_template", steady, "--only", "dense")).returncode == 0
    grader = subprocess.Popen(command("student_template", paused, "--only", "dense"), cwd=ROOT, stdout=subprocess.PIPE)
    for _ in range(2):
        time.sleep(0.5)
        if grader.poll() is not None:
            break
        members = family(grader.pid)
        for number in (signal.SIGSTOP, signal.SIGCONT):
            for pid in members:
                if Path(f"/proc/{pid}").exists():
                    os.kill(pid, number)
            time.sleep(1 if number == signal.SIGSTOP else 0)
    grader.communicate(timeout=60)
    assert grader.returncode == 0
    assert timeless(paused) == timeless(steady)


@pytest.mark.slow
def test_two_graders_at_once_give_what_each_gives_alone(tmp_path, reference_files):
    layers = reference_files["beras/layers.py"].replace(b"x @ self.w + self.b", b"x @ self.w")
    mistaken = tmp_path / "mistaken"
    for name, content in {**reference_files, "beras/layers.py": layers}.items():
        (mistaken / name).parent.mkdir(parents=True, exist_ok=True)
        (mistaken / name).write_bytes(content)
    sources = {"mistaken": mistaken, "template": ROOT / "student_template"}

    def graded(name, when):
        results = tmp_path / f"{name}-{when}.json"
        assert run(command(sources[name], results, "--only", "dense")).returncode == 0
        return timeless(results)

    alone = {name: graded(name, "alone") for name in sources}
    with ThreadPoolExecutor(2) as pool:
        together = dict(zip(sources, pool.map(lambda name: graded(name, "together"), sources), strict=True))
    assert together == alone
    assert alone["mistaken"]["score"] != alone["template"]["score"]
