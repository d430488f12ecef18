from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

Break = Callable[..., dict[str, int]]
_CHILD = Path(__file__).parent / "child.py"


def start(*words: object, before: tuple[str, ...] = ()) -> subprocess.Popen[str]:
    """Start `child.py` with the words given."""
    command = [*before, sys.executable, str(_CHILD), *map(str, words)]
    paths = filter(None, (str(_CHILD.parents[1]), os.environ.get("PYTHONPATH")))
    surroundings = {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=surroundings)


def outcome(child: subprocess.Popen[str]) -> dict[str, int]:
    """Return how often what came of the cases that a child has gone through, none of which broke the log."""
    said, trouble = child.communicate(timeout=1200)
    assert child.returncode == 0, trouble[-4000:]
    found: dict[str, int] = json.loads(said)
    return found


@pytest.fixture
def break_log(tmp_path: Path) -> Break:
    """Return what lets a log break as `child.py` says, and returns what came of it."""
    return lambda what, *words: outcome(start(what, tmp_path, *words))


@pytest.fixture
def break_calls(tmp_path: Path) -> Break:
    """Return the same where calls of the C library break."""
    if shutil.which("fiu-run") is None:
        reason = "needs fiu-run, of Debian's fiu-utils"
        if os.environ.get("CI") == "true":
            pytest.fail(reason)
        pytest.skip(reason)
    return lambda *words: outcome(start("calls", tmp_path, *words, before=("fiu-run", "-x", "-f", "")))


@pytest.fixture
def break_small_disk(tmp_path: Path) -> Break:
    """Return the same on a disk of a few MiB, which is there for the child alone."""
    mount = 'mount -t tmpfs -o size=4m tmpfs "$0" && exec "$@"'
    before = ("unshare", "--user", "--map-root-user", "--mount", "sh", "-c", mount, str(tmp_path))
    if (
        shutil.which("unshare") is None
        or subprocess.run([*before, "true"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no disk can be mounted here; the limit on the size of files stands for it")
    return lambda: outcome(start("small_disk", tmp_path, before=before))
