"""The tier table (I4), line by line: who supports what, from when, and what a statement may do without support."""

from __future__ import annotations

import pytest

from habeas.evidence import (
    BorderEntry,
    Contact,
    ContactFinding,
    CustodianRecord,
    Diagnosis,
    Form,
    Held,
    Kind,
    Limits,
    LimitsError,
    OwnAccount,
    Record,
    Retraction,
    Ruling,
    RulingEffect,
    affected,
    ending,
    hold,
)
from habeas.mandates import Body, BodyClass, Emergency, Level, Mandate
from habeas.wire import DAY, HOUR, Instant, Span
from scene import AREA, CODED, Scene, key_of, sample_number, scene_book, when

SAMPLED = CODED.after(-12 * HOUR)


def only(scene: Scene, name: str, kind: Kind) -> Held:
    (found,) = (one for one in scene.held(name) if one.kind is kind)
    return found


def backers(held: Held, at: Instant = CODED) -> set[str]:
    return {row.custodian for row in held.backing if row.span.covers(at)}


def sampling(scene: Scene, by: str, *, at: Instant = SAMPLED, sample: str = "s") -> bytes:
    record = CustodianRecord(record=Record.SAMPLING, sample=sample_number(sample))
    return scene.admit(by, record, "li", at=at, observed=at.after(-60))


# Tier 1


@pytest.mark.parametrize(
    ("by", "at", "sample", "supported"),
    [
        ("clinic", SAMPLED, "s", {"clinic"}),
        ("clinic", SAMPLED, "another sample", set()),
        ("clinic", CODED, "s", set()),  # not before the result, but with it
        ("lab", SAMPLED, "s", set()),  # the laboratory's own, without the person's act
    ],
)
def test_a_positive_needs_anothers_sampling_record_made_before_it(
    by: str, at: Instant, sample: str, supported: set[str]
) -> None:
    scene = Scene()
    sampling(scene, by, at=at, sample=sample)
    scene.positive("li", sample="s", at=CODED, observed=SAMPLED.after(-60))
    assert backers(only(scene, "li", Kind.TEST_RESULT)) == supported


def test_a_sampling_record_that_is_taken_back_supports_no_longer() -> None:
    scene = Scene()
    record = sampling(scene, "clinic")
    scene.positive("li", sample="s", at=CODED, observed=SAMPLED.after(-60))
    scene.admit("clinic", Retraction(target=record), "li", at=CODED.after(HOUR))
    held = only(scene, "li", Kind.TEST_RESULT)
    assert backers(held) == {"clinic"}
    assert backers(held, CODED.after(HOUR)) == set()


def test_a_diagnosis_inherits_support_and_end_of_the_result_that_it_names() -> None:
    scene = Scene()
    positive = scene.sampled_positive("li")
    scene.diagnosis("li", positive)
    held = only(scene, "li", Kind.DIAGNOSIS)
    assert backers(held, scene.now) == {"clinic"}
    scene.admit("redress", Ruling(target=positive, effect=RulingEffect.SUSPEND), "li")
    assert only(scene, "li", Kind.DIAGNOSIS).ended.cause.value == "index"


# Tier 2


def test_a_lone_finding_has_no_support_and_opens_once_in_fourteen_days_over_all_offices() -> None:
    scene = Scene()
    index = scene.sampled_positive("li")
    scene.contact("wang", index)
    scene.contact("wang", index, by="county", at=scene.now.after(3 * DAY))
    scene.contact("wang", index, at=scene.now.after(15 * DAY))
    findings = [one for one in scene.held("wang") if one.kind is Kind.CONTACT_FINDING]
    assert [one.opens for one in findings] == [True, False, True]
    assert all(not one.backing for one in findings)


def test_an_index_persons_own_account_supports_from_when_it_is_given() -> None:
    scene = Scene()
    index = scene.sampled_positive("li")
    scene.contact("wang", index)
    said = scene.now.after(HOUR)
    scene.admit("li", OwnAccount(index=index, contact=scene.ref("wang")), "li", at=said)
    held = only(scene, "wang", Kind.CONTACT_FINDING)
    assert backers(held, said.after(-1)) == set()
    assert backers(held, said) == {"index person's own account"}


@pytest.mark.parametrize(("at", "supported"), [(SAMPLED.after(-DAY), {"carrier"}), (CODED.after(-60), set())])
def test_records_of_one_event_support_when_they_are_older_than_the_sampling(at: Instant, supported: set[str]) -> None:
    scene = Scene()
    for name in ("li", "wang"):
        record = CustodianRecord(record=Record.MANIFEST, event=sample_number("flight"))
        if at < SAMPLED:
            scene.admit("carrier", record, name, at=max(at, scene.now), observed=at.after(-HOUR))
    index = scene.sampled_positive("li")
    if at >= SAMPLED:
        for name in ("li", "wang"):
            record = CustodianRecord(record=Record.MANIFEST, event=sample_number("flight"))
            scene.admit("carrier", record, name, observed=SAMPLED.after(-DAY))
    scene.contact("wang", index)
    assert backers(only(scene, "wang", Kind.CONTACT_FINDING), scene.now) == supported


