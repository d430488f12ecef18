"""People: families with elders and children, made-up documents, a reference each, keys of their own for some.

Names and documents are made up: no identity number begins with 4199 or 98, so none is anybody's.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from habeas.registry import SUBJECT_BYTES, Enrol
from habeas.synthetic._offices import key_of
from habeas.wire import Identifier, SigningKey

__all__ = ["MOST_PEOPLE", "Family", "Resident", "make_families", "registry_key"]

MOST_PEOPLE = 100_000
_YEAR = 2022
_SIZES = (1, 1, 2, 2, 2, 3, 3, 3, 3, 4, 4, 5, 6)
_WITH_KEY = 0.5
_FROM_THE_EU = 0.02
_EU = ["AT", "BE", "DE", "ES", "FR", "IT", "NL", "PL", "SE"]
_ADULT, _OLD = 18, 65
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643
_SURNAMES = (
    "Wang Li Zhang Liu Chen Yang Zhao Huang Zhou Wu Xu Sun Hu Zhu Gao Lin He Guo Ma Luo Liang Song Zheng".split()  # noqa: SIM905 - names
)
_GIVEN = "Fang Na Wei Min Jing Lei Jun Yan Juan Tao Ming Chao Xia Ping Gang Hua Mei Bo Rui Qiang Lan Hong Yu".split()  # noqa: SIM905 - names


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """A made-up person. `name` is for the story alone: it stands in no statement and binds nothing."""

    number: int
    name: str
    born: int
    away: bool
    document: Identifier
    ref: bytes
    key: SigningKey | None

    @property
    def subject(self) -> bytes:
        """The registry's id of the person."""
        return hashlib.sha256(b"habeas/synthetic/subject" + self.ref).digest()[:SUBJECT_BYTES]

    @property
    def adult(self) -> bool:
        """Whether they are of age."""
        return _YEAR - self.born >= _ADULT

    @property
    def age(self) -> int:
        """How old they are."""
        return _YEAR - self.born

    def enrol(self) -> Enrol:
        """Return the event that enrols them."""
        return Enrol(subject=self.subject, ref=self.ref, key=self.key.verifying if self.key else None)


Family = tuple[Resident, ...]
"""Who lives together; the first is an adult."""


def registry_key(seed: str) -> bytes:
    """Return the key under which the town's documents become references."""
    return hashlib.sha256(f"habeas/synthetic/{seed}/registry".encode()).digest()


def make_families(seed: str, people: int, *, away: bool) -> list[Family]:
    """Return families of so many people in all, of the town or of the province far away."""
    if people > MOST_PEOPLE:
        raise ValueError(
            f"a town has at most {MOST_PEOPLE:,} people, not {people:,}: its documents' numbers would repeat"
        )
    rng = Random(f"{seed}/people/{away}")  # noqa: S311 - a made-up town, the same for the same seed
    key = registry_key(seed)
    families: list[Family] = []
    number = 0
    while number < people:
        sizes = _SIZES[:5] if away else _SIZES  # far away only those matter who have savings here: adults
        size = min(sizes[int(rng.random() * len(sizes))], people - number)
        surname = _pick(rng, _SURNAMES)
        family = tuple(
            _resident(seed, key, rng, number + place, born, surname, away=away)
            for place, born in enumerate(_years(rng, size))
        )
        families.append(family)
        number += size
    return families


def _years(rng: Random, size: int) -> Iterator[int]:
    """Yield the years in which a family's members were born: adults first, then a child or two, then elders."""
    parent = 25 + int(rng.random() * (60 if size <= 2 else 35))  # noqa: PLR2004 - alone or a couple: at any age
    for place in range(size):
        if place < 2:  # noqa: PLR2004 - a couple, or one person alone
            yield _YEAR - parent - place
        elif place < 4:  # noqa: PLR2004 - children
            yield _YEAR - int(rng.random() * min(_ADULT, parent - 20)) - 1
        else:
            yield _YEAR - max(_OLD, parent + 22 + int(rng.random() * 10))


def _resident(seed: str, key: bytes, rng: Random, number: int, born: int, surname: str, *, away: bool) -> Resident:
    document = _document(rng, number, born, away=away)
    has_key = rng.random() < _WITH_KEY and _ADULT <= _YEAR - born < _OLD
    return Resident(
        number=number,
        name=f"{surname} {_pick(rng, _GIVEN)}",
        born=born,
        away=away,
        document=document,
        ref=document.ref(key),
        key=key_of(seed, document.number) if has_key else None,
    )


def _document(rng: Random, number: int, born: int, *, away: bool) -> Identifier:
    """Return a resident's identity card or, for one in fifty of the town, the passport of somebody from the EU."""
    birthday = date(born, 1, 1) + timedelta(days=int(rng.random() * 365))
    region = f"98{number // 1000:04d}" if away else f"4199{number // 1000:02d}"
    if rng.random() < _FROM_THE_EU and not away:
        return Identifier(kind="passport", country=_pick(rng, _EU), number=f"ZZ{number:07d}")
    digits = f"{region}{birthday:%Y%m%d}{number % 1000:03d}"
    return Identifier(kind="resident-id", country="CN", number=digits + _check_digit(digits))


def _check_digit(digits: str) -> str:
    return "10X98765432"[sum(weight * int(digit) for weight, digit in zip(_WEIGHTS, digits, strict=True)) % 11]


def _pick(rng: Random, choices: list[str]) -> str:
    return choices[int(rng.random() * len(choices))]
