"""The checker's judgement: whether a block says only what a block may say, after all that came before it.

Witnesses see that the log only grows; nothing in that keeps a block from holding two decisions under one label, or one out
of its order where its owner does not look for it. A checker reads every entry, and its cosignature says so. `judge` is
pure: the state before, the block, its lists and the clock in, the state after out, or the one rule that was broken.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from habeas.tlog._block import Block
from habeas.tlog._constants import Constants
from habeas.tlog._entry import EntryKind, Header
from habeas.tlog._judge_entries import check_fields, check_sections, plain_of
from habeas.tlog._lists import NO_CHAIN, chain_of, hash_of_list, parse_indexes
from habeas.tlog._range import CompactRange
from habeas.tlog.errors import BlockError, EntryError
from habeas.wire import HOUR

__all__ = ["MAX_BLOCK_ENTRIES", "Judged", "judge"]

MAX_BLOCK_ENTRIES = 1 << 24
"""A checker holds a whole block: 16,777,216 entries are 1.6 GB, and more than 100 million people bring in a day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decisions:
    """The decisions of a block: the leaves from `start` up to `end`, and a bit for each that is superseded."""

    epoch: int
    start: int
    end: int
    gone: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class _Logged:
    """In which epoch something was logged last, and from when on its notice runs (seconds since 1970)."""

    epoch: int
    known: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """What a checker keeps of a log whose blocks it has judged: enough to judge the next."""

    constants: Constants
    entry: bytes
    """The constants as the log's second entry, from which `read_constants` has read them: the first block must hold it."""
    tree: CompactRange = field(default_factory=CompactRange)
    header: Header | None = None
    at: int = 0
    """The last header's index."""
    packs: Mapping[int, _Logged] = field(default_factory=dict)
    """When each pack was logged, by its entry's index."""
    policies: Mapping[bytes, _Logged] = field(default_factory=dict)
    """When each policy was logged last, by its entry's SHA-256."""
    decisions: tuple[_Decisions, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "packs", MappingProxyType(dict(self.packs)))
        object.__setattr__(self, "policies", MappingProxyType(dict(self.policies)))


