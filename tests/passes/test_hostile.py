"""What a hostile reader tried against passes, proofs and a person's own view, each under the name of what they were after."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from habeas.mandates import gate_mandate_entry
from habeas.passes import (
    Abuse,
    AbuseError,
    Bridge,
    GateView,
    MirrorError,
    Opening,
    OwnView,
    Pass,
    Previous,
    Salt,
    SyncError,
    Verdict,
    _abuse,
    _synced,
    check_abuse,
    check_bridge,
    check_pass_by_bridge,
    check_receipt,
    day_of,
    decide,
    find_decision,
    find_decisions,
    format_abuse,
    format_bridge,
    format_pass,
    format_receipt,
    format_synced,
    ground_commitment,
    label_at,
    log_id,
    look,
    make_abuse,
    make_bridge,
    make_pass,
    make_receipt,
    own_view,
    parse_abuse,
    parse_receipt,
    parse_synced,
    pass_from,
    read_block,
    salt_at,
    subtree_reader,
    sync,
)
from habeas.tlog import (
    Block,
    Decision,
    Fetch,
    Ground,
    Head,
    Judged,
    NoteSignature,
    Sections,
    SignatureType,
    build_block,
    constants_entry,
    format_blocks,
    format_note,
    format_vkey,
    hash_leaf,
    judge,
    make_note_signer,
    nodes_of,
    parse_blocks,
    parse_note,
    parse_policy,
    prove_subtree,
    root_of,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import Cbor, encode_cbor, parse_deterministic_cbor
from passes import gate_log
from passes.own_log import OwnLog
from passes.public_log import GREEN, LOG, POLICY, RED, WITNESSES, _stranger, hint_of, keys_of
from tlog.blocks import CONSTANTS, FIRST, KEY

SAVER = 1
LATER = FIRST + 12  # of the next day
NO_HOUR = 2**32 - 1


def seen(log: OwnLog, **more: object) -> OwnView:
    more = {"hint": hint_of(SAVER), "told": log.told.get(SAVER, {}), **more}
    return own_view(log.open(), keys_of(SAVER), now=log.now(), **more)  # type: ignore[arg-type]


def codes(view: OwnView) -> list[str]:
    return [alarm.code.value for alarm in view.alarms]


def green_log() -> OwnLog:
    log = OwnLog()
    log.grow(FIRST, {})
    log.grow(FIRST + 3, {SAVER: GREEN}, others=5)
    return log


# To void a line that is rightful ---------------------------------------------------------------------------------------


def borrowed_header() -> tuple[Abuse, int]:
    """Return a false proof by a holder who was superseded by a decision of their own, and the leaf that it would void.

    Its header is of the next block, which has no lines, so the chain in it is still that of the list before.
    """
    log = green_log()
    index = log.last[SAVER].index
    log.grow(LATER, {SAVER: RED}, others=2)
    log.grow(LATER + 1, {}, others=4)
    public, labels, epoch = log.open(), keys_of(SAVER).labels, LATER + 1
    head = public.checkpoint.head
    own, listed, other = (read_block(log.fetch, head, one) for one in (FIRST + 3, LATER, epoch))
    assert listed.header.chain == other.header.chain != own.header.chain
    first, second = (day_of(CONSTANTS.begins(one)) for one in (FIRST + 3, epoch))
    label = label_at(labels.key(second), CONSTANTS.origin, epoch)
    lift, read = _abuse._lifter(public), subtree_reader(log.fetch, other)
    superseded = log.fetch(f"superseded/{LATER}")
    assert superseded is not None
    around = _abuse._around(read, _abuse._admissions(other), _abuse._rekeying(CONSTANTS, epoch, label))
    proof = Abuse(
        checkpoint=format_note(public.checkpoint.note),
        constants=public.constants_entry,
        decision=lift(own, subtree_reader(log.fetch, own)(index)),
        header=lift(other, read(other.start)),
        superseded=superseded,
        before=own.header.chain,
        key=labels.at(first).state,
        is_state=True,
        decisions=tuple(lift(other, one) for one in look(log.fetch, other, label).neighbours),
        admissions=tuple(lift(other, one) for one in around),
    )
    return proof, index


def test_the_next_blocks_header_with_the_list_before_it_voids_no_rightful_line() -> None:
    proof, index = borrowed_header()
    assert index == proof.decision.index
    with pytest.raises(AbuseError, match="list does not name"):
        check_abuse(parse_abuse(format_abuse(proof)), POLICY)


# To open a gate with another log's decision ------------------------------------------------------------------------------

NEIGHBOUR = "neighbour.example/habeas"
NEIGHBOUR_SIGNER = make_note_signer(NEIGHBOUR, SignatureType.ED25519, b"B" * 32)


def neighbours_block() -> tuple[list[bytes], Block, bytes]:
    """Return the leaves of a log that honest checkers took, its last block, and in that a decision made for our own log."""
    constants = replace(CONSTANTS, origin=NEIGHBOUR)
    first, epoch = constants_entry(constants, KEY), gate_log.day(4) + 2
    opening = Opening(view=GateView(now=0, until=0, then=0, hint="0001 1958"), grounds=["x"], previous=Previous())
    begins = CONSTANTS.begins(epoch)
    row = decide(gate_log.keys_of(1), CONSTANTS.origin, epoch, begins, opening).to_bytes()
    checker, last, leaves = Judged(constants=constants, entry=first), None, list[bytes]()
    for at in range(epoch - 7, epoch + 1):  # longer than our own log, for a bridge begins behind what a gate holds
        sections = Sections(plain=[] if last else [first], decisions=[row] if at == epoch else [])
        last = build_block(sections, epoch=at, height=8, after=last)
        checker = judge(checker, last, constants.begins(at))
        leaves += [hash_leaf(entry) for entry in last.entries]
    assert last is not None
    return leaves, last, row


def neighbours_pass() -> tuple[Pass, Bridge]:
    leaves, block, row = neighbours_block()
    note = sign_checkpoint(Head(origin=NEIGHBOUR, size=len(leaves), root=root_of(leaves)), NEIGHBOUR_SIGNER)
    at = CONSTANTS.begins(block.header.epoch) + 60
    note = note.with_signatures(sign_note(note.text, one, at) for one in gate_log.WITNESSES[:3])
    nodes, index = nodes_of(leaves), block.start + block.entries.index(row)
    keys, epoch = gate_log.keys_of(1), block.header.epoch
    assert keys.openings is not None
    salt = salt_at(keys.openings.key(day_of(CONSTANTS.begins(epoch))), Salt.GATE, CONSTANTS.origin, epoch)
    path = [nodes(level, (index >> level) ^ 1) for level in range(8)]
    shown = make_pass(
        Decision.of_bytes(row), salt, GateView(now=0, until=0, then=0, hint="0001 1958"),
        origin=CONSTANTS.origin, index=index, path=path,
    )  # fmt: skip
    own, *others = (one.key_id + one.signature for one in note.signatures)
    bridge = Bridge(
        log=log_id(NEIGHBOUR)[:4], height=8, node=index >> 8, size=len(leaves),
        path=prove_subtree(nodes, 8, index >> 8, len(leaves)), signature=own, cosignatures=tuple(sorted(others)),
    )  # fmt: skip
    return shown, bridge


def test_a_bridge_of_another_log_of_the_policy_opens_no_gate() -> None:
    lines = gate_log.POLICY.decode().replace("witness w1", f"log {format_vkey(NEIGHBOUR_SIGNER.key)}\nwitness w1", 1)
    log = gate_log.GateLog()
    log.grow(FIRST)
    log.grow(gate_log.day(1), plain=[gate_mandate_entry(gate_log.MANDATE, KEY)])
    log.grow(gate_log.day(4), {1: gate_log.RED})
    log.publish()
    gate = sync(None, log.fetch, lines.encode(), key=KEY.verifying, mandates=(gate_log.MANDATE_INDEX,))
    shown, bridge = neighbours_pass()
    now = CONSTANTS.begins(shown.epoch) + 3600
    policy = parse_policy(lines.encode())
    assert (
        check_bridge(bridge, shown.root(CONSTANTS.origin), policy).head.origin == NEIGHBOUR
    )  # it holds, for the neighbour
    for sent in (bridge, replace(bridge, log=log_id(CONSTANTS.origin)[:4])):
        found = check_pass_by_bridge(format_pass(shown), format_bridge(sent), gate.held(now), policy, now)
        assert (found.verdict, found.reason) == (Verdict.THEIRS, "bridge")


# To keep people from proofs, by lines that a mirror adds ------------------------------------------------------------------


def added(fetch: Fetch, *more: NoteSignature) -> Fetch:
    """Return a mirror that serves a checkpoint with more lines."""

    def serve(path: str) -> bytes | None:
        data = fetch(path)
        return format_note(parse_note(data).with_signatures(more)) if path == "checkpoint" and data else data

    return serve


def a_strangers(text: str, at: int) -> NoteSignature:
    return sign_note(text, make_note_signer("friend.example", SignatureType.COSIGNATURE, b"z" * 32), at)


def a_witnesss_second(text: str, at: int) -> NoteSignature:
    return sign_note(text, WITNESSES[0], at + 1)


def a_witnesss_earlier(text: str, at: int) -> NoteSignature:
    return sign_note(text, WITNESSES[0], at - 1)


ADDED = [a_strangers, a_witnesss_second, a_witnesss_earlier]


@pytest.mark.parametrize("line", ADDED)
def test_a_line_added_by_a_mirror_keeps_nobody_from_a_proof_or_a_receipt(
    line: Callable[[str, int], NoteSignature],
) -> None:
    log, epoch = green_log(), FIRST + 4
    index, decided = log.last[SAVER].index, log.decided(epoch, {}, others=3)
    [opening] = log.told[SAVER].values()
    log.append(log.build(epoch, Sections(decisions=list(decided.values())), [index]))
    text = log.open().checkpoint.note.text
    public = log.open(added(log.fetch, line(text, log.now())))
    kept = public.checkpoint.note.signatures  # of each of the policy's signers one line, the latest
    assert [one.name for one in kept] == [LOG.key.name, *(one.key.name for one in WITNESSES)]
    assert int.from_bytes(kept[1].signature[:8]) == log.now() + (line is a_witnesss_second)
    proof = make_abuse(public, keys_of(SAVER), index, epoch)
    assert check_abuse(parse_abuse(format_abuse(proof)), POLICY) == index
    receipt = make_receipt(
        public, find_decision(public, keys_of(SAVER)), keys_of(SAVER),
        hint=hint_of(SAVER), grounds=opening.grounds, previous=opening.previous, policy=POLICY,
    )  # fmt: skip
    assert check_receipt(parse_receipt(format_receipt(receipt)), POLICY).index == index


def of_time_zero(text: str, _: int) -> NoteSignature:
    """Return the line of a bribed witness that opens no gate: it lies before all that a gate takes as a time."""
    one = gate_log.WITNESSES[0]
    made = one._private.sign(f"cosignature/v1\ntime 0\n{text}".encode())
    return NoteSignature(name=one.key.name, key_id=one.key.id, signature=bytes(8) + made)


@pytest.mark.parametrize("line", [a_strangers, of_time_zero])
def test_a_line_added_by_a_mirror_keeps_nobody_from_a_bridge(line: Callable[[str, int], NoteSignature]) -> None:
    log = gate_log.GateLog()
    log.grow(FIRST)
    log.grow(gate_log.day(1), plain=[gate_mandate_entry(gate_log.MANDATE, KEY)])
    log.grow(gate_log.day(4))
    log.publish()
    gate = gate_log.synced(log)
    epoch = gate_log.day(4) + 2
    log.grow(epoch, {2: gate_log.GREEN})
    log.publish()
    now = CONSTANTS.begins(epoch) + 60
    text = parse_note(log.files["checkpoint"]).text
    fetch = added(log.fetch, line(text, now))
    bridge = format_bridge(make_bridge(fetch, gate_log.QUORUM, log.index_of(2, epoch) >> 8, 8))
    found = check_pass_by_bridge(log.shown(2, epoch), bridge, gate.held(now), gate_log.QUORUM, now)
    assert found.verdict is Verdict.YES


# To keep people from their passes ------------------------------------------------------------------------------------------

FINDERS: list[Callable[[OwnLog, Fetch], object]] = [
    lambda log, fetch: find_decision(log.open(fetch), keys_of(SAVER)),
    lambda log, fetch: list(find_decisions(log.open(fetch), keys_of(SAVER))),
    lambda _, fetch: pass_from(fetch, POLICY, keys_of(SAVER), hint_of(SAVER)),
    lambda log, fetch: own_view(log.open(fetch), keys_of(SAVER), now=log.now(), hint=hint_of(SAVER)),
]


@pytest.mark.parametrize("find", FINDERS)
@pytest.mark.parametrize("renames", [False, True])
def test_a_mirror_that_dates_a_block_back_is_refused_and_hides_no_decision(
    find: Callable[[OwnLog, Fetch], object], *, renames: bool
) -> None:
    log = OwnLog()
    log.grow(FIRST, {})
    log.grow(FIRST + 400, {SAVER: RED}, others=5)
    log.grow(FIRST + 401, {}, others=5)
    listed = log.fetch("blocks")
    assert listed is not None
    rows = list(parse_blocks(listed))
    false = FIRST + 1  # 33 days before: beyond what a pass may be made from
    rows[1] = (false, rows[1][1])

    def lie(path: str) -> bytes | None:
        if path == "blocks":
            return format_blocks(rows)
        return log.fetch(f"block/{FIRST + 400}" if renames and path == f"block/{false}" else path)

    find(log, log.fetch)
    with pytest.raises(MirrorError):
        find(log, lie)


def false_log() -> OwnLog:
    """Return a log whose checkers let a block through that is not sorted, after the saver's decision."""
    log = green_log()
    block = log.build(FIRST + 4, Sections(decisions=[_stranger(FIRST + 4, number) for number in range(3)]))
    header, first, second, *rest = block.entries
    log.append(replace(block, entries=(header, second, first, *rest)))
    log.grow(FIRST + 5, {}, others=3)
    return log


