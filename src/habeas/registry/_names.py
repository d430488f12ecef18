"""Name matches wait in a queue for a person at a counter, and bind nothing."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

from habeas.wire import Instant

__all__ = ["NameMatch", "NameQueue"]


@dataclass(frozen=True, slots=True, kw_only=True)
class NameMatch:
    """A statement came under a name alone: what was written, which statement, since when it waits."""

    name: str
    statement: bytes
    since: Instant


class NameQueue:
    """What came without an exact identifier. Nothing here is evidence, and nothing here can become it.

    The source is asked to send its statement again under a document's number; then the entry is `settled`.
    """

    def __init__(self) -> None:
        self._waiting: dict[bytes, NameMatch] = {}

    def add(self, name: str, statement: bytes, at: Instant) -> NameMatch:
        """Queue a statement's bytes id under a name as written; the same one again changes nothing."""
        plain = " ".join(unicodedata.normalize("NFKC", name).split())
        return self._waiting.setdefault(statement, NameMatch(name=plain, statement=statement, since=at))

    def settle(self, statement: bytes) -> NameMatch | None:
        """Take an entry out, because its source has sent it again with an exact identifier, or withdrawn it."""
        return self._waiting.pop(statement, None)

    def waiting(self) -> tuple[NameMatch, ...]:
        """Return what waits, oldest first."""
        return tuple(sorted(self._waiting.values(), key=lambda match: (match.since, match.statement)))
