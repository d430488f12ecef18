"""Looking at a log from outside: is what lies there what its quorum has signed, and is an entry in it."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.services._source import Source
from habeas.services._survey import check_lists, needed, survey, take
from habeas.services.errors import SourceError
from habeas.tlog import (
    NO_CHAIN,
    TILE_HEIGHT,
    TILE_WIDTH,
    Checkpoint,
    CompactRange,
    Policy,
    ProofError,
    ProofFile,
    Tile,
    TlogError,
    check_inclusion,
    format_tile_path,
    hash_leaf,
    parse_bundle,
    parse_note,
    prove_inclusion,
    tile_nodes,
    tiles_of,
    tree_hash,
)

__all__ = ["Verified", "prove_entry", "verify_log"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """A checkpoint under quorum whose tiles give its root; of how many blocks each entry was read, too."""

    checkpoint: Checkpoint
    blocks: int


def verify_log(source: Source, policy: Policy, *, entries: bool) -> Verified:
    """Return what holds of a log's files, with `entries` of each one of them; raises `TlogError`, `SourceError`."""
    checkpoint = policy.check(parse_note(needed(source, "checkpoint")))
    head = checkpoint.head
    if tree_hash(tile_nodes(tiles_of(source), head.size), 0, head.size) != head.root:
        raise SourceError(f"the tiles of {source.name} do not give the root of {head.size} entries: ask another mirror")
    blocks, chain = 0, NO_CHAIN
    if entries:
        for file in survey(source, CompactRange(), head):
            check_lists(take(source, file), chain)
            chain, blocks = file.header.chain, blocks + 1
    return Verified(checkpoint=checkpoint, blocks=blocks)


def prove_entry(source: Source, policy: Policy, index: int) -> ProofFile:
    """Return the proof that an entry is in the log, the entry itself beside it, checked; raises `TlogError`, `SourceError`."""
    checkpoint = policy.check(parse_note(needed(source, "checkpoint")))
    size = checkpoint.head.size
    if not 0 <= index < size:
        raise ProofError(f"the log has the entries 0 to {size - 1}, and no {index}")
    at = index >> TILE_HEIGHT
    tile = Tile(level=None, index=at, width=min(TILE_WIDTH, size - (at << TILE_HEIGHT)))
    try:
        entry = parse_bundle(tile, needed(source, format_tile_path(tile)))[index % TILE_WIDTH]
        path = prove_inclusion(tile_nodes(tiles_of(source), size), index, size)
        check_inclusion(hash_leaf(entry), index, size, path, checkpoint.head.root)
    except TlogError as error:
        raise SourceError(f"{source.name}: {error}") from None
    return ProofFile(index=index, path=tuple(path), checkpoint=checkpoint.note, extra=entry)
