"""Which answers are nearly identical: those that share most of their runs of words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import combinations
from typing import Final

_ALIKE: Final = 0.6  # of the runs of words that two answers have together
_RUN: Final = 4
_FEWEST_RUNS: Final = 8  # shorter answers are alike by necessity


def groups(texts: Sequence[str]) -> list[list[int]]:
    """Return the indices of texts, those that are nearly identical together, in the order of each group's first."""
    runs = [_runs(text) for text in texts]
    leader = list(range(len(texts)))

    def root(index: int) -> int:
        while leader[index] != index:
            index = leader[index]
        return index

    for one, other in combinations(range(len(texts)), 2):
        if min(len(runs[one]), len(runs[other])) >= _FEWEST_RUNS:
            together = len(runs[one] & runs[other])
            if together >= _ALIKE * (len(runs[one]) + len(runs[other]) - together):
                first, second = sorted((root(one), root(other)))
                leader[second] = first
    found: dict[int, list[int]] = {}
    for index in range(len(texts)):
        found.setdefault(root(index), []).append(index)
    return list(found.values())


def _runs(text: str) -> frozenset[tuple[str, ...]]:
    words = re.findall(r"\w+", text.lower())
    return frozenset(tuple(words[start : start + _RUN]) for start in range(len(words) - _RUN + 1))
