"""CBOR (RFC 8949): deterministic on the way out, strict on the way in.

Written out here, and held against cbor2 as an oracle in the tests, for three things that a general library does not
give together: keys in the order of §4.2.1 (cbor2's canonical mode has that of RFC 7049), foreign bytes that can become
nothing but the plain values below (no dates, decimals, patterns, sets, shared references), and no key that is an array
or a map (their hashes collide by choice: 120 kB took cbor2 seconds).
"""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TypeAlias

from habeas.wire.errors import CborError, SizeError

__all__ = [
    "MAX_CBOR_BYTES",
    "MAX_CBOR_DEPTH",
    "Cbor",
    "CborTag",
    "encode_bytes",
    "encode_cbor",
    "parse_cbor",
    "parse_deterministic_cbor",
]

Cbor: TypeAlias = "bool | int | float | bytes | str | list[Cbor] | dict[str | int, Cbor] | CborTag | None"
"""What may stand in a value that we sign or read: JSON's types, byte strings, integer keys, and tags left as tags."""

MAX_CBOR_BYTES = 1 << 20
MAX_CBOR_DEPTH = 24

_UNSIGNED, _NEGATIVE, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)  # major types, RFC 8949 §3.1
_INLINE = 24  # arguments below stand in the first byte; 24 to 27 say that 1, 2, 4 or 8 bytes follow
_LONGEST = 27
_WIDTHS = tuple((_INLINE + step, 1 << step, 1 << (8 << step)) for step in range(4))
_INDEFINITE = 31
_QUICK_TEXTS = tuple(1 + first - (_TEXT << 5) if 0 <= first - (_TEXT << 5) < _INLINE else 0 for first in range(256))
_INLINE_HEADS = tuple(bytes((first,)) for first in range(256))
_SHORT = 32
_BREAK = 0xFF
_SIMPLE_VALUES: dict[int, bool | None] = {20: False, 21: True, 22: None}
_SIMPLE_BYTES = {value: bytes((_SIMPLE << 5 | low,)) for low, value in _SIMPLE_VALUES.items()}
_FLOATS = {25: ">e", 26: ">f", 27: ">d"}
_NAN = bytes.fromhex("f97e00")


@dataclass(frozen=True, slots=True)
class CborTag:
    """A tagged item (RFC 8949 §3.4): the number and the item, with no meaning given to either."""

    tag: int
    value: Cbor


def encode_cbor(value: object) -> bytes:
    """Return the one deterministic encoding of `value` (RFC 8949 §4.2.1: shortest forms, keys in byte order).

    Takes what `Cbor` names and its look-alikes (tuples, mappings, subclasses of int and str); raises `CborError` for
    all that `parse_cbor` would not read back: integers beyond 64 bits, nesting over `MAX_CBOR_DEPTH`, dates, sets.
    """
    return _encode(value, MAX_CBOR_DEPTH)


def _encode(value: object, depth: int) -> bytes:
    if isinstance(value, str):  # what comes most often first, and is never kept: it may be somebody's name
        return _encode_text(value)
    if value is None or isinstance(value, bool | float):
        return _encode_simple(value)
    if isinstance(value, int):
        return _head(_UNSIGNED, int(value)) if value >= 0 else _head(_NEGATIVE, -1 - int(value))
    if isinstance(value, bytes):
        return encode_bytes(value)
    if depth == 0:
        raise CborError(f"this value is nested more than {MAX_CBOR_DEPTH} deep; flatten it")
    return _encode_nested(value, depth - 1)


def _encode_nested(value: object, depth: int) -> bytes:
    if type(value) is dict or isinstance(value, Mapping):  # the plain question first: it is the quick one
        return _encode_map(value, depth)
    if isinstance(value, list | tuple):
        return _head(_ARRAY, len(value)) + b"".join([_encode(item, depth) for item in value])
    if isinstance(value, CborTag):
        return _head(_TAG, value.tag) + _encode(value.value, depth)
    raise CborError(f"a {type(value).__name__} has no CBOR encoding here; use plain values: {Cbor}")


def encode_bytes(data: bytes) -> bytes:
    """Return the encoding of a byte string."""
    return _head(_BYTES, len(data)) + data


def _encode_text(value: str) -> bytes:
    try:
        encoded = value.encode()
    except UnicodeEncodeError as error:
        raise CborError(f"this text has no UTF-8 form: {error}") from None
    return _head(_TEXT, len(encoded)) + encoded


_encode_name = lru_cache(maxsize=1024)(_encode_text)
"""Names of fields come again and again; only these are kept."""


def _encode_map(value: Mapping[object, object], depth: int) -> bytes:
    pairs = [(_encode_key(key), _encode(item, depth)) for key, item in value.items()]
    pairs.sort()
    return _head(_MAP, len(pairs)) + b"".join([key + item for key, item in pairs])


