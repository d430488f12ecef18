"""The text in a health certificate's QR picture: `HC1:`, then the Base45 of a zlib stream."""

from __future__ import annotations

import zlib

from habeas.wire._base45 import encode_base45, parse_base45
from habeas.wire.errors import Hc1Error, SizeError

__all__ = ["MAX_HC1_BYTES", "MAX_HC1_CHARACTERS", "format_hc1", "open_hc1"]

MAX_HC1_CHARACTERS = 4_296
"""What the largest QR code holds (ISO/IEC 18004: version 40, error correction L, alphanumeric mode)."""
MAX_HC1_BYTES = 16_384
"""The largest message that is inflated; real ones stay under 1,000 bytes."""

_CONTEXT = "HC1:"


def open_hc1(text: str) -> bytes:
    """Return the COSE bytes in `text`, unchecked; raises `Hc1Error`, `Base45Error` or `SizeError`.

    Not more than `MAX_HC1_BYTES` + 1 bytes are ever inflated, whatever the text promises.
    """
    if len(text) > MAX_HC1_CHARACTERS:
        raise SizeError(f"{len(text)} characters, where a QR code holds at most {MAX_HC1_CHARACTERS}: scan one code")
    if not text.startswith(_CONTEXT):
        raise Hc1Error(f"a health certificate's text begins with {_CONTEXT}, this one with {text[:4]!r}")
    return _inflate(parse_base45(text[len(_CONTEXT) :]))


def format_hc1(cose: bytes) -> str:
    """Return the text for a QR picture of `cose`; raises `SizeError` where `open_hc1` would not read it again.

    The characters may differ between versions of zlib; the bytes that come out again do not.
    """
    if len(cose) > MAX_HC1_BYTES:
        raise SizeError(f"{len(cose)} bytes, where a certificate's text carries at most {MAX_HC1_BYTES}")
    text = _CONTEXT + encode_base45(zlib.compress(cose, level=9))
    if len(text) > MAX_HC1_CHARACTERS:
        raise SizeError(f"{len(text)} characters, where a QR code holds at most {MAX_HC1_CHARACTERS}: sign less")
    return text


def _inflate(packed: bytes) -> bytes:
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(packed, MAX_HC1_BYTES + 1)
    except zlib.error:
        raise Hc1Error("the certificate's text is damaged, it does not unpack: scan it again") from None
    if len(data) > MAX_HC1_BYTES:
        raise SizeError(f"the certificate unpacks to more than {MAX_HC1_BYTES} bytes; it was not unpacked further")
    if not stream.eof:
        raise Hc1Error("the certificate's text ends too early: scan or copy the whole of it")
    if stream.unused_data:
        raise Hc1Error(f"{len(stream.unused_data)} bytes follow the certificate: scan one code, and nothing else")
    return data
