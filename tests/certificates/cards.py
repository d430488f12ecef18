"""An issuer of SMART Health Cards whose signatures and thumbprints are joserfc's, with every field open to a change."""

from __future__ import annotations

import base64
import json
import zlib
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from joserfc import jws
from joserfc.jwk import ECKey

from habeas.certificates import CardTrustList, parse_card_trust_list
from habeas.wire import Instant, parse_instant

NOW = parse_instant("2022-06-12T13:04:00Z")
ISSUED = parse_instant("2022-06-12T12:00:00Z")
BEFORE = Instant(ISSUED - 1)

CVX, LOINC, SNOMED = "http://hl7.org/fhir/sid/cvx", "http://loinc.org", "http://snomed.info/sct"
NOT_DETECTED, DETECTED = "260415000", "260373001"
RNA, RAPID = "94500-6", "94558-4"

ANY_HEADER = jws.JWSRegistry(strict_check_header=False)  # zip is no member of a JWS by its own specification


def b64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def raw_deflate(data: bytes) -> bytes:
    packer = zlib.compressobj(level=9, wbits=-15)
    return packer.compress(data) + packer.flush()


def numeric(text: str) -> str:
    """Return what stands in a QR picture, by SHC's own example: `X` is 43."""
    return "".join(str(ord(character) - 45).zfill(2) for character in text)


def chunks(text: str, number: int) -> list[str]:
    """Return a JWS as the texts of several pictures."""
    size = -(-len(text) // number)
    return [f"shc:/{at + 1}/{number}/{numeric(text[at * size : (at + 1) * size])}" for at in range(number)]


def concept(system: str, *codes: str) -> dict[str, Any]:
    return {"coding": [{"system": system, "code": code} for code in codes]}


def patient(**changes: object) -> dict[str, Any]:
    name = [{"family": "Müller-O’Neill", "given": ["Ada", "B."]}]
    return _changed({"resourceType": "Patient", "name": name, "birthDate": "1990-01-15"}, changes)


def dose(day: str = "2021-06-11", code: str = "208", **changes: object) -> dict[str, Any]:
    made = {
        "resourceType": "Immunization",
        "status": "completed",
        "vaccineCode": concept(CVX, code),
        "patient": {"reference": "resource:0"},
        "occurrenceDateTime": day,
        "performer": [{"actor": {"display": "ABC General Hospital"}}],
        "lotNumber": "0000001",
    }
    return _changed(made, changes)


def result(code: str = RNA, /, **changes: object) -> dict[str, Any]:
    made = {
        "resourceType": "Observation",
        "status": "final",
        "code": concept(LOINC, code),
        "subject": {"reference": "resource:0"},
        "effectiveDateTime": "2022-06-12T09:30:00+02:00",
        "valueCodeableConcept": concept(SNOMED, NOT_DETECTED),
        "performer": [{"display": "City Lab 4"}],
    }
    return _changed(made, changes)


def bundle(*resources: object) -> dict[str, Any]:
    entries = [{"fullUrl": f"resource:{at}", "resource": one} for at, one in enumerate(resources)]
    return {"resourceType": "Bundle", "type": "collection", "entry": entries}


def credential(contents: object, **changes: object) -> dict[str, Any]:
    made = {
        "type": ["https://smarthealth.cards#health-card", "https://smarthealth.cards#covid19"],
        "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": contents},
    }
    return _changed(made, changes)


class CardMaker:
    """An issuer: its URL, and its P-256 key."""

    def __init__(self, iss: str, secret: int, country: str = "US") -> None:
        self.iss = iss
        self.country = country
        scalar = ec.derive_private_key(secret, ec.SECP256R1())
        numbers = scalar.public_key().public_numbers()
        parts = {"d": secret, "x": numbers.x, "y": numbers.y}
        own: dict[str, str | list[str]] = {"kty": "EC", "crv": "P-256"}
        own |= {name: b64url(part.to_bytes(32)) for name, part in parts.items()}
        self.private = ECKey.import_key(own)
        self.kid = self.private.thumbprint()

    @property
    def jwk(self) -> dict[str, str]:
        """The public key as an issuer publishes it."""
        return {**self.public, "kid": self.kid, "use": "sig", "alg": "ES256"}

    @property
    def public(self) -> dict[str, str]:
        return {name: str(value) for name, value in self.private.as_dict(private=False).items() if name in _REQUIRED}

    def entry(self, **changes: object) -> dict[str, Any]:
        return _changed({"name": "Health Department", "country": self.country, "keys": [self.jwk]}, changes)

    def jws(self, payload: Mapping[str, Any] | bytes, *, packed: bytes | None = None, **header: object) -> str:
        """Return the signed compact form; `packed` in place of what the payload packs to, `header` members changed."""
        data = payload if isinstance(payload, bytes) else json.dumps(payload, separators=(",", ":")).encode()
        members = _changed({"zip": "DEF", "alg": "ES256", "kid": self.kid}, header)
        return jws.serialize_compact(
            members, raw_deflate(data) if packed is None else packed, self.private, registry=ANY_HEADER
        )

    def signed(self, header: bytes, packed: bytes) -> str:
        """Return the compact form with this very header, whatever it says: ES256 underneath."""
        text = f"{b64url(header)}.{b64url(packed)}"
        algorithm = jws.JWSRegistry.algorithms["ES256"]
        return f"{text}.{b64url(algorithm.sign(text.encode(), self.private))}"

    def payload(self, *resources: object, **changes: object) -> dict[str, Any]:
        """Return the claims of a card about a person; fields named in `changes` are replaced, by None left out."""
        made = {"iss": self.iss, "nbf": int(ISSUED), "vc": credential(bundle(patient(), *resources))}
        return _changed(made, changes)

    def text(self, *resources: object, **changes: object) -> str:
        """Return the text of the one QR picture of a card."""
        return "shc:/" + numeric(self.jws(self.payload(*resources, **changes)))


_REQUIRED = ("kty", "crv", "x", "y")


def _changed(made: dict[str, Any], changes: Mapping[str, object]) -> dict[str, Any]:
    return {name: value for name, value in (made | dict(changes)).items() if value is not None}


def trust_text(*makers: CardMaker) -> str:
    return json.dumps({maker.iss: maker.entry() for maker in makers})


def trusting(*makers: CardMaker) -> CardTrustList:
    return parse_card_trust_list(trust_text(*makers))


STATE = CardMaker("https://health.example.org/cards", 1951)
CLINIC = CardMaker("https://clinic.example.com", 1952, "CA")
STRANGER = CardMaker("https://stranger.example.net", 1953)
TRUST = trusting(STATE, CLINIC)
