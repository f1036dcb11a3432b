r"""No table, and nothing that is not closed, costs a LaTeX hand-in a label, or gives an answer another one's text."""

import re
from dataclasses import replace

import pytest

from autograder.written import latex, submission
from autograder.written.documents import Block, assemble
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


TITLES = ("The sum", "A table of layers", "K-means", "t-SNE", "Is it I?", "Ärger", "3D plots")


@pytest.mark.parametrize("page", [0, 1], ids=["text", "pdf"])
@pytest.mark.parametrize("head", ["{}) {}", "{}. {}", "({}) {}", "{} - {}", "**{}. {}**", "{}) {} (5 points)"])
@pytest.mark.parametrize("step", [1, -1], ids=["in order", "backwards"])
def test_a_number_and_the_question_s_own_title_are_its_label(head, page, step):
    asked = [
        replace(one, title=title, number=str(n))
        for n, (one, title) in enumerate(zip(QUESTIONS, TITLES, strict=False), 1)
    ]
    written = replace(WRITTEN, questions=tuple(asked))
    text = "\n".join(f"{head.format(one.number, one.title)}\nword{one.number}z here" for one in asked[::step])
    found = assemble([Block(text, page=page, place="there")], written).sections
    assert {one.number: re.findall(r"word\dz", found[one.id].raw) for one in asked if one.id in found} == {
        one.number: [f"word{one.number}z"] for one in asked
    }


@pytest.mark.parametrize("line", ["2) A few words", "2. I think so", "(2) It is so"])
def test_a_number_before_words_is_a_label_of_a_pdf(line):
    written = replace(WRITTEN, questions=tuple(replace(one, number=str(n)) for n, one in enumerate(QUESTIONS[:3], 1)))
    found = assemble([Block(f"1. The first\n{line}\n3. The last", page=1, place="page 1")], written).sections
    assert [found[one.id].text for one in written.questions] == ["The first", line.split(maxsplit=1)[1], "The last"]


def listed(points, before="", after="", options=""):
    items = "\n".join(f"\\item{point}" for point in points)
    begin = f"\\begin{{enumerate}}{options}"
    body = f"{before}\n{begin}\n{items}\n\\end{{enumerate}}\n{after}"
    head = "\\documentclass{article}\n\\title{Homework}\n\\begin{document}\n\\maketitle"
    return f"{head}\n{body}\n\\end{{document}}\n"


def points():
    return [
        f" Word{letter}z begins it. So it is, as the first one says."
        for letter, _ in zip("abcdefghijklmnop", QUESTIONS, strict=False)
    ]


@pytest.mark.parametrize("inner", [
    "", "\n\\begin{enumerate}\\item one\\item two\\end{enumerate}", "\n\\begin{itemize}\\item[--] one\\end{itemize}",
    "\n\\begin{tabular}{@{}ll@{}}aa&bb\\end{tabular}", "\n\n\\ifthenelse{\\equal{a}{b}}{it}{is}", "\nIt costs $5.\n\n",
    "\n\\begin{lstlisting}\n\\item \\end{enumerate}\n\\end{lstlisting}",
])  # fmt: skip
def test_a_list_with_a_point_for_each_question_answers_them_in_order(inner):
    texts = points()
    texts[2] += inner
    read = latex.read(listed(texts).encode(), "the LaTeX source", WRITTEN, {}, "main.tex")
    assert read.problem == ""
    assert "in order" in read.note
    for question, letter in zip(QUESTIONS, "abcdefghijklmnop", strict=True):
        section = read.sections[question.id]
        assert re.findall(r"Word.z", section.raw + section.code) == [f"Word{letter}z"]
        assert all("order of the questions" in piece.apart for piece in section.pieces)


@pytest.mark.parametrize("source", [
    listed(points()[1:]), listed([*points(), " One more."]), listed(points(), options="[resume]"),
    listed(["[a)] One", *points()[1:]]), listed(points(), after="\\section*{Exercise the last}"),
    listed(points(), before="Much else stands here. " * 200), listed(points()) .replace("enumerate", "itemize"),
    listed(points(), after="\\begin{enumerate}\\item more\\end{enumerate}"),
    listed(points()).replace("\\end{enumerate}", "", 1), listed(points(), before="\\setcounter{enumi}{3}"),
])  # fmt: skip
def test_another_list_answers_nothing(source):
    read = latex.read(source.encode(), "the LaTeX source", WRITTEN, {}, "main.tex")
    assert read.sections == {}
    assert f"`Question {QUESTIONS[0].number}`" in read.problem


def test_a_list_beside_another_document_answers_nothing():
    source = listed(points()).encode()
    others = {"main.tex": source, "other.tex": b"\\documentclass{article}\\begin{document}Question 1.1\\end{document}"}
    assert latex.read(source, "the LaTeX source", WRITTEN, others, "main.tex").sections == {}


def test_a_leftover_source_beside_one_with_every_answer_is_said_to_be_left_out(tmp_path):
    body = "\n\n".join(f"\\section{{Question {one.number}}}\n\nHere it is." for one in QUESTIONS)
    for name, text in (("main", body), ("sample", "Sample text of a journal.")):
        source = f"\\documentclass{{article}}\n\\begin{{document}}\n{text}\n\\end{{document}}\n"
        (tmp_path / f"{name}.tex").write_text(source)
    main, sample = submission.read_here(tmp_path, WRITTEN).documents
    assert (main.problem, main.answered) == ("", len(QUESTIONS))
    assert sample.problem.startswith("It was left out")
    assert [piece.text for piece in sample.outside] == ["Sample text of a journal."]
    (tmp_path / "main.tex").write_text((tmp_path / "main.tex").read_text().replace("Here it is.", "", 1))
    assert "label" in submission.read_here(tmp_path, WRITTEN).documents[1].problem
