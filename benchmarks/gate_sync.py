"""What a gate fetches in a day, and how long it takes it, for 100 million people.

The blocks, headers, lists and tiles are generated files of the real formats and sizes, under one signed checkpoint, and the
gate checks all of them. What lies below the subtrees' roots is made up, but for the first block: no gate reads it.

Assumed: blocks of two hours at height 16; each person's decision logged anew 14 days after the last, one person in a hundred
changed on any day, and a million entries a day that are no decisions: 9.1 million entries a day. A list then names nearly all
decisions of the block 14 days before, which stand next to each other, and a few anywhere in those 14 days.
"""

from __future__ import annotations

import random
import sys
import time
import zlib
from dataclasses import dataclass, field

from _report import peak_mib, report
from habeas.mandates import GateClass, GateMandate, gate_mandate_entry
from habeas.passes import (
    GateView,
    Opening,
    PersonKeys,
    Previous,
    Ratchet,
    Salt,
    Synced,
    check_pass,
    day_of,
    decide,
    format_pass,
    format_synced,
    make_pass,
    parse_synced,
    salt_at,
    sync,
)
from habeas.tlog import (
    TILE_WIDTH,
    BlockFile,
    Constants,
    Counts,
    Decision,
    Head,
    Header,
    Sections,
    SignatureType,
    Tile,
    block_file,
    build_block,
    chain_of,
    constants_entry,
    format_block_file,
    format_blocks,
    format_bundle,
    format_indexes,
    format_note,
    format_tile_path,
    format_vkey,
    hash_leaf,
    hash_node,
    make_note_signer,
    nodes_of,
    prove_inclusion,
    root_of,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import DAY, HOUR, Algorithm, Instant, Span, make_signing_key, parse_area

ORIGIN = "bench.example/log"
PEOPLE = 100_000_000
RENEWED_DAYS = 14
CHANGED_A_DAY = PEOPLE // 100
OTHER_A_DAY = 1_000_000
EPOCH = 7200
A_DAY = DAY // EPOCH
HEIGHT = 16
WIDTH = 1 << HEIGHT
CONSTANTS = Constants(origin=ORIGIN, epoch_seconds=EPOCH, height=HEIGHT)
FIRST = 229_860
KEY = make_signing_key(Algorithm.EDDSA, b"k" * 32)
LOG = make_note_signer(ORIGIN, SignatureType.ED25519, b"l" * 32)
WITNESSES = [make_note_signer(f"w{at}.example", SignatureType.COSIGNATURE, bytes([at]) * 32) for at in range(1, 5)]
POLICY = "\n".join(
    [
        f"log {format_vkey(LOG.key)}",
        *(f"witness w{at} {format_vkey(one.key)}" for at, one in enumerate(WITNESSES)),
        "group checkers 3 w0 w1 w2 w3",
        "quorum checkers",
    ]
).encode()
EVERYWHERE = GateMandate(
    place="Station",
    area=parse_area("CN-41"),
    hours=(0, 1440),
    purpose="care of travellers",
    gate_class=GateClass.ORDINARY,
    lane="counter",
    time=Span(Instant(0), Instant(1 << 33)),
    body="station",
)
MANDATE_INDEX = 2
ROUNDS = 2000


@dataclass
class Log:
    """Static files of a log whose people are numbers."""

    dice: random.Random
    files: dict[str, bytes] = field(default_factory=dict)
    blocks: list[BlockFile] = field(default_factory=list)
    roots: list[bytes] = field(default_factory=list)
    fetched: int = 0

    def begin(self) -> None:
        """Lay the first block, which is real to its leaves: the constants, and the gate's mandate."""
        plain = [constants_entry(CONSTANTS, KEY), gate_mandate_entry(EVERYWHERE, KEY)]
        block = build_block(Sections(plain=plain), epoch=FIRST, height=HEIGHT)
        leaves = [hash_leaf(entry) for entry in block.entries]
        for at in range(256):
            self.files[f"tile/entries/{at:03d}"] = format_bundle(block.entries[at << 8 : at + 1 << 8])
        row, level = leaves, 0
        while len(row) >= TILE_WIDTH:
            for at in range(0, len(row), TILE_WIDTH):
                path = format_tile_path(Tile(level=level, index=at // TILE_WIDTH))
                self.files[path] = b"".join(row[at : at + TILE_WIDTH])
            row, level = [root_of(row[at : at + TILE_WIDTH]) for at in range(0, len(row), TILE_WIDTH)], level + 1
        self._lay(block_file(block), block.superseded)

    def end_with(self, decision: Decision) -> tuple[bytes, ...]:
        """Lay a last block, real to its leaves, whose one decision this is, and return the path of a pass for it."""
        epoch = self.blocks[-1].header.epoch + 1
        block = build_block(
            Sections(decisions=[decision.to_bytes()]), epoch=epoch, height=HEIGHT, after=self.blocks[-1]
        )
        self._lay(block_file(block), block.superseded)
        return prove_inclusion(nodes_of([hash_leaf(entry) for entry in block.entries]), 1, WIDTH)

    def grow(self, *, with_list: bool) -> None:
        """Lay the next block of a day like any other."""
        last = self.blocks[-1]
        decisions = (PEOPLE // RENEWED_DAYS + CHANGED_A_DAY) // A_DAY
        gone = format_indexes(self._superseded() if with_list else ())
        header = Header(
            epoch=last.header.epoch + 1,
            height=HEIGHT,
            counts=Counts(admissions=OTHER_A_DAY // A_DAY, decisions=decisions),
            previous=last.start,
            superseded=int.from_bytes(gone[:4]),
            chain=chain_of(last.header.chain, gone),
        )
        size = -(-(1 + header.counts.total) // WIDTH)
        path = [self.dice.randbytes(32) for _ in range(HEIGHT)]
        found = hash_leaf(header.to_bytes())
        for sibling in path:
            found = hash_node(found, sibling)
        roots = (found, *(self.dice.randbytes(32) for _ in range(size - 1)))
        self._lay(BlockFile(start=last.end, header=header, path=tuple(path), roots=roots), gone)

    def _superseded(self) -> list[int]:
        """Return what a block supersedes: the decisions of 14 days before but those that have changed, and the changed."""
        renewed = self.blocks[-RENEWED_DAYS * A_DAY].decisions
        kept = 1 - CHANGED_A_DAY / PEOPLE * RENEWED_DAYS
        found = {index for index in renewed if self.dice.random() < kept}
        since = self.blocks[1 - RENEWED_DAYS * A_DAY :]
        for _ in range(CHANGED_A_DAY // A_DAY):
            found.add(self.dice.choice(self.dice.choice(since).decisions))
        return sorted(found)

    def _lay(self, block: BlockFile, gone: bytes) -> None:
        epoch = block.header.epoch
        self.blocks.append(block)
        self.roots += block.roots
        self.files |= {f"block/{epoch}": format_block_file(block), f"superseded/{epoch}": gone}

    def publish(self) -> None:
        """Lay the tiles above the roots, the list of blocks and the cosigned checkpoint."""
        row, level = self.roots, HEIGHT // 8
        while row:
            for at in range(0, len(row), TILE_WIDTH):
                part = row[at : at + TILE_WIDTH]
                self.files[format_tile_path(Tile(level=level, index=at // TILE_WIDTH, width=len(part)))] = b"".join(
                    part
                )
            full = range(0, len(row) - TILE_WIDTH + 1, TILE_WIDTH)
            row, level = [root_of(row[at : at + TILE_WIDTH]) for at in full], level + 1
        self.files["blocks"] = format_blocks((one.header.epoch, one.start) for one in self.blocks)
        note = sign_checkpoint(Head(origin=ORIGIN, size=self.blocks[-1].end, root=root_of(self.roots)), LOG)
        note = note.with_signatures(sign_note(note.text, one, 1) for one in WITNESSES[:3])
        self.files["checkpoint"] = format_note(note)

    def fetch(self, path: str) -> bytes | None:
        """Give a file, and count its bytes."""
        data = self.files.get(path)
        self.fetched += len(data or b"")
        return data


def decision_of(epoch: int) -> tuple[Decision, bytes, GateView]:
    """Return somebody's decision of an epoch, with the salt and the view that a pass opens."""
    begins = CONSTANTS.begins(epoch)
    labels, openings = (Ratchet(day=day_of(begins), state=bytes([part]) * 32) for part in (1, 2))
    view = GateView(now=0, until=begins // HOUR + 300, then=0, hint="1234 1958")
    opening = Opening(view=view, grounds=["none"], previous=Previous())
    decision = decide(PersonKeys(labels=labels, openings=openings), ORIGIN, epoch, begins, opening)
    return decision, salt_at(openings.key(day_of(begins)), Salt.GATE, ORIGIN, epoch), view


def measured(log: Log, state: Synced | None) -> tuple[Synced, int, float]:
    """Sync, and return the state with the bytes that were fetched and the seconds that it took."""
    log.fetched, began = 0, time.perf_counter()
    given = (MANDATE_INDEX,) if state is None else ()
    after = sync(state, log.fetch, POLICY, key=KEY.verifying, mandates=given)
    return after, log.fetched, time.perf_counter() - began


def per_check(state: Synced, text: str, now: int) -> tuple[float, float]:
    """Return the microseconds of a check, and of making the gate ready for a minute's checks."""
    began = time.perf_counter()
    held = state.held(now)
    ready = time.perf_counter() - began
    assert check_pass(text, held, now).reason == "open"
    began = time.perf_counter()
    for _ in range(ROUNDS):
        check_pass(text, held, now)
    return (time.perf_counter() - began) / ROUNDS * 1e6, ready * 1e6


def main() -> int:
    """Measure a new gate, a day's sync, a sync of two hours, the gate's file and a check."""
    log = Log(dice=random.Random(1))  # noqa: S311 - equal figures each time
    log.begin()
    days = CONSTANTS.horizon // DAY
    for _ in range((days + 2) * A_DAY):
        log.grow(with_list=False)
    log.publish()
    state, new_bytes, new_seconds = measured(log, None)
    for _ in range(A_DAY):
        log.grow(with_list=True)
    log.publish()
    lists = [log.files[f"superseded/{one.header.epoch}"] for one in log.blocks[-A_DAY:]]
    state, day_bytes, day_seconds = measured(log, state)
    log.grow(with_list=True)
    log.publish()
    state, block_bytes, block_seconds = measured(log, state)
    decision, salt, view = decision_of(log.blocks[-1].header.epoch + 1)
    path = log.end_with(decision)
    log.publish()
    state, _, _ = measured(log, state)
    began = time.perf_counter()
    data = format_synced(state)
    wrote = time.perf_counter() - began
    began = time.perf_counter()
    parse_synced(data)
    read = time.perf_counter() - began
    index = log.blocks[-1].start + 1
    shown = make_pass(decision, salt, view, origin=ORIGIN, index=index, path=path)
    check, ready = per_check(state, format_pass(shown), CONSTANTS.begins(decision.epoch) + HOUR)
    deflated = sum(len(zlib.compress(one, 6)) for one in lists)
    entries = sum(one.header.counts.total for one in log.blocks[-A_DAY - 2 : -2])
    lines = sum(int.from_bytes(one[:4]) for one in lists)
    rest = day_bytes - sum(map(len, lists))
    rows: list[dict[str, object]] = [
        {
            "what": f"a day of {entries:,} entries, {lines:,} superseded",
            "bytes": day_bytes,
            "seconds": round(day_seconds, 1),
        },
        {"what": "  of it all but the lists", "bytes": rest, "seconds": ""},
        {"what": "  the day with its lists deflated (gzip on the wire)", "bytes": rest + deflated, "seconds": ""},
        {"what": "a block of two hours", "bytes": block_bytes, "seconds": round(block_seconds, 1)},
        {"what": f"a new gate, {days} days, without lists", "bytes": new_bytes, "seconds": round(new_seconds, 1)},
        {
            "what": f"a new gate with lists: that and {days} days' (computed)",
            "bytes": new_bytes + days * sum(map(len, lists)),
            "seconds": round(new_seconds + days * day_seconds, 1),
        },
        {"what": "the gate's file: written", "bytes": len(data), "seconds": round(wrote, 2)},
        {"what": "  read, roots and quorum checked anew", "bytes": len(data), "seconds": round(read, 2)},
        {"what": "ready for a minute's checks", "bytes": "", "seconds": round(ready / 1e6, 4)},
        {
            "what": f"a pass checked: {check:.0f} microseconds",
            "bytes": len(format_pass(shown)),
            "seconds": round(check / 1e6, 6),
        },
    ]
    report("gate_sync", f"A gate for {PEOPLE:,} people ({peak_mib():,} MiB with the log beside it)", rows)
    return 0


if __name__ == "__main__":
    sys.exit(main())
