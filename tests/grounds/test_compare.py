"""What a health officer sees of two packs: every difference, silent ones named, and who would be affected."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest

from habeas.evidence import Held, Limits
from habeas.grounds import (
    Affected,
    Aspect,
    Cell,
    Comparison,
    Direction,
    Silence,
    affected,
    compare_packs,
)
from habeas.rules import (
    Anchor,
    Arrivals,
    Book,
    Confidence,
    Effect,
    Example,
    ExampleSign,
    LeftOut,
    Pack,
    Requirement,
    Rung,
    Source,
    compile_logic,
    make_book,
)
from habeas.wire import DAY, HOUR, Calendar, Instant, Span
from scene import CODED, CODES, PACK_SPAN, Scene, clear_tests, make_pack, make_rule, scene_book

RULE = make_rule("positive")
OLD = dataclasses.replace(make_pack([RULE]), parameters={"countries": ["SG"]})


def with_rule(pack: Pack = OLD, **changes: Any) -> Pack:  # noqa: ANN401 - any field of a rule
    return dataclasses.replace(pack, version="2.0.0", rules=(dataclasses.replace(pack.rules[0], **changes),))


def rows(comparison: Comparison) -> list[tuple[object, ...]]:
    """Return the differences without that of the version; days and language stand where an item would."""
    return [
        (row.rule, row.aspect, row.days or f"{row.language} {row.item}".strip(), row.old, row.new, row.direction)
        for row in comparison.differences
        if row.item != "version"
    ]


GREEN, ASK, PART, RED = CODES
STRICTER, MILDER, UNKNOWN, NONE = Direction.STRICTER, Direction.MILDER, Direction.UNKNOWN, Direction.NONE
LOGIC = {"===": [{"var": "facts.method"}, "pcr"]}
CLEAR = clear_tests()
ENTRY = make_rule("entry")
SINCE = RULE.in_force.start


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"kind": ENTRY.kind}, (Aspect.KIND, "", RULE.kind, ENTRY.kind, UNKNOWN)),
        ({"tier": 2}, (Aspect.TIER, "", 1, 2, UNKNOWN)),
        ({"when": compile_logic(LOGIC)},
         (Aspect.WHEN, "", RULE.when, compile_logic(LOGIC), UNKNOWN)),
        ({"ladder": (Rung("red", 9), Rung("ask", 10))}, (Aspect.LADDER, (8, 9), ASK, RED, STRICTER)),
        ({"ladder": (Rung("red", 7), Rung("ask", 9))}, (Aspect.LADDER, (10, 10), ASK, GREEN, MILDER)),
        ({"support": 3}, (Aspect.SUPPORT, "", 2, 3, MILDER)),
        ({"provisional_hours": 24}, (Aspect.PROVISIONAL, "hours", 48, 24, MILDER)),
        ({"relief": ()}, (Aspect.RELIEF, "", CLEAR, None, STRICTER)),
        ({"relief": (*RULE.relief, clear_tests(days=1))}, (Aspect.RELIEF, "", None, clear_tests(days=1), MILDER)),
        ({"requires": (Requirement("test", 24),)}, (Aspect.REQUIRES, "", None, Requirement("test", 24), NONE)),
        ({"in_force": Span(SINCE.after(DAY), RULE.in_force.end)},
         (Aspect.DATES, "from", "2022-01-01T00:00:00+08:00", "2022-01-02T00:00:00+08:00", MILDER)),
        ({"in_force": Span(SINCE, PACK_SPAN.end)},
         (Aspect.DATES, "until", "9999-12-31T23:59:59Z", "2022-12-31T00:00:00+08:00", MILDER)),
        ({"texts": {**RULE.texts, "en": {**RULE.texts["en"], "do": "Stay."}}},
         (Aspect.TEXT, "en do", RULE.texts["en"]["do"], "Stay.", NONE)),
        ({"own_act": "Order 7"}, (Aspect.ACT, "own act", None, "Order 7", NONE)),
        ({"succeeds": "other"}, (Aspect.ACT, "succeeds", None, "other", UNKNOWN)),
        ({"source": Source(row="scene", page="p. 2", confidence=Confidence.HIGH)},
         (Aspect.SOURCE, "", RULE.source, Source(row="scene", page="p. 2", confidence=Confidence.HIGH), NONE)),
        ({"source": dataclasses.replace(RULE.source, note={"en": "Read so."})},
         (Aspect.SOURCE, "en note", None, "Read so.", NONE)),
    ],
)  # fmt: skip
def test_a_difference_of_a_rule_is_seen(changes: Mapping[str, Any], wanted: tuple[object, ...]) -> None:
    assert rows(compare_packs(OLD, with_rule(**changes))) == [("positive", *wanted)]


IS_POSITIVE: object = {"===": [{"var": "facts.result"}, "positive"]}
IS_PCR: object = {"===": [{"var": "facts.method"}, "pcr"]}
EVERY_METHOD: object = {"in": [{"var": "facts.method"}, ["pcr", "antigen"]]}


@pytest.mark.parametrize(
    ("old", "new", "direction"),
    [
        (IS_POSITIVE, {"and": [IS_POSITIVE, IS_PCR]}, MILDER),
        ({"and": [IS_POSITIVE, IS_PCR]}, IS_POSITIVE, STRICTER),
        (IS_POSITIVE, {"and": [EVERY_METHOD, IS_POSITIVE]}, NONE),
        (IS_POSITIVE, IS_PCR, UNKNOWN),
        ({"and": [IS_POSITIVE, {">": [{"var": "facts.method"}, 1]}]}, {"and": [IS_POSITIVE, False]}, UNKNOWN),
    ],
)
def test_a_condition_is_held_against_every_case_there_can_be(old: object, new: object, direction: Direction) -> None:
    before = dataclasses.replace(OLD, rules=(dataclasses.replace(RULE, when=compile_logic(old)),))
    comparison = compare_packs(before, with_rule(when=compile_logic(new)))
    assert [row[-1] for row in rows(comparison)] == [direction]
    assert bool(comparison.silent) is (direction is not NONE)


def test_a_condition_over_an_open_fact_cannot_be_tried_in_every_case() -> None:
    origin = {"===": [{"var": "facts.origin"}, "SG"]}
    old, new = (dataclasses.replace(ENTRY, when=compile_logic(logic)) for logic in (True, origin))
    packs = [dataclasses.replace(OLD, rules=(rule,)) for rule in (old, new)]
    assert [row[-1] for row in rows(compare_packs(*packs))] == [UNKNOWN]


@pytest.mark.parametrize(
    ("changes", "direction"),
    [
        ({"days": 3}, STRICTER),
        ({"first": -1}, MILDER),
        ({"last": 20}, MILDER),
        ({"last": 10}, STRICTER),
        ({"cuts_to": "ask"}, STRICTER),
        ({"cuts_to": "ask", "last": 20}, UNKNOWN),
    ],
)
def test_relief_that_changed_is_one_row_with_its_direction(changes: Mapping[str, Any], direction: Direction) -> None:
    new = dataclasses.replace(CLEAR, **changes)
    assert rows(compare_packs(OLD, with_rule(relief=(new,)))) == [
        ("positive", Aspect.RELIEF, "", CLEAR, new, direction)
    ]


def test_codes_of_one_effect_on_two_scales_cannot_be_ordered() -> None:
    other = dataclasses.replace(PART, id="part-2")
    new = dataclasses.replace(of_pack(codes=(*CODES[:3], other, RED)), provisional="part-2")
    old = dataclasses.replace(OLD, provisional="part")
    assert (None, Aspect.CODE, "provisional", PART, other, UNKNOWN) in rows(compare_packs(old, new))


def test_a_ladder_of_other_steps_and_the_same_codes_is_no_difference_by_day() -> None:
    moved = with_rule(anchor=Anchor.DAY1, ladder=tuple(Rung(rung.code, rung.until_day + 1) for rung in RULE.ladder))
    assert [row[1] for row in rows(compare_packs(OLD, moved))] == [Aspect.ANCHOR]
    assert compare_packs(OLD, moved).silent == ()
    longer = with_rule(ladder=(*RULE.ladder, Rung("green", 20)))
    assert rows(compare_packs(OLD, longer)) == [
        ("positive", Aspect.LADDER, "steps", "red:7 ask:10", "red:7 ask:10 green:20", UNKNOWN)
    ]


def test_a_rule_s_own_dates_are_told_apart_from_the_pack_s() -> None:
    own = dataclasses.replace(OLD, rules=(dataclasses.replace(RULE, in_force=PACK_SPAN),))
    assert own.rules[0].in_force == own.in_force
    later = Span(PACK_SPAN.start, PACK_SPAN.end.after(DAY))
    moved = dataclasses.replace(own, in_force=later, rules=(dataclasses.replace(RULE, in_force=later),))
    assert [row[:3] for row in rows(compare_packs(own, moved))] == [(None, Aspect.DATES, "until")]


def test_an_anchor_shows_on_the_days_too() -> None:
    assert rows(compare_packs(OLD, with_rule(anchor=Anchor.DAY1))) == [
        ("positive", Aspect.ANCHOR, "", Anchor.DAY0, Anchor.DAY1, NONE),
        ("positive", Aspect.LADDER, (7, 7), RED, ASK, MILDER),
        ("positive", Aspect.LADDER, (10, 10), ASK, GREEN, MILDER),
    ]


def test_examples_that_differ_are_counted() -> None:
    shown = Example(name={}, sign=ExampleSign.HOLDS, statements=(), at=CODED, code="green")
    assert rows(compare_packs(OLD, with_rule(examples=(shown,)))) == [("positive", Aspect.EXAMPLES, "", 0, 1, NONE)]


def test_languages_of_a_rule_that_come_and_go_are_seen() -> None:
    fewer = with_rule(texts={"en": RULE.texts["en"]})
    assert [row[1:3] for row in rows(compare_packs(OLD, fewer))] == [
        (Aspect.TEXT, "zh title"),
        (Aspect.TEXT, "zh reason"),
        (Aspect.TEXT, "zh do"),
    ]


def of_pack(**changes: Any) -> Pack:  # noqa: ANN401 - any field of a pack
    return dataclasses.replace(OLD, version="2.0.0", **changes)


MEASURED = Arrivals(positives=40, tests=1000, measured_by="institute", time=Span(CODED, CODED.after(DAY)))
LIGHTER = dataclasses.replace(CODES[2], effect=Effect.ASK)


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"issuer": "city"}, (Aspect.ABOUT, "issuer", "health", "city", NONE)),
        ({"languages": ("en",)}, (Aspect.ABOUT, "languages", "en, zh", "en", NONE)),
        ({"titles": {**OLD.titles, "en": "Rules"}}, (Aspect.TEXT, "en title", "Rules of the scene", "Rules", NONE)),
        ({"published": OLD.published.after(DAY)},
         (Aspect.ABOUT, "published", "2022-04-28T00:00:00+08:00", "2022-04-29T00:00:00+08:00", NONE)),
        ({"in_force": Span(PACK_SPAN.start, PACK_SPAN.end.after(DAY))},
         (Aspect.DATES, "until", "2022-12-31T00:00:00+08:00", "2023-01-01T00:00:00+08:00", STRICTER)),
        ({"in_force": Span(PACK_SPAN.start.after(-DAY), PACK_SPAN.end)},
         (Aspect.DATES, "from", "2022-05-01T00:00:00+08:00", "2022-04-30T00:00:00+08:00", STRICTER)),
        ({"parameters": {"countries": ["SG", "TH"]}},
         (Aspect.PARAMETER, "countries", "[SG]", "[SG, TH]", NONE)),
        ({"parameters": {}}, (Aspect.PARAMETER, "countries", "[SG]", None, NONE)),
        ({"limits": Limits(laboratory_floor=3)}, (Aspect.LIMIT, "laboratory_floor", 10, 3, MILDER)),
        ({"provisional": "part"}, (Aspect.CODE, "provisional", ASK, PART, STRICTER)),
        ({"default": "ask"}, (Aspect.CODE, "default", GREEN, ASK, STRICTER)),
        ({"arrivals": (MEASURED,)},
         (Aspect.ARRIVALS, "", None, MEASURED, STRICTER)),
        ({"over": "base"}, (Aspect.LAYERS, "over", None, "base", UNKNOWN)),
        ({"succeeds": "base"}, (Aspect.LAYERS, "succeeds", None, "base", UNKNOWN)),
        ({"transition": "none"}, (Aspect.LAYERS, "transition", "milder-at-once", "none", NONE)),
        ({"criteria": "plan"}, (Aspect.ABOUT, "criteria", None, "plan", NONE)),
        ({"left_out": (LeftOut(row="7", because="I5", why={"en": "An area."}),)},
         (Aspect.LEFT_OUT, "", None, LeftOut(row="7", because="I5", why={"en": "An area."}), NONE)),
    ],
)  # fmt: skip
def test_a_difference_of_a_pack_is_seen(changes: Mapping[str, Any], wanted: tuple[object, ...]) -> None:
    assert (None, *wanted) in rows(compare_packs(OLD, of_pack(**changes)))


def test_codes_and_calendars_that_differ_are_shown_on_both_sides() -> None:
    new = of_pack(codes=(*CODES[:2], LIGHTER, CODES[3]))
    assert (None, Aspect.CODE, "part", Effect.PARTLY, Effect.ASK, MILDER) in rows(compare_packs(OLD, new))
    assert (None, Aspect.CODE, "part", Effect.ASK, Effect.PARTLY, STRICTER) in rows(compare_packs(new, OLD))
    moved = of_pack(calendar=Calendar(((Instant(0), 9 * HOUR),)))
    days = ("28800 s from 1970-01-01T00:00:00Z", "32400 s from 1970-01-01T00:00:00Z")
    assert (None, Aspect.CALENDAR, "", *days, UNKNOWN) in rows(compare_packs(OLD, moved))
    blue = dataclasses.replace(CODES[3], id="blue")
    swapped = of_pack(codes=(*CODES[:2], CODES[3], CODES[2]))
    assert (None, Aspect.CODE, "order", "green < ask < part < red", "green < ask < red < part", UNKNOWN) in rows(
        compare_packs(OLD, swapped)
    )
    assert (None, Aspect.CODE, "blue", None, blue, UNKNOWN) in rows(compare_packs(OLD, of_pack(codes=(*CODES, blue))))


def test_rules_that_come_and_go_are_seen_and_in_a_layer_they_go_the_other_way() -> None:
    more = dataclasses.replace(OLD, version="2", rules=(RULE, make_rule("entry")))
    assert rows(compare_packs(OLD, more)) == [("entry", Aspect.ADDED, "", None, ENTRY, STRICTER)]
    assert [row[-1] for row in rows(compare_packs(more, OLD))] == [MILDER]
    layers = [dataclasses.replace(pack, over="base") for pack in (OLD, more)]
    assert [row[-1] for row in rows(compare_packs(*layers))] == [MILDER]
    assert [row[-1] for row in rows(compare_packs(*reversed(layers)))] == [STRICTER]


def test_equal_packs_do_not_differ() -> None:
    again = dataclasses.replace(make_pack([make_rule("positive")]), parameters={"countries": ["SG"]})
    comparison = compare_packs(OLD, again)
    assert (comparison.differences, comparison.silent, comparison.rules, comparison.may_be_stricter) == (
        (),
        (),
        (),
        False,
    )


# Silent changes


NEW_WORDS = {language: {**texts, "do": "Stay."} for language, texts in RULE.texts.items()}


@pytest.mark.parametrize(
    ("changes", "aspect"),
    [
        ({"when": compile_logic(LOGIC)}, Aspect.WHEN),
        ({"ladder": (Rung("red", 9), Rung("ask", 10))}, Aspect.LADDER),
        ({"support": 3}, Aspect.SUPPORT),
        ({"provisional_hours": 24}, Aspect.PROVISIONAL),
        ({"relief": ()}, Aspect.RELIEF),
        ({"tier": 2}, Aspect.TIER),
    ],
)
def test_logic_that_changes_without_version_or_words_is_silent(changes: Mapping[str, Any], aspect: Aspect) -> None:
    for texts, version, unchanged in (
        (RULE.texts, OLD.version, (Silence.VERSION, Silence.TEXTS)),
        (RULE.texts, "2.0.0", (Silence.TEXTS,)),
        (NEW_WORDS, OLD.version, (Silence.VERSION,)),
        (NEW_WORDS, "2.0.0", None),
    ):
        new = dataclasses.replace(with_rule(**changes, texts=texts), version=version)
        silent = compare_packs(OLD, new).silent
        assert [(row.rule, row.aspects, row.unchanged) for row in silent] == (
            [] if unchanged is None else [("positive", (aspect,), unchanged)]
        )


def test_a_parameter_is_silent_for_the_rules_that_read_it() -> None:
    reads = dataclasses.replace(RULE, when=compile_logic({"in": [{"var": "facts.method"}, {"var": "pack.countries"}]}))
    old = dataclasses.replace(OLD, rules=(reads, make_rule("entry")))
    new = dataclasses.replace(old, parameters={"countries": []}, version="2")
    comparison = compare_packs(old, new)
    assert [row.rules for row in comparison.of_rule(None) if row.aspect is Aspect.PARAMETER] == [("positive",)]
    assert [(row.rule, row.aspects, row.unchanged) for row in comparison.silent] == [
        ("positive", (Aspect.PARAMETER,), (Silence.TEXTS,))
    ]


def test_a_rule_added_under_the_same_version_is_silent() -> None:
    more = dataclasses.replace(OLD, rules=(RULE, make_rule("entry")), limits=Limits(laboratory_floor=3))
    assert [(row.rule, row.aspects, row.unchanged) for row in compare_packs(OLD, more).silent] == [
        (None, (Aspect.LIMIT,), (Silence.VERSION, Silence.TEXTS)),
        ("entry", (Aspect.ADDED,), (Silence.VERSION,)),
    ]


ACT = {"id": "act-2", "published": OLD.published.after(DAY), "titles": {"en": "Act two", "zh": "二号文件"}}


@pytest.mark.parametrize("stays", ["", *ACT])
def test_another_act_tells_of_itself_but_a_new_name_alone_does_not(stays: str) -> None:
    """The same words under a successor are no silence: it has an id, a title and a day of publication of its own."""
    new = dataclasses.replace(with_rule(support=3), **{**ACT, stays: getattr(OLD, stays)} if stays else ACT)
    comparison = compare_packs(OLD, new)
    assert comparison.of_its_own is not bool(stays)
    assert [row.rule for row in comparison.silent] == (["positive"] if stays else [])
    assert [row.direction for row in comparison.of_rule("positive")] == [MILDER]


def test_whoever_reads_the_other_language_was_not_told() -> None:
    texts = {**RULE.texts, "en": NEW_WORDS["en"]}
    silent = compare_packs(OLD, with_rule(support=3, texts=texts)).silent
    assert [(row.unchanged, row.languages) for row in silent] == [((Silence.TEXTS,), ("zh",))]


def test_a_comma_tells_nobody_anything() -> None:
    texts = {name: {key: f"{text.upper()} ; " for key, text in row.items()} for name, row in RULE.texts.items()}
    assert [row.rule for row in compare_packs(OLD, with_rule(support=3, texts=texts)).silent] == ["positive"]


def test_a_rule_under_a_new_id_is_held_against_the_one_that_it_succeeds() -> None:
    comparison = compare_packs(OLD, with_rule(id="again", succeeds="positive", support=3))
    assert rows(comparison) == [
        ("again", Aspect.RENAMED, "", "positive", "again", NONE),
        ("again", Aspect.SUPPORT, "", 2, 3, MILDER),
    ]
    assert [(row.rule, row.unchanged) for row in comparison.silent] == [("again", (Silence.TEXTS,))]
    told = compare_packs(OLD, with_rule(id="again", succeeds="positive", support=3, texts=NEW_WORDS))
    assert told.silent == ()


def test_a_rule_that_comes_under_words_that_were_there_is_silent() -> None:
    renamed = compare_packs(OLD, with_rule(id="again"))
    assert [row[1] for row in rows(renamed)] == [Aspect.ADDED, Aspect.REMOVED]
    assert [(row.rule, row.aspects, row.unchanged) for row in renamed.silent] == [
        ("again", (Aspect.ADDED,), (Silence.TEXTS,))
    ]
    both = dataclasses.replace(OLD, version="2", rules=(RULE, dataclasses.replace(RULE, id="b", succeeds="positive")))
    assert [(row.rule, row.aspects) for row in compare_packs(OLD, both).silent] == [("b", (Aspect.ADDED,))]


def test_a_pack_tells_of_itself_by_its_title_or_the_names_of_its_codes() -> None:
    fewer = of_pack(limits=Limits(laboratory_floor=3))
    (silent,) = compare_packs(OLD, fewer).silent
    assert (silent.rule, silent.unchanged, silent.languages) == (None, (Silence.TEXTS,), ("en", "zh"))
    titled = dataclasses.replace(fewer, titles={name: f"{title} 2" for name, title in OLD.titles.items()})
    assert compare_packs(OLD, titled).silent == ()
    named = dataclasses.replace(CODES[3], names={name: f"{word} 2" for name, word in CODES[3].names.items()})
    assert compare_packs(OLD, dataclasses.replace(fewer, codes=(*CODES[:3], named))).silent == ()


def test_words_alone_are_never_silent() -> None:
    new = dataclasses.replace(with_rule(texts=NEW_WORDS), version=OLD.version)
    assert compare_packs(OLD, new).silent == ()


# Who would be affected


def province(scene: Scene, book: Book) -> dict[bytes, tuple[Held, ...]]:
    return {person.subject: scene.held(str(place), book) for place, person in enumerate(scene.registry.people())}


def test_people_are_counted_by_rule_and_area() -> None:
    scene = Scene(people=["0", "1", "2", "3"])
    scene.sampled_positive("0")
    scene.positive("1")
    scene.contact("2", scene.sampled_positive("3", sample="b", at=scene.now.after(DAY)))
    lighter = [make_rule("positive", ladder=(("part", 7),)), make_rule("contact", ladder=(("part", 9),))]
    old, new = scene_book(), scene_book(lighter)
    found = affected(old, new, province(scene, old), scene.now)
    assert found.people == 4
    assert found.total == (Cell(old="red", new="part", worse=False, of="", people=2),)
    assert found.by_rule == (Cell(old="red", new="part", worse=False, of="positive", people=2),)
    assert found.by_area == (Cell(old="red", new="part", worse=False, of="CN-41", people=2),)
    back = affected(new, old, province(scene, old), scene.now)
    assert back.total == (Cell(old="part", new="red", worse=True, of="", people=2),)
    assert back.by_rule[0].of == "positive"


def test_without_a_pack_there_is_no_code_to_go_to() -> None:
    scene = Scene(people=["0"])
    scene.sampled_positive("0")
    ends = make_book([make_pack(in_force=Span(PACK_SPAN.start, CODED))])
    found = affected(scene_book(), ends, province(scene, ends), CODED)
    assert found.total == (Cell(old="red", new=None, worse=False, of="", people=1),)
    began = affected(ends, scene_book(), {b"": ()}, CODED)
    assert began.by_rule == (Cell(old=None, new="green", worse=True, of="", people=1),)


def counts(of: Mapping[str, int], old: str = "green", new: str = "red") -> Affected:
    cells = tuple(Cell(old=old, new=new, worse=True, of=name, people=n) for name, n in of.items())
    total = Cell(old=old, new=new, worse=True, of="", people=sum(of.values()))
    return Affected(at=CODED, people=10_000, total=(total,), by_rule=cells, by_area=cells)


@pytest.mark.parametrize(
    ("of", "total", "shown"),
    [
        ({"a": 900, "b": 60}, 960, {"a": 900, "b": 60}),
        ({"a": 900, "b": 60, "c": 30, "d": 30}, 1020, {"a": 900, "b": 60, None: 60}),
        ({"a": 900, "b": 60, "c": 3}, 963, {"a": 900, None: 63}),
        ({"a": 60, "b": 3}, 63, {None: 63}),
        ({"a": 30, "b": 3}, None, {}),
        ({"a": 30, "b": 30}, 60, {None: 60}),
    ],
)
def test_no_cell_under_fifty_is_shown_nor_given_away(
    of: Mapping[str, int], total: int | None, shown: Mapping[str | None, int]
) -> None:
    public = counts(of).public()
    assert [cell.people for cell in public.total] == [total]
    for cells in (public.by_rule, public.by_area):
        assert {cell.of: cell.people for cell in cells} == shown
