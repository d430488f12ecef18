"""JSON as authorities publish it, one document or one a line: read strictly, so that any two readers take it alike."""

from __future__ import annotations

import json
import math
from typing import NoReturn

__all__ = ["MAX_JSON_DEPTH", "read_documents"]

MAX_JSON_DEPTH = 160
"""A rule's logic may have 64 levels (`habeas.rules`), each an object in a list; what holds it adds a few."""


def read_documents(text: str, most_characters: int) -> list[tuple[str, object]]:
    """Return the values in `text` and where each stands: `item 2` of an array, `line 2` of lines, or "" alone.

    Raises `ValueError`, which says where: no JSON, a name twice in an object, a number that is none, half a character,
    more than `most_characters` characters or `MAX_JSON_DEPTH` levels.
    """
    if len(text) > most_characters:
        raise ValueError(f"{len(text)} characters, where at most {most_characters} are read")
    lines = [(f"line {at}", line) for at, line in enumerate(text.split("\n"), start=1) if line.strip()]
    if len(lines) > 1 and _is_whole(lines[0][1]):
        return [(where, _parse(line, where)) for where, line in lines]
    document = _parse(text)
    if isinstance(document, list):
        return [(f"item {at}", item) for at, item in enumerate(document, start=1)]
    return [("", document)]


def _is_whole(line: str) -> bool:
    """Whether the first line is a document by itself, so that each line is one."""
    try:
        _parse(line)
    except ValueError:
        return False
    return True


def _parse(text: str, where: str = "") -> object:
    try:
        value: object = json.loads(text, object_pairs_hook=_object, parse_float=_number, parse_constant=_number)
        _check(value)
    except json.JSONDecodeError as error:
        line = where or f"line {error.lineno}"
        raise ValueError(f"{line}, column {error.colno}: no JSON, {error.msg}") from None
    except RecursionError:
        raise ValueError(f"{where or 'it'} is nested too deep") from None
    except ValueError as error:
        raise ValueError(f"{where}: {error}" if where else str(error)) from None
    return value


def _object(pairs: list[tuple[str, object]]) -> dict[str, object]:
    names: dict[str, object] = {}
    for name, value in pairs:
        if name in names:
            raise ValueError(f"{name[:40]!r} stands twice in one object: which one is meant?")
        names[name] = value
    return names


def _number(text: str) -> float:
    value = float(text)  # also of NaN and Infinity, which Python would let pass
    return value if math.isfinite(value) else _refuse(f"{text[:20]} is no number")


def _check(value: object) -> None:
    """Refuse what is nested too deep and what is no text, without recursion of our own."""
    waiting = [(value, 1)]
    while waiting:
        part, depth = waiting.pop()
        if isinstance(part, str):
            _check_characters(part)
        elif isinstance(part, list | dict):
            if depth > MAX_JSON_DEPTH:
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
