"""Tiles and bundles: the specification's own example, nodes from tiles against nodes in memory, and what is none."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from habeas.tlog import (
    Tile,
    TileError,
    check_consistency,
    check_inclusion,
    format_bundle,
    format_tile_path,
    grown_tiles,
    hash_leaf,
    nodes_of,
    parse_bundle,
    parse_tile,
    parse_tile_path,
    plan_append,
    prove_consistency,
    prove_inclusion,
    root_of,
    tile_nodes,
)

SIZE = 66_000
LEAVES = [hash_leaf(n.to_bytes(3)) for n in range(SIZE)]
NODES = nodes_of(LEAVES)


def tiles(size: int) -> dict[Tile, bytes]:
    """Return the tiles of a log of `size` entries from the nodes in memory."""
    found = [tile for tile in grown_tiles(0, size) if tile.level is not None]
    return {
        tile: b"".join(NODES(8 * (tile.level or 0), 256 * tile.index + at) for at in range(tile.width))
        for tile in found
    }


def test_the_specifications_example_of_70000_entries() -> None:
    found = list(grown_tiles(0, 70_000))
    by_level = {level: [tile.width for tile in found if tile.level == level] for level in (None, 0, 1, 2)}
    assert by_level == {None: [256] * 273 + [112], 0: [256] * 273 + [112], 1: [256, 17], 2: [1]}
    assert [format_tile_path(tile) for tile in grown_tiles(0, 256)] == [
        "tile/entries/000",
        "tile/0/000",
        "tile/1/000.p/1",
    ]
    assert format_tile_path(Tile(level=0, index=1_234_067)) == "tile/0/x001/x234/067"


@given(st.integers(0, 70_000), st.integers(0, 70_000))
def test_what_grew_and_what_was_there_are_together_the_tiles_of_the_whole(one: int, other: int) -> None:
    old, new = sorted((one, other))
    before = {(tile.level, tile.index): tile for tile in grown_tiles(0, old)}
    after = before | {(tile.level, tile.index): tile for tile in grown_tiles(old, new)}
    assert after == {(tile.level, tile.index): tile for tile in grown_tiles(0, new)}


@given(st.data())
def test_proofs_from_tiles_are_those_from_memory(data: st.DataObject) -> None:
    size = data.draw(st.sampled_from([1, 2, 255, 256, 257, 511, 512, 65_535, 65_536, 65_537, SIZE]))
    have = tiles(size)
    nodes = tile_nodes(have.__getitem__, size)
    index, old = data.draw(st.integers(0, size - 1)), data.draw(st.integers(0, size))
    root = root_of(LEAVES[:size])
    path = prove_inclusion(nodes, index, size)
    assert path == prove_inclusion(NODES, index, size)
    check_inclusion(LEAVES[index], index, size, path, root)
    check_consistency(old, size, prove_consistency(nodes, old, size), root_of(LEAVES[:old]), root)


@given(
    st.builds(Tile, level=st.none() | st.integers(0, 63), index=st.integers(0, 2**55 - 1), width=st.integers(1, 256))
)
def test_a_path_comes_back(tile: Tile) -> None:
    assert parse_tile_path(format_tile_path(tile)) == tile


@pytest.mark.parametrize(
    "path",
    ["", "tile/0/1", "tile/0/0001", "tile/00/001", "tile/64/001", "tile/0/x000/001", "tile/0/001.p/0", "tile/0/001.p/256",
     "tile/0/001.p/007", "tile/0/x1/001", "tile/0/001/", "/tile/0/001", "tile/-1/001", "tile/data/001", "tile/0/../001",
     "tile/0/x" + "999/x" * 6 + "999/999", "tile/0/\u0661\u0661\u0661"],
)  # fmt: skip
def test_a_path_that_no_log_writes_is_refused(path: str) -> None:
    with pytest.raises(TileError):
        parse_tile_path(path)


@given(st.lists(st.binary(max_size=40), min_size=1, max_size=256))
def test_a_bundle_comes_back_and_one_changed_in_length_does_not(entries: list[bytes]) -> None:
    tile, data = Tile(level=None, index=0, width=len(entries)), format_bundle(entries)
    assert parse_bundle(tile, data) == entries
    for wrong in (data[:-1], data + b"\0", data + b"\0\0"):
        with pytest.raises(TileError):
            parse_bundle(tile, wrong)


@given(st.integers(1, 256), st.binary(max_size=600))
def test_any_bytes_are_a_tile_or_refused(width: int, data: bytes) -> None:
    for parse in (parse_tile, parse_bundle):
        with contextlib.suppress(TileError):
            assert len(parse(Tile(level=0, index=0, width=width), data)) == width


def test_an_entry_has_65535_bytes_at_most() -> None:
    assert len(format_bundle([bytes(65_535)])) == 65_537
    with pytest.raises(TileError, match="log its hash"):
        format_bundle([bytes(65_536)])
    for wrong in ({"level": 64}, {"level": -1}, {"index": -1}, {"width": 0}, {"width": 257}):
        with pytest.raises(TileError):
            Tile(**({"level": 0, "index": 0} | wrong))


@given(st.lists(st.integers(0, 700), min_size=1, max_size=5))
@example([1, 0])
def test_a_log_that_grows_step_by_step_has_the_tiles_and_the_root_of_one_that_was_built_at_once(
    steps: list[int],
) -> None:
    have: dict[Tile, bytes] = {}
    size = 0
    for step in steps:
        entries = [n.to_bytes(3) for n in range(size, size + step)]
        grown = plan_append(size, entries, have.__getitem__)
        assert set(grown.tiles) == set(grown_tiles(size, size + step))
        have |= grown.tiles
        size += step
        assert (grown.size, grown.root) == (size, root_of(LEAVES[:size]))
    assert {tile: have[tile] for tile in grown_tiles(0, size)} == dict(
        plan_append(0, [n.to_bytes(3) for n in range(size)], have.__getitem__).tiles
    )
    assert {tile: data for tile, data in have.items() if tile.level is not None and tile in tiles(size)} == tiles(size)


@pytest.mark.parametrize("at", [0, 2, 127])
def test_a_partial_bundle_whose_entries_are_not_its_tiles_is_not_written_again(at: int) -> None:
    entries = [bytes([n]) for n in range(128)]
    have = dict(plan_append(0, entries, dict[Tile, bytes]().__getitem__).tiles)
    edge = Tile(level=None, index=0, width=128)
    have[edge] = format_bundle([*entries[:at], b"another", *entries[at + 1 :]])
    with pytest.raises(TileError, match=r"entries/000.p/128 has other entries"):
        plan_append(128, [b"next"], have.__getitem__)
