"""`habeas statement`: sign, verify, admit."""

from __future__ import annotations

import base64
from pathlib import Path
from typing import Annotated

import typer

from habeas.cli._door import Taken, open_door
from habeas.cli._key_file import read_public_file, read_signing_key
from habeas.cli._log_folder import log_of
from habeas.cli._options import AsJson, At, Db, Out
from habeas.cli._output import fields, write, write_file, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant, refusing
from habeas.cli._statement_file import format_statement, read_statement_file, read_statements
from habeas.cli.errors import InputError
from habeas.evidence import Admitted, EvidenceError, Refused, Signed, parse_statement, sign_statement
from habeas.ledger import Applied, Submit
from habeas.wire import SignatureError, VerifyingKey, WireError, check_sign1

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_SENT_AGAIN = "sign it again, or ask for the file as it was signed"


@app.command("sign")
def sign(
    file: Annotated[Path, typer.Argument(metavar="FACTS.json", help="The statement as JSON; - reads stdin.")],
    key: Annotated[Path, typer.Option("--key", metavar="FILE", help="The secret key of `keys new` to sign with.")],
    out: Out = None,
    registry_key: Annotated[
        Path | None,
        typer.Option("--registry-key", metavar="FILE", help="Needed where the file names a document, not a ref."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Sign a statement: a COSE message, as Base64 on stdout or as bytes in a new file."""
    data = sign_statement(read_statement_file(file, registry_key), read_signing_key(key))
    if out is not None:
        write_file(out, [data])
    signed = parse_statement(data)
    text = base64.b64encode(data).decode()
    if as_json:
        write_json({"id": signed.id.hex(), "kid": signed.message.kid.hex(), "statement": text})
    else:
        write(text if out is None else f"{signed.id.hex()} is in {out}")


@app.command("verify")
def verify(
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="A signed statement, as bytes or Base64; - reads stdin.")
    ],
    public: Annotated[
        Path | None, typer.Option("--public", metavar="FILE", help="The signer's public key, of `keys show`.")
    ] = None,
    as_json: AsJson = False,
) -> int:
    """Show what a signed statement says, and whether a key signed it. This admits nothing."""
    key = read_public_file(public) if public is not None else None
    statements = read_statements(file)
    if len(statements) != 1:
        raise InputError(str(file), f"has {len(statements)} statements", "give one at a time")
    with refusing(str(file), _SENT_AGAIN, EvidenceError):
        signed = parse_statement(statements[0])
    verdict = _verdict(signed, key)
    if as_json:
        rest = format_statement(signed.statement)
        write_json({"id": signed.id.hex(), "kid": signed.message.kid.hex(), "signature": verdict, "statement": rest})
    else:
        _show(signed, verdict)
    return REFUSED if verdict == "false" else OK


@app.command("admit")
def admit(
    db: Db,
    files: Annotated[
        list[Path], typer.Argument(metavar="STATEMENT...", help="Signed statements, as bytes or Base64 lines.")
    ],
    receipt: Annotated[
        Path | None,
        typer.Option(
            "--receipt", metavar="FILE", help="A new file for the signed receipts: a line of Base64 for each statement."
        ),
    ] = None,
    at: At = None,
    as_json: AsJson = False,
) -> int:
    """Submit signed statements to the ledger: each is admitted or refused by itself, all at one instant.

    Where the ledger ends in a log, each gets a receipt: the block that it names says what became of the statement.
    """
    now = read_instant("--at", at)
    given = [(file, data) for file in files for data in read_statements(file)]
    if receipt is not None:
        log_of(db)
        if receipt.exists():
            raise InputError(str(receipt), "is there already and was left as it is", "give --receipt another path")
    with open_door(db) as door:
        taken = door.take([Submit(data=data) for _, data in given], now)
    if receipt is not None:
        write_file(receipt, [f"{text}\n".encode() for text in _receipts(taken)])
    outcomes = [_outcome(file, one) for (file, _), one in zip(given, taken.applied, strict=True)]
    for outcome, text in zip(outcomes, _receipts(taken), strict=False):
        outcome["receipt"] = text if receipt is None or as_json else f"in {receipt}"
    if as_json:
        write_json({"statements": outcomes, **taken.when})
    else:
        for outcome in outcomes:
            fields((name, str(value)) for name, value in outcome.items() if value is not None)
            write()
        fields([taken.line()])
    return REFUSED if any(outcome["outcome"] == "refused" for outcome in outcomes) else OK


def _receipts(taken: Taken) -> list[str]:
    """Return the signed receipt of each statement that waits for a block, in Base64."""
    return [base64.b64encode(one).decode() for one in taken.receipts or () if one is not None]


def _verdict(signed: Signed, key: VerifyingKey | None) -> str:
    if key is None:
        return "not checked"
    try:
        check_sign1(signed.message, key)
    except (SignatureError, WireError):
        return "false"
    return "verified"


def _show(signed: Signed, verdict: str) -> None:
    words = {
        "not checked": "not checked: add --public FILE with the signer's public key",
        "false": "FALSE: this key did not sign these bytes, so this is nobody's word",
        "verified": "verified: this key signed exactly these bytes",
    }
    said = format_statement(signed.statement)
    facts = said.pop("facts")
    rows = [("statement", signed.id.hex()), *((name, str(value)) for name, value in said.items())]
    if isinstance(facts, dict):
        rows += [(f"  {name}", str(value)) for name, value in facts.items()]
    fields([*rows, ("signed by", f"key {signed.message.kid.hex()}"), ("signature", words[verdict])])


def _outcome(file: Path, applied: Applied) -> dict[str, object]:
    outcome = applied.outcome
    if isinstance(outcome, Refused):
        return {
            "file": str(file),
            "outcome": "refused",
            "statement": outcome.statement.hex(),
            "at": str(outcome.at),
            "code": outcome.code,
            "message": outcome.message,
            "next": outcome.next_step,
        }
    first = outcome[0] if isinstance(outcome, tuple) and outcome else None
    if not isinstance(first, Admitted):
        raise TypeError("a submitted statement is admitted or refused")
    return {
        "file": str(file),
        "outcome": "admitted" if applied.new else "admitted before",
        "statement": first.id.hex(),
        "at": str(first.at),
        "kind": first.kind.value,
        "signer": first.issuer,
    }
