"""A country's acceptance rules at the command: the options that name them, and what they say for people and machines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, TypeAlias

import typer

from habeas.certificates import (
    NO_VALUE_SETS,
    AcceptanceRules,
    Answer,
    AppliedRule,
    Dcc,
    Judgement,
    RuleFormatError,
    RuleOutcome,
    Signature,
    UncheckedDcc,
    UnknownRegionError,
    ValueSetError,
    ValueSets,
    join_value_sets,
    judge,
    parse_acceptance_rules,
    parse_value_sets,
)
from habeas.cli._output import counted
from habeas.cli._reading import read_text, refusing
from habeas.cli.errors import InputError
from habeas.wire import Instant

__all__ = [
    "Asked",
    "CountryOption",
    "LanguagesOption",
    "RegionOption",
    "RulesOption",
    "ValueSetsOption",
    "answer_line",
    "judgement_as_json",
    "judgement_lines",
    "notes_on",
    "read_asked",
]

RulesOption: TypeAlias = Annotated[
    Path | None, typer.Option("--rules", metavar="FILE", help="Member states' acceptance rules as JSON.")
]
CountryOption: TypeAlias = Annotated[
    str | None, typer.Option("--country", metavar="CC", help="The country of arrival, such as DE; its rules are asked.")
]
RegionOption: TypeAlias = Annotated[
    str | None, typer.Option("--region", metavar="NAME", help="Its region, if that has rules of its own.")
]
ValueSetsOption: TypeAlias = Annotated[
    list[Path] | None,
    typer.Option("--value-sets", metavar="FILE", help="Lists of codes that rules ask for, as JSON; may be repeated."),
]
LanguagesOption: TypeAlias = Annotated[
    str | None,
    typer.Option("--lang", metavar="TAGS", help="The languages of the rules' texts, best first, such as fi,sv,en."),
]

_COUNTRY = re.compile(r"[A-Za-z]{2}", re.ASCII)
_TAG = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_PUBLISHER = "get the file again from its publisher; no rule of it was used"


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Which rules are asked, where and when, and in which languages their texts are wanted."""

    rules: AcceptanceRules
    country: str
    region: str
    at: Instant
    value_sets: ValueSets
    languages: tuple[str, ...]

    def judge(self, certificate: Dcc | UncheckedDcc) -> Judgement:
        """Return what the rules say of one certificate."""
        return judge(
            certificate,
            self.rules,
            country=self.country,
            region=self.region,
            at=self.at,
            value_sets=self.value_sets,
        )


def read_asked(
    rules: Path | None,
    country: str | None,
    region: str | None,
    value_sets: Sequence[Path] | None,
    languages: str | None,
    at: Instant,
) -> Asked | None:
    """Return what the options ask; none without --rules. Raises `InputError`."""
    if rules is None:
        given = (("--country", country), ("--region", region), ("--value-sets", value_sets), ("--lang", languages))
        for name, value in given:
            if value:
                raise InputError(name, "says something about rules, and there are none", "give --rules FILE as well")
        return None
    if country is None or not _COUNTRY.fullmatch(country):
        raise InputError("--country", "is no country of arrival", "give its two letters (ISO 3166-1), such as DE")
    text = read_text(rules)
    with refusing(str(rules), _PUBLISHER, RuleFormatError):
        parsed = parse_acceptance_rules(text)
    with refusing("--region", "write it as the rules do, or leave it out", UnknownRegionError):
        known = parsed.check_region(country.upper(), region or "")
    return Asked(
        rules=parsed,
        country=country.upper(),
        region=known,
        at=at,
        value_sets=_read_value_sets(value_sets or ()),
        languages=_read_languages(languages),
    )


def _read_value_sets(files: Sequence[Path]) -> ValueSets:
    found = NO_VALUE_SETS
    for file in files:
        text = read_text(file)
        with refusing(str(file), "get the value sets again from their publisher", ValueSetError):
            found = join_value_sets(found, parse_value_sets(text))
    return found


def _read_languages(text: str | None) -> tuple[str, ...]:
    tags = tuple(tag.strip() for tag in text.split(",")) if text is not None else ()
    for tag in tags:
        if not _TAG.fullmatch(tag):
            raise InputError(
                "--lang", f"{tag[:40]!r} is no language", "write tags (BCP 47) with commas, such as fi,sv,en"
            )
    return tags


