"""A country that issues certificates: real keys, real X.509, and every field open to a test's change."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from habeas.wire import CborTag, Instant, encode_cbor, format_hc1, parse_instant

ISSUED = parse_instant("2022-01-10T08:00:00Z")
NOW = parse_instant("2022-06-12T13:04:00Z")
EXPIRES = parse_instant("2023-01-10T08:00:00Z")

VACCINATION: dict[str, Any] = {
    "tg": "840539006",
    "vp": "1119349007",
    "mp": "EU/1/20/1528",
    "ma": "ORG-100030215",
    "dn": 2,
    "sd": 2,
    "dt": "2021-06-11",
    "co": "UT",
    "is": "Ministry of Health of Utopia",
    "ci": "URN:UVCI:01:UT:187/37512422923",
}
TEST: dict[str, Any] = {
    "tg": "840539006",
    "tt": "LP6464-4",
    "sc": "2022-06-12T11:30:00Z",
    "tr": "260415000",
    "tc": "Test centre 1",
    "co": "UT",
    "is": "Ministry of Health of Utopia",
    "ci": "URN:UVCI:01:UT:B5921A35D6A0D696421B3E2462178297",
}
RECOVERY: dict[str, Any] = {
    "tg": "840539006",
    "fr": "2022-02-01",
    "co": "UT",
    "is": "Ministry of Health of Utopia",
    "df": "2022-02-12",
    "du": "2022-07-31",
    "ci": "URN:UVCI:01:UT:858CC18CFCF5965EF82F60E493349AA5",
}
NAME = {"fn": "Müller-O’Neill", "fnt": "MUELLER<ONEILL", "gn": "Ada", "gnt": "ADA"}
ENTRIES = {"v": VACCINATION, "t": TEST, "r": RECOVERY}

USAGES = {"test": 1, "vaccination": 2, "recovery": 3}


def payload(group: str, **changes: object) -> dict[str, Any]:
    """Return the contents of a certificate of `group` (v, t or r), with fields of its entry changed."""
    return {"ver": "1.3.0", "nam": NAME, "dob": "1990-01-15", group: [ENTRIES[group] | changes]}


@dataclass(frozen=True)
class Issuer:
    """A document signer with its certificate; `usage` are the extended key usage's OIDs."""

    private: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey
    usage: tuple[str, ...] = ()
    der: bytes = field(init=False)

    def __post_init__(self) -> None:
        name = x509.Name(
            [x509.NameAttribute(NameOID.COUNTRY_NAME, "UT"), x509.NameAttribute(NameOID.COMMON_NAME, "DSC")]
        )
        draft = (
            x509.CertificateBuilder(
                issuer_name=name, subject_name=name, public_key=self.private.public_key(), serial_number=1
            )
            .not_valid_before(datetime(2021, 6, 1, tzinfo=UTC))
            .not_valid_after(datetime(2023, 6, 1, tzinfo=UTC))
            .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        )
        if self.usage:
            draft = draft.add_extension(
                x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in self.usage]), critical=False
            )
        object.__setattr__(self, "der", self._signed(draft).public_bytes(Encoding.DER))

    def _signed(self, draft: x509.CertificateBuilder) -> x509.Certificate:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return draft.sign(self.private, hashes.SHA256())
        return draft.sign(self.private, hashes.SHA256(), ecdsa_deterministic=True)

    @property
    def kid(self) -> bytes:
        return hashlib.sha256(self.der).digest()[:8]

    @property
    def name(self) -> str:
        return base64.b64encode(self.kid).decode()

    def sign(self, signed: bytes) -> bytes:
        if isinstance(self.private, rsa.RSAPrivateKey):
            return self.private.sign(
                signed, padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32), hashes.SHA256()
            )
        r, s = decode_dss_signature(self.private.sign(signed, ec.ECDSA(hashes.SHA256(), deterministic_signing=True)))
        return r.to_bytes(32) + s.to_bytes(32)

    def text(self, contents: object, *, headers: Mapping[int, object] | None = None, **claims: object) -> str:
        """Return the QR text of `contents`; `claims` named c1, c4, … replace those of the token, None removes one."""
        algorithm = -37 if isinstance(self.private, rsa.RSAPrivateKey) else -7
        token: dict[int, object] = {1: "UT", 4: int(EXPIRES), 6: int(ISSUED), -260: {1: contents}}
        token |= {int(name[1:].replace("m", "-")): value for name, value in claims.items()}
        return self.text_of(
            encode_cbor({key: value for key, value in token.items() if value is not None}),
            headers={1: algorithm, 4: self.kid} | dict(headers or {}),
        )

    def text_of(self, token: bytes, *, headers: Mapping[int, object]) -> str:
        protected = encode_cbor(headers)
        signature = self.sign(encode_cbor(["Signature1", protected, b"", token]))
        return format_hc1(encode_cbor(CborTag(18, [protected, {}, token, signature])))


def oid(kind: str, *, older: bool = False) -> str:
    return f"1.3.6.1.4.1.{'0.' if older else ''}1847.2021.1.{USAGES[kind]}"


UTOPIA = Issuer(ec.derive_private_key(1847, ec.SECP256R1()))
ELBONIA = Issuer(rsa.generate_private_key(65537, 2048))
BEFORE = Instant(ISSUED - 1)
