"""The book: packs in force, laid over each other and after each other, as one list of active rules.

Time is cut into regimes, within which no pack, layer or rule begins or ends. In a regime, layers are merged by rule id,
pointwise milder, unless the lower layer names its own published act. Over regimes, a statement meets the mildest of all
terms of its rule since it was admitted, so that milder applies at once and stricter never reaches back
(docs/design.md §4).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from habeas.evidence import Held, Kind, Limits
from habeas.rules._certlogic import Logic, Outcome, Verdict, outcome
from habeas.rules._notice import NOTICE, Ladder, effective_spans, ladder_of, pointwise
from habeas.rules._pack import Arrivals, Code, Effect, Pack, Rule
from habeas.rules.errors import BookError
from habeas.wire import HOUR, Calendar, Instant, Span

__all__ = ["NOTICE", "ActiveRelief", "ActiveRule", "Book", "Ladder", "make_book"]


_USUAL = Limits()


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

    `in_force` ends where anything else takes its place, also what nobody knew of at its start; `ends` is what the packs
    themselves said from the first day, so that an end once told to somebody stays as it was told (I3).

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
    calendars: tuple[Calendar, ...]
    in_force: Span
    ends: Instant
    sees: Span

    @property
    def days(self) -> int:
        """How many days the whole ladder runs from the event."""
        return max((days for _, days in self.ladder), default=0)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Book:
    """All active rules over time, on one scale of codes; `periods` say when each pack counts (I8, I14)."""

    codes: tuple[Code, ...]
    packs: tuple[Pack, ...]
    rules: tuple[ActiveRule, ...]
    periods: tuple[tuple[Span, Pack], ...]
    by_kind: Mapping[Kind, tuple[ActiveRule, ...]]
    ask: int
    _verdicts: dict[tuple[int, tuple[tuple[str, object], ...]], Outcome] = field(default_factory=dict, repr=False)

    @property
    def spans(self) -> tuple[Span, ...]:
        """When each pack that is no layer counts."""
        return tuple(span for span, pack in self.periods if pack.over is None)

    def in_force(self, at: int) -> bool:
        """Whether any pack is in force; if none is, nobody has a code and every gate is open (I14)."""
        return any(span.covers(at) for span, pack in self.periods if pack.over is None)

    def limits_at(self, at: Instant) -> Limits:
        """Return the limits in force at an instant: the milder of all packs then in force, else the tier table's own."""
        in_force = [pack.limits for span, pack in self.periods if span.covers(at)]
        limits = in_force[0] if in_force else _USUAL
        for other in in_force[1:]:
            limits = limits.milder(other)
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

    `logged` says when each pack (by hash) was logged; a pack counts from 48 hours after that at the soonest, one in which
    nothing is stricter than in the pack it succeeds at once (I8). Without it, the packs' own `published` stands.
    """
    given = tuple(packs)
    _check(given)
    spans = effective_spans(given, logged or {})
    rows: dict[tuple[str, str, Kind], list[ActiveRule]] = {}
    for regime in _regimes(given, spans):
        for pack in given:
            if pack.over is None and spans[pack.id].covers(regime.start):
                layers = [layer for layer in given if layer.over == pack.id and spans[layer.id].covers(regime.start)]
                for key, active in _in_regime(pack, layers, regime, spans, given):
                    rows.setdefault(key, []).append(active)
    rules = tuple(rule for lineage in rows.values() for rule in _over_time(lineage))
    codes = given[0].codes if given else ()
    return Book(
        codes=codes,
        packs=given,
        rules=rules,
        periods=tuple((spans[pack.id], pack) for pack in given),
        by_kind={kind: tuple(rule for rule in rules if rule.rule.kind is kind) for kind in Kind},
        ask=max((code.severity for code in codes if code.effect <= Effect.ASK), default=0),
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
    for layer in packs:
        if layer.over is not None and next(pack for pack in packs if pack.id == layer.over).over is not None:
            raise BookError(f"{layer.id} lies over {layer.over}, which is a layer itself; lay both over the same pack")
        _check_layer(layer, next((pack for pack in packs if pack.id == layer.over), layer))


def _check_layer(layer: Pack, pack: Pack) -> None:
    known = {rule.id for rule in pack.rules}
    for rule in layer.rules:
        if rule.id not in known and rule.own_act is None:
            raise BookError(
                f"{layer.id} has rule {rule.id}, which {pack.id} has not; a layer may add a rule only under its own act"
            )


def _regimes(packs: tuple[Pack, ...], spans: Mapping[str, Span]) -> list[Span]:
    """Return the stretches of time within which no pack, layer or rule begins or ends."""
    edges = {edge for span in spans.values() for edge in (span.start, span.end)}
    for pack in packs:
        for rule in pack.rules:
            own = rule.in_force.cut(spans[pack.id])
            edges |= {own.start, own.end} if own else set()
    return [Span(start, end) for start, end in pairwise(sorted(edges))]


def _in_regime(
    pack: Pack, layers: list[Pack], regime: Span, spans: Mapping[str, Span], packs: tuple[Pack, ...]
) -> Iterator[tuple[tuple[str, str, Kind], ActiveRule]]:
    """Yield the rules of one pack with its layers as they are throughout a regime, each under the key of its lineage."""
    measured = tuple(row for one in (pack, *layers) for row in _measured(one, spans[one.id]))
    family = _root(pack.id, {one.id: one.succeeds for one in packs})
    before = {rule.id: rule.succeeds for one in (*layers, pack) for rule in one.rules}
    found = {(_root(rule.id, before), rule.kind): _alone(rule, pack, measured) for rule in _rules_in(pack, regime)}
    for layer in layers:
        for rule in _rules_in(layer, regime):
            key = (_root(rule.id, before), rule.kind)
            lower, upper = _alone(rule, layer, measured), found.get(key)
            if rule.own_act is not None:
                found[key] = dataclasses.replace(lower, ends=min(lower.ends, pack.in_force.end))
            elif upper is not None:
                found[key] = _milder(lower, upper)
    for key, active in found.items():
        yield (family, *key), dataclasses.replace(active, in_force=regime, sees=regime)


def _rules_in(pack: Pack, regime: Span) -> Iterator[Rule]:
    return (rule for rule in pack.rules if rule.in_force.covers(regime.start))


def _root(name: str, before: Mapping[str, str | None]) -> str:
    """Return the oldest id that one succeeds: the name of its lineage."""
    seen = {name}
    while (earlier := before.get(name)) is not None and earlier not in seen:
        seen.add(earlier)
        name = earlier
    return name


def _over_time(lineage: list[ActiveRule]) -> Iterator[ActiveRule]:
    """Yield a rule's rows over time: for a regime, and for statements admitted in it or in one before it without a gap.

    A statement meets the mildest of all terms that were in force since it was admitted: milder applies at once to what
    runs, stricter never reaches back, and what fell once (a gap) does not come back.
    """
    rows = _joined(lineage)
    for last, now in enumerate(rows):
        terms = now
        yield now
        for place in range(last - 1, -1, -1):
            if rows[place].in_force.end != rows[place + 1].in_force.start:
                break
            terms = _milder(terms, rows[place])
            yield dataclasses.replace(terms, in_force=now.in_force, ends=now.ends, sees=rows[place].in_force)


def _joined(lineage: list[ActiveRule]) -> list[ActiveRule]:
    """Join neighbouring regimes in which a rule's terms are the same."""
    rows: list[ActiveRule] = []
    for active in sorted(lineage, key=lambda row: row.in_force.start):
        if rows and rows[-1].in_force.end == active.in_force.start and _terms(rows[-1]) == _terms(active):
            whole = Span(rows[-1].in_force.start, active.in_force.end)
            rows[-1] = dataclasses.replace(active, in_force=whole, sees=whole)
        else:
            rows.append(active)
    return rows


