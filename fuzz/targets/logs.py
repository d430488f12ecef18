"""Targets of `habeas.tlog` and `habeas.passes`: what a log, a witness or somebody at a gate is handed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from habeas.passes import GateView, PassFormatError, format_pass, parse_pass
from habeas.tlog import (
    PAD,
    Admission,
    Block,
    BlockError,
    CaseEvent,
    CheckpointError,
    Decision,
    EntryError,
    Ground,
    Header,
    NoteError,
    Plain,
    PolicyError,
    ProofError,
    TileError,
    TlogError,
    check_proof_file,
    format_block_file,
    format_blocks,
    format_bundle,
    format_indexes,
    format_note,
    format_pool,
    format_proof_file,
    format_request,
    format_tile_path,
    format_vkey,
    judge,
    kind_of,
    open_checkpoint,
    parse_block_file,
    parse_blocks,
    parse_bundle,
    parse_entries,
    parse_indexes,
    parse_note,
    parse_policy,
    parse_pool,
    parse_proof_file,
    parse_request,
    parse_tile,
    parse_tile_path,
    parse_vkey,
    read_constants,
    witness_step,
)
from habeas.tlog._note import parse_signatures
from habeas.tlog._text import parse_hash, parse_size
from habeas.tlog._tile import Tile
from seeds import documents
from seeds import logs as seeds
from targets._target import NotAnInput, as_text, target

_ENTRIES = (Header, Decision, Ground, Admission, CaseEvent, Plain)


@target(parse_note, parse_signatures, open_checkpoint, seeds=seeds.notes, max_bytes=8192)
def note(data: bytes) -> bool:
    """A note is served as it was read; a checkpoint is the log's own."""
    try:
        found = parse_note(data)
    except NoteError:
        return False
    assert format_note(found) == data
    with contextlib.suppress(NoteError):
        checkpoint = open_checkpoint(data, seeds.LOG)
        assert checkpoint.head.origin == seeds.ORIGIN
    return True


@target(parse_vkey, seeds=seeds.vkeys)
def vkey(data: bytes) -> bool:
    """One text for one key."""
    text = as_text(data)
    try:
        assert format_vkey(parse_vkey(text)) == text
    except NoteError:
        return False
    return True


@target(parse_policy, seeds=seeds.policies)
def policy(data: bytes) -> bool:
    """A policy that was taken withstands a liar, and has a checker in every quorum."""
    try:
        found = parse_policy(data)
    except PolicyError:
        return False
    assert found.liars >= 1
    assert found.least_checkers >= 1
    with contextlib.suppress(TlogError):
        found.check(parse_note(next(seeds.notes())))
    return True


@target(parse_proof_file, seeds=seeds.proofs, max_bytes=8192)
def proof_file(data: bytes) -> bool:
    """A proof survives being written anew, and proves nothing about an entry that is not its own."""
    try:
        found = parse_proof_file(data)
    except (ProofError, NoteError):
        return False
    assert parse_proof_file(format_proof_file(found)) == found
    with contextlib.suppress(TlogError):
        check_proof_file(found, b"no entry of the log", parse_policy(next(seeds.policies())))
        raise AssertionError("a proof of what is not in the log")
    return True


@target(parse_request, seeds=seeds.requests, max_bytes=8192)
def request(data: bytes) -> bool:
    """A request survives being written anew, and a witness answers it or says in one way why not."""
    try:
        found = parse_request(data)
    except NoteError:
        return False
    assert parse_request(format_request(found)) == found
    with contextlib.suppress(TlogError):
        witness_step(found, {seeds.ORIGIN: seeds.LOG}, None)
    return True


@target(parse_size, parse_hash, seeds=seeds.texts, max_bytes=64)
def log_text(data: bytes) -> bool:
    """A size or a hash in a log's files."""
    text = as_text(data)
    taken = 0
    with contextlib.suppress(CheckpointError):
        assert str(parse_size(text)) == text
        taken += 1
    with contextlib.suppress(CheckpointError):
        parse_hash(text)
        taken += 1
    return taken > 0


@target(parse_tile_path, seeds=seeds.tile_paths, max_bytes=64)
def tile_path(data: bytes) -> bool:
    """One path for one tile."""
    text = as_text(data)
    try:
        assert format_tile_path(parse_tile_path(text)) == text
    except TileError:
        return False
    return True


