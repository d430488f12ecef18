"""Rows of the case whose control is in evidence and support: each with the control on, and then switched off."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

import pytest

import habeas.evidence._ending as ending_module
import habeas.evidence._facts as facts_module
import habeas.evidence._support as support_module
import habeas.grounds._claims as claims_module
import habeas.mandates._roster as roster_module
from case.henan import SAVERS, barred, coded, derivations, henan, loosened, savers
from habeas.evidence import (
    BorderEntry,
    CustodianRecord,
    Exemption,
    Held,
    Kind,
    Record,
    Refused,
    Ruling,
    RulingEffect,
    Scope,
    Statement,
)
from habeas.grounds import Claim, Derivation
from habeas.rules import Book, Relief, compile_logic
from habeas.wire import DAY, FOREVER, HOUR, Instant, Span, encode_cbor, sign1
from scene import AREA, CODED, Scene, key_of, make_rule, sample_number, scene_book, when

HENAN = henan()
NEXT_NOON = when("2022-06-13 12:00")


def lone_signature_counts(book: Book) -> Book:
    """Return a book in which one signature is enough: what no pack may say."""
    return dataclasses.replace(
        book,
        by_kind={
            kind: tuple(dataclasses.replace(rule, support=1) for rule in rules) for kind, rules in book.by_kind.items()
        },
    )


# 10: "big data says Hong Kong": a travel fact needs two further custodians


def entries_on_one_word(book: Book) -> int:
    scene = Scene()
    scene.entry("li")
    return coded([scene.derivation("li", book)], CODED.after(49 * HOUR))


def test_case_10_a_journey_on_one_bodys_word_is_over_in_two_days() -> None:
    assert entries_on_one_word(HENAN) == 0


def test_case_10_switched_off_the_word_alone_lasts() -> None:
    assert entries_on_one_word(lone_signature_counts(HENAN)) == 1


# 11: no code by association but by a finding that falls with its index


def family_codes_after_the_index_fell(scene: Scene) -> int:
    index = scene.sampled_positive("li")
    family = ["wang", "zhao"]
    for name in family:
        scene.contact(name, index, household="li")
    assert coded(derivations(scene, HENAN, family), scene.now) == 2
    scene.admit("redress", Ruling(target=index, effect=RulingEffect.ANNUL), "li")
    return coded(derivations(scene, HENAN, family), scene.now)


def test_case_11_family_codes_fall_with_the_index() -> None:
    assert family_codes_after_the_index_fell(Scene()) == 0


def test_case_11_switched_off_they_stand_on_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ending_module, "_rests_on", lambda _: ())
    assert family_codes_after_the_index_fell(Scene()) == 2


# 14: 1,317 "inbound" without a border record behind them


def inbound(scene: Scene, book: Book, names: list[str]) -> list[Derivation]:
    for name in names:
        scene.admit("border", BorderEntry(origin="SG"), name, at=CODED, observed="2022-06-03 10:00")
    return derivations(scene, book, names)


def test_case_14_none_of_1317_unsupported_entries_closes_a_gate_or_lasts() -> None:
    names = savers()
    found = inbound(Scene(names), HENAN, names)
    assert barred(found, CODED) == 0
    assert coded(found, CODED) == SAVERS  # asked to test, and nothing more
    assert coded(found, CODED.after(48 * HOUR)) == 0
    assert all(one.at(CODED).grounds[0].provisional for one in found), "all 1,317 are found: nobody stands behind them"


def test_case_14_every_answer_names_rule_evidence_source_time_and_end() -> None:
    found = inbound(Scene(), HENAN, ["li"])[0].at(CODED)
    ground = found.grounds[0]
    assert ground.rule == "H5"
    assert ground.claim.held.kind is Kind.BORDER_ENTRY
    assert ground.claim.held.issuer == "border"
    assert ground.claim.held.admitted == CODED
    assert ground.until == CODED.after(48 * HOUR) < FOREVER


def test_case_14_switched_off_all_1317_last_for_weeks() -> None:
    names = savers()
    found = inbound(Scene(names), lone_signature_counts(HENAN), names)
    assert coded(found, CODED.after(72 * HOUR)) == SAVERS


# 22: release only by rule or ruling


def releases_by_favour() -> int:
    """Let a clinic sign that a ticket was bought; return how many people it frees under rules that heed exemptions."""
    scene = Scene()
    scene.sampled_positive("li")
    heeded = Relief(kind=Kind.EXEMPTION, when=compile_logic(True), days=1, first=-99, last=99, cuts_to="green")  # noqa: FBT003 - CertLogic
    book = scene_book([make_rule("positive", relief=(heeded,))])
    assert barred([scene.derivation("li", book)], scene.now) == 1
    at = scene.now.after(HOUR)
    ticket = Statement(
        ref=scene.ref("li"), facts=Exemption(scope=Scope.MEDICAL), observed=at, issued=at, area=AREA
    ).to_cbor()
    ticket["facts"] = {"scope": "bought-a-ticket"}
    found = scene.submit(sign1(encode_cbor(ticket), key_of("clinic")), at=at)
    freed = 1 - barred([scene.derivation("li", book)], at)
    assert freed or (isinstance(found, Refused) and found.code == "bad-facts")
    return freed


def test_case_22_a_ticket_or_a_guarantee_is_no_fact_that_releases() -> None:
    assert releases_by_favour() == 0
    kinds = {"test-result", "recovery", "vaccination", "exemption", "discharge", "ruling", "retraction", "correction"}
    assert {kind.value for kind in Kind} - kinds == {
        "diagnosis",
        "contact-finding",
        "own-account",
        "border-entry",
        "custodian-record",
        "isolation-order",
    }, "a new kind that can end a code needs its place in this list"


def test_case_22_switched_off_any_reason_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    reader = {"scope": (lambda _name, _value: Scope.MEDICAL, True)}
    monkeypatch.setitem(facts_module._READERS, Kind.EXEMPTION, reader)
    assert releases_by_favour() == 1


# 25: signed again on day three, when the first ground had fallen


def hours_under_repeated_signatures(times: int = 6) -> float:
    scene = Scene()
    for turn in range(times):
        at = CODED.after(turn * 47 * HOUR)
        scene.admit("border", BorderEntry(origin="SG"), "li", at=at, observed=at.after(-DAY))
    found = scene.derivation("li", HENAN)
    hours = range(times * 48 + 48)
    return sum(coded([found], CODED.after(hour * HOUR)) for hour in hours)


def test_case_25_signing_every_47_hours_has_no_effect_after_the_first() -> None:
    assert hours_under_repeated_signatures() == 48


def test_case_25_switched_off_the_code_never_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claims_module, "_same_custodian", lambda *_: False)
    monkeypatch.setattr(claims_module, "_spent", lambda *_: [])
    assert hours_under_repeated_signatures() > 5 * 47


def test_case_25_after_a_ruling_the_same_custodians_cannot_ground_it_again() -> None:
    scene = Scene()
    first = scene.entry("li", backed_by=("carrier", "hotel"))
    scene.admit("redress", Ruling(target=first, effect=RulingEffect.ANNUL), "li")
    scene.entry("li", backed_by=("carrier", "hotel"), at=CODED.after(3 * DAY))
    assert coded([scene.derivation("li", HENAN)], scene.now) == 0


# 26: tame second custodians


def with_shells(*, superior: str = "", mandated: str = "2022-06-12 20:00", asked: str = "2022-06-12 20:59") -> int:
    scene = Scene()
    for shell in ("shell one", "shell two"):
        name = shell.replace(" ", "-")
        scene.mandate(name, kinds=("custodian-record",), superior=superior or f"{name}-board", at=mandated)
    at = max(when(asked), scene.now)
    for shell in ("shell-one", "shell-two"):
        record = CustodianRecord(record=Record.MANIFEST)
        scene.submit(scene.sign(shell, record, "li", at=at, observed=at.after(-HOUR)), at=at)
    scene.admit("border", BorderEntry(origin="SG"), "li", at=at.after(60), observed=at.after(-2 * HOUR))
    return coded([scene.derivation("li", HENAN)], at.after(3 * DAY))


def test_case_26_bodies_mandated_at_eight_support_nothing_at_nine() -> None:
    assert with_shells() == 0


def test_case_26_switched_off_they_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(roster_module, "WAITING", 0)
    assert with_shells() == 1


def test_case_26_shells_of_one_superior_count_once() -> None:
    assert with_shells(superior="front", mandated="2022-05-20 20:00") == 0


def test_case_26_switched_off_one_superior_speaks_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        support_module, "custodians", lambda mandates: tuple(sorted({(mandate.body.id,) for mandate in mandates}))
    )
    assert with_shells(superior="front", mandated="2022-05-20 20:00") == 1


# 29: positives for people who were never sampled


def unsampled(book: Book) -> int:
    names = savers()
    scene = Scene(names)
    for number, name in enumerate(names):
        scene.positive(name, sample=f"invented {number}", at=CODED, observed=CODED.after(-HOUR))
    return barred(derivations(scene, book, names), CODED)


def test_case_29_of_1317_positives_without_samples_none_closes_a_gate() -> None:
    assert unsampled(HENAN) == 0


def test_case_29_switched_off_all_do() -> None:
    assert unsampled(lone_signature_counts(HENAN)) == SAVERS


def test_case_29_1317_honest_positives_of_132_laboratories_all_count_at_once() -> None:
    names = savers()
    scene = Scene(names)
    labs = [f"lab-{number}" for number in range(132)]
    for lab in labs:
        scene.mandate(lab, kinds=("test-result",))
    sampled = CODED.after(-12 * HOUR)
    for number, name in enumerate(names):
        record = CustodianRecord(record=Record.SAMPLING, sample=sample_number(f"s{number}"))
        scene.admit("clinic", record, name, at=sampled, observed=sampled)
    for number, name in enumerate(names):
        scene.positive(name, sample=f"s{number}", by=labs[number % 132], at=CODED, observed=sampled)
    assert barred(derivations(scene, HENAN, names), CODED) == SAVERS


# 30: results flipped for people who really were sampled


class Flipped:
    """One laboratory turns the results of 1,317 sampled people; eight of them are retested elsewhere next morning."""

    def __init__(self) -> None:
        names = savers()
        self.names = names
        self.scene = scene = Scene(names)
        sampled = CODED.after(-12 * HOUR)
        for number, name in enumerate(names):
            record = CustodianRecord(record=Record.SAMPLING, sample=sample_number(f"s{number}"))
            scene.admit("clinic", record, name, at=sampled, observed=sampled)
        for number, name in enumerate(names):
            scene.positive(name, sample=f"s{number}", at=CODED, observed=sampled)

    def barred(self, at: Instant, **off: int) -> int:
        return barred(derivations(self.scene, HENAN, self.names, loosened(**off) if off else None), at)

    def retest(self, count: int = 8) -> None:
        for number, name in enumerate(self.names[:count]):
            self.scene.negative(name, sample=f"retest {number}", at=NEXT_NOON, observed=NEXT_NOON.after(-HOUR))


def test_case_30_one_laboratory_bars_at_most_its_cap_and_after_retests_nobody() -> None:
    flipped = Flipped()
    assert flipped.barred(CODED) == 10
    flipped.retest()
    assert flipped.barred(NEXT_NOON) == 0


def test_case_30_switched_off_the_cap_all_are_barred() -> None:
    assert Flipped().barred(CODED, laboratory_floor=10**6) == SAVERS


def test_case_30_switched_off_the_tripwire_those_within_the_cap_stay_barred() -> None:
    flipped = Flipped()
    flipped.retest()
    assert flipped.barred(NEXT_NOON, retest_negatives=10**6) > 0


def test_case_30_an_honest_outbreak_waits_only_for_a_second_laboratory() -> None:
    flipped = Flipped()
    scene = flipped.scene
    for number, name in enumerate(flipped.names[:40]):
        scene.positive(name, sample=f"second {number}", by="lab2", at=NEXT_NOON, observed=NEXT_NOON.after(-HOUR))
    first_forty = derivations(scene, HENAN, flipped.names[:40])
    assert barred(first_forty, NEXT_NOON) == 40
    assert barred(first_forty, CODED) <= 10


# 9: every change has a cause


def test_case_09_every_change_has_a_cause_and_what_was_annulled_stays_visible() -> None:
    scene = Scene()
    positive = scene.sampled_positive("li")
    scene.admit("redress", Ruling(target=positive, effect=RulingEffect.ANNUL), "li", at=CODED.after(DAY))
    scene.entry("li", at=CODED.after(2 * DAY))
    found = scene.derivation("li", HENAN)
    assert changes_without_cause(found) == 0
    whats = [[cause.what for cause in change.causes] for change in found.timeline(life())]
    assert ["annulled"] in whats
    assert ["lapsed"] in whats, "what has lapsed is another word than what was wrong"
    assert [one.ended.cause.value for one in found.held if one.id == positive] == ["annulled"]


def test_case_09_switched_off_the_code_changes_without_a_word(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = Scene()
    scene.sampled_positive("li")
    found = scene.derivation("li", HENAN)
    monkeypatch.setattr("habeas.grounds._derive._causes_of", lambda *_: iter(()))
    assert changes_without_cause(found) > 0


def life() -> Span:
    return Span(when("2022-06-01 00:00"), when("2022-08-10 00:00"))


def changes_without_cause(found: Derivation) -> int:
    return sum(not change.causes for change in found.timeline(life())[1:])


# 4 and 7: "my family scans it and it is green"


def twins_that_differ() -> int:
    scene = Scene(["one", "other"])
    for name in ("one", "other"):
        scene.entry(name, at=max(CODED, scene.now))
    one, other = (derivation for derivation in derivations(scene, HENAN, ["one", "other"]))
    shift = other.held[0].live.start - one.held[0].live.start
    instants = {int(change.derived.at) for change in one.timeline(life())} | {
        int(CODED.after(hour * HOUR)) for hour in range(72)
    }
    pairs = [(one.at(Instant(at)).code, other.at(Instant(at + shift)).code) for at in instants]
    return sum(a != b for a, b in pairs)


def test_case_04_and_07_equal_evidence_gives_an_equal_code() -> None:
    assert twins_that_differ() == 0


def test_case_04_switched_off_a_list_of_people_makes_twins_differ(monkeypatch: pytest.MonkeyPatch) -> None:
    listed = Scene(["one", "other"]).entry("one", at=CODED)
    claims_of = claims_module.claims_of

    def with_a_list(book: Book, held: Sequence[Held]) -> tuple[Claim, ...]:
        return () if any(one.id == listed for one in held) else claims_of(book, held)

    monkeypatch.setattr("habeas.grounds._derive.claims_of", with_a_list)
    assert twins_that_differ() > 0
