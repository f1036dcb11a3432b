"""What is wrong in assignment.toml is named with its file and key, before anything is graded."""

import re
import shutil
from dataclasses import replace

import pytest

from autograder.assignment import config
from autograder.base.errors import AssignmentError

EDITION = 'edition = "s24"         #'


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("points = 100\n", "", r"points is missing; expected a number"),
        ("points = 100\n", 'points = "100"\n', r"points must be a number, and is '100'"),
        ("attempts = 3 ", "attempts = 2.5 ", r"attempts must be a whole number, and is 2\.5"),
        ("test_seconds = 10 ", "test_seconds = 0 ", r"test_seconds must be above 0, and is 0"),
        ("free_days = 0 ", "free_days = -1 ", r"free_days must be at least 0, and is -1"),
        ("library = 0", "library = -5", r"\[rules\.penalty\] library must be at least 0, and is -5"),
        (
            "accuracy = 0.95 ",
            "accuracy = 95 ",
            r"must be a share, above 0 and at most 1, and is 95; 0\.95 means",
        ),
        ("accuracy = 0.95 ", "accuracy = 0 ", r"accuracy must be above 0"),
        ('name = "Beras"', 'name = " "', r"name must not be empty: grade books"),
        ('part = "programming"', 'part = "both"', r"part must be one of .*, and is 'both'"),
        ('kinds = [".py"]', "kinds = [3]", r"kinds must be a list of texts"),
        ('kinds = [".py"]', 'kinds = [".ipynb"]', r'kinds must list endings, "\.py" among them'),
        ("[intake]\n", "[intaken]\n", r"the table \[intaken\] is not known"),
        ('part = "programming"', 'prt = "written"', r"\[assignment\] prt is not known; did you mean part\?"),
        ("submission_files = 400", "submission_files = 400\nsubmission_file = 4", r"did you mean submission_files\?"),
        ("programming = 2024", "programing = 2024", r"\[due\] programing is not known; did you mean programming\?"),
        ('closest = "s24"', 'closest = "s24"\nsigned = 1', r"\[unsupported\.f22\] signed is not known"),
        ('like = "s25"', 'like = "s25"\nforwards = "f"', r"\[edition\.f24\] forwards is not known"),
        (EDITION, 'edition = "s99"  #', r"there is no table \[edition\.s99\], only s24, "),
        ('name = "Beras"', 'name = "Beras', r"is no valid TOML"),
        ("T18:00:00-05:00", "T18:00", r"There stands: .*T18:00.* A time needs its seconds: 2024-02-2\dT18:00:00-05:00"),
    ],
)
def test_it_is_named(copied_project, old, new, said):
    with pytest.raises(AssignmentError, match=said) as caught:
        config.load(copied_project({old: new}))
    assert "assignment.toml" in str(caught.value)


def test_no_table_has_a_key_that_is_ignored(tmp_path, assignment):
    for part in ("homework", "reference", "student_template", "tests"):
        (tmp_path / part).symlink_to(assignment.root / part)
    text = (assignment.root / "assignment.toml").read_text()
    for header in re.findall(r"(?m)^\[.*\]", text):
        (tmp_path / "assignment.toml").write_text(text.replace(header, f"{header}\nunheard_of = 1", 1))
        with pytest.raises(AssignmentError, match=rf"{re.escape(header)} unheard_of"):
            config.load(tmp_path)


ALL_TABLES = ("limits", "training", "results", "rules", "rules.penalty", "intake", "late", "people")


@pytest.mark.parametrize(
    ("table", "line", "changed"),
    [
        ("limits", "run_seconds = 300", lambda made: replace(made, limits=replace(made.limits, run_seconds=300.0))),
        ("training", "attempts = 5", lambda made: replace(made, training=replace(made.training, attempts=5))),
        ("results", 'visibility = "hidden"', lambda made: replace(made, visibility="hidden")),
        ("rules", "module_kb = 50", lambda made: replace(made, rules=replace(made.rules, module_kb=50))),
        (
            "rules.penalty",
            "library = 5",
            lambda made: replace(made, rules=replace(made.rules, penalties={**made.rules.penalties, "library": 5.0})),
        ),
    ],
)
def test_a_table_with_a_single_key_changes_nothing_else(tmp_path, assignment, table, line, changed):
    for part in ("homework", "reference", "student_template", "tests"):
        (tmp_path / part).symlink_to(assignment.root / part)
    file, text = tmp_path / "assignment.toml", (assignment.root / "assignment.toml").read_text()
    for name in ALL_TABLES:
        text = re.sub(rf"(?ms)^\[{re.escape(name)}\].*?(?=^\[)", "", text)
    file.write_text(text)
    plain = config.load(tmp_path)
    assert (plain.limits, plain.training) == (assignment.limits, assignment.training)
    assert plain.rules.penalties == assignment.rules.penalties
    assert plain.edition == assignment.edition
    file.write_text(f"{text}\n[{table}]\n{line}\n")
    assert config.load(tmp_path) == changed(plain)
    file.write_text(f"{text}\n[{table}]\n{line.replace(' =', 's =')}\n")
    with pytest.raises(AssignmentError, match=rf"\[{re.escape(table)}\] \w+s is not known; did you mean"):
        config.load(tmp_path)


def test_what_is_not_used_is_known_all_the_same(tmp_path, assignment, another_homework):
    root = tmp_path / "small"
    shutil.copytree(assignment.root / "examples" / "kmeans", root)
    own = '[edition.v1]\nrequired = ["kmeans/distance.py", "kmeans/clusters.py"]'
    text = (root / "assignment.toml").read_text().replace("[edition.v1]", own)
    (root / "assignment.toml").write_text(text)
    assert config.load(root, edition="v1").edition.name == "v1"


@pytest.mark.parametrize("part", ["reference", "student_template", "tests/hidden"])
def test_a_folder_that_is_missing_is_named(copied_project, part):
    with pytest.raises(AssignmentError, match=rf"{part}\S* is missing: expected"):
        config.load(copied_project(without=[part]))


def test_a_file_that_is_missing_is_named(tmp_path):
    with pytest.raises(AssignmentError, match=r"assignment\.toml cannot be read: No such file"):
        config.load(tmp_path)
