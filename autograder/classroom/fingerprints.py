"""What of a submission is compared: fingerprints of statements that nothing of what was handed out has.

A fingerprint is of a statement, or of what stands in brackets in one, with its tokens in no order. So neither what is
put between statements nor the order of operands or of statements hides the rest.
See `similarity` for what is made of them.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import Final

from autograder.base.text import with_plain_ends
from autograder.classroom.tokens import Token, Vocabulary, read_tokens

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


@dataclass(frozen=True)
class Compared:
    """What of one submission is compared.

    own: its fingerprints that nothing of what was handed out has, each with the index of its token.
    digest: of its own files, whatever they are called. remarks: as of a `Stream`.
    """

    own: Mapping[int, int]
    digest: str
    remarks: tuple[str, ...] = ()


class Comparer:
    """Compares submissions of one template. given: files that were handed out beside it, as the tests are."""

    def __init__(self, template: Mapping[str, bytes], given: Iterable[bytes] = ()) -> None:
        self.vocabulary = Vocabulary.of(template)
        handed_out = dict.fromkeys(_as_handed_out(content) for content in (*template.values(), *given))
        self.files = frozenset(handed_out)
        self.given: set[int] = set()
        for content in handed_out:
            stream = read_tokens({"": content}, self.vocabulary)
            self.given.update(fingerprints(token.text for token in stream.tokens))

    def tokens(self, files: Mapping[str, bytes]) -> list[Token]:
        """Return those tokens of a submission that are compared."""
        return read_tokens(files, self.vocabulary, _MOST_TOKENS).tokens

    def read(self, files: Mapping[str, bytes]) -> Compared:
        """Return what of a submission is compared."""
        stream = read_tokens(files, self.vocabulary, _MOST_TOKENS)
        found = fingerprints(token.text for token in stream.tokens)
        own = {print_: at for print_, at in found.items() if print_ not in self.given}
        return Compared(own, self._digest(files), stream.remarks)

    def _digest(self, files: Mapping[str, bytes]) -> str:
        own = sorted({_as_handed_out(content) for content in files.values()} - self.files)
        return hashlib.sha256(repr(own).encode()).hexdigest()


def _as_handed_out(content: bytes) -> bytes:
    return with_plain_ends(content).strip()
