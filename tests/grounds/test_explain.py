"""What an answer owes to its person: in every state, at every instant, in both languages, and never with a part missing."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from habeas.evidence import (
    KIND_TIER,
    BorderEntry,
    CertificateClaim,
    Correction,
    CustodianRecord,
    Discharge,
    IsolationOrder,
    Kind,
    Method,
    OwnAccount,
    Record,
    Recovery,
    Refused,
    Result,
    Retraction,
    Ruling,
    RulingEffect,
    TestResult,
    admit_certificate,
)
from habeas.grounds import Derivation
from habeas.grounds._explain import Clocks, explain
from habeas.grounds._explained import Default, EndWord, Explained, Signer
from habeas.grounds._history import explain_history, format_history, json_history
from habeas.grounds._json import json_explanation
from habeas.grounds._show import COLUMNS, show_date, show_left, show_time, show_zone, width, wrap
from habeas.grounds._text import OWED, Section, check_sections, format_explanation, sections
from habeas.grounds._voice import MARKS, Voice, rule_text
from habeas.grounds._words import LANGUAGES
from habeas.grounds.errors import ExplanationError
from habeas.rules import Arrivals, Book, make_book
from habeas.wire import BEGINNING, DAY, FOREVER, HOUR, Calendar, Instant, Span
from scene import (
    CHINA,
    CODED,
    MINUTE,
    PACK_SPAN,
    Scene,
    clear_tests,
    key_of,
    make_pack,
    make_rule,
    sample_number,
    scene_book,
    when,
)

BOOK = scene_book()
ALWAYS = Span(BEGINNING, FOREVER)


def told(scene: Scene, who: str = "li", *, at: str | Instant = "", book: Book = BOOK) -> Explained:
    """Explain a person's code, and check on the way that every form of it can be made."""
    found = explain(scene.derivation(who, book), when(at) if at else scene.now)
    assert json.loads(json.dumps(json_explanation(found))) == json_explanation(found)
    return found


def english(found: Explained) -> str:
    return format_explanation(found, "en")


def chinese(found: Explained) -> str:
    return format_explanation(found, "zh")


# The states of the wireframes, each as it comes about.


def test_provisional_inbound_is_the_screenshot_answered() -> None:
    scene = Scene()
    entry = scene.entry("li")
    found = told(scene)
    [ground] = found.grounds
    assert found.code is not None
    assert (found.code.id, ground.provisional, ground.missing, ground.backers) == ("ask", True, 2, ())
    assert (found.since, found.until) == (CODED, CODED.after(2 * DAY))
    assert [step.code and step.code.id for step in found.following] == ["green"]
    assert ground.record.statement == entry
    assert ground.contest == dataclasses.replace(ground.contest, signer=ground.record.signer, default=Default.FILING)
    assert ground.contest.otherwise.id == "green"
    assert (ground.pack.id, ground.pack.hash) == (BOOK.packs[0].id, BOOK.packs[0].hash)
    assert english(found) == ENGLISH.format(entry=entry.hex()[:8], pack=ground.pack.hash.hex()[:8])
    assert chinese(found) == CHINESE.format(entry=entry.hex()[:8], pack=ground.pack.hash.hex()[:8])


ENGLISH = """\
(•••)  Yellow, test asked: no gate closes. Please take a test.
The record is still being checked.
Since 9:04pm, 12 June 2022.
Until 9:04pm, 14 June 2022, if nothing new happens. 48 hours left.

WHY
  Border office of Z says you entered on 11 June 2022.
  Rule: Entry from abroad (entry)
  From: Rules of the scene, version 1.0.0, check number {pack}.
  Record: border entry record of 9:04pm, 11 June 2022, counted since 9:04pm, 12 June 2022.
  Signed by Border office of Z. Its number: {entry}.

WHO BACKS IT
  No other body has a record of it.
  2 more bodies are needed, each with its own record.

NEXT
  From 9:04pm, 14 June 2022: green.
  It then ends by itself. You need do nothing.
  At most 48 hours, and only once for the same reason from the same body.

WHO MUST ANSWER
  Border office of Z signed the record, so it must answer within 24 hours of your objection.
  Nights and weekends count.

WHAT YOU CAN DO
  Take a test.
  Is it wrong? Say so on the web, by phone, at a counter or on paper.
  You do not have to prove anything.
  If too few bodies back it when you say so, it ends at once.
  Without this reason your code would be: green.
  Clear tests (PCR) on 2 different days are enough for: green.
  Tests taken from 11 June 2022 to 25 June 2022 count. So far: 0.

All times are UTC+8.
"""

CHINESE = """\
(•••)  黄码（请检测）：各处照常通行，请做一次检测。
这条记录还在核实中。
自2022年6月12日21:04起。
到2022年6月14日21:04为止（没有新情况的话），还剩48小时。

原因
  Z口岸称您在2022年6月11日入境。
  规则：境外入境（entry）
  出自：示例规则，版本1.0.0，校验号 {pack}。
  记录：2022年6月11日21:04的入境记录，2022年6月12日21:04起计入。
  由Z口岸出具，编号 {entry}。

谁能印证
  没有其他单位的记录可以印证。
  还需要2家单位，各有自己的原始记录。

接下来
  2022年6月14日21:04起：绿码。
  到时自动结束，您不用办任何手续。
  最多48小时；同一单位、同一理由只能有一次。

由谁答复
  Z口岸出具了这条记录，应在您申诉后24小时内答复。
  夜间和周末照常计时。

您可以做什么
  请做一次检测。
  觉得不对？网上、电话、服务窗口、书面都可以申诉。
  您不用自己举证。
  提交时印证的单位不够，立即失效。
  没有这条原因，您的码是：绿码。
  在2个不同的日子检测阴性（核酸），即可变为绿码。
  采样日期从2022年6月11日到2022年6月25日都算，目前已算0天。

以上时间均为UTC+8。
"""


