"""The trust list of SMART Health Cards: which issuer signs with which keys, and for which country it speaks.

Nothing is fetched: SHC's `/.well-known/jwks.json` is for whoever makes the list, and so are the certificates (`x5c`)
that a directory may judge its issuers by. A key is trusted while it is on the list.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key

from habeas.certificates._jws import format_base64url, jwk_thumbprint, parse_base64url
from habeas.certificates._payload import is_country
from habeas.certificates._strict_json import parse_json
from habeas.certificates._trust import MAX_TRUST_LIST_CHARACTERS
from habeas.certificates.errors import TrustListError, UnknownKeyError, WrongIssuerError
from habeas.wire import Algorithm, VerifyingKey

__all__ = ["CardIssuer", "CardTrustList", "parse_card_trust_list"]

_ISS = re.compile(r"https://[A-Za-z0-9.-]+(:\d{1,5})?(/[A-Za-z0-9._~!$&'()*+,;=:@%-]+)*", re.ASCII)
_MAX_TEXT = 200
_COORDINATE = 32
_FIXED = {"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256"}
_JWK = {*_FIXED, "kid", "x", "y"}
_NOT_READ = {
    "x5c": "certificate chains are judged by whoever makes the list, not here",
    "crlVersion": "revocation lists of single cards are not read here",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class CardIssuer:
    """Who issues cards: `iss`, its URL, which is its identity; its name; its country (ISO 3166-1); its keys by kid.

    A kid is the key's own thumbprint, so that it is worked out and not given.
    """

    iss: str
    name: str
    country: str
    keys: tuple[VerifyingKey, ...] = field(repr=False)
    kids: Mapping[str, VerifyingKey] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        # SHC, "Determining keys associated with an issuer"
        if not _ISS.fullmatch(self.iss) or len(self.iss) > _MAX_TEXT:
            raise TrustListError("an issuer is an https URL without a slash at its end, a query or a fragment")
        if not 1 <= len(self.name) <= _MAX_TEXT or any(unicodedata.category(sign)[0] == "C" for sign in self.name):
            raise TrustListError(f"a name has 1 to {_MAX_TEXT} characters, and no control characters")
        if not is_country(self.country):
            raise TrustListError("country is two capitals (ISO 3166-1), such as US")
        kids = {_kid(key): key for key in self.keys}
        if not kids or len(kids) != len(self.keys):
            raise TrustListError("an issuer has one key or more, and each of them once")
        object.__setattr__(self, "kids", MappingProxyType(kids))


@dataclass(frozen=True, slots=True, kw_only=True)
class CardTrustList:
    """Issuers by `iss`. Several may sign with one key, as branches of one body do."""

    issuers: Mapping[str, CardIssuer]

    def __post_init__(self) -> None:
        for iss, issuer in self.issuers.items():
            if issuer.iss != iss:
                raise TrustListError(f"{issuer.iss} is listed under another name")
        object.__setattr__(self, "issuers", MappingProxyType(dict(self.issuers)))

    def find(self, kid: str) -> VerifyingKey:
        """Return the key with this kid, whosever it is; raises `UnknownKeyError`."""
        for issuer in self.issuers.values():
            if kid in issuer.kids:
                return issuer.kids[kid]
        raise UnknownKeyError(
            f"no key {kid[:43]!r} is on the trust list of {len(self.issuers)} issuers: update the list; "
            "if it stays unknown, this issuer is not trusted here"
        )

    def issuer(self, iss: str, kid: str) -> CardIssuer:
        """Return the issuer `iss`, if the key `kid` is one of its own; raises `WrongIssuerError`."""
        found = self.issuers.get(iss)
        if found is None or kid not in found.kids:
            raise WrongIssuerError(f"the card names an issuer that does not sign with the key {kid}: ask its issuer")
        return found


def parse_card_trust_list(text: str) -> CardTrustList:
    """Return the trust list in JSON `text`; raises `TrustListError`, which names the first entry at fault.

    One object; its names are issuers, the `iss` of their cards; its values are

        {"name": "…", "country": "US", "keys": [{"kty": "EC", "crv": "P-256", "use": "sig", "alg": "ES256",
        "kid": "…", "x": "…", "y": "…"}]}

    with keys as in the issuer's JWKS (RFC 7517), each kid the key's RFC 7638 thumbprint. A name that stands twice, or
    one that is not in this description, is refused; a private key above all.
    """
    if len(text) > MAX_TRUST_LIST_CHARACTERS:
        raise TrustListError(f"{len(text)} characters, where a trust list has at most {MAX_TRUST_LIST_CHARACTERS}")
    try:
        entries = parse_json(text)
    except ValueError as error:
        raise TrustListError(f"the trust list of cards is not strict JSON: {error}") from None
    if not isinstance(entries, dict):
        raise TrustListError('a trust list of cards is one JSON object: {"https://…": {"name": "…", …}, …}')
    issuers = {}
    for iss, entry in entries.items():
        try:
            issuers[iss] = _issuer(iss, entry)
        except TrustListError as error:
            raise TrustListError(f"trust list of cards, issuer {iss[:80]!r}: {error}") from None
    return CardTrustList(issuers=issuers)


def _issuer(iss: str, entry: object) -> CardIssuer:
    if not isinstance(entry, dict) or entry.keys() != {"name", "country", "keys"}:
        raise TrustListError('write {"name": "…", "country": "…", "keys": […]}, and nothing else')
    name, country, keys = entry["name"], entry["country"], entry["keys"]
    if not isinstance(name, str) or not isinstance(country, str) or not isinstance(keys, list):
        raise TrustListError("name and country are text, keys is a list")
    return CardIssuer(iss=iss, name=name, country=country, keys=tuple(_key(jwk) for jwk in keys))


def _key(jwk: object) -> VerifyingKey:
    if not isinstance(jwk, dict):
        raise TrustListError("a key is a JSON object (RFC 7517)")
    if "d" in jwk:
        raise TrustListError(
            "A PRIVATE KEY (d) STANDS IN THIS LIST: whoever has read it can sign as this issuer. "
            "Tell the issuer, and list the key that it makes instead"
        )
    for name, why in _NOT_READ.items():
        if name in jwk:
            raise TrustListError(f"{name} is not read: {why}; leave it out")
    if jwk.keys() != _JWK or not all(isinstance(value, str) for value in jwk.values()):
        raise TrustListError("a key has kty, crv, use, alg, kid, x and y, all of them text, and nothing else")
    if any(jwk[name] != value for name, value in _FIXED.items()):
        raise TrustListError("a card's key is EC on P-256, to sign (sig) with ES256")
    key = _on_curve(_coordinate(jwk["x"]), _coordinate(jwk["y"]))
    if jwk["kid"] != _kid(key):
        raise TrustListError(f"kid {jwk['kid'][:43]!r} is not the key's thumbprint (RFC 7638), {_kid(key)}")
    return key


def _coordinate(text: str) -> int:
    try:
        data = parse_base64url(text)
    except ValueError as error:
        raise TrustListError(f"x or y: {error}") from None
    if len(data) != _COORDINATE:
        raise TrustListError(f"x and y have {_COORDINATE} bytes each (RFC 7518 §6.2.1), not {len(data)}")
    return int.from_bytes(data)


def _on_curve(x: int, y: int) -> VerifyingKey:
    try:
        public = ec.EllipticCurvePublicNumbers(x, y, ec.SECP256R1()).public_key()
    except ValueError:
        raise TrustListError("x and y are no point of P-256") from None
    return VerifyingKey(
        algorithm=Algorithm.ES256, public=public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


def _kid(key: VerifyingKey) -> str:
    """Return the thumbprint of a P-256 key (RFC 7638 §3.2)."""
    public = load_der_public_key(key.public) if key.algorithm is Algorithm.ES256 else None
    if not isinstance(public, ec.EllipticCurvePublicKey):
        raise TrustListError(f"a card is signed with ES256, not {key.algorithm.name}")
    numbers = public.public_numbers()
    x, y = (format_base64url(number.to_bytes(_COORDINATE)) for number in (numbers.x, numbers.y))
    return jwk_thumbprint({"kty": "EC", "crv": "P-256", "x": x, "y": y})
