"""Packs laid over each other and after each other: milder of both, notice, and what does not fit."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence import Kind, Limits
from habeas.grounds import Derivation
from habeas.rules import NOTICE, Anchor, Arrivals, Book, BookError, Pack, Rule, Rung, compile_logic, make_book
from habeas.wire import DAY, FOREVER, HOUR, Calendar, Instant, Span
from scene import CODED, CODES, PACK_SPAN, Scene, clear_tests, make_pack, make_rule, when

JULY = when("2022-07-01 00:00")
AUGUST = when("2022-08-01 00:00")


def rule(name: str = "positive", **options: Any) -> Rule:  # noqa: ANN401 - options of `make_rule`, or fields of a rule
    fields = {key: options.pop(key) for key in ("id", "own_act", "anchor") if key in options}
    return dataclasses.replace(make_rule(name, **options), **fields)


def pack(*rules: Rule, **options: Any) -> Pack:  # noqa: ANN401 - options of `make_pack`, or fields of a pack
    fields = {
        key: options.pop(key) for key in ("parameters", "limits", "provisional", "codes", "tier") if key in options
    }
    return dataclasses.replace(make_pack(rules, **options), **fields)


def layer(*rules: Rule, **options: Any) -> Pack:  # noqa: ANN401 - as above
    return pack(*rules, **({"id": "layer", "over": "scene-pack"} | options))


def phase(*rules: Rule, **options: Any) -> Pack:  # noqa: ANN401 - as above
    span = Span(JULY, when("2022-12-31 00:00"))
    return pack(*rules, **({"id": "phase", "succeeds": "scene-pack", "in_force": span} | options))


def codes(book: Book, scene: Scene, *at: Instant, name: str = "li") -> list[str]:
    """Return a person's code at some instants; - where no pack is in force."""
    derivation = Derivation(book, scene.held(name, book))
    return [code.id if (code := derivation.at(instant).code) else "-" for instant in at]


def positive(at: Instant = CODED) -> Scene:
    scene = Scene()
    scene.sampled_positive("li", at=at)
    return scene


RED_14 = (("red", 14),)
RED_3 = (("red", 3),)
ASK_14 = (("ask", 14),)
FIRST = Span(PACK_SPAN.start, JULY)

# What does not fit


@pytest.mark.parametrize(
    ("packs", "says"),
    [
        ([pack(rule()), pack(rule(), version="2")], "two packs have one id: scene-pack"),
        ([pack(rule()), pack(rule(), id="other", codes=CODES[:2])], "other codes than scene-pack"),
        ([layer(rule())], "`over: scene-pack`, which is not here"),
        ([phase(rule())], "`succeeds: scene-pack`, which is not here"),
        ([pack(rule(), over="scene-pack")], "`over: scene-pack`, which is not here"),
        ([pack(rule(), succeeds="b"), pack(rule(), id="b", succeeds="scene-pack")], "succeed each other in a circle"),
        ([pack(rule()), layer(rule("contact"))], "a layer may add a rule only under its own act"),
        (
            [pack(rule()), layer(rule()), layer(rule(), id="third", over="layer")],
            "third lies over layer, which is a layer",
        ),
    ],
)
def test_packs_that_do_not_fit_are_refused(packs: list[Pack], says: str) -> None:
    with pytest.raises(BookError, match=says):
        make_book(packs)


# Notice


def start_of(packs: list[Pack], logged: Mapping[bytes, Instant] | None = None) -> Instant:
    return make_book(packs, logged).spans[-1].start


def test_a_pack_counts_48_hours_after_it_was_logged_at_the_soonest() -> None:
    one = pack(rule(), in_force=PACK_SPAN, published=PACK_SPAN.start.after(-5 * DAY))
    assert start_of([one]) == PACK_SPAN.start
    assert start_of([one], {one.hash: PACK_SPAN.start}) == PACK_SPAN.start.after(NOTICE)
    assert start_of([pack(rule(), published=PACK_SPAN.start.after(-HOUR))]) == PACK_SPAN.start.after(47 * HOUR)


def test_before_its_notice_has_run_nobody_has_a_code() -> None:
    one = pack(rule(), published=CODED.after(-HOUR))
    assert codes(make_book([one]), positive(), CODED, CODED.after(47 * HOUR - 1), CODED.after(47 * HOUR)) == [
        "-",
        "-",
        "green",
    ]


