"""Intake: folders and archives as students make them, and as attackers do."""

import dataclasses
import gzip
import io
import lzma
import os
import stat
import struct
import tarfile
import warnings
import zipfile
import zlib

import pytest

from autograder.assignment import template
from autograder.assignment.files import read_sources
from autograder.base.errors import SubmissionError
from autograder.grading import rules
from autograder.grading.files import left_out_row, required_files_row
from autograder.intake.submission import collect_files, read, read_for


@pytest.fixture
def taken_in(assignment):
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


def tarred(path, files, prefix="", **members):
    """A tar as its ending says; members: names with the type, and what the TarInfo says besides."""
    ending = path.suffix.lstrip(".").replace("tgz", "gz").replace("tar", "")
    with tarfile.open(path, f"w:{ending}") as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(prefix + name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
        for name, (kind, link) in members.items():
            info = tarfile.TarInfo(name.replace("__", "/") + ".py")
            info.type, info.linkname = kind, link
            archive.addfile(info)
    return path


TARS = ["it.tar", "it.tar.gz", "it.tgz", "it.tar.xz"]


@pytest.mark.parametrize("prefix", ["", "hw2/", "my homework/code/"])
def test_the_root_is_found_in_folders_zips_and_tars(taken_in, tmp_path, reference_files, prefix):
    folder = taken_in(write(tmp_path / "folder", reference_files, prefix))
    archives = [taken_in(zipped(tmp_path / "it.zip", reference_files, prefix))]
    archives += [taken_in(tarred(tmp_path / name, reference_files, prefix)) for name in TARS]
    for archive in archives:
        assert folder.files == archive.files == reference_files
        assert folder.digest == archive.digest
    assert not folder.missing


def test_a_folder_that_holds_one_archive_is_that_archive(taken_in, tmp_path, reference_files):
    for number, (pack, name) in enumerate([(zipped, "submission.zip"), (tarred, "submission.tar.gz")]):
        (tmp_path / str(number)).mkdir()
        pack(tmp_path / str(number) / name, reference_files)
        assert taken_in(tmp_path / str(number)).files == reference_files


def test_a_file_elsewhere_is_brought_to_its_place_and_said(taken_in, tmp_path, reference_files):
    files = dict(reference_files)
    files["layers.py"] = files.pop("beras/layers.py")
    taken = taken_in(write(tmp_path, files))
    assert taken.files["beras/layers.py"] == reference_files["beras/layers.py"]
    assert any("layers.py" in note for note in taken.notes)


def test_missing_files_are_listed(taken_in, tmp_path, reference_files):
    del reference_files["beras/losses.py"]
    assert taken_in(write(tmp_path, reference_files)).missing == ("beras/losses.py",)


@pytest.mark.parametrize("content", [None, b"not a zip", b""])
def test_nothing_to_grade_says_what_to_hand_in(taken_in, tmp_path, content):
    source = tmp_path / "it.zip"
    if content is None:
        source.mkdir()
    else:
        source.write_bytes(content)
    with pytest.raises(SubmissionError, match="Hand in"):
        taken_in(source)


@pytest.mark.parametrize("name", ["../evil.py", "/abs.py", "a/../../evil.py", "C:/x.py", "a\u202egpj.py"])
def test_a_member_with_a_bad_path_is_left_out_and_said(taken_in, tmp_path, reference_files, name):
    taken = taken_in(zipped(tmp_path / "it.zip", {**reference_files, name: b"x = 1"}))
    assert taken.files == reference_files
    assert any("left out" in line for line in taken.left_out)


def test_a_member_without_a_name_is_passed_over(taken_in, tmp_path, reference_files):
    path = zipped(tmp_path / "it.zip", {**reference_files, "n": b"x = 1"})
    content = path.read_bytes()
    entry = content.rindex(b"PK\1\2")  # the last member's place in the list of members
    cut = content[: entry + 28] + b"\0\0" + content[entry + 30 : entry + 46] + content[entry + 47 :]
    end = cut.rindex(b"PK\5\6")
    size = int.from_bytes(cut[end + 12 : end + 16], "little") - 1
    path.write_bytes(cut[: end + 12] + size.to_bytes(4, "little") + cut[end + 16 :])
    assert "" in zipfile.ZipFile(path).namelist()
    assert taken_in(path).files == reference_files


def test_a_symbolic_link_is_left_out(taken_in, tmp_path, reference_files):
    secret = tmp_path / "secret.py"
    secret.write_text("secret")
    folder = write(tmp_path / "folder", reference_files)
    (folder / "link.py").symlink_to(secret)
    archive = zipped(tmp_path / "it.zip", reference_files)
    with zipfile.ZipFile(archive, "a") as opened:
        member = zipfile.ZipInfo("link.py")
        member.external_attr = (stat.S_IFLNK | 0o777) << 16
        opened.writestr(member, str(secret))
    tar = tarred(tmp_path / "it.tar", reference_files, link=(tarfile.SYMTYPE, str(secret)))
    for source in (folder, archive, tar):
        taken = taken_in(source)
        assert "link.py" not in taken.files
        assert any("regular" in line for line in taken.left_out)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no FIFOs here")
def test_a_pipe_in_the_folder_does_not_hang(taken_in, tmp_path, reference_files):
    folder = write(tmp_path / "folder", reference_files)
    os.mkfifo(folder / "pipe.py")
    assert taken_in(folder).files == reference_files


def test_a_zip_bomb_is_cut_off(taken_in, tmp_path, reference_files):
    archive = zipped(tmp_path / "it.zip", {**reference_files, "z.py": bytes(300 * 2**20)})
    taken = taken_in(archive)
    assert "z.py" not in taken.files
    assert any("larger" in line for line in taken.left_out)


def test_names_that_collide_by_case_are_graded_once(taken_in, tmp_path, reference_files):
    taken = taken_in(zipped(tmp_path / "it.zip", {**reference_files, "Assignment.PY".replace("PY", "py"): b"raise"}))
    assert len([path for path in taken.files if path.lower() == "assignment.py"]) == 1


def zipped_twice(path, older, newer):
    zipped(path, older)
    with zipfile.ZipFile(path, "a") as archive, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, content in newer.items():
            archive.writestr(name, content)
    return path


def tarred_twice(path, older, newer):
    with tarfile.open(path, "w") as archive:
        for name, content in (*older.items(), *newer.items()):
            entry = tarfile.TarInfo(f"./{name}")
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


@pytest.mark.parametrize("packed", [zipped_twice, tarred_twice])
def test_of_a_file_that_an_archive_holds_twice_the_last_one_counts(taken_in, tmp_path, reference_files, packed):
    older = {**reference_files, "beras/layers.py": b"old = 1", "utils.py": b"old = 1"}
    taken = taken_in(packed(tmp_path / "hw2.archive", older, {**reference_files, "utils.py": b"new = 1"}))
    assert taken.files == {**reference_files, "utils.py": b"new = 1"}
    said = "`beras/layers.py` is in the archive twice: the last one was read, and no older one."
    assert said in taken.left_out


def test_a_last_one_that_cannot_be_unpacked_leaves_the_one_before_it(taken_in, tmp_path, reference_files):
    link = zipfile.ZipInfo("beras/layers.py")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    taken = taken_in(zipped_twice(tmp_path / "hw2.zip", reference_files, {link: b"../x"}))
    assert taken.files == reference_files
    assert any("not a regular file" in line for line in taken.left_out)


def test_too_many_files_are_cut_off(taken_in, tmp_path, reference_files):
    many = {f"extra/m{number}.py": b"" for number in range(50)}
    taken = taken_in(zipped(tmp_path / "it.zip", {**reference_files, **many}), submission_files=20)
    assert len(taken.files) <= 20
    assert len(taken.left_out) == 50 + len(reference_files) - 20


LINKS = {
    "beras__link": (tarfile.SYMTYPE, "../../../etc/passwd"),
    "beras__hard": (tarfile.LNKTYPE, "beras/layers.py"),
    "beras__device": (tarfile.CHRTYPE, ""),
    "beras__disk": (tarfile.BLKTYPE, ""),
    "beras__pipe": (tarfile.FIFOTYPE, ""),
}


def test_links_devices_and_pipes_in_a_tar_are_left_out_and_said(taken_in, tmp_path, reference_files):
    taken = taken_in(tarred(tmp_path / "it.tar.gz", reference_files, **LINKS))
    assert taken.files == reference_files
    assert sum("not a regular file" in line for line in taken.left_out) == len(LINKS)


@pytest.mark.parametrize("name", ["../evil.py", "/abs.py", "a/../../evil.py", "C:/x.py", "a\u202egpj.py"])
def test_a_member_of_a_tar_with_a_bad_path_is_left_out_and_said(taken_in, tmp_path, reference_files, name):
    taken = taken_in(tarred(tmp_path / "it.tar", {**reference_files, name: b"x = 1"}))
    assert taken.files == reference_files
    assert any("left out" in line for line in taken.left_out)


def test_an_archive_with_the_names_that_tar_gives_is_read(taken_in, tmp_path, reference_files):
    named = {f"./{name}": content for name, content in reference_files.items()}
    for packed in (tarred(tmp_path / "it.tar", named), zipped(tmp_path / "it.zip", named)):
        taken = taken_in(packed)
        assert (taken.files, taken.notes) == (reference_files, ())


def test_a_data_set_in_a_tar_is_skipped(taken_in, tmp_path, reference_files):
    files = {"a.npz": bytes(40 * 2**20), **reference_files}
    assert taken_in(tarred(tmp_path / "it.tar.gz", files)).files == reference_files


def test_a_tar_bomb_is_cut_off_and_what_came_before_is_graded(taken_in, tmp_path, reference_files):
    taken = taken_in(tarred(tmp_path / "it.tar.gz", {**reference_files, "z.py": bytes(60 * 2**20)}))
    assert taken.files == reference_files
    assert any("z.py" in line for line in taken.left_out)


def huge(kind):
    info = tarfile.TarInfo("x.dat")
    info.type, info.size = kind, 2**33
    return info.tobuf(tarfile.GNU_FORMAT)


@pytest.mark.parametrize(
    "content",
    [
        gzip.compress(huge(tarfile.REGTYPE) + bytes(300 * 2**20), 1),
        gzip.compress(huge(tarfile.GNUTYPE_LONGNAME) + bytes(300 * 2**20), 1),
        huge(tarfile.GNUTYPE_LONGNAME) + bytes(64 * 2**20),
        lzma.compress(huge(tarfile.XHDTYPE) + bytes(300 * 2**20), preset=0),
        (tarfile.TarInfo("x").tobuf()[:156] + b"x" + tarfile.TarInfo("x").tobuf()[157:]) * 5_000,
        gzip.compress(gzip.compress(gzip.compress(bytes(2**20)))),
    ],
    ids=["a member", "a name", "a name, not compressed", "a header", "headers without a member", "nested"],
)
def test_a_tar_that_unpacks_without_end_is_refused_in_little_memory(taken_in, tmp_path, content):
    import tracemalloc

    (tmp_path / "it.tar").write_bytes(content)
    tracemalloc.start()
    with pytest.raises(SubmissionError):
        taken_in(tmp_path / "it.tar")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2**25


def listing(path, files, count, claimed=65_535):
    """A zip of `files` that lists `count` empty members more, and claims to list `claimed`."""
    whole = zipped(path, files).read_bytes()
    _, _, _, _, _, size, offset, _ = struct.unpack("<4s4H2LH", whole[-22:])
    entry = struct.pack("<4s6H3L5H2L", b"PK\x01\x02", 20, 20, 0, 0, 0, 33, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0) + b"x.txt"
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, claimed, claimed, size + count * len(entry), offset, 0)
    path.write_bytes(whole[:-22] + entry * count + end)
    return path


