"""The Markdown of `written.toml` and `answers.toml` as LaTeX: what a notebook shows, a printed page shows, too.

Formulas between dollar signs stay as they are. What LaTeX cannot show is refused with its place.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from autograder.base.errors import AssignmentError

if TYPE_CHECKING:
    from markdown_it import MarkdownIt
    from markdown_it.token import Token

_SPECIAL: Final = {character: f"\\{character}" for character in "&%#_{}$"} | {
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "\\": r"\textbackslash{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
}
_DISPLAYED: Final = r"(?:align|alignat|equation|gather|multline|flalign)\*?"
# What stands first wins: a dollar sign in code is none, and a backquote in a formula neither.
_FORMULA: Final = re.compile(
    r"""
      ^[ ]{0,3}(?P<fence>`{3,}|~{3,})[^\n]*\n(?:.*?\n)??[ ]{0,3}(?P=fence)[`~]*[ ]*$
    | (?<!`)(?P<ticks>`+)(?!`)(?:(?!\n[ \t]*\n).)+?(?<!`)(?P=ticks)(?!`)
    | (?P<formula>
          \\begin\{(?P<environment>"""
    + _DISPLAYED
    + r""")\}.*?\\end\{(?P=environment)\}
        | \$\$(?:(?!\n[ \t]*\n)[^$])+\$\$
        | \$(?!\$)(?:\\\$|(?!\n[ \t]*\n)[^$])+\$
      )
    | \\[^\w\s]
    | (?P<lone>\$)
    """,
    re.DOTALL | re.MULTILINE | re.VERBOSE,
)
_HELD: Final = re.compile("\ue000(\\d+)\ue001")  # a formula, while Markdown is parsed around it
_CODE_OF_ITS_OWN: Final = re.compile(r"[^\s%#{}\\^~][^%#{}\\^~]*")  # what \detokenize shows as it is typed
_SIGNS: Final = {
    "softbreak": "\n", "hardbreak": "\\newline\n", "strong_open": r"\textbf{", "strong_close": "}",
    "em_open": r"\emph{", "em_close": "}",
}  # fmt: skip
_LINE: Final = 80  # letters that fit on a line of the page
_LEVELS: Final = ("i", "ii", "iii", "iv")  # of numbered lists, as LaTeX names them


def to_latex(markdown: str, where: str = "a text") -> str:
    """Return Markdown with formulas as LaTeX: paragraphs, lists, tables, code, quotations, emphasis and links.

    Raises AssignmentError, which begins with `where`, for what a printed page cannot show, and for broken formulas.
    """
    held, formulas = _hold(markdown, where)
    return _Writer(formulas, where).blocks(_parser().parse(held)).strip("\n")


def line_to_latex(markdown: str, where: str = "a text") -> str:
    """Return one line of Markdown as LaTeX, as a title or a result. Raises what `to_latex` raises."""
    held, formulas = _hold(markdown, where)
    return _Writer(formulas, where).inline(_parser().parseInline(held)[0].children or ())


def check_formulas(markdown: str, where: str) -> None:
    """Raise AssignmentError, which begins with `where`, for a formula that is not closed, or whose braces are not."""
    _hold(markdown, where)


@lru_cache(maxsize=1_000)  # every document that is read is compared with the same few texts
def text_blocks(markdown: str) -> tuple[str, ...]:
    """Return what the text's paragraphs, points and cells say, and its rows whole."""
    held, formulas = _hold(markdown, "")
    found: list[str] = []
    row: list[str] = []
    for token in _parser().parse(held):
        if token.type == "tr_open":
            row = []
        elif token.type == "inline":
            row.append(_restored(token.content, formulas))
            found.append(row[-1])
        elif token.type == "tr_close":
            found.append(" ".join(row))
    return tuple(found)


@lru_cache(maxsize=1_000)
def listings(markdown: str) -> tuple[str, ...]:
    """Return the text's blocks of code."""
    held, formulas = _hold(markdown, "")
    code = [token for token in _parser().parse(held) if token.type in ("fence", "code_block")]
    return tuple(_restored(token.content, formulas) for token in code)


def _hold(markdown: str, where: str) -> tuple[str, list[str]]:
    """Return the text with a mark in the place of each formula, which Markdown would change, and the formulas."""
    formulas: list[str] = []

    def hold(match: re.Match[str]) -> str:
        if match["lone"] and where:
            near = " ".join(markdown[match.start() : match.start() + 40].split())
            raise AssignmentError(f"{where}: no formula ends what begins at {near!r}. Write \\$ for a dollar sign.")
        if not match["formula"]:
            return match[0]
        if where:
            _check(match["formula"], where)
        formulas.append(match["formula"])
        return f"\ue000{len(formulas) - 1}\ue001"

    return _FORMULA.sub(hold, markdown), formulas


def _check(formula: str, where: str) -> None:
    shown = re.sub(r"\\[^a-zA-Z]", "", formula)
    depth = 0
    for brace in re.findall(r"[{}]", shown):
        depth += 1 if brace == "{" else -1
        if depth < 0:
            break
    if depth:
        raise AssignmentError(f"{where}: the braces of the formula {formula} do not match.")
    for one, other in (("begin", "end"), ("left", "right")):
        counts = [len(re.findall(rf"\\{word}(?![a-zA-Z])", shown)) for word in (one, other)]
        if counts[0] != counts[1]:
            raise AssignmentError(f"{where}: the formula {formula} has not as many \\{one} as \\{other}.")


def _restored(text: str, formulas: Sequence[str]) -> str:
    return _HELD.sub(lambda match: formulas[int(match[1])], text)


def _parser() -> MarkdownIt:
    from markdown_it import MarkdownIt

    return MarkdownIt("commonmark").enable("table")


def escape(text: str) -> str:
    """Return plain text as LaTeX shows it."""
    return "".join(_SPECIAL.get(character, character) for character in text)


class _Writer:
    """Writes the tokens of one text."""

    def __init__(self, formulas: Sequence[str], where: str) -> None:
        self.formulas, self.where = formulas, where

    def _refuse(self, what: str, instead: str) -> AssignmentError:
        return AssignmentError(f"{self.where}: the LaTeX template cannot show {what}. {instead}")

    def _text(self, text: str) -> str:
        parts = _HELD.split(text)
        return "".join(self.formulas[int(part)] if index % 2 else escape(part) for index, part in enumerate(parts))

    def blocks(self, tokens: Sequence[Token]) -> str:
        """Return blocks, an empty line between two of them."""
        return "\n\n".join(self._blocks(iter(tokens), 0))

    def _blocks(self, tokens: Iterator[Token], level: int, until: str = "") -> list[str]:
        """Return each block up to the token `until`. level: how many numbered lists are open."""
        made: list[str] = []
        for token in tokens:
            if token.type == until:
                break
            if token.type == "inline":
                made.append(self.inline(token.children or ()))
            elif token.type in ("fence", "code_block"):
                made.append(self._listing(_restored(token.content, self.formulas)))
            elif token.type == "heading_open":
                made.append(rf"\textbf{{{''.join(self._blocks(tokens, level, 'heading_close'))}}}")
            elif token.type == "blockquote_open":
                inner = "\n\n".join(self._blocks(tokens, level, "blockquote_close"))
                made.append(f"\\begin{{quote}}\n{inner}\n\\end{{quote}}")
            elif token.type in ("bullet_list_open", "ordered_list_open"):
                made.append(self._list(token, tokens, level))
            elif token.type == "table_open":
                made.append(self._table(tokens))
            elif token.type == "hr":
                made.append(r"\begin{center}\rule{0.5\linewidth}{0.4pt}\end{center}")
            elif token.type == "html_block":
                raise self._refuse(
                    f"HTML ({token.content.strip()[:40]!r})", "Write Markdown; code stands in backticks."
                )
        return made

    def _listing(self, code: str) -> str:
        if r"\end{verbatim}" in code:
            raise self._refuse(r"code with \end{verbatim}", "Take it out.")
        text = code.rstrip("\n")
        return "{\\footnotesize\n\\begin{verbatim}\n" + text + "\n\\end{verbatim}\n}"

    def _list(self, opening: Token, tokens: Iterator[Token], level: int) -> str:
        is_numbered = opening.type == "ordered_list_open"
        if is_numbered and level == len(_LEVELS):
            raise self._refuse("a fifth numbered list in a list", "Take one out.")
        name, closing = ("enumerate", "ordered_list_close") if is_numbered else ("itemize", "bullet_list_close")
        lines = [rf"\begin{{{name}}}"]
        start = int(opening.attrGet("start") or 1) if is_numbered else 1
        if start != 1:
            lines.append(rf"\setcounter{{enum{_LEVELS[level]}}}{{{start - 1}}}")
        for token in tokens:
            if token.type == closing:
                break
            inner = "\n\n".join(self._blocks(tokens, level + is_numbered, "list_item_close"))
            # A bracket behind \item would be its label.
            lines.append(rf"\item {{}}{inner}" if inner.startswith("[") else rf"\item {inner}")
        return "\n".join([*lines, rf"\end{{{name}}}"])

    def _table(self, tokens: Iterator[Token]) -> str:
        rows: list[list[str]] = []
        letters: list[list[int]] = []
        sides: list[str] = []
        for token in tokens:
            if token.type == "table_close":
                break
            if token.type == "tr_open":
                rows.append([])
                letters.append([])
            elif token.type == "th_open":
                sides.append(str(token.attrGet("style") or "").removeprefix("text-align:")[:1] or "l")
            elif token.type == "inline":
                rows[-1].append(self.inline(token.children or ()))
                letters[-1].append(len(_restored(token.content, self.formulas)))
        widest = [max(2, *column) for column in zip(*letters, strict=True)]
        columns = "".join(sides)
        if sum(widest) + 3 * len(widest) > _LINE:
            # Longer texts get more lines and more room, and a short one still its own.
            shares = [min(width, 60) + 6 for width in widest]
            columns = "".join(rf"p{{{max(0.05, 0.97 * share / sum(shares) - 0.03):.2f}\linewidth}}" for share in shares)
        head, *body = (" & ".join(row) + r" \\" for row in rows)
        lines = [rf"\begin{{tabular}}{{{columns}}}", r"\hline", head, r"\hline", *body]
        return "\n".join(["\\begin{center}", *lines, *([r"\hline"] if body else []), r"\end{tabular}", "\\end{center}"])

    def inline(self, children: Sequence[Token]) -> str:
        """Return what stands within one block."""
        pieces: list[str] = []
        links: list[tuple[str, int]] = []
        for token in children:
            if token.type == "text":
                pieces.append(self._text(token.content))
            elif token.type in _SIGNS:
                pieces.append(_SIGNS[token.type])
            elif token.type == "code_inline":
                pieces.append(self._code(_restored(token.content, self.formulas)))
            elif token.type == "link_open":
                links.append((str(token.attrGet("href") or ""), len(pieces)))
            elif token.type == "link_close":
                href, begin = links.pop()
                if "".join(pieces[begin:]) != escape(href):  # a printed page has its address in words
                    pieces.append(rf" (\texttt{{{escape(href)}}})")
            elif token.type == "image":
                raise self._refuse(
                    f"a picture in a text ({token.attrGet('src')})", "Name it in `figures` of the question."
                )
            else:
                raise self._refuse(f"HTML ({token.content[:40]!r})", "Write Markdown; code stands in backticks.")
        return "".join(pieces)

    def _code(self, code: str) -> str:
        return rf"\code{{{code}}}" if _CODE_OF_ITS_OWN.fullmatch(code) else rf"\texttt{{{escape(code)}}}"
