from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.rules import Logic, LogicError, LogicFormatError, Verdict, compile_logic, outcome
from habeas.rules._values import MAX_RESULT_CHARACTERS
from public_data import data_file
from rules.certlogic_answers import ERROR, answer, check, plus

FALSY: list[object] = [False, None, "", 0, 0.0, -0.0, [], {}]
TRUTHY: list[object] = [True, "0", "false", 1, -1, 1.0, [None], [0], {"a": None}, 2**60]
NEITHER: list[object] = [0.5, float("nan"), float("inf"), b"a", (1,), object]


# The public suite ------------------------------------------------------------------------------------------------


def active_assertions() -> list[dict[str, Any]]:
    found = []
    for file in sorted(data_file("certlogic/testSuite").glob("*.json")):
        suite = json.loads(file.read_text(encoding="utf-8"))
        for case in suite["cases"]:
            for assertion in case["assertions"]:
                if "skip" not in [part.get("directive") for part in (suite, case, assertion)]:
                    expression = assertion.get("certLogicExpression", case.get("certLogicExpression"))
                    found.append({**assertion, "suite": suite["name"], "certLogicExpression": expression})
    return found


def test_every_active_assertion_of_the_public_suite() -> None:
    assertions = active_assertions()

    for assertion in assertions:
        found = answer(assertion["certLogicExpression"], assertion["data"])
        assert json.dumps(found) == json.dumps(assertion["expected"]), assertion

    assert len(assertions) == 218


# Values ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        *[(value, False) for value in FALSY],
        *[(value, True) for value in TRUTHY],
        *[(value, ERROR) for value in NEITHER],
    ],
    ids=str,
)
def test_truth(value: object, expected: object) -> None:
    data = {"x": value}
    check({"if": [{"var": "x"}, True, False]}, expected, data)
    check({"!": [{"!": [{"var": "x"}]}]}, expected, data)
    logic = compile_logic({"var": "x"})
    verdict = outcome(logic, data).verdict
    assert verdict is {True: Verdict.HOLDS, False: Verdict.DOES_NOT, ERROR: Verdict.UNDECIDED}[expected]


def test_an_object_that_answers_for_its_text_is_neither_true_nor_false() -> None:
    check({"if": [{"var": ""}, 1, 2]}, ERROR, {"toString": None})
    check({"if": [{"var": ""}, 1, 2]}, 1, {"toJSON": None})


def test_a_date_is_neither_true_nor_false() -> None:
    date = plus("2021-06-15")
    for expression in ({"if": [date, 1, 2]}, {"!": [date]}, {"and": [True, date]}, {"and": [date, True]}):
        check(expression, ERROR)
    said = outcome(compile_logic(date), None)
    assert said.verdict is Verdict.UNDECIDED
    assert "a date-time" in said.reason


def test_an_outcome_cannot_be_taken_for_a_boolean() -> None:
    with pytest.raises(TypeError, match="compare its verdict"):
        bool(outcome(compile_logic(True), None))  # noqa: FBT003 - an expression, not an option


def test_and_is_lazy_and_gives_the_value_that_settles_it() -> None:
    broken = {"+": ["a", 1]}
    check({"and": [False, broken]}, gives=False)
    check({"and": [{"var": "x"}, broken]}, [], {"x": []})
    check({"and": [1, "b", {"var": "x"}]}, None)
    check({"and": [True, broken, False]}, ERROR)
    check({"if": [True, 1, broken]}, 1)


@pytest.mark.parametrize(
    ("left", "right", "expected"),
    [
        *[
            (1, True, False),
            (0, False, False),
            (0, "", False),
            ("1", 1, False),
            (None, False, False),
            (None, None, True),
        ],
        *[
            (1, 1.0, True),
            (1.5, 1.5, True),
            (float("nan"), float("nan"), False),
            (2**53, 2**53 + 1, True),
            (2**53, 2**53 + 2, False),
        ],
        *[([], [], False), ({}, {}, False), ([1], 1, False), (b"a", b"a", ERROR), ("é", "e\u0301", False)],
    ],
    ids=repr,
)
def test_sameness(left: object, right: object, expected: object) -> None:
    data = {"l": left, "r": copy.copy([right])}
    check({"===": [{"var": "l"}, {"var": "r.0"}]}, expected, data)
    check({"in": [{"var": "l"}, {"var": "r"}]}, expected, data)


