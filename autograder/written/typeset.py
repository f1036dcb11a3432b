"""Answers as HTML: formulas as MathML, which browsers typeset without a network, and nothing of a stranger's unescaped.

A formula that latex2mathml does not understand is shown as it was typed.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final
from xml.etree import ElementTree as ET

from autograder.base.text import clean

_LONGEST: Final = 6_000
_ENVIRONMENTS: Final = r"align|equation|gather|multline|eqnarray|flalign|alignat|displaymath|math|dmath"
_OPENING: Final = re.compile(rf"\$\$|\\\[|\\\(|\$|\\begin\{{(?P<environment>(?:{_ENVIRONMENTS})\*?)\}}")
_CLOSING: Final = {"$$": "$$", "\\[": "\\]", "\\(": "\\)", "$": "$"}
_MARKUP: Final = re.compile(
    r"`(?P<code>[^`\n]{1,300})`|\*\*(?P<strong>[^*\n]{1,300})\*\*|(?<![\w*])\*(?=\S)(?P<em>[^*\n]{1,300})(?<=\S)\*(?![\w*])"
)
_FENCE: Final = re.compile(r"[ \t]{0,3}(```|~~~)[^`\n]{0,60}")
_RULE: Final = re.compile(r"(?:\|\s*)?:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
# A line that was broken because it was long goes on; a short one may be a verse, or a line of its own.
_WRAPPED: Final = re.compile(r"(?<=[^\n]{60})(?<! {2})\n(?=[^\W\d]|[$(])")
# latex2mathml knows these; others of amsmath mean the same.
_SAME: Final = {
    "dmath": "align*", "math": "align*", "displaymath": "align*", "equation": "align*", "multline": "align*",
    "eqnarray": "align*", "flalign": "align*", "gather": "align*", "alignat": "align*", "align": "align*",
}  # fmt: skip
_SILENT: Final = re.compile(
    r"\\(?:nonumber|notag|displaystyle|label\s?\{[^{}]{0,100}\}|tag\s?\{[^{}]{0,100}\})(?![A-Za-z])"
)
_TAGS: Final = frozenset(
    re.findall(
        r"\S+",
        """math mrow mi mn mo mtext mspace msqrt mroot mfrac msub msup msubsup munder mover munderover mtable mtr mtd
        mstyle mpadded mphantom menclose mmultiscripts mprescripts mfenced ms none""",
    )
)
_ATTRIBUTES: Final = frozenset(
    re.findall(
        r"\S+",
        """display mathvariant stretchy fence form lspace rspace columnalign rowspacing columnspacing linethickness
        accent displaystyle scriptlevel minsize maxsize width height depth notation separator largeop movablelimits""",
    )
)


def typeset(text: str) -> str:
    """Return the text as HTML: paragraphs, lists, tables, code and emphasis as Markdown has them, and formulas."""
    return "".join(
        {"code": _listing, "table": _table, "text": _paragraphs}[kind](part) for kind, part in _blocks(clean(text))
    )


def _blocks(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text in parts: "code" between fences, "table", and "text"."""
    lines, plain, index = text.split("\n"), list[str](), 0
    last = {line.strip(): at for at, line in enumerate(lines)}  # where a closing fence stands for the last time
    while index < len(lines):
        fence = _FENCE.fullmatch(lines[index])
        is_code = fence is not None and last.get(fence[1], -1) > index
        below = lines[index + 1] if index + 1 < len(lines) else ""
        is_table = "|" in lines[index] and "|" in below and _RULE.fullmatch(below.strip()) is not None
        if is_code or is_table:
            yield "text", "\n".join(plain)
            plain = []
        if fence and is_code:
            end = next(at for at in range(index + 1, len(lines)) if lines[at].strip() == fence[1])
            yield "code", "\n".join(lines[index + 1 : end])
            index = end + 1
        elif is_table:
            rows = next((at for at in range(index, len(lines)) if "|" not in lines[at]), len(lines))
            yield "table", "\n".join(lines[index:rows])
            index = rows
        else:
            plain.append(lines[index])
            index += 1
    yield "text", "\n".join(plain)


def _listing(code: str) -> str:
    return f"<pre>{html.escape(code)}</pre>"


