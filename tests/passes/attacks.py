"""What an insider who holds every key of the authority could try: each is a block, a note or a pass that looks right.

The functions take the honest block, or what it is made of, and return the false one; who must catch it is said of each.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace

from habeas.passes import (
    GateView,
    Opening,
    PersonKeys,
    Previous,
    Salt,
    day_of,
    decide,
    format_pass,
    make_pass,
    salt_at,
)
from habeas.tlog import (
    Block,
    Constants,
    Head,
    Note,
    NoteSigner,
    Sections,
    build_block,
    plan_append,
    sign_checkpoint,
    sign_note,
)

__all__ = [
    "fork_of",
    "second_decision",
    "superseded_for_one",
    "unlogged_pass",
    "unsorted",
    "without_renewal",
]


def unlogged_pass(keys: PersonKeys, constants: Constants, *, epoch: int, index: int, view: GateView) -> str:
    """Return a pass for a decision that no block holds: right in all but its path. Caught by: every gate (`not-in-the-log`)."""
    assert keys.openings is not None
    begins, origin = constants.begins(epoch), constants.origin
    decision = decide(keys, origin, epoch, begins, Opening(view=view, grounds=[], previous=Previous()))
    salt = salt_at(keys.openings.key(day_of(begins)), Salt.GATE, origin, epoch)
    path = [hashlib.sha256(b"made up" + bytes([level])).digest() for level in range(constants.height)]
    return format_pass(make_pass(decision, salt, view, origin=origin, index=index, path=path))


def second_decision(
    honest: Sections, keys: PersonKeys, constants: Constants, *, epoch: int, opening: Opening
) -> Sections:
    """Return a block's entries with one more decision under a person's label, which shows their gates another code.

    Caught by: the checker (`label`); with a bribed checker, the person's own look-up (`false-block`).
    """
    more = decide(keys, constants.origin, epoch, constants.begins(epoch), opening).to_bytes()
    return replace(honest, decisions=(*honest.decisions, more))


def unsorted(block: Block, index: int) -> Block:
    """Return the block with the decision at `index` moved to where its owner does not look.

    Caught by: the checker (`label`, `order`); with a bribed checker, whoever's look-up reads the bundle (`false-block`).
    """
    counts = block.header.counts
    first = 1 + counts.plain + counts.admissions + counts.cases
    rows, at = list(block.entries), index - block.start
    moved = rows.pop(at)
    rows.insert(first if at - first >= counts.decisions // 2 else first + counts.decisions - 1, moved)
    return replace(block, entries=tuple(rows))


def superseded_for_one(
    honest: Sections,
    saver: bytes,
    *,
    index: int,
    epoch: int,
    constants: Constants,
    after: Block,
    superseded: Iterable[int] = (),
    packs: Iterable[int] = (),
    policy: bytes = bytes(32),
) -> Block:
    """Return a block that takes a saver's decision at `index` off the gates and logs no new one (`saver` is its bytes).

    No checker can see it, for another's decision makes up the count. Caught by: the saver's own view (`superseded`), whose
    proof makes the line void at every gate.
    """
    decisions = [entry for entry in honest.decisions if entry != saver]
    return build_block(
        replace(honest, decisions=decisions),
        epoch=epoch,
        height=constants.height,
        after=after,
        superseded=(*superseded, index),
        packs=packs,
        policy=policy,
    )


def without_renewal(honest: Sections, saver: bytes) -> Sections:
    """Return a block's entries without a saver's renewal. Caught by: their own view (`not-renewed`); the pass holds on."""
    return replace(honest, decisions=[entry for entry in honest.decisions if entry != saver])


def fork_of(entries: Sequence[bytes], block: Block, log: NoteSigner, bribed: Iterable[NoteSigner], at: int) -> Note:
    """Return a second checkpoint of the log's size over another last block, cosigned by whom the insider has.

    `entries` are those before the block. Caught by: every honest witness (`ForkError`), so no quorum; a gate that was shown
    it, and a person with `habeas me`, when they compare (`fork`).
    """
    grown = plan_append(0, [*entries, *block.entries], lambda _: b"")
    note = sign_checkpoint(Head(origin=log.key.name, size=grown.size, root=grown.root), log)
    return note.with_signatures(sign_note(note.text, one, at) for one in bribed)
