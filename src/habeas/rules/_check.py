"""`check_pack`: every reason for which the invariants refuse a pack. Nothing derives from a pack that it refuses."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from habeas.rules._check_criteria import criteria_problems
from habeas.rules._check_rules import rule_problems
from habeas.rules._check_texts import text_problems
from habeas.rules._pack import Effect, Pack
from habeas.rules._problem import Problem
from habeas.wire import DAY, HOUR

__all__ = ["INVARIANTS", "MAX_PACK_DAYS", "NO_GROUND", "NO_KIND", "check_pack"]

MAX_PACK_DAYS = 366
"""A pack is looked at anew at least once a year."""
NOTICE_HOURS = 48
INVARIANTS = tuple(f"I{number}" for number in range(1, 16))
NO_KIND = "missing-kind"
NO_GROUND = "no-ground"
"""Beside an invariant, why a row may be left out: no kind of evidence says it; or it is no ground for any code."""

_ARRIVALS_TESTS = 1000
_ARRIVALS_PERCENT = 3
_ARRIVALS_DAYS = 7


def check_pack(pack: Pack, criteria: Mapping[str, object] | None = None) -> tuple[Problem, ...]:
    """Return every problem of `pack`, in no order of weight; empty when the invariants allow it.

    With `criteria`, the parsed list of published criteria, the pack is also held against its source.
    """
    return tuple(_problems(pack, criteria))


def _problems(pack: Pack, criteria: Mapping[str, object] | None) -> Iterator[Problem]:
    yield from _codes(pack)
    yield from _time(pack)
    yield from _arrivals(pack)
    yield from _left_out(pack)
    yield from _rule_ids(pack)
    for rule in pack.rules:
        yield from rule_problems(pack, rule)
    yield from text_problems(pack)
    if criteria is not None:
        yield from criteria_problems(pack, criteria)


def _codes(pack: Pack) -> Iterator[Problem]:
    default, provisional = pack.code(pack.default), pack.code(pack.provisional)
    if default.severity or default.effect is not Effect.OPEN:
        yield Problem(
            invariant="I2",
            where="default",
            message=f"with no ground a person would be {default.id}, which is not open or not the mildest",
            next_step="Let the default be the first code, with effect open",
        )
    if provisional.effect > Effect.ASK:
        yield Problem(
            invariant="I4",
            where="provisional",
            message=f"an unsupported ground would shut gates ({provisional.id} is {provisional.effect.name.lower()})",
            next_step="Name a code whose effect is ask or open",
        )
    effects = [code.effect for code in pack.codes]
    if effects != sorted(effects):
        yield Problem(
            invariant="I3",
            where="codes",
            message="a later code does less at a door than one before it, so a falling ladder could shut gates",
            next_step="List the codes from the mildest to the most severe",
        )


def _time(pack: Pack) -> Iterator[Problem]:
    start, end = pack.in_force.start, pack.in_force.end
    if end <= start or end - start > MAX_PACK_DAYS * DAY:
        yield Problem(
            invariant="I14",
            where="in_force",
            message="a pack ends, and within a year" if end > start else "it ends before it begins",
            next_step=f"Give `to`, later than `from` by {MAX_PACK_DAYS} days at most, and renew it by a new pack",
        )
    if end <= pack.published:
        yield Problem(
            invariant="I14",
            where="in_force.to",
            message="it had expired when it was published",
            next_step="Give an end that is later than `published`",
        )
    milder = pack.transition == "milder" and pack.succeeds is not None
    if start < pack.published.after(NOTICE_HOURS * HOUR) and not milder:
        yield Problem(
            invariant="I8",
            where="in_force.from",
            message=f"less than {NOTICE_HOURS} hours after it was published",
            next_step="Start later; only a pack that is nowhere stricter than the one it succeeds needs no notice",
        )


def _arrivals(pack: Pack) -> Iterator[Problem]:
    for number, row in enumerate(pack.arrivals, start=1):
        where = f"arrivals.{number}"
        if row.tests < _ARRIVALS_TESTS or 100 * row.positives < _ARRIVALS_PERCENT * row.tests:
            yield Problem(
                invariant="I4",
                where=where,
                message=f"{row.positives} positives of {row.tests} tests do not let travel shut a gate",
                next_step="Take the row out until 3 % of 1,000 tests or more are positive",
            )
        if not row.time or row.time.end - row.time.start > _ARRIVALS_DAYS * DAY:
            yield Problem(
                invariant="I4",
                where=f"{where}.time",
                message="a measurement holds for 7 days at most",
                next_step="End it within 7 days, and measure again",
            )


def _left_out(pack: Pack) -> Iterator[Problem]:
    known = (*INVARIANTS, NO_KIND, NO_GROUND)
    for row in pack.left_out:
        if row.because not in known:
            yield Problem(
                invariant="§4",
                where=f"left_out.{row.row}.because",
                message=f"{row.because!r} is no reason that is known here",
                next_step=f"Name the invariant (I1 to I15), {NO_KIND} or {NO_GROUND}",
            )


def _rule_ids(pack: Pack) -> Iterator[Problem]:
    ids = [rule.id for rule in pack.rules]
    for name in sorted({name for name in ids if ids.count(name) > 1}):
        yield Problem(
            invariant="§4", where=f"rules.{name}", message="two rules have this id", next_step="Give one another id"
        )
    for rule in pack.rules:
        if rule.succeeds is not None and (rule.succeeds == rule.id or rule.succeeds not in ids):
            yield Problem(
                invariant="§4",
                where=f"rules.{rule.id}.succeeds",
                message=f"{rule.succeeds!r} is no other rule of this pack",
                next_step="Name the rule whose running grounds pass over, or leave the line out",
            )
