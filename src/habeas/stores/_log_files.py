"""What a block is as files: those that everybody may fetch, and the one that keeps it from stage to publication."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.stores.errors import ConflictError, DamagedStoreError
from habeas.tlog import (
    HEIGHTS,
    NO_CHAIN,
    Block,
    BlockFile,
    EntryError,
    Growth,
    TileError,
    chain_of,
    format_block_file,
    format_bundle,
    format_tile_path,
    hash_of_list,
    parse_entries,
    parse_indexes,
)

__all__ = ["PUBLIC", "Staged", "block_of", "check_next", "public_files", "staged_file"]

PUBLIC = "log/"
_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A block that is staged, with the growth that it is, and its file."""

    block: Block
    growth: Growth
    file: BlockFile


def check_next(block: Block, before: BlockFile | None) -> None:
    """Refuse a block that could be signed and then not be served, or that no checker takes after `before`.

    Once a block is signed there is no other, so what its header binds is compared before. Raises `ConflictError`.
    """
    try:
        header = block.header
        lists = [parse_indexes(one) for one in (block.superseded, block.packs)]
    except EntryError as error:
        raise ConflictError(f"the block's header or a list beside it: {error}; derive it again") from None
    width = 1 << header.height
    if header.height not in HEIGHTS or block.start % width or len(block.entries) % width:
        raise ConflictError(f"a block of height {header.height} is not made of whole subtrees: derive it again")
    chain = before.header.chain if before else NO_CHAIN
    bound = (chain_of(chain, block.superseded), len(lists[0]), hash_of_list(block.packs))
    if (header.chain, header.superseded, header.packs) != bound:
        raise ConflictError("the lists beside the block are not those that its header binds: derive it again")
    if header.previous != (before.start if before else 0) or (before and header.epoch <= before.header.epoch):
        raise ConflictError(f"the block of epoch {header.epoch} does not go on from the last one: derive it again")


def public_files(staged: Staged) -> dict[str, bytes]:
    """Return what a block writes under `log/`, but for the list of blocks."""
    tiles = {PUBLIC + format_tile_path(tile): data for tile, data in staged.growth.tiles.items()}
    block = staged.block
    beside = {"superseded": block.superseded, "packs": block.packs, "block": format_block_file(staged.file)}
    return tiles | {f"{PUBLIC}{name}/{block.header.epoch}": data for name, data in beside.items()}


def staged_file(block: Block) -> bytes:
    """Return a block as the file that it is staged in."""
    parts = (block.superseded, block.packs, format_bundle(block.entries))
    lengths = b"".join(len(part).to_bytes(_LENGTH) for part in parts)
    return block.start.to_bytes(_LENGTH) + lengths + b"".join(parts)


def block_of(data: bytes) -> Block:
    """Return the block in a staged file; raises `DamagedStoreError`."""
    numbers = [int.from_bytes(data[at : at + _LENGTH]) for at in range(0, 4 * _LENGTH, _LENGTH)]
    start, *lengths = numbers
    parts, at = [], 4 * _LENGTH
    for length in lengths:
        parts.append(data[at : at + length])
        at += length
    if at != len(data):
        raise DamagedStoreError("the staged block is damaged: derive that epoch again")
    superseded, packs, bundle = parts
    try:
        return Block(start=start, entries=tuple(parse_entries(bundle)), superseded=superseded, packs=packs)
    except TileError:
        raise DamagedStoreError("the staged block is damaged: derive that epoch again") from None
