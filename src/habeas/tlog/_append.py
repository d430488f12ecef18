"""The append plan: which tiles a log that grows must write, and the root that it then has. It writes nothing itself."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from types import MappingProxyType

from habeas.tlog._tile import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Tile,
    format_bundle,
    format_tile_path,
    parse_bundle,
    parse_tile,
    tile_nodes,
)
from habeas.tlog._tree import hash_leaf, root_of, tree_hash
from habeas.tlog.errors import TileError

__all__ = ["Growth", "plan_append"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Growth:
    """A log's new size and root, and every tile and bundle that it has now and had not, or had less wide, before."""

    size: int
    root: bytes
    tiles: Mapping[Tile, bytes]

    def __post_init__(self) -> None:
        object.__setattr__(self, "tiles", MappingProxyType(dict(self.tiles)))


def plan_append(size: int, entries: Sequence[bytes], read: Callable[[Tile], bytes]) -> Growth:
    """Return how a log of `size` entries grows by `entries`; `read` gives the tiles and bundles that it has.

    Only the partial ones on the right edge are read, and the few that the root needs. Raises `TileError`, also for a partial
    bundle whose entries are not those under its tile: it would be written again as a part of the next.
    """
    tiles: dict[Tile, bytes] = {}
    edge = Tile(level=None, index=size >> TILE_HEIGHT, width=size % TILE_WIDTH or TILE_WIDTH)
    bundle = parse_bundle(edge, read(edge)) if size % TILE_WIDTH else []
    if bundle and [hash_leaf(entry) for entry in bundle] != parse_tile(hashes := replace(edge, level=0), read(hashes)):
        raise TileError(f"{format_tile_path(edge)} has other entries than its tile: restore it from a mirror")
    if entries:
        _cut(tiles, None, size, [*bundle, *entries], format_bundle)
    level, had, new = 0, size, [hash_leaf(entry) for entry in entries]
    while new:
        width = had % TILE_WIDTH
        edge = Tile(level=level, index=had >> TILE_HEIGHT, width=width or TILE_WIDTH)
        row = [*(parse_tile(edge, read(edge)) if width else ()), *new]
        _cut(tiles, level, had, row, b"".join)
        full = range(0, len(row) - TILE_WIDTH + 1, TILE_WIDTH)
        level, had, new = level + 1, had >> TILE_HEIGHT, [root_of(row[at : at + TILE_WIDTH]) for at in full]
    grown = size + len(entries)
    nodes = tile_nodes(lambda tile: tiles[tile] if tile in tiles else read(tile), grown)
    return Growth(size=grown, root=tree_hash(nodes, 0, grown), tiles=tiles)


def _cut(
    tiles: dict[Tile, bytes],
    level: int | None,
    had: int,
    row: Sequence[bytes],
    join: Callable[[Sequence[bytes]], bytes],
) -> None:
    """Cut a row, which begins where the tile of place `had` does, into tiles."""
    for at in range(0, len(row), TILE_WIDTH):
        part = row[at : at + TILE_WIDTH]
        tiles[Tile(level=level, index=(had + at) >> TILE_HEIGHT, width=len(part))] = join(part)
