"""A log in memory with its static files, its signers and its people: what a gate syncs from, and what is shown at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from functools import partial

from habeas.mandates import GateClass, GateMandate, gate_mandate_entry
from habeas.passes import (
    GateView,
    Opening,
    Pass,
    PersonKeys,
    Previous,
    Ratchet,
    Salt,
    Synced,
    day_of,
    decide,
    format_pass,
    make_pass,
    salt_at,
    sync,
)
from habeas.tlog import (
    Block,
    Decision,
    Head,
    Policy,
    Sections,
    SignatureType,
    block_file,
    format_block_file,
    format_blocks,
    format_note,
    format_tile_path,
    format_vkey,
    hash_leaf,
    make_note_signer,
    nodes_of,
    parse_policy,
    plan_append,
    root_of,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import DAY, HOUR, Instant, Span, parse_area
from tlog.blocks import CONSTANTS, FIRST, KEY, Chain

ORIGIN = CONSTANTS.origin
GREEN, YELLOW, RED = range(3)
EPOCHS_A_DAY = DAY // CONSTANTS.epoch_seconds
LOG = make_note_signer(ORIGIN, SignatureType.ED25519, b"L" * 32)
WITNESSES = [
    make_note_signer(f"w{number}.example", SignatureType.COSIGNATURE, bytes([number]) * 32) for number in range(1, 5)
]
POLICY = "\n".join(
    [
        f"log {format_vkey(LOG.key)}",
        *(f"witness w{number} {format_vkey(one.key)}" for number, one in enumerate(WITNESSES, 1)),
        "group checkers 3 w1 w2 w3 w4",
        "quorum checkers",
        "",
    ]
).encode()
QUORUM: Policy = parse_policy(POLICY)
MANDATE = GateMandate(
    place="Station, east door",
    area=parse_area("CN-41"),
    hours=(360, 1320),
    purpose="care of travellers",
    gate_class=GateClass.ORDINARY,
    lane="counter left of the door",
    time=Span(Instant(CONSTANTS.begins(FIRST)), Instant(CONSTANTS.begins(FIRST) + 90 * DAY)),
    body="station",
    offset=480,
    lets_in=YELLOW,
)


def keys_of(who: int) -> PersonKeys:
    day = day_of(CONSTANTS.begins(FIRST)) - 3
    labels, openings = (Ratchet(day=day, state=bytes([who + 1, part]) * 16) for part in (1, 2))
    return PersonKeys(labels=labels, openings=openings)


@dataclass
class GateLog:
    """Blocks in order, the files that lie beside them, and each person's newest decision."""

    chain: Chain = field(default_factory=Chain)
    files: dict[str, bytes] = field(default_factory=dict)
    passes: dict[tuple[int, int], Callable[[], Pass]] = field(default_factory=dict)
    leaves: list[bytes] = field(default_factory=list)
    signers: int = 3

    def fetch(self, path: str) -> bytes | None:
        return self.files.get(path)

    def grow(
        self,
        epoch: int,
        codes: dict[int, int] | None = None,
        superseded: Iterable[int] = (),
        plain: Iterable[bytes] = (),
    ) -> Block:
        """Append a block in which these people get these codes, and lay its files; `publish` shows it."""
        rows = {who: self._decision(who, code, epoch) for who, code in (codes or {}).items()}
        sections = Sections(plain=plain, decisions=[row.to_bytes() for row, _ in rows.values()])
        block = self.chain.grow(epoch, sections, superseded=superseded)
        self.lay(block)
        for who, (row, view) in rows.items():
            index = block.start + block.entries.index(row.to_bytes())
            self.passes[who, epoch] = partial(self._pass, who, row, view, index)
        return block

    def lay(self, block: Block) -> None:
        """Lay the files of the newest block, whether a checker would take it or not."""
        epoch = block.header.epoch
        growth = plan_append(block.start, block.entries, lambda tile: self.files[format_tile_path(tile)])
        self.files |= {format_tile_path(tile): data for tile, data in growth.tiles.items()}
        self.files[f"superseded/{epoch}"] = block.superseded
        self.files[f"block/{epoch}"] = format_block_file(block_file(block))
        self.files["blocks"] = format_blocks((one.header.epoch, one.start) for one in self.chain.blocks)
        self.leaves += [hash_leaf(entry) for entry in block.entries]

    def publish(self) -> None:
        head = Head(origin=ORIGIN, size=len(self.leaves), root=root_of(self.leaves))
        note = sign_checkpoint(head, LOG)
        at = CONSTANTS.begins(self.chain.blocks[-1].header.epoch) + 60
        note = note.with_signatures(sign_note(note.text, one, at) for one in WITNESSES[: self.signers])
        self.files["checkpoint"] = format_note(note)

    def index_of(self, who: int, epoch: int) -> int:
        return self.passes[who, epoch]().index

    def shown(self, who: int, epoch: int) -> str:
        return format_pass(self.passes[who, epoch]())

    def _decision(self, who: int, code: int, epoch: int) -> tuple[Decision, GateView]:
        begins = CONSTANTS.begins(epoch)
        view = GateView(now=code, until=begins // HOUR + 300, then=GREEN, hint=f"{who:04d} 1958")
        opening = Opening(view=view, grounds=["none"], previous=Previous())
        return decide(keys_of(who), ORIGIN, epoch, begins, opening), view

    def _pass(self, who: int, row: Decision, view: GateView, index: int) -> Pass:
        nodes = nodes_of(self.leaves)
        openings = keys_of(who).openings
        assert openings is not None
        salt = salt_at(openings.key(day_of(CONSTANTS.begins(row.epoch))), Salt.GATE, ORIGIN, row.epoch)
        path = [nodes(level, (index >> level) ^ 1) for level in range(CONSTANTS.height)]
        return make_pass(row, salt, view, origin=ORIGIN, index=index, path=path)


def day(number: int) -> int:
    """Return an epoch of a day after the log's first."""
    return FIRST + number * EPOCHS_A_DAY


def forty_days() -> GateLog:
    """Return a log of 40 days: a block every other day, person n decided on day 2n + 2, a gate mandate.

    Six blocks later a decision is superseded, but for that of person 9, who was red until then.
    """
    log = GateLog()
    log.grow(FIRST)
    log.grow(day(1), plain=[gate_mandate_entry(MANDATE, KEY)])
    for number in range(2, 41, 2):
        who = number // 2 - 1
        gone = [log.index_of(who - 6, day(number - 12))] if who >= 6 and who != 9 + 6 else []
        log.grow(day(number), {who: RED if who % 5 == 4 else GREEN, who + 100: YELLOW}, superseded=gone)
    log.publish()
    return log


MANDATE_INDEX = (1 << CONSTANTS.height) + 1
"""The leaf of the gate mandate: after the second block's header."""


def synced(log: GateLog, state: Synced | None = None) -> Synced:
    return sync(state, log.fetch, POLICY, key=KEY.verifying, mandates=() if state else (MANDATE_INDEX,))