@pytest.mark.parametrize("claimed", [65_535, 7], ids=["as many as it can say", "more than it says"])
def test_a_zip_that_lists_more_members_than_a_homework_is_refused_before_they_are_listed(
    taken_in, tmp_path, reference_files, claimed
):
    import tracemalloc

    listing(tmp_path / "it.zip", reference_files, 300_000, claimed)
    tracemalloc.start()
    with pytest.raises(SubmissionError, match=r"its list of members is too long"):
        taken_in(tmp_path / "it.zip")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 40 * 2**20


def test_a_zip_with_more_members_than_are_read_is_read_as_far(taken_in, tmp_path, reference_files):
    assert taken_in(listing(tmp_path / "it.zip", reference_files, 60_000)).files == reference_files


def needing_memory(content, dictionary):
    return lzma.compress(content, filters=[{"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": dictionary}])


@pytest.mark.parametrize("name", ["it.tar.xz", "it.xz"])
@pytest.mark.parametrize(
    "begun", [b"", lzma.compress(bytes(tarfile.TarInfo("x.py").tobuf()), preset=0)], ids=["all of it", "its rest"]
)
def test_what_needs_too_much_memory_to_unpack_is_not_called_damaged(taken_in, tmp_path, reference_files, name, begun):
    whole = tarred(tmp_path / "it.tar", reference_files).read_bytes()
    (tmp_path / name).write_bytes(begun + needing_memory(whole, 127 * 2**20))
    with pytest.raises(SubmissionError) as refused:
        taken_in(tmp_path / name)
    assert "takes more than 128 MB of memory" in str(refused.value)
    assert "or a zip of it" in str(refused.value)
    assert "damaged" not in str(refused.value)
    (tmp_path / name).write_bytes(needing_memory(whole, 64 * 2**20))
    assert taken_in(tmp_path / name).files == reference_files


