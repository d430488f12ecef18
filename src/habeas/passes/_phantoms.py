"""Decisions that nobody's keys explain, and those that two people's do: what an auditor looks for in a day.

Every decision stands under a label that follows from one enrolled person's keys. One that follows from none is a code for
somebody who does not exist, or a second one for somebody who does; one that follows from two is one person enrolled twice
with the same keys.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from habeas.passes._counts import section
from habeas.passes._find import PublicLog
from habeas.passes._follow import Blocks
from habeas.passes._keys import label_at
from habeas.passes.errors import FalseBlockError
from habeas.tlog import Decision, EntryError

__all__ = ["Phantoms", "audit_labels", "phantoms"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phantoms:
    """Leaves of decisions: `unexplained` by anybody's label, and `shared` by more than one person's; of so many seen."""

    unexplained: tuple[int, ...]
    shared: tuple[int, ...]
    decisions: int


def phantoms(decisions: Mapping[bytes, int], labels: Iterable[bytes]) -> Phantoms:
    """Hold a block's decisions, label to leaf, against the labels of all who are enrolled, one for each of them."""
    found = Counter(label for label in labels if label in decisions)
    return Phantoms(
        unexplained=tuple(sorted(leaf for label, leaf in decisions.items() if label not in found)),
        shared=tuple(sorted(decisions[label] for label, times in found.items() if times > 1)),
        decisions=len(decisions),
    )


def audit_labels(log: PublicLog, day: int, keys: Sequence[bytes]) -> Phantoms:
    """Hold all decisions of a UTC day against the label keys of that day, one for each person who is enrolled.

    Raises `MirrorError`, and `FalseBlockError` for two decisions of a block under one label.
    """
    found = []
    for block in Blocks.of(log).of_day(day):
        epoch, decisions = block.header.epoch, dict[bytes, int]()
        for leaf, entry in zip(block.decisions, section(log, block, "decisions"), strict=True):
            try:
                label = Decision.of_bytes(entry).label
            except EntryError as error:
                raise FalseBlockError(f"block {epoch}: {error}") from None
            if label in decisions:
                raise FalseBlockError(
                    f"block {epoch} has two decisions under one label, at {decisions[label]} and {leaf}"
                )
            decisions[label] = leaf
        found.append(phantoms(decisions, (label_at(key, log.origin, epoch) for key in keys)))
    return Phantoms(
        unexplained=tuple(leaf for one in found for leaf in one.unexplained),
        shared=tuple(leaf for one in found for leaf in one.shared),
        decisions=sum(one.decisions for one in found),
    )
