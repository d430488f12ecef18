"""The audit: what the store shows against what its events give, by somebody who does not trust the store.

Every statement's signature is checked again, every event is carried out again, every decision is derived again.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from habeas.evidence import Admitted, Refused
from habeas.ledger._entries import HandOver, Submit, read_event
from habeas.ledger._state import VERIFY, State
from habeas.ledger.errors import ReplayError
from habeas.stores import DecisionRow, Event, Store
from habeas.wire import Instant

__all__ = ["Fault", "Finding", "audit"]


class Fault(Enum):
    """What is wrong with a row."""

    FOREIGN_DECISION = "foreign-decision"
    ALTERED_DECISION = "altered-decision"
    MISSING_DECISION = "missing-decision"
    UNREADABLE_EVENT = "unreadable-event"
    FALSE_EVENT = "false-event"
    UNATTEMPTED_NOTICE = "unattempted-notice"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One row that is not what the events give: what, whose (if it is a person's), when, and in words."""

    fault: Fault
    at: Instant
    subject: bytes | None
    message: str


def audit(store: Store) -> tuple[Finding, ...]:
    """Return everything in a store that its events do not give; empty means clean. The store is only read."""
    state, last, found = _carry_out(store)
    stored = {(row.subject, row.at): row for row in store.decisions()}
    derived = {(row.subject, row.at): row for row in state.rows(last)} if last is not None else {}
    for key in sorted(stored.keys() | derived.keys()):
        finding = _compare(key, stored.get(key), derived.get(key))
        if finding is not None:
            found.append(finding)
    for notice in store.notices(pending=True):
        said = "a notice was never attempted: open the ledger, it finishes what was left undone"
        found.append(Finding(fault=Fault.UNATTEMPTED_NOTICE, at=notice.at, subject=notice.subject, message=said))
    return tuple(found)


def _compare(key: tuple[bytes, Instant], stored: DecisionRow | None, derived: DecisionRow | None) -> Finding | None:
    subject, at = key
    if stored is None:
        fault, said = Fault.MISSING_DECISION, "the events give a decision that is not in the store"
    elif derived is None:
        fault, said = Fault.FOREIGN_DECISION, "a decision that no rule and no statement gives; it has no effect"
    elif stored.body != derived.body:
        fault, said = Fault.ALTERED_DECISION, "a decision with other contents than the events give; it has no effect"
    else:
        return None
    return Finding(fault=fault, at=at, subject=subject, message=f"{said} (I1); `habeas rebuild` writes the view anew")


def _carry_out(store: Store) -> tuple[State, Instant | None, list[Finding]]:
    state, last = State(), None
    found: list[Finding] = []
    for number, event in store.events():
        said = _again(state, event)
        if said is not None:
            found.append(
                Finding(
                    fault=Fault.UNREADABLE_EVENT if said.startswith("event ") else Fault.FALSE_EVENT,
                    at=event.at,
                    subject=None,
                    message=f"event {number} ({event.kind}): {said}",
                )
            )
        if last is not None and event.at < last:
            said = f"event {number} is dated before the one in front of it"
            found.append(Finding(fault=Fault.FALSE_EVENT, at=event.at, subject=None, message=said))
        last = event.at if last is None else max(last, event.at)
    return state, last, found


def _again(state: State, event: Event) -> str | None:
    """Carry an event out once more and say what is wrong with it, if anything is."""
    try:
        entry = read_event(event)
    except ReplayError as error:
        return str(error)
    if isinstance(entry, Refused):
        return None
    try:
        outcome = state.apply(entry, event.at, VERIFY).outcome
    except Exception as error:  # noqa: BLE001 - any room's refusal of a stored event is a finding
        return f"it is refused when carried out again: {error}"
    if isinstance(entry, Submit | HandOver):
        if isinstance(outcome, Refused):
            return f"it is refused when judged again: {outcome.code}, {outcome.message}"
        if isinstance(outcome, tuple) and isinstance(outcome[0], Admitted) and outcome[0].id != event.id:
            return "its id is not that of the statement in it"
    return None
