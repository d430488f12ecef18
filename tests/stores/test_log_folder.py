"""The log at rest: whatever breaks at whichever write, the log never forks and no signed block is lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from habeas.stores import (
    ConflictError,
    DamagedStoreError,
    Disk,
    FolderDisk,
    LogFolder,
    StaleError,
    StoreBusyError,
    StoreFullError,
    UnknownOutcomeError,
)
from habeas.tlog import (
    Block,
    Head,
    Sections,
    SignatureType,
    Tile,
    hash_leaf,
    make_note_signer,
    parse_bundle,
    root_of,
    sign_checkpoint,
)
from stores.disks import Break, MemoryDisk
from tlog.blocks import CONSTANTS, FIRST, Chain, decision, three_blocks

SIGNER = make_note_signer(CONSTANTS.origin, SignatureType.ED25519, b"l" * 32)
BLOCKS = three_blocks().blocks
ENTRIES = [entry for block in BLOCKS for entry in block.entries]


def append(folder: LogFolder, block: Block, signed: set[Head]) -> None:
    """Append a block as the log's service does, after going on with what a crash left."""
    stage = folder.recover()
    if stage.staged is None and folder.head().size == block.end:
        return
    staged = stage.staged or folder.stage(block)
    head = Head(origin=CONSTANTS.origin, size=staged.growth.size, root=staged.growth.root)
    note = stage.signed.note if stage.signed and stage.staged else sign_checkpoint(head, SIGNER)
    signed.add(head)
    folder.commit(staged, note)
    folder.lay(staged)
    folder.publish(note)


