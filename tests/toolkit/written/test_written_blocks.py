"""No word of a document is lost: every block belongs to a question, or stands outside of every one."""

import json
import re
from collections import Counter
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.written import latex_source, questions, reader_process
from autograder.written.documents import ABOVE, BELOW
from autograder.written.submission import read_here
from autograder.written.template_blocks import OwnBlocks

ROOT = Path(__file__).resolve().parents[3]
TEMPLATE = ROOT / "student_template" / "conceptual"
WRITTEN = questions.load(ROOT)
SOURCE = (TEMPLATE / "conceptual.tex").read_text("utf-8")
NOTEBOOK = json.loads((TEMPLATE / "conceptual.ipynb").read_text("utf-8"))
PLACEHOLDER = "% Your answer goes here, in the place of this line."
FREELY = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def read(tmp_path):
    def run(**files):
        folder = tmp_path / "in"
        folder.mkdir(exist_ok=True)
        for path in folder.iterdir():
            path.unlink()
        for name, text in files.items():
            (folder / name.replace("__", ".")).write_text(text, "utf-8")
        return read_here(folder, WRITTEN)

    return run


def shown(submission):
    """Every text of a hand-in that a page shows."""
    texts = []
    for document in submission.documents:
        texts += [piece.text for piece in document.outside]
        for section in document.sections.values():
            texts += [piece.text for piece in section.pieces]
            texts += list(section.fields.values())
    return "\n".join(texts)


def answered(number, text):
    """The template with an answer in the place of a placeholder."""
    head, label, tail = SOURCE.partition(f"\\begin{{answer}}{{{number}}}\n")
    assert label
    return head + label + tail.replace(PLACEHOLDER, text, 1)


BODY = SOURCE.index("\\begin{document}") + len("\\begin{document}")
# Between two words, outside of commands' arguments, formulas and comments.
GAPS = [
    BODY + match.start()
    for match in re.finditer(r"(?<=[a-z,.]) (?=[a-z])|\n(?=\n)", SOURCE[BODY:])
    if (line := SOURCE[SOURCE.rfind("\n", 0, BODY + match.start()) + 1 :].split("\n")[0])
    and not line.lstrip().startswith(("\\", "%"))
    and line.count("$", 0, BODY + match.start() - SOURCE.rfind("\n", 0, BODY + match.start()) - 1) % 2 == 0
    and "{" not in line.replace("\\code{", "").partition("$")[0]
]


@FREELY
@given(places=st.lists(st.sampled_from(GAPS), min_size=1, max_size=6, unique=True))
def test_every_word_that_is_added_to_the_latex_source_is_shown_once(places, read):
    source, words = SOURCE, []
    for number, place in enumerate(sorted(places, reverse=True)):
        words.append(f"zq{'abcdefgh'[number]}zq")
        source = f"{source[:place]} {words[-1]} {source[place:]}"
    found = Counter(re.findall(r"zq[a-h]zq", shown(read(main__tex=source))))
    assert found == Counter(words)


@FREELY
@given(
    data=st.lists(
        st.tuples(st.integers(0, len(NOTEBOOK["cells"]) - 1), st.sampled_from(["above", "start", "end", "cell"])),
        min_size=1,
        max_size=6,
    )
)
def test_every_word_that_is_added_to_the_notebook_is_shown_once(data, read):
    document, words = json.loads(json.dumps(NOTEBOOK)), []
    for number, (index, how) in enumerate(sorted(data, reverse=True)):
        words.append(f"zq{'abcdefgh'[number]}zq")
        cell = document["cells"][index]
        if how == "cell":
            new = {"cell_type": "markdown", "id": f"own{number}", "metadata": {}, "source": f"It is {words[-1]}."}
            document["cells"].insert(index + 1, new)
        elif how == "start":
            cell["source"] = [f"# {words[-1]}\n", *cell["source"]]
        elif how == "above":
            first, *rest = cell["source"]
            cell["source"] = [first, f"\n\n{words[-1]}\n\n", *rest]
        else:
            cell["source"] = [*cell["source"], f" {words[-1]}"]
    found = Counter(re.findall(r"zq[a-h]zq", shown(read(main__ipynb=json.dumps(document)))))
    assert found == Counter(words)


def test_an_answer_may_repeat_what_the_question_says(read):
    claim = r"Therefore $\frac{\partial L}{\partial w_{ij}} = (P_j - 1)\,x_i$ where $j = c$, and $P_j\,x_i$ elsewhere."
    section = read(main__tex=answered("1.1", claim)).sections["update-rule"][0]
    assert section.text == claim


