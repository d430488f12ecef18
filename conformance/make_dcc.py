"""Makes vectors/dcc and vectors/scan: a trust list, certificates of a country that does not exist, what becomes of each line.

    .venv/bin/python conformance/make_dcc.py

Keys follow from numbers and signatures are made without randomness, so the files come out the same every time. What a line
must give is written down here, not asked of Habeas.
"""

from __future__ import annotations

import base64
import json
import sys
import zlib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "tests"))  # the issuer is the tests' own

from cryptography.hazmat.primitives.asymmetric import ec  # noqa: E402 - the path comes first

from certificates.issuing import NOW, UTOPIA, Issuer, oid, payload  # noqa: E402
from habeas.wire import CborTag, encode_base45, encode_cbor, format_hc1, open_hc1, parse_sign1  # noqa: E402

TO = ROOT / "vectors"
TESTER = Issuer(ec.derive_private_key(1848, ec.SECP256R1()), usage=(oid("test"),))
STRANGER = Issuer(ec.derive_private_key(1849, ec.SECP256R1()))
HOUR = 3600
REFUSED = ["not-a-certificate"]


def trust() -> dict[str, object]:
    """Return the trust list: one key for all kinds, one for tests alone."""
    return {one.name: {"certificate": base64.b64encode(one.der).decode()} for one in (UTOPIA, TESTER)}


def opened() -> list[dict[str, object]]:
    """Return lines that give contents."""
    rows: list[dict[str, object]] = []

    def opens(name: str, text: str, contents: object, issuer: Issuer = UTOPIA, *, about: str = "") -> None:
        rows.append(_line(name, about, {"hc1": text}, gives={"payload": contents, "kid": issuer.name}))

    for kind, group in (("vaccination", "v"), ("test", "t"), ("recovery", "r")):
        opens(kind, UTOPIA.text(payload(group)), payload(group))
    opens("key-for-its-kind", TESTER.text(payload("t")), payload("t"), TESTER)
    opens("last-second", UTOPIA.text(payload("v"), c4=int(NOW)), payload("v"), about="Expiry is the last valid second.")
    opens("first-second", UTOPIA.text(payload("v"), c6=int(NOW)), payload("v"))
    opens(
        "floating-times",
        UTOPIA.text(payload("v"), c6=int(NOW) - 0.5),
        payload("v"),
        about="NumericDate may be a float.",
    )
    opens("unknown-claim", UTOPIA.text(payload("v"), c99=["more"]), payload("v"))
    opens("no-issuer", UTOPIA.text(payload("v"), c1=None), payload("v"))
    plain = payload("v") | {"x": {"1": [1, None, True], "2": "6869", "3": None}}
    strange = payload("v") | {"x": {1: [1.0, None, True], "2": b"hi", "3": float("inf")}}
    opens(
        "plain-values",
        UTOPIA.text(strange),
        plain,
        about="Whole floats are integers, bytes hex, what JSON cannot say null.",
    )
    tagged = UTOPIA.text(payload("t", sc=CborTag(0, "2022-06-12T11:30:00Z")))
    opens("tagged-date", tagged, payload("t"))
    token = encode_cbor({1: "UT", 4: int(NOW) + HOUR, 6: int(NOW) - HOUR, -260: {1: payload("v")}})
    message = open_hc1(UTOPIA.text_of(token, headers={1: -7, 4: UTOPIA.kid}))
    opens("without-tag", format_hc1(message.removeprefix(b"\xd2")), payload("v"))
    opens("under-tag-61", format_hc1(b"\xd8\x3d" + message), payload("v"), about="RFC 8392 §6 tags it so.")
    return rows


