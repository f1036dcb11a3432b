"""Files that are replaced whole: who may read them, and whose they were."""

import os
import stat

import pytest

from autograder.base.errors import AssignmentError
from autograder.base.files import check_new_folder, check_no_input, replace_file


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o077, 0o600), (0o002, 0o664)])
def test_the_umask_says_who_may_read_a_file(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        for _ in range(2):
            replace_file(tmp_path / ("n" * 255), "text")
    finally:
        os.umask(before)
    (file,) = tmp_path.iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == mode


def test_a_folder_with_somebody_s_work_is_not_written_into(tmp_path):
    for folder in (tmp_path / "absent", tmp_path):
        check_new_folder(folder)
    (tmp_path / ".git").mkdir()
    check_new_folder(tmp_path)
    (tmp_path / "work.py").write_text("")
    for taken in (tmp_path, tmp_path / "work.py"):
        with pytest.raises(AssignmentError, match="so that nothing is lost"):
            check_new_folder(taken, own=("index.csv",))
    (tmp_path / "index.csv").write_text("")
    check_new_folder(tmp_path, own=("index.csv",))


def test_what_is_read_is_not_replaced(tmp_path):
    with pytest.raises(AssignmentError, match="is read, and would be replaced"):
        check_no_input(tmp_path / "a" / ".." / "grades.csv", [None, tmp_path / "grades.csv"])
