"""The witness's step (C2SP tlog-witness, `add-checkpoint`): request and what it has seen in, what to store and say out.

The service must make `Seen` durable before the cosignature leaves it, and compare and replace it in one step.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass

from habeas.tlog._checkpoint import Checkpoint, open_checkpoint
from habeas.tlog._note import Note, format_note, parse_note
from habeas.tlog._note_key import NoteKey
from habeas.tlog._proof import check_consistency
from habeas.tlog._text import Head, head_of, parse_hash, parse_size
from habeas.tlog._tree import EMPTY_ROOT
from habeas.tlog.errors import CheckpointError, ForkError, NoteError, StaleError, UnknownLogError, UnsignedError

__all__ = ["MAX_REQUEST_BYTES", "Request", "format_request", "parse_request", "witness_step"]

MAX_REQUEST_BYTES = 1 << 18
_MAX_PATH = 63


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A log's request for a cosignature: the size it believes we saw last, the way from there, the new checkpoint."""

    old: int
    path: tuple[bytes, ...]
    checkpoint: Note


def format_request(request: Request) -> bytes:
    """Return a request's body."""
    lines = [f"old {request.old}", *(base64.b64encode(one).decode() for one in request.path), "", ""]
    return "\n".join(lines).encode() + format_note(request.checkpoint)


def parse_request(data: bytes) -> Request:
    """Return the request in a body; raises `NoteError`."""
    if len(data) > MAX_REQUEST_BYTES:
        raise NoteError(f"a request has at most {MAX_REQUEST_BYTES} bytes, not {len(data)}")
    head, blank, rest = data.partition(b"\n\n")
    try:
        old, *path = head.decode("ascii").split("\n")
    except UnicodeDecodeError:
        old, path = "", []
    if not blank or not old.startswith("old ") or len(path) > _MAX_PATH:
        raise NoteError(f"a request is: old SIZE, up to {_MAX_PATH} hashes, an empty line, a checkpoint")
    return Request(old=parse_size(old[4:]), path=tuple(map(parse_hash, path)), checkpoint=parse_note(rest))


def witness_step(request: Request, logs: Mapping[str, NoteKey], seen: Head | None) -> Checkpoint:
    """Return the checkpoint to store and then to cosign, for a log of which `seen` was cosigned last (None: nothing).

    Raises, in the order of the specification, with the answer's HTTP number: `UnknownLogError` (404), `UnsignedError`
    (403), `NoteError` (400), `StaleError` (409, answered with the size seen), `ForkError` (409), `ProofError` (422).

    A checkpoint's extension lines are let through, as tlog-cosignature has it: an Ed25519 cosignature is over them too, and
    says nothing of them. Nothing here reads any, our logs write none, and two heads are compared without them.
    """
    head = head_of(request.checkpoint.text)
    log = logs.get(head.origin)
    if log is None:
        raise UnknownLogError(f"the log {head.origin[:60]!r} is not known here")
    try:
        checkpoint = open_checkpoint(format_note(request.checkpoint), log)
    except NoteError as error:
        raise UnsignedError(str(error)) from None
    if request.old > head.size:
        raise CheckpointError(f"the old size {request.old} is past the checkpoint's {head.size}")
    size, root = (seen.size, seen.root) if seen else (0, EMPTY_ROOT)
    if request.old != size:
        raise StaleError(f"last cosigned here: {size} entries", size)
    if head.size == size and head.root != root:
        raise ForkError(f"two roots for the same {size} entries of {head.origin!r}: both checkpoints are kept", size)
    check_consistency(size, head.size, request.path, root, head.root)
    return checkpoint
