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
    LogStage,
    Staged,
    StaleError,
    StoreBusyError,
    StoreFullError,
    UnknownOutcomeError,
)
from habeas.stores._log_files import staged_file
from habeas.tlog import (
    EMPTY_ROOT,
    Block,
    Head,
    Note,
    Sections,
    SignatureType,
    Tile,
    block_file,
    format_block_file,
    format_indexes,
    format_note,
    hash_leaf,
    make_note_signer,
    parse_block_file,
    parse_bundle,
    plan_append,
    root_of,
    sign_checkpoint,
    sign_note,
)
from stores.disks import Break, MemoryDisk
from tlog.blocks import CONSTANTS, FIRST, LAST, NEXT, PACK, Chain, decision, three_blocks

SIGNER = make_note_signer(CONSTANTS.origin, SignatureType.ED25519, b"l" * 32)
BLOCKS = three_blocks().blocks
ENTRIES = [entry for block in BLOCKS for entry in block.entries]


def opened(block: Block) -> bytes:
    return b"what is opened by " + block.entries[-1] + block.entries[0]


def grown(staged: Staged) -> Head:
    return Head(origin=CONSTANTS.origin, size=staged.growth.size, root=staged.growth.root)


def append(folder: LogFolder, block: Block, signed: set[Head]) -> None:
    """Append a block as the log's service does, after going on with what a crash left."""
    stage = folder.recover()
    if stage.staged is None and folder.head().size == block.end:
        return
    staged = stage.staged or folder.stage(block, witnessed=None, openings=opened(block))
    head = grown(staged)
    note = stage.signed.note if stage.signed and stage.staged else sign_checkpoint(head, SIGNER)
    signed.add(head)
    folder.commit(staged, note)
    folder.lay(staged)
    folder.publish(note)


