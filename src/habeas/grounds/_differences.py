"""How two packs, and two rules of one id, differ: each difference as words that a health officer can read."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from itertools import groupby
from typing import TypeVar

from habeas.rules import Anchor, Arrivals, Code, LeftOut, Pack, Relief, Requirement, Rule
from habeas.wire import Span

__all__ = ["Aspect", "Difference", "Direction", "differences_of_pack", "differences_of_rule"]

_Row = TypeVar("_Row")


class Direction(Enum):
    """Which way a difference goes for the people under it.

    `UNKNOWN` where only the people affected can say; `NONE` where nobody's code turns on it.
    """

    STRICTER = "stricter"
    MILDER = "milder"
    UNKNOWN = "unknown"
    NONE = "none"


class Aspect(Enum):
    """What of a pack or a rule is different."""

    ADDED = "added"
    REMOVED = "removed"
    KIND = "kind"
    TIER = "tier"
    WHEN = "when"
    ANCHOR = "anchor"
    LADDER = "ladder"
    SUPPORT = "support"
    PROVISIONAL = "provisional"
    RELIEF = "relief"
    REQUIRES = "requires"
    DATES = "dates"
    TEXT = "text"
    SOURCE = "source"
    ACT = "act"
    EXAMPLES = "examples"
    PARAMETER = "parameter"
    LIMIT = "limit"
    CODE = "code"
    ARRIVALS = "arrivals"
    CALENDAR = "calendar"
    LAYERS = "layers"
    LEFT_OUT = "left-out"
    ABOUT = "about"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference. `rule` is None for the pack itself; `item` says which of several (a language, a parameter, days).

    `old` and `new` are ready to read, empty where there is nothing on that side. `rules` are those that read a parameter.
    """

    rule: str | None
    aspect: Aspect
    item: str = ""
    old: str = ""
    new: str = ""
    direction: Direction = Direction.UNKNOWN
    rules: tuple[str, ...] = ()


def differences_of_rule(old: Rule, new: Rule, before: Pack, after: Pack) -> Iterator[Difference]:
    """Yield every difference between two rules of one id, each in its pack."""
    name = old.id
    yield from _changed(name, Aspect.KIND, old.kind.value, new.kind.value)
    yield from _changed(name, Aspect.TIER, old.tier, new.tier)
    yield from _changed(name, Aspect.WHEN, old.when.text, new.when.text)
    yield from _changed(name, Aspect.ANCHOR, old.anchor.value, new.anchor.value)
    yield from _ladders(old, new, before, after)
    yield from _changed(name, Aspect.SUPPORT, old.support, new.support, more=Direction.MILDER)
    hours = old.provisional_hours, new.provisional_hours
    yield from _changed(name, Aspect.PROVISIONAL, *hours, item="hours", more=Direction.STRICTER)
    yield from _rows(name, Aspect.RELIEF, old.relief, new.relief, _relief, (Direction.MILDER, Direction.STRICTER))
    yield from _rows(name, Aspect.REQUIRES, old.requires, new.requires, _requirement, (Direction.NONE, Direction.NONE))
    yield from _dates(name, old.in_force, new.in_force, before, after)
    yield from _texts(old, new)
    for item, was, now in (("own act", old.own_act, new.own_act), ("succeeds", old.succeeds, new.succeeds)):
        yield from _changed(name, Aspect.ACT, was, now, item=item)
    sources = (f"{rule.source.row}, {rule.source.page} ({rule.source.confidence.value})" for rule in (old, new))
    yield from _changed(name, Aspect.SOURCE, *sources, more=Direction.NONE)
    yield from _maps(name, Aspect.SOURCE, old.source.note or {}, new.source.note or {}, "note in ")
    if old.examples != new.examples:
        was, now = (f"{len(rule.examples)} examples" for rule in (old, new))
        yield Difference(rule=name, aspect=Aspect.EXAMPLES, old=was, new=now, direction=Direction.NONE)


