"""`habeas log append`: the block of the epoch that began last, from what waited to the published checkpoint.

What a crash leaves after each step is said in `habeas.ledger._press`; calling again goes on from there, and asks nobody
for anything twice but for cosignatures.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._key_file import read_signing_key
from habeas.cli._ledger_file import BUSY_SECONDS
from habeas.cli._log_folder import CLOSED, LogPlace, read_place
from habeas.cli._log_source import read_policy
from habeas.cli._options import AsJson, At
from habeas.cli._output import counted, fields, note, working, write, write_json
from habeas.cli._reading import clock, read_bytes, read_instant
from habeas.cli.errors import InputError, RefusedError
from habeas.ledger import Intake, Ledger, Press, UnpublishedError, received_by
from habeas.services import HttpNotary, read_signer
from habeas.stores import Disk, FolderDisk, Keyring, LogFolder, SqliteStore
from habeas.tlog import (
    BlockFile,
    Counts,
    EntryKind,
    Policy,
    Tile,
    kind_of,
    parse_block_file,
    parse_bundle,
    parse_policy,
)
from habeas.wire import Instant

__all__ = ["Made", "Writer", "append", "go_on", "open_writer"]

_FIRST_PAUSE, _LAST_PAUSE = 5, 300
"""Seconds before a quorum that was wanting is asked again: at first, and at most."""
_LOGGED_POLICY = "private/policy"
_PLAIN = {EntryKind.PACK: "pack", EntryKind.MANDATE: "mandate", EntryKind.GATE_MANDATE: "gate-mandate"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A block that was published: its file, the log's size with it, who cosigned, where plain entries stand, seconds."""

    file: BlockFile
    begins: Instant
    cosigned: tuple[str, ...]
    plain: tuple[tuple[str, int], ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """Return it as `--json` says it."""
        return {
            "epoch": self.file.header.epoch,
            "begins": str(self.begins),
            "entries": _counts(self.file.header.counts),
            "size": self.file.end,
            "cosigned": list(self.cosigned),
            "plain": [{"kind": kind, "index": index} for kind, index in self.plain],
            "seconds": round(self.seconds, 3),
        }


@dataclass(slots=True, kw_only=True)
class Writer:
    """The one process that appends to a log. `last` is the epoch of the newest block that was told of; None: of none."""

    place: LogPlace
    policy: Policy
    disk: Disk
    folder: LogFolder
    press: Press
    ledger: Ledger
    intake: Intake
    last: int | None
    began: float
    is_new: bool = True

    def close(self, now: Instant) -> Iterator[Made]:
        """Publish what is owed, oldest first, and yield each block: one that wanted a quorum, what receipts name, the newest.

        Raises `UnpublishedError` while a quorum is wanting.
        """
        began = time.monotonic()
        if self.is_new:
            began, self.is_new = self.began, False
            self.ledger.commit((), now)  # raises what the witnesses said when the ledger was opened
        self.ledger.resume()
        yield from self._published(began)
        for at in self._owed(now):
            began = time.monotonic()
            # What came in by then has been kept when the door is ours, and from here on nothing gets a time before it.
            with self.place.door():
                self.disk.write({CLOSED: int(at).to_bytes(8)})
            self.intake.close(at)
            yield from self._published(began)

    def collect(self) -> int:
        """Remove partial tiles that nobody needs any more."""
        return self.folder.collect_partial()

    def _owed(self, now: Instant) -> Iterator[Instant]:
        """Yield when the epochs begin whose blocks are to be made: those that receipts name, and the one that began last."""
        length = self.place.constants.epoch_seconds
        newest = Instant(int(now) // length * length)
        named = {self.press.instant(event.at, None) for event in self.intake.waiting()}
        for at in sorted({one for one in named if one < newest} | {newest}):
            if self.ledger.instant(at) == at:
                yield at

    def _published(self, began: float) -> Iterator[Made]:
        before, self.last = -1 if self.last is None else self.last, self.press.last_epoch
        for epoch, _ in self.folder.blocks():
            if self.last is not None and before < epoch <= self.last:
                yield self._made(epoch, time.monotonic() - began)

    def _made(self, epoch: int, seconds: float) -> Made:
        published, file = self.folder.published, parse_block_file(self.folder.fetch(f"block/{epoch}") or b"")
        signed = {(one.name, one.key_id) for one in published.note.signatures} if published else set()
        names = [name for name, key in self.policy.witnesses.items() if (key.name, key.id) in signed]
        return Made(
            file=file,
            begins=self.place.begins(epoch),
            cosigned=tuple(names),
            plain=tuple(self._plain(file)),
            seconds=seconds,
        )

    def _plain(self, file: BlockFile) -> Iterator[tuple[str, int]]:
        """Yield what others need the index of, such as a gate of its mandate."""
        for index in range(file.start + 1, file.start + 1 + file.header.counts.plain):
            tile = Tile(level=None, index=index >> 8)
            kind = kind_of(parse_bundle(tile, self.folder.read(tile))[index & 255])
            if kind in _PLAIN:
                yield _PLAIN[kind], index


def append(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The log's folder, of `log new`.")],
    every_epoch: Annotated[
        bool, typer.Option("--every-epoch", metavar="", help="Go on for ever: a block at each epoch's begin.")
    ] = False,
    patience: Annotated[
        float, typer.Option("--patience", metavar="SECONDS", help="How long a witness may take to answer; 60.")
    ] = 60.0,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Make the block of the epoch that began last: take in what waited, build, sign, have it cosigned, publish.

    Nothing in it has effect before a quorum has cosigned it. One that wants its quorum is gone on with.
    """
    place, now = read_place(folder), read_instant("--at", at)
    if every_epoch and at is not None:
        raise InputError("--at", "--every-epoch goes by the clock", "leave one of the two out")
    if now > clock():  # a block that is signed too early can never be cosigned, and no other can be made instead
        raise InputError("--at", f"{now} is not yet, and a log is never ahead of the clock", "leave --at out")
    with open_writer(place, patience) as writer:
        if every_epoch:
            go_on(place, writer, lambda made: _tell(made, as_json=as_json))
            return
        with working("a block is made, and cosigned"):
            made = list(writer.close(now))
        if not made:
            newest, length = place.begins(place.epoch(now)), place.constants.epoch_seconds
            raise RefusedError(
                str(folder), f"the block of {newest} is made already", f"the next is of {newest.after(length)}"
            )
        if as_json:
            write_json({"blocks": [one.to_json() for one in made]})
            return
        for one in made:
            _show(one)


def go_on(
    place: LogPlace,
    writer: Writer,
    tell: Callable[[Made], None],
    *,
    now: Callable[[], Instant] = clock,
    sleep: Callable[[float], None] = time.sleep,
) -> None:
    """Make a block at each epoch's begin, for ever. Without a quorum it says so and asks again, later each time."""
    length, pause = place.constants.epoch_seconds, _FIRST_PAUSE
    while True:
        try:
            for made in writer.close(now()):
                tell(made)
        except UnpublishedError as error:
            note(f"{error}. Asked again in {pause} seconds")
            sleep(pause)
            pause = min(2 * pause, _LAST_PAUSE)
            continue
        pause = _FIRST_PAUSE
        writer.collect()
        sleep(length - int(now()) % length)


@contextmanager
def open_writer(place: LogPlace, patience: float) -> Iterator[Writer]:
    """Open a log for appending, and go on with a block that wanted a quorum; a second process is kept out."""
    if not place.policy.is_file():
        raise InputError(
            str(place.policy), "is not there: who is to cosign?", "write it; `log new` printed its first line"
        )
    policy = read_policy(place.policy)
    if policy.logs.get(place.key.name) != place.key:
        raise InputError(str(place.policy), "does not name this log's key", "give it the line that `log new` printed")
    with ExitStack() as stack:
        disk = stack.enter_context(FolderDisk(place.folder))
        folder = LogFolder(disk, place.key)
        ledger_store, waiting = (
            stack.enter_context(SqliteStore(file, create=False, busy_seconds=BUSY_SECONDS))
            for file in (place.ledger, place.intake)
        )
        keyring = stack.enter_context(Keyring(place.keys, create=False, busy_seconds=BUSY_SECONDS))
        authority = read_signing_key(place.authority)
        press = Press(
            folder,
            keyring,
            constants=place.constants,
            signer=read_signer(place.signer),
            authority=authority,
            policy=_logged_policy(place, policy, disk, folder),
            notary=HttpNotary(policy, origin=place.constants.origin, patience=patience),
            received=received_by(waiting),
        )
        last, began = press.last_epoch, time.monotonic()
        with working("reading the log and its ledger"):
            ledger = Ledger(ledger_store, log=press)
        yield Writer(
            place=place,
            policy=policy,
            disk=disk,
            folder=folder,
            press=press,
            ledger=ledger,
            intake=Intake(waiting, ledger, press, authority),
            last=last,
            began=began,
        )


def _logged_policy(place: LogPlace, policy: Policy, disk: FolderDisk, folder: LogFolder) -> bytes:
    """Return the policy's text as the first block logs it. Later only addresses may be others; raises `InputError`."""
    kept = disk.read(_LOGGED_POLICY)
    if kept is None or folder.signed is None:
        kept = read_bytes(place.policy)
        disk.write({_LOGGED_POLICY: kept})
    elif replace(parse_policy(kept), urls={}) != replace(policy, urls={}):
        raise InputError(
            str(place.policy),
            "has other keys or another quorum than the policy that the log says it has",
            "put the old one back; only addresses may change without a notice",
        )
    return kept


def _counts(counts: Counts) -> dict[str, int]:
    return {name: getattr(counts, name) for name in ("plain", "admissions", "decisions", "grounds")}


def _tell(made: Made, *, as_json: bool) -> None:
    """Say that a block was made, with `--json` on one line: it goes on for ever."""
    if as_json:
        write(json.dumps(made.to_json(), ensure_ascii=False))
    else:
        _show(made)
    sys.stdout.flush()


def _show(made: Made) -> None:
    numbers = _counts(made.file.header.counts)
    said = ", ".join(counted(number, name.removesuffix("s"), name) for name, number in numbers.items() if number)
    fields(
        [
            ("block", f"epoch {made.file.header.epoch}, which began {made.begins}"),
            ("entries", said or "none"),
            *((kind, f"entry {index}") for kind, index in made.plain),
            ("size", counted(made.file.end, "entry", "entries")),
            ("cosigned", ", ".join(made.cosigned)),
            ("took", f"{made.seconds:.1f} seconds"),
        ]
    )
    write()
