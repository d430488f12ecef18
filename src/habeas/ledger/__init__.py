"""Admit, derive, store, notify: the one crash-ordered path, used by command line, services and demo alike.

It has no way to write a code: what can be read is what derivation gives from the events.
"""

from habeas.ledger._audit import Fault, Finding, audit
from habeas.ledger._entries import (
    Clock,
    EndMandate,
    Entry,
    GrantMandate,
    HandOver,
    PublishCardTrust,
    PublishPack,
    PublishTrust,
    Submit,
    event_of,
    read_event,
)
from habeas.ledger._ledger import Ledger, Sender
from habeas.ledger._state import Applied, State
from habeas.ledger.errors import LedgerError, PackRefusedError, ReplayError

__all__ = [
    "Applied",
    "Clock",
    "EndMandate",
    "Entry",
    "Fault",
    "Finding",
    "GrantMandate",
    "HandOver",
    "Ledger",
    "LedgerError",
    "PackRefusedError",
    "PublishCardTrust",
    "PublishPack",
    "PublishTrust",
    "ReplayError",
    "Sender",
    "State",
    "Submit",
    "audit",
    "event_of",
    "read_event",
]
