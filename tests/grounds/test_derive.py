"""The tier table (I4) and the clocks (I3), spot by spot; each control also switched off, to see that the test sees it."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from habeas.evidence import (
    ContactFinding,
    CustodianRecord,
    OwnAccount,
    Record,
    Retraction,
    Ruling,
    RulingEffect,
)
from habeas.grounds import Derived, derive
from habeas.rules import Arrivals, Book
from habeas.wire import DAY, HOUR, Instant, Span
from scene import CODED, PACK_SPAN, Scene, clear_tests, make_rule, sample_number, scene_book, when

BOOK = scene_book()


def code(derived: Derived) -> str:
    return derived.code.id if derived.code else "none"


def code_of(scene: Scene, name: str, book: Book = BOOK, *, at: Instant | None = None) -> str:
    return code(scene.derivation(name, book).at(scene.now if at is None else at))


def switched_off(book: Book, **changes: Any) -> Book:  # noqa: ANN401 - any field of an active rule
    """Return the book with a control of every rule changed."""
    rules = tuple(dataclasses.replace(rule, **changes) for rule in book.rules)
    by_kind = {kind: tuple(rule for rule in rules if rule.rule.kind is kind) for kind in book.by_kind}
    return dataclasses.replace(book, rules=rules, by_kind=by_kind, _verdicts={})


ONE_IS_ENOUGH = switched_off(BOOK, support=1)


# Tier 1


def test_a_lone_positive_asks_for_a_test_for_two_days_and_shuts_no_gate() -> None:
    scene = Scene()
    scene.positive("li", at=CODED)
    derivation = scene.derivation("li", BOOK)
    assert [
        (change.derived.at, code(change.derived)) for change in derivation.timeline(Span(CODED, PACK_SPAN.end))
    ] == [
        (CODED, "ask"),
        (CODED.after(48 * HOUR), "green"),
    ]
    assert code_of(scene, "li", ONE_IS_ENOUGH) == "red"


def test_a_sampled_positive_has_full_effect_at_once_and_lapses_by_its_ladder() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    changes = scene.derivation("li", BOOK).timeline(Span(CODED, PACK_SPAN.end))
    assert [(str(change.derived.at), code(change.derived)) for change in changes] == [
        (str(CODED), "red"),
        (
            str(when("2022-06-20 00:00")),
            "ask",
        ),  # day 7 counts from the day of the sample, 12 June, and is red to its end
        (str(when("2022-06-23 00:00")), "green"),
    ]


def test_the_same_laboratory_s_own_record_is_no_support() -> None:
    scene = Scene()
    scene.sampled_positive("li", sampler="lab")
    assert code_of(scene, "li") == "ask"


def test_a_custodian_under_the_same_superior_is_no_support() -> None:
    scene = Scene()
    scene.mandate("lab-sister", kinds=("custodian-record",), superior="lab-superior")
    scene.sampled_positive("li", sampler="lab-sister")
    assert code_of(scene, "li") == "ask"


def test_a_record_made_after_the_result_is_no_support() -> None:
    scene = Scene()
    scene.positive("li", at=CODED)
    scene.admit("clinic", CustodianRecord(record=Record.SAMPLING, sample=sample_number("a")), "li")
    assert code_of(scene, "li") == "ask"


def test_a_contradiction_never_frees_a_positive_by_itself() -> None:
    scene = Scene()
    positive = scene.sampled_positive("li")
    scene.admit("hotel", CustodianRecord(record=Record.SITE_REGISTER, against=positive), "li")
    assert code_of(scene, "li") == "red"


def test_a_laboratory_s_positives_beyond_its_number_wait_for_a_second() -> None:
    scene = Scene(people=[f"p{n}" for n in range(12)])
    for n in range(12):
        record = CustodianRecord(record=Record.SAMPLING, sample=sample_number(f"s{n}"))
        scene.admit("clinic", record, f"p{n}")
    for n in range(12):
        scene.positive(f"p{n}", sample=f"s{n}")
    assert [code_of(scene, f"p{n}") for n in (9, 10, 11)] == ["red", "ask", "ask"]
    scene.positive("p11", sample="second", by="lab2")
    assert [code_of(scene, f"p{n}") for n in (9, 10, 11)] == ["red", "ask", "red"]


def test_clear_retests_turn_a_laboratory_s_positives_provisional() -> None:
    people = [f"p{n}" for n in range(9)]
    scene = Scene(people=people)
    for name in people:
        sampling = CustodianRecord(record=Record.SAMPLING, sample=sample_number(f"first {name}"))
        scene.admit("clinic", sampling, name, at=CODED.after(-12 * HOUR), observed=CODED.after(-13 * HOUR))
    for name in people:
        scene.positive(name, sample=f"first {name}", at=CODED, observed=CODED.after(-13 * HOUR))
    for name in people[:7]:
        scene.negative(name, sample=f"again {name}")
    assert code_of(scene, "p8") == "red"
    scene.negative(people[7], sample="the eighth")
    assert code_of(scene, "p8") != "red"


# Relief


def test_clear_tests_on_two_days_end_it_and_on_one_do_not() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    for hour, wanted in ((30, "red"), (31, "red"), (55, "green")):
        scene.negative("li", sample=f"clear {hour}", at=CODED.after(hour * HOUR))
        assert code_of(scene, "li") == wanted
    assert code_of(scene, "li", switched_off(BOOK, relief=())) == "red"


def test_relief_cuts_and_never_extends() -> None:
    book = scene_book([make_rule("positive", relief=(clear_tests("ask", days=1),))])
    scene = Scene()
    scene.sampled_positive("li")
    end = scene.derivation("li", book).timeline(Span(CODED, PACK_SPAN.end))[-1].derived.at
    scene.negative("li", sample="clear", at=CODED.after(30 * HOUR))
    changes = scene.derivation("li", book).timeline(Span(CODED, PACK_SPAN.end))
    assert [code(change.derived) for change in changes] == ["red", "ask", "green"]
    assert changes[-1].derived.at == end


# Tier 2


def found(scene: Scene, about: str = "li", **options: Any) -> bytes:  # noqa: ANN401 - as of `Scene.contact`
    index = scene.sampled_positive("wang")
    return scene.contact(about, index, **options)


def test_a_lone_finding_is_provisional_once_in_fourteen_days_over_all_offices() -> None:
    scene = Scene()
    index = scene.sampled_positive("wang")
    scene.contact("li", index)
    assert code_of(scene, "li") == "ask"
    scene.contact("li", index, by="county", at=scene.now.after(50 * HOUR))
    assert code_of(scene, "li") == "green"
    held = [dataclasses.replace(one, opens=True) for one in scene.held("li")]
    assert code(derive(BOOK, held, scene.now)) == "ask"


def test_a_household_register_supports_a_finding() -> None:
    scene = Scene()
    found(scene, household="wang")
    assert code_of(scene, "li") == "red"


def test_the_index_person_s_own_account_supports_a_finding() -> None:
    scene = Scene()
    index = scene.sampled_positive("wang")
    scene.contact("li", index)
    scene.admit("wang", OwnAccount(index=index, contact=scene.ref("li")), "wang")
    assert code_of(scene, "li") == "red"


def test_a_finding_falls_with_its_index_and_with_a_contradiction() -> None:
    for undo in ("index", "contradiction"):
        scene = Scene()
        finding = found(scene, household="wang")
        index = scene.docket.get(finding)
        assert index is not None
        assert isinstance(index.statement.facts, ContactFinding)
        if undo == "index":
            scene.admit("lab", Retraction(target=index.statement.facts.index), "wang")
            assert code_of(scene, "li") == "green"
        else:
            scene.admit("hotel", CustodianRecord(record=Record.SITE_REGISTER, against=finding), "li")
            assert code_of(scene, "li") == "ask"


def test_findings_beyond_an_index_s_number_wait_for_another_level() -> None:
    people = [f"p{n}" for n in range(21)]
    scene = Scene(people=["wang", *people])
    index = scene.sampled_positive("wang")
    for name in people:
        last = scene.contact(name, index)
    assert [code_of(scene, name) for name in ("p19", "p20")] == ["ask", "green"]
    scene.admit("county", CustodianRecord(record=Record.COUNTERSIGNATURE, countersigns=last), "p20")
    assert code_of(scene, "p20") == "ask"


# Tier 3


@pytest.mark.parametrize(("backed_by", "wanted"), [((), "ask"), (("carrier",), "ask"), (("carrier", "hotel"), "ask")])
def test_travel_asks_for_a_test_and_shuts_no_ordinary_gate(backed_by: tuple[str, ...], wanted: str) -> None:
    scene = Scene()
    scene.entry("li", backed_by=backed_by)
    derived = scene.derivation("li", BOOK).at(scene.now)
    assert code(derived) == wanted
    assert derived.winner is not None
    assert derived.winner.provisional == (len(backed_by) < 2)
    off = switched_off(dataclasses.replace(BOOK, ask=3), support=1)
    assert code_of(scene, "li", off) == "red"


def measured(by: str) -> Book:
    arrivals = Arrivals(positives=40, tests=1000, measured_by=by, time=Span(CODED.after(DAY), CODED.after(3 * DAY)))
    return scene_book(arrivals=(arrivals,))


def test_travel_shuts_gates_while_arrivals_are_measured_bad_by_a_body_that_signs_none_of_it() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier", "hotel"))
    assert [code_of(scene, "li", measured("institute"), at=CODED.after(n * DAY)) for n in (0, 1, 2, 3)] == [
        "ask",
        "red",
        "red",
        "ask",
    ]
    assert code_of(scene, "li", measured("border"), at=CODED.after(DAY)) == "ask"
    assert code_of(scene, "li", measured("hotel"), at=CODED.after(DAY)) == "ask"


def test_no_measurement_makes_a_lone_entry_shut_a_gate() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier",))
    assert code_of(scene, "li", measured("institute"), at=CODED.after(DAY)) == "ask"


# Clocks


def test_a_new_statement_about_the_same_event_continues_the_old_clock() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    end = scene.derivation("li", BOOK).timeline(Span(CODED, PACK_SPAN.end))[-1].derived.at
    later = CODED.after(5 * DAY)
    scene.positive("li", at=later, observed=later)
    changes = scene.derivation("li", BOOK).timeline(Span(CODED, PACK_SPAN.end))
    assert changes[-1].derived.at == end


def test_after_annulment_the_same_ground_needs_a_new_custodian() -> None:
    scene = Scene()
    first = scene.sampled_positive("li")
    scene.admit("redress", Ruling(target=first, effect=RulingEffect.ANNUL), "li")
    assert code_of(scene, "li") == "green"
    scene.positive("li")
    assert code_of(scene, "li") == "green"
    scene.positive("li", by="lab2")
    assert code_of(scene, "li") == "red"


def test_a_lapsed_provisional_ground_does_not_open_again_by_saying_it_again() -> None:
    scene = Scene()
    scene.positive("li", at=CODED)
    scene.positive("li", at=CODED.after(60 * HOUR), sample="another")
    assert code_of(scene, "li") == "green"


def test_a_rule_that_errs_gives_no_ground_and_others_stand() -> None:
    erring = dataclasses.replace(make_rule("positive", logic={">": [{"var": "facts.method"}, 1]}), id="erring")
    scene = Scene()
    scene.sampled_positive("li")
    derived = scene.derivation("li", scene_book([erring, make_rule("positive")])).at(scene.now)
    assert [row.rule for row in derived.undecided] == ["erring"]
    assert "integers only" in derived.undecided[0].reason
    assert [ground.rule for ground in derived.grounds] == ["positive"]


def test_a_merge_and_a_split_are_felt_from_their_instant_on() -> None:
    scene = Scene()
    scene.sampled_positive("wang")
    scene.merge("li", "wang", at=scene.now.after(HOUR))
    assert (code_of(scene, "li"), code_of(scene, "wang")) == ("red", "green")
    scene.split("li", "wang", at=scene.now.after(HOUR))
    assert (code_of(scene, "li"), code_of(scene, "wang")) == ("green", "red")
    causes = {cause.what for change in scene.derivation("li", BOOK).timeline(PACK_SPAN) for cause in change.causes}
    assert {"bound", "moved"} <= causes


# Faults found, each the smallest that shows it


def both(scene: Scene, *names: str) -> None:
    """Mandate bodies that may sign findings, results and records alike."""
    for name in names:
        scene.mandate(name, kinds=("contact-finding", "test-result", "custodian-record"))
    scene.now = scene.now.after(8 * DAY)


def test_losing_support_opens_no_ground() -> None:
    scene = Scene()
    first = scene.sampled_positive("li", by="lab", sampler="lab2")
    scene.admit("redress", Ruling(target=first, effect=RulingEffect.ANNUL), "li")
    record = scene.admit("lab", CustodianRecord(record=Record.SAMPLING, sample=sample_number("a")), "li")
    scene.positive("li", by="lab2")
    assert code_of(scene, "li") == "green"
    scene.admit("lab", Retraction(target=record), "li")
    assert code_of(scene, "li") == "green"


def test_a_merge_does_not_start_a_provisional_ground_again() -> None:
    scene = Scene()
    scene.positive("wang", at=CODED)
    scene.merge("li", "wang", at=CODED.after(72 * HOUR))
    assert code_of(scene, "li") == "green"


def test_the_old_clock_is_the_oldest() -> None:
    scene = Scene()
    book = scene_book([make_rule("positive", ladder=(("red", 6),))])
    scene.sampled_positive("li")
    for days in (4, 8):
        later = CODED.after(days * DAY)
        scene.positive("li", at=later, observed=later)
    assert code_of(scene, "li", book) == "green"


def test_an_expired_statement_lends_its_clock() -> None:
    scene = Scene()
    scene.admit(
        "clinic", CustodianRecord(record=Record.SAMPLING, sample=sample_number("a")), "li", at=CODED.after(-HOUR)
    )
    scene.positive("li", at=CODED, observed=CODED, expires=CODED.after(4 * DAY))
    later = CODED.after(5 * DAY)
    scene.positive("li", at=later, observed=later)
    assert code_of(scene, "li", at=CODED.after(9 * DAY)) != "red"


def test_a_ground_says_when_its_code_ends() -> None:
    book = scene_book([make_rule("positive", ladder=(("red", 0), ("ask", 5)))])
    scene = Scene()
    scene.positive("li", at=CODED)
    winner = scene.derivation("li", book).at(CODED).winner
    assert winner is not None
    assert winner.until == CODED.after(48 * HOUR)


def test_arrivals_are_a_cause() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier", "hotel"))
    changes = scene.derivation("li", measured("institute")).timeline(Span(CODED, CODED.after(4 * DAY)))
    assert len(changes) == 3
    assert all(change.causes for change in changes)


def test_the_end_of_an_undecided_rule_is_a_cause() -> None:
    in_force = Span(PACK_SPAN.start, CODED.after(DAY))
    book = scene_book([make_rule("positive", logic={">": [{"var": "facts.method"}, 1]}, in_force=in_force)])
    scene = Scene()
    scene.positive("li", at=CODED)
    changes = scene.derivation("li", book).timeline(Span(CODED, CODED.after(4 * DAY)))
    assert len(changes) == 2
    assert all(change.causes for change in changes)


def test_a_body_that_backs_an_entry_does_not_measure_it() -> None:
    scene = Scene()
    scene.mandate("harbour", kinds=("custodian-record",), superior="aviation")
    scene.mandate("airport", kinds=("custodian-record",), superior="aviation")
    scene.now = scene.now.after(8 * DAY)
    scene.entry("li", backed_by=("carrier", "airport", "harbour"))
    assert code_of(scene, "li", measured("harbour"), at=CODED.after(DAY)) == "ask"
