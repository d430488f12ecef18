"""JSON Web Signatures in compact form (RFC 7515), and the thumbprints that name their keys (RFC 7638)."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Jws", "format_base64url", "jwk_thumbprint", "parse_base64url", "parse_jws"]

_BASE64URL = re.compile(r"[A-Za-z0-9_-]*", re.ASCII)
_PARTS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Jws:
    """The three parts, decoded and unchecked, and what the signature is over: `header.payload` as it came."""

    header: bytes
    payload: bytes
    signature: bytes
    signed: bytes


def parse_jws(text: str) -> Jws:
    """Return the JWS in compact serialization (RFC 7515 §7.1); raises `ValueError`."""
    parts = text.split(".")
    if len(parts) != _PARTS:
        raise ValueError(f"{len(parts)} parts with a dot between, where a JWS has {_PARTS}")
    header, payload, signature = (parse_base64url(part) for part in parts)
    return Jws(header=header, payload=payload, signature=signature, signed=f"{parts[0]}.{parts[1]}".encode())


def parse_base64url(text: str) -> bytes:
    """Return the bytes of Base64url without padding (RFC 7515 §2); raises `ValueError`.

    Whatever has a second way to be written is refused, or one signature would have several texts.
    """
    if not _BASE64URL.fullmatch(text) or len(text) % 4 == 1:
        raise ValueError("no Base64url, which here has no padding")
    data = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if format_base64url(data) != text:
        raise ValueError("Base64url whose last character has bits too many")
    return data


def format_base64url(data: bytes) -> str:
    """Return the Base64url of `data`, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def jwk_thumbprint(required: Mapping[str, str]) -> str:
    """Return the SHA-256 thumbprint of a JWK's required members (RFC 7638 §3), in Base64url: 43 characters."""
    text = json.dumps(dict(required), sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return format_base64url(hashlib.sha256(text.encode()).digest())
