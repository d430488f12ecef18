"""`parse_pack`: one text gives one pack and one hash; anything else is refused with its place."""

from __future__ import annotations

import dataclasses
import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.evidence import Kind, Limits
from habeas.rules import (
    Anchor,
    Arrivals,
    Confidence,
    Effect,
    ExampleSign,
    Pack,
    Requirement,
    RulesError,
    Rung,
    parse_pack,
)
from habeas.rules.errors import PackFormatError
from habeas.wire import FOREVER, HOUR, Span, encode_cbor, parse_instant

GOOD = (Path(__file__).parent / "packs" / "good.yaml").read_text(encoding="utf-8")
WHEN = "when: {in: [{var: facts.contact}, {var: pack.contacts}]}"


def edited(old: str, new: str) -> str:
    assert old in GOOD
    return GOOD.replace(old, new, 1)


def test_every_field_is_read() -> None:
    pack = parse_pack(GOOD)
    assert (pack.id, pack.version, pack.issuer, pack.criteria) == ("xx-good-1", "1", "xx-office", "xx-good-1")
    assert pack.titles == {"en": "Rules of the made-up town", "zh": "某镇规则"}
    assert pack.in_force == Span(parse_instant("2022-01-03T00:00+08:00"), parse_instant("2023-01-01T00:00+08:00"))
    assert pack.calendar.offset(pack.published) == 8 * HOUR
    assert [(code.id, code.severity, code.effect) for code in pack.codes] == [
        ("green", 0, Effect.OPEN), ("yellow-ask", 1, Effect.ASK), ("yellow", 2, Effect.PARTLY), ("red", 3, Effect.CLOSED),
    ]  # fmt: skip
    assert (pack.default, pack.provisional, pack.transition, pack.over, pack.succeeds) == (
        "green", "yellow-ask", "notice", None, None,
    )  # fmt: skip
    assert pack.parameters == {"doses": 2, "contacts": ["close", "secondary"], "strict": True}
    assert pack.limits == Limits(contacts_an_index=10)
    assert pack.arrivals == (
        Arrivals(
            positives=30,
            tests=1000,
            measured_by="xx-airport-laboratory",
            time=Span(parse_instant("2022-02-01T00:00+08:00"), parse_instant("2022-02-08T00:00+08:00")),
        ),
    )
    assert [(row.row, row.because, sorted(row.why)) for row in pack.left_out] == [("A", "I5", ["en", "zh"])]


def test_every_field_of_a_rule_is_read() -> None:
    contact, border = parse_pack(GOOD).rules
    assert (contact.id, contact.kind, contact.tier, contact.anchor) == ("C1", Kind.CONTACT_FINDING, 2, Anchor.DAY1)
    assert contact.when.evaluate({"facts": {"contact": "close"}, "pack": {"contacts": ["close"]}}) is True
    assert contact.ladder == (Rung("red", 7), Rung("yellow", 10))
    assert (contact.support, contact.provisional_hours, contact.requires) == (2, 24, (Requirement("test", 24),))
    vaccination, negative = contact.relief
    assert (vaccination.kind, vaccination.days, vaccination.first, vaccination.last) == (Kind.VACCINATION, 1, -90, -15)
    assert negative.cuts_to == "green"
    assert contact.texts["zh"]["title"] == "密切接触"
    assert (contact.source.row, contact.source.confidence) == ("C", Confidence.HIGH)
    assert contact.source.note == {"en": "Our reading of the page.", "zh": "我们对原文的理解。"}
    assert [example.sign for example in contact.examples] == [
        ExampleSign.HOLDS,
        ExampleSign.DOES_NOT,
        ExampleSign.BOUNDARY,
    ]
    assert contact.examples[1].statements[1].facts == (("product", "1234"), ("dose", 2), ("of", 2))
    first = contact.examples[0].statements[0]
    assert (first.backed, first.admitted - first.observed) == (1, 12 * HOUR)
    assert (border.support, border.provisional_hours, border.relief, border.in_force) == (
        3,
        48,
        (),
        parse_pack(GOOD).in_force,
    )
    assert border.source.note is None


def test_what_may_be_left_out_has_its_default() -> None:
    lines = GOOD.splitlines(keepends=True)
    gone = ("transition:", "limits:", "    support:", "    provisional_hours:", "    in_force:", "criteria:")
    pack = parse_pack("".join(line for line in lines if not line.startswith(gone)))
    assert (pack.transition, pack.limits, pack.criteria) == ("notice", Limits(), None)
    assert (pack.rules[0].support, pack.rules[0].provisional_hours) == (2, 48)
    assert pack.rules[0].in_force == pack.in_force


