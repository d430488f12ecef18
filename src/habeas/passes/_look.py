"""Looking for one label in a block: the decision, or the two neighbours that prove there is none, in three bundles or fewer.

The decisions of a block stand in the order of their labels, and labels are evenly spread. So the label's place can be told
from the label, nearly: the first bundle is off by the square root of the section at most times, the second by a few entries.
Nothing that a mirror gives is believed: a bundle leads to a root of the block's file, and those lead to the checkpoint.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from habeas.passes.errors import FalseBlockError, MirrorError, PassFormatError
from habeas.tlog import (
    ENTRY_BYTES,
    LABEL_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    BlockFile,
    EntryKind,
    Fetch,
    Head,
    Nodes,
    Tile,
    TlogError,
    check_subtree,
    hash_leaf,
    nodes_of,
    parse_block_file,
    parse_bundle,
    parse_tile,
    prove_subtree,
    tile_nodes,
    tiles_of,
)

__all__ = ["BUNDLES", "Look", "Placed", "look", "read_block", "subtree_reader"]

BUNDLES = 3
"""How many bundles a look-up reads as a rule; after so many it halves what is left."""

_LABEL = slice(5, 5 + LABEL_BYTES)
_ALL = 1 << 8 * LABEL_BYTES


@dataclass(frozen=True, slots=True, kw_only=True)
class Placed:
    """An entry, its leaf, and the siblings from the leaf up to the root of its subtree of the block's height."""

    index: int
    entry: bytes
    path: tuple[bytes, ...] = field(repr=False)

    @property
    def label(self) -> bytes:
        """The label, for an entry that is a decision."""
        return self.entry[_LABEL]


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What stands under a label in a block: `found`, or the neighbours between which there is no room for it.

    At an edge of the decisions there is one neighbour, in a block without decisions none: the header says where they begin
    and end. `bundles` is how many were read.
    """

    label: bytes
    found: Placed | None
    neighbours: tuple[Placed, ...]
    bundles: int

    @property
    def index(self) -> int | None:
        """The decision's leaf; None if there is no decision."""
        return self.found.index if self.found else None

    @property
    def entry(self) -> bytes | None:
        """The decision's bytes; None if there is none."""
        return self.found.entry if self.found else None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Bundle:
    """A bundle that belongs to the block, with what its entries' paths are made of."""

    first: int
    entries: tuple[bytes, ...]
    below: Nodes
    above: Nodes | None

    def placed(self, index: int) -> Placed:
        at = index - self.first
        path = [self.below(level, at >> level ^ 1) for level in range(TILE_HEIGHT)]
        if self.above is not None:
            number = index >> TILE_HEIGHT & TILE_WIDTH - 1
            path += [self.above(level, number >> level ^ 1) for level in range(TILE_HEIGHT)]
        return Placed(index=index, entry=self.entries[at], path=tuple(path))


def look(fetch: Fetch, block: BlockFile, label: bytes) -> Look:
    """Look for a label among the decisions of a block whose file the checkpoint has (`read_block`).

    Raises `MirrorError` for anything that the block does not hold: ask another mirror. Raises `FalseBlockError` where the
    block itself is not in order, as no checker may let it be.
    """
    if len(label) != LABEL_BYTES:
        raise PassFormatError(f"a label has {LABEL_BYTES} bytes, not {len(label)}")
    read, search, count = _bundle_reader(fetch, block), _Search(block, label), 0
    while search.low < search.high:
        bundle = read(search.guess(straight=count >= BUNDLES) >> TILE_HEIGHT)
        count += 1
        found = search.take(bundle)
        if found is not None:
            return Look(label=label, found=found, neighbours=(), bundles=count + _check_alone(found, block, read))
    neighbours = tuple(one for one in (search.before, search.after) if one is not None)
    return Look(label=label, found=None, neighbours=neighbours, bundles=count)


def _check_alone(found: Placed, block: BlockFile, read: Callable[[int], _Bundle]) -> int:
    """Refuse a second decision under the label across a bundle's edge, and return how many bundles that took."""
    own, more = found.index >> TILE_HEIGHT, 0
    for beside in (found.index - 1, found.index + 1):
        if beside in block.decisions and beside >> TILE_HEIGHT != own:
            more += 1
            if read(beside >> TILE_HEIGHT).placed(beside).label == found.label:
                raise FalseBlockError("two decisions of this block stand under one label")
    return more


