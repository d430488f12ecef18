"""Just enough CBOR (RFC 8949) to find a certificate's kid and times, so that nobody's reader is asked about its own input."""

from __future__ import annotations

import base64
import struct
import zlib
from datetime import UTC, datetime
from typing import Any

__all__ = ["cose_of", "instant", "kid_of", "parse", "times_of"]

_BASE45 = {sign: value for value, sign in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:")}
_HALF, _SINGLE, _DOUBLE = 25, 26, 27


def parse(data: bytes) -> object:
    """Return the item in `data`; tags are left off. Raises `ValueError` or one of its kind for what is none."""
    value, _ = _item(data, 0)
    return value


def cose_of(row: dict[str, str]) -> list[object]:
    """Return the four parts of a test file's message: as it stands there, else out of the picture's text."""
    data = bytes.fromhex(row["COSE"]) if row.get("COSE") else zlib.decompress(_base45(row["PREFIX"][4:]))
    message = parse(data)
    if not isinstance(message, list) or len(message) != len(("protected", "unprotected", "payload", "signature")):
        raise ValueError("no COSE_Sign1")
    return message


def kid_of(message: list[object]) -> str:
    """Return the kid of a message in Base64, as in a trust list."""
    protected = parse(message[0]) if isinstance(message[0], bytes) and message[0] else {}
    for headers in (protected, message[1]):
        if isinstance(headers, dict) and isinstance(headers.get(4), bytes):
            return base64.b64encode(headers[4]).decode()
    raise ValueError("no kid")


def times_of(message: list[object]) -> tuple[int, int]:
    """Return the seconds from and to which a message is valid (RFC 8392: claims 6, 5 and 4)."""
    claims = parse(message[2]) if isinstance(message[2], bytes) else None
    if not isinstance(claims, dict):
        raise ValueError("no claims")  # noqa: TRY004 - bytes of another shape, as any other fault in them
    return int(max(claims[6], claims.get(5, claims[6]))), int(claims[4])


def instant(seconds: int) -> str:
    """Return seconds since 1970 as RFC 3339 text."""
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _item(data: bytes, at: int) -> tuple[object, int]:
    kind, info = data[at] >> 5, data[at] & 31
    at += 1
    if info < 24:
        size, number = 0, info
    elif info < 28:
        size = 1 << (info - 24)
        number = int.from_bytes(data[at : at + size])
    elif info == 31 and kind in (2, 3, 4, 5):
        return _without_length(data, at, kind)
    else:
        raise ValueError("no CBOR")
    raw = data[at : at + size]
    at += size
    if kind == 7:
        return _simple(info, raw), at
    return _sized(data, at, kind, number)


def _sized(data: bytes, at: int, kind: int, number: int) -> tuple[object, int]:
    if kind in (0, 1):
        return (number if kind == 0 else -1 - number), at
    if kind in (2, 3):
        if at + number > len(data):
            raise ValueError("cut")
        part = data[at : at + number]
        return (part if kind == 2 else part.decode()), at + number
    if kind == 6:
        return _item(data, at)
    items = []
    for _ in range(number if kind == 4 else 2 * number):
        value, at = _item(data, at)
        items.append(value)
    return (items if kind == 4 else dict(zip(items[::2], items[1::2], strict=True))), at


def _without_length(data: bytes, at: int, kind: int) -> tuple[object, int]:
    items: list[Any] = []
    while data[at] != 0xFF:
        value, at = _item(data, at)
        items.append(value)
    if kind == 5:
        return dict(zip(items[::2], items[1::2], strict=True)), at + 1
    if kind == 4:
        return items, at + 1
    return (b"".join(items) if kind == 2 else "".join(items)), at + 1


def _simple(info: int, raw: bytes) -> object:
    if info in (_HALF, _SINGLE, _DOUBLE):
        return struct.unpack({_HALF: ">e", _SINGLE: ">f", _DOUBLE: ">d"}[info], raw)[0]
    return {20: False, 21: True}.get(info)


def _base45(text: str) -> bytes:
    """Return the bytes of Base45 (RFC 9285)."""
    data = bytearray()
    for at in range(0, len(text), 3):
        part = text[at : at + 3]
        number = sum(_BASE45[sign] * 45**place for place, sign in enumerate(part))
        data += number.to_bytes(len(part) - 1)
    return bytes(data)