def nested(path, depth, files):
    """A zip in a zip in a zip, `depth` of them, the innermost with `files`."""
    zipped(path, files)
    for _ in range(depth - 1):
        zipped(path, {"inner.zip": path.read_bytes()})
    return path


@pytest.mark.parametrize("depth", [1, 2, 3])
def test_the_homework_is_found_in_archives_in_archives(taken_in, tmp_path, reference_files, depth):
    taken = taken_in(nested(tmp_path / "it.zip", depth, reference_files))
    assert (taken.files, taken.missing, taken.left_out) == (reference_files, (), ())


def test_an_archive_nested_without_end_costs_little_and_says_what_was_there(taken_in, tmp_path, reference_files):
    with pytest.raises(SubmissionError, match="1 \\.zip"):
        taken_in(nested(tmp_path / "it.zip", 40, reference_files))


def conceptual(path):
    return zipped(path, {"conceptual/written.pdf": b"%PDF", "conceptual/notes.txt": b"x"})


def test_of_two_archives_the_one_with_the_homework_is_graded(taken_in, tmp_path, reference_files):
    zipped(tmp_path / "zzz.zip", reference_files)
    conceptual(tmp_path / "aaa.zip")
    taken = taken_in(tmp_path)
    assert (taken.files, taken.missing) == (reference_files, ())


