"""The closed list of what can be said of a person, and the typed facts of each kind (docs/design.md §3).

There is no field for a place where somebody was, for a reason in words, or for a colour. A kind that is not here cannot
be admitted, and a pack that needs one has to list its rule under `left_out`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import ClassVar, TypeAlias

from habeas.evidence.errors import FactsError
from habeas.wire import REF_BYTES, Instant

__all__ = [
    "FACTS",
    "KIND_TIER",
    "SAMPLE_BYTES",
    "STATEMENT_ID_BYTES",
    "BorderEntry",
    "Contact",
    "ContactFinding",
    "Correction",
    "CustodianRecord",
    "Diagnosis",
    "Discharge",
    "Exemption",
    "Facts",
    "Form",
    "IsolationOrder",
    "Kind",
    "Method",
    "OwnAccount",
    "Record",
    "Recovery",
    "Result",
    "Retraction",
    "Ruling",
    "RulingEffect",
    "Scope",
    "TestResult",
    "Vaccination",
]

STATEMENT_ID_BYTES = 32
SAMPLE_BYTES = 16
_PRODUCT = re.compile(r"[A-Za-z0-9/._-]{1,32}", re.ASCII)
_COUNTRY = re.compile(r"[A-Z]{2}", re.ASCII)
_MAX_DOSES = 20
_MAX_REPLACEMENT = 4_096


class Kind(Enum):
    """What sort of thing a statement says."""

    TEST_RESULT = "test-result"
    DIAGNOSIS = "diagnosis"
    RECOVERY = "recovery"
    VACCINATION = "vaccination"
    CONTACT_FINDING = "contact-finding"
    OWN_ACCOUNT = "own-account"
    BORDER_ENTRY = "border-entry"
    CUSTODIAN_RECORD = "custodian-record"
    ISOLATION_ORDER = "isolation-order"
    DISCHARGE = "discharge"
    EXEMPTION = "exemption"
    RULING = "ruling"
    RETRACTION = "retraction"
    CORRECTION = "correction"


KIND_TIER = {Kind.TEST_RESULT: 1, Kind.DIAGNOSIS: 1, Kind.CONTACT_FINDING: 2, Kind.BORDER_ENTRY: 3}
"""The kinds that can be a ground at all, with their tier; every other kind supports, helps or undoes."""


class Method(Enum):
    """How a sample was tested."""

    PCR = "pcr"
    ANTIGEN = "antigen"


class Result(Enum):
    """What a test gave. `UNREAD`: the laboratory says that it cannot read it; it counts for nothing (I2)."""

    POSITIVE = "positive"
    NEGATIVE = "negative"
    UNREAD = "unread"


class Form(Enum):
    """A clinician's diagnosis: with symptoms, or an infection without any."""

    CONFIRMED = "confirmed"
    ASYMPTOMATIC = "asymptomatic"


class Contact(Enum):
    """What sort of contact a tracer found."""

    CLOSE = "close"
    SECONDARY = "secondary"
    ENCLOSED = "enclosed"
    OTHER = "other"


class Record(Enum):
    """A custodian's own primary record of an event; `COUNTERSIGNATURE` is another level's word on a statement."""

    SAMPLING = "sampling"
    MANIFEST = "manifest"
    STAMP = "stamp"
    ACCESSION = "accession"
    SITE_REGISTER = "site-register"
    HOUSEHOLD = "household"
    COUNTERSIGNATURE = "countersignature"


class Scope(Enum):
    """Why a published rule does not touch somebody."""

    VACCINATED = "vaccinated"
    MEDICAL = "medical"
    TRIAL = "trial"
    UNDER_18 = "under-18"


class RulingEffect(Enum):
    """What a redress body decides; there is no third effect, so a ruling can only relieve."""

    SUSPEND = "suspend"
    ANNUL = "annul"


