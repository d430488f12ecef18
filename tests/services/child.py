"""A witness's process whose disk fails at its first write: it is killed before or after it, finds no room, or cannot tell."""

from __future__ import annotations

import os
import resource
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from habeas.services import Rate, Witness, read_signer, serve, witness_app
from habeas.stores import FolderDisk, UnknownOutcomeError
from habeas.tlog import parse_vkey

ROOM = 100
"""Bytes that a file may have where there is no room: fewer than a checkpoint's."""


class FailingDisk(FolderDisk):
    """Fails in one way at its first write."""

    def __init__(self, path: Path, how: str) -> None:
        super().__init__(path)
        self._how = how

    def write(self, files: Mapping[str, bytes]) -> None:
        """See `Disk`."""
        how, self._how = self._how, ""
        if how == "before":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "full":
            resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, resource.RLIM_INFINITY))
        try:
            super().write(files)
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        if how == "after":
            os.kill(os.getpid(), signal.SIGKILL)
        if how == "unknown":
            raise UnknownOutcomeError("planned")


def say(url: str) -> None:
    os.write(1, f"witness listens on {url}\n".encode())


if __name__ == "__main__":
    how, folder, key, vkey = sys.argv[1:]
    log = parse_vkey(vkey)
    with FailingDisk(Path(folder), how) as disk:
        witness = Witness(disk, read_signer(Path(key)), {log.name: log}, lambda: 1_655_039_040)
        serve(witness_app(witness, Rate(1000, 1000)), host="127.0.0.1", port=0, listens=say)
