"""The blocks of a LaTeX document: its answers, headings, pictures and plain text."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import PurePosixPath
from types import MappingProxyType
from typing import Any, Final

from autograder.written import latex_source
from autograder.written.documents import PICTURE, Block, Picture
from autograder.written.labels import Label
from autograder.written.latex_heads import EXAM_LEVELS, HEADINGS, count_on, numbered
from autograder.written.latex_letters import ACCENTS, LETTERS, SYMBOLS, compose
from autograder.written.latex_nodes import (
    MATH,
    after_options,
    group_from,
    groups_at,
    parse,
    plain,
    source_of,
    unwrap_label,
)
from autograder.written.templates import FIGURES

PARSE_SECONDS: Final = 6.0
_FRONT: Final = re.compile(r"\\(title|author|date|subtitle|institute)\s?(?:\[[^\]\n]{0,200}\])?\s?\{")
_PLACEMENT: Final = re.compile(r"[!hHtbpcrlsmiIaA\s\d().,:-]{0,12}(?:\\[a-z]+)?")  # of a float, a box, or a length
_SHOWN_KEY: Final = re.compile(
    r"\b(?:title|subtitle|caption|name|frametitle|[xyz]label|legend entries|pin|text)\s*=\s*(\{[^{}]*\}|[^,\]]*)"
)
_TABLES: Final = frozenset(("tabular", "tabular*", "tabularx", "tabulary", "longtable", "xltabular", "tblr",
    "tabu", "longtabu", "longtblr", "talltblr", "NiceTabular", "supertabular"))  # fmt: skip
_ANSWERS: Final = frozenset(("solution", "solutions", "answer", "solutionorbox", "solutionbox", "response"))
_BREAKS: Final = frozenset(("par", "newline", "newpage", "clearpage", "bigskip", "medskip", "smallskip", "maketitle",
    "linebreak", "pagebreak", "hfill", "tabularnewline", "hline", "indent", "noindent"))  # fmt: skip


_OPTION: Final = re.compile(
    r"\A\\begin\s?\{[^{}\n]{0,60}\}\s?\[((?:[^\[\]{}\n]|\n(?![ \t]{0,40}\n)|\{[^{}\n]{0,200}\}){1,600})\]"
)
_LENGTH: Final = re.compile(
    r"\A\s{0,40}(?:\*\s{0,40})?(?:\[\s{0,40}(?:[-+]?[\d.]{1,20}\s{0,40}(?:[a-z]{2}\b[^\]]{0,40}\]|$)|-?\s{0,40}$)|$)"
)
# Commands whose first groups say how something looks, and are no words of the document.
SETTINGS: Final = {
    "label": 1, "ref": 1, "eqref": 1, "cite": 1, "citep": 1, "citet": 1, "vspace": 1, "hspace": 1, "input": 0,
    "color": 1, "textcolor": 1, "fontsize": 2, "setlength": 2, "addtolength": 2, "setcounter": 2, "pagestyle": 1,
    "thispagestyle": 1, "bibliographystyle": 1, "usepackage": 1, "documentclass": 1, "hypersetup": 1, "href": 1,
    "rule": 2, "colorbox": 1, "raisebox": 1, "resizebox": 2, "scalebox": 1, "begin": 1, "end": 1, "audience": 1,
    "foreignlanguage": 1, "selectlanguage": 1, "multicolumn": 2, "multirow": 2, "lstset": 1, "graphicspath": 1,
    "theoremstyle": 1, "hypertarget": 1, "hyperlink": 1, "hyperref": 0, "fcolorbox": 2, "pagecolor": 1, "parbox": 1,
    "rowcolor": 1, "cellcolor": 1, "columncolor": 1, "makebox": 0, "framebox": 0, "bibliography": 1, "autoref": 1,
    "cref": 1, "Cref": 1, "pageref": 1, "nameref": 1, "cline": 1, "cmidrule": 1, "specialrule": 3, "addlinespace": 0,
    "SetCell": 1, "setlist": 1, "tcbset": 1, "captionsetup": 1, "geometry": 1, "definecolor": 3, "noalign": 1,
    "adjustbox": 1, "titleformat": 5, "DeclareCaptionFormat": 2, "subcaptionbox": 0, "linespread": 1,
    "renewcommand": 2, "newcounter": 1, "stepcounter": 1, "refstepcounter": 1, "addcontentsline": 2, "nocite": 1,
}  # fmt: skip
# Those whose arguments may hold groups.
_NESTED: Final = frozenset(
    ("multicolumn", "vspace", "hspace", "resizebox", "scalebox", "raisebox", "parbox", "setlength", "addtolength",
     "rule", "hypersetup", "tcbset", "lstset", "captionsetup", "graphicspath", "noalign", "titleformat", "label",
     "geometry", "definecolor", "setlist", "renewcommand", "setcounter", "adjustbox", "rowcolor", "ref", "eqref")
)  # fmt: skip


# Commands of formulas, by how many groups they take: outside of one, which TeX complains of, they stay as typed.
_MATHEMATICS: Final = {
    "frac": 2, "dfrac": 2, "tfrac": 2, "sqrt": 1, "hat": 1, "bar": 1, "cdot": 0, "times": 0, "partial": 0, "nabla": 0,
    "delta": 0, "alpha": 0, "eta": 0, "sum": 0, "log": 0, "exp": 0, "ln": 0, "neq": 0, "ne": 0, "leq": 0, "geq": 0,
}  # fmt: skip
_LONGEST_GROUP: Final = 200  # characters
_RAISED: Final = {"textsuperscript": "^", "textsubscript": "_"}
_ENVIRONMENT_ARGUMENTS: Final = {
    "tabular": 1, "tabular*": 2, "tabularx": 2, "tabulary": 2, "longtable": 1, "xltabular": 2, "array": 1,
    "tabu": 1, "longtabu": 1, "tblr": 1, "longtblr": 1, "talltblr": 1, "NiceTabular": 1, "supertabular": 1,
    "wraptable": 2, "floatrow": 0, "list": 2, "spacing": 1, "adjustwidth": 2, "varwidth": 1, "minipage": 1,
    "mdframed": 0, "tabbing": 0, "subfigure*": 1, "columns": 0, "multicols*": 1,
    "multicols": 1, "wrapfigure": 2, "subfigure": 1, "subtable": 1, "adjustbox": 1, "column": 1,
    "thebibliography": 1, "CJK": 2, "CJK*": 2, "otherlanguage": 1, "otherlanguage*": 1,
}  # fmt: skip


def line_at(source: latex_source.Source, position: int) -> str:
    """Return the line of `position`, for people."""
    file, line = source.place(position)
    return f"line {line}" if file == 0 else f"line {line} of an included file"


class Visitor:
    """Makes blocks of pylatexenc's nodes: text with its formulas as typed, listings, labels, pictures."""

    def __init__(
        self,
        source: latex_source.Source,
        others: Mapping[str, bytes],
        *,
        is_exam: bool,
        counts: Sequence[int] = (),
        points: Mapping[int, str] = MappingProxyType({}),
    ) -> None:
        self.source, self.others, self.is_exam = source, others, is_exam
        self.offset = 0
        self.blocks: list[Block] = []
        self.text: list[str] = []
        self.pictures: list[Picture] = []
        self.begin: int | None = None
        self.counts = [*counts] or [0, 0, 0, 0]  # of the exam class, at each level
        self.tables = 0  # how many tables it is in, one in another
        self.dropped: list[str] = []  # what says how something looks, and is not shown
        self.formulas: list[str] = []
        self.points = dict(points)  # where a list's points stand that answer questions, and the numbers of these

    def read(self, body: str, offset: int, front: str) -> list[Block]:
        """Visit `body`, which begins at `offset` of the source, and what the preamble has for the first page."""
        for match in _FRONT.finditer(front):
            self.offset = match.end()
            self.visit(parse(group_from(front, match.end() - 1)))
            self.flush()
        self.offset = offset
        self.visit(parse(body))
        self.flush()
        return self.blocks

    def flush(self) -> None:
        """Make a block of the text so far."""
        text = "".join(self.text)
        if text.strip() or self.pictures:
            place = line_at(self.source, self.offset + (self.begin or 0))
            for paragraph in _paragraphs(text):
                shown = tuple(self.pictures[: paragraph.count(PICTURE)])
                del self.pictures[: paragraph.count(PICTURE)]
                self.blocks.append(Block(paragraph, pictures=shown, place=place))
        self.text, self.pictures, self.begin = [], [], None

    def mark(self, label: Label, text: str, position: int) -> None:
        """Put a label, with what stands on its line."""
        self.flush()
        self.blocks.append(Block(text, place=line_at(self.source, self.offset + position), label=label))

    def put(self, text: str, node: Any = None) -> None:
        """Add text."""
        if text.strip() and self.begin is None and node is not None:
            self.begin = node.pos + len(text) - len(text.lstrip())
        self.text.append(text)

    def visit(self, nodes: Sequence[Any]) -> None:
        """Visit nodes that follow each other; a command's groups are those behind it."""
        queue = [node for node in nodes if node is not None]
        index = 0
        while index < len(queue):
            node = queue[index]
            index += 1
            kind = type(node).__name__
            if kind == "LatexCharsNode":
                self.put(
                    re.sub(r"(?<!\n)\n(?![^\S\n]*\n)", " ", node.chars) if "\n" in node.chars else node.chars, node
                )
            elif kind == "LatexGroupNode":
                self.visit(node.nodelist)
            elif kind == "LatexMathNode":
                self._formula(node)
            elif kind == "LatexEnvironmentNode":
                self._environment(node)
            elif kind == "LatexMacroNode":
                index = self._macro(node, queue, index)
            elif kind == "LatexSpecialsNode":
                self._special(node)

    def _special(self, node: Any) -> None:
        if node.specials_chars == "\n\n":
            self.flush()
            return
        characters = {"~": " ", "``": "“", "''": "”", "--": "–", "---": "—", "&": " | " if self.tables else " "}
        self.put(characters.get(node.specials_chars, node.specials_chars), node)

    def _formula(self, node: Any) -> None:
        self.formulas.append(node.latex_verbatim())
        typed = " ".join(node.latex_verbatim().split())
        self.put(f"\n{typed}\n" if node.displaytype == "display" else typed, node)

    def _environment(self, node: Any) -> None:
        name = node.environmentname
        if name == "verbatim":  # as latex_source writes every kind of listing
            self.flush()
            code = node.latex_verbatim().partition("}")[2].rpartition("\\end{")[0].removeprefix("\n")
            self.blocks.append(Block(code, is_code=True, place=line_at(self.source, self.offset + node.pos)))
        elif name in MATH:
            self.formulas.append(node.latex_verbatim())
            self.put("\n" + " ".join(node.latex_verbatim().split()) + "\n", node)
        elif name in _ANSWERS:
            nodes, number = list(node.nodelist), ""
            if name == "answer" and nodes and type(nodes[0]).__name__ == "LatexGroupNode":
                number = plain(nodes.pop(0)).strip()
            if number or self.is_exam or name != "answer":
                self.mark(Label("answer", number), "", node.pos)
            self.visit(after_options(nodes, 0, self.dropped))
            self.mark(Label("end", number), "", node.pos + node.len)
        else:
            self.put("\n", None)
            if shown := _option_text(node):
                self.put(f"{shown}\n", node)
            inner = after_options(list(node.nodelist), _ENVIRONMENT_ARGUMENTS.get(name, 0), self.dropped)
            if name in _TABLES:
                self._table(inner)
            else:
                self.visit(inner)
            if any(node.pos <= at - self.offset < node.pos + node.len for at in self.points):
                self.mark(Label("end"), "", node.pos + node.len)
            self.put("\n", None)

    def _table(self, nodes: Sequence[Any]) -> None:
        """Put a table as Markdown has one: a row a line, and a rule below the first."""
        start = len(self.text)
        self.tables += 1
        self.visit(nodes)
        self.tables -= 1
        rows = [" ".join(line.split()) for line in "".join(self.text[start:]).split("\n") if line.strip()]
        if len(rows) < 2 or "|" not in rows[0]:
            return
        if self.tables:  # in a cell of another one
            self.text[start:] = ["; ".join(rows)]
            return
        rule = "|".join([" --- "] * (rows[0].count("|") + 1))
        shown = [row if "|" in row else f"{row} |" for row in (rows[0], rule, *rows[1:])]
        self.text[start:] = ["\n" + "\n".join(shown) + "\n"]

    def _macro(self, node: Any, queue: Sequence[Any], index: int) -> int:  # noqa: PLR0912, PLR0915  one branch a kind
        """Visit a command; returns the index behind the groups that belong to it."""
        name = node.macroname
        if name == "question" and not self.is_exam:
            groups, after = groups_at(queue, index, 3)
            if groups:
                number, *rest = (plain(group) for group in groups)
                self.mark(Label("question", number.strip(), " ".join(rest)), " ".join(rest), node.pos)
            return after
        if self.is_exam and name in EXAM_LEVELS:
            return self._exam(name, node, queue, index)
        if name == "field":
            groups, after = groups_at(queue, index, 2)
            self.put("\n\n", None)
            self.put(": ".join(" ".join(self._render(group).split()) for group in groups), node)
            self.put("\n\n", None)
            return after
        if name in ("includegraphics", "includesvg"):
            groups, after = groups_at(queue, index, 1, options=True, dropped=self.dropped)
            if groups:
                self.dropped.append(source_of(groups[0]))
                self.pictures.append(find_picture(source_of(groups[0]), self.others))
                self.put(PICTURE, node)
            return after
        if name in HEADINGS:
            groups, after = groups_at(queue, index, 1, options=True, dropped=self.dropped)
            self.put("\n\n", None)
            self.visit(groups)
            self.put("\n\n", None)
            return after
        if name == "item":
            if point := self.points.get(self.offset + node.pos):
                self.mark(Label("question", point), "", node.pos)
                return index
            self.put("\n\n- ", None)
            unwrap_label(queue, index)
            return index
        if name in _BREAKS or name == "\\":
            self.put("\n", None)
            if name == "\\" and index < len(queue) and _LENGTH.match(getattr(queue[index], "chars", "")):
                return groups_at(queue, index, 0, options=True, dropped=self.dropped)[1]  # `\\[1em]`
            return index
        if name == "verb":  # as latex_source writes every piece of code within a line
            typed = node.latex_verbatim()
            found = re.match(r"\\verb\*?(.)(.*)\1", typed, re.DOTALL)
            self.put(f"`{found[2]}`" if found else typed, node)
            return index
        if name in _MATHEMATICS or name in _RAISED:
            groups, after = groups_at(queue, index, _MATHEMATICS.get(name, 1))
            if any(len(source_of(group)) > _LONGEST_GROUP for group in groups):  # one that is not closed
                groups, after = [], index
            self.put(_RAISED.get(name) or f"\\{name}{' ' if node.macro_post_space else ''}", node)
            for group in groups:
                self.put(f"{{{self._render(group)}}}", group)
            return after
        if name in SETTINGS:
            groups, after = groups_at(queue, index, SETTINGS[name], options=True, dropped=self.dropped)
            # Any other one is not closed: that its words are missing shows it.
            self.dropped += [
                source_of(group)
                for group in groups
                if "\n\n" not in source_of(group) and (name in _NESTED or "{" not in source_of(group))
            ]
            return after
        if name in ACCENTS and (letter := _accent(name, queue, index)):
            self.put(letter[0], node)
            return letter[1]
        if name in LETTERS:
            self.put(LETTERS[name], node)
            return index
        if len(name) == 1 and not name.isalpha():
            self.put(name if name in "&%#_{}$" else " " if name in " ,;:!/" else "", node)
            return index
        self.put(SYMBOLS.get(name, " " if node.macro_post_space else ""), node)
        return index

    def _exam(self, name: str, node: Any, queue: Sequence[Any], index: int) -> int:
        level = count_on(self.counts, name)
        groups, after = groups_at(
            queue, index, 1 if name == "titledquestion" else 0, options=True, dropped=self.dropped
        )
        number = numbered(self.counts, level)
        ahead = " ".join(
            plain(one) for one in queue[after : after + 12] if type(one).__name__ != "LatexEnvironmentNode"
        )
        title = " ".join(plain(group) for group in groups)
        # Parts deeper than the written part's numbers belong to the part above them.
        if level <= 1:
            self.mark(Label("question", number, f"{title} {ahead}"[:1000]), title, node.pos)
        return after

    def _render(self, node: Any) -> str:
        """Return the text of a group alone."""
        inner = Visitor(self.source, self.others, is_exam=self.is_exam)
        inner.visit([node])
        inner.flush()
        self.dropped += inner.dropped
        self.formulas += inner.formulas
        return " ".join(block.text for block in inner.blocks)


