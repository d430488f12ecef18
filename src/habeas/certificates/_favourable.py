"""What a certificate can say that helps its holder. There is nothing else to take from it: an import only helps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Literal, TypeAlias

from habeas.certificates._dcc import Dcc
from habeas.certificates._payload import Entry, day_of, is_country, moment_of
from habeas.certificates._signer import DccKind
from habeas.wire import HOUR, Instant, parse_instant

__all__ = ["Favourable", "FavourableKind", "beginning", "dcc_facts"]

FavourableKind: TypeAlias = Literal["vaccination", "recovery", "test-result"]

_COVID_19 = "840539006"  # SNOMED CT
_NOT_DETECTED = "260415000"  # SNOMED CT
_METHODS = {"LP6464-4": "pcr", "LP217198-3": "antigen"}  # LOINC parts: nucleic acid amplification, rapid immunoassay
_FURTHEST_EAST = 14 * HOUR


@dataclass(frozen=True, slots=True, kw_only=True)
class Favourable:
    """One fact in its holder's favour, and who says so.

    - `vaccination`: `product` text, `dose` and `of` integers, `date` ISO text;
    - `recovery`: `first_positive`, `valid_from`, `valid_until` ISO text;
    - `test-result`: `method` `pcr` or `antigen`, `result` always `negative`, `sampled` Instant.

    `country` is where it happened, else the issuer's. A day's `observed` is its beginning in UTC, as the certificate
    names no zone. `uvci` names the certificate at its issuer; a SMART Health Card, which has none, is named by the
    hash of what it says. Two entries of one certificate may share it, so the same fact is one with equal `uvci` and
    `facts`. `expires` is the last second that it counts, if it has one.
    """

    kind: FavourableKind
    facts: Mapping[str, str | int]
    observed: Instant
    issuer: str
    country: str
    uvci: str
    expires: Instant | None


def dcc_facts(dcc: Dcc, at: Instant) -> tuple[Favourable, ...]:
    """Return what `dcc` says in its holder's favour `at` an instant, which may be nothing.

    Nothing is said by a positive test, a test of another kind, an illness other than COVID-19, an entry without
    product, doses, country or UVCI, one from the future, or a certificate that has expired since it was opened.
    """
    if at > dcc.expires:
        return ()
    return tuple(found for entry in dcc.entries for found in _facts(dcc, entry, at))


def _facts(dcc: Dcc, entry: Entry, at: Instant) -> Iterator[Favourable]:
    country = str(entry["co"]) or (dcc.issuer if is_country(dcc.issuer) else "")
    uvci = str(entry["ci"])
    if entry["tg"] != _COVID_19 or not country or not uvci:
        return
    made = {
        DccKind.VACCINATION: _vaccination,
        DccKind.TEST: _test,
        DccKind.RECOVERY: _recovery,
    }[dcc.kind](entry, at)
    if made is None:
        return
    kind, facts, observed = made
    yield Favourable(
        kind=kind,
        facts=MappingProxyType(facts),
        observed=observed,
        issuer=dcc.issuer,
        country=country,
        uvci=uvci,
        expires=dcc.expires,
    )


_Made: TypeAlias = tuple[FavourableKind, dict[str, str | int], Instant] | None


def _vaccination(entry: Entry, at: Instant) -> _Made:
    product, dose, of, date = entry["mp"], entry["dn"], entry["sd"], day_of(entry, "dt")
    observed = beginning(date, at)
    if not isinstance(product, str) or not isinstance(dose, int) or not isinstance(of, int) or observed is None:
        return None
    if not (product and dose and of):
        return None
    return "vaccination", {"product": product, "dose": dose, "of": of, "date": date}, observed


def _recovery(entry: Entry, at: Instant) -> _Made:
    first = day_of(entry, "fr")
    observed = beginning(first, at)
    if observed is None:
        return None
    days = {"first_positive": first, "valid_from": day_of(entry, "df"), "valid_until": day_of(entry, "du")}
    return "recovery", dict(days), observed


def _test(entry: Entry, at: Instant) -> _Made:
    method, sampled = _METHODS.get(str(entry["tt"])), moment_of(entry, "sc")
    if entry["tr"] != _NOT_DETECTED or method is None or sampled > at:
        return None
    return "test-result", {"method": method, "result": "negative", "sampled": sampled}, sampled


def beginning(day: str, at: Instant) -> Instant | None:
    """Return when `day` began, not later than `at`; nothing for a day that has begun nowhere on earth."""
    began = parse_instant(f"{day}T00:00Z")
    return min(began, at) if began.after(-_FURTHEST_EAST) <= at else None
