"""The wall, from both sides: what guest code may import, and what a worker may do."""

import ast
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from autograder.assignment import config, template
from autograder.base.errors import IsolationError
from autograder.grading import pipeline
from autograder.intake.submission import from_files
from autograder.wall import sandbox as sandbox_module
from autograder.wall import verify
from autograder.wall.request import Ending, Request, WorkerLimits
from autograder.wall.sandbox import LentSandbox, Sandbox

ROOT = Path(__file__).resolve().parents[3]
GUEST = ROOT / "autograder" / "guest"
LIMITS = WorkerLimits(seconds=5, memory_bytes=2**30, answer_bytes=2**20)
NAMES = {"forward": "call", "cross_entropy": "CategoricalCrossentropy", "sequential": "assignment"}


@pytest.fixture(scope="module")
def sandbox():
    with Sandbox() as running:
        yield running


def ask(sandbox, source="", limits=LIMITS, probe="modules.load", inputs=None):
    sources = {"beras/extra.py": textwrap.dedent(source).encode()}
    return sandbox.run(Request(probe, inputs or {"name": "beras.extra"}, sources, {}, NAMES, 1, public=True), limits)


def has_own_root(sandbox):
    """Return whether workers see nothing but what they may read: a container's rules can stand in the way."""
    return verify.layers(sandbox).get("own root") == "on"


@pytest.mark.parametrize(
    "use",
    [
        "import numpy as np; np.unique([2, 1])",
        "import numpy as np; np.fft.fft([1, 2])",
        "import numpy as np; np.polynomial.Polynomial([1, 2])",
        "import numpy as np; np.testing.assert_allclose(1, 1)",
        "from numpy.testing import assert_array_equal",
        "import numpy as np; assert np.array([1, 2], dtype=np.float32, copy=False).dtype == np.float32",
        "import numpy as np; x = np.ones(3); assert np.array(x, copy=False) is x and np.array(x) is not x",
        "import numpy as np; assert np.NINF < 0 < np.PINF and np.isnan(np.NAN) and np.math.sqrt(4) == 2",
        "import numpy as np; assert np.cast[np.int64]([1.5]).tolist() == [1] and np.mat([[1]]).ndim == 2",
        "import unittest, urllib.request, decimal, sqlite3, zipfile, uuid, tempfile, concurrent.futures, logging",
    ],
)
def test_a_submission_has_all_of_numpy_and_of_the_standard_library(sandbox, use):
    assert ask(sandbox, use).ending is Ending.ANSWERED


@pytest.mark.parametrize("umask", [0o022, 0o077])
def test_the_library_is_found_where_packages_are_installed_in_its_folder(library_in_pieces, umask):
    before = os.umask(umask)
    try:
        library_in_pieces(lambda _: True)
        with Sandbox() as running:
            assert verify.unimportable(running) == ""
            assert ask(running, "import argparse, zipfile, xml.dom").ending is Ending.ANSWERED
    finally:
        os.umask(before)


def test_what_no_worker_can_import_is_no_fault_of_a_submission(lacking_a_module, assignment, tmp_path):
    results = tmp_path / "results.json"
    with pytest.raises(IsolationError, match=lacking_a_module):
        pipeline.grade(from_files({"beras/core.py": b"import argparse"}, assignment.edition), results, assignment)
    told = json.loads(results.read_text())
    assert "it is not your fault" in told["output"]
    assert "setup.sh" in told["extra_data"]["problem"]


def test_what_the_handout_cannot_import_is_no_value_that_the_submission_returned(
    sandbox, lacking_a_module, assignment, tmp_path, monkeypatch, reference_files
):
    if not has_own_root(sandbox):
        pytest.skip("a worker sees that the module's file is there, and loads what is compiled of it")
    monkeypatch.setattr(verify, "unimportable", lambda _: "")  # as if it had gone later
    results = tmp_path / "results.json"
    pipeline.grade(from_files(reference_files, assignment.edition), results, assignment, only="7.1")
    rows = {row.get("number", row["name"]): row["output"] for row in json.loads(results.read_text())["tests"]}
    for told in (rows["7.1"], rows["Files that can be loaded"]):
        assert (
            f"A module is missing here that no line of your code imports: `No module named '{lacking_a_module}'`"
            in told
        )
        assert "tell the course staff" in told


@pytest.mark.parametrize("path", sorted(GUEST.rglob("*.py")), ids=lambda path: path.stem)
def test_guest_code_imports_the_standard_library_numpy_and_itself_alone(path):
    depth = len(path.relative_to(GUEST).parts)
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level <= depth, f"{path.name}:{node.lineno} reaches out of guest/"
            names = [node.module or ""] if node.level == 0 else []
        else:
            continue
        for name in names:
            first = name.partition(".")[0]
            assert first in {"numpy", "guest"} or first in sys.stdlib_module_names, f"{path.name}:{node.lineno}: {name}"


