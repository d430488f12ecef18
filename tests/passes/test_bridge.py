"""Bridges: what they let a gate know that has not synced yet, and what they may never let by."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.passes import (
    Bridge,
    BridgeError,
    MirrorError,
    Verdict,
    check_bridge,
    check_pass,
    check_pass_by_bridge,
    format_bridge,
    format_pass,
    log_id,
    make_bridge,
    parse_bridge,
    parse_pass,
)
from habeas.tlog import (
    CompactRange,
    Head,
    Note,
    SignatureType,
    format_note,
    format_vkey,
    hash_leaf,
    make_note_signer,
    nodes_of,
    parse_note,
    parse_policy,
    prove_subtree,
    root_of,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import HOUR, encode_base45, parse_base45
from passes.gate_log import GREEN, LOG, ORIGIN, POLICY, QUORUM, RED, WITNESSES, GateLog, day, forty_days, synced
from tlog.blocks import CONSTANTS

LOG_OF = forty_days()
HELD = synced(LOG_OF)
NEWER = day(40) + 3
AFTER = CONSTANTS.begins(NEWER) + HOUR


def grown() -> GateLog:
    """Return the log with two blocks more: green, red, and the green one's next decision, which is red."""
    log = forty_days()
    log.grow(NEWER, {60: GREEN, 61: RED})
    log.grow(NEWER + 1, {60: RED}, superseded=[log.index_of(60, NEWER)])
    log.publish()
    return log


GROWN = grown()
HEIGHT = CONSTANTS.height


def bridge_for(who: int, epoch: int = NEWER) -> str:
    return format_bridge(make_bridge(GROWN.fetch, QUORUM, GROWN.index_of(who, epoch) >> HEIGHT, HEIGHT))


def answer(text: str, bridge: str, now: int = AFTER) -> tuple[Verdict, str]:
    found = check_pass_by_bridge(text, bridge, HELD.held(now), QUORUM, now)
    return found.verdict, found.reason


def test_a_pass_that_is_newer_than_the_gate_is_answered_by_its_bridge() -> None:
    for who, wanted in ((60, (Verdict.YES, "open")), (61, (Verdict.NO, "code"))):
        text = GROWN.shown(who, NEWER)
        assert check_pass(text, HELD.held(AFTER), AFTER).reason == "newer"
        assert answer(text, bridge_for(who)) == wanted


def test_a_bridge_is_the_same_for_all_of_one_subtree_and_is_of_no_other() -> None:
    assert bridge_for(60) == bridge_for(61)
    assert answer(GROWN.shown(60, NEWER), bridge_for(60, NEWER + 1)) == (Verdict.THEIRS, "bridge")
    assert answer(GROWN.shown(60, NEWER), "HB2:") == (Verdict.THEIRS, "bridge")


def test_a_bridge_carries_no_pass_past_what_the_gate_knows() -> None:
    for who, reason in ((13, "superseded"), (1, "too-old"), (19, "code"), (15, "open")):
        epoch = day(2 * who + 2)
        assert answer(GROWN.shown(who, epoch), bridge_for(who, epoch))[1] == reason
    forged = replace(parse_pass(GROWN.shown(13, day(28))), epoch=NEWER)
    assert answer(format_pass(forged), bridge_for(13, day(28))) == (Verdict.NO, "not-in-the-log")
    tampered = replace(parse_pass(GROWN.shown(61, NEWER)), view=parse_pass(GROWN.shown(60, NEWER)).view)
    assert answer(format_pass(tampered), bridge_for(61)) == (Verdict.THEIRS, "bridge")


def test_a_pass_whose_place_is_only_claimed_gets_over_no_bridge() -> None:
    """Else its leaf would not be the one that a superseded line names."""
    shown = parse_pass(GROWN.shown(60, NEWER))
    for place in (1 << 20, (shown.index >> HEIGHT) + 1):
        claimed = format_pass(replace(shown, index=(place << HEIGHT) + shown.index % (1 << HEIGHT)))
        assert check_pass(claimed, HELD.held(AFTER), AFTER).reason == "newer"
        assert answer(claimed, bridge_for(60)) == (Verdict.THEIRS, "bridge")


def test_a_bridge_that_begins_within_what_the_gate_holds_says_nothing() -> None:
    after = synced(GROWN, HELD).held(AFTER)
    odd = replace(after, newest=day(40), superseded=frozenset())  # as no log under quorum can make it
    assert check_pass(GROWN.shown(61, NEWER), odd, AFTER).reason == "newer"
    assert check_pass_by_bridge(GROWN.shown(61, NEWER), bridge_for(61), odd, QUORUM, AFTER).reason == "bridge"


