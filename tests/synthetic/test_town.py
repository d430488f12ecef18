"""The made-up town: the same for the same seed, honest where it says so, labelled where it is not."""

from __future__ import annotations

from collections import Counter
from itertools import combinations

import pytest

from case.henan import PACKS
from habeas.evidence import (
    BorderEntry,
    ContactFinding,
    CustodianRecord,
    Kind,
    Refused,
    Result,
    Statement,
    TestResult,
    parse_statement,
)
from habeas.ledger import Entry, GrantMandate, Ledger, PublishPack, Submit, audit
from habeas.mandates import BodyClass, independent
from habeas.rules import Effect
from habeas.stores import MemoryStore
from habeas.synthetic import (
    CODED,
    FEWEST_PEOPLE,
    MOST_PEOPLE,
    SIGNED_AGAIN,
    Batch,
    Misuse,
    Town,
    forged_entries,
    make_town,
    policy_statements,
    shell_mandates,
    shell_records,
    signed_again,
    unsampled_positives,
)
from habeas.wire import DAY, Instant, parse_instant

EVENING = parse_instant("2022-06-12T20:00+08:00")


@pytest.fixture(scope="module")
def town() -> Town:
    return make_town(people=600)


@pytest.fixture(scope="module")
def ledger(town: Town) -> Ledger:
    ledger = Ledger(MemoryStore())
    ledger.commit(
        [PublishPack(text=(PACKS / "cn-henan-2021-2.yaml").read_text())], parse_instant("2021-08-13T00:00+08:00")
    )
    for batch in town.batches():
        commit(ledger, batch)
    return ledger


def commit(ledger: Ledger, batch: Batch) -> Counter[str]:
    entries: list[Entry] = [GrantMandate(mandate=mandate) for mandate in batch.mandates]
    entries += batch.enrolments
    entries += [Submit(data=data) for data in batch.statements]
    applied = ledger.commit(entries, batch.at)
    return Counter(one.outcome.code if isinstance(one.outcome, Refused) else "admitted" for one in applied)


def statements(batch: Batch) -> list[Statement]:
    return [parse_statement(data).statement for data in batch.statements]


def effect(ledger: Ledger, subject: bytes, at: Instant = EVENING) -> Effect:
    code = ledger.derivation(subject).at(at).code
    assert code is not None
    return code.effect


def test_the_same_seed_gives_the_same_town_byte_for_byte_and_another_seed_another(town: Town) -> None:
    assert make_town(people=600) == town
    other = make_town("another", people=600)
    assert {who.ref for who in other.residents()}.isdisjoint(who.ref for who in town.residents())
    assert not set(other.honest[0].statements) & set(town.honest[0].statements)


def test_it_has_as_many_people_as_were_asked_for_in_families_headed_by_an_adult(town: Town) -> None:
    assert town.people == 600
    assert all(family[0].adult for family in (*town.families, *town.away))
    ages = [who.age for who in town.residents()]
    assert min(ages) < 18
    assert max(ages) > 65


def test_documents_and_ids_are_all_different_and_nobodys(town: Town) -> None:
    people = list(town.residents())
    for different in ({who.ref for who in people}, {who.subject for who in people}):
        assert len(different) == len(people)
    cards = [who.document.number for who in people if who.document.kind == "resident-id"]
    assert all(number.startswith(("4199", "98")) and len(number) == 18 for number in cards)
    assert {who.document.kind for who in people} == {"resident-id", "passport"}


def test_two_thousand_people_bring_the_cases_numbers() -> None:
    town = make_town(people=2_000)
    assert (town.people, len(town.savers), town.savers_here, town.people_away) == (2_000, 1_317, 446, 871)
    assert all(who.away for who in town.savers[town.savers_here :])


def test_every_honest_statement_is_admitted(town: Town, ledger: Ledger) -> None:
    sent = sum(len(batch.statements) for batch in town.batches())
    assert sum(event.kind == "statement.admitted" for _, event in ledger.store.events()) == sent > 400
    assert ledger.state.refused == {}
    assert audit(ledger.store) == ()


def test_the_honest_weeks_have_every_kind_of_statement(town: Town) -> None:
    found = [statement for batch in town.batches() for statement in statements(batch)]
    assert {statement.kind for statement in found} == set(Kind)
    assert {one.facts.result for one in found if isinstance(one.facts, TestResult)} == set(Result)


