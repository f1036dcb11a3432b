"""No handed-in `.git` runs a program, leads to a neighbour's files, or takes more than its share."""

import datetime as dt
import hashlib
import json
import os
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from autograder.base.errors import SubmissionError
from autograder.classroom import repositories, sources
from autograder.intake import submission

pytestmark = pytest.mark.git

DEADLINE = dt.datetime.fromisoformat("2024-03-01T00:00:00+00:00")
SECRET = "alice = 'her work'"


@pytest.fixture
def room(tmp_path):
    """A class of two: alice with an honest repository, and eve."""
    for name, text in (("alice", SECRET), ("eve", "eve = 1")):
        folder = tmp_path / "class" / name
        folder.mkdir(parents=True)
        (folder / "x.py").write_text(text)
        git(folder, "init", "-q", "-b", "main")
        git(folder, "add", ".")
        git(folder, "-c", "user.name=x", "-c", "user.email=x@example.edu", "commit", "-qm", "work")
    return tmp_path / "class"


def git(folder, *arguments, text=None):
    when = "2024-02-01T12:00:00+01:00"
    environment = {**os.environ, "GIT_COMMITTER_DATE": when, "GIT_AUTHOR_DATE": when}
    done = subprocess.run(
        ["git", *arguments], cwd=folder, env=environment, check=True, input=text, capture_output=True, text=True
    )
    return done.stdout.strip()


def graded(room, deadline=DEADLINE):
    """What of eve would be graded: its text by path, and what is said of her."""
    with sources.open_source(room, deadline=deadline) as source:
        eve = next(submission for submission in source.submissions if submission.id == "eve")
        files = {path.name: path.read_text() for path in eve.path.rglob("*.py")} if eve.path else {}
        return files, " ".join((*eve.notes, eve.problem))


def runs_a_program(room):
    """A program in eve's folder, and where it would leave a trace."""
    trace, program = room.parent / "trace", room / "eve" / "evil.sh"
    program.write_text(f"#!/bin/sh\ntouch '{trace}'\nexit 1\n")
    program.chmod(0o755)
    return trace, program


def signed(folder):
    """Put a signature, which only a program could check, on the last commit."""
    head, _, message = git(folder, "cat-file", "commit", "HEAD").partition("\n\n")
    text = f"{head}\ngpgsig -----BEGIN PGP SIGNATURE-----\n \n -----END PGP SIGNATURE-----\n\n{message}\n"
    git(folder, "update-ref", "HEAD", git(folder, "hash-object", "-t", "commit", "-w", "--stdin", text=text))


@pytest.mark.cases
@pytest.mark.parametrize("deadline", [DEADLINE, None], ids=["with a deadline", "without"])
@pytest.mark.parametrize(
    "settings",
    [
        {"log.showSignature": "true", "gpg.program": "{program}"},
        {"log.showSignature": "true", "gpg.format": "ssh", "gpg.ssh.program": "{program}"},
        {"log.showSignature": "true", "gpg.format": "x509", "gpg.x509.program": "{program}"},
        {"core.fsmonitor": "{program}"},
        {"core.pager": "{program}", "pager.show": "{program}", "pager.rev-list": "true"},
        {"core.sshCommand": "{program}", "remote.origin.promisor": "true", "extensions.partialClone": "origin"},
        {"diff.external": "{program}", "diff.x.textconv": "{program}"},
        {"filter.x.smudge": "{program}", "filter.x.process": "{program}"},
        {"core.hooksPath": "{folder}", "core.alternateRefsCommand": "{program}"},
        {"alias.show": "!{program}", "alias.rev-list": "!{program}"},
        {"include.path": "{folder}/more"},
    ],
    ids=lambda settings: next(iter(settings)),
)
def test_a_configuration_names_no_program(room, settings, deadline):
    trace, program = runs_a_program(room)
    (room / "eve" / "more").write_text(f"[log]\nshowSignature = true\n[gpg]\nprogram = {program}\n")
    (room / "eve" / ".gitattributes").write_text("*.py filter=x diff=x\n")
    signed(room / "eve")
    for name, value in settings.items():
        git(room / "eve", "config", name, value.format(program=program, folder=room / "eve"))
    files, _ = graded(room, deadline)
    assert files["x.py"] == "eve = 1"
    assert not trace.exists()


