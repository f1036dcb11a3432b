"""Every block of Markdown that a notebook shows is set in LaTeX, or refused with its place; the answers stay found."""

import re
from collections import Counter
from dataclasses import replace
from pathlib import Path

import pytest

from autograder.base.errors import AssignmentError
from autograder.written import markdown_latex, questions, templates
from autograder.written.submission import read_here

ROOT = Path(__file__).resolve().parents[3]
WRITTEN = questions.load(ROOT)

TABLE = """Fill in the table for a batch of 32, with $|x| \\leq 1$ as input.

| Layer | output shape | parameters |
|:---|:---:|---:|
| Dense(784, 128) | ? | $a_1 | b$ |
| `relu_1` & *more* | 50% | ? |

Then say why."""
LONG_TABLE = """Compare the methods.

| Method | What it does with the gradient of every single weight | Why that may fail |
|---|---|---|
| Momentum | It keeps a mean of the gradients, which forgets slowly | It may go past a minimum |
| Adam | It divides by the root of the mean of the squares | It may not settle at all |
"""
LISTS = """Answer each of these:

- the first point, which
  goes on in a second line
- the second with $x^2$
  1. a numbered one
  2. and another

3) begins at three
4) [in brackets] goes on

Then say why."""
CODE = """Look at this function:

```python
def f(x):  # 100 % of $5
    return {"a": x ** 2}
```

    indented = "code"

What does `f(x) % 2` return, and what `f_1`?"""
QUOTE = """# What they said

> Nobody *ever* said **that**.

As [the page](https://example.org/a_b?c=1) and <https://example.org> say; it costs \\$5, & more_than that.

---

Is $5 < 6$, or 5 < 4? Write about **`both`** and __more__.

$$
\\sum_i x_i
$$

\\begin{align}
a &= b \\\\
c &= d
\\end{align}
"""
TEXTS = {"table": TABLE, "wide": LONG_TABLE, "lists": LISTS, "code": CODE, "quote": QUOTE}


def with_text(text, identifier="gradient"):
    """written.toml with another text of a question, in the midst of the others."""
    return replace(
        WRITTEN,
        questions=tuple(replace(one, text=text.strip()) if one.id == identifier else one for one in WRITTEN.questions),
    )


def check_balance(source):
    """Environments, braces and dollar signs match, outside of verbatim text."""
    body = source[source.index("\\begin{document}") :]
    plain = re.sub(r"\\begin\{verbatim\}.*?\\end\{verbatim\}", "", body, flags=re.DOTALL)
    plain = re.sub(r"\\[^a-zA-Z]", "", plain)
    opened = []
    for kind, name in re.findall(r"\\(begin|end)\{(\w+\*?)\}", plain):
        if kind == "begin":
            opened.append(name)
        else:
            assert opened.pop() == name, name
    assert not opened
    assert plain.count("{") == plain.count("}")
    assert plain.count("$") % 2 == 0


@pytest.mark.parametrize("name", TEXTS)
def test_a_question_with_any_block_is_set_and_the_template_still_answers_nothing(name, tmp_path):
    written = with_text(TEXTS[name])
    check_balance(templates.latex(written))
    for file, text in ((templates.LATEX, templates.latex(written)), (templates.NOTEBOOK, templates.notebook(written))):
        folder = tmp_path / file
        folder.mkdir()
        (folder / file).write_text(text, "utf-8")
        sections = read_here(folder, written).sections
        assert set(sections) == {question.id for question in written.questions}
        assert [identifier for identifier, (section, *_) in sections.items() if section.answered] == [], file


@pytest.mark.parametrize("name", TEXTS)
def test_an_answer_below_any_block_is_found_whole_and_alone(name, tmp_path):
    written = with_text(TEXTS[name])
    answers = {
        question.id: templates.Answer(f"Begin{index} of it.\n\n{TEXTS[name]}\n\nThe end{index}.")
        for index, question in enumerate(written.questions)
    }
    source = templates.latex(written, answers)
    check_balance(source)
    (tmp_path / templates.LATEX).write_text(source, "utf-8")
    sections = read_here(tmp_path, written).sections
    for index, question in enumerate(written.questions):
        text = sections[question.id][0].text
        found = Counter(re.findall(r"(?:Begin|end)\d+\b", text))
        assert found == {f"Begin{index}": 1, f"end{index}": 1}


def test_a_table_is_a_tabular_with_its_sides_and_no_raw_pipes():
    made = markdown_latex.to_latex(TABLE)
    assert r"\begin{tabular}{lcr}" in made
    assert "Layer & output shape & parameters \\\\\n\\hline\nDense(784, 128) & ? & $a_1 | b$ \\\\" in made
    assert "\\code{relu_1} \\& \\emph{more} & 50\\% & ? \\\\" in made
    assert "$|x| \\leq 1$" in made
    assert "|---" not in made
    assert "p{0." in markdown_latex.to_latex(LONG_TABLE)


def test_lists_code_quotations_and_links_are_set():
    lists, code, quote = (markdown_latex.to_latex(one) for one in (LISTS, CODE, QUOTE))
    assert "\\begin{itemize}\n\\item the first point, which\ngoes on in a second line" in lists
    assert "\\setcounter{enumi}{2}" in lists
    assert "\\item {}[in brackets]" in lists
    assert '    return {"a": x ** 2}\n\\end{verbatim}' in code
    assert "\\texttt{f(x) \\% 2}" in code
    assert "\\code{f_1}" in code
    assert "\\begin{quote}\nNobody \\emph{ever} said \\textbf{that}.\n\\end{quote}" in quote
    assert "the page (\\texttt{https://example.org/a\\_b?c=1}) and https://example.org say" in quote
    assert "costs \\$5, \\& more\\_than that" in quote
    assert "$5 < 6$, or 5 \\textless{} 4? Write about \\textbf{\\code{both}} and \\textbf{more}" in quote
    assert "$$\n\\sum_i x_i\n$$" in quote


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Look: ![a face](faces.png)", "a picture in a text (faces.png). Name it in `figures`"),
        ("One<br>two", "HTML ('<br>')"),
        ("<table><tr><td>1</td></tr></table>", "HTML"),
        ("```\n\\end{verbatim}\n```", "verbatim"),
        ("It costs $5.", "no formula ends what begins at '$5.'"),
        ("$\\frac{\\partial L{\\partial z_i}$", "braces of the formula"),
        ("$a}{b$", "braces of the formula"),
        ("$\\left( x$", "as many \\left as \\right"),
    ],
)
def test_what_a_page_cannot_show_is_refused_with_file_table_and_key(text, said):
    with pytest.raises(AssignmentError) as error:
        templates.generate(with_text(text))
    assert str(error.value).startswith("written.toml: [question gradient] text: ")
    assert said in str(error.value)


def test_dollar_signs_in_code_and_behind_a_backslash_are_no_formulas():
    assert markdown_latex.to_latex("`$x` and \\$5 and `{$`") == "\\code{$x} and \\$5 and \\texttt{\\{\\$}"
