"""What holds of every derivation, whatever was said: time, order, retraction, help, and history computed late."""

from __future__ import annotations

import dataclasses

from hypothesis import assume, given
from hypothesis import strategies as st

from grounds.happenings import Row, build, drawn_rows, ref_of, worlds
from grounds.oracle import PACK_SPAN, Drawn, drawn_packs
from grounds.worlds import BASE, BODIES, World, instant_of, number, within_instants
from habeas.evidence import (
    GROUND_KINDS,
    Admitted,
    CustodianRecord,
    Diagnosis,
    Exemption,
    Facts,
    Kind,
    Method,
    Record,
    Recovery,
    Result,
    Retraction,
    Ruling,
    RulingEffect,
    Scope,
    Statement,
    TestResult,
    favourable,
)
from habeas.grounds import Derivation, Derived, derive
from habeas.mandates import independent
from habeas.rules import Book, Effect, Pack, make_book
from habeas.wire import DAY, HOUR, Area, Instant, Span


def book_of(drawn: Drawn) -> Book:
    return make_book([drawn.pack])


def severity(derived: Derived) -> int:
    return derived.code.severity if derived.code else 0


def derivations(world: World, drawn: Drawn) -> dict[bytes, Derivation]:
    book = book_of(drawn)
    return {subject: Derivation(book, held) for subject, held in world.held(drawn.pack.limits).items()}


def all_instants(*derivations: Derivation) -> list[Instant]:
    return sorted({at for derivation in derivations for at in derivation.instants(PACK_SPAN)})


def fingerprints(derivation: Derivation, span: Span = PACK_SPAN) -> list[tuple[object, ...]]:
    return [(change.derived.at, *change.derived.fingerprint()) for change in derivation.timeline(span)]


# Time


@given(world=worlds(), drawn=drawn_packs(), some=st.lists(st.integers(PACK_SPAN.start, PACK_SPAN.end - 1), max_size=20))
def test_a_timeline_is_the_derivation_at_every_instant(world: World, drawn: Drawn, some: list[int]) -> None:
    book = book_of(drawn)
    for derivation in derivations(world, drawn).values():
        changes = derivation.timeline(PACK_SPAN)
        near = {change.derived.at + shift for change in changes for shift in (-1, 0, 1)}
        for at in sorted({*near, *some, *all_instants(derivation)}):
            if not PACK_SPAN.covers(at):
                continue
            last = [change for change in changes if change.derived.at <= at][-1]
            now = derive(book, derivation.held, Instant(at))
            assert now.fingerprint() == last.derived.fingerprint()
            assert now.at < last.until
            assert now.code == last.derived.code


@given(world=worlds(), drawn=drawn_packs())
def test_until_is_the_next_instant_at_which_the_code_differs(world: World, drawn: Drawn) -> None:
    for derivation in derivations(world, drawn).values():
        for change in derivation.timeline(PACK_SPAN):
            until = derivation.until(change.derived.at)
            assert derivation.at(until).code != change.derived.code
            assert all(
                derivation.at(Instant(at)).code == change.derived.code
                for at in range(change.derived.at, until, 8 * HOUR)
            )
            assert change.until == until


@given(world=worlds(), drawn=drawn_packs())
def test_every_change_has_a_cause(world: World, drawn: Drawn) -> None:
    for derivation in derivations(world, drawn).values():
        for change in derivation.timeline(PACK_SPAN)[1:]:
            assert change.causes


def may_worsen(world: World, drawn: Drawn) -> set[int]:
    """Return the instants of events after which a code may be worse: what accuses or supports, and published starts.

    A retraction or a ruling is none of them: neither takes effect against anybody by itself.
    """
    relieving = (Kind.RETRACTION, Kind.RULING, Kind.RECOVERY, Kind.VACCINATION, Kind.EXEMPTION, Kind.DISCHARGE)
    found: set[int] = {span.start for span in book_of(drawn).spans}
    found |= {rule.in_force.start for rule in drawn.rules} | {row.time.start for row in drawn.pack.arrivals}
    for entry in world.entries:
        if not isinstance(entry, Admitted):
            found.add(entry[1])
        elif entry.kind not in relieving and not favourable(entry):
            found.add(entry.at)
    return found