def test_no_hook_and_no_filter_of_a_repository_is_run(room):
    trace, program = runs_a_program(room)
    for hook in ("post-checkout", "reference-transaction", "post-index-change", "fsmonitor-watchman"):
        shutil.copy(program, room / "eve" / ".git" / "hooks" / hook)
    assert graded(room)[0] == {"x.py": "eve = 1"}
    assert not trace.exists()


def without_git(eve):
    shutil.rmtree(eve / ".git")


def point(way):
    """The ways in which eve's `.git` can name alice's."""

    def file(eve, alice):
        without_git(eve)
        (eve / ".git").write_text("gitdir: ../alice/.git\n")

    def link(eve, alice):
        without_git(eve)
        (eve / ".git").symlink_to("../alice/.git")

    def commondir(eve, alice):
        (eve / ".git" / "commondir").write_text("../../alice/.git\n")
        head_of_alice(eve, alice)

    def worktree(eve, alice):
        (eve / ".git" / "gitdir").write_text(f"{alice}/.git\n")
        head_of_alice(eve, alice)

    def alternates(eve, alice):
        (eve / ".git" / "objects" / "info" / "alternates").write_text("../../../alice/.git/objects\n")
        head_of_alice(eve, alice)

    def http_alternates(eve, alice):
        (eve / ".git" / "objects" / "info" / "http-alternates").write_text(f"file://{alice}/.git/objects\n")
        head_of_alice(eve, alice)

    def objects(eve, alice):
        shutil.rmtree(eve / ".git" / "objects")
        (eve / ".git" / "objects").symlink_to(alice / ".git" / "objects")
        head_of_alice(eve, alice)

    def one_folder_of_objects(eve, alice):
        for folder in (alice / ".git" / "objects").glob("??"):
            shutil.rmtree(eve / ".git" / "objects" / folder.name, ignore_errors=True)
            (eve / ".git" / "objects" / folder.name).symlink_to(folder)
        head_of_alice(eve, alice)

    def pack(eve, alice):
        git(alice, "repack", "-adq")
        for file in (alice / ".git" / "objects" / "pack").iterdir():
            (eve / ".git" / "objects" / "pack" / file.name).symlink_to(file)
        head_of_alice(eve, alice)

    def head(eve, alice):
        (eve / ".git" / "HEAD").unlink()
        (eve / ".git" / "HEAD").symlink_to(alice / ".git" / "refs" / "heads" / "main")

    def packed_refs(eve, alice):
        git(alice, "pack-refs", "--all")
        (eve / ".git" / "packed-refs").symlink_to(alice / ".git" / "packed-refs")

    def branch(eve, alice):
        (eve / ".git" / "HEAD").write_text("ref: ../../alice/.git/refs/heads/main\n")

    def branch_below_refs(eve, alice):
        (eve / ".git" / "HEAD").write_text("ref: refs/heads/../../../../alice/.git/refs/heads/main\n")

    return locals()[way]


def head_of_alice(eve, alice):
    (eve / ".git" / "refs" / "heads" / "main").write_text(git(alice, "rev-parse", "HEAD") + "\n")


@pytest.mark.cases
@pytest.mark.parametrize("deadline", [DEADLINE, None], ids=["with a deadline", "without"])
@pytest.mark.parametrize(
    "way",
    [
        *("file", "link", "commondir", "worktree", "alternates", "http_alternates", "objects", "one_folder_of_objects"),
        *("pack", "head", "packed_refs", "branch", "branch_below_refs"),
    ],
)
def test_a_repository_leads_to_no_neighbour(room, way, deadline):
    point(way)(room / "eve", room / "alice")
    files, said = graded(room, deadline)
    assert SECRET not in files.values()
    # What is not followed is said, and the files that were handed in are graded in its stead.
    graded_as_a_folder = files == {"x.py": "eve = 1"} and "not followed" in said
    assert graded_as_a_folder or (files == {} and "cannot be read" in said)


def test_a_worktree_of_the_configuration_is_not_looked_at(room):
    git(room / "eve", "config", "core.worktree", str(room / "alice"))
    assert graded(room)[0] == {"x.py": "eve = 1"}


