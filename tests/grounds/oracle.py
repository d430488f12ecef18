"""A second, slow and plain implementation of docs/design.md §4, against which the derivation is checked. It imports no grounds.

It works out one instant at a time from the rules as they are drawn, without spans, edges or anything kept; conditions are
Python here and CertLogic there.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import TypeVar

from hypothesis import strategies as st
from hypothesis.vendor.pretty import RepresentationPrinter

from grounds.worlds import BASE, TIGHT
from habeas.evidence import EndingCause, Held, Kind, Limits
from habeas.mandates import Mandate
from habeas.rules import (
    Anchor,
    Arrivals,
    Logic,
    Pack,
    Relief,
    Rule,
    Rung,
    compile_logic,
)
from habeas.wire import DAY, HOUR, Calendar, Instant, Span
from scene import CODES, make_pack, make_rule

Facts = Mapping[str, object]
Test = Callable[[Facts], bool | None]
"""Whether a condition holds of some facts; None when it cannot be worked out."""

_One = TypeVar("_One")
COUNTRIES = ("SG", "TH")
PACK_SPAN = Span(BASE.after(-10 * DAY), BASE.after(60 * DAY))


def _is(name: str, value: str) -> object:
    return {"===": [{"var": f"facts.{name}"}, value]}


_ANY: object = {"===": [1, 1]}
_ERR: object = {">": [{"var": "facts.method"}, 1]}

CONDITIONS: dict[Kind, tuple[tuple[object, Test], ...]] = {
    Kind.TEST_RESULT: (
        (_is("result", "positive"), lambda facts: facts["result"] == "positive"),
        (
            {"and": [_is("result", "positive"), _is("method", "pcr")]},
            lambda facts: facts["result"] == "positive" and facts["method"] == "pcr",
        ),
        ({"and": [_is("result", "positive"), _ERR]}, lambda facts: None if facts["result"] == "positive" else False),
    ),
    Kind.DIAGNOSIS: ((_ANY, lambda _: True), (_is("form", "confirmed"), lambda facts: facts["form"] == "confirmed")),
    Kind.CONTACT_FINDING: (
        (_ANY, lambda _: True),
        (_is("contact", "close"), lambda facts: facts["contact"] == "close"),
    ),
    Kind.BORDER_ENTRY: (
        ({"in": [{"var": "facts.origin"}, {"var": "pack.countries"}]}, lambda facts: facts["origin"] in COUNTRIES),
        (_ANY, lambda _: True),
    ),
}
RELIEVING: tuple[tuple[Kind, object, Test], ...] = (
    (Kind.TEST_RESULT, _is("result", "negative"), lambda facts: facts["result"] == "negative"),
    (Kind.TEST_RESULT, {"and": [_is("result", "negative"), _is("method", "pcr")]},
     lambda facts: facts["result"] == "negative" and facts["method"] == "pcr"),
    (Kind.TEST_RESULT, _ERR, lambda _: None),
    (Kind.VACCINATION, _ANY, lambda _: True),
    (Kind.EXEMPTION, _ANY, lambda _: True),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PlainRelief:
    kind: Kind
    test: Test = field(repr=False)
    days: int
    first: int
    last: int
    cuts_to: int


@dataclass(frozen=True, slots=True)
class PlainRule:
    """A rule as the oracle reads it: severities by number, conditions in Python."""

    id: str
    kind: Kind
    tier: int
    test: Test = field(repr=False)
    day_one: bool
    ladder: tuple[tuple[int, int], ...]
    support: int
    provisional: int
    relief: tuple[PlainRelief, ...]
    in_force: Span


@dataclass(frozen=True, slots=True, repr=False)
class Drawn:
    """A pack, and the same as the oracle reads it."""

    pack: Pack
    rules: tuple[PlainRule, ...]

    def __repr__(self) -> str:
        pack = self.pack
        rules = "".join(f"\n  {rule} when {made.when.text}" for rule, made in zip(self.rules, pack.rules, strict=True))
        return f"Pack: {pack.calendar} {pack.arrivals} {pack.limits}{rules}"

    def _repr_pretty_(self, printer: RepresentationPrinter, _: bool) -> None:  # noqa: FBT001 - as Hypothesis calls it
        printer.text(repr(self))


CALENDARS = (
    Calendar(((Instant(0), 8 * HOUR),)),
    Calendar(
        ((Instant(0), 2 * HOUR), (BASE.after(3 * DAY + 23 * HOUR), 3 * HOUR), (BASE.after(9 * DAY + 22 * HOUR), HOUR))
    ),
)


class _Dice:
    """Choices made by bytes, one each: far faster than a strategy for every number of a pack."""

    def __init__(self, data: bytes) -> None:
        self.data = iter(data)

    def number(self, first: int, last: int) -> int:
        return first + next(self.data, 0) % (last - first + 1)

    def one(self, choices: Sequence[_One]) -> _One:
        return choices[self.number(0, len(choices) - 1)]

    def rising(self, count: int, most: int) -> list[int]:
        """Return so many different numbers up to `most`, in order."""
        left = list(range(most + 1))
        return sorted(left.pop(self.number(0, len(left) - 1)) for _ in range(count))


def _relief(dice: _Dice) -> tuple[Relief, PlainRelief]:
    kind, logic, test = dice.one(RELIEVING)
    days, first, cuts_to = dice.number(1, 2), dice.number(0, 2), dice.number(0, 2)
    last = first + dice.number(0, 6)
    code = CODES[cuts_to].id
    relief = Relief(kind=kind, when=_compiled(logic), days=days, first=first, last=last, cuts_to=code)
    return relief, PlainRelief(kind, test, days, first, last, cuts_to)


def _rule(dice: _Dice, place: int, kind: Kind, tier: int) -> tuple[Rule, PlainRule]:
    logic, test = dice.one(CONDITIONS[kind])
    count = dice.number(1, 3)
    severities = [severity + 1 for severity in reversed(dice.rising(count, 2))]
    ladder = tuple(zip(severities, dice.rising(count, 9), strict=True))
    anchor = dice.one((Anchor.DAY0, Anchor.DAY1))
    relief = [_relief(dice) for _ in range(dice.number(0, 2))]
    start, length = dice.one(((-10, 70), (-10, 70), (0, 70), (4, 9)))
    in_force = Span(BASE.after(start * DAY + 5 * HOUR), BASE.after((start + length) * DAY))
    support, provisional = max(2, tier) + dice.one((0, 0, 1)), dice.one((24, 48, 0))
    rule = replace(
        make_rule(("positive", "contact", "entry")[tier - 1], kind=kind, tier=tier, support=support),
        id=f"rule-{place}",
        when=_compiled(logic),
        anchor=anchor,
        ladder=tuple(Rung(CODES[severity].id, day) for severity, day in ladder),
        provisional_hours=provisional,
        relief=tuple(row for row, _ in relief),
        in_force=in_force,
    )
    plain = PlainRule(
        id=f"rule-{place}",
        kind=kind,
        tier=tier,
        test=test,
        day_one=anchor is Anchor.DAY1,
        ladder=ladder,
        support=support,
        provisional=provisional * HOUR,
        relief=tuple(row for _, row in relief),
        in_force=in_force.cut(PACK_SPAN),
    )
    return rule, plain


def _compiled(logic: object) -> Logic:
    return _compile(json.dumps(logic))


@lru_cache
def _compile(text: str) -> Logic:
    return compile_logic(json.loads(text))


_TIERS = ((Kind.TEST_RESULT, 1), (Kind.DIAGNOSIS, 1), (Kind.CONTACT_FINDING, 2), (Kind.BORDER_ENTRY, 3))


def _drawn(data: bytes) -> Drawn:
    dice = _Dice(data)
    kinds = [*_TIERS, *(dice.one(_TIERS) for _ in range(dice.number(0, 2)))]
    rules = [_rule(dice, place, kind, tier) for place, (kind, tier) in enumerate(kinds)]
    measured = [
        Arrivals(positives=60, tests=1000, measured_by=dice.one(("nobody", "a")), time=_days(dice.number(0, 6), 5))
        for _ in range(dice.number(0, 1))
    ]
    pack = replace(
        make_pack([rule for rule, _ in rules], in_force=PACK_SPAN, arrivals=tuple(measured)),
        calendar=dice.one(CALENDARS),
        parameters={"countries": list(COUNTRIES)},
        limits=dice.one((Limits(), TIGHT)),
    )
    return Drawn(pack, tuple(plain for _, plain in rules))


def _days(start: int, count: int) -> Span:
    return Span(BASE.after(start * DAY), BASE.after((start + count) * DAY))


def drawn_packs() -> st.SearchStrategy[Drawn]:
    """Draw a pack with a rule or two of each tier."""
    return st.binary(min_size=60, max_size=160).map(_drawn)


@dataclass(frozen=True, slots=True, order=True)
class PlainGround:
    severity: int
    rule: str
    statement: bytes
    provisional: bool


def plain_grounds(drawn: Drawn, person: Sequence[Held], t: int) -> tuple[set[PlainGround], set[tuple[str, bytes]]]:
    """Return the grounds of a person at an instant, and the (rule, statement) pairs that cannot be worked out."""
    grounds, undecided = set(), set()
    for rule in drawn.rules:
        for place, one in enumerate(person):
            if _sees(rule, one, t):
                said = rule.test(dict(one.rule_facts))
                if said is None:
                    undecided.add((rule.id, one.id))
                elif said and (severity := _severity(drawn, rule, person, place, t)):
                    grounds.add(PlainGround(severity, rule.id, one.id, not _supported(rule, one, t)))
    return grounds, undecided


def plain_severity(drawn: Drawn, person: Sequence[Held], t: int) -> int:
    """Return the severity of a person's code at an instant."""
    grounds, _ = plain_grounds(drawn, person, t)
    return max((ground.severity for ground in grounds), default=0)


