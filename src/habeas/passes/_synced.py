"""What a gate has synced: the log's newest part under one checkpoint with a quorum, the gate's mandates, and its one file.

Of what is older than the horizon it keeps a compact range, of every later block its subtrees' roots and a bit for each leaf
that is superseded. A value exists only if all roots together give the checkpoint's, and the policy in it has that quorum.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from habeas.mandates import GateMandate, MandateError, read_gate_mandate
from habeas.passes._gate import Held
from habeas.passes.errors import SyncError
from habeas.tlog import (
    HASH_BYTES,
    Checkpoint,
    CompactRange,
    Constants,
    Policy,
    TlogError,
    format_indexes,
    format_note,
    hash_node,
    parse_indexes,
    parse_note,
    parse_policy,
    read_constants,
)
from habeas.wire import Algorithm, Instant, VerifyingKey, WireError, encode_cbor, parse_deterministic_cbor

__all__ = ["HeldBlock", "HeldMandate", "Synced", "format_synced", "parse_synced"]

_MAGIC = b"habeas gate 1\n"
_LENGTH, _ROW = 4, 12
_AGAIN = "remove the gate's file and sync anew"


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldBlock:
    """A block's epoch, first leaf and roots; `gone` has a bit a leaf, lowest first, set if superseded, no zero byte last."""

    epoch: int
    start: int
    roots: tuple[bytes, ...] = field(repr=False)
    gone: bytes = field(default=b"", repr=False)

    def __post_init__(self) -> None:
        if not self.roots or any(len(one) != HASH_BYTES for one in self.roots) or self.gone[-1:] == b"\0":
            raise SyncError(f"a block that a gate holds has roots of {HASH_BYTES} bytes: {_AGAIN}")

    def has_gone(self, index: int) -> bool:
        """Whether a leaf of this block is superseded."""
        place = index - self.start
        return place >> 3 < len(self.gone) and bool(self.gone[place >> 3] >> (place & 7) & 1)


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldMandate:
    """A gate mandate as it stands in the log at `index`, in the block of `epoch`."""

    index: int
    epoch: int
    entry: bytes = field(repr=False)
    mandate: GateMandate


