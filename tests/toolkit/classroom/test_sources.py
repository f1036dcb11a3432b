"""Each kind of download, and what is wrong with them in practice."""

import datetime as dt
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tracemalloc
import zipfile
from pathlib import Path

import pytest

from autograder.assignment import config
from autograder.base.errors import AssignmentError, SubmissionError
from autograder.classroom import gradescope_yaml as exports
from autograder.classroom import sources
from autograder.classroom.sources import unpacking
from autograder.intake import submission

HEAD = "---\n"
ONE = """submission_1:
  :submitters:
  - :name: "Ada García"
    :sid: '0123'
    :email: ada@example.edu
  :created_at: 2024-02-26 17:59:00.000000000 -05:00
  :score: 41.5
  :results:
    tests:
    - number: '1.1'
      name: Dense
      score: 2.0
      max_score: 3.0
      output: no
"""
GROUP = """submission_2:
  :submitters:
  - :name: 李小龙
    :sid:
    :email: li@example.edu
  - :name: Ada García
    :sid: '0123'
    :email: ADA@example.edu
  :created_at: '2024-02-26T23:30:00Z'
"""


def export(folder, text, *names):
    root = folder / "assignment_7_export"
    for name in names:
        (root / name).mkdir(parents=True)
        (root / name / "assignment.py").write_text("")
    root.mkdir(exist_ok=True)
    (root / "submission_metadata.yml").write_text(text, encoding="utf-8")
    return root


def read(path, **options):
    with sources.open_source(path, **options) as source:
        return source


def test_an_export_gives_people_times_and_what_was_published(tmp_path):
    source = read(export(tmp_path, HEAD + ONE + GROUP, "submission_1", "submission_2"))
    first, second = source.submissions
    assert (first.people[0].name, first.people[0].sid, first.people[0].email) == (
        "Ada García",
        "0123",
        "ada@example.edu",
    )
    assert first.created_at == "2024-02-26T17:59:00-05:00"
    assert first.published == {
        "score": 41.5,
        "tests": [{"number": "1.1", "name": "Dense", "score": 2.0, "max_score": 3.0}],
    }
    assert [person.name for person in second.people] == ["李小龙", "Ada García"]
    assert second.people[0].sid == ""
    assert second.created_at == "2024-02-26T23:30:00+00:00"
    assert second.published is None


def test_a_student_in_two_groups_is_noted_in_both(tmp_path):
    source = read(export(tmp_path, HEAD + ONE + GROUP, "submission_1", "submission_2"))
    assert all("is in 2 submissions" in " ".join(submission.notes) for submission in source.submissions)


def test_missing_unnamed_and_doubled_entries_cost_nobody_else(tmp_path):
    source = read(export(tmp_path, HEAD + ONE + ONE + GROUP, "submission_1", "submission_9"))
    by_id = {submission.id: submission for submission in source.submissions}
    assert by_id["submission_1"].path is not None
    assert "no such folder" in by_id["submission_2"].problem
    assert by_id["submission_9"].people == ()
    assert any("named twice" in note for note in source.notes)
    assert any("submission_9" in note for note in source.notes)


def test_a_zipped_export_is_read_and_its_unsafe_and_useless_members_left_out(tmp_path):
    root = export(tmp_path, HEAD + ONE, "submission_1")
    archive = tmp_path / "export.zip"
    with zipfile.ZipFile(archive, "w") as zipped:
        for path in root.rglob("*"):
            zipped.write(path, path.relative_to(tmp_path))
        zipped.writestr("__MACOSX/._submission_metadata.yml", "junk")
        zipped.writestr("assignment_7_export/.DS_Store", "junk")
        zipped.writestr("assignment_7_export/../../evil.py", "junk")
    source = read(archive)
    assert [submission.id for submission in source.submissions] == ["submission_1"]
    assert any("evil.py" in note and "leads out" in note for note in source.notes)
    assert not (tmp_path.parent / "evil.py").exists()


def test_ruby_s_aliases_are_followed_and_explode_nothing(tmp_path):
    laughs = "a: &a [x, x]\n" + "".join(
        f"{n}: &{n} [*{p}, *{p}]\n" for p, n in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
    )
    shared = ":submitters:\n  - &ada\n    :name: Ada\n"
    text = HEAD + laughs + f"submission_1:\n  {shared}submission_2:\n  :submitters:\n  - *ada\n"
    people = {
        submission.id: submission.people
        for submission in read(export(tmp_path, text, "submission_1", "submission_2")).submissions
    }
    assert people["submission_1"][0].name == people["submission_2"][0].name == "Ada"


