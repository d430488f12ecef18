"""A gate's sync: what it holds afterwards, and every lie of a mirror."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.mandates import gate_mandate_entry
from habeas.passes import (
    AbuseError,
    ForkedError,
    MirrorError,
    PassError,
    Synced,
    SyncError,
    Verdict,
    check_pass,
    compare_checkpoints,
    format_synced,
    make_abuse,
    parse_synced,
    sync,
    void_line,
)
from habeas.tlog import (
    EntryKind,
    Fetch,
    Head,
    Note,
    Sections,
    SignatureType,
    block_file,
    build_block,
    constants_entry,
    format_block_file,
    format_blocks,
    format_note,
    format_vkey,
    make_note_signer,
    parse_note,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import HOUR, Algorithm, Instant, Span, make_signing_key
from passes.gate_log import (
    GREEN,
    LOG,
    MANDATE,
    MANDATE_INDEX,
    ORIGIN,
    POLICY,
    QUORUM,
    RED,
    WITNESSES,
    GateLog,
    day,
    forty_days,
    synced,
)
from passes.public_log import POLICY_FILE
from passes.public_log import keys_of as saver_keys
from passes.test_abuse import NEXT_DAY, SAVER, abused
from tlog.blocks import CONSTANTS, FIRST, KEY, Chain, plain

FORTY = forty_days()
HELD = synced(FORTY)
NOW = CONSTANTS.begins(day(40)) + 4 * HOUR


def copy_of(log: GateLog) -> GateLog:
    """Return the same log, to grow in another way."""
    other = GateLog(files=dict(log.files), passes=dict(log.passes), leaves=list(log.leaves))
    other.chain.blocks, other.chain.state = list(log.chain.blocks), log.chain.state
    return other


def next_block(log: GateLog) -> GateLog:
    grown = copy_of(log)
    grown.grow(day(42), {50: GREEN, 51: RED}, superseded=[log.index_of(19, day(40)), log.index_of(15, day(32))])
    grown.publish()
    return grown


GROWN = next_block(FORTY)


def with_file(log: GateLog, path: str, data: bytes | None) -> Fetch:
    """Return a mirror that has another file at a path, or none."""
    return lambda asked: data if asked == path else log.files.get(asked)


def files_read(log: GateLog, state: Synced | None) -> dict[str, bytes]:
    """Return the files that a sync reads."""
    seen: dict[str, bytes] = {}

    def fetch(path: str) -> bytes | None:
        data = log.files.get(path)
        if data is not None:
            seen[path] = data
        return data

    sync(state, fetch, POLICY, key=KEY.verifying, mandates=() if state else (MANDATE_INDEX,))
    return seen


# What is held


def test_a_new_gate_holds_what_is_within_the_horizon_and_the_compact_range_of_the_rest() -> None:
    begins = [CONSTANTS.begins(block.epoch) for block in HELD.blocks]
    assert begins[0] == CONSTANTS.begins(day(40)) - CONSTANTS.horizon == CONSTANTS.begins(day(12))
    assert HELD.newest == day(40)
    assert HELD.before.end == HELD.blocks[0].start == FORTY.chain.blocks[7].start
    assert [root for block in HELD.blocks for root in block.roots] == [
        root for block in FORTY.chain.blocks[7:] for root in block.roots()
    ]
    gone = {index for index in range(HELD.before.end, HELD.size) if HELD.is_superseded(index)}
    assert gone == {FORTY.index_of(who, day(2 * who + 2)) for who in range(5, 14) if who != 9}
    assert HELD.constants == CONSTANTS


def test_block_by_block_or_at_once_a_gate_comes_to_hold_the_same() -> None:
    log, state = GateLog(), None
    log.grow(FIRST)
    log.publish()
    whole = forty_days()
    for block in whole.chain.blocks[1:]:
        state = synced(log, state) if state else sync(None, log.fetch, POLICY, key=KEY.verifying)
        end = block.end
        log.files |= {path: data for path, data in whole.files.items() if path != "checkpoint"}
        log.leaves = whole.leaves[:end]
        log.chain.blocks.append(block)
        log.publish()
    assert state is not None
    state = sync(state, log.fetch, POLICY, mandates=(MANDATE_INDEX,))
    assert state == HELD


def test_a_gate_that_is_synced_reads_only_what_is_new() -> None:
    assert set(files_read(GROWN, HELD)) == {"checkpoint", "blocks", f"block/{day(42)}", f"superseded/{day(42)}"}
    assert synced(FORTY, HELD) == HELD


def test_a_block_without_a_superseded_line_needs_no_list() -> None:
    log = copy_of(FORTY)
    log.grow(day(41), {60: GREEN})
    log.publish()
    assert set(files_read(log, HELD)) == {"checkpoint", "blocks", f"block/{day(41)}"}


def test_what_the_next_block_supersedes_is_no_longer_taken() -> None:
    after = synced(GROWN, HELD)
    at = CONSTANTS.begins(day(42)) + 4 * HOUR
    for who, wanted in ((19, "superseded"), (15, "superseded"), (16, "open")):
        text = GROWN.shown(who, day(2 * who + 2))
        assert check_pass(text, after.held(at), at).reason == wanted, who
    assert check_pass(GROWN.shown(50, day(42)), after.held(at), at).reason == "open"
    assert check_pass(GROWN.shown(50, day(42)), HELD.held(NOW), NOW).reason == "newer"


def test_a_line_whose_abuse_was_proved_says_nothing_and_is_forgotten_with_the_horizon() -> None:
    index = FORTY.index_of(13, day(28))
    freed = HELD.with_void([index])
    assert HELD.is_superseded(index)
    assert not freed.is_superseded(index)
    assert parse_synced(format_synced(freed)) == freed
    assert synced(GROWN, freed).void == {index}
    with pytest.raises(SyncError, match="horizon"):
        HELD.with_void([HELD.before.end - 1])
    with pytest.raises(SyncError, match="not synced"):
        HELD.with_void([HELD.size])
    old = freed.with_void([HELD.before.end])
    assert synced(GROWN, old).void == {index}


# The file


def test_the_file_of_a_gate_gives_the_same_gate() -> None:
    assert parse_synced(format_synced(HELD)) == HELD
    bare = sync(None, FORTY.fetch, POLICY)
    assert parse_synced(format_synced(bare)) == bare


def test_a_file_that_is_torn_or_flipped_anywhere_is_refused() -> None:
    data = format_synced(HELD)
    for at in range(len(data)):
        for wrong in (data[:at], data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]):
            with pytest.raises(SyncError, match="remove the gate's file"):
                parse_synced(wrong)


@given(st.data())
def test_any_file_with_a_right_hash_is_refused_or_leads_to_its_checkpoint(data: st.DataObject) -> None:
    body = bytearray(format_synced(HELD)[:-32])
    for _ in range(data.draw(st.integers(1, 3))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        found = parse_synced(bytes(body) + hashlib.sha256(body).digest())
    except SyncError:
        return
    assert found.checkpoint.head == HELD.checkpoint.head
    assert [block.roots for block in found.blocks] == [block.roots for block in HELD.blocks]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"chain": b""}, "two logs"),
        ({"blocks": HELD.blocks[1:]}, "one after the other"),
        ({"blocks": HELD.blocks[:-1]}, "one after the other"),
        ({"blocks": ()}, "last block"),
        ({"blocks": (*HELD.blocks[:-1], replace(HELD.blocks[-1], roots=(bytes(32),)))}, "do not give"),
        ({"blocks": (replace(HELD.blocks[0], epoch=HELD.newest), *HELD.blocks[1:])}, "rise"),
        ({"policy": b"quorum none"}, "policy"),
        (
            {"checkpoint": replace(HELD.checkpoint, note=Note(text=HELD.checkpoint.head.text, signatures=()))},
            "sync anew",
        ),
        ({"checkpoint": replace(HELD.checkpoint, head=replace(HELD.checkpoint.head, size=256))}, "another checkpoint"),
        ({"constants_entry": constants_entry(replace(CONSTANTS, origin="x.example"), KEY)}, "two logs"),
        ({"constants_entry": b""}, "sync anew"),
        ({"key": None}, "given"),
        ({"key": make_signing_key(Algorithm.EDDSA, b"o" * 32).verifying}, "gate mandate"),
    ],
)
def test_what_a_gate_cannot_hold_is_refused(changed: dict[str, object], words: str) -> None:
    with pytest.raises(SyncError, match=words):
        replace(HELD, **changed)  # type: ignore[arg-type]


@pytest.mark.parametrize("wrong", [{"roots": ()}, {"roots": (bytes(31),)}, {"gone": bytes(1)}])
def test_what_no_held_block_can_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(SyncError, match="roots"):
        replace(HELD.blocks[0], **wrong)  # type: ignore[arg-type]


def test_a_file_of_another_length_than_it_says_is_refused() -> None:
    body = format_synced(HELD)[:-32] + b"\0"
    with pytest.raises(SyncError, match="length"):
        parse_synced(body + hashlib.sha256(body).digest())


# Lies of a mirror


@pytest.mark.parametrize(("log", "state"), [(FORTY, None), (GROWN, HELD)], ids=["new", "next"])
def test_a_flipped_byte_in_any_file_is_refused_or_changes_nothing(log: GateLog, state: Synced | None) -> None:
    mandates = () if state else (MANDATE_INDEX,)
    honest = sync(state, log.fetch, POLICY, key=KEY.verifying, mandates=mandates)
    read = files_read(log, state)
    assert len(read) >= 4
    refused = 0
    for path, data in read.items():
        step = 1 if state else 13
        for at in range(0, len(data), step):
            flipped = data[:at] + bytes([data[at] ^ 0x21]) + data[at + 1 :]
            try:
                found = sync(state, with_file(log, path, flipped), POLICY, key=KEY.verifying, mandates=mandates)
            except PassError:
                refused += 1
                continue
            assert path in ("blocks", "checkpoint") or path.startswith("tile/"), path
            assert found == replace(honest, checkpoint=found.checkpoint)
            assert found.checkpoint.head == honest.checkpoint.head
    assert refused > 400


@pytest.mark.parametrize(("log", "state"), [(FORTY, None), (GROWN, HELD)], ids=["new", "next"])
def test_a_missing_file_is_asked_of_another_mirror(log: GateLog, state: Synced | None) -> None:
    for path in files_read(log, state):
        with pytest.raises(MirrorError):
            sync(
                state, with_file(log, path, None), POLICY, key=KEY.verifying, mandates=() if state else (MANDATE_INDEX,)
            )


def test_every_byte_of_a_block_file_and_its_list_is_bound() -> None:
    for path in (f"block/{day(42)}", f"superseded/{day(42)}"):
        data = GROWN.files[path]
        for at in range(len(data)):
            with pytest.raises(PassError):
                sync(HELD, with_file(GROWN, path, data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]), POLICY)


def test_a_mirror_cannot_hide_a_block_by_serving_two_as_one() -> None:
    log = copy_of(FORTY)
    log.grow(day(41), {60: GREEN})
    log.grow(day(42), {61: GREEN}, superseded=[log.index_of(19, day(40))])
    log.publish()
    first, second = (block_file(block) for block in log.chain.blocks[-2:])
    merged = bytearray(format_block_file(first)) + b"".join(second.roots)
    merged[8] += 1
    files = log.files | {
        f"block/{day(41)}": bytes(merged),
        "blocks": format_blocks((one.header.epoch, one.start) for one in log.chain.blocks[:-1]),
    }
    with pytest.raises(MirrorError, match="counts"):
        sync(HELD, files.get, POLICY)
    assert synced(log, HELD).is_superseded(log.index_of(19, day(40)))


def test_a_mirror_cannot_leave_out_the_last_block_or_one_within_the_horizon() -> None:
    lines = [(one.header.epoch, one.start) for one in FORTY.chain.blocks]
    for left_out, words in (
        (lines[:-1], "ends before"),
        (lines[:10] + lines[11:], "not come after|not the one before"),
        (lines[:1] + lines[8:], "not the one before"),  # the oldest within the horizon, and all before it
        ([], "no block"),
    ):
        with pytest.raises(MirrorError, match=words):
            sync(None, with_file(FORTY, "blocks", format_blocks(left_out)), POLICY)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"previous": 0}, "come after"),
        ({"epoch": day(40)}, "rise|come after"),
        ({"epoch": day(39)}, "rise|come after"),
        ({"superseded": 2}, "binds"),
        ({"superseded": 0}, "binds"),
        ({"chain": bytes(32)}, "binds"),
    ],
)
def test_a_header_that_no_checker_may_cosign_is_refused_even_under_quorum(
    changed: dict[str, object], words: str
) -> None:
    log = copy_of(FORTY)
    block = log.chain.next(day(41), superseded=[log.index_of(19, day(40))])
    header = replace(block.header, **changed)  # type: ignore[arg-type]
    false = replace(block, entries=(header.to_bytes(), *block.entries[1:]))
    log.chain.blocks.append(false)
    log.lay(false)
    log.publish()
    with pytest.raises(MirrorError, match=words):
        sync(HELD, log.fetch, POLICY)


def test_a_block_of_another_height_than_the_constants_say_is_refused_even_under_quorum() -> None:
    log = GateLog()
    block = build_block(Sections(plain=[constants_entry(CONSTANTS, KEY)]), epoch=FIRST, height=16)
    log.chain.blocks.append(block)
    log.lay(block)
    log.publish()
    with pytest.raises(MirrorError, match="of height 16"):
        sync(None, log.fetch, POLICY)


def test_a_list_that_names_what_is_not_there_yet_is_refused_even_under_quorum() -> None:
    log = copy_of(FORTY)
    end = log.chain.blocks[-1].end
    block = log.chain.next(day(41), superseded=[end])
    log.chain.blocks.append(block)
    log.lay(block)
    log.publish()
    with pytest.raises(MirrorError, match="no earlier block"):
        sync(HELD, log.fetch, POLICY)


def test_a_mirror_that_is_behind_changes_nothing() -> None:
    after = synced(GROWN, HELD)
    with pytest.raises(MirrorError, match="behind"):
        synced(FORTY, after)


def test_a_checkpoint_without_its_quorum_is_none() -> None:
    log = copy_of(GROWN)
    log.signers = 2
    log.publish()
    with pytest.raises(MirrorError, match="too few have cosigned"):
        synced(log, HELD)


def test_lines_of_unknown_keys_are_not_kept() -> None:
    note = parse_note(GROWN.files["checkpoint"])
    more = [replace(note.signatures[0], name=f"x{number}.example") for number in range(90)]
    found = sync(HELD, with_file(GROWN, "checkpoint", format_note(note.with_signatures(more))), POLICY)
    assert found == synced(GROWN, HELD)


def test_another_log_is_not_taken_into_this_gate() -> None:
    head = Head(origin="other.example", size=256, root=bytes(32))
    note = sign_checkpoint(replace(head, origin=ORIGIN), LOG)
    other = format_note(replace(note, text=head.text))
    with pytest.raises(MirrorError, match="none of this policy's"):
        sync(HELD, with_file(GROWN, "checkpoint", other), POLICY)
    with pytest.raises(SyncError, match="policy"):
        sync(HELD, GROWN.fetch, b"quorum none\n")


def test_a_gate_of_one_log_takes_no_checkpoint_of_another_that_its_policy_knows() -> None:
    other = make_note_signer("other.example", SignatureType.ED25519, b"o" * 32)
    note = sign_checkpoint(Head(origin="other.example", size=2**20, root=bytes(32)), other)
    note = note.with_signatures(sign_note(note.text, one, NOW) for one in WITNESSES)
    policy = f"log {format_vkey(other.key)}\n".encode() + POLICY
    with pytest.raises(SyncError, match="this gate is of the log"):
        sync(HELD, with_file(GROWN, "checkpoint", format_note(note)), policy)


def test_an_epoch_that_goes_back_is_refused_though_the_list_of_blocks_is_bent_to_it() -> None:
    log = copy_of(FORTY)
    block = log.chain.next(day(41))
    false = replace(block, entries=(replace(block.header, epoch=day(39)).to_bytes(), *block.entries[1:]))
    log.chain.blocks.append(false)
    log.lay(false)
    log.publish()
    bent = [(number, one.start) for number, one in enumerate(log.chain.blocks[:-1])]
    with pytest.raises(MirrorError, match="come after"):
        sync(HELD, with_file(log, "blocks", format_blocks([*bent, (day(39), block.start)])), POLICY)


# Abuse of a line


def test_a_gate_that_is_handed_the_proof_takes_the_line_as_void_and_no_other() -> None:
    log, index = abused(NEXT_DAY)
    state = sync(None, log.fetch, POLICY_FILE)
    proof = make_abuse(log.open(), saver_keys(SAVER), index, NEXT_DAY)
    assert state.is_superseded(index)
    after = void_line(state, proof)
    assert (after.is_superseded(index), after.void) == (False, frozenset((index,)))
    assert [one for one in range(state.size) if state.is_superseded(one)] != [index]
    assert all(after.is_superseded(one) for one in range(state.size) if state.is_superseded(one) and one != index)
    with pytest.raises(AbuseError):
        void_line(state, replace(proof, key=bytes(32)))
    with pytest.raises(AbuseError):
        void_line(HELD, proof)  # under this gate's policy nobody has signed that log


# A log of two faces


def a_fork(superseded: Sequence[int] = ()) -> GateLog:
    """Return a log that goes another way after the 38th day, cosigned by witnesses that lie."""
    whole = forty_days()
    log = copy_of(whole)
    log.chain.blocks.pop()
    del log.leaves[log.chain.blocks[-1].end :]
    log.chain = replay(log)
    log.grow(day(40), {19: GREEN}, superseded=superseded)
    log.publish()
    return log


def replay(log: GateLog) -> Chain:
    chain = Chain()
    for block in log.chain.blocks:
        chain.add(block)
    return chain


def test_a_fork_for_one_gate_is_refused_and_proved_by_both_checkpoints() -> None:
    fork = a_fork()
    with pytest.raises(ForkedError) as caught:
        synced(fork, HELD)
    assert (caught.value.ours, caught.value.theirs) == (FORTY.files["checkpoint"], fork.files["checkpoint"])
    other = synced(fork)
    proof = compare_checkpoints(HELD.checkpoint, other.checkpoint, lambda _: None)
    assert proof is not None
    assert proof.root == other.checkpoint.head.root


def test_a_fork_that_went_on_is_proved_by_the_tiles_of_the_larger() -> None:
    fork = next_block(a_fork())
    with pytest.raises(MirrorError):
        synced(fork, HELD)
    theirs = QUORUM.check(parse_note(fork.files["checkpoint"]))
    for pair in ((HELD.checkpoint, theirs), (theirs, HELD.checkpoint)):
        proof = compare_checkpoints(*pair, fork.fetch)
        assert proof is not None
        assert (proof.first, proof.second) == (HELD.checkpoint, theirs)
        with pytest.raises(SyncError, match="contradict"):
            replace(proof, root=HELD.checkpoint.head.root)
        with pytest.raises(SyncError, match="do not show"):
            replace(proof, path=proof.path[1:])


def test_a_fork_with_the_same_lists_is_refused_by_the_sum_of_its_roots() -> None:
    fork = a_fork(superseded=[FORTY.index_of(13, day(28))])
    fork.grow(day(42), {50: GREEN})
    fork.publish()
    with pytest.raises(MirrorError, match="two faces"):
        synced(fork, HELD)


def test_one_log_is_no_fork_and_other_files_prove_nothing() -> None:
    later = QUORUM.check(parse_note(GROWN.files["checkpoint"]))
    assert compare_checkpoints(HELD.checkpoint, later, GROWN.fetch) is None
    assert compare_checkpoints(later, later, GROWN.fetch) is None
    with pytest.raises(MirrorError, match="not of the checkpoint"):
        compare_checkpoints(HELD.checkpoint, later, next_block(a_fork()).fetch)
    with pytest.raises(SyncError, match="different logs"):
        compare_checkpoints(HELD.checkpoint, replace(later, head=replace(later.head, origin="x")), GROWN.fetch)


# Mandates


def test_without_a_mandate_in_force_nobody_is_asked() -> None:
    text = FORTY.shown(15, day(32))
    bare = sync(None, FORTY.fetch, POLICY)
    assert check_pass(text, bare.held(NOW), NOW).verdict is Verdict.OURS
    assert check_pass(text, HELD.held(NOW), NOW).verdict is Verdict.YES
    midnight = CONSTANTS.begins(day(40)) + 16 * HOUR  # 00:00 there
    assert check_pass(text, HELD.held(midnight), midnight).reason == "no-mandate"
    assert HELD.mandate_at(MANDATE.time.end) is None


def test_a_mandate_counts_when_its_notice_is_over_and_not_before() -> None:
    log = copy_of(FORTY)
    noon = replace(MANDATE, hours=(0, 1440), purpose="another")
    block = log.grow(day(41), plain=[gate_mandate_entry(noon, KEY)])
    log.publish()
    state = sync(None, log.fetch, POLICY, key=KEY.verifying, mandates=(block.start + 1,))
    over = CONSTANTS.begins(day(41)) + CONSTANTS.gate_notice
    assert state.mandate_at(over - 1) is None
    assert state.mandate_at(over) == noon
    both = sync(state, log.fetch, POLICY, mandates=(MANDATE_INDEX,))
    assert [one.index for one in both.mandates] == [MANDATE_INDEX, block.start + 1]
    assert both.mandate_at(over) is None, "two for one hour are none (I13)"
    assert both.mandate_at(CONSTANTS.begins(day(41)) + 4 * HOUR) == MANDATE


@pytest.mark.parametrize(
    ("index", "words"),
    [(1, "no gate mandate"), (0, "no plain entry"), (300, "no plain entry"), (10**6, "no entry"), (-1, "no entry")],
)
def test_an_entry_that_is_no_mandate_is_not_taken(index: int, words: str) -> None:
    with pytest.raises(SyncError, match=words):
        sync(None, FORTY.fetch, POLICY, key=KEY.verifying, mandates=(index,))


def test_a_mandate_of_another_signer_or_place_is_not_taken() -> None:
    other = make_signing_key(Algorithm.EDDSA, b"o" * 32)
    with pytest.raises(SyncError, match="257"):
        sync(None, FORTY.fetch, POLICY, key=other.verifying, mandates=(MANDATE_INDEX,))
    with pytest.raises(SyncError, match="key"):
        sync(None, FORTY.fetch, POLICY, mandates=(MANDATE_INDEX,))
    log = copy_of(FORTY)
    elsewhere = replace(MANDATE, place="Station, west door")
    block = log.grow(day(41), plain=[gate_mandate_entry(elsewhere, KEY), plain(EntryKind.PACK)])
    log.publish()
    place = block.entries.index(gate_mandate_entry(elsewhere, KEY))
    with pytest.raises(SyncError, match="two places"):
        sync(HELD, log.fetch, POLICY, mandates=(block.start + place,))


def test_a_mandate_that_has_ended_is_let_go() -> None:
    log = copy_of(FORTY)
    short = replace(MANDATE, time=Span(MANDATE.time.start, Instant(CONSTANTS.begins(day(50)))))
    block = log.grow(day(41), plain=[gate_mandate_entry(short, KEY)])
    log.publish()
    state = sync(HELD, log.fetch, POLICY, mandates=(block.start + 1,))
    assert len(state.mandates) == 2
    log.grow(day(50))
    log.publish()
    assert [one.mandate for one in sync(state, log.fetch, POLICY).mandates] == [MANDATE]


def test_a_gate_that_is_given_another_key_asks_for_its_mandates_anew() -> None:
    other = make_signing_key(Algorithm.EDDSA, b"o" * 32)
    assert sync(HELD, FORTY.fetch, POLICY, key=other.verifying).mandates == ()
