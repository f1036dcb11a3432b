"""Files that are replaced whole or not at all, and JSON that every reader accepts."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from autograder.base.text import strict


def as_json(document: Mapping[str, Any], *, compact: bool = False) -> str:
    """Return a document as strict JSON."""
    indent = None if compact else 1
    try:
        # Nearly always it is strict already, and the copy that makes it so takes longer than the rest.
        text = json.dumps(document, allow_nan=False, ensure_ascii=False, indent=indent)
        text.encode()
    except (TypeError, ValueError):
        text = json.dumps(strict(document), allow_nan=False, ensure_ascii=False, indent=indent)
    return text + "\n"


def replace_file(file: Path, content: str | bytes, *, durable: bool = False) -> None:
    """Put `content` in the place of `file` in one step; `durable`: on the disk itself when this returns.

    Of a text, half a character, as names of files hold it that are no UTF-8, becomes a question mark.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    file.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(data)
            if durable:
                temporary.flush()
                os.fsync(temporary.fileno())
        Path(name).chmod(0o644)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
