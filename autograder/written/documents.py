"""What a document says, whatever its kind: a sequence of blocks, each in the answer to a question or outside of all.

A reader (`notebooks`, `latex`, `pdfs`) makes `Block`s and `Passage`s of a file; `assemble` finds the questions by
their labels. No word is lost: what is not the template's own stands in a `Section` or in `Assembled.outside`.
Nothing here runs or believes what was handed in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final

from autograder.written import field_lines
from autograder.written.labels import Label, Labels
from autograder.written.questions import Question, Written
from autograder.written.template_blocks import Lines, OwnBlocks, squeeze

PICTURE: Final = "\ufffc"  # where a block's next picture stands in its text; without one, they follow the text
_STRAIGHT: Final = str.maketrans("”“’‘", "\"\"''")
ABOVE: Final = "above the label of the answer"
BELOW: Final = "below the end of the answer"


@dataclass(frozen=True)
class Passage:
    """A text in which a name may stand. kind: `text`, `author` (a place for a name), `path`, or `metadata`.

    where: its place, for people, without quoting it ("page 2 of the PDF"). numbered: its lines have numbers.
    unchosen: a program or a platform put it there, where its author does not see it: a name in it costs nothing.
    """

    where: str
    text: str
    kind: str = "text"
    numbered: bool = False
    unchosen: bool = False


@dataclass(frozen=True)
class Picture:
    """A picture: its bytes, or None where the document refers to one that was not handed in.

    own: the template shows it with a question. on_page: it is drawn on the page of a PDF, and is seen there alone.
    """

    content: bytes | None
    own: bool = False
    on_page: bool = False

    @property
    def is_missing(self) -> bool:
        """Whether it was not handed in."""
        return self.content is None and not self.on_page


@dataclass(frozen=True)
class Block:
    """A piece of a document in reading order, with its place ("line 41", "cell 3", "page 2").

    question, role: where a notebook's metadata put it. label: what the source itself marks it as, whose text follows.
    """

    text: str
    is_code: bool = False
    question: str = ""
    role: str = ""
    pictures: tuple[Picture, ...] = ()
    place: str = ""
    page: int = 0
    label: Label | None = None


@dataclass(frozen=True)
class Piece:
    """A part of an answer, or of what belongs to none. apart: how it lies outside of the answer's place, if it does."""

    text: str
    place: str = ""
    apart: str = ""
    is_code: bool = False
    pictures: tuple[Picture, ...] = ()


@dataclass(frozen=True)
class Section:
    """The answer to one question: its pieces in reading order, and its results by the names of fields.

    pages: those of a PDF that it stands on, from 1. unsure: results that may be others than what was read, and why.
    """

    pieces: tuple[Piece, ...] = ()
    fields: Mapping[str, str] = field(default_factory=dict)
    pages: tuple[int, ...] = ()
    unsure: Mapping[str, str] = field(default_factory=dict)

    @property
    def text(self) -> str:
        """Its prose."""
        return "\n\n".join(piece.text for piece in self.pieces if not piece.is_code and piece.text)

    @property
    def code(self) -> str:
        """Its code."""
        return "\n\n".join(unindent(piece.text) for piece in self.pieces if piece.is_code and piece.apart != BELOW)

    @property
    def pictures(self) -> tuple[Picture, ...]:
        """Its pictures."""
        return tuple(picture for piece in self.pieces for picture in piece.pictures)

    @property
    def raw(self) -> str:
        """Prose and results, for comparing and searching."""
        return "\n".join(filter(None, (self.text, *(f"{name}: {value}" for name, value in self.fields.items()))))

    @property
    def answered(self) -> bool:
        """Whether anything stands there that the template does not."""
        return bool(self.pieces or self.fields)

    @property
    def is_drawn(self) -> bool:
        """Whether all that stands there is pictures or handwriting, which no program reads."""
        return self.answered and not self.fields and not any(piece.text for piece in self.pieces)


@dataclass(frozen=True)
class Document:
    """One file: what it is called in messages, the sections found by question id, and what a person must look at.

    problem: why nothing, or not all, can be read, and what to do. outside: what belongs to no question.
    code_cells: those of the whole notebook. note: what its author may want to know, though all could be read.
    """

    label: str
    kind: str
    sections: Mapping[str, Section] = field(default_factory=dict)
    passages: tuple[Passage, ...] = ()
    problem: str = ""
    audience: str = ""
    code_cells: tuple[str, ...] = ()
    outside: tuple[Piece, ...] = ()
    note: str = ""

    @property
    def answered(self) -> int:
        """How many questions it answers."""
        return sum(section.answered for section in self.sections.values())

    @property
    def read(self) -> int:
        """How many of its answers can be read, and not only seen."""
        return sum(section.answered and not section.is_drawn for section in self.sections.values())


@dataclass(frozen=True)
class Assembled:
    """The sections that labels or metadata show, by question id, and what stands outside of every question."""

    sections: Mapping[str, Section]
    outside: tuple[Piece, ...]


