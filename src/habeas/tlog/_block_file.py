"""A block's file, `block/<epoch>`, and the list of blocks, `blocks`: all that a gate reads of a block, and where to find it.

Both lie beside the tiles as static files. Nobody has to believe them: a header leads by its path to the root of the block's
first subtree, and the roots of all subtrees lead to the checkpoint.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

from habeas.tlog._block import Block
from habeas.tlog._entry import ENTRY_BYTES, MAX_INDEX, EntryKind, Header
from habeas.tlog._proof import check_inclusion, prove_inclusion
from habeas.tlog._tile import Tile, format_tile_path
from habeas.tlog._tree import HASH_BYTES, hash_leaf, nodes_of
from habeas.tlog.errors import BlockError, EntryError, ProofError, TileError

__all__ = [
    "BlockFile",
    "Fetch",
    "block_file",
    "format_block_file",
    "format_blocks",
    "parse_block_file",
    "parse_blocks",
    "tiles_of",
]

Fetch: TypeAlias = Callable[[str], bytes | None]
"""Gives one of a log's static files by its path, such as `checkpoint` or `tile/0/001`; None if it is not there."""

_HEADER = ENTRY_BYTES[EntryKind.HEADER]
_INDEX, _COUNT, _EPOCH = 5, 4, 4


@dataclass(frozen=True, slots=True, kw_only=True)
class BlockFile:
    """A block's first leaf, its header with the path to the first of its subtrees' roots, and those roots in order."""

    start: int
    header: Header
    path: tuple[bytes, ...]
    roots: tuple[bytes, ...]

    def __post_init__(self) -> None:
        width = 1 << self.header.height
        if not self.roots or self.start % width or not 0 <= self.start <= MAX_INDEX + 1 - self.size:
            raise BlockError("size", f"a block is one or more subtrees of {width} entries, and begins with one")
        try:
            check_inclusion(hash_leaf(self.header.to_bytes()), 0, width, self.path, self.roots[0])
        except ProofError as error:
            raise BlockError("header", f"the header does not lead to the block's first root: {error}") from None
        if not self.size - width <= self.header.counts.total < self.size:  # or two blocks could be served as one
            raise BlockError("size", "the block has more or fewer roots than its header's counts make: fetch it again")

    @property
    def size(self) -> int:
        """How many entries the block has, pads among them."""
        return len(self.roots) << self.header.height

    @property
    def end(self) -> int:
        """The first leaf after the block."""
        return self.start + self.size

    @property
    def decisions(self) -> range:
        """The leaves that are decisions, in the order of their labels."""
        counts = self.header.counts
        first = self.start + 1 + counts.plain + counts.admissions + counts.cases
        return range(first, first + counts.decisions)


def block_file(block: Block) -> BlockFile:
    """Return the file of a block."""
    width = 1 << block.header.height
    path = prove_inclusion(nodes_of([hash_leaf(entry) for entry in block.entries[:width]]), 0, width)
    return BlockFile(start=block.start, header=block.header, path=tuple(path), roots=tuple(block.roots()))


def format_block_file(block: BlockFile) -> bytes:
    """Return start 5 · count of roots 4 · header 163 · path, height × 32 · roots."""
    head = block.start.to_bytes(_INDEX) + len(block.roots).to_bytes(_COUNT) + block.header.to_bytes()
    return head + b"".join(block.path) + b"".join(block.roots)


def parse_block_file(data: bytes) -> BlockFile:
    """Return the block file in bytes; raises `BlockError`."""
    at = _INDEX + _COUNT
    try:
        header = Header.of_bytes(data[at : at + _HEADER])
    except EntryError as error:
        raise BlockError("header", str(error)) from None
    hashes = [data[place : place + HASH_BYTES] for place in range(at + _HEADER, len(data), HASH_BYTES)]
    path, roots = hashes[: header.height], hashes[header.height :]
    if len(roots) != int.from_bytes(data[_INDEX:at]) or any(len(one) != HASH_BYTES for one in hashes):
        raise BlockError("size", "the block's file is not of the length that it says: fetch it again")
    return BlockFile(start=int.from_bytes(data[:_INDEX]), header=header, path=tuple(path), roots=tuple(roots))


def format_blocks(blocks: Iterable[tuple[int, int]]) -> bytes:
    """Return the list of blocks: of each, oldest first, epoch 4 · first leaf 5."""
    return b"".join(epoch.to_bytes(_EPOCH) + start.to_bytes(_INDEX) for epoch, start in blocks)


def parse_blocks(data: bytes) -> tuple[tuple[int, int], ...]:
    """Return (epoch, first leaf) of each block, both rising from the first at leaf 0; raises `BlockError`."""
    width = _EPOCH + _INDEX
    if len(data) % width:
        raise BlockError("list", f"the list of blocks is {width} bytes for each: fetch it again")
    found = tuple(
        (int.from_bytes(data[at : at + _EPOCH]), int.from_bytes(data[at + _EPOCH : at + width]))
        for at in range(0, len(data), width)
    )
    if (found and found[0][1]) or any(one[0] >= other[0] or one[1] >= other[1] for one, other in pairwise(found)):
        raise BlockError("list", "the list of blocks does not rise from leaf 0: fetch it again")
    return found


def tiles_of(fetch: Fetch) -> Callable[[Tile], bytes]:
    """Return what reads tiles through `fetch`, a partial one from its full one where that alone is left; raises `TileError`."""

    def read(tile: Tile) -> bytes:
        data = fetch(format_tile_path(tile))
        if data is None and tile.level is not None and tile.full != tile:
            data = fetch(format_tile_path(tile.full))
            data = data[: tile.width * HASH_BYTES] if data is not None else None
        if data is None:
            raise TileError(f"{format_tile_path(tile)} is not there: ask another mirror")
        return data

    return read
