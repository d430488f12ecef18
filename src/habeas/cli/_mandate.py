"""`habeas mandate`: grant, end, list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._door import Taken, open_door
from habeas.cli._gate_mandate_file import format_gate_mandate, read_gate_mandate_file
from habeas.cli._ledger_file import open_ledger
from habeas.cli._log_folder import log_of
from habeas.cli._mandate_file import format_logged, read_mandate_file
from habeas.cli._options import AsJson, At, Db
from habeas.cli._output import counted, fields, write, write_json
from habeas.cli._reading import read_hex, read_instant
from habeas.cli.errors import InputError
from habeas.ledger import EndMandate, GrantMandate, LogGateMandate
from habeas.mandates import Logged
from habeas.wire import Instant

__all__ = ["app"]

app = typer.Typer(add_completion=False)
_ID_BYTES = 32


@app.command("grant")
def grant(
    db: Db,
    body: Annotated[
        Path, typer.Option("--body", metavar="FILE.json", help="The mandate as JSON: body, kinds, area, key, from, to.")
    ],
    public: Annotated[
        Path | None,
        typer.Option("--public", metavar="FILE", help="The public key of `keys show`, in place of the file's key."),
    ] = None,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Log a mandate. It counts 7 days later; in a declared emergency at once, for provisional grounds only (I7)."""
    mandate, now = read_mandate_file(body, public), read_instant("--at", at)
    with open_door(db) as door:
        _write(door.take([GrantMandate(mandate=mandate)], now), now, as_json=as_json)


@app.command("end")
def end(
    db: Db,
    mandate: Annotated[str, typer.Argument(metavar="ID", help="The mandate's id of `mandate list`, 64 hex digits.")],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """End a mandate from now on. What was admitted under it stays."""
    mandate_id, now = read_hex("ID", mandate, _ID_BYTES), read_instant("--at", at)
    with open_door(db) as door:
        if mandate_id not in door.state(now).roster:
            raise InputError("ID", f"there is no mandate {mandate}", f"`habeas mandate list --db {db}` shows them all")
        taken = door.take([EndMandate(mandate=mandate_id)], now)
        _write(taken, taken.at or now, as_json=as_json)


@app.command("gate")
def gate(
    db: Db,
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE.json", help="place, area, hours, purpose, class, lane, body, from, to; offset, lets_in."
        ),
    ],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Log a mandate to check passes at one place. Gates act on it 48 hours after its block (I13)."""
    mandate, now = read_gate_mandate_file(file), read_instant("--at", at)
    log_of(db)
    with open_door(db) as door:
        taken = door.take([LogGateMandate(mandate=mandate)], now)
    row = format_gate_mandate(mandate)
    if as_json:
        write_json(row | taken.when)
    else:
        fields([*((name, str(value)) for name, value in row.items()), taken.line()])


@app.command("list")
def show(db: Db, at: At = None, as_json: AsJson = False) -> None:
    """List every mandate ever logged: whose, for what, where, since and until when."""
    now = read_instant("--at", at)
    with open_ledger(db) as ledger:
        rows = [format_logged(logged, now) for logged in ledger.state.roster if logged.at <= now]
        head = ledger.head
    if as_json:
        write_json({"head": head, "at": str(now), "mandates": rows})
        return
    for row in rows:
        _show(row)
        write()
    write(f"{counted(len(rows), 'mandate', 'mandates')} at {now}; the ledger has {counted(head, 'event', 'events')}.")


def _write(taken: Taken, now: Instant, *, as_json: bool) -> None:
    outcome = taken.applied[0].outcome
    if not isinstance(outcome, Logged):
        raise TypeError("a mandate is logged or refused")
    row = format_logged(outcome, now)
    if as_json:
        write_json(row | ({"waits_for": str(taken.at)} if taken.receipts else {}))
        return
    _show(row)
    if taken.receipts:
        fields([taken.line()])


def _show(row: dict[str, object]) -> None:
    names = row["names"] if isinstance(row["names"], dict) else {}
    kinds = row["kinds"] if isinstance(row["kinds"], list) else []
    effect = f"{row['from']} to {row['to'] or 'no set end'}" if row["from"] else "never"
    fields(
        (
            ("body", f"{row['body']} ({' · '.join(names.values())})"),
            ("class", f"{row['class']}, {row['level']}; under {row['superior']}, run by {row['operator']}"),
            ("may sign", ", ".join(kinds)),
            ("area", str(row["area"])),
            ("logged", f"{row['logged']}{', emergency' if row['emergency'] else ''}"),
            ("in effect", f"{effect} ({row['now']})"),
            ("id", str(row["id"])),
        )
    )
