"""The static files of a log, which its server, its mirrors and its checkers serve alike: names, types, sizes, how long they hold.

A path that is not one of these is not there, whatever lies in the folder: nothing else can be asked for.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from habeas.tlog import MAX_ENTRY_BYTES, MAX_NOTE_BYTES, TILE_WIDTH, TileError, parse_tile_path

__all__ = ["MAX_PLAIN_BYTES", "PublicFile", "public_file"]

MAX_PLAIN_BYTES = 1 << 24
_MAX_LIST_BYTES = 1 << 26
_TILE_BYTES = TILE_WIDTH * 32
_BUNDLE_BYTES = TILE_WIDTH * (2 + MAX_ENTRY_BYTES)
_BESIDE = re.compile(r"(superseded|packs|block)/(0|[1-9][0-9]{0,9})", re.ASCII)
_PLAIN = re.compile(r"plain/[0-9a-f]{64}", re.ASCII)
_GROWS, _HOLDS = "no-cache", "public, max-age=31536000, immutable"
_TEXT, _BYTES = "text/plain", "application/octet-stream"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicFile:
    """One file: where it lies, what it is, the most bytes that it has, and how long it may be kept."""

    path: str
    content_type: str
    max_bytes: int
    caching: str

    @property
    def holds(self) -> bool:
        """Whether its bytes are the same for ever."""
        return self.caching == _HOLDS


def public_file(path: str) -> PublicFile | None:
    """Return the file of a path, None for one that no log has."""
    if path == "checkpoint":
        return PublicFile(path=path, content_type=_TEXT, max_bytes=MAX_NOTE_BYTES, caching=_GROWS)
    if path == "blocks":
        return PublicFile(path=path, content_type=_BYTES, max_bytes=_MAX_LIST_BYTES, caching=_GROWS)
    if _PLAIN.fullmatch(path):
        return PublicFile(path=path, content_type=_BYTES, max_bytes=MAX_PLAIN_BYTES, caching=_HOLDS)
    if _BESIDE.fullmatch(path):
        return PublicFile(path=path, content_type=_BYTES, max_bytes=_MAX_LIST_BYTES, caching=_HOLDS)
    try:
        tile = parse_tile_path(path)
    except TileError:
        return None
    most = _BUNDLE_BYTES if tile.level is None else _TILE_BYTES
    return PublicFile(path=path, content_type=_BYTES, max_bytes=most, caching=_HOLDS)
