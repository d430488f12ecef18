"""Whom a condition reaches: worked out for every case where the facts that it reads are a closed list."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product

from habeas.evidence import field_choices
from habeas.grounds._ways import Direction
from habeas.rules import Pack, Rule, Verdict, outcome

__all__ = ["way_of_logic"]

_Case = tuple[tuple[str, str], ...]


def way_of_logic(old: Rule, new: Rule, before: Pack, after: Pack) -> Direction:
    """Return the direction from one condition to another: it reaches more cases, fewer, the same, or one cannot tell."""
    was, now = _cases(old, before), _cases(new, after)
    if was is None or now is None or old.kind is not new.kind:
        return Direction.UNKNOWN
    if was == now:
        return Direction.NONE  # written another way
    reached, reaches = ({case for case, verdict in one.items() if verdict is Verdict.HOLDS} for one in (was, now))
    if reached < reaches:
        return Direction.STRICTER
    return Direction.MILDER if reaches < reached else Direction.UNKNOWN


def _cases(rule: Rule, pack: Pack) -> Mapping[_Case, Verdict] | None:
    """Return what a rule's condition says in every case, or None where it reads a fact that has no closed list."""
    choices = field_choices(rule.kind)
    for path in rule.when.fields:
        room, _, name = path.partition(".")
        if room != "pack" and (room != "facts" or choices.get(name) is None):
            return None
    closed = {name: sorted(values) for name, values in choices.items() if values is not None}
    cases = [tuple(zip(closed, values, strict=True)) for values in product(*closed.values())]
    parameters = dict(pack.parameters)
    return {case: outcome(rule.when, {"facts": dict(case), "pack": parameters}).verdict for case in cases}
