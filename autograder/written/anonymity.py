"""Whether a hand-in names those who handed it in: their names, e-mail addresses, logins and ids, wherever they stand.

Found is a name in any order, folded to plain letters, whole, joined (`janedoe`, `JaneDoe_hw2`) or a single part that is
no common word. Initials are no names. What is said tells the place and never the name.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Final

from autograder.written.documents import Passage

_SHORTEST_PART: Final = 4  # letters of a part of a name that is found alone in a text
_SHORTEST_JOINED: Final = 6  # letters of `janedoe`
_SHORTEST_ID: Final = 6
_REACH: Final = 3  # words from one part of a name to the next
_LONGEST: Final = 2_000_000
_MOST_FINDINGS: Final = 8

# Letters that Unicode does not take apart into a plain one and its marks.
_FOLDED: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t",
     "ŋ": "n",      "’": "'", "‘": "'", "ʼ": "'"}
)  # fmt: skip
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_INVISIBLE: Final = re.compile("[\u00ad\u200b-\u200f\u2060\ufeff]")
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0e7f]")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
# Behind these a name stands, a common word as well as any other.
_MADE: Final = (
    "submitted|written|done|made|created|prepared|completed|solved|typeset|answered|authored|homework|assignment|work"
    "|solutions?|answers?"
)
_CUE: Final = re.compile(
    r"(?:\b(?:name\s{0,3}(?:is|:|=)?|authors?\s{0,3}(?::|=|is|are)?|i am|i'm|students?\s{0,3}(?::|=|is)?"
    rf"|login|sincerely|signed|(?:{_MADE})\s{{1,3}}(?:was\s{{1,3}}|were\s{{1,3}})?by)"
    r"|^\s{0,5}by|^\s{0,5}[—–-])\W{0,6}$",
    re.IGNORECASE | re.MULTILINE,
)
_PATH: Final = re.compile(r"(?:/home/|/users/|\\users\\)$", re.IGNORECASE)
_DOCUMENTS: Final = ("pdf", "tex", "ipynb", "zip")
# What is called after people: behind these nouns a name is that of a theorem, a method, a paper.
_RESULTS: Final = (
    r"methods?|theorems?|inequalit(?:y|ies)|expansions?|rules?|conditions?|laws?|formulae?s?|lemmas?|algorithms?"
    r"|equations?|identit(?:y|ies)|criteri(?:on|a)|tests?|approximations?|trick|bounds?|iterations?|distributions?"
    r"|matri(?:x|ces)|principle|divergences?|conjecture|paradox|constant"
)
_THINGS: Final = (
    r"optimi[sz]ers?|scores?|information|entrop(?:y|ies)|loss(?:es)?|estimat(?:es?|ors?)|process(?:es)?|chains?"
    r"|decompositions?|descent|updates?|steps?|series|norms?|kernels?|transforms?|networks?|layers?|regression|gradients?"
    r"|variables?|spaces?|functions?|products?|derivatives?|integrals?|models?|machines?|points?|numbers?|classifiers?"
    r"|search|initiali[sz]ation|momentum|activations?"
)
_CONCEPT: Final = re.compile(
    rf"(?:['’]s?\s{{1,3}}(?:\w{{1,15}}\s)?(?:{_RESULTS})\b|\s{{1,3}}(?:et\s{{1,3}}al|{_RESULTS}|{_THINGS})\b"
    r"|[-–][A-Z][a-z])"
)
_COMPOUND: Final = re.compile(r"\b[A-Z][a-z]{1,30}[-–]$")
# Behind a common word these go on with a sentence.
_SENTENCE: Final = re.compile(
    r"(?:['’]|\s{0,3}\d|\s{1,3}(?:and\s{1,3}[A-Z]|of|with|may|will|can|is|was|has|does|it|to|for|in|on|at|we|the|a|an)\b)"
)


@dataclass(frozen=True)
class Person:
    """One of those who handed in: name, e-mail addresses, logins, ids; any may be missing."""

    name: str = ""
    emails: tuple[str, ...] = ()
    logins: tuple[str, ...] = ()
    ids: tuple[str, ...] = ()


@dataclass(frozen=True)
class Finding:
    """A name was found: where, and what of a person it was ("a name", "an e-mail address", "a login", "an id")."""

    where: str
    what: str


@dataclass(frozen=True)
class _Word:
    folded: str
    raw: str
    start: int
    end: int


def person(details: Mapping[str, str]) -> Person:
    """A Person from Gradescope's metadata or a line of a roster: name, email, login, sid or id, each optional."""
    emails = tuple(email for email in re.split(r"[\s,;]+", details.get("email", "")) if "@" in email)
    logins = {details.get("login", ""), *(email.partition("@")[0] for email in emails)} - {""}
    ids = {details.get(key, "") for key in ("sid", "id", "student_id")} - {""}
    return Person(details.get("name", ""), emails, tuple(sorted(logins)), tuple(sorted(ids)))