@pytest.mark.parametrize("literal", ["1", "", "true", 1, 0, True])
@pytest.mark.parametrize("value", ["1", "", "true", 1, 1.0, 0, True, False, None, [], ["1"], {}], ids=repr)
def test_sameness_with_a_literal(value: object, literal: object) -> None:
    expected = value == literal and (type(value) is bool) == (type(literal) is bool)
    var = {"var": "x"}
    for expression in (
        {"===": [var, literal]},
        {"===": [literal, var]},
        {"in": [var, [literal]]},
        {"in": [var, [literal, 7]]},
    ):
        check(expression, expected, {"x": value})


def test_lists_and_dates_are_the_same_only_as_themselves() -> None:
    data = {"x": [1], "y": [1]}
    check({"===": [{"var": "x"}, {"var": "x"}]}, gives=True, data=data)
    check({"===": [{"var": "x"}, {"var": "y"}]}, gives=False, data=data)
    check({"===": [[1], [1]]}, gives=False)
    check({"===": [plus("2021"), plus("2021")]}, gives=False)
    check({"in": [{"var": "x"}, [[1], {"var": "x"}]]}, gives=True, data=data)
    same_date = {"reduce": [["a", "b"], {"===": [{"var": "accumulator"}, {"var": "accumulator"}]}, plus("2021")]}
    check(same_date, gives=True)


def test_in_takes_a_list_only() -> None:
    check({"in": [1, [True, "1", 1.0]]}, gives=True)
    check({"in": [True, [1, "true"]]}, gives=False)
    for right in (None, "abc", {"a": 1}, 1):
        check({"in": ["a", {"var": ""}]}, ERROR, right)


@pytest.mark.parametrize(
    "wrong", [None, True, "1", 0.5, [1], {}, 2**1024, -(2**1024), float("inf"), float("nan")], ids=repr
)
def test_sums_and_orderings_take_integers_only(wrong: object) -> None:
    for operator in ("+", "<", "<=", ">", ">="):
        check({operator: [{"var": "x"}, 1]}, ERROR, {"x": wrong})
        check({operator: [1, {"var": "x"}]}, ERROR, {"x": wrong})
    check({"<": [2, 1, {"var": "x"}]}, ERROR, {"x": wrong})


def test_sums_and_orderings() -> None:
    check({"+": [{"var": ""}, 1]}, 3, 2.0)
    check({"+": [2**53 - 1, 2]}, 2**53)  # a double has no 2^53 + 1
    check({"+": [{"var": ""}, 1]}, 2**53, 2**53 + 1)
    check({"+": [2**53 - 1, -1]}, 2**53 - 2)
    check({"<": [{"var": "0"}, {"var": "1"}]}, gives=False, data=[2**53, 2**53 + 1])
    check({"<": [1, 2, 3]}, gives=True)
    check({"<=": [1, 3, 2]}, gives=False)
    check({"after": [plus("2023"), plus("2022"), plus("2022")]}, gives=False)
    check({"not-before": [plus("2023"), plus("2022"), plus("2022")]}, gives=True)
    check({"after": [plus("2023"), "2022-01-01"]}, ERROR)


@pytest.mark.parametrize(
    ("path", "data", "expected"),
    [
        ("", {"a": 1}, {"a": 1}),
        ("a.b.c", {"a": {"b": {"c": 1}}}, 1),
        ("a.b.c", {"a": None}, None),
        ("a.b", {"a": 5}, None),
        ("a.1", {"a": ["x", "y"]}, "y"),
        ("a.2", {"a": ["x", "y"]}, None),
        ("a.1", {"a": {"1": "one"}}, "one"),
        ("a.x", {"a": ["x"]}, None),
        ("a.length", {"a": ["x", "y"]}, 2),
        ("a.length", {"a": {"length": 7}}, 7),
        ("length", "a😀", 3),
        ("1", "ab", "b"),
        ("2", "ab", None),
        ("1", "😀", "\ude00"),
        ("a.b.0", {"a": {"b": "😀"}}, "\ud83d"),
        ("a.b.0", {"a": {"b": {"0": "zero"}}}, "zero"),
        ("a.b.0", {"a": ["b"]}, None),
        ("a.b.0.c", {"a": {"b": [None]}}, None),
        ("a.b.0.c", {"a": {"b": "😀"}}, None),
        ("a.b.0.length", {"a": {"b": ["😀"]}}, 2),
        ("a.b.length", {"a": {"b": [1]}}, 1),
    ],
)
def test_var(path: str, data: object, expected: object) -> None:
    check({"var": path}, expected, data)


