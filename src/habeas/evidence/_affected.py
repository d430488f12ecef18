"""Whose code an admitted statement can touch, so that all of it is derived again in the same step."""

from __future__ import annotations

from collections.abc import Iterator

from habeas.evidence._admitted import Admitted
from habeas.evidence._docket import Docket
from habeas.evidence._kinds import CustodianRecord, Kind, OwnAccount, Result, TestResult
from habeas.wire import Instant

__all__ = ["affected"]

_UNDOING = {Kind.RETRACTION, Kind.CORRECTION, Kind.RULING, Kind.CUSTODIAN_RECORD}


def affected(admitted: Admitted, docket: Docket, at: Instant) -> set[bytes]:
    """Return the people whose derivation may differ once `admitted` is in the docket.

    That is its own person, everybody whose statements rest on what it names (contacts of an index, however far), the
    contact of an own account, and, for a retest, everybody with a positive of the laboratory that it retests.
    """
    statements = [admitted, *(_rests_on(admitted, docket) if admitted.kind in _UNDOING else ())]
    found = {docket.subject(one.statement.ref, at) for one in statements}
    facts = admitted.statement.facts
    if isinstance(facts, OwnAccount):
        found.add(docket.subject(facts.contact, at))
    if isinstance(facts, TestResult) and facts.result is Result.NEGATIVE:
        found |= {docket.subject(one.statement.ref, at) for one in docket.retested_by(admitted)}
    found.discard(None)
    return {subject for subject in found if subject is not None}


def _rests_on(admitted: Admitted, docket: Docket) -> Iterator[Admitted]:
    """Yield what `admitted` names, and all that rests on that."""
    waiting = [found for named in docket.named_by(admitted) if (found := docket.get(named)) is not None]
    seen: set[bytes] = set()
    while waiting:
        one = waiting.pop()
        if one.id in seen:
            continue
        seen.add(one.id)
        yield one
        facts = one.statement.facts
        if isinstance(facts, CustodianRecord) and facts.countersigns is not None:
            continue
        waiting += docket.naming(one.id)
