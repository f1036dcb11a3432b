r"""LaTeX sources, parsed and never compiled, so that nothing in them can do anything, and errors do not matter.

pylatexenc parses what `latex_source` expanded. Where it loses a word, or takes too long, the source is shown as typed.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import pairwise
from pathlib import PurePosixPath
from typing import Final

from autograder.base.time_limits import OutOfTimeError, time_limit
from autograder.written import latex_source
from autograder.written.documents import PICTURE, Block, Document, Passage, assemble
from autograder.written.labels import Label
from autograder.written.latex_blocks import PARSE_SECONDS, SETTINGS, Visitor, find_picture, line_at
from autograder.written.latex_letters import decode_accents
from autograder.written.questions import Written
from autograder.written.shown import as_shown

_LONGEST: Final = 2_000_000
_MOST_COMMENTS: Final = 2_000  # that have passages of their own
_AUTHOR: Final = re.compile(
    r"(?:\\(?:author|name|student|studentname|address|email|thanks|rhead|lhead|chead|fancyhead|fancyfoot)\*?"
    r"(?:\[[^\]\n]{0,200}\])?|pdfauthor\s?=\s?)\s?\{((?:[^{}]|\{[^{}]{0,500}\}){0,2000})\}"
)
_AUDIENCE: Final = re.compile(r"\\audience\{(\w+)\}|^%[ \t]*audience:[ \t]*(\w+)", re.MULTILINE)
_COMMENT: Final = re.compile(r"(?<!\\)((?:\\\\)*)%(.*)")
_LABELLED: Final = re.compile(
    r"\\begin\s?\{(?:answer|solution)\}|\\(?:question|field)\b|\b(?:answer|solution|question|problem)\s+[\dA-Z][\d.]*\b",
    re.IGNORECASE,
)
_SHOWN_FILE: Final = re.compile(r"\\include(?:graphics|pdf)\*?\s?(?:\[[^\]]{0,300}\])?\s?\{([^{}\n]{1,300})\}")
_CENTERED: Final = re.compile(rf"\\begin\{{center\}}\s{{0,9}}{PICTURE}\s{{0,9}}\\end\{{center\}}")
_COMMAND: Final = re.compile(r"\\(?:begin|end)\{\w+\*?\}|\\[a-zA-Z]+\*?")
_TEXT_WORD: Final = re.compile(r"[^\W\d_]{2,}")


def read(content: bytes, label: str, written: Written, others: Mapping[str, bytes], path: str = "") -> Document:
    """Read the LaTeX source at `path`: what it includes of `others`, the files handed in with it, and its pictures."""
    texts = {
        name: _lines(decode(one)[:_LONGEST])
        for name, one in others.items()
        if PurePosixPath(name).suffix.lower() in (".tex", ".sty", ".cls", ".ltx", ".txt", ".py")
    }
    source = texts[path] = _lines(decode(content)[:_LONGEST])
    expanded = latex_source.read(path, texts)
    blocks = _blocks(expanded, others)
    assembled = assemble(blocks, written)
    audience = _AUDIENCE.search(source)
    problem = ""
    if "\\begin{document}" not in source and not assembled.sections:
        problem = "It is no LaTeX document: hand in the .tex file made from the template."
    elif not assembled.sections:
        problem = (
            "No question's label was found in it. Write the answers into the template, below `Question 1.1` and so on."
        )
    return Document(
        label=label,
        kind="latex",
        sections=assembled.sections,
        passages=(*passages(source, label), *_shown(expanded, label)),
        problem=problem,
        audience=(audience[1] or audience[2]) if audience else "",
        outside=assembled.outside,
    )


@dataclass(frozen=True)
class Sources:
    r"""The LaTeX files of a submission: documents, likeliest first; parts of these; and those that nothing includes."""

    documents: tuple[str, ...] = ()
    parts: tuple[str, ...] = ()
    unused: tuple[str, ...] = ()


def sources(files: Mapping[str, bytes]) -> Sources:
    r"""Sort the LaTeX files of a submission.

    Every one that no other includes is a document, those with `\documentclass` first. Beside one of these, a file
    without it that no document includes and that says nothing of answers or audiences is of no use.
    """
    texts = {path: decode(content)[:_LONGEST] for path, content in files.items()}
    included = {
        PurePosixPath(name).name.removesuffix(".tex").lower()
        for text in texts.values()
        for name in latex_source.includes(text)
    }
    heads = [
        path for path, text in texts.items() if re.search(r"^[^%\n]*\\document(?:class|style)\b", text, re.MULTILINE)
    ]
    free = [path for path in texts if PurePosixPath(path).stem.lower() not in included]
    useful = {path for path in free if any(one.search(texts[path]) for one in (_LABELLED, _AUDIENCE))}
    unused = [path for path in free if heads and path not in heads and path not in useful]
    chosen = [path for path in free if path not in unused] or heads or list(texts)
    chosen.sort(key=lambda path: (path not in heads, path.count("/"), PurePosixPath(path).stem != "main", path))
    parts = [path for path in texts if path not in chosen and path not in unused]
    return Sources(tuple(chosen), tuple(parts), tuple(unused))


def decode(content: bytes) -> str:
    """UTF-8 or UTF-16 where it is that, else what editors on Windows write, and else Latin-1, which any bytes are."""
    wide = content[:2] in (b"\xff\xfe", b"\xfe\xff")
    for encoding in ("utf-16" if wide else "utf-8-sig", "cp1252"):
        with suppress(UnicodeDecodeError):
            return content.decode(encoding)
    return content.decode("latin-1")


def _lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _blocks(source: latex_source.Source, others: Mapping[str, bytes]) -> list[Block]:
    """Return the document's blocks: parsed, or line by line where parsing loses a word, or the time."""
    before, begin, body = source.text.partition("\\begin{document}")
    offset = len(before) + len(begin) if begin else 0
    body = body.partition("\\end{document}")[0] if begin else before
    is_exam = _is_exam(before)
    try:
        with time_limit(PARSE_SECONDS):
            if blocks := _parsed(body, offset, source, others, before if begin else "", is_exam=is_exam):
                return blocks
            # What is not closed in one answer swallows those behind it: each question alone, then.
            return _part_by_part(body, offset, source, others, is_exam=is_exam)
    except (OutOfTimeError, RecursionError, MemoryError):
        return _read_verbatim(body, offset, source, others)


