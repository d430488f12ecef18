"""Who may say what (I7), and where a pass may be asked for (I13)."""

from __future__ import annotations

import dataclasses
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.mandates import (
    EMERGENCY_MAX,
    RULES,
    RULING,
    WAITING,
    Body,
    BodyClass,
    Emergency,
    GateClass,
    GateMandate,
    GateMandateError,
    GrantError,
    Level,
    Mandate,
    NoMandateError,
    Roster,
    custodians,
    gate_in_force,
    independent,
)
from habeas.wire import DAY, FOREVER, HOUR, Area, Instant, Span, encode_cbor, parse_deterministic_cbor
from scene import AREA, START, key_of, make_actor

FOR_EVER = Span(START, START.after(1000 * DAY))


def mandate(name: str, *kinds: str, body_class: BodyClass = BodyClass.SOURCE, key: str = "", **links: str) -> Mandate:
    body = Body(
        id=name,
        superior=links.get("superior", f"{name}-board"),
        operator=links.get("operator", name),
        level=Level.CITY,
        body_class=body_class,
        names=(("en", name.title()), ("zh", "某单位")),
    )
    return Mandate(
        body=body,
        kinds=frozenset(kinds or {"border-entry"}),
        area=AREA,
        key=key_of(key or name).verifying,
        time=FOR_EVER,
    )


def test_a_mandate_counts_seven_days_after_it_was_logged() -> None:
    logged = Roster().grant(mandate("border"), START)
    assert logged.effect == Span(START.after(WAITING), FOR_EVER.end)


def test_an_emergency_counts_at_once_for_seven_days_at_most() -> None:
    declared = Emergency(declared_by=(("city", Level.CITY), ("province", Level.PROVINCE)))
    urgent = dataclasses.replace(mandate("border"), emergency=declared)
    assert Roster().grant(urgent, START).effect == Span(START, START.after(EMERGENCY_MAX))


@pytest.mark.parametrize(
    "declared",
    [
        (("city", Level.CITY),),
        (("city", Level.CITY), ("other-city", Level.CITY)),
        (("city", Level.CITY), ("city", Level.PROVINCE)),
    ],
)
def test_an_emergency_is_declared_by_two_bodies_of_two_levels(declared: tuple[tuple[str, Level], ...]) -> None:
    with pytest.raises(GrantError, match="I7"):
        Emergency(declared_by=declared)


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (mandate("vendor", body_class=BodyClass.VENDOR), "vendors"),
        (mandate("operator", body_class=BodyClass.OPERATOR), "operators"),
        (mandate("stability-office", body_class=BodyClass.POLICY), "policy offices"),
        (mandate("rule-office", "border-entry", body_class=BodyClass.RULES), "rules cannot sign evidence"),
        (mandate("review", "border-entry", body_class=BodyClass.REDRESS), "redress"),
        (mandate("lab", RULES), "evidence only"),
        (mandate("lab", "test-result", RULING), "evidence only"),
        (mandate("known", body_class=BodyClass.REDRESS), "on the roster as source"),
        (mandate("newcomer", key="known"), "one key is one custodian"),
    ],
)
def test_a_grant_that_mixes_what_must_be_apart_is_refused(wrong: Mandate, words: str) -> None:
    roster = Roster()
    roster.grant(mandate("known"), START)
    with pytest.raises(GrantError, match=words):
        roster.grant(wrong, START)
    assert [logged.mandate.body.id for logged in roster] == ["known"]
    assert wrong.id not in roster


def test_granting_again_changes_nothing_and_keeps_the_first_instant() -> None:
    roster = Roster()
    first = roster.grant(mandate("border"), START)
    assert roster.grant(mandate("border"), START.after(DAY)) == first
    assert roster.body_classes() == {"border": BodyClass.SOURCE}


