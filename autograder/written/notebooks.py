"""Jupyter notebooks, read and never run: cells by their metadata or labels, of any version of the format."""

from __future__ import annotations

import base64
import binascii
import json
import logging
import re
import warnings
from collections.abc import Iterator, Mapping
from pathlib import PurePosixPath
from typing import Any, Final
from urllib.parse import unquote

from autograder.written import images
from autograder.written.documents import PICTURE, Block, Document, Passage, Picture, assemble, unindent
from autograder.written.latex import decode
from autograder.written.questions import Written
from autograder.written.templates import FIGURES, METADATA

_MOST_CELLS: Final = 2_000
_LONGEST_TEXT: Final = 1_000_000
_DEEPEST: Final = 30
_IN_TAG: Final = r"(?:[^<>]|<[^<>i]){0,500}"  # no other <img begins there
_PICTURE: Final = re.compile(
    r"!\[[^\]\n]{0,300}\]\(\s?<?([^)>\s]{1,500})(?:(?:>|[^\S\n])[^)\n]{0,300})?\)"
    rf"|<img\s{_IN_TAG}?src\s?=\s?[\"']([^\"'\n]{{1,500}})[\"']{_IN_TAG}>",
    re.IGNORECASE,
)
_INLINE: Final = re.compile(r"data:image/[\w.+-]+;base64,([A-Za-z0-9+/=\s]+)")
_BREAKING: Final = frozenset(("br", "p", "div", "h1", "h2", "h3", "h4", "h5", "h6", "li", "ul", "ol", "center"))
_RAISED: Final = {"sup": "^{", "sub": "_{"}
_TAG: Final = re.compile(
    r"(?P<kept>`{1,3}[^`]{1,2000}`{1,3}|\$\$?[^$]{1,1000}\$\$?)|<!--[\s\S]{0,2000}?-->|<(?P<closes>/?)"
    r"(?P<name>br|p|div|h[1-6]|li|ul|ol|center|span|font|b|i|u|em|strong|mark|small|big|sub|sup|details|summary)"
    # Attributes, not words: "w <b and b> 0" compares.
    r"(?:\s{1,9}[\w-]{1,40}=(?:\"[^\"<>]{0,300}\"|'[^'<>]{0,300}'|[^\s<>\"']{1,100})){0,8}\s{0,9}/?>",
    re.IGNORECASE,
)
_AGAIN: Final = "Open it in Jupyter, save it, and hand it in again."
# What is for Jupyter alone; `% (name,)` and `!= 3` at a line's begin go on with a line of Python.
_MAGIC: Final = re.compile(
    r"^[^\S\n]*(?:%{1,2}[A-Za-z]\w{0,40}(?=\s|$)|!(?!=)|\?{1,2}\w|[\w.]{1,80}\?{1,2}[^\S\n]{0,9}$).*$", re.MULTILINE
)
_OTHER_LANGUAGE: Final = re.compile(
    r"\s*%%(?:bash|sh|script|system|sx|cmd|!|html|HTML|svg|SVG|js|javascript|latex|markdown|perl|ruby|sql)\b"
)


def read(content: bytes, label: str, written: Written, others: Mapping[str, bytes], _path: str = "") -> Document:
    """Return a notebook; `others` are the files handed in with it, by path, for its pictures."""
    try:
        document, note = _parse(decode(content))
    except (ValueError, RecursionError) as error:
        where = f" (line {error.lineno})" if isinstance(error, json.JSONDecodeError) else ""
        return Document(
            label,
            "notebook",
            passages=(Passage(label, decode(content)[:_LONGEST_TEXT], numbered=True),),
            problem=f"It is no valid notebook: its JSON is broken{where}. {_AGAIN}",
        )
    cells = list(_cells(document))
    if not cells:
        problem = f"It is no notebook with cells in it. {_AGAIN}"
        return Document(label, "notebook", passages=tuple(_loose(document, label)), problem=problem)
    blocks = [_block(cell, number, others) for number, cell in enumerate(cells, start=1)]
    assembled = assemble(blocks, written)
    problem = ""
    if not assembled.sections:
        problem = (
            "No question's label was found in it. Write the answers below "
            f"`Answer {written.questions[0].number}` and so on, in the template."
        )
    metadata = document.get("metadata")
    ours = metadata.get(METADATA) if isinstance(metadata, dict) else None
    return Document(
        label=label,
        kind="notebook",
        sections=assembled.sections,
        passages=tuple(_passages(document, cells, label)),
        problem=problem,
        audience=str(ours.get("audience", "")) if isinstance(ours, dict) else "",
        code_cells=tuple(unindent(block.text) for block in blocks if block.is_code),
        outside=assembled.outside,
        note=note,
    )


