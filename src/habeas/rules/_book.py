"""The book: packs in force, laid over each other and after each other, as one list of active rules.

Layers are merged by rule id, pointwise milder, unless the lower layer names its own published act. A phase that
succeeds another takes over its running grounds under the milder of both rules; what is new or stricter sees only
statements admitted after it came into force (docs/design.md §4).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from habeas.evidence import Held, Kind, Limits
from habeas.rules._certlogic import Logic, Outcome, Verdict, outcome
from habeas.rules._pack import Anchor, Arrivals, Code, Effect, Pack, Rule
from habeas.rules.errors import BookError
from habeas.wire import FOREVER, HOUR, Instant, Span

__all__ = ["NOTICE", "ActiveRelief", "ActiveRule", "Book", "Ladder", "make_book"]

NOTICE = 48 * HOUR

Ladder = tuple[tuple[int, int], ...]
"""((severity, days), …): that severity until the start of the day so many days after the event; severity falls."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ActiveRelief:
    """A relief with its severity worked out: rungs above `cuts_to` fall."""

    kind: Kind
    when: Logic
    parameters: Mapping[str, object]
    days: int
    first: int
    last: int
    cuts_to: int


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class ActiveRule:
    """A rule as it is in force from `in_force.start`, for statements admitted within `sees`.

    More than one `condition` means that each must hold: the rule's own, and those of the layer or phase before it.
    """

    rule: Rule
    pack: Pack
    conditions: tuple[tuple[Logic, Mapping[str, object]], ...]
    ladder: Ladder
    support: int
    provisional: int
    provisional_severity: int
    relief: tuple[ActiveRelief, ...]
    arrivals: tuple[Arrivals, ...]
    in_force: Span
    sees: Span

    @property
    def days(self) -> int:
        """How many days the whole ladder runs from the event."""
        return max((days for _, days in self.ladder), default=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """All active rules over time, on one scale of codes; `spans` are those in which any pack is in force (I14)."""

    codes: tuple[Code, ...]
    packs: tuple[Pack, ...]
    rules: tuple[ActiveRule, ...]
    spans: tuple[Span, ...]
    by_kind: Mapping[Kind, tuple[ActiveRule, ...]]
    ask: int
    _verdicts: dict[tuple[int, tuple[tuple[str, object], ...]], Outcome] = field(default_factory=dict, repr=False)

    def in_force(self, at: int) -> bool:
        """Whether any pack is in force; if none is, nobody has a code and every gate is open (I14)."""
        return any(span.covers(at) for span in self.spans)

    def limits_at(self, at: Instant) -> Limits:
        """Return the limits in force at an instant: the milder of all packs then in force, else the tier table's own."""
        limits = Limits()
        for pack in self.packs:
            if pack.in_force.covers(at):
                limits = limits.milder(pack.limits)
        return limits

    def verdict(self, rule: ActiveRule, held: Held) -> Outcome:
        """Return whether a rule's conditions hold for a statement; equal facts are worked out once."""
        key = (id(rule), held.rule_facts)
        known = self._verdicts.get(key)
        if known is None:
            known = self._verdicts[key] = _verdict(rule.conditions, held.rule_facts)
        return known

    def relieves(self, relief: ActiveRelief, held: Held) -> bool:
        """Whether a statement is of the kind that a relief wants; a relief that errs relieves nothing."""
        key = (id(relief), held.rule_facts)
        known = self._verdicts.get(key)
        if known is None:
            known = self._verdicts[key] = _verdict(((relief.when, relief.parameters),), held.rule_facts)
        return known.verdict is Verdict.HOLDS


def _verdict(
    conditions: tuple[tuple[Logic, Mapping[str, object]], ...], facts: tuple[tuple[str, object], ...]
) -> Outcome:
    found = None
    for logic, parameters in conditions:
        found = outcome(logic, {"facts": dict(facts), "pack": dict(parameters)})
        if found.verdict is not Verdict.HOLDS:
            break
    assert found is not None, "an active rule has a condition"  # noqa: S101 - kept by the constructor below
    return found


def make_book(packs: Iterable[Pack], logged: Mapping[bytes, Instant] | None = None) -> Book:
    """Return the book of some packs (of none: nobody has a code, I14); raises `BookError` where they do not fit together.

    `logged` says when each pack (by hash) was logged; a pack counts from 48 hours after that at the soonest, one that is
    in nothing stricter than the pack it succeeds at once (I8). Without it, the packs' own `published` stands.
    """
    given = tuple(packs)
    _check(given)
    by_id = {pack.id: pack for pack in given}
    starts: dict[str, Instant] = {}
    rules: dict[str, list[ActiveRule]] = {}
    for pack in _in_order(given, by_id):
        at = (logged or {}).get(pack.hash, pack.published)
        before = by_id.get(pack.succeeds or "")
        notice = 0 if before is not None and _nothing_stricter(pack, before) else NOTICE
        starts[pack.id] = max(pack.in_force.start, at.after(notice))
        layers = [layer for layer in given if layer.over == pack.id]
        active = _active(pack, starts[pack.id])
        for layer in layers:
            layer_at = (logged or {}).get(layer.hash, layer.published)
            stricter = layer.arrivals or any(rule.own_act is not None for rule in layer.rules)
            active = _layered(active, layer, max(layer.in_force.start, layer_at.after(NOTICE if stricter else 0)))
        rules[pack.id] = active + (_carried(active, rules[before.id], starts[pack.id]) if before else [])
    everything = tuple(rule for rows in rules.values() for rule in rows if rule.in_force and rule.sees)
    return Book(
        codes=given[0].codes if given else (),
        packs=given,
        rules=everything,
        spans=tuple(Span(starts[pack.id], pack.in_force.end) for pack in given if pack.over is None),
        by_kind={kind: tuple(rule for rule in everything if rule.rule.kind is kind) for kind in Kind},
        ask=max((code.severity for code in given[0].codes if code.effect <= Effect.ASK), default=0) if given else 0,
    )


def _check(packs: tuple[Pack, ...]) -> None:
    ids = [pack.id for pack in packs]
    if len(set(ids)) != len(ids):
        raise BookError(
            f"two packs have one id: {', '.join(sorted(i for i in ids if ids.count(i) > 1))}; keep one of them"
        )
    scale = [(code.id, code.effect) for pack in packs[:1] for code in pack.codes]
    for pack in packs:
        if [(code.id, code.effect) for code in pack.codes] != scale:
            raise BookError(f"{pack.id} has other codes than {packs[0].id}; packs of one book share one scale")
        for field_name, name in (("over", pack.over), ("succeeds", pack.succeeds)):
            if name is not None and (name not in ids or name == pack.id):
                raise BookError(f"{pack.id} says `{field_name}: {name}`, which is not here; add that pack too")


def _in_order(packs: tuple[Pack, ...], by_id: Mapping[str, Pack]) -> list[Pack]:
    """Return the base packs, each after the one that it succeeds."""
    done: list[Pack] = []
    waiting = [pack for pack in packs if pack.over is None]
    while waiting:
        ready = [pack for pack in waiting if pack.succeeds is None or by_id[pack.succeeds] in done]
        if not ready:
            raise BookError(f"these packs succeed each other in a circle: {', '.join(pack.id for pack in waiting)}")
        done += ready
        waiting = [pack for pack in waiting if pack not in ready]
    return done


def _ladder(rule: Rule, pack: Pack) -> Ladder:
    shift = 1 if rule.anchor is Anchor.DAY0 else 0  # day 0 is the event's own day, so day N ends a day later
    return tuple((pack.code(rung.code).severity, rung.until_day + shift) for rung in rule.ladder)


def _active(pack: Pack, start: Instant) -> list[ActiveRule]:
    rows = {rule.id: _alone(rule, pack, start) for rule in pack.rules}
    carried = []
    for rule in pack.rules:
        if rule.succeeds is not None and rule.succeeds in rows:
            before, now = rows[rule.succeeds], rows[rule.id]
            carried += _carried([now], [dataclasses.replace(before, rule=rule)], now.in_force.start)
    return [*rows.values(), *carried]


def _alone(rule: Rule, pack: Pack, start: Instant) -> ActiveRule:
    in_force = rule.in_force.cut(Span(start, pack.in_force.end))
    return ActiveRule(
        rule=rule,
        pack=pack,
        conditions=((rule.when, pack.parameters),),
        ladder=_ladder(rule, pack),
        support=rule.support,
        provisional=rule.provisional_hours * HOUR,
        provisional_severity=pack.code(pack.provisional).severity,
        relief=tuple(
            ActiveRelief(
                kind=relief.kind,
                when=relief.when,
                parameters=pack.parameters,
                days=relief.days,
                first=relief.first,
                last=relief.last,
                cuts_to=pack.code(relief.cuts_to).severity,
            )
            for relief in rule.relief
        ),
        arrivals=_measured(pack, start),
        in_force=in_force,
        sees=Span(in_force.start, FOREVER),
    )


def _measured(pack: Pack, start: Instant) -> tuple[Arrivals, ...]:
    span = Span(start, pack.in_force.end)
    return tuple(dataclasses.replace(row, time=row.time.cut(span)) for row in pack.arrivals)


def _layered(active: list[ActiveRule], layer: Pack, start: Instant) -> list[ActiveRule]:
    """Lay a lower layer over active rules: milder of both while it is in force; alone where it names its own act."""
    own = {row.rule.id: row for row in _active(layer, start)}
    measured = _measured(layer, start)
    active = [dataclasses.replace(row, arrivals=row.arrivals + measured) for row in active]
    rows: list[ActiveRule] = []
    for upper in active:
        lower = own.pop(upper.rule.id, None)
        if lower is None:
            rows.append(upper)
            continue
        common = upper.in_force.cut(lower.in_force)
        sooner = Span(upper.in_force.start, min(upper.in_force.end, common.start))
        later = Span(max(upper.in_force.start, common.end), upper.in_force.end)
        rows += [dataclasses.replace(upper, in_force=part) for part in (sooner, later)]
        stricter = lower.rule.own_act is not None
        rows.append(lower if stricter else _milder(lower, upper, in_force=common, sees=upper.sees))
    for lower in own.values():
        if lower.rule.own_act is None:
            raise BookError(
                f"{layer.id} has rule {lower.rule.id}, which {layer.over} has not; a layer may add a rule only under its own act"
            )
        rows.append(lower)
    return rows


def _carried(active: list[ActiveRule], before: list[ActiveRule], start: Instant) -> list[ActiveRule]:
    """Return rules for the grounds that ran when a phase began: the milder of the old rule and the new one."""
    rows = []
    for new in active:
        for old in before:
            if old.rule.id == new.rule.id and old.in_force.end >= start and new.in_force:
                sees = Span(old.sees.start, min(old.sees.end, start))
                rows.append(_milder(new, old, in_force=new.in_force, sees=sees))
    return rows


def _milder(one: ActiveRule, other: ActiveRule, *, in_force: Span, sees: Span) -> ActiveRule:
    return dataclasses.replace(
        one,
        conditions=one.conditions + other.conditions,
        ladder=_pointwise(one.ladder, other.ladder),
        support=max(one.support, other.support),
        provisional=min(one.provisional, other.provisional),
        provisional_severity=min(one.provisional_severity, other.provisional_severity),
        relief=one.relief + other.relief,
        in_force=in_force,
        sees=sees,
    )


def _pointwise(one: Ladder, other: Ladder) -> Ladder:
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


def _nothing_stricter(new: Pack, old: Pack) -> bool:
    """Whether every rule of a pack stands in the old one too, with the same condition and nowhere milder than now."""
    before = {rule.id: rule for rule in old.rules}
    for rule in new.rules:
        known = before.get(rule.id)
        if known is None or known.when != rule.when or known.kind is not rule.kind:
            return False
        ladder, earlier = _ladder(rule, new), _ladder(known, old)
        same = _pointwise(ladder, earlier) == _pointwise(ladder, ladder)
        if not same or rule.support < known.support or not set(known.relief) <= set(rule.relief):
            return False
    return True
