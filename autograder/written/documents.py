"""What a document says, whatever its kind: the answer to each question, and every passage that may hold a name.

A reader (`notebooks`, `latex`, `pdfs`) makes `Block`s and `Passage`s of a file; `assemble` finds the questions by
their labels. Nothing here runs or believes what was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import SequenceMatcher
from typing import Final

from autograder.written.questions import Question, Written
from autograder.written.templates import FIGURES, PLACEHOLDER, heading

_LONGEST_SECTION: Final = 60_000
_LONGEST_COMPARED: Final = 3_000  # words
_SAME_WORDS: Final = 8  # so many words in the template's order are the template's: fewer are a turn of phrase
_STRAY_WORDS: Final = 8  # fewer words of their own between a question and its answer are crumbs of its formulas
PICTURE: Final = "\ufffc"  # where a block's next picture stands in its text; without one, they follow the text
_WORD: Final = re.compile(r"\w+", re.UNICODE)
_DECORATION: Final = r"[\s#*_>~\-–•|\\]*"


@dataclass(frozen=True)
class Passage:
    """A text in which a name may stand. kind: `text`, `author` (a place for a name), `path`, or `metadata`.

    where: its place, for people, without quoting it ("page 2 of the PDF"). numbered: its lines have numbers.
    """

    where: str
    text: str
    kind: str = "text"
    numbered: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture in an answer: its bytes, or None where the document refers to one that was not handed in."""

    content: bytes | None


@dataclass(frozen=True)
class Block:
    """A piece of a document in reading order. question: the id that metadata give it; role: question or answer."""

    text: str
    is_code: bool = False
    question: str = ""
    role: str = ""
    pictures: tuple[Picture, ...] = ()
    page: int = 0


@dataclass(frozen=True)
class Section:
    """The answer to one question: its prose, its results by field, its code, its pictures; `raw` for a person.

    pages: those of a PDF that it stands on, from 1.
    """

    text: str = ""
    fields: Mapping[str, str] = field(default_factory=dict)
    code: str = ""
    pictures: tuple[Picture, ...] = ()
    raw: str = ""
    pages: tuple[int, ...] = ()

    @property
    def answered(self) -> bool:
        """Whether anything stands there that the template does not."""
        return bool(self.text or self.code or self.pictures or self.fields)


@dataclass(frozen=True)
class Document:
    """One file: what it is called in messages, the sections found by question id, and what a person must look at.

    problem: why nothing, or not all, can be read, and what to do. all_code: the code of the whole notebook.
    """

    label: str
    kind: str
    sections: Mapping[str, Section] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    problem: str = ""
    audience: str = ""
    all_code: str = ""

    @property
    def answered(self) -> int:
        """How many questions it answers."""
        return sum(section.answered for section in self.sections.values())


@dataclass
class _Draft:
    asked: list[str] = field(default_factory=list)  # below the question's label, above the answer's
    answer: list[str] = field(default_factory=list)
    code: list[str] = field(default_factory=list)
    pictures: list[Picture] = field(default_factory=list)
    pages: list[int] = field(default_factory=list)
    labelled: bool = False  # the answer has a label of its own


class _Labels:
    """The patterns by which lines are recognised as labels."""

    def __init__(self, written: Written) -> None:
        numbers = sorted((question.number for question in written.questions), key=len, reverse=True)
        number = "(?P<number>" + "|".join(r"\s?\.\s?".join(map(re.escape, one.split("."))) for one in numbers) + ")"
        after = r"(?![\w.]?\d)(?P<rest>.*)"
        begin = r"^" + _DECORATION
        self.end = re.compile(rf"{begin}end\s+of\s+answer\b(?:\s+{number})?\s*$", re.IGNORECASE)
        self.answer = re.compile(
            rf"{begin}(?:answer|solution|response)\s*(?:to|for)?\s*(?:question|problem)?\s*{number}{after}",
            re.IGNORECASE,
        )
        self.question = re.compile(
            rf"{begin}(?:question|problem|exercise|task|part|q)\s*\.?\s*#?\s*{number}{after}", re.IGNORECASE
        )
        self.bare = re.compile(rf"{begin}\(?{number}(?:[.):]|(?=[\s*_]*$)|(?=\s+[A-Z])){after}")
        self.by_number = {question.number.lower(): question for question in written.questions}

    def question_of(self, match: re.Match[str]) -> Question:
        return self.by_number[re.sub(r"\s", "", match["number"]).lower()]