def differences_of_pack(old: Pack, new: Pack) -> Iterator[Difference]:
    """Yield every difference between two packs that is not a rule's own."""
    for item, was, now in (
        ("id", old.id, new.id),
        ("version", old.version, new.version),
        ("issuer", old.issuer, new.issuer),
        ("languages", ", ".join(old.languages), ", ".join(new.languages)),
        ("published", old.calendar.show(old.published), new.calendar.show(new.published)),
        ("criteria", old.criteria, new.criteria),
    ):
        yield from _changed(None, Aspect.ABOUT, was, now, item=item, more=Direction.NONE)
    yield from _maps(None, Aspect.ABOUT, old.titles, new.titles, "title in ")
    yield from _dates(None, old.in_force, new.in_force, old, new)
    both = (Direction.UNKNOWN, Direction.UNKNOWN)
    yield from _rows(
        None, Aspect.CALENDAR, old.calendar.rows, new.calendar.rows, lambda row: f"{row[1]} s from {row[0]}", both
    )
    yield from _codes(old, new)
    yield from _parameters(old, new)
    for name in (field.name for field in dataclasses.fields(old.limits)):
        limits = getattr(old.limits, name), getattr(new.limits, name)
        yield from _changed(None, Aspect.LIMIT, *limits, item=name, more=Direction.STRICTER)
    yield from _rows(
        None, Aspect.ARRIVALS, old.arrivals, new.arrivals, _arrivals, (Direction.STRICTER, Direction.MILDER)
    )
    for item, was, now in (
        ("over", old.over, new.over),
        ("succeeds", old.succeeds, new.succeeds),
        ("transition", old.transition, new.transition),
    ):
        yield from _changed(None, Aspect.LAYERS, was, now, item=item)
    yield from _rows(None, Aspect.LEFT_OUT, old.left_out, new.left_out, _left_out, (Direction.NONE, Direction.NONE))


def _changed(
    rule: str | None,
    aspect: Aspect,
    old: str | int | None,
    new: str | int | None,
    *,
    item: str = "",
    more: Direction = Direction.UNKNOWN,
) -> Iterator[Difference]:
    """Yield the difference of one value; `more` is the direction of a number that rises."""
    if old == new:
        return
    falls = {Direction.STRICTER: Direction.MILDER, Direction.MILDER: Direction.STRICTER}.get(more, more)
    rises = isinstance(old, int) and isinstance(new, int) and new > old
    was, now = ("" if value is None else str(value) for value in (old, new))
    yield Difference(rule=rule, aspect=aspect, item=item, old=was, new=now, direction=more if rises else falls)


def _rows(
    rule: str | None,
    aspect: Aspect,
    old: Iterable[_Row],
    new: Iterable[_Row],
    words: Callable[[_Row], str],
    directions: tuple[Direction, Direction],
) -> Iterator[Difference]:
    """Yield what was taken out of a list and what was put in; `directions` are those of putting in and taking out."""
    was, now = list(old), list(new)
    for row in was:
        if row not in now:
            yield Difference(rule=rule, aspect=aspect, old=words(row), direction=directions[1])
    for row in now:
        if row not in was:
            yield Difference(rule=rule, aspect=aspect, new=words(row), direction=directions[0])


def _maps(
    rule: str | None, aspect: Aspect, old: Mapping[str, str], new: Mapping[str, str], item: str
) -> Iterator[Difference]:
    for name in dict.fromkeys((*old, *new)):
        yield from _changed(rule, aspect, old.get(name), new.get(name), item=f"{item}{name}", more=Direction.NONE)


def _texts(old: Rule, new: Rule) -> Iterator[Difference]:
    for language in dict.fromkeys((*old.texts, *new.texts)):
        yield from _maps(old.id, Aspect.TEXT, old.texts.get(language, {}), new.texts.get(language, {}), f"{language} ")


