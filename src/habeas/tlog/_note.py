"""Signed notes (C2SP signed-note): text, and under it a line for each signature.

A note's text is nobody's word until a known key's signature on it was checked. Signatures of unknown keys are passed over,
a known key's that does not fit makes the whole note false.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterable
from dataclasses import dataclass

from habeas.tlog._note_key import KEY_ID_BYTES, Endorsement, NoteKey, NoteSigner, check_key_name
from habeas.tlog.errors import NoteError

__all__ = [
    "MAX_NOTE_BYTES",
    "Note",
    "NoteSignature",
    "check_note",
    "format_note",
    "format_signatures",
    "parse_note",
    "sign_note",
]

MAX_NOTE_BYTES = 1 << 20
_MAX_SIGNATURES = 100
_LINE = re.compile(r"— ([^ \n]+) ([A-Za-z0-9+/=]+)\n")
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteSignature:
    """A signature line, not checked: the key's name and id, and the signature's bytes."""

    name: str
    key_id: bytes
    signature: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A note's text, its last newline included, and its signatures, not checked."""

    text: str
    signatures: tuple[NoteSignature, ...]

    def __post_init__(self) -> None:
        if not self.text.endswith("\n") or _CONTROL.search(self.text):
            raise NoteError("a note's text ends in a newline and has no other control characters")

    def with_signatures(self, more: Iterable[NoteSignature]) -> Note:
        """Return the note with more signatures, each line once."""
        return Note(text=self.text, signatures=tuple(dict.fromkeys((*self.signatures, *more))))


def parse_note(data: bytes) -> Note:
    """Return the note in UTF-8 `data`; raises `NoteError`."""
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError(f"{len(data)} bytes, where a note has at most {MAX_NOTE_BYTES}")
    try:
        whole = data.decode()
    except UnicodeDecodeError as error:
        raise NoteError(f"a note is UTF-8 text: byte {error.start + 1} is not") from None
    text, blank, lines = whole.rpartition("\n\n")
    if not blank or not lines:
        raise NoteError("a note ends with a blank line and signature lines: fetch it again")
    return Note(text=text + "\n", signatures=parse_signatures(lines))


def parse_signatures(lines: str) -> tuple[NoteSignature, ...]:
    """Return the signatures of note signature lines, which a witness also sends alone; raises `NoteError`."""
    found = list(_LINE.finditer(lines))
    if "".join(line[0] for line in found) != lines or not found or len(found) > _MAX_SIGNATURES:
        raise NoteError(f"signatures stand one a line, from 1 to {_MAX_SIGNATURES}: — NAME BASE64")
    return tuple(_signature(line[1], line[2]) for line in found)


def _signature(name: str, text: str) -> NoteSignature:
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) <= KEY_ID_BYTES or base64.b64encode(data).decode() != text:
        raise NoteError(f"the signature of {name[:60]!r} is no Base64 of a key's id and a signature")
    check_key_name(name)
    return NoteSignature(name=name, key_id=data[:KEY_ID_BYTES], signature=data[KEY_ID_BYTES:])


def format_signatures(signatures: Iterable[NoteSignature]) -> str:
    """Return signatures as note signature lines."""
    pairs = ((one.name, base64.b64encode(one.key_id + one.signature).decode()) for one in signatures)
    return "".join(f"— {name} {text}\n" for name, text in pairs)


def format_note(note: Note) -> bytes:
    """Return a note as it is served."""
    return f"{note.text}\n{format_signatures(note.signatures)}".encode()


def sign_note(text: str, signer: NoteSigner, at: int = 0) -> NoteSignature:
    """Return `signer`'s signature on a note's text; `at` (seconds since 1970) goes into cosignatures."""
    return NoteSignature(name=signer.key.name, key_id=signer.key.id, signature=signer.sign(text, at))


def check_note(note: Note, keys: Iterable[NoteKey]) -> tuple[Endorsement, ...]:
    """Return who of `keys` signed the note, each key once; raises `NoteError` if a line of theirs is false, or none is there.

    Every line of a known key is checked. Of several the latest counts: a cosignature of time 0, which says less, does not
    hide another one below it.
    """
    known = {(key.name, key.id): key for key in keys}
    found: dict[NoteKey, Endorsement] = {}
    for one in dict.fromkeys(note.signatures):
        key = known.get((one.name, one.key_id))
        if key is not None:
            checked = key.check(note.text, one.signature)
            found[key] = max(found.get(key, checked), checked, key=lambda endorsement: endorsement.at)
    if not found:
        raise NoteError(
            f"none of the {len(known)} known keys has signed this note: fetch it again, or from another mirror"
        )
    return tuple(found.values())
