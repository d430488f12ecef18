"""One target under the coverage-guided engine, in a process of its own: `_slice.py NAME FOLDER CRASHES ENGINE'S-OPTIONS`.

An exception of Python's is written down once for each place that it comes from, and the engine goes on; what ends the
process (memory, time, a crash in a library's C code) is left to the engine, which keeps the input. The engine ends without
running Python to its end, so what is counted stands in FOLDER at every moment.
"""

from __future__ import annotations

import hashlib
import sys
import traceback
from pathlib import Path
from types import TracebackType

import atheris

from _tally import Tally

with atheris.instrument_imports(include=["habeas", "yaml"]):
    from _mutate import mutate
    from targets import TARGETS, Target

_OURS = ("/habeas/", "/targets/")


class _Run:
    """A target, its tally, and the inputs that it failed for: for each place the shortest."""

    def __init__(self, target: Target, tally: Tally, crashes: Path) -> None:
        self.target, self.tally, self.crashes = target, tally, crashes
        self.places: set[str] = set()

    def once(self, data: bytes) -> None:
        """Run the target on an input."""
        try:
            self.tally.add(taken=self.target.run(data))
        except Exception as error:  # noqa: BLE001 - whatever comes out is what we look for
            self.tally.add(failed=True)
            self.keep(data, error)

    def keep(self, data: bytes, error: Exception) -> None:
        """Write an input down with its traceback, unless there is a shorter one for the same place."""
        place = f"{type(error).__name__} in {_last_of_ours(error.__traceback__)}"
        if place not in self.places:
            self.places.add(place)
            self.tally.add_place(place)
        kept = self.crashes / f"{self.target.name}-{hashlib.sha256(place.encode()).hexdigest()[:12]}.bin"
        if kept.exists() and kept.stat().st_size <= len(data):
            return
        kept.write_bytes(data)
        text = f"{place}\n\n{''.join(traceback.format_exception(error))}"
        kept.with_suffix(".txt").write_text(text, encoding="utf-8", errors="backslashreplace")


def _last_of_ours(trace: TracebackType | None) -> str:
    found = "?"
    while trace is not None:
        code = trace.tb_frame.f_code
        if any(part in code.co_filename for part in _OURS):
            found = f"{Path(code.co_filename).stem}.{code.co_name}"
        trace = trace.tb_next
    return found


def _mutated(data: bytes, max_size: int, seed: int) -> bytes:
    changed: bytes = mutate(bytes(data), max_size, seed, lambda part, most: bytes(atheris.Mutate(part, most)))
    return changed


def main() -> None:
    """Run the engine until its time is over."""
    name, folder, crashes, *options = sys.argv[1:]
    run = _Run(TARGETS[name], Tally(Path(folder)), Path(crashes))
    atheris.Setup([sys.argv[0], *options], run.once, custom_mutator=_mutated)
    atheris.Fuzz()


if __name__ == "__main__":
    main()
