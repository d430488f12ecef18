"""Where a ledger ends: in a log, without which nothing that it has taken in has any effect."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol

from habeas.ledger._state import State
from habeas.stores import Event
from habeas.tlog import Checkpoint, Constants, Head, Note
from habeas.wire import Instant

__all__ = ["LogEnd", "Notary"]


class Notary(Protocol):
    """Those whose word a checkpoint needs: witnesses and checkers."""

    def witnessed(self) -> Head | None:
        """Return the largest head that witnesses or mirrors report, None if none does."""
        ...

    def cosign(self, signed: Checkpoint, prove: Callable[[int], tuple[bytes, ...]]) -> Note:
        """Return the log's note with the cosignatures of a quorum; raises `QuorumError`.

        `prove` gives the consistency proof from a size that a witness has seen last. Asking again is safe.
        """
        ...


class LogEnd(Protocol):
    """What a ledger's batches end in.

    **Order.** `publish` is called after the events are durable and the notices attempted, before any decision can be read.

    **Once.** What it has published it publishes again without change; after an error, or a crash at any step, calling it
    again goes on where it stopped.
    """

    @property
    def constants(self) -> Constants:
        """What all blocks of the log have in common."""
        ...

    def instant(self, now: Instant, last: Instant | None) -> Instant:
        """Return the first instant from `now` on, and after `last`, at which there can be decisions."""
        ...

    def has(self, at: Instant) -> bool:
        """Whether the block of an instant is published, or one after it."""
        ...

    def newest_at(self) -> Instant | None:
        """Return the instant of the newest block that is published, None if there is none."""
        ...

    def late(self) -> Instant | None:
        """Return when the checkers of the newest block saw it, if that was over an epoch late; None if it came in time."""
        ...

    def publish(self, state: State, events: Sequence[Event], touched: Iterable[bytes] | None) -> None:
        """Publish the block of some events, all of one instant, under its quorum.

        `state` is what they led to; `touched` are those who may have another answer, None: all.

        Raises `UnpublishedError` while a quorum is wanting.
        """
        ...
