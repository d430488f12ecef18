"""A block's file and the list of blocks: they come back, lead to the roots that the log has, and nothing else is one."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from itertools import accumulate

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.tlog import (
    BlockError,
    BlockFile,
    Counts,
    EntryKind,
    Header,
    Sections,
    Tile,
    TileError,
    block_file,
    build_block,
    format_block_file,
    format_blocks,
    format_tile_path,
    hash_leaf,
    nodes_of,
    parse_block_file,
    parse_blocks,
    plan_append,
    tiles_of,
)
from tlog.blocks import FIRST, admission, decision, plain, three_blocks

BLOCKS = three_blocks().blocks
FIXED = 5 + 4 + 163
LIST = [(FIRST, 0), (FIRST + 1, 256), (FIRST + 2, 768)]


@given(st.integers(0, 3), st.integers(0, 600), st.integers(0, 5))
def test_a_blocks_file_comes_back_and_says_where_its_decisions_are(
    plains: int, decisions: int, admissions: int
) -> None:
    sections = Sections(
        plain=[plain(EntryKind.PACK, n) for n in range(plains)],
        admissions=[admission(n) for n in range(admissions)],
        decisions=[decision(FIRST, who) for who in range(decisions)],
    )
    block = build_block(sections, epoch=FIRST, height=8, after=BLOCKS[0])
    file = block_file(block)
    data = format_block_file(file)
    assert parse_block_file(data) == file
    assert len(data) == FIXED + 32 * (8 + len(block.entries) // 256)
    assert (file.start, file.end, file.size) == (block.start, block.end, len(block.entries))
    of_kind = [at for at, entry in enumerate(block.entries, block.start) if entry[0] == EntryKind.DECISION]
    assert list(file.decisions) == of_kind


def test_the_files_of_all_blocks_lead_to_the_tree() -> None:
    leaves = [hash_leaf(entry) for block in BLOCKS for entry in block.entries]
    files = [block_file(block) for block in BLOCKS]
    assert [root for file in files for root in file.roots] == [nodes_of(leaves)(8, at) for at in range(4)]
    assert [file.start for file in files] == [0, *accumulate(file.size for file in files)][:3]
    assert parse_blocks(format_blocks((file.header.epoch, file.start) for file in files))


def test_a_changed_byte_is_refused_wherever_the_file_itself_can_tell() -> None:
    """Its start and its later roots are held by the list of blocks and by the tree."""
    data = format_block_file(block_file(BLOCKS[1]))
    for at in range(len(data)):
        changed = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        if at in range(4) or at in range(FIXED + 9 * 32, len(data)):
            assert parse_block_file(changed) != block_file(BLOCKS[1])
            continue
        with pytest.raises(BlockError):
            parse_block_file(changed)


def test_what_is_no_blocks_file_is_refused() -> None:
    file = block_file(BLOCKS[1])
    data = format_block_file(file)
    for wrong in (b"", data[:-1], data + b"\0", data[: FIXED + 8 * 32], data[:-32], data + bytes(32), bytes(FIXED)):
        with pytest.raises(BlockError):
            parse_block_file(wrong)
    last = (1 << 40) - 512
    assert replace(file, start=last).end == 1 << 40
    for changes in (
        {"start": 1},
        {"start": last + 256},
        {"start": -256},
        {"roots": ()},
        {"roots": file.roots[1:]},
        {"path": file.path[1:]},
        {"header": replace(file.header, epoch=0)},
    ):
        with pytest.raises(BlockError):
            replace(file, **changes)
    for height in (7, 9, 16, 64, 255):
        with pytest.raises(BlockError):
            BlockFile(start=0, header=Header(epoch=1, height=height, counts=Counts()), path=file.path, roots=file.roots)


@given(st.binary(max_size=700))
def test_any_bytes_are_a_blocks_file_or_a_list_in_its_one_form_or_refused(data: bytes) -> None:
    whole = format_block_file(block_file(BLOCKS[1]))
    for changed in (data, whole[: len(data)] + data):
        with contextlib.suppress(BlockError):
            assert format_block_file(parse_block_file(changed)) == changed
    with contextlib.suppress(BlockError):
        assert format_blocks(parse_blocks(data)) == data


@given(st.lists(st.tuples(st.integers(1, 999), st.integers(1, 9_999_999)), max_size=20))
def test_a_list_of_blocks_comes_back(gaps: list[tuple[int, int]]) -> None:
    ends = list(accumulate(gaps, lambda one, other: (one[0] + other[0], one[1] + other[1]), initial=(FIRST, 0)))
    assert parse_blocks(format_blocks(ends)) == tuple(ends)


def test_a_list_of_blocks_rises_from_leaf_0() -> None:
    assert parse_blocks(b"") == ()
    for wrong in (LIST[1:], [LIST[0], LIST[0]], LIST[::-1], [LIST[0], (FIRST, 256)], [LIST[0], (FIRST + 1, 0)]):
        with pytest.raises(BlockError):
            parse_blocks(format_blocks(wrong))
    with pytest.raises(BlockError):
        parse_blocks(format_blocks(LIST)[:-1])


def test_tiles_are_read_through_their_paths_and_a_partial_one_from_its_full_one() -> None:
    entries = [bytes([n % 256]) * 2 for n in range(300)]
    files = {
        format_tile_path(tile): data
        for tile, data in plan_append(0, entries, dict[Tile, bytes]().__getitem__).tiles.items()
    }
    read = tiles_of(files.get)
    assert read(Tile(level=0, index=1, width=44)) == files["tile/0/001.p/44"]
    assert read(Tile(level=0, index=0, width=9)) == files["tile/0/000"][: 9 * 32]
    assert read(Tile(level=None, index=0)) == files["tile/entries/000"]
    for missing in (Tile(level=None, index=0, width=9), Tile(level=0, index=2), Tile(level=0, index=1, width=43)):
        with pytest.raises(TileError, match="another mirror"):
            read(missing)