@pytest.mark.parametrize("environment", ["align", "align*", "equation", "gather*", "multline", "eqnarray*"])
def test_a_displayed_derivation_is_kept_whole(read, environment):
    formula = r"\frac{\partial L}{\partial w_{ij}} &= \frac{\partial L}{\partial z_j}\,x_i \\ &= (P_j - y_j)\,x_i"
    answer = f"By the chain rule\n\\begin{{{environment}}}\n{formula}\n\\end{{{environment}}}\nas claimed."
    section = read(main__tex=answered("1.1", answer)).sections["update-rule"][0]
    assert formula in section.text
    assert section.text.startswith("By the chain rule") and section.text.endswith("as claimed.")


@pytest.mark.parametrize(
    ("change", "apart"),
    [
        (lambda text: SOURCE.replace("\\begin{answer}{2}", f"{text}\n\n\\begin{{answer}}{{2}}"), ABOVE),
        (lambda text: SOURCE.replace("\\question{3.1}", f"{text}\n\n\\question{{3.1}}"), BELOW),
    ],
)
def test_an_answer_out_of_its_place_belongs_to_the_nearest_question_which_says_so(read, change, apart):
    section = read(main__tex=change("Yes, it can.")).sections["losses"][0]
    assert [(piece.text, piece.apart) for piece in section.pieces] == [("Yes, it can.", apart)]


def test_what_stands_above_the_first_question_is_outside_of_every_one(read):
    (document,) = read(main__tex=SOURCE.replace("\\maketitle", "\\maketitle\nWe used no late days.")).documents
    assert document.outside[0].text.startswith("We used no late days.")


def test_files_that_the_source_includes_are_read_in_their_place(read):
    files = {f"part{index}__tex": f"Included answer {index}." for index in range(12)}
    numbers = [question.number for question in WRITTEN.questions][:12]
    source = SOURCE
    for index, number in enumerate(numbers):
        head, label, tail = source.partition(f"\\begin{{answer}}{{{number}}}\n")
        source = head + label + tail.replace(PLACEHOLDER, f"\\{'input' if index % 2 else 'include'}{{part{index}}}", 1)
    # The main file is read, wherever its name comes in the alphabet.
    submission = read(zz__tex=source, **files)
    assert [document.kind for document in submission.documents] == ["latex"]
    for index, number in enumerate(numbers):
        identifier = next(question.id for question in WRITTEN.questions if question.number == number)
        assert f"Included answer {index}." in submission.sections[identifier][0].text


def test_a_file_that_only_a_comment_includes_is_read_by_itself(read):
    answers = "\\documentclass{article}\\begin{document}\nQuestion 2\n\nIt is flat.\n\\end{document}"
    submission = read(main__tex=SOURCE.replace("\\maketitle", "\\maketitle\n% \\input{mine}"), mine__tex=answers)
    assert submission.sections["losses"][0].text == "It is flat."


def test_of_thirty_files_the_document_is_read_and_the_number_of_the_others_is_told(read):
    files = {f"part{index}__tex": f"\\section{{Part {index}}} A draft." for index in range(30)}
    submission = read(zz__tex=answered("2", "It saturates."), **files)
    assert [document.label for document in submission.documents] == ["the LaTeX source"]
    assert submission.sections["losses"][0].text == "It saturates."
    assert submission.notes == ("30 LaTeX files were not read, as no document includes any of them by \\input.",)


def test_a_file_with_answers_is_read_though_no_document_includes_it(read):
    part = "\\begin{answer}{2}\nIt saturates.\n\\end{answer}"
    submission = read(main__tex=SOURCE, part__tex=part)
    assert submission.sections["losses"][0].text == "It saturates."


@pytest.mark.parametrize(
    ("begin", "preamble"),
    [
        ("\\begin{lstlisting}[language=Python]", ""),
        ("\\begin{minted}{python}", ""),
        ("\\begin{Verbatim}[frame=single]", ""),
        ("\\begin{mycode}", "\\lstnewenvironment{mycode}[1][]{\\lstset{#1}}{}"),
        ("\\begin{mycode}", "\\DefineVerbatimEnvironment{mycode}{Verbatim}{fontsize=\\small}"),
        ("\\begin{pythoncode}", "\\newminted{python}{linenos}"),
    ],
)
def test_a_listing_ends_where_its_own_environment_does(read, begin, preamble):
    end = begin.replace("begin", "end").partition("}")[0] + "}"
    source = answered("2", f"Above.\n{begin}\nx = {{1}}  # 100 %\n{end}\nBelow.")
    sections = read(main__tex=source.replace("\\title", f"{preamble}\n\\title", 1)).sections
    assert sections["losses"][0].text == "Above.\n\nBelow."
    assert sections["losses"][0].code == "x = {1}  # 100 %"
    assert len(sections) == len(WRITTEN.questions)


