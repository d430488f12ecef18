"""What a slice counts while it runs, in files that are there whatever ends the process."""

from __future__ import annotations

import mmap
import struct
import time
from pathlib import Path

__all__ = ["Tally"]

_COUNTS = struct.Struct("<4Q")  # executions, inputs taken, failures, nanoseconds
_LONGEST_NS = 10**10
"""What an execution counts for at most: a process that was paused for an hour has not worked for one."""


class Tally:
    """Counts in a file that is mapped into memory, and places of failures in another, one a line."""

    def __init__(self, folder: Path) -> None:
        self._counts, self._places = folder / "counts", folder / "places"
        self._executions = self._taken = self._failures = 0
        self._elapsed, self._last = 0, time.monotonic_ns()
        with self._counts.open("r+b") as file:
            self._mapped = mmap.mmap(file.fileno(), _COUNTS.size)

    @classmethod
    def make(cls, folder: Path) -> Tally:
        """Return a new tally in an empty folder."""
        (folder / "counts").write_bytes(bytes(_COUNTS.size))
        (folder / "places").touch()
        return cls(folder)

    def add(self, *, taken: bool = False, failed: bool = False) -> None:
        """Count one execution."""
        self._executions += 1
        self._taken += taken
        self._failures += failed
        now = time.monotonic_ns()
        self._elapsed += min(now - self._last, _LONGEST_NS)
        self._last = now
        _COUNTS.pack_into(self._mapped, 0, self._executions, self._taken, self._failures, self._elapsed)

    def add_place(self, place: str) -> None:
        """Add the place that a failure came from."""
        with self._places.open("a", encoding="utf-8") as file:
            file.write(f"{place}\n")

    def counts(self) -> dict[str, int | float]:
        """Return what was counted so far, by whichever process."""
        executions, taken, failures, nanoseconds = _COUNTS.unpack(self._counts.read_bytes())
        return {
            "executions": executions,
            "taken": taken,
            "failures": failures,
            "seconds": round(nanoseconds / 1e9, 1),
        }

    def places(self) -> list[str]:
        """Return the places of failures so far."""
        return sorted(set(self._places.read_text(encoding="utf-8").splitlines()))
