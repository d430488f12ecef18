"""The Go project's own note and tlog code reads our notes, proofs and tiles, and refuses what is altered."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import random
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any

import pytest

from golang.toolchain import build_reader
from habeas.tlog import (
    Head,
    Note,
    NoteSignature,
    NoteSigner,
    SignatureType,
    Tile,
    check_consistency,
    check_inclusion,
    format_note,
    format_tile_path,
    format_vkey,
    grown_tiles,
    hash_leaf,
    make_note_signer,
    nodes_of,
    plan_append,
    prove_consistency,
    prove_inclusion,
    sign_checkpoint,
    sign_note,
    tree_hash,
)

Ask = Callable[[Iterable[dict[str, Any]]], list[dict[str, Any]]]

ENTRIES = [b"entry %d" % number for number in range(70_000)]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]
NODES = nodes_of(LEAVES)
SIZES = [*range(1, 34), 255, 256, 257, 511, 512, 513, 700, 65_535, 65_536, 65_537, 66_000, 70_000]
CI = os.environ.get("CI") == "true"

HEAD = Head(origin="henan.example/habeas", size=8, root=hashlib.sha256(b"root").digest())
LOG = make_note_signer(HEAD.origin, SignatureType.ED25519, b"l" * 32)
WITNESS = make_note_signer("w.example/1", SignatureType.COSIGNATURE, b"w" * 32)
LATTICE = make_note_signer("w.example/2", SignatureType.COSIGNATURE_MLDSA, b"m" * 32)


@pytest.fixture(scope="module")
def ask(tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest) -> Ask:
    """Return what puts questions to the program and returns an answer for each."""
    kept = getattr(request.config, "cache", None)  # what Go has compiled before; pytest can be told to keep nothing
    cache = kept.mkdir("go-build") if kept else tmp_path_factory.mktemp("go-build")
    program = build_reader(tmp_path_factory.mktemp("reader"), cache)

    def put(questions: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
        lines = "".join(json.dumps(one) + "\n" for one in questions)
        said = subprocess.run([str(program)], input=lines, capture_output=True, text=True, timeout=300, check=True)
        return [json.loads(line) for line in said.stdout.splitlines()]

    return put


def text(data: bytes) -> str:
    return base64.b64encode(data).decode()


def texts(path: Iterable[bytes]) -> list[str]:
    return [text(one) for one in path]


def root_of_first(size: int) -> bytes:
    return tree_hash(NODES, 0, size)


def altered(path: tuple[bytes, ...]) -> list[tuple[bytes, ...]]:
    """Return a path with a hash changed, left out, added, and two in the other order."""
    draw = random.Random(repr(path))  # noqa: S311 - which hash, nothing secret
    out = [(*path, LEAVES[0]), (LEAVES[0], *path)]
    if path:
        at = draw.randrange(len(path))
        out.append((*path[:at], bytes([path[at][0] ^ 1]) + path[at][1:], *path[at + 1 :]))
        out.append((*path[:at], *path[at + 1 :]))
    if len(path) > 1:
        out.append((path[1], path[0], *path[2:]))
    return out


def places(size: int) -> list[int]:
    """Return which leaves of a tree are asked for: all of a small one, of a large one both ends and some between."""
    if size <= 33:
        return list(range(size))
    draw = random.Random(size)  # noqa: S311 - which leaf, nothing secret
    return sorted(
        {0, 1, 255, size // 2, size - 2, size - 1, *draw.sample(range(size), 200 if CI else 20)} & set(range(size))
    )


def refusals(answers: Iterable[dict[str, Any]]) -> list[bool]:
    return ["refused" in one for one in answers]


def test_go_takes_every_inclusion_proof_of_ours_and_no_altered_one(ask: Ask) -> None:
    questions: list[dict[str, Any]] = []
    wanted = []
    for size in SIZES:
        root = root_of_first(size)
        for index in places(size):
            path = prove_inclusion(NODES, index, size)
            whole = {"ask": "inclusion", "index": index, "size": size, "root": text(root), "leaf": text(LEAVES[index])}
            questions.append(whole | {"path": texts(path)})
            questions += [whole | {"path": texts(one)} for one in altered(path)]
            questions.append(whole | {"path": texts(path), "leaf": text(hash_leaf(b"another"))})
            wanted += [False, *(True for _ in altered(path)), True]
    assert refusals(ask(questions)) == wanted
    assert wanted.count(False) > 800


def test_go_takes_every_consistency_proof_of_ours_and_no_altered_one(ask: Ask) -> None:
    questions: list[dict[str, Any]] = []
    wanted = []
    for size in SIZES:
        root = root_of_first(size)
        for old in (one + 1 for one in places(size)):
            path, was = prove_consistency(NODES, old, size), root_of_first(old)
            whole = {"ask": "consistency", "old": old, "size": size, "was": text(was), "root": text(root)}
            questions.append(whole | {"path": texts(path)})
            questions += [whole | {"path": texts(one)} for one in altered(path)]
            questions.append(whole | {"path": texts(path), "was": text(hash_leaf(b"another"))})
            wanted += [False, *(True for _ in altered(path)), True]
    assert refusals(ask(questions)) == wanted
    assert wanted.count(False) > 800


def tiles_of_size(size: int) -> dict[str, bytes]:
    """Return a log's tiles as Go names them: those of its newest append, and the full ones before."""
    kept: dict[Tile, bytes] = {}
    middle = size * 2 // 3  # grown in two steps, so that partial tiles of before are read, too
    for start, end in ((0, middle), (middle, size)):
        kept.update(plan_append(start, ENTRIES[start:end], kept.__getitem__).tiles)
    return {_go_path(tile): data for tile, data in kept.items() if tile.level is not None}


