"""Intake: folders and zips as students make them, and as attackers do."""

import dataclasses
import os
import stat
import zipfile

import pytest

from autograder.errors import SubmissionError
from autograder.submission import read


@pytest.fixture
def take(assignment):
    return lambda source, **limits: read(source, assignment.edition, dataclasses.replace(assignment.limits, **limits))


def write(folder, files, prefix=""):
    for name, content in files.items():
        path = folder / prefix / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return folder


def zipped(path, files, prefix=""):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(prefix + name, content)
    return path


@pytest.mark.parametrize("prefix", ["", "hw2/", "my homework/code/"])
def test_the_root_is_found_in_folders_and_zips(take, tmp_path, reference_files, prefix):
    folder = take(write(tmp_path / "folder", reference_files, prefix))
    archive = take(zipped(tmp_path / "it.zip", reference_files, prefix))
    assert folder.files == archive.files == reference_files
    assert folder.digest == archive.digest
    assert not folder.missing


def test_a_folder_that_holds_one_zip_is_that_zip(take, tmp_path, reference_files):
    (tmp_path / "folder").mkdir()
    zipped(tmp_path / "folder" / "submission.zip", reference_files)
    assert take(tmp_path / "folder").files == reference_files


def test_a_file_elsewhere_is_brought_to_its_place_and_said(take, tmp_path, reference_files):
    files = dict(reference_files)
    files["layers.py"] = files.pop("beras/layers.py")
    taken = take(write(tmp_path, files))
    assert taken.files["beras/layers.py"] == reference_files["beras/layers.py"]
    assert any("layers.py" in note for note in taken.notes)


def test_missing_files_are_listed(take, tmp_path, reference_files):
    del reference_files["beras/losses.py"]
    assert take(write(tmp_path, reference_files)).missing == ("beras/losses.py",)


@pytest.mark.parametrize("content", [None, b"not a zip", b""])
def test_nothing_to_grade_says_what_to_hand_in(take, tmp_path, content):
    source = tmp_path / "it.zip"
    if content is None:
        source.mkdir()
    else:
        source.write_bytes(content)
    with pytest.raises(SubmissionError, match="Hand in"):
        take(source)


@pytest.mark.parametrize("name", ["../evil.py", "/abs.py", "a/../../evil.py", "C:/x.py", "a\u202egpj.py"])
def test_a_member_with_a_bad_path_is_left_out_and_said(take, tmp_path, reference_files, name):
    taken = take(zipped(tmp_path / "it.zip", {**reference_files, name: b"x = 1"}))
    assert taken.files == reference_files
    assert any("left out" in note for note in taken.notes)


def test_a_symbolic_link_is_left_out(take, tmp_path, reference_files):
    secret = tmp_path / "secret.py"
    secret.write_text("secret")
    folder = write(tmp_path / "folder", reference_files)
    (folder / "link.py").symlink_to(secret)
    archive = zipped(tmp_path / "it.zip", reference_files)
    with zipfile.ZipFile(archive, "a") as opened:
        member = zipfile.ZipInfo("link.py")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(member, str(secret))
    for source in (folder, archive):
        taken = take(source)
        assert "link.py" not in taken.files
        assert any("regular" in note for note in taken.notes)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_pipe_in_the_folder_does_not_hang(take, tmp_path, reference_files):
    folder = write(tmp_path / "folder", reference_files)
    os.mkfifo(folder / "pipe.py")
    assert take(folder).files == reference_files


def test_a_zip_bomb_is_cut_off(take, tmp_path, reference_files):
    archive = zipped(tmp_path / "it.zip", {**reference_files, "z.py": bytes(300 * 2**20)})
    taken = take(archive)
    assert "z.py" not in taken.files
    assert any("larger" in note for note in taken.notes)


def test_names_that_collide_by_case_are_graded_once(take, tmp_path, reference_files):
    taken = take(zipped(tmp_path / "it.zip", {**reference_files, "Assignment.PY".replace("PY", "py"): b"raise"}))
    assert len([path for path in taken.files if path.lower() == "assignment.py"]) == 1


def test_too_many_files_are_cut_off(take, tmp_path, reference_files):
    many = {f"extra/m{number}.py": b"" for number in range(50)}
    taken = take(zipped(tmp_path / "it.zip", {**reference_files, **many}), submission_files=20)
    assert len(taken.files) <= 20
    assert len(taken.notes) < 30
