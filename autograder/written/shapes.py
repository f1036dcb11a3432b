"""Shapes as people write them: `(n, m)`, `n × m`, "a vector of length n", with their working in front."""

from __future__ import annotations

import re
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from autograder.written.expressions import Expression, UnreadableError, parse, plain

_LONGEST: Final = 400
# Words that may stand around a shape without changing what it says.
_BENIGN: Final = frozenset(
    re.findall(
        r"\S+",
        """a an the is are has have it its of in with shape shapes size sizes vector matrix tensor array dimension
        length dimensions dimensional returns return returned result output gradient row rows column columns
        entry entries element elements lies
        r real so we get which gives and one numpy where batch each per sample for single ie
        jacobian derivative dimensional dim dims column like same as therefore thus hence outer product values numbers
        components long 1d 2d""",
    )
)
_NEGATION: Final = re.compile(
    r"\b(?:not|isn't|rather|instead|except|unlike|or|if|unless|transposed?)\b|\^\s*\(?\s*T\b|\.T\b", re.IGNORECASE
)
_REFUSED: Final = re.compile(
    r"[,;]?\s{0,9}\(?\s{0,9}(?:and\s{1,9})?\b(?:not|rather than|instead of)\b(?!.*\b(?:but|or|if)\b).*\w.*$",
    re.IGNORECASE,
)
_CONCLUSION: Final = re.compile(
    r"→|->|=>|=|\b(?:so|but|gives?|giving|hence|thus|therefore|yields?|results?(?:\s+(?:in|is))?|becomes?"
    r"|(?<!which )is)\b",
    re.IGNORECASE,
)
# "…, like W", "…, as for the weights": says what it is, and no other shape.
_LIKENESS: Final = re.compile(r",?\s*\b(?:just\s+)?(?:like|as|same as|the same as)\b[^(×*]{0,40}$", re.IGNORECASE)
_JOINT: Final = re.compile(r"→|->|=>|[=:;/]|\b(?:so|and|or|but|hence|thus|therefore|then|i\.e)\b", re.IGNORECASE)
_GROUP: Final = re.compile(r"\([^()]{0,80}\)")
_CHAIN: Final = re.compile(r"\b\w[\w^*+]{0,11}(?:\s*,\s*[\w^*+]{1,12})+\b")
_TIMES: Final = r"(?:\s+(?:by|times)\s+|\s+[xX]\s+|\s*×\s*)"
_BATCH: Final = re.compile(
    r"(?:b|bs|batch(?:[_ ]?(?:size|dim))?|(?:num|nr|n|number of)?[_ ]?(?:samples?|examples?))", re.IGNORECASE
)
# "N samples", "N is the batch size", "a batch of N": that capital letter counts samples.
_COUNTED: Final = re.compile(
    r"\b([A-Z])\b\s*(?:is|=|:|for|denotes|being)?\s*(?:the\s+)?(?:number of\s+)?(?:batch|samples|examples)\b"
    r"|\b(?:batch(?: size)?(?: of)?|samples)\s+([A-Z])\b"
)
_NOUN: Final = r"(?:vector|entries|elements|numbers|components|values|dimensional|dim|array)"
_NAMED: Final = (
    re.compile(
        r"\b(?:length|size|dimension|dimensional|R\^?|vector (?:of|in|with))\W{0,3}(\w{1,12})\W*$", re.IGNORECASE
    ),
    re.compile(rf"\b(?:of|with|has)\s+(\w{{1,12}})\s+{_NOUN}\b", re.IGNORECASE),
    re.compile(
        rf"^\s*(?:an?\s+)?(?:length-)?(\w{{1,12}})[- ](?:(?:dim(?:ensional)?|element)\s+)?{_NOUN}\b", re.IGNORECASE
    ),
)
# `(n, m) T`, `(n, m)'`, `n'`: but "'(n, m)'" is quoted.
_TRANSPOSE: Final = re.compile(r"(?<![\w^.])T(?!\w)|(?<!')\([^()']{0,80}\)\s{0,3}'|(?<![\w'])[A-Za-z]'(?![\w])")
Shape = tuple[Expression, ...]


