"""A rehearsal of what Gradescope does with an upload: set up once, run on a submission, read results.json.

The places, the user, the working folder, the environment, the memory, the processor share and the time are those of
Gradescope's smallest container, as far as this machine lets them be; what it does not let is said.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import resource
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from autograder.assignment.config import EXAMPLE_NOTE, EXAMPLE_SECRET, FILE_NAME, PARTS
from autograder.assignment.policy import LateRules, read_late
from autograder.base.errors import AssignmentError
from autograder.base.toml import read_toml
from autograder.results import contract, lateness
from autograder.wall import docker, docker_rules

_HOME: Final = "/autograder"
_MEMORY_MB: Final = 768
_CORES: Final = 0.5
_RUN_SECONDS: Final = 600.0
_SETUP_SECONDS: Final = 1200.0
_MOST_BYTES: Final = 200 * 2**20  # of an upload, unpacked
_NOWHERE: Final = "http://127.0.0.1:9"  # the discard port: a proxy that refuses at once

# Makes a root to change to: this machine's folders, a private /tmp, and the rehearsal's /autograder. This machine need
# have no /autograder to mount on, and nothing is made outside the new root.
_NEW_ROOT: Final = r"""
set -eu
new=$1 home=$2 venv=$3; shift 3
mount -t tmpfs -o mode=755 tmpfs "$new"
for entry in /*; do
    case $entry in /autograder | /tmp | /lost+found) continue ;; esac
    if [ -L "$entry" ]; then cp -P "$entry" "$new$entry"
    elif [ -d "$entry" ]; then
        mkdir "$new$entry"
        mount --rbind "$entry" "$new$entry"
    fi
done
mkdir -m 1777 "$new/tmp"
mkdir "$new/autograder"
mount --bind "$home" "$new/autograder"
if [ -n "$venv" ]; then
    mkdir -p "$new/autograder/venv"
    mount --bind "$venv" "$new/autograder/venv"
fi
exec "$@"
"""

# Docker's rules where the machine allows them, the new root where there is one, Gradescope's working folder and mode
# of files, and then the step itself.
_ENTER: Final = """
import os, sys
project, root, home, confined, *command = sys.argv[1:]
sys.path[0:0] = [project]
if confined == "yes":
    from autograder.wall import docker_rules
    docker_rules.confine()
if root:
    os.chroot(root)
os.chdir(home)
os.umask(0o022)
os.execv(command[0], command)
"""


@dataclass(frozen=True)
class Step:
    """One of the two programs as it ran. `status` None: it was ended when its time was up."""

    name: str
    status: int | None
    seconds: float
    said: str

    @property
    def passed(self) -> bool:
        """Whether it ended by itself, with status 0."""
        return self.status == 0


@dataclass(frozen=True)
class Rehearsal:
    """What came of it.

    unlike: in what this machine was not as Gradescope's. problems: why it would fail there. remarks: what should be
    changed before it is uploaded. policy: what the upload's dates and rules do to work that is handed in now.
    """

    steps: tuple[Step, ...]
    peak_mb: int
    document: Mapping[str, Any] = field(default_factory=dict)
    problems: tuple[str, ...] = ()
    unlike: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()
    policy: str = ""

    @property
    def passed(self) -> bool:
        """Whether Gradescope would show a grade."""
        return not self.problems

    def as_json(self) -> dict[str, Any]:
        """The same for a script, in JSON's types: without results.json, but its score."""
        return {
            "passed": self.passed,
            "score": self.document.get("score"),
            "steps": [asdict(step) for step in self.steps],
            "peak_mb": self.peak_mb,
            "problems": list(self.problems),
            "policy": self.policy,
            "unlike": list(self.unlike),
            "remarks": list(self.remarks),
        }


def rehearse(
    upload: Path,
    submission: Path,
    *,
    venv: Path | None = None,
    offline: bool = False,
    seconds: float = _RUN_SECONDS,
    image: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Rehearsal:
    """Do with `upload` (a zip) and `submission` (a folder or a zip) what Gradescope does.

    venv: a virtual environment to use in the place of a new one. offline: no network can be reached.
    seconds: when the run is ended. image: of the real container to do it in, empty for one of this machine's own
    folders; None does without Docker. progress: called with what begins.
    Raises AssignmentError where the upload cannot be unpacked, and IsolationError
    where Docker gives no container.
    """
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-rehearsal-"))).resolve()
        scratch.chmod(0o755)
        home = scratch / "autograder"
        progress("unpacking")
        _lay_out(home, upload, submission)
        stage: _Stage | _DockerStage
        limits: _Container | _DockerStage
        if image is None:
            limits = stack.enter_context(_Container())
            stage = _Stage(scratch, home, venv, limits, offline=offline)
        else:
            limits = stage = _DockerStage(home, venv, image, offline=offline)
            stack.callback(stage.close)
        progress("setup.sh")
        steps = [stage.play("setup.sh", f"{stage.home}/source/setup.sh", _SETUP_SECONDS)]
        if steps[0].passed:
            progress("run_autograder")
            steps.append(stage.play("run_autograder", f"{stage.home}/run_autograder", seconds))
        results = home / "results" / "results.json"
        content = results.read_bytes() if results.is_file() else None
        problems, document = _judge(steps, content)
        remarks = (EXAMPLE_NOTE,) if _keeps_example_secret(home / "source" / FILE_NAME) else ()
        unlike = tuple(dict.fromkeys((*stage.unlike, *limits.unlike)))
        return Rehearsal(
            tuple(steps), limits.peak_mb(), document, tuple(problems), unlike, remarks, _policy(home / "source")
        )


def _keeps_example_secret(config: Path) -> bool:
    """Whether the upload's assignment.toml has the secret that every reader of the project knows."""
    try:
        return str(EXAMPLE_SECRET) in config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False  # what is wrong with it shows when it is run


def _policy(source: Path) -> str:
    """What an upload's dates and rules do to work that is handed in now, extensions left out."""
    part = str(read_toml(source / FILE_NAME).get("assignment", {}).get("part", PARTS[0]))
    rules = read_late(source / FILE_NAME).get(part, LateRules())
    today = lateness.Clerk(rules).today(dt.datetime.now(dt.timezone.utc))
    return "" if today is None else today.text


def _lay_out(home: Path, upload: Path, submission: Path) -> None:
    """Gradescope's folder, with the upload unpacked and the submission handed in."""
    source = home / "source"
    for folder in (source, home / "submission", home / "results"):
        folder.mkdir(parents=True)
    _unpack(upload, source, "The upload")
    for name in ("run_autograder", "setup.sh"):
        if not (source / name).is_file():
            raise AssignmentError(
                f"{upload} has no {name} at its root, and Gradescope wants it there: zip the files, not their folder."
            )
        (source / name).chmod(0o755)
    shutil.copy(source / "run_autograder", home / "run_autograder")
    if submission.is_dir():
        shutil.copytree(submission, home / "submission", symlinks=True, dirs_exist_ok=True)
    else:
        # Gradescope unpacks what a student uploads.
        _unpack(submission, home / "submission", "The submission")
    (home / "submission_metadata.json").write_text(json.dumps(_metadata(), indent=1) + "\n", encoding="utf-8")


def _unpack(archive: Path, folder: Path, what: str) -> None:
    try:
        with zipfile.ZipFile(archive) as zipped:
            members = [member for member in zipped.infolist() if not member.is_dir()]
            if sum(member.file_size for member in members) > _MOST_BYTES:
                raise AssignmentError(f"{what}, {archive}, unpacks to more than {_MOST_BYTES >> 20} MB.")
            for member in members:
                if ".." in PurePosixPath(member.filename).parts or stat.S_ISLNK(member.external_attr >> 16):
                    raise AssignmentError(f"{what}, {archive}, holds {member.filename!r}, which leads out of it.")
                path = Path(zipped.extract(member, folder))
                path.chmod(0o755 if member.external_attr >> 16 & stat.S_IXUSR else 0o644)
    except (OSError, zipfile.BadZipFile, NotImplementedError, RuntimeError) as error:
        raise AssignmentError(f"{what}, {archive}, cannot be unpacked ({error}); expected a zip file.") from error


def _metadata() -> dict[str, Any]:
    """A submission_metadata.json of nobody's, in time, with every field that Gradescope writes."""
    return {
        "id": 1,
        "created_at": "2024-02-26T18:00:00.000000-05:00",
        "submission_method": "upload",
        "assignment": {
            "id": 1, "course_id": 1, "title": "A homework", "release_date": "2024-02-12T00:00:00.000000-05:00",
            "due_date": "2024-02-26T23:59:00.000000-05:00", "late_due_date": None, "group_submission": False,
            "group_size": None, "total_points": "100.0",
        },
        "users": [{"id": 1, "name": "A Student", "email": "student@example.edu"}],
        "previous_submissions": [],
    }  # fmt: skip


def _network(*, offline: bool) -> dict[str, str]:
    """The variables by which programs find the network, or do not."""
    if offline:
        return dict.fromkeys(("http_proxy", "https_proxy"), _NOWHERE) | {"PIP_RETRIES": "0"}
    kept = ("http_proxy", "https_proxy", "no_proxy", "PIP_INDEX_URL", "PIP_CERT", "SSL_CERT_FILE")
    return {name: os.environ[name] for name in kept if name in os.environ}


class _DockerStage:
    """A real container, in which the steps run under Docker's own rules."""

    def __init__(self, home: Path, venv: Path | None, image: str, *, offline: bool) -> None:
        self.unlike: list[str] = [] if image else ["The container is made of this machine's folders, not of an image."]
        folders = {_HOME: home} | ({} if venv is None else {f"{_HOME}/venv": venv.absolute()})
        if not image:
            # An environment is of links to the interpreter that made it.
            folders |= {str(path): path for path in (Path(sys.base_prefix), Path(sys.base_exec_prefix))}
            folders = {place: path for place, path in folders.items() if not place.startswith(("/usr", "/opt"))}
        self.home = _HOME
        self._container = docker.Container(
            image,
            folders,
            {"HOME": "/root", "LANG": "C.UTF-8"} | _network(offline=offline),
            name=f"autograder-rehearsal-{uuid.uuid4().hex[:12]}",
            network="none" if offline else "host",
        )

    def play(self, name: str, program: str, seconds: float) -> Step:
        """Run one program to its end, or to the end of its time."""
        begun = time.monotonic()
        status, text = self._container.run(program, _HOME, seconds)
        return Step(name, status, time.monotonic() - begun, text)

    def peak_mb(self) -> int:
        """The most memory that was used at once."""
        return self._container.peak_mb()

    def close(self) -> None:
        """End the container."""
        self._container.close()


class _Stage:
    """Where the steps run, as like Gradescope as this machine allows."""

    def __init__(self, scratch: Path, home: Path, venv: Path | None, limits: _Container, *, offline: bool) -> None:
        self.scratch, self.real_home, self.venv, self.limits = scratch, home, venv, limits
        self.unlike: list[str] = []
        self.environment = {
            "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(Path.home()),
            "LANG": "C.UTF-8",
        } | _network(offline=offline)
        self.own_root = self._may_make_a_root()
        self.home = _HOME if self.own_root else str(home)
        if not self.own_root:
            self.environment["AUTOGRADER_HOME"] = self.home
            if venv is not None:
                self.environment["AUTOGRADER_VENV"] = str(venv.absolute())
        absent = docker_rules.why_absent()
        self.confined = absent is None
        if absent is not None:
            self.unlike.append(f"Docker's rules are not applied: {absent}.")

    def _may_make_a_root(self) -> bool:
        if os.geteuid() != 0:
            self.unlike.append("The grader is not root.")
        tried = ["unshare", "--mount", "true"]
        if os.geteuid() == 0 and shutil.which("unshare") and subprocess.run(tried, check=False).returncode == 0:  # noqa: S603  two known words
            return True
        self.unlike.append(
            f"Gradescope's folder is {self.real_home}, not {_HOME}: no mount namespace can be made here."
        )
        return False

    def play(self, name: str, program: str, seconds: float) -> Step:
        """Run one program to its end, or to the end of its time."""
        project, new = Path(__file__).resolve().parents[2], self.scratch / f"root-of-{name}"
        root, confined = str(new) if self.own_root else "", "yes" if self.confined else "no"
        command = [sys.executable, "-I", "-B", "-c", _ENTER, str(project), root, self.home, confined, program]
        if self.own_root:
            new.mkdir()
            venv = "" if self.venv is None else str(self.venv.absolute())
            places = [str(new), str(self.real_home), venv]
            command = ["unshare", "--mount", "sh", "-c", _NEW_ROOT, "sh", *places, *command]
        begun = time.monotonic()
        with tempfile.TemporaryFile() as said:
            process = subprocess.Popen(  # noqa: S603  the staff's own upload, run as Gradescope runs it
                command,
                env=self.environment,
                cwd="/",
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=self.limits.join,  # noqa: PLW1509  one thread runs here
            )
            status: int | None
            try:
                status = process.wait(seconds)
            except subprocess.TimeoutExpired:
                status = None
            with contextlib.suppress(ProcessLookupError):  # a daemon of the step's ends with it, as a container's does
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            self.limits.empty()
            said.seek(0)
            text = said.read(2**20).decode("utf-8", "replace")
        return Step(name, status, time.monotonic() - begun, text)


class _Container:
    """A control group with Gradescope's memory and processor share, where one can be made; else the peak alone."""

    def __init__(self) -> None:
        self.groups: list[Path] = []
        self.unlike: list[str] = []
        self.memory: Path | None = None

    def __enter__(self) -> _Container:
        name = f"autograder-{uuid.uuid4().hex[:12]}"
        root = Path("/sys/fs/cgroup")
        limit, quota = str(_MEMORY_MB * 2**20), int(_CORES * 100_000)
        if (root / "cgroup.controllers").is_file():
            memory = self._group(root / name, {"memory.max": limit, "memory.swap.max": "0"})
            cores = memory and self._set(root / name, {"cpu.max": f"{quota} 100000"})
        else:
            memory = self._group(root / "memory" / name, {"memory.limit_in_bytes": limit})
            period = {"cpu.cfs_period_us": "100000", "cpu.cfs_quota_us": str(quota)}
            cores = self._group(root / "cpu" / name, period)
        if memory:
            self.memory = self.groups[0]
        else:
            self.unlike.append(f"Memory is not limited to {_MEMORY_MB} MB: no control group for it can be made here.")
        if not cores:
            self.unlike.append(f"The processor's share is not {_CORES:g}: no control group for it can be made here.")
        return self

    def _group(self, group: Path, settings: Mapping[str, str]) -> bool:
        try:
            group.mkdir()
        except OSError:
            return False
        self.groups.append(group)
        return self._set(group, settings)

    @staticmethod
    def _set(group: Path, settings: Mapping[str, str]) -> bool:
        try:
            for name, value in settings.items():
                if name != "memory.swap.max" or (group / name).exists():
                    (group / name).write_text(value, encoding="ascii")
        except OSError:
            return False
        return True

    def join(self) -> None:
        """Called in a new process: it and what it starts belong to the group."""
        for group in self.groups:
            (group / "cgroup.procs").write_text(str(os.getpid()), encoding="ascii")

    def empty(self) -> None:
        """End what is left in the group."""
        for _ in range(100):
            left = {int(pid) for group in self.groups for pid in (group / "cgroup.procs").read_text("ascii").split()}
            if not left:
                return
            for pid in left:
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            time.sleep(0.02)

    def peak_mb(self) -> int:
        """The most memory that was used at once: by all together in a group, else by the largest process."""
        for name in ("memory.peak", "memory.max_usage_in_bytes"):
            if self.memory is not None and (self.memory / name).is_file():
                return int((self.memory / name).read_text(encoding="ascii")) // 2**20
        kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
        return kilobytes // (2**20 if sys.platform == "darwin" else 2**10)

    def __exit__(self, *_: object) -> None:
        for group in self.groups:
            with contextlib.suppress(OSError):  # a process that cannot be killed just now keeps it
                group.rmdir()


def _judge(steps: Sequence[Step], content: bytes | None) -> tuple[list[str], dict[str, Any]]:
    """Why Gradescope would show no grade, and the document where it is one."""
    problems = []
    for step in steps:
        if step.status is None:
            problems.append(f"{step.name} took longer than {step.seconds:.0f} s and was ended.")
        elif not step.passed:
            problems.append(f"{step.name} ended with status {step.status}: {step.said[-600:].strip()}")
    if len(steps) == 1:
        return problems, {}
    if content is None:
        return [*problems, "There is no results.json."], {}
    broken = contract.problems(content)
    problems += [f"results.json: {sentence}" for sentence in broken]
    document: dict[str, Any] = {} if broken else json.loads(content)
    staff = document.get("extra_data", {})
    if staff.get("problem"):
        problems.append(f"Nothing was graded: {staff['problem']}")
    if staff.get("grader_errors"):
        problems.append(f"The grader failed in {staff['grader_errors']} tests.")
    return problems, document


def summary(document: Mapping[str, Any]) -> Iterator[str]:
    """What a student can read in a few lines: the score, the rows that have not every point, and how many have."""
    tests = document.get("tests", [])
    visible = [test for test in tests if _shown(test, document)]
    scored = [test for test in visible if "score" in test]
    if len(visible) == len(tests):
        most = sum(float(test.get("max_score", 0)) for test in scored)
        yield f"score {document.get('score')} of {most:g}"
    yield from filter(None, [document.get("output", "")])
    lost = [test for test in scored if test["score"] < test.get("max_score", 0)]
    for test in lost:
        yield f"{test.get('number', '')} {test.get('name', '')} ({test['score']:g}/{test['max_score']:g})".strip()
    yield f"{len(scored) - len(lost)} rows with every point, {len(visible) - len(scored)} that inform"


def seen_by_a_student(document: Mapping[str, Any]) -> Iterator[str]:
    """The lines of results.json that a student can read on the submission's page."""
    visible = [test for test in document.get("tests", []) if _shown(test, document)]
    if len(visible) == len(document.get("tests", [])):
        yield f"score {document.get('score')}"
    yield from filter(None, [document.get("output", "")])
    for test in visible:
        points = f" ({test['score']:g}/{test['max_score']:g})" if "score" in test else ""
        yield f"{test.get('number', '')} {test.get('name', '')}{points}".strip()


def _shown(test: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    own = test.get("visibility") or document.get("visibility") or "visible"
    return bool(own == "visible")


def seen_by_staff(document: Mapping[str, Any], steps: Sequence[Step]) -> Iterator[str]:
    """What the staff reads besides: hidden rows, the data for instructors, and what the run printed."""
    for test in document.get("tests", []):
        if not _shown(test, document):
            yield f"{test.get('number', '')} {test.get('name', '')}: {test.get('visibility') or document['visibility']}"
    for key, value in document.get("extra_data", {}).items():
        if key != "tests":
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"
    for step in steps:
        lines = step.said.strip().splitlines()
        yield f"{step.name} printed {len(lines)} lines{': … ' + lines[-1] if lines else ''}"
