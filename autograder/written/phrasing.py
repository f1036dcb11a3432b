"""The words around a result: conditions, remarks and conclusions, taken off so that what is left can be computed."""

from __future__ import annotations

import re
from typing import Final

_CONDITION: Final = re.compile(
    r"[,;.]?\s{0,9}\(?\s{0,9}(?:\\text\s?\{\s{0,9})?(?:\\(?:forall|quad|qquad)(?![A-Za-z])|∀"
    r"|(?<=\s)[-–—]{1,3}\s{1,3}(?=(?:the|for|as|see|which|both|this|it)\b)|\b(?:where|when|if|with|given|because|since|as|"
    r"by|see|derived|shown|qed|using|from(?=\s{0,3}\$?\()|while|whereas|although|which|otherwise|for\s+(?:all|both|every|each|any|the|\$?\\?[a-zA-Z](?=_|\b)))(?=_|\b))",
    re.IGNORECASE,
)
# What holds for all of a formula's indices restricts nothing.
_QUANTIFIER: Final = re.compile(
    r"[,;.]?\s{0,9}\(?\s{0,9}(?:\\text\s?\{\s*|\\q?quad\s*)*(?:for\s+(?:all|every|each|any)\b|\\forall|∀)",
    re.IGNORECASE,
)
_LEADING: Final = re.compile(
    r"^\s*(?:with|for|when|if|where|given|at|in case)\b[^:]{1,80}?"
    r"(?::|,?\s(?:it is|we get|this gives|we have|gives)\b)\s*",
    re.IGNORECASE,
)
# "the gradient is …", "combined: …", "… i.e. …": what follows is the result.
_CONCLUDED: Final = re.compile(
    r"\b(?:is|gives?|gets?|got|equals?|becomes?|yields?|obtain|i\.e\.?|that is|simply|combined|together)(?=[\s,:])"
    r"\s*[,:]?"
    r"|:(?=\s)|→|⇒|=>|->",
    re.IGNORECASE,
)
_FORMULA_REMARK: Final = re.compile(r"[,;]?\s*\((?=[^()]*[A-Za-z]{3})[A-Za-z ,.'’-]{5,60}\)\s*\.?\s*$")
_COMMENT: Final = re.compile(r"\s#\s.*$|[\s$]*(?:∎|\\blacksquare|\\square|\\qed|□|■)[\s$]*$")
_TAIL_REMARK: Final = re.compile(r"\s*\((?=[^()]*[A-Za-z]{3})[^()]*\)\s*[.!]*\s*$")
_REFUSED: Final = re.compile(
    r"(?:,\s{0,9}|\s{1,9}|\s{0,9}\()(?:and\s{1,9})?(?:not|rather than|instead of)\b", re.IGNORECASE
)
_TAKEN_BACK: Final = re.compile(r"\b(?:but|rather|or|wait|sorry|no|wrong|correct(?:ed|ion)?)\b", re.IGNORECASE)
_DIGITS: Final = {
    word: str(digit)
    for digit, word in enumerate(("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"))
}
_COUNTED: Final = re.compile(
    r"^\W*(?:(?:at|in|the|it ends at|ends (?:at|in)|point|minimum|number|position|valley)\s+)*"
    rf"({'|'.join(_DIGITS)})\W*$",
    re.IGNORECASE,
)
_SIGN_WORD: Final = re.compile(r"\b(?:minus|negative|plus)\s+(?=\$?\s*[\d.])", re.IGNORECASE)
_INDEXED: Final = re.compile(r"(?<![A-Za-z\d])[A-Za-z]_\{?(\d+)\}?(?!\w)")
_DECIMAL_COMMA: Final = re.compile(r"(?<=\d)\{,\}(?=\d)")


def without_condition(text: str) -> tuple[str, bool]:
    """Return what stands in front of "where …", "for all …", "(j = c)"; and whether anything was behind it."""
    cut = _CONDITION.split(text, maxsplit=1)
    head = re.sub(r"\((?=[^()]*(?:=|≠|\\neq?))[^()]*\)\s*$", "", cut[0]).rstrip(" ,;(")
    head = re.sub(r"\((?=[^()]*(?:=|[A-Za-z]{3}))[^()]*$", "", head).rstrip()  # "(in one expression, for both cases)"
    return (head, head.strip() != text.strip()) if head.strip(" $*`") else (text, False)


def without_quantifier(text: str) -> str:
    """Return the text without "for all i and j" at its end, which restricts nothing."""
    head, *tail = _QUANTIFIER.split(text, maxsplit=1)
    closed = head.strip() and tail and not re.search(r"=|≠|\bother|\bor\b|\bif\b", tail[-1])
    return head + ("$" if closed and head.count("$") % 2 else "") if closed else text


def without_comment(text: str) -> str:
    """Return the text without a comment of Python or the mark of a proof's end behind it."""
    return _COMMENT.sub("", text)


def conclusions(text: str) -> list[str]:
    """Return the text in parts at "is", ":", "i.e.": the last one is what is concluded."""
    return [part for part in _CONCLUDED.split(_FORMULA_REMARK.sub("", text)) if part.strip(" $.,;()")]


def remarks(text: str) -> list[str]:
    """Return the remark in parentheses that `conclusions` leaves out."""
    return [match[0] for match in _FORMULA_REMARK.finditer(text)]


def number_text(text: str) -> str:
    """Return the text with number words and signs in words as digits: "minus 0.4", "point one"."""
    text = _DECIMAL_COMMA.sub(".", text)
    if counted := _COUNTED.match(text):
        return _DIGITS[counted[1].lower()]
    return _SIGN_WORD.sub(lambda match: " +" if match[0][0] in "pP" else " -", _INDEXED.sub(r" \1", text))


def without_agreement(text: str, number: float) -> str:
    """Return the text without "(negative)" or "which is positive" at its end, where that is true of the number."""
    sign = "negative" if number < 0 else "positive"
    return re.sub(
        rf"(?:\(|[,;]\s|\bwhich\s|\bso\s)\s*(?:which\s|it\s|is\s|so\s)*{sign}(?:[\s).!$]*$|(?=,\s{{1,3}}so\b))",
        " ",
        text,
    )


def without_leading_condition(text: str) -> str:
    """Return what follows "for x = 0.5:"."""
    return _LEADING.sub("", text)


def split_refusal(text: str) -> tuple[str, str]:
    """Return what stands in front of "…, not 3", where nothing takes that back, and what is refused."""
    refused = _REFUSED.search(text)
    if (
        refused
        and re.search(r"\w", text[refused.end() :])
        and text[: refused.start()].strip(" $")
        and not _TAKEN_BACK.search(text[refused.end() :])
    ):
        return text[: refused.start()], text[refused.end() :]
    return text, ""


def split_remark(text: str) -> tuple[str, str]:
    """Return what stands in front of "… (a remark)", where that takes nothing back, and the remark."""
    remark = _TAIL_REMARK.search(text)
    if remark and text[: remark.start()].strip(" $") and not _TAKEN_BACK.search(remark[0]):
        return text[: remark.start()], remark[0]
    return text, ""
