"""CertLogic 1.3.3 compiled to closures: each operation once, then many people's facts; never a clock, never a guess.

Answers as certlogic-js 1.2.2 does, and raises where it throws. Where it answers, this raises instead over

- what `validate_logic` finds, before there are data;
- an impossible date (`_dates` says why);
- the truth of a number that is not whole, which is neither truthy nor falsy ("Truthy and falsy values");
- `+` and the orderings with integers past ±(2^53 - 1), which JavaScript rounds;
- a `reduce` of more than `MAX_REDUCED` items, a result of more than `MAX_RESULT_NODES` values.

Two answers differ: `===` and `in` tell apart integers that JavaScript rounds to one; what its objects inherit is null.
"""

from __future__ import annotations

import enum
import json
import operator as py
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import NoneType
from typing import NoReturn, TypeAlias, cast

from habeas.rules._dates import MS_PER_DAY, MS_PER_HOUR, DateTime, add_months, checked, parse_birth, parse_date_time
from habeas.rules._validate import MAX_INTEGER, fields_of, validate_logic
from habeas.rules.errors import LogicError, LogicFormatError

__all__ = ["MAX_REDUCED", "MAX_RESULT_NODES", "Json", "Logic", "Outcome", "Verdict", "compile_logic", "outcome"]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"
_Node: TypeAlias = Callable[[object], object]
_Count: TypeAlias = Callable[[object], int]

MAX_REDUCED = 1000  # a certificate's lists have a handful
MAX_RESULT_NODES = 100_000  # a lambda of `[accumulator, accumulator]` would double the result with every item
_MAX_RESULT_DEPTH = 128

