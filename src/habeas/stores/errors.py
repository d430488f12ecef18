"""What this room raises, and nothing else; each class says whether anything was written and what to do next."""

__all__ = [
    "ClosedStoreError",
    "ConflictError",
    "DamagedStoreError",
    "ForeignFileError",
    "MissingNoticeError",
    "MissingStoreError",
    "NewerStoreError",
    "RowError",
    "StaleError",
    "StoreBusyError",
    "StoreError",
    "StoreFullError",
    "StoreUnavailableError",
    "UnknownOutcomeError",
]


class StoreError(Exception):
    """A store that cannot do what was asked. But for `UnknownOutcomeError`, nothing of the batch was written."""


class RowError(StoreError):
    """A value that no row can hold: an id, instant, kind or body of the wrong type or size. The caller is wrong."""


class ConflictError(StoreError):
    """An id or key is there already with other bytes. Never try again: look at both."""


class StaleError(StoreError):
    """Somebody else wrote since the batch was worked out: read the new events, work it out again, commit that."""


class MissingNoticeError(StoreError):
    """An attempt was reported for a notice that is not in the store: commit the notice first, or with it."""


class StoreBusyError(StoreError):
    """Another process is writing and did not finish in time: try the same batch again later."""


class StoreFullError(StoreError):
    """There is no room for the batch: make room, then commit it again."""


class UnknownOutcomeError(StoreError):
    """The batch was stored, or it was not. This store object is of no more use: open the store again and read."""


class ClosedStoreError(StoreError):
    """The store object was closed, or carried into another process: open the store there."""


class StoreUnavailableError(StoreError):
    """The operating system refuses the file (rights, a missing folder, a failing disk): put that right first."""


class MissingStoreError(StoreError):
    """There is no store at the path, and none was to be made: check the path."""


class ForeignFileError(StoreError):
    """The file is there but is not a store of ours; it was left untouched: give another path."""


class NewerStoreError(StoreError):
    """The store was written by a newer release; it was left untouched: install that release."""


class DamagedStoreError(StoreError):
    """The store is ours, and parts of it are missing or unreadable: stop, keep the file, restore from a copy."""
