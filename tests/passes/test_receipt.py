"""Receipts: what they prove, to whom, and that no byte of one can be altered. The independent verifier is `receipt_verifier`."""

from __future__ import annotations

import ast
import random
from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.passes import (
    Held,
    OpeningError,
    PassError,
    PassFormatError,
    Placed,
    Previous,
    PublicLog,
    Receipt,
    ReceiptError,
    check_receipt,
    check_receipt_picture,
    find_decision,
    find_decisions,
    format_receipt,
    format_receipt_picture,
    make_receipt,
    open_log,
    parse_receipt,
    parse_receipt_picture,
)
from habeas.tlog import (
    Group,
    Note,
    NoteKey,
    Policy,
    SignatureType,
    format_note,
    format_proof_file,
    parse_entries,
    parse_note,
    parse_proof_file,
    prove_inclusion,
    tile_nodes,
    tiles_of,
)
from habeas.wire import encode_base45, encode_cbor, parse_base45
from passes import receipt_verifier
from passes.public_log import (
    EPOCHS,
    GREEN,
    LOG,
    POLICY,
    RED,
    WITNESSES,
    PublicFiles,
    cosigned,
    grounds_of,
    held,
    hint_of,
    keys_of,
    small_log,
    tall_log,
)
from tlog.blocks import CONSTANTS

MY_KEYS = {key.key.name: (int(key.key.type), key.key.public) for key in (LOG, *WITNESSES[:4])}
"""What the independent verifier is given: of the witnesses those that sign with Ed25519."""


def receipt_of(log: PublicFiles, who: int, code: int, checkpoint: bytes | None = None) -> Receipt:
    fetch = log.fetch if checkpoint is None else lambda path: checkpoint if path == "checkpoint" else log.fetch(path)
    opened = open_log(fetch, POLICY)
    found, *earlier = find_decisions(opened, keys_of(who))
    previous = Previous(index=earlier[0].index, leaf=earlier[0].leaf) if earlier else Previous()
    grounds = grounds_of(who, code)
    return make_receipt(
        opened, found, keys_of(who), hint=hint_of(who), grounds=grounds, previous=previous, policy=POLICY
    )


@lru_cache(maxsize=1)
def red_receipt() -> bytes:
    return format_receipt(receipt_of(small_log(), 1, RED, cosigned(small_log(), WITNESSES[:4])))


def refused(data: bytes, policy: Policy = POLICY) -> bool:
    try:
        check_receipt(parse_receipt(data), policy)
    except PassError:
        return True
    return False


def refused_by_others(data: bytes) -> bool:
    try:
        receipt_verifier.verify(data, MY_KEYS, quorum=4)
    except receipt_verifier.Refused:
        return True
    return False


def test_a_receipt_shows_the_grounds_and_that_just_they_are_in_the_log() -> None:
    shown = check_receipt(parse_receipt(red_receipt()), POLICY)
    assert shown.opened.said == grounds_of(1, RED)
    assert shown.opened.view.now == RED
    assert (shown.origin, shown.begins) == (CONSTANTS.origin, CONSTANTS.begins(EPOCHS[2]))
    first = next(
        one for one in find_decisions(open_log(small_log().fetch, POLICY), keys_of(1)) if one.index < shown.index
    )
    assert shown.opened.previous == Previous(index=first.index, leaf=first.leaf)
    assert shown.checkpoint is not None
    assert shown.checkpoint.head.size == 1792


def test_an_independent_verifier_takes_it_and_refuses_any_altered_byte() -> None:
    data = red_receipt()
    said = receipt_verifier.verify(data, MY_KEYS, quorum=4)
    assert (said["epoch"], said["now"], said["hint"]) == (EPOCHS[2], RED, hint_of(1))
    assert said["grounds"] == encode_cbor(grounds_of(1, RED))
    rng = random.Random(6)  # noqa: S311 - which other byte
    for at, byte in enumerate(data):
        altered = data[:at] + bytes([byte ^ rng.randrange(1, 256)]) + data[at + 1 :]
        assert refused_by_others(altered), f"byte {at} can be altered"


