"""Targets of a person's own view of the log, and of what an auditor counts in it."""

from __future__ import annotations

from habeas.cli._counts import parse_day, parse_label_keys
from habeas.cli._me_state import _sum, format_state, parse_state
from habeas.cli.errors import InputError
from habeas.passes import AbuseError, PassFormatError, check_abuse, format_abuse, parse_abuse
from habeas.tlog import parse_policy
from seeds import logs
from seeds import own as seeds
from targets._target import NotAnInput, as_json, as_text, target

_SEEDS = frozenset(seeds.abuses())


@target(parse_abuse, seeds=seeds.abuses, max_bytes=8192)
def abuse(data: bytes) -> bool:
    """A proof is written as it was read; it holds only if it is one that was made."""
    try:
        found = parse_abuse(data)
    except PassFormatError:
        return False
    assert format_abuse(found) == data
    try:
        check_abuse(found, parse_policy(next(logs.policies())))
    except AbuseError:
        return True
    assert data in _SEEDS, "a proof that was altered, and holds"
    return True


@target(parse_state, seeds=seeds.states)
def own_state(data: bytes) -> bool:
    """A memory whose sum is right is what it was, or says what it cannot be."""
    value = as_json(data)
    if not isinstance(value, dict):
        raise NotAnInput
    summed = {**value, "sum": _sum({key: one for key, one in value.items() if key != "sum"})}
    try:
        found = parse_state("here", summed, logs.LOG)
    except InputError:
        return False
    assert parse_state("here", as_json(format_state(found).encode()), logs.LOG) == found
    return True


@target(parse_label_keys, parse_day, seeds=seeds.label_keys)
def audit_words(data: bytes) -> bool:
    """Label keys of an audit, one a line; and a day."""
    text, taken = as_text(data), 0
    try:
        keys = parse_label_keys("here", text)
        assert [key.hex() for key in keys] == text.split()
        taken += 1
    except InputError:
        pass
    try:
        assert parse_day("here", text) >= 0
        taken += 1
    except InputError:
        pass
    return taken > 0
