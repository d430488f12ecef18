"""`habeas person`: who is who, and what they hand over. Who is who is a logged event, with a notice to all it touches."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._door import Door, open_door
from habeas.cli._hand_over import hand_over
from habeas.cli._key_file import read_public_file
from habeas.cli._ledger_file import find_person, read_ref
from habeas.cli._log_folder import log_of
from habeas.cli._options import AsJson, At, Db, Document, RegistryKey, Subject
from habeas.cli._output import fields, write_json
from habeas.cli._person_own import keys, openings
from habeas.cli._reading import read_instant
from habeas.ledger import Entry, Rekey
from habeas.registry import SUBJECT_BYTES, AddDocument, Enrol, Merge, Split
from habeas.wire import Instant

__all__ = ["app"]

app = typer.Typer(add_completion=False)
app.command("hand-over")(hand_over)
app.command("keys")(keys)
app.command("openings")(openings)

_Who = Annotated[str, typer.Option("--document", metavar="KIND:COUNTRY:NUMBER", help="The first document.")]
_Hint = Annotated[
    str | None,
    typer.Option("--hint", metavar="TEXT", help="What is to stand on the person's pass, such as the end of a number."),
]


@app.command("enrol")
def enrol(
    db: Db,
    document: _Who,
    public: Annotated[
        Path | None, typer.Option("--public", metavar="FILE", help="The person's own public key, of `keys show`.")
    ] = None,
    hint: _Hint = None,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a new person under a document, and print the id that the ledger knows them by.

    Where the ledger ends in a log, `person keys` writes the keys that they take home.
    """
    now = read_instant("--at", at)
    key = read_public_file(public) if public is not None else None
    ref = read_ref(db, registry_key, "--document", document)
    subject = secrets.token_bytes(SUBJECT_BYTES)
    with open_door(db) as door:
        _take(door, Enrol(subject=subject, ref=ref, key=key), now, as_json=as_json, ref=ref, hint=hint)


@app.command("add-document")
def add_document(
    db: Db,
    new: Annotated[str, typer.Option("--new", metavar="KIND:COUNTRY:NUMBER", help="The further document.")],
    document: Document = None,
    subject: Subject = None,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Bind a further document to an enrolled person."""
    now, ref = read_instant("--at", at), read_ref(db, registry_key, "--new", new)
    with open_door(db) as door:
        person = find_person(door.state(now), db, registry_key, (document, subject), door.latest(now))
        _take(door, AddDocument(subject=person, ref=ref), now, as_json=as_json, ref=ref)


@app.command("merge")
def merge(
    db: Db,
    absorb: Annotated[
        str, typer.Option("--absorb", metavar="KIND:COUNTRY:NUMBER", help="A document of the record that goes into it.")
    ],
    document: Document = None,
    subject: Subject = None,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Say that two records are one person's: what is bound to the one absorbed is bound to the other from now on."""
    now = read_instant("--at", at)
    with open_door(db) as door:
        latest, state = door.latest(now), door.state(now)
        kept = find_person(state, db, registry_key, (document, subject), latest)
        absorbed = state.registry.subject_of(read_ref(db, registry_key, "--absorb", absorb), latest)
        _take(door, Merge(kept=kept, absorbed=absorbed), now, as_json=as_json)


@app.command("split")
def split(
    db: Db,
    take: Annotated[
        list[str], typer.Option("--take", metavar="KIND:COUNTRY:NUMBER", help="A document that was never theirs.")
    ],
    document: Document = None,
    subject: Subject = None,
    to: Annotated[
        str | None,
        typer.Option(
            "--to", metavar="KIND:COUNTRY:NUMBER", help="A document of whose it is; a new person if not given."
        ),
    ] = None,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Say that documents were never this person's: they are another's from now on."""
    now = read_instant("--at", at)
    refs = tuple(read_ref(db, registry_key, "--take", one) for one in take)
    with open_door(db) as door:
        latest, state = door.latest(now), door.state(now)
        person = find_person(state, db, registry_key, (document, subject), latest)
        if to is None:
            other = secrets.token_bytes(SUBJECT_BYTES)
        else:
            other = state.registry.subject_of(read_ref(db, registry_key, "--to", to), latest)
        _take(door, Split(subject=person, refs=refs, other=other), now, as_json=as_json)


@app.command("rekey")
def rekey(
    db: Db,
    document: Document = None,
    subject: Subject = None,
    hint: _Hint = None,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Give a person new keys: theirs were lost, or seen by somebody. Their code stays what it is; old passes end.

    The log says so, and `person keys` then writes the new ones. The hint stays what it was if none is given.
    """
    now = read_instant("--at", at)
    log_of(db)
    with open_door(db) as door:
        person = find_person(door.state(now), db, registry_key, (document, subject), door.latest(now))
        _take(door, Rekey(subject=person), now, as_json=as_json, hint=hint)


def _take(
    door: Door, entry: Entry, now: Instant, *, as_json: bool, ref: bytes | None = None, hint: str | None = None
) -> None:
    taken = door.take([entry], now, hint=hint)
    outcome = taken.applied[0].outcome
    people = [one.hex() for one in outcome if isinstance(one, bytes)] if isinstance(outcome, tuple) else []
    if as_json:
        write_json({"people": people, **taken.when, **({"ref": ref.hex()} if ref is not None else {})})
        return
    rows = [("person", person) for person in people]
    if ref is not None:
        rows.append(("reference", ref.hex()))
    fields([*rows, taken.line()])
