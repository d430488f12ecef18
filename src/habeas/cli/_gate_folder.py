"""A gate's folder: one file, `synced`, written whole or not at all, and proofs of forks that a sync found."""

from __future__ import annotations

from pathlib import Path

from habeas.cli.errors import InputError
from habeas.passes import Synced, SyncError, format_synced, parse_synced
from habeas.stores import FolderDisk

__all__ = ["keep_proof", "keep_synced", "read_synced"]

_STATE = "synced"


def read_synced(folder: Path) -> Synced | None:
    """Return what a gate's folder holds, None if it was never synced; raises `SyncError` for a damaged file.

    A sync that runs at the same time is no trouble: it puts the new file in the old one's place in one step.
    """
    if not folder.is_dir():
        raise InputError(str(folder), "is no folder", "make it with `habeas pass sync --gate FOLDER`")
    try:
        data = (folder / _STATE).read_bytes()
    except FileNotFoundError:
        return None
    except OSError as error:
        raise SyncError(f"{folder / _STATE} cannot be read: {error.strerror}") from None
    return parse_synced(data)


def keep_synced(folder: Path, synced: Synced) -> None:
    """Write a gate's state: whoever reads the folder finds the old one or this one, also after the power failed."""
    with FolderDisk(folder) as disk:
        disk.write({_STATE: format_synced(synced)})


def keep_proof(folder: Path, name: str, data: bytes) -> Path:
    """Write a proof beside the gate's state, which stays as it is, and return its path."""
    with FolderDisk(folder) as disk:
        disk.write({name: data})
    return folder / name