def refused() -> list[dict[str, object]]:  # noqa: PLR0915 - a table
    """Return texts that are refused, each with the codes that say so."""
    good = UTOPIA.text(payload("v"))
    message = open_hc1(good)
    rows: list[dict[str, object]] = []

    def refuses(name: str, text: object, *codes: str, about: str = "") -> None:
        rows.append(_line(name, about, {"hc1": text}, refuses=list(codes) or REFUSED))

    refuses("expired", UTOPIA.text(payload("v"), c4=int(NOW) - 1), "expired")
    refuses("not-yet-valid", UTOPIA.text(payload("v"), c6=int(NOW) + 1), "not-yet-valid")
    refuses("not-before", UTOPIA.text(payload("v"), c5=int(NOW) + 1), "not-yet-valid")
    refuses("no-expiry", UTOPIA.text(payload("v"), c4=None))
    refuses("unknown-kid", STRANGER.text(payload("v")), "unknown-kid")
    refuses("kid-of-another", STRANGER.text(payload("v"), headers={4: UTOPIA.kid}), "bad-signature")
    refuses("key-usage", TESTER.text(payload("v")), "key-usage")
    refuses("wrong-algorithm", UTOPIA.text(payload("v"), headers={1: -8}), "wrong-algorithm")
    refuses("other-algorithm", UTOPIA.text(payload("v"), headers={1: -37}), "wrong-algorithm")
    refuses(
        "critical-header", UTOPIA.text(payload("v"), headers={2: [99], 99: 1}), "not-a-certificate", "wrong-algorithm"
    )
    refuses("signature-changed", format_hc1(message[:-1] + bytes([message[-1] ^ 1])), "bad-signature")
    payload_of = parse_sign1(message).payload
    changed = message.replace(payload_of, payload_of.replace(b"1990-01-15", b"1991-01-15"))
    refuses("contents-changed", format_hc1(changed), "bad-signature")
    refuses("signature-cut", format_hc1(message[:-64] + message[-64:-1]), about="A byte short.")
    refuses("another-scheme", UTOPIA.text(payload("v"), cm260={2: {}}))
    refuses("two-kinds", UTOPIA.text(payload("v") | {"t": payload("t")["t"]}))
    refuses("no-kind", UTOPIA.text({key: value for key, value in payload("v").items() if key != "v"}))
    refuses("no-date-of-birth", UTOPIA.text(payload("v") | {"dob": "15 January 1990"}))
    refuses("impossible-date", UTOPIA.text(payload("v", dt="2021-02-30")))
    refuses("not-a-number-of-doses", UTOPIA.text(payload("v", dn=float("nan"))))
    refuses("claims-are-no-map", UTOPIA.text_of(encode_cbor([1]), headers={1: -7, 4: UTOPIA.kid}))
    refuses("claim-twice", UTOPIA.text_of(b"\xa2\x01\x61a\x01\x61b", headers={1: -7, 4: UTOPIA.kid}))
    refuses("lower-case", good.lower())
    refuses("no-prefix", good.removeprefix("HC1:"))
    refuses("other-prefix", "HC2:" + good.removeprefix("HC1:"))
    refuses("prefix-alone", "HC1:")
    refuses("empty", "")
    refuses("not-base45", good[:40] + "_" + good[41:])
    refuses("base45-too-large", "HC1::::", about="45^3 - 1 is more than two bytes hold.")
    refuses("base45-left-over", good + "0")
    refuses("line-end", good + "\n", about="The text is taken as it is; a scanner's line end is not part of it.")
    refuses("not-zlib", "HC1:" + encode_base45(message))
    refuses("zlib-cut", "HC1:" + encode_base45(zlib.compress(message)[:-8]))
    refuses("after-zlib", "HC1:" + encode_base45(zlib.compress(message) + b"more"))
    refuses("after-cose", format_hc1(message + b"\x00"))
    refuses("grows", "HC1:" + encode_base45(zlib.compress(bytes(2_000_000), 9)), about="Two million zeros in 2 KB.")
    refuses("too-many-characters", good + "00" * 2200)
    refuses("lone-surrogate", "HC1:\ud800")
    refuses("chinese", "HC1:健康码")
    refuses("number", 1, "bad-fields")
    refuses("null", None, "bad-fields")
    refuses("list", [good], "bad-fields")
    rows.append(_line("unknown-field", "", {"hc1": good, "at": "2022-06-12T13:04Z"}, refuses=["bad-fields"]))
    rows.append(_line("missing-field", "", {"HC1": good}, refuses=["bad-fields"]))
    rows.append({"id": "text-alone", "send": good, "refuses": ["not-json"]})
    rows.append({"id": "twice", "send": f'{{"hc1": {json.dumps(good)}, "hc1": ""}}', "refuses": ["not-json"]})
    rows.append(
        {"id": "too-long", "send": [['{"hc1": "HC1:', 1], ["0", 2_000_000], ['"}', 1]], "refuses": ["too-long"]}
    )
    return rows


