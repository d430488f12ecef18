"""A witness: cosigns what continues all that it has cosigned, and nothing else (C2SP tlog-witness).

Its folder, through a `Disk`:

    seen/<SHA-256 of the origin>    the newest checkpoint that it cosigned, with the log's and its own signature
    forks/<id>                      two checkpoints of a log that contradict each other

The cosignature is made, written to `seen` and durable there *before* it leaves: killed in between, the witness gives it when
it is asked again. Reading the state, comparing and replacing it is one step under one lock, and the disk's lock keeps a
second process out. After a write whose outcome is unknown it answers nothing more: what a new process finds is what holds.

A folder that was put back from an old copy has forgotten what was cosigned since, and no program can know that by itself. What
can be done is in `remember`: any checkpoint that bears our own cosignature is taken as seen, from whomever it comes.
"""

from __future__ import annotations

import contextlib
import hashlib
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

from habeas.services._fork import Fork, format_fork, same_size
from habeas.services.errors import BusyError, ClockError, StoppedError
from habeas.stores import DamagedStoreError, Disk, StoreError, UnknownOutcomeError
from habeas.tlog import (
    Checkpoint,
    ForkError,
    Head,
    Note,
    NoteKey,
    NoteSignature,
    NoteSigner,
    Request,
    StaleError,
    TlogError,
    check_note,
    format_note,
    open_checkpoint,
    parse_request,
    sign_note,
    witness_step,
)

__all__ = ["Seen", "Witness", "log_id"]

_WAITING = 4
_MAX_FORKS = 1000
_STEP_BACK = 60
"""Clocks are put right by steps of seconds; by more than these it is a fault."""
_FRESH = 60
"""The same checkpoint again gets the cosignature that is kept, if it is not older: asking costs no write."""


