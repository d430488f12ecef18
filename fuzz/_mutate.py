"""Mutations that keep a JSON or CBOR document one: a value is replaced, taken out, doubled, moved or renamed.

Every second mutation is of this sort where the input is such a document, or has a line or a byte string that is; the rest
are the engine's own, of bytes. Without these a mutation of a deep document mostly gives one that is refused for its form.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

from habeas.wire import CborTag, WireError, encode_cbor, parse_cbor

__all__ = ["mutate"]

Bytes: TypeAlias = Callable[[bytes, int], bytes]
"""The engine's own mutation: input and the most bytes that may come out."""

_BOTH: tuple[Any, ...] = (
    None, True, False, 0, 1, -1, 2**31, 2**53, 2**63, 2**64 - 1, 0.5, 1.0, 1e300, float("inf"), float("nan"),
    "", "0", "\ud800", "2022-06-12", "2022-06-12T13:04:00Z", [], {}, [[]], {"var": ""}, [None, None],
)  # fmt: skip
_CBOR: tuple[Any, ...] = (*_BOTH, b"", bytes(8), bytes(32), CborTag(0, "2022-06-12T13:04:00Z"), CborTag(18, []))
_JSON: tuple[Any, ...] = (*_BOTH, 10**20, -(10**20), "9" * 5000)
_LONGEST_WORD = 256
_SHORTEST_DOCUMENT = 8
_Place: TypeAlias = tuple[Any, Any]
"""A list or an object, and the index or name in it."""


def mutate(data: bytes, max_size: int, seed: int, of_bytes: Bytes) -> bytes:
    """Return a mutation of an input, of at most `max_size` bytes."""
    rng = Random(seed)  # noqa: S311 - no secret
    if rng.random() < 0.5:
        try:
            made = _structured(data, rng, lambda word: of_bytes(word, _LONGEST_WORD))
        except (
            ValueError,
            RecursionError,
            WireError,
            TypeError,
        ):  # too deep to write, or a value that has no form there
            made = None
        if made is not None and made != data and len(made) <= max_size:
            return made
    return of_bytes(data, max_size)


def _structured(data: bytes, rng: Random, of_bytes: Callable[[bytes], bytes]) -> bytes | None:
    """Return the document with one change, or None where there is no document."""
    lines = data.split(b"\n")
    at = rng.randrange(len(lines))
    for one, before, after in ((data, b"", b""), (lines[at], _joined(lines[:at], end=True), _joined(lines[at + 1 :]))):
        if one[:1] in (b"{", b"["):
            try:
                root = [_open(json.loads(one))]
            except (ValueError, RecursionError):
                continue
            _change(root, rng, of_bytes, _JSON)
            text = json.dumps(_closed(root[0]), ensure_ascii=rng.random() < 0.9)
            return before + text.encode("utf-8", "replace") + after
    return _changed_cbor(data, rng, of_bytes)


def _changed_cbor(data: bytes, rng: Random, of_bytes: Callable[[bytes], bytes]) -> bytes | None:
    try:
        value = parse_cbor(data)
    except Exception:  # noqa: BLE001 - the parser is what is under test; here it only has to help
        return None
    if not isinstance(value, dict | list | CborTag):
        return None
    root: list[Any] = [_open(value)]
    _change(root, rng, of_bytes, _CBOR)
    try:
        return encode_cbor(_closed(root[0]))
    except Exception:  # noqa: BLE001 - a value that has no CBOR
        return None


class _Tagged(list[Any]):
    """A tag's content as a list of one, so that it is a place like any other."""

    tag = 0


class _Packed(list[Any]):
    """A byte string that is a CBOR document itself, such as a COSE payload, as a list of one."""


class _Written(list[Any]):
    """The same in Base64, such as the body of an event in a line of JSON."""


def _open(value: Any) -> Any:  # noqa: ANN401 - any CBOR or JSON
    if isinstance(value, CborTag):
        tagged = _Tagged([_open(value.value)])
        tagged.tag = value.tag
        return tagged
    if isinstance(value, list):
        return [_open(item) for item in value]
    if isinstance(value, dict):
        return {key: _open(item) for key, item in value.items()}
    return _opened(value) if isinstance(value, bytes | str) else value


def _opened(value: bytes | str) -> object:
    """Return what is packed in a byte string or written in Base64, the value itself where that is nothing."""
    if len(value) < _SHORTEST_DOCUMENT:
        return value
    try:
        inner = parse_cbor(value if isinstance(value, bytes) else base64.b64decode(value, validate=True))
    except Exception:  # noqa: BLE001 - as above
        return value
    if not isinstance(inner, dict | list | CborTag):
        return value
    return (_Packed if isinstance(value, bytes) else _Written)([_open(inner)])


def _closed(value: Any) -> Any:  # noqa: ANN401 - what `_open` gave, changed
    if isinstance(value, _Tagged):
        return CborTag(value.tag, _closed(value[0]) if value else None)
    if isinstance(value, _Packed):
        return encode_cbor(_closed(value[0])) if value else b""
    if isinstance(value, _Written):
        return base64.b64encode(encode_cbor(_closed(value[0]))).decode() if value else ""
    if isinstance(value, list):
        return [_closed(item) for item in value]
    if isinstance(value, dict):
        return {key: _closed(item) for key, item in value.items()}
    return value


def _change(root: list[Any], rng: Random, of_bytes: Callable[[bytes], bytes], values: tuple[Any, ...]) -> None:
    places = _places(root)
    holder, key = rng.choice(places)
    match rng.randrange(6):
        case 0:
            holder[key] = rng.choice(values)
        case 1 if holder is not root:
            del holder[key]
        case 2:
            other, name = rng.choice(places)
            holder[key] = json.loads(json.dumps(other[name], default=str))
        case 3 if isinstance(holder, list) and holder is not root:
            holder.insert(key, holder[key])
        case 4 if isinstance(holder, dict):
            names = [name for _, name in places if isinstance(name, str)]
            holder[rng.choice(names) if names and rng.random() < 0.5 else rng.choice(("", 0, 1, "x"))] = holder[key]
        case _:
            holder[key] = _tweaked(holder[key], rng, of_bytes, values)


def _tweaked(value: Any, rng: Random, of_bytes: Callable[[bytes], bytes], values: tuple[Any, ...]) -> Any:  # noqa: ANN401
    if isinstance(value, bool) or value is None:
        return not value
    if isinstance(value, int):
        return value + rng.choice((-1, 1, -86_400, 86_400, 2**32, -value, -2 * value))
    if isinstance(value, float):
        return value * rng.choice((-1.0, 2.0, 1e10))
    if isinstance(value, str):
        return of_bytes(value.encode("utf-8", "surrogatepass")).decode("utf-8", "surrogateescape")
    return of_bytes(value) if isinstance(value, bytes) else rng.choice(values)


def _places(root: list[Any]) -> list[_Place]:
    found: list[_Place] = []
    waiting: list[Any] = [root]
    while waiting:
        holder = waiting.pop()
        for key in list(holder) if isinstance(holder, dict) else range(len(holder)):
            found.append((holder, key))
            if isinstance(holder[key], dict | list) and holder[key]:
                waiting.append(holder[key])
    return found


def _joined(lines: list[bytes], *, end: bool = False) -> bytes:
    if not lines:
        return b""
    return b"\n".join(lines) + b"\n" if end else b"\n" + b"\n".join(lines)
