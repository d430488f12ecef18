"""Opening an EU Digital COVID Certificate: from the text of its QR picture to contents that its issuer signed.

Nothing is read from the payload before the signature over it was checked (HCERT, "Input Data Validation"), and the
key is the one that the trust list names for exactly this kid.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import NamedTuple

from habeas.certificates._payload import Entry, HolderName, make_plain, read_parts
from habeas.certificates._signer import DccKind, Signer
from habeas.certificates._trust import TrustList
from habeas.certificates.errors import (
    BadSignatureError,
    ExpiredError,
    KeyUsageError,
    NotACertificateError,
    NotYetValidError,
    WrongAlgorithmError,
)
from habeas.wire import (
    AlgorithmError,
    Cbor,
    Instant,
    Sign1,
    SignatureError,
    WireError,
    check_sign1,
    open_hc1,
    parse_cbor,
    parse_sign1,
)

__all__ = ["Dcc", "Token", "open_dcc", "read_token"]

_ISSUER, _EXPIRES, _NOT_BEFORE, _ISSUED = 1, 4, 5, 6  # CWT claims, RFC 8392 §4
_HCERT = -260  # HCERT, "Health Certificate Claim"
_EU_DCC_V1 = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Dcc:
    """A certificate that was valid when it was opened. Holder and payload are for the counter's eyes, not for storage.

    `issuer` is a country (ISO 3166-1), an office's name, or empty: its key is who it is. `expires` is its last second.
    `payload` is the claim -260.1 with integral floats made integers, as acceptance rules read it; `entries` are those
    of its one kind.
    """

    kid: bytes
    issuer: str
    issued: Instant
    expires: Instant
    kind: DccKind
    name: HolderName = field(repr=False)  # nothing of the holder in a log line by accident
    born: str = field(repr=False)
    entries: tuple[Entry, ...] = field(repr=False)
    payload: Mapping[str | int, Cbor] = field(repr=False)


class Token(NamedTuple):  # made and taken apart at once: not a value of the room's own
    """The claims of a certificate (RFC 8392), read and in their time, whoever wrote them."""

    issuer: str
    issued: Instant
    expires: Instant
    payload: dict[str | int, Cbor]
    name: HolderName
    born: str
    kind: DccKind
    entries: tuple[Entry, ...]


def open_dcc(text: str, trust: TrustList, at: Instant) -> Dcc:
    """Return the certificate in the QR picture's `text`, if a key of `trust` signed it and it is valid `at`.

    Raises `CertificateError`, whose `code` says what is wrong, in the order of the checks: not-a-certificate,
    wrong-algorithm, unknown-kid, bad-signature, not-yet-valid, expired, key-usage.
    """
    message, signer = _verified(text, trust)
    token = read_token(message.payload, at)
    if token.kind not in signer.kinds:
        raise KeyUsageError(f"the key that signed this {token.kind} certificate may not sign that kind: ask its issuer")
    return Dcc(
        kid=message.kid,
        issuer=token.issuer,
        issued=token.issued,
        expires=token.expires,
        name=token.name,
        born=token.born,
        kind=token.kind,
        entries=token.entries,
        payload=MappingProxyType(token.payload),
    )


def read_token(signed: bytes, at: Instant) -> Token:
    """Return what the `signed` bytes say, if they say that they are valid `at`; by whom they are signed is not looked at.

    Raises `CertificateError`, as `open_dcc` does.
    """
    claims = _claims(signed)
    issuer = claims.get(_ISSUER, "")
    if not isinstance(issuer, str):
        raise NotACertificateError("the certificate's issuer (claim 1) is no text")
    issued, expires = _valid(claims, at)
    hcert = claims.get(_HCERT)
    payload = make_plain(hcert.get(_EU_DCC_V1)) if isinstance(hcert, dict) else None
    if not isinstance(payload, dict):
        raise NotACertificateError("the certificate has no EU contents (claim -260, 1): it is of another scheme")
    return Token(issuer, issued, expires, payload, *read_parts(payload, issued))


def _verified(text: str, trust: TrustList) -> tuple[Sign1, Signer]:
    """Return the message, and the signer who signed it."""
    try:
        message = parse_sign1(open_hc1(text))
        signer = trust.find(message.kid)
        check_sign1(message, signer.key)
    except AlgorithmError as error:
        raise WrongAlgorithmError(f"{error}; ask its issuer") from None
    except SignatureError:
        raise BadSignatureError(
            "the certificate is not as its issuer signed it: scan it again; if that does not help, it was changed"
        ) from None
    except WireError as error:
        raise NotACertificateError(str(error)) from None
    return message, signer


def _valid(claims: dict[str | int, Cbor], at: Instant) -> tuple[Instant, Instant]:
    """Return when the certificate was issued and when it expires, if `at` lies within its time."""
    issued, expires = _instant(claims, _ISSUED), _instant(claims, _EXPIRES)
    starts = max(issued, _instant(claims, _NOT_BEFORE)) if _NOT_BEFORE in claims else issued
    if at < starts:
        raise NotYetValidError(f"the certificate is valid from {starts} on, and it is {at}: come back then")
    if at > expires:  # HCERT, "Expiration Time": "after which"; RFC 8392 §3.1.4 would end one second earlier
        raise ExpiredError(f"the certificate expired at {expires}, and it is {at}: ask its issuer for a new one")
    return issued, expires


def _claims(payload: bytes) -> dict[str | int, Cbor]:
    try:
        claims = parse_cbor(payload)
    except WireError as error:
        raise NotACertificateError(f"what the certificate's key signed is no set of claims: {error}") from None
    if not isinstance(claims, dict):
        raise NotACertificateError("what the certificate's key signed is no set of claims (RFC 8392)")
    return claims


def _instant(claims: dict[str | int, Cbor], claim: int) -> Instant:
    """Return a NumericDate (RFC 8392 §2); some issuers write them as floats, whose fractions are dropped."""
    value = claims.get(claim)
    if type(value) is not int and not (isinstance(value, float) and math.isfinite(value)):
        raise NotACertificateError(f"claim {claim} is no time in seconds since 1970")
    try:
        return Instant(value if type(value) is int else math.floor(value))
    except WireError as error:
        raise NotACertificateError(f"claim {claim}: {error}") from None
