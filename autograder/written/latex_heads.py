r"""Where the question of a LaTeX source may begin, told from its text alone: marks of the template, and headings."""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from autograder.written.labels import Label
from autograder.written.latex_nodes import group_from

#: Commands that set a heading.
HEADINGS: Final = frozenset(("part", "chapter", "section", "subsection", "subsubsection", "paragraph", "subparagraph"))
#: Commands of the exam class that count questions, and how deep.
EXAM_LEVELS: Final = {"question": 0, "titledquestion": 0, "part": 1, "subpart": 2, "subsubpart": 3}
#: The template's own marks.
MARK: Final = re.compile(
    r"\\question\{(?P<question>[^{}\n]{1,20})\}(?P<heading>(?:\{[^{}\n]{0,200}\}){0,2})"
    r"|\\begin\{answer\}\{(?P<answer>[^{}\n]{1,20})\}|\\end\{answer\}|\\field\{(?P<field>[^{}\n]{1,80})\}"
)
_LONGEST: Final = 300  # characters of a heading
_OPTION: Final = r"(?:\[[^\][\n]{0,200}\])?"
_WORDS: Final = r"(?i:question|problem|exercise|task|part|q|answer|solution|response)"
_NUMBER: Final = r"(?:\d|[A-Z]\b|[A-Z]\.?\d)"
_COMMANDS: Final = r"(?:\\(?!text\b|begin\b|end\b)[A-Za-z]{1,30}\*?(?:\[[^\][\n]{0,80}\])?|[{\s]|\\\\){0,12}"
#: Where a line begins a question, perhaps: a heading; a label in words; what is bold, or the label of a list's point.
HEAD: Final = re.compile(
    rf"\\(?:{'|'.join(sorted(HEADINGS))})\*?\s?{_OPTION}\s?\{{"
    rf"|^{_COMMANDS}{_WORDS}(?:[\s~]{{0,3}}(?:to|for|question|problem)){{0,2}}[\s~]{{0,3}}[#.]?[\s~]{{0,3}}{_NUMBER}"
    r"|^[ \t]*(?:\\noindent\s{0,3})?(?:\\(?:textbf|underline|textsc)\s?\{|\{\s?\\(?:bf|bfseries)\b|\\item\s?\[)"
    rf"|\\begin\{{[A-Za-z]{{1,30}}\*?\}}\[[^\][\n]{{0,80}}{_WORDS}[\s~]{{1,3}}{_NUMBER}[^\][\n]{{0,200}}\]",
    re.MULTILINE,
)
_EXAM: Final = re.compile(r"\\(?P<exam>question|titledquestion|part|subpart|subsubpart)(?![A-Za-z])" + _OPTION)
# A line that begins with a number and a mark, as a question without any command may.
_COUNTED: Final = re.compile(rf"\n[ \t]{{0,80}}\n{_COMMANDS}\(?(?:\d|[A-Z]\.?\d)[\d.]{{0,6}}[.):]\s")
_EMPTY_LINE: Final = re.compile(r"\n[ \t]{0,80}\n")
_LIST: Final = re.compile(
    r"\\begin\{(?P<begin>enumerate|itemize|description|compactenum|compactitem|list)\*?\}"
    r"|\\end\{(?P<end>enumerate|itemize|description|compactenum|compactitem|list)\*?\}"
    r"|\\item(?![A-Za-z])(?P<label>\s*\[)?"
)
_CONTINUED: Final = re.compile(r"\\begin\{enumerate\}\s?\[[^\]]{0,200}?\b(?:resume|series|start)\b")
#: A word of a text, which no command and no number is.
WORD: Final = re.compile(r"[^\W\d_]{2,}")
_BEGIN_LISTING, _END_LISTING = "\\begin{verbatim}", "\\end{verbatim}"


@dataclass(frozen=True)
class Head:
    r"""Where a question may begin: from `start` to `end` of a text its heading stands, `shown` to people.

    label: what the source marks there, if it does. is_start: whether it begins a question, as an `\end` does not.
    """

    start: int
    end: int
    shown: str
    label: Label | None = None
    is_start: bool = True


@dataclass(frozen=True)
class Listing:
    """Where a `verbatim` environment begins and ends in a text, and what stands in it. One without an end goes on."""

    start: int
    end: int
    code: str


def find_listings(text: str, start: int = 0, end: int | None = None) -> list[Listing]:
    """Return the listings of `text` from `start` to `end`, in order."""
    found = []
    last = len(text) if end is None else end
    begin = text.find(_BEGIN_LISTING, start, last)
    while begin >= 0:
        inner = begin + len(_BEGIN_LISTING)
        closing = text.find(_END_LISTING, inner, last)
        after = last if closing < 0 else closing + len(_END_LISTING)
        found.append(Listing(begin, after, text[inner : last if closing < 0 else closing].removeprefix("\n")))
        begin = text.find(_BEGIN_LISTING, after, last)
    return found


def _without_listings(text: str) -> str:
    """Return a text with blanks in the place of its listings: all else keeps its place."""
    kept: list[str] = []
    position = 0
    for listing in find_listings(text):
        kept += [text[position : listing.start], " " * (listing.end - listing.start)]
        position = listing.end
    return "".join([*kept, text[position:]])


