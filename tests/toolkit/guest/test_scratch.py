"""What a submission writes while it is graded, in a process of its own: installing it cannot be undone."""

import subprocess
import sys

import pytest

_PREPARED = """
import sys
from autograder.guest.scratch import Scratch
assert ("tempfile" in sys.modules) == {loaded}
Scratch().install()
"""


def run(code, *, loaded=False):
    """Return what the code prints in a worker's Python, which can write no file.

    loaded: whether something else has asked for `tempfile` before, as NumPy's rest does where it is loaded first.
    """
    prepared = ("import tempfile\n" if loaded else "") + _PREPARED.format(loaded=loaded)
    done = subprocess.run(
        [sys.executable, "-c", prepared + code], capture_output=True, encoding="utf-8", check=False, timeout=60
    )
    assert done.stderr == ""
    return done.stdout.strip()


@pytest.mark.parametrize(
    ("code", "printed"),
    [
        ("import tempfile; print(tempfile.gettempdir())", "/tmp"),
        (
            (
                "import os, tempfile\nfolder = tempfile.mkdtemp()\nopen(os.path.join(folder, 'a'), 'w').write('kept')\n"
                "print(os.listdir(folder), open(os.path.join(folder, 'a')).read())"
            ),
            "['a'] kept",
        ),
        (
            "import os, tempfile\nwith tempfile.TemporaryDirectory() as folder:\n    print(os.path.isdir(folder))\n",
            "True",
        ),
        (
            (
                "import tempfile\nwith tempfile.NamedTemporaryFile('w+', suffix='.txt') as file:\n"
                "    file.write('kept'); file.seek(0); print(file.read(), file.name[-4:])"
            ),
            "kept .txt",
        ),
        ("from tempfile import TemporaryFile\nwith TemporaryFile() as file:\n    print(file.write(b'abc'))", "3"),
    ],
)
def test_temporary_files_and_folders_are_kept_in_memory(code, printed):
    assert run(code) == printed
    assert run(code, loaded=True) == printed


def test_no_temporary_file_reaches_the_disk(tmp_path):
    folder = str(tmp_path)
    assert run(f"import tempfile; tempfile.mkdtemp(dir={folder!r}); tempfile.NamedTemporaryFile(dir={folder!r})") == ""
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_asks_for_a_temporary_folder_and_a_name_when_it_is_imported_loses_nothing(grade, reference_files):
    asking = b"import getpass, os, tempfile\nFOLDER = tempfile.mkdtemp()\nWHO = getpass.getuser(), os.getlogin()\n"
    layers = reference_files["beras/layers.py"]
    results, _ = grade({**reference_files, "beras/layers.py": layers + asking}, "--only", "1.1")
    row = next(test for test in results["tests"] if test.get("number") == "1.1")
    assert row["score"] == row["max_score"], row["output"]
