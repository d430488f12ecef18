"""A log's process that is killed or whose writes fail, at any step: no fork, no signed block lost, the same bytes go on.

`child.py` breaks one log after the other and has `check_log` look at each; here stands what is broken, and how often.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from faults.conftest import start
from faults.logs import Seen, check_log

Break = Callable[..., dict[str, int]]

OPERATIONS = 12
"""What two appends are made of: stage, commit, lay twice, publish and end, of each."""


def test_killed_in_the_midst_of_every_operation_of_the_disk(break_log: Break) -> None:
    assert break_log("operations", "kill", "HALF") == {"killed": OPERATIONS, "done": 1}


@pytest.mark.long
@pytest.mark.parametrize(("act", "end"), [("kill", "killed"), ("fail", "UnknownOutcomeError")])
def test_every_operation_of_the_disk_breaks_stored_in_part_or_not(break_log: Break, act: str, end: str) -> None:
    assert break_log("operations", act, "BEFORE", "HALF", "AFTER") == {end: 3 * OPERATIONS, "done": 3}


@pytest.mark.parametrize(
    ("name", "what", "step"),
    [("write", "kill", 1), ("fsync", "EIO", 17), ("rename", "EIO", 7), ("write", "ENOSPC", 7), ("any", "EIO+", 67)],
)
def test_calls_break_here_and_there(break_calls: Break, name: str, what: str, step: int) -> None:
    _check_ends(break_calls(name, what, step), what, at_least=3)


@pytest.mark.long
@pytest.mark.parametrize(
    ("name", "what", "step"),
    [
        ("any", "kill", 1),
        ("any", "EIO", 3),
        ("any", "EIO+", 7),
        ("any", "ENOSPC+", 5),
        ("write", "ENOSPC", 1),
        ("open", "EMFILE", 3),
    ],
)
def test_calls_break_everywhere(break_calls: Break, name: str, what: str, step: int) -> None:
    """`+`: and every later one, as of a disk that is gone; else the process ends at the first error, and the next is whole."""
    _check_ends(break_calls(name, what, step), what, at_least={"any": 350, "write": 20, "open": 100}[name] // step)


def _check_ends(ends: dict[str, int], what: str, *, at_least: int) -> None:
    assert ends.pop("done") >= 1
    assert sum(ends.values()) >= at_least
    if what == "kill":
        assert set(ends) == {"killed"}
    elif what == "ENOSPC":  # once something is in place, nobody can say that nothing was stored
        assert ends["StoreFullError"] > ends.get("UnknownOutcomeError", 0)
    else:
        assert set(ends) <= {"UnknownOutcomeError", "StoreUnavailableError", "StoreFullError"}


def test_files_that_may_not_grow_stop_the_log_and_say_so(break_log: Break) -> None:
    ends = break_log("small_files", 5_000)
    assert ends.pop("done") == 1
    assert set(ends) == {"StoreFullError"}
    assert ends["StoreFullError"] >= 5


def test_a_full_disk_stops_the_log_and_the_next_start_goes_on(break_small_disk: Break) -> None:
    ends = break_small_disk()
    assert ends.pop("done") == 1
    assert ends["StoreFullError"] >= 5
    assert set(ends) <= {
        "StoreFullError",
        "UnknownOutcomeError",
    }  # no room for a folder's own growth is not known as such


def kill_rounds(where: Path, rounds: int, seed: int) -> None:
    draw = random.Random(seed)  # noqa: S311 - when to kill, nothing secret
    published = 0
    for number in range(rounds):
        with start("go_on", where) as child:
            assert child.stdout is not None
            # 0: perhaps while it opens or recovers; the last round is let live until it has published
            wanted = draw.choice((0, 1, 2, draw.randrange(12))) if number < rounds - 1 else 3
            said = [int(child.stdout.readline()) for _ in range(wanted)]
            time.sleep(draw.random() * 0.05)
            child.kill()
            said += [int(line) for line in child.stdout if line.endswith("\n")]
        published = max([published, *said])
        if (where / "log" / "log").exists():
            found = check_log(where / "log", Seen(where / "seen"))
            assert found in {published, published + 1}  # the last may be signed, and not yet said to be published
            published = found
    assert published > 0


def test_killed_at_random(tmp_path: Path) -> None:
    kill_rounds(tmp_path, rounds=3, seed=0)


@pytest.mark.long
@pytest.mark.parametrize("seed", range(4))
def test_killed_at_random_many_times(tmp_path: Path, seed: int) -> None:
    kill_rounds(tmp_path, rounds=15, seed=seed)


def test_processes_take_turns_for_the_lock_keeps_the_others_out(tmp_path: Path) -> None:
    children = [start("share", tmp_path, 12) for _ in range(3)]
    ends = [child.communicate(timeout=120) for child in children]
    assert [child.returncode for child in children] == [0, 0, 0], ends
    assert sorted(int(word) for said, _ in ends for word in said.split()) == list(range(1, 13))
    assert check_log(tmp_path / "log", Seen(tmp_path / "seen")) == 12
