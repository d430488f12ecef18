"""Gathering cosignatures: all witnesses are asked at once, each is checked, and a quorum is enough.

What a witness answers is a stranger's bytes: short, in time, and of this checkpoint by this key, or it does not count. That
a witness is down, slow or lying costs its cosignature and nothing else.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

import httpx

from habeas.services._tls import tls
from habeas.services._witness import log_id
from habeas.services.errors import ServiceError
from habeas.tlog import (
    MAX_NOTE_BYTES,
    Checkpoint,
    CheckpointError,
    Head,
    Note,
    NoteError,
    NoteKey,
    NoteSignature,
    Policy,
    QuorumError,
    Request,
    TlogError,
    check_note,
    format_request,
    open_checkpoint,
    parse_note,
)

__all__ = ["HttpNotary"]

_MAX_ANSWER = 1 << 16
_TRIES = 4
_PAUSE = 1.0
_LATER = {429, 503}
_SIZE = re.compile(rb"(0|[1-9][0-9]{0,18})\n?", re.ASCII)
_SIZE_TYPE = "text/x.tlog.size"
_MAX_REASON = 200


class _AnswerError(ServiceError):
    """Why a witness's answer does not count."""


@dataclass(slots=True)
class _Gathered:
    """The cosignatures so far, by the witnesses' names in the policy, and why there is none of others."""

    lines: dict[str, NoteSignature] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)