@pytest.mark.parametrize(
    ("kind", "area", "issued", "at", "code"),
    [
        ("test-result", "CN-41", 8, 8, "wrong-kind"),
        ("border-entry", "CN-42", 8, 8, "wrong-area"),
        ("border-entry", "CN", 8, 8, "wrong-area"),
        ("border-entry", "CN-41", 6, 8, "waiting"),
        ("border-entry", "CN-41", 8, 6, "waiting"),
        ("border-entry", "CN-41", 8, 30, "ended"),
    ],
)
def test_each_near_miss_has_its_code(kind: str, area: str, issued: int, at: int, code: str) -> None:
    roster = Roster()
    border = mandate("border")
    roster.grant(border, START)
    roster.end(border.id, START.after(20 * DAY))
    with pytest.raises(NoMandateError) as error:
        roster.find(border.key.kid, kind, Area(area), issued=START.after(issued * DAY), at=START.after(at * DAY))
    assert error.value.code == code
    assert roster.find(
        border.key.kid, "border-entry", Area("CN-41-01"), issued=START.after(8 * DAY), at=START.after(9 * DAY)
    )


def test_nobodys_key_and_nobodys_mandate() -> None:
    with pytest.raises(NoMandateError) as error:
        Roster().find(bytes(8), "border-entry", AREA, issued=START, at=START)
    assert error.value.code == "no-mandate"
    with pytest.raises(GrantError, match="no mandate"):
        Roster().end(bytes(32), START)


def test_ending_twice_keeps_the_first_end() -> None:
    roster = Roster()
    border = mandate("border")
    roster.grant(border, START)
    roster.end(border.id, START.after(9 * DAY))
    assert roster.end(border.id, START.after(20 * DAY)).effect.end == START.after(9 * DAY)


@pytest.mark.parametrize(
    ("one", "other", "apart"),
    [
        (mandate("a"), mandate("b"), True),
        (mandate("a"), mandate("a"), False),
        (mandate("a", superior="health"), mandate("b", superior="health"), False),
        (mandate("a", operator="cloud"), mandate("b", operator="cloud"), False),
        (mandate("a", key="shared"), mandate("b", key="shared"), False),
        (mandate("a", superior="b"), mandate("b"), False),
    ],
)
def test_who_is_one_custodian(one: Mandate, other: Mandate, apart: bool) -> None:  # noqa: FBT001 - a table
    assert independent(one, other) is independent(other, one) is apart
    assert len(custodians([one, other])) == 1 + apart


def test_a_chain_of_shells_counts_once_in_whatever_order_it_comes() -> None:
    chain = [
        mandate("a", superior="x"),
        mandate("b", superior="x", operator="y"),
        mandate("c", operator="y"),
        mandate("d"),
    ]
    assert {custodians(order) for order in permutations(chain)} == {(("a", "b", "c"), ("d",))}


def test_a_mandate_survives_its_bytes() -> None:
    declared = Emergency(declared_by=(("city", Level.CITY), ("province", Level.PROVINCE)))
    for one in (
        mandate("border"),
        make_actor("redress").mandate,
        dataclasses.replace(mandate("b"), emergency=declared),
    ):
        again = Mandate.of_cbor(parse_deterministic_cbor(encode_cbor(one.to_cbor())))
        assert (again, again.id) == (one, one.id)


@given(
    st.recursive(
        st.none() | st.integers() | st.text() | st.binary(),
        lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    )
)
def test_any_value_is_a_mandate_or_a_grant_error(value: object) -> None:
    with pytest.raises(GrantError):
        Mandate.of_cbor(value)


@pytest.mark.parametrize("broken", ["area", "body", "key", "kinds", "time"])
def test_a_mandate_with_a_broken_field_is_a_grant_error(broken: str) -> None:
    wrongs: tuple[object, ...] = (None, 7, {}, [], "x", b"x")
    for wrong in wrongs:
        with pytest.raises(GrantError):
            Mandate.of_cbor({**mandate("border").to_cbor(), broken: wrong})


