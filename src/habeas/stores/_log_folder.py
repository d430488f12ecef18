"""A log at rest: its tiles as static files, and the one order of writes in which it can neither fork nor lose a block.

An append goes through four states, and a crash between any two is mended by `LogFolder.recover`:

    idle -- stage --> staged -- commit --> signed -- lay --> laid -- publish --> idle

`commit` is the point of no return: the log's signature on the new root is durable before anybody else can see it. Before it
a staged block is dropped, for nobody knows of it. After it just these bytes are published, however often it takes.

A copy of the folder that is put back forgets what was signed after it was made. So nothing is staged before the log's tiles,
what it has published, and what its witnesses report agree with the head that it signed last.

Under `log/` lies what everybody may fetch, under `private/` what only the log's own process reads.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.stores._disk import Disk
from habeas.stores.errors import ConflictError, DamagedStoreError, StaleError
from habeas.tlog import (
    EMPTY_ROOT,
    TILE_WIDTH,
    Block,
    Checkpoint,
    Growth,
    Head,
    Note,
    NoteKey,
    Tile,
    TileError,
    TlogError,
    format_bundle,
    format_note,
    format_tile_path,
    open_checkpoint,
    parse_entries,
    parse_tile_path,
    plan_append,
    tile_nodes,
    tree_hash,
)

__all__ = ["LogFolder", "LogStage", "Staged"]

_PUBLIC = "log/"
_CHECKPOINT = f"{_PUBLIC}checkpoint"
_STAGED, _SIGNED = "private/staged", "private/signed"
_LENGTH = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """A block that is staged, with the growth that it is."""

    block: Block
    growth: Growth


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
        data = self._disk.read(_PUBLIC + format_tile_path(tile))
        if data is None:
            raise DamagedStoreError(f"{format_tile_path(tile)} is not there: restore it from a mirror")
        return data

    def read_list(self, name: str, epoch: int) -> bytes | None:
        """Return a list that lies beside a block, `superseded` or `packs`."""
        return self._disk.read(f"{_PUBLIC}{name}/{epoch}")

    def stage(self, block: Block, *, witnessed: Head | None) -> Staged:
        """Keep a block that is to be appended, durably. `witnessed` is the largest head that witnesses or mirrors report.

        Raises `StaleError` unless the block begins where the log ends and no append is under way, `DamagedStoreError` for
        tiles that do not give the signed root or a log that others know more of, `ConflictError` if they know another.
        """
        head = self.head()
        if block.start != head.size or self._disk.read(_STAGED) is not None:
            raise StaleError(
                f"the log has {head.size} entries, or an append is under way: recover, then derive the block again"
            )
        self._signed_block()
        self._check_tiles(head, witnessed)
        staged = self._grown(block)
        self._disk.write({_STAGED: _staged_file(block)})
        return staged

    def restage(self, block: Block) -> Staged:
        """Keep a block again that was signed and then lost; raises `ConflictError` for any but the signed one."""
        head, published = self.head(), self.published
        if block.start != (published.head.size if published else 0):
            raise ConflictError(f"the block from entry {block.start} on is published, or was never staged")
        staged = self._grown(block)
        if (staged.growth.size, staged.growth.root) != (head.size, head.root):
            raise ConflictError(f"this is not the block that was signed up to {head.size} entries: derive it again")
        self._disk.write({_STAGED: _staged_file(block)})
        return staged

    def commit(self, staged: Staged, note: Note) -> Checkpoint:
        """Make the log's signature on the grown log durable. From here on there is no other next block.

        Raises `ConflictError` if the log has signed another in between, or other bytes are staged: stop, this would be a fork.
        """
        if self._disk.read(_STAGED) != _staged_file(staged.block):
            raise ConflictError("another block is staged than this one, or none: recover, then derive the block again")
        checkpoint = open_checkpoint(format_note(note), self._key)
        head, grown = self.head(), Head(origin=self._key.name, size=staged.growth.size, root=staged.growth.root)
        if checkpoint.head != grown or head.size not in (staged.block.start, grown.size):
            raise ConflictError(f"the log has signed {head.size} entries: this checkpoint is of another log, or a fork")
        if head.size == grown.size and head != grown:
            raise ConflictError(f"the log has signed another root for {grown.size} entries: this would be a fork")
        self._disk.write({_SIGNED: format_note(note)})
        return checkpoint

    def lay(self, staged: Staged) -> None:
        """Write tiles, bundles and lists; a reader finds them before the checkpoint that needs them."""
        self._disk.write(_files(staged))

    def publish(self, note: Note) -> Checkpoint:
        """Let everybody see a checkpoint that its quorum has cosigned, and end the append.

        Raises `ConflictError` for one that is not the newest that the log has signed, or whose tiles are not laid yet.
        """
        checkpoint = open_checkpoint(format_note(note), self._key)
        if checkpoint.head != self.head():
            raise ConflictError("only the newest checkpoint that the log has signed is published")
        staged = self._signed_block()
        if staged and any(self._disk.read(name) != data for name, data in _files(staged).items()):
            raise ConflictError("tiles of this checkpoint are not there yet: lay them before it is published")
        self._disk.write({_CHECKPOINT: format_note(note)})
        if staged:
            self._disk.remove(_STAGED)
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
        return LogStage()

    def collect_partial(self) -> int:
        """Remove partial tiles and bundles whose full ones are published, and return how many; none during an append."""
        published, removed = self.published, 0
        if published is None or self._disk.read(_STAGED) is not None or self.head() != published.head:
            return 0
        size = published.head.size
        for name in list(self._disk.names(f"{_PUBLIC}tile")):
            try:
                tile = parse_tile_path(name.removeprefix(_PUBLIC))
            except TileError:
                continue  # not ours to remove
            have = size if tile.level is None else size >> 8 * tile.level
            full = _PUBLIC + format_tile_path(tile.full)
            if tile.full != tile and have >= (tile.index + 1) * TILE_WIDTH and self._disk.read(full) is not None:
                self._disk.remove(name)
                removed += 1
        return removed

    def _signed_block(self) -> Staged | None:
        """Return the staged block if the log has signed it; raises `DamagedStoreError` if it must be there and is not."""
        head, published = self.head(), self.published
        data = self._disk.read(_STAGED)
        block = _block_of(data) if data is not None else None
        if block is None or block.start == head.size:
            if head.size != (published.head.size if published else 0):
                raise DamagedStoreError(
                    f"{head.size} entries are signed and the last block is lost: derive that epoch again, and restage it"
                )
            return None
        staged = self._grown(block)
        if (staged.growth.size, staged.growth.root) != (head.size, head.root):
            raise DamagedStoreError("the staged block is not the one that was signed: derive that epoch again")
        return staged

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
        try:
            return Staged(block=block, growth=plan_append(block.start, block.entries, self.read))
        except TileError as error:
            raise DamagedStoreError(f"the log's tiles: {error}") from None

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


def _files(staged: Staged) -> dict[str, bytes]:
    """Return what a block writes under `log/`."""
    tiles = {_PUBLIC + format_tile_path(tile): data for tile, data in staged.growth.tiles.items()}
    lists = {"superseded": staged.block.superseded, "packs": staged.block.packs}
    return tiles | {f"{_PUBLIC}{name}/{staged.block.header.epoch}": data for name, data in lists.items()}


def _staged_file(block: Block) -> bytes:
    parts = (block.superseded, block.packs, format_bundle(block.entries))
    lengths = b"".join(len(part).to_bytes(_LENGTH) for part in parts)
    return block.start.to_bytes(_LENGTH) + lengths + b"".join(parts)


def _block_of(data: bytes) -> Block:
    """Return the block in a staged file."""
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