@target(parse_tile, seeds=seeds.tiles, max_bytes=8300)
def tile(data: bytes) -> bool:
    """Its path on the first line, then its hashes."""
    path, _, rest = data.partition(b"\n")
    try:
        place = parse_tile_path(as_text(path))
    except TileError:
        raise NotAnInput from None
    try:
        assert b"".join(parse_tile(place, rest)) == rest
    except TileError:
        return False
    return True


@target(parse_bundle, parse_entries, seeds=seeds.bundles, max_bytes=8192)
def bundle(data: bytes) -> bool:
    """A byte that says how many, then a bundle of so many entries, which is written as it was read."""
    if not data:
        raise NotAnInput
    with contextlib.suppress(TileError):
        assert format_bundle(parse_entries(data)) == data
    try:
        found = parse_bundle(Tile(level=None, index=0, width=data[0] + 1), data[1:])
    except TileError:
        return False
    assert format_bundle(found) == data[1:]
    return True


@target(parse_indexes, seeds=seeds.indexes)
def indexes(data: bytes) -> bool:
    """One form for one list."""
    try:
        assert format_indexes(parse_indexes(data)) == data
    except EntryError:
        return False
    return True


@target(parse_block_file, seeds=seeds.block_files, max_bytes=1024)
def block_file(data: bytes) -> bool:
    """One form for one block's file, whose decisions lie within it."""
    try:
        found = parse_block_file(data)
    except BlockError:
        return False
    assert format_block_file(found) == data
    assert found.start < found.end
    return True


@target(judge, seeds=seeds.first_blocks, max_bytes=1024)
def judged_block(data: bytes) -> bool:
    """A first block without its pads is judged, or breaks a rule that has a word."""
    try:
        entries = parse_entries(data)
    except TileError:
        raise NotAnInput from None
    entries += [PAD] * (-len(entries) % 256)
    try:
        state = judge(seeds.JUDGED, Block(start=0, entries=tuple(entries)), 0, settled=True)
    except BlockError as error:
        assert error.code.isalpha()
        return False
    assert state.tree.end == len(entries)
    return True


@target(parse_blocks, seeds=seeds.blocks, max_bytes=256)
def blocks(data: bytes) -> bool:
    """One form for one list of blocks."""
    try:
        assert format_blocks(parse_blocks(data)) == data
    except BlockError:
        return False
    return True


@target(parse_pool, seeds=seeds.pools, max_bytes=16)
def pool(data: bytes) -> bool:
    """One text for one pool; and five bytes are one, or none."""
    text = as_text(data)
    taken = 0
    with contextlib.suppress(EntryError):
        assert format_pool(parse_pool(text)) == text
        taken += 1
    with contextlib.suppress(EntryError):
        number = int.from_bytes(data[:5])
        assert parse_pool(format_pool(number)) == number
        taken += 1
    return taken > 0


@target(read_constants, seeds=seeds.constants, max_bytes=1024)
def constants(data: bytes) -> bool:
    """The log's constants are its key's word."""
    try:
        read_constants(data, documents.DCC_KEY.verifying)
    except EntryError:
        return False
    return True


@target(kind_of, *(one.of_bytes for one in _ENTRIES), seeds=seeds.entries, max_bytes=1024)
def entry(data: bytes) -> bool:
    """An entry is of one kind, and has no free byte: written again, it is the same."""
    readers: list[Callable[[bytes], object]] = [one.of_bytes for one in _ENTRIES]
    found = []
    for read in readers:
        with contextlib.suppress(EntryError):
            found.append(read(data))
    assert len(found) <= 1
    for one in found:
        assert isinstance(one, _ENTRIES)
        assert one.to_bytes() == data
        kind_of(data)
    return bool(found)


@target(parse_pass, seeds=seeds.passes, max_bytes=2048)
def gate_pass(data: bytes) -> bool:
    """One text for one pass."""
    text = as_text(data)
    try:
        found = parse_pass(text)
    except PassFormatError:
        return False
    assert format_pass(found) == text
    assert len(found.root(seeds.ORIGIN)) == 32
    return True


@target(GateView.of_bytes, seeds=seeds.views, max_bytes=64)
def view(data: bytes) -> bool:
    """A view has no free byte."""
    try:
        assert GateView.of_bytes(data).to_bytes() == data
    except PassFormatError:
        return False
    return True
