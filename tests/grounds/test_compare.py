"""What a health officer sees of two packs: every difference, silent ones named, and who would be affected."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from typing import Any

import pytest

from habeas.evidence import Held, Limits
from habeas.grounds import (
    Affected,
    Cell,
    Comparison,
    Silence,
    affected,
    compare_packs,
    format_affected,
    format_comparison,
)
from habeas.grounds._differences import Aspect, Direction
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


def rows(comparison: Comparison) -> list[tuple[str | None, Aspect, str, str, str, Direction]]:
    """Return the differences without that of the version."""
    return [
        (row.rule, row.aspect, row.item, row.old, row.new, row.direction)
        for row in comparison.differences
        if row.item != "version"
    ]


STRICTER, MILDER, UNKNOWN, NONE = Direction.STRICTER, Direction.MILDER, Direction.UNKNOWN, Direction.NONE
LOGIC = {"===": [{"var": "facts.method"}, "pcr"]}
CLEAR = f"test-result on 2 days within days 0 to 14 cuts to green, when {clear_tests().when.text}"
SINCE = RULE.in_force.start


@pytest.mark.parametrize(
    ("changes", "wanted"),
    [
        ({"kind": make_rule("entry").kind}, (Aspect.KIND, "", "test-result", "border-entry", UNKNOWN)),
        ({"tier": 2}, (Aspect.TIER, "", "1", "2", UNKNOWN)),
        ({"when": compile_logic(LOGIC)},
         (Aspect.WHEN, "", RULE.when.text, '{"===":[{"var":"facts.method"},"pcr"]}', UNKNOWN)),
        ({"ladder": (Rung("red", 9), Rung("ask", 10))}, (Aspect.LADDER, "days 8 to 9", "ask", "red", STRICTER)),
        ({"ladder": (Rung("red", 7), Rung("ask", 9))}, (Aspect.LADDER, "day 10", "ask", "green", MILDER)),
        ({"support": 3}, (Aspect.SUPPORT, "", "2", "3", MILDER)),
        ({"provisional_hours": 24}, (Aspect.PROVISIONAL, "hours", "48", "24", MILDER)),
        ({"relief": ()}, (Aspect.RELIEF, "", CLEAR, "", STRICTER)),
        ({"relief": (*RULE.relief, clear_tests(days=1))}, (Aspect.RELIEF, "", "", CLEAR.replace("on 2", "on 1"), MILDER)),
        ({"requires": (Requirement("test", 24),)}, (Aspect.REQUIRES, "", "", "test within 24 h", NONE)),
        ({"in_force": Span(SINCE.after(DAY), RULE.in_force.end)},
         (Aspect.DATES, "from", "2022-01-01T00:00:00+08:00", "2022-01-02T00:00:00+08:00", MILDER)),
        ({"in_force": Span(SINCE, PACK_SPAN.end)},
         (Aspect.DATES, "until", "9999-12-31T23:59:59Z", "2022-12-31T00:00:00+08:00", MILDER)),
        ({"texts": {**RULE.texts, "en": {**RULE.texts["en"], "do": "Stay."}}},
         (Aspect.TEXT, "en do", RULE.texts["en"]["do"], "Stay.", NONE)),
        ({"own_act": "Order 7"}, (Aspect.ACT, "own act", "", "Order 7", UNKNOWN)),
        ({"succeeds": "other"}, (Aspect.ACT, "succeeds", "", "other", UNKNOWN)),
        ({"source": Source(row="scene", page="p. 2", confidence=Confidence.HIGH)},
         (Aspect.SOURCE, "", "scene, scene (low)", "scene, p. 2 (high)", NONE)),
        ({"source": dataclasses.replace(RULE.source, note={"en": "Read so."})},
         (Aspect.SOURCE, "note in en", "", "Read so.", NONE)),
    ],
)  # fmt: skip
def test_a_difference_of_a_rule_is_seen(changes: Mapping[str, Any], wanted: tuple[object, ...]) -> None:
    assert rows(compare_packs(OLD, with_rule(**changes))) == [("positive", *wanted)]


def test_an_anchor_shows_on_the_days_too() -> None:
    assert rows(compare_packs(OLD, with_rule(anchor=Anchor.DAY1))) == [
        ("positive", Aspect.ANCHOR, "", "day0", "day1", UNKNOWN),
        ("positive", Aspect.LADDER, "day 7", "red", "ask", MILDER),
        ("positive", Aspect.LADDER, "day 10", "ask", "green", MILDER),
    ]


def test_examples_that_differ_are_counted() -> None:
    shown = Example(name={}, sign=ExampleSign.HOLDS, statements=(), at=CODED, code="green")
    assert rows(compare_packs(OLD, with_rule(examples=(shown,)))) == [
        ("positive", Aspect.EXAMPLES, "", "0 examples", "1 examples", NONE)
    ]


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
        ({"titles": {**OLD.titles, "en": "Rules"}}, (Aspect.ABOUT, "title in en", "Rules of the scene", "Rules", NONE)),
        ({"published": OLD.published.after(DAY)},
         (Aspect.ABOUT, "published", "2022-04-28T00:00:00+08:00", "2022-04-29T00:00:00+08:00", NONE)),
        ({"in_force": Span(PACK_SPAN.start, PACK_SPAN.end.after(DAY))},
         (Aspect.DATES, "until", "2022-12-31T00:00:00+08:00", "2023-01-01T00:00:00+08:00", STRICTER)),
        ({"in_force": Span(PACK_SPAN.start.after(-DAY), PACK_SPAN.end)},
         (Aspect.DATES, "from", "2022-05-01T00:00:00+08:00", "2022-04-30T00:00:00+08:00", STRICTER)),
        ({"parameters": {"countries": ["SG", "TH"]}},
         (Aspect.PARAMETER, "countries", "['SG']", "['SG', 'TH']", UNKNOWN)),
        ({"parameters": {}}, (Aspect.PARAMETER, "countries", "['SG']", "", UNKNOWN)),
        ({"limits": Limits(laboratory_floor=3)}, (Aspect.LIMIT, "laboratory_floor", "10", "3", MILDER)),
        ({"provisional": "part"}, (Aspect.CODE, "provisional", "ask", "part", STRICTER)),
        ({"default": "ask"}, (Aspect.CODE, "default", "green", "ask", STRICTER)),
        ({"arrivals": (MEASURED,)},
         (Aspect.ARRIVALS, "", "", "40 of 1000 positive, measured by institute, 2022-06-12T13:04:00Z to 2022-06-13T13:04:00Z", STRICTER)),
        ({"over": "base"}, (Aspect.LAYERS, "over", "", "base", UNKNOWN)),
        ({"succeeds": "base"}, (Aspect.LAYERS, "succeeds", "", "base", UNKNOWN)),
        ({"transition": "none"}, (Aspect.LAYERS, "transition", "milder-at-once", "none", UNKNOWN)),
        ({"criteria": "plan"}, (Aspect.ABOUT, "criteria", "", "plan", NONE)),
        ({"left_out": (LeftOut(row="7", because="I5", why={"en": "An area."}),)},
         (Aspect.LEFT_OUT, "", "", "7: I5, An area.", NONE)),
    ],
)  # fmt: skip
def test_a_difference_of_a_pack_is_seen(changes: Mapping[str, Any], wanted: tuple[object, ...]) -> None:
    assert (None, *wanted) in rows(compare_packs(OLD, of_pack(**changes)))


def test_codes_and_calendars_that_differ_are_shown_on_both_sides() -> None:
    found = rows(compare_packs(OLD, of_pack(codes=(*CODES[:2], LIGHTER, CODES[3]))))
    assert [row[1] for row in found] == [Aspect.CODE, Aspect.CODE]
    assert ("partly" in found[0][3], "ask" in found[1][4]) == (True, True)
    moved = of_pack(calendar=Calendar(((Instant(0), 9 * HOUR),)))
    assert [(row.old, row.new) for row in compare_packs(OLD, moved).of_rule(None) if row.aspect is Aspect.CALENDAR] == [
        ("28800 s from 1970-01-01T00:00:00Z", ""),
        ("", "32400 s from 1970-01-01T00:00:00Z"),
    ]


def test_rules_that_come_and_go_are_seen_and_in_a_layer_they_go_the_other_way() -> None:
    more = dataclasses.replace(OLD, version="2", rules=(RULE, make_rule("entry")))
    assert rows(compare_packs(OLD, more)) == [("entry", Aspect.ADDED, "", "", "Entry from abroad · 境外入境", STRICTER)]
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
    assert "No difference. 没有差异。" in format_comparison(comparison)


# Silent changes


NEW_WORDS = {**RULE.texts, "en": {**RULE.texts["en"], "do": "Stay."}}


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
    assert "(read by 用于 positive)" in format_comparison(comparison)


def test_a_rule_added_under_the_same_version_is_silent() -> None:
    more = dataclasses.replace(OLD, rules=(RULE, make_rule("entry")), limits=Limits(laboratory_floor=3))
    assert [(row.rule, row.aspects, row.unchanged) for row in compare_packs(OLD, more).silent] == [
        (None, (Aspect.LIMIT,), (Silence.VERSION,)),
        ("entry", (Aspect.ADDED,), (Silence.VERSION,)),
    ]
    other = dataclasses.replace(more, id="another")
    assert compare_packs(OLD, other).silent == ()


def test_words_alone_are_never_silent() -> None:
    new = dataclasses.replace(with_rule(texts=NEW_WORDS), version=OLD.version)
    assert compare_packs(OLD, new).silent == ()


# The text


def test_the_text_has_headings_in_both_languages_and_every_difference() -> None:
    new = dataclasses.replace(with_rule(support=3, ladder=(Rung("red", 9),)), version=OLD.version)
    text = format_comparison(compare_packs(OLD, new))
    assert text.splitlines()[0] == "scene-pack 1.0.0 -> scene-pack 1.0.0"
    assert "SILENT CHANGES 未声明的变更" in text
    assert (
        "! rule 规则 positive: code by day 逐日颜色, bodies needed 所需机构数 changed 已变; version did not 版本未变"
        in text
    )
    assert "RULE 规则 positive" in text
    assert "bodies needed 所需机构数: 2 -> 3  [milder 更宽]" in text
    assert "code by day 逐日颜色 [days 8 to 9]: ask -> red  [stricter 更严]" in text
    assert not re.search(r"[ \t]$", text, re.MULTILINE)


def test_a_silent_change_of_the_pack_says_so() -> None:
    text = format_comparison(compare_packs(OLD, dataclasses.replace(OLD, limits=Limits(laboratory_floor=3))))
    assert "! the pack 规则包: limit 限额 changed 已变; version did not 版本未变" in text


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
    assert "red -> no code 无码  − 1" in format_affected(found)
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


def test_the_text_of_who_is_affected() -> None:
    sealed = counts({"CN-41": 41_200, "CN-42": 3})
    text = format_affected(sealed.public())
    assert text.splitlines()[:2] == [
        "WHO WOULD BE AFFECTED 影响范围: 10,000 people looked at 人, 2022-06-12T13:04:00Z",
        "  green -> red  + 41,203",
    ]
    assert "green -> red  all others 其他合计  + 41,203" in text
    assert "too few to show 人数过少，不显示" in format_affected(counts({"a": 3}).public())
    nobody = Affected(at=CODED, people=3, total=(), by_rule=(), by_area=())
    assert "Nobody. 无人。" in format_affected(nobody)
    both = format_comparison(compare_packs(OLD, with_rule(support=3)), sealed)
    assert both.endswith(format_affected(sealed))