UPDATE = "def update(w, x, c, alpha):\n    p = w - 1 # a < b_1, 5 %\n    return p"
PANDOC = r"""\begin{Shaded}
\begin{Highlighting}[]
\KeywordTok{def}\NormalTok{ update(w, x, c, alpha):}
\NormalTok{    p }\OperatorTok{=}\NormalTok{ w }\OperatorTok{{-}} \DecValTok{1} \CommentTok{\# a \textless{} b\_1, 5 \%}
\NormalTok{    }\ControlFlowTok{return}\NormalTok{ p}
\end{Highlighting}
\end{Shaded}"""


@pytest.mark.parametrize(
    ("answer", "preamble"),
    [
        (PANDOC, r"\DefineVerbatimEnvironment{Highlighting}{Verbatim}{commandchars=\\\{\}}"),
        (f"\\begin{{lstlisting}}[\n  language=Python,\n  caption={{Mine [a]}}]\n{UPDATE}\n\\end{{lstlisting}}", ""),
        (f"\\begin{{minted}}[linenos,\n  breaklines\n]{{python}}\n{UPDATE}\n\\end{{minted}}", ""),
        ("    \\begin{verbatim}\n    " + UPDATE.replace("\n", "\n    ") + "\n\n    \\end{verbatim}", ""),
        ("\\lstinputlisting[language=Python]{code/update.py}", ""),
        ("\\inputminted{python}{update.py}", ""),
    ],
)
def test_code_is_the_same_whatever_sets_it(read, answer, preamble):
    source = answered("1.2", answer).replace("\\title{", f"{preamble}\n\\title{{", 1)
    submission = read(main__tex=source, update__py=UPDATE + "\n")
    assert submission.sections["update-step"][0].code.rstrip() == UPDATE


@pytest.mark.parametrize(
    ("typed", "shown"),
    [(r"-\frac{2}{5}", r"-\frac{2}{5}"), (r"-4\cdot 10\textsuperscript{-1}", r"-4\cdot 10^{-1}")],
)
def test_a_formula_that_lacks_its_dollars_stays_as_it_was_typed(read, typed, shown):
    section = read(main__tex=SOURCE.replace("\\field{by hand}{?}", f"\\field{{by hand}}{{{typed}}}")).sections[
        "update-step"
    ][0]
    assert section.fields["by hand"] == shown


def test_a_percent_sign_in_code_within_a_line_begins_no_comment(read):
    answer = (
        r"It is \lstinline{a % b}, \mintinline{python}{c % d}, \lstinline[language=Python]|e % f| and \verb+g % h+."
    )
    section = read(main__tex=answered("2", answer)).sections["losses"][0]
    assert section.text == "It is `a % b`, `c % d`, `e % f` and `g % h`."


def test_a_command_ends_before_what_a_macro_or_the_next_line_begins_with(read):
    macros = r"\newcommand{\mine}{my words}\newcommand{\loss}{L}\newcommand{\pd}[2]{\frac{\partial#1}{\partial#2}}"
    answer = "\\noindent%\nFirst. \\begin{itemize}\\item\\mine\\end{itemize} $\\partial\\loss=\\pd{\\loss}{w}$"
    section = read(main__tex=answered("2", answer).replace("\\title{", f"{macros}\n\\title{{", 1)).sections["losses"][0]
    assert "First." in section.text and "- my words" in section.text
    assert r"$\partial L=\frac{\partial L}{\partial w}$" in section.text


def test_operators_of_the_authors_own_are_macros(read):
    macros = r"\DeclareMathOperator{\softmax}{softmax}\DeclarePairedDelimiter{\norm}{\lVert}{\rVert}"
    source = answered("2", r"$\softmax(z)$ and $\norm{w}$").replace("\\title{", f"{macros}\n\\title{{", 1)
    assert read(main__tex=source).sections["losses"][0].text == (r"$\operatorname{softmax}(z)$ and $\lVert w \rVert$")


