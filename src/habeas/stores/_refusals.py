"""The words of the refusals that every store gives alike."""

from __future__ import annotations

from habeas.stores.errors import ConflictError, MissingNoticeError, StaleError

__all__ = ["conflict", "missing_notice", "stale"]


def conflict(what: str, *key: bytes | str | int) -> ConflictError:
    """Return the refusal of a row whose key stands for other bytes."""
    name = " at ".join(part.hex() if isinstance(part, bytes) else str(part) for part in key)
    return ConflictError(f"{what} {name} is there with other content; nothing was written: compare the two")


def stale(head: int, count: int) -> StaleError:
    """Return the refusal of a batch worked out from `head` events where there are `count`."""
    return StaleError(
        f"the batch was worked out from {head} events and there are {count}; nothing was written: "
        "read the others and work it out again"
    )


def missing_notice(notice_id: bytes) -> MissingNoticeError:
    """Return the refusal of an attempt at a notice that nobody wrote."""
    return MissingNoticeError(f"notice {notice_id.hex()} is not in the store; nothing was written: commit it first")