_BOOLSY = frozenset({bool, NoneType, str, int, list, dict})  # CertLogic and Python agree on which of these are falsy
_SCALARS = frozenset({bool, NoneType, str, int, float})
_NUMBERS = frozenset({int, float})
_LIKE_PYTHON = frozenset({str, NoneType})  # equal to their own kind only, there as here; but 1 == True there
_KINDS: dict[type, str] = {
    NoneType: "null", bool: "a boolean", int: "an integer", float: "a float", str: "a text", list: "a list",
    dict: "an object", DateTime: "a date-time",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic:
    """A compiled expression; one may serve any number of people and threads. Two are equal when their texts are."""

    text: str
    """The expression as JSON with sorted keys and no spaces."""
    fields: frozenset[str] = field(compare=False)
    """The paths of the data that it may read; a lambda's own `current` and `accumulator` are not among them."""
    node: _Node = field(compare=False, repr=False)

    def evaluate(self, data: object) -> Json:
        """Return the value for `data` (as `json.loads` gives it, never changed); dates come as text.

        Raises `LogicError` when there is no answer.
        """
        value = self.node(data)
        return cast("Json", value) if type(value) in _SCALARS else _written(value)


class Verdict(enum.Enum):
    """What a rule's logic says of somebody's facts."""

    HOLDS = "holds"
    DOES_NOT = "does not"
    UNDECIDED = "undecided"


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A verdict, and for an undecided one the reason."""

    verdict: Verdict
    reason: str = ""

    def __bool__(self) -> NoReturn:  # `if outcome(...)` would take undecided for true
        raise TypeError("an outcome has three values: compare its verdict")


_HOLDS = Outcome(verdict=Verdict.HOLDS)
_DOES_NOT = Outcome(verdict=Verdict.DOES_NOT)


def outcome(logic: Logic, data: object) -> Outcome:
    """Return whether `logic` holds for `data`; an error, or a value neither truthy nor falsy, leaves it undecided."""
    try:
        value = logic.node(data)
        if type(value) not in _BOOLSY:
            _check_boolsy(value, "a rule")
    except LogicError as error:
        return Outcome(verdict=Verdict.UNDECIDED, reason=str(error))
    return _HOLDS if value else _DOES_NOT


def compile_logic(expression: object) -> Logic:
    """Return `expression` (JSON as `json.loads` gives it) ready to evaluate; later changes to it have no effect.

    Raises `LogicFormatError`, with everything that `validate_logic` finds, and takes all else.
    """
    issues = validate_logic(expression)
    if issues:
        raise LogicFormatError("; ".join(issue.message for issue in issues))
    text = json.dumps(expression, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Logic(text=text, fields=fields_of(expression), node=_compile(expression))


def _compile(expression: object) -> _Node:
    """Return the closure of an expression that `validate_logic` let pass; every builder below relies on that."""
    if type(expression) is dict:
        ((operator, operands),) = expression.items()
        return _BUILDERS[operator](operands)
    if type(expression) is list:
        nodes = [_compile(item) for item in expression]
        return lambda data: [node(data) for node in nodes]
    value = int(expression) if type(expression) is float else expression
    return lambda _: value


def _kind(value: object) -> str:
    return _KINDS.get(type(value), "no JSON value")


def _check_boolsy(value: object, operator: str) -> None:
    """Refuse a value that is neither truthy nor falsy; callers look at `_BOOLSY` first, which costs them no call."""
    if type(value) is not float or not value.is_integer():
        raise LogicError(f"{operator} needs a value that is truthy or falsy; {_kind(value)} is neither")


def _integer(value: object, operator: str) -> int:
    """Return the integer, also one that came as 1.0: JSON has one kind of number."""
    if type(value) is float and value.is_integer():
        value = int(value)
    if type(value) is not int:
        raise LogicError(f'"{operator}" takes integers only, not {_kind(value)}')
    if -MAX_INTEGER <= value <= MAX_INTEGER:
        return value
    raise LogicError(f'"{operator}" over an integer past ±(2^53 - 1), which not every engine keeps exactly')


def _text(value: object, operator: str) -> str:
    if type(value) is str:
        return value
    raise LogicError(f'"{operator}" takes a text, not {_kind(value)}')


def _is_same(left: object, right: object) -> bool:
    """Answer as JavaScript's `===`: numbers and texts by value, lists, objects and date-times by being the very one."""
    kind = type(left)
    if kind is not type(right):
        return kind in _NUMBERS and type(right) in _NUMBERS and left == right
    if kind in _SCALARS:
        return left == right
    if kind in _KINDS:
        return left is right
    raise LogicError("data that are not JSON can be compared with nothing")


def _written(value: object) -> Json:
    """Return `value` with its date-times as text, copied: a result shares nothing with the data."""
    left = MAX_RESULT_NODES

    def write(part: object, depth: int) -> Json:
        nonlocal left
        left -= 1
        if left < 0 or depth > _MAX_RESULT_DEPTH:
            raise LogicError(f"a result of more than {MAX_RESULT_NODES} values or {_MAX_RESULT_DEPTH} levels")
        if type(part) is list:
            return [write(item, depth + 1) for item in part]
        if type(part) is dict:
            return {name: write(item, depth + 1) for name, item in part.items()}
        return str(part) if type(part) is DateTime else cast("Json", part)

    return write(value, 0)


def _var(path: str) -> _Node:
    if not path:
        return lambda data: data
    steps = [(step, int(step) if step[0] in "0123456789" else None) for step in path.split(".")]

    def var(data: object) -> object:
        for name, index in steps:
            if data is None:
                return None
            if type(data) is dict:
                data = data.get(name)
            elif type(data) is list and index is not None:
                data = data[index] if index < len(data) else None
            else:
                data = _inside(data, name, index)
        return data

    return var


def _inside(value: object, name: str, index: int | None) -> object:
    """Return what JavaScript finds in a list or a text besides a list's items: its length, a text's UTF-16 units."""
    if type(value) is list:
        return len(value) if name == "length" else None
    if type(value) is not str:
        return None
    units = value.encode("utf-16-le", "surrogatepass")
    if index is not None:
        return units[2 * index : 2 * index + 2].decode("utf-16-le", "surrogatepass") or None
    return len(units) // 2 if name == "length" else None


def _if(operands: list[object]) -> _Node:
    guard, then, otherwise = map(_compile, operands)

    def choose(data: object) -> object:
        value = guard(data)
        if type(value) not in _BOOLSY:
            _check_boolsy(value, '"if"')
        return then(data) if value else otherwise(data)

    return choose


def _and(operands: list[object]) -> _Node:
    nodes = [_compile(operand) for operand in operands]

    def conjoin(data: object) -> object:
        value: object = True
        for node in nodes:
            value = node(data)
            if type(value) not in _BOOLSY:
                _check_boolsy(value, '"and"')
            if not value:
                return value
        return value

    return conjoin


def _not(operands: list[object]) -> _Node:
    (node,) = map(_compile, operands)

    def negate(data: object) -> bool:
        value = node(data)
        if type(value) not in _BOOLSY:
            _check_boolsy(value, '"!"')
        return not value

    return negate


def _same(operands: list[object]) -> _Node:
    left, right = map(_compile, operands)

    def same(data: object) -> bool:
        one, other = left(data), right(data)
        return one == other if type(one) in _LIKE_PYTHON else _is_same(one, other)

    return same


def _in(operands: list[object]) -> _Node:
    left, right = _compile(operands[0]), _compile_list(operands[1])

    def contains(data: object) -> bool:
        item, items = left(data), right(data)
        if type(items) is not list:
            raise LogicError(f'"in" takes a list on its right, not {_kind(items)}')
        if type(item) in _LIKE_PYTHON:
            return item in items
        return any(_is_same(item, other) for other in items)

    return contains


def _compile_list(expression: object) -> _Node:
    """Compile the right of an `in`: a list of literals is made once, since nobody else gets to see it."""
    node = _compile(expression)
    if type(expression) is not list or any(type(item) in (list, dict) for item in expression):
        return node
    items = node(None)
    return lambda _: items


def _plus(operands: list[object]) -> _Node:
    left, right = map(_compile, operands)
    return lambda data: _integer(_integer(left(data), "+") + _integer(right(data), "+"), "+")


def _ordering(
    operator: str, compare: Callable[[int, int], bool], number: Callable[[object, str], _Count]
) -> Callable[[list[object]], _Node]:
    """Return the builder for `number`s in order; three operands are a range, all of them evaluated first."""

    def build(operands: list[object]) -> _Node:
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
    node = _compile(expression)
    return lambda data: _integer(node(data), operator)


def _compile_date(expression: object, operator: str) -> _Count:
    """Compile an operand that must be a date-time to its milliseconds; what makes one need not wrap it here."""
    if type(expression) is dict:
        ((inner, operands),) = expression.items()
        if inner in _MAKE_DATES:
            return _MAKE_DATES[inner](operands)
    node = _compile(expression)

    def unwrap(data: object) -> int:
        value = node(data)
        if type(value) is DateTime:
            return value.milliseconds
        raise LogicError(f'"{operator}" takes date-times only, not {_kind(value)}')

    return unwrap


def _plus_time(operands: list[object]) -> _Count:
    node, amount, unit = _compile(operands[0]), int(cast("int", operands[1])), operands[2]
    if unit in ("year", "month"):
        months = 12 * amount if unit == "year" else amount
        return lambda data: add_months(parse_date_time(_text(node(data), "plusTime")), months)
    later = amount * (MS_PER_DAY if unit == "day" else MS_PER_HOUR)
    return lambda data: checked(parse_date_time(_text(node(data), "plusTime")) + later)


def _date_of_birth(operands: list[object]) -> _Count:
    (node,) = map(_compile, operands)
    return lambda data: parse_birth(_text(node(data), "dccDateOfBirth"))


def _wrapped(make: Callable[[list[object]], _Count], operands: list[object]) -> _Node:
    milliseconds = make(operands)
    return lambda data: DateTime(milliseconds(data))


def _reduce(operands: list[object]) -> _Node:
    node, step, initial = map(_compile, operands)

    def fold(data: object) -> object:
        items = node(data)
        if items is None:
            return initial(data)
        if type(items) is not list:
            raise LogicError(f'"reduce" takes a list or null, not {_kind(items)}')
        if len(items) > MAX_REDUCED:
            raise LogicError(f'"reduce" takes at most {MAX_REDUCED} items, not {len(items)}')
        accumulator = initial(data)
        for current in items:
            accumulator = step({"accumulator": accumulator, "current": current})
        return accumulator

    return fold


def _uvci_part(operands: list[object]) -> _Node:
    node, index = _compile(operands[0]), int(cast("int", operands[1]))

    def extract(data: object) -> str | None:
        value = node(data)
        if value is None:
            return None
        parts = re.split("[/#:]", _text(value, "extractFromUVCI").removeprefix("URN:UVCI:"))
        return parts[index] if 0 <= index < len(parts) else None

    return extract


_MAKE_DATES = {"plusTime": _plus_time, "dccDateOfBirth": _date_of_birth}
_SIGNS = {"<": py.lt, ">": py.gt, "<=": py.le, ">=": py.ge}
_WORDS = {"before": py.lt, "after": py.gt, "not-after": py.le, "not-before": py.ge}

_BUILDERS: dict[str, Callable[..., _Node]] = {
    "var": _var,
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
