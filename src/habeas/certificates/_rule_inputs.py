"""What an acceptance rule reads beside the certificate's contents, and which of it is not known.

A parameter that is not there reads as null in CertLogic, and null is falsy: a rule would answer for it. So what is not
known is found before a rule is asked.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import TypeAlias

from habeas.certificates._dcc import Dcc
from habeas.certificates._payload import is_country
from habeas.certificates._unchecked import UncheckedDcc
from habeas.certificates._value_sets import NO_VALUE_SETS, ValueSets
from habeas.rules import Logic
from habeas.wire import Instant

__all__ = [
    "Presented",
    "external_parameters",
    "issuing_country",
    "name_parameters",
    "read_elsewhere",
    "unknown_parameters",
]

Presented: TypeAlias = Dcc | UncheckedDcc


def issuing_country(certificate: Presented) -> str:
    """Return the country that issued it: its issuer (claim 1), else that of its entry (`co`); "" if neither is one."""
    if is_country(certificate.issuer):
        return certificate.issuer
    entries = certificate.payload[certificate.kind.value[0]]  # v, t or r: read_contents has seen to it
    named = {entry.get("co") for entry in entries if isinstance(entry, dict)} if isinstance(entries, list) else set()
    country = named.pop() if len(named) == 1 else ""
    return country if isinstance(country, str) and is_country(country) else ""


def external_parameters(
    *,
    at: Instant,
    value_sets: ValueSets = NO_VALUE_SETS,
    country: str = "",
    region: str = "",
    issuer: str = "",
    certificate: Presented | None = None,
) -> dict[str, object]:
    """Return what rules find under `external` ("Validation Rules" §7.5; names as in dgc-certlogic-android).

    Instants are ISO 8601 with offset, `kid` is Base64. What is not known is left out, so that a rule that reads it is
    open: `region` too, where those libraries give "".
    """
    known: dict[str, object] = {
        "validationClock": str(at),
        "valueSets": {name: list(codes) for name, codes in value_sets.codes.items()},
        "countryCode": country,
        "region": region,
        "issuerCountryCode": issuer,
    }
    if certificate is not None:
        known["exp"], known["iat"] = str(certificate.expires), str(certificate.issued)
        known["kid"] = base64.b64encode(certificate.kid).decode()
    return {name: value for name, value in known.items() if value != ""}


_TOO_MUCH = frozenset({"", "external", "external.valueSets"})
"""Paths to more than one parameter, of which some may be unknown."""


def unknown_parameters(logic: Logic, external: Mapping[str, object]) -> list[str]:
    """Return the paths under `external` that `logic` may read and that lead nowhere, or to all parameters at once.

    A path into a parameter leads nowhere, too: none has parts, and an item that a list has not would read as null.
    """
    return [path for path in sorted(logic.fields) if path in _TOO_MUCH or _leads_nowhere(path.split("."), external)]


def _leads_nowhere(steps: list[str], external: Mapping[str, object]) -> bool:
    if steps[0] != "external":
        return False
    found: object = external
    for step in steps[1:]:
        if isinstance(found, Mapping) and step in found:
            found = found[step]
        elif isinstance(found, list | tuple) and step.isdecimal() and int(step) < len(found):
            found = found[int(step)]
        else:
            return True
    return False


def read_elsewhere(expression: object) -> frozenset[str]:
    """Return the paths that an expression reads elsewhere than as the list of an `in`.

    Where a list is not there, `in` gives no answer, and where it is not reached, it is not needed: a rule on antigen
    tests may ask for their list and still be met by a PCR test. Null in any other place would be taken for an answer.
    """
    if isinstance(expression, list):
        return frozenset().union(*map(read_elsewhere, expression))
    if not isinstance(expression, dict):
        return frozenset()
    ((operator, operands),) = expression.items()
    if operator == "var":
        return frozenset({operands})
    if operator == "in" and isinstance(operands[1], dict) and "var" in operands[1]:
        return read_elsewhere(operands[0])
    return read_elsewhere(operands)


def name_parameters(paths: Iterable[str]) -> str:
    """Return the parameters and value sets that `paths` lead to, in words."""
    parts = []
    for path in paths:
        _, *steps = path.split(".")
        is_set = len(steps) > 1 and steps[0] == "valueSets"
        parts.append(
            f"the value set {steps[1][:80]}" if is_set else f"the parameter {'.'.join(steps)[:80] or 'external'}"
        )
    return " and ".join(dict.fromkeys(parts))