def _parse(text: str) -> tuple[Any, str]:
    """Return the notebook as nbformat reads it, in version 4; its plain JSON, with a note, where nbformat refuses it.

    Raises ValueError or RecursionError where it is no JSON.
    """
    import nbformat

    document = json.loads(text)
    logging.getLogger("traitlets").setLevel(logging.CRITICAL)  # which would print its complaints
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.reads(text, as_version=4)  # type: ignore[no-untyped-call]
            nbformat.validate(notebook)
    except RecursionError:
        raise
    except Exception:  # noqa: BLE001  nbformat raises what an unexpected form leads to; the cells are still there
        return document, f"Jupyter itself would not open it as it is. {_AGAIN}"
    return notebook, ""


def readable(text: str) -> tuple[str, dict[int, int]]:
    """Return a notebook's cells as text, one below the other, and the line on which each begins, by its number."""
    try:
        document, _ = _parse(text)
    except (ValueError, RecursionError):
        return text, {}
    lines: list[str] = []
    starts = {}
    for number, cell in enumerate(_cells(document), start=1):
        lines += [f"[{number}] {cell.get('cell_type', '')}"]
        starts[number] = len(lines) + 1
        lines += [*_INLINE.sub("(a picture)", _source(cell)).splitlines(), ""]
    return "\n".join(lines), starts


def _cells(document: Any) -> Iterator[dict[str, Any]]:
    """Yield the cells of a notebook of version 4, or of 3, which keeps them in worksheets."""
    if not isinstance(document, dict):
        return
    sheets = document.get("worksheets")
    holders = [document, *(sheets if isinstance(sheets, list) else [])]
    found = [
        cell
        for holder in holders
        if isinstance(holder, dict) and isinstance(holder.get("cells"), list)
        for cell in holder["cells"]
        if isinstance(cell, dict)
    ]
    yield from found[:_MOST_CELLS]


def _source(cell: Mapping[str, Any]) -> str:
    source = cell.get("source", cell.get("input", ""))
    if isinstance(source, list):
        source = "".join(piece for piece in source if isinstance(piece, str))
    return source[:_LONGEST_TEXT] if isinstance(source, str) else ""


def _block(cell: Mapping[str, Any], number: int, others: Mapping[str, bytes]) -> Block:
    metadata = cell.get("metadata")
    ours = metadata.get(METADATA) if isinstance(metadata, dict) else None
    question, role = "", ""
    if isinstance(ours, dict):
        question, role = str(ours.get("question", "")), str(ours.get("role", ""))
    elif match := re.fullmatch(r"(question|answer|code)-([a-z0-9-]+)", str(cell.get("id", ""))):
        role, question = ("question" if match[1] == "question" else "answer"), match[2]
    is_code = cell.get("cell_type") == "code"
    source = _source(cell)
    if is_code:
        lines = re.compile(r"^.*$", re.MULTILINE) if _OTHER_LANGUAGE.match(source) else _MAGIC
        source = lines.sub(lambda match: "# " + match[0].strip(), source)
    pictures = tuple(_pictures(cell, source, others))
    if not is_code:
        source = _without_tags(_PICTURE.sub(PICTURE, _INLINE.sub("data:", source)))
    return Block(source, is_code, question, role, pictures, f"cell {number}")


def _without_tags(source: str) -> str:
    """Return Markdown without the HTML that only sets it, as Jupyter shows it; code and formulas stay as they are."""

    def shown(match: re.Match[str]) -> str:
        if match["kept"]:
            return match["kept"]
        name = (match["name"] or "").lower()
        if name in _RAISED:
            return "}" if match["closes"] else _RAISED[name]
        return "- " if name == "li" and not match["closes"] else "\n" if name in _BREAKING else ""

    return _TAG.sub(shown, source)


