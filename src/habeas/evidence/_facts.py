"""Facts to and from their plain form, by the annotations of the kinds themselves: one table, nothing written twice."""

from __future__ import annotations

import dataclasses
import types
import typing
from collections.abc import Callable, Mapping
from enum import Enum

from habeas.evidence import _kinds
from habeas.evidence._kinds import FACTS, Facts, Kind
from habeas.evidence.errors import FactsError
from habeas.wire import Instant, WireError

__all__ = ["field_choices", "format_facts", "parse_facts", "parse_kind", "rule_facts"]

_Read = Callable[[str, object], object]


def parse_kind(value: object) -> Kind:
    """Return the kind of its text; raises `FactsError` for a kind outside the closed list."""
    try:
        return Kind(value)
    except ValueError:
        raise FactsError(
            f"{value!r} is no kind of statement; the closed list is: {', '.join(k.value for k in Kind)}"
        ) from None


def parse_facts(kind: Kind, value: object) -> Facts:
    """Return the typed facts of a plain map; raises `FactsError`, also for a field that the kind does not have."""
    if not isinstance(value, Mapping):
        raise FactsError(f"the facts of a {kind.value} are a map of fields")
    fields = _READERS[kind]
    unknown = [str(name) for name in value if name not in fields]
    if unknown:
        has = ", ".join(fields) or "none"
        raise FactsError(f"a {kind.value} has no field {', '.join(sorted(unknown))}; it has: {has}")
    found: dict[str, typing.Any] = {}
    for name, (read, needed) in fields.items():
        if name in value:
            found[name] = read(name, value[name])
        elif needed:
            raise FactsError(f"a {kind.value} needs the field {name}")
    return FACTS[kind](**found)


def format_facts(facts: Facts) -> dict[str, object]:
    """Return the plain map of typed facts, without the fields that are not there."""
    return {name: value for name, value in _plain(facts) if value is not None}


def rule_facts(facts: Facts) -> tuple[tuple[str, object], ...]:
    """Return what a rule's `when` sees, as rows of name and value.

    Byte strings (sample numbers, references, ids of statements) are left out: a rule that could read them could name
    one person.
    """
    return tuple((name, value) for name, value in _plain(facts) if name in _RULE_FIELDS[facts.kind])


def field_choices(kind: Kind) -> dict[str, frozenset[str] | None]:
    """Return the fields of a kind that a rule can look at, each with its closed choices, or None where it is open."""
    return dict(_RULE_FIELDS[kind])


def _plain(facts: Facts) -> list[tuple[str, object]]:
    rows: list[tuple[str, object]] = []
    for name in _READERS[facts.kind]:
        value = getattr(facts, name)
        rows.append(
            (name, value.value if isinstance(value, Enum) else int(value) if isinstance(value, Instant) else value)
        )
    return rows


def _hints(kind: Kind) -> dict[str, object]:
    hints = typing.get_type_hints(FACTS[kind], vars(_kinds))
    return {field.name: hints[field.name] for field in dataclasses.fields(FACTS[kind])}


def _base(hint: object) -> tuple[typing.Any, bool]:
    if isinstance(hint, types.UnionType):
        return typing.get_args(hint)[0], False
    return hint, True


def _reader(base: type) -> _Read:
    if issubclass(base, Enum):
        return lambda name, value: _choice(base, name, value)
    if base is Instant:
        return _instant
    return lambda name, value: _typed(base, name, value)


def _choice(choices: type[Enum], name: str, value: object) -> Enum:
    try:
        return choices(value)
    except ValueError:
        known = ", ".join(str(member.value) for member in choices)
        raise FactsError(f"{name} is one of {known}; not {value!r}") from None


def _instant(name: str, value: object) -> Instant:
    try:
        return Instant(_typed(int, name, value))  # type: ignore[arg-type]  # an int, just checked
    except WireError as error:
        raise FactsError(f"{name}: {error}") from None


def _typed(base: type, name: str, value: object) -> object:
    if type(value) is not base:
        raise FactsError(f"{name} is {_WORDS[base]}, not {type(value).__name__}")
    return value


def _choices(base: type) -> frozenset[str] | None:
    return frozenset(member.value for member in base) if issubclass(base, Enum) else None


_WORDS = {bytes: "a byte string", str: "text", int: "a whole number"}

_READERS: dict[Kind, dict[str, tuple[_Read, bool]]] = {
    kind: {name: (_reader(_base(hint)[0]), _base(hint)[1]) for name, hint in _hints(kind).items()} for kind in Kind
}

_RULE_FIELDS: dict[Kind, dict[str, frozenset[str] | None]] = {
    kind: {
        name: _choices(_base(hint)[0]) for name, hint in _hints(kind).items() if _base(hint)[0] not in (bytes, Instant)
    }
    for kind in Kind
}
