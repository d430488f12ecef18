"""What can happen in a small world: each happening is a function of who, by whom, about what; rows of bytes choose.

A row says what happens, after which pause, by whom, about whom; rows that cannot be (a retraction of nothing) fall out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from hypothesis import strategies as st

from grounds.worlds import BASE, BODIES, World, number
from habeas.evidence import (
    GROUND_KINDS,
    Admitted,
    BorderEntry,
    Contact,
    ContactFinding,
    Correction,
    CustodianRecord,
    Diagnosis,
    Discharge,
    Docket,
    Exemption,
    Facts,
    Form,
    IsolationOrder,
    Kind,
    Method,
    OwnAccount,
    Record,
    Recovery,
    Result,
    Retraction,
    Ruling,
    RulingEffect,
    Scope,
    Statement,
    TestResult,
    Vaccination,
    favourable,
)
from habeas.mandates import Mandate
from habeas.registry import AddDocument, Enrol, Merge, Registry, RegistryEvent, Split
from habeas.wire import DAY, HOUR, Area

GAPS = (0, 1, HOUR, 7 * HOUR, 20 * HOUR, 2 * DAY, 4 * DAY, 13 * DAY)
PEOPLE = 3
REFS = 5
Row = tuple[int, int, int, int, int, int]


def ref_of(place: int) -> bytes:
    """Return one of a few references."""
    return number(f"reference {place % REFS}")


def subject_of(place: int) -> bytes:
    """Return the id of a person."""
    return number(f"subject {place}", 16)


class _Builder:
    """The world so far, and the clock."""

    def __init__(self, salt: str) -> None:
        self.salt = salt
        self.world = World()
        self.docket = Docket(Registry())
        self.now = BASE
        for place in range(REFS):
            subject, ref = subject_of(place % PEOPLE), ref_of(place)
            enrol = Enrol(subject=subject, ref=ref) if place < PEOPLE else AddDocument(subject=subject, ref=ref)
            self.register(enrol)
        self.now = self.now.after(1)

    def register(self, event: RegistryEvent) -> None:
        self.docket.registry.apply(event, self.now)
        self.world.entries.append((event, self.now))

    def admit(self, facts: Facts, ref: bytes, mandate: Mandate | None, *, ago: int = 0, expires: int = 0) -> None:
        count = len(self.docket)
        statement = Statement(
            ref=ref,
            facts=facts,
            observed=self.now.after(-ago),
            issued=self.now,
            area=Area("CN-41"),
            expires=self.now.after(expires) if expires else None,
        )
        admitted = Admitted(
            id=number(f"{self.salt} statement {count}"),
            statement=statement,
            at=self.now,
            mandate=mandate,
            issuer=mandate.body.id if mandate else "self",
        )
        self.docket.add(admitted)
        self.world.entries.append(admitted)

    def step(self, row: Row) -> None:
        what, pause, who, by, target, extra = row
        gap = GAPS[pause % len(GAPS)]
        op = _OPS[what % len(_OPS)]
        self.now = self.now.after(max(gap, 1) if op in (_merge, _split) else gap)
        op(self, ref_of(who), BODIES[by % len(BODIES)], target, extra)
        if op in (_merge, _split):
            self.now = self.now.after(1)  # a registry event is alone in its instant

    def find(self, target: int, *, wanted: Callable[[Admitted], bool]) -> Admitted | None:
        found = [one for one in self.docket if wanted(one)]
        return found[target % len(found)] if found else None

    def same_person(self, one: Admitted, ref: bytes) -> bool:
        return self.subject(one.statement.ref) == self.subject(ref)

    def subject(self, ref: bytes) -> bytes | None:
        return self.docket.subject(ref, self.now)


def is_positive(one: Admitted) -> bool:
    facts = one.statement.facts
    return isinstance(facts, TestResult) and facts.result is Result.POSITIVE


def _expiry(extra: int) -> int:
    return (1 + extra % 4) * 12 * HOUR if extra % 5 == 0 else 0


def _positive(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    method = Method.PCR if extra % 3 else Method.ANTIGEN
    facts = TestResult(method=method, result=Result.POSITIVE, sample=number(f"sample {target % 3}", 16))
    build.admit(facts, ref, by, ago=extra % 4 * 9 * HOUR, expires=_expiry(extra))


def _negative(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    result = Result.UNREAD if extra % 7 == 6 else Result.NEGATIVE
    method = Method.PCR if target % 3 else Method.ANTIGEN
    facts = TestResult(method=method, result=result, sample=number(f"clear {len(build.docket)}", 16))
    build.admit(facts, ref, by, ago=extra % 3 * 5 * HOUR, expires=_expiry(extra))


def _sampling(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    act = bytes(64) if extra % 3 == 0 else None
    facts = CustodianRecord(record=Record.SAMPLING, sample=number(f"sample {target % 3}", 16), act=act)
    build.admit(facts, ref, by, ago=extra % 4 * HOUR, expires=_expiry(extra))


def _diagnosis(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    named = build.find(target, wanted=lambda one: is_positive(one) and build.same_person(one, ref))
    if named:
        form = Form.CONFIRMED if extra % 2 else Form.ASYMPTOMATIC
        build.admit(Diagnosis(form=form, names=named.id), ref, by, ago=extra % 4 * HOUR, expires=_expiry(extra))


def _finding(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    index = build.find(target, wanted=lambda one: is_positive(one) and not build.same_person(one, ref))
    if index:
        build.admit(
            ContactFinding(contact=Contact.CLOSE, index=index.id),
            ref,
            by,
            ago=extra % 4 * 9 * HOUR,
            expires=_expiry(extra),
        )


def _second_finding(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    via = build.find(
        target, wanted=lambda one: isinstance(one.statement.facts, ContactFinding) and one.statement.facts.via is None
    )
    if via is None or not isinstance(via.statement.facts, ContactFinding):
        return
    index = build.docket.get(via.statement.facts.index)
    if index and not build.same_person(index, ref):
        build.admit(
            ContactFinding(contact=Contact.SECONDARY, index=index.id, via=via.id), ref, by, ago=extra % 4 * 9 * HOUR
        )


def _household(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    build.admit(CustodianRecord(record=Record.HOUSEHOLD, other=ref_of(target)), ref, by, expires=_expiry(extra))


def _event(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    facts = CustodianRecord(record=Record.SITE_REGISTER, event=number(f"event {target % 2}", 16))
    build.admit(facts, ref, by, ago=extra % 4 * 7 * HOUR)


def _account(build: _Builder, _: bytes, by: Mandate, target: int, extra: int) -> None:
    del by
    index = build.find(target, wanted=is_positive)
    if index:
        build.admit(OwnAccount(index=index.id, contact=ref_of(extra)), index.statement.ref, None)


def _entry(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    build.admit(
        BorderEntry(origin=("SG", "TH", "LA")[target % 3]), ref, by, ago=extra % 4 * 7 * HOUR, expires=_expiry(extra)
    )


def _manifest(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    record = (Record.MANIFEST, Record.STAMP, Record.ACCESSION)[target % 3]
    build.admit(CustodianRecord(record=record), ref, by, ago=extra % 5 * 7 * HOUR)


def _contradiction(build: _Builder, _: bytes, by: Mandate, target: int, extra: int) -> None:
    against = build.find(target, wanted=lambda one: one.kind in GROUND_KINDS and not favourable(one))
    if against:
        build.admit(
            CustodianRecord(record=Record.STAMP, against=against.id), against.statement.ref, by, expires=_expiry(extra)
        )


def _countersignature(build: _Builder, _: bytes, by: Mandate, target: int, __: int) -> None:
    kinds = (Kind.CONTACT_FINDING, Kind.RETRACTION)
    found = build.find(target, wanted=lambda one: one.kind in kinds and one.mandate is not None)
    if found and found.mandate and found.mandate.body.level != by.body.level:
        facts = CustodianRecord(record=Record.COUNTERSIGNATURE, countersigns=found.id)
        build.admit(facts, found.statement.ref, by)


def _retraction(build: _Builder, _: bytes, by: Mandate, target: int, extra: int) -> None:
    del by, extra
    found = build.find(target, wanted=lambda one: one.kind not in (Kind.RETRACTION, Kind.CORRECTION))
    if found:
        build.admit(Retraction(target=found.id), found.statement.ref, found.mandate)


def _correction(build: _Builder, _: bytes, by: Mandate, target: int, extra: int) -> None:
    del by
    found = build.find(target, wanted=lambda one: one.kind in GROUND_KINDS and one.mandate is not None)
    if found:
        build.admit(Correction(target=found.id, replacement=b"as signed"), found.statement.ref, found.mandate)
        build.admit(found.statement.facts, found.statement.ref, found.mandate, ago=extra % 4 * 9 * HOUR)


def _ruling(build: _Builder, _: bytes, by: Mandate, target: int, extra: int) -> None:
    found = build.find(target, wanted=lambda one: one.kind in GROUND_KINDS)
    if found:
        effect = RulingEffect.ANNUL if extra % 2 else RulingEffect.SUSPEND
        build.admit(Ruling(target=found.id, effect=effect), found.statement.ref, by)


def _help(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    facts = (
        Recovery(method=Method.PCR),
        Vaccination(product="P", dose=2, of=2),
        Exemption(scope=Scope.MEDICAL),
        Discharge(),
    )
    build.admit(facts[target % 4], ref, by, ago=extra % 3 * 5 * HOUR, expires=_expiry(extra))


def _order(build: _Builder, _: bytes, by: Mandate, target: int, __: int) -> None:
    basis = build.find(target, wanted=lambda one: one.kind in GROUND_KINDS)
    if basis:
        build.admit(IsolationOrder(basis=basis.id, review=build.now.after(DAY)), basis.statement.ref, by)


def _merge(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    del by, extra
    kept, absorbed = build.subject(ref), build.subject(ref_of(target))
    if kept and absorbed and kept != absorbed:
        build.register(Merge(kept=kept, absorbed=absorbed))


def _split(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    del by, extra
    subject, other = build.subject(ref), subject_of(target % (PEOPLE + 1))
    if subject and subject != other:
        build.register(Split(subject=subject, refs=(ref,), other=other))


def _sampled_positive(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    """Let somebody sample and somebody else find it positive, hours later."""
    _sampling(build, ref, _other(by, extra), target, extra + 1)
    build.now = build.now.after(5 * HOUR)
    _positive(build, ref, by, target, 1 + extra // 2)


def _known_finding(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    """Let a register know both as a household, then a tracer find the contact."""
    index = build.find(target, wanted=lambda one: is_positive(one) and not build.same_person(one, ref))
    if index is None:
        return
    facts = CustodianRecord(record=Record.HOUSEHOLD, other=index.statement.ref)
    build.admit(facts, ref, _other(by, extra))
    build.now = build.now.after(HOUR)
    build.admit(ContactFinding(contact=Contact.CLOSE, index=index.id), ref, by, ago=extra % 4 * 9 * HOUR)


def _booked_entry(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    """Let custodians write down a journey, each for itself, then the border its entry."""
    for place, record in enumerate((Record.MANIFEST, Record.STAMP, Record.ACCESSION)[: 1 + target % 3]):
        build.admit(CustodianRecord(record=record), ref, _other(by, extra + place))
    build.now = build.now.after(4 * HOUR)
    build.admit(BorderEntry(origin=("SG", "LA")[extra % 2]), ref, by, ago=5 * HOUR)


def _clear_tests(build: _Builder, ref: bytes, by: Mandate, target: int, extra: int) -> None:
    """Add two clear tests, half a day apart."""
    for place in range(2):
        build.now = build.now.after(12 * HOUR)
        _negative(build, ref, _other(by, extra), 1 + target, place)


def _other(by: Mandate, extra: int) -> Mandate:
    return BODIES[(BODIES.index(by) + 1 + extra % 4) % len(BODIES)]


_OPS = (
    _sampled_positive, _known_finding, _booked_entry, _sampled_positive, _known_finding, _booked_entry, _clear_tests,
    _clear_tests,
    _positive, _sampling, _positive, _sampling, _negative, _diagnosis, _finding, _household, _finding, _event, _account,
    _entry, _manifest, _entry, _manifest, _contradiction, _countersignature, _retraction, _correction, _ruling, _help,
    _negative, _order, _second_finding, _merge, _split,
)  # fmt: skip


def build(rows: Iterable[Row], salt: str = "") -> World:
    """Return the world of some rows; `salt` gives other ids to the same statements."""
    builder = _Builder(salt)
    for row in rows:
        builder.step(row)
    return builder.world


def rows_of(data: bytes) -> list[Row]:
    """Return rows from bytes, six each: far faster to draw than lists of tuples."""
    rows = (data[at : at + 6] for at in range(0, len(data) - 5, 6))
    return [(row[0], row[1], row[2], row[3], row[4], row[5]) for row in rows]


def drawn_rows(most: int = 30) -> st.SearchStrategy[list[Row]]:
    """Draw ten rows, or more."""
    return st.binary(min_size=60, max_size=6 * most).map(rows_of)


def worlds(most: int = 30) -> st.SearchStrategy[World]:
    """Draw a world of at most so many rows, under one of three sets of ids."""
    return st.builds(build, drawn_rows(most), st.sampled_from(["", "x", "y"]))
