"""The certificates that addresses are believed by: read once a process, for it takes a twentieth of a second."""

from __future__ import annotations

import ssl
from functools import cache

import httpx

__all__ = ["tls"]


@cache
def tls() -> ssl.SSLContext:
    """Return the context of every https connection: the system's rules, no exceptions."""
    return httpx.create_ssl_context(trust_env=False)