def test_a_homework_in_two_archives_is_put_together(taken_in, tmp_path, reference_files):
    package = {name: content for name, content in reference_files.items() if name.startswith("beras/")}
    zipped(tmp_path / "beras.zip", package)
    tarred(
        tmp_path / "rest.tar.gz", {name: content for name, content in reference_files.items() if name not in package}
    )
    taken = taken_in(tmp_path)
    assert taken.missing == ()
    assert {name: taken.files[name] for name in reference_files if name != "visualize.py"} == {
        name: content for name, content in reference_files.items() if name != "visualize.py"
    }


def test_archives_are_not_opened_where_all_is_there(taken_in, tmp_path, reference_files):
    zipped(tmp_path / "old.zip", {**reference_files, "beras/layers.py": b"old"})
    assert taken_in(write(tmp_path, reference_files)).files == reference_files


@pytest.mark.parametrize("share", [0.1, 0.9])
def test_a_zip_that_is_cut_off_says_so(taken_in, tmp_path, reference_files, share):
    whole = zipped(tmp_path / "it.zip", reference_files).read_bytes()
    (tmp_path / "it.zip").write_bytes(whole[: int(len(whole) * share)])
    with pytest.raises(SubmissionError, match="it is cut off: the upload ended too early"):
        taken_in(tmp_path / "it.zip")
    (tmp_path / "folder").mkdir()
    (tmp_path / "it.zip").rename(tmp_path / "folder" / "it.zip")
    taken = taken_in(write(tmp_path / "folder", {"assignment.py": b""}))
    assert any("cut off" in line for line in taken.left_out)


def test_an_archive_that_cannot_be_opened_is_called_by_its_kind(taken_in, tmp_path):
    (tmp_path / "it.rar").write_bytes(b"Rar!\x1a\x07\x01\x00 and so on")
    with pytest.raises(SubmissionError, match="it is a RAR archive; make a zip"):
        taken_in(tmp_path / "it.rar")


