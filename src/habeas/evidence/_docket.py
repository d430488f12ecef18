"""The docket: every admitted statement, in order, with the indexes that `hold` looks things up by.

It only grows. Everything it answers about an instant depends on statements admitted up to that instant alone, so that a
history computed late is the history computed in time.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right, insort
from collections import defaultdict
from collections.abc import Iterator

from habeas.evidence._admitted import Admitted
from habeas.evidence._kinds import (
    ContactFinding,
    CustodianRecord,
    Kind,
    Result,
    TestResult,
)
from habeas.evidence._limits import RETEST_WITHIN, WINDOW
from habeas.mandates import independent
from habeas.registry import Registry, UnknownPersonError
from habeas.wire import DAY, Instant

__all__ = ["Docket", "Key"]

Key = tuple[Instant, bytes]
_FIRST_ID = b""
_LONGEST = 92 * DAY  # no ladder runs for longer (rules: 90 days)
_LAST_ID = b"\xff" * 33


class Docket:
    """Admitted statements by id, by reference, and by what they name. Only `add` changes it."""

    def __init__(self, registry: Registry) -> None:
        self.registry = registry
        self._by_id: dict[bytes, Admitted] = {}
        self._by_ref: dict[bytes, list[Admitted]] = defaultdict(list)
        self._naming: dict[bytes, list[Admitted]] = defaultdict(list)
        self._samples: dict[bytes, list[Admitted]] = defaultdict(list)
        self._positives: dict[str, list[Key]] = defaultdict(list)
        self._usual: dict[str, list[Key]] = defaultdict(list)
        self._retests: dict[str, list[tuple[Instant, bool, bytes]]] = defaultdict(list)
        self._supported: dict[str, list[Key]] = defaultdict(list)
        self._retested: dict[bytes, tuple[str, ...]] = {}
        self._trips: dict[tuple[str, int], tuple[int, list[Instant]]] = {}
        self.last: Instant | None = None

    def __len__(self) -> int:
        return len(self._by_id)

    def __iter__(self) -> Iterator[Admitted]:
        return iter(self._by_id.values())

    def get(self, statement_id: bytes) -> Admitted | None:
        """Return an admitted statement by its id."""
        return self._by_id.get(statement_id)

    def about(self, ref: bytes) -> list[Admitted]:
        """Return what was admitted about a reference, in order of admission."""
        return self._by_ref.get(ref, [])

    def naming(self, statement_id: bytes) -> list[Admitted]:
        """Return what names a statement: retractions, rulings, findings, orders, accounts, countersignatures."""
        return self._naming.get(statement_id, [])

    def named_by(self, admitted: Admitted) -> tuple[bytes, ...]:
        """Return the ids that a statement names; for a countersigned retraction, also what that retraction names."""
        direct = _named(admitted)
        further = (self._by_id.get(named) for named in direct)
        return direct + tuple(named for one in further if one is not None for named in _named(one))

    def retested_by(self, test: Admitted, negatives: int) -> list[Admitted]:
        """Return the positives that may still count of every laboratory whose tripwire is down with a test."""
        since: Key = (test.at.after(-_LONGEST), _FIRST_ID)
        return [
            self._by_id[key[1]]
            for body in self._retested.get(test.id, ())
            if self.trips(body, negatives)[-1:] == [test.at]
            for key in self._positives.get(body, [])[bisect_left(self._positives.get(body, []), since) :]
        ]

    def samplings(self, sample: bytes) -> list[Admitted]:
        """Return the custodians' records that carry a sample number."""
        return self._samples.get(sample, [])

    def of_person(self, subject: bytes, at: Instant) -> Iterator[Admitted]:
        """Yield what was admitted about the references that are the person's at an instant."""
        for binding in self.registry.bindings(subject):
            if binding.time.covers(at):
                yield from self._by_ref.get(binding.ref, ())

    def subject(self, ref: bytes, at: Instant) -> bytes | None:
        """Return whose reference it is at an instant."""
        try:
            return self.registry.subject_of(ref, at)
        except UnknownPersonError:
            return None

    def positives_between(self, body: str, after: Instant, to: Key) -> int:
        """Count a laboratory's positives admitted later than `after`, up to and with the place `to`."""
        keys = self._positives.get(body, [])
        return bisect_right(keys, to) - bisect_right(keys, (after, _LAST_ID))

    def supported_between(self, body: str, start: Instant, to: Key) -> int:
        """Count findings that a custodian's records support, admitted from `start` up to, not including, the place `to`."""
        keys = self._supported.get(body, [])
        return bisect_left(keys, to) - bisect_left(keys, (start, _FIRST_ID))

    def usual_between(self, body: str, after: Instant, to: Key) -> int:
        """Count those of a laboratory's positives that came from a sample of another body's taking."""
        keys = self._usual.get(body, [])
        return bisect_right(keys, to) - bisect_right(keys, (after, _LAST_ID))

    def retests(self, body: str) -> list[tuple[Instant, bool, bytes]]:
        """Return the retests of a laboratory's positives by others: (instant, whether clear, who), in order."""
        return self._retests.get(body, [])

    def add(self, admitted: Admitted) -> None:
        """Put an admitted statement in; the same one again changes nothing."""
        if admitted.id in self._by_id:
            return
        self._by_id[admitted.id] = admitted
        self._by_ref[admitted.statement.ref].append(admitted)
        self.last = admitted.at
        for named in _named(admitted):
            self._naming[named].append(admitted)
        facts = admitted.statement.facts
        if isinstance(facts, CustodianRecord):
            if facts.sample is not None:
                self._samples[facts.sample].append(admitted)
        elif isinstance(facts, TestResult):
            self._add_test(admitted, facts)
        elif isinstance(facts, ContactFinding):
            for body in sorted(self._supporters(admitted)):
                insort(self._supported[body], admitted.key)

    def _add_test(self, admitted: Admitted, facts: TestResult) -> None:
        mandate = admitted.mandate
        if mandate is None:
            return
        if facts.result is Result.POSITIVE:
            insort(self._positives[mandate.body.id], admitted.key)
            if self._sampled(admitted, facts):
                insort(self._usual[mandate.body.id], admitted.key)
        if facts.result is Result.UNREAD or mandate.emergency is not None:
            return
        subject = self.subject(admitted.statement.ref, admitted.at)
        if subject is None:
            return
        tested = {
            other.mandate.body.id
            for other in self.of_person(subject, admitted.at)
            if admitted.at - RETEST_WITHIN <= other.at < admitted.at
            and isinstance(other.statement.facts, TestResult)
            and other.statement.facts.result is Result.POSITIVE
            and other.mandate is not None
            and independent(other.mandate, mandate)
            and other.statement.observed < admitted.statement.observed
        }
        if tested:
            self._retested[admitted.id] = tuple(sorted(tested))
        for body in sorted(tested):
            self._retests[body].append((admitted.at, facts.result is Result.NEGATIVE, subject))

    def _sampled(self, result: Admitted, facts: TestResult) -> bool:
        """Whether another body's sampling record of the same person was there before a result."""
        subject = self.subject(result.statement.ref, result.at)
        return any(
            record.at < result.at
            and record.mandate is not None
            and result.mandate is not None
            and independent(record.mandate, result.mandate)
            and self.subject(record.statement.ref, result.at) == subject
            for record in self.samplings(facts.sample)
        )

    def _supporters(self, finding: Admitted) -> set[str]:
        """Bodies whose household and event records stand behind the person of a finding, for the daily cap."""
        subject = self.subject(finding.statement.ref, finding.at)
        facts = finding.statement.facts
        index = self._by_id.get(facts.index) if isinstance(facts, ContactFinding) else None
        if subject is None or index is None:
            return set()
        near = self.subject(index.statement.ref, finding.at)
        events = {
            record.statement.facts.event
            for record in (self.of_person(near, finding.at) if near else ())
            if isinstance(record.statement.facts, CustodianRecord) and record.at < finding.at
        } - {None}
        return {
            record.mandate.body.id
            for record in self.of_person(subject, finding.at)
            if isinstance(record.statement.facts, CustodianRecord)
            and (
                record.statement.facts.event in events
                or (record.statement.facts.other and self.subject(record.statement.facts.other, finding.at) == near)
            )
            and record.mandate is not None
            and record.at < finding.at
        }

    def trips(self, body: str, negatives: int) -> list[Instant]:
        """Return the instants at which a laboratory's tripwire is down.

        That is each instant of a retest at which, of the people retested in the 24 hours up to it, at least `negatives`
        and at least half were clear; whoever was found positive in those hours is not.
        """
        rows = self.retests(body)
        cached = self._trips.get((body, negatives))
        if cached is not None and cached[0] == len(rows):
            return cached[1]
        found: list[Instant] = []
        first = 0
        tally: dict[bytes, list[int]] = {}  # of each person: retests, and positive ones, in the window
        clear = 0

        def count(row: tuple[Instant, bool, bytes], by: int) -> int:
            """Add a row to the tally, or take it out; return by how much the clear people change."""
            mine = tally.setdefault(row[2], [0, 0])
            before = mine[0] > 0 and not mine[1]
            mine[0] += by
            mine[1] += 0 if row[1] else by
            if not mine[0]:
                del tally[row[2]]
            return (mine[0] > 0 and not mine[1]) - before

        for last, row in enumerate(rows):
            at = row[0]
            clear += count(row, 1)
            if last + 1 < len(rows) and rows[last + 1][0] == at:
                continue  # an instant is judged whole
            while rows[first][0] <= at - WINDOW:
                clear += count(rows[first], -1)
                first += 1
            if clear >= negatives and 2 * clear >= len(tally):
                found.append(at)
        self._trips[body, negatives] = (len(rows), found)
        return found


_NAMES = {
    Kind.RETRACTION: ("target",),
    Kind.CORRECTION: ("target",),
    Kind.RULING: ("target",),
    Kind.DIAGNOSIS: ("names",),
    Kind.ISOLATION_ORDER: ("basis",),
    Kind.CONTACT_FINDING: ("index", "via"),
    Kind.OWN_ACCOUNT: ("index",),
    Kind.CUSTODIAN_RECORD: ("against", "countersigns"),
}
"""The fields in which a kind names other statements."""


def _named(admitted: Admitted) -> tuple[bytes, ...]:
    facts = admitted.statement.facts
    named: tuple[bytes | None, ...] = tuple(getattr(facts, name) for name in _NAMES.get(facts.kind, ()))
    return tuple(statement_id for statement_id in named if statement_id is not None)


GROUND_KINDS = frozenset({Kind.TEST_RESULT, Kind.DIAGNOSIS, Kind.CONTACT_FINDING, Kind.BORDER_ENTRY})
