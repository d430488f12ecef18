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
_PRIVATE = "private/"
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

    Files under `private/` are for their owner's eyes alone.
    """

    def __init__(self, path: Path, *, durable: bool = True) -> None:
        """Open a folder; not `durable` is for demos alone: files are whole all the same, and a power cut may take them."""
        self._path = path
        self._durable = durable
        try:
            made = self._make_folder(path.absolute())
            self._lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailableError(f"{path}: {error.strerror}") from None
        try:
            fcntl.flock(self._lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            self.close()
            raise StoreBusyError(f"{path}: another process writes this log") from None
        try:
            for left in path.rglob(f"*{_NEW}"):
                if not left.is_dir():
                    left.unlink()
            for folder in {*made, path.absolute().parent, *(one for one in path.rglob("*") if one.is_dir())}:
                self._sync(folder)
        except OSError as error:
            self.close()
            raise StoreUnavailableError(f"{path}: {error.strerror}") from None

    def read(self, name: str) -> bytes | None:
        """See `Disk`."""
        try:
            return (self._path / name).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreUnavailableError(f"{name}: {error.strerror}") from None

    def write(self, files: Mapping[str, bytes]) -> None:
        """See `Disk`."""
        folders: set[Path] = set()
        try:
            for name, data in files.items():
                folders |= self._make_folder((self._path / name).parent)
                self._write_new(self._path / f"{name}{_NEW}", data, 0o600 if name.startswith(_PRIVATE) else 0o666)
        except OSError as error:
            self._drop_new(files)
            if error.errno in _NO_ROOM:
                raise StoreFullError(f"{self._path}: no room for {len(files)} files; what was there stands") from None
            raise UnknownOutcomeError(f"{self._path}: {error.strerror}; open it again") from None
        try:
            for name in files:
                (self._path / f"{name}{_NEW}").rename(self._path / name)
            for folder in sorted(folders, key=lambda one: len(one.parts), reverse=True):
                self._sync(folder)
        except OSError as error:
            raise UnknownOutcomeError(f"{self._path}: {error.strerror}; open it again") from None

    def remove(self, name: str) -> None:
        """See `Disk`."""
        path = self._path / name
        try:
            path.unlink(missing_ok=True)
            self._sync(path.parent)
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
            lock, self._lock = self._lock, -1
            with contextlib.suppress(OSError):  # whatever it says, the lock is let go
                os.close(lock)

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

    def _write_new(self, path: Path, data: bytes, mode: int) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            if self._durable:
                file.flush()
                os.fsync(file.fileno())

    def _sync(self, folder: Path) -> None:
        if not self._durable:
            return
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
