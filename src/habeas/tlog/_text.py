"""The three lines that every checkpoint begins with (C2SP tlog-checkpoint, "Note text"), and numbers as they write them."""

from __future__ import annotations

import base64
import binascii
import re
from dataclasses import dataclass

from habeas.tlog._tree import HASH_BYTES, MAX_SIZE
from habeas.tlog.errors import CheckpointError

__all__ = ["Head", "head_of", "parse_hash", "parse_size"]

_NUMBER = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)
_LINES = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Of which log, how many entries, under which root."""

    origin: str
    size: int
    root: bytes

    def __post_init__(self) -> None:
        if not self.origin or "\n" in self.origin or not 0 <= self.size <= MAX_SIZE or len(self.root) != HASH_BYTES:
            raise CheckpointError("a checkpoint names its log, a size and a root of 32 bytes")

    @property
    def text(self) -> str:
        """The text of the checkpoint without extension lines, which we never write: nobody could audit them."""
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"


def head_of(text: str) -> Head:
    """Return what a checkpoint's text says, its extension lines left aside; raises `CheckpointError`."""
    lines = text.split("\n")
    if len(lines) <= _LINES or lines[-1] or not all(lines[:-1]):
        raise CheckpointError("a checkpoint has at least three lines (origin, size, root), and no empty one")
    return Head(origin=lines[0], size=parse_size(lines[1]), root=parse_hash(lines[2]))


def parse_size(text: str) -> int:
    """Return a size or index in decimal digits without leading zeros; raises `CheckpointError`."""
    if not _NUMBER.fullmatch(text) or int(text) > MAX_SIZE:
        raise CheckpointError(f"{text[:30]!r} is no number of entries")
    return int(text)


def parse_hash(text: str) -> bytes:
    """Return a hash in Base64; raises `CheckpointError`."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if len(data) != HASH_BYTES or base64.b64encode(data).decode() != text:
        raise CheckpointError(f"{text[:50]!r} is no hash in Base64")
    return data
