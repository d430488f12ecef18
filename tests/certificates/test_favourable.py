"""What a certificate says for its holder, and that it says nothing else."""

from __future__ import annotations

import pytest

from certificates.issuing import EXPIRES, NOW, RECOVERY, TEST, UTOPIA, VACCINATION, payload
from certificates.test_dcc import TRUST
from habeas.certificates import Dcc, Favourable, favourable_claims, favourable_facts, open_dcc
from habeas.evidence import CertificateClaim, Facts, Method, Recovery, Result, TestResult, Vaccination
from habeas.wire import Instant, parse_instant


def dcc_of(group: str, **changes: object) -> Dcc:
    return open_dcc(UTOPIA.text(payload(group, **changes)), TRUST, NOW)


def test_a_vaccination() -> None:
    assert favourable_facts(dcc_of("v", dn=3), NOW) == (
        Favourable(
            kind="vaccination",
            facts={"product": "EU/1/20/1528", "dose": 3, "of": 2, "date": "2021-06-11"},
            observed=parse_instant("2021-06-11T00:00Z"),
            issuer="UT",
            country="UT",
            uvci=VACCINATION["ci"],
            expires=EXPIRES,
        ),
    )


def test_a_recovery() -> None:
    assert favourable_facts(dcc_of("r"), NOW) == (
        Favourable(
            kind="recovery",
            facts={"first_positive": "2022-02-01", "valid_from": "2022-02-12", "valid_until": "2022-07-31"},
            observed=parse_instant("2022-02-01T00:00Z"),
            issuer="UT",
            country="UT",
            uvci=RECOVERY["ci"],
            expires=EXPIRES,
        ),
    )


@pytest.mark.parametrize(("code", "method"), [("LP6464-4", "pcr"), ("LP217198-3", "antigen")])
def test_a_negative_test(code: str, method: str) -> None:
    sampled = parse_instant("2022-06-12T11:30:00Z")
    assert favourable_facts(dcc_of("t", tt=code), NOW) == (
        Favourable(
            kind="test-result",
            facts={"method": method, "result": "negative", "sampled": sampled},
            observed=sampled,
            issuer="UT",
            country="UT",
            uvci=TEST["ci"],
            expires=EXPIRES,
        ),
    )


@pytest.mark.parametrize(
    ("text", "sampled"),
    [
        ("2022-06-12T19:30:00+08:00", "2022-06-12T11:30:00Z"),
        ("2022-06-12T19:30:00+0800", "2022-06-12T11:30:00Z"),
        ("2022-06-12T11:30:00.999Z", "2022-06-12T11:30:00Z"),
        ("2022-06-12T09:00:00.123456-02:30", "2022-06-12T11:30:00Z"),
    ],
)
def test_instants_as_issuers_write_them(text: str, sampled: str) -> None:
    (fact,) = favourable_facts(dcc_of("t", sc=text), NOW)
    assert fact.observed == parse_instant(sampled)


def test_days_as_issuers_write_them() -> None:
    for text in ("2021-06-11", "2021-06-11T00:00:00", "2021-06-11T07:40:12+02:00", "2021-06-11T07:40:12.123Z"):
        (fact,) = favourable_facts(dcc_of("v", dt=text), NOW)
        assert fact.facts["date"] == "2021-06-11"


@pytest.mark.parametrize(
    ("group", "changes"),
    [
        ("t", {"tr": "260373001"}),  # detected: an import never harms
        ("t", {"tr": ""}),
        ("t", {"tr": "NEGATIVE"}),
        ("t", {"tt": "LP217199-1"}),  # another kind of test
        ("t", {"tt": ""}),
        ("t", {"tg": "397430003"}),  # another illness
        ("t", {"sc": "2022-06-12T13:04:01Z"}),  # not yet
        ("t", {"ci": ""}),
        ("v", {"tg": "6142004"}),
        ("v", {"mp": ""}),
        ("v", {"dn": 0}),
        ("v", {"sd": 0}),
        ("v", {"dt": "2022-06-14"}),
        ("r", {"tg": "6142004"}),
        ("r", {"fr": "2022-06-14"}),
        ("r", {"ci": ""}),
    ],
)
def test_nothing_else_is_said(group: str, changes: dict[str, object]) -> None:
    assert favourable_facts(dcc_of(group, **changes), NOW) == ()


def test_where_no_country_is_named_it_is_the_issuers() -> None:
    (fact,) = favourable_facts(dcc_of("v", co=""), NOW)
    assert fact.country == "UT"
    nowhere = open_dcc(UTOPIA.text(payload("v", co=""), c1="Ministry of Health of Utopia"), TRUST, NOW)
    assert favourable_facts(nowhere, NOW) == ()


def test_claims_that_admission_can_judge() -> None:
    expected: list[tuple[str, Facts]] = [
        ("v", Vaccination(product="EU/1/20/1528", dose=2, of=2)),
        ("t", TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=bytes(16))),
        ("r", Recovery(method=Method.PCR)),
    ]
    for group, facts in expected:
        (fact,) = favourable_facts(dcc_of(group), NOW)
        assert favourable_claims(dcc_of(group), NOW) == (
            CertificateClaim(facts=facts, observed=fact.observed, country="UT", expires=EXPIRES.after(1)),
        )


def test_what_our_kinds_cannot_hold_is_no_claim() -> None:
    dcc = dcc_of("v", mp="x" * 500)
    assert favourable_facts(dcc, NOW)
    assert favourable_claims(dcc, NOW) == ()


def test_a_day_that_has_begun_in_the_far_east_counts_from_now() -> None:
    evening = parse_instant("2022-06-12T10:00:00Z")
    dcc = dcc_of("v", dt="2022-06-13")
    (fact,) = favourable_facts(dcc, evening)
    assert fact.observed == evening
    assert favourable_facts(dcc, evening.after(-1)) == ()


def test_nothing_after_it_expired() -> None:
    dcc = dcc_of("v")
    assert favourable_facts(dcc, EXPIRES)
    assert favourable_facts(dcc, Instant(EXPIRES + 1)) == ()


def test_each_entry_speaks_for_itself() -> None:
    contents = payload("v")
    contents["v"] = [VACCINATION | {"dn": 1}, VACCINATION | {"tg": "6142004"}, VACCINATION]
    dcc = open_dcc(UTOPIA.text(contents), TRUST, NOW)
    assert [fact.facts["dose"] for fact in favourable_facts(dcc, NOW)] == [1, 2]
