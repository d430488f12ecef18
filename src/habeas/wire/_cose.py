"""COSE_Sign1 (RFC 9052 §4.2), signed and checked over the received bytes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import cbor2

from habeas.wire._cbor import MAX_CBOR_BYTES, encode_cbor, parse_cbor
from habeas.wire._keys import Algorithm, SigningKey, VerifyingKey
from habeas.wire.errors import AlgorithmError, CoseError

__all__ = ["Sign1", "check_sign1", "parse_sign1", "sign1"]

_TAG_SIGN1 = 18
_TAG_CWT = 61
_ALG = 1
_KID = 4
_PARTS = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Sign1:
    """A parsed, not yet checked COSE_Sign1: `protected` and `payload` are the bytes as they were received.

    `algorithm` and `kid` come from the protected header; `kid` alone may stand in the unprotected one, as the EU
    certificates allow (HCERT 1.0.5 §3.3.2). The payload of a value that was not checked is nobody's word.
    """

    protected: bytes
    algorithm: Algorithm
    kid: bytes
    payload: bytes
    signature: bytes


def parse_sign1(data: bytes, *, max_bytes: int = MAX_CBOR_BYTES) -> Sign1:
    """Return the message in `data`, tagged 18, 61 over 18, 61, or untagged; raises `WireError` for all else."""
    value = parse_cbor(data, max_bytes=max_bytes)
    for tag in (_TAG_CWT, _TAG_SIGN1):
        if isinstance(value, cbor2.CBORTag) and value.tag == tag:
            value = value.value
    if not isinstance(value, list | tuple) or len(value) != _PARTS:
        raise CoseError("not a COSE_Sign1: an array of protected header, header, payload and signature is expected")
    protected, unprotected, payload, signature = value
    if not (isinstance(protected, bytes) and isinstance(payload, bytes) and isinstance(signature, bytes)):
        raise CoseError("not a COSE_Sign1: header, payload and signature must be byte strings")
    header = parse_cbor(protected) if protected else {}
    if not isinstance(header, Mapping) or not isinstance(unprotected, Mapping):
        raise CoseError("not a COSE_Sign1: its headers are no maps")
    kid = header.get(_KID, unprotected.get(_KID))
    if not isinstance(kid, bytes):
        raise CoseError("the message does not say which key signed it: add a kid (header 4)")
    return Sign1(
        protected=protected,
        algorithm=Algorithm.of(header.get(_ALG)),
        kid=kid,
        payload=payload,
        signature=signature,
    )


def check_sign1(message: Sign1, key: VerifyingKey) -> bytes:
    """Return the payload if `key` signed `message`; raises `AlgorithmError` or `SignatureError`."""
    if message.algorithm is not key.algorithm:
        raise AlgorithmError(f"the message says {message.algorithm.name}, the key is for {key.algorithm.name}")
    key.check(_to_be_signed(message.protected, message.payload), message.signature)
    return message.payload


def sign1(payload: bytes, key: SigningKey) -> bytes:
    """Return `payload` as a tagged COSE_Sign1 with algorithm and kid protected; the same bytes each time."""
    protected = encode_cbor({_ALG: key.algorithm.value, _KID: key.kid})
    signature = key.sign(_to_be_signed(protected, payload))
    return encode_cbor(cbor2.CBORTag(_TAG_SIGN1, [protected, {}, payload, signature]))


def _to_be_signed(protected: bytes, payload: bytes) -> bytes:
    return cbor2.dumps(["Signature1", protected, b"", payload])  # Sig_structure, RFC 9052 §4.4
