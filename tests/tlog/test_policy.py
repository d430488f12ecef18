"""Quorums: the arithmetic of liars against counting every coalition, and policies that are refused."""

from __future__ import annotations

import contextlib
from dataclasses import replace
from itertools import combinations

import pytest
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from habeas.tlog import (
    Group,
    Head,
    Note,
    NoteError,
    NoteSignature,
    NoteSigner,
    Policy,
    PolicyError,
    QuorumError,
    SignatureType,
    check_note,
    format_vkey,
    make_note_signer,
    parse_policy,
    sign_checkpoint,
    sign_note,
)
from habeas.tlog._note_key import signed_bytes

ORIGIN = "henan.example/habeas"
LOG = make_note_signer(ORIGIN, SignatureType.ED25519, b"l" * 32)
WITNESSES = [make_note_signer(f"w{n}.example", SignatureType.COSIGNATURE, bytes([n]) * 32) for n in range(1, 8)]
SAME = make_note_signer("w1.example", SignatureType.COSIGNATURE_MLDSA, b"m" * 32)
"""The first witness's other key, of another kind."""
HEAD = Head(origin=ORIGIN, size=1, root=bytes(32))
AT = 1_655_039_040


def policy_text(*lines: str, witnesses: int = 5) -> bytes:
    head = [f"log {format_vkey(LOG.key)} http://127.0.0.1:1/"]
    head += [f"witness w{n} {format_vkey(one.key)}" for n, one in enumerate(WITNESSES[:witnesses], 1)]
    return "\n".join((*head, *lines, "")).encode()


GOOD = (
    "# three of four, and a checker",
    "group some 3 w1 w2 w3 w4",
    "group checkers any w5",
    "group both all some checkers",
    "quorum both",
)


def cosigned(*signers: NoteSigner) -> Note:
    note = sign_checkpoint(HEAD, LOG)
    return note.with_signatures(sign_note(note.text, one, AT) for one in signers)


def test_three_of_four_and_a_checker() -> None:
    policy = parse_policy(policy_text(*GOOD))
    assert (policy.liars, policy.least_checkers) == (2, 1)
    assert policy.urls == {ORIGIN: "http://127.0.0.1:1/"}
    w1, w2, w3, w4, checker = WITNESSES[:5]
    assert policy.check(cosigned(w1, w3, w4, checker)).head == HEAD
    for few in ((), (w1, w2, checker), (w1, w2, w3, w4), (checker,), (*WITNESSES[5:],)):
        with pytest.raises(QuorumError):
            policy.check(cosigned(*few))


@pytest.mark.parametrize(("needed", "of", "liars"), [(2, 2, 1), (3, 4, 1), (4, 5, 2), (3, 3, 2), (5, 7, 2)])
def test_k_of_n_tolerates_less_than_twice_k_less_n(needed: int, of: int, liars: int) -> None:
    members = " ".join(f"w{n}" for n in range(1, of + 1))
    assert (
        parse_policy(policy_text(f"group checkers {needed} {members}", "quorum checkers", witnesses=7)).liars == liars
    )


@pytest.mark.parametrize(("needed", "of"), [(1, 1), (1, 2), (2, 3), (3, 5), (3, 6), (4, 7)])
def test_what_one_liar_undoes_is_refused(needed: int, of: int) -> None:
    members = " ".join(f"w{n}" for n in range(1, of + 1))
    with pytest.raises(PolicyError, match="one lying witness"):
        parse_policy(policy_text(f"group checkers {needed} {members}", "quorum checkers", witnesses=7))


@st.composite
def nested(draw: st.DrawFn) -> tuple[list[str], str]:
    """Draw group lines over w1 to w7, each name a member once, and the name on top."""
    names, lines = ["checkers", *(f"w{n}" for n in range(2, 8))], ["group checkers any w1"]
    for number in range(1, draw(st.integers(1, 4)) + 1):
        size = draw(st.integers(2, 4))
        members = names[:size]
        lines.append(f"group g{number} {draw(st.integers(1, len(members)))} {' '.join(members)}")
        names = [*names[size:], f"g{number}"]
    return lines, names[-1]


@given(nested())
def test_the_liar_arithmetic_is_what_counting_all_coalitions_gives(drawn: tuple[list[str], str]) -> None:
    lines, top = drawn
    try:
        policy = parse_policy(policy_text(*lines, f"quorum {top}", witnesses=7))
    except PolicyError:
        return
    everybody = sorted(policy.under(top))
    quorums = [set(some) for n in range(1, 8) for some in combinations(everybody, n) if policy.is_witnessed(top, some)]
    assert policy.liars == min(len(one & other) for one in quorums for other in quorums) - 1
    assert policy.least_checkers == min(len(one & policy.under("checkers")) for one in quorums)


