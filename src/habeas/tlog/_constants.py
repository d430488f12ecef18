"""The constants of a log: its second entry, signed, and never changed."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from habeas.tlog._entry import EntryKind, Plain
from habeas.tlog.errors import EntryError
from habeas.wire import (
    DAY,
    HOUR,
    SigningKey,
    VerifyingKey,
    WireError,
    check_sign1,
    encode_cbor,
    parse_deterministic_cbor,
    parse_sign1,
    sign1,
)

__all__ = ["HEIGHTS", "Constants", "constants_entry", "read_constants"]

_LEAST_HORIZON = 28 * DAY  # a gate takes a pass for so long, and must know until then whether it is superseded
HEIGHTS = (8, 16)
"""Blocks end on a full tile of level 0 or 1: their root is itself a hash of a tile."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Constants:
    """What all blocks of a log have in common. Times are in seconds, notices from the block that logs to the effect."""

    origin: str
    epoch_seconds: int
    height: int
    horizon: int = 28 * DAY
    pack_notice: int = 48 * HOUR
    mandate_notice: int = 7 * DAY
    gate_notice: int = 48 * HOUR
    release_notice: int = 48 * HOUR
    policy_notice: int = 7 * DAY
    pool_minimum: int = 50_000

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin:
            raise EntryError("a log has an origin, a name on one line")
        if self.epoch_seconds < 1 or DAY % self.epoch_seconds:
            raise EntryError(f"an epoch of {self.epoch_seconds} seconds does not divide a day: choose one that does")
        if self.height not in HEIGHTS:
            raise EntryError(f"blocks end on a multiple of 2^8 or 2^16 entries, not of 2^{self.height}")
        if self.horizon < _LEAST_HORIZON or any(getattr(self, field.name) < 0 for field in fields(self)[3:]):
            raise EntryError("the horizon is 28 days or more, and no notice and no pool is below 0")

    def begins(self, epoch: int) -> int:
        """Return when an epoch begins, in seconds since 1970."""
        return epoch * self.epoch_seconds

    def is_last_of_day(self, epoch: int) -> bool:
        """Whether the next epoch begins another UTC day."""
        return self.begins(epoch + 1) % DAY == 0


def constants_entry(constants: Constants, key: SigningKey) -> bytes:
    """Return the entry that says the constants, signed by whoever begins the log."""
    body = {field.name: getattr(constants, field.name) for field in fields(constants)}
    return Plain(kind=EntryKind.CONSTANTS, body=sign1(encode_cbor(body), key)).to_bytes()


def read_constants(entry: bytes, key: VerifyingKey | None) -> Constants:
    """Return the constants of an entry that `key` signed; raises `EntryError`.

    None is for whoever has found the entry as leaf 1 under a quorum: its checkers have compared it with what they were set
    up with, and whose signature it bears says nothing more.
    """
    plain = Plain.of_bytes(entry)
    if plain.kind is not EntryKind.CONSTANTS:
        raise EntryError("the first block's one plain entry is the log's constants")
    try:
        message = parse_sign1(plain.body)
        value: Any = parse_deterministic_cbor(message.payload if key is None else check_sign1(message, key))
    except WireError as error:
        raise EntryError(f"the log's constants: {error}") from None
    names = {field.name: str if field.name == "origin" else int for field in fields(Constants)}
    if not isinstance(value, dict) or value.keys() != names.keys():
        raise EntryError(f"the log's constants are {', '.join(names)}, and no other")
    if any(type(value[name]) is not kind for name, kind in names.items()):
        raise EntryError("the log's constants are whole numbers, and a name")
    return Constants(**{name: value[name] for name in names})
