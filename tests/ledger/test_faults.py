"""Every write of the path broken three ways: not stored, stored, and store busy. Nothing is half done after any of them."""

from __future__ import annotations

import pytest

from habeas.evidence import Ruling, RulingEffect
from habeas.ledger import Entry, Ledger, LedgerError, Submit
from habeas.registry import Merge
from habeas.stores import MemoryStore, NoticeRow, StoreError, UnknownOutcomeError
from habeas.wire import DAY, HOUR, Instant
from ledger.province import check_ledger, commit_all, founding, submits
from scene import CODED, Scene
from stores.faulty import Fault, FaultyStore


def story() -> list[tuple[Instant, list[Entry]]]:
    """Return a positive with its sample, a contact that rests on it, a merge, and the ruling that ends it all."""
    scene = Scene()
    index = scene.sampled_positive("li")
    scene.contact("wang", index, household="li")
    batches = submits(scene)
    merged = scene.now.after(HOUR)
    batches.append((merged, [Merge(kept=scene.subject("wang"), absorbed=scene.subject("zhao"))]))
    ruling = scene.sign("redress", Ruling(target=index, effect=RulingEffect.ANNUL), "li", at=merged.after(HOUR))
    batches.append((merged.after(HOUR), [Submit(data=ruling)]))
    return batches


BATCHES = [*founding(), *story()]
WRITES = 2 * len(BATCHES)
"""Each batch is written in two commits: events with notices, then decisions with attempts."""


def decisions_of_an_untroubled_run() -> list[bytes]:
    with MemoryStore() as store:
        commit_all(Ledger(store), BATCHES)
        return [row.body for row in store.decisions()]


EXPECTED = decisions_of_an_untroubled_run()


@pytest.mark.parametrize("fault", list(Fault))
@pytest.mark.parametrize("write", range(1, WRITES + 1))
def test_after_a_broken_write_the_path_is_taken_up_where_it_was(write: int, fault: Fault) -> None:
    with MemoryStore() as disk:
        faulty = FaultyStore(disk, {write: fault})
        ledger = Ledger(faulty)
        broken = 0
        for at, entries in BATCHES:
            try:
                ledger.commit(entries, at)
            except StoreError as error:
                broken += 1
                if isinstance(error, UnknownOutcomeError):
                    with pytest.raises(LedgerError):
                        ledger.commit(entries, at)
                    ledger = Ledger(disk)  # what an operator does: open it again, and send the batch again
                ledger.commit(entries, at)
        assert broken == 1
        check_ledger(disk)
        assert [row.body for row in disk.decisions()] == EXPECTED


def test_a_crash_between_events_and_decisions_is_finished_on_opening() -> None:
    with MemoryStore() as disk:
        ledger = Ledger(FaultyStore(disk, {2 * len(founding()) + 4: Fault.LOST}))
        with pytest.raises(UnknownOutcomeError):
            commit_all(ledger, BATCHES)
        pending = list(disk.notices(pending=True))
        assert pending, "the notices in the outbox say whose decisions are missing"
        told: list[NoticeRow] = []
        Ledger(disk, send=told.append)
        assert {notice.id for notice in told} == {notice.id for notice in pending}
        assert not list(disk.notices(pending=True))
        check_ledger(disk)


def test_a_notice_is_attempted_before_its_decision_can_be_read() -> None:
    with MemoryStore() as store:
        seen: list[bool] = []

        def look(notice: NoticeRow) -> None:
            row = store.latest_decision(notice.subject, notice.at)
            seen.append(row is not None and row.at == notice.at)

        commit_all(Ledger(store, send=look), BATCHES)
        assert seen
        assert not any(seen)


def test_a_ledger_that_was_interrupted_while_sending_finishes_on_opening() -> None:
    with MemoryStore() as store:
        calls = 0

        def interrupt(_: NoticeRow) -> None:
            nonlocal calls
            calls += 1
            if calls == 5:
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            commit_all(Ledger(store, send=interrupt), BATCHES)
        ledger = Ledger(store)
        commit_all(ledger, BATCHES[-2:])
        check_ledger(store)


def test_settling_twice_changes_nothing_more() -> None:
    with MemoryStore() as store:
        ledger = Ledger(store)
        commit_all(ledger, BATCHES[:-1])
        later = CODED.after(60 * DAY)
        assert ledger.settle(later) > 0
        before = (ledger.head, list(store.decisions()))
        assert ledger.settle(later) == 0
        assert ledger.settle(later.after(DAY)) == 0
        assert (ledger.head, list(store.decisions())) == before
        check_ledger(store)