def _accent(sign: str, queue: Sequence[Any], index: int) -> tuple[str, int] | None:
    """Return the letter that an accent stands on, with it, and the index behind; None where there is none."""
    node = queue[index] if index < len(queue) else None
    kind = type(node).__name__
    if node is None or kind not in ("LatexCharsNode", "LatexGroupNode", "LatexMacroNode"):
        return None
    if kind == "LatexMacroNode":
        return (compose(node.macroname, sign), index + 1) if node.macroname in ("i", "j") else None
    if kind == "LatexGroupNode":
        inner = source_of(node).lstrip("\\").strip()
        return (compose(inner, sign), index + 1) if len(inner) == 1 else None
    chars = node.chars.lstrip()
    if not chars or not chars[0].isalpha() or (sign.isalpha() and chars == node.chars and not node.chars[:1].isspace()):
        return None
    node.chars = chars[1:]
    return compose(chars[0], sign), index


def _option_text(node: Any) -> str:
    """Return what an environment's option shows: a theorem's name, a box's title; not where a float is to stand."""
    option = _OPTION.match(str(node.latex_verbatim()))
    if option is None or _PLACEMENT.fullmatch(option[1]):
        return ""
    if "=" in option[1] and "$" not in option[1]:
        return " ".join(found.strip("{} ") for found in _SHOWN_KEY.findall(option[1]))
    return option[1].strip()


def _paragraphs(text: str) -> list[str]:
    """Return `text` at its empty lines, without blanks at the ends of lines."""
    lines = [" ".join(line.split()) if line.strip() else "" for line in text.split("\n")]
    return [part.strip("\n") for part in re.split(r"\n\n+", "\n".join(lines)) if part.strip()]


def find_picture(target: str, others: Mapping[str, bytes]) -> Picture:
    """Return the picture that a source shows, of the files handed in with it."""
    name = PurePosixPath(target).name
    found = [
        content
        for path, content in others.items()
        if PurePosixPath(path).name == name or PurePosixPath(path).stem == name
    ]
    own = PurePosixPath(target).parent.name == FIGURES
    return Picture(found[0] if found else None, own)
