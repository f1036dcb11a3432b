"""The last lines that a submission prints, kept for the row of a test that it fails."""

from __future__ import annotations

from typing import Any, Final

MOST_KEPT: Final = 1000  # characters: what the longest text that crosses can hold


class OutputTail:
    """Takes the place of standard output and keeps the end of what is written; all else is the stream's own."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream
        self.text = ""

    def write(self, text: str) -> int:
        """Keep the end of `text`."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text).__name__}")
        self.text = (self.text + text[-MOST_KEPT:])[-MOST_KEPT:]
        return len(text)

    def writelines(self, lines: Any) -> None:
        """Keep the end of all lines."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Do nothing: nothing waits."""

    def __getattr__(self, name: str) -> Any:
        """Return what else a stream has: its encoding, its buffer."""
        return getattr(self._stream, name)
