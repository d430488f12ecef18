"""The rows that a store keeps, and the batch in which they are written."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from habeas.stores.errors import RowError
from habeas.wire import Instant

__all__ = ["ID_BYTES", "MAX_BODY_BYTES", "SUBJECT_BYTES", "Batch", "DecisionRow", "Event", "NoticeRow"]

ID_BYTES = 32
SUBJECT_BYTES = 16
MAX_BODY_BYTES = 1 << 24

_KIND = re.compile(r"[a-z0-9][a-z0-9._:/-]{0,63}", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Something that happened, kept for ever as it was written; the store gives it its place in the one order.

    `id` names these bytes and no others. `body` is opaque here, and left out of `repr`: it may be about a person.
    """

    id: bytes
    kind: str
    at: Instant
    body: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_bytes("an event's id", self.id, ID_BYTES)
        if not isinstance(self.kind, str) or not _KIND.fullmatch(self.kind):
            raise RowError(f"{self.kind!r} is no kind: 1 to 64 of a–z, 0–9 and . _ : / - such as statement.admitted")
        _check_instant(self.at)
        _check_body(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class DecisionRow:
    """One row of the view of decisions, by (`subject`, `at`); the events can give it again at any time."""

    subject: bytes
    at: Instant
    body: bytes = field(repr=False)

    def __post_init__(self) -> None:
        _check_bytes("a subject", self.subject, SUBJECT_BYTES)
        _check_instant(self.at)
        _check_body(self.body)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeRow:
    """A notice in the outbox; `attempted` is the instant of the first attempt to deliver it, set by the store."""

    id: bytes
    subject: bytes
    at: Instant
    body: bytes = field(repr=False)
    attempted: Instant | None = None

    def __post_init__(self) -> None:
        _check_bytes("a notice's id", self.id, ID_BYTES)
        _check_bytes("a subject", self.subject, SUBJECT_BYTES)
        _check_instant(self.at)
        _check_body(self.body)
        if self.attempted is not None:
            _check_instant(self.attempted)


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """What is written together or not at all, in this order: events, decisions, notices, attempts.

    `head`: the `event_count()` from which the batch was worked out; if the store has another, `StaleError`. None
    writes onto whatever is there. `replace_decisions` drops the whole view first, so that a rebuilt view takes the
    old one's place in one step and a crash never leaves half of it.
    """

    events: tuple[Event, ...] = ()
    decisions: tuple[DecisionRow, ...] = ()
    notices: tuple[NoticeRow, ...] = ()
    attempts: tuple[tuple[bytes, Instant], ...] = ()
    head: int | None = None
    replace_decisions: bool = False

    def __post_init__(self) -> None:
        for notice in self.notices:
            if notice.attempted is not None:
                raise RowError(f"notice {notice.id.hex()} comes with an attempt: give that in Batch.attempts")
        for notice_id, at in self.attempts:
            _check_bytes("a notice's id", notice_id, ID_BYTES)
            _check_instant(at)


def _check_bytes(what: str, value: object, size: int) -> None:
    if not isinstance(value, bytes):
        raise RowError(f"{what} is {size} bytes, not {type(value).__name__}")
    if len(value) != size:
        raise RowError(f"{what} is {size} bytes, not {len(value)}")


def _check_instant(value: object) -> None:
    if not isinstance(value, Instant):
        raise RowError(f"{value!r} is no Instant")


def _check_body(value: object) -> None:
    if not isinstance(value, bytes):
        raise RowError(f"a body is bytes, not {type(value).__name__}")
    if len(value) > MAX_BODY_BYTES:
        raise RowError(f"a body of {len(value)} bytes; at most {MAX_BODY_BYTES} are kept")
