"""Seeds of what sources sign and a ledger holds: the first days of the made-up town."""

from __future__ import annotations

import base64
import json
import tempfile
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from pathlib import Path

from habeas.cli._event_file import format_event
from habeas.cli._key_file import format_public
from habeas.cli._log_folder import format_settings
from habeas.cli._statement_file import format_statement
from habeas.evidence import format_facts, parse_statement
from habeas.ledger import EndMandate, Entry, GrantMandate, Ledger, PublishPack, PublishTrust, Submit, event_of
from habeas.mandates import Mandate
from habeas.registry import AddDocument, Enrol, Merge, Split
from habeas.stores import Batch, Event, MemoryStore, SqliteStore
from habeas.synthetic import FEWEST_PEOPLE, Town, make_town
from habeas.tlog import Constants, SignatureType, make_note_signer
from habeas.wire import Algorithm, encode_cbor, make_signing_key, parse_instant, parse_sign1
from seeds._places import EACH
from seeds.documents import NOW
from seeds.rules import small_pack

__all__ = [
    "arguments",
    "event_files",
    "events",
    "facts",
    "gate_mandate_files",
    "key_files",
    "log_settings",
    "mandate_files",
    "mandates",
    "signed_files",
    "statement_files",
    "statement_payloads",
    "statements",
    "stores",
]

_EVENTS = 200
_PUBLISHED = parse_instant("2022-04-01T00:00+08:00")


def statements() -> Iterator[bytes]:
    """One signed statement of each kind that the town has."""
    kinds: dict[str, bytes] = {}
    for batch in _town().batches():
        for data in batch.statements:
            kinds.setdefault(parse_statement(data).statement.kind.value, data)
    yield from kinds.values()


def statement_payloads() -> Iterator[bytes]:
    """What those sign."""
    yield from (parse_sign1(data).payload for data in statements())


def facts() -> Iterator[bytes]:
    """`[kind, facts]` of those whose facts JSON can hold; bytes come in no JSON."""
    for data in statements():
        found = parse_statement(data).statement
        yield json.dumps([found.kind.value, format_facts(found.facts)], default=lambda _: "text").encode()
    yield b'["vaccination", {"product": "EU/1/20/1528", "dose": 2, "of": 2}]'


def mandates() -> Iterator[bytes]:
    """Mandates of the town's offices."""
    yield from (encode_cbor(one.to_cbor()) for one in islice(_offices_mandates(), EACH))


def events() -> Iterator[bytes]:
    """An event of each kind: its kind on the first line, then its body."""
    yield from (f"{event.kind}\n".encode() + event.body for event in _one_of_each())


def event_files() -> Iterator[bytes]:
    """The town's first events, and one of each kind by itself."""
    lines = [format_event(event).encode() for event in _events()]
    yield b"\n".join(lines[:8])
    yield b"\n".join(lines[-8:])
    yield b"\n".join(format_event(event).encode() for event in _one_of_each())


def gate_mandate_files() -> Iterator[bytes]:
    """A gate mandate as people write it."""
    row = {
        "place": "Library, north door", "area": "CN-41-01", "hours": ["07:00", "22:00"], "purpose": "indoor crowds",
        "class": "ordinary", "lane": "counter 2", "body": "city-office", "from": "2022-01-01T00:00Z",
        "to": "2023-01-01T00:00Z", "offset": "+08:00", "lets_in": 1,
    }  # fmt: skip
    yield json.dumps(row).encode()


def log_settings() -> Iterator[bytes]:
    """The settings of a log's folder."""
    key = make_note_signer("town.example/log", SignatureType.ED25519, bytes(32)).key
    yield format_settings(Constants(origin=key.name, epoch_seconds=7200, height=8), key).encode()


def mandate_files() -> Iterator[bytes]:
    """A mandate as people write it."""
    body = {
        "id": "city-lab-4", "superior": "city-health-board", "operator": "city-lab-4", "level": "city",
        "class": "source", "names": {"en": "City Lab 4", "zh": "市第四检验所"},
    }  # fmt: skip
    row: dict[str, object] = {
        "body": body,
        "kinds": ["test-result"],
        "area": "CN-41",
        "from": "2022-01-01T00:00Z",
        "to": "2023-01-01T00:00Z",
        "key": format_public(make_signing_key(Algorithm.EDDSA, bytes(32)).verifying),
    }
    yield json.dumps(row).encode()
    yield json.dumps(row | {"emergency": [["a", "city"], ["b", "province"]]}).encode()


def statement_files() -> Iterator[bytes]:
    """Statements as people write them."""
    yield from (json.dumps(format_statement(parse_statement(data).statement)).encode() for data in statements())


def signed_files() -> Iterator[bytes]:
    """A signed statement, and several in Base64."""
    found = list(statements())
    yield found[0]
    yield b"\n".join(map(base64.b64encode, found[:3]))


def key_files() -> Iterable[bytes]:
    """Keys of the three kinds."""
    seed = base64.b64encode(bytes(32)).decode()
    key = make_signing_key(Algorithm.EDDSA, bytes(32)).verifying
    rows: tuple[dict[str, object], ...] = (
        {"habeas": "signing-key", "v": 1, "alg": "EdDSA", "seed": seed},
        {"habeas": "signing-key", "v": 1, "alg": "ES256", "seed": seed},
        {"habeas": "registry-key", "v": 1, "key": seed},
        dict(format_public(key)),
    )
    return (json.dumps(row).encode() for row in rows)


def arguments() -> Iterable[bytes]:
    """Words of options."""
    return (b"passport:CN:E12345678", b"2022-06-12T21:04+08:00", b"00ff10", b"AAEC")


def stores() -> Iterator[bytes]:
    """A store's file: empty, and with a few rows."""
    with tempfile.TemporaryDirectory() as folder:
        for name, batch in (("empty", Batch()), ("some", Batch(events=tuple(_one_of_each())[:4]))):
            path = Path(folder) / name
            with SqliteStore(path) as store:
                store.commit(batch)
            yield path.read_bytes()


@lru_cache(maxsize=1)
def _town() -> Town:
    return make_town(people=FEWEST_PEOPLE)


@lru_cache(maxsize=1)
def _events() -> tuple[Event, ...]:
    store = MemoryStore()
    ledger = Ledger(store)
    ledger.commit([PublishPack(text=small_pack())], _PUBLISHED)
    for batch in _town().batches():
        grants = [GrantMandate(mandate=mandate) for mandate in batch.mandates]
        entries: list[Entry] = [*grants, *batch.enrolments, *(Submit(data=data) for data in batch.statements)]
        ledger.commit(entries, batch.at)
        if store.event_count() > _EVENTS:
            break
    return tuple(event for _, event in store.events())


def _one_of_each() -> Iterator[Event]:
    """Yield the first event of each kind that the town has, and those that it has none of."""
    kinds: dict[str, Event] = {}
    for event in _events():
        kinds.setdefault(event.kind, event)
    yield from kinds.values()
    one, other, ref = bytes(16), bytes([1]) * 16, bytes(32)
    key = make_signing_key(Algorithm.EDDSA, bytes(32)).verifying
    for entry in (
        Enrol(subject=one, ref=ref, key=key),
        AddDocument(subject=one, ref=bytes([2]) * 32),
        Merge(kept=one, absorbed=other),
        Split(subject=one, refs=(ref,), other=other),
        EndMandate(mandate=bytes(32)),
        PublishTrust(text="{}"),
    ):
        yield event_of(entry, NOW)


def _offices_mandates() -> Iterator[Mandate]:
    for batch in _town().batches():
        yield from batch.mandates
