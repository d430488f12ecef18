"""Opening a SMART Health Card: from the text of its QR picture to contents that its issuer signed.

Nothing of the payload is unpacked before the signature over it was checked. The key is the one that the trust list
names for exactly this kid, whosever it is; which issuer the card names is read only then, and must own that key.

Not covered: the revocation of single cards (SHC, "Revocation": `rid`, and lists that a verifier would have to fetch),
certificate chains (`x5c`), `shlink:/` links, and files of several cards (`.smart-health-card`). Stricter than SHC: a
header has alg, zip and kid and nothing else, and a bundle is about exactly one person.
"""

from __future__ import annotations

import hashlib
import json
import math
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from habeas.certificates._jws import Jws, parse_jws
from habeas.certificates._shc_bundle import Resource, read_bundle
from habeas.certificates._shc_text import read_shc
from habeas.certificates._shc_trust import CardIssuer, CardTrustList
from habeas.certificates._strict_json import parse_json
from habeas.certificates.errors import (
    BadSignatureError,
    ExpiredError,
    NotACertificateError,
    NotYetValidError,
    WrongAlgorithmError,
)
from habeas.wire import Instant, SignatureError, WireError

__all__ = ["MAX_PAYLOAD_BYTES", "HealthCard", "open_shc"]

MAX_PAYLOAD_BYTES = 65_536
"""The largest payload that is inflated; real ones stay under 5,000 bytes."""

_RAW = -15  # DEFLATE with no header (RFC 1951), as SHC wants it
_SCAN = "scan the card again"


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthCard:
    """A card that was valid when it was opened. Names, date of birth and contents are for the counter, not for storage.

    `kid` is the key's RFC 7638 thumbprint; `issued` is nbf; `expires`, if any, is its last second. `resources` are
    the person's own Immunization and Observation resources; `signed` is what the signature is over.
    """

    kid: str
    issuer: CardIssuer
    issued: Instant
    expires: Instant | None
    names: tuple[str, ...] = field(repr=False)  # nothing of the holder in a log line by accident
    born: str = field(repr=False)
    resources: tuple[Resource, ...] = field(repr=False)
    bundle: Mapping[str, Any] = field(repr=False)

    @property
    def content(self) -> bytes:
        """SHA-256 of issuer and bundle: the same for a card that was issued again with the same contents."""
        text = json.dumps([self.issuer.iss, dict(self.bundle)], sort_keys=True, separators=(",", ":"))
        return hashlib.sha256(text.encode()).digest()


def open_shc(text: str, trust: CardTrustList, at: Instant) -> HealthCard:
    """Return the card in `text` (as `read_shc` takes it), if a key of `trust` signed it and it is valid `at`.

    Raises `CertificateError`, whose `code` says what is wrong, in the order of the checks: not-a-certificate (text),
    wrong-algorithm, unknown-kid, bad-signature, not-a-certificate (payload), wrong-issuer, not-yet-valid, expired,
    not-a-certificate (contents).
    """
    jws = _parsed(read_shc(text))
    kid = _kid(jws.header)
    try:
        trust.find(kid).check(jws.signed, jws.signature)
    except SignatureError:
        raise BadSignatureError(
            f"the card is not as its issuer signed it: {_SCAN}; if that does not help, it was changed"
        ) from None
    claims = _object(_inflate(jws.payload), "payload")
    iss = claims.get("iss")
    if not isinstance(iss, str):
        raise NotACertificateError("the card names no issuer (iss): ask whoever gave it out")
    issuer = trust.issuer(iss, kid)
    issued, expires = _valid(claims, at)
    read = read_bundle(claims.get("vc"))
    return HealthCard(
        kid=kid,
        issuer=issuer,
        issued=issued,
        expires=expires,
        names=read.names,
        born=read.born,
        resources=read.resources,
        bundle=MappingProxyType(dict(read.bundle)),
    )


def _parsed(text: str) -> Jws:
    try:
        return parse_jws(text)
    except ValueError as error:
        raise NotACertificateError(f"the card's text is no signed message: {error}; {_SCAN}") from None


def _kid(header: bytes) -> str:
    """Return the key's name, from a header that is exactly as SHC's "Health Cards are Compact" has it."""
    members = _object(header, "header")
    if members.get("alg") != "ES256":
        raise WrongAlgorithmError("a SMART Health Card is signed with ES256, this says something else: ask its issuer")
    kid = members.get("kid")
    if members.keys() != {"alg", "zip", "kid"} or members["zip"] != "DEF" or not isinstance(kid, str):
        raise NotACertificateError("the card's header is not alg, zip DEF and kid alone: ask its issuer")
    return kid


def _inflate(packed: bytes) -> bytes:
    stream = zlib.decompressobj(_RAW)
    try:
        data = stream.decompress(packed, MAX_PAYLOAD_BYTES + 1)
    except zlib.error:
        raise NotACertificateError("the card does not unpack as raw DEFLATE (RFC 1951): ask its issuer") from None
    if len(data) > MAX_PAYLOAD_BYTES:
        raise NotACertificateError(f"the card unpacks to more than {MAX_PAYLOAD_BYTES} bytes; it was not read further")
    if not stream.eof:
        raise NotACertificateError("what the card holds packed ends too early: ask its issuer")
    if stream.unused_data:
        raise NotACertificateError(f"{len(stream.unused_data)} bytes follow what the card holds: ask its issuer")
    return data


def _object(data: bytes, what: str) -> dict[str, Any]:
    try:
        value = parse_json(data)
    except ValueError:  # its words could quote what is about a person
        raise NotACertificateError(f"the card's {what} is not JSON that can be read one way only (RFC 7493)") from None
    if not isinstance(value, dict):
        raise NotACertificateError(f"the card's {what} is no JSON object")
    return value


def _valid(claims: Mapping[str, object], at: Instant) -> tuple[Instant, Instant | None]:
    """Return when the card was issued and when it expires, if ever, if `at` lies within its time."""
    issued = _instant(claims.get("nbf"), "nbf")
    expires = _instant(claims["exp"], "exp") if "exp" in claims else None
    if at < issued:
        raise NotYetValidError(f"the card is valid from {issued} on, and it is {at}: come back then")
    if expires is not None and at > expires:  # SHC, "Expiration of Health Cards": "before the current … date-time"
        raise ExpiredError(f"the card expired at {expires}, and it is {at}: ask its issuer for a new one")
    return issued, expires


def _instant(value: object, claim: str) -> Instant:
    """Return a NumericDate (RFC 7519 §2); fractions, which issuers write, are dropped as those of `at` are."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise NotACertificateError(f"the card's {claim} is no time in seconds since 1970: ask its issuer")
    try:
        return Instant(math.floor(value))
    except WireError:
        raise NotACertificateError(f"the card's {claim} lies outside the years 1 to 9999: ask its issuer") from None