def test_a_false_block_takes_nobodys_pass_away_and_is_an_alarm() -> None:
    log = false_log()
    index = log.last[SAVER].index
    assert [one.index for one in find_decisions(log.open(), keys_of(SAVER))] == [index]
    assert pass_from(log.fetch, POLICY, keys_of(SAVER), hint_of(SAVER)).index == index
    assert codes(seen(log)) == ["false-block"]


# To log something against a person in silence ------------------------------------------------------------------------------


def committed(log: OwnLog, epoch: int, **more: object) -> Opening:
    """Append a decision that supersedes the saver's last and opens to a red with other parts, and tell the saver."""
    opening = replace(log.opening(epoch, SAVER, RED), **more)  # type: ignore[arg-type]
    entry = decide(keys_of(SAVER), CONSTANTS.origin, epoch, CONSTANTS.begins(epoch), opening).to_bytes()
    gone = [log.last[SAVER].index] if SAVER in log.last else []
    block = log.build(epoch, Sections(decisions=[entry, _stranger(epoch, 1)]), gone)
    log.append(block)
    log.told.setdefault(SAVER, {})[hash_leaf(entry)] = opening
    log.follow(block, {SAVER: entry})
    return opening


@pytest.mark.parametrize(
    "rows",
    [
        [],
        "see the letter",
        None,
        [{"rule": "x", "pack": b"p" * 32, "statement": b"s" * 32, "severity": 0}],
        [{"rule": "other persons as required", "pack": b"p" * 32, "severity": 3}],
        [{"rule": "x", "pack": b"p", "statement": b"s" * 32, "severity": 3}],
    ],
)
def test_a_red_without_a_ground_that_could_be_counted_is_groundless_at_once(rows: Cbor) -> None:
    log, epoch = green_log(), FIRST + 4
    committed(log, epoch, grounds={"code": "red", "grounds": rows, "at": CONSTANTS.begins(epoch)})
    view = seen(log)
    assert [(one.code.value, one.epoch, one.index) for one in view.alarms] == [
        ("groundless", epoch, log.last[SAVER].index)
    ]


