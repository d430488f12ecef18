"""Targets of `habeas.certificates` for SMART Health Cards and acceptance rules."""

from __future__ import annotations

import json
from functools import lru_cache

from habeas.certificates import (
    CertificateError,
    Dcc,
    HealthCard,
    RuleFormatError,
    TrustListError,
    ValueSetError,
    content_of,
    favourable_claims,
    format_shc,
    gather_shc,
    judge,
    open_certificate,
    open_dcc,
    open_shc,
    parse_acceptance_rules,
    parse_card_trust_list,
    parse_value_sets,
    read_unchecked,
)
from habeas.certificates._acceptance_rule import parse_version
from habeas.certificates._dcc import read_token
from habeas.certificates._jws import format_base64url, parse_base64url, parse_jws
from habeas.certificates._published_json import read_documents
from habeas.certificates._shc_bundle import read_bundle
from habeas.certificates._shc_text import read_shc
from habeas.certificates._strict_json import parse_json
from habeas.wire import BEGINNING, FOREVER
from seeds import cards as seeds
from seeds import documents
from targets._target import as_text, target
from targets.certificates import signed_text

_LONGEST = 16_384


@target(read_shc, gather_shc, open_certificate, seeds=seeds.card_texts, max_bytes=8192)
def card_text(data: bytes) -> bool:
    """The text of one picture or of several, then the card in it; written anew, it is the same JWS."""
    text = as_text(data)
    gather_shc(text.split("\n"))
    try:
        jws = read_shc(text)
        assert read_shc(format_shc(jws)) == jws
        found = open_certificate(text, documents.DCC_TRUST, seeds.CARD_TRUST, documents.NOW)
    except CertificateError:
        return False
    assert isinstance(found, HealthCard)
    return True


@target(open_shc, read_bundle, seeds=seeds.payloads, max_bytes=8192)
def card_payload(data: bytes) -> bool:
    """A payload that a trusted key did sign, whatever it is: what a careless issuer could send."""
    try:
        found = open_shc(seeds.signed_card(data), seeds.CARD_TRUST, documents.NOW)
    except CertificateError:
        return False
    assert content_of(found) == content_of(found)
    for at in (documents.NOW, BEGINNING, FOREVER):
        favourable_claims(found, at)
    return True


@target(parse_card_trust_list, seeds=seeds.trust_lists, max_bytes=4096)
def card_trust_list(data: bytes) -> bool:
    """Issuers of cards, and their keys."""
    try:
        found = parse_card_trust_list(as_text(data))
    except TrustListError:
        return False
    assert all(issuer.keys for issuer in found.issuers.values())
    return True


@target(parse_jws, parse_base64url, seeds=lambda: [b"eyJhbGciOiJFUzI1NiJ9.e30.AA", b"AAEC"])
def jws(data: bytes) -> bool:
    """Three parts, each with one form."""
    text = as_text(data)
    try:
        if "." not in text:
            assert format_base64url(parse_base64url(text)) == text
            return True
        found = parse_jws(text)
    except ValueError:
        return False
    assert ".".join(map(format_base64url, (found.header, found.payload, found.signature))) == text
    return True


@target(parse_json, read_documents, seeds=seeds.acceptance_rules, max_bytes=8192)
def strict_json(data: bytes) -> bool:
    """What two strict readers took can be written, and read as the same."""
    for text in (data, as_text(data)):
        try:
            value = parse_json(text)
        except ValueError:
            continue
        assert parse_json(json.dumps(value)) == value
    try:
        rows = read_documents(as_text(data), _LONGEST)
    except ValueError:
        return False
    json.dumps([value for _, value in rows], allow_nan=False)
    return True


@target(parse_acceptance_rules, parse_version, seeds=seeds.acceptance_rules, max_bytes=8192)
def acceptance_rules(data: bytes) -> bool:
    """Rules, and what they say of a certificate."""
    try:
        rules = parse_acceptance_rules(as_text(data))
    except RuleFormatError:
        return False
    for rule in rules.rules[:4]:
        rule.text_in(("de-AT", "en"))
        rule.misnamed_fields()
        found = judge(_dcc(), rules, country=rule.country, at=documents.NOW, region=rule.region)
        assert found.answer.value
    return True


@target(parse_value_sets, seeds=seeds.value_sets, max_bytes=4096)
def value_sets(data: bytes) -> bool:
    """Lists of codes."""
    try:
        found = parse_value_sets(as_text(data))
    except ValueSetError:
        return False
    return bool(found.codes)


@target(read_unchecked, read_token, seeds=documents.claims)
def unchecked(data: bytes) -> bool:
    """What a certificate claims, before anybody looked at who signed it."""
    text = signed_text(data)
    try:
        found = read_unchecked(text, documents.NOW)
    except CertificateError:
        return False
    judge(found, parse_acceptance_rules(_rule()), country="DE", at=documents.NOW)
    return True


@lru_cache(maxsize=1)
def _dcc() -> Dcc:
    return open_dcc(documents.own_texts()[0], documents.DCC_TRUST, documents.NOW)


def _rule() -> str:
    return next(seeds.acceptance_rules()).decode()
