"""`habeas mandate`: grant, end, list."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._ledger_file import open_ledger
from habeas.cli._mandate_file import format_logged, read_mandate_file
from habeas.cli._options import AsJson, At, Db
from habeas.cli._output import counted, fields, write, write_json
from habeas.cli._reading import read_hex, read_instant
from habeas.cli.errors import InputError
from habeas.ledger import Applied, EndMandate, GrantMandate
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
    with open_ledger(db) as ledger:
        _write(ledger.commit([GrantMandate(mandate=mandate)], now)[0], now, as_json=as_json)


@app.command("end")
def end(
    db: Db,
    mandate: Annotated[str, typer.Argument(metavar="ID", help="The mandate's id of `mandate list`, 64 hex digits.")],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """End a mandate from now on. What was admitted under it stays."""
    mandate_id, now = read_hex("ID", mandate, _ID_BYTES), read_instant("--at", at)
    with open_ledger(db) as ledger:
        if mandate_id not in ledger.state.roster:
            raise InputError("ID", f"there is no mandate {mandate}", f"`habeas mandate list --db {db}` shows them all")
        applied = ledger.commit([EndMandate(mandate=mandate_id)], now)[0]
        _write(applied, ledger.last or now, as_json=as_json)


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


def _write(applied: Applied, now: Instant, *, as_json: bool) -> None:
    if not isinstance(applied.outcome, Logged):
        raise TypeError("a mandate is logged or refused")
    row = format_logged(applied.outcome, now)
    if as_json:
        write_json(row)
    else:
        _show(row)


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