def _go_path(tile: Tile) -> str:
    return format_tile_path(tile).replace("tile/", "tile/8/", 1)


def test_go_reads_our_tiles_and_proves_from_them_what_we_prove(ask: Ask) -> None:
    for size in [*range(1, 20), 256, 257, 700, 65_536, 66_000]:
        root = root_of_first(size)
        tiles = {name: text(data) for name, data in tiles_of_size(size).items()}
        whole: dict[str, Any] = {"size": size, "root": text(root), "tiles": tiles}
        for index in (0, size // 2, size - 1):
            old = index + 1
            leaf, was, inclusion, consistency = ask(
                whole | {"ask": what, "index": index, "old": old}
                for what in ("leaf", "root", "prove-inclusion", "prove-consistency")
            )
            assert leaf["hashes"] == [text(LEAVES[index])]
            assert was["hashes"] == [text(root_of_first(old))]
            assert inclusion.get("hashes", []) == texts(prove_inclusion(NODES, index, size))
            assert consistency.get("hashes", []) == texts(prove_consistency(NODES, old, size))
            paths = [[base64.b64decode(one) for one in found.get("hashes", [])] for found in (inclusion, consistency)]
            check_inclusion(LEAVES[index], index, size, paths[0], root)
            check_consistency(old, size, paths[1], root_of_first(old), root)


@pytest.mark.parametrize("size", [5, 256, 700, 66_000])
def test_go_refuses_a_tile_with_one_bit_flipped_wherever_it_is(ask: Ask, size: int) -> None:
    tiles, draw = tiles_of_size(size), random.Random(size)  # noqa: S311 - which bit, nothing secret
    needed = [_go_path(tile) for tile in grown_tiles(0, size) if tile.level is not None]
    for name in needed if CI else draw.sample(needed, min(len(needed), 4)):
        data = bytearray(tiles[name])
        at = draw.randrange(len(data))
        data[at] ^= 1 << draw.randrange(8)
        level, index = int(name.split("/")[2]), int("".join(name.split(".p")[0].split("/")[3:]).replace("x", ""))
        leaf = (index << 8 | at // 32) << 8 * level
        whole = {"ask": "leaf", "size": size, "root": text(root_of_first(size)), "index": leaf}
        files = {one: text(found) for one, found in tiles.items() if one in needed}
        good, bad = ask([whole | {"tiles": files}, whole | {"tiles": files | {name: text(bytes(data))}}])
        assert good == {"hashes": [text(LEAVES[leaf])]}
        assert bad == {"refused": "downloaded inconsistent tile"}, name


def test_go_writes_the_same_tiles_as_we_do_when_a_log_grows(ask: Ask) -> None:
    draw = random.Random(1)  # noqa: S311 - which sizes, nothing secret
    pairs = [(0, 1), (0, 256), (255, 257), (256, 65_536), (65_535, 65_537), (2**24 - 300, 2**24 + 300)]
    pairs += [(old, old + draw.randrange(1, 2_000)) for old in (draw.randrange(10**8) for _ in range(200))]
    answers = ask({"ask": "new-tiles", "old": old, "size": size} for old, size in pairs)
    for (old, size), found in zip(pairs, answers, strict=True):
        ours = {_go_path(tile) for tile in grown_tiles(old, size) if tile.level is not None}
        assert set(found["names"]) == ours, (old, size)


def opened(note: Note | bytes, *keys: NoteSigner) -> dict[str, Any]:
    data = note if isinstance(note, bytes) else format_note(note)
    return {"ask": "note", "note": text(data), "keys": [format_vkey(one.key) for one in keys]}


def cosigned() -> Note:
    note = sign_checkpoint(HEAD, LOG)
    return note.with_signatures(sign_note(note.text, one, 1_655_039_040) for one in (WITNESS, LATTICE))


def test_go_opens_our_checkpoint_and_passes_over_cosignatures_that_it_does_not_know(ask: Ask) -> None:
    bare, whole = ask([opened(sign_checkpoint(HEAD, LOG), LOG), opened(cosigned(), LOG)])
    assert bare == {"text": HEAD.text, "signers": [LOG.key.name]}
    assert whole == {"text": HEAD.text, "signers": [LOG.key.name], "unverified": 2}


def test_cosignatures_fit_when_read_in_go(ask: Ask) -> None:
    (found,) = ask([opened(cosigned(), LOG, WITNESS, LATTICE)])
    assert found == {"text": HEAD.text, "signers": [LOG.key.name, WITNESS.key.name, LATTICE.key.name]}


def test_go_refuses_a_note_that_was_altered(ask: Ask) -> None:
    note = cosigned()
    elsewhere = note.text.replace("8\n", "9\n")
    assert elsewhere != note.text
    wrong = [opened(Note(text=elsewhere, signatures=note.signatures), one) for one in (LOG, WITNESS, LATTICE)]
    for at, one in enumerate((LOG, WITNESS, LATTICE)):
        for place in (0, -1):
            signatures = list(note.signatures)
            signatures[at] = _flipped(signatures[at], place)
            wrong.append(opened(replace(note, signatures=tuple(signatures)), one))
    other = make_note_signer(HEAD.origin, SignatureType.ED25519, b"x" * 32)
    malformed = format_note(note).replace(b"\n\n", b"\n")
    said = [one.get("refused") for one in ask([*wrong, opened(note, other), opened(malformed, LOG)])]
    false = [f"invalid signature for key {one.key.name}+{one.key.id.hex()}" for one in (LOG, WITNESS, LATTICE)]
    assert said[:3] == false
    assert said[3:-2] == [one for one in false for _ in range(2)]
    assert said[-2:] == ["note has no verifiable signatures", "malformed note"]


def _flipped(one: NoteSignature, place: int) -> NoteSignature:
    data = bytearray(one.signature)
    data[place] ^= 1
    return replace(one, signature=bytes(data))
