"""The upload: complete, reproducible, and refused where it would embarrass."""

import json
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import zipfile
from dataclasses import replace

import pytest

from autograder.assignment import config as assignments
from autograder.base.errors import AssignmentError
from autograder.upload import package

SECRET = {'secret = "change-me-every-year"': 'secret = "a text of our own"'}


@pytest.fixture
def project(copied_project):
    """A copy of the project that nothing speaks against."""
    root = copied_project(SECRET)
    for name in ("run_autograder", "setup.sh", "requirements.txt", "written.toml", "LICENSE"):
        (root / name).write_bytes((assignments.ROOT / name).read_bytes())
    return root


def kinds(root, *allow):
    return [problem.kind for problem in package.problems(assignments.load(root), allow=allow, toolkit=root)]


def run(root, *arguments):
    """Run `package` in the project in `root`, with ARGUMENTS."""
    command = [sys.executable, "-m", "autograder", "package", *map(str, arguments)]
    return subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)


def rows(results):
    return {test["number"]: (test["score"], test["max_score"]) for test in results["tests"] if "max_score" in test}


def test_a_short_secret_is_refused(project):
    others = ("unfinished", "template", "changes", "limits", "due", "extensions", "tests", "chaffs", "audit")
    own = replace(assignments.load(project), secret="beras2026")
    (problem,) = package.problems(own, allow=others)
    assert "could be guessed" in problem.text
    assert list(package.problems(replace(own, secret="a text of our own"), allow=others)) == []


def test_twice_gives_the_same_bytes(project, tmp_path):
    assignment = assignments.load(project)
    first = package.build(assignment, tmp_path / "a.zip")
    (project / "reference" / "__pycache__").mkdir()
    (project / "reference" / "__pycache__" / "x.cpython-311.pyc").write_bytes(b"x")
    os.utime(project / "setup.sh", (1, 1))
    assert package.build(assignment, tmp_path / "b.zip").digest == first.digest