def parse_shape(text: str, symbols: Sequence[str], *, batch: bool = False) -> tuple[Shape, bool]:
    """Return the lengths in a shape, and whether the text says nothing else.

    batch: a dimension of samples may stand in front, and is left out.
    Of several shapes the one that is concluded counts. Raises UnreadableError where no shape is found, or a word, a
    transpose or another shape leaves open which one is meant.
    """
    if len(text) > _LONGEST:
        raise UnreadableError(f"{len(text)} characters, at most {_LONGEST} are read")
    text = plain(text)
    if batch and (named := _COUNTED.search(text)):
        text = re.sub(rf"\b{named[1] or named[2]}\b", "batch", text)
    text = _commas(text)
    if re.fullmatch(r"\W*(?:a\s+)?(?:scalar|single number)\W*", text, re.IGNORECASE):
        return (), True
    text = _keep_before(text, _REFUSED)
    if _NEGATION.search(text):
        return _despite_negation(text, symbols, batch=batch), False
    likeness = _LIKENESS.search(text)
    if likeness and not _CHAIN.search(likeness[0]):
        text = _keep_before(text, _LIKENESS)
    _check_case(text, symbols)
    try:
        return _lengths(text, symbols, batch=batch), True
    except UnreadableError:
        pass
    last = _last_conclusion(text)
    found = _find_shapes(text, symbols, batch=batch)
    readable = [entry for entry in found if entry[1] is not None]
    if not readable:
        raise UnreadableError("no shape like (n, m) was found")
    if len({_spell(shape) for _, shape in found}) == 1:
        return readable[0][1] or (), _is_benign(text, symbols)
    return _find_concluded(found, last), False


def joined_shapes(text: str, symbols: Sequence[str], *, batch: bool = False) -> list[Shape]:
    """Return the shapes that stand alone beside "=", "so", "→", ":" and the like, as results of their own do.

    One that a name stands before, "x: (n,), so (n, m)", is that name's.
    """
    found = []
    pieces = _JOINT.split(_commas(plain(text)))
    named = False
    for place, piece in enumerate(pieces):
        try:
            shape = _lengths(piece.strip().strip(",").strip(), symbols, batch=batch)
        except UnreadableError:
            named = bool(piece.strip())
            continue
        if not named or place == len(pieces) - 1:
            found.append(shape)
        named = False
    return found


def find_transpose(text: str) -> str:
    """Return the first sign of a transpose that stands alone behind a shape; empty where there is none."""
    text = without_refusal(text)
    last = _last_conclusion(text)
    found = _TRANSPOSE.search(text, last)
    return found[0] if found else ""


def find_other_length(text: str, shape: Shape, symbols: Sequence[str]) -> str:
    """Return what names a length that is not the shape's: "(n, m), length m"; empty where nothing does."""
    text = without_refusal(text)
    one = "|".join(map(re.escape, symbols))
    long = [length for length in shape if length != Expression("number", number=1.0)]
    goes_on = r"(?!\s{0,3}(?:[x×,*]\s{0,3}\w|by\b|rows?\b))"
    for named in re.finditer(rf"\b(?:length|vectors? (?:of|with|in))\W{{0,3}}(?:length\s)?({one})\b{goes_on}", text):
        if long != [Expression(named[1])]:
            return named[0]
    for rows in re.finditer(rf"\b({one})\s(rows?|col(?:umn)?s?)\sof\s(?:length\s|size\s)?({one})\b", text):
        pair = [Expression(rows[1]), Expression(rows[3])]
        if list(shape[-2:]) != (pair if rows[2].startswith("row") else pair[::-1]):
            return rows[0]
    before = re.match(rf"\s*({one})\s{{0,3}}(?=\()", text)
    return before[0] if before else ""


def without_refusal(text: str) -> str:
    """Return what stands in front of "…, not (m, n)"."""
    return _keep_before(plain(text), _REFUSED)


def _keep_before(text: str, pattern: re.Pattern[str]) -> str:
    """Return `text` in front of what `pattern` finds, where anything stands there."""
    head = pattern.sub("", text)
    return head if re.search(r"\w", head) else text


def _despite_negation(text: str, symbols: Sequence[str], *, batch: bool) -> Shape:
    """Return the shape that is concluded behind a transpose or a "not": "W^T is …, so (1, n)"."""
    last = _last_conclusion(text)
    tail = text[last:]
    if not last or _NEGATION.search(tail):
        raise UnreadableError("it says more than one shape")
    _check_case(tail, symbols)
    return _find_concluded(
        [(position + last, shape) for position, shape in _find_shapes(tail, symbols, batch=batch)], last
    )


def _last_conclusion(text: str) -> int:
    """Return where the last word ends behind which the result stands; 0 where there is none."""
    *_, last = [(0, 0), *(match.span() for match in _CONCLUSION.finditer(text))]
    if not last[1] and text.count(":") == 1 and _GROUP.search(text.partition(":")[0]):
        return text.index(":") + 1
    return last[1]


def _find_concluded(found: Sequence[tuple[int, Shape | None]], last: int) -> Shape:
    """Return the one shape behind the last conclusion."""
    shapes = [shape for position, shape in found if position >= last]
    if not last or len({_spell(shape) for shape in shapes}) != 1 or shapes[0] is None:
        raise UnreadableError("there are several shapes")
    return shapes[0]


