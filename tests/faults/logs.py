"""A log on a real disk whose blocks are derived from what is there, what its witness has seen of it, and the one oracle."""

from __future__ import annotations

import base64
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from habeas.stores import Disk, FolderDisk, LogFolder, LogStage, UnknownOutcomeError
from habeas.stores import check_log as find_faults
from habeas.tlog import (
    Block,
    BlockFile,
    Head,
    Judged,
    Note,
    Sections,
    SignatureType,
    build_block,
    constants_entry,
    format_note,
    judge,
    make_note_signer,
    open_checkpoint,
    parse_block_file,
    parse_entries,
    sign_checkpoint,
    tile_nodes,
    tree_hash,
)
from stores.disks import MemoryDisk
from tlog.blocks import CONSTANTS, FIRST, KEY, decision

SIGNER = make_note_signer(CONSTANTS.origin, SignatureType.ED25519, b"l" * 32)
_PUBLIC = "log/"


class Seen:
    """What a witness has been shown, in a file of its own: it outlives the log's process, and every copy of its folder."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def show(self, note: Note) -> None:
        """Note a checkpoint durably, before its cosignature would leave."""
        with _witness(), self._path.open("ab", buffering=0) as file:
            file.write(base64.b64encode(format_note(note)) + b"\n")
            os.fsync(file.fileno())

    def heads(self) -> list[Head]:
        """Return every head that was shown, in that order; a line without an end was not."""
        with _witness():
            lines = self._path.read_bytes().splitlines(keepends=True) if self._path.exists() else []
        whole = (base64.b64decode(line) for line in lines if line.endswith(b"\n"))
        return [open_checkpoint(data, SIGNER.key).head for data in whole]

    def newest(self) -> Head | None:
        return max(self.heads(), key=lambda head: head.size, default=None)


@contextmanager
def _witness() -> Iterator[None]:
    try:
        yield
    except OSError as error:  # where every call may break, those of the witness may: it does not answer then
        raise UnknownOutcomeError(f"the witness: {error}") from None


def last_block(folder: LogFolder) -> BlockFile | None:
    """Return the newest block that is laid."""
    epochs = [epoch for epoch, _ in folder.blocks()]
    data = folder.fetch(f"block/{epochs[-1]}") if epochs else None
    return parse_block_file(data) if data is not None else None


def derive(after: BlockFile | None, run: object, *, epoch: int | None = None) -> Block:
    """Return the block that follows. Each `run` of the process comes to other decisions, as intake between them would."""
    if after is None:
        return build_block(Sections(plain=[constants_entry(CONSTANTS, KEY)]), epoch=FIRST, height=8)
    epoch = after.header.epoch + 1 if epoch is None else epoch
    people = range(300 if epoch % 2 else 20)  # two subtrees, or one
    sections = Sections(decisions=[decision(epoch, who, run) for who in people])
    return build_block(sections, epoch=epoch, height=8, after=after, superseded=after.decisions[:1])


def stage_next(folder: LogFolder, seen: Seen, run: object) -> LogStage:
    """Derive the next block, stage it, sign it and commit."""
    block = derive(last_block(folder), run)
    staged = folder.stage(block, witnessed=seen.newest(), openings=repr(run).encode())
    head = Head(origin=CONSTANTS.origin, size=staged.growth.size, root=staged.growth.root)
    return LogStage(staged=staged, signed=folder.commit(staged, sign_checkpoint(head, SIGNER)))


def finish(folder: LogFolder, stage: LogStage, seen: Seen) -> None:
    """Bring a block that is signed to everybody; the witness sees it before."""
    if stage.staged is not None and stage.signed is not None:
        folder.lay(stage.staged)
        seen.show(stage.signed.note)
        folder.publish(stage.signed.note)


def append(folder: LogFolder, seen: Seen, run: object) -> None:
    """Go on with what was left, then append one block more, as the log's service does."""
    finish(folder, folder.recover(), seen)
    finish(folder, stage_next(folder, seen, run), seen)


def start_log(path: Path, seen: Seen, blocks: int) -> None:
    """Make a log."""
    with FolderDisk(path) as disk:
        for number in range(blocks):
            append(LogFolder(disk, SIGNER.key), seen, f"before {number}")


def check_log(path: Path, seen: Seen) -> int:
    """Open a log after whatever has happened to it, let it go on, hold it against all that is known; return its blocks.

    Its entries, judged as a checker does and appended anew in memory, must give every public file byte by byte, and no file
    may lie there beside those; every head that the witness was ever shown must be one of this log.
    """
    with FolderDisk(path) as disk:
        folder = LogFolder(disk, SIGNER.key)
        finish(folder, folder.recover(), seen)
        head = folder.head()
        assert folder.published is not None
        assert folder.published.head == head
        assert folder.recover() == LogStage()
        assert find_faults(folder.fetch, SIGNER.key) == ()
        blocks = list(_blocks(folder, head.size))
        assert files(disk) == _appended_anew(blocks)
        assert set(disk.names("private")) == {"private/signed", *(_openings(block) for block in blocks)}
        nodes = tile_nodes(folder.read, head.size)
        for one in seen.heads():
            assert one.size <= head.size, "the log has lost a block that it had signed"
            assert tree_hash(nodes, 0, one.size) == one.root, "the log has forked"
    return len(blocks)


def files(disk: Disk) -> dict[str, bytes | None]:
    """Return what everybody may fetch."""
    return {name: disk.read(name) for name in disk.names(_PUBLIC.rstrip("/"))}


def _openings(block: Block) -> str:
    return f"private/openings/{block.header.epoch}"


def _blocks(folder: LogFolder, size: int) -> Iterable[Block]:
    listed = folder.blocks()
    for (epoch, start), (_, end) in zip(listed, [*listed[1:], (0, size)], strict=True):
        superseded, packs = (folder.read_list(name, epoch) for name in ("superseded", "packs"))
        assert superseded is not None
        assert packs is not None
        entries = tuple(entry for at in range(start, end, 256) for entry in _bundle(folder, at))
        yield Block(start=start, entries=entries, superseded=superseded, packs=packs)


def _bundle(folder: LogFolder, at: int) -> list[bytes]:
    data = folder.fetch(f"tile/entries/{at // 256:03d}")
    assert data is not None
    return parse_entries(data)


def _appended_anew(blocks: Iterable[Block]) -> Mapping[str, bytes | None]:
    """Return the public files of a log of these blocks to which nothing happened, each block judged."""
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    state = Judged(constants=CONSTANTS, entry=constants_entry(CONSTANTS, KEY))
    for block in blocks:
        state = judge(state, block, CONSTANTS.begins(block.header.epoch))
        staged = folder.stage(block, witnessed=None)
        head = Head(origin=CONSTANTS.origin, size=staged.growth.size, root=staged.growth.root)
        note = folder.commit(staged, sign_checkpoint(head, SIGNER)).note
        folder.lay(staged)
        folder.publish(note)
    return files(disk)
