"""The whole way on disk: from an empty ledger to an explained code, and the same code again from exported events."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from rich.cells import cell_len

from cli.running import (
    CODED,
    HENAN,
    LI,
    POSITIVE,
    SAMPLING,
    WANG,
    columns,
    done,
    habeas,
    mandate,
    one_rule,
    statement,
    write_json,
)
from habeas.stores import StoreFullError


class Shell:
    """Starts the command as a process of its own, in a folder of its own."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def __call__(self, line: str, *, code: int = 0) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "habeas.cli", *line.split()],
            cwd=self.folder,
            env={
                **os.environ,
                "COLUMNS": "80",
                "PYTHONDONTWRITEBYTECODE": "",
                "PYTHONPYCACHEPREFIX": str(self.folder / "pyc"),  # compiled once, not at each step
            },
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == code, (line, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        return done.stdout


def test_from_an_empty_folder_to_an_explained_code(tmp_path: Path) -> None:
    sh = Shell(tmp_path)
    for name, value in (
        ("lab.json", mandate("lab", "test-result")),
        ("clinic.json", mandate("clinic", "custodian-record")),
        ("sampling.json", SAMPLING),
        ("positive.json", POSITIVE),
    ):
        write_json(tmp_path / name, value)
    sh("db new town.db")
    for body, alg in (("lab", "EdDSA"), ("clinic", "ES256")):
        (tmp_path / f"{body}.pub").write_text(sh(f"keys new --alg {alg} --out {body}.key"))
        sh(f"mandate grant --db town.db --body {body}.json --public {body}.pub --at 2022-01-02T00:00Z")
    sh(f"person enrol --db town.db --document {LI} --at 2022-02-01T00:00Z")
    one_rule(tmp_path / "pack.yaml")
    sh("pack publish --db town.db pack.yaml --at 2022-02-01T00:00Z")
    (tmp_path / "sampling.b64").write_text(
        sh("statement sign sampling.json --key clinic.key --registry-key registry.key")
    )
    sh("statement sign positive.json --key lab.key --registry-key registry.key --out positive.cose")
    sh("statement admit --db town.db sampling.b64 --at 2022-06-10T09:00Z")
    sh("statement admit --db town.db positive.cose --at 2022-06-10T12:30Z")

    english = sh(f"explain --db town.db --document {LI} --at {CODED}")
    assert "ordinary gates are closed" in english
    assert "Lab signed the record, so it must answer" in english
    assert "红码" in sh(f"explain --db town.db --document {LI} --at {CODED} --lang zh")
    explained = json.loads(sh(f"explain --db town.db --document {LI} --at {CODED} --json"))
    assert explained["code"]["id"] == "red"
    assert "became" in sh(f"history --db town.db --document {LI} --at {CODED}")
    assert sh("audit --db town.db").startswith("Clean")

    sh("export --db town.db --out events.jsonl")
    derived = json.loads(sh(f"derive --statements events.jsonl --at {CODED} --json"))
    (person,) = derived["people"]
    assert (person["subject"], person["code"]) == (explained["subject"], "red")
    assert [row["rule"] for row in person["grounds"]] == [row["rule"] for row in explained["grounds"]]


def test_what_is_derived_from_the_export_is_what_the_ledger_says(province: Path) -> None:
    db, events = province / "ledger.db", province / "events.jsonl"
    for at in (
        "2022-02-02T00:00Z",
        "2022-06-10T12:30:00Z",
        CODED,
        "2022-06-25T00:00Z",
        "2022-08-01T00:00Z",
        "2023-01-01T00:00Z",
    ):
        derived = done("derive", "--statements", events, "--at", at, "--json").json
        for person in derived["people"]:
            said = done("explain", "--db", db, "--subject", person["subject"], "--at", at, "--json").json
            assert person["code"] == (said["code"]["id"] if said["code"] else None), at
            assert [row["statement"] for row in person["grounds"]] == [
                row["record"]["statement"] for row in said["grounds"]
            ]
        assert len(derived["people"]) == 2


def test_the_export_is_the_same_in_a_file_on_stdout_and_as_one_document(province: Path) -> None:
    file = (province / "events.jsonl").read_text()
    assert done("export", "--db", province / "ledger.db").out == file
    whole = done("export", "--db", province / "ledger.db", "--json").json
    assert whole["events"] == [json.loads(line) for line in file.splitlines()]
    assert done("derive", "--statements", "-", "--at", CODED, stdin=file).out


def test_packs_of_a_folder_take_the_place_of_those_in_the_file(province: Path, tmp_path: Path) -> None:
    packs = tmp_path / "packs"
    packs.mkdir()
    one_rule(packs / "henan.yaml", old="- [red, 14]", new="- [red, 2]")
    ran = done("derive", "--statements", province / "events.jsonl", "--packs", packs, "--at", CODED)
    assert "1 pack in" in ran.err
    assert " yellow " in ran.out
    assert " red " not in ran.out


def test_a_person_is_found_by_any_of_their_documents_and_by_nothing_else(province: Path) -> None:
    db = province / "ledger.db"
    done("person", "add-document", "--db", db, "--document", LI, "--new", "passport:CN:P7", "--at", "2022-06-11T00:00Z")
    by = [
        done("explain", "--db", db, "--document", text, "--at", CODED, "--json").json["subject"]
        for text in (LI, "passport:CN:P7", LI.lower().replace("resident-id:cn", "resident-id:CN"))
    ]
    assert len(set(by)) == 1
    assert (
        done("explain", "--db", db, "--document", "-", "--at", CODED, "--json", stdin=f"{LI}\n").json["subject"]
        == by[0]
    )
    assert "--name" not in done("explain", "--help").out


def test_two_records_are_merged_and_parted_again(province: Path) -> None:
    db = province / "ledger.db"

    def red(document: str, at: str) -> bool:
        return bool(done("explain", "--db", db, "--document", document, "--at", at, "--json").json["grounds"])

    done("person", "merge", "--db", db, "--document", WANG, "--absorb", LI, "--at", "2022-06-13T00:00Z")
    assert red(WANG, "2022-06-14T00:00Z")
    done("person", "split", "--db", db, "--document", WANG, "--take", LI, "--at", "2022-06-15T00:00Z")
    assert not red(WANG, "2022-06-16T00:00Z")
    assert red(LI, "2022-06-16T00:00Z")
    done(
        "person", "add-document", "--db", db, "--document", WANG, "--new", "passport:CN:P8", "--at", "2022-06-17T00:00Z"
    )
    done(
        "person",
        "split",
        "--db",
        db,
        "--document",
        WANG,
        "--take",
        "passport:CN:P8",
        "--to",
        LI,
        "--at",
        "2022-06-18T00:00Z",
    )
    assert red("passport:CN:P8", "2022-06-19T00:00Z")
    assert done("audit", "--db", db).out.startswith("Clean")


def test_a_statement_is_sent_twice_and_counts_once(province: Path) -> None:
    again = done("statement", "admit", "--db", province / "ledger.db", province / "positive.cose", "--json")
    (row,) = again.json["statements"]
    assert (row["outcome"], row["at"]) == ("admitted before", "2022-06-10T12:30:00Z")


def test_a_refused_statement_says_why_and_what_next(province: Path) -> None:
    stranger = province / "stranger.key"
    done("keys", "new", "--out", stranger)
    sign = ("--key", stranger, "--registry-key", province / "registry.key", "--out", province / "stranger.cose")
    done("statement", "sign", province / "positive.json", *sign)
    ran = habeas("statement", "admit", "--db", province / "ledger.db", province / "stranger.cose", "--at", CODED)
    assert ran.code == 1
    assert "no-mandate" in ran.out
    assert "Ask for a mandate" in ran.out


def test_time_alone_is_settled_and_the_view_is_written_anew(province: Path) -> None:
    db = province / "ledger.db"
    assert done("settle", "--db", db, "--at", "2022-07-01T00:00Z", "--json").json["people"] == 1
    assert done("rebuild", "--db", db, "--json").json["decisions"] == 4
    assert done("audit", "--db", db, "--json").json == {"head": 8, "findings": []}


def test_a_mandate_is_ended_and_what_was_admitted_under_it_stays(province: Path) -> None:
    db = province / "ledger.db"
    rows = done("mandate", "list", "--db", db, "--json", "--at", CODED).json["mandates"]
    lab = next(row for row in rows if row["body"] == "lab")
    assert lab["now"] == "in effect"
    assert done("mandate", "end", lab["id"], "--db", db, "--at", CODED, "--json").json["now"] == "ended"
    assert done("explain", "--db", db, "--document", LI, "--at", CODED, "--json").json["code"]["id"] == "red"
    write_json(
        province / "late.json",
        statement("test-result", {"method": "pcr", "result": "positive", "sample": "74" * 16}, document=WANG),
    )
    sign = ("--key", province / "lab.key", "--registry-key", province / "registry.key", "--out", province / "late.cose")
    done("statement", "sign", province / "late.json", *sign)
    ran = habeas("statement", "admit", "--db", db, province / "late.cose", "--at", "2022-06-13T00:00Z", "--json")
    assert (ran.code, ran.json["statements"][0]["code"]) == (1, "ended")


def test_before_any_rules_nobody_has_a_code(tmp_path: Path) -> None:
    db = tmp_path / "new.db"
    done("db", "new", db)
    done("person", "enrol", "--db", db, "--document", LI)
    assert "nobody has a code" in done("explain", "--db", db, "--document", LI).out
    assert done("history", "--db", db, "--document", LI, "--json").json["history"] == []
    assert "健康码" in done("explain", "--db", db, "--document", LI, "--lang", "zh").out


def test_answers_fit_the_terminal(province: Path) -> None:
    db = province / "ledger.db"
    for number in (80, 100):
        with columns(number):
            for line in (
                ("mandate", "list", "--db", db),
                ("statement", "verify", province / "positive.cose"),
                ("statement", "admit", "--db", db, province / "positive.cose"),
                ("derive", "--statements", province / "events.jsonl", "--at", CODED, "--all"),
                ("pack", "show", HENAN),
                ("pack", "show", HENAN, "--lang", "zh"),
                ("explain", "--db", db, "--document", LI, "--at", CODED),
                ("explain", "--db", db, "--document", LI, "--at", CODED, "--lang", "zh"),
                ("history", "--db", db, "--document", LI, "--at", CODED),
                ("--help",),
                ("explain", "--help"),
            ):
                long = [text for text in done(*line).out.splitlines() if cell_len(text) > number]
                assert not long, line


def test_a_second_ledger_in_a_folder_shares_the_registry_key(province: Path) -> None:
    key = (province / "registry.key").read_bytes()
    assert "the one there" in done("db", "new", province / "second.db").out
    assert (province / "registry.key").read_bytes() == key
    other = done("db", "new", province / "third.db", "--registry-key", province / "third.key", "--json").json
    assert other["registry_key_made"] is True
    assert (province / "third.key").read_bytes() != key


def test_the_record_that_was_merged_says_where_to_look(province: Path) -> None:
    db = province / "ledger.db"
    absorbed = done("explain", "--db", db, "--document", LI, "--at", CODED, "--json").json["subject"]
    said = done("person", "merge", "--db", db, "--document", WANG, "--absorb", LI, "--at", "2022-06-13T00:00Z").out
    ran = done("history", "--db", db, "--subject", absorbed, "--at", "2022-06-14T00:00Z", "--lang", "zh")
    assert "merged into" in ran.err
    assert absorbed in said
    assert "红码" in ran.out


def test_a_lone_positive_is_listed_as_provisional(province: Path) -> None:
    db = province / "ledger.db"
    lone = statement("test-result", {"method": "pcr", "result": "positive", "sample": "74" * 16}, document=WANG)
    sign = ("--key", province / "lab.key", "--registry-key", province / "registry.key", "--out", province / "lone.cose")
    done("statement", "sign", write_json(province / "lone.json", lone), *sign)
    done("statement", "admit", "--db", db, province / "lone.cose", "--at", "2022-06-12T12:00Z")
    done("export", "--db", db, "--out", province / "more.jsonl")
    said = done("derive", "--statements", province / "more.jsonl", "--at", CODED).out
    assert "H2-test*" in said
    assert "provisional" in said
    before = done("derive", "--statements", province / "more.jsonl", "--at", "2022-06-12T11:00Z").out
    assert "Not listed: 1 person" in before


def test_an_export_that_fails_leaves_no_half_file(province: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(event: object) -> str:
        raise StoreFullError(f"no room for {event}")

    monkeypatch.setattr("habeas.cli._derive.format_event", failing)
    ran = habeas("export", "--db", province / "ledger.db", "--out", province / "half.jsonl")
    assert (ran.code, (province / "half.jsonl").exists()) == (3, False)
    assert done("settle", "--db", province / "ledger.db", "--at", CODED).out.startswith("Up to")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_narrow_terminal_changes_where_lines_break_and_nothing_else(province: Path, language: str) -> None:
    line = ("explain", "--db", province / "ledger.db", "--document", LI, "--at", CODED, "--lang", language)
    said = []
    for number in (60, 80, 100):
        with columns(number):
            said.append(done(*line).out)
    assert len({"".join(text.split()) for text in said}) == 1
    assert len(set(said)) == 3
