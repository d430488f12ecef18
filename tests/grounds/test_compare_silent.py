"""Silent changes, built: every field of a pack that a code or a promise can turn on is changed, and each change is found.

`FIELDS` names every field of a pack and of all in it, so that a new one cannot be forgotten: it bears, and has a change
here that must be found, or it is harmless, and has a change here that must not be.
"""

from __future__ import annotations

import dataclasses
import json
import types
import typing
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from grounds.happenings import worlds
from grounds.oracle import PACK_SPAN, Drawn, drawn_packs
from grounds.worlds import TIGHT, World
from habeas.evidence import GROUND_KINDS, Kind, Limits
from habeas.grounds import Aspect, Derivation, Difference, Direction, Silence, _compare, compare_packs
from habeas.rules import (
    Anchor,
    Code,
    Confidence,
    Effect,
    LeftOut,
    Logic,
    Pack,
    Relief,
    Rule,
    Rung,
    compile_logic,
    make_book,
    parse_pack,
)
from habeas.wire import DAY, HOUR, Calendar, Instant, Span

ROOT = Path(__file__).parents[2]
FILES = [*sorted((ROOT / "packs").glob("*.yaml")), ROOT / "tests" / "rules" / "packs" / "good.yaml"]
TEXTS = {path.stem: path.read_text(encoding="utf-8") for path in FILES}
PACKS = {name: parse_pack(text) for name, text in TEXTS.items()}

PackChange = Callable[[Pack], Pack | None]
RuleChange = Callable[[Rule, Pack], Rule | None]
"""A change, or None where the pack has nothing to change."""


Made = typing.TypeVar("Made")


def of(value: Made, **changes: Any) -> Made:  # noqa: ANN401 - any value of a pack
    return dataclasses.replace(value, **changes)  # type: ignore[type-var]  # each is a dataclass


def first(field: str, **changes: Callable[[Any], Any]) -> Callable[..., Any]:
    """Return the change of the first row of a list, value by value."""

    def change(value: Any, _: Pack | None = None) -> Any:  # noqa: ANN401
        rows = getattr(value, field)
        if not rows:
            return None
        row = of(rows[0], **{name: made(getattr(rows[0], name)) for name, made in changes.items()})
        return of(value, **{field: (row, *rows[1:])})

    return change


def never(logic: Logic) -> Logic:
    return compile_logic({"and": [{"===": [1, 2]}, json.loads(logic.text)]})


def later(span: Span) -> Span:
    return Span(span.start.after(DAY), span.end)


def sooner(span: Span) -> Span:
    return Span(span.start, span.end.after(-DAY))


def another(code: str) -> str:
    return "yellow" if code == "red" else "red"


SPARE = Relief(kind=Kind.EXEMPTION, when=compile_logic(True), days=1, first=0, last=9, cuts_to="green")  # noqa: FBT003 - JSON


