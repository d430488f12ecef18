"""The 581 public DCC test certificates, and what becomes of each at each stage of the data's own README."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from habeas.certificates import (
    CertificateError,
    DccKind,
    TrustList,
    TrustListError,
    open_dcc,
    parse_trust_list,
    read_contents,
)
from habeas.certificates._dcc import _claims, _valid
from habeas.certificates._payload import make_plain
from habeas.wire import (
    Cbor,
    Instant,
    WireError,
    check_sign1,
    encode_base45,
    encode_cbor,
    open_hc1,
    parse_base45,
    parse_cbor,
    parse_instant,
    parse_sign1,
)
from public_data import data_file

Row: TypeAlias = dict[str, Any]
GROUPS = {"v": DccKind.VACCINATION, "t": DccKind.TEST, "r": DccKind.RECOVERY}


@lru_cache(maxsize=1)
def all_rows() -> dict[str, Row]:
    with data_file("dcc-testdata.jsonl").open(encoding="utf-8") as lines:
        return {row["path"]: row for row in map(json.loads, lines)}


def clock(row: Row) -> Instant:
    """Return the validation clock: many files leave the offset out, or its colon, and mean UTC."""
    found = re.fullmatch(r"(.{10}T.{8})(?:\.\d+)?(?:(Z)|([+-]\d\d):?(\d\d))?", row["TESTCTX"]["VALIDATIONCLOCK"])
    assert found
    return parse_instant(found[1] + (f"{found[3]}:{found[4]}" if found[3] else "Z"))


def trust(row: Row) -> TrustList:
    """Return the trust list of the file's own certificate, under the kid that this has."""
    der = base64.b64decode(row["TESTCTX"]["CERTIFICATE"])
    kid = base64.b64encode(hashlib.sha256(der).digest()[:8]).decode()
    return parse_trust_list(json.dumps({kid: {"certificate": base64.b64encode(der).decode()}}))


def cose(row: Row) -> bytes:
    return bytes.fromhex(row["COSE"]) if row.get("COSE") else open_hc1(row["PREFIX"])


def claims(row: Row) -> dict[str | int, Cbor]:
    return _claims(parse_sign1(cose(row)).payload)


def contents(row: Row) -> dict[str, Any]:
    hcert = claims(row)[-260]
    assert isinstance(hcert, dict)
    found = make_plain(hcert[1])
    assert isinstance(found, dict)
    return {str(key): value for key, value in found.items()}


def listed(row: Row) -> Cbor:
    """Return the payload that is listed as CBOR; in some files it is wrapped in its claim."""
    found = make_plain(parse_cbor(bytes.fromhex(row["CBOR"])))
    hcert = found.get(-260) if isinstance(found, dict) else None
    return hcert[1] if isinstance(hcert, dict) else found


def unprefix(row: Row) -> None:
    refusal = ""
    try:
        open_hc1(row["PREFIX"])
    except WireError as error:  # of a later stage, perhaps
        refusal = str(error)
    assert "begins with HC1:" not in refusal
    assert not row.get("BASE45") or row["PREFIX"] == "HC1:" + row["BASE45"]


def b45decode(row: Row) -> None:
    compressed = parse_base45(row.get("BASE45") or row["PREFIX"][4:])
    assert not row.get("COMPRESSED") or compressed.hex() == row["COMPRESSED"].lower()


def compression(row: Row) -> None:
    text = "HC1:" + encode_base45(bytes.fromhex(row["COMPRESSED"])) if row.get("COMPRESSED") else row["PREFIX"]
    assert open_hc1(text) == cose(row)


def verify(row: Row) -> None:
    message = parse_sign1(cose(row))
    _claims(check_sign1(message, trust(row).find(message.kid).key))


def decode(row: Row) -> None:
    found = contents(row)
    assert not row.get("CBOR") or found == listed(row)


def validjson(row: Row) -> None:
    assert contents(row) == make_plain(row["JSON"])


def encode(row: Row) -> None:
    again = parse_cbor(encode_cbor(make_plain(row["JSON"])))
    assert again == (listed(row) if row.get("CBOR") else make_plain(row["JSON"]))


def schema(row: Row) -> None:
    issued = _valid_at_issue(row) if row.get("COSE") else clock(row)
    read_contents(make_plain(row["JSON"]) if "JSON" in row else listed(row), issued)


def _valid_at_issue(row: Row) -> Instant:
    issued = claims(row)[6]
    assert isinstance(issued, int | float)
    return Instant(int(issued))


def keyusage(row: Row) -> None:
    (signer,) = trust(row).signers.values()
    found = contents(row)
    assert {GROUPS[group] for group in GROUPS if found.get(group)} <= signer.kinds


def expirationcheck(row: Row) -> None:
    _valid(claims(row), clock(row))


STAGES: list[tuple[Callable[[Row], None], str, int, int]] = [
    # the stage, its name, how many files expect it to succeed, how many to fail
    (unprefix, "UNPREFIX", 537, 3),
    (b45decode, "B45DECODE", 537, 1),
    (compression, "COMPRESSION", 508, 2),
    (verify, "VERIFY", 548, 7),
    (decode, "DECODE", 547, 1),
    (validjson, "VALIDJSON", 531, 0),
    (encode, "ENCODE", 90, 0),
    (schema, "SCHEMAVALIDATION", 423, 107),
    (schema, "VALIDOBJECT", 390, 0),
    (keyusage, "KEYUSAGE", 309, 79),
    (expirationcheck, "EXPIRATIONCHECK", 477, 5),
]


def comes_out(stage: Callable[[Row], None], row: Row) -> bool:
    try:
        stage(row)
    except (WireError, CertificateError, AssertionError):
        return False
    return True


def contradicts_itself(row: Row) -> bool:
    """Whether it says of one payload that it fits the schema (as an object) and does not (as what was decoded)."""
    expected = row["EXPECTEDRESULTS"]
    return expected.get("EXPECTEDVALIDOBJECT") is True and expected.get("EXPECTEDSCHEMAVALIDATION") is False


def outcome(row: Row) -> str:
    """Return what becomes of the text as a whole: `opened`, or the refusal's code."""
    try:
        listed_keys = trust(row)
    except TrustListError as error:
        return error.code
    expected = row["EXPECTEDRESULTS"]
    judged_at = clock(row) if "EXPECTEDEXPIRATIONCHECK" in expected or not row.get("COSE") else None
    try:
        open_dcc(row["PREFIX"], listed_keys, judged_at or at_issue(row))
    except CertificateError as error:
        return error.code
    return "opened"


def at_issue(row: Row) -> Instant:
    try:
        return _valid_at_issue(row)
    except (WireError, CertificateError):
        return clock(row)
