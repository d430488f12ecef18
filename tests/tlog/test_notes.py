"""Notes, keys, cosignatures and checkpoints: the Go project's own note, then what we sign, then everything false."""

from __future__ import annotations

import hashlib
import itertools
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from habeas.tlog import (
    MAX_NOTE_BYTES,
    CheckpointError,
    Head,
    Note,
    NoteError,
    NoteSignature,
    QuorumError,
    SignatureType,
    check_note,
    format_note,
    format_vkey,
    make_note_signer,
    open_checkpoint,
    parse_note,
    parse_policy,
    parse_vkey,
    sign_checkpoint,
    sign_note,
)
from habeas.tlog._note_key import signed_bytes

# The example of golang.org/x/mod/sumdb/note, and the key of the public checksum database.
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
SUM_DB = "sum.golang.org+033de0ae+Ac4zctda0e5eza+HJyk9SxEdh+s3Ux18htTTAD8OuAn8"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
).encode()

HEAD = Head(origin="henan.example/habeas", size=8, root=hashlib.sha256(b"root").digest())
LOG = make_note_signer(HEAD.origin, SignatureType.ED25519, b"l" * 32)
WITNESS = make_note_signer("w.example/1", SignatureType.COSIGNATURE, b"w" * 32)
LATTICE = make_note_signer("w.example/2", SignatureType.COSIGNATURE_MLDSA, b"m" * 32)
SIGNERS = (LOG, WITNESS, LATTICE)
AT = 1_655_039_040


def signed() -> Note:
    note = sign_checkpoint(HEAD, LOG)
    return note.with_signatures(sign_note(note.text, one, AT) for one in (WITNESS, LATTICE))


def test_the_example_of_go_opens_with_its_key() -> None:
    note = parse_note(GO_NOTE)
    (found,) = check_note(note, (parse_vkey(SUM_DB), parse_vkey(PETER)))
    assert (found.key.name, found.at) == ("PeterNeumann", 0)
    assert format_note(note) == GO_NOTE
    with pytest.raises(NoteError, match="false"):
        check_note(Note(text=note.text.replace("answer", "problem"), signatures=note.signatures), (parse_vkey(PETER),))
    with pytest.raises(NoteError, match="none of the 1"):
        check_note(note, (parse_vkey(SUM_DB),))


def test_keys_as_text_come_back_and_nothing_else_is_one() -> None:
    for text in (PETER, SUM_DB, *(format_vkey(one.key) for one in SIGNERS)):
        assert format_vkey(parse_vkey(text)) == text
    for wrong in (
        "",
        "a+b",
        PETER + "+",
        PETER.replace("c74f", "c74e"),
        PETER.replace("AR", "BA"),
        PETER[:-1],
        "a b" + PETER,
    ):
        with pytest.raises(NoteError):
            parse_vkey(wrong)


def test_log_and_two_kinds_of_witness_sign_one_checkpoint() -> None:
    note = parse_note(format_note(signed()))
    found = {one.key.name: one.at for one in check_note(note, [one.key for one in SIGNERS])}
    assert found == {"henan.example/habeas": 0, "w.example/1": AT, "w.example/2": AT}
    assert open_checkpoint(format_note(note), LOG.key).head == HEAD


