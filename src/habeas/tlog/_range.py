"""Compact ranges: the few hashes that stand for many leaves, so that a tree can grow where its leaves are not kept.

A range from 0 is what a gate or a witness keeps of a log: at most 63 hashes, however long the log.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.tlog._tree import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, fold, hash_node, subtrees
from habeas.tlog.errors import ProofError

__all__ = ["CompactRange"]


@dataclass(frozen=True, slots=True, kw_only=True)
class CompactRange:
    """The leaves from `start` up to `end`, as the hashes of the fewest complete subtrees that cover them."""

    start: int = 0
    end: int = 0
    hashes: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        if not 0 <= self.start <= self.end <= MAX_SIZE:
            raise ProofError(f"a range goes from a lower to a higher leaf, not from {self.start} to {self.end}")
        wanted = len(subtrees(self.start, self.end))
        if len(self.hashes) != wanted or any(len(one) != HASH_BYTES for one in self.hashes):
            raise ProofError(f"the range from {self.start} to {self.end} has {wanted} hashes of {HASH_BYTES} bytes")

    def add(self, node: bytes, level: int = 0) -> CompactRange:
        """Return the range with one more complete subtree, which must begin where this range ends."""
        end = self.end + (1 << level)
        if self.end & ((1 << level) - 1):
            raise ProofError(f"no subtree of level {level} begins at leaf {self.end}")
        return self.join(CompactRange(start=self.end, end=end, hashes=(node,)))

    def join(self, other: CompactRange) -> CompactRange:
        """Return this range and the one that begins where it ends as one."""
        if other.start != self.end:
            raise ProofError(f"a range from leaf {other.start} does not go on from one up to {self.end}")
        parts: list[tuple[int, int, bytes]] = []
        for one in (self, other):
            for (level, index), node in zip(subtrees(one.start, one.end), one.hashes, strict=True):
                parts.append((level, index, node))
        return CompactRange(start=self.start, end=other.end, hashes=tuple(node for _, _, node in _merged(parts)))

    def root(self) -> bytes:
        """Return the root of the tree that the range is; only a range from 0 is one."""
        if self.start:
            raise ProofError(f"a range that begins at leaf {self.start} is no tree")
        return fold(self.hashes) if self.hashes else EMPTY_ROOT


def _merged(parts: list[tuple[int, int, bytes]]) -> list[tuple[int, int, bytes]]:
    """Return the parts with siblings joined, those that joining brings together, too."""
    out: list[tuple[int, int, bytes]] = []
    for part in parts:
        out.append(part)
        while len(out) > 1 and out[-2][0] == out[-1][0] and not out[-2][1] & 1:
            (level, index, left), (_, _, right) = out[-2:]
            out[-2:] = [(level + 1, index >> 1, hash_node(left, right))]
    return out
