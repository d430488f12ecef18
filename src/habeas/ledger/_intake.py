"""The intake: what comes between two blocks is durable at once, answered with a signed receipt, and decided by the next block.

It stands on a store of its own, in which everything is kept in the order in which it came. How much of it the ledger has
taken in stands in the ledger's own events, so that a crash at any step takes nothing in twice and loses nothing.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence

from habeas.certificates import CertificateError
from habeas.evidence import EvidenceError, Refused, parse_statement
from habeas.ledger._entries import CLOSED, Close, Entry, Submit, event_of, read_event
from habeas.ledger._ledger import Ledger, replay
from habeas.ledger._log_end import LogEnd
from habeas.ledger._state import READ_BACK, VERIFY, Applied, State
from habeas.ledger.errors import LedgerError, OldCopyError, UnpublishedError
from habeas.mandates import MandateError
from habeas.passes import IntakeReceipt, sign_intake_receipt
from habeas.registry import RegistryError
from habeas.rules import RulesError
from habeas.stores import Batch, Event, Store
from habeas.wire import Instant, SigningKey

__all__ = ["Intake", "received_by"]

_REFUSALS = (CertificateError, LedgerError, MandateError, RegistryError, RulesError)


class Intake:
    """The door of a ledger that ends in a log. `receive` may be called at any time; `close` once an epoch."""

    def __init__(self, waiting: Store, ledger: Ledger, log: LogEnd, authority: SigningKey) -> None:
        """Stand before a ledger; `waiting` is a store for the intake alone, `authority` signs the receipts."""
        self._waiting, self._ledger, self._log, self._authority = waiting, ledger, log, authority

    def receive(self, entry: Entry, now: Instant) -> bytes:
        """Keep what was handed in, durably, and return the signed receipt; the same again gets the same receipt."""
        event = event_of(entry, now, _statement_id(entry.data) if isinstance(entry, Submit) else None)
        kept = self._waiting.event(event.id)
        if kept is None:
            self._taken()
            self._waiting.commit(Batch(events=(event,)))
            kept = event
        constants = self._log.constants
        receipt = IntakeReceipt(
            origin=constants.origin,
            id=hashlib.sha256(kept.body).digest(),
            statement=kept.id,
            received=kept.at,
            block=int(self._log.instant(kept.at, None)) // constants.epoch_seconds,
        )
        return sign_intake_receipt(receipt, self._authority)

    def waiting(self) -> tuple[Event, ...]:
        """Return what has come and no block has taken in, in the order in which it came."""
        return tuple(event for _, event in self._waiting.events(after=self._taken()))

    def rehearse(self, entries: Sequence[Entry], now: Instant) -> tuple[State, tuple[Applied, ...]]:
        """Return what entries would do in the block that they would wait for, after all that waits, and the state by then.

        Nothing is written. Raises the error of the room that refuses one of them.
        """
        at = self._ledger.instant(now)
        read = [(event.id, read_event(event)) for event in self.waiting()]
        state, _ = self._carried_out([(name, entry) for name, entry in read if not isinstance(entry, Refused)], at)
        return state, tuple(state.apply(entry, at, VERIFY) for entry in entries)

    def close(self, now: Instant) -> tuple[Applied, ...]:
        """Close the epoch that began last: take in what had come by its begin, and publish its block.

        What is no statement and is refused is left out; the epoch's own event says so, by its id. Raises `LedgerError` if
        that block is made already, `UnpublishedError` while it wants a quorum.
        """
        length = self._log.constants.epoch_seconds
        at = Instant(int(now) // length * length)
        if self._ledger.instant(at) != at:
            raise LedgerError(
                f"the block of {at} is made already: the next can be made from {self._ledger.instant(now)} on"
            )
        last, came = self._came(at)
        entries = [entry for _, entry in came]
        try:
            return self._ledger.commit([Close(taken=last), *entries], at)[1:]
        except _REFUSALS as error:
            if isinstance(error, UnpublishedError):
                raise
        _, dropped = self._carried_out(came, at)
        kept = [entry for name, entry in came if name not in dropped]
        return self._ledger.commit([Close(taken=last, dropped=tuple(dropped)), *kept], at)[1:]

    def _came(self, at: Instant) -> tuple[int, list[tuple[bytes, Entry]]]:
        """Return the number of the last event that had come by an instant, and what none before has taken in."""
        last = self._taken()
        came: list[tuple[bytes, Entry]] = []
        for number, event in self._waiting.events(after=last):
            if event.at > at:
                break
            last, entry = number, read_event(event)
            if not isinstance(entry, Refused):
                came.append((event.id, entry))
        return last, came

    def _taken(self) -> int:
        """Return how much of the intake the ledger has taken in; raises `OldCopyError` where there is less than that."""
        taken = max((entry.taken for entry in self._closed()), default=0)
        if self._waiting.event_count() < taken:
            raise OldCopyError(
                f"the ledger has taken in {taken} of the intake, which has {self._waiting.event_count()}: an old copy of the "
                "intake's file was put back; restore the newest"
            )
        return taken

    def _closed(self) -> Iterator[Close]:
        for _, event in self._ledger.store.events():
            entry = read_event(event) if event.kind == CLOSED else None
            if isinstance(entry, Close):
                yield entry

    def _carried_out(self, came: Sequence[tuple[bytes, Entry]], at: Instant) -> tuple[State, list[bytes]]:
        """Return the state after what came, and the ids of what is refused when its turn comes."""
        dropped: list[bytes] = []
        state, kept = replay(self._ledger.store, READ_BACK)[0], list[Entry]()
        for name, entry in came:
            try:
                state.apply(entry, at, VERIFY)
                kept.append(entry)
            except _REFUSALS:
                dropped.append(name)
                state = replay(self._ledger.store, READ_BACK)[0]  # a refusal may leave it half changed
                for one in kept:
                    state.apply(one, at, VERIFY)
        return state, dropped


def received_by(waiting: Store) -> Callable[[bytes], Instant | None]:
    """Return what tells when something came in to an intake's store, by its id."""

    def received(event_id: bytes) -> Instant | None:
        found = waiting.event(event_id)
        return found.at if found else None

    return received


def _statement_id(data: bytes) -> bytes:
    """Return a statement's own id, or of what is none the hash of its bytes."""
    try:
        return parse_statement(data).id
    except EvidenceError:
        return hashlib.sha256(data).digest()
