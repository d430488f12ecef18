"""A process of its own that uses a store, for tests that end it, limit it or run several. Says `n` once n is durable."""

from __future__ import annotations

import os
import resource
import sys
from pathlib import Path

from habeas.stores import SqliteStore, StaleError, UnknownOutcomeError
from stores.rows import STEP, step


def say(word: object) -> None:
    os.write(1, f"{word}\n".encode())


def go_on(path: Path) -> None:
    """Commit one step after the other until killed."""
    with SqliteStore(path) as store:
        number = store.event_count() // STEP
        say(number)
        while True:
            number += 1
            store.commit(step(number))
            say(number)


def share(path: Path, until: int) -> None:
    """Commit steps in turns with whoever else does."""
    with SqliteStore(path, busy_seconds=30) as store:
        while (number := store.event_count() // STEP + 1) <= until:
            try:
                store.commit(step(number))
            except StaleError:
                continue
            say(number)


def run_out(path: Path, room: int) -> None:
    """Commit steps until a write fails in COMMIT, as on a full or failing disk: no file may grow beyond `room`."""
    with SqliteStore(path) as store:
        resource.setrlimit(resource.RLIMIT_FSIZE, (room, room))
        number = store.event_count() // STEP
        try:
            while True:
                number += 1
                store.commit(step(number))
                say(number)
        except UnknownOutcomeError:
            say("unknown")
        try:
            store.event_count()
        except UnknownOutcomeError:
            say("refused")


if __name__ == "__main__":
    what, where, *numbers = sys.argv[1:]
    if what == "go_on":
        go_on(Path(where))
    elif what == "share":
        share(Path(where), int(numbers[0]))
    else:
        run_out(Path(where), int(numbers[0]))
