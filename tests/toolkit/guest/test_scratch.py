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


#: What is done to files and folders; each line prints the same on disk, where exceptions are printed by their class.
DONE = [
    "with open(at('a'), 'w+b') as f: f.write(b'abc'); f.truncate(10); f.seek(0); print(f.read())",
    "with open(at('a'), 'w+b') as f: f.write(b'abc'); f.flush(); print(f.truncate(2), f.tell()); f.write(b'd')",
    "with open(at('a'), 'rb') as f: print(f.read())",
    "with open(at('a'), 'rb') as f: f.truncate(1)",
    "with open(at('a'), 'r+b') as f: f.truncate(-1)",
    "with open(at('a'), 'w') as f: f.write('x'); f.truncate(0); print(f.tell())",
    "os.makedirs(at('d/in')); open(at('d/in/x'), 'w').write('kept'); os.rename(at('d'), at('e'))",
    "print(os.path.exists(at('d')), os.listdir(at('e')), open(at('e/in/x')).read())",
    "os.rename(at('e'), at('e/in/f'))",
    "os.rename(at('e'), at('e'))",
    "os.makedirs(at('g/full')); os.rename(at('e'), at('g'))",
    "os.makedirs(at('h')); os.replace(at('e'), at('h')); print(open(at('h/in/x')).read())",
    "os.rename(at('h'), at('a'))",
    "os.rename(at('a'), at('h'))",
    "os.rename(at('nothing'), at('h'))",
    "open(at('ha'), 'w').close(); os.rename(at('h'), at('i')); print(sorted(os.listdir(at('.'))))",
    "from pathlib import Path; Path(at('i')).rename(at('j')); print(Path(at('j/in/x')).read_text())",
    "import shutil; shutil.move(at('j'), at('k')); print(open(at('k/in/x')).read())",
]


def test_files_and_folders_in_memory_do_what_those_on_disk_do(tmp_path):
    body = "".join(
        f"try:\n    {line}\nexcept (OSError, ValueError) as error:\n    print(type(error).__name__)\n" for line in DONE
    )
    start = "import os, tempfile\nfolder = tempfile.mkdtemp()\nat = lambda name: os.path.join(folder, name)\n"
    real = subprocess.run(
        [sys.executable, "-c", start + body],
        capture_output=True,
        encoding="utf-8",
        check=True,
        env={"TMPDIR": str(tmp_path)},
    ).stdout.strip()
    assert run(start + body).splitlines() == real.splitlines()
    assert "b'abc\\x00\\x00\\x00\\x00\\x00\\x00\\x00'" in real


def test_what_is_filled_up_beyond_the_room_is_lost_as_what_is_written():
    code = (
        "with open('/tmp/a', 'w+b') as f:\n    f.truncate(2**40)\n    f.write(b'x')\nprint(os.stat('/tmp/a').st_size)"
    )
    assert run(f"import os\n{code}") == "0"
