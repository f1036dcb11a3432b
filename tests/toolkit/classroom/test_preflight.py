"""What `batch` refuses or says before it grades: wrong folders, another class, a wrong roster, a mistyped choice."""

import shutil

import pytest
from click.testing import CliRunner

from autograder.base.errors import AssignmentError
from autograder.base.people import Person
from autograder.classroom import choices, preflight, store
from autograder.classroom.sources import NOTHING
from autograder.classroom.store import Classroom, Entry
from autograder.cli import app  # noqa: F401  it adds the commands
from autograder.cli.options import cli


@pytest.fixture
def folder(tmp_path, reference_files):
    """A class of two, with nothing else beside it."""
    for name in ("ada", "bob"):
        for path, content in reference_files.items():
            file = tmp_path / "class" / name / path
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_bytes(content)
    return tmp_path / "class"


@pytest.mark.parametrize("out", [".", "graded", "ada/graded", ".."])
def test_results_among_submissions_are_refused(assignment, folder, out):
    with pytest.raises(AssignmentError, match="Name a folder elsewhere"):
        preflight.check(folder, folder / out, assignment, None, ())
    preflight.check(folder, folder.parent / "graded", assignment, None, ())


def test_one_homework_is_no_class(assignment, folder, tmp_path):
    shutil.make_archive(str(tmp_path / "ada"), "zip", folder / "ada")
    for source in (folder / "ada", tmp_path / "ada.zip"):
        with pytest.raises(AssignmentError, match="one homework, not a class"):
            preflight.check(source, tmp_path / "out", assignment, None, ())


def test_the_parent_of_an_export_and_what_batch_wrote_are_no_class(assignment, tmp_path):
    export = tmp_path / "downloads" / "assignment_1_export"
    export.mkdir(parents=True)
    (export / "submission_metadata.yml").write_text("{}")
    (tmp_path / "downloads" / "roster.csv").write_text("name\n")
    with pytest.raises(AssignmentError, match=r"Name \S+assignment_1_export instead"):
        preflight.check(tmp_path / "downloads", tmp_path / "out", assignment, None, ())
    (tmp_path / "graded").mkdir()
    (tmp_path / "graded" / "class.json").write_text("{}")
    with pytest.raises(AssignmentError, match="`batch` wrote"):
        preflight.check(tmp_path / "graded", tmp_path / "out", assignment, None, ())


def test_a_class_is_not_one_submission(tmp_path):
    for name in ("submission_metadata.yml", "class.json"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("{}")
        done = CliRunner().invoke(cli, ["grade", str(tmp_path / name)])
        assert isinstance(done.exception, AssignmentError)
        assert "grade a class with `batch`" in str(done.exception)


def room(folder, *names, state="", notes=()):
    people = [Person(name=name, email=f"{name}@example.edu") for name in names]
    entries = [
        Entry(f"submission_{person.name}", folder / person.name, (person,), state=state, problem=state, notes=notes)
        for person in people
    ]
    return Classroom(folder, tuple(entries), "a folder")


def test_another_class_does_not_replace_the_first(tmp_path):
    store.save(room(tmp_path, "ada", "bob"))
    with pytest.raises(AssignmentError, match=r"another class.*another --out"):
        preflight.check_same_class(room(tmp_path, "eve", "fay"))
    again = room(tmp_path, "bob", "eve")
    assert preflight.check_same_class(again) is again


def test_a_roster_that_knows_nobody_is_said_to(tmp_path):
    strange = [room(tmp_path, name, notes=(f"{name} is not in the roster.",)).entries[0] for name in ("ada", "bob")]
    absent = room(tmp_path, "eve", state=NOTHING).entries
    every = Classroom(tmp_path, (*strange, *absent))
    assert "The roster lists nobody of the 2 submissions: ada; bob." in preflight.describe_strangers(every)[0]
    known = room(tmp_path, "gus").entries
    one = Classroom(tmp_path, (strange[0], *known))
    assert preflight.describe_strangers(one) == ["1 submission is of people whom the roster does not list: ada."]
    assert preflight.describe_strangers(Classroom(tmp_path, known)) == []


@pytest.mark.parametrize(
    ("only", "skip", "says"),
    [
        (None, ("trainning",), "--skip trainning leaves out no test. Did you mean 'training'"),
        ("dense\n99.9", (), "No hidden test is called '99.9'"),
        ("densse", (), "Did you mean 'dense'"),
    ],
)
def test_a_mistyped_choice_is_an_error(assignment, folder, tmp_path, only, skip, says):
    with pytest.raises(AssignmentError, match=says):
        preflight.check(folder, tmp_path / "out", assignment, only, skip)


def test_the_written_part_is_not_graded_as_programs(assignment, folder, tmp_path):
    import dataclasses

    with pytest.raises(AssignmentError, match="written-pages"):
        preflight.check(folder, tmp_path / "out", dataclasses.replace(assignment, part="written"), None, ())


def test_no_table_of_a_teacher_s_own_is_replaced(assignment, folder, tmp_path):
    out = tmp_path / "term"
    out.mkdir()
    (out / "grades.csv").write_text("mine")
    with pytest.raises(AssignmentError, match="not empty"):
        preflight.check(folder, out, assignment)
    (out / store.CLASS_FILE).write_text("{}")
    preflight.check(folder, out, assignment)
    with pytest.raises(AssignmentError, match="is read, and would be replaced"):
        preflight.check(folder, out, assignment, late_days=out / "late-days.csv")


def graded(room, *ids):
    for name in ids:
        folder = room.folder / name.removeprefix("submission_")
        folder.mkdir(parents=True)
        (folder / "results.json").write_text('{"tests": [], "score": 1}')


def test_the_rest_of_a_stopped_run_is_not_called_new(tmp_path):
    one = room(tmp_path, "ada", "bob")
    store.save(one)
    graded(one, "submission_ada")
    before, known = choices.scores(one), choices.recorded(tmp_path)
    more = room(tmp_path, "ada", "bob", "eve")
    graded(more, "submission_bob", "submission_eve")
    assert choices.tell(more, before, known) == ["New (1): eve."]


def test_no_folder_is_made_on_the_way_to_a_file(tmp_path):
    (tmp_path / "graded").mkdir()
    for name in ("report", "feedback"):
        done = CliRunner().invoke(cli, [name, str(tmp_path / "graded"), "--out", str(tmp_path / "mistyped" / "x")])
        assert "there is no folder" in done.output
    assert not (tmp_path / "mistyped").exists()
