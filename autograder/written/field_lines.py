"""The results of an answer, each on a line of its own, `name: value`: which lines they are, and how sure that is."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from autograder.written.labels import DECORATION
from autograder.written.lookalike_letters import is_reordered, without_invisible
from autograder.written.questions import Question

_LONGEST_FORMULA: Final = 12  # lines
_DISPLAYED: Final = {"$$": "$$", "\\[": "\\]", "$": "$"}
_PLAIN_NUMBER: Final = re.compile(r"[-−–+]?\s?\d{1,12}(?:[.,]\d{1,12})?\.?")
# What a PDF makes of a fraction's lower half, or of an exponent.
_CRUMB: Final = re.compile(r"[\d\s.,()+\-−–·×/=^]{1,20}")
_OTHER_LINE: Final = "what was read stands in a line of the text, and not in that of the template"
_PDF: Final = "a PDF keeps no fractions and no powers, so another result may be meant"


@dataclass(frozen=True)
class Found:
    """Results by the names of fields. unsure: why a result may be another one. places: of the lines that they are."""

    values: Mapping[str, str]
    unsure: Mapping[str, str]
    places: frozenset[int]


@dataclass(frozen=True)
class _Line:
    """A line that may give a result. places: its own, and those of a formula below it.

    is_own: whether it looks as in the template: "gradient: …", not "Gradient = …", which may be a step of the working.
    """

    value: str
    places: range
    is_own: bool


def find(question: Question, lines: Sequence[str | None], *, from_pdf: bool) -> Found:
    """Return the results in the lines of an answer; None stands for a line of code, or a picture."""
    patterns = {
        entry.name: re.compile(
            rf"^{DECORATION}`?(?P<name>{_forgiving_pattern(entry.name)})`?(?:\(J?\))?`?[\s*]*(?P<sign>[:：=])(?P<value>.*)$",
            re.IGNORECASE,
        )
        for entry in question.fields
    }
    found: dict[str, list[_Line]] = {}
    for place, text in enumerate(lines):
        shown = "" if text is None else text if is_reordered(text) else without_invisible(text)
        for name, pattern in patterns.items():
            if match := pattern.match(shown):
                found.setdefault(name, []).append(_line(name, match, lines, place))
                break
    values, unsure, places = dict[str, str](), dict[str, str](), set[int]()
    kinds = {entry.name: entry.kind for entry in question.fields}
    for name, candidates in found.items():
        own = [line for line in candidates if line.is_own]
        # The template's own line counts before all others; several that differ are several results.
        given = [line for line in own if line.value] or [line for line in candidates if line.value]
        places.update(place for line in {*own, *given} for place in line.places)
        if not given:
            continue
        values[name] = "; ".join(dict.fromkeys(line.value for line in given))
        if own and not given[0].is_own:
            unsure[name] = _OTHER_LINE
        elif from_pdf and kinds[name] in ("formula", "number") and not _is_flat(values[name], lines, given[-1].places):
            unsure[name] = _PDF
    return Found(values, unsure, frozenset(places))


def _line(name: str, match: re.Match[str], lines: Sequence[str | None], place: int) -> _Line:
    value = match["value"].strip().strip("`*").strip()
    end = place + 1
    if not value.strip("?$ \\"):
        below, behind = _formula_below(lines, place + 1)
        # A `?` that stays is a placeholder; a formula below it is the answer's working.
        value, end = ("", end) if value.strip("$ \\") or not below else (below, behind)
    return _Line(value, range(place, end), match["sign"] != "=" and _spell(match["name"]) == _spell(name))


def _formula_below(lines: Sequence[str | None], place: int) -> tuple[str, int]:
    """Return the displayed formula that stands next at `place`, and the place behind it; "" where none does."""
    text, closing = "", ""
    for end in range(place, min(place + _LONGEST_FORMULA, len(lines))):
        line = lines[end]
        if line is None:
            break
        text = f"{text} {line.strip()}".strip()
        if text and not closing:
            opening = next((sign for sign in _DISPLAYED if text.startswith(sign)), "")
            if not opening:
                break
            closing = _DISPLAYED[opening]
        if closing and text.endswith(closing) and len(text) > 2 * len(closing) and text.count(closing) <= 2:
            return text, end + 1
    return "", place


def _is_flat(value: str, lines: Sequence[str | None], places: range) -> bool:
    """Return whether a value is a number in one line of a PDF, and nothing of it can stand in the next one."""
    below = lines[places.stop] if places.stop < len(lines) else ""
    return bool(_PLAIN_NUMBER.fullmatch(value)) and not (below and _CRUMB.fullmatch(below) and below.strip())


def _spell(name: str) -> str:
    return re.sub(r"[\\_\s]", "", name)


def _forgiving_pattern(name: str) -> str:
    """Return a field's name as a pattern that forgives blanks and underscores lost or escaped on the way."""
    return r"[\\_\s]*".join(re.escape(word) for word in re.split(r"[ _]", name))
