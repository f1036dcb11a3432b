r"""Word and OpenDocument texts, read as the XML that they are: paragraphs, tables, notes, formulas and pictures.

Nothing of a document's layout is kept. Formulas become LaTeX as far as their structure says it.
"""

from __future__ import annotations

import io
import posixpath
import re
import zipfile
from collections.abc import Callable, Iterator, Mapping
from typing import Final
from xml.etree import ElementTree as ET

from autograder.written import containers, word_parts
from autograder.written.documents import PICTURE, Block, Document, Passage, Picture, assemble
from autograder.written.questions import Written

_LARGEST: Final = 40 * 2**20  # bytes of one part
_MOST_PARAGRAPHS: Final = 20_000
BROKEN: Final = (
    "The document cannot be opened: it is damaged, or has a password. Hand in the PDF made from it, or the template "
    "filled in."
)
_NOTE: Final = "It was read as text. Hand in the PDF made from it as well: there, formulas look as you wrote them."
_MAIN, _OPEN = "word/document.xml", "content.xml"
_SIGNS: Final = {"̂": r"\hat", "̃": r"\tilde", "̅": r"\bar", "⃗": r"\vec", "̇": r"\dot"}
_CHARACTERS: Final = {"tab": "\t", "br": "\n", "cr": "\n", "noBreakHyphen": "-", "softHyphen": ""}
# Another way to show the same; what was taken back, or moved from there.
_UNSHOWN: Final = ("Fallback", "pPr", "rPr", "instrText", "delText", "del", "moveFrom")
_BESIDE_FORMULA: Final = re.compile(r".*Pr")  # how a part of a formula looks


def read(content: bytes, label: str, written: Written, _others: Mapping[str, bytes], _path: str = "") -> Document:
    """Return a .docx or .odt; what cannot be read of it is a document with a problem."""
    try:
        parts = _Parts(content)
        is_word = _MAIN in parts.names
        lines = list(_word(parts) if is_word else _open(parts))
    except (zipfile.BadZipFile, ET.ParseError, KeyError, NotImplementedError, RuntimeError, ValueError):
        return Document(label, "word", problem=BROKEN)
    blocks = [
        Block(text, pictures=pictures, place=f"paragraph {number}")
        for number, (text, pictures) in enumerate(lines, start=1)
    ]
    assembled = assemble(blocks, written)
    problem = ""
    if not assembled.sections:
        first = written.questions[0].number
        problem = f"No question's label was found in it. Write `Answer {first}` and so on above the answers."
    # One line a paragraph, so that a paragraph's number is its line's.
    whole = Passage(label, "\n".join(" ".join(text.replace(PICTURE, "").split()) for text, _ in lines), numbered=True)
    return Document(
        label,
        "word",
        assembled.sections,
        (whole, *word_parts.passages(parts, label), *containers.passages(content, label)),
        problem,
        outside=assembled.outside,
        note=_NOTE,
    )


class _Parts:
    """The parts of a document, by name."""

    def __init__(self, content: bytes) -> None:
        self.zipped = zipfile.ZipFile(io.BytesIO(content))
        self.names = frozenset(self.zipped.namelist())

    def bytes(self, name: str) -> bytes:
        """Return the content of a part. Raises KeyError where there is none, ValueError where it is too large."""
        with self.zipped.open(name) as part:
            content = part.read(_LARGEST + 1)
        if len(content) > _LARGEST:
            raise ValueError(name)
        return content

    def tree(self, name: str) -> ET.Element | None:
        """Return the XML of a part; None where there is none."""
        return ET.fromstring(self.bytes(name)) if name in self.names else None  # noqa: S314  in a bounded process

    def picture(self, name: str) -> Picture:
        """Return a part that is a picture."""
        return Picture(self.bytes(name) if name in self.names else None)


Line = tuple[str, tuple[Picture, ...]]


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2]


