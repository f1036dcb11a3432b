"""The template's own blocks, recognised whole: a paragraph is the template's or it is not.

No run of words is ever taken out of a paragraph: an answer may well repeat what the question says.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import Final

from autograder.written.markdown_latex import listings, text_blocks
from autograder.written.questions import Question, Written
from autograder.written.templates import PLACEHOLDER, heading, points_text

_LETTERS: Final = re.compile(r"[^\W\d_]{3,}")
_MATH: Final = re.compile(r"\$[^$]*\$")
_SENTENCE_END: Final = re.compile(r"[.,;:!?)\]…]*")
_COMMAND: Final = re.compile(r"\\[a-zA-Z]+")
_NOT_ALPHANUMERIC: Final = re.compile(r"[\W_]+")


def squeeze(text: str) -> str:
    """Return the letters and digits of `text`, in lower case; those that a font joins, as in ﬁ, apart."""
    return _NOT_ALPHANUMERIC.sub("", text if text.isascii() else unicodedata.normalize("NFKC", text)).lower()


class Lines:
    """What the template itself puts into one place: above a question's answer, or outside of every question."""

    def __init__(
        self, paragraphs: Sequence[str], code: str = "", titles: Sequence[str] = (), listings: Sequence[str] = ()
    ) -> None:
        self.paragraphs = [paragraph for paragraph in paragraphs if squeeze(paragraph)]
        self.squeezed = sorted({squeeze(paragraph) for paragraph in self.paragraphs}, key=len, reverse=True)
        self.code = squeeze(code)
        # Compared with all their signs: code that differs in one is an answer.
        self.listings = {"".join(part.split()) for listing in listings for part in _parts(listing)}
        self.furniture = {squeeze(PLACEHOLDER), *map(squeeze, titles)}
        self.words = "".join(word for text in self.paragraphs for word in _words(_MATH.sub(" ", text)))
        formulas = [math for text in self.paragraphs for math in _MATH.findall(text)]
        # As a PDF has them: without commands, or with their names, where `\\log P_c` is one word.
        self.formulas = " ".join(
            " ".join((squeeze(_COMMAND.sub("", math)), squeeze(math), *_words(math))) for math in formulas
        )

    def rest_of(self, paragraph: str) -> str:
        """Return the paragraph without the whole block of the template that it is, begins with, or ends with."""
        whole = squeeze(paragraph)
        if not whole or whole in self.squeezed or whole == self.code:
            return ""
        for own in self.squeezed:
            # A heading is short enough to begin a sentence with; only whole paragraphs are cut off at an end.
            if len(own) < _SHORTEST_CUT or len(own) >= len(whole):
                continue
            if whole.startswith(own):
                return paragraph[_behind(paragraph, len(own)) :].lstrip(" .:)*_?\n")
            if whole.endswith(own):
                end = _behind(paragraph, len(whole) - len(own))
                return paragraph[: end + len(_SENTENCE_END.match(paragraph[end:])[0])].rstrip()  # type: ignore[index]
        return paragraph

    def shows_code(self, code: str) -> bool:
        """Return whether the template has this code there, whole or up to an empty line in it."""
        return "".join(code.split()) in self.listings

    def is_furniture(self, line: str) -> bool:
        """Return whether the template has this line in an answer's place: the placeholder, or a part's title below."""
        return squeeze(line) in self.furniture

    def flags_in_pdf(self, lines: Sequence[str]) -> list[bool]:
        """Return which lines of a PDF are the template's: those whose words follow each other there, in its order.

        Formulas come out of a PDF as crumbs without words; they are the template's between two lines that are.
        """
        flags = [False] * len(lines)
        position, pending = 0, list[int]()
        for index, line in enumerate(lines):
            if self.is_furniture(line):
                flags[index] = True
                continue
            words = _words(line)
            if not words:
                pending.append(index)
                continue
            reached = self._find_end(words, position)
            if reached < 0:
                pending = []
                continue
            for crumb in pending:
                flags[crumb] = position > 0 and len(squeeze(lines[crumb])) < _LONGEST_CRUMB
            flags[index], position, pending = True, reached, []
        flags = self._without_chance(lines, flags)
        if pending and position == len(self.words) and self._ends_with("".join(lines[index] for index in pending)):
            for index in pending:
                flags[index] = True
        return flags

    def _without_chance(self, lines: Sequence[str], flags: Sequence[bool]) -> list[bool]:
        """Return the flags without those of a word or two between a person's own lines: everybody writes "where"."""
        kept = list(flags)
        for is_own, run in groupby(range(len(lines)), key=lambda index: flags[index]):
            indices = list(run)
            words = [word for index in indices for word in _words(lines[index])]
            furniture = any(self.is_furniture(lines[index]) for index in indices)
            if is_own and not furniture and len(words) < min(_FEWEST_WORDS, len(_words(" ".join(self.paragraphs)))):
                for index in indices:
                    kept[index] = False
        return kept

    def _find_end(self, words: Sequence[str], position: int) -> int:
        """Return where in the template the words end that begin at `position`; -1 where they are not its next ones."""
        for word in words:
            # A PDF may have lost a hyphen between two words, and the blanks of a formula.
            if self.words.startswith(word, position):
                position += len(word)
            elif word not in self.formulas:
                return -1
        return position

    def _ends_with(self, crumbs: str) -> bool:
        """Return whether formulas behind the template's last word look like `crumbs`."""
        tail = "".join(_MATH.findall(self.paragraphs[-1])[-1:]) if self.paragraphs else ""
        ours = squeeze(_COMMAND.sub("", tail))
        return bool(crumbs.strip()) and ours.endswith(squeeze(crumbs))


_SHORTEST_CUT: Final = 40  # letters
_LONGEST_CRUMB: Final = 40
_FEWEST_WORDS: Final = 3


def _words(text: str) -> list[str]:
    return [word.lower() for word in _LETTERS.findall(unicodedata.normalize("NFKC", text))]


def _behind(text: str, count: int) -> int:
    """Return the position behind the first `count` letters and digits of `text`."""
    seen = 0
    for index, character in enumerate(text):
        if seen >= count:
            return index
        # One character may be squeezed into several, or none.
        seen += len(squeeze(character))
    return len(text)


class OwnBlocks:
    """The template's blocks by question; by None those outside of every question."""

    def __init__(self, written: Written) -> None:
        self.lines: Mapping[str | None, Lines] = _own_lines(written)

    def of(self, question: Question | None) -> Lines:
        """Return what the template has above that question's answer, or outside of every question."""
        return self.lines[question.id if question else None]


def _own_lines(written: Written) -> dict[str | None, Lines]:
    titles = [audience.title for audience in written.audiences.values()]
    outside = [written.title, *_parts(written.intro), *text_blocks(written.intro), *titles]
    found: dict[str | None, Lines] = {None: Lines(outside, titles=titles)}
    for question in written.questions:
        head = heading(question)
        rest = f"{question.title} {points_text(question)}"
        paragraphs = _parts(question.text)
        blocks = [*paragraphs, *(block for block in text_blocks(question.text) if block not in paragraphs)]
        starter = question.code.starter if question.code else ""
        own = Lines([head, rest, question.title, *blocks], starter, titles, listings(question.text))
        # A heading comes with or without its number, once: for the order of words in a PDF, without.
        own.words = Lines([rest, *paragraphs]).words
        found[question.id] = own
    return found


def _parts(text: str) -> list[str]:
    """Return what stands between the empty lines of a Markdown text, without its marks of code."""
    return [paragraph.replace("`", "").strip() for paragraph in re.split(r"\n(?:[^\S\n]*\n)+", text)]