def scans() -> tuple[dict[str, bytes], list[dict[str, object]]]:
    """Return files, none of them a picture, and what is read from each; `{"file": …}` names them."""
    one, other = (UTOPIA.text(payload(group)) for group in ("v", "t"))
    files = {
        "one.txt": f"\n  {one}\r\n".encode(),
        "two.txt": f"{one}\n{other}\n".encode(),
        "twice.txt": f"{one}\n{one}\n".encode(),
        "smart.txt": b"shc:/567629\n",
        "note.txt": b"seen at the counter\n",
        "empty.txt": b"",
        "bytes.bin": bytes(range(256)),
        "cut.png": b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
    }
    rows = [
        _line(name, "", {"file": f"{name}.txt"}, gives={"file": f"{name}.txt", "hc1": one}) for name in ("one", "twice")
    ]

    def refuses(name: str, sent: object, code: str) -> None:
        rows.append(_line(name, "", sent, refuses=[code]))

    refuses("two", {"file": "two.txt"}, "several-certificates")
    refuses("smart", {"file": "smart.txt"}, "other-certificate")
    refuses("note", {"file": "note.txt"}, "no-certificate")
    refuses("empty", {"file": "empty.txt"}, "no-certificate")
    refuses("bytes", {"file": "bytes.bin"}, "not-a-picture")
    refuses("cut", {"file": "cut.png"}, "damaged-picture")
    refuses("no-such-file", {"file": "none.png"}, "unreadable-file")
    refuses("folder", {"file": "."}, "unreadable-file")
    refuses("nameless", {"file": ""}, "unreadable-file")
    refuses("stdin", {"file": "-"}, "unreadable-file")
    refuses("nul", {"file": "one.txt\0"}, "unreadable-file")
    refuses("lone-surrogate", {"file": "\udcff.png"}, "unreadable-file")
    refuses("number", {"file": 0}, "bad-fields")
    refuses("no-field", {}, "bad-fields")
    refuses("field-too-many", {"file": "one.txt", "page": 1}, "bad-fields")
    rows.append({"id": "path-alone", "send": "one.txt", "refuses": ["not-json"]})
    rows.append({"id": "empty-line", "send": "", "refuses": ["not-json"]})
    return files, rows


def _line(name: str, about: str, sent: object, **expected: object) -> dict[str, object]:
    return {"id": name, **({"about": about} if about else {}), "send": json.dumps(sent), **expected}


def main() -> None:
    """Write the trust list and the lines: good and refused ones by turns, since one must not touch another."""
    good, bad = opened(), refused()
    turns = [row for number, one in enumerate(bad) for row in ([*good[number : number + 1], one])]
    _write("dcc/trust.json", trust())
    _write("dcc/lines.json", {"command": ["dcc", "open", "--keys", "trust.json", "--at", str(NOW)], "lines": turns})
    files, lines = scans()
    _write("scan/lines.json", {"command": ["dcc", "scan"], "lines": lines})
    for name, content in files.items():
        (TO / "scan" / name).write_bytes(content)


def _write(name: str, value: object) -> None:
    path = TO / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(value, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
