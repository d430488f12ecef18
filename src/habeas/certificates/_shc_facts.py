"""What a SMART Health Card says in its holder's favour: doses of vaccines and negative tests that we know, no more."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from habeas.certificates._favourable import Favourable, FavourableKind, beginning
from habeas.certificates._payload import day_of, moment_of
from habeas.certificates._shc import HealthCard
from habeas.certificates._shc_bundle import Resource
from habeas.certificates.errors import NotACertificateError
from habeas.wire import DAY, Instant

__all__ = ["card_facts"]

_CVX, _LOINC, _SNOMED = "http://hl7.org/fhir/sid/cvx", "http://loinc.org", "http://snomed.info/sct"


@dataclass(frozen=True, slots=True)
class _Vaccine:
    """A product by the name that our facts have for it, and the doses of its primary series."""

    product: str
    of: int


_VACCINES = {
    # CVX code → product and series. Codes: CDC, "COVID-19 Vaccine Related Codes". Series: CDC, "Interim Clinical
    # Considerations for Use of COVID-19 Vaccines" (2022), and WHO's Emergency Use Listing for those outside the US.
    # The product is named as an EU certificate names it, so that one rule takes both alike; a CVX code that stands for
    # several products of the EU's list (Vaxzevria and Covishield; Nuvaxovid and Covovax) keeps a name of its own.
    # Not here, and so nothing: unspecified products (213, 500), those without a WHO listing when CVX named them, and
    # bivalent and later formulas, which have no series of this kind.
    "207": _Vaccine("EU/1/20/1507", 2),  # Moderna, 100 µg
    "208": _Vaccine("EU/1/20/1528", 2),  # Pfizer-BioNTech, 30 µg
    "210": _Vaccine("cvx-210", 2),  # AstraZeneca
    "211": _Vaccine("cvx-211", 2),  # Novavax
    "212": _Vaccine("EU/1/20/1525", 1),  # Janssen
    "217": _Vaccine("EU/1/20/1528", 2),  # Pfizer-BioNTech, 30 µg, tris-sucrose
    "218": _Vaccine("EU/1/20/1528", 2),  # Pfizer-BioNTech, 10 µg, for 5 to 11 years
    "219": _Vaccine("EU/1/20/1528", 3),  # Pfizer-BioNTech, 3 µg, for 6 months to 4 years
    "227": _Vaccine("EU/1/20/1507", 2),  # Moderna, 50 µg, for 6 to 11 years
    "228": _Vaccine("EU/1/20/1507", 2),  # Moderna, 25 µg, for 6 months to 5 years
    "502": _Vaccine("Covaxin", 2),
    "510": _Vaccine("BBIBP-CorV", 2),
    "511": _Vaccine("CoronaVac", 2),
}
_APART = 14 * DAY
"""The shortest time that WHO has between two doses of any of them (CoronaVac); two reports nearer are of one dose."""

_TESTS = {
    # LOINC code → method. Of the value set "LOINCs identifying qualitative COVID lab tests" (terminology.smarthealth.cards,
    # 2023.1), those about the virus's RNA or antigen as a whole, in a sample from nose, throat or mouth, or unnamed. Not
    # here: antibodies, blood, single genes (one of several results of a test), and panels.
    "94309-2": "pcr",  # RNA, specimen, NAA with probe
    "94500-6": "pcr",  # RNA, respiratory, NAA with probe
    "94565-9": "pcr",  # RNA, nasopharynx, NAA without probe
    "94759-8": "pcr",  # RNA, nasopharynx, NAA with probe
    "94845-5": "pcr",  # RNA, saliva, NAA with probe
    "95406-5": "pcr",  # RNA, nose, NAA with probe
    "95608-6": "pcr",  # RNA, respiratory, NAA without probe
    "94558-4": "antigen",  # respiratory, rapid immunoassay
    "95209-3": "antigen",  # SARS-CoV and SARS-CoV-2, respiratory, rapid immunoassay
    "96119-3": "antigen",  # upper respiratory, immunoassay
    "97097-0": "antigen",  # upper respiratory, rapid immunoassay
}
_DAY_CHARACTERS = 10
_NEGATIVE = {
    (_SNOMED, "260415000"),  # Not detected
    (_SNOMED, "260385009"),  # Negative
    (_LOINC, "LA11883-8"),  # Not detected, where SNOMED CT cannot be used
    (_LOINC, "LA6577-6"),  # Negative, the same
}


def card_facts(card: HealthCard, at: Instant) -> Iterator[Favourable]:
    """Yield what `card` says in its holder's favour `at` an instant, which may be nothing.

    Nothing is said by a resource about somebody else; one that is planned, not done, preliminary or entered in error;
    one reported by the person and not by who gave the dose or did the test; a product, test or result that is not in
    the tables above; a day that is known only in part, or that had not begun when the card was signed.
    """
    if card.expires is not None and at > card.expires:
        return
    known = min(at, card.issued)  # what a card says of a later day is a plan
    name = card.content.hex()  # worked out once: it is a hash over the whole bundle
    yield from _vaccinations(card, name, known)
    yield from _tests(card, name, known)


def _vaccinations(card: HealthCard, name: str, known: Instant) -> Iterator[Favourable]:
    """Yield each dose as the how-manieth of the card's: a card that leaves the first one out makes less of the second."""
    doses = [dose for resource in card.resources if (dose := _dose(resource, known))]
    number, last = 0, None
    for observed, day, vaccine in sorted(doses, key=lambda dose: dose[0]):
        if last is not None and observed < last.after(_APART):
            continue
        number, last = number + 1, observed
        facts: dict[str, str | int] = {"product": vaccine.product, "dose": number, "of": vaccine.of, "date": day}
        yield _favourable(card, name, "vaccination", facts, observed)