def test_the_parts_of_an_answer_are_no_questions(read):
    answer = "\\paragraph{Part 1}\nBoth cases.\n\n\\paragraph{Part 2}\nOne expression."
    sections = read(main__tex=answered("1.1", answer)).sections
    assert "One expression." in sections["update-rule"][0].text
    assert not sections["losses"][0].answered


def test_highlighted_code_of_an_exported_notebook_is_plain_code(read):
    code = "\\PY{k}{def} \\PY{n+nf}{f}\\PY{p}{(}x\\PYZus{}1\\PY{p}{)}"
    listing = f"\\begin{{Verbatim}}[commandchars=\\\\\\{{\\}}]\n{code}\n\\end{{Verbatim}}"
    assert read(main__tex=answered("2", listing)).sections["losses"][0].code == "def f(x_1)"


@pytest.mark.parametrize(
    ("answer", "shown"),
    [
        ("\\begin{claim}[Convexity] It is. \\end{claim}", "Convexity"),
        ("\\begin{tcolorbox}[title={My idea}, colback=red] It is. \\end{tcolorbox}", "My idea"),
    ],
)
def test_the_title_of_a_theorem_or_a_box_is_kept(read, answer, shown):
    text = read(main__tex=answered("2", answer)).sections["losses"][0].text
    assert shown in text and "It is." in text and "colback" not in text


def test_macros_of_the_authors_own_are_expanded(read):
    source = answered("1.1", r"\claim{w_{ij}} holds, \so{} \twice{it}.").replace(
        "\\begin{document}",
        "\\newcommand{\\claim}[1]{$\\frac{\\partial L}{\\partial #1}$}\n\\def\\so{hence}\n"
        "\\newcommand\\twice[2][very]{#1 #1 #2}\n\\begin{document}",
    )
    text = read(main__tex=source).sections["update-rule"][0].text
    assert text == r"$\frac{\partial L}{\partial w_{ij}}$ holds, hence very very it."


def test_the_exam_class_is_read(read):
    source = r"""\documentclass[answers]{exam}
\begin{document}
\begin{questions}
\question[10] The update rule.
\begin{parts}
\part[5] Derive it.
\begin{solution} By the chain rule. \end{solution}
\part Write it as a function.
\begin{solution} With an outer product. \end{solution}
\end{parts}
\question Mean squared error?
\begin{solution} It saturates. \end{solution}
\end{questions}
\end{document}"""
    sections = read(main__tex=source).sections
    assert "By the chain rule." in sections["update-rule"][0].text
    assert "With an outer product." in sections["update-step"][0].text
    assert "It saturates." in sections["losses"][0].text


def test_comments_are_no_answer_and_percent_signs_are(read):
    source = answered("2", "It reaches 95\\% of them. % TODO: more\n\\begin{comment}\nold text\n\\end{comment}\nDone.")
    text = read(main__tex=source).sections["losses"][0].text
    assert "95% of them." in text and "Done." in text
    assert "TODO" not in text and "old text" not in text


def test_a_figure_that_a_macro_shows_is_no_document(read):
    macro = r"\newcommand{\fig}[1]{\includegraphics[width=3cm]{figs/#1}}"
    source = answered("2", r"\fig{plot}").replace("\\title{", f"{macro}\n\\title{{", 1)
    submission = read(main__tex=source, plot__pdf="%PDF-1.4", main__pdf="%PDF-1.4")
    assert [document.label for document in submission.documents] == ["the LaTeX source", "the PDF"]


def test_a_figure_that_the_source_includes_is_no_document(read, tmp_path):
    folder = tmp_path / "figure"
    folder.mkdir()
    (folder / "main.tex").write_text(answered("2", "\\includegraphics{plot.pdf}"), "utf-8")
    (folder / "plot.pdf").write_bytes((ROOT / "reference" / "conceptual" / "solution.pdf").read_bytes())
    submission = read_here(folder, WRITTEN)
    assert [document.kind for document in submission.documents] == ["latex"]
    assert submission.sections["losses"][0].pictures[0].content.startswith(b"%PDF")


