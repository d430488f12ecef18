"""Which way a difference goes for the people under it."""

from __future__ import annotations

from enum import Enum

from habeas.rules import Code, Pack, Relief

__all__ = ["Direction", "way_of_code", "way_of_relief"]


class Direction(Enum):
    """Which way a difference goes, by itself and all else equal, for the people under it.

    `UNKNOWN` where only the people affected can say; `NONE` where nobody's code turns on it.
    """

    STRICTER = "stricter"
    MILDER = "milder"
    UNKNOWN = "unknown"
    NONE = "none"

    @property
    def other(self) -> Direction:
        """The way back."""
        return {Direction.STRICTER: Direction.MILDER, Direction.MILDER: Direction.STRICTER}.get(self, self)


def way_of_code(old: Code, new: Code, before: Pack, after: Pack) -> Direction:
    """Return the direction from one code to another: by what they close, then by their places on a scale that both share."""
    if old.effect is not new.effect:
        return Direction.STRICTER if new.effect > old.effect else Direction.MILDER
    shared = [code.id for code in before.codes] == [code.id for code in after.codes]
    if not shared or old.severity == new.severity:
        return Direction.UNKNOWN
    return Direction.STRICTER if new.severity > old.severity else Direction.MILDER


def way_of_relief(old: Relief, new: Relief, before: Pack, after: Pack) -> Direction:
    """Return the direction of a relief that changed: fewer days wanted, a wider window and a milder code are milder."""
    ways = {
        Direction.MILDER if milder else Direction.STRICTER
        for was, now, milder in (
            (old.days, new.days, new.days < old.days),
            (old.first, new.first, new.first < old.first),
            (old.last, new.last, new.last > old.last),
        )
        if was != now
    }
    if old.cuts_to != new.cuts_to:
        ways.add(way_of_code(before.code(old.cuts_to), after.code(new.cuts_to), before, after))
    return ways.pop() if len(ways) == 1 else Direction.UNKNOWN
