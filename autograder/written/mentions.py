"""What stands around a word that is also a name: a theorem's or a paper's author, a byline, a path, a signature."""

from __future__ import annotations

import re
from typing import Final

# Behind these a name stands, a common word as well as any other.
_MADE: Final = (
    "submitted|written|done|made|created|prepared|completed|solved|typeset|answered|authored|homework|assignment|work"
    "|solutions?|answers?"
)
_CUE: Final = re.compile(
    r"(?:\b(?:name\s{0,3}(?:['’]?s\s|is|:|=)?|authors?\s{0,3}(?::|=|is|are)?|i am|i['’]m|students?\s{0,3}(?::|=|is)?"
    r"|(?:partners?|group|team|collaborators?|signature)\s{0,3}[:=]"
    rf"|login|sincerely|signed|(?:homework|submission)\s{{1,3}}of|(?:{_MADE})\s{{1,3}}(?:was\s{{1,3}}|were\s{{1,3}})?by)"
    r"|^\s{0,5}by|^\s{0,5}(?:[—–]|--))\W{0,6}$",
    re.IGNORECASE | re.MULTILINE,
)
_CLOSING: Final = re.compile(
    r"\b(?:thanks|thank you|(?:regards|cheers|best|yours),)\s{0,2},?\s{0,2}\n\s{0,5}$", re.IGNORECASE
)
_LAST_WORD: Final = re.compile(r"[.!?)]\s{1,3}(?:[—–]|--)\s{0,2}$")  # behind the last sentence of a line
_MARKED: Final = re.compile(r"[\d_@]|\.(?:pdf|tex|ipynb|docx?|zip|py)\b", re.IGNORECASE)
_HYPHEN: Final = re.compile(r"\s{0,5}-\s{0,3}$")
_LISTED: Final = re.compile(r"\s{0,5}-\s")
_WORK: Final = re.compile(
    r"['’]?s\s{1,3}(?:home)?(?:work|hw|solutions?|answers?|submission|assignment|notebook)\b", re.IGNORECASE
)
_PATH: Final = re.compile(r"(?:/home/|/users/|\\users\\)$", re.IGNORECASE)
_PROMPT: Final = re.compile(r"@[\w.-]{1,60}(?::|\s{1,2}[^\s]{0,60}\s?[%$#])")
# What is called after people: behind these nouns a name is that of a theorem, a method, a paper.
_RESULTS: Final = (
    r"methods?|theorems?|inequalit(?:y|ies)|expansions?|rules?|conditions?|laws?|formulae?s?|lemmas?|algorithms?"
    r"|equations?|identit(?:y|ies)|criteri(?:on|a)|tests?|approximations?|trick|bounds?|iterations?|distributions?"
    r"|matri(?:x|ces)|principle|divergences?|conjecture|paradox|constant|perceptrons?|paper|book|committee|argument"
    r"|modulus|equilibri(?:um|a)|multipliers?"
)
_THINGS: Final = (
    r"optimi[sz]ers?|scores?|information|entrop(?:y|ies)|loss(?:es)?|estimat(?:es?|ors?)|process(?:es)?|chains?"
    r"|decompositions?|descent|updates?|steps?|series|norms?|kernels?|transforms?|networks?|layers?|regression|gradients?"
    r"|variables?|spaces?|functions?|products?|derivatives?|integrals?|models?|machines?|points?|numbers?|classifiers?"
    r"|search|initiali[sz]ation|momentum|activations?|distances?|metrics?|data(?:\s?sets?)?|corpus|benchmark|faces"
    r"|averag(?:e|es|ing)|sampling|smoothing|factorization|polynomials?|bas[ie]s|mixtures?|weights|bias|hypothesis"
    r"|operators?|splitting|direction|treebank|newswire|housing|digits|elimination|approach|architecture|units?"
)
_CONCEPT: Final = re.compile(
    rf"(?:['’]s?\s{{1,3}}(?:[a-z-]{{1,15}}\s){{0,2}}(?:{_RESULTS}|{_THINGS})\b"
    rf"|\s{{1,3}}(?:et\s{{1,3}}al|(?:[a-z-]{{1,15}}\s){{0,2}}(?:{_RESULTS})|{_THINGS})\b"
    r"|[-–][A-Z][a-z])"
)
_COMPOUND: Final = re.compile(r"\b[A-Z][a-z]{1,30}[-–]$")
# A recent year without parentheses may be the date of the homework.
# "Nielsen (2015)", "Minsky and Papert, 1969", "Bishop [3]", "Strang, Linear Algebra, chapter 2".
_CITED: Final = re.compile(
    r"(?:,?\s{1,2}(?:and|&)\s{1,2}[A-Z][\w’'-]{1,30}|,\s(?:[A-Z]\.\s?){1,3}){0,2}"
    r"(?:,?\s{0,2}(?:[(\[](?:19|20)\d\d\b|(?:19\d\d|20[01]\d)\b)|\s{0,2}\[\d|,[^\n.;]{1,60}\b(?:chapter|section|ch\.|sec\.|pp?\.)\s?\d)"
)
# "By Jensen, the mean is smaller": a theorem is used; "by Jane, 27 November" is a byline.
_USED: Final = re.compile(
    r",?\s{1,3}(?:the|we|it|this|that|there|its|all|any|every|each|our|a|an|is|hence|then|one)\b"
    r"|,\s?(?:[$\\]|\w{1,3}\s?[(=≤<])"
)
_ENTRY: Final = re.compile(r"\[\d{1,3}\]\s{1,3}$")  # of a list of references
_BY: Final = re.compile(r"\b[Bb]y\s{1,3}$")
# Behind a common word these go on with a sentence.
_SENTENCE: Final = re.compile(
    r"(?:['’]|\s{0,3}\d|\s{1,3}(?:and\s{1,3}[A-Z]|of|with|may|will|can|is|was|has|does|it|to|for|in|on|at|we|the|a|an)\b)"
)


