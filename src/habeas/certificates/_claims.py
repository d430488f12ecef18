"""From what a certificate says in its holder's favour to claims that admission can judge."""

from __future__ import annotations

from habeas.certificates._dcc import Dcc
from habeas.certificates._favourable import Favourable, favourable_facts
from habeas.evidence import CertificateClaim, EvidenceError, Facts, Method, Recovery, Result, TestResult, Vaccination
from habeas.wire import Instant

__all__ = ["favourable_claims"]

_NO_SAMPLE = bytes(16)


def favourable_claims(dcc: Dcc, at: Instant) -> tuple[CertificateClaim, ...]:
    """Return the claims of a checked certificate `at` an instant; none for what our closed list of kinds cannot hold."""
    claims = []
    for said in favourable_facts(dcc, at):
        try:
            facts = _facts(said)
        except EvidenceError:
            continue
        claims.append(
            CertificateClaim(facts=facts, observed=said.observed, country=said.country, expires=said.expires.after(1))
        )  # a certificate is good in its last second, our spans are half-open
    return tuple(claims)


def _facts(said: Favourable) -> Facts:
    if said.kind == "vaccination":
        return Vaccination(product=str(said.facts["product"]), dose=int(said.facts["dose"]), of=int(said.facts["of"]))
    if said.kind == "recovery":
        return Recovery(method=Method.PCR)
    return TestResult(method=Method(said.facts["method"]), result=Result.NEGATIVE, sample=_NO_SAMPLE)