def _pictures(cell: Mapping[str, Any], source: str, others: Mapping[str, bytes]) -> Iterator[Picture]:
    attachments = cell.get("attachments")
    attached = attachments if isinstance(attachments, dict) else {}
    if cell.get("cell_type") != "code":
        inline = _inline(source)
        for match in _PICTURE.finditer(_INLINE.sub("data:", source)):
            target = unquote(match[1] or match[2])
            if target.startswith(("http:", "https:")):
                yield Picture(None)
                continue
            if target.startswith("data:"):
                yield Picture(next(inline, None))
            elif target.startswith("attachment:"):
                yield Picture(next(_read_pictures(attached.get(target.partition(":")[2])), None))
            else:
                name = PurePosixPath(target).name
                found = [content for path, content in others.items() if PurePosixPath(path).name == name]
                yield Picture(found[0] if found else None, PurePosixPath(target).parent.name == FIGURES)
    for output in _outputs(cell):
        yield from (
            Picture(content) for content in _read_pictures(output.get("data", output)) if images.media_type(content)
        )


def _outputs(cell: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    outputs = cell.get("outputs")
    return [output for output in outputs if isinstance(output, dict)] if isinstance(outputs, list) else []


def _read_pictures(bundle: Any) -> Iterator[bytes]:
    """Yield the pictures in a mapping from media types to base64."""
    if not isinstance(bundle, dict):
        return
    for kind, value in bundle.items():
        if isinstance(kind, str) and ("image" in kind or kind in ("png", "jpeg")):
            text = "".join(piece for piece in value if isinstance(piece, str)) if isinstance(value, list) else value
            if isinstance(text, str):
                if "svg" in kind:
                    yield text.encode("utf-8", "replace")
                    continue
                try:
                    yield base64.b64decode(text, validate=False)
                except (binascii.Error, ValueError):
                    continue


def _inline(source: str) -> Iterator[bytes]:
    for match in _INLINE.finditer(source):
        try:
            yield base64.b64decode(re.sub(r"\s", "", match[1]))
        except (binascii.Error, ValueError):
            continue


def _passages(document: Mapping[str, Any], cells: list[dict[str, Any]], label: str) -> Iterator[Passage]:
    for number, cell in enumerate(cells, start=1):
        where = f"cell {number} of {label}"
        yield Passage(where, _INLINE.sub(" ", _source(cell)))
        for content in _inline(_source(cell)):
            yield from _picture_passages(content, where)
        yield from _values(cell.get("metadata"), f"the metadata of {where}")
        attachments = cell.get("attachments")
        if isinstance(attachments, dict):
            for name, bundle in attachments.items():
                yield Passage(f"the name of a picture in {where}", str(name), "path")
                for content in _read_pictures(bundle):
                    yield from _picture_passages(content, where)
        for output in _outputs(cell):
            for content in _read_pictures(output.get("data", output)):
                yield from _picture_passages(content, f"the output of {where}")
            yield from _texts(output, f"the output of {where}", "text")
    yield from _values(document.get("metadata"), f"the metadata of {label}")


def _picture_passages(content: bytes, where: str) -> Iterator[Passage]:
    found = list(images.texts(content))
    if found:
        yield Passage(f"the metadata of a picture in {where}", "\n".join(found), "metadata")


def _values(value: Any, where: str) -> Iterator[Passage]:
    """Yield all texts in metadata, those under the key of a name marked as such."""
    if isinstance(value, dict):
        for key, entry in value.items():
            if re.search(r"author|name|user|student|creator|owner", str(key), re.IGNORECASE) and key not in (
                "display_name",
                "file_extension",
            ):
                yield from _texts(entry, where, "author")
            else:
                yield from _values(entry, where)
            yield Passage(where, str(key), "metadata")
    else:
        yield from _texts(value, where, "metadata")


def _texts(value: Any, where: str, kind: str, depth: int = 0) -> Iterator[Passage]:
    if depth > _DEEPEST:
        return
    if isinstance(value, str):
        if len(value) < _LONGEST_TEXT:
            yield Passage(where, re.sub(r"\x1b\[[0-9;]*m", "", value), kind)
    elif isinstance(value, list):
        if all(isinstance(entry, str) for entry in value):
            yield from _texts("".join(value), where, kind, depth + 1)
        else:
            for entry in value:
                yield from _texts(entry, where, kind, depth + 1)
    elif isinstance(value, dict):
        for key, entry in value.items():
            if not re.match(r"image/|png$|jpeg$", str(key)):
                yield from _texts(entry, where, kind, depth + 1)


def _loose(document: Any, label: str) -> Iterator[Passage]:
    yield from _texts(document, label, "text")
