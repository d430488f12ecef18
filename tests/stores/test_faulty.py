from __future__ import annotations

import pytest

from habeas.stores import ClosedStoreError, MemoryStore, StoreBusyError, UnknownOutcomeError
from stores.faulty import Fault, FaultyStore
from stores.rows import check_history, step


@pytest.mark.parametrize(("fault", "stored"), [(Fault.LOST, 1), (Fault.STORED, 2)])
def test_after_an_unknown_outcome_the_store_is_opened_again_and_the_same_is_safe(fault: Fault, stored: int) -> None:
    disk = MemoryStore()
    with FaultyStore(disk, {2: fault}) as store:
        store.commit(step(1))
        with pytest.raises(UnknownOutcomeError):
            store.commit(step(2))
        for call in (store.events, store.event_count, store.decisions, store.notices, store.drop_decisions):
            with pytest.raises(UnknownOutcomeError):
                call()
    assert store.writes == 2
    assert check_history(disk) == stored
    for number in range(disk.event_count() // 10 + 1, 4):
        disk.commit(step(number))
    assert check_history(disk) == 3


def test_a_known_failure_leaves_the_store_usable() -> None:
    disk = MemoryStore()
    store = FaultyStore(disk, {1: Fault.BUSY, 3: Fault.BUSY})
    with pytest.raises(StoreBusyError):
        store.commit(step(1))
    store.commit(step(1))
    with pytest.raises(StoreBusyError):
        store.drop_decisions()
    assert check_history(store) == 1


def test_closing_it_leaves_the_disk_open() -> None:
    store = FaultyStore(MemoryStore(), {})
    store.commit(step(1))
    store.close()
    with pytest.raises(ClosedStoreError):
        store.event_count()
    assert store.store.event_count() == 10
