"""Derivation: the one function from packs and what is held to a code, at an instant or over time (I1)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from habeas.evidence import EndingCause, Held
from habeas.grounds._claims import Claim, Ground, Undecided, claims_of, undecided_of
from habeas.rules import Book, Code
from habeas.wire import FOREVER, Instant, Span

__all__ = ["Cause", "Change", "Derivation", "Derived", "derive"]


@dataclass(frozen=True, slots=True, order=True)
class Cause:
    """Why something changed at an instant: what happened, and to what.

    `what` is one of `admitted`, `backed`, `unbacked`, `helped`, `retracted`, `corrected`, `annulled`, `suspended`, `index`,
    `expired`, `moved`, `bound`, `lapsed`, `measured`, `rules`; `by` the id of the statement (or pack) that it came by.
    """

    what: str
    by: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Derived:
    """The answer for one person at one instant: `code` is None when no pack is in force (I14)."""

    at: Instant
    code: Code | None
    grounds: tuple[Ground, ...]
    undecided: tuple[Undecided, ...]

    @property
    def winner(self) -> Ground | None:
        """The ground that the code rests on; None for the default."""
        return self.grounds[0] if self.grounds else None

    def fingerprint(self) -> tuple[object, ...]:
        """Return what must differ for the answer to have changed."""
        return (
            self.code.id if self.code else None,
            tuple((ground.severity, ground.rule, ground.statement, ground.provisional) for ground in self.grounds),
            tuple((row.rule, row.statement) for row in self.undecided),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """An instant from which the answer is another, with its causes; `until` is the next change of the *code*."""

    derived: Derived
    causes: tuple[Cause, ...]
    until: Instant


class Derivation:
    """A person's claims under a book, from which every reader takes its answer (I9).

    Building it is the work; `at` and `timeline` compare numbers.
    """

    def __init__(self, book: Book, held: Sequence[Held]) -> None:
        self.book = book
        self.held = tuple(held)
        self.claims: tuple[Claim, ...] = claims_of(book, self.held)
        self.undecided = undecided_of(book, self.held)

    def at(self, instant: Instant) -> Derived:
        """Return the code and its grounds at an instant, strongest first."""
        book = self.book
        if not book.in_force(instant):
            return Derived(at=instant, code=None, grounds=(), undecided=())
        grounds = sorted(
            (ground for claim in self.claims if (ground := claim.at(instant)) is not None),
            key=lambda ground: ground.place,
            reverse=True,
        )
        return Derived(
            at=instant,
            code=book.codes[grounds[0].severity if grounds else 0],
            grounds=tuple(grounds),
            undecided=tuple(row for row in self.undecided if row.span.covers(instant)) if self.undecided else (),
        )

    def instants(self, span: Span) -> list[Instant]:
        """Return every instant of `span` at which anything can change, its start first: a finite set, no stepping."""
        found = {span.start, *self._edges()}
        for period, _ in self.book.periods:
            found.update((period.start, period.end))
        return sorted(instant for instant in found if span.covers(instant))

    def next_edge(self, after: Instant) -> Instant | None:
        """Return the next instant at which this person's claims can change by time alone; packs' ends are not looked at."""
        return min((instant for instant in self._edges() if after < instant < FOREVER), default=None)

    def _edges(self) -> set[Instant]:
        found = {edge for claim in self.claims for edge in claim.edges()}
        for row in self.undecided:
            found.update((row.span.start, row.span.end))
        return found

    def timeline(self, span: Span) -> tuple[Change, ...]:
        """Return the changes within `span`, the first of them the state at its start."""
        changed: list[Derived] = []
        for instant in self.instants(span):
            derived = self.at(instant)
            if not changed or derived.fingerprint() != changed[-1].fingerprint():
                changed.append(derived)
        rows = []
        for place, derived in enumerate(changed):
            until = next((later.at for later in changed[place + 1 :] if later.code != derived.code), span.end)
            rows.append(Change(derived=derived, causes=self.causes(derived.at), until=until))
        return tuple(rows)

    def until(self, instant: Instant) -> Instant:
        """Return the next instant at which the code differs, if nothing new happens; `FOREVER` if it never does."""
        now = self.at(instant).code
        for later in self.instants(Span(instant, FOREVER)):
            if self.at(later).code != now:
                return later
        return FOREVER

    def causes(self, instant: Instant) -> tuple[Cause, ...]:
        """Return what happened at an instant that this person's answer can turn on."""
        return tuple(sorted(set(self._causes(instant))))

    def _causes(self, instant: Instant) -> Iterator[Cause]:
        for one in self.held:
            if not one.live:
                continue  # it had ended before it came to this person
            if one.live.start == instant:
                yield Cause("bound" if one.bound else "helped" if one.helps else "admitted", one.id)
            if one.live.end == instant and one.ended.cause is not EndingCause.NONE:
                yield Cause(one.ended.cause.value, one.ended.by or one.id)
        for claim in self.claims:
            yield from _causes_of(claim, instant)
        for row in self.undecided:
            if instant in (row.active.in_force.start, row.active.in_force.end) and instant in (
                row.span.start,
                row.span.end,
            ):
                yield Cause("rules", row.active.pack.hash)
        for span, pack in self.book.periods:
            if instant in (span.start, span.end):
                yield Cause("rules", pack.hash)


def _causes_of(claim: Claim, instant: Instant) -> Iterator[Cause]:
    live = claim.held.live
    if not live.start <= instant <= live.end:
        return
    for row, _ in claim.backing:
        if row.span.start == instant and live.start < instant < live.end:
            yield Cause("backed", row.record)
        if row.span.end == instant and live.start < instant < live.end:
            yield Cause("unbacked", row.record)
    ended = instant == claim.provisional.end and not claim.supported_at(Instant(instant - 1))
    if (ended or any(instant == until for _, until in claim.rungs)) and claim.window.covers(instant - 1):
        yield Cause("lapsed", claim.held.id)
    if live.covers(instant) and any(instant in (span.start, span.end) for span in claim.exceptions):
        yield Cause("measured", claim.rule.pack.hash)
    if instant in (claim.rule.in_force.start, claim.rule.in_force.end):
        yield Cause("rules", claim.rule.pack.hash)


def derive(book: Book, held: Sequence[Held], at: Instant) -> Derived:
    """Return the code of a person at an instant: nothing else makes one (I1)."""
    return Derivation(book, held).at(at)
