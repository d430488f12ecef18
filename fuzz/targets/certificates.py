"""Targets of `habeas.certificates`: other people's documents."""

from __future__ import annotations

from habeas.certificates import (
    CertificateError,
    DccKind,
    NotACertificateError,
    TrustListError,
    favourable_claims,
    open_dcc,
    parse_trust_list,
    read_contents,
    read_signer,
)
from habeas.certificates._payload import make_plain, read_parts
from habeas.wire import BEGINNING, FOREVER, Cbor, SizeError, WireError, encode_cbor, format_hc1, parse_cbor, sign1
from seeds import documents
from targets._target import NotAnInput, as_text, target

_KID_BYTES = 8


@target(parse_trust_list, seeds=documents.trust_lists, max_bytes=8192)
def trust_list(data: bytes) -> bool:
    """Keys by kid, each of them for something."""
    try:
        trust = parse_trust_list(as_text(data))
    except TrustListError:
        return False
    assert all(trust.find(kid).kinds for kid in trust.signers)
    return True


@target(read_signer, seeds=documents.signers, max_bytes=4096)
def signer(data: bytes) -> bool:
    """An X.509 certificate in DER."""
    try:
        kid, found = read_signer(data)
    except TrustListError:
        return False
    assert len(kid) == _KID_BYTES
    assert found.kinds <= set(DccKind)
    return True


@target(read_contents, read_parts, seeds=documents.contents)
def contents(data: bytes) -> bool:
    """What an issuer signed, as any CBOR."""
    try:
        value = make_plain(_cbor(data))
        read_contents(value, documents.ISSUED)
    except NotACertificateError:
        return False
    return True


@target(open_dcc, seeds=documents.dcc_texts)
def dcc(data: bytes) -> bool:
    """The text of a QR picture, or the COSE message in it, against keys of which one is known."""
    try:
        text = as_text(data) if data.startswith(b"HC") else format_hc1(data)
    except SizeError:
        raise NotAnInput from None
    return _opened(text)


@target(open_dcc, favourable_claims, seeds=documents.claims)
def dcc_claims(data: bytes) -> bool:
    """Claims that a trusted key did sign, as any CBOR: what a careless issuer could send."""
    return _opened(signed_text(data))


def signed_text(data: bytes) -> str:
    """Return the QR picture's text of claims that a trusted key signed."""
    value = _cbor(data)
    try:
        return format_hc1(sign1(encode_cbor(value), documents.DCC_KEY))
    except SizeError:
        raise NotAnInput from None


def _opened(text: str) -> bool:
    try:
        found = open_dcc(text, documents.DCC_TRUST, documents.NOW)
    except CertificateError as error:
        assert not isinstance(error, TrustListError)
        return False
    assert found.issued <= documents.NOW <= found.expires
    for at in (documents.NOW, BEGINNING, FOREVER):
        favourable_claims(found, at)
    return True


def _cbor(data: bytes) -> Cbor:
    try:
        return parse_cbor(data)
    except WireError:
        raise NotAnInput from None
