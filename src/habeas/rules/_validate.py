"""What is wrong with a CertLogic expression, before any data: the validation suite's words, and a few limits of ours.

Refused here although certlogic-js would evaluate it:

- what its own validator refuses, such as spare operands;
- a path's number that is not written plainly (`-1`, `01`, `2nd`): JavaScript's parseInt reads a number in it;
- a path through a name that JavaScript's values have unasked (`INHERITED`): it would find a function there;
- an integer past ±(2^53 - 1): JavaScript rounds it;
- more than `MAX_DEPTH` levels or `MAX_NODES` nodes, and a `reduce` in another's lambda: costs multiply there.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["INHERITED", "MAX_DEPTH", "MAX_INTEGER", "MAX_NODES", "UNITS", "Issue", "fields_of", "validate_logic"]

MAX_DEPTH = 64
"""Levels of operations and lists in one expression; the 194 public rules need 8."""
MAX_NODES = 4096
"""Operations, lists and literals in one expression; the 194 public rules need 66."""
MAX_INTEGER = 2**53 - 1
"""The largest integer up to which every engine tells neighbours apart (ECMAScript's MAX_SAFE_INTEGER)."""
UNITS = ("year", "month", "day", "hour")
INHERITED = frozenset(
    """
    __defineGetter__ __defineSetter__ __lookupGetter__ __lookupSetter__ __proto__ anchor at big blink bold charAt
    charCodeAt codePointAt concat constructor copyWithin endsWith entries every fill filter find findIndex
    findLast findLastIndex fixed flat flatMap fontcolor fontsize forEach getDate getDay getFullYear getHours
    getMilliseconds getMinutes getMonth getSeconds getTime getTimezoneOffset getUTCDate getUTCDay getUTCFullYear
    getUTCHours getUTCMilliseconds getUTCMinutes getUTCMonth getUTCSeconds getYear hasOwnProperty includes indexOf
    isPrototypeOf isWellFormed italics join keys lastIndexOf link localeCompare map match matchAll normalize
    padEnd padStart pop propertyIsEnumerable push reduce reduceRight repeat replace replaceAll reverse search
    setDate setFullYear setHours setMilliseconds setMinutes setMonth setSeconds setTime setUTCDate setUTCFullYear
    setUTCHours setUTCMilliseconds setUTCMinutes setUTCMonth setUTCSeconds setYear shift slice small some sort
    splice split startsWith strike sub substr substring sup toDateString toExponential toFixed toGMTString
    toISOString toJSON toLocaleDateString toLocaleLowerCase toLocaleString toLocaleTimeString toLocaleUpperCase
    toLowerCase toPrecision toReversed toSorted toSpliced toString toTimeString toUTCString toUpperCase
    toWellFormed trim trimEnd trimLeft trimRight trimStart unshift valueOf values with
    """.split()  # noqa: SIM905 - 136 names read better without their quotes
)
"""What every object, list, text, number, boolean or date-time has in JavaScript, whatever its data; but for `length`."""

_PLAIN_INDEX = re.compile(r"0|[1-9][0-9]{0,14}")
_READ_AS_INDEX = re.compile(r"[\s\ufeff]*[+-]?[0-9]")  # where JavaScript's parseInt finds a number


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """One thing wrong: the part of the expression that it is about, and what."""

    expression: object
    message: str


class _Operands(NamedTuple):
    """How many operands an operator takes, and how the suite says that it has not got them."""

    least: int
    most: int | None
    complaint: str


def _exactly(count: int, complaint: str) -> _Operands:
    return _Operands(count, count, complaint)


def _infix(operator: str, least: int, most: int | None, words: str) -> _Operands:
    return _Operands(least, most, f'an operation with operator "{operator}" must have {words} operands')


_OPERATORS: dict[str, _Operands] = {
    "if": _exactly(3, 'an "if"-operation must have exactly 3 values/operands'),
    "and": _Operands(2, None, 'an "and" operation must have at least 2 operands'),
    "!": _exactly(1, "a !-operation (logical not/negation) must have exactly 1 operand"),
    "plusTime": _exactly(3, 'a "plusTime"-operation must have exactly 3 values/operands'),
    "reduce": _exactly(3, 'a "reduce"-operation must have exactly 3 values/operands'),
    "extractFromUVCI": _exactly(2, 'an "extractFromUVCI"-operation must have exactly 2 values/operands'),
    "dccDateOfBirth": _exactly(1, 'a "dccDateOfBirth"-operation must have exactly 1 value/operand'),
    **{operator: _infix(operator, 2, 2, "2") for operator in ("===", "in", "+")},
    **{
        operator: _infix(operator, 2, 3, "2 or 3")
        for operator in ("<", ">", "<=", ">=", "after", "before", "not-after", "not-before")
    },
}


def validate_logic(expression: object) -> tuple[Issue, ...]:
    """Return what is wrong with `expression`, outermost first; empty when `compile_logic` will take it.

    An expression over the limits gets that one issue: nothing further in it is looked at.
    """
    too_large = _over_limits(expression)
    return (too_large,) if too_large else tuple(_issues(expression, in_lambda=False))


def fields_of(expression: object) -> frozenset[str]:
    """Return the paths of the data that a valid `expression` may read; those in a lambda are of its own two values."""
    if type(expression) is list:
        return frozenset().union(*map(fields_of, expression))
    if type(expression) is not dict:
        return frozenset()
    ((operator, operands),) = expression.items()
    if operator == "var":
        return frozenset({operands})
    return fields_of(operands[::2] if operator == "reduce" else operands)


def _over_limits(expression: object) -> Issue | None:
    """Return the issue of size, found without recursion: this is what makes recursion safe in all that follows."""
    waiting = [(expression, 1)]
    nodes = 0
    while waiting:
        part, depth = waiting.pop()
        nodes += 1
        inner = _parts(part)
        if inner and depth > MAX_DEPTH:
            return Issue(expression=part, message=f"expression is nested more than {MAX_DEPTH} levels deep")
        if nodes + len(waiting) + len(inner) > MAX_NODES:
            return Issue(expression=expression, message=f"expression has more than {MAX_NODES} nodes")
        waiting.extend((child, depth + 1) for child in inner)
    return None


def _parts(part: object) -> list[object]:
    if type(part) is list:
        return part
    if type(part) is dict:
        # An operation and its list of operands are one level.
        return [child for value in part.values() for child in (value if type(value) is list else [value])]
    return []


def _issues(expression: object, *, in_lambda: bool) -> Iterator[Issue]:
    kind = type(expression)
    if type(expression) is dict:
        yield from _object_issues(expression, in_lambda=in_lambda)
    elif type(expression) is list:
        for item in expression:
            yield from _issues(item, in_lambda=in_lambda)
    elif kind is int or kind is float:
        yield from _number_issues(expression)
    elif kind is not str and kind is not bool:
        yield Issue(expression=expression, message="invalid CertLogic expression")


def _number_issues(number: object) -> Iterator[Issue]:
    if not _is_integer(number):
        yield Issue(expression=number, message=f"{_as_text(number)} is a non-integer number")
    elif not _is_safe(number):
        message = f"{_as_text(number)} is further from 0 than 2^53 - 1, so not every engine keeps it exactly"
        yield Issue(expression=number, message=message)


def _object_issues(expression: dict[str, object], *, in_lambda: bool) -> Iterator[Issue]:
    if len(expression) != 1:
        message = f"expression object must have exactly one key, but it has {len(expression)}"
        yield Issue(expression=expression, message=message)
        return
    ((operator, operands),) = expression.items()
    if operator == "var":
        yield from _path_issues(expression, operands)
    elif type(operands) is not list:
        yield Issue(expression=expression, message='operation not of the form { "<operator>": [ <values...> ] }')
    elif operator not in _OPERATORS:
        yield Issue(expression=expression, message=f'unrecognised operator: "{operator}"')
    else:
        yield from _operation_issues(expression, operator, operands, in_lambda=in_lambda)


def _path_issues(expression: object, path: object) -> Iterator[Issue]:
    if type(path) is not str:
        yield Issue(expression=expression, message='not of the form { "var": "<path>" }')
    elif path and not all(map(_is_step, path.split("."))):
        yield Issue(expression=expression, message=f"data access path doesn't have a valid format: {path}")
    else:
        for name in filter(INHERITED.__contains__, path.split(".")):
            message = f'"{name}" in a data access path is a name that values inherit in JavaScript: rename the field'
            yield Issue(expression=expression, message=message)


def _is_step(step: str) -> bool:
    return bool(_PLAIN_INDEX.fullmatch(step) if _READ_AS_INDEX.match(step) else step)


def _operation_issues(expression: object, operator: str, operands: list[object], *, in_lambda: bool) -> Iterator[Issue]:
    least, most, complaint = _OPERATORS[operator]
    if len(operands) < least or (most is not None and len(operands) > most):
        yield Issue(expression=expression, message=f"{complaint}, but it has {len(operands)}")
        if operator == "!":
            return
    if operator == "reduce" and in_lambda:
        yield Issue(expression=expression, message='a "reduce"-operation must not stand in the lambda of another')
    for position, operand in enumerate(operands[:most]):
        parameter = _parameter_issue(operator, position, operand)
        if parameter is None:
            inner_lambda = in_lambda or (operator == "reduce" and position == 1)
            yield from _issues(operand, in_lambda=inner_lambda)
        elif parameter:
            yield Issue(expression=expression, message=f"{parameter}, but it is: {_as_text(operand)}")


def _parameter_issue(operator: str, position: int, operand: object) -> str | None:
    """Return what is wrong with a fixed parameter ("" for nothing), None when the operand is an expression."""
    match operator, position:
        case ("plusTime", 1) | ("extractFromUVCI", 1):
            if _is_safe(operand):
                return ""
            name = "amount" if operator == "plusTime" else "index"
            return f'"{name}" argument (#2) of "{operator}" must be an integer'
        case ("plusTime", 2):
            known = type(operand) is str and operand in UNITS
            return (
                ""
                if known
                else f'"unit" argument (#3) of "plusTime" must be a string equal to one of {", ".join(UNITS)}'
            )
        case _:
            return None


def _is_integer(value: object) -> bool:
    """Say whether JSON writes an integer here: 42.0 is 42, true is not 1."""
    return type(value) is int or (type(value) is float and value.is_integer())


def _is_safe(value: object) -> bool:
    return isinstance(value, (int, float)) and _is_integer(value) and -MAX_INTEGER <= value <= MAX_INTEGER


def _as_text(value: object) -> str:
    """Return `value` in a message: text bare, all else as JSON, cut short."""
    if type(value) is str:
        return value[:80]
    try:
        return json.dumps(value, ensure_ascii=False)[:80]
    except (TypeError, ValueError, RecursionError):
        return f"a Python {type(value).__name__}"
