"""A log's folder: everything that belongs to one log, its constants in `settings.json`; and the log as others read it.

    settings.json    the constants, and the log's public key: what makes the folder a log's
    ledger.sqlite    the events that blocks were made of       intake.sqlite   what waits for a block
    keys.sqlite      everybody's keys: copied to nobody        registry.key    documents become references
    authority.key    signs plain entries and receipts          log.key         signs checkpoints
    policy           whose cosignatures make a quorum          log/  private/  the log itself

Only `log append` writes the log, and keeps a second process out meanwhile. Everybody else reads what is published, and
hands in at the intake.
"""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from habeas.cli._reading import read_bytes, read_json, read_map, refusing
from habeas.cli.errors import InputError
from habeas.ledger import State, UnpublishedError
from habeas.stores import Event, LogFolder, StoreUnavailableError
from habeas.tlog import Constants, NoteKey, TlogError, format_vkey, parse_vkey
from habeas.wire import Instant

__all__ = [
    "CLOSED",
    "LOG_FOLDERS",
    "LogPlace",
    "PublishedLog",
    "format_settings",
    "log_of",
    "parse_settings",
    "place_of",
    "read_place",
    "write_private",
]

_SETTINGS, _LEDGER, _INTAKE, _DOOR = "settings.json", "ledger.sqlite", "intake.sqlite", "intake.lock"
LOG_FOLDERS = ("log", "private")
CLOSED = "private/closed"
"""The begin of the last epoch of which a block was made, or is being made: 8 bytes."""
_WHAT = "log"
_NEXT = "give the folder that `habeas log new` made, or restore the file from a copy"


