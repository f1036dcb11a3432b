"""Moments and lengths of time: read from what platforms write, and shown to people."""

from __future__ import annotations

import datetime as dt
from typing import Final

_YEARS: Final = range(1970, 2101)  # of Greenwich: beyond them is no time of a homework, and zones cannot be changed


def read_moment(text: str, zone: dt.tzinfo | None = None) -> dt.datetime | None:
    """Return an ISO 8601 time with an offset, or without one and then of `zone`; None for anything else.

    A time of a year in which nobody hands in is none: students set their commits' dates as they like.
    """
    text = text.strip().replace("Z", "+00:00").replace("z", "+00:00")
    if len(text) < len("2024-02-28 18:00"):
        return None  # a day alone: nobody knows whether its beginning or its end is meant
    try:
        moment = dt.datetime.fromisoformat(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo is not None or zone is None else moment.replace(tzinfo=zone)
    if moment.tzinfo is None or moment.year not in (_YEARS[0] - 1, *_YEARS, _YEARS[-1] + 1):
        return None
    return moment if moment.astimezone(dt.timezone.utc).year in _YEARS else None


def show_time(created_at: str, zone: dt.tzinfo | None = None) -> str:
    """Return a time of submission for people to read, on the clock of `zone`; empty where it is none."""
    moment = read_moment(created_at)
    if moment is not None and zone is not None:
        moment = moment.astimezone(zone)
    return "" if moment is None else show_moment(moment)


def show_moment(moment: dt.datetime) -> str:
    """Return a moment for people to read, with its offset."""
    return moment.strftime(f"%A {moment.day} %B %Y, %H:%M (UTC%z)")


def show_span(late: dt.timedelta) -> str:
    """Return a length of time in its two largest units."""
    minutes = int(late.total_seconds() // 60)
    days, hours, rest = minutes // 1440, minutes // 60 % 24, minutes % 60
    parts = ((days, "day"), (hours, "hour"), (rest, "minute"))
    said = [f"{count} {noun}{'' if count == 1 else 's'}" for count, noun in parts if count]
    return " ".join(said[:2]) or "less than a minute"


def spell_days(count: int) -> str:
    """Return a number of days in words."""
    return f"{count} day{'' if count == 1 else 's'}"
