"""Claims: one rule met with one statement of a person, with all of its time worked out.

Everything that looks at other statements of the person happens here, once: the clock of an earlier statement about the
same event, the renewal that needs a new custodian, the tests that relieve. Afterwards a claim answers for any instant by
comparing numbers.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from habeas.evidence import Backing, EndingCause, Held
from habeas.mandates import Mandate, independent
from habeas.rules import ActiveRelief, ActiveRule, Arrivals, Book, Verdict
from habeas.wire import DAY, Instant, Span

__all__ = ["Claim", "Ground", "Undecided", "claims_of", "undecided_of"]

_TRAVEL_TIER = 3


@dataclass(frozen=True, slots=True)
class Undecided:
    """A rule that could not be worked out for a statement: it contributes no ground (I2), and is listed for somebody to mend.

    `span` is when it would have counted; `active` the rule as it was in force.
    """

    rule: str
    statement: bytes
    reason: str
    span: Span
    active: ActiveRule


@dataclass(frozen=True, slots=True)
class Ground:
    """Why a code is what it is at an instant: the winning rung of one rule over one statement.

    Ordered as docs/design.md §4 has it: by severity, end, rule, statement. `until` is the end of this rung, or of the
    provisional window; it was fixed when the ground arose (I3).
    """

    severity: int
    until: Instant
    rule: str
    statement: bytes
    provisional: bool
    claim: Claim

    @property
    def place(self) -> tuple[int, Instant, str, bytes]:
        """By what the winning ground is found."""
        return (self.severity, self.until, self.rule, self.statement)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Claim:
    """A rule over a statement. `window` is when it can count at all; `rungs` hold severity and the instant of its end.

    `provisional` is the window of a ground short of its support; empty if it may not open one. `fresh` says whether the
    signer alone is a custodian that no ended claim on the same ground had; if not, one of the backers must be.
    """

    rule: ActiveRule
    held: Held
    window: Span
    rungs: tuple[tuple[int, Instant], ...]
    provisional: Span
    fresh: bool
    backing: tuple[tuple[Backing, bool], ...]
    relief: tuple[tuple[ActiveRelief, tuple[tuple[int, Span], ...]], ...]
    exceptions: tuple[Span, ...]
    ask: int

    def at(self, instant: Instant) -> Ground | None:
        """Return the ground at an instant, if there is one."""
        if not self.window.covers(instant):
            return None
        voices = [(row.custodian, new) for row, new in self.backing if row.span.covers(instant)]
        supported = 1 + len({name for name, _ in voices}) >= self.rule.support
        if supported and not (self.fresh or any(new for _, new in voices)):
            return None
        if not supported and not self.provisional.covers(instant):
            return None
        highest = self._highest(instant, supported=supported)
        cut = self._cut(instant)
        steps = [
            (min(severity, highest), until) for severity, until in self.rungs if instant < until and severity <= cut
        ]
        if not steps or steps[0][0] == 0:
            return None
        severity = steps[0][0]
        end = max(until for step, until in steps if step == severity)  # rungs that the tier table makes one are one
        end = min(end, self.rule.ends, self.held.expires)
        if not supported:
            end = min(end, self.provisional.end)
        return Ground(severity, end, self.rule.rule.id, self.held.id, not supported, self)

    def supported_at(self, instant: Instant) -> bool:
        """Whether enough custodians stand behind it at an instant."""
        names = {row.custodian for row, _ in self.backing if row.span.covers(instant)}
        return 1 + len(names) >= self.rule.support

    def edges(self) -> Iterator[Instant]:
        """Yield every instant at which its answer can change."""
        yield from (self.window.start, self.window.end, self.provisional.start, self.provisional.end)
        yield from (until for _, until in self.rungs)
        for row, _ in self.backing:
            yield from (row.span.start, row.span.end)
        for span in (*self.exceptions, *(span for _, rows in self.relief for _, span in rows)):
            yield from (span.start, span.end)

    def _highest(self, instant: Instant, *, supported: bool) -> int:
        """Return the most severe code that the tier table allows at an instant (I4)."""
        if not supported:
            return self.rule.provisional_severity
        if self.rule.rule.tier == _TRAVEL_TIER and not any(span.covers(instant) for span in self.exceptions):
            return self.ask
        return self.rungs[0][0]

    def _cut(self, instant: Instant) -> int:
        """Return the severity above which rungs have fallen: tests on enough different days cut, and never extend."""
        cut = self.rungs[0][0]
        for relief, rows in self.relief:
            if len({day for day, span in rows if span.covers(instant)}) >= relief.days:
                cut = min(cut, relief.cuts_to)
        return cut


def claims_of(book: Book, held: Sequence[Held]) -> tuple[Claim, ...]:
    """Return every claim of the book's rules on a person, in the order of the statements."""
    found = []
    for at, one in enumerate(held):
        for rule in book.by_kind.get(one.kind, ()):
            if one.helps or not one.live or not rule.sees.covers(one.admitted):
                continue
            if book.verdict(rule, one).verdict is Verdict.HOLDS:
                claim = _claim(book, rule, one, held[:at], held)
                if claim.rungs and claim.window:
                    found.append(claim)
    return tuple(found)


def undecided_of(book: Book, held: Iterable[Held]) -> tuple[Undecided, ...]:
    """Return the rules that could not be worked out, with the span in which they would have counted."""
    found = []
    for one in held:
        for rule in book.by_kind.get(one.kind, ()):
            span = one.live.cut(rule.in_force)
            if one.helps or not span or not rule.sees.covers(one.admitted):
                continue
            said = book.verdict(rule, one)
            if said.verdict is Verdict.UNDECIDED:
                found.append(Undecided(rule.rule.id, one.id, said.reason, span, rule))
    return tuple(found)


