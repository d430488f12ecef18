"""Gate mandates as people write them: JSON with hours and offsets as on a clock, to and from the value that is logged."""

from __future__ import annotations

import re
from pathlib import Path

from habeas.cli._reading import read_json, read_map, refusing
from habeas.cli.errors import InputError
from habeas.mandates import GateClass, GateMandate, MandateError
from habeas.wire import Span, parse_area, parse_instant

__all__ = ["format_gate_mandate", "read_gate_mandate_file"]

_NEEDED = "place area hours purpose class lane body from to"
_TEXTS = ("place", "purpose", "lane", "body")
_CLOCK = re.compile(r"([01][0-9]|2[0-4]):([0-5][0-9])", re.ASCII)
_OFFSET = re.compile(r"([+-])([01][0-9]):([0-5][0-9])", re.ASCII)
_CLASSES = {one.value: one for one in GateClass}
_HOUR = 60


def read_gate_mandate_file(path: Path) -> GateMandate:
    """Return the gate mandate of a JSON file; raises `InputError`."""
    where = str(path)
    row = read_map(where, read_json(path), _NEEDED, "offset lets_in")
    for name in _TEXTS:
        if not isinstance(row[name], str):
            raise InputError(f'{where}, "{name}"', "is no text", "write it in words")
    lets_in = row.get("lets_in", 0)
    if type(lets_in) is not int:
        raise InputError(
            f'{where}, "lets_in"', "is no number", "write the severest code that goes in; 0 is the mildest"
        )
    if not isinstance(row["class"], str) or row["class"] not in _CLASSES:
        raise InputError(f'{where}, "class"', "is not known here", f"write one of {', '.join(_CLASSES)}")
    with refusing(where, "mend it and log it again; nothing was logged", MandateError):
        return GateMandate(
            place=str(row["place"]),
            area=parse_area(str(row["area"])),
            hours=_hours(where, row["hours"]),
            purpose=str(row["purpose"]),
            gate_class=_CLASSES[str(row["class"])],
            lane=str(row["lane"]),
            time=Span(parse_instant(str(row["from"])), parse_instant(str(row["to"]))),
            body=str(row["body"]),
            offset=_offset(where, row.get("offset", "+00:00")),
            lets_in=lets_in,
        )


def format_gate_mandate(mandate: GateMandate) -> dict[str, object]:
    """Return a gate mandate as `read_gate_mandate_file` takes it."""
    sign = "-" if mandate.offset < 0 else "+"
    return {
        "place": mandate.place,
        "area": mandate.area.code,
        "hours": [_clock(minute) for minute in mandate.hours],
        "purpose": mandate.purpose,
        "class": mandate.gate_class.value,
        "lane": mandate.lane,
        "body": mandate.body,
        "from": str(mandate.time.start),
        "to": str(mandate.time.end),
        "offset": f"{sign}{_clock(abs(mandate.offset))}",
        "lets_in": mandate.lets_in,
    }


def _hours(where: str, value: object) -> tuple[int, int]:
    pair = value if isinstance(value, list) else []
    found = [_CLOCK.fullmatch(one) if isinstance(one, str) else None for one in pair]
    minutes = [int(one[1]) * _HOUR + int(one[2]) for one in found if one]
    if len(minutes) != len(pair) or len(minutes) != len(("from", "to")):
        raise InputError(f'{where}, "hours"', "are not two times of a day", 'write such as ["07:00", "22:00"]')
    return minutes[0], minutes[1]


def _offset(where: str, value: object) -> int:
    found = _OFFSET.fullmatch(value) if isinstance(value, str) else None
    if found is None:
        raise InputError(f'{where}, "offset"', "is no offset of local time", "write such as +08:00")
    minutes = int(found[2]) * _HOUR + int(found[3])
    return -minutes if found[1] == "-" else minutes


def _clock(minutes: int) -> str:
    return f"{minutes // _HOUR:02d}:{minutes % _HOUR:02d}"