@dataclass(frozen=True, slots=True, kw_only=True)
class Synced:
    """All that a gate holds. `policy` is a policy's file, `constants_entry` the log's second entry, `key` the mandates' signer.

    `before` covers the leaves older than the horizon, `blocks` all later ones; `chain` is over the superseded lists up to
    the last. A superseded line whose abuse was proved to the gate is in `void`, and says nothing. Raises `SyncError`.
    """

    policy: bytes = field(repr=False)
    checkpoint: Checkpoint
    constants_entry: bytes = field(repr=False)
    before: CompactRange
    blocks: tuple[HeldBlock, ...] = field(repr=False)
    chain: bytes
    key: VerifyingKey | None = None
    mandates: tuple[HeldMandate, ...] = ()
    void: frozenset[int] = frozenset()
    constants: Constants = field(init=False)
    quorum: Policy = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        try:
            object.__setattr__(self, "constants", read_constants(self.constants_entry, None))
            object.__setattr__(self, "quorum", parse_policy(self.policy))
            checked = self.quorum.check(self.checkpoint.note)
        except TlogError as error:
            raise SyncError(f"the gate's state: {error}; {_AGAIN}") from None
        head, width = self.checkpoint.head, 1 << self.constants.height
        if checked.head != head or self.constants.origin != head.origin or len(self.chain) != HASH_BYTES:
            raise SyncError(f"the gate's state is of two logs, or of another checkpoint: {_AGAIN}")
        ends = [self.before.end, *(block.start + len(block.roots) * width for block in self.blocks)]
        if self.before.start or not self.blocks or self.before.end % width:
            raise SyncError(f"a gate holds a log from its first entry on, and its last block: {_AGAIN}")
        if [block.start for block in self.blocks] != ends[:-1] or ends[-1] != head.size:
            raise SyncError(f"the blocks do not lie one after the other up to the checkpoint's size: {_AGAIN}")
        if any(one.epoch >= other.epoch for one, other in pairwise(self.blocks)):
            raise SyncError(f"the blocks' epochs do not rise: {_AGAIN}")
        if grown(self.before, self.blocks, self.constants.height).root() != head.root:
            raise SyncError("the roots do not give the checkpoint's: a mirror lies, or the log has two faces")
        self._check_mandates()

    def _check_mandates(self) -> None:
        """Refuse a mandate that is not signed as it must be, and mandates of two places: a gate is one place."""
        try:
            read = [read_gate_mandate(one.entry, self.key) for one in self.mandates if self.key is not None]
        except MandateError as error:
            raise SyncError(f"a gate mandate: {error}") from None
        if read != [one.mandate for one in self.mandates] or len({one.place for one in read}) > 1:
            raise SyncError("a gate's mandates are signed by the key that it was given, and of one place")

    @property
    def newest(self) -> int:
        """The newest header's epoch."""
        return self.blocks[-1].epoch

    @property
    def size(self) -> int:
        """How many entries the log has as this gate knows it."""
        return self.checkpoint.head.size

    def is_superseded(self, index: int) -> bool:
        """Whether a leaf within the horizon is superseded by a line that is not void."""
        at = bisect_right(self.blocks, index, key=lambda block: block.start) - 1
        return at >= 0 and index not in self.void and self.blocks[at].has_gone(index)

    def with_void(self, indexes: Iterable[int]) -> Synced:
        """Return the state in which the superseded lines of these leaves, proved to be abuse, say nothing."""
        new = frozenset(indexes)
        if lost := [index for index in new if not self.before.end <= index < self.size]:
            raise SyncError(f"leaf {min(lost)} is older than this gate's horizon, or not synced yet: nothing to void")
        return replace(self, void=self.void | new)

    def mandate_at(self, now: int) -> GateMandate | None:
        """Return the mandate in force at an instant: logged for its notice, within its time and hours, and the only one."""
        found = [
            one.mandate
            for one in self.mandates
            if self.constants.begins(one.epoch) + self.constants.gate_notice <= now
            and one.mandate.covers(Instant(now), one.mandate.minute_at(Instant(now)))
        ]
        return found[0] if len(found) == 1 else None

    def held(self, now: int) -> Held:
        """Return what `check_pass` asks of a gate at an instant."""
        mandate, height = self.mandate_at(now), self.constants.height
        return Held(
            constants=self.constants,
            roots={
                block.start + (at << height) >> height: root
                for block in self.blocks
                for at, root in enumerate(block.roots)
            },
            superseded=_Gone(synced=self),
            newest=self.newest,
            opens_to=frozenset(range(mandate.lets_in + 1)) if mandate else None,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class _Gone:
    """The superseded leaves, as something that an index is in or not: there may be a hundred million."""

    synced: Synced

    def __contains__(self, index: object) -> bool:
        return isinstance(index, int) and self.synced.is_superseded(index)


def grown(before: CompactRange, blocks: Iterable[HeldBlock], height: int) -> CompactRange:
    """Return the range that goes on with the roots of blocks; it is folded as it comes, for there may be a million."""
    hashes, end = list(before.hashes), before.end
    for block in blocks:
        for root in block.roots:
            node, place = root, end >> height
            while place & 1:
                node, place = hash_node(hashes.pop(), node), place >> 1
            hashes.append(node)
            end += 1 << height
    return CompactRange(end=end, hashes=tuple(hashes))


def format_synced(synced: Synced) -> bytes:
    """Return the gate's file: a line, the length of a CBOR map, the map, the blocks' table, roots and bits, and a SHA-256.

    The hash at the end tells a torn or rotten file from a whole one. It keeps nobody from writing another.
    """
    key = synced.key
    head = encode_cbor(
        {
            "before": [synced.before.end, list(synced.before.hashes)],
            "blocks": len(synced.blocks),
            "chain": synced.chain,
            "checkpoint": format_note(synced.checkpoint.note),
            "constants": synced.constants_entry,
            "key": None if key is None else [key.algorithm.value, key.public],
            "mandates": [[one.index, one.epoch, one.entry] for one in synced.mandates],
            "policy": synced.policy,
            "void": format_indexes(synced.void),
        }
    )
    table = (
        number.to_bytes(_LENGTH)
        for block in synced.blocks
        for number in (block.epoch, len(block.roots), len(block.gone))
    )
    roots = (root for block in synced.blocks for root in block.roots)
    gone = (block.gone for block in synced.blocks)
    whole = b"".join((_MAGIC, len(head).to_bytes(_LENGTH), head, *table, *roots, *gone))
    return whole + hashlib.sha256(whole).digest()


def parse_synced(data: bytes) -> Synced:
    """Return what a gate's file holds, quorum and roots checked anew; raises `SyncError`."""
    body, digest = data[:-HASH_BYTES], data[-HASH_BYTES:]
    if not body.startswith(_MAGIC) or hashlib.sha256(body).digest() != digest:
        raise SyncError(f"the gate's file is damaged, or of another version: {_AGAIN}")
    at = len(_MAGIC) + _LENGTH
    end = at + int.from_bytes(body[at - _LENGTH : at])
    try:
        value: Any = parse_deterministic_cbor(body[at:end])
        return _of(value, body[end:])
    except (WireError, TlogError, MandateError) as error:
        raise SyncError(f"the gate's file: {error}; {_AGAIN}") from None
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise SyncError(f"the gate's file does not hold what it must ({type(error).__name__}): {_AGAIN}") from None


def _of(value: Any, rest: bytes) -> Synced:  # noqa: ANN401 - whatever was read; a value that is not right is refused by its parts
    end, hashes = value["before"]
    key = value["key"] and VerifyingKey(algorithm=Algorithm.of(value["key"][0]), public=value["key"][1])
    policy = value["policy"]
    constants = read_constants(value["constants"], None)
    if any(type(one) is not int or one < 0 for row in value["mandates"] for one in row[:2]):
        raise TypeError("a mandate's leaf and epoch")
    mandates = [
        HeldMandate(index=index, epoch=epoch, entry=entry, mandate=read_gate_mandate(entry, key))
        for index, epoch, entry in value["mandates"]
    ]
    return Synced(
        policy=policy,
        checkpoint=parse_policy(policy).check(parse_note(value["checkpoint"])),
        constants_entry=value["constants"],
        before=CompactRange(end=end, hashes=tuple(hashes)),
        blocks=_blocks(rest, value["blocks"], end, constants.height),
        chain=value["chain"],
        key=key,
        mandates=tuple(mandates),
        void=frozenset(parse_indexes(value["void"])),
    )


def _blocks(data: bytes, count: int, start: int, height: int) -> tuple[HeldBlock, ...]:
    if count * _ROW > len(data):
        raise SyncError(f"the gate's file is not of the length that it says: {_AGAIN}")
    rows = [
        tuple(int.from_bytes(data[place : place + _LENGTH]) for place in range(at, at + _ROW, _LENGTH))
        for at in range(0, count * _ROW, _ROW)
    ]
    roots, bits = count * _ROW, count * _ROW + HASH_BYTES * sum(row[1] for row in rows)
    if len(data) != bits + sum(row[2] for row in rows):
        raise SyncError(f"the gate's file is not of the length that it says: {_AGAIN}")
    out = []
    for epoch, size, gone in rows:
        hashes = tuple(data[at : at + HASH_BYTES] for at in range(roots, roots + size * HASH_BYTES, HASH_BYTES))
        out.append(HeldBlock(epoch=epoch, start=start, roots=hashes, gone=data[bits : bits + gone]))
        start, roots, bits = start + (size << height), roots + size * HASH_BYTES, bits + gone
    return tuple(out)
