"""A rehearsal of what Gradescope does with an upload: set up once, run on a submission, read results.json.

The places, the user, the working folder and the environment are those of Gradescope's smallest container. So are the
memory, the processor share and the time, as far as this machine allows; it reports what differs.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import shutil
import stat
import tempfile
import zipfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any, Final

from autograder.assignment.config import EXAMPLE_NOTE, EXAMPLE_SECRET, FILE_NAME, PARTS
from autograder.assignment.policy import LateRules, read_late
from autograder.base.errors import AssignmentError
from autograder.base.toml import read_toml
from autograder.feedback.text import plural
from autograder.results import gradescope_contract, lateness
from autograder.results.report import EXTRA
from autograder.results.staff_notes import StaffNotes
from autograder.upload.stage import RUN_SECONDS, SETUP_SECONDS, Container, DockerStage, Stage, Step

_MOST_BYTES: Final = 200 * 2**20  # of an upload, unpacked
_DUE: Final = dt.datetime(
    2024, 2, 26, 23, 59, tzinfo=dt.timezone(dt.timedelta(hours=-5))
)  # where an upload has no date


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
        """Return the same for a script, in JSON's types: without results.json, but its score."""
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
    seconds: float = RUN_SECONDS,
    image: str | None = None,
    progress: Callable[[str], None] = lambda _: None,
) -> Rehearsal:
    """Do with `upload` (a zip) and `submission` (a folder or a zip) what Gradescope does.

    venv: a virtual environment to use in the place of a new one. offline: no network can be reached.
    seconds: when the run is ended. image: of the real container to do it in, empty for one of this machine's own
    folders; None does without Docker. progress: called with what begins.
    Raises AssignmentError where the upload cannot be unpacked or `venv` is no virtual environment, and IsolationError
    where Docker gives no container.
    """
    if venv is not None and not (venv / "pyvenv.cfg").is_file():
        raise AssignmentError(  # an upload's setup.sh makes an environment of the folder that it is given
            f"--venv {venv} is no virtual environment: it holds no pyvenv.cfg. Name one, .venv for instance; without "
            "--venv a new one is made."
        )
    with contextlib.ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="autograder-rehearsal-"))).resolve()
        scratch.chmod(0o755)
        home = scratch / "autograder"
        progress("unpacking")
        _lay_out(home, upload, submission)
        stage: Stage | DockerStage
        limits: Container | DockerStage
        if image is None:
            limits = stack.enter_context(Container())
            stage = Stage(scratch, home, venv, limits, offline=offline)
        else:
            limits = stage = DockerStage(home, venv, image, offline=offline)
            stack.callback(stage.close)
        progress("setup.sh")
        steps = [stage.play("setup.sh", f"{stage.home}/source/setup.sh", SETUP_SECONDS)]
        if steps[0].passed:
            progress("run_autograder")
            steps.append(stage.play("run_autograder", f"{stage.home}/run_autograder", seconds))
        results = home / "results" / "results.json"
        content = results.read_bytes() if results.is_file() else None
        problems, document = judge(steps, content)
        remarks = (EXAMPLE_NOTE,) if _keeps_example_secret(home / "source" / FILE_NAME) else ()
        unlike = tuple(dict.fromkeys((*stage.unlike, *limits.unlike)))
        return Rehearsal(
            tuple(steps), limits.peak_mb(), document, tuple(problems), unlike, remarks, describe_policy(home / "source")
        )


def _keeps_example_secret(config: Path) -> bool:
    """Return whether the upload's assignment.toml has the secret that every reader of the project knows."""
    try:
        return str(EXAMPLE_SECRET) in config.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False  # what is wrong with it shows when it is run


def describe_policy(source: Path) -> str:
    """Return what an upload's dates and rules do to work that is handed in now, extensions left out."""
    penalty = lateness.LatePolicy(_late_rules(source)).penalty_now(dt.datetime.now(dt.timezone.utc))
    return "" if penalty is None else penalty.text


def _late_rules(source: Path) -> LateRules:
    part = str(read_toml(source / FILE_NAME).get("assignment", {}).get("part", PARTS[0]))
    return read_late(source / FILE_NAME).get(part, LateRules())


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
    (home / "submission_metadata.json").write_text(json.dumps(make_metadata(source), indent=1) + "\n", encoding="utf-8")


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


def make_metadata(upload: Path) -> dict[str, Any]:
    """Return a made-up submission_metadata.json, handed in on time, with every field that Gradescope writes.

    Its due date is the upload's own: one that differs would be flagged, and there is nothing to correct.
    """
    try:
        due = _late_rules(upload).due or _DUE
    except AssignmentError:
        due = _DUE  # the grader itself says what is wrong with its file
    return {
        "id": 1,
        "created_at": (due - dt.timedelta(hours=6)).isoformat(),
        "submission_method": "upload",
        "assignment": {
            "id": 1, "course_id": 1, "title": "A homework", "release_date": (due - dt.timedelta(days=14)).isoformat(),
            "due_date": due.isoformat(), "late_due_date": None, "group_submission": False,
            "group_size": None, "total_points": "100.0",
        },
        "users": [{"id": 1, "name": "A Student", "email": "student@example.edu"}],
        "previous_submissions": [],
    }  # fmt: skip


def judge(steps: Sequence[Step], content: bytes | None) -> tuple[list[str], dict[str, Any]]:
    """Return why Gradescope would show no grade, and the document where it is one."""
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
    broken = gradescope_contract.problems(content)
    problems += [f"results.json: {sentence}" for sentence in broken]
    document: dict[str, Any] = {} if broken else json.loads(content)
    notes = StaffNotes.read(document)
    if notes.problem:
        problems.append(f"Nothing was graded: {notes.problem}")
    if notes.grader_errors:
        problems.append(f"The grader failed in {notes.grader_errors} tests.")
    return problems, document


def summary(document: Mapping[str, Any]) -> Iterator[str]:
    """Yield what a student reads at a glance: the score, the rows that lost points, and how many did not."""
    tests = document.get("tests", [])
    visible = [test for test in tests if _is_shown(test, document)]
    scored = [test for test in visible if "score" in test]
    if len(visible) == len(tests):
        most = sum(float(test.get("max_score", 0)) for test in scored if EXTRA not in (test.get("tags") or ()))
        yield f"score {document.get('score')} of {most:g}"
    yield from filter(None, [document.get("output", "")])
    lost = [test for test in scored if test["score"] < test.get("max_score", 0)]
    for test in lost:
        yield f"{test.get('number', '')} {test.get('name', '')} ({test['score']:g}/{test['max_score']:g})".strip()
    yield f"{plural(len(scored) - len(lost), 'row')} with every point, {len(visible) - len(scored)} for information"


def _is_shown(test: Mapping[str, Any], document: Mapping[str, Any]) -> bool:
    own = test.get("visibility") or document.get("visibility") or "visible"
    return bool(own == "visible")


def seen_by_staff(document: Mapping[str, Any], steps: Sequence[Step]) -> Iterator[str]:
    """Yield what the staff reads besides: hidden rows, the data for instructors, and what the run printed."""
    for test in document.get("tests", []):
        if not _is_shown(test, document):
            yield f"{test.get('number', '')} {test.get('name', '')}: {test.get('visibility') or document['visibility']}"
    for key, value in document.get("extra_data", {}).items():
        if key != "tests":
            yield f"{key}: {json.dumps(value, ensure_ascii=False)}"
    for step in steps:
        lines = step.said.strip().splitlines()
        yield f"{step.name} printed {len(lines)} lines{': … ' + lines[-1] if lines else ''}"
