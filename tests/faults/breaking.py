"""A disk that breaks on plan around a real one, and calls of the C library that do (libfiu)."""

from __future__ import annotations

import ctypes
import os
import signal
from collections.abc import Callable, Iterator, Mapping
from enum import Enum
from itertools import islice
from types import TracebackType
from typing import Self

from habeas.stores import Disk, UnknownOutcomeError

__all__ = ["CALLS", "BreakingCalls", "BreakingDisk", "When", "die", "fail"]

CALLS = {
    "write": "posix/io/rw/write",
    "fsync": "posix/io/sync/fsync",
    "rename": "posix/io/dir/rename",
    "unlink": "posix/io/dir/unlink",
    "open": "posix/io/oc/open",
    "close": "posix/io/oc/close",
}
"""The calls that change a folder and can be made to fail; libfiu has no point for mkdir."""


class When(Enum):
    """How far an operation has come when it breaks."""

    BEFORE = "nothing is stored"
    HALF = "some of the files are stored"
    AFTER = "all is stored"


def die() -> None:
    """End this process as kill -9 does."""
    os.kill(os.getpid(), signal.SIGKILL)


def fail() -> None:
    """Fail without a word about what was stored."""
    raise UnknownOutcomeError("planned")


class BreakingDisk:
    """`disk`, whose operation number `at` (the first is 1) comes as far as `when`, and then does `act`."""

    def __init__(self, disk: Disk, at: int, when: When, act: Callable[[], None]) -> None:
        self.operations = 0
        self._disk, self._at, self._when, self._act = disk, at, when, act

    def read(self, name: str) -> bytes | None:
        return self._disk.read(name)

    def names(self, under: str) -> Iterator[str]:
        return self._disk.names(under)

    def write(self, files: Mapping[str, bytes]) -> None:
        half = dict(islice(files.items(), len(files) // 2))
        self._break_off(lambda: self._disk.write(files), lambda: self._disk.write(half))

    def remove(self, name: str) -> None:
        self._break_off(lambda: self._disk.remove(name), lambda: None)

    def _break_off(self, whole: Callable[[], None], half: Callable[[], None]) -> None:
        self.operations += 1
        if self.operations != self._at:
            whole()
            return
        {When.BEFORE: lambda: None, When.HALF: half, When.AFTER: whole}[self._when]()
        self._act()


_CALLED = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.c_char_p, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(ctypes.c_void_p), ctypes.c_void_p
)


class BreakingCalls:
    """Within this context, calls of the C library by these names are counted, and `decide` says what a number, 1 first, does.

    It returns the error number that the call fails with, undone; 0 lets it through. Needs the preloaded library.
    """

    def __init__(self, names: Mapping[str, str], decide: Callable[[int], int]) -> None:
        self.calls = 0
        self._is_over = False
        self._decide = decide
        self._called = _CALLED(self._answer)  # as long as this object is, so is what the library calls
        fiu = ctypes.CDLL("libfiu.so.0")
        for point in names.values():
            if fiu.fiu_enable_external(point.encode(), 1, None, 0, self._called) != 0:
                raise OSError(f"libfiu has no {point}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._is_over = True

    def _answer(self, _name: bytes, _number: object, info: ctypes._Pointer[ctypes.c_void_p], _how: object) -> int:
        if self._is_over:
            return 0
        self.calls += 1
        found = self._decide(self.calls)
        info[0] = ctypes.c_void_p(found)
        return 1 if found else 0
