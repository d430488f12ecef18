"""Checkpoints (C2SP tlog-checkpoint): a log's word on its size and root. They are compared, never merged."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.tlog._note import Note, check_note, parse_note, sign_note
from habeas.tlog._note_key import NoteKey, NoteSigner, SignatureType
from habeas.tlog._text import Head, head_of
from habeas.tlog.errors import CheckpointError

__all__ = ["Checkpoint", "open_checkpoint", "sign_checkpoint"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Checkpoint:
    """A head that its log has signed, with the note as it came: witnesses' lines in it may be false still."""

    head: Head
    note: Note


def open_checkpoint(data: bytes, log: NoteKey) -> Checkpoint:
    """Return the checkpoint in `data` if the log has signed it; raises `NoteError`, `CheckpointError`.

    The log's key name must be the checkpoint's origin: a key that serves two logs would let one speak for the other.
    """
    note = parse_note(data)
    check_note(note, (log,))
    head = head_of(note.text)
    if head.origin != log.name:
        raise CheckpointError(f"the checkpoint is of {head.origin[:60]!r}, the key is of {log.name!r}")
    return Checkpoint(head=head, note=note)


def sign_checkpoint(head: Head, signer: NoteSigner) -> Note:
    """Return a head as a note that its log has signed."""
    if signer.key.type is not SignatureType.ED25519 or signer.key.name != head.origin:
        raise CheckpointError(f"the key of {signer.key.name!r} is not the signing key of {head.origin!r}")
    return Note(text=head.text, signatures=(sign_note(head.text, signer),))