def _commas(text: str) -> str:
    """Return `text` with commas for the signs that people put between lengths."""
    text = re.sub(r"\bR\s*\^\s*", " ", text.replace("ℝ", "R"))
    text = re.sub(r"^\s*R(?=\w\s*(?:[x×]\s*\w|$))", " ", text)
    text = re.sub(r"(?<=\w)\s*;(?=\s*\w[^()]*\))", ",", text)
    text = re.sub(r"(?<=\w)行\s*[×x]?\s*(\w)列", r",\1", text)
    text = re.sub(r"(?<=\b\w)\s*-by-\s*(?=\w\b)", " by ", text)
    text = re.sub(r"\b(\w)\s+rows\s+(?:and|by|,)\s*(\w)\s+col(?:umn)?s\b", r"(\1, \2)", text)
    text = re.sub(r"^\s*(?:an?\s+)?(\w)\s*\*\s*(\w)\s+matrix\b", r"(\1, \2)", text, flags=re.IGNORECASE)
    text = text.replace("{", "(").replace("}", ")").replace("|", " ")
    text = re.sub(r"(\w)\s+rows?\b", r"\1", re.sub(r"(\w)\s+col(?:umn)?s?\b", r"\1", text))
    text = re.sub(rf"(?<=[\w)]){_TIMES}(?=[\w(])", ",", text)
    return re.sub(r"(?<=\w)[xX](?=\w\b)", ",", text)


def _lengths(text: str, symbols: Sequence[str], *, batch: bool = False) -> Shape:
    """Return the lengths, where `text` is a shape and nothing else."""
    inner = _unwrap(text.strip().rstrip(".;").strip())
    pieces = [_unwrap(piece.strip()) for piece in inner.split(",")]
    if len(pieces) > 1 and not pieces[-1]:
        pieces.pop()
    if len(pieces) == 1 and "*" in pieces[0]:
        pieces = pieces[0].split("*")  # n*m: nobody means a vector of that length by it
    if batch and len(pieces) > 1 and _BATCH.fullmatch(pieces[0]):
        del pieces[0]
    if any("=" in piece for piece in pieces):
        raise UnreadableError("an equation is no length")
    return tuple(parse(piece, symbols) for piece in pieces)


def _find_shapes(text: str, symbols: Sequence[str], *, batch: bool) -> list[tuple[int, Shape | None]]:
    """Return every shape in `text` with its place: a group in parentheses, a list of lengths, a named length.

    None stands for a list of lengths of which one is no symbol.
    """
    found: list[tuple[int, Shape | None]] = []
    taken: list[tuple[int, int]] = []
    for pattern in (_GROUP, _CHAIN):
        for match in pattern.finditer(text):
            if any(start < match.end() and match.start() < end for start, end in taken):
                continue
            taken.append(match.span())
            # What precedes a list of lengths may be a word of the sentence.
            candidates = [match[0]] if pattern is _GROUP else [match[0], match[0].partition(",")[2]]
            for candidate in candidates:
                with suppress(UnreadableError):
                    found.append((match.start(), _lengths(candidate, symbols, batch=batch)))
                    break
            else:
                if pattern is _GROUP and "," in match[0]:
                    found.append((match.start(), None))
    if not found:
        pieces = re.split(r"[,;]|→|=", text)
        for piece in pieces:
            for named in filter(None, (pattern.search(piece) for pattern in _NAMED)):
                with suppress(UnreadableError):
                    found.append((0, (parse(named[1], symbols),)))
                    break
        if not found:
            try:
                found.append((0, _lengths(re.split(r"→|=|->|:", text)[-1], symbols, batch=batch)))
            except UnreadableError:
                return []
    return sorted(found, key=lambda entry: entry[0])


def _check_case(text: str, symbols: Sequence[str]) -> None:
    """Capitals may stand for something else (N samples) where small letters stand, too."""
    bare = set(re.findall(r"\b[A-Za-z]\b", text))
    if any(symbol.upper() in bare for symbol in symbols) and any(symbol.lower() in bare for symbol in symbols):
        raise UnreadableError("capital and small letters may differ in meaning")


def _is_benign(text: str, symbols: Sequence[str]) -> bool:
    words = {word.lower() for word in re.findall(r"[A-Za-z][\w.]*", _GROUP.sub(" ", text))}
    return words <= _BENIGN | {symbol.lower() for symbol in symbols}


def _spell(shape: Shape | None) -> str:
    return repr(shape)


def _unwrap(text: str) -> str:
    while text.startswith("(") and text.endswith(")"):
        depth = 0
        for index, character in enumerate(text):
            depth += (character == "(") - (character == ")")
            if depth == 0 and index < len(text) - 1:
                return text
        text = text[1:-1].strip()
    return text
