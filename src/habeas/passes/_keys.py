"""A person's two seeds, rolled forward day by day, and what follows from them for one epoch of one log.

Labels and every salt are functions of a day key, the log and the epoch. A salt that somebody could choose would be a place
to hide a mark in. A state goes forward only: whoever destroys an old one can no longer find or open what came before.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass, field
from enum import Enum

from habeas.passes.errors import KeyRangeError, PassFormatError
from habeas.tlog import LABEL_BYTES
from habeas.wire import DAY

__all__ = ["SALT_BYTES", "SEED_BYTES", "Ratchet", "Salt", "day_of", "label_at", "log_id", "salt_at"]

SEED_BYTES = 32
SALT_BYTES = 16
_MOST_DAYS = 40_000  # a century


class Salt(Enum):
    """What a salt is for; each commitment has its own."""

    GATE = b"G"
    GROUNDS = b"R"
    PREVIOUS = b"P"
    COUNT = b"C"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ratchet:
    """A seed as it stands on a UTC day (days since 1970): it gives that day's key and every later one, none before."""

    day: int
    state: bytes = field(repr=False)

    def __post_init__(self) -> None:
        if len(self.state) != SEED_BYTES or self.day < 0:
            raise PassFormatError(f"a seed is {SEED_BYTES} secret bytes of a day since 1970")

    def at(self, day: int) -> Ratchet:
        """Return the state of a later day; raises `KeyRangeError` for an earlier one."""
        if not 0 <= day - self.day <= _MOST_DAYS:
            raise KeyRangeError(f"these keys begin on day {self.day}: day {day} cannot be reached from there")
        state = self.state
        for _ in range(day - self.day):
            state = hashlib.sha256(b"habeas/next" + state).digest()
        return Ratchet(day=day, state=state)

    def key(self, day: int) -> bytes:
        """Return a day's key. It opens that day alone: it can be handed to a watcher or an auditor."""
        return hmac.digest(self.at(day).state, b"habeas/use", "sha256")


def log_id(origin: str) -> bytes:
    """Return the 32 bytes that name a log."""
    return hashlib.sha256(origin.encode()).digest()


def day_of(begins: int) -> int:
    """Return the UTC day of an instant, in days since 1970."""
    return begins // DAY


def label_at(key: bytes, origin: str, epoch: int) -> bytes:
    """Return the label of an epoch, from the label key of its day."""
    return hmac.digest(key, b"label" + log_id(origin) + epoch.to_bytes(4), "sha256")[:LABEL_BYTES]


def salt_at(key: bytes, salt: Salt, origin: str, epoch: int) -> bytes:
    """Return a salt of an epoch, from the opening key of its day."""
    return hmac.digest(key, b"salt" + salt.value + log_id(origin) + epoch.to_bytes(4), "sha256")[:SALT_BYTES]