def test_a_source_that_cannot_be_parsed_keeps_the_student_s_pictures_and_not_the_question_s(read):
    answer = "\\begin{center}\\includegraphics[width=2cm]{mine.png}\\end{center} The brace } and \\oops{one}{two}."
    submission = read(main__tex=answered("2", answer), mine__png="mine", losses__png="the question's")
    section = submission.sections["losses"][0]
    assert [picture.content for picture in section.pictures] == [b"mine"]
    assert section.text == "The brace } and \\oops{one}{two}."


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        (r"One.\\[1em]Two.", "One.\nTwo."),
        (r"\begin{subfigure}{0.4\textwidth}One.\end{subfigure}", "One."),
        (r"\begin{CJK*}{UTF8}{gbsn}中文\end{CJK*} \foreignlanguage{german}{Größe}", "中文\nGröße"),
    ],
)
def test_a_length_and_a_language_are_no_words(read, typed, shown):
    assert read(main__tex=answered("2", typed)).sections["losses"][0].text == shown


def test_a_broken_source_is_shown_as_it_was_typed(read):
    source = answered("2", "It {is $broken \\begin{align} and }goes \\[ on.")
    found = shown(read(main__tex=source))
    for word in ("broken", "goes", "on."):
        assert word in found


@pytest.mark.parametrize("broken", [r"\frac{1}{ unclosed", r"\begin{align} x &= 1 \\ unclosed", r"\textbf{unclosed"])
def test_what_is_not_closed_in_one_answer_swallows_no_other(read, broken):
    source = answered("1.1", broken)
    for number in ("2", "3.1"):
        head, label, tail = source.partition(f"\\begin{{answer}}{{{number}}}\n")
        source = head + label + tail.replace(PLACEHOLDER, f"It falls $x$ in {number}.", 1)
    sections = read(a__tex=source).sections
    assert "unclosed" in sections["update-rule"][0].text
    assert sections["losses"][0].text == "It falls $x$ in 2."
    assert sections["gradient"][0].text == "It falls $x$ in 3.1."


def test_a_table_keeps_its_rows_and_columns(read):
    table = r"\begin{tabular}{lc} loss & slope \\ \hline MSE & small \\ both \\ \end{tabular} So it is."
    assert read(a__tex=answered("2", table)).sections["losses"][0].text == (
        "loss | slope\n--- | ---\nMSE | small\nboth |\n\nSo it is."
    )


def test_macros_that_grow_without_end_come_to_one():
    text = r"\newcommand{\a}{\b\b}\newcommand{\b}{\a\a}\begin{document}\a rest"
    assert latex_source.read("m", {"m": text}).text.endswith("rest")


@pytest.mark.cases
@pytest.mark.parametrize(
    "piece",
    ["\\question{", "{", "$", "\\begin{a}", "\\(", "%\n", "\\iffalse ", "\\verb|", "\\newcommand{\\a}{", "&", "-"],
)
def test_a_source_of_hostile_size_comes_to_an_end(tmp_path, piece):
    source = "\\documentclass{article}\\begin{document}" + piece * (400_000 // len(piece))
    (tmp_path / "a.tex").write_text(source)
    (document,) = reader_process.read(tmp_path / "a.tex", WRITTEN).documents
    assert document.problem


def test_lines_that_are_numbers_alone_are_no_labels_of_a_pdf():
    from autograder.written.documents import Block, assemble

    ticks = "0.0\n1.1\n1.2\n2\n3\nloss\nepoch"
    found = assemble([Block(ticks, page=1, place="page 1")], WRITTEN)
    assert found.sections == {}
    assert "epoch" in found.outside[0].text


def test_a_word_that_the_template_has_too_stays_in_a_pdf_and_the_templates_lines_do_not():
    own = OwnBlocks(WRITTEN).of(WRITTEN.question("losses"))
    assert own.flags_in_pdf(["mean", "It saturates."]) == [False, False]
    lines = [
        "Mean squared error and cross-entropy 6 points",
        "Can a classifier be trained with the mean",
        "It saturates.",
    ]
    assert own.flags_in_pdf(lines) == [True, True, False]


def test_a_question_s_formulas_are_the_template_s_however_a_pdf_joins_them():
    own = OwnBlocks(WRITTEN).of(WRITTEN.question("update-rule"))
    lines = [
        "The update rule (11 points)",
        "A network has one linear layer and a softmax: logits 𝑧𝑗 = ∑𝑖 𝑤𝑖𝑗𝑥𝑖, probabilities",
        "𝑃𝑗 = 𝑒",
        "𝑧𝑘 . For an input 𝑥 of class 𝑐 the loss is 𝐿 = − log𝑃𝑐",
        ". Derive that ∂𝐿",
    ]
    assert own.flags_in_pdf([*lines, "By the chain rule."]) == [True] * 5 + [False]
