"""A program of its own: reads the PDF on its standard input and writes what it says as JSON, or a clean copy of it.

pypdf meets a stranger's bytes here, in a process that bounds itself and holds nothing; `pdfs` starts it and believes
its output as little as the PDF.
    python -I pdf_reader.py read PAGES MEGABYTES SECONDS    python -I pdf_reader.py clean PAGES MEGABYTES SECONDS
"""

from __future__ import annotations

import io
import json
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from autograder.written import images

LARGEST_OUTPUT: Final = 48 * 2**20
_MOST_NODES: Final = 60_000
_MOST_TEXT: Final = 200_000  # characters a page
_PLACES: Final = {
    "/Annots": "an annotation", "/Outlines": "a bookmark", "/Info": "its properties", "/AcroForm": "a form field",
    "/EmbeddedFiles": "an attached file", "/AF": "an attached file", "/Metadata": "its XMP metadata", "/A": "a link",
}  # fmt: skip
_NAMES_OF_PEOPLE: Final = {"/Author", "/T", "/Creator", "/Reason", "/Name"}


def main() -> None:
    """Bound this process, then do what the arguments ask for."""
    mode, pages, megabytes, seconds = sys.argv[1], *map(int, sys.argv[2:5])
    _bound(megabytes, seconds)
    content = sys.stdin.buffer.read()
    if mode == "clean":
        sys.stdout.buffer.write(_clean(content, pages))
    else:
        json.dump(_read(content, pages), sys.stdout)


def _bound(megabytes: int, seconds: int) -> None:
    with suppress(ImportError):  # no such bounds on Windows; whoever started us still watches the clock
        import resource

        for kind, amount in (
            ("RLIMIT_AS", megabytes * 2**20),
            ("RLIMIT_CPU", seconds + 1),
            ("RLIMIT_FSIZE", LARGEST_OUTPUT),
            ("RLIMIT_CORE", 0),
        ):
            with suppress(ValueError, OSError):  # macOS has no bound on the address space
                resource.setrlimit(getattr(resource, kind), (amount, amount))


def _read(content: bytes, most_pages: int) -> dict[str, Any]:
    from pypdf import PdfReader

    try:
        reader = PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            return {"problem": "encrypted"}
        count = len(reader.pages)
    except Exception as error:  # noqa: BLE001  pypdf raises whatever a broken file leads to
        encrypted = "crypt" in f"{type(error).__name__} {error}".lower()
        return {"problem": "encrypted" if encrypted else "broken"}
    pages: list[str] = []
    lost = 0
    for index in range(min(count, most_pages)):
        try:
            pages.append(reader.pages[index].extract_text()[:_MOST_TEXT])
        except Exception:  # noqa: BLE001  this page alone is lost
            pages.append("")
            lost += 1
    walk = _Walk()
    with suppress(Exception):  # what was found until then is kept
        walk.visit(reader.trailer, "", ())
    return {"pages": pages, "count": count, "lost": lost, "strings": walk.found, "pictures": walk.pictures}


class _Walk:
    """Every text in the objects of a PDF, with the place that it belongs to, and the metadata of its pictures."""

    def __init__(self) -> None:
        self.found: list[list[str]] = []
        self.pictures: list[str] = []
        self.seen: set[int] = set()
        self.left = _MOST_NODES

    def visit(self, value: Any, key: str, above: tuple[str, ...]) -> None:
        from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, StreamObject, TextStringObject

        self.left -= 1
        if self.left < 0 or len(above) > 60:
            return
        if isinstance(value, IndirectObject):
            if value.idnum in self.seen:
                return
            self.seen.add(value.idnum)
            with suppress(Exception):  # a broken object hides nothing but itself
                self.visit(value.get_object(), key, above)
        elif isinstance(value, DictionaryObject):
            if isinstance(value, StreamObject):
                self.stream(value, key)
            for name, entry in value.items():
                if name not in ("/Font", "/Parent", "/P", "/ID"):
                    self.visit(entry if name not in value else value.raw_get(name), name, (*above, name))
        elif isinstance(value, ArrayObject):
            for entry in list.__iter__(value):
                self.visit(entry, key, above)
        elif isinstance(value, (TextStringObject, bytes)):
            text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
            place = next((_PLACES[name] for name in reversed(above) if name in _PLACES), "its objects")
            kind = "author" if key in _NAMES_OF_PEOPLE else "metadata"
            self.found.append([place, kind, text[:_MOST_TEXT]])

    def stream(self, value: Any, key: str) -> None:
        if key == "/Metadata":
            self.found.append(
                ["its XMP metadata", "metadata", value.get_data()[:_MOST_TEXT].decode("utf-8", "replace")]
            )
        elif value.get("/Subtype") == "/Image" and "/DCTDecode" in str(value.get("/Filter")):
            self.pictures += images.texts(value._data)  # noqa: SLF001  the JPEG itself, which get_data would unpack


def _clean(content: bytes, most_pages: int) -> bytes:
    """The PDF with its pages alone: no properties, annotations, attachments or bookmarks."""
    from pypdf import PdfReader, PdfWriter
    from pypdf.generic import NameObject

    reader = PdfReader(io.BytesIO(content))
    if reader.is_encrypted:
        reader.decrypt("")
    writer = PdfWriter()
    for page in reader.pages[:most_pages]:
        for name in ("/Annots", "/Metadata", "/PieceInfo", "/Thumb", "/AA", "/B"):
            if name in page:
                del page[NameObject(name)]
        writer.add_page(page)
    writer.metadata = None
    entries: list[Any] = list(writer._objects)  # noqa: SLF001  there is no public way to a JPEG's own bytes
    for entry in entries:
        if (
            getattr(entry, "get", None)
            and entry.get("/Subtype") == "/Image"
            and "/DCTDecode" in str(entry.get("/Filter"))
        ):
            entry._data = images.stripped(entry._data) or entry._data  # noqa: SLF001
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


if __name__ == "__main__":
    main()
