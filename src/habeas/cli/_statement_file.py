"""Statements as people write them: JSON with hex and instants in words, to and from the values that are signed."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from pathlib import Path

from habeas.cli._key_file import read_registry_key
from habeas.cli._reading import (
    read_base64,
    read_bytes,
    read_document,
    read_hex,
    read_json,
    read_map,
    refusing,
)
from habeas.cli.errors import InputError
from habeas.evidence import FACTS, EvidenceError, Facts, Kind, Statement, format_facts, parse_facts, parse_kind
from habeas.wire import Instant, parse_area, parse_instant

__all__ = ["format_statement", "read_statement_file", "read_statements"]

_COSE = 0xD2
"""The first byte of a tagged COSE_Sign1 (RFC 9052 §4.2); no Base64 begins with it."""


def read_statement_file(path: Path, registry_key: Path | None) -> Statement:
    """Return the statement of a JSON file: kind, facts, observed, issued, area, and `ref` or `document`."""
    value = read_map(str(path), read_json(path), "kind facts observed issued area", "ref document expires")
    with refusing(f'{path}, "kind"', "write a kind of the closed list; docs/commands.md has it", EvidenceError):
        kind = parse_kind(value["kind"])
    ref = _ref(path, value, registry_key)
    with refusing(f'{path}, "facts"', "mend the facts; docs/commands.md has the fields of each kind", EvidenceError):
        facts = parse_facts(kind, _plain(path, kind, value["facts"]))
    with refusing(str(path), "mend it and sign again", EvidenceError):
        return Statement(
            ref=ref,
            facts=facts,
            observed=_instant(path, value, "observed"),
            issued=_instant(path, value, "issued"),
            area=parse_area(value["area"]),
            expires=_instant(path, value, "expires") if value.get("expires") is not None else None,
        )


def format_statement(statement: Statement) -> dict[str, object]:
    """Return a statement in the form that `read_statement_file` takes."""
    found: dict[str, object] = {
        "ref": statement.ref.hex(),
        "kind": statement.kind.value,
        "facts": _shown(statement.facts),
        "observed": str(statement.observed),
        "issued": str(statement.issued),
        "area": statement.area.code,
    }
    if statement.expires is not None:
        found["expires"] = str(statement.expires)
    return found


def read_statements(path: Path) -> list[bytes]:
    """Return the signed statements of a file: the bytes of one, or Base64 with one a line."""
    data = read_bytes(path)
    if data[:1] == bytes((_COSE,)):
        return [data]
    try:
        lines = data.decode("ascii").split()
    except UnicodeDecodeError:
        lines = []
    if not lines:
        raise InputError(str(path), "is no signed statement", "give what `habeas statement sign` wrote, unchanged")
    return [read_base64(f"{path}, line {number}", line) for number, line in enumerate(lines, start=1)]


def _ref(path: Path, value: Mapping[str, object], registry_key: Path | None) -> bytes:
    ref, document = value.get("ref"), value.get("document")
    if (ref is None) == (document is None):
        raise InputError(str(path), "says of whom in one way: ref or document", "write the one of them")
    if document is None:
        return read_hex(f'{path}, "ref"', ref)
    if registry_key is None:
        raise InputError(
            f'{path}, "document"', "becomes a reference only under the registry's key", "add --registry-key FILE"
        )
    return read_document(f'{path}, "document"', str(document)).ref(read_registry_key(registry_key))


def _instant(path: Path, value: Mapping[str, object], name: str) -> Instant:
    with refusing(f'{path}, "{name}"'):
        return parse_instant(str(value[name]))


def _plain(path: Path, kind: Kind, value: object) -> object:
    """Return facts with their hex as bytes and their instants as seconds; `parse_facts` judges the rest."""
    if not isinstance(value, Mapping):
        return value
    types = _types(kind)
    plain: dict[str, object] = {}
    for name, given in value.items():
        where = f'{path}, "facts", "{name}"'
        if types.get(name) is bytes:
            plain[name] = read_hex(where, given)
        elif types.get(name) is Instant:
            with refusing(where):
                plain[name] = int(parse_instant(str(given)))
        else:
            plain[name] = given
    return plain


def _shown(facts: Facts) -> dict[str, object]:
    types = _types(facts.kind)
    return {name: _show(types.get(name), value) for name, value in format_facts(facts).items()}


def _show(kind: object, value: object) -> object:
    if isinstance(value, bytes):
        return value.hex()
    return str(Instant(value)) if kind is Instant and isinstance(value, int) else value


def _types(kind: Kind) -> dict[str, object]:
    """Return the type of each field of a kind, as the kind itself declares it."""
    hints = typing.get_type_hints(FACTS[kind])
    return {
        field.name: (typing.get_args(hints[field.name]) or (hints[field.name],))[0]
        for field in dataclasses.fields(FACTS[kind])
    }
