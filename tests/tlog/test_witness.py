"""The witness's step: every answer of the specification, and an honest log beside a forked one for many rounds."""

from __future__ import annotations

import contextlib
import itertools
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.tlog import (
    MAX_REQUEST_BYTES,
    CheckpointError,
    ForkError,
    Head,
    Note,
    NoteError,
    ProofError,
    ProofFile,
    Request,
    SignatureType,
    StaleError,
    TlogError,
    UnknownLogError,
    UnsignedError,
    check_note,
    check_proof_file,
    format_proof_file,
    format_request,
    format_vkey,
    hash_leaf,
    make_note_signer,
    nodes_of,
    parse_policy,
    parse_proof_file,
    parse_request,
    prove_consistency,
    prove_inclusion,
    root_of,
    sign_checkpoint,
    sign_note,
    witness_step,
)

ORIGIN = "henan.example/habeas"
LOG = make_note_signer(ORIGIN, SignatureType.ED25519, b"l" * 32)
OTHER = make_note_signer("other.example", SignatureType.ED25519, b"o" * 32)
LOGS = {ORIGIN: LOG.key}
ENTRIES = [bytes([n]) for n in range(40)]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]


def head(size: int, leaves: list[bytes] = LEAVES) -> Head:
    return Head(origin=ORIGIN, size=size, root=root_of(leaves[:size]))


def request(old: int, new: int, leaves: list[bytes] = LEAVES) -> Request:
    return Request(
        old=old,
        path=prove_consistency(nodes_of(leaves[:new]), old, new),
        checkpoint=sign_checkpoint(head(new, leaves), LOG),
    )


def test_a_log_that_grows_is_cosigned_from_nothing_on() -> None:
    seen = None
    for new in (0, 1, 1, 7, 8, 40):
        asked = parse_request(format_request(request(seen.size if seen else 0, new)))
        seen = witness_step(asked, LOGS, seen).head
        assert seen == head(new)


def test_each_refusal_of_the_specification() -> None:
    forked = [*LEAVES[:3], hash_leaf(b"another"), *LEAVES[4:]]
    fine = request(5, 9)
    unsigned = replace(fine, checkpoint=replace(fine.checkpoint, text=head(10).text))
    stranger = replace(fine, checkpoint=sign_checkpoint(Head(origin="other.example", size=9, root=bytes(32)), OTHER))
    cases: list[tuple[Request, type[TlogError]]] = [
        (stranger, UnknownLogError),
        (unsigned, UnsignedError),
        (replace(fine, old=10), CheckpointError),
        (request(4, 9), StaleError),
        (request(0, 9), StaleError),
        (request(5, 5, forked), ForkError),
        (request(5, 9, forked), ProofError),
        (replace(fine, path=fine.path[1:]), ProofError),
        (replace(fine, path=()), ProofError),
        (replace(request(5, 5), path=(bytes(32),)), ProofError),
    ]
    for asked, error in cases:
        with pytest.raises(error) as caught:
            witness_step(asked, LOGS, head(5))
        assert type(caught.value) is error
        if isinstance(caught.value, StaleError | ForkError):
            assert caught.value.size == 5


def test_extension_lines_are_cosigned_unread_and_make_no_second_head() -> None:
    """tlog-cosignature: they MAY be there, MUST be in the cosigned message, and nothing is said of them."""
    asked = request(5, 9)
    text = head(9).text + "an extension\n"
    note = Note(text=text, signatures=(sign_note(text, LOG),))
    checkpoint = witness_step(replace(asked, checkpoint=note), LOGS, head(5))
    assert checkpoint.head == head(9)
    witness = make_note_signer("w.example", SignatureType.COSIGNATURE, b"w" * 32)
    line = sign_note(checkpoint.note.text, witness, 1_655_039_040)
    assert check_note(note.with_signatures([line]), [witness.key])
    with pytest.raises(NoteError, match="false"):
        check_note(asked.checkpoint.with_signatures([line]), [witness.key])
    assert witness_step(request(9, 9), LOGS, checkpoint.head).head == head(9)
    with pytest.raises(ForkError):
        witness_step(request(9, 9, [hash_leaf(b"another"), *LEAVES[1:]]), LOGS, checkpoint.head)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans(), st.integers(0, 39)), max_size=12))
def test_whatever_a_log_asks_all_that_was_cosigned_is_one_log(asked: list[tuple[int, int, bool, int]]) -> None:
    seen, cosigned = None, []
    for one, other, honest, at in asked:
        old, new = sorted((one, other))
        leaves = LEAVES if honest else [*LEAVES[:at], hash_leaf(b"another"), *LEAVES[at + 1 :]]
        try:
            seen = witness_step(request(old, new, leaves), LOGS, seen).head
        except TlogError:
            continue
        cosigned.append((seen, leaves[: seen.size]))
    for (first, under), (second, above) in itertools.pairwise(cosigned):
        assert first.size <= second.size
        assert above[: len(under)] == under


@pytest.mark.parametrize(
    "body", [b"", b"old 1", b"old 01\n\n", b"old -1\n\nx", b"old 1\nzz\n\nx", b"new 1\n\nx", "old ١\n\nx".encode()]
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(NoteError, match="at most"):
        parse_request(format_request(request(5, 9)).ljust(MAX_REQUEST_BYTES + 1))
    with pytest.raises(NoteError):
        parse_request(body)


@given(st.binary(max_size=300))
def test_any_bytes_are_a_request_and_a_proof_file_or_refused(data: bytes) -> None:
    whole = format_request(request(5, 9))
    for body in (data, whole[: len(data)] + data, whole + data):
        for parse in (parse_request, parse_proof_file):
            with contextlib.suppress(TlogError):
                parse(body)


CHECKERS = [make_note_signer(f"c{n}.example", SignatureType.COSIGNATURE, bytes([n]) * 32) for n in (1, 2)]
POLICY = parse_policy(
    "\n".join(
        (
            f"log {format_vkey(LOG.key)}",
            *(f"witness c{n} {format_vkey(one.key)}" for n, one in enumerate(CHECKERS)),
            "group checkers all c0 c1",
            "quorum checkers",
        )
    ).encode()
)


def proof_file(index: int, size: int, extra: bytes = b"") -> bytes:
    note = sign_checkpoint(head(size), LOG)
    note = note.with_signatures(sign_note(note.text, one, 1_655_039_040) for one in CHECKERS)
    path = prove_inclusion(nodes_of(LEAVES[:size]), index, size)
    return format_proof_file(ProofFile(index=index, path=path, checkpoint=note, extra=extra))


@given(st.integers(1, 40), st.data())
def test_a_proof_file_shows_its_entry_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    raw = proof_file(index, size, data.draw(st.binary(max_size=9)))
    proof = parse_proof_file(raw)
    assert format_proof_file(proof) == raw
    assert check_proof_file(proof, ENTRIES[index], POLICY).head.size == size
    with pytest.raises(ProofError):
        check_proof_file(proof, b"another", POLICY)


def test_a_proof_file_begins_as_the_specification_writes_it() -> None:
    lines = proof_file(0, 2, b"x").decode().split("\n")
    assert lines[:3] == ["c2sp.org/tlog-proof@v1", "extra eA==", "index 0"]
    assert lines[4:7] == ["", ORIGIN, "2"]
