"""A checker: what it refuses in public, what it keeps, and that it knows the same after every crash."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import pytest
from litestar.testing import TestClient

from habeas.services import Checker, FolderSource, Rate, RefusedBlockError, ServiceError, SourceError, checker_app
from habeas.stores import DamagedStoreError, Disk, FolderDisk, StoreError
from habeas.tlog import (
    Block,
    Checkpoint,
    Head,
    Request,
    TlogError,
    check_note,
    format_bundle,
    format_note,
    format_request,
    open_checkpoint,
    parse_entries,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import Algorithm, make_signing_key
from services.live import CONSTANTS, FIRST, FOUNDER, LOG, ORIGIN, SIGNERS, LiveLog, policy_of
from stores.disks import Break, MemoryDisk

NOW = CONSTANTS.begins(FIRST)
SIGNER = SIGNERS["c1"]


class Watched:
    """A source that counts what is fetched, and may change or withhold it."""

    def __init__(self, folder: Path) -> None:
        self.source = FolderSource(folder)
        self.changed: dict[str, bytes | None] = {}
        self.asked: list[str] = []
        self.name = "the log"

    def __call__(self, path: str) -> bytes | None:
        self.asked.append(path)
        return self.changed[path] if path in self.changed else self.source(path)


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LiveLog]:
    found = LiveLog(tmp_path / "log")
    yield found
    found.close()


class Scene:
    """A log, a checker over it, and the clock that both go by."""

    def __init__(self, log: LiveLog, disk: Disk | None = None) -> None:
        self.log = log
        self.disk = disk or MemoryDisk()
        self.source = Watched(log.path)
        self.now = NOW
        self.checker = self.start()

    def start(self) -> Checker:
        self.checker = Checker(self.disk, SIGNER, policy_of(), self.source, FOUNDER.verifying, lambda: self.now)
        return self.checker

    @property
    def size(self) -> int:
        seen = self.checker.seen(ORIGIN)
        return seen.head.size if seen else 0

    def request(self, checkpoint: Checkpoint) -> bytes:
        old = self.size
        path = self.log.prove(old, checkpoint.head.size)
        return format_request(Request(old=old, path=path, checkpoint=checkpoint.note))

    def ask(self, checkpoint: Checkpoint) -> None:
        (line,) = self.checker.add_checkpoint(self.request(checkpoint))
        check_note(checkpoint.note.with_signatures([line]), (SIGNER.key,))

    def grow(self, block: Block | None = None) -> Checkpoint:
        """Append a block, have it cosigned, and publish it as the other witnesses have cosigned it, too."""
        checkpoint = self.log.append(block)
        self.now = CONSTANTS.begins(self.log.blocks[-1].header.epoch)
        self.ask(checkpoint)
        return self.publish(checkpoint)

    def publish(self, checkpoint: Checkpoint) -> Checkpoint:
        lines = [sign_note(checkpoint.note.text, one, self.now) for one in SIGNERS.values()]
        return self.log.publish(checkpoint.note.with_signatures(lines))


@pytest.fixture
def scene(log: LiveLog) -> Scene:
    return Scene(log)


def unsorted(log: LiveLog) -> Block:
    """Return a block with two decisions in the wrong order, its header as if nothing were wrong."""
    block = log.block()
    entries = list(block.entries)
    entries[1], entries[2] = entries[2], entries[1]
    return Block(start=block.start, entries=tuple(entries))


def test_blocks_that_keep_every_rule_are_cosigned(scene: Scene) -> None:
    for _ in range(3):
        scene.grow()
    assert scene.size == 3 * 256
    assert scene.checker.refusals() == []


def test_a_block_that_breaks_a_rule_is_refused_in_public_with_all_that_shows_it(scene: Scene) -> None:
    scene.grow()
    bad = unsorted(scene.log)
    checkpoint = scene.log.append(bad)
    scene.now += CONSTANTS.epoch_seconds
    for _ in range(2):
        with pytest.raises(RefusedBlockError) as caught:
            scene.ask(checkpoint)
        assert caught.value.code == "order"
    with TestClient(checker_app(scene.checker, Rate(99, 99)), raise_server_exceptions=False) as client:
        answer = client.post("/add-checkpoint", content=scene.request(checkpoint))
        assert (answer.status_code, answer.json()["code"]) == (422, "order")
        (said,) = client.get("/refusals").json()
        assert (said["code"], said["start"], said["size"], said["at"]) == ("order", 256, 512, scene.now)
        folder = f"/refusals/{said['id']}"
        assert open_checkpoint(client.get(f"{folder}/note").content, LOG.key).head == checkpoint.head
        assert tuple(parse_entries(client.get(f"{folder}/entries").content)) == bad.entries
        assert client.get(f"{folder}/superseded").content == bad.superseded
        for nowhere in (f"{folder}/..%2F..%2Fseen", f"{folder}/key", "/refusals/x/note"):
            assert client.get(nowhere).status_code == 404
    assert scene.size == 256


def test_the_control_is_the_judgement(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without it the same block is cosigned, as by a mere witness."""
    scene.grow()
    checkpoint = scene.log.append(unsorted(scene.log))
    monkeypatch.setattr("habeas.services._checker._judged", lambda state, _block, _clock: state)
    scene.ask(checkpoint)
    assert scene.size == 512


