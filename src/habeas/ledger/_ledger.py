"""The ledger: admit → derive → store → notice → decide, in one order that survives a crash after any step.

1. Every entry of a batch is judged and applied in memory at one instant, later than all before it.
2. Whoever is touched, by an entry or by time, is derived again. `commit` one: events and notices, or nothing.
   Power fails before: nothing happened; whoever sent the batch sends it again. After: the events stand, and the
   notices that were not attempted say whose decisions are missing.
3. Each notice is attempted (I10), then the block is published under the log's quorum: only now has anything of it effect
   at a gate (`LogEnd`). Power fails before: on opening, the notices are attempted again (a person may be told twice, never
   not at all), and the block that was signed goes on. Too few witnesses: the ledger waits, and shows nothing meanwhile.
4. `commit` two: decisions and attempts, or nothing. Only now can anybody read them.
   Power fails before: on opening the same decisions are written. After: all is done.

A ledger without a log is a rehearsal: it shows what would be, and no gate takes its word.

After an error in `commit` the state is read back from the store, or, when its outcome is unknown, the ledger refuses all
further use: open it again.
"""

from __future__ import annotations

import contextlib
import heapq
from collections.abc import Callable, Iterable, Iterator, Sequence

from habeas.evidence import Admitted, Refused
from habeas.grounds import Derivation
from habeas.ledger._decisions import Newest, decision_rows, notice_of, registry_notice
from habeas.ledger._entries import Clock, Entry, Late, event_of, read_event
from habeas.ledger._log_end import LogEnd
from habeas.ledger._state import READ_BACK, VERIFY, Applied, State, Verify
from habeas.ledger.errors import LedgerError, OldCopyError, UnpublishedError
from habeas.registry import AddDocument, Enrol, Merge, Split
from habeas.stores import Batch, DecisionRow, Event, NoticeRow, Store, StoreError
from habeas.wire import Instant

__all__ = ["Ledger", "Sender", "replay"]

Sender = Callable[[NoticeRow], None]
"""Attempts a notice by the person's own channel. It may fail; the attempt is recorded all the same, and counted."""

_WHAT: dict[type, str] = {Enrol: "enrolled", AddDocument: "document-added", Merge: "merged", Split: "split"}


def _keep(_: NoticeRow) -> None:
    """Leave the notice in the outbox, for whoever carries it on."""