def _sees(rule: PlainRule, one: Held, t: int) -> bool:
    if one.kind is not rule.kind or one.helps:
        return False
    counts = one.live.start <= t < one.live.end and rule.in_force.start <= t < rule.in_force.end
    return counts and one.admitted >= rule.in_force.start  # a new rule sees only what came after it


def _behind(one: Held, t: int) -> dict[str, Mandate | None]:
    return {row.custodian: row.mandate for row in one.backing if row.span.start <= t < row.span.end}


def _supported(rule: PlainRule, one: Held, t: int) -> bool:
    return 1 + len(_behind(one, t)) >= rule.support


def _one_custodian(one: Mandate | None, other: Mandate | None) -> bool:
    if one is None or other is None:
        return False
    a, b = one.body, other.body
    over = a.id == b.superior or b.id == a.superior
    return a.id == b.id or a.superior == b.superior or a.operator == b.operator or over or one.key == other.key


def _severity(drawn: Drawn, rule: PlainRule, person: Sequence[Held], place: int, t: int) -> int:
    pack = drawn.pack
    one = person[place]
    earlier = _earlier(rule, person, place)
    spent = _spent(rule, one, earlier)
    behind = _behind(one, t)
    new = [
        name
        for name, mandate in ((one.issuer, one.mandate), *behind.items())
        if not any(name == other or _one_custodian(mandate, known) for other, known in spent)
    ]
    ask = max(code.severity for code in pack.codes if code.effect <= 1)
    if _supported(rule, one, t):
        high = 3 if rule.tier < 3 or _measured(pack, one, t) else ask
        opens = bool(new)
    else:
        high = pack.code(pack.provisional).severity
        again = any(_one_custodian(one.mandate, other.mandate) for other in earlier)
        signer_is_new = not any(one.issuer == name or _one_custodian(one.mandate, known) for name, known in spent)
        opens = one.opens and not again and signer_is_new and t < _first_effect(one) + rule.provisional
    return min(high, _rung(drawn, rule, person, place, t)) if opens else 0


