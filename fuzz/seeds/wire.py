"""Seeds of the byte formats."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator

from habeas.wire import Algorithm, encode_cbor, make_signing_key, open_hc1, parse_base45
from seeds import documents, town
from seeds._places import ROOT

__all__ = ["areas", "base45", "cbor", "hc1", "identifiers", "instants", "sign1", "spki"]


def cbor() -> Iterator[bytes]:
    """Values of every sort, and what sources and countries signed."""
    for value in (None, True, 0, -1, 2**64 - 1, 1.5, 1e300, b"bytes", "text", [1, [2]], {"a": 1, 2: "b"}):
        yield encode_cbor(value)
    yield bytes.fromhex("9f018202039f0405ffff")  # open length, RFC 8949 appendix A
    yield bytes.fromhex("7f657374726561646d696e67ff")
    yield bytes.fromhex("c11a514b67b0")
    yield from town.statement_payloads()
    yield from documents.contents()


def sign1() -> Iterator[bytes]:
    """Signed messages."""
    vectors = json.loads((ROOT / "vectors" / "cose" / "sign1.json").read_text())
    yield from (bytes.fromhex(row["message"]) for row in vectors["messages"])
    yield from town.statements()
    yield from map(open_hc1, documents.own_texts())


def base45() -> Iterator[bytes]:
    """Base45 as it stands in RFC 9285 and in certificates."""
    yield from (b"BB8", b"%69 VD92EX0", b"UJCLQE7W581", b"", b"7")
    yield from (text.encode()[4:] for text in documents.own_texts())


def hc1() -> Iterator[bytes]:
    """Texts of certificates, and the streams packed in them."""
    for text in documents.texts():
        yield text.encode()
        yield parse_base45(text[4:])


def instants() -> Iterable[bytes]:
    """Dates, times and offsets, of RFC 3339 and of CertLogic."""
    return (
        b"2022-06-12T21:04+08:00", b"2022-06-12T13:04:00Z", b"0001-01-01T00:00:00Z", b"9999-12-31T23:59:59Z",
        b"1970-01-01 00:00:00-23:59", b"2020-02-29", b"2021-02", b"1999", b"2021-06-01T12:30:00.123456+0200",
        b"2021-06-01T24:00:00Z",
    )  # fmt: skip


def spki() -> Iterator[bytes]:
    """Public keys in DER, and a raw one."""
    vectors = json.loads((ROOT / "vectors" / "cose" / "sign1.json").read_text())
    yield from (bytes.fromhex(row["spki"]) for row in vectors["messages"])
    yield documents.DCC_KEY.verifying.public
    yield make_signing_key(Algorithm.EDDSA, bytes(32)).verifying.public


def areas() -> Iterable[bytes]:
    """Areas of every depth."""
    return (b"CN", b"CN-41", b"CN-41-4101-410105", b"DE-BY", b"ZZ-A-B-C-D-E")


def identifiers() -> Iterable[bytes]:
    """Documents as they are written."""
    return (
        b"passport:CN:E12345678", b"resident-id:CN:4101 0519-9003 070019",
        "passport:CN:Ｅ１２３".encode(), b"id-card:DE:L01X00T47",
    )  # fmt: skip
