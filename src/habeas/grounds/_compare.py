"""Two packs side by side: every difference that a health officer must see, and the ones that nobody was told of.

A change is silent when it can change somebody's code but the pack kept its version, or the rule its words: of 52
published changes of logic in one public repository 21 had no new version (docs/design.md §4).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import Enum

from habeas.grounds._differences import Aspect, Difference, Direction, differences_of_pack, differences_of_rule
from habeas.rules import Pack, Rule

__all__ = ["Comparison", "Silence", "Silent", "compare_packs"]

_SAID = frozenset({Aspect.TEXT, Aspect.SOURCE, Aspect.EXAMPLES, Aspect.REQUIRES, Aspect.LEFT_OUT, Aspect.ABOUT})
"""What changes nobody's code."""


class Silence(Enum):
    """What stayed as it was although the logic changed."""

    VERSION = "version"
    TEXTS = "texts"


@dataclass(frozen=True, slots=True, kw_only=True)
class Silent:
    """Logic that changed unsaid: of which rule (None: the pack's own), in what, and what did not change with it."""

    rule: str | None
    aspects: tuple[Aspect, ...]
    unchanged: tuple[Silence, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """All differences from one pack to another, the pack's own first, then rule by rule in order of their ids."""

    old: Pack
    new: Pack
    differences: tuple[Difference, ...]
    silent: tuple[Silent, ...]

    def of_rule(self, rule: str | None) -> tuple[Difference, ...]:
        """Return the differences of one rule, or (None) of the pack itself."""
        return tuple(row for row in self.differences if row.rule == rule)

    @property
    def rules(self) -> tuple[str, ...]:
        """The rules that differ in anything."""
        return tuple(dict.fromkeys(row.rule for row in self.differences if row.rule is not None))

    @property
    def may_be_stricter(self) -> bool:
        """Whether a difference is, or for all that the packs say may be, stricter for somebody."""
        return any(row.direction in (Direction.STRICTER, Direction.UNKNOWN) for row in self.differences)


def compare_packs(old: Pack, new: Pack) -> Comparison:
    """Return every difference between two packs: two versions of one, or two phases."""
    before, after = {rule.id: rule for rule in old.rules}, {rule.id: rule for rule in new.rules}
    rows = list(differences_of_pack(old, new))
    for rule_id in sorted({*before, *after}):
        if rule_id not in before:
            rows.append(_lone(after[rule_id], new, Aspect.ADDED))
        elif rule_id not in after:
            rows.append(_lone(before[rule_id], old, Aspect.REMOVED))
        else:
            rows += differences_of_rule(before[rule_id], after[rule_id], old, new)
    return Comparison(old=old, new=new, differences=tuple(rows), silent=tuple(_silent(rows, old, new)))


def _lone(rule: Rule, pack: Pack, aspect: Aspect) -> Difference:
    """Return the difference that a rule of one pack alone is; in a layer, a rule with no act of its own can only relax."""
    title = " · ".join(texts.get("title", "") for texts in rule.texts.values())
    relaxes = pack.over is not None and rule.own_act is None
    if aspect is Aspect.ADDED:
        direction = Direction.MILDER if relaxes else Direction.STRICTER
        return Difference(rule=rule.id, aspect=aspect, new=title, direction=direction)
    direction = Direction.STRICTER if relaxes else Direction.MILDER
    return Difference(rule=rule.id, aspect=aspect, old=title, direction=direction)


def _silent(rows: Sequence[Difference], old: Pack, new: Pack) -> Iterator[Silent]:
    same_version = old.id == new.id and old.version == new.version
    both = {rule.id for rule in old.rules} & {rule.id for rule in new.rules}
    spoken = {row.rule for row in rows if row.aspect is Aspect.TEXT}
    read = (dataclasses.replace(row, rule=rule) for row in rows for rule in row.rules)
    changed = [row for row in (*rows, *read) if row.aspect not in _SAID]
    for rule in sorted({row.rule for row in changed}, key=lambda name: name or ""):
        version = (Silence.VERSION,) if same_version else ()
        texts = (Silence.TEXTS,) if rule in both and rule not in spoken else ()
        if version or texts:
            aspects = dict.fromkeys(row.aspect for row in changed if row.rule == rule)
            yield Silent(rule=rule, aspects=tuple(aspects), unchanged=version + texts)
