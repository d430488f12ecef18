"""Seeds of SMART Health Cards and of acceptance rules; the cards are signed with a key that the targets trust."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_der_public_key

from habeas.certificates import CardIssuer, CardTrustList, format_shc
from habeas.certificates._jws import format_base64url, jwk_thumbprint
from seeds._places import DATA
from seeds.documents import DCC_KEY, NOW

__all__ = ["CARD_TRUST", "acceptance_rules", "card_texts", "payloads", "signed_card", "trust_lists", "value_sets"]

_ISS = "https://health.example/issuer"
_CARD_ISSUER = CardIssuer(iss=_ISS, name="Health Department", country="US", keys=(DCC_KEY.verifying,))
CARD_TRUST = CardTrustList(issuers={_ISS: _CARD_ISSUER})
_RULES = 12

_PATIENT = {
    "resourceType": "Patient",
    "name": [{"family": "Müller-O’Neill", "given": ["Ada", "B."]}],
    "birthDate": "1990-01-15",
}
_DOSE = {
    "resourceType": "Immunization",
    "status": "completed",
    "vaccineCode": {"coding": [{"system": "http://hl7.org/fhir/sid/cvx", "code": "208"}]},
    "patient": {"reference": "resource:0"},
    "occurrenceDateTime": "2021-06-11",
}
_RESULT = {
    "resourceType": "Observation",
    "status": "final",
    "code": {"coding": [{"system": "http://loinc.org", "code": "94500-6"}]},
    "subject": {"reference": "resource:0"},
    "effectiveDateTime": "2022-06-12T09:30:00+02:00",
    "valueCodeableConcept": {"coding": [{"system": "http://snomed.info/sct", "code": "260415000"}]},
}


def payloads() -> Iterator[bytes]:
    """Claims of cards: two doses, and a test."""
    later = _DOSE | {"occurrenceDateTime": "2021-07-09"}
    for resources in ((_PATIENT, _DOSE, later), (_PATIENT, _RESULT)):
        entries = [{"fullUrl": f"resource:{at}", "resource": one} for at, one in enumerate(resources)]
        bundle = {"resourceType": "Bundle", "type": "collection", "entry": entries}
        credential = {
            "type": ["https://smarthealth.cards#health-card"],
            "credentialSubject": {"fhirVersion": "4.0.1", "fhirBundle": bundle},
        }
        yield json.dumps({"iss": _ISS, "nbf": int(NOW) - 3600, "vc": credential}).encode()


def signed_card(payload: bytes) -> str:
    """Return the text of a card whose payload, whatever it is, a trusted key signed."""
    packer = zlib.compressobj(wbits=-15)
    header = json.dumps({"zip": "DEF", "alg": "ES256", "kid": _jwk()["kid"]}).encode()
    signed = f"{format_base64url(header)}.{format_base64url(packer.compress(payload) + packer.flush())}"
    return format_shc(f"{signed}.{format_base64url(DCC_KEY.sign(signed.encode()))}")


def card_texts() -> Iterator[bytes]:
    """Cards in one picture, and in two."""
    for payload in payloads():
        text = signed_card(payload)
        digits = text.removeprefix("shc:/")
        half = len(digits) // 4 * 2
        yield text.encode()
        yield f"shc:/2/2/{digits[half:]}\nshc:/1/2/{digits[:half]}".encode()


def trust_lists() -> Iterator[bytes]:
    """The issuer of these cards, as a trust list has it."""
    yield json.dumps({_ISS: {"name": "Health Department", "country": "US", "keys": [_jwk()]}}).encode()
    yield b"{}"


def acceptance_rules() -> Iterator[bytes]:
    """A rule, and published ones."""
    rule: dict[str, Any] = {
        "Identifier": "VR-DE-0001", "Type": "Acceptance", "Country": "DE", "Version": "1.0.0",
        "SchemaVersion": "1.0.0", "Engine": "CERTLOGIC", "EngineVersion": "0.7.5", "CertificateType": "Vaccination",
        "Description": [{"lang": "en", "desc": "All doses of the course must have been given."}],
        "ValidFrom": "2021-07-03T00:00:00Z", "ValidTo": "2030-06-01T00:00:00Z",
        "AffectedFields": ["v.0.dn", "v.0.sd"],
        "Logic": {">=": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]},
    }  # fmt: skip
    yield json.dumps(rule).encode()
    yield json.dumps([rule, rule | {"Identifier": "VR-DE-0002"}]).encode()
    path = DATA / "member-state-rules.jsonl"
    if path.exists():
        with path.open(encoding="utf-8") as lines:
            for line in list(lines)[:: 194 // _RULES]:
                yield json.dumps(json.loads(line)["rule"]).encode()


def value_sets() -> Iterator[bytes]:
    """Both forms."""
    yield json.dumps({"country-2-codes": ["DE", "FR"], "disease-agent-targeted": ["840539006"]}).encode()
    yield json.dumps({"valueSetId": "covid-19-lab-result", "valueSetValues": {"260415000": {"active": True}}}).encode()


def _jwk() -> dict[str, str]:
    public = load_der_public_key(DCC_KEY.verifying.public)
    assert isinstance(public, ec.EllipticCurvePublicKey)
    numbers = public.public_numbers()
    key = {"kty": "EC", "crv": "P-256"}
    key |= {name: format_base64url(number.to_bytes(32)) for name, number in (("x", numbers.x), ("y", numbers.y))}
    return key | {"kid": jwk_thumbprint(key), "use": "sig", "alg": "ES256"}
