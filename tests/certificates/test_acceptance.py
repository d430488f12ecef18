"""Acceptance: which rules are asked, what each says, and that nothing but met rules ever lets anybody in."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, cast

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from certificates.acceptance import (
    DOES_NOT,
    HOLDS,
    UNDECIDED,
    invalidating,
    parsed,
    public_lines,
    public_rules,
    rule,
    rules,
)
from certificates.issuing import EXPIRES, ISSUED, NOW, UTOPIA, VACCINATION, payload
from habeas.certificates import (
    NO_VALUE_SETS,
    AcceptanceRules,
    Answer,
    Dcc,
    DccKind,
    ExpiredError,
    Judgement,
    NotACertificateError,
    NotYetValidError,
    RuleOutcome,
    RuleType,
    Signature,
    TrustList,
    UncheckedDcc,
    UnknownRegionError,
    ValueSets,
    WrongAlgorithmError,
    evaluate_rule,
    external_parameters,
    favourable_facts,
    issuing_country,
    judge,
    open_dcc,
    parse_acceptance_rules,
    parse_value_sets,
    read_signer,
    read_unchecked,
)
from habeas.rules import LogicError, compile_logic
from habeas.wire import Instant, format_hc1, parse_instant

TRUST = TrustList(signers=dict([read_signer(UTOPIA.der)]))
AT = parse_instant("2022-06-12T13:04:00Z")


def certificate(group: str = "v", *, changes: Mapping[str, object] | None = None, **claims: object) -> Dcc:
    return open_dcc(UTOPIA.text(payload(group, **(changes or {})), headers=None, **claims), TRUST, NOW)


VACCINATED = certificate()
UNCHECKED = read_unchecked(UTOPIA.text(payload("v")), NOW)


def asked(
    made: AcceptanceRules,
    *,
    of: Dcc | UncheckedDcc = VACCINATED,
    country: str = "UT",
    at: Instant = AT,
    region: str = "",
    value_sets: ValueSets = NO_VALUE_SETS,
) -> Judgement:
    return judge(of, made, country=country, at=at, region=region, value_sets=value_sets)


def versions(judgement: Judgement) -> list[str]:
    return [f"{one.rule.identifier} {one.rule.version}" for one in judgement.acceptance]


# The public rules


def test_the_public_tests_come_out() -> None:
    found = {(one.identifier, str(one.version)): one for one in public_rules().rules}
    tests = 0
    for line in public_lines():
        one = found[line["rule"]["Identifier"], line["rule"]["Version"]]
        for test in line["tests"]:
            external = test["external"]
            clock = external.get("validationClock", line["rule"]["ValidFrom"])
            clock += "" if clock.endswith("Z") or clock[-6] in "+-" else "Z"  # two tests leave the offset out
            given_ = external_parameters(
                at=parse_instant(clock), value_sets=parse_value_sets(json.dumps(external.get("valueSets", {})))
            )
            met = evaluate_rule(one, test.get("payload") or {}, given_)
            expected = RuleOutcome.PASSED if test["expected"] else RuleOutcome.FAILED
            assert (met.outcome, met.reason) == (expected, ""), (line["path"], test["file"])
            tests += 1
    assert tests == 1364


# Selection


def test_rules_of_the_country_of_arrival_and_of_the_certificates_kind() -> None:
    made = rules(
        rule(),
        rule(Identifier="GR-UT-0001", CertificateType="General"),
        rule(Identifier="TR-UT-0001", CertificateType="Test"),
        rule(Identifier="VR-IE-0001", Country="IE"),
        rule(Identifier="VR-EU-0001", Country="EU"),
        invalidating(Logic=DOES_NOT),
    )
    assert versions(asked(made)) == ["GR-UT-0001 1.0.0", "VR-UT-0001 1.0.0"]
    assert versions(asked(made, country="EU")) == ["VR-EU-0001 1.0.0"]
    assert versions(asked(made, of=certificate("t"))) == ["GR-UT-0001 1.0.0", "TR-UT-0001 1.0.0"]
    assert versions(asked(made, of=certificate("r"))) == ["GR-UT-0001 1.0.0"]
    assert versions(asked(made, country="ut")) == []


@pytest.mark.parametrize(
    ("at", "found"),
    [
        ("2021-12-31T23:59:59Z", []),
        ("2022-01-01T00:00:00Z", ["VR-UT-0001 1.0.0"]),
        ("2022-05-31T23:59:59Z", ["VR-UT-0001 1.0.0"]),
        ("2022-06-01T01:59:59+02:00", ["VR-UT-0001 1.0.0"]),
        ("2022-06-01T00:00:00Z", ["VR-UT-0001 1.1.0"]),
        ("2022-06-30T23:59:59Z", ["VR-UT-0001 1.1.0"]),
        ("2022-07-01T00:00:00Z", []),
    ],
)
def test_valid_from_counts_and_valid_to_does_not(at: str, found: list[str]) -> None:
    made = rules(
        rule(ValidTo="2022-06-01T02:00:00+02:00"),
        rule(Version="1.1.0", ValidFrom="2022-06-01T00:00:00Z", ValidTo="2022-07-01T00:00:00Z"),
    )
    early = certificate(c6=int(parse_instant("2021-12-01T00:00:00Z")))
    assert versions(asked(made, of=early, at=parse_instant(at))) == found


def test_a_certificate_is_asked_about_only_while_it_is_valid() -> None:
    made = rules(rule(ValidFrom="2021-01-01T00:00:00Z", ValidTo="2030-01-01T00:00:00Z", Logic=True))
    assert asked(made, at=VACCINATED.expires).answer is Answer.ACCEPTED
    with pytest.raises(ExpiredError):
        asked(made, at=VACCINATED.expires.after(1))
    with pytest.raises(NotYetValidError):
        asked(made, at=VACCINATED.issued.after(-1))


def test_of_one_identifier_the_highest_version_in_force() -> None:
    future, past = {"ValidFrom": "2022-12-01T00:00:00Z"}, {"ValidTo": "2022-02-01T00:00:00Z"}
    made = [
        rule(Version="1.0.9"),
        rule(Version="1.0.10"),
        rule(Version="1.0.2"),
        rule(Version="2.0.0", **future),
        rule(Version="3.0.0", **past),
    ]
    for order in (made, made[::-1]):
        assert versions(asked(rules(*order))) == ["VR-UT-0001 1.0.10"]


def test_a_newer_version_that_cannot_be_carried_out_is_open_and_no_older_one_steps_in() -> None:
    newer = rule(Version="1.1.0", Engine="AT-METADATA", Logic="?")
    judgement = asked(rules(rule(), newer))
    (one,) = judgement.acceptance
    assert (str(one.rule.version), one.outcome, judgement.answer) == ("1.1.0", RuleOutcome.OPEN, Answer.UNDECIDED)
    assert "rule engine AT-METADATA 0.7.5, which is not carried out here" in one.reason


@pytest.mark.parametrize(
    ("needed", "is_open"), [("1.0.0", False), ("1.3.0", False), ("1.3.1", True), ("2.0.0", True), ("0.9.0", True)]
)
def test_a_rule_of_another_schema_is_open(needed: str, is_open: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    judgement = asked(rules(rule(SchemaVersion=needed)))
    assert (judgement.answer is Answer.UNDECIDED) is is_open
    assert (f"schema {needed}, and this one is of 1.3.0" in judgement.acceptance[0].reason) is is_open


def test_a_schema_version_of_any_length_is_open() -> None:
    long = open_dcc(UTOPIA.text(payload("v") | {"ver": "1.0." + "9" * 5000}), TRUST, NOW)
    judgement = asked(rules(rule()), of=long)
    assert judgement.answer is Answer.UNDECIDED
    assert "cannot be compared" in judgement.acceptance[0].reason


def test_regions() -> None:
    made = rules(
        rule(),
        rule(Identifier="VR-UT-0002", Region="UT-9", Logic=DOES_NOT),
        rule(Identifier="VR-UT-0003", Region="UT-8", ValidTo="2022-02-01T00:00:00Z"),
        rule(Identifier="VR-UT-0001", Version="1.1.0", Region="UT-7", Logic=HOLDS),
    )
    whole = asked(made)
    assert (versions(whole), whole.answer) == (["VR-UT-0001 1.0.0"], Answer.ACCEPTED)
    assert whole.other_regions == ("UT-7", "UT-9")
    there = asked(made, region="ut-9")
    assert (there.region, there.answer, there.other_regions) == ("UT-9", Answer.NOT_ACCEPTED, ("UT-7",))
    assert versions(asked(made, region="UT-7")) == ["VR-UT-0001 1.1.0"]
    with pytest.raises(UnknownRegionError):
        asked(made, region="UT-90")


# Invalidation


@pytest.mark.parametrize(
    ("logic", "outcome", "answer"),
    [
        (HOLDS, RuleOutcome.FAILED, Answer.NOT_ACCEPTED),
        (DOES_NOT, RuleOutcome.PASSED, Answer.ACCEPTED),
        (UNDECIDED, RuleOutcome.OPEN, Answer.UNDECIDED),
    ],
)
def test_an_invalidation_rule_that_holds_means_invalid(logic: object, outcome: RuleOutcome, answer: Answer) -> None:
    here = rule(Identifier="VR-IE-0001", Country="IE")
    judgement = asked(rules(here, invalidating(Logic=logic)), country="IE")
    (one,) = judgement.invalidation
    assert (judgement.issuer_country, one.outcome, judgement.answer) == ("UT", outcome, answer)


def test_invalidation_rules_are_the_issuers_and_the_latest() -> None:
    here = rule(Identifier="VR-IE-0001", Country="IE")
    of_others = invalidating(Identifier="IR-IE-0001", Country="IE", Logic=HOLDS)
    superseded = invalidating(Logic=HOLDS)
    by_now = invalidating(Version="1.0.1", Logic=DOES_NOT)
    for_tests = invalidating(Identifier="IR-UT-0002", CertificateType="Test", Logic=HOLDS)
    judgement = asked(rules(here, of_others, superseded, by_now, for_tests), country="IE")
    assert [str(one.rule.version) for one in judgement.invalidation] == ["1.0.1"]
    assert judgement.answer is Answer.ACCEPTED


def test_an_invalid_certificate_is_not_accepted_where_there_are_no_rules() -> None:
    assert asked(rules(invalidating(Logic=HOLDS)), country="IE").answer is Answer.NOT_ACCEPTED
    assert asked(rules(invalidating(Logic=DOES_NOT)), country="IE").answer is Answer.NO_RULES
    assert asked(rules(invalidating(Logic=UNDECIDED)), country="IE").answer is Answer.NO_RULES


def test_the_issuing_country() -> None:
    assert issuing_country(certificate(c1="IE")) == "IE"
    assert issuing_country(certificate(c1="Ministry of Health", changes={"co": "GE"})) == "GE"
    assert issuing_country(certificate(c1=None)) == "UT"
    assert issuing_country(certificate(c1="", changes={"co": ""})) == ""
    two = open_dcc(UTOPIA.text(payload("v") | {"v": [VACCINATION, VACCINATION | {"co": "IE"}]}, c1=""), TRUST, NOW)
    assert issuing_country(two) == ""


def test_where_the_issuer_cannot_be_told_every_invalidation_rule_is_open() -> None:
    stranger = certificate(c1="", changes={"co": ""})
    others = invalidating(Identifier="IR-IE-0001", Country="IE", Logic=DOES_NOT)
    judgement = asked(rules(rule(), invalidating(Logic=DOES_NOT), others), of=stranger)
    assert [one.outcome for one in judgement.invalidation] == [RuleOutcome.OPEN] * 2
    assert "cannot be told, and IE may have" in judgement.invalidation[0].reason
    assert judgement.answer is Answer.UNDECIDED
    assert asked(rules(rule()), of=stranger).answer is Answer.ACCEPTED


# Inputs


def test_the_external_parameters_by_name() -> None:
    sets = ValueSets(codes={"vaccines": ("a", "b")})
    found = external_parameters(
        at=AT, value_sets=sets, country="IE", region="IE-D", issuer="UT", certificate=VACCINATED
    )
    assert found == {
        "validationClock": "2022-06-12T13:04:00Z",
        "valueSets": {"vaccines": ["a", "b"]},
        "countryCode": "IE",
        "region": "IE-D",
        "issuerCountryCode": "UT",
        "exp": str(EXPIRES),
        "iat": str(ISSUED),
        "kid": UTOPIA.name,
    }
    assert external_parameters(at=AT) == {"validationClock": "2022-06-12T13:04:00Z", "valueSets": {}}


@pytest.mark.parametrize(
    "logic",
    [
        {"===": [{"var": "external.countryCode"}, "UT"]},
        {"===": [{"var": "external.issuerCountryCode"}, "UT"]},
        {"===": [{"var": "external.kid"}, UTOPIA.name]},
        {
            "before": [
                {"plusTime": [{"var": "external.iat"}, 0, "day"]},
                {"plusTime": [{"var": "external.exp"}, 0, "day"]},
            ]
        },
        {"===": [{"var": "external.validationClock"}, "2022-06-12T13:04:00Z"]},
        {"===": [{"var": "external.valueSets.vaccines.1"}, "EU/1/20/1528"]},
        {"in": [{"var": "payload.v.0.mp"}, {"var": "external.valueSets.vaccines"}]},
    ],
)
def test_rules_read_them(logic: object) -> None:
    sets = ValueSets(codes={"vaccines": ("", "EU/1/20/1528")})
    made = rules(rule(Logic=logic))
    assert asked(made, value_sets=sets).answer is Answer.ACCEPTED
    assert asked(rules(rule(Logic={"!": [logic]})), value_sets=sets).answer is Answer.NOT_ACCEPTED


@pytest.mark.parametrize(
    "path", ["valueSets.vaccines.2", "valueSets.vaccines.length", "validationClock.foo", "countryCode.0", "valueSets"]
)
def test_a_part_that_a_parameter_has_not_is_not_read_as_nothing(path: str) -> None:
    sets = ValueSets(codes={"vaccines": ("", "EU/1/20/1528")})
    for logic in ({"!": [{"var": f"external.{path}"}]}, {"===": [{"var": f"external.{path}"}, "x"]}):
        assert asked(rules(rule(Logic=logic)), value_sets=sets).answer is Answer.UNDECIDED


SET = {"var": "external.valueSets.vaccines"}


@pytest.mark.parametrize(
    ("logic", "needs"),
    [
        ({"in": ["x", SET]}, "the value set vaccines"),
        ({"!": [SET]}, "the value set vaccines"),
        ({"===": [SET, "x"]}, "the value set vaccines"),
        ({"!": [{"var": "external.valueSets.vaccines.0"}]}, "the value set vaccines"),
        ({"===": [{"reduce": [SET, 1, 0]}, 0]}, "the value set vaccines"),
        ({"if": [{"in": ["x", SET]}, True, {"!": [SET]}]}, "the value set vaccines"),
        ({"!": [{"var": "external.valueSets"}]}, "the parameter valueSets"),
        ({"!": [{"var": "external.region"}]}, "the parameter region"),
        ({"!": [{"var": "external.season.0"}]}, "the parameter season.0"),
        ({"!": [{"!": [{"var": "external"}]}]}, "the parameter external"),
        ({"!": [{"!": [{"var": ""}]}]}, "the parameter external"),
        ({"and": [{"!": [SET]}, {"!": [{"var": "external.region"}]}]}, "the parameter region and the value set vaccines"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_named_and_read_as_nothing_else(logic: object, needs: str) -> None:
    judgement = asked(rules(rule(Logic=logic)))
    assert judgement.answer is Answer.UNDECIDED
    assert judgement.acceptance[0].reason == f"it needs {needs}, not known here"


def test_a_value_set_is_needed_only_where_it_is_reached() -> None:
    antigen_only = {"if": [{"===": [{"var": "payload.v.0.mp"}, "other"]}, {"in": ["x", SET]}, True]}
    assert asked(rules(rule(Logic=antigen_only))).answer is Answer.ACCEPTED


PATHS = st.sampled_from(
    ["external.valueSets.known", "external.valueSets.gone", "external.valueSets.gone.0", "external.gone", "payload.v"]
)
LOGIC: st.SearchStrategy[Any] = st.recursive(
    PATHS.map(lambda path: {"var": path}) | st.sampled_from([True, False, 0, 1, "", "a"]),
    lambda inner: (
        st.tuples(st.sampled_from(["===", "in", "and", "<"]), st.lists(inner, min_size=2, max_size=2)).map(
            lambda made: {made[0]: made[1]}
        )
        | inner.map(lambda one: {"!": [one]})
        | st.lists(inner, min_size=3, max_size=3).map(lambda made: {"if": made})
        | st.lists(inner, min_size=2, max_size=2).map(lambda made: {"reduce": [made[0], {"var": "current"}, made[1]]})
    ),
    max_leaves=10,
)
WHATEVER = st.none() | st.booleans() | st.text(max_size=2) | st.lists(st.sampled_from(["a", "", 0, 1]), max_size=3)


@given(LOGIC, st.lists(WHATEVER, min_size=4, max_size=4))
def test_an_answer_without_a_value_set_is_the_answer_with_any(logic: object, tried: list[object]) -> None:
    one = parsed(Logic=logic)
    given_ = external_parameters(at=AT, value_sets=ValueSets(codes={"known": ("a",)}))
    met = evaluate_rule(one, {"v": ["a"]}, given_)
    assume(met.outcome is not RuleOutcome.OPEN)
    for value in tried:
        sets = cast("dict[str, object]", given_["valueSets"])
        filled = given_ | {"gone": value, "valueSets": sets | {"gone": value}}
        again = evaluate_rule(one, {"v": ["a"]}, filled)
        assert again.outcome in (met.outcome, RuleOutcome.OPEN)


# What follows


@given(
    st.lists(LOGIC | st.sampled_from([HOLDS, DOES_NOT, UNDECIDED, {"<": [{"var": "payload.v"}, 1]}]), max_size=4),
    st.lists(LOGIC, max_size=2),
)
def test_an_error_is_never_true_and_only_met_rules_accept(acceptance: list[object], invalidation: list[object]) -> None:
    made = rules(
        *(rule(Identifier=f"VR-UT-{at:04}", Logic=logic) for at, logic in enumerate(acceptance)),
        *(invalidating(Identifier=f"IR-UT-{at:04}", Logic=logic) for at, logic in enumerate(invalidation)),
    )
    judgement = asked(made)
    data = {
        "payload": dict(VACCINATED.payload),
        "external": external_parameters(at=AT, country="UT", issuer="UT", certificate=VACCINATED),
    }
    for one in (*judgement.acceptance, *judgement.invalidation):
        assert one.rule.logic is not None
        try:
            value = one.rule.logic.evaluate(data)
        except LogicError:
            assert one.outcome is RuleOutcome.OPEN
            continue
        wanted = one.rule.type is RuleType.ACCEPTANCE
        if one.outcome is not RuleOutcome.OPEN:
            assert (one.outcome is RuleOutcome.PASSED) is (bool(value) is wanted)
        assert bool(one.reason) is (one.outcome is RuleOutcome.OPEN)
    outcomes = {one.outcome for one in (*judgement.acceptance, *judgement.invalidation)}
    assert (judgement.answer is Answer.ACCEPTED) == (bool(acceptance) and outcomes == {RuleOutcome.PASSED})
    assert (judgement.answer is Answer.NOT_ACCEPTED) == (RuleOutcome.FAILED in outcomes)
    assert (judgement.answer is Answer.NO_RULES) == (not acceptance and RuleOutcome.FAILED not in outcomes)


@given(
    st.sampled_from(["DE", "IE", "EU", "FI", "BE", "", "de", "UT"]),
    st.integers(int(ISSUED), int(EXPIRES)).map(Instant),
    st.sampled_from([VACCINATED, certificate("t"), certificate("r"), UNCHECKED]),
)
def test_no_rules_never_read_as_accepted(country: str, at: Instant, presented: Dcc | UncheckedDcc) -> None:
    judgement = judge(presented, public_rules(), country=country, at=at)
    in_force = [
        one
        for one in public_rules().rules
        if one.country == country and one.in_force.covers(at) and one.about in (None, presented.kind)
    ]
    assert [one.rule for one in judgement.acceptance] == sorted(in_force, key=lambda one: one.identifier)
    assert (judgement.answer is Answer.NO_RULES) is (not in_force)
    empty = judge(presented, parse_acceptance_rules("[]"), country=country, at=at)
    assert (empty.answer, empty.acceptance, empty.invalidation) == (Answer.NO_RULES, (), ())


def test_no_answer_can_be_taken_for_true() -> None:
    judgement = asked(rules())
    with pytest.raises(TypeError, match="compare its answer"):
        bool(judgement)
    for answer in Answer:
        with pytest.raises(TypeError, match="compare it"):
            bool(answer)


# Unchecked


def test_what_nobody_checked_is_never_accepted() -> None:
    met = asked(rules(rule()), of=UNCHECKED)
    assert (met.answer, met.signature) == (Answer.MET_UNCHECKED, Signature.NOT_CHECKED)
    assert asked(rules(rule())).signature is Signature.CHECKED
    assert asked(rules(rule(Logic=DOES_NOT)), of=UNCHECKED).answer is Answer.NOT_ACCEPTED
    assert asked(rules(rule(Logic=UNDECIDED)), of=UNCHECKED).answer is Answer.UNDECIDED
    assert asked(rules(), of=UNCHECKED).answer is Answer.NO_RULES


def test_what_nobody_checked_is_no_certificate() -> None:
    assert Dcc not in type(UNCHECKED).__mro__
    assert (UNCHECKED.kind, UNCHECKED.issuer, UNCHECKED.kid) == (DccKind.VACCINATION, "UT", UTOPIA.kid)
    assert (UNCHECKED.issued, UNCHECKED.expires) == (ISSUED, EXPIRES)
    assert UNCHECKED.payload == VACCINATED.payload
    assert "Müller" not in repr(UNCHECKED)
    with pytest.raises((AttributeError, TypeError)):
        favourable_facts(cast("Dcc", UNCHECKED), NOW)


def test_its_own_word_is_held_against_it() -> None:
    text = UTOPIA.text(payload("v"))
    with pytest.raises(ExpiredError):
        read_unchecked(text, EXPIRES.after(1))
    with pytest.raises(NotYetValidError):
        read_unchecked(text, ISSUED.after(-1))
    with pytest.raises(NotACertificateError):
        read_unchecked(format_hc1(b"\xa0"), NOW)
    with pytest.raises(NotACertificateError):
        read_unchecked("shc:/5676", NOW)
    with pytest.raises(WrongAlgorithmError):
        read_unchecked(UTOPIA.text(payload("v"), headers={1: -257}), NOW)
    with pytest.raises(NotACertificateError):
        read_unchecked(UTOPIA.text({}), NOW)


def test_the_default_is_no_value_sets() -> None:
    assert asked(rules(rule(Logic={"in": ["x", SET]})), value_sets=NO_VALUE_SETS).answer is Answer.UNDECIDED
    assert compile_logic({"in": ["x", SET]}).fields == {"external.valueSets.vaccines"}
