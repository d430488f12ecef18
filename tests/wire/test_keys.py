"""Keys: the RFCs' vectors, what is refused as a key, and what a signature may not be."""

from __future__ import annotations

import hashlib

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import dsa, ec, ed25519, padding, rsa, x25519
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import example, given
from hypothesis import strategies as st

from habeas.wire import (
    Algorithm,
    AlgorithmError,
    KeyFormatError,
    SignatureError,
    SigningKey,
    VerifyingKey,
    make_signing_key,
)
from habeas.wire._keys import _der_integer


def spki(
    public: ec.EllipticCurvePublicKey
    | rsa.RSAPublicKey
    | ed25519.Ed25519PublicKey
    | x25519.X25519PublicKey
    | dsa.DSAPublicKey,
) -> bytes:
    return public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


@pytest.mark.parametrize(
    ("seed", "public", "message", "signature"),
    [
        # RFC 8032 §7.1, tests 1 to 3
        (
            "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
            "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
            "",
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
        ),
        (
            "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
            "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
            "72",
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
        ),
        (
            "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
            "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
            "af82",
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
        ),
    ],
)
def test_rfc_8032(seed: str, public: str, message: str, signature: str) -> None:
    key = make_signing_key(Algorithm.EDDSA, bytes.fromhex(seed))
    assert key.verifying.public.hex() == public
    assert key.sign(bytes.fromhex(message)).hex() == signature
    assert key.verifying.check(bytes.fromhex(message), bytes.fromhex(signature)) == bytes.fromhex(message)


def test_rfc_6979_a_2_5() -> None:
    private = ec.derive_private_key(0xC9AFA9D845BA75166B5C215767B1D6934E50C3DB36E89B127B8A622B120F6721, ec.SECP256R1())
    key = SigningKey(
        verifying=VerifyingKey(algorithm=Algorithm.ES256, public=spki(private.public_key())),
        _private=private,
    )
    for message, signature in [
        (
            b"sample",
            "efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8",
        ),
        (
            b"test",
            "f1abb023518351cd71d881567b1ea663ed3efcf6c5132b354f28d3b0b7d38367019f4113742a2b14bd25926b49c649155f267e60d3814b4c0cc84250e46f0083",
        ),
    ]:
        assert key.sign(message).hex() == signature
        assert key.verifying.check(message, bytes.fromhex(signature)) == message


RSA_KEY = rsa.generate_private_key(65537, 2048)


def test_ps256() -> None:
    key = VerifyingKey.of_spki(spki(RSA_KEY.public_key()))
    assert key.algorithm is Algorithm.PS256
    pss = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=32)
    signature = RSA_KEY.sign(b"hello", pss, hashes.SHA256())
    assert key.check(b"hello", signature) == b"hello"
    other = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=20)  # RFC 8230 §2: as long as the hash
    for wrong in (
        signature[:-1],
        signature + b"\0",
        bytes(256),
        b"",
        RSA_KEY.sign(b"hello", other, hashes.SHA256()),
        RSA_KEY.sign(b"hello", padding.PKCS1v15(), hashes.SHA256()),
    ):
        with pytest.raises(SignatureError):
            key.check(b"hello", wrong)


@pytest.mark.parametrize("algorithm", [Algorithm.EDDSA, Algorithm.ES256])
def test_a_seed_gives_one_key(algorithm: Algorithm) -> None:
    key = make_signing_key(algorithm, bytes(32))
    assert key == make_signing_key(algorithm, bytes(32))
    assert key != make_signing_key(algorithm, bytes(31) + b"\x01")
    assert key.kid == key.verifying.kid == hashlib.sha256(key.verifying.public).digest()[:8]
    assert "_private" not in repr(key)
    with pytest.raises(KeyFormatError, match="a seed has 32 bytes, not 31"):
        make_signing_key(algorithm, bytes(31))


def test_rsa_is_only_checked_here() -> None:
    with pytest.raises(AlgorithmError, match="only checked here"):
        make_signing_key(Algorithm.PS256, bytes(32))


@pytest.mark.parametrize("algorithm", [Algorithm.EDDSA, Algorithm.ES256])
def test_a_signature_has_sixty_four_bytes_and_no_more(algorithm: Algorithm) -> None:
    key = make_signing_key(algorithm, bytes(32))
    whole = key.sign(b"not guilty")
    assert key.verifying.check(b"not guilty", whole) == b"not guilty"
    # A signature over "not guilty" lends its rest to "guilty" where an implementation joins the two.
    for wrong in (whole + b"not ", whole[:-1], b""):
        with pytest.raises(SignatureError, match="64 bytes"):
            key.verifying.check(b"guilty", wrong)
    for wrong in (bytes(64), b"\xff" * 64):
        with pytest.raises(SignatureError, match="not that of key"):
            key.verifying.check(b"guilty", wrong)


@given(st.binary(min_size=32, max_size=32))
@example(bytes(32))
@example(bytes(31) + b"\x80")
@example(bytes(31) + b"\x7f")
@example(b"\xff" * 32)
@example(b"\x00\x80" + bytes(30))
def test_der_integers_are_those_of_cryptography(half: bytes) -> None:
    number = _der_integer(half)
    assert encode_dss_signature(int.from_bytes(half), 1) == b"\x30%c%b\x02\x01\x01" % (len(number) + 3, number)


@given(st.binary(max_size=80), st.sampled_from([Algorithm.EDDSA, Algorithm.ES256]))
def test_any_signature_is_refused(signature: bytes, algorithm: Algorithm) -> None:
    with pytest.raises(SignatureError):
        make_signing_key(algorithm, bytes(32)).verifying.check(b"hello", signature)


def test_keys_by_their_public_info() -> None:
    seed = bytes(range(32))
    ed = ed25519.Ed25519PrivateKey.from_private_bytes(seed).public_key()
    assert VerifyingKey.of_spki(spki(ed)) == make_signing_key(Algorithm.EDDSA, seed).verifying
    es = make_signing_key(Algorithm.ES256, seed).verifying
    assert VerifyingKey.of_spki(es.public) == es


@pytest.mark.parametrize(
    "der",
    [
        b"",
        b"no key",
        spki(ec.derive_private_key(7, ec.SECP384R1()).public_key()),
        spki(ec.derive_private_key(7, ec.SECP256K1()).public_key()),
        spki(rsa.generate_private_key(65537, 1024).public_key()),  # noqa: S505 - that is why it is refused
        spki(x25519.X25519PrivateKey.from_private_bytes(bytes(32)).public_key()),
    ],
    ids=["nothing", "words", "P-384", "secp256k1", "RSA 1024", "X25519"],
)
def test_what_is_no_key_for_us(der: bytes) -> None:
    with pytest.raises(KeyFormatError):
        VerifyingKey.of_spki(der)


@pytest.mark.parametrize("algorithm", list(Algorithm))
@given(st.binary(max_size=64).filter(lambda data: len(data) != 32))
def test_any_bytes_are_a_key_or_refused(algorithm: Algorithm, public: bytes) -> None:
    with pytest.raises(KeyFormatError):
        VerifyingKey(algorithm=algorithm, public=public)


def test_a_key_for_another_algorithm() -> None:
    with pytest.raises(KeyFormatError, match="cannot be used with PS256"):
        VerifyingKey(algorithm=Algorithm.PS256, public=make_signing_key(Algorithm.ES256, bytes(32)).verifying.public)
