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
from habeas.tlog._entry import ENTRY_BYTES, PAD, Admission, EntryKind, Ground, Header, Plain
from habeas.tlog._lists import NO_CHAIN, chain_of, hash_of_list, parse_indexes
from habeas.tlog._range import CompactRange
from habeas.tlog.errors import BlockError, EntryError
from habeas.wire import HOUR, CborTag, WireError, encode_cbor, parse_sign1

__all__ = ["Judged", "judge"]

_LABEL = slice(5, 21)
_MAX_BLOCK = 1 << 24
_TAGGED, _SIGN1 = 0xD2, 18
_ALG, _KID = 1, 4
_KINDS = {
    "admissions": EntryKind.ADMISSION,
    "cases": EntryKind.CASE,
    "decisions": EntryKind.DECISION,
    "grounds": EntryKind.GROUND,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Decisions:
    """The decisions of a block: the leaves from `start` up to `end`, and a bit for each that is superseded."""

    epoch: int
    start: int
    end: int
    gone: bytes


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
    packs: Mapping[int, int] = field(default_factory=dict)
    """When each pack was logged: its entry's index, and its block's epoch."""
    policies: Mapping[bytes, int] = field(default_factory=dict)
    """When each policy was logged last: its entry's SHA-256, and its block's epoch."""
    decisions: tuple[_Decisions, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "packs", MappingProxyType(dict(self.packs)))
        object.__setattr__(self, "policies", MappingProxyType(dict(self.policies)))


def judge(state: Judged, block: Block, now: int) -> Judged:
    """Return the state after a block that keeps every rule, `now` being the checker's own clock; raises `BlockError`."""
    try:
        header = block.header
    except EntryError as error:
        raise BlockError("header", str(error)) from None
    _check_header(state, header, block, now)
    sections = _sections(header, block.entries)
    for name, entries in sections.items():
        _check_section(name, entries, header)
    _check_pads(header, block.entries)
    if header.counts.grounds and not state.constants.is_last_of_day(header.epoch):
        raise BlockError(
            "grounds", f"epoch {header.epoch} is not the last of its UTC day, and only that one counts grounds"
        )
    _check_admissions(sections["admissions"], state.constants.begins(header.epoch) // HOUR)
    logged = _plain(state, header, sections["plain"], block.start)
    _check_packs(logged, header, block.packs)
    _check_grounds(sections["grounds"], frozenset(_indexes(block.packs)))
    _check_policy(logged, header)
    tree = logged.tree
    for root in block.roots():
        tree = tree.add(root, header.height)
    first = block.start + 1 + header.counts.plain + header.counts.admissions + header.counts.cases
    own = _Decisions(
        epoch=header.epoch,
        start=first,
        end=first + header.counts.decisions,
        gone=bytes(-(-header.counts.decisions // 8)),
    )
    before = _superseded(state, header, block.superseded)
    return replace(logged, tree=tree, header=header, at=block.start, decisions=(*before, own))


def _check_header(state: Judged, header: Header, block: Block, now: int) -> None:
    last, constants = state.header, state.constants
    width = 1 << constants.height
    if header.height != constants.height or len(block.entries) % width or len(block.entries) > _MAX_BLOCK:
        raise BlockError("size", f"a block of this log is a multiple of {width} entries, up to {_MAX_BLOCK}")
    if block.start != state.tree.end or header.previous != state.at:
        raise BlockError(
            "header", f"the block begins at {state.tree.end}, and its header names the last one at {state.at}"
        )
    if header.exposure != NO_CHAIN:
        raise BlockError("exposure", "there are no exposure lists yet: their hash is zeros")
    if last is not None and header.epoch <= last.epoch:
        raise BlockError("epoch", f"epoch {header.epoch} does not come after {last.epoch}")
    if abs(constants.begins(header.epoch) - now) > constants.epoch_seconds:
        raise BlockError("clock", f"epoch {header.epoch} is more than one epoch away from this checker's clock")
    if header.counts.total >= len(block.entries) or len(block.entries) - header.counts.total - 1 >= width:
        raise BlockError("size", "the counts in the header are not those of the block, padded to its next full subtree")


def _check_admissions(entries: Sequence[bytes], hour: int) -> None:
    for entry in entries:
        if Admission.of_bytes(entry).received > hour:
            raise BlockError("admission", f"a statement is said to be received after the block's hour {hour}")


def _check_grounds(entries: Sequence[bytes], packs: frozenset[int]) -> None:
    for entry in entries:
        if (pack := Ground.of_bytes(entry).pack) not in packs:
            raise BlockError(
                "grounds", f"a ground is counted under entry {pack}, no pack that this block was derived under"
            )


def _sections(header: Header, entries: Sequence[bytes]) -> dict[str, Sequence[bytes]]:
    out, at = {}, 1
    for name in ("plain", *_KINDS):
        count = getattr(header.counts, name)
        out[name], at = entries[at : at + count], at + count
    return out


def _check_section(name: str, entries: Sequence[bytes], header: Header) -> None:
    """Refuse a section with a wrong kind or form, out of order, or with a label twice."""
    before = b""
    for entry in entries:
        if entry <= before:
            raise BlockError("order", f"the {name} do not rise strictly at {entry[:6].hex()}")
        before = entry
    if name == "plain":
        return
    kind = _KINDS[name]
    size = ENTRY_BYTES[kind]
    for entry in entries:
        if entry[0] != kind or len(entry) != size:
            raise BlockError("kind", f"among the {name} stands an entry that begins with {entry[:1].hex()}")
    if name == "decisions":
        _check_labels(entries, header.epoch)


def _check_labels(entries: Sequence[bytes], epoch: int) -> None:
    stamp, before = epoch.to_bytes(4), b""
    for entry in entries:
        if entry[1:5] != stamp:
            raise BlockError("epoch", "a decision is of another epoch than its block")
        if entry[_LABEL] <= before:
            raise BlockError("label", f"two decisions under the label {entry[_LABEL].hex()}, or one out of order")
        before = entry[_LABEL]


def _check_pads(header: Header, entries: Sequence[bytes]) -> None:
    if any(entry != PAD for entry in entries[1 + header.counts.total :]):
        raise BlockError("padding", "after its sections a block has pads only, one zero byte each")


def _plain(state: Judged, header: Header, entries: Sequence[bytes], start: int) -> Judged:
    """Return the state with what the plain entries log; the first block has just the constants, no other has any."""
    packs, policies = dict(state.packs), dict(state.policies)
    constants = []
    for number, entry in enumerate(entries, start + 1):
        try:
            plain = Plain.of_bytes(entry)
            _check_signed(plain.body)
        except (EntryError, WireError) as error:
            raise BlockError("kind", f"plain entry {number}: {error}") from None
        if plain.kind is EntryKind.CONSTANTS:
            constants.append(entry)
        if plain.kind is EntryKind.PACK:
            packs[number] = header.epoch
        if plain.kind is EntryKind.POLICY:
            policies[hashlib.sha256(entry).digest()] = header.epoch
    if constants != ([state.entry] if state.header is None else []):
        raise BlockError("constants", "this log's constants stand in the first block, once, and nowhere else")
    return replace(state, packs=packs, policies=policies)


def _check_signed(body: bytes) -> None:
    """Refuse a COSE_Sign1 with anything in it that its signer did not sign, or that could be written in another way."""
    if body[0] != _TAGGED:
        return
    message = parse_sign1(body)
    protected = encode_cbor({_ALG: message.algorithm.value, _KID: message.kid})
    if encode_cbor(CborTag(_SIGN1, [protected, {}, message.payload, message.signature])) != body:
        raise EntryError("the COSE_Sign1 is not in the one form that has algorithm and kid protected, and nothing else")


def _check_packs(state: Judged, header: Header, packs: bytes) -> None:
    """Refuse packs that count before everybody could know of them."""
    constants, begins = state.constants, state.constants.begins
    if hash_of_list(packs) != header.packs:
        raise BlockError("packs", "the list of packs in force is not the one that the header binds")
    for index in _indexes(packs):
        if index not in state.packs:
            raise BlockError("packs", f"entry {index} is no pack of this log")
        if begins(state.packs[index]) + constants.pack_notice > begins(header.epoch):
            raise BlockError(
                "notice", f"pack {index} counts before its notice of {constants.pack_notice} seconds is over"
            )


def _check_policy(state: Judged, header: Header) -> None:
    """Refuse a policy that goes, or changes before everybody could know of it; the first that a header names needs no notice."""
    constants, begins = state.constants, state.constants.begins
    running = state.header.policy if state.header else NO_CHAIN
    if header.policy == running:
        return
    logged = state.policies.get(header.policy)
    if logged is None:
        raise BlockError("policy", "the header names a policy that was not logged, or none any more")
    if running == NO_CHAIN:
        return
    if logged <= state.policies[running]:
        raise BlockError("policy", "the header goes back to a policy that was logged before the one that runs")
    if begins(logged) + constants.policy_notice > begins(header.epoch):
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
