"""Targets of `habeas.ledger`: what stands in a ledger, and what becomes of it when it is carried out again."""

from __future__ import annotations

import hashlib

from habeas.ledger import ReplayError, event_of, read_event
from habeas.stores import Event, RowError
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
