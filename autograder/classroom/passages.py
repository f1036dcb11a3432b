"""What two submissions have in common, as it was handed in: for a person who looks at both side by side."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final

from autograder.base.text import clean
from autograder.classroom.fingerprints import Comparer, fingerprints
from autograder.classroom.python_text import decode
from autograder.classroom.tokens import Token

_NEAR: Final = 48  # tokens between what is shown as one passage
_MOST_PASSAGES: Final = 4
_LONGEST_WHOLE: Final = 40_000  # signs of a file
_LONGEST_PASSAGE: Final = 24  # lines
_LONGEST_LINE: Final = 300  # of a passage


@dataclass(frozen=True)
class Passage:
    """Lines of one that are like lines of the other; text without names made alike, as it was handed in."""

    left_file: str
    left_line: int
    left_text: str
    right_file: str
    right_line: int
    right_text: str


@dataclass(frozen=True)
class Files:
    """Two whole files that passages in common lie in."""

    left: str
    left_text: str
    right: str
    right_text: str


def whole_files(
    left: Mapping[str, bytes], right: Mapping[str, bytes], passages: Sequence[Passage]
) -> tuple[Files, ...]:
    """Return the files of both that passages lie in, those of no common length left out."""

    def text(content: bytes) -> str:
        return "\n".join(clean(line) for line in decode(content)[0][:_LONGEST_WHOLE].split("\n"))

    names = dict.fromkeys((passage.left_file, passage.right_file) for passage in passages)
    return tuple(Files(one, text(left[one]), other, text(right[other])) for one, other in names)


def common_passages(
    comparer: Comparer, left: Mapping[str, bytes], right: Mapping[str, bytes], shared: frozenset[int]
) -> tuple[Passage, ...]:
    """Return the longest stretches in common, as they were handed in."""
    ours, theirs = comparer.tokens(left), comparer.tokens(right)
    our_prints, their_prints = (fingerprints(token.text for token in stream) for stream in (ours, theirs))
    places = sorted((our_prints[print_], their_prints[print_]) for print_ in shared)
    runs: list[list[tuple[int, int]]] = []
    for here, there in places:
        last = runs[-1][-1] if runs else None
        near = last is not None and here - last[0] <= _NEAR and abs((there - last[1]) - (here - last[0])) <= _NEAR
        if near and ours[here].file == ours[last[0]].file and theirs[there].file == theirs[last[1]].file:  # type: ignore[index]
            runs[-1].append((here, there))
        else:
            runs.append([(here, there)])
    runs.sort(key=lambda run: (run[0][0] - run[-1][0], run[0]))
    return tuple(_passage(ours, theirs, left, right, run) for run in runs[:_MOST_PASSAGES])


def _passage(
    ours: Sequence[Token],
    theirs: Sequence[Token],
    left: Mapping[str, bytes],
    right: Mapping[str, bytes],
    run: Sequence[tuple[int, int]],
) -> Passage:
    def lines(stream: Sequence[Token], files: Mapping[str, bytes], first: int, last: int) -> tuple[str, int, str]:
        begin = stream[first]
        end = next((token for token in islice(stream, last, None) if not token.text), stream[-1])  # of its statement
        stop = end.line if end.file == begin.file else begin.line
        text = decode(files[begin.file])[0].split("\n")[begin.line - 1 : stop]
        return begin.file, begin.line, clean("\n".join(line[:_LONGEST_LINE] for line in text[:_LONGEST_PASSAGE]))

    first, last = run[0], run[-1]
    return Passage(*lines(ours, left, first[0], last[0]), *lines(theirs, right, first[1], max(first[1], last[1])))