def test_a_green_without_a_ground_and_a_red_with_one_are_not_groundless() -> None:
    log = green_log()
    committed(log, FIRST + 4)
    assert codes(seen(log)) == []


@pytest.mark.parametrize(
    "view",
    [
        GateView(now=GREEN, until=0, then=GREEN, hint="9999 1900"),
        GateView(now=RED, until=NO_HOUR, then=GREEN, hint=hint_of(SAVER)),
    ],
)
def test_a_decision_that_the_persons_hint_makes_no_pass_of_does_not_open(view: GateView) -> None:
    log = green_log()
    committed(log, FIRST + 4, view=view)
    found = seen(log)
    assert codes(found) == ["does-not-open"]
    assert found.decisions[-1].view == view  # what the person was told it says


@pytest.mark.parametrize("grounds", [{"grounds": []}, {"at": "today", "grounds": []}, {"at": None}, ["x"], None])
def test_what_a_person_was_told_without_its_time_is_unlogged_if_no_decision_has_it(grounds: Cbor) -> None:
    log = green_log()
    opening = replace(log.opening(FIRST + 3, SAVER, RED), grounds=grounds)
    assert codes(seen(log, told={**log.told[SAVER], b"z" * 32: opening})) == ["unlogged"]
    assert codes(seen(log)) == []


