"""What goes into the ledger, and its form at rest: a closed list, each with one deterministic encoding.

There is no entry that sets, copies or forwards a code.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import UnionType
from typing import Any, TypeAlias

from habeas.evidence import EvidenceError, Refused
from habeas.ledger.errors import ReplayError
from habeas.mandates import GateMandate, Mandate, MandateError
from habeas.registry import AddDocument, Enrol, Merge, Split
from habeas.stores import Event
from habeas.wire import Algorithm, Instant, VerifyingKey, WireError, encode_cbor, parse_deterministic_cbor

__all__ = [
    "CLOSED",
    "Clock",
    "Close",
    "EndMandate",
    "Entry",
    "Erase",
    "GrantMandate",
    "HandOver",
    "Late",
    "LogGateMandate",
    "PublishCardTrust",
    "PublishPack",
    "PublishTrust",
    "Rekey",
    "Submit",
    "event_of",
    "read_event",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GrantMandate:
    """Log a mandate."""

    mandate: Mandate


@dataclass(frozen=True, slots=True, kw_only=True)
class EndMandate:
    """End a mandate from now on."""

    mandate: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishPack:
    """Log a pack: its text as it was checked."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Submit:
    """A signed statement, as it came."""

    data: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishTrust:
    """Log the list of keys that other countries' certificates are checked with, from now on."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishCardTrust:
    """Log the list of issuers that SMART Health Cards are checked with, from now on."""

    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HandOver:
    """A certificate that its holder handed over, as text. What it says is read from it here, and by every auditor.

    A SMART Health Card that was cut into several pictures is their texts with white space between.
    """

    ref: bytes
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LogGateMandate:
    """Log a mandate to check passes at one place; gates act on it when its notice is over (I13)."""

    mandate: GateMandate


@dataclass(frozen=True, slots=True, kw_only=True)
class Rekey:
    """Give a person new keys from now on: theirs were lost, or seen by somebody. Their code stays what it is."""

    subject: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Erase:
    """Destroy every state of before a day (days since 1970), after the first `audited` events were audited (I15)."""

    day: int
    audited: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Close:
    """An epoch ended: the first `taken` of what came to the intake are taken in, but for those `dropped`, by their ids."""

    taken: int
    dropped: tuple[bytes, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """A block came to its checkers over an epoch late, at `seen`: the notice of what it `logged` runs from then."""

    logged: Instant
    seen: Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """Nothing came, but time passed something by: a lapse, a pack's end."""


Entry: TypeAlias = (
    Enrol
    | AddDocument
    | Merge
    | Split
    | GrantMandate
    | EndMandate
    | PublishPack
    | PublishTrust
    | PublishCardTrust
    | Submit
    | HandOver
    | LogGateMandate
    | Rekey
    | Erase
    | Close
    | Late
    | Clock
)


CLOSED = "epoch.closed"
"""The kind of the event of a `Close`."""


def event_of(entry: Entry | Refused, at: Instant, statement_id: bytes | None = None) -> Event:
    """Return an entry at rest. A statement's event is named by its own id, so that it can only be there once."""
    kind, value = _WRITE[type(entry)](entry)
    body = value if isinstance(value, bytes) else encode_cbor(value)
    if statement_id is None:
        statement_id = hashlib.sha256(kind.encode() + b"\n" + int(at).to_bytes(8, signed=True) + body).digest()
    return Event(id=statement_id, kind=kind, at=at, body=body)


def read_event(event: Event) -> Entry | Refused:
    """Return the entry of an event; raises `ReplayError` for anything that `event_of` did not write."""
    try:
        return _READ[event.kind](event)
    except (KeyError, TypeError, ValueError, AttributeError, WireError, MandateError, EvidenceError) as error:
        raise ReplayError(
            f"event {event.id.hex()[:16]}… of kind {event.kind!r} cannot be read: {error}. Restore the store from a mirror"
        ) from None


def _key(key: VerifyingKey | None) -> object:
    return {"alg": key.algorithm.value, "public": key.public} if key else None


def _write_refused(entry: Refused) -> dict[str, object]:
    value: dict[str, object] = {
        "code": entry.code,
        "message": entry.message,
        "statement": entry.statement,
        "ref": entry.ref,
    }
    if entry.mandate is not None:
        value["mandate"] = entry.mandate.to_cbor()
    return value


