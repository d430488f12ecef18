"""Support: which independent custodians stand behind a statement, each with a record of its own, and when (I4).

Nobody supports by agreeing. A record counts if it was committed before the statement that it supports and is about the
same event; custodians that share a superior, an operator or a key count once; a body under an emergency mandate counts
not at all. A caller counts the signer as one.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from statistics import median_low

from habeas.evidence._admitted import Admitted
from habeas.evidence._docket import Docket
from habeas.evidence._ending import ending
from habeas.evidence._kinds import (
    BorderEntry,
    ContactFinding,
    CustodianRecord,
    Diagnosis,
    OwnAccount,
    Record,
    Result,
    TestResult,
)
from habeas.evidence._limits import COMMIT_WITHIN, HISTORY, WINDOW, Limits
from habeas.mandates import Mandate, custodians, independent
from habeas.wire import BEGINNING, DAY, FOREVER, Instant, Span

__all__ = ["INDEX_ACCOUNT", "OWN_ACT", "Backing", "backing", "countersigned"]

OWN_ACT = "person's own act"
INDEX_ACCOUNT = "index person's own account"
_TRAVEL_RECORDS = frozenset({Record.MANIFEST, Record.STAMP, Record.ACCESSION, Record.SITE_REGISTER})


@dataclass(frozen=True, slots=True)
class Backing:
    """One custodian behind a statement, the span for which it stands, and the record that it rests on.

    `mandate` is the record's; None for the person's own act and the index person's own account.
    """

    custodian: str
    span: Span
    record: bytes
    mandate: Mandate | None


@dataclass(frozen=True, slots=True)
class _Voice:
    """A record that may stand behind a statement: whose, from when to when."""

    record: Admitted
    name: str
    mandate: Mandate | None
    span: Span


def backing(admitted: Admitted, docket: Docket, limits: Limits) -> tuple[Backing, ...]:
    """Return every custodian behind a statement that can be a ground, other than its signer, with its span."""
    if admitted.mandate is None or admitted.mandate.emergency is not None:
        return ()  # an emergency mandate gives provisional grounds only (I7)
    facts = admitted.statement.facts
    if isinstance(facts, Diagnosis):
        named = docket.get(facts.names)
        return backing(named, docket, limits) if named is not None and _of_one_time(admitted, named) else ()
    if isinstance(facts, TestResult):
        spans = _laboratory_spans(admitted, docket, limits)
        return _cut(_grouped(admitted.mandate, _sampling(admitted, facts, docket)), spans)
    if isinstance(facts, ContactFinding):
        rows = _grouped(admitted.mandate, _contact(admitted, facts, docket, limits))
        return _cut(_cut(rows, _uncontradicted(admitted, docket)), _index_supported(admitted, facts, docket, limits))
    if isinstance(facts, BorderEntry):
        return _cut(_grouped(admitted.mandate, _travel(admitted, docket)), _uncontradicted(admitted, docket))
    return ()


def _grouped(signer: Mandate, voices: Iterator[_Voice]) -> tuple[Backing, ...]:
    """Return one backing a voice, named after its custodian; those that are the signer's own custodian fall out."""
    found = sorted(voices, key=lambda voice: voice.record.key)
    groups = custodians([signer, *(voice.mandate for voice in found if voice.mandate is not None)])
    name_of = {body: group[0] for group in groups for body in group}
    own = name_of[signer.body.id]
    rows = []
    for voice in found:
        name = voice.name if voice.mandate is None else name_of[voice.mandate.body.id]
        if name != own and voice.span:
            rows.append(Backing(name, voice.span, voice.record.id, voice.mandate))
    return tuple(rows)


def _cut(rows: tuple[Backing, ...], spans: tuple[Span, ...]) -> tuple[Backing, ...]:
    cut = (dataclasses.replace(row, span=row.span.cut(span)) for row in rows for span in spans)
    return tuple(row for row in cut if row.span)


def _live(record: Admitted, docket: Docket, start: Instant) -> Span:
    return Span(max(start, record.at), ending(record, docket).at)