def test_a_pack_without_an_end_is_read_so_that_the_check_can_refuse_it() -> None:
    pack = parse_pack(edited(", to: 2023-01-01T00:00:00+08:00}", "}"))
    assert pack.in_force.end == FOREVER


def test_the_hash_is_that_of_the_plain_tree() -> None:
    text = "a: [1, {b: '2'}]\nwhen: [1, '1', true, NO]\n"
    from habeas.rules._when import plain  # noqa: PLC0415 - the tree itself, beside the hash of a whole pack
    from habeas.rules._yaml import parse_yaml  # noqa: PLC0415

    assert plain(parse_yaml(text)) == {"a": ["1", {"b": "2"}], "when": [1, "1", True, "NO"]}
    assert parse_pack(GOOD).hash == hashlib.sha256(encode_cbor(plain(parse_yaml(GOOD)))).digest()


def test_comments_order_and_layout_are_no_part_of_the_hash() -> None:
    one = parse_pack(GOOD)
    moved = GOOD.replace("issuer: xx-office\n", "").replace("version:", 'issuer: "xx-office"   # who\nversion:', 1)
    assert parse_pack(moved).hash == one.hash
    assert parse_pack(GOOD.replace("\n", "\r\n")).hash == one.hash


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('version: "1"', 'version: "2"'),
        ("[red, 7]", "[red, 6]"),
        ("doses: 2", 'doses: "3"'),
        ("strict: true", "strict: 'true'"),
        ("Our reading", "My reading"),
        ("Stay at home", "Remain at home"),
        ("backed: 1", "backed: 0"),
    ],
)
def test_whatever_a_reader_sees_is_part_of_the_hash(old: str, new: str) -> None:
    text = edited(old, new).replace("{var: pack.doses}", "2")
    assert parse_pack(text).hash != parse_pack(GOOD.replace("{var: pack.doses}", "2")).hash


def test_equal_conditions_are_equal_whatever_their_layout() -> None:
    other = edited(WHEN, 'when:\n      "in":\n        - var: facts.contact\n        - {"var": pack.contacts}')
    assert parse_pack(other).rules[0].when == parse_pack(GOOD).rules[0].when


REFUSED = [
    ("pack: xx-good-1", "pak: xx-good-1", "did you mean pack?"),
    ("pack: xx-good-1", "pack: xx good", "no name here"),
    ("pack: xx-good-1", "pack: [x]", "a single value stands here"),
    ("pack: xx-good-1", "pack:", "nothing"),
    ("pack: xx-good-1", "pack: ' x'", "spaces around it"),
    ("issuer: xx-office\n", "", "needs issuer"),
    ('version: "1"', f"version: {'9' * 1001}", "more than 1000 characters"),
    ("titles: {en:", "titles: {English:", "no name here"),
    ("languages: [en, zh]", "languages: en", "a list stands here"),
    ("languages: [en, zh]", "languages: [EN, zh]", "no name here"),
    ("published: 2022-01-01T00:00:00+08:00", "published: 2022-01-01", "and offset, such as"),
    ("published: 2022-01-01T00:00:00+08:00", "published: 2022-02-30T00:00:00+08:00", "is no instant"),
    ("{from: 2022-01-03T00:00:00+08:00, to: 2023", "{form: 2022-01-03T00:00:00+08:00, to: 2023", "did you mean from?"),
    ("00:00+08:00, +08:00]", "00:00+08:00, 28800]", "+08:00"),
    ("00:00+08:00, +08:00]", "00:00+08:00, +19:00]", "at most 18 hours"),
    ("00:00+08:00, +08:00]", "00:00+08:00]", "a row is [instant, offset]"),
    ("transition: notice", "transition: at-once", "not one of notice, milder"),
    ("doses: 2,", "Doses: 2,", "no name here"),
    ("doses: 2,", "doses: {a: 1},", "a single value stands here"),
    ("contacts_an_index: 10", "contacts_an_index: 21", "never stricter"),
    ("contacts_an_index: 10", "contacts: 1", "no limit is named"),
    ("contacts_an_index: 10", "contacts_an_index: 010", "not a whole number"),
    ("effect: ask", "effect: shut", "open, ask, partly, closed"),
    ("id: yellow-ask", "id: green", "the code green stands twice"),
    ("default: green", "default: blue", "not one of green"),
    ("positives: 30", "positives: 1001", "not a whole number between 0 and 1000"),
    ("because: I5", "becuase: I5", "did you mean because?"),
    ("kind: contact-finding\n", "kind: visit\n", "not one of test-result"),
    ("tier: 2", "tier: two", "not a whole number between 1 and 3"),
    ("tier: 2", "tier: 2.0", "not a whole number between 1 and 3"),
    ("anchor: day1", "anchor: day2", "did you mean"),
    ("[red, 7]", "[red, 7, 8]", "a row is [code, until_day]"),
    ("[red, 7]", "[purple, 7]", "not one of green"),
    ("[red, 7]", "[red, 1e1]", "not a whole number"),
    ("support: 2", "support: -1", "not a whole number"),
    ("consequence: test", "consequence: police", "not one of test, order, tracing"),
    ("confidence: high", "confidence: sure", "not one of high, mid, low"),
    ("title: Close contact,", "heading: Close contact,", "there is no field 'heading'"),
    ('sign: "+"', "sign: plus", "not one of +, -, boundary"),
    ("facts: {contact: close}", "facts: {contact: near}", "not one of close"),
    ("facts: {contact: close}", "facts: {}", "the facts of a contact-finding that a rule sees are: contact"),
    ("facts: {contact: close}", "facts: {contact: close, place: square}", "give just these"),
    ("dose: 2, of: 2}", 'dose: "2", of: 2}', "dose is a whole number"),
    ('product: "1234"', "product: 1234", "put it in quotes"),
    ("admitted: 2022-02-02T08:00:00+08:00", "admitted: 2022-01-02T08:00:00+08:00", "swap the two"),
    ("at: 2022-02-03T09:00:00+08:00\n        code: red", "at: 2022-02-03T09:00:00+08:00\n        code: rot", "not one of green"),
]  # fmt: skip


