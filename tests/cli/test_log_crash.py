"""`log append` killed at any write: the next call goes on, every receipt is answered, and nothing is in two blocks."""

from __future__ import annotations

import base64
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.log_town import FOUNDED, OPENED, LogTown
from cli.running import LI, POSITIVE, done, habeas, write_json
from habeas.cli._key_file import read_public_file
from habeas.cli._log_folder import PublishedLog, read_place
from habeas.passes import answer_in_block, check_intake_receipt
from habeas.tlog import Tile, parse_block_file, parse_bundle
from habeas.wire import parse_instant

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])

CRASHES = """
import os, signal, sys
from habeas.cli._app import run
from habeas.stores import FolderDisk, Keyring, SqliteStore

at, *line = sys.argv[1:]
writes = 0

def breaking(holder, name):
    does = getattr(holder, name)

    def write(*args, **more):
        global writes
        writes += 1
        if writes == int(at):
            os.kill(os.getpid(), signal.SIGKILL)
        return does(*args, **more)

    setattr(holder, name, write)

for holder, name in ((FolderDisk, "write"), (FolderDisk, "remove"), (SqliteStore, "commit"), (Keyring, "add")):
    breaking(holder, name)
code = run(line)
print(writes, file=sys.stderr)
sys.exit(code)
"""
KILLED, WRITES = -9, 10
"""The epoch closed; events; keys; the block staged, signed, laid, listed; the checkpoint; the staged block removed; decisions."""


@pytest.fixture
def town(tmp_path: Path) -> Iterator[LogTown]:
    with ExitStack() as stack:
        town = LogTown(tmp_path, stack)
        town.found()
        town.appended(OPENED)
        yield town


def when(hour: int) -> str:
    """Return an hour after the third of January began."""
    return f"2022-01-{3 + hour // 24:02d}T{hour % 24:02d}:00Z"


def crashing(town: LogTown, write: int, at: str) -> subprocess.CompletedProcess[str]:
    """Append in a process of its own that kills itself before a write; 0: it counts them."""
    town.now = int(parse_instant(at))
    line = ("log", "append", str(town.folder), "--at", at, "--patience", "20")
    return subprocess.run(
        [sys.executable, "-c", CRASHES, str(write), *line],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ,
    )


def hand_in(town: LogTown, hour: int) -> tuple[bytes, str]:
    """Hand in a statement that is refused, and somebody new; return the receipt and the document."""
    at = when(hour).replace(":00Z", ":30Z")
    said = write_json(
        town.top / f"said{hour}.json", POSITIVE | {"issued": f"2022-06-10T{12 + hour % 12}:{hour % 60:02d}Z"}
    )
    signed, receipt = town.top / f"said{hour}.cose", town.top / f"said{hour}.receipt"
    key = ("--key", town.top / "lab.key", "--registry-key", town.folder / "registry.key")
    done("statement", "sign", said, *key, "--out", signed)
    assert habeas("statement", "admit", "--db", town.db, signed, "--receipt", receipt, "--at", at).code == 1
    document = f"passport:CN:{1000 + hour}"
    town.do("person", "enrol", "--document", document, at=at)
    return base64.b64decode(receipt.read_text()), document


def check(town: LogTown, receipt: bytes, document: str, at: str) -> None:
    """Hold receipt, ledger and log against each other."""
    place = read_place(town.folder)
    log = PublishedLog(place)
    found = check_intake_receipt(receipt, read_public_file(town.public))
    answered = []
    for epoch in log.blocks():
        file = parse_block_file(log.folder.fetch(f"block/{epoch}") or b"")
        tiles = [Tile(level=None, index=index) for index in range(file.start // 256, file.end // 256)]
        entries = [entry for tile in tiles for entry in parse_bundle(tile, log.folder.read(tile))]
        if epoch == found.block:
            answered.append(answer_in_block(found, entries))
    assert len(answered) == 1
    assert len(log.blocks()) == len(set(log.blocks()))
    done("explain", "--db", town.db, "--document", document, "--at", at)
    done("audit", "--db", town.db)
    done("log", "verify", town.folder, "--policy", town.policy, "--entries")


@pytest.mark.parametrize(
    "moments",
    [[5, 9], pytest.param(range(1, WRITES + 1), marks=pytest.mark.long)],
    ids=["before the signature and after the checkpoint", "before every write"],
)
def test_killed_at_a_write_the_next_call_goes_on(town: LogTown, moments: Sequence[int]) -> None:
    for number, write in enumerate(moments):
        hour = 2 * number
        receipt, document = hand_in(town, hour)
        at = when(hour + 2)
        ran = crashing(town, write, at)
        assert ran.returncode == KILLED, ran
        again = town.append(at)
        assert again.code in (0, 1), again
        assert again.code == 0 or "made already" in again.err
        check(town, receipt, document, at)
    town.appended(when(2 * len(moments) + 2))


def test_an_append_has_the_writes_that_are_broken_above(town: LogTown) -> None:
    hand_in(town, 0)
    ran = crashing(town, 0, when(2))
    assert ran.returncode == 0, ran
    assert int(ran.stderr.split()[-1]) == WRITES


def test_a_crash_between_the_keys_and_the_entry_leaves_nobody_without_either(
    town: LogTown, monkeypatch: pytest.MonkeyPatch
) -> None:
    from habeas.ledger import Intake  # noqa: PLC0415
    from habeas.stores import Keyring  # noqa: PLC0415

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr(Intake, "receive", crash)
        assert habeas("person", "enrol", "--db", town.db, "--document", "passport:CN:7", "--at", FOUNDED).code == 130
    with monkeypatch.context() as broken:
        broken.setattr(Keyring, "add", crash)
        assert habeas("person", "rekey", "--db", town.db, "--document", LI, "--at", "2022-01-02T03:00Z").code == 130
    old = town.hand_over_keys(LI, "old.keys", "2022-01-02T03:10Z")
    town.do("person", "enrol", "--document", "passport:CN:7", at="2022-01-02T03:20Z")
    town.appended("2022-01-02T04:00Z")
    new = town.hand_over_keys(LI, "new.keys", "2022-01-02T04:10Z")
    assert old.read_text() != new.read_text(), "the press made the new keys"
    assert town.pass_of(new)