@given(world=worlds(), drawn=drawn_packs())
def test_time_alone_never_worsens_a_code(world: World, drawn: Drawn) -> None:
    events = may_worsen(world, drawn)
    for derivation in derivations(world, drawn).values():
        for at in all_instants(derivation):
            if at not in events and at > PACK_SPAN.start:
                assert severity(derivation.at(at)) <= severity(derivation.at(at.after(-1)))


def in_time(drawn: Drawn, start: int, end: int, **changes: str | None) -> Pack:
    """Return a drawn pack, its first four rules alone, in force from one day to another."""
    span = Span(BASE.after(start * DAY), BASE.after(end * DAY))
    pack = dataclasses.replace(
        drawn.pack, in_force=span, published=span.start.after(-3 * DAY), rules=drawn.pack.rules[:4]
    )
    named = {"id": "base", "over": None, "succeeds": None} | changes
    return dataclasses.replace(pack, **named, hash=str(named["id"]).encode())  # type: ignore[arg-type]  # id is text


@given(
    world=worlds(), packs=st.tuples(*[drawn_packs()] * 4), days=st.tuples(*[st.integers(-5, 20)] * 3), own=st.booleans()
)
def test_time_alone_never_worsens_a_code_under_layers_and_phases(
    world: World,
    packs: tuple[Drawn, ...],
    days: tuple[int, int, int],
    own: bool,  # noqa: FBT001 - drawn
) -> None:
    base, below, second, after = packs
    change, begins, ends = days[0] + 10, *sorted(days[1:])
    layers = [
        in_time(below, begins, ends + 1, id="layer", over="base"),
        in_time(second, begins + 3, ends + 9, id="second", over="base"),
    ]
    if own:
        rules = tuple(dataclasses.replace(rule, own_act="order") for rule in layers[0].rules)
        layers[0] = dataclasses.replace(layers[0], rules=rules)
    phase = in_time(after, change, 60, id="phase", succeeds="base")
    given_packs = [in_time(base, -10, 40), *layers, phase]
    book = make_book(given_packs)
    events = (
        may_worsen(world, base) | {span.start for span in book.spans} | {pack.in_force.start for pack in given_packs}
    )
    events |= {rule.in_force.start for pack in given_packs for rule in pack.rules}
    events |= {row.time.start for rule in book.rules for row in rule.arrivals}
    for held in world.held(base.pack.limits).values():
        derivation = Derivation(book, held)
        for at in all_instants(derivation):
            if at not in events and at > PACK_SPAN.start:
                assert severity(derivation.at(at)) <= severity(derivation.at(at.after(-1)))


# Order and history


@given(world=worlds(), drawn=drawn_packs(), data=st.data())
def test_history_computed_late_is_history_computed_in_time(world: World, drawn: Drawn, data: st.DataObject) -> None:
    at = data.draw(st.sampled_from([instant_of(entry) for entry in world.entries]))
    span = Span(PACK_SPAN.start, at.after(1))
    late, then = derivations(world, drawn), derivations(world.until(at), drawn)
    for subject, derivation in then.items():
        assert fingerprints(derivation, span) == fingerprints(late[subject], span)


@given(world=worlds(), drawn=drawn_packs(), seed=st.randoms(use_true_random=False))
def test_the_order_of_admission_within_an_instant_does_not_matter(world: World, drawn: Drawn, seed: object) -> None:
    shuffled = World(within_instants(world.entries, getattr(seed, "shuffle")))  # noqa: B009 - Random, untyped by Hypothesis
    one, other = derivations(world, drawn), derivations(shuffled, drawn)
    assert {s: fingerprints(d) for s, d in one.items()} == {s: fingerprints(d) for s, d in other.items()}


