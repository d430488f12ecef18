"""A log at rest: its tiles as static files, and the one order of writes in which it can neither fork nor lose a block.

An append goes through four states, and a crash between any two is mended by `LogFolder.recover`:

    idle -- stage --> staged -- commit --> signed -- lay --> laid -- publish --> idle

`commit` is the point of no return: the log's signature on the new root is durable before anybody else can see it. Before it
a staged block is dropped, for nobody knows of it. After it just these bytes are published, however often it takes.

A copy of the folder that is put back forgets what was signed after it was made. So nothing is staged before the log's tiles,
what it has published, and what its witnesses report agree with the head that it signed last.

Under `log/` lies what everybody may fetch, under `private/` what only the log's own process reads: the staged block, the
newest checkpoint that is signed, and what each block's decisions open to.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from habeas.stores._disk import Disk
from habeas.stores._log_files import PUBLIC, Staged, block_of, check_next, public_files, staged_file
from habeas.stores.errors import ConflictError, DamagedStoreError, StaleError
from habeas.tlog import (
    EMPTY_ROOT,
    TILE_WIDTH,
    Block,
    BlockError,
    BlockFile,
    Checkpoint,
    Head,
    Note,
    NoteKey,
    Tile,
    TileError,
    TlogError,
    format_blocks,
    format_note,
    format_tile_path,
    open_checkpoint,
    parse_block_file,
    parse_blocks,
    parse_tile_path,
    plan_append,
    tile_nodes,
    tree_hash,
)

__all__ = ["LogFolder", "LogStage", "Staged"]

_CHECKPOINT = f"{PUBLIC}checkpoint"
_BLOCKS = f"{PUBLIC}blocks"
_PATH = re.compile(r"[0-9a-z]{1,64}(?:/[0-9a-z]{1,64}(?:\.p)?)*", re.ASCII)
"""What a public file can be named: no way up, no file that is being written."""
_STAGED, _SIGNED, _OPENINGS = "private/staged", "private/signed", "private/openings/"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogStage:
    """Where an append stands: the block that is staged, if one is, and the checkpoint that the log has signed over it."""

    staged: Staged | None = None
    signed: Checkpoint | None = None


class LogFolder:
    """The log of one key in one folder. One object, one thread; a second writer is kept out by the disk's lock."""

    def __init__(self, disk: Disk, key: NoteKey) -> None:
        self._disk = disk
        self._key = key
        self._newest: Staged | None = None  # worked out already: so large a block is hashed once

    @property
    def published(self) -> Checkpoint | None:
        """The checkpoint that everybody sees, if there is one; raises `DamagedStoreError`."""
        return self._checkpoint(_CHECKPOINT)

    @property
    def signed(self) -> Checkpoint | None:
        """The newest checkpoint that the log has signed; raises `DamagedStoreError`."""
        return self._checkpoint(_SIGNED)

    def head(self) -> Head:
        """Return the newest head that the log has signed; a log without a block has no entries.

        Raises `DamagedStoreError` if the log has published what it does not know to have signed.
        """
        signed, published = self.signed, self.published
        head = signed.head if signed else Head(origin=self._key.name, size=0, root=EMPTY_ROOT)
        if published is not None:
            _check_known(published.head, head)
            if published.head.size == head.size and published.head != head:
                raise DamagedStoreError(f"another root is published for {head.size} entries than is signed: stop")
        return head

    def read(self, tile: Tile) -> bytes:
        """Return a tile or bundle; raises `DamagedStoreError` if it is not there."""
        data = self._disk.read(PUBLIC + format_tile_path(tile))
        if data is None:
            raise DamagedStoreError(f"{format_tile_path(tile)} is not there: restore it from a mirror")
        return data

    def read_list(self, name: str, epoch: int) -> bytes | None:
        """Return a list that lies beside a block, `superseded` or `packs`."""
        return self._disk.read(f"{PUBLIC}{name}/{epoch}")

    def stage(self, block: Block, *, witnessed: Head | None, openings: bytes = b"") -> Staged:
        """Keep a block that is to be appended, and what its decisions open to, durably.

        `witnessed` is the largest head that witnesses or mirrors report. Raises `StaleError` unless the block begins where
        the log ends and no append is under way, `DamagedStoreError` for tiles that do not give the signed root or a log that
        others know more of, `ConflictError` if they know another, or for a block that could be signed and not be served.
        """
        head = self.head()
        if block.start != head.size or self._disk.read(_STAGED) is not None:
            raise StaleError(
                f"the log has {head.size} entries, or an append is under way: recover, then derive the block again"
            )
        self._signed_block()
        self._check_tiles(head, witnessed)
        check_next(block, self._block_up_to(head.size))
        return self._keep(self._grown(block), openings)

    def restage(self, block: Block, *, openings: bytes | None = None) -> Staged:
        """Keep a block again that was signed and then lost; raises `ConflictError` for any but the signed one.

        Without `openings` those that are kept stay as they are.
        """
        head, published = self.head(), self.published
        if block.start != (published.head.size if published else 0):
            raise ConflictError(f"the block from entry {block.start} on is published, or was never staged")
        check_next(block, self._block_up_to(block.start))
        staged = self._grown(block)
        if (staged.growth.size, staged.growth.root) != (head.size, head.root):
            raise ConflictError(f"this is not the block that was signed up to {head.size} entries: derive it again")
        return self._keep(staged, openings)

    def commit(self, staged: Staged, note: Note) -> Checkpoint:
        """Make the log's signature on the grown log durable. From here on there is no other next block.

        Raises `ConflictError` if the log has signed another in between, or other bytes are staged: stop, this would be a fork.
        """
        if self._disk.read(_STAGED) != staged_file(staged.block) or self._grown(staged.block) != staged:
            raise ConflictError("another block is staged than this one, or none: recover, then derive the block again")
        checkpoint = open_checkpoint(format_note(note), self._key)
        head, grown = self.head(), Head(origin=self._key.name, size=staged.growth.size, root=staged.growth.root)
        if checkpoint.head != grown or head.size not in (staged.block.start, grown.size):
            raise ConflictError(f"the log has signed {head.size} entries: this checkpoint is of another log, or a fork")
        if head.size == grown.size and head != grown:
            raise ConflictError(f"the log has signed another root for {grown.size} entries: this would be a fork")
        if note.text != grown.text:
            raise ConflictError("the log's checkpoints have no extension lines: nobody could audit them")
        self._disk.write({_SIGNED: format_note(note)})
        return checkpoint

    def lay(self, staged: Staged) -> None:
        """Write tiles, bundles, lists, the block's file, then the list of blocks; the checkpoint that needs them is later.

        Raises `ConflictError` for any but the block that is signed.
        """
        if self._signed_block() != staged:
            raise ConflictError("only the block that the log has signed is laid: commit it first")
        self._disk.write(public_files(staged))
        blocks = [one for one in self.blocks() if one[1] < staged.block.start]
        self._disk.write({_BLOCKS: format_blocks((*blocks, (staged.block.header.epoch, staged.block.start)))})

    def blocks(self) -> tuple[tuple[int, int], ...]:
        """Return epoch and first leaf of each block that is laid; raises `DamagedStoreError`."""
        try:
            return parse_blocks(self._disk.read(_BLOCKS) or b"")
        except BlockError as error:
            raise DamagedStoreError(f"{_BLOCKS}: {error}") from None

    def fetch(self, path: str) -> bytes | None:
        """Return one of the log's public files, as anybody may fetch it; None for any other path, whatever it leads to."""
        return self._disk.read(PUBLIC + path) if _PATH.fullmatch(path) else None

    def publish(self, note: Note) -> Checkpoint:
        """Let everybody see a checkpoint that its quorum has cosigned, and end the append.

        Raises `ConflictError` for one that is not the newest that the log has signed, or whose tiles are not laid yet.
        """
        checkpoint = open_checkpoint(format_note(note), self._key)
        if checkpoint.head != self.head():
            raise ConflictError("only the newest checkpoint that the log has signed is published")
        staged = self._signed_block()
        if staged and not self._is_laid(staged):
            raise ConflictError("tiles of this checkpoint are not there yet: lay them before it is published")
        self._disk.write({_CHECKPOINT: format_note(note)})
        if staged:
            self._disk.remove(_STAGED)
            self._newest = None
        return checkpoint

    def recover(self) -> LogStage:
        """Return where an append was left, after dropping a block that was staged and never signed.

        With `staged` and `signed` there, go on with `lay`, cosignatures and `publish`: the bytes are those that were signed.
        Raises `DamagedStoreError` if a signed block's bytes are lost: derive it again, and `restage` takes it.
        """
        staged = self._signed_block()
        if staged is not None:
            return LogStage(staged=staged, signed=self.signed)
        if self._disk.read(_STAGED) is not None:
            self._disk.remove(_STAGED)
        last = self._block_up_to(self.head().size)
        self._remove_openings(lambda epoch: last is None or epoch > last.header.epoch)
        return LogStage()

    def openings(self, epoch: int) -> bytes | None:
        """Return what was kept beside the block of an epoch; None if that was forgotten, or there is no such block."""
        return self._disk.read(f"{_OPENINGS}{epoch}")

    def forget(self, before_epoch: int) -> int:
        """Remove, durably, what the blocks of all epochs before one open to, and return how many there were.

        Names are removed, not overwritten: what a disk or a backup keeps of a removed file is its owner's to destroy.
        """
        return self._remove_openings(lambda epoch: epoch < before_epoch)

    def collect_partial(self) -> int:
        """Remove partial tiles and bundles whose full ones are published, and return how many; none during an append."""
        published, removed = self.published, 0
        if published is None or self._disk.read(_STAGED) is not None or self.head() != published.head:
            return 0
        size = published.head.size
        for name in list(self._disk.names(f"{PUBLIC}tile")):
            try:
                tile = parse_tile_path(name.removeprefix(PUBLIC))
            except TileError:
                continue  # not ours to remove
            have = size if tile.level is None else size >> 8 * tile.level
            full = PUBLIC + format_tile_path(tile.full)
            if tile.full != tile and have >= (tile.index + 1) * TILE_WIDTH and self._disk.read(full) is not None:
                self._disk.remove(name)
                removed += 1
        return removed

    def _keep(self, staged: Staged, openings: bytes | None) -> Staged:
        """Write a block and its openings in one write: it is staged when both are durable, and dropped otherwise."""
        beside = {} if openings is None else {f"{_OPENINGS}{staged.block.header.epoch}": openings}
        self._disk.write({**beside, _STAGED: staged_file(staged.block)})
        return staged

    def _is_laid(self, staged: Staged) -> bool:
        last = (staged.block.header.epoch, staged.block.start)
        return self.blocks()[-1:] == (last,) and all(
            self._disk.read(name) == data for name, data in public_files(staged).items()
        )

    def _signed_block(self) -> Staged | None:
        """Return the staged block if the log has signed it; raises `DamagedStoreError` if it must be there and is not."""
        head, published = self.head(), self.published
        is_owed = head.size != (published.head.size if published else 0)
        staged = self._staged(head, is_owed=is_owed)
        if staged is None and is_owed:
            raise DamagedStoreError(
                f"{head.size} entries are signed and the last block is lost: derive that epoch again, and restage it"
            )
        return staged

    def _staged(self, head: Head, *, is_owed: bool) -> Staged | None:
        """Return the staged block if it is the one that gives the signed head.

        A damaged one stops the log only if it is owed: before its signature nobody knows of it, after its publication
        everybody has it.
        """
        data = self._disk.read(_STAGED)
        if data is None:
            return None
        try:
            return self._matching(block_of(data), head)
        except DamagedStoreError:
            if is_owed:
                raise
            return None

    def _matching(self, block: Block, head: Head) -> Staged | None:
        """Return a block with the growth that gives the signed head; None for the next one, which is not signed yet."""
        if block.start == head.size:
            return None
        staged = self._grown(block)
        if (staged.growth.size, staged.growth.root) != (head.size, head.root):
            raise DamagedStoreError("the staged block is not the one that was signed: derive that epoch again")
        return staged

    def _block_up_to(self, size: int) -> BlockFile | None:
        """Return the file of the block that ends where the log has `size` entries; raises `DamagedStoreError`."""
        if not size:
            return None
        epochs = [epoch for epoch, start in self.blocks() if start < size]
        data = self._disk.read(f"{PUBLIC}block/{epochs[-1]}") if epochs else None
        if data is None:
            raise DamagedStoreError(
                f"no block is listed up to entry {size}, or its file is lost: restore from a mirror"
            )
        try:
            file = parse_block_file(data)
            height = file.header.height
            root = tile_nodes(self.read, size)(height, file.start >> height) if file.end == size else b""
        except TlogError as error:
            raise DamagedStoreError(f"block/{epochs[-1]}: {error}") from None
        if root != file.roots[0]:
            raise DamagedStoreError(f"block/{epochs[-1]} is not the block up to entry {size}: restore from a mirror")
        return file

    def _remove_openings(self, is_gone: Callable[[int], bool]) -> int:
        removed = 0
        for name in list(self._disk.names(_OPENINGS)):
            epoch = name.removeprefix(_OPENINGS)
            if epoch.isdecimal() and is_gone(int(epoch)):
                self._disk.remove(name)
                removed += 1
        return removed

    def _check_tiles(self, head: Head, witnessed: Head | None) -> None:
        """Refuse to go on from tiles that do not give the signed root, or from another log than others have seen."""
        nodes = tile_nodes(self.read, head.size)
        try:
            if tree_hash(nodes, 0, head.size) != head.root:
                raise DamagedStoreError(f"the tiles do not give the root of {head.size} entries: restore from a mirror")
            if witnessed is None:
                return
            _check_known(witnessed, head)
            if witnessed.origin != head.origin or tree_hash(nodes, 0, witnessed.size) != witnessed.root:
                raise ConflictError(
                    f"another root is known of {witnessed.size} entries: two logs, keep both checkpoints"
                )
        except TileError as error:
            raise DamagedStoreError(f"the log's tiles: {error}") from None

    def _grown(self, block: Block) -> Staged:
        if self._newest is not None and self._newest.block == block:
            return self._newest
        try:
            growth = plan_append(block.start, block.entries, self.read)
            nodes = tile_nodes(
                lambda tile: growth.tiles[tile] if tile in growth.tiles else self.read(tile), growth.size
            )
            header, start = block.header, block.start
            file = BlockFile(
                start=start,
                header=header,
                path=tuple(nodes(level, (start >> level) + 1) for level in range(header.height)),
                roots=tuple(
                    nodes(header.height, at) for at in range(start >> header.height, block.end >> header.height)
                ),
            )
        except TlogError as error:
            raise DamagedStoreError(f"the log's tiles, or the staged block: {error}") from None
        self._newest = Staged(block=block, growth=growth, file=file)
        return self._newest

    def _checkpoint(self, name: str) -> Checkpoint | None:
        data = self._disk.read(name)
        try:
            return open_checkpoint(data, self._key) if data is not None else None
        except TlogError as error:
            raise DamagedStoreError(f"{name}: {error}") from None


def _check_known(elsewhere: Head, signed: Head) -> None:
    if elsewhere.size > signed.size:
        raise DamagedStoreError(
            f"only {signed.size} of {elsewhere.size} entries are known here, as after an old copy was put back: "
            "fetch the rest from a mirror, and sign nothing"
        )