def log_id(origin: str) -> str:
    """Return the name of a log's files: the SHA-256 of its origin."""
    return hashlib.sha256(origin.encode()).hexdigest()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What was cosigned last for a log: the checkpoint with our cosignature in its note, and when."""

    checkpoint: Checkpoint
    at: int

    @property
    def head(self) -> Head:
        """The size and the root."""
        return self.checkpoint.head


class Witness:
    """One witness with one key over one folder, for the logs that it was set up with. Safe to call from several threads."""

    def __init__(self, disk: Disk, signer: NoteSigner, logs: Mapping[str, NoteKey], clock: Callable[[], int]) -> None:
        self._disk = disk
        self._signer = signer
        self._logs = dict(logs)
        self._clock = clock
        self._known: dict[str, Seen] = {}
        self._lock = threading.Lock()
        self._places = threading.BoundedSemaphore(_WAITING)
        self._stopped = False
        for origin in self._logs:
            self.seen(origin)

    @property
    def key(self) -> NoteKey:
        """The key that it cosigns with."""
        return self._signer.key

    @property
    def logs(self) -> Mapping[str, NoteKey]:
        """The logs that it knows, by origin."""
        return self._logs

    def seen(self, origin: str) -> Seen | None:
        """Return what was cosigned last for a log; raises `DamagedStoreError` if the file is not as we wrote it."""
        if origin not in self._known:
            data = self._disk.read(f"seen/{log_id(origin)}")
            if data is None:
                return None
            self._known[origin] = self._opened(data, self._logs[origin])
        return self._known[origin]

    def add_checkpoint(self, body: bytes) -> tuple[NoteSignature, ...]:
        """Return the cosignatures that a request asks for, durable before this returns.

        Raises what `witness_step` does, `BusyError`, `ClockError`, and `StoreError`s, after which nothing was cosigned.
        """
        request = parse_request(body)
        with self._turn():
            origin = request.checkpoint.text.partition("\n")[0]
            if origin in self._logs:
                self._remember(origin, request.checkpoint)
            seen = self.seen(origin) if origin in self._logs else None
            checkpoint = self._stepped(request, seen)
            same = seen is not None and seen.checkpoint.note.text == checkpoint.note.text
            if seen is not None and same and 0 <= self._clock() - seen.at < _FRESH:
                return self._own(seen.checkpoint.note)
            at = self._time(seen)
            self._examine(checkpoint, seen)
            return self._cosign(checkpoint, at)

    def remember(self, note: Note) -> None:
        """Take as seen a checkpoint that bears our own cosignature, as after an old copy was put back."""
        origin = note.text.partition("\n")[0]
        if origin in self._logs:
            with self._turn():
                self._remember(origin, note)

    def forks(self) -> list[str]:
        """Return the ids of the forks that are kept."""
        return sorted(name.removeprefix("forks/") for name in self._disk.names("forks"))

    def fork(self, fork_id: str) -> bytes | None:
        """Return the file of a fork."""
        return self._disk.read(f"forks/{fork_id}") if fork_id in self.forks() else None

    def _examine(self, checkpoint: Checkpoint, seen: Seen | None) -> None:
        """Do what must be done before a checkpoint is cosigned; a witness has nothing more to ask."""

    def _contradicts(self, checkpoint: Checkpoint, seen: Seen) -> Fork | None:
        """Return the fork that a checkpoint of the log makes with what was seen, as far as this can be told."""
        if checkpoint.head.size == seen.head.size and checkpoint.head.root != seen.head.root:
            return same_size(seen.checkpoint, checkpoint)
        return None

    @contextlib.contextmanager
    def _turn(self) -> Iterator[None]:
        if not self._places.acquire(blocking=False):
            raise BusyError("too many requests are waiting")
        try:
            with self._lock:
                if self._stopped:
                    raise StoppedError("a write had an unknown outcome: start this service again")
                yield
        finally:
            self._places.release()

    def _stepped(self, request: Request, seen: Seen | None) -> Checkpoint:
        """Return the checkpoint to cosign; a second root for one size is kept, also where the old size is wrong."""
        try:
            return witness_step(request, self._logs, seen.head if seen else None)
        except (StaleError, ForkError) as error:
            fork = None
            if seen is not None:
                log = self._logs[seen.head.origin]
                fork = self._contradicts(open_checkpoint(format_note(request.checkpoint), log), seen)
            if fork is None:
                raise
            self._keep(fork)
            raise ForkError(
                f"two logs of {fork.origin!r}: both checkpoints are kept, as fork {fork.id}", error.size
            ) from None

    def _remember(self, origin: str, note: Note) -> None:
        try:
            shown = self._opened(format_note(note), self._logs[origin])
        except DamagedStoreError:
            return  # no cosignature of ours on it: it says nothing of what we have seen
        seen = self.seen(origin)
        if seen is None or shown.head.size > seen.head.size:
            own = replace(note, signatures=self._of_log(note, origin))
            self._store(origin, own, self._own(note), shown.at)
        elif (fork := self._contradicts(shown.checkpoint, seen)) is not None:
            self._keep(fork)
            raise ForkError(f"this key has cosigned two logs of {origin!r}: fork {fork.id}", seen.head.size)

    def _cosign(self, checkpoint: Checkpoint, at: int) -> tuple[NoteSignature, ...]:
        note = checkpoint.note
        lines = (sign_note(note.text, self._signer, at),)
        origin = checkpoint.head.origin
        self._store(origin, replace(note, signatures=self._of_log(note, origin)), lines, at)
        return lines

    def _store(self, origin: str, note: Note, lines: tuple[NoteSignature, ...], at: int) -> None:
        whole = note.with_signatures(lines)
        data = format_note(whole)
        try:
            self._disk.write({f"seen/{log_id(origin)}": data})
        except UnknownOutcomeError:
            self._stopped = True
            raise
        self._known[origin] = Seen(checkpoint=open_checkpoint(data, self._logs[origin]), at=at)

    def _opened(self, data: bytes, log: NoteKey) -> Seen:
        try:
            checkpoint = open_checkpoint(data, log)
            (endorsement,) = check_note(checkpoint.note, (self.key,))
        except TlogError as error:
            raise DamagedStoreError(
                f"what was cosigned last for {log.name!r}: {error}; stop, and keep the folder"
            ) from None
        return Seen(checkpoint=checkpoint, at=endorsement.at)

    def _own(self, note: Note) -> tuple[NoteSignature, ...]:
        return tuple(one for one in note.signatures if (one.name, one.key_id) == (self.key.name, self.key.id))[:1]

    def _of_log(self, note: Note, origin: str) -> tuple[NoteSignature, ...]:
        log = self._logs[origin]
        return tuple(one for one in note.signatures if (one.name, one.key_id) == (log.name, log.id))[:1]

    def _time(self, seen: Seen | None) -> int:
        """Return the cosignature's time, which never goes back; raises `ClockError`."""
        now, last = self._clock(), seen.at if seen else 1
        if now < last - _STEP_BACK:
            raise ClockError(f"this clock is {last - now} seconds behind what was cosigned last")
        return max(now, last)

    def _keep(self, fork: Fork) -> None:
        """Keep a fork. Where there is no room for it the refusal stands all the same."""
        kept = self.forks()
        if fork.id not in kept and len(kept) < _MAX_FORKS:
            with contextlib.suppress(StoreError):
                self._disk.write({f"forks/{fork.id}": format_fork(fork)})
