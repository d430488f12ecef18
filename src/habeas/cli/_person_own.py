"""What a counter hands to a person and to nobody else: the keys to their decisions, and what those open to."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._door import open_door
from habeas.cli._ledger_file import BUSY_SECONDS, find_person, open_ledger
from habeas.cli._log_folder import LogPlace, PublishedLog, log_of, write_private
from habeas.cli._options import AsJson, At, Db, Document, RegistryKey, Subject
from habeas.cli._output import counted, fields, note, write_json
from habeas.cli._person_keys import PersonKeyFile, write_person_keys
from habeas.cli._reading import read_instant
from habeas.cli.errors import RefusedError
from habeas.ledger import OpeningRow, format_openings, parse_openings
from habeas.passes import PersonKeys
from habeas.stores import Keyring

__all__ = ["keys", "openings"]

_File = Annotated[Path, typer.Option("--out", metavar="FILE", help="A new file, for the person; mode 0600.")]


def keys(
    db: Db,
    out: _File,
    document: Document = None,
    subject: Subject = None,
    watcher: Annotated[
        bool,
        typer.Option(
            "--watcher", metavar="", help="Without what opens: for somebody who watches on the person's behalf."
        ),
    ] = False,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Write a person's keys, to be handed to them: with these they find their decisions and make their passes.

    New keys (`person enrol`, `person rekey`) can be handed over at once; they count from the block that is named.
    """
    place, now = log_of(db), read_instant("--at", at)
    with open_door(db) as door:
        block = door.latest(now)
        person = find_person(door.state(now), db, registry_key, (document, subject), block)
    with Keyring(place.keys, create=False, busy_seconds=BUSY_SECONDS) as keyring:
        row = keyring.at(person, place.epoch(block))
    if row is None:
        raise RefusedError("habeas person keys", "there are no keys yet", "call again when the next block is published")
    kept = PersonKeys(labels=row.keys.labels, openings=None) if watcher else row.keys
    write_person_keys(out, PersonKeyFile(origin=place.constants.origin, keys=kept, hint="" if watcher else row.hint))
    since = place.begins(row.since)
    if as_json:
        write_json({"out": str(out), "since": str(since), "day": kept.labels.day, "watcher": watcher, "hint": row.hint})
        return
    what = (
        "finds their decisions, opens none"
        if watcher
        else "whoever has it reads their decisions and makes their passes"
    )
    fields([("keys", f"in {out}: {what}"), ("count from", f"the block of {since}")])
    note("it is the person's own: hand it over, then destroy this file")


def openings(
    db: Db,
    out: _File,
    document: Document = None,
    subject: Subject = None,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Write what a person's decisions in the log open to: their grounds, to be handed to them and to nobody else.

    `me` and `pass receipt` take the file. What is older than 60 days may be destroyed already.
    """
    place, now = log_of(db), read_instant("--at", at)
    with open_ledger(db) as ledger:
        person = find_person(ledger.state, db, registry_key, (document, subject), now)
    rows = list(_openings(place, person))
    write_private(out, format_openings(rows))
    if as_json:
        write_json({"out": str(out), "openings": len(rows)})
        return
    fields([("openings", f"of {counted(len(rows), 'decision', 'decisions')} in {out}")])
    note("it says why: hand it over, then destroy this file")


def _openings(place: LogPlace, person: bytes) -> Iterator[OpeningRow]:
    log = PublishedLog(place)
    for epoch in log.blocks():
        data = log.folder.openings(epoch)
        if data is not None:
            yield from (row for row in parse_openings(data) if row.subject == person)
