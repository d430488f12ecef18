"""Finding the hashes that show a fork: the tiles under the larger checkpoint say which smaller tree it begins with."""

from __future__ import annotations

from habeas.services._fork import Fork, same_size
from habeas.tlog import Checkpoint, Fetch, prove_consistency, tile_nodes, tiles_of, tree_hash

__all__ = ["contradiction"]


def contradiction(fetch: Fetch, one: Checkpoint, other: Checkpoint) -> Fork | None:
    """Return the fork that two checkpoints of a log make, None if they agree; `fetch` gives tiles of the larger tree.

    Raises `TlogError` if the tiles are not there, and `ForkFileError` if they are not those of the larger checkpoint.
    """
    first, second = sorted((one, other), key=lambda checkpoint: checkpoint.head.size)
    if not first.head.size:
        return None
    if first.head.size == second.head.size:
        return None if first.head.root == second.head.root else same_size(first, second)
    nodes = tile_nodes(tiles_of(fetch), second.head.size)
    root = tree_hash(nodes, 0, first.head.size)
    if root == first.head.root:
        return None
    path = prove_consistency(nodes, first.head.size, second.head.size)
    return Fork(first=first, second=second, root=root, path=path)
