"""`habeas pass sync | check | bridge | gossip`: a gate's folder from first sync to a torn file, and what the keeper sees."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
import zxingcpp
from PIL import Image

from cli.running import columns, done, habeas
from habeas.cli._gate_folder import keep_synced, read_synced
from habeas.cli._gate_words import REASONS, SHAPES, counts_line, said
from habeas.cli._key_file import format_public
from habeas.cli._pass_check import check
from habeas.passes import Answer, SyncError, Verdict, format_synced
from habeas.services import parse_fork
from habeas.wire import DAY, HOUR, Instant
from passes.gate_log import LOG, MANDATE, MANDATE_INDEX, POLICY, GateLog, day, forty_days, synced
from passes.test_bridge import AFTER, GROWN, NEWER
from passes.test_sync import FORTY, HELD, NOW, a_fork, next_block
from tlog.blocks import CONSTANTS, KEY

AT = ("--at", str(Instant(NOW)))
ROOT = Path(__file__).parents[2]


def lay(log: GateLog, folder: Path) -> Path:
    for name, data in log.files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


@pytest.fixture
def gate(tmp_path: Path) -> Path:
    (tmp_path / "policy").write_bytes(POLICY)
    (tmp_path / "key.pub").write_text(json.dumps(format_public(KEY.verifying)))
    lay(FORTY, tmp_path / "log")
    folder = tmp_path / "gate"
    done(
        *("pass", "sync", "--gate", folder, "--log", tmp_path / "log", "--policy", tmp_path / "policy"),
        *("--key", tmp_path / "key.pub", "--mandate", MANDATE_INDEX),
    )
    return folder


def test_a_gate_syncs_checks_and_syncs_again(gate: Path, tmp_path: Path) -> None:
    assert read_synced(gate) == HELD
    assert [path.name for path in gate.iterdir() if path.name != "lock"] == ["synced"]
    ran = habeas("pass", "check", "--gate", gate, *AT, FORTY.shown(15, day(32)))
    assert (ran.code, "YES" in ran.out, "compare with the document: 0015 1958" in ran.out) == (0, True, True)
    lay(next_block(FORTY), tmp_path / "log")
    said = done("pass", "sync", "--gate", gate, "--log", tmp_path / "log", "--json").json
    assert (said["newest"], said["blocks"]) == (str(Instant(CONSTANTS.begins(day(42)))), 15)
    assert said["mandates"][0]["place"] == MANDATE.place


@pytest.mark.parametrize(
    ("who", "code", "reason"), [(15, 0, "open"), (14, 1, "code"), (13, 1, "superseded"), (0, 1, "too-old")]
)
def test_each_answer_has_an_exit_code_and_a_next_step(gate: Path, who: int, code: int, reason: str) -> None:
    ran = habeas("pass", "check", "--gate", gate, *AT, "--json", FORTY.shown(who, day(2 * who + 2)))
    (row,) = ran.json["answers"]
    assert (ran.code, row["reason"], row["goes_in"]) == (code, reason, code == 0)
    assert row["next"]
    if code:
        assert MANDATE.lane in row["next"]


def test_lines_are_answered_one_by_one_and_counted(gate: Path) -> None:
    lines = [FORTY.shown(15, day(32)), "", FORTY.shown(14, day(30)), "rubbish", "x" * 20_000]
    ran = habeas("pass", "check", "--gate", gate, *AT, "-", stdin="\n".join(lines) + "\n")
    assert ran.code == 1
    assert ran.out.endswith("yes 1 · no 1 · let in for this gate's own fault 0 · not yet 3\n")
    assert habeas("pass", "check", "--gate", gate, *AT, "-", stdin=b"\xff\xfe\n").code == 1
    assert done("pass", "check", "--gate", gate, *AT, "-", "--json").json["answers"] == []


def test_the_gates_own_fault_lets_people_in(gate: Path) -> None:
    red = FORTY.shown(14, day(30))
    for at, reason in (
        (NOW + 2 * DAY, "stale"),
        (NOW - DAY, "clock"),
        (CONSTANTS.begins(day(40)) + 16 * HOUR, "no-mandate"),
    ):
        ran = habeas("pass", "check", "--gate", gate, "--at", str(Instant(at)), "--json", red)
        assert (ran.code, ran.json["answers"][0]["reason"]) == (0, reason)
    (gate / "synced").write_bytes(b"torn")
    ran = habeas("pass", "check", "--gate", gate, *AT, red)
    assert ran.code == 0
    assert "GO IN" in ran.out
    assert "habeas pass sync" in ran.out
    assert "remove the gate's file" in ran.err
    (gate / "synced").unlink()
    assert habeas("pass", "check", "--gate", gate, *AT, "--json", red).json["answers"][0]["reason"] == "unsynced"


def test_a_bridge_helps_from_the_command_line_and_in_lines(gate: Path, tmp_path: Path) -> None:
    lay(GROWN, tmp_path / "log")
    text, at = GROWN.shown(60, NEWER), ("--at", str(Instant(AFTER)))
    given = ("--log", tmp_path / "log", "--policy", tmp_path / "policy")
    made = done("pass", "bridge", text, *given).out.strip()
    assert done("pass", "bridge", "-", *given, "--json", stdin=text).json["bridge"] == made
    alone = habeas("pass", "check", "--gate", gate, *at, "--json", text)
    assert (alone.code, alone.json["answers"][0]["reason"]) == (1, "newer")
    assert "YES" in done("pass", "check", "--gate", gate, *at, text, made).out
    assert "YES" in done("pass", "check", "--gate", gate, *at, "-", stdin=f"{made}\n{text}\n").out
    (tmp_path / "both.txt").write_text(f"{made}\n{text}\n")
    assert "YES" in done("pass", "check", "--gate", gate, *at, tmp_path / "both.txt").out
    assert habeas("pass", "check", "--gate", gate, *at, made).code == 2
    assert habeas("pass", "check", "--gate", gate, *at, text, "-").code == 2
    assert habeas("pass", "bridge", "HB1:", *given).code == 2


def test_a_picture_of_a_pass_is_read_and_one_without_a_code_is_unreadable(gate: Path, tmp_path: Path) -> None:
    made = zxingcpp.create_barcode(FORTY.shown(15, day(32)), zxingcpp.BarcodeFormat.QRCode)
    Image.fromarray(made.to_image(scale=6)).save(tmp_path / "pass.png")
    Image.new("L", (300, 300), 255).save(tmp_path / "white.png")
    assert "YES" in done("pass", "check", "--gate", gate, *AT, tmp_path / "pass.png").out
    ran = habeas("pass", "check", "--gate", gate, *AT, "--json", tmp_path / "white.png")
    assert (ran.code, ran.json["answers"][0]["reason"]) == (1, "unreadable")


def test_every_reason_has_words_in_both_languages_and_every_verdict_a_shape_of_its_own() -> None:
    document = (ROOT / "docs" / "gate.md").read_text(encoding="utf-8")
    document = document.partition("## 5 The answer")[2].partition("## 6 ")[0]
    assert set(re.findall(r"^\| `([a-z-]+)` \|", document, re.MULTILINE)) == set(REASONS)
    shapes = {"".join(shape) for shape in SHAPES.values()}
    assert len(shapes) == len(Verdict)
    kinds = {
        "open": Verdict.YES,
        **dict.fromkeys(("code", "not-in-the-log"), Verdict.NO),
        **dict.fromkeys(("clock", "stale", "unsynced", "no-mandate"), Verdict.OURS),
    }
    for reason in REASONS:
        answer = Answer(verdict=kinds.get(reason, Verdict.THEIRS), reason=reason, hint="0001 1958")
        english, chinese = (said(answer, "window 3", language) for language in ("en", "zh"))
        for words in (english, chinese):
            assert all((words.word, words.means, words.why, words.next_step))
        assert re.search("[\u4e00-\u9fff]", chinese.word + chinese.why)
        assert not re.search("[\u4e00-\u9fff]", english.word + english.means + english.why + english.next_step)
        if answer.verdict in (Verdict.NO, Verdict.THEIRS):
            assert "window 3" in english.next_step
            assert "window 3" in chinese.next_step
    assert counts_line({Verdict.YES: 2}, "zh").startswith("可以 2")


def test_the_screen_fits_a_narrow_terminal_and_nothing_of_a_pass_moves_it(gate: Path) -> None:
    with columns(60):
        out = done("pass", "check", "--gate", gate, *AT, FORTY.shown(15, day(32)), "--lang", "zh").out
    assert max(map(len, out.splitlines())) <= 60
    assert "可以" in out
    assert "\x1b" not in out


def test_check_writes_nothing(gate: Path) -> None:
    before = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in gate.iterdir()}
    habeas("pass", "check", "--gate", gate, *AT, FORTY.shown(15, day(32)), FORTY.shown(14, day(30)))
    assert {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in gate.iterdir()} == before
    assert check.__doc__ is not None
    assert "nothing is kept" in check.__doc__


# Refusals leave the folder as it was


def test_a_lying_mirror_leaves_the_folder_as_it_was(gate: Path, tmp_path: Path) -> None:
    before = (gate / "synced").read_bytes()
    grown = next_block(FORTY)
    for path in ("checkpoint", "blocks", f"block/{day(42)}", f"superseded/{day(42)}"):
        files = GateLog(files=grown.files | {path: grown.files[path][:-1]})
        lay(files, tmp_path / "log")
        ran = habeas("pass", "sync", "--gate", gate, "--log", tmp_path / "log")
        assert (ran.code, (gate / "synced").read_bytes()) == (1, before), path
        assert "goes on with what it had" in ran.err


def test_a_first_sync_needs_a_policy_and_a_void_line_its_proof(gate: Path, tmp_path: Path) -> None:
    log = ("--log", tmp_path / "log")
    assert habeas("pass", "sync", "--gate", tmp_path / "new", *log).code == 2
    assert habeas("pass", "check", "--gate", tmp_path / "new", "x").code == 2
    before = (gate / "synced").read_bytes()
    (tmp_path / "proof").write_bytes(b"no proof")
    assert habeas("pass", "sync", "--gate", gate, *log, "--void", tmp_path / "proof").code == 1
    assert (gate / "synced").read_bytes() == before
    (gate / "synced").write_bytes(before[:-1])
    assert habeas("pass", "sync", "--gate", gate, *log).code == 2
    assert (
        "no gate mandate"
        in done("pass", "sync", "--gate", tmp_path / "bare", *log, "--policy", tmp_path / "policy").out.lower()
    )


@pytest.mark.parametrize("larger", [False, True])
def test_a_fork_is_told_and_kept_as_a_file_that_anybody_can_check(gate: Path, tmp_path: Path, *, larger: bool) -> None:
    before = (gate / "synced").read_bytes()
    fork = next_block(a_fork()) if larger else a_fork()
    lay(fork, tmp_path / "fork")
    ran = habeas("pass", "sync", "--gate", gate, "--log", tmp_path / "fork")
    assert ran.code == 1
    assert "TWO LOGS" in ran.err
    assert (gate / "synced").read_bytes() == before
    (kept,) = gate.glob("fork-*.json")
    found = parse_fork(kept.read_bytes(), LOG.key)
    assert found.first.head == HELD.checkpoint.head


def test_two_gates_compare_their_checkpoints(gate: Path, tmp_path: Path) -> None:
    grown, fork = next_block(FORTY), next_block(a_fork())
    lay(grown, tmp_path / "grown")
    lay(fork, tmp_path / "fork")
    other = tmp_path / "other"
    keep_synced(other, synced(grown))
    assert "one log" in done("pass", "gossip", "--gate", gate, "--with", other, "--log", tmp_path / "grown").out
    keep_synced(other, synced(fork))
    ran = habeas("pass", "gossip", "--gate", gate, "--with", other, "--log", tmp_path / "fork")
    assert (ran.code, "TWO LOGS" in ran.err) == (1, True)
    note = tmp_path / "log" / "checkpoint"
    said = done("pass", "gossip", "--gate", gate, "--with", note, "--log", tmp_path / "log", "--json").json
    assert said == {"same_log": True, "ours": HELD.size, "theirs": HELD.size}
    assert habeas("pass", "gossip", "--gate", gate, "--with", other, "--log", tmp_path / "grown").code == 1


# Torn writes


def test_a_write_that_was_torn_is_never_half_a_sync(gate: Path) -> None:
    (gate / "synced.new").write_bytes(format_synced(synced(next_block(FORTY), HELD))[:100])
    assert read_synced(gate) == HELD
    keep_synced(gate, HELD)
    assert not (gate / "synced.new").exists()


WRITER = """
import sys
from pathlib import Path
from habeas.cli._gate_folder import keep_synced, read_synced
gate, other = map(Path, sys.argv[1:])
states = [read_synced(gate), read_synced(other)]
for number in range(10**6):
    keep_synced(gate, states[number % 2])
    print(number, flush=True)
"""


def test_a_gate_that_is_killed_while_it_writes_holds_one_sync_or_the_other(gate: Path, tmp_path: Path) -> None:
    later = synced(next_block(FORTY), HELD)
    keep_synced(tmp_path / "other", later)
    for wanted in range(5):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, gate, tmp_path / "other"], stdout=subprocess.PIPE, text=True
        ) as child:
            assert child.stdout is not None
            for line in child.stdout:
                if int(line) == wanted:
                    break
            os.kill(child.pid, signal.SIGKILL)
        assert read_synced(gate) in (HELD, later)


def test_a_file_that_rots_is_not_believed(gate: Path) -> None:
    data = bytearray((gate / "synced").read_bytes())
    data[len(data) // 2] ^= 1
    (gate / "synced").write_bytes(data)
    with pytest.raises(SyncError):
        read_synced(gate)


def test_the_log_of_forty_days_is_the_same_each_time() -> None:
    assert forty_days().files == FORTY.files
