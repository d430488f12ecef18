"""Proofs against the published cases, against RFC 6962's own definition, and against every change of a hash."""

from __future__ import annotations

import base64
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.tlog import (
    EMPTY_ROOT,
    CompactRange,
    ProofError,
    check_consistency,
    check_inclusion,
    check_subtree,
    hash_leaf,
    nodes_of,
    prove_consistency,
    prove_inclusion,
    prove_subtree,
    root_of,
)
from public_data import data_file


def _decoded(text: str | None) -> bytes:
    return base64.b64decode(text or "")


def _holds(case: dict[str, Any]) -> bool:
    path = [_decoded(one) for one in case["proof"] or ()]
    try:
        if "leafIdx" in case:
            check_inclusion(_decoded(case["leafHash"]), case["leafIdx"], case["treeSize"], path, _decoded(case["root"]))
        else:
            check_consistency(case["size1"], case["size2"], path, _decoded(case["root1"]), _decoded(case["root2"]))
    except ProofError:
        return False
    return True


def test_the_published_cases_of_inclusion_and_consistency() -> None:
    cases = json.loads(data_file("merkle/rfc6962-proofs.json").read_text())
    assert [case["file"] for case in cases if _holds(case) == case["wantErr"]] == []
    assert len(cases) == 196
    assert 0 < sum(case["wantErr"] for case in cases) < 196


def by_definition(leaves: list[bytes]) -> bytes:
    """Return the Merkle tree hash as RFC 6962 §2.1 writes it down."""
    if len(leaves) < 2:
        return leaves[0] if leaves else hashlib.sha256(b"").digest()
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + by_definition(leaves[:k]) + by_definition(leaves[k:])).digest()


LEAVES = [hash_leaf(bytes([n])) for n in range(131)]
SIZES = st.integers(0, len(LEAVES))


@given(SIZES)
def test_a_root_is_what_the_definition_says(size: int) -> None:
    assert root_of(LEAVES[:size]) == by_definition(LEAVES[:size])
    assert root_of([]) == EMPTY_ROOT


@given(st.data())
def test_what_is_proved_is_taken_and_nothing_else(data: st.DataObject) -> None:
    size = data.draw(st.integers(1, len(LEAVES)))
    level = data.draw(st.integers(0, size.bit_length() - 1))
    index = data.draw(st.integers(0, (size >> level) - 1))
    root, node = root_of(LEAVES[:size]), nodes_of(LEAVES)(level, index)
    path = prove_subtree(nodes_of(LEAVES[:size]), level, index, size)
    assert check_subtree(node, level, index, size, path, root) == node
    for wrong in _altered(path):
        with pytest.raises(ProofError):
            check_subtree(node, level, index, size, wrong, root)
    other = data.draw(st.integers(0, (size >> level) - 1).filter(lambda n: n != index)) if size >> level > 1 else None
    if other is not None:
        with pytest.raises(ProofError):
            check_subtree(node, level, other, size, path, root)


@given(st.data())
def test_a_tree_that_grew_is_taken_and_one_that_was_changed_is_not(data: st.DataObject) -> None:
    new = data.draw(SIZES)
    old = data.draw(st.integers(0, new))
    path = prove_consistency(nodes_of(LEAVES[:new]), old, new)
    was, now = root_of(LEAVES[:old]), root_of(LEAVES[:new])
    assert check_consistency(old, new, path, was, now) == now
    for wrong in _altered(path):
        with pytest.raises(ProofError):
            check_consistency(old, new, wrong, was, now)
    if old:
        at = data.draw(st.integers(0, old - 1))
        forged = [*LEAVES[:at], hash_leaf(b"another"), *LEAVES[at + 1 : new]]
        with pytest.raises(ProofError):
            check_consistency(old, new, prove_consistency(nodes_of(forged), old, new), was, root_of(forged))


def _altered(path: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Return the path with each hash changed, left out, one added, and two in the other order."""
    out = [(*path, LEAVES[0]), (LEAVES[0], *path)]
    for at, one in enumerate(path):
        out.append((*path[:at], bytes([one[0] ^ 1]) + one[1:], *path[at + 1 :]))
        out.append((*path[:at], *path[at + 1 :]))
    if len(path) > 1:
        out.append((path[1], path[0], *path[2:]))
    return out


def test_a_place_outside_the_tree_is_refused() -> None:
    root, nodes = root_of(LEAVES[:5]), nodes_of(LEAVES[:5])
    for level, index in ((0, 5), (1, 2), (2, 1), (3, 0), (-1, 0), (0, -1)):
        with pytest.raises(ProofError):
            prove_subtree(nodes, level, index, 5)
        with pytest.raises(ProofError):
            check_subtree(LEAVES[0], level, index, 5, [], root)
    for old, new in ((3, 2), (-1, 2), (0, 2**63)):
        with pytest.raises(ProofError):
            prove_consistency(nodes, old, new)
        with pytest.raises(ProofError):
            check_consistency(old, new, [], root, root)
    with pytest.raises(ProofError, match="fork"):
        check_consistency(5, 5, [], root, LEAVES[0])
    with pytest.raises(ProofError):
        check_inclusion(LEAVES[0][:31], 0, 1, [], LEAVES[0])


@given(st.data())
def test_a_compact_range_grows_to_the_same_root_however_it_is_put_together(data: st.DataObject) -> None:
    size = data.draw(SIZES)
    cuts = sorted(data.draw(st.lists(st.integers(0, size), max_size=4)))
    whole = CompactRange()
    for start, end in zip([0, *cuts], [*cuts, size], strict=True):
        part = CompactRange(start=start, end=start)
        for leaf in LEAVES[start:end]:
            part = part.add(leaf)
        whole = whole.join(part)
    assert whole.root() == root_of(LEAVES[:size])
    assert whole.end == size
    assert len(whole.hashes) == size.bit_count()


def test_a_range_takes_whole_subtrees_where_they_fit_and_refuses_the_rest() -> None:
    nodes = nodes_of(LEAVES)
    three = CompactRange().add(nodes(1, 0), 1).add(nodes(0, 2))
    assert three.add(LEAVES[3]).add(nodes(2, 1), 2).root() == root_of(LEAVES[:8])
    with pytest.raises(ProofError, match="begins at leaf 3"):
        three.add(nodes(1, 2), 1)
    with pytest.raises(ProofError, match="does not go on"):
        three.join(CompactRange(start=4, end=4))
    with pytest.raises(ProofError, match="no tree"):
        CompactRange(start=2, end=3, hashes=(LEAVES[2],)).root()
    for start, end, hashes in ((0, 3, (LEAVES[0],)), (3, 2, ()), (0, 1, (b"short",)), (-1, 0, ())):
        with pytest.raises(ProofError):
            CompactRange(start=start, end=end, hashes=hashes)


def test_an_inclusion_path_is_as_long_as_the_tree_is_high() -> None:
    assert len(prove_inclusion(nodes_of(LEAVES), 0, 128)) == 7
    assert prove_inclusion(nodes_of(LEAVES), 0, 1) == ()
