"""Keys as values: what signs a statement, and what checks a signature."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from functools import lru_cache
from typing import TypeAlias

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_der_public_key
from nacl.bindings import crypto_sign, crypto_sign_open, crypto_sign_seed_keypair
from nacl.exceptions import BadSignatureError

from habeas.wire.errors import AlgorithmError, KeyFormatError, SignatureError

__all__ = ["KID_BYTES", "Algorithm", "SigningKey", "VerifyingKey", "make_signing_key"]

KID_BYTES = 8
SEED_BYTES = 32
_P256_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
_COORDINATE = 32
_SIGNATURE_BYTES = 2 * _COORDINATE  # of EdDSA and of ES256
_MIN_RSA_BITS = 2048

_Check: TypeAlias = Callable[[bytes, bytes], object]
"""Takes message and signature; raises what `VerifyingKey.check` knows if they do not fit."""


class Algorithm(Enum):
    """Signature algorithms by their COSE number (RFC 9053 §2)."""

    ES256 = -7
    EDDSA = -8
    PS256 = -37

    @classmethod
    def of(cls, number: object) -> Algorithm:
        """Return the algorithm of a COSE number; raises `AlgorithmError` for any that we do not take."""
        if type(number) is int and number in _ALGORITHMS:  # -7.0 is no number of an algorithm, though it equals one
            return _ALGORITHMS[number]
        raise AlgorithmError(
            f"signature algorithm {number!r:.40} is not taken here; use ES256 (-7), EdDSA (-8) or PS256 (-37)"
        )


_ALGORITHMS = {algorithm.value: algorithm for algorithm in Algorithm}
_ECDSA = ec.ECDSA(hashes.SHA256())
_PSS = padding.PSS(padding.MGF1(hashes.SHA256()), salt_length=hashes.SHA256.digest_size)
_SIGN_BIT = 0x80


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyingKey:
    """A public key and the one algorithm it is used with.

    `public` is 32 bytes for Ed25519, else the DER of its SubjectPublicKeyInfo. `kid` is the first 8 bytes
    of its SHA-256.
    """

    algorithm: Algorithm
    public: bytes
    _check: _Check = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_check", _load(self.algorithm, self.public))

    @property
    def kid(self) -> bytes:
        """Eight bytes that name this key."""
        return hashlib.sha256(self.public).digest()[:KID_BYTES]

    @classmethod
    def of_spki(cls, der: bytes) -> VerifyingKey:
        """Return the key in a DER SubjectPublicKeyInfo: P-256 as ES256, RSA ≥ 2048 as PS256, Ed25519 as EdDSA."""
        try:
            public = load_der_public_key(der)
        except (ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise KeyFormatError(f"not a public key in DER: {error}") from None
        if isinstance(public, ed25519.Ed25519PublicKey):
            return cls(algorithm=Algorithm.EDDSA, public=public.public_bytes(Encoding.Raw, PublicFormat.Raw))
        algorithm = Algorithm.PS256 if isinstance(public, rsa.RSAPublicKey) else Algorithm.ES256
        return cls(algorithm=algorithm, public=der)

    def check(self, message: bytes, signature: bytes) -> bytes:
        """Return `message` if `signature` is this key's over it; raises `SignatureError`."""
        try:
            self._check(message, signature)
        except (InvalidSignature, BadSignatureError, ValueError):
            raise SignatureError(f"the signature is not that of key {self.kid.hex()} over these bytes") from None
        return message


