"""The log at rest: whatever breaks at whichever write, the log never forks and no signed block is lost."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
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
    EMPTY_ROOT,
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
    staged = stage.staged or folder.stage(block, witnessed=None)
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
        assert folder.collect_partial() == 0  # no tile of level 1 is full yet, and those of level 0 never were partial
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
    staged = folder.stage(BLOCKS[1], witnessed=None)
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
        folder.stage(BLOCKS[1], witnessed=None)


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


def test_a_lost_block_is_staged_again_if_it_is_the_signed_one() -> None:
    disk, folder = _staged()
    kept = disk.files.pop("private/staged")
    for wrong in (BLOCKS[0], BLOCKS[2], replace(BLOCKS[1], entries=BLOCKS[1].entries[:-1])):
        with pytest.raises(ConflictError):
            folder.restage(wrong)
    assert "private/staged" not in disk.files
    staged = folder.restage(BLOCKS[1])
    assert disk.files["private/staged"] == kept
    assert folder.recover().staged == staged
    append(folder, BLOCKS[1], set())
    check_log(folder, ENTRIES)
    with pytest.raises(ConflictError, match="published"):
        folder.restage(BLOCKS[1])


def test_a_checkpoint_is_published_after_its_tiles_and_a_block_that_it_does_not_hold_stays_staged() -> None:
    disk, folder = _staged()
    signed, staged = folder.signed, folder.recover().staged
    assert signed is not None
    assert staged is not None
    with pytest.raises(ConflictError, match="lay them"):
        folder.publish(signed.note)
    folder.lay(staged)
    del disk.files[f"log/superseded/{FIRST + 1}"]
    with pytest.raises(ConflictError, match="lay them"):
        folder.publish(signed.note)
    folder.lay(staged)
    folder.publish(signed.note)
    folder.stage(BLOCKS[2], witnessed=signed.head)
    folder.publish(signed.note)  # once more, as with a late cosignature
    assert "private/staged" in disk.files


def test_only_the_block_that_is_staged_is_signed() -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    append(folder, BLOCKS[0], set())
    staged = folder.stage(BLOCKS[1], witnessed=None)
    with pytest.raises(StaleError):
        folder.stage(BLOCKS[1], witnessed=None)
    note = sign_checkpoint(Head(origin=CONSTANTS.origin, size=768, root=staged.growth.root), SIGNER)
    kept = disk.files["private/staged"]
    for there in (None, kept[:-1] + b"\1"):
        disk.files.pop("private/staged", None)
        disk.files |= {"private/staged": there} if there else {}
        with pytest.raises(ConflictError, match="staged"):
            folder.commit(staged, note)
    disk.files["private/staged"] = kept
    assert folder.recover().staged is None
    with pytest.raises(ConflictError, match="staged"):
        folder.commit(staged, note)


def test_after_an_old_copy_was_put_back_nothing_is_signed() -> None:
    files: dict[str, bytes] = {}
    folder = LogFolder(MemoryDisk(files), SIGNER.key)
    append(folder, BLOCKS[0], set())
    old = dict(files)
    first = folder.head()
    append(folder, BLOCKS[1], set())
    newest = folder.head()
    private = LogFolder(MemoryDisk(files | {"private/signed": old["private/signed"]}), SIGNER.key)
    for work in (private.recover, private.head, lambda: private.stage(BLOCKS[1], witnessed=None)):
        with pytest.raises(DamagedStoreError, match="from a mirror, and sign nothing"):
            work()
    whole = LogFolder(MemoryDisk(old), SIGNER.key)
    with pytest.raises(DamagedStoreError, match="from a mirror, and sign nothing"):
        whole.stage(BLOCKS[1], witnessed=newest)
    for other in (replace(first, root=bytes(32)), replace(newest, root=bytes(32)), replace(first, origin="x")):
        with pytest.raises(ConflictError, match="two logs"):
            folder.stage(BLOCKS[2], witnessed=other)
    assert "private/staged" not in files
    for seen in (first, newest, Head(origin=CONSTANTS.origin, size=0, root=EMPTY_ROOT)):
        folder.stage(BLOCKS[2], witnessed=seen)
        folder.recover()


@pytest.mark.parametrize("byte", range(0, 96, 13))
def test_a_flipped_bit_in_a_partial_tile_is_not_signed_over(byte: int) -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    for block in BLOCKS[:2]:
        append(folder, block, set())
    tile = bytearray(disk.files["log/tile/1/000.p/3"])
    tile[byte] ^= 1
    disk.files["log/tile/1/000.p/3"] = bytes(tile)
    with pytest.raises(DamagedStoreError, match="root"):
        folder.stage(BLOCKS[2], witnessed=None)
    assert "private/staged" not in disk.files


def test_a_partial_tile_goes_when_its_full_one_is_published_and_nothing_else_goes() -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    parts = (BLOCKS[1].entries[:100], BLOCKS[1].entries[:60], BLOCKS[1].entries[:200])
    start = 0
    for part in parts:
        append(folder, Block(start=start, entries=part), set())
        start += len(part)
    disk.files["log/tile/0/readme"] = b"left by somebody"
    full = disk.files.pop("log/tile/0/000")
    assert folder.collect_partial() == 2  # bundles of 100 and 160
    disk.files["log/tile/0/000"] = full
    staged = folder.stage(Block(start=start, entries=parts[0]), witnessed=None)
    assert folder.collect_partial() == 0
    folder.commit(staged, sign_checkpoint(replace(folder.head(), size=460, root=staged.growth.root), SIGNER))
    assert folder.collect_partial() == 0
    append(folder, staged.block, set())
    assert folder.collect_partial() == 2
    names = set(disk.names("log/tile"))
    assert {"log/tile/0/000", "log/tile/0/001.p/104", "log/tile/0/001.p/204", "log/tile/0/readme"} < names
    assert not {"log/tile/0/000.p/100", "log/tile/entries/000.p/160"} & names
    assert folder.recover().staged is None


@pytest.mark.parametrize("name", ["log/checkpoint", "private/signed", "log/tile/1/000.p/1"])
def test_a_damaged_file_is_named_and_nothing_is_signed_over_it(name: str) -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    append(folder, BLOCKS[0], set())
    disk.files[name] = disk.files[name][:-2]
    with pytest.raises(DamagedStoreError):
        folder.stage(BLOCKS[1], witnessed=None)
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


def test_a_full_disk_is_called_full_only_while_nothing_is_in_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.rename

    def full(path: Path, target: Path) -> Path:
        if path.name == "b.new":
            raise OSError(errno.ENOSPC, "no space")
        return real(path, target)

    with FolderDisk(tmp_path) as disk:
        monkeypatch.setattr(Path, "rename", full)
        with pytest.raises(UnknownOutcomeError):
            disk.write({"a": b"1", "b": b"2"})
        assert disk.read("a") == b"1"
        monkeypatch.setattr(os, "fsync", lambda _: full(Path("b.new"), Path()))
        with pytest.raises(StoreFullError):
            disk.write({"c": b"3"})
        assert sorted(disk.names("")) == ["a", "b.new", "lock"]


def test_opening_syncs_every_folder_and_takes_folders_of_any_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "here" / "x.new" / "y").mkdir(parents=True)
    synced: list[Path] = []
    real: Callable[[int], None] = os.fsync

    def fsync(handle: int) -> None:
        synced.append(Path(f"/proc/self/fd/{handle}").readlink())
        real(handle)

    monkeypatch.setattr(os, "fsync", fsync)
    FolderDisk(tmp_path / "here").close()
    here = tmp_path / "here"
    assert {tmp_path, here, here / "x.new", here / "x.new" / "y"} <= set(synced)
    synced.clear()
    FolderDisk(tmp_path / "p" / "q").close()
    assert {tmp_path, tmp_path / "p", tmp_path / "p" / "q"} <= set(synced)


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
