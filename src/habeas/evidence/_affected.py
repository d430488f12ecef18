"""Whose code an admitted statement can touch, so that all of it is derived again in the same step."""

from __future__ import annotations

from collections.abc import Iterator

from habeas.evidence._admitted import Admitted
from habeas.evidence._docket import Docket
from habeas.evidence._kinds import CustodianRecord, Kind, OwnAccount, Result, TestResult
from habeas.wire import Instant

__all__ = ["affected"]

_UNDOING = {Kind.RETRACTION, Kind.CORRECTION, Kind.RULING, Kind.CUSTODIAN_RECORD}


def affected(admitted: Admitted, docket: Docket, at: Instant, retest_negatives: int = 1) -> set[bytes]:
    """Return the people whose derivation may differ once `admitted` is in the docket.

    That is its own person, everybody whose statements rest on what it names (contacts of an index, however far), the
    contact of an own account, and, for a retest that brings a laboratory's tripwire down, everybody with a positive of
    it. `retest_negatives` is the lowest of any pack.
    """
    statements = [admitted, *(_rests_on(admitted, docket) if admitted.kind in _UNDOING else ())]
    facts = admitted.statement.facts
    if isinstance(facts, TestResult) and facts.result is Result.NEGATIVE:
        statements += docket.retested_by(admitted, retest_negatives)
    refs = set().union(*(docket.registry.mates(one.statement.ref) for one in statements))
    if isinstance(facts, OwnAccount):
        refs.add(facts.contact)
    found = {subject for ref in refs if (subject := docket.subject(ref, at)) is not None}
    for subject in tuple(found):  # a contact's support stands on that of the index
        for one in docket.of_person(subject, at):
            if one.kind is Kind.TEST_RESULT:
                found |= {
                    contact
                    for finding in docket.naming(one.id)
                    if (contact := docket.subject(finding.statement.ref, at)) is not None
                }
    return found


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
