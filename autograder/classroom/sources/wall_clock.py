"""Times as platforms write them for people: as a clock on the wall showed them, in the teacher's language."""

from __future__ import annotations

import contextlib
import datetime as dt
import re
import unicodedata
from typing import Final

#: Months by what their names begin with, without accents, in the languages that use Latin letters.
_MONTHS: Final = {
    beginning: number
    for number, beginnings in enumerate(
        ("jan ene gen", "feb fev", "mar maa mrt", "apr avr abr", "may mai mei mag", "jun juin giu", "jul juil lug",
         "aug aou ago", "sep set", "oct okt out ott", "nov", "dec dez dic"),
        start=1,
    )
    for beginning in beginnings.split()
}  # fmt: skip
_WHOLE: Final = re.compile(
    r"(?P<day>.*?\d{4}),?\s+(?P<clock>\d{1,2}[:.h]\d\d)(?:\s*(?P<half>[ap]\.?\s?m\.?))?", re.IGNORECASE | re.DOTALL
)


def read_wall_clock(day: str, clock: str, half: str = "") -> dt.datetime | None:
    """Return the moment, without a zone; None where it cannot be read.

    day: a date with the month's name and the year, maybe with the weekday before. clock: an hour of one or two digits
    and the minutes, with a sign between or without. half: AM or PM, or empty.
    """
    digits = "".join(letter for letter in clock if letter.isdigit())
    hour, minute = int(digits[:-2]), int(digits[-2:])
    if half:
        hour = hour % 12 + 12 * (half[0] in "pP")
    plain = unicodedata.normalize("NFKD", day.casefold())
    plain = "".join(letter for letter in plain if not unicodedata.combining(letter))
    # Some weekdays begin as a month does: the month comes later.
    months = [
        _MONTHS[word[:size]] for word in re.findall(r"[^\W\d_]{3,}", plain) for size in (4, 3) if word[:size] in _MONTHS
    ]
    days, years = re.findall(r"(?<!\d)\d{1,2}(?!\d)", plain), re.findall(r"(?<!\d)\d{4}(?!\d)", plain)
    if not months or len(days) != 1 or len(years) != 1:
        return None
    with contextlib.suppress(ValueError):
        return dt.datetime(int(years[0]), months[-1], int(days[0]), hour, minute)  # noqa: DTZ001  its zone is the course's
    return None


def read_wall_time(text: str) -> dt.datetime | None:
    """Return the moment of a whole text, `Wednesday, 28 February 2024, 12:00 PM`; None where it cannot be read."""
    matched = _WHOLE.fullmatch(" ".join(text.split()))
    return None if matched is None else read_wall_clock(matched["day"], matched["clock"], matched["half"] or "")
