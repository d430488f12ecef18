"""Pictures come from anybody, so they are read by a process apart that has little to spend (`_reader`).

What unpacks and reads them is C and C++, which cannot be interrupted, and has no limits of its own that would do: 2 kB of
PDF ask for 1.7 GiB, 10 kB of PNG for half a minute, by looking like thousands of codes' corners (docs/adr/0008-pictures.md).
The process is started for the first picture and serves all later ones; it ends with us, or at a limit, and is then
started anew. A picture leaves nothing behind in it.
"""

from __future__ import annotations

import atexit
import json
import os
import subprocess
import sys
import threading

from habeas.pictures.errors import DamagedPictureError, LockedPictureError, PictureError, PictureTooLargeError

__all__ = ["WALL_SECONDS", "read_apart"]

WALL_SECONDS = 120
"""After which the process is ended even if it only sleeps; what it works is limited by `_reader.CPU_SECONDS`."""

_PROGRAM = (sys.executable, "-P", "-m", "habeas.pictures._reader")
_ERRORS: dict[str, type[PictureError]] = {
    error.code: error for error in (DamagedPictureError, LockedPictureError, PictureTooLargeError)
}


def read_apart(data: bytes) -> list[str]:
    """Return the texts of the codes in a PNG, JPEG or PDF; raises `PictureError`."""
    line = _apart.ask(data)
    if not line:
        raise PictureTooLargeError(
            "takes more time or memory than is spent on a picture: cut out the code and send that"
        )
    said = json.loads(line)
    if isinstance(said, list):
        return said
    raise _ERRORS[said["code"]](said["message"])


class _Apart:
    """The process, once there is one. It belongs to the process that started it: after a fork, another is started."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._running: subprocess.Popen[bytes] | None = None
        self._parent = os.getpid()

    def ask(self, data: bytes) -> bytes:
        """Return the process's line about a picture, an empty one if it ended instead."""
        with self._lock:
            running = self._get()
            line = b""
            try:
                line = _exchange(running, data)
            finally:
                if not line.endswith(b"\n"):  # ended, or we were interrupted: what it would say next is no answer to us
                    self._end()
            return line if line.endswith(b"\n") else b""

    def close(self) -> None:
        """End the process."""
        with self._lock:
            self._end()

    def _get(self) -> subprocess.Popen[bytes]:
        if self._running is None or self._parent != os.getpid():
            self._parent = os.getpid()
            self._running = subprocess.Popen(  # noqa: S603 - our own program
                _PROGRAM,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
            )
        return self._running

    def _end(self) -> None:
        if self._running is not None and self._parent == os.getpid():
            self._running.kill()
            self._running.communicate()
        self._running = None


def _exchange(running: subprocess.Popen[bytes], data: bytes) -> bytes:
    asked, answered = running.stdin, running.stdout
    assert asked is not None  # noqa: S101 - it was started with pipes
    assert answered is not None  # noqa: S101
    timer = threading.Timer(WALL_SECONDS, running.kill)
    timer.start()
    try:
        asked.write(len(data).to_bytes(8) + data)
        asked.flush()
        return answered.readline()
    except BrokenPipeError:
        return b""
    finally:
        timer.cancel()


_apart = _Apart()
atexit.register(_apart.close)
