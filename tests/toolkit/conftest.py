"""What the toolkit's tests share: the project on sys.path, the assignment, and graders run as users run them."""

import json
import os
import shutil
import subprocess
import sys
import sysconfig
from collections import Counter
from pathlib import Path

import hypothesis
import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from autograder.assignment import config  # noqa: E402  the path comes first
from autograder.assignment.files import read_sources  # noqa: E402
from autograder.guest import zygote  # noqa: E402
from autograder.wall import readable  # noqa: E402

config.load()  # which loads the homework
from homework import mnist as data  # noqa: E402

# No clock decides a test: on a busy machine any example can take a second.
hypothesis.settings.register_profile("default", deadline=None)
hypothesis.settings.register_profile("ci", deadline=None, max_examples=30)
hypothesis.settings.load_profile("default")


def pytest_addoption(parser):
    parser.addoption("--every-case", type=int, default=1, metavar="N", help="of tests marked `cases`, every N-th case")


def pytest_collection_modifyitems(config, items):
    """Of a test with many costly cases of one kind, leave out all but every N-th."""
    every, seen, left_out = config.getoption("--every-case"), Counter(), []
    for item in items if every > 1 else ():
        if item.get_closest_marker("cases"):
            if seen[item.function] % every:
                left_out.append(item)
            seen[item.function] += 1
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]


def pytest_runtest_setup(item):
    if item.get_closest_marker("git") and shutil.which("git") is None:
        pytest.skip("git is not installed")


@pytest.fixture(scope="session")
def assignment():
    return config.load()


@pytest.fixture
def another_homework():
    """For a test that loads another homework into its own process: the first one is back in its place afterwards."""
    before = {name: module for name, module in sys.modules.items() if name.partition(".")[0] == "homework"}
    yield
    for name in [name for name in sys.modules if name.partition(".")[0] == "homework"]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def family():
    """`family(pid)`: a process and all that it started, parents first, as far as they run."""

    def members(pid):
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        except OSError:
            return []
        return [pid, *(member for child in children for member in members(int(child)))]

    return members


@pytest.fixture
def small_disk(tmp_path):
    """A file system of 16 kB, mounted in a folder of its own."""
    folder = tmp_path / "small"
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(folder)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here: root is needed")
    yield folder
    subprocess.run(["umount", str(folder)], check=True)


@pytest.fixture
def copied_project(tmp_path):
    """Copy what grading needs; `changes` are texts of assignment.toml and what takes their places.

    What set-up has compiled comes along, and is up to date: a copied file is as old as the first.
    """

    def copy(changes=None, *, without=()):
        root = tmp_path / "project"
        for name in ("autograder", "homework", "reference", "student_template", "tests/hidden"):
            if name not in without:
                shutil.copytree(ROOT / name, root / name)
        text = (ROOT / "assignment.toml").read_text()
        for old, new in (changes or {}).items():
            assert old in text
            text = text.replace(old, new)
        (root / "assignment.toml").write_text(text)
        shutil.copy(ROOT / "written.toml", root)
        return root

    return copy


@pytest.fixture
def reference_files(assignment):
    """The reference's files by name: a dict of the test's own, to change as it likes."""
    return read_sources(assignment.reference)


@pytest.fixture
def grade(tmp_path):
    """Grade a submission (a path, or files by name) with the real command line; returns (results, process)."""

    def run(source, *options, root=ROOT):
        if isinstance(source, dict):
            folder = tmp_path / "submission"
            for name, content in source.items():
                path = folder / name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(content)
            folder.mkdir(exist_ok=True)
            source = folder
        results = tmp_path / "results.json"
        command = [sys.executable, "-m", "autograder", "grade", str(source), "--results", str(results), *options]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True, timeout=300, check=False)
        # What cannot be used changes no file: then there is no document.
        document = json.loads(results.read_text(), parse_constant=pytest.fail) if results.exists() else None
        return document, done

    return run


@pytest.fixture
def library_in_pieces(monkeypatch):
    """Have new sandboxes let workers read of the standard library what is asked for, as where packages lie in it."""

    def let(wanted):
        library = Path(os.path.realpath(sysconfig.get_path("stdlib")))
        pieces = sorted(str(path) for path in library.iterdir() if path.name != "site-packages" and wanted(path.name))
        others = [path for path in readable.readable_paths() if not Path(path).is_relative_to(library)]
        monkeypatch.setattr("autograder.wall.sandbox.readable_paths", lambda: (*pieces, *others))

    return let


@pytest.fixture
def lacking_a_module(library_in_pieces):
    """Have new sandboxes keep one module of the standard library from workers; return its name."""
    if not zygote._anyone_may_read(np.__path__[0]):
        pytest.skip("NumPy lies where workers cannot read, so all of it is loaded before, and with it argparse")
    library_in_pieces(lambda name: name != "argparse.py")
    return "argparse"


@pytest.fixture
def few_digits(tmp_path):
    """An IDX folder with a few hundred of the embedded digits: enough to see that nothing is learned."""
    digits = data.load(None)
    for part, images, labels in (
        ("train", digits.train_images, digits.train_labels),
        ("t10k", digits.test_images, digits.test_labels),
    ):
        header = (0x803).to_bytes(4, "big") + b"".join(n.to_bytes(4, "big") for n in (400, 28, 28))
        (tmp_path / f"{part}-images-idx3-ubyte").write_bytes(header + images[:400].tobytes())
        header = (0x801).to_bytes(4, "big") + (400).to_bytes(4, "big")
        (tmp_path / f"{part}-labels-idx1-ubyte").write_bytes(header + labels[:400].tobytes())
    return tmp_path
