"""How an entry gets into a ledger: it is committed at once, or, where the ledger ends in a log, it waits for a block.

What waits was rehearsed first, after all that waits already: who is refused is told at once, and nothing of it is kept.
What was kept has a signed receipt, and is in the next block whatever happens to this machine meanwhile.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from habeas.cli._key_file import read_signing_key
from habeas.cli._ledger_file import BUSY_SECONDS, open_events, open_store
from habeas.cli._log_folder import LogPlace, PublishedLog, place_of
from habeas.cli._output import counted
from habeas.cli._reading import clock
from habeas.cli.errors import InputError
from habeas.ledger import Applied, Entry, Intake, Ledger, Rekey, State, Submit
from habeas.passes import SEED_BYTES, GateView, PassFormatError, PersonKeys, Ratchet, day_of
from habeas.registry import Enrol
from habeas.stores import Keyring, KeyRow, Store
from habeas.wire import Instant

__all__ = ["Door", "Taken", "open_door"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What became of entries: what each did, or will do in its block; the state by then; when they count from.

    `receipts` are those of what waits for the block of `at`; None where it counts already.
    """

    applied: tuple[Applied, ...]
    state: State
    at: Instant | None
    head: int
    receipts: tuple[bytes | None, ...] | None = None

    @property
    def when(self) -> dict[str, object]:
        """How `--json` says it."""
        return {"at" if self.receipts is None else "waits_for": str(self.at), "head": self.head}

    def line(self) -> tuple[str, str]:
        """How text says it."""
        if self.receipts is None:
            return "logged", f"{self.at}; the ledger has {counted(self.head, 'event', 'events')}"
        if not any(self.receipts):
            return "logged", "not again: it is there, or waits already"
        return "waits", f"for the block of {self.at}; until that is published it has no effect"


class Door(Protocol):
    """What takes entries in."""

    def latest(self, now: Instant) -> Instant:
        """Return the instant that an entry gets now at the soonest: bindings are looked up as they stand then."""
        ...

    def state(self, now: Instant) -> State:
        """Return what is known there by then, with all that waits."""
        ...

    def take(self, entries: Sequence[Entry], now: Instant, *, hint: str | None = None) -> Taken:
        """Take entries in; raises the error of the room that refuses one, and then nothing of them is kept.

        `hint` is what the people who are enrolled, or get new keys, chose at the counter.
        """
        ...


@contextmanager
def open_door(db: Path) -> Iterator[Door]:
    """Open a ledger for entries."""
    place = place_of(db)
    if place is None:
        with open_events(db) as ledger:
            yield _Commits(ledger)
        return
    log, authority = PublishedLog(place), read_signing_key(place.authority)
    with open_store(place.intake) as waiting, open_events(db, log) as ledger:
        yield _HandsIn(place, waiting, ledger, Intake(waiting, ledger, log, authority))


class _Commits:
    """A ledger without a log: what is said counts at once, and no gate takes its word."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def latest(self, now: Instant) -> Instant:
        return self._ledger.instant(now)

    def state(self, _: Instant) -> State:
        return self._ledger.state

    def take(self, entries: Sequence[Entry], now: Instant, *, hint: str | None = None) -> Taken:
        if hint is not None:
            raise InputError(
                "--hint",
                "this ledger has no log, so nobody has keys or a pass",
                "`habeas log new` makes one with a log",
            )
        applied = self._ledger.commit(entries, now)
        return Taken(applied=applied, state=self._ledger.state, at=self._ledger.last, head=self._ledger.head)


class _HandsIn:
    """A ledger that ends in a log: what is said waits for the next block."""

    def __init__(self, place: LogPlace, waiting: Store, ledger: Ledger, intake: Intake) -> None:
        self._place, self._waiting, self._ledger, self._intake = place, waiting, ledger, intake

    def latest(self, now: Instant) -> Instant:
        return self._ledger.instant(now)

    def state(self, now: Instant) -> State:
        return self._intake.rehearse([], now)[0]

    def take(self, entries: Sequence[Entry], now: Instant, *, hint: str | None = None) -> Taken:
        if now > clock():
            raise InputError(
                "--at",
                f"{now} is not yet, and a log is never ahead of the clock",
                "leave --at out, or look at the clock",
            )
        if hint is not None:
            _check_hint(hint)
        with self._place.door(), Keyring(self._place.keys, create=False, busy_seconds=BUSY_SECONDS) as keyring:
            at = self._instant(now)
            block = self._ledger.instant(at)
            state, applied = self._intake.rehearse(entries, at)
            receipts = tuple(
                self._receive(entry, at, keyring, hint) if one.new or isinstance(entry, Submit) else None
                for entry, one in zip(entries, applied, strict=True)
            )
        return Taken(applied=applied, state=state, at=block, head=self._ledger.head, receipts=receipts)

    def _instant(self, now: Instant) -> Instant:
        """Return the time at which it comes in: never before what came in earlier, or by which an epoch was closed."""
        last = [event.at for _, event in self._waiting.events(after=self._waiting.event_count() - 1)]
        last += [one.after(1) for one in (self._place.closed(), self._ledger.last) if one is not None]
        return max(now, *last) if last else now

    def _receive(self, entry: Entry, at: Instant, keyring: Keyring, hint: str | None) -> bytes:
        """Keep an entry. Keys are made beside it, for a counter hands them over before the block is made.

        Of somebody new first the keys: without an enrolment they are nobody's, an enrolment without them loses the hint. With
        new keys the entry goes first: keys that no entry of the log announces would hide a person's decisions from them.
        The press makes keys for whoever a crash left without.
        """
        epoch = self._place.epoch(self._ledger.instant(at))
        if isinstance(entry, Enrol):
            keyring.add(_new_keys(entry.subject, epoch, self._place, hint or ""))
        if not isinstance(entry, Rekey):
            return self._intake.receive(entry, at)
        found = keyring.at(entry.subject, epoch)
        if found is not None and found.since == epoch:
            raise InputError(
                "habeas person rekey", f"new keys wait already for the block of {self._place.begins(epoch)}", _KEYS
            )
        row = _new_keys(entry.subject, epoch, self._place, found.hint if found and hint is None else hint or "")
        receipt = self._intake.receive(entry, at)
        keyring.add(row)
        return receipt


_KEYS = "hand them over with `habeas person keys`"


def _new_keys(subject: bytes, epoch: int, place: LogPlace, hint: str) -> KeyRow:
    day = day_of(place.constants.begins(epoch))
    labels, openings = (Ratchet(day=day, state=secrets.token_bytes(SEED_BYTES)) for _ in range(2))
    return KeyRow(subject=subject, since=epoch, keys=PersonKeys(labels=labels, openings=openings), hint=hint)


def _check_hint(hint: str) -> None:
    try:
        GateView(now=0, until=0, then=0, hint=hint)
    except PassFormatError as error:
        raise InputError(
            "--hint", str(error), "such as the last four digits of a document and the year of birth"
        ) from None
