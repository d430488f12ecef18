"""The keyring: keys by person and epoch, durable, and old states really gone from the file."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from habeas.passes import PersonKeys, Ratchet
from habeas.stores import ConflictError, ForeignFileError, Keyring, KeyRow, MissingStoreError, StoreError

WHO, OTHER = b"w" * 16, b"o" * 16


def row(subject: bytes = WHO, since: int = 10, day: int = 100, seed: bytes = b"s", hint: str = "4821") -> KeyRow:
    keys = PersonKeys(
        labels=Ratchet(day=day, state=seed * 32), openings=Ratchet(day=day, state=bytes(reversed(range(32))))
    )
    return KeyRow(subject=subject, since=since, keys=keys, hint=hint)


@pytest.fixture(params=["memory", "file"])
def keyring(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Keyring]:
    with Keyring(None if request.param == "memory" else tmp_path / "keys.sqlite") as opened:
        yield opened


def test_a_persons_keys_are_those_of_the_newest_epoch_up_to_the_one_asked_for(keyring: Keyring) -> None:
    first, second = row(since=10), row(since=20, seed=b"t")
    keyring.add(first, second, row(subject=OTHER))
    assert keyring.at(WHO, 9) is None
    assert keyring.at(WHO, 10) == keyring.at(WHO, 19) == first
    assert keyring.at(WHO, 20) == keyring.at(WHO, 1 << 31) == second
    assert list(keyring.rows()) == [row(subject=OTHER), first, second]


def test_the_same_again_changes_nothing_and_others_are_refused_whole(keyring: Keyring) -> None:
    keyring.add(row())
    keyring.add(row())
    with pytest.raises(ConflictError):
        keyring.add(row(subject=OTHER), row(seed=b"t"))
    assert list(keyring.rows()) == [row()]


def test_rolling_gives_the_ratchets_later_state_and_nothing_before_it(keyring: Keyring) -> None:
    keyring.add(row(day=100), row(subject=OTHER, day=130))
    assert keyring.roll(120) == 1
    assert keyring.roll(120) == 0
    found = keyring.at(WHO, 10)
    assert found is not None
    assert found.keys.labels == row().keys.labels.at(120)
    assert found.keys.openings is not None
    assert found.keys.openings.day == 120
    assert keyring.oldest() == 120
    assert keyring.at(OTHER, 10) == row(subject=OTHER, day=130)


def test_the_old_states_bytes_are_gone_from_the_file_and_its_journal(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite"
    seeds = [os.urandom(32) for _ in range(200)]
    with Keyring(path) as keyring:
        keyring.add(
            *(
                KeyRow(
                    subject=number.to_bytes(16),
                    since=1,
                    keys=PersonKeys(labels=Ratchet(day=1, state=seed), openings=Ratchet(day=1, state=seed[::-1])),
                    hint="",
                )
                for number, seed in enumerate(seeds)
            )
        )
        assert any(seed in path.read_bytes() for seed in seeds)
        keyring.roll(2)
    left = b"".join(one.read_bytes() for one in tmp_path.iterdir())
    assert not [seed for seed in seeds if seed in left or seed[::-1] in left]


def test_a_file_that_is_not_there_or_not_ours_is_left_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(MissingStoreError):
        Keyring(tmp_path / "none", create=False)
    assert not (tmp_path / "none").exists()
    other = tmp_path / "other"
    other.write_bytes(b"no database at all, but long enough to be looked at by whoever opens it" * 20)
    with pytest.raises(StoreError):
        Keyring(other)
    strange = tmp_path / "strange.sqlite"
    connection = sqlite3.connect(strange)
    connection.executescript("PRAGMA application_id = 7; CREATE TABLE t (x);")
    connection.close()
    with pytest.raises(ForeignFileError):
        Keyring(strange)


def test_the_file_is_its_owners_alone(tmp_path: Path) -> None:
    with Keyring(tmp_path / "keys.sqlite") as keyring:
        keyring.add(row())
    assert (tmp_path / "keys.sqlite").stat().st_mode & 0o077 == 0


_KILLED = """
import os, sys
from pathlib import Path
from habeas.passes import PersonKeys, Ratchet
from habeas.stores import Keyring, KeyRow
keyring = Keyring(Path(sys.argv[1]))
number = 0
while True:
    keys = PersonKeys(labels=Ratchet(day=1, state=bytes(32)), openings=Ratchet(day=1, state=bytes(32)))
    keyring.add(*(KeyRow(subject=(number + n).to_bytes(16), since=1, keys=keys, hint="") for n in range(5)))
    number += 5
    print(number, flush=True)
"""


def test_a_killed_process_leaves_whole_batches_and_all_that_it_was_told_are_there(tmp_path: Path) -> None:
    path = tmp_path / "keys.sqlite"
    child = subprocess.Popen([sys.executable, "-c", _KILLED, str(path)], stdout=subprocess.PIPE, text=True)
    assert child.stdout is not None
    told = [int(child.stdout.readline()) for _ in range(20)][-1]
    child.send_signal(signal.SIGKILL)
    told = max([told, *(int(line) for line in child.stdout.read().split())])
    child.wait()
    child.stdout.close()
    with Keyring(path, create=False) as keyring:
        count = len(list(keyring.rows()))
    assert count >= told
    assert count % 5 == 0
