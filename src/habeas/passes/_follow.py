"""Every block of a log from one on, or of a day, none left out, with what it supersedes: a mirror's word, checked."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field

from habeas.passes._find import PublicLog
from habeas.passes._look import read_block
from habeas.passes.errors import MirrorError
from habeas.tlog import (
    NO_CHAIN,
    BlockFile,
    EntryError,
    TlogError,
    chain_of,
    parse_blocks,
    parse_indexes,
)
from habeas.wire import DAY

__all__ = ["Blocks", "superseded_by"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Blocks:
    """A mirror's list of a log's blocks, up to its checkpoint: (epoch, first leaf), rising. What is read by it is checked."""

    log: PublicLog = field(repr=False)
    listed: tuple[tuple[int, int], ...]

    @classmethod
    def of(cls, log: PublicLog) -> Blocks:
        """Return a log's list; raises `MirrorError`."""
        data = log.fetch("blocks")
        try:
            if data is None:
                raise MirrorError("blocks is not there: ask another mirror")
            listed = tuple(one for one in parse_blocks(data) if one[1] < log.checkpoint.head.size)
        except TlogError as error:
            raise MirrorError(f"blocks, as this mirror has it, is no list: {error}") from None
        if not listed:  # no log is without a block, and an empty list would hide them all
            raise MirrorError("blocks lists no block of this checkpoint: ask another mirror")
        return cls(log=log, listed=listed)

    def read(self, at: int) -> BlockFile:
        """Return a block by its place in the list; raises `MirrorError` if it does not fill its place."""
        (epoch, start), size = self.listed[at], self.log.checkpoint.head.size
        end = self.listed[at + 1][1] if at + 1 < len(self.listed) else size
        block = read_block(self.log.fetch, self.log.checkpoint.head, epoch)
        if (block.start, block.end) != (start, end):
            raise MirrorError(f"block/{epoch} does not end where the next one begins: ask another mirror")
        return block

    def after(self, leaf: int, day: int) -> Iterator[BlockFile]:
        """Yield the blocks from a leaf on whose epochs begin on a UTC day or later, oldest first.

        Each ends where the next one begins, so a mirror can leave none out. Raises `MirrorError`.
        """
        wanted = (epoch for epoch, start in self.listed if start >= leaf and self._day(epoch) >= day)
        first = bisect_left(self.listed, (next(wanted, 1 << 32), 0))
        if first:
            self.read(first - 1)  # or one between that and the first that is wanted could be left out
        for at in range(first, len(self.listed)):
            yield self.read(at)

    def of_day(self, day: int) -> Iterator[BlockFile]:
        """Yield the blocks of a UTC day, oldest first; raises `MirrorError` if one could have been left out."""
        first, end = (bisect_left(self.listed, one, key=lambda row: self._day(row[0])) for one in (day, day + 1))
        for at in range(
            max(0, first - 1), min(end + 1, len(self.listed))
        ):  # one on each side: the list could hide a day's
            block = self.read(at)
            if first <= at < end:
                yield block

    def _day(self, epoch: int) -> int:
        return self.log.constants.begins(epoch) // DAY

    def find(self, epoch: int) -> BlockFile | None:
        """Return the block of an epoch, None if the log has none; raises `MirrorError` if that cannot be shown."""
        at = bisect_left(self.listed, (epoch, 0))
        if at < len(self.listed) and self.listed[at][0] == epoch:
            return self.read(at)
        for beside in (at - 1, at):  # that nothing lies between the two is seen by reading both
            if 0 <= beside < len(self.listed):
                self.read(beside)
        return None

    def newest(self) -> BlockFile:
        """Return the newest block; raises `MirrorError`."""
        return self.read(len(self.listed) - 1)

    def chain_before(self, block: BlockFile) -> bytes:
        """Return the chain over all lists of superseded lines before a block's own; raises `MirrorError`."""
        at = bisect_left(self.listed, (block.header.epoch, 0))
        return self.read(at - 1).header.chain if at else NO_CHAIN


def superseded_by(log: PublicLog, block: BlockFile, chain: bytes) -> tuple[int, ...]:
    """Return the leaves that a block supersedes, `chain` being that before it; raises `MirrorError`."""
    epoch, header = block.header.epoch, block.header
    data = log.fetch(f"superseded/{epoch}") if header.superseded else bytes(4)
    try:
        found = parse_indexes(data) if data is not None else ()
    except EntryError as error:
        raise MirrorError(f"superseded/{epoch}: {error}") from None
    if data is None or len(found) != header.superseded or chain_of(chain, data) != header.chain:
        raise MirrorError(f"superseded/{epoch} is not there, or not the one in the log: ask another mirror")
    return found