def test_a_replaced_commit_is_not_put_in_the_place_of_the_real_one(room):
    eve = room / "eve"
    old = git(eve, "rev-parse", "HEAD")
    (eve / "x.py").write_text("late = 1")
    git(eve, "add", ".")
    tree = git(eve, "write-tree")
    new = git(eve, "-c", "user.name=x", "-c", "user.email=x@example.edu", "commit-tree", tree, "-m", "late")
    git(eve, "replace", old, new)
    assert graded(room)[0] == {"x.py": "eve = 1"}


def put(git_folder, kind, content):
    """Write a loose object without asking git whether it makes sense."""
    whole = f"{kind} {len(content)}\0".encode() + content
    sha = hashlib.sha1(whole).hexdigest()
    place = git_folder / "objects" / sha[:2] / sha[2:]
    place.parent.mkdir(exist_ok=True)
    if not place.exists():
        place.write_bytes(zlib.compress(whole))
    return sha


def commit(git_folder, tree, when=1_706_785_200):
    text = f"tree {tree}\nauthor x <x@example.edu> {when} +0000\ncommitter x <x@example.edu> {when} +0000\n\nwork\n"
    (git_folder / "refs" / "heads" / "main").write_text(put(git_folder, "commit", text.encode()) + "\n")


def tree(git_folder, *entries):
    content = b"".join(f"{mode} ".encode() + name + b"\0" + bytes.fromhex(sha) for mode, name, sha in entries)
    return put(git_folder, "tree", content)


def test_paths_that_lead_out_are_not_written(room):
    folder = room / "eve" / ".git"
    blob = put(folder, "blob", b"escaped = 1")
    up = tree(folder, ("100644", b"escaped.py", blob))
    names = (b"../escaped.py", b"/tmp/beras-escaped.py", b"a/../../escaped.py", b"..\\escaped.py", b"x.py")
    commit(folder, tree(folder, *(("100644", name, blob) for name in names), ("40000", b"..", up)))
    with sources.open_source(room, deadline=DEADLINE) as source:
        eve = next(submission for submission in source.submissions if submission.id == "eve")
        assert not list(eve.path.parent.glob("*.py")) and not list(eve.path.parent.parent.glob("*.py"))
        assert (eve.path / "x.py").read_text() == "escaped = 1"
    assert not Path("/tmp/beras-escaped.py").exists()


def test_a_link_in_a_commit_is_not_made(room):
    folder = room / "eve" / ".git"
    commit(folder, tree(folder, ("120000", b"x.py", put(folder, "blob", str(room / "alice" / "x.py").encode()))))
    assert graded(room)[0] == {}


def test_an_intake_finds_in_a_commit_what_it_finds_in_the_folder(room, tmp_path, assignment):
    """Archives, files of other kinds, installed packages, long and odd names: a deadline changes none of it."""
    eve = room / "eve"
    (eve / "x.py").unlink()
    works = {"zip": shutil.make_archive(str(tmp_path / "work"), "zip", room / "alice", "x.py")}
    works["tgz"] = shutil.make_archive(str(tmp_path / "work"), "gztar", room / "alice", "x.py")
    held = {"hw.zip": works["zip"], "old/hw.tar.gz": works["tgz"], "hw.rar": works["zip"]}
    texts = {"report.docx": "PK", "a.ipynb": "{}", "x.txt": "", "deep/" * 10 + "y.py": "y = 1", "venv/z.py": "z = 1"}
    texts |= {"env/pyvenv.cfg": "", "env/lib/site-packages/numpy/a.py": "a = 1", "data/big.bin": "0" * 5000}
    for name, work in held.items():
        (eve / name).parent.mkdir(exist_ok=True)
        shutil.copyfile(work, eve / name)
    for name, text in texts.items():
        (eve / name).parent.mkdir(parents=True, exist_ok=True)
        (eve / name).write_text(text)
    git(eve, "add", "-Af", ".")
    git(eve, "-c", "user.name=x", "-c", "user.email=x@example.edu", "commit", "-qm", "work")
    found = [submission.collect_files(eve, assignment.limits, submission.PYTHON, ("x.py",))]
    for deadline in (None, DEADLINE):
        with sources.open_source(room, deadline=deadline) as source:
            path = next(one.path for one in source.submissions if one.id == "eve")
            found.append(submission.collect_files(path, assignment.limits, submission.PYTHON, ("x.py",)))
    assert found[0] == found[1] == found[2]
    assert set(found[0].files) == {"hw.zip/x.py", "old/hw.tar.gz/x.py"}


