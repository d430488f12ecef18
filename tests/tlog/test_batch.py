"""Roots worked out side by side are those that hashlib gives, whatever the lengths and however many there are."""

from __future__ import annotations

import hashlib
import sys

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from habeas.tlog import _batch, hash_leaf, root_of
from habeas.tlog._batch import subtree_roots


def one_by_one(entries: list[bytes], height: int) -> list[bytes]:
    leaves, width = [hash_leaf(entry) for entry in entries], 1 << height
    return [root_of(leaves[at : at + width]) for at in range(0, len(leaves), width)]


def entry(number: int, length: int) -> bytes:
    return hashlib.shake_128(number.to_bytes(4)).digest(length)


@pytest.fixture(autouse=True, scope="module")
def _compiled() -> None:
    pytest.importorskip("numba")
    assert _batch._lanes() is not None  # else the tests below would compare hashlib with itself


@pytest.mark.parametrize("length", [1, 2, 3, 43, 46, 54, 55, 62, 63, 64, 85, 118, 119, 127, 163, 1000])
def test_entries_of_every_length_around_the_ends_of_a_block(length: int) -> None:
    for count in (1, 31, 32, 255, 256, 257):
        entries = [entry(number, length) for number in range(count)]
        assert subtree_roots(entries, 0, many=1) == [hash_leaf(one) for one in entries]


@given(st.data())
@settings(max_examples=30)
def test_runs_of_several_lengths_and_subtrees_of_several_heights(data: st.DataObject) -> None:
    height = data.draw(st.integers(0, 9))
    runs = data.draw(st.lists(st.tuples(st.integers(1, 200), st.integers(1, 400)), max_size=5))
    entries = [entry(number, length) for length, count in runs for number in range(count)]
    whole = entries[: len(entries) >> height << height]
    assert subtree_roots(whole, height, many=1) == one_by_one(whole, height)
    assert subtree_roots(entries, height, many=1) == one_by_one(entries, height)  # the last subtree is not full


def test_more_than_are_put_together_at_once() -> None:
    entries = [entry(number, 85) for number in range(1 << 14)]
    assert subtree_roots(entries, 14, many=1) == one_by_one(entries, 14)
    assert subtree_roots(entries, 8, many=1) == one_by_one(entries, 8)


def test_an_empty_entry_is_hashed_too() -> None:
    entries = [b"", *(entry(number, 85) for number in range(255))]
    assert subtree_roots(entries, 8, many=1) == one_by_one(entries, 8)


def test_few_entries_load_nothing_and_without_numba_the_roots_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    entries = [entry(number, 85) for number in range(512)]
    with monkeypatch.context() as without:
        without.setattr(_batch, "_lanes", lambda: None)
        assert subtree_roots(entries, 8, many=1) == one_by_one(entries, 8)
        without.setattr(_batch, "_side_by_side", lambda *_: pytest.fail("these are few"))
        assert subtree_roots(entries, 8) == one_by_one(entries, 8)
        assert subtree_roots([], 8, many=0) == []
    _batch._lanes.cache_clear()
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "habeas.tlog._lanes", None)
        without.delattr("habeas.tlog._lanes")
        assert _batch._lanes() is None
    _batch._lanes.cache_clear()
