"""From a log's public files and a person's keys to their newest decision, its view, and a pass: no authority is asked.

Nothing is believed that is fetched. A quorum stands for the checkpoint, the checkpoint for every block's roots, and those
for what lies in the block; the blocks are gone through without a gap, so that a mirror can leave none out.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from habeas.passes._keys import Ratchet, Salt, day_of, label_at, salt_at
from habeas.passes._look import Placed, look, read_block
from habeas.passes._pass import Pass, make_pass
from habeas.passes._view import GateView, PersonKeys, tag
from habeas.passes.errors import FalseBlockError, KeyRangeError, MirrorError, NoDecisionError, OpeningError
from habeas.tlog import (
    HASH_BYTES,
    TILE_HEIGHT,
    TILE_WIDTH,
    BlockFile,
    Checkpoint,
    Constants,
    Decision,
    Fetch,
    Note,
    Plain,
    Policy,
    Tile,
    TlogError,
    check_inclusion,
    hash_leaf,
    hash_of_list,
    parse_blocks,
    parse_bundle,
    parse_indexes,
    parse_note,
    prove_inclusion,
    read_constants,
    tile_nodes,
    tiles_of,
)
from habeas.wire import HOUR, WireError, parse_sign1

__all__ = [
    "CONSTANTS_INDEX",
    "Found",
    "PublicLog",
    "find_decision",
    "find_decisions",
    "find_view",
    "open_log",
    "pass_from",
    "pass_of",
]

CONSTANTS_INDEX = 1
"""The leaf of a log's constants: after the first block's header, the first of its plain entries (docs/adr/0009)."""
CODES = 8
"""Views are looked for among codes of so many severities; packs name three to five."""
LONGEST_DAYS = 92
"""And among hours of so many days from the epoch's begin; the longest ladder of a published plan has 42."""


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicLog:
    """A log as one checkpoint under quorum shows it, with its constants, proved to be its second entry."""

    checkpoint: Checkpoint
    constants: Constants
    constants_entry: Placed = field(repr=False)
    fetch: Fetch = field(repr=False, compare=False)

    @property
    def origin(self) -> str:
        """The log's name."""
        return self.constants.origin

    def blocks(self) -> Iterator[BlockFile]:
        """Yield the blocks within the horizon of the newest, that first; raises `MirrorError` for what is not the log's.

        Each ends where the one after it begins: a mirror cannot leave one out.
        """
        head = self.checkpoint.head
        end, newest = head.size, 0
        for epoch, start in reversed(self._listed()):
            newest = newest or epoch
            block = read_block(self.fetch, head, epoch)
            if (block.start, block.end) != (start, end):
                raise MirrorError(f"block/{epoch} does not end where the next one begins: ask another mirror")
            if self.constants.begins(newest - epoch) > self.constants.horizon:
                return  # by its header: what the list says of an epoch is a mirror's word
            yield block
            end = start

    def entry(self, index: int) -> Placed:
        """Return any entry with its path up to the checkpoint; raises `MirrorError`."""
        return _entry(self.fetch, self.checkpoint, index)

    def packs(self, block: BlockFile) -> tuple[bytes, ...]:
        """Return what each pack that a block was derived under says, as its signer wrote it; raises `MirrorError`."""
        name = f"packs/{block.header.epoch}"
        listed = _file(self.fetch, name)
        if hash_of_list(listed) != block.header.packs:
            raise MirrorError(f"{name} is not the list that the block's header names: ask another mirror")
        try:
            plains = [Plain.of_bytes(self.entry(index).entry) for index in parse_indexes(listed)]
            return tuple(parse_sign1(self._body(plain)).payload for plain in plains)
        except (TlogError, WireError) as error:
            raise MirrorError(f"{name}: {error}") from None

    def _body(self, plain: Plain) -> bytes:
        """Return a plain entry's body, from its own file where the entry is only its hash."""
        if plain.body[:1] != b"\0":
            return plain.body
        digest = plain.body[-HASH_BYTES:]
        body = _file(self.fetch, f"plain/{digest.hex()}")
        if hashlib.sha256(body).digest() != digest:
            raise MirrorError(f"plain/{digest.hex()} is not what the log holds: ask another mirror")
        return body

    def _listed(self) -> list[tuple[int, int]]:
        """Return epoch and first leaf of every block under the checkpoint; those that are laid after it wait for theirs."""
        try:
            listed = parse_blocks(_file(self.fetch, "blocks"))
        except TlogError as error:
            raise MirrorError(f"blocks: {error}") from None
        found = [one for one in listed if one[1] < self.checkpoint.head.size]
        if not found:
            raise MirrorError("blocks names none, and the checkpoint has entries: ask another mirror")
        return found


