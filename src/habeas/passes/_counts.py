"""What the log says of everybody, counted by day and pool: grounds by rule and code, admissions by kind. It names nobody.

Anybody counts from the entries themselves, each proved to be in the log; nobody's leave is needed and no figure is believed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from habeas.passes._find import PublicLog
from habeas.passes._follow import Blocks
from habeas.passes._look import subtree_reader
from habeas.passes.errors import FalseBlockError
from habeas.tlog import Admission, BlockFile, EntryError, Ground
from habeas.wire import DAY

__all__ = ["AdmissionCell", "DayCounts", "GroundCell", "counts", "section"]


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class GroundCell:
    """A cell of adverse grounds: the entry of the pack, the rule's number in it, the pool, the class: its code's severity."""

    pack: int
    rule: int
    pool: int
    class_: int


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class AdmissionCell:
    """A cell of admissions: kind (`ADMISSION_KINDS`) and pool."""

    kind: int
    pool: int


@dataclass(frozen=True, slots=True, kw_only=True)
class DayCounts:
    """The counts of a UTC day (days since 1970), from its `blocks`; `is_whole` once the day's last block is there.

    Grounds are counted once, in the last block of the day in which they arose.
    """

    day: int
    grounds: Mapping[GroundCell, int]
    admissions: Mapping[AdmissionCell, int]
    blocks: int
    decisions: int
    is_whole: bool


def counts(log: PublicLog, day: int) -> DayCounts:
    """Count the entries of a UTC day. Raises `MirrorError`, and `FalseBlockError` for what no checker may have signed."""
    blocks, constants = Blocks.of(log), log.constants
    grounds: Counter[GroundCell] = Counter()
    admissions: Counter[AdmissionCell] = Counter()
    found = decisions = 0
    for block in blocks.of_day(day):
        found, decisions = found + 1, decisions + block.header.counts.decisions
        try:
            for entry in section(log, block, "admissions"):
                let_in = Admission.of_bytes(entry)
                admissions[AdmissionCell(kind=let_in.kind, pool=let_in.pool)] += 1
            for entry in section(log, block, "grounds"):
                one = Ground.of_bytes(entry)
                grounds[GroundCell(pack=one.pack, rule=one.rule, pool=one.pool, class_=one.class_)] += 1
        except EntryError as error:
            raise FalseBlockError(f"block {block.header.epoch}: {error}") from None
    return DayCounts(
        day=day,
        grounds=MappingProxyType(dict(sorted(grounds.items()))),
        admissions=MappingProxyType(dict(sorted(admissions.items()))),
        blocks=found,
        decisions=decisions,
        is_whole=blocks.newest().header.epoch >= (day + 1) * DAY // constants.epoch_seconds - 1,
    )


def section(log: PublicLog, block: BlockFile, name: str) -> Iterator[bytes]:
    """Yield the entries of a block's section, `admissions`, `decisions` or `grounds`, each proved; raises `MirrorError`."""
    head, decisions, read = block.header.counts, block.decisions, subtree_reader(log.fetch, block)
    places = {
        "admissions": range(decisions.start - head.cases - head.admissions, decisions.start - head.cases),
        "decisions": decisions,
        "grounds": range(decisions.stop, decisions.stop + head.grounds),
    }
    for index in places[name]:
        yield read(index).entry