def test_what_was_superseded_after_the_gates_sync_a_bridge_cannot_say() -> None:
    """The limit that docs/gate.md states: as without a bridge, a line counts from the gate's next sync on."""
    old = GROWN.shown(60, NEWER)
    assert answer(old, bridge_for(60)) == (Verdict.YES, "open")
    after = synced(GROWN, HELD)
    assert check_pass_by_bridge(old, bridge_for(60), after.held(AFTER), QUORUM, AFTER).reason == "superseded"


def test_a_stale_gate_and_one_without_a_mandate_take_no_bridge() -> None:
    text, late = GROWN.shown(60, NEWER), CONSTANTS.begins(day(42))
    assert answer(text, bridge_for(60), late) == (Verdict.OURS, "stale")
    held = replace(HELD, mandates=()).held(AFTER)
    assert check_pass_by_bridge(text, bridge_for(60), held, QUORUM, AFTER).reason == "no-mandate"


def flipped(parts: tuple[bytes, ...], number: int) -> Iterator[tuple[bytes, ...]]:
    """Yield parts in which one byte after the other of part `number` is another."""
    part = parts[number]
    for at in range(len(part)):
        yield (*parts[:number], part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :], *parts[number + 1 :])


def test_every_flipped_bit_of_a_bridge_is_refused() -> None:
    text, made = GROWN.shown(60, NEWER), make_bridge(GROWN.fetch, QUORUM, GROWN.index_of(60, NEWER) >> HEIGHT, HEIGHT)
    subtree = parse_pass(text).root(ORIGIN)
    assert check_bridge(made, subtree, QUORUM).head == QUORUM.check(parse_note(GROWN.files["checkpoint"])).head
    for name in ("node", "size"):
        for bit in range(40):
            with pytest.raises(BridgeError):
                check_bridge(replace(made, **{name: getattr(made, name) ^ 1 << bit}), subtree, QUORUM)
    for number in range(len(made.path)):
        for path in flipped(made.path, number):
            with pytest.raises(BridgeError):
                check_bridge(replace(made, path=path), subtree, QUORUM)
    for number in range(len(made.cosignatures)):
        for cosignatures in flipped(made.cosignatures, number):
            with pytest.raises(BridgeError):
                check_bridge(replace(made, cosignatures=cosignatures), subtree, QUORUM)
    for name in ("log", "signature"):
        part = getattr(made, name)
        for at in range(len(part)):
            wrong = part[:at] + bytes([part[at] ^ 1]) + part[at + 1 :]
            with pytest.raises(BridgeError):
                check_bridge(replace(made, **{name: wrong}), subtree, QUORUM)
    with pytest.raises(BridgeError):
        check_bridge(made, bytes(32), QUORUM)


def test_a_bridge_has_no_cosignature_more_than_a_quorum_needs() -> None:
    log = grown()
    log.signers = 4
    log.publish()
    made = make_bridge(log.fetch, QUORUM, 0, HEIGHT)
    assert len(made.cosignatures) == 3
    for left_out in range(3):
        fewer = tuple(one for at, one in enumerate(made.cosignatures) if at != left_out)
        with pytest.raises(BridgeError, match="too few"):
            check_bridge(replace(made, cosignatures=fewer), nodes_of(log.leaves)(HEIGHT, 0), QUORUM)


@pytest.mark.parametrize(("size", "node"), [(2**27, 0), (2**27, 1234), (2**27 - 3 * 2**16, 2**11 - 4), (2**16, 0)])
def test_the_form_of_bridges_and_their_length(size: int, node: int) -> None:
    steps = len(prove_subtree(lambda level, index: hash_leaf(bytes([level, index & 255])), 16, node, size))
    made = Bridge(
        log=log_id(ORIGIN)[:4],
        height=16,
        node=node,
        size=size,
        path=tuple(bytes([at]) * 32 for at in range(steps)),
        signature=bytes(68),
        cosignatures=tuple(bytes([at]) * 76 for at in range(3)),
    )
    assert parse_bridge(format_bridge(made)) == made
    octets = 16 + 32 * steps + 68 + 1 + 3 * 76
    assert len(format_bridge(made)) == 4 + (octets // 2) * 3 + octets % 2 * 2
    if size == 2**27:
        assert octets == 665


@given(st.integers(1, 60), st.data())
def test_a_bridge_leads_to_the_root_from_any_subtree_of_any_log(width: int, data: st.DataObject) -> None:
    node = data.draw(st.integers(0, width - 1))
    tops = [hash_leaf(bytes([at])) for at in range(width)]
    path = prove_subtree(nodes_of(tops), 0, node, width)
    made = Bridge(
        log=bytes(4), height=8, node=node, size=width << 8, path=path, signature=bytes(68), cosignatures=(bytes(76),)
    )
    assert made.root(tops[node]) == root_of(tops)
    tree = CompactRange()
    for one in tops:
        tree = tree.add(one, 8)
    assert tree.root() == root_of(tops)


MADE = make_bridge(GROWN.fetch, QUORUM, 3, HEIGHT)


@pytest.mark.parametrize(
    "wrong",
    [
        {"log": bytes(3)},
        {"height": 9},
        {"node": -1},
        {"node": MADE.size >> HEIGHT},
        {"size": 0},
        {"size": MADE.size + 1},
        {"size": 2**40},
        {"path": MADE.path[1:]},
        {"path": (*MADE.path[1:], bytes(31))},
        {"signature": bytes(67)},
        {"cosignatures": ()},
        {"cosignatures": (bytes(75),)},
        {"cosignatures": (bytes(76),) * 2},
        {"cosignatures": MADE.cosignatures[::-1]},
    ],
)
def test_what_no_bridge_can_be_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(BridgeError):
        replace(MADE, **wrong)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "HB1:", "HB2:", "HB2:0", "HB2:æ", "HB2:" + "0" * 24, format_bridge(MADE) + "0"])