def check_log(folder: LogFolder, entries: list[bytes]) -> None:
    """Find that what is published is all there, tile by tile, and under its root, and only that: the strong oracle."""
    assert folder.published is not None
    head = folder.published.head
    found = []
    for index in range(head.size // 256):
        tile = Tile(level=None, index=index)
        found += parse_bundle(tile, folder.read(tile))
    assert found == entries[: head.size]
    assert head.root == root_of([hash_leaf(entry) for entry in found])
    assert folder.recover().staged is None
    starts = [start for _, start in folder.blocks()]
    assert starts == [at for at in (0, 256, 768) if at < head.size]
    for epoch, start in folder.blocks():
        file = parse_block_file(folder.fetch(f"block/{epoch}") or b"")
        assert (file.header.epoch, file.start, file.header.to_bytes()) == (epoch, start, found[start])
        assert folder.openings(epoch) == opened(Block(start=start, entries=tuple(found[start : file.end])))


def test_three_blocks_are_appended_and_read_back(tmp_path: Path) -> None:
    with FolderDisk(tmp_path / "log") as disk:
        folder = LogFolder(disk, SIGNER.key)
        for block in BLOCKS:
            append(folder, block, set())
            check_log(folder, ENTRIES)
        assert folder.read_list("superseded", FIRST) == BLOCKS[0].superseded
        assert folder.collect_partial() == 0  # no tile of level 1 is full yet, and those of level 0 never were partial
        assert folder.blocks() == ((FIRST, 0), (FIRST + 1, 256), (LAST, 768))
        for block in BLOCKS:
            data = folder.fetch(f"block/{block.header.epoch}")
            assert data == format_block_file(block_file(block))
        assert folder.fetch("block/1") is None
    assert sorted(path.name for path in (tmp_path / "log" / "log").iterdir()) == [
        "block",
        "blocks",
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


def whole() -> dict[str, bytes]:
    disk = MemoryDisk()
    for block in BLOCKS:
        append(LogFolder(disk, SIGNER.key), block, set())
    return disk.files


@pytest.mark.parametrize("how", list(Break))
@pytest.mark.parametrize("at", range(1, 19))
def test_whatever_write_breaks_the_log_goes_on_with_the_same_bytes(at: int, how: Break) -> None:
    assert operations() == 18  # else this test leaves writes out
    files: dict[str, bytes] = {}
    signed: set[Head] = set()
    folder = LogFolder(MemoryDisk(files, at, how), SIGNER.key)
    for block in BLOCKS:
        try:
            append(folder, block, signed)
        except (UnknownOutcomeError, StoreFullError):
            folder = LogFolder(MemoryDisk(files), SIGNER.key)  # the process begins anew over what the disk has
            listed = [start for _, start in folder.blocks()]
            assert all(start < folder.head().size for start in listed), "a block is listed that is not signed"
            append(folder, block, signed)
    assert files == whole(), "other bytes than without a break"
    check_log(folder, ENTRIES)
    assert sorted(head.size for head in signed) == [256, 768, 1024]


@pytest.mark.parametrize("at", range(1, 7))
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
        with pytest.raises(DamagedStoreError, match="staged block"):
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
    staged = folder.restage(BLOCKS[1], openings=opened(BLOCKS[1]))
    assert folder.restage(BLOCKS[1]) == staged  # what it opens to stays as it was
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
    disk, chain = MemoryDisk(), Chain()
    folder = LogFolder(disk, SIGNER.key)
    for epoch, decisions in ((FIRST, 0), (FIRST + 1, 600), (FIRST + 2, 64_600)):
        chain.grow(epoch, Sections(decisions=[decision(epoch, who) for who in range(decisions)]))
        append(folder, chain.blocks[-1], set())
    assert folder.head().size == 257 * 256
    disk.files["log/tile/1/readme"] = b"left by somebody"
    full = disk.files.pop("log/tile/1/000")
    assert folder.collect_partial() == 0
    disk.files["log/tile/1/000"] = full
    staged = folder.stage(chain.grow(FIRST + 3), witnessed=None)
    assert folder.collect_partial() == 0
    note = sign_checkpoint(grown(staged), SIGNER)
    folder.commit(staged, note)
    folder.lay(staged)
    assert folder.collect_partial() == 0
    folder.publish(note)
    assert {"log/tile/1/000.p/1", "log/tile/1/000.p/4"} < set(disk.names("log/tile/1"))
    assert folder.collect_partial() == 2
    assert set(disk.names("log/tile/1")) == {
        "log/tile/1/000", "log/tile/1/001.p/1", "log/tile/1/001.p/2", "log/tile/1/readme"
    }  # fmt: skip
    assert folder.recover().staged is None


def test_a_block_that_could_be_signed_and_then_not_be_served_is_never_staged() -> None:
    """All of it stands in the header, so no root would tell, and no checker would take it: the log would end."""
    disk, chain = MemoryDisk(), three_blocks()
    folder = LogFolder(disk, SIGNER.key)
    for block in BLOCKS:
        append(folder, block, set())
    epoch = NEXT
    fine = chain.next(epoch, Sections(decisions=[decision(epoch, 1)]), packs=[PACK], superseded=[260])
    other = format_indexes([261])

    def with_header(**changes: object) -> Block:
        header = replace(fine.header, **changes)  # type: ignore[arg-type]
        return replace(fine, entries=(header.to_bytes(), *fine.entries[1:]))

    before = dict(disk.files)
    for wrong in (
        replace(fine, superseded=other),
        replace(fine, superseded=b""),
        replace(fine, packs=other),
        replace(fine, packs=b"\0"),
        with_header(chain=bytes(32)),
        with_header(superseded=2),
        with_header(packs=bytes(32)),
        with_header(previous=256),
        with_header(epoch=chain.blocks[-1].header.epoch),
        with_header(height=16),
        with_header(height=7),
        with_header(height=255),
        replace(fine, entries=fine.entries[:-1]),
        replace(fine, entries=fine.entries[1:]),
        replace(fine, entries=()),
    ):
        with pytest.raises(ConflictError, match="derive it again"):
            folder.stage(wrong, witnessed=None)
    assert disk.files == before
    folder.stage(fine, witnessed=None)


def test_a_signed_block_comes_back_with_its_own_lists_only() -> None:
    disk, chain = MemoryDisk(), three_blocks()
    folder = LogFolder(disk, SIGNER.key)
    for block in BLOCKS:
        append(folder, block, set())
    fine = chain.next(NEXT, Sections(decisions=[decision(NEXT, 1)]), packs=[PACK], superseded=[260])
    staged = folder.stage(fine, witnessed=None, openings=b"opened")
    folder.commit(staged, sign_checkpoint(grown(staged), SIGNER))
    del disk.files["private/staged"], disk.files[f"private/openings/{NEXT}"]
    folder = LogFolder(disk, SIGNER.key)
    for wrong in (replace(fine, superseded=format_indexes([261])), replace(fine, packs=format_indexes([]))):
        with pytest.raises(ConflictError, match="derive it again"):
            folder.restage(wrong)
    assert folder.restage(fine, openings=b"opened") == staged
    assert (folder.recover().staged, folder.openings(NEXT)) == (staged, b"opened")


def test_another_block_in_the_place_of_the_signed_one_is_neither_staged_again_nor_signed() -> None:
    disk, chain = MemoryDisk(), Chain()
    folder = LogFolder(disk, SIGNER.key)
    append(folder, chain.grow(FIRST), set())
    ours, other = (chain.next(FIRST + 1, Sections(decisions=[decision(FIRST + 1, 1, what)])) for what in "ab")
    staged = folder.stage(ours, witnessed=None)
    for head in (
        replace(grown(staged), root=bytes(32)),
        replace(grown(staged), size=256),
        replace(grown(staged), size=768),
    ):
        with pytest.raises(ConflictError, match="another log, or a fork"):
            folder.commit(staged, sign_checkpoint(head, SIGNER))
    folder.commit(staged, sign_checkpoint(grown(staged), SIGNER))
    folder.commit(staged, sign_checkpoint(grown(staged), SIGNER))  # once more, as after a write of unknown outcome
    del disk.files["private/staged"]
    with pytest.raises(ConflictError, match="not the block that was signed"):
        folder.restage(other)
    disk.files["private/staged"] = staged_file(other)
    with pytest.raises(DamagedStoreError, match="not the one that was signed"):
        LogFolder(disk, SIGNER.key).recover()
    theirs = Staged(block=other, growth=plan_append(256, other.entries, folder.read), file=block_file(other))
    with pytest.raises(ConflictError, match="another root"):
        LogFolder(disk, SIGNER.key).commit(theirs, sign_checkpoint(grown(theirs), SIGNER))
    assert folder.head() == grown(staged)
    disk.files["log/checkpoint"] = format_note(sign_checkpoint(grown(theirs), SIGNER))
    with pytest.raises(DamagedStoreError, match="another root is published"):
        folder.head()
    with pytest.raises(DamagedStoreError, match="restore it from a mirror"):
        folder.read(Tile(level=0, index=9))


def test_a_staged_file_that_is_damaged_before_its_signature_or_after_its_publication_is_dropped() -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    append(folder, BLOCKS[0], set())
    staged = folder.stage(BLOCKS[1], witnessed=None, openings=b"opened")
    kept = disk.files["private/staged"]
    for at in (0, 6, 7, 20, 40, len(kept) - 1, len(kept)):
        disk.files["private/staged"] = kept[:at] + b"\xff" + kept[at + 1 :]
        again = LogFolder(disk, SIGNER.key)
        assert again.recover() == LogStage()
        assert "private/staged" not in disk.files
        assert again.openings(FIRST + 1) is None
        again.stage(BLOCKS[1], witnessed=None, openings=b"opened")
        again.recover()
    staged = folder.stage(BLOCKS[1], witnessed=None)
    note = sign_checkpoint(grown(staged), SIGNER)
    folder.commit(staged, note)
    folder.lay(staged)
    folder.publish(note)
    for left in (kept, kept[:-1], kept[:50] + b"\xff" + kept[51:]):
        disk.files["private/staged"] = left
        assert (LogFolder(disk, SIGNER.key).recover().staged is None) == (left != kept)
    disk.files.pop("private/staged", None)
    append(folder, BLOCKS[2], set())


def test_the_growth_that_is_signed_and_laid_is_the_blocks_own() -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    append(folder, BLOCKS[0], set())
    staged = folder.stage(BLOCKS[1], witnessed=None)
    tile, data = next(iter(staged.growth.tiles.items()))
    other = block_file(BLOCKS[2])
    for wrong in (
        replace(staged, growth=replace(staged.growth, root=bytes(32))),
        replace(staged, growth=replace(staged.growth, tiles={**staged.growth.tiles, tile: data[:-1] + b"\1"})),
        replace(staged, file=other),
    ):
        with pytest.raises(ConflictError, match="staged"):
            folder.commit(wrong, sign_checkpoint(grown(wrong), SIGNER))
        folder.recover()
        staged = folder.stage(BLOCKS[1], witnessed=None)
    with pytest.raises(ConflictError, match="commit it first"):
        folder.lay(staged)
    note = sign_checkpoint(grown(staged), SIGNER)
    with pytest.raises(ConflictError, match="extension"):
        folder.commit(staged, extended(grown(staged)))
    folder.commit(staged, note)
    before = dict(disk.files)
    for wrong in (replace(staged, file=other), replace(staged, block=replace(BLOCKS[1], packs=b""))):
        with pytest.raises(ConflictError, match="commit it first"):
            folder.lay(wrong)
    assert disk.files == before
    folder.lay(staged)
    listed = disk.files.pop("log/blocks")
    disk.files["log/blocks"] = listed[:9]
    with pytest.raises(ConflictError, match="lay them"):
        folder.publish(note)
    disk.files["log/blocks"] = listed
    folder.publish(note)
    check = LogFolder(disk, SIGNER.key)
    assert check.recover().staged is None


def extended(head: Head) -> Note:
    text = head.text + "a line that nobody could audit\n"
    return Note(text=text, signatures=(sign_note(text, SIGNER),))


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("log/blocks", lambda data: data[:-9]),
        ("log/blocks", lambda data: data[:-1]),
        ("log/blocks", lambda data: data[:9]),
        ("log/blocks", lambda _: None),
        (f"log/block/{FIRST + 1}", lambda _: None),
        (f"log/block/{FIRST + 1}", lambda data: data[:-32]),
        (f"log/block/{FIRST + 1}", lambda data: b"\1" + data[1:]),
        (f"log/block/{FIRST + 1}", lambda _: format_block_file(replace(block_file(BLOCKS[0]), start=512))),
    ],
)
def test_nothing_is_signed_after_a_block_whose_files_are_not_there(
    name: str, change: Callable[[bytes], bytes | None]
) -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    for block in BLOCKS[:2]:
        append(folder, block, set())
    changed = change(disk.files.pop(name))
    disk.files |= {name: changed} if changed is not None else {}
    with pytest.raises(DamagedStoreError):
        folder.stage(BLOCKS[2], witnessed=None)
    with pytest.raises(DamagedStoreError):
        folder.recover()
    assert "private/staged" not in disk.files
    assert folder.openings(FIRST) == opened(BLOCKS[0]), "what is opened is not removed on a damaged list's word"


