"""What a rule may not do with a person's time (I3), support (I4) and release (I10)."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise, product

from habeas.evidence import KIND_TIER, MIN_SUPPORT, PROVISIONAL_MAX, Kind, field_choices
from habeas.rules._certlogic import Verdict, outcome
from habeas.rules._pack import ExampleSign, Pack, Relief, Rule
from habeas.rules._problem import Problem
from habeas.wire import HOUR

__all__ = ["MAX_LADDER_DAYS", "rule_problems"]

MAX_LADDER_DAYS = 90
"""Longer than any published term that we know (42 days, a confirmed case in Henan), and no more than a season."""

_NO_GROUND = {
    Kind.TEST_RESULT: ("I2", "result", ("negative", "unread"), "a result that is not positive counts for nothing"),
    Kind.CONTACT_FINDING: ("I6", "contact", ("other",), "other contacts are an open list"),
}
"""Facts that no `when` may hold for, however it is put: what it says is worked out, not read."""

_RELIEVING = {Kind.TEST_RESULT, Kind.RECOVERY, Kind.VACCINATION, Kind.DISCHARGE, Kind.EXEMPTION}


def rule_problems(pack: Pack, rule: Rule) -> Iterator[Problem]:
    """Yield what is wrong with a rule besides its words."""
    yield from _support(rule)
    yield from _reach(pack, rule)
    yield from _ladder(pack, rule)
    for number, relief in enumerate(rule.relief, start=1):
        yield from _relief(pack, rule, relief, f"rules.{rule.id}.relief.{number}")
    yield from _time(pack, rule)
    yield from _examples(pack, rule)


def _support(rule: Rule) -> Iterator[Problem]:
    where = f"rules.{rule.id}"
    tier = KIND_TIER.get(rule.kind)
    if tier is None:
        can = ", ".join(kind.value for kind in KIND_TIER)
        yield _problem(
            "I4",
            f"{where}.kind",
            f"{rule.kind.value} is never a ground",
            f"A ground is one of: {can}. An order names its basis and ends with it",
        )
        return
    if rule.tier != tier:
        yield _problem("I4", f"{where}.tier", f"{rule.kind.value} is of tier {tier}", f"Write tier: {tier}")
    if rule.support < MIN_SUPPORT[tier]:
        least = MIN_SUPPORT[tier]
        yield _problem(
            "I4",
            f"{where}.support",
            f"{rule.support} custodians for tier {tier}, which needs {least}",
            f"Write support: {least}, or leave the line out",
        )
    if rule.provisional_hours * HOUR > PROVISIONAL_MAX:
        yield _problem(
            "I4",
            f"{where}.provisional_hours",
            f"an unsupported ground lasts {rule.provisional_hours} hours",
            "Write 48 or less, or leave the line out",
        )


def _reach(pack: Pack, rule: Rule) -> Iterator[Problem]:
    """Yield a problem for a `when` that takes in more than it may, such as `when: true` over test results."""
    if rule.kind not in _NO_GROUND:
        return
    invariant, fact, never, message = _NO_GROUND[rule.kind]
    names = {name: sorted(choices or ()) for name, choices in field_choices(rule.kind).items()}
    for values in product(*names.values()):
        facts = dict(zip(names, values, strict=True))
        data = {"facts": facts, "pack": dict(pack.parameters)}
        if facts[fact] in never and outcome(rule.when, data).verdict is Verdict.HOLDS:
            next_step = f"Name in `when` each {fact} that is meant; {facts[fact]} is none"
            yield _problem(invariant, f"rules.{rule.id}.when", message, next_step)
            return


def _ladder(pack: Pack, rule: Rule) -> Iterator[Problem]:
    where = f"rules.{rule.id}.ladder"
    steps = [(pack.code(rung.code).severity, rung.until_day) for rung in rule.ladder]
    if not steps:
        yield _problem("I3", where, "no rung, so no last day", "Give at least one [code, until_day]")
        return
    for (severity, day), (next_severity, next_day) in pairwise(steps):
        if next_severity >= severity:
            yield _problem("I3", where, "a later rung is not milder", "Let severity fall from rung to rung")
        if next_day <= day:
            yield _problem("I3", where, "a later rung does not end later", "Let the days rise from rung to rung")
    if any(not severity for severity, _ in steps):
        yield _problem("I3", where, "the mildest code is what is left when a ladder has run out", "Leave that rung out")
    if steps[0][1] < 1:
        yield _problem("I3", where, "a rung that ends before it begins", "Count days from 1")
    longest = max(day for _, day in steps)
    if longest > MAX_LADDER_DAYS:
        yield _problem("I3", where, f"{longest} days", f"End within {MAX_LADDER_DAYS} days")


def _relief(pack: Pack, rule: Rule, relief: Relief, where: str) -> Iterator[Problem]:
    if relief.kind not in _RELIEVING:
        kinds = ", ".join(sorted(kind.value for kind in _RELIEVING))
        yield _problem(
            "I10",
            where,
            f"{relief.kind.value} releases nobody: release is by rule or by ruling",
            f"Take one of: {kinds}",
        )
    worst = max((pack.code(rung.code).severity for rung in rule.ladder), default=0)
    if rule.ladder and pack.code(relief.cuts_to).severity >= worst:
        yield _problem("I3", where, f"cutting to {relief.cuts_to} relieves nothing", "Cut to a milder code")
    if relief.days < 1 or relief.last - relief.first + 1 < relief.days:
        yield _problem(
            "I3",
            where,
            f"{relief.days} days cannot lie between day {relief.first} and day {relief.last}",
            "Ask for 1 day or more, and leave room for them",
        )


def _time(pack: Pack, rule: Rule) -> Iterator[Problem]:
    span = rule.in_force
    if not span or span.start < pack.in_force.start or span.end > pack.in_force.end:
        yield _problem(
            "I14",
            f"rules.{rule.id}.in_force",
            f"{span.start} to {span.end} is not a time within the pack's own",
            "Keep within the pack, or leave the line out",
        )


def _examples(pack: Pack, rule: Rule) -> Iterator[Problem]:
    where = f"rules.{rule.id}.examples"
    for sign in ExampleSign:
        if not any(example.sign is sign for example in rule.examples):
            yield _problem("§4", where, f"no example with sign {sign.value!r}", "Write one that an officer can read")
    for number, example in enumerate(rule.examples, start=1):
        if not pack.in_force.covers(example.at):
            yield _problem(
                "§4", f"{where}.{number}.at", "the pack is not in force then", "Choose an instant within its time"
            )


def _problem(invariant: str, where: str, message: str, next_step: str) -> Problem:
    return Problem(invariant=invariant, where=where, message=message, next_step=next_step)