ENVIRONMENT = {"pyvenv.cfg": b"", "bin/activate_this.py": b""} | {
    f"lib/python3.11/site-packages/p{number}/{name}": b"x = 1"
    for number in range(210)
    for name in ("m.py", "losses.py")
}
FILLED = {
    "an environment": {f"DL_env/{name}": content for name, content in ENVIRONMENT.items()},
    "one without its mark": {f"A/{name}": content for name, content in ENVIRONMENT.items() if name != "pyvenv.cfg"},
    "one on Windows": {f"Env/Lib/site-packages/p{n}.py": b"" for n in range(420)} | {"Env/pyvenv.cfg": b""},
    "Conda's": {f"conda/lib/python3.11/p{n}.py": b"" for n in range(420)} | {"conda/conda-meta/history": b""},
    "node's": {f"web/node_modules/p{n}/setup.py": b"" for n in range(420)},
    "packages alone": {f"site-packages/p{n}/core.py": b"" for n in range(420)},
}


def sources(folder, files):
    yield write(folder / "folder", files)
    yield zipped(folder / "it.zip", files)
    yield tarred(folder / "it.tar.gz", files)


@pytest.mark.parametrize("kind", FILLED)
@pytest.mark.parametrize("prefix", ["", "my homework/"])
def test_what_a_tool_has_filled_is_one_line_and_costs_nothing(taken_in, tmp_path, reference_files, kind, prefix):
    files = {prefix + name: content for name, content in {**FILLED[kind], **reference_files}.items()}
    for source in sources(tmp_path, files):
        taken = taken_in(source)
        assert (taken.files, taken.missing) == (reference_files, ())
        assert len([line for line in taken.left_out if "installed packages" in line]) == 1
        assert len(taken.left_out) <= 2  # and the count of other kinds


def test_an_environment_in_the_homeworks_own_folder_leaves_the_homework(taken_in, tmp_path, reference_files):
    for source in sources(tmp_path, {**ENVIRONMENT, **reference_files}):
        assert taken_in(source).files == reference_files


def test_the_required_files_are_read_before_whatever_else_there_is(taken_in, assignment, tmp_path, reference_files):
    many = {f"a{number:03}/m.py": b"x = 1" for number in range(500)}
    large = {"a.py": bytes(3 * 2**20), "b.py": bytes(3 * 2**20), "c.py": bytes(3 * 2**20)}
    for source in sources(tmp_path, {**many, **large, **reference_files}):
        taken = taken_in(source)
        assert taken.missing == ()
        assert {name: taken.files[name] for name in assignment.edition.required} == {
            name: reference_files[name] for name in assignment.edition.required
        }


def test_the_handouts_spelling_wins_over_another_case(taken_in, tmp_path, reference_files):
    old = {name.replace("beras/", "Beras/").replace("assign", "Assign"): b"old" for name in reference_files}
    for source in sources(tmp_path, {**old, **reference_files}):
        assert taken_in(source).files == reference_files


@pytest.fixture
def handouts(assignment):
    return lambda: template.every_line(assignment)


COPIES = {
    "a stencil before the work": ("stencil/", "work/", "work/"),
    "a stencil above the work": ("", "work/", "work/"),
    "a stencil below the work": ("", "a stencil/", ""),
}


@pytest.mark.parametrize("case", COPIES)
def test_of_two_copies_the_one_that_was_worked_on_is_graded(assignment, handouts, tmp_path, reference_files, case):
    one, other, worked_on = COPIES[case]
    untouched = read_sources(assignment.template)
    files = {
        folder + name: content
        for folder in (one, other)
        for name, content in (reference_files if folder == worked_on else untouched).items()
    }
    for source in sources(tmp_path, files):
        taken = read(source, assignment.edition, assignment.limits, handouts=handouts)
        assert {name: taken.files[name] for name in reference_files} == reference_files
        assert taken.copies == tuple({one, other} - {worked_on})
        assert any("another copy" in note for note in taken.notes)


def test_an_older_copy_beside_the_root_changes_nothing_and_is_flagged(assignment, handouts, tmp_path, reference_files):
    older = {f"old/{name}": content + b"\nx = 1\ny = 2\n" for name, content in reference_files.items()}
    source = write(tmp_path, {**older, **reference_files})
    taken = read(source, assignment.edition, assignment.limits, handouts=handouts)
    assert {name: taken.files[name] for name in reference_files} == reference_files
    assert [flag.rule for flag in rules.intake_flags(taken)] == ["copies"]


