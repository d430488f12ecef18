"""`hold`: what is held about one person, with every cross-reference resolved into spans of time.

This alone looks across statements and people (docs/design.md §4). What comes out is the person's own: statements that can be a
ground or a relief, when each is live, who stands behind it and when, and whether it may open a provisional ground at
all. From here on nobody else's data is needed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from habeas.evidence._admitted import Admitted, favourable
from habeas.evidence._docket import GROUND_KINDS, Docket
from habeas.evidence._ending import Ending, EndingCause, ending
from habeas.evidence._facts import rule_facts
from habeas.evidence._kinds import ContactFinding, Diagnosis, Facts, Kind, Result, TestResult
from habeas.evidence._limits import CONTACT_ONCE, Limits
from habeas.evidence._support import Backing, backing, countersigned
from habeas.mandates import Mandate
from habeas.wire import FOREVER, Instant, Span

__all__ = ["Held", "LimitsAt", "hold", "unread"]

LimitsAt = Callable[[Instant], Limits]
"""The limits in force at an instant; a statement is judged by those of its admission."""

_HELD_KINDS = GROUND_KINDS | {
    Kind.RECOVERY,
    Kind.VACCINATION,
    Kind.EXEMPTION,
    Kind.DISCHARGE,
    Kind.ISOLATION_ORDER,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One admitted statement about a person, ready for rules.

    `live` is half-open: from admission (or binding) to whatever ended it, which `ended` names. `expires` is its own
    expiry, kept apart for what helps. `event` is what it is about (sample, index), equal for statements about the same.
    `rule_facts` is all that a rule can see. `opens` says whether it may open a provisional ground, as far as can be said
    before rules are met. `bound` says that it came to this person by a merge or a split after it was admitted.
    """

    id: bytes
    kind: Kind
    facts: Facts
    rule_facts: tuple[tuple[str, object], ...]
    issuer: str
    mandate: Mandate | None
    observed: Instant
    admitted: Instant
    live: Span
    ended: Ending
    expires: Instant
    event: bytes
    backing: tuple[Backing, ...]
    opens: bool
    helps: bool
    bound: bool
    ruled: Instant = FOREVER


def hold(subject: bytes, docket: Docket, limits_at: LimitsAt) -> tuple[Held, ...]:
    """Return what is held about a person, in the order in which it began to count.

    A statement is held for as long as its reference is bound to the person, so a merge or a split is felt from its
    instant on. `limits_at` gives the limits by which each statement is judged.
    Nothing about an instant depends on what was admitted later.
    """
    rows = []
    for binding in docket.registry.bindings(subject):
        for admitted in docket.about(binding.ref):
            if admitted.kind not in _HELD_KINDS or admitted.at >= binding.time.end:
                continue
            ended = ending(admitted, docket)
            if binding.time.end < ended.at:
                ended = Ending(binding.time.end, EndingCause.MOVED)
            start = max(admitted.at, binding.time.start, _effective(admitted, docket, limits_at(admitted.at)))
            if start < binding.time.end:
                rows.append(_Row(admitted, Span(start, ended.at), ended, bound=binding.time.start > admitted.at))
    rows.sort(key=lambda row: row.place)
    return tuple(_held(row, rows[:at], docket, limits_at) for at, row in enumerate(rows))


@dataclass(frozen=True, slots=True)
class _Row:
    """An admitted statement as it falls to one person."""

    admitted: Admitted
    live: Span
    ended: Ending
    bound: bool

    @property
    def place(self) -> tuple[Instant, Instant, bytes]:
        """Its order: by when it began to count for this person, so that nothing later can change what came before."""
        return (self.live.start, *self.admitted.key)


def _held(row: _Row, before: list[_Row], docket: Docket, limits_at: LimitsAt) -> Held:
    admitted = row.admitted
    statement = admitted.statement
    adverse = admitted.kind in GROUND_KINDS and not favourable(admitted)
    return Held(
        id=admitted.id,
        kind=admitted.kind,
        facts=statement.facts,
        rule_facts=rule_facts(statement.facts),
        issuer=admitted.issuer,
        mandate=admitted.mandate,
        observed=statement.observed,
        admitted=admitted.at,
        live=row.live,
        ended=row.ended,
        expires=admitted.expires,
        event=_event(statement.facts, docket),
        backing=backing(admitted, docket, limits_at(admitted.at)) if adverse and row.live else (),
        opens=adverse and _opens(row, before),
        helps=favourable(admitted),
        bound=row.bound,
        ruled=_ruled(admitted, docket),
    )


def _ruled(admitted: Admitted, docket: Docket) -> Instant:
    """Return when a statement was first ruled out, whatever had ended it before: taking it back first spares nothing."""
    rulings = (other.at for other in docket.naming(admitted.id) if other.kind is Kind.RULING)
    return min(rulings, default=FOREVER)


def _opens(row: _Row, before: list[_Row]) -> bool:
    """Tier 2: a lone finding is provisional once a person in 14 days, over all rules, offices and events (I4)."""
    if row.admitted.kind is not Kind.CONTACT_FINDING:
        return True
    since = row.live.start - CONTACT_ONCE
    return not any(other.admitted.kind is Kind.CONTACT_FINDING and other.live.start > since for other in before)


def _effective(admitted: Admitted, docket: Docket, limits: Limits) -> Instant:
    """Return since when a statement can have any effect: a finding beyond its index's cap only once countersigned."""
    facts = admitted.statement.facts
    if not isinstance(facts, ContactFinding):
        return admitted.at
    earlier = sum(
        isinstance(other.statement.facts, ContactFinding) and other.key < admitted.key
        for other in docket.naming(facts.index)
    )
    return admitted.at if earlier < limits.contacts_an_index else countersigned(admitted, docket)


def _event(facts: Facts, docket: Docket) -> bytes:
    if isinstance(facts, TestResult):
        return facts.sample
    if isinstance(facts, ContactFinding):
        index = docket.get(facts.index)
        return _event(index.statement.facts, docket) if index else b""
    if isinstance(facts, Diagnosis):
        named = docket.get(facts.names)
        return _event(named.statement.facts, docket) if named else b""
    return b""


def unread(held: Held, at: Instant) -> bool:
    """Whether it is a result that its laboratory said it could not read, and has not yet sent again (I2)."""
    return isinstance(held.facts, TestResult) and held.facts.result is Result.UNREAD and held.live.covers(at)
