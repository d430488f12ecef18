"""Gate mandates as values: where, when and for what a pass may be asked for (I13)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum

from habeas.mandates.errors import GateMandateError
from habeas.wire import Area, Instant, Span

__all__ = ["GateClass", "GateMandate", "gate_in_force"]

_DAY_MINUTES = 24 * 60
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
)


class GateClass(Enum):
    """What kind of entrance; `CARE` is visits to wards and care homes, never the way to treatment."""

    ORDINARY = "ordinary"
    CARE = "care"


@dataclass(frozen=True, slots=True, kw_only=True)
class GateMandate:
    """Leave to check passes at one place, at certain hours, for a purpose, until an end.

    `hours` are minutes of the local day, half-open. `lane` is the counter or no-code lane for whoever has no pass: no
    pass, a dead phone or "cannot tell" is never a refusal by itself. Raises `GateMandateError`.
    """

    place: str
    area: Area
    hours: tuple[int, int]
    purpose: str
    gate_class: GateClass
    lane: str
    time: Span
    body: str

    def __post_init__(self) -> None:
        start, end = self.hours
        if not 0 <= start < end <= _DAY_MINUTES:
            raise GateMandateError("I13: a gate mandate names its hours, within one day, the end after the start")
        if not self.time:
            raise GateMandateError("I13: a gate mandate has an end, later than its start")
        for field, text in (("place", self.place), ("purpose", self.purpose), ("lane", self.lane)):
            if not text.strip():
                what = "the counter or no-code lane beside the gate" if field == "lane" else f"its {field}"
                raise GateMandateError(f"I13: a gate mandate must name {what}")
        if any(word in f"{self.place} {self.purpose}".lower() for word in _TREATMENT):
            raise GateMandateError("I13: no entrance to medical treatment can be mandated; take that place out")

    def covers(self, instant: Instant, minute: int) -> bool:
        """Whether a check at `instant`, at `minute` of the local day, is within it."""
        return self.time.covers(instant) and self.hours[0] <= minute < self.hours[1]


def gate_in_force(mandates: Iterable[GateMandate], place: str, instant: Instant, minute: int) -> GateMandate | None:
    """Return the one mandate of `place` then; none means everybody passes. Raises `GateMandateError` if there are two."""
    found = [mandate for mandate in mandates if mandate.place == place and mandate.covers(instant, minute)]
    if len(found) > 1:
        raise GateMandateError(f"I13: {place} has {len(found)} mandates for one hour; one a place and hour")
    return found[0] if found else None