@pytest.mark.parametrize(("old", "new", "words"), REFUSED)
def test_a_slip_is_refused_where_it_stands(old: str, new: str, words: str) -> None:
    text = edited(old, new)
    with pytest.raises(PackFormatError) as refused:
        parse_pack(text)
    assert words in str(refused.value)
    changed = next(at for at, (a, b) in enumerate(zip(GOOD.splitlines(), text.splitlines(), strict=False), 1) if a != b)
    assert refused.value.line == changed or words.startswith("needs")


def test_the_path_names_the_rule() -> None:
    with pytest.raises(PackFormatError, match=r"rules\.C1\.ladder\.1\.2: "):
        parse_pack(edited("[red, 7]", "[red, seven]"))
    with pytest.raises(PackFormatError, match=r"codes\.red\.effect: "):
        parse_pack(edited("effect: closed", "effect: shut"))


def test_a_pack_is_a_map() -> None:
    with pytest.raises(PackFormatError, match="a map stands here"):
        parse_pack("- a\n")


WHENS_REFUSED = [
    ("{after: [{var: facts.contact}, {plusTime: [{var: facts.contact}, 1, day]}]}", "`when` has no clock"),
    ("{plusTime: [x, 1, day]}", "`when` has no clock"),
    ("{dccDateOfBirth: [x]}", "`when` has no clock"),
    ("{before: [1, 2]}", "`when` has no clock"),
    ("{not-after: [1, 2]}", "`when` has no clock"),
    ("{extractFromUVCI: [x, 0]}", "no operator of a pack"),
    ("{reduce: [[], {var: current}, 0]}", "no operator of a pack"),
    ("{or: [true, true]}", "no operator of a pack"),
    ('{"==": [{var: facts.contact}, close]}', "no operator of a pack"),
    ("{var: facts}", "not there to be read"),
    ('{"===": [{var: ""}, x]}', "nothing"),
    ("{var: [facts.contact]}", "a single value stands here"),
    ("{var: facts.index}", "not there to be read"),
    ("{var: facts.venue}", "reads: facts.contact"),
    ("{var: facts.contact.0}", "not there to be read"),
    ("{var: pack.absent}", "not there to be read"),
    ("{var: external.validationClock}", "not there to be read"),
    ('{"===": [{var: facts.contact}, clsoe]}', "facts.contact is never 'clsoe'"),
    ('{"===": [1, {var: facts.contact}]}', "facts.contact is text, never 1"),
    ("{in: [{var: facts.contact}, [close, true]]}", "facts.contact is text, never True"),
    ('{"===": [{var: facts.contact}, {var: pack.doses}]}', "facts.contact is text, never 2"),
    ("{in: [{var: facts.contact}, {var: pack.strict}]}", "facts.contact is text, never True"),
    ('{"===": [{var: facts.contact}]}', "must have 2 operands"),
    ("{}", "exactly one key"),
    ("{a: 1, var: facts.contact}", "no operator of a pack"),
    ('{"===": close}', "not of the form"),
    ('{"!": [1, 2]}', "exactly 1 operand"),
]  # fmt: skip


