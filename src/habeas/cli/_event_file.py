"""A ledger's events as JSON lines, `{"at": …, "kind": …, "body": …}`, and what they give when carried out again.

The file is what `habeas export` writes and what anybody needs to derive every code alike: nothing in it is believed,
each signature and each mandate is looked at again.
"""

from __future__ import annotations

import base64
import hashlib
import json
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from habeas.certificates import CertificateError
from habeas.cli._output import tracked
from habeas.cli._reading import STDIN, read_base64, read_map, refusing
from habeas.cli.errors import InputError, RefusedError
from habeas.evidence import EvidenceError, Refused, admit
from habeas.ledger import Entry, LedgerError, PackRefusedError, PublishPack, State, Submit, read_event
from habeas.mandates import MandateError
from habeas.registry import RegistryError
from habeas.rules import RulesError
from habeas.stores import Event, StoreError
from habeas.wire import Instant, parse_instant

__all__ = ["carry_out", "format_event", "read_events"]

_MEND = "take the file anew from `habeas export`; nothing was derived"


def format_event(event: Event) -> str:
    """Return the line of an event."""
    row = {"at": str(event.at), "kind": event.kind, "body": base64.b64encode(event.body).decode()}
    return json.dumps(row, separators=(",", ":"))


def read_events(path: Path) -> Iterator[tuple[str, Instant, Entry | Refused]]:
    """Yield each event of a file with where it stands; raises `InputError` with the number of the first bad line."""
    last: Instant | None = None
    for number, line in enumerate(_lines(path), start=1):
        where = f"{path}, line {number}"
        if not line.strip():
            continue
        event = _event(where, line)
        if last is not None and event.at < last:
            raise InputError(where, f"is dated {event.at}, before the line above it ({last})", _MEND)
        last = event.at
        with refusing(where, _MEND, LedgerError):
            entry = read_event(event)
        yield where, event.at, entry


def carry_out(state: State, where: str, at: Instant, entry: Entry | Refused, *, packs: bool) -> None:
    """Carry an event out on `state`, packs only if asked to; raises `InputError` or `RefusedError` with where."""
    if isinstance(entry, Refused) or (isinstance(entry, PublishPack) and not packs):
        return
    try:
        outcome = state.apply(entry, at, admit).outcome
    except PackRefusedError as error:
        raise RefusedError(
            where, str(error), "mend the pack; `habeas pack check FILE` says for each problem how"
        ) from None
    except (CertificateError, EvidenceError, MandateError, RegistryError, RulesError) as error:
        raise RefusedError(where, str(error), _MEND) from None
    if isinstance(outcome, Refused):
        what = "a statement" if isinstance(entry, Submit) else "a certificate"
        raise RefusedError(where, f"{what} is refused when judged again: {outcome.code}, {outcome.message}", _MEND)


def _event(where: str, line: bytes) -> Event:
    try:
        value = json.loads(line)
    except (ValueError, RecursionError):
        raise InputError(where, "is no JSON", _MEND) from None
    row = read_map(where, value, "at kind body")
    body = read_base64(f'{where}, "body"', row["body"])
    with refusing(where, _MEND, StoreError):
        at = parse_instant(str(row["at"]))
        return Event(id=hashlib.sha256(body).digest(), kind=str(row["kind"]), at=at, body=body)


def _lines(path: Path) -> Iterable[bytes]:
    """Yield the lines of a file, or of stdin for `-`."""
    if str(path) == STDIN:
        yield from sys.stdin.buffer
        return
    try:
        with path.open("rb") as file:
            total = sum(1 for _ in file)
            file.seek(0)
            yield from tracked(file, "carrying out", total)
    except OSError as error:
        raise InputError(
            str(path), f"cannot be read: {error.strerror}", "check the path and your rights on it"
        ) from None