def test_who_rolls_their_keys_forward_is_given_no_false_alarm() -> None:
    log = green_log()
    log.grow(FIRST + 24, {}, others=2)
    memory = seen(log).memory
    later = keys_of(SAVER, day_of(CONSTANTS.begins(FIRST + 24)))
    view = own_view(
        log.open(), later, now=log.now(), hint=hint_of(SAVER), told=log.told[SAVER], memory=memory
    )  # what was told is of a day that these keys have left behind
    assert [one.decision.epoch for one in view.decisions] == [FIRST + 3]
    assert codes(view) == []


def counted(class_: int, garbage: list[bytes]) -> OwnLog:
    """Return a log in which a red's ground is counted at the end of its day under a class, with other rows beside it."""
    log, end = OwnLog(), FIRST + 11
    log.grow(FIRST, {})
    log.grow(FIRST + 3, {SAVER: RED}, others=3)
    [opening] = log.told[SAVER].values()
    assert isinstance(opening.grounds, dict)
    rows = opening.grounds["grounds"]
    assert isinstance(rows, list)
    ground = rows[0]
    assert isinstance(ground, dict)
    commitment = ground_commitment(
        keys_of(SAVER), CONSTANTS.origin, end, CONSTANTS.begins(end),
        pack=ground["pack"], rule=ground["rule"], statement=ground["statement"],  # type: ignore[arg-type]
    )  # fmt: skip
    row = Ground(pack=3, rule=999, pool=0, class_=class_, commitment=commitment).to_bytes() if class_ else b"\x11none"
    log.grow(end, {}, others=2, grounds=[*garbage, row])
    for epoch in (FIRST + 23, FIRST + 24):
        log.grow(epoch, {}, others=2)
    return log


