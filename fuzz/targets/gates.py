"""Targets of what a gate holds, or is shown beside a pass."""

from __future__ import annotations

import contextlib
import hashlib

from habeas.mandates import GateMandateError, gate_mandate_entry, read_gate_mandate
from habeas.passes import (
    BridgeError,
    SyncError,
    check_bridge,
    format_bridge,
    format_synced,
    parse_bridge,
    parse_synced,
)
from habeas.tlog import EntryError, EntryKind, Plain
from habeas.wire import sign1
from seeds import gates as seeds
from targets._target import NotAnInput, as_text, target


@target(parse_synced, seeds=seeds.bodies, max_bytes=8192)
def gate_file(data: bytes) -> bool:
    """A gate's file whose hash is right is what it was, or says what it cannot be."""
    whole = data + hashlib.sha256(data).digest()
    try:
        found = parse_synced(whole)
    except SyncError:
        return False
    assert parse_synced(format_synced(found)) == found
    assert found.held(found.constants.begins(found.newest)).newest == found.newest
    return True


@target(parse_bridge, seeds=seeds.bridges)
def bridge(data: bytes) -> bool:
    """One text for one bridge, and none leads from what is not in the log."""
    text = as_text(data)
    try:
        found = parse_bridge(text)
    except BridgeError:
        return False
    assert format_bridge(found) == text
    with contextlib.suppress(BridgeError):
        check_bridge(found, bytes(32), seeds.QUORUM)
        raise AssertionError("a bridge from nothing")
    return True


@target(read_gate_mandate, seeds=seeds.mandates)
def gate_mandate(data: bytes) -> bool:
    """What is signed as a gate mandate is one, and is logged in one form, or is refused."""
    try:
        entry = Plain(kind=EntryKind.GATE_MANDATE, body=sign1(data, seeds.KEY)).to_bytes()
    except EntryError:
        raise NotAnInput from None
    try:
        found = read_gate_mandate(entry, seeds.KEY.verifying)
    except GateMandateError:
        return False
    assert gate_mandate_entry(found, seeds.KEY) == entry
    return True
