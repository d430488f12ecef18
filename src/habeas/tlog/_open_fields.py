"""What entries say in the open: kinds by number, and pools. Closed lists, so that no value is left to mark with."""

from __future__ import annotations

import re
from types import MappingProxyType
from typing import Final

from habeas.tlog.errors import EntryError

__all__ = ["ADMISSION_KINDS", "format_pool", "parse_pool"]

ADMISSION_KINDS: Final = MappingProxyType(
    {
        "test-result": 1,
        "diagnosis": 2,
        "recovery": 3,
        "vaccination": 4,
        "contact-finding": 5,
        "own-account": 6,
        "border-entry": 7,
        "custodian-record": 8,
        "isolation-order": 9,
        "discharge": 10,
        "exemption": 11,
        "ruling": 12,
        "retraction": 13,
        "correction": 14,
        "certificate": 32,
        "enrolment": 64,
        "document-added": 65,
        "merge": 66,
        "split": 67,
        "rekey": 68,
        "trust-list": 96,
    }
)
"""What was let in, by the number that its admission says: kinds of statements as they are named there, then other events."""

_POOL_BYTES = 5
_POOL = re.compile(rb"(?:[A-Z]{2}[0-9A-Z]{0,3})?\0*")
_TEXT = re.compile(r"([A-Z]{2})(?:-([0-9A-Z]{1,3}))?", re.ASCII)


def parse_pool(text: str) -> int:
    """Return the pool with an ISO 3166-2 code, such as `CN-41`, or a country's, `CN`; 0 for nothing. Raises `EntryError`."""
    if not text:
        return 0
    found = _TEXT.fullmatch(text)
    if found is None:
        raise EntryError(f"{text[:20]!r} is no pool: a country's code, or one of ISO 3166-2, such as CN-41")
    name = found[1] + (found[2] or "")
    return int.from_bytes(name.encode().ljust(_POOL_BYTES, b"\0"))


def format_pool(pool: int) -> str:
    """Return a pool's code; nothing for 0, the whole log. Raises `EntryError` for a number that is no pool."""
    data = pool.to_bytes(_POOL_BYTES) if 0 <= pool < 1 << 8 * _POOL_BYTES else b""
    if len(data) != _POOL_BYTES or not _POOL.fullmatch(data):
        raise EntryError(
            f"{data.hex() or pool} is no pool: an ISO 3166-2 code without its hyphen, zeros after it, or zeros"
        )
    name = data.rstrip(b"\0").decode()
    return "-".join(part for part in (name[:2], name[2:]) if part)
