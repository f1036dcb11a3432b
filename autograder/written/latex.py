r"""LaTeX sources, parsed and never compiled, so that nothing in them can do anything, and errors do not matter.

pylatexenc parses what `latex_source` expanded. Where it loses a word, or takes too long, the source is shown as typed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Final

from autograder.written import latex_parts, latex_source
from autograder.written.documents import Assembled, Document, Passage, assemble
from autograder.written.latex_letters import decode_accents
from autograder.written.latex_parts import SHOWN_FILE
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
_COMMAND: Final = re.compile(r"\\(?:begin|end)\{\w+\*?\}|\\[a-zA-Z]+\*?")
_HEAD: Final = re.compile(r"^[^%\n]*\\document(?:class|style)\b", re.MULTILINE)
_IN_LIST: Final = "in a numbered list without labels, whose points were taken in the order of the questions"
_LISTED: Final = (
    "It has no label of a question. Its numbered list has as many points as there are questions: each was taken as the "
    "answer to one, in order. Next time write the answers into the template."
)


def read(content: bytes, label: str, written: Written, others: Mapping[str, bytes], path: str = "") -> Document:
    """Read the LaTeX source at `path`: what it includes of `others`, the files handed in with it, and its pictures."""
    texts = {
        name: _lines(decode(one)[:_LONGEST])
        for name, one in others.items()
        if PurePosixPath(name).suffix.lower() in (".tex", ".sty", ".cls", ".ltx", ".txt", ".py")
    }
    source = texts[path] = _lines(decode(content)[:_LONGEST])
    expanded = latex_source.read(path, texts)
    blocks = latex_parts.read(expanded, others)
    assembled, note = assemble(blocks, written), ""
    if not assembled.sections and _is_alone(path, others):
        numbers = [question.number for question in written.questions]
        if listed := latex_parts.read(expanded, others, numbers):
            assembled, note = _say_listed(assemble(listed, written)), _LISTED
    audience = _AUDIENCE.search(source)
    problem = ""
    if "\\begin{document}" not in source and not assembled.sections:
        problem = "It is no LaTeX document: hand in the .tex file made from the template."
    elif not assembled.sections:
        problem = (
            "No question's label was found in it. Write the answers into the template, below "
            f"`Question {written.questions[0].number}` and so on."
        )
    return Document(
        label=label,
        kind="latex",
        sections=assembled.sections,
        passages=(*passages(source, label), *_shown(expanded, label)),
        problem=problem,
        audience=(audience[1] or audience[2]) if audience else "",
        outside=assembled.outside,
        note=note,
    )


def _say_listed(assembled: Assembled) -> Assembled:
    """Return what was assembled, each piece with a word to who grades it: only its place tells whose answer it is."""
    sections = {
        name: replace(one, pieces=tuple(replace(piece, apart=piece.apart or _IN_LIST) for piece in one.pieces))
        for name, one in assembled.sections.items()
    }
    return replace(assembled, sections=sections)


def _is_alone(path: str, others: Mapping[str, bytes]) -> bool:
    """Return whether no other document lies beside it, which its PDF is not."""
    kinds = {PurePosixPath(name).suffix.lower() for name in others}
    heads = [
        name for name, content in others.items() if name.lower().endswith(".tex") and _HEAD.search(decode(content))
    ]
    return not kinds & {".ipynb", ".docx", ".odt"} and not set(heads) - {path}


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
    heads = [path for path, text in texts.items() if _HEAD.search(text)]
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


def find_pictures(contents: Iterable[bytes]) -> set[str]:
    r"""Return the names, with and without endings, of files that sources show by `\includegraphics`.

    Where a macro of the author's own shows one (`\includegraphics{#1}`), any of its arguments may be such a name.
    """
    texts = [decode(content)[:_LONGEST] for content in contents]
    shown = [match[1] for text in texts for match in SHOWN_FILE.finditer(text)]
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
