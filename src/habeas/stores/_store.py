"""The contract that every store keeps; `tests/stores/test_contract.py` is run against each of them."""

from __future__ import annotations

from collections.abc import Iterator
from types import TracebackType
from typing import Protocol, Self

from habeas.stores._values import Batch, DecisionRow, Event, NoticeRow
from habeas.wire import Instant

__all__ = ["Store"]


class Store(Protocol):
    """Events in one order, a view of decisions, an outbox of notices.

    **Atomic.** `commit` writes the whole batch or nothing. Every exception from it but `UnknownOutcomeError` means
    that nothing of this batch was written and the store can be used further.

    **Durable.** When `commit` returns, the batch survives the death of the process and the loss of power, as far as
    the disk keeps its own word (`MemoryStore` keeps nothing beyond the process). What may be lost: a batch whose
    `commit` has not returned; never a part of one, and never one batch but not an earlier one.

    **Unknown outcome.** After `UnknownOutcomeError` every call but `close` raises it again. Open the store anew and
    read; then committing the same rows again is safe, as everything here is idempotent. A caller interrupted while
    it waits in `commit` (Ctrl-C) does not know the outcome either, but the store does: it stays usable, read it.

    **Idempotent.** Rows already there with equal bytes change nothing, in a batch of their own or within one; an id
    or key that is there with other bytes is a `ConflictError`. The first attempt of a notice stays.

    **Ordered.** Events are numbered 1, 2, 3 … in the order of commits and within a batch, without gaps, for ever.

    **Concurrent.** All methods may be called from any thread. Batches are serialised. A caller that computes a batch
    from what it read says so by `Batch.head`. A read sees every batch whose `commit` returned before the read was
    called, and each read shows one state of the store: that of its call, however long it is iterated. Two reads may
    show two states. An iterator left open costs the store memory or disk space until it ends or is dropped.

    **Trust.** The store shows what is stored. Whether somebody changed it behind the store's back is for those to
    find who can compute it again. Bodies are opaque and are not encrypted here.
    """

    def commit(self, batch: Batch) -> None:
        """Write the batch, all of it or nothing; durable when this returns. The one way to write.

        Raises `ConflictError`, `StaleError`, `MissingNoticeError`, `StoreBusyError`, `StoreFullError`,
        `StoreUnavailableError`: nothing was written; `UnknownOutcomeError`: see above.
        """
        ...

    def drop_decisions(self) -> None:
        """Drop the whole view of decisions: `commit(Batch(replace_decisions=True))`."""
        ...

    def events(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """Return the events whose number is above `after`, with their numbers, in order."""
        ...

    def event(self, event_id: bytes) -> Event | None:
        """Return the event of that id, if there is one."""
        ...

    def event_count(self) -> int:
        """Return how many events there are, which is also the number of the last one."""
        ...

    def decisions(self, subject: bytes | None = None) -> Iterator[DecisionRow]:
        """Return the rows of `subject`, or all, ordered by (subject, at)."""
        ...

    def latest_decision(self, subject: bytes, at: Instant) -> DecisionRow | None:
        """Return the row of `subject` that stands at `at`: the last one at or before it, if there is one."""
        ...

    def notices(self, subject: bytes | None = None, *, pending: bool = False) -> Iterator[NoticeRow]:
        """Return the notices of `subject`, or all, as first written; `pending`: only those never attempted."""
        ...

    def close(self) -> None:
        """Finish the batches that wait, and let go of the store; a second time does nothing."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...