def check_log(folder: LogFolder, entries: list[bytes]) -> None:
    """Find that what is published is all there, tile by tile, and under its root: the strong oracle."""
    assert folder.published is not None
    head = folder.published.head
    found = []
    for index in range(head.size // 256):
        tile = Tile(level=None, index=index)
        found += parse_bundle(tile, folder.read(tile))
    assert found == entries[: head.size]
    assert head.root == root_of([hash_leaf(entry) for entry in found])
    assert folder.recover().staged is None


def test_three_blocks_are_appended_and_read_back(tmp_path: Path) -> None:
    with FolderDisk(tmp_path / "log") as disk:
        folder = LogFolder(disk, SIGNER.key)
        for block in BLOCKS:
            append(folder, block, set())
            check_log(folder, ENTRIES)
        assert folder.read_list("superseded", FIRST) == BLOCKS[0].superseded
        assert folder.collect_partial() > 0
        check_log(folder, ENTRIES)
        assert folder.collect_partial() == 0
    assert sorted(path.name for path in (tmp_path / "log" / "log").iterdir()) == [
        "checkpoint",
        "packs",
        "superseded",
        "tile",
    ]


def operations() -> int:
    disk = MemoryDisk()
    for block in BLOCKS:
        append(LogFolder(disk, SIGNER.key), block, set())
    return disk.operations


@pytest.mark.parametrize("how", list(Break))
@pytest.mark.parametrize("at", range(1, 16))
def test_whatever_write_breaks_the_log_goes_on_with_the_same_bytes(at: int, how: Break) -> None:
    assert operations() == 15  # else this test leaves writes out
    files: dict[str, bytes] = {}
    signed: set[Head] = set()
    folder = LogFolder(MemoryDisk(files, at, how), SIGNER.key)
    for block in BLOCKS:
        try:
            append(folder, block, signed)
        except (UnknownOutcomeError, StoreFullError):
            folder = LogFolder(MemoryDisk(files), SIGNER.key)  # the process begins anew over what the disk has
            append(folder, block, signed)
    check_log(folder, ENTRIES)
    assert sorted(head.size for head in signed) == [256, 768, 1024]


@pytest.mark.parametrize("at", range(1, 6))
@pytest.mark.parametrize("how", [Break.NOTHING, Break.PART, Break.ALL])
def test_a_log_that_broke_never_signs_another_block_in_the_place_of_a_signed_one(at: int, how: Break) -> None:
    """After a crash the epoch is derived again and may differ: what was signed before still wins."""
    files: dict[str, bytes] = {}
    signed: set[Head] = set()
    chain = Chain()
    chain.grow(FIRST)
    append(LogFolder(MemoryDisk(files), SIGNER.key), chain.blocks[0], signed)
    ours, other = (
        chain.next(FIRST + 1, Sections(decisions=[decision(FIRST + 1, 1, what)]))
        for what in ("as it was", "derived again")
    )
    with pytest.raises(UnknownOutcomeError):
        append(LogFolder(MemoryDisk(files, at, how), SIGNER.key), ours, signed)
    folder = LogFolder(MemoryDisk(files), SIGNER.key)
    published = "private/signed" in files and folder.head().size == 512
    append(folder, other, signed)
    if folder.head().size == 256:
        append(folder, other, signed)
    check_log(folder, [*chain.blocks[0].entries, *(ours if published else other).entries])


def _staged() -> tuple[MemoryDisk, LogFolder]:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    append(folder, BLOCKS[0], set())
    staged = folder.stage(BLOCKS[1])
    folder.commit(staged, sign_checkpoint(Head(origin=CONSTANTS.origin, size=768, root=staged.growth.root), SIGNER))
    return disk, folder


def test_a_second_signature_for_the_same_place_is_refused_as_a_fork() -> None:
    _, folder = _staged()
    fork = sign_checkpoint(Head(origin=CONSTANTS.origin, size=768, root=bytes(32)), SIGNER)
    with pytest.raises(ConflictError):
        folder.publish(fork)
    staged = folder.recover().staged
    assert staged is not None
    with pytest.raises(ConflictError):
        folder.commit(staged, fork)
    with pytest.raises(StaleError):
        folder.stage(BLOCKS[1])


def test_a_signed_block_whose_bytes_are_lost_or_changed_stops_the_log() -> None:
    disk, folder = _staged()
    kept = disk.files.pop("private/staged")
    with pytest.raises(DamagedStoreError, match="derive that epoch again"):
        folder.recover()
    for at in (30, 60, len(kept) - 1):
        disk.files["private/staged"] = kept[:at] + bytes([kept[at] ^ 1]) + kept[at + 1 :]
        with pytest.raises(DamagedStoreError):
            folder.recover()
    disk.files["private/staged"] = kept
    assert folder.recover().signed is not None


@pytest.mark.parametrize("name", ["log/checkpoint", "private/signed", "log/tile/1/000.p/1"])
def test_a_damaged_file_is_named_and_nothing_is_signed_over_it(name: str) -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    append(folder, BLOCKS[0], set())
    disk.files[name] = disk.files[name][:-2]
    with pytest.raises(DamagedStoreError):
        folder.stage(BLOCKS[1])
    assert "private/staged" not in disk.files


def test_one_process_at_a_time_and_leftovers_are_swept(tmp_path: Path) -> None:
    with FolderDisk(tmp_path) as disk:
        disk.write({"a/b/c": b"1", "a/d": b"2"})
        with pytest.raises(StoreBusyError):
            FolderDisk(tmp_path)
        (tmp_path / "a" / "b" / "c.new").write_bytes(b"half")
    with FolderDisk(tmp_path) as disk:
        assert sorted(disk.names("a")) == ["a/b/c", "a/d"]
        assert disk.read("a/b/c") == b"1"
        assert disk.read("a/x") is None
        disk.remove("a/x")
        disk.remove("a/d")
        assert list(disk.names("a")) == ["a/b/c"]


def _disks(tmp_path: Path) -> list[Disk]:
    return [MemoryDisk(), FolderDisk(tmp_path)]


def test_memory_and_folder_keep_the_same_contract(tmp_path: Path) -> None:
    for disk in _disks(tmp_path):
        disk.write({"x/1": b"one", "x/y/2": b"two"})
        disk.write({"x/1": b"more"})
        assert (disk.read("x/1"), disk.read("x/y/2"), disk.read("x/3")) == (b"more", b"two", None)
        assert sorted(disk.names("x")) == ["x/1", "x/y/2"]
        disk.remove("x/1")
        disk.remove("x/1")
        assert list(disk.names("x")) == ["x/y/2"]