def test_a_successor_that_is_in_nothing_stricter_counts_at_once() -> None:
    old = pack(rule(ladder=RED_14), in_force=FIRST)
    same = rule(ladder=RED_14)
    milder = dataclasses.replace(old.rules[0], ladder=(Rung("red", 3),))
    stricter = dataclasses.replace(old.rules[0], ladder=(Rung("red", 15),))
    relieved = dataclasses.replace(old.rules[0], relief=(*old.rules[0].relief, clear_tests(days=1)))
    wanted = [(old.rules[0], 0), (milder, 0), (relieved, 0), (stricter, NOTICE), (same, 0)]
    for new, notice in wanted:
        assert start_of([old, phase(new, published=JULY)]) == JULY.after(notice)
    other = dataclasses.replace(old.rules[0], when=compile_logic({"===": [1, 1]}))
    for new in (other, dataclasses.replace(other, id="new"), rule("contact")):
        assert start_of([old, phase(new, published=JULY)]) == JULY.after(NOTICE)
    fewer = dataclasses.replace(old.rules[0], support=3)
    assert start_of([pack(fewer, in_force=FIRST), phase(old.rules[0], published=JULY)]) == JULY.after(NOTICE)
    assert start_of([old, phase(dataclasses.replace(old.rules[0], relief=()), published=JULY)]) == JULY.after(NOTICE)


OLD = pack(rule(provisional_hours=24), in_force=FIRST, parameters={"days": 1}, limits=Limits(laboratory_floor=3))
SLYER = {
    "parameters": phase(OLD.rules[0], published=JULY, parameters={"days": 2}, limits=OLD.limits),
    "provisional hours": phase(
        rule(provisional_hours=48), published=JULY, parameters=OLD.parameters, limits=OLD.limits
    ),
    "provisional code": phase(
        OLD.rules[0], published=JULY, parameters=OLD.parameters, limits=OLD.limits, provisional="part"
    ),
    "limits": phase(OLD.rules[0], published=JULY, parameters=OLD.parameters),
    "arrivals": phase(
        OLD.rules[0],
        published=JULY,
        parameters=OLD.parameters,
        limits=OLD.limits,
        arrivals=(Arrivals(positives=40, tests=1000, measured_by="institute", time=Span(JULY, AUGUST)),),
    ),
}


@pytest.mark.parametrize("what", SLYER)
def test_a_successor_stricter_in_anything_waits(what: str) -> None:
    assert start_of([OLD, SLYER[what]]) == JULY.after(NOTICE)


def test_a_milder_layer_counts_at_once() -> None:
    book = make_book([pack(rule(ladder=RED_14)), layer(rule(ladder=ASK_14), published=CODED)])
    assert codes(book, positive(), CODED.after(-1), CODED) == ["green", "ask"]
    stricter = layer(rule(ladder=ASK_14, own_act="City order 7"), published=CODED)
    assert codes(make_book([pack(rule(ladder=RED_14)), stricter]), positive(), CODED.after(HOUR)) == ["red"]


# No pack


def test_a_book_of_no_packs_gives_nobody_a_code() -> None:
    book = make_book([])
    assert codes(book, positive(), CODED) == ["-"]
    assert book.spans == ()
    assert book.limits_at(CODED) == Limits()


def test_with_none_in_force_nobody_has_a_code() -> None:
    book = make_book([pack(rule(ladder=RED_14), in_force=Span(PACK_SPAN.start, CODED.after(DAY)))])
    assert book.in_force(CODED)
    assert not book.in_force(CODED.after(DAY))
    assert codes(book, positive(), CODED, CODED.after(DAY - 1), CODED.after(DAY)) == ["red", "red", "-"]


def test_limits_are_the_milder_of_all_packs_then_in_force() -> None:
    one = pack(rule(), in_force=FIRST, limits=Limits(laboratory_floor=3, contacts_an_index=9))
    two = phase(rule(), limits=Limits(contacts_an_index=5))
    book = make_book([one, two])
    assert book.limits_at(CODED) == one.limits
    assert book.limits_at(JULY) == two.limits
    assert book.limits_at(when("2023-02-01 00:00")) == Limits()


# Layers


