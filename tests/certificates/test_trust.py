"""Trust lists: read whole or refused, with the entry at fault named."""

from __future__ import annotations

import base64
import json
from itertools import chain, combinations

import pytest
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from certificates.issuing import ELBONIA, USAGES, UTOPIA, Issuer, oid
from habeas.certificates import (
    MAX_TRUST_LIST_CHARACTERS,
    CertificateError,
    DccKind,
    Signer,
    TrustList,
    TrustListError,
    UnknownKeyError,
    make_signer,
    parse_trust_list,
    read_signer,
)
from habeas.wire import Algorithm, make_signing_key


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def spki(key: ec.EllipticCurvePublicKey | rsa.RSAPublicKey | ed25519.Ed25519PublicKey | dsa.DSAPublicKey) -> bytes:
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


KEY = spki(UTOPIA.private.public_key())
CERTIFICATE = {"certificate": b64(UTOPIA.der)}


def test_a_list_of_certificates_and_keys() -> None:
    text = json.dumps(
        {
            UTOPIA.name: CERTIFICATE,
            ELBONIA.name: {"certificate": b64(ELBONIA.der)},
            b64(b"12345678"): {"key": b64(KEY), "kinds": ["test"]},
            b64(b"87654321"): {"key": b64(KEY)},
        }
    )
    trust = parse_trust_list(text)
    assert trust.find(UTOPIA.kid) == trust.find(b"87654321") == make_signer(KEY)
    assert trust.find(UTOPIA.kid).kinds == set(DccKind)
    assert trust.find(ELBONIA.kid).key.algorithm is Algorithm.PS256
    assert trust.find(b"12345678").kinds == {DccKind.TEST}
    with pytest.raises(UnknownKeyError, match="no key YWFhYWFhYWE= is on the trust list of 4: update the list"):
        trust.find(b"a" * 8)
    with pytest.raises(TypeError):
        trust.signers[UTOPIA.kid] = make_signer(KEY)  # type: ignore[index]


SETS = list(chain.from_iterable(combinations(USAGES, size) for size in range(4)))


@pytest.mark.parametrize("kinds", SETS, ids=" ".join)
@pytest.mark.parametrize("older", [False, True])
def test_the_extended_key_usage_restricts_a_key(kinds: tuple[str, ...], older: bool) -> None:  # noqa: FBT001 - a parameter of pytest's
    named = Issuer(UTOPIA.private, tuple(oid(kind, older=older) for kind in kinds))
    beside = Issuer(UTOPIA.private, ("1.3.6.1.5.5.7.3.2", *named.usage))
    for issuer in (named, beside):
        kid, signer = read_signer(issuer.der)
        assert kid == issuer.kid
        assert signer.kinds == (set(kinds) or set(DccKind))


def test_a_fault_in_another_extension_hides_no_key_usage() -> None:
    plain = Issuer(UTOPIA.private, (oid("test"),))
    # BasicConstraints with its default written out, as one country's signers have it: 30 00 becomes 30 03 01 01 00
    constraints = bytes.fromhex("300c0603551d130101ff04023000")
    assert constraints in plain.der
    faulty = _grown(plain.der, constraints, bytes.fromhex("300f0603551d130101ff04053003010100"))
    _, signer = read_signer(faulty)
    assert signer.kinds == {DccKind.TEST}


def test_a_key_usage_that_ends_too_early() -> None:
    named = Issuer(UTOPIA.private, (oid("test"),))
    start = bytes.fromhex("060b2b06010401")  # 1.3.6.1.4.1…, eleven bytes
    assert start in named.der
    with pytest.raises(TrustListError, match="ends too early"):
        read_signer(named.der.replace(start, bytes.fromhex("067f2b06010401")))


