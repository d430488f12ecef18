"""Admission: the one door. A statement is admitted or refused whole, and a refusal changes nothing.

Judged here, once: the bytes, the signature, the signer's mandate at this instant, the person, and what the statement
names. Whether it has any effect is judged later, by `hold`, from everything that was admitted.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import takewhile

from habeas.evidence._admitted import Admitted, Refused, favourable
from habeas.evidence._docket import GROUND_KINDS, Docket
from habeas.evidence._facts import format_facts
from habeas.evidence._kinds import (
    Contact,
    ContactFinding,
    Correction,
    CustodianRecord,
    Diagnosis,
    Facts,
    IsolationOrder,
    Kind,
    OwnAccount,
    Record,
    Result,
    Retraction,
    Ruling,
    TestResult,
)
from habeas.evidence._statement import MAX_STATEMENT_BYTES, Signed, Statement, parse_statement
from habeas.evidence.errors import FactsError, StatementFormatError
from habeas.mandates import Mandate, NoMandateError, Roster
from habeas.registry import UnknownPersonError
from habeas.wire import (
    DAY,
    AlgorithmError,
    Area,
    AreaError,
    Instant,
    SignatureError,
    VerifyingKey,
    WireError,
    check_sign1,
    encode_cbor,
    parse_area,
    parse_cbor,
    parse_sign1,
)

__all__ = ["CLOCK_SKEW", "CertificateClaim", "admit", "admit_again", "admit_certificate"]

CLOCK_SKEW = 300
MOST_A_DAY = 20
_SELF = "self"
_CheckSignature = Callable[[Signed, VerifyingKey], None]
_UNDOING = (Retraction, Correction)


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateClaim:
    """One thing that a checked certificate says in its holder's favour, and the country (ISO 3166-1) that issued it."""

    facts: Facts
    observed: Instant
    country: str
    expires: Instant | None = None


