"""A person's own view of the log: every block within the reach of their keys, and an alarm on anything unexpected.

It asks nobody but a mirror, and each block for one label only, whether or not anything is to be expected there: who looks
is then shown neither by when nor by for what. What was seen is remembered (`Memory`), so that a mirror or the log itself
cannot go back on it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from habeas.passes._abuse import is_rekeyed
from habeas.passes._alarms import Alarm, AlarmCode
from habeas.passes._commitments import ground_commitment
from habeas.passes._compare import ForkProof, compare_checkpoints
from habeas.passes._find import PublicLog, find_view
from habeas.passes._follow import Blocks, superseded_by
from habeas.passes._keys import Ratchet, day_of, label_at
from habeas.passes._look import look, subtree_reader
from habeas.passes._view import GateView, Opening, PersonKeys, Previous, open_decision
from habeas.passes.errors import FalseBlockError, KeyRangeError, OpeningError
from habeas.tlog import HASH_BYTES, NO_CHAIN, BlockFile, Checkpoint, Decision, hash_leaf
from habeas.wire import DAY, Cbor

__all__ = ["RENEWAL", "Line", "Memory", "OwnDecision", "OwnView", "daily_minute", "own_view"]

RENEWAL = 14 * DAY
"""How old a decision may be before it must be logged anew."""
_SILENT = DAY


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """That a block supersedes one of the person's decisions; `rekeyed`: it says that their keys were replaced, too."""

    index: int
    epoch: int
    rekeyed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Memory:
    """What a person keeps between two looks: the checkpoint, the chain of lists up to it, and what was theirs below it."""

    checkpoint: Checkpoint | None = None
    chain: bytes = NO_CHAIN
    decisions: tuple[tuple[int, Decision], ...] = ()
    lines: tuple[Line, ...] = ()
    false_blocks: tuple[int, ...] = ()

    @property
    def size(self) -> int:
        """How many entries were looked at, or need not be."""
        return self.checkpoint.head.size if self.checkpoint else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnDecision:
    """A decision of the person: `view` is None for a watcher and for what does not open.

    `grounds` are there once they were given and proved to be what the decision commits to, with the one before it.
    """

    index: int
    decision: Decision
    begins: int
    view: GateView | None = None
    grounds: Cbor | None = None
    superseded_in: int | None = None

    @property
    def leaf(self) -> bytes:
        """The decision's leaf hash."""
        return hash_leaf(self.decision.to_bytes())

    @property
    def previous(self) -> Previous:
        """What the person's next decision must name as the one before."""
        return Previous(index=self.index, leaf=self.leaf)


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnView:
    """What the log holds of a person, oldest first, and what is wrong with it. Whoever has shown it keeps `memory`.

    `newest` is the newest block's epoch; `blocks` and `bundles` are how many were looked at and read this time. A log that
    forks, or a mirror that is behind, was not looked into: what is said then is what was known.
    """

    decisions: tuple[OwnDecision, ...]
    alarms: tuple[Alarm, ...]
    memory: Memory = field(repr=False)
    newest: int | None = None
    blocks: int = 0
    bundles: int = 0
    fork: ForkProof | None = field(default=None, repr=False)


def own_view(
    log: PublicLog,
    keys: PersonKeys,
    *,
    now: int,
    hint: str = "",
    told: Mapping[bytes, Opening] = MappingProxyType({}),
    memory: Memory | None = None,
) -> OwnView:
    """Look for a person's decisions in every block since `memory`, or within the reach of their keys.

    `told` is what the person was told that decisions open to, by leaf. Raises `MirrorError` for what is not the log's: ask
    another mirror, nothing is remembered of this one.
    """
    begun = memory or Memory()
    back = log.checkpoint.head.size < begun.size
    fork = compare_checkpoints(begun.checkpoint, log.checkpoint, log.fetch) if begun.checkpoint and not back else None
    if back or fork is not None:
        known, code = tuple(_opened(log, keys, hint, begun)), AlarmCode.GOES_BACK if back else AlarmCode.FORK
        return OwnView(decisions=known, alarms=(Alarm(code=code),), memory=begun, fork=fork)
    blocks = Blocks.of(log)
    seen, count, bundles = _looked(log, keys, blocks, begun)
    newest = blocks.newest().header.epoch
    mine = list(_opened(log, keys, hint, seen))
    alarms = [Alarm(code=AlarmCode.FALSE_BLOCK, epoch=epoch) for epoch in seen.false_blocks]
    alarms += _of_time(log, keys, mine, newest, now)
    if keys.openings is not None:
        mine, chained = _chained(log, keys, mine, told)
        alarms += [*chained, *_unlogged(log, keys, seen, told, newest), *_uncounted(log, keys, blocks, mine)]
    alarms += _of_lines(seen)
    return OwnView(
        decisions=tuple(mine), alarms=tuple(alarms), memory=seen, newest=newest, blocks=count, bundles=bundles
    )