RULES: dict[str, tuple[Aspect, RuleChange]] = {
    "Rule.kind": (Aspect.KIND, lambda rule, _: of(rule, kind=Kind.RECOVERY)),
    "Rule.tier": (Aspect.TIER, lambda rule, _: of(rule, tier=rule.tier % 3 + 1)),
    "Rule.when": (Aspect.WHEN, lambda rule, _: of(rule, when=never(rule.when))),
    "Rule.anchor": (
        Aspect.LADDER,
        lambda rule, _: of(rule, anchor=Anchor.DAY0 if rule.anchor is Anchor.DAY1 else Anchor.DAY1),
    ),
    "Rule.ladder": (Aspect.LADDER, lambda rule, _: of(rule, ladder=rule.ladder[1:])),
    "Rung.code": (Aspect.LADDER, first("ladder", code=another)),
    "Rung.until_day": (Aspect.LADDER, lambda rule, _: of(rule, ladder=(*rule.ladder[:-1], longer(rule.ladder[-1])))),
    "Rule.support": (Aspect.SUPPORT, lambda rule, _: of(rule, support=rule.support + 1)),
    "Rule.provisional_hours": (Aspect.PROVISIONAL, lambda rule, _: of(rule, provisional_hours=7)),
    "Rule.relief": (Aspect.RELIEF, lambda rule, _: of(rule, relief=() if rule.relief else (SPARE,))),
    "Relief.kind": (Aspect.RELIEF, first("relief", kind=lambda _: Kind.EXEMPTION)),
    "Relief.when": (Aspect.RELIEF, first("relief", when=never)),
    "Relief.days": (Aspect.RELIEF, first("relief", days=lambda days: days + 1)),
    "Relief.first": (Aspect.RELIEF, first("relief", first=lambda day: day - 1)),
    "Relief.last": (Aspect.RELIEF, first("relief", last=lambda day: day + 1)),
    "Relief.cuts_to": (Aspect.RELIEF, first("relief", cuts_to=lambda code: "yellow" if code == "green" else "green")),
    "Rule.requires": (Aspect.REQUIRES, lambda rule, _: of(rule, requires=rule.requires[1:]) if rule.requires else None),
    "Requirement.consequence": (Aspect.REQUIRES, first("requires", consequence=lambda _: "tracing")),
    "Requirement.within_hours": (Aspect.REQUIRES, first("requires", within_hours=lambda hours: hours + 1)),
    "Rule.in_force": (Aspect.DATES, lambda rule, _: of(rule, in_force=later(sooner(rule.in_force)))),
    "Span.start": (Aspect.DATES, lambda rule, _: of(rule, in_force=later(rule.in_force))),
    "Span.end": (Aspect.DATES, lambda rule, _: of(rule, in_force=sooner(rule.in_force))),
    "Rule.own_act": (Aspect.ACT, lambda rule, pack: of(rule, own_act="Order 7") if pack.over else None),
    "Rule.succeeds": (Aspect.ACT, lambda rule, _: of(rule, succeeds="an-older-one")),
}


def longer(rung: Rung) -> Rung:
    return Rung(rung.code, rung.until_day + 1)


def effect_of(code: Code) -> Effect:
    return Effect.CLOSED if code.effect is Effect.PARTLY else Effect.PARTLY


def reordered(pack: Pack) -> Pack:
    codes = (*pack.codes[:2], pack.codes[3], pack.codes[2], *pack.codes[4:])
    return of(pack, codes=tuple(of(code, severity=place) for place, code in enumerate(codes)))


def respelt(pack: Pack) -> Pack:
    """Return the pack with another id for the one code that no rule names."""
    codes = tuple(of(code, id="asks") if code.id == "yellow-ask" else code for code in pack.codes)
    return of(pack, codes=codes, provisional="asks")


def limit(name: str) -> PackChange:
    return lambda pack: of(pack, limits=of(pack.limits, **{name: getattr(pack.limits, name) - 1}))


WHOLE: dict[str, tuple[Aspect, PackChange]] = {
    "Pack.in_force": (Aspect.DATES, lambda pack: whole_time(pack, later(pack.in_force))),
    "Pack.calendar": (Aspect.CALENDAR, lambda pack: of(pack, calendar=Calendar(((Instant(0), HOUR),)))),
    "Calendar.rows": (
        Aspect.CALENDAR,
        lambda pack: of(pack, calendar=Calendar((*pack.calendar.rows, (pack.calendar.rows[-1][0].after(DAY), HOUR)))),
    ),
    "Pack.codes": (Aspect.CODE, lambda pack: of(pack, codes=(*pack.codes, of(pack.codes[3], id="x", names={})))),
    "Code.id": (Aspect.CODE, respelt),
    "Code.severity": (Aspect.CODE, reordered),
    "Code.effect": (
        Aspect.CODE,
        lambda pack: of(pack, codes=(*pack.codes[:3], of(pack.codes[3], effect=Effect.PARTLY))),
    ),
    "Code.colour": (Aspect.CODE, lambda pack: of(pack, codes=(*pack.codes[:3], of(pack.codes[3], colour="blue")))),
    "Pack.default": (Aspect.CODE, lambda pack: of(pack, default="yellow")),
    "Pack.provisional": (Aspect.CODE, lambda pack: of(pack, provisional="yellow")),
    "Pack.limits": (Aspect.LIMIT, lambda pack: of(pack, limits=TIGHT)),
    **{f"Limits.{field.name}": (Aspect.LIMIT, limit(field.name)) for field in dataclasses.fields(Limits)},
    "Pack.arrivals": (Aspect.ARRIVALS, lambda pack: of(pack, arrivals=()) if pack.arrivals else None),
    "Arrivals.positives": (Aspect.ARRIVALS, first("arrivals", positives=lambda n: n + 1)),
    "Arrivals.tests": (Aspect.ARRIVALS, first("arrivals", tests=lambda n: n + 1)),
    "Arrivals.measured_by": (Aspect.ARRIVALS, first("arrivals", measured_by=lambda _: "somebody")),
    "Arrivals.time": (Aspect.ARRIVALS, first("arrivals", time=later)),
    "Pack.over": (Aspect.LAYERS, lambda pack: of(pack, over=None if pack.over else "base")),
    "Pack.succeeds": (Aspect.LAYERS, lambda pack: of(pack, succeeds="one-before")),
}


