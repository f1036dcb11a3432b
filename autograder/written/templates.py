"""What students write their answers into: one LaTeX source and one notebook, both made from `written.toml`.

With answers given, the same makes a filled-in document: the solution, and examples for tests.
"""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from typing import Any, Final

from autograder.base.toml import Table, open_toml
from autograder.written.images import png_texts
from autograder.written.markdown_latex import line_to_latex, to_latex
from autograder.written.questions import EVERYBODY, FILE_NAME, Question, Written

FOLDER: Final = "conceptual"
LATEX: Final = "conceptual.tex"
NOTEBOOK: Final = "conceptual.ipynb"
FIGURES: Final = "figures"
ANSWERS: Final = "answers.toml"  # the solution, beside the demonstrations
PLACEHOLDER: Final = "Your answer goes here, in the place of this line."
METADATA: Final = "autograder"  # the key of ours in a notebook's and in its cells' metadata
_DRAW: Final = "python -m reference.conceptual --figures"
DRAWN_FROM: Final = "Drawn from"  # the key under which a figure names the source that drew it

_PREAMBLE: Final = r"""\documentclass[11pt]{article}
\usepackage{amsmath}
\usepackage[margin=1in]{geometry}
\usepackage{graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{6pt}
\sloppy
\newcommand{\code}[1]{\texttt{\detokenize{#1}}}
\newcommand{\question}[3]{\subsection*{Question #1: #2\hfill\normalfont\small #3}}
\newenvironment{answer}[1]
  {\def\answered{#1}\par\textbf{Answer #1}\par\nopagebreak}
  {\par{\scriptsize End of answer \answered}\par\bigskip}
\newcommand{\field}[2]{\par\code{#1}: #2\par}
"""


@dataclass(frozen=True)
class Answer:
    """What stands in the place of a placeholder: Markdown with formulas, results by field, and code."""

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    code: str = ""


def read_answers(file: Path) -> dict[str, Answer]:
    """Return the answers of a TOML file, by question id. Raises AssignmentError where it is not as it should be."""
    top, answers = open_toml(file), {}
    for name in top.names():
        table = top.table(name)
        fields = table.table("fields") if "fields" in table else Table(file, f"{name}.fields", {})
        answers[name] = Answer(
            text=table.get("text", str) if "text" in table else "",
            fields={field: fields.get(field, str) for field in fields.names()},
            code=table.get("code", str) if "code" in table else "",
        )
    top.refuse_unknown()
    return answers


def points_text(question: Question) -> str:
    """Return how much a question is worth, for its heading."""
    points = question.points + question.computed_points
    return f"{points:g} {'point' if points == 1 else 'points'}"


def heading(question: Question) -> str:
    """Return a question's heading, as all documents show it."""
    return f"Question {question.number}: {question.title} ({points_text(question)})"


def latex(written: Written, answers: Mapping[str, Answer] | None = None, extra: Mapping[str, str] | None = None) -> str:
    """Return the LaTeX document: the template, or filled with `answers` by question id.

    extra: LaTeX that follows an answer.
    """
    lines = [f"% {written.title}. Write between \\begin{{answer}} and \\end{{answer}}; leave the labels as they are."]
    title = line_to_latex(written.title, f"{FILE_NAME}: [written] title")
    lines += [_PREAMBLE, rf"\title{{{title}}}", r"\date{}", r"\author{}", r"\begin{document}"]
    lines += [r"\maketitle", to_latex(written.intro, f"{FILE_NAME}: [written] intro"), ""]
    for title, questions in _parts(written):
        if title:
            lines += [rf"\section*{{{line_to_latex(title, f'{FILE_NAME}: the title {title!r}')}}}", ""]
        for question in questions:
            lines += _latex_question(question, None if answers is None else answers.get(question.id, Answer()))
            lines += [(extra or {})[question.id]] if question.id in (extra or {}) else []
    return "\n".join([*lines, r"\end{document}"]) + "\n"


def _latex_question(question: Question, answer: Answer | None) -> Iterator[str]:
    where = f"{FILE_NAME}: [question {question.id}]"
    title = line_to_latex(question.title, f"{where} title")
    yield rf"\question{{{question.number}}}{{{title}}}{{{points_text(question)}}}"
    yield to_latex(question.text, f"{where} text")
    for figure in question.figures:
        yield rf"\begin{{center}}\includegraphics[width=0.7\textwidth]{{{FIGURES}/{figure}}}\end{{center}}"
    yield ""
    yield rf"\begin{{answer}}{{{question.number}}}"
    where = f"{ANSWERS}: [{question.id}]"
    yield f"% {PLACEHOLDER}" if answer is None else to_latex(answer.text, f"{where} text") + "\n"
    yield ""
    for entry in question.fields:
        value = "?" if answer is None else answer.fields.get(entry.name, "?")
        yield rf"\field{{{entry.name}}}{{{line_to_latex(value, f'{where} fields.{entry.name}')}}}"
    if question.code is not None:
        code = question.code.starter if answer is None else answer.code
        # Small enough for lines of 99 characters.
        yield "{\\footnotesize\n\\begin{verbatim}\n" + code.strip("\n") + "\n\\end{verbatim}\n}"
    yield "\\end{answer}\n"


