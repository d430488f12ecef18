"""A pack's examples, run through the derivation that everybody's code comes from: what a health officer read holds."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from habeas.evidence import (
    CONTACT_ONCE,
    GROUND_KINDS,
    SAMPLE_BYTES,
    STATEMENT_ID_BYTES,
    Admitted,
    Backing,
    Contact,
    Ending,
    EndingCause,
    EvidenceError,
    Facts,
    Held,
    Kind,
    Statement,
    favourable,
    parse_facts,
    rule_facts,
)
from habeas.grounds._derive import Derivation
from habeas.rules import Book, Example, ExampleStatement, Pack, Rule, make_book
from habeas.wire import FOREVER, REF_BYTES, Area, Span

__all__ = ["ExampleResult", "run_examples"]

_NOWHERE = Area("ZZ")
_MARKS: Mapping[Kind, Mapping[str, int]] = {
    Kind.TEST_RESULT: {"sample": SAMPLE_BYTES},
    Kind.DIAGNOSIS: {"names": STATEMENT_ID_BYTES},
    Kind.CONTACT_FINDING: {"index": STATEMENT_ID_BYTES},
}
"""Byte fields that a statement needs and no rule sees; an example does not write them down."""

_SHOWN = GROUND_KINDS | {Kind.RECOVERY, Kind.VACCINATION, Kind.EXEMPTION, Kind.DISCHARGE}
"""What a rule or a relief can meet at all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ExampleResult:
    """What an example of a rule gave. `got` is None where no pack was in force.

    `problem` says why an example shows nothing even if the codes agree: it could not be built, or its rule could not be
    worked out (which gives the default code, and so would pass unseen).
    """

    rule: str
    example: Example
    expected: str
    got: str | None
    problem: str = ""

    @property
    def ok(self) -> bool:
        """Whether the derivation says what the example says."""
        return self.got == self.expected and not self.problem


def run_examples(pack: Pack, book: Book | None = None) -> tuple[ExampleResult, ...]:
    """Run the examples of every rule of a pack, in order.

    Each statement of an example is of an event of its own, signed by a body of its own, and backed from admission on by
    so many others. `book` is the one to derive from: a layer's examples need that of the layer with its base; without it
    the pack stands alone. Raises `BookError` when the pack cannot.
    """
    stands = make_book([pack]) if book is None else book
    return tuple(_run(stands, rule, example) for rule in pack.rules for example in rule.examples)


def _run(book: Book, rule: Rule, example: Example) -> ExampleResult:
    try:
        held = _held(example.statements)
    except EvidenceError as error:
        return ExampleResult(rule=rule.id, example=example, expected=example.code, got=None, problem=str(error))
    derived = Derivation(book, held).at(example.at)
    return ExampleResult(
        rule=rule.id,
        example=example,
        expected=example.code,
        got=derived.code.id if derived.code else None,
        problem="; ".join(row.reason for row in derived.undecided if row.rule == rule.id),
    )


def _held(statements: Sequence[ExampleStatement]) -> tuple[Held, ...]:
    return tuple(_held_in_order(sorted(statements, key=lambda statement: statement.admitted)))


def _held_in_order(statements: Sequence[ExampleStatement]) -> Iterator[Held]:
    for place, statement in enumerate(statements):
        admitted = _admitted(statement, place)
        adverse = statement.kind in GROUND_KINDS and not favourable(admitted)
        yield Held(
            id=admitted.id,
            kind=statement.kind,
            facts=admitted.statement.facts,
            rule_facts=rule_facts(admitted.statement.facts),
            issuer=admitted.issuer,
            mandate=None,
            observed=statement.observed,
            admitted=statement.admitted,
            live=Span(statement.admitted, FOREVER),
            ended=Ending(FOREVER, EndingCause.NONE),
            expires=FOREVER,
            event=admitted.id,
            backing=tuple(_backing(statement, admitted, adverse=adverse)),
            opens=adverse and _opens(statement, statements[:place]),
            helps=not adverse,
            bound=False,
        )


def _admitted(statement: ExampleStatement, place: int) -> Admitted:
    named = Statement(
        ref=bytes(REF_BYTES),
        facts=_facts(statement, place),
        observed=statement.observed,
        issued=statement.admitted,
        area=_NOWHERE,
    )
    return Admitted(
        id=place.to_bytes(STATEMENT_ID_BYTES),
        statement=named,
        at=statement.admitted,
        mandate=None,
        issuer=f"body {place}",
    )


def _facts(statement: ExampleStatement, place: int) -> Facts:
    kind = statement.kind
    if kind not in _SHOWN:
        raise EvidenceError(f"a rule never meets a {kind.value}; write how many stand behind a statement as `backed`")
    value = dict(statement.facts)
    value |= {name: place.to_bytes(size) for name, size in _MARKS.get(kind, {}).items()}
    if value.get("contact") == Contact.SECONDARY.value:
        value["via"] = place.to_bytes(STATEMENT_ID_BYTES)
    return parse_facts(kind, value)


def _backing(statement: ExampleStatement, admitted: Admitted, *, adverse: bool) -> Iterator[Backing]:
    for number in range(statement.backed if adverse else 0):
        name = f"{admitted.issuer}, custodian {number}"
        yield Backing(name, Span(statement.admitted, FOREVER), admitted.id, None)


def _opens(statement: ExampleStatement, before: Sequence[ExampleStatement]) -> bool:
    if statement.kind is not Kind.CONTACT_FINDING:
        return True
    since = statement.admitted - CONTACT_ONCE
    return not any(other.kind is Kind.CONTACT_FINDING and other.admitted > since for other in before)