def _attribute(element: ET.Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")


def _word(parts: _Parts) -> Iterator[Line]:
    """Return the paragraphs of a .docx."""
    tree = parts.tree(_MAIN)
    relations = parts.tree("word/_rels/document.xml.rels")
    targets = {
        _attribute(one, "Id"): posixpath.normpath(posixpath.join("word", _attribute(one, "Target")))
        for one in (relations if relations is not None else ())
    }
    notes = {}
    for kind in ("footnote", "endnote"):
        for note in parts.tree(f"word/{kind}s.xml") or ():
            notes[kind, _attribute(note, "id")] = " ".join(_runs(note, [], {}, parts, {}).split())
    return _lines(tree, "p", "tr", "tc", lambda one, found: _runs(one, found, targets, parts, notes))


def _lines(
    tree: ET.Element | None,
    paragraph: str | tuple[str, ...],
    row: str,
    cell: str,
    text_of: Callable[[ET.Element, list[Picture]], str],
) -> Iterator[Line]:
    """Every paragraph in reading order; a table's row of several cells is one, with a bar between these."""
    todo = [tree] if tree is not None else []
    count = 0
    while todo and count < _MOST_PARAGRAPHS:
        element = todo.pop()
        name = _name(element)
        pictures: list[Picture] = []
        cells = list(_cells(element, cell)) if name == row else []
        if len(cells) > 1:
            text = " | ".join(" ".join(text_of(one, pictures).split()) for one in cells)
        elif name in ((paragraph,) if isinstance(paragraph, str) else paragraph):
            text = text_of(element, pictures)
        else:  # a single cell is a frame around paragraphs
            todo += reversed(list(element))
            continue
        count += 1
        yield text, tuple(pictures)


def _cells(element: ET.Element, cell: str) -> Iterator[ET.Element]:
    """Yield the cells of a table's row, those that a content control holds among them."""
    for one in element:
        if _name(one) == cell:
            yield one
        else:
            yield from _cells(one, cell)


def _runs(
    element: ET.Element,
    pictures: list[Picture],
    targets: Mapping[str, str],
    parts: _Parts,
    notes: Mapping[tuple[str, str], str],
) -> str:
    """Return the text of a part of a .docx; its pictures are added to `pictures`."""
    name = _name(element)
    if name == "t":
        return element.text or ""
    if name in ("oMath", "oMathPara"):
        mark = "$$" if name == "oMathPara" else "$"
        return f" {mark}{''.join(map(_formula, element))}{mark} "
    if name in _CHARACTERS:
        return _CHARACTERS[name]
    if name in ("footnoteReference", "endnoteReference"):
        note = notes.get((name.removesuffix("Reference"), _attribute(element, "id")), "")
        return f" ({note}) " if note else ""
    if name in ("blip", "imagedata"):
        target = targets.get(_attribute(element, "embed") or _attribute(element, "id"), "")
        pictures.append(parts.picture(target))
        return PICTURE
    if name in _UNSHOWN:
        return ""
    inner = "".join(_runs(one, pictures, targets, parts, notes) for one in element)
    return f"{inner}\n" if name == "p" else inner


def _formula(element: ET.Element) -> str:
    """Return a formula of Office's mathematics as LaTeX."""
    name = _name(element)
    if _BESIDE_FORMULA.fullmatch(name):
        return ""
    if name == "t":
        return element.text or ""
    inner = {_name(one): one for one in element}

    def part(key: str) -> str:
        return "".join(_formula(one) for one in inner[key]) if key in inner else ""

    def base() -> str:
        return part("e") if len(part("e")) == 1 else f"{{{part('e')}}}"

    made = {
        "f": lambda: rf"\frac{{{part('num')}}}{{{part('den')}}}",
        "sSub": lambda: f"{base()}_{{{part('sub')}}}",
        "sSup": lambda: f"{base()}^{{{part('sup')}}}",
        "sSubSup": lambda: f"{base()}_{{{part('sub')}}}^{{{part('sup')}}}",
        "rad": lambda: rf"\sqrt{{{part('e')}}}",
        "nary": lambda: rf"{_property(element, 'chr', '∫')}_{{{part('sub')}}}^{{{part('sup')}}} {part('e')}",
        "acc": lambda: rf"{_SIGNS.get(_property(element, 'chr', '̂'), '')}{{{part('e')}}}",
        "bar": lambda: rf"\bar{{{part('e')}}}",
        "limLow": lambda: f"{part('e')}_{{{part('lim')}}}",
        "func": lambda: f"{part('fName')} {part('e')}",
        "m": lambda: _matrix(element),
        "eqArr": lambda: _lines_of_formulas(element),
        "d": lambda: (
            _property(element, "begChr", "(")
            + ", ".join("".join(map(_formula, one)) for one in element if _name(one) == "e")
            + _property(element, "endChr", ")")
        ),
    }.get(name)
    return made() if made is not None else "".join(map(_formula, element))


def _matrix(element: ET.Element) -> str:
    rows = (" & ".join("".join(map(_formula, cell)) for cell in row) for row in element if _name(row) == "mr")
    return "\\begin{matrix} " + " \\\\ ".join(rows) + " \\end{matrix}"


def _lines_of_formulas(element: ET.Element) -> str:
    rows = ("".join(map(_formula, one)) for one in element if _name(one) == "e")
    return "\\begin{aligned} " + " \\\\ ".join(rows) + " \\end{aligned}"


def _property(element: ET.Element, name: str, otherwise: str) -> str:
    """Return a sign that a part of a formula names for itself."""
    for one in element:
        if _BESIDE_FORMULA.fullmatch(_name(one)):
            for inner in one:
                if _name(inner) == name:
                    return _attribute(inner, "val")
    return otherwise


def _open(parts: _Parts) -> Iterator[Line]:
    """Return the paragraphs of an .odt."""
    tree = parts.tree(_OPEN)
    if tree is None:
        raise KeyError(_OPEN)
    body = next((one for one in tree if _name(one) == "body"), None)
    return _lines(body, ("p", "h"), "table-row", "table-cell", lambda one, found: _spans(one, found, parts))


def _spans(element: ET.Element, pictures: list[Picture], parts: _Parts) -> str:
    """Return the text of a part of an .odt; its pictures are added to `pictures`."""
    name = _name(element)
    inner = element.text or ""
    if name == "s":
        inner = " " * min(int(_attribute(element, "c") or 1), 200)
    elif name in ("tab", "line-break"):
        inner = "\t" if name == "tab" else "\n"
    elif name == "image":
        pictures.append(parts.picture(_attribute(element, "href")))
        return PICTURE
    elif name == "object":
        formula = _annotation(parts, _attribute(element, "href").removeprefix("./"))
        return f" `{formula}` " if formula else ""
    elif name in ("note-citation", "tracked-changes"):
        return ""
    pieces = [inner]
    beside_object = any(_name(one) == "object" for one in element)
    for one in element:
        if not (beside_object and _name(one) == "image"):  # a picture of the formula beside it
            pieces.append(_spans(one, pictures, parts))
        pieces.append(one.tail or "")
    text = "".join(pieces)
    return f" ({' '.join(text.split())}) " if name == "note" else text


def _annotation(parts: _Parts, folder: str) -> str:
    """Return a formula as its author typed it."""
    tree = parts.tree(f"{folder}/content.xml")
    found = (one.text or "" for one in (tree.iter() if tree is not None else ()) if _name(one) == "annotation")
    return " ".join(next(found, "").split())
