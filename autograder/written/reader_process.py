"""Has a submission read by a bounded process of its own, and checks what it says before anybody uses it."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import SubmissionError
from autograder.written import reader_messages
from autograder.written.questions import Limits, Written
from autograder.written.submission import WrittenSubmission

_READER: Final = Path(__file__).with_name("reader_program.py")
# What is read, and in which share of the time: one document that takes it all does not cost the others.
_ATTEMPTS: Final = (((), 0.6), ((".pdf",), 0.25), ((".pdf", ".tex", ".ipynb", ".docx", ".odt"), 0.15))
_FEWEST_SECONDS: Final = 10.0  # for another attempt
_LOST: Final = (
    "What was handed in could not be read within the time and memory that are set aside for it. A person has to look "
    "at it. Hand in the LaTeX source or the notebook, with smaller pictures and without what no answer needs."
)


def read(source: Path, written: Written, *, originals: bool = False) -> WrittenSubmission:
    """Read a document, a folder or an archive. originals: keep the documents' own bytes.

    Raises SubmissionError where there is nothing that could hold an answer, or reading does not come to an end.
    """
    request = {"mode": "read", "source": str(source.absolute()), "root": str(written.root), "originals": originals}
    for skipped, share in _ATTEMPTS:
        seconds = written.limits.seconds * share
        limits = replace(written.limits, seconds=max(seconds, _FEWEST_SECONDS) if skipped else seconds)
        found = reader_messages.unpack(_run({**request, "skipped": skipped}, b"", limits))
        if isinstance(found, str):
            raise SubmissionError(found)
        if found is not None:
            return found
    raise SubmissionError(_LOST)


def page_pictures(pdf: bytes, limits: Limits) -> list[bytes]:
    """Pictures of a PDF's pages as PNG, without its properties, notes and attachments; none where that fails."""
    return reader_messages.unpack_pictures(_run({"mode": "pictures"}, pdf, limits))


def _run(request: dict[str, Any], content: bytes, limits: Limits) -> bytes:
    """Return the reader's output; empty where it failed, took too long or wrote too much."""
    command = [sys.executable, "-I", "-B", str(_READER)]
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as output:
        given.write(json.dumps({**request, "limits": asdict(limits)}).encode() + b"\n" + content)
        given.seek(0)
        try:
            done = subprocess.run(  # noqa: S603  our own program; the stranger's bytes are its input
                command,
                stdin=given,
                stdout=output,
                stderr=subprocess.DEVNULL,
                env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
                cwd="/",
                timeout=limits.seconds,
                check=False,
            )
        except subprocess.TimeoutExpired:
            return b""
        output.seek(0)
        return output.read(reader_messages.LARGEST) if done.returncode == 0 else b""