def _parsed(
    body: str, offset: int, source: latex_source.Source, others: Mapping[str, bytes], front: str, *, is_exam: bool
) -> list[Block]:
    """Return the blocks of a part of a source; none where parsing loses a word of it, or a mark of the template."""
    try:
        blocks = Visitor(source, others, is_exam=is_exam).read(body, offset, front)
    except (OutOfTimeError, RecursionError, MemoryError):
        raise
    except Exception:  # noqa: BLE001  whatever the parser raises on a stranger's source, the source itself is still there
        return []
    has_marks = any(not block.is_code and _MARK.search(block.text) for block in blocks)
    return [] if has_marks or not _keeps_words(body, blocks) else blocks


def _part_by_part(
    body: str, offset: int, source: latex_source.Source, others: Mapping[str, bytes], *, is_exam: bool
) -> list[Block]:
    """Return the blocks of every question alone, as typed where it cannot be parsed."""
    starts = [0, *(mark.start() for mark in _MARK.finditer(body) if mark["question"] and mark.start()), len(body)]
    blocks: list[Block] = []
    for start, end in pairwise(starts):
        part = body[start:end]
        if part.strip():
            blocks += _parsed(part, offset + start, source, others, "", is_exam=is_exam) or _read_verbatim(
                part, offset + start, source, others
            )
    return blocks


def _keeps_words(body: str, blocks: Sequence[Block]) -> bool:
    """Return whether every word of the source that is no command's stands in a block as often as there."""
    shown = Counter(_TEXT_WORD.findall(" ".join(block.text for block in blocks)))
    typed = re.sub(r"\\(?:begin|end)\s?\{[^{}\n]*\}|\\[A-Za-z@]+\*?|\[[^\][\n]{0,200}\]", " ", decode_accents(body))
    missing = Counter(_TEXT_WORD.findall(typed)) - shown
    arguments = Counter(
        word
        for match in re.finditer(
            r"\\([A-Za-z]+)\*?\s?(?:\[[^\][\n]{0,200}\])?((?:\s?\{[^{}]{0,300}\}){1,2})", decode_accents(body)
        )
        if match[1] in SETTINGS or match[1] in ("includegraphics", "tabular")
        for word in _TEXT_WORD.findall(match[2])
    )
    environments = Counter(
        word
        for match in re.finditer(r"\\begin\s?\{[^{}\n]*\}((?:\s?(?:\{[^{}\n]{0,200}\}|\[[^\]\n]{0,200}\])){0,3})", body)
        for word in _TEXT_WORD.findall(match[1])
    )
    return not missing - arguments - environments


