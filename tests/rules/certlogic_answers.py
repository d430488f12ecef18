"""One expression, its data, and what it gives."""

from __future__ import annotations

import json

import pytest

from habeas.rules import LogicError, compile_logic

ERROR = LogicError


def answer(expression: object, data: object = None) -> object:
    return compile_logic(expression).evaluate(data)


def plus(text: str, amount: int = 0, unit: str = "day") -> dict[str, object]:
    return {"plusTime": [text, amount, unit]}


def check(expression: object, gives: object, data: object = None) -> None:
    """Compare as JSON, in which 1 is not true; ERROR stands for no answer."""
    if gives is ERROR:
        with pytest.raises(LogicError):
            answer(expression, data)
    else:
        assert json.dumps(answer(expression, data)) == json.dumps(gives)