class HttpNotary:
    """The witnesses of a policy at their addresses. `patience` is in seconds, for each from the asking to the last byte.

    A checker reads the whole block in that time. One thread uses an object; it opens its own event loop.
    """

    def __init__(self, policy: Policy, *, origin: str, patience: float = 60.0, mirrors: Iterable[str] = ()) -> None:
        self._policy = policy
        self._log = policy.logs[origin]
        self._patience = patience
        self._mirrors = tuple(mirrors)
        self._last: dict[str, int] = {}

    def cosign(self, signed: Checkpoint, prove: Callable[[int], tuple[bytes, ...]]) -> Note:
        """Return the note of a checkpoint with the cosignatures of a quorum, as soon as they are there.

        `prove(old)` gives the way from `old` entries. Raises `QuorumError`, which says of each witness why it is missing.
        """
        gathered = asyncio.run(self._gather(signed, prove))
        whole = signed.note.with_signatures(gathered.lines.values())
        try:
            self._policy.check(whole)
        except QuorumError:
            raise QuorumError(self._missing(gathered, f"cosigned {signed.head.size} entries")) from None
        return whole

    def witnessed(self) -> Head | None:
        """Return the largest head that a witness has cosigned or a mirror serves; None if no witness has cosigned any.

        Raises `QuorumError` where so few answer that the others could have been a quorum without them: then nobody can
        say what is known of this log, and nothing may be signed.
        """
        heads, gathered = asyncio.run(self._ask_heads())
        silent = set(self._policy.witnesses) - set(gathered.lines)
        if self._policy.is_witnessed(self._policy.quorum, silent):
            raise QuorumError(self._missing(gathered, "said what it has cosigned"))
        return max(heads, key=lambda head: head.size, default=None)

    def _missing(self, gathered: _Gathered, what: str) -> str:
        names = [name for name in self._policy.witnesses if name not in gathered.lines]
        why = "; ".join(f"{name}: {gathered.reasons.get(name, 'no answer')}" for name in names)
        return f"too few witnesses have {what}. {why}"

    def _client(self) -> httpx.AsyncClient:
        headers = {"Accept-Encoding": "identity"}
        return httpx.AsyncClient(
            timeout=self._patience, verify=tls(), trust_env=False, follow_redirects=False, headers=headers
        )

    async def _gather(self, signed: Checkpoint, prove: Callable[[int], tuple[bytes, ...]]) -> _Gathered:
        gathered = _Gathered()
        async with self._client() as client:

            async def ask(name: str) -> None:
                try:
                    async with asyncio.timeout(self._patience):
                        gathered.lines[name] = await self._cosignature(client, name, signed, prove)
                except (ServiceError, TlogError, httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                    gathered.reasons[name] = _reason(error, self._patience)

            tasks = {asyncio.create_task(ask(name)) for name in self._policy.witnesses}
            while tasks:
                _, tasks = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
                if self._policy.is_witnessed(self._policy.quorum, gathered.lines):
                    break
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return gathered

    async def _cosignature(
        self, client: httpx.AsyncClient, name: str, signed: Checkpoint, prove: Callable[[int], tuple[bytes, ...]]
    ) -> NoteSignature:
        """Return one witness's cosignature, asking again from the size that it says it saw last."""
        old, key = min(self._last.get(name, 0), signed.head.size), self._policy.witnesses[name]
        said = "names another size each time"
        for _ in range(_TRIES):
            request = format_request(Request(old=old, path=prove(old), checkpoint=signed.note))
            response, body = await self._exchange(client, "POST", name, "add-checkpoint", request)
            if response.status_code == httpx.codes.OK:
                line = _checked(body, signed, key)
                self._last[name] = signed.head.size
                return line
            if response.status_code in _LATER:
                said = f"answers {response.status_code}: {_shown(body)}"
                await asyncio.sleep(_PAUSE)
                continue
            of_type = response.headers.get("content-type", "").partition(";")[0].strip().lower()
            if response.status_code != httpx.codes.CONFLICT or of_type != _SIZE_TYPE:
                raise _AnswerError(f"answers {response.status_code}: {_shown(body)}")
            size = _size(body)
            if size > signed.head.size:
                raise _AnswerError(
                    f"has cosigned {size} entries, more than this log's {signed.head.size}: "
                    "is this an old copy? Fetch the rest from a mirror, and sign nothing"
                )
            if size == old:
                raise _AnswerError(f"answers 409 with the size {size}, from which it was asked")
            old = size
        raise _AnswerError(said)

    async def _ask_heads(self) -> tuple[list[Head], _Gathered]:
        heads: list[Head] = []
        gathered = _Gathered()
        path = f"logs/{log_id(self._log.name)}/checkpoint"
        async with self._client() as client:

            async def ask(name: str) -> None:
                try:
                    async with asyncio.timeout(self._patience):
                        response, body = await self._exchange(client, "GET", name, path)
                        if response.status_code == httpx.codes.OK:
                            heads.append(self._cosigned(body, self._policy.witnesses[name]))
                        elif response.status_code != httpx.codes.NOT_FOUND:
                            raise _AnswerError(f"answers {response.status_code}: {_shown(body)}")
                        gathered.lines[name] = _NOBODY
                except (ServiceError, TlogError, httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
                    gathered.reasons[name] = _reason(error, self._patience)

            async def ask_mirror(url: str) -> None:
                try:
                    async with asyncio.timeout(self._patience):
                        response, body = await self._fetch(client, "GET", f"{url.rstrip('/')}/checkpoint")
                        if response.status_code == httpx.codes.OK:
                            heads.append(open_checkpoint(body, self._log).head)
                except (ServiceError, TlogError, httpx.HTTPError, httpx.InvalidURL, TimeoutError):
                    return  # a mirror that is down says nothing; witnesses are who must be heard

            await asyncio.gather(*map(ask, self._policy.witnesses), *map(ask_mirror, self._mirrors))
        return heads, gathered

    async def _exchange(
        self, client: httpx.AsyncClient, method: str, name: str, path: str, content: bytes | None = None
    ) -> tuple[httpx.Response, bytes]:
        url = self._policy.urls.get(name)
        if url is None:
            raise _AnswerError("has no address in the policy")
        return await self._fetch(client, method, f"{url.rstrip('/')}/{path}", content)

    async def _fetch(
        self, client: httpx.AsyncClient, method: str, url: str, content: bytes | None = None
    ) -> tuple[httpx.Response, bytes]:
        async with client.stream(method, url, content=content) as response:
            body = bytearray()
            async for chunk in response.aiter_raw():
                body += chunk
                if len(body) > _MAX_ANSWER:
                    raise _AnswerError(f"its answer is over {_MAX_ANSWER} bytes")
            return response, bytes(body)

    def _cosigned(self, data: bytes, key: NoteKey) -> Head:
        checkpoint = open_checkpoint(data, self._log)
        check_note(checkpoint.note, (key,))
        return checkpoint.head


_NOBODY = NoteSignature(name="", key_id=b"", signature=b"")
"""Stands for an answer that is no cosignature."""


def _checked(body: bytes, signed: Checkpoint, key: NoteKey) -> NoteSignature:
    """Return the one line of an answer that is this key's cosignature of this checkpoint; raises `NoteError`."""
    if len(body) + len(signed.note.text.encode()) > MAX_NOTE_BYTES:
        raise NoteError("the answer is too long for a note")
    answered = parse_note(signed.note.text.encode() + b"\n" + body)
    own = tuple(one for one in answered.signatures if (one.name, one.key_id) == (key.name, key.id))[:1]
    (endorsement,) = check_note(Note(text=signed.note.text, signatures=own), (key,))
    if not endorsement.at:
        raise CheckpointError("a cosignature of time 0 says nothing")
    return own[0]


def _size(body: bytes) -> int:
    found = _SIZE.fullmatch(body)
    if found is None:
        raise _AnswerError("answers 409 without a size")
    return int(found[1])


def _reason(error: Exception, patience: float) -> str:
    if isinstance(error, TimeoutError | httpx.TimeoutException):
        return f"no answer within {patience:g} seconds"
    if isinstance(error, httpx.HTTPError | httpx.InvalidURL):
        return f"cannot be asked ({type(error).__name__})"
    return str(error)[:_MAX_REASON]


def _shown(body: bytes) -> str:
    text = body[:_MAX_REASON].decode(errors="replace")
    return "".join(one if one.isprintable() else "\N{REPLACEMENT CHARACTER}" for one in text)
