"""What the log says by now, read back from its own files: whose newest decision is where, and what follows for the next block."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from habeas.ledger._openings import GroundKey, OpeningRow, adverse_grounds, parse_openings
from habeas.ledger.errors import ReplayError
from habeas.passes import RENEWAL, Previous
from habeas.stores import DamagedStoreError, LogFolder
from habeas.tlog import BlockFile, Constants, EntryKind, Plain, Tile, parse_block_file, parse_bundle, parse_indexes
from habeas.wire import DAY, Instant, WireError, parse_deterministic_cbor, parse_sign1

__all__ = ["LoggedDecision", "Standing"]

T = TypeVar("T")

KEPT = 60 * DAY
"""How long states and openings are kept."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedDecision:
    """A person's newest decision in the log."""

    epoch: int
    index: int
    row: OpeningRow

    @property
    def previous(self) -> Previous:
        """What the person's next decision names as the one before."""
        return Previous(index=self.index, leaf=self.row.leaf)


class Standing:
    """The published part of a log. `take_in` alone changes it, block by block.

    `newest` is everybody's newest decision, `uncounted` the adverse grounds that no day's last block has counted, with their
    severity; `gone` what a list has named, for no checker takes a second line for it; `packs` where each pack stands, by hash.
    """

    def __init__(self, folder: LogFolder, constants: Constants) -> None:
        """Read back all blocks under the published checkpoint; raises `DamagedStoreError`, `ReplayError`."""
        self._folder, self._constants = folder, constants
        self.last: BlockFile | None = None
        self.newest: dict[bytes, LoggedDecision] = {}
        self.uncounted: dict[tuple[bytes, GroundKey], int] = {}
        self.gone: set[int] = set()
        self.packs: dict[bytes, int] = {}
        self.erased_before: int | None = None
        self._due: dict[int, set[bytes]] = {}  # whose decision is renewed on which day
        size = folder.published.head.size if folder.published else 0
        for epoch, start in folder.blocks():
            if start < size:
                self.take_in(epoch)

    def due(self, at: Instant) -> set[bytes]:
        """Return whose decision is to be renewed by the day of an instant."""
        return {who for day, some in self._due.items() if day <= int(at) // DAY for who in some}

    def uncounted_after(self, rows: Iterable[OpeningRow]) -> dict[tuple[bytes, GroundKey], int]:
        """Return the adverse grounds that no block has counted, with those that some openings bring."""
        found = dict(self.uncounted)
        for row in rows:
            before = self.newest.get(row.subject)
            known = {key for key, _ in adverse_grounds(before.row.opening)} if before else set()
            for key, severity in adverse_grounds(row.opening):
                if key not in known:
                    found[row.subject, key] = severity
        return found

    def take_in(self, epoch: int) -> None:
        """Take in the block of an epoch that is published: where its packs stand, and whose its decisions are."""
        data = self._folder.fetch(f"block/{epoch}")
        if data is None:
            raise DamagedStoreError(f"block/{epoch} is not there: restore it from a mirror")
        block = parse_block_file(data)
        for index, entry in self._entries(block.start + 1, block.header.counts.plain):
            if entry[0] == EntryKind.PACK:
                self.packs[_field(entry, "hash", bytes)] = index
            if entry[0] == EntryKind.ERASURE:
                self.erased_before = _field(entry, "states_before", int)
        openings = self._folder.openings(epoch)
        rows = parse_openings(openings) if openings is not None else ()
        if len(rows) != block.header.counts.decisions and self._constants.begins(epoch) + KEPT > self._now():
            raise ReplayError(
                f"the openings of block {epoch} are lost: restore them from a copy, or audit from the events"
            )
        self.gone.update(parse_indexes(self._folder.read_list("superseded", epoch) or b""))
        self.uncounted = self.uncounted_after(rows)
        if self._constants.is_last_of_day(epoch):
            self.uncounted = {}
        for index, row in zip(block.decisions, rows, strict=False):
            before = self.newest.get(row.subject)
            if before is not None:
                self.gone.discard(before.index)  # nobody's newest any more: it is not looked for again
                self._due[self._renewal_day(before.epoch)].discard(row.subject)
            self.newest[row.subject] = LoggedDecision(epoch=epoch, index=index, row=row)
            self._due.setdefault(self._renewal_day(epoch), set()).add(row.subject)
        self.last = block

    def _now(self) -> int:
        """Return when the newest block begins that the log knows of."""
        blocks = self._folder.blocks()
        return self._constants.begins(blocks[-1][0]) if blocks else 0

    def _renewal_day(self, epoch: int) -> int:
        return (self._constants.begins(epoch) + RENEWAL) // DAY

    def _entries(self, start: int, count: int) -> Iterator[tuple[int, bytes]]:
        """Yield entries of the log with their indexes."""
        at = start
        while at < start + count:
            tile = Tile(level=None, index=at >> 8)
            bundle = parse_bundle(tile, self._folder.read(tile))  # blocks end on full tiles
            for place in range(at & 255, min(256, (at & 255) + start + count - at)):
                yield at, bundle[place]
                at += 1


def _field(entry: bytes, name: str, kind: type[T]) -> T:
    """Return a field of a plain entry that this ledger wrote."""
    try:
        value = parse_deterministic_cbor(parse_sign1(Plain.of_bytes(entry).body).payload)
    except WireError as error:
        raise DamagedStoreError(f"an entry of the log cannot be read: {error}; restore it from a mirror") from None
    if not isinstance(value, dict) or not isinstance(value.get(name), kind):
        raise DamagedStoreError(f"an entry of the log has no {name}: restore it from a mirror")
    found: T = value[name]  # type: ignore[assignment]
    return found
