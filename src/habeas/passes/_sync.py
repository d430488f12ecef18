"""Gate sync: from a log's static files to what a gate holds, all or nothing.

A mirror is believed in nothing. The quorum stands for the checkpoint; all roots that the gate holds and gets must together
give its root, which shows at once that they are the log's and that the log goes on from what the gate knew; each header
leads to its block's first root; and the headers bind the superseded lists. A gate that is new begins at the horizon: the
tiles give the compact range of what is older, which the same sum proves, and the header before the horizon, proved for
itself, shows that no block within was left out, and gives the chain so far.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from habeas.mandates import MandateError, read_gate_mandate
from habeas.passes._abuse import Abuse, check_abuse
from habeas.passes._find import open_log
from habeas.passes._look import read_block, subtree_reader
from habeas.passes._synced import HeldBlock, HeldMandate, Synced, grown
from habeas.passes.errors import ForkedError, MirrorError, SyncError
from habeas.tlog import (
    NO_CHAIN,
    BlockFile,
    Checkpoint,
    CompactRange,
    Constants,
    Fetch,
    Nodes,
    Note,
    Policy,
    PolicyError,
    TlogError,
    chain_of,
    format_note,
    parse_block_file,
    parse_blocks,
    parse_indexes,
    parse_note,
    parse_policy,
    tile_nodes,
    tiles_of,
)
from habeas.wire import VerifyingKey

__all__ = ["sync", "void_line"]

_KEPT = "the gate's state is as it was: ask another mirror"


def sync(
    state: Synced | None,
    fetch: Fetch,
    policy: bytes,
    *,
    key: VerifyingKey | None = None,
    mandates: Iterable[int] = (),
) -> Synced:
    """Return what a gate holds after `state` (None: it is new), under the log's newest checkpoint.

    `policy` is a policy's file; `key` signs gate mandates, and is kept; `mandates` are leaves of entries to take as this
    gate's. Raises `MirrorError` for what is not the log's or not there, `ForkedError` for another root of the size that the
    gate knows, `SyncError` for a policy, key or mandate that cannot be. In each case `state` is what the gate still holds.
    """
    try:
        quorum = parse_policy(policy)
    except PolicyError as error:
        raise SyncError(f"the policy: {error}") from None
    try:
        checkpoint = _checkpoint(fetch, quorum)
        _check_later(state, checkpoint)
        listed = _listed(fetch, checkpoint)
        draft = _Draft.after(state) if state else _Draft.begun(fetch, quorum, checkpoint, listed)
        for epoch, _ in listed[bisect_left(listed, draft.end, key=lambda line: line[1]) :]:
            draft.take(fetch, epoch)
        held = state.mandates if state and key in (None, state.key) else ()
        key = key or (state.key if state else None)
        new = [_mandate(fetch, checkpoint, listed, index, key) for index in mandates]
        return draft.done(checkpoint, policy, key, _kept(held, new, draft))
    except TlogError as error:
        raise MirrorError(f"{error}; {_KEPT}") from None


def void_line(state: Synced, proof: Abuse) -> Synced:
    """Return the state in which a superseded line says nothing whose abuse its holder has proved.

    Raises `AbuseError` for a proof that does not hold, or is of another log, `SyncError` for a leaf that is not held.
    """
    origin = state.constants.origin
    own = replace(state.quorum, logs={origin: state.quorum.logs[origin]})
    return state.with_void((check_abuse(proof, own),))


class _Draft:
    """What a gate holds while it takes block after block; nobody sees it before `done`."""

    def __init__(self, constants_entry: bytes, constants: Constants, before: CompactRange, chain: bytes) -> None:
        self._entry, self._constants, self._before, self._chain = constants_entry, constants, before, chain
        self._blocks: list[HeldBlock] = []
        self._gone: dict[int, bytearray] = {}
        self._void: frozenset[int] = frozenset()
        self._previous, self.newest, self.end = 0, -1, before.end

    @classmethod
    def after(cls, state: Synced) -> _Draft:
        draft = cls(state.constants_entry, state.constants, state.before, state.chain)
        draft._blocks, draft._void = list(state.blocks), state.void
        draft._previous, draft.newest, draft.end = state.blocks[-1].start, state.newest, state.size
        return draft

    @classmethod
    def begun(cls, fetch: Fetch, quorum: Policy, checkpoint: Checkpoint, listed: Sequence[tuple[int, int]]) -> _Draft:
        """Begin at the first block within the horizon of the newest."""
        log = open_log(lambda path: format_note(checkpoint.note) if path == "checkpoint" else fetch(path), quorum)
        constants, head = log.constants, checkpoint.head
        at, start = next(
            (at, start) for at, (epoch, start) in enumerate(listed) if _is_within(constants, epoch, listed[-1][0])
        )
        before = CompactRange(end=start, hashes=tuple(_complete(tile_nodes(tiles_of(fetch), head.size), start)))
        draft = cls(log.constants_entry.entry, constants, before, NO_CHAIN)
        if at:  # its epoch is before the horizon and epochs rise: nothing before the first block can be within
            last = read_block(fetch, head, listed[at - 1][0])
            draft._goes_on(last, start)
        return draft

    @property
    def begins(self) -> int:
        """When the newest block begins, in seconds since 1970."""
        return self._constants.begins(self.newest)

    def _goes_on(self, last: BlockFile, end: int) -> None:
        if last.end != end:
            raise MirrorError(f"block/{last.header.epoch} is not the one before leaf {end}: {_KEPT}")
        self._chain, self._previous, self.newest = last.header.chain, last.start, last.header.epoch

    def take(self, fetch: Fetch, epoch: int) -> None:
        """Take the block that comes next, and mark what it supersedes."""
        block = parse_block_file(_file(fetch, f"block/{epoch}"))
        header = block.header
        if (block.start, header.previous, header.epoch) != (self.end, self._previous, epoch) or epoch <= self.newest:
            raise MirrorError(f"block/{epoch} does not come after the block before it: {_KEPT}")
        if header.height != self._constants.height:
            raise MirrorError(f"block/{epoch} is of height {header.height}, not of this log's: {_KEPT}")
        if header.superseded or header.chain != self._chain:
            self._mark(_file(fetch, f"superseded/{epoch}"), block)
        self._blocks.append(HeldBlock(epoch=epoch, start=block.start, roots=block.roots))
        self._previous, self.newest, self.end = block.start, epoch, block.end

    def _mark(self, data: bytes, block: BlockFile) -> None:
        """Mark the lines of a list once the chain shows that it is the header's."""
        epoch = block.header.epoch
        self._chain = chain_of(self._chain, data)
        indexes = parse_indexes(data)
        if self._chain != block.header.chain or len(indexes) != block.header.superseded:
            raise MirrorError(f"superseded/{epoch} is not the list that its header binds: {_KEPT}")
        if indexes and indexes[-1] >= block.start:
            raise MirrorError(f"superseded/{epoch} names leaf {indexes[-1]}, of no earlier block: {_KEPT}")
        starts = [*(one.start for one in self._blocks), self.end]
        at = bisect_left(indexes, starts[0])
        while at < len(indexes):
            held = bisect_right(starts, indexes[at]) - 1
            to = bisect_left(indexes, starts[held + 1], at)
            self._mark_in(self._blocks[held], indexes[at:to])
            at = to

    def _mark_in(self, block: HeldBlock, indexes: Sequence[int]) -> None:
        bits = self._gone.get(block.start)
        if bits is None:
            size = len(block.roots) << self._constants.height
            bits = self._gone[block.start] = bytearray(block.gone.ljust(size >> 3, b"\0"))
        for index in indexes:
            place = index - block.start
            bits[place >> 3] |= 1 << (place & 7)

    def done(
        self, checkpoint: Checkpoint, policy: bytes, key: VerifyingKey | None, mandates: tuple[HeldMandate, ...]
    ) -> Synced:
        """Return the state, what is older than the horizon folded, if it leads to the checkpoint."""
        if self.end != checkpoint.head.size:
            raise MirrorError(
                f"the list of blocks ends before the checkpoint's {checkpoint.head.size} entries: {_KEPT}"
            )
        old = sum(not _is_within(self._constants, one.epoch, self.newest) for one in self._blocks)
        before = grown(self._before, self._blocks[:old], self._constants.height)
        blocks = [
            replace(one, gone=bytes(self._gone[one.start]).rstrip(b"\0")) if one.start in self._gone else one
            for one in self._blocks[old:]
        ]
        try:
            return Synced(
                policy=policy,
                checkpoint=checkpoint,
                constants_entry=self._entry,
                before=before,
                blocks=tuple(blocks),
                chain=self._chain,
                key=key,
                mandates=mandates,
                void=frozenset(index for index in self._void if index >= before.end),
            )
        except SyncError as error:
            raise MirrorError(f"{error}; {_KEPT}") from None