@dataclass(frozen=True, slots=True, kw_only=True)
class TestResult:
    """A test of one sample. `sample` is the laboratory's accession number as 16 bytes."""

    __test__: ClassVar = False  # a value, whatever its name says to a test runner
    kind: ClassVar = Kind.TEST_RESULT
    method: Method
    result: Result
    sample: bytes

    def __post_init__(self) -> None:
        _sized("sample", self.sample, SAMPLE_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """A clinician's diagnosis, which names the positive result that it rests on."""

    kind: ClassVar = Kind.DIAGNOSIS
    form: Form
    names: bytes

    def __post_init__(self) -> None:
        _sized("names", self.names, STATEMENT_ID_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Recovery:
    """A past infection that is over; observed when it was first found."""

    kind: ClassVar = Kind.RECOVERY
    method: Method


@dataclass(frozen=True, slots=True, kw_only=True)
class Vaccination:
    """Dose `dose` of a course of `of`."""

    kind: ClassVar = Kind.VACCINATION
    product: str
    dose: int
    of: int

    def __post_init__(self) -> None:
        if not _PRODUCT.fullmatch(self.product):
            raise FactsError("product is a code of at most 32 letters, digits, / . _ - (such as EU/1/20/1528)")
        if not (1 <= self.dose <= _MAX_DOSES and 1 <= self.of <= _MAX_DOSES):
            raise FactsError(f"dose and of lie between 1 and {_MAX_DOSES}")


@dataclass(frozen=True, slots=True, kw_only=True)
class ContactFinding:
    """A tracer's finding, which names the index person's positive result; `via` names the finding between, if any."""

    kind: ClassVar = Kind.CONTACT_FINDING
    contact: Contact
    index: bytes
    via: bytes | None = None

    def __post_init__(self) -> None:
        _sized("index", self.index, STATEMENT_ID_BYTES)
        _sized("via", self.via, STATEMENT_ID_BYTES)
        if (self.contact is Contact.SECONDARY) != (self.via is not None):
            raise FactsError("a secondary contact, and no other, names the finding between (via)")


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnAccount:
    """An index person's own word on who was near: names the own positive result and the other's reference."""

    kind: ClassVar = Kind.OWN_ACCOUNT
    index: bytes
    contact: bytes

    def __post_init__(self) -> None:
        _sized("index", self.index, STATEMENT_ID_BYTES)
        _sized("contact", self.contact, REF_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderEntry:
    """An entry across the border, from a country (ISO 3166-1)."""

    kind: ClassVar = Kind.BORDER_ENTRY
    origin: str

    def __post_init__(self) -> None:
        if not _COUNTRY.fullmatch(self.origin):
            raise FactsError("origin is a country of two capitals (ISO 3166-1), such as SG")


@dataclass(frozen=True, slots=True, kw_only=True)
class CustodianRecord:
    """A custodian's own primary record of an event.

    `sample` links a sampling or accession to a result; `act` is the person's own signature over that sample number;
    `event` (16 bytes) is the same for all who were in one recorded event; `other` is the household member;
    `against` names a statement that this record contradicts; `countersigns` one that another level confirms.
    """

    kind: ClassVar = Kind.CUSTODIAN_RECORD
    record: Record
    sample: bytes | None = None
    act: bytes | None = None
    event: bytes | None = None
    other: bytes | None = None
    against: bytes | None = None
    countersigns: bytes | None = None

    def __post_init__(self) -> None:
        for name, size in _RECORD_FIELDS.items():
            _sized(name, getattr(self, name), size)
        needs = {
            Record.SAMPLING: "sample",
            Record.HOUSEHOLD: "other",
            Record.COUNTERSIGNATURE: "countersigns",
        }.get(self.record)
        if needs and getattr(self, needs) is None:
            raise FactsError(f"a {self.record.value} record needs the field {needs}")
        if self.act is not None and self.record is not Record.SAMPLING:
            raise FactsError("only a sampling record carries the person's act")
        if self.countersigns is not None and self.record is not Record.COUNTERSIGNATURE:
            raise FactsError("only a countersignature names what it countersigns")


_RECORD_FIELDS = {
    "sample": SAMPLE_BYTES,
    "act": 64,
    "event": 16,
    "other": REF_BYTES,
    "against": STATEMENT_ID_BYTES,
    "countersigns": STATEMENT_ID_BYTES,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class IsolationOrder:
    """An order to stay apart. Never a ground: it names its basis, inherits its support and ends with it (I4)."""

    kind: ClassVar = Kind.ISOLATION_ORDER
    basis: bytes
    review: Instant

    def __post_init__(self) -> None:
        _sized("basis", self.basis, STATEMENT_ID_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Discharge:
    """The end of a hospital stay or an isolation."""

    kind: ClassVar = Kind.DISCHARGE


@dataclass(frozen=True, slots=True, kw_only=True)
class Exemption:
    """A published exemption that applies to the person."""

    kind: ClassVar = Kind.EXEMPTION
    scope: Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A redress body's decision on one statement."""

    kind: ClassVar = Kind.RULING
    target: bytes
    effect: RulingEffect

    def __post_init__(self) -> None:
        _sized("target", self.target, STATEMENT_ID_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Retraction:
    """A signer takes its own statement back."""

    kind: ClassVar = Kind.RETRACTION
    target: bytes

    def __post_init__(self) -> None:
        _sized("target", self.target, STATEMENT_ID_BYTES)


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """A retraction and an admission in one event: `replacement` is the whole signed statement that stands instead."""

    kind: ClassVar = Kind.CORRECTION
    target: bytes
    replacement: bytes

    def __post_init__(self) -> None:
        _sized("target", self.target, STATEMENT_ID_BYTES)
        if len(self.replacement) > _MAX_REPLACEMENT:
            raise FactsError(f"a replacement has at most {_MAX_REPLACEMENT} bytes")


Facts: TypeAlias = (
    TestResult
    | Diagnosis
    | Recovery
    | Vaccination
    | ContactFinding
    | OwnAccount
    | BorderEntry
    | CustodianRecord
    | IsolationOrder
    | Discharge
    | Exemption
    | Ruling
    | Retraction
    | Correction
)

FACTS: dict[Kind, type[Facts]] = {
    facts.kind: facts
    for facts in (
        TestResult,
        Diagnosis,
        Recovery,
        Vaccination,
        ContactFinding,
        OwnAccount,
        BorderEntry,
        CustodianRecord,
        IsolationOrder,
        Discharge,
        Exemption,
        Ruling,
        Retraction,
        Correction,
    )
}


def _sized(name: str, value: bytes | None, size: int) -> None:
    if value is not None and len(value) != size:
        raise FactsError(f"{name} has {size} bytes, not {len(value)}")
