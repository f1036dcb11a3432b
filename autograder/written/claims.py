"""What is written beside a result: doubts, other numbers, cases, and whether any of it leaves the result open.

A result is right only where all that was written agrees with it. What stands beside it as a remark, a condition or the
working is read here; where it may say something else, a person decides. `vocabulary` knows which words say nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from autograder.written.expressions import Expression, parse, plain

_DOUBT: Final = re.compile(
    r"\b(?:maybe|perhaps|possibly|probably|presumably|might|may|could|guess(?:ed|ing)?|unsure|uncertain|either"
    r"|alternatively|not (?:so |quite |too |entirely |really )?(?:sure|certain)|no idea|it depends|depending on|idk)\b"
    r"|n['’]t (?:know|be sure)|\?(?!\])",
    re.IGNORECASE,
)
_OTHERWISE: Final = re.compile(r"\b(?:otherwise|else|elsewhere)\b", re.IGNORECASE)
_NUMBER_WORDS: Final = {
    "zero": 0, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "second": 2, "third": 3, "fourth": 4, "fifth": 5, "twice": 2, "half": 0.5,
}  # fmt: skip
_NUMBER_WORD: Final = re.compile(rf"\b(?:{'|'.join(_NUMBER_WORDS)})\b", re.IGNORECASE)
_ARITHMETIC: Final = re.compile(r"[-+*/^().\d\s×]+")
_LAST_WORD: Final = re.compile(r"(?:\\?[A-Za-z_]\w{0,40}\}?\s{0,3})$")
_PREPOSITIONS: Final = frozenset(
    ("as", "at", "be", "by", "in", "is", "it", "no", "of", "on", "or", "so", "to", "we", "up", "if", "an")
)  # fmt: skip
# `x_i = 0.5`, also `x_{i} = 0.5` and `x is 0.5`.
_GIVEN: Final = re.compile(
    r"(?<![A-Za-z\d_])([A-Za-z])(?:_?[({]?[A-Za-z]{1,2}[)}]?)?\s{0,3}(?:=|\bis\b)\s{0,3}([-+]?\d{1,12}(?:\.\d{1,12})?)(?![\d.]*\d)"
)
_NAME: Final = re.compile(r"([A-Za-z])(?:_?[({]?[A-Za-z]{1,2}[)}]?)?")
_CONDITION_OF_GIVENS: Final = re.compile(
    rf"(?:(?:\b(?:if|when|where|for|with|given|at)\b|,|\band\b)\s{{1,3}})?{_GIVEN.pattern}"
)
_INDICES: Final = re.compile(r"(?<![A-Za-z_{(])[A-Za-z]\s{0,3}(?:=|≠|!=|\\neq?)\s{0,3}[A-Za-z](?![A-Za-z_{(])")


def is_doubtful(text: str) -> bool:
    """Return whether a word or a question mark anywhere says that its author was not sure."""
    return bool(_DOUBT.search(text))


def says_otherwise(text: str) -> bool:
    """Return whether it gives an alternative case, "otherwise", "elsewhere"."""
    return bool(_OTHERWISE.search(text))


def givens(question: str) -> frozenset[tuple[str, str]]:
    """Return the letters to which a question gives numbers, `x_i = 0.5`, with these."""
    return frozenset((match[1].lower(), _tidy(match[2])) for match in _GIVEN.finditer(plain(question)))


def numbers(text: str, given: frozenset[tuple[str, str]] = frozenset()) -> Iterator[Expression]:
    """Yield every number that `text` says, in digits, in words, or as what its working comes to.

    What only repeats what the question gives, `x_i = 0.5`, and a 0 or 1 that a symbol with an index is, says nothing.
    Raises UnreadableError where digits stand in no arithmetic.
    """
    text = plain(text).replace("{", "(").replace("}", ")")
    text = re.sub(r"^([^\d,]{0,40}\d{1,9}),(\d{1,9}\W{0,40})$", r"\1.\2", text)  # a decimal comma
    text = _GIVEN.sub(lambda match: " " if _is_given(match, given) else match[0], text)
    for match in _ARITHMETIC.finditer(text):
        run = match[0].strip()
        if match[0][0].isdigit() and text[: match.start()][-1:].isalpha():  # `float64(…)`
            run = run.lstrip("0123456789")
        run = run.rstrip(" .(-+*/^×")
        if not any(character.isdigit() for character in run) or _is_part_of_formula(text, match, run):
            continue
        for piece in re.split(r"\.\s|(?<=\d)\s+(?=\d)", run):
            if any(character.isdigit() for character in piece):
                yield parse(_without_loose_parentheses(piece))
    for word in _NUMBER_WORD.finditer(text):
        yield Expression("number", number=float(_NUMBER_WORDS[word[0].lower()]))


def without_givens(text: str, given: frozenset[tuple[str, str]]) -> str:
    """Return the text without what only repeats the question, "when x_i = 0.5 and P_j = 0.2"."""
    text = _CONDITION_OF_GIVENS.sub(lambda match: " " if _is_given(match, given) else match[0], plain(text))
    return re.sub(r"\([\s,;]{0,9}\)", " ", text)


def _is_given(match: re.Match[str], given: frozenset[tuple[str, str]]) -> bool:
    has_index = len(re.findall(r"[A-Za-z]", match[0].partition("=")[0])) > 1
    if match[1].lower() in {letter for letter, _ in given}:
        return (match[1].lower(), _tidy(match[2])) in given
    return has_index and match[2] in ("0", "1")


def is_called_given(text: str, given: frozenset[tuple[str, str]]) -> bool:
    """Return whether a side of an equation is a letter that the question gives, alone: `P_j = -0.4`."""
    names = (_NAME.fullmatch(side.strip(" ()")) for side in plain(text).split("="))
    return "=" in text and any(name and name[1].lower() in {letter for letter, _ in given} for name in names)


def _tidy(number: str) -> str:
    return f"{float(number):g}"


def _is_part_of_formula(text: str, match: re.Match[str], run: str) -> bool:
    """Return whether the digits belong to a formula with symbols, `(P_j - 1) x_i`, which says no number by itself."""
    before, after = text[: match.start()], text[match.end() :]
    word = _LAST_WORD.search(before[-48:])
    name = word[0].strip(" }") if word else ""
    is_symbol = bool(name) and ("_" in name or len(name) <= 2) and name.lower() not in _PREPOSITIONS
    joins = run[0] in "+*/^×)" or match[0].lstrip()[:2] in ("- ", "-(") or not match[0][0].isspace()
    if is_symbol and joins:
        return True
    follows = re.match(r"([A-Za-z]\w{0,40})", after)
    return bool(follows and ("_" in follows[1] or len(follows[1]) == 1) and not re.fullmatch(r"[IaA]", follows[1]))


def _without_loose_parentheses(run: str) -> str:
    """Return a piece of arithmetic without the parentheses that close or open elsewhere."""
    opened: list[int] = []
    loose: set[int] = set()
    for position, character in enumerate(run):
        if character == "(":
            opened.append(position)
        elif character == ")":
            if opened:
                opened.pop()
            else:
                loose.add(position)
    loose |= set(opened)
    return "".join(character for position, character in enumerate(run) if position not in loose).strip(" .")


def cases(text: str) -> Iterator[str]:
    """Yield the formulas of a list of cases, "P_j x_i if j ≠ c, (P_j - 1) x_i if j = c"."""
    text = plain(text)
    text = re.sub(r"\b(?:if|when|where|for|in case|case|otherwise|else|elsewhere)\b", " , ", text, flags=re.IGNORECASE)
    text = _INDICES.sub(" , ", text)
    for piece in re.split(r"[,;:]|\band\b|\\text|→", text):
        if piece.strip(" .{}()"):
            yield piece
