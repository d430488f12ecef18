"""What the rows of the case share: the real pack, a scene with as many people as wanted, and the harms to count."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from habeas.evidence import Limits, hold
from habeas.grounds import Derivation
from habeas.rules import Book, Effect, make_book, parse_pack
from habeas.wire import Instant
from scene import Scene

PACKS = Path(__file__).parents[2] / "packs"
SAVERS = 1_317


def henan() -> Book:
    """Return the book that was in force on 12 June 2022."""
    return make_book([parse_pack((PACKS / "cn-henan-2021-2.yaml").read_text())])


def savers(count: int = SAVERS) -> list[str]:
    """Return the names of so many people."""
    return [f"saver {number}" for number in range(count)]


def derivations(scene: Scene, book: Book, people: Iterable[str], limits: Limits | None = None) -> list[Derivation]:
    """Return everybody's derivation, under other limits than the book's if some are given."""
    at = (lambda _: limits) if limits else book.limits_at
    return [Derivation(book, hold(scene.subject(name), scene.docket, at)) for name in people]


def barred(found: Iterable[Derivation], at: Instant) -> int:
    """Count the people to whom ordinary gates are closed."""
    codes = [derivation.at(at).code for derivation in found]
    return sum(code is not None and code.effect is Effect.CLOSED for code in codes)


def coded(found: Iterable[Derivation], at: Instant) -> int:
    """Count the people whose code is not the default."""
    codes = [derivation.at(at).code for derivation in found]
    return sum(code is not None and code.effect is not Effect.OPEN for code in codes)


def loosened(**numbers: int) -> Limits:
    """Return limits that no pack could have: the control switched off."""
    limits = Limits()
    for name, number in numbers.items():
        object.__setattr__(limits, name, number)
    return limits
