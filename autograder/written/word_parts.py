"""What a Word or OpenDocument text says beside what is read: properties, comments, changes, descriptions, paths."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, Protocol
from xml.etree import ElementTree as ET

from autograder.written.documents import Passage

_MOST_PARTS: Final = 200
_MOST_PASSAGES: Final = 5_000  # a part
_XML: Final = re.compile(r".*\.(?:xml|rels)")
# Fonts, colours and shapes are called after people, too.
_LOOKS: Final = re.compile(r"fontTable|theme\d{0,9}|webSettings|numbering|\[Content_Types\]|manifest")
_STYLES: Final = "word/styles.xml"
_MAIN: Final = re.compile(r"word/document\.xml|content\.xml")
_SETTINGS: Final = re.compile(r"(?:word/)?settings\.xml")
_TEXT: Final = re.compile(r"t|delText|instrText|delInstrText|span|a|s")
_AUTHOR: Final = re.compile(r"(?:creator|author|lastModifiedBy|manager|userId)\w*", re.IGNORECASE)
_DESCRIBED: Final = frozenset(("author", "userId", "descr", "title", "alt", "initial-creator"))
_NAMED: Final = frozenset(("docPr", "cNvPr", "shape", "frame", "object", "property", "user-defined", "bookmarkStart"))
_WHERE: Final = "its properties and comments"
_UNSEEN: Final = "the paths that the program kept"


class Parts(Protocol):
    """The parts of a document, by name."""

    names: frozenset[str]

    def tree(self, name: str) -> ET.Element | None:
        """Return the XML of a part; None where there is none."""


def passages(parts: Parts, label: str) -> Iterator[Passage]:
    """Yield every text in which a name may stand, but for what stands on the pages.

    Raises what reading a part raises.
    """
    chosen = [name for name in sorted(parts.names) if _XML.fullmatch(name) and not _is_looks(name)]
    for name in chosen[:_MOST_PARTS]:
        try:
            tree = parts.tree(name)
        except ET.ParseError:
            continue  # what is no XML in a part that nothing shows
        if tree is None or _name(tree) == "Sources" or name == _STYLES:  # cited books, and fonts
            continue
        found = _relations(tree, label) if name.endswith(".rels") else _part(tree, name, label)
        for count, passage in enumerate(found):
            if count > _MOST_PASSAGES:
                break
            yield passage


def _is_looks(name: str) -> bool:
    *folders, last = name.split("/")
    return "theme" in folders or _LOOKS.fullmatch(last.removesuffix(".xml")) is not None


def _relations(tree: ET.Element, label: str) -> Iterator[Passage]:
    """Yield the paths and links of a part; that of the template, which nobody sees, costs nothing."""
    for one in tree:
        if target := _attribute(one, "Target"):
            is_link = _attribute(one, "Type").endswith(("/hyperlink", "/image"))
            yield Passage(f"{label}: {'a link' if is_link else _UNSEEN}", target, "metadata", unchosen=not is_link)


def _part(tree: ET.Element, name: str, label: str) -> Iterator[Passage]:
    where = f"{label}: {_WHERE}"
    is_main, is_settings = bool(_MAIN.fullmatch(name)), bool(_SETTINGS.fullmatch(name))
    for one in tree.iter():
        kind = "author" if _AUTHOR.fullmatch(_name(one)) else "metadata"
        if _name(one) in ("p", "h"):
            text, has_deleted = _paragraph(one)
            if text.strip() and (has_deleted or not is_main):
                yield Passage(where, text)
        elif _name(one) == "tracked-changes":
            yield Passage(where, " ".join("".join(one.itertext()).split()))
        elif (
            (text := (one.text or "").strip())
            and not _TEXT.fullmatch(_name(one))
            and (not is_main or kind == "author" or _name(one) in ("title", "desc"))
        ):
            yield Passage(where, text, kind, unchosen=is_settings)
        for attribute, value in one.attrib.items():
            key = attribute.rpartition("}")[2]
            if key in _DESCRIBED or (key == "name" and _name(one) in _NAMED):
                described = "author" if _AUTHOR.fullmatch(key) else "path" if key == "name" else "metadata"
                yield Passage(where, value, described)
            elif (is_settings and key == "val") or (key == "href" and _name(one) == "template"):
                yield Passage(f"{label}: {_UNSEEN}", value, "metadata", unchosen=True)


def _paragraph(element: ET.Element) -> tuple[str, bool]:
    """Return the text of a paragraph with what was deleted from it, and whether anything was."""
    pieces, has_deleted = [], False
    for one in element.iter():
        if _TEXT.fullmatch(_name(one)) or one is element:
            pieces.append(one.text or "")
        has_deleted = has_deleted or _name(one) in ("delText", "instrText", "delInstrText")
        if one is not element:
            pieces.append((one.tail or "").strip("\n"))
    return "".join(pieces), has_deleted


def _name(element: ET.Element) -> str:
    return element.tag.rpartition("}")[2] if isinstance(element.tag, str) else ""


def _attribute(element: ET.Element, name: str) -> str:
    return next((value for key, value in element.attrib.items() if key.rpartition("}")[2] == name), "")