RENAMED = (
    "losses (1).py", "losses_final.py", "losses.py.txt", "losses.ipynb", "Losses-2.py", "losses copy.py",
    "Copy of losses.py", "losses_v2_final (3).py", "my_losses.py", "losses.txt", "losses.final.py", "Loss.py",
    "loses.py",
)  # fmt: skip


@pytest.mark.parametrize("name", RENAMED)
def test_a_renamed_file_is_asked_for_where_its_own_is_missing(taken_in, tmp_path, reference_files, assignment, name):
    files = dict(reference_files)
    files[f"beras/{name}"] = files.pop("beras/losses.py")
    for source in sources(tmp_path, files):
        taken = taken_in(source)
        assert taken.alike == {"beras/losses.py": f"beras/{name}"}
        assert (
            f"`beras/losses.py` is missing. Is it `beras/{name}`?"
            in required_files_row(taken, assignment.edition.required).output
        )


@pytest.mark.parametrize("name", ["test_losses.py", "lossesplot.py", "losses.npz", "beras_losses/readme.md"])
def test_a_file_with_another_purpose_is_not_asked_for(taken_in, tmp_path, reference_files, name):
    del reference_files["beras/losses.py"]
    assert taken_in(write(tmp_path, {**reference_files, name: b""})).alike == {}


def test_the_rows_that_need_a_missing_file_name_it(grade, reference_files):
    reference_files["beras/onehot (1).py"] = reference_files.pop("beras/onehot.py")
    document, _ = grade(reference_files, "--only", "one_hot")
    asked = [row for row in document["tests"] if row.get("number", "").startswith("6.")]
    assert asked
    for row in asked:
        assert row["output"].startswith("`beras/onehot.py` is missing. Is it `beras/onehot (1).py`?")


def test_files_of_other_kinds_are_counted_in_one_line(taken_in, tmp_path, reference_files, assignment):
    others = {
        "written.pdf": b"%PDF",
        "plots/a.png": b"",
        "plots/b.png": b"",
        ".DS_Store": b"",
        "__pycache__/x.pyc": b"",
    }
    line = "3 files of other kinds were not read: 2 .png, 1 .pdf."
    for source in (
        write(tmp_path / "folder", {**reference_files, **others}),
        zipped(tmp_path / "it.zip", {**reference_files, **others}),
        tarred(tmp_path / "it.tar", {**reference_files, **others}),
    ):
        taken = taken_in(source)
        assert taken.left_out == (line,)
        assert line in left_out_row(taken).output
        assert line not in required_files_row(taken, assignment.edition.required).output


def test_where_all_was_read_no_row_says_so(taken_in, tmp_path, reference_files):
    assert left_out_row(taken_in(write(tmp_path, reference_files))) is None


def test_other_kinds_are_read_where_they_are_asked_for(assignment, tmp_path, reference_files):
    source = zipped(tmp_path / "it.zip", {**reference_files, "hw/written.pdf": b"%PDF", "hw/a.png": b""})
    taken = read(source, assignment.edition, assignment.limits, (".py", ".pdf"))
    assert taken.files == reference_files
    assert taken.others == {"hw/written.pdf": b"%PDF"}
    assert collect_files(source, assignment.limits, (".pdf",)).files == {"hw/written.pdf": b"%PDF"}


@pytest.fixture
def untouched(assignment):
    return read_sources(assignment.template)


def test_the_work_in_a_zip_beside_an_untouched_handout_is_graded(
    assignment, handouts, tmp_path, reference_files, untouched
):
    packed = zipped(tmp_path / "beras.zip", reference_files).read_bytes()
    for source in sources(tmp_path / "it", {**untouched, "beras.zip": packed}):
        taken = read(source, assignment.edition, assignment.limits, handouts=handouts)
        assert {name: taken.files[name] for name in reference_files} == reference_files
        assert any("beras.zip" in note for note in taken.notes)
        assert not taken.unopened


def test_a_zip_beside_finished_work_stays_closed(assignment, handouts, tmp_path, reference_files, untouched):
    packed = zipped(tmp_path / "backup.zip", untouched).read_bytes()
    source = write(tmp_path / "it", {**reference_files, "backup.zip": packed})
    taken = read(source, assignment.edition, assignment.limits, handouts=handouts)
    assert (taken.files, taken.copies, taken.unopened) == (reference_files, (), ())