def test_a_layer_is_on_every_day_the_milder_of_both() -> None:
    upper, lower = rule(ladder=(("red", 3), ("ask", 9))), rule(ladder=(("red", 1), ("part", 5), ("ask", 7)))
    book = make_book([pack(upper), layer(lower)])
    days = [CODED.after(n * DAY) for n in range(11)]
    wanted = ["red", "red", "part", "part", "ask", "ask", "ask", "ask", "green", "green", "green"]
    assert codes(book, positive(), *days) == wanted


ladders = st.lists(
    st.tuples(st.integers(1, 3), st.integers(0, 9)), min_size=1, max_size=3, unique_by=(lambda r: r[0], lambda r: r[1])
)


def falling(rows: list[tuple[int, int]]) -> tuple[tuple[str, int], ...]:
    severities = sorted((severity for severity, _ in rows), reverse=True)
    return tuple(
        (CODES[severity].id, day) for severity, day in zip(severities, sorted(day for _, day in rows), strict=True)
    )


def severity_on(ladder: tuple[tuple[str, int], ...], day: int, anchor: Anchor) -> int:
    number = day if anchor is Anchor.DAY0 else day + 1
    ids = [code.id for code in CODES]
    return next((ids.index(code) for code, until in ladder if number <= until), 0)


@given(upper=ladders, lower=ladders, anchors=st.tuples(st.sampled_from(Anchor), st.sampled_from(Anchor)))
def test_layers_are_pointwise_milder_whatever_the_ladders(
    upper: list[tuple[int, int]], lower: list[tuple[int, int]], anchors: tuple[Anchor, Anchor]
) -> None:
    made = [rule(ladder=falling(rows), anchor=anchor) for rows, anchor in zip((upper, lower), anchors, strict=True)]
    merged = make_book([pack(made[0]), layer(made[1])]).rules
    ladder = next(row.ladder for row in merged if row.pack.id == "layer")
    for day in range(12):
        wanted = min(
            severity_on(falling(rows), day, anchor) for rows, anchor in zip((upper, lower), anchors, strict=True)
        )
        assert next((severity for severity, days in ladder if day < days), 0) == wanted


def test_a_layer_adds_its_support_relief_condition_and_shorter_window() -> None:
    upper = rule(provisional_hours=48, relief=(clear_tests(),))
    lower = rule(
        support=3, provisional_hours=24, relief=(clear_tests(days=1),), logic={"===": [{"var": "facts.method"}, "pcr"]}
    )
    (merged,) = make_book([pack(upper), layer(lower)]).rules
    assert (merged.support, merged.provisional, len(merged.relief), len(merged.conditions)) == (3, 24 * HOUR, 2, 2)
    assert merged.pack.id == "layer"


def test_outside_its_dates_a_layer_changes_nothing() -> None:
    june = layer(rule(ladder=ASK_14), in_force=Span(when("2022-06-05 00:00"), when("2022-06-20 00:00")))
    book = make_book([pack(rule(ladder=RED_14)), june])
    assert codes(book, positive(when("2022-06-02 10:00")), when("2022-06-03 00:00"), when("2022-06-06 00:00")) == [
        "red",
        "ask",
    ]
    assert codes(book, positive(when("2022-06-21 10:00")), when("2022-06-22 00:00")) == ["red"]
    later = layer(rule(ladder=ASK_14), in_force=Span(when("2023-01-01 00:00"), when("2023-02-01 00:00")))
    assert codes(make_book([pack(rule(ladder=RED_14)), later]), positive(), CODED) == ["red"]


def test_a_layer_s_own_act_may_be_stricter_and_add_rules() -> None:
    own = layer(rule(ladder=RED_14, own_act="City order 7"), rule("contact", own_act="City order 8"))
    book = make_book([pack(rule(ladder=RED_3)), own])
    assert codes(book, positive(), CODED.after(10 * DAY)) == ["red"]
    assert {row.rule.id for row in book.by_kind[Kind.CONTACT_FINDING]} == {"contact"}


def test_a_layer_s_arrivals_are_added() -> None:
    measured = Arrivals(positives=40, tests=1000, measured_by="institute", time=Span(CODED, CODED.after(90 * DAY)))
    book = make_book(
        [pack(rule("entry")), layer(in_force=Span(PACK_SPAN.start, CODED.after(DAY)), arrivals=(measured,))]
    )
    scene = Scene()
    scene.entry("li", backed_by=("carrier", "hotel"))
    assert codes(book, scene, CODED, CODED.after(DAY)) == ["red", "ask"]


