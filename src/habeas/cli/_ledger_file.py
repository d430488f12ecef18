"""Opening a ledger's file, and finding a person in it by document or id; there is no other way to find one.

Readers see what is published: of a ledger that ends in a log, the newest block is under its quorum, or it is not shown.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from habeas.cli._key_file import read_registry_key
from habeas.cli._log_folder import PublishedLog, place_of
from habeas.cli._output import working
from habeas.cli._reading import STDIN, read_document, read_hex
from habeas.cli.errors import InputError, LedgerFileError
from habeas.evidence import EvidenceError
from habeas.ledger import Ledger, LogEnd, State
from habeas.mandates import MandateError
from habeas.registry import SUBJECT_BYTES, RegistryError
from habeas.rules import RulesError
from habeas.stores import SqliteStore
from habeas.wire import Instant, WireError

__all__ = [
    "BUSY_SECONDS",
    "REGISTRY_KEY",
    "find_person",
    "open_events",
    "open_ledger",
    "open_published",
    "open_store",
    "read_ref",
]

REGISTRY_KEY = "registry.key"
BUSY_SECONDS = 5.0
"""How long to wait for another program that is writing."""


def open_store(db: Path) -> SqliteStore:
    """Open the file of a ledger that is there."""
    return SqliteStore(db, create=False, busy_seconds=BUSY_SECONDS)


@contextmanager
def open_published(db: Path) -> Iterator[SqliteStore]:
    """Open the file of a ledger whose newest block is published; raises `UnpublishedError` for any other."""
    place = place_of(db)
    with open_store(db) as store:
        if place is not None:
            last = [event.at for _, event in store.events(after=store.event_count() - 1)]
            PublishedLog(place).check(last[-1] if last else None)
        yield store


@contextmanager
def open_ledger(db: Path) -> Iterator[Ledger]:
    """Open a ledger for reading what is published of it.

    Raises `UnpublishedError` while its newest block wants a quorum, `LedgerFileError` where its events cannot be carried out
    again.
    """
    place = place_of(db)
    log = PublishedLog(place) if place else None
    with open_events(db, log) as ledger:
        if log is not None:
            log.check(ledger.last)
        yield ledger


@contextmanager
def open_events(db: Path, log: LogEnd | None = None) -> Iterator[Ledger]:
    """Open a ledger with all that it has taken in, published or not; raises `LedgerFileError`."""
    with open_store(db) as store:
        try:
            with working(f"reading {db}"):
                ledger = Ledger(store, log=log)
        except (EvidenceError, MandateError, RegistryError, RulesError, WireError) as error:
            raise LedgerFileError(
                str(db),
                f"its events cannot be carried out again: {error}",
                f"keep the file as it is; `habeas audit --db {db}` names the event",
            ) from error
        yield ledger


def read_ref(db: Path, registry_key: Path | None, where: str, document: str) -> bytes:
    """Return the reference of a document under the registry's key."""
    key = read_registry_key(registry_key or db.parent / REGISTRY_KEY)
    return read_document(where, document).ref(key)


def find_person(
    state: State, db: Path, registry_key: Path | None, who: tuple[str | None, str | None], at: Instant
) -> bytes:
    """Return the id of the person of (`--document`, `--subject`), of which one is given.

    A document is looked up as it was bound at `at`, for it may have been another's before.
    """
    document, subject = who
    if (document is None) == (subject is None):
        raise InputError(
            "--document, --subject", "one of them says who, and one only", "give a document, or the person's id"
        )
    registry = state.registry
    if subject is not None:
        return registry.person(read_hex("--subject", subject, SUBJECT_BYTES)).subject
    return registry.subject_of(read_ref(db, registry_key, "--document", document or STDIN), at)
