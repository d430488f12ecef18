"""Tiles and entry bundles (C2SP tlog-tiles): how a log lies in static files, each read whole and cached for good."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from habeas.tlog._tree import HASH_BYTES, MAX_SIZE, Nodes, levels_of
from habeas.tlog.errors import TileError

__all__ = [
    "MAX_ENTRY_BYTES",
    "TILE_HEIGHT",
    "TILE_WIDTH",
    "Tile",
    "format_bundle",
    "format_tile_path",
    "grown_tiles",
    "parse_bundle",
    "parse_entries",
    "parse_tile",
    "parse_tile_path",
    "tile_nodes",
]

TILE_HEIGHT = 8
TILE_WIDTH = 1 << TILE_HEIGHT
MAX_ENTRY_BYTES = 0xFFFF
"""An entry's length is written in two bytes."""

_MAX_LEVEL = 63
_LENGTH = 2
_PATH = re.compile(r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/){0,6}[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tile:
    """A tile's place: its level (None: an entry bundle), its index in that level, and its width from 1 to 256.

    A tile of level l holds the hashes of nodes of level 8·l; a bundle holds the entries under a tile of level 0.
    """

    level: int | None
    index: int
    width: int = TILE_WIDTH

    def __post_init__(self) -> None:
        if self.level is not None and not 0 <= self.level <= _MAX_LEVEL:
            raise TileError(f"a tile's level is 0 to {_MAX_LEVEL}, not {self.level}")
        if not 0 <= self.index <= MAX_SIZE >> TILE_HEIGHT or not 1 <= self.width <= TILE_WIDTH:
            raise TileError(f"there is no tile {self.index} of width {self.width}")

    @property
    def full(self) -> Tile:
        """The tile that this one becomes when the log has grown past it."""
        return Tile(level=self.level, index=self.index)


def format_tile_path(tile: Tile) -> str:
    """Return where a tile lies, such as `tile/0/x001/x234/067.p/8`."""
    digits = f"{tile.index:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    *upper, last = [digits[at : at + 3] for at in range(0, len(digits), 3)]
    index = "".join(f"x{part}/" for part in upper) + last
    partial = "" if tile.width == TILE_WIDTH else f".p/{tile.width}"
    return f"tile/{'entries' if tile.level is None else tile.level}/{index}{partial}"


def parse_tile_path(path: str) -> Tile:
    """Return the tile at a path; raises `TileError` for one that `format_tile_path` would not write."""
    found = _PATH.fullmatch(path)
    if found is None:
        raise TileError(f"{path[:60]!r} is no tile's path")
    level = None if found[1] == "entries" else int(found[1])
    width = TILE_WIDTH if found[3] is None else int(found[3])
    tile = Tile(level=level, index=int(found[2].replace("/", "").replace("x", "")), width=width)
    if format_tile_path(tile) != path:
        raise TileError(f"{path[:60]!r} is no tile's path: it would be {format_tile_path(tile)}")
    return tile


def parse_tile(tile: Tile, data: bytes) -> list[bytes]:
    """Return the hashes in a tile's bytes; raises `TileError`."""
    if len(data) != tile.width * HASH_BYTES:
        raise TileError(
            f"{format_tile_path(tile)} has {tile.width * HASH_BYTES} bytes, not {len(data)}: fetch it again"
        )
    return [data[at : at + HASH_BYTES] for at in range(0, len(data), HASH_BYTES)]


def format_bundle(entries: Iterable[bytes]) -> bytes:
    """Return entries as a bundle; raises `TileError` for one over `MAX_ENTRY_BYTES`."""
    out: list[bytes] = []
    for entry in entries:
        if len(entry) > MAX_ENTRY_BYTES:
            raise TileError(f"an entry has at most {MAX_ENTRY_BYTES} bytes, not {len(entry)}: log its hash instead")
        out += (len(entry).to_bytes(_LENGTH), entry)
    return b"".join(out)


def parse_entries(data: bytes) -> list[bytes]:
    """Return entries that stand one after the other as in a bundle, however many; raises `TileError`."""
    out: list[bytes] = []
    at = 0
    while at < len(data):
        end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH])
        out.append(data[at + _LENGTH : end])
        at = end
    if at != len(data):
        raise TileError("the entries end within one: fetch them again")
    return out


def parse_bundle(tile: Tile, data: bytes) -> list[bytes]:
    """Return the entries in a bundle's bytes, just as many as it is wide; raises `TileError`."""
    entries = parse_entries(data)
    if len(entries) != tile.width:
        raise TileError(f"{format_tile_path(tile)} holds {tile.width} entries, not {len(entries)}: fetch it again")
    return entries


def grown_tiles(old: int, new: int) -> Iterator[Tile]:
    """Yield the tiles and bundles of a log of `new` entries that one of `old` does not have, or has less wide."""
    yield from _grown(None, old, new)
    level = 0
    while new:
        yield from _grown(level, old, new)
        old, new, level = old >> TILE_HEIGHT, new >> TILE_HEIGHT, level + 1


def _grown(level: int | None, old: int, new: int) -> Iterator[Tile]:
    if old < new:
        for index in range(old >> TILE_HEIGHT, -(-new >> TILE_HEIGHT)):
            yield Tile(level=level, index=index, width=min(TILE_WIDTH, new - (index << TILE_HEIGHT)))


def tile_nodes(read: Callable[[Tile], bytes], size: int) -> Nodes:
    """Return the nodes of a log of `size` entries whose tiles `read` gives; each tile is read once.

    Nothing here shows that the tiles are the log's: what is proved from them is checked against a checkpoint.
    """
    known: dict[tuple[int, int], list[list[bytes]]] = {}

    def node(level: int, index: int) -> bytes:
        of_tile, up = divmod(level, TILE_HEIGHT)
        number, at = divmod(index << up, TILE_WIDTH)
        if (of_tile, number) not in known:
            known[of_tile, number] = levels_of(_hashes(read, of_tile, number, size))
        return known[of_tile, number][up][at >> up]

    return node


def _hashes(read: Callable[[Tile], bytes], level: int, index: int, size: int) -> Sequence[bytes]:
    width = min(TILE_WIDTH, (size >> TILE_HEIGHT * level) - (index << TILE_HEIGHT))
    tile = Tile(level=level, index=index, width=width)
    return parse_tile(tile, read(tile))
