"""When a pack counts: its notice, and the end of what it succeeds (I8, I14)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from habeas.rules._pack import Anchor, Pack, Rule
from habeas.rules.errors import BookError
from habeas.wire import HOUR, Instant, Span

__all__ = ["NOTICE", "Ladder", "effective_spans", "ladder_of", "nothing_stricter", "pointwise"]

NOTICE = 48 * HOUR

Ladder = tuple[tuple[int, int], ...]
"""((severity, days), …): that severity until the start of the day so many days after the event; severity falls."""


def effective_spans(packs: tuple[Pack, ...], logged: Mapping[bytes, Instant]) -> dict[str, Span]:
    """Return when each pack counts, by id; raises `BookError` for packs that succeed each other in a circle.

    From its notice on: 48 hours after it was logged, or if nothing in it is stricter than in the pack that it succeeds or
    lies over, as soon as that counts. To its own end, the start of its successor, or the end of the pack that it lies over.
    """
    by_id = {pack.id: pack for pack in packs}
    spans: dict[str, Span] = {}
    for pack in packs:
        before = by_id.get(pack.succeeds or pack.over or "")
        waits = 0 if before is not None and nothing_stricter(pack, before) else NOTICE
        at = logged.get(pack.hash, pack.published)
        spans[pack.id] = Span(max(pack.in_force.start, at.after(waits)), pack.in_force.end)
    for pack in _in_order(packs, by_id):
        if pack.succeeds is not None and spans[pack.id]:
            old = spans[pack.succeeds]
            if nothing_stricter(
                pack, by_id[pack.succeeds]
            ):  # than what does not count yet, it may well be stricter than what does
                spans[pack.id] = Span(max(spans[pack.id].start, old.start), max(old.start, spans[pack.id].end))
            spans[pack.succeeds] = Span(old.start, max(old.start, min(old.end, spans[pack.id].start)))
    for pack in packs:
        if pack.over is not None:
            spans[pack.id] = spans[pack.id].cut(spans[pack.over])
    return {name: span or Span(span.start, span.start) for name, span in spans.items()}


def _in_order(packs: Iterable[Pack], by_id: Mapping[str, Pack]) -> list[Pack]:
    """Return the packs, each after the one that it succeeds."""
    done: list[Pack] = []
    waiting = list(packs)
    while waiting:
        ready = [pack for pack in waiting if pack.succeeds is None or by_id[pack.succeeds] in done]
        if not ready:
            raise BookError(f"these packs succeed each other in a circle: {', '.join(pack.id for pack in waiting)}")
        done += ready
        waiting = [pack for pack in waiting if pack not in ready]
    return done


def nothing_stricter(new: Pack, old: Pack) -> bool:
    """Whether a pack can only soften another: the same rules or fewer, each milder or equal in everything.

    A layer over it is softening by its nature, but for rules under an act of its own and for measured arrivals.
    """
    if new.arrivals and new.arrivals != old.arrivals:
        return False
    if new.limits.milder(old.limits) != new.limits:
        return False
    if new.over == old.id:
        return all(rule.own_act is None for rule in new.rules)
    milder_codes = all(
        new.code(mine).severity <= old.code(its).severity
        for mine, its in ((new.provisional, old.provisional), (new.default, old.default))
    )
    if not milder_codes or new.parameters != old.parameters or new.calendar != old.calendar:
        return False
    before = {rule.id: rule for rule in old.rules}
    return all(rule.id in before and _softer(rule, new, before[rule.id], old) for rule in new.rules)


def _softer(rule: Rule, new: Pack, known: Rule, old: Pack) -> bool:
    ladder = ladder_of(rule, new)
    return (
        rule.when == known.when
        and (rule.kind, rule.tier) == (known.kind, known.tier)
        and known.in_force.end >= old.in_force.end
        and pointwise(ladder, ladder_of(known, old)) == pointwise(ladder, ladder)
        and rule.support >= known.support
        and rule.provisional_hours <= known.provisional_hours
        and all(relief in rule.relief for relief in known.relief)
    )


def ladder_of(rule: Rule, pack: Pack) -> Ladder:
    """Return a rule's ladder in severities and days after the event's own."""
    shift = 1 if rule.anchor is Anchor.DAY0 else 0  # day 0 is the event's own day, so day N ends a day later
    return tuple((pack.code(rung.code).severity, rung.until_day + shift) for rung in rule.ladder)


def pointwise(one: Ladder, other: Ladder) -> Ladder:
    """Return the ladder that is on every day the milder of both."""
    ends = sorted({days for _, days in one} | {days for _, days in other})
    rows: list[tuple[int, int]] = []
    for end in ends:
        severity = min(_severity(one, end - 1), _severity(other, end - 1))
        if severity and rows and rows[-1][0] == severity:
            rows[-1] = (severity, end)
        elif severity:
            rows.append((severity, end))
    return tuple(rows)


def _severity(ladder: Ladder, day: int) -> int:
    return next((severity for severity, days in ladder if day < days), 0)
