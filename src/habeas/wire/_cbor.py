"""CBOR (RFC 8949): deterministic on the way out, strict on the way in."""

from __future__ import annotations

from typing import TypeAlias

import cbor2

from habeas.wire.errors import CborError, SizeError

__all__ = ["MAX_CBOR_BYTES", "MAX_CBOR_DEPTH", "Cbor", "encode_cbor", "parse_cbor", "parse_deterministic_cbor"]

Cbor: TypeAlias = "bool | int | float | bytes | str | list[Cbor] | dict[str | int, Cbor] | None"
"""What may stand in a value that we sign or read: JSON's types, byte strings and integer keys."""

MAX_CBOR_BYTES = 1 << 20
MAX_CBOR_DEPTH = 24


def encode_cbor(value: object) -> bytes:
    """Return the one deterministic encoding of `value` (RFC 8949 §4.2.1: shortest forms, keys in byte order)."""
    try:
        return cbor2.dumps(value, canonical=True)
    except (cbor2.CBOREncodeError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise CborError(f"this value has no CBOR encoding: {error}") from None


def parse_cbor(data: bytes, *, max_bytes: int = MAX_CBOR_BYTES) -> object:
    """Return the value of `data`, one whole CBOR item of at most `max_bytes`; tags stay `cbor2.CBORTag`s.

    Raises `CborError` for anything else: rest bytes, a key twice, depth over `MAX_CBOR_DEPTH`.
    """
    if len(data) > max_bytes:
        raise SizeError(f"{len(data)} bytes of CBOR where at most {max_bytes} are read")
    try:
        return cbor2.loads(data, allow_duplicate_keys=False, max_depth=MAX_CBOR_DEPTH, semantic_decoders={})
    except Exception as error:  # noqa: BLE001 - a C parser over foreign bytes; whatever it raises, they are not CBOR
        raise CborError(f"not CBOR: {error}") from None


def parse_deterministic_cbor(data: bytes, *, max_bytes: int = MAX_CBOR_BYTES) -> object:
    """Return the value of `data`, refused unless it is the deterministic encoding: one value, one text of bytes."""
    value = parse_cbor(data, max_bytes=max_bytes)
    if encode_cbor(value) != data:
        raise CborError("CBOR that is not in its deterministic form (RFC 8949 §4.2.1): encode it again")
    return value
