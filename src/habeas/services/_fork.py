"""A fork in a file: two checkpoints that the log has signed, and hashes by which anybody sees that both cannot be true.

Two roots for one size need no hashes. For two sizes the file has the root of the smaller tree with which the larger one
does begin, and the path that shows it.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from dataclasses import dataclass

from habeas.services.errors import ForkFileError
from habeas.tlog import Checkpoint, NoteKey, TlogError, check_consistency, format_note, open_checkpoint

__all__ = ["MAX_FORK_BYTES", "Fork", "format_fork", "parse_fork", "same_size"]

MAX_FORK_BYTES = 1 << 22
_FIELDS = {"habeas", "v", "origin", "first", "second", "root", "path"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Fork:
    """Proof that a log lied: both checkpoints are its own, the first is not larger, and they contradict each other.

    `root` is the root of the first's size with which the second's tree begins, by `path`.
    """

    first: Checkpoint
    second: Checkpoint
    root: bytes
    path: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        one, other = self.first.head, self.second.head
        if one.origin != other.origin or one.size > other.size:
            raise ForkFileError("a fork is of one log, its smaller checkpoint first")
        if one.root == self.root or not one.size:
            raise ForkFileError("the two checkpoints do not contradict each other")
        try:
            check_consistency(one.size, other.size, self.path, self.root, other.root)
        except TlogError as error:
            raise ForkFileError(f"the hashes do not show a fork: {error}") from None

    @property
    def origin(self) -> str:
        """Whose fork it is."""
        return self.first.head.origin

    @property
    def id(self) -> str:
        """The name of its file: a fork that is found again is the same."""
        heads = f"{self.first.head.text}\n{self.second.head.text}"
        return hashlib.sha256(heads.encode()).hexdigest()[:32]


def same_size(one: Checkpoint, other: Checkpoint) -> Fork:
    """Return the fork of two roots for one size."""
    return Fork(first=one, second=other, root=other.head.root)


def format_fork(fork: Fork) -> bytes:
    """Return a fork as its file: JSON, the checkpoints as they were signed."""
    value = {
        "habeas": "fork",
        "v": 1,
        "origin": fork.origin,
        "first": format_note(fork.first.note).decode(),
        "second": format_note(fork.second.note).decode(),
        "root": base64.b64encode(fork.root).decode(),
        "path": [base64.b64encode(one).decode() for one in fork.path],
    }
    return json.dumps(value, ensure_ascii=False, indent=1).encode() + b"\n"


def parse_fork(data: bytes, log: NoteKey) -> Fork:
    """Return the fork in a file, if `log` has signed both its checkpoints; raises `ForkFileError`."""
    try:
        value = json.loads(data) if len(data) <= MAX_FORK_BYTES else None
        if not isinstance(value, dict) or value.keys() != _FIELDS or (value["habeas"], value["v"]) != ("fork", 1):
            raise ForkFileError("this is no file of a fork")
        notes = [open_checkpoint(value[name].encode(), log) for name in ("first", "second")]
        root, *path = (base64.b64decode(one, validate=True) for one in (value["root"], *value["path"]))
    except TlogError as error:
        raise ForkFileError(f"a checkpoint in it is not the log's: {error}") from None
    except (ValueError, TypeError, AttributeError, RecursionError, binascii.Error):
        raise ForkFileError("this is no file of a fork, or a damaged one") from None
    return Fork(first=notes[0], second=notes[1], root=root, path=tuple(path))
