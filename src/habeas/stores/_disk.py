"""Files of a folder, each written whole or not at all: the few operations that a log's folder is built from."""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
from collections.abc import Iterator, Mapping
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from habeas.stores.errors import StoreBusyError, StoreFullError, StoreUnavailableError, UnknownOutcomeError

__all__ = ["Disk", "FolderDisk"]

_NEW = ".new"
_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


class Disk(Protocol):
    """Named files; a name is a relative path of plain parts with / between.

    **Atomic.** A reader, also after a crash, finds a file's old bytes or its new ones, never a mixture, never a part.

    **Durable.** When `write` returns, all its files survive the loss of power. Before, each of them may have its old
    bytes or its new ones, in any order: whoever needs an order calls twice.

    **Unknown outcome.** After `UnknownOutcomeError` some of the files may be there. Writing the same again is safe.
    """

    def read(self, name: str) -> bytes | None:
        """Return a file's bytes, None if there is none."""
        ...

    def write(self, files: Mapping[str, bytes]) -> None:
        """Write files, all durable when this returns; raises `StoreFullError`, `UnknownOutcomeError`."""
        ...

    def remove(self, name: str) -> None:
        """Remove a file, durably; one that is not there is no error."""
        ...

    def names(self, under: str) -> Iterator[str]:
        """Return the names of the files under a folder, in no order."""
        ...


class FolderDisk:
    """A folder on a file system, locked against a second writer for as long as this object is open.

    The order of a write: every new file beside its place, its bytes synced; then each renamed into place; then every
    folder that changed synced, the deepest first, with those that were made. Leftovers of a crash end in `.new` and are
    removed when the folder is opened, and all folders synced: what was renamed before a crash may not be durable yet.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            made = self._make_folder(path.absolute())
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailableError(f"{path}: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._lock)
            raise StoreBusyError(f"{path}: another process writes this log") from None
        for left in path.rglob(f"*{_NEW}"):
            if not left.is_dir():
                left.unlink()
        try:
            for folder in {*made, path.absolute().parent, *(one for one in path.rglob("*") if one.is_dir())}:
                _sync(folder)
        except OSError as error:
            os.close(self._lock)
            raise StoreUnavailableError(f"{path}: {error.strerror}") from None

    def read(self, name: str) -> bytes | None:
        """See `Disk`."""
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None
        except OSError as error:
            raise StoreUnavailableError(f"{name}: {error.strerror}") from None

    def write(self, files: Mapping[str, bytes]) -> None:
        """See `Disk`."""
        folders: set[Path] = set()
        try:
            for name, data in files.items():
                folders |= self._make_folder((self._path / name).parent)
                _write_new(self._path / f"{name}{_NEW}", data)
        except OSError as error:
            self._drop_new(files)
            if error.errno in _NO_ROOM:
                raise StoreFullError(f"{self._path}: no room for {len(files)} files; what was there stands") from None
            raise UnknownOutcomeError(f"{self._path}: {error.strerror}; open it again") from None
        try:
            for name in files:
                (self._path / f"{name}{_NEW}").rename(self._path / name)
            for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
                _sync(folder)
        except OSError as error:
            raise UnknownOutcomeError(f"{self._path}: {error.strerror}; open it again") from None

    def remove(self, name: str) -> None:
        """See `Disk`."""
        path = self._path / name
        try:
            path.unlink(missing_ok=True)
            _sync(path.parent)
        except FileNotFoundError:
            return
        except OSError as error:
            raise UnknownOutcomeError(f"{name}: {error.strerror}; open it again") from None

    def names(self, under: str) -> Iterator[str]:
        """See `Disk`."""
        for path in (self._path / under).rglob("*"):
            if path.is_file():
                yield path.relative_to(self._path).as_posix()

    def close(self) -> None:
        """Let go of the folder."""
        if self._lock >= 0:
            os.close(self._lock)
            self._lock = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _make_folder(self, folder: Path) -> set[Path]:
        """Make a folder, and return it with those above that were made and the one that now names them."""
        changed = {folder}
        while not folder.is_dir():
            changed |= {folder, folder.parent}
            folder = folder.parent
        for one in sorted(changed, key=lambda path: len(path.parts)):
            one.mkdir(exist_ok=True)
        return changed

    def _drop_new(self, files: Mapping[str, bytes]) -> None:
        for name in files:
            with contextlib.suppress(OSError):
                (self._path / f"{name}{_NEW}").unlink(missing_ok=True)


def _write_new(path: Path, data: bytes) -> None:
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def _sync(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