def test_nothing_of_the_toolkit_is_importable_beside_a_submission(sandbox):
    modules = [path.parent.name for path in (ROOT / "autograder").glob("*/__init__.py")]
    lines = "\n".join(
        f"try:\n    import {name}\nexcept ImportError:\n    pass\nelse:\n    raise RuntimeError({name!r})"
        for name in ["autograder", "reference", "gradescope_utils", "pytest"]
        + [f"autograder.{name}" for name in modules]
        + [f"guest.{name}" for name in ("grading", "feedback", "base")]
    )
    assert ask(sandbox, lines).ending is Ending.ANSWERED


def test_a_worker_can_do_nothing_that_is_forbidden(sandbox, assignment, tmp_path):
    results = tmp_path / "results.json"
    results.write_text("{}")
    metadata = tmp_path / "submission_metadata.json"
    metadata.write_text("{}")
    for path in (results, metadata):
        path.chmod(0o644)
    secrets = [*verify.secrets(assignment, results), metadata]
    held = verify.attempts(sandbox, secrets)
    assert len(held) >= 10 + len(secrets)
    done = [action for action, stopped in held.items() if not stopped]
    if not has_own_root(sandbox):  # then to see that a file is there is all that a worker may do
        done = [action for action in done if not action.startswith(verify.SEE)]
    assert done == []


def test_the_environment_of_a_worker_is_empty_of_ours(sandbox, monkeypatch):
    monkeypatch.setenv("CANARY", "x")
    outcome = ask(sandbox, "import os\nassert 'CANARY' not in os.environ and len(os.environ) < 15, dict(os.environ)")
    assert outcome.ending is Ending.ANSWERED


@pytest.mark.parametrize(
    ("source", "ending"),
    [
        ("while True: pass", Ending.TIMED_OUT),
        ("import time; time.sleep(60)", Ending.TIMED_OUT),
        ("import os; os._exit(0)", Ending.EXITED),
        ("import sys; sys.exit(0)", Ending.RAISED),
        ("import ctypes; ctypes.string_at(0)", Ending.CRASHED),
        ("x = []\nwhile True: x.append(bytearray(10**7))", Ending.RAISED),
        ("import os\nfor f in range(3, 32):\n  try: os.write(f, b'A' * 4096)\n  except OSError: pass", Ending.GARBLED),
        ("import os\nfor f in range(3, 32):\n  try: os.close(f)\n  except OSError: pass", Ending.RAISED),
        ("def f(): f()\nf()", Ending.RAISED),
        ("raise KeyboardInterrupt", Ending.RAISED),
    ],
    ids=["loop", "sleep", "_exit", "exit", "segfault", "memory", "garbage", "closed", "recursion", "interrupt"],
)
def test_however_a_submission_ends_the_grader_learns_how(sandbox, source, ending):
    short = WorkerLimits(seconds=1.5, memory_bytes=2**29, answer_bytes=2**20)
    outcome = ask(sandbox, source, short)
    assert (
        outcome.ending in (ending, Ending.EXITED)
        if ending is Ending.RAISED and "close" in source
        else outcome.ending is ending
    )
    assert ask(sandbox, "x = 1").ending is Ending.ANSWERED


def test_a_flood_is_cut_off(sandbox):
    flood = """
        import os
        while True:
            for f in range(3, 8):
                try: os.write(f, b'BRS1' + bytes(60000))
                except OSError: pass
    """
    outcome = ask(sandbox, flood, WorkerLimits(5, 2**29, 2**20))
    assert outcome.ending in (Ending.FLOODED, Ending.GARBLED)


def test_ten_megabytes_of_prints_disturb_nobody(sandbox):
    assert ask(sandbox, "print('x' * 10**7)\nimport sys; sys.stderr.write('y' * 10**6)").ending is Ending.ANSWERED


@pytest.mark.parametrize("length", [10, 10**6])
def test_what_is_compiled_ahead_serves_the_file_that_is_the_same_and_no_other(length):
    handout = "x = 1\n" + "#" * length
    with Sandbox() as running:
        running.compile({"beras/extra.py": handout.encode()})
        assert ask(running, handout).ending is Ending.ANSWERED
        assert ask(running, handout + "\nx.y").ending is Ending.RAISED


def test_no_code_of_a_submission_is_compiled_in_the_process_that_all_workers_come_from(monkeypatch, tmp_path):
    """Where the two differ by one byte, it is the submission's, and no more the handout's."""
    told = []
    monkeypatch.setattr(Sandbox, "compile", lambda _, files: told.append(dict(files)))
    own = config.load()
    files = {path: text.encode() for path, text in template.generate(own).items()}
    files["beras/losses.py"] += b"\n"
    pipeline.grade(from_files(files, own.edition), tmp_path / "r.json", own, only="3.1")
    (compiled,) = told
    assert "beras/core.py" in compiled
    assert set(files) - set(compiled) == {"beras/losses.py"}
    assert all(template.handout(own)[path] == content for path, content in compiled.items())