@pytest.mark.parametrize(
    ("lines", "why"),
    [
        (("group some 3 w1 w2 w3 w4", "quorum some"), "without a checker"),
        (("group checkers any w5", "group some 3 w1 w2 w3 w4", "quorum some"), "without a checker"),
        (("group checkers 3 w1 w2 w3 w4",), "just one quorum"),
        (("quorum none",), "no witness and no group"),
        ((*GOOD, "quorum both"), "'quorum'"),
        (("group a 1 w1 w1",), "counts once"),
        (("group a 1 w1", "group b 1 w1"), "counts once"),
        (("group a 3 w1 w2",), "can never be"),
        (("group a 0 w1",), "no number of members"),
        (("group a 2 w1 b",), "line above"),
        (("group w1 1 w2",), "taken"),
        (("group none 1 w2",), "taken"),
        (("witness w9 abc",), "no key of a note"),
        ((f"witness w9 {format_vkey(WITNESSES[0].key)}",), "already"),
        ((f"witness w9 {format_vkey(LOG.key)}",), "type 1"),
        ((f"log {format_vkey(LOG.key)}",), "already|twice"),
        ((f"witness w9 {format_vkey(SAME.key)}",), "counts once"),
        (("hello",), "a line is"),
        (("group a",), "a line is"),
    ],
)
def test_a_policy_that_is_wrong_is_refused_and_told_where(lines: tuple[str, ...], why: str) -> None:
    with pytest.raises(PolicyError, match=why):
        parse_policy(policy_text(*lines))


def test_one_false_cosignature_of_a_known_witness_is_no_quorum() -> None:
    policy = parse_policy(policy_text(*GOOD))
    note = sign_checkpoint(HEAD, LOG)
    other = Head(origin=ORIGIN, size=2, root=bytes(32))
    rows = [sign_note(note.text, one, AT) for one in WITNESSES[1:5]] + [sign_note(other.text, WITNESSES[0], AT)]
    with pytest.raises((QuorumError, NoteError)):
        policy.check(note.with_signatures(rows))
    stranger = make_note_signer("x.example", SignatureType.ED25519, b"x" * 32)
    with pytest.raises(NoteError, match="none of this policy"):
        policy.check(sign_checkpoint(Head(origin="x.example", size=1, root=bytes(32)), stranger))


POLICY = parse_policy(policy_text(*GOOD))
KEYS = dict(POLICY.witnesses)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"witnesses": KEYS | {"w2": KEYS["w1"]}}, "already"),
        ({"witnesses": KEYS | {"w2": SAME.key}}, "counts once"),
        ({"witnesses": KEYS | {"w2": LOG.key}}, "type 1"),
        ({"witnesses": {name: key for name, key in KEYS.items() if name != "w2"}}, "no witness"),
        ({"logs": {ORIGIN: KEYS["w1"]}}, "type 4"),
        ({"logs": {"x": LOG.key}}, "another origin"),
        ({"logs": {}}, "at least one log"),
        ({"quorum": "x"}, "a quorum of its"),
        ({"groups": {"checkers": Group(needed=3, members=("w1",) * 4)}, "quorum": "checkers"}, "counts once"),
        ({"groups": dict(POLICY.groups) | {"more": Group(needed=1, members=("w1",))}}, "counts once"),
        ({"groups": {"both": Group(needed=1, members=("both",))}}, "line above"),
        ({"groups": dict(POLICY.groups) | {"w1": Group(needed=1, members=("both",))}}, "taken"),
    ],
)
def test_a_policy_that_is_built_and_not_read_is_held_to_the_same(wrong: dict[str, object], why: str) -> None:
    with pytest.raises(PolicyError, match=why):
        replace(POLICY, **wrong)  # type: ignore[arg-type]


def test_a_cosignature_that_says_no_time_does_not_count() -> None:
    other = make_note_signer("w9.example", SignatureType.COSIGNATURE_MLDSA, b"m" * 32)
    policy = replace(POLICY, witnesses=KEYS | {"w5": other.key})
    some, private = cosigned(*WITNESSES[:3]), MLDSA44PrivateKey.from_seed_bytes(b"m" * 32)
    for at in (0, AT):
        signature = at.to_bytes(8) + private.sign(signed_bytes(other.key, HEAD.text, at))
        note = some.with_signatures([NoteSignature(name=other.key.name, key_id=other.key.id, signature=signature)])
        assert len(check_note(note, [other.key])) == 1
        if at:
            assert policy.check(note).head == HEAD
        else:
            with pytest.raises(QuorumError):
                policy.check(note)


@given(st.binary(max_size=200))
def test_any_bytes_are_a_policy_or_refused(data: bytes) -> None:
    for text in (data, policy_text(*GOOD) + data):
        with contextlib.suppress(PolicyError):
            assert isinstance(parse_policy(text), Policy)
