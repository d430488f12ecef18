"""A witness: every answer of the specification over real HTTP, and its state through crashes, full disks, clocks and backups."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from litestar.testing import TestClient

from habeas.services import (
    BusyError,
    ClockError,
    Rate,
    ServiceError,
    StoppedError,
    Witness,
    log_id,
    parse_fork,
    witness_app,
)
from habeas.stores import DamagedStoreError, FolderDisk, StoreBusyError, StoreError, UnknownOutcomeError
from habeas.tlog import (
    Checkpoint,
    ForkError,
    Head,
    Note,
    Request,
    SignatureType,
    TlogError,
    check_note,
    format_note,
    format_request,
    hash_leaf,
    make_note_signer,
    nodes_of,
    open_checkpoint,
    parse_note,
    prove_consistency,
    root_of,
    sign_checkpoint,
    sign_note,
)
from services.live import AT, LOG, ORIGIN, SIGNERS
from stores.disks import Break, MemoryDisk

SIGNER = SIGNERS["w1"]
ENTRIES = [bytes([n]) for n in range(60)]
LEAVES = [hash_leaf(entry) for entry in ENTRIES]
STRANGER = make_note_signer("other.example", SignatureType.ED25519, b"o" * 32)
FORKED = [*LEAVES[:3], hash_leaf(b"another"), *LEAVES[4:]]


def note(size: int, leaves: list[bytes] = LEAVES) -> Note:
    return sign_checkpoint(Head(origin=ORIGIN, size=size, root=root_of(leaves[:size])), LOG)


def request(old: int, new: int, leaves: list[bytes] = LEAVES) -> bytes:
    path = prove_consistency(nodes_of(leaves[:new]), old, new)
    return format_request(Request(old=old, path=path, checkpoint=note(new, leaves)))


class Clock:
    def __init__(self, now: int = AT) -> None:
        self.now = now

    def __call__(self) -> int:
        return self.now


def witness(disk: MemoryDisk | FolderDisk | None = None, clock: Callable[[], int] | None = None) -> Witness:
    return Witness(disk or MemoryDisk(), SIGNER, {ORIGIN: LOG.key}, clock or Clock())


def seen_size(one: Witness) -> int:
    seen = one.seen(ORIGIN)
    return seen.head.size if seen else 0


# The specification's answers


@pytest.fixture
def client() -> Iterator[TestClient[Any]]:
    with TestClient(witness_app(witness(), Rate(1000, 1000)), raise_server_exceptions=False) as found:
        yield found


def asked(client: TestClient[Any], body: bytes) -> httpx.Response:
    return client.post("/add-checkpoint", content=body)


def test_what_continues_is_cosigned_and_the_answer_is_the_lines_alone(client: TestClient[Any]) -> None:
    for old, new in ((0, 5), (5, 9), (9, 9)):
        answer = asked(client, request(old, new))
        assert answer.status_code == 200
        whole = parse_note(note(new).text.encode() + b"\n" + answer.content)
        (endorsement,) = check_note(whole, (SIGNER.key,))
        assert endorsement.at == AT
        shown = client.get(f"/logs/{log_id(ORIGIN)}/checkpoint")
        assert open_checkpoint(shown.content, LOG.key).head.size == new


def test_each_status_of_the_specification(client: TestClient[Any]) -> None:
    assert asked(client, request(0, 5)).status_code == 200
    unsigned = Request(old=5, path=(), checkpoint=replace(note(9), text=note(10).text))
    stranger = sign_checkpoint(Head(origin="other.example", size=9, root=bytes(32)), STRANGER)
    bad = request(5, 9).replace(b"\n\n", b"\n" + b"A" * 43 + b"=\n\n", 1)
    table = (
        (b"no request", 400),
        (request(0, 5).replace(b"old 0", b"old 6", 1), 400),
        (format_request(unsigned), 403),
        (format_request(Request(old=0, path=(), checkpoint=stranger)), 404),
        (request(4, 9), 409),
        (request(5, 5, FORKED), 409),
        (request(5, 9, FORKED), 422),
        (bad, 422),
        (b"x" * (1 << 19), 413),
    )
    for body, status in table:
        assert asked(client, body).status_code == status, status
    assert client.get("/add-checkpoint").status_code == 405
    assert client.get("/nothing").status_code == 404


def test_a_wrong_old_size_is_answered_with_the_right_one(client: TestClient[Any]) -> None:
    asked(client, request(0, 5))
    answer = asked(client, request(4, 9))
    assert (answer.status_code, answer.headers["content-type"], answer.content) == (409, "text/x.tlog.size", b"5\n")


def test_problems_are_json_and_say_nothing_of_what_was_sent(client: TestClient[Any]) -> None:
    answer = asked(client, b"old 0\n\nlog\n1\nx\n")
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 400


def test_nobody_asks_too_often() -> None:
    with TestClient(witness_app(witness(), Rate(0.0, 3)), raise_server_exceptions=False) as client:
        found = [asked(client, request(0, 5)).status_code for _ in range(5)]
    assert found == [200, 409, 409, 429, 429]


def test_a_rate_fills_by_time_and_forgets_the_silent() -> None:
    clock = Clock(0)
    rate = Rate(1.0, 2, clock)
    rate.take("a")
    rate.take("a")
    with pytest.raises(BusyError):
        rate.take("a")
    rate.take("b")
    clock.now = 1
    rate.take("a")
    with pytest.raises(BusyError):
        rate.take("a")
    for number in range(5000):
        rate.take(str(number))
    assert len(rate._left) <= 4097


# Forks


def test_a_fork_is_kept_once_listed_and_proves_itself(client: TestClient[Any]) -> None:
    asked(client, request(0, 5))
    for old in (5, 5, 4):  # also where the old size is wrong: whoever shows a second root shows it to all
        assert asked(client, request(old, 5, FORKED)).status_code == 409
    (fork_id,) = client.get("/forks").json()
    data = client.get(f"/forks/{fork_id}").content
    fork = parse_fork(data, LOG.key)
    assert {fork.first.head.root, fork.second.head.root} == {root_of(LEAVES[:5]), root_of(FORKED[:5])}
    assert json.loads(client.get("/").content)["forks"] == [fork_id]
    assert client.get("/forks/none").status_code == 404
    assert client.get("/forks/..%2Fseen").status_code == 404


def test_a_proof_that_does_not_hold_is_no_fork() -> None:
    one = witness()
    one.add_checkpoint(request(0, 5))
    for body in (request(5, 9, FORKED), request(4, 9)):
        with pytest.raises(TlogError):
            one.add_checkpoint(body)
    assert one.forks() == []


# Its state


@given(st.lists(st.tuples(st.integers(1, 60), st.booleans(), st.integers(1, 6), st.sampled_from(Break)), max_size=8))
def test_whatever_breaks_all_that_was_cosigned_is_one_log(steps: list[tuple[int, bool, int, Break]]) -> None:
    files: dict[str, bytes] = {}
    cosigned: list[tuple[int, bytes]] = []
    for new, honest, at, how in steps:
        one = Witness(MemoryDisk(files, at=at, how=how), SIGNER, {ORIGIN: LOG.key}, Clock())
        leaves = LEAVES if honest else FORKED
        for _ in range(2):
            with suppress(TlogError, StoreError, ServiceError):
                one.add_checkpoint(request(min(seen_size(one), new), new, leaves))
                cosigned.append((new, root_of(leaves[:new])))
    assert [size for size, _ in cosigned] == sorted(size for size, _ in cosigned)
    for leaves in (LEAVES, FORKED):
        if cosigned and cosigned[-1][1] == root_of(leaves[: cosigned[-1][0]]) and cosigned[-1][0] > 3:
            assert all(root == root_of(leaves[:size]) for size, root in cosigned)


def test_the_state_is_durable_before_the_cosignature_leaves() -> None:
    for how in (Break.NOTHING, Break.ALL):
        files: dict[str, bytes] = {}
        one = witness(MemoryDisk(files, at=1, how=how))
        with pytest.raises(UnknownOutcomeError):
            one.add_checkpoint(request(0, 5))
        with pytest.raises(StoppedError):  # what is stored is not known: only a new process may answer
            one.add_checkpoint(request(0, 5))
        again = witness(MemoryDisk(files))
        assert seen_size(again) == (5 if how is Break.ALL else 0)
        again.add_checkpoint(request(seen_size(again), 5))
        assert seen_size(again) == 5


def test_a_full_disk_changes_nothing_and_is_503() -> None:
    disk = MemoryDisk(at=2, how=Break.FULL)
    with TestClient(witness_app(witness(disk), Rate(99, 99)), raise_server_exceptions=False) as client:
        assert asked(client, request(0, 5)).status_code == 200
        full = asked(client, request(5, 9))
        assert (full.status_code, full.headers["retry-after"]) == (503, "1")
        assert asked(client, request(4, 9)).content == b"5\n"
        assert asked(client, request(5, 9)).status_code == 200


def test_a_fork_is_refused_also_where_there_is_no_room_to_keep_it() -> None:
    one = witness(MemoryDisk(at=2, how=Break.FULL))
    one.add_checkpoint(request(0, 5))
    with pytest.raises(ForkError):
        one.add_checkpoint(request(5, 5, FORKED))


def test_the_same_again_costs_no_write_until_a_minute_has_gone() -> None:
    disk, clock = MemoryDisk(), Clock()
    one = witness(disk, clock)
    first = one.add_checkpoint(request(0, 5))
    assert (one.add_checkpoint(request(5, 5)), disk.operations) == (first, 1)
    clock.now += 61
    assert one.add_checkpoint(request(5, 5)) != first
    assert disk.operations == 2


def test_a_clock_that_is_moved_back_stops_it_and_small_steps_do_not_show() -> None:
    clock = Clock()
    one = witness(clock=clock)
    one.add_checkpoint(request(0, 5))
    clock.now -= 59
    (line,) = one.add_checkpoint(request(5, 6))
    assert check_note(note(6).with_signatures([line]), (SIGNER.key,))[0].at == AT
    clock.now -= 2
    with pytest.raises(ClockError):
        one.add_checkpoint(request(6, 7))
    clock.now = AT
    one.add_checkpoint(request(6, 7))


def test_what_it_did_not_write_is_no_state() -> None:
    files: dict[str, bytes] = {}
    witness(MemoryDisk(files)).add_checkpoint(request(0, 5))
    (name,) = files
    for data in (b"", files[name][:-10], format_note(note(9)), files[name].replace(b"\n5\n", b"\n6\n")):
        with pytest.raises(DamagedStoreError):
            witness(MemoryDisk({name: data}))


def test_two_at_once_are_one_after_the_other() -> None:
    """Both go on from 5; whoever is second is told the size of the first, and never takes it back."""
    for _ in range(20):
        one = witness()
        one.add_checkpoint(request(0, 5))
        start = threading.Barrier(2)
        told: list[object] = []

        def ask(new: int, one: Witness = one, start: threading.Barrier = start, told: list[object] = told) -> None:
            start.wait()
            try:
                told.append((new, one.add_checkpoint(request(5, new))))
            except TlogError as error:
                told.append(error)

        threads = [threading.Thread(target=ask, args=(new,)) for new in (9, 30)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sum(isinstance(what, TlogError) for what in told) == 1
        assert seen_size(one) in (9, 30)


def test_too_many_who_wait_are_sent_away() -> None:
    one = witness()
    with one._lock:
        waiting = [threading.Thread(target=lambda: one.add_checkpoint(request(0, 5)), daemon=True) for _ in range(4)]
        with suppress(BusyError):
            for _ in waiting:
                one._places.acquire(blocking=False)
        with pytest.raises(BusyError):
            one.add_checkpoint(request(0, 5))


def test_a_second_process_is_kept_out(tmp_path: Path) -> None:
    with FolderDisk(tmp_path / "w") as disk:
        witness(disk).add_checkpoint(request(0, 5))
        with pytest.raises(StoreBusyError):
            FolderDisk(tmp_path / "w")


# An old copy put back


def rolled_back() -> tuple[Witness, Note]:
    """Return a witness that has forgotten that it cosigned 9 entries, and the note that shows it."""
    files: dict[str, bytes] = {}
    witness(MemoryDisk(files)).add_checkpoint(request(0, 5))
    old = dict(files)
    one = witness(MemoryDisk(files))
    one.add_checkpoint(request(5, 9))
    seen = one.seen(ORIGIN)
    assert seen is not None
    return witness(MemoryDisk(old)), seen.checkpoint.note


def test_its_own_cosignature_reminds_it_of_what_it_has_forgotten() -> None:
    one, shown = rolled_back()
    one.remember(shown)
    assert seen_size(one) == 9
    with pytest.raises(TlogError):
        one.add_checkpoint(request(5, 9, FORKED))
    with pytest.raises(ForkError):
        one.add_checkpoint(request(9, 9, FORKED))


def test_a_request_that_bears_its_cosignature_reminds_it_too() -> None:
    one, shown = rolled_back()
    fork = note(12, FORKED).with_signatures(())
    with pytest.raises(TlogError):
        one.add_checkpoint(format_request(Request(old=5, path=(), checkpoint=shown)))
    assert seen_size(one) == 9
    path = prove_consistency(nodes_of(FORKED[:12]), 5, 12)
    with pytest.raises(TlogError):
        one.add_checkpoint(format_request(Request(old=5, path=path, checkpoint=fork)))


def test_nobody_else_s_line_and_no_smaller_one_moves_it() -> None:
    one = witness()
    one.add_checkpoint(request(0, 9))
    other = note(12).with_signatures([sign_note(note(12).text, SIGNERS["w2"], AT)])
    smaller = note(5).with_signatures([sign_note(note(5).text, SIGNER, AT)])
    false = note(12).with_signatures([replace(sign_note(note(13).text, SIGNER, AT))])
    for shown in (other, smaller, false, note(12)):
        one.remember(shown)
        assert seen_size(one) == 9


def test_two_roots_that_it_cosigned_itself_are_a_fork_that_it_keeps() -> None:
    """What no program can prevent: an old copy put back, and a log that shows the other tree first."""
    one = witness()
    one.add_checkpoint(request(0, 5))
    shown = note(5, FORKED).with_signatures([sign_note(note(5, FORKED).text, SIGNER, AT)])
    with pytest.raises(ForkError):
        one.remember(shown)
    assert len(one.forks()) == 1


def test_the_checkpoint_that_it_keeps_bears_the_log_s_line_and_its_own() -> None:
    one = witness()
    many = note(5).with_signatures([sign_note(note(5).text, SIGNERS[name], AT) for name in ("w2", "w3")])
    one.add_checkpoint(format_request(Request(old=0, path=(), checkpoint=many)))
    seen = one.seen(ORIGIN)
    assert seen is not None
    assert isinstance(seen.checkpoint, Checkpoint)
    assert [line.name for line in seen.checkpoint.note.signatures] == [ORIGIN, SIGNER.key.name]
