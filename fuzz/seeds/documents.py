"""Seeds of other people's documents, signed with a key that the targets trust; public ones where their data are."""

from __future__ import annotations

import base64
import hashlib
import io
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import islice
from typing import Any

import zxingcpp
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from PIL import Image

from habeas.certificates import Signer, TrustList
from habeas.wire import Algorithm, WireError, encode_cbor, format_hc1, make_signing_key, open_hc1, parse_instant, sign1
from seeds._places import DATA, EACH

__all__ = [
    "DCC_KEY",
    "DCC_TRUST",
    "ISSUED",
    "NOW",
    "certificate_files",
    "claims",
    "contents",
    "dcc_texts",
    "own_texts",
    "pictures",
    "signers",
    "texts",
    "trust_lists",
]

DCC_KEY = make_signing_key(Algorithm.ES256, bytes(range(32)))
DCC_TRUST = TrustList(signers={DCC_KEY.kid: Signer(key=DCC_KEY.verifying)})
ISSUED = parse_instant("2022-01-10T08:00:00Z")
NOW = parse_instant("2022-06-12T13:04:00Z")
_EXPIRES = parse_instant("2023-01-10T08:00:00Z")

_COMMON = {"tg": "840539006", "co": "UT", "is": "Ministry of Health of Utopia", "ci": "URN:UVCI:01:UT:187/37512422923"}
_ENTRIES: dict[str, dict[str, object]] = {
    "v": {"vp": "1119349007", "mp": "EU/1/20/1528", "ma": "ORG-100030215", "dn": 2, "sd": 2, "dt": "2021-06-11"},
    "t": {"tt": "LP6464-4", "sc": "2022-06-12T11:30:00Z", "tr": "260415000", "tc": "Test centre 1"},
    "r": {"fr": "2022-02-01", "df": "2022-02-12", "du": "2022-07-31"},
}
_NAME = {"fn": "Müller-O’Neill", "fnt": "MUELLER<ONEILL", "gn": "Ada", "gnt": "ADA"}


def trust_lists() -> Iterator[bytes]:
    """Certificates and bare keys."""
    der, key = _certificate(), base64.b64encode(DCC_KEY.verifying.public).decode()
    name = base64.b64encode(hashlib.sha256(der).digest()[:8]).decode()
    yield json.dumps({name: {"certificate": base64.b64encode(der).decode()}}).encode()
    yield json.dumps({"AAAAAAAAAAA=": {"key": key, "kinds": ["test", "recovery"]}}).encode()
    yield b"{}"


def signers() -> Iterator[bytes]:
    """X.509 certificates, with and without extended key usage."""
    yield _certificate()
    yield _certificate("1.3.6.1.4.1.1847.2021.1.1", "1.3.6.1.4.1.0.1847.2021.1.3")
    for row in islice(_dcc_rows(), EACH):
        if "CERTIFICATE" in row["TESTCTX"]:
            yield base64.b64decode(row["TESTCTX"]["CERTIFICATE"])


def contents() -> Iterator[bytes]:
    """Contents of certificates."""
    yield from (encode_cbor(value) for value in _own_contents())


def claims() -> Iterator[bytes]:
    """Those in their claims."""
    for value in _own_contents():
        yield encode_cbor({1: "UT", 4: int(_EXPIRES), 6: int(ISSUED), -260: {1: value}})


def dcc_texts() -> Iterator[bytes]:
    """Certificates as texts, and as the messages in them."""
    for text in texts():
        yield text.encode()
        yield open_hc1(text)


def pictures() -> Iterator[bytes]:
    """A QR code, and two in one picture, as PNG, JPEG and PDF; a PDF of two pages; published ones."""
    one, two = _images()
    yield from (_saved(image, kind) for image in (one, two) for kind in ("PNG", "JPEG", "PDF"))
    out = io.BytesIO()
    one.save(out, format="PDF", save_all=True, append_images=[two])
    yield out.getvalue()
    for row in islice((row for row in _dcc_rows() if row.get("2DCODE")), 4):
        yield base64.b64decode(row["2DCODE"])


def _images() -> tuple[Image.Image, Image.Image]:
    one, other = (
        Image.fromarray(zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode).to_image(scale=2))
        for text in ("HC1:NCF", "shc:/5676")
    )
    both = Image.new("L", (one.width + other.width, max(one.height, other.height)), 255)
    both.paste(one, (0, 0))
    both.paste(other, (one.width, 0))
    return one, both


def _saved(image: Image.Image, kind: str) -> bytes:
    out = io.BytesIO()
    image.save(out, format=kind)
    return out.getvalue()


def certificate_files() -> Iterator[bytes]:
    """Texts on lines, and pictures."""
    yield b"\xef\xbb\xbf" + "\n".join(own_texts()).encode()
    yield b"see:\n  shc:/567629095243206034602924374044603122295953265460346029254077280433602870286471674522280928\n"
    yield from pictures()


def own_texts() -> tuple[str, ...]:
    """Return the texts of certificates of our own."""
    return tuple(format_hc1(sign1(data, DCC_KEY)) for data in claims())


def texts() -> Iterator[str]:
    """Yield those, and public ones that are texts of certificates."""
    yield from own_texts()
    for row in islice(_dcc_rows(), EACH):
        try:
            open_hc1(row["PREFIX"])
        except (KeyError, WireError):
            continue
        yield row["PREFIX"]


def _own_contents() -> Iterator[dict[str, object]]:
    for group, entry in _ENTRIES.items():
        yield {"ver": "1.3.0", "nam": _NAME, "dob": "1990-01-15", group: [_COMMON | entry]}


def _dcc_rows() -> Iterator[dict[str, Any]]:
    path = DATA / "dcc-testdata.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            yield from (json.loads(line) for line in islice(lines, 0, None, 20))  # neighbours are alike


def _certificate(*usage: str) -> bytes:
    private = ec.derive_private_key(1847, ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COUNTRY_NAME, "UT")])
    draft = (
        x509.CertificateBuilder(issuer_name=name, subject_name=name, public_key=private.public_key(), serial_number=1)
        .not_valid_before(datetime(2021, 6, 1, tzinfo=UTC))
        .not_valid_after(datetime(2023, 6, 1, tzinfo=UTC))
    )
    if usage:
        draft = draft.add_extension(
            x509.ExtendedKeyUsage([x509.ObjectIdentifier(oid) for oid in usage]), critical=False
        )
    return draft.sign(private, hashes.SHA256(), ecdsa_deterministic=True).public_bytes(Encoding.DER)
