"""The whole way through the log: a folder, keys over the counter, a pass, a gate; and what is shown while a quorum is wanting."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from cli.log_town import CHECKER, FOUNDED, OPENED, WITNESSES, LogTown, plain_of
from cli.running import LI, WANG, done, habeas
from habeas.cli._log_append import Made, go_on, open_writer
from habeas.cli._log_folder import read_place
from habeas.passes import parse_pass
from habeas.stores import FolderDisk
from habeas.wire import Instant, parse_instant

pytestmark = pytest.mark.allow_hosts(["127.0.0.1"])


@pytest.fixture
def town(tmp_path: Path) -> Iterator[LogTown]:
    with ExitStack() as stack:
        yield LogTown(tmp_path, stack)


def test_from_an_empty_folder_to_a_gate_that_answers(town: LogTown) -> None:
    town.found()
    keys = town.hand_over_keys(LI, "li.keys", FOUNDED)
    assert keys.stat().st_mode & 0o777 == 0o600
    (first,) = blocks = town.appended(OPENED)
    assert first["entries"] == {"plain": 6, "admissions": 2, "decisions": 2, "grounds": 0}
    assert set(WITNESSES) - set(first["cosigned"]) <= {"w1", "w2", "w3", "w4"}  # type: ignore[call-overload]
    assert CHECKER in first["cosigned"]  # type: ignore[operator]
    (gate,) = plain_of(blocks, "gate-mandate")

    town.appended("2022-06-10T08:00Z")
    town.sync(gate)
    green = town.pass_of(keys)
    assert parse_pass(green).view.hint == "123X 1990"
    assert town.verdict(green, "2022-06-10T08:30Z") == ("yes", "open")

    receipt = town.top / "receipts"
    told = town.do("statement", "admit", town.statement("sampling"), "--receipt", receipt, at="2022-06-10T09:00Z").out
    assert "waits" in told
    assert "2022-06-10T10:00:00Z" in told
    assert len(receipt.read_text().splitlines()) == 1
    town.do("statement", "admit", town.statement("positive"), at="2022-06-10T12:30Z")
    made = town.appended("2022-06-10T14:00Z")
    assert [block["begins"] for block in made] == ["2022-06-10T10:00:00Z", "2022-06-10T14:00:00Z"]

    town.sync()
    assert town.verdict(green, "2022-06-10T14:05Z") == ("theirs", "superseded")
    assert town.verdict(town.pass_of(keys), "2022-06-10T14:05Z") == ("no", "code")
    openings = town.top / "li.openings"
    town.do("person", "openings", "--document", LI, "--out", openings, at="2022-06-10T14:05Z")
    made_of = ("--log", town.folder, "--policy", town.policy, "--keys", keys, "--openings", openings)
    done("pass", "receipt", "make", *made_of, "--out", town.top / "li.receipt")
    opened = done("pass", "receipt", "check", town.top / "li.receipt", "--policy", town.policy, "--json").json
    assert [row["rule"] for row in opened["grounds"]["grounds"]] == ["H2-test"]
    done("audit", "--db", town.db)


def test_what_waits_is_rehearsed_and_shown_to_nobody_before_its_block(town: LogTown) -> None:
    town.found()
    again = habeas("person", "enrol", "--db", town.db, "--document", LI, "--at", FOUNDED)
    assert again.code == 1, "somebody waits under this document already"
    town.do("person", "add-document", "--document", LI, "--new", "passport:CN:P7", at=FOUNDED)
    assert habeas("explain", "--db", town.db, "--document", LI, "--at", OPENED).code == 2
    assert done("mandate", "list", "--db", town.db, "--at", OPENED, "--json").json["mandates"] == []
    said = done("pack", "publish", "--db", town.db, town.top / "pack.yaml", "--at", FOUNDED)
    assert "waits_for" not in said.out, "it waits already, and is not handed in twice"
    town.appended(OPENED)
    assert done("explain", "--db", town.db, "--document", "passport:CN:P7", "--at", OPENED).out
    refused = habeas("statement", "admit", "--db", town.db, town.statement("positive"), "--at", OPENED, "--json")
    assert (refused.code, refused.json["statements"][0]["code"]) == (1, "future"), refused
    assert habeas("settle", "--db", town.db).code == 2


def test_without_a_quorum_readers_say_so_and_the_same_block_goes_on(town: LogTown) -> None:
    town.found()
    town.appended(OPENED)
    town.do("person", "enrol", "--document", "passport:CN:77", at="2022-01-02T02:30Z")
    town.stop("w1", "w2")
    ran = town.append("2022-01-02T04:00Z")
    assert ran.code == 3, ran
    assert "w1" in ran.err
    assert "w2" in ran.err
    for line in (
        ("explain", "--document", LI),
        ("history", "--document", LI),
        ("mandate", "list"),
        ("export",),
        ("audit",),
        ("rebuild",),
    ):
        said = habeas(*line, "--db", town.db)
        assert (said.code, "habeas log append" in said.err) == (3, True), said
        assert said.out == ""
    town.do("person", "enrol", "--document", "passport:CN:78", at="2022-01-02T04:30Z")
    town.start("w1")
    made = town.appended("2022-01-02T06:00Z")
    assert [block["begins"] for block in made] == ["2022-01-02T04:00:00Z", "2022-01-02T06:00:00Z"]
    for document in ("passport:CN:77", "passport:CN:78"):
        done("explain", "--db", town.db, "--document", document, "--at", "2022-01-02T06:00Z")
    assert habeas("log", "append", town.folder, "--at", "2022-01-02T06:30Z").code == 1, "made already"


def test_whoever_comes_late_waits_for_the_next_block(town: LogTown) -> None:
    """Between the closing of an epoch and its block nothing gets a time that the block would have to answer for."""
    (town.folder / "private" / "closed").write_bytes(int(parse_instant(OPENED)).to_bytes(8))
    line = ("person", "enrol", "--document", LI, "--json")
    assert town.do(*line, at=FOUNDED).json["waits_for"] == "2022-01-02T04:00:00Z"
    link = town.top / "link.db"
    link.symlink_to(town.db)
    key = ("--registry-key", town.folder / "registry.key")
    linked = done("person", "enrol", "--document", WANG, "--db", link, *key, "--at", FOUNDED, "--json")
    assert linked.json["waits_for"] == "2022-01-02T04:00:00Z", "a link is no way around the log"
    assert [block["begins"] for block in town.appended("2022-01-02T04:00Z")] == ["2022-01-02T04:00:00Z"]


def test_nothing_is_ahead_of_the_clock(town: LogTown) -> None:
    for line in (("log", "append", town.folder), ("person", "enrol", "--db", town.db, "--document", LI)):
        ran = habeas(*line, "--at", "2122-01-01T00:00Z")
        assert (ran.code, "is not yet" in ran.err) == (2, True), ran


def test_new_keys_end_the_old_pass(town: LogTown) -> None:
    town.found()
    old = town.hand_over_keys(WANG, "old.keys", FOUNDED)
    gates = plain_of(town.appended(OPENED), "gate-mandate")
    old_pass = town.pass_of(old)
    town.do("person", "rekey", "--document", WANG, "--hint", "5678", at="2022-01-05T00:30Z")
    twice = habeas("person", "rekey", "--db", town.db, "--document", WANG, "--at", "2022-01-05T00:40Z")
    assert (twice.code, "wait already" in twice.err) == (2, True)
    new = town.hand_over_keys(WANG, "new.keys", "2022-01-05T00:31Z")
    watched = town.hand_over_keys(WANG, "watcher.keys", "2022-01-05T00:31Z", "--watcher")
    assert "openings" in new.read_text()
    assert "openings" not in watched.read_text()
    town.appended("2022-01-05T02:00Z")
    town.sync(*gates)
    new_pass = town.pass_of(new)
    assert town.verdict(old_pass, "2022-01-05T02:05Z") == ("theirs", "superseded")
    assert town.verdict(new_pass, "2022-01-05T02:05Z") == ("yes", "open")
    assert parse_pass(old_pass).view.hint == ""
    assert parse_pass(new_pass).view.hint == "5678"


def test_what_is_old_is_destroyed_after_an_audit(town: LogTown) -> None:
    town.found()
    town.appended(OPENED)
    first = town.folder / "private" / "openings"
    assert len(list(first.iterdir())) == 1
    town.appended("2022-04-10T02:00Z")
    early = habeas("log", "erase", town.folder, "--before", "2022-02-10", "--at", "2022-04-10T03:00Z")
    assert (early.code, "60 days" in early.err) == (2, True)
    done("log", "erase", town.folder, "--before", "2022-02-01", "--at", "2022-04-10T03:00Z")
    town.appended("2022-04-10T04:00Z")
    assert len(list(first.iterdir())) == 2, "of the first block there are none any more"
    keys = town.hand_over_keys(LI, "li.keys", "2022-04-10T04:05Z")
    assert '"day": 19024' in keys.read_text()


def test_a_second_writer_is_kept_out(town: LogTown) -> None:
    town.found()
    with FolderDisk(town.folder):  # as the other process does
        ran = town.append(OPENED)
        assert (ran.code, "another process writes this log" in ran.err) == (3, True), ran
    town.appended(OPENED)


def test_every_epoch_goes_on_without_a_quorum_and_says_so(town: LogTown, capsys: pytest.CaptureFixture[str]) -> None:
    town.found()
    town.stop("w1", "w2")
    slept: list[float] = []
    made: list[Made] = []

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        town.now += int(seconds)
        if len(slept) == 2:
            town.start("w1", "w2")
        if len(made) == 3:
            raise KeyboardInterrupt

    town.now = int(parse_instant(OPENED)) + 7
    with pytest.raises(KeyboardInterrupt), open_writer(read_place(town.folder), 20) as writer:
        go_on(read_place(town.folder), writer, made.append, now=lambda: Instant(town.now), sleep=sleep)
    assert slept[:2] == [5, 10], "it asks again, later each time"
    assert slept[2:] == [7200 - 7 - 15, 7200, 7200], "then at each epoch's begin"
    assert [int(one.begins) for one in made] == [int(parse_instant(OPENED)) + 7200 * n for n in range(3)]
    said = capsys.readouterr().err
    assert said.count("Asked again in") == 2
    assert "w1" in said


def test_addresses_may_change_and_nothing_else_of_a_policy(town: LogTown) -> None:
    town.found()
    town.appended(OPENED)
    text = town.policy.read_text()
    town.policy.write_text(text.replace("group some 3 w1 w2 w3 w4", "group some 4 w1 w2 w3 w4"))
    ran = town.append("2022-01-02T04:00Z")
    assert (ran.code, "put the old one back" in ran.err) == (2, True), ran
    town.policy.write_text(text.replace("http://127.0.0.1", "http://localhost", 1))
    made = town.append("2022-01-02T04:00Z")
    assert made.code == 0, made


def test_a_broken_off_new_goes_on_and_overwrites_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "town"
    line = ("log", "new", folder, "--origin", "town.example/log")

    def crash(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken:
        broken.setattr("habeas.cli._log_new.Keyring", crash)
        assert habeas(*line).code == 130
    keys = {file.name: file.read_bytes() for file in folder.glob("*.key")}
    assert set(keys) == {"registry.key", "authority.key", "log.key"}
    assert habeas("explain", "--db", folder / "ledger.sqlite", "--subject", "00" * 16).code == 2
    other = habeas("log", "new", folder, "--origin", "other.example/log")
    assert (other.code, "is there already" in other.err) == (2, True)
    done(*line)
    assert keys == {file.name: file.read_bytes() for file in folder.glob("*.key")}
    assert {
        file.name: file.stat().st_mode & 0o077 for file in folder.iterdir() if file.suffix in {".key", ".sqlite"}
    } == (dict.fromkeys([*keys, "ledger.sqlite", "intake.sqlite", "keys.sqlite"], 0))
    again = habeas(*line)
    assert (again.code, "is a log already" in again.err) == (2, True)
    nobody = habeas("log", "append", folder)
    assert (nobody.code, "who is to cosign?" in nobody.err) == (2, True)