@pytest.mark.parametrize(("when", "words"), WHENS_REFUSED)
def test_a_when_looks_at_facts_and_nothing_else(when: str, words: str) -> None:
    with pytest.raises(PackFormatError) as refused:
        parse_pack(edited(WHEN, f"when: {when}"))
    assert words in str(refused.value)
    assert "rules.C1.when" in str(refused.value)


@pytest.mark.parametrize(
    ("when", "contact", "answer"),
    [
        ("true", "other", True),
        ('"true"', "other", "true"),
        ('{"===": [{var: facts.contact}, close]}', "close", True),
        ('{"===": [{var: facts.contact}, "close"]}', "close", True),
        ("{in: [{var: facts.contact}, [close, enclosed]]}", "enclosed", True),
        ('{and: [{var: pack.strict}, {"!": [{"===": [{var: facts.contact}, other]}]}]}', "other", False),
        ("{if: [{in: [{var: facts.contact}, {var: pack.contacts}]}, true, false]}", "secondary", True),
        ('{">": [{"+": [{var: pack.doses}, -1]}, 0]}', "other", True),
        ('{"===": [{var: pack.doses}, "2"]}', "other", False),
        ('{"===": [NO, "NO"]}', "other", True),
        ("{in: [1, {var: pack.contacts}]}", "other", False),
    ],
)
def test_plain_integers_and_booleans_are_typed_and_all_else_is_text(when: str, contact: str, answer: object) -> None:
    pack = parse_pack(edited(WHEN, f"when: {when}"))
    data = {"facts": {"contact": contact}, "pack": dict(pack.parameters)}
    assert pack.rules[0].when.evaluate(data) == answer


def test_a_relief_looks_at_its_own_kind() -> None:
    with pytest.raises(PackFormatError, match=r"a rule over vaccination reads: facts\.product, facts\.dose, facts\.of"):
        parse_pack(edited('{">=": [{var: facts.dose}, {var: pack.doses}]}', "{var: facts.contact}"))
    with pytest.raises(PackFormatError, match=r"facts\.dose is a whole number, never '2'"):
        parse_pack(edited("{var: pack.doses}", '"2"'))
    parse_pack(
        edited(
            '{kind: vaccination, when: {">=": [{var: facts.dose}, {var: pack.doses}]}', "{kind: discharge, when: true"
        )
    )
    with pytest.raises(PackFormatError, match=r"a rule over discharge reads: pack.doses"):
        parse_pack(
            edited(
                '{kind: vaccination, when: {">=": [{var: facts.dose}',
                '{kind: discharge, when: {">=": [{var: facts.dose}',
            )
        )


def test_a_value_cannot_be_changed() -> None:
    pack = parse_pack(GOOD)
    with pytest.raises(TypeError):
        pack.titles["en"] = "x"  # type: ignore[index]
    with pytest.raises(dataclasses.FrozenInstanceError):
        pack.id = "x"  # type: ignore[misc]


_LINES = GOOD.splitlines(keepends=True)


@given(st.data())
def test_any_text_near_a_pack_is_a_pack_or_a_refusal(data: st.DataObject) -> None:
    lines = list(_LINES)
    for _ in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.integers(0, len(lines) - 1))
        match data.draw(st.sampled_from(["drop", "twice", "swap", "cut", "put"])):
            case "drop":
                lines[at] = ""
            case "twice":
                lines[at] *= 2
            case "swap":
                other = data.draw(st.integers(0, len(lines) - 1))
                lines[at], lines[other] = lines[other], lines[at]
            case "cut":
                lines[at] = lines[at][: data.draw(st.integers(0, len(lines[at])))]
            case "put":
                place = data.draw(st.integers(0, len(lines[at])))
                piece = data.draw(
                    st.sampled_from(["[", "]", "{", "}", "- ", ": ", "'", '"', "1", "true", "x", "\\", "&", "#"])
                )
                lines[at] = lines[at][:place] + piece + lines[at][place:]
    try:
        pack = parse_pack("".join(lines))
    except RulesError:
        return
    assert isinstance(pack, Pack)
    assert len(pack.hash) == 32


@given(st.text(max_size=200))
def test_any_text_is_a_pack_or_a_refusal(text: str) -> None:
    with pytest.raises(RulesError):
        parse_pack(text)
