"""The doctor says what this machine offers, and what to do where it falls short."""

import json
import os
import subprocess
import sys
from dataclasses import replace

import pytest

from autograder.upload import doctor
from autograder.upload.doctor import Check
from autograder.wall import docker_rules

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
    reference = f"read {assignment.reference.relative_to(assignment.root)}/"
    assert any(reference in check.layer for check in checks)


def test_a_machine_without_linux_is_unfit_and_sent_to_docker(assignment, monkeypatch):
    monkeypatch.setattr(sys, "platform", "darwin")
    rows = doctor.examine(assignment)
    assert [check.layer for check in rows if check.fails] == ["a worker"]
    assert "Docker" in rows[0].how
    assert {"numpy", "data to train on", "memory"} <= {check.layer for check in rows}


def test_a_lack_of_what_must_be_there_makes_the_machine_unfit():
    assert json.loads(doctor.as_json([LACK]))["ok"] is False
    assert json.loads(doctor.as_json([replace(LACK, wanted="wanted")]))["ok"] is True


def test_a_remedy_is_shown_only_where_something_lacks():
    assert doctor.table([LACK, replace(LACK, present=True)]) == [
        ("landlock", "must", "no", "absent", "Use a newer kernel."),
        ("landlock", "must", "yes", "absent", ""),
    ]


def test_the_last_line_says_whether_this_machine_can_grade():
    told = doctor.conclude([LACK, replace(LACK, layer="seccomp", present=True)])
    assert told == [
        "landlock: Use a newer kernel.",
        "This machine cannot grade safely. First put right: landlock.",
    ]
    assert doctor.conclude([replace(LACK, wanted="wanted")])[-1] == "This machine can grade safely."


def test_a_folder_without_data_is_a_row_and_no_exception(assignment, tmp_path):
    row = next(check for check in doctor.examine(assignment, tmp_path) if check.layer == "data to train on")
    assert not row.present
    assert "fetch" in row.remedy


def test_a_library_that_no_worker_can_import_is_a_row_that_forbids_to_grade(assignment, lacking_a_module):
    row = next(check for check in doctor.examine(assignment) if check.layer.startswith("a worker can import"))
    assert row.fails
    assert lacking_a_module in row.how
    assert sys.executable in row.remedy


def test_what_a_container_allows_is_told_and_how_it_was_found(checks):
    rows = {check.layer: check for check in checks if check.layer.startswith("a container's")}
    assert set(rows) == {"a container's rules", "a container's memory", "a container's processors"}
    assert "Seccomp" in rows["a container's rules"].how
    assert all(row.how and row.remedy for row in rows.values())


@pytest.mark.skipif(docker_rules.why_absent() is not None, reason=f"no rules here: {docker_rules.why_absent()}")
def test_under_dockers_rules_the_wall_stands_and_the_rules_are_seen():
    script = (
        "import sys; sys.path[0:0] = [sys.argv[1]]; from autograder.wall import docker_rules; docker_rules.confine()\n"
    )
    script += "sys.argv[1:] = ['doctor', '--json']; from autograder.cli.app import main; main()"
    command = [sys.executable, "-I", "-B", "-c", script, str(doctor.Path(doctor.__file__).parents[2])]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    document = json.loads(done.stdout)
    rows = {check["layer"]: check for check in document["checks"]}
    assert document["ok"] and done.returncode == 0, [
        row for row in rows.values() if row["wanted"] == "must" and not row["present"]
    ]
    assert rows["a container's rules"]["present"]
    assert "Seccomp 2, 14 capabilities" in rows["a container's rules"]["how"]


def test_what_the_dates_and_rules_do_today_is_a_row(checks, assignment):
    row = next(check for check in checks if check.layer == "the rules of late work")
    assert row.present
    assert "Lateness costs nothing." in row.how
    rules = replace(assignment.late["programming"], penalty_per_day=0.5)
    strict = replace(assignment, late={"programming": rules})
    row = next(check for check in doctor._material(strict, None) if check.layer == "the rules of late work")
    assert not row.present
    assert "everybody who hands in now gets 0" in row.remedy
