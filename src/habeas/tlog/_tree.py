"""The Merkle tree of RFC 6962 §2.1: hashes, roots, and the two tree shapes that a proof walks.

A *node* is a complete subtree: level 0 is a leaf, and node (l, i) covers the leaves from i·2^l up to (i + 1)·2^l. Whoever
has the nodes, a list in memory or tiles on a disk, gives them as a `Nodes` function.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Sequence
from typing import TypeAlias

__all__ = [
    "EMPTY_ROOT",
    "HASH_BYTES",
    "MAX_SIZE",
    "Nodes",
    "hash_leaf",
    "hash_node",
    "nodes_of",
    "root_of",
    "tree_hash",
]

HASH_BYTES = 32
MAX_SIZE = 2**63 - 1
"""The largest size that checkpoints, proofs and tiles are read with."""
EMPTY_ROOT = hashlib.sha256(b"").digest()

Nodes: TypeAlias = Callable[[int, int], bytes]
"""The hash of a complete subtree, by level and index."""

_sha256 = hashlib.sha256


def hash_leaf(entry: bytes) -> bytes:
    """Return the hash of an entry as a leaf."""
    return _sha256(b"\0" + entry).digest()


def hash_node(left: bytes, right: bytes) -> bytes:
    """Return the hash of two subtrees side by side."""
    return _sha256(b"\1" + left + right).digest()


def levels_of(leaves: Sequence[bytes]) -> list[list[bytes]]:
    """Return the hashes of all complete subtrees over leaf hashes, level by level from the leaves up."""
    sha256, levels = hashlib.sha256, [list(leaves)]
    while len(below := levels[-1]) > 1:
        pairs = zip(below[0::2], below[1::2], strict=False)  # an odd last one has no sibling yet
        levels.append([sha256(b"\1" + left + right).digest() for left, right in pairs])
    return levels


def nodes_of(leaves: Sequence[bytes]) -> Nodes:
    """Return the nodes over leaf hashes held in memory."""
    levels = levels_of(leaves)
    return lambda level, index: levels[level][index]


def tree_hash(nodes: Nodes, start: int, end: int) -> bytes:
    """Return the Merkle tree hash of the leaves from `start` up to `end`, where `start` begins a subtree large enough.

    It is the fold, from the right, of the complete subtrees that the range is made of.
    """
    if start == end:
        return EMPTY_ROOT
    return fold(nodes(level, index) for level, index in subtrees(start, end))


def root_of(leaves: Sequence[bytes]) -> bytes:
    """Return the root over leaf hashes."""
    return tree_hash(nodes_of(leaves), 0, len(leaves))


def subtrees(start: int, end: int) -> list[tuple[int, int]]:
    """Return the fewest complete subtrees, left to right, that cover the leaves from `start` up to `end`."""
    out = []
    while start < end:
        widest = (end - start).bit_length() - 1
        level = min(widest, (start & -start).bit_length() - 1) if start else widest
        out.append((level, start >> level))
        start += 1 << level
    return out


def fold(hashes: Iterable[bytes]) -> bytes:
    """Return the root of subtrees of falling size: the smallest two are joined first."""
    *rest, root = hashes
    for left in reversed(rest):
        root = hash_node(left, root)
    return root
