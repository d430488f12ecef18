"""Gathering a quorum: witnesses that are down, slow, lying, and rolled back cost their own cosignature and nothing else."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field

import pytest

from habeas.services import HttpNotary, Witness, log_id
from habeas.tlog import (
    Checkpoint,
    Head,
    NoteSignature,
    QuorumError,
    Request,
    SignatureType,
    StaleError,
    TlogError,
    format_note,
    format_request,
    format_signatures,
    hash_leaf,
    make_note_signer,
    nodes_of,
    open_checkpoint,
    prove_consistency,
    root_of,
    sign_checkpoint,
    sign_note,
)
from services.live import AT, LOG, NAMES, ORIGIN, SIGNERS, Answer, answering, policy_of
from stores.disks import MemoryDisk

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])
LEAVES = [hash_leaf(bytes([n])) for n in range(60)]
FORKED = [*LEAVES[:3], hash_leaf(b"another"), *LEAVES[4:]]
GO = threading.Event()
"""Lets a slow witness answer, when the test is over; nobody waits for it."""


def signed(size: int, leaves: list[bytes] = LEAVES) -> Checkpoint:
    note = sign_checkpoint(Head(origin=ORIGIN, size=size, root=root_of(leaves[:size])), LOG)
    return open_checkpoint(format_note(note), LOG.key)


def prove(size: int) -> Callable[[int], tuple[bytes, ...]]:
    return lambda old: tuple(prove_consistency(nodes_of(LEAVES[:size]), old, size))


@dataclass
class Honest:
    """A witness at work, and how often it was asked."""

    name: str
    asked: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.witness = Witness(MemoryDisk(), SIGNERS[self.name], {ORIGIN: LOG.key}, lambda: AT)

    def __call__(self, path: str, body: bytes) -> tuple[int, str, bytes]:
        self.asked.append(path)
        if path != "/add-checkpoint":
            seen = self.witness.seen(ORIGIN)
            if seen is None or path != f"/logs/{log_id(ORIGIN)}/checkpoint":
                return 404, "text/plain", b""
            return 200, "text/plain", format_note(seen.checkpoint.note)
        try:
            return 200, "text/plain", format_signatures(self.witness.add_checkpoint(body)).encode()
        except StaleError as error:
            return 409, "text/x.tlog.size", f"{error.size}\n".encode()
        except TlogError as error:
            return 422, "application/problem+json", str(error).encode()


class Ring:
    """The four of the policy, each at an address; any of them may be somebody else than it should be."""

    def __init__(self, stack: ExitStack, **others: Answer | None) -> None:
        self.honest = {name: Honest(name) for name in NAMES}
        urls = {}
        for name in NAMES:
            answer = others.get(name, self.honest[name])
            if answer is not None:
                urls[name] = stack.enter_context(answering(answer))
        self.policy = policy_of(urls=urls | {name: "http://127.0.0.1:9/" for name in NAMES if name not in urls})

    def notary(self, patience: float = 20.0) -> HttpNotary:
        return HttpNotary(self.policy, origin=ORIGIN, patience=patience)


@pytest.fixture
def stack() -> Iterator[ExitStack]:
    GO.clear()
    with ExitStack() as found:
        yield found
        GO.set()


def names_on(ring: Ring, note_of: object) -> set[str]:
    assert hasattr(note_of, "signatures")
    by_key = {(key.name, key.id): name for name, key in ring.policy.witnesses.items()}
    return {by_key[line.name, line.key_id] for line in note_of.signatures if (line.name, line.key_id) in by_key}


def test_a_quorum_is_gathered_and_asked_from_where_each_stands(stack: ExitStack) -> None:
    ring = Ring(stack)
    ring.honest["w1"].witness.add_checkpoint(_request(0, 5))
    note = ring.notary().cosign(signed(9), prove(9))
    assert ring.policy.check(note).head.size == 9
    assert {"c1"} < names_on(ring, note)
    notary = ring.notary()
    notary.cosign(signed(20), prove(20))
    asked = len(ring.honest["c1"].asked)
    notary.cosign(signed(30), prove(30))
    assert len(ring.honest["c1"].asked) == asked + 1  # it is remembered where the checker stands


def _request(old: int, new: int) -> bytes:
    return format_request(Request(old=old, path=prove(new)(old), checkpoint=signed(new).note))


def slow(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    GO.wait(40)
    GO.set()
    return 200, "text/plain", b""


def garbage(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 200, "text/plain", b"\xff\x00 no signature"


def huge(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 200, "text/plain", b"x" * (1 << 24)


def wrong_key(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    other = make_note_signer("w1.example", SignatureType.COSIGNATURE, b"o" * 32)
    return 200, "text/plain", _lines(sign_note(signed(9).note.text, other, AT))


def wrong_root(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 200, "text/plain", _lines(sign_note(signed(9, FORKED).note.text, SIGNERS["w1"], AT))


def wrong_witness(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 200, "text/plain", _lines(sign_note(signed(9).note.text, SIGNERS["w2"], AT))


def refuses(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 403, "application/problem+json", b'{"title": "no \x1b[31m"}'


def older_each_time() -> Answer:
    sizes = iter(range(8, -1, -1))
    return lambda _path, _body: (409, "text/x.tlog.size", f"{next(sizes)}\n".encode())


def newer(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 409, "text/x.tlog.size", b"900\n"


def same(_path: str, body: bytes) -> tuple[int, str, bytes]:
    return 409, "text/x.tlog.size", body.split(b"\n")[0].removeprefix(b"old ") + b"\n"


def sizeless(_path: str, _body: bytes) -> tuple[int, str, bytes]:
    return 409, "text/x.tlog.size", b"-1\n"


def _lines(line: NoteSignature) -> bytes:
    return format_signatures([line]).encode()


BAD: list[tuple[Answer | None, str]] = [
    (None, "cannot be asked"),
    (slow, "no answer within 2 seconds"),
    (garbage, "UTF-8"),
    (huge, "over 65536 bytes"),
    (wrong_key, "none of the 1 known keys"),
    (wrong_root, "is false"),
    (wrong_witness, "none of the 1 known keys"),
    (refuses, "answers 403"),
    (older_each_time(), "another size each time"),
    (newer, "has cosigned 900 entries, more than this log's 9"),
    (same, "from which it was asked"),
    (sizeless, "without a size"),
]


@pytest.mark.parametrize(("answer", "why"), BAD, ids=[why for _, why in BAD])
def test_one_that_fails_is_named_with_the_reason_and_counts_for_nothing(
    stack: ExitStack, answer: Answer | None, why: str
) -> None:
    ring = Ring(stack, w1=answer, w2=None)
    with pytest.raises(QuorumError) as caught:
        ring.notary(patience=2.0 if answer is slow else 20.0).cosign(signed(9), prove(9))
    said = str(caught.value)
    assert why in said.partition("w1: ")[2].partition("; w2: ")[0]
    assert "w3:" not in said
    assert "c1:" not in said
    assert said.isprintable()


@pytest.mark.parametrize("answer", [answer for answer, _ in BAD], ids=[why for _, why in BAD])
def test_one_that_fails_among_enough_is_not_missed(stack: ExitStack, answer: Answer | None) -> None:
    ring = Ring(stack, w1=answer)
    note = ring.notary(patience=60.0).cosign(signed(9), prove(9))
    assert names_on(ring, note) == {"w2", "w3", "c1"}
    assert not GO.is_set()  # nobody waits for a slow one once a quorum is there


def test_no_quorum_without_the_checker(stack: ExitStack) -> None:
    ring = Ring(stack, c1=None)
    with pytest.raises(QuorumError, match="c1: cannot be asked"):
        ring.notary().cosign(signed(9), prove(9))


def test_a_busy_one_is_asked_again(stack: ExitStack, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habeas.services._gather._PAUSE", 0.01)
    honest, busy = Honest("w1"), iter([True, True])

    def answer(path: str, body: bytes) -> tuple[int, str, bytes]:
        return (503, "application/problem+json", b"{}") if next(busy, False) else honest(path, body)

    ring = Ring(stack, w1=answer, w2=None)
    assert "w1" in names_on(ring, ring.notary(patience=20).cosign(signed(9), prove(9)))


# What is known of the log


def test_the_largest_head_that_any_has_cosigned(stack: ExitStack) -> None:
    ring = Ring(stack)
    assert ring.notary().witnessed() is None
    for name, size in (("w1", 5), ("w2", 20), ("c1", 9)):
        ring.honest[name].witness.add_checkpoint(_request(0, size))
    assert ring.notary().witnessed() == signed(20).head


def test_a_mirror_may_know_more(stack: ExitStack) -> None:
    ring = Ring(stack)
    url = stack.enter_context(answering(lambda _path, _body: (200, "text/plain", format_note(signed(30).note))))
    liar = stack.enter_context(answering(garbage))
    notary = HttpNotary(ring.policy, origin=ORIGIN, patience=20.0, mirrors=(url, liar, "http://127.0.0.1:9"))
    assert notary.witnessed() == signed(30).head


def test_nothing_is_known_where_those_who_are_silent_could_be_a_quorum(stack: ExitStack) -> None:
    ring = Ring(stack, w1=None, w2=garbage)
    assert ring.notary().witnessed() is None  # w3 and the checker were heard: without them there was no quorum
    silent = Ring(stack, w1=None, w2=garbage, c1=None)
    with pytest.raises(QuorumError, match="c1: cannot be asked"):
        silent.notary().witnessed()


def test_a_witness_that_shows_another_s_word_is_not_heard(stack: ExitStack) -> None:
    honest = Honest("w1")
    honest.witness.add_checkpoint(_request(0, 50))
    ring = Ring(stack, w2=honest)
    assert ring.notary().witnessed() is None
