"""Instants and calendar days."""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from functools import lru_cache
from typing import Self

from habeas.wire.errors import InstantError

__all__ = ["BEGINNING", "DAY", "FOREVER", "HOUR", "Calendar", "Instant", "Span", "parse_instant"]

HOUR = 3_600
DAY = 86_400
_FIRST = -62_135_596_800  # 0001-01-01T00:00:00Z
_LAST = 253_402_300_799  # 9999-12-31T23:59:59Z
_TEXT = re.compile(r"(\d{4}-\d\d-\d\d)[T ](\d\d:\d\d(?::\d\d)?)(Z|[+-]\d\d:\d\d)", re.ASCII)
_MAX_OFFSET = 18 * HOUR
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_DAY = _EPOCH.toordinal()


class Instant(int):
    """A moment in UTC: whole seconds since 1970-01-01T00:00:00Z, between the years 1 and 9999."""

    __slots__ = ()

    def __new__(cls, seconds: int) -> Self:
        """Refuse what no calendar can show: raises `InstantError`."""
        if not _FIRST <= seconds <= _LAST:
            raise InstantError(f"{seconds} seconds is no instant between the years 1 and 9999")
        return int.__new__(cls, seconds)

    def after(self, seconds: int) -> Instant:
        """Return the instant so many seconds later (earlier if negative), held within the first and the last."""
        return Instant(min(max(int(self) + seconds, _FIRST), _LAST))

    def utc_day(self) -> str:
        """Return the day in UTC, as `2022-06-12`."""
        return _show_day(self // DAY)

    def __str__(self) -> str:
        return self.at_offset(0)

    def __repr__(self) -> str:
        return f"Instant({self})"

    def at_offset(self, offset: int) -> str:
        """Return RFC 3339 text at `offset` seconds east of Greenwich; `Z` for 0."""
        zone = timezone(timedelta(seconds=offset)) if offset else UTC
        try:
            text = datetime.fromtimestamp(int(self), tz=UTC).astimezone(zone).isoformat()
        except OverflowError:  # the first or last day of all, seen from another offset
            text = datetime.fromtimestamp(int(self), tz=UTC).isoformat()
        return text.replace("+00:00", "Z")


@lru_cache(maxsize=1024)
def _show_day(day: int) -> str:
    return date.fromordinal(_EPOCH_DAY + day).isoformat()


FOREVER = Instant(_LAST)
BEGINNING = Instant(_FIRST)


def parse_instant(text: str) -> Instant:
    """Return the instant of RFC 3339 text with an offset, such as `2022-06-12T21:04+08:00`; raises `InstantError`."""
    found = _TEXT.fullmatch(text.strip())
    if not found:
        raise InstantError(f"{text!r} is no instant: write date, time and offset, such as 2022-06-12T21:04:00+08:00")
    try:
        return Instant(int(datetime.fromisoformat(found[0]).timestamp()))
    except (ValueError, OverflowError) as error:
        raise InstantError(f"{text!r} is no instant: {error}") from None


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time, half-open: from `start` up to, not including, `end`. Empty when the end is not later."""

    start: Instant
    end: Instant

    def covers(self, instant: int) -> bool:
        """Whether `instant` lies in it."""
        return self.start <= instant < self.end

    def __bool__(self) -> bool:
        return self.start < self.end

    def cut(self, other: Span) -> Span:
        """Return what both have in common; empty if nothing."""
        return Span(max(self.start, other.start), min(self.end, other.end))


@dataclass(frozen=True, slots=True)
class Calendar:
    """Local days from the offset rows that a pack carries: `((from, seconds east of Greenwich), …)`, in order.

    The first row also holds for all time before it. Day numbers count from 1970-01-01.
    """

    rows: tuple[tuple[Instant, int], ...]

    def __post_init__(self) -> None:
        starts = [start for start, _ in self.rows]
        if not starts or starts != sorted(set(starts)):
            raise InstantError("offset rows must be given, each from a later instant than the one before")
        if any(abs(offset) > _MAX_OFFSET for _, offset in self.rows):
            raise InstantError("an offset is at most 18 hours")

    def offset(self, instant: int) -> int:
        """Return the seconds east of Greenwich in force at `instant`."""
        rows = self.rows
        return rows[0][1] if len(rows) == 1 else rows[max(bisect_right(rows, (instant, _LAST)) - 1, 0)][1]

    def day(self, instant: int) -> int:
        """Return the local day number of `instant`."""
        return (instant + self.offset(instant)) // DAY

    def start_of(self, day: int) -> Instant:
        """Return the first existing instant whose local day is `day` or later (clocks that jump included)."""
        rows = self.rows
        for at, (start, offset) in enumerate(rows):
            lowest = start if at else _FIRST
            ends = rows[at + 1][0] if at + 1 < len(rows) else _LAST + 1
            candidate = max(day * DAY - offset, lowest)
            if candidate < ends:
                return Instant(max(_FIRST, candidate))
        return FOREVER

    def show(self, instant: Instant) -> str:
        """Return RFC 3339 text of `instant` at the offset then in force."""
        return instant.at_offset(self.offset(instant))
