"""A written part of one's own: its mistakes are told with their place, and nothing of the old homework stays unsaid."""

import re
import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.base.errors import AssignmentError
from autograder.written import questions, templates

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = questions.load(ROOT)
SOURCE = (ROOT / "written.toml").read_text("utf-8")
ANSWERS = ROOT / "reference" / "conceptual" / "answers.toml"
TEMPLATE = ROOT / "student_template"
PNG = (TEMPLATE / "conceptual" / "figures" / "network.png").read_bytes()


def load(tmp_path, *changes):
    source = SOURCE
    for old, new in changes:
        assert old in source
        source = source.replace(old, new, 1)
    (tmp_path / "written.toml").write_text(source, "utf-8")
    return questions.load(tmp_path)


def with_figures(*names):
    """written.toml with these figures at its first question alone."""
    first, *rest = (replace(question, figures=()) for question in WRITTEN.questions)
    return replace(WRITTEN, questions=(replace(first, figures=names), *rest))


@pytest.fixture
def folder(tmp_path):
    figures = tmp_path / "template" / "conceptual" / "figures"
    figures.mkdir(parents=True)
    return figures


def test_a_picture_of_ones_own_is_used_as_it_is(folder):
    (folder / "faces.png").write_bytes(b"\x89PNG of a camera")
    (folder / "chart.jpg").write_bytes(b"of another")
    written = with_figures("faces.png", "chart.jpg")
    assert templates.figure_problems(written, ROOT / "reference", folder.parents[1]) == []


def test_a_missing_picture_is_told_with_its_place_and_one_that_is_drawn_with_its_command(folder):
    problems = templates.figure_problems(with_figures("faces.png", "losses.png"), ROOT / "reference", folder.parents[1])
    assert problems[0] == f"conceptual/figures/faces.png: missing; put the picture there ({folder / 'faces.png'})"
    assert "draw it with python -m reference.conceptual --figures" in problems[1]


def test_a_homework_without_drawings_has_pictures_too(folder, tmp_path):
    (folder / "losses.png").write_bytes(PNG)
    assert templates.figure_problems(with_figures("losses.png"), tmp_path, folder.parents[1]) == []


def test_a_figure_that_no_question_shows_is_told(folder):
    (folder / "faces.png").write_bytes(b"")
    (problem,) = templates.figure_problems(with_figures(), ROOT / "reference", folder.parents[1])
    assert "students get it, and no question shows it; delete it" in problem


@pytest.fixture
def reference(tmp_path):
    folder = tmp_path / "reference" / "conceptual"
    folder.mkdir(parents=True)
    shutil.copy(ANSWERS, folder)
    return folder.parent


def test_every_question_of_the_homework_has_its_answer_and_none_is_left_over(reference):
    assert templates.answer_problems(WRITTEN, reference) == []


def test_answers_to_nothing_and_questions_without_an_answer_are_told(reference):
    file = reference / "conceptual" / "answers.toml"
    text = file.read_text("utf-8").replace("[losses]", "[lossy]").replace('"by hand" =', '"by heart" =')
    file.write_text(text, "utf-8")
    said = "\n".join(templates.answer_problems(WRITTEN, reference))
    assert "answers.toml: [lossy] is no question of written.toml" in said
    assert "answers.toml: losses has no answer" in said
    assert "[update-step] fields: by heart is no field" in said
    assert "[update-step] fields: by hand is missing" in said
    assert said.count("\n") == 3


def test_a_homework_without_a_file_of_answers_needs_none(tmp_path):
    assert templates.answer_problems(WRITTEN, tmp_path) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('"2: the chain rule', '"3: the chain rule', "rubric gives 11 points together, and a person gives 10"),
        ('"2: the chain rule', '"1: the chain rule', "rubric gives 9 points"),
        ('"2: the chain rule', '"the chain rule', "must begin each line with its points"),
        ('"2: the chain rule', '"2: the $chain rule', "no formula ends what begins at"),
        (
            "\\\\frac{\\\\partial L}{\\\\partial w_{ij}} = (P_j",
            "\\\\frac{\\\\partial L{\\\\partial w_{ij}} = (P_j",
            "braces",
        ),
        ('["network.png"]', '["../img/network.png"]', "has '../img/network.png'"),
        ('["network.png"]', '["/tmp/network.png"]', "without a folder"),
        ('["network.png"]', '["network.tiff"]', "PNG or JPEG"),
        ('number = "1.1"', 'number = "1a"', "like 2, 1.2, B.3, Q1 or II"),
        ('number = "1.1"', 'number = "1(a)"', "Write 1.1 and 1.2 for 1a and 1b"),
    ],
)
def test_a_mistake_in_a_question_is_told_with_file_table_and_key(tmp_path, old, new, said):
    with pytest.raises(AssignmentError) as error:
        load(tmp_path, (old, new))
    assert re.search(r"written\.toml: \[question update-rule\] (rubric|text|figures|number)", str(error.value))
    assert said in str(error.value)


def test_points_for_each_of_several_and_points_that_are_taken_away_are_no_sum(tmp_path):
    load(tmp_path, ('"2: the chain rule', '"1: each right line of the chain rule'))
    load(tmp_path, ('"1: the single expression",', '"1: the single expression", "-1: without a word",'))


@pytest.mark.parametrize("number", ["Q1", "P1", "II", "1.2.3", "7"])
def test_these_numbers_are_allowed(tmp_path, number):
    assert load(tmp_path, ('number = "1.1"', f'number = "{number}"')).questions[0].number == number