def _counts(record: Admitted) -> bool:
    """Whether a record's body can support at all: mandated, and not in an emergency."""
    return record.mandate is not None and record.mandate.emergency is None


def _sampling(result: Admitted, facts: TestResult, docket: Docket) -> Iterator[_Voice]:
    """Tier 1: a sampling record of the same sample and person, made before the result, by another or with the act."""
    subject = docket.subject(result.statement.ref, result.at)
    for record in docket.samplings(facts.sample):
        made = record.statement
        if (
            not isinstance(made.facts, CustodianRecord)
            or made.facts.record is not Record.SAMPLING
            or made.facts.against is not None
            or record.at >= result.at
            or abs(made.observed - result.statement.observed) > WINDOW
            or made.issued > result.statement.issued
            or docket.subject(made.ref, result.at) != subject
            or not _counts(record)
        ):
            continue
        if made.facts.act is not None:
            yield _Voice(record, OWN_ACT, None, _live(record, docket, result.at))
        else:
            yield _Voice(record, record.issuer, record.mandate, _live(record, docket, result.at))


def _contact(finding: Admitted, facts: ContactFinding, docket: Docket, limits: Limits) -> Iterator[_Voice]:
    """Tier 2: a household register, the index person's own account, or records of one event from before the sampling."""
    index = docket.get(facts.index)
    subject = docket.subject(finding.statement.ref, finding.at)
    if index is None or subject is None:
        return
    index_subject = docket.subject(index.statement.ref, finding.at)
    shared = {
        record.statement.facts.event
        for record in (docket.of_person(index_subject, finding.at) if index_subject else ())
        if isinstance(record.statement.facts, CustodianRecord) and record.at <= index.statement.observed
    } - {None}
    for record in docket.of_person(subject, finding.at):
        made = record.statement.facts
        if not isinstance(made, CustodianRecord) or record.at >= finding.at or not _counts(record):
            continue
        if made.against is not None:
            continue
        household = made.other is not None and docket.subject(made.other, finding.at) == index_subject
        event = made.event in shared and record.at <= index.statement.observed
        if household or event:
            start = _supports_from(record, finding, docket, limits)
            yield _Voice(record, record.issuer, record.mandate, _live(record, docket, start))
    for account in docket.naming(facts.index):
        word = account.statement.facts
        if isinstance(word, OwnAccount) and docket.subject(word.contact, max(account.at, finding.at)) == subject:
            yield _Voice(account, INDEX_ACCOUNT, None, _live(account, docket, finding.at))


def _index_supported(finding: Admitted, facts: ContactFinding, docket: Docket, limits: Limits) -> tuple[Span, ...]:
    """Return when anybody stands behind the index: what is itself provisional bars nobody's family."""
    index = docket.get(facts.index)
    if index is None or not _of_one_time(finding, index):
        return ()
    return _union(row.span for row in backing(index, docket, limits))


def _of_one_time(one: Admitted, named: Admitted) -> bool:
    """Whether what names a positive was observed within a fortnight of it: an old result says nothing of today."""
    return abs(one.statement.observed - named.statement.observed) <= HISTORY // 2


def _union(spans: Iterable[Span]) -> tuple[Span, ...]:
    found: list[Span] = []
    for span in sorted(spans, key=lambda span: span.start):
        if found and span.start <= found[-1].end:
            found[-1] = Span(found[-1].start, max(found[-1].end, span.end))
        else:
            found.append(span)
    return tuple(found)


