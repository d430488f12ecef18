"""A store whose writes break on plan, for every test of what happens then."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum
from types import TracebackType
from typing import Self

from habeas.stores import (
    Batch,
    ClosedStoreError,
    DecisionRow,
    Event,
    NoticeRow,
    Store,
    StoreBusyError,
    UnknownOutcomeError,
)
from habeas.wire import Instant


class Fault(Enum):
    """What happens to a write."""

    LOST = "UnknownOutcomeError, and it was not stored"
    STORED = "UnknownOutcomeError, and it was stored"
    BUSY = "StoreBusyError: it was not stored, and the store can be used further"


class FaultyStore:
    """`store`, with the faults of `plan` by the number of the write: 1 is the first, `drop_decisions` counts too.

    After an unknown outcome everything but `close` raises `UnknownOutcomeError`, as the contract says. "Open again"
    is `faulty.store`, the store within, which `close` leaves open: it stands for what is on the disk.
    """

    def __init__(self, store: Store, plan: Mapping[int, Fault]) -> None:
        self.store = store
        self.writes = 0
        self._plan = plan
        self._broken = False
        self._closed = False

    def commit(self, batch: Batch) -> None:
        self._check()
        self.writes += 1
        fault = self._plan.get(self.writes)
        if fault is Fault.BUSY:
            raise StoreBusyError(f"write {self.writes} was planned to find the store busy")
        if fault is not Fault.LOST:
            self.store.commit(batch)
        if fault is not None:
            self._broken = True
            self._check()

    def drop_decisions(self) -> None:
        self.commit(Batch(replace_decisions=True))

    def events(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        self._check()
        return self.store.events(after)

    def event(self, event_id: bytes) -> Event | None:
        self._check()
        return self.store.event(event_id)

    def event_count(self) -> int:
        self._check()
        return self.store.event_count()

    def decisions(self, subject: bytes | None = None) -> Iterator[DecisionRow]:
        self._check()
        return self.store.decisions(subject)

    def latest_decision(self, subject: bytes, at: Instant) -> DecisionRow | None:
        self._check()
        return self.store.latest_decision(subject, at)

    def notices(self, subject: bytes | None = None, *, pending: bool = False) -> Iterator[NoticeRow]:
        self._check()
        return self.store.notices(subject, pending=pending)

    def close(self) -> None:
        self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _check(self) -> None:
        if self._closed:
            raise ClosedStoreError("this store was closed")
        if self._broken:
            raise UnknownOutcomeError(f"write {self.writes} may or may not have been stored: open it again and read")