def _table(text: str) -> str:
    """Return a table of Markdown; its second line is the rule below the head."""
    head, _, *rows = (
        [
            _paragraphs(cell.strip()).removeprefix("<p>").removesuffix("</p>")
            for cell in line.strip().strip("|").split("|")
        ]
        for line in text.split("\n")
    )

    def row(cells: list[str], tag: str) -> str:
        return "<tr>" + "".join(f"<{tag}>{cell}</{tag}>" for cell in cells) + "</tr>"

    return f"<table>{row(head, 'th')}{''.join(row(cells, 'td') for cells in rows)}</table>"


def _paragraphs(text: str) -> str:
    paragraphs: list[str] = []
    for kind, part in _parts(_WRAPPED.sub(" ", text)):
        if kind == "display":
            paragraphs.append(f"<div class='display'>{formula(part, display=True)}</div>")
            continue
        rendered = formula(part, display=False) if kind == "inline" else _prose(part)
        if kind == "inline" and paragraphs and not paragraphs[-1].startswith("<div"):
            paragraphs[-1] += rendered
        elif kind == "inline":
            paragraphs.append(rendered)
        else:
            first, *rest = rendered.split("\0")
            if paragraphs and not paragraphs[-1].startswith("<div"):
                paragraphs[-1] += first
            else:
                paragraphs.append(first)
            paragraphs += rest
    return "".join(one if one.startswith("<div") else f"<p>{one.strip()}</p>" for one in paragraphs if one.strip())


def _prose(text: str) -> str:
    """Escaped text, its paragraphs parted by NUL, which `clean` has left nowhere."""
    pieces, position = [], 0
    for match in _MARKUP.finditer(text):
        pieces.append(html.escape(text[position : match.start()]))
        pieces.append(f"<{match.lastgroup}>{html.escape(match[match.lastgroup or 0])}</{match.lastgroup}>")
        position = match.end()
    pieces.append(html.escape(text[position:]))
    joined = re.sub(r"\n[ \t]*(?=[-*] |\d{1,2}[.)] )", "\0", "".join(pieces))
    return re.sub(r"\n(?:[^\S\n]*\n)+", "\0", joined).replace("\n", "<br>")


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Yield the text in parts: "text", "inline" formulas and "display" ones, in time linear in it."""
    position, search, absent = 0, 0, set[str]()
    while match := _OPENING.search(text, search):
        name = match["environment"]
        closing = f"\\end{{{name}}}" if name else _CLOSING[match[0]]
        end = -1 if closing in absent else text.find(closing, match.end())
        if text[match.start() - 1 : match.start()] == "\\" and not name:
            search = match.end()
            continue
        if end < 0:
            absent.add(closing)
            search = match.end()
            continue
        inner = text[match.end() : end]
        if match[0] == "$" and ("\n\n" in inner or not inner.strip()):
            search = match.end()
            continue
        yield "text", text[position : match.start()]
        plain = name.rstrip("*") if name else ""
        if name:
            inner = f"\\begin{{{_SAME[plain]}}}{inner}\\end{{{_SAME[plain]}}}"
        yield "inline" if match[0] in ("$", "\\(") or plain == "math" else "display", inner
        position = search = end + len(closing)
    yield "text", text[position:]


@lru_cache(maxsize=20_000)
def formula(tex: str, *, display: bool) -> str:
    """Return a formula as MathML, with what was typed as its tooltip; as code where it cannot be read."""
    typed = html.escape(tex.strip())
    if len(tex) > _LONGEST:
        return f"<code>{typed}</code>"
    try:
        from latex2mathml.converter import convert_to_element

        element = convert_to_element(_SILENT.sub("", tex).strip(), display="block" if display else "inline")
        _check(element)
        element.set("display", "block" if display else "inline")
        return f"<span title='{typed}'>{ET.tostring(element, encoding='unicode')}</span>"
    except Exception:  # noqa: BLE001  whatever the library meets in a stranger's formula, what was typed is readable
        return f"<code>{typed}</code>"


def _check(element: ET.Element) -> None:
    """Bring an element to MathML that can only be looked at. Raises ValueError for another, or an unknown command."""
    for one in element.iter():
        tag = one.tag.rpartition("}")[2]
        if tag not in _TAGS:
            raise ValueError(tag)
        one.tag = tag
        for name in list(one.attrib):
            if name not in _ATTRIBUTES:
                del one.attrib[name]
        one.text = html.unescape(one.text or "") or None
        one.tail = None
        if tag in ("mi", "mo", "mtext") and re.search(r"\\[A-Za-z]", one.text or ""):
            raise ValueError(one.text)