def test_a_lambda_sees_its_own_two_values_and_nothing_else() -> None:
    def fold(step: object, initial: object = 0) -> object:
        return {"reduce": [{"var": "x"}, step, initial]}

    data = {"x": [1, 2, 3], "y": 9}
    check(fold({"+": [{"var": "accumulator"}, {"var": "current"}]}), 6, data)
    check(fold({"var": "y"}), None, data)
    check(fold({"var": ""}), {"accumulator": 0, "current": 1}, {"x": [1]})
    check(fold({"var": "current"}, {"var": "y"}), 9, {"x": None, "y": 9})
    check(fold({"var": "current"}, {"var": "y"}), 9, {"y": 9})
    check(fold({"var": "current"}, {"+": ["a", 1]}), ERROR, {"x": []})
    check(fold({"var": "current"}), ERROR, {"x": "abc"})


@pytest.mark.parametrize(
    ("uvci", "index", "expected"),
    [
        (None, 0, None),
        ("", 0, ""),
        ("URN:UVCI:01:NL:187/37512422923", 0, "01"),
        ("urn:uvci:01:NL", 0, "urn"),
        ("URN:UVCI:URN:UVCI:01", 0, "URN"),
        ("a::c/#/f", 5, "f"),
        ("a::c/#/f", 6, None),
        ("a", -1, None),
        (7, 0, ERROR),
    ],
)
def test_parts_of_a_certificate_identifier(uvci: object, index: int, expected: object) -> None:
    check({"extractFromUVCI": [{"var": ""}, index]}, expected, uvci)


# What a pack's author may try ------------------------------------------------------------------------------------


def test_costs_that_double_with_every_item_are_errors() -> None:
    doubling = {"reduce": [{"var": ""}, [{"var": "accumulator"}, {"var": "accumulator"}], 0]}
    check(doubling, ERROR, list(range(60)))
    adding = {"reduce": [{"var": ""}, {"+": [{"var": "accumulator"}, {"var": "accumulator"}]}, 1]}
    check(adding, 2**1023, [1] * 1023)
    check(adding, ERROR, [1] * 1024)


def test_data_of_any_depth_give_a_value_or_an_error() -> None:
    deep: object = {}
    for _ in range(100_000):
        deep = {"a": [deep]}
    check({"var": ""}, ERROR, deep)
    check({"var": "a.0.a.0.b"}, None, deep)
    check({"===": [{"var": ""}, {"var": "a"}]}, gives=False, data=deep)
    assert outcome(compile_logic({"var": ""}), deep).verdict is Verdict.HOLDS


def test_the_deepest_expression_that_is_taken_can_be_evaluated() -> None:
    expression: object = True
    for _ in range(64):
        expression = {"and": [True, expression]}
    check(expression, gives=True)


def test_a_logic_keeps_nothing_of_its_expression_or_data() -> None:
    known = ["a"]
    logic = compile_logic({"in": [{"var": "x"}, known]})
    known.append("b")
    assert logic.evaluate({"x": "b"}) is False

    data = {"x": [{"y": 1}]}
    found = compile_logic({"var": "x"}).evaluate(data)
    assert found == data["x"]
    assert found is not data["x"]