@pytest.mark.parametrize("how", [Break.NOTHING, Break.PART, Break.ALL])
def test_what_a_block_opens_to_is_there_from_stage_on_and_goes_with_a_block_that_is_dropped(how: Break) -> None:
    files: dict[str, bytes] = {}
    append(LogFolder(MemoryDisk(files), SIGNER.key), BLOCKS[0], set())
    breaking = LogFolder(MemoryDisk(files, 1, how), SIGNER.key)
    with pytest.raises(UnknownOutcomeError):
        breaking.stage(BLOCKS[1], witnessed=None, openings=b"first")
    assert "private/staged" not in files or f"private/openings/{FIRST + 1}" in files
    folder = LogFolder(MemoryDisk(files), SIGNER.key)
    folder.recover()
    assert (folder.openings(FIRST), folder.openings(FIRST + 1)) == (opened(BLOCKS[0]), None)
    folder.stage(BLOCKS[1], witnessed=None)
    assert folder.openings(FIRST + 1) == b""


def test_openings_are_forgotten_by_age_and_nothing_else_is() -> None:
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    for block in BLOCKS:
        append(folder, block, set())
    disk.files["private/openings/notes"] = b"left by somebody"
    before = dict(disk.files)
    assert folder.forget(FIRST) == 0
    assert folder.forget(LAST) == 2
    assert [folder.openings(one.header.epoch) for one in BLOCKS] == [None, None, opened(BLOCKS[2])]
    assert before.keys() - disk.files.keys() == {f"private/openings/{FIRST}", f"private/openings/{FIRST + 1}"}
    folder.recover()
    assert folder.openings(LAST) == opened(BLOCKS[2])


