"""The ledger's state in memory: what replaying the events in order gives, and nothing besides."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from habeas.certificates import (
    CertificateError,
    content_of,
    favourable_claims,
    open_certificate,
    parse_card_trust_list,
    parse_trust_list,
)
from habeas.evidence import Admitted, Docket, Kind, Refused, admit, admit_again, admit_certificate, affected, hold
from habeas.grounds import Derivation
from habeas.ledger._decisions import decision_rows
from habeas.ledger._entries import (
    Clock,
    Close,
    EndMandate,
    Entry,
    Erase,
    GrantMandate,
    HandOver,
    Late,
    LogGateMandate,
    PublishCardTrust,
    PublishPack,
    PublishTrust,
    Rekey,
    Submit,
)
from habeas.ledger.errors import PackRefusedError
from habeas.mandates import Logged, Roster
from habeas.registry import Registry
from habeas.rules import Book, Pack, check_pack, make_book, parse_pack
from habeas.stores import DecisionRow
from habeas.wire import BEGINNING, Instant, Span

__all__ = ["READ_BACK", "VERIFY", "Applied", "State", "Verify"]

Verify = Callable[[bytes, Docket, Roster, Instant], tuple[Admitted, ...] | Refused]
"""`admit` for what comes in and for auditors; `admit_again` for reading back what a store has kept."""

_EMPTY = make_book(())
_MAX_PACK_BYTES = 60_000
"""What an entry of the log holds (65,534 bytes), less what stands around a pack there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What an entry did: the outcome for whoever sent it, whom it touches, and whether it changed anything."""

    outcome: tuple[Admitted, ...] | Refused | Logged | Pack | tuple[bytes, ...]
    touched: frozenset[bytes]
    everybody: bool = False
    new: bool = True


class State:
    """Registry, roster, docket and book. Only `apply` changes it; an error may leave it to be thrown away."""

    def __init__(self) -> None:
        self.registry = Registry()
        self.roster = Roster()
        self.docket = Docket(self.registry)
        self.certificates: dict[bytes, bytes] = {}  # whom each certificate that counts was first handed over for
        self.refused: dict[bytes, Refused] = {}
        self.packs: dict[bytes, tuple[Pack, Instant]] = {}
        self.book: Book = _EMPTY
        self.trust = parse_trust_list("{}")
        self.card_trust = parse_card_trust_list("{}")
        self.trust_texts: dict[type[Entry], str] = {}  # the newest list of each scheme, as it was published

    def derivation(self, subject: bytes) -> Derivation:
        """Return a person's derivation from all that is held."""
        return Derivation(self.book, hold(subject, self.docket, self.book.limits_at))

    def unread(self, subject: bytes, at: Instant) -> tuple[Refused, ...]:
        """Return the results of a person that came in, by an instant, in a form that nobody could read (I2)."""
        return tuple(
            one
            for one in self.refused.values()
            if one.mandate is not None
            and one.ref is not None
            and self.docket.subject(one.ref, at) == subject
            and not self._sent_again(one, at)
        )

    def unread_by(self, one: Refused, at: Instant) -> bytes | None:
        """Return whose result it is that nobody could read, so that they are told; None for any other refusal."""
        return self.docket.subject(one.ref, at) if one.mandate is not None and one.ref is not None else None

    def _sent_again(self, one: Refused, at: Instant) -> bool:
        """Whether the laboratory has since sent a result of the person that can be read."""
        return any(
            later.kind is Kind.TEST_RESULT and one.at < later.at <= at and later.mandate == one.mandate
            for later in self.docket.about(one.ref or b"")
        )

    def life(self, subject: bytes, to: Instant) -> Span:
        """Return from when on a person is enrolled, up to and with an instant."""
        first = min((binding.time.start for binding in self.registry.bindings(subject)), default=BEGINNING)
        return Span(first, to.after(1))

    def apply(self, entry: Entry, at: Instant, verify: Verify) -> Applied:  # noqa: PLR0911 - one for each kind of entry
        """Carry out one entry; raises the error of the room that refuses it."""
        match entry:
            case Submit():
                received = hashlib.sha256(entry.data).digest()
                return self._submit(verify(entry.data, self.docket, self.roster, at), received, at)
            case HandOver():
                received = hashlib.sha256(entry.text.encode("utf-8", "surrogatepass")).digest()
                return self._submit(self._handed_over(entry, received, at), received, at)
            case PublishPack():
                return self._publish(entry.text, at)
            case PublishTrust() | PublishCardTrust():
                return self._trust(entry)
            case GrantMandate() | EndMandate():
                return self._mandate(entry, at)
            case Late():
                return self._late(entry, at)
            case LogGateMandate() | Erase() | Close() | Clock():
                touched: tuple[bytes, ...] = ()
            case Rekey():
                touched = (self.registry.person(entry.subject).subject,)
            case _:
                touched = self.registry.apply(entry, at)
        return Applied(outcome=touched, touched=frozenset(touched))

    def rows(self, to: Instant) -> Iterator[DecisionRow]:
        """Yield every decision up to an instant, by person, derived from what is held and nothing else."""
        for person in sorted(self.registry.people(), key=lambda person: person.subject):
            span = self.life(person.subject, to)
            for row, _, _ in decision_rows(person.subject, self.derivation(person.subject), span):
                yield row

    def edges(self, after: Instant) -> list[Instant]:
        """Return the later instants at which packs begin or end, and so everybody is derived again."""
        ends = {edge for span, _ in self.book.periods for edge in (span.start, span.end)}
        rules = {edge for rule in self.book.rules for edge in (rule.in_force.start, rule.in_force.end)}
        return sorted(edge for edge in ends | rules if edge > after)

    def _trust(self, entry: PublishTrust | PublishCardTrust) -> Applied:
        if isinstance(entry, PublishTrust):
            self.trust = parse_trust_list(entry.text)
        else:
            self.card_trust = parse_card_trust_list(entry.text)
        known = self.trust_texts.get(type(entry))
        self.trust_texts[type(entry)] = entry.text
        return Applied(outcome=(), touched=frozenset(), new=entry.text != known)

    def _mandate(self, entry: GrantMandate | EndMandate, at: Instant) -> Applied:
        if isinstance(entry, EndMandate):
            return Applied(outcome=self.roster.end(entry.mandate, at), touched=frozenset())
        known = entry.mandate.id in self.roster
        return Applied(outcome=self.roster.grant(entry.mandate, at), touched=frozenset(), new=not known)

    def _handed_over(self, entry: HandOver, received: bytes, at: Instant) -> tuple[Admitted, ...] | Refused:
        """Read a certificate as its signature has it; nobody else says what is in it (§3). It is one person's."""
        try:
            certificate = open_certificate(entry.text, self.trust, self.card_trust, at)
            claims = favourable_claims(certificate, at)
        except CertificateError as error:
            return Refused(code="bad-certificate", message=str(error), statement=received, at=at, ref=entry.ref)
        if not claims:
            said = "it says nothing in its holder's favour"
            return Refused(code="nothing-in-favour", message=said, statement=received, at=at, ref=entry.ref)
        content = content_of(certificate)
        first = self.certificates.get(content, entry.ref)
        if self.docket.subject(first, at) != self.docket.subject(entry.ref, at):
            said = "it was handed over for another person before; a counter looks at both"
            return Refused(code="bad-certificate", message=said, statement=received, at=at, ref=entry.ref)
        # A certificate's text has many forms that nobody needs its issuer for; what it says has one. And a second document
        # of the same person makes it no second certificate. One issued anew for longer is.
        judged = [
            admit_certificate(claim, content + int(claim.expires or 0).to_bytes(8), first, self.docket, at)
            for claim in claims
        ]
        admitted = tuple(one for one in judged if isinstance(one, Admitted))
        if admitted:
            self.certificates.setdefault(content, entry.ref)
        return admitted or next(one for one in judged if isinstance(one, Refused))

    def _submit(self, outcome: tuple[Admitted, ...] | Refused, received: bytes, at: Instant) -> Applied:
        if isinstance(outcome, Refused):
            known = self.refused.get(outcome.statement)
            self.refused[outcome.statement] = outcome
            return Applied(outcome=outcome, touched=frozenset(), new=known is None or known.code != outcome.code)
        self.refused.pop(received, None)
        new = [one for one in outcome if self.docket.get(one.id) is None]
        touched: set[bytes] = set()
        for one in new:
            self.docket.add(one)
        fewest = min((pack.limits.retest_negatives for pack, _ in self.packs.values()), default=1)
        for one in new:
            touched |= affected(one, self.docket, at, fewest)
        return Applied(outcome=outcome, touched=frozenset(touched), new=bool(new))

    def _late(self, entry: Late, at: Instant) -> Applied:
        """Count the notice of packs from when checkers saw them; what has begun to count already, goes on."""
        waiting = {pack.hash for span, pack in self.book.periods if span.start > at}
        late = {
            name: (pack, entry.seen)
            for name, (pack, logged) in self.packs.items()
            if logged == entry.logged and name in waiting
        }
        if late:
            self.packs = {**self.packs, **late}
            self.book = make_book(
                (pack for pack, _ in self.packs.values()), {name: logged for name, (_, logged) in self.packs.items()}
            )
        return Applied(outcome=(), touched=frozenset(), everybody=bool(late), new=bool(late))

    def _publish(self, text: str, at: Instant) -> Applied:
        pack = parse_pack(text)
        if len(text.encode()) > _MAX_PACK_BYTES:
            raise PackRefusedError(
                f"{pack.id} has over {_MAX_PACK_BYTES} bytes, more than an entry of the log holds: publish it as layers"
            )
        if pack.hash in self.packs:
            return Applied(outcome=pack, touched=frozenset(), new=False)
        problems = check_pack(pack, None)
        if problems:
            said = "\n".join(f"  {problem.invariant} {problem.where}: {problem.message}" for problem in problems)
            raise PackRefusedError(f"{pack.id} is refused; mend it and publish again:\n{said}")
        packs = {**self.packs, pack.hash: (pack, at)}
        book = make_book((known for known, _ in packs.values()), {name: logged for name, (_, logged) in packs.items()})
        self.packs, self.book = packs, book
        return Applied(outcome=pack, touched=frozenset(), everybody=True)


VERIFY: Verify = admit
READ_BACK: Verify = admit_again
