"""`check_pack`: for every invariant a small edit of a pack that passes, and just that invariant's refusal."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.rules import Pack, Problem, RulesError, check_pack, parse_pack
from habeas.rules._words import Scope, forbidden_words

GOOD = (Path(__file__).parent / "packs" / "good.yaml").read_text(encoding="utf-8")
CRITERIA: dict[str, object] = {
    "packs": [
        {
            "id": "xx-good-1",
            "sources": ["http://example.org/plan (whole text)"],
            "conf": "mid",
            "rules": [{"id": "A"}, {"ground": "B"}, {"id": "C", "conf": "high"}],
            "colours": {"source": "http://example.org/colours", "conf": "low", "rules": [{"ground": "C"}]},
        }
    ]
}
TITLE = "{title: Close contact, reason:"
WHEN = "when: {in: [{var: facts.contact}, {var: pack.contacts}]}"
REASON = '"{signer} says you were close to somebody on {date}."'
DO = '"Stay at home if you can, until {until}."'
NAME = "name: {en: Backed, zh: 有印证}"
ZH_REASON = '"{signer}认为，您在{date}有过近距离接触。"'
BORDER = 'zh: {title: 从境外入境, reason: "{signer}称您在{date}入境。", do: 请做一次检测。}'


def edited(*edits: tuple[str, str]) -> Pack:
    text = GOOD
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    return parse_pack(text)


def test_the_unedited_pack_passes() -> None:
    assert check_pack(parse_pack(GOOD)) == ()
    assert check_pack(parse_pack(GOOD), CRITERIA) == ()


BROKEN = [
    ("I2", "default: green", "default: red", "default"),
    ("I2", "id: green, effect: open", "id: green, effect: ask", "default"),
    ("I3", "- [yellow, 10]", "- [yellow, 7]", "rules.C1.ladder"),
    ("I3", "- [yellow, 10]", "- [red, 10]", "rules.C1.ladder"),
    ("I3", "- [red, 7]\n      - [yellow, 10]", "- [yellow, 7]\n      - [red, 10]", "rules.C1.ladder"),
    ("I3", "- [yellow, 10]", "- [yellow, 91]", "rules.C1.ladder"),
    ("I3", "- [red, 3]", "- [red, 3651]", "rules.B1.ladder"),
    ("I3", "- [yellow, 10]", "- [yellow, 10]\n      - [green, 12]", "rules.C1.ladder"),
    ("I3", "- [red, 3]", "- [green, 3]", "rules.B1.ladder"),
    ("I3", "- [red, 3]", "- [red, 0]", "rules.B1.ladder"),
    ("I3", "ladder:\n      - [red, 3]", "ladder: []", "rules.B1.ladder"),
    ("I3", "last: -15, cuts_to: yellow", "last: -15, cuts_to: red", "rules.C1.relief.1"),
    ("I3", "days: 2, first: 1, last: 10", "days: 2, first: 1, last: 1", "rules.C1.relief.2"),
    ("I3", "days: 2, first: 1, last: 10", "days: 0, first: 1, last: 10", "rules.C1.relief.2"),
    ("I3", "id: yellow, effect: partly", "id: yellow, effect: open", "codes"),
    ("I4", "tier: 2", "tier: 1", "rules.C1.tier"),
    ("I4", "support: 2", "support: 1", "rules.C1.support"),
    ("I4", "anchor: day0", "anchor: day0\n    support: 2", "rules.B1.support"),
    ("I4", "provisional_hours: 24", "provisional_hours: 49", "rules.C1.provisional_hours"),
    ("I4", "provisional: yellow-ask", "provisional: yellow", "provisional"),
    ("I4", "kind: border-entry\n", "kind: isolation-order\n", "rules.B1.kind"),
    ("I4", "kind: border-entry\n", "kind: vaccination\n", "rules.B1.kind"),
    ("I4", "kind: border-entry\n", "kind: own-account\n", "rules.B1.kind"),
    ("I4", "kind: border-entry\n", "kind: custodian-record\n", "rules.B1.kind"),
    ("I4", "positives: 30", "positives: 29", "arrivals.1"),
    ("I4", "tests: 1000", "tests: 999", "arrivals.1"),
    ("I4", "to: 2022-02-08T00:00:00+08:00}", "to: 2022-02-08T00:00:01+08:00}", "arrivals.1.time"),
    ("I4", "to: 2022-02-08T00:00:00+08:00}", "to: 2022-02-01T00:00:00+08:00}", "arrivals.1.time"),
    ("I5", "id: B1", "id: left-high-risk-area", "rules.left-high-risk-area"),
    ("I5", "id: B1", "id: HighRiskArea", "rules.HighRiskArea"),
    ("I5", "id: B1", "id: highriskarea", "rules.highriskarea"),
    ("I5", "pack: xx-good-1", "pack: xx-stay-1", "pack"),
    ("I5", TITLE, "{title: Stay in a special area, reason:", "rules.C1.texts.en.title"),
    ("I5", REASON, '"{signer} says you passed through Zhengzhou on {date}."', "rules.C1.texts.en.reason"),
    ("I5", REASON, '"{signer} read from your phone that you were there on {date}."', "rules.C1.texts.en.reason"),
    ("I5", ZH_REASON, '"{signer}称您在{date}途经该地。"', "rules.C1.texts.zh.reason"),
    ("I5", ZH_REASON, '"{signer}称您在{date}有时空伴随。"', "rules.C1.texts.zh.reason"),
    ("I5", DO, '"You visited the square. Stay at home, until {until}."', "rules.C1.texts.en.do"),
    ("I5", "anchor: day0", "anchor: day0\n    own_act: Notice on risk areas", "rules.B1.own_act"),
    ("I5", NAME, "name: {en: At the station, zh: 有印证}", "rules.C1.examples.1.name.en"),
    ("I5", "doses: 2,", "doses: 2, zone_codes: 3,", "parameters.zone_codes"),
    ("I5", "doses: 2,", "doses: 2, wanted: [telecom],", "parameters.wanted"),
    ("I5", "    when: true", '    when: {"===": [{var: facts.origin}, area-7]}', "rules.B1.when"),
    ("I6", TITLE, "{title: Close contacts and others as required, reason:", "rules.C1.texts.en.title"),
    ("I6", TITLE, "{title: Other persons required by the command, reason:", "rules.C1.texts.en.title"),
    ("I6", REASON, '"{signer} says so on {date}, etc."', "rules.C1.texts.en.reason"),
    ("I6", DO, '"Stay at home as directed, until {until}."', "rules.C1.texts.en.do"),
    ("I6", "title: 密切接触", "title: 密切接触者及其他需要赋码的人员", "rules.C1.texts.zh.title"),
    ("I6", "title: 密切接触", "title: 密切接触者等人员", "rules.C1.texts.zh.title"),
    ("I6", "title: 密切接触", "title: 指挥部要求管理的人", "rules.C1.texts.zh.title"),
    ("I6", TITLE, "{title: Failure to test, reason:", "rules.C1.texts.en.title"),
    ("I6", ZH_REASON, '"{signer}称您{date}未按要求参加核酸检测。"', "rules.C1.texts.zh.reason"),
    ("I6", ZH_REASON, '"{signer}称您{date}应检未检。"', "rules.C1.texts.zh.reason"),
    ("I6", DO, '"This is extended until {until} if a test is missing."', "rules.C1.texts.en.do"),
    ("I6", DO, '"Stay at home until you have tested negative, {until}."', "rules.C1.texts.en.do"),
    ("I6", DO, '"You will be prosecuted if you go out before {until}."', "rules.C1.texts.en.do"),
    ("I6", REASON, '"{signer} says on {date}: {remark}"', "rules.C1.texts.en.reason"),
    ("I6", REASON, '"{signer} says on {date}: {} }"', "rules.C1.texts.en.reason"),
    ("I6", REASON, '"Somebody says so, of {date}."', "rules.C1.texts.en.reason"),
    ("I6", REASON, '"{signer} says so."', "rules.C1.texts.en.reason"),
    ("I6", WHEN, "when: true", "rules.C1.when"),
    ("I6", WHEN, 'when: {"===": [{var: facts.contact}, other]}', "rules.C1.when"),
    ("I6", WHEN, 'when: {"!": [{"===": [{var: facts.contact}, close]}]}', "rules.C1.when"),
    ("I6", "contacts: [close, secondary]", "contacts: [close, other]", "rules.C1.when"),
    ("I6", "languages: [en, zh]", "languages: [en, zh, fr]", "languages"),
    ("I6", BORDER, "", "rules.B1.texts.zh.title"),
    ("I6", "titles: {en: Rules of the made-up town, zh: 某镇规则}", "titles: {en: Rules of the made-up town}", "titles.zh"),
    ("I6", NAME, "name: {en: Backed}", "rules.C1.examples.1.name.zh"),
    ("I6", "note: {en: Our reading of the page., zh: 我们对原文的理解。}", "note: {en: Our reading of the page.}", "rules.C1.source.note.zh"),
    ("I6", "why: {en: A stay in an area is where somebody was., zh:", "why: {zh:", "left_out.A.why.en"),
    ("I6", "title: 密切接触", "title: Close contact", "rules.C1.texts.zh.title"),
    ("I6", TITLE, "{title: 密切接触, reason:", "rules.C1.texts.en.title"),
    ("I6", TITLE, "{title: Сlose contact, reason:", "rules.C1.texts.en.title"),
    ("I6", "title: 密切接触", "title: 高⻛险接触", "rules.C1.texts.zh.title"),
    ("I8", "published: 2022-01-01T00:00:00+08:00", "published: 2022-01-01T00:00:01+08:00", "in_force.from"),
    ("I10", '{kind: test-result, when: {"===": [{var: facts.result}, negative]}', "{kind: own-account, when: true", "rules.C1.relief.2"),
    ("I10", '{kind: test-result, when: {"===": [{var: facts.result}, negative]}', "{kind: isolation-order, when: true", "rules.C1.relief.2"),
    ("I12", TITLE, "{title: Coded by another province, reason:", "rules.C1.texts.en.title"),
    ("I12", "title: 密切接触", "title: 外省赋码人员", "rules.C1.texts.zh.title"),
    ("I12", ZH_REASON, '"{signer}在{date}推送了您的颜色。"', "rules.C1.texts.zh.reason"),
    ("I12", "id: B1", "id: pushed-code", "rules.pushed-code"),
    ("I14", ", to: 2023-01-01T00:00:00+08:00}", "}", "in_force"),
    ("I14", ", to: 2023-01-01T00:00:00+08:00}", ", to: 2023-01-04T00:00:01+08:00}", "in_force"),
    ("I14", "to: 2022-12-01T00:00:00+08:00}", "to: 2023-02-01T00:00:00+08:00}", "rules.C1.in_force"),
    ("I14", "to: 2022-12-01T00:00:00+08:00}", "to: 2022-01-03T00:00:00+08:00}", "rules.C1.in_force"),
    ("§4", "sign: boundary", 'sign: "-"', "rules.C1.examples"),
    ("§4", 'sign: "+"', "sign: boundary", "rules.C1.examples"),
    ("§4", "at: 2022-02-03T09:00:00+08:00", "at: 2023-02-03T09:00:00+08:00", "rules.C1.examples.1.at"),
    ("§4", "id: B1", "id: C1", "rules.C1"),
    ("§4", "because: I5", "because: policy", "left_out.A.because"),
    ("§4", "because: I5", "because: I16", "left_out.A.because"),
    ("§4", "anchor: day0", "anchor: day0\n    succeeds: C9", "rules.B1.succeeds"),
    ("§4", "anchor: day0", "anchor: day0\n    succeeds: B1", "rules.B1.succeeds"),
]  # fmt: skip


@pytest.mark.parametrize(("invariant", "old", "new", "where"), BROKEN)
def test_a_small_edit_meets_its_invariant_and_no_other(invariant: str, old: str, new: str, where: str) -> None:
    problems = check_pack(edited((old, new)))
    assert {problem.invariant for problem in problems} == {invariant}
    assert where in {problem.where for problem in problems}
    assert all(problem.message and problem.next_step for problem in problems)


def test_an_order_is_never_a_ground() -> None:
    (problem,) = check_pack(edited(("kind: border-entry\n", "kind: isolation-order\n")))
    assert str(problem) == (
        "I4 rules.B1.kind: isolation-order is never a ground. A ground is one of: test-result, diagnosis, "
        "contact-finding, border-entry. An order names its basis and ends with it"
    )


@pytest.mark.parametrize(
    ("when", "invariants"),
    [
        ('{"===": [{var: facts.result}, positive]}', set()),
        ('{and: [{"===": [{var: facts.result}, positive]}, {"===": [{var: facts.method}, pcr]}]}', set()),
        ("true", {"I2"}),
        ('{"===": [{var: facts.result}, unread]}', {"I2"}),
        ('{"!": [{"===": [{var: facts.result}, negative]}]}', {"I2"}),
        ("{in: [{var: facts.method}, [antigen]]}", {"I2"}),
    ],
)
def test_only_a_positive_result_is_a_ground(when: str, invariants: set[str]) -> None:
    pack = edited(
        ("kind: border-entry\n    tier: 3\n    when: true", f"kind: test-result\n    tier: 1\n    when: {when}")
    )
    assert {problem.invariant for problem in check_pack(pack)} == invariants


def test_a_milder_successor_needs_no_notice() -> None:
    soon = ("published: 2022-01-01T00:00:00+08:00", "published: 2022-01-03T00:00:00+08:00")
    milder = ("transition: notice", "transition: milder\nsucceeds: xx-good-0")
    assert {problem.invariant for problem in check_pack(edited(soon))} == {"I8"}
    assert check_pack(edited(soon, milder)) == ()
    assert {p.invariant for p in check_pack(edited(soon, ("transition: notice", "transition: milder")))} == {"I8"}


def test_a_pack_that_had_expired_is_refused() -> None:
    late = ("published: 2022-01-01T00:00:00+08:00", "published: 2023-01-01T00:00:00+08:00")
    wheres = {problem.where: problem.invariant for problem in check_pack(edited(late))}
    assert wheres == {"in_force.to": "I14", "in_force.from": "I8"}


def test_a_pack_in_one_language_is_refused() -> None:
    problems = check_pack(edited(("languages: [en, zh]", "languages: [en]")))
    assert {problem.invariant for problem in problems} == {"I6"}
    assert "languages" in {problem.where for problem in problems}
    assert "rules.C1.texts.zh.title" in {problem.where for problem in problems}


CRITERIA_BROKEN = [
    ("left_out:\n  - {row: A,", "left_out:\n  - {row: AA,", {"left_out", "left_out.AA"}),
    ("row: C\n", "row: X\n", {"left_out", "rules.C1.source.row"}),
    ("confidence: high", "confidence: low", {"rules.C1.source.confidence"}),
    ("confidence: mid", "confidence: high", {"rules.B1.source.confidence"}),
    ("page: http://example.org/plan\n", "page: http://example.org/other\n", {"rules.C1.source.page"}),
    ("row: C\n", "row: A\n", {"left_out", "left_out.A", "rules.C1.source.confidence"}),
    ("criteria: xx-good-1\n", "", {"criteria"}),
    ("criteria: xx-good-1\n", "criteria: xx-good-2\n", {"criteria"}),
    ("criteria: xx-good-1\n", "criteria: xx-good-1#sizes\n", {"criteria"}),
]


@pytest.mark.parametrize(("old", "new", "wheres"), CRITERIA_BROKEN)
def test_a_pack_is_held_against_its_source(old: str, new: str, wheres: set[str]) -> None:
    pack = edited((old, new))
    assert check_pack(pack) == ()
    problems = check_pack(pack, CRITERIA)
    assert {problem.invariant for problem in problems} == {"§4"}
    assert {problem.where for problem in problems} == wheres


def test_a_colour_map_is_a_source_of_its_own() -> None:
    pack = edited(("criteria: xx-good-1\n", "criteria: xx-good-1#colours\n"))
    wheres = {problem.where for problem in check_pack(pack, CRITERIA)}
    assert {"rules.C1.source.confidence", "rules.C1.source.page", "rules.B1.source.row", "left_out.A"} == wheres - {
        "rules.B1.source.page"
    }


def test_a_pack_of_no_source_may_stand_alone() -> None:
    assert check_pack(edited(("criteria: xx-good-1\n", ""), ("pack: xx-good-1", "pack: xx-other")), CRITERIA) == ()


@given(
    st.recursive(
        st.none() | st.text() | st.integers(),
        lambda inner: (
            st.lists(inner)
            | st.dictionaries(
                st.sampled_from(["packs", "id", "rules", "conf", "sources", "xx-good-1"]) | st.text(), inner
            )
        ),
    )
)
def test_a_damaged_list_raises_nothing(value: object) -> None:
    criteria = value if isinstance(value, dict) else {"packs": value}
    assert all(isinstance(problem, Problem) for problem in check_pack(parse_pack(GOOD), criteria))


DISGUISES = [
    ("I5", "s t a y"), ("I5", "S.T.A.Y"), ("I5", "ｓｔａｙ"), ("I5", "st\u00aday"), ("I5", "st\u200day"), ("I5", "stаy"),
    ("I5", "stáy"), ("I5", "STAY"), ("I5", "sta-y"), ("I5", "Passed\u00a0through"), ("I5", "passed_through"),
    ("I5", "time/space"), ("I5", "𝐬𝐭𝐚𝐲"), ("I5", "Stayed_in_an_area"), ("I5", "roamed"), ("I5", "Bluetooth"),
    ("I5", "停 留"), ("I5", "停\u200b留"), ("I5", "停·留"), ("I5", "停-留"), ("I5", "停\n留"), ("I5", "停\u3000留"), ("I5", "途經"),
    ("I5", "時空伴隨"), ("I5", "軌跡"), ("I5", "區域"), ("I5", "場所"), ("I5", "⾼风险"), ("I5", "去过"), ("I5", "手机信令"),
    ("I6", "OTHERS, AS REQUIRED"), ("I6", "e t c"), ("I6", "ｅｔｃ."), ("I6", "and so on"), ("I6", "其 他 人 员"),
    ("I6", "其他需要賦碼的人員"), ("I6", "其它情形"), ("I6", "視情況"), ("I6", "指揮部要求"), ("I6", "應檢未檢"), ("I6", "拒不檢測"),
    ("I6", "refusal to test"), ("I6", "untested"), ("I6", "no test within 48 hours"), ("I6", "until you test"),
    ("I6", "any other case"), ("I6", "key persons"), ("I6", "重点人员"), ("I6", "顺延"),
    ("I12", "P U S H E D by Henan"), ("I12", "外省賦碼"), ("I12", "推 送"), ("I12", "same color as elsewhere"),
]  # fmt: skip


@pytest.mark.parametrize(("invariant", "text"), DISGUISES)
def test_no_disguise_helps(invariant: str, text: str) -> None:
    assert invariant in dict(forbidden_words(text, Scope.NAMED))


HONEST_NAMES = [
    "A doctor's diagnosis, with symptoms", "Close contact", "Contact of a close contact", "Entry from abroad", "A positive test",
    "{signer} says that your test of {date} was positive.", "You have been in close contact with somebody.", "Out of hospital",
    "The person named tested positive on {date}.", "A doctor found the infection.", "Fetched by ambulance", "Sketch", "Staylor",
    "密切接触", "从境外入境", "医生诊断：有症状的感染", "{signer}报告，您{date}的检测结果为阳性。", "没有其他单位印证", "经过检测，结果为阳性。",
    "出院", "第7天的最后一秒", "暂停。留意结果。", "{signer}认为，您在{date}与一位阳性感染者有过近距离接触。",
]  # fmt: skip

HONEST_ADVICE = [
    "Stay at home if you can.", "Keep away from other people.", "Do not visit a care home.", "Rest in a room of your own.",
    "Wards and care homes are closed to visits.", "A missed test does not make this longer.", "This cannot be extended.",
    "Show your pass at the counter.", "The phone line is open at night.", "Ordinary places are closed to you until {until}.",
    "普通场所暂时不能进。", "请避免接触其他人。", "您收到过一条短信。", "不会延长。", "到期自动结束，您不用办任何手续。",
    "请到就近的服务窗口。", "手机没电也可以走无码通道。", "在这个地区，夜间也可以检测。",
]  # fmt: skip


@pytest.mark.parametrize("text", HONEST_NAMES)
def test_an_honest_reason_passes(text: str) -> None:
    assert list(forbidden_words(text, Scope.NAMED)) == []


@pytest.mark.parametrize("text", [*HONEST_NAMES, *HONEST_ADVICE])
def test_honest_advice_passes(text: str) -> None:
    assert list(forbidden_words(text, Scope.SAID)) == []


@given(st.text(max_size=60), st.sampled_from(Scope), st.booleans())
def test_any_text_can_be_looked_at(text: str, scope: Scope, is_id: bool) -> None:  # noqa: FBT001 - drawn, not given
    assert all(invariant in ("I5", "I6", "I12") for invariant, _ in forbidden_words(text, scope, is_id=is_id))


@given(st.lists(st.sampled_from([(old, new) for _, old, new, _ in BROKEN]), min_size=1, max_size=5))
def test_any_pack_gets_an_answer(edits: list[tuple[str, str]]) -> None:
    text = GOOD
    for old, new in edits:
        text = text.replace(old, new, 1)
    try:
        pack = parse_pack(text)
    except RulesError:
        return
    problems = check_pack(pack, CRITERIA)
    assert text == GOOD or problems
    assert json.dumps([str(problem) for problem in problems])


@pytest.mark.parametrize(
    "text",
    [
        "漏检者维持红码，直至补检。",
        "逾期不检测的转为黄码。",
        "不做核酸的，继续红码。",
        "请居家，直到社区通知解除。",
        "Stay at home until the office says otherwise.",
        "Stay at home until your community allows you out.",
        "Gates stay shut to you for ten more days if you do not come to the test.",
        "You will be put on a list and lose your benefits.",
    ],
)
def test_a_penalty_or_an_extension_in_what_to_do_is_refused(text: str) -> None:
    assert "I6" in {invariant for invariant, _ in forbidden_words(text, Scope.SAID)}
