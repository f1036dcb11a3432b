"""A rehearsal does with an upload what Gradescope does, and says what would go wrong there."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from autograder.assignment import variants
from autograder.assignment.files import read_sources
from autograder.base.errors import AssignmentError
from autograder.results import gradescope_contract
from autograder.upload import package, rehearsal
from autograder.wall import docker

ROOT = Path(__file__).resolve().parents[3]
NOTHING = "#!/bin/sh\n"
pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="Gradescope's container is Linux")


def pack(target, run=NOTHING, setup=NOTHING):
    """An upload of two scripts, and a file beside them."""
    with zipfile.ZipFile(target, "w") as archive:
        for name, text in (("run_autograder", run), ("setup.sh", setup), ("assignment.toml", "")):
            archive.writestr(name, text)
    return target


def linked(source, target):
    try:
        os.link(source, target)
    except OSError:
        shutil.copy2(source, target)


@pytest.fixture(scope="module")
def venv(tmp_path_factory):
    """A copy of this environment, in which setup.sh finds everything installed."""
    folder = tmp_path_factory.mktemp("environment") / "venv"
    unwanted = shutil.ignore_patterns("mypy*", "ruff*", "hypothesis*", "pip*", "setuptools*", "__pycache__", ".lock")
    shutil.copytree(sys.prefix, folder, symlinks=True, ignore=unwanted, copy_function=linked)
    shutil.copy(ROOT / "requirements.txt", folder / ".installed-requirements.txt")
    for path in (folder, *folder.parents[:2]):
        path.chmod(0o755)
    return folder


def control_groups():
    """The control groups of rehearsals that are there: one that was killed leaves its own behind."""
    return {*Path("/sys/fs/cgroup").glob("beras-*"), *Path("/sys/fs/cgroup").glob("*/beras-*")}


@pytest.mark.slow
def test_the_upload_grades_as_it_would_on_gradescope(assignment, tmp_path, venv):
    before = control_groups()
    upload, results = tmp_path / "autograder.zip", tmp_path / "results.json"
    package.build(assignment, upload)
    submission = tmp_path / "submission.zip"
    with zipfile.ZipFile(submission, "w") as archive:
        for path in sorted((ROOT / "student_template").rglob("*.py")):
            archive.write(path, path.relative_to(ROOT / "student_template"))
    command = [sys.executable, "-m", "autograder", "rehearse", str(upload), str(submission), "--offline"]
    command += ["--venv", str(venv), "--results", str(results)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert gradescope_contract.problems(results.read_bytes()) == []
    assert "run_autograder: status 0" in done.stdout
    assert "MB at the peak" in done.stdout
    assert "1.1 Dense" in done.stdout
    if os.geteuid() == 0:
        assert '"user": "on"' in done.stdout
    assert control_groups() <= before


@pytest.mark.slow
def test_an_upload_of_another_homework_grades_as_it_would_on_gradescope(tmp_path, venv):
    upload, out = tmp_path / "autograder.zip", tmp_path / "played.json"
    shutil.copytree(ROOT / "examples" / "kmeans" / "reference" / "kmeans", tmp_path / "solved" / "kmeans")
    there = ["--assignment", "examples/kmeans"]
    allowed = [word for kind in ("secret", "changes", "audit") for word in ("--allow", kind)]
    for arguments in (
        ["package", *there, *allowed, "--out", upload],
        ["rehearse", upload, tmp_path / "solved", "--offline", "--venv", venv, "--results", out],
    ):
        command = [sys.executable, "-m", "autograder", *map(str, arguments)]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=240, check=False)
        assert done.returncode == 0, done.stdout + done.stderr
    assert points(json.loads(out.read_text())) == {"1.1": (4, 4), "1.2": (3, 3), "1.3": (3, 3)}


@pytest.fixture(scope="module")
def uploaded(assignment, tmp_path_factory):
    """The upload of the project as it is."""
    return package.build(assignment, tmp_path_factory.mktemp("upload") / "autograder.zip").path


def points(document):
    """What a results.json gives for every test."""
    return {test["number"]: (test["score"], test["max_score"]) for test in document["tests"] if "score" in test}


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("reference", False),
        ("template", True),
        ("not_averaged_over_the_batch", True),  # trains all the same
        ("label_for_an_index", True),  # raises
        ("slopes_without_a_list", True),  # answers what cannot be compared
    ],
)
@pytest.mark.slow
def test_a_rehearsal_gives_the_points_that_grade_gives(
    name, lost, assignment, reference_files, uploaded, venv, grade, tmp_path
):
    chaffs = variants.load(assignment.reference / "chaffs")
    files = read_sources(assignment.template) if name == "template" else reference_files
    files = variants.render(files, [chaffs[name]]) if name in chaffs else files
    graded, done = grade(files)
    assert done.returncode == 0, done.stderr
    played = rehearsal.rehearse(uploaded, tmp_path / "submission", venv=venv, offline=True)
    assert played.problems == ()
    assert points(played.document) == points(graded)
    assert (played.document["score"] < assignment.points) == lost


def test_a_run_that_takes_too_long_is_ended_and_said(tmp_path, venv):
    slow = "#!/bin/sh\nsleep 60 &\nsleep 60\n"
    upload = pack(tmp_path / "upload.zip", run=slow)
    played = rehearsal.rehearse(upload, ROOT / "student_template", venv=venv, seconds=1)
    assert not played.passed
    assert "took longer" in played.problems[0]
    assert "no results.json" in played.problems[1]


def test_a_folder_that_is_no_environment_is_refused_and_nothing_in_it_is_touched(tmp_path):
    folder = tmp_path / "my thesis"
    (folder / "bin").mkdir(parents=True)
    (folder / "chapter.tex").write_text("years of work\n")
    upload = pack(tmp_path / "upload.zip", setup='#!/bin/sh\nrm -rf "${AUTOGRADER_VENV:-/autograder/venv}"/*\n')
    for place in (folder, tmp_path / "mistyped"):
        with pytest.raises(AssignmentError, match="is no virtual environment"):
            rehearsal.rehearse(upload, ROOT / "student_template", venv=place)
    assert (folder / "chapter.tex").read_text() == "years of work\n"
    assert not (tmp_path / "mistyped").exists()


def test_a_set_up_that_fails_is_shown_with_what_it_printed(tmp_path):
    upload = pack(tmp_path / "upload.zip", setup="#!/bin/sh\necho no such package\nexit 4\n")
    played = rehearsal.rehearse(upload, ROOT / "student_template")
    assert [step.name for step in played.steps] == ["setup.sh"]
    assert "status 4: no such package" in played.problems[0]


def test_a_result_that_gradescope_would_not_take_is_found(tmp_path):
    script = "#!/bin/sh\necho '{\"score\": NaN}' > results/results.json\n"
    upload = pack(tmp_path / "upload.zip", run=script)
    played = rehearsal.rehearse(upload, ROOT / "student_template")
    assert any("NaN" in problem for problem in played.problems)


def hidden_and_visible():
    return {
        "score": 3,
        "output": "Well done.",
        "tests": [
            {"number": "1.1", "name": "Dense", "score": 3, "max_score": 3},
            {"number": "1.2", "name": "Tape", "score": 0, "max_score": 1, "visibility": "after_published"},
        ],
        "extra_data": {"grader_errors": 1, "tests": {"1.1": {}}},
    }


def test_a_student_sees_neither_hidden_rows_nor_a_total_that_would_tell_of_them_and_staff_see_both():
    document, step = hidden_and_visible(), rehearsal.Step("run_autograder", 0, 1.0, "first\nlast\n")
    assert list(rehearsal.summary(document)) == ["Well done.", "1 row with every point, 0 for information"]
    assert list(rehearsal.seen_by_staff(document, [step])) == [
        "1.2 Tape: after_published",
        "grader_errors: 1",
        "run_autograder printed 2 lines: … last",
    ]
    document["tests"].pop()
    assert next(rehearsal.summary(document)) == "score 3 of 3"


def test_what_would_keep_a_grade_from_gradescope_is_named():
    run = rehearsal.Step("run_autograder", 0, 1.0, "")
    steps = [rehearsal.Step("setup.sh", 0, 1.0, ""), run]
    assert rehearsal.judge(steps, None) == (["There is no results.json."], {})
    document = hidden_and_visible()
    problems, read = rehearsal.judge(steps, json.dumps(document).encode())
    assert (problems, read) == (["The grader failed in 1 tests."], document)
    document["extra_data"] = {"problem": "no disk"}
    assert rehearsal.judge(steps, json.dumps(document).encode())[0] == ["Nothing was graded: no disk"]
    ended = rehearsal.Step("run_autograder", None, 600.0, "")
    failed = rehearsal.Step("setup.sh", 1, 1.0, "no network\n")
    assert rehearsal.judge([failed, ended], None)[0] == [
        "setup.sh ended with status 1: no network",
        "run_autograder took longer than 600 s and was ended.",
        "There is no results.json.",
    ]


def test_a_script_reads_it_as_json_and_by_the_exit_status(tmp_path):
    for status, score in ((0, 1), (1, None)):
        run = f'#!/bin/sh\necho {{\\"score\\": {score or "NaN"}}} > results/results.json\n'
        upload = pack(tmp_path / "upload.zip", run=run)
        command = [sys.executable, "-m", "autograder", "rehearse", str(upload), "student_template", "--json"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
        played = json.loads(done.stdout)
        assert done.returncode == status
        assert played["passed"] == (status == 0)
        assert played["score"] == score
        assert [step["name"] for step in played["steps"]] == ["setup.sh", "run_autograder"]


def test_an_upload_with_the_examples_secret_is_remarked_on(tmp_path):
    for secret, remarks in (("change-me-every-year", 1), ("a text of our own", 0)):
        upload = tmp_path / "upload.zip"
        with zipfile.ZipFile(upload, "w") as archive:
            for name, text in (("run_autograder", NOTHING), ("setup.sh", NOTHING)):
                archive.writestr(name, text)
            archive.writestr("assignment.toml", f'[assignment]\nsecret = "{secret}"\n')
        played = rehearsal.rehearse(upload, ROOT / "student_template")
        assert len(played.remarks) == len(played.as_json()["remarks"]) == remarks


def test_the_run_has_gradescopes_places_user_and_rules(tmp_path):
    script = "#!/bin/sh\npwd; umask; ls -A . source | tr '\\n' ' '; grep Seccomp: /proc/self/status\n"
    upload = pack(tmp_path / "upload.zip", run=script)
    played = rehearsal.rehearse(upload, ROOT / "student_template")
    said = played.steps[1].said.splitlines()
    assert said[1] == "0022"
    for name in ("results", "run_autograder", "source", "submission", "submission_metadata.json", "assignment.toml"):
        assert name in said[2]
    if not played.unlike:
        assert said[0] == "/autograder"
        assert said[2].split()[-1] == "2"


@pytest.mark.parametrize("what", ["no zip", "a folder in the zip", "a way out"])
def test_an_upload_that_gradescope_could_not_unpack_is_explained(tmp_path, what):
    upload = tmp_path / "upload.zip"
    with zipfile.ZipFile(upload, "w") as archive:
        archive.writestr("../setup.sh" if what == "a way out" else "autograder/setup.sh", "")
    if what == "no zip":
        upload.write_text("hello")
    with pytest.raises(AssignmentError, match=r"no run_autograder at its root|cannot be unpacked|leads out of it"):
        rehearsal.rehearse(upload, ROOT / "student_template")


needs_docker = pytest.mark.skipif(docker.why_absent() is not None, reason=f"no Docker daemon: {docker.why_absent()}")


@needs_docker
def test_a_real_container_has_gradescopes_places_rules_and_allowance(tmp_path):
    script = "#!/bin/sh\npwd; id -u; grep Seccomp: /proc/self/status; grep CapEff: /proc/self/status\n"
    script += "cat /sys/fs/cgroup/memory.max 2>/dev/null || cat /sys/fs/cgroup/memory/memory.limit_in_bytes\nexit 3\n"
    played = rehearsal.rehearse(
        pack(tmp_path / "upload.zip", run=script), ROOT / "student_template", offline=True, image=""
    )
    assert [step.status for step in played.steps] == [0, 3]
    home, user, seccomp, capabilities, memory = played.steps[1].said.splitlines()
    assert (home, user, seccomp.split()[1]) == ("/autograder", "0", "2")
    assert capabilities.split()[1] == "00000000a80425fb"
    assert int(memory) == 768 * 2**20
    assert played.peak_mb > 0
    assert not [name for name in container_names() if name.startswith("autograder-rehearsal")]


def container_names():
    done = subprocess.run(["docker", "ps", "-a", "--format", "{{.Names}}"], capture_output=True, text=True, check=True)
    return done.stdout.split()


@needs_docker
def test_a_step_that_hangs_in_a_real_container_is_ended_with_it(tmp_path):
    upload = pack(tmp_path / "upload.zip", run="#!/bin/sh\nsleep 100\n")
    played = rehearsal.rehearse(upload, ROOT / "student_template", offline=True, seconds=1, image="")
    assert played.steps[1].status is None
    assert "took longer than 1 s and was ended" in " ".join(played.problems)
    assert not [name for name in container_names() if name.startswith("autograder-rehearsal")]


@needs_docker
@pytest.mark.slow
def test_the_upload_grades_in_a_real_container(assignment, tmp_path, venv):
    upload = tmp_path / "autograder.zip"
    package.build(assignment, upload)
    played = rehearsal.rehearse(upload, ROOT / "student_template", venv=venv, offline=True, image="")
    assert played.problems == (), [step.said for step in played.steps]
    assert points(played.document)
    assert played.document["extra_data"]["isolation"]["user"] == "on"
    assert played.peak_mb < 768


def test_a_rehearsal_is_told_in_a_few_lines_those_that_cost_points_and_what_lateness_does(tmp_path):
    document = hidden_and_visible()
    document["tests"][1] |= {"visibility": "visible"}
    document["tests"].append({"name": "Required files", "output": "All there."})
    assert list(rehearsal.summary(document)) == [
        "score 3 of 4",
        "Well done.",
        "1.2 Tape (0/1)",
        "1 row with every point, 1 for information",
    ]
    (tmp_path / "assignment.toml").write_text(
        '[assignment]\npart = "programming"\n[due]\nprogramming = 2024-02-26T18:00:00-05:00\n[late]\nmost_days = 3\n'
    )
    assert "nothing is left after 3 days" in rehearsal.describe_policy(tmp_path)
    (tmp_path / "assignment.toml").write_text("[assignment]\n")
    assert rehearsal.describe_policy(tmp_path) == ""


def test_the_made_up_due_date_is_the_uploads_own(tmp_path):
    (tmp_path / "assignment.toml").write_text("[due]\nprogramming = 2025-03-01T18:00:00-05:00\n")
    metadata = rehearsal.make_metadata(tmp_path)
    assert metadata["assignment"]["due_date"] == "2025-03-01T18:00:00-05:00"
    assert metadata["created_at"] < metadata["assignment"]["due_date"]
    (tmp_path / "assignment.toml").write_text("[due]\nprogramming = 7\n")
    assert rehearsal.make_metadata(tmp_path)["assignment"]["due_date"]
