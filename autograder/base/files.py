"""Files that are replaced whole or not at all, and JSON that every reader accepts."""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Mapping
from pathlib import Path
from typing import Any, Final

from autograder.base.errors import AssignmentError
from autograder.base.text import strict

#: What lies in a folder that is as good as empty; no command writes over it.
_NOTHING: Final = frozenset((".git", ".DS_Store"))


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
    Who may read it is for the umask to say, as for every new file.
    """
    data = content if isinstance(content, bytes) else content.encode("utf-8", "replace")
    file.parent.mkdir(parents=True, exist_ok=True)
    # Not tempfile's: that makes files for their owner alone, and the umask cannot be read without being changed.
    beside = file.with_name(f".new-{os.urandom(8).hex()}")
    try:
        with beside.open("xb") as temporary:
            temporary.write(data)
            if durable:
                temporary.flush()
                os.fsync(temporary.fileno())
        beside.replace(file)
    except BaseException:
        beside.unlink(missing_ok=True)
        raise


def check_new_folder(folder: Path, *, own: Collection[str] = ()) -> None:
    """Raise AssignmentError where `folder` is there and holds anything, so that no work of somebody's is lost.

    own: names by which a folder is known that the same command wrote before, and may write again.
    """
    if not folder.exists():
        return
    names = {path.name for path in folder.iterdir()} - _NOTHING if folder.is_dir() else {folder.name}
    if names and names.isdisjoint(own):
        raise AssignmentError(f"{folder} is there already, and not empty: name a new folder, so that nothing is lost.")


def check_no_input(target: Path, inputs: Iterable[Path | None]) -> None:
    """Raise AssignmentError where `target`, which a command is about to write, is a file that it reads."""
    if any(path is not None and path.resolve() == target.resolve() for path in inputs):
        raise AssignmentError(
            f"{target} is read, and would be replaced: keep it elsewhere, or name another place to write."
        )
