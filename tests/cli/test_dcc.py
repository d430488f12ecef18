"""`habeas dcc`: a certificate is verified or refused by code, and what it does not say is not read as good or bad."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from certificates.issuing import ELBONIA, TEST, UTOPIA, payload
from cli.running import done, habeas, write_json

AT = ("--at", "2022-06-12T13:04Z")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_json(tmp_path / "trust.json", {UTOPIA.name: {"certificate": base64.b64encode(UTOPIA.der).decode()}})
    (tmp_path / "vaccination").write_text(UTOPIA.text(payload("v")) + "\n")
    (tmp_path / "positive").write_text(UTOPIA.text(payload("t", tr="260373001")))
    (tmp_path / "negative").write_text(UTOPIA.text(payload("t")))
    (tmp_path / "stranger").write_text(ELBONIA.text(payload("v")))
    return tmp_path


def test_contents_are_printed_as_json(folder: Path) -> None:
    said = done("dcc", "open", folder / "vaccination", "--trust", folder / "trust.json", *AT).json
    assert said["v"][0]["mp"] == "EU/1/20/1528"
    text = (folder / "vaccination").read_text()
    assert done("dcc", "open", "-", "--trust", folder / "trust.json", *AT, stdin=text).json == said


def test_each_file_has_its_own_answer(folder: Path) -> None:
    names = ("vaccination", "negative", "positive", "stranger")
    ran = habeas("dcc", "check", *(folder / name for name in names), "--trust", folder / "trust.json", *AT, "--json")
    assert ran.code == 1
    assert ran.json["rules_applied"] is False
    rows = ran.json["certificates"]
    assert [(row["verified"], row["code"]) for row in rows] == [
        (True, None),
        (True, None),
        (True, None),
        (False, "unknown-kid"),
    ]
    assert [[one["kind"] for one in row["favourable"]] for row in rows] == [["vaccination"], ["test-result"], [], []]
    assert rows[1]["favourable"][0]["facts"]["sampled"] == TEST["sc"]


def test_nothing_in_favour_never_reads_as_a_verdict(folder: Path) -> None:
    ran = done("dcc", "check", folder / "positive", "--trust", folder / "trust.json", *AT)
    assert "That is no verdict" in ran.out
    assert "No country's acceptance rules were applied" in ran.out
    assert "valid" not in ran.out.replace("verified", "")


def test_text_names_file_verdict_and_what_it_says(folder: Path) -> None:
    ran = habeas("dcc", "check", folder / "vaccination", folder / "stranger", "--trust", folder / "trust.json", *AT)
    assert ran.code == 1
    assert "no: unknown-kid" in ran.out
    assert "product EU/1/20/1528" in ran.out
    late = habeas("dcc", "open", folder / "vaccination", "--trust", folder / "trust.json", "--at", "2030-01-01T00:00Z")
    assert (late.code, "expired" in late.err) == (1, True)
