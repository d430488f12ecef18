"""Examples go through the real derivation, and the ones that show nothing are told apart from the ones that hold."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from habeas.evidence import Kind
from habeas.grounds import ExampleResult, run_examples
from habeas.rules import BookError, Example, ExampleSign, ExampleStatement, Pack, make_book
from habeas.wire import DAY, HOUR, Instant, Span
from scene import CODED, PACK_SPAN, make_pack, make_rule

POSITIVE: tuple[tuple[str, object], ...] = (("method", "pcr"), ("result", "positive"))
NEGATIVE: tuple[tuple[str, object], ...] = (("method", "pcr"), ("result", "negative"))


def said(
    kind: Kind, facts: tuple[tuple[str, object], ...] = (), *, at: Instant = CODED, backed: int = 0
) -> ExampleStatement:
    return ExampleStatement(kind=kind, facts=facts, observed=at, admitted=at, backed=backed)


def example(*statements: ExampleStatement, at: Instant = CODED, code: str = "green") -> Example:
    name = {"en": "An example", "zh": "示例"}
    return Example(name=name, sign=ExampleSign.HOLDS, statements=statements, at=at, code=code)


def pack_of(rule: str, *examples: Example, **options: Any) -> Pack:  # noqa: ANN401 - as of `make_rule`
    return make_pack([dataclasses.replace(make_rule(rule, **options), examples=examples)])


def run_one(
    rule: str,
    *statements: ExampleStatement,
    at: Instant = CODED,
    code: str = "green",
    **options: Any,  # noqa: ANN401 - as of `make_rule`
) -> ExampleResult:
    (result,) = run_examples(pack_of(rule, example(*statements, at=at, code=code), **options))
    return result


TEST, FINDING, ENTRY, DIAGNOSIS = Kind.TEST_RESULT, Kind.CONTACT_FINDING, Kind.BORDER_ENTRY, Kind.DIAGNOSIS


@pytest.mark.parametrize(
    ("rule", "statement", "wanted"),
    [
        ("positive", said(TEST, POSITIVE, backed=1), "red"),
        ("positive", said(TEST, POSITIVE), "ask"),
        ("positive", said(TEST, NEGATIVE), "green"),
        ("positive", said(TEST, (("method", "pcr"), ("result", "unread"))), "green"),
        ("diagnosis", said(DIAGNOSIS, (("form", "confirmed"),), backed=1), "red"),
        ("contact", said(FINDING, (("contact", "close"),), backed=1), "red"),
        ("contact", said(FINDING, (("contact", "secondary"),), backed=1), "red"),
        ("contact", said(FINDING, (("contact", "close"),)), "ask"),
        ("entry", said(ENTRY, (("origin", "SG"),), backed=2), "ask"),
        ("entry", said(Kind.EXEMPTION, (("scope", "medical"),)), "green"),
    ],
)
def test_an_example_gives_what_the_tier_table_says(rule: str, statement: ExampleStatement, wanted: str) -> None:
    result = run_one(rule, statement, code=wanted)
    assert (result.got, result.problem, result.ok) == (wanted, "", True)
    assert not run_one(rule, statement, code="part").ok


def test_boundaries_are_those_of_local_days() -> None:
    positive = said(TEST, POSITIVE, backed=1)
    ends = Instant(CODED - CODED % DAY + 16 * HOUR + 7 * DAY)  # the end of day 7 in China; 12 June is day 0
    assert run_one("positive", positive, at=ends.after(-1), code="red").ok
    assert run_one("positive", positive, at=ends, code="ask").ok


def test_clear_tests_relieve_in_an_example_too_in_whatever_order_they_are_written() -> None:
    clear = [said(TEST, NEGATIVE, at=CODED.after(days * DAY)) for days in (2, 1)]
    positive = said(TEST, POSITIVE, backed=1)
    assert run_one("positive", *clear, positive, at=CODED.after(3 * DAY), code="green").ok
    assert run_one("positive", clear[0], positive, at=CODED.after(3 * DAY), code="red").ok


def test_a_second_lone_finding_within_fourteen_days_opens_nothing() -> None:
    findings = [said(FINDING, (("contact", "close"),), at=CODED.after(days * DAY)) for days in (0, 13)]
    assert run_one("contact", *findings, at=CODED.after(13 * DAY), code="green").ok
    later = said(FINDING, (("contact", "close"),), at=CODED.after(14 * DAY))
    assert run_one("contact", findings[0], later, at=CODED.after(14 * DAY), code="ask").ok


def test_a_statement_not_yet_admitted_has_no_effect() -> None:
    late = dataclasses.replace(said(TEST, POSITIVE, backed=1), admitted=CODED.after(HOUR))
    assert run_one("positive", late, at=CODED.after(HOUR - 1), code="green").ok
    assert run_one("positive", late, at=CODED.after(HOUR), code="red").ok


def test_an_example_of_a_rule_that_errs_is_no_good_even_if_the_code_agrees() -> None:
    result = run_one("positive", said(TEST, POSITIVE), logic={">": [{"var": "facts.method"}, 1]})
    assert result.got == result.expected == "green"
    assert "integers only" in result.problem
    assert not result.ok


@pytest.mark.parametrize(
    ("statement", "says"),
    [
        (
            said(Kind.CUSTODIAN_RECORD, (("record", "manifest"),)),
            "never meets a custodian-record; write how many stand",
        ),
        (said(TEST, (("method", "pcr"),)), "needs the field result"),
        (said(TEST, (*POSITIVE, ("place", "x"))), "no field place"),
        (dataclasses.replace(said(TEST, POSITIVE), admitted=CODED.after(-HOUR)), "later than issued"),
    ],
)
def test_an_example_that_cannot_be_says_why(statement: ExampleStatement, says: str) -> None:
    result = run_one("positive", statement)
    assert says in result.problem
    assert (result.got, result.ok) == (None, False)


def test_outside_the_pack_there_is_no_code() -> None:
    result = run_one("positive", at=PACK_SPAN.end)
    assert (result.got, result.ok) == (None, False)


def test_results_come_rule_by_rule() -> None:
    rules = [
        dataclasses.replace(make_rule(name), examples=(example(), example(code="red")))
        for name in ("positive", "entry")
    ]
    assert [(row.rule, row.ok) for row in run_examples(make_pack(rules))] == [
        ("positive", True), ("positive", False), ("entry", True), ("entry", False),
    ]  # fmt: skip


def test_a_layer_s_examples_need_its_base() -> None:
    held = said(TEST, POSITIVE, backed=1)
    lower = dataclasses.replace(make_rule("positive", ladder=(("ask", 9),)), examples=(example(held, code="ask"),))
    layer = make_pack([lower], id="layer", over="scene-pack")
    (result,) = run_examples(layer, make_book([make_pack(), layer]))
    assert result.ok
    with pytest.raises(BookError, match="add that pack too"):
        run_examples(layer)


def test_a_book_s_dates_count_for_examples() -> None:
    pack = dataclasses.replace(
        pack_of("positive", example(code="green")), in_force=Span(CODED.after(DAY), PACK_SPAN.end)
    )
    assert [row.got for row in run_examples(pack)] == [None]
