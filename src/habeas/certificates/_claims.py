"""From a certificate of either scheme to claims in its holder's favour, which admission can judge."""

from __future__ import annotations

import hashlib
from typing import TypeAlias

from habeas.certificates._dcc import Dcc, open_dcc
from habeas.certificates._favourable import Favourable, dcc_facts
from habeas.certificates._shc import HealthCard, open_shc
from habeas.certificates._shc_facts import card_facts
from habeas.certificates._shc_text import SHC_PREFIX
from habeas.certificates._shc_trust import CardTrustList
from habeas.certificates._trust import TrustList
from habeas.evidence import CertificateClaim, EvidenceError, Facts, Method, Recovery, Result, TestResult, Vaccination
from habeas.wire import Instant, encode_cbor

__all__ = ["Certificate", "content_of", "favourable_claims", "favourable_facts", "open_certificate"]

Certificate: TypeAlias = Dcc | HealthCard

_NO_SAMPLE = bytes(16)


def open_certificate(text: str, trust: TrustList, cards: CardTrustList, at: Instant) -> Certificate:
    """Return the certificate in `text`, of the scheme that its beginning names, checked against that scheme's own list.

    Raises `CertificateError`, as `open_dcc` and `open_shc` do.
    """
    if text.startswith(SHC_PREFIX):
        return open_shc(text, cards, at)
    return open_dcc(text, trust, at)


def content_of(certificate: Certificate) -> bytes:
    """Return 32 bytes that name what a certificate says, however it was packed and whenever it was signed."""
    if isinstance(certificate, HealthCard):
        return certificate.content
    return hashlib.sha256(encode_cbor(dict(certificate.payload))).digest()


def favourable_facts(certificate: Certificate, at: Instant) -> tuple[Favourable, ...]:
    """Return what a checked certificate says in its holder's favour `at` an instant, which may be nothing."""
    return tuple(card_facts(certificate, at)) if isinstance(certificate, HealthCard) else dcc_facts(certificate, at)


def favourable_claims(certificate: Certificate, at: Instant) -> tuple[CertificateClaim, ...]:
    """Return the claims of a checked certificate `at` an instant; none for what our closed list of kinds cannot hold."""
    claims = []
    for said in favourable_facts(certificate, at):
        try:
            facts = _facts(said)
        except EvidenceError:
            continue
        # A certificate is good in its last second, our spans are half-open.
        expires = said.expires.after(1) if said.expires is not None else None
        claims.append(CertificateClaim(facts=facts, observed=said.observed, country=said.country, expires=expires))
    return tuple(claims)


def _facts(said: Favourable) -> Facts:
    if said.kind == "vaccination":
        return Vaccination(product=str(said.facts["product"]), dose=int(said.facts["dose"]), of=int(said.facts["of"]))
    if said.kind == "recovery":
        return Recovery(method=Method.PCR)
    return TestResult(method=Method(said.facts["method"]), result=Result.NEGATIVE, sample=_NO_SAMPLE)