def test_a_closed_sandbox_leaves_no_process():
    with Sandbox() as running:
        ask(running, "x = 1")
        pid = running._process.pid
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


@pytest.mark.parametrize("kind", [Sandbox, LentSandbox])
@pytest.mark.parametrize("system", ["darwin", "freebsd14", "win32"])
def test_without_linux_no_sandbox_starts(kind, system, monkeypatch):
    sandbox = kind()
    monkeypatch.setattr(sys, "platform", system)
    with pytest.raises(IsolationError, match=r"Grade in Docker, as docs/how-to/use-docker\.md shows"):
        sandbox.launch()
    assert sandbox._process is None
    sandbox.close()


def test_without_linux_nothing_is_graded_and_the_staff_read_what_to_do(
    assignment, tmp_path, monkeypatch, reference_files
):
    results = tmp_path / "results.json"
    monkeypatch.setattr(sys, "platform", "darwin")
    with pytest.raises(IsolationError, match="Docker"):
        pipeline.grade(from_files(reference_files, assignment.edition), results, assignment)
    told = json.loads(results.read_text())
    assert told["score"] == 0
    assert "it is not your fault" in told["output"]
    assert "docs/how-to/use-docker.md" in told["extra_data"]["problem"]


def test_the_page_that_is_named_where_there_is_no_linux_exists():
    page = re.search(r"docs/\S+\.md", sandbox_module._ONLY_LINUX)[0]
    assert (ROOT / page).is_file()


def test_the_zygote_ends_when_its_grader_is_killed(tmp_path):
    script = f"""
        import sys, time
        sys.path.insert(0, {str(ROOT)!r})
        from autograder.wall.sandbox import LentSandbox, Sandbox
        sandbox = Sandbox()
        sandbox.launch()
        sandbox._control.settimeout(20)
        sandbox._reply()
        print(sandbox._process.pid, flush=True)
        time.sleep(60)
    """
    grader = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    zygote = int(grader.stdout.readline())
    grader.kill()
    grader.wait()
    grader.stdout.close()
    for _ in range(200):
        if not Path(f"/proc/{zygote}").exists() or "Z" in Path(f"/proc/{zygote}/stat").read_text().split(")")[1][:3]:
            return
        subprocess.run(["sleep", "0.05"], check=True)
    pytest.fail("the zygote outlived its grader")


def test_layers_are_recorded_for_the_staff_alone(grade, reference_files):
    results, _ = grade(reference_files, "--only", "mse")
    assert results["extra_data"]["isolation"]["seccomp"] == "on"
    assert "seccomp" not in json.dumps(results["tests"])


def test_waiting_for_a_processor_costs_a_worker_none_of_its_time(sandbox):
    """Work of 0.8 s takes several times that on a core shared with four busy processes, and is in time for 1 s."""
    core = min(os.sched_getaffinity(0))
    loop = f"import os\nos.sched_setaffinity(0, [{core}])\nprint(flush=True)\nwhile True: pass"
    busy = [subprocess.Popen([sys.executable, "-c", loop], stdout=subprocess.PIPE) for _ in range(4)]
    for process in busy:
        process.stdout.readline()
    everywhere = os.sched_getaffinity(sandbox._process.pid)
    try:
        os.sched_setaffinity(sandbox._process.pid, [core])
        work = "import time\nwhile time.process_time() < 0.8: pass"
        outcome = ask(sandbox, work, WorkerLimits(seconds=1, memory_bytes=2**29, answer_bytes=2**20, longest=30))
    finally:
        os.sched_setaffinity(sandbox._process.pid, everywhere)
        for process in busy:
            process.kill()
            process.communicate()
    assert outcome.ending is Ending.ANSWERED
    assert outcome.seconds > 1


def test_all_of_numpy_that_a_homework_imports_is_loaded_where_its_folder_is_closed():
    """In a container whose environment is root's alone, a worker can read nothing of NumPy that is not loaded."""
    code = (
        "import importlib, pkgutil, sys, numpy\n"
        "from autograder.guest.zygote import NUMPYS_REST, PRELOADED\n"
        "for name in (*PRELOADED, *NUMPYS_REST): importlib.import_module(name)\n"
        "loaded = set(sys.modules)\n"
        "found = {module.name for module in pkgutil.walk_packages(numpy.__path__, 'numpy.')} - loaded\n"
        "print(*sorted(name for name in found if '._' not in name and '.tests' not in name))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    inner = (
        "numpy.core",
        "numpy.f2py",
        "numpy.distutils",
        "numpy.conftest",
        "numpy.matlib",
        "numpy.typing.mypy_plugin",
    )
    tools = ("numpy.lib.user_array", "numpy.linalg.lapack_lite", "numpy.ma.testutils", "numpy.testing.print_coercion")
    assert [name for name in done.stdout.split() if not name.startswith((*inner, *tools))] == []
