r"""No table, and nothing that is not closed, costs a LaTeX hand-in a label, or gives an answer another one's text."""

import re

import pytest

from autograder.written import latex
from tests.toolkit.written.latex_styles import WRITTEN

QUESTIONS = WRITTEN.questions
HEADS = {
    "section": lambda question: f"\\section{{Question {question.number}}}",
    "unnumbered": lambda question: f"\\section*{{Problem~{question.number}.}}\\label{{p}}",
    "bold": lambda question: f"\\noindent\\textbf{{Answer {question.number}}}\\\\",
    "old bold": lambda question: f"{{\\Large\\bf Question {question.number}}}",
    "title": lambda question: f"\\subsection{{{question.title}}}",
    "pandoc": lambda question: (
        f"\\hypertarget{{question-{question.number}}}{{%\n\\section{{Question {question.number}}}"
        f"\\label{{question-{question.number}}}}}"
    ),
    "template": lambda question: f"\\question{{{question.number}}}{{{question.title}}}{{3}}",
    "plain": lambda question: f"Question {question.number}:",
}
COLUMNS = (
    "lll", "@{}lll@{}", "p{3cm}lr", "l>{\\bfseries}lr", "l@{ }ll", "|l|*{2}{c|}", "@{\\extracolsep{\\fill}}lrr",
    ">{\\raggedright\\arraybackslash}p{(\\columnwidth - 4\\tabcolsep) * \\real{0.3333}}lr",
)  # fmt: skip
ROWS = "aaa & bbb & ccc\\\\ \\hline ddd & \\multicolumn{2}{@{}p{2cm}|}{eee}\\\\"
TABLES = {
    "tabular": "\\begin{{tabular}}{{{}}}",
    "tabular with a place": "\\begin{{tabular}}[t]{{{}}}",
    "longtable": "\\begin{{longtable}}[]{{{}}}\\toprule\\noalign{{}}\\endhead",
    "tabularx": "\\begin{{tabularx}}{{\\dimexpr\\linewidth-\\parindent{{}}}}{{{}}}",
    "tabu": "\\begin{{tabu}}{{{}}}",
    "array": "\\[\\begin{{array}}{{{}}}",
}
#: What is not closed, or is closed twice, and other things at which a parser stumbles.
STUMBLING = (
    "It costs $5.", "It costs $$5.", "It \\( is", "It \\[ is", "\\begin{align} x &= y", "\\begin{itemize}\\item it is",
    "It {is", "it} is", "it \\end{itemize}", "\\textbf{it is", "\\verb|it is", "\\left( $x$ $$", "\\begin{tabular}{ll",
    "\\textcolor{red {it is}", "\\\\ [it is",
    "\\begin{tcolorbox}[title=It is,\n  breakable, colback=red!5]\\end{tcolorbox}",
    "it\\footnote{Is \\cite{knuth}.}", "\\begin{wraptable}{r}{5.5cm}\\end{wraptable}", "the \\textbf{word}s",
    "\\begin{minipage}[b]{\\dimexpr 0.5\\linewidth\\relax}\\raggedright it is\\end{minipage}",
    "\\begin{enumerate}[label=(\\alph*),\n ref=x{y}]\\item it\\end{enumerate}", "\\parbox[t]{\\dimexpr{3cm}}{it is}",
    "\\fcolorbox{black}{red!10!white}{it is}", "\\resizebox{\\textwidth}{!}{it is}",
    "\\ifthenelse{\\equal{a}{b}}{it}{is}",
    "\\begin{adjustbox}{max width=\\textwidth, center={it}}is\\end{adjustbox}",
    "\\begin{multicols}{2}[\\section*{It is}] so \\end{multicols}", "\\def\\labelenumi{\\arabic{enumi}.}\\tightlist",
)  # fmt: skip


def strays(head, texts):
    """What is in no section, or in another one's, where each answer stands between two words of its own."""
    body = "\n\n".join(
        f"{head(question)}\n\nbegin{letter}z here.\n\n{text}\n\nend{letter}z here."
        for question, letter, text in zip(QUESTIONS, "abcdefghijklmnop", texts, strict=False)
    )
    source = f"\\documentclass{{article}}\n\\begin{{document}}\n{body}\n\\end{{document}}\n"
    sections = latex.read(source.encode(), "the LaTeX source", WRITTEN, {}, "main.tex").sections
    wrong = []
    for question, letter in zip(QUESTIONS, "abcdefghijklmnop", strict=False):
        raw = sections[question.id].raw if question.id in sections else ""
        words = re.findall(r"\b(?:begin|end)[a-p]z\b", raw)
        if words != [f"begin{letter}z", f"end{letter}z"]:
            wrong.append((question.number, words))
    return wrong, sections


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("style", HEADS)
def test_no_column_of_a_table_costs_a_label(style, table):
    begin = TABLES[table]
    end = f"\\end{{{re.match(r'.*?begin..(.*?)}', begin)[1]}}}" + ("\\]" if table == "array" else "")
    texts = [f"{begin.format(columns)} {ROWS} {end}" for columns in COLUMNS]
    wrong, sections = strays(HEADS[style], [*texts, *[""] * len(QUESTIONS)])
    assert wrong == []
    if table != "array":
        for question in QUESTIONS[: len(COLUMNS)]:
            assert "aaa | bbb | ccc" in sections[question.id].raw
            assert not re.search(r"lll|lr\b|begin\{", sections[question.id].raw)


@pytest.mark.parametrize("text", STUMBLING)
@pytest.mark.parametrize("style", [style for style in HEADS if style != "plain"])
def test_what_is_wrong_in_one_answer_costs_no_other_its_label(style, text):
    wrong, _ = strays(HEADS[style], ["", "", text, *[""] * len(QUESTIONS)])
    assert wrong == []
