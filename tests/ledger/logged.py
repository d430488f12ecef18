"""A ledger that ends in a log: its folder, its keys, and witnesses and a checker who do in memory what their services do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from habeas.ledger import Ledger, Press, received_by
from habeas.services._milder import milder_packs
from habeas.stores import Disk, Keyring, LogFolder, MemoryStore, Store
from habeas.tlog import (
    Block,
    Checkpoint,
    Constants,
    Head,
    Judged,
    Note,
    NoteSigner,
    Policy,
    QuorumError,
    Request,
    SignatureType,
    Tile,
    constants_entry,
    format_indexes,
    format_vkey,
    judge,
    make_note_signer,
    parse_block_file,
    parse_bundle,
    parse_policy,
    sign_note,
    witness_step,
)
from habeas.wire import Algorithm, make_signing_key
from stores.disks import MemoryDisk

CONSTANTS = Constants(origin="henan.example/habeas", epoch_seconds=7200, height=8)
LOG = make_note_signer(CONSTANTS.origin, SignatureType.ED25519, b"l" * 32)
AUTHORITY = make_signing_key(Algorithm.EDDSA, b"a" * 32)
WITNESSES = [make_note_signer(f"w{n}.example", SignatureType.COSIGNATURE, bytes([n]) * 32) for n in range(1, 5)]
CHECKER = make_note_signer("c1.example", SignatureType.COSIGNATURE, bytes([9]) * 32)
POLICY_TEXT = "\n".join(
    [
        f"log {format_vkey(LOG.key)}",
        *(f"witness {one.key.name} {format_vkey(one.key)}" for one in (*WITNESSES, CHECKER)),
        f"group witnesses 3 {' '.join(one.key.name for one in WITNESSES)}",
        f"group checkers all {CHECKER.key.name}",
        "group everybody all witnesses checkers",
        "quorum everybody",
        "",
    ]
).encode()


NONE = format_indexes(())


def policy() -> Policy:
    return parse_policy(POLICY_TEXT)


def read_block(folder: LogFolder, epoch: int) -> Block:
    """Return a block as everybody may fetch it."""
    data = folder.fetch(f"block/{epoch}")
    assert data is not None
    placed = parse_block_file(data)
    entries: list[bytes] = []
    for index in range(placed.start // 256, placed.end // 256):
        tile = Tile(level=None, index=index)
        entries += parse_bundle(tile, folder.read(tile))
    lists = {name: folder.fetch(f"{name}/{epoch}") or b"" for name in ("superseded", "packs")}
    return Block(start=placed.start, entries=tuple(entries), **lists)


@dataclass
class LocalNotary:
    """Four witnesses and a checker; `down` names those who do not answer, `now` is the checker's clock."""

    folder: LogFolder
    now: Callable[[], int]
    seen: dict[str, Checkpoint] = field(default_factory=dict)
    down: set[str] = field(default_factory=set)
    judged: Judged = field(
        default_factory=lambda: Judged(constants=CONSTANTS, entry=constants_entry(CONSTANTS, AUTHORITY))
    )
    refused: list[str] = field(default_factory=list)

    def witnessed(self) -> Head | None:
        heads = [one.head for name, one in self.seen.items() if name not in self.down]
        return max(heads, key=lambda head: head.size, default=None)

    def cosign(self, signed: Checkpoint, prove: Callable[[int], tuple[bytes, ...]]) -> Note:
        note = signed.note
        for witness in (*WITNESSES, CHECKER):
            name = witness.key.name
            if name in self.down:
                continue
            seen = self.seen.get(name)
            old = seen.head.size if seen else 0
            request = Request(old=old, path=prove(old), checkpoint=signed.note)
            checked = witness_step(request, {CONSTANTS.origin: LOG.key}, seen.head if seen else None)
            if witness is CHECKER:
                self._check(signed.head)
            self.seen[name] = checked
            note = _with(note, witness, self.now())
        policy().check(note)
        return note

    def _check(self, head: Head) -> None:
        for epoch, start in self.folder.blocks():
            if self.judged.tree.end <= start < head.size:
                block, header = read_block(self.folder, epoch), self.judged.header
                before = self.folder.fetch(f"packs/{header.epoch}") if header else None
                milder = milder_packs(before or NONE, block.packs, self._entry, self.folder.fetch)
                self.judged = judge(self.judged, block, self.now(), milder=milder)
        if self.judged.tree.end != head.size:
            raise QuorumError("the checker has not seen all of it")

    def _entry(self, index: int) -> bytes:
        tile = Tile(level=None, index=index >> 8)
        return parse_bundle(tile, self.folder.read(tile))[index & 255]


def _with(note: Note, witness: NoteSigner, at: int) -> Note:
    return replace(note, signatures=(*note.signatures, sign_note(note.text, witness, at)))


@dataclass
class Logged:
    """All that a ledger with a log stands on; what a crash loses is made again by `open`."""

    disk: Disk = field(default_factory=MemoryDisk)
    store: Store = field(default_factory=MemoryStore)
    keyring: Keyring = field(default_factory=lambda: Keyring(None))
    waiting: Store = field(default_factory=MemoryStore)
    constants: Constants = CONSTANTS
    clock: int = 0

    def __post_init__(self) -> None:
        self.folder = LogFolder(self.disk, LOG.key)
        self.notary = LocalNotary(self.folder, lambda: self.clock)

    def press(self) -> Press:
        return Press(
            LogFolder(self.disk, LOG.key),
            self.keyring,
            constants=self.constants,
            signer=LOG,
            authority=AUTHORITY,
            policy=POLICY_TEXT,
            notary=self.notary,
            received=received_by(self.waiting),
        )

    def open(self) -> Ledger:
        self.log = self.press()
        return Ledger(self.store, log=self.log)