def test_supported_positive_offers_a_retest_and_names_who_took_the_sample() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    found = told(scene)
    [ground] = found.grounds
    assert (ground.code.id, ground.provisional, ground.missing) == ("red", False, 0)
    assert [backer.custodian for backer in ground.backers] == ["clinic"]
    assert (ground.contest.default, ground.contest.due) == (Default.TIER1, CODED.after(DAY))
    assert [step.code and step.code.id for step in found.following] == ["ask", "green"]
    assert "A new test and an identity check\n  must be offered by 9:04pm, 13 June 2022." in english(found)
    assert "Medical care stays open to you." in english(found)
    late = told(scene, at=CODED.after(DAY))
    assert "were due by 9:04pm, 13 June 2022. Were you offered none? Object:" in english(late)
    assert "没有安排的，请申诉" in chinese(late)


def test_a_lone_positive_closes_no_gate_and_gets_another_bodys_test() -> None:
    scene = Scene()
    scene.positive("li", at=CODED)
    [ground] = told(scene).grounds
    assert (ground.contest.default, ground.contest.due) == (Default.TIER1_LONE, CODED.after(12 * HOUR))
    assert "Another body must offer you a test by 9:04am, 13 June 2022." in english(told(scene))
    assert "It is late." in english(told(scene, at=CODED.after(12 * HOUR)))


def test_clocks_are_longer_in_a_declared_emergency() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    found = explain(scene.derivation("li", BOOK), CODED, Clocks(retest=48))
    assert found.grounds[0].contest.due == CODED.after(2 * DAY)


def test_supported_contact_never_says_who() -> None:
    scene = Scene()
    index = scene.sampled_positive("li", at="2022-06-11 21:04")
    scene.contact("wang", index, household="li", at=CODED)
    found = told(scene, "wang")
    [ground] = found.grounds
    assert (ground.tier, ground.code.id, ground.contest.default, ground.contest.due) == (2, "red", Default.TIER2, None)
    assert [backer.custodian for backer in ground.backers] == ["register"]
    assert "We do not say who." in english(found)
    assert "我们不会透露对方是谁" in chinese(found)
    assert index.hex()[:8] not in english(found), "the index person's statement is not the contact's to see"
    assert index.hex() not in json.dumps(json_explanation(found))


def test_a_lone_contact_ends_with_or_without_an_answer() -> None:
    scene = Scene()
    index = scene.sampled_positive("li", at="2022-06-11 21:04")
    scene.contact("wang", index, at=CODED)
    [ground] = told(scene, "wang").grounds
    assert (ground.contest.default, ground.contest.due, ground.missing) == (Default.LONE, CODED.after(2 * DAY), 1)
    assert "1 more body is needed" in english(told(scene, "wang"))


def test_the_index_persons_own_account_backs_without_a_name() -> None:
    scene = Scene()
    index = scene.sampled_positive("li", at="2022-06-11 21:04")
    scene.contact("wang", index, at=CODED)
    scene.admit("li", OwnAccount(index=index, contact=scene.ref("wang")), "li")
    found = told(scene, "wang")
    assert found.grounds[0].backers[0].signer.names == ()
    assert "The word of the person who tested positive, since 9:05pm, 12 June 2022." in english(found)
    assert "阳性感染者本人的说明" in chinese(found)


def test_the_persons_own_act_backs_a_positive() -> None:
    scene = Scene()
    sample = sample_number("own")
    act = key_of("li").sign(sample)
    scene.admit("lab", CustodianRecord(record=Record.SAMPLING, sample=sample, act=act), "li", at=CODED.after(-HOUR))
    scene.positive("li", sample="own", at=CODED)
    assert "Your own act when the sample was taken, since" in english(told(scene))


def test_supported_travel_only_asks() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier", "hotel"))
    found = told(scene)
    [ground] = found.grounds
    assert (ground.code.id, ground.provisional, ground.capped) == ("ask", False, True)
    assert ground.contest.default is Default.TIER3
    assert ground.until == found.until == when("2022-06-22 00:00"), "not the end of the red days that it never was"
    assert "Travel alone closes no ordinary gate. It asks for a test." in english(found)
    assert "Sky Airline, since" in english(found)
    assert "蓝天航空，" in chinese(found)


def test_travel_may_close_gates_while_arrivals_are_measured_high() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier", "hotel"))
    measured = Arrivals(positives=40, tests=1000, measured_by="lab", time=Span(CODED.after(-DAY), CODED.after(DAY)))
    found = told(scene, book=scene_book(arrivals=(measured,)))
    assert (found.grounds[0].code.id, found.grounds[0].capped) == ("red", False)


def test_annulled_was_wrong_and_stays_visible() -> None:
    scene = Scene()
    entry = scene.entry("li")
    ruling = scene.admit("redress", Ruling(target=entry, effect=RulingEffect.ANNUL), "li", at="2022-06-13 14:00")
    found = told(scene)
    [end] = found.ended
    assert found.code is not None
    assert (found.code.id, found.grounds, end.word, end.by) == ("green", (), EndWord.ANNULLED, ruling)
    assert "Cancelled: it was wrong from the start.\n  Since 2pm, 13 June 2022." in english(found)
    assert "已撤销：一开始就不该有。" in chinese(found)
    later = told(scene, at="2022-07-01 00:00")
    assert [one.word for one in later.ended] == [EndWord.ANNULLED], "it stays after the clock of the record ran out"


def test_lapsed_says_that_it_was_not_wrong() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    found = told(scene, at="2022-06-25 00:00")
    [end] = found.ended
    assert (end.word, end.at) == (EndWord.LAPSED, when("2022-06-23 00:00"))
    assert "That does not say it was wrong." in english(found)
    assert "Nothing on record changes your code." in english(found)
    assert "没有任何记录影响您的码。" in chinese(found)


