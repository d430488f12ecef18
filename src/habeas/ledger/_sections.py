"""What the events of an epoch say in its block: plain entries for everybody, admissions for whoever holds the statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from habeas.evidence import Refused
from habeas.ledger._entries import (
    EndMandate,
    Entry,
    Erase,
    GrantMandate,
    HandOver,
    LogGateMandate,
    PublishCardTrust,
    PublishPack,
    PublishTrust,
    Rekey,
    Submit,
    read_event,
)
from habeas.ledger._state import State
from habeas.mandates import gate_mandate_entry
from habeas.passes import admission_commitment, refusal_commitment, rekey_commitment
from habeas.registry import AddDocument, Enrol, Merge, Split
from habeas.rules import parse_pack
from habeas.stores import Event
from habeas.tlog import ADMISSION_KINDS, Admission, EntryKind, Plain, parse_pool
from habeas.wire import HOUR, Area, Instant, SigningKey, encode_cbor, sign1

__all__ = ["admission_entries", "plain_entries", "pool_of"]

_MOST_IN_ISO_3166_2 = 3
_ADMITTED: dict[type, str] = {
    Enrol: "enrolment",
    AddDocument: "document-added",
    Merge: "merge",
    Split: "split",
    PublishTrust: "trust-list",
    PublishCardTrust: "trust-list",
    HandOver: "certificate",
}


def pool_of(area: Area | None) -> int:
    """Return the pool of an area: its ISO 3166-2 code without the hyphen, the country's for what that has no code for.

    Of no area (somebody's own word, the registry): 0, the whole log.
    """
    if area is None:
        return 0
    country, _, rest = area.code.partition("-")
    part = rest.partition("-")[0]
    return parse_pool(f"{country}-{part}" if part and len(part) <= _MOST_IN_ISO_3166_2 else country)


def plain_entries(events: Iterable[Event], origin: str, authority: SigningKey) -> Iterator[bytes]:
    """Yield what everybody may read: packs, mandates and their ends, gate mandates, refusals."""
    for event in events:
        entry = read_event(event)
        if isinstance(entry, LogGateMandate):
            yield gate_mandate_entry(entry.mandate, authority)
            continue
        said = _plain(entry, origin)
        if said is not None:
            kind, body = said
            yield Plain(kind=kind, body=sign1(encode_cbor(body), authority)).to_bytes()


def _plain(entry: Entry | Refused, origin: str) -> tuple[EntryKind, object] | None:
    match entry:
        case PublishPack():
            return EntryKind.PACK, {"hash": parse_pack(entry.text).hash, "text": entry.text}
        case GrantMandate():
            return EntryKind.MANDATE, {"mandate": entry.mandate.to_cbor()}
        case Erase():
            return EntryKind.ERASURE, {"states_before": entry.day, "audited": entry.audited}
        case EndMandate():
            return EntryKind.MANDATE, {"ended": entry.mandate}
        case Refused():
            return EntryKind.REFUSAL, {"code": entry.code, "commitment": refusal_commitment(origin, entry.statement)}
    return None


def admission_entries(
    events: Iterable[Event],
    state: State,
    at: Instant,
    origin: str,
    *,
    received: Callable[[bytes], Instant | None],
    old_label: Callable[[bytes], bytes | None],
) -> Iterator[bytes]:
    """Yield an admission for each statement, certificate and registry event that was let in.

    `received` gives, by a statement's id, when it came in; what never waited came in the block's own hour. New keys are
    admitted under the label that the person's old ones give for this epoch (`old_label`), so that their holder sees it.
    """
    for event in events:
        entry = read_event(event)
        if isinstance(entry, Rekey):
            label = old_label(entry.subject)
            if label is not None:
                said = rekey_commitment(origin, label)
                kind, hour = ADMISSION_KINDS["rekey"], at // HOUR
                yield Admission(kind=kind, pool=0, received=hour, commitment=said).to_bytes()
            continue
        if isinstance(entry, Submit):
            admitted = state.docket.get(event.id)
            if admitted is None:
                continue  # pragma: no cover - an admitted event is in the docket
            name, area = admitted.kind.value, admitted.mandate.area if admitted.mandate else None
        elif type(entry) in _ADMITTED:
            name, area = _ADMITTED[type(entry)], None
        else:
            continue
        kind = ADMISSION_KINDS[name]
        yield Admission(
            kind=kind,
            pool=pool_of(area),
            received=min(received(event.id) or at, at) // HOUR,
            commitment=admission_commitment(origin, kind, event.id),
        ).to_bytes()
