"""`habeas log erase`: the keys and openings of long ago are destroyed, after an audit, and the log says so (I15)."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._door import open_door
from habeas.cli._ledger_file import open_published
from habeas.cli._log_folder import read_place
from habeas.cli._options import AsJson, At
from habeas.cli._output import counted, fields, working, write_json
from habeas.cli._reading import read_instant
from habeas.cli.errors import InputError, RefusedError
from habeas.ledger import Erase
from habeas.ledger import audit as audit_store
from habeas.wire import DAY

__all__ = ["erase"]

_LEAST_DAYS = 60
_FORM = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_EPOCH = date(1970, 1, 1).toordinal()


def erase(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The log's folder, of `log new`.")],
    before: Annotated[
        str, typer.Option("--before", metavar="DAY", help="A UTC day, such as 2022-04-30, 60 days back or more.")
    ],
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Audit everything, then have all key states and openings of before a day destroyed when the next block is published.

    What they opened can then be opened by nobody, not even by who signed it. A finding of the audit stops it.
    """
    place, now = read_place(folder), read_instant("--at", at)
    day = _day(before)
    if day > int(now) // DAY - _LEAST_DAYS:
        raise InputError(
            "--before",
            f"is less than {_LEAST_DAYS} days back",
            "give an earlier day: people may still contest what is later",
        )
    with open_published(place.ledger) as store, working(f"auditing {place.ledger}"):
        head = store.event_count()
        found = audit_store(store)
    if found:
        raise RefusedError(
            str(place.ledger),
            f"the audit has {counted(len(found), 'finding', 'findings')}, and what is destroyed cannot be audited again",
            f"`habeas audit --db {place.ledger}` shows them; nothing was destroyed",
        )
    with open_door(place.ledger) as door:
        taken = door.take([Erase(day=day, audited=head)], now)
    if as_json:
        write_json({"before": before, "audited": head, **taken.when})
        return
    fields([("destroys", f"key states and openings of before {before}"), ("audited", f"{head:,} events"), taken.line()])


def _day(text: str) -> int:
    try:
        if not _FORM.fullmatch(text):
            raise ValueError(text)  # noqa: TRY301 - one place says what to do
        return date.fromisoformat(text).toordinal() - _EPOCH
    except ValueError:
        raise InputError("--before", "is no day", "write such as 2022-04-30") from None