def _read_verbatim(body: str, offset: int, source: latex_source.Source, others: Mapping[str, bytes]) -> list[Block]:
    """Return the source as it was typed, in paragraphs, with the template's own marks as labels, and its pictures."""
    blocks: list[Block] = []
    for match in re.finditer(r"[^\n]+(?:\n(?!\n)[^\n]+)*", body):
        text = match[0]
        place = line_at(source, offset + match.start())
        position = 0
        for mark in _MARK.finditer(text):
            blocks.append(_as_typed(text[position : mark.start()], place, others))
            if mark["question"]:
                blocks.append(
                    Block(mark["heading"], place=place, label=Label("question", mark["question"], mark["heading"]))
                )
            elif mark["answer"]:
                blocks.append(Block("", place=place, label=Label("answer", mark["answer"])))
            elif mark["field"]:
                value = text[mark.end() :].partition("\n")[0]
                blocks.append(
                    Block(f"{mark['field']}: {value.strip().removeprefix('{').removesuffix('}')}", place=place)
                )
                position = mark.end() + len(value)
                continue
            else:
                blocks.append(Block("", place=place, label=Label("end")))
            position = mark.end()
        blocks.append(_as_typed(text[position:], place, others))
    return [block for block in blocks if block.text.strip() or block.label]


def _as_typed(text: str, place: str, others: Mapping[str, bytes]) -> Block:
    """Return a piece of a source as it was typed, but for its pictures."""
    pictures = tuple(find_picture(match[1], others) for match in _SHOWN_FILE.finditer(text))
    shown = _CENTERED.sub(PICTURE, _SHOWN_FILE.sub(PICTURE, text)) if pictures else text
    return Block(shown, pictures=pictures, place=place)


_MARK: Final = re.compile(
    r"\\question\{(?P<question>[^{}\n]{1,20})\}(?P<heading>(?:\{[^{}\n]{0,200}\}){0,2})"
    r"|\\begin\{answer\}\{(?P<answer>[^{}\n]{1,20})\}|\\end\{answer\}|\\field\{(?P<field>[^{}\n]{1,80})\}"
)


def _is_exam(preamble: str) -> bool:
    return bool(re.search(r"\\documentclass\s?(?:\[[^\]]{0,300}\])?\s?\{exam", preamble))


def find_pictures(contents: Iterable[bytes]) -> set[str]:
    r"""Return the names, with and without endings, of files that sources show by `\includegraphics`.

    Where a macro of the author's own shows one (`\includegraphics{#1}`), any of its arguments may be such a name.
    """
    texts = [decode(content)[:_LONGEST] for content in contents]
    shown = [match[1] for text in texts for match in _SHOWN_FILE.finditer(text)]
    if any("#" in name for name in shown):
        shown += [match[1] for text in texts for match in re.finditer(r"\{([^{}\n]{1,300})\}", text)]
    return {PurePosixPath(name.strip()).name.lower() for name in shown}


def _shown(source: latex_source.Source, label: str) -> Iterator[Passage]:
    """Yield every file's text as TeX sets it: own macros expanded, and no braces or hyphens inside of words."""
    lines: dict[int, list[str]] = {}
    ends = (*source.starts[1:], len(source.text))[: len(source.starts)]  # of an empty text there is nothing to show
    for start, end, (file, line) in zip(source.starts, ends, source.origins, strict=True):
        found = lines.setdefault(file, [])
        # What TeX joins stays on one line, the first one's; below it, the numbers are right again.
        if not found or found[-1].endswith("\n"):
            found += ["\n"] * (line - 1 - len(found))
            found.append(source.text[start:end])
        else:
            found[-1] += source.text[start:end]
    for file, texts in lines.items():
        shown = [as_shown(decode_accents(text).rstrip("\n"))[0] for text in texts]
        text = _COMMAND.sub(" ", "\n".join(shown))
        yield Passage(label if file == 0 else "a file (.tex) beside the document", text, numbered=True)


def passages(source: str, label: str) -> Iterator[Passage]:
    """Yield every text of a source in which a name may stand."""
    for match in _AUTHOR.finditer(source):
        command = re.match(r"\\?\w+", match[0])
        yield Passage(f"`{command[0] if command else 'author'}` in {label}", decode_accents(match[1]), "author")
    comments = [
        (number, decode_accents(comment[2]))
        for number, line in enumerate(source.splitlines(), start=1)
        if (comment := _COMMENT.search(line)) and comment[2].strip()
    ]
    for number, text in comments[:_MOST_COMMENTS]:
        yield Passage(f"a comment in line {number} of {label}", text)
    yield Passage(f"a comment in {label}", "\n".join(text for _, text in comments[_MOST_COMMENTS:]))
    text = decode_accents(_COMMENT.sub(r"\1", source))
    # Only what surrounds words: a name in \textbf{Jane} Doe, in a macro of one's own, in a path.
    text = re.sub(r"\\(?:begin|end)\{\w+\*?\}|\\[a-zA-Z]+\*?", lambda match: " " * len(match[0]), text)
    yield Passage(label, text.replace("{", " ").replace("}", " "), numbered=True)
