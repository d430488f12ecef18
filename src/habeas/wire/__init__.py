"""Every byte format and signature, and the values that all rooms share; it never decides anything.

What was signed is kept and checked as received, never as written again. Any bytes give a value or a `WireError`.
"""

from habeas.wire._area import Area, parse_area
from habeas.wire._base45 import encode_base45, parse_base45
from habeas.wire._cbor import (
    MAX_CBOR_BYTES,
    MAX_CBOR_DEPTH,
    Cbor,
    CborTag,
    encode_cbor,
    parse_cbor,
    parse_deterministic_cbor,
)
from habeas.wire._cose import Sign1, check_sign1, parse_sign1, sign1
from habeas.wire._hc1 import MAX_HC1_BYTES, MAX_HC1_CHARACTERS, format_hc1, open_hc1
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
    "MAX_HC1_BYTES",
    "MAX_HC1_CHARACTERS",
    "REF_BYTES",
    "Algorithm",
    "AlgorithmError",
    "Area",
    "AreaError",
    "Base45Error",
    "Calendar",
    "Cbor",
    "CborError",
    "CborTag",
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
    "encode_base45",
    "encode_cbor",
    "format_hc1",
    "make_signing_key",
    "open_hc1",
    "parse_area",
    "parse_base45",
    "parse_cbor",
    "parse_deterministic_cbor",
    "parse_instant",
    "parse_sign1",
    "sign1",
]