def findings(
    people: Iterable[Person], passages: Iterable[Passage], common: frozenset[str] = frozenset()
) -> list[Finding]:
    """Where in `passages` any of `people` is named: one finding a place, at most 8.

    common: words beside those of `words.txt` that alone are nobody's name.
    """
    searches = [_Search(one, common) for one in people]
    found: dict[str, Finding] = {}
    for passage in passages:
        text = _INVISIBLE.sub("", passage.text[:_LONGEST])
        for search in searches:
            for position, what in search.hits(text, passage.kind):
                where = passage.where
                if passage.numbered:
                    where = f"line {text.count(chr(10), 0, position) + 1} of {where}"
                found.setdefault(where, Finding(where, what))
                break
        if len(found) >= _MOST_FINDINGS:
            break
    return list(found.values())


def redacted(text: str, people: Iterable[Person]) -> str:
    """`text` with every name, address, login and id in it blacked out."""
    text = _INVISIBLE.sub("", text)
    for one in people:
        search = _Search(one)
        kept, position = [], 0
        for start, end, _ in sorted(search.spans(text, "text")):
            if end > position:
                kept += [text[position : max(start, position)], "█████" if start >= position else ""]
                position = end
        text = "".join(kept) + text[position:]
    return text


def folded(text: str) -> str:
    """`text` in lower-case plain letters: no marks, no ligatures."""
    text = unicodedata.normalize("NFKD", text.casefold())
    return "".join(character for character in text.translate(_FOLDED) if not unicodedata.combining(character))


@cache
def common_words() -> frozenset[str]:
    """Names that are also words; see `words.txt`."""
    lines = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


class _Search:
    """The looking for one person."""

    def __init__(self, one: Person, common: frozenset[str] = frozenset()) -> None:
        spellings = {folded(one.name), folded(one.name.casefold().translate(_UMLAUTS))}
        names = [
            [part for part in _WORD.findall(spelling.replace("'", "")) if len(part) > 1 and not part.isdigit()]
            for spelling in sorted(spellings)
        ]
        common = common_words() | common
        particles = {
            "de",
            "del",
            "der",
            "di",
            "da",
            "van",
            "von",
            "la",
            "le",
            "du",
            "el",
            "al",
            "bin",
            "jr",
            "sr",
            "ii",
            "iii",
            "dr",
        }
        self.names = [[part for part in name if part not in particles] or name for name in names if name]
        self.parts = {part for name in self.names for part in name}
        self.telling = {part for part in self.parts if len(part) >= _SHORTEST_PART and part not in common}
        # Scripts that put no blanks between words, and need few characters for a name.
        self.unspaced = {part for part in self.parts if len(part) > 1 and _UNSPACED.search(part)}
        self.joined = {
            first + second for name in self.names for first in name for second in name if first != second
        } | {"".join(name) for name in self.names if len(name) > 1}
        self.joined = {whole for whole in self.joined if len(whole) >= _SHORTEST_JOINED}
        self.emails = {folded(email) for email in one.emails}
        self.logins = {folded(login) for login in one.logins if len(login) >= 3}
        self.ids = {folded(number) for number in one.ids if len(number) >= _SHORTEST_ID}
        self.common = common

    def hits(self, text: str, kind: str) -> Iterator[tuple[int, str]]:
        """Positions in `text`, and what was found there."""
        return ((start, what) for start, _, what in self.spans(text, kind))

    def spans(self, text: str, kind: str) -> Iterator[tuple[int, int, str]]:
        """Start, end, and what was found there."""
        if not self._worth_a_look(text):
            return
        yield from self._identifiers(text, kind)
        words = list(_words(text))
        for index, word in enumerate(words):
            if word.folded in self.parts:
                yield from self._name_at(index, words, text, kind)
            elif word.folded in self.joined or self._begins_or_ends(word, kind):
                yield word.start, word.end, "a name"

    def _worth_a_look(self, text: str) -> bool:
        """Whether any part occurs at all: most passages end here."""
        whole = folded(text)
        squeezed = re.sub(r"[\W_]", "", whole)
        return any(part in squeezed for part in self.parts) or any(
            one in whole for one in (*self.emails, *self.logins, *self.ids)
        )

    def _identifiers(self, text: str, kind: str) -> Iterator[tuple[int, int, str]]:
        whole = folded(text)
        # Folding may change lengths; where it does, the place is only as good as the line.
        exact = len(whole) == len(text)

        def spans(one: str, before: str, after: str, what: str) -> Iterator[tuple[int, int, str]]:
            for match in re.finditer(before + one + after, whole):
                yield (match.start(), match.end(), what) if exact else (0, 0, what)

        for email in self.emails:
            name, _, host = email.partition("@")
            spoken = rf"{re.escape(name)}\s*(?:@|[\[(<]?\s*\bat\b\s*[\])>]?)\s*{re.escape(host)}".replace(
                r"\.", r"\s*(?:\.|\bdot\b)\s*"
            )
            yield from spans(spoken, r"(?<![\w.])", r"(?!\w)", "an e-mail address")
        for login in self.logins:
            plain = login.isalpha() and (login in self.common or len(login) < _SHORTEST_PART)
            before = r"(?:(?<=/)|(?<=\\)|(?<=@))" if plain and kind not in ("author", "path") else r"(?<![^\W_])"
            yield from spans(re.escape(login), before, r"(?![^\W_])", "a login")
        for part in self.unspaced:
            yield from spans(re.escape(part), "", "", "a name")
        for number in self.ids:
            yield from spans(re.escape(number), r"(?<![\w.])", r"(?!\w)", "an id")

    def _name_at(self, index: int, words: list[_Word], text: str, kind: str) -> Iterator[tuple[int, int, str]]:
        word = words[index]
        for other in words[index + 1 : index + 1 + _REACH]:
            if other.folded in self.parts and other.folded != word.folded and self._belong(word, other, text, kind):
                yield word.start, other.end, "a name"
                return
        long_enough = len(word.folded) >= 3
        if kind != "text":
            telling = word.folded in self.telling or kind == "author" or (kind == "path" and _is_whole(word, text))
            if telling and (kind in ("author", "path") or not word.raw[:1].islower()) and long_enough:
                yield word.start, word.end, "a name"
            return
        if long_enough and _PATH.search(text[max(0, word.start - 10) : word.start]):
            yield word.start, word.end, "a name"
        elif word.raw[:1].islower() or _names_a_concept(word, text):
            return
        elif word.folded in self.telling or (
            long_enough and not _SENTENCE.match(text, word.end) and self._stands_for_a_name(word, text)
        ):
            yield word.start, word.end, "a name"

    def _belong(self, first: _Word, second: _Word, text: str, kind: str) -> bool:
        """Whether two parts of one name are that name there, and not two words of a sentence."""
        between = text[first.end : second.start]
        if kind != "text":
            return True
        if first.folded in self.telling or second.folded in self.telling:
            capital = first.raw[:1].isupper() and second.raw[:1].isupper()
            return capital or not re.search(r"[.!?;:]", between)
        # Both are words too, or short: only side by side, as a name is written.
        if between.isspace() and _CUE.search(text[max(0, first.start - 60) : first.start]):
            return True  # "submitted by will rose": where a name stands, capitals do not matter
        if re.search(r"[-–—]", between) and _names_a_concept(second, text):
            return False
        near = re.fullmatch(r"[\s,_\-.]*(?:[A-Z]\.?\s*)?", between) is not None
        sentence_goes_on = re.search(r"\.\s", between) is not None and len(between.strip(". \n")) == 0
        return near and not sentence_goes_on and first.raw[:1].isupper() and second.raw[:1].isupper()

    def _stands_for_a_name(self, word: _Word, text: str) -> bool:
        """Whether a word stands where people write names: behind "by", or alone on its line."""
        line_start = text.rfind("\n", 0, word.start) + 1
        line_end = text.find("\n", word.end)
        line = text[line_start : line_end if line_end >= 0 else len(text)]
        return bool(_CUE.search(text[max(line_start, word.start - 60) : word.start])) or (
            word.folded not in self.common and line.strip(" \t-—–#*.,") == word.raw
        )

    def _begins_or_ends(self, word: _Word, kind: str) -> bool:
        """`janedoehomework`, `hwjanedoe`: only where words are commonly joined."""
        if kind == "text":
            return False
        return any(word.folded.startswith(whole) or word.folded.endswith(whole) for whole in self.joined)


