"""The proof that a superseded line is abuse: it convinces anybody offline, no byte of it gives, and no valid line falls to it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from habeas.passes import (
    Abuse,
    AbuseError,
    MirrorError,
    PassError,
    PassFormatError,
    PersonKeys,
    Placed,
    Ratchet,
    _abuse,
    check_abuse,
    day_of,
    format_abuse,
    label_at,
    look,
    make_abuse,
    parse_abuse,
    read_block,
    rekey_commitment,
)
from habeas.tlog import ADMISSION_KINDS, Admission, Note, Policy, Sections, format_note, parse_note, parse_policy
from habeas.wire import HOUR
from passes.attacks import superseded_for_one
from passes.own_log import OwnLog
from passes.public_log import GREEN, LOG, POLICY, POLICY_LINES, RED, WITNESSES, keys_of
from tlog.blocks import CONSTANTS, FIRST, admission

SAVER, FRIEND = 1, 2
SAME_DAY, NEXT_DAY = FIRST + 2, FIRST + 12


def before_the_line(admissions: int = 0) -> OwnLog:
    log = OwnLog()
    log.grow(FIRST, {})
    log.grow(FIRST + 1, {SAVER: GREEN, FRIEND: GREEN}, others=400, admissions=[admission(n) for n in range(admissions)])
    return log


@lru_cache(maxsize=8)
def abused(epoch: int, people: int = 600, admissions: int = 0) -> tuple[OwnLog, int]:
    """Return a log in which a line takes the saver's decision off the gates at an epoch, and the decision's leaf."""
    log = before_the_line()
    decided = log.decided(epoch, {SAVER: RED}, others=people)
    index = log.last[SAVER].index
    entries = Sections(decisions=list(decided.values()), admissions=[admission(n) for n in range(admissions)])
    block = superseded_for_one(
        entries, decided[SAVER], index=index, epoch=epoch, constants=CONSTANTS, after=log.blocks[-1],
        superseded=[log.last[FRIEND].index],
    )  # fmt: skip
    log.append(block)
    log.grow(epoch + 1, {}, others=3)
    return log, index


def proof_of(epoch: int, **more: int) -> tuple[Abuse, int]:
    log, index = abused(epoch, **more)
    return make_abuse(log.open(), keys_of(SAVER), index, epoch), index


@pytest.mark.parametrize("epoch", [SAME_DAY, NEXT_DAY])
@pytest.mark.parametrize("people", [2, 600])
@pytest.mark.parametrize("admissions", [0, 1, 300])
def test_the_proof_goes_through_its_file_and_names_the_line(epoch: int, people: int, admissions: int) -> None:
    proof, index = proof_of(epoch, people=people, admissions=admissions)
    data = format_abuse(proof)
    assert parse_abuse(data) == proof
    assert format_abuse(parse_abuse(data)) == data
    assert check_abuse(parse_abuse(data), POLICY) == index


def test_it_reveals_a_days_label_key_within_a_day_and_a_state_only_across_days() -> None:
    day = day_of(CONSTANTS.begins(FIRST + 1))
    labels = keys_of(SAVER).labels
    same, _ = proof_of(SAME_DAY)
    other, _ = proof_of(NEXT_DAY)
    assert (same.is_state, same.key) == (False, labels.key(day))
    assert (other.is_state, other.key) == (True, labels.at(day).state)
    for proof in (same, other):
        openings = keys_of(SAVER).openings
        assert openings is not None
        assert openings.state not in format_abuse(proof)
        assert labels.state not in format_abuse(proof)  # nothing from before the listed decision's day


@pytest.mark.parametrize("epoch", [SAME_DAY, NEXT_DAY])
def test_no_byte_of_a_proof_can_be_changed(epoch: int) -> None:
    proof, _ = proof_of(epoch, people=2)
    data = format_abuse(proof)
    for at in range(epoch % 2, len(data), 2):  # every other byte of each of the two proofs
        with pytest.raises(PassError):
            check_abuse(parse_abuse(data[:at] + bytes([data[at] ^ 1 << at % 8]) + data[at + 1 :]), POLICY)
    for cut in (data[:-1], data + b"\0", data[:20], b""):
        with pytest.raises(PassError):
            check_abuse(parse_abuse(cut), POLICY)


@given(data=st.binary(max_size=300))
def test_any_bytes_are_a_proof_or_refused(data: bytes) -> None:
    for whole in (data, b"habeas/abuse/1\n" + data):
        with pytest.raises(PassFormatError):
            parse_abuse(whole)


# Who would void a valid line ------------------------------------------------------------------------------------------


@lru_cache(maxsize=1)
def valid(epoch: int = NEXT_DAY) -> tuple[OwnLog, int, int]:
    """Return a log in which the saver's decision and a friend's are superseded by new ones, with their leaves."""
    log = before_the_line()
    leaves = log.last[SAVER].index, log.last[FRIEND].index
    log.grow(epoch, {SAVER: RED, FRIEND: GREEN}, others=300)
    return (log, *leaves)


def test_a_valid_line_has_no_proof_not_even_from_its_own_holder() -> None:
    log, index, _ = valid()
    with pytest.raises(AbuseError):
        make_abuse(log.open(), keys_of(SAVER), index, NEXT_DAY)


def test_with_another_persons_keys_or_made_up_ones_no_line_falls() -> None:
    log, index, _ = valid()
    for keys in (keys_of(FRIEND), keys_of(9)):
        with pytest.raises(AbuseError, match="not that of the decision's owner"):
            make_abuse(log.open(), keys, index, NEXT_DAY)


def test_a_proof_of_abuse_to_one_does_not_void_the_line_of_another() -> None:
    """The friend's line of the same block is valid: with any key, with any neighbours, the proof must not turn to it."""
    log, index = abused(NEXT_DAY)
    proof, _ = proof_of(NEXT_DAY)
    friend = log.last[FRIEND].index
    block = read_block(log.fetch, log.open().checkpoint.head, FIRST + 1)
    begins = CONSTANTS.begins(FIRST + 1)
    label = label_at(keys_of(FRIEND).labels.key(day_of(begins)), CONSTANTS.origin, FIRST + 1)
    theirs = look(log.fetch, block, label).found
    assert theirs is not None
    assert theirs.index == friend != index
    lifted = Placed(index=friend, entry=theirs.entry, path=(*theirs.path, *proof.decision.path[8:]))
    for key in (proof.key, keys_of(FRIEND).labels.at(day_of(begins)).state):
        with pytest.raises(AbuseError):
            check_abuse(replace(proof, decision=lifted, key=key), POLICY)