def _dose(resource: Resource, known: Instant) -> tuple[Instant, str, _Vaccine] | None:
    """Return when a dose began to count, its day, and its vaccine, if it was given and we know it."""
    if resource["resourceType"] != "Immunization" or resource.get("status") != "completed":
        return None
    if resource.get("primarySource", True) is not True or "reportOrigin" in resource:
        return None
    vaccine = _VACCINES.get(_code(resource.get("vaccineCode"), _CVX))
    if vaccine is None or resource.get("isSubpotent", False) is not False:
        return None
    try:
        day = day_of(resource, "occurrenceDateTime")
    except NotACertificateError:
        return None
    observed = beginning(day, known)
    return (observed, day, vaccine) if observed is not None else None


def _tests(card: HealthCard, name: str, known: Instant) -> Iterator[Favourable]:
    for resource in card.resources:
        if resource["resourceType"] != "Observation" or not _is_negative(resource):
            continue
        sampled = _sampled(resource, known)
        if sampled is not None:
            method = _TESTS[_code(resource["code"], _LOINC)]
            facts: dict[str, str | int] = {"method": method, "result": "negative", "sampled": sampled}
            yield _favourable(card, name, "test-result", facts, sampled)


def _is_negative(resource: Resource) -> bool:
    """Whether this is a final negative result, of a test that we know and that somebody else did."""
    if resource.get("status") != "final" or _code(resource.get("code"), _LOINC) not in _TESTS:
        return False
    results = _codings(resource.get("valueCodeableConcept"))
    if not results or not results <= _NEGATIVE:
        return False
    # A component may say how the sample was supervised, which we do not judge; a focus, that it is another's sample.
    return "component" not in resource and "focus" not in resource and not _is_own(resource)


def _is_own(resource: Resource) -> bool:
    """Whether the person did the test, or who did it cannot be read."""
    performers = resource.get("performer", [])
    if not isinstance(performers, list) or not all(isinstance(one, dict) for one in performers):
        return True
    return any(one.get("reference") == resource["subject"]["reference"] for one in performers)


def _sampled(resource: Resource, known: Instant) -> Instant | None:
    """Return when the sample was taken, if that was by `known`; of a day without a time, its beginning in UTC."""
    text = resource.get("effectiveDateTime")
    try:
        if isinstance(text, str) and len(text) == _DAY_CHARACTERS:
            return beginning(day_of(resource, "effectiveDateTime"), known)
        sampled = moment_of(resource, "effectiveDateTime")
    except NotACertificateError:
        return None
    return sampled if sampled <= known else None


def _favourable(
    card: HealthCard, name: str, kind: FavourableKind, facts: Mapping[str, str | int], observed: Instant
) -> Favourable:
    return Favourable(
        kind=kind,
        facts=MappingProxyType(dict(facts)),
        observed=observed,
        issuer=card.issuer.iss,
        country=card.issuer.country,
        uvci=name,
        expires=card.expires,
    )


def _code(concept: object, system: str) -> str:
    """Return the one code that a CodeableConcept has in a system; empty if it has none there, or several."""
    codes = {code for where, code in _codings(concept) if where == system}
    return codes.pop() if len(codes) == 1 else ""


def _codings(concept: object) -> set[tuple[str, str]]:
    """Return the codings of a CodeableConcept as system and code; none if one of them cannot be read."""
    codings = concept.get("coding") if isinstance(concept, dict) else None
    found = set()
    for coding in codings if isinstance(codings, list) else ():
        where, code = (coding.get("system"), coding.get("code")) if isinstance(coding, dict) else (None, None)
        if not isinstance(where, str) or not isinstance(code, str):
            return set()
        found.add((where, code))
    return found
