"""Made-up expressions and the data that they read, most of them of the kinds that the operators take.

Two engines that both say "error" agree on little; so an expression of a kind, mostly, reads a field that mostly is of it.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeAlias

from hypothesis import strategies as st

from habeas.rules._validate import MAX_DEPTH, MAX_NODES, UNITS

__all__ = ["DATA", "EXPRESSIONS", "LOOSE", "mostly", "operators_of"]

_Some: TypeAlias = st.SearchStrategy[Any]


def mostly(usual: _Some, other: _Some) -> _Some:
    """Return what draws `other` once in five times."""
    return st.sampled_from([usual, usual, usual, usual, other]).flatmap(lambda chosen: chosen)


# Values ----------------------------------------------------------------------------------------------------------

TEXTS = mostly(
    st.sampled_from(["", "a", "b", "260415000", "EU/1/20/1528", "😀é", "a😀", "\ud83d"]), st.text(max_size=3)
)
_PARTS = st.lists(st.sampled_from(["01", "NL", ":", "/", "#", "é", "URN:UVCI:"]), max_size=8).map("".join)
UVCIS = st.tuples(st.sampled_from(["URN:UVCI:", "", "urn:uvci:"]), _PARTS).map("".join)
INTEGERS = st.integers(-3, 3) | st.sampled_from(
    [2**53 - 2, 2**53 - 1, 2**53, 2**53 + 1, 1 - 2**53, 10**22, 2**1023, 10**400]
)
NUMBERS = INTEGERS | INTEGERS.filter(lambda n: n < 10**308).map(float) | st.sampled_from([0.5, -2.5, -0.0, 1e300])


def _two(most: int, least: int = 0) -> st.SearchStrategy[str]:
    """Return two digits, mostly a number that a calendar or a clock has."""
    return mostly(st.integers(1, most), st.integers(least, most + 1)).map("{:02}".format)


_YEARS = mostly(st.integers(2019, 2024), st.integers(0, 9999)).map("{:04}".format)
_ZONES = st.one_of(
    st.sampled_from(["Z", "", "+2", "-530", "+0530", "+5:", "+053"]),
    st.tuples(st.sampled_from("+-"), _two(23), st.just(":"), _two(59)).map("".join),
)
_DAYS = st.tuples(_YEARS, st.just("-"), _two(12), st.just("-"), mostly(_two(28), _two(31))).map("".join)
_TIMES = st.tuples(_two(23), st.just(":"), _two(59), st.just(":"), _two(59)).map("".join)
_FRACTIONS = st.just("") | st.integers(0, 10**7).map(".{}".format)
DATES = st.one_of(
    _DAYS,
    st.tuples(_DAYS, st.just("T"), _TIMES, _FRACTIONS, _ZONES).map("".join),
    st.sampled_from(["2021", "2020-02", "2021-02-29", "2020-02-29", "2021-06-31", "2021-06-15T24:00:00Z", "2021-13"]),
    st.tuples(_YEARS, st.just("-"), _two(12)).map("".join),
)

KEYS = st.sampled_from(["a", "0", "length", "n", "toString", "current"]) | st.text(max_size=2)
LEAVES = st.none() | st.booleans() | NUMBERS | TEXTS | DATES
JSON = st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=3))
ROWS = st.lists(st.fixed_dictionaries({"n": INTEGERS, "d": DATES}) | JSON, max_size=3)

_FIELDS: dict[str, _Some] = {
    "truth": st.booleans(),
    "text": TEXTS,
    "texts": st.lists(TEXTS, max_size=4),
    "uvci": UVCIS,
    "date": DATES,
    "day": DATES,
    "number": INTEGERS,
    "count": NUMBERS,
    "fraction": st.sampled_from([0.5, -1.5, 2.0]),
    "list": st.lists(LEAVES, max_size=4),
    "rows": ROWS,
    "object": st.dictionaries(KEYS, LEAVES, max_size=2),
    "nothing": st.none(),
}
_AS_NAMED = st.fixed_dictionaries(_FIELDS)
DATA = mostly(_AS_NAMED, st.fixed_dictionaries({}, optional=dict.fromkeys(_FIELDS, JSON)) | JSON)

# Expressions of a kind -------------------------------------------------------------------------------------------

_EVERYWHERE = ["", *_FIELDS, "0", "a", "rows.0", "rows.1.x", "object.a", "object.0", "list.9", "text.1", "truth.a.b"]
_PATHS = {
    "any": _EVERYWHERE,
    "truth": ["truth", "rows.0", "rows", "object", "fraction"],
    "text": ["text", "texts.0", "texts.1", "text.0", "text.1", "uvci"],
    "date": ["date", "day", "rows.0.d", "rows.1.d"],
    "number": ["number", "count", "rows.0.n", "texts.length", "text.length"],
    "list": ["list", "texts", "rows"],
}
_IN_LAMBDA = {
    "any": ["", "current", "accumulator", "current.0", "current.a", "text", "accumulator.accumulator"],
    "truth": ["current", "accumulator", "current.n"],
    "text": ["current", "current.d", "accumulator"],
    "date": ["current.d", "current", "accumulator"],
    "number": ["accumulator", "current.n", "current", "current.length"],
    "list": ["current", "accumulator", "current.a"],
}
_LITERALS: dict[str, _Some] = {
    "truth": st.booleans(),
    "text": TEXTS,
    "date": DATES,
    "number": st.integers(-3, 3) | st.sampled_from([2.0, 2**53 - 1]),
    "list": st.lists(TEXTS | st.integers(-3, 3) | st.booleans(), max_size=3),
}
_LITERALS["any"] = st.one_of(*_LITERALS.values())
_AMOUNTS = mostly(st.integers(-400, 400), st.sampled_from([0, -0.0, 10_000, 400_000, 2**53 - 1]))


def operation(operator: str, *operands: _Some) -> _Some:
    return st.tuples(*operands).map(lambda found: {operator: list(found)})


@cache
def of_kind(kind: str, depth: int, *, in_lambda: bool = False) -> _Some:
    """Return expressions whose values are, mostly, of `kind`."""
    paths = (_IN_LAMBDA if in_lambda else _PATHS)[kind]
    variables = mostly(st.sampled_from(paths), st.sampled_from(_EVERYWHERE)).map(lambda path: {"var": path})
    leaves = [variables, _LITERALS[kind]]
    return st.one_of(*leaves, *(_operations(kind, depth - 1, in_lambda=in_lambda) if depth else ()))


def _operations(kind: str, depth: int, *, in_lambda: bool) -> Iterator[_Some]:
    def inner(kind: str) -> _Some:
        return of_kind(kind, depth, in_lambda=in_lambda)

    def over(operators: tuple[str, ...], operand: _Some) -> Iterator[_Some]:
        for operator in operators:
            yield mostly(operation(operator, operand, operand), operation(operator, operand, operand, operand))

    plus_time = operation("plusTime", of_kind("date", 0, in_lambda=in_lambda), _AMOUNTS, st.sampled_from(UNITS))
    guard = mostly(inner("truth"), inner("any"))
    moment = mostly(plus_time, operation("dccDateOfBirth", of_kind("date", 0, in_lambda=in_lambda)))
    yield operation("if", guard, inner(kind), inner(kind))
    if kind in ("truth", "any"):
        yield from over(("<", ">", "<=", ">="), inner("number"))
        yield from over(("before", "after", "not-before", "not-after"), mostly(moment, inner("any")))
        yield st.one_of(*(operation("===", inner(one), inner(one)) for one in ("any", "text", "number", "list")))
        yield st.one_of(*(operation("in", inner(one), inner("list")) for one in ("any", "text", "number")))
        yield operation("!", guard)
        yield st.lists(guard, min_size=2, max_size=3).map(lambda found: {"and": found})
    if kind in ("number", "any"):
        yield operation("+", inner("number"), inner("number"))
    if kind in ("text", "any"):
        yield operation("extractFromUVCI", st.just({"var": "uvci"}) | inner("text"), st.integers(-1, 4))
    if kind == "list":
        yield st.lists(inner("any"), max_size=3)
    if kind == "any":
        yield moment
    if not in_lambda:
        step = of_kind(kind, depth, in_lambda=True)
        yield operation("reduce", inner("list"), step, inner(kind))


EXPRESSIONS = st.one_of(of_kind("truth", 2), of_kind("any", 2), of_kind("any", 3))

# Expressions of no kind, and on the edge of what is taken: what validators are for --------------------------------

_OPERATORS = st.sampled_from(
    [
        *("if", "and", "!", "===", "in", "+", "<", ">", "<=", ">=", "after", "before", "not-after", "not-before"),
        *("plusTime", "reduce", "extractFromUVCI", "dccDateOfBirth", "or", "var", "__proto__"),
    ]
)
_STEPS = st.sampled_from(
    ["a", "b", "0", "10", "é", "length", "01", "-1", " 1", "2nd", "", "toString", "at", "__proto__"]
)
_VARS = st.lists(_STEPS, max_size=3).map(lambda steps: {"var": ".".join(steps)})


def _loosely(inner: _Some) -> _Some:
    return st.one_of(
        st.lists(inner, max_size=3),
        st.tuples(_OPERATORS, st.lists(inner, max_size=4)).map(lambda pair: {pair[0]: pair[1]}),
        st.dictionaries(_OPERATORS, inner, max_size=2),
        operation("plusTime", inner, NUMBERS | inner, st.sampled_from([*UNITS, "week"]) | inner),
        operation("extractFromUVCI", inner, NUMBERS | inner),
    )


def _nested(expression: object, levels: int) -> object:
    for _ in range(levels):
        expression = {"!": [expression]}
    return expression


_TAKEN = of_kind("any", 1)
LOOSE = st.one_of(
    st.recursive(LEAVES | _VARS, _loosely, max_leaves=8),
    _VARS,
    operation("+", NUMBERS, _TAKEN),
    operation("plusTime", _TAKEN, NUMBERS, st.sampled_from(UNITS)),
    operation("extractFromUVCI", _TAKEN, NUMBERS),
    operation("reduce", _TAKEN, operation("if", _TAKEN, operation("reduce", _TAKEN, _TAKEN, _TAKEN), _TAKEN), _TAKEN),
    st.builds(_nested, _TAKEN, st.integers(MAX_DEPTH - 2, MAX_DEPTH + 1)),
    st.integers(MAX_NODES - 2, MAX_NODES + 1).map(lambda size: ["a"] * size),
)


def operators_of(expression: object) -> Iterator[str]:
    """Return each operator that a valid `expression` uses, as often as it does."""
    if type(expression) is list:
        for item in expression:
            yield from operators_of(item)
    elif type(expression) is dict:
        for operator, operands in expression.items():
            yield operator
            yield from operators_of(operands)