@given(world=worlds(), drawn=drawn_packs())
def test_replayed_from_nothing_it_is_the_same(world: World, drawn: Drawn) -> None:
    one, other = derivations(world, drawn), derivations(World(list(world.entries)), drawn)
    assert {s: fingerprints(d) for s, d in one.items()} == {s: fingerprints(d) for s, d in other.items()}


# Equal evidence


@given(drawn=drawn_packs(), happened=drawn_rows())
def test_equal_evidence_gives_equal_codes(drawn: Drawn, happened: list[Row]) -> None:
    """The same statements under other ids, a second and more apart: who somebody is makes no difference."""
    apart: list[Row] = [(what, 1 + pause % 7, *rest) for what, pause, *rest in happened]  # type: ignore[misc]  # six again
    one, other = (derivations(build(apart, salt), drawn) for salt in ("one", "other"))
    assert one.keys() == other.keys()
    for subject, derivation in one.items():
        for at in all_instants(derivation, other[subject]):
            assert derivation.at(at).code == other[subject].at(at).code


# What helps, and what is taken back


def add(world: World, facts: Facts, ref: bytes, by: int, at: Instant, *, first: bool = False) -> World:
    """Return the world with one more statement, before or after everything of its instant."""
    body = BODIES[by % len(BODIES)]
    admitted = Admitted(
        id=number("added") if not first else bytes(32),
        statement=Statement(ref=ref, facts=facts, observed=at.after(-HOUR), issued=at, area=Area("CN-41")),
        at=at,
        mandate=body,
        issuer=body.body.id,
    )
    before = [entry for entry in world.entries if instant_of(entry) <= at]
    return World([*before, admitted, *world.entries[len(before) :]])


def never_worse(drawn: Drawn, without: World, with_it: World, span: Span = PACK_SPAN) -> None:
    """Check that nobody's code is worse in one world than in another, at any instant of a span."""
    one, other = derivations(without, drawn), derivations(with_it, drawn)
    for subject, derivation in one.items():
        for at in all_instants(derivation, other[subject]):
            if span.covers(at):
                assert severity(other[subject].at(at)) <= severity(derivation.at(at))


HELP: list[Facts] = [
    TestResult(method=Method.PCR, result=Result.NEGATIVE, sample=number("clear", 16)),
    TestResult(method=Method.ANTIGEN, result=Result.NEGATIVE, sample=number("clear", 16)),
    Recovery(method=Method.PCR),
    Exemption(scope=Scope.MEDICAL),
]


@given(
    world=worlds(),
    drawn=drawn_packs(),
    facts=st.sampled_from(HELP),
    place=st.integers(0, 4),
    by=st.integers(0, 7),
    hours=st.integers(0, 30 * 24),
)
def test_a_favourable_statement_never_worsens(
    world: World, drawn: Drawn, facts: Facts, place: int, by: int, hours: int
) -> None:
    at = BASE.after(hours * HOUR + 60)
    never_worse(drawn, world, add(world, facts, ref_of(place), by, at))


def next_event(world: World, at: Instant) -> Instant:
    later = [instant_of(entry) for entry in world.entries if instant_of(entry) > at]
    return min(later, default=PACK_SPAN.end)


def adverse(world: World) -> list[Admitted]:
    return [one for one in world.statements() if one.kind in GROUND_KINDS and not favourable(one)]


def after(one: Admitted, hours: int) -> Instant:
    return one.at.after(hours * HOUR + 60)


@given(world=worlds(), drawn=drawn_packs(), data=st.data(), hours=st.integers(0, 200))
def test_retracting_what_accuses_or_supports_never_worsens(
    world: World, drawn: Drawn, data: st.DataObject, hours: int
) -> None:
    """As an event: from the retraction to the next event nobody is worse off than without it."""
    against = [
        one for one in world.statements() if not favourable(one) and one.kind not in (Kind.RETRACTION, Kind.CORRECTION)
    ]
    assume(against)
    target = data.draw(st.sampled_from(against))
    at = after(target, hours)
    taken_back = add(world, Retraction(target=target.id), target.statement.ref, 0, at)
    never_worse(drawn, world, taken_back, Span(at, next_event(world, at)))


