"""LaTeX sources, read as text: never compiled, so that nothing in them can do anything, and errors do not matter."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Final

from autograder.written.documents import PICTURE, Block, Document, Passage, Picture, assemble
from autograder.written.questions import Written

_LONGEST: Final = 2_000_000
_ACCENTS: Final = {
    "'": "\u0301", "`": "\u0300", "^": "\u0302", '"': "\u0308", "~": "\u0303", "=": "\u0304", ".": "\u0307",
    "u": "\u0306", "v": "\u030c", "H": "\u030b", "c": "\u0327", "k": "\u0328", "r": "\u030a", "d": "\u0323",
    "b": "\u0331",
}  # fmt: skip
_LETTERS: Final = {
    "ss": "ß", "o": "ø", "O": "Ø", "l": "ł", "L": "Ł", "ae": "æ", "AE": "Æ", "oe": "œ", "OE": "Œ", "aa": "å", "AA": "Å",
    "i": "i", "j": "j",
}  # fmt: skip
_ACCENT: Final = re.compile(
    r"\\(?:(?P<sign>['`^\"~=.])\s*|(?P<letter>[uvHckrdb])(?=\s*\{|\s))\s*(?:\{\\?(?P<braced>[A-Za-z])\}|\\?(?P<bare>[A-Za-z]))"
)
_LETTER: Final = re.compile(r"\\(ss|ae|AE|oe|OE|aa|AA|[oOlLij])(?![A-Za-z])(?:\{\}|\s)?")
_VERBATIM: Final = re.compile(
    r"\\begin\{(verbatim|lstlisting|minted|Verbatim|python)\*?\}(?:\[[^\]]*\])?(?:\{[^}]*\})?[ \t]*\n?"
    r"(.*?)\\end\{\1\*?\}",
    re.DOTALL,
)
_COMMENT: Final = re.compile(r"(?<!\\)((?:\\\\)*)%(.*)")
_PICTURE: Final = re.compile(r"\\includegraphics\*?(?:\[[^\]]*\])?\{([^}]*)\}")
_AUTHOR: Final = re.compile(
    r"(?:\\(?:author|name|student|studentname|address|email|thanks|rhead|lhead|chead|fancyhead|fancyfoot)\*?"
    r"(?:\[[^\]]*\])?|pdfauthor\s*=\s*)\s*\{((?:[^{}]|\{[^{}]*\})*)\}"
)
_AUDIENCE: Final = re.compile(r"\\audience\{(\w+)\}|^%\s*audience:\s*(\w+)", re.MULTILINE)


def read(content: bytes, label: str, written: Written, others: Mapping[str, bytes]) -> Document:
    """A LaTeX source; `others` are the files handed in with it, by path, for its pictures."""
    source = decoded(content)[:_LONGEST].replace("\r\n", "\n").replace("\r", "\n")
    sections = assemble(list(_blocks(source, others)), written)
    audience = _AUDIENCE.search(source)
    problem = ""
    if "\\begin{document}" not in source and not sections:
        problem = "It is no LaTeX document: hand in the .tex file made from the template."
    elif not sections:
        problem = (
            "No question's label was found in it. Write the answers into the template, below `Question 1.1` and so on."
        )
    return Document(
        label=label,
        kind="latex",
        sections=sections,
        passages=tuple(_passages(source, label)),
        problem=problem,
        audience=(audience[1] or audience[2]) if audience else "",
    )


def decoded(content: bytes) -> str:
    """UTF-8 or UTF-16 where it is that, and else Latin-1, which any bytes are."""
    try:
        if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return content.decode("utf-16")
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("latin-1")


def _blocks(source: str, others: Mapping[str, bytes]) -> Iterator[Block]:
    """Text and code in their order."""
    body = source.partition("\\begin{document}")[2] or source
    body = body.partition("\\end{document}")[0]
    position = 0
    for match in _VERBATIM.finditer(body):
        yield _text_block(body[position : match.start()], others)
        yield Block(match[2], is_code=True)
        position = match.end()
    yield _text_block(body[position:], others)


def _text_block(source: str, others: Mapping[str, bytes]) -> Block:
    source = _COMMENT.sub(r"\1", source)
    return Block(plain(source), pictures=tuple(_pictures(source, others)))


def _pictures(source: str, others: Mapping[str, bytes]) -> Iterator[Picture]:
    for match in _PICTURE.finditer(source):
        name = PurePosixPath(match[1].strip()).name
        found = [
            content
            for path, content in others.items()
            if PurePosixPath(path).name == name or PurePosixPath(path).stem == name
        ]
        yield Picture(found[0] if found else None)


def plain(source: str) -> str:
    """LaTeX as text: labels on lines of their own, formulas as they are, commands gone and their arguments kept."""
    text = _COMMENT.sub(r"\1", accented(source))
    text = re.sub(r"\\question\{([^}]*)\}", r"\n\nQuestion \1: ", text)
    text = re.sub(r"\\begin\{answer\}\s*\{([^}]*)\}", r"\n\nAnswer \1\n", text)
    text = re.sub(r"\\end\{answer\}", "\n\nEnd of answer\n", text)
    text = re.sub(r"\\field\{([^}]*)\}\s*\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}", r"\n\n\1: \2\n\n", text)
    text = re.sub(r"\\(?:sub)*section\*?\s*\{", "\n\n{", text)
    text = _PICTURE.sub(PICTURE, text)
    text = re.sub(r"\\item(?:\[([^\]]*)\])?", r"\n\n- \1 ", text)
    text = re.sub(r"\\(?:par|newline|newpage|clearpage|bigskip|medskip|smallskip|maketitle|\\)(?![A-Za-z])", "\n", text)
    # Outside of formulas commands are taken away; what they were applied to stays.
    pieces = re.split(r"(\$\$.*?\$\$|\$[^$]*\$|\\\(.*?\\\)|\\\[.*?\\\])", text, flags=re.DOTALL)
    for index in range(0, len(pieces), 2):
        piece = re.sub(r"\\(?:begin|end)\{(\w+)\*?\}(?:\[[^\]]*\])?", " ", pieces[index])
        piece = re.sub(r"\\([&%#_{}$])", r"\1", piece)
        piece = re.sub(r"\\detokenize|\\[a-zA-Z]+\*?(?:\[[^\]]*\])?", " ", piece)
        pieces[index] = piece.replace("{", "").replace("}", "").replace("~", " ")
    return "".join(pieces)


def accented(source: str) -> str:
    r"""`source` with LaTeX's accents and letters, `Garc{\'\i}a`, as Unicode; the braces around such a letter gone."""

    def composed(match: re.Match[str]) -> str:
        letter = match["braced"] or match["bare"]
        return unicodedata.normalize("NFC", letter + _ACCENTS[match["sign"] or match["letter"]])

    text = _ACCENT.sub(composed, source)
    text = _LETTER.sub(lambda match: _LETTERS[match[1]], text)
    return re.sub(r"\{([^\x00-\x7f])\}", r"\1", text)


def _passages(source: str, label: str) -> Iterator[Passage]:
    for match in _AUTHOR.finditer(source):
        command = re.match(r"\\?\w+", match[0])
        yield Passage(f"`{command[0] if command else 'author'}` in {label}", accented(match[1]), "author")
    for number, line in enumerate(source.splitlines(), start=1):
        if comment := _COMMENT.search(line):
            yield Passage(f"a comment in line {number} of {label}", accented(comment[2]))
    text = accented(_COMMENT.sub(r"\1", source))
    # Only what surrounds words: a name in \textbf{Jane} Doe, in a macro of one's own, in a path.
    text = re.sub(r"\\(?:begin|end)\{\w+\*?\}|\\[a-zA-Z]+\*?", lambda match: " " * len(match[0]), text)
    yield Passage(label, text.replace("{", " ").replace("}", " "), numbered=True)
