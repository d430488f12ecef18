"""How times, lists and lines look in each language: calendars from the pack, widths from Unicode, no locale."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from datetime import date

from habeas.grounds._words import Language, say
from habeas.wire import DAY, HOUR, Calendar, Instant

__all__ = ["COLUMNS", "show_date", "show_id", "show_left", "show_list", "show_time", "show_zone", "width", "wrap"]

COLUMNS = 100
_EPOCH_DAY = date(1970, 1, 1).toordinal()
_LAST_DAY = date.max.toordinal()
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip
_MINUTE = 60
_NOON = 12
_HOURS_UP_TO = 72  # "47 hours left" says more than "1 day left"; "9 days left" more than "216 hours left"
_ID_BYTES = 4
# A Chinese character is a unit of its own, with the marks that may not begin a line; other text goes by its words.
_CLOSING = "，。、；：？！）》」』”’…"
_OPENING = "（《「『“‘"
_UNITS = re.compile(
    rf"\s+|[{_OPENING}]*[^\s\u2e80-\uffef{_OPENING}{_CLOSING}]+[{_CLOSING}]*|[{_OPENING}]*\S[{_CLOSING}]*"
)


def _local(instant: Instant, calendar: Calendar) -> tuple[int, int]:
    """Return the local day as a proleptic ordinal, held within what a date can be, and the seconds since midnight."""
    day, seconds = divmod(instant + calendar.offset(instant), DAY)
    return min(max(day + _EPOCH_DAY, 1), _LAST_DAY), seconds


def _date(ordinal: int, language: str) -> str:
    day = date.fromordinal(max(ordinal, 1))
    if language == "en":
        return f"{day.day} {_MONTHS[day.month - 1]} {day.year}"
    return f"{day.year}年{day.month}月{day.day}日" if language == "zh" else day.isoformat()


def show_date(instant: Instant, calendar: Calendar, language: str) -> str:
    """Return the local day: "12 June 2022", "2022年6月12日", or 2022-06-12 in any other language."""
    return _date(_local(instant, calendar)[0], language)


def show_time(instant: Instant, calendar: Calendar, language: str) -> str:
    """Return the local time: "9:04pm, 12 June 2022", "2022年6月12日21:04"; midnight belongs to the day that it ends."""
    ordinal, seconds = _local(instant, calendar)
    if seconds == 0 and ordinal > 1:
        ended = _date(ordinal - 1, language)
        return (
            f"midnight at the end of {ended}" if language == "en" else f"{ended}{'' if language == 'zh' else ' '}24:00"
        )
    hour, minute = divmod(seconds // _MINUTE, _MINUTE)
    day = _date(ordinal, language)
    if language != "en":
        return f"{day}{'' if language == 'zh' else ' '}{hour:02}:{minute:02}"
    if (hour, minute) == (_NOON, 0):
        return f"midday, {day}"
    clock = f"{(hour - 1) % _NOON + 1}" + (f":{minute:02}" if minute else "")
    return f"{clock}{'am' if hour < _NOON else 'pm'}, {day}"


def show_zone(instant: Instant, calendar: Calendar) -> str:
    """Return the offset in force: UTC+8, UTC+5:30, UTC."""
    offset = calendar.offset(instant)
    hours, rest = divmod(abs(offset) // _MINUTE, _MINUTE)
    return f"UTC{'+' if offset > 0 else '-'}{hours}" + (f":{rest:02}" if rest else "") if offset else "UTC"


def show_left(now: Instant, until: Instant, language: Language) -> str:
    """Return how long it is until then, in whole hours, in days when it is long."""
    hours = (until - now) // HOUR
    if hours < 1:
        return say("show.left.soon", language)
    if hours == 1:
        return say("show.left.hour", language)
    if hours < _HOURS_UP_TO:
        return say("show.left.hours", language, n=str(hours))
    return say("show.left.days", language, n=str((until - now) // DAY))


def show_id(value: bytes) -> str:
    """Return the first eight hex digits of an id, enough to read out."""
    return value[:_ID_BYTES].hex()


def show_list(items: Iterable[str], language: Language) -> str:
    """Return items as one phrase."""
    return (say("show.comma", language) + (" " if language == "en" else "")).join(items)


def width(text: str) -> int:
    """Return the columns that a text takes in a terminal: two for a wide character."""
    return sum(
        0 if unicodedata.combining(char) else 2 if unicodedata.east_asian_width(char) in "WF" else 1 for char in text
    )


def wrap(text: str, indent: int = 0, columns: int = COLUMNS) -> list[str]:
    """Return the lines of a text, each at most `columns` wide; a line never begins with a closing mark."""
    pad, room = " " * indent, columns - indent
    lines: list[str] = []
    line = ""
    for unit in (part for whole in _UNITS.findall(text) for part in _fitting(whole, room)):
        if width(line + unit.rstrip()) > room:
            lines.append(pad + line.rstrip())
            line = ""
        line += unit if line or not unit.isspace() else ""
    return [*lines, pad + line.rstrip()] if line.strip() or not lines else lines


def _fitting(unit: str, room: int) -> list[str]:
    """Return a unit that is too long for any line in pieces."""
    if width(unit) <= room:
        return [unit]
    half = len(unit) // 2
    return [*_fitting(unit[:half], room), *_fitting(unit[half:], room)]
