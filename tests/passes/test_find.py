"""From any mirror's files and one's own keys to a pass, and every way in which a mirror can lie about it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.passes import (
    GateView,
    MirrorError,
    NoDecisionError,
    OpeningError,
    Pass,
    PassError,
    PersonKeys,
    Previous,
    Salt,
    Verdict,
    check_pass,
    day_of,
    decide,
    find_decision,
    find_decisions,
    find_view,
    format_pass,
    open_log,
    parse_pass,
    pass_from,
    salt_at,
)
from habeas.passes import Opening as Opened
from habeas.passes._find import CODES, LONGEST_DAYS, _views
from habeas.passes._view import gate_commitment
from habeas.rules import parse_pack
from habeas.tlog import (
    Decision,
    EntryKind,
    Fetch,
    Plain,
    QuorumError,
    TlogError,
    format_blocks,
    parse_blocks,
)
from habeas.wire import HOUR, encode_cbor, sign1
from passes.public_log import (
    EPOCHS,
    GREEN,
    PACK,
    POLICY,
    RED,
    WITNESSES,
    PublicFiles,
    cosigned,
    held,
    hint_of,
    keys_of,
    pack_entry,
    small_log,
    tall_log,
)
from tlog.blocks import CONSTANTS, KEY


def lying(log: PublicFiles, path: str, data: bytes | None) -> Fetch:
    return lambda asked: data if asked == path else log.fetch(asked)


def newest(log: PublicFiles) -> int:
    return log.constants.begins(log.folder.blocks()[-1][0])


@pytest.mark.parametrize("log", [small_log, tall_log])
def test_anybody_with_the_keys_makes_the_pass_and_a_gate_takes_it(log: Callable[[], PublicFiles]) -> None:
    files = log()
    for who, code in ((1, RED if files is small_log() else GREEN), (2, GREEN if files is small_log() else RED)):
        shown = pass_from(files.fetch, POLICY, keys_of(who), hint_of(who))
        assert shown.view.now == code
        assert shown.height == files.constants.height
        said = check_pass(format_pass(shown), held(files), newest(files))
        view = shown.view.code_at(newest(files))
        assert (said.verdict, said.hint) == (Verdict.YES if view == GREEN else Verdict.NO, hint_of(who))


def test_making_it_twice_or_from_later_keys_gives_the_same_bytes() -> None:
    files, begins = small_log(), CONSTANTS.begins(EPOCHS[2])
    first = pass_from(files.fetch, POLICY, keys_of(1), hint_of(1))
    assert pass_from(files.fetch, POLICY, keys_of(1, day_of(begins)), hint_of(1)) == first


def test_the_newest_decision_is_found_first_and_all_within_the_reach_of_the_keys() -> None:
    log = open_log(small_log().fetch, POLICY)
    assert [one.block.header.epoch for one in find_decisions(log, keys_of(1))] == [EPOCHS[2], EPOCHS[1]]
    assert [one.block.header.epoch for one in find_decisions(log, keys_of(2))] == [EPOCHS[3], EPOCHS[1]]
    assert all(one.bundles <= 3 * 4 for one in find_decisions(log, keys_of(3)))
    later = keys_of(2, day_of(CONSTANTS.begins(EPOCHS[3])))
    assert [one.block.header.epoch for one in find_decisions(log, later)] == [EPOCHS[3]]


def test_a_watcher_finds_a_decision_and_makes_no_pass_of_it() -> None:
    files, watcher = small_log(), PersonKeys(labels=keys_of(1).labels)
    assert find_decision(open_log(files.fetch, POLICY), watcher).index == small_log().last[1].index
    with pytest.raises(OpeningError, match="watcher"):
        pass_from(files.fetch, POLICY, watcher, hint_of(1))


def test_keys_that_the_log_has_nothing_for_are_told_to_object() -> None:
    with pytest.raises(NoDecisionError, match="object that you have no code"):
        pass_from(small_log().fetch, POLICY, keys_of(99), "")


def test_what_is_older_than_the_horizon_is_not_looked_for() -> None:
    log = PublicFiles()
    log.grow(EPOCHS[0], {})
    log.grow(EPOCHS[1], {1: GREEN})
    log.grow(EPOCHS[1] + 28 * 12, {})
    assert find_decision(open_log(log.fetch, POLICY), keys_of(1)).decision.epoch == EPOCHS[1]
    log.grow(EPOCHS[1] + 28 * 12 + 1, {})
    with pytest.raises(NoDecisionError):
        find_decision(open_log(log.fetch, POLICY), keys_of(1))


def test_a_checkpoint_that_too_few_have_cosigned_is_not_believed() -> None:
    files = small_log()
    no_checker = cosigned(files, WITNESSES[1:])
    for data, error in ((cosigned(files, WITNESSES[:3]), QuorumError), (no_checker, QuorumError), (None, MirrorError)):
        with pytest.raises(error):
            open_log(lying(files, "checkpoint", data), POLICY)
    assert open_log(lying(files, "checkpoint", cosigned(files, WITNESSES[:4])), POLICY).origin == CONSTANTS.origin


def test_a_mirror_cannot_leave_a_block_out() -> None:
    files = small_log()
    listed = parse_blocks(files.fetch("blocks") or b"")
    for gone in range(1, len(listed)):
        short = format_blocks(one for at, one in enumerate(listed) if at != gone)
        with pytest.raises(MirrorError, match="does not end where the next one begins"):
            list(open_log(lying(files, "blocks", short), POLICY).blocks())
    for nothing in (b"no list", b""):
        with pytest.raises(MirrorError):
            list(open_log(lying(files, "blocks", nothing), POLICY).blocks())
    older = (
        *listed,
        (listed[-1][0] + 1, open_log(files.fetch, POLICY).checkpoint.head.size),
    )  # laid already, under a checkpoint to come
    assert len(list(open_log(lying(files, "blocks", format_blocks(older)), POLICY).blocks())) == len(listed)


FETCHED = [path.removeprefix("log/") for path in small_log().disk.files if path.startswith("log/")]


@given(st.sampled_from(FETCHED), st.integers(0, 1 << 30), st.integers(0, 7))
def test_whatever_bit_a_mirror_changes_there_is_the_same_pass_or_none(path: str, at: int, bit: int) -> None:
    files = small_log()
    data = bytearray(files.fetch(path) or b"")
    if not data:
        return
    data[at % len(data)] ^= 1 << bit
    try:
        made = pass_from(lying(files, path, bytes(data)), POLICY, keys_of(1), hint_of(1))
    except (TlogError, PassError):
        return
    assert made == pass_from(files.fetch, POLICY, keys_of(1), hint_of(1))


@given(st.sampled_from(FETCHED))
def test_whatever_file_a_mirror_withholds_there_is_the_same_pass_or_none(path: str) -> None:
    files = small_log()
    try:
        made = pass_from(lying(files, path, None), POLICY, keys_of(1), hint_of(1))
    except (TlogError, PassError):
        return
    assert made == pass_from(files.fetch, POLICY, keys_of(1), hint_of(1))


# The view


def decision_with(view: GateView, who: int = 5) -> Decision:
    begins = CONSTANTS.begins(EPOCHS[1])
    opening = Opened(view=view, grounds=[], previous=Previous())
    return decide(keys_of(who), CONSTANTS.origin, EPOCHS[1], begins, opening)


FIRST_HOUR = CONSTANTS.begins(EPOCHS[1]) // HOUR
views = st.builds(
    lambda codes, until, hint: GateView(now=max(codes), until=until, then=min(codes), hint=hint),
    st.tuples(st.integers(0, CODES - 1), st.integers(0, CODES - 1)),
    st.just(0) | st.integers(FIRST_HOUR, FIRST_HOUR + 28 * 24),
    st.sampled_from(["", "4821 1968", "身份4821"]),
)


@given(views)
def test_any_view_that_rules_can_give_is_found_without_being_told(view: GateView) -> None:
    assert find_view(decision_with(view), keys_of(5), CONSTANTS, view.hint) == view


@given(st.integers(28, LONGEST_DAYS), st.integers(1, CODES - 1), st.data())
def test_so_is_one_that_a_long_ladder_gives(days: int, now: int, data: st.DataObject) -> None:
    then = data.draw(st.integers(0, now - 1))
    view = GateView(now=now, until=FIRST_HOUR + 24 * days, then=then, hint="4821 1968")
    assert find_view(decision_with(view), keys_of(5), CONSTANTS, view.hint) == view


def test_no_pack_of_ours_has_a_ladder_that_is_longer() -> None:
    packs = [parse_pack(path.read_text(encoding="utf-8")) for path in PACK.parent.glob("*.yaml")]
    assert max(rung.until_day for pack in packs for rule in pack.rules for rung in rule.ladder) < LONGEST_DAYS


@pytest.mark.parametrize("hint", ["", "4821 1969", "48211968"])
def test_another_hint_opens_nothing_and_the_message_says_so(hint: str) -> None:
    decision = decision_with(GateView(now=0, until=0, then=0, hint="4821 1968"))
    with pytest.raises(OpeningError, match="hint"):
        find_view(decision, keys_of(5), CONSTANTS, hint)
    with pytest.raises(OpeningError):
        find_view(decision, keys_of(6), CONSTANTS, "4821 1968")


def test_a_default_view_is_the_first_that_is_tried_and_all_are_few() -> None:
    tried = list(_views(FIRST_HOUR, CONSTANTS.horizon // HOUR))
    assert tried[0] == (0, 0, 0)
    assert len(tried) == 67_272
    assert len(set(tried)) == len(tried)


def test_what_is_tried_is_the_commitment_itself() -> None:
    view = GateView(now=RED, until=FIRST_HOUR + 30, then=GREEN, hint="4821 1968")
    decision, openings = decision_with(view), keys_of(5).openings
    assert openings is not None
    salt = salt_at(openings.key(day_of(CONSTANTS.begins(EPOCHS[1]))), Salt.GATE, CONSTANTS.origin, EPOCHS[1])
    assert gate_commitment(CONSTANTS.origin, decision.label, salt, view.to_bytes()) == decision.gate


# What everybody may read


def test_the_packs_that_a_block_was_derived_under_are_read_from_the_log() -> None:
    log = open_log(small_log().fetch, POLICY)
    newest_block, *_, logged, first = list(log.blocks())
    [payload] = log.packs(newest_block)
    assert encode_cbor({"hash": bytes(32), "text": PACK.read_text(encoding="utf-8")}) == payload
    assert log.packs(logged) == log.packs(first) == ()


def test_a_list_of_packs_or_a_long_pack_that_was_changed_is_not_believed() -> None:
    files = small_log()
    log = open_log(lying(files, f"packs/{EPOCHS[3]}", bytes(4)), POLICY)
    with pytest.raises(MirrorError, match="packs/"):
        log.packs(next(log.blocks()))


def test_a_list_of_packs_that_names_what_is_no_pack_is_not_read() -> None:
    files = PublicFiles(packs=(0,))
    files.grow(EPOCHS[0], {})
    log = open_log(files.fetch, POLICY)
    with pytest.raises(MirrorError, match="packs/"):
        log.packs(next(log.blocks()))


def test_a_pack_that_no_entry_holds_lies_beside_the_log_under_its_hash() -> None:
    body = Plain.of_bytes(pack_entry("short")).body
    long = sign1(encode_cbor({"text": "x" * 70_000}), KEY)
    digest = hashlib.sha256(long).digest()
    entry = Plain(kind=EntryKind.PACK, body=b"\0" + len(long).to_bytes(4) + digest).to_bytes()
    files = PublicFiles()
    files.grow(EPOCHS[0], {})
    files.grow(EPOCHS[1], {}, packs=(entry,))
    files.grow(EPOCHS[2], {})
    name = f"plain/{digest.hex()}"
    log = open_log(lying(files, name, long), POLICY)
    assert log.packs(next(log.blocks())) == (encode_cbor({"text": "x" * 70_000}),)
    for other in (None, body, long[:-1] + b"\0"):
        log = open_log(lying(files, name, other), POLICY)
        with pytest.raises(MirrorError, match="plain/"):
            log.packs(next(log.blocks()))


def test_a_log_whose_constants_are_of_another_log_is_not_believed() -> None:
    files = PublicFiles(said=replace(CONSTANTS, origin="other.example"))
    files.grow(EPOCHS[0], {})
    with pytest.raises(MirrorError, match="constants"):
        open_log(files.fetch, POLICY)


def test_a_mirror_cannot_change_the_constants() -> None:
    files = small_log()
    bundle = files.fetch("tile/entries/000") or b""
    slower = bundle.replace(b"epoch_seconds\x19\x1c\x20", b"epoch_seconds\x19\x0e\x10")  # 7,200 becomes 3,600
    assert slower != bundle
    with pytest.raises(MirrorError, match="entry 1"):
        open_log(lying(files, "tile/entries/000", slower), POLICY)


def test_a_log_without_constants_is_not_believed() -> None:
    files = PublicFiles()
    files.grow(EPOCHS[0], {1: GREEN}, packs=(pack_entry("no constants"),))
    with pytest.raises(MirrorError, match="constants"):
        open_log(files.fetch, POLICY)


# The text of a pass


def shown_pass() -> Pass:
    return pass_from(small_log().fetch, POLICY, keys_of(1), hint_of(1))


def test_every_character_of_a_pass_that_is_changed_is_refused_or_no() -> None:
    text = format_pass(shown_pass())
    gate, now = held(small_log()), CONSTANTS.begins(EPOCHS[2]) + 60
    gate = replace(gate, newest=EPOCHS[2], opens_to=frozenset({RED}))  # a gate that would let this very pass in
    assert check_pass(text, gate, now).verdict is Verdict.YES
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:"
    for at, character in enumerate(text):
        for other in {alphabet[(alphabet.index(character) + step) % 45] for step in (1, 7, 22, 44)} | {"a", "é"}:
            changed = text[:at] + other + text[at + 1 :]
            assert check_pass(changed, gate, now).verdict in {Verdict.NO, Verdict.THEIRS}
    assert parse_pass(text) == shown_pass()