def _names_a_concept(word: _Word, text: str) -> bool:
    """Whether the word names a theorem, a method, a paper: "Young's inequality", "Gauss-Newton", "Rose et al."."""
    if _CONCEPT.match(text, word.end):
        return True
    return bool(_COMPOUND.search(text[max(0, word.start - 32) : word.start]))


def _is_whole(word: _Word, text: str) -> bool:
    """Whether the word is the whole name of a document: `grace.pdf`."""
    stem, dot, ending = text.rpartition(".")
    return bool(dot) and ending.lower() in _DOCUMENTS and stem.lower() == word.raw.lower()


def _words(text: str) -> Iterator[_Word]:
    """The words of `text`, those of `JaneDoe` and `jane_doe` apart, with their places."""
    clean = text.replace("’", "'")
    for match in re.finditer(r"[^\W_]+(?:'[^\W_]+)*", clean):
        raw, start = match[0], match.start()
        if "'" in raw:  # O'Brien is one word, Jane's is Jane
            head, _, tail = raw.rpartition("'")
            raw = head if tail.lower() == "s" else raw
        for piece in re.finditer(r"[^\d]+|\d+", raw):
            position = 0
            text_piece = piece[0]
            cuts = [cut.start() for cut in _HUMP.finditer(text_piece)] + [len(text_piece)]
            if len(cuts) > 1:
                yield _Word(folded(text_piece).replace("'", ""), text_piece, start + piece.start(), start + piece.end())
            for cut in cuts:
                part = text_piece[position:cut]
                at = start + piece.start() + position
                yield _Word(folded(part).replace("'", ""), part, at, at + len(part))
                position = cut
