"""What this room raises, and nothing else: any bytes given to a parser yield a value or a `WireError`."""

__all__ = [
    "AlgorithmError",
    "AreaError",
    "Base45Error",
    "CborError",
    "CoseError",
    "Hc1Error",
    "IdentifierError",
    "InstantError",
    "KeyFormatError",
    "SignatureError",
    "SizeError",
    "WireError",
]


class WireError(Exception):
    """Bytes or text that are not what they should be; the message says what, where, and what to do next."""


class CborError(WireError):
    """Not CBOR, not deterministic where it must be, too deep, or with a key twice."""


class CoseError(WireError):
    """Not a COSE_Sign1 message, or one without the headers that it needs."""


class AlgorithmError(CoseError):
    """A signature algorithm that is not accepted here, or not the key's own."""


class SignatureError(WireError):
    """The signature does not fit the bytes and the key."""


class KeyFormatError(WireError):
    """Bytes or text that are no key of a kind we take."""


class Base45Error(WireError):
    """Text that is not Base45 (RFC 9285)."""


class SizeError(WireError):
    """More bytes than the format allows; nothing beyond the limit was read."""


class Hc1Error(WireError):
    """Text that is not an `HC1:` health certificate."""


class InstantError(WireError):
    """Text or a number that is no instant between the years 1 and 9999."""


class AreaError(WireError):
    """Text that is no administrative area code."""


class IdentifierError(WireError):
    """A document kind, country or number that cannot be an identifier."""
