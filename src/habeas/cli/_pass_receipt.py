"""`habeas pass receipt`: a decision opened with its grounds and proved, for its holder; anybody with the policy checks it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._gate_folder import read_synced
from habeas.cli._log_source import read_policy
from habeas.cli._options import AsJson
from habeas.cli._output import fields, note, printable, write, write_file, write_json
from habeas.cli._pass_make import PICTURES, Hint, Keys, Located, LogPlace, PolicyPath, ask_log, draw
from habeas.cli._reading import clock, read_bytes, read_instant, refusing
from habeas.cli.errors import InputError
from habeas.ledger import LedgerError, parse_openings
from habeas.passes import (
    RECEIPT_PREFIX,
    Opening,
    Receipt,
    Shown,
    check_receipt,
    check_receipt_picture,
    format_receipt,
    format_receipt_picture,
    make_receipt,
    parse_receipt,
    parse_receipt_picture,
)
from habeas.pictures import is_picture, read_codes
from habeas.wire import FOREVER, HOUR, Cbor, CborTag, Instant

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_ON_IT = "RECEIPT, for its holder. Checked at a synced gate; its file proves it up to the checkpoint."
"""What stands on the QR form, which leaves out what a gate has."""


@app.command("make")
def make(
    log: LogPlace,
    policy: PolicyPath,
    keys: Keys,
    openings: Annotated[
        Path,
        typer.Option(
            "--openings",
            metavar="FILE",
            help="What the decisions open to, as `person openings` writes it for its holder.",
        ),
    ],
    hint: Hint = None,
    at: Annotated[
        str | None,
        typer.Option("--at", metavar="INSTANT", help="Of the decision that stood then; of the newest if not given."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", metavar="FILE", help="A new file; .png and .svg are the QR form, anything else the file."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make the receipt of a person's decision: its grounds opened, and the proof that just this is in the log.

    It says why. Nobody may ask for it at a gate: a pass is enough there.
    """
    place = ask_log(log, policy, keys, hint, None if at is None else read_instant("--at", at))
    receipt = _receipt(place, _opening(openings, place), policy)
    data = format_receipt(receipt)
    if out is not None and out.suffix in PICTURES:
        data = draw(format_receipt_picture(receipt.picture(place.log.constants.height)), out.suffix, _ON_IT)
        note("this picture is checked at a gate that has synced its block; the file alone goes up to the checkpoint")
    if out is not None:
        write_file(out, [data])
    if as_json:
        write_json(
            {
                "receipt": data.decode() if out is None else None,
                "out": str(out) if out else None,
                "index": receipt.index,
            }
        )
    elif out is None:
        write(data.decode().removesuffix("\n"))


@app.command("check")
def check(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A receipt's file, or its QR form: a picture, or its text.")
    ],
    policy: Annotated[
        Path | None, typer.Option("--policy", metavar="FILE", help="The policy that a file is checked with.")
    ] = None,
    gate: Annotated[
        Path | None,
        typer.Option("--gate", metavar="FOLDER", help="A gate's synced folder, which the QR form is checked with."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a receipt offline, and print what it opens. Any altered byte in it is refused."""
    shown = _checked(str(file), read_bytes(file), policy, gate)
    if as_json:
        write_json(_said(shown))
        return
    fields(_rows(shown))


def _receipt(place: Located, opening: Opening, policy: Path) -> Receipt:
    return make_receipt(
        place.log,
        place.found,
        place.file.keys,
        hint=place.hint,
        grounds=opening.grounds,
        previous=opening.previous,
        policy=read_policy(policy),
    )


def _opening(path: Path, place: Located) -> Opening:
    """Return the opening of the found decision from a file that may hold those of others of the person."""
    with refusing(str(path), "give the opening as it came with the notice", LedgerError):
        rows = parse_openings(read_bytes(path))
    for row in rows:
        if row.leaf == place.found.leaf:
            return row.opening
    raise InputError(
        str(path), f"does not open the decision of {place.begins}", "give the openings that came with that one, too"
    )


def _checked(where: str, data: bytes, policy: Path | None, gate: Path | None) -> Shown:
    text = _text(data)
    if text is None:
        if policy is None:
            raise InputError(
                where, "is a receipt's file, and there is no policy to check it with", "give --policy FILE"
            )
        return check_receipt(parse_receipt(data), read_policy(policy))
    synced = read_synced(gate) if gate is not None else None
    if synced is None:
        raise InputError(where, "is a receipt's QR form, which a synced gate checks", "give --gate FOLDER, or the file")
    return check_receipt_picture(parse_receipt_picture(text), synced.held(clock()))


def _text(data: bytes) -> str | None:
    """Return the text of a receipt's QR form, None for what is no picture and no such text."""
    if is_picture(data):
        return next((text for text in read_codes(data) if text.startswith(RECEIPT_PREFIX)), "")
    return data.decode().strip() if data.isascii() and data.startswith(RECEIPT_PREFIX.encode()) else None


def _rows(shown: Shown) -> list[tuple[str, str]]:
    view, head = shown.opened.view, shown.checkpoint.head if shown.checkpoint else None
    until = f" until {Instant(0).after(view.until * HOUR)}, then {view.then}" if view.until else ""
    return [
        ("holds", f"log {printable(shown.origin)}, entry {shown.index}"),
        (
            "proved",
            f"up to a checkpoint of {head.size} entries, under quorum" if head else "up to what this gate has synced",
        ),
        ("decided", str(Instant(shown.begins))),
        ("code", f"{view.now}{until}"),
        ("hint", view.hint),
        *(("because", printable(line)) for line in _grounds(shown.opened.said, adverse=view.now > 0)),
        ("previous", f"entry {shown.opened.previous.index}" if any(shown.opened.previous.leaf) else "none"),
    ]


def _grounds(said: Cbor, *, adverse: bool) -> list[str]:
    """Return the grounds a line each, in the form that our ledger gives them; whatever else stands there as JSON."""
    grounds = said.get("grounds") if isinstance(said, dict) else None
    if not isinstance(grounds, list):
        return [json.dumps(_plain(said), ensure_ascii=False)]
    none = "no ground, although the code is not the mildest: object" if adverse else "no ground: the default"
    return [_ground(ground) for ground in grounds] or [none]


def _ground(ground: Cbor) -> str:
    match ground:
        case {"rule": str(rule), "signer": str(signer), "statement": bytes(statement), "until": int(until)} if (
            0 <= until <= FOREVER
        ):
            return f"rule {rule}, statement {statement.hex()}, signed by {signer}, until {Instant(until)} at the latest"
    return json.dumps(_plain(ground), ensure_ascii=False)


def _said(shown: Shown) -> dict[str, object]:
    view, previous = shown.opened.view, shown.opened.previous
    return {
        "origin": shown.origin,
        "index": shown.index,
        "size": shown.checkpoint.head.size if shown.checkpoint else None,
        "decided": str(Instant(shown.begins)),
        "view": {
            "now": view.now,
            "until": str(Instant(0).after(view.until * HOUR)),
            "then": view.then,
            "hint": view.hint,
        },
        "grounds": _plain(shown.opened.said),
        "previous": {"index": previous.index, "leaf": previous.leaf.hex()} if any(previous.leaf) else None,
    }


def _plain(value: Cbor) -> object:
    """Return CBOR as JSON has it, bytes in hex."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, dict):
        return {str(key): _plain(one) for key, one in value.items()}
    return {"tag": value.tag, "value": _plain(value.value)} if isinstance(value, CborTag) else value