@pytest.mark.parametrize("name", ["work.rar", "work.7z", "work.zip", "hw2.ipynb"])
def test_what_may_hold_the_work_is_flagged_where_the_handout_is_untouched(
    assignment, handouts, tmp_path, untouched, name
):
    source = write(tmp_path, {**untouched, name: b"not to be opened"})
    taken = read(source, assignment.edition, assignment.limits, handouts=handouts)
    flag = list(rules.intake_flags(taken, "", assignment.edition.required))[-1]
    assert flag.rule == "unread"
    assert name in flag.detail


def test_what_the_handout_itself_brings_is_no_work_that_was_not_read(assignment, tmp_path):
    files = {path: assignment.template.joinpath(path).read_bytes() for path in template.paths(assignment)}
    for source in sources(tmp_path, files):
        taken = read_for(assignment, source)
        assert not taken.unopened
        assert not list(rules.intake_flags(taken, "", assignment.edition.required))


def test_files_uploaded_beside_an_untouched_handout_are_graded(
    assignment, handouts, tmp_path, reference_files, untouched
):
    loose = {name.rpartition("/")[2]: reference_files[name] for name in ("beras/layers.py", "beras/losses.py")}
    taken = read(write(tmp_path, {**untouched, **loose}), assignment.edition, assignment.limits, handouts=handouts)
    assert taken.files["beras/layers.py"] == reference_files["beras/layers.py"]
    assert taken.files["beras/losses.py"] == reference_files["beras/losses.py"]
    assert taken.files["beras/onehot.py"] == untouched["beras/onehot.py"]
    assert any("`layers.py` was graded as `beras/layers.py`" in note for note in taken.notes)


def flat(files):
    return {path.rpartition("/")[2]: content for path, content in files.items()}


@pytest.mark.parametrize(
    ("line", "names"),
    [
        (b"from beras.utils import helper", ["utils.py"]),
        (b"from .utils import helper", ["utils.py"]),
        (b"from . import (\n    utils,\n)", ["utils.py"]),
        (b"    import beras.utils as u, math", ["utils.py"]),
        (b"from beras.utils.arrays import helper", ["utils/__init__.py", "utils/arrays.py"]),
        (b"from Beras.utils import helper", ["utils.py"]),
        (b"import utils", []),
    ],
)
def test_own_helpers_go_along_with_flat_files_where_imports_look_for_them(
    taken_in, tmp_path, reference_files, line, names
):
    helpers = {name: f"# {name}".encode() for name in names}
    files = {**reference_files, "beras/layers.py": line + b"\n" + reference_files["beras/layers.py"]}
    taken = taken_in(write(tmp_path, {**flat(files), **helpers, "notes.py": b"x = 1"}))
    assert taken.files == {**files, **{f"beras/{name}": text for name, text in helpers.items()}, "notes.py": b"x = 1"}
    for name in names:
        assert any(f"`{name}` was graded as `beras/{name}`, where an import" in note for note in taken.notes)


def test_a_helper_of_a_flat_helper_goes_along_and_a_required_file_never_does(taken_in, tmp_path, reference_files):
    helpers = {"utils.py": b"from .shapes import f\nfrom . import assignment", "shapes.py": b"def f(): pass"}
    files = {**reference_files, "beras/layers.py": b"from .utils import g\n" + reference_files["beras/layers.py"]}
    taken = taken_in(write(tmp_path, {**flat(files), **helpers}))
    assert taken.files == {**files, **{f"beras/{name}": text for name, text in helpers.items()}}


def test_helpers_stay_where_they_are_in_a_homework_with_its_folders(taken_in, tmp_path, reference_files):
    files = {**reference_files, "utils.py": b"", "beras/layers.py": b"from .utils import g\n"}
    assert taken_in(write(tmp_path, files)).files == files


def test_most_files_missing_is_flagged(taken_in, tmp_path, reference_files, assignment):
    one = {"beras/layers.py": reference_files["beras/layers.py"]}
    few = list(rules.intake_flags(taken_in(write(tmp_path / "few", one)), "", assignment.edition.required))
    whole = list(
        rules.intake_flags(taken_in(write(tmp_path / "all", reference_files)), "", assignment.edition.required)
    )
    assert [flag.rule for flag in few] == ["missing"]
    assert whole == []