@given(
    world=worlds(), drawn=drawn_packs(), data=st.data(), hours=st.integers(0, 200), effect=st.sampled_from(RulingEffect)
)
def test_a_ruling_never_worsens(
    world: World, drawn: Drawn, data: st.DataObject, hours: int, effect: RulingEffect
) -> None:
    assume(adverse(world))
    target = data.draw(st.sampled_from(adverse(world)))
    at = after(target, hours)
    ruled = add(world, Ruling(target=target.id, effect=effect), target.statement.ref, 7, at)
    never_worse(drawn, world, ruled, Span(at, next_event(world, at)))


@given(world=worlds(), drawn=drawn_packs(), data=st.data(), hours=st.integers(0, 200), by=st.integers(0, 7))
def test_a_contradiction_never_worsens(world: World, drawn: Drawn, data: st.DataObject, hours: int, by: int) -> None:
    assume(adverse(world))
    target = data.draw(st.sampled_from(adverse(world)))
    at = after(target, hours)
    facts = CustodianRecord(record=Record.STAMP, against=target.id)
    contradicted = add(world, facts, target.statement.ref, by, at)
    never_worse(drawn, world, contradicted, Span(at, next_event(world, at)))


@given(world=worlds(), drawn=drawn_packs(), data=st.data(), hours=st.integers(0, 200))
def test_a_lone_retraction_of_what_helps_changes_nothing(
    world: World, drawn: Drawn, data: st.DataObject, hours: int
) -> None:
    helping = [one for one in world.statements() if favourable(one)]
    assume(helping)
    target = data.draw(st.sampled_from(helping))
    at = after(target, hours)
    taken_back = add(world, Retraction(target=target.id), target.statement.ref, 0, at)
    one, other = derivations(world, drawn), derivations(taken_back, drawn)
    assert {s: fingerprints(d) for s, d in one.items()} == {s: fingerprints(d) for s, d in other.items()}


# Support


@given(world=worlds(), drawn=drawn_packs())
def test_a_lone_signature_shuts_no_gate(world: World, drawn: Drawn) -> None:
    """Whoever closes a gate has a custodian beside it that is not its signer's.

    A diagnosis rests on a result: there it is the laboratory whom the sampler must not be.
    """
    docket = world.docket()
    for derivation in derivations(world, drawn).values():
        for at in all_instants(derivation):
            for ground in derivation.at(at).grounds:
                if derivation.book.codes[ground.severity].effect > Effect.ASK:
                    signer, rows = (
                        ground.claim.held.mandate,
                        [row for row, _ in ground.claim.backing if row.span.covers(at)],
                    )
                    if isinstance(ground.claim.held.facts, Diagnosis):
                        named = docket.get(ground.claim.held.facts.names)
                        signer = named.mandate if named else None
                    assert signer is not None
                    assert not ground.provisional
                    assert len({row.custodian for row in rows}) + 1 >= ground.claim.rule.support
                    assert all(row.mandate is None or independent(row.mandate, signer) for row in rows)


@given(world=worlds(), drawn=drawn_packs())
def test_a_provisional_ground_lasts_two_days_at_most(world: World, drawn: Drawn) -> None:
    for derivation in derivations(world, drawn).values():
        for claim in derivation.claims:
            for at in all_instants(derivation):
                ground = claim.at(at)
                if ground is not None and ground.provisional:
                    assert at < claim.held.live.start.after(48 * HOUR)
                    assert ground.until <= claim.held.live.start.after(48 * HOUR)


@given(world=worlds(), drawn=drawn_packs())
def test_no_pack_no_code(world: World, drawn: Drawn) -> None:
    later = PACK_SPAN.end
    for held in world.held(drawn.pack.limits).values():
        derived = derive(book_of(drawn), held, later)
        assert derived.code is None
        assert derived.grounds == ()
