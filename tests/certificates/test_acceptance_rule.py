"""Rule files: all of a file or nothing, with the rule at fault named; the 194 public rules as they were published."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from certificates.acceptance import RULE, invalidating, parsed, public_lines, public_rules, public_text, rule, rules
from habeas.certificates import (
    MAX_RULE_FILE_CHARACTERS,
    MAX_RULES,
    AcceptanceRules,
    DccKind,
    RuleFormatError,
    RuleText,
    RuleType,
    UnknownRegionError,
    Version,
    parse_acceptance_rules,
)
from habeas.rules import compile_logic
from habeas.wire import Span, parse_instant

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=12), inner, max_size=3),
    max_leaves=8,
)


def test_the_public_rules_load_unchanged() -> None:
    found = {(one.identifier, str(one.version)): one for one in public_rules().rules}
    assert len(found) == len(public_lines()) == 194
    for line in public_lines():
        published = line["rule"]
        one = found[published["Identifier"], published["Version"]]
        assert json.loads(one.source) == published
        assert one.logic == compile_logic(published["Logic"])
        assert (one.type, one.country, one.region) == (published["Type"], published["Country"], "")
        assert (one.about or "general") == published["CertificateType"].lower()
        assert one.in_force == Span(parse_instant(published["ValidFrom"]), parse_instant(published["ValidTo"]))
        assert [text.language for text in one.texts] == [text["lang"] for text in published["Description"]]
        assert one.misnamed_fields() == (frozenset(), frozenset())


def test_each_form_of_a_file_gives_the_same_rules() -> None:
    published = [line["rule"] for line in public_lines()]
    assert parse_acceptance_rules(json.dumps(published)) == public_rules()
    assert parse_acceptance_rules(json.dumps(published, indent=2)) == public_rules()
    assert parse_acceptance_rules("\r\n".join(map(json.dumps, published)) + "\n\n") == public_rules()
    assert parse_acceptance_rules(json.dumps({"path": "", "rule": RULE, "tests": []})) == rules(RULE)
    assert parse_acceptance_rules(json.dumps(RULE)) == parse_acceptance_rules(json.dumps(RULE, indent=1)) == rules(RULE)
    assert parse_acceptance_rules("[]").rules == ()


def test_what_a_rule_says() -> None:
    one = parsed(Region="UT-9", Version="1.10.2", EngineVersion="1.3.3", hash="abc")
    assert (one.identifier, one.version, str(one.version)) == ("VR-UT-0001", Version(1, 10, 2), "1.10.2")
    assert (one.type, one.country, one.region, one.about) == (
        RuleType.ACCEPTANCE,
        "UT",
        "UT-9",
        DccKind.VACCINATION,
    )
    assert one.logic == compile_logic(RULE["Logic"])
    assert parsed(Region="UT").region == parsed(Region="").region == parsed(Region=None).region == ""
    assert parsed(Identifier="GR-UT-0001", CertificateType="General").about is None


@pytest.mark.parametrize(
    ("engine", "version"),
    [("AT-METADATA", "1.0.0"), ("CERTLOGIC", "0.7.4"), ("CERTLOGIC", "1.4.0"), ("CERTLOGIC", "2.0.0")],
)
def test_a_rule_of_another_engine_is_there_without_logic(engine: str, version: str) -> None:
    one = parsed(Engine=engine, EngineVersion=version, Logic="whatever that engine reads")
    assert one.logic is None
    assert one.misnamed_fields() == (frozenset(), frozenset())
    assert parsed(EngineVersion="0.7.5").logic == parsed(EngineVersion="1.3.99").logic == compile_logic(RULE["Logic"])


FAULTS: list[tuple[dict[str, Any], str]] = [
    (rule(Identifier="VR-UT-1a"), "Identifier"),
    (rule(Identifier="TR-UT-0001"), "begins with VR-UT-"),
    (rule(Identifier="VR-XX-0001"), "begins with VR-UT-"),
    (rule(Identifier="IR-UT-0001"), "begins with VR-UT-"),
    (invalidating(Identifier="VR-UT-0001", CertificateType="Vaccination"), "begins with IR-UT-"),
    (rule(Type="acceptance"), "Type is neither"),
    (rule(Type=["Acceptance"]), "Type is neither"),
    (rule(CertificateType="Booster"), "CertificateType is none of"),
    (rule(CertificateType=None), "CertificateType is none of"),
    (rule(Country="ut"), "Country"),
    (rule(Country=7), "Country"),
    (rule(Region=7), "Region"),
    (rule(Region="the west"), "Region"),
    (rule(region="UT-9"), "'region' is not the field 'Region'"),
    (rule(Version="1.0"), "Version is no version"),
    (rule(Version="1.0.0-rc.1"), "Version is no version"),
    (rule(Version="1.0.٣"), "Version is no version"),
    (rule(Version="1.0." + "9" * 5000), "Version is no version"),
    (rule(SchemaVersion=None), "SchemaVersion is no version"),
    (rule(EngineVersion=1.3), "EngineVersion is no version"),
    (rule(Engine=""), "Engine"),
    (rule(Description=[]), "Description"),
    (rule(Description={"en": "x"}), "Description"),
    (rule(Description=[{"lang": "en", "desc": "x"}] * 2), "two texts in one language"),
    (rule(Description=[{"lang": "e", "desc": "x"}]), "lang is no language"),
    (rule(Description=["x"]), "lang is no language"),
    (rule(Description=[{"lang": "en"}]), "Description in en"),
    (rule(Description=[{"lang": "en", "desc": " \x1b\n"}]), "desc is empty"),
    (rule(Description=[{"lang": "en", "desc": "x" * 4001}]), "at most 4000"),
    (rule(ValidFrom="2022-01-01"), "ValidFrom"),
    (rule(ValidFrom=None), "ValidFrom"),
    (rule(ValidTo="2022-02-30T00:00:00Z"), "ValidTo"),
    (rule(ValidTo=RULE["ValidFrom"]), "ValidTo is not after ValidFrom"),
    (rule(AffectedFields="v.0"), "AffectedFields"),
    (rule(AffectedFields=[0]), "AffectedFields"),
    (rule(Logic={"==": [1, 1]}), "Logic: unrecognised operator"),
    (rule(Logic=None), "Logic is missing"),
]


@pytest.mark.parametrize(("made", "words"), FAULTS, ids=[f"{at} {words}" for at, (_, words) in enumerate(FAULTS)])
def test_a_fault_is_told_with_its_place_and_nothing_is_read(made: dict[str, Any], words: str) -> None:
    others = [line["rule"] for line in public_lines()[:3]]
    with pytest.raises(RuleFormatError) as caught:
        parse_acceptance_rules(json.dumps([*others, made]))
    told = str(caught.value)
    assert told.startswith(f"item 4, rule {str(made['Identifier'])[:40]} ")
    assert words in told
    assert told.isprintable()
    lines = "\n".join(map(json.dumps, [*others, made]))
    with pytest.raises(RuleFormatError, match=r"^line 4, rule "):
        parse_acceptance_rules(lines)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "line 1, column 1: no JSON"),
        ("{", "no JSON"),
        ("{}", "no rule, which is an object with an Identifier|rule \\? \\?"),
        ("7", "no rule"),
        ("[1]", "item 1: no rule"),
        ('{"rule": 1}', "no rule"),
        (json.dumps(RULE) + "\n{", "line 2, column 2"),
        (json.dumps(RULE)[:-1] + ', "Type": "Invalidation"}', "'Type' stands twice"),
        ('{"Identifier": NaN}', "NaN is no number"),
        ('{"Identifier": 1e999}', "1e999 is no number"),
        ('{"Identifier": "\\ud800"}', "half a character"),
        ('{"\\udfff": 1}', "half a character"),
        ("[" * 100_000, "nested too deep"),
        ('{"a":' * 200 + "1" + "}" * 200, "nested too deep"),
        (json.dumps(rule(hash=[[[[0]]]])).replace("[[[[0]]]]", "[" * 159 + "0" + "]" * 159), None),
        (json.dumps(rule(hash=[[[[0]]]])).replace("[[[[0]]]]", "[" * 160 + "0" + "]" * 160), "nested too deep"),
        (" " * (MAX_RULE_FILE_CHARACTERS + 1), f"at most {MAX_RULE_FILE_CHARACTERS}"),
        ("[" + "0," * MAX_RULES + "0]", f"at most {MAX_RULES}"),
    ],
)
def test_what_is_no_rule_file(text: str, words: str | None) -> None:
    if words is None:
        assert len(parse_acceptance_rules(text).rules) == 1
        return
    with pytest.raises(RuleFormatError, match=words):
        parse_acceptance_rules(text)


def test_a_version_twice_is_one_rule_or_none() -> None:
    again = json.loads(json.dumps(RULE, sort_keys=True))
    assert rules(RULE, again) == rules(RULE)
    newer = rule(Version="1.0.1", ValidTo="2024-01-01T00:00:00Z")
    assert len(rules(RULE, newer).rules) == 2
    for other in (rule(ValidTo="2024-01-01T00:00:00Z"), RULE | {"Logic": {"===": [1, True]}}):
        with pytest.raises(RuleFormatError, match=r"VR-UT-0001 1\.0\.0 is there twice"):
            rules(other, RULE)
    # 1 == True == 1.0 in Python, and they are not one in a rule
    with pytest.raises(RuleFormatError, match="twice"):
        rules(rule(Logic={"!": [1]}), rule(Logic={"!": [True]}))


def test_versions_are_compared_as_numbers() -> None:
    order = ["0.9.9", "1.0.2", "1.0.9", "1.0.10", "1.2.0", "1.10.0", "2.0.0", "10.0.0"]
    assert sorted(set(order), key=lambda text: parsed(Version=text).version) == order


def test_misnamed_fields_are_said_and_refuse_nothing() -> None:
    one = parsed(Logic={"in": [{"var": "payload.v.0.mp"}, ["x"]]}, AffectedFields=["v.0.dn", "v.0.mp"])
    assert one.misnamed_fields() == (frozenset({"v.0.dn"}), frozenset())
    assert parsed(AffectedFields=["v.0.dn"]).misnamed_fields() == (frozenset(), frozenset({"v.0.sd"}))
    external = parsed(Logic={"!": [{"var": "external.kid"}]}, AffectedFields=[])
    assert external.misnamed_fields() == (frozenset(), frozenset())


TEXTS = [{"lang": tag, "desc": f"in {tag}"} for tag in ("sv", "de-at", "en", "FI", "pt")]


@pytest.mark.parametrize(
    ("wanted", "language"),
    [
        ((), "en"),
        (("fi",), "fi"),
        (("FI-fi",), "fi"),
        (("nl", "sv"), "sv"),
        (("nl", "sv", "fi"), "sv"),
        (("de",), "de-at"),
        (("de-AT",), "de-at"),
        (("pt-BR", "fi"), "pt"),
        (("nl",), "en"),
        (("e",), "en"),
    ],
)
def test_a_text_in_the_holders_language(wanted: tuple[str, ...], language: str) -> None:
    assert parsed(Description=TEXTS).text_in(wanted).language == language


def test_without_english_the_first_text_is_shown_and_its_language_said() -> None:
    assert parsed(Description=TEXTS[:2]).text_in(("fi",)) == RuleText(language="sv", text="in sv")


def test_no_text_moves_the_cursor_or_turns_the_line() -> None:
    said = "Red \x1b[31mtext\x07, turned \u202eround,\u00a0\r\nno\u200b break"
    (text,) = parsed(Description=[{"lang": "en", "desc": said}]).texts
    assert text.text == "Red [31mtext, turned round, no break"


def test_a_region_that_no_rule_names_is_refused() -> None:
    some = rules(rule(Region="UT-9"), rule(Identifier="VR-UT-0002", Region="UT-a"))
    assert [some.check_region("UT", name) for name in ("", "UT-9", "ut-A")] == ["", "UT-9", "UT-a"]
    with pytest.raises(UnknownRegionError, match="'UT-7'; they name: UT-9, UT-a"):
        some.check_region("UT", "UT-7")
    with pytest.raises(UnknownRegionError, match="leave the region out"):
        some.check_region("IE", "UT-9")
    with pytest.raises(UnknownRegionError):
        rules(invalidating(Region="UT-9")).check_region("UT", "UT-9")


def readable(text: str) -> bool:
    """Whether it is read; anything but rules or the room's error ends the test."""
    try:
        found = parse_acceptance_rules(text)
    except RuleFormatError as error:
        assert str(error)  # noqa: PT017 - either is an answer
        return False
    assert isinstance(found, AcceptanceRules)
    return True


@given(st.text() | st.binary().map(lambda data: data.decode("utf-8", "replace")) | JSON.map(json.dumps))
def test_any_text_is_rules_or_an_error_of_ours(text: str) -> None:
    readable(text)


@given(st.sampled_from(sorted({*RULE, "Region", "hash"})), JSON, st.data())
def test_any_value_in_any_field_is_a_rule_or_an_error_of_ours(name: str, value: object, data: st.DataObject) -> None:
    made = RULE | {name: value}
    if name == "Description" and data.draw(st.booleans()):
        made[name] = [{"lang": data.draw(st.text(max_size=4) | st.just("en")), "desc": value}]
    readable(json.dumps([made]))


@given(st.integers(0, 3_000_000), st.text(max_size=3), st.integers(0, 5))
def test_a_damaged_file_is_never_half_read(at: int, put: str, taken: int) -> None:
    whole = "\n".join(public_text().split("\n")[:3])
    at %= len(whole)
    damaged = whole[:at] + put + whole[at + taken :]
    try:
        found = parse_acceptance_rules(damaged)
    except RuleFormatError:
        return
    assert len(found.rules) == 3