@pytest.mark.parametrize(
    "path",
    ["../private/signed", "tile/../../private/signed", "tile/./0/000", "", "/", "tile//0", "tile", "checkpoint/x",
     "checkpoint.new", "CHECKPOINT", "blocks\0", "blocks\n", "x" * 65, "a/" * 300 + "a", "tile/0/\u0661"],
)  # fmt: skip
def test_nothing_but_a_public_file_is_fetched(path: str, tmp_path: Path) -> None:
    with FolderDisk(tmp_path) as disk:
        folder = LogFolder(disk, SIGNER.key)
        append(folder, BLOCKS[0], set())
        disk.write({"log/checkpoint.new": b"half", "log/CHECKPOINT": b"another"})
        assert folder.fetch(path) is None
        assert folder.fetch("tile/1/000.p/1") is not None


def test_what_is_private_only_its_owner_reads(tmp_path: Path) -> None:
    with FolderDisk(tmp_path) as disk:
        append(LogFolder(disk, SIGNER.key), BLOCKS[0], set())
        LogFolder(disk, SIGNER.key).stage(BLOCKS[1], witnessed=None, openings=b"opened")
    private = [path for path in (tmp_path / "private").rglob("*") if path.is_file()]
    assert {path.name for path in private} == {"staged", "signed", str(FIRST), str(FIRST + 1)}
    assert {path.stat().st_mode & 0o077 for path in private} == {0}
    assert (tmp_path / "log" / "checkpoint").stat().st_mode & 0o044


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
