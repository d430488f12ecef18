"""When and why a statement stops counting: the upper end of its live span.

Every ending is the instant of an admitted event, or the statement's own expiry; the earliest stands. Endings stay
visible: "was wrong" (annulled, retracted) and "has lapsed" are different words (I10).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from habeas.evidence._admitted import Admitted, favourable
from habeas.evidence._docket import Docket
from habeas.evidence._kinds import (
    ContactFinding,
    Correction,
    CustodianRecord,
    Diagnosis,
    IsolationOrder,
    Retraction,
    Ruling,
    RulingEffect,
)
from habeas.mandates import independent
from habeas.wire import FOREVER, Instant

__all__ = ["Ending", "EndingCause", "ending"]


class EndingCause(Enum):
    """Why a statement counts no more."""

    RETRACTED = "retracted"
    CORRECTED = "corrected"
    ANNULLED = "annulled"
    SUSPENDED = "suspended"
    INDEX = "index"
    EXPIRED = "expired"
    MOVED = "moved"
    NONE = "none"


@dataclass(frozen=True, slots=True)
class Ending:
    """The instant from which a statement counts no more, why, and the statement that ended it (empty if none did)."""

    at: Instant
    cause: EndingCause
    by: bytes = b""

    @property
    def place(self) -> tuple[Instant, bytes]:
        """By what the first of several endings is found."""
        return (self.at, self.by)


_NEVER = Ending(FOREVER, EndingCause.NONE)


def ending(admitted: Admitted, docket: Docket) -> Ending:
    """Return the first thing that ends a statement; `FOREVER` if nothing has.

    What helps a person does not end by its own expiry here: a code never worsens by the passing of time alone (I3).
    """
    helps = favourable(admitted)
    first = _NEVER
    if admitted.expires != FOREVER and not helps:
        first = Ending(admitted.expires, EndingCause.EXPIRED)
    for other in docket.naming(admitted.id):
        cause = _cause(other, admitted)
        if cause is None:
            continue
        at = other.at
        if helps and cause in (EndingCause.RETRACTED, EndingCause.CORRECTED):
            at = _confirmed(other, docket)
        first = min(first, Ending(at, cause, other.id), key=lambda end: end.place)
    for basis in _rests_on(admitted):
        found = docket.get(basis)
        if found is not None:
            fell = ending(found, docket)
            if fell.at < first.at:
                first = Ending(fell.at, EndingCause.INDEX, fell.by)
    return first


def _cause(other: Admitted, admitted: Admitted) -> EndingCause | None:
    match other.statement.facts:
        case Retraction(target=admitted.id):
            return EndingCause.RETRACTED
        case Correction(target=admitted.id):
            return EndingCause.CORRECTED
        case Ruling(target=admitted.id, effect=RulingEffect.ANNUL):
            return EndingCause.ANNULLED
        case Ruling(target=admitted.id):
            return EndingCause.SUSPENDED
        case _:
            return None


def _confirmed(retraction: Admitted, docket: Docket) -> Instant:
    """Return when a retraction that would worsen a code takes effect: when an independent body countersigns it (§4)."""
    by = retraction.mandate
    return min(
        (
            other.at
            for other in docket.naming(retraction.id)
            if isinstance(other.statement.facts, CustodianRecord)
            and other.statement.facts.countersigns == retraction.id
            and other.mandate is not None
            and other.mandate.emergency is None
            and by is not None
            and independent(other.mandate, by)
        ),
        default=FOREVER,
    )


def _rests_on(admitted: Admitted) -> tuple[bytes, ...]:
    match admitted.statement.facts:
        case ContactFinding(index=index, via=via):
            return (index,) if via is None else (index, via)
        case Diagnosis(names=named):
            return (named,)
        case IsolationOrder(basis=basis):
            return (basis,)
        case _:
            return ()