# Endings: a different word for each, and the record stays.


def _corrected(scene: Scene, target: bytes) -> bytes:
    instead = scene.sign("border", BorderEntry(origin="JP"), "li", at=scene.now, observed=CODED.after(-3 * DAY))
    return scene.admit("border", Correction(target=target, replacement=instead), "li")


def _ruled(effect: RulingEffect) -> Callable[[Scene, bytes], bytes]:
    return lambda scene, target: scene.admit("redress", Ruling(target=target, effect=effect), "li")


@pytest.mark.parametrize(
    ("undo", "word"),
    [
        (lambda scene, target: scene.admit("border", Retraction(target=target), "li"), EndWord.RETRACTED),
        (_corrected, EndWord.CORRECTED),
        (_ruled(RulingEffect.SUSPEND), EndWord.SUSPENDED),
        (_ruled(RulingEffect.ANNUL), EndWord.ANNULLED),
    ],
)
def test_events_end_a_record_in_their_own_word(undo: Callable[[Scene, bytes], bytes], word: EndWord) -> None:
    scene = Scene()
    entry = scene.entry("li")
    cause = undo(scene, entry)
    ends = {end.record.statement: (end.word, end.by) for end in told(scene).ended}
    assert ends.pop(entry) == (word, cause)
    assert {end[0] for end in ends.values()} <= {EndWord.ONCE}, (
        "what stands instead by the same body alone opens nothing"
    )


def test_contact_and_diagnosis_fall_with_what_they_rest_on() -> None:
    scene = Scene()
    index = scene.sampled_positive("li")
    scene.diagnosis("li", index)
    scene.contact("wang", index)
    assert sorted(ground.rule for ground in told(scene).grounds) == ["diagnosis", "positive"]
    scene.admit("lab", Retraction(target=index), "li")
    assert {end.record.kind: end.word for end in told(scene).ended} == {
        Kind.TEST_RESULT: EndWord.RETRACTED,
        Kind.DIAGNOSIS: EndWord.BASIS,
    }
    assert [end.word for end in told(scene, "wang").ended] == [EndWord.INDEX]
    assert "the other person's result no longer counts" in english(told(scene, "wang"))


def test_a_merge_brings_a_record_and_a_split_takes_it_off() -> None:
    scene = Scene()
    scene.entry("wang")
    scene.merge("li", "wang", at=CODED.after(HOUR))
    found = told(scene)
    assert found.grounds[0].record.bound
    assert found.grounds[0].record.since == CODED.after(HOUR)
    assert "Identity records were joined or parted on 12 June 2022." in english(found)
    scene.split("li", "wang", at=CODED.after(2 * HOUR))
    assert [end.word for end in told(scene).ended] == [EndWord.MOVED]


def test_a_records_own_expiry_is_no_fault() -> None:
    scene = Scene()
    scene.admit("border", BorderEntry(origin="SG"), "li", at=CODED, expires=CODED.after(DAY))
    assert [end.word for end in told(scene, at=CODED.after(DAY)).ended] == [EndWord.EXPIRED]
    assert [end.word for end in told(scene, at=CODED.after(9 * DAY)).ended] == [EndWord.EXPIRED]


def test_short_of_support_is_told_apart_from_nobody() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier",))
    [ground] = told(scene).grounds
    assert (ground.provisional, ground.missing, len(ground.backers)) == (True, 1, 1)
    found = told(scene, at=CODED.after(2 * DAY))
    assert [(end.word, end.at) for end in found.ended] == [(EndWord.SHORT, CODED.after(2 * DAY))]


def test_the_same_reason_again_needs_a_new_body() -> None:
    scene = Scene()
    scene.entry("li")
    again = scene.entry("li", at=CODED.after(2 * DAY))
    words = {end.record.statement: end.word for end in told(scene).ended}
    assert words[again] is EndWord.ONCE
    assert told(scene).grounds == ()


def test_relief_counts_and_ends_early() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    first = scene.negative("li", sample="n1", at="2022-06-14 09:00")
    [ground] = told(scene).grounds
    assert [(offer.methods, offer.days, offer.counted) for offer in ground.reliefs] == [((Method.PCR,), 2, 1)]
    assert [record.statement for record in told(scene).helps] == [first]
    scene.negative("li", sample="n2", at="2022-06-15 09:00")
    found = told(scene)
    assert [(end.word, end.at) for end in found.ended] == [(EndWord.RELIEVED, when("2022-06-15 09:00"))]
    assert len(found.helps) == 2
    assert "This counts for you: test result of 14 June 2022 from Lab River, test result of 15 June" in english(found)
    later = told(scene, at="2022-07-01 00:00")
    assert [end.word for end in later.ended] == [EndWord.RELIEVED], "the first end is the one that is told"
    assert later.helps == (), "nothing is left that they help against"


def test_other_reliefs_are_offered_by_their_kind() -> None:
    out = dataclasses.replace(clear_tests("part", days=1), kind=Kind.DISCHARGE)
    one = clear_tests("part", days=1)
    book = scene_book([make_rule("positive", relief=(out, one))])
    scene = Scene()
    scene.sampled_positive("li")
    found = told(scene, book=book)
    assert "This is enough for yellow: discharge record." in english(found)
    assert "One clear test (PCR) is enough for: yellow." in english(found)
    assert "一次检测阴性（核酸），即可变为黄码。" in chinese(found)