def test_the_end_of_a_layer_reaches_nobody_s_running_ground() -> None:
    end = CODED.after(3 * DAY)
    june = layer(rule(ladder=ASK_14), in_force=Span(PACK_SPAN.start, end))
    book = make_book([pack(rule(ladder=RED_14)), june])
    assert codes(book, positive(), end.after(-1), end) == ["ask", "ask"]


def test_a_stricter_layer_leaves_running_grounds_as_they_were() -> None:
    own = layer(rule(ladder=RED_14, own_act="City order 7"), in_force=Span(CODED.after(DAY), PACK_SPAN.end))
    book = make_book([pack(rule(ladder=RED_3)), own])
    assert codes(book, positive(), CODED, CODED.after(2 * DAY), CODED.after(5 * DAY)) == ["red", "red", "green"]


def test_two_layers_are_both_laid() -> None:
    second = layer(rule(ladder=ASK_14), id="second")
    book = make_book([pack(rule(ladder=RED_14)), layer(rule(ladder=(("part", 14),))), second])
    assert codes(book, positive(), CODED) == ["ask"]


def test_a_layer_is_laid_over_carried_grounds_too() -> None:
    split = CODED.after(DAY)
    first = rule(ladder=RED_14, id="first", in_force=Span(PACK_SPAN.start, split))
    second = rule(ladder=RED_14, id="second", in_force=Span(split, PACK_SPAN.end), succeeds="first")
    book = make_book([pack(first, second), layer(rule(ladder=ASK_14, id="second"))])
    assert codes(book, positive(), CODED.after(2 * DAY)) == ["ask"]


def test_a_layer_s_own_succession_keeps_both_rows() -> None:
    split = CODED.after(-5 * DAY)
    first = rule(ladder=RED_3, id="first", own_act="order 1", in_force=Span(PACK_SPAN.start, split))
    second = rule(ladder=RED_3, id="second", own_act="order 2", in_force=Span(split, PACK_SPAN.end), succeeds="first")
    book = make_book([pack(rule("contact")), layer(first, second)])
    assert codes(book, positive(), CODED) == ["red"]


def test_a_layer_ends_with_its_pack() -> None:
    own = layer(rule(ladder=RED_14, own_act="City order 7"))
    book = make_book([pack(rule("contact"), in_force=FIRST), own, phase(rule("contact"))])
    assert codes(book, positive(JULY.after(DAY)), JULY.after(2 * DAY)) == ["green"]


# Phases


@pytest.mark.parametrize(("before", "after"), [(RED_3, RED_14), (RED_14, RED_3), (ASK_14, RED_14), (RED_14, ASK_14)])
def test_running_grounds_get_the_milder_of_both_phases(before: Any, after: Any) -> None:  # noqa: ANN401 - ladders
    book = make_book([pack(rule(ladder=before), in_force=FIRST), phase(rule(ladder=after))])
    coded = JULY.after(-DAY)
    scene = positive(coded)
    for days in range(2, 16):
        at = coded.after(days * DAY)
        wanted = min(severity_on(ladder, days + 1, Anchor.DAY0) for ladder in (before, after))  # sampled the day before
        assert codes(book, scene, at) == [CODES[wanted].id]


def test_what_is_new_in_a_phase_sees_only_what_comes_after() -> None:
    book = make_book([pack(rule("contact"), in_force=FIRST), phase(rule(ladder=RED_14))])
    assert codes(book, positive(JULY.after(-DAY)), JULY.after(DAY)) == ["green"]
    assert codes(book, positive(JULY.after(DAY)), JULY.after(2 * DAY)) == ["red"]


def test_grounds_are_carried_over_more_than_one_phase() -> None:
    first, second = (
        pack(rule(ladder=RED_14), in_force=FIRST),
        phase(rule(ladder=RED_3), in_force=Span(JULY, JULY.after(2 * DAY))),
    )
    third = phase(rule(ladder=RED_14), id="third", succeeds="phase", in_force=Span(JULY.after(2 * DAY), AUGUST))
    scene = positive(JULY.after(-DAY))
    assert codes(make_book([third, second, first]), scene, JULY, JULY.after(5 * DAY)) == ["red", "green"]


