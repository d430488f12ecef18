"""A certificate's contents before anybody has checked who signed it: what it claims, and nothing that counts.

It is a type of its own, without the fields that a statement in somebody's favour is made of: where a `Dcc` is asked for,
no type checker and no code takes it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from habeas.certificates._dcc import read_token
from habeas.certificates._signer import DccKind
from habeas.certificates.errors import NotACertificateError, WrongAlgorithmError
from habeas.wire import AlgorithmError, Cbor, Instant, WireError, open_hc1, parse_sign1

__all__ = ["UncheckedDcc", "read_unchecked"]


@dataclass(frozen=True, slots=True, kw_only=True)
class UncheckedDcc:
    """What a certificate claims. Anybody can write one: nothing follows from it but that its bytes can be read."""

    kid: bytes
    issuer: str
    issued: Instant
    expires: Instant
    kind: DccKind
    payload: Mapping[str | int, Cbor] = field(repr=False)


def read_unchecked(text: str, at: Instant) -> UncheckedDcc:
    """Return what the certificate in the QR picture's `text` claims, its signature NOT checked.

    Raises `CertificateError`: not-a-certificate, wrong-algorithm, and not-yet-valid or expired by its own word.
    """
    try:
        message = parse_sign1(open_hc1(text))
    except AlgorithmError as error:
        raise WrongAlgorithmError(f"{error}; ask its issuer") from None
    except WireError as error:
        raise NotACertificateError(str(error)) from None
    token = read_token(message.payload, at)
    return UncheckedDcc(
        kid=message.kid,
        issuer=token.issuer,
        issued=token.issued,
        expires=token.expires,
        kind=token.kind,
        payload=MappingProxyType(token.payload),
    )
