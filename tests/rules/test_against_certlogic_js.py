"""Ours held against certlogic-js 1.2.2: the same value, or no answer where it has none.

Where it answers and ours does not, there is a documented reason, and each is counted:

- the expression is refused at publication (`REFUSED`);
- a date that no calendar or clock has (`NO_DATE`), and V8, watched, made one up or none;
- in made-up data only: the truth of a number that is not whole, which the specification denies and certlogic-js affirms.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from habeas.rules import Logic, LogicError, compile_logic, validate_logic
from habeas.rules._operators import _BUILDERS as OPERATORS
from habeas.rules._validate import INHERITED, MAX_DEPTH, MAX_NODES
from public_data import data_file
from rules.certlogic_expressions import DATA, EXPRESSIONS, LOOSE, mostly, operators_of
from rules.certlogic_js import CertLogicJs

NO_DATE = (
    "a date that no calendar has",
    "a time that no clock shows",
    "an offset from UTC of a day or more, or of 60 minutes or more past the hour",
    "a date-time more than 100 million days from 1970: no engine holds it",
)
REFUSED = {
    "a name that values inherit": "a name that values inherit in JavaScript",
    "a number in a path": "data access path doesn't have a valid format",
    "a large integer": "2^53 - 1",
    "a large amount or index": "must be an integer",
    "a reduce in a lambda": 'a "reduce"-operation must not stand in the lambda of another',
    "too deep": f"nested more than {MAX_DEPTH} levels deep",
    "too large": f"more than {MAX_NODES} nodes",
}
WAYS = ("the same value", "both err", "impossible date", "truth of a number that is not whole")


@pytest.fixture(scope="module")
def reference() -> Iterator[CertLogicJs]:
    with CertLogicJs() as process:
        yield process


def as_doubles(value: object) -> object:
    """Return what JavaScript reads where JSON says `value`; -0 is 0 to both engines."""
    if type(value) is list:
        return [as_doubles(item) for item in value]
    if type(value) is dict:
        return {name: as_doubles(item) for name, item in value.items()}
    return float(value) + 0.0 if type(value) in (int, float) else value  # type: ignore[arg-type]


def same(one: object, other: object) -> bool:
    return one is other or json.dumps(as_doubles(one), sort_keys=True) == json.dumps(as_doubles(other), sort_keys=True)


def evaluated(logic: Logic, data: object) -> tuple[object, str]:
    try:
        return logic.evaluate(data), ""
    except LogicError as error:
        return None, str(error)


def compare(logic: Logic, data: object, theirs: list[Any]) -> str:
    """Return in which way the two agree; fails where they do not."""

    def about() -> str:
        return f"{logic.text} on {json.dumps(data)}: certlogic-js has {theirs}"

    ours, error = evaluated(logic, data)
    if error:
        if not theirs:
            return "both err"
        if error in NO_DATE:
            assert theirs[1:] == [True], f"{error}, but V8 has it; {about()}"
            return "impossible date"
        assert "truthy or falsy; a float is neither" in error, f"{error}; {about()}"
        return "truth of a number that is not whole"
    assert theirs[1:] == [], f"{ours!r} from a date that V8 made up; {about()}"
    assert theirs, f"{ours!r}; {about()}"
    assert same(ours, theirs[0]), f"{ours!r}; {about()}"
    return "the same value"


# The published rules ---------------------------------------------------------------------------------------------


def published() -> tuple[list[object], list[dict[str, Any]]]:
    """Return the rules, and what their tests put to them, each once."""
    lines = [json.loads(line) for line in data_file("member-state-rules.jsonl").read_text("utf-8").splitlines()]
    tests = [test for line in lines for test in line["tests"]]
    given = [{name: test[name] for name in ("payload", "external") if name in test} for test in tests]
    distinct = {json.dumps(data, sort_keys=True): data for data in given}
    return [line["rule"]["Logic"] for line in lines], list(distinct.values())


def test_every_published_rule_on_every_published_payload(reference: CertLogicJs) -> None:
    rules, payloads = published()
    theirs = reference.ask(evaluate=rules, data=payloads)

    at_some_time = {json.dumps([data.get("payload"), data["external"].get("validationClock")]) for data in payloads}
    assert len(rules) * len(at_some_time) == 96_224  # 496 payloads and clocks
    assert len(rules) * len(payloads) == 97_000  # 500 with their value sets, too

    counts = Counter(
        compare(logic, data, answer)
        for logic, answers in zip(map(compile_logic, rules), theirs, strict=True)
        for data, answer in zip(payloads, answers, strict=True)
    )

    assert counts == {"the same value": 91_549, "both err": 5_451}


# Made-up rules ---------------------------------------------------------------------------------------------------


def drawn(examples: int) -> settings:
    """Return the settings of so many examples: the same ones every time, so that what occurs does not vary."""
    return settings(max_examples=examples, derandomize=True, database=None, suppress_health_check=list(HealthCheck))


def check_answers(reference: CertLogicJs, examples: int) -> None:
    """Compare expressions on data, a handful each at a time; fails, too, where a way or an operator never occurred."""
    ways: Counter[str] = Counter()
    answering: Counter[str] = Counter()

    @drawn(examples)
    @given(st.lists(EXPRESSIONS, min_size=2, max_size=8), st.lists(DATA, min_size=2, max_size=6))
    def compare_all(expressions: list[object], payloads: list[object]) -> None:
        theirs = reference.ask(evaluate=expressions, data=payloads)
        for expression, answers in zip(expressions, theirs, strict=True):
            logic = compile_logic(expression)
            for data, answer in zip(payloads, answers, strict=True):
                way = compare(logic, data, answer)
                ways[way] += 1
                if way == WAYS[0]:
                    answering.update(set(operators_of(expression)))

    compare_all()
    print(f"{examples} examples: {dict(ways)}; answering: {dict(answering)}")  # noqa: T201 - pytest -rP shows it
    assert set(ways) == set(WAYS)
    assert ways[WAYS[0]] > ways.total() / 2
    assert set(answering) == set(OPERATORS)


def check_refusals(reference: CertLogicJs, examples: int) -> None:
    """Compare what the two validators take; fails, too, where a documented refusal never occurred."""
    ways: Counter[str] = Counter()

    @drawn(examples)
    @given(st.lists(mostly(LOOSE, EXPRESSIONS), min_size=2, max_size=10))
    @example([{"var": "payload.constructor"}, {"var": "a.toString.b"}])  # seldom drawn by chance
    def compare_all(expressions: list[object]) -> None:
        for expression, theirs in zip(expressions, reference.ask(validate=expressions), strict=True):
            ours = [issue.message for issue in validate_logic(expression)]
            if bool(ours) == bool(theirs):
                ways["both refuse" if ours else "both take"] += 1
                continue
            about = f"{json.dumps(expression)}: {ours}, certlogic-js finds {theirs} issues"
            assert ours, about
            why = [next((reason for reason, words in REFUSED.items() if words in message), None) for message in ours]
            assert None not in why, about
            ways.update(set(filter(None, why)))

    compare_all()
    print(f"{examples} examples: {dict(ways)}")  # noqa: T201 - pytest -rP shows it
    assert set(ways) == {"both take", "both refuse", *REFUSED}


def test_made_up_rules_on_made_up_data(reference: CertLogicJs) -> None:
    check_answers(reference, 250)


def test_what_the_validators_refuse(reference: CertLogicJs) -> None:
    check_refusals(reference, 250)


@pytest.mark.long
def test_very_many_made_up_rules_on_made_up_data(reference: CertLogicJs) -> None:
    check_answers(reference, 5_000)


@pytest.mark.long
def test_what_the_validators_refuse_of_very_many(reference: CertLogicJs) -> None:
    check_refusals(reference, 5_000)


def test_every_name_that_values_inherit_is_refused(reference: CertLogicJs) -> None:
    assert set(reference.ask(inherited=True)) <= INHERITED
