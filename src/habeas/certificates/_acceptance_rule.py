"""Acceptance rules as EU member states publish them: read whole, or refused with the rule at fault.

The form is the gateway's schema of a validation rule (eu-digital-green-certificates/dgc-gateway,
`validation-rule.schema.json`) and what the gateway checks beside it. Only form is judged here: whether a country may ask
this is not ours to say, and who published a file is for whoever hands it over to know.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from habeas.certificates._published_json import read_documents
from habeas.certificates._signer import DccKind
from habeas.certificates.errors import RuleFormatError, UnknownRegionError
from habeas.rules import Logic, LogicFormatError, compile_logic
from habeas.wire import Span, WireError, parse_instant

__all__ = [
    "MAX_RULES",
    "MAX_RULE_FILE_CHARACTERS",
    "AcceptanceRule",
    "AcceptanceRules",
    "RuleText",
    "RuleType",
    "Version",
    "parse_acceptance_rules",
    "parse_version",
]

MAX_RULE_FILE_CHARACTERS = 1 << 24
"""The public file of 194 rules with their tests has 3.7 million."""
MAX_RULES = 10_000

_ENGINE = "CERTLOGIC"
_LONGEST_TEXT = 4_000
_MOST_TEXTS = 100

_IDENTIFIER = re.compile(r"(GR|VR|TR|RR|IR)-([A-Z]{2})-\d{1,8}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_REGION = re.compile(r"[A-Za-z0-9-]{1,20}", re.ASCII)
_VERSION = re.compile(r"(\d{1,9})\.(\d{1,9})\.(\d{1,9})", re.ASCII)
_LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8}){0,3}", re.ASCII)
_ABOUT: dict[str, tuple[str, DccKind | None]] = {
    "General": ("GR", None),
    "Test": ("TR", DccKind.TEST),
    "Vaccination": ("VR", DccKind.VACCINATION),
    "Recovery": ("RR", DccKind.RECOVERY),
}
_FIELDS = (
    *("Identifier", "Type", "Country", "Region", "Version", "SchemaVersion", "Engine", "EngineVersion"),
    *("CertificateType", "Description", "ValidFrom", "ValidTo", "AffectedFields", "Logic"),
)
_BY_FOLDED = {name.casefold(): name for name in _FIELDS}


class RuleType(StrEnum):
    """What it means when a rule's logic holds: it is met, or the certificate is invalid."""

    ACCEPTANCE = "Acceptance"
    INVALIDATION = "Invalidation"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """MAJOR.MINOR.PATCH, compared as numbers: 1.0.10 is above 1.0.9 (semver.org 2.0.0 §11). Nothing may follow."""

    major: int
    minor: int
    patch: int

    def __str__(self) -> str:
        return f"{self.major}.{self.minor}.{self.patch}"


