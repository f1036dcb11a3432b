"""Signs of an edition: what a file of it holds, line by line, and what it does not."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Sign:
    """Regular expressions that some line of a file matches each, and those that no line does."""

    there: tuple[str, ...]
    missing: tuple[str, ...]

    @staticmethod
    def parse(texts: Iterable[str]) -> Sign:
        """Read expressions, those after a `!` as what no line matches. Raises re.error where one is none."""
        texts = tuple(texts)
        sign = Sign(
            tuple(text for text in texts if not text.startswith("!")),
            tuple(text[1:] for text in texts if text.startswith("!")),
        )
        for pattern in (*sign.there, *sign.missing):
            re.compile(pattern)
        return sign

    def is_in(self, lines: Sequence[str]) -> bool:
        """Return whether a file of these `lines` shows it."""

        def is_found(pattern: str) -> bool:
            search = re.compile(pattern).search
            return any(search(line) for line in lines)

        return all(map(is_found, self.there)) and not any(map(is_found, self.missing))
