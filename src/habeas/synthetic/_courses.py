"""What happens to people in three weeks: infections with their households, journeys, and what goes wrong in honest offices.

Every statement here is true, or is put right by whoever signed it; each is admitted.
"""

from __future__ import annotations

from dataclasses import dataclass

from habeas.evidence import (
    BorderEntry,
    Contact,
    ContactFinding,
    Correction,
    CustodianRecord,
    Diagnosis,
    Discharge,
    Exemption,
    Form,
    IsolationOrder,
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
    Vaccination,
    parse_statement,
    sign_statement,
)
from habeas.synthetic._diary import DAYS, FIRST_DAY, MINUTE, Diary, evening, morning
from habeas.synthetic._offices import CITY
from habeas.synthetic._residents import Family, Resident
from habeas.wire import DAY, HOUR, SigningKey

__all__ = [
    "Case",
    "Cast",
    "corrected",
    "infected",
    "lone_contact",
    "protected",
    "released",
    "retracted",
    "travelled",
    "unread",
]

_LAST = DAYS - 1
_BEFORE = 10 * MINUTE
_ORIGINS = ("SG", "TH", "JP", "DE")


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """An infection: whose, on which day, the id of the positive result, and who was found to be a contact."""

    index: Resident
    day: int
    positive: bytes
    contacts: tuple[Resident, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cast:
    """The people whom a story can turn to, each named for the truth about them."""

    positive: Resident
    contact: Resident
    lone_contact: Resident
    arrival: Resident
    corrected: Resident
    released: Resident
    unread: Resident
    from_the_eu: tuple[Resident, ...]


def infected(diary: Diary, family: Family, day: int, place: int, friend: Resident) -> Case:
    """Have a family's first member tested positive on a day, the others found as contacts on the next; return the case.

    Each second one is diagnosed. Every third who has a key signs for the sample, or names a friend.
    """
    index, *others = family
    signed = diary.tested(index, day, Result.POSITIVE, own_act=place % 3 == 2)  # noqa: PLR2004 - the third of three
    positive = parse_statement(signed).id
    contacts = list(others)
    for member in others:
        _household(diary, member, index, day + 1)
    if index.key is not None and place % 3 == 1:
        account = _own_account(index, index.key, positive, friend, day + 1)
        diary.put(morning(day + 1), account)
        contacts.append(friend)
    for member in contacts:
        finding = _found(diary, member, positive, day + 1)
        if day + 2 <= _LAST:
            order = IsolationOrder(basis=finding, review=morning(day + 9))
            issued = morning(day + 2).after(-_BEFORE)
            diary.put(morning(day + 2), diary.offices.county.sign(order, member.ref, issued, issued))
    if place % 2 == 0:
        form = Form.CONFIRMED if place % 4 == 0 else Form.ASYMPTOMATIC
        issued = evening(day + 1).after(-_BEFORE)
        said = diary.offices.hospital.sign(Diagnosis(form=form, names=positive), index.ref, issued, issued)
        diary.put(evening(day + 1), said)
    if day + 10 <= _LAST:
        _well_again(diary, index, day)
    return Case(index=index, day=day, positive=positive, contacts=tuple(contacts))


def _well_again(diary: Diary, who: Resident, day: int) -> None:
    """Discharge somebody on the eighth day; two clear tests follow."""
    issued = morning(day + 8).after(-_BEFORE)
    diary.put(morning(day + 8), diary.offices.hospital.sign(Discharge(), who.ref, issued, issued))
    for later in (day + 9, day + 10):
        diary.tested(who, later, Result.NEGATIVE)


def _household(diary: Diary, member: Resident, index: Resident, day: int) -> None:
    """Send in the community office's own register: two people live together, as it has known for a year."""
    offices = diary.offices.communities
    record = CustodianRecord(record=Record.HOUSEHOLD, other=index.ref)
    known, issued = FIRST_DAY.after(-365 * DAY), morning(day).after(-_BEFORE)
    diary.put(morning(day), offices[index.number % len(offices)].sign(record, member.ref, known, issued))


def _own_account(index: Resident, key: SigningKey, positive: bytes, friend: Resident, day: int) -> bytes:
    issued = morning(day).after(-_BEFORE)
    facts = OwnAccount(index=positive, contact=friend.ref)
    statement = Statement(ref=index.ref, facts=facts, observed=issued, issued=issued, area=CITY)
    return sign_statement(statement, key)


def _found(diary: Diary, who: Resident, positive: bytes, day: int) -> bytes:
    """Have the tracers find a contact of the day before, and return the finding's id."""
    facts = ContactFinding(contact=Contact.CLOSE, index=positive)
    observed, issued = evening(day - 1).after(-12 * HOUR), evening(day).after(-_BEFORE)
    return parse_statement(diary.put(evening(day), diary.offices.tracers.sign(facts, who.ref, observed, issued))).id


def lone_contact(diary: Diary, who: Resident, case: Case, day: int) -> bytes:
    """Have the tracers find somebody of whom nobody else has a record; return the finding's id."""
    return _found(diary, who, case.positive, day)


def travelled(diary: Diary, who: Resident, day: int, place: int, *, registered: bool = True) -> None:
    """Have somebody enter the country: stamp, manifest and, if `registered`, the quarantine hotel's register, then the entry.

    The stamp is of the border's own house and supports nothing; airline and hotel do.
    """
    offices = diary.offices
    landed = morning(day).after(-3 * HOUR)
    records = [(offices.desk, Record.STAMP), (offices.carrier, Record.MANIFEST), (offices.site, Record.SITE_REGISTER)]
    for office, record in records if registered else records[:2]:
        facts = CustodianRecord(record=record)
        diary.put(morning(day), office.sign(facts, who.ref, landed, landed.after(HOUR)))
    entry = BorderEntry(origin=_ORIGINS[place % len(_ORIGINS)])
    diary.put(evening(day), offices.border.sign(entry, who.ref, landed, evening(day).after(-_BEFORE)))


def protected(diary: Diary, who: Resident, place: int) -> None:
    """Record a vaccination, an exemption or a recovery, by turns."""
    clinic, at = diary.offices.clinics[who.number % len(diary.offices.clinics)], morning(5)
    facts = (
        Vaccination(product="CoronaVac", dose=2, of=2),
        Exemption(scope=Scope.MEDICAL),
        Recovery(method=Method.PCR),
    )[place % 3]
    diary.put(at, clinic.sign(facts, who.ref, at.after(-HOUR), at.after(-_BEFORE)))


def unread(diary: Diary, who: Resident) -> None:
    """Have a laboratory say of a result that it cannot read it."""
    diary.tested(who, _LAST, Result.UNREAD)


def corrected(diary: Diary, who: Resident) -> None:
    """Have a laboratory mix up two tubes and correct itself on the next evening."""
    day = 12
    wrong = parse_statement(diary.tested(who, day, Result.POSITIVE)).id
    issued = evening(day + 1).after(-_BEFORE)
    right = diary.result(who, day, Result.NEGATIVE, issued)
    correction = diary.laboratory(who).sign(Correction(target=wrong, replacement=right), who.ref, issued, issued)
    diary.put(evening(day + 1), correction)


def retracted(diary: Diary, who: Resident, case: Case) -> None:
    """Have the tracers find the wrong person, and take it back on the next evening."""
    day = case.day + 1
    finding = _found(diary, who, case.positive, day)
    issued = evening(day + 1).after(-_BEFORE)
    diary.put(evening(day + 1), diary.offices.tracers.sign(Retraction(target=finding), who.ref, issued, issued))


def released(diary: Diary, who: Resident, case: Case) -> None:
    """Have somebody found as a housemate who had moved out; the review office annuls it two days later."""
    day = case.day + 1
    _household(diary, who, case.index, day)
    finding = _found(diary, who, case.positive, day)
    issued = morning(day + 2).after(-_BEFORE)
    ruling = Ruling(target=finding, effect=RulingEffect.ANNUL)
    diary.put(morning(day + 2), diary.offices.redress.sign(ruling, who.ref, issued, issued))
