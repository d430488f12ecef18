"""Target of `habeas.stores`: a damaged or foreign file."""

from __future__ import annotations

import tempfile
from functools import lru_cache
from pathlib import Path

from habeas.stores import SqliteStore, StoreError
from seeds import documents, town
from targets._target import target


@target(SqliteStore, seeds=town.stores, max_bytes=65_536)
def sqlite(data: bytes) -> bool:
    """A store opened on any bytes: every row that it gives is one that could have been written, or it says damage."""
    path = _file(data)
    try:
        with SqliteStore(path, create=False, busy_seconds=0.0) as store:
            numbers = [number for number, _ in store.events()]
            assert numbers == list(range(1, len(numbers) + 1))
            assert store.event(bytes(32)) is None
            list(store.decisions())
            list(store.notices(pending=True))
            store.latest_decision(bytes(16), documents.NOW)
    except StoreError:
        return False
    return True


@lru_cache(maxsize=1)
def _folder() -> tempfile.TemporaryDirectory[str]:
    return tempfile.TemporaryDirectory(prefix="habeas-fuzz-")


def _file(data: bytes) -> Path:
    """Return a file with these bytes, and nothing left beside it."""
    folder = Path(_folder().name)
    for rest in folder.iterdir():
        rest.unlink()
    path = folder / "ledger.db"
    path.write_bytes(data)
    return path
