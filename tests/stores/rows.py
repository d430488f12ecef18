"""Rows by number, the same each time, and the oracle that looks at a whole store."""

from __future__ import annotations

import hashlib

from habeas.stores import Batch, DecisionRow, Event, NoticeRow, Store
from habeas.wire import Instant

START = 1_655_000_000  # June 2022


def digest(what: str, number: int) -> bytes:
    return hashlib.sha256(f"{what} {number}".encode()).digest()


def subject(number: int) -> bytes:
    return digest("subject", number)[:16]


def event(number: int, *, kind: str = "statement.admitted", at: int = 0, body: bytes = b"a body") -> Event:
    return Event(id=digest("event", number), kind=kind, at=Instant(START + at), body=body)


def decision(number: int, *, at: int = 0, body: bytes = b"green") -> DecisionRow:
    return DecisionRow(subject=subject(number), at=Instant(START + at), body=body)


def notice(number: int, *, of: int = 0, at: int = 0, body: bytes = b"a notice") -> NoticeRow:
    return NoticeRow(id=digest("notice", number), subject=subject(of), at=Instant(START + at), body=body)


def contents(store: Store) -> tuple[list[object], ...]:
    """Return all that is in the store, in its own order."""
    return list(store.events()), list(store.decisions()), list(store.notices())


def check_store(store: Store) -> None:
    """Check all that the contract says of a store at rest: every way to read shows the same rows."""
    events = list(store.events())
    assert [seq for seq, _ in events] == list(range(1, store.event_count() + 1))
    assert len({row.id for _, row in events}) == len(events)
    for seq, row in events:
        assert store.event(row.id) == row
        if seq in {1, len(events) // 2, len(events)}:
            assert list(store.events(after=seq)) == events[seq:]

    decisions = list(store.decisions())
    keys = [(row.subject, row.at) for row in decisions]
    assert keys == sorted(set(keys))
    for person in {row.subject for row in decisions}:
        assert list(store.decisions(person)) == [row for row in decisions if row.subject == person]
    for made in decisions:
        assert store.latest_decision(made.subject, made.at) == made

    notices = list(store.notices())
    assert len({row.id for row in notices}) == len(notices)
    assert list(store.notices(pending=True)) == [row for row in notices if row.attempted is None]
    for person in {row.subject for row in notices}:
        own = [row for row in notices if row.subject == person]
        assert list(store.notices(person)) == own
        assert list(store.notices(person, pending=True)) == [row for row in own if row.attempted is None]


STEP = 10


def step(number: int) -> Batch:
    """Return the batch of `number` (from 1) in a history in which every batch touches every table."""
    first = (number - 1) * STEP
    before = () if number == 1 else ((notice(number - 1).id, Instant(START + number)),)
    return Batch(
        events=tuple(event(first + place, at=number) for place in range(1, STEP + 1)),
        decisions=(decision(number, at=number),),
        notices=(notice(number, of=number, at=number),),
        attempts=before,
        head=first,
    )


def check_history(store: Store) -> int:
    """Check that the store holds `step(1)` to some `step(n)`, each of them whole, and return n."""
    check_store(store)
    count = store.event_count()
    assert count % STEP == 0
    done = count // STEP
    steps = [step(number) for number in range(1, done + 1)]
    assert [row for _, row in store.events()] == [row for batch in steps for row in batch.events]
    assert set(store.decisions()) == {row for batch in steps for row in batch.decisions}
    assert [row.id for row in store.notices()] == [row.id for batch in steps for row in batch.notices]
    assert [row.id for row in store.notices(pending=True)] == [row.id for batch in steps[-1:] for row in batch.notices]
    return done