def _grown(der: bytes, old: bytes, new: bytes) -> bytes:
    """Return `der` with `old` for `new`, the lengths of what holds it made to fit (its signature does not matter)."""

    def rebuilt(data: bytes) -> bytes:
        at = 0
        out = b""
        while at < len(data):
            tag, length, start = data[at], data[at + 1], at + 2
            if length >= 0x80:
                size = length - 0x80
                length, start = int.from_bytes(data[start : start + size]), start + size
            whole, inner = data[at : start + length], data[start : start + length]
            at = start + length
            if old in whole:
                inner = rebuilt(inner) if whole != old else b""
                size = len(inner)
                head = (
                    bytes((size,))
                    if size < 0x80
                    else (bytes((0x81, size)) if size < 0x100 else b"\x82" + size.to_bytes(2))
                )
                whole = new if whole == old else bytes((tag,)) + head + inner
            out += whole
        return out

    return rebuilt(der)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "not JSON"),
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[]", "one JSON object"),
        ('{"a": 1, "a": 2}', "'a' stands twice"),
        ('{"AAAAAAAAAAA=": {"key": "", "key": ""}}', "'key' stands twice"),
        ('{"*": {}}', "kid '*': not Base64"),
        ('{"AAAAAAAAAAE=": {}, "AAAAAAAAAAF=": {}}', "kid 'AAAAAAAAAAE=': write"),
        ('{"AAAAAAAAAAF=": {}}', "its last character has bits too many"),
        ('{"äöü": {}}', "not Base64"),
        ('{"AAAAAAAAAAA=": []}', "an object with a"),
        ('{"AAAAAAAAAAA=": {"certificate": 1}}', "text in Base64 is expected"),
        ('{"AAAAAAAAAAA=": {"certificate": "AAAA"}}', "not an X.509 certificate in DER"),
        ('{"AAAAAAAAAAA=": {"key": "AAAA"}}', "not a public key in DER"),
        ('{"AAAAAAAAAAA=": {"key": "AAAA", "kinds": ["tests"]}}', '"kinds" is a list of'),
        ('{"AAAAAAAAAAA=": {"key": "AAAA", "kinds": "test"}}', '"kinds" is a list of'),
        ('{"AAAAAAAAAAA=": {"key": "AAAA", "kinds": [[]]}}', '"kinds" is a list of'),
        ('{"AAAAAAAAAAA=": {"key": "AAAA", "certificate": "AAAA"}}', "write {"),
        ('{"AAAAAAAAAAA=": {"key": "AAAA", "country": "UT"}}', "write {"),
        (json.dumps({"AAAAAAAAAAA=": CERTIFICATE}), f"own kid is {UTOPIA.name}: list it under that"),
        (json.dumps({"AAAA": {"key": b64(KEY)}}), "kid AAAA has 3 bytes, where 8 are expected"),
        (json.dumps({"AAAAAAAAAAA=": {"key": b64(KEY), "kinds": []}}), "a key that may sign nothing"),
        (
            json.dumps({"AAAAAAAAAAA=": {"key": b64(spki(ec.derive_private_key(7, ec.SECP384R1()).public_key()))}}),
            "P-256 for ES256",
        ),
        (
            json.dumps(
                {
                    "AAAAAAAAAAA=": {
                        "key": b64(spki(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()))
                    }
                }
            ),
            "ES256 or PS256, not EDDSA",
        ),
        (" " * (MAX_TRUST_LIST_CHARACTERS + 1), "at most 16777216"),
    ],
)
def test_refused_with_the_entry(text: str, words: str) -> None:
    with pytest.raises(TrustListError) as caught:
        parse_trust_list(text)
    assert words in str(caught.value)
    assert caught.value.code == "not-a-trust-list"


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["key", "kinds", "certificate", "AAAAAAAAAAA="]), inner, max_size=3)
    ),
)


@given(st.text(max_size=20) | json_values.map(json.dumps))
def test_any_text_gives_a_list_or_an_error(text: str) -> None:
    try:
        trust = parse_trust_list(text)
    except CertificateError:
        return
    assert not trust.signers


@given(
    st.binary(max_size=60)
    | st.tuples(st.integers(0, len(UTOPIA.der) - 1), st.integers(1, 255)).map(
        lambda change: (
            UTOPIA.der[: change[0]] + bytes((UTOPIA.der[change[0]] ^ change[1],)) + UTOPIA.der[change[0] + 1 :]
        )
    )
)
def test_any_bytes_give_a_signer_or_an_error(der: bytes) -> None:
    try:
        kid, signer = read_signer(der)
    except CertificateError:
        return
    assert (len(kid), type(signer)) == (8, Signer)
    assert kid != UTOPIA.kid


def test_only_the_keys_of_the_specification_sign() -> None:
    with pytest.raises(TrustListError):
        Signer(key=make_signing_key(Algorithm.EDDSA, bytes(32)).verifying)
    with pytest.raises(TrustListError):
        TrustList(signers={b"": make_signer(KEY)})
