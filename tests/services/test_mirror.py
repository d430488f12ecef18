"""A mirror: takes over what a quorum has signed and nothing else, from whoever has it, and sees when a log is two."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from habeas.services import (
    FolderSource,
    ForkedLogError,
    ForkFileError,
    Mirror,
    Source,
    SourceError,
    format_fork,
    parse_fork,
    verify_log,
)
from habeas.stores import DamagedStoreError, StoreError
from habeas.tlog import (
    Checkpoint,
    EntryKind,
    Plain,
    Sections,
    TlogError,
    check_consistency,
    format_blocks,
    format_note,
    parse_blocks,
    sign_note,
)
from services.live import AT, FIRST, LOG, ORIGIN, SIGNERS, LiveLog, policy_of
from stores.disks import Break, MemoryDisk
from tlog.blocks import decision

OTHER = 999


class Source_:  # noqa: N801
    """A log's folder as somebody serves it, with changes."""

    def __init__(self, fetch: Callable[[str], bytes | None], name: str = "one") -> None:
        self.fetch = fetch
        self.name = name
        self.changed: dict[str, bytes | None] = {}

    def __call__(self, path: str) -> bytes | None:
        return self.changed[path] if path in self.changed else self.fetch(path)


def publish(log: LiveLog, checkpoint: Checkpoint) -> Checkpoint:
    lines = [sign_note(checkpoint.note.text, one, AT) for one in SIGNERS.values()]
    return log.publish(checkpoint.note.with_signatures(lines))


def grown(log: LiveLog, blocks: int, *, another: int | None = None) -> LiveLog:
    """Let a log grow; from block number `another` on it is another log."""
    for _ in range(blocks):
        number = len(log.blocks)
        sections = None
        if another is not None and number >= another:
            sections = Sections(decisions=[decision(log.first + number, OTHER)])
        publish(log, log.append(log.block(sections)))
    return log


@pytest.fixture
def log(tmp_path: Path) -> Iterator[LiveLog]:
    found = grown(LiveLog(tmp_path / "log"), 3)
    yield found
    found.close()


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Callable[..., LiveLog]]:
    """Return what makes one more log of the same key."""
    made: list[LiveLog] = []

    def another(blocks: int, fork: int) -> LiveLog:
        made.append(grown(LiveLog(tmp_path / f"other{len(made)}"), blocks, another=fork))
        return made[-1]

    yield another
    for one in made:
        one.close()


def mirror(*sources: Source, disk: MemoryDisk | None = None) -> Mirror:
    return Mirror(disk or MemoryDisk(), policy_of(), sources)


def files_of(log: LiveLog) -> set[str]:
    return {name.removeprefix("log/") for name in log.disk.names("log")}


def test_its_copy_is_the_log_file_by_file(log: LiveLog) -> None:
    disk = MemoryDisk()
    one = mirror(Source_(log.folder.fetch), disk=disk)
    assert one.follow().head.size == 768
    grown(log, 2)
    assert one.follow() == one.follow()
    mine = {name.removeprefix("log/"): data for name, data in disk.files.items()}
    assert {name: mine[name] for name in files_of(log) & mine.keys()} == {
        name: log.folder.fetch(name) for name in files_of(log) & mine.keys()
    }
    assert files_of(log) - mine.keys() <= {"tile/1/000.p/1", "tile/1/000.p/2", "tile/1/000.p/4"} & files_of(log)
    verify_log(Source_(one.copy.fetch), policy_of(), entries=True)


def test_it_follows_as_long_as_one_source_serves_well(log: LiveLog, tmp_path: Path) -> None:
    down = FolderSource(tmp_path / "nowhere")
    stale = Source_(FolderSource(tmp_path / "log"))
    stale.changed["checkpoint"] = None
    lying = Source_(log.folder.fetch, "lying")
    lying.changed["tile/entries/001"] = log.folder.fetch("tile/entries/000")
    one = mirror(down, stale, lying, Source_(log.folder.fetch))
    assert one.follow().head.size == 768
    assert len(one.trouble) == 3
    assert "not those that the log has signed" in " ".join(one.trouble)
    with pytest.raises(SourceError, match="signed"):
        mirror(down, lying).follow()


@pytest.mark.parametrize("path", [f"superseded/{FIRST + 1}", f"packs/{FIRST}"])
def test_lists_that_no_header_binds_are_not_taken(log: LiveLog, path: str) -> None:
    source = Source_(log.folder.fetch)
    source.changed[path] = b"\0\0\0\1\1"
    one = mirror(source)
    with pytest.raises(SourceError, match="lists"):
        one.follow()
    assert one.copy.checkpoint() is None


def test_a_file_that_makes_two_blocks_one_is_not_taken(log: LiveLog) -> None:
    """Whoever looks for a decision looks in blocks; a block that is hidden in another would hide what it holds."""
    first, second = (log.folder.fetch(f"block/{FIRST + n}") or b"" for n in range(2))
    source = Source_(log.folder.fetch)
    source.changed[f"block/{FIRST}"] = first[:5] + (2).to_bytes(4) + first[9:] + second[-32:]
    source.changed["blocks"] = format_blocks([(FIRST, 0), (FIRST + 2, 512)])
    with pytest.raises(SourceError, match="more or fewer roots"):
        mirror(source).follow()


def test_without_a_quorum_nothing_is_taken(log: LiveLog) -> None:
    bare = log.append()
    with pytest.raises(TlogError):
        policy_of().check(bare.note)
    source = Source_(log.folder.fetch)
    source.changed["checkpoint"] = format_note(bare.note)
    one = mirror(source)
    with pytest.raises(SourceError, match="known keys"):
        one.follow()
    assert one.copy.fetch("tile/entries/000") is None