def test_the_cast_is_what_it_is_said_to_be(town: Town, ledger: Ledger) -> None:
    cast = town.cast
    assert effect(ledger, cast.positive.subject) is Effect.CLOSED
    assert effect(ledger, cast.contact.subject) is Effect.CLOSED
    assert effect(ledger, cast.arrival.subject) is Effect.ASK
    assert effect(ledger, cast.lone_contact.subject) is Effect.ASK
    for who in (cast.corrected, cast.released, cast.unread, *cast.from_the_eu):
        assert effect(ledger, who.subject) is Effect.OPEN
    assert all(who.document.country != "CN" for who in cast.from_the_eu)


def test_every_infection_is_supported_at_once_and_some_people_are_well_again(town: Town, ledger: Ledger) -> None:
    positives = {
        who.subject
        for who in town.residents()
        for one in ledger.derivation(who.subject).held
        if isinstance(one.facts, TestResult) and one.facts.result is Result.POSITIVE
    }
    changes = [ledger.derivation(subject).timeline(ledger.state.life(subject, EVENING)) for subject in positives]
    barred = [[bool(one.derived.code and one.derived.code.effect is Effect.CLOSED) for one in rows] for rows in changes]
    assert len(positives) >= 5
    assert all(any(row) for row in barred)
    assert not all(row[-1] for row in barred)


def test_nothing_honest_stands_against_a_saver(town: Town, ledger: Ledger) -> None:
    assert {effect(ledger, who.subject) for who in town.savers} == {Effect.OPEN}
    assert all(who.adult for who in town.savers)


def test_bodies_are_custodians_of_their_own_but_for_the_two_of_one_house(town: Town) -> None:
    offices = [*town.offices.mandated(), *town.offices.shells]
    linked = [
        {one.body.id, other.body.id}
        for one, other in combinations(offices, 2)
        if not independent(one.mandate, other.mandate)
    ]
    assert linked == [{"anhe-border", "anhe-desk"}]


def test_policy_office_and_vendor_have_keys_and_no_mandate(town: Town) -> None:
    classes = {office.body.body_class for office in town.offices.mandated()}
    assert classes == {BodyClass.SOURCE, BodyClass.RULES, BodyClass.REDRESS}
    assert town.offices.policy.body.body_class is BodyClass.POLICY
    assert town.offices.vendor.body.body_class is BodyClass.VENDOR


def test_misuse_is_labelled_and_honest_batches_are_not(town: Town) -> None:
    at = CODED.after(DAY)
    found = [
        forged_entries(town),
        policy_statements(town, at),
        shell_mandates(town, at),
        shell_records(town, at),
        signed_again(town),
        unsampled_positives(town, at),
    ]
    assert {batch.misuse for batch in found} == set(Misuse)
    assert all(batch.misuse is None for batch in town.batches())
    assert [found[0].at, found[4].at] == [CODED, SIGNED_AGAIN]


def test_forged_statements_are_well_formed_and_about_the_savers(town: Town) -> None:
    savers = [who.ref for who in town.savers]
    for batch in (forged_entries(town), signed_again(town), unsampled_positives(town, CODED)):
        assert [statement.ref for statement in statements(batch)] == savers
    records = statements(shell_records(town, CODED))
    assert Counter(one.ref for one in records) == Counter(savers[: town.savers_here] * 2)
    assert all(isinstance(one.facts, CustodianRecord) for one in records)
    assert {type(one.facts) for one in statements(policy_statements(town, CODED))} == {BorderEntry}
    assert not set(forged_entries(town).statements) & set(signed_again(town).statements), "signed anew"


def test_a_larger_town_has_more_laboratories_so_that_an_honest_wave_is_within_each_ones_cap() -> None:
    larger = make_town(people=6_000)
    assert len(larger.offices.laboratories) == 4
    per_index = Counter(
        one.facts.index
        for batch in larger.batches()
        for one in statements(batch)
        if isinstance(one.facts, ContactFinding)
    )
    assert max(per_index.values()) <= 20


@pytest.mark.parametrize("people", [0, FEWEST_PEOPLE - 1, MOST_PEOPLE + 1])
def test_a_town_too_small_or_too_large_is_refused_with_what_to_give(people: int) -> None:
    with pytest.raises(ValueError, match=r"200 people or more|at most 100,000"):
        make_town(people=people)
