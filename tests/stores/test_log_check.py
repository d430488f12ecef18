"""A whole log is looked through: nothing is said of a good one, and of a bad one just which file is at fault."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest

from habeas.stores import Fault, LogFolder, check_log
from habeas.tlog import (
    Block,
    EntryKind,
    Head,
    Plain,
    Sections,
    SignatureType,
    block_file,
    constants_entry,
    format_block_file,
    format_blocks,
    format_note,
    format_tile_path,
    format_vkey,
    make_note_signer,
    parse_note,
    parse_policy,
    plan_append,
    sign_checkpoint,
    sign_note,
)
from stores.disks import MemoryDisk
from tlog.blocks import CONSTANTS, FIRST, KEY, LAST, NEXT, PACK, Chain, decision, ground, plain

SIGNER = make_note_signer(CONSTANTS.origin, SignatureType.ED25519, b"l" * 32)
WITNESSES = [make_note_signer(f"w{n}.example", SignatureType.COSIGNATURE, bytes([n]) * 32) for n in range(1, 5)]
POLICY = parse_policy(
    "\n".join(
        [
            f"log {format_vkey(SIGNER.key)}",
            *(f"witness w{n} {format_vkey(one.key)}" for n, one in enumerate(WITNESSES)),
            "group checkers 2 w0 w1",
            "group others 2 w2 w3",
            "group quorum all checkers others",
            "quorum quorum",
        ]
    ).encode()
)
AT = 1_655_039_040
BODY = b"\xd2" + b"a release" * 8_000
Files = dict[str, bytes]


def chain_of_three() -> Chain:
    """Return a small log that has something of everything: lists that are not empty, a body by its hash, a day's grounds."""
    chain = Chain()
    chain.grow(FIRST)
    hashed = Plain(
        kind=EntryKind.PAGE_RELEASE, body=b"\0" + len(BODY).to_bytes(4) + hashlib.sha256(BODY).digest()
    ).to_bytes()
    logged = [plain(EntryKind.PACK), plain(EntryKind.POLICY), hashed]
    chain.grow(FIRST + 1, Sections(plain=logged, decisions=[decision(FIRST + 1, who) for who in range(3)]))
    chain.grow(LAST, Sections(decisions=[decision(LAST, 1)], grounds=[ground(1)]), packs=[PACK], superseded=[260])
    return chain


def laid(blocks: list[Block]) -> Files:
    """Return the public files of a log, by their paths, its checkpoint cosigned by all."""
    disk = MemoryDisk()
    folder = LogFolder(disk, SIGNER.key)
    for block in blocks:
        staged = folder.stage(block, witnessed=None, openings=b"private")
        note = sign_checkpoint(Head(origin=CONSTANTS.origin, size=block.end, root=staged.growth.root), SIGNER)
        folder.commit(staged, note)
        folder.lay(staged)
        folder.publish(note.with_signatures(sign_note(note.text, one, AT) for one in WITNESSES))
    files = {name.removeprefix("log/"): data for name, data in disk.files.items() if name.startswith("log/")}
    return files | {f"plain/{hashlib.sha256(BODY).hexdigest()}": BODY}


CHAIN = chain_of_three()
FILES = laid(CHAIN.blocks)
PUBLIC = [name for name in FILES if not name.startswith("plain/")]


def check(files: Files) -> tuple[Fault, ...]:
    return check_log(files.get, SIGNER.key, POLICY)


def test_of_a_good_log_nothing_is_said_whatever_partial_tiles_are_left() -> None:
    assert {"tile/1/000.p/1", "tile/1/000.p/2", "tile/1/000.p/3"} < FILES.keys()
    assert check(FILES) == ()
    assert check_log(FILES.get, SIGNER.key) == ()
    collected = {name: data for name, data in FILES.items() if name not in {"tile/1/000.p/1", "tile/1/000.p/2"}}
    assert check(collected) == ()


def test_a_block_that_is_laid_and_not_published_is_not_looked_at() -> None:
    more = laid([*CHAIN.blocks, CHAIN.next(NEXT)])
    assert check(more) == ()
    assert check(more | {"checkpoint": FILES["checkpoint"]}) == ()