def whole_time(pack: Pack, span: Span) -> Pack:
    """Return the pack in force at another time, its rules too where they have none of their own."""
    rules = tuple(of(rule, in_force=span) if rule.in_force == pack.in_force else rule for rule in pack.rules)
    return of(pack, in_force=span, rules=rules)


def examples(**changes: Callable[[Any], Any]) -> RuleChange:
    return first("examples", **changes)


def example_statement(**changes: Callable[[Any], Any]) -> RuleChange:
    return examples(
        statements=lambda rows: tuple(
            of(row, **{name: made(getattr(row, name)) for name, made in changes.items()}) for row in rows
        )
    )


def source(**changes: Any) -> RuleChange:  # noqa: ANN401 - any field of a source
    return lambda rule, _: of(rule, source=of(rule.source, **changes))


def spoken(texts: Any) -> Any:  # noqa: ANN401 - texts in languages, of one or two levels
    return {
        name: spoken(text) if isinstance(text, dict | types.MappingProxyType) else f"{text} New."
        for name, text in texts.items()
    }


HARMLESS_RULES: dict[str, RuleChange] = {
    "Rule.texts": lambda rule, _: of(rule, texts=spoken(rule.texts)),
    "Rule.source": source(row="other", page="other"),
    "Source.row": source(row="other"),
    "Source.page": source(page="http://example.org"),
    "Source.confidence": source(confidence=Confidence.LOW),
    "Source.note": source(note={"en": "Read otherwise."}),
    "Rule.examples": lambda rule, _: of(rule, examples=rule.examples[1:]),
    "Example.name": examples(name=spoken),
    "Example.sign": examples(sign=lambda _: None),
    "Example.statements": examples(statements=lambda _: ()),
    "Example.at": examples(at=lambda at: at.after(1)),
    "Example.code": examples(code=another),
    "ExampleStatement.kind": example_statement(kind=lambda _: Kind.DISCHARGE),
    "ExampleStatement.facts": example_statement(facts=lambda _: ()),
    "ExampleStatement.observed": example_statement(observed=lambda at: at.after(-1)),
    "ExampleStatement.admitted": example_statement(admitted=lambda at: at.after(1)),
    "ExampleStatement.backed": example_statement(backed=lambda n: n + 1),
}
HARMLESS_PACKS: dict[str, PackChange] = {
    "Pack.version": lambda pack: of(pack, version="9"),
    "Pack.titles": lambda pack: of(pack, titles=spoken(pack.titles)),
    "Pack.languages": lambda pack: of(pack, languages=("en",)),
    "Pack.issuer": lambda pack: of(pack, issuer="another"),
    "Pack.published": lambda pack: of(pack, published=pack.published.after(-DAY)),
    "Pack.id": lambda pack: of(pack, id="another"),
    "Code.names": first("codes", names=spoken),
    "Pack.left_out": lambda pack: of(pack, left_out=(*pack.left_out, LeftOut(row="x", because="I5", why={}))),
    "LeftOut.row": first("left_out", row=lambda row: f"{row}x"),
    "LeftOut.because": first("left_out", because=lambda _: "I1"),
    "LeftOut.why": first("left_out", why=spoken),
    "Pack.transition": lambda pack: of(pack, transition="milder" if pack.transition == "notice" else "notice"),
    "Pack.criteria": lambda pack: of(pack, criteria="another"),
    "Pack.hash": lambda pack: of(pack, hash=bytes(32)),
    "Pack.rules": lambda pack: of(pack, rules=pack.rules[::-1]),
}
ELSEWHERE = {
    "Rule.id": "a rule under a new id: test_compare.py",
    "Pack.parameters": "test_a_parameter_is_silent_for_every_rule_that_reads_it",
    "Logic.text": "Rule.when",
    "Logic.fields": "follows from the text",
    "Logic.node": "follows from the text",
}


