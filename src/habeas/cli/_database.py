"""The ledger's file as a whole: make it, log whom it trusts, audit it, write its view anew, let time pass."""

from __future__ import annotations

import secrets
from pathlib import Path
from typing import Annotated

import typer

from habeas.certificates import TrustListError, parse_card_trust_list, parse_trust_list
from habeas.cli._door import open_door
from habeas.cli._key_file import read_registry_key, write_registry_key
from habeas.cli._ledger_file import REGISTRY_KEY, open_ledger, open_published
from habeas.cli._log_folder import place_of
from habeas.cli._options import AsJson, At, Db, RegistryKey
from habeas.cli._output import counted, fields, working, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant, read_text, refusing
from habeas.cli.errors import InputError
from habeas.ledger import Finding, PublishCardTrust, PublishTrust
from habeas.ledger import audit as audit_store
from habeas.stores import SqliteStore

__all__ = ["app", "audit", "rebuild", "settle"]

app = typer.Typer(add_completion=False)
_KEY_BYTES = 32


@app.command("new")
def new(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="Where the ledger is to be; nothing may be there.")],
    registry_key: RegistryKey = None,
    as_json: AsJson = False,
) -> None:
    """Make an empty ledger without a log, and a registry key beside it if there is none. Nothing is ever overwritten.

    Such a ledger is a rehearsal: no gate takes its word. `habeas log new` makes one that ends in a log.
    """
    key = registry_key or file.parent / REGISTRY_KEY
    if file.exists():
        raise InputError(str(file), "is there already and was left as it is", "give another path")
    # The key first: a ledger without one could enrol nobody, a key without a ledger is used at the next try.
    made = not key.exists()
    if made:
        write_registry_key(key, secrets.token_bytes(_KEY_BYTES))
    else:
        read_registry_key(key)
    with SqliteStore(file):
        pass
    if as_json:
        write_json({"ledger": str(file), "registry_key": str(key), "registry_key_made": made})
        return
    write(f"ledger        {file}")
    write(
        f"registry key  {key} ({'new, mode 0600: keep a copy where nobody else reads it' if made else 'the one there'})"
    )


@app.command("trust")
def trust(
    db: Db,
    file: Annotated[Path, typer.Argument(metavar="LIST", help="The trust list as JSON; - reads stdin.")],
    cards: Annotated[
        bool, typer.Option("--cards", metavar="", help="It is of SMART Health Cards; of EU certificates if not given.")
    ] = False,
    at: At = None,
    as_json: AsJson = False,
) -> None:
    """Log the trust list that certificates are checked with from now on, in place of the one before."""
    now, text = read_instant("--at", at), read_text(file)
    with refusing(str(file), "mend the trust list; nothing was logged", TrustListError):
        listed = len(parse_card_trust_list(text).issuers if cards else parse_trust_list(text).signers)
    entry = PublishCardTrust(text=text) if cards else PublishTrust(text=text)
    with open_door(db) as door:
        taken = door.take([entry], now)
    new = taken.applied[0].new
    if as_json:
        write_json({"new": new, "cards": cards, "listed": listed, **taken.when})
        return
    what = counted(listed, "issuer", "issuers") if cards else counted(listed, "key", "keys")
    fields((("trusted", what), taken.line() if new else ("logged", "not again: it is the newest already")))


def audit(db: Db, as_json: AsJson = False) -> int:
    """Check everything in the ledger anew: each signature, each event, each decision. Nothing is written."""
    with open_published(db) as store:
        with working(f"auditing {db}"):
            found = audit_store(store)
        head = store.event_count()
    if as_json:
        write_json({"head": head, "findings": [_finding(one) for one in found]})
        return REFUSED if found else OK
    for one in found:
        fields((name, text) for name, text in _finding(one).items() if text is not None)
        write()
    what = counted(len(found), "finding", "findings") if found else "Clean: every decision is what the events give"
    write(f"{what}; {counted(head, 'event was', 'events were')} carried out again.")
    return REFUSED if found else OK


def rebuild(db: Db, as_json: AsJson = False) -> None:
    """Drop the view of decisions and write it anew from the events."""
    with open_ledger(db) as ledger, working("writing the decisions anew"):
        rows, head = ledger.rebuild(), ledger.head
    if as_json:
        write_json({"head": head, "decisions": rows})
    else:
        write(
            f"{counted(rows, 'decision was', 'decisions were')} written anew from {counted(head, 'event', 'events')}."
        )


def settle(db: Db, at: At = None, as_json: AsJson = False) -> None:
    """Write the decisions that time alone has brought: lapses, steps down, the end of a pack."""
    now = read_instant("--at", at)
    if place_of(db) is not None:
        raise InputError(
            str(db), "ends in a log, whose blocks say what time brings", f"call `habeas log append {db.parent}`"
        )
    with open_ledger(db) as ledger:
        people, head = ledger.settle(now), ledger.head
    if as_json:
        write_json({"head": head, "at": str(now), "people": people})
    else:
        due = counted(people, "person", "people")
        write(f"Up to {now}, {due} had something due; the ledger has {counted(head, 'event', 'events')}.")


def _finding(one: Finding) -> dict[str, str | None]:
    return {
        "fault": one.fault.value,
        "at": str(one.at),
        "subject": one.subject.hex() if one.subject is not None else None,
        "message": one.message,
    }