@pytest.mark.parametrize("name", FILES)
def test_a_file_that_is_not_there_is_named(name: str) -> None:
    faults = check({other: data for other, data in FILES.items() if other != name})
    expected = [] if name in {"tile/1/000.p/1", "tile/1/000.p/2"} else [name]
    assert [one.path for one in faults] == expected
    assert all("is not there" in one.what for one in faults)


def flips(name: str, step: int) -> list[int]:
    """Return which bytes of a file are changed: all of a short one, else one of so many."""
    size = len(FILES[name])
    return list(range(0, size, step if size > 400 else 1))


def check_flips(name: str, step: int) -> None:
    for at in flips(name, step):
        data = bytearray(FILES[name])
        data[at] ^= 1 << at % 8
        faults = check(FILES | {name: bytes(data)})
        assert {one.path for one in faults} == {name}, f"byte {at} of {name}: {faults}"


@pytest.mark.parametrize("name", PUBLIC)
def test_whatever_bit_is_flipped_its_file_is_named_and_no_other(name: str) -> None:
    check_flips(name, 61)


@pytest.mark.long
@pytest.mark.parametrize("name", PUBLIC)
def test_whatever_byte_is_changed_its_file_is_named_and_no_other(name: str) -> None:
    check_flips(name, 1)


def test_a_plain_body_is_compared_with_its_entry() -> None:
    name = next(name for name in FILES if name.startswith("plain/"))
    for wrong in (BODY[:-1], b"\0" + BODY[1:], b""):
        assert [one.path for one in check(FILES | {name: wrong})] == [name]


def test_without_a_policy_the_logs_own_word_is_read_and_the_witnesses_is_not() -> None:
    note = parse_note(FILES["checkpoint"])
    few = replace(note, signatures=note.signatures[:2])
    false = replace(note, signatures=(note.signatures[0], replace(note.signatures[1], signature=bytes(72))))
    unknown = replace(note, signatures=(*note.signatures, replace(note.signatures[1], name="else.example")))
    for changed in (few, false, unknown):
        files = FILES | {"checkpoint": format_note(changed)}
        assert check_log(files.get, SIGNER.key) == ()
        assert {one.path for one in check(files)} == {"checkpoint"}
    with_line = note.text + "an extension\n"
    note = replace(note, text=with_line, signatures=(sign_note(with_line, SIGNER),))
    (fault,) = check_log((FILES | {"checkpoint": format_note(note)}).get, SIGNER.key)
    assert "nobody could audit" in fault.what


def raw(blocks: list[Block]) -> Files:
    """Return the files of blocks as a log would write that looks at nothing."""
    entries = [entry for block in blocks for entry in block.entries]
    growth = plan_append(0, entries, lambda _: b"")
    files = {format_tile_path(tile): data for tile, data in growth.tiles.items()}
    for block in blocks:
        epoch = block.header.epoch
        files[f"superseded/{epoch}"], files[f"packs/{epoch}"] = block.superseded, block.packs
        files[f"block/{epoch}"] = format_block_file(block_file(block))
    note = sign_checkpoint(Head(origin=CONSTANTS.origin, size=growth.size, root=growth.root), SIGNER)
    listed = format_blocks((block.header.epoch, block.start) for block in blocks)
    return files | {"blocks": listed, "checkpoint": format_note(note)}


def headed(block: Block, **changes: object) -> Block:
    header = replace(block.header, **changes)  # type: ignore[arg-type]
    return replace(block, entries=(header.to_bytes(), *block.entries[1:]))


def _other_constants(first: Block) -> Block:
    entry = constants_entry(replace(CONSTANTS, origin="else.example"), KEY)
    return replace(first, entries=(first.entries[0], entry, *first.entries[2:]))


Wrong = Callable[[Block, Block], list[Block]]
SIGNED: list[tuple[Wrong, str, str]] = [
    (lambda first, second: [first, headed(second, previous=256)], "tile/entries/001", "header"),
    (lambda first, second: [first, headed(second, exposure=b"\1" * 32)], "tile/entries/001", "exposure"),
    (lambda first, second: [first, headed(second, policy=b"\1" * 32)], "tile/entries/001", "policy"),
    (lambda first, second: [_other_constants(first), second], "tile/entries/000", "the constants are those of 'else"),
    (
        lambda first, second: [replace(first, entries=(first.entries[0], *first.entries[2:], b"\0")), second],
        "tile/entries/000",
        "entry 1",
    ),
]


