"""The story of the demo: a town on a ledger, then the case, attempt by attempt, each measured in the run itself.

Every number comes from what the ledger answered. What must hold of an attempt is a `Promise`, worked out and never
assumed: where a control is missing its promise is broken, and the demo ends as a failure.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from habeas.cli._story_certificates import handed_over
from habeas.evidence import Refused
from habeas.ledger import Applied, Entry, Fault, GrantMandate, Ledger, PublishPack, Submit, audit
from habeas.mandates import GrantError
from habeas.rules import Effect
from habeas.stores import DecisionRow
from habeas.synthetic import (
    CODED,
    SIGNED_AGAIN,
    Batch,
    Office,
    Town,
    forged_entries,
    policy_statements,
    shell_mandates,
    shell_records,
    signed_again,
    unsampled_positives,
)
from habeas.wire import Instant, encode_cbor, parse_instant

__all__ = ["WHEN", "Attempts", "Outcome", "attempt_everything", "found_town"]

_PUBLISHED = parse_instant("2021-08-13T00:00+08:00")

WHEN = {
    "asked": parse_instant("2021-08-01T10:00+08:00"),
    "handed over": parse_instant("2022-06-12T19:30+08:00"),
    "before": parse_instant("2022-06-12T20:00+08:00"),
    "policy": parse_instant("2022-06-12T20:10+08:00"),
    "operator": parse_instant("2022-06-12T20:30+08:00"),
    "records": parse_instant("2022-06-12T21:00+08:00"),
    "border": CODED,
    "again": SIGNED_AGAIN,
    "laboratory": parse_instant("2022-06-15T21:00+08:00"),
    "after": parse_instant("2022-06-18T09:00+08:00"),
}
"""When each attempt comes in; `before`, the town as it honestly is, and `after`, when all has run out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How a batch of statements was answered: how many came, how many were admitted, and the refusals by code."""

    came: int
    admitted: int
    refused: tuple[tuple[str, int], ...]

    def __str__(self) -> str:
        """Return it in words, with the refusals' own codes."""
        refusals = [f"{count:,} refused ({code})" for code, count in self.refused]
        return ", ".join([*refusals, f"{self.admitted:,} admitted"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempts:
    """What the ledger answered to each attempt.

    `grants_refused` are the words in which mandates were refused. Of the red rows: how many were written by SQL, how
    many the audit named, how many savers were closed out by them, and whether the view was the old one once rebuilt.
    """

    grants: int
    grants_refused: tuple[str, ...]
    policy: Outcome
    rows_written: int
    rows_named: int
    rows_believed: int
    rebuilt_equal: bool
    records: Outcome
    entries: Outcome
    again: Outcome
    positives: Outcome


@dataclass(frozen=True, slots=True, kw_only=True)
class Founded:
    """The honest town on its ledger: how its statements were answered, and how many certificates were handed over."""

    honest: Outcome
    bodies: int
    certificates: int
    grants: int
    grants_refused: tuple[str, ...]


def found_town(ledger: Ledger, town: Town, pack: str, found_gate: Callable[[Ledger], None] | None = None) -> Founded:
    """Log mandates, publish the pack, enrol everybody, admit three honest weeks and the certificates at hand.

    `found_gate` logs the mandate of a gate before anybody is enrolled.
    """
    mandates, *batches = town.batches()
    _commit(ledger, mandates)
    asking = (town.offices.policy, town.offices.vendor)
    refused = [said for office in asking if (said := _ask_for_mandate(ledger, office)) is not None]
    ledger.commit([PublishPack(text=pack)], _PUBLISHED)
    if found_gate is not None:
        found_gate(ledger)
    applied: list[Applied] = []
    for batch in batches:
        answers = _commit(ledger, batch)
        applied += answers[len(batch.enrolments) :]
    handed = ledger.commit(handed_over(town.cast.from_the_eu, WHEN["handed over"]), WHEN["handed over"])
    return Founded(
        honest=_outcome(applied),
        bodies=len(mandates.mandates),
        certificates=_outcome(handed[1:]).admitted,  # after the trust list
        grants=len(asking),
        grants_refused=tuple(refused),
    )


def attempt_everything(ledger: Ledger, town: Town, file: Path, founded: Founded) -> Attempts:
    """Make every attempt of the case in order of time, and return what became of each."""
    _commit(ledger, shell_mandates(town, WHEN["before"]))
    policy = _outcome(_commit(ledger, policy_statements(town, WHEN["policy"])))
    before = list(ledger.store.decisions())
    subjects = [who.subject for who in town.savers]
    _write_red_rows(file, subjects, WHEN["operator"])
    named = sum(
        finding.fault in (Fault.FOREIGN_DECISION, Fault.ALTERED_DECISION) and finding.at == WHEN["operator"]
        for finding in audit(ledger.store)
    )
    believed = sum(_closed(ledger, subject, WHEN["operator"]) for subject in subjects)
    ledger.rebuild()
    return Attempts(
        grants=founded.grants,
        grants_refused=founded.grants_refused,
        policy=policy,
        rows_written=len(subjects),
        rows_named=named,
        rows_believed=believed,
        rebuilt_equal=_same(before, ledger.store.decisions()),
        records=_outcome(_commit(ledger, shell_records(town, WHEN["records"]))),
        entries=_outcome(_commit(ledger, forged_entries(town))),
        again=_outcome(_commit(ledger, signed_again(town))),
        positives=_outcome(_commit(ledger, unsampled_positives(town, WHEN["laboratory"]))),
    )


def _commit(ledger: Ledger, batch: Batch) -> tuple[Applied, ...]:
    entries: list[Entry] = [GrantMandate(mandate=mandate) for mandate in batch.mandates]
    entries += batch.enrolments
    entries += [Submit(data=data) for data in batch.statements]
    return ledger.commit(entries, batch.at)


def _outcome(applied: Sequence[Applied]) -> Outcome:
    refused = Counter(one.outcome.code for one in applied if isinstance(one.outcome, Refused))
    return Outcome(came=len(applied), admitted=len(applied) - refused.total(), refused=tuple(refused.most_common()))


def _ask_for_mandate(ledger: Ledger, office: Office) -> str | None:
    """Return in which words the ledger refuses a mandate, or None if it grants it."""
    try:
        ledger.commit([GrantMandate(mandate=office.mandate)], WHEN["asked"])
    except GrantError as error:
        return str(error)
    return None


def _write_red_rows(file: Path, subjects: Iterable[bytes], at: Instant) -> None:
    """Do what somebody with the file and a copy of SQLite can do: write decisions that look like the ledger's own."""
    rows = [
        (subject, int(at), encode_cbor({"v": 1, "subject": subject, "at": int(at), "code": "red", "grounds": []}))
        for subject in subjects
    ]
    with closing(sqlite3.connect(file)) as connection, connection:
        connection.executemany("INSERT INTO decisions (subject, at, body) VALUES (?, ?, ?)", rows)


def _closed(ledger: Ledger, subject: bytes, at: Instant) -> bool:
    code = ledger.derivation(subject).at(at).code
    return code is not None and code.effect is Effect.CLOSED


def _same(before: Iterable[DecisionRow], after: Iterable[DecisionRow]) -> bool:
    return list(before) == list(after)
