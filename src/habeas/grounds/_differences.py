"""How two packs, and two rules that are one, differ: each difference with its direction, its values as the packs have them.

Every field of a pack is compared here or is none that anybody's code or promise turns on; a test walks all fields, so
that a new one cannot be forgotten. Words for the values are the reader's business (`habeas.cli`).
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from itertools import groupby, zip_longest
from typing import TypeAlias

from habeas.evidence import Kind
from habeas.grounds._reach import way_of_logic
from habeas.grounds._ways import Direction, way_of_code, way_of_relief
from habeas.rules import Anchor, Arrivals, Code, Effect, LeftOut, Logic, Pack, Relief, Requirement, Rule, Source
from habeas.wire import Span

__all__ = ["Aspect", "Difference", "Value", "differences_of_pack", "differences_of_rule", "lone_rule", "same_words"]

Value: TypeAlias = (
    str | int | Kind | Logic | Anchor | Code | Effect | Relief | Requirement | Source | Arrivals | LeftOut | Rule
)
"""What stands on one side of a difference; a text is shown as it stands, instants among them."""


class Aspect(Enum):
    """What of a pack or a rule is different."""

    ADDED = "added"
    REMOVED = "removed"
    RENAMED = "renamed"
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
    UNNAMED = "unnamed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """One difference. `rule` is None for the pack itself; `item` says which of several (a text, a parameter, a code).

    `language` is that of a text. `days` are the first and last day that a ladder differs on, the event's own being
    `first_day`. None stands where one side has nothing. `rules` are those that read a parameter.
    """

    rule: str | None
    aspect: Aspect
    item: str = ""
    language: str = ""
    days: tuple[int, int] | None = None
    first_day: int = 0
    old: Value | None = None
    new: Value | None = None
    direction: Direction = Direction.UNKNOWN
    rules: tuple[str, ...] = ()

    @property
    def bears(self) -> bool:
        """Whether somebody's code, or what the rule promises them, can turn on it: such a change must be told."""
        return self.direction is not Direction.NONE or self.aspect is Aspect.REQUIRES


def differences_of_rule(old: Rule, new: Rule, before: Pack, after: Pack) -> Iterator[Difference]:
    """Yield every difference between two rules that are one, each in its pack."""
    name = new.id
    if old.id != new.id:  # with `succeeds` what runs goes on; without, it ends
        way = Direction.NONE if new.succeeds == old.id else Direction.UNKNOWN
        yield Difference(rule=name, aspect=Aspect.RENAMED, old=old.id, new=new.id, direction=way)
    yield from _changed(name, Aspect.KIND, old.kind, new.kind)
    yield from _changed(name, Aspect.TIER, old.tier, new.tier)
    if old.when != new.when:
        way = way_of_logic(old, new, before, after)
        yield Difference(rule=name, aspect=Aspect.WHEN, old=old.when, new=new.when, direction=way)
    yield from _changed(name, Aspect.ANCHOR, old.anchor, new.anchor, more=Direction.NONE)  # the ladder's days say it
    yield from _ladders(old, new, before, after)
    yield from _changed(name, Aspect.SUPPORT, old.support, new.support, more=Direction.MILDER)
    hours = old.provisional_hours, new.provisional_hours
    yield from _changed(name, Aspect.PROVISIONAL, *hours, item="hours", more=Direction.STRICTER)
    yield from _reliefs(old, new, before, after)
    yield from _requires(old, new)
    if (old.in_force, new.in_force) != (before.in_force, after.in_force):
        yield from _dates(name, old.in_force, new.in_force, before, after)
    yield from _texts(old, new)
    if new.succeeds not in (old.succeeds, old.id):
        yield from _changed(name, Aspect.ACT, old.succeeds, new.succeeds, item="succeeds")
    layered = Direction.UNKNOWN if before.over or after.over else Direction.NONE
    yield from _changed(name, Aspect.ACT, old.own_act, new.own_act, item="own act", more=layered)
    page, its = (dataclasses.replace(rule.source, note=None) for rule in (old, new))
    yield from _changed(name, Aspect.SOURCE, page, its, more=Direction.NONE)
    yield from _maps(name, Aspect.SOURCE, old.source.note or {}, new.source.note or {}, "note")
    if old.examples != new.examples:
        counts = len(old.examples), len(new.examples)
        yield Difference(rule=name, aspect=Aspect.EXAMPLES, old=counts[0], new=counts[1], direction=Direction.NONE)


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
    yield from _maps(None, Aspect.TEXT, old.titles, new.titles, "title")
    yield from _dates(None, old.in_force, new.in_force, old, new)
    days = (", ".join(f"{offset} s from {at}" for at, offset in pack.calendar.rows) for pack in (old, new))
    yield from _changed(None, Aspect.CALENDAR, *days)
    yield from _codes(old, new)
    yield from _parameters(old, new)
    for name in (field.name for field in dataclasses.fields(old.limits)):
        limits = getattr(old.limits, name), getattr(new.limits, name)
        yield from _changed(None, Aspect.LIMIT, *limits, item=name, more=Direction.STRICTER)
    yield from _rows(None, Aspect.ARRIVALS, old.arrivals, new.arrivals, (Direction.STRICTER, Direction.MILDER))
    yield from _changed(None, Aspect.LAYERS, old.over, new.over, item="over")
    follows = Direction.NONE if new.succeeds == old.id else Direction.UNKNOWN
    yield from _changed(None, Aspect.LAYERS, old.succeeds, new.succeeds, item="succeeds", more=follows)
    yield from _changed(
        None, Aspect.LAYERS, old.transition, new.transition, item="transition", more=Direction.NONE
    )  # what it says is worked out from the rules; `check_pack` holds it to that
    yield from _rows(None, Aspect.LEFT_OUT, old.left_out, new.left_out, (Direction.NONE, Direction.NONE))


