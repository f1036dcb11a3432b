r"""Words and signs that change no result, wherever they stand beside it. With any other, a person decides.

What was said is right, or wrong, only where every word of it is known to be harmless: those listed here, those that
`written.toml` lists for a result (`harmless`, and what its symbols mean), and for a choice those of the question. It is
one rule for numbers, formulas, shapes and choices, and for all that was written: conditions, remarks and what is
refused as well as the result. "Far from", "doubled" and `<` need no rules of their own: nobody listed them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from autograder.written.expressions import UnreadableError, plain, symbol_places, with_spellings
from autograder.written.questions import Field, Question

_HUMP: Final = re.compile(r"(?<=[a-z])(?=[A-Z])")
#: No word stands here that negates, bounds, scales, turns or restricts, nor one that does so beside another of these.
_WORDS: Final = r"""
a an the this that these it its is are was be am we our my which here now so thus hence therefore consequently
accordingly and then since because as by via with where given using for at in of to from
answer result solution value number expression formula equation final derivative gradient grad derivation derive derived
question equal give get got become yield come have has obtain obtained find found know show shown follow simplify
simplifies written cover use used work working put putting plug plugging substitute substituted substituting
compute computed calculate calculated calculation computation evaluate evaluated check checked confirm confirmed verify
verified agree exactly exact approximately approx around about roughly rounded simply just finally overall together
combined namely single ie hand paper code python numpy num py np float unit index indices all every each any weight
entry entries qed \blacksquare \square \qed
"""
_OF_NUMBERS: Final = "or zero one two three four five six seven eight nine"  # the numbers are compared
# A choice names a thing of the homework, and what is done with it.
_OF_CHOICES: Final = "on s one very own first answer called call used layer function method model network done"
# Of what is asked for one of these takes in others, or is another place.
_MORE_THAN_ONE: Final = "all every each any start begin"
_BEGINS: Final = re.compile(
    r"\b(?:it|we|which|backprop(?:agation)?)\s{1,3}(?:starts?|begins?)\b|\b(?:starts|begins)\s{1,3}(?=(?:at|with|on|from|by)\b)",
    re.IGNORECASE,
)
_OF_SHAPES: Final = """
or on both shape size vector matrix tensor array dimension length dimensional return output input row column
element lie r real batch per sample one ndarray torch int jacobian dim like same outer product value component long just
upstream local weights bias depend contracted summed summing sum over away leaves after times von größe bs space itself
themselves num scalar tuple two dtype multiply multiplied multiplying multiplication
"""
#: Several words that are harmless together.
_PHRASES: Final = (
    "i.e.", "it's", "that's", "see above", "see below", "see the derivation above", "see the derivation",
    "see the answer", "see the answer below", "derived above", "shown above", "as above", "both cases", "chain rule",
    "partial derivative", "i get", "i got", "i have", "in this case", "in the case", "in our case", "no. 1", "on paper",
    "for one sample", "per sample", "per entry", "one expression", "in one expression", "as one expression",
    "one formula", "in one formula", "as one formula", "as asked", "as required",
    "formula above", "without the batch", "without the batch dimension", "no batch",
)  # fmt: skip
_INDEX: Final = r"[a-z](?![A-Za-z_{(])(?!\s{0,3}(?:=|≠|!|\\n|<|>))"
# "for all i and j", "∀ i, j", "for every weight w_ij": it holds for all of them, so it restricts nothing.
_QUANTIFIER: Final = re.compile(
    r"(?:\bfor\s{1,3})?(?:\b(?:all|every|each|any)\b|\\forall(?![A-Za-z])|∀)\s{0,3}(?:of\s)?(?:the\s{1,3})?"
    r"(?:(?:weights?|entry|entries|derivatives?)\s{0,3}[a-z]_?[({]?[a-z]{2}[)}]?(?![A-Za-z])"
    rf"|(?:(?:index|indices|pairs?|class(?:es)?|units?|inputs?|outputs?)\s{{0,3}})?\(?{_INDEX}(?:\s{{0,3}}(?:,|\band\b|,\s?and\b)\s{{0,3}}{_INDEX}){{0,3}}\)?)?",
    re.IGNORECASE,
)
_RANGE: Final = re.compile(
    r"(?<![A-Za-z_])[a-z]\s{0,3}(?:=|∈)\s{0,3}[({]?[01]\s{0,3},?\s{0,3}(?:\\[lc]?dots|…|\.{2,3})\s{0,3},?\s{0,3}[A-Za-z]?(?![A-Za-z])"
)
_RELATION: Final = re.compile(r"(?<![A-Za-z_{(])[A-Za-z]\s{0,3}(?:=|≠|!=|\\neq?|≡)\s{0,3}[A-Za-z](?![A-Za-z_{(])")
_CONDITION_WORDS: Final = r"(?:\b(?:if|when|where|for|in case|given|with|as|since|because|at|and)\s{1,3}){0,4}"
# `\partial L/\partial w_{ij}`, `dL/dw_ij`, `L'(w_ij)`, `\nabla_{w_ij} L`: a name for the result.
_LETTER: Final = r"[A-Za-z](?:_?[({]?[A-Za-z]{1,2}[)}]?)?"
_THING: Final = re.compile(
    rf"(?:∂|\\partial(?![A-Za-z])|(?<![A-Za-z])d)\s?[({{]?(?:{_LETTER})?[)}}]?\s{{0,2}}[)}}]?\s{{0,2}}/\s{{0,2}}[({{]?\s{{0,2}}"
    rf"(?:∂|\\partial(?![A-Za-z])|d)\s?{_LETTER}[)}}]{{0,2}}"
    rf"|(?:∇|\\nabla(?![A-Za-z]))\s?(?:_?\(?\{{?{_LETTER}\}}?\)?)?\s?(?:{_LETTER})?|(?<![A-Za-z])[A-Z]\s?'\s?\({_LETTER}\)"
)
_SYMBOL: Final = re.compile(r"(?<![A-Za-z])([A-Za-z])\s?_\s?[({]?([A-Za-z]{1,2})[)}]?(?![A-Za-z])")
# `w_ij -0.4` may be a difference.
_LESS: Final = re.compile(
    rf"(?:{_SYMBOL.pattern}|(?<![A-Za-z\\])[b-z](?![A-Za-z]))\s{{1,9}}[-+][.\d](?![^()]{{0,99}}\))"
)
_LETTER_ALONE: Final = re.compile(r"(?<![A-Za-z\\])([A-Za-z])(?![A-Za-z])")
_MATHEMATICS: Final = re.compile(r"\$([^$]{1,400})\$|`([^`]{1,60})`")
_TOKEN: Final = re.compile(r"\\[A-Za-z]+|[^\W\d_]+|\d+|\S")
_HARMLESS_SIGNS: Final = frozenset(".,;:!'\"#(){}[]→$`’‘“”_*&∎□■") | {"\\"}
_ARITHMETIC: Final = frozenset("+-*/^×=")
_OF_SHAPE_SIGNS: Final = _ARITHMETIC | frozenset("@⊗∘·|⟨⟩ℝ行列\\")
_ALPHABET: Final = frozenset("abcdefghijklmnopqrstuvwxyz")
_NEGATION: Final = re.compile(
    r"not|no|never|nor|neither|rather|instead|except|unless|without|cannot|either|other|otherwise|else\w*|only|un\w+|if"
)
_ARROW: Final = re.compile(r"=>|->|→")
_SYNONYMS: Final = (
    ("if", r"(?:only\s)?(?:iff?|when|where|for|exactly\swhen)"),
    ("otherwise", r"(?:otherwise|else|elsewhere)"),
)


def words_of(text: str) -> list[str]:
    """Return the words of letters and digits in lower case, those of `CamelCase` apart, without an s at their end."""
    return [_stem(word) for word in re.findall(r"[^\W_]+", _HUMP.sub(" ", text))]


def without_verbs(text: str) -> str:
    """Return a choice without "it starts", "starts with": there, "start" is no place."""
    return _BEGINS.sub(" ", text)


def _stem(word: str) -> str:
    return re.sub(r"(?<=[^s]{3})s$", "", word.lower())


@dataclass(frozen=True)
class Vocabulary:
    """What is harmless beside one result: words, phrases, signs, and what each of its symbols means.

    letters: names of the question that may stand there by themselves. relations: conditions that the question sets.
    of_question: single letters of its formulas, of which a derivative may be named.
    """

    words: frozenset[str]
    phrases: tuple[str, ...] = ()
    signs: frozenset[str] = frozenset()
    letters: frozenset[str] = frozenset()
    relations: frozenset[str] = frozenset()
    of_question: frozenset[str] = frozenset()
    means: Mapping[str, tuple[str, ...]] | None = None
    has_digits: bool = False
    lengths: str = ""  # of a shape
    of_others: tuple[str, ...] = ()  # phrases of all results of the question: in them another result may be refused

    def strange(self, text: str) -> str:
        """Return the first word or sign of `text` that could change a result; empty where there is none."""
        text = _without_phrases(_ARROW.sub(" ", plain(text)), self.all_phrases)
        text = _QUANTIFIER.sub(" ", _RANGE.sub(" ", text))
        text = _THING.sub(lambda match: " " if self._is_thing(match[0]) else match[0], text)
        if self.has_digits:
            text = re.sub(r"(?<=\d)(?:[eE](?=[-+]?\d)|(?:st|nd|rd|th)(?!\w))", " ", text)
        if self.lengths:
            text = _SYMBOL.sub(" ", text)
        if self.letters:
            text = re.sub(
                rf"{_CONDITION_WORDS}({_RELATION.pattern})",
                lambda match: " " if _squeeze(match[1]) in self.relations else match[0],
                text,
            )
            if found := _RELATION.search(text) or _LESS.search(text):
                return found[0]
            text = _SYMBOL.sub(lambda match: " " if self._knows(match[1] + match[2]) else match[0], text)
            text = _LETTER_ALONE.sub(lambda match: " " if self._knows(match[1]) else match[0], text)
        text = re.sub(r"(?<=[^\W\d_])-(?=[^\W\d_])|(?:^|(?<=\s))-{1,3}(?=\s{1,3}[^\W\d_]{2})", " ", text)
        for match in _TOKEN.finditer(_HUMP.sub(" ", text)):
            if not self._is_harmless(match[0]):
                return match[0]
        return ""

    def strange_definition(self, text: str, spellings: Mapping[str, Sequence[str]]) -> str:
        """Return the first word or sign beside a formula that neither is harmless nor says what a symbol is.

        "where P_j is the probability and y_j = 1 if j = c": what a symbol means is `means` in written.toml.
        """
        means = self.means or {}
        # First those that hold a symbol, `dz_j / dw_ij = x_i`, which then need not say what it is.
        with_symbols = [phrase for phrase in self.phrases if _split_at_symbols(plain(phrase), tuple(means))[1:]]
        text = _without_phrases(plain(text), with_symbols)
        text = with_spellings(_QUANTIFIER.sub(" ", _RANGE.sub(" ", text)), spellings)
        for symbol in means:
            # One that stands for its own other spelling, `y_j = 1[j = c]`.
            text = re.sub(rf"{re.escape(symbol)}\s{{0,3}}(?:=|is)\s{{0,3}}{re.escape(symbol)}", " ", text)
        parts = _split_at_symbols(text, tuple(means))
        if found := self.strange(parts[0][1]):
            return found
        for symbol, said in parts[1:]:
            rest = _without_phrases(said, means[symbol])
            if rest == said:
                return symbol
            if found := self.strange(re.sub(r"^\s{0,3}[=≡]", " ", rest)):
                return found
        return ""

    def check(self, text: str) -> None:
        """Raise UnreadableError where a word or sign of `text` could change a result."""
        if found := self.strange(text):
            raise UnreadableError(f"{found!r} may change what it says")

    @property
    def all_phrases(self) -> tuple[str, ...]:
        """The several words that are harmless together."""
        return (*_PHRASES, *self.phrases)

    def has_own(self, text: str) -> bool:
        """Return whether one of the words that are harmless for a result of the question alone stands in `text`."""
        return _without_phrases(text, self.of_others) != text

    def check_refused(self, text: str) -> None:
        """Raise UnreadableError where what is refused says more than that it is another result."""
        self.check(_without_phrases(text, self.of_others))

    def strange_sign(self, text: str) -> str:
        """Return the first sign of `text` that could change a result; empty where there is none."""
        signs = (sign for sign in _ARROW.sub(" ", text) if not sign.isspace() and not sign.isalnum())
        return next((sign for sign in signs if sign not in _HARMLESS_SIGNS | self.signs), "")

    def _is_harmless(self, piece: str) -> bool:
        if piece.isdigit():
            return self.has_digits
        is_length = self.lengths and re.fullmatch(rf"R?[{self.lengths}xX行列]+", piece, re.IGNORECASE)
        return bool(is_length) or piece == "I" or piece in _HARMLESS_SIGNS | self.signs or _stem(piece) in self.words

    def _is_thing(self, text: str) -> bool:
        r"""Return whether a derivative or gradient is one of the question's letters: not `\partial L/\partial b`."""
        letters = re.findall(r"[A-Za-z]", re.sub(r"\\partial|\\nabla|(?<![A-Za-z])d(?=\s?[A-Za-z])", " ", text))
        return {letter.lower() for letter in letters} <= self.of_question

    def _knows(self, name: str) -> bool:
        return name.lower() in self.letters


