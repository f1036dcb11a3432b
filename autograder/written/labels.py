"""The labels by which the questions of a document are found: `Answer 1.1`, `Question 1.1`, `1.1`, a title alone."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from autograder.written.lookalike_letters import without_invisible
from autograder.written.questions import Question, Written
from autograder.written.template_blocks import squeeze

#: Marks that may stand in front of a label or a result, as a pattern.
DECORATION: Final = r"[\s#*_>~\-–•|\\]*"
_BEFORE_TEXT: Final = " :.)*_—–-"
_LONGEST_TITLE: Final = 300
# What stands behind a title.
_POINTS: Final = re.compile(r"\W{0,9}\d{1,3}\s{0,3}(?:points?|pts?|marks?)\.?\W{0,9}\Z", re.IGNORECASE)
#: Where a label leads: the question's id, and the zone below it.
Move = tuple[str, str]


@dataclass(frozen=True)
class Label:
    """What the source itself marks. kind: "question", "answer" or "end"; number: as it stands there, or counted.

    text: what the question asks there, where only that can tell which one it is.
    """

    kind: str
    number: str = ""
    text: str = ""


class Labels:
    """Recognises labels in one document; which patterns count depends on what the document has."""

    def __init__(
        self, written: Written, lines: Sequence[str], marked: Sequence[Label], *, has_metadata: bool, is_pdf: bool
    ) -> None:
        self.is_pdf = is_pdf
        self.by_number = {question.number.lower(): question for question in written.questions}
        # A document that counts its questions by itself has a 1 where the template has 1.1, 1.2.
        self.counted = dict(self.by_number)
        for question in written.questions:
            whole = question.number.lower().partition(".")[0]
            self.counted.setdefault(whole, question)
        self.renamed: dict[str, Question] = {}
        self.order = {question.id: index for index, question in enumerate(written.questions)}
        titles = [squeeze(question.title) for question in written.questions]
        self.by_title = {
            squeeze(question.title): question
            for question in written.questions
            if titles.count(squeeze(question.title)) == 1
        }
        self._compile()
        shown = [without_invisible(line) for line in lines]
        self.has_answers = (
            has_metadata
            or any(label.kind == "answer" and label.number for label in marked)
            or any(map(self.answer.match, shown))
        )
        is_marked = any(label.kind == "question" for label in marked)
        words = {match["word"].lower() for match in map(self.question.match, shown) if match}
        # "Part 2" below "Question 1.1" is a part of that answer; alone, it is how somebody calls a question.
        self.words = words - {"part"} if words != {"part"} or self.has_answers or is_marked else words
        self.has_labels = self.has_answers or is_marked or bool(words)

    def _compile(self) -> None:
        numbers = sorted(self.counted, key=len, reverse=True)
        number = "(?P<number>" + "|".join(r"\s?\.\s?".join(map(re.escape, one.split("."))) for one in numbers) + ")"
        after = r"(?![\w.]?\d)(?P<rest>.*)"
        begin = r"^" + DECORATION
        self.end = re.compile(rf"{begin}end\s+of\s+answer\b(?:\s+{number})?\s*$", re.IGNORECASE)
        self.answer = re.compile(
            rf"{begin}(?:answer|solution|response)\s*(?:(?:to|for)\s*)?(?:(?:question|problem)\s*)?{number}{after}",
            re.IGNORECASE,
        )
        self.question = re.compile(
            rf"{begin}(?P<word>question|problem|exercise|task|part|q)\s*(?:\.\s*)?(?:#\s*)?{number}{after}",
            re.IGNORECASE,
        )
        # A tick of an axis is a number alone; a label of a PDF has words behind it.
        words = r"(?=\W*(?:[AI]\s+)?[^\W\d_]{2})" if self.is_pdf else ""
        self.bare = re.compile(
            rf"{begin}\(?{number}(?:[.):]|(?=[\s*_]*$)|(?=\s+[A-Z]))(?![\w.]?\d){words}(?P<rest>.*)",
            re.IGNORECASE,
        )
        self.titled = re.compile(rf"{begin}\(?{number}[.):]?[\s*_–—-]{{1,20}}(?P<rest>\w.*)", re.IGNORECASE)

    def _find_numbered(self, match: re.Match[str]) -> Question:
        number = re.sub(r"\s", "", match["number"]).lower()
        return self._find_exact(number, match["rest"]) or self.counted[number]

    def _find_exact(self, number: str, text: str) -> Question | None:
        """Return the question of exactly that number, or of that title under a number of the document's own."""
        if number in self.by_number:
            return self.by_number[number]
        if titled := self._asking(text):
            self.renamed[number] = titled
        return self.renamed.get(number)

    def read(self, line: str, current: str, *, from_metadata: bool) -> tuple[Move | None, str]:
        """Return where the line leads, if it is a label, and what else stands on it.

        current: the question that is open.
        """
        move, rest = self._read(without_invisible(line), current, from_metadata=from_metadata)
        return move, line if rest == without_invisible(line) else rest

    def _read(self, line: str, current: str, *, from_metadata: bool) -> tuple[Move | None, str]:
        if match := self.end.match(line):
            return (current, "after") if current else None, ""
        if match := self.answer.match(line):
            move = None if from_metadata else (self._find_numbered(match).id, "answer")
            return move, match["rest"].lstrip(_BEFORE_TEXT)
        if from_metadata:
            heading = self.question.match(line)
            if heading and self._asking(heading["rest"]):
                return None, heading["rest"].lstrip(_BEFORE_TEXT)
            return None, line  # a cell's metadata say where it belongs, whatever is mentioned in it
        if (match := self.question.match(line)) and match["word"].lower() in self.words:
            question, rest = self._find_numbered(match), match["rest"].lstrip(_BEFORE_TEXT)
            # "Question 2 shows that …" is a sentence of an answer, where answers have labels.
            if not self.has_answers or not rest or squeeze(rest).startswith(squeeze(question.title)):
                return (question.id, "asked"), rest
        elif not self.has_labels:
            return self._find_unlabelled(line, current)
        return None, line

    def find_answer(self, line: str) -> str:
        """Return the question whose answer a line announces, alone or in front of a text; "" where it mentions one."""
        match = self.answer.match(without_invisible(line))
        if match is None or not re.match(r"[\s*_]*(?:[:.)–—-]|$)", match["rest"]):
            return ""
        return self._find_numbered(match).id

    def _find_unlabelled(self, line: str, current: str) -> tuple[Move | None, str]:
        """Return a bare number, or a title alone: labels only where the document has no others."""
        if titled := self.by_title.get(squeeze(line)):
            return (titled.id, "asked"), ""
        if match := self.titled.match(line):  # a number and that question's own title, wherever they stand
            question = self._find_numbered(match)
            if squeeze(_POINTS.sub("", match["rest"][:_LONGEST_TITLE])) == squeeze(question.title):
                return (question.id, "asked"), ""
        if match := self.bare.match(line):
            question = self._find_numbered(match)
            # Bare numbers count only in the order of the questions: a numbered list begins anew.
            if not current or self.order[question.id] > self.order[current]:
                return (question.id, "asked"), match["rest"]
        return None, line

    def resolve(self, label: Label, current: str) -> Move | None:
        """Return where a marked label leads; None where it is no question of the written part."""
        if label.kind == "end":
            return (current, "after") if current else None
        if label.kind == "answer" and not label.number:
            return (current, "answer") if current else None
        number = label.number.lower()
        question = self._find_exact(number, label.text) or self.counted.get(number)
        if question is None:
            return None
        return question.id, "answer" if label.kind == "answer" else "asked"

    def _asking(self, text: str) -> Question | None:
        """Return the question whose title the text has, if exactly one."""
        whole = squeeze(text)
        found = [question for title, question in self.by_title.items() if title in whole]
        return found[0] if len(found) == 1 else None
