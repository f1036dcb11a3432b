"""The doctor says what this machine offers, and what to do where it falls short."""

import json
import os
import sys
from dataclasses import replace

import pytest

from autograder import doctor
from autograder.doctor import Check

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the wall's layers are Linux's")

LACK = Check("landlock", "must", present=False, how="absent", remedy="Use a newer kernel.")


@pytest.fixture(scope="module")
def checks(assignment):
    return doctor.examine(assignment)


def test_every_layer_that_a_worker_needs_is_a_row(checks):
    rows = {check.layer: check for check in checks}
    assert {"seccomp", "limits", "landlock", "no new privileges"} <= set(rows)
    assert rows["user"].wanted == ("must" if os.geteuid() == 0 else "wanted")


def test_forbidden_actions_are_tried_and_not_assumed(checks):
    tried = [check for check in checks if check.layer.startswith("no worker can")]
    assert len(tried) >= 10
    assert all(check.present and check.how == "a worker tried it in vain" for check in tried)


def test_the_reference_is_among_what_a_worker_tries_to_read(checks, assignment):
    assert any(str(assignment.reference) in check.layer for check in checks)


def test_a_lack_of_what_must_be_there_makes_the_machine_unfit():
    assert json.loads(doctor.as_json([LACK]))["ok"] is False
    assert json.loads(doctor.as_json([replace(LACK, wanted="wanted")]))["ok"] is True


def test_a_remedy_is_shown_only_where_something_lacks():
    assert doctor.table([LACK, replace(LACK, present=True)]) == [
        ("landlock", "must", "no", "absent", "Use a newer kernel."),
        ("landlock", "must", "yes", "absent", ""),
    ]


def test_a_folder_without_data_is_a_row_and_no_exception(assignment, tmp_path):
    row = next(check for check in doctor.examine(assignment, tmp_path) if check.layer == "data to train on")
    assert not row.present
    assert "fetch" in row.remedy


def test_a_folder_closed_to_others_is_named(tmp_path):
    closed = tmp_path / "closed"
    closed.mkdir()
    for folder in (tmp_path, *list(tmp_path.parents)[:-2]):
        folder.chmod(0o755)
    closed.chmod(0o700)
    assert doctor._closed_to_others(closed) == closed