def assemble(blocks: Sequence[Block], written: Written) -> dict[str, Section]:
    """The sections that labels or metadata show, by question id; questions that are not found are absent."""
    assembly = _Assembly(blocks, written)
    for block in blocks:
        assembly.take(block)
    return {identifier: _section(written.question(identifier), draft) for identifier, draft in assembly.drafts.items()}


class _Assembly:
    """Where in the document the reading is: at which question, above or below its answer's label."""

    def __init__(self, blocks: Sequence[Block], written: Written) -> None:
        self.labels = _Labels(written)
        self.by_id = {question.id: question for question in written.questions}
        self.order = {question.id: index for index, question in enumerate(written.questions)}
        lines = [line for block in blocks if not block.is_code for line in block.text.splitlines()]
        self.has_answers = any(block.question for block in blocks) or any(map(self.labels.answer.match, lines))
        self.has_labels = self.has_answers or any(map(self.labels.question.match, lines))
        self.drafts: dict[str, _Draft] = {}
        self.current: Question | None = None
        self.answering = False

    def draft(self) -> _Draft | None:
        """The draft of the question that is being read, if any."""
        return None if self.current is None else self.drafts.setdefault(self.current.id, _Draft())

    def take(self, block: Block) -> None:
        """Read one block."""
        if block.question in self.by_id:
            self.current, self.answering = self.by_id[block.question], block.role != "question"
        elif block.role == "text":
            self.current = None
        if block.is_code:
            if draft := self.draft():
                draft.code.append(block.text)
                draft.pictures += block.pictures
            return
        pictures = iter(block.pictures)
        for line in block.text.splitlines():
            self._line(line, block, pictures)
        if self.answering and (draft := self.draft()):
            draft.pictures += pictures

    def _line(self, line: str, block: Block, pictures: Iterator[Picture]) -> None:
        rest = self._label(line, from_metadata=bool(block.question))
        shown = [picture for _ in range(line.count(PICTURE)) if (picture := next(pictures, None)) is not None]
        draft = self.draft()
        if draft is None:
            return
        draft.labelled |= self.answering
        if self.answering:
            draft.pictures += shown
        (draft.answer if self.answering else draft.asked).append(rest.replace(PICTURE, ""))
        if block.page and block.page not in draft.pages:
            draft.pages.append(block.page)

    def _label(self, line: str, *, from_metadata: bool) -> str:
        """Move to the question that the line is a label of, if it is one; returns what else stands on it."""
        labels = self.labels
        if match := labels.end.match(line):
            self.current = None
        elif match := labels.answer.match(line):
            if not from_metadata:
                self.current, self.answering = labels.question_of(match), True
            return match["rest"].lstrip(" :.)*_")
        elif from_metadata:
            pass  # a cell's metadata say where it belongs, whatever is mentioned in it
        elif match := labels.question.match(line):
            question, rest = labels.question_of(match), match["rest"].lstrip(" :.)*_")
            # "Question 2 shows that …" is a sentence of an answer, where answers have labels.
            if not self.has_answers or not rest or _squeezed(rest).startswith(_squeezed(question.title)):
                self.current, self.answering = question, False
                return rest
        elif not self.has_labels and (match := labels.bare.match(line)):
            question = labels.question_of(match)
            # Bare numbers count only in the order of the questions: a numbered list begins anew.
            if self.current is None or self.order[question.id] > self.order[self.current.id]:
                self.current, self.answering = question, False
                return match["rest"]
        return line


