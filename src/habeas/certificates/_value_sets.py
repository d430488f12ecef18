"""Value sets: the codes that rules compare with, such as the vaccines that a country takes."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from habeas.certificates._published_json import read_documents
from habeas.certificates.errors import ValueSetError

__all__ = ["MAX_VALUE_SETS_CHARACTERS", "NO_VALUE_SETS", "ValueSets", "join_value_sets", "parse_value_sets"]

MAX_VALUE_SETS_CHARACTERS = 1 << 22
"""The EU's eight sets of 2023 had some 0.3 million."""

_NAME = re.compile(r"[A-Za-z0-9_-]{1,80}", re.ASCII)  # a step of a rule's path, so without a dot
_LONGEST_CODE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueSets:
    """Lists of codes by the name under which rules read them (`external.valueSets.<name>`)."""

    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "codes", MappingProxyType(dict(self.codes)))


NO_VALUE_SETS = ValueSets()


def parse_value_sets(text: str) -> ValueSets:
    """Return the value sets in JSON `text`; raises `ValueSetError`, which names the first at fault.

    Takes `{"<name>": ["<code>", …], …}`, and the form in which the EU publishes each: `{"valueSetId": "<name>",
    "valueSetValues": {"<code>": {…}, …}}` (a code that is no longer active stays one: certificates with it are about).
    An array, or lines, of either are read as one.
    """
    try:
        documents = read_documents(text, MAX_VALUE_SETS_CHARACTERS)
    except ValueError as error:
        raise ValueSetError(f"value sets: {error}") from None
    sets = []
    for where, document in documents:
        try:
            sets.append(_value_sets(document))
        except ValueSetError as error:
            raise ValueSetError(f"value sets{where and f', {where}'}: {error}") from None
    return join_value_sets(*sets)


def join_value_sets(*several: ValueSets) -> ValueSets:
    """Return all sets as one; raises `ValueSetError` if two of one name have other codes."""
    codes: dict[str, tuple[str, ...]] = {}
    for sets in several:
        for name, found in sets.codes.items():
            if set(codes.setdefault(name, found)) != set(found):
                raise ValueSetError(f"two value sets are called {name!r} and have other codes: which one is meant?")
    return ValueSets(codes=codes)


def _value_sets(document: object) -> ValueSets:
    if not isinstance(document, dict):
        raise ValueSetError('write {"<name>": ["<code>", …]}, or {"valueSetId": "<name>", "valueSetValues": {…}}')
    if "valueSetId" in document or "valueSetValues" in document:
        name, values = document.get("valueSetId"), document.get("valueSetValues")
        if not isinstance(name, str) or not isinstance(values, dict):
            raise ValueSetError('"valueSetId" is a name, and "valueSetValues" an object with a field for each code')
        return ValueSets(codes={_name(name): _codes(name, list(values))})
    return ValueSets(codes={_name(name): _codes(name, codes) for name, codes in document.items()})


def _name(name: str) -> str:
    if not _NAME.fullmatch(name):
        raise ValueSetError(f"{name[:40]!r} is no name of a value set: letters, digits, - and _, at most 80")
    return name


def _codes(name: str, codes: object) -> tuple[str, ...]:
    if not isinstance(codes, list):
        raise ValueSetError(f"{name!r} is no list of codes")
    found = tuple(code for code in codes if isinstance(code, str) and len(code) <= _LONGEST_CODE)
    if len(found) != len(codes):
        raise ValueSetError(f"{name!r} has a code that is no text of at most {_LONGEST_CODE} characters")
    return found
