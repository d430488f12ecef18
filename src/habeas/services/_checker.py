"""A checker: a witness that has read every block before it cosigns, keeps a copy of all, and refuses in public.

Its folder has, beside a witness's files:

    log/                     its copy of the log's public files; `log/checkpoint` is the last that it saw under quorum
    private/constants        the log's constants, as their entry
    private/judged/<epoch>   by which clock a block was judged: with it the same judgement can be carried out again
    refusals/<id>/           what it refused to cosign: `refusal.json`, the log's `note`, and the block

What it knows of a log follows from the blocks and the clocks alone, so it is not stored: on starting it judges its copy again,
up to what it has cosigned. Blocks are laid before the checkpoint over them is cosigned, so a crash in between leaves a block
too many, which is judged anew when the log asks again.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass

from habeas.services._copy import Copy
from habeas.services._fork import Fork
from habeas.services._fork_search import contradiction
from habeas.services._milder import milder_packs
from habeas.services._source import Source
from habeas.services._survey import Taken, grown, needed, survey, take
from habeas.services._witness import Seen, Witness
from habeas.services.errors import RefusedBlockError, SourceError
from habeas.stores import DamagedStoreError, Disk, StoreError
from habeas.tlog import (
    TILE_HEIGHT,
    TILE_WIDTH,
    Block,
    BlockError,
    BlockFile,
    Checkpoint,
    EntryError,
    Judged,
    NoteSigner,
    Policy,
    Tile,
    TlogError,
    format_block_file,
    format_bundle,
    format_indexes,
    format_note,
    format_tile_path,
    judge,
    parse_bundle,
    parse_note,
    read_constants,
)
from habeas.wire import VerifyingKey

__all__ = ["Checker", "only_log"]

_CONSTANTS = "private/constants"
_JUDGED = "private/judged"
_REFUSALS = "refusals"
_MAX_REFUSALS = 1000


def only_log(policy: Policy) -> str:
    """Return the origin of the one log of a policy; raises `SourceError` for one of several."""
    if len(policy.logs) != 1:
        raise SourceError(f"the policy names {len(policy.logs)} logs: give a service a policy of one")
    return next(iter(policy.logs))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Clock:
    """By which clock a block was judged, and what was known of it beside it."""

    now: int
    settled: bool
    milder: frozenset[int]

    def to_bytes(self) -> bytes:
        """Return it as its file."""
        return json.dumps({"now": self.now, "settled": self.settled, "milder": sorted(self.milder)}).encode()

    @classmethod
    def of_bytes(cls, data: bytes) -> _Clock:
        """Return the clock in a file that we wrote."""
        value = json.loads(data)
        return cls(now=value["now"], settled=value["settled"], milder=frozenset(value["milder"]))


class Checker(Witness):
    """A witness of one log that judges its blocks. The log's files come from `source`; `founder` signed its constants."""

    def __init__(
        self,
        disk: Disk,
        signer: NoteSigner,
        policy: Policy,
        source: Source,
        founder: VerifyingKey,
        clock: Callable[[], int],
    ) -> None:
        self._origin = only_log(policy)
        self._policy = policy
        self._source = source
        self._founder = founder
        super().__init__(disk, signer, policy.logs, clock)
        self._copy = Copy(disk, policy.logs[self._origin])
        self._states: dict[int, Judged] = {}
        """What is known after so many entries: after what was cosigned, and perhaps after what could not be cosigned yet."""
        self._replay()

    @property
    def copy(self) -> Copy:
        """Its copy of the log, which it serves as any mirror does."""
        return self._copy

    def refusals(self) -> list[dict[str, object]]:
        """Return what it refused to cosign, the oldest first."""
        names = [name for name in self._disk.names(_REFUSALS) if name.endswith("/refusal.json")]
        found = [json.loads(data) for name in names if (data := self._disk.read(name)) is not None]
        return sorted(found, key=lambda one: (one["at"], one["id"]))

    def refused(self, refusal_id: str, name: str) -> bytes | None:
        """Return a file of a refusal: `note`, `entries`, `superseded` or `packs`."""
        wanted = f"{_REFUSALS}/{refusal_id}/{name}"
        return self._disk.read(wanted) if wanted in self._disk.names(_REFUSALS) else None

    def publish(self) -> Checkpoint | None:
        """Serve the log's newest checkpoint under quorum, if it is one of those that were judged; None if there is none yet.

        Raises `SourceError`; `ForkedLogError` is not raised, for a fork is kept, and shows at `/forks`.
        """
        shown = self._published()
        with self._turn():
            seen = self.seen(self._origin)
            if shown is None or seen is None or shown.head.size > seen.head.size:
                return None
            if self._copy.root(shown.head.size) != shown.head.root:
                if (fork := self._contradicts(shown, seen)) is not None:
                    self._keep(fork)
                return None
            had = self._copy.checkpoint()
            if had is None or had.head.size <= shown.head.size:
                self._copy.publish(shown.note)
            return shown

    def _examine(self, checkpoint: Checkpoint, seen: Seen | None) -> None:
        """Judge every block up to a checkpoint that continues what was seen; raises `RefusedBlockError`, `SourceError`."""
        size = seen.head.size if seen else 0
        base = max((end for end in self._states if end <= size), default=0)
        state = self._states.get(base) or self._first_state()
        files = survey(self._source, state.tree, checkpoint.head)
        settled = self._settled(state, files)
        states = {base: state}
        for file in files:
            taken = take(self._source, file)
            clock = self._first_clock(file) or _Clock(
                now=self._clock(), settled=file.end <= settled, milder=self._milder(state, taken)
            )
            try:
                state = _judged(state, taken.block, clock)
            except BlockError as error:
                self._refuse(checkpoint, taken.block, error)
                raise RefusedBlockError(error.code, str(error)) from None
            self._copy.add(taken, {f"{_JUDGED}/{file.header.epoch}": clock.to_bytes()})
        self._states = states | {checkpoint.head.size: state}

    def _contradicts(self, checkpoint: Checkpoint, seen: Seen) -> Fork | None:
        fork = super()._contradicts(checkpoint, seen)
        if fork is None and checkpoint.head.size < seen.head.size:
            with contextlib.suppress(DamagedStoreError, TlogError):
                return contradiction(self._copy.fetch, checkpoint, seen.checkpoint)
        return fork

    def _first_clock(self, file: BlockFile) -> _Clock | None:
        """Return by which clock just this block was judged before, if its cosignature never left: notices run from then."""
        data = self._disk.read(f"{_JUDGED}/{file.header.epoch}")
        same = self._copy.fetch(f"block/{file.header.epoch}") == format_block_file(file)
        return _Clock.of_bytes(data) if data is not None and same else None

    def _first_state(self) -> Judged:
        """Return what is known before the first block: the constants, which their founder signed."""
        entry = self._disk.read(_CONSTANTS)
        try:
            if entry is None:
                tile = Tile(level=None, index=0)
                entry = parse_bundle(tile, needed(self._source, format_tile_path(tile)))[1]
                constants = read_constants(entry, self._founder)
                self._disk.write({_CONSTANTS: entry})
            else:
                constants = read_constants(entry, self._founder)
        except (EntryError, TlogError) as error:
            raise SourceError(f"the log's constants: {error}") from None
        if constants.origin != self._origin:
            raise SourceError(f"the constants are those of {constants.origin!r}, not of {self._origin!r}")
        return Judged(constants=constants, entry=entry)

    def _replay(self) -> None:
        """Judge the copy again, up to what was cosigned; raises `DamagedStoreError` if it is not what was cosigned."""
        seen = self.seen(self._origin)
        if seen is None or not seen.head.size or self._disk.read(_CONSTANTS) is None:
            return
        state = self._first_state()
        for file in self._copy.blocks(seen.head.size):
            data = self._disk.read(f"{_JUDGED}/{file.header.epoch}")
            if data is None or file.end > seen.head.size:
                break
            try:
                state = _judged(state, self._copy.read_block(file), _Clock.of_bytes(data))
            except BlockError as error:
                raise DamagedStoreError(f"the copy of block {file.header.epoch}: {error}") from None
        if state.tree.end == seen.head.size and state.tree.root() != seen.head.root:
            raise DamagedStoreError("the copy of the log is not what was cosigned: stop, and keep the folder")
        self._states = {state.tree.end: state}

    def _published(self) -> Checkpoint | None:
        """Return the checkpoint that the log serves, if a quorum has cosigned it."""
        try:
            data = self._source("checkpoint")
            return self._policy.check(parse_note(data)) if data is not None else None
        except TlogError:
            return None

    def _settled(self, state: Judged, files: tuple[BlockFile, ...]) -> int:
        """Return up to which entry a checkpoint under the full quorum covers the blocks: others have judged them in time."""
        shown = self._published()
        tree = state.tree
        for file in files:
            tree = grown(tree, file)
            if shown is not None and (tree.end, tree.root()) == (shown.head.size, shown.head.root):
                return tree.end
        return 0

    def _milder(self, state: Judged, taken: Taken) -> frozenset[int]:
        before = format_indexes(())
        if state.header is not None:
            before = self._copy.fetch(f"packs/{state.header.epoch}") or before
        if before == taken.block.packs:
            return frozenset()
        return milder_packs(before, taken.block.packs, lambda index: self._entry(taken, index), self._body(taken))

    def _entry(self, taken: Taken, index: int) -> bytes:
        if taken.block.start <= index < taken.block.end:
            return taken.block.entries[index - taken.block.start]
        tile = Tile(level=None, index=index >> TILE_HEIGHT)
        data = self._copy.fetch(format_tile_path(tile)) if index < taken.block.start else None
        return parse_bundle(tile, data)[index % TILE_WIDTH] if data is not None else b""

    def _body(self, taken: Taken) -> Callable[[str], bytes | None]:
        return lambda path: taken.plain.get(path) or self._copy.fetch(path)

    def _refuse(self, checkpoint: Checkpoint, block: Block, error: BlockError) -> None:
        """Keep what is refused and why, once; where there is no room, the refusal stands all the same."""
        note = format_note(checkpoint.note)
        refusal_id = hashlib.sha256(f"{error.code}\n{checkpoint.head.text}".encode()).hexdigest()[:32]
        folder = f"{_REFUSALS}/{refusal_id}"
        kept = sum(name.endswith("/refusal.json") for name in self._disk.names(_REFUSALS))
        if kept >= _MAX_REFUSALS or self._disk.read(f"{folder}/refusal.json") is not None:
            return
        said = {
            "id": refusal_id,
            "origin": self._origin,
            "code": error.code,
            "message": str(error),
            "at": self._clock(),
            "start": block.start,
            "size": checkpoint.head.size,
            "files": ["note", "entries", "superseded", "packs"],
        }
        with contextlib.suppress(StoreError):
            self._disk.write(
                {
                    f"{folder}/note": note,
                    f"{folder}/entries": format_bundle(block.entries),
                    f"{folder}/superseded": block.superseded,
                    f"{folder}/packs": block.packs,
                }
            )
            self._disk.write({f"{folder}/refusal.json": json.dumps(said, ensure_ascii=False).encode()})


def _judged(state: Judged, block: Block, clock: _Clock) -> Judged:
    return judge(state, block, clock.now, settled=clock.settled, milder=clock.milder)
