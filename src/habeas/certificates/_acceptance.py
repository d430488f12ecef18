"""A country's acceptance rules over one certificate: which are in force, which hold, and what follows together.

Three outcomes a rule, never two: what cannot be worked out is open, and an open rule is never a met one. Where a country
has no rules in force the answer is `no-rules`, which says neither good nor bad. Which rules are asked is as in
the EU's own implementations of its "Validation Rules" (V1.00): dcc-business-rules-utils (`validateDcc`) for country, time
and version, dgc-certlogic-android for the certificate's kind and for what is open (§5.4). Unlike these, no rules at all
is no acceptance, and a parameter that is not there leaves a rule open where theirs would read null.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import NoReturn

from habeas.certificates._acceptance_rule import AcceptanceRule, AcceptanceRules, RuleType, parse_version
from habeas.certificates._dcc import Dcc
from habeas.certificates._rule_inputs import (
    Presented,
    external_parameters,
    issuing_country,
    name_parameters,
    read_elsewhere,
    unknown_parameters,
)
from habeas.certificates._signer import DccKind
from habeas.certificates._value_sets import NO_VALUE_SETS, ValueSets
from habeas.certificates.errors import ExpiredError, NotYetValidError, RuleFormatError
from habeas.rules import Verdict, outcome
from habeas.wire import Instant

__all__ = [
    "Answer",
    "AppliedRule",
    "Judgement",
    "RuleOutcome",
    "Signature",
    "evaluate_rule",
    "judge",
]


class Signature(StrEnum):
    """Whether anybody looked at who signed."""

    CHECKED = "checked"
    NOT_CHECKED = "not-checked"


class RuleOutcome(StrEnum):
    """How a certificate stands to a rule. An invalidation rule that holds is failed: it says that this is invalid."""

    PASSED = "passed"
    FAILED = "failed"
    OPEN = "open"


class Answer(StrEnum):
    """What the rules say together; only the first lets anybody in."""

    ACCEPTED = "accepted"
    MET_UNCHECKED = "met-unchecked"
    """The rules hold for what it claims, and nobody checked who signed that."""
    NOT_ACCEPTED = "not-accepted"
    UNDECIDED = "undecided"
    NO_RULES = "no-rules"

    def __bool__(self) -> NoReturn:  # every text is true: `if judgement.answer` would let everybody in
        raise TypeError("an answer has five values: compare it with Answer.ACCEPTED")


@dataclass(frozen=True, slots=True, kw_only=True)
class AppliedRule:
    """One rule over one certificate; `reason` says of an open one why, and names no fact of the holder's."""

    rule: AcceptanceRule
    outcome: RuleOutcome
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """What a country's rules, and the issuer's own, say of one certificate at one instant.

    `acceptance` are rules of `country`, `invalidation` those of `issuer_country`, which is empty if it cannot be told;
    `other_regions` are those whose own rules, in force for this kind, were not asked.
    """

    country: str
    region: str
    at: Instant
    kind: DccKind
    issuer_country: str
    signature: Signature
    acceptance: tuple[AppliedRule, ...]
    invalidation: tuple[AppliedRule, ...]
    other_regions: tuple[str, ...]

    @property
    def answer(self) -> Answer:
        """What follows. One failed rule of either type decides; an open one leaves all undecided."""
        outcomes = {applied.outcome for applied in (*self.acceptance, *self.invalidation)}
        if RuleOutcome.FAILED in outcomes:
            return Answer.NOT_ACCEPTED
        if not self.acceptance:
            return Answer.NO_RULES
        if outcomes != {RuleOutcome.PASSED}:
            return Answer.UNDECIDED
        return Answer.ACCEPTED if self.signature is Signature.CHECKED else Answer.MET_UNCHECKED

    def __bool__(self) -> NoReturn:
        raise TypeError("a judgement is neither true nor false: compare its answer")