class Ledger:
    """The one path from what comes in to what can be read, over one store. Not for use from several threads at once."""

    def __init__(self, store: Store, *, send: Sender = _keep, log: LogEnd | None = None) -> None:
        """Read back everything that the store has, and finish what a crash left undone.

        While the newest block has no quorum, the ledger is open and `waits`; `resume` goes on.
        """
        self._store = store
        self._send = send
        self._log = log
        self._broken = False
        self._waits: UnpublishedError | None = None
        self._state = State()
        self._head = 0
        self._last: Instant | None = None
        self._newest: dict[bytes, Newest] = {}
        self._due: list[tuple[Instant, bytes]] = []  # a heap: when time alone may next change whose answer
        self._edges: list[Instant] = []  # when packs begin and end
        self._reload()
        with contextlib.suppress(UnpublishedError):
            self._finish()

    @property
    def waits(self) -> bool:
        """Whether the newest block wants a quorum: until then nothing can be read or taken in."""
        return self._waits is not None

    @property
    def last(self) -> Instant | None:
        """The instant of the newest event."""
        return self._last

    @property
    def head(self) -> int:
        """How many events there are: readers name it beside every answer (I9)."""
        return self._head

    @property
    def state(self) -> State:
        """Registry, roster, docket and book as they are now; for reading."""
        return self._state

    @property
    def store(self) -> Store:
        """The store that it stands on; for reading."""
        return self._store

    def commit(self, entries: Sequence[Entry], now: Instant) -> tuple[Applied, ...]:
        """Take a batch in at one instant: `now`, or a second after the newest event if that is later.

        Statements are answered each by itself, admitted or refused. Any other entry that is refused raises its room's
        error, and then nothing of the batch has happened.
        """
        self._check()
        try:
            return self._commit(entries, self.instant(now))
        except UnpublishedError:
            raise
        except BaseException:
            self._recover()
            raise

    def instant(self, now: Instant) -> Instant:
        """Return the instant of a batch that is taken in now: later than all before, and with a log the begin of an epoch."""
        if self._log is not None:
            return self._log.instant(now, self._last)
        return now if self._last is None else max(now, self._last.after(1))

    def resume(self) -> None:
        """Ask for the quorum that the newest block wants; raises `UnpublishedError` again while there is none."""
        if self._waits is not None:
            self._reload()
            self._finish()

    def settle(self, now: Instant) -> int:
        """Write the decisions that time alone has brought (lapses, a pack's end); return how many people were due."""
        self._check()
        due = {subject for instant, subject in self._due if instant <= now}
        if self._last is None or now <= self._last or not (due or any(edge <= now for edge in self._edges)):
            return 0
        self.commit((Clock(),), now)
        return len(due)

    def derivation(self, subject: bytes) -> Derivation:
        """Return the derivation of a person, from which every reader takes its answer; only what is logged is in it."""
        self._check()
        return self._state.derivation(self._state.registry.person(subject).subject)

    def rebuild(self) -> int:
        """Drop the view of decisions and write it anew from the events; return the number of rows."""
        rows = () if self._last is None else tuple(self._state.rows(self._last))
        self._store.commit(Batch(decisions=rows, replace_decisions=True))
        return len(rows)

    def _commit(self, given: Sequence[Entry], at: Instant) -> tuple[Applied, ...]:
        late = self._late() if given else ()
        entries = (*late, *given)
        applied = tuple(self._state.apply(entry, at, VERIFY) for entry in entries)
        events = tuple({event.id: event for event in _events(entries, applied, at)}.values())
        if not events:
            return applied[len(late) :]
        told = [
            registry_notice(subject, at, _WHAT[type(entry)])
            for entry, one in zip(entries, applied, strict=True)
            if type(entry) in _WHAT and one.new
            for subject in one.touched
        ]
        told += [
            registry_notice(subject, at, "result-unread")
            for one in applied
            if isinstance(one.outcome, Refused) and one.new and (subject := self._state.unread_by(one.outcome, at))
        ]
        rows = []
        touched = self._touched(applied, at)
        for row, notice in self._decide(touched, at):
            rows.append(row)
            told.append(notice)
        self._store.commit(Batch(events=events, notices=tuple(told), head=self._head))
        self._head += len(events)
        self._last = at
        attempts = self._tell(told, at)
        self._publish(events, touched)
        self._store.commit(Batch(decisions=tuple(rows), attempts=attempts))
        return applied[len(late) :]

    def _late(self) -> tuple[Late, ...]:
        """Return what must be said first if the last block logged packs and its checkers saw it late."""
        seen = self._log.late() if self._log is not None else None
        if seen is None or self._last is None or all(at != self._last for _, at in self._state.packs.values()):
            return ()
        return (Late(logged=self._last, seen=seen),)

    def _check(self) -> None:
        if self._waits is not None:
            raise UnpublishedError(str(self._waits))
        if self._broken:
            raise LedgerError(
                "the outcome of the last write is unknown: open the ledger again, it will finish or forget it"
            )

    def _publish(self, events: Sequence[Event], touched: Iterable[bytes] | None) -> None:
        """End a batch in the log, if there is one."""
        if self._log is None:
            return
        try:
            self._log.publish(self._state, events, touched)
        except UnpublishedError as error:
            self._waits = error
            raise
        self._waits = None

    def _touched(self, applied: Iterable[Applied], at: Instant) -> set[bytes]:
        """Return whose answer may be another by now, through what came in or through time."""
        found = {subject for one in applied for subject in one.touched}
        while self._due and self._due[0][0] <= at:
            found.add(heapq.heappop(self._due)[1])
        everybody = any(edge <= at for edge in self._edges)
        if any(one.everybody for one in applied):
            everybody = True
        if everybody:
            found |= {person.subject for person in self._state.registry.people()}
            self._edges = self._state.edges(at)
        return found

    def _decide(self, subjects: Iterable[bytes], at: Instant) -> Iterator[tuple[DecisionRow, NoticeRow]]:
        """Yield the new decisions of some people with their notices, and note when time will next touch them."""
        for subject in sorted(subjects):
            derivation = self._state.derivation(subject)
            newest = self._newest.get(subject)
            for row, change, before in decision_rows(subject, derivation, self._state.life(subject, at), newest):
                yield row, notice_of(row, change, before)
                self._newest[subject] = Newest.of(row, change)
            self._note_due(subject, derivation, at)

    def _note_due(self, subject: bytes, derivation: Derivation, at: Instant) -> None:
        later = derivation.next_edge(at)
        if later is not None:
            heapq.heappush(self._due, (later, subject))

    def _tell(self, notices: Iterable[NoticeRow], at: Instant) -> tuple[tuple[bytes, Instant], ...]:
        """Attempt the notices, and return the attempts."""
        attempts = []
        for notice in notices:
            with contextlib.suppress(Exception):  # a channel that fails was attempted; the row in the outbox stays
                self._send(notice)
            attempts.append((notice.id, at))
        return tuple(attempts)

    def _recover(self) -> None:
        try:
            self._reload()
            self._finish()
        except UnpublishedError:
            pass  # it waits; whoever comes next is told
        except StoreError:
            self._broken = True
        except BaseException:
            self._broken = True
            raise

    def _reload(self) -> None:
        """Read the state back from the store; nothing in memory survives that the store does not have."""
        self._state, self._head, self._last = replay(self._store, READ_BACK)
        self._newest = {}
        self._due, self._edges = [], []
        if self._last is not None:
            self._edges = self._state.edges(self._last)
            for _ in self._decide((person.subject for person in self._state.registry.people()), self._last):
                pass  # what was decided is derived again, not read: the view is nobody's word

    def _finish(self) -> None:
        """Publish the block, and write the decisions, that a crash left undone."""
        last = self._last
        newest = self._log.newest_at() if self._log is not None else None
        if newest is not None and (last is None or last < newest):
            raise OldCopyError(
                f"the log has a block of {newest}, and the ledger's newest event is of {last}: an old copy of the ledger's "
                "file was put back; restore the newest"
            )
        if last is None:
            return
        pending = tuple(self._store.notices(pending=True))
        attempts = self._tell(pending, last)
        if self._log is not None and not self._log.has(last):
            self._publish([event for _, event in self._store.events() if event.at == last], None)
        self._waits = None
        if pending:
            people = {notice.subject for notice in pending}
            rows = [row for subject in people for row in self._missing(subject, last)]
            self._store.commit(Batch(decisions=tuple(rows), attempts=attempts))

    def _missing(self, subject: bytes, at: Instant) -> list[DecisionRow]:
        stored = {row.at for row in self._store.decisions(subject)}
        derived = decision_rows(subject, self._state.derivation(subject), self._state.life(subject, at))
        return [row for row, _, _ in derived if row.at not in stored]


def replay(store: Store, verify: Verify) -> tuple[State, int, Instant | None]:
    """Return the state that a store's events give, their number, and the instant of the newest."""
    state, head, last = State(), 0, None
    for number, event in store.events():
        entry = read_event(event)
        if isinstance(entry, Refused):
            state.refused[entry.statement] = entry
        else:
            state.apply(entry, event.at, verify)
        head, last = number, event.at
    return state, head, last


def _events(entries: Sequence[Entry], applied: Sequence[Applied], at: Instant) -> Iterator[Event]:
    for entry, one in zip(entries, applied, strict=True):
        if not one.new:
            continue
        outcome = one.outcome
        if isinstance(outcome, Refused):
            yield event_of(outcome, at)
        elif isinstance(outcome, tuple) and outcome and isinstance(outcome[0], Admitted):
            yield event_of(entry, at, outcome[0].id)
        else:
            yield event_of(entry, at)
