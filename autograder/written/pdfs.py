"""PDFs, read with PDFium: the text of their pages, what else in them may name somebody, and pictures of pages."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from ctypes import c_ulong, create_string_buffer
from dataclasses import dataclass
from typing import Any, Final

from autograder.base.time_limits import OutOfTimeError, time_limit
from autograder.written import images, pdf_drawings, pdf_objects
from autograder.written.documents import PICTURE, Block, Document, Passage, Picture, assemble
from autograder.written.questions import Limits, Written

_FEWEST_CHARACTERS: Final = 40  # a page with fewer is a picture of a page
_MOST_TEXT: Final = 200_000  # characters a page
_MOST_OBJECTS: Final = 2_000  # a page, and bookmarks in all
_RUNNING: Final = 3  # lines at a page's head and at its foot
_FEWEST_RUNNING: Final = 3  # pages
_PICTURE_WIDTH: Final = 1_000  # pixels of a page's picture
_MOST_PIXELS: Final = 2**24  # of one
_AGAIN: Final = "Hand in the notebook or the LaTeX source, or export the PDF again"
ENCRYPTED: Final = f"The PDF is encrypted. {_AGAIN}, without a password."
BROKEN: Final = f"The PDF is damaged and cannot be opened. {_AGAIN}."
UNREADABLE: Final = f"The PDF could not be read within the time and memory that are set aside for it. {_AGAIN}."
_DRAWN: Final = Picture(None, on_page=True)
_SCANNED: Final = (
    "The PDF holds pictures of pages and no text (a scan, or photographs), so no answer can be found in it; a person "
    "will read it. Next time hand in the notebook, the LaTeX source, or the PDF made from it."
)


def read(content: bytes, label: str, written: Written, _others: Mapping[str, bytes], _path: str = "") -> Document:
    """Return a PDF; what cannot be read of it is a document with a problem."""
    import pypdfium2

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        problem = ENCRYPTED if "assword" in str(error) else BROKEN
        return Document(label, "pdf", passages=tuple(pdf_objects.passages(content, label)), problem=problem)
    try:
        count = len(document)
        with time_limit(written.limits.seconds * 0.6):
            pages = list(_pages(document, min(count, written.limits.pages)))
        extras: list[Passage] = []
        with suppress(OutOfTimeError), time_limit(written.limits.seconds * 0.2):
            extras.extend(_extras(document, label))  # what came before the end of the time stays
    except OutOfTimeError:
        return Document(label, "pdf", problem=UNREADABLE)
    finally:
        document.close()
    texts, lost = [page.text.replace(PICTURE, "") for page in pages], sum(page.is_lost for page in pages)
    passages = [Passage(f"page {number} of {label}", text) for number, text in enumerate(texts, start=1)]
    passages += [*extras, *pdf_objects.passages(content, label)]
    assembled = assemble(list(_blocks(pages)), written)
    problem = ""
    if lost and not assembled.sections:
        problem = UNREADABLE
    elif lost:
        problem = f"{lost} of its pages could not be read. {_AGAIN}."
    elif not any(section.answered for section in assembled.sections.values()) and sum(
        len(text.strip()) for text in texts
    ) < _FEWEST_CHARACTERS * max(len(texts), 1):
        problem = _SCANNED
    elif not assembled.sections:
        problem = (
            "No question's label was found in it. Make the PDF from the LaTeX template, or write "
            f"`Answer {written.questions[0].number}` and so on above the answers."
        )
    elif count > len(pages):
        problem = f"It has {count} pages; the first {len(pages)} were read."
    audience = next(_find_declared(texts[0]), "") if texts else ""
    return Document(label, "pdf", assembled.sections, tuple(passages), problem, audience, outside=assembled.outside)


def pictures(content: bytes, limits: Limits) -> Iterator[bytes]:
    """Yield each page as a PNG, without anything that is not drawn on it.

    Raises PdfiumError where it cannot be opened.
    """
    import pypdfium2

    document = pypdfium2.PdfDocument(content)
    for index in range(min(len(document), limits.pages)):
        page = document[index]
        width, height = max(page.get_width(), 72.0), max(page.get_height(), 72.0)
        # A notebook may be exported as one page of many screens' length.
        scale = min(_PICTURE_WIDTH / width, math.sqrt(_MOST_PIXELS / (width * height)))
        bitmap = page.render(scale=scale, rev_byteorder=True)
        yield images.png(bitmap.width, bitmap.height, bitmap.n_channels, bytes(bitmap.buffer), bitmap.stride)
        bitmap.close()
        page.close()


@dataclass(frozen=True)
class _Page:
    """A page's text, with marks for its pictures. is_covered: a drawing takes most of it. is_lost: it is unreadable."""

    text: str = ""
    is_covered: bool = False
    is_lost: bool = False


def _pages(document: Any, most: int) -> Iterator[_Page]:
    for index in range(most):
        try:
            page = document[index]
            textpage = page.get_textpage()
            text, is_covered = pdf_drawings.with_drawings(textpage.get_text_range()[:_MOST_TEXT], page, textpage)
            page.close()
        except OutOfTimeError:
            raise
        except Exception:  # noqa: BLE001  whatever PDFium meets there, this page alone is lost
            yield _Page(is_lost=True)
        else:
            yield _Page(_join_words(text.replace("\r\n", "\n").replace("\r", "\n")), is_covered)


