"""Every byte format and signature, and the values that all rooms share; it never decides anything.

What was signed is kept and checked as received, never as written again. Any bytes give a value or a `WireError`.
"""

from habeas.wire._area import Area, parse_area
from habeas.wire._cbor import MAX_CBOR_BYTES, MAX_CBOR_DEPTH, Cbor, encode_cbor, parse_cbor, parse_deterministic_cbor
from habeas.wire._cose import Sign1, check_sign1, parse_sign1, sign1
from habeas.wire._identifier import REF_BYTES, Identifier
from habeas.wire._instant import BEGINNING, DAY, FOREVER, HOUR, Calendar, Instant, Span, parse_instant
from habeas.wire._keys import KID_BYTES, Algorithm, SigningKey, VerifyingKey, make_signing_key
from habeas.wire.errors import (
    AlgorithmError,
    AreaError,
    Base45Error,
    CborError,
    CoseError,
    Hc1Error,
    IdentifierError,
    InstantError,
    KeyFormatError,
    SignatureError,
    SizeError,
    WireError,
)

__all__ = [
    "BEGINNING",
    "DAY",
    "FOREVER",
    "HOUR",
    "KID_BYTES",
    "MAX_CBOR_BYTES",
    "MAX_CBOR_DEPTH",
    "REF_BYTES",
    "Algorithm",
    "AlgorithmError",
    "Area",
    "AreaError",
    "Base45Error",
    "Calendar",
    "Cbor",
    "CborError",
    "CoseError",
    "Hc1Error",
    "Identifier",
    "IdentifierError",
    "Instant",
    "InstantError",
    "KeyFormatError",
    "Sign1",
    "SignatureError",
    "SigningKey",
    "SizeError",
    "Span",
    "VerifyingKey",
    "WireError",
    "check_sign1",
    "encode_cbor",
    "make_signing_key",
    "parse_area",
    "parse_cbor",
    "parse_deterministic_cbor",
    "parse_instant",
    "parse_sign1",
    "sign1",
]