def test_a_repository_of_a_file_that_cannot_be_opened_is_not_called_empty(room, assignment):
    eve = room / "eve"
    git(eve, "mv", "x.py", "x.rar")
    git(eve, "-c", "user.name=x", "-c", "user.email=x@example.edu", "commit", "-qm", "work")
    with sources.open_source(room, deadline=DEADLINE) as source:
        path = next(one.path for one in source.submissions if one.id == "eve")
        with pytest.raises(SubmissionError, match=r"it holds `x\.rar`"):
            submission.read_for(assignment, path)


def test_the_commit_that_was_graded_is_a_fact_and_no_reason_to_look(room):
    for deadline in (DEADLINE, None):
        with sources.open_source(room, deadline=deadline) as source:
            one = source.submissions[0]
            assert one.notes == () and one.facts[0].startswith("Graded at commit ")


def test_what_a_folder_has_beyond_its_last_commit_is_said_and_not_graded(room):
    eve = room / "eve"
    (eve / "x.py").write_text("eve = 'an edit of the staff'")
    (eve / "y.py").write_text("y = 1")
    (eve / "venv").mkdir()
    (eve / "venv" / "z.py").write_text("z = 1")
    (room / "alice" / "x.py").write_bytes(SECRET.encode() + b"\r\n")
    files, said = graded(room, None)
    assert files == {"x.py": "eve = 1"} == graded(room)[0]
    assert "The last commit was graded, and the folder differs from it: x.py, y.py." in said
    git(eve, "checkout", "-q", ".")
    (eve / "y.py").unlink()
    assert graded(room, None) == ({"x.py": "eve = 1"}, "")


def test_lines_that_end_otherwise_in_the_folder_are_no_change(room):
    (room / "eve" / "x.py").write_bytes(b"a = 1\nb = 2\n")
    git(room / "eve", "-c", "user.name=x", "-c", "user.email=x@example.edu", "commit", "-qam", "work")
    (room / "eve" / "x.py").write_bytes(b"a = 1\r\nb = 2\r\n")
    assert graded(room, None)[1] == ""


def test_a_tree_that_holds_itself_many_times_over_is_given_up(room):
    folder = room / "eve" / ".git"
    inner = tree(folder, *(("100644", b"f%d.py" % n, put(folder, "blob", b"x = 1")) for n in range(10)))
    for _ in range(12):
        inner = tree(folder, *(("40000", b"d%d" % n, inner) for n in range(10)))
    commit(folder, inner)
    files, said = graded(room)
    assert files == {} and "too many files" in said


def test_an_object_that_unpacks_without_end_is_left_out(room, assignment):
    folder = room / "eve" / ".git"
    commit(folder, tree(folder, ("100644", b"x.py", put(folder, "blob", bytes(200 * 2**20)))))
    with sources.open_source(room, deadline=DEADLINE) as source:
        eve = next(one for one in source.submissions if one.id == "eve")
        assert (eve.path / "x.py").stat().st_blocks == 0
        with pytest.raises(SubmissionError, match="the submission is larger than 8 MB"):
            submission.read_for(assignment, eve.path)


@pytest.mark.parametrize("when", ["-62135596800", "253402300799", "99999999999999999", "-1"])
def test_a_commit_of_no_time_is_graded_without_one(room, when):
    folder = room / "eve" / ".git"
    commit(folder, tree(folder, ("100644", b"x.py", put(folder, "blob", b"x = 1"))), when)
    with sources.open_source(room) as source:
        (eve,) = (one for one in source.submissions if one.id == "eve")
        assert ((eve.path / "x.py").exists(), eve.created_at) == (True, "")
        assert "a time that is none" in eve.notes[-1]


