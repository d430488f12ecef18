"""Small worlds for properties: what a few bodies said about a few people, in order.

Signatures are skipped: what the door refuses is tested at the door. Every statement here could have come through it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from hypothesis.vendor.pretty import RepresentationPrinter

from habeas.evidence import (
    Admitted,
    Docket,
    Held,
    Kind,
    Limits,
    format_facts,
    hold,
)
from habeas.mandates import Body, BodyClass, Emergency, Level, Mandate
from habeas.registry import Merge, Registry, RegistryEvent
from habeas.wire import DAY, Algorithm, Area, Instant, Span, VerifyingKey, parse_instant

BASE = parse_instant("2022-06-01T00:00:00Z")
TIGHT = Limits(
    contacts_an_index=1,
    custodian_floor=1,
    custodian_factor=1,
    laboratory_floor=1,
    laboratory_factor=1,
    retest_negatives=1,
)

Entry = Admitted | tuple[RegistryEvent, Instant]


def number(name: str, size: int = 32) -> bytes:
    """Return `size` bytes that a name alone gives."""
    return hashlib.sha256(name.encode()).digest()[:size]


def _mandate(name: str, superior: str, operator: str, level: Level, *, emergency: bool = False) -> Mandate:
    declared = Emergency(declared_by=(("nation", Level.NATION), ("province", Level.PROVINCE)))
    return Mandate(
        body=Body(id=name, superior=superior, operator=operator, level=level, body_class=BodyClass.SOURCE, names=()),
        kinds=frozenset(kind.value for kind in Kind),
        area=Area("CN-41"),
        key=VerifyingKey(algorithm=Algorithm.EDDSA, public=number(f"key of {name}")),
        time=Span(BASE.after(-365 * DAY), BASE.after(365 * DAY)),
        emergency=declared if emergency else None,
    )


BODIES = (
    _mandate("a", "over-a", "a", Level.CITY),
    _mandate("b", "over-b", "b", Level.COUNTY),
    _mandate("c", "over-c", "c", Level.PROVINCE),
    _mandate("d", "over-d", "d", Level.CITY),
    _mandate("a-sister", "over-a", "a-sister", Level.COUNTY),
    _mandate("b-machines", "over-e", "b", Level.PROVINCE),
    _mandate("c-below", "c", "c-below", Level.CITY),
    _mandate("hurried", "over-h", "hurried", Level.CITY, emergency=True),
)


@dataclass(repr=False)
class World:
    """What happened, in order; registry and docket are made anew from it."""

    entries: list[Entry] = field(default_factory=list)

    def __repr__(self) -> str:
        """Say shortly what happened, for the day that a property fails."""
        return "\n".join(["World:", *map(_line, self.entries)])

    def _repr_pretty_(self, printer: RepresentationPrinter, _: bool) -> None:  # noqa: FBT001 - as Hypothesis calls it
        printer.text(repr(self))

    def subjects(self) -> list[bytes]:
        return [person.subject for person in self.docket().registry.people()]

    def until(self, at: int) -> World:
        """Return the world as it was known at an instant."""
        return World([entry for entry in self.entries if instant_of(entry) <= at])

    def docket(self) -> Docket:
        docket = Docket(Registry())
        for entry in self.entries:
            if isinstance(entry, Admitted):
                docket.add(entry)
            else:
                docket.registry.apply(*entry)
        return docket

    def statements(self) -> list[Admitted]:
        return [entry for entry in self.entries if isinstance(entry, Admitted)]

    def without(self, statement_id: bytes) -> World:
        return World(
            [entry for entry in self.entries if not (isinstance(entry, Admitted) and entry.id == statement_id)]
        )

    def held(self, limits: Limits) -> dict[bytes, tuple[Held, ...]]:
        """Return what is held about everybody."""
        docket = self.docket()
        return {person.subject: hold(person.subject, docket, lambda _: limits) for person in docket.registry.people()}


def _line(entry: Entry) -> str:
    if not isinstance(entry, Admitted):
        return f"  {entry[1]} {type(entry[0]).__name__} {entry[0].subject.hex()[:4] if not isinstance(entry[0], Merge) else ''}"
    one = entry.statement
    facts = " ".join(
        f"{name}={value.hex()[:4] if isinstance(value, bytes) else value}"
        for name, value in format_facts(one.facts).items()
    )
    times = f"observed {one.observed}" + (f" expires {one.expires}" if one.expires else "")
    return f"  {entry.at} {entry.id.hex()[:4]} {entry.issuer} on {one.ref.hex()[:4]}: {one.kind.value} {facts}, {times}"


def instant_of(entry: Entry) -> Instant:
    return entry.at if isinstance(entry, Admitted) else entry[1]


def within_instants(entries: Sequence[Entry], order: Callable[[list[Admitted]], None]) -> list[Entry]:
    """Return the entries with the statements of each instant in another order."""
    found: list[Entry] = []
    same: list[Admitted] = []
    for entry in entries:
        if same and (not isinstance(entry, Admitted) or entry.at != same[0].at):
            order(same)
            found += same
            same = []
        if isinstance(entry, Admitted):
            same.append(entry)
        else:
            found.append(entry)
    order(same)
    return found + list(same)
