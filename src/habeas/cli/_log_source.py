"""A log's static files from a folder or from any mirror's URL, and the policy that says whom to believe about them."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path

from habeas.cli._reading import read_bytes, refusing
from habeas.cli.errors import InputError
from habeas.tlog import Fetch, Policy, TlogError, parse_policy

__all__ = ["log_source", "read_policy"]

_KEPT_FILES = 1024


def read_policy(path: Path) -> Policy:
    """Return the policy in a file; raises `InputError`."""
    with refusing(str(path), "give the policy as its watchers publish it (C2SP tlog-policy)", TlogError):
        return parse_policy(read_bytes(path))


def log_source(where: str) -> Fetch:
    """Return what gives a log's files: of a folder that was mirrored (or that holds one under `log/`), or of a URL.

    Nothing is believed here: what is fetched is checked against a checkpoint under policy. A file is fetched once. Raises
    `InputError`, also later, when a file cannot be fetched.
    """
    from habeas.services import FolderSource, HttpSource, SourceError  # noqa: PLC0415 - loaded by who asks a log, no sooner

    source = HttpSource(where) if where.startswith(("http://", "https://")) else FolderSource(Path(where))

    @lru_cache(maxsize=_KEPT_FILES)
    def fetch(path: str) -> bytes | None:
        try:
            return source(path)
        except SourceError as error:
            raise InputError("--log", str(error), "ask another mirror") from None

    if isinstance(source, FolderSource) and fetch("checkpoint") is None:
        raise InputError("--log", f"{where} holds no log: no `checkpoint` is in it", "give a mirror's folder, or a URL")
    return fetch