# Every field


def dataclasses_in(hint: object) -> Iterator[type]:
    """Yield the dataclasses that a type is made of, in any depth."""
    if dataclasses.is_dataclass(hint) and isinstance(hint, type):
        yield hint
    for part in typing.get_args(hint):
        yield from dataclasses_in(part)


def every_field(kind: type = Pack) -> set[str]:
    found: set[type] = set()
    waiting = [kind]
    while waiting:
        one = waiting.pop()
        if one in found:
            continue
        found.add(one)
        hints = typing.get_type_hints(one)
        waiting += [inner for field in dataclasses.fields(one) for inner in dataclasses_in(hints[field.name])]
    return {f"{one.__name__}.{field.name}" for one in found for field in dataclasses.fields(one)}


def test_every_field_of_a_pack_bears_or_is_harmless() -> None:
    """A field that is new has to be compared, or to be put among the harmless, before this passes."""
    tables = RULES, WHOLE, HARMLESS_RULES, HARMLESS_PACKS, ELSEWHERE
    assert sorted(name for table in tables for name in table) == sorted(every_field())


def test_the_walk_finds_a_field_in_any_depth() -> None:
    assert {
        "Pack.rules",
        "Rung.code",
        "Calendar.rows",
        "Limits.custodian_factor",
        "ExampleStatement.facts",
    } <= every_field()


# Every silent change


def tell(pack: Pack, rule: str | None) -> Pack:
    """Return the pack with other words: the rule's, or its own title."""
    if rule is None:
        return of(pack, titles=spoken(pack.titles))
    return of(pack, rules=tuple(of(one, texts=spoken(one.texts)) if one.id == rule else one for one in pack.rules))


def check_found(old: Pack, new: Pack, rule: str | None, aspect: Aspect) -> None:
    """Check that the one change between two packs is silent just as long as its version or its words stay."""
    version = of(new, version=f"{new.version}.1")
    for made, unchanged in (
        (new, (Silence.VERSION, Silence.TEXTS)),
        (version, (Silence.TEXTS,)),
        (tell(new, rule), (Silence.VERSION,)),
        (tell(version, rule), None),
    ):
        found = [(row.rule, row.aspects, row.unchanged) for row in compare_packs(old, made).silent]
        assert found == ([] if unchanged is None else [(rule, (aspect,), unchanged)])


@pytest.mark.parametrize("name", RULES)
def test_every_change_of_a_rule_that_nobody_was_told_of_is_found(name: str) -> None:
    aspect, change = RULES[name]
    made = 0
    for pack in PACKS.values():
        for place, rule in enumerate(pack.rules):
            changed = change(rule, pack)
            if changed is not None and changed != rule:
                rules = (*pack.rules[:place], changed, *pack.rules[place + 1 :])
                check_found(pack, of(pack, rules=rules), rule.id, aspect)
                made += 1
    assert made


@pytest.mark.parametrize("name", WHOLE)
def test_every_change_of_the_whole_pack_that_nobody_was_told_of_is_found(name: str) -> None:
    aspect, change = WHOLE[name]
    made = 0
    for pack in PACKS.values():
        changed = change(pack)
        if changed is not None:
            check_found(pack, changed, None, aspect)
            made += 1
    assert made


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_rules_that_come_or_go_under_one_version_are_found(pack: Pack) -> None:
    for rule in pack.rules:
        without = of(pack, rules=tuple(one for one in pack.rules if one is not rule))
        for old, new, aspect in ((pack, without, Aspect.REMOVED), (without, pack, Aspect.ADDED)):
            silent = [(row.rule, row.aspects, row.unchanged) for row in compare_packs(old, new).silent]
            assert silent == [(rule.id, (aspect,), (Silence.VERSION,))]
            assert compare_packs(old, of(new, version="9")).silent == ()


@pytest.mark.parametrize("name", ["doses", "contacts"])
def test_a_parameter_is_silent_for_every_rule_that_reads_it(name: str) -> None:
    pack = PACKS["good"]
    new = of(pack, parameters={**pack.parameters, name: 3 if name == "doses" else ["close"]})
    version = of(new, version="9")
    for made, wanted in (
        (new, [(None, (Silence.VERSION,)), ("C1", (Silence.VERSION, Silence.TEXTS))]),
        (version, [("C1", (Silence.TEXTS,))]),
        (tell(version, "C1"), []),
    ):
        assert [(row.rule, row.unchanged) for row in compare_packs(pack, made).silent] == wanted