def test_the_independent_verifier_shares_no_code_with_us() -> None:
    tree = ast.parse(Path(receipt_verifier.__file__).read_text(encoding="utf-8"))
    names = [alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names]
    names += [node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    assert not [name for name in names if name.startswith("habeas")]


@pytest.mark.parametrize("step", [1, 0x20, 0x80])
def test_every_byte_of_a_receipt_that_is_altered_is_refused(step: int) -> None:
    data = red_receipt()
    assert not refused(data)
    for at, byte in enumerate(data):
        assert refused(data[:at] + bytes([byte ^ step]) + data[at + 1 :]), f"byte {at} can be altered"


@given(st.integers(0, len(red_receipt()) - 1), st.binary(max_size=3), st.integers(0, 3))
def test_nothing_can_be_put_in_or_cut_out(at: int, put: bytes, cut: int) -> None:
    data = red_receipt()
    altered = data[:at] + put + data[at + cut :]
    assert altered == data or refused(altered)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_receipt_or_are_refused(data: bytes) -> None:
    for whole in (data, b"c2sp.org/tlog-proof@v1\nextra " + data):
        with pytest.raises(PassFormatError):
            parse_receipt(whole)
    with pytest.raises(PassFormatError):
        parse_receipt_picture("HR1:" + encode_base45(data))


def test_a_proof_of_the_log_that_opens_nothing_is_no_receipt() -> None:
    proof = parse_proof_file(red_receipt())
    for extra in (
        b"",
        b"\1",
        proof.extra[:-200],
        b"\2" + proof.extra[1:],
        proof.extra[:-1],
    ):
        with pytest.raises(PassFormatError):
            parse_receipt(format_proof_file(replace(proof, extra=extra)))


def test_a_receipt_has_one_form_even_where_base64_has_bits_to_spare() -> None:
    receipt = parse_receipt(red_receipt())
    padded = next(
        data
        for size in range(3)
        if b"=\nindex" in (data := format_receipt(replace(receipt, opened=replace(receipt.opened, grounds=encode_cbor("x" * size)))))
    )  # fmt: skip
    at = padded.index(b"=\nindex") - 1 - padded[: padded.index(b"\nindex")].endswith(b"==")
    for other in b"BCDEFGHIJ":
        spare = padded[:at] + bytes([other]) + padded[at + 1 :]
        if spare != padded and parse_proof_file(spare) == parse_proof_file(padded):
            break
    else:
        pytest.fail("no other letter stands for the same bytes")
    assert parse_receipt(padded).index == receipt.index
    with pytest.raises(PassFormatError, match="one form"):
        parse_receipt(spare)


def test_a_receipt_under_constants_of_another_log_does_not_hold() -> None:
    files = PublicFiles(said=replace(CONSTANTS, origin="other.example"))
    files.grow(EPOCHS[0], {})
    files.grow(EPOCHS[1], {1: GREEN})
    checkpoint = POLICY.check(parse_note(files.fetch("checkpoint") or b""))
    path = prove_inclusion(tile_nodes(tiles_of(files.fetch), 512), 1, 512)
    bundle = parse_entries(files.fetch("tile/entries/000") or b"")
    log = PublicLog(
        checkpoint=checkpoint,
        constants=CONSTANTS,
        constants_entry=Placed(index=1, entry=bundle[1], path=path),
        fetch=files.fetch,
    )
    receipt = make_receipt(
        log, find_decision(log, keys_of(1)), keys_of(1),
        hint=hint_of(1), grounds=grounds_of(1, GREEN), previous=Previous(), policy=POLICY,
    )  # fmt: skip
    with pytest.raises(ReceiptError, match="constants"):
        check_receipt(receipt, POLICY)


# Signatures


def test_a_signature_that_nobody_can_check_does_not_get_in() -> None:
    receipt, data = parse_receipt(red_receipt()), format_note(parse_receipt(red_receipt()).checkpoint)
    stranger = data + data.splitlines(keepends=True)[-1].replace(b"witness4", b"stranger")
    twice = data + data.splitlines(keepends=True)[-1]
    for note in (stranger, twice):
        with pytest.raises(ReceiptError, match="signed by"):
            check_receipt(replace(receipt, checkpoint=parse_note(note)), POLICY)
    made = receipt_of(small_log(), 1, RED, stranger)
    assert [one.name for one in made.checkpoint.signatures] == [key.key.name for key in (LOG, *WITNESSES[:4])]


def test_too_few_signatures_or_none_of_a_checker_prove_nothing() -> None:
    receipt = parse_receipt(red_receipt())
    note = receipt.checkpoint
    for kept in (note.signatures[:4], (note.signatures[0], *note.signatures[2:]), note.signatures[1:]):
        with pytest.raises(ReceiptError):
            check_receipt(replace(receipt, checkpoint=Note(text=note.text, signatures=kept)), POLICY)


def test_it_is_checked_with_the_policy_that_it_was_made_under() -> None:
    other = make_note_signer_key()
    policy = Policy(
        logs={LOG.key.name: LOG.key},
        witnesses={**{f"w{at}": one.key for at, one in enumerate(WITNESSES[:3])}, "w9": other},
        groups={
            "checkers": Group(needed=1, members=("w0",)),
            "others": Group(needed=3, members=("w1", "w2", "w9")),
            "all": Group(needed=2, members=("checkers", "others")),
        },
        quorum="all",
        urls={},
    )
    with pytest.raises(ReceiptError, match="the policy that was in force"):
        check_receipt(parse_receipt(red_receipt()), policy)


def make_note_signer_key() -> NoteKey:
    return NoteKey(name="other.example", type=SignatureType.COSIGNATURE, public=bytes(31) + b"\1")


def test_one_with_ml_dsa_cosignatures_holds_too() -> None:
    data = format_receipt(receipt_of(small_log(), 2, GREEN))
    assert not refused(data)
    assert len(data) > 5000


# Making


@pytest.mark.parametrize(
    "change", [{"grounds": []}, {"grounds": grounds_of(2, RED)}, {"previous": Previous()}, {"hint": "no"}]
)
def test_what_the_decision_does_not_commit_to_makes_no_receipt(change: dict[str, object]) -> None:
    log = open_log(small_log().fetch, POLICY)
    found = find_decision(log, keys_of(1))
    good = parse_receipt(red_receipt()).opened
    given: dict[str, object] = {"grounds": good.said, "previous": good.previous, "hint": hint_of(1)} | change
    with pytest.raises(OpeningError):
        make_receipt(log, found, keys_of(1), policy=POLICY, **given)  # type: ignore[arg-type]
    with pytest.raises(OpeningError):
        make_receipt(log, found, keys_of(2), hint=hint_of(1), grounds=good.said, previous=good.previous, policy=POLICY)


def test_a_watcher_makes_no_receipt() -> None:
    log = open_log(small_log().fetch, POLICY)
    with pytest.raises(OpeningError, match="watcher"):
        make_receipt(
            log, find_decision(log, keys_of(1)), replace(keys_of(1), openings=None),
            hint=hint_of(1), grounds=[], previous=Previous(), policy=POLICY,
        )  # fmt: skip


@pytest.mark.parametrize("wrong", [{"index": 2**40}, {"constants": bytes(70_000)}, {"constants_path": (b"x",)}])
def test_what_no_receipt_can_hold_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(PassFormatError):
        replace(parse_receipt(red_receipt()), **wrong)  # type: ignore[arg-type]
    picture = parse_receipt(red_receipt()).picture(8)
    for one in ({"log": b""}, {"index": 2**40}, {"path": ()}, {"path": (b"",) * 8}):
        with pytest.raises(PassFormatError):
            replace(picture, **one)
    opened = parse_receipt(red_receipt()).opened
    for other in ({"epoch": -1}, {"label": b""}, {"salts": (b"", b"", b"")}, {"grounds": b"\xff"}):
        with pytest.raises(PassFormatError):
            replace(opened, **other)


# The picture


@pytest.mark.parametrize("log", [small_log, tall_log])
def test_the_picture_is_checked_with_what_a_gate_holds(log: Callable[[], PublicFiles]) -> None:
    files, code = log(), GREEN if log is small_log else RED
    text = format_receipt_picture(receipt_of(files, 2, code).picture(files.constants.height))
    shown = check_receipt_picture(parse_receipt_picture(text), held(files))
    assert shown.opened.said == grounds_of(2, code)
    assert shown.checkpoint is None
    assert len(text) <= 1588  # version 23 at level L


def test_every_byte_of_a_receipts_picture_that_is_altered_is_refused() -> None:
    text = format_receipt_picture(parse_receipt(red_receipt()).picture(8))
    data, gate = parse_base45(text[4:]), held(small_log())
    for at, byte in enumerate(data):
        for step in (1, 0x80):
            altered = "HR1:" + encode_base45(data[:at] + bytes([byte ^ step]) + data[at + 1 :])
            assert picture_refused(altered, gate), f"byte {at} can be altered"


def picture_refused(text: str, gate: Held) -> bool:
    try:
        check_receipt_picture(parse_receipt_picture(text), gate)
    except PassError:
        return True
    return False


def test_a_picture_of_another_log_or_of_a_block_that_is_not_held_is_refused() -> None:
    picture = parse_receipt_picture(format_receipt_picture(parse_receipt(red_receipt()).picture(8)))
    gate = held(small_log())
    for other, says in (
        (replace(gate, constants=replace(CONSTANTS, origin="other.example")), "another log"),
        (held(tall_log()), "another log"),
        (replace(gate, roots={}), "not synced"),
    ):
        with pytest.raises(ReceiptError, match=says):
            check_receipt_picture(picture, other)
    for text in ("HB1:", "HR1:=", "HR1:"):
        with pytest.raises(PassFormatError):
            parse_receipt_picture(text)


def test_grounds_that_are_too_many_for_a_picture_stay_in_the_file() -> None:
    receipt = parse_receipt(red_receipt())
    many = replace(receipt, opened=replace(receipt.opened, grounds=encode_cbor([bytes(400)] * 3)))
    with pytest.raises(PassFormatError, match="keep its file"):
        format_receipt_picture(many.picture(8))