def _earlier(rule: PlainRule, person: Sequence[Held], place: int) -> list[Held]:
    """Return the earlier claims of this rule on the person, within the length of its ladder."""
    one = person[place]
    length = max((day + (0 if rule.day_one else 1) for _, day in rule.ladder), default=0) * DAY
    return [
        other
        for other in person[:place]
        if other.kind is rule.kind
        and not other.helps
        and other.id != one.id
        and one.live.start - other.live.start < length
        and rule.test(dict(other.rule_facts)) is True
    ]


def _spent(rule: PlainRule, one: Held, earlier: Sequence[Held]) -> list[tuple[str, Mandate | None]]:
    """Return who stood behind an earlier claim on the same ground that had lapsed or been ruled out by then (I3)."""
    found: list[tuple[str, Mandate | None]] = []
    then = one.live.start
    for other in earlier:
        if rule.tier == 1 and other.event != one.event:
            continue
        ruled = other.ruled <= then
        lapsed = not _supported(rule, other, then) and _first_effect(other) + rule.provisional <= then
        if ruled or lapsed:
            found.append((other.issuer, other.mandate))
            found += [(row.custodian, row.mandate) for row in other.backing if row.span.start < then]
    return found


def _measured(pack: Pack, one: Held, t: int) -> bool:
    """Whether arrivals are measured as bad by a body that signs or backs none of this."""
    signers = {one.issuer, *(row.custodian for row in one.backing)}
    signers |= {row.mandate.body.id for row in one.backing if row.mandate}
    return any(row.time.start <= t < row.time.end and row.measured_by not in signers for row in pack.arrivals)