def _blocks(pages: Sequence[_Page]) -> Iterator[Block]:
    """Yield a block for each page, and one more for a drawing that covers it."""
    bodies = _without_running_lines([_without_number(page.text) for page in pages])
    for number, (page, body) in enumerate(zip(pages, bodies, strict=True), start=1):
        place = f"page {number}"
        yield Block(body, page=number, place=place, pictures=(_DRAWN,) * body.count(PICTURE))
        if page.is_covered:
            yield Block(PICTURE, page=number, place=place, pictures=(_DRAWN,))


def _extras(document: Any, label: str) -> Iterator[Passage]:
    """Yield what a PDF holds beside its pages: properties, bookmarks, notes, form fields, links, attachments."""
    for key, value in document.get_metadata_dict(skip_empty=True).items():
        yield Passage(f"{label}: its properties", value, "author" if key in ("Author", "Creator") else "metadata")
    with suppress(Exception):  # a broken outline hides nothing but itself
        for count, item in enumerate(document.get_toc(max_depth=8)):
            if count > _MOST_OBJECTS:
                break
            yield Passage(f"{label}: a bookmark", item.get_title(), "metadata")
    with suppress(Exception):
        for index in range(min(document.count_attachments(), 50)):
            attachment = document.get_attachment(index)
            yield Passage(f"{label}: the name of an attached file", attachment.get_name(), "path")
            yield Passage(
                f"{label}: an attached file", bytes(attachment.get_data())[:_MOST_TEXT].decode("utf-8", "replace")
            )
    for index in range(min(len(document), 500)):
        with suppress(Exception):
            page = document[index]
            yield from _notes(document, page, label)
            yield from _picture_texts(page, label)
            page.close()


def _notes(document: Any, page: Any, label: str) -> Iterator[Passage]:
    """Yield what annotations and form fields of a page say."""
    import pypdfium2.raw as pdfium

    for index in range(min(pdfium.FPDFPage_GetAnnotCount(page), _MOST_OBJECTS)):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        for key, kind in ((b"T", "author"), (b"Contents", "metadata"), (b"V", "metadata"), (b"NM", "metadata")):
            if text := pdf_drawings.read_entry(note, key, _MOST_TEXT):
                yield Passage(f"{label}: an annotation", text, kind)
        if link := pdfium.FPDFAnnot_GetLink(note):
            action = pdfium.FPDFLink_GetAction(link)
            length = pdfium.FPDFAction_GetURIPath(document, action, None, 0) if action else 0
            if 1 < length < _MOST_TEXT:
                target = create_string_buffer(length)
                pdfium.FPDFAction_GetURIPath(document, action, target, c_ulong(length))
                yield Passage(f"{label}: a link", target.value.decode("utf-8", "replace"), "metadata")
        pdfium.FPDFPage_CloseAnnot(note)


def _picture_texts(page: Any, label: str) -> Iterator[Passage]:
    """Yield what the metadata of JPEGs on a page say."""
    import pypdfium2.raw as pdfium

    for count, found in enumerate(page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_IMAGE], max_depth=3)):
        if count > _MOST_OBJECTS:
            break
        data = bytes(found.get_data(decode_simple=False))
        if data.startswith(b"\xff\xd8") and (texts := list(images.texts(data))):
            yield Passage(f"the metadata of a picture in {label}", "\n".join(texts), "metadata")


def _join_words(page: str) -> str:
    """Return a page's text with words that were parted at the end of a line put together again."""
    page = re.sub(r"(\w)[\ufffe\x02\u00ad]\n?(?=\w)", r"\1", page)
    return re.sub(r"(\w)-\n(?=[a-z])", r"\1", page)


def _without_number(page: str) -> str:
    """Return a page without the number at its foot or head."""
    lines = page.strip().split("\n")
    if lines and re.fullmatch(r"\s?\d{1,3}\s?", lines[-1]):
        lines.pop()
    elif lines and re.fullmatch(r"\s?\d{1,3}\s?", lines[0]):
        del lines[0]
    return "\n".join(lines)


def _without_running_lines(pages: Sequence[str]) -> list[str]:
    """Return the pages without what stands at the head or the foot of most of them, as a browser prints it there.

    A date, a page's number or an address may differ from page to page; any other line is the same everywhere.
    """
    lines = [page.split("\n") for page in pages]
    edges = [{*_edge(one), *_edge(one[::-1])} for one in lines]
    counts = Counter(line for edge in edges for line in edge)
    running = {line for line, count in counts.items() if count >= max(_FEWEST_RUNNING, 0.6 * len(pages))}
    kept = []
    for one in lines:
        inner = [
            line
            for place, line in enumerate(one)
            if _running(line) not in running or min(place, len(one) - 1 - place) >= _RUNNING
        ]
        kept.append("\n".join(inner))
    return kept


def _edge(lines: Sequence[str]) -> Iterator[str]:
    """Yield the first lines of a page, as they are compared with other pages' ones."""
    return (_running(line) for line in lines[:_RUNNING] if line.strip() and line != PICTURE)


def _running(line: str) -> str:
    is_counted = "/" in line or re.search(r"\bpage\b", line, re.IGNORECASE)
    return re.sub(r"\d+", "#", line.strip()) if is_counted else line.strip()


def _find_declared(page: str) -> Iterator[str]:
    """Yield `Audience: 2470` on the first page."""
    for match in re.finditer(r"^[ \t]*audience[ \t]*:[ \t]*(\w+)[ \t]*$", page, re.IGNORECASE | re.MULTILINE):
        yield match[1]