def test_a_red_ground_counted_in_public_as_a_milder_class_is_not_counted() -> None:
    assert codes(seen(counted(RED, []))) == []
    for class_ in (1, 2, 4, 255):
        assert codes(seen(counted(class_, []))) == ["uncounted"]


@pytest.mark.parametrize("garbage", [b"\x11garbage", b"", b"\x11", b"\xff" * 300])
def test_garbage_among_the_grounds_stops_no_look(garbage: bytes) -> None:
    assert codes(seen(counted(RED, [garbage]))) == []
    assert codes(seen(counted(0, [garbage]))) == ["uncounted"]


# To have a gate's file say more than it may ---------------------------------------------------------------------------------


def gate_file(**changes: object) -> bytes:
    """Return a gate's file with other values in its map and a sum that is right."""
    log = gate_log.GateLog()
    log.grow(FIRST)
    log.grow(gate_log.day(1), plain=[gate_mandate_entry(gate_log.MANDATE, KEY)])
    log.publish()
    data = format_synced(gate_log.synced(log))
    at = len(_synced._MAGIC) + 4
    end = at + int.from_bytes(data[at - 4 : at])
    value: Any = parse_deterministic_cbor(data[at:end])
    for number, name in enumerate(("index", "epoch")):
        if name in changes:
            value["mandates"][0][number] = changes.pop(name)
    head = encode_cbor(value | changes)
    body = _synced._MAGIC + len(head).to_bytes(4) + head + data[end:-32]
    return body + hashlib.sha256(body).digest()


@pytest.mark.parametrize(
    "changes",
    [
        {"epoch": "x"}, {"epoch": -(10**6)}, {"epoch": -1}, {"epoch": None}, {"epoch": 1.5}, {"epoch": True},
        {"index": "x"}, {"index": -1}, {"blocks": 1 << 50}, {"blocks": 1 << 24}, {"blocks": 3}, {"blocks": -1},
    ],
)  # fmt: skip
def test_a_gates_file_with_a_mandate_of_no_time_or_blocks_that_are_not_there_is_refused(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert len(parse_synced(gate_file()).mandates) == 1
    data = gate_file(**changes)
    monkeypatch.setattr(_synced, "range", short_range, raising=False)
    with pytest.raises(SyncError):
        parse_synced(data)


def short_range(*ends: int) -> range:
    """Return a range that a machine can go through: a count that a file merely states is no reason for a long one."""
    found = range(*ends)
    assert found.stop < 1 << 24, "a parser goes through as many rows as a file says"
    return found
