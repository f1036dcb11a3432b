# ruff: noqa: E501  LaTeX is read as it is written
r"""The template filled in as people write LaTeX: 27 styles, each of which puts the same three words into every answer.

`python tests/toolkit/written/latex_styles.py FOLDER` writes and compiles them all, to look at.
"""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT))

from autograder.written import questions  # noqa: E402  the path comes first

WRITTEN = questions.load(ROOT)
TEMPLATE = ROOT / "student_template" / "conceptual"
SOURCE = (TEMPLATE / "conceptual.tex").read_text("utf-8")
PLACEHOLDER = "% Your answer goes here, in the place of this line."
DRAWN = (TEMPLATE / "figures" / "losses.png").read_bytes()
VALUES = {"gradient": "$(P_j - y_j)\\,x_i$", "by hand": "$-0.4$", "from A": "1", "from B": "3", "from C": "5"}


@dataclass(frozen=True)
class Style:
    """One way of writing: what an answer with three words looks like, and what the document needs for it.

    around: changes the whole source, once its answers are in it. also: files beside it, by name.
    """

    answer: Callable[[str, str, str], str]
    preamble: str = ""
    around: Callable[[str], str] = lambda source: source
    also: Mapping[str, bytes] = field(default_factory=dict)
    separately: bool = False  # each answer is a file of its own


def words(question: questions.Question) -> tuple[str, str, str]:
    """Three words that stand in no other answer, short enough to be parted nowhere."""
    letter = "abcdefghijklmnop"[WRITTEN.questions.index(question)]
    return f"qza{letter}", f"qzb{letter}", f"qzc{letter}"


def _plain(one: str, two: str, three: str) -> str:
    return f"First we {one} it. Then it is {two} again.\n\nAt the end it is {three}, as the figure shows."


def _class(name: str, options: str = "") -> Callable[[str], str]:
    return lambda source: source.replace("\\documentclass[11pt]{article}", f"\\documentclass{options}{{{name}}}")


def _beamer(source: str) -> str:
    source = _class("beamer")(source).replace("\\usepackage[margin=1in]{geometry}\n", "")
    source = re.sub(
        r"\\newcommand\{\\question\}.*", r"\\newcommand{\\question}[3]{\\textbf{Question #1: #2} (#3)\\par}", source
    )
    source = source.replace("\\maketitle", "\\begin{frame}[fragile,allowframebreaks]\\titlepage")
    parts = source.split("\\question{")
    body = [parts[0] + "\\question{" + parts[1] + "\\end{frame}"]
    frame = "\\begin{frame}[fragile,allowframebreaks]\n\\question{"
    body += [frame + part + "\\end{frame}" for part in parts[2:]]
    return "\n".join(body).replace("\\end{document}\n\\end{frame}", "\\end{frame}\n\\end{document}")


def _exam(source: str) -> str:
    """The exam class with the template's own questions: only the class and the environment of answers change."""
    return _class("exam", "[answers]")(source)


def _above_the_label(source: str) -> str:
    """Answers between the question and the label of its answer."""
    return re.sub(
        r"(\\begin\{answer\}\{[\w.]+\}\n)(First we .*?shows\.)",
        lambda match: f"{match[2]}\n\n{match[1]}",
        source,
        flags=re.DOTALL,
    )


def _below_the_end(source: str) -> str:
    """Answers behind the end of their environment."""
    return re.sub(
        r"(First we [^%]*?shows\.)(.*?\\end\{answer\}\n)",
        lambda match: f"{match[2]}\n{match[1]}\n",
        source,
        flags=re.DOTALL,
    )


def _without_environments(source: str) -> str:
    """The environments of answers, and their macros, thrown away: a bold label is left."""
    source = re.sub(r"\\begin\{answer\}\{([\w.]+)\}", r"\\textbf{Answer \1:}\\par", source)
    return re.sub(r"\\end\{answer\}", "", source)