def open_log(fetch: Fetch, policy: Policy) -> PublicLog:
    """Return the log that `fetch` gives, under its newest checkpoint.

    Raises `MirrorError` for what is not the log's, and what `Policy.check` raises: `NoteError`, `QuorumError`. How old the
    checkpoint is, is for who asks to judge: a mirror may give one that was the newest a day ago.
    """
    checkpoint = policy.check(parse_note(_file(fetch, "checkpoint")))
    checkpoint = replace(checkpoint, note=_own_lines(checkpoint.note, policy))
    head = checkpoint.head
    placed = _entry(fetch, checkpoint, CONSTANTS_INDEX)
    try:
        constants = read_constants(placed.entry, None)
    except TlogError as error:
        raise MirrorError(f"the log's constants, as this mirror has them: {error}") from None
    if constants.origin != head.origin:
        raise MirrorError(f"the constants are of {constants.origin[:60]!r}, the checkpoint of {head.origin[:60]!r}")
    return PublicLog(checkpoint=checkpoint, constants=constants, constants_entry=placed, fetch=fetch)


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A decision in the log: where, in which block, and its path to the root of its subtree.

    `bundles` counts the entry bundles that were read on the way, in newer blocks and this one.
    """

    decision: Decision
    index: int
    block: BlockFile = field(repr=False)
    path: tuple[bytes, ...] = field(repr=False)
    bundles: int

    @property
    def leaf(self) -> bytes:
        """The decision's leaf hash: what the person's next decision names as the one before."""
        return hash_leaf(self.decision.to_bytes())


def find_decisions(log: PublicLog, keys: PersonKeys) -> Iterator[Found]:
    """Yield a person's decisions within the horizon, newest first, each proved; a watcher's keys find them, too.

    It ends where the keys begin: what came before can be found by nobody any more. Raises `PassError`.
    """
    labels, bundles = _DayKeys(keys.labels), 0
    for block in log.blocks():
        epoch = block.header.epoch
        try:
            label = label_at(labels.key(day_of(log.constants.begins(epoch))), log.origin, epoch)
        except KeyRangeError:
            return
        try:
            seen = look(log.fetch, block, label)
        except FalseBlockError:  # it takes nobody's pass away: `habeas me` raises the alarm
            continue
        bundles += seen.bundles
        if seen.found is not None:
            decision, index, path = Decision.of_bytes(seen.found.entry), seen.found.index, seen.found.path
            yield Found(decision=decision, index=index, block=block, path=path, bundles=bundles)


def find_decision(log: PublicLog, keys: PersonKeys, at: int | None = None) -> Found:
    """Return a person's newest decision, or the one that stood at an instant (seconds since 1970).

    Raises `NoDecisionError` if these keys have none within the horizon.
    """
    for found in find_decisions(log, keys):
        if at is None or log.constants.begins(found.decision.epoch) <= at:
            return found
    raise NoDecisionError(
        f"these keys have no decision in {log.origin} within its horizon: are they this log's keys, and the newest? "
        "If so, object that you have no code"
    )


def find_view(decision: Decision, keys: PersonKeys, constants: Constants, hint: str) -> GateView:
    """Return what a decision says to gates, found by trying every view that it could be; raises `OpeningError`.

    A view has few values: the default (all zeros), then codes by hours, those within the horizon from the epoch's begin first.
    That is 1 hash for the default, some 5,000 for a week of red, and 67,272 if none fits, some 50 ms. The hint is the one that
    the holder chose at the counter.
    """
    begins = constants.begins(decision.epoch)
    salt = _gate_salt(keys, constants, decision.epoch)
    start = hashlib.sha256(tag("gate", constants.origin) + decision.label + salt)  # one whole block of SHA-256
    # The hint is the same in each, so a view's bytes are built around it, and only one that fits is made a value.
    about = GateView(now=0, until=0, then=0, hint=hint).to_bytes()
    version, rest = about[:1], about[7:]
    for now, until, then in _views(begins // HOUR, constants.horizon // HOUR):
        tried = start.copy()
        tried.update(version + bytes((now,)) + until.to_bytes(4) + bytes((then,)) + rest)
        if tried.digest() == decision.gate:
            return GateView(now=now, until=until, then=then, hint=hint)
    raise OpeningError(
        "no view fits this decision: give the hint that was chosen at the counter, and if it was this one, show the "
        "decision to an auditor"
    )


def pass_of(log: PublicLog, found: Found, keys: PersonKeys, hint: str) -> Pass:
    """Return the pass that opens a found decision; raises `OpeningError`."""
    salt = _gate_salt(keys, log.constants, found.decision.epoch)
    view = find_view(found.decision, keys, log.constants, hint)
    return make_pass(found.decision, salt, view, origin=log.origin, index=found.index, path=found.path)


def pass_from(fetch: Fetch, policy: Policy, keys: PersonKeys, hint: str = "") -> Pass:
    """Return a person's newest pass from any mirror's files and their own keys, in one call.

    `fetch` gives a static file of the log by its path, None if it is not there. Raises what `open_log` raises,
    `NoDecisionError`, `OpeningError`.
    """
    log = open_log(fetch, policy)
    return pass_of(log, find_decision(log, keys), keys, hint)


def _views(first: int, hours: int) -> Iterator[tuple[int, int, int]]:
    """Yield code now, hour and code then of every view, the default first, then by how likely they are."""
    yield 0, 0, 0
    falls = [(now, then) for now in range(1, CODES) for then in range(now)]
    same = [(now, now) for now in range(CODES)]
    near = range(first, first + hours + 1)
    for pairs, hours_of in ((falls, near), (same, near), (falls, range(near.stop, first + LONGEST_DAYS * 24 + 1))):
        for until in hours_of:
            for now, then in pairs:
                yield now, until, then
    yield from ((now, 0, then) for now, then in (*falls, *same[1:]))


def _gate_salt(keys: PersonKeys, constants: Constants, epoch: int) -> bytes:
    if keys.openings is None:
        raise OpeningError("a watcher's keys find decisions and make no passes")
    return salt_at(keys.openings.key(day_of(constants.begins(epoch))), Salt.GATE, constants.origin, epoch)


class _DayKeys:
    """A ratchet's day keys, each worked out once: neighbouring blocks are of one day."""

    def __init__(self, ratchet: Ratchet) -> None:
        self._ratchet = ratchet
        self._known: dict[int, bytes] = {}

    def key(self, day: int) -> bytes:
        if day not in self._known:
            self._known[day] = self._ratchet.key(day)
        return self._known[day]