def _section(question: Question, draft: _Draft) -> Section:
    own = template_text(question)
    asked = without(own, "\n".join(draft.asked)[:_LONGEST_SECTION])
    answer = "\n".join(draft.answer)[:_LONGEST_SECTION]
    # Formulas of a question come out of a PDF as crumbs; whole words above the answer's label are an answer too.
    words = {word.lower() for word in re.findall(r"[^\W\d_]{4,}", asked)} - set(_WORD.findall(own.lower()))
    if draft.labelled and len(words) < _STRAY_WORDS:
        asked = ""
    body = "\n".join(filter(None, (asked, answer))).strip()
    fields, rest = _fields(question, body)
    text = re.sub(r"^[\s:.)*_>#]+(?=\w)", "", without(own, rest))
    code = "\n\n".join(code for code in draft.code if code.strip())
    if question.code is not None and _squeezed(code) == _squeezed(question.code.starter):
        code = ""
    if not re.search(r"\w", text):
        text = ""
    raw = "\n".join(filter(None, (text, *(f"{name}: {value}" for name, value in fields.items())))).strip()
    return Section(text.strip(), fields, code, tuple(draft.pictures), raw, tuple(draft.pages))


def template_text(question: Question) -> str:
    """All words that the template itself puts between a question's label and the next one's."""
    from autograder.written.latex import plain

    names = "\n".join(f"{entry.name}: ?" for entry in question.fields)
    starter = question.code.starter if question.code else ""
    label = f"Answer {question.number}"
    figures = "\n".join(f"![]({FIGURES}/{name})" for name in question.figures)
    texts = [
        heading(question),
        question.title,
        figures,
        question.text,
        plain(question.text),
        PLACEHOLDER,
        names,
        label,
        starter,
    ]
    return "\n".join(texts)


def _fields(question: Question, body: str) -> tuple[dict[str, str], str]:
    """The results on lines of their own, `name: value`, and the text without them. A `?` is no result."""
    found: dict[str, str] = {}
    rest = []
    patterns = {
        entry.name: re.compile(
            rf"^{_DECORATION}`?{_spaced(entry.name)}`?(?:\(J?\))?`?[\s*]*[:=]\s*(.*)$", re.IGNORECASE
        )
        for entry in question.fields
    }
    for line in body.splitlines():
        for name, pattern in patterns.items():
            if (match := pattern.match(line)) and name not in found:
                value = match[1].strip().strip("`*").strip()
                if value.strip("?$ \\") != "":
                    found[name] = value[:500]
                break
        else:
            rest.append(line)
    return found, "\n".join(rest)


def _spaced(name: str) -> str:
    """A field's name as a pattern that forgives blanks and underscores lost or escaped on the way."""
    return r"(?:\\?_|\s)*".join(re.escape(word) for word in re.split(r"[ _]", name))


def without(template: str, text: str) -> str:
    """`text` without what it shares with the template: equal lines, and runs of words in the same order."""
    known = {_squeezed(line) for line in template.splitlines()}
    lines = [line for line in text.splitlines() if not _squeezed(line) or _squeezed(line) not in known]
    text = "\n".join(lines).strip()
    words = list(_WORD.finditer(text))[:_LONGEST_COMPARED]
    theirs, ours = [word[0].lower() for word in words], [word.lower() for word in _WORD.findall(template)]
    pieces, position = [], 0
    for block in SequenceMatcher(None, theirs, ours, autojunk=False).get_matching_blocks():
        if block.size >= _SAME_WORDS:
            pieces.append(text[position : words[block.a].start()])
            position = words[block.a + block.size - 1].end()
    return "".join([*pieces, text[position:]]).strip()


def _squeezed(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()


def merged(documents: Iterable[Document]) -> dict[str, tuple[Section, Document, bool]]:
    """For every question found, the section to read, its document, and whether another document says otherwise.

    Of several documents the one that answers most questions is read, and each other one for what that leaves open:
    a LaTeX source beside the PDF made from it, two versions of a notebook. A source is preferred to a PDF.
    """
    ranks = {"notebook": 0, "latex": 1, "pdf": 2}
    ordered = sorted(documents, key=lambda document: (-document.answered, ranks.get(document.kind, 3)))
    found: dict[str, tuple[Section, Document, bool]] = {}
    for document in ordered:
        for identifier, section in document.sections.items():
            if identifier not in found or (section.answered and not found[identifier][0].answered):
                found[identifier] = (section, document, False)
            elif section.answered and found[identifier][1].kind == document.kind:
                first, other, _ = found[identifier]
                differs = (_squeezed(first.raw), first.code.strip()) != (_squeezed(section.raw), section.code.strip())
                found[identifier] = (first, other, differs or found[identifier][2])
    return found