@dataclass(frozen=True)
class _Line:
    """A line of a block, or a whole listing. zone: "" where it belongs to no question."""

    text: str
    block: Block
    index: int  # of its block
    pictures: tuple[Picture, ...]
    question: str = ""
    zone: str = ""  # "asked", "answer" or "after"


def unindent(code: str) -> str:
    """Return code without the indentation of its first line: it may stand in an environment that was indented."""
    indent = re.match(r"(?:[^\S\n]*\n)*([^\S\n]*)", code)
    blanks = indent[1] if indent else ""
    return "\n".join(line.removeprefix(blanks) for line in code.split("\n"))


def assemble(blocks: Sequence[Block], written: Written) -> Assembled:
    """Give every line of `blocks` to a question, or to none; questions that are not found are absent."""
    walk = _Walk(blocks, written)
    lines = [line for index, block in enumerate(blocks) for line in walk.lines(index, block)]
    own = OwnBlocks(written)
    from_pdf = any(block.page for block in blocks)
    sections = {
        question.id: _section(
            question,
            [line for line in lines if line.question == question.id],
            own.of(question),
            labelled=question.id in walk.labelled,
            from_pdf=from_pdf,
        )
        for question in written.questions
        if question.id in walk.found
    }
    loose = [line for line in lines if not line.question]
    return Assembled(sections, tuple(_pieces(_remove_own(loose, own.of(None), from_pdf=from_pdf), "")))


class _Walk:
    """Reads a document from top to bottom, and remembers at which question it is, above or below its answer's label."""

    def __init__(self, blocks: Sequence[Block], written: Written) -> None:
        self.by_id = {question.id: question for question in written.questions}
        texts = [block.text for block in blocks if not block.is_code and block.label is None]
        marked = [block.label for block in blocks if block.label is not None]
        self.labels = Labels(
            written,
            [line for text in texts for line in text.splitlines()],
            marked,
            has_metadata=any(block.question in self.by_id for block in blocks),
            is_pdf=any(block.page for block in blocks),
        )
        self.found: set[str] = set()
        self.labelled: set[str] = set()
        self.named: set[str] = set()  # questions whose own cell has shown their label
        self.question = ""
        self.zone = ""

    def lines(self, index: int, block: Block) -> Iterator[_Line]:
        """Yield the lines of one block, with the question and the zone of each."""
        is_placed = block.question in self.by_id
        if is_placed:
            self._enter(block.question, "asked" if block.role == "question" else "answer")
        elif block.role == "text":
            self.zone = "after" if self.question else ""
        if block.label is not None and (moved := self.labels.resolve(block.label, self.question)) is not None:
            self._enter(*moved)
        if block.is_code:
            yield _Line(block.text, block, index, block.pictures, self.question, self.zone)
            return
        pictures = iter(block.pictures)
        if block.page and self.question and not block.text.replace(PICTURE, "").strip():
            # A page that is written by hand may answer any question: it is this one's, as what stands below an answer.
            yield _Line("", block, index, block.pictures, self.question, "after")
            return
        is_first = True
        for line in block.text.splitlines():
            rest = line
            if block.label is None:
                moved, rest = self.labels.read(line, self.question, from_metadata=is_placed)
                if is_placed and is_first and line.strip():
                    moved, is_first = self._find_copied(line, block), False
                if moved is not None:
                    self._enter(*moved)
            shown = tuple(picture for _ in range(line.count(PICTURE)) if (picture := next(pictures, None)) is not None)
            yield _Line(rest.replace(PICTURE, ""), block, index, shown, self.question, self.zone)
        if left := tuple(pictures):
            yield _Line("", block, index, left, self.question, self.zone)

    def _find_copied(self, line: str, block: Block) -> tuple[str, str] | None:
        """Return where the first line of a cell says that it belongs, if the cell is a copy of another question's.

        A copy has the other's metadata; whoever makes one writes another label into it.
        """
        named = self.labels.find_answer(line) if block.role == "answer" else ""
        if named and named != block.question and block.question in self.named:
            return named, "answer"
        if named == block.question:
            self.named.add(named)
        return None

    def _enter(self, question: str, zone: str) -> None:
        self.question, self.zone = question, zone
        if question:
            self.found.add(question)
        if zone == "answer":
            self.labelled.add(question)


def _section(question: Question, lines: Sequence[_Line], own: Lines, *, labelled: bool, from_pdf: bool) -> Section:
    """Make the answer of the lines that belong to a question. labelled: its answer has a label of its own."""
    kept: list[tuple[_Line, str]] = []
    for zone, run in groupby(lines, key=lambda line: line.zone):
        group = list(run)
        if zone == "asked" or not zone:
            group = _remove_own(group, own, from_pdf=from_pdf)
            group = _without_figures(group, len(question.figures)) if from_pdf else group
        else:
            group = [line for line in group if not own.is_furniture(line.text) or line.pictures]
            group = _without_starter(group, question, from_pdf=from_pdf)
        apart = {"asked": ABOVE if labelled else "", "after": BELOW}.get(zone, "")
        kept += [(line, apart) for line in group]
    texts = [None if line.block.is_code else line.text for line, _ in kept]
    found = field_lines.find(question, texts, from_pdf=from_pdf)
    rest = [
        (_with(line, "", line.pictures) if place in found.places else line, apart)
        for place, (line, apart) in enumerate(kept)
        if place not in found.places or line.pictures
    ]
    pieces = [
        piece
        for apart, run in groupby(rest, key=lambda entry: entry[1])
        for piece in _pieces([x for x, _ in run], apart)
    ]
    pages = sorted({line.block.page for line in lines if line.block.page})
    return Section(tuple(pieces), found.values, tuple(pages), found.unsure)


