"""A log as any mirror serves it: made-up people with keys, their decisions in blocks, a policy, and a folder of static files."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from functools import lru_cache
from pathlib import Path

from habeas.passes import GateView, Held, Opening, PersonKeys, Previous, Ratchet, day_of, decide
from habeas.stores import LogFolder
from habeas.tlog import (
    Block,
    Constants,
    Decision,
    EntryKind,
    Fetch,
    Head,
    Note,
    NoteSigner,
    Plain,
    Policy,
    Sections,
    SignatureType,
    build_block,
    constants_entry,
    format_note,
    format_vkey,
    hash_leaf,
    make_note_signer,
    parse_block_file,
    parse_policy,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import HOUR, Cbor, encode_cbor, sign1
from stores.disks import MemoryDisk
from tlog.blocks import CONSTANTS, FIRST, KEY

GREEN, YELLOW, RED = 0, 2, 3
PACK = Path(__file__).parents[2] / "packs" / "cn-national-new10.yaml"
LOG = make_note_signer(CONSTANTS.origin, SignatureType.ED25519, b"l" * 32)
WITNESSES = tuple(
    make_note_signer(f"witness{at}.example", kind, bytes([at]) * 32)
    for at, kind in enumerate((SignatureType.COSIGNATURE,) * 4 + (SignatureType.COSIGNATURE_MLDSA,), start=1)
)
POLICY_LINES = [
    f"log {format_vkey(LOG.key)}",
    *(f"witness w{at} {format_vkey(one.key)}" for at, one in enumerate(WITNESSES)),
    "group checkers 1 w0",
    "group others 3 w1 w2 w3 w4",
    "group all all checkers others",
    "quorum all",
]
POLICY_FILE = "\n".join(POLICY_LINES).encode()
POLICY: Policy = parse_policy(POLICY_FILE)
EPOCHS = (FIRST, FIRST + 1, FIRST + 5, FIRST + 30)
START_DAY = day_of(CONSTANTS.begins(FIRST)) - 2


def hint_of(who: int) -> str:
    return f"{who:04d} 1958"


def keys_of(who: int, day: int = START_DAY) -> PersonKeys:
    labels, openings = (hashlib.sha256(f"{part} of {who}".encode()).digest() for part in ("labels", "openings"))
    return PersonKeys(
        labels=Ratchet(day=START_DAY, state=labels).at(day), openings=Ratchet(day=START_DAY, state=openings).at(day)
    )


def grounds_of(who: int, now: int) -> Cbor:
    if now == GREEN:
        return {"code": "green", "grounds": []}
    ground: Cbor = {
        "rule": "H2-test", "pack": b"p" * 32, "statement": hashlib.sha256(bytes([who])).digest(),
        "signer": "city-lab-4", "provisional": False, "severity": now, "until": 1_655_600_000,
    }  # fmt: skip
    return {"code": "red", "grounds": [ground]}


@dataclass
class PublicFiles:
    """A log that grows block by block, each published under quorum."""

    constants: Constants = CONSTANTS
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    last: dict[int, Previous] = field(default_factory=dict)
    openings: dict[tuple[int, int], Opening] = field(default_factory=dict)
    packs: tuple[int, ...] = ()
    said: Constants | None = None

    def __post_init__(self) -> None:
        self.folder = LogFolder(self.disk, LOG.key)
        self._after: Block | None = None

    @property
    def fetch(self) -> Fetch:
        return self.folder.fetch

    def grow(self, epoch: int, codes: dict[int, int], others: int = 0, *, packs: tuple[bytes, ...] = ()) -> None:
        """Append a block in which each of `codes` gets a code, and so many others have decisions of theirs."""
        begins, origin = self.constants.begins(epoch), self.constants.origin
        entries: dict[int, bytes] = {}
        for who, now in codes.items():
            view = GateView(now=now, until=begins // HOUR + 48 * bool(now), then=GREEN, hint=hint_of(who))
            view = view if now else replace(view, until=0)
            opening = Opening(view=view, grounds=grounds_of(who, now), previous=self.last.get(who, Previous()))
            self.openings[epoch, who] = opening
            entries[who] = decide(keys_of(who), origin, epoch, begins, opening).to_bytes()
        plain = [*packs] if self._after or packs else [constants_entry(self.said or self.constants, KEY)]
        crowd = (_stranger(epoch, number) for number in range(others))
        block = build_block(
            Sections(plain=plain, decisions=[*entries.values(), *crowd]),
            epoch=epoch, height=self.constants.height, after=self._after, packs=self.packs,
        )  # fmt: skip
        self.packs += tuple(block.start + block.entries.index(pack) for pack in packs)
        for who, entry in entries.items():
            index = block.start + block.entries.index(entry)
            self.last[who] = Previous(index=index, leaf=hash_leaf(entry))
        self._after = block
        staged = self.folder.stage(block, witnessed=None)
        head = Head(origin=origin, size=staged.growth.size, root=staged.growth.root)
        note = sign_checkpoint(head, LOG)
        self.folder.commit(staged, note)
        self.folder.lay(staged)
        self.folder.publish(note.with_signatures(sign_note(note.text, one, begins + 60) for one in WITNESSES))


def _stranger(epoch: int, number: int) -> bytes:
    label, gate, rest = (hashlib.sha256(f"{part} {epoch} {number}".encode()).digest() for part in ("l", "g", "r"))
    return Decision(epoch=epoch, label=label[:16], gate=gate, rest=rest).to_bytes()


def pack_entry(text: str) -> bytes:
    """Return a pack as the log has it: its text, signed."""
    return Plain(kind=EntryKind.PACK, body=sign1(encode_cbor({"hash": bytes(32), "text": text}), KEY)).to_bytes()


@lru_cache(maxsize=1)
def small_log() -> PublicFiles:
    """Return a log of four blocks: 1 is green then red, 2 red then green, 3 green, 4 has nothing, and many others."""
    log = PublicFiles()
    log.grow(EPOCHS[0], {})
    log.grow(EPOCHS[1], {1: GREEN, 2: RED, 3: GREEN}, others=700, packs=(pack_entry(PACK.read_text(encoding="utf-8")),))
    log.grow(EPOCHS[2], {1: RED}, others=20)
    log.grow(EPOCHS[3], {2: GREEN}, others=300)
    return log


@lru_cache(maxsize=1)
def tall_log() -> PublicFiles:
    """Return a log whose blocks have subtrees of 65,536: the same people, one block of decisions."""
    log = PublicFiles(constants=replace(CONSTANTS, height=16))
    log.grow(EPOCHS[0], {})
    log.grow(EPOCHS[1], {1: GREEN, 2: RED}, others=3000)
    return log


def cosigned(log: PublicFiles, signers: Iterable[NoteSigner]) -> bytes:
    """Return the log's checkpoint with other cosignatures."""
    published = log.folder.published
    assert published is not None
    note = Note(text=published.note.text, signatures=published.note.signatures[:1])
    return format_note(note.with_signatures(sign_note(note.text, one, 1_655_000_000) for one in signers))


def held(log: PublicFiles) -> Held:
    """Return what a gate has of a log after syncing: here, straight from the block files."""
    roots = {}
    for epoch, start in log.folder.blocks():
        data = log.fetch(f"block/{epoch}")
        assert data is not None
        for at, root in enumerate(parse_block_file(data).roots):
            roots[(start >> log.constants.height) + at] = root
    newest = log.folder.blocks()[-1][0]
    return Held(
        constants=log.constants, roots=roots, superseded=frozenset(), newest=newest, opens_to=frozenset({GREEN})
    )