def judge(
    state: Judged, block: Block, now: int, *, settled: bool = False, milder: frozenset[int] = frozenset()
) -> Judged:
    """Return the state after a block that keeps every rule, `now` being the checker's own clock; raises `BlockError`.

    A block may be late, never early. But where it is more than an epoch late, the notice of what it logs runs from `now`,
    when this checker could first tell anybody, and not from the block's epoch. So keep the state of the first judgement.
    `settled` says that a checkpoint with a full quorum covers the block: others have judged it in its time, and the clock
    is not asked.
    `milder` are packs, by their entries' indexes, that whoever asks has compared with those in force and found to worsen no
    code: they need no notice (I8).
    """
    try:
        header = block.header
    except EntryError as error:
        raise BlockError("header", str(error)) from None
    begins = state.constants.begins(header.epoch)
    if not settled and begins - now > state.constants.epoch_seconds:
        raise BlockError("clock", f"epoch {header.epoch} begins more than one epoch after this checker's clock")
    _check_header(state, header, block)
    sections = check_sections(header, block.entries)
    if header.counts.grounds and not state.constants.is_last_of_day(header.epoch):
        raise BlockError(
            "grounds", f"epoch {header.epoch} is not the last of its UTC day, and only that one counts grounds"
        )
    known = begins if settled or now - begins <= state.constants.epoch_seconds else now
    logged = _plain(state, _Logged(epoch=header.epoch, known=known), sections["plain"], block.start)
    _check_packs(logged, header, block.packs, milder)
    check_fields(sections, begins // HOUR, frozenset(_indexes(block.packs)))
    _check_policy(logged, header)
    tree = logged.tree
    for root in block.roots():
        tree = tree.add(root, header.height)
    decisions = (*_superseded(state, header, block.superseded), _decisions(header, block.start))
    return replace(logged, tree=tree, header=header, at=block.start, decisions=decisions)


def _decisions(header: Header, start: int) -> _Decisions:
    counts = header.counts
    first = start + 1 + counts.plain + counts.admissions + counts.cases
    return _Decisions(
        epoch=header.epoch, start=first, end=first + counts.decisions, gone=bytes(-(-counts.decisions // 8))
    )


def _check_header(state: Judged, header: Header, block: Block) -> None:
    last, constants = state.header, state.constants
    width = 1 << constants.height
    if header.height != constants.height or len(block.entries) % width or len(block.entries) > MAX_BLOCK_ENTRIES:
        raise BlockError("size", f"a block of this log is a multiple of {width} entries, up to {MAX_BLOCK_ENTRIES}")
    if block.start != state.tree.end or header.previous != state.at:
        raise BlockError(
            "header", f"the block begins at {state.tree.end}, and its header names the last one at {state.at}"
        )
    if header.exposure != NO_CHAIN:
        raise BlockError("exposure", "there are no exposure lists yet: their hash is zeros")
    if last is not None and header.epoch <= last.epoch:
        raise BlockError("epoch", f"epoch {header.epoch} does not come after {last.epoch}")
    if header.counts.total >= len(block.entries) or len(block.entries) - header.counts.total - 1 >= width:
        raise BlockError("size", "the counts in the header are not those of the block, padded to its next full subtree")


def _plain(state: Judged, logged: _Logged, entries: Sequence[bytes], start: int) -> Judged:
    """Return the state with what the plain entries log; the first block has just the constants, no other has any."""
    packs, policies = dict(state.packs), dict(state.policies)
    constants = []
    for number, entry in enumerate(entries, start + 1):
        kind = plain_of(entry, number).kind
        if kind is EntryKind.CONSTANTS:
            constants.append(entry)
        if kind is EntryKind.PACK:
            packs[number] = logged
        if kind is EntryKind.POLICY:
            policies[hashlib.sha256(entry).digest()] = logged
    if constants != ([state.entry] if state.header is None else []):
        raise BlockError("constants", "this log's constants stand in the first block, once, and nowhere else")
    return replace(state, packs=packs, policies=policies)


def _check_packs(state: Judged, header: Header, packs: bytes, milder: frozenset[int]) -> None:
    """Refuse packs that count before everybody could know of them."""
    constants = state.constants
    if hash_of_list(packs) != header.packs:
        raise BlockError("packs", "the list of packs in force is not the one that the header binds")
    for index in _indexes(packs):
        if index not in state.packs:
            raise BlockError("packs", f"entry {index} is no pack of this log")
        over = state.packs[index].known + constants.pack_notice
        if index not in milder and over > constants.begins(header.epoch):
            raise BlockError(
                "notice", f"pack {index} counts before its notice of {constants.pack_notice} seconds is over"
            )


def _check_policy(state: Judged, header: Header) -> None:
    """Refuse a policy that goes, or changes before everybody could know of it; the first that a header names needs no notice."""
    constants = state.constants
    running = state.header.policy if state.header else NO_CHAIN
    if header.policy == running:
        return
    logged = state.policies.get(header.policy)
    if logged is None:
        raise BlockError("policy", "the header names a policy that was not logged, or none any more")
    if running == NO_CHAIN:
        return
    if logged.epoch <= state.policies[running].epoch:
        raise BlockError("policy", "the header goes back to a policy that was logged before the one that runs")
    if logged.known + constants.policy_notice > constants.begins(header.epoch):
        raise BlockError("notice", f"a policy counts before its notice of {constants.policy_notice} seconds is over")


def _indexes(data: bytes) -> tuple[int, ...]:
    try:
        return parse_indexes(data)
    except EntryError as error:
        raise BlockError("list", str(error)) from None


def _superseded(state: Judged, header: Header, data: bytes) -> tuple[_Decisions, ...]:
    """Return the decisions within the horizon, those that the block's list supersedes marked.

    A line is for a decision of an earlier block that no line has named; and there are no more lines than decisions, for
    each must be owed to one of them. Which one, only its owner can see, and does.
    """
    chain = state.header.chain if state.header else NO_CHAIN
    indexes = _indexes(data)
    if chain_of(chain, data) != header.chain or len(indexes) != header.superseded:
        raise BlockError("chain", "the list of superseded decisions is not the one that the header binds")
    if len(indexes) > header.counts.decisions:
        raise BlockError("superseded", f"{len(indexes)} decisions are superseded by {header.counts.decisions}")
    oldest = state.constants.begins(header.epoch) - state.constants.horizon
    kept, found = [], 0
    for one in state.decisions:
        if state.constants.begins(one.epoch) < oldest:
            continue
        mine = indexes[bisect_left(indexes, one.start) : bisect_left(indexes, one.end)]
        found += len(mine)
        kept.append(replace(one, gone=_marked(one.gone, [index - one.start for index in mine])) if mine else one)
    if found != len(indexes):
        raise BlockError("superseded", "a line names no decision of an earlier block within the horizon")
    return tuple(kept)


def _marked(gone: bytes, places: Sequence[int]) -> bytes:
    bits = bytearray(gone)
    for place in places:
        if bits[place >> 3] >> (place & 7) & 1:
            raise BlockError("superseded", "a decision is superseded twice")
        bits[place >> 3] |= 1 << (place & 7)
    return bytes(bits)
