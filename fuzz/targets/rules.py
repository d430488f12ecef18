"""Targets of `habeas.rules`, with what is made of a pack in `habeas.grounds`."""

from __future__ import annotations

import contextlib
import copy
import json

from habeas.grounds import run_examples
from habeas.rules import (
    BookError,
    LogicError,
    LogicFormatError,
    Pack,
    PackFormatError,
    check_pack,
    compile_logic,
    make_book,
    outcome,
    parse_pack,
    validate_logic,
)
from habeas.rules._dates import DateTime, parse_birth, parse_date_time
from habeas.rules._yaml import parse_yaml
from seeds import rules as seeds
from seeds import wire
from targets._target import as_json, as_text, target

_MOST_EXAMPLES = 64
_PLAIN_YEARS = range(-62_167_219_200_000, 253_402_300_800_000)
"""Milliseconds of the years 0 to 9999, whose text is a date-time that is read, too."""


@target(compile_logic, validate_logic, outcome, seeds=seeds.logic)
def logic(data: bytes) -> bool:
    """An expression on the first line, and data on the second: an answer, or the one error, the same each time."""
    first, _, second = data.partition(b"\n")
    expression, facts = as_json(first), as_json(second or b"null")
    try:
        compiled = compile_logic(expression)
    except LogicFormatError:
        assert validate_logic(expression)
        return False
    assert compile_logic(json.loads(compiled.text)).text == compiled.text
    before = copy.deepcopy(facts)
    try:
        answer = compiled.evaluate(facts)
    except LogicError:
        answer = None
    json.dumps(answer)
    assert outcome(compiled, facts).verdict is outcome(compiled, facts).verdict
    assert repr(facts) == repr(before)
    return True


@target(parse_date_time, parse_birth, seeds=wire.instants, max_bytes=64)
def date_time(data: bytes) -> bool:
    """Milliseconds, whose text gives them again."""
    text = as_text(data)
    with contextlib.suppress(LogicError):
        parse_birth(text)
    try:
        found = parse_date_time(text)
    except LogicError:
        return False
    if found in _PLAIN_YEARS:
        assert parse_date_time(str(DateTime(found))) == found
    return True


@target(parse_yaml, seeds=seeds.yaml, max_bytes=seeds.MOST_PACK_BYTES)
def yaml(data: bytes) -> bool:
    """A tree, or an error with its place."""
    try:
        parse_yaml(as_text(data))
    except PackFormatError as error:
        _check_place(error)
        return False
    return True


@target(parse_pack, check_pack, seeds=seeds.packs, max_bytes=seeds.MOST_PACK_BYTES)
def pack(data: bytes) -> bool:
    """A pack: its problems, its examples; one without problems makes a book."""
    try:
        found = parse_pack(as_text(data))
    except PackFormatError as error:
        _check_place(error)
        return False
    problems = check_pack(found)
    _book(found, refused=bool(problems))
    return True


def _book(found: Pack, *, refused: bool) -> None:
    try:
        book = make_book((found,), {found.hash: found.published})
        if sum(len(rule.examples) for rule in found.rules) <= _MOST_EXAMPLES and not refused:
            run_examples(found, book)
    except BookError:
        assert found.over or found.succeeds or refused, "a pack that stands alone makes no book"


def _check_place(error: PackFormatError) -> None:
    if error.line < 1 or error.column < 1:
        raise AssertionError("an error without its place") from error