def test_it_holds_what_gradescope_needs_and_the_digest_of_each_file(project, tmp_path):
    package.build(assignments.load(project), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        names = set(zipped.namelist())
        manifest = json.loads(zipped.read("manifest.json"))
        modes = {info.filename: info.external_attr >> 16 for info in zipped.infolist()}
    assert {
        "run_autograder",
        "setup.sh",
        "assignment.toml",
        "homework/digits.npz",
        "autograder/cli/app.py",
    } <= names
    assert not [name for name in names if "wheats" in name or "tests/toolkit" in name or "pycache" in name]
    assert not [name for name in names if "/scaffolds/" in name]
    assert set(manifest["files"]) == names - {"manifest.json"}
    assert all(modes[name] & stat.S_IXUSR for name in ("run_autograder", "setup.sh"))


def test_an_upload_grades_as_the_clone_does_and_says_which_it_is(project, tmp_path, grade, reference_files):
    package.build(assignments.load(project), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        zipped.extractall(tmp_path / "source")
    results, done = grade(reference_files, "--skip", "training", root=tmp_path / "source")
    assert done.returncode == 0, done.stderr
    lost = [test["number"] for test in results["tests"] if test.get("max_score") and test["score"] < test["max_score"]]
    assert all(number.startswith("9.") for number in lost)
    assert len(results["extra_data"]["upload"]) == 12


def test_data_and_edition_go_along(project, tmp_path):
    count, pixels = 200, bytes(200 * 784)
    data = tmp_path / "data"
    data.mkdir()
    for part in ("train", "t10k"):
        shape = b"".join(number.to_bytes(4, "big") for number in (0x803, count, 28, 28))
        (data / f"{part}-images-idx3-ubyte").write_bytes(shape + pixels)
        shape = b"".join(number.to_bytes(4, "big") for number in (0x801, count))
        (data / f"{part}-labels-idx1-ubyte").write_bytes(shape + bytes(n % 10 for n in range(count)))
    package.build(assignments.load(project, edition="s25"), tmp_path / "a.zip", data_folder=data)
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        assert zipped.read("data/mnist/train-images-idx3-ubyte") == (data / "train-images-idx3-ubyte").read_bytes()
        assert b'edition = "s25"' in zipped.read("assignment.toml")
        assert json.loads(zipped.read("manifest.json"))["edition"] == "s25"


def test_another_editions_upload_is_checked_against_the_template_in_the_templates_own_edition(project):
    def found():
        allow = ("changes", "tests", "chaffs", "audit")
        return [one.text for one in package.problems(assignments.load(project, edition="s25"), allow=allow)]

    assert found() == []
    (project / "student_template" / "preprocess.py").write_text("x = 1\n")
    assert [text.partition(" (")[0] for text in found()] == ["student_template/ has drifted"]


@pytest.mark.parametrize("written", ["part = 'written'", '"part"="written" # the other one', ""])
def test_the_part_goes_along_however_the_file_spells_it(project, tmp_path, written):
    config = project / "assignment.toml"
    config.write_text(re.sub(r"(?m)^part = .*$", written, config.read_text(), count=1))
    before = assignments.load(project)
    for part in assignments.PARTS:
        package.build(replace(before, part=part), tmp_path / "a.zip")
        with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
            config.write_bytes(zipped.read("assignment.toml"))
            assert json.loads(zipped.read("manifest.json"))["part"] == part
        assert replace(assignments.load(project), part=before.part, homework=before.homework) == before
        assert assignments.load(project).part == part


@pytest.fixture
def kmeans(tmp_path):
    """A copy of the other homework, which lies where no toolkit is, with a secret of its own."""
    root = tmp_path / "another homework"
    shutil.copytree(assignments.ROOT / "examples" / "kmeans", root, ignore=shutil.ignore_patterns("__pycache__"))
    file = root / "assignment.toml"
    file.write_text(file.read_text().replace("change-me-every-year", "a text of our own"))
    return root


def test_an_upload_of_another_homework_grades_that(kmeans, tmp_path, grade):
    table = kmeans / "homework" / "probes" / "expected.csv"
    table.write_text("a table of the homework's own\n")
    command = [sys.executable, "-m", "autograder", "package", "--assignment", str(kmeans), "--allow", "changes"]
    command += ["--allow", "audit", "--out", str(tmp_path / "a.zip")]
    done = subprocess.run(command, cwd=assignments.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        zipped.extractall(tmp_path / "source")
        assert not [name for name in zipped.namelist() if "beras" in name.lower()]
        assert zipped.read("homework/probes/expected.csv") == table.read_bytes()
    for name, score in (("reference", 10), ("student_template", 0)):
        shutil.copytree(kmeans / name / "kmeans", tmp_path / name / "kmeans")
        results, done = grade(tmp_path / name, root=tmp_path / "source")
        assert done.returncode == 0, done.stderr
        assert results["score"] == score, rows(results)


def test_what_speaks_against_another_homeworks_upload_names_it(kmeans):
    (kmeans / "student_template" / "kmeans" / "distance.py").write_text("x = 1\n")
    refused = run(assignments.ROOT, "--check", "--assignment", kmeans, "--part", "written", "--allow", "changes")
    assert refused.returncode == 1
    said = " ".join(refused.stderr.split())
    assert f"python -m autograder template --assignment '{kmeans}'" in said
    assert "written.toml is missing: without it the homework has no written part" in said


def test_what_would_embarrass_is_refused(project):
    assert kinds(project, "audit") == []
    config = project / "assignment.toml"
    config.write_text(config.read_text().replace("a text of our own", "change-me-every-year"))
    with (project / "student_template" / "preprocess.py").open("a") as file:
        file.write("# edited\n")
    hidden = project / "tests" / "hidden" / "test_3_losses.py"
    hidden.write_text(hidden.read_text().replace("@weight(2.5)", "@weight(3.5)", 1))
    assert kinds(project) == ["secret", "template", "tests"]
    assert kinds(project, "secret", "template") == ["tests"]


def with_extensions(project, text):
    file = project / "assignment.toml"
    lines = file.read_text().replace("[late]", '[late]\nextensions = "extensions.csv"', 1)
    assert "extensions.csv" in lines
    file.write_text(lines)
    if text is not None:
        (project / "extensions.csv").write_text(text)
    return assignments.load(project)


def test_the_extensions_go_along(project, tmp_path):
    package.build(with_extensions(project, "student,days\nada@example.edu,2\n"), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        assert zipped.read("extensions.csv") == b"student,days\nada@example.edu,2\n"
        assert "extensions.csv" in json.loads(zipped.read("manifest.json"))["files"]


@pytest.mark.parametrize(("text", "said"), [(None, "cannot be read"), ("student,days\nada,soon\n", "line 2")])
def test_extensions_that_nobody_could_read_on_gradescope_are_refused(project, text, said):
    (problem,) = package.problems(with_extensions(project, text), allow=("changes", "tests", "chaffs", "audit"))
    assert problem.kind == "extensions"
    assert said in problem.text


def test_dates_under_which_everybody_gets_nothing_are_refused_with_all_that_is_cheap_and_at_once(copied_project):
    root = copied_project({"penalty_per_day = 0.0": "penalty_per_day = 0.1"})
    (root / "student_template" / "preprocess.py").write_text("x = 1\n")
    begun = []
    assignment = assignments.load(root)
    found = list(package.problems(assignment, progress=lambda kind, *_: begun.append(kind), toolkit=root))
    assert [problem.kind for problem in found][:3] == ["secret", "template", "due"]
    assert "everybody who hands in now gets 0. Due Monday 26 February 2024" in found[2].text
    assert "audit" not in begun, "what takes long waits until nothing else speaks against it"


def test_dates_in_the_past_are_fine_where_lateness_costs_nothing_or_is_allowed(project, copied_project):
    assert "due" not in kinds(project, "audit", "tests", "chaffs", "template")
    file = project / "assignment.toml"
    file.write_text(file.read_text().replace("penalty_per_day = 0.0", "penalty_per_day = 0.1"))
    assert "due" in kinds(project, "audit", "tests", "chaffs", "template")
    assert "due" not in kinds(project, "audit", "tests", "chaffs", "template", "due")


@pytest.mark.parametrize(
    ("old", "new", "kind", "said"),
    [
        ("run_seconds = 560", "run_seconds = 5600", "limits", "ends a run after 2400 seconds at the most"),
        (
            "run_seconds = 560",
            "run_seconds = 900",
            "limits",
            "40 minutes at the most, and add --allow limits",
        ),
        ("run_seconds = 560", "run_seconds = inf", "limits", "2400 seconds"),
        ("test_seconds = 10 ", "test_seconds = 1000 ", "limits", "more than the whole run has (560)"),
        ("programming = 2024-", "programming = 2204-", "due", "is the year in [due] right?"),
    ],
)
def test_numbers_and_dates_that_cannot_be_meant_are_refused(copied_project, old, new, kind, said):
    assignment = assignments.load(copied_project({old: new}))
    found = list(package.problems(assignment, allow=("secret", "changes", "template", "tests", "chaffs", "audit")))
    assert [problem.kind for problem in found] == [kind]
    assert said in found[0].text


def test_a_full_disk_leaves_no_zip(project, small_disk, tmp_path):
    with pytest.raises(AssignmentError, match=r"No space left on device. Name another --out, or make room"):
        package.build(assignments.load(project), small_disk / "a.zip")
    assert list(small_disk.iterdir()) == []
    with pytest.raises(AssignmentError, match="there is no folder"):
        package.build(assignments.load(project), tmp_path / "mistyped" / "a.zip")


def test_check_looks_and_writes_nothing(project, tmp_path):
    out = tmp_path / "a.zip"
    command = [sys.executable, "-m", "autograder", "package", "--check", "--allow", "audit", "--out", str(out)]
    done = subprocess.run(command, cwd=project, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "Nothing speaks against an upload." in done.stdout
    assert "Lateness costs nothing." in " ".join(done.stdout.split())
    assert not out.exists()


@pytest.mark.parametrize(
    ("key", "table", "text", "said"),
    [
        ("extensions", "late", "student,due\nada,2024-02-28 18:00\n", ""),
        ("late_days", "late", "student,left\nada,none\n", "line 2"),
        ("overrides", "people", "student,points,reason\nada,5,\n", "there is no reason"),
        ("overrides", "people", "student,points,reason\nada,5,an oral exam\n", ""),
    ],
)
def test_every_list_of_people_is_read_before_it_goes_along(project, tmp_path, key, table, text, said):
    file = project / "assignment.toml"
    file.write_text(file.read_text().replace(f"[{table}]", f'[{table}]\n{key} = "list.csv"', 1))
    (project / "list.csv").write_text(text)
    assignment = assignments.load(project)
    found = [problem.text for problem in package.problems(assignment, allow=("changes", "tests", "chaffs", "audit"))]
    assert [said in line for line in found] == ([True] if said else [])
    package.build(assignment, tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        assert zipped.read("list.csv").decode() == text


@pytest.mark.slow
def test_a_failing_audit_is_refused(project):
    chaffs = project / "reference" / "chaffs" / "losses.py"
    chaffs.write_text(chaffs.read_text().replace('"3.1": 1.75', '"3.1": 0.75'))
    assert "audit" in kinds(project, "secret")


@pytest.mark.git
def test_uncommitted_changes_are_refused(project):
    identity = ["-c", "user.name=A", "-c", "user.email=a@b.c"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-qm", "all"]):
        subprocess.run(["git", *command], cwd=project, check=True)
    assert kinds(project, "audit") == []
    (project / "setup.sh").write_text("exit\n")
    assert "changes" in kinds(project, "audit", "template", "tests", "chaffs")
    subprocess.run(["git", "checkout", "-q", "setup.sh"], cwd=project, check=True)
    (project / "reference" / "preprocess.py").write_text("x = 1\n")
    assert "changes" in kinds(project, "audit", "template", "tests", "chaffs")


def test_an_unknown_check_is_named(project):
    with pytest.raises(AssignmentError, match=r"--allow nonsense: expected one of secret, unfinished, template"):
        kinds(project, "nonsense")


def test_the_command_offers_no_upload_that_would_grade_nobody(copied_project, tmp_path):
    root = copied_project({"points = 100": "points = 99"})
    command = [sys.executable, "-m", "autograder", "package", "--allow", "audit", "--out", str(tmp_path / "a.zip")]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Fix this first: an upload with it would grade nobody." in done.stderr
    assert "--allow" not in done.stderr


def test_the_command_refuses_with_1_and_what_it_advises_goes_on_with_the_same_options(project, tmp_path):
    config = project / "assignment.toml"
    config.write_text(config.read_text().replace("a text of our own", "change-me-every-year"))
    out = tmp_path / "my uploads" / "a.zip"
    out.parent.mkdir()
    given = ["--allow", "tests", "--allow=chaffs", "--allow", "audit", "--out", out]
    given += ["--part", "written", "--edition", "s25"]
    refused = run(project, *given, "--assignment", ".")
    assert refused.returncode == 1
    assert not out.exists()
    advice = refused.stderr.splitlines()[-1]
    assert advice.startswith("python -m autograder package ")
    done = run(project, *shlex.split(advice)[4:])
    assert done.returncode == 0, done.stderr
    with zipfile.ZipFile(out) as zipped:
        manifest = json.loads(zipped.read("manifest.json"))
    assert (manifest["part"], manifest["edition"]) == ("written", "s25")


@pytest.mark.parametrize("check", [(), ("--check",)])
def test_a_script_reads_json_whatever_comes_of_it(project, tmp_path, check):
    given = ("--allow", "audit", "--allow", "chaffs", "--out", tmp_path / "a.zip", "--json", *check)
    done = run(project, *given)
    found = json.loads(done.stdout)
    assert (done.returncode, found["passed"], found["problems"]) == (0, True, [])
    assert (tmp_path / "a.zip").exists() == ("sha256" in found) == (not check)
    (project / "student_template" / "preprocess.py").write_text("x = 1\n")
    done = run(project, *given)
    found = json.loads(done.stdout)
    assert (done.returncode, found["passed"]) == (1, False)
    (problem,) = found["problems"]
    assert (problem["kind"], problem["fatal"]) == ("template", False)


def test_the_dates_of_the_part_that_the_zip_grades_are_checked(project):
    config = project / "assignment.toml"
    text = config.read_text().replace("penalty_per_day = 0.0", "penalty_per_day = 0.1")
    config.write_text(re.sub(r"(?m)^written = 2\d+", "written = 2199", text))
    allow = ("template", "changes", "tests", "chaffs", "audit")
    said = {}
    for part in assignments.PARTS:
        (problem,) = package.problems(replace(assignments.load(project), part=part), allow=allow)
        said[part] = problem.text
    assert "everybody who hands in now gets 0" in said["programming"]
    assert "is the year in [due] right?" in said["written"]


def test_an_upload_of_the_written_part_grades_that(project, tmp_path, grade):
    package.build(replace(assignments.load(project), part="written"), tmp_path / "a.zip")
    with zipfile.ZipFile(tmp_path / "a.zip") as zipped:
        zipped.extractall(tmp_path / "source")
    results, done = grade(assignments.ROOT / "reference" / "conceptual" / "solution.tex", root=tmp_path / "source")
    assert done.returncode == 0, done.stderr
    assert any(test.get("score") for test in results["tests"])
    assert not any("Dense.call" in test["name"] for test in results["tests"])


def test_an_upload_of_the_written_part_is_not_held_up_by_chaffs_and_tells_of_answers_to_nothing(
    copied_project, monkeypatch
):
    def refuse(*_, **__):
        raise AssertionError("the written part has no chaffs")

    monkeypatch.setattr(package.audit, "collect", refuse)
    monkeypatch.setattr(package.audit, "audit", refuse)
    project = copied_project()
    answers = project / "reference" / "conceptual" / "answers.toml"
    answers.write_text(answers.read_text("utf-8").replace("[losses]", "[lossy]"), "utf-8")
    assignment = replace(assignments.load(project), part="written")
    found = {one.kind: one.text for one in package.problems(assignment, allow=("secret", "changes", "template"))}
    assert "[lossy] is no question" in found["answers"] and "losses has no answer" in found["answers"]
    assert set(found) <= {"answers", "due"}
