"""A store that forgets: for tests and the demo, and the model against which other stores are tested."""

from __future__ import annotations

from bisect import bisect_right, insort
from collections.abc import Iterator
from dataclasses import replace
from threading import Lock
from types import TracebackType
from typing import Self, TypeVar

from habeas.stores._refusals import conflict, missing_notice, stale
from habeas.stores._values import Batch, DecisionRow, Event, NoticeRow
from habeas.stores.errors import ClosedStoreError
from habeas.wire import Instant

__all__ = ["MemoryStore"]

Row = TypeVar("Row")
Key = TypeVar("Key")


class MemoryStore:
    """The contract of `Store` without the disk: everything is lost with the process, and on `close`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._closed = False
        self._order: list[Event] = []
        self._events: dict[bytes, Event] = {}
        self._decisions: dict[tuple[bytes, Instant], DecisionRow] = {}
        self._instants: dict[bytes, list[Instant]] = {}  # of each subject's decisions, in order
        self._notices: dict[bytes, NoticeRow] = {}
        self._pending: dict[bytes, NoticeRow] = {}
        self._attempts: dict[bytes, Instant] = {}

    def commit(self, batch: Batch) -> None:
        """See `Store.commit`; never an unknown outcome."""
        with self._lock:
            self._check_open()
            if batch.head is not None and batch.head != len(self._order):
                raise stale(batch.head, len(self._order))
            decisions = {} if batch.replace_decisions else self._decisions
            # Everything that can refuse comes first: below it nothing raises, so nothing is half done.
            new_events = _new("event", [(row.id, row) for row in batch.events], self._events)
            new_decisions = _new("decision", [((row.subject, row.at), row) for row in batch.decisions], decisions)
            new_notices = _new("notice", [(row.id, row) for row in batch.notices], self._notices)
            for notice_id, _ in batch.attempts:
                if notice_id not in self._notices and notice_id not in new_notices:
                    raise missing_notice(notice_id)
            self._order.extend(new_events.values())
            self._events.update(new_events)
            if batch.replace_decisions:
                self._decisions, self._instants = {}, {}
            self._decisions.update(new_decisions)
            for subject, at in new_decisions:
                insort(self._instants.setdefault(subject, []), at)
            self._notices.update(new_notices)
            self._pending.update(new_notices)
            for notice_id, at in batch.attempts:
                self._attempts.setdefault(notice_id, at)
                self._pending.pop(notice_id, None)

    def drop_decisions(self) -> None:
        """See `Store.drop_decisions`."""
        self.commit(Batch(replace_decisions=True))

    def events(self, after: int = 0) -> Iterator[tuple[int, Event]]:
        """See `Store.events`."""
        first = max(after, 0)
        with self._lock:
            self._check_open()
            return enumerate(self._order[first:], start=first + 1)

    def event(self, event_id: bytes) -> Event | None:
        """See `Store.event`."""
        with self._lock:
            self._check_open()
            return self._events.get(event_id)

    def event_count(self) -> int:
        """See `Store.event_count`."""
        with self._lock:
            self._check_open()
            return len(self._order)

    def decisions(self, subject: bytes | None = None) -> Iterator[DecisionRow]:
        """See `Store.decisions`."""
        with self._lock:
            self._check_open()
            subjects = sorted(self._instants) if subject is None else [subject]
            return iter([self._decisions[of, at] for of in subjects for at in self._instants.get(of, [])])

    def latest_decision(self, subject: bytes, at: Instant) -> DecisionRow | None:
        """See `Store.latest_decision`."""
        with self._lock:
            self._check_open()
            instants = self._instants.get(subject, [])
            place = bisect_right(instants, at)
            return self._decisions[subject, instants[place - 1]] if place else None

    def notices(self, subject: bytes | None = None, *, pending: bool = False) -> Iterator[NoticeRow]:
        """See `Store.notices`."""
        with self._lock:
            self._check_open()
            return iter(
                [
                    replace(row, attempted=self._attempts.get(row.id))
                    for row in (self._pending if pending else self._notices).values()
                    if subject is None or row.subject == subject
                ]
            )

    def close(self) -> None:
        """See `Store.close`."""
        with self._lock:
            self._closed = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._closed:
            raise ClosedStoreError("this store was closed")


def _new(what: str, rows: list[tuple[Key, Row]], stored: dict[Key, Row]) -> dict[Key, Row]:
    new: dict[Key, Row] = {}
    for key, row in rows:
        there = stored.get(key, new.get(key))
        if there is None:
            new[key] = row
        elif there != row:
            raise conflict(what, *(key if isinstance(key, tuple) else (key,)))
    return new
