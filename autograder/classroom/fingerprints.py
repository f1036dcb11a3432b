"""What of a submission is compared: fingerprints of statements that nothing of what was handed out has.

A fingerprint is of a statement, or of what stands in brackets in one, with its tokens in no order. So neither what is
put between statements nor the order of operands or of statements hides the rest.
See `similarity` for what is made of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain, islice
from typing import Final

from autograder.classroom.tokens import Token, Vocabulary, tokens

_SHORTEST: Final = 6  # tokens in a fingerprint: less is idiom
_LONGEST: Final = 200  # tokens in brackets that are a fingerprint of their own
_SPELLINGS: Final = {">": "<", ">=": "<="}  # one comparison, from either side
_MOST_TOKENS: Final = 200_000  # of a submission; the largest honest ones have a tenth


def fingerprints(stream: Iterable[str]) -> dict[int, int]:
    """Return fingerprints of the texts of tokens, each with the index of the token at which it begins.

    An empty text ends a statement.
    """
    found: dict[int, int] = {}
    start = 0
    texts: list[str] = []
    for number, text in enumerate(chain(stream, [""])):
        if text:
            texts.append(text)
            continue
        _add(found, "", texts, start)
        opened: list[int] = []
        for at, sign in enumerate(texts):
            if sign in ("(", "[", "{"):
                opened.append(at)
            elif sign in (")", "]", "}") and opened:
                begins = opened.pop() + 1
                if at - begins <= _LONGEST:
                    _add(found, "(", texts[begins:at], start + begins)
        start, texts = number + 1, []
    return found


def _add(found: dict[int, int], kind: str, texts: Sequence[str], start: int) -> None:
    """Add the fingerprint of some tokens in no order; a sign of addition says nothing that a comma would not."""
    if len(texts) >= _SHORTEST:
        text = " ".join(sorted(_SPELLINGS.get(text, text) for text in texts if text != "+"))
        digest = hashlib.blake2b(f"{kind} {text}".encode("utf-8", "replace"), digest_size=8).digest()
        found.setdefault(int.from_bytes(digest, "big"), start)


class Comparer:
    """Compares submissions of one template. given: files that were handed out beside it, as the tests are."""

    def __init__(self, template: Mapping[str, bytes], given: Iterable[bytes] = ()) -> None:
        self.vocabulary = Vocabulary.of(template)
        handed_out = dict.fromkeys(_with_plain_ends(content) for content in (*template.values(), *given))
        self.files = frozenset(handed_out)
        self.given: set[int] = set()
        for content in handed_out:
            self.given.update(fingerprints(token.text for token in tokens({"": content}, self.vocabulary)))

    def tokens(self, files: Mapping[str, bytes]) -> Iterator[Token]:
        """Yield those tokens of a submission that are compared."""
        return islice(tokens(files, self.vocabulary), _MOST_TOKENS)

    def own(self, files: Mapping[str, bytes]) -> dict[int, int]:
        """Return a submission's fingerprints that nothing of what was handed out has."""
        found = fingerprints(token.text for token in self.tokens(files))
        return {print_: at for print_, at in found.items() if print_ not in self.given}

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
