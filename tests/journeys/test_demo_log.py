"""The demo's log: real processes, six attempts by an insider, and who catches each; and a missing control is not told as held."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

import pytest

import habeas.passes._gate as gate_module
from case.henan import PACKS
from habeas.cli._demo import run_demo
from habeas.stores import check_log
from habeas.tlog import parse_policy

pytestmark = pytest.mark.enable_socket
PEOPLE = 200


def told(folder: Path) -> tuple[int, dict[str, Any]]:
    out = io.StringIO()
    with redirect_stdout(out):
        code = run_demo(folder, PEOPLE, packs=PACKS, as_json=True)
    return code, json.loads(out.getvalue())


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    folder = tmp_path_factory.mktemp("demo") / "demo"
    code, story = told(folder)
    assert code == 0
    return folder, story


def test_each_of_the_six_attempts_is_caught(demo: tuple[Path, dict[str, Any]]) -> None:
    log = demo[1]["log"]
    promises = [one for step in log["steps"] for one in step["promises"]]
    assert len(log["steps"]) == 6
    assert [one["words"] for one in promises if not one["held"]] == []
    assert len(log["cosigned_by"]) >= 4
    assert log["entries"] % 256 == 0


def test_the_log_that_it_leaves_is_clean_and_no_private_byte_is_served(demo: tuple[Path, dict[str, Any]]) -> None:
    folder = demo[0] / "log"
    policy = parse_policy((folder / "policy").read_bytes())

    def fetch(path: str) -> bytes | None:
        file = folder / "log" / path
        return file.read_bytes() if file.is_file() else None

    (key,) = policy.logs.values()
    assert list(check_log(fetch, key, policy)) == []
    assert {path.name for path in (folder / "log").iterdir()} == {
        "block",
        "blocks",
        "checkpoint",
        "packs",
        "superseded",
        "tile",
    }


def test_the_commands_that_it_names_work(demo: tuple[Path, dict[str, Any]]) -> None:
    folder = demo[0]
    policy = f"--policy {folder / 'log' / 'policy'}".split()
    for words in (
        ["log", "verify", str(folder / "log"), *policy],
        ["log", "fsck", str(folder / "log"), *policy],
        ["me", "look", "--log", str(folder / "log"), *policy, "--keys", str(folder / "saver.keys")],
    ):
        done = subprocess.run([sys.executable, "-m", "habeas.cli", *words], capture_output=True, text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        assert done.stderr == ""


@pytest.mark.long
def test_switched_off_a_gate_that_does_not_ask_the_log_breaks_the_promise(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate_module, "_found", lambda *_: None)
    code, story = told(tmp_path / "demo")
    broken = [one["words"] for step in story["log"]["steps"] for one in step["promises"] if not one["held"]]
    assert code == 1
    assert "a gate takes no pass whose decision is not in the log" in broken