_OLDEST_ENGINE, _NEWER_ENGINE = Version(0, 7, 5), Version(1, 4, 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleText:
    """What a rule says to people, and in which language (BCP 47, lower case)."""

    language: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRule:
    """One version of one rule, in force from the start of `in_force` up to, not including, its end.

    `about` is the kind of certificate that it is for, none for all of them; `region` is empty for the whole country.
    `logic` is missing when it is of an engine that we do not carry out. `source` is the rule's JSON with sorted names.
    """

    identifier: str
    version: Version
    type: RuleType
    country: str
    region: str
    about: DccKind | None
    schema_version: Version
    engine: str
    engine_version: Version
    texts: tuple[RuleText, ...]
    in_force: Span
    affected_fields: frozenset[str]
    logic: Logic | None
    source: str = field(repr=False)

    def text_in(self, languages: Sequence[str] = ()) -> RuleText:
        """Return the text in the first of the wanted languages that there is, else English, else the first there is.

        A tag is cut from its end until it fits (RFC 4647 §3.4): `de-AT` finds `de`; then `de` finds `de-at` too.
        """
        by_language = {text.language: text for text in self.texts}
        for wanted in (*languages, "en"):
            parts = wanted.lower().split("-")
            for length in range(len(parts), 0, -1):
                if found := by_language.get("-".join(parts[:length])):
                    return found
            for text in self.texts:
                if text.language.split("-")[0] == parts[0]:
                    return text
        return self.texts[0]

    def misnamed_fields(self) -> tuple[frozenset[str], frozenset[str]]:
        """Return the payload's fields that only `AffectedFields` names, and those that only the logic reads."""
        if self.logic is None:
            return frozenset(), frozenset()
        read = {path.removeprefix("payload.") for path in self.logic.fields if path.startswith("payload.")}
        return self.affected_fields - read, frozenset(read - self.affected_fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptanceRules:
    """Rules of any countries, types and times: each version of each once."""

    rules: tuple[AcceptanceRule, ...]

    def __post_init__(self) -> None:
        found: dict[tuple[str, Version], AcceptanceRule] = {}
        for rule in self.rules:
            if found.setdefault((rule.identifier, rule.version), rule).source != rule.source:
                raise RuleFormatError(
                    f"{rule.identifier} {rule.version} is there twice with other contents: which one is in force? "
                    "Ask its publisher"
                )
        object.__setattr__(self, "rules", tuple(found.values()))

    def check_region(self, country: str, region: str) -> str:
        """Return `region` as the country's acceptance rules write it; raises `UnknownRegionError` if none names it."""
        known = {
            rule.region.casefold(): rule.region
            for rule in self.rules
            if rule.country == country and rule.type is RuleType.ACCEPTANCE and rule.region
        }
        if not region or region.casefold() in known:
            return known.get(region.casefold(), "")
        names = ", ".join(sorted(known.values())) or "none of them names any: leave the region out"
        raise UnknownRegionError(f"no acceptance rule of {country} names the region {region!r}; they name: {names}")


def parse_acceptance_rules(text: str) -> AcceptanceRules:
    """Return the rules in JSON `text`; raises `RuleFormatError`, which names the first at fault: none is left out.

    Takes one rule, an array of them, or lines with one each; instead of a rule also an object that has it as `rule`,
    as the lines of the public test data. Fields that are not in the schema are passed over, unless one is a field's
    name in other letter case. A rule for an engine, or a version of it, that we do not carry out is taken without logic.
    """
    try:
        documents = read_documents(text, MAX_RULE_FILE_CHARACTERS)
    except ValueError as error:
        raise RuleFormatError(f"acceptance rules: {error}") from None
    if len(documents) > MAX_RULES:
        raise RuleFormatError(
            f"{len(documents)} rules, where at most {MAX_RULES} are read: keep the countries you need"
        )
    return AcceptanceRules(rules=tuple(_named(where, document) for where, document in documents))


def parse_version(text: object) -> Version:
    """Return the version in `text`; raises `RuleFormatError`."""
    found = _VERSION.fullmatch(text) if isinstance(text, str) else None
    if not found:
        raise RuleFormatError("is no version such as 1.0.2")
    return Version(*map(int, found.groups()))


def _named(where: str, document: object) -> AcceptanceRule:
    """Return the rule, or refuse it by its place and name."""
    rule = document
    if isinstance(rule, dict) and "Identifier" not in rule and "rule" in rule:
        rule = rule["rule"]
    if not isinstance(rule, dict):
        raise RuleFormatError(f"{where or 'acceptance rules'}: no rule, which is an object with an Identifier")
    try:
        return _rule(rule)
    except RuleFormatError as error:
        name = " ".join(_shown(str(rule.get(part, "?")))[:40] for part in ("Identifier", "Version"))
        raise RuleFormatError(f"{where and f'{where}, '}rule {name}: {error}; ask its publisher") from None


def _rule(rule: Mapping[str, object]) -> AcceptanceRule:
    for name in rule:
        meant = _BY_FOLDED.get(name.casefold(), name)
        if meant != name:
            raise RuleFormatError(f"{name!r} is not the field {meant!r}, and may be meant for it")
    type_, about = _type(rule)
    country, region = _matching(rule, "Country", _COUNTRY), _region(rule)
    engine, engine_version = _matching(rule, "Engine"), _version(rule, "EngineVersion")
    carried_out = engine == _ENGINE and _OLDEST_ENGINE <= engine_version < _NEWER_ENGINE
    return AcceptanceRule(
        identifier=_identifier(rule, country),
        version=_version(rule, "Version"),
        type=type_,
        country=country,
        region="" if region == country else region,  # so the national backends of AT and DE write it
        about=about,
        schema_version=_version(rule, "SchemaVersion"),
        engine=engine,
        engine_version=engine_version,
        texts=_texts(rule.get("Description")),
        in_force=_in_force(rule),
        affected_fields=_affected(rule.get("AffectedFields")),
        logic=_logic(rule) if carried_out else None,
        source=json.dumps(rule, sort_keys=True),
    )


def _matching(rule: Mapping[str, object], name: str, form: re.Pattern[str] = re.compile(r"[!-~]{1,40}")) -> str:
    value = rule.get(name)
    if not isinstance(value, str) or not form.fullmatch(value):
        raise RuleFormatError(f"{name} is missing, or has not its form")
    return value


def _type(rule: Mapping[str, object]) -> tuple[RuleType, DccKind | None]:
    type_, about = rule.get("Type"), rule.get("CertificateType")
    if not isinstance(type_, str) or type_ not in set(RuleType):
        raise RuleFormatError("Type is neither Acceptance nor Invalidation")
    if not isinstance(about, str) or about not in _ABOUT:
        raise RuleFormatError(f"CertificateType is none of {', '.join(_ABOUT)}")
    return RuleType(type_), _ABOUT[about][1]


def _identifier(rule: Mapping[str, object], country: str) -> str:
    """Return the Identifier, which says type, kind and country once more (the gateway refuses what contradicts it)."""
    identifier = _matching(rule, "Identifier", _IDENTIFIER)
    prefix = "IR" if rule["Type"] == RuleType.INVALIDATION else _ABOUT[str(rule["CertificateType"])][0]
    if not identifier.startswith(f"{prefix}-{country}-"):
        raise RuleFormatError(
            f"the Identifier of this Type, CertificateType and Country begins with {prefix}-{country}-"
        )
    return identifier


def _region(rule: Mapping[str, object]) -> str:
    return "" if rule.get("Region") in (None, "") else _matching(rule, "Region", _REGION)


def _version(rule: Mapping[str, object], name: str) -> Version:
    try:
        return parse_version(rule.get(name))
    except RuleFormatError as error:
        raise RuleFormatError(f"{name} {error}") from None


def _texts(descriptions: object) -> tuple[RuleText, ...]:
    if not isinstance(descriptions, list) or not 0 < len(descriptions) <= _MOST_TEXTS:
        raise RuleFormatError(f"Description is no list of 1 to {_MOST_TEXTS} texts")
    texts = tuple(_text(description) for description in descriptions)
    if len({text.language for text in texts}) != len(texts):
        raise RuleFormatError("Description has two texts in one language")
    return texts


def _text(description: object) -> RuleText:
    fields = description if isinstance(description, dict) else {}
    language, said = fields.get("lang"), fields.get("desc")
    if not isinstance(language, str) or not _LANGUAGE.fullmatch(language):
        raise RuleFormatError("Description: lang is no language such as en or de-at")
    if not isinstance(said, str) or len(said) > _LONGEST_TEXT:
        raise RuleFormatError(f"Description in {language}: desc is no text of at most {_LONGEST_TEXT} characters")
    shown = _shown(said)
    if not shown:
        raise RuleFormatError(f"Description in {language}: desc is empty")
    return RuleText(language=language.lower(), text=shown)


def _shown(text: str) -> str:
    """Return `text` for a screen: no control character reaches a terminal, and no invisible one turns its direction."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def _in_force(rule: Mapping[str, object]) -> Span:
    instants = []
    for name in ("ValidFrom", "ValidTo"):
        try:
            instants.append(parse_instant(_matching(rule, name)))
        except WireError as error:
            raise RuleFormatError(f"{name}: {error}") from None
    span = Span(*instants)
    if not span:
        raise RuleFormatError("ValidTo is not after ValidFrom")
    return span


def _affected(fields: object) -> frozenset[str]:
    if not isinstance(fields, list) or not all(isinstance(name, str) for name in fields):
        raise RuleFormatError("AffectedFields is no list of fields such as v.0.dn")
    return frozenset(fields)


def _logic(rule: Mapping[str, object]) -> Logic:
    if "Logic" not in rule:
        raise RuleFormatError("Logic is missing")
    try:
        return compile_logic(rule["Logic"])
    except LogicFormatError as error:
        raise RuleFormatError(f"Logic: {error}") from None
