"""Runs the command in this process, and a small province on disk to run it on: every file made by the command itself."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from unittest.mock import patch

from habeas.cli._app import run

ROOT = Path(__file__).parents[2]
HENAN = ROOT / "packs" / "cn-henan-2021-2.yaml"
RULE = "H2-test"
LI, WANG = "resident-id:CN:41010519900101123X", "passport:CN:E12345678"
SAMPLE = "73" * 16
CODED = "2022-06-12T21:04+08:00"


@dataclass(frozen=True)
class Ran:
    """What a command gave."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:  # noqa: ANN401 - whatever the command printed
        return json.loads(self.out)


def habeas(*args: object, stdin: str | bytes = b"") -> Ran:
    """Run a command line, as `main` would."""
    given = stdin.encode() if isinstance(stdin, str) else stdin
    out, err = _stream(), _stream()
    stream = io.TextIOWrapper(io.BytesIO(given), encoding="utf-8")
    with patch.object(sys, "stdin", stream), redirect_stdout(out), redirect_stderr(err):
        code = run([str(arg) for arg in args])
    return Ran(code, _text(out), _text(err))


def done(*args: object, stdin: str | bytes = b"") -> Ran:
    """Run a command line that has to end well."""
    ran = habeas(*args, stdin=stdin)
    assert ran.code == 0, (args, ran)
    return ran


@contextmanager
def columns(number: int) -> Iterator[None]:
    """Let the terminal have so many columns."""
    with patch.dict("os.environ", {"COLUMNS": str(number)}):
        yield


def write_json(path: Path, value: object) -> Path:
    path.write_text(json.dumps(value, ensure_ascii=False), encoding="utf-8")
    return path


def mandate(body: str, *kinds: str, **changes: object) -> dict[str, object]:
    """Return a mandate as people write it; the key comes by --public."""
    about = {
        "id": body,
        "superior": f"{body}-board",
        "operator": body,
        "level": "city",
        "class": "source",
        "names": {"en": body.title(), "zh": "某机构"},
    }
    rest: dict[str, object] = {
        "kinds": list(kinds),
        "area": "CN-41",
        "from": "2022-01-01T00:00Z",
        "to": "2023-01-01T00:00Z",
    }
    return {"body": about | changes} | rest


def statement(
    kind: str, facts: dict[str, object], *, document: str = LI, issued: str = "2022-06-10T12:00Z"
) -> dict[str, object]:
    """Return a statement as people write it."""
    return {
        "document": document,
        "kind": kind,
        "facts": facts,
        "observed": "2022-06-10T08:00Z",
        "issued": issued,
        "area": "CN-41-01",
    }


def one_rule(path: Path, *, old: str = "", new: str = "") -> Path:
    """Write Henan's pack with its rule for a positive test alone, `old` in it replaced; reading it whole takes long."""
    head, *rules = HENAN.read_text(encoding="utf-8").split("\n  - id: ")
    rule = next(rule for rule in rules if rule.startswith(f"{RULE}\n"))
    path.write_text(
        f"{head}\n  - id: {rule}\n".replace(old, new) if old else f"{head}\n  - id: {rule}\n", encoding="utf-8"
    )
    return path


SAMPLING = statement("custodian-record", {"record": "sampling", "sample": SAMPLE}, issued="2022-06-10T08:05Z")
POSITIVE = statement("test-result", {"method": "pcr", "result": "positive", "sample": SAMPLE})


def make_province(folder: Path) -> Path:
    """Make a ledger in which Li is red by a supported test, and Wang is enrolled and green."""
    db = folder / "ledger.db"
    done("db", "new", db)
    for body, alg, kinds in (("lab", "EdDSA", ["test-result"]), ("clinic", "ES256", ["custodian-record"])):
        public = done("keys", "new", "--alg", alg, "--out", folder / f"{body}.key").out
        (folder / f"{body}.pub").write_text(public)
        file = write_json(folder / f"{body}.json", mandate(body, *kinds))
        done(
            "mandate",
            "grant",
            "--db",
            db,
            "--body",
            file,
            "--public",
            folder / f"{body}.pub",
            "--at",
            "2022-01-02T00:00Z",
        )
    done("pack", "publish", "--db", db, one_rule(folder / "pack.yaml"), "--at", "2022-01-03T00:00Z")
    for person in (LI, WANG):
        done("person", "enrol", "--db", db, "--document", person, "--at", "2022-02-01T00:00Z")
    for name, said, body, at in (
        ("sampling", SAMPLING, "clinic", "2022-06-10T09:00Z"),
        ("positive", POSITIVE, "lab", "2022-06-10T12:30Z"),
    ):
        file = write_json(folder / f"{name}.json", said)
        sign = (
            "--key",
            folder / f"{body}.key",
            "--registry-key",
            folder / "registry.key",
            "--out",
            folder / f"{name}.cose",
        )
        done("statement", "sign", file, *sign)
        done("statement", "admit", "--db", db, folder / f"{name}.cose", "--at", at)
    done("export", "--db", db, "--out", folder / "events.jsonl")
    return folder


def _stream() -> io.TextIOWrapper:
    return io.TextIOWrapper(io.BytesIO(), encoding="utf-8", write_through=True)


def _text(stream: io.TextIOWrapper) -> str:
    buffer = stream.buffer
    assert isinstance(buffer, io.BytesIO)
    return buffer.getvalue().decode()
