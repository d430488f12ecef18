"""Targets of `habeas.wire`."""

from __future__ import annotations

import contextlib

from habeas.wire import (
    Algorithm,
    AreaError,
    Base45Error,
    Cbor,
    CborError,
    CborTag,
    CoseError,
    Hc1Error,
    Identifier,
    IdentifierError,
    InstantError,
    KeyFormatError,
    SignatureError,
    SizeError,
    VerifyingKey,
    WireError,
    check_sign1,
    encode_base45,
    encode_cbor,
    format_hc1,
    make_signing_key,
    open_hc1,
    parse_area,
    parse_base45,
    parse_cbor,
    parse_deterministic_cbor,
    parse_instant,
    parse_sign1,
)
from seeds import wire as seeds
from targets._target import NotAnInput, as_text, target

_KEY = make_signing_key(Algorithm.EDDSA, bytes(32)).verifying
_KIND_COUNTRY_NUMBER = 3


@target(parse_cbor, parse_deterministic_cbor, seeds=seeds.cbor)
def cbor(data: bytes) -> bool:
    """What was read has one encoding, and only that is taken as deterministic."""
    try:
        again = encode_cbor(parse_cbor(data))
    except (CborError, SizeError):
        return False
    assert encode_cbor(parse_deterministic_cbor(again)) == again
    deterministic = True
    try:
        parse_deterministic_cbor(data)
    except CborError:
        deterministic = False
    assert deterministic == (again == data)
    return True


@target(parse_sign1, seeds=seeds.sign1)
def sign1(data: bytes) -> bool:
    """A message survives being written anew, and nobody's key has signed it by accident."""
    try:
        message = parse_sign1(data)
    except (CborError, CoseError, SizeError):
        return False
    headers: dict[str | int, Cbor] = {1: message.algorithm.value, 4: message.kid}
    parts: list[Cbor] = [message.protected, headers, message.payload, message.signature]
    assert parse_sign1(encode_cbor(CborTag(18, parts))) == message
    with contextlib.suppress(SignatureError, CoseError):
        check_sign1(message, _KEY)
        assert message.kid == _KEY.kid, "a signature was forged"
    return True


@target(parse_base45, seeds=seeds.base45)
def base45(data: bytes) -> bool:
    """One text for one row of bytes, both ways."""
    assert parse_base45(encode_base45(data)) == data
    text = as_text(data)
    try:
        assert encode_base45(parse_base45(text)) == text
    except Base45Error:
        return False
    return True


@target(open_hc1, seeds=seeds.hc1)
def hc1(data: bytes) -> bool:
    """The text itself, or a zlib stream in such a text, which mutations of the text would hardly reach."""
    text = as_text(data) if data.startswith(b"HC") else "HC1:" + encode_base45(data)
    try:
        cose = open_hc1(text)
    except (Hc1Error, Base45Error, SizeError):
        return False
    with contextlib.suppress(SizeError):
        assert open_hc1(format_hc1(cose)) == cose
    return True


@target(parse_instant, seeds=seeds.instants, max_bytes=64)
def instant(data: bytes) -> bool:
    """An instant's text gives the instant again."""
    try:
        found = parse_instant(as_text(data))
    except InstantError:
        return False
    assert parse_instant(str(found)) == found
    return True


@target(VerifyingKey.of_spki, VerifyingKey, seeds=seeds.spki, max_bytes=2048)
def spki(data: bytes) -> bool:
    """A key that was taken checks signatures, and refuses one of zeros."""
    for algorithm in Algorithm:
        with contextlib.suppress(KeyFormatError):
            _refuses_zeros(VerifyingKey(algorithm=algorithm, public=data))
    try:
        key = VerifyingKey.of_spki(data)
    except KeyFormatError:
        return False
    _refuses_zeros(key)
    return True


def _refuses_zeros(key: VerifyingKey) -> None:
    with contextlib.suppress(SignatureError):
        key.check(b"message", bytes(64))
        raise AssertionError("64 zeros are a signature")


@target(parse_area, seeds=seeds.areas, max_bytes=128)
def area(data: bytes) -> bool:
    """An area covers itself, and its text is what was read."""
    try:
        found = parse_area(as_text(data))
    except AreaError:
        return False
    assert str(found).encode() == data
    assert found.covers(found)
    return True


@target(Identifier, seeds=seeds.identifiers, max_bytes=128)
def identifier(data: bytes) -> bool:
    """A number that was made plain stays so, and has a reference."""
    parts = as_text(data).split(":", 2)
    if len(parts) != _KIND_COUNTRY_NUMBER:
        raise NotAnInput
    try:
        found = Identifier(kind=parts[0], country=parts[1], number=parts[2])
    except IdentifierError:
        return False
    assert Identifier(kind=found.kind, country=found.country, number=found.number) == found
    try:
        found.ref(bytes(32))
    except WireError as error:
        raise AssertionError("a valid identifier has no reference") from error
    return True
