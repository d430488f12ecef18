"""What admission gives: an admitted statement, or a refusal that says what to do next."""

from __future__ import annotations

from dataclasses import dataclass

from habeas.evidence._kinds import Kind, Result, TestResult
from habeas.evidence._statement import Statement
from habeas.mandates import Mandate
from habeas.wire import FOREVER, Instant

__all__ = ["REFUSALS", "Admitted", "Refused", "favourable"]

REFUSALS = {
    "not-a-statement": "Send a COSE_Sign1 over a deterministic CBOR statement; `habeas statement verify` shows what is wrong.",
    "bad-facts": "Use a kind and fields of the closed list. There is no field for a place, a reason in words, or a code.",
    "bad-signature": "Sign the exact bytes with the mandated key and send them unchanged.",
    "no-mandate": "Ask for a mandate; it counts 7 days after it is logged (I7). Until then this statement is nobody's.",
    "wrong-kind": "This body may not say this. The body that saw the event itself must sign it.",
    "wrong-area": "The body that is competent for that area must sign it.",
    "waiting": "The mandate's 7 days have not run. Sign again after they have.",
    "ended": "The mandate has ended. A body whose mandate runs must sign.",
    "future": "Nothing can be observed or issued later than now. Check the clock and sign again.",
    "expired": "The statement had expired when it arrived. Send one that still counts.",
    "unknown-person": "Send it under the number of an enrolled document. A name binds nothing.",
    "names-nothing": "It names a statement that was not admitted. Send that one first, or name the right one.",
    "wrong-target": "It names a statement that it cannot be about. Look at the kinds and at whose statement it is.",
    "not-the-signer": "Only the body that signed a statement can take it back or correct it; others contest it, or rule.",
    "bad-act": "The person's act is their own key's signature over the sample number. Read their pass or slip again.",
    "bad-certificate": "Scan it again, whole; if it stays so, the country that issued it must be asked.",
    "nothing-in-favour": "A certificate can only help, and this one says nothing that does. Nothing was kept.",
    "too-many": "Send what is new about this person tomorrow; take back what was sent in error.",
    "unread": "It counts for nothing until it is read. Send it again within 24 hours; the person has been told.",
}
"""Every code that a refusal can have, and what the sender does next."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A statement that was not admitted. It has no effect; the refusal is kept and can be shown to the sender.

    `statement` is the SHA-256 of the bytes received, `ref` whom they were about if that could be read; `mandate` is set
    for an unread result alone: the laboratory must send it again, and the person is shown so.
    """

    code: str
    message: str
    statement: bytes
    at: Instant
    ref: bytes | None = None
    mandate: Mandate | None = None

    @property
    def next_step(self) -> str:
        """What the sender does next."""
        return REFUSALS[self.code]


@dataclass(frozen=True, slots=True, kw_only=True)
class Admitted:
    """A statement that counts from `at` on, and whose word it is.

    `mandate` is that of the signer; None for the person's own word (`issuer` is then "self") and for a certificate that
    its holder handed over (`issuer` is then its country).
    """

    id: bytes
    statement: Statement
    at: Instant
    mandate: Mandate | None
    issuer: str

    @property
    def kind(self) -> Kind:
        """The statement's kind."""
        return self.statement.facts.kind

    @property
    def key(self) -> tuple[Instant, bytes]:
        """Its place in order: by instant, then by id, so that the order of arrival within an instant cannot matter."""
        return (self.at, self.id)

    @property
    def expires(self) -> Instant:
        """Its own end; `FOREVER` if it names none."""
        return self.statement.expires or FOREVER


def favourable(admitted: Admitted) -> bool:
    """Whether it can only help its person: a clear test, recovery, vaccination, discharge, exemption, contradiction."""
    facts = admitted.statement.facts
    if isinstance(facts, TestResult):
        return facts.result is Result.NEGATIVE
    if admitted.kind is Kind.CUSTODIAN_RECORD:
        return getattr(facts, "against", None) is not None
    return admitted.kind in _FAVOURABLE


_FAVOURABLE = {Kind.RECOVERY, Kind.VACCINATION, Kind.DISCHARGE, Kind.EXEMPTION, Kind.RULING}