class _Search:
    """Where the label can still stand: the leaves from `low` up to `high`, and the labels just outside of them."""

    def __init__(self, block: BlockFile, label: bytes) -> None:
        self.low, self.high = block.decisions.start, block.decisions.stop
        self.before: Placed | None = None
        self.after: Placed | None = None
        self._section = block.decisions
        self._stamp = block.header.epoch.to_bytes(4)
        self._label = label

    def guess(self, *, straight: bool) -> int:
        """Return the leaf at which the label must nearly stand; `straight` halves what is left."""
        room = self.high - self.low
        if straight:
            return self.low + room // 2
        least = int.from_bytes(self.before.label) if self.before else 0
        most = int.from_bytes(self.after.label) if self.after else _ALL
        return min(self.low + room * (int.from_bytes(self._label) - least) // (most - least), self.high - 1)

    def take(self, bundle: _Bundle) -> Placed | None:
        """Narrow the search by a bundle, and return the decision if it is there."""
        first = max(bundle.first, self._section.start)
        rows = bundle.entries[first - bundle.first : self._section.stop - bundle.first]
        labels = [self._label_of(row) for row in rows]
        bounds = [self.before.label, *labels] if self.before else labels
        bounds = [*bounds, self.after.label] if self.after else bounds
        if any(one >= other for one, other in pairwise(bounds)):
            raise FalseBlockError("two decisions of this block stand under one label, or out of the order of labels")
        place = bisect_left(labels, self._label)
        if place < len(labels):
            if labels[place] == self._label:
                return bundle.placed(first + place)
            self.high, self.after = first + place, bundle.placed(first + place)
        if place:
            self.low, self.before = first + place, bundle.placed(first + place - 1)
        return None

    def _label_of(self, entry: bytes) -> bytes:
        kind = EntryKind.DECISION
        if len(entry) != ENTRY_BYTES[kind] or entry[0] != kind or entry[1:5] != self._stamp:
            raise FalseBlockError("among the decisions of this block stands what is no decision of its epoch")
        return entry[_LABEL]


def read_block(fetch: Fetch, head: Head, epoch: int) -> BlockFile:
    """Return the file of an epoch's block, as it stands in the log of a checked head; raises `MirrorError`."""
    data = fetch(f"block/{epoch}")
    if data is None:
        raise MirrorError(f"block/{epoch} is not there: ask another mirror")
    try:
        block = parse_block_file(data)
        if block.header.epoch != epoch or block.end > head.size:
            raise MirrorError(f"block/{epoch} is of another epoch, or not of this checkpoint: ask another mirror")
        nodes, height = tile_nodes(tiles_of(fetch), head.size), block.header.height
        for number, root in enumerate(block.roots, block.start >> height):
            path = prove_subtree(nodes, height, number, head.size)
            check_subtree(root, height, number, head.size, path, head.root)
    except TlogError as error:
        raise MirrorError(f"block/{epoch}, as this mirror has it, is not the log's: {error}") from None
    return block


def subtree_reader(fetch: Fetch, block: BlockFile) -> Callable[[int], Placed]:
    """Return what reads any entry of a block by its leaf, with its path, and keeps the bundles; raises `MirrorError`."""
    read = _bundle_reader(fetch, block)

    def placed(index: int) -> Placed:
        return read(index >> TILE_HEIGHT).placed(index)

    return placed


def _bundle_reader(fetch: Fetch, block: BlockFile) -> Callable[[int], _Bundle]:
    """Return what reads bundles of a block by their number in the log, each checked against the block's roots, and once."""
    tiles, height = tiles_of(fetch), block.header.height
    bundles: dict[int, _Bundle] = {}
    uppers: dict[int, Nodes] = {}

    def above(number: int) -> Nodes:
        """Return the nodes over the bundles of a subtree of height 16: its hashes are one tile of level 1."""
        if number not in uppers:
            tile = Tile(level=1, index=number)
            uppers[number] = _nodes(parse_tile(tile, tiles(tile)), block, number)
        return uppers[number]

    def read(number: int) -> _Bundle:
        if not block.start <= number << TILE_HEIGHT < block.end:
            raise PassFormatError(f"the block from leaf {block.start} on has no bundle {number}")
        if number in bundles:
            return bundles[number]
        try:
            tile = Tile(level=None, index=number)
            entries = parse_bundle(tile, tiles(tile))
            below = nodes_of([hash_leaf(entry) for entry in entries])
            root, upper = below(TILE_HEIGHT, 0), None
            if height == TILE_HEIGHT:
                wanted = block.roots[number - (block.start >> height)]
            else:
                upper = above(number >> TILE_HEIGHT)
                wanted = upper(0, number & TILE_WIDTH - 1)
        except TlogError as error:
            raise MirrorError(f"bundle {number}, as this mirror has it, is not the log's: {error}") from None
        if root != wanted:
            raise MirrorError(f"bundle {number} is not the one in the log: ask another mirror")
        bundles[number] = _Bundle(first=number << TILE_HEIGHT, entries=tuple(entries), below=below, above=upper)
        return bundles[number]

    return read


def _nodes(hashes: Sequence[bytes], block: BlockFile, number: int) -> Nodes:
    nodes = nodes_of(hashes)
    if nodes(TILE_HEIGHT, 0) != block.roots[number - (block.start >> block.header.height)]:
        raise MirrorError(f"tile 1/{number} is not the one in the log: ask another mirror")
    return nodes