@dataclass(frozen=True, slots=True, kw_only=True)
class LogPlace:
    """Where everything of one log is, and what it has in common for ever."""

    folder: Path
    constants: Constants
    key: NoteKey

    @property
    def settings(self) -> Path:
        """The file that makes the folder a log's."""
        return self.folder / _SETTINGS

    @property
    def ledger(self) -> Path:
        """The ledger's file, which every command takes as `--db`."""
        return self.folder / _LEDGER

    @property
    def intake(self) -> Path:
        """The store of what waits for a block."""
        return self.folder / _INTAKE

    @property
    def keys(self) -> Path:
        """The keys of people."""
        return self.folder / "keys.sqlite"

    @property
    def authority(self) -> Path:
        """The key that signs plain entries and receipts."""
        return self.folder / "authority.key"

    @property
    def signer(self) -> Path:
        """The key that signs checkpoints."""
        return self.folder / "log.key"

    @property
    def policy(self) -> Path:
        """Whose cosignatures make a quorum, and where they are asked."""
        return self.folder / "policy"

    def epoch(self, at: Instant) -> int:
        """Return the epoch that an instant lies in."""
        return int(at) // self.constants.epoch_seconds

    def begins(self, epoch: int) -> Instant:
        """Return when an epoch begins."""
        return Instant(self.constants.begins(epoch))

    def closed(self) -> Instant | None:
        """Return up to when nothing can come in any more, for the block of then is being made; asked within `door`."""
        file = self.folder / CLOSED
        return Instant(int.from_bytes(read_bytes(file))) if file.is_file() else None

    @contextmanager
    def door(self) -> Iterator[None]:
        """Let one process in at a time: whoever hands in, or says that an epoch is closed."""
        try:
            handle = os.open(self.folder / _DOOR, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StoreUnavailableError(f"{self.folder / _DOOR}: {error.strerror}") from None
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def format_settings(constants: Constants, key: NoteKey) -> str:
    """Return the text of `settings.json`."""
    value = {"habeas": _WHAT, "v": 1, "key": format_vkey(key), "constants": asdict(constants)}
    return json.dumps(value, ensure_ascii=False, indent=2) + "\n"


def parse_settings(where: str, value: object) -> tuple[Constants, NoteKey]:
    """Return constants and key of a log's settings; raises `InputError`."""
    if not isinstance(value, Mapping) or value.get("habeas") != _WHAT or value.get("v") != 1:
        raise InputError(where, "holds no settings of a log", _NEXT)
    row = read_map(where, value, "habeas v key constants")
    names = {field.name: str if field.name == "origin" else int for field in fields(Constants)}
    said = read_map(f'{where}, "constants"', row["constants"], " ".join(names))
    if wrong := next((name for name, kind in names.items() if type(said[name]) is not kind), None):
        raise InputError(f'{where}, "constants"', f"{wrong} is of another kind", _NEXT)
    with refusing(where, _NEXT, TlogError):
        constants, key = Constants(**dict(said)), parse_vkey(str(row["key"]))  # type: ignore[arg-type]
    if key.name != constants.origin:
        raise InputError(where, f"has a key of {key.name!r}, and the log is {constants.origin!r}", _NEXT)
    return constants, key


def read_place(folder: Path) -> LogPlace:
    """Return the log of a folder; raises `InputError`."""
    if not (folder / _SETTINGS).is_file():
        raise InputError(str(folder), "is no log's folder", "`habeas log new` makes one")
    constants, key = parse_settings(str(folder / _SETTINGS), read_json(folder / _SETTINGS))
    return LogPlace(folder=folder, constants=constants, key=key)


def place_of(db: Path) -> LogPlace | None:
    """Return the log that a ledger ends in; None if it ends in none, and so is a rehearsal."""
    real = db.resolve()  # a link to it is the same ledger
    is_of_a_log = real.name == _LEDGER and (real.parent / _SETTINGS).is_file()
    return read_place(real.parent) if is_of_a_log else None


def log_of(db: Path) -> LogPlace:
    """Return the log that a ledger ends in; raises `InputError` if it ends in none."""
    place = place_of(db)
    if place is None:
        raise InputError(
            str(db), "has no log: it is a rehearsal, and nobody has keys in it", "give the ledger of `habeas log new`"
        )
    return place


class PublishedLog:
    """A `LogEnd` for all who may not append: it knows what is published, and publishes nothing."""

    def __init__(self, place: LogPlace) -> None:
        self._place = place
        self.folder = LogFolder(_ReadAlone(place.folder), place.key)

    @property
    def constants(self) -> Constants:
        """See `LogEnd`."""
        return self._place.constants

    def instant(self, now: Instant, last: Instant | None) -> Instant:
        """See `LogEnd`."""
        length = self.constants.epoch_seconds
        return Instant(max(-(-int(now) // length), 0 if last is None else int(last) // length + 1) * length)

    def blocks(self) -> tuple[int, ...]:
        """Return the epochs of the blocks that are published, oldest first."""
        published = self.folder.published
        size = published.head.size if published else 0
        return tuple(epoch for epoch, start in self.folder.blocks() if start < size)

    def has(self, at: Instant) -> bool:
        """See `LogEnd`."""
        return any(self.constants.begins(epoch) >= int(at) for epoch in self.blocks()[-1:])

    def newest_at(self) -> Instant | None:
        """See `LogEnd`."""
        blocks = self.blocks()
        return Instant(self.constants.begins(blocks[-1])) if blocks else None

    def late(self) -> None:
        """See `LogEnd`: only who appends must know."""

    def check(self, last: Instant | None) -> None:
        """Raise `UnpublishedError` unless the block of the newest event is published."""
        if last is not None and not self.has(last):
            raise UnpublishedError(
                f"the block of {last} is not under its quorum yet, so nothing in it has effect, and nothing is shown"
            )

    def publish(self, _state: State, events: Sequence[Event], _touched: Iterable[bytes] | None) -> None:
        """See `LogEnd`: what is not published waits for `log append`."""
        self.check(events[0].at)


class _ReadAlone:
    """A `Disk` that reads a folder beside the one process that writes it: every file is whole, old or new."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def read(self, name: str) -> bytes | None:
        try:
            return (self._folder / name).read_bytes()
        except (FileNotFoundError, IsADirectoryError, NotADirectoryError):
            return None
        except OSError as error:
            raise StoreUnavailableError(f"{self._folder / name}: {error.strerror}") from None

    def write(self, files: Mapping[str, bytes]) -> None:
        raise StoreUnavailableError(f"{self._folder} is only read here: {len(files)} files were not written")

    def remove(self, name: str) -> None:
        raise StoreUnavailableError(f"{self._folder} is only read here: {name} was not removed")

    def names(self, under: str) -> Iterator[str]:
        for path in (self._folder / under).rglob("*"):
            if path.is_file():
                yield path.relative_to(self._folder).as_posix()


def write_private(path: Path, data: bytes) -> None:
    """Write a new file for its owner's eyes alone, whole and durable or not at all; raises `InputError` for one that is there."""
    part = path.with_name(f"{path.name}.part")
    try:
        part.unlink(missing_ok=True)  # of a crash
        handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.link(part, path)  # unlike a rename, it overwrites nothing
        finally:
            part.unlink(missing_ok=True)
        folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)
    except FileExistsError:
        raise InputError(str(path), "is there already and was left as it is", "give another path") from None
    except OSError as error:
        raise InputError(
            str(path), f"cannot be written: {error.strerror}", "check the path and your rights on it"
        ) from None