def _terms(active: ActiveRule) -> tuple[object, ...]:
    return (
        active.rule,
        active.pack.hash,
        active.conditions,
        active.ladder,
        active.support,
        active.provisional,
        active.provisional_severity,
        active.relief,
        active.arrivals,
        active.calendars,
        active.ends,
    )


def _alone(rule: Rule, pack: Pack, measured: tuple[Arrivals, ...]) -> ActiveRule:
    return ActiveRule(
        rule=rule,
        pack=pack,
        conditions=((rule.when, pack.parameters),),
        ladder=ladder_of(rule, pack),
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
        arrivals=measured,
        calendars=(pack.calendar,),
        in_force=rule.in_force,
        ends=min(rule.in_force.end, pack.in_force.end),
        sees=rule.in_force,
    )


def _measured(pack: Pack, span: Span) -> tuple[Arrivals, ...]:
    return tuple(dataclasses.replace(row, time=row.time.cut(span)) for row in pack.arrivals)


def _milder(one: ActiveRule, other: ActiveRule) -> ActiveRule:
    """Return `one`, softened wherever `other` is milder."""
    return dataclasses.replace(
        one,
        conditions=one.conditions
        + tuple(condition for condition in other.conditions if condition not in one.conditions),
        ladder=pointwise(one.ladder, other.ladder),
        support=max(one.support, other.support),
        provisional=min(one.provisional, other.provisional),
        provisional_severity=min(one.provisional_severity, other.provisional_severity),
        relief=one.relief + tuple(relief for relief in other.relief if relief not in one.relief),
        ends=min(one.ends, other.ends),
        calendars=one.calendars + tuple(days for days in other.calendars if days not in one.calendars),
    )
