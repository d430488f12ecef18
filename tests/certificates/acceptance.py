"""Acceptance rules for tests: one that any change turns into another, and the public 194."""

from __future__ import annotations

import json
from functools import lru_cache
from typing import Any

from habeas.certificates import AcceptanceRule, AcceptanceRules, parse_acceptance_rules
from public_data import data_file

RULE: dict[str, Any] = {
    "Identifier": "VR-UT-0001",
    "Type": "Acceptance",
    "Country": "UT",
    "Version": "1.0.0",
    "SchemaVersion": "1.0.0",
    "Engine": "CERTLOGIC",
    "EngineVersion": "0.7.5",
    "CertificateType": "Vaccination",
    "Description": [
        {"lang": "en", "desc": "All doses of the vaccine have been given."},
        {"lang": "de", "desc": "Alle Impfdosen sind verabreicht."},
    ],
    "ValidFrom": "2022-01-01T00:00:00Z",
    "ValidTo": "2023-01-01T00:00:00Z",
    "AffectedFields": ["v.0.dn", "v.0.sd"],
    "Logic": {"===": [{"var": "payload.v.0.dn"}, {"var": "payload.v.0.sd"}]},
}
HOLDS, DOES_NOT = {"===": [1, 1]}, {"===": [1, 2]}
UNDECIDED = {"in": [1, 2]}


def rule(**changes: object) -> dict[str, Any]:
    """Return the rule with fields changed; None removes one. With a Logic its fields are left unnamed."""
    made = RULE | ({"AffectedFields": []} if "Logic" in changes else {}) | changes
    return {name: value for name, value in made.items() if value is not None}


def invalidating(**changes: object) -> dict[str, Any]:
    return rule(**{"Identifier": "IR-UT-0001", "Type": "Invalidation", "CertificateType": "General"} | changes)


def rules(*made: dict[str, Any]) -> AcceptanceRules:
    return parse_acceptance_rules(json.dumps(made))


def parsed(**changes: object) -> AcceptanceRule:
    (one,) = rules(rule(**changes)).rules
    return one


@lru_cache(maxsize=1)
def public_text() -> str:
    return data_file("member-state-rules.jsonl").read_text(encoding="utf-8")


@lru_cache(maxsize=1)
def public_lines() -> list[dict[str, Any]]:
    return [json.loads(line) for line in public_text().split("\n") if line]


@lru_cache(maxsize=1)
def public_rules() -> AcceptanceRules:
    return parse_acceptance_rules(public_text())


def public_value_sets() -> dict[str, list[str]]:
    """Return the value sets that the public tests come with."""
    found: dict[str, list[str]] = next(
        test["external"]["valueSets"]
        for line in public_lines()
        for test in line["tests"]
        if "valueSets" in test["external"]
    )
    return found