def judge(
    certificate: Presented,
    rules: AcceptanceRules,
    *,
    country: str,
    at: Instant,
    region: str = "",
    value_sets: ValueSets = NO_VALUE_SETS,
) -> Judgement:
    """Return what `rules` say of a certificate on arrival in `country` (two letters, ISO 3166-1; EU: the templates) `at`.

    Raises `UnknownRegionError`: with a region misspelt its rules would be left out unseen; `ExpiredError` or
    `NotYetValidError` for a certificate that was opened at another instant and is not valid `at` this one.
    """
    _check_valid(certificate, at)
    region = rules.check_region(country, region)
    issuer = issuing_country(certificate)
    acceptance = [rule for rule in _select(rules, RuleType.ACCEPTANCE, at) if rule.country == country]
    external = external_parameters(
        at=at, value_sets=value_sets, country=country, region=region, issuer=issuer, certificate=certificate
    )
    kind = certificate.kind
    here = _latest((rule for rule in acceptance if rule.region.casefold() in ("", region.casefold())), kind)
    invalidation = _select(rules, RuleType.INVALIDATION, at)
    return Judgement(
        country=country,
        region=region,
        at=at,
        kind=kind,
        issuer_country=issuer,
        signature=Signature.CHECKED if isinstance(certificate, Dcc) else Signature.NOT_CHECKED,
        acceptance=tuple(_apply(rule, certificate, external) for rule in here),
        invalidation=tuple(
            _apply(rule, certificate, external) if issuer else _whose(rule)
            for rule in _latest((rule for rule in invalidation if not issuer or rule.country == issuer), kind)
        ),
        other_regions=tuple(sorted({rule.region for rule in acceptance if rule.about in (None, kind)} - {"", region})),
    )


def _check_valid(certificate: Presented, at: Instant) -> None:
    if isinstance(certificate, Dcc) and at > certificate.expires:
        raise ExpiredError(
            f"the certificate expired at {certificate.expires}: open it at the instant that is asked about"
        )
    if isinstance(certificate, Dcc) and at < certificate.issued:
        raise NotYetValidError(
            f"the certificate was issued at {certificate.issued}, after the instant that is asked about"
        )


def _select(rules: AcceptanceRules, type_: RuleType, at: Instant) -> Iterator[AcceptanceRule]:
    """Yield all versions of the rules of a type, of any country, that are in force `at`.

    ValidFrom is the first instant in force and ValidTo the first one no more (eu-dcc-business-rules, documentation/
    how-to.md: "until (exclusive)"), so that a version that ends when the next begins never counts beside it.
    """
    for rule in rules.rules:
        if rule.type is type_ and rule.in_force.covers(at):
            yield rule


def evaluate_rule(rule: AcceptanceRule, payload: Mapping[str, object], external: Mapping[str, object]) -> AppliedRule:
    """Return how a certificate's `payload` (plain JSON) stands to one rule; an error of any kind leaves it open."""
    if rule.logic is None:
        engine = f"{rule.engine} {rule.engine_version}"
        return _open(rule, f"it is written for the rule engine {engine}, which is not carried out here")
    unknown = unknown_parameters(rule.logic, external)
    needed = f"it needs {name_parameters(unknown)}, not known here"
    if unknown and not read_elsewhere(json.loads(rule.logic.text)).isdisjoint(unknown):
        return _open(rule, needed)
    found = outcome(rule.logic, {"payload": dict(payload), "external": dict(external)})
    if found.verdict is Verdict.UNDECIDED:
        return _open(rule, needed if unknown else f"its logic gives no answer: {found.reason}")
    is_good = (found.verdict is Verdict.HOLDS) is (rule.type is RuleType.ACCEPTANCE)
    return AppliedRule(rule=rule, outcome=RuleOutcome.PASSED if is_good else RuleOutcome.FAILED)


def _apply(rule: AcceptanceRule, certificate: Presented, external: Mapping[str, object]) -> AppliedRule:
    """Return how it stands, open where rule and certificate are of schemas that do not fit (§5.4.2)."""
    version = str(certificate.payload.get("ver"))
    try:
        schema = parse_version(version)
    except RuleFormatError:
        return _open(rule, "the version of the certificate's schema cannot be compared")
    if schema.major != rule.schema_version.major or schema < rule.schema_version:
        return _open(rule, f"it is for certificates of schema {rule.schema_version}, and this one is of {schema}")
    payload = {name: value for name, value in certificate.payload.items() if isinstance(name, str)}
    return evaluate_rule(rule, payload, external)


def _whose(rule: AcceptanceRule) -> AppliedRule:
    return _open(rule, f"which country issued the certificate cannot be told, and {rule.country} may have")


def _open(rule: AcceptanceRule, reason: str) -> AppliedRule:
    return AppliedRule(rule=rule, outcome=RuleOutcome.OPEN, reason=reason)


def _latest(rules: Iterator[AcceptanceRule], kind: DccKind) -> list[AcceptanceRule]:
    """Return of each Identifier the highest version alone, by Identifier, if it is for certificates of a kind.

    For which kinds it is, and whether we can carry it out, is asked afterwards: an older version is no answer to a newer
    one's question, nor does it go on for a kind that the newer one leaves out.
    """
    highest: dict[str, AcceptanceRule] = {}
    for rule in rules:
        if rule.identifier not in highest or highest[rule.identifier].version < rule.version:
            highest[rule.identifier] = rule
    return [rule for _, rule in sorted(highest.items()) if rule.about in (None, kind)]