def test_a_result_has_only_so_many_characters() -> None:
    """A line's one long text, named 2,000 times, would be an answer of 400 megabytes."""
    long, half = "x" * 200_000, MAX_RESULT_CHARACTERS // 2
    for expression, data in (
        ([{"var": "s"}] * 2_000, {"s": long}),
        ([{"var": ""}] * 6, {long: 1}),
        ([{"var": ""}, {"var": ""}], "x" * (half + 1)),
        ({"reduce": [{"var": ""}, [{"var": "accumulator"}] * 3, plus("2021-06-15")]}, [1] * 10),  # 59,049 dates
    ):
        with pytest.raises(LogicError, match=f"a result of more than {MAX_RESULT_CHARACTERS} characters"):
            answer(expression, data)
    for text in ("x" * half, "\ud800" * half):
        assert answer([{"var": ""}, {"var": ""}], text) == [text, text]


def test_fields_are_the_paths_outside_lambdas() -> None:
    counted = {"reduce": [{"var": "a"}, {"+": [{"var": "accumulator"}, {"var": "current.n"}]}, {"var": "b.0"}]}
    logic = compile_logic(
        {"and": [{"===": [counted, 1]}, {"after": [plus("2021"), {"plusTime": [{"var": "c"}, 1, "day"]}]}]}
    )

    assert logic.fields == {"a", "b.0", "c"}


def test_an_error_names_kinds_of_values_and_never_a_value() -> None:
    name = "Erika Mustermann"
    for expression in (
        {"+": [{"var": ""}, 1]},
        {"in": [1, {"var": ""}]},
        {"plusTime": [{"var": ""}, 1, "day"]},
        {"dccDateOfBirth": [{"var": ""}]},
        {"reduce": [{"var": ""}, 1, 0]},
        {"before": [{"var": ""}, plus("2021")]},
    ):
        with pytest.raises(LogicError) as error:
            answer(expression, name)
        assert name not in str(error.value)


# Any expression, any data ----------------------------------------------------------------------------------------

TEXTS = st.sampled_from(["", "a", "2021", "2021-02-30", "2021-06-15T12:00:00Z", "URN:UVCI:01:NL"]) | st.text(max_size=4)
LEAVES = st.none() | st.booleans() | st.integers() | st.floats() | TEXTS
KEYS = st.sampled_from(["a", "0", "length", "current", "accumulator"]) | st.text(max_size=3)
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3))
OPERATORS = st.sampled_from(
    [
        *("if", "and", "!", "===", "in", "+", "<", ">", "<=", ">=", "after", "before", "not-after", "not-before"),
        *("plusTime", "reduce", "extractFromUVCI", "dccDateOfBirth", "or"),
    ]
)
PATHS = st.lists(KEYS, max_size=3).map(".".join)
UNITS = st.sampled_from(["year", "month", "day", "hour"])


def operations(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def some(operator: str, *operands: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
        return st.tuples(*operands).map(lambda found: {operator: list(found)})

    return st.one_of(
        st.tuples(OPERATORS, st.lists(inner, max_size=4)).map(lambda pair: {pair[0]: pair[1]}),
        some("plusTime", inner, st.integers(-(2**54), 2**54), UNITS),
        some("after", *[some("plusTime", inner, st.integers(-99, 99), UNITS)] * 2),
        some("if", inner, inner, inner),
        some("and", inner, inner),
        some("reduce", inner, inner, inner),
        some("extractFromUVCI", inner, st.integers(-2, 4)),
        st.lists(inner, max_size=4),
    )


EXPRESSIONS = st.recursive(LEAVES | PATHS.map(lambda path: {"var": path}), operations, max_leaves=12)


def compiled(expression: object) -> Logic | None:
    try:
        return compile_logic(expression)
    except LogicFormatError:
        return None


@given(JSON | EXPRESSIONS, JSON)
def test_any_expression_and_any_data_give_a_value_or_the_rooms_error(expression: object, data: object) -> None:
    logic = compiled(expression)
    if logic is None:
        return
    before = copy.deepcopy(data)
    try:
        value = logic.evaluate(data)
    except LogicError:
        assert outcome(logic, data).verdict is Verdict.UNDECIDED
    else:
        json.dumps(value)
    assert repr(data) == repr(before)


@given(EXPRESSIONS, JSON)
def test_the_same_expression_and_data_give_the_same(expression: object, data: object) -> None:
    one, other = compiled(expression), compiled(copy.deepcopy(expression))
    if one is None or other is None:
        assert one is other
        return
    assert one.fields == other.fields
    assert outcome(one, data) == outcome(other, data)
