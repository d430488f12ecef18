"""CertLogic 1.3.3 compiled to closures: each operation once, then many people's facts; never a clock, never a guess.

Answers as certlogic-js 1.2.2 does, and raises where it throws. Where it answers, this raises instead over

- what `validate_logic` finds, before there are data;
- an impossible date (`_dates` says why);
- the truth of a number that is not whole, which the specification calls neither truthy nor falsy;
- what `evaluate` cannot write as JSON, or not within its limits; no verdict depends on them.

docs/conformance.md has the counts.
"""

from __future__ import annotations

import enum
import json
from dataclasses import dataclass, field
from functools import lru_cache
from types import NoneType
from typing import NoReturn, cast

from habeas.rules._operators import Node, compile_node
from habeas.rules._validate import fields_of, validate_logic
from habeas.rules._values import BOOLSY, Json, as_json, check_truth
from habeas.rules.errors import LogicError, LogicFormatError

__all__ = ["Json", "Logic", "Outcome", "Verdict", "compile_logic", "outcome"]

_AS_IT_IS = frozenset({bool, NoneType, str})


@dataclass(frozen=True, slots=True, kw_only=True)
class Logic:
    """A compiled expression; one may serve any number of people and threads. Two are equal when their texts are."""

    text: str
    """The expression as JSON with sorted keys and no spaces."""
    fields: frozenset[str] = field(compare=False)
    """The paths of the data that it may read; a lambda's own `current` and `accumulator` are not among them."""
    node: Node = field(compare=False, repr=False)

    def evaluate(self, data: object) -> Json:
        """Return the value for `data` (as `json.loads` gives it, never changed); dates come as text.

        Raises `LogicError` when there is no answer.
        """
        value = self.node(data)
        return cast("Json", value) if type(value) in _AS_IT_IS else as_json(value)


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
        if type(value) not in BOOLSY:
            check_truth(value, "a rule")
    except LogicError as error:
        return _undecided(str(error))
    return _HOLDS if value else _DOES_NOT


@lru_cache(maxsize=256)  # a reason names kinds of values, never a value: nothing of anybody stays here
def _undecided(reason: str) -> Outcome:
    return Outcome(verdict=Verdict.UNDECIDED, reason=reason)


def compile_logic(expression: object) -> Logic:
    """Return `expression` (JSON as `json.loads` gives it) ready to evaluate; later changes to it have no effect.

    Raises `LogicFormatError`, with everything that `validate_logic` finds, and takes all else.
    """
    issues = validate_logic(expression)
    if issues:
        raise LogicFormatError("; ".join(issue.message for issue in issues))
    text = json.dumps(expression, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return Logic(text=text, fields=fields_of(expression), node=compile_node(expression))
