"""Statements of every kind, as people write them: signed, shown, and the same again."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Any

import pytest

from cli.running import POSITIVE, SAMPLE, done, habeas, statement, write_json
from habeas.cli._statement_file import format_statement, read_statement_file
from habeas.evidence import Kind, parse_statement

ID, REF = "ab" * 32, "cd" * 32
FACTS: dict[Kind, dict[str, object]] = {
    Kind.TEST_RESULT: {"method": "antigen", "result": "negative", "sample": SAMPLE},
    Kind.DIAGNOSIS: {"form": "confirmed", "names": ID},
    Kind.RECOVERY: {"method": "pcr"},
    Kind.VACCINATION: {"product": "EU/1/20/1528", "dose": 2, "of": 2},
    Kind.CONTACT_FINDING: {"contact": "secondary", "index": ID, "via": ID},
    Kind.OWN_ACCOUNT: {"index": ID, "contact": REF},
    Kind.BORDER_ENTRY: {"origin": "SG"},
    Kind.CUSTODIAN_RECORD: {"record": "sampling", "sample": SAMPLE, "act": "ef" * 64},
    Kind.ISOLATION_ORDER: {"basis": ID, "review": "2022-06-20T00:00:00Z"},
    Kind.DISCHARGE: {},
    Kind.EXEMPTION: {"scope": "under-18"},
    Kind.RULING: {"target": ID, "effect": "annul"},
    Kind.RETRACTION: {"target": ID},
    Kind.CORRECTION: {"target": ID, "replacement": "d28440"},
}


def test_every_kind_is_here() -> None:
    assert set(FACTS) == set(Kind)


@pytest.mark.parametrize("kind", list(Kind), ids=lambda kind: kind.value)
def test_a_statement_is_written_signed_and_read_again(kind: Kind, tmp_path: Path, province: Path) -> None:
    written: dict[str, Any] = statement(kind.value, FACTS[kind]) | {"ref": REF, "expires": "2022-12-31T00:00:00Z"}
    del written["document"]
    file = write_json(tmp_path / "facts.json", written)
    shown = format_statement(read_statement_file(file, None))
    assert shown["facts"] == FACTS[kind]
    assert write_json(tmp_path / "again.json", shown)
    assert format_statement(read_statement_file(tmp_path / "again.json", None)) == shown

    signed = done("statement", "sign", file, "--key", province / "lab.key").out
    verified = done("statement", "verify", "-", "--public", province / "lab.pub", "--json", stdin=signed).json
    assert (verified["statement"], verified["signature"]) == (shown, "verified")
    assert verified["id"] == parse_statement(base64.b64decode(signed)).id.hex()


def test_bytes_and_base64_are_the_same_statement(province: Path) -> None:
    text = province / "two.b64"
    data = base64.b64encode((province / "positive.cose").read_bytes()).decode()
    text.write_text(data)
    one, other = (done("statement", "verify", file, "--json").json for file in (text, province / "positive.cose"))
    assert one == other
    assert one["signature"] == "not checked"
    text.write_text(f"{data}\n{data}\n")
    assert "one at a time" in habeas("statement", "verify", text).err
    rows = done("statement", "admit", "--db", province / "ledger.db", text, "--json").json["statements"]
    assert len(rows) == 2


def test_signing_says_whose_key_and_which_id(province: Path) -> None:
    file = write_json(province / "facts.json", POSITIVE)
    line = ("statement", "sign", file, "--key", province / "lab.key", "--registry-key", province / "registry.key")
    said = done(*line, "--json").json
    assert base64.b64decode(said["statement"]) == (province / "positive.cose").read_bytes()
    assert said["kid"] == done("keys", "show", province / "lab.key").json["kid"]
    assert done(*line, "--out", province / "again.cose").out.startswith(said["id"])


def test_the_secret_stays_its_owner_s(province: Path) -> None:
    for name in ("lab.key", "clinic.key", "registry.key", "ledger.db"):
        assert (province / name).stat().st_mode & 0o777 == 0o600, name
    for name in ("lab.pub", "clinic.pub"):
        assert "seed" not in (province / name).read_text()


def test_the_key_of_a_mandate_can_stand_in_its_file(province: Path) -> None:
    public = done("keys", "new", "--out", province / "tracer.key").json
    about = {
        "id": "tracer",
        "superior": "board",
        "operator": "tracer",
        "level": "county",
        "class": "source",
        "names": {"en": "T"},
    }
    body = {
        "body": about,
        "kinds": ["contact-finding"],
        "area": "CN-41",
        "key": public,
        "from": "2022-01-01T00:00Z",
        "to": "2023-01-01T00:00Z",
    }
    emergency = body | {"emergency": [["a", "city"], ["b", "province"]]}
    said = done(
        "mandate",
        "grant",
        "--db",
        province / "ledger.db",
        "--body",
        write_json(province / "t.json", emergency),
        "--at",
        "2022-06-11T00:00Z",
        "--json",
    ).json
    assert (said["key"], said["now"], said["emergency"]) == (public, "in effect", True)
    listed = done("mandate", "list", "--db", province / "ledger.db", "--at", "2022-06-12T00:00Z").out
    assert "emergency" in listed
    wrong = body | {"key": public | {"kid": "00" * 8}}
    ran = habeas("mandate", "grant", "--db", province / "ledger.db", "--body", write_json(province / "w.json", wrong))
    assert (ran.code, "the key's own is" in ran.err) == (2, True)