def test_a_block_ahead_of_its_time_is_refused_until_then(scene: Scene) -> None:
    scene.grow()
    checkpoint = scene.log.append()
    scene.now -= 1
    with pytest.raises(RefusedBlockError, match="clock"):
        scene.ask(checkpoint)
    scene.now += 1
    scene.ask(checkpoint)


FILES = ("blocks", "block/{epoch}", "tile/entries/001", "superseded/{epoch}", "packs/{epoch}")
WAYS = [(what, how) for what in FILES for how in ("withheld", "changed", "cut")]
WAYS += [(what, "the first block's") for what in FILES[1:3]]


@pytest.mark.parametrize(("what", "how"), WAYS)
def test_what_the_log_does_not_serve_as_it_signed_it_is_not_cosigned(scene: Scene, what: str, how: str) -> None:
    scene.grow()
    checkpoint = scene.log.append()
    scene.now += CONSTANTS.epoch_seconds
    path = what.format(epoch=FIRST + 1)
    data = scene.source(path) or b""
    first = scene.source(path.replace(str(FIRST + 1), str(FIRST)).replace("001", "000")) or b""
    changed = {"withheld": None, "changed": data[:-1] + b"\xff", "cut": data[:-1], "the first block's": first}[how]
    assert changed != data
    scene.source.changed[path] = changed
    with pytest.raises((SourceError, RefusedBlockError)) as caught:
        scene.ask(checkpoint)
    if what not in ("superseded/{epoch}", "packs/{epoch}"):
        assert type(caught.value) is SourceError
        assert scene.checker.refusals() == []
    assert scene.size == 256
    del scene.source.changed[path]
    scene.ask(checkpoint)
    assert scene.size == 512


def test_only_the_founder_s_constants_are_taken(log: LiveLog) -> None:
    other = Checker(
        MemoryDisk(),
        SIGNER,
        policy_of(),
        Watched(log.path),
        make_signing_key(Algorithm.EDDSA, b"x" * 32).verifying,
        lambda: NOW,
    )
    checkpoint = log.append()
    body = format_request(Request(old=0, path=(), checkpoint=checkpoint.note))
    with pytest.raises(SourceError, match="constants"):
        other.add_checkpoint(body)


# Its copy


def test_its_copy_is_the_log_and_its_checkpoint_comes_under_quorum(scene: Scene) -> None:
    assert scene.checker.publish() is None
    for number in range(3):
        checkpoint = scene.grow()
        assert scene.checker.publish() == checkpoint
        last = scene.log.append() if number == 2 else None
    assert last is not None
    scene.now += CONSTANTS.epoch_seconds
    scene.ask(last)
    assert scene.checker.publish() == checkpoint  # what has no quorum yet is laid, and not served as the log's head
    names = [f"tile/entries/{n:03d}" for n in range(4)] + [f"tile/0/{n:03d}" for n in range(4)]
    names += ["tile/1/000.p/3", "checkpoint", f"block/{FIRST + 2}", f"packs/{FIRST}", "blocks"]
    for name in names:
        assert scene.checker.copy.fetch(name) == scene.log.folder.fetch(name), name


def test_a_checkpoint_without_a_quorum_or_of_another_tree_is_not_served(scene: Scene) -> None:
    checkpoint = scene.grow()
    for note in (replace(checkpoint.note, signatures=checkpoint.note.signatures[:1]), checkpoint.note):
        data = format_note(note)
        scene.source.changed["checkpoint"] = data if note is not checkpoint.note else data[:-90]
        assert scene.checker.publish() is None
    scene.source.changed["checkpoint"] = _other(checkpoint)
    assert scene.checker.publish() is None
    assert len(scene.checker.forks()) == 1


def _other(checkpoint: Checkpoint) -> bytes:
    head = Head(origin=ORIGIN, size=checkpoint.head.size, root=bytes(32))
    note = sign_checkpoint(head, LOG)
    return format_note(note.with_signatures(sign_note(note.text, one, NOW) for one in SIGNERS.values()))


def test_an_older_checkpoint_of_another_tree_is_a_fork_that_it_can_show(scene: Scene, tmp_path: Path) -> None:
    for _ in range(2):
        scene.grow()
    other = LiveLog(tmp_path / "other")
    forked = other.append(other.block())
    assert forked.head == open_checkpoint(format_note(forked.note), LOG.key).head
    other.close()
    same = format_request(Request(old=0, path=(), checkpoint=forked.note))
    with pytest.raises(TlogError):  # the first block is the same: no fork
        scene.checker.add_checkpoint(same)
    assert scene.checker.forks() == []
    note = sign_checkpoint(Head(origin=ORIGIN, size=256, root=bytes(32)), LOG)
    with pytest.raises(TlogError, match="fork"):
        scene.checker.add_checkpoint(format_request(Request(old=0, path=(), checkpoint=note)))
    assert len(scene.checker.forks()) == 1


