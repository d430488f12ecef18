"""Running a service: listen, say so in one line, do what is due from time to time, stop where going on would be wrong."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import sys
from collections.abc import Callable
from dataclasses import dataclass

import uvicorn
from litestar import Litestar

from habeas.services.errors import ForkedLogError, PortError, ServiceError
from habeas.stores import DamagedStoreError, StoreError, UnknownOutcomeError
from habeas.tlog import TlogError

__all__ = ["Due", "serve"]

_AT_ONCE = 256
_KEEP_ALIVE = 30
_GRACE = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Something to do every so many seconds, the first time at once."""

    every: float
    do: Callable[[], object]


def serve(app: Litestar, *, host: str, port: int, listens: Callable[[str], None], due: Due | None = None) -> None:
    """Serve until a signal comes. `listens` is told the address once connections are taken; port 0 is any free one.

    Raises `PortError`, and the error after which the service must not go on: a fork, or a write of unknown outcome.
    """
    try:
        listener = socket.create_server((host, port))
    except OSError as error:
        raise PortError(f"{host}:{port}: {error.strerror}") from None
    # asyncio does this only for sockets that name their protocol; without it every answer waits 40 ms for an acknowledgement.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    with listener:
        shown = f"[{host}]" if ":" in host else host
        server = _Server(app, f"http://{shown}:{listener.getsockname()[1]}", listens, due)
        app.state.stop = server.stop
        server.run(sockets=[listener])
    if server.trouble is not None:
        raise server.trouble


class _Server(uvicorn.Server):
    """Uvicorn with one line of its own, and with what is due."""

    def __init__(self, app: Litestar, url: str, listens: Callable[[str], None], due: Due | None) -> None:
        config = uvicorn.Config(
            app,
            http="h11",
            loop="asyncio",
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,  # no X-header says who somebody is
            limit_concurrency=_AT_ONCE,
            timeout_keep_alive=_KEEP_ALIVE,
            timeout_graceful_shutdown=_GRACE,
        )
        super().__init__(config)
        self.trouble: Exception | None = None
        self._url, self._listens, self._due = url, listens, due
        self._task: asyncio.Task[None] | None = None

    def stop(self, error: Exception) -> None:
        """End the service because of an error after which it must not go on."""
        self.trouble = self.trouble or error
        self.should_exit = True

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self._listens(self._url)
        if self._due is not None:
            self._task = asyncio.create_task(self._repeat(self._due))

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        if self._task is not None:
            self._task.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._task
        await super().shutdown(sockets)

    async def _repeat(self, due: Due) -> None:
        while True:
            try:
                await asyncio.to_thread(due.do)
            except (ForkedLogError, UnknownOutcomeError, DamagedStoreError) as error:
                self.stop(error)
                return
            except (ServiceError, TlogError, StoreError) as error:
                sys.stderr.write(f"note: {error}\n")
            except Exception as error:  # noqa: BLE001 - a fault ends the service; it must not end this task unseen
                self.stop(error)
                return
            await asyncio.sleep(due.every)