SCALARS = (
    st.booleans() | st.integers(-9, 9) | st.text(max_size=4) | st.sampled_from(["SG", "True", "true", "[x]", "None"])
)
VALUES = SCALARS | st.lists(SCALARS, max_size=3)


def parameter_rows(old: object, new: object) -> list[tuple[object, object, Direction]]:
    pack = PACKS["good"]
    packs = (of(pack, parameters={**pack.parameters, "doses": value}) for value in (old, new))
    return [(row.old, row.new, row.direction) for row in compare_packs(*packs).differences]


@given(VALUES)
@example(True)  # noqa: FBT003 - a value
@example("True")
@example("x")
@example([])
def test_a_parameter_of_another_type_is_another_and_looks_so(value: object) -> None:
    for other in (str(value), json.dumps(value, ensure_ascii=False), [value], [str(value)]):
        if type(other) is not type(value) or other != value:
            ((was, now, way),) = parameter_rows(value, other)
            assert (was != now, way) == (True, Direction.UNKNOWN)


@given(VALUES, VALUES)
def test_parameters_are_shown_alike_only_if_they_are_the_same(one: object, other: object) -> None:
    same = json.dumps(one) == json.dumps(other)  # tells true from 1, as == does not
    assert (parameter_rows(one, other) == []) is same


def test_a_parameter_as_a_pack_has_it_is_compared_by_type() -> None:
    reads = "{and: [{in: [{var: facts.contact}, {var: pack.contacts}]}, {in: [SG, {var: pack.strict}]}]}"
    text = TEXTS["good"].replace("{in: [{var: facts.contact}, {var: pack.contacts}]}", reads, 1)
    for one, other, shown in (("True", "true", ('"True"', "true")), ("SG", "[SG]", ("SG", "[SG]"))):
        old, new = (parse_pack(text.replace("strict: true", f"strict: {value}")) for value in (one, other))
        comparison = compare_packs(old, new)
        assert [(row.old, row.new) for row in comparison.differences] == [shown]
        assert comparison.silent
        assert comparison.may_be_stricter


# A difference that nothing names


def blind(_: object, *__: object) -> Iterator[Difference]:
    return iter(())


