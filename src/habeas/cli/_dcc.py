"""`habeas dcc`: EU Digital COVID Certificates, opened and checked against a trust list."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from habeas.certificates import (
    CertificateError,
    Dcc,
    Favourable,
    TrustList,
    TrustListError,
    favourable_facts,
    open_dcc,
    parse_trust_list,
)
from habeas.cli._options import AsJson, At
from habeas.cli._output import fields, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant, read_text, refusing
from habeas.cli.errors import RefusedError
from habeas.wire import Instant

__all__ = ["app"]

app = typer.Typer(add_completion=False)

_Trust = Annotated[Path, typer.Option("--trust", metavar="FILE", help="The trust list as JSON: which keys may sign.")]
_NO_RULES = "No country's acceptance rules were applied: this says who signed, not that it is enough anywhere."


@app.command("open")
def show(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="The QR picture's text (HC1:...); - reads stdin.")],
    trust: _Trust,
    at: At = None,
    _as_json: AsJson = False,
) -> None:
    """Print a certificate's contents as JSON, if a trusted key signed it and it is valid. It names its holder."""
    now, trusted = read_instant("--at", at), _trust(trust)
    try:
        dcc = open_dcc(read_text(file).strip(), trusted, now)
    except CertificateError as error:
        raise RefusedError(
            str(file), f"not verified, {error.code}: {error}", "scan it again, or ask its issuer"
        ) from None
    write_json(_plain(dcc.payload))


@app.command("check")
def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files with one QR picture's text each.")],
    trust: _Trust,
    at: At = None,
    as_json: AsJson = False,
) -> int:
    """Say of each certificate whether it is verified, and what it says in its holder's favour."""
    now, trusted = read_instant("--at", at), _trust(trust)
    texts = [(file, read_text(file).strip()) for file in files]
    rows = [_check(file, text, trusted, now) for file, text in texts]
    if as_json:
        write_json({"at": str(now), "rules_applied": False, "certificates": rows})
    else:
        for row in rows:
            _show(row)
            write()
        write(_NO_RULES)
    return OK if all(row["verified"] for row in rows) else REFUSED


def _trust(path: Path) -> TrustList:
    text = read_text(path)
    with refusing(str(path), "mend the trust list, or get a new one from its publisher", TrustListError):
        return parse_trust_list(text)


def _check(file: Path, text: str, trust: TrustList, at: Instant) -> dict[str, object]:
    try:
        dcc = open_dcc(text, trust, at)
    except CertificateError as error:
        return {"file": str(file), "verified": False, "code": error.code, "message": str(error), "favourable": []}
    return {
        "file": str(file),
        "verified": True,
        "code": None,
        "message": None,
        **_signed(dcc),
        "favourable": _says(dcc, at),
    }


def _signed(dcc: Dcc) -> dict[str, object]:
    return {
        "kind": dcc.kind.value,
        "issuer": dcc.issuer,
        "kid": dcc.kid.hex(),
        "issued": str(dcc.issued),
        "expires": str(dcc.expires),
    }


def _says(dcc: Dcc, at: Instant) -> list[dict[str, object]]:
    return [_favourable(said) for said in favourable_facts(dcc, at)]


def _favourable(said: Favourable) -> dict[str, object]:
    return {
        "kind": said.kind,
        "facts": {name: str(value) if isinstance(value, Instant) else value for name, value in said.facts.items()},
        "observed": str(said.observed),
        "country": said.country,
        "expires": str(said.expires),
    }


def _show(row: Mapping[str, object]) -> None:
    if not row["verified"]:
        fields((("file", str(row["file"])), ("verified", f"no: {row['code']}"), ("why", str(row["message"]))))
        return
    said = row["favourable"] if isinstance(row["favourable"], list) else []
    lines = [
        ("file", str(row["file"])),
        ("verified", f"yes: {row['kind']} certificate of {row['issuer'] or 'an issuer without a name'}"),
        ("expires", str(row["expires"])),
    ]
    for one in said:
        facts = ", ".join(f"{name} {value}" for name, value in one["facts"].items())
        lines.append(("in favour", f"{one['kind']}: {facts}"))
    if not said:
        lines.append(("in favour", "nothing that counts here. That is no verdict, neither good nor bad"))
    fields(lines)


def _plain(value: object) -> object:
    if isinstance(value, Mapping):
        return {str(name): _plain(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    return (
        value.hex()
        if isinstance(value, bytes)
        else value
        if isinstance(value, str | int | float | None)
        else str(value)
    )