def is_concept(text: str, start: int, end: int) -> bool:
    """Return whether a name there is that of a theorem, a method or a paper: "Young's inequality", "Rose et al."."""
    if _CONCEPT.match(text, end) and not _WORK.match(text, end):
        return True
    before = text[max(0, start - 32) : start]
    if _COMPOUND.search(before) or _ENTRY.search(before):
        return True
    return bool(_CITED.match(text, end) or (_BY.search(before) and _USED.match(text, end)))


def is_signed(text: str, start: int, end: int) -> bool:
    """Return whether a name stands there where people write their own: behind "by", "Name:", a dash, "Thanks,"."""
    if _WORK.match(text, end):
        return True
    if _SENTENCE.match(text, end):
        return False
    if is_behind_cue(text, start):
        return True
    line = text.rfind("\n", 0, start) + 1
    if _LAST_WORD.search(text[line:start]) and not text[end : _line_end(text, end)].strip(" .*_"):
        return True
    # A hyphen may be a signature's; where a neighbour has one, too, it is a list's.
    neighbours = text[text.rfind("\n", 0, max(line - 1, 0)) + 1 : line], text[_line_end(text, end) + 1 :][:20]
    return bool(_HYPHEN.match(text[line:start])) and not any(map(_LISTED.match, neighbours))


def is_behind_cue(text: str, start: int) -> bool:
    """Return whether what stands before is what stands before a name: there, capitals do not matter."""
    before = text[max(0, start - 60) : start]
    return bool(_CUE.search(before.rpartition("\n")[2]) or _CLOSING.search(before))


def is_alone(text: str, start: int, end: int) -> bool:
    """Return whether nothing else stands on its line, but marks."""
    marks = " \t-—–#%*_.,:()[]"
    line = text[text.rfind("\n", 0, start) + 1 : _line_end(text, end)]
    return line.strip(marks) == text[start:end].strip(marks)


def is_handle(text: str, start: int, end: int) -> bool:
    """Whether a name that is written in one word is meant there as one, and is no word of a sentence.

    `JaneDoe` is, and `janedoe` with a digit or a mark beside it, alone on a line, or where a name stands; `kaiming` in
    "kaiming initialisation" is not.
    """
    word = text[start:end]
    has_humps = re.search(r"[a-z][A-Z]", word) is not None
    marked = bool(_MARKED.match(text, end) or re.search(r"[\d_@/\\~]$", text[max(0, start - 1) : start]))
    return (
        has_humps or marked or is_alone(text, start, end) or is_behind_cue(text, start) or is_in_path(text, start, end)
    )


def is_in_path(text: str, start: int, end: int) -> bool:
    """Return whether a user's name stands there, of a machine: `/home/ada`, `~ada/`, `ada@laptop:~$`."""
    at_home = text[start - 1 : start] == "~" and text[end : end + 1] == "/"
    return at_home or bool(_PATH.search(text[max(0, start - 10) : start]) or _PROMPT.match(text, end))


def _line_end(text: str, end: int) -> int:
    found = text.find("\n", end)
    return found if found >= 0 else len(text)