def _remove_own(lines: Sequence[_Line], own: Lines, *, from_pdf: bool) -> list[_Line]:
    """Return the lines without the template's own, where those stand: above an answer, or outside of all."""
    if from_pdf:
        flags = own.flags_in_pdf([line.text for line in lines])
        return [line for line, is_own in zip(lines, flags, strict=True) if not is_own or line.pictures]
    kept: list[_Line] = []
    for (_, is_code, blank), run in groupby(
        lines, key=lambda line: (line.index, line.block.is_code, not line.text.strip())
    ):
        group = list(run)
        pictures = tuple(picture for line in group for picture in line.pictures if not picture.own)
        text = "\n".join(line.text for line in group)
        is_own = is_code and own.shows_code(text)
        rest = "" if blank or is_own else own.rest_of(text)
        if (is_code and not is_own) or rest == text:
            kept += [_with(line, line.text, tuple(one for one in line.pictures if not one.own)) for line in group]
        elif rest or pictures:
            kept.append(_with(group[0], rest, pictures))
        else:
            kept.append(_with(group[0], "", ()))
    return kept


def _without_figures(lines: Sequence[_Line], count: int) -> list[_Line]:
    """Return the lines of a question in a PDF without its first pictures, which are its figures."""
    kept = []
    for line in lines:
        own = min(count, len(line.pictures))
        count -= own
        kept.append(_with(line, line.text, line.pictures[own:]))
    return kept


def _with(line: _Line, text: str, pictures: tuple[Picture, ...]) -> _Line:
    return _Line(text, line.block, line.index, pictures, line.question, line.zone)


def _without_starter(lines: Sequence[_Line], question: Question, *, from_pdf: bool) -> list[_Line]:
    """Return the lines without the code that students start from, where it is whole and unchanged."""
    if question.code is None:
        return list(lines)
    starter = _without_blanks(question.code.starter)
    if not from_pdf:
        return [line for line in lines if not (line.block.is_code and _without_blanks(line.text) == starter)]
    # A PDF keeps its lines, among the text: those that make up the whole of it, and nothing else, are the template's.
    texts = [_without_blanks(line.text) for line in lines]
    starts = [0]
    for text in texts:
        starts.append(starts[-1] + len(text))
    at = "".join(texts).find(starter)
    if at < 0 or at not in starts or at + len(starter) not in starts:
        return list(lines)
    first, last = len(starts) - 1 - starts[::-1].index(at), starts.index(at + len(starter))
    return [*lines[:first], *lines[last:]]


def _without_blanks(code: str) -> str:
    """Code without its blanks, and with straight quotes."""
    return "".join(code.split()).translate(_STRAIGHT)


def _pieces(lines: Iterable[_Line], apart: str) -> Iterator[Piece]:
    """Yield the pieces that lines of the same blocks make up; those without a word or a picture are left out."""
    for _, run in groupby(lines, key=lambda line: line.index):
        group = list(run)
        block = group[0].block
        text = "\n".join(line.text for line in group).strip("\n")
        text = text if block.is_code else re.sub(r"\n{3,}", "\n\n", text).strip()
        pictures = tuple(picture for line in group for picture in line.pictures)
        if not re.search(r"[^\W_]|[=+<>]", text):
            text = ""
        if text or pictures:
            yield Piece(text, block.place, apart, block.is_code and bool(text), pictures)


def merge_sections(documents: Iterable[Document]) -> dict[str, tuple[Section, Document, bool]]:
    """For every question found, the section to read, its document, and whether another document says otherwise.

    Of several documents the one that answers most questions is read, and each other one for what that leaves open:
    a LaTeX source beside the PDF made from it, two versions of a notebook. A source is preferred to a PDF.
    """
    ranks = {"notebook": 0, "latex": 1, "pdf": 2}
    ordered = sorted(documents, key=lambda document: (-document.read, ranks.get(document.kind, 3)))
    found: dict[str, tuple[Section, Document, bool]] = {}
    for document in ordered:
        for identifier, section in document.sections.items():
            if identifier not in found or (section.answered and not found[identifier][0].answered):
                found[identifier] = (section, document, False)
            elif section.answered and found[identifier][1].kind == document.kind:
                first, other, _ = found[identifier]
                differs = (squeeze(first.raw), first.code.strip()) != (squeeze(section.raw), section.code.strip())
                found[identifier] = (first, other, differs or found[identifier][2])
    return found
