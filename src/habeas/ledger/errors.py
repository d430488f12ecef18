"""What this room raises beside the errors of the rooms below, which pass through unchanged."""

__all__ = ["LedgerError", "OldCopyError", "PackRefusedError", "ReplayError", "UnpublishedError"]


class LedgerError(Exception):
    """The ledger cannot do this; nothing was changed. Every message says what to do next."""


class PackRefusedError(LedgerError):
    """A pack that the invariants refuse; the message lists each refusal with its number."""


class ReplayError(LedgerError):
    """The stored events cannot be read back: the store is damaged or was written by a newer release."""


class OldCopyError(LedgerError):
    """One of the ledger's files knows less than the others: an old copy was put back. Restore the newest; nothing was done."""


class UnpublishedError(LedgerError):
    """The newest block is not under its quorum yet. Nothing in it has effect; `Ledger.resume` asks again."""
