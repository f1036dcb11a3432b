"""What stands on a page of a PDF beside its text, and where: pictures, handwriting, and what was typed onto it later.

Whoever writes on the PDF of the template by hand, pastes photographs, or types into boxes of a viewer leaves no text on
the page. So each of these is put between the lines of the page's text, below the one that it stands under.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from autograder.written.documents import PICTURE

_MOST_OBJECTS: Final = 5_000  # a page
_MOST_NOTES: Final = 2_000
_DEEPEST: Final = 5  # groups of objects within others
_MOST_TEXT: Final = 20_000  # characters of a typed note
_SMALLEST_PICTURE: Final = 12.0  # points of each side
_RULE: Final = 5  # segments of a line, or of a box around something
_FRAME: Final = 0.5  # of the page's width or height: a path as large, of few segments, is a frame around text
_TALL: Final = 0.6  # of the page's height: a scan, or all handwriting of a page in one
_MOST_OF_FRAME: Final = 150  # segments: some programs write all handwriting of a page as one path
_FEWEST_IN_COLUMN: Final = 3  # lines
_STROKES: Final = 60  # segments of what is drawn below one line of text, from which on it is no ornament


@dataclass(frozen=True)
class Box:
    """A rectangle of the page, in points from its lower left corner."""

    left: float
    bottom: float
    right: float
    top: float

    @property
    def middle(self) -> float:
        """Its height above the page's foot."""
        return (self.bottom + self.top) / 2


@dataclass(frozen=True)
class _Line:
    """A line of the page's text, with its box where that is known."""

    text: str
    box: Box | None


@dataclass(frozen=True)
class _Drawing:
    """Something drawn. text: what was typed; PICTURE for what is seen only. segments: of a path; 0 for all else."""

    box: Box
    text: str = PICTURE
    segments: int = 0


def with_drawings(text: str, page: Any, textpage: Any) -> tuple[str, bool]:
    """Return a page's text with what else stands on it: a mark for pictures, and what was typed into notes.

    Returned, too, is whether something is drawn over most of the page, and so belongs to no single place of it.
    text: as PDFium gives it, with its own ends of lines.
    """
    text = text.replace(PICTURE, " ")
    everything = [*_notes(page), *_objects(page)]
    found = [
        one for one in everything if one.text != PICTURE or one.box.top - one.box.bottom < _TALL * page.get_height()
    ]
    is_covered = len(found) < len(everything)
    if not found:
        return text, is_covered
    lines = _lines(text, textpage)
    has_columns = _has_columns(lines, page.get_width())
    below: dict[int, dict[str, None]] = {}
    strokes = Counter[int]()
    for drawing in found:
        place = _place(drawing.box, lines, page.get_width() / 2 if has_columns else 0.0)
        strokes[place] += drawing.segments
        if not drawing.segments or strokes[place] >= _STROKES:
            below.setdefault(place, {})[drawing.text] = None  # one mark for all that is drawn there
    shown = [*below.get(-1, ())]
    for place, line in enumerate(lines):
        shown += [line.text, *below.get(place, ())]
    return "\n".join(shown), is_covered


def _objects(page: Any) -> Iterator[_Drawing]:
    """Yield the pictures and the paths of a page, those of groups among them."""
    from pypdfium2 import PdfMatrix

    todo = [(PdfMatrix(), one) for one in page.get_objects(max_depth=1)]
    count = 0
    while todo and count < _MOST_OBJECTS:
        matrix, found = todo.pop()
        count += 1
        with suppress(Exception):  # one that PDFium cannot measure
            yield from _object(found, matrix, page)
            if _is_group(found) and found.level < _DEEPEST:
                inner = found.get_matrix().multiply(matrix)
                todo += [
                    (inner, one)
                    for one in page.get_objects(max_depth=found.level + 2, form=found, level=found.level + 1)
                ]


def _is_group(found: Any) -> bool:
    import pypdfium2.raw as pdfium

    return bool(found.type == pdfium.FPDF_PAGEOBJ_FORM)