def _looked(log: PublicLog, keys: PersonKeys, blocks: Blocks, memory: Memory) -> tuple[Memory, int, int]:
    """Look into every block that is new, and return what is known then, with the numbers of blocks and bundles."""
    decisions, lines, false_blocks = list(memory.decisions), list(memory.lines), list(memory.false_blocks)
    chain, count, bundles = memory.chain, 0, 0
    labels = _labels(keys.labels, log)
    for block in blocks.after(memory.size, keys.labels.day):
        epoch, label = block.header.epoch, labels(block.header.epoch)
        if not count and block.start != memory.size:
            chain = blocks.chain_before(block)
        gone = set(superseded_by(log, block, chain))
        chain, count = block.header.chain, count + 1
        for index, _ in decisions:
            if index in gone:
                lines.append(Line(index=index, epoch=epoch, rekeyed=is_rekeyed(log, block, label)))
        try:
            found = look(log.fetch, block, label)
        except FalseBlockError:
            false_blocks.append(epoch)
            continue
        bundles += found.bundles
        if found.found is not None:
            decisions.append((found.found.index, Decision.of_bytes(found.found.entry)))
    if not count:
        chain = blocks.newest().header.chain  # of blocks that these keys do not reach
    seen = Memory(
        checkpoint=log.checkpoint,
        chain=chain,
        decisions=tuple(decisions),
        lines=tuple(lines),
        false_blocks=tuple(false_blocks),
    )
    return seen, count, bundles


def daily_minute(keys: PersonKeys) -> int:
    """Return the minute of the UTC day, 0 to 1439, at which these keys' holder looks: the same each day, and nobody's choice.

    A look at a fixed time says nothing; one that follows a letter or a test says whose it is.
    """
    digest = hashlib.sha256(b"habeas/minute" + keys.labels.key(keys.labels.day)).digest()
    return int.from_bytes(digest[:8]) % (24 * 60)


def _labels(ratchet: Ratchet, log: PublicLog) -> Callable[[int], bytes]:
    """Return what gives the label of an epoch; neighbouring epochs are of one day, whose key is worked out once."""
    known: dict[int, bytes] = {}

    def label(epoch: int) -> bytes:
        day = day_of(log.constants.begins(epoch))
        if day not in known:
            known[day] = ratchet.key(day)
        return label_at(known[day], log.origin, epoch)

    return label


def _opened(log: PublicLog, keys: PersonKeys, hint: str, seen: Memory) -> Iterator[OwnDecision]:
    """Yield what is known of each decision, with its view where these keys open it."""
    lines = {line.index: line.epoch for line in seen.lines}
    for index, decision in seen.decisions:
        view = None
        with suppress(OpeningError, KeyRangeError):  # a watcher's keys, another hint, a day that they have left behind
            view = find_view(decision, keys, log.constants, hint)
        yield OwnDecision(
            index=index,
            decision=decision,
            begins=log.constants.begins(decision.epoch),
            view=view,
            superseded_in=lines.get(index),
        )


def _of_time(log: PublicLog, keys: PersonKeys, mine: Sequence[OwnDecision], newest: int, now: int) -> Iterator[Alarm]:
    """Yield what the clock alone tells: a log that is silent, a clock that is behind, a renewal that did not come."""
    constants = log.constants
    begins, epoch = constants.begins(newest), constants.epoch_seconds
    if now < begins - epoch:
        yield Alarm(code=AlarmCode.CLOCK, epoch=newest)
    if now > begins + _SILENT:
        yield Alarm(code=AlarmCode.SILENCE, epoch=newest)
    last = mine[-1] if mine else None
    since = last.begins if last else (keys.labels.day + 1) * DAY
    if begins >= since + RENEWAL + epoch:
        yield Alarm(
            code=AlarmCode.NOT_RENEWED,
            epoch=last.decision.epoch if last else None,
            index=last.index if last else None,
        )


def _of_lines(seen: Memory) -> Iterator[Alarm]:
    """Yield the lines that no decision of the same block is owed to: abuse, or new keys that were not asked for."""
    owed = {decision.epoch for _, decision in seen.decisions}
    for line in seen.lines:
        if line.rekeyed:
            yield Alarm(code=AlarmCode.REKEYED, epoch=line.epoch, index=line.index)
        elif line.epoch not in owed:
            yield Alarm(code=AlarmCode.SUPERSEDED, epoch=line.epoch, index=line.index)