def _checkpoint(fetch: Fetch, quorum: Policy) -> Checkpoint:
    """Return the checkpoint, with only those signature lines that the policy knows: a mirror may add a hundred others."""
    note = parse_note(_file(fetch, "checkpoint"))
    known = {(key.name, key.id) for key in (*quorum.logs.values(), *quorum.witnesses.values())}
    kept = tuple(one for one in note.signatures if (one.name, one.key_id) in known)
    return quorum.check(Note(text=note.text, signatures=kept))


def _check_later(state: Synced | None, checkpoint: Checkpoint) -> None:
    if state is None:
        return
    ours, theirs = state.checkpoint.head, checkpoint.head
    if ours.origin != theirs.origin:
        raise SyncError(f"this gate is of the log {ours.origin!r}, not of {theirs.origin[:60]!r}")
    if theirs.size < ours.size:
        raise MirrorError(f"the mirror is behind, {theirs.size} entries where this gate has {ours.size}: {_KEPT}")
    if theirs.size == ours.size and theirs.root != ours.root:
        notes = format_note(state.checkpoint.note), format_note(checkpoint.note)
        raise ForkedError(f"two roots for the same {ours.size} entries: keep both checkpoints, show them", *notes)


def _listed(fetch: Fetch, checkpoint: Checkpoint) -> list[tuple[int, int]]:
    """Return epoch and first leaf of each block under the checkpoint; later lines are of blocks not published yet."""
    listed = [line for line in parse_blocks(_file(fetch, "blocks")) if line[1] < checkpoint.head.size]
    if not listed:
        raise MirrorError(f"the log has no block yet: {_KEPT}")
    return listed