def _encode_key(key: object) -> bytes:
    if type(key) is str and len(key) <= _SHORT:
        return _encode_name(key)
    if isinstance(key, bool) or not isinstance(key, int | str):
        raise CborError(f"a map's keys are text or integers, not {key!r:.40}")
    return _encode(key, 0)


def _encode_simple(value: float | None) -> bytes:
    if value is None or value is True or value is False:
        return _SIMPLE_BYTES[value]
    if math.isnan(value):
        return _NAN
    for low in (25, 26):
        try:
            packed = struct.pack(_FLOATS[low], value)
        except OverflowError:
            continue
        if struct.unpack(_FLOATS[low], packed)[0] == value:
            return bytes((_SIMPLE << 5 | low,)) + packed
    return bytes((_SIMPLE << 5 | 27,)) + struct.pack(_FLOATS[27], value)


def _head(major: int, argument: int) -> bytes:
    if 0 <= argument < _INLINE:
        return _INLINE_HEADS[major << 5 | argument]
    for low, size, limit in _WIDTHS:
        if 0 <= argument < limit:
            return bytes((major << 5 | low,)) + argument.to_bytes(size)
    raise CborError(f"{argument} has more than 64 bits; write it as bytes")


def parse_cbor(data: bytes, *, max_bytes: int = MAX_CBOR_BYTES) -> Cbor:
    """Return the value of `data`, one whole CBOR item of at most `max_bytes`; tags stay `CborTag`s.

    Raises `SizeError`, and `CborError` for anything else: rest bytes, nesting over `MAX_CBOR_DEPTH`, a key twice or
    one that is neither text nor integer, simple values but false, true and null. Takes time in proportion to the
    bytes, and memory up to about eighty times theirs (a megabyte of empty maps).
    """
    if len(data) > max_bytes:
        raise SizeError(f"{len(data)} bytes of CBOR where at most {max_bytes} are read")
    try:
        return _QuickReader(data).whole()
    except (_OddError, IndexError, UnicodeDecodeError, struct.error):
        pass
    return _Reader(data).whole()  # what is wrong with it, if anything, this one says


def parse_deterministic_cbor(data: bytes, *, max_bytes: int = MAX_CBOR_BYTES) -> Cbor:
    """Return the value of `data`, refused unless it is the deterministic encoding: one value, one text of bytes."""
    value = parse_cbor(data, max_bytes=max_bytes)
    if encode_cbor(value) != data:
        raise CborError("CBOR that is not in its deterministic form (RFC 8949 §4.2.1): encode it again")
    return value


class _OddError(Exception):
    """CBOR that the quick reader leaves to the other."""


class _QuickReader:
    """Reads what is nearly always sent, and nothing that `_Reader` would not read in the same way; it gives no reasons.

    It may run past the end, where slices come out short, but never goes back: only if it stops at the very end was
    everything there. All else, such as a key that stands twice, is `_Reader`'s to read or to refuse from the beginning.
    """

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def whole(self) -> Cbor:
        value = self.item(MAX_CBOR_DEPTH)
        if self.at != len(self.data):
            raise _OddError
        return value

    def item(self, depth: int) -> Cbor:
        """Return the next item, which may nest `depth` deep."""
        data, at = self.data, self.at + 1
        first = data[at - 1]
        major, argument = first >> 5, first & 31
        if major == _SIMPLE:
            return self.simple(first, at)
        if argument >= _INLINE:
            if argument > _LONGEST:
                raise _OddError
            end = at + (1 << argument - _INLINE)
            argument, at = int.from_bytes(data[at:end]), end
        if major < _BYTES:
            self.at = at
            return argument if major == _UNSIGNED else -1 - argument
        if major <= _TEXT:
            self.at = end = at + argument
            return data[at:end].decode() if major == _TEXT else data[at:end]
        self.at = at
        if depth == 0:
            raise _OddError
        if major == _MAP:
            return self.map(argument, depth - 1)
        if major == _ARRAY:
            return [self.item(depth - 1) for _ in range(argument)]
        return CborTag(argument, self.item(depth - 1))

    def map(self, count: int, depth: int) -> dict[str | int, Cbor]:
        """Return a map of `count` pairs; short texts, which most keys and values are, are read without a call for each."""
        data, at = self.data, self.at
        out: dict[str | int, Cbor] = {}
        key: str | int
        for _ in range(count):
            first = data[at]
            if size := _QUICK_TEXTS[first]:
                end = at + size
                key = data[at + 1 : end].decode()
                at = end
            elif first < _INLINE:
                key = first
                at += 1
            else:
                self.at = at
                key = self.key(depth)
                at = self.at
            first = data[at]
            if size := _QUICK_TEXTS[first]:
                end = at + size
                out[key] = data[at + 1 : end].decode()
                at = end
            elif first < _INLINE:
                out[key] = first
                at += 1
            else:
                self.at = at
                out[key] = self.item(depth)
                at = self.at
        self.at = at
        if len(out) != count:
            raise _OddError
        return out

    def key(self, depth: int) -> str | int:
        key = self.item(depth)
        if type(key) is int or type(key) is str:
            return key
        raise _OddError

    def simple(self, first: int, at: int) -> Cbor:
        low = first & 31
        if low in _SIMPLE_VALUES:
            self.at = at
            return _SIMPLE_VALUES[low]
        if low not in _FLOATS:
            raise _OddError
        self.at = at + (1 << low - _INLINE)
        value: float = struct.unpack_from(_FLOATS[low], self.data, at)[0]
        return value


