"""The intake: a receipt at once, an answer in the next block, and nothing lost or taken in twice by a crash."""

from __future__ import annotations

import hashlib

import pytest

from habeas.evidence import BorderEntry
from habeas.ledger import Entry, Intake, Ledger, LedgerError, OldCopyError, PublishPack, Submit
from habeas.passes import IntakeReceipt, ReceiptError, answer_in_block, check_intake_receipt, sign_intake_receipt
from habeas.registry import Enrol
from habeas.stores import MemoryStore, StoreError
from habeas.tlog import Admission, Plain
from habeas.wire import DAY, HOUR, Algorithm, Instant, make_signing_key
from ledger.logged import AUTHORITY, CONSTANTS, Logged, read_block
from ledger.province import PACK, PEOPLE, founding
from ledger.test_log_end import RESULT, SCENE, check_all, founded
from scene import Scene
from stores.faulty import Fault, FaultyStore

EPOCH = CONSTANTS.epoch_seconds


def statements() -> tuple[bytes, bytes]:
    """Return a statement that is let in, and one of a body that may not say it."""
    scene = Scene(PEOPLE)
    good = scene.sign("border", BorderEntry(origin="SG"), "li", at=RESULT, observed=RESULT.after(-DAY))
    return good, scene.sign("tracer", BorderEntry(origin="SG"), "wang", at=RESULT, observed=RESULT.after(-DAY))


def door(logged: Logged, ledger: Ledger) -> Intake:
    return Intake(logged.waiting, ledger, logged.log, AUTHORITY)


def close(logged: Logged, intake: Intake, at: Instant) -> None:
    logged.clock = int(at)
    intake.close(at)


def test_what_is_receipted_is_answered_by_the_block_that_the_receipt_names() -> None:
    logged, ledger = founded()
    intake = door(logged, ledger)
    received = RESULT.after(100)
    receipts = [
        check_intake_receipt(intake.receive(Submit(data=data), received), AUTHORITY.verifying) for data in statements()
    ]
    close(logged, intake, Instant(receipts[0].block * EPOCH + 5))

    check_all(logged, ledger)
    block = read_block(logged.folder, receipts[0].block)
    let_in, refused = (answer_in_block(receipt, block.entries) for receipt in receipts)
    assert isinstance(let_in, Admission)
    assert isinstance(refused, Plain)
    assert let_in.received == int(received) // HOUR
    with pytest.raises(ReceiptError, match="ombudsman"):
        answer_in_block(receipts[0], block.entries[:1])


def test_what_comes_after_an_epoch_began_waits_for_the_next() -> None:
    logged, ledger = founded()
    intake = door(logged, ledger)
    (good, _) = statements()
    begin = Instant(int(RESULT) // EPOCH * EPOCH + EPOCH)
    receipt = check_intake_receipt(intake.receive(Submit(data=good), begin.after(1)), AUTHORITY.verifying)
    close(logged, intake, begin.after(60))
    assert not list(ledger.state.docket.about(SCENE.ref("li")))
    with pytest.raises(LedgerError, match="made already"):
        intake.close(begin.after(120))
    close(logged, intake, begin.after(EPOCH))
    assert receipt.block * EPOCH == begin.after(EPOCH)
    assert list(ledger.state.docket.about(SCENE.ref("li")))


def test_the_same_again_gets_the_same_receipt_and_is_taken_in_once() -> None:
    logged, ledger = founded()
    intake = door(logged, ledger)
    (good, _) = statements()
    assert intake.receive(Submit(data=good), RESULT) == intake.receive(Submit(data=good), RESULT.after(50))
    close(logged, intake, RESULT.after(EPOCH))
    head = ledger.head
    assert door(logged, ledger).receive(Submit(data=good), RESULT.after(2 * EPOCH))
    close(logged, intake, RESULT.after(3 * EPOCH))
    assert ledger.head == head + 1, "only the epoch's own event"


def test_what_is_no_statement_and_is_refused_does_not_hold_up_the_rest() -> None:
    logged, ledger = founded()
    intake = door(logged, ledger)
    twice = Enrol(subject=b"\7" * 16, ref=SCENE.ref("li"))
    entries: list[Entry] = [twice, PublishPack(text=PACK), Enrol(subject=b"\x08" * 16, ref=b"\x08" * 32)]
    for entry in entries:
        intake.receive(entry, RESULT)
    close(logged, intake, RESULT.after(EPOCH))
    check_all(logged, ledger)
    people = {person.subject for person in ledger.state.registry.people()}
    assert b"\x08" * 16 in people
    assert b"\7" * 16 not in people


@pytest.mark.parametrize("fault", [Fault.LOST, Fault.STORED, Fault.BUSY])
@pytest.mark.parametrize("write", [1, 2])
def test_whatever_write_of_the_ledger_breaks_nothing_receipted_is_lost_or_doubled(fault: Fault, write: int) -> None:
    logged = Logged()
    store = logged.store
    ledger = logged.open()
    for at, entries in founding():
        logged.clock = int(ledger.instant(at))
        ledger.commit(entries, at)
    data = statements()
    logged.store = FaultyStore(store, {write: fault})
    broken = logged.open()
    intake = door(logged, broken)
    receipts = [check_intake_receipt(intake.receive(Submit(data=one), RESULT), AUTHORITY.verifying) for one in data]
    at = Instant(receipts[0].block * EPOCH)
    try:
        close(logged, intake, at)
    except (StoreError, LedgerError):
        logged.store = store
        ledger = logged.open()
        if ledger.instant(at) == at:
            close(logged, door(logged, ledger), at)
    logged.store = store
    ledger = logged.open()
    check_all(logged, ledger)
    for receipt in receipts:
        answer_in_block(receipt, read_block(logged.folder, receipt.block).entries)


def test_only_the_authority_gives_receipts() -> None:
    receipt = IntakeReceipt(
        origin=CONSTANTS.origin, id=hashlib.sha256(b"").digest(), statement=bytes(32), received=RESULT, block=1
    )
    signed = sign_intake_receipt(receipt, AUTHORITY)
    assert check_intake_receipt(signed, AUTHORITY.verifying) == receipt
    other = make_signing_key(Algorithm.EDDSA, b"o" * 32)
    with pytest.raises(ReceiptError):
        check_intake_receipt(signed, other.verifying)
    for place in range(len(signed)):
        altered = bytearray(signed)
        altered[place] ^= 1
        with pytest.raises(ReceiptError):
            check_intake_receipt(bytes(altered), AUTHORITY.verifying)


def test_an_old_copy_of_the_intake_gives_no_receipts_that_nobody_would_keep() -> None:
    logged, ledger = founded()
    intake = door(logged, ledger)
    for data in statements():
        intake.receive(Submit(data=data), RESULT)
    close(logged, intake, RESULT.after(EPOCH))
    logged.waiting = MemoryStore()
    fresh = door(logged, ledger)
    for call in (lambda: fresh.receive(Submit(data=b"later"), RESULT), fresh.waiting):
        with pytest.raises(OldCopyError, match="intake's file was put back"):
            call()
