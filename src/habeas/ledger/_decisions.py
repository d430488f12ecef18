"""Decisions at rest: a view of what derivation says, which can be dropped and made again byte for byte (I1)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass

from habeas.grounds import Change, Derivation
from habeas.stores import DecisionRow, NoticeRow
from habeas.wire import Instant, Span, encode_cbor

__all__ = ["FIRST", "Newest", "decision_rows", "notice_of", "registry_notice"]

FIRST = bytes(32)
"""What the first decision of a person names as the one before."""


@dataclass(frozen=True, slots=True)
class Newest:
    """A person's newest decision: its instant, its hash, and its code."""

    at: Instant
    digest: bytes
    code: str | None

    @classmethod
    def of(cls, row: DecisionRow, change: Change) -> Newest:
        """Return what the next decision must know of a derived one; a row at rest is never asked."""
        code = change.derived.code
        return cls(row.at, hashlib.sha256(row.body).digest(), code.id if code else None)


def decision_rows(
    subject: bytes, derivation: Derivation, span: Span, newest: Newest | None = None
) -> Iterator[tuple[DecisionRow, Change, str | None]]:
    """Yield a person's decisions with the change and the code before it: all, or those after the newest known.

    A decision has a row at each instant at which code or grounds change. It names the one before by hash, its grounds
    with pack and statement, the authority that signed, its causes, and its end as fixed when the ground arose. Before
    any rules are in force there is nothing to write.
    """
    previous, code_before = (newest.digest, newest.code) if newest else (FIRST, None)
    begun = newest is not None
    if newest is not None:
        span = Span(max(span.start, newest.at), span.end)  # what came before is written; time goes on from there
    for change in derivation.timeline(span):
        code = change.derived.code
        if (code is None and not begun) or (newest is not None and change.derived.at <= newest.at):
            continue
        begun = True
        body = encode_cbor(_decision(subject, change, previous))
        yield DecisionRow(subject=subject, at=change.derived.at, body=body), change, code_before
        previous, code_before = hashlib.sha256(body).digest(), code.id if code else None


def _decision(subject: bytes, change: Change, previous: bytes) -> dict[str, object]:
    derived = change.derived
    winner = derived.winner
    return {
        "v": 1,
        "subject": subject,
        "at": int(derived.at),
        "code": derived.code.id if derived.code else None,
        "grounds": [
            {
                "rule": ground.rule,
                "pack": ground.claim.rule.pack.hash,
                "statement": ground.statement,
                "provisional": ground.provisional,
                "severity": ground.severity,
                "until": int(ground.until),
            }
            for ground in derived.grounds
        ],
        "undecided": [[row.rule, row.statement] for row in derived.undecided],
        "authority": winner.claim.held.issuer if winner else None,
        "until": int(winner.until) if winner else None,
        "causes": [[cause.what, cause.by] for cause in change.causes],
        "previous": previous,
    }


def notice_of(row: DecisionRow, change: Change, code_before: str | None) -> NoticeRow:
    """Return the notice of a decision: it goes by the person's own channel, before the decision can be read (I10)."""
    code = change.derived.code
    body: dict[str, object] = {
        "what": "decision",
        "from": code_before,
        "to": code.id if code else None,
        "causes": [[cause.what, cause.by] for cause in change.causes],
        "decision": hashlib.sha256(row.body).digest(),
    }
    return _notice(row.subject, row.at, body)


def registry_notice(subject: bytes, at: Instant, what: str) -> NoticeRow:
    """Return the notice of a registry event, which everybody whom it touches gets."""
    return _notice(subject, at, {"what": what})


def _notice(subject: bytes, at: Instant, body: dict[str, object]) -> NoticeRow:
    data = encode_cbor(body)
    name = hashlib.sha256(b"habeas/v1/notice" + subject + int(at).to_bytes(8, signed=True) + data).digest()
    return NoticeRow(id=name, subject=subject, at=at, body=data)