def test_beyond_twenty_an_index_a_finding_waits_for_another_levels_countersignature() -> None:
    names = [f"contact {number}" for number in range(21)]
    scene = Scene(["li", *names])
    index = scene.sampled_positive("li")
    at = scene.now.after(HOUR)
    for name in names:
        scene.contact(name, index, at=at)
    without = [name for name in names if not scene.held(name)]
    assert len(without) == 1, "twenty count, one waits"
    (waiting,) = without
    finding = next(one for one in scene.docket.naming(index) if one.statement.ref == scene.ref(waiting))
    countersigned = at.after(DAY)
    record = CustodianRecord(record=Record.COUNTERSIGNATURE, countersigns=finding.id)
    scene.admit("county", record, waiting, at=countersigned)
    assert scene.held(waiting)[0].live.start == countersigned


def test_a_custodian_supports_twenty_findings_a_day_and_more_only_countersigned() -> None:
    names = [f"contact {number}" for number in range(25)]
    scene = Scene(["li", "wang", *names])
    first, second = scene.sampled_positive("li"), scene.sampled_positive("wang", sample="b", at=CODED.after(DAY))
    noon = when("2022-06-14 12:00")
    for number, name in enumerate(names):
        index_name = "li" if number < 13 else "wang"
        scene.admit("register", CustodianRecord(record=Record.HOUSEHOLD, other=scene.ref(index_name)), name, at=noon)
    for number, name in enumerate(names):
        scene.contact(name, first if number < 13 else second, at=noon.after(HOUR))
    found = [only(scene, name, Kind.CONTACT_FINDING) for name in names]
    assert sum(bool(backers(one, noon.after(HOUR))) for one in found) == 20
    beyond = next(one for one in found if not backers(one, noon.after(HOUR)))
    record = CustodianRecord(record=Record.COUNTERSIGNATURE, countersigns=beyond.id)
    name = names[found.index(beyond)]
    scene.admit("county", record, name, at=noon.after(2 * HOUR))
    assert backers(only(scene, name, Kind.CONTACT_FINDING), noon.after(2 * HOUR)) == {"register"}


def test_an_index_that_is_itself_provisional_bars_nobodys_family() -> None:
    scene = Scene()
    invented = scene.positive("li", at=CODED, observed=SAMPLED)
    scene.contact("wang", invented, household="li")
    assert backers(only(scene, "wang", Kind.CONTACT_FINDING), scene.now) == set()


def test_a_familys_support_falls_with_the_sampling_record_of_the_index() -> None:
    scene = Scene()
    record = sampling(scene, "clinic")
    index = scene.positive("li", sample="s", at=CODED, observed=SAMPLED.after(-60))
    scene.contact("wang", index, household="li")
    before = scene.now
    scene.admit("clinic", Retraction(target=record), "li")
    held = only(scene, "wang", Kind.CONTACT_FINDING)
    assert (backers(held, before), backers(held, scene.now)) == ({"register"}, set())
    retraction = scene.docket.naming(record)[0]
    assert scene.subject("wang") in affected(retraction, scene.docket, scene.now)


# Tier 3


@pytest.mark.parametrize(("backed_by", "enough"), [((), False), (("carrier",), False), (("carrier", "hotel"), True)])
def test_an_entry_needs_two_further_custodians(backed_by: tuple[str, ...], enough: bool) -> None:  # noqa: FBT001 - a table
    scene = Scene()
    scene.entry("li", backed_by=backed_by)
    (ground,) = scene.derivation("li", scene_book()).at(CODED).grounds
    assert ground.provisional is not enough


@pytest.mark.parametrize(
    ("admitted", "observed"),
    [
        (CODED, CODED.after(-DAY)),  # not before the statement, but with it
        (CODED.after(-HOUR), CODED.after(-26 * HOUR)),  # committed more than 24 hours after its event
        (CODED.after(-HOUR), CODED.after(-HOUR)),  # of another day than the entry
    ],
)
def test_a_travel_record_counts_only_when_committed_in_time(admitted: Instant, observed: Instant) -> None:
    scene = Scene()
    scene.admit("carrier", CustodianRecord(record=Record.MANIFEST), "li", at=admitted, observed=observed)
    entry = CODED.after(-26 * HOUR)
    scene.admit("border", BorderEntry(origin="SG"), "li", at=CODED, observed=entry)
    held = only(scene, "li", Kind.BORDER_ENTRY)
    assert backers(held) == set()