@pytest.mark.skipif(os.sep == "\\", reason="no name holds a backslash there")
def test_names_with_the_separators_of_windows_are_paths(taken_in, tmp_path, reference_files):
    for name, content in reference_files.items():
        (tmp_path / f"hw2\\{name}".replace("/", "\\")).write_bytes(content)
    (tmp_path / "..\\evil.py").write_bytes(b"x = 1")
    taken = taken_in(tmp_path)
    assert taken.files == reference_files
    assert not taken.missing


def test_an_empty_file_is_called_empty(taken_in, tmp_path):
    (tmp_path / "hw2.zip").write_bytes(b"")
    with pytest.raises(SubmissionError, match=r"hw2\.zip is empty.*Hand in"):
        taken_in(tmp_path / "hw2.zip")


@pytest.mark.parametrize(
    ("name", "members", "called"),
    [
        ("report.docx", ("[Content_Types].xml", "word/document.xml"), "a Word document"),
        ("report", ("[Content_Types].xml", "word/document.xml"), "a Word document"),
        ("talk.pptx", ("ppt/presentation.xml",), "a PowerPoint presentation"),
        ("report.odt", ("mimetype", "content.xml", "META-INF/manifest.xml"), "an OpenDocument file"),
    ],
)
def test_a_document_is_called_one(taken_in, tmp_path, name, members, called):
    source = zipped(tmp_path / name, dict.fromkeys(members, b"<xml/>"))
    with pytest.raises(SubmissionError, match=rf"{name} is {called}\. Hand in"):
        taken_in(source)
    # Cut off, it is one all the same.
    source.write_bytes(source.read_bytes()[:60])
    with pytest.raises(SubmissionError, match=rf"is {called}\." if "." in name else "cut off"):
        taken_in(source)


def test_python_files_in_an_archive_that_is_called_a_document_are_read(taken_in, tmp_path, reference_files):
    assert taken_in(zipped(tmp_path / "beras.docx", reference_files)).files == reference_files


def unicode_path(name, other):
    body = struct.pack("<BL", 1, zlib.crc32(name.encode())) + other.encode()
    return struct.pack("<HH", 0x7075, len(body)) + body


def with_unicode_paths(path, files, others):
    """A zip whose members have another name each in Info-ZIP's field, by their own."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in files.items():
            member = zipfile.ZipInfo(name)
            member.extra = unicode_path(name, others[name]) if name in others else b""
            archive.writestr(member, content)
    return path


def test_members_that_exchange_their_names_for_some_tools_are_not_read(taken_in, tmp_path, reference_files):
    """`unzip` would show a person another file than the one that is graded, and so would Python from 3.12 on."""
    names = ("beras/layers.py", "beras/notes.py")
    files = {**reference_files, names[1]: b"# innocent\n"}
    submission = taken_in(with_unicode_paths(tmp_path / "s.zip", files, dict(zip(names, names[::-1], strict=True))))
    assert not set(names) & set(submission.files)
    assert "`beras/layers.py` was left out: some tools unpack it as `beras/notes.py`" in "\n".join(submission.left_out)


def test_a_name_that_only_unicode_can_spell_is_no_other_name(taken_in, tmp_path, reference_files):
    files = {f"__/{name}": content for name, content in reference_files.items()}
    others = {name: name.replace("__/", "作业/") for name in files}
    submission = taken_in(with_unicode_paths(tmp_path / "s.zip", files, others))
    assert submission.files == reference_files
    assert submission.left_out == ()


def test_archives_within_archives_have_one_bound_together(taken_in, tmp_path, reference_files, monkeypatch):
    """Eight archives in each of eight would else be listed in full, however much that is in all."""
    listed = []
    of_one = zipfile.ZipFile.infolist
    monkeypatch.setattr(zipfile.ZipFile, "infolist", lambda self: listed.append(len(of_one(self))) or of_one(self))

    def packed(files):
        made = io.BytesIO()
        zipped(made, files)
        return made.getvalue()

    inner = packed({f"beras/l{number}.py": b"" for number in range(4_000)})
    for _ in range(2):
        inner = packed({f"a{number}.zip": inner for number in range(8)})
    outer = tmp_path / "s.zip"
    outer.write_bytes(packed({"n.zip": inner, "beras/layers.py": reference_files["beras/layers.py"]}))
    submission = taken_in(outer)
    assert submission.files["beras/layers.py"] == reference_files["beras/layers.py"]
    assert sum(listed) <= 2 * 100_000 + 100