def test_a_name_that_no_disk_takes_costs_a_commit_this_file_alone(room):
    folder = room / "eve" / ".git"
    blob = put(folder, "blob", b"x = 1")
    names = (b"a.py", b"x" * 300 + b".py", b"\xff.py", b"z.py")
    inner = tree(folder, ("100644", b"y.py", blob))
    commit(folder, tree(folder, *(("100644", name, blob) for name in names), ("40000", b"a.py ", inner)))
    files, said = graded(room)
    assert {"a.py", "z.py", "y.py"} <= files.keys()
    assert "was left out: it cannot be written (File name too long)" in said


@pytest.mark.parametrize("when", ["99999999999999999", "-1", "nan", ""])
def test_a_date_that_no_calendar_knows_costs_nobody_else(room, when):
    folder = room / "eve" / ".git"
    commit(folder, tree(folder, ("100644", b"x.py", put(folder, "blob", b"x = 1"))), when)
    with sources.open_source(room) as source:
        assert next(submission for submission in source.submissions if submission.id == "alice").created_at.startswith(
            "2024-02-01"
        )


@pytest.mark.parametrize("damage", [b"", b"\0" * 40, b"ref: " * 1000, b"ref: refs/heads/main\n" * 9, b"f" * 40])
def test_a_damaged_head_is_one_student_s_trouble(room, damage):
    (room / "eve" / ".git" / "HEAD").write_bytes(damage)
    assert "cannot be read" in graded(room)[1]


def test_branches_that_name_each_other_end(room):
    heads = room / "eve" / ".git" / "refs" / "heads"
    (heads / "main").write_text("ref: refs/heads/other\n")
    (heads / "other").write_text("ref: refs/heads/main\n")
    assert "names no commit" in graded(room)[1]


def test_a_class_in_a_zip_is_no_set_of_repositories_for_one_git_folder_in_it(room, tmp_path):
    shutil.make_archive(str(tmp_path / "class"), "zip", room)
    with sources.open_source(tmp_path / "class.zip") as source:
        assert source.kind == "a folder of submissions"
        assert not any(submission.problem for submission in source.submissions)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"[]",
        b"{}",
        b'{"commit": 1, "at": 2, "files": 3}',
        json.dumps({"commit": "x" * 40, "at": "2024-01-01", "files": {}}).encode(),
        json.dumps({"commit": "a" * 40, "at": 5, "files": {}}).encode(),
        json.dumps({"commit": "a" * 40, "at": "2024-01-01", "files": {"a": "%"}}).encode(),
        json.dumps(
            {"commit": "a" * 40, "at": "2024-01-01", "files": {str(n): "" for n in range(repositories.MOST_FILES + 1)}}
        ).encode(),
        b"[" * 100_000,
    ],
)
def test_what_reads_a_repository_is_not_believed(room, monkeypatch, answer):
    monkeypatch.setattr(repositories, "_run", lambda *_: answer)
    with pytest.raises(ValueError, match="what reads it gave"):
        repositories.last_commit(room / "eve", DEADLINE)


@pytest.mark.skipif(sys.platform != "linux", reason="Landlock is Linux's")
def test_packed_repositories_and_shallow_clones_are_read(room):
    eve = room / "eve"
    for number in range(5):
        (eve / "x.py").write_text(f"eve = {number}\n" * 200)
        git(eve, "-c", "user.name=x", "-c", "user.email=x@example.edu", "commit", "-qam", str(number))
    git(eve, "gc", "-q", "--prune=now")
    git(eve, "pack-refs", "--all")
    found = repositories.last_commit(eve, DEADLINE)
    assert found.files == {"x.py": b"eve = 4\n" * 200}
    assert found.id == git(eve, "rev-parse", "HEAD")
    shallow = room.parent / "shallow"
    subprocess.run(["git", "clone", "-q", "--depth", "1", f"file://{eve}", str(shallow)], check=True)
    assert repositories.last_commit(shallow, DEADLINE).files == found.files
    assert repositories.last_commit(shallow, dt.datetime(2000, 1, 1, tzinfo=dt.timezone.utc)) is None


def test_no_git_is_needed(room, monkeypatch):
    monkeypatch.setenv("PATH", "/nonexistent")
    assert graded(room)[0] == {"x.py": "eve = 1"}