STYLES: Mapping[str, Style] = {
    # displayed formulas
    "align": Style(
        lambda a, b, c: rf"\begin{{align}} L &= -\log P_c && \text{{{a}}} \\ &= \frac{{1}}{{2}} && \text{{{b}}} \end{{align}} Hence {c}."
    ),
    "brackets": Style(lambda a, b, c: rf"So {a} \[ \begin{{aligned}} z &= wx \\ &= 1 \end{{aligned}} \] and {b}: $$ \tfrac12 $$ {c}."),
    "cases": Style(
        lambda a, b, c: rf"\[ \frac{{\partial L}}{{\partial w}} = \begin{{cases}} P - 1 & \text{{{a}}} \\ P & \text{{{b}}} \end{{cases}} \] {c}."
    ),
    # lists
    "enumerate": Style(lambda a, b, c: rf"\begin{{enumerate}} \item[(i)] It is {a}. \item It is {b}. \item It is {c}. \end{{enumerate}}"),
    "nested": Style(
        lambda a, b, c: rf"\begin{{itemize}} \item {a} \begin{{itemize}} \item[--] {b} and more \end{{itemize}} \item {c} \end{{itemize}}"
    ),
    "description": Style(lambda a, b, c: rf"\begin{{description}} \item[{a}] is {b}. \item[Then] it is {c}. \end{{description}}"),
    # tables
    "tabular": Style(lambda a, b, c: rf"\begin{{tabular}}{{|l|c|r|}} \hline {a} & {b} & $x^2$ \\ \hline \end{{tabular}} so {c}."),
    "float": Style(
        lambda a, b, c: rf"\begin{{table}}[h] \centering \caption{{It is {a}.}} \begin{{tabular}}{{lp{{3cm}}}} \toprule {b} & yes \\"
        rf" \bottomrule \end{{tabular}} \end{{table}} So {c}.",
        "\\usepackage{booktabs,float}\\restylefloat{table}\\floatplacement{table}{H}",
    ),
    "tabularx": Style(
        lambda a, b, c: rf"\begin{{tabularx}}{{\textwidth}}{{lX}} {a} & \multicolumn{{1}}{{l}}{{{b}}} \\ 1 & {c} \end{{tabularx}}",
        "\\usepackage{tabularx}",
    ),
    # as typed
    "verbatim": Style(lambda a, b, c: f"\\begin{{verbatim}}\n{a} = 1  # 100 %\n    {b} = \\frac{{1}}\n\\end{{verbatim}}\nIt is {c}."),
    "listing": Style(
        lambda a, b, c: f"It is \\lstinline|{a}|.\n\\begin{{lstlisting}}[language=Python]\ndef {b}(x): return x\n\\end{{lstlisting}}\n{c}",
        "\\usepackage{listings}",
    ),
    "fancy": Style(
        lambda a, b, c: f"It is \\verb+{a}+.\n\\begin{{Verbatim}}[frame=single]\n{b} $x$\n\\end{{Verbatim}}\n{{\\ttfamily {c}}}",
        "\\usepackage{fancyvrb}",
    ),
    # macros of one's own
    "macros": Style(
        lambda a, b, c: rf"\claim{{{a}}}{{{b}}} \so \maybe{{{c}}}",
        "\\newcommand{\\claim}[2]{\\textbf{#1} is #2.}\\newcommand{\\maybe}[2][really]{#1 #2}\\def\\so{so}",
    ),
    "environment": Style(
        lambda a, b, c: rf"\begin{{work}}[Sketch] {a} \big({b}\big) \end{{work}} \begin{{note}} {c} \end{{note}}",
        "\\newenvironment{work}[1][Work]{\\par\\textit{#1.}}{\\hfill$\\square$}\\newenvironment{note}{\\begin{quote}}{\\end{quote}}"
        "\\usepackage{amssymb}",
    ),
    "theorem": Style(
        lambda a, b, c: rf"\begin{{claim}}[{a}] It is {b}. \end{{claim}} \begin{{proof}} It is {c}. \end{{proof}}",
        "\\usepackage{amsthm}\\newtheorem{claim}{Claim}",
    ),
    # figures
    "figure": Style(
        lambda a, b, c: rf"{a} \begin{{figure}}[H] \centering \includegraphics[width=3cm]{{mine}} \caption{{It is {b}.}} \end{{figure}} {c}",
        "\\usepackage{float}",
        also={"mine.png": DRAWN},
    ),
    "beside": Style(
        lambda a, b, c: rf"\begin{{minipage}}{{0.5\textwidth}} {a} \end{{minipage}}\begin{{minipage}}[t]{{0.4\textwidth}}"
        rf" \includegraphics[width=2cm]{{mine.png}} {b} \end{{minipage}} {c}",
        also={"mine.png": DRAWN},
    ),
    "tikz": Style(
        lambda a, b, c: rf"\begin{{tikzpicture}} \node (a) at (0,0) {{{a}}}; \node[draw] (b) at (3,0) {{{b}}}; \draw[->] (a) -- (b);"
        rf" \end{{tikzpicture}} {c}",
        "\\usepackage{tikz}",
    ),
    # layouts
    "columns": Style(_plain, around=_class("article", "[11pt,twocolumn]")),
    "beamer": Style(_plain, around=_beamer),
    "exam": Style(_plain, around=_exam),
    # files and boxes
    "input": Style(_plain, separately=True),
    "boxes": Style(
        lambda a, b, c: rf"\begin{{tcolorbox}}[title={{{a}}}] {b} \end{{tcolorbox}} \fbox{{{c}}}", "\\usepackage{tcolorbox}"
    ),
    "accents": Style(
        lambda a, b, c: rf"F\"ur {a} gr\"o\ss er, na\"\i ve, \v{{c}}esky \emph{{{b}}} \textcolor{{red}}{{{c}}} für größer.",
        "\\usepackage[T1]{fontenc}\\usepackage{lmodern,xcolor}",
    ),
    # answers out of their place
    "above": Style(_plain, around=_above_the_label),
    "below": Style(_plain, around=_below_the_end),
    "bold": Style(_plain, around=_without_environments),
}  # fmt: skip