def test_a_certificate_helps_under_its_country() -> None:
    relief = dataclasses.replace(clear_tests(days=1), kind=Kind.RECOVERY, when=make_rule("entry").when)
    book = scene_book([make_rule("positive", relief=(relief,), ladder=(("red", 7),))])
    scene = Scene()
    scene.sampled_positive("li")
    claim = CertificateClaim(facts=Recovery(method=Method.PCR), observed=CODED, country="DE")
    given_in = admit_certificate(claim, b"a certificate", scene.ref("li"), scene.docket, CODED.after(HOUR))
    assert not isinstance(given_in, Refused)
    scene.docket.add(given_in)
    found = told(scene, at=CODED.after(HOUR), book=book)
    assert [record.signer for record in found.helps] == [Signer(id="certificate:DE")]
    assert "recovery record of 12 June 2022 from a certificate from DE" in english(found)
    assert "DE的证书" in chinese(found)


def test_a_rule_that_went_out_of_force_ended_without_fault() -> None:
    short = Span(PACK_SPAN.start, CODED.after(HOUR))
    book = scene_book([make_rule("entry", in_force=short)])
    scene = Scene()
    scene.entry("li")
    found = told(scene, at=CODED.after(HOUR), book=book)
    assert [(end.word, end.at) for end in found.ended] == [(EndWord.RULES, CODED.after(HOUR))]


# What is beside the grounds.


def test_an_undecided_rule_counts_for_nothing_and_is_told() -> None:
    book = scene_book([make_rule("entry", logic={">": [{"var": "facts.origin"}, 3]})])
    scene = Scene()
    entry = scene.entry("li")
    found = told(scene, book=book)
    assert (found.grounds, [(row.rule, row.statement) for row in found.undecided]) == ((), [("entry", entry)])
    assert found.undecided[0].fault
    assert "One rule could not be worked out for you." in english(found)
    assert "The rule: Entry from abroad (entry)." in english(found)
    assert found.undecided[0].fault not in english(found), "what went wrong is for those who mend it"


def test_without_rules_nobody_has_a_code() -> None:
    scene = Scene()
    scene.entry("li")
    before, after = told(scene, at="2022-04-01 00:00"), told(scene, at=PACK_SPAN.end)
    assert (before.code, before.since, after.code, after.since) == (None, None, None, PACK_SPAN.end)
    assert after.until is None
    assert english(after).startswith("No rules are in force. Nobody has a code. All gates are open.\nSince midnight at")
    assert chinese(after).startswith("目前没有生效的规则")
    assert "Nothing on record" not in english(after)


def test_green_says_when_the_rules_end() -> None:
    found = told(Scene())
    assert (found.until, found.rules_end, found.grounds) == (PACK_SPAN.end, True, ())
    assert "The rules end at midnight at the end of 30 December 2022." in english(found)


def test_green_that_never_ends_says_no_until() -> None:
    book = scene_book(in_force=Span(PACK_SPAN.start, FOREVER))
    found = told(Scene(), book=book)
    assert found.until is None
    assert "Until" not in english(found)


def test_an_unread_result_counts_for_nothing_until_it_is_read() -> None:
    scene = Scene()
    unread = scene.unreadable("li", sample="u", at=CODED)
    found = told(scene)
    assert [(row.record.statement, row.due) for row in found.unread] == [(unread, CODED.after(DAY))]
    assert "It may be clear or positive." in english(found)
    assert "City Lab 4 must send it again by 9:04pm, 13 June 2022." in english(found)
    assert "现已超时" in chinese(told(scene, at=CODED.after(DAY)))
    read = TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=sample_number("u"))
    scene.now = CODED.after(2 * HOUR)
    instead = scene.sign("lab", read, "li", at=scene.now)
    scene.admit("lab", Correction(target=unread, replacement=instead), "li")
    assert told(scene).unread == ()
    assert len(told(scene, at=CODED).unread) == 1, "what was so stays so"


def test_an_order_stands_only_on_a_supported_ground() -> None:
    scene = Scene()
    positive = scene.sampled_positive("li")
    scene.admit("site", IsolationOrder(basis=positive, review=CODED.after(DAY)), "li")
    assert [(order.stands, order.ended) for order in told(scene).orders] == [(True, None)]
    assert "its basis stands. Review by 9:04pm, 13 June 2022." in english(told(scene))
    assert "You may leave" not in english(told(scene))
    scene.admit("lab", Retraction(target=positive), "li")
    [order] = told(scene).orders
    assert order.ended is not None
    assert (order.stands, order.ended.word) == (False, EndWord.BASIS)
    assert "You may leave." in english(told(scene))
    assert "您可以离开" in chinese(told(scene))


def test_an_order_on_a_provisional_ground_orders_nothing() -> None:
    scene = Scene()
    entry = scene.entry("li")
    scene.admit("site", IsolationOrder(basis=entry, review=CODED.after(DAY)), "li")
    assert [(order.stands, order.ended) for order in told(scene).orders] == [(False, None)]
    assert "its basis is not backed, so it orders nothing now" in english(told(scene))


def test_spent_custodians_cannot_say_the_same_again() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier", "hotel"))
    _undo(scene, "li", RulingEffect.ANNUL)
    again = scene.entry("li", backed_by=("carrier", "hotel"), at=CODED.after(3 * DAY))
    words = {end.record.statement: end.word for end in told(scene).ended}
    assert words[again] is EndWord.AGAIN


def test_what_lapsed_before_it_ran_out_lapsed() -> None:
    scene = Scene()
    scene.admit("border", BorderEntry(origin="SG"), "li", at=CODED, expires=CODED.after(5 * DAY))
    assert [end.word for end in told(scene, at=CODED.after(6 * DAY)).ended] == [EndWord.UNBACKED]


def test_rules_may_end_before_the_code_does() -> None:
    book = scene_book(in_force=Span(PACK_SPAN.start, CODED.after(DAY)))
    scene = Scene()
    scene.sampled_positive("li")
    found = told(scene, book=book)
    assert (found.until, found.rules_end) == (CODED.after(DAY), True)
    assert "From 9:04pm, 13 June 2022: no rules in force, so nobody has a code." in english(found)
    assert "没有生效的规则" in chinese(found)


