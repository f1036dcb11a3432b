"""Whether a submission names its authors: their names, e-mail addresses, logins and ids, wherever they stand.

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

from autograder.written import mentions
from autograder.written.documents import Passage
from autograder.written.lookalike_letters import with_latin_capitals, with_latin_letters, without_invisible
from autograder.written.shown import as_shown

_SHORTEST_PART: Final = 4  # letters of a part of a name that is found alone in a text
_SHORTEST_JOINED: Final = 6  # letters of `janedoe`
_SHORTEST_ID: Final = 6
_REACH: Final = 3  # words from one part of a name to the next
_LONGEST: Final = 2_000_000
_MOST_FINDINGS: Final = 8
_MOST_LOOKS: Final = 4_000  # at single parts of a name in one text: each is a word there, or was found before

# Letters that Unicode does not take apart into a plain one and its marks.
_FOLDED: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "đ": "d", "ð": "d", "ł": "l", "æ": "ae", "œ": "oe", "þ": "th", "ı": "i", "ħ": "h", "ŧ": "t",
     "ŋ": "n",      "’": "'", "‘": "'", "ʼ": "'"}
)  # fmt: skip
_UMLAUTS: Final = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "å": "aa", "ø": "oe"})
_WORD: Final = re.compile(r"[^\W\d_]+|\d+")
_UNSPACED: Final = re.compile("[\u3040-\u30ff\u3400-\u9fff\uac00-\ud7af\u1100-\u11ff\u0e00-\u0e7f]")
_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_DOCUMENTS: Final = ("pdf", "tex", "ipynb", "zip")
_FILE_NAME: Final = re.compile(r"\.(?:docx?|pdf|tex|ipynb|zip|pages|odt)\b", re.IGNORECASE)
_SHORT_LINE: Final = re.compile(r"^[^\n.!?;]{3,80}$", re.MULTILINE)
_WRITTEN_AS_ONE: Final = re.compile(r"[\s,_-]{1,3}|[._-]|\s{1,2}(?:[A-Z]\.?|[a-z]\.)\s{1,2}")
_INITIALS: Final = re.compile(r"(?<![\w.])((?:[A-Z]\.\s?){1,3}|[A-Z]\s)\s?$")
_INITIAL_BEHIND: Final = re.compile(r"(?:,\s{0,2}|\s{1,2})([A-Z])(?:\.|(?!\w))")


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
    """Return a Person from Gradescope's metadata or a roster's line: name, email, login, sid or id, each optional."""
    emails = tuple(email for email in re.split(r"[\s,;]+", details.get("email", "")) if "@" in email)
    logins = {details.get("login", ""), *(email.partition("@")[0] for email in emails)} - {""}
    ids = {details.get(key, "") for key in ("sid", "id", "student_id")} - {""}
    return Person(details.get("name", ""), emails, tuple(sorted(logins)), tuple(sorted(ids)))


def findings(
    people: Iterable[Person], passages: Iterable[Passage], common: frozenset[str] = frozenset()
) -> list[Finding]:
    """Return where in `passages` any of `people` is named: one finding a place, at most 8.

    common: words beside those of `words.txt` that alone are nobody's name.
    """
    searches = [_Search(one, common) for one in people]
    found: dict[str, Finding] = {}
    for passage in passages:
        text = without_invisible(passage.text[:_LONGEST])
        shown, places = as_shown(text) if passage.kind == "text" else (text, [])
        for search in searches:
            hits = search.first_hit(text, passage.kind)
            if not hits and shown != text:
                hits = [(places[position], what) for position, what in search.first_hit(shown, passage.kind)]
            for position, what in hits:
                where = passage.where
                if passage.numbered:
                    where = f"line {text.count(chr(10), 0, position) + 1} of {where}"
                found.setdefault(where, Finding(where, what))
                break
        if len(found) >= _MOST_FINDINGS:
            break
    return list(found.values())


def redact(text: str, people: Iterable[Person]) -> str:
    """Return `text` with every name, address, login and id in it blacked out."""
    text = without_invisible(text)
    for one in people:
        search = _Search(one)
        kept, position = [], 0
        spans = [(start, end) for start, end, _ in search.spans(text, "text")]
        shown, places = as_shown(text)
        if shown != text:
            spans += [(places[start], places[end - 1] + 1) for start, end, _ in search.spans(shown, "text") if end]
        for start, end in sorted(spans):
            if end > position:
                kept += [text[position : max(start, position)], "█████" if start >= position else ""]
                position = end
        text = "".join(kept) + text[position:]
    return text


def fold_text(text: str) -> str:
    """Return `text` in lower-case plain letters: no marks, no ligatures, Latin for what looks like it."""
    # Twice: what is a capital shows only in plain letters, and small letters may have marks of their own.
    text = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", with_latin_capitals(text)).casefold())
    plain = "".join(character for character in text.translate(_FOLDED) if not unicodedata.combining(character))
    return with_latin_letters(plain)


@cache
def common_words() -> frozenset[str]:
    """Names that are also words; see `words.txt`."""
    lines = Path(__file__).with_name("words.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


class _Search:
    """The looking for one person."""

    def __init__(self, one: Person, common: frozenset[str] = frozenset()) -> None:
        spellings = {fold_text(one.name), fold_text(one.name.casefold().translate(_UMLAUTS))}
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
        self.sorted = [sorted(name) for name in self.names if len(name) > 1]
        self.telling = {part for part in self.parts if len(part) >= _SHORTEST_PART and part not in common}
        # Scripts that put no blanks between words, and need few characters for a name.
        self.unspaced = {part for part in self.parts if len(part) > 1 and _UNSPACED.search(part)}
        whole = "".join(_WORD.findall(fold_text(one.name)))  # a roster may have a blank between `王` and `伟`
        if len(whole) > 1 and all(map(_UNSPACED.match, whole)):
            self.unspaced.add(whole)
        self.joined = {
            first + second for name in self.names for first in name for second in name if first != second
        } | {"".join(name) for name in self.names if len(name) > 1}
        self.joined = {whole for whole in self.joined if len(whole) >= _SHORTEST_JOINED} - common
        self.emails = {fold_text(email) for email in one.emails}
        self.logins = {fold_text(login) for login in one.logins if len(login) >= 3}
        self.ids = {fold_text(number) for number in one.ids if len(number) >= _SHORTEST_ID}
        self.common = common

    def first_hit(self, text: str, kind: str) -> list[tuple[int, str]]:
        """Return the first position in `text` with what was found there: of what overlaps, the longest; or nothing."""
        spans = list(self.spans(text, kind))
        if not spans:
            return []
        spans = [span for span in spans if span[1]] or spans  # one without an end has no place of its own
        first = min(spans)
        start, _, what = max(
            (span for span in spans if span[0] <= first[0] or span[0] < first[1]), key=lambda span: span[1] - span[0]
        )
        return [(start, what)]

    def spans(self, text: str, kind: str) -> Iterator[tuple[int, int, str]]:
        """Start, end, and what was found there."""
        if not self._worth_a_look(text):
            return
        yield from self._identifiers(text, kind)
        if kind == "text":
            yield from self._lines(text)
        words = list(_words(text))
        looks = 0
        for index, word in enumerate(words):
            if word.folded in self.parts:
                looks += 1
                beside = {other.folded for other in words[index + 1 : index + 1 + _REACH]} - {word.folded}
                if looks > _MOST_LOOKS and self.parts.isdisjoint(beside):
                    continue
                yield from self._name_at(index, words, text, kind)
            elif self._is_joined(index, words, text, kind) or self._begins_or_ends(word, kind):
                yield word.start, word.end, "a name"

    def _is_joined(self, index: int, words: list[_Word], text: str, kind: str) -> bool:
        """Whether a word is a name written in one, and in a text no word of a sentence that looks like it."""
        word = words[index]
        if word.folded not in self.joined:
            return False
        beside = {other.folded for other in words[max(0, index - 1) : index + 2]} & self.parts
        return kind != "text" or bool(beside) or mentions.is_handle(text, word.start, word.end)

    def _worth_a_look(self, text: str) -> bool:
        """Return whether any part occurs at all: most passages end here."""
        whole = fold_text(text)
        squeezed = re.sub(r"[\W_]", "", whole)
        return (
            any(part in squeezed for part in self.parts | self.unspaced)
            or any(one in whole for one in (*self.emails, *self.logins))
            or any(re.sub(r"[\W_]", "", number) in squeezed for number in self.ids)
        )

    def _identifiers(self, text: str, kind: str) -> Iterator[tuple[int, int, str]]:
        whole = fold_text(text)
        # Folding may change lengths; where it does, the place is only as good as the line.
        exact = len(whole) == len(text)

        def spans(one: str, before: str, after: str, what: str) -> Iterator[tuple[int, int, str]]:
            for match in re.finditer(before + one + after, whole):
                yield (match.start(), match.end(), what) if exact else (0, 0, what)

        for email in self.emails:
            name, _, host = email.partition("@")
            gap = r"\s{0,9}"  # bounded: a long run of blanks is no address
            at = rf"{gap}(?:@|[\[(<]?{gap}\bat\b{gap}[\])>]?){gap}"
            spoken = f"{re.escape(name)}{at}{re.escape(host)}".replace(r"\.", rf"{gap}(?:\.|\bdot\b){gap}")
            yield from spans(spoken, r"(?<![\w.])", r"(?!\w)", "an e-mail address")
        for login in self.logins:
            plain = login.isalpha() and (login in self.common or len(login) < _SHORTEST_PART)
            before = r"(?:(?<=/)|(?<=\\)|(?<=@))" if plain and kind not in ("author", "path") else r"(?<![^\W_])"
            yield from spans(re.escape(login), before, r"(?![^\W_])", "a login")
        for part in self.unspaced:
            yield from spans(re.escape(part), "", "", "a name")
        for number in self.ids:
            apart = r"[ .,/_\-\u2010-\u2014]?".join(map(re.escape, number))
            yield from spans(apart, r"(?<![\w.])", r"(?!\w)", "an id")

    def _lines(self, text: str) -> Iterator[tuple[int, int, str]]:
        """Lines that are the whole name and nothing else, `grace young` or `G R A C E  Y O U N G`."""
        for match in _SHORT_LINE.finditer(text):
            words = _WORD.findall(fold_text(match[0]))
            spelled = len(words) >= _SHORTEST_JOINED and all(len(word) == 1 for word in words)
            if (spelled and "".join(words) in self.joined) or (len(words) > 1 and sorted(words) in self.sorted):
                yield match.start(), match.end(), "a name"

    def _name_at(self, index: int, words: list[_Word], text: str, kind: str) -> Iterator[tuple[int, int, str]]:
        word = words[index]
        for other in words[index + 1 : index + 1 + _REACH]:
            if other.folded in self.parts and other.folded != word.folded and self._belong(word, other, text, kind):
                yield word.start, other.end, "a name"
                return
        long_enough = len(word.folded) >= 3
        if kind != "text":
            telling = word.folded in self.telling or kind == "author" or (kind == "path" and _is_whole(word, text))
            is_file = kind == "path" or (kind == "metadata" and _FILE_NAME.search(text))
            if telling and (kind == "author" or is_file or not word.raw[:1].islower()) and long_enough:
                yield word.start, word.end, "a name"
            return
        if long_enough and mentions.is_in_path(text, word.start, word.end):
            yield word.start, word.end, "a name"
            return
        if word.raw[:1].islower():
            return
        yield from self._with_initials(word, text)
        if mentions.is_concept(text, word.start, word.end):
            return
        if word.folded in self.telling or (
            long_enough
            and (
                mentions.is_signed(text, word.start, word.end)
                or (word.folded not in self.common and mentions.is_alone(text, word.start, word.end))
            )
        ):
            yield word.start, word.end, "a name"

    def _with_initials(self, word: _Word, text: str) -> Iterator[tuple[int, int, str]]:
        """Yield `G. Young`, `Young, G.` and `Grace Y.`, where people write their own names."""
        start, end, letters = word.start, word.end, ""
        if match := _INITIALS.search(text[max(0, start - 9) : start]):
            start, letters = start - len(match[0]), match[1]
        elif match := _INITIAL_BEHIND.match(text, end):
            end, letters = match.end(), match[1]
        initials = [letter.lower() for letter in letters if letter.isalpha()]
        others = {part[0] for part in self.parts - {word.folded}}
        if not initials or initials[0] not in others or len(word.folded) < 3:
            return
        if mentions.is_alone(text, start, end) or mentions.is_behind_cue(text, start):
            yield start, end, "a name"

    def _belong(self, first: _Word, second: _Word, text: str, kind: str) -> bool:
        """Return whether two parts of one name are that name there, and not two words of a sentence."""
        between = text[first.end : second.start]
        if kind != "text":
            return True
        if first.folded in self.telling or second.folded in self.telling:
            if first.raw[:1].isupper() and second.raw[:1].isupper():
                return True
            # In small letters, or in one capital, only as a name is written: side by side, or with an initial.
            return _WRITTEN_AS_ONE.fullmatch(between) is not None
        # Both are words too, or short: only side by side, as a name is written.
        if between.isspace() and mentions.is_behind_cue(text, first.start):
            return True  # "submitted by will rose": where a name stands, capitals do not matter
        if re.search(r"[-–—]", between) and mentions.is_concept(text, second.start, second.end):
            return False
        near = re.fullmatch(r"[\s,_\-.]*(?:[A-Z]\.?\s*)?", between) is not None
        sentence_goes_on = re.search(r"\.\s", between) is not None and len(between.strip(". \n")) == 0
        return near and not sentence_goes_on and first.raw[:1].isupper() and second.raw[:1].isupper()

    def _begins_or_ends(self, word: _Word, kind: str) -> bool:
        """Return `janedoehomework`, `hwjanedoe`: only where words are commonly joined."""
        if kind == "text":
            return False
        return any(word.folded.startswith(whole) or word.folded.endswith(whole) for whole in self.joined)


def _is_whole(word: _Word, text: str) -> bool:
    """Return whether the word is the whole name of a document: `grace.pdf`."""
    stem, dot, ending = text.rpartition(".")
    return bool(dot) and ending.lower() in _DOCUMENTS and stem.lower() == word.raw.lower()


def _words(text: str) -> Iterator[_Word]:
    """Yield the words of `text`, those of `JaneDoe` and `jane_doe` apart, with their places."""
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
                yield _Word(
                    fold_text(text_piece).replace("'", ""), text_piece, start + piece.start(), start + piece.end()
                )
            for cut in cuts:
                part = text_piece[position:cut]
                at = start + piece.start() + position
                yield _Word(fold_text(part).replace("'", ""), part, at, at + len(part))
                position = cut
