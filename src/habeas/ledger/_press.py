"""The press: it makes the block of an epoch from what the ledger took in, and brings it under the log's quorum.

1. Keys of people who have none yet are made: durable. Power fails: they are used the next time.
2. The block is built, and staged with its openings: durable, unsigned. Power fails: dropped, and built again from the events.
3. The log signs it: durable. From here on there is no other block of this epoch. Power fails: just these bytes go on.
4. Tiles, lists and the block's file are laid, so that checkers can read what they are asked to cosign.
5. Witnesses and checkers are asked. Too few answer: `UnpublishedError`; nothing has effect, and asking again is safe.
6. The checkpoint is published. From here on the block has effect.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence

from habeas.ledger._entries import Rekey, read_event
from habeas.ledger._log_end import Notary
from habeas.ledger._openings import (
    GroundKey,
    OpeningRow,
    format_openings,
    opening_of,
    same_answer,
)
from habeas.ledger._sections import admission_entries, plain_entries, pool_of
from habeas.ledger._standing import Standing
from habeas.ledger._state import State
from habeas.ledger.errors import LedgerError, UnpublishedError
from habeas.passes import (
    RENEWAL,
    SEED_BYTES,
    PersonKeys,
    Previous,
    Ratchet,
    day_of,
    decide,
    ground_commitment,
    label_at,
)
from habeas.stores import DamagedStoreError, Event, Keyring, KeyRow, LogFolder, Staged
from habeas.tlog import (
    CHECKERS,
    Block,
    Checkpoint,
    Constants,
    EntryKind,
    Ground,
    Head,
    Note,
    NoteSigner,
    Plain,
    QuorumError,
    Sections,
    build_block,
    check_note,
    constants_entry,
    hash_leaf,
    parse_policy,
    prove_consistency,
    sign_checkpoint,
    tile_nodes,
    tiles_of,
)
from habeas.wire import DAY, Instant, SigningKey, encode_cbor, sign1

__all__ = ["Press"]


class Press:
    """A `LogEnd` over a log's folder. One object, one thread; the folder's disk keeps a second process out."""

    def __init__(
        self,
        folder: LogFolder,
        keyring: Keyring,
        *,
        constants: Constants,
        signer: NoteSigner,
        authority: SigningKey,
        policy: bytes,
        notary: Notary,
        received: Callable[[bytes], Instant | None] = lambda _: None,
    ) -> None:
        """Read back what the log says, and whose its decisions are.

        `authority` signs the plain entries; `policy` is the text of the quorum's policy, logged in the first block.
        """
        self._folder, self._keyring, self._notary = folder, keyring, notary
        self._constants, self._signer, self._authority = constants, signer, authority
        self._policy = Plain(kind=EntryKind.POLICY, body=sign1(encode_cbor({"policy": policy.decode()}), authority))
        self._received = received
        self._quorum = parse_policy(policy)
        self._log = Standing(folder, constants)
        self._check_keys()
        self._erase()

    @property
    def constants(self) -> Constants:
        """What all blocks of the log have in common."""
        return self._constants

    @property
    def last_epoch(self) -> int | None:
        """The epoch of the last block that is published."""
        return self._log.last.header.epoch if self._log.last else None

    def instant(self, now: Instant, last: Instant | None) -> Instant:
        """See `LogEnd.instant`: epochs begin on whole multiples of their length."""
        length = self._constants.epoch_seconds
        epoch = -(-int(now) // length)
        return Instant(max(epoch, 0 if last is None else int(last) // length + 1) * length)

    def newest(self, subject: bytes) -> tuple[int, OpeningRow] | None:
        """Return index and opening of a person's newest decision in the log."""
        found = self._log.newest.get(subject)
        return (found.index, found.row) if found else None

    def has(self, at: Instant) -> bool:
        """See `LogEnd.has`."""
        last = self._log.last
        return last is not None and self._constants.begins(last.header.epoch) >= int(at)

    def newest_at(self) -> Instant | None:
        """See `LogEnd.newest_at`."""
        last = self._log.last
        return Instant(self._constants.begins(last.header.epoch)) if last is not None else None

    def late(self) -> Instant | None:
        """See `LogEnd.late`: the checkers' cosignatures say when."""
        published, last = self._folder.published, self._log.last
        if published is None or last is None:
            return None
        checkers = {key for name, key in self._quorum.witnesses.items() if name in self._quorum.under(CHECKERS)}
        seen = max(
            (one.at for one in check_note(published.note, (self._signer.key, *checkers)) if one.key in checkers),
            default=0,
        )
        in_time = self._constants.begins(last.header.epoch + 1)
        return Instant(seen) if seen > in_time else None

    def publish(self, state: State, events: Sequence[Event], touched: Iterable[bytes] | None) -> None:
        """See `LogEnd.publish`."""
        if self.has(events[0].at):
            return
        epoch = int(events[0].at) // self._constants.epoch_seconds
        staged, signed = self._signed(state, events, epoch, touched)
        self._folder.lay(staged)
        note = self._cosigned(signed)
        self._folder.publish(note)
        self._log.take_in(staged.block.header.epoch)
        self._erase()

    def _signed(
        self, state: State, events: Sequence[Event], epoch: int, touched: Iterable[bytes] | None
    ) -> tuple[Staged, Checkpoint]:
        """Return the block of an epoch with the log's signature: the one that a crash left, or a new one."""
        try:
            stage = self._folder.recover()
        except DamagedStoreError:
            block, openings = self._build(state, events, epoch, None)
            return self._folder.restage(block, openings=openings), _there(self._folder.signed)
        if stage.staged is not None and stage.staged.block.header.epoch == self.last_epoch:
            # Power failed right after the checkpoint was there: everybody has this block, only our own copy is left over.
            self._folder.publish(_there(self._folder.published).note)
            stage = self._folder.recover()
        if stage.staged is not None:
            if stage.staged.block.header.epoch != epoch:
                raise LedgerError(
                    f"a block of another epoch than {epoch} is signed: the ledger's file is of another log"
                )
            if self._folder.openings(epoch) is None:  # they and the block are two files: one may be lost alone
                block, openings = self._build(state, events, epoch, None)
                return self._folder.restage(block, openings=openings), _there(stage.signed)
            return stage.staged, _there(stage.signed)
        block, openings = self._build(state, events, epoch, touched)
        staged = self._folder.stage(block, witnessed=self._witnessed(), openings=openings)
        head = Head(origin=self._constants.origin, size=staged.growth.size, root=staged.growth.root)
        return staged, self._folder.commit(staged, sign_checkpoint(head, self._signer))

    def _witnessed(self) -> Head | None:
        try:
            return self._notary.witnessed()
        except QuorumError as error:
            raise UnpublishedError(f"too few say what they know of this log, so nothing is signed: {error}") from None

    def _cosigned(self, signed: Checkpoint) -> Note:
        nodes = tile_nodes(tiles_of(self._folder.fetch), signed.head.size)
        try:
            return self._notary.cosign(signed, lambda old: prove_consistency(nodes, old, signed.head.size))
        except QuorumError as error:
            raise UnpublishedError(
                f"the block up to entry {signed.head.size} is signed and has no quorum yet, so nothing in it has effect: {error}"
            ) from None

    def _check_keys(self) -> None:
        """Refuse a keyring without the keys of somebody who has a decision: new ones would hide it from its owner."""
        first: dict[bytes, int] = {}
        for row in self._keyring.rows():  # each person's oldest first
            first.setdefault(row.subject, row.since)
        for subject, newest in self._log.newest.items():
            if first.get(subject, newest.epoch + 1) > newest.epoch:
                raise DamagedStoreError(
                    f"the keys of {subject.hex()} are lost, of whom a decision is logged: restore the newest keyring"
                )

    def _erase(self) -> None:
        """Destroy what the log says is destroyed, once more if a crash came between."""
        day = self._log.erased_before
        if day is not None:
            self._keyring.roll(day)
            self._folder.forget(day * DAY // self._constants.epoch_seconds)

    # The block ------------------------------------------------------------------------------------------------------

    def _build(
        self, state: State, events: Sequence[Event], epoch: int, touched: Iterable[bytes] | None
    ) -> tuple[Block, bytes]:
        at, constants = Instant(self._constants.begins(epoch)), self._constants
        new = {entry.subject for event in events if isinstance(entry := read_event(event), Rekey)}
        subjects = self._candidates(state, at, touched) | new
        self._make_keys(subjects, epoch, new)
        rows = sorted(self._decided(state, at, epoch, subjects, new))
        plain = list(plain_entries(events, constants.origin, self._authority))
        if self._log.last is None:
            plain += [constants_entry(constants, self._authority), self._policy.to_bytes()]
        uncounted = self._log.uncounted_after(row for _, row in rows)
        counted = self._counted(state, uncounted, epoch, at) if constants.is_last_of_day(epoch) else []
        sections = Sections(
            plain=plain,
            admissions=list(
                admission_entries(
                    events,
                    state,
                    at,
                    constants.origin,
                    received=self._received,
                    old_label=lambda subject: self._old_label(subject, epoch),
                )
            ),
            decisions=[entry for entry, _ in rows],
            grounds=counted,
        )
        block = build_block(
            sections,
            epoch=epoch,
            height=constants.height,
            after=self._log.last,
            superseded=self._superseded([row for _, row in rows], at),
            packs=self._begun(state, at),
            policy=hashlib.sha256(self._policy.to_bytes()).digest(),
        )
        return block, format_openings(row for _, row in rows)

    def _superseded(self, rows: Iterable[OpeningRow], at: Instant) -> list[int]:
        """Return the decisions in whose place new ones come: those that a gate may still hold."""
        begins, oldest = self._constants.begins, int(at) - self._constants.horizon
        found = [self._log.newest.get(row.subject) for row in rows]
        return [
            before.index
            for before in found
            if before is not None and begins(before.epoch) >= oldest and before.index not in self._log.gone
        ]

    def _candidates(self, state: State, at: Instant, touched: Iterable[bytes] | None) -> set[bytes]:
        """Return whose decision may have to be logged: who is touched, who is new, whose pass grows old."""
        people = {person.subject for person in state.registry.people()}
        if touched is None:
            return people
        return people & (set(touched) | self._log.due(at))

    def _decided(
        self, state: State, at: Instant, epoch: int, subjects: Iterable[bytes], rekeyed: set[bytes]
    ) -> Iterator[tuple[bytes, OpeningRow]]:
        """Yield entry and opening of each decision that is new: by its answer, by its keys, or by the age of the last."""
        for subject in subjects:
            row = self._keys(subject, epoch)
            before = self._log.newest.get(subject)
            opening = opening_of(
                state.derivation(subject),
                at,
                since=Instant(self._constants.begins(before.epoch)) if before else None,
                hint=row.hint,
                previous=before.previous if before else Previous(),
            )
            if (
                before is not None
                and subject not in rekeyed
                and same_answer(before.row.opening, opening)
                and self._constants.begins(before.epoch) + RENEWAL > int(at)
            ):
                continue
            keys = row.keys.at(day_of(int(at)))  # once, and not for each of the four keys
            entry = decide(keys, self._constants.origin, epoch, int(at), opening).to_bytes()
            yield entry, OpeningRow(subject=subject, opening=opening, leaf=hash_leaf(entry))

    def _make_keys(self, subjects: Iterable[bytes], epoch: int, rekeyed: set[bytes]) -> None:
        """Make keys for people who have none for an epoch, or are to have new ones: all of them durable at once."""
        day, rows = day_of(self._constants.begins(epoch)), []
        for subject in subjects:
            found = self._keyring.at(subject, epoch)
            if found is None or (subject in rekeyed and found.since != epoch):
                labels, openings = (Ratchet(day=day, state=secrets.token_bytes(SEED_BYTES)) for _ in range(2))
                keys = PersonKeys(labels=labels, openings=openings)
                rows.append(KeyRow(subject=subject, since=epoch, keys=keys, hint=found.hint if found else ""))
        self._keyring.add(*rows)

    def _keys(self, subject: bytes, epoch: int) -> KeyRow:
        found = self._keyring.at(subject, epoch)
        if found is None:
            raise DamagedStoreError(f"the keys of {subject.hex()} are lost: without them no decision can be labelled")
        return found

    def _old_label(self, subject: bytes, epoch: int) -> bytes | None:
        """Return the label of an epoch under the keys that a person had before it; None if they had none."""
        found = self._keyring.at(subject, epoch - 1)
        if found is None:
            return None
        day = day_of(self._constants.begins(epoch))
        return label_at(found.keys.labels.key(day), self._constants.origin, epoch)

    def _begun(self, state: State, at: Instant) -> list[int]:
        """Return the entries of all packs that have begun to count."""
        return sorted(
            self._log.packs[pack.hash]
            for span, pack in state.book.periods
            if span and span.start <= at and pack.hash in self._log.packs
        )

    # Grounds, counted once a day ------------------------------------------------------------------------------------

    def _counted(
        self, state: State, grounds: dict[tuple[bytes, GroundKey], int], epoch: int, at: Instant
    ) -> list[bytes]:
        entries = []
        for (subject, (pack, rule, statement)), severity in grounds.items():
            keys = self._keys(subject, epoch).keys
            known, _ = state.packs[pack]
            admitted = state.docket.get(statement)
            entries.append(
                Ground(
                    pack=self._log.packs[pack],
                    rule=[one.id for one in known.rules].index(rule),
                    pool=pool_of(admitted.mandate.area if admitted and admitted.mandate else None),
                    class_=severity,
                    commitment=ground_commitment(
                        keys, self._constants.origin, epoch, int(at), pack=pack, rule=rule, statement=statement
                    ),
                ).to_bytes()
            )
        return entries


def _there(checkpoint: Checkpoint | None) -> Checkpoint:
    if checkpoint is None:
        raise DamagedStoreError("a block is staged and no checkpoint signed: restore the folder from a copy")
    return checkpoint
