"""Typed identifiers of people, and the references that sources sign in their place."""

from __future__ import annotations

import hashlib
import hmac
import re
import unicodedata
from dataclasses import dataclass

from habeas.wire._cbor import encode_cbor
from habeas.wire.errors import IdentifierError

__all__ = ["REF_BYTES", "Identifier"]

REF_BYTES = 32
_KIND = re.compile(r"[a-z]{2,24}(-[a-z]{1,24}){0,3}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_NUMBER = re.compile(r"[0-9A-Z]{1,40}", re.ASCII)
_MIN_KEY = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class Identifier:
    """A document as its holder shows it: kind (`resident-id`, `passport`), issuing country, number.

    The number is kept without spaces, dashes or dots, in capitals, full-width digits made plain. A name is no
    identifier.
    """

    kind: str
    country: str
    number: str

    def __post_init__(self) -> None:
        plain = re.sub(r"[\s.\-/]", "", unicodedata.normalize("NFKC", self.number)).upper()
        object.__setattr__(self, "number", plain)
        if not _KIND.fullmatch(self.kind):
            raise IdentifierError(
                f"{self.kind!r} is no kind of document: small letters, such as resident-id or passport"
            )
        if not _COUNTRY.fullmatch(self.country):
            raise IdentifierError(f"{self.country!r} is no country: two capitals (ISO 3166-1), such as CN")
        if not _NUMBER.fullmatch(plain):
            raise IdentifierError(f"a {self.kind} number has 1 to 40 letters and digits; check what was typed")

    def ref(self, key: bytes) -> bytes:
        """Return the 32 bytes that sources sign: HMAC-SHA256 under the registry's key, of at least 32 bytes."""
        if len(key) < _MIN_KEY:
            raise IdentifierError("the registry's key has at least 32 bytes")
        return hmac.digest(key, encode_cbor(["habeas/v1/ref", self.kind, self.country, self.number]), hashlib.sha256)
