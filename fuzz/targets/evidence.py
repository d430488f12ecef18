"""Targets of `habeas.evidence` and `habeas.mandates`: what sources sign, and who may."""

from __future__ import annotations

from habeas.evidence import (
    EvidenceError,
    FactsError,
    Kind,
    StatementFormatError,
    format_facts,
    parse_facts,
    parse_kind,
    parse_statement,
    rule_facts,
)
from habeas.mandates import GrantError, Mandate
from habeas.wire import CborTag, WireError, encode_cbor, parse_cbor
from seeds import town
from targets._target import NotAnInput, as_json, target

_PROTECTED = encode_cbor({1: -8, 4: bytes(8)})
_ID_BYTES = 32


@target(parse_statement, seeds=town.statements, max_bytes=8192)
def statement(data: bytes) -> bool:
    """What was taken is all that was signed: written again, it is the same payload."""
    try:
        signed = parse_statement(data)
    except EvidenceError as error:
        assert isinstance(error, (FactsError, StatementFormatError))
        return False
    assert len(signed.id) == _ID_BYTES
    assert encode_cbor(signed.statement.to_cbor()) == signed.message.payload
    rule_facts(signed.statement.facts)
    return True


@target(parse_statement, seeds=town.statement_payloads)
def statement_payload(data: bytes) -> bool:
    """The same behind the signature: any CBOR, made deterministic, so that a mutation is not refused for its form."""
    payload = _plain(data)
    return statement(encode_cbor(CborTag(18, [_PROTECTED, {}, payload, bytes(64)])))


@target(parse_facts, parse_kind, seeds=town.facts)
def facts(data: bytes) -> bool:
    """`[kind, facts]` as JSON: facts that were taken are written as they were read."""
    pair = as_json(data)
    if not isinstance(pair, list) or len(pair) != len(("kind", "facts")):
        raise NotAnInput
    try:
        kind = parse_kind(pair[0])
        found = parse_facts(kind, pair[1])
    except FactsError:
        return False
    assert isinstance(kind, Kind)
    assert format_facts(found) == pair[1]
    return True


@target(Mandate.of_cbor, seeds=town.mandates)
def mandate(data: bytes) -> bool:
    """A mandate that was taken is logged and read again as the same."""
    value = parse_cbor(_plain(data))
    try:
        found = Mandate.of_cbor(value)
    except GrantError:
        return False
    assert encode_cbor(found.to_cbor()) == encode_cbor(value)
    assert isinstance(found.body.name("en"), str)
    return True


def _plain(data: bytes) -> bytes:
    try:
        return encode_cbor(parse_cbor(data))
    except WireError:
        raise NotAnInput from None