def of_field(question: Question, field: Field) -> Vocabulary:
    """Return what is harmless beside a result of the question."""
    names, relations = _names_in(question.text)
    letters = frozenset("".join(names))
    if field.kind == "choice":
        of_question = frozenset(word for word in words_of(question.text) if not _NEGATION.fullmatch(word))
        accepted = frozenset(
            words_of(" ".join(phrase for one in question.fields if one.kind == "choice" for phrase in one.accept))
        )
        # A word of another choice says that one, whatever the question says.
        refused = frozenset(words_of(" ".join(field.reject))) - frozenset(words_of(" ".join(field.accept)))
        words = (_listed(_WORDS, _OF_CHOICES) | of_question | accepted) - refused - _listed(_MORE_THAN_ONE)
        return Vocabulary(words, field.harmless, frozenset("+-/="))
    if field.kind == "shape":
        return Vocabulary(
            _listed(_WORDS, _OF_SHAPES) | _ALPHABET,
            field.harmless,
            _OF_SHAPE_SIGNS,
            of_question=_ALPHABET,
            has_digits=True,
            lengths="".join(map(re.escape, field.symbols)),
        )
    if field.kind == "formula":
        means = dict.fromkeys(field.symbols, ()) | dict(field.means)
        return Vocabulary(_listed(_WORDS), field.harmless, of_question=letters, means=means)
    names -= {word for one in question.fields if one.name != field.name for word in words_of(one.name)} - set(
        words_of(field.name)
    )
    return Vocabulary(
        _listed(_WORDS, _OF_NUMBERS),
        field.harmless,
        _ARITHMETIC,
        names,
        relations,
        letters,
        has_digits=True,
        of_others=tuple(phrase for one in question.fields for phrase in one.harmless),
    )


