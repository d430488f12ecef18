"""A copy of a log in a folder, as mirrors and checkers keep it: the public files under `log/`, laid before what needs them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from habeas.services._survey import Taken
from habeas.stores import DamagedStoreError, Disk
from habeas.tlog import (
    NO_CHAIN,
    TILE_HEIGHT,
    Block,
    BlockError,
    BlockFile,
    Checkpoint,
    CompactRange,
    Note,
    NoteKey,
    Tile,
    TlogError,
    format_block_file,
    format_blocks,
    format_note,
    format_tile_path,
    open_checkpoint,
    parse_block_file,
    parse_blocks,
    parse_bundle,
    plan_append,
    tile_nodes,
    tiles_of,
    tree_hash,
)

__all__ = ["Copy"]

_PUBLIC = "log/"


class Copy:
    """The public files of one log. One writer at a time; what it is given was checked against what the log has signed."""

    def __init__(self, disk: Disk, key: NoteKey) -> None:
        self._disk = disk
        self._key = key
        self._read = tiles_of(self.fetch)

    def fetch(self, path: str) -> bytes | None:
        """Return one of the public files."""
        return self._disk.read(_PUBLIC + path)

    def checkpoint(self) -> Checkpoint | None:
        """Return the checkpoint that is served; raises `DamagedStoreError`."""
        data = self.fetch("checkpoint")
        try:
            return open_checkpoint(data, self._key) if data is not None else None
        except TlogError as error:
            raise DamagedStoreError(f"log/checkpoint: {error}") from None

    def root(self, size: int) -> bytes:
        """Return the root of the first `size` entries, which end a block; raises `DamagedStoreError`."""
        try:
            return tree_hash(tile_nodes(self._read, size), 0, size)
        except TlogError as error:
            raise DamagedStoreError(f"the copy of the log: {error}; take it anew into an empty folder") from None

    def tree(self, size: int) -> CompactRange:
        """Return the range of the first `size` entries; raises `DamagedStoreError`."""
        nodes, out = tile_nodes(self._read, size), CompactRange()
        try:
            for level in reversed(range(size.bit_length())):
                if size >> level & 1:
                    out = out.add(nodes(level, out.end >> level), level)
        except TlogError as error:
            raise DamagedStoreError(f"the copy of the log: {error}; take it anew into an empty folder") from None
        return out

    def blocks(self, size: int) -> Iterator[BlockFile]:
        """Yield the files of the blocks in the first `size` entries, in order; raises `DamagedStoreError`."""
        try:
            for epoch, start in parse_blocks(self.fetch("blocks") or b""):
                if start < size:
                    yield parse_block_file(self._needed(f"block/{epoch}"))
        except BlockError as error:
            raise DamagedStoreError(f"the copy of the log: {error}") from None

    def chain(self, size: int) -> bytes:
        """Return the chain of superseded lists after the first `size` entries."""
        starts = [one for one in parse_blocks(self.fetch("blocks") or b"") if one[1] < size]
        return parse_block_file(self._needed(f"block/{starts[-1][0]}")).header.chain if starts else NO_CHAIN

    def read_block(self, file: BlockFile) -> Block:
        """Return a block with its lists; raises `DamagedStoreError`."""
        entries: list[bytes] = []
        try:
            for at in range(file.start >> TILE_HEIGHT, file.end >> TILE_HEIGHT):
                tile = Tile(level=None, index=at)
                entries += parse_bundle(tile, self._needed(format_tile_path(tile)))
        except TlogError as error:
            raise DamagedStoreError(f"the copy of the log: {error}") from None
        beside = {name: self._needed(f"{name}/{file.header.epoch}") for name in ("superseded", "packs")}
        return Block(start=file.start, entries=tuple(entries), **beside)

    def add(self, taken: Taken, more: Mapping[str, bytes]) -> None:
        """Lay a block that follows what is here, with more files of the folder; durable when this returns.

        Tiles and lists first, then the list of blocks: whoever finds a block there finds all of it.
        """
        block, epoch = taken.block, taken.file.header.epoch
        growth = plan_append(block.start, block.entries, self._read)
        files = {format_tile_path(tile): data for tile, data in growth.tiles.items()} | taken.plain
        files |= {f"superseded/{epoch}": block.superseded, f"packs/{epoch}": block.packs}
        files[f"block/{epoch}"] = format_block_file(taken.file)
        self._disk.write({_PUBLIC + path: data for path, data in files.items()} | dict(more))
        rows = [row for row in parse_blocks(self.fetch("blocks") or b"") if row[1] < block.start]
        self._disk.write({f"{_PUBLIC}blocks": format_blocks((*rows, (epoch, block.start)))})

    def publish(self, note: Note) -> None:
        """Let everybody see a checkpoint whose tiles are laid."""
        self._disk.write({f"{_PUBLIC}checkpoint": format_note(note)})

    def _needed(self, path: str) -> bytes:
        data = self.fetch(path)
        if data is None:
            raise DamagedStoreError(f"log/{path} is not there: take the copy anew into an empty folder")
        return data