def files(name: str) -> dict[str, bytes]:
    """The files of one style by name; its main file is `main.tex`."""
    style = STYLES[name]
    source, also = SOURCE, dict(style.also)
    for question in WRITTEN.questions:
        head, label, tail = source.partition(f"\\begin{{answer}}{{{question.number}}}\n")
        answer = style.answer(*words(question))
        if style.separately:
            also[f"answers/{question.id}.tex"] = answer.encode()
            answer = f"\\input{{answers/{question.id}}}"
        tail = tail.replace(PLACEHOLDER, answer, 1)
        for one in question.fields:
            tail = tail.replace(
                f"\\field{{{one.name}}}{{?}}", f"\\field{{{one.name}}}{{{VALUES.get(one.name, '(n, m)')}}}", 1
            )
        source = head + label + tail
    source = source.replace("\\title{", f"{style.preamble}\n\\title{{", 1)
    return {"main.tex": style.around(source).encode(), **also}


def write(name: str, folder: Path) -> None:
    """Write one style's files, and the figures of the template, into `folder`."""
    for path, content in files(name).items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    (folder / "figures").mkdir(exist_ok=True)
    for figure in (TEMPLATE / "figures").iterdir():
        (folder / "figures" / figure.name).write_bytes(figure.read_bytes())


def compile_here(folder: Path) -> Path:
    """Compile `main.tex`; raises CalledProcessError with what TeX says where that fails."""
    command = ["pdflatex", "-interaction=batchmode", "-halt-on-error", "main.tex"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True, timeout=120)
    return folder / "main.pdf"


if __name__ == "__main__":
    for style in STYLES:
        target = Path(sys.argv[1]) / style
        target.mkdir(parents=True, exist_ok=True)
        write(style, target)
        print(compile_here(target), flush=True)