def lone_rule(rule: Rule, pack: Pack, aspect: Aspect) -> Difference:
    """Return the difference that a rule of one pack alone is; in a layer, a rule with no act of its own can only relax."""
    relaxes = pack.over is not None and rule.own_act is None
    added = aspect is Aspect.ADDED
    way = Direction.STRICTER if added is not relaxes else Direction.MILDER
    sides = {"new": rule} if added else {"old": rule}
    return Difference(rule=rule.id, aspect=aspect, direction=way, **sides)  # type: ignore[arg-type]  # old or new


def same_words(old: Mapping[str, str], new: Mapping[str, str]) -> bool:
    """Whether words stayed: letters and digits alone, for nobody is told anything by a comma or a capital."""
    was, now = ({name: _folded(text) for name, text in texts.items()} for texts in (old, new))
    return was == now


def _folded(text: str) -> str:
    return "".join(filter(str.isalnum, text)).casefold()


def _changed(
    rule: str | None,
    aspect: Aspect,
    old: Value | None,
    new: Value | None,
    *,
    item: str = "",
    more: Direction = Direction.UNKNOWN,
) -> Iterator[Difference]:
    """Yield the difference of one value; `more` is the direction of a number that rises."""
    if old == new:
        return
    rises = isinstance(old, int) and isinstance(new, int) and new > old
    yield Difference(rule=rule, aspect=aspect, item=item, old=old, new=new, direction=more if rises else more.other)


def _rows(
    rule: str | None,
    aspect: Aspect,
    was: Sequence[Arrivals | LeftOut],
    now: Sequence[Arrivals | LeftOut],
    directions: tuple[Direction, Direction],
) -> Iterator[Difference]:
    """Yield what was taken out of a list and what was put in; `directions` are those of putting in and taking out."""
    for row in was:
        if row not in now:
            yield Difference(rule=rule, aspect=aspect, old=row, direction=directions[1])
    for row in now:
        if row not in was:
            yield Difference(rule=rule, aspect=aspect, new=row, direction=directions[0])


def _reliefs(old: Rule, new: Rule, before: Pack, after: Pack) -> Iterator[Difference]:
    """Yield what ends a rule sooner and is no more or newly so; rows of one kind and condition are one row that changed."""
    gone = [row for row in old.relief if row not in new.relief]
    for row in (row for row in new.relief if row not in old.relief):
        was = next((other for other in gone if (other.kind, other.when) == (row.kind, row.when)), None)
        way = Direction.MILDER if was is None else way_of_relief(was, row, before, after)
        if was is not None:
            gone.remove(was)
        yield Difference(rule=new.id, aspect=Aspect.RELIEF, old=was, new=row, direction=way)
    for row in gone:
        yield Difference(rule=new.id, aspect=Aspect.RELIEF, old=row, direction=Direction.STRICTER)


def _requires(old: Rule, new: Rule) -> Iterator[Difference]:
    """Yield the promises that differ, in order of what they promise."""
    for what in dict.fromkeys(row.consequence for row in (*old.requires, *new.requires)):
        was, now = ([row for row in rule.requires if row.consequence == what] for rule in (old, new))
        gone, come = [row for row in was if row not in now], [row for row in now if row not in was]
        for before, after in zip_longest(gone, come):
            yield Difference(rule=new.id, aspect=Aspect.REQUIRES, old=before, new=after, direction=Direction.NONE)


def _maps(
    rule: str | None, aspect: Aspect, old: Mapping[str, str], new: Mapping[str, str], item: str
) -> Iterator[Difference]:
    """Yield the texts that differ, of two maps of language to text."""
    for language in dict.fromkeys((*old, *new)):
        for row in _changed(rule, aspect, old.get(language), new.get(language), item=item, more=Direction.NONE):
            yield dataclasses.replace(row, language=language)


def _texts(old: Rule, new: Rule) -> Iterator[Difference]:
    names = dict.fromkeys(name for rule in (old, new) for texts in rule.texts.values() for name in texts)
    for name in names:
        was, now = (
            {language: texts[name] for language, texts in rule.texts.items() if name in texts} for rule in (old, new)
        )
        yield from _maps(new.id, Aspect.TEXT, was, now, name)


