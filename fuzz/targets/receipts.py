"""Targets of receipts, and of the files that a person makes passes and receipts with."""

from __future__ import annotations

import json
from pathlib import Path

from habeas.cli._log_source import read_policy
from habeas.cli._person_keys import format_person_keys, parse_person_keys, read_person_keys
from habeas.cli._reading import STDIN
from habeas.cli.errors import InputError
from habeas.passes import (
    Held,
    OpenedDecision,
    PassFormatError,
    ReceiptError,
    check_receipt,
    check_receipt_picture,
    format_receipt,
    format_receipt_picture,
    parse_receipt,
    parse_receipt_picture,
)
from habeas.tlog import parse_policy, read_constants
from seeds import logs
from seeds import receipts as seeds
from targets._target import as_text, target
from targets.cli import _stdin

_HELD = Held(
    constants=read_constants(next(logs.constants()), None),
    roots={0: bytes(32), 1: bytes(32)},
    superseded=frozenset(),
    newest=7,
    opens_to=frozenset(),
)
_SEEDS = frozenset(seeds.receipts())


@target(parse_receipt, seeds=seeds.receipts, max_bytes=8192)
def receipt(data: bytes) -> bool:
    """A receipt is written as it was read; it holds only if it is one that was made."""
    try:
        found = parse_receipt(data)
    except PassFormatError:
        return False
    assert format_receipt(found) == data
    try:
        check_receipt(found, parse_policy(next(logs.policies())))
    except ReceiptError:
        return True
    assert data in _SEEDS, "a receipt that was altered, and holds"
    return True


@target(parse_receipt_picture, OpenedDecision.of_bytes, seeds=seeds.pictures, max_bytes=2048)
def receipt_picture(data: bytes) -> bool:
    """One text for one receipt, and none holds that is not under a root."""
    text = as_text(data)
    try:
        found = parse_receipt_picture(text)
    except PassFormatError:
        return False
    assert format_receipt_picture(found) == text
    assert OpenedDecision.of_bytes(found.opened.to_bytes()) == found.opened
    try:
        check_receipt_picture(found, _HELD)
    except ReceiptError:
        return True
    raise AssertionError("a receipt that is in no log")


@target(parse_person_keys, read_person_keys, seeds=seeds.key_files, max_bytes=1024)
def person_keys(data: bytes) -> bool:
    """A person's keys, written anew as they were read."""
    try:
        with _stdin(data):
            found = read_person_keys(Path(STDIN))
    except InputError:
        return False
    assert parse_person_keys("here", json.loads(format_person_keys(found))) == found
    return True


@target(read_policy, seeds=logs.policies)
def policy_file(data: bytes) -> bool:
    """A policy's file."""
    try:
        with _stdin(data):
            read_policy(Path(STDIN))
    except InputError:
        return False
    return True
