"""What the unlabelled entries of the log commit to: a statement that was let in or refused, a ground that is counted.

Whoever holds the statement, or the opened ground with its keys, finds the entry; nobody else learns whose it is.
"""

from __future__ import annotations

import hashlib

from habeas.passes._keys import Salt, day_of, label_at, salt_at
from habeas.passes._view import PersonKeys, commit
from habeas.passes.errors import OpeningError
from habeas.tlog import HASH_BYTES

__all__ = ["admission_commitment", "ground_commitment", "refusal_commitment"]


def admission_commitment(origin: str, kind: int, event: bytes) -> bytes:
    """Return what the admission of an event commits to: its kind (1 byte) and its id, a hash over signed bytes."""
    return commit("admission", origin, bytes([kind]), _hash(event))


def refusal_commitment(origin: str, received: bytes) -> bytes:
    """Return what a refusal names: the SHA-256 of the bytes that were received."""
    return commit("refusal", origin, _hash(received))


def ground_commitment(
    keys: PersonKeys, origin: str, epoch: int, begins: int, *, pack: bytes, rule: str, statement: bytes
) -> bytes:
    """Return what a ground's entry in the block of an epoch commits to; raises `OpeningError` with a watcher's keys.

    `pack` and `statement` are hashes of 32 bytes.
    """
    if keys.openings is None:
        raise OpeningError("a watcher's keys find decisions and open none")
    day = day_of(begins)
    label = label_at(keys.labels.key(day), origin, epoch)
    salt = salt_at(keys.openings.key(day), Salt.COUNT, origin, epoch)
    ground = hashlib.sha256(_hash(pack) + _hash(statement) + rule.encode()).digest()
    return commit("ground", origin, label, salt, ground)


def _hash(value: bytes) -> bytes:
    if len(value) != HASH_BYTES:
        raise OpeningError(f"an id has {HASH_BYTES} bytes, not {len(value)}")
    return value