def _object(found: Any, matrix: Any, page: Any) -> Iterator[_Drawing]:
    import pypdfium2.raw as pdfium

    if found.type not in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_PATH):
        return
    box = Box(*matrix.on_rect(*found.get_bounds()))
    if found.type == pdfium.FPDF_PAGEOBJ_IMAGE:
        if min(box.right - box.left, box.top - box.bottom) >= _SMALLEST_PICTURE:
            yield _Drawing(box)
        return
    segments = pdfium.FPDFPath_CountSegments(found)
    is_frame = box.right - box.left > _FRAME * page.get_width() or box.top - box.bottom > _FRAME * page.get_height()
    if segments > _RULE and not (is_frame and segments <= _MOST_OF_FRAME):
        yield _Drawing(box, segments=segments)


def _notes(page: Any) -> Iterator[_Drawing]:
    """Yield what a viewer has put onto a page: typed text, ink, stamps, filled fields."""
    import pypdfium2.raw as pdfium

    drawn = (pdfium.FPDF_ANNOT_INK, pdfium.FPDF_ANNOT_STAMP, pdfium.FPDF_ANNOT_POLYLINE, pdfium.FPDF_ANNOT_POLYGON)
    typed = {pdfium.FPDF_ANNOT_FREETEXT: b"Contents", pdfium.FPDF_ANNOT_WIDGET: b"V"}
    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_NOTES)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        kind, rect = pdfium.FPDFAnnot_GetSubtype(note), pdfium.FS_RECTF()
        if (kind in drawn or kind in typed) and pdfium.FPDFAnnot_GetRect(note, rect):
            text = read_entry(note, typed[kind], _MOST_TEXT) if kind in typed else PICTURE
            if text.strip():
                low, high = sorted((rect.bottom, rect.top))
                yield _Drawing(Box(rect.left, low, rect.right, high), text.replace("\r\n", "\n").replace("\r", "\n"))
        pdfium.FPDFPage_CloseAnnot(note)


def read_entry(note: Any, key: bytes, most: int) -> str:
    """Return a text of an annotation; "" where there is none, or more than `most` bytes."""
    import pypdfium2.raw as pdfium

    length = pdfium.FPDFAnnot_GetStringValue(note, key, None, 0)
    if not 2 < length < most:
        return ""
    buffer = (pdfium.FPDF_WCHAR * (length // 2 + 1))()
    pdfium.FPDFAnnot_GetStringValue(note, key, buffer, length)
    return bytes(buffer).decode("utf-16-le", "replace").strip("\0")


def _lines(text: str, textpage: Any) -> list[_Line]:
    """Return the lines of a page's text, each with its box; without one where it is empty, or PDFium does not say."""
    import pypdfium2.raw as pdfium

    lines, position = [], 0
    for line in text.splitlines(keepends=True):
        shown, start = line.rstrip("\r\n"), position
        position += _units(line)
        corners = []
        for place in {start, start + _units(shown) - 1} if shown.strip() else ():
            with suppress(Exception):
                index = pdfium.FPDFText_GetCharIndexFromTextIndex(textpage, place)
                corners.append(textpage.get_charbox(index, loose=True))
        left, bottom, right, top = zip(*corners, strict=True) if corners else ((), (), (), ())
        lines.append(_Line(shown, Box(min(left), min(bottom), max(right), max(top)) if corners else None))
    return lines


def _units(text: str) -> int:
    """Return how many characters PDFium counts: a mathematical letter beyond the first plane is two."""
    return len(text) + sum(character > "\uffff" for character in text)


def _has_columns(lines: Sequence[_Line], width: float) -> bool:
    """Return whether several long lines begin in the right half of a page."""
    boxes = [line.box for line in lines if line.box]
    return sum(box.left > 0.48 * width and box.right - box.left > 0.25 * width for box in boxes) >= _FEWEST_IN_COLUMN


def _place(box: Box, lines: Sequence[_Line], middle: float) -> int:
    """Return the line below which something stands; -1 above all of them.

    middle: between two columns, of which a line in the other one does not count; 0 where there is one column.
    """

    def is_beside(line: Box) -> bool:
        return bool(middle) and (line.right <= middle <= box.left or box.right <= middle <= line.left)

    above = [
        (line.box.top, -place, place)
        for place, line in enumerate(lines)
        if line.box and line.box.top > box.middle and not is_beside(line.box)
    ]
    return min(above)[2] if above else -1