def _is_within(constants: Constants, epoch: int, newest: int) -> bool:
    return constants.begins(newest - epoch) <= constants.horizon


def _complete(nodes: Nodes, end: int) -> Iterator[bytes]:
    """Yield the hashes of the complete subtrees, largest first, that the first `end` leaves are."""
    start = 0
    for level in range(end.bit_length() - 1, -1, -1):
        if end >> level & 1:
            yield nodes(level, start >> level)
            start += 1 << level


def _mandate(
    fetch: Fetch, checkpoint: Checkpoint, listed: Sequence[tuple[int, int]], index: int, key: VerifyingKey | None
) -> HeldMandate:
    """Return the gate mandate at a leaf, proved to lie there, and the epoch of the block that logs it."""
    if key is None:
        raise SyncError("a gate mandate is taken with the key that signs it: give that once")
    if not 0 <= index < checkpoint.head.size:
        raise SyncError(f"the log has no entry {index} yet: wait for the block that logs the mandate")
    epoch = listed[bisect_right(listed, index, key=lambda line: line[1]) - 1][0]
    block = read_block(fetch, checkpoint.head, epoch)
    if not block.start < index <= block.start + block.header.counts.plain:
        raise SyncError(f"entry {index} is no plain entry of the log, and so no gate mandate: give the index of one")
    entry = subtree_reader(fetch, block)(index).entry
    try:
        return HeldMandate(index=index, epoch=epoch, entry=entry, mandate=read_gate_mandate(entry, key))
    except MandateError as error:
        raise SyncError(f"entry {index}: {error}") from None


def _kept(held: Iterable[HeldMandate], new: Iterable[HeldMandate], draft: _Draft) -> tuple[HeldMandate, ...]:
    """Return the mandates by index, without those that had ended when the newest block began."""
    both = {one.index: one for one in (*held, *new)}
    mandates = tuple(both[index] for index in sorted(both) if both[index].mandate.time.end > draft.begins)
    if len({one.mandate.place for one in mandates}) > 1:
        raise SyncError("the mandates are of two places: a gate's folder is for one")
    return mandates


def _file(fetch: Fetch, path: str) -> bytes:
    data = fetch(path)
    if data is None:
        raise MirrorError(f"{path} is not there: {_KEPT}")
    return data
