"""A log in memory: blocks of made-up decisions, each after the last."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from habeas.tlog import (
    Admission,
    Block,
    Constants,
    Decision,
    EntryKind,
    Ground,
    Judged,
    Plain,
    Sections,
    build_block,
    constants_entry,
    judge,
    parse_pool,
)
from habeas.wire import DAY, Algorithm, make_signing_key, sign1

KEY = make_signing_key(Algorithm.EDDSA, b"c" * 32)
CONSTANTS = Constants(origin="henan.example/habeas", epoch_seconds=7200, height=8)
FIRST = 229_860  # an epoch of 12 June 2022; the last of its day is 229_871
LAST = FIRST + 35  # the last of the next day: a pack of the second block has had its notice of 48 hours
NEXT = LAST + 1
PACK = 257
"""The pack that the second block logs."""
POOL = parse_pool("CN-41")


def digest(*parts: object) -> bytes:
    return hashlib.sha256(repr(parts).encode()).digest()


def decision(epoch: int, who: int, what: object = 0) -> bytes:
    label = digest("label", epoch, who)[:16]
    return Decision(epoch=epoch, label=label, gate=digest(epoch, who, what), rest=digest("rest", who, what)).to_bytes()


def admission(number: int) -> bytes:
    return Admission(kind=1, pool=POOL, received=number, commitment=digest("admission", number)).to_bytes()


def ground(number: int) -> bytes:
    return Ground(pack=PACK, rule=1, pool=POOL, class_=1, commitment=digest("ground", number)).to_bytes()


def plain(kind: EntryKind, number: int = 0) -> bytes:
    return Plain(kind=kind, body=sign1(number.to_bytes(4), KEY)).to_bytes()


@dataclass
class Chain:
    """Blocks, and what a checker keeps after them."""

    blocks: list[Block] = field(default_factory=list)
    state: Judged = field(default_factory=lambda: Judged(constants=CONSTANTS, entry=constants_entry(CONSTANTS, KEY)))

    def next(self, epoch: int, sections: Sections | None = None, **more: object) -> Block:
        """Return the block that would come next; `add` takes it."""
        if not self.blocks:
            sections = Sections(plain=[constants_entry(CONSTANTS, KEY)])
        after = self.blocks[-1] if self.blocks else None
        return build_block(sections or Sections(), epoch=epoch, height=8, after=after, **more)  # type: ignore[arg-type]

    def add(self, block: Block, now: int | None = None) -> Block:
        self.state = judge(self.state, block, CONSTANTS.begins(block.header.epoch) if now is None else now)
        self.blocks.append(block)
        return block

    def grow(self, epoch: int, sections: Sections | None = None, **more: object) -> Block:
        return self.add(self.next(epoch, sections, **more))


def three_blocks() -> Chain:
    """Return a log of three blocks: its constants; a pack, a policy and 300 decisions; 40 more, a pack, the day's grounds."""
    chain = Chain()
    chain.grow(FIRST)
    logged = [plain(EntryKind.PACK), plain(EntryKind.POLICY)]
    chain.grow(FIRST + 1, Sections(plain=logged, decisions=[decision(FIRST + 1, who) for who in range(300)]))
    last = LAST
    assert CONSTANTS.begins(last + 1) % DAY == 0
    sections = Sections(
        plain=[plain(EntryKind.PACK, 2)],
        admissions=[admission(n) for n in range(20)],
        decisions=[decision(last, who) for who in range(40)],
        grounds=[ground(n) for n in range(5)],
    )
    chain.grow(last, sections, packs=[PACK])
    return chain