_WRITE: dict[type, Callable[[Any], tuple[str, object]]] = {
    Enrol: lambda e: ("person.enrolled", {"subject": e.subject, "ref": e.ref, "key": _key(e.key)}),
    AddDocument: lambda e: ("person.document-added", {"subject": e.subject, "ref": e.ref}),
    Merge: lambda e: ("person.merged", {"kept": e.kept, "absorbed": e.absorbed}),
    Split: lambda e: ("person.split", {"subject": e.subject, "refs": list(e.refs), "other": e.other}),
    GrantMandate: lambda e: ("mandate.granted", e.mandate.to_cbor()),
    EndMandate: lambda e: ("mandate.ended", {"mandate": e.mandate}),
    PublishPack: lambda e: ("pack.published", {"text": e.text}),
    PublishTrust: lambda e: ("trust.published", {"text": e.text}),
    PublishCardTrust: lambda e: ("card-trust.published", {"text": e.text}),
    Submit: lambda e: ("statement.admitted", e.data),
    HandOver: lambda e: ("certificate.admitted", {"ref": e.ref, "text": e.text}),
    Refused: lambda e: ("statement.refused", _write_refused(e)),
    LogGateMandate: lambda e: ("gate-mandate.logged", e.mandate.to_cbor()),
    Rekey: lambda e: ("person.rekeyed", {"subject": e.subject}),
    Erase: lambda e: ("keys.erased", {"day": e.day, "audited": e.audited}),
    Close: lambda e: (CLOSED, {"taken": e.taken, "dropped": list(e.dropped)}),
    Late: lambda e: ("block.late", {"logged": int(e.logged), "seen": int(e.seen)}),
    Clock: lambda _: ("clock.passed", {}),
}


def _fields(event: Event, **types: type | UnionType) -> dict[str, Any]:
    """Return the fields of a body that has just these, of these types: nothing else was ever written."""
    return _typed(parse_deterministic_cbor(event.body), types)


def _typed(value: object, types: Mapping[str, type | UnionType]) -> dict[str, Any]:
    if not isinstance(value, dict) or value.keys() != types.keys():
        raise TypeError(f"its fields are not {', '.join(types) or 'none'}")
    for name, kind in types.items():
        if not isinstance(value[name], kind):
            raise TypeError(f"{name} is of another type than was ever written")
    return value


def _read_enrol(event: Event) -> Enrol:
    value = _fields(event, subject=bytes, ref=bytes, key=dict | None)
    own = None
    if value["key"] is not None:
        key = _typed(value["key"], {"alg": int, "public": bytes})
        own = VerifyingKey(algorithm=Algorithm.of(key["alg"]), public=key["public"])
    return Enrol(subject=value["subject"], ref=value["ref"], key=own)


def _read_split(event: Event) -> Split:
    value = _fields(event, subject=bytes, refs=list, other=bytes)
    if not all(isinstance(ref, bytes) for ref in value["refs"]):
        raise TypeError("a reference is of another type than was ever written")
    return Split(subject=value["subject"], refs=tuple(value["refs"]), other=value["other"])


def _read_refused(event: Event) -> Refused:
    value: Any = parse_deterministic_cbor(event.body)
    mandate = Mandate.of_cbor(value.pop("mandate")) if "mandate" in value else None
    fields = _typed(value, {"code": str, "message": str, "statement": bytes, "ref": bytes | None})
    return Refused(at=event.at, mandate=mandate, **fields)


def _read_close(event: Event) -> Close:
    value = _fields(event, taken=int, dropped=list)
    if not all(isinstance(one, bytes) for one in value["dropped"]):
        raise TypeError("an id is of another type than was ever written")
    return Close(taken=value["taken"], dropped=tuple(value["dropped"]))


_READ: dict[str, Callable[[Event], Entry | Refused]] = {
    "person.enrolled": _read_enrol,
    "person.document-added": lambda event: AddDocument(**_fields(event, subject=bytes, ref=bytes)),
    "person.merged": lambda event: Merge(**_fields(event, kept=bytes, absorbed=bytes)),
    "person.split": _read_split,
    "mandate.granted": lambda event: GrantMandate(mandate=Mandate.of_cbor(parse_deterministic_cbor(event.body))),
    "mandate.ended": lambda event: EndMandate(**_fields(event, mandate=bytes)),
    "pack.published": lambda event: PublishPack(**_fields(event, text=str)),
    "trust.published": lambda event: PublishTrust(**_fields(event, text=str)),
    "card-trust.published": lambda event: PublishCardTrust(**_fields(event, text=str)),
    "statement.admitted": lambda event: Submit(data=event.body),
    "certificate.admitted": lambda event: HandOver(**_fields(event, ref=bytes, text=str)),
    "statement.refused": _read_refused,
    "gate-mandate.logged": lambda event: LogGateMandate(
        mandate=GateMandate.of_cbor(parse_deterministic_cbor(event.body))
    ),
    "person.rekeyed": lambda event: Rekey(**_fields(event, subject=bytes)),
    "keys.erased": lambda event: Erase(**_fields(event, day=int, audited=int)),
    CLOSED: _read_close,
    "block.late": lambda event: Late(
        **{name: Instant(value) for name, value in _fields(event, logged=int, seen=int).items()}
    ),
    "clock.passed": lambda event: Clock(**_fields(event)),
}
