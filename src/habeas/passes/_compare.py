"""Two gates compare their checkpoints: a log that shows one gate another log than everybody else is found out so."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.passes.errors import MirrorError, SyncError
from habeas.tlog import (
    Checkpoint,
    Fetch,
    TlogError,
    check_consistency,
    prove_consistency,
    tile_nodes,
    tiles_of,
    tree_hash,
)

__all__ = ["ForkProof", "compare_checkpoints"]


@dataclass(frozen=True, slots=True, kw_only=True)
class ForkProof:
    """That a log signed what cannot both be true: its two checkpoints, the smaller first, and hashes that show it.

    The tree of `second` begins, by `path`, with `root` at the size of `first`, whose root is another. Raises `SyncError`
    where that is not shown; whose signatures the checkpoints bear is for whoever reads the notes in them to check.
    """

    first: Checkpoint
    second: Checkpoint
    root: bytes
    path: tuple[bytes, ...] = ()

    def __post_init__(self) -> None:
        one, other = self.first.head, self.second.head
        if one.origin != other.origin or not 0 < one.size <= other.size or one.root == self.root:
            raise SyncError("these checkpoints do not contradict each other")
        try:
            check_consistency(one.size, other.size, self.path, self.root, other.root)
        except TlogError as error:
            raise SyncError(f"the hashes do not show a fork: {error}") from None


def compare_checkpoints(one: Checkpoint, other: Checkpoint, fetch: Fetch) -> ForkProof | None:
    """Return the proof that two checkpoints of a log are of two logs, None if the larger goes on from the smaller.

    `fetch` gives the files of the larger; of two equal sizes none is needed. Raises `MirrorError` for tiles that are not of
    the larger checkpoint (then ask where that one came from), `SyncError` for checkpoints of logs that differ by name.
    """
    first, second = sorted((one, other), key=lambda checkpoint: checkpoint.head.size)
    if first.head.origin != second.head.origin:
        raise SyncError("the two checkpoints are of different logs: compare those of one")
    size, grown = first.head.size, second.head.size
    if not size or first.head == second.head:
        return None
    if size == grown:
        return ForkProof(first=first, second=second, root=second.head.root)
    nodes = tile_nodes(tiles_of(fetch), grown)
    try:
        root, path = tree_hash(nodes, 0, size), prove_consistency(nodes, size, grown)
        check_consistency(size, grown, path, root, second.head.root)
    except TlogError as error:
        raise MirrorError(f"these files are not of the checkpoint of {grown} entries: {error}") from None
    return None if root == first.head.root else ForkProof(first=first, second=second, root=root, path=path)