def test_a_rule_that_asks_for_nothing_more_is_told_without_it() -> None:
    rule = make_rule("entry")
    texts = {language: {**parts, "do": ""} for language, parts in rule.texts.items()}
    scene = Scene()
    scene.entry("li")
    found = told(scene, book=scene_book([dataclasses.replace(rule, texts=texts)]))
    assert "WHAT YOU CAN DO\n  Is it wrong?" in english(found)


def test_a_lone_positive_is_relieved_like_any_other() -> None:
    book = scene_book([make_rule("positive", relief=(clear_tests(days=1),))])
    scene = Scene()
    scene.positive("li", at=CODED)
    scene.negative("li", sample="n", at=CODED.after(HOUR))
    assert [end.word for end in told(scene, book=book).ended] == [EndWord.RELIEVED]


def test_a_rule_that_has_yet_to_begin_ends_nothing() -> None:
    later = CODED.after(9 * DAY)
    old = make_pack([make_rule("entry")], id="one", in_force=Span(PACK_SPAN.start, later))
    new = make_pack([make_rule("entry")], id="two", in_force=Span(later, PACK_SPAN.end), succeeds="one")
    scene = Scene()
    scene.entry("li")
    found = told(scene, at=CODED.after(3 * DAY), book=make_book([old, new]))
    assert [(end.word, end.at) for end in found.ended] == [(EndWord.UNBACKED, CODED.after(2 * DAY))]


def test_a_ladder_past_the_end_of_time_says_so() -> None:
    book = scene_book([make_rule("positive", ladder=(("red", 3_000_000),))], in_force=Span(PACK_SPAN.start, FOREVER))
    scene = Scene()
    scene.sampled_positive("li")
    found = told(scene, book=book)
    assert (found.until, found.following) == (FOREVER, ())
    assert "No end is set." in english(found)


def test_two_records_of_one_body_are_one_backer() -> None:
    scene = Scene()
    for place in (1, 2):
        at = CODED.after(-DAY + place * HOUR)
        scene.admit("carrier", CustodianRecord(record=Record.MANIFEST, event=bytes([place] * 16)), "li", at=at)
    scene.entry("li")
    [ground] = told(scene).grounds
    assert (len(ground.backers), ground.missing) == (1, 1)


def test_a_backer_counts_since_the_record_that_it_backs() -> None:
    scene = Scene()
    scene.diagnosis("li", scene.sampled_positive("li"), at=CODED.after(DAY))
    diagnosis = next(ground for ground in told(scene).grounds if ground.rule == "diagnosis")
    assert [backer.since for backer in diagnosis.backers] == [CODED.after(DAY)]


def test_every_ground_has_its_own_signer_and_default() -> None:
    scene = Scene()
    scene.sampled_positive("li", at="2022-06-11 21:04")
    scene.entry("li")
    found = told(scene)
    assert [ground.rule for ground in found.grounds] == ["positive", "entry"]
    assert [ground.contest.otherwise.id for ground in found.grounds] == ["ask", "red"]
    text = english(found)
    assert text.index("WHAT YOU CAN DO") < text.index("ANOTHER REASON") < text.index("Border office of Z signed the")
    assert "Without this reason your code would be: red." in text


def test_since_is_the_start_of_the_code_and_each_ground_has_its_own() -> None:
    scene = Scene()
    scene.positive("li", at=CODED)
    scene.entry("li", at=CODED.after(HOUR))
    found = told(scene)
    assert found.since == CODED
    assert {ground.rule: ground.since for ground in found.grounds} == {"positive": CODED, "entry": CODED.after(HOUR)}


# Nothing owed can be missing.


def _lone_entry(scene: Scene) -> None:
    scene.entry("li")


def _lone_contact(scene: Scene) -> None:
    scene.contact("li", scene.sampled_positive("wang", at="2022-06-11 21:04"), at=CODED)


def _household_contact(scene: Scene) -> None:
    scene.contact("li", scene.sampled_positive("wang", at="2022-06-11 21:04"), household="wang", at=CODED)


def _with_diagnosis(scene: Scene) -> None:
    scene.diagnosis("li", scene.sampled_positive("li"))


