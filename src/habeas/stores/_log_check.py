"""Looking through a whole log, in a folder or at a mirror: which of its files is not what its checkpoint stands for.

From the leaves up: what a bundle's entries hash to must stand in its tile, what the tile hashes to in the tile above, up to
the root that the log has signed. Where two of three agree, the third is at fault. Each block is then judged as a checker
judges it, and its lists, its file and the list of blocks are compared with what its entries say. One block is held at a time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, replace

from habeas.tlog import (
    HASH_BYTES,
    HEIGHTS,
    MAX_BLOCK_ENTRIES,
    NO_CHAIN,
    TILE_HEIGHT,
    TILE_WIDTH,
    Block,
    BlockError,
    Checkpoint,
    CompactRange,
    EntryError,
    Fetch,
    Head,
    Header,
    Judged,
    Note,
    NoteKey,
    Plain,
    Policy,
    Tile,
    TileError,
    TlogError,
    block_file,
    chain_of,
    format_block_file,
    format_tile_path,
    hash_leaf,
    hash_of_list,
    judge,
    open_checkpoint,
    parse_blocks,
    parse_bundle,
    parse_indexes,
    parse_tile,
    read_constants,
    root_of,
    tiles_of,
)

__all__ = ["Fault", "check_log"]

_FETCH = "fetch it from a mirror, then check again"
_LAY = "its entries say what belongs there: write it anew, then check again"
_TELL = "the log has signed it: keep it, and show it to everybody"
_CHECKPOINT, _BLOCKS = "checkpoint", "blocks"
_HASHED = b"\0"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """A file of a log that is not as it must be: which, what is wrong with it, and what to do next."""

    path: str
    what: str
    then: str


def check_log(fetch: Fetch, key: NoteKey, policy: Policy | None = None) -> tuple[Fault, ...]:
    """Return every fault of a log's public files up to its checkpoint, none if all is well.

    Each bit of tiles, bundles, lists and block files counts; of the checkpoint each bit if `policy` is there, without it
    witnesses' lines go unread. Partial tiles that the log has outgrown need not be there. What is laid after the checkpoint is
    not looked at. Nothing is asked of a clock: that a block came in its time is the quorum's word.
    """
    check = _Check(fetch)
    checkpoint = check.checkpoint(key, policy)
    if checkpoint is not None:
        check.blocks(checkpoint.head)
    return tuple(check.faults)


class _Check:
    """What has been found so far, and the right edge of the tree up to there."""

    def __init__(self, fetch: Fetch) -> None:
        self.faults: list[Fault] = []
        self._fetch, self._read = fetch, tiles_of(fetch)
        self._size = 0
        self._tree = CompactRange()
        self._rows: list[list[bytes]] = []
        self._above: tuple[Tile, Sequence[bytes]] | None = None
        self._state: Judged | None = None
        self._chain: bytes | None = NO_CHAIN

    def _fault(self, path: str, what: str, then: str = _FETCH) -> None:
        self.faults.append(Fault(path=path, what=what, then=then))

    def _file(self, path: str) -> bytes | None:
        data = self._fetch(path)
        if data is None:
            self._fault(path, "it is not there")
        return data

    # The checkpoint ------------------------------------------------------------------------------------------------

    def checkpoint(self, key: NoteKey, policy: Policy | None) -> Checkpoint | None:
        """Return the checkpoint if the log has signed it."""
        data = self._file(_CHECKPOINT)
        try:
            found = None if data is None else open_checkpoint(data, key)
        except TlogError as error:
            self._fault(_CHECKPOINT, str(error))
            return None
        if found is None or not self._is_whole(found.head):
            return None
        if found.note.text != found.head.text:
            self._fault(_CHECKPOINT, "it has lines after its root, which nobody could audit", _TELL)
        if policy is not None:
            self._cosigned(found.note, key, policy)
        return found

    def _is_whole(self, head: Head) -> bool:
        if head.size % TILE_WIDTH:
            self._fault(_CHECKPOINT, f"{head.size} entries are not whole blocks", _TELL)
        return not head.size % TILE_WIDTH

    def _cosigned(self, note: Note, key: NoteKey, policy: Policy) -> None:
        try:
            policy.check(note)
        except TlogError as error:
            self._fault(_CHECKPOINT, str(error))
        known = {(one.name, one.id) for one in (key, *policy.witnesses.values())}
        for one in note.signatures:
            if (one.name, one.key_id) not in known:
                self._fault(_CHECKPOINT, f"the line of {one.name[:60]!r} is by no key that log or policy has")

    # Blocks --------------------------------------------------------------------------------------------------------

    def blocks(self, head: Head) -> None:
        """Go through all blocks of the log."""
        self._size = head.size
        listed, found, start = self._listed(), [], 0
        while start < head.size:
            first = self._subtree(start >> TILE_HEIGHT)
            header = self._header(start, first)
            later = [at for _, at in listed or () if at > start and not at % TILE_WIDTH]
            end = _end(start, header) if header else (later or [head.size])[0]
            entries = self._up_to(end, start, first if header else None)
            self._outgrown(end)
            if header is None or entries is None:
                self._state = self._chain = None
            else:
                self._block(header, Block(start=start, entries=tuple(entries)), head.origin)
            found += [(header.epoch, start)] if header else [one for one in listed or () if one[1] == start]
            start = end
        if listed is not None and listed != found:
            self._fault(_BLOCKS, f"it does not list the log's {len(found)} blocks as they are", _LAY)
        self._edge()
        if not self.faults and (self._tree.root(), self._tree.end) != (head.root, head.size):
            self._fault(_CHECKPOINT, f"the tree of its {head.size} entries has another root", _TELL)

    def _up_to(self, end: int, start: int, first: list[bytes] | None) -> list[bytes] | None:
        """Take in the rest of a block; return its entries, None where not all of them are the log's."""
        whole = None if first is None else list(first)
        for index in range((start >> TILE_HEIGHT) + 1, end >> TILE_HEIGHT):
            part = self._subtree(index)
            if whole is not None and part is not None:
                whole += part
            else:
                whole = None
        return whole

    def _listed(self) -> list[tuple[int, int]] | None:
        data = self._file(_BLOCKS)
        try:
            listed = None if data is None else [one for one in parse_blocks(data) if one[1] < self._size]
        except BlockError as error:
            self._fault(_BLOCKS, str(error), _LAY)
            return None
        return listed

    def _header(self, start: int, entries: Sequence[bytes] | None) -> Header | None:
        """Return the header that a block begins with; None where its entries are damaged, or there is none."""
        if entries is None:
            return None
        try:
            header = Header.of_bytes(entries[0])
        except EntryError as error:
            self._fault(_bundle_path(start), f"entry {start} must be a header: {error}", _TELL)
            return None
        size = _end(start, header) - start
        if header.height not in HEIGHTS or size > min(MAX_BLOCK_ENTRIES, self._size - start):
            self._fault(_bundle_path(start), f"the header at {start} is of a block that does not fit here", _TELL)
            return None
        return header

    def _block(self, header: Header, block: Block, origin: str) -> None:
        """Compare all that lies beside a block with its entries, and judge it."""
        before, state = len(self.faults), self._state
        block = replace(block, superseded=self._list("superseded", header), packs=self._list("packs", header))
        self._chain = header.chain
        path = f"block/{header.epoch}"
        data = self._file(path)
        if data is not None and data != format_block_file(block_file(block)):
            self._fault(path, f"it is not the file of the block from entry {block.start} on", _LAY)
        self._bodies(header, block)
        if block.start == 0:
            state = self._begin(block, origin)
        self._state = None
        if state is None or len(self.faults) > before:
            return  # what is lost must be there before this block, and those that build on it, can be judged
        try:
            self._state = judge(state, block, 0, settled=True)
        except BlockError as error:
            self._fault(_bundle_path(block.start), f"the block of epoch {header.epoch}: {error}", _TELL)

    def _begin(self, block: Block, origin: str) -> Judged | None:
        entry = block.entries[1]
        try:
            constants = read_constants(entry, None)
        except EntryError as error:
            self._fault(_bundle_path(0), f"entry 1: {error}", _TELL)
            return None
        if constants.origin != origin:
            self._fault(_bundle_path(0), f"the constants are those of {constants.origin[:60]!r}", _TELL)
            return None
        return Judged(constants=constants, entry=entry)

    def _list(self, name: str, header: Header) -> bytes:
        """Return a list beside a block, with a fault unless it is the one that the header binds."""
        path = f"{name}/{header.epoch}"
        data = self._file(path)
        if data is None:
            return b""
        try:
            count = len(parse_indexes(data))
        except EntryError as error:
            self._fault(path, str(error))
            return data
        if name == "packs":
            is_bound = hash_of_list(data) == header.packs
        else:
            chain = header.chain if self._chain is None else chain_of(self._chain, data)
            is_bound = (chain, count) == (header.chain, header.superseded)
        if not is_bound:
            self._fault(path, f"it is not the list that the header of epoch {header.epoch} binds")
        return data

    def _bodies(self, header: Header, block: Block) -> None:
        """Look for the plain bodies that entries name by length and hash."""
        for entry in block.entries[1 : 1 + header.counts.plain]:
            try:
                body = Plain.of_bytes(entry).body
            except EntryError:
                continue  # the judgement says so
            if body.startswith(_HASHED):
                path = f"plain/{body[5:].hex()}"
                data = self._file(path)
                if data is not None and (len(data).to_bytes(4), hashlib.sha256(data).digest()) != (body[1:5], body[5:]):
                    self._fault(path, "it is not what its entry names")

    # The tree ------------------------------------------------------------------------------------------------------

    def _subtree(self, index: int) -> list[bytes] | None:
        """Take in the next tile of leaves with its bundle; return its entries, None if they are damaged."""
        tile, bundle = Tile(level=0, index=index), Tile(level=None, index=index)
        leaves, entries = self._hashes(tile), self._entries(bundle)
        of_tile = root_of(leaves) if leaves else None
        of_entries = root_of([hash_leaf(entry) for entry in entries]) if entries else None
        true = _agreed(of_entries, of_tile, self._parent(index))
        for place, own in ((tile, of_tile), (bundle, of_entries)):
            if own is not None and own != true:
                self._fault(format_tile_path(place), "it does not lead to the log's root")
        node = true or bytes(HASH_BYTES)  # of what nobody can tell; it has its faults already
        self._tree = self._tree.add(node, TILE_HEIGHT)
        self._push(1, node)
        return entries if of_entries == true else None

    def _parent(self, index: int) -> bytes | None:
        """Return what the tile above says of tile `index` of leaves; its own faults are found when it is full."""
        at = index >> TILE_HEIGHT
        width = min(TILE_WIDTH, (self._size >> TILE_HEIGHT) - (at << TILE_HEIGHT))
        tile = Tile(level=1, index=at, width=width)
        if self._above is None or self._above[0] != tile:
            try:
                self._above = (tile, parse_tile(tile, self._read(tile)))
            except TileError:
                self._above = (tile, ())
        hashes = self._above[1]
        return hashes[index % TILE_WIDTH] if hashes else None

    def _hashes(self, tile: Tile) -> list[bytes] | None:
        try:
            return parse_tile(tile, self._read(tile))
        except TileError as error:
            self._fault(format_tile_path(tile), str(error))
            return None

    def _entries(self, bundle: Tile) -> list[bytes] | None:
        data = self._file(format_tile_path(bundle))
        try:
            return None if data is None else parse_bundle(bundle, data)
        except TileError as error:
            self._fault(format_tile_path(bundle), str(error))
            return None

    def _push(self, level: int, node: bytes) -> None:
        """Take in a node of the tiles of a level; a tile that is full is compared, and gives one of the level above."""
        while len(self._rows) < level:
            self._rows.append([])
        row = self._rows[level - 1]
        row.append(node)
        if len(row) == TILE_WIDTH:
            self._compare(Tile(level=level, index=(self._tree.end - 1) >> TILE_HEIGHT * (level + 1)), row)
            self._rows[level - 1] = []
            self._push(level + 1, root_of(row))

    def _compare(self, tile: Tile, row: Sequence[bytes]) -> None:
        found = self._hashes(tile)
        if found is not None and found != list(row):
            self._fault(format_tile_path(tile), "it is not what the tiles below give")

    def _outgrown(self, end: int) -> None:
        """Compare the partial tiles of the log as it was when a block ended, those that are still there."""
        for level, row in enumerate(self._rows, 1):
            if row and end < self._size:
                tile = Tile(level=level, index=end >> TILE_HEIGHT * (level + 1), width=len(row))
                data = self._fetch(format_tile_path(tile))
                if data is not None and data != b"".join(row):
                    self._fault(format_tile_path(tile), "it is not what the tiles below give; it may also be removed")

    def _edge(self) -> None:
        """Compare the partial tiles that the checkpoint needs."""
        for level, row in enumerate(self._rows, 1):
            if row:
                self._compare(Tile(level=level, index=self._size >> TILE_HEIGHT * (level + 1), width=len(row)), row)


def _agreed(of_entries: bytes | None, of_tile: bytes | None, above: bytes | None) -> bytes | None:
    """Return the hash that two of three say; if no two do, the one that the most other files rest on."""
    if of_entries is not None and of_entries in (of_tile, above):
        return of_entries
    return next((one for one in (above, of_tile, of_entries) if one is not None), None)


def _end(start: int, header: Header) -> int:
    """Return where the block of a header ends."""
    return start + (-(-(1 + header.counts.total) >> header.height) << header.height)


def _bundle_path(entry: int) -> str:
    return format_tile_path(Tile(level=None, index=entry >> TILE_HEIGHT))