def _ladders(old: Rule, new: Rule, before: Pack, after: Pack) -> Iterator[Difference]:
    """Yield the stretches of days on which the ladders say different codes, numbered as both rules do if they agree."""
    if [(rung.code, _after(old, rung.until_day)) for rung in old.ladder] == [
        (rung.code, _after(new, rung.until_day)) for rung in new.ladder
    ]:
        return
    shift = 1 if old.anchor is new.anchor is Anchor.DAY1 else 0
    last = max((_after(rule, rung.until_day) for rule in (old, new) for rung in rule.ladder), default=-1)
    days = [(day, _code_on(old, before, day), _code_on(new, after, day)) for day in range(last + 1)]
    found = False
    for (was, now), stretch in groupby(days, key=lambda row: (row[1].id, row[2].id)):
        rows = list(stretch)
        if was != now:
            found = True
            way = way_of_code(rows[0][1], rows[0][2], before, after)
            yield Difference(
                rule=new.id,
                aspect=Aspect.LADDER,
                days=(rows[0][0] + shift, rows[-1][0] + shift),
                first_day=shift,
                old=rows[0][1],
                new=rows[0][2],
                direction=way,
            )
    if (
        not found
    ):  # the same code on every day, by other steps: how long the rule runs may differ, and what relief leaves
        steps = (" ".join(f"{rung.code}:{rung.until_day}" for rung in rule.ladder) for rule in (old, new))
        yield from _changed(new.id, Aspect.LADDER, *steps, item="steps")


def _after(rule: Rule, until_day: int) -> int:
    """Return a ladder's day as days after the event's own."""
    return until_day if rule.anchor is Anchor.DAY0 else until_day - 1


def _code_on(rule: Rule, pack: Pack, day: int) -> Code:
    return pack.code(next((rung.code for rung in rule.ladder if day <= _after(rule, rung.until_day)), pack.default))


def _dates(rule: str | None, old: Span, new: Span, before: Pack, after: Pack) -> Iterator[Difference]:
    """Yield a start and an end that moved: sooner in force, or longer, is stricter. A phase has its own time."""
    phase = before.id != after.id
    for item, was, now, stricter in (
        ("from", old.start, new.start, new.start < old.start),
        ("until", old.end, new.end, new.end > old.end),
    ):
        way = Direction.UNKNOWN if phase else Direction.STRICTER if stricter else Direction.MILDER
        shown = before.calendar.show(was), after.calendar.show(now)
        if was != now:
            yield Difference(rule=rule, aspect=Aspect.DATES, item=item, old=shown[0], new=shown[1], direction=way)


def _codes(old: Pack, new: Pack) -> Iterator[Difference]:
    before, after = ({code.id: code for code in pack.codes} for pack in (old, new))
    for name in dict.fromkeys((*before, *after)):
        was, now = before.get(name), after.get(name)
        if was is None or now is None:
            yield Difference(rule=None, aspect=Aspect.CODE, item=name, old=was, new=now)
            continue
        yield from _changed(None, Aspect.CODE, was.effect, now.effect, item=name, more=Direction.STRICTER)
        yield from _changed(None, Aspect.CODE, was.colour, now.colour, item=f"colour of {name}")
        yield from _maps(None, Aspect.TEXT, was.names, now.names, f"name of {name}")
    shared = before.keys() & after.keys()
    orders = (" < ".join(code.id for code in pack.codes if code.id in shared) for pack in (old, new))
    yield from _changed(None, Aspect.CODE, *orders, item="order")
    for item, codes in (
        ("default", (old.code(old.default), new.code(new.default))),
        ("provisional", (old.code(old.provisional), new.code(new.provisional))),
    ):
        if codes[0].id != codes[1].id:
            way = way_of_code(*codes, old, new)
            yield Difference(rule=None, aspect=Aspect.CODE, item=item, old=codes[0], new=codes[1], direction=way)


def _parameters(old: Pack, new: Pack) -> Iterator[Difference]:
    for name in dict.fromkeys((*old.parameters, *new.parameters)):
        was, now = (_parameter(pack.parameters[name]) if name in pack.parameters else None for pack in (old, new))
        readers = dict.fromkeys(rule.id for pack in (old, new) for rule in pack.rules if _reads(rule, name))
        for row in _changed(None, Aspect.PARAMETER, was, now, item=name):
            way = Direction.UNKNOWN if readers else Direction.NONE
            yield dataclasses.replace(row, rules=tuple(sorted(readers)), direction=way)


def _parameter(value: object) -> str:
    """Return a parameter as text that no other value has: 2 and "2", true and "true", SG and [SG] stay apart."""
    if isinstance(value, list):
        return f"[{', '.join(map(_parameter, value))}]"
    plain = isinstance(value, str) and value.isalpha() and value.casefold() not in ("true", "false", "null")
    return str(value) if plain else json.dumps(value, ensure_ascii=False)


def _reads(rule: Rule, parameter: str) -> bool:
    path = f"pack.{parameter}"
    fields = {field for logic in (rule.when, *(relief.when for relief in rule.relief)) for field in logic.fields}
    return any(field in ("", "pack", path) or field.startswith(f"{path}.") for field in fields)