def _claim(book: Book, rule: ActiveRule, one: Held, before: Sequence[Held], held: Sequence[Held]) -> Claim:
    earlier = [
        other
        for other in before
        if other.kind is one.kind
        and not other.helps
        and other.id != one.id
        and other.live.start > one.live.start - rule.days * DAY
        and book.verdict(rule, other).verdict is Verdict.HOLDS
    ]
    calendar = rule.pack.calendar
    clock = _clock(book, one, before)
    day = calendar.day(clock)
    rungs = tuple(
        (severity, min(each.start_of(each.day(clock) + days) for each in rule.calendars))
        for severity, days in rule.ladder
    )
    spent = _spent(rule, one, earlier)
    again = any(_same_custodian(one.mandate, other.mandate) for other in earlier)
    fresh = _is_new(one.mandate, one.issuer, spent)
    start = _opened(one)
    opens = one.opens and fresh and not again
    return Claim(
        rule=rule,
        held=one,
        window=one.live.cut(rule.in_force),
        rungs=rungs,
        provisional=Span(start, start.after(rule.provisional) if opens else start),
        fresh=fresh,
        backing=tuple((row, _is_new(row.mandate, row.custodian, spent)) for row in one.backing),
        relief=tuple((relief, _relieving(book, relief, rule, one, day, held)) for relief in rule.relief),
        exceptions=_exceptions(rule.arrivals, one),
        ask=book.ask,
    )


def _clock(book: Book, one: Held, before: Iterable[Held]) -> Instant:
    """Return from when days count: a new statement about the same event continues the old clock, however old (I3)."""
    lenders = (other for other in before if other.kind is one.kind and not other.helps and _lends_clock(other, one))
    counted = (
        other
        for other in lenders
        if any(book.verdict(each, other).verdict is Verdict.HOLDS for each in _rules_at(book, one))
    )
    return min([one.observed, *(other.admitted if _undone(other, one) else other.observed for other in counted)])


def _rules_at(book: Book, one: Held) -> Iterable[ActiveRule]:
    return book.by_kind.get(one.kind, ())


def _undone(other: Held, one: Held) -> bool:
    """Whether a statement had been taken back or put right: it lends no date, but nothing can be seen after its report."""
    return other.ended.cause in (EndingCause.RETRACTED, EndingCause.CORRECTED) and other.ended.at <= one.live.start


def _lends_clock(other: Held, one: Held) -> bool:
    """Whether a statement continues the clock of an earlier one: it is about the same event of the same person."""
    moved = other.ended.cause is EndingCause.MOVED and other.ended.at <= one.live.start
    return bool(one.event) and other.event == one.event and not moved


def _opened(one: Held) -> Instant:
    """Return when a statement first had effect: a merge or a split starts no clock anew."""
    return one.admitted if one.bound else one.live.start


def _spent(rule: ActiveRule, one: Held, earlier: Iterable[Held]) -> list[tuple[str, Mandate | None]]:
    """Return the custodians of earlier claims on the same ground that had lapsed or been ruled out before this one (I3)."""
    spent: list[tuple[str, Mandate | None]] = []
    start = one.live.start
    for other in earlier:
        if rule.rule.tier == 1 and other.event != one.event:
            continue  # another sample is another event; only a sampling record of its own can support it
        ruled = other.ruled <= start
        behind = [row for row in other.backing if row.span.start < start]
        standing = {row.custodian for row in behind if row.span.covers(start)}
        lapsed = 1 + len(standing) < rule.support and _opened(other).after(rule.provisional) <= start
        if ruled or lapsed:
            spent += [(other.issuer, other.mandate), *((row.custodian, row.mandate) for row in behind)]
    return spent


def _is_new(mandate: Mandate | None, name: str, spent: Iterable[tuple[str, Mandate | None]]) -> bool:
    for other_name, other in spent:
        if name == other_name or (mandate is not None and other is not None and not independent(mandate, other)):
            return False
    return True


def _same_custodian(one: Mandate | None, other: Mandate | None) -> bool:
    return one is not None and other is not None and not independent(one, other)


def _relieving(
    book: Book, relief: ActiveRelief, rule: ActiveRule, one: Held, day: int, held: Iterable[Held]
) -> tuple[tuple[int, Span], ...]:
    """Return (local day, span) of every statement that counts towards a relief.

    What had expired before the ground arose does not count; what expires later still does, for time alone never worsens.
    """
    calendar = rule.pack.calendar
    rows = []
    for other in held:
        if other.kind is not relief.kind or not other.helps or other.expires <= one.live.start:
            continue
        other_day = calendar.day(other.observed)
        if day + relief.first <= other_day <= day + relief.last and book.relieves(relief, other):
            rows.append((other_day, other.live))
    return tuple(rows)


def _exceptions(arrivals: Iterable[Arrivals], one: Held) -> tuple[Span, ...]:
    """Return when supported travel may close gates: positivity measured by a body that signs none of it (tier 3)."""
    bodies = [mandate.body for mandate in (one.mandate, *(row.mandate for row in one.backing)) if mandate is not None]
    linked = {name for body in bodies for name in (body.id, body.superior, body.operator)}
    return tuple(row.time for row in arrivals if row.measured_by not in linked)
