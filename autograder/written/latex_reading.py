"""One text of LaTeX that is being read, with its place, its groups in braces and its options in brackets."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

_LONGEST_CODE: Final = 2_000  # characters within a line
_BLANKS: Final = re.compile(r"\s*")
_OPTION: Final = re.compile(r"\s{0,9}\[[^\[\]\n]{0,300}\]")
_BRACE: Final = re.compile(r"\\[\s\S]|[{}]")


@dataclass
class Reading:
    """A file, or what a macro stands for. file: its number, from 0. counted: the position up to which lines are."""

    text: str
    file: int
    line: int = 1
    position: int = 0
    depth: int = 0
    is_file: bool = True
    counted: int = 0
    _absent: set[str] = field(default_factory=set)  # what was searched for and stands nowhere below

    def find(self, end: str) -> int:
        """Return where `end` stands next, or -1; what is absent is searched for once."""
        found = -1 if end in self._absent else self.text.find(end, self.position)
        if found < 0:
            self._absent.add(end)
        return found

    def group(self) -> str | None:
        """Return the next group's content, and stand behind it; None where there is none."""
        start = _BLANKS.match(self.text, self.position)
        at = start.end() if start else self.position
        end = self._closing.get(at)
        if end is None:
            return None
        self.position = end + 1
        return self.text[at + 1 : end]

    def between_signs(self) -> str | None:
        """Return what stands between the sign that follows and the next such one, and stand behind; None without."""
        sign = self.text[self.position : self.position + 1]
        end = self.text.find(sign, self.position + 1, self.position + _LONGEST_CODE) if sign.strip() else -1
        if end < 0:
            return None
        begin, self.position = self.position + 1, end + 1
        return self.text[begin:end]

    def skip_option(self) -> None:
        """Stand behind the option in brackets that follows, if one does."""
        if option := _OPTION.match(self.text, self.position):
            self.position = option.end()

    @cached_property
    def _closing(self) -> dict[int, int]:
        """Where each opening brace of the text closes; those that never do are absent."""
        opened: list[int] = []
        closing = {}
        for match in _BRACE.finditer(self.text):
            if match[0] == "{":
                opened.append(match.start())
            elif match[0] == "}" and opened:
                closing[opened.pop()] = match.start()
        return closing
