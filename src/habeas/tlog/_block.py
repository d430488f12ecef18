"""A block: what one epoch appends. Header, sections in their order, pads to a full subtree."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Protocol

from habeas.tlog._batch import subtree_roots
from habeas.tlog._entry import PAD, Counts, Header
from habeas.tlog._lists import NO_CHAIN, chain_of, format_indexes, hash_of_list
from habeas.tlog.errors import BlockError

__all__ = ["Block", "Sections", "build_block"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sections:
    """The entries of a block, in bytes and any order; it is the block that orders them."""

    plain: Iterable[bytes] = ()
    admissions: Iterable[bytes] = ()
    cases: Iterable[bytes] = ()
    decisions: Iterable[bytes] = ()
    grounds: Iterable[bytes] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Block:
    """A block as it lies in the log from leaf `start` on, with the lists that its header binds."""

    start: int
    entries: tuple[bytes, ...] = field(repr=False)
    superseded: bytes = field(default=format_indexes(()), repr=False)
    packs: bytes = field(default=format_indexes(()), repr=False)

    @property
    def header(self) -> Header:
        """The first entry; raises `EntryError` where that is no header."""
        return Header.of_bytes(self.entries[0] if self.entries else b"")

    @property
    def end(self) -> int:
        """The first leaf after the block."""
        return self.start + len(self.entries)

    def roots(self) -> list[bytes]:
        """Return the roots of the block's subtrees of its height, left to right: what a gate keeps of it."""
        return subtree_roots(self.entries, self.header.height)


class Placed(Protocol):
    """A block of which is known where it lies and what its header says."""

    @property
    def start(self) -> int:
        """Its first leaf."""
        ...

    @property
    def end(self) -> int:
        """The first leaf after it."""
        ...

    @property
    def header(self) -> Header:
        """Its header."""
        ...


def build_block(
    sections: Sections,
    *,
    epoch: int,
    height: int,
    after: Placed | None = None,
    superseded: Iterable[int] = (),
    packs: Iterable[int] = (),
    exposure: bytes = NO_CHAIN,
    policy: bytes = NO_CHAIN,
) -> Block:
    """Return the block of an epoch that follows `after`, None for a log's first.

    Raises `BlockError` for two decisions under one label or an entry that stands twice, `EntryError` for what no header
    can hold. Equal input gives equal bytes.
    """
    parts = [
        sorted(part)
        for part in (sections.plain, sections.admissions, sections.cases, sections.decisions, sections.grounds)
    ]
    for part in parts:
        for before, entry in pairwise(part):
            if before == entry:
                raise BlockError("order", f"an entry that begins with {entry[:6].hex()} stands twice")
    gone, in_force = format_indexes(superseded), format_indexes(packs)
    header = Header(
        epoch=epoch,
        height=height,
        counts=Counts(
            **dict(zip(("plain", "admissions", "cases", "decisions", "grounds"), map(len, parts), strict=True))
        ),
        previous=after.start if after else 0,
        superseded=int.from_bytes(gone[:4]),
        chain=chain_of(after.header.chain if after else NO_CHAIN, gone),
        exposure=exposure,
        packs=hash_of_list(in_force),
        policy=policy,
    )
    entries = [header.to_bytes(), *(entry for part in parts for entry in part)]
    entries += [PAD] * (-len(entries) % (1 << height))
    start = after.end if after else 0
    return Block(start=start, entries=tuple(entries), superseded=gone, packs=in_force)