@pytest.mark.parametrize("text", ["a: [unclosed", "- a\n- list\n", "a: " + "[" * 60 + "]" * 60, "\x00", "a: b: c"])
def test_metadata_that_is_none_is_said(tmp_path, text):
    root = export(tmp_path, text, "submission_1")
    with pytest.raises(AssignmentError, match=r"submission_metadata\.yml"):
        read(root)


def test_a_tag_makes_no_object(tmp_path):
    target = tmp_path / "made"
    text = f"submission_1: !!python/object/apply:os.mkdir ['{target}']\n"
    assert read(export(tmp_path, text, "submission_1")).submissions[0].people == ()
    assert not target.exists()


def peak(file, text):
    """The most memory that reading metadata takes."""
    file.write_text(HEAD + text)
    tracemalloc.start()
    assert all(entry.created_at == "2024-01-01T10:00:00+00:00" for entry in exports.read(file))
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most


HISTORY = "  - a: b\n"
TESTS = "    - number: 1\n      output: no\n"
ANCHORS = "".join(f"    k{n}: &k{n} {'y' * 90}\n" for n in range(500))


@pytest.mark.parametrize(
    "junk", ["  :history:\n" + HISTORY * 800, "  :results:\n    tests:\n" + TESTS * 800, "  :color: &c\n" + ANCHORS]
)
def test_ten_times_the_submissions_take_no_more_memory(tmp_path, junk):
    texts = [f"submission_{n}:\n{junk}  :created_at: 2024-01-01 10:00:00\n" for n in range(20)]
    file = tmp_path / "metadata.yml"
    peak(file, texts[0])  # whatever is loaded once
    assert peak(file, "".join(texts)) < 1.2 * peak(file, "".join(texts[:2]))


@pytest.mark.parametrize(
    ("head", "item", "most"),
    [("  :history:\n", HISTORY, 1_000), ("  :results:\n    output:\n", HISTORY.replace("  -", "    -"), 1_000),
     ("  :results:\n    tests:\n", TESTS, 10_000)],
)  # fmt: skip
def test_an_entry_however_long_takes_no_more_memory_than_what_is_read_of_it(tmp_path, head, item, most):
    start = "submission_1:\n  :created_at: 2024-01-01 10:00:00\n" + head
    file = tmp_path / "metadata.yml"
    peak(file, start + item)
    assert peak(file, start + item * (3 * most)) < 1.2 * peak(file, start + item * most)


def test_a_folder_of_folders_and_zips(tmp_path):
    (tmp_path / "class" / "ada").mkdir(parents=True)
    with zipfile.ZipFile(tmp_path / "class" / "Łucja Nowak.zip", "w") as zipped:
        zipped.writestr("assignment.py", "")
    (tmp_path / "class" / "readme.txt").write_text("")
    source = read(tmp_path / "class")
    assert {submission.people[0].name for submission in source.submissions} == {"ada", "Łucja Nowak"}
    assert any("readme.txt" in note for note in source.notes)


@pytest.mark.parametrize(
    "handed_in",
    [
        ["kmeans/distance.py", "kmeans/clusters.py"],
        ["kmeans/distance.py", "tests/test_distance.py"],
        ["kmeans.py/", "notes/"],
    ],
)
@pytest.mark.parametrize("zipped", [False, True])
def test_a_class_of_one_who_hands_in_folders_alone_is_that_student(tmp_path, another_homework, handed_in, zipped):
    folder = tmp_path / "class"
    for name in handed_in:
        place = folder / "ada" / name
        place.mkdir(parents=True) if name.endswith("/") else place.parent.mkdir(parents=True, exist_ok=True)
        if not name.endswith("/"):
            place.write_text("")
    if zipped:
        with zipfile.ZipFile(tmp_path / "class.zip", "w") as packed:
            for path in folder.rglob("*"):
                packed.write(path, path.relative_to(tmp_path))
    work = config.load(config.ROOT / "examples" / "kmeans").top_names | {"kmeans.py"}
    source = read(tmp_path / "class.zip" if zipped else folder, work=work)
    assert [submission.id for submission in source.submissions] == ["ada"]


