"""`tlog-proof` files (C2SP tlog-proof): that an entry is in a log, in one file that is checked offline."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from habeas.tlog._checkpoint import Checkpoint
from habeas.tlog._note import Note, format_note, parse_note
from habeas.tlog._policy import Policy
from habeas.tlog._proof import check_inclusion
from habeas.tlog._text import parse_hash, parse_size
from habeas.tlog._tree import hash_leaf
from habeas.tlog.errors import CheckpointError, ProofError

__all__ = ["ProofFile", "check_proof_file", "format_proof_file", "parse_proof_file"]

_FIRST = "c2sp.org/tlog-proof@v1"
_MAX_PATH = 63
_MAX_BYTES = 1 << 20


@dataclass(frozen=True, slots=True, kw_only=True)
class ProofFile:
    """An entry's index, its path, the checkpoint that it leads to, and bytes beside it that nobody has signed."""

    index: int
    path: tuple[bytes, ...]
    checkpoint: Note
    extra: bytes = b""


def format_proof_file(proof: ProofFile) -> bytes:
    """Return a proof as its file."""
    lines = [_FIRST]
    if proof.extra:
        lines.append(f"extra {base64.b64encode(proof.extra).decode()}")
    lines += [f"index {proof.index}", *(base64.b64encode(one).decode() for one in proof.path), "", ""]
    return "\n".join(lines).encode() + format_note(proof.checkpoint)


def parse_proof_file(data: bytes) -> ProofFile:
    """Return the proof in a file, not checked; raises `ProofError`, or `NoteError` for its checkpoint."""
    if len(data) > _MAX_BYTES:
        raise ProofError(f"a proof has at most {_MAX_BYTES} bytes, not {len(data)}")
    head, blank, rest = data.partition(b"\n\n")
    try:
        first, *lines = head.decode("ascii").split("\n")
        extra = base64.b64decode(lines.pop(0)[6:], validate=True) if lines and lines[0].startswith("extra ") else b""
        if first != _FIRST or not blank or not lines or not lines[0].startswith("index "):
            raise ProofError(f"a proof begins with {_FIRST} and an index: fetch it again")
        index, *path = parse_size(lines[0][6:]), *map(parse_hash, lines[1:])
    except (UnicodeDecodeError, binascii.Error, CheckpointError) as error:
        raise ProofError(f"the proof is damaged: {error}") from None
    if len(path) > _MAX_PATH:
        raise ProofError(f"a path has at most {_MAX_PATH} hashes, not {len(path)}")
    return ProofFile(index=index, path=tuple(path), checkpoint=parse_note(rest), extra=extra)


def check_proof_file(proof: ProofFile, entry: bytes, policy: Policy) -> Checkpoint:
    """Return the checkpoint under which `entry` is in the log, if log and quorum have signed it; raises `TlogError`."""
    checkpoint = policy.check(proof.checkpoint)
    check_inclusion(hash_leaf(entry), proof.index, checkpoint.head.size, proof.path, checkpoint.head.root)
    return checkpoint
