"""Keys of notes in files: one line, as Go's `note` package writes it, so that other programs read them, too.

PRIVATE+KEY+<name>+<key id, hex>+<Base64 of: type 1 ‖ seed 32>
"""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from habeas.services.errors import KeyFileError
from habeas.tlog import NoteError, NoteSigner, SignatureType, make_note_signer

__all__ = ["format_signer", "parse_signer", "read_signer", "write_signer"]

_FIRST = "PRIVATE+KEY+"
_MAX_BYTES = 1024


def format_signer(name: str, kind: SignatureType, seed: bytes) -> str:
    """Return the line of a signer's secret key; raises `NoteError` for a name that no key can have."""
    signer = make_note_signer(name, kind, seed)
    return f"{_FIRST}{name}+{signer.key.id.hex()}+{base64.b64encode(bytes([kind]) + seed).decode()}\n"


def parse_signer(data: bytes) -> NoteSigner:
    """Return the signer of a key's file; raises `KeyFileError`. Nothing of the file is repeated in it."""
    try:
        text = data[:_MAX_BYTES].decode().strip("\r\n")
        name, key_id, secret = text.removeprefix(_FIRST).split("+", 2)
        kind, *seed = base64.b64decode(secret, validate=True)
        signer = make_note_signer(name, SignatureType(kind), bytes(seed))
    except (NoteError, ValueError, binascii.Error):
        raise KeyFileError(f"is no key of a log or witness: one line, {_FIRST}NAME+ID+BASE64") from None
    if not text.startswith(_FIRST) or signer.key.id.hex() != key_id:
        raise KeyFileError("the key's id is not its own: restore the file from a copy")
    return signer


def read_signer(path: Path) -> NoteSigner:
    """Return the signer of a file; raises `KeyFileError`, also where others than its owner can read it."""
    try:
        mode, data = path.stat().st_mode, path.read_bytes()
        signer = parse_signer(data)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}") from None
    except KeyFileError as error:
        raise KeyFileError(f"{path}: {error}") from None
    if mode & 0o077:
        raise KeyFileError(f"{path}: others can read this secret key; `chmod 600` it, and think of a new one")
    return signer


def write_signer(path: Path, name: str, kind: SignatureType, seed: bytes) -> NoteSigner:
    """Write a new key's file, its owner's alone, durably; raises `KeyFileError` for one that is there, `NoteError`."""
    line = format_signer(name, kind, seed)
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise KeyFileError(f"{path}: {error.strerror}; it was left as it is") from None
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(line)
        file.flush()
        os.fsync(file.fileno())
    return make_note_signer(name, kind, seed)
