"""The town as a whole: who lives there, who is away, who signs, and what three weeks bring."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain
from random import Random

from habeas.evidence import Result
from habeas.synthetic._batch import Batch
from habeas.synthetic._courses import (
    Case,
    Cast,
    corrected,
    infected,
    lone_contact,
    protected,
    released,
    retracted,
    travelled,
    unread,
)
from habeas.synthetic._diary import DAYS, Diary
from habeas.synthetic._offices import Offices, make_offices
from habeas.synthetic._residents import Family, Resident, make_families, registry_key
from habeas.wire import parse_instant

__all__ = ["FEWEST_PEOPLE", "Town", "make_town"]

FEWEST_PEOPLE = 200
_MANDATED = parse_instant("2021-08-01T09:00+08:00")
_ENROLLED = parse_instant("2022-05-15T09:00+08:00")
_LAST = DAYS - 1
_SAVERS_HERE, _SAVERS_AWAY, _OF = 446, 871, 2_000
"""As the finding of 22 June 2022 counts them; in a town of fewer than 2,000 in proportion."""

_TESTED, _TESTED_AWAY = 0.3, 0.1
_FROM_THE_EU = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Town:
    """A made-up town with people of a home province far away: all of it follows from the seed and the number of people.

    `cast` are people whom a story can turn to; `savers` are those whom the misuse is aimed at, adults without any
    honest statement against them, `savers_here` of them first.
    """

    seed: str
    registry_key: bytes
    offices: Offices
    families: tuple[Family, ...]
    away: tuple[Family, ...]
    savers: tuple[Resident, ...]
    savers_here: int
    cast: Cast
    honest: tuple[Batch, ...]

    @property
    def people(self) -> int:
        """How many live in the town."""
        return sum(map(len, self.families))

    @property
    def people_away(self) -> int:
        """How many live far away."""
        return sum(map(len, self.away))

    def residents(self) -> Iterator[Resident]:
        """Yield everybody, those of the town first."""
        for families in (self.families, self.away):
            for family in families:
                yield from family

    def batches(self) -> Iterator[Batch]:
        """Yield the honest town in order: mandates, enrolments, then two batches of statements a day."""
        yield Batch(at=_MANDATED, mandates=tuple(office.mandate for office in self.offices.mandated()))
        yield Batch(at=_ENROLLED, enrolments=tuple(who.enrol() for who in self.residents()))
        yield from self.honest


def make_town(seed: str = "anhe", people: int = _OF) -> Town:
    """Return the town of a seed; `people` live there, between `FEWEST_PEOPLE` and `MOST_PEOPLE`, more far away."""
    if people < FEWEST_PEOPLE:
        raise ValueError(f"a town of {people} has no room for the story: give {FEWEST_PEOPLE} people or more")
    rng = Random(f"{seed}/days")  # noqa: S311 - a made-up town, the same for the same seed
    offices = make_offices(seed, people)
    share = min(people, _OF)
    savers_here, savers_away = share * _SAVERS_HERE // _OF, share * _SAVERS_AWAY // _OF
    families = make_families(seed, people, away=False)
    away = make_families(seed, savers_away, away=True)
    diary = Diary(seed, offices)
    cast, rest = _courses(diary, sorted(families, key=lambda _: rng.random()))
    _routine(diary, rng, rest, _TESTED)
    _routine(diary, rng, away, _TESTED_AWAY)
    return Town(
        seed=seed,
        registry_key=registry_key(seed),
        offices=offices,
        families=tuple(families),
        away=tuple(away),
        savers=(*_adults(rest)[:savers_here], *_adults(away)),
        savers_here=savers_here,
        cast=cast,
        honest=tuple(diary.batches()),
    )


def _courses(diary: Diary, families: list[Family]) -> tuple[Cast, list[Family]]:
    """Write everything but routine tests into the diary; return the cast, and the families to whom nothing happened."""
    people = sum(map(len, families))
    large = [family for family in families if len(family) > 2]  # noqa: PLR2004 - with a child
    small = [family for family in families if len(family) <= 2]  # noqa: PLR2004 - the others
    count = max(4, people * 6 // 1_000)
    homes, free = large[:count], chain(small, large[count:])
    cases = [
        infected(diary, family, _LAST - 1 - place * 18 // len(homes), place, next(free)[0])
        for place, family in enumerate(homes)
    ]
    lone = [_lone(diary, next(free)[0], cases, place) for place in range(max(2, people // 500))]
    arrivals = [_arrived(diary, next(free)[0], place, people) for place in range(_arrivals(people))]
    mixed_up, moved_out, mistaken, blurred = (next(free)[0] for _ in range(4))
    corrected(diary, mixed_up)
    released(diary, moved_out, cases[len(cases) // 2])
    retracted(diary, mistaken, cases[len(cases) // 2])
    unread(diary, blurred)
    for place in range(max(3, people // 200)):
        protected(diary, next(free)[0], place)
    cast = Cast(
        positive=cases[1].index,
        contact=cases[1].contacts[0],
        lone_contact=lone[0],
        arrival=arrivals[0],
        corrected=mixed_up,
        released=moved_out,
        unread=blurred,
        from_the_eu=_from_the_eu(families),
    )
    return cast, list(free)


def _lone(diary: Diary, who: Resident, cases: list[Case], place: int) -> Resident:
    """Have somebody found on one word: every second on the last day, the others a week before."""
    day = _LAST - place % 2 * 7
    lone_contact(diary, who, next(case for case in cases if case.day < day), day)
    return who


def _arrivals(people: int) -> int:
    return max(4, people // 200)


def _arrived(diary: Diary, who: Resident, place: int, people: int) -> Resident:
    """Have somebody enter the country in the last twelve days; one in five was in no hotel's register."""
    travelled(diary, who, _LAST - place * 11 // _arrivals(people), place, registered=place % 5 != 1)
    return who


def _from_the_eu(families: list[Family]) -> tuple[Resident, ...]:
    found = [who for family in families for who in family if who.document.kind == "passport"]
    return tuple(sorted(found, key=lambda who: who.number)[:_FROM_THE_EU])


def _adults(families: list[Family]) -> list[Resident]:
    return [who for family in families for who in family if who.adult]


def _routine(diary: Diary, rng: Random, families: list[Family], share: float) -> None:
    """Test a share of people once, clear, on any day but the last."""
    for family in families:
        for who in family:
            if rng.random() < share:
                diary.tested(who, int(rng.random() * _LAST), Result.NEGATIVE)
