"""The services as ASGI applications, one thin one a role: read the request, call the role once, answer."""

from __future__ import annotations

import asyncio
import hashlib
import json
from collections.abc import Sequence
from typing import Any

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import ClientException, NotFoundException
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from habeas.services._checker import Checker
from habeas.services._limits import Rate
from habeas.services._problems import answer_of
from habeas.services._public_file import public_file
from habeas.services._witness import Witness, log_id
from habeas.tlog import MAX_REQUEST_BYTES, Fetch, NoteSignature, format_note, format_signatures, format_vkey

__all__ = ["checker_app", "log_app", "witness_app"]

_BODY_SECONDS = 20
_TEXT, _JSON, _BYTES = "text/plain", "application/json", "application/octet-stream"
_ETAG_DIGITS = 32


def log_app(fetch: Fetch) -> Litestar:
    """Return the server of a log's or a mirror's public files."""
    return _app([_files(fetch)])


def witness_app(witness: Witness, rate: Rate) -> Litestar:
    """Return a witness's service: `POST /add-checkpoint`, and what it has seen for anybody to read."""
    return _app(_witnessing(witness, rate))


def checker_app(checker: Checker, rate: Rate) -> Litestar:
    """Return a checker's service: a witness's, its refusals, and its copy of the log."""

    @get("/refusals", media_type=_JSON)
    async def refusals() -> bytes:
        return _json(checker.refusals())

    @get("/refusals/{refusal:str}/{name:str}", media_type=_BYTES)
    async def refused(refusal: FromPath[str], name: FromPath[str]) -> bytes:
        return _found(checker.refused(refusal, name))

    return _app([*_witnessing(checker, rate), refusals, refused, _files(checker.copy.fetch)])


def _app(handlers: Sequence[ControllerRouterHandler]) -> Litestar:
    return Litestar(
        route_handlers=list(handlers),
        exception_handlers={Exception: answer_of},
        request_max_body_size=MAX_REQUEST_BYTES,
        openapi_config=None,
        logging_config=None,
        state=State({"stop": lambda _: None}),
    )


def _witnessing(witness: Witness, rate: Rate) -> list[ControllerRouterHandler]:
    origins = {log_id(origin): origin for origin in witness.logs}

    @get("/", media_type=_JSON)
    async def about() -> bytes:
        seen = {origin: witness.seen(origin) for origin in witness.logs}
        rows = [
            {
                "origin": origin,
                "id": log_id(origin),
                "size": one.head.size if one else None,
                "at": one.at if one else None,
            }
            for origin, one in seen.items()
        ]
        return _json({"key": format_vkey(witness.key), "logs": rows, "forks": witness.forks()})

    @post("/add-checkpoint", status_code=200, media_type=_TEXT)
    async def add_checkpoint(request: Request[Any, Any, Any]) -> bytes:
        rate.take(request.client.host if request.client else "")
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await request.body()
        except TimeoutError:
            raise ClientException("the request came too slowly", status_code=408) from None
        lines: tuple[NoteSignature, ...] = await asyncio.to_thread(witness.add_checkpoint, body)
        return format_signatures(lines).encode()

    @get("/logs/{log:str}/checkpoint", media_type=_TEXT)
    async def last(log: FromPath[str]) -> bytes:
        one = witness.seen(origins[log]) if log in origins else None
        return _found(format_note(one.checkpoint.note) if one else None)

    @get("/forks", media_type=_JSON)
    async def forks() -> bytes:
        return _json(witness.forks())

    @get("/forks/{fork:str}", media_type=_JSON)
    async def fork(fork: FromPath[str]) -> bytes:
        return _found(witness.fork(fork))

    return [about, add_checkpoint, last, forks, fork]


def _files(fetch: Fetch) -> ControllerRouterHandler:
    @get("/{path:path}", media_type=_BYTES)
    async def public(path: FromPath[str], request: Request[Any, Any, Any]) -> Response[bytes]:
        file = public_file(path.removeprefix("/"))
        data = fetch(file.path) if file is not None else None
        if file is None or data is None:
            raise NotFoundException("there is no such file of this log")
        etag = f'"{hashlib.sha256(data).hexdigest()[:_ETAG_DIGITS]}"'
        headers = {"cache-control": file.caching, "etag": etag}
        if request.headers.get("if-none-match") == etag:
            return Response(b"", status_code=304, headers=headers, media_type=file.content_type)
        return Response(data, headers=headers, media_type=file.content_type)

    return public


def _found(data: bytes | None) -> bytes:
    if data is None:
        raise NotFoundException("there is nothing of this name")
    return data


def _json(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False).encode()
