"""PDFs, read by a bounded process of our own; what it says is checked before it is used."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final

from autograder.written.documents import Block, Document, Passage, assemble
from autograder.written.pdf_reader import LARGEST_OUTPUT
from autograder.written.questions import Limits, Written

_READER: Final = Path(__file__).with_name("pdf_reader.py")
_FEWEST_CHARACTERS: Final = 40  # a page with fewer is a picture of a page
_AGAIN: Final = "Hand in the notebook or the LaTeX source, or export the PDF again"
_PROBLEMS: Final = {
    "encrypted": f"The PDF is encrypted. {_AGAIN}, without a password.",
    "broken": f"The PDF is damaged and cannot be opened. {_AGAIN}.",
}
_UNREADABLE: Final = f"The PDF could not be read within the time and memory that are set aside for it. {_AGAIN}."
_SCANNED: Final = (
    "The PDF holds pictures of pages and no text (a scan, or photographs), so no answer can be found in it; a person "
    "will read it. Next time hand in the notebook, the LaTeX source, or the PDF made from it."
)


def read(content: bytes, label: str, written: Written, _others: Mapping[str, bytes]) -> Document:
    """A PDF; never fails: what cannot be read is a document with a problem."""
    found = _checked(_run("read", content, written.limits))
    if found is None:
        return Document(label, "pdf", problem=_UNREADABLE)
    if "problem" in found:
        return Document(label, "pdf", problem=_PROBLEMS[found["problem"]])
    pages: list[str] = found["pages"]
    passages = [Passage(f"page {number} of {label}", _joined(page)) for number, page in enumerate(pages, start=1)]
    passages += [Passage(f"{label}: {place}", text, kind) for place, kind, text in found["strings"]]
    passages += [Passage(f"the metadata of a picture in {label}", text, "metadata") for text in found["pictures"]]
    blocks = [Block(_joined(_without_number(page)), page=number) for number, page in enumerate(pages, start=1)]
    sections = assemble(blocks, written)
    problem = ""
    if found["lost"] and not sections:
        problem = _UNREADABLE
    elif found["lost"]:
        problem = f"{found['lost']} of its pages could not be read. {_AGAIN}."
    elif sum(len(page.strip()) for page in pages) < _FEWEST_CHARACTERS * max(len(pages), 1):
        problem = _SCANNED
    elif not sections:
        problem = (
            "No question's label was found in it. Make the PDF from the LaTeX template, or write `Answer 1.1` and so "
            "on above the answers."
        )
    elif found["count"] > len(pages):
        problem = f"It has {found['count']} pages; the first {len(pages)} were read."
    return Document(label, "pdf", sections, tuple(passages), problem, _audience(pages))


def cleaned(content: bytes, limits: Limits) -> bytes:
    """The PDF without properties, annotations and attachments, for people to look at; empty where that fails."""
    output = _run("clean", content, limits)
    return output if output.startswith(b"%PDF-") else b""


def _run(mode: str, content: bytes, limits: Limits) -> bytes:
    """The reader's output; empty where it failed, took too long or wrote too much."""
    seconds = max(int(limits.pdf_seconds), 1)
    command = [
        sys.executable,
        "-I",
        "-B",
        str(_READER),
        mode,
        str(limits.pages),
        str(limits.pdf_memory_mb),
        str(seconds),
    ]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as written:
        given.write(content)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603  our own program; the stranger's bytes are its input
                command,
                stdin=given,
                stdout=written,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                cwd="/",
                timeout=limits.pdf_seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return b""
        written.seek(0)
        return written.read(LARGEST_OUTPUT) if done.returncode == 0 else b""


def _checked(output: bytes) -> dict[str, Any] | None:
    """The reader's answer, if it is of the form that it should have."""
    try:
        found = json.loads(output)
    except (ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    if found.get("problem") in _PROBLEMS:
        return {"problem": found["problem"]}
    strings = found.get("strings")
    right = (
        all(_texts(found.get(name)) for name in ("pages", "pictures"))
        and isinstance(found.get("count"), int)
        and isinstance(found.get("lost"), int)
        and isinstance(strings, list)
        and all(_texts(entry) and len(entry) == 3 for entry in strings)
    )
    return found if right else None


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(entry, str) for entry in value)


def _joined(page: str) -> str:
    """A page's text with words that were parted at the end of a line put together again."""
    return re.sub(r"(\w)-\n(?=[a-z])", r"\1", page)


def _without_number(page: str) -> str:
    """A page without the number at its foot or head."""
    return re.sub(r"\A\s*\d{1,3}\s*\n|\n\s*\d{1,3}\s*\Z", "\n", page)


def _audience(pages: list[str]) -> str:
    return next(_declared(pages[0]), "") if pages else ""


def _declared(page: str) -> Iterator[str]:
    """`Audience: 2470` on the first page."""
    for match in re.finditer(r"^\s*audience\s*:\s*(\w+)\s*$", page, re.IGNORECASE | re.MULTILINE):
        yield match[1]