def test_a_live_contradiction_takes_all_support_from_tiers_2_and_3_and_none_from_tier_1() -> None:
    scene = Scene()
    entry = scene.entry("li", backed_by=("carrier", "hotel"))
    against = scene.admit("clinic", CustodianRecord(record=Record.SITE_REGISTER, against=entry), "li")
    held = only(scene, "li", Kind.BORDER_ENTRY)
    assert backers(held) == {"carrier", "hotel"}
    assert backers(held, scene.now) == set()
    positive = scene.sampled_positive("wang", at=scene.now.after(13 * HOUR))
    scene.admit("hotel", CustodianRecord(record=Record.SITE_REGISTER, against=positive), "wang")
    assert backers(only(scene, "wang", Kind.TEST_RESULT), scene.now) == {"clinic"}
    assert ending(scene.docket.get(against), scene.docket).at > scene.now  # type: ignore[arg-type]


# Time, mandates, limits


def test_an_emergency_mandate_supports_nothing_and_is_supported_by_nothing() -> None:
    scene = Scene()
    logged = CODED.after(-DAY)
    for name, kind in (("urgent-border", "border-entry"), ("urgent-carrier", "custodian-record")):
        body = Body(
            id=name, superior=f"{name}-board", operator=name, level=Level.CITY, body_class=BodyClass.SOURCE, names=()
        )
        declared = Emergency(declared_by=(("city", Level.CITY), ("province", Level.PROVINCE)))
        mandate = Mandate(
            body=body,
            kinds=frozenset({kind}),
            area=AREA,
            key=key_of(name).verifying,
            time=Span(logged, logged.after(30 * DAY)),
            emergency=declared,
        )
        scene.roster.grant(mandate, logged)
    for name in ("carrier", "hotel", "urgent-carrier"):
        scene.admit(
            name, CustodianRecord(record=Record.MANIFEST), "li", at=CODED.after(-HOUR), observed=CODED.after(-2 * HOUR)
        )
    scene.admit("urgent-border", BorderEntry(origin="SG"), "li", at=CODED, observed=CODED.after(-2 * HOUR))
    scene.admit("border", BorderEntry(origin="SG"), "li", at=CODED.after(60), observed=CODED.after(-2 * HOUR))
    urgent, ordinary = (one for one in scene.held("li") if one.kind is Kind.BORDER_ENTRY)
    assert urgent.backing == ()
    assert backers(ordinary, scene.now) == {"carrier", "hotel"}


def test_taking_back_what_helps_needs_an_independent_countersignature() -> None:
    scene = Scene()
    clear = scene.negative("li", sample="n", at=CODED)
    retraction = scene.admit("lab2", Retraction(target=clear), "li")
    assert scene.held("li")[0].live.end > scene.now.after(DAY)
    record = CustodianRecord(record=Record.COUNTERSIGNATURE, countersigns=retraction)
    scene.admit("county", record, "li")
    assert scene.held("li")[0].live.end == scene.now


def test_a_merge_binds_from_its_instant_on_and_a_split_lets_go() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    scene.merge("wang", "li", at=CODED.after(HOUR))
    scene.split("wang", "li", at=CODED.after(2 * HOUR))
    held = only(scene, "wang", Kind.TEST_RESULT)
    assert (held.live.start, held.live.end) == (CODED.after(HOUR), CODED.after(2 * HOUR))
    assert (held.bound, held.ended.cause.value) == (True, "moved")
    mine = [one.live for one in scene.held("li") if one.kind is Kind.TEST_RESULT]
    assert [(span.start, span.end > CODED.after(3 * HOUR)) for span in mine] == [
        (CODED, False),
        (CODED.after(2 * HOUR), True),
    ]


def test_a_secondary_contact_falls_with_the_finding_between() -> None:
    scene = Scene()
    index = scene.sampled_positive("li")
    between = scene.contact("wang", index, household="li")
    scene.admit("tracer", ContactFinding(contact=Contact.SECONDARY, index=index, via=between), "zhao")
    scene.admit("tracer", Retraction(target=between), "wang")
    assert only(scene, "zhao", Kind.CONTACT_FINDING).live.end == scene.now


def test_limits_can_be_milder_and_never_stricter() -> None:
    assert Limits.of({"laboratory_floor": 5}).milder(Limits()).laboratory_floor == 5
    for wrong in ({"laboratory_floor": 11}, {"laboratory_floor": -1}, {"no_such_limit": 1}):
        with pytest.raises(LimitsError):
            Limits.of(wrong)


def test_a_milder_limit_of_the_pack_is_felt() -> None:
    scene = Scene()
    sampling(scene, "clinic")
    scene.positive("li", sample="s", at=CODED, observed=SAMPLED.after(-60))
    none_at_all = Limits.of({"laboratory_floor": 0, "laboratory_factor": 0})
    (held,) = hold(scene.subject("li"), scene.docket, lambda _: none_at_all)
    assert backers(held) == set()


def test_a_diagnosis_form_is_a_closed_choice() -> None:
    assert {form.value for form in Form} == {"confirmed", "asymptomatic"}
    assert Diagnosis.kind is Kind.DIAGNOSIS
