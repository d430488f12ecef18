"""What comes in from arguments and files: text, bytes, JSON, instants, hex, documents. Errors name where it stood."""

from __future__ import annotations

import base64
import binascii
import json
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from habeas.cli.errors import InputError
from habeas.wire import Identifier, Instant, WireError, parse_instant

__all__ = [
    "STDIN",
    "clock",
    "read_base64",
    "read_bytes",
    "read_document",
    "read_hex",
    "read_instant",
    "read_json",
    "read_map",
    "read_text",
    "refusing",
]

STDIN = "-"
MAX_FILE_BYTES = 1 << 26
"""Nothing that is read whole is larger; ledgers and event files are read row by row."""

_AGAIN = "mend it and call again; nothing was written"
_DOCUMENT = "write kind, country and number, such as passport:CN:E12345678"


def clock() -> Instant:
    """Return now, from the system's clock: this edge is where time comes in."""
    return Instant(int(time.time()))


def read_instant(where: str, text: str | None) -> Instant:
    """Return the instant of an option, now if it was not given."""
    with refusing(where):
        return clock() if text is None else parse_instant(text)


def read_bytes(path: Path) -> bytes:
    """Return the bytes of a file, or of stdin for `-`."""
    try:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1) if str(path) == STDIN else _of_file(path)
    except OSError as error:
        raise InputError(
            str(path), f"cannot be read: {error.strerror}", "check the path and your rights on it"
        ) from None
    if len(data) > MAX_FILE_BYTES:
        raise InputError(str(path), f"has more than {MAX_FILE_BYTES} bytes", "give the file that was meant")
    return data


def read_text(path: Path) -> str:
    """Return the UTF-8 text of a file, or of stdin for `-`."""
    try:
        return read_bytes(path).decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise InputError(str(path), f"is no UTF-8 text: byte {error.start + 1}", "save it as UTF-8") from None


def read_json(path: Path) -> object:
    """Return the JSON document of a file, or of stdin for `-`; a name that stands twice is refused."""
    text = read_text(path)
    try:
        return json.loads(text, object_pairs_hook=lambda pairs: _once(path, pairs))
    except json.JSONDecodeError as error:
        where = f"{path}, line {error.lineno}, column {error.colno}"
        raise InputError(where, f"is no JSON: {error.msg}", _AGAIN) from None
    except ValueError:  # Python converts no integer of more than 4,300 digits
        raise InputError(str(path), "has a number of too many digits", _AGAIN) from None
    except RecursionError:
        raise InputError(str(path), "is nested too deep", _AGAIN) from None


def read_map(where: str, value: object, needed: str, allowed: str = "") -> Mapping[str, object]:
    """Return a JSON object with the needed fields and none but those and the allowed ones."""
    names, extra = needed.split(), allowed.split()
    if not isinstance(value, Mapping):
        raise InputError(where, f"is no JSON object with {', '.join(names)}", _AGAIN)
    missing = [name for name in names if name not in value]
    unknown = [name for name in value if name not in names + extra]
    if missing or unknown:
        wrong = f"lacks {', '.join(missing)}" if missing else f"has the unknown field {', '.join(unknown)}"
        raise InputError(where, f"{wrong}; its fields are {', '.join(names + extra)}", _AGAIN)
    return value


def read_hex(where: str, text: object, size: int | None = None) -> bytes:
    """Return the bytes of hex digits, of `size` bytes if given."""
    try:
        data = bytes.fromhex(_words(where, text))
    except ValueError:
        raise InputError(where, "is no hex: pairs of the digits 0-9 and a-f", _AGAIN) from None
    if size is not None and len(data) != size:
        raise InputError(where, f"has {len(data)} bytes, not {size}", f"give {2 * size} hex digits")
    return data


def read_base64(where: str, text: object) -> bytes:
    """Return the bytes of Base64 text."""
    try:
        return base64.b64decode(_words(where, text), validate=True)
    except (binascii.Error, ValueError):
        raise InputError(where, "is no Base64", _AGAIN) from None


def read_document(where: str, text: str) -> Identifier:
    """Return the document of `KIND:COUNTRY:NUMBER`; `-` reads it from stdin, so that no list of processes shows it.

    What was written is not repeated in an error: it is somebody's number.
    """
    try:
        parts = (sys.stdin.readline() if text == STDIN else text).strip().split(":", 2)
    except UnicodeDecodeError:
        raise InputError(where, "is no UTF-8 text", _DOCUMENT) from None
    if len(parts) != len(("kind", "country", "number")):
        raise InputError(where, "is no document", _DOCUMENT)
    kind, country, number = parts
    with refusing(where, _DOCUMENT):
        return Identifier(kind=kind, country=country, number=number)


@contextmanager
def refusing(where: str, next_step: str = _AGAIN, *errors: type[Exception]) -> Iterator[None]:
    """Turn a room's error about something that was read into an `InputError` that says where it stood."""
    kinds: tuple[type[Exception], ...] = (WireError, *errors)
    try:
        yield
    except kinds as error:
        raise InputError(where, str(error), next_step) from error


def _words(where: str, value: object) -> str:
    if not isinstance(value, str):
        raise InputError(where, "is no text", _AGAIN)
    return value


def _of_file(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_FILE_BYTES + 1)


def _once(path: Path, pairs: list[tuple[str, object]]) -> dict[str, object]:
    found: dict[str, object] = {}
    for name, value in pairs:
        if name in found:
            _twice(path, name)
        found[name] = value
    return found


def _twice(path: Path, name: str) -> NoReturn:
    raise InputError(str(path), f"has the field {name!r} twice", "keep the one that was meant")