class _RefusalError(Exception):
    """Carries a refusal's code out of a check."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def admit_again(data: bytes, docket: Docket, roster: Roster, at: Instant) -> tuple[Admitted, ...] | Refused:
    """Do what `admit` did at `at`, but take the signatures as checked then: for reading back what a store has kept.

    An auditor, who does not trust the store, calls `admit`.
    """
    return _judge(data, docket, roster, at, _as_checked)


def admit(data: bytes, docket: Docket, roster: Roster, at: Instant) -> tuple[Admitted, ...] | Refused:
    """Judge the bytes of one statement at an instant, without changing the docket.

    Returns what is admitted (two for a correction: itself, and the statement that stands instead), or the refusal.
    A statement that was admitted before is returned as it was.
    """
    return _judge(data, docket, roster, at, _check_signature)


def _judge(
    data: bytes, docket: Docket, roster: Roster, at: Instant, check: _CheckSignature
) -> tuple[Admitted, ...] | Refused:
    try:
        return _admit(data, docket, roster, at, check)
    except _RefusalError as refusal:
        code, ref, mandate = refusal.code, _ref(data), None
        if code in ("bad-facts", "not-a-statement"):
            unread = _unread(data, docket, roster, at)
            code, ref, mandate = ("unread", *unread) if unread else (code, ref, None)
        return Refused(
            code=code, message=str(refusal), statement=hashlib.sha256(data).digest(), at=at, ref=ref, mandate=mandate
        )


def admit_certificate(
    claim: CertificateClaim, certificate: bytes, ref: bytes, docket: Docket, at: Instant
) -> Admitted | Refused:
    """Judge one claim of somebody else's certificate, handed over by its holder; only what helps is admitted (§3).

    `certificate` is the bytes whose signature the `certificates` room has checked; they, `ref` and the facts make the id.
    """
    facts = encode_cbor([claim.facts.kind.value, format_facts(claim.facts), int(claim.observed)])
    statement_id = hashlib.sha256(
        b"habeas/v1/certificate" + ref + hashlib.sha256(certificate).digest() + facts
    ).digest()
    try:
        _subject(docket, ref, at)
        return docket.get(statement_id) or _claimed(claim, statement_id, ref, at)
    except (StatementFormatError, AreaError) as error:
        return Refused(code="not-a-statement", message=str(error), statement=statement_id, at=at, ref=ref)
    except _RefusalError as refusal:
        return Refused(code=refusal.code, message=str(refusal), statement=statement_id, at=at, ref=ref)


def _claimed(claim: CertificateClaim, statement_id: bytes, ref: bytes, at: Instant) -> Admitted:
    statement = Statement(
        ref=ref,
        facts=claim.facts,
        observed=claim.observed,
        issued=claim.observed,
        area=Area(claim.country),
        expires=claim.expires,
    )
    _check_times(statement, at)
    admitted = Admitted(
        id=statement_id, statement=statement, at=at, mandate=None, issuer=f"certificate:{claim.country}"
    )
    if not favourable(admitted) or statement.kind in (Kind.CUSTODIAN_RECORD, Kind.RULING):
        raise _RefusalError("wrong-kind", "a certificate comes from its holder and can only help; this one would not")
    return admitted


def _unread(data: bytes, docket: Docket, roster: Roster, at: Instant) -> tuple[bytes, Mandate] | None:
    """Return whose result it is and whose word, if its mandated laboratory signed it but nobody can read it (I2)."""
    try:
        message = parse_sign1(data, max_bytes=MAX_STATEMENT_BYTES)
        value = parse_cbor(message.payload)
        if not isinstance(value, Mapping) or value.get("kind") != Kind.TEST_RESULT.value:
            return None
        ref = value.get("ref")
        if not isinstance(ref, bytes) or docket.subject(ref, at) is None:
            return None
        area = parse_area(value.get("area"))
        mandate = roster.find(message.kid, Kind.TEST_RESULT.value, area, issued=at, at=at)
        check_sign1(message, mandate.key)
    except (WireError, NoMandateError):
        return None
    return ref, mandate


def _admit(data: bytes, docket: Docket, roster: Roster, at: Instant, check: _CheckSignature) -> tuple[Admitted, ...]:
    signed = _parse(data)
    known = docket.get(signed.id)
    if known is not None:
        return (known,)
    _check_times(signed.statement, at)
    subject = _subject(docket, signed.statement.ref, at)
    mandate = _signer(signed, docket, roster, subject, at, check)
    _check_names(signed.statement, docket, subject, mandate, at)
    _check_rate(signed.statement, docket, mandate, at)
    admitted = Admitted(
        id=signed.id,
        statement=signed.statement,
        at=at,
        mandate=mandate,
        issuer=mandate.body.id if mandate else _SELF,
    )
    facts = signed.statement.facts
    if isinstance(facts, Correction):
        return (admitted, *_replacement(facts, docket, roster, mandate, at, check))
    return (admitted,)


def _parse(data: bytes) -> Signed:
    try:
        return parse_statement(data)
    except FactsError as error:
        raise _RefusalError("bad-facts", str(error)) from None
    except StatementFormatError as error:
        raise _RefusalError("not-a-statement", str(error)) from None


def _ref(data: bytes) -> bytes | None:
    try:
        return parse_statement(data).statement.ref
    except (FactsError, StatementFormatError):
        return None


def _check_times(statement: Statement, at: Instant) -> None:
    for name, instant in (("observed", statement.observed), ("issued", statement.issued)):
        if instant > at + CLOCK_SKEW:
            raise _RefusalError("future", f"{name} at {instant}, which is later than now ({at})")
    if statement.expires is not None and statement.expires <= at:
        raise _RefusalError("expired", f"expired at {statement.expires}")


def _subject(docket: Docket, ref: bytes, at: Instant) -> bytes:
    try:
        return docket.registry.subject_of(ref, at)
    except UnknownPersonError as error:
        raise _RefusalError("unknown-person", str(error)) from None


def _signer(
    signed: Signed, docket: Docket, roster: Roster, subject: bytes, at: Instant, check: _CheckSignature
) -> Mandate | None:
    """Return the mandate that the signature rests on, or None for the person's own key; the signature is checked."""
    statement, kid = signed.statement, signed.message.kid
    facts = statement.facts
    kind = statement.kind
    if isinstance(facts, _UNDOING):  # whoever may say it may take it back
        target = docket.get(facts.target)
        if target is None:
            raise _RefusalError("names-nothing", "the statement that it takes back was not admitted")
        kind = target.kind
    if kind is Kind.OWN_ACCOUNT:
        for key in docket.registry.person(subject).keys:
            if key.kid == kid:
                check(signed, key)
                return None
        raise _RefusalError("no-mandate", "an own account is signed with the person's own key")
    holder = roster.key(kid)
    if holder is not None:
        check(signed, holder)  # first of all, so that no refusal names a body that did not sign
    try:
        return roster.find(kid, kind.value, statement.area, issued=statement.issued, at=at)
    except NoMandateError as error:
        raise _RefusalError(error.code, str(error)) from None


