"""CertLogic's operators, each a function from its operands to the closure that carries it out on data.

What an expression says is settled when it is compiled: its literals, its paths' steps, the milliseconds of its days. The
closures keep no facts between people, not even dates already read: a memo of texts would be a store of birthdays.
"""

from __future__ import annotations

import operator as py
import re
from collections.abc import Callable
from functools import partial
from typing import TypeAlias, cast

from habeas.rules._dates import MS_PER_DAY, MS_PER_HOUR, DateTime, add_months, checked, parse_birth, parse_date_time
from habeas.rules._paths import compile_path
from habeas.rules._validate import MAX_INTEGER
from habeas.rules._values import BOOLSY, LIKE_PYTHON, check_truth, integer, is_same, refuse, total

__all__ = ["Node", "compile_node"]

Node: TypeAlias = Callable[[object], object]
_Count: TypeAlias = Callable[[object], int]
_Build: TypeAlias = Callable[[list[object]], Node]
_Compare: TypeAlias = Callable[[int, int], bool]

_SMALL = MAX_INTEGER // 2  # two of these make no integer that a double rounds
_NEAR = 10**15  # milliseconds, some 30,000 years: as far from a date that four digits can write, all engines hold dates


def compile_node(expression: object) -> Node:
    """Return the closure of an expression that `validate_logic` let pass; every builder below relies on that."""
    if type(expression) is dict:
        ((operator, operands),) = expression.items()
        return _BUILDERS[operator](operands)
    if type(expression) is list:
        nodes = [compile_node(item) for item in expression]
        return lambda data: [node(data) for node in nodes]
    value = int(expression) if type(expression) is float else expression
    return lambda _: value


# Choices -----------------------------------------------------------------------------------------------------------


def _if(operands: list[object]) -> Node:
    guard, then, otherwise = map(compile_node, operands)
    if _is_boolean(operands[0]):
        return lambda data: then(data) if guard(data) else otherwise(data)

    def choose(data: object) -> object:
        value = guard(data)
        if type(value) not in BOOLSY:
            check_truth(value, '"if"')
        return then(data) if value else otherwise(data)

    return choose


def _and(operands: list[object]) -> Node:
    nodes = [compile_node(operand) for operand in operands]
    if len(nodes) == 2 and all(map(_is_boolean, operands)):  # noqa: PLR2004 - one and another
        left, right = nodes
        return lambda data: left(data) and right(data)

    def conjoin(data: object) -> object:
        value: object = True
        for node in nodes:
            value = node(data)
            if type(value) not in BOOLSY:
                check_truth(value, '"and"')
            if not value:
                return value
        return value

    return conjoin


def _not(operands: list[object]) -> Node:
    node = compile_node(operands[0])

    def negate(data: object) -> bool:
        value = node(data)
        if type(value) not in BOOLSY:
            check_truth(value, '"!"')
        return not value

    return negate


def _is_boolean(expression: object) -> bool:
    """Say whether an expression can have no other value than true and false."""
    if type(expression) is not dict:
        return type(expression) is bool
    ((operator, operands),) = expression.items()
    if operator in ("if", "and"):
        return all(map(_is_boolean, operands[1:] if operator == "if" else operands))
    return operator in _BOOLEAN


# Sameness, sums, orderings ---------------------------------------------------------------------------------------


def _same(operands: list[object]) -> Node:
    one, other = operands if type(operands[0]) is not str else reversed(operands)
    left, right = compile_node(one), compile_node(other)
    if type(other) is str:
        return lambda data: left(data) == other

    def same(data: object) -> bool:
        value, wanted = left(data), right(data)
        return value == wanted if type(value) in LIKE_PYTHON else is_same(value, wanted)

    return same


def _in(operands: list[object]) -> Node:
    left, right = map(compile_node, operands)
    if type(operands[1]) is list and all(type(item) is str for item in operands[1]):
        return _in_texts(left, frozenset(operands[1]))

    def contains(data: object) -> bool:
        item, items = left(data), right(data)
        if type(items) is not list:
            refuse("in", "a list on its right", items)
        if type(item) in LIKE_PYTHON:
            return item in items
        return any(is_same(item, other) for other in items)

    return contains


def _in_texts(left: Node, texts: frozenset[object]) -> Node:
    def contains(data: object) -> bool:
        item = left(data)
        return type(item) is str and item in texts

    return contains


def _plus(operands: list[object]) -> Node:
    left, right = map(compile_node, operands)

    def add(data: object) -> int | float:
        one, other = left(data), right(data)
        if type(one) is int and type(other) is int and -_SMALL <= one <= _SMALL and -_SMALL <= other <= _SMALL:
            return one + other
        return total(integer(one, "+"), integer(other, "+"))

    return add