@pytest.mark.parametrize("name", [*RULES, *WHOLE])
def test_what_no_difference_names_is_unknown_and_not_nothing(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As if the comparison had forgotten every field."""
    monkeypatch.setattr(_compare, "differences_of_rule", blind)
    monkeypatch.setattr(_compare, "differences_of_pack", blind)
    made = 0
    for pack in PACKS.values():
        changed = WHOLE[name][1](pack) if name in WHOLE else first_changed(pack, RULES[name][1])
        if changed is not None and changed != pack:
            found = compare_packs(pack, changed)
            assert [(row.rule, row.aspect, row.direction) for row in found.differences] == [
                (None, Aspect.UNNAMED, Direction.UNKNOWN)
            ]
            assert found.may_be_stricter
            assert found.silent
            made += 1
    assert made


def first_changed(pack: Pack, change: RuleChange) -> Pack | None:
    for place, rule in enumerate(pack.rules):
        changed = change(rule, pack)
        if changed is not None and changed != rule:
            return of(pack, rules=(*pack.rules[:place], changed, *pack.rules[place + 1 :]))
    return None


# What alters nobody's code


def check_harmless(pack: Pack, changed: Pack) -> None:
    found = compare_packs(pack, changed)
    assert found.silent == ()
    assert not any(row.bears for row in found.differences)


@pytest.mark.parametrize("name", HARMLESS_RULES)
def test_what_alters_nobodys_code_in_a_rule_is_never_silent(name: str) -> None:
    made = 0
    for pack in PACKS.values():
        for place, rule in enumerate(pack.rules):
            changed = HARMLESS_RULES[name](rule, pack)
            if changed is not None and changed != rule:
                check_harmless(pack, of(pack, rules=(*pack.rules[:place], changed, *pack.rules[place + 1 :])))
                made += 1
    assert made


@pytest.mark.parametrize("name", HARMLESS_PACKS)
def test_what_alters_nobodys_code_in_a_pack_is_never_silent(name: str) -> None:
    made = 0
    for pack in PACKS.values():
        changed = HARMLESS_PACKS[name](pack)
        if changed is not None and changed != pack:
            check_harmless(pack, changed)
            made += 1
    assert made


@pytest.mark.parametrize("name", TEXTS)
def test_comments_blank_lines_and_the_order_of_fields_are_no_difference(name: str) -> None:
    lines = TEXTS[name].splitlines()
    commented = "\n".join(["# A remark.", "", *lines, "", "# The end."])
    head = [place for place, line in enumerate(lines) if line[:1].isalpha()]
    blocks = [lines[start:end] for start, end in zip(head, [*head[1:], len(lines)], strict=True)]
    turned = "\n".join(line for block in reversed(blocks) for line in block)
    for text in (commented, turned):
        assert compare_packs(PACKS[name], parse_pack(text)).differences == ()


@pytest.mark.parametrize("pack", PACKS.values(), ids=PACKS)
def test_the_order_of_rules_relief_and_promises_is_no_difference(pack: Pack) -> None:
    turned = tuple(of(rule, relief=rule.relief[::-1], requires=rule.requires[::-1]) for rule in pack.rules)
    assert compare_packs(pack, of(pack, rules=turned[::-1])).differences == ()


# If anybody's code differs, so do the packs


RULE_FIELDS = ("when", "anchor", "ladder", "support", "provisional_hours", "relief", "in_force")
PACK_FIELDS = ("calendar", "arrivals", "limits")
SHARED = 4
"""So many first rules of a drawn pack are of the same kinds in each."""
PLACES = [(place, name) for place in range(SHARED) for name in RULE_FIELDS] + [(None, name) for name in PACK_FIELDS]
Place = tuple[int | None, str]


def crossed(one: Drawn, other: Drawn, places: list[Place]) -> Pack:
    """Return a drawn pack with some fields of another."""
    rules = list(one.pack.rules)
    for place, name in places:
        if place is not None:
            rules[place] = of(rules[place], **{name: getattr(other.pack.rules[place], name)})
    taken = {name: getattr(other.pack, name) for place, name in places if place is None}
    return of(one.pack, rules=tuple(rules), hash=b"other", **taken)


def few_places() -> st.SearchStrategy[list[Place]]:
    return st.lists(st.sampled_from(PLACES), min_size=1, max_size=4, unique=True)


def codes(world: World, pack: Pack) -> dict[bytes, Derivation]:
    book = make_book([pack])
    return {subject: Derivation(book, held) for subject, held in world.held(pack.limits).items()}


def who_moves(world: World, old: Pack, new: Pack, *, lone: bool = False) -> set[Direction]:
    """Return whether anybody's code is stricter or milder at any instant; `lone`: of those with one adverse statement of a kind."""
    found = set()
    before, after = codes(world, old), codes(world, new)
    for subject, one in before.items():
        other = after[subject]
        adverse = [held.kind for held in one.held if held.kind in GROUND_KINDS and not held.helps]
        if lone and len(set(adverse)) < len(adverse):
            continue
        for at in sorted({*one.instants(PACK_SPAN), *other.instants(PACK_SPAN)}):
            was, now = one.at(at).code, other.at(at).code
            if was != now:
                worse = (now.severity if now else -1) > (was.severity if was else -1)
                found.add(Direction.STRICTER if worse else Direction.MILDER)
    return found


@given(world=worlds(), one=drawn_packs(), other=drawn_packs(), places=few_places())
def test_if_two_packs_give_anybody_another_code_they_differ(
    world: World, one: Drawn, other: Drawn, places: list[Place]
) -> None:
    new = crossed(one, other, places)
    if who_moves(world, one.pack, new):
        comparison = compare_packs(one.pack, new)
        assert any(row.direction is not Direction.NONE for row in comparison.differences)
        assert comparison.silent


@given(world=worlds(), one=drawn_packs(), other=drawn_packs(), places=few_places())
def test_nobody_is_worse_off_by_what_is_milder_nor_better_off_by_what_is_stricter(
    world: World, one: Drawn, other: Drawn, places: list[Place]
) -> None:
    """By one statement alone: a rule that runs longer also spares people a second lone claim (I3)."""
    new = crossed(one, other, places)
    ways = {row.direction for row in compare_packs(one.pack, new).differences} - {Direction.NONE}
    if Direction.UNKNOWN not in ways:
        assert who_moves(world, one.pack, new, lone=True) <= ways