def _chained(
    log: PublicLog, keys: PersonKeys, mine: Sequence[OwnDecision], told: Mapping[bytes, Opening]
) -> tuple[list[OwnDecision], list[Alarm]]:
    """Return the decisions with their grounds, where those were told and are true, and alarms for what is not as it was told.

    Grounds and previous are committed to together, so without the grounds the chain cannot be followed.
    """
    out: list[OwnDecision] = []
    alarms = []
    for one in mine:
        said, last = told.get(one.leaf), out[-1].previous if out else None
        opened, code = one, None
        if said is not None and one.begins >= keys.labels.day * DAY:
            candidates = [last, *(before.previous for before in reversed(out)), said.previous, Previous()]
            found = next((at for at in candidates if at is not None and _opens(log, keys, one, said, at)), None)
            opened = one if found is None else replace(one, view=said.view, grounds=said.grounds)
            code = AlarmCode.OTHER_GROUNDS if found is None else None
            if found is not None and one.view is None:  # what these keys and this hint make no pass of
                code = AlarmCode.DOES_NOT_OPEN
            if found is not None and last is not None and found != last:
                code = AlarmCode.BROKEN_CHAIN
        elif one.view is None and one.begins >= keys.labels.day * DAY:
            code = AlarmCode.DOES_NOT_OPEN
        if code is not None:
            alarms.append(Alarm(code=code, epoch=one.decision.epoch, index=one.index))
        out.append(opened)
    return out, alarms


def _unlogged(
    log: PublicLog, keys: PersonKeys, seen: Memory, told: Mapping[bytes, Opening], newest: int
) -> Iterator[Alarm]:
    """Yield an alarm for each decision that the person was told of, and that the log should have and has not.

    What came with new keys stands under labels of theirs, and is looked for with those.
    """
    constants = log.constants
    end = min((line.epoch - 1 for line in seen.lines if line.rekeyed), default=newest)
    for leaf in sorted(told.keys() - {hash_leaf(decision.to_bytes()) for _, decision in seen.decisions}):
        match told[leaf].grounds:
            case {"at": int(at)}:
                if keys.labels.day * DAY <= at <= constants.begins(end):
                    yield Alarm(code=AlarmCode.UNLOGGED, epoch=at // constants.epoch_seconds)
            case _:  # no opening of our ledger's is without
                yield Alarm(code=AlarmCode.UNLOGGED)


def _opens(log: PublicLog, keys: PersonKeys, one: OwnDecision, said: Opening, previous: Previous) -> bool:
    try:
        open_decision(one.decision, keys, log.origin, one.begins, replace(said, previous=previous))
    except (OpeningError, KeyRangeError):
        return False
    return True


def _uncounted(log: PublicLog, keys: PersonKeys, blocks: Blocks, mine: Iterable[OwnDecision]) -> Iterator[Alarm]:
    """Yield an alarm for each adverse ground that no block of its day, or of the next, has counted in public."""
    known: set[tuple[bytes, str, bytes]] = set()
    newest = log.constants.begins(blocks.newest().header.epoch)
    for one in mine:
        adverse = dict(_adverse(one.grounds))
        if one.grounds is not None and one.view is not None and one.view.now and not adverse:
            yield Alarm(code=AlarmCode.GROUNDLESS, epoch=one.decision.epoch, index=one.index)
        for ground in sorted(adverse.keys() - known):
            day = day_of(one.begins)
            lasts = [(day + more) * DAY // log.constants.epoch_seconds - 1 for more in (1, 2)]
            if newest >= log.constants.begins(lasts[1]) and not any(
                _is_counted(log, keys, blocks.find(epoch), ground, adverse[ground]) for epoch in lasts
            ):
                yield Alarm(code=AlarmCode.UNCOUNTED, epoch=one.decision.epoch, index=one.index)
        known = set(adverse) if one.grounds is not None else known


def _adverse(grounds: Cbor) -> Iterator[tuple[tuple[bytes, str, bytes], int]]:
    """Yield pack, rule and statement of each adverse ground of an opening, and its severity; other shapes hold none."""
    rows = grounds.get("grounds") if isinstance(grounds, dict) else None
    for row in rows if isinstance(rows, list) else ():
        match row:
            case {"pack": bytes(pack), "rule": str(rule), "statement": bytes(statement), "severity": int(severity)}:
                if severity > 0 and len(pack) == len(statement) == HASH_BYTES:
                    yield (pack, rule, statement), severity


def _is_counted(
    log: PublicLog, keys: PersonKeys, block: BlockFile | None, ground: tuple[bytes, str, bytes], severity: int
) -> bool:
    """Whether a ground's entry is in a block; the whole section is read, for nothing tells where it would stand."""
    if block is None:
        return False
    pack, rule, statement = ground
    epoch, count = block.header.epoch, block.header.counts.grounds
    wanted = ground_commitment(
        keys, log.origin, epoch, log.constants.begins(epoch), pack=pack, rule=rule, statement=statement
    )
    read, first = subtree_reader(log.fetch, block), block.decisions.stop
    # By its bytes, for a false block may hold anything; and counted as milder than it is, it is not counted.
    end = bytes([severity & 0xFF]) + wanted
    return any(read(index).entry[-len(end) :] == end for index in range(first, first + count))
