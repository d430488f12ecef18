"""The entries of the log in bytes, big-endian and of fixed width (docs/formats.md, "Entries of the log").

No entry has a free byte: whatever stands in one is derived, checked or committed to, so that none can carry a mark.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Final

from habeas.tlog._tile import MAX_ENTRY_BYTES
from habeas.tlog._tree import HASH_BYTES
from habeas.tlog.errors import EntryError

__all__ = [
    "ENTRY_BYTES",
    "LABEL_BYTES",
    "MAX_INDEX",
    "PAD",
    "Admission",
    "CaseEvent",
    "Counts",
    "Decision",
    "EntryKind",
    "Ground",
    "Header",
    "Plain",
    "kind_of",
]

MAX_INDEX = 2**40 - 1
"""Indexes and pools are written in five bytes."""
LABEL_BYTES = 16
PAD = b"\0"
_INDEX = 5
_COSE_SIGN1 = 0xD2  # a tag 18: how every signed plain body begins
_HASHED = b"\0"
_HASHED_BYTES = 1 + 4 + HASH_BYTES


class EntryKind(IntEnum):
    """The first byte of an entry."""

    PAD = 0x00
    HEADER = 0x01
    DECISION = 0x10
    GROUND = 0x11
    ADMISSION = 0x12
    CASE = 0x13
    CONSTANTS = 0x1F
    """The lowest of the plain kinds, so that whatever else the first block logs, its constants are leaf 1."""
    PACK = 0x20
    MANDATE = 0x21
    GATE_MANDATE = 0x22
    PAGE_RELEASE = 0x23
    POLICY = 0x24
    ERASURE = 0x25
    REFUSAL = 0x26


_PLAIN: Final = frozenset(kind for kind in EntryKind if kind >= EntryKind.CONSTANTS)


def kind_of(entry: bytes) -> EntryKind:
    """Return an entry's kind; raises `EntryError` for an unknown one."""
    try:
        return EntryKind(entry[0])
    except (IndexError, ValueError):
        raise EntryError(f"no entry begins with {entry[:1].hex() or 'nothing'}") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """How many entries each section of a block has, in the order in which they stand."""

    plain: int = 0
    admissions: int = 0
    cases: int = 0
    decisions: int = 0
    grounds: int = 0

    @property
    def total(self) -> int:
        """All entries but the header and the pads."""
        return self.plain + self.admissions + self.cases + self.decisions + self.grounds


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """A block's first entry. `previous` is the last header's index (0 in the first block, which has none).

    `superseded` counts the lines of this block's list, `chain` is over all lists up to it; `exposure`, `packs` and
    `policy` are hashes of the lists and the file that stand beside the block, zeros where there is none.
    """

    epoch: int
    height: int
    counts: Counts
    previous: int = 0
    superseded: int = 0
    chain: bytes = bytes(HASH_BYTES)
    exposure: bytes = bytes(HASH_BYTES)
    packs: bytes = bytes(HASH_BYTES)
    policy: bytes = bytes(HASH_BYTES)

    def to_bytes(self) -> bytes:
        """Return the entry: 163 bytes."""
        c = self.counts
        numbers = (self.epoch, self.height, c.plain, c.admissions, c.cases, c.decisions, c.grounds)
        return _packed(
            _HEADER,
            EntryKind.HEADER,
            *numbers,
            _index(self.previous),
            self.superseded,
            *map(_hash, (self.chain, self.exposure, self.packs, self.policy)),
        )

    @classmethod
    def of_bytes(cls, entry: bytes) -> Header:
        """Return the header of an entry; raises `EntryError`."""
        epoch, height, *counts, previous, superseded, chain, exposure, packs, policy = _unpacked(
            _HEADER, EntryKind.HEADER, entry
        )
        plain, admissions, cases, decisions, grounds = counts
        return cls(
            epoch=epoch,
            height=height,
            counts=Counts(plain=plain, admissions=admissions, cases=cases, decisions=decisions, grounds=grounds),
            previous=int.from_bytes(previous),
            superseded=superseded,
            chain=chain,
            exposure=exposure,
            packs=packs,
            policy=policy,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What an epoch brought somebody whom only they and the authority can tell: label, and two commitments."""

    epoch: int
    label: bytes
    gate: bytes
    rest: bytes

    def to_bytes(self) -> bytes:
        """Return the entry: 85 bytes."""
        return _packed(
            _DECISION, EntryKind.DECISION, self.epoch, _label(self.label), _hash(self.gate), _hash(self.rest)
        )

    @classmethod
    def of_bytes(cls, entry: bytes) -> Decision:
        """Return the decision of an entry; raises `EntryError`."""
        epoch, label, gate, rest = _unpacked(_DECISION, EntryKind.DECISION, entry)
        return cls(epoch=epoch, label=label, gate=gate, rest=rest)


@dataclass(frozen=True, slots=True, kw_only=True)
class Ground:
    """That somebody of a pool has a ground of a class under a rule: for counting, in the last block of its UTC day."""

    pack: int
    rule: int
    pool: int
    class_: int
    commitment: bytes

    def to_bytes(self) -> bytes:
        """Return the entry: 46 bytes."""
        return _packed(
            _GROUND,
            EntryKind.GROUND,
            _index(self.pack),
            self.rule,
            _index(self.pool),
            self.class_,
            _hash(self.commitment),
        )

    @classmethod
    def of_bytes(cls, entry: bytes) -> Ground:
        """Return the ground of an entry; raises `EntryError`."""
        pack, rule, pool, class_, commitment = _unpacked(_GROUND, EntryKind.GROUND, entry)
        return cls(
            pack=int.from_bytes(pack), rule=rule, pool=int.from_bytes(pool), class_=class_, commitment=commitment
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Admission:
    """That a statement of a kind about somebody of a pool was received in an hour (unix hours), and let in or refused."""

    kind: int
    pool: int
    received: int
    commitment: bytes

    def to_bytes(self) -> bytes:
        """Return the entry: 43 bytes."""
        return _packed(
            _ADMISSION, EntryKind.ADMISSION, self.kind, _index(self.pool), self.received, _hash(self.commitment)
        )

    @classmethod
    def of_bytes(cls, entry: bytes) -> Admission:
        """Return the admission of an entry; raises `EntryError`."""
        kind, pool, received, commitment = _unpacked(_ADMISSION, EntryKind.ADMISSION, entry)
        return cls(kind=kind, pool=int.from_bytes(pool), received=received, commitment=commitment)


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseEvent:
    """That something happened in a case of a kind in a pool, and when the next answer is due (unix hours)."""

    kind: int
    event: int
    pool: int
    due: int
    commitment: bytes

    def to_bytes(self) -> bytes:
        """Return the entry: 44 bytes."""
        return _packed(
            _CASE, EntryKind.CASE, self.kind, self.event, _index(self.pool), self.due, _hash(self.commitment)
        )

    @classmethod
    def of_bytes(cls, entry: bytes) -> CaseEvent:
        """Return the case event of an entry; raises `EntryError`."""
        kind, event, pool, due, commitment = _unpacked(_CASE, EntryKind.CASE, entry)
        return cls(kind=kind, event=event, pool=int.from_bytes(pool), due=due, commitment=commitment)


@dataclass(frozen=True, slots=True, kw_only=True)
class Plain:
    """Something that everybody may read: a tagged COSE_Sign1, or length and SHA-256 of one that is too long for an entry."""

    kind: EntryKind
    body: bytes

    def __post_init__(self) -> None:
        if self.kind not in _PLAIN:
            raise EntryError(f"an entry of kind {self.kind:#04x} is not plain")
        if self.body[:1] == _HASHED:
            if len(self.body) != _HASHED_BYTES or int.from_bytes(self.body[1:5]) <= MAX_ENTRY_BYTES - 1:
                raise EntryError("a plain entry by its hash is: 00, a length that no entry could hold, 32 bytes")
        elif self.body[:1] != bytes([_COSE_SIGN1]) or len(self.body) > MAX_ENTRY_BYTES - 1:
            raise EntryError(
                f"a plain entry is a tagged COSE_Sign1 of at most {MAX_ENTRY_BYTES - 1} bytes, or its hash"
            )

    def to_bytes(self) -> bytes:
        """Return the entry."""
        return bytes([self.kind]) + self.body

    @classmethod
    def of_bytes(cls, entry: bytes) -> Plain:
        """Return the plain entry in bytes; raises `EntryError`."""
        return cls(kind=kind_of(entry), body=entry[1:])


_HEADER = struct.Struct(">BIBIIIII5sI32s32s32s32s")
_DECISION = struct.Struct(">BI16s32s32s")
_GROUND = struct.Struct(">B5sH5sB32s")
_ADMISSION = struct.Struct(">BB5sI32s")
_CASE = struct.Struct(">BBB5sI32s")

ENTRY_BYTES: Final = {
    EntryKind.HEADER: _HEADER.size,
    EntryKind.DECISION: _DECISION.size,
    EntryKind.GROUND: _GROUND.size,
    EntryKind.ADMISSION: _ADMISSION.size,
    EntryKind.CASE: _CASE.size,
}


def _packed(form: struct.Struct, *values: object) -> bytes:
    try:
        return form.pack(*values)
    except struct.error as error:
        raise EntryError(f"a number does not fit into its bytes: {error}") from None


def _unpacked(form: struct.Struct, kind: EntryKind, entry: bytes) -> tuple[Any, ...]:
    if len(entry) != form.size or entry[0] != kind:
        raise EntryError(
            f"a {kind.name.lower()} is {form.size} bytes that begin with {kind:02x}, not {len(entry)} bytes"
        )
    return form.unpack(entry)[1:]


def _index(number: int) -> bytes:
    if not 0 <= number <= MAX_INDEX:
        raise EntryError(f"an index or pool lies between 0 and {MAX_INDEX}, not at {number}")
    return number.to_bytes(_INDEX)


def _hash(value: bytes) -> bytes:
    if len(value) != HASH_BYTES:
        raise EntryError(f"a commitment has {HASH_BYTES} bytes, not {len(value)}")
    return value


def _label(value: bytes) -> bytes:
    if len(value) != LABEL_BYTES:
        raise EntryError(f"a label has {LABEL_BYTES} bytes, not {len(value)}")
    return value
