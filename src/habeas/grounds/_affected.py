"""Who would be affected: the codes of the same people under two books, counted by rule and by area of the signer."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from habeas.evidence import Held
from habeas.grounds._derive import Derived, derive
from habeas.rules import Book, Code
from habeas.wire import Instant

__all__ = ["SMALLEST_CELL", "Affected", "Cell", "affected"]

SMALLEST_CELL = 50
"""Under so many people a cell may name somebody, so it is not shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """How many people go from one code to another, by id; None for the code of those under no pack.

    `of` is the rule or the area that is counted: empty in a total, None for all others together. `people` is None where
    they are too few to be shown.
    """

    old: str | None
    new: str | None
    worse: bool
    of: str | None
    people: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Affected:
    """The people whose code would be another at an instant, of `people` looked at; larger cells first."""

    at: Instant
    people: int
    total: tuple[Cell, ...]
    by_rule: tuple[Cell, ...]
    by_area: tuple[Cell, ...]

    def public(self, smallest: int = SMALLEST_CELL) -> Affected:
        """Return what may be published: no count under `smallest`, nor one that the others give away."""
        return Affected(
            at=self.at,
            people=self.people,
            total=tuple(_shown(cell, smallest) for cell in self.total),
            by_rule=tuple(row for cell in self.total for row in _folded(cell, self.by_rule, smallest)),
            by_area=tuple(row for cell in self.total for row in _folded(cell, self.by_area, smallest)),
        )


def affected(old: Book, new: Book, people: Mapping[bytes, Sequence[Held]], at: Instant) -> Affected:
    """Count the people (by subject, with what is held about each) whose code at an instant differs between two books.

    A change counts under the rule and the signer's area of the ground that makes it: the new one where the code gets
    worse, else the old one. These are full counts, for sealed eyes; `public` gives the others.
    """
    totals: Counter[_Key] = Counter()
    rules: Counter[_Key] = Counter()
    areas: Counter[_Key] = Counter()
    for held in people.values():
        before, after = derive(old, held, at), derive(new, held, at)
        codes = _id(before.code), _id(after.code)
        if codes[0] == codes[1]:
            continue
        worse = _place(after.code) > _place(before.code)
        rule, area = _made_by(after if worse else before)
        totals[*codes, worse, ""] += 1
        rules[*codes, worse, rule] += 1
        areas[*codes, worse, area] += 1
    return Affected(at=at, people=len(people), total=_cells(totals), by_rule=_cells(rules), by_area=_cells(areas))


_Key = tuple[str | None, str | None, bool, str]


def _id(code: Code | None) -> str | None:
    return code.id if code else None


def _place(code: Code | None) -> tuple[int, int]:
    return (code.effect, code.severity) if code else (-1, -1)


def _made_by(derived: Derived) -> tuple[str, str]:
    """Return rule and area of the winning ground; empty where there is none, or its signer has no mandate."""
    ground = derived.winner
    if ground is None:
        return "", ""
    mandate = ground.claim.held.mandate
    return ground.rule, mandate.area.code if mandate else ""


def _cells(counts: Counter[_Key]) -> tuple[Cell, ...]:
    rows = (Cell(old=old, new=new, worse=worse, of=of, people=n) for (old, new, worse, of), n in counts.items())
    return tuple(sorted(rows, key=lambda row: (-_count(row), row.old or "", row.new or "", row.of or "")))


def _count(cell: Cell) -> int:
    return cell.people or 0


def _shown(cell: Cell, smallest: int) -> Cell:
    shown = cell.people if _count(cell) >= smallest else None
    return Cell(old=cell.old, new=cell.new, worse=cell.worse, of=cell.of, people=shown)


def _folded(total: Cell, cells: Iterable[Cell], smallest: int) -> Iterator[Cell]:
    """Yield the cells of one total that may be shown, the rest as one; a rest too small takes the smallest shown along."""
    if _count(total) < smallest:
        return
    own = [cell for cell in cells if (cell.old, cell.new) == (total.old, total.new)]
    shown = [cell for cell in own if _count(cell) >= smallest]
    rest = _count(total) - sum(map(_count, shown))
    while 0 < rest < smallest:
        rest += _count(shown.pop())
    yield from shown
    if rest:
        yield Cell(old=total.old, new=total.new, worse=total.worse, of=None, people=rest)
