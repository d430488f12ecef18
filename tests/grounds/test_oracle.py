"""Derivation against the plain implementation of the same model, on worlds and packs drawn at random."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from hypothesis import given, settings

from grounds.happenings import worlds
from grounds.oracle import PACK_SPAN, Drawn, drawn_packs, plain_grounds, plain_severity
from grounds.worlds import World
from habeas.evidence import Held
from habeas.grounds import Derivation
from habeas.rules import make_book
from habeas.wire import Instant


def check_person(drawn: Drawn, held: Sequence[Held]) -> int:
    """Compare every instant at which anything can change, and the seconds around it; return how many there were."""
    derivation = Derivation(make_book([drawn.pack]), held)
    near = {at + shift for at in derivation.instants(PACK_SPAN) for shift in (-1, 0, 1)}
    instants = sorted(at for at in near if PACK_SPAN.covers(at))
    for at in instants:
        derived = derivation.at(Instant(at))
        grounds, undecided = plain_grounds(drawn, held, at)
        found = {(row.severity, row.rule, row.statement, row.provisional) for row in derived.grounds}
        assert found == {(row.severity, row.rule, row.statement, row.provisional) for row in grounds}
        assert {(row.rule, row.statement) for row in derived.undecided} == undecided
        assert derived.code is not None
        assert derived.code.severity == plain_severity(drawn, held, at)
    return len(instants)


@given(world=worlds(), drawn=drawn_packs())
def test_derivation_says_what_the_plain_model_says(world: World, drawn: Drawn) -> None:
    for held in world.held(drawn.pack.limits).values():
        check_person(drawn, held)


@pytest.mark.long
@settings(max_examples=2_000)
@given(world=worlds(60), drawn=drawn_packs())
def test_derivation_says_what_the_plain_model_says_of_thousands_of_worlds(world: World, drawn: Drawn) -> None:
    for held in world.held(drawn.pack.limits).values():
        check_person(drawn, held)
