"""COSE_Sign1 (RFC 9052 §4.2), signed and checked over the received bytes."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from habeas.wire._cbor import MAX_CBOR_BYTES, Cbor, CborTag, encode_bytes, encode_cbor, parse_cbor
from habeas.wire._keys import Algorithm, SigningKey, VerifyingKey
from habeas.wire.errors import AlgorithmError, CoseError

__all__ = ["Sign1", "check_sign1", "parse_sign1", "sign1"]

_TAG_SIGN1 = 18
_TAG_CWT = 61
_ALG = 1
_CRIT = 2
_KID = 4
_PARTS = 4
_SIGNATURE1 = b"\x84\x6aSignature1"  # an array of four, the first the context
_NO_AAD = b"\x40"  # no externally supplied data: an empty byte string
_NO_HEADERS = encode_cbor({})
_SHORT_HEADER = 64
_parse_short = lru_cache(maxsize=512)(parse_cbor)
"""A signer protects the same few bytes each time: algorithm and kid. What this returns is shared, and only read."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign1:
    """A parsed, not yet checked COSE_Sign1: `protected` and `payload` are the bytes as they were received.

    `algorithm` and `kid` come from the protected header, and from the unprotected one only where that is silent, as
    the EU certificates allow. Neither needs the signature's protection: a key is used with its own algorithm alone,
    and a wrong kid finds a key that does not fit. The payload of a value that was not checked is nobody's word.
    """

    protected: bytes
    algorithm: Algorithm
    kid: bytes
    payload: bytes
    signature: bytes

    @property
    def signed(self) -> bytes:
        """The bytes that the signature is over (Sig_structure, RFC 9052 §4.4).

        Unlike the message around them nobody but the signer can change them: the unprotected header is anybody's,
        and an ES256 signature has a second form. Name a message by the hash of these.
        """
        protected = b"" if self.protected == _NO_HEADERS else self.protected  # an empty map counts as none
        return _to_be_signed(protected, self.payload)


def parse_sign1(data: bytes, *, max_bytes: int = MAX_CBOR_BYTES) -> Sign1:
    """Return the message in `data`, tagged 18, 61 over 18, 61, or untagged; raises `WireError` for all else."""
    value = parse_cbor(data, max_bytes=max_bytes)
    for tag in (_TAG_CWT, _TAG_SIGN1):
        if isinstance(value, CborTag) and value.tag == tag:
            value = value.value
    if not isinstance(value, list) or len(value) != _PARTS:
        raise CoseError("not a COSE_Sign1: an array of protected header, header, payload and signature is expected")
    protected, unprotected, payload, signature = value
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise CoseError("not a COSE_Sign1: protected header, payload and signature must be byte strings")
    header = (_parse_short if len(protected) <= _SHORT_HEADER else parse_cbor)(protected) if protected else {}
    if not isinstance(header, dict) or not isinstance(unprotected, dict):
        raise CoseError("not a COSE_Sign1: its headers are no maps")
    if _CRIT in header or _CRIT in unprotected:
        # RFC 9052 §3.1: a header that a signer calls critical must be understood; we understand none of these.
        raise CoseError("the message has headers that it calls critical (header 2): sign it without them")
    kid = header.get(_KID, unprotected.get(_KID))
    if not isinstance(kid, bytes):
        raise CoseError("the message does not say which key signed it: add a kid (header 4)")
    algorithm: Cbor = header.get(_ALG, unprotected.get(_ALG))
    return Sign1(protected=protected, algorithm=Algorithm.of(algorithm), kid=kid, payload=payload, signature=signature)


def check_sign1(message: Sign1, key: VerifyingKey) -> bytes:
    """Return the payload if `key` signed `message`; raises `AlgorithmError` or `SignatureError`."""
    if message.algorithm is not key.algorithm:
        raise AlgorithmError(f"the message says {message.algorithm.name}, the key is for {key.algorithm.name}")
    key.check(message.signed, message.signature)
    return message.payload


def sign1(payload: bytes, key: SigningKey) -> bytes:
    """Return `payload` as a tagged COSE_Sign1 with algorithm and kid protected; the same bytes each time."""
    protected = encode_cbor({_ALG: key.algorithm.value, _KID: key.kid})
    signature = key.sign(_to_be_signed(protected, payload))
    return encode_cbor(CborTag(_TAG_SIGN1, [protected, {}, payload, signature]))


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return _SIGNATURE1 + encode_bytes(protected) + _NO_AAD + encode_bytes(payload)
