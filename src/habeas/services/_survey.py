"""Taking over blocks from a source: what must hold of them before one byte is kept.

First the small files: the list of blocks and each block's file, whose roots must lead from the tree that we have to the
checkpoint's root. Then block by block the entries, which must give just those roots. So what is kept is what the log has
signed, wherever it came from, and a checkpoint whose tree does not begin with ours does not get past the first step.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from habeas.services._source import Source
from habeas.services.errors import SourceError
from habeas.tlog import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Block,
    BlockFile,
    CompactRange,
    EntryError,
    Head,
    Plain,
    Tile,
    TlogError,
    chain_of,
    format_tile_path,
    hash_of_list,
    parse_block_file,
    parse_blocks,
    parse_bundle,
)

__all__ = ["Taken", "check_lists", "needed", "survey", "take"]

_AT_ONCE = 8
_HASHED = b"\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """A block whose entries give the roots of its file, and the plain bodies that it names by hash, by their paths."""

    file: BlockFile
    block: Block
    plain: dict[str, bytes]


def needed(source: Source, path: str) -> bytes:
    """Return a file that must be there; raises `SourceError`."""
    data = source(path)
    if data is None:
        raise SourceError(f"{path} is not there at {source.name}")
    return data


def survey(source: Source, tree: CompactRange, head: Head) -> tuple[BlockFile, ...]:
    """Return the files of the blocks that lead from `tree` to a signed head; raises `SourceError` if they do not."""
    out: list[BlockFile] = []
    try:
        for epoch, start in parse_blocks(needed(source, "blocks")):
            if tree.end <= start < head.size:
                file = parse_block_file(needed(source, f"block/{epoch}"))
                _check_place(file, epoch, start, tree, source)
                tree = grown(tree, file)
                out.append(file)
    except TlogError as error:
        raise SourceError(f"the blocks of {source.name}: {error}") from None
    if (tree.end, tree.root()) != (head.size, head.root):
        raise SourceError(f"the blocks of {source.name} do not lead to the root of {head.size} entries")
    return tuple(out)


def grown(tree: CompactRange, file: BlockFile) -> CompactRange:
    """Return a tree with one more block."""
    for root in file.roots:
        tree = tree.add(root, file.header.height)
    return tree


def _check_place(file: BlockFile, epoch: int, start: int, tree: CompactRange, source: Source) -> None:
    """Refuse the file of another block than the one that comes next."""
    if not file.start == start == tree.end or file.header.epoch != epoch:
        raise SourceError(f"block/{epoch} of {source.name} is not the block from entry {tree.end} on")


def take(source: Source, file: BlockFile) -> Taken:
    """Return a block with its lists and plain bodies; raises `SourceError` unless its entries are those of `file`."""
    epoch = file.header.epoch
    bundles = [Tile(level=None, index=at) for at in range(file.start >> TILE_HEIGHT, file.end >> TILE_HEIGHT)]
    entries: list[bytes] = []
    with ThreadPoolExecutor(min(_AT_ONCE, len(bundles))) as pool:
        read = pool.map(lambda tile: needed(source, format_tile_path(tile)), bundles)
        try:
            for tile, data in zip(bundles, read, strict=True):
                entries += parse_bundle(tile, data)
        except TlogError as error:
            raise SourceError(f"{source.name}: {error}") from None
    block = Block(
        start=file.start,
        entries=tuple(entries),
        superseded=needed(source, f"superseded/{epoch}"),
        packs=needed(source, f"packs/{epoch}"),
    )
    if len(entries) != file.size or len(entries) % TILE_WIDTH or tuple(_roots(block, file)) != file.roots:
        raise SourceError(f"the entries from {file.start} on at {source.name} are not those that the log has signed")
    return Taken(file=file, block=block, plain=dict(_bodies(source, block)))


def check_lists(taken: Taken, chain: bytes) -> None:
    """Refuse lists beside a block that its header does not bind, `chain` being that of the block before; raises `SourceError`."""
    header, block = taken.file.header, taken.block
    if chain_of(chain, block.superseded) != header.chain or hash_of_list(block.packs) != header.packs:
        raise SourceError(f"the lists beside block {header.epoch} are not those that its header binds")


def _roots(block: Block, file: BlockFile) -> list[bytes]:
    return block.roots() if block.entries[0] == file.header.to_bytes() else []


def _bodies(source: Source, block: Block) -> list[tuple[str, bytes]]:
    """Return the plain bodies that entries of a block name by length and hash."""
    out = []
    for body in _hashed(block.entries[1 : 1 + block.header.counts.plain]):
        path = f"plain/{body[5:].hex()}"
        data = needed(source, path)
        if len(data) != int.from_bytes(body[1:5]) or hashlib.sha256(data).digest() != body[5:]:
            raise SourceError(f"{path} of {source.name} is not what its entry names")
        out.append((path, data))
    return out


def _hashed(entries: Sequence[bytes]) -> list[bytes]:
    found = []
    for entry in entries:
        try:
            body = Plain.of_bytes(entry).body
        except EntryError:  # the checker says so in public; here it is no more than bytes that the log has signed
            continue
        if body.startswith(_HASHED):
            found.append(body)
    return found