def _ordering(operator: str, compare: _Compare, number: Callable[[object, str], _Count]) -> _Build:
    """Return the builder for `number`s in order; three operands are a range, all of them evaluated first."""

    def build(operands: list[object]) -> Node:
        first, second, *more = (number(operand, operator) for operand in operands)
        if not more:
            return lambda data: compare(first(data), second(data))
        (third,) = more

        def between(data: object) -> bool:
            low, middle, high = first(data), second(data), third(data)
            return compare(low, middle) and compare(middle, high)

        return between

    return build


def _compile_integer(expression: object, operator: str) -> _Count:
    node = compile_node(expression)

    def count(data: object) -> int:
        value = node(data)
        return value if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER else integer(value, operator)

    return count


def _compile_date(expression: object, operator: str) -> _Count:
    """Compile an operand that must be a date-time to its milliseconds; what makes one need not wrap it here."""
    if type(expression) is dict:
        ((inner, operands),) = expression.items()
        if inner in _MAKE_DATES:
            return _MAKE_DATES[inner](operands)
    node = compile_node(expression)

    def unwrap(data: object) -> int:
        value = node(data)
        if type(value) is not DateTime:
            refuse(operator, "date-times only", value)
        return value.milliseconds

    return unwrap


# Dates, lists and identifiers ------------------------------------------------------------------------------------


def _plus_time(operands: list[object]) -> _Count:
    text, amount, unit = operands[0], int(cast("int", operands[1])), operands[2]
    if unit in ("year", "month"):
        months = 12 * amount if unit == "year" else amount
        return _read(text, "plusTime", lambda text: add_months(parse_date_time(text), months))
    later = amount * (MS_PER_DAY if unit == "day" else MS_PER_HOUR)
    if abs(later) > _NEAR:
        return _read(text, "plusTime", lambda text: checked(parse_date_time(text) + later))
    return _read(text, "plusTime", parse_date_time, later)


def _date_of_birth(operands: list[object]) -> _Count:
    return _read(operands[0], "dccDateOfBirth", parse_birth)


def _read(expression: object, operator: str, parse: Callable[[str], int], later: int = 0) -> _Count:
    node = compile_node(expression)

    def milliseconds(data: object) -> int:
        text = node(data)
        if type(text) is not str:
            refuse(operator, "a text", text)
        return parse(text) + later

    return milliseconds


def _wrapped(make: Callable[[list[object]], _Count], operands: list[object]) -> Node:
    milliseconds = make(operands)
    return lambda data: DateTime(milliseconds(data))


def _reduce(operands: list[object]) -> Node:
    node, step, initial = map(compile_node, operands)

    def fold(data: object) -> object:
        items = node(data)
        accumulator = initial(data)
        if items is None:
            return accumulator
        if type(items) is not list:
            refuse("reduce", "a list or null", items)
        for current in items:
            accumulator = step({"accumulator": accumulator, "current": current})
        return accumulator

    return fold


def _uvci_part(operands: list[object]) -> Node:
    node, index = compile_node(operands[0]), int(cast("int", operands[1]))

    def extract(data: object) -> str | None:
        value = node(data)
        if value is None:
            return None
        if type(value) is not str:
            refuse("extractFromUVCI", "a text or null", value)
        parts = re.split("[/#:]", value.removeprefix("URN:UVCI:"))
        return parts[index] if 0 <= index < len(parts) else None

    return extract


_MAKE_DATES = {"plusTime": _plus_time, "dccDateOfBirth": _date_of_birth}
_SIGNS = {"<": py.lt, ">": py.gt, "<=": py.le, ">=": py.ge}
_WORDS = {"before": py.lt, "after": py.gt, "not-after": py.le, "not-before": py.ge}
_BOOLEAN = {"!", "===", "in", *_SIGNS, *_WORDS}

_BUILDERS: dict[str, Callable[..., Node]] = {
    "var": compile_path,
    "if": _if,
    "and": _and,
    "!": _not,
    "===": _same,
    "in": _in,
    "+": _plus,
    **{sign: _ordering(sign, compare, _compile_integer) for sign, compare in _SIGNS.items()},
    **{word: _ordering(word, compare, _compile_date) for word, compare in _WORDS.items()},
    **{operator: partial(_wrapped, make) for operator, make in _MAKE_DATES.items()},
    "reduce": _reduce,
    "extractFromUVCI": _uvci_part,
}
