"""Every error as an HTTP answer: the one place where they meet. Those of `add-checkpoint` are the specification's.

What is not in the table is ours, and opaque to the outside; it is written to stderr.
"""

from __future__ import annotations

import json
import sys
import traceback
from typing import Any

from litestar import Request, Response
from litestar.exceptions import HTTPException

from habeas.services.errors import (
    BusyError,
    ClockError,
    RefusedBlockError,
    SourceError,
    StoppedError,
)
from habeas.stores import DamagedStoreError, StoreError, StoreFullError, UnknownOutcomeError
from habeas.tlog import ForkError, NoteError, ProofError, StaleError, UnknownLogError, UnsignedError

__all__ = ["SIZE_TYPE", "answer_of", "problem"]

SIZE_TYPE = "text/x.tlog.size"
_PROBLEM_TYPE = "application/problem+json"
_INTERNAL = 500
_AGAIN = {429, 503}

_TABLE: tuple[tuple[type[Exception], int, str], ...] = (
    (UnknownLogError, 404, "unknown log"),
    (UnsignedError, 403, "not signed by the log"),
    (ForkError, 409, "two logs"),
    (ProofError, 422, "no consistency proof"),
    (RefusedBlockError, 422, "refused"),
    (NoteError, 400, "not a request"),
    (BusyError, 429, "busy"),
    (ClockError, 503, "clock"),
    (SourceError, 503, "cannot fetch"),
    (StoreFullError, 503, "disk full"),
    (UnknownOutcomeError, 503, "stopping"),
    (StoppedError, 503, "stopping"),
    (DamagedStoreError, 500, "damaged"),
    (StoreError, 503, "disk"),
)
"""Each class stands before its base. `NoteError` also covers `CheckpointError`."""


def problem(status: int, title: str, detail: str, **more: object) -> Response[bytes]:
    """Return an answer of RFC 9457."""
    value = {"type": "about:blank", "title": title, "status": status, "detail": detail, **more}
    headers = {"retry-after": "1"} if status in _AGAIN else {}
    body = json.dumps(value, ensure_ascii=False).encode()
    return Response(body, status_code=status, media_type=_PROBLEM_TYPE, headers=headers)


def answer_of(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    """Return what a client is answered to an error."""
    if isinstance(error, StaleError):  # tlog-witness: the size in decimal, and nothing else
        headers = {"content-type": SIZE_TYPE}  # as a media type it would be given a charset
        return Response(f"{error.size}\n".encode(), status_code=409, headers=headers)
    if isinstance(error, HTTPException):
        return problem(error.status_code, "request", str(error.detail))
    for known, status, title in _TABLE:
        if isinstance(error, known):
            more = {"code": error.code} if isinstance(error, RefusedBlockError) else {}
            if isinstance(error, UnknownOutcomeError | StoppedError | DamagedStoreError):
                sys.stderr.write(f"error: {error}\n")
            if isinstance(error, UnknownOutcomeError | StoppedError):
                request.app.state.stop(error)
            return problem(status, title, str(error), **more)
    traceback.print_exception(error, file=sys.stderr)
    return problem(_INTERNAL, "fault", "this is a fault of the service; its own log says more")
