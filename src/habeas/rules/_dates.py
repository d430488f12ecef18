"""CertLogic's date-times: text in, milliseconds within, the arithmetic of JavaScript's `setUTC*`; no clock, no zones.

Unlike certlogic-js, a date that no calendar has (2021-02-30, month 13, second 60) is an error: V8 reads some of these
as a day of the next month and some as a "date" for which every comparison is false.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from habeas.rules.errors import LogicError

__all__ = ["MS_PER_DAY", "MS_PER_HOUR", "DateTime", "add_months", "checked", "parse_birth", "parse_date_time"]

MS_PER_HOUR = 3_600_000
MS_PER_DAY = 24 * MS_PER_HOUR
_MOST_MS = 8_640_000_000_000_000  # ECMAScript's TimeClip: 100 million days each side of 1970

_DATE_TIME = re.compile(
    r"([0-9]{4})(?:-([0-9]{2})(?:-([0-9]{2})"
    r"(?:T([0-9]{2}):([0-9]{2}):([0-9]{2})(\.[0-9]+)?(?:Z|([+-])([0-9]{1,2}):?([0-9]{2})?)?)?)?)?"
)

# What certificates nearly always have; of these `datetime` reads the same as we do, or nothing.
_USUAL_DATE_TIME = re.compile(
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
)

# `date` knows the years 1 to 9999 only, and JavaScript many more; but days repeat every 400 years, so years are
# counted within an era from 2000 on, and eras apart.
_ERA_YEAR = 2000
_ERA_YEARS = 400
_ERA_DAYS = 146_097
_ERA_ORDINAL = date(_ERA_YEAR, 1, 1).toordinal()
_1970 = datetime(1970, 1, 1)  # noqa: DTZ001 - UTC, as all that is read without its offset
_1970_ORDINAL = _1970.toordinal()
_ERA_FROM_1970 = _ERA_ORDINAL - _1970_ORDINAL


@dataclass(frozen=True, slots=True)
class DateTime:
    """An instant as CertLogic counts it: milliseconds since 1970-01-01T00:00:00Z, leap seconds left out."""

    milliseconds: int

    def __str__(self) -> str:
        """Return `YYYY-MM-DDTHH:MM:SS.sssZ`; years outside 0..9999 get a sign and six digits, as in JavaScript."""
        days, rest = divmod(self.milliseconds, MS_PER_DAY)
        year, month, day = _calendar_day(days)
        seconds, milliseconds = divmod(rest, 1000)
        minutes, second = divmod(seconds, 60)
        hour, minute = divmod(minutes, 60)
        written = f"{year:04}" if 0 <= year <= 9999 else f"{year:+07}"  # noqa: PLR2004 - the range of four digits
        return f"{written}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z"


def parse_date_time(text: str) -> int:
    """Return the milliseconds of a date-time, a date, or the last day of a YYYY or YYYY-MM.

    No offset means Z; digits past the millisecond are cut, not rounded.
    """
    try:
        if len(text) == 10 and text[4] == text[7] == "-":  # noqa: PLR2004 - YYYY-MM-DD
            return (date.fromisoformat(text).toordinal() - _1970_ORDINAL) * MS_PER_DAY
        if _USUAL_DATE_TIME.fullmatch(text):
            since = datetime.fromisoformat(text[:19]) - _1970
            time = since.days * MS_PER_DAY + since.seconds * 1000
            return time if text[-1] == "Z" else time - _usual_offset(text[19:])
    except ValueError:  # the year 0, the hour 24, and what no calendar or clock has
        pass
    return _parse_any(text)


def _parse_any(text: str) -> int:
    found = _DATE_TIME.fullmatch(text)
    if found is None:
        raise LogicError("a text that is no date or date-time: write YYYY, YYYY-MM, YYYY-MM-DD or YYYY-MM-DDTHH:MM:SSZ")
    year, month, day, hour, minute, second, fraction, sign, hours, minutes = found.groups()
    if day is None:
        return _last_day(int(year), int(month or 12)) * MS_PER_DAY
    midnight = _day_number(int(year), int(month), int(day)) * MS_PER_DAY
    if hour is None:
        return midnight
    milliseconds = int(fraction[1:4].ljust(3, "0")) if fraction else 0
    time = midnight + _time_of_day(int(hour), int(minute), int(second), milliseconds)
    return time if sign is None else time - _offset(sign, int(hours), int(minutes or 0))


def parse_birth(text: str) -> int:
    """Return the milliseconds of an EU DCC date of birth: YYYY, YYYY-MM (their last day) or YYYY-MM-DD, no time."""
    if len(text) > len("YYYY-MM-DD"):
        raise LogicError("a text that is no date of birth: write YYYY, YYYY-MM or YYYY-MM-DD")
    return parse_date_time(text)


def add_months(milliseconds: int, months: int) -> int:
    """Return the instant `months` later; a day that its month lacks runs over: 31 January + 1 month = 3 March."""
    days, rest = divmod(milliseconds, MS_PER_DAY)
    year, month, day = _calendar_day(days)
    years, month0 = divmod(month - 1 + months, 12)
    return checked((_day_number(year + years, month0 + 1, 1) + day - 1) * MS_PER_DAY + rest)


def checked(milliseconds: int) -> int:
    """Return `milliseconds`, refused outside the instants that JavaScript can hold."""
    if -_MOST_MS <= milliseconds <= _MOST_MS:
        return milliseconds
    raise LogicError("a date-time more than 100 million days from 1970: no engine holds it")


def _day_number(year: int, month: int, day: int) -> int:
    """Return the days from 1970-01-01, in the Gregorian calendar on both sides of its beginning."""
    era, year_of_era = divmod(year - _ERA_YEAR, _ERA_YEARS)
    try:
        ordinal = date(_ERA_YEAR + year_of_era, month, day).toordinal()
    except ValueError:
        raise LogicError("a date that no calendar has") from None
    return era * _ERA_DAYS + ordinal - _ERA_ORDINAL + _ERA_FROM_1970


def _calendar_day(days: int) -> tuple[int, int, int]:
    """Return the (year, month, day) of `_day_number`'s count."""
    era, day_of_era = divmod(days - _ERA_FROM_1970, _ERA_DAYS)
    found = date.fromordinal(_ERA_ORDINAL + day_of_era)
    return era * _ERA_YEARS + found.year, found.month, found.day


def _last_day(year: int, month: int) -> int:
    next_month = _day_number(year, month, 1) + 31
    return next_month - _calendar_day(next_month)[2]


def _time_of_day(hour: int, minute: int, second: int, milliseconds: int) -> int:
    time = ((hour * 60 + minute) * 60 + second) * 1000 + milliseconds
    # ISO 8601 lets a day end at 24:00:00, which is the next day's first instant.
    if minute > 59 or second > 59 or time > MS_PER_DAY:  # noqa: PLR2004 - a clock's
        raise LogicError("a time that no clock shows")
    return time


def _offset(sign: str, hours: int, minutes: int) -> int:
    if hours > 23 or minutes > 59:  # noqa: PLR2004 - a clock's
        raise LogicError("an offset from UTC of a day or more, or of 60 minutes or more past the hour")
    offset = (hours * 60 + minutes) * 60_000
    return offset if sign == "+" else -offset


@lru_cache(maxsize=64)  # a few dozen are in use, and none of them is anybody's
def _usual_offset(zone: str) -> int:
    return _offset(zone[0], int(zone[1:3]), int(zone[4:]))
