"""The misuse of June 2022 and the ways round the controls that we could think of, as labelled batches.

Each makes the strongest attempt that its author could: well-formed statements, right signatures, times that fit.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable

from habeas.evidence import SAMPLE_BYTES, BorderEntry, CustodianRecord, Facts, Method, Record, Result, TestResult
from habeas.synthetic._batch import Batch, Misuse
from habeas.synthetic._offices import Office
from habeas.synthetic._residents import Resident
from habeas.synthetic._town import Town
from habeas.wire import HOUR, Instant, parse_instant

__all__ = [
    "CODED",
    "LANDED",
    "SIGNED_AGAIN",
    "forged_entries",
    "policy_statements",
    "shell_mandates",
    "shell_records",
    "signed_again",
    "unsampled_positives",
]

LANDED = parse_instant("2022-06-12T18:00+08:00")
"""When the forged statements say that their people entered: the same day, so that records of that day would fit."""

CODED = parse_instant("2022-06-12T21:04+08:00")
"""The minute of the screenshot."""

SIGNED_AGAIN = parse_instant("2022-06-15T20:00+08:00")
"""Day three, when what was signed at 21:04 on 12 June has lapsed."""

_ORIGIN = "HK"
"""Where a saver who had never left the city was told that the data put him."""


def forged_entries(town: Town, at: Instant = CODED) -> Batch:
    """Return "inbound" statements about every saver, by the border's own key, though nobody saw any of them arrive."""
    return _entries(town.savers, town.offices.border, at, Misuse.FORGED_ENTRY)


def signed_again(town: Town, at: Instant = SIGNED_AGAIN) -> Batch:
    """Return the same once more."""
    return _entries(town.savers, town.offices.border, at, Misuse.SIGNED_AGAIN)


def policy_statements(town: Town, at: Instant) -> Batch:
    """Return the same about those in the city, signed by an office that has decided it and has no mandate."""
    return _entries(town.savers[: town.savers_here], town.offices.policy, at, Misuse.POLICY_OFFICE)


def shell_mandates(town: Town, at: Instant) -> Batch:
    """Return mandates for two bodies that nobody had heard of, each with owners of its own."""
    mandates = tuple(shell.mandate for shell in town.offices.shells)
    return Batch(at=at, mandates=mandates, misuse=Misuse.SHELL_MANDATE)


def shell_records(town: Town, at: Instant) -> Batch:
    """Return a passenger list and a guest register with those in the city, to be there before the entries are signed."""
    coach, guest_house = town.offices.shells
    rows = [(coach, Record.MANIFEST), (guest_house, Record.SITE_REGISTER)]
    here = town.savers[: town.savers_here]
    statements = tuple(
        _signed(office, CustodianRecord(record=record), who, at) for office, record in rows for who in here
    )
    return Batch(at=at, statements=statements, misuse=Misuse.SHELL_RECORD)


def unsampled_positives(town: Town, at: Instant) -> Batch:
    """Return positive results of samples that nobody ever took, by a laboratory that was told to."""
    statements = tuple(
        _signed(
            town.offices.coerced,
            TestResult(method=Method.PCR, result=Result.POSITIVE, sample=_invented(town, who)),
            who,
            at,
            observed=at.after(-HOUR),
        )
        for who in town.savers
    )
    return Batch(at=at, statements=statements, misuse=Misuse.UNSAMPLED_POSITIVE)


def _entries(people: Iterable[Resident], office: Office, at: Instant, misuse: Misuse) -> Batch:
    entry = BorderEntry(origin=_ORIGIN)
    return Batch(at=at, statements=tuple(_signed(office, entry, who, at) for who in people), misuse=misuse)


def _signed(office: Office, facts: Facts, who: Resident, at: Instant, observed: Instant = LANDED) -> bytes:
    return office.sign(facts, who.ref, observed, at)


def _invented(town: Town, who: Resident) -> bytes:
    return hashlib.sha256(f"{town.seed}/invented/{who.away}/{who.number}".encode()).digest()[:SAMPLE_BYTES]
