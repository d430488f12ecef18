"""The roots of many subtrees at once, several times as fast where Numba is there, and the same bytes where it is not.

Numba is not among what the runtime needs, and to load it takes longer than a million hashes: it is worth it in a process that
stays, as a checker's or a log's. So nothing is loaded before the first large block.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from itertools import groupby
from types import ModuleType

from habeas.tlog._tree import hash_leaf, root_of

__all__ = ["subtree_roots"]

_MANY = 1 << 18
"""Entries from which on Numba is loaded."""
_FEW = 1 << 5
"""Entries of one length below which most lanes would stand empty: a block of ever other lengths must not cost a checker more."""
_AT_ONCE = 1 << 12
"""Entries that are put together before they are hashed: they stay in the processor's cache."""


def subtree_roots(entries: Sequence[bytes], height: int, *, many: int = _MANY) -> list[bytes]:
    """Return the roots of the subtrees of 2^height entries, left to right; the last may have fewer entries.

    `many` is from how many entries on they are hashed side by side, if they fill all their subtrees and none is empty.
    """
    width = 1 << height
    is_whole = not len(entries) % width and all(entries)
    lanes = _lanes() if len(entries) >= max(many, 1) and is_whole else None
    if lanes is not None:
        return _side_by_side(lanes, entries, height)
    leaves = [hash_leaf(entry) for entry in entries]
    return [root_of(leaves[at : at + width]) for at in range(0, len(leaves), width)]


@cache
def _lanes() -> ModuleType | None:
    try:
        from habeas.tlog import _lanes as found  # noqa: PLC0415 - what it needs is optional, and slow to load
    except (ImportError, RuntimeError):  # it is not there, or finds no folder to keep what it compiles
        return None
    return found


def _side_by_side(lanes: ModuleType, entries: Sequence[bytes], height: int) -> list[bytes]:
    import numpy as np  # noqa: PLC0415 - Numba has brought it

    level, at = np.empty((8, len(entries)), np.uint32), 0
    for length, run in groupby(entries, len):
        same = list(run)
        for start in range(0, len(same), _AT_ONCE):
            part = same[start : start + _AT_ONCE]
            if len(part) < _FEW:
                hashes = b"".join(map(hash_leaf, part))
                level[:, at : at + len(part)] = np.frombuffer(hashes, ">u4").reshape(-1, 8).T
            else:
                lanes.hash_leaves(b"".join(part), length, level, at)
            at += len(part)
    for _ in range(height):
        level = lanes.hash_pairs(level)
    return [column.astype(">u4").tobytes() for column in level.T]
