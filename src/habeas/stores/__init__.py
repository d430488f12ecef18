"""Bytes and rows at rest, in memory and in SQLite; it knows nothing of health or codes, and never reads a body.

`Store` is the contract. Events are for ever and in one order; decisions are a view that can be dropped and written
anew; notices are an outbox. `commit` is the one way to write.
"""

from habeas.stores._memory import MemoryStore
from habeas.stores._sqlite import SqliteStore
from habeas.stores._store import Store
from habeas.stores._values import ID_BYTES, MAX_BODY_BYTES, SUBJECT_BYTES, Batch, DecisionRow, Event, NoticeRow
from habeas.stores.errors import (
    ClosedStoreError,
    ConflictError,
    DamagedStoreError,
    ForeignFileError,
    MissingNoticeError,
    MissingStoreError,
    NewerStoreError,
    RowError,
    StaleError,
    StoreBusyError,
    StoreError,
    StoreFullError,
    StoreUnavailableError,
    UnknownOutcomeError,
)

__all__ = [
    "ID_BYTES",
    "MAX_BODY_BYTES",
    "SUBJECT_BYTES",
    "Batch",
    "ClosedStoreError",
    "ConflictError",
    "DamagedStoreError",
    "DecisionRow",
    "Event",
    "ForeignFileError",
    "MemoryStore",
    "MissingNoticeError",
    "MissingStoreError",
    "NewerStoreError",
    "NoticeRow",
    "RowError",
    "SqliteStore",
    "StaleError",
    "Store",
    "StoreBusyError",
    "StoreError",
    "StoreFullError",
    "StoreUnavailableError",
    "UnknownOutcomeError",
]
