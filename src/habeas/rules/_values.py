"""What CertLogic's operators may do with a value: JSON as `json.loads` gives it, and date-times.

A number means what it does to certlogic-js, an IEEE double: integers past ±(2^53 - 1) are rounded where they are counted
with or compared. All else that is told apart here is told apart there.
"""

from __future__ import annotations

from types import NoneType
from typing import NoReturn, TypeAlias, cast

from habeas.rules._dates import DateTime
from habeas.rules._validate import MAX_INTEGER
from habeas.rules.errors import LogicError

__all__ = [
    "BOOLSY",
    "LIKE_PYTHON",
    "MAX_RESULT_CHARACTERS",
    "MAX_RESULT_DEPTH",
    "MAX_RESULT_NODES",
    "Json",
    "as_json",
    "check_truth",
    "find",
    "integer",
    "is_same",
    "kind_of",
    "refuse",
    "total",
]

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"

MAX_RESULT_NODES = 100_000  # a lambda of `[accumulator, accumulator]` would double the result with every item
MAX_RESULT_DEPTH = 128
MAX_RESULT_CHARACTERS = 1 << 20
"""In all texts and names of a result together: a list may hold one long text many times."""

BOOLSY = frozenset({bool, NoneType, str, int, list})
"""The types of which each value is truthy or falsy, and which of them is falsy CertLogic and Python agree on."""
LIKE_PYTHON = frozenset({str, NoneType})
"""The types of which values are the same as their own kind only, there as here; but 1 == True here."""

_NUMBERS = frozenset({int, float})
_KINDS: dict[type, str] = {
    NoneType: "null", bool: "a boolean", int: "an integer", float: "a float", str: "a text", list: "a list",
    dict: "an object", DateTime: "a date-time",
}  # fmt: skip


def kind_of(value: object) -> str:
    """Return what an error may say of a value: its kind."""
    return _KINDS.get(type(value), "no JSON value")


def refuse(operator: str, wanted: str, value: object) -> NoReturn:
    """Raise the `LogicError` of an operator that got something else than it takes."""
    raise LogicError(f'"{operator}" takes {wanted}, not {kind_of(value)}')


def check_truth(value: object, operator: str) -> None:
    """Refuse a value that is neither truthy nor falsy; callers look at `BOOLSY` first, which costs them no call."""
    kind = type(value)
    if kind in BOOLSY or (kind is float and cast("float", value).is_integer()):
        return
    # certlogic-js asks an object for its text, and throws where a member of that name answers instead.
    if kind is not dict or "toString" in cast("dict[str, object]", value):
        raise LogicError(f"{operator} needs a value that is truthy or falsy; {kind_of(value)} is neither")


def is_same(left: object, right: object) -> bool:
    """Answer as JavaScript's `===`: numbers and texts by value, lists, objects and date-times by being the very one."""
    kind, other = type(left), type(right)
    if kind in _NUMBERS and other in _NUMBERS:
        return _double(left) == _double(right)
    if kind is not other:
        return False
    if kind in LIKE_PYTHON or kind is bool:
        return left == right
    if kind in _KINDS:
        return left is right
    raise LogicError("data that are not JSON can be compared with nothing")


def integer(value: object, operator: str) -> int:
    """Return the integer, also one that came as 1.0: JSON has one kind of number."""
    if type(value) is int and -MAX_INTEGER <= value <= MAX_INTEGER:
        return value
    double = _double(value) if type(value) in _NUMBERS else 0.5
    if not double.is_integer():
        refuse(operator, "integers only", value)
    return int(double)


def total(left: int, right: int) -> int | float:
    """Return the sum of two `integer`s, rounded as JavaScript does; beyond all doubles it is infinite."""
    exact = left + right
    if -MAX_INTEGER <= exact <= MAX_INTEGER:
        return exact
    double = _double(exact)
    return int(double) if double.is_integer() else double


def find(value: object, name: str, index: int | None) -> object:
    """Return what a step of a path finds in a value that is no object, null where there is nothing.

    Lists have items and a length, texts UTF-16 units and their number.
    """
    if type(value) is list:
        if index is not None:
            return value[index] if index < len(value) else None
        return len(value) if name == "length" else None
    if type(value) is not str:
        return None
    units = value.encode("utf-16-le", "surrogatepass")
    if index is not None:
        return units[2 * index : 2 * index + 2].decode("utf-16-le", "surrogatepass") or None
    return len(units) // 2 if name == "length" else None


def as_json(value: object) -> Json:
    """Return a copy of `value`, with its date-times as text and its numbers as the doubles that they are.

    Raises `LogicError` for one that JSON cannot hold, or beyond `MAX_RESULT_NODES` values, `MAX_RESULT_DEPTH` levels
    or `MAX_RESULT_CHARACTERS`.
    """
    left, characters = MAX_RESULT_NODES, MAX_RESULT_CHARACTERS

    def spend(text: str) -> str:
        nonlocal characters
        characters -= len(text)
        if characters < 0:
            raise LogicError(f"a result of more than {MAX_RESULT_CHARACTERS} characters")
        return text

    def write(part: object, depth: int) -> Json:
        nonlocal left
        left -= 1
        if left < 0 or depth > MAX_RESULT_DEPTH:
            raise LogicError(f"a result of more than {MAX_RESULT_NODES} values or {MAX_RESULT_DEPTH} levels")
        if type(part) is list:
            return [write(item, depth + 1) for item in part]
        if type(part) is dict:
            return {spend(name): write(item, depth + 1) for name, item in part.items()}
        if type(part) in _NUMBERS:
            return _json_number(part)
        return spend(str(part)) if type(part) in (DateTime, str) else cast("Json", part)

    return write(value, 0)


def _json_number(number: object) -> int | float:
    if type(number) is int and -MAX_INTEGER <= number <= MAX_INTEGER:
        return number
    double = _double(number)
    if double - double != 0:  # infinite, or not a number
        raise LogicError("a result with a number that JSON cannot hold")
    return int(double) if type(number) is int else double


def _double(number: object) -> float:
    """Return what JavaScript reads where `number` is written."""
    try:
        return float(cast("float", number))
    except OverflowError:
        return float("inf") if cast("int", number) > 0 else float("-inf")
