"""Targets of `habeas.ledger`: what stands in a ledger, and what becomes of it when it is carried out again."""

from __future__ import annotations

import hashlib

from habeas.ledger import OpeningRow, ReplayError, event_of, format_openings, parse_openings, read_event
from habeas.passes import GateView, Opening, Previous
from habeas.stores import Event, RowError
from habeas.wire import Cbor
from seeds import documents, town
from targets._target import NotAnInput, as_text, target


@target(read_event, seeds=town.events, max_bytes=8192)
def event(data: bytes) -> bool:
    """The event's kind on the first line, then its body. An entry that was read is written as the same bytes."""
    kind, _, body = data.partition(b"\n")
    try:
        found = Event(id=hashlib.sha256(body).digest(), kind=as_text(kind), at=documents.NOW, body=body)
    except RowError:
        raise NotAnInput from None
    try:
        entry = read_event(found)
    except ReplayError:
        return False
    again = event_of(entry, documents.NOW, found.id)
    assert again == found, "an entry is not what was written"
    return True


def _openings() -> list[bytes]:
    view = GateView(now=3, until=459_900, then=0, hint="4821 1968")
    grounds: Cbor = {
        "at": 1_655_038_800,
        "causes": [["admitted", bytes(32)]],
        "code": "red",
        "grounds": [],
        "undecided": [],
    }
    opening = Opening(view=view, grounds=grounds, previous=Previous(index=7, leaf=bytes(32)))
    rows = [OpeningRow(subject=bytes([n]) * 16, opening=opening, leaf=bytes(32)) for n in range(3)]
    return [b"", format_openings(rows), format_openings(rows[:1])]


@target(parse_openings, seeds=_openings, max_bytes=2048)
def openings(data: bytes) -> bool:
    """What is read of a block's openings is written as the same bytes."""
    try:
        rows = parse_openings(data)
    except ReplayError:
        return False
    assert format_openings(rows) == data, "openings have a second form"
    return True