def find(text: str, *, is_exam: bool) -> list[Head]:
    """Return where questions may begin in `text`, none of them within a listing."""
    listings = deque((listing.start, listing.end) for listing in find_listings(text))
    kept: list[Head] = []
    for head in sorted(_heads(text, is_exam=is_exam), key=lambda head: (head.start, head.label is None)):
        while listings and listings[0][1] <= head.start:
            listings.popleft()
        within = bool(listings) and listings[0][0] <= head.start
        if not within and (not kept or head.start >= kept[-1].end):
            kept.append(head)
    return kept


def find_points(text: str, count: int) -> list[int]:
    r"""Return where the points of the only numbered list outside of others stand, if it has `count` of them.

    None where the list has labels or a beginning of its own, or where much stands outside of it, or a heading below:
    then it is a list within something, and not the answers.
    """
    text = _without_listings(text)
    opened: list[re.Match[str]] = []
    lists: list[tuple[int, int]] = []
    points: list[int] = []
    begin = 0
    for match in _LIST.finditer(text):
        if match["begin"]:
            begin = begin if opened else match.start()
            opened.append(match)
        elif match["end"]:
            if not opened or opened.pop()["begin"] != match["end"]:
                return []
            if not opened and match["end"] == "enumerate":
                lists.append((begin, match.end()))
        elif match["label"] and len(opened) == 1 and opened[0]["begin"] == "enumerate":
            return []
        elif len(opened) == 1 and opened[0]["begin"] == "enumerate":
            points.append(match.start())
    if opened or len(lists) != 1 or len(points) != count:
        return []
    begin, end = lists[0]
    outside = len(WORD.findall(text[:begin])) + len(WORD.findall(text[end:]))
    is_own = outside * 4 <= len(WORD.findall(text[begin:end])) and not HEAD.search(text, end)
    return points if is_own and "enumi}" not in text and not _CONTINUED.search(text, begin) else []


def count_on(counts: list[int], name: str) -> int:
    """Count a question or a part of the exam class, and return its level."""
    level = EXAM_LEVELS[name]
    counts[level] += 1
    counts[level + 1 :] = [0] * (3 - level)
    return level


def numbered(counts: list[int], level: int) -> str:
    """Return the number that a question of the exam class has."""
    return ".".join(str(count) for count in counts[: level + 1])


def is_swallowed(formula: str) -> bool:
    """Return whether a formula goes on into what is none: the sign that closes it is missing."""
    is_display = formula.startswith(("$$", "\\[", "\\begin"))
    empty = len(_EMPTY_LINE.findall(formula))
    return empty > 0 and bool(not is_display or empty > 1 or HEAD.search(formula) or _COUNTED.search(formula))


def _heads(text: str, *, is_exam: bool) -> Iterator[Head]:
    for match in MARK.finditer(text):
        if match["question"] and not is_exam:
            label = Label("question", match["question"], match["heading"])
            yield Head(match.start(), match.end(), match["heading"], label)
        elif match["answer"]:
            yield Head(match.start(), match.end(), "", Label("answer", match["answer"]))
        elif match["field"]:
            end = text.find("\n", match.end())
            value = text[match.end() : end if end >= 0 else len(text)]
            shown = f"{match['field']}: {value.strip().removeprefix('{').removesuffix('}')}"
            yield Head(match.start(), match.end() + len(value), shown, is_start=False)
        elif not match["question"]:
            yield Head(match.start(), match.end(), "", Label("end"), is_start=False)
    if is_exam:
        counts = [0, 0, 0, 0]
        for match in _EXAM.finditer(text):
            level = count_on(counts, match["exam"])
            ahead = _plain(text[match.end() : match.end() + 1000])
            if level <= 1:
                yield Head(match.start(), match.end(), "", Label("question", numbered(counts, level), ahead))
    for match in HEAD.finditer(text):
        end = _end(text, match)
        heading = text[match.start() : end]
        if re.search(r"\$|\\\(", heading):  # whose formula stays as typed
            yield Head(match.start(), end, f"{_plain(match[0])} {text[match.end() : end]}")
        else:
            yield Head(match.start(), end, _plain(heading))


def _end(text: str, match: re.Match[str]) -> int:
    """Return where a heading ends: with its group, or with its label, where it has none that closes near by."""
    near = text[match.start() : match.end() + _LONGEST]
    opened = match[0].find("{")
    while opened >= 0 and "\\begin" not in match[0]:
        inner = group_from(near, opened)
        end = opened + len(inner) + 2
        if inner and end >= len(match[0]):
            return match.start() + end
        opened = match[0].find("{", opened + 1)
    return match.end()


def _plain(heading: str) -> str:
    """Return a heading's words."""
    heading = re.sub(r"\\(?:label|hypertarget|vspace|hspace|textcolor|color)\*?\s?\{[^{}\n]*\}", " ", heading)
    heading = re.sub(
        r"\\item\s?\[|\\begin\{[^{}\n]{0,60}\}\[[^\][\n]{0,80}?(?:title\s?=\s?)?(?=[A-Za-z]{1,30}[\s~])", " ", heading
    )
    heading = re.sub(rf"\\[A-Za-z]+\*?{_OPTION}", " ", heading)
    return " ".join(re.sub(r"[{}~]|\\\\|\]", " ", heading).split())
