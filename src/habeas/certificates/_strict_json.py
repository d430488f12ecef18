"""JSON that any two readers take alike (RFC 7493): no name twice, no number beyond binary64, no half of a character."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import NoReturn

__all__ = ["MAX_JSON_DEPTH", "parse_json"]

MAX_JSON_DEPTH = 24
"""As for CBOR; a card's bundle is some ten deep."""


def parse_json(data: bytes | str, max_depth: int = MAX_JSON_DEPTH) -> object:
    """Return the JSON value in `data`, UTF-8 if bytes; raises `ValueError`, whose words may quote a name in it."""
    text = data if isinstance(data, str) else data.decode()
    try:
        value: object = json.loads(text, object_pairs_hook=_object, parse_float=_number, parse_constant=_number)
    except RecursionError:
        raise ValueError("nested too deep") from None
    _check(value, max_depth)
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names = dict(pairs)
    if len(names) != len(pairs):
        twice, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{twice[:40]!r} stands twice in one object: which one is meant?")
    return names


def _number(text: str) -> float:
    value = float(text)  # also of NaN and Infinity, which are no JSON and which Python would let pass
    return value if math.isfinite(value) else _refuse(f"{text[:20]} is no number")


def _check(value: object, max_depth: int) -> None:
    """Refuse what is nested too deep and what is no text, without recursion of our own."""
    waiting = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, str):
            _check_characters(part)
        elif isinstance(part, list | dict):
            if depth > max_depth:
                _refuse("nested too deep")
            waiting.extend((inner, depth + 1) for inner in part)
            if isinstance(part, dict):
                waiting.extend((inner, depth + 1) for inner in part.values())


def _check_characters(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError:
        _refuse("half a character (a surrogate by itself) stands in a text")


def _refuse(fault: str) -> NoReturn:
    raise ValueError(fault)
