"""What a SMART Health Card says for its holder, and that it says nothing else."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.cards import (
    CVX,
    DETECTED,
    ISSUED,
    LOINC,
    NOT_DETECTED,
    NOW,
    RAPID,
    SNOMED,
    STATE,
    TRUST,
    concept,
    dose,
    result,
)
from habeas.certificates import Favourable, content_of, favourable_claims, favourable_facts, open_shc
from habeas.certificates._shc_facts import _TESTS, _VACCINES
from habeas.evidence import CertificateClaim, Method, Result, TestResult, Vaccination
from habeas.wire import DAY, Instant, parse_instant

EXPIRES = NOW.after(3600)
SAMPLED = parse_instant("2022-06-12T07:30:00Z")


def said(*resources: object, at: Instant = NOW, **changes: object) -> tuple[Favourable, ...]:
    return favourable_facts(open_shc(STATE.text(*resources, **changes), TRUST, NOW), at)


def doses(*resources: object, at: Instant = NOW) -> list[tuple[object, ...]]:
    facts = [one.facts for one in said(*resources, at=at)]
    return [(fact["date"], fact["product"], fact["dose"], fact["of"]) for fact in facts]


def test_two_doses() -> None:
    card = open_shc(STATE.text(dose(), dose("2021-07-02"), exp=int(EXPIRES)), TRUST, NOW)
    first, second = favourable_facts(card, NOW)
    assert first == Favourable(
        kind="vaccination",
        facts={"product": "EU/1/20/1528", "dose": 1, "of": 2, "date": "2021-06-11"},
        observed=parse_instant("2021-06-11T00:00Z"),
        issuer=STATE.iss,
        country="US",
        uvci=content_of(card).hex(),
        expires=EXPIRES,
    )
    assert (second.facts["dose"], second.observed) == (2, parse_instant("2021-07-02T00:00Z"))


@pytest.mark.parametrize(("code", "method"), [("94500-6", "pcr"), (RAPID, "antigen")])
@pytest.mark.parametrize(
    "value",
    [
        concept(SNOMED, NOT_DETECTED),
        concept(SNOMED, "260385009"),
        concept(LOINC, "LA11883-8"),
        concept(SNOMED, NOT_DETECTED, "260385009"),
    ],
)
def test_a_negative_test(code: str, method: str, value: object) -> None:
    (fact,) = said(result(code, valueCodeableConcept=value))
    assert fact.facts == {"method": method, "result": "negative", "sampled": SAMPLED}
    assert (fact.kind, fact.observed, fact.expires) == ("test-result", SAMPLED, None)


def test_claims_that_admission_can_judge() -> None:
    card = open_shc(STATE.text(dose(), result(), exp=int(EXPIRES)), TRUST, NOW)
    vaccinated = Vaccination(product="EU/1/20/1528", dose=1, of=2)
    tested = TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=bytes(16))
    given_on = parse_instant("2021-06-11T00:00Z")
    assert favourable_claims(card, NOW) == (
        CertificateClaim(facts=vaccinated, observed=given_on, country="US", expires=EXPIRES.after(1)),
        CertificateClaim(facts=tested, observed=SAMPLED, country="US", expires=EXPIRES.after(1)),
    )
    for_ever = favourable_claims(open_shc(STATE.text(dose(), result()), TRUST, NOW), NOW)
    assert [claim.expires for claim in for_ever] == [None, None]


def test_nothing_after_it_expired() -> None:
    assert len(said(dose(), exp=int(EXPIRES), at=EXPIRES)) == 1
    assert said(dose(), exp=int(EXPIRES), at=EXPIRES.after(1)) == ()


def test_nothing_is_said_at_an_instant_before_it_happened() -> None:
    card = open_shc(STATE.text(dose(), dose("2021-07-02"), result()), TRUST, NOW)
    for at, number in (("2022-06-12T07:30Z", 3), ("2022-06-12T07:29:59Z", 2), ("2021-06-30T00:00Z", 1)):
        assert len(favourable_facts(card, parse_instant(at))) == number


@pytest.mark.parametrize("code", sorted(_VACCINES))
def test_every_product_is_one_that_our_facts_can_hold(code: str) -> None:
    vaccine = _VACCINES[code]
    assert Vaccination(product=vaccine.product, dose=1, of=vaccine.of)
    assert doses(dose(code=code)) == [("2021-06-11", vaccine.product, 1, vaccine.of)]


def test_the_tables_are_closed_and_say_what_they_said_when_they_were_checked() -> None:
    series = {of: {code for code, vaccine in _VACCINES.items() if vaccine.of == of} for of in (1, 2, 3)}
    assert series[1] == {"212"}
    assert series[3] == {"219"}
    assert series[2] == {"207", "208", "210", "211", "217", "218", "227", "228", "502", "510", "511"}
    assert {code for code, method in _TESTS.items() if method == "antigen"} == {
        "94558-4",
        "95209-3",
        "96119-3",
        "97097-0",
    }
    assert set(_TESTS.values()) == {"pcr", "antigen"}


def test_doses_are_counted_by_their_days_over_all_products_that_we_know() -> None:
    given_later = dose("2021-12-01", "207")
    assert doses(given_later, dose("2021-07-02"), dose("2021-06-11")) == [
        ("2021-06-11", "EU/1/20/1528", 1, 2),
        ("2021-07-02", "EU/1/20/1528", 2, 2),
        ("2021-12-01", "EU/1/20/1507", 3, 2),
    ]
    assert doses(dose(code="212"), dose("2021-08-11")) == [
        ("2021-06-11", "EU/1/20/1525", 1, 1),
        ("2021-08-11", "EU/1/20/1528", 2, 2),
    ]


@pytest.mark.parametrize("code", ["213", "500", "505", "141", "229", "300", "", "0208"])
def test_an_unknown_product_says_nothing_and_counts_as_no_dose(code: str) -> None:
    assert doses(dose("2021-05-01", code), dose()) == [("2021-06-11", "EU/1/20/1528", 1, 2)]
    assert said(dose(code=code)) == ()


def test_two_reports_of_one_dose_are_one_dose() -> None:
    for day in ("2021-06-11", "2021-06-12", "2021-06-24"):
        assert [row[2] for row in doses(dose(), dose(day))] == [1], day
    assert [row[2] for row in doses(dose(), dose("2021-06-25"))] == [1, 2]
    assert [row[0] for row in doses(dose(), dose("2021-06-20"), dose("2021-06-30"))] == ["2021-06-11", "2021-06-30"]


NOTHING: list[tuple[str, dict[str, Any]]] = [
    ("not done", dose(status="not-done")),
    ("entered in error", dose(status="entered-in-error")),
    ("no status", dose(status=None)),
    ("reported by the person", dose(primarySource=False)),
    ("reported by somebody", dose(reportOrigin=concept("http://terminology.hl7.org/x", "recall"))),
    ("subpotent", dose(isSubpotent=True)),
    ("another system of codes", dose(vaccineCode=concept("http://snomed.info/sct", "208"))),
    ("two products", dose(vaccineCode=concept(CVX, "208", "212"))),
    ("a coding that cannot be read", dose(vaccineCode={"coding": [{"system": CVX, "code": "208"}, {"system": CVX}]})),
    ("a code that is a list", dose(vaccineCode={"coding": [{"system": CVX, "code": ["208"]}]})),
    ("codings that are a map", dose(vaccineCode={"coding": {"system": CVX, "code": "208"}})),
    ("text alone", dose(vaccineCode={"text": "208"})),
    ("no code", dose(vaccineCode=None)),
    ("no day", dose(occurrenceDateTime=None)),
    ("occurrenceString", dose(occurrenceDateTime=None, occurrenceString="last summer")),
    ("a month", dose("2021-06")),
    ("a year", dose("2021")),
    ("no such day", dose("2021-02-30")),
    ("after the card was signed", dose("2022-06-14")),
    ("positive", result(valueCodeableConcept=concept(SNOMED, DETECTED))),
    ("positive and negative", result(valueCodeableConcept=concept(SNOMED, NOT_DETECTED, DETECTED))),
    ("negative, and something else", result(valueCodeableConcept=concept(LOINC, "LA11883-8", "LA11882-0"))),
    ("inconclusive", result(valueCodeableConcept=concept(SNOMED, "419984006"))),
    ("a number", result(valueCodeableConcept=None, valueQuantity={"value": 0})),
    ("a text", result(valueCodeableConcept=None, valueString="negative")),
    ("preliminary", result(status="preliminary")),
    ("a test entered in error", result(status="entered-in-error")),
    ("registered", result(status="registered")),
    ("antibodies", result("94563-4")),
    ("a single gene", result("94533-7")),
    ("blood", result("94660-8")),
    ("two tests", result(code=concept(LOINC, "94500-6", "94563-4"))),
    ("a test of another system", result(code=concept("http://example.org", "94500-6"))),
    ("no test", result(code=None)),
    ("done by the person", result(performer=[{"reference": "resource:0"}])),
    ("done by nobody knows whom", result(performer="me")),
    ("done by what cannot be read", result(performer=["resource:0"])),
    ("supervised in some way", result(component=[{}])),
    ("about another", result(focus=[{"reference": "resource:0"}])),
    ("later than the card", result(effectiveDateTime="2022-06-12T12:00:01Z")),
    ("a day later than the card", result(effectiveDateTime="2022-06-14")),
    ("a month of a test", result(effectiveDateTime="2022-06")),
    ("without offset", result(effectiveDateTime="2022-06-12T09:30:00")),
    ("no such day of a test", result(effectiveDateTime="2022-02-30")),
    ("a period", result(effectiveDateTime=None, effectivePeriod={"start": "2022-06-12"})),
    ("no time", result(effectiveDateTime=7)),
    ("somebody else's", dose(patient={"reference": "resource:9"})),
]


@pytest.mark.parametrize("resource", [row[1] for row in NOTHING], ids=[row[0] for row in NOTHING])
def test_nothing_else_is_said(resource: dict[str, Any]) -> None:
    assert said(resource) == ()


def test_the_same_things_said_well_are_said() -> None:
    assert len(said(dose(primarySource=True), result(performer=[{"reference": "resource:3"}]))) == 2
    assert (
        len(
            said(
                dose(
                    isSubpotent=False,
                    vaccineCode={"coding": [*concept(CVX, "208")["coding"], {"system": SNOMED, "code": "1119349007"}]},
                )
            )
        )
        == 1
    )
    assert len(said(result(performer=None))) == 1


def test_days_and_times_as_issuers_write_them() -> None:
    for day in ("2021-06-11", "2021-06-11T07:40:12+02:00", "2021-06-11T07:40:12.123Z"):
        assert doses(dose(day)) == [("2021-06-11", "EU/1/20/1528", 1, 2)]
    for text in ("2022-06-12T07:30:00Z", "2022-06-12T07:30:00.9Z", "2022-06-12T15:30:00+08:00"):
        assert said(result(effectiveDateTime=text))[0].observed == SAMPLED
    (fact,) = said(result(effectiveDateTime="2022-06-11"))
    assert fact.facts["sampled"] == fact.observed == parse_instant("2022-06-11T00:00Z")


def test_a_day_that_has_begun_in_the_far_east_counts_from_the_card_s_own_time() -> None:
    for resource in (dose("2022-06-13"), result(effectiveDateTime="2022-06-13")):
        assert [fact.observed for fact in said(resource)] == [ISSUED]
        assert said(resource, nbf=int(parse_instant("2022-06-12T09:59:59Z"))) == ()


@given(st.lists(st.tuples(st.integers(0, 500), st.sampled_from(["208", "212", "213", "141"])), max_size=6))
def test_the_number_of_a_dose_never_exceeds_the_doses_that_were_given(rows: list[tuple[int, str]]) -> None:
    first = parse_instant("2021-01-01T00:00Z")
    resources = [dose(str(first.after(day * DAY))[:10], code) for day, code in rows]
    found = doses(*resources)
    assert [row[2] for row in found] == list(range(1, len(found) + 1))
    assert len(found) <= len({day for day, code in rows if code in {"208", "212"}})
    assert [str(row[0]) for row in found] == sorted(str(row[0]) for row in found)


@given(st.permutations([dose("2021-01-01"), dose("2021-02-01", "207"), dose("2021-09-01"), result(), result(RAPID)]))
def test_the_order_in_a_bundle_says_nothing(resources: list[dict[str, Any]]) -> None:
    in_order = said(dose("2021-01-01"), dose("2021-02-01", "207"), dose("2021-09-01"), result(), result(RAPID))
    assert sorted(repr(fact.facts) for fact in said(*resources)) == sorted(repr(fact.facts) for fact in in_order)