def test_text_that_is_no_bridge_is_refused(text: str) -> None:
    with pytest.raises(BridgeError):
        parse_bridge(text)


def test_a_bridge_is_not_made_of_what_is_not_there_or_false() -> None:
    with pytest.raises(BridgeError, match="not under"):
        make_bridge(GROWN.fetch, QUORUM, GROWN.chain.blocks[-1].end >> HEIGHT, HEIGHT)
    with pytest.raises(MirrorError):
        make_bridge(lambda _: None, QUORUM, 0, HEIGHT)
    tile = f"tile/1/000.p/{len(GROWN.leaves) >> 8}"
    wrong = bytearray(GROWN.files[tile])
    wrong[0] ^= 1
    with pytest.raises(MirrorError):
        make_bridge(lambda path: bytes(wrong) if path == tile else GROWN.fetch(path), QUORUM, 3, HEIGHT)


def test_a_quorum_of_large_signatures_has_no_bridge() -> None:
    large = [make_note_signer(f"m{at}.example", SignatureType.COSIGNATURE_MLDSA, bytes([at]) * 32) for at in (7, 8)]
    lines = [
        f"log {format_vkey(LOG.key)}",
        *(f"witness m{at} {format_vkey(one.key)}" for at, one in enumerate(large)),
        "group checkers all m0 m1",
        "quorum checkers",
    ]
    policy = parse_policy("\n".join(lines).encode())
    head = Head(origin=ORIGIN, size=len(GROWN.leaves), root=root_of(GROWN.leaves))
    note = sign_checkpoint(head, LOG)
    note = note.with_signatures(sign_note(note.text, one, AFTER) for one in large)
    with pytest.raises(BridgeError, match="ML-DSA"):
        make_bridge(lambda path: format_note(note) if path == "checkpoint" else GROWN.fetch(path), policy, 0, HEIGHT)


def test_a_checkpoint_with_extension_lines_has_no_bridge() -> None:
    head = Head(origin=ORIGIN, size=len(GROWN.leaves), root=root_of(GROWN.leaves))
    text = head.text + "more\n"
    note = Note(text=text, signatures=(sign_note(text, LOG), *(sign_note(text, one, AFTER) for one in WITNESSES)))
    with pytest.raises(BridgeError, match="extension"):
        make_bridge(lambda path: format_note(note) if path == "checkpoint" else GROWN.fetch(path), QUORUM, 0, HEIGHT)


def test_a_bridge_of_no_subtree_of_its_size_is_refused() -> None:
    data = bytearray(parse_base45(format_bridge(MADE)[4:]))
    data[6:11] = b"\xff" * 5
    with pytest.raises(BridgeError, match="no subtree"):
        parse_bridge("HB2:" + encode_base45(bytes(data)))


def test_another_policy_takes_no_bridge() -> None:
    lines = POLICY.decode().splitlines()
    other = make_note_signer("other.example", SignatureType.ED25519, bytes(32))
    foreign = parse_policy("\n".join([f"log {format_vkey(other.key)}", *lines[1:]]).encode())
    subtree = nodes_of(GROWN.leaves)(HEIGHT, 3)
    assert check_bridge(MADE, subtree, QUORUM)
    with pytest.raises(BridgeError, match="does not know"):
        check_bridge(MADE, subtree, foreign)
    fewer = [f"witness {name} {format_vkey(one.key)}" for name, one in zip("abc", WITNESSES[1:], strict=True)]
    without = parse_policy("\n".join([lines[0], *fewer, "group checkers all a b c", "quorum checkers"]).encode())
    with pytest.raises(BridgeError, match="too few"):
        check_bridge(MADE, subtree, without)