def notebook(
    written: Written,
    answers: Mapping[str, Answer] | None = None,
    extra: Mapping[str, list[dict[str, Any]]] | None = None,
) -> str:
    """Return the notebook (nbformat 4.5) as text: the template, or filled with `answers`.

    extra: cells that follow an answer.
    """
    cells = [_cell("markdown", "introduction", f"# {written.title}\n\n{written.intro}", role="text")]
    for title, questions in _parts(written):
        if title:
            cells.append(_cell("markdown", f"part-{len(cells)}", f"## {title}", role="text"))
        for question in questions:
            cells += _notebook_question(question, None if answers is None else answers.get(question.id, Answer()))
            cells += (extra or {}).get(question.id, [])
    document = {
        "cells": cells,
        "metadata": {
            METADATA: {"part": "written"},
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"},
            "language_info": {"name": "python"},
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def _notebook_question(question: Question, answer: Answer | None) -> Iterator[dict[str, Any]]:
    figures = "".join(f"\n\n![]({FIGURES}/{figure})" for figure in question.figures)
    text = f"### {heading(question)}\n\n{question.text}{figures}"
    yield _cell("markdown", f"question-{question.id}", text, question=question.id, role="question")
    lines = [f"**Answer {question.number}**", f"*{PLACEHOLDER}*" if answer is None else answer.text.strip()]
    values = {} if answer is None else answer.fields
    lines += [f"{entry.name}: {values.get(entry.name, '?')}" for entry in question.fields]
    yield _cell("markdown", f"answer-{question.id}", "\n\n".join(lines), question=question.id, role="answer")
    if question.code is not None:
        code = question.code.starter if answer is None else answer.code
        yield _cell("code", f"code-{question.id}", code.strip("\n"), question=question.id, role="answer")


def _cell(kind: str, identifier: str, source: str, **ours: str) -> dict[str, Any]:
    fixed = {} if ours["role"] == "answer" else {"editable": False, "deletable": False}
    cell: dict[str, Any] = {"cell_type": kind, "id": identifier, "metadata": {METADATA: ours, **fixed}}
    cell["source"] = source.splitlines(keepends=True)
    return cell | ({"execution_count": None, "outputs": []} if kind == "code" else {})


def _parts(written: Written) -> Iterator[tuple[str, list[Question]]]:
    """Yield the questions in their order, with the title of the audience above each run of its questions."""
    for audience, questions in groupby(written.questions, key=lambda question: question.audience):
        yield "" if audience == EVERYBODY else written.audiences[audience].title, list(questions)


def generate(written: Written) -> dict[str, str]:
    """Return the texts of the template by posix path from the student template's folder."""
    return {f"{FOLDER}/{LATEX}": latex(written), f"{FOLDER}/{NOTEBOOK}": notebook(written)}


def figure_problems(written: Written, reference: Path, template: Path) -> list[str]:
    """Return one sentence for every figure that is missing, out of date, or handed out and shown by no question.

    Only a figure that `drawings.py` names can be out of date: any other picture is the course's own.
    """
    drawings = reference / FOLDER / "drawings.py"
    source = drawings.read_bytes() if drawings.is_file() else b""
    wanted, problems = sha256(source).hexdigest(), []
    drawn = {node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)}
    shown = {figure for question in written.questions for figure in question.figures}
    folder = template / FOLDER / FIGURES
    for name in sorted(shown):
        path, file = f"{FOLDER}/{FIGURES}/{name}", folder / name
        if not file.is_file():
            remedy = f"draw it with {_DRAW}" if name in drawn else f"put the picture there ({file})"
            problems.append(f"{path}: missing; {remedy}")
        elif name in drawn and dict(png_texts(file.read_bytes())).get(DRAWN_FROM) != wanted:
            problems.append(f"{path}: out of date; draw it anew with {_DRAW}")
    handed_out = sorted(file.name for file in folder.iterdir() if file.is_file()) if folder.is_dir() else []
    return problems + [
        f"{FOLDER}/{FIGURES}/{name}: students get it, and no question shows it; delete it"
        for name in handed_out
        if name not in shown and not name.startswith(".")
    ]


def answer_problems(written: Written, reference: Path) -> list[str]:
    """Return one sentence for every answer to no question, and every question without one.

    There is none where the homework has no file of answers. Raises what `read_answers` raises.
    """
    file = reference / FOLDER / ANSWERS
    if not file.is_file():
        return []
    answers, problems = read_answers(file), []
    fields = {question.id: {entry.name for entry in question.fields} for question in written.questions}
    for name, answer in answers.items():
        if name not in fields:
            problems.append(
                f"{ANSWERS}: [{name}] is no question of {FILE_NAME}; take it out, or name the question's id"
            )
            continue
        problems += [
            f"{ANSWERS}: [{name}] fields: {one} is no field of that question"
            for one in sorted(set(answer.fields) - fields[name])
        ]
    for question in written.questions:
        answer = answers.get(question.id, Answer())
        if not (answer.text.strip() or answer.fields or answer.code.strip()):
            problems.append(f"{ANSWERS}: {question.id} has no answer; write it below [{question.id}]")
            continue
        problems += [
            f"{ANSWERS}: [{question.id}] fields: {one} is missing"
            for one in sorted(fields[question.id] - set(answer.fields))
        ]
        if question.code is not None and not answer.code.strip():
            problems.append(f"{ANSWERS}: [{question.id}] code is missing")
    return problems