@pytest.mark.parametrize(("wrong", "path", "what"), SIGNED)
def test_what_the_log_has_signed_and_may_not_say_is_shown_to_everybody(wrong: Wrong, path: str, what: str) -> None:
    chain = Chain()
    first = chain.grow(FIRST)
    files = raw(wrong(first, chain.next(FIRST + 1)))
    (fault,) = check_log(files.get, SIGNER.key)
    assert (fault.path, what in fault.what, "show it to everybody" in fault.then) == (path, True, True), fault


def test_entries_without_headers_are_no_blocks() -> None:
    chain = Chain()
    first = chain.grow(FIRST)
    good = raw([first])
    growth = plan_append(0, [*first.entries, *([b"\0"] * 256)], lambda _: b"")
    tiles = {format_tile_path(tile): data for tile, data in growth.tiles.items()}
    note = sign_checkpoint(Head(origin=CONSTANTS.origin, size=512, root=growth.root), SIGNER)
    (fault,) = check_log((good | tiles | {"checkpoint": format_note(note)}).get, SIGNER.key)
    assert (fault.path, "must be a header" in fault.what) == ("tile/entries/001", True)
    for changes in ({"height": 9}, {"counts": replace(first.header.counts, decisions=300)}):
        growth = plan_append(0, headed(first, **changes).entries, lambda _: b"")
        tiles = {format_tile_path(tile): data for tile, data in growth.tiles.items()}
        note = sign_checkpoint(Head(origin=CONSTANTS.origin, size=256, root=growth.root), SIGNER)
        (fault,) = check_log((good | tiles | {"checkpoint": format_note(note)}).get, SIGNER.key)
        assert "does not fit" in fault.what


def test_a_checkpoint_of_another_tree_is_at_fault_and_one_of_parts_of_a_block_too() -> None:
    for size, what in ((768, "another root"), (700, "whole blocks")):
        note = sign_checkpoint(Head(origin=CONSTANTS.origin, size=size, root=bytes(32)), SIGNER)
        (fault,) = check_log((FILES | {"checkpoint": format_note(note)}).get, SIGNER.key)
        assert (fault.path, what in fault.what) == ("checkpoint", True)


def test_more_than_one_fault_is_found_at_once_and_a_lost_log_is_no_error() -> None:
    for names in (
        ["tile/0/000", "tile/entries/001", f"packs/{LAST}"],
        ["tile/entries/000", f"superseded/{FIRST + 1}", f"block/{LAST}", "tile/1/000.p/3", "blocks"],
        ["tile/entries/001", "blocks"],
    ):
        broken = FILES | {name: FILES[name][:-1] + bytes([FILES[name][-1] ^ 1]) for name in names}
        assert {one.path for one in check(broken)} == set(names)
    alone = {"checkpoint": FILES["checkpoint"]}
    assert len(check(alone)) > 3
    assert [one.path for one in check({})] == ["checkpoint"]


def test_a_large_log_is_held_a_block_at_a_time() -> None:
    """Its tiles of level 1 fill up, so that those of level 2 begin."""
    chain = Chain()
    for number, decisions in enumerate((0, 600, 64_600, 10)):
        epoch = FIRST + number
        chain.grow(epoch, Sections(decisions=[decision(epoch, who) for who in range(decisions)]))
    files = laid(chain.blocks)
    assert {"tile/1/000", "tile/1/001.p/1", "tile/1/001.p/2", "tile/2/000.p/1"} < files.keys()
    assert check(files) == ()
    for name in ("tile/1/000", "tile/1/000.p/4", "tile/1/001.p/1", "tile/1/001.p/2", "tile/2/000.p/1", "tile/0/200"):
        faults = check(files | {name: bytes([files[name][0] ^ 1]) + files[name][1:]})
        assert {one.path for one in faults} == {name}
