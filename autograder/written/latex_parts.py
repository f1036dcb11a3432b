r"""The blocks of a LaTeX source: parsed, where that keeps its words; else question by question, or as it was typed.

What is not closed in one answer swallows those behind it, and what cannot be parsed in one must cost no other's label.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Final

from autograder.base.time_limits import OutOfTimeError, time_limit
from autograder.written import latex_heads, latex_source
from autograder.written.documents import PICTURE, Block
from autograder.written.labels import Label
from autograder.written.latex_blocks import PARSE_SECONDS, Visitor, find_picture, line_at
from autograder.written.latex_letters import decode_accents

#: What shows a file of pictures, and its name.
SHOWN_FILE: Final = re.compile(r"\\include(?:graphics|pdf)\*?\s?(?:\[[^\]]{0,300}\])?\s?\{([^{}\n]{1,300})\}")
_CENTERED: Final = re.compile(rf"\\begin\{{center\}}\s{{0,9}}{PICTURE}\s{{0,9}}\\end\{{center\}}")
_FONT: Final = re.compile(
    r"\\(?:text(?:bf|it|sl|sc|tt|sf|rm|up|md|normal|color\{[^{}]{0,60}\})|emph|underline|uline|mbox|hbox)\{([^{}]{0,300})\}"
    r"|\{\\(?:bf|it|em|sl|sc|tt|rm|bfseries|itshape|ttfamily)\s([^{}]{0,300})\}|\\[-/]"
)


def read(source: latex_source.Source, others: Mapping[str, bytes], numbers: Sequence[str] = ()) -> list[Block]:
    """Return the document's blocks; `others` are the files beside it.

    numbers: of questions, which the points of its only numbered list answer; no blocks where it has none like that.
    """
    before, begin, body = source.text.partition("\\begin{document}")
    offset = len(before) + len(begin) if begin else 0
    body = body.partition("\\end{document}")[0] if begin else before
    points = latex_heads.find_points(body, len(numbers)) if numbers else []
    if numbers and not points:
        return []
    parts = _Parts(
        source,
        others,
        {offset + at: number for at, number in zip(points, numbers, strict=True)},
        is_exam=_is_exam(before),
    )
    try:
        with time_limit(PARSE_SECONDS):
            return parts.parse(body, offset, before if begin else "") or parts.one_by_one(body, offset)
    except (OutOfTimeError, RecursionError, MemoryError):
        return parts.as_typed(body, offset, parts.heads(body, offset))


def _is_exam(preamble: str) -> bool:
    return bool(re.search(r"\\documentclass\s?(?:\[[^\]]{0,300}\])?\s?\{exam", preamble))


class _Parts:
    """Reads a source, or a part of it, with the files beside it. points: a list's ones that answer questions."""

    def __init__(
        self, source: latex_source.Source, others: Mapping[str, bytes], points: Mapping[int, str], *, is_exam: bool
    ) -> None:
        self.source, self.others, self.points, self.is_exam = source, others, points, is_exam
        self.counts: list[int] = []

    def heads(self, body: str, offset: int) -> list[latex_heads.Head]:
        """Return where questions may begin."""
        if self.points:
            return [
                latex_heads.Head(at - offset, at - offset + len("\\item"), "", Label("question", number))
                for at, number in self.points.items()
            ]
        return latex_heads.find(body, is_exam=self.is_exam)

    def parse(self, body: str, offset: int, front: str) -> list[Block]:
        """Return the blocks of a part; none where parsing loses a word of it, or what begins a question."""
        visitor = Visitor(self.source, self.others, is_exam=self.is_exam, counts=self.counts, points=self.points)
        try:
            blocks = visitor.read(body, offset, front)
        except (OutOfTimeError, RecursionError, MemoryError):
            raise
        except Exception:  # noqa: BLE001  whatever the parser raises on a stranger's source, the source itself is there
            return []
        if any(not block.is_code and latex_heads.MARK.search(block.text) for block in blocks):
            return []
        if not latex_heads.MARK.search(body) and any(map(latex_heads.is_swallowed, visitor.formulas)):
            return []
        if not _keeps_words(body, blocks, visitor.dropped):
            return []
        self.counts = visitor.counts
        return blocks

    def one_by_one(self, body: str, offset: int) -> list[Block]:
        """Return the blocks of every question alone, as typed where it cannot be parsed."""
        heads = self.heads(body, offset)
        questions = [head for head in heads if head.label is not None and head.label.kind == "question"]
        answers = [head for head in heads if head.label is not None and head.label.kind == "answer"]
        first = questions or answers or [head for head in heads if head.is_start]
        starts = [0, *(head.start for head in first if head.start), len(body)]
        blocks: list[Block] = []
        for start, end in pairwise(starts):
            part = body[start:end]
            if part.strip():
                within = [head for head in heads if start <= head.start < end]
                blocks += self.parse(part, offset + start, "") or self.as_typed(part, offset + start, within, start)
        return blocks

    def as_typed(self, body: str, offset: int, heads: Sequence[latex_heads.Head], start: int = 0) -> list[Block]:
        """Return a part as it was typed, in paragraphs, with labels where `heads` are, and its pictures.

        start: where in the text of the heads it begins.
        """
        blocks: list[Block] = []
        position = 0
        for head in heads:
            if head.label is not None and head.label.kind == "question" and self.is_exam:
                self.counts = [int(count) for count in head.label.number.split(".")]
                self.counts += [0] * (4 - len(self.counts))
            blocks += self._paragraphs(body, position, head.start - start, offset)
            place = line_at(self.source, offset + head.start - start)
            blocks.append(Block(head.shown, place=place, label=head.label))
            position = head.end - start
        blocks += self._paragraphs(body, position, len(body), offset)
        return [block for block in blocks if block.text.strip() or block.label]

    def _paragraphs(self, body: str, start: int, end: int, offset: int) -> list[Block]:
        blocks: list[Block] = []
        position = start
        for listing in latex_heads.find_listings(body, start, end):
            blocks += self._texts(body, position, listing.start, offset)
            place = line_at(self.source, offset + listing.start)
            blocks.append(Block(listing.code, is_code=True, place=place))
            position = listing.end
        return blocks + self._texts(body, position, end, offset)

    def _texts(self, body: str, start: int, end: int, offset: int) -> list[Block]:
        blocks = []
        for match in re.compile(r"[^\n]+(?:\n(?!\n)[^\n]+)*").finditer(body, start, end):
            text, place = match[0], line_at(self.source, offset + match.start())
            pictures = tuple(find_picture(shown[1], self.others) for shown in SHOWN_FILE.finditer(text))
            text = _CENTERED.sub(PICTURE, SHOWN_FILE.sub(PICTURE, text)) if pictures else text
            blocks.append(Block(text, pictures=pictures, place=place))
        return blocks


def _keeps_words(body: str, blocks: Sequence[Block], dropped: Sequence[str]) -> bool:
    """Return whether every word of the source that is no command's stands in a block as often as there.

    dropped: what is left out, as it says how something looks.
    """
    shown, typed, left_out = (
        Counter(latex_heads.WORD.findall(text))
        for text in (" ".join(block.text for block in blocks), _typed(body), _typed(" ; ".join(dropped)))
    )
    return not typed - shown - left_out


def _typed(text: str) -> str:
    """Return a source without its commands; what these set in another font stays a part of its word."""
    text = decode_accents(text)
    for _ in range(2):  # one within another
        text = _FONT.sub(r"\1\2", text)
    return re.sub(r"\\(?:begin|end)\s?\{[^{}\n]*\}|\\[A-Za-z@]+\*?|\[[^\][\n]{0,200}\]", " ", text)