def _check_signature(signed: Signed, key: VerifyingKey) -> None:
    try:
        check_sign1(signed.message, key)
    except (SignatureError, AlgorithmError) as error:
        raise _RefusalError("bad-signature", str(error)) from None


def _as_checked(signed: Signed, key: VerifyingKey) -> None:
    """Take the signature as checked at admission."""


def _check_names(statement: Statement, docket: Docket, subject: bytes, mandate: Mandate | None, at: Instant) -> None:
    check = _CHECKS.get(statement.kind)
    if check is not None:
        check(statement, docket, subject, mandate, at)


def _check_rate(statement: Statement, docket: Docket, mandate: Mandate | None, at: Instant) -> None:
    """Refuse what no honest body sends: derivation looks at every pair of a person's statements."""
    if isinstance(statement.facts, TestResult) and statement.facts.result is Result.NEGATIVE:
        return
    if statement.kind not in GROUND_KINDS | {Kind.CUSTODIAN_RECORD}:
        return
    recent = takewhile(lambda one: one.at > at - DAY, reversed(docket.about(statement.ref)))
    issuer = mandate.body.id if mandate else _SELF
    if sum(one.issuer == issuer for one in recent) >= MOST_A_DAY:
        raise _RefusalError("too-many", f"{issuer} has sent {MOST_A_DAY} statements about this person in 24 hours")


def _named(docket: Docket, statement_id: bytes, what: str) -> Admitted:
    found = docket.get(statement_id)
    if found is None:
        raise _RefusalError("names-nothing", f"{what} {statement_id.hex()[:16]}… was not admitted")
    return found


def _positive(docket: Docket, statement_id: bytes, what: str) -> Admitted:
    found = _named(docket, statement_id, what)
    facts = found.statement.facts
    if not (isinstance(facts, TestResult) and facts.result is Result.POSITIVE):
        raise _RefusalError("wrong-target", f"{what} must be an admitted positive result, not a {found.kind.value}")
    return found


def _same_person(docket: Docket, found: Admitted, subject: bytes, at: Instant) -> None:
    if docket.subject(found.statement.ref, at) != subject:
        raise _RefusalError("wrong-target", f"the {found.kind.value} that it names is about somebody else")


def _check_diagnosis(statement: Statement, docket: Docket, subject: bytes, _: Mandate | None, at: Instant) -> None:
    if isinstance(statement.facts, Diagnosis):
        _same_person(docket, _positive(docket, statement.facts.names, "the result"), subject, at)


def _check_finding(statement: Statement, docket: Docket, subject: bytes, _: Mandate | None, at: Instant) -> None:
    facts = statement.facts
    if not isinstance(facts, ContactFinding):
        return
    index = _positive(docket, facts.index, "the index")
    if docket.subject(index.statement.ref, at) == subject:
        raise _RefusalError("wrong-target", "the index is the person's own result; nobody is their own contact")
    if facts.via is not None:
        via = _named(docket, facts.via, "the finding between").statement.facts
        if not isinstance(via, ContactFinding) or via.contact is Contact.SECONDARY or via.index != facts.index:
            raise _RefusalError("wrong-target", "the finding between must be a first contact of the same index")