def _rung(drawn: Drawn, rule: PlainRule, person: Sequence[Held], place: int, t: int) -> int:
    """Return the severity that the ladder says at an instant, after what relieves."""
    one = person[place]
    pack = drawn.pack
    day = _day(pack.calendar, _clock(drawn, person, place))
    cut = min([3, *(relief.cuts_to for relief in rule.relief if _relieved(pack, relief, one, person, day, t))])
    for severity, until in rule.ladder:
        end = day + until + (0 if rule.day_one else 1)
        if severity <= cut and not _reached(pack.calendar, end, t):
            return severity
    return 0


def _clock(drawn: Drawn, person: Sequence[Held], place: int) -> int:
    """Return from when days count: a statement about the same event continues the clock, however long the chain."""
    one = person[place]
    clock = int(one.observed)
    for other in person[:place]:
        over = other.ended.at <= one.live.start
        undone = over and other.ended.cause in (EndingCause.RETRACTED, EndingCause.CORRECTED)
        moved = over and other.ended.cause is EndingCause.MOVED
        same = one.event and other.event == one.event and other.kind is one.kind and not other.helps and not moved
        rules = [rule for rule in drawn.rules if rule.kind is one.kind]
        if same and any(rule.test(dict(other.rule_facts)) is True for rule in rules):
            clock = min(clock, int(other.admitted if undone else other.observed))
    return clock


def _first_effect(one: Held) -> int:
    """Return when a statement first had effect for anybody; a merge starts no clock anew."""
    return int(one.admitted if one.bound else one.live.start)


def _relieved(pack: Pack, relief: PlainRelief, one: Held, person: Sequence[Held], day: int, t: int) -> bool:
    days = set()
    for other in person:
        on = _day(pack.calendar, other.observed)
        if (
            other.kind is relief.kind
            and other.helps
            and other.live.start <= t < other.live.end
            and other.expires > one.live.start
            and day + relief.first <= on <= day + relief.last
            and relief.test(dict(other.rule_facts)) is True
        ):
            days.add(on)
    return len(days) >= relief.days


def _day(calendar: Calendar, t: int) -> int:
    offset = calendar.rows[0][1]
    for start, rows_offset in calendar.rows:
        if t >= start:
            offset = rows_offset
    return (t + offset) // DAY


def _reached(calendar: Calendar, day: int, t: int) -> bool:
    """Whether a local day has begun by an instant; a day begins once, also where clocks go back."""
    seen = [t, *(start - 1 for start, _ in calendar.rows[1:] if start <= t)]
    return any(_day(calendar, instant) >= day for instant in seen)
