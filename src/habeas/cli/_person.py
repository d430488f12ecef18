"""`habeas person`: who is who, and what they hand over. Who is who is a logged event, with a notice to all it touches."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._hand_over import hand_over
from habeas.cli._key_file import read_public_file
from habeas.cli._ledger_file import find_person, open_ledger, read_ref
from habeas.cli._options import AsJson, At, Db, Document, RegistryKey, Subject
from habeas.cli._output import counted, write, write_json
from habeas.cli._reading import read_instant
from habeas.ledger import Entry, Ledger
from habeas.registry import SUBJECT_BYTES, AddDocument, Enrol, Merge, Split
from habeas.wire import Instant

__all__ = ["app"]

app = typer.Typer(add_completion=False)
app.command("hand-over")(hand_over)

_Who = Annotated[str, typer.Option("--document", metavar="KIND:COUNTRY:NUMBER", help="The first document.")]


@app.command("enrol")
def enrol(
    db: Db,
    document: _Who,
    public: Annotated[
        Path | None, typer.Option("--public", metavar="FILE", help="The person's own public key, of `keys show`.")
    ] = None,
    registry_key: RegistryKey = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Enrol a new person under a document, and print the id that the ledger knows them by."""
    now = read_instant("--at", at)
    key = read_public_file(public) if public is not None else None
    ref = read_ref(db, registry_key, "--document", document)
    subject = secrets.token_bytes(SUBJECT_BYTES)
    with open_ledger(db) as ledger:
        _commit(ledger, Enrol(subject=subject, ref=ref, key=key), now, as_json=as_json, ref=ref)


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
    with open_ledger(db) as ledger:
        person = find_person(ledger, db, registry_key, (document, subject), _latest(ledger, now))
        _commit(ledger, AddDocument(subject=person, ref=ref), now, as_json=as_json, ref=ref)


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
    with open_ledger(db) as ledger:
        latest = _latest(ledger, now)
        kept = find_person(ledger, db, registry_key, (document, subject), latest)
        absorbed = ledger.state.registry.subject_of(read_ref(db, registry_key, "--absorb", absorb), latest)
        _commit(ledger, Merge(kept=kept, absorbed=absorbed), now, as_json=as_json)


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
    with open_ledger(db) as ledger:
        latest = _latest(ledger, now)
        person = find_person(ledger, db, registry_key, (document, subject), latest)
        if to is None:
            other = secrets.token_bytes(SUBJECT_BYTES)
        else:
            other = ledger.state.registry.subject_of(read_ref(db, registry_key, "--to", to), latest)
        _commit(ledger, Split(subject=person, refs=refs, other=other), now, as_json=as_json)


def _latest(ledger: Ledger, now: Instant) -> Instant:
    """Return the instant that an entry committed now gets at the soonest: bindings are looked up as they stand then."""
    return now if ledger.last is None else max(now, ledger.last.after(1))


def _commit(ledger: Ledger, entry: Entry, now: Instant, *, as_json: bool, ref: bytes | None = None) -> None:
    applied = ledger.commit([entry], now)[0]
    people = (
        [one.hex() for one in applied.outcome if isinstance(one, bytes)] if isinstance(applied.outcome, tuple) else []
    )
    said = {"people": people, "at": str(ledger.last), "head": ledger.head}
    if ref is not None:
        said["ref"] = ref.hex()
    if as_json:
        write_json(said)
        return
    for person in people:
        write(f"person     {person}")
    if ref is not None:
        write(f"reference  {ref.hex()}")
    write(f"logged     {ledger.last}; the ledger has {counted(ledger.head, 'event', 'events')}")
