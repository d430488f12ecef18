"""Looking for a label: held against a plain search of the block, and against every lie of a mirror."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.passes import BUNDLES, FalseBlockError, MirrorError, PassFormatError, look, read_block, subtree_reader
from habeas.tlog import (
    Block,
    BlockFile,
    Decision,
    EntryKind,
    Head,
    Sections,
    Tile,
    build_block,
    check_inclusion,
    format_block_file,
    format_bundle,
    format_tile_path,
    hash_leaf,
    plan_append,
)
from habeas.tlog import block_file as file_of
from tlog.blocks import CONSTANTS, FIRST, decision, digest

EPOCH = FIRST + 1


def label_of(who: int) -> bytes:
    return digest("label", EPOCH, who)[:16]


def served(first: Block, block: Block) -> tuple[dict[str, bytes], Head]:
    """Return a log of two blocks as any mirror serves it."""
    grown = plan_append(0, [*first.entries, *block.entries], lambda _: b"")
    files = {format_tile_path(tile): data for tile, data in grown.tiles.items()}
    files[f"block/{block.header.epoch}"] = format_block_file(file_of(block))
    return files, Head(origin=CONSTANTS.origin, size=grown.size, root=grown.root)


@lru_cache(maxsize=4)
def a_log(height: int, people: int) -> tuple[Block, dict[str, bytes], Head]:
    first = build_block(Sections(plain=[b"\x27\xd2"]), epoch=FIRST, height=height)
    rows = [decision(EPOCH, who) for who in range(people)]
    block = build_block(Sections(plain=[b"\x20\xd2"], decisions=rows), epoch=EPOCH, height=height, after=first)
    return (block, *served(first, block))


@pytest.mark.parametrize(("height", "people"), [(8, 0), (8, 1), (8, 253), (8, 254), (8, 5000), (16, 70_000)])
def test_a_look_finds_what_a_plain_search_finds(height: int, people: int) -> None:
    block, files, head = a_log(height, people)
    known = read_block(files.get, head, EPOCH)
    index = {entry: block.start + at for at, entry in enumerate(block.entries)}
    worst = 0
    for who in range(-40, min(people, 400)):
        found = look(files.get, known, label_of(who))
        worst = max(worst, found.bundles)
        wanted = decision(EPOCH, who)
        assert found.entry == (wanted if wanted in index else None)
        assert found.index == index.get(wanted)
        for one in (*found.neighbours, *([found.found] if found.found else [])):
            place, width = one.index - block.start, 1 << height
            assert one.entry == block.entries[place]
            root = block_root(known, one.index)
            check_inclusion(hash_leaf(one.entry), place % width, width, one.path, root)
    assert worst <= BUNDLES


def block_root(block: BlockFile, index: int) -> bytes:
    return block.roots[(index - block.start) >> block.header.height]


@pytest.mark.parametrize("people", [0, 1, 2, 253, 5000])
@given(label=st.binary(min_size=16, max_size=16))
def test_neighbours_leave_no_room_for_a_label_that_is_not_there(people: int, label: bytes) -> None:
    _, files, head = a_log(8, people)
    known = read_block(files.get, head, EPOCH)
    found = look(files.get, known, label)
    places = [one.index for one in found.neighbours]
    assert found.found is None
    assert all(one.label < label for one in found.neighbours if one.index < places[-1])
    below = sum(one.label < label for one in found.neighbours)
    at = places[0] + below if places else known.decisions.start
    assert places == [place for place in (at - 1, at) if place in known.decisions]
    assert [one.label < label for one in found.neighbours] == sorted(
        (one.label < label for one in found.neighbours), reverse=True
    )


def test_labels_that_are_not_spread_evenly_take_more_bundles_and_are_found() -> None:
    rows = [
        Decision(epoch=EPOCH, label=bytes(8) + digest("low", who)[:8], gate=digest(who), rest=digest(who)).to_bytes()
        for who in range(20_000)
    ]
    first = build_block(Sections(plain=[b"\x27\xd2"]), epoch=FIRST, height=8)
    block = build_block(Sections(decisions=rows), epoch=EPOCH, height=8, after=first)
    files, head = served(first, block)
    known = read_block(files.get, head, EPOCH)
    bundles = []
    for row in rows[:200]:
        found = look(files.get, known, row[5:21])
        assert found.entry == row
        bundles.append(found.bundles)
    assert BUNDLES < max(bundles) <= BUNDLES + 10


def test_every_flipped_byte_of_what_is_read_is_found() -> None:
    """The bundle and the tile above it byte by byte, in steps: a look that is answered at all is answered rightly."""
    for height, people, step in ((8, 1000, 61), (16, 1000, 61)):
        _, files, head = a_log(height, people)
        known = read_block(files.get, head, EPOCH)
        read: set[str] = set()

        def noted(path: str, files: dict[str, bytes] = files, read: set[str] = read) -> bytes | None:
            read.add(path)
            return files.get(path)

        honest = look(noted, known, label_of(7))
        assert honest.found is not None
        for path in sorted(read):
            for at in range(0, len(files[path]), step):
                data = bytearray(files[path])
                data[at] ^= 1
                with pytest.raises(MirrorError):
                    look({**files, path: bytes(data)}.get, known, label_of(7))


def test_every_flipped_byte_of_a_blocks_file_is_found() -> None:
    _, files, head = a_log(8, 1000)
    path = f"block/{EPOCH}"
    for at in range(len(files[path])):
        data = bytearray(files[path])
        data[at] ^= 1
        with pytest.raises(MirrorError):
            read_block({**files, path: bytes(data)}.get, head, EPOCH)


@pytest.mark.parametrize("path", [f"block/{EPOCH}", "tile/entries/001", "tile/1/000.p/5", "tile/1/001"])
def test_what_is_not_there_is_the_mirrors_fault(path: str) -> None:
    block, files, head = a_log(16 if path == "tile/1/001" else 8, 1000)
    fetch = {name: data for name, data in files.items() if name != path}.get
    assert path in files
    label = next(entry[5:21] for entry in block.entries[2:] if entry[0] == EntryKind.DECISION)  # in the first bundle
    with pytest.raises(MirrorError, match="not there"):
        look(fetch, read_block(fetch, head, EPOCH), label)


def test_another_epochs_block_and_one_past_the_checkpoint_are_refused() -> None:
    _, files, head = a_log(8, 1000)
    with pytest.raises(MirrorError, match="another epoch"):
        read_block({**files, f"block/{EPOCH + 1}": files[f"block/{EPOCH}"]}.get, head, EPOCH + 1)
    with pytest.raises(MirrorError, match="not of this checkpoint"):
        read_block(files.get, replace(head, size=256), EPOCH)
    known = read_block(files.get, head, EPOCH)
    with pytest.raises(PassFormatError):
        look(files.get, known, b"short")
    with pytest.raises(PassFormatError, match="no bundle"):
        subtree_reader(files.get, known)(0)


def swapped(block: Block, one: int, other: int) -> Block:
    rows = list(block.entries)
    rows[one], rows[other] = rows[other], rows[one]
    return replace(block, entries=tuple(rows))


def false_log(block: Block) -> tuple[dict[str, bytes], Head, BlockFile]:
    first = build_block(Sections(plain=[b"\x27\xd2"]), epoch=FIRST, height=8)
    files, head = served(first, block)
    return files, head, read_block(files.get, head, EPOCH)


def test_a_block_that_is_not_in_order_is_found_by_whoever_reads_there() -> None:
    block, _, _ = a_log(8, 1000)
    files, _, known = false_log(swapped(block, 300, 301))
    rows = known.decisions
    with pytest.raises(FalseBlockError):
        look(files.get, known, block.entries[rows.start - block.start + 300][5:21])


def test_two_decisions_under_one_label_are_found_even_across_the_edge_of_a_bundle() -> None:
    rows = sorted(decision(EPOCH, who) for who in range(600))
    first = build_block(Sections(plain=[b"\x27\xd2"]), epoch=FIRST, height=8)
    for at in (100, 253, 254, 255):  # the header and a plain entry stand before: leaf 255 is decision 253
        twin = Decision(epoch=EPOCH, label=rows[at][5:21], gate=digest("twin"), rest=digest("twin")).to_bytes()
        block = build_block(Sections(plain=[b"\x20\xd2"], decisions=[*rows, twin]), epoch=EPOCH, height=8, after=first)
        files, _, known = false_log(block)
        with pytest.raises(FalseBlockError):
            look(files.get, known, rows[at][5:21])


def test_what_is_no_decision_of_the_epoch_is_found_among_the_decisions() -> None:
    block, _, _ = a_log(8, 1000)
    rows = list(block.entries)
    for wrong in (rows[5][:1] + (EPOCH + 1).to_bytes(4) + rows[5][5:], b"\x11" + rows[5][1:], rows[5][:-1]):
        files, _, known = false_log(replace(block, entries=(*rows[:5], wrong, *rows[6:])))
        with pytest.raises(FalseBlockError):
            look(files.get, known, rows[6][5:21])


def test_a_bundle_of_other_entries_than_its_tile_says_is_refused() -> None:
    block, files, head = a_log(8, 1000)
    known = read_block(files.get, head, EPOCH)
    path = format_tile_path(Tile(level=None, index=block.start >> 8))
    with pytest.raises(MirrorError):
        look({**files, path: format_bundle([b"\0"] * 256)}.get, known, bytes(16))
    with pytest.raises(MirrorError):
        look({**files, path: b""}.get, known, bytes(16))
