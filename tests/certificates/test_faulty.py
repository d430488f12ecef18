"""Each file that is listed as faulty is faulty in just that way."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from certificates.data import (
    Row,
    all_rows,
    contents,
    contradicts_itself,
    cose,
    decode,
    expirationcheck,
    outcome,
    trust,
    verify,
)
from certificates.faulty import (
    FAULTY,
    MISSPELT_ALL,
    MISSPELT_EXPIRY,
    MISSPELT_PICTURE,
    NO_CBOR,
    NO_COSE,
    NO_USAGE,
    OTHER_PAYLOAD,
    P384,
    VALUE_SETS,
    WRONG_KEY,
)
from habeas.certificates import (
    DccKind,
    TrustListError,
)
from habeas.wire import (
    parse_sign1,
)


@pytest.fixture(name="rows")
def _the_rows() -> dict[str, Row]:
    return all_rows()


def test_the_faults_are_counted(rows: dict[str, Row]) -> None:
    assert len(FAULTY) == 29
    assert len({faulty.path for faulty in FAULTY}) == 28
    assert {faulty.path for faulty in FAULTY} <= rows.keys()


def _signed_with_p384(row: Row) -> None:
    message = parse_sign1(cose(row))
    key = x509.load_der_x509_certificate(base64.b64decode(row["TESTCTX"]["CERTIFICATE"])).public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    assert isinstance(key.curve, ec.SECP384R1)
    r, s = (int.from_bytes(half) for half in (message.signature[:48], message.signature[48:]))
    key.verify(encode_dss_signature(r, s), message.signed, ec.ECDSA(hashes.SHA256()))
    with pytest.raises(TrustListError, match="P-256 for ES256"):
        trust(row)


def _beside_another_payload(row: Row) -> None:
    assert contents(row) != row["JSON"]
    verify(row)


def _without_usage(row: Row) -> None:
    assert row["EXPECTEDRESULTS"]["EXPECTEDKEYUSAGE"] is False
    certificate = x509.load_der_x509_certificate(base64.b64decode(row["TESTCTX"]["CERTIFICATE"]))
    usage = certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    assert [oid.dotted_string for oid in usage] == ["2.23.136.1.1.14.2"]


def _signed_with_a_key_for_vaccinations(row: Row) -> None:
    verify(row)
    (signer,) = trust(row).signers.values()
    assert signer.kinds == {DccKind.VACCINATION}
    assert contents(row)["t"]
    assert "EXPECTEDKEYUSAGE" not in row["EXPECTEDRESULTS"]
    assert outcome(row) == "key-usage"


def _misspells(name: str, *, instead_of: str) -> Callable[[Row], None]:
    def check(row: Row) -> None:
        fields = row | row["EXPECTEDRESULTS"]
        assert name in row["EXPECTEDRESULTS"] or name in row
        assert instead_of not in fields
        expirationcheck(row)

    return check


def _lacks(*names: str) -> Callable[[Row], None]:
    def check(row: Row) -> None:
        assert not any(row.get(name) for name in names)
        assert row["EXPECTEDRESULTS"]["EXPECTEDDECODE"] is True
        decode(row)

    return check


FAULTS: dict[str, Callable[[Row], None]] = {
    P384: _signed_with_p384,
    OTHER_PAYLOAD: _beside_another_payload,
    NO_USAGE: _without_usage,
    WRONG_KEY: _signed_with_a_key_for_vaccinations,
    MISSPELT_EXPIRY: _misspells("EXPTECTEDEXPIRED", instead_of="EXPECTEDEXPIRATIONCHECK"),
    MISSPELT_ALL: _misspells("EXPECTEDRESULTS", instead_of="EXPECTEDEXPIRATIONCHECK"),
    MISSPELT_PICTURE: _misspells("_2DCODE", instead_of="2DCODE"),
    NO_COSE: _lacks("COSE", "COMPRESSED"),
    NO_CBOR: _lacks("CBOR"),
}


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda faulty: faulty.path)
def test_a_listed_file_is_faulty_in_this_way(faulty: Any, rows: dict[str, Row]) -> None:  # noqa: ANN401 - pytest hands it over
    FAULTS[faulty.fault](rows[faulty.path])


def test_files_that_contradict_themselves(rows: dict[str, Row]) -> None:
    paths = [path for path, row in rows.items() if contradicts_itself(row)]
    assert len(paths) == 96
    for path in paths:
        payload = rows[path]["JSON"]
        assert path.startswith("NL/")
        assert payload["dob"] in {"1815-08-24", "2023-01-01"} or payload["nam"]["gn"] == "😀😃😄"


@pytest.mark.parametrize(("path", "maker"), VALUE_SETS.items())
def test_files_that_need_value_sets(path: str, maker: str, rows: dict[str, Row]) -> None:
    found = contents(rows[path])
    (entry,) = found.get("v") or found["t"]
    assert entry["ma"] == maker
    assert rows[path]["EXPECTEDRESULTS"]["EXPECTEDSCHEMAVALIDATION"] is False
