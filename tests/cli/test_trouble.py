"""When it is not the arguments: a ledger that is damaged, busy or forged, a reader that goes away, a fault of ours."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from cli.running import LI, POSITIVE, done, habeas, write_json
from habeas.cli._app import run


def test_a_damaged_ledger_is_trouble_and_stays_as_it_is(province: Path) -> None:
    db = province / "ledger.db"
    with sqlite3.connect(db) as connection:
        connection.execute("DROP TABLE notices")
    connection.close()
    ran = habeas("explain", "--db", db, "--document", LI)
    assert ran.code == 3
    assert "restore" in ran.err


def test_a_busy_ledger_is_trouble(province: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habeas.cli._ledger_file.BUSY_SECONDS", 0.05)
    db = province / "ledger.db"
    other = sqlite3.connect(db, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    try:
        ran = habeas("person", "enrol", "--db", db, "--document", "passport:CN:77")
    finally:
        other.close()
    assert (ran.code, "call again" in ran.err) == (3, True)


def test_events_that_cannot_be_carried_out_again_are_trouble(province: Path) -> None:
    db = province / "ledger.db"
    with sqlite3.connect(db) as connection:
        connection.execute("DROP TRIGGER events_are_not_changed")
        connection.execute("UPDATE events SET body = x'a0' WHERE kind = 'mandate.granted'")
    connection.close()
    for line in (("explain", "--document", LI), ("mandate", "list"), ("settle",), ("rebuild",)):
        ran = habeas(*line, "--db", db)
        assert (ran.code, "habeas audit" in ran.err) == (3, True), ran
    found = habeas("audit", "--db", db, "--json")
    assert (found.code, "unreadable-event" in found.out) == (1, True)


def test_a_decision_that_somebody_wrote_into_the_file_is_found(province: Path) -> None:
    db = province / "ledger.db"
    with sqlite3.connect(db) as connection:
        connection.execute("UPDATE decisions SET body = x'a0'")
    connection.close()
    ran = habeas("audit", "--db", db)
    assert ran.code == 1
    assert "altered-decision" in ran.out
    done("rebuild", "--db", db)
    assert habeas("audit", "--db", db).code == 0


def test_a_fault_of_ours_is_opaque_unless_asked(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def broken(_: object) -> None:
        raise ZeroDivisionError(LI)

    monkeypatch.setattr("habeas.cli._key_file.make_signing_key", broken)
    line = ["keys", "new", "--out", "/nowhere/key"]
    assert run(line) == 4
    told = capsys.readouterr().err
    assert "--debug" in told
    assert LI not in told
    assert run(["--debug", *line]) == run([*line, "--debug"]) == 4
    assert "Traceback" in capsys.readouterr().err


def test_a_reader_that_goes_away_is_no_fault(province: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    line = [sys.executable, "-m", "habeas.cli", "export", "--db", "ledger.db"]
    with os.fdopen(write, "wb") as gone:
        ended = subprocess.run(line, cwd=province, stdout=gone, stderr=subprocess.PIPE, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (141, "")


def test_an_interrupt_is_said(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def interrupted(_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("habeas.cli._keys.write_json", interrupted)
    ran = habeas("keys", "new", "--out", tmp_path / "key")
    assert (ran.code, "interrupted" in ran.err) == (130, True)


def test_a_secret_that_others_can_read_is_noticed(province: Path) -> None:
    (province / "lab.key").chmod(0o644)
    ran = done("keys", "show", province / "lab.key")
    assert "chmod 600" in ran.err


def test_a_file_too_large_is_refused(province: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("habeas.cli._reading.MAX_FILE_BYTES", 10)
    write_json(province / "bad.json", POSITIVE)
    assert "more than 10 bytes" in habeas("keys", "show", province / "lab.key").err
