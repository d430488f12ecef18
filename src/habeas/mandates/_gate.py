"""Gate mandates as values and as entries of the log: where, when and for what a pass may be asked for (I13)."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from habeas.mandates.errors import GateMandateError
from habeas.tlog import EntryError, EntryKind, Plain
from habeas.wire import (
    FOREVER,
    Area,
    Instant,
    SigningKey,
    Span,
    VerifyingKey,
    WireError,
    check_sign1,
    encode_cbor,
    parse_area,
    parse_deterministic_cbor,
    parse_sign1,
    sign1,
)

__all__ = ["GateClass", "GateMandate", "gate_in_force", "gate_mandate_entry", "read_gate_mandate"]

_DAY_MINUTES = 24 * 60
_MOST_OFFSET = 14 * 60
_MOST_CODES = 256
_TREATMENT = (
    "treatment",
    "emergency room",
    "casualty",
    "hospital entrance",
    "clinic",
    "就诊",
    "急诊",
    "治疗",
    "医院入口",
    "门诊",
    "诊所",
    "透析",
    "dialysis",
)
_HOSPITAL = ("hospital", "医院")


class GateClass(Enum):
    """What kind of entrance; `CARE` is visits to wards and care homes, never the way to treatment."""

    ORDINARY = "ordinary"
    CARE = "care"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateMandate:
    """Leave to check passes at one place, at certain hours, for a purpose, until an end.

    `hours` are minutes of the local day, half-open. `lane` is the counter or no-code lane for whoever has no pass: no
    pass, a dead phone or "cannot tell" is never a refusal by itself. `offset` is local time's in minutes east of UTC; a
    place that changes its clocks has a mandate for each part of the year. `lets_in` is the severest code that goes in
    (0 the mildest): what is milder always does, so that no gate can be made for one colour. Raises `GateMandateError`.
    """

    place: str
    area: Area
    hours: tuple[int, int]
    purpose: str
    gate_class: GateClass
    lane: str
    time: Span
    body: str
    offset: int = 0
    lets_in: int = 0

    def __post_init__(self) -> None:
        start, end = self.hours
        if not -_MOST_OFFSET <= self.offset <= _MOST_OFFSET or not 0 <= self.lets_in < _MOST_CODES:
            raise GateMandateError("I13: a gate mandate's offset is at most 14 hours, its codes lie between 0 and 255")
        if not 0 <= start < end <= _DAY_MINUTES:
            raise GateMandateError("I13: a gate mandate names its hours, within one day, the end after the start")
        if not self.time:
            raise GateMandateError("I13: a gate mandate has an end, later than its start")
        for field, text in (("place", self.place), ("purpose", self.purpose), ("lane", self.lane)):
            if not text.strip():
                what = "the counter or no-code lane beside the gate" if field == "lane" else f"its {field}"
                raise GateMandateError(f"I13: a gate mandate must name {what}")
            if not text.isprintable():
                raise GateMandateError(f"I13: the {field} of a gate mandate holds signs that cannot be shown")
        if self.time.end == FOREVER:
            raise GateMandateError("I13: a gate mandate has an end: give it one")
        self._check_treatment()

    def _check_treatment(self) -> None:
        """Refuse the way to treatment, also where it is written with wide letters."""
        text = unicodedata.normalize("NFKC", f"{self.place} {self.purpose}").lower()
        words = _TREATMENT if self.gate_class is GateClass.CARE else (*_TREATMENT, *_HOSPITAL)
        if any(word in text for word in words):
            raise GateMandateError("I13: no entrance to medical treatment can be mandated; take that place out")

    def covers(self, instant: Instant, minute: int) -> bool:
        """Whether a check at `instant`, at `minute` of the local day, is within it."""
        return self.time.covers(instant) and self.hours[0] <= minute < self.hours[1]

    def minute_at(self, instant: Instant) -> int:
        """Return the minute of the place's day."""
        return (instant // 60 + self.offset) % _DAY_MINUTES

    def to_cbor(self) -> dict[str, object]:
        """Return the value that is logged."""
        return {
            "area": self.area.code,
            "body": self.body,
            "class": self.gate_class.value,
            "hours": list(self.hours),
            "lane": self.lane,
            "lets_in": self.lets_in,
            "offset": self.offset,
            "place": self.place,
            "purpose": self.purpose,
            "time": [int(self.time.start), int(self.time.end)],
        }

    @classmethod
    def of_cbor(cls, value: object) -> GateMandate:
        """Return the gate mandate of a logged value; raises `GateMandateError` for all that `to_cbor` would not write."""
        try:
            mandate = cls._of(value)
            written = encode_cbor(mandate.to_cbor()) == encode_cbor(value)
        except (KeyError, TypeError, ValueError, OverflowError, AttributeError, WireError) as error:
            raise GateMandateError(f"this is no gate mandate: {error!r} in its fields") from None
        if not written:  # such as an hour of 6.0, or a field too many
            raise GateMandateError("this is no gate mandate as one is logged: take it anew from the log")
        return mandate

    @classmethod
    def _of(cls, value: Any) -> GateMandate:  # noqa: ANN401 - whatever was read; what is written anew is compared
        from_minute, to_minute = value["hours"]
        start, end = value["time"]
        numbers = (from_minute, to_minute, start, end, value["offset"], value["lets_in"])
        texts = [value[name] for name in ("place", "purpose", "lane", "body")]
        if any(type(one) is not int for one in numbers) or not all(isinstance(one, str) for one in texts):
            raise TypeError("a number or a text of another type")
        return cls(
            place=value["place"],
            area=parse_area(value["area"]),
            hours=(from_minute, to_minute),
            purpose=value["purpose"],
            gate_class=GateClass(value["class"]),
            lane=value["lane"],
            time=Span(Instant(start), Instant(end)),
            body=value["body"],
            offset=value["offset"],
            lets_in=value["lets_in"],
        )


def gate_mandate_entry(mandate: GateMandate, key: SigningKey) -> bytes:
    """Return the entry that logs a gate mandate, signed by whoever signed the log's constants."""
    return Plain(kind=EntryKind.GATE_MANDATE, body=sign1(encode_cbor(mandate.to_cbor()), key)).to_bytes()


def read_gate_mandate(entry: bytes, key: VerifyingKey) -> GateMandate:
    """Return the gate mandate of an entry that `key` signed; raises `GateMandateError`."""
    try:
        plain = Plain.of_bytes(entry)
        if plain.kind is not EntryKind.GATE_MANDATE:
            raise GateMandateError("this entry of the log is no gate mandate: give the index of one")
        return GateMandate.of_cbor(parse_deterministic_cbor(check_sign1(parse_sign1(plain.body), key)))
    except (EntryError, WireError) as error:
        raise GateMandateError(f"the gate mandate's entry: {error}") from None


def gate_in_force(mandates: Iterable[GateMandate], place: str, instant: Instant, minute: int) -> GateMandate | None:
    """Return the one mandate of `place` then; none means everybody passes. Raises `GateMandateError` if there are two."""
    found = [mandate for mandate in mandates if mandate.place == place and mandate.covers(instant, minute)]
    if len(found) > 1:
        raise GateMandateError(f"I13: {place} has {len(found)} mandates for one hour; one a place and hour")
    return found[0] if found else None
