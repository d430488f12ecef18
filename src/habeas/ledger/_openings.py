"""What the log's decisions open to, at rest: whose each is, its view, its grounds, and the one before (docs/formats.md).

A block's openings lie beside it in private. Its holder gets their own; an auditor all, by replay. They are destroyed by age.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias

from habeas.grounds import Derivation, Ground
from habeas.ledger.errors import ReplayError
from habeas.passes import GateView, Opening, PassFormatError, Previous
from habeas.stores import SUBJECT_BYTES
from habeas.wire import FOREVER, HOUR, Cbor, Instant, Span, WireError, encode_cbor, parse_deterministic_cbor

__all__ = [
    "GroundKey",
    "OpeningRow",
    "adverse_grounds",
    "format_openings",
    "opening_of",
    "parse_openings",
    "same_answer",
]

GroundKey: TypeAlias = tuple[bytes, str, bytes]
"""A ground by its pack's hash, its rule's id and its statement's id."""
_LENGTH = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class OpeningRow:
    """A decision of a block: whose it is, what it opens to, and its leaf hash."""

    subject: bytes
    opening: Opening
    leaf: bytes


def opening_of(derivation: Derivation, at: Instant, *, since: Instant | None, hint: str, previous: Previous) -> Opening:
    """Return what a person's decision at an epoch's begin commits to.

    `since` is the epoch of the one before; all causes from then on are listed (None: those of this instant). The hour that a
    view ends in is rounded down, so that an adverse code never outlasts its ground.
    """
    derived = derivation.at(at)
    span = Span(at if since is None else since.after(1), at.after(1))
    causes = {cause for instant in derivation.instants(span) for cause in derivation.causes(instant)}
    grounds: Cbor = {
        "at": int(at),
        "code": derived.code.id if derived.code else None,
        "causes": [[cause.what, cause.by] for cause in sorted(causes)],
        "grounds": [_ground(ground) for ground in derived.grounds],
        "undecided": [[row.rule, row.statement] for row in derived.undecided],
    }
    return Opening(view=_view(derivation, at, hint), grounds=grounds, previous=previous)


def _view(derivation: Derivation, at: Instant, hint: str) -> GateView:
    now = derivation.at(at).winner
    if now is None or not now.severity:
        return GateView(now=0, until=0, then=0, hint=hint)
    until = derivation.until(at)
    if until == FOREVER:  # pragma: no cover - every adverse ground has a last instant (I3)
        raise ReplayError("an adverse ground without an end: no such thing is ever logged (I3)")
    after = derivation.at(until).winner
    return GateView(
        now=now.severity, until=int(until) // HOUR, then=min(now.severity, after.severity if after else 0), hint=hint
    )


def _ground(ground: Ground) -> Cbor:
    return {
        "rule": ground.rule,
        "pack": ground.claim.rule.pack.hash,
        "statement": ground.statement,
        "signer": ground.claim.held.issuer,
        "provisional": ground.provisional,
        "severity": ground.severity,
        "until": int(ground.until),
    }


def same_answer(one: Opening, other: Opening) -> bool:
    """Whether two openings say the same code on the same grounds; what led there, and when, may differ."""
    return one.view == other.view and _answer(one) == _answer(other)


def _answer(opening: Opening) -> list[Any]:
    grounds: Any = opening.grounds
    return [grounds["code"], grounds["grounds"], grounds["undecided"]]


def adverse_grounds(opening: Opening) -> Iterator[tuple[GroundKey, int]]:
    """Yield each ground of an opening that is no default, with its severity."""
    grounds: Any = opening.grounds
    for ground in grounds["grounds"]:
        if ground["severity"]:
            yield (ground["pack"], ground["rule"], ground["statement"]), ground["severity"]


def format_openings(rows: Iterable[OpeningRow]) -> bytes:
    """Return a block's openings, in the order of its decisions: of each the length (4 bytes), then CBOR."""
    out = []
    for row in rows:
        opening = row.opening
        previous = [opening.previous.index, opening.previous.leaf]
        body = encode_cbor([row.subject, opening.view.to_bytes(), opening.grounds, *previous, row.leaf])
        out += [len(body).to_bytes(_LENGTH), body]
    return b"".join(out)


def parse_openings(data: bytes) -> tuple[OpeningRow, ...]:
    """Return a block's openings; raises `ReplayError` for what `format_openings` would not write."""
    rows, at = [], 0
    try:
        while at < len(data):
            end = at + _LENGTH + int.from_bytes(data[at : at + _LENGTH])
            value: Any = parse_deterministic_cbor(data[at + _LENGTH : end])
            rows.append(_row(*value))
            at = end
        if at != len(data) or any(len(row.subject) != SUBJECT_BYTES for row in rows):
            raise TypeError("it ends within a row")  # noqa: TRY301 - one place says what to do
    except (TypeError, ValueError, AttributeError, WireError, PassFormatError) as error:
        raise ReplayError(f"the openings of a block cannot be read: {error}. Restore them from a copy") from None
    return tuple(rows)


def _row(subject: bytes, view: bytes, grounds: Cbor, index: int, previous: bytes, leaf: bytes) -> OpeningRow:
    opening = Opening(view=GateView.of_bytes(view), grounds=grounds, previous=Previous(index=index, leaf=previous))
    return OpeningRow(subject=subject, opening=opening, leaf=leaf)
