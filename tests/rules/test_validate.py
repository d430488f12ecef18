from __future__ import annotations

import json
from typing import Any

import pytest

from habeas.rules import Issue, LogicFormatError, compile_logic, validate_logic
from habeas.rules._validate import MAX_DEPTH, MAX_NODES
from public_data import data_file


def messages(expression: object) -> list[str]:
    return [issue.message for issue in validate_logic(expression)]


def nested(levels: int) -> object:
    expression: object = True
    for _ in range(levels):
        expression = {"!": [expression]}
    return expression


def test_the_public_validation_suite_word_for_word() -> None:
    files = sorted(data_file("certlogic/validation-testSuite").glob("*.json"))
    cases = [case for file in files for case in json.loads(file.read_text(encoding="utf-8"))["cases"]]

    for case in cases:
        found = [{"expr": i.expression, "message": i.message} for i in validate_logic(case["certLogicExpression"])]
        assert json.dumps(found, sort_keys=True) == json.dumps(case["issues"], sort_keys=True)

    assert len(cases) == 23


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ({"or": [True, False]}, ['unrecognised operator: "or"']),
        ({"==": [1, 1]}, ['unrecognised operator: "=="']),
        ({"missing": ["a"]}, ['unrecognised operator: "missing"']),
        ({"if": [True, 1]}, ['an "if"-operation must have exactly 3 values/operands, but it has 2']),
        ({"and": [True]}, ['an "and" operation must have at least 2 operands, but it has 1']),
        ({"!": [None, None]}, ["a !-operation (logical not/negation) must have exactly 1 operand, but it has 2"]),
        ({"===": [1]}, ['an operation with operator "===" must have 2 operands, but it has 1']),
        ({"in": ["a", ["a"], None]}, ['an operation with operator "in" must have 2 operands, but it has 3']),
        ({"<": [1, 2, 3, None]}, ['an operation with operator "<" must have 2 or 3 operands, but it has 4']),
        ({"not-after": [1]}, ['an operation with operator "not-after" must have 2 or 3 operands, but it has 1']),
        ({"reduce": [[], 1]}, ['a "reduce"-operation must have exactly 3 values/operands, but it has 2']),
        ({"dccDateOfBirth": []}, ['a "dccDateOfBirth"-operation must have exactly 1 value/operand, but it has 0']),
        (
            {"extractFromUVCI": [None]},
            [
                'an "extractFromUVCI"-operation must have exactly 2 values/operands, but it has 1',
                "invalid CertLogic expression",
            ],
        ),
        (
            {"extractFromUVCI": ["x", None]},
            ['"index" argument (#2) of "extractFromUVCI" must be an integer, but it is: null'],
        ),
        (
            {"plusTime": ["2021", True, "week"]},
            [
                '"amount" argument (#2) of "plusTime" must be an integer, but it is: true',
                '"unit" argument (#3) of "plusTime" must be a string equal to one of year, month, day, hour, but it is: week',
            ],
        ),
        ([1, None, [0.5]], ["invalid CertLogic expression", "0.5 is a non-integer number"]),
        ({"var": "a..b"}, ["data access path doesn't have a valid format: a..b"]),
    ],
)
def test_issues_in_the_words_of_the_reference(expression: object, expected: list[str]) -> None:
    assert messages(expression) == expected


@pytest.mark.parametrize("path", ["-1", "+1", "01", "a.2nd", " 1", "a.1e3", "9999999999999999"])
def test_a_path_is_refused_where_javascript_would_read_a_number_that_is_not_written(path: str) -> None:
    assert messages({"var": path}) == [f"data access path doesn't have a valid format: {path}"]


@pytest.mark.parametrize("path", ["constructor", "a.toString", "a.0.at", "__proto__.b", "accumulator.getTime"])
def test_a_path_is_refused_where_javascript_would_find_a_function(path: str) -> None:
    (message,) = messages({"var": path})

    assert "a name that values inherit in JavaScript" in message


@pytest.mark.parametrize("path", ["", "0", "10.a", "a-1", "vaccine-2", "a b", "é", "length", "a.length"])
def test_plain_paths_are_taken(path: str) -> None:
    assert messages({"var": path}) == []


@pytest.mark.parametrize("number", [2**53, -(2**53), 1e300, 1 << 20_000], ids=["just", "below", "float", "vast"])
def test_integers_that_javascript_rounds_are_refused(number: float) -> None:
    assert "2^53 - 1" in messages(number)[0]
    assert "must be an integer" in messages({"plusTime": ["2021", number, "day"]})[0]


@pytest.mark.parametrize("number", [2**53 - 1, 1 - 2**53, 42.0, -0.0])
def test_whole_numbers_are_taken_however_they_are_written(number: float) -> None:
    assert messages([number, {"extractFromUVCI": ["a", number]}]) == []


def test_a_reduce_in_the_lambda_of_another_is_refused() -> None:
    inner = {"reduce": [{"var": "current"}, {"var": "current"}, 0]}

    assert messages({"reduce": [[1], {"and": [True, inner]}, 0]}) == [
        'a "reduce"-operation must not stand in the lambda of another'
    ]
    assert messages({"reduce": [inner, {"var": "current"}, inner]}) == []


def test_depth_has_a_limit_and_its_own_issue() -> None:
    assert messages(nested(MAX_DEPTH)) == []
    assert messages(nested(MAX_DEPTH + 1)) == [f"expression is nested more than {MAX_DEPTH} levels deep"]
    assert messages(nested(100_000)) == [f"expression is nested more than {MAX_DEPTH} levels deep"]


def test_size_has_a_limit_and_its_own_issue() -> None:
    assert messages(["a"] * (MAX_NODES - 1)) == []
    assert messages(["a"] * MAX_NODES) == [f"expression has more than {MAX_NODES} nodes"]
    assert messages({str(n): n for n in range(MAX_NODES)}) == [f"expression has more than {MAX_NODES} nodes"]


def test_an_expression_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    bush: list[Any] = []
    bush += [bush, bush]

    assert messages(loop)
    assert messages(bush)


@pytest.mark.parametrize("expression", [(1, 2), b"a", {1: [2]}, object(), {"plusTime": ["2021", b"1", {1}]}])
def test_what_is_no_json_is_refused(expression: object) -> None:
    assert validate_logic(expression)


def test_the_compiler_refuses_with_every_message() -> None:
    with pytest.raises(LogicFormatError) as refusal:
        compile_logic([None, {"or": []}])

    assert str(refusal.value) == 'invalid CertLogic expression; unrecognised operator: "or"'
    assert validate_logic(None) == (Issue(expression=None, message="invalid CertLogic expression"),)
