"""What a gate learns, and how a decision commits to it: the code now, until when, the code after, and a hint to a document."""

from __future__ import annotations

import hashlib
import struct
from dataclasses import dataclass

from habeas.passes._keys import SALT_BYTES, Ratchet, Salt, day_of, label_at, salt_at
from habeas.passes.errors import OpeningError, PassFormatError
from habeas.tlog import HASH_BYTES, LABEL_BYTES, MAX_INDEX, Decision
from habeas.wire import HOUR, Cbor, encode_cbor

__all__ = ["MAX_HINT_BYTES", "VIEW_BYTES", "GateView", "Opening", "PersonKeys", "Previous", "decide", "open_decision"]

VIEW_BYTES = 20
MAX_HINT_BYTES = 12
_VERSION = 1
_FORM = struct.Struct(">BBIBB12s")
_NO_FLAGS = 0
_SALTS = (Salt.GATE, Salt.GROUNDS, Salt.PREVIOUS)


@dataclass(frozen=True, slots=True, kw_only=True)
class GateView:
    """The code `now` (its severity, 0 the mildest), `until` (unix hours), and the code from then on.

    `hint` is what the holder chose at the counter, such as the last four digits of a document and the year of birth: at most
    12 bytes that the keeper compares with that document. No rule, no source, no reason. `then` is never above `now`: a code
    worsens by a decision only, not by waiting.
    """

    now: int
    until: int
    then: int
    hint: str

    def __post_init__(self) -> None:
        if not 0 <= self.now < 1 << 8 or not 0 <= self.then < 1 << 8 or not 0 <= self.until < 1 << 32:
            raise PassFormatError("a view's codes lie between 0 and 255, its hour in four bytes")
        if self.then > self.now:
            raise PassFormatError(
                "a view's later code is no severer than the one now: only a new decision worsens a code"
            )
        if not self.hint.isprintable() or self.hint != self.hint.strip() or len(self.hint.encode()) > MAX_HINT_BYTES:
            raise PassFormatError(f"a hint is up to {MAX_HINT_BYTES} bytes of text that can be read")

    def to_bytes(self) -> bytes:
        """Return the view: 20 bytes."""
        return _FORM.pack(_VERSION, self.now, self.until, self.then, _NO_FLAGS, self.hint.encode())

    @classmethod
    def of_bytes(cls, data: bytes) -> GateView:
        """Return the view in bytes; raises `PassFormatError`."""
        if len(data) != VIEW_BYTES:
            raise PassFormatError(f"a view has {VIEW_BYTES} bytes, not {len(data)}")
        version, now, until, then, flags, hint = _FORM.unpack(data)
        try:
            view = cls(now=now, until=until, then=then, hint=hint.rstrip(b"\0").decode())
        except UnicodeDecodeError:
            raise PassFormatError("a view's hint is no text") from None
        if version != _VERSION or flags != _NO_FLAGS or view.to_bytes() != data:
            raise PassFormatError("a view of another version, or with bytes that mean nothing here: update the gate")
        return view

    def code_at(self, at: int) -> int:
        """Return the code at an instant (seconds since 1970)."""
        return self.now if at < self.until * HOUR else self.then


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonKeys:
    """A person's keys for one log. `openings` is None for a watcher, who sees that something came and not what."""

    labels: Ratchet
    openings: Ratchet | None = None

    def at(self, day: int) -> PersonKeys:
        """Return the keys as they stand on a later day (days since 1970); raises `KeyRangeError` for an earlier one."""
        openings = self.openings.at(day) if self.openings else None
        return PersonKeys(labels=self.labels.at(day), openings=openings)


@dataclass(frozen=True, slots=True, kw_only=True)
class Previous:
    """The person's last decision: its index and its leaf hash. A first one has index 0 and zeros."""

    index: int = 0
    leaf: bytes = bytes(HASH_BYTES)

    def __post_init__(self) -> None:
        if not 0 <= self.index <= MAX_INDEX or len(self.leaf) != HASH_BYTES:
            raise PassFormatError(f"a decision's index lies between 0 and {MAX_INDEX}, its leaf has {HASH_BYTES} bytes")

    def to_bytes(self) -> bytes:
        """Return 37 bytes."""
        return self.index.to_bytes(5) + self.leaf


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """All that a decision commits to, in clear: for its holder, and for whom they show it to."""

    view: GateView
    grounds: Cbor
    previous: Previous


def tag(name: str, origin: str) -> bytes:
    """Return the 32 bytes that keep commitments of different kinds and logs apart."""
    return hashlib.sha256(f"habeas/v1/{name}\n{origin}".encode()).digest()


def commit(name: str, origin: str, *parts: bytes) -> bytes:
    """Return the commitment of a kind to parts of fixed length, the last one of any."""
    return hashlib.sha256(tag(name, origin) + b"".join(parts)).digest()


def gate_commitment(origin: str, label: bytes, salt: bytes, view: bytes) -> bytes:
    """Return what a decision says of its view; salt and view are all that a gate needs beside the entry."""
    if len(label) != LABEL_BYTES or len(salt) != SALT_BYTES or len(view) != VIEW_BYTES:
        raise PassFormatError("a view is committed to with a label and a salt of 16 bytes")
    return commit("gate", origin, label, salt, view)


def decide(keys: PersonKeys, origin: str, epoch: int, begins: int, opening: Opening) -> Decision:
    """Return the decision of an epoch (which `begins` at that instant); the same bytes for the same input."""
    day = day_of(begins)
    label = label_at(keys.labels.key(day), origin, epoch)
    gate, grounds, previous = (salt_at(_openings(keys).key(day), salt, origin, epoch) for salt in _SALTS)
    rest = commit(
        "rest",
        origin,
        commit("grounds", origin, label, grounds, encode_cbor(opening.grounds)),
        commit("previous", origin, label, previous, opening.previous.to_bytes()),
    )
    view = opening.view.to_bytes()
    return Decision(epoch=epoch, label=label, gate=gate_commitment(origin, label, gate, view), rest=rest)


def open_decision(decision: Decision, keys: PersonKeys, origin: str, begins: int, opening: Opening) -> Opening:
    """Return the opening if the decision is this person's and commits to just that; raises `OpeningError`."""
    if decide(keys, origin, decision.epoch, begins, opening) != decision:
        raise OpeningError("the entry in the log is not what it was said to be: keep both, and show them to an auditor")
    return opening


def _openings(keys: PersonKeys) -> Ratchet:
    if keys.openings is None:
        raise OpeningError("a watcher's keys find decisions and open none")
    return keys.openings
