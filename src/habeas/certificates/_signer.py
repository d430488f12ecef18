"""What a document signer certificate (X.509, RFC 5280) says: its kid, its key, and the kinds that it may sign."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from enum import StrEnum

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from cryptography.utils import CryptographyDeprecationWarning

from habeas.certificates.errors import TrustListError
from habeas.wire import KID_BYTES, Algorithm, VerifyingKey, WireError

__all__ = ["ALL_KINDS", "DccKind", "Signer", "make_signer", "read_signer"]


class DccKind(StrEnum):
    """The three kinds of an EU Digital COVID Certificate; the values are also the words of a trust list."""

    TEST = "test"
    VACCINATION = "vaccination"
    RECOVERY = "recovery"


ALL_KINDS = frozenset(DccKind)

# The last one is raised only where warnings are errors; what it warns of, a later cryptography refuses.
_REFUSED = (ValueError, TypeError, UnsupportedAlgorithm, x509.InvalidVersion, CryptographyDeprecationWarning)
_EXTENSIONS = 0xA3  # [3] in TBSCertificate, RFC 5280 §4.1
_LONG_LENGTH = 0x80
_EXTENDED_KEY_USAGE = bytes.fromhex("551d25")  # 2.5.29.37
_ARCS = (bytes.fromhex("2b06010401 8e37 8f65 01"), bytes.fromhex("2b0601040100 8e37 8f65 01"))
_KIND_OF_OID = {
    # 1.3.6.1.4.1.1847.2021.1.n, and the older 1.3.6.1.4.1.0.1847.2021.1.n (HCERT, "Key Usage Policy Identifiers")
    arc + bytes((number,)): kind
    for arc in _ARCS
    for number, kind in ((1, DccKind.TEST), (2, DccKind.VACCINATION), (3, DccKind.RECOVERY))
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Signer:
    """A key that is trusted to sign certificates of the given kinds."""

    key: VerifyingKey
    kinds: frozenset[DccKind] = ALL_KINDS

    def __post_init__(self) -> None:
        if self.key.algorithm not in {Algorithm.ES256, Algorithm.PS256}:  # HCERT, "Signature Algorithm"
            raise TrustListError(f"a certificate is signed with ES256 or PS256, not {self.key.algorithm.name}")
        if not self.kinds:
            raise TrustListError("a key that may sign nothing: name test, vaccination or recovery")


def make_signer(spki: bytes, kinds: frozenset[DccKind] = ALL_KINDS) -> Signer:
    """Return the signer with this public key (DER SubjectPublicKeyInfo); raises `TrustListError`."""
    try:
        return Signer(key=VerifyingKey.of_spki(spki), kinds=kinds)
    except WireError as error:
        raise TrustListError(str(error)) from None


def read_signer(der: bytes) -> tuple[bytes, Signer]:
    """Return kid and signer of a certificate in DER; raises `TrustListError`.

    The kid is the first eight bytes of the certificate's SHA-256 (HCERT, "The Key Identifier"). Who issued it and
    how long it runs is for the maker of the trust list to judge: a key is trusted while it is on the list.
    """
    try:
        certificate = x509.load_der_x509_certificate(der)
        spki = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
        kinds = _kinds(certificate.tbs_certificate_bytes)
    except _REFUSED as error:
        raise TrustListError(f"not an X.509 certificate in DER with a key that we take: {error}") from None
    return hashlib.sha256(der).digest()[:KID_BYTES], make_signer(spki, kinds)


def _kinds(tbs: bytes) -> frozenset[DccKind]:
    """Return the kinds of the extended key usage; all of them where it names none.

    Read here and not by cryptography, which refuses all extensions of a certificate for a fault in any of them: one
    country's signers in the public test data write a default that DER leaves out.
    """
    for tag, extensions in _items(_inside(tbs)):
        if tag != _EXTENSIONS:
            continue
        for _, extension in _items(_inside(extensions)):
            parts = _items(extension)
            if parts and parts[0][1] == _EXTENDED_KEY_USAGE:
                named = frozenset(_KIND_OF_OID[oid] for _, oid in _items(_inside(parts[-1][1])) if oid in _KIND_OF_OID)
                return named or ALL_KINDS
    return ALL_KINDS


def _inside(der: bytes) -> bytes:
    """Return the contents of the one item in `der`."""
    ((_, contents),) = _items(der)
    return contents


def _items(der: bytes) -> list[tuple[int, bytes]]:
    """Return tag and contents of the items that `der` is made of (X.690 §8.1); raises `ValueError`."""
    out = []
    at = 0
    while at < len(der):
        tag, length, at = der[at], int.from_bytes(der[at + 1 : at + 2]), at + 2
        if length >= _LONG_LENGTH:
            size = length - _LONG_LENGTH
            length, at = int.from_bytes(der[at : at + size]), at + size
        if at + length > len(der):
            raise ValueError("an item ends too early")
        out.append((tag, der[at : at + length]))
        at += length
    return out
