"""Every answer is found whole, whatever its LaTeX looks like: in the source, and in the PDF that is made from it."""

import re
import shutil
from collections import Counter

import pytest

from autograder.written.submission import read_here
from tests.toolkit.written.latex_styles import STYLES, WRITTEN, compile_here, words, write

needs_tex = pytest.mark.skipif(shutil.which("pdflatex") is None, reason="no pdflatex is installed")


def strays(submission):
    """The words of answers that are not once in their own question's section, and nowhere else."""
    wrong = []
    everywhere = Counter(
        re.findall(
            r"qz[abc][a-p]",
            "\n".join(
                [*(piece.text for document in submission.documents for piece in document.outside)]
                + [f"{section.raw}\n{section.code}" for section, *_ in submission.sections.values()]
            ).replace(" ", ""),  # a listing in a PDF has blanks between its letters
        )
    )
    for question in WRITTEN.questions:
        section = submission.sections[question.id][0] if question.id in submission.sections else None
        inside = f"{section.raw}\n{section.code}".replace(" ", "") if section else ""
        wrong += [
            f"{word} of {question.number}" for word in words(question) if word not in inside or everywhere[word] > 1
        ]
        if section and set(section.fields) != {field.name for field in question.fields}:
            wrong.append(f"the results of {question.number}")
    return wrong


@pytest.mark.parametrize("style", STYLES)
def test_every_answer_is_whole_in_the_source(style, tmp_path):
    write(style, tmp_path)
    assert strays(read_here(tmp_path, WRITTEN)) == []


@needs_tex
@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_every_answer_is_whole_in_the_pdf(style, tmp_path):
    write(style, tmp_path)
    assert strays(read_here(compile_here(tmp_path), WRITTEN)) == []