def judgement_as_json(judgement: Judgement, languages: Sequence[str]) -> dict[str, object]:
    """Return a judgement as it stands in the JSON document."""
    return {
        "answer": judgement.answer,
        "rules": {
            "country": judgement.country,
            "region": judgement.region or None,
            "issuer_country": judgement.issuer_country or None,
            "signature": judgement.signature,
            "acceptance": [_as_json(applied, languages) for applied in judgement.acceptance],
            "invalidation": [_as_json(applied, languages) for applied in judgement.invalidation],
            "regions_not_asked": list(judgement.other_regions),
        },
    }


def _as_json(applied: AppliedRule, languages: Sequence[str]) -> dict[str, object]:
    text = applied.rule.text_in(languages)
    return {
        "identifier": applied.rule.identifier,
        "version": str(applied.rule.version),
        "outcome": applied.outcome,
        "reason": applied.reason or None,
        "language": text.language,
        "text": text.text,
    }


def answer_line(judgement: Judgement) -> str:
    """Return the answer in one line, the first that an officer or the holder reads."""
    country, rules = judgement.country, [*judgement.acceptance, *judgement.invalidation]
    all_rules = counted(len(rules), "rule", "rules")
    failed = sum(applied.outcome is RuleOutcome.FAILED for applied in rules)
    undecided = sum(applied.outcome is RuleOutcome.OPEN for applied in rules)
    nobody = "; nobody checked the signature" if judgement.signature is Signature.NOT_CHECKED else ""
    match judgement.answer:
        case Answer.ACCEPTED:
            return f"ACCEPTED by the rules of {country}: all {len(rules)} are met"
        case Answer.MET_UNCHECKED:
            return f"NOT CHECKED. The rules of {country} are met by what it claims{nobody}"
        case Answer.NOT_ACCEPTED:
            return f"NOT ACCEPTED by the rules of {country}: {failed} of {all_rules} not met{nobody}"
        case Answer.UNDECIDED:
            return (
                f"UNDECIDED by the rules of {country}: {undecided} of {all_rules} could not be worked out. "
                f"That is no acceptance and no refusal: somebody has to look{nobody}"
            )
        case Answer.NO_RULES:
            return (
                f"NO RULES of {country} for a {judgement.kind} certificate are in force in this file. "
                f"That is no verdict, neither good nor bad{nobody}"
            )


def judgement_lines(judgement: Judgement, languages: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Yield what lies behind the answer: failed rules and open ones with their texts, met ones by name."""
    claimed = judgement.signature is Signature.NOT_CHECKED
    for label, kind in (("not met", judgement.acceptance), ("invalid by", judgement.invalidation)):
        for applied in kind:
            if applied.outcome is RuleOutcome.FAILED:
                yield (f"{label} (claimed)" if claimed else label), _said(applied, languages)
    for applied in (*judgement.acceptance, *judgement.invalidation):
        if applied.outcome is RuleOutcome.OPEN:
            yield "open", _said(applied, languages)
            hint = "; --value-sets FILE gives value sets" if "value set" in applied.reason else ""
            yield "", f"why: {applied.reason}{hint}"
    met = [
        applied.rule.identifier
        for applied in (*judgement.acceptance, *judgement.invalidation)
        if applied.outcome is RuleOutcome.PASSED
    ]
    if met:
        yield ("met (claimed)" if claimed else "met"), ", ".join(met)
    if judgement.other_regions:
        yield "not asked", f"rules of single regions: {', '.join(judgement.other_regions)} (--region)"


def _said(applied: AppliedRule, languages: Sequence[str]) -> str:
    text = applied.rule.text_in(languages)
    return f"{applied.rule.identifier} {applied.rule.version} [{text.language}] {text.text}"


def notes_on(judgements: Sequence[Judgement]) -> list[str]:
    """Return what is odd about the rules that were asked, each once."""
    notes: dict[str, None] = {}
    for judgement in judgements:
        for applied in (*judgement.acceptance, *judgement.invalidation):
            listed, read = applied.rule.misnamed_fields()
            if listed or read:
                name = f"{applied.rule.identifier} {applied.rule.version}"
                parts = [f"lists {field}, which it does not read" for field in sorted(listed)]
                parts += [f"reads {field}, which it does not list" for field in sorted(read)]
                notes[f"the rule {name} {', and '.join(parts)} (AffectedFields); its logic was asked as it is"] = None
    return list(notes)
