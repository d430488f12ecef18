"""Admit, derive, store, notify: the one crash-ordered path, used by command line, services and demo alike.

It has no way to write a code: what can be read is what derivation gives from the events.
"""

from habeas.ledger._audit import Fault, Finding, audit
from habeas.ledger._entries import (
    Clock,
    Close,
    EndMandate,
    Entry,
    Erase,
    GrantMandate,
    HandOver,
    Late,
    LogGateMandate,
    PublishCardTrust,
    PublishPack,
    PublishTrust,
    Rekey,
    Submit,
    event_of,
    read_event,
)
from habeas.ledger._intake import Intake, received_by
from habeas.ledger._ledger import Ledger, Sender
from habeas.ledger._log_end import LogEnd, Notary
from habeas.ledger._openings import OpeningRow, format_openings, parse_openings
from habeas.ledger._press import Press
from habeas.ledger._state import Applied, State
from habeas.ledger.errors import LedgerError, OldCopyError, PackRefusedError, ReplayError, UnpublishedError

__all__ = [
    "Applied",
    "Clock",
    "Close",
    "EndMandate",
    "Entry",
    "Erase",
    "Fault",
    "Finding",
    "GrantMandate",
    "HandOver",
    "Intake",
    "Late",
    "Ledger",
    "LedgerError",
    "LogEnd",
    "LogGateMandate",
    "Notary",
    "OldCopyError",
    "OpeningRow",
    "PackRefusedError",
    "Press",
    "PublishCardTrust",
    "PublishPack",
    "PublishTrust",
    "Rekey",
    "ReplayError",
    "Sender",
    "State",
    "Submit",
    "UnpublishedError",
    "audit",
    "event_of",
    "format_openings",
    "parse_openings",
    "read_event",
    "received_by",
]