@pytest.mark.parametrize("number", range(3), ids=[one.key.type.name for one in SIGNERS])
def test_a_signature_holds_for_its_text_its_time_and_its_key_only(number: int) -> None:
    note, key = signed(), SIGNERS[number].key
    mine = note.signatures[number]
    for at in (0, len(mine.signature) // 2, len(mine.signature) - 1):
        changed = bytearray(mine.signature)
        changed[at] ^= 1
        wrong = Note(
            text=note.text, signatures=(type(mine)(name=mine.name, key_id=mine.key_id, signature=bytes(changed)),)
        )
        with pytest.raises(NoteError):
            check_note(wrong, (key,))
    grown = Head(origin=HEAD.origin, size=9, root=HEAD.root)
    with pytest.raises(NoteError):
        check_note(Note(text=grown.text, signatures=note.signatures), (key,))
    renamed = type(key)(name="else.example", type=key.type, public=key.public)
    with pytest.raises(NoteError, match="none of"):
        check_note(note, (renamed,))


def test_a_false_signature_of_a_known_key_makes_the_whole_note_false_and_an_unknown_one_is_passed_over() -> None:
    note = signed()
    stranger = make_note_signer("s.example", SignatureType.COSIGNATURE, b"s" * 32)
    more = note.with_signatures([sign_note(note.text, stranger, AT)])
    assert len(check_note(more, [LOG.key])) == 1
    forged = sign_note(HEAD.text + "more\n", WITNESS, AT)
    with pytest.raises(NoteError, match="false"):
        check_note(sign_checkpoint(HEAD, LOG).with_signatures([forged]), [LOG.key, WITNESS.key])


def lattice_at(at: int) -> NoteSignature:
    """Return the ML-DSA witness's line of a time; 0 is for a subtree that need not be the largest one seen."""
    message = signed_bytes(LATTICE.key, HEAD.text, at)
    made = MLDSA44PrivateKey.from_seed_bytes(b"m" * 32).sign(message)
    return NoteSignature(name=LATTICE.key.name, key_id=LATTICE.key.id, signature=at.to_bytes(8) + made)


def test_of_a_keys_lines_the_latest_counts_and_none_may_be_false() -> None:
    log = sign_checkpoint(HEAD, LOG)
    lines = [lattice_at(0), lattice_at(AT), lattice_at(AT - 60)]
    for order in itertools.permutations(lines):
        (found,) = check_note(log.with_signatures(order), [LATTICE.key])
        assert found.at == AT
    false = replace(lines[0], signature=(AT + 1).to_bytes(8) + lines[0].signature[8:])
    for order in ((*lines, false), (false, *lines)):
        with pytest.raises(NoteError, match="false"):
            check_note(log.with_signatures(order), [LATTICE.key])


def test_a_line_of_time_0_above_a_good_one_does_not_keep_its_witness_from_the_quorum() -> None:
    names = "".join(f"witness w{n} {format_vkey(key)}\n" for n, key in enumerate((WITNESS.key, LATTICE.key)))
    policy = parse_policy(f"log {format_vkey(LOG.key)}\n{names}group checkers all w0 w1\nquorum checkers\n".encode())
    note = sign_checkpoint(HEAD, LOG).with_signatures([sign_note(HEAD.text, WITNESS, AT), lattice_at(0)])
    with pytest.raises(QuorumError):
        policy.check(note)
    assert policy.check(note.with_signatures([lattice_at(AT)])).head == HEAD


def test_only_the_logs_own_key_makes_a_checkpoint() -> None:
    other = make_note_signer("other.example", SignatureType.ED25519, b"o" * 32)
    with pytest.raises(CheckpointError):
        sign_checkpoint(HEAD, other)
    with pytest.raises(CheckpointError):
        sign_checkpoint(HEAD, make_note_signer(HEAD.origin, SignatureType.COSIGNATURE, b"w" * 32))
    lent = Note(text=HEAD.text, signatures=(sign_note(HEAD.text, other),))
    with pytest.raises(CheckpointError, match="the key is of"):
        open_checkpoint(format_note(lent), other.key)
    for signer, at in ((LOG, AT), (WITNESS, 0), (WITNESS, 2**63)):
        with pytest.raises(NoteError):
            sign_note(HEAD.text, signer, at)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nx\n", f"a\n1\n{'A' * 43}\n", "a\n1\n\nAA\n", "a\n-1\nAA==\n", "\n1\nA\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    data = format_note(Note(text=text or "\n", signatures=(sign_note(text or "\n", LOG),)))
    with pytest.raises(NoteError):
        open_checkpoint(data, LOG.key)


def test_a_note_has_at_most_a_mebibyte() -> None:
    text = "x" * (MAX_NOTE_BYTES - len(format_note(signed())))
    assert parse_note(format_note(replace(signed(), text=text[:-1] + "\n")))
    with pytest.raises(NoteError, match="at most"):
        parse_note(bytes(MAX_NOTE_BYTES + 1))


@given(st.binary(max_size=300) | st.text(max_size=200).map(str.encode))
def test_any_bytes_are_a_note_or_refused(data: bytes) -> None:
    try:
        note = parse_note(data)
    except NoteError:
        return
    assert parse_note(format_note(note)) == note


@given(st.data())
def test_a_note_with_a_byte_changed_is_refused_or_signed_by_fewer(data: st.DataObject) -> None:
    whole = bytearray(format_note(signed()))
    whole[data.draw(st.integers(0, len(whole) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    try:
        found = check_note(parse_note(bytes(whole)), [one.key for one in SIGNERS])
    except NoteError:
        return
    assert len(found) < len(SIGNERS)