class _OneKey:
    """Label keys that are one day's on every day: what a false proof would be made with."""

    def __init__(self, ratchet: Ratchet, day: int) -> None:
        self._ratchet, self._day = ratchet, day

    def key(self, _: int) -> bytes:
        return self._ratchet.key(self._day)

    def at(self, day: int) -> Ratchet:
        return self._ratchet.at(day)


def test_a_days_key_does_not_count_for_another_day(monkeypatch: pytest.MonkeyPatch) -> None:
    """A label that nobody ever has would be absent from every block, and void every line."""
    log, index, _ = valid()
    day = day_of(CONSTANTS.begins(FIRST + 1))
    one_key: Any = PersonKeys(labels=_OneKey(keys_of(SAVER).labels, day))  # type: ignore[arg-type]
    with monkeypatch.context() as patched:
        patched.setattr(_abuse, "_check", lambda *_: index)
        proof = make_abuse(log.open(), one_key, index, NEXT_DAY)
    assert proof.is_state
    for forged in (proof, replace(proof, is_state=False, key=keys_of(SAVER).labels.key(day))):
        with pytest.raises(AbuseError):
            check_abuse(forged, POLICY)


def test_a_list_that_does_not_name_the_decision_proves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """The saver has no new decision, and needs none: only the friend's line stands in the list."""
    log = before_the_line()
    index = log.last[SAVER].index
    log.grow(NEXT_DAY, {FRIEND: GREEN}, others=300)
    with monkeypatch.context() as patched:
        patched.setattr(_abuse, "superseded_by", lambda *_: (index,))
        with pytest.raises(AbuseError, match="does not name"):
            make_abuse(log.open(), keys_of(SAVER), index, NEXT_DAY)


def test_new_keys_logged_in_the_block_leave_no_proof_with_the_old_ones() -> None:
    log = before_the_line()
    epoch, index = NEXT_DAY, log.last[SAVER].index
    label = label_at(keys_of(SAVER).labels.key(day_of(CONSTANTS.begins(epoch))), CONSTANTS.origin, epoch)
    rekeyed = Admission(
        kind=ADMISSION_KINDS["rekey"], pool=0, received=CONSTANTS.begins(epoch) // HOUR,
        commitment=rekey_commitment(CONSTANTS.origin, label),
    ).to_bytes()  # fmt: skip
    rows = [*map(admission, range(30)), rekeyed]
    decisions = list(log.decided(epoch, {}, 20).values())
    log.append(log.build(epoch, Sections(admissions=rows, decisions=decisions), [index]))
    with pytest.raises(AbuseError, match="valid"):
        make_abuse(log.open(), keys_of(SAVER), index, epoch)


def test_a_decision_that_no_list_names_has_no_line_to_void() -> None:
    log, index = abused(NEXT_DAY)
    for at, epoch in ((index, NEXT_DAY + 1), (index, FIRST + 7), (index + 400, NEXT_DAY), (index, FIRST + 1)):
        with pytest.raises(AbuseError):
            make_abuse(log.open(), keys_of(SAVER), at, epoch)


Change = Callable[[Abuse], Abuse]

