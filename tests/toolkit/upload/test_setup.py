"""setup.sh on machines that lack something, or where it was broken off."""

import contextlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture
def place(tmp_path):
    """A folder with a difficult name that holds what setup.sh reads."""
    folder = tmp_path / "Hausaufgabe Nº 2"
    folder.mkdir()
    for path in (ROOT / "setup.sh", *ROOT.glob("requirements*.txt")):
        shutil.copy(path, folder)
    # One small package instead of all: what is tried is the way, not the packages.
    (folder / "requirements.txt").write_text("iniconfig\n")
    return folder


def way_to_the_registry():
    """What this machine needs to reach packages: its proxies, certificates and mirrors."""
    wanted = (
        "SSL_CERT_FILE",
        "SSL_CERT_DIR",
        "REQUESTS_CA_BUNDLE",
        "HTTP_PROXY",
        "HTTPS_PROXY",
        "ALL_PROXY",
        "NO_PROXY",
    )
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in wanted or name.startswith(("PIP_", "UV_INDEX")) or name == "XDG_CONFIG_HOME"
    }


def set_up(folder, *options, **environment):
    kept = {name: os.environ[name] for name in ("HOME",) if name in os.environ} | way_to_the_registry()
    kept |= {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    return subprocess.run(
        ["sh", str(folder / "setup.sh"), *options],
        cwd="/", env=kept | environment, capture_output=True, text=True, check=False,
    )  # fmt: skip


def installed(folder):
    command = [str(folder / ".venv" / "bin" / "python"), "-c", "import iniconfig, pip"]
    return subprocess.run(command, check=False, capture_output=True).returncode == 0


def wrapped(tmp_path, body):
    """An interpreter that behaves like a machine's that lacks something."""
    real = shutil.which("python3", path="/usr/bin:/usr/local/bin") or shutil.which("python3")
    script = tmp_path / "python3"
    script.write_text(f'#!/bin/sh\n{body}\nexec "{real}" "$@"\n')
    script.chmod(0o755)
    return str(script)


@pytest.mark.skipif(shutil.which("flock") is None, reason="this machine has no flock")
def test_of_two_that_begin_at_once_one_makes_the_environment_and_the_other_waits(place, tmp_path):
    log = tmp_path / "log"
    python = wrapped(
        tmp_path,
        f"""case "$*" in "-m venv "*)
            echo "$3" >> "{log}"; sleep 1; mkdir -p "$3/bin"; : > "$3/pyvenv.cfg"
            printf '#!/bin/sh\nexit 0\n' > "$3/bin/python"; chmod +x "$3/bin/python"; exit ;; esac""",
    )
    with ThreadPoolExecutor(2) as both:
        done = list(both.map(lambda _: set_up(place, PYTHON=python), range(2)))
    assert [one.returncode for one in done] == [0, 0], done
    assert log.read_text() == f"{place / '.venv'}\n"
    said = sorted((one.stderr for one in done), key=len)
    assert said[0] == "setup: another setup.sh is at work here: waiting for it\n"
    assert set_up(place, PYTHON=python).stderr == ""


@pytest.mark.slow
def test_without_ensurepip_pip_is_fetched(place, tmp_path):
    """Debian's python3 without python3-venv, and nobody there who could sudo."""
    python = wrapped(tmp_path, 'case "$*" in "-m venv /"*) exit 1 ;; esac')
    done = set_up(place, PYTHON=python)
    assert done.returncode == 0, done.stderr
    assert "no ensurepip" in done.stderr
    assert installed(place)


@pytest.mark.slow
def test_what_was_broken_off_is_made_whole(place):
    (place / ".venv" / "bin").mkdir(parents=True)
    (place / ".venv" / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
    (place / ".venv" / "bin" / "python").chmod(0o755)
    (place / ".venv" / "pyvenv.cfg").write_text("home = /nowhere\n")
    (place / ".venv" / "notes.txt").write_text("what somebody keeps there\n")
    done = set_up(place)
    assert done.returncode == 0, done.stderr
    assert installed(place)
    assert (place / ".venv" / "notes.txt").exists()


def contents(folder):
    return {path.relative_to(folder): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("broken", [False, True])
def test_a_folder_that_is_no_environment_is_refused_and_keeps_its_files(place, tmp_path, broken):
    thesis = tmp_path / "my thesis"
    (thesis / "bin").mkdir(parents=True)
    (thesis / "bin" / "run").write_text("my own\n")
    (thesis / "chapter.tex").write_text("years of work\n")
    if broken:  # as what was no environment looks, or is no longer one
        (thesis / "bin" / "python").write_text("#!/bin/sh\nexit 1\n")
        (thesis / "bin" / "python").chmod(0o755)
    before = contents(thesis)
    done = set_up(place, AUTOGRADER_VENV=str(thesis))
    assert done.returncode == 1
    assert "is no virtual environment: nothing in it was touched. Name a folder that is empty" in done.stderr
    assert contents(thesis) == before


def test_where_no_environment_can_be_made_only_its_own_files_go(place, tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "pyvenv.cfg").write_text("home = /nowhere\n")
    (folder / "chapter.tex").write_text("years of work\n")
    python = wrapped(tmp_path, 'case "$*" in "-m venv "*) exit 1 ;; esac')
    done = set_up(place, AUTOGRADER_VENV=str(folder), PYTHON=python)
    assert done.returncode == 1
    assert "No environment could be made" in done.stderr
    assert [path.name for path in folder.iterdir()] == ["chapter.tex"]


@pytest.mark.parametrize("options", [["--staf"], ["staff"], ["--staff", "--dev"], [""]])
def test_options_that_are_not_known_are_refused(place, options):
    done = set_up(place, *options)
    assert (done.returncode, done.stdout) == (2, "")
    assert "expected nothing, --staff, --cluster, --docs or --dev" in done.stderr
    assert not (place / ".venv").exists()


@pytest.fixture
def standing(place):
    """An environment in which pip writes down what it is asked for, in place of doing it."""
    binaries = place / ".venv" / "bin"
    binaries.mkdir(parents=True)
    (place / ".venv" / "pyvenv.cfg").write_text("")
    script = f'#!/bin/sh\ncase "$*" in "-m pip "*) printf "%s\\n" "$*" >> "{place}/asked" ;; esac\n'
    (binaries / "python").write_text(script)
    (binaries / "python").chmod(0o755)

    def asked(*options):
        (place / "asked").unlink(missing_ok=True)
        done = set_up(place, *options)
        assert done.returncode == 0, done.stderr
        return (place / "asked").exists()

    return asked


@pytest.mark.parametrize("option", ["--staff", "--cluster", "--docs", "--dev"])
def test_a_change_of_any_list_that_a_list_includes_is_installed(place, standing, option):
    def included(path):
        names = [line.split()[1] for line in path.read_text().splitlines() if line.startswith("-r")]
        return {path, *(one for name in names for one in included(path.parent / name))}

    lists = {place / "requirements.txt", *included(place / f"requirements-{option[2:]}.txt")}
    assert standing(option)
    assert not standing(option)
    assert not standing()
    for path in sorted(lists):
        with path.open("a") as file:
            file.write("# another version\n")
        assert standing(option), path.name
        assert not standing(option), path.name


def test_an_old_python_is_refused_with_what_to_do(place, tmp_path):
    done = set_up(place, PYTHON=wrapped(tmp_path, 'case "$*" in *version_info*) exit 1 ;; esac'))
    assert done.returncode == 1
    assert "is not Python 3.10 or newer" in done.stderr


def as_nobody(command, **environment):
    """Run it as a user who may write nothing but what others may."""
    return subprocess.run(
        command,
        cwd="/",
        env={"PATH": os.environ["PATH"], **way_to_the_registry(), **environment},
        user=65534,
        group=65534,
        extra_groups=[],
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() != 0, reason="root alone can run it as another user")
def test_a_checkout_that_cannot_be_written_takes_an_environment_elsewhere():
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o755)
        shutil.copy(ROOT / "setup.sh", folder)
        (folder / "requirements.txt").write_text("iniconfig\n")
        (folder / "requirements.txt").chmod(0o444)
        refused = as_nobody(["sh", str(folder / "setup.sh")])
        assert refused.returncode == 1
        assert "cannot be written" in refused.stderr
        assert "AUTOGRADER_VENV=" in refused.stderr
        (folder / "home").mkdir()
        os.chown(folder / "home", 65534, 65534)
        venv = folder / "home" / "environment"
        done = as_nobody(["sh", str(folder / "setup.sh")], AUTOGRADER_VENV=str(venv), HOME=str(folder / "home"))
        assert done.returncode == 0, done.stderr
        assert (venv / "bin" / "python").exists()


def test_a_copy_without_run_bits_grades(copied_project, tmp_path):
    root = copied_project()
    for name in ("run_autograder", "setup.sh", "requirements.txt"):
        shutil.copyfile(ROOT / name, root / name)
    results = tmp_path / "results.json"
    command = ["sh", str(root / "run_autograder"), str(root / "reference"), "--only", "mse", "--results", str(results)]
    environment = {**os.environ, "AUTOGRADER_VENV": sys.prefix}
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert json.loads(results.read_text())["score"] == 5


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_setup_says_what_it_takes_and_sets_nothing_up(place, option):
    done = set_up(place, option)
    assert (done.returncode, done.stderr) == (0, "")
    for path in place.glob("requirements-*.txt"):
        assert f"./setup.sh --{path.stem.removeprefix('requirements-')} " in done.stdout
    assert not (place / ".venv").exists()


@pytest.mark.parametrize("option", ["--help", "-h"])
def test_the_tests_say_how_they_are_run_and_set_nothing_up(tmp_path, option):
    shutil.copy(ROOT / "run_tests", tmp_path)
    command = ["sh", str(tmp_path / "run_tests"), option]
    done = subprocess.run(command, cwd="/", capture_output=True, text=True, encoding="utf-8", check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The style, the types")
    assert "\n  ./run_tests --quick " in done.stdout
    assert done.stdout.rstrip().endswith("./run_tests tests/toolkit/guest/test_wire.py -x")
    assert [path.name for path in tmp_path.iterdir()] == ["run_tests"]


def test_without_a_network_it_says_so(place):
    nowhere = {"PIP_INDEX_URL": "http://127.0.0.1:9/simple", "PIP_CONFIG_FILE": os.devnull, "PIP_NO_CACHE_DIR": "1"}
    done = set_up(place, PIP_RETRIES="0", PIP_TIMEOUT="1", **nowhere)
    assert done.returncode == 1
    assert "Is there a network?" in done.stderr


@pytest.mark.git
def test_a_clone_as_git_for_windows_makes_it_can_be_run(tmp_path):
    folder, clone = tmp_path / "project", tmp_path / "clone"
    folder.mkdir()
    for name in (".gitattributes", "run_autograder", "run_tests", "setup.sh", "assignment.toml"):
        shutil.copy(ROOT / name, folder)
    git = ["git", "-c", "user.name=x", "-c", "user.email=x@example.edu", "-c", "core.autocrlf=true"]
    for command in (["init", "-q"], ["add", "."], ["commit", "-qm", "All"]):
        subprocess.run([*git, "-C", folder, *command], check=True, capture_output=True)
    subprocess.run([*git, "clone", "-q", folder, clone], check=True)
    for path in clone.iterdir():
        assert path.is_dir() or b"\r" not in path.read_bytes(), path.name


@pytest.mark.parametrize("option", ["--quick", "--ci"])
def test_the_tests_refuse_what_they_would_not_heed(tmp_path, option):
    shutil.copy(ROOT / "run_tests", tmp_path)
    command = ["sh", str(tmp_path / "run_tests"), option, "tests/toolkit/wall"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (2, "")
    assert f"{option} takes nothing more, and was given: {option} tests/toolkit/wall" in done.stderr
    assert [path.name for path in tmp_path.iterdir()] == ["run_tests"]


def test_a_ctrl_c_ends_the_attacks_in_the_background_too(tmp_path):
    shutil.copy(ROOT / "run_tests", tmp_path)
    (tmp_path / "bin").mkdir()
    (tmp_path / "bin" / "python").symlink_to(sys.executable)
    for name in ("ruff", "mypy", "lint-imports"):
        (tmp_path / "bin" / name).symlink_to("/bin/true")
    for name in ("setup.sh", "autograder.py"):
        (tmp_path / name).touch()
    (tmp_path / "pytest.py").write_text(
        "import os, pathlib, sys, time\n"
        "def main():\n"
        "    if '-k' in sys.argv:\n"
        "        place = 'background' if any('unprivileged' in word for word in sys.argv) else 'foreground'\n"
        "        pathlib.Path(place).write_text(str(os.getpid()))\n"
        "        time.sleep(60)\n"
        "if __name__ == '__main__':\n"
        "    main()\n"
    )
    environment = {**os.environ, "AUTOGRADER_VENV": str(tmp_path)}
    with subprocess.Popen(
        ["sh", str(tmp_path / "run_tests"), "--ci"], env=environment, start_new_session=True, stderr=subprocess.DEVNULL
    ) as process:
        places = [tmp_path / name for name in ("background", "foreground")]
        end = time.monotonic() + 30
        try:
            while not all(place.is_file() and place.read_text() for place in places):
                assert time.monotonic() < end and process.poll() is None
                time.sleep(0.02)
            os.killpg(process.pid, signal.SIGINT)
            assert process.wait(20) == 130
            with pytest.raises(ProcessLookupError):
                os.killpg(process.pid, 0)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
