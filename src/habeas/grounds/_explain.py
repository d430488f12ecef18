"""`explain`: for one person at one instant, everything that the answer owes, read off the derivation and nothing else.

What is said of the past is what is known now: a record that was later cancelled already shows its end.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import takewhile

from habeas.evidence import Held, Kind, Method, Refused, Result, TestResult, rule_facts
from habeas.evidence import unread as is_unread
from habeas.grounds._claims import Claim, Ground
from habeas.grounds._derive import Derivation, Derived
from habeas.grounds._endings import ended_of, orders_of, record_of, signer_of
from habeas.grounds._explained import (
    Backer,
    Contest,
    Default,
    Explained,
    Grounded,
    PackRef,
    Record,
    ReliefOffer,
    Step,
    UndecidedRule,
    Unread,
)
from habeas.rules import ActiveRelief, Book, Verdict, outcome
from habeas.wire import BEGINNING, FOREVER, HOUR, Calendar, Instant, Span

__all__ = ["Clocks", "explain"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Clocks:
    """Hours that redress has: to answer, to offer a retest, to offer one for a lone positive, to mend a result.

    A declared emergency may lengthen `retest` to 48, nothing else.
    """

    answer: int = 24
    retest: int = 24
    lone_test: int = 12
    unread: int = 24


def explain(
    derivation: Derivation, at: Instant, clocks: Clocks | None = None, *, unread: Iterable[Refused] = ()
) -> Explained:
    """Return what a person is owed about the code at an instant.

    `unread` are results that nobody could read when they came in, and that therefore are not held.
    """
    derived = derivation.at(at)
    past = [derivation.at(instant) for instant in reversed(derivation.instants(Span(BEGINNING, at.after(1))))]
    future = [derivation.at(instant) for instant in derivation.instants(Span(at, FOREVER))]
    following = tuple(_following(future))
    until = following[0].at if following else FOREVER
    return Explained(
        at=at,
        calendar=_calendar(derivation.book, derived),
        code=derived.code,
        since=_code_since(past),
        until=None if until == FOREVER and not derived.grounds else until,
        following=following,
        grounds=tuple(
            _grounded(derivation, derived, ground, _standing(past, future, ground), clocks or Clocks())
            for ground in derived.grounds
        ),
        helps=_helping(derivation, derived),
        undecided=tuple(_undecided(derivation.book, derived)),
        unread=tuple(_unread(derivation, at, unread, (clocks or Clocks()).unread * HOUR)),
        orders=orders_of(derivation, at),
        ended=ended_of(derivation, at),
    )


def _unread(derivation: Derivation, at: Instant, refused: Iterable[Refused], seconds: int) -> Iterator[Unread]:
    for held in derivation.held:
        if is_unread(held, at):
            yield Unread(record=record_of(held), due=held.live.start.after(seconds))
    for one in refused:
        if one.at <= at and one.mandate is not None:
            record = Record(
                kind=Kind.TEST_RESULT,
                statement=one.statement,
                observed=one.at,
                admitted=one.at,
                since=one.at,
                signer=signer_of(one.mandate, one.mandate.body.id),
                bound=False,
            )
            yield Unread(record=record, due=one.at.after(seconds))


def _calendar(book: Book, derived: Derived) -> Calendar:
    """Return the calendar of the pack that the code rests on, else of one in force, else of the last; UTC without any."""
    if derived.winner is not None:
        return derived.winner.claim.rule.pack.calendar
    in_force = [pack for pack in book.packs if pack.in_force.covers(derived.at)]
    packs = in_force or book.packs
    return packs[-1].calendar if packs else Calendar(((BEGINNING, 0),))


def _code_since(past: list[Derived]) -> Instant | None:
    """Return since when the code is what it is; None if it was so from the beginning of time."""
    *_, since = takewhile(lambda earlier: earlier.code == past[0].code, past)
    return None if since.at == BEGINNING else since.at


def _standing(past: list[Derived], future: list[Derived], ground: Ground) -> Span:
    """Return since when a ground has stood as it does now, fully or provisionally, and until when with this code."""
    *_, since = takewhile(lambda earlier: any(_key(one) == _key(ground) for one in earlier.grounds), past)
    code = (*_key(ground), ground.severity)
    gone = (later.at for later in future if all((*_key(one), one.severity) != code for one in later.grounds))
    return Span(since.at, next(gone, FOREVER))


def _key(ground: Ground) -> tuple[str, bytes, bool]:
    return (ground.rule, ground.statement, ground.provisional)


def _following(future: list[Derived]) -> Iterator[Step]:
    """Yield each next code, down to the first at which no ground is left."""
    code = future[0].code
    for later in future:
        if later.code != code:
            code = later.code
            yield Step(at=later.at, code=code)
            if not later.grounds:
                return


def _grounded(derivation: Derivation, derived: Derived, ground: Ground, stands: Span, clocks: Clocks) -> Grounded:
    claim, rule = ground.claim, ground.claim.rule
    backers = _backers(claim, derived.at)
    code = derivation.book.codes[ground.severity]
    rung = next((severity for severity, until in claim.rungs if derived.at < until), ground.severity)
    return Grounded(
        rule=ground.rule,
        texts=rule.rule.texts,
        pack=PackRef(id=rule.pack.id, version=rule.pack.version, hash=rule.pack.hash, titles=rule.pack.titles),
        tier=rule.rule.tier,
        code=code,
        record=record_of(claim.held),
        backers=backers,
        missing=max(0, rule.support - 1 - len({backer.custodian for backer in backers})),
        provisional=ground.provisional,
        once_hours=rule.provisional // HOUR,
        capped=not ground.provisional and rule.rule.tier == 3 and ground.severity < rung,  # noqa: PLR2004 - tier 3: travel
        since=stands.start,
        until=stands.end,
        contest=_contest(derivation, derived, ground, stands, clocks),
        reliefs=tuple(_reliefs(derivation.book, claim, ground, derived.at)),
    )


def _backers(claim: Claim, at: Instant) -> tuple[Backer, ...]:
    """Return one backer a custodian, each with the record that has counted longest."""
    found: dict[str, Backer] = {}
    for row, _ in claim.backing:
        since = max(row.span.start, claim.held.live.start)
        if row.span.covers(at) and (row.custodian not in found or since < found[row.custodian].since):
            signer = signer_of(row.mandate, row.custodian)
            found[row.custodian] = Backer(custodian=row.custodian, signer=signer, record=row.record, since=since)
    return tuple(found.values())


def _contest(derivation: Derivation, derived: Derived, ground: Ground, stands: Span, clocks: Clocks) -> Contest:
    tier, held = ground.claim.rule.rule.tier, ground.claim.held
    due = None
    if tier == 1:
        default = Default.TIER1_LONE if ground.provisional else Default.TIER1
        due = stands.start.after((clocks.lone_test if ground.provisional else clocks.retest) * HOUR)
    elif tier == 2:  # noqa: PLR2004 - the tier table
        default = Default.LONE if ground.provisional else Default.TIER2
        due = stands.end if ground.provisional else None
    else:
        default = Default.FILING if ground.provisional else Default.TIER3
    others = [one.severity for one in derived.grounds if one is not ground]
    return Contest(
        signer=signer_of(held.mandate, held.issuer),
        hours=clocks.answer,
        default=default,
        due=due,
        otherwise=derivation.book.codes[max(others, default=0)],
    )


def _reliefs(book: Book, claim: Claim, ground: Ground, at: Instant) -> Iterator[ReliefOffer]:
    """Yield what would still bring the code of a ground down: its window is open, and it cuts below where it stands."""
    calendar, rule = claim.rule.pack.calendar, claim.rule
    day = calendar.day(claim.rungs[0][1]) - rule.ladder[0][1]  # the first rung ends so many days after the event's day
    for relief, rows in claim.relief:
        window = Span(calendar.start_of(day + relief.first), calendar.start_of(day + relief.last + 1))
        counted = len({counted_day for counted_day, span in rows if span.covers(at)})
        if relief.cuts_to < ground.severity and at < window.end and counted < relief.days:
            yield ReliefOffer(
                kind=relief.kind,
                methods=_methods(relief),
                days=relief.days,
                counted=counted,
                window=window,
                cuts_to=book.codes[relief.cuts_to],
            )


def _methods(relief: ActiveRelief) -> tuple[Method, ...]:
    """Return by which methods a clear test relieves: each is put to the relief's own condition."""
    if relief.kind is not Kind.TEST_RESULT:
        return ()
    return tuple(
        method
        for method in Method
        if outcome(
            relief.when,
            {
                "facts": dict(rule_facts(TestResult(method=method, result=Result.NEGATIVE, sample=bytes(16)))),
                "pack": dict(relief.parameters),
            },
        ).verdict
        is Verdict.HOLDS
    )


def _helping(derivation: Derivation, derived: Derived) -> tuple[Record, ...]:
    """Return the records that count towards the relief of something that is, or without them would be, a ground."""
    found: dict[bytes, Held] = {}
    for claim in derivation.claims:
        if claim.window.covers(derived.at) and derived.at < claim.rungs[-1][1]:
            for held in derivation.held:
                if held.id not in found and _helps(derivation.book, claim, held, derived.at):
                    found[held.id] = held
    return tuple(record_of(held) for held in found.values())


def _helps(book: Book, claim: Claim, held: Held, at: Instant) -> bool:
    day = claim.rule.pack.calendar.day(held.observed)
    return (
        held.helps
        and held.live.covers(at)
        and held.expires > claim.held.live.start
        and any(
            relief.kind is held.kind and (day, held.live) in rows and book.relieves(relief, held)
            for relief, rows in claim.relief
        )
    )


def _undecided(book: Book, derived: Derived) -> Iterator[UndecidedRule]:
    for row in derived.undecided:
        texts = next(active.rule.texts for active in book.rules if active.rule.id == row.rule)
        yield UndecidedRule(rule=row.rule, texts=texts, statement=row.statement, fault=row.reason)