def test_a_body_is_named_in_the_readers_language_or_the_first() -> None:
    body = mandate("border").body
    assert (body.name("zh"), body.name("fr")) == ("某单位", "Border")
    assert dataclasses.replace(body, names=()).name("en") == "border"
    for wrong in ("", "A", "with space", "x" * 65):
        with pytest.raises(GrantError):
            dataclasses.replace(body, id=wrong)
    with pytest.raises(GrantError, match="at least one"):
        dataclasses.replace(mandate("b"), kinds=frozenset())
    with pytest.raises(GrantError, match="later"):
        dataclasses.replace(mandate("b"), time=Span(START, START))


# Where a pass may be asked for: I13

GATE = GateMandate(
    place="Station, east door",
    area=AREA,
    hours=(360, 1320),
    purpose="care of travellers",
    gate_class=GateClass.ORDINARY,
    lane="counter left of the door",
    time=Span(START, START.after(30 * DAY)),
    body="station",
)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"lane": " "}, "no-code lane"),
        ({"purpose": ""}, "purpose"),
        ({"place": ""}, "place"),
        ({"hours": (600, 600)}, "hours"),
        ({"hours": (-1, 600)}, "hours"),
        ({"hours": (0, 1441)}, "hours"),
        ({"time": Span(START, START)}, "end"),
        ({"place": "City Hospital, Emergency Room"}, "medical treatment"),
        ({"purpose": "就诊登记"}, "medical treatment"),
        ({"place": "发热门诊"}, "medical treatment"),
        ({"place": "透析室"}, "medical treatment"),
        ({"place": "ｃｌｉｎｉｃ"}, "medical treatment"),
        ({"place": "ＣＬＩＮＩＣ", "gate_class": GateClass.CARE}, "medical treatment"),
        ({"purpose": "Dialysis", "gate_class": GateClass.CARE}, "medical treatment"),
        ({"place": "Hospital, main gate"}, "medical treatment"),
        ({"place": "ＨＯＳＰＩＴＡＬ"}, "medical treatment"),
        ({"place": "市第一医院"}, "medical treatment"),
        ({"place": "cli\u00adnic"}, "cannot be shown"),
        ({"purpose": "treat\u200bment"}, "cannot be shown"),
        ({"place": "Station\x1b[2J"}, "cannot be shown"),
        ({"lane": "counter\nleft"}, "cannot be shown"),
        ({"time": Span(START, FOREVER)}, "has an end"),
    ],
)
def test_a_gate_mandate_that_turns_people_away_cannot_be(changed: dict[str, object], words: str) -> None:
    with pytest.raises(GateMandateError, match=words):
        dataclasses.replace(GATE, **changed)  # type: ignore[arg-type]


def test_a_visit_to_a_ward_can_be_mandated_and_a_gate_whose_name_only_looks_like_treatment() -> None:
    for place in ("City Hospital, ward 4", "市第一医院 4号病房"):
        visit = dataclasses.replace(GATE, place=place, purpose="visits", gate_class=GateClass.CARE)
        assert GateMandate.of_cbor(parse_deterministic_cbor(encode_cbor(visit.to_cbor()))) == visit
    assert dataclasses.replace(GATE, place="Ｓｔａｔｉｏｎ，东门").place == "Ｓｔａｔｉｏｎ，东门"


def test_a_gate_has_one_mandate_a_place_and_hour() -> None:
    night = dataclasses.replace(GATE, hours=(1320, 1440))
    noon = Instant(START.after(12 * HOUR))
    assert gate_in_force([GATE, night], GATE.place, noon, 720) is GATE
    assert gate_in_force([GATE, night], GATE.place, noon, 60) is None
    assert gate_in_force([GATE], "another place", noon, 720) is None
    with pytest.raises(GateMandateError, match="2 mandates"):
        gate_in_force([GATE, dataclasses.replace(GATE, purpose="again")], GATE.place, noon, 720)
