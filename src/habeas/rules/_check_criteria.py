"""A pack held against the published list: every row is a rule's source or left out, as sure as the list says (§4).

The list is `published-criteria.json`, parsed. A pack's `criteria` names an entry, or a colour map in one: `pack#map`. A
row is known by its id, or by its ground where it has none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from habeas.rules._pack import Pack
from habeas.rules._problem import Problem

__all__ = ["criteria_problems"]


def criteria_problems(pack: Pack, criteria: Mapping[str, object]) -> Iterator[Problem]:
    """Yield where a pack and its published text differ; nothing for a pack that claims none and shares no entry's id."""
    name = pack.criteria
    entry = _entry(criteria, name or pack.id)
    if entry is None:
        if name is not None:
            yield _problem("criteria", f"there is no entry {name!r}", "Name one of the list, or leave the line out")
        return
    if name is None:
        yield _problem("criteria", f"the list has {pack.id}, and the pack does not claim it", f"Write: {pack.id}")
    rows = _rows(entry)
    used = {rule.source.row for rule in pack.rules}
    left = {row.row for row in pack.left_out}
    for row in rows:
        if row not in used | left:
            yield _problem("left_out", f"the published row {row} is missing", "Add its rule, or say why it is left out")
    for rule in pack.rules:
        yield from _source(rule.source.row, rule.source.confidence.value, rule.source.page, rule.id, entry)
    for row in sorted(left - set(rows)):
        yield _problem(f"left_out.{row}", "no such row was published", "Take it out, or mend the row's name")
    for row in sorted(left & used):
        yield _problem(f"left_out.{row}", "this row is a rule's source, too", "Keep it in one place")


def _source(row: str, confidence: str, page: str, rule: str, entry: Mapping[str, object]) -> Iterator[Problem]:
    where = f"rules.{rule}.source"
    rows = _rows(entry)
    if row not in rows:
        yield _problem(f"{where}.row", f"no row {row!r} was published", "Name the row that the rule comes from")
    elif confidence != rows[row]:
        yield _problem(f"{where}.confidence", f"the list says {rows[row]!r}, not {confidence!r}", "Write what it says")
    if not any(page in source for source in _sources(entry)):
        yield _problem(f"{where}.page", "the list does not have this page", "Name a page on which the row was read")


def _entry(criteria: Mapping[str, object], name: str) -> Mapping[str, object] | None:
    wanted, _, part = name.partition("#")
    for entry in _maps(criteria.get("packs")):
        if entry.get("id") == wanted:
            inner = entry.get(part) if part else entry
            return inner if isinstance(inner, Mapping) else None
    return None


def _rows(entry: Mapping[str, object]) -> dict[str, str]:
    """Return the confidence of each row."""
    found = [*_maps(entry.get("rules")), *_maps(entry.get("gate_rules"))]
    return {str(row.get("id") or row.get("ground")): str(row.get("conf") or entry.get("conf")) for row in found}


def _sources(entry: Mapping[str, object]) -> list[str]:
    several = entry.get("sources")
    return [str(one) for one in (*(several if isinstance(several, list) else ()), entry.get("source")) if one]


def _maps(value: object) -> Iterator[Mapping[str, object]]:
    if isinstance(value, list):
        yield from (one for one in value if isinstance(one, Mapping))


def _problem(where: str, message: str, next_step: str) -> Problem:
    return Problem(invariant="§4", where=where, message=message, next_step=next_step)