def _check_account(statement: Statement, docket: Docket, subject: bytes, _: Mandate | None, at: Instant) -> None:
    if isinstance(statement.facts, OwnAccount):
        _same_person(docket, _positive(docket, statement.facts.index, "the own result"), subject, at)


def _check_order(statement: Statement, docket: Docket, subject: bytes, _: Mandate | None, at: Instant) -> None:
    if isinstance(statement.facts, IsolationOrder):
        basis = _named(docket, statement.facts.basis, "the basis")
        if basis.kind not in GROUND_KINDS:
            raise _RefusalError(
                "wrong-target", f"a {basis.kind.value} is no basis of an order (I4): an order is never a ground"
            )
        _same_person(docket, basis, subject, at)


def _check_record(statement: Statement, docket: Docket, subject: bytes, mandate: Mandate | None, at: Instant) -> None:
    facts = statement.facts
    if not isinstance(facts, CustodianRecord):
        return
    if facts.against is not None:
        _same_person(docket, _named(docket, facts.against, "what it contradicts"), subject, at)
    if facts.countersigns is not None:
        signed = _named(docket, facts.countersigns, "what it countersigns").mandate
        if signed is None or mandate is None or signed.body.level == mandate.body.level:
            raise _RefusalError("wrong-target", "a countersignature comes from another level than the signer's")
    if facts.record is Record.SAMPLING and facts.act is not None and facts.sample is not None:
        for key in docket.registry.person(subject).keys:
            try:
                key.check(facts.sample, facts.act)
            except SignatureError:
                continue
            return
        raise _RefusalError("bad-act", "the act on this sampling is not the person's own")


def _check_ruling(statement: Statement, docket: Docket, subject: bytes, _: Mandate | None, at: Instant) -> None:
    if isinstance(statement.facts, Ruling):
        target = _named(docket, statement.facts.target, "what it rules on")
        _same_person(docket, target, subject, at)
        if target.kind not in GROUND_KINDS | {Kind.ISOLATION_ORDER}:
            raise _RefusalError("wrong-target", f"a ruling can only relieve (I1); a {target.kind.value} bars nobody")


def _check_undoing(statement: Statement, docket: Docket, subject: bytes, mandate: Mandate | None, at: Instant) -> None:
    if isinstance(statement.facts, _UNDOING):
        target = _named(docket, statement.facts.target, "what it takes back")
        if target.issuer != (mandate.body.id if mandate else _SELF):
            raise _RefusalError("not-the-signer", f"{target.issuer} signed it")
        _same_person(docket, target, subject, at)


_Check = Callable[[Statement, Docket, bytes, "Mandate | None", Instant], None]
_CHECKS: dict[Kind, _Check] = {
    Kind.DIAGNOSIS: _check_diagnosis,
    Kind.CONTACT_FINDING: _check_finding,
    Kind.OWN_ACCOUNT: _check_account,
    Kind.ISOLATION_ORDER: _check_order,
    Kind.CUSTODIAN_RECORD: _check_record,
    Kind.RULING: _check_ruling,
    Kind.RETRACTION: _check_undoing,
    Kind.CORRECTION: _check_undoing,
}


def _replacement(
    facts: Correction,
    docket: Docket,
    roster: Roster,
    mandate: Mandate | None,
    at: Instant,
    check: _CheckSignature,
) -> tuple[Admitted, ...]:
    signed = _parse(facts.replacement)
    if signed.statement.kind in (Kind.CORRECTION, Kind.RETRACTION):
        raise _RefusalError("wrong-target", "what stands instead must be a statement of its own, no retraction")
    admitted = _admit(facts.replacement, docket, roster, at, check)
    if admitted[0].issuer != (mandate.body.id if mandate else _SELF):
        raise _RefusalError("not-the-signer", "what stands instead must be signed by the same body")
    return admitted
