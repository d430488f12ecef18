"""Bytes and rows at rest: in memory, in SQLite, as a log's files; it knows nothing of health, and never reads a body.

`Store` is the contract. Events are for ever and in one order; decisions are a view that can be dropped and written
anew; notices are an outbox. `commit` is the one way to write. `LogFolder` keeps a log's tiles over a `Disk`, another contract.
"""

from habeas.stores._disk import Disk, FolderDisk
from habeas.stores._keyring import Keyring, KeyRow
from habeas.stores._log_check import Fault, check_log
from habeas.stores._log_files import public_files
from habeas.stores._log_folder import LogFolder, LogStage, Staged
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
    "Disk",
    "Event",
    "Fault",
    "FolderDisk",
    "ForeignFileError",
    "KeyRow",
    "Keyring",
    "LogFolder",
    "LogStage",
    "MemoryStore",
    "MissingNoticeError",
    "MissingStoreError",
    "NewerStoreError",
    "NoticeRow",
    "RowError",
    "SqliteStore",
    "Staged",
    "StaleError",
    "Store",
    "StoreBusyError",
    "StoreError",
    "StoreFullError",
    "StoreUnavailableError",
    "UnknownOutcomeError",
    "check_log",
    "public_files",
]
