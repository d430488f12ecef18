"""Seeds of a person's own view: a proof of abuse from a small log, what `habeas me` remembers, keys of an audit."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import lru_cache

from habeas.cli._me_state import format_state
from habeas.passes import (
    Abuse,
    GateView,
    Line,
    Memory,
    Opening,
    PersonKeys,
    Previous,
    PublicLog,
    Ratchet,
    decide,
    format_abuse,
    make_abuse,
    open_log,
)
from habeas.tlog import (
    Block,
    Constants,
    Decision,
    Head,
    Sections,
    block_file,
    build_block,
    constants_entry,
    format_block_file,
    format_blocks,
    format_note,
    format_tile_path,
    parse_policy,
    plan_append,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import DAY
from seeds import logs
from seeds.documents import DCC_KEY
from seeds.logs import _SIGNER, _WITNESSES

__all__ = ["abuses", "label_keys", "states"]

_CONSTANTS = Constants(origin=logs.ORIGIN, epoch_seconds=3600, height=8)
_FIRST = 24 * 19_000
_KEYS = PersonKeys(labels=Ratchet(day=19_000, state=b"l" * 32), openings=Ratchet(day=19_000, state=b"o" * 32))


def _others(epoch: int) -> list[bytes]:
    return [Decision(epoch=epoch, label=bytes([at]) * 16, gate=bytes(32), rest=bytes(32)).to_bytes() for at in (3, 250)]


def _log(later: int) -> tuple[PublicLog, int]:
    """Return a log whose last block, so many epochs on, takes a decision off the gates; and that decision's leaf."""
    epoch = _FIRST + 1
    opening = Opening(view=GateView(now=0, until=0, then=0, hint=""), grounds=[], previous=Previous())
    own = decide(_KEYS, logs.ORIGIN, epoch, _CONSTANTS.begins(epoch), opening).to_bytes()
    blocks: list[Block] = []
    for at, sections, gone in (
        (_FIRST, Sections(plain=[constants_entry(_CONSTANTS, DCC_KEY)]), []),
        (epoch, Sections(decisions=[own, *_others(epoch)]), []),
        (epoch + later, Sections(decisions=_others(epoch + later)), [own]),
    ):
        before = blocks[-1] if blocks else None
        leaves = [before.start + before.entries.index(one) for one in gone] if before else []
        blocks.append(build_block(sections, epoch=at, height=8, after=before, superseded=leaves))
    entries = [entry for block in blocks for entry in block.entries]
    grown = plan_append(0, entries, lambda _: b"")
    note = sign_checkpoint(Head(origin=logs.ORIGIN, size=grown.size, root=grown.root), _SIGNER)
    note = note.with_signatures(sign_note(note.text, one, _FIRST * DAY) for one in _WITNESSES[:3])
    files = {format_tile_path(tile): data for tile, data in grown.tiles.items()}
    files |= {f"block/{block.header.epoch}": format_block_file(block_file(block)) for block in blocks}
    files |= {f"superseded/{block.header.epoch}": block.superseded for block in blocks}
    files["blocks"] = format_blocks((block.header.epoch, block.start) for block in blocks)
    files["checkpoint"] = format_note(note)
    return open_log(files.get, parse_policy(next(logs.policies()))), entries.index(own)


@lru_cache(maxsize=2)
def _abuse(later: int) -> Abuse:
    log, index = _log(later)
    return make_abuse(log, _KEYS, index, _FIRST + 1 + later)


def abuses() -> Iterator[bytes]:
    """Proofs within a day, and across days."""
    yield from (format_abuse(_abuse(later)) for later in (1, 30))


def states() -> Iterator[bytes]:
    """Memories: of a log in which nothing was found, and of one in which everything was."""
    log, index = _log(1)
    yield format_state(Memory(checkpoint=log.checkpoint)).encode()
    yield format_state(
        Memory(
            checkpoint=log.checkpoint,
            chain=b"c" * 32,
            decisions=((index, Decision.of_bytes(_abuse(1).decision.entry)),),
            lines=(Line(index=index, epoch=_FIRST + 2), Line(index=index, epoch=_FIRST + 3, rekeyed=True)),
            false_blocks=(_FIRST + 2,),
        )
    ).encode()


def label_keys() -> Iterable[bytes]:
    """Label keys of a day, and days."""
    return (
        b"",
        b"\n".join(_KEYS.labels.key(day).hex().encode() for day in (19_000, 19_001)),
        b"2022-06-12",
        b"1970-01-01",
    )
