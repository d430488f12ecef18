"""A disk in memory that breaks on plan, as a process that is killed or a power cut would leave it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from enum import Enum

from habeas.stores import StoreFullError, UnknownOutcomeError


class Break(Enum):
    """What an operation that breaks has done by then."""

    NOTHING = "nothing was stored, and nobody knows"
    PART = "some of the files were stored"
    ALL = "all was stored, and nobody knows"
    FULL = "there was no room: nothing was stored, and the disk says so"


class MemoryDisk:
    """Files in a dict; operation number `at` (the first is 1) breaks."""

    def __init__(self, files: dict[str, bytes] | None = None, at: int = 0, how: Break = Break.NOTHING) -> None:
        self.files = files if files is not None else {}
        self.operations = 0
        self._at, self._how = at, how

    def read(self, name: str) -> bytes | None:
        return self.files.get(name)

    def write(self, files: Mapping[str, bytes]) -> None:
        self._do([(name, data) for name, data in files.items()])

    def remove(self, name: str) -> None:
        self._do([(name, None)])

    def names(self, under: str) -> Iterator[str]:
        return iter([name for name in self.files if name.startswith(under)])

    def _do(self, changes: list[tuple[str, bytes | None]]) -> None:
        self.operations += 1
        breaks = self.operations == self._at
        if breaks and self._how is Break.FULL:
            raise StoreFullError("planned")
        if breaks and self._how is not Break.ALL:
            changes = changes[: len(changes) // 2] if self._how is Break.PART else []
        for name, data in changes:
            if data is None:
                self.files.pop(name, None)
            else:
                self.files[name] = data
        if breaks:
            raise UnknownOutcomeError("planned")
