"""JSON as authorities publish it, one document or one a line, each with the place where it stands."""

from __future__ import annotations

import json

from habeas.certificates._strict_json import parse_json

__all__ = ["MAX_RULE_DEPTH", "read_documents"]

MAX_RULE_DEPTH = 160
"""A rule's logic may have 64 levels (`habeas.rules`), each an object in a list; what holds it adds a few."""


def read_documents(text: str, most_characters: int) -> list[tuple[str, object]]:
    """Return the values in `text` and where each stands: `item 2` of an array, `line 2` of lines, or "" alone.

    Raises `ValueError`, which says where: what `parse_json` refuses, or more than `most_characters` characters.
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
        return parse_json(text, MAX_RULE_DEPTH)
    except json.JSONDecodeError as error:
        raise ValueError(f"{where or f'line {error.lineno}'}, column {error.colno}: no JSON, {error.msg}") from None
    except ValueError as error:
        raise ValueError(f"{where}: {error}" if where else str(error)) from None
