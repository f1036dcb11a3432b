"""What the headers of a tar say is believed of nothing: a member can be refused, and never the grading."""

import gzip
import io
import lzma
import tarfile
from dataclasses import replace

import pytest

from autograder.assignment import config
from autograder.base.errors import SubmissionError
from autograder.intake.archive import ArchiveError, tar_members
from autograder.intake.submission import read_for

PACKED = {"it.tar": bytes, "it.tar.gz": gzip.compress, "it.tar.xz": lzma.compress}
KEYS = (
    *("GNU.sparse.realsize", "GNU.sparse.size", "GNU.sparse.map", "GNU.sparse.numblocks", "GNU.sparse.offset"),
    *("size", "mtime", "uid", "path", "linkpath", "hdrcharset", "uname"),
)
VALUES = ("-5", "-1", "1e9999", "nan", "9" * 30, "0,5,-3", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"))


def tarred(files, headers=()):
    """Return a tar of the files; the last of them has pax headers of its own."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=tarfile.PAX_FORMAT) as made:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            info.pax_headers = dict(headers) if name == list(files)[-1] else {}
            made.addfile(info, io.BytesIO(content))
    return buffer.getvalue()


@pytest.fixture
def assignment():
    return replace(config.load(), recognised=True)


@pytest.mark.parametrize("value", VALUES)
@pytest.mark.parametrize("key", KEYS)
def test_whatever_a_header_says_the_files_before_it_are_read(assignment, tmp_path, reference_files, key, value):
    path = tmp_path / "it.tar"
    path.write_bytes(tarred({**reference_files, "beras/zz_odd.py": b"x = 1\n"}, {key: value}))
    found = read_for(assignment, path).files
    assert {name: found.get(name) for name in reference_files} == reference_files


@pytest.mark.parametrize("key", KEYS)
def test_a_tar_of_nothing_but_an_odd_member_is_refused_and_nothing_else_is_raised(assignment, tmp_path, key):
    for value in VALUES:
        path = tmp_path / "it.tar"
        path.write_bytes(tarred({"beras/odd.py": b"x = 1\n"}, {key: value}))
        try:
            read_for(assignment, path)
        except SubmissionError as error:
            assert "Make it again" in str(error) or "There are no" in str(error)  # noqa: PT017


@pytest.mark.parametrize("name", PACKED)
def test_long_names_and_their_headers_are_read(tmp_path, name):
    long = f"beras/{'é' * 200}.py"
    (tmp_path / name).write_bytes(PACKED[name](tarred({"a.py": b"1", long: b"22"}, {"comment": "12345" * 5})))
    assert [(m.name, m.read(10)) for m in tar_members(tmp_path / name, 9)] == [("a.py", b"1"), (long, b"22")]


@pytest.mark.parametrize("name", PACKED)
def test_a_header_that_some_pythons_search_for_hours_is_refused_unsearched(tmp_path, name):
    """Each digit could begin the length of a record: the time of some versions' search grows with the square."""
    (tmp_path / name).write_bytes(PACKED[name](tarred({"a.py": b"1"}, {"comment": "7" * 40_000})))
    with pytest.raises(ArchiveError, match="one of its headers is damaged"):
        list(tar_members(tmp_path / name, 9))


def test_compressed_parts_without_end_are_refused(tmp_path):
    (tmp_path / "it.tar.gz").write_bytes(gzip.compress(b"") * 20_000 + gzip.compress(tarred({"a.py": b"1"})))
    with pytest.raises(ArchiveError, match="more than 10000 compressed parts"):
        list(tar_members(tmp_path / "it.tar.gz", 9))


def test_a_tar_in_several_compressed_parts_is_read(tmp_path):
    whole = tarred({"a.py": b"1", "b.py": b"2"})
    parts = [gzip.compress(whole[start : start + 512]) for start in range(0, len(whole), 512)]
    (tmp_path / "it.tar.gz").write_bytes(b"".join(parts))
    assert [member.name for member in tar_members(tmp_path / "it.tar.gz", 9)] == ["a.py", "b.py"]
