"""Two sets of EU acceptance rules side by side: rules whose answers can differ though version or description stayed."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.certificates import AcceptanceRule, AcceptanceRules
from habeas.grounds._compare import Silence
from habeas.grounds._differences import same_words

__all__ = ["SilentRule", "silent_rules"]


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentRule:
    """A rule that answers otherwise unsaid; `languages` are those in which its description stayed."""

    old: AcceptanceRule
    new: AcceptanceRule
    unchanged: tuple[Silence, ...]
    languages: tuple[str, ...] = ()


def silent_rules(old: AcceptanceRules, new: AcceptanceRules) -> tuple[SilentRule, ...]:
    """Return the rules of `new` that can answer otherwise than before with the same version, or with the same words.

    A version is held against itself, a version that is new against the highest one there was of its identifier.
    """
    known = {(rule.identifier, rule.version): rule for rule in old.rules}
    latest = {rule.identifier: rule for rule in sorted(old.rules, key=lambda rule: rule.version)}
    found = []
    for rule in sorted(new.rules, key=lambda rule: (rule.identifier, rule.version)):
        before = known.get((rule.identifier, rule.version), latest.get(rule.identifier))
        if before is None or _answers(before) == _answers(rule):
            continue
        languages = _stayed(before, rule)
        version = (Silence.VERSION,) if before.version == rule.version else ()
        unchanged = version + ((Silence.TEXTS,) if languages else ())
        if unchanged:
            found.append(SilentRule(old=before, new=rule, unchanged=unchanged, languages=languages))
    return tuple(found)


def _answers(rule: AcceptanceRule) -> tuple[object, ...]:
    """Return all that an answer can turn on."""
    engine = rule.engine, rule.engine_version
    return rule.type, rule.region, rule.about, rule.schema_version, *engine, rule.in_force, rule.logic


def _stayed(old: AcceptanceRule, new: AcceptanceRule) -> tuple[str, ...]:
    was, now = ({text.language: text.text for text in rule.texts} for rule in (old, new))
    return tuple(name for name in now if name in was and same_words({name: was[name]}, {name: now[name]}))