@cache
def _listed(*lists: str) -> frozenset[str]:
    return frozenset(_stem(word) for words in lists for word in words.split())


def _names_in(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """Return the names of a question's formulas and figures, and the relations between its indices, `j=c`."""
    formulas = " ; ".join(plain(match[1] or match[2]) for match in _MATHEMATICS.finditer(text))
    names = {(match[1] + match[2]).lower() for match in _SYMBOL.finditer(formulas)}
    names |= {match[1].lower() for match in _LETTER_ALONE.finditer(formulas)}
    return frozenset(names - {"a", "i"}) | {"x"}, frozenset(_squeeze(one[0]) for one in _RELATION.finditer(formulas))


def _squeeze(text: str) -> str:
    return re.sub(r"\s", "", text)


def _split_at_symbols(text: str, symbols: Sequence[str]) -> list[tuple[str, str]]:
    """Return what stands in front of the first symbol, and each symbol with what stands behind it."""
    places = sorted((start, end, symbol) for symbol in symbols for start, end in symbol_places(text, symbol))
    parts, begun, symbol = [], 0, ""
    for start, end, following in places:
        parts.append((symbol, text[begun:start]))
        begun, symbol = end, following
    return [*parts, (symbol, text[begun:])]


def _without_phrases(text: str, phrases: Iterable[str]) -> str:
    for phrase in sorted(phrases, key=len, reverse=True):
        text = _phrase_pattern(phrase).sub(" ", text)
    return text


@cache
def _phrase_pattern(phrase: str) -> re.Pattern[str]:
    """Return the phrase as a pattern: whatever blanks, braces and hyphens stand between its words and signs."""
    synonyms = dict(_SYNONYMS)
    pieces = [piece for piece in _TOKEN.findall(plain(phrase)) if piece not in "(){}_-\\"]
    joined = r"[\s(){}_\\,-]{0,4}".join(synonyms.get(piece, re.escape(piece)) for piece in pieces)
    before = r"(?<![^\W_])" if pieces[0][:1].isalnum() else ""
    after = r"(?![^\W_])" if pieces[-1][-1:].isalnum() else ""
    return re.compile(before + joined + after, re.IGNORECASE)
