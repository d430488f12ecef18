"""`habeas dcc check`: who signed a certificate, and what it says in its holder's favour."""

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
    favourable_facts,
    open_dcc,
)
from habeas.cli._options import AsJson, At
from habeas.cli._output import fields, write, write_json
from habeas.cli._problems import OK, REFUSED
from habeas.cli._reading import read_instant, read_text
from habeas.cli._trust_file import Trust, read_trust
from habeas.wire import Instant

__all__ = ["check"]

_NO_RULES = "No country's acceptance rules were applied: this says who signed, not that it is enough anywhere."


def check(
    files: Annotated[list[Path], typer.Argument(metavar="FILE...", help="Files with one QR picture's text each.")],
    trust: Trust,
    at: At = None,
    as_json: AsJson = False,
) -> int:
    """Say of each certificate whether it is verified, and what it says in its holder's favour."""
    now, trusted = read_instant("--at", at), read_trust(trust)
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
