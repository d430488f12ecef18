"""Where a log's public files come from: its own address, a mirror's, or a folder. Nothing that comes is believed."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import httpx

from habeas.services._public_file import public_file
from habeas.services._tls import tls
from habeas.services.errors import SourceError

__all__ = ["FolderSource", "HttpSource", "Source", "source_of"]

_PATIENCE = 30.0
_CHUNK = 1 << 16
_AT_ONCE = 8


class Source(Protocol):
    """Gives a log's public files by their paths. Safe to call from several threads."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    def __call__(self, path: str) -> bytes | None:
        """Return a file, None if it is not there; raises `SourceError`."""
        ...


class HttpSource:
    """A log or a mirror at an address. A file must come whole within `patience` seconds, and not be too large for its kind."""

    def __init__(self, url: str, patience: float = _PATIENCE) -> None:
        self._url = url.rstrip("/")
        self._patience = patience
        limits = httpx.Limits(max_connections=_AT_ONCE, max_keepalive_connections=_AT_ONCE)
        # No proxy from the environment, no redirect: whom we ask is what was configured.
        # Nothing packed: what unpacks to a thousand times its size is no file of a log.
        self._client = httpx.Client(
            timeout=patience,
            limits=limits,
            verify=tls(),
            trust_env=False,
            follow_redirects=False,
            headers={"Accept-Encoding": "identity"},
        )

    @property
    def name(self) -> str:
        """See `Source`."""
        return self._url

    def __call__(self, path: str) -> bytes | None:
        """See `Source`."""
        file = public_file(path)
        if file is None:
            raise SourceError(f"{path[:60]!r} is no file of a log")
        late = time.monotonic() + self._patience
        out = bytearray()
        try:
            with self._client.stream("GET", f"{self._url}/{path}") as response:
                if response.status_code in (httpx.codes.NOT_FOUND, httpx.codes.GONE):
                    return None
                if response.status_code != httpx.codes.OK:
                    raise SourceError(f"{self._url}/{path} answers {response.status_code}")
                for chunk in response.iter_raw(_CHUNK):
                    out += chunk
                    if len(out) > file.max_bytes or time.monotonic() > late:
                        raise SourceError(f"{self._url}/{path} is over {file.max_bytes} bytes, or comes too slowly")
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            raise SourceError(f"{self._url}/{path}: {type(error).__name__}") from None
        return bytes(out)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Let go of the connections."""
        self._client.close()


class FolderSource:
    """The public files in a folder: a log's `log/`, or a copy of it."""

    def __init__(self, folder: Path) -> None:
        self._top = folder

    @property
    def name(self) -> str:
        """See `Source`."""
        return str(self._top)

    @property
    def _folder(self) -> Path:
        """Where the files are; a log that is new has no `log/` yet when its server starts."""
        inner = self._top / "log"
        return inner if inner.is_dir() else self._top

    def __call__(self, path: str) -> bytes | None:
        """See `Source`."""
        if public_file(path) is None:
            raise SourceError(f"{path[:60]!r} is no file of a log")
        try:
            return (self._folder / path).read_bytes()
        except (FileNotFoundError, NotADirectoryError):
            return None
        except OSError as error:
            raise SourceError(f"{self._folder}/{path}: {error.strerror}") from None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Do nothing: no file is kept open."""


def source_of(place: str) -> AbstractContextManager[Source]:
    """Return the source at an address of http or https, or in a folder."""
    return HttpSource(place) if place.startswith(("http://", "https://")) else FolderSource(Path(place))
