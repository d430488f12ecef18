"""Every command with something wrong: its exit code, a message that says what, where and what next, nothing written."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import pytest

from cli.running import CODED, LI, POSITIVE, ROOT, WANG, habeas, mandate, one_rule, statement
from habeas.stores import SqliteStore
from habeas.wire import encode_cbor

Prepare: TypeAlias = Callable[[Path], None]

DB = ("--db", "ledger.db")
NOBODY = "00" * 16


def _file(name: str, text: str | bytes) -> Prepare:
    def prepare(folder: Path) -> None:
        (folder / name).write_bytes(text if isinstance(text, bytes) else text.encode())

    return prepare


def _json(name: str, value: object) -> Prepare:
    return _file(name, json.dumps(value))


def _nothing(_: Path) -> None:
    return


def _pack(*change: str) -> Prepare:
    def prepare(folder: Path) -> None:
        one_rule(folder / "bad.yaml", old=change[0], new=change[1])

    return prepare


def _lines(change: Callable[[list[str]], list[str]]) -> Prepare:
    def prepare(folder: Path) -> None:
        lines = (folder / "events.jsonl").read_text().splitlines()
        (folder / "bad.jsonl").write_text("\n".join(change(lines)) + "\n")

    return prepare


def _line(number: int, **fields: object) -> Prepare:
    def change(lines: list[str]) -> list[str]:
        lines[number - 1] = json.dumps(json.loads(lines[number - 1]) | fields)
        return lines

    return _lines(change)


def _refused_folder(folder: Path) -> None:
    (folder / "folder").mkdir()
    one_rule(folder / "folder" / "pack.yaml", old="to: 2022-08", new="to: 2024-08")


def _refused_line(folder: Path) -> None:
    text = one_rule(folder / "bad.yaml", old="to: 2022-08", new="to: 2024-08").read_text()
    body = base64.b64encode(encode_cbor({"text": text})).decode()
    _line(_number(folder, "pack.published"), body=body)(folder)


def _bad_merge(folder: Path) -> None:
    body = base64.b64encode(encode_cbor({"kept": bytes(16), "absorbed": bytes(16)})).decode()
    _line(_number(folder, "person.enrolled"), kind="person.merged", body=body)(folder)


def _number(folder: Path, kind: str) -> int:
    kinds = [json.loads(line)["kind"] for line in (folder / "events.jsonl").read_text().splitlines()]
    return kinds.index(kind) + 1


SIGN = ("statement", "sign", "bad.json", "--key", "lab.key", "--registry-key", "registry.key", "--out", "bad.cose")
GRANT = ("mandate", "grant", *DB, "--body", "bad.json", "--public", "lab.pub", "--at", CODED)
DERIVE = ("derive", "--statements", "bad.jsonl", "--at", CODED)
EXPLAIN = ("explain", *DB, "--at", CODED)

NO_POLICY = ("--policy", "no.policy")

CASES: list[tuple[str, Prepare, tuple[str, ...], int, tuple[str, ...]]] = [
    # name, what is made first, command line, exit code, what the message must say
    ("no command", _nothing, ("explian",), 2, ("explian", "Did you mean 'explain'", "habeas --help")),
    ("no subcommand", _nothing, ("pack",), 2, ("habeas pack", "Missing command", "habeas pack --help")),
    ("no option", _nothing, ("explain",), 2, ("--db", "habeas explain --help")),
    ("unknown option", _nothing, (*EXPLAIN, "--name", "Li"), 2, ("--name", "habeas explain --help")),
    (
        "demo in a folder of yours",
        _nothing,
        ("demo", "--folder", ".", "--packs", str(ROOT / "packs")),
        2,
        ("no demo's", "--folder"),
    ),
    ("demo without packs", _nothing, ("demo", "--packs", "none"), 2, ("none", "--packs")),
    ("demo of nobody", _nothing, ("demo", "--people", "0"), 2, ("--people",)),
    ("no ledger", _nothing, ("explain", "--db", "none.db", "--subject", NOBODY), 2, ("none.db", "habeas db new")),
    ("no ledger to audit", _nothing, ("audit", "--db", "none.db"), 2, ("none.db", "habeas db new")),
    ("no ledger to export", _nothing, ("export", "--db", "none.db"), 2, ("none.db", "habeas db new")),
    ("no ledger to settle", _nothing, ("settle", "--db", "none.db"), 2, ("none.db", "habeas db new")),
    ("no ledger to rebuild", _nothing, ("rebuild", "--db", "none.db"), 2, ("none.db", "habeas db new")),
    ("another file", _file("text.db", "hello " * 500), ("audit", "--db", "text.db"), 2, ("text.db", "--db")),
    ("neither document nor id", _nothing, EXPLAIN, 2, ("--document", "--subject")),
    ("both", _nothing, (*EXPLAIN, "--document", LI, "--subject", NOBODY), 2, ("one only",)),
    ("no document", _nothing, (*EXPLAIN, "--document", "Li Lei"), 2, ("--document", "passport:CN:")),
    ("no country", _nothing, (*EXPLAIN, "--document", "passport:China:E1"), 2, ("--document", "capitals")),
    ("unknown document", _nothing, (*EXPLAIN, "--document", "passport:CN:X"), 2, ("bound to nobody", "enrol")),
    ("unknown id", _nothing, (*EXPLAIN, "--subject", NOBODY), 2, (NOBODY, "enrol")),
    ("bad hex", _nothing, (*EXPLAIN, "--subject", "xyz"), 2, ("--subject", "hex")),
    ("short hex", _nothing, (*EXPLAIN, "--subject", "00"), 2, ("--subject", "32 hex digits")),
    ("bad instant", _nothing, ("history", *DB, "--document", LI, "--at", "today"), 2, ("--at", "2022-06-12T21:04")),
    ("no such day", _nothing, ("settle", *DB, "--at", "2022-02-30T00:00Z"), 2, ("--at", "2022-02-30")),
    ("bad language", _nothing, (*EXPLAIN, "--document", LI, "--lang", "fr"), 2, ("--lang", "zh")),
    ("no registry key", _nothing, (*EXPLAIN, "--document", LI, "--registry-key", "none.key"), 2, ("none.key",)),
    (
        "wrong registry key",
        _nothing,
        (*EXPLAIN, "--document", LI, "--registry-key", "lab.key"),
        2,
        ("lab.key", "db new"),
    ),
    ("ledger is there", _nothing, ("db", "new", "ledger.db"), 2, ("ledger.db", "left as it is")),
    ("ledger in no folder", _nothing, ("db", "new", "none/ledger.db"), 2, ("none", "path")),
    ("key is there", _nothing, ("keys", "new", "--out", "lab.key"), 2, ("lab.key", "left as it is")),
    ("bad algorithm", _nothing, ("keys", "new", "--alg", "RSA", "--out", "k"), 2, ("--alg", "ES256")),
    ("no key", _nothing, ("keys", "show", "none.key"), 2, ("none.key", "cannot be read")),
    ("key is no key", _nothing, ("keys", "show", "registry.key"), 2, ("registry.key", "keys new")),
    ("key is no JSON", _file("bad.key", "{"), ("keys", "show", "bad.key"), 2, ("bad.key, line 1", "JSON")),
    ("statement file is none", _nothing, SIGN, 2, ("bad.json", "cannot be read")),
    ("statement is no JSON", _file("bad.json", '{"kind": }'), SIGN, 2, ("bad.json, line 1, column 10",)),
    ("statement is no text", _file("bad.json", b"\xff\xfe"), SIGN, 2, ("bad.json", "UTF-8")),
    ("statement is too deep", _file("bad.json", "[" * 100_000), SIGN, 2, ("nested too deep",)),
    ("field twice", _file("bad.json", '{"kind": 1, "kind": 2}'), SIGN, 2, ("'kind' twice",)),
    ("field missing", _json("bad.json", {"kind": "test-result"}), SIGN, 2, ("lacks facts",)),
    ("a place", _json("bad.json", POSITIVE | {"place": "Mall"}), SIGN, 2, ("unknown field place",)),
    ("unknown kind", _json("bad.json", POSITIVE | {"kind": "visit"}), SIGN, 2, ("'visit'", "closed list")),
    ("unknown fact", _json("bad.json", statement("test-result", {"colour": "red"})), SIGN, 2, ("facts", "colour")),
    ("sample is no hex", _json("bad.json", statement("test-result", {"sample": 7})), SIGN, 2, ("sample",)),
    ("bad observed", _json("bad.json", POSITIVE | {"observed": "June"}), SIGN, 2, ('"observed"', "June")),
    (
        "bad expiry",
        _json("bad.json", POSITIVE | {"expires": "2020-01-01T00:00Z"}),
        SIGN,
        2,
        ("bad.json", "expires later"),
    ),
    ("bad area", _json("bad.json", POSITIVE | {"area": "Henan"}), SIGN, 2, ("Henan", "CN-41")),
    ("ref and document", _json("bad.json", POSITIVE | {"ref": "00" * 32}), SIGN, 2, ("ref or document",)),
    (
        "short ref",
        _json("bad.json", {k: v for k, v in POSITIVE.items() if k != "document"} | {"ref": "00"}),
        SIGN,
        2,
        ("32 bytes",),
    ),
    ("signed file is there", _json("bad.json", POSITIVE), (*SIGN[:-1], "lab.pub"), 2, ("lab.pub", "--out")),
    ("no key to refer by", _json("bad.json", POSITIVE), (*SIGN[:5], "--out", "bad.cose"), 2, ("--registry-key",)),
    ("verify nothing", _nothing, ("statement", "verify", "none"), 2, ("none", "cannot be read")),
    ("verify text", _file("bad", "hello, world"), ("statement", "verify", "bad"), 2, ("bad, line 1", "Base64")),
    ("verify bytes", _file("bad", b"\x00\xff"), ("statement", "verify", "bad"), 2, ("bad", "statement sign")),
    ("verify no COSE", _file("bad", "aGVsbG8="), ("statement", "verify", "bad"), 2, ("bad", "no statement")),
    (
        "verify with a secret",
        _nothing,
        ("statement", "verify", "positive.cose", "--public", "lab.key"),
        2,
        ("keys show",),
    ),
    ("verify with another key", _nothing, ("statement", "verify", "positive.cose", "--public", "clinic.pub"), 1, ()),
    ("admit nothing", _nothing, ("statement", "admit", *DB, "none"), 2, ("none",)),
    (
        "admit one bad of two",
        _file("bad", "?"),
        ("statement", "admit", *DB, "positive.cose", "bad"),
        2,
        ("bad, line 1",),
    ),
    ("mandate is no JSON", _file("bad.json", "[]"), GRANT, 2, ("bad.json", "body, kinds")),
    (
        "mandate of no body",
        _json("bad.json", mandate("x", "test-result") | {"body": {}}),
        GRANT,
        2,
        ('"body"', "lacks id"),
    ),
    ("mandate of no kind", _json("bad.json", mandate("x")), GRANT, 2, ('"kinds"',)),
    ("mandate of an unknown kind", _json("bad.json", mandate("x", "code")), GRANT, 2, ("'code'", "test-result")),
    (
        "mandate of a bad level",
        _json("bad.json", mandate("x", "diagnosis", level="town")),
        GRANT,
        2,
        ('"level"', "county"),
    ),
    ("mandate of a bad id", _json("bad.json", mandate("Mr X", "diagnosis")), GRANT, 2, ("'Mr X'", "hyphens")),
    ("mandate of a key in use", _json("bad.json", mandate("x", "diagnosis")), GRANT, 1, ("I7", "lab")),
    (
        "mandate for a vendor",
        _json("bad.json", mandate("x", "diagnosis", **{"class": "vendor"})),
        GRANT,
        1,
        ("I7", "vendor"),
    ),
    (
        "mandate with a bad key",
        _json("bad.json", mandate("x", "diagnosis") | {"key": {"alg": "x", "public": ""}}),
        GRANT[:6],
        2,
        ('"alg"',),
    ),
    (
        "one emergency body",
        _json("bad.json", mandate("x", "diagnosis") | {"emergency": [["x", "city"]]}),
        GRANT,
        2,
        ("I7",),
    ),
    (
        "emergency of no bodies",
        _json("bad.json", mandate("x", "diagnosis") | {"emergency": ["x"]}),
        GRANT,
        2,
        ('"emergency"',),
    ),
    (
        "registry key too short",
        _json("bad.key", {"habeas": "registry-key", "v": 1, "key": "AA=="}),
        (*EXPLAIN, "--document", LI, "--registry-key", "bad.key"),
        2,
        ("1 bytes",),
    ),
    ("end no mandate", _nothing, ("mandate", "end", "00" * 32, *DB), 2, ("no mandate", "mandate list")),
    ("end no hex", _nothing, ("mandate", "end", "lab", *DB), 2, ("ID", "hex")),
    ("enrol twice", _nothing, ("person", "enrol", *DB, "--document", LI), 1, ("somebody else",)),
    ("enrol with no document", _nothing, ("person", "enrol", *DB, "--document", "Li"), 2, ("--document",)),
    (
        "add to nobody",
        _nothing,
        ("person", "add-document", *DB, "--subject", NOBODY, "--new", "passport:CN:1"),
        2,
        (NOBODY,),
    ),
    (
        "add another's",
        _nothing,
        ("person", "add-document", *DB, "--document", LI, "--new", WANG),
        1,
        ("somebody else",),
    ),
    ("merge with oneself", _nothing, ("person", "merge", *DB, "--document", LI, "--absorb", LI), 1, ("itself",)),
    (
        "merge with nobody",
        _nothing,
        ("person", "merge", *DB, "--document", LI, "--absorb", "passport:CN:0"),
        2,
        ("nobody",),
    ),
    (
        "split what is not there",
        _nothing,
        ("person", "split", *DB, "--document", LI, "--take", WANG),
        1,
        ("holds now",),
    ),
    ("no pack", _nothing, ("pack", "publish", *DB, "none.yaml"), 2, ("none.yaml",)),
    (
        "pack is no pack",
        _file("bad.yaml", "a: b"),
        ("pack", "publish", *DB, "bad.yaml"),
        2,
        ("bad.yaml", "docs/packs.md"),
    ),
    ("pack shown is no pack", _file("bad.yaml", "- 1"), ("pack", "show", "bad.yaml"), 2, ("bad.yaml",)),
    (
        "pack of three years",
        _pack("to: 2022-08", "to: 2024-08"),
        ("pack", "publish", *DB, "bad.yaml"),
        1,
        ("I14", "pack check"),
    ),
    (
        "pack without a base",
        _pack("pack: cn-henan-2021-2", "over: base\npack: cn-layer"),
        ("pack", "publish", *DB, "bad.yaml"),
        1,
        ("bad.yaml", "over: base"),
    ),
    (
        "pack of a known id",
        _pack('version: "1"', 'version: "2"'),
        ("pack", "publish", *DB, "bad.yaml"),
        1,
        ("bad.yaml", "two packs have one id"),
    ),
    ("compare with nothing", _nothing, ("pack", "compare", "pack.yaml", "none.yaml"), 2, ("none.yaml",)),
    ("no criteria", _json("bad.json", []), ("pack", "check", "pack.yaml", "--criteria", "bad.json"), 2, ("criteria",)),
    ("check nothing", _nothing, ("pack", "check", "none.yaml"), 2, ("none.yaml",)),
    ("derive from nothing", _nothing, DERIVE, 2, ("bad.jsonl", "cannot be read")),
    ("derive from no lines", _file("bad.jsonl", "\n"), DERIVE, 2, ("no event",)),
    ("derive from no JSON", _lines(lambda lines: [*lines[:2], "{"]), DERIVE, 2, ("line 3", "habeas export")),
    ("derive from a list", _lines(lambda lines: ["[]", *lines]), DERIVE, 2, ("line 1", "at, kind, body")),
    ("derive from a bad instant", _line(2, at="June"), DERIVE, 2, ("line 2", "June")),
    ("derive from a bad kind", _line(2, kind="code.set"), DERIVE, 2, ("line 2", "code.set")),
    ("derive from a bad body", _line(2, body="?"), DERIVE, 2, ("line 2", "Base64")),
    ("derive from another body", _line(4, body="oA=="), DERIVE, 2, ("line 4",)),
    ("derive out of order", _lines(lambda lines: [lines[-1], *lines[:-1]]), DERIVE, 1, ("line 1", "unknown-person")),
    ("derive backwards", _lines(lambda lines: [lines[2], lines[1]]), DERIVE, 2, ("line 2", "before")),
    ("derive from a forged one", _lines(lambda lines: lines[2:]), DERIVE, 1, ("no-mandate",)),
    ("derive at no time", _nothing, (*DERIVE[:-1], "now"), 2, ("--at",)),
    ("derive with no folder", _nothing, (*DERIVE, "--packs", "none"), 2, ("none", "folder")),
    ("derive with no pack", lambda folder: (folder / "empty").mkdir(), (*DERIVE, "--packs", "empty"), 2, ("*.yaml",)),
    (
        "derive under a refused pack",
        _refused_folder,
        ("derive", "--statements", "events.jsonl", "--at", CODED, "--packs", "folder"),
        1,
        ("pack cn-henan-2021-2", "I14"),
    ),
    ("derive from a refused pack", _refused_line, DERIVE, 1, ("I14", "pack check")),
    ("derive from a bad merge", _bad_merge, DERIVE, 1, ("itself",)),
    ("export over a file", _nothing, ("export", *DB, "--out", "lab.pub"), 2, ("lab.pub", "left as it is")),
    ("export into no folder", _nothing, ("export", *DB, "--out", "none/x"), 2, ("none", "rights")),
    ("no trust list", _file("dcc", "HC1:"), ("dcc", "check", "dcc", "--trust", "none.json"), 2, ("none.json",)),
    (
        "bad trust list",
        _json("bad.json", []),
        ("dcc", "open", "dcc", "--trust", "bad.json"),
        2,
        ("bad.json", "trust list"),
    ),
    ("no certificate", _json("t.json", {}), ("dcc", "open", "none", "--trust", "t.json"), 2, ("none",)),
    (
        "HC1 and nothing",
        lambda f: (_file("dcc", "HC1:")(f), _json("t.json", {})(f))[0],
        ("dcc", "open", "dcc", "--trust", "t.json"),
        1,
        ("not-a-certificate",),
    ),
    (
        "no HC1",
        lambda f: (_file("dcc", "x")(f), _json("t.json", {})(f))[0],
        ("dcc", "open", "dcc", "--trust", "t.json"),
        2,
        ("dcc, line 1", "HC1:"),
    ),
    (
        "two certificates",
        lambda f: (_file("dcc", "HC1:A\nHC1:B\n")(f), _json("t.json", {})(f))[0],
        ("dcc", "open", "dcc", "--trust", "t.json"),
        2,
        ("2 certificates", "dcc scan dcc"),
    ),
    ("lines under a bad trust list", _json("bad.json", []), ("dcc", "open", "--keys", "bad.json"), 2, ("bad.json",)),
    (
        "no trust list of cards",
        _file("card", "shc:/43"),
        ("shc", "check", "card", "--trust", "none.json"),
        2,
        ("none.json",),
    ),
    (
        "bad trust list of cards",
        lambda f: (_file("card", "shc:/43")(f), _json("bad.json", {"http://a.b": {}})(f))[0],
        ("shc", "open", "card", "--trust", "bad.json"),
        2,
        ("bad.json", "http://a.b"),
    ),
    (
        "shc and nothing",
        lambda f: (_file("card", "shc:/43")(f), _json("t.json", {})(f))[0],
        ("shc", "open", "card", "--trust", "t.json"),
        1,
        ("not-a-certificate",),
    ),
    ("trust nothing", _json("bad.json", []), ("db", "trust", "bad.json", *DB), 2, ("bad.json", "nothing was logged")),
    ("trust no cards", _json("bad.json", []), ("db", "trust", "bad.json", "--cards", *DB), 2, ("bad.json", "cards")),
    ("hand over nothing", _nothing, ("person", "hand-over", "none.pdf", *DB, "--document", LI), 2, ("none.pdf",)),
    (
        "hand over for nobody",
        _file("dcc", "HC1:"),
        ("person", "hand-over", "dcc", *DB, "--document", "passport:SE:1", "--compared"),
        2,
        ("check the number",),
    ),
    (
        "a pass with other keys",
        _json("li.keys", {"habeas": "signing-key"}),
        ("pass", "make", "--log", ".", "--policy", "policy", "--keys", "li.keys"),
        2,
        ("li.keys", "enrolment"),
    ),
    ("a log's name of two words", _nothing, ("log", "key", "two words", "--out", "l"), 2, ("NAME", "without spaces")),
    ("a witness's key is there", _nothing, ("witness", "key", "w", "--out", "lab.key"), 2, ("lab.key",)),
    (
        "a witness of no log",
        _nothing,
        ("witness", "serve", "--folder", "w", "--key", "no.key", "--log", "x"),
        2,
        ("no.key", "witness key"),
    ),
    (
        "a checker with no key",
        _nothing,
        ("checker", "serve", "--folder", "c", "--key", "no.key", "--policy", "no.policy", "--founder", "lab.pub"),
        2,
        ("no.key", "witness key"),
    ),
    ("a mirror of no policy", _nothing, ("mirror", "follow", "--folder", "m", *NO_POLICY), 2, ("no.policy",)),
    ("no log to serve", _nothing, ("log", "serve", "none"), 2, ("none",)),
    ("a log verified by no policy", _nothing, ("log", "verify", ".", *NO_POLICY), 2, ("no.policy",)),
    ("a log checked by no policy", _nothing, ("log", "fsck", ".", *NO_POLICY), 2, ("no.policy",)),
    ("a proof under no policy", _nothing, ("log", "prove", ".", "0", *NO_POLICY, "--out", "p"), 2, ("no.policy",)),
    ("no proof to check", _nothing, ("log", "check", "none", *NO_POLICY), 2, ("no",)),
    ("no fork to check", _nothing, ("log", "fork", "none", "--log", "x"), 2, ("--log",)),
    ("counts of no log", _nothing, ("log", "counts", ".", *NO_POLICY), 2, ("holds no log",)),
    ("phantoms of no labels", _nothing, ("log", "phantoms", ".", *NO_POLICY, "--labels", "none"), 2, ("no",)),
    ("a look with no keys", _nothing, ("me", "look", "--log", ".", *NO_POLICY, "--keys", "none"), 2, ("no",)),
    ("a watch with no keys", _nothing, ("me", "watch", "--log", ".", *NO_POLICY, "--keys", "none"), 2, ("no",)),
    ("a plan with no keys", _nothing, ("me", "plan", "--keys", "none"), 2, ("none", "check the path")),
    (
        "a proof of abuse with no keys",
        _nothing,
        ("me", "abuse", "--log", ".", *NO_POLICY, "--keys", "none", "--index", "1", "--epoch", "1", "--out", "p"),
        2,
        ("no",),
    ),
    ("no proof of abuse", _nothing, ("me", "check-abuse", "none", *NO_POLICY), 2, ("no",)),
    ("a gate that syncs with nothing", _nothing, ("pass", "sync", "--gate", "g", "--log", ".", *NO_POLICY), 2, ("no",)),
    ("a gate that never synced", _nothing, ("pass", "check", "HB1:", "--gate", "none"), 2, ("none", "pass sync")),
    ("a bridge for no pass", _nothing, ("pass", "bridge", "none", "--log", ".", *NO_POLICY), 2, ("no",)),
    ("gossip of no gate", _nothing, ("pass", "gossip", "--gate", "none", "--with", "x", "--log", "."), 2, ("none",)),
    (
        "a receipt with no keys",
        _nothing,
        ("pass", "receipt", "make", "--log", ".", "--policy", "policy", "--keys", "no.keys", "--openings", "o"),
        2,
        ("no.keys", "cannot be read"),
    ),
    (
        "a receipt without a policy",
        _file("li.receipt", "c2sp.org/tlog-proof@v1"),
        ("pass", "receipt", "check", "li.receipt"),
        2,
        ("li.receipt", "--policy"),
    ),
    (
        "new keys without a log",
        _nothing,
        ("person", "rekey", *DB, "--document", LI),
        2,
        ("rehearsal", "habeas log new"),
    ),
    (
        "keys without a log",
        _nothing,
        ("person", "keys", *DB, "--document", LI, "--out", "li.keys"),
        2,
        ("rehearsal", "habeas log new"),
    ),
    (
        "openings without a log",
        _nothing,
        ("person", "openings", *DB, "--document", LI, "--out", "li.openings"),
        2,
        ("rehearsal", "habeas log new"),
    ),
    (
        "a hint without a log",
        _nothing,
        ("person", "enrol", *DB, "--document", "passport:SE:1", "--hint", "1"),
        2,
        ("--hint",),
    ),
    (
        "a receipt without a log",
        _nothing,
        ("statement", "admit", "positive.cose", *DB, "--receipt", "r"),
        2,
        ("rehearsal", "habeas log new"),
    ),
    (
        "no gate mandate",
        _json("gate.json", {"place": "door"}),
        ("mandate", "gate", "gate.json", *DB),
        2,
        ("area", "lane"),
    ),
    ("append to no log", _nothing, ("log", "append", "."), 2, ("habeas log new",)),
    (
        "append to a false log",
        _json("settings.json", {"habeas": "log", "v": 1}),
        ("log", "append", "."),
        2,
        ("constants",),
    ),
    ("erase in no log", _nothing, ("log", "erase", ".", "--before", "2020-01-01"), 2, ("habeas log new",)),
    (
        "a log of half days and more",
        _nothing,
        ("log", "new", "town", "--origin", "a.example", "--epoch-seconds", "50000"),
        2,
        ("does not divide a day",),
    ),
    ("a file to evaluate", _nothing, ("certlogic", "eval", "lines.jsonl"), 2, ("lines.jsonl", "certlogic eval --help")),
]


def _contents(folder: Path) -> dict[str, bytes]:
    return {
        str(path.relative_to(folder)): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith("ledger.db")
    }


@pytest.mark.parametrize(("prepare", "line", "code", "says"), [row[1:] for row in CASES], ids=[row[0] for row in CASES])
@pytest.mark.parametrize("extra", [(), ("--json",)], ids=["text", "json"])
def test_bad_input_is_told_in_words(
    province: Path,
    monkeypatch: pytest.MonkeyPatch,
    prepare: Prepare,
    line: tuple[str, ...],
    code: int,
    says: tuple[str, ...],
    extra: tuple[str, ...],
) -> None:
    monkeypatch.chdir(province)
    prepare(province)
    with SqliteStore("ledger.db") as store:
        before, files = store.event_count(), _contents(province)
    ran = habeas(*line, *(extra if len(line) > 1 else ()))
    assert (ran.code, "Traceback" in ran.err) == (code, False), ran
    told = " ".join(ran.err.split())
    if says:
        assert "\nerror: " in f"\n{ran.err}", ran
        assert "\nnext:  " in ran.err
        assert ran.out == ""
        assert [word for word in says if word not in told] == []
        assert "LI" not in told
        assert LI.rpartition(":")[2] not in told
    with SqliteStore("ledger.db") as store:
        assert store.event_count() == before
    assert _contents(province) == files


def test_every_command_has_a_bad_case() -> None:
    from cli.commands import every_command  # noqa: PLC0415 - loads every command

    named = {" ".join(part for part in row[2][:3] if not part.startswith("-")) for row in CASES}
    lacking = [name for name, _ in every_command() if not any(one.startswith(name) for one in named)]
    # `dcc scan` answers for each file by itself: tests/cli/test_dcc_scan.py
    assert set(lacking) <= {"mandate list", "dcc scan"}
