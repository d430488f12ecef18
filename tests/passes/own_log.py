"""A log for what a person sees of it: blocks may hold anything, for here the checkers are bribed."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from habeas.passes import GateView, Opening, Previous, PublicLog, decide, open_log
from habeas.stores import LogFolder
from habeas.tlog import (
    Block,
    Constants,
    Fetch,
    Head,
    Sections,
    build_block,
    constants_entry,
    hash_leaf,
    sign_checkpoint,
    sign_note,
)
from habeas.wire import HOUR, Cbor
from passes.public_log import GREEN, LOG, POLICY, WITNESSES, _stranger, grounds_of, hint_of, keys_of
from stores.disks import MemoryDisk
from tlog.blocks import CONSTANTS, KEY


@dataclass
class OwnLog:
    """A log with made-up people in it (`who`), each of whose decisions names the one before."""

    constants: Constants = CONSTANTS
    disk: MemoryDisk = field(default_factory=MemoryDisk)
    last: dict[int, Previous] = field(default_factory=dict)
    told: dict[int, dict[bytes, Opening]] = field(default_factory=dict)
    blocks: list[Block] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.folder = LogFolder(self.disk, LOG.key)

    @property
    def fetch(self) -> Fetch:
        return self.folder.fetch

    def open(self, fetch: Fetch | None = None) -> PublicLog:
        return open_log(fetch or self.fetch, POLICY)

    def opening(self, epoch: int, who: int, now: int, grounds: Cbor = None) -> Opening:
        hour = self.constants.begins(epoch) // HOUR + 48 if now else 0
        said = grounds_of(who, now) if grounds is None else grounds
        if isinstance(said, dict):
            said = {**said, "at": self.constants.begins(epoch)}
        view = GateView(now=now, until=hour, then=GREEN, hint=hint_of(who))
        return Opening(view=view, grounds=said, previous=self.last.get(who, Previous()))

    def decided(self, epoch: int, codes: dict[int, int], others: int = 0) -> dict[int, bytes]:
        """Return the decisions of an epoch by person, strangers' under numbers below 0; the people are told theirs."""
        out = {-number: _stranger(epoch, number) for number in range(1, others + 1)}
        for who, now in codes.items():
            opening = self.opening(epoch, who, now)
            entry = decide(keys_of(who), self.constants.origin, epoch, self.constants.begins(epoch), opening).to_bytes()
            self.told.setdefault(who, {})[hash_leaf(entry)] = opening
            out[who] = entry
        return out

    def grow(self, epoch: int, codes: dict[int, int], others: int = 0, **more: object) -> Block:
        """Append an honest block: each decision supersedes its person's last."""
        decided = self.decided(epoch, codes, others)
        gone = [self.last[who].index for who in codes if who in self.last]
        sections = Sections(
            plain=[] if self.blocks else [constants_entry(self.constants, KEY)],
            decisions=list(decided.values()),
            **more,  # type: ignore[arg-type]
        )
        block = self.build(epoch, sections, gone)
        self.append(block)
        self.follow(block, decided)
        return block

    def follow(self, block: Block, decided: dict[int, bytes]) -> None:
        """Let the people's next decisions name these."""
        for who, entry in decided.items():
            if who >= 0:
                index = block.start + block.entries.index(entry)
                self.last[who] = Previous(index=index, leaf=hash_leaf(entry))

    def build(
        self, epoch: int, sections: Sections, superseded: list[int] | None = None, packs: tuple[int, ...] = ()
    ) -> Block:
        after = self.blocks[-1] if self.blocks else None
        return build_block(
            sections, epoch=epoch, height=self.constants.height, after=after, superseded=superseded or [], packs=packs
        )

    def append(self, block: Block) -> None:
        """Append any block, and let everybody sign it."""
        staged = self.folder.stage(block, witnessed=None)
        note = sign_checkpoint(
            Head(origin=self.constants.origin, size=staged.growth.size, root=staged.growth.root), LOG
        )
        self.folder.commit(staged, note)
        self.folder.lay(staged)
        at = self.constants.begins(block.header.epoch) + 60
        self.folder.publish(note.with_signatures(sign_note(note.text, one, at) for one in WITNESSES))
        self.blocks.append(block)

    def copy(self) -> OwnLog:
        """Return the log as it stands, to go on from in another way."""
        disk = MemoryDisk()
        disk.files.update(self.disk.files)
        told = {who: dict(said) for who, said in self.told.items()}
        return replace(self, disk=disk, last=dict(self.last), told=told, blocks=list(self.blocks))

    def now(self) -> int:
        """Return a minute after the newest block began."""
        return self.constants.begins(self.blocks[-1].header.epoch) + 60