CHANGES: dict[str, Change] = {
    "no neighbours": lambda proof: replace(proof, decisions=()),
    "one neighbour": lambda proof: replace(proof, decisions=proof.decisions[:1]),
    "the other neighbour": lambda proof: replace(proof, decisions=proof.decisions[1:]),
    "neighbours turned": lambda proof: replace(proof, decisions=proof.decisions[::-1]),
    "a neighbour twice": lambda proof: replace(proof, decisions=(proof.decisions[0],) * 2),
    "admissions for decisions": lambda proof: replace(proof, decisions=proof.admissions),
    "no admissions shown": lambda proof: replace(proof, admissions=()),
    "the decision as header": lambda proof: replace(proof, header=proof.decision),
    "the header as decision": lambda proof: replace(proof, decision=proof.header),
    "the header as constants": lambda proof: replace(proof, constants=proof.header),
    "another list": lambda proof: replace(proof, superseded=b"\0\0\0\1\1"),
    "no list": lambda proof: replace(proof, superseded=bytes(4)),
    "another chain": lambda proof: replace(proof, before=b"x" * 32),
    "a state for a key": lambda proof: replace(proof, is_state=not proof.is_state),
    "a short key": lambda proof: replace(proof, key=proof.key[:31]),
    "no signature": lambda proof: replace(proof, checkpoint=b""),
}


@pytest.mark.parametrize("epoch", [SAME_DAY, NEXT_DAY])
@pytest.mark.parametrize("change", CHANGES.values(), ids=CHANGES)
def test_a_proof_whose_parts_are_others_is_refused(change: Change, epoch: int) -> None:
    proof, _ = proof_of(epoch, people=600, admissions=300)
    with pytest.raises(AbuseError):
        check_abuse(change(proof), POLICY)


def test_neighbours_further_apart_or_to_one_side_leave_room() -> None:
    log, _ = abused(NEXT_DAY)
    proof, _ = proof_of(NEXT_DAY)
    block = read_block(log.fetch, log.open().checkpoint.head, NEXT_DAY)
    lift = proof.decisions[0].path[8:]

    def placed(index: int) -> Placed:
        entry = log.blocks[2].entries[index - block.start]
        found = look(log.fetch, block, entry[5:21]).found
        assert found is not None
        return Placed(index=index, entry=entry, path=(*found.path, *lift))

    left, right = (one.index for one in proof.decisions)
    bundle = left >> 8
    for pair in ((left - 1, right), (left, right + 1), (left - 1, left), (right, right + 1)):
        if all(index >> 8 == bundle for index in pair):  # the paths above the block's subtree are those of one subtree
            with pytest.raises(AbuseError):
                check_abuse(replace(proof, decisions=tuple(map(placed, pair))), POLICY)
    assert check_abuse(replace(proof, decisions=(placed(left), placed(right))), POLICY)


# Whom to believe ------------------------------------------------------------------------------------------------------


def policy_without(name: str) -> Policy:
    lines = [line.replace("others 3", "others 2") for line in POLICY_LINES if not line.startswith(f"witness {name} ")]
    return parse_policy("\n".join(lines).replace(f" {name}", "").encode())


def test_a_proof_needs_the_quorum_and_no_stranger_signs_it() -> None:
    proof, _ = proof_of(NEXT_DAY)
    note = parse_note(proof.checkpoint)
    few = Note(text=note.text, signatures=note.signatures[:3])
    with pytest.raises(AbuseError, match="too few"):
        check_abuse(replace(proof, checkpoint=format_note(few)), POLICY)
    with pytest.raises(AbuseError, match="others"):
        check_abuse(proof, policy_without("w4"))
    twice = Note(text=note.text, signatures=(*note.signatures, note.signatures[0]))
    with pytest.raises(AbuseError, match="others"):
        check_abuse(replace(proof, checkpoint=format_note(twice)), POLICY)
    assert {one.key.name for one in WITNESSES} | {LOG.key.name} == {one.name for one in note.signatures}


def test_constants_of_another_log_prove_nothing() -> None:
    proof, _ = proof_of(NEXT_DAY)
    head = POLICY.check(parse_note(proof.checkpoint)).head
    with pytest.raises(AbuseError, match="another log"):
        _abuse._check(proof, replace(head, origin="other.example/log"))


def test_a_mirror_that_lies_makes_no_proof() -> None:
    log, index = abused(SAME_DAY)
    files = dict(log.disk.files)
    name = f"log/superseded/{SAME_DAY}"
    files[name] = files[name][:-1] + bytes([files[name][-1] ^ 1])
    with pytest.raises(MirrorError):
        make_abuse(log.open(lambda path: files.get("log/" + path)), keys_of(SAVER), index, SAME_DAY)


def test_keys_that_begin_later_cannot_prove_it() -> None:
    log, index = abused(NEXT_DAY)
    later = keys_of(SAVER, day_of(CONSTANTS.begins(FIRST + 1)) + 1)
    with pytest.raises(PassError):
        make_abuse(log.open(), PersonKeys(labels=later.labels), index, NEXT_DAY)
