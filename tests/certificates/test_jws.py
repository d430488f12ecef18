"""Compact JWS: the RFCs' own signature and thumbprint, joserfc's, and what is not taken."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st
from joserfc.jwk import ECKey

from certificates.cards import b64url
from habeas.certificates._jws import format_base64url, jwk_thumbprint, parse_base64url, parse_jws
from habeas.certificates._shc_trust import _coordinate, _on_curve
from habeas.wire import SignatureError

# RFC 7515, appendix A.3
A3 = (
    "eyJhbGciOiJFUzI1NiJ9"
    ".eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
    ".DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
)
A3_X, A3_Y = "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"


def test_the_signature_of_rfc_7515() -> None:
    message = parse_jws(A3)
    key = _on_curve(_coordinate(A3_X), _coordinate(A3_Y))
    assert key.check(message.signed, message.signature) == message.signed
    assert json.loads(message.header) == {"alg": "ES256"}
    assert json.loads(message.payload) == {"iss": "joe", "exp": 1300819380, "http://example.com/is_root": True}
    for bit in range(8 * len(message.signed)):
        changed = bytearray(message.signed)
        changed[bit // 8] ^= 1 << bit % 8
        with pytest.raises(SignatureError):
            key.check(bytes(changed), message.signature)


def test_the_thumbprint_of_rfc_7638() -> None:
    n = (
        "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3"
        "oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdA"
        "ZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-"
        "kEgU8awapJzKnqDKgw"
    )
    assert jwk_thumbprint({"kty": "RSA", "n": n, "e": "AQAB"}) == "NzbLsXh8uDCcd-6MNwXF4W_7noWXFZAfHkxZsRGC9Xs"


def test_joserfc_gives_a_p256_key_the_same_thumbprint() -> None:
    for _ in range(20):
        key = ECKey.generate_key("P-256")
        public = key.as_dict(private=False)
        required = {name: str(public[name]) for name in ("kty", "crv", "x", "y")}
        assert jwk_thumbprint(required) == key.thumbprint()


@given(st.binary(max_size=70))
def test_base64url_there_and_back(data: bytes) -> None:
    assert format_base64url(data) == b64url(data)
    assert parse_base64url(format_base64url(data)) == data


@pytest.mark.parametrize("text", ["A", "AB", "QQ==", "QQ=", "Q+==", "+/+/", "QQ\n", " QQ", "QQR", "ÄÄÄÄ", "QUJ"])
def test_base64url_has_one_form(text: str) -> None:
    with pytest.raises(ValueError, match="Base64url"):
        parse_base64url(text)


@given(st.text(max_size=40) | st.text(alphabet="AQ.-_", max_size=12))
def test_any_text_is_a_jws_or_none(text: str) -> None:
    try:
        message = parse_jws(text)
    except ValueError:
        return
    parts = (message.header, message.payload, message.signature)
    assert ".".join(b64url(part) for part in parts) == text
    assert text.startswith(message.signed.decode() + ".")