_ADVERSE: dict[str, Callable[[Scene], object]] = {
    "lone entry": _lone_entry,
    "backed entry": lambda scene: scene.entry("li", backed_by=("carrier", "hotel")),
    "lone positive": lambda scene: scene.positive("li", at=CODED),
    "sampled positive": lambda scene: scene.sampled_positive("li"),
    "diagnosis": _with_diagnosis,
    "lone contact": _lone_contact,
    "household contact": _household_contact,
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", _ADVERSE)
def test_every_adverse_answer_says_all_that_it_owes_in_order(name: str, language: str) -> None:
    scene = Scene()
    _ADVERSE[name](scene)
    found = told(scene)
    voice = Voice("zh" if language == "zh" else "en", found.calendar)
    parts = [section.part for section in sections(found, voice)]
    assert [part for part in parts if part in OWED] == list(OWED)
    text = format_explanation(found, voice.language)
    assert found.since is not None
    assert found.until is not None
    for owed in (
        voice.time(found.since),
        voice.time(found.until),
        rule_text(found.grounds[0], "title", language, CHINA),
        rule_text(found.grounds[0], "reason", language, CHINA),
        voice.body(found.grounds[0].contest.signer),
        found.grounds[0].record.statement.hex()[:8],
        "24",
    ):
        assert owed in text.replace("\n  ", " " if language == "en" else "")
    assert text.splitlines()[0].startswith(("(•••)  ", "[—]  "))


@pytest.mark.parametrize("part", OWED)
@pytest.mark.parametrize("how", ["left out", "empty", "blank"])
def test_a_sheet_without_a_part_that_is_owed_is_not_shown(part: str, how: str) -> None:
    whole = [Section(name, ("words",)) for name in OWED]
    assert check_sections(whole)
    lines: tuple[str, ...] = (" ",) if how == "blank" else ()
    broken = [Section(row.part, lines) if row.part == part else row for row in whole]
    if how == "left out":
        broken = [row for row in broken if row.part != part]
    with pytest.raises(ExplanationError, match=part):
        check_sections(broken)


@pytest.mark.parametrize("lack", [{"since": None}, {"until": None}, {"following": ()}, {"code": None}])
def test_an_adverse_answer_without_its_clock_cannot_be_built(lack: dict[str, None]) -> None:
    scene = Scene()
    scene.entry("li")
    with pytest.raises(ExplanationError):
        dataclasses.replace(told(scene), **lack)  # type: ignore[arg-type]


def test_a_ground_without_reason_or_signer_cannot_be_built() -> None:
    scene = Scene()
    scene.entry("li")
    [ground] = told(scene).grounds
    with pytest.raises(ExplanationError, match="why"):
        dataclasses.replace(ground, texts={"en": {"title": "Entry", "reason": ""}})
    with pytest.raises(ExplanationError, match="who must answer"):
        dataclasses.replace(ground, contest=dataclasses.replace(ground.contest, signer=Signer(id="")))
    with pytest.raises(ExplanationError, match="since before until"):
        dataclasses.replace(ground, until=ground.since)


def test_marks_differ_by_shape() -> None:
    assert len(set(MARKS.values())) == len(MARKS)


def test_partly_closed_has_its_own_words() -> None:
    book = scene_book([make_rule("positive", ladder=(("part", 7),))])
    scene = Scene()
    scene.sampled_positive("li")
    assert english(told(scene, book=book)).startswith("<|>  Yellow: some places are closed to you.\nMedical care")


def test_reasons_are_the_rules_own_in_every_language_of_the_pack() -> None:
    rule = make_rule("entry")
    rule = dataclasses.replace(
        rule, texts={**rule.texts, "de": {"title": "Einreise", "reason": "{signer}: Einreise am {date}.", "do": ""}}
    )
    scene = Scene()
    scene.entry("li")
    found = told(scene, book=make_book([make_pack([rule])]))
    tree = json.loads(json.dumps(json_explanation(found)))
    texts = tree["grounds"][0]["texts"]
    assert sorted(texts) == ["de", "en", "zh"]
    assert texts["de"]["reason"] == "Border office of Z: Einreise am 2022-06-11."
    assert "Z口岸称您在2022年6月11日入境。" in texts["zh"]["reason"]


def test_json_has_its_documented_keys() -> None:
    scene = Scene()
    scene.entry("li")
    tree = json_explanation(told(scene))
    assert sorted(tree) == [
        "at", "code", "ended", "grounds", "helps", "next", "orders", "since", "text", "undecided", "unread", "until",
    ]  # fmt: skip
    [ground] = json.loads(json.dumps(tree))["grounds"]
    assert sorted(ground) == [
        "backers", "capped", "code", "contest", "missing", "once_hours", "pack", "provisional", "record", "reliefs",
        "rule", "since", "texts", "tier", "until",
    ]  # fmt: skip
    assert tree["since"] == "2022-06-12T13:04:00Z"
    assert len(ground["record"]["statement"]) == 64


# History.


def _history(scene: Scene, who: str = "li", book: Book = BOOK) -> Derivation:
    return scene.derivation(who, book)


def test_a_history_tells_wrong_from_lapsed_from_replaced() -> None:
    scene = Scene()
    scene.entry("li", at="2022-05-20 10:00")
    positive = scene.sampled_positive("li", at="2022-06-05 21:04")
    ruling = scene.admit("redress", Ruling(target=positive, effect=RulingEffect.ANNUL), "li", at="2022-06-07 14:00")
    derivation = scene.derivation("li", BOOK)
    entries = explain_history(derivation.timeline(ALWAYS), derivation.held)
    told_as = [(row.before and row.before.id, row.after and row.after.id, row.ended) for row in entries]
    assert told_as == [
        (None, None, None),
        (None, "green", None),
        ("green", "ask", None),
        ("ask", "green", EndWord.UNBACKED),
        ("green", "red", None),
        ("red", "green", EndWord.ANNULLED),
        ("green", None, None),
    ]
    assert entries[5].causes[0].by == ruling
    assert entries[5].was is not None
    assert entries[5].was.statement == positive
    text = format_history(entries, "en", CHINA)
    assert text.index("became no code") < text.index("red became green") < text.index("green became red")
    assert "Cancelled: it was wrong from the start.\n    Test result of 5 June 2022 from City Lab 4, cause" in text
    assert f"cause {ruling.hex()[:8]}" in text
    chinese_text = format_history(entries, "zh", CHINA)
    assert "2022年6月7日14:00起：红码变为绿码。\n    已撤销：一开始就不该有。" in chinese_text
    assert json.loads(json.dumps(json_history(entries))) == json_history(entries)


def test_a_history_tells_steps_and_what_outranks() -> None:
    scene = Scene()
    scene.entry("li")
    scene.sampled_positive("li", at=CODED.after(13 * HOUR))
    derivation = scene.derivation("li", BOOK)
    entries = explain_history(derivation.timeline(ALWAYS), derivation.held)
    words = [row.ended for row in entries if row.before is not None and row.before.id != "green"]
    assert words[0] is EndWord.REPLACED, "a stronger ground came"
    assert EndWord.STEPPED in words
    assert EndWord.LAPSED in words
    for language in LANGUAGES:
        assert format_history(entries, language, CHINA)


def test_a_history_names_help_and_support() -> None:
    scene = Scene()
    index = scene.sampled_positive("li", at="2022-06-11 21:04")
    scene.contact("wang", index, at=CODED)
    scene.admit("li", OwnAccount(index=index, contact=scene.ref("wang")), "li", at=CODED.after(HOUR))
    scene.negative("wang", sample="w1", at=CODED.after(DAY))
    scene.negative("wang", sample="w2", at=CODED.after(2 * DAY))
    derivation = scene.derivation("wang", BOOK)
    entries = explain_history(derivation.timeline(ALWAYS), derivation.held)
    text = format_history(entries, "en", CHINA)
    assert "Another body backs the record." in text
    assert "A record that helps you counts." in text
    assert "Ended early: other records count for you." in text


def _words(scene: Scene, who: str, book: Book = BOOK) -> list[tuple[str, EndWord | None]]:
    derivation = scene.derivation(who, book)
    entries = explain_history(derivation.timeline(ALWAYS), derivation.held)
    for language in LANGUAGES:
        assert format_history(entries, language, CHINA)
    return [(row.after.id, row.ended) for row in entries if row.before and row.after and row.before.id != "green"]


def test_support_that_falls_away_is_told() -> None:
    scene = Scene()
    index = scene.sampled_positive("li", at="2022-06-11 21:04")
    scene.contact("wang", index, household="li", at=CODED)
    [backing] = scene.held("wang")[0].backing
    scene.admit("register", Retraction(target=backing.record), "wang", at=CODED.after(HOUR))
    assert _words(scene, "wang") == [("ask", EndWord.SHORT), ("green", EndWord.UNBACKED)]


def test_relief_in_part_is_told() -> None:
    book = scene_book([make_rule("positive", ladder=(("red", 7), ("part", 9)), relief=(clear_tests("part", days=1),))])
    scene = Scene()
    scene.sampled_positive("li")
    scene.negative("li", sample="n", at=CODED.after(DAY))
    assert told(scene, book=book).grounds[0].reliefs == (), "nothing more is to be had from it"
    assert _words(scene, "li", book) == [("part", EndWord.RELIEVED), ("green", EndWord.LAPSED)]


def test_what_was_measured_of_arrivals_is_no_ending_of_a_record() -> None:
    scene = Scene()
    scene.entry("li", backed_by=("carrier", "hotel"))
    measured = Arrivals(positives=40, tests=1000, measured_by="lab", time=Span(CODED.after(HOUR), CODED.after(DAY)))
    words = _words(scene, "li", scene_book(arrivals=(measured,)))
    assert words == [("red", None), ("ask", None), ("green", EndWord.LAPSED)]


def test_milder_rules_are_told() -> None:
    later = CODED.after(2 * HOUR)
    old = make_pack([make_rule("positive")], id="one", in_force=Span(PACK_SPAN.start, later))
    mild = make_rule("positive", ladder=(("part", 7),))
    new = make_pack([mild], id="two", in_force=Span(later, PACK_SPAN.end), published=PACK_SPAN.start, succeeds="one")
    scene = Scene()
    scene.sampled_positive("li")
    assert _words(scene, "li", make_book([old, new])) == [("part", EndWord.RULES), ("green", EndWord.LAPSED)]


def test_an_empty_history_is_one() -> None:
    assert explain_history(()) == ()
    assert "Nothing here is changed afterwards." in format_history((), "en", CHINA)


# How things are shown.


@pytest.mark.parametrize(
    ("text", "english_time", "chinese_time"),
    [
        ("2022-06-12 21:04", "9:04pm, 12 June 2022", "2022年6月12日21:04"),
        ("2022-06-12 22:00", "10pm, 12 June 2022", "2022年6月12日22:00"),
        ("2022-06-12 00:00", "midnight at the end of 11 June 2022", "2022年6月11日24:00"),
        ("2022-06-12 00:01", "12:01am, 12 June 2022", "2022年6月12日00:01"),
        ("2022-06-12 12:00", "midday, 12 June 2022", "2022年6月12日12:00"),
        ("2022-06-12 12:30", "12:30pm, 12 June 2022", "2022年6月12日12:30"),
        ("2022-01-01 00:00", "midnight at the end of 31 December 2021", "2021年12月31日24:00"),
    ],
)
def test_times_as_people_say_them(text: str, english_time: str, chinese_time: str) -> None:
    assert show_time(when(text), CHINA, "en") == english_time
    assert show_time(when(text), CHINA, "zh") == chinese_time


def test_other_languages_get_plain_dates() -> None:
    assert show_time(CODED, CHINA, "de") == "2022-06-12 21:04"
    assert show_time(when("2022-06-12 00:00"), CHINA, "de") == "2022-06-11 24:00"
    assert show_date(CODED, CHINA, "de") == "2022-06-12"


@pytest.mark.parametrize(
    ("offset", "zone"), [(0, "UTC"), (8 * HOUR, "UTC+8"), (-12600, "UTC-3:30"), (20700, "UTC+5:45")]
)
def test_zones(offset: int, zone: str) -> None:
    assert show_zone(CODED, Calendar(((BEGINNING, offset),))) == zone


@pytest.mark.parametrize(
    ("seconds", "english_left", "chinese_left"),
    [
        (HOUR - 1, "Less than an hour left.", "还剩不到1小时。"),
        (HOUR, "1 hour left.", "还剩1小时。"),
        (23 * HOUR + 59 * MINUTE, "23 hours left.", "还剩23小时。"),
        (72 * HOUR, "3 days left.", "还剩3天。"),
    ],
)
def test_how_long_is_left(seconds: int, english_left: str, chinese_left: str) -> None:
    assert show_left(CODED, CODED.after(seconds), "en") == english_left
    assert show_left(CODED, CODED.after(seconds), "zh") == chinese_left


@given(st.integers(int(BEGINNING), int(FOREVER)).map(Instant), st.integers(-18 * HOUR, 18 * HOUR))
def test_every_instant_can_be_shown(instant: Instant, offset: int) -> None:
    calendar = Calendar(((BEGINNING, offset),))
    for language in ("en", "zh", "de"):
        assert show_time(instant, calendar, language)
        assert show_date(instant, calendar, language)


@given(st.text(st.sampled_from("ab 中文，。（）《》—é\u0301"), max_size=300), st.integers(0, 8))
def test_lines_fit_and_lose_nothing(text: str, indent: int) -> None:
    lines = wrap(text, indent)
    assert all(width(line) <= COLUMNS for line in lines)
    assert "".join("".join(lines).split()) == "".join(text.split())


def test_a_word_longer_than_a_line_is_cut() -> None:
    assert [len(line) for line in wrap("x" * 250)] == [62, 63, 62, 63]


def test_a_line_never_begins_with_a_closing_mark() -> None:
    for room in range(8, 40):
        for line in wrap("没有安排，普通场所就对您放行。" * 9, 0, room)[1:]:
            assert line[0] not in "，。、；：？！）》"


def test_width_counts_wide_characters_twice() -> None:
    assert (width("abc"), width("中文"), width("（•••）"), width("e\u0301")) == (3, 4, 7, 1)


# At every instant of any life.


def _undo(scene: Scene, who: str, effect: RulingEffect | None) -> None:
    """Rule on the newest record of a person that bars anything, or take it back."""
    targets = [held for held in scene.held(who) if held.kind in KIND_TIER and not held.helps]
    if targets and effect is not None:
        scene.admit("redress", Ruling(target=targets[-1].id, effect=effect), who)
    elif targets:
        scene.admit(targets[-1].issuer, Retraction(target=targets[-1].id), who)


def _order(scene: Scene, who: str) -> None:
    bases = [held for held in scene.held(who) if held.kind in KIND_TIER]
    if bases:
        scene.admit("site", IsolationOrder(basis=bases[-1].id, review=scene.now.after(DAY)), who)


def _index(scene: Scene, number: int) -> bytes:
    return scene.sampled_positive("zhao", sample=f"index {number}", at=scene.now.after(13 * HOUR))


def _soon(scene: Scene) -> Instant:
    return scene.now.after(25 * HOUR)


_EVENTS: dict[str, Callable[[Scene, int], object]] = {
    "lone entry": lambda scene, _: scene.entry("li", at=_soon(scene)),
    "backed entry": lambda scene, _: scene.entry("li", backed_by=("carrier", "hotel"), at=_soon(scene)),
    "lone positive": lambda scene, n: scene.positive("li", sample=f"p{n}"),
    "sampled positive": lambda scene, n: scene.sampled_positive("li", sample=f"p{n}", at=_soon(scene)),
    "diagnosis": lambda scene, n: scene.diagnosis("li", scene.positive("li", sample=f"d{n}")),
    "lone contact": lambda scene, n: scene.contact("li", _index(scene, n)),
    "household contact": lambda scene, n: scene.contact("li", _index(scene, n), household="zhao"),
    "clear": lambda scene, n: scene.negative("li", sample=f"n{n}"),
    "unread": lambda scene, n: scene.unreadable("li", sample=f"u{n}"),
    "out": lambda scene, _: scene.admit("hospital", Discharge(), "li"),
    "annul": lambda scene, _: _undo(scene, "li", RulingEffect.ANNUL),
    "suspend": lambda scene, _: _undo(scene, "li", RulingEffect.SUSPEND),
    "retract": lambda scene, _: _undo(scene, "li", None),
    "order": lambda scene, _: _order(scene, "li"),
}


@given(st.lists(st.tuples(st.sampled_from(sorted(_EVENTS)), st.integers(0, 6 * DAY)), min_size=1, max_size=5))
@settings(suppress_health_check=[HealthCheck.too_slow])
def test_an_answer_can_be_given_at_every_instant_of_any_life(life: list[tuple[str, int]]) -> None:
    scene = Scene()
    for number, (event, pause) in enumerate(life):
        scene.now = scene.now.after(pause)
        _EVENTS[event](scene, number)
    derivation = scene.derivation("li", BOOK)
    for instant in derivation.instants(ALWAYS):
        _check(derivation, instant)
        _check(derivation, instant.after(-1))
    entries = explain_history(derivation.timeline(ALWAYS), derivation.held)
    assert all(entry.causes for entry in entries[1:]), "every change has a cause (I10)"
    for language in LANGUAGES:
        text = format_history(entries, language, CHINA)
        assert all(width(line) <= COLUMNS for line in text.splitlines())


def _check(derivation: Derivation, at: Instant) -> None:
    found, derived = explain(derivation, at), derivation.at(at)
    assert found.code == derived.code
    assert [ground.record.statement for ground in found.grounds] == [ground.statement for ground in derived.grounds]
    if found.grounds or found.until is not None:
        assert found.until == derivation.until(at)
    assert found.since is None or (found.since <= at and derivation.at(found.since).code == found.code)
    standing = {ground.record.statement for ground in found.grounds}
    ended = {end.record.statement for end in found.ended}
    counted = {
        held.id for held in derivation.held if held.live.start <= at and any(c.held is held for c in derivation.claims)
    }
    assert not standing & ended
    assert counted <= standing | ended, "nothing that ever counted disappears (I10)"
    json.dumps(json_explanation(found))
    for language in LANGUAGES:
        assert all(width(line) <= COLUMNS for line in format_explanation(found, language).splitlines())


def test_before_any_rules_there_is_an_answer_too() -> None:
    explained = explain(Derivation(make_book(()), ()), CODED)
    assert explained.code is None
    assert "No rules are in force" in format_explanation(explained, "en")


def test_a_first_ground_replaces_nothing() -> None:
    scene = Scene()
    scene.sampled_positive("li")
    changes = scene.derivation("li", scene_book()).timeline(Span(when("2022-06-01 00:00"), CODED.after(DAY)))
    assert [entry.ended for entry in explain_history(changes)] == [None, None]
