"""What of a submission is compared: winnowed fingerprints of runs of tokens that nothing of what was handed out has.

See `similarity` for what is made of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any, Final

import numpy as np

from autograder.classroom.tokens import Token, Vocabulary, tokens

RUN: Final = 12  # tokens in a fingerprint: shorter runs are idiom
_WINDOW: Final = 6  # of so many neighbours one is kept: of what is compared a copy of RUN + _WINDOW - 1 tokens is seen
_MOST_TOKENS: Final = 200_000  # of a submission; the largest honest ones have a tenth
_BASE: Final = np.uint64(0x9E3779B97F4A7C15)


def fingerprints(stream: Iterable[str]) -> dict[int, int]:
    """Winnowed fingerprints of the texts of tokens, each with the index of the token at which its run begins."""
    hashes = _hashes(stream)
    if not len(hashes):
        return {}
    width = min(_WINDOW, len(hashes))
    windows = np.lib.stride_tricks.sliding_window_view(hashes, width)
    starts = np.arange(len(windows)) + (width - 1 - np.argmin(windows[:, ::-1], axis=1))
    chosen = np.unique(starts)
    values, first = np.unique(hashes[chosen], return_index=True)
    return dict(zip(values.tolist(), chosen[first].tolist(), strict=True))


def _hashes(stream: Iterable[str]) -> Any:
    """Return the hash of every run of tokens, in their order."""
    known: dict[str, int] = {}
    codes = np.fromiter((known.get(text) or known.setdefault(text, _code(text)) for text in stream), np.uint64)
    count = max(len(codes) - RUN + 1, 0)
    hashes = np.zeros(count, np.uint64)
    for at in range(RUN if count else 0):
        hashes = hashes * _BASE + codes[at : at + count]
    hashes ^= hashes >> np.uint64(29)  # so that which one is smallest is a matter of chance
    hashes *= _BASE
    hashes ^= hashes >> np.uint64(32)
    return hashes


def _code(text: str) -> int:
    """Return a number for a token's text; never 0, and the same in every run."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "replace"), digest_size=8).digest(), "big") | 1


class Comparer:
    """Compares submissions of one template. given: files that were handed out beside it, as the tests are."""

    def __init__(self, template: Mapping[str, bytes], given: Iterable[bytes] = ()) -> None:
        self.vocabulary = Vocabulary.of(template)
        handed_out = dict.fromkeys(_with_plain_ends(content) for content in (*template.values(), *given))
        self.files = frozenset(handed_out)
        self.given: set[int] = set()
        for content in handed_out:
            self.given.update(_hashes(token.text for token in tokens({"": content}, self.vocabulary)).tolist())

    def tokens(self, files: Mapping[str, bytes]) -> Iterator[Token]:
        """Yield those tokens of a submission that are compared."""
        return islice(tokens(files, self.vocabulary), _MOST_TOKENS)

    def own(self, files: Mapping[str, bytes]) -> dict[int, int]:
        """Return a submission's fingerprints that nothing of what was handed out has, each of one file."""
        stream = list(self.tokens(files))
        return {
            print_: at
            for print_, at in fingerprints(token.text for token in stream).items()
            if print_ not in self.given and stream[at].file == stream[at + RUN - 1].file
        }

    def digest(self, files: Mapping[str, bytes]) -> str:
        """Return the digest of a submission's own files, whatever they are called."""
        own = sorted({_with_plain_ends(content) for content in files.values()} - self.files)
        return hashlib.sha256(repr(own).encode()).hexdigest()

    def is_cut(self, files: Mapping[str, bytes]) -> bool:
        """Return whether a submission has more tokens than are compared."""
        if sum(map(len, files.values())) <= _MOST_TOKENS:
            return False
        return next(islice(tokens(files, self.vocabulary), _MOST_TOKENS, None), None) is not None


def _with_plain_ends(content: bytes) -> bytes:
    return content.replace(b"\r\n", b"\n").strip()
