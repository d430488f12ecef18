"""The diary of the town: three weeks in two batches a day, so that a record of the morning precedes the word on it."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator

from habeas.evidence import SAMPLE_BYTES, CustodianRecord, Method, Record, Result, TestResult
from habeas.synthetic._batch import Batch
from habeas.synthetic._offices import Office, Offices
from habeas.synthetic._residents import Resident
from habeas.wire import DAY, HOUR, Instant, parse_instant

__all__ = ["DAYS", "FIRST_DAY", "MINUTE", "Diary", "evening", "morning"]

MINUTE = 60
FIRST_DAY = parse_instant("2022-05-22T00:00+08:00")
DAYS = 22
"""Up to and with 12 June 2022."""

_METHOD = Method.PCR


def morning(day: int) -> Instant:
    """Return when the records of a day's morning come in; days count from 22 May 2022 as 0."""
    return FIRST_DAY.after(day * DAY + 10 * HOUR)


def evening(day: int) -> Instant:
    """Return when results, findings and entries of a day come in."""
    return FIRST_DAY.after(day * DAY + 19 * HOUR)


class Diary:
    """What the offices have signed so far, by when it is sent in."""

    def __init__(self, seed: str, offices: Offices) -> None:
        self.seed = seed
        self.offices = offices
        self._slots: dict[Instant, list[bytes]] = defaultdict(list)

    def put(self, at: Instant, data: bytes) -> bytes:
        """Keep a signed statement for the batch at an instant, and return it; its id is worked out only where one is needed."""
        self._slots[at].append(data)
        return data

    def batches(self) -> Iterator[Batch]:
        """Yield the batches in order."""
        for at in sorted(self._slots):
            yield Batch(at=at, statements=tuple(self._slots[at]))

    def sampled(self, who: Resident, day: int, *, own_act: bool = False) -> None:
        """Have a person sampled in the morning.

        A clinic takes the sample; with `own_act` the laboratory does, and the person signs its number.
        """
        sample = self.sample(who, day)
        act = who.key.sign(sample) if own_act and who.key else None
        taker = self.laboratory(who) if act else self._clinic(who)
        record = CustodianRecord(record=Record.SAMPLING, sample=sample, act=act)
        observed = self.sampled_at(who, day)
        self.put(morning(day), taker.sign(record, who.ref, observed, observed.after(5 * MINUTE)))

    def tested(self, who: Resident, day: int, result: Result, *, own_act: bool = False) -> bytes:
        """Have a person sampled in the morning and the result signed in the evening; return the signed result."""
        self.sampled(who, day, own_act=own_act)
        return self.put(evening(day), self.result(who, day, result, evening(day).after(-10 * MINUTE)))

    def result(self, who: Resident, day: int, result: Result, issued: Instant) -> bytes:
        """Return the laboratory's signed result of a sample taken on a day."""
        facts = TestResult(method=_METHOD, result=result, sample=self.sample(who, day))
        return self.laboratory(who).sign(facts, who.ref, self.sampled_at(who, day), issued)

    def sampled_at(self, who: Resident, day: int) -> Instant:
        """Return when in the morning a person's sample is taken."""
        return morning(day).after(-150 * MINUTE + who.number % 120 * MINUTE)

    def sample(self, who: Resident, day: int) -> bytes:
        """Return the number of the sample that a person gives on a day."""
        return hashlib.sha256(f"{self.seed}/sample/{who.away}/{who.number}/{day}".encode()).digest()[:SAMPLE_BYTES]

    def laboratory(self, who: Resident) -> Office:
        """Return the laboratory that tests a person."""
        laboratories = self.offices.laboratories
        return self.offices.away_laboratory if who.away else laboratories[who.number % len(laboratories)]

    def _clinic(self, who: Resident) -> Office:
        clinics = self.offices.clinics
        return self.offices.away_clinic if who.away else clinics[who.number % len(clinics)]
