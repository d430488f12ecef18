"""A folder put back from a backup, a second process, a clock that was moved: the log stops before it signs a fork."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from faults.breaking import BreakingDisk, When, fail
from faults.logs import SIGNER, Seen, append, check_log, derive, files, finish, last_block, stage_next, start_log
from habeas.stores import (
    ConflictError,
    DamagedStoreError,
    FolderDisk,
    LogFolder,
    StaleError,
    StoreBusyError,
    UnknownOutcomeError,
)
from habeas.tlog import BlockError, Judged, constants_entry, judge, sign_checkpoint
from tlog.blocks import CONSTANTS, KEY


@pytest.fixture
def seen(tmp_path: Path) -> Seen:
    return Seen(tmp_path / "seen")


def grow(path: Path, seen: Seen, run: object, blocks: int = 1) -> None:
    with FolderDisk(path) as disk:
        for number in range(blocks):
            append(LogFolder(disk, SIGNER.key), seen, (run, number))


def test_a_restored_backup_signs_nothing_while_witnesses_know_more(tmp_path: Path, seen: Seen) -> None:
    path, backup = tmp_path / "log", tmp_path / "backup"
    start_log(path, seen, 2)
    shutil.copytree(path, backup)
    grow(path, seen, "before the loss", 2)
    shutil.rmtree(path)
    shutil.copytree(backup, path)
    before = {one: one.read_bytes() for one in path.rglob("*") if one.is_file()}
    for _ in range(2):  # however often it is started
        with pytest.raises(DamagedStoreError, match="sign nothing"):
            grow(path, seen, "after the loss")
    assert {one: one.read_bytes() for one in path.rglob("*") if one.is_file()} == before


def test_without_its_witnesses_a_restored_backup_would_fork_and_the_oracle_says_so(tmp_path: Path, seen: Seen) -> None:
    path, backup = tmp_path / "log", tmp_path / "backup"
    start_log(path, seen, 2)
    shutil.copytree(path, backup)
    grow(path, seen, "before the loss")
    grow(backup, Seen(tmp_path / "nobody"), "after the loss")
    assert check_log(path, seen) == 3
    with pytest.raises(AssertionError, match="forked"):
        check_log(backup, seen)


def test_what_a_mirror_kept_brings_a_restored_backup_back(tmp_path: Path, seen: Seen) -> None:
    path, backup = tmp_path / "log", tmp_path / "backup"
    start_log(path, seen, 2)
    shutil.copytree(path, backup)
    grow(path, seen, "before the loss", 2)
    with FolderDisk(path) as disk, FolderDisk(backup) as restored:
        served = {name: data for name, data in files(disk).items() if data is not None}
        checkpoint = served.pop("log/checkpoint")
        restored.write(served)
        restored.write({"private/signed": checkpoint, "log/checkpoint": checkpoint})
        for block in (one for one in disk.names("private/openings") if restored.read(one) is None):
            restored.write({block: disk.read(block) or b""})  # what no mirror has, only another backup
    grow(backup, seen, "after the loss")
    assert check_log(backup, seen) == 5


@pytest.mark.parametrize("shown", [False, True], ids=["that nobody saw", "that a witness saw"])
def test_a_backup_made_between_signature_and_publication_goes_on_with_the_signed_block(
    tmp_path: Path, seen: Seen, *, shown: bool
) -> None:
    path = tmp_path / "log"
    start_log(path, seen, 2)
    with FolderDisk(path) as disk:
        stage = stage_next(LogFolder(disk, SIGNER.key), seen, "before the loss")
    shutil.copytree(path, tmp_path / "backup")
    if shown:
        with FolderDisk(path) as disk:
            finish(LogFolder(disk, SIGNER.key), stage, seen)
    assert check_log(tmp_path / "backup", seen) == 3  # it goes on as recovery does: the same bytes
    if shown:
        with FolderDisk(path) as one, FolderDisk(tmp_path / "backup") as other:
            assert files(one) == files(other)


def test_a_backup_with_a_block_that_was_staged_and_not_signed_drops_it(tmp_path: Path, seen: Seen) -> None:
    path = tmp_path / "log"
    start_log(path, seen, 2)
    with FolderDisk(path) as disk:
        folder = LogFolder(disk, SIGNER.key)
        folder.stage(derive(last_block(folder), "before the loss"), witnessed=seen.newest())
    shutil.copytree(path, tmp_path / "backup")
    grow(path, seen, "derived again")
    with pytest.raises(DamagedStoreError, match="sign nothing"):
        grow(tmp_path / "backup", seen, "derived a third time")
    assert check_log(path, seen) == 3


def test_a_signed_block_whose_bytes_are_lost_comes_back_only_as_it_was(tmp_path: Path, seen: Seen) -> None:
    path = tmp_path / "log"
    start_log(path, seen, 2)
    with pytest.raises(UnknownOutcomeError), FolderDisk(path) as disk:
        append(LogFolder(BreakingDisk(disk, 3, When.BEFORE, fail), SIGNER.key), seen, "once")
    (path / "private" / "staged").unlink()
    with FolderDisk(path) as disk:
        folder = LogFolder(disk, SIGNER.key)
        with pytest.raises(DamagedStoreError, match="derive that epoch again"):
            folder.recover()
        after = last_block(folder)
        with pytest.raises(ConflictError, match="not the block that was signed"):
            folder.restage(derive(after, "twice"))
        folder.restage(derive(after, "once"))
    assert check_log(path, seen) == 3


def test_a_second_writer_is_locked_out_and_one_with_an_old_view_comes_too_late(tmp_path: Path, seen: Seen) -> None:
    path = tmp_path / "log"
    start_log(path, seen, 2)
    with FolderDisk(path) as disk:
        with pytest.raises(StoreBusyError):
            FolderDisk(path)
        one, other = LogFolder(disk, SIGNER.key), LogFolder(disk, SIGNER.key)
        block = derive(
            last_block(other), "another"
        )  # two objects over one disk are a fault of ours, and no fork either
        append(one, seen, "first")
        with pytest.raises(StaleError):
            other.stage(block, witnessed=seen.newest())
        staged = one.stage(derive(last_block(one), "second"), witnessed=seen.newest())
        head = one.head()
        with pytest.raises(StaleError):
            other.stage(block, witnessed=seen.newest())
        with pytest.raises(ConflictError):
            other.commit(staged, sign_checkpoint(head, SIGNER))
    assert check_log(path, seen) == 3


@pytest.mark.parametrize("back", [0, 1, 2, 400])
def test_a_clock_moved_back_gives_no_second_block_of_an_epoch(tmp_path: Path, seen: Seen, back: int) -> None:
    path = tmp_path / "log"
    start_log(path, seen, 3)
    with FolderDisk(path) as disk:
        folder = LogFolder(disk, SIGNER.key)
        last = last_block(folder)
        assert last is not None
        with pytest.raises(ConflictError, match="does not go on from the last one"):
            folder.stage(derive(last, "back", epoch=last.header.epoch - back), witnessed=seen.newest())
        assert disk.read("private/staged") is None
    grow(path, seen, "when the clock is right again")
    assert check_log(path, seen) == 4


def test_a_clock_moved_forward_is_stopped_by_the_checker_and_the_block_waits_for_its_time(
    tmp_path: Path, seen: Seen
) -> None:
    path = tmp_path / "log"
    start_log(path, seen, 1)
    state = Judged(constants=CONSTANTS, entry=constants_entry(CONSTANTS, KEY))
    with FolderDisk(path) as disk:
        folder = LogFolder(disk, SIGNER.key)
        last = last_block(folder)
        assert last is not None
        state = judge(state, derive(None, 0), CONSTANTS.begins(last.header.epoch))
        block = derive(last, "early", epoch=last.header.epoch + 400)
        staged = folder.stage(block, witnessed=seen.newest())
        with pytest.raises(BlockError, match="epoch"):
            judge(state, block, CONSTANTS.begins(last.header.epoch + 1))
        assert folder.recover().staged is None  # not signed yet: dropped, and the right block follows
        assert staged.block == block
    grow(path, seen, "when the clock is right again")
    assert check_log(path, seen) == 2
    judge(state, block, CONSTANTS.begins(block.header.epoch))
