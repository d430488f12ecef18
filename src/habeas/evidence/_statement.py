"""A statement: what a source signs about a person, in one deterministic encoding."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from habeas.evidence._facts import format_facts, parse_facts, parse_kind
from habeas.evidence._kinds import Facts, Kind
from habeas.evidence.errors import EvidenceError, FactsError, StatementFormatError
from habeas.wire import (
    REF_BYTES,
    Area,
    Instant,
    Sign1,
    SigningKey,
    VerifyingKey,
    WireError,
    check_sign1,
    encode_cbor,
    parse_area,
    parse_deterministic_cbor,
    parse_sign1,
    sign1,
)

__all__ = ["MAX_STATEMENT_BYTES", "Signed", "Statement", "parse_statement", "sign_statement", "verify_statement"]

MAX_STATEMENT_BYTES = 8_192
_VERSION = 1
_NEEDED = {"v", "ref", "kind", "facts", "observed", "issued", "area"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """What one source says of one person.

    `ref` is the HMAC of the identifier as the source saw it; `area` is where the signer is competent, never where the
    person was; `expires`, if given, is the instant from which it counts no more.
    """

    ref: bytes
    facts: Facts
    observed: Instant
    issued: Instant
    area: Area
    expires: Instant | None = None

    def __post_init__(self) -> None:
        if len(self.ref) != REF_BYTES:
            raise StatementFormatError(
                f"a reference has {REF_BYTES} bytes, not {len(self.ref)}: send the HMAC, not the number"
            )
        if self.observed > self.issued:
            raise StatementFormatError(f"observed ({self.observed}) is later than issued ({self.issued})")
        if self.expires is not None and self.expires <= self.issued:
            raise StatementFormatError("a statement expires later than it is issued")

    @property
    def kind(self) -> Kind:
        """The kind, as its facts have it."""
        return self.facts.kind

    def to_cbor(self) -> dict[str, object]:
        """Return the map that is signed."""
        value: dict[str, object] = {
            "v": _VERSION,
            "ref": self.ref,
            "kind": self.kind.value,
            "facts": format_facts(self.facts),
            "observed": int(self.observed),
            "issued": int(self.issued),
            "area": self.area.code,
        }
        if self.expires is not None:
            value["expires"] = int(self.expires)
        return value


@dataclass(frozen=True, slots=True, kw_only=True)
class Signed:
    """A parsed statement; `id` is the SHA-256 of the bytes that the signature is over.

    So nobody without the key can give one statement two ids. A statement names others by id, so no two can name each
    other. Whether the signature is right is not said yet.
    """

    id: bytes
    statement: Statement
    message: Sign1
    received: bytes


def sign_statement(statement: Statement, key: SigningKey) -> bytes:
    """Return the statement as a COSE_Sign1; the same statement and key give the same bytes."""
    return sign1(encode_cbor(statement.to_cbor()), key)


def parse_statement(data: bytes) -> Signed:
    """Return the statement in `data`; raises `StatementFormatError`, or `FactsError` for kinds and facts."""
    try:
        message = parse_sign1(data, max_bytes=MAX_STATEMENT_BYTES)
        value = parse_deterministic_cbor(message.payload)
        if not isinstance(value, Mapping):
            raise StatementFormatError("the signed payload is no map")
        statement = _statement(value)
    except EvidenceError:
        raise
    except (WireError, TypeError, ValueError) as error:
        raise StatementFormatError(f"this is no statement: {error}") from None
    return Signed(id=hashlib.sha256(message.signed).digest(), statement=statement, message=message, received=data)


def verify_statement(data: bytes, key: VerifyingKey) -> Statement:
    """Return the statement in `data` if `key` signed it; raises `EvidenceError` or `WireError`."""
    signed = parse_statement(data)
    check_sign1(signed.message, key)
    return signed.statement


def _statement(value: Mapping[Any, object]) -> Statement:
    names = set(value)
    if names - _NEEDED - {"expires"} or _NEEDED - names:
        odd = ", ".join(sorted(map(str, (names - _NEEDED - {"expires"}) | (_NEEDED - names))))
        raise StatementFormatError(
            f"a statement has the fields {', '.join(sorted(_NEEDED))} and perhaps expires; look at: {odd}"
        )
    if type(value["v"]) is not int or value["v"] != _VERSION:  # true and 1.0 are equal to 1, and other bytes
        raise StatementFormatError(f"statement version {value['v']!r} is not read here; version {_VERSION} is")
    ref = value["ref"]
    if not isinstance(ref, bytes):
        raise StatementFormatError("ref is a byte string: the HMAC of the identifier, not the number")
    kind = parse_kind(value["kind"])
    return Statement(
        ref=ref,
        facts=parse_facts(kind, value["facts"]),
        observed=_instant("observed", value["observed"]),
        issued=_instant("issued", value["issued"]),
        area=parse_area(value["area"]),
        expires=_instant("expires", value["expires"]) if "expires" in value else None,
    )


def _instant(name: str, value: object) -> Instant:
    if type(value) is not int:
        raise FactsError(f"{name} is a whole number of seconds since 1970, not {type(value).__name__}")
    return Instant(value)