def test_a_long_plain_body_is_copied_and_must_be_what_its_entry_names(tmp_path: Path) -> None:
    body = b"\xd2" + b"p" * 70_000
    entry = Plain(kind=EntryKind.PACK, body=b"\0" + len(body).to_bytes(4) + hashlib.sha256(body).digest()).to_bytes()
    log = grown(LiveLog(tmp_path / "log"), 1)
    path = f"plain/{hashlib.sha256(body).hexdigest()}"
    log.disk.write({f"log/{path}": body})
    publish(log, log.append(log.block(Sections(plain=[entry]))))
    source = Source_(log.folder.fetch)
    for changed in (None, body[:-1], body[:-1] + b"q"):
        source.changed[path] = changed
        with pytest.raises(SourceError, match="plain/"):
            mirror(source).follow()
    del source.changed[path]
    one = mirror(source)
    one.follow()
    assert one.copy.fetch(path) == body
    log.close()


# Forks


@pytest.mark.parametrize(("mine", "other"), [(3, 3), (3, 5), (5, 3), (2, 2)])
def test_two_logs_of_one_key_are_proved_to_everybody(make: Callable[..., LiveLog], mine: int, other: int) -> None:
    first, second = make(mine, 99), make(other, 1)
    disk = MemoryDisk()
    one = mirror(Source_(first.folder.fetch), disk=disk)
    one.follow()
    before = dict(disk.files)
    both = Mirror(disk, policy_of(), [Source_(first.folder.fetch), Source_(second.folder.fetch)])
    with pytest.raises(ForkedLogError) as caught:
        both.follow()
    (name,) = disk.files.keys() - before.keys()
    fork = parse_fork(disk.files[name], LOG.key)
    assert {fork.first.head.size, fork.second.head.size} == {mine * 256, other * 256}
    assert caught.value.fork == fork
    check_consistency(fork.first.head.size, fork.second.head.size, fork.path, fork.root, fork.second.head.root)
    with pytest.raises(ForkedLogError):  # which of them is the log is not for a program to say
        Mirror(disk, policy_of(), [Source_(first.folder.fetch)]).follow()
    assert {name: data for name, data in disk.files.items() if name in before} == before


def test_agreeing_logs_are_no_fork(make: Callable[..., LiveLog]) -> None:
    short, long = make(2, 99), make(4, 99)
    one = mirror(Source_(short.folder.fetch), Source_(long.folder.fetch))
    assert one.follow().head.size == 1024
    assert one.follow().head.size == 1024


def test_a_source_that_cannot_show_its_tree_is_trouble_and_no_fork(make: Callable[..., LiveLog]) -> None:
    first, second = make(3, 99), make(5, 1)
    disk = MemoryDisk()
    mirror(Source_(first.folder.fetch), disk=disk).follow()
    bare = Source_(second.folder.fetch)
    bare.changed |= {name: None for name in files_of(second) if name.startswith("tile/")}
    with pytest.raises(SourceError):
        mirror(bare, disk=disk).follow()
    assert [name for name in disk.files if name.startswith("forks")] == []


def test_only_a_real_fork_is_read_as_one(make: Callable[..., LiveLog]) -> None:
    first, second = make(3, 99), make(5, 1)
    disk = MemoryDisk()
    mirror(Source_(first.folder.fetch), disk=disk).follow()
    with pytest.raises(ForkedLogError) as caught:
        mirror(Source_(second.folder.fetch), disk=disk).follow()
    data = format_fork(caught.value.fork)
    assert parse_fork(data, LOG.key) == caught.value.fork
    good = json.loads(data)
    agreeing = {"second": good["first"], "root": good["first"].split("\n")[2], "path": []}
    for change in (
        {"root": "AAAA"},
        {"path": good["path"][1:]},
        {"v": 2},
        agreeing,
        {"path": 3},
        {"first": good["second"]},
    ):
        with pytest.raises(ForkFileError):
            parse_fork(json.dumps(good | change).encode(), LOG.key)
    with pytest.raises(ForkFileError):
        parse_fork(data, SIGNERS["w1"].key)
    for junk in (b"", b"[]", b"{" * 10_000, b"\xff"):
        with pytest.raises(ForkFileError):
            parse_fork(junk, LOG.key)


# Crashes


@pytest.mark.parametrize("how", list(Break))
@pytest.mark.parametrize("at", range(1, 9))
def test_after_any_crash_the_checkpoint_has_its_tiles_and_the_copy_goes_on(log: LiveLog, at: int, how: Break) -> None:
    files: dict[str, bytes] = {}
    source = Source_(log.folder.fetch)
    with suppress(StoreError):
        mirror(source, disk=MemoryDisk(files, at=at, how=how)).follow()
    if "log/checkpoint" in files:
        verify_log(Source_(mirror(disk=MemoryDisk(files)).copy.fetch), policy_of(), entries=True)
    grown(log, 1)
    one = mirror(source, disk=MemoryDisk(files))
    assert one.follow().head.size == 1024
    verify_log(Source_(one.copy.fetch), policy_of(), entries=True)
    assert parse_blocks(one.copy.fetch("blocks") or b"") == tuple((FIRST + n, 256 * n) for n in range(4))


def test_a_copy_that_was_damaged_says_so(log: LiveLog) -> None:
    disk = MemoryDisk()
    one = mirror(Source_(log.folder.fetch), disk=disk)
    one.follow()
    grown(log, 1)
    del disk.files["log/tile/1/000.p/3"]
    with pytest.raises(DamagedStoreError, match="anew"):
        one.follow()
    disk.files["log/checkpoint"] = b"nothing"
    with pytest.raises(DamagedStoreError):
        one.follow()
    assert ORIGIN