def _entry(fetch: Fetch, checkpoint: Checkpoint, index: int) -> Placed:
    head, tiles = checkpoint.head, tiles_of(fetch)
    bundle = Tile(level=None, index=index >> TILE_HEIGHT)  # blocks are of whole bundles: none is partial
    try:
        entry = parse_bundle(bundle, tiles(bundle))[index % TILE_WIDTH]
        path = prove_inclusion(tile_nodes(tiles, head.size), index, head.size)
        check_inclusion(hash_leaf(entry), index, head.size, path, head.root)
    except TlogError as error:
        raise MirrorError(f"entry {index}, as this mirror has it, is not the log's: {error}") from None
    return Placed(index=index, entry=entry, path=path)


def _own_lines(note: Note, policy: Policy) -> Note:
    """Return a checked note with the policy's lines alone, of several of one key the latest: a mirror may add others."""
    known = {(key.name, key.id) for keys in (policy.logs, policy.witnesses) for key in keys.values()}
    rising = sorted(note.signatures, key=lambda one: one.signature[:8])  # a cosignature begins with its time
    latest = {(one.name, one.key_id): one for one in rising}
    kept = (one for one in note.signatures if (one.name, one.key_id) in known)
    return Note(text=note.text, signatures=tuple(dict.fromkeys(latest[one.name, one.key_id] for one in kept)))


def _file(fetch: Fetch, path: str) -> bytes:
    data = fetch(path)
    if data is None:
        raise MirrorError(f"{path} is not there: ask another mirror")
    return data