class _Reader:
    """A place in received bytes; every step is checked against their end before anything is built."""

    __slots__ = ("at", "data")

    def __init__(self, data: bytes) -> None:
        self.data = data
        self.at = 0

    def whole(self) -> Cbor:
        value = self.item(MAX_CBOR_DEPTH)
        rest = len(self.data) - self.at
        if rest:
            raise CborError(f"{rest} bytes follow the CBOR item, from byte {self.at}; send one item")
        return value

    def take(self, size: int) -> bytes:
        start = self.at
        self.at = end = start + size
        if end > len(self.data):
            raise self.short(size, start)
        return self.data[start:end]

    def byte(self) -> int:
        at = self.at
        if at >= len(self.data):
            raise self.short(1, at)
        self.at = at + 1
        return self.data[at]

    def short(self, size: int, at: int) -> CborError:
        return CborError(f"the CBOR ends too early: {size} more bytes are announced at byte {at}; send all of it")

    def item(self, depth: int) -> Cbor:
        """Return the next item, which may nest `depth` deep."""
        first = self.byte()
        major, low = first >> 5, first & 31
        if major == _SIMPLE:
            return self.simple(low)
        if low < _INLINE:
            argument: int | None = low
        else:
            argument = None if low == _INDEFINITE and _BYTES <= major <= _MAP else self.argument(low)
        if major == _TEXT:
            return self.text(argument)
        if major >= _ARRAY:
            return self.nested(major, argument, depth)
        if major == _BYTES:
            return self.take(argument) if argument is not None else b"".join(self.chunks(_BYTES))
        number = argument or 0  # an integer's argument is never left open
        return number if major == _UNSIGNED else -1 - number

    def argument(self, low: int) -> int:
        """Return the argument of a head whose first byte ends in `low` (RFC 8949 §3)."""
        if low < _INLINE:
            return low
        if low > _LONGEST:
            raise CborError(f"byte {self.at - 1} begins no CBOR item")
        return int.from_bytes(self.take(1 << (low - _INLINE)))

    def nested(self, major: int, argument: int | None, depth: int) -> Cbor:
        if depth == 0:
            raise CborError(f"the CBOR is nested more than {MAX_CBOR_DEPTH} deep at byte {self.at}")
        if major == _MAP:
            return self.map(argument, depth - 1)
        if major == _ARRAY:
            return self.array(argument, depth - 1)
        return CborTag(argument or 0, self.item(depth - 1))  # a tag's number is never left open

    def array(self, count: int | None, depth: int) -> list[Cbor]:
        if count is not None:
            return [self.item(depth) for _ in range(count)]
        out: list[Cbor] = []
        while not self.ended():
            out.append(self.item(depth))
        return out

    def map(self, count: int | None, depth: int) -> dict[str | int, Cbor]:
        out: dict[str | int, Cbor] = {}
        while (len(out) < count) if count is not None else not self.ended():
            start = self.at
            key = self.item(depth)
            if not isinstance(key, str | int) or isinstance(key, bool):
                raise CborError(f"the key at byte {start} is neither text nor an integer")
            if key in out:
                raise CborError(f"the key {key!r:.40} at byte {start} stands twice in its map")
            out[key] = self.item(depth)
        return out

    def text(self, size: int | None) -> str:
        start = self.at
        try:
            if size is not None:
                return self.take(size).decode()
            return "".join([chunk.decode() for chunk in self.chunks(_TEXT)])
        except UnicodeDecodeError:
            raise CborError(f"the text at byte {start} is not UTF-8") from None

    def chunks(self, major: int) -> list[bytes]:
        """Return the parts of a string of open length: strings of the same kind, of stated length (§3.2.3)."""
        out = []
        while not self.ended():
            first = self.byte()
            if first >> 5 != major or first & 31 == _INDEFINITE:
                raise CborError(f"byte {self.at - 1} is no part of the string around it")
            out.append(self.take(self.argument(first & 31)))
        return out

    def ended(self) -> bool:
        """Whether the break that closes an item of open length comes next; it is then behind us."""
        found = self.data[self.at : self.at + 1] == bytes((_BREAK,))
        self.at += found
        return found

    def simple(self, low: int) -> Cbor:
        if low in _SIMPLE_VALUES:
            return _SIMPLE_VALUES[low]
        if low in _FLOATS:
            layout = _FLOATS[low]
            value: float = struct.unpack(layout, self.take(struct.calcsize(layout)))[0]
            return value
        raise CborError(f"byte {self.at - 1} is no value that is read here: false, true, null or a float")
