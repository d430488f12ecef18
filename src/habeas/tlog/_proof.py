"""Inclusion and consistency (RFC 6962 §2.1.1 and §2.1.2), proved from nodes and checked without them.

A subtree proof is an inclusion proof that begins above the leaves; of a tree whose last block is complete, it shows that
the block's root is in it. The checks are those of RFC 9162 §2.1.3.2 and §2.1.4.2, which take no path that is too long,
too short or of another shape.
"""

from __future__ import annotations

from collections.abc import Sequence

from habeas.tlog._tree import EMPTY_ROOT, HASH_BYTES, MAX_SIZE, Nodes, hash_node, tree_hash
from habeas.tlog.errors import ProofError

__all__ = [
    "check_consistency",
    "check_inclusion",
    "check_subtree",
    "prove_consistency",
    "prove_inclusion",
    "prove_subtree",
]

_AGAIN = "fetch proof and checkpoint again, together"


def prove_inclusion(nodes: Nodes, index: int, size: int) -> tuple[bytes, ...]:
    """Return the path from leaf `index` to the root of the first `size` leaves, nearest sibling first."""
    return prove_subtree(nodes, 0, index, size)


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], root: bytes) -> bytes:
    """Return the hash `leaf` if it is leaf `index` of the tree with this size and root; raises `ProofError`."""
    return check_subtree(leaf, 0, index, size, path, root)


def prove_subtree(nodes: Nodes, level: int, index: int, size: int) -> tuple[bytes, ...]:
    """Return the path from the complete subtree (level, index) to the root of the first `size` leaves."""
    _check_place(level, index, size)
    path, start, end, at = [], 0, size, index << level
    while end - start > 1 << level:
        middle = _middle(start, end)
        if at < middle:
            path.append(tree_hash(nodes, middle, end))
            end = middle
        else:
            path.append(tree_hash(nodes, start, middle))
            start = middle
    return tuple(reversed(path))


def check_subtree(node: bytes, level: int, index: int, size: int, path: Sequence[bytes], root: bytes) -> bytes:
    """Return the hash `node` if it is subtree (level, index) of the tree with this size and root; raises `ProofError`."""
    _check_place(level, index, size)
    _check_hashes(node, root, *path)
    place, last, found = index, (size - 1) >> level, node
    for sibling in path:
        if last == 0:
            raise ProofError(f"the proof has hashes left over at the root: {_AGAIN}")
        if place & 1 or place == last:
            found = hash_node(sibling, found)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            found = hash_node(found, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError(f"the proof ends below the root: {_AGAIN}")
    if found != root:
        raise ProofError(
            f"subtree {index} of level {level} is not in the tree of {size} entries with this root: {_AGAIN}"
        )
    return node


def prove_consistency(nodes: Nodes, old: int, new: int) -> tuple[bytes, ...]:
    """Return the proof that the first `old` leaves of the tree of `new` are the tree of `old`."""
    if not 0 <= old <= new <= MAX_SIZE:
        raise ProofError(f"a log grows: there is no way from {old} to {new} entries")
    if old in (0, new):
        return ()
    path, start, end = [], 0, new
    while end != old:  # SUBPROOF of RFC 6962 §2.1.2, from the root down
        middle = _middle(start, end)
        if old <= middle:
            path.append(tree_hash(nodes, middle, end))
            end = middle
        else:
            path.append(tree_hash(nodes, start, middle))
            start = middle
    if start:
        path.append(tree_hash(nodes, start, end))
    return tuple(reversed(path))


def check_consistency(old: int, new: int, path: Sequence[bytes], old_root: bytes, new_root: bytes) -> bytes:
    """Return `new_root` if that tree begins with the old one; raises `ProofError`."""
    if not 0 <= old <= new <= MAX_SIZE:
        raise ProofError(f"a log grows: there is no way from {old} to {new} entries")
    if old in (0, new) and path:
        raise ProofError(f"from {old} to {new} entries no hash is needed, and {len(path)} are given: {_AGAIN}")
    if old == 0 and old_root != EMPTY_ROOT:
        raise ProofError("a log without entries has the root SHA-256(), and no other")
    if old == new and old_root != new_root:
        raise ProofError(f"two roots for the same {old} entries: this is a fork, keep both checkpoints")
    if old == new:
        return new_root
    _check_hashes(old_root, new_root, *path)
    if old == 0:
        return new_root
    was, now = _old_and_new(old, new, path if old & (old - 1) else (old_root, *path))
    if was != old_root or now != new_root:
        raise ProofError(f"the tree of {new} entries does not begin with the tree of {old}: keep both checkpoints")
    return new_root


def _old_and_new(old: int, new: int, hashes: Sequence[bytes]) -> tuple[bytes, bytes]:
    """Return the two roots that a proof leads to; its first hash is of the largest subtree that ends where `old` does."""
    place, last = old - 1, new - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    if not hashes:
        raise ProofError(f"the proof is empty: {_AGAIN}")
    was = now = hashes[0]
    for sibling in hashes[1:]:
        if last == 0:
            raise ProofError(f"the proof has hashes left over at the root: {_AGAIN}")
        if place & 1 or place == last:
            was, now = hash_node(sibling, was), hash_node(sibling, now)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            now = hash_node(now, sibling)
        place, last = place >> 1, last >> 1
    if last:
        raise ProofError(f"the proof ends below the root: {_AGAIN}")
    return was, now


def _middle(start: int, end: int) -> int:
    """Return where a range is split: after the largest power of two below its size."""
    return start + (1 << ((end - start - 1).bit_length() - 1))


def _check_place(level: int, index: int, size: int) -> None:
    if not 0 <= size <= MAX_SIZE or level < 0 or index < 0 or (index + 1) << level > size:
        raise ProofError(f"subtree {index} of level {level} is not in a tree of {size} entries")


def _check_hashes(*hashes: bytes) -> None:
    for one in hashes:
        if len(one) != HASH_BYTES:
            raise ProofError(f"a hash has {HASH_BYTES} bytes, not {len(one)}")
