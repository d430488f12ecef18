"""Processes that are killed, run out of room or write at the same time: what was acknowledged is there, nothing half."""

from __future__ import annotations

import random
import subprocess
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from habeas.stores import SqliteStore
from stores.rows import check_history, step

Start = Callable[..., subprocess.Popen[str]]


def kill_rounds(path: Path, start: Start, rounds: int, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - when to kill, nothing secret
    durable = 0
    for number in range(rounds):
        with start("go_on", path) as child:
            assert child.stdout is not None
            # 0: perhaps while it is opening or recovering; the last round is let live until it has stored something
            wanted = draw.choice((0, 1, 2, draw.randrange(60))) if number < rounds - 1 else 3
            said = [int(child.stdout.readline()) for _ in range(wanted)]
            time.sleep(draw.random() * 0.02)
            child.kill()
            said += [int(line) for line in child.stdout if line.endswith("\n")]
        durable = max([durable, *said])
        with SqliteStore(path) as store:
            found = check_history(store)
            assert found in {durable, durable + 1}  # the last one may be stored and not yet acknowledged
            durable = found
    assert durable > 0


def test_killed_in_the_middle_nothing_acknowledged_is_lost(tmp_path: Path, start: Start) -> None:
    kill_rounds(tmp_path / "store.db", start, rounds=4, seed=0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(8))
def test_killed_many_times_nothing_acknowledged_is_lost(tmp_path: Path, start: Start, seed: int) -> None:
    kill_rounds(tmp_path / "store.db", start, rounds=25, seed=seed)


@pytest.mark.parametrize("room", [100_000, 150_000, 200_001])
def test_a_commit_that_fails_on_disk_has_an_unknown_outcome(tmp_path: Path, start: Start, room: int) -> None:
    path = tmp_path / "store.db"
    with start("run_out", path, room) as child:
        *numbers, unknown, refused = (child.communicate(timeout=60)[0]).split()
    assert (unknown, refused) == ("unknown", "refused")
    with SqliteStore(path) as store:
        done = check_history(store)
        assert done in {len(numbers), len(numbers) + 1}
        store.commit(replace(step(done), head=None))  # the same again is safe
        store.commit(step(done + 1))
        assert check_history(store) == done + 1


def test_processes_may_write_in_turns(tmp_path: Path, start: Start) -> None:
    path = tmp_path / "store.db"
    children = [start("share", path, 60) for _ in range(3)]  # all three make the file, or find it made
    said = [int(word) for child in children for word in child.communicate(timeout=120)[0].split()]
    assert [child.returncode for child in children] == [0, 0, 0]
    assert sorted(said) == list(range(1, 61))
    with SqliteStore(path) as store:
        assert check_history(store) == 60
