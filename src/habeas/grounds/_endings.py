"""What has ended, and in which word: every adverse record stays visible after it counts no more (I10).

A record that was annulled after it lapsed was wrong, and says so; one that lapsed before its own expiry lapsed.
"""

from __future__ import annotations

from habeas.evidence import EndingCause, Held, IsolationOrder, Kind
from habeas.grounds._claims import Claim
from habeas.grounds._derive import Derivation
from habeas.grounds._explained import Ended, EndWord, Order, Record, Signer
from habeas.mandates import Mandate
from habeas.wire import Instant

__all__ = ["claim_end", "ended_at", "ended_of", "orders_of", "record_of", "signer_of"]

_WORDS = {
    EndingCause.ANNULLED: EndWord.ANNULLED,
    EndingCause.RETRACTED: EndWord.RETRACTED,
    EndingCause.CORRECTED: EndWord.CORRECTED,
    EndingCause.SUSPENDED: EndWord.SUSPENDED,
    EndingCause.INDEX: EndWord.BASIS,
    EndingCause.EXPIRED: EndWord.EXPIRED,
    EndingCause.MOVED: EndWord.MOVED,
}


def signer_of(mandate: Mandate | None, issuer: str) -> Signer:
    """Return whose word it is: the mandated body, else the issuer as admission named it."""
    return Signer(id=mandate.body.id, names=mandate.body.names) if mandate else Signer(id=issuer)


def record_of(held: Held) -> Record:
    """Return what an explanation says of a statement."""
    return Record(
        kind=held.kind,
        statement=held.id,
        observed=held.observed,
        admitted=held.admitted,
        since=held.live.start,
        signer=signer_of(held.mandate, held.issuer),
        bound=held.bound,
    )


def ended_at(held: Held, at: Instant) -> Ended | None:
    """Return how an event or its own expiry had ended a statement by an instant, if one had."""
    if held.ended.cause is EndingCause.NONE or held.ended.at > at:
        return None
    word = _WORDS[held.ended.cause]
    if word is EndWord.BASIS and held.kind is Kind.CONTACT_FINDING:
        word = EndWord.INDEX
    return Ended(record=record_of(held), word=word, at=held.ended.at, by=held.ended.by or held.id)


def claim_end(claim: Claim, at: Instant) -> tuple[EndWord, Instant] | None:
    """Return why and since when a claim gives no ground at an instant; None while it gives one, or has yet to begin."""
    if at < claim.window.start or claim.at(at) is not None:
        return None
    edges = sorted({edge for edge in claim.edges() if claim.window.start <= edge <= at}, reverse=True)
    since = at
    for edge in edges:
        if claim.at(edge) is not None:
            break
        since = edge
    return _word(claim, since), since


def _word(claim: Claim, at: Instant) -> EndWord:
    if not claim.window.covers(at):
        return EndWord.RULES
    if at >= claim.rungs[-1][1]:
        return EndWord.LAPSED
    if claim.supported_at(at):
        fresh = claim.fresh or any(new for row, new in claim.backing if row.span.covers(at))
        return EndWord.RELIEVED if fresh else EndWord.AGAIN
    if claim.provisional.covers(at):
        return EndWord.RELIEVED
    if not claim.provisional:
        return EndWord.ONCE
    return EndWord.SHORT if any(row.span.covers(at) for row, _ in claim.backing) else EndWord.UNBACKED


def ended_of(derivation: Derivation, at: Instant) -> tuple[Ended, ...]:
    """Return every adverse record that had been on the person and is no ground at an instant, newest end first."""
    standing = {ground.statement for ground in derivation.at(at).grounds}
    found = []
    for held in derivation.held:
        if held.helps or held.kind is Kind.ISOLATION_ORDER or held.id in standing or held.live.start > at:
            continue
        by_event = ended_at(held, at)
        by_time = _by_time(derivation, held, at)
        if by_time is not None and (by_event is None or by_event.word is EndWord.EXPIRED) and held.live.start <= at:
            found.append(by_time if by_event is None or by_time.at < by_event.at else by_event)
        elif by_event is not None:
            found.append(by_event)
    return tuple(sorted(found, key=lambda end: (-end.at, end.record.statement)))


def _by_time(derivation: Derivation, held: Held, at: Instant) -> Ended | None:
    """Return the last end that time, support or relief put to a statement's claims, before any event did."""
    ends = [
        end for claim in derivation.claims if claim.held.id == held.id and (end := claim_end(claim, at)) is not None
    ]
    if not ends:
        return None
    word, since = max(ends, key=lambda end: (end[1], end[0].value))
    return Ended(record=record_of(held), word=word, at=since, by=held.id)


def orders_of(derivation: Derivation, at: Instant) -> tuple[Order, ...]:
    """Return the person's isolation orders; one stands while it is live and its basis is a supported ground."""
    supported = {ground.statement for ground in derivation.at(at).grounds if not ground.provisional}
    return tuple(
        Order(
            record=record_of(held),
            basis=held.facts.basis,
            review=held.facts.review,
            stands=held.live.covers(at) and held.facts.basis in supported,
            ended=ended_at(held, at),
        )
        for held in derivation.held
        if isinstance(held.facts, IsolationOrder) and held.live.start <= at
    )
