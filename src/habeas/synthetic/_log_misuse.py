"""Misuse of the log by somebody who has every key: what can be made up outside of it."""

from __future__ import annotations

import hashlib

from habeas.passes import (
    GateView,
    Opening,
    OpeningError,
    PersonKeys,
    Previous,
    Salt,
    day_of,
    decide,
    format_pass,
    make_pass,
    salt_at,
)
from habeas.tlog import Constants

__all__ = ["unlogged_pass"]


def unlogged_pass(keys: PersonKeys, constants: Constants, *, epoch: int, index: int, view: GateView) -> str:
    """Return a pass for a decision that no block holds: right in all but its path. Every gate says `not-in-the-log`."""
    if keys.openings is None:
        raise OpeningError("a watcher's keys find decisions and open none")
    begins, origin = constants.begins(epoch), constants.origin
    decision = decide(keys, origin, epoch, begins, Opening(view=view, grounds=[], previous=Previous()))
    salt = salt_at(keys.openings.key(day_of(begins)), Salt.GATE, origin, epoch)
    path = [hashlib.sha256(b"made up" + bytes([level])).digest() for level in range(constants.height)]
    return format_pass(make_pass(decision, salt, view, origin=origin, index=index, path=path))