@lru_cache(maxsize=4096)
def _load(algorithm: Algorithm, public: bytes) -> _Check:
    if algorithm is Algorithm.EDDSA:
        if len(public) != SEED_BYTES:
            raise KeyFormatError(f"an Ed25519 key has 32 bytes, not {len(public)}")
        return _eddsa(public)
    try:
        loaded = load_der_public_key(public)
    except (ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise KeyFormatError(f"not a public key in DER: {error}") from None
    if algorithm is Algorithm.ES256 and isinstance(loaded, ec.EllipticCurvePublicKey):
        if isinstance(loaded.curve, ec.SECP256R1):
            return _es256(loaded)
    elif algorithm is Algorithm.PS256 and isinstance(loaded, rsa.RSAPublicKey) and loaded.key_size >= _MIN_RSA_BITS:
        return _ps256(loaded)
    raise KeyFormatError(
        f"this key cannot be used with {algorithm.name}: P-256 for ES256, RSA of 2048 bits or more for PS256"
    )


def _eddsa(public: bytes) -> _Check:
    def check(message: bytes, signature: bytes) -> None:
        if len(signature) != _SIGNATURE_BYTES:
            # A longer one would lend its rest to the message: what is then checked is not `message`.
            raise SignatureError(f"an EdDSA signature has 64 bytes, not {len(signature)}")
        crypto_sign_open(signature + message, public)

    return check


def _es256(public: ec.EllipticCurvePublicKey) -> _Check:
    def check(message: bytes, signature: bytes) -> None:
        if len(signature) != _SIGNATURE_BYTES:
            raise SignatureError(f"an ES256 signature has 64 bytes, not {len(signature)}")
        r, s = _der_integer(signature[:_COORDINATE]), _der_integer(signature[_COORDINATE:])
        public.verify(b"\x30%c%b%b" % (len(r) + len(s), r, s), message, _ECDSA)

    return check


def _der_integer(number: bytes) -> bytes:
    """Return the DER of an unsigned integer of at most 32 bytes (X.690 §8.3): no zeros before it but one for its sign."""
    shortest = number.lstrip(b"\0")
    sign = b"" if shortest and shortest[0] < _SIGN_BIT else b"\0"
    return b"\x02%c%b%b" % (len(sign) + len(shortest), sign, shortest)


def _ps256(public: rsa.RSAPublicKey) -> _Check:
    def check(message: bytes, signature: bytes) -> None:
        public.verify(signature, message, _PSS, hashes.SHA256())

    return check


@dataclass(frozen=True, slots=True, kw_only=True)
class SigningKey:
    """A private key; it signs without any randomness (RFC 8032; RFC 6979), so equal input gives equal bytes."""

    verifying: VerifyingKey
    _private: bytes | ec.EllipticCurvePrivateKey = field(repr=False, compare=False)

    @property
    def algorithm(self) -> Algorithm:
        """The one algorithm of this key."""
        return self.verifying.algorithm

    @property
    def kid(self) -> bytes:
        """Eight bytes that name this key."""
        return self.verifying.kid

    def sign(self, message: bytes) -> bytes:
        """Return the signature over `message`: 64 bytes."""
        if isinstance(self._private, bytes):
            return crypto_sign(message, self._private)[:_SIGNATURE_BYTES]
        der = self._private.sign(message, ec.ECDSA(hashes.SHA256(), deterministic_signing=True))
        r, s = decode_dss_signature(der)
        return r.to_bytes(_COORDINATE) + s.to_bytes(_COORDINATE)


def make_signing_key(algorithm: Algorithm, seed: bytes) -> SigningKey:
    """Return the EdDSA or ES256 key that 32 secret bytes stand for; raises `KeyFormatError`, `AlgorithmError`.

    For ES256 the scalar is SHA-512("habeas/v1/es256" ‖ seed) mod (n - 1) + 1, so every seed gives a key.
    """
    if len(seed) != SEED_BYTES:
        raise KeyFormatError(f"a seed has 32 bytes, not {len(seed)}")
    if algorithm is Algorithm.EDDSA:
        public, private = crypto_sign_seed_keypair(seed)
        return SigningKey(verifying=VerifyingKey(algorithm=algorithm, public=public), _private=private)
    if algorithm is Algorithm.PS256:
        raise AlgorithmError("PS256 is only checked here, never signed; use EdDSA or ES256")
    scalar = int.from_bytes(hashlib.sha512(b"habeas/v1/es256" + seed).digest()) % (_P256_ORDER - 1) + 1
    private_key = ec.derive_private_key(scalar, ec.SECP256R1())
    spki = private_key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return SigningKey(verifying=VerifyingKey(algorithm=algorithm, public=spki), _private=private_key)