def test_a_rule_of_one_pack_can_succeed_another() -> None:
    split = CODED.after(DAY)
    first = rule(ladder=RED_14, id="first", in_force=Span(PACK_SPAN.start, split))
    second = rule(ladder=RED_3, id="second", in_force=Span(split, PACK_SPAN.end), succeeds="first")
    book = make_book([pack(first, second)])
    assert codes(book, positive(), CODED, CODED.after(2 * DAY), CODED.after(5 * DAY)) == ["red", "red", "green"]


def test_a_third_rule_of_one_pack_carries_on_what_the_first_saw() -> None:
    splits = [CODED.after(DAY), CODED.after(2 * DAY)]
    first = rule(ladder=RED_14, id="first", in_force=Span(PACK_SPAN.start, splits[0]))
    second = rule(ladder=RED_14, id="second", in_force=Span(*splits), succeeds="first")
    third = rule(ladder=RED_14, id="third", in_force=Span(splits[1], PACK_SPAN.end), succeeds="second")
    book = make_book([pack(third, first, second)])
    assert codes(book, positive(), CODED, splits[0], splits[1], CODED.after(9 * DAY)) == ["red"] * 4


def test_a_phase_ends_the_one_before() -> None:
    book = make_book([pack(rule(ladder=RED_14)), phase(rule(ladder=ASK_14))])
    assert codes(book, positive(JULY.after(DAY)), JULY.after(2 * DAY)) == ["ask"]


def test_a_ground_that_fell_does_not_come_back() -> None:
    late = rule(ladder=RED_14, in_force=Span(JULY.after(3 * DAY), FOREVER))
    book = make_book([pack(rule(ladder=RED_14), in_force=FIRST), phase(late)])
    assert codes(book, positive(JULY.after(-DAY)), JULY.after(DAY), JULY.after(5 * DAY)) == ["green", "green"]


SLYER_RULES = {
    "tier": rule(tier=2),
    "ended": rule(in_force=Span(PACK_SPAN.start, CODED)),
}


@pytest.mark.parametrize("what", SLYER_RULES)
def test_a_rule_that_is_stricter_by_tier_or_dates_waits(what: str) -> None:
    old = pack(SLYER_RULES[what], in_force=FIRST)
    assert start_of([old, phase(rule(), published=JULY)]) == JULY.after(NOTICE)


def test_another_calendar_waits() -> None:
    old = pack(rule(), in_force=FIRST)
    west = dataclasses.replace(phase(old.rules[0], published=JULY), calendar=Calendar(((Instant(0), -8 * HOUR),)))
    assert start_of([old, west]) == JULY.after(NOTICE)


def test_a_successor_that_never_counts_ends_nothing() -> None:
    late = phase(rule("contact"), in_force=Span(JULY, JULY.after(DAY)), published=JULY)
    book = make_book([pack(rule(ladder=RED_14)), late])
    assert codes(book, positive(JULY), JULY.after(3 * DAY)) == ["red"]


def test_the_old_clock_runs_on_in_the_next_phase() -> None:
    six, change = (("red", 6),), CODED.after(6 * DAY)
    old = pack(rule(ladder=six), in_force=Span(PACK_SPAN.start, change))
    new = phase(rule(ladder=six, provisional_hours=24), in_force=Span(change, PACK_SPAN.end), published=PACK_SPAN.start)
    scene = positive()
    for days in (4, 8):
        scene.positive("li", at=CODED.after(days * DAY), observed=CODED.after(days * DAY))
    assert codes(make_book([old, new]), scene, CODED.after(8 * DAY)) == ["green"]


# Verdicts


def test_a_relief_that_errs_relieves_nobody() -> None:
    erring = dataclasses.replace(clear_tests(days=1), when=compile_logic({">": [{"var": "facts.method"}, 1]}))
    book = make_book([pack(rule(ladder=RED_14, relief=(erring,)))])
    scene = positive()
    scene.negative("li", sample="clear", at=CODED.after(30 * HOUR))
    assert codes(book, scene, scene.now) == ["red"]


def test_the_codes_of_a_pack_are_found_by_id() -> None:
    assert pack(rule()).code("ask") is CODES[1]
    with pytest.raises(StopIteration):
        pack(rule()).code("blue")