def _ladders(old: Rule, new: Rule, before: Pack, after: Pack) -> Iterator[Difference]:
    """Yield the stretches of days, the event's own day being 0, on which the ladders say different codes."""
    last = max((rung.until_day for rule in (old, new) for rung in rule.ladder), default=-1)
    days = [(day, _code_on(old, before, day), _code_on(new, after, day)) for day in range(last + 1)]
    for (was, now), stretch in groupby(days, key=lambda row: (row[1].id, row[2].id)):
        rows = list(stretch)
        if was != now:
            first, final = rows[0][0], rows[-1][0]
            item = f"day {first}" if first == final else f"days {first} to {final}"
            direction = _direction(rows[0][1], rows[0][2])
            yield Difference(rule=old.id, aspect=Aspect.LADDER, item=item, old=was, new=now, direction=direction)


def _code_on(rule: Rule, pack: Pack, day: int) -> Code:
    number = day if rule.anchor is Anchor.DAY0 else day + 1
    return pack.code(next((rung.code for rung in rule.ladder if number <= rung.until_day), pack.default))


def _direction(old: Code, new: Code) -> Direction:
    was, now = (old.effect, old.severity), (new.effect, new.severity)
    return Direction.UNKNOWN if was == now else Direction.STRICTER if now > was else Direction.MILDER


def _dates(rule: str | None, old: Span, new: Span, before: Pack, after: Pack) -> Iterator[Difference]:
    """Yield a start and an end that moved: sooner in force, or longer, is stricter."""
    for item, was, now, stricter in (
        ("from", old.start, new.start, new.start < old.start),
        ("until", old.end, new.end, new.end > old.end),
    ):
        direction = Direction.STRICTER if stricter else Direction.MILDER
        shown = before.calendar.show(was), after.calendar.show(now)
        if was != now:
            yield Difference(rule=rule, aspect=Aspect.DATES, item=item, old=shown[0], new=shown[1], direction=direction)


def _codes(old: Pack, new: Pack) -> Iterator[Difference]:
    yield from _rows(None, Aspect.CODE, old.codes, new.codes, _code, (Direction.UNKNOWN, Direction.UNKNOWN))
    for item, was, now in (("default", old.default, new.default), ("provisional", old.provisional, new.provisional)):
        if was != now:
            direction = _direction(old.code(was), new.code(now))
            yield Difference(rule=None, aspect=Aspect.CODE, item=item, old=was, new=now, direction=direction)


def _parameters(old: Pack, new: Pack) -> Iterator[Difference]:
    for name in dict.fromkeys((*old.parameters, *new.parameters)):
        was, now = (str(pack.parameters[name]) if name in pack.parameters else None for pack in (old, new))
        readers = {rule.id for pack in (old, new) for rule in pack.rules if _reads(rule, name)}
        for row in _changed(None, Aspect.PARAMETER, was, now, item=name):
            yield dataclasses.replace(row, rules=tuple(sorted(readers)))


def _reads(rule: Rule, parameter: str) -> bool:
    path = f"pack.{parameter}"
    fields = {field for logic in (rule.when, *(relief.when for relief in rule.relief)) for field in logic.fields}
    return any(field in ("", "pack", path) or field.startswith(f"{path}.") for field in fields)


def _code(code: Code) -> str:
    return f"{code.id} ({code.effect.name.lower()}, {code.colour}, {', '.join(code.names.values())})"


def _relief(relief: Relief) -> str:
    days = f"on {relief.days} days within days {relief.first} to {relief.last}"
    return f"{relief.kind.value} {days} cuts to {relief.cuts_to}, when {relief.when.text}"


def _requirement(row: Requirement) -> str:
    return f"{row.consequence} within {row.within_hours} h"


def _arrivals(row: Arrivals) -> str:
    return f"{row.positives} of {row.tests} positive, measured by {row.measured_by}, {row.time.start} to {row.time.end}"


def _left_out(row: LeftOut) -> str:
    return f"{row.row}: {row.because}, {'; '.join(row.why.values())}"