# Crashes


@pytest.mark.parametrize("how", list(Break))
@pytest.mark.parametrize("at", range(1, 9))
def test_whatever_write_breaks_it_goes_on_where_it_was(log: LiveLog, at: int, how: Break) -> None:
    files: dict[str, bytes] = {}
    scene = Scene(log, MemoryDisk(files, at=at, how=how))
    for _ in range(2):
        checkpoint = log.append()
        scene.now = CONSTANTS.begins(log.blocks[-1].header.epoch)
        with suppress(StoreError, ServiceError):
            scene.ask(checkpoint)
        scene.disk = MemoryDisk(files)
        scene.start()
        scene.ask(checkpoint)
        scene.publish(checkpoint)
    assert scene.size == 512
    assert scene.start().publish() is not None
    for block in log.blocks:
        file = next(one for one in scene.checker.copy.blocks(512) if one.start == block.start)
        assert scene.checker.copy.read_block(file) == block


def test_after_a_restart_it_judges_as_before(scene: Scene) -> None:
    scene.grow()
    scene.grow()
    scene.now += 10 * CONSTANTS.epoch_seconds  # by the clock of now the old blocks would be late
    scene.start()
    assert scene.size == 512
    checkpoint = scene.log.append(unsorted(scene.log))
    with pytest.raises(RefusedBlockError):
        scene.ask(checkpoint)


def test_a_block_judged_in_time_is_not_late_because_its_cosignature_was(scene: Scene) -> None:
    scene.grow()
    checkpoint = scene.log.append()
    scene.now += CONSTANTS.epoch_seconds
    assert isinstance(scene.disk, MemoryDisk)
    scene.disk._at, scene.disk._how = scene.disk.operations + 3, Break.FULL
    with pytest.raises(StoreError):
        scene.ask(checkpoint)
    judged = json.loads(scene.disk.files[f"private/judged/{FIRST + 1}"])["now"]
    scene.now += 20 * CONSTANTS.epoch_seconds
    scene.ask(checkpoint)
    assert json.loads(scene.disk.files[f"private/judged/{FIRST + 1}"])["now"] == judged


def test_a_copy_that_was_changed_is_seen_on_starting(scene: Scene) -> None:
    scene.grow()
    assert isinstance(scene.disk, MemoryDisk)
    entries = list(scene.log.blocks[0].entries)
    entries[0] = entries[0][:-1] + b"\x01"
    scene.disk.files["log/tile/entries/000"] = format_bundle(entries)
    with pytest.raises(DamagedStoreError):
        scene.start()


def test_a_copy_of_another_log_that_keeps_every_rule_is_seen_too(scene: Scene) -> None:
    scene.grow()
    scene.grow()
    assert isinstance(scene.disk, MemoryDisk)
    entries = list(scene.log.blocks[1].entries)
    entries[1] = entries[1][:-1] + bytes([entries[1][-1] ^ 1])
    scene.disk.files["log/tile/entries/001"] = format_bundle(entries)
    with pytest.raises(DamagedStoreError, match="not what was cosigned"):
        scene.start()


def test_a_copy_that_is_gone_is_fetched_again(scene: Scene) -> None:
    scene.grow()
    assert isinstance(scene.disk, MemoryDisk)
    for name in [name for name in scene.disk.files if name.startswith("log/")]:
        del scene.disk.files[name]
    scene.start()
    scene.grow()
    assert scene.size == 512
    assert scene.checker.copy.fetch("tile/entries/000") == scene.log.folder.fetch("tile/entries/000")


def test_on_a_folder_of_its_own(log: LiveLog, tmp_path: Path) -> None:
    with FolderDisk(tmp_path / "c1") as disk:
        scene = Scene(log, disk)
        scene.grow()
        scene.grow()
    with FolderDisk(tmp_path / "c1") as disk:
        scene.disk = disk
        scene.start()
        scene.grow()
        assert scene.size == 768


# A new checker


def test_a_new_checker_replays_history_that_a_quorum_covers(scene: Scene) -> None:
    for _ in range(3):
        scene.grow()
    late = Scene(scene.log)
    late.now = scene.now
    checkpoint = scene.log.append()
    late.now += CONSTANTS.epoch_seconds
    late.ask(checkpoint)
    settled = [json.loads(late.disk.read(f"private/judged/{FIRST + n}") or b"")["settled"] for n in range(4)]
    assert settled == [True, True, True, False]
    assert late.size == 1024


def test_what_is_needed_of_a_block_is_fetched_once(scene: Scene) -> None:
    scene.grow()
    scene.source.asked.clear()
    scene.grow()
    asked = scene.source.asked
    assert sorted(asked) == sorted(set(asked))
    assert "tile/entries/000" not in asked