def test_a_class_of_one_that_batch_opens_is_graded_as_that_student(tmp_path):
    shutil.copytree(config.ROOT / "examples" / "kmeans" / "reference" / "kmeans", tmp_path / "class" / "ada" / "kmeans")
    command = ["batch", str(tmp_path / "class"), "--assignment", str(config.ROOT / "examples" / "kmeans")]
    done = subprocess.run(
        [sys.executable, "-m", "autograder", *command, "--out", str(tmp_path / "out"), "--jobs", "1"],
        cwd=config.ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert json.loads((tmp_path / "out" / "ada" / "results.json").read_text())["score"] == 10


def test_a_class_within_a_folder_is_one_though_a_student_is_called_like_a_package(tmp_path):
    for name in ("kmeans", *(f"student_{number}" for number in range(9))):
        (tmp_path / "class" / "download" / name).mkdir(parents=True)
        (tmp_path / "class" / "download" / name / "a.py").write_text("")
    assert len(read(tmp_path / "class", work={"kmeans"}).submissions) == 10


@pytest.fixture
def outsider():
    """Run a function as a user for whom permissions hold; returns what it returns."""

    def run(function):
        if os.geteuid():
            return function()
        end, start = os.pipe()
        child = os.fork()
        if not child:
            try:
                os.setuid(65534)
                os.write(start, json.dumps(function()).encode())
            finally:
                os._exit(0)
        os.close(start)
        with os.fdopen(end) as answer:
            text = answer.read()
        os.waitpid(child, 0)
        return json.loads(text)

    return run


@pytest.mark.skipif(sys.platform == "win32", reason="POSIX permissions")
def test_what_may_not_be_read_is_said_and_costs_nobody_else(outsider, assignment):
    with tempfile.TemporaryDirectory() as folder:
        Path(folder).chmod(0o755)
        for name in ("ada", "grace", "joan/beras"):
            Path(folder, name).mkdir(parents=True)
        Path(folder, "grace", "assignment.py").write_text("")
        locked = [Path(folder, "ada"), Path(folder, "joan", "beras")]
        for path in locked:
            path.chmod(0)

        def look():
            by_id = {submission.id: submission for submission in read(Path(folder)).submissions}
            with pytest.raises(SubmissionError) as raised:
                submission.read(by_id["joan"].path, assignment.edition, assignment.limits)
            return by_id["ada"].problem, str(by_id["grace"].path), str(raised.value)

        problem, other, told = outsider(look)
        for path in locked:
            path.chmod(0o700)
    assert "ada may not be read by you. Change its permissions." in problem
    assert other.endswith("grace")
    assert "joan cannot be read" in told


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("damaged", [False, True])
def test_of_members_of_one_name_in_a_class_s_zip_the_last_that_can_be_unpacked_counts(tmp_path, damaged):
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w") as zipped:
        for text in ("x = 1  # first", "x = 2  # second"):
            zipped.writestr("./ada/assignment.py", text)
        zipped.writestr("ray/assignment.py", "x = 3")
    if damaged:
        packed.write_bytes(packed.read_bytes().replace(b"# second", b"# SECOND"))
    with sources.open_source(packed) as source:
        text = (source.submissions[0].path / "assignment.py").read_text()
    assert text == ("x = 1  # first" if damaged else "x = 2  # second")
    which = "number 1" if damaged else "the last one"
    assert source.notes[-1] == f"./ada/assignment.py is in the zip twice; {which} counts."


def test_a_damaged_member_of_an_export_costs_its_submission_alone(tmp_path):
    root = export(tmp_path, HEAD + ONE + GROUP, "submission_1", "submission_2")
    (root / "submission_1" / "assignment.py").write_bytes(b"spoiled" * 50)
    packed = tmp_path / "export.zip"
    with zipfile.ZipFile(packed, "w") as zipped:
        for path in sorted(root.rglob("*")):
            zipped.write(path, path.relative_to(tmp_path))
    packed.write_bytes(packed.read_bytes().replace(b"spoiled", b"SPOILED", 1))
    with sources.open_source(packed) as source:
        assert any("submission_1/assignment.py was left out: it cannot be unpacked" in note for note in source.notes)
        assert [sorted(path.name for path in submission.path.iterdir()) for submission in source.submissions] == [
            [],
            ["assignment.py"],
        ]


def test_names_that_would_be_one_file_or_leave_the_folder_get_ids_of_their_own():
    assert sources.safe_id("../../etc") != "../../etc"
    assert "/" not in sources.safe_id("a/b")
    assert sources.safe_id("class.json") != "class.json"
    assert sources.safe_id("...").strip(".")


def test_canvas_names_give_users_and_resubmitted_files_their_own_names(tmp_path):
    folder = tmp_path / "submissions"
    folder.mkdir()
    with zipfile.ZipFile(folder / "lovelaceada_1001_5551_hw2.zip", "w") as zipped:
        zipped.writestr("assignment.py", "")
    for name in ("assignment-2.py", "preprocess.py"):
        (folder / f"hopper_LATE_1002_5552_{name}").write_text("x = 1")
    with sources.open_source(folder) as source:
        ada, grace = sorted(source.submissions, key=lambda submission: submission.people[0].lms_id)
        assert source.kind.startswith("Canvas")
        assert (ada.people[0].name, ada.people[0].lms_id) == ("lovelaceada", "1001")
        assert ada.path.suffix == ".zip"
        assert sorted(path.name for path in grace.path.iterdir()) == ["assignment.py", "preprocess.py"]
        assert "late" in " ".join(grace.notes)


def commit(repository, text, when):
    (repository / "assignment.py").write_text(text)
    environment = {**os.environ, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
    identity = ("-c", "user.name=x", "-c", "user.email=x@example.edu")
    for arguments in (("add", "-A"), (*identity, "commit", "-qm", "work")):
        subprocess.run(["git", *arguments], cwd=repository, env=environment, check=True)


@pytest.mark.git
def test_a_repository_is_graded_at_the_deadline_s_commit(tmp_path):
    for name in ("beras-octocat", "beras-hubot"):
        repository = tmp_path / "class" / name
        repository.mkdir(parents=True)
        subprocess.run(["git", "init", "-q"], cwd=repository, check=True)
        commit(repository, "early", "2024-02-26T10:00:00-05:00")
        commit(repository, "late", "2024-02-27T10:00:00-05:00")
    deadline = dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")
    with sources.open_source(tmp_path / "class", deadline=deadline) as source:
        assert {submission.people[0].name for submission in source.submissions} == {"octocat", "hubot"}
        for submission in source.submissions:
            assert (submission.path / "assignment.py").read_text() == "early"
            assert submission.created_at == "2024-02-26T10:00:00-05:00"
    with sources.open_source(tmp_path / "class") as source:
        assert (source.submissions[0].path / "assignment.py").read_text() == "late"


def test_a_deadline_is_refused_where_nothing_has_commits(tmp_path):
    for name in ("ada", "ben"):
        (tmp_path / "class" / name).mkdir(parents=True)
        (tmp_path / "class" / name / "assignment.py").write_text("")
    deadline = dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")
    with (
        pytest.raises(AssignmentError, match="was read as a folder of submissions, without commits"),
        sources.open_source(tmp_path / "class", deadline=deadline),
    ):
        pass


@pytest.mark.git
def test_a_roster_names_the_owners_of_repositories_and_what_is_none_costs_nobody_else(tmp_path):
    folder = tmp_path / "class"
    for name in ("beras-octocat", "beras-hubot", "beras-late"):
        (folder / name).mkdir(parents=True)
    for name in ("beras-octocat", "beras-late"):
        subprocess.run(["git", "init", "-q"], cwd=folder / name, check=True)
    commit(folder / "beras-octocat", "x = 1", "2024-02-26T10:00:00-05:00")
    commit(folder / "beras-late", "x = 1", "2024-03-01T10:00:00-05:00")
    (folder / "beras-hubot" / ".git").mkdir()  # a clone that broke off
    roster = '"identifier","github_username","github_id","name"\n'
    roster += '"ada@example.edu","Octocat","1","Ada García"\n"0123","hubot","2",""\n"nobody","","",""\n'
    (folder / "classroom_roster.csv").write_text(roster, encoding="utf-8-sig")
    with sources.open_source(folder, deadline=dt.datetime.fromisoformat("2024-02-26T18:00:00-05:00")) as source:
        found = {submission.id: submission for submission in source.submissions}
    assert [(p.name, p.email, p.login) for p in found["beras-octocat"].people] == [
        ("Ada García", "ada@example.edu", "Octocat")
    ]
    assert [(p.name, p.sid, p.login) for p in found["beras-hubot"].people] == [("0123", "0123", "hubot")]
    assert found["beras-octocat"].problem == ""
    assert found["beras-hubot"].path is None
    assert "Clone it again" in found["beras-hubot"].problem
    assert "no commit before 2024-02-26T18:00:00-05:00" in found["beras-late"].problem


def test_links_and_what_is_far_too_large_are_left_out_of_a_zipped_class(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "LARGEST_MEMBER", 1000)
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as zipped:
        zipped.writestr("ada/assignment.py", "x = 1")
        link = zipfile.ZipInfo("ada/secrets.py")
        link.external_attr = 0o120777 << 16
        zipped.writestr(link, "/etc/passwd")
        zipped.writestr("grace/assignment.py", "#" * 2000)
    with sources.open_source(packed) as source:
        assert sorted(path.name for path in source.submissions[0].path.iterdir()) == ["assignment.py"]
        assert any("ada/secrets.py was left out: it is not a regular file" in note for note in source.notes)
        assert any("grace/assignment.py was left out: it has 0 MB" in note for note in source.notes)


def test_whose_archive_cannot_be_unpacked_keeps_a_row_that_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacking, "LARGEST_MEMBER", 1000)
    packed = tmp_path / "class.zip"
    with zipfile.ZipFile(packed, "w") as zipped:
        zipped.writestr("ada.zip", b"#" * 1001)
        zipped.writestr("alan.zip", b"damaged".ljust(900))
        zipped.writestr("grace/beras.zip", b"#" * 1001)
        zipped.writestr("grace/assignment.py", "x = 1")
    packed.write_bytes(packed.read_bytes().replace(b"damaged", b"DAMAGED"))
    with sources.open_source(packed) as source:
        found = {submission.id: submission for submission in source.submissions}
    for name in ("ada", "alan"):
        assert (found[name].path, found[name].state) == (None, sources.UNREADABLE)
        assert f"{name}.zip could not be unpacked from the class's zip." in found[name].problem
    assert found["grace"].path is not None, "what else she handed in is graded"
    assert "beras.zip could not be unpacked" in found["grace"].notes[0]
    assert any("ada.zip was left out: it has" in note for note in source.notes)


@pytest.mark.parametrize("content", [b"", b"no zip"])
def test_what_is_no_class_is_said(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(AssignmentError, match=r"x\.zip"):
        read(tmp_path / "x.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(AssignmentError, match="no submissions"):
        read(tmp_path / "empty")


def docx(path):
    with zipfile.ZipFile(path, "w") as document:
        for name in ("[Content_Types].xml", "_rels/.rels", "word/document.xml"):
            document.writestr(name, "<xml/>" * 9_000)
    return path.read_bytes()


@pytest.mark.parametrize(
    ("ending", "content", "said"),
    [
        ("rar", b"Rar!\x1a\x07\x01" + bytes(300), "it is a RAR archive"),
        ("docx", None, "is a Word document"),
        ("html", b"<html>what I did</html>", "is neither a folder nor a zip or tar file"),
        ("7z", b"7z\xbc\xaf\x27\x1c" + bytes(200_000), "it is a 7-Zip archive"),
        ("pdf", b"", "is empty: it has 0 bytes"),
    ],
)
def test_a_file_that_stays_packed_is_what_it_is_in_an_unpacked_download(tmp_path, assignment, ending, content, said):
    """Blackboard's zip and the same in a folder, for one student who handed in no archive."""
    content = docx(tmp_path / "a.docx") if content is None else content
    folder = tmp_path / "download"
    folder.mkdir()
    for name in ("ada", "bob", "cleo"):
        (folder / f"HW2_{name}_attempt_2024-02-26-17-55-03.txt").write_text(f"Name: {name} ({name})\n")
        (folder / f"HW2_{name}_attempt_2024-02-26-17-55-03_work.{ending}").write_bytes(content)
    with zipfile.ZipFile(tmp_path / "download.zip", "w") as packed:
        for path in folder.iterdir():
            packed.write(path, path.name)
    answers = []
    for source in (folder, tmp_path / "download.zip"):
        with sources.open_source(source) as opened:
            for one in opened.submissions:
                with pytest.raises(SubmissionError, match=said) as raised:
                    submission.read_for(assignment, one.path)
                answers.append(str(raised.value))
    assert len(answers) == 6 and answers[:3] == answers[3:]