def _supports_from(record: Admitted, finding: Admitted, docket: Docket, limits: Limits) -> Instant:
    """Return since when a custodian's record supports a finding.

    At once within its share of the day, else from the countersignature of another level, if one comes.
    """
    body = record.issuer
    today = finding.at - finding.at % DAY
    before = docket.supported_between(body, Instant(today), finding.key)
    if before < limits.custodian_floor:
        return finding.at
    days = [
        docket.supported_between(body, Instant(today - n * DAY), (Instant(today - (n - 1) * DAY), b""))
        for n in range(1, HISTORY // DAY + 1)
    ]
    return finding.at if before < limits.custodian_factor * median_low(days) else countersigned(finding, docket)


def countersigned(admitted: Admitted, docket: Docket) -> Instant:
    """Return the instant at which another level's independent body countersigned a statement; `FOREVER` if none did."""
    return min(
        (
            other.at
            for other in docket.naming(admitted.id)
            if isinstance(other.statement.facts, CustodianRecord)
            and other.statement.facts.countersigns == admitted.id
            and other.mandate is not None
            and other.mandate.emergency is None
            and admitted.mandate is not None
            and independent(other.mandate, admitted.mandate)
        ),
        default=FOREVER,
    )


def _travel(entry: Admitted, docket: Docket) -> Iterator[_Voice]:
    """Tier 3: manifest, stamp, accession or register of the person within a day of the entry, committed in time."""
    subject = docket.subject(entry.statement.ref, entry.at)
    if subject is None:
        return
    for record in docket.of_person(subject, entry.at):
        made = record.statement
        if (
            isinstance(made.facts, CustodianRecord)
            and made.facts.record in _TRAVEL_RECORDS
            and made.facts.against is None
            and _counts(record)
            and record.at < entry.at
            and record.at <= made.observed + COMMIT_WITHIN
            and abs(made.observed - entry.statement.observed) <= WINDOW
        ):
            yield _Voice(record, record.issuer, record.mandate, _live(record, docket, entry.at))


def _uncontradicted(admitted: Admitted, docket: Docket) -> tuple[Span, ...]:
    """Return the spans in which no live record contradicts a statement of tier 2 or 3."""
    spans = [Span(BEGINNING, FOREVER)]
    for other in docket.naming(admitted.id):
        facts = other.statement.facts
        if isinstance(facts, CustodianRecord) and facts.against == admitted.id:
            live = _live(other, docket, other.at)
            spans = [part for span in spans for part in _without(span, live)]
    return tuple(spans)


def _without(span: Span, hole: Span) -> Iterator[Span]:
    for part in (Span(span.start, min(span.end, hole.start)), Span(max(span.start, hole.end), span.end)):
        if part:
            yield part


def _laboratory_spans(result: Admitted, docket: Docket, limits: Limits) -> tuple[Span, ...]:
    """Return when a positive may be supported at all: within its laboratory's cap and tripwire, or once confirmed.

    A second laboratory's live positive for the same person confirms it, from its admission on.
    """
    mandate = result.mandate
    if mandate is None:
        return ()
    body = mandate.body.id
    start = Instant(result.at - WINDOW)
    history = docket.usual_between(body, Instant(start - HISTORY), (start, b"\xff" * 33))
    cap = limits.laboratory_floor + limits.laboratory_factor * history * DAY // HISTORY
    waits = docket.positives_between(body, start, result.key) > cap
    trip = min((at for at in docket.trips(body, limits.retest_negatives) if at + WINDOW > result.at), default=FOREVER)
    free = Span(result.at, result.at if waits else max(trip, result.at))
    confirmed = (_live(other, docket, result.at) for other in _second_positives(result, mandate, docket))
    return (free, *(Span(max(span.start, free.end), span.end) for span in confirmed))


def _same_person_at(other: Admitted, result: Admitted, docket: Docket) -> bool:
    """Whether both are about one person still when the later of them came in: a split parts what comes after it."""
    at = max(other.at, result.at)
    return docket.subject(other.statement.ref, at) == docket.subject(result.statement.ref, at)


def _second_positives(result: Admitted, mandate: Mandate, docket: Docket) -> Iterator[Admitted]:
    subject = docket.subject(result.statement.ref, result.at)
    for other in docket.of_person(subject, result.at) if subject else ():
        facts = other.statement.facts
        if (
            isinstance(facts, TestResult)
            and facts.result is Result.POSITIVE
            and _counts(other)
            and other.mandate is not None
            and independent(other.mandate, mandate)
            and abs(other.statement.observed - result.statement.observed) <= HISTORY // 2
            and _same_person_at(other, result, docket)
        ):
            yield other
